//! Short lists of registers: where a value is.

use std::ops::Deref;

/// Registers of a value. No value has more than 8: larger ones are one reference to an object (see `reps.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Regs {
    len: u8,
    at: [u16; 8],
}

impl Regs {
    /// None at all.
    pub(crate) const NONE: Regs = Regs { len: 0, at: [0; 8] };

    /// One register.
    pub(crate) fn one(register: u16) -> Regs {
        let mut regs = Regs::NONE;
        regs.push(register);
        regs
    }

    /// Adds one. The ninth is left out.
    pub(crate) fn push(&mut self, register: u16) {
        if let Some(place) = self.at.get_mut(usize::from(self.len)) {
            *place = register;
            self.len += 1;
        }
    }

    /// Some of them.
    pub(crate) fn part(&self, start: usize, count: usize) -> Regs {
        self.iter().copied().skip(start).take(count).collect()
    }
}

impl Deref for Regs {
    type Target = [u16];
    fn deref(&self) -> &[u16] {
        &self.at[..usize::from(self.len)]
    }
}

impl FromIterator<u16> for Regs {
    fn from_iter<I: IntoIterator<Item = u16>>(all: I) -> Regs {
        let mut regs = Regs::NONE;
        all.into_iter().for_each(|register| regs.push(register));
        regs
    }
}
