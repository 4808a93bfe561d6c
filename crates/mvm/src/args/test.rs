//! Options of `mvm test`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{bytes, count};

/// `mvm test`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each `test \"name\" { }` of a file runs in a machine of its own, with virtual time, limits and a seed, so \
    it gives the same every time. So do examples in `///` comments: blocks that begin with ```myna, each of them what stands in \
    `main` or a whole file with `fn main`; blocks that begin with anything else are not run. The exit status is 1 when a test fails, 2 when a file has errors.\n\n\
    Example:\n  mvm test examples/myna --filter account"
)]
pub struct TestArgs {
    /// Sources (.myna), or directories with sources
    #[arg(value_name = "FILES", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,

    /// Look for imported modules in this directory too
    #[arg(short = 'L', long = "library", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub libraries: Vec<PathBuf>,

    /// Run only tests with this text in their name
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,

    /// List the tests and run none
    #[arg(long)]
    pub list: bool,

    /// Bytes of live objects that each process of a test may have (suffixes k, m, g)
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "256m", allow_negative_numbers = true)]
    pub limit_heap: u64,

    /// Bytes of stack that each process of a test may use (suffixes k, m, g); 8k are always there
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64m", allow_negative_numbers = true)]
    pub limit_stack: u64,

    /// Reductions after which a test is ended
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "2000000000", allow_negative_numbers = true)]
    pub limit_reductions: u64,

    /// Where random numbers begin
    #[arg(long, value_name = "NUMBER", value_parser = count, default_value = "1", allow_negative_numbers = true)]
    pub seed: u64,

    /// Write what comes of the tests to standard output as JSON, one object a line
    #[arg(long)]
    pub json: bool,

    /// Write what comes of the tests into this file in the format of JUnit
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub junit: Option<PathBuf>,
}
