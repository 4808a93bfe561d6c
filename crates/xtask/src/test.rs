//! `cargo xtask test`: all tests of the workspace.
//!
//! `--bless` rewrites expectations instead of failing: those in programs (`BLESS`) and those of `expect_test`
//! (`UPDATE_EXPECT`). Read the difference before committing it.

use crate::host;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let mut command = host::cargo();
    command.args(["test", "--workspace"]);
    for argument in args {
        if argument == "--bless" {
            command.env("BLESS", "1").env("UPDATE_EXPECT", "1");
        } else {
            command.arg(argument);
        }
    }
    host::run(&mut command)
}
