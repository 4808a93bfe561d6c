//! `cargo xtask ci`: what runs for every change, by the script that runs it there.

use std::process::Command;

use crate::host;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(argument) = args.first() {
        return Err(format!("`ci` takes no `{argument}`"));
    }
    host::run(Command::new("bash").arg(".ci/run").current_dir(host::root()))
}
