//! The WebAssembly test suite judges `sem`.

use mvm_testkit::wasm::wasm_suite;

#[test]
fn numeric_assertions_of_the_suite_hold() {
    let suite = wasm_suite();
    let wrong: Vec<String> = suite.cases.iter().filter_map(|case| case.check_with_eval().err()).collect();
    for message in wrong.iter().take(50) {
        eprintln!("{message}");
    }
    println!("{} assertions, {} left out", suite.cases.len(), suite.left_out);
    assert_eq!(wrong.len(), 0, "of {}", suite.cases.len());
    assert!(suite.cases.len() >= 11_000, "only {} assertions were found", suite.cases.len());
    assert!(suite.left_out <= 300, "{} assertions were left out", suite.left_out);
}
