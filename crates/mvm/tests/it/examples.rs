//! The programs in `examples/` and `lib/tests/` print what stands beside them.
//!
//! `NAME.masm` is run with `NAME.in` as its input and the words of `NAME.args` as its arguments, where there are such
//! files; it must succeed, or end with the status in `NAME.status`, and print `NAME.out`, and nothing else. `NAME.options` has
//! words for `mvm run`, `NAME.err` what is written to standard error.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All assembly files of a folder, in order.
fn programs(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "masm"));
    files.sort();
    files
}

/// What is wrong with a run of the program, if something is.
fn run(program: &Path, more: &[&str]) -> Result<(), String> {
    let name = program.file_stem().unwrap().to_string_lossy().into_owned();
    let wanted = fs::read_to_string(program.with_extension("out")).map_err(|e| format!("{name}.out: {e}"))?;
    let said = fs::read_to_string(program.with_extension("err")).unwrap_or_default();
    let options = fs::read_to_string(program.with_extension("options")).unwrap_or_default();
    // Messages name the program as it is named here.
    let path = program.strip_prefix(root()).unwrap_or(program);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mvm"));
    command.current_dir(root()).stdin(Stdio::null());
    command.arg("run").args(options.split_whitespace()).args(more).arg(path);
    if let Ok(input) = File::open(program.with_extension("in")) {
        command.stdin(input);
    }
    if let Ok(args) = fs::read_to_string(program.with_extension("args")) {
        command.arg("--").args(args.split_whitespace());
    }
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let status = fs::read_to_string(program.with_extension("status")).unwrap_or("0".into());
    if output.status.code().map(|code| code.to_string()).as_deref() != Some(status.trim()) {
        return Err(format!("{name}: {}\n{errors}", output.status));
    }
    if errors != said {
        return Err(format!("{name} writes to standard error:\n{errors}\ninstead of:\n{said}"));
    }
    if text == wanted { Ok(()) } else { Err(format!("{name} prints:\n{text}\ninstead of:\n{wanted}")) }
}

fn run_all(folder: &str, at_least: usize, more: &[&str]) {
    let programs = programs(folder);
    assert!(programs.len() >= at_least, "only {} programs in {folder}", programs.len());
    let wrong: Vec<String> = programs.iter().filter_map(|program| run(program, more).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn examples_print_what_stands_beside_them() {
    run_all("examples", 49, &["--no-jit"]);
}

#[test]
fn examples_print_the_same_from_native_code() {
    run_all("examples", 49, &[]);
    run_all("examples", 49, &["--jit", "--jit-threshold=0"]);
    run_all("examples", 49, &["--jit-sync", "--jit-threshold=1"]);
}

#[test]
fn examples_with_processes_print_the_same_on_several_cores() {
    let mut compared = 0;
    for program in programs("examples") {
        let options = fs::read_to_string(program.with_extension("options")).unwrap_or_default();
        let text = fs::read_to_string(&program).unwrap();
        let starts = text.contains("    spawn ") || text.contains("spawn_program(");
        if !starts || options.contains("--sched") {
            continue;
        }
        let mut with = Vec::new();
        let mut words = options.split_whitespace();
        while let Some(word) = words.next() {
            if word == "--with" {
                with.extend([word, words.next().unwrap_or_default()]);
            }
        }
        let wanted = fs::read_to_string(program.with_extension("out")).unwrap();
        for (cores, policy) in [("2", "mlfq"), ("3", "lottery"), ("5", "fair")] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mvm"));
            command.current_dir(root()).args(["run", "--time=virtual", "--cores", cores, "--sched", policy]);
            command.args(&with).arg(&program);
            let printed = command.stdin(Stdio::null()).output().unwrap().stdout;
            let name = program.display();
            assert_eq!(String::from_utf8_lossy(&printed), wanted, "{name} on {cores} cores under {policy}");
        }
        compared += 1;
    }
    assert!(compared >= 12, "only {compared} examples start processes");
}

#[test]
fn library_does_what_its_tests_ask() {
    run_all("lib/tests", 9, &[]);
    run_all("lib/tests", 9, &["--jit"]);
}

#[test]
fn programs_are_formatted() {
    let files = [
        "examples",
        "examples/compiler",
        "examples/programs",
        "lib",
        "lib/tests",
        "bench/kernels",
        "bench/kernels/parts",
        "bench/jit",
        "bench/jit/parts",
        "bench/gc",
        "bench/gc/parts",
        "bench/kernel",
        "bench/kernel/parts",
    ]
    .map(programs)
    .concat();
    let output =
        Command::new(env!("CARGO_BIN_EXE_mvm")).args(["fmt", "--check"]).args(files).output().unwrap();
    assert!(output.status.success(), "not formatted:\n{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn examples_are_listed_in_their_readme() {
    let readme = fs::read_to_string(root().join("examples/README.md")).unwrap();
    let listed: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|names| names.split(", "))
        .collect();
    for program in programs("examples") {
        let name = program.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(listed.contains(&name.as_str()), "`{name}` is missing in examples/README.md");
    }
}
