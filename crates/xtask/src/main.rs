//! Build tasks of the project, run as `cargo xtask TASK`.

#![forbid(unsafe_code)]

mod bench;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask bench ...";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.split_first() {
        Some((task, rest)) if task == "bench" => bench::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
