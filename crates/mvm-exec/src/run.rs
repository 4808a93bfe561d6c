//! Running a process for a time slice, and watching it do so.

use crate::fast;
use crate::process::{Process, Step, Stop};
use crate::step;

/// Who executes the instructions. All agree on everything a guest can observe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executor {
    /// One instruction at a time, without `unsafe`: the meaning of the instruction set, slowest.
    Reference,
    /// Fast handlers called from one `match` in a loop.
    Match,
    /// Fast handlers that jump to each other; the same as `Match` where the compiler cannot do that.
    Tail,
}

impl Executor {
    /// All executors.
    pub const ALL: [Executor; 3] = [Executor::Reference, Executor::Match, Executor::Tail];
    /// The one for normal use.
    pub const DEFAULT: Executor = Executor::Tail;
}

/// Watches a process instruction by instruction: the debugger, the tracer, the counters.
///
/// A run without a probe pays nothing for there being probes: it does not go through [`Process::run_with`].
pub trait Probe {
    /// Called before each instruction. `Break` stops the process in front of it.
    fn before(&mut self, process: &Process) -> std::ops::ControlFlow<()>;

    /// Called after each instruction that was completed.
    fn after(&mut self, process: &Process);
}

impl Process {
    /// Runs until the process stops or its fuel does not suffice for the next charge.
    pub fn run(&mut self, executor: Executor) -> Stop {
        match executor {
            Executor::Reference => loop {
                if let Step::Stop(stop) = step::step(self) {
                    return stop;
                }
            },
            Executor::Match => fast::run_match(self),
            #[cfg(tail_calls)]
            Executor::Tail => fast::run_tail(self),
            #[cfg(not(tail_calls))]
            Executor::Tail => fast::run_match(self),
        }
    }

    /// The same, one instruction at a time under the eyes of a probe.
    pub fn run_with(&mut self, probe: &mut impl Probe) -> Stop {
        loop {
            if probe.before(self).is_break() {
                return Stop::Break;
            }
            match step::step(self) {
                Step::Next => probe.after(self),
                Step::Stop(stop) => return stop,
            }
        }
    }
}
