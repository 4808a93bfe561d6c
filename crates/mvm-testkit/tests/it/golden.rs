//! Golden programs do what their comments say, in every executor, and cover the machine together.
//!
//! `BLESS=1` rewrites the comments; `GOLDEN=part/of/a/name` runs only programs with that in their name.

use std::path::Path;
use std::sync::OnceLock;

use mvm_isa::Opcode;
use mvm_testkit::golden::coverage::Coverage;
use mvm_testkit::golden::{Outcome, Program, check, check_all, programs_below, root, rows};

/// Folders of golden programs.
const FOLDERS: [&str; 2] = ["tests/golden", "tests/regress"];

fn golden_programs() -> Vec<Program> {
    FOLDERS.iter().flat_map(|folder| programs_below(folder).unwrap()).collect()
}

/// All golden programs are checked once, for all tests of this file.
fn golden() -> &'static Outcome {
    static OUTCOME: OnceLock<Outcome> = OnceLock::new();
    OUTCOME.get_or_init(|| check_all(&golden_programs()))
}

/// All failures in one message.
fn report(outcome: &Outcome, programs: usize) {
    let failed = &outcome.failures;
    let text: Vec<String> = failed.iter().map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{} failures in {programs} programs:\n{}", failed.len(), text.join("\n"));
}

#[test]
fn programs_do_what_their_comments_say() {
    let mut programs = golden_programs();
    let chosen;
    let outcome = match std::env::var("GOLDEN") {
        Ok(wanted) => {
            programs.retain(|program| program.name.contains(&wanted));
            chosen = check_all(&programs);
            &chosen
        }
        Err(_) => golden(),
    };
    if std::env::var_os("BLESS").is_some() {
        for (index, text) in &outcome.rewritten {
            std::fs::write(root().join(Path::new(&programs[*index].name)), text).unwrap();
        }
    }
    report(outcome, programs.len());
}

#[test]
fn examples_of_the_instruction_table_are_true() {
    let mut all = Outcome::default();
    let mut unused = Vec::new();
    for &op in Opcode::ALL {
        let outcome = check(&rows::program_of(op));
        if !outcome.coverage.opcodes.contains_key(&op) {
            unused.push(op.info().name);
        }
        all.failures.extend(outcome.failures);
    }
    report(&all, Opcode::ALL.len());
    assert!(unused.is_empty(), "the examples of these rows do not execute them: {unused:?}");
}

/// What golden programs and the examples do together.
fn coverage() -> Coverage {
    let mut coverage = golden().coverage.clone();
    coverage.add(&check_all(&programs_below("examples").unwrap()).coverage);
    coverage
}

#[test]
fn programs_cover_instructions_syscalls_and_traps() {
    let coverage = coverage();
    let missing = [coverage.missing_opcodes(), coverage.missing_syscalls(), coverage.missing_traps()];
    assert!(
        missing.iter().all(Vec::is_empty),
        "never executed: {:?}\nnever asked for: {:?}\nnever uncaught: {:?}",
        missing[0],
        missing[1],
        missing[2]
    );
}
