//! The programs in `examples/myna/` print what stands beside them, whatever runs them; the files beside them are as those
//! of examples in assembly (see `examples.rs`).
//!
//! Not here: the programs in `tests/myna/run/`, which `mvm-testkit` runs in every executor.

use std::fs;
use std::path::{Path, PathBuf};

use crate::tool::{mvm, mvm_with};

/// Options of the ways to run a program, which all have to do the same.
const WAYS: [&[&str]; 4] = [
    &["--no-jit"],
    &["--no-jit", "-O2"],
    &["--jit-sync", "--jit-threshold=0", "-O2"],
    &["--no-jit", "--cores", "3", "--gc-stress", "5000"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All programs of a folder, in order.
fn programs(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "myna"));
    files.sort();
    files
}

/// What a program is given and what it has to do.
#[derive(Debug)]
struct Wanted {
    input: String,
    args: Vec<String>,
    out: String,
    status: i32,
}

/// What the files beside an example say.
fn wanted(path: &Path) -> Wanted {
    let read = |extension: &str| fs::read_to_string(path.with_extension(extension)).ok();
    Wanted {
        input: read("in").unwrap_or_default(),
        args: read("args").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        out: read("out").unwrap_or_default(),
        status: read("status").map_or(0, |text| text.trim().parse().unwrap()),
    }
}

/// What is wrong with a run, if something is.
fn judge(path: &Path, wanted: &Wanted, way: &[&str]) -> Option<String> {
    let shown = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    let path = path.display().to_string();
    let mut args = vec!["run", "--time=virtual"];
    args.extend(way);
    args.extend([&*path, "--"]);
    args.extend(wanted.args.iter().map(String::as_str));
    let run = mvm_with(&args, &wanted.input);
    if run.status != wanted.status {
        return Some(format!("{shown} {way:?}: exit status {}\n{}", run.status, run.err));
    }
    if run.out != wanted.out {
        return Some(format!("{shown} {way:?} prints:\n{}\ninstead of:\n{}", run.out, wanted.out));
    }
    None
}

#[test]
fn examples_in_myna_print_what_stands_beside_them() {
    let programs = programs("examples/myna");
    assert!(programs.len() >= 31, "only {} programs", programs.len());
    let mut wrong = Vec::new();
    for program in &programs {
        let wanted = wanted(program);
        wrong.extend(WAYS.iter().find_map(|way| judge(program, &wanted, way)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn programs_and_library_are_formatted() {
    let folders =
        ["lib/std", "tests/myna/run", "tests/json", "examples/myna", "bench/myna", "bench/myna/numeric"];
    let files = folders.map(programs).concat();
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let args: Vec<&str> = ["fmt", "--check"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let run = mvm(&args);
    assert_eq!(run.status, 0, "not formatted:\n{}", run.out);
}

#[test]
fn examples_in_myna_are_listed_in_their_readme() {
    let readme = fs::read_to_string(root().join("examples/README.md")).unwrap();
    let (_, listed) = readme.split_once("## In Myna").unwrap();
    for program in programs("examples/myna") {
        let name = program.file_stem().unwrap().to_string_lossy().into_owned();
        let names = |line: &str| {
            line.split('|').nth(1).is_some_and(|cell| cell.split(',').any(|one| one.trim() == name))
        };
        assert!(listed.lines().any(names), "{name}");
    }
}

#[test]
fn library_does_what_its_tests_ask_in_myna() {
    let files: Vec<String> = programs("lib/std").iter().map(|path| path.display().to_string()).collect();
    let args: Vec<&str> = std::iter::once("test").chain(files.iter().map(String::as_str)).collect();
    let run = mvm(&args);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let passed = run.out.lines().filter(|line| line.starts_with("  ok")).count();
    assert!(passed >= 53, "only {passed} tests passed:\n{}", run.out);
}
