//! The WebAssembly test suite judges the numeric instructions.

use mvm_exec::Executor;
use mvm_testkit::guest::Guest;
use mvm_testkit::wasm::{wasm_cases, wasm_suite};

#[test]
fn numeric_assertions_of_the_suite_hold() {
    let suite = wasm_suite();
    println!("{} assertions, {} left out", suite.cases.len(), suite.left_out);
    assert!(suite.cases.len() >= 11_000, "only {} assertions were found", suite.cases.len());
    assert!(suite.left_out <= 100, "{} assertions were left out", suite.left_out);
    refuse(suite.cases.iter().filter_map(|case| case.check_with_eval().err()).collect());
}

#[test]
fn numeric_assertions_of_the_suite_hold_in_every_executor() {
    let cases = wasm_cases();
    let guest = Guest::new(&cases);
    println!("{} programs", guest.programs());
    for executor in Executor::ALL {
        refuse(cases.iter().filter_map(|case| guest.check(case, executor).err()).collect());
    }
}

#[track_caller]
fn refuse(wrong: Vec<String>) {
    let shown: Vec<&str> = wrong.iter().take(50).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} assertions do not hold:\n{}", wrong.len(), shown.join("\n"));
}
