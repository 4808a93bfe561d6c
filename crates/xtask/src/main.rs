//! Build tasks of the project, run as `cargo xtask TASK`.
//!
//! A task is a module with `run(&[String]) -> Result<(), String>` and a line in [`TASKS`].

#![forbid(unsafe_code)]

mod bench;
mod check;
mod ci;
mod codegen;
mod coverage;
mod fuzz;
mod host;
mod loom;
mod miri;
mod test;
mod tidy;

use std::process::ExitCode;

/// A task: what it takes, what it is for, what runs it.
struct Task {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const TASKS: &[Task] = &[
    Task {
        name: "check",
        arguments: "",
        about: "fmt, tidy, generated pages, clippy, rustdoc",
        run: check::run,
    },
    Task {
        name: "test",
        arguments: "[--bless] [ARGS]",
        about: "all tests; ARGS go to cargo test",
        run: test::run,
    },
    Task { name: "ci", arguments: "", about: "everything that has to pass", run: ci::run },
    Task { name: "codegen", arguments: "[--check]", about: "write the reference pages", run: codegen::run },
    Task {
        name: "tidy",
        arguments: "",
        about: "rules of this project that clippy does not know",
        run: tidy::run,
    },
    Task {
        name: "miri",
        arguments: "[quick | PART]",
        about: "short programs under Miri; quick: as in ci",
        run: miri::run,
    },
    Task {
        name: "loom",
        arguments: "",
        about: "the thread pool in every order of its threads",
        run: loom::run,
    },
    Task {
        name: "bench",
        arguments: "interp|jit|gc|kernel|myna|myna-compile|startup|asm",
        about: "our programs beside their peers",
        run: bench::run,
    },
    Task {
        name: "fuzz",
        arguments: "[TARGET|all [SECONDS]] [--asan] [--minimise] [--shrink INPUT] [-- ARGS]",
        about: "coverage-guided fuzzing; ARGS go to libFuzzer",
        run: fuzz::run,
    },
    Task {
        name: "coverage",
        arguments: "[--tests] [--missing PATH]",
        about: "lines that the fuzz corpora reach (and all tests)",
        run: coverage::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprint!("error: there is no task `{name}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask TASK\n\n");
    for task in TASKS {
        let call = format!("{} {}", task.name, task.arguments);
        let gap = if call.len() > 26 { format!("\n  {:26}", "") } else { String::new() };
        text.push_str(&format!("  {call:26}{gap} {}\n", task.about));
    }
    text
}
