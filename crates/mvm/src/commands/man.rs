//! `mvm man`: the man pages.

use clap::CommandFactory;

use crate::Status;
use crate::args::{Cli, ManArgs};
use crate::output::{Failure, reason};

/// Writes `mvm.1` and a page for each command.
pub(crate) fn run(args: &ManArgs) -> Result<Status, Failure> {
    let directory = args.directory.display();
    if !args.directory.is_dir() {
        return Err(Failure::host(format!("`{directory}` is not a directory"))
            .help(format!("create it first: mkdir -p {directory}")));
    }
    clap_mangen::generate_to(Cli::command(), &args.directory)
        .map_err(|error| Failure::host(format!("cannot write to `{directory}`: {}", reason(&error))))?;
    Ok(Status::OK)
}
