//! Options about the memory manager.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::bytes;

/// The memory manager. A program cannot tell the choices apart, except by time and memory.
#[derive(Debug, Args)]
pub struct GcArgs {
    /// The collector: generational (fast), compact (least memory) or copying (simplest)
    #[arg(help_heading = "Memory", long = "gc", value_name = "COLLECTOR", value_enum, default_value_t = GcChoice::Generational)]
    pub collector: GcChoice,

    /// Bytes of the space for new objects; without it, it adapts to how much survives (suffixes k, m, g)
    #[arg(help_heading = "Memory", long = "gc-young", value_name = "BYTES", value_parser = bytes, allow_negative_numbers = true)]
    pub young: Option<u64>,

    /// Keep strings of more than so many bytes outside the heap, where collections do not move them; without it, only
    /// those that are shared, such as long literals (suffixes k, m, g)
    #[arg(help_heading = "Memory", long = "gc-external", value_name = "BYTES", value_parser = bytes, allow_negative_numbers = true)]
    pub external: Option<u64>,

    /// Write a line for each collection to standard error, or to a file; a name that ends in .jsonl gets JSON, one object
    /// a line
    #[arg(help_heading = "Memory", long = "gc-log", value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-",
          value_hint = ValueHint::FilePath)]
    pub log: Option<PathBuf>,

    /// Collect at every Nth allocation, moving every object and overwriting its old place: finds bugs of the collector
    #[arg(help_heading = "Memory", long = "gc-stress", value_name = "N", default_value_t = 0)]
    pub stress: u32,

    /// Check the whole heap before and after every collection
    #[arg(help_heading = "Memory", long = "gc-check")]
    pub check: bool,
}

/// What the memory checker reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the option's help says what they are")]
pub enum MemoryCheck {
    Errors,
    Leaks,
}

/// Collectors by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the option's help says what they are")]
pub enum GcChoice {
    Generational,
    Compact,
    Copying,
}
