//! `shapes`: how long the compiler takes for programs that are made to be hard for it ([`mvm_testkit::shapes`]), as large as its limits let
//! them be.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "what it says is its result")]

use std::process::ExitCode;

use mvm_testkit::{crowded, shapes};

fn main() -> ExitCode {
    let only = std::env::args().nth(1).unwrap_or_default();
    let mut failed = false;
    println!("{:>8} {:>8} {:>10}  shape", "ms", "words", "bytes");
    for shape in shapes::within_limits().iter().filter(|shape| shape.name.contains(&only)) {
        match shapes::check(shape) {
            Ok((outcome, time)) => {
                let shapes::Outcome { words, bytes, reasons, .. } = outcome;
                println!("{:>8} {words:>8} {bytes:>10}  {} {reasons:?}", time.as_millis(), shape.name);
            }
            Err(what) => {
                println!("{what}");
                failed = true;
            }
        }
    }
    let turns = shapes::turns(3_000, 3);
    if turns.name.contains(&only) {
        println!(
            "\n{:>10} {:>10} {:>9} {:>9} {:>8}  {}",
            "limit", "most", "compiled", "gone", "ms", turns.name
        );
        for limit in [4 << 10, 64 << 10, 1 << 20, 64 << 20] {
            match crowded::check(&turns, limit, 1, 97) {
                Ok(crowded::Crowded { most, compiled, evicted, compiling, .. }) => {
                    let gone: u64 = evicted.functions.values().sum();
                    println!("{limit:>10} {most:>10} {compiled:>9} {gone:>9} {:>8}", compiling.as_millis());
                }
                Err(what) => {
                    println!("{what}");
                    failed = true;
                }
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
