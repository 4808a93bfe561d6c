//! Programs in Myna do what their comments say, in every executor, as they are and optimised.
//!
//! `GOLDEN=part/of/a/name` runs only programs with that in their name.

use mvm_testkit::golden::{Program, check_all, myna};

#[test]
fn programs_do_what_their_comments_say() {
    check(myna::programs("tests/myna/run").expect("the folder can be read"), 240);
}

/// With the sizes that stand in their comments: `cargo xtask bench myna` runs them with large ones.
#[test]
fn benchmarks_do_what_their_comments_say() {
    let folders = ["bench/myna", "bench/myna/numeric"].map(myna::programs);
    check(folders.map(|programs| programs.expect("the folder can be read")).concat(), 30);
}

fn check(mut programs: Vec<Program>, at_least: usize) {
    assert!(programs.len() >= at_least, "{} programs", programs.len());
    if let Ok(wanted) = std::env::var("GOLDEN") {
        programs.retain(|program| program.name.contains(&wanted));
    }
    let outcome = check_all(&programs);
    let text: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
    assert!(text.is_empty(), "{} failures in {} programs:\n{}", text.len(), programs.len(), text.join("\n"));
}

#[test]
fn examples_of_the_reference_do_what_it_says() {
    check_examples("docs/myna/REFERENCE.md", 12);
}

/// Those that are files (`// NAME.myna`) are run by a test of `mvm`, as a reader runs them.
#[test]
fn examples_of_the_tutorial_do_what_it_says() {
    check_examples("docs/myna/TUTORIAL.md", 10);
}

fn check_examples(page: &str, at_least: usize) {
    let mut programs = myna::examples_of(page).expect("the page can be read");
    programs.retain(|program| !program.text.starts_with("// "));
    assert!(programs.len() >= at_least, "{page}: {} examples", programs.len());
    let outcome = check_all(&programs);
    let text: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
    assert!(text.is_empty(), "{}", text.join("\n"));
}
