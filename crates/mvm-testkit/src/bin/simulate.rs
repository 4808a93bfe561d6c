//! `simulate [--seeds N] [--from SEED]`: simulates so many seeds ([`mvm_testkit::simulation`]), and says how each that breaks a law can be
//! repeated.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "what it says is its result")]

use std::process::ExitCode;

use mvm_testkit::simulation::{Simulation, many};

fn number(args: &[String], name: &str, otherwise: u64) -> Result<u64, String> {
    match args.iter().position(|arg| arg == name) {
        None => Ok(otherwise),
        Some(at) => {
            let value = args.get(at + 1).ok_or_else(|| format!("{name} wants a number"))?;
            value.replace('_', "").parse().map_err(|_| format!("{name} wants a number, not `{value}`"))
        }
    }
}

fn simulate() -> Result<bool, String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let known = |arg: &String| ["--seeds", "--from"].contains(&&**arg) || !arg.starts_with("--");
    if let Some(arg) = args.iter().find(|arg| !known(arg)) {
        return Err(format!("there is no option `{arg}`: simulate [--seeds N] [--from SEED]"));
    }
    let (from, seeds) = (number(&args, "--from", 0)?, number(&args, "--seeds", 2_000)?);
    let simulation = Simulation::new()?;
    let (sum, failures) = many(&simulation, from, seeds);
    println!("{sum}");
    failures.iter().for_each(|what| eprintln!("{what}"));
    Ok(failures.is_empty())
}

fn main() -> ExitCode {
    match simulate() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(what) => {
            eprintln!("{what}");
            ExitCode::from(2)
        }
    }
}
