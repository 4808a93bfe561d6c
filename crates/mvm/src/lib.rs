//! The command line of MVM: finds and loads programs, runs the tools on them, reports to a terminal.
//!
//! One command is one file in `commands/` and one variant in [`args::Command`]. What the commands share: `source.rs`
//! (from a path to a verified program), `output.rs` (standard output and how commands fail), `page.rs`
//! (docs/CLI.md from the same definitions as `--help`).
//!
//! Not here: anything about instructions, modules or execution that another front end would want too.
#![forbid(unsafe_code)]

pub mod args;
mod commands;
mod gc_log;
mod host;
mod include;
mod inspect;
#[cfg(feature = "jit")]
mod jitdump;
mod library;
mod machine;
mod markup;
mod memory;
mod myna;
#[cfg(feature = "jit")]
mod native;
#[cfg(not(feature = "jit"))]
#[path = "no_native.rs"]
mod native;
mod optimise;
mod output;
mod page;
mod program;
mod report;
mod signals;
mod source;
mod stats;
mod table;
mod terminal;
mod trace;
mod woven;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::output::{Failure, Output};

pub use page::cli_page;

/// Runs the command that the arguments of the process ask for.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let error = args::advise(error);
            // Clap writes help and version to standard output, everything else to standard error.
            let printed = error.print();
            let status = if error.use_stderr() { Status::WRONG } else { Status::OK };
            return printed
                .map_err(Failure::from)
                .map_or_else(|failure| failure.report(), |()| status.into());
        }
    };
    let mut output = Output::standard();
    let result = commands::dispatch(cli.command, &mut output).and_then(|status| {
        output.flush()?;
        Ok(status)
    });
    match result {
        Ok(status) => status.into(),
        Err(failure) => failure.report(),
    }
}

/// Exit status of the process. The list is part of the interface and stands in docs/CLI.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u8);

impl Status {
    /// Done; for `run`, what the program says.
    pub const OK: Status = Status(0);
    /// An exception was not caught.
    pub const UNCAUGHT: Status = Status(1);
    /// Wrong usage, or a source or module in error.
    pub const WRONG: Status = Status(2);
    /// A limit ended the run.
    pub const LIMIT: Status = Status(3);
    /// A file or stream of the host failed.
    pub const HOST: Status = Status(4);
    /// Ctrl-C ended the debugger: what a shell reports for a program that the signal ended.
    pub const INTERRUPTED: Status = Status(130);
    /// Standard output was closed by its reader: what a shell reports for a program that a closed pipe ended.
    pub const CLOSED_OUTPUT: Status = Status(141);
}

impl Status {
    /// The one of two that says more is wrong.
    fn worse(self, other: Status) -> Status {
        Status(self.0.max(other.0))
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status.0)
    }
}
