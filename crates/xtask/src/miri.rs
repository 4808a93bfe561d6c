//! `cargo xtask miri`: the crates with `unsafe` under Miri.

use crate::host;

/// Crates with modules listed in ARCHITECTURE.md § Unsafe, except those whose unsafe code is machine code.
const CRATES: &[&str] = &["mvm-mem", "mvm-heap", "mvm-exec"];

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if !host::works(host::cargo_of("nightly").args(["miri", "--version"])) {
        return Err("Miri is missing: rustup toolchain install nightly --component miri,rust-src".to_owned());
    }
    let wanted: Vec<&str> =
        if args.is_empty() { CRATES.to_vec() } else { args.iter().map(String::as_str).collect() };
    for name in wanted {
        // The tests are deterministic; isolation would only forbid them to read their programs.
        let mut command = host::cargo_of("nightly");
        command.args(["miri", "test", "-p", name]).env("MIRIFLAGS", "-Zmiri-disable-isolation");
        host::run(&mut command)?;
    }
    Ok(())
}
