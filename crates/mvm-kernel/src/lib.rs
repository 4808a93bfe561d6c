//! The operating system of the machine.
//!
//! Where to look: [`machine`] runs programs in rounds; `core` is a virtual core, which runs its part of a round by
//! itself; `calls` has the answers to syscalls; [`sched`] the policies; `effect` what processes do to each other; `task` what is known of a
//! process; [`host`] the way outside.
//!
//! Not here: what instructions mean (`mvm-exec`), files, clocks, threads and terminals of the host (those who implement
//! [`Host`]).
#![forbid(unsafe_code)]

mod calls;
mod channel;
mod core;
mod effect;
pub mod host;
mod input;
pub mod machine;
mod moving;
#[cfg_attr(
    not(feature = "planted-bugs"),
    expect(dead_code, unreachable_pub, reason = "only those who look for bugs plant some")
)]
mod planted;
mod program;
pub mod record;
mod reference;
pub mod sched;
mod segment;
mod signal;
pub mod snapshot;
mod table;
mod task;
pub mod trace;

pub use core::CorePart;
pub use host::{Host, Stream};
pub use machine::{Entry, Environment, Exit, Machine, Program, Settings, Workers};
#[cfg(feature = "planted-bugs")]
pub use planted::Planted;
pub use sched::PolicyChoice;
pub use signal::Signal;
pub use task::{End, Pid, State, WaitsFor};
