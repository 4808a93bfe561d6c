//! `cargo xtask loom`: the tests of the thread pool under Loom, which tries every order in which threads can come to a lock.

use crate::host;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(argument) = args.first() {
        return Err(format!("`loom` takes no `{argument}`"));
    }
    let mut command = host::cargo();
    command
        .args(["test", "--quiet", "--release", "--package", "mvm-pool", "--lib"])
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", host::root().join("target/loom"))
        .current_dir(host::root());
    host::run(&mut command)
}
