//! Running a process for a time slice, and watching it do so.

use std::ops::ControlFlow;

use mvm_isa::{Trap, TypeId};

use crate::fast;
use crate::process::{Fault, Process, Step, Stop};
use crate::step;
use crate::trace::Place;

/// Who executes the instructions. All agree on everything a guest can observe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executor {
    /// One instruction at a time, without `unsafe`: the meaning of the instruction set, slowest.
    Reference,
    /// Fast handlers called from one `match` in a loop.
    Match,
    /// Fast handlers that jump to each other; the same as `Match` where the compiler cannot do that.
    Tail,
    /// `Tail`, with native code for what is hot, where the image has a compiler.
    Native,
}

impl Executor {
    /// All executors.
    pub const ALL: [Executor; 4] = [Executor::Reference, Executor::Match, Executor::Tail, Executor::Native];
    /// The one for normal use.
    pub const DEFAULT: Executor = Executor::Native;
}

/// Watches a process instruction by instruction: the debugger, the tracer, the counters.
///
/// A run without a probe pays nothing for there being probes: it does not go through [`Process::run_with`].
pub trait Probe {
    /// Called before each instruction. `Break` stops the process in front of it.
    fn before(&mut self, process: &Process) -> ControlFlow<()>;

    /// Called after each instruction that was completed.
    fn after(&mut self, process: &Process);

    /// Whether [`Probe::raising`] is to be called.
    fn wants_exceptions(&self) -> bool {
        false
    }

    /// Called when an instruction raises an exception, while all calls are still under way. `Break` stops the process in
    /// front of the instruction, which raises it again when the process goes on.
    fn raising(&mut self, _process: &Process, _raised: &Raised) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// An exception that is about to be raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The trap, when the machine raises it.
    pub trap: Option<Trap>,
    /// Class of the exception object.
    pub class: TypeId,
    /// What it says.
    pub message: String,
    /// Where it will be handled, if anywhere.
    pub handler: Option<Place>,
}

/// Tells a probe of a fault; whether the process is to stop in front of it.
pub fn tell(probe: &mut impl Probe, process: &Process, fault: Fault) -> ControlFlow<()> {
    match probe.wants_exceptions().then(|| step::raised(process, fault)).flatten() {
        Some(raised) => probe.raising(process, &raised),
        None => ControlFlow::Continue(()),
    }
}

impl Process {
    /// Runs until the process stops or its fuel does not suffice for the next charge.
    #[inline]
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
            #[cfg(tail_calls)]
            Executor::Native if self.image.native.is_none() => fast::run_tail(self),
            #[cfg(tail_calls)]
            Executor::Native => {
                let stop = fast::run_native(self);
                if stop == Stop::OutOfFuel {
                    self.warm();
                }
                stop
            }
            #[cfg(not(tail_calls))]
            Executor::Tail | Executor::Native => fast::run_match(self),
        }
    }

    /// A slice has ended: the function that runs, and the one that called it, may be hot.
    #[cfg(tail_calls)]
    fn warm(&mut self) {
        let Some(native) = &self.image.native else { return };
        let caller = crate::process::FrameHeader(self.stack[self.base - 1]).return_pc();
        for pc in [self.pc, caller] {
            if let Some((function, _)) = self.image.locate(pc) {
                native.warm(&self.image, function, pc);
            }
        }
    }

    /// The same, one instruction at a time under the eyes of a probe.
    pub fn run_with(&mut self, probe: &mut impl Probe) -> Stop {
        loop {
            if probe.before(self).is_break() {
                return Stop::Break;
            }
            let step = match step::attempt(self) {
                Ok(step) => step,
                Err(fault) if tell(probe, self, fault).is_break() => return Stop::Break,
                Err(fault) => self.raise(fault),
            };
            match step {
                Step::Next => probe.after(self),
                Step::Stop(stop) => return stop,
            }
        }
    }
}
