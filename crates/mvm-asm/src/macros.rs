//! Macros: declaration, expansion, `%if`, `%for`, `%repeat`, `%error`.

use crate::asm::Asm;
use crate::collect::Collector;
use crate::cursor::{Cursor, Parse};
use crate::errors::E0102;
use crate::intern::Sym;
use crate::report::Place;
use crate::tokens::Token;

/// A macro.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Sym,
    pub(crate) place: Place,
    pub(crate) used: bool,
}

impl Asm<'_> {
    pub(crate) fn declare_macro(&mut self, _stream: u32, _c: &mut Cursor<'_>) -> Parse<()> {
        Ok(())
    }

    pub(crate) fn macro_named(&self, sym: Sym) -> Option<u32> {
        self.macro_of.get(sym.index()).copied().filter(|&index| index != u32::MAX)
    }
}

impl Collector<'_, '_> {
    pub(crate) fn use_macro(&mut self, _c: &mut Cursor<'_>, word: Token) -> Parse<()> {
        Err(self.asm.error(E0102, word.place(), "macros"))
    }
    pub(crate) fn macro_directive(&mut self, _stream: u32, c: &mut Cursor<'_>) -> Parse<()> {
        Err(self.asm.error(E0102, c.peek().place(), "macros"))
    }
}

impl crate::body::Body<'_, '_> {
    pub(crate) fn use_macro(&mut self, _c: &mut Cursor<'_>, word: Token, _depth: u32) -> Parse<()> {
        Err(self.a.error(E0102, word.place(), "macros"))
    }
    pub(crate) fn macro_directive(&mut self, c: &mut Cursor<'_>, _depth: u32) -> Parse<()> {
        Err(self.a.error(E0102, c.peek().place(), "macros"))
    }
}
