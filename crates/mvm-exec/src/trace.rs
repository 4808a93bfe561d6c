//! Frames and backtraces.

use mvm_module::FuncId;

/// How many inner and outer frames a backtrace keeps.
const INNER_MAX: usize = 64;
const OUTER_MAX: usize = 16;

/// A frame on the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// The next instruction of the running function; where an outer function goes on.
    pub(crate) pc: u32,
    /// Slot of register 0.
    pub(crate) base: usize,
    /// Whether this is the innermost frame.
    pub(crate) running: bool,
}

impl Frame {
    /// The instruction under way; a word inside the call of an outer function.
    pub(crate) fn at(&self) -> u32 {
        if self.running { self.pc } else { self.pc - 1 }
    }
}

/// A place in a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The function.
    pub function: FuncId,
    /// Word index in it; inside the call instruction for outer frames.
    pub pc: u32,
}

/// Where an exception was raised: the 64 innermost and the 16 outermost calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The innermost calls, the raising function first.
    pub inner: Vec<Place>,
    /// How many calls between are left out.
    pub omitted: usize,
    /// The outermost calls, the first function last.
    pub outer: Vec<Place>,
}

impl Trace {
    /// This trace, which ends at the call whose handler took the exception, and the calls around the place where that
    /// threw it again.
    pub(crate) fn continued(&self, again: &Trace) -> Trace {
        let mut trace = self.clone();
        again.inner.iter().skip(1).for_each(|&place| trace.push(place));
        trace.omitted += again.omitted;
        again.outer.iter().for_each(|&place| trace.push(place));
        trace
    }

    /// Adds the next outer call.
    pub(crate) fn push(&mut self, place: Place) {
        if self.inner.len() < INNER_MAX {
            self.inner.push(place);
            return;
        }
        if self.outer.len() == OUTER_MAX {
            self.outer.remove(0);
            self.omitted += 1;
        }
        self.outer.push(place);
    }
}
