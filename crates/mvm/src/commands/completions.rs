//! `mvm completions`: completion scripts for shells.

use clap::CommandFactory;
use clap_complete::generate;

use crate::Status;
use crate::args::{Cli, CompletionsArgs, Shell};
use crate::output::{Failure, Output};

/// Prints the script.
pub(crate) fn run(args: &CompletionsArgs, output: &mut Output) -> Result<Status, Failure> {
    let shell = match args.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::PowerShell => clap_complete::Shell::PowerShell,
        Shell::Zsh => clap_complete::Shell::Zsh,
    };
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "mvm", &mut script);
    output.bytes(&script)?;
    Ok(Status::OK)
}
