//! The judge that compares executors finds executors that are wrong on purpose, and the simulation a kernel that is.

use mvm_exec::{Image, Planted};
use mvm_testkit::differential::{Limits, Way, compare, run, run_with};
use mvm_testkit::generate;
use mvm_testkit::simulation::Simulation;

/// Seeds until the bug is found.
fn seeds_to_find(bug: Planted, most: u64) -> Option<u64> {
    (0..most).find(|&seed| {
        let image = Image::load(
            mvm_module::verify(generate::module_of_seed(seed)).expect("generated modules verify"),
        );
        let slice = [1 << 40, 7][seed as usize % 2];
        let limits = if seed % 4 == 1 { Limits::SMALL } else { Limits::LARGE };
        let way = Way { slice, stress: (seed % 3) as u32, limits, ..Way::PLAIN }.managed(seed / 2);
        let right = run(&image, way).expect("there is a main function");
        // A wrong collector may also make the executor panic, which is found as well.
        let wrong = std::panic::catch_unwind(|| {
            run_with(&image, way, |slice, machine| {
                if slice == 0 {
                    machine.process_mut().plant(bug);
                }
            })
        });
        match wrong {
            Ok(Some(wrong)) => compare(&right, &wrong, true).is_err(),
            Ok(None) => false,
            Err(_) => true,
        }
    })
}

#[test]
fn every_planted_wrong_result_is_found() {
    for &bug in &Planted::WRONG {
        let found = seeds_to_find(bug, 600);
        println!("{bug:?}: found by seed {found:?}");
        assert!(found.is_some(), "{bug:?} is not found");
    }
}

#[test]
fn every_planted_bug_of_the_kernel_is_found() {
    let simulation = Simulation::new().expect("the program is one");
    for bug in mvm_kernel::Planted::ALL {
        let found = (0..200).find_map(|seed| {
            Some((seed, simulation.check_changed(seed, &|machine| machine.plant(bug)).err()?))
        });
        println!("{bug:?}: {found:?}");
        assert!(found.is_some(), "{bug:?} is not found");
    }
}
