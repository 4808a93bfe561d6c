//! Random programs in Myna do what their generator says.

use std::panic::catch_unwind;

use mvm_testkit::fuzz_bodies::myna_check;
use mvm_testkit::golden::myna::programs;
use mvm_testkit::mutate::mutate_text;
use mvm_testkit::rng::Rng;
use mvm_testkit::typed::check_seed;

/// Seeds that every run of the tests looks at.
const SEEDS: u64 = 100;

#[test]
fn random_programs_do_what_the_generator_says() {
    let first = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = first.map_or(0..SEEDS, |seed: u64| seed..seed + 1);
    let (mut ran, mut failures) = (0, Vec::new());
    for seed in seeds.clone() {
        match catch_unwind(|| check_seed(seed)) {
            Ok(Ok(there)) => ran += u64::from(there),
            Ok(Err(what)) => failures.push(format!("seed {seed}: {what}")),
            Err(_) => failures.push(format!("seed {seed}: a panic")),
        }
        if failures.len() >= 3 {
            break;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    let count = seeds.end - seeds.start;
    assert!(count == 1 || ran * 10 >= count * 7, "only {ran} of {count} seeds are programs that end soon");
}

/// A few words of each program are replaced by others of its words. Mostly it is refused then; what is not must run.
#[test]
fn damaged_programs_are_refused_or_run() {
    let programs = programs("tests/myna/run").expect("the folder can be read");
    for (number, program) in programs.iter().enumerate() {
        for turn in 0..4 {
            let text = mutate_text(&program.text, &mut Rng::new((number as u64) << 8 | turn));
            if catch_unwind(|| myna_check(text.as_bytes())).is_err() {
                panic!("{}, turn {turn}:\n{text}", program.name);
            }
        }
    }
}
