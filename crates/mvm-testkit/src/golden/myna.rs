//! Golden programs in Myna: what they print stands in comments at their ends.
//!
//! `tests/myna/README.md` says what may stand there. Each is compiled as it is and optimised, and runs in every executor.

use std::path::Path;
use std::sync::Arc;

use mvm_diag::{Diagnostic, SourceMap, Text, render};
use mvm_exec::{Executor, Image};
use mvm_heap::Options;
use mvm_kernel::Exit;
use mvm_lang::{Entry, Loader, Source, compile};
use mvm_module::{Module, verify};
use mvm_opt::Level;

use super::comments::Expectations;
use super::coverage::Coverage;
use super::judge::Failure;
use super::run::{Observed, Setting, difference, run_everywhere};
use super::{Outcome, Program};

/// What the comments of a program say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Comments {
    output: Vec<String>,
    errors: Vec<String>,
    input: Vec<String>,
    args: Option<String>,
    status: Option<i64>,
}

impl Comments {
    fn of(text: &str) -> Comments {
        let mut found = Comments::default();
        let rest = |line: &str| line.strip_prefix(' ').unwrap_or(line).to_owned();
        for line in text.lines() {
            if let Some(text) = line.strip_prefix("//>") {
                found.output.push(rest(text));
            } else if let Some(text) = line.strip_prefix("//!") {
                found.errors.push(rest(text));
            } else if let Some(text) = line.strip_prefix("//<") {
                found.input.push(rest(text));
            } else if let Some(text) = line.strip_prefix("//@") {
                found.args = Some(rest(text));
            } else if let Some(text) = line.strip_prefix("//=") {
                found.status = text.trim().parse().ok();
            }
        }
        found
    }

    /// The circumstances as comments of assembly state them.
    fn circumstances(&self) -> Expectations {
        let args = self.args.iter().map(|args| format!("; args: {args}\n"));
        let input = self.input.iter().map(|line| format!("; stdin: {line}\n"));
        let lines: Vec<String> = args.chain(input).collect();
        Expectations::parse(&lines.concat()).0
    }
}

/// Reads modules beside a program.
struct Files {
    map: SourceMap,
    folder: std::path::PathBuf,
}

impl Files {
    fn add(&mut self, name: &str, text: impl Into<Text>) -> Source {
        let file = self.map.add(name, text);
        Source { file, name: name.into(), text: self.map.shared_text(file) }
    }
}

impl Loader for Files {
    fn library(&mut self, name: &str, text: &'static str) -> Source {
        self.add(&format!("{}.myna", name.replace('.', "/")), Text::Static(text))
    }

    fn read(&mut self, module: &str) -> Result<Source, String> {
        let path = self.folder.join(module.replace('.', "/")).with_extension("myna");
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(self.add(&name, text))
    }

    fn sources(&self) -> &SourceMap {
        &self.map
    }
}

/// Compiles a program.
///
/// # Errors
/// What is wrong with it, as a user would see it.
pub fn build(program: &Program) -> Result<Module, String> {
    let mut files = Files { map: SourceMap::new(), folder: program.folder.clone() };
    let root = files.add(&program.name, program.text.as_str());
    let compiled = compile(root, &mut files, Entry::Main);
    match compiled.module {
        Some(module) => Ok(module),
        None => {
            let errors = compiled.diagnostics.iter().filter(|d| Diagnostic::is_error(d));
            let text: Vec<String> = errors.map(|d| render(d, &files.map, false)).collect();
            Err(if text.is_empty() { "no `main`".to_owned() } else { text.join("\n") })
        }
    }
}

/// Checks one program.
pub fn check(program: &Program) -> Outcome {
    let mut outcome = Outcome::default();
    let comments = Comments::of(&program.text);
    let mut complain = |what: String| outcome.failures.push(Failure::new(&program.name, 0, what));
    let module = match build(program) {
        Ok(module) => module,
        Err(what) => {
            complain(what);
            return outcome;
        }
    };
    let verified = match verify(module) {
        Ok(verified) => verified,
        Err(errors) => {
            complain(format!("the compiler breaks a rule: {}", errors[0]));
            return outcome;
        }
    };
    let options = mvm_opt::Options::level(Level::O2);
    let optimised = verify(mvm_opt::optimise(&verified, &options).0);
    let image = crate::native::load(verified);
    let expected = comments.circumstances();
    let mut coverage = Coverage::default();
    let ran = run_everywhere(program, (&image, &[]), &expected, &mut coverage, &mut outcome.failures);
    judge(program, &comments, &ran.observed, "", &mut outcome.failures);
    match optimised {
        Ok(optimised) => {
            let image = crate::native::load(optimised);
            run_optimised(program, &image, &expected, &comments, &mut outcome.failures);
        }
        Err(errors) => outcome.failures.push(Failure::new(
            &program.name,
            0,
            format!("the optimiser breaks a rule: {}", errors[0]),
        )),
    }
    outcome
}

/// Runs the optimised program in all executors.
fn run_optimised(
    program: &Program,
    image: &Arc<Image>,
    expected: &Expectations,
    comments: &Comments,
    failures: &mut Vec<Failure>,
) {
    let setting = Setting::new(image, expected);
    let memory = Options { check: true, stress: 101, ..Options::default() };
    let mut first: Option<Observed> = None;
    for executor in Executor::ALL {
        for slice in [setting.reductions_max(), 1000] {
            match setting.run(executor, slice, memory) {
                Ok(run) => {
                    let known = first.get_or_insert_with(|| run.observed.clone());
                    if let Some(what) = difference(known, &run.observed) {
                        let how = format!("optimised, {executor:?}, slices of {slice}: it {what}");
                        failures.push(Failure::new(&program.name, 0, how));
                    }
                }
                Err(what) => {
                    failures.push(Failure::new(&program.name, 0, format!("optimised, {executor:?}: {what}")))
                }
            }
        }
    }
    if let Some(seen) = first {
        judge(program, comments, &seen, "optimised: ", failures);
    }
}

/// Compares what came of a run with the comments.
fn judge(program: &Program, comments: &Comments, seen: &Observed, how: &str, failures: &mut Vec<Failure>) {
    let mut complain = |what: String| failures.push(Failure::new(&program.name, 0, format!("{how}{what}")));
    let output = String::from_utf8_lossy(&seen.output);
    let lines: Vec<&str> = output.lines().collect();
    let longest = lines.len().max(comments.output.len());
    let differs =
        (0..longest).find(|&at| lines.get(at).copied() != comments.output.get(at).map(String::as_str));
    if let Some(at) = differs {
        let (found, wanted) = (lines.get(at), comments.output.get(at));
        complain(format!("line {} of the output is {found:?}, the comment says {wanted:?}", at + 1));
    }
    let ending = match &seen.exit {
        Exit::Status(status) => {
            let wanted = comments.status.unwrap_or(if comments.errors.is_empty() { 0 } else { 1 });
            if *status != wanted {
                complain(format!("the exit status is {status}, the comments say {wanted}"));
            }
            String::new()
        }
        Exit::Uncaught(uncaught) => uncaught.message.clone(),
        other => format!("{other:?}"),
    };
    let told = format!("{ending}\n{}", String::from_utf8_lossy(&seen.errors));
    for wanted in &comments.errors {
        if !told.contains(wanted.as_str()) {
            complain(format!("`{wanted}` does not occur in what it ends with: {told}"));
        }
    }
    if comments.errors.is_empty() && !ending.is_empty() {
        complain(format!("it ends with: {ending}"));
    }
}

/// All programs of a folder of the repository.
///
/// # Errors
/// When a directory or file cannot be read.
pub fn programs(folder: &str) -> Result<Vec<Program>, String> {
    let path = super::root().join(folder);
    let failed = |error: std::io::Error| format!("{folder}: {error}");
    let mut programs = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|extension| extension == "myna") {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).map_err(failed)?;
            programs.push(Program { name: format!("{folder}/{name}"), text, folder: path.clone() });
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

/// The examples of a page that are programs.
///
/// # Errors
/// When the page cannot be read.
pub fn examples_of(page: &str) -> Result<Vec<Program>, String> {
    let path = super::root().join(page);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{page}: {error}"))?;
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("myna\n"));
    let programs = blocks.enumerate().filter(|(_, block)| block.contains("fn main("));
    Ok(programs
        .map(|(number, block)| Program {
            name: format!("{page} {}.myna", number + 1),
            text: block.to_owned(),
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        })
        .collect())
}

/// Whether a program is written in Myna.
pub fn is_myna(program: &Program) -> bool {
    Path::new(&program.name).extension().is_some_and(|extension| extension == "myna")
}
