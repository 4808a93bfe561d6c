//! Generated programs: the verifier takes all of them.

use mvm_testkit::coverage::Coverage;
use mvm_testkit::differential::{Limits, SLICES, Way, check_module, compare, quick_ways, run, run_with};
use mvm_testkit::generate;

#[test]
fn verifier_takes_every_generated_module() {
    for seed in 0..1_000 {
        let module = generate::module_of_seed(seed);
        if let Err(errors) = mvm_module::verify(module) {
            let all: Vec<String> = errors.iter().take(4).map(ToString::to_string).collect();
            panic!("seed {seed}: {}", all.join("\n"));
        }
    }
}

#[test]
fn every_instruction_is_completed_and_every_trap_raised() {
    let mut coverage = Coverage::default();
    for seed in 0..1_500 {
        let image = mvm_testkit::native::load(mvm_module::verify(generate::module_of_seed(seed)).unwrap());
        let limits = [Limits::SMALL, Limits::LARGE][seed as usize % 2];
        coverage.run(&image, Way { limits, ..Way::PLAIN }.process_limits());
    }
    let Coverage { started, completed, caught, uncaught, ended, runs, .. } = &coverage;
    let total: u64 = started.values().sum();
    println!("{runs} programs, {ended} ended, {total} instructions");
    println!("caught {caught:?}\nuncaught {uncaught:?}");
    let mut rare: Vec<_> = completed.iter().map(|(op, &count)| (count, op.info().name)).collect();
    rare.sort();
    println!("rarest {:?}", &rare[..20.min(rare.len())]);
    assert_eq!(coverage.missing(), Vec::<&str>::new());
    assert_eq!(coverage.missing_traps(), []);
}

/// Compares the executors on the programs of these seeds.
fn agree(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if let Err(report) = check_module(&generate::module_of_seed(seed), &quick_ways(seed)) {
            panic!("seed {seed}: {report}");
        }
    }
}

// Two halves, so that they run at the same time.

#[test]
fn executors_agree_on_seeds_below_1000() {
    agree(0..1_000);
}

#[test]
fn executors_agree_on_seeds_from_1000_to_2000() {
    agree(1_000..2_000);
}

#[test]
fn nobody_can_tell_that_the_memory_is_checked() {
    let (mut blocks, mut caught) = (0, 0);
    for seed in (0..1_000).step_by(16) {
        let image = mvm_testkit::native::load(mvm_module::verify(generate::module_of_seed(seed)).unwrap());
        // Between slices somebody can look.
        for &way in quick_ways(seed).iter().filter(|way| way.slice < SLICES[0]).take(3) {
            let plain = run(&image, way).unwrap();
            let checked = run_with(&image, way, |slice, machine| {
                if slice == 0 {
                    machine.process_mut().check_memory();
                }
                blocks += machine.process().heap().all_followed().count();
                caught += machine.process_mut().caught_block_errors().0.len();
            });
            compare(&plain, &checked.unwrap(), true)
                .unwrap_or_else(|what| panic!("seed {seed}, {way}: {what}"));
        }
    }
    assert!(blocks > 1_000 && caught > 50, "{blocks} blocks, {caught} caught errors");
}
