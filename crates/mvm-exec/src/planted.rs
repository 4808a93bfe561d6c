//! Bugs on purpose, chosen at run time: with them the judge that compares executors shows that it finds bugs.
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
}

impl Planted {
    /// All of them.
    pub const ALL: [Planted; 9] = [
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
