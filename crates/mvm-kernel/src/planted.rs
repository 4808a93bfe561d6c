//! Bugs on purpose, chosen at run time: with them the simulation shows that it finds bugs.
//!
//! Without the feature `planted-bugs` nothing of this is in the kernel.

use crate::core::Core;

/// A bug that a machine can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// What a monitor was to send is sent twice.
    ToldTwice,
    /// What a monitor was to send is not sent when the process was killed.
    NotTold,
    /// Who is linked to a process that was killed lives on.
    ForgottenLink,
    /// A message to a mailbox with three others is lost.
    LostMessage,
    /// A message overtakes those that are in the mailbox.
    Overtaken,
    /// A message that is for another core is delivered twice.
    DoubledMessage,
}

impl Planted {
    /// All of them.
    pub const ALL: [Planted; 6] = [
        Planted::ToldTwice,
        Planted::NotTold,
        Planted::ForgottenLink,
        Planted::LostMessage,
        Planted::Overtaken,
        Planted::DoubledMessage,
    ];
}

impl Core {
    /// Whether the machine has this bug.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn has_bug(&self, bug: Planted) -> bool {
        self.planted == Some(bug)
    }

    /// Whether the machine has this bug: never.
    #[inline(always)]
    #[cfg(not(feature = "planted-bugs"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    pub(crate) fn has_bug(&self, _: Planted) -> bool {
        false
    }
}
