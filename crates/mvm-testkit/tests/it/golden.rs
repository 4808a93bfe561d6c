//! Golden programs do what their comments say, in every executor, and cover the machine together.
//!
//! `BLESS=1` rewrites the comments; `GOLDEN=part/of/a/name` runs only programs with that in their name.

use std::path::Path;
use std::sync::OnceLock;

use mvm_asm::pages;
use mvm_isa::{BUILTINS, Opcode};
use mvm_module::Rule;
use mvm_testkit::golden::{Outcome, Program, check, check_all, programs_below, root, rows};

/// Folders of golden programs.
const FOLDERS: [&str; 6] =
    ["tests/golden", "tests/regress", "bench/gc", "bench/jit", "bench/kernel", "bench/kernels"];

fn golden_programs() -> Vec<Program> {
    FOLDERS.iter().flat_map(|folder| programs_below(folder).expect("the folder can be read")).collect()
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
fn examples_of_the_tables_are_true() {
    let mut all = Outcome::default();
    let mut unused = Vec::new();
    for &op in Opcode::ALL {
        let outcome = check(&rows::program_of(op));
        if !outcome.coverage.opcodes.contains_key(&op) {
            unused.push(op.info().name);
        }
        all.failures.extend(outcome.failures);
    }
    for builtin in BUILTINS {
        let program = rows::program_of_builtin(builtin);
        assert!(program.text.contains("; expect: "), "{} states nothing", program.name);
        all.failures.extend(check(&program).failures);
    }
    report(&all, Opcode::ALL.len() + BUILTINS.len());
    assert!(unused.is_empty(), "the examples of these rows do not execute them: {unused:?}");
}

#[test]
fn programs_cover_instructions_syscalls_and_traps() {
    let coverage = &golden().coverage;
    let missing = [coverage.missing_opcodes(), coverage.missing_syscalls(), coverage.missing_traps()];
    assert!(
        missing.iter().all(Vec::is_empty),
        "never executed: {:?}\nnever asked for: {:?}\nnever uncaught: {:?}",
        missing[0],
        missing[1],
        missing[2]
    );
}

#[test]
fn every_diagnostic_has_a_program() {
    // What takes very long programs is shown by the tests of the assembler.
    let tests = texts_of_tests("crates/mvm-asm/tests/it");
    let known = &golden().coverage.codes;
    let shown = |code: &&str| known.contains(*code) || tests.contains(&format!("\"{code}\""));
    let missing: Vec<&str> = pages().iter().map(|(code, _)| *code).filter(|code| !shown(code)).collect();
    assert!(missing.is_empty(), "no golden program shows {missing:?}");
}

fn texts_of_tests(folder: &str) -> String {
    let mut tests = String::new();
    for entry in std::fs::read_dir(root().join(folder)).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        tests.push_str(&std::fs::read_to_string(path).expect("tests are text"));
    }
    tests
}

/// Most rules cannot be broken in assembly; the tests of the verifier build modules that do.
#[test]
fn every_rule_of_the_verifier_has_a_test() {
    let tests = texts_of_tests("crates/mvm-module/tests/it");
    let known = &golden().coverage.codes;
    let tested = |rule: &&Rule| {
        let number = rule.number();
        let name = format!("Rule::{number}");
        let named = |at: usize| !tests[at + name.len()..].starts_with(|c: char| c.is_ascii_digit());
        known.contains(number) || tests.match_indices(&name).any(|(at, _)| named(at))
    };
    let missing: Vec<&str> =
        Rule::ALL.iter().filter(|rule| !tested(rule)).map(|rule| rule.number()).collect();
    assert!(missing.is_empty(), "no test breaks {missing:?}");
}
