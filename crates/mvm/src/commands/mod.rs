//! One file per command; this is their registry.

mod completions;
mod explain;
mod fmt;
mod help;
mod man;

use crate::Status;
use crate::args::Command;
use crate::output::{Failure, Output};

/// Runs a command.
pub(crate) fn dispatch(command: Command, output: &mut Output) -> Result<Status, Failure> {
    match command {
        Command::Help(args) => help::run(&args, output),
        Command::Explain(args) => explain::run(&args, output),
        Command::Fmt(args) => fmt::run(&args, output),
        Command::Completions(args) => completions::run(&args, output),
        Command::Man(args) => man::run(&args),
        _ => Err(Failure::wrong("not yet")),
    }
}
