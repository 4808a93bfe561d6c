//! Options about native code.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::bytes;

/// Whether native code is made, when, and what is told of it.
#[derive(Debug, Args)]
pub struct NativeArgs {
    /// Make native code of functions that run long. `run` does that anyway where it can; with this it is an error where it cannot
    #[arg(long, overrides_with = "no_jit")]
    pub jit: bool,

    /// Interpret everything. What the program does is the same, only slower
    #[arg(long, overrides_with = "jit")]
    pub no_jit: bool,

    /// Compile a function when so many time slices have ended in it; 0 compiles all functions at once
    #[arg(long, value_name = "COUNT", default_value = "2", allow_negative_numbers = true)]
    pub jit_threshold: u32,

    /// Let the program wait while a function is compiled; else another thread does that while the program goes on
    #[arg(long, conflicts_with = "no_jit")]
    pub jit_sync: bool,

    /// Bytes of native code that there may be; when it is more, the functions used longest ago are interpreted again (suffixes k, m, g)
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64m", allow_negative_numbers = true, conflicts_with = "no_jit")]
    pub jit_code_limit: u64,

    /// Write /tmp/perf-PID.map, from which `perf report` has the names of functions
    #[arg(long, conflicts_with = "no_jit")]
    pub jit_perf_map: bool,

    /// Write DIRECTORY/jit-PID.dump, from which `perf inject --jit` has code and lines too; without `=DIRECTORY`, in the current one
    #[arg(long, value_name = "DIRECTORY", num_args = 0..=1, require_equals = true, default_missing_value = ".",
          value_hint = ValueHint::DirPath, conflicts_with = "no_jit")]
    pub jit_dump: Option<PathBuf>,

    /// Say at the end what was compiled, what was not, and where native code was left
    #[arg(long, conflicts_with = "no_jit")]
    pub jit_stats: bool,
}
