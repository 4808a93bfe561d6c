//! Short programs in their file form: read, verified and run in ways that bring every instruction to the fast handlers
//! and to the step-by-step interpreter.
//!
//! Miri (`cargo xtask miri`) runs them from the folder that `samples` has written; other builds make them on the spot.

use std::path::Path;

use mvm_isa::Opcode;
use mvm_testkit::golden::root;
use mvm_testkit::samples::{Batch, Effort, FOLDER, load, make, store};

/// Programs from a folder: for Miri from the one that is ready, else they are made and go through a folder.
fn samples() -> Vec<Batch> {
    if cfg!(miri) {
        return load(&root().join(FOLDER)).expect("`cargo xtask miri` writes the programs");
    }
    let made = make("").expect("there are short programs");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
    store(&folder, &made).expect("the folder can be written");
    let loaded = load(&folder).expect("the folder can be read");
    assert!(made == loaded, "what is read is not what was written");
    judge_selection(&loaded);
    loaded
}

/// Every instruction has a program, and there are enough of the others.
fn judge_selection(batches: &[Batch]) {
    let names: Vec<&str> = batches.iter().flat_map(|batch| &batch.samples).map(|s| s.name.as_str()).collect();
    let of_row = |op: &Opcode| names.contains(&format!("example of {}", op.info().name).as_str());
    let missing: Vec<_> = Opcode::ALL.iter().filter(|op| !of_row(op)).collect();
    assert!(missing.is_empty(), "without a program: {missing:?}");
    let count = |start: &str| names.iter().filter(|name| name.starts_with(start)).count();
    let counts = ["tests/regress/", "tests/golden/", "generated "].map(count);
    assert!(counts[0] >= 2 && counts[1] >= 40 && counts[2] >= 10, "{counts:?}");
}

#[test]
fn short_programs_run_the_same_step_by_step_and_fast() {
    let batches = samples();
    let effort = if std::env::var_os("QUICK").is_some() { Effort::Quick } else { Effort::Full };
    let mut failures = Vec::new();
    for batch in &batches {
        println!("{} programs from `{}` on", batch.samples.len(), batch.samples[0].name);
        failures.extend(batch.check(effort).iter().map(ToString::to_string));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
