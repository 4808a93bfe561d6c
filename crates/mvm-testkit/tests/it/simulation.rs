//! Deterministic simulation with faults: random processes that do things to each other, processes that are killed, devices that fail.

use mvm_testkit::simulation::{Simulation, many};

/// What CI draws. `cargo run --release -p mvm-testkit --bin simulate -- --seeds 1_000_000` looks longer.
const SEEDS: u64 = 2_000;

#[test]
fn simulated_machines_keep_the_laws() {
    let simulation = Simulation::new().expect("the program is one");
    let (sum, failures) = many(&simulation, 0, SEEDS);
    println!("{SEEDS} seeds: {sum}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // It is about something.
    assert!(sum.processes > 10 * SEEDS && sum.failed > SEEDS && sum.messages > 20 * SEEDS, "{sum}");
    assert!(
        sum.told > 5 * SEEDS && sum.restarts > SEEDS && sum.gave_up > 100 && sum.frames > 5 * SEEDS,
        "{sum}"
    );
    assert!(sum.time > 9 * SEEDS * 1_000_000_000, "{sum}");
}
