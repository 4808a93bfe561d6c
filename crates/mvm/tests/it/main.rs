//! The program `mvm` as a person uses it: arguments, files, pipes, exit statuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod compiler;
mod debug;
mod doc;
mod examples;
mod files;
mod fmt;
mod gc_log;
mod heap;
mod help;
mod hostile;
mod json;
mod kernel;
mod memory;
mod myna;
mod myna_programs;
mod native;
mod optimise;
mod pairs;
mod programs;
mod repl;
mod roundtrip;
mod run;
mod terminal;
mod tool;
mod tools;
mod tutorial;
