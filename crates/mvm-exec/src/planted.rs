//! Bugs on purpose, chosen at run time: with them those who look for bugs show that they find some. The judge that
//! compares executors has to find the wrong ones, Miri the unsound ones.
//!
//! Without the feature `planted-bugs` nothing of this is in the executors.

use crate::process::Process;

/// A bug that a process can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// `add_i64` is off by one when the result is a multiple of 16.
    WrongSum,
    /// A charge of 1 is forgotten where the fuel left is a multiple of 8.
    ForgottenCharge,
    /// The collector forgets the last live register.
    ForgottenRegister,
    /// The collector forgets the objects of literals.
    ForgottenLiterals,
    /// The collector forgets the result of a bulk instruction that is under way.
    ForgottenResult,
    /// Registers keep what another call left in them.
    UnclearedRegisters,
    /// The outermost handler takes an exception, not the innermost.
    WrongHandler,
    /// A bulk instruction that ran out of fuel starts again.
    LostProgress,
    /// A trap in a bulk instruction leaves its progress behind.
    KeptProgress,
    /// A return reads the word of code behind it, which the last function does not have.
    ReadBehindCode,
    /// The heap is used where it was before the last collection.
    StaleHeap,
    /// Numbers in payloads are read as if their addresses were multiples of their sizes.
    UnalignedRead,
}

impl Planted {
    /// Those that make programs do something else.
    pub const WRONG: [Planted; 9] = [
        Planted::WrongSum,
        Planted::ForgottenCharge,
        Planted::ForgottenRegister,
        Planted::ForgottenLiterals,
        Planted::ForgottenResult,
        Planted::UnclearedRegisters,
        Planted::WrongHandler,
        Planted::LostProgress,
        Planted::KeptProgress,
    ];

    /// Those with undefined behaviour in the fast executors: not for runs outside of Miri.
    #[cfg(feature = "planted-bugs")]
    pub const UNSOUND: [Planted; 3] = [Planted::ReadBehindCode, Planted::StaleHeap, Planted::UnalignedRead];
}

impl Process {
    /// Gives the process a bug.
    #[cfg(feature = "planted-bugs")]
    pub fn plant(&mut self, bug: Planted) {
        self.planted = Some(bug);
    }

    /// Whether the process has this bug.
    #[inline(always)]
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn has_bug(&self, bug: Planted) -> bool {
        self.planted == Some(bug)
    }

    /// Whether the process has this bug: never.
    #[inline(always)]
    #[cfg(not(feature = "planted-bugs"))]
    pub(crate) fn has_bug(&self, _: Planted) -> bool {
        false
    }
}
