//! What the command line says about the optimiser, and how its work is shown.

use std::fmt::Write as _;

use mvm_asm::{DisOptions, disassemble_function};
use mvm_module::Module;
use mvm_opt::{FunctionReport, Level, Options, Outcome, PASSES, Report};

use crate::args::OptimiseArgs;
use crate::output::Failure;

/// What is to be done.
///
/// # Errors
/// When there is no such pass; with `help` instead of passes, the list of them.
pub(crate) fn options(args: &OptimiseArgs) -> Result<Options, Failure> {
    match args.passes.as_deref() {
        None => Ok(Options::level(Level::ALL[usize::from(args.level.min(2))])),
        Some("help" | "list") => Err(Failure::Answered(list())),
        Some(names) => Options::named(names).map_err(|error| {
            let failure = Failure::wrong(error.to_string());
            match mvm_diag::suggest(&error.name, PASSES.iter().map(|pass| pass.name)) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help("`--passes help` lists them"),
            }
        }),
    }
}

/// The passes with what they do.
fn list() -> String {
    let mut text = String::from("Passes of the optimiser, in the order in which levels run them:\n");
    for pass in PASSES {
        let _ = writeln!(text, "  {:<9} -O{}  {}", pass.name, pass.level as u8, pass.summary);
    }
    text
}

/// What each pass did to each function, for `mvm dis --diff`.
pub(crate) fn differences(
    module: &Module,
    report: &Report,
    options: &DisOptions,
    only: Option<&str>,
    color: bool,
) -> String {
    let mut text = String::new();
    for done in &report.functions {
        let name = module.function_name(done.id);
        if only.is_none_or(|only| only == name) {
            of_function(&mut text, module, done, &name, options, color);
        }
    }
    if text.is_empty() {
        text.push_str("nothing changes\n");
    }
    text
}

fn of_function(
    text: &mut String,
    module: &Module,
    done: &FunctionReport,
    name: &str,
    options: &DisOptions,
    color: bool,
) {
    match done.outcome {
        Outcome::Same | Outcome::Changed => {}
        Outcome::Large => {
            let _ = writeln!(text, "func {name}: so large that only quick passes run");
        }
        Outcome::TooLarge => {
            let _ = writeln!(text, "func {name}: too large to be optimised");
        }
        Outcome::Unknown => {
            let _ = writeln!(text, "func {name}: not understood");
        }
    }
    let index = done.id.0 as usize - module.imports.len();
    let mut scratch = module.clone();
    let mut before = disassemble_function(&scratch, done.id, options);
    for step in &done.steps {
        let Some(function) = &step.function else { continue };
        scratch.functions[index] = function.clone();
        let after = disassemble_function(&scratch, done.id, options);
        let (bold, plain) = if color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let words = function.code.len();
        let _ = writeln!(text, "{bold}func {name}, pass {}: {words} words{plain}", step.pass);
        write_difference(text, &before, &after, color);
        before = after;
    }
}

/// Lines that are shown around those that differ.
const AROUND: usize = 2;
/// Lines of both texts beyond which no lines in common are looked for: the table has their product.
const CELLS_MAX: usize = 4 << 20;

/// Lines that went and lines that came, with some around them.
fn write_difference(text: &mut String, before: &str, after: &str, color: bool) {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let lines = aligned(&old, &new);
    let near = |index: usize| {
        let from = index.saturating_sub(AROUND);
        lines[from..(index + AROUND + 1).min(lines.len())].iter().any(|line| line.0 != ' ')
    };
    let mut left_out = false;
    for (index, (mark, line)) in lines.iter().enumerate() {
        if !near(index) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            text.push_str("  ...\n");
        }
        let (on, off) = match (color, mark) {
            (true, '-') => ("\x1b[31m", "\x1b[0m"),
            (true, '+') => ("\x1b[32m", "\x1b[0m"),
            _ => ("", ""),
        };
        let _ = writeln!(text, "{on}{mark} {line}{off}");
    }
    text.push('\n');
}

/// The lines of both texts, each marked as common, gone or new, by their longest common subsequence.
fn aligned<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (x, y) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut lines: Vec<(char, &str)> = old[..start].iter().map(|&line| (' ', line)).collect();
    if (x.len() + 1).saturating_mul(y.len() + 1) > CELLS_MAX {
        lines.extend(x.iter().map(|&line| ('-', line)));
        lines.extend(y.iter().map(|&line| ('+', line)));
    } else {
        // Longest common subsequence of what is left of both.
        let wide = y.len() + 1;
        let mut longest = vec![0u32; (x.len() + 1) * wide];
        for i in (0..x.len()).rev() {
            for j in (0..y.len()).rev() {
                longest[i * wide + j] = if x[i] == y[j] {
                    longest[(i + 1) * wide + j + 1] + 1
                } else {
                    longest[(i + 1) * wide + j].max(longest[i * wide + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < x.len() || j < y.len() {
            if i < x.len() && j < y.len() && x[i] == y[j] {
                lines.push((' ', x[i]));
                (i, j) = (i + 1, j + 1);
            } else if j == y.len() || i < x.len() && longest[(i + 1) * wide + j] >= longest[i * wide + j + 1]
            {
                lines.push(('-', x[i]));
                i += 1;
            } else {
                lines.push(('+', y[j]));
                j += 1;
            }
        }
    }
    lines.extend(old[old.len() - end..].iter().map(|&line| (' ', line)));
    lines
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn lines_in_common_are_found() {
        let marks = |old: &str, new: &str| -> String {
            let (old, new): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
            aligned(&old, &new).iter().map(|(mark, line)| format!("{mark}{line}")).collect()
        };
        assert_eq!(marks("a b c", "a b c"), " a b c");
        assert_eq!(marks("a b c d", "a x c d e"), " a-b+x c d+e");
        assert_eq!(marks("a", "b"), "-a+b");
    }
}
