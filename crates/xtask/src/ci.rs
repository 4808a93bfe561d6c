//! `cargo xtask ci`: exactly what runs for every change.

use crate::{check, fuzz, miri, test};

/// Time for each fuzz target.
const FUZZ_SECONDS: &str = "20";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(argument) = args.first() {
        return Err(format!("`ci` takes no `{argument}`"));
    }
    check::run(&[])?;
    test::run(&[])?;
    miri::quick()?;
    if fuzz::available() {
        fuzz::run(&["all".to_owned(), FUZZ_SECONDS.to_owned()])?;
    } else {
        eprintln!("fuzzing left out: it needs targets under fuzz/, a nightly toolchain and cargo-fuzz");
    }
    Ok(())
}
