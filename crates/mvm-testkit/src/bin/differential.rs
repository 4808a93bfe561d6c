//! `differential SEEDS START [--all]`: compares the executors on the programs of so many seeds.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mvm_testkit::{differential, generate, host_stack};

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<u64>().ok());
    let (seeds, start) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(0));
    let all = std::env::args().any(|arg| arg == "--all");
    if let Err(what) = host_stack::check() {
        eprintln!("{what}");
        return ExitCode::FAILURE;
    }
    let mut found = 0;
    for seed in start..start + seeds {
        if seed > start && seed.is_multiple_of(10_000) {
            eprintln!("up to {seed}: {found} differences");
        }
        let ways = if all { differential::all_ways() } else { differential::quick_ways(seed) };
        if let Err(report) = differential::check_module(&generate::module_of_seed(seed), &ways) {
            eprintln!("seed {seed}: {report}\n");
            found += 1;
            if found == 5 {
                break;
            }
        }
    }
    eprintln!("{seeds} seeds from {start}: {found} differences");
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
