//! Signals: what a process can be told that has not asked.

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Signal {
    /// Somebody at the console wants it to end.
    Interrupt = 1,
    /// It is to end.
    Terminate = 2,
    /// It ends.
    Kill = 3,
    /// It does not run until it is to continue.
    Stop = 4,
    /// It runs again.
    Continue = 5,
    /// What programs agree on.
    User1 = 6,
    /// The same.
    User2 = 7,
}

impl Signal {
    /// All of them, by number from 1.
    pub const ALL: [Signal; 7] = [
        Signal::Interrupt,
        Signal::Terminate,
        Signal::Kill,
        Signal::Stop,
        Signal::Continue,
        Signal::User1,
        Signal::User2,
    ];

    /// The signal of this number.
    pub fn from_number(number: i64) -> Option<Signal> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        Signal::ALL.get(index).copied()
    }

    /// Whether a process can have it as a message instead of what it does.
    pub(crate) fn can_be_asked_for(self) -> bool {
        !matches!(self, Signal::Kill | Signal::Stop | Signal::Continue)
    }

    /// Exit status of a program whose first process it ended: 128 and the number that POSIX has for it.
    pub(crate) fn status(self) -> i64 {
        128 + match self {
            Signal::Interrupt => 2,
            Signal::Terminate => 15,
            _ => 9,
        }
    }
}
