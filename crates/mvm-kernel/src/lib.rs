//! The operating system of the machine.
//!
//! Where to look: [`machine`] runs a program from beginning to end, `task` has the table of processes, `input` keeps what was
//! read and found no room.
//!
//! Not here: what instructions mean (`mvm-exec`), files, clocks and terminals of the host (those who implement
//! [`Console`]).
#![forbid(unsafe_code)]

mod input;
pub mod machine;
mod task;

pub use machine::{Console, Environment, Exit, Machine, Stream};
pub use task::{End, Pid, State};
