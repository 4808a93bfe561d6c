//! Code of one function while it grows, with its branches still open.

use mvm_isa::{Opcode, encode};
use mvm_module::LineEntry;

use crate::report::{ExpansionId, Place};

/// A branch whose distance is not known yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    /// First word of the instruction.
    pub(crate) pc: u32,
    /// Which label it goes to.
    pub(crate) label: u32,
    /// Which of the instruction's targets it is.
    pub(crate) index: u16,
    /// Whether the text asks for the backward form.
    pub(crate) must_back: bool,
    pub(crate) place: Place,
    pub(crate) expansion: ExpansionId,
}

/// Words, branches and line table.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) words: Vec<u64>,
    /// In the order of their words.
    pub(crate) sites: Vec<Site>,
    pub(crate) lines: Vec<LineEntry>,
}

impl Code {
    pub(crate) fn clear(&mut self) {
        self.words.clear();
        self.sites.clear();
        self.lines.clear();
    }

    #[inline]
    pub(crate) fn pc(&self) -> u32 {
        self.words.len() as u32
    }

    /// An instruction of fixed shape.
    #[inline]
    pub(crate) fn fixed(&mut self, op: Opcode, values: &[i64]) {
        encode::fixed(&mut self.words, op, values);
    }

    /// Says that code from here on comes from this place.
    #[inline]
    pub(crate) fn mark(&mut self, file: u16, line: u32, column: u32) {
        let pc = self.pc();
        if let Some(last) = self.lines.last_mut() {
            if last.line == line && last.column == column && last.file == file {
                return;
            }
            if last.pc == pc {
                *last = LineEntry { pc, file, line, column };
                return;
            }
        }
        self.lines.push(LineEntry { pc, file, line, column });
    }
}
