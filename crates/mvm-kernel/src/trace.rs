//! What a scheduler does, for those who want to see it.

use crate::task::{Pid, State};

/// Something that happened on a core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Nanoseconds of the machine's clock.
    pub at: u64,
    /// The virtual core.
    pub core: u32,
    /// The process.
    pub pid: Pid,
    /// What happened to it.
    pub what: What,
}

/// What can happen to a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is there, and can run.
    Starts,
    /// It can run again.
    Ready,
    /// It is chosen, and runs.
    Runs,
    /// It runs no more; this is what it does now.
    Stops(State),
    /// It was sent a message by this process.
    Message(Pid),
    /// It has ended: 0 by itself, 1 by an exception, 2 killed, 3 by a limit.
    Ends(i64),
}
