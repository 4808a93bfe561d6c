//! Options of the tools of Myna: `mvm new`, `mvm doc`, `mvm repl`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{NativeArgs, bytes, count};

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

/// `mvm repl`.
#[derive(Debug, Args)]
#[command(after_help = "\
Statements, expressions and declarations are taken as they are typed; `:help` lists the commands. When standard input is no
terminal, it is read to its end, and results go to standard output.

Each input is compiled together with the earlier ones and the program is run from its start, with what it has written and
read before taken from memory. docs/myna/TOOLS.md says what follows from that.")]
pub struct ReplArgs {
    /// Look for imported modules in this directory too, after the current one
    #[arg(short = 'L', long = "library", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub libraries: Vec<PathBuf>,

    /// Bytes of live objects the session may have (suffixes k, m, g)
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "256m", allow_negative_numbers = true)]
    pub limit_heap: u64,

    /// Bytes of stack the session may use (suffixes k, m, g)
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64m", allow_negative_numbers = true)]
    pub limit_stack: u64,

    /// End an input after so many reductions, those of the inputs before it included (suffixes k, m, g)
    #[arg(long, value_name = "COUNT", value_parser = count, allow_negative_numbers = true)]
    pub limit_reductions: Option<u64>,

    /// Where random numbers begin
    #[arg(long, value_name = "NUMBER", value_parser = count, default_value = "1", allow_negative_numbers = true)]
    pub seed: u64,

    /// Whether native code is made.
    #[command(flatten)]
    pub native: NativeArgs,

    /// Keep no history of what is typed
    #[arg(long)]
    pub no_history: bool,
}
