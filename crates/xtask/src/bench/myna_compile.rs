//! `cargo xtask bench myna-compile`: how fast Myna is read and compiled, how soon a program runs and an error is told.
//!
//! - parsing: a million lines with every construct (`tests/myna/parts/tour.myna`, again and again) through `mvm fmt --check`,
//!   which finds an error at their end and so stops when it has parsed them;
//! - checking and compiling: a program of many lines (`myna_compile/source.rs`) through `mvm check`, and through `mvm build`,
//!   which writes the module;
//! - start-up: the whole process of `hello` in Myna, beside the one in assembly;
//! - an error: the whole process of `mvm check` of a file of a thousand lines with an error in the last ones.
//!
//! Speeds are of user and system CPU time, start-up and errors of wall time. Not here: how fast programs are (`myna.rs`).

mod source;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::verdict::Verdict;
use super::{Options, measure, report, root, scratch, write_file};

const ROUNDS: usize = 5;
/// Runs for figures of a few milliseconds.
const SHORT_RUNS: usize = 100;
const SHORT_RUNS_QUICK: usize = 15;

/// Lines that are parsed.
const PARSED: usize = 1_000_000;
/// Lines that are compiled, about.
const COMPILED: usize = 200_000;
/// Lines of the file with an error, about.
const WRONG: usize = 1000;

/// Microseconds of CPU time for a line that is parsed: a million lines a second.
const PARSE_TARGET_US: f64 = 1.0;
/// Microseconds of CPU time for a line that is compiled: 500,000 lines a second.
const COMPILE_TARGET_US: f64 = 2.0;
/// Milliseconds from start to end of `hello`.
const HELLO_TARGET_MS: f64 = 5.0;
/// Milliseconds until an error is told.
const ERROR_TARGET_MS: f64 = 20.0;

/// What was measured.
struct Figures {
    parse_us: f64,
    check_us: f64,
    compile_us: f64,
    hello_myna_ms: f64,
    hello_masm_ms: f64,
    error_ms: f64,
}

pub(super) fn run(options: &Options) -> Result<(), String> {
    let mvm = super::mvm(options)?;
    let (rounds, short) = if options.quick { (1, SHORT_RUNS_QUICK) } else { (ROUNDS, SHORT_RUNS) };
    let figures = Figures::measure(&mvm, rounds, short)?;
    report(&if options.json { figures.json() } else { figures.text() })
}

/// The files that are measured.
struct Files {
    parsed: PathBuf,
    compiled: PathBuf,
    wrong: PathBuf,
    lines: usize,
}

impl Files {
    fn write() -> Result<Files, String> {
        let folder = scratch()?;
        let tour =
            std::fs::read_to_string(root().join("tests/myna/parts/tour.myna")).map_err(|e| e.to_string())?;
        let program = source::program(COMPILED)?;
        let files = Files {
            parsed: folder.join("million.myna"),
            compiled: folder.join("long.myna"),
            wrong: folder.join("wrong.myna"),
            lines: program.lines().count(),
        };
        write_file(&files.parsed, &(repeated(&tour) + "fn\n"))?;
        write_file(&files.compiled, &program)?;
        write_file(&files.wrong, &(source::program(WRONG)? + "\nfn wrong() -> int => \"one\"\n"))?;
        Ok(files)
    }
}

/// Exactly [`PARSED`] lines; the last ones are empty, so that no declaration is cut.
fn repeated(tour: &str) -> String {
    let times = PARSED / tour.lines().count();
    let mut text = tour.repeat(times);
    let left = PARSED - times * tour.lines().count();
    text.extend(std::iter::repeat_n('\n', left));
    text
}

impl Figures {
    fn measure(mvm: &Path, rounds: usize, short: usize) -> Result<Figures, String> {
        let files = Files::write()?;
        let module = files.compiled.with_extension("mvm");
        let command = |words: &[&str], file: &Path| {
            let mut command = Command::new(mvm);
            command.args(words).arg(file);
            command
        };
        let (mut parse, mut check, mut compile) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            parse.push(cpu(measure::run_to(&mut command(&["fmt", "--check"], &files.parsed), 2)?));
            check.push(cpu(measure::run(&mut command(&["check"], &files.compiled))?));
            let mut build = command(&["build"], &files.compiled);
            compile.push(cpu(measure::run(build.arg("-o").arg(&module))?));
        }
        let (myna, masm) = (root().join("examples/myna/hello.myna"), root().join("examples/hello.masm"));
        let (mut of_myna, mut of_masm, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..short {
            of_myna.push(measure::run(&mut command(&["run"], &myna))?.wall);
            of_masm.push(measure::run(&mut command(&["run"], &masm))?.wall);
            let run = measure::run_to(&mut command(&["check"], &files.wrong), 2)?;
            if !run.output.contains("error[M0301]") && !run.errors.contains("error[M0301]") {
                return Err(format!("the error was not told: {}{}", run.output, run.errors));
            }
            wrong.push(run.wall);
        }
        let lines = files.lines as f64;
        Ok(Figures {
            parse_us: measure::median(&parse) / PARSED as f64 * 1e6,
            check_us: measure::median(&check) / lines * 1e6,
            compile_us: measure::median(&compile) / lines * 1e6,
            hello_myna_ms: measure::median(&of_myna) * 1e3,
            hello_masm_ms: measure::median(&of_masm) * 1e3,
            error_ms: measure::median(&wrong) * 1e3,
        })
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |what: &str, limit, found| Verdict { what: what.to_owned(), limit, found };
        vec![
            verdict("parsing a line, microseconds", PARSE_TARGET_US, self.parse_us),
            verdict("compiling a line, microseconds", COMPILE_TARGET_US, self.compile_us),
            verdict("hello.myna, milliseconds", HELLO_TARGET_MS, self.hello_myna_ms),
            verdict("an error in a thousand lines, milliseconds", ERROR_TARGET_MS, self.error_ms),
        ]
    }

    fn text(&self) -> String {
        let rate = |us: f64| 1e6 / us;
        let mut out = format!(
            "lines a second of CPU time: parsed {:.0}, checked {:.0}, compiled {:.0}\n\
             whole processes, wall: hello.myna {:.2} ms, hello.masm {:.2} ms, an error {:.2} ms\n\n",
            rate(self.parse_us),
            rate(self.check_us),
            rate(self.compile_us),
            self.hello_myna_ms,
            self.hello_masm_ms,
            self.error_ms
        );
        for verdict in self.verdicts() {
            out += &(verdict.text() + "\n");
        }
        out
    }

    fn json(&self) -> String {
        let verdicts: Vec<String> = self.verdicts().iter().map(Verdict::json).collect();
        let fields = [
            ("parse_us", self.parse_us),
            ("check_us", self.check_us),
            ("compile_us", self.compile_us),
            ("hello_myna_ms", self.hello_myna_ms),
            ("hello_masm_ms", self.hello_masm_ms),
            ("error_ms", self.error_ms),
        ];
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"{name}\":{value:.4}")).collect();
        format!("{{{},\"targets\":[{}]}}\n", fields.join(","), verdicts.join(","))
    }
}

fn cpu(run: measure::Run) -> f64 {
    run.user + run.system
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_file_has_a_million_lines() {
        assert_eq!(super::repeated("a\nb\nc\n").lines().count(), super::PARSED);
    }
}
