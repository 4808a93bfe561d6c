//! Options of the tools of Myna: `mvm new` and `mvm doc`.

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

/// `mvm doc`.
#[derive(Debug, Args)]
#[command(after_help = "\
Documentation is what stands in `///` comments, as Markdown. Without --output it is shown as text; WHAT is then also a module
of the library or something in one. With --output it becomes pages, one a module, and index.html to start with.

Examples:
  mvm doc std.json                 # what is in a module of the library
  mvm doc std.json.Json.path       # one method
  mvm doc shapes.myna              # a file
  mvm doc std src --output pages   # pages of the library and of all sources below src")]
pub struct DocArgs {
    /// A name (`std.text`, `std.json.parse`, `str.split`), a source (.myna), a folder with sources, or `std` for the whole library
    #[arg(value_name = "WHAT", required = true, value_hint = ValueHint::AnyPath)]
    pub what: Vec<PathBuf>,

    /// Write pages into this folder, which is made if it is not there
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,

    /// With --output: also what is not `pub`, and private members
    #[arg(long)]
    pub private: bool,
}
