//! `cargo xtask miri`: short programs in the fast executor under Miri (docs/TESTING.md § Miri).
//!
//! The programs are made natively (`samples` of mvm-testkit) and run by the test `under_miri` there.

use std::process::{Command, Stdio};

use crate::host;

/// Bugs planted in the executor (`Planted::UNSOUND` in mvm-exec), each with a part of the names of programs that show
/// it: Miri has to report it.
const CONTROLS: &[(&str, &str)] = &[
    ("ReadBehindCode", "example of mov"),
    ("StaleHeap", "example of str_concat"),
    ("UnalignedRead", "example of load_"),
];

/// The tests are deterministic; isolation would only forbid them to read their programs.
const FLAGS: &str = "-Zmiri-disable-isolation -Zmiri-strict-provenance -Zmiri-symbolic-alignment-check";
/// For a quick look: the programs run in fewer ways, and any bits are taken for values of any type. Everything about
/// memory is still checked.
const QUICK_FLAGS: &str = "-Zmiri-disable-validation -Zmiri-env-set=QUICK=1";
/// The programs of a quick look.
const QUICK_PART: &str = "example of ";

/// Crates below the interpreter that have `unsafe` code, or lay out what it relies on: their own tests run.
const CRATES: &[&str] = &["mvm-mem", "mvm-heap"];

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args {
        [word] if word == "quick" => return quick(),
        [] | [_] => {}
        _ => return Err("`miri` takes `quick`, or a part of the names of programs".to_owned()),
    }
    if !installed() {
        return Err("Miri is missing: rustup toolchain install nightly --component miri,rust-src".to_owned());
    }
    if let [part] = args {
        return programs(part, FLAGS);
    }
    for name in CRATES {
        let mut command = host::cargo_of("nightly");
        command.args(["miri", "test", "--release", "-p", name]);
        host::run(command.env("MIRIFLAGS", FLAGS))?;
    }
    programs("", FLAGS)?;
    CONTROLS.iter().try_for_each(|(bug, part)| control(bug, part))
}

/// What fits into the checks of every change: the examples of all instructions and a planted bug. Without Miri it says
/// that it does nothing.
pub(crate) fn quick() -> Result<(), String> {
    if !installed() {
        eprintln!("Miri left out: it needs a nightly toolchain with the components miri and rust-src");
        return Ok(());
    }
    let (bug, part) = CONTROLS[0];
    control(bug, part)?;
    programs(QUICK_PART, &format!("{FLAGS} {QUICK_FLAGS}"))
}

fn installed() -> bool {
    host::works(host::cargo_of("nightly").args(["miri", "--version"]))
}

/// Runs the programs with this in their names.
fn programs(part: &str, flags: &str) -> Result<(), String> {
    write_programs(part)?;
    let mut command = test(&[]);
    host::run(command.env("MIRIFLAGS", flags))
}

fn write_programs(part: &str) -> Result<(), String> {
    let mut command = host::cargo();
    host::run(command.args(["run", "--quiet", "-p", "mvm-testkit", "--bin", "samples", "--", part]))
}

/// The test that runs the programs. Without overflow checks it takes a quarter less time; other builds have them.
fn test(options: &[&str]) -> Command {
    let mut command = host::cargo_of("nightly");
    command.args(["miri", "test", "--release", "-p", "mvm-testkit", "--no-default-features"]);
    command.args(options).args(["--test", "it", "--", "--nocapture", "under_miri"]);
    command
}

/// Plants a bug; Miri has to report undefined behaviour in the fast executor.
fn control(bug: &str, part: &str) -> Result<(), String> {
    write_programs(part)?;
    let mut command = test(&["--features", "planted-bugs"]);
    // Miri hides environment variables that were not there when the test was built.
    command.env("MIRIFLAGS", format!("{FLAGS} -Zmiri-env-set=PLANT={bug}")).stdout(Stdio::null());
    let report = host::failure(&mut command)?;
    let found = report.lines().find(|line| line.starts_with("error: Undefined Behavior"));
    match found.filter(|_| report.contains("fast/regs.rs")) {
        Some(line) => {
            eprintln!("{bug}: found: {line}");
            Ok(())
        }
        None => Err(format!("Miri does not find the planted bug {bug}; it says\n{report}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{CONTROLS, host};

    #[test]
    fn every_unsound_bug_is_planted() {
        let text = host::read("crates/mvm-exec/src/planted.rs").expect("the file is there");
        let (_, list) = text.split_once("UNSOUND: [Planted; ").expect("the list is there");
        let (list, _) = list.split_once(';').expect("the list has an end");
        let names: Vec<&str> = list
            .split("Planted::")
            .skip(1)
            .map(|name| name.trim_end_matches(|c: char| !c.is_alphanumeric()))
            .collect();
        assert!(names.iter().eq(CONTROLS.iter().map(|(bug, _)| bug)), "{names:?}");
    }
}
