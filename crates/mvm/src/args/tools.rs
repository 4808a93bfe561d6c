//! Options of the tools of Myna: `mvm new`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `mvm new`.
#[derive(Debug, Args)]
#[command(after_help = "\
The folder gets a program with a class and a test (main.myna), a README.md and a .gitignore.

Example:
  mvm new tally && cd tally && mvm run main.myna -- to be or not to be && mvm test")]
pub struct NewArgs {
    /// The folder, which must not exist yet or be empty; the last part of the path is the name of the program
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub name: PathBuf,
}
