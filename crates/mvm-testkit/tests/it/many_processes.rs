//! Random programs of several processes: the same on every thread and executor, and again when they are played back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use mvm_testkit::generate::processes::program_of_seed;
use mvm_testkit::processes::check;

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
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), seeds(), failures[..failures.len().min(5)].join("\n"));
}
