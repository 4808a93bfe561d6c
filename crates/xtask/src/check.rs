//! `cargo xtask check`: everything that can be judged without running the machine.

use crate::{codegen, host, tidy};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(argument) = args.first() {
        return Err(format!("`check` takes no `{argument}`"));
    }
    host::run(host::cargo().args(["fmt", "--all", "--check"]))?;
    tidy::run(&[])?;
    codegen::run(&["--check".to_owned()])?;
    host::run(host::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}
