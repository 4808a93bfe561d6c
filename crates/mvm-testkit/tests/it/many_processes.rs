//! Random programs of several processes: the same on every thread and executor, and again when they are played back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use mvm_testkit::generate::processes::program_of_seed;
use mvm_testkit::processes::{check, tampered};

/// `PROCESS_SEEDS=100000` looks longer.
fn seeds() -> u64 {
    std::env::var("PROCESS_SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000)
}

#[test]
fn random_processes_do_the_same_everywhere() {
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds() {
                        return;
                    }
                    if let Err(what) = check(&program_of_seed(seed), seed) {
                        failures.lock().unwrap().push(format!("seed {seed}: {what}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        seeds(),
        failures[..failures.len().min(5)].join("\n")
    );
}

/// `TAMPERED=100000` tries more.
#[test]
fn snapshots_from_elsewhere_are_refused_or_run_like_any_other() {
    let times: u64 = std::env::var("TAMPERED").ok().and_then(|times| times.parse().ok()).unwrap_or(20);
    let mut ran = 0;
    for seed in 0..100 {
        ran += tampered(&program_of_seed(seed), seed, times)
            .unwrap_or_else(|what| panic!("seed {seed}: {what}"));
    }
    assert!(ran > times, "only {ran} of {} were not refused", 100 * times);
}
