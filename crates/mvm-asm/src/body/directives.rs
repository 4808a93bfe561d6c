//! Lines of a function that are no instructions: `.local`, `.loc`, `.var`, `try` and the like.

use mvm_isa::TypeId;
use mvm_module::{InlineEntry, InlinedCall, VarEntry, limits};

use super::{Body, End, OPEN, OpenTry, RawHandler};
use crate::asm::POISON;
use crate::collect::Source;
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::{E0402, E0407};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::Place;

impl Body<'_, '_> {
    /// `.local` lines come first in the order of registers, wherever they stand.
    pub(super) fn declare_locals(&mut self, c: &Cursor<'_>) {
        let mut c = c.clone();
        loop {
            let token = c.peek();
            match token.kind {
                Kind::RightBrace | Kind::Eof => return,
                Kind::LeftBrace => c.skip_statement(),
                Kind::Dot if is_local(&c) => {
                    c.bump();
                    c.bump();
                    if self.local_line(&mut c).is_err() {
                        c.skip_statement();
                    }
                }
                _ => {
                    c.bump();
                }
            }
        }
    }

    /// `.local x: T`, several with commas.
    fn local_line(&mut self, c: &mut Cursor<'_>) -> Parse<()> {
        loop {
            let (name, place) = self.a.expect_name(c, "the name of a register")?;
            self.a.expect(c, Kind::Colon, "`:` and a type")?;
            let ty = self.a.parse_type(c).unwrap_or(POISON);
            if ty == POISON {
                let _ = self.declare_register(name, POISON, place);
                return Err(Reported);
            }
            let _ = self.declare_register(name, ty, place);
            if !c.eat(Kind::Comma) {
                return Ok(());
            }
        }
    }

    pub(super) fn directive(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<()> {
        let local = is_local(c);
        c.bump();
        let word = c.bump();
        match word.sym() {
            kw::LOCAL if local && depth == 0 && self.a.report.expansion == self.base_expansion => {
                // Declared before the first statement.
                while !c.peek().ends_statement() {
                    c.bump();
                }
                Ok(())
            }
            kw::LOCAL => self.local_line(c),
            kw::LOC => self.loc_line(c, word.place()),
            kw::VAR => self.var_line(c),
            kw::END_VAR => {
                let token = c.peek();
                if !matches!(token.kind, Kind::Ident | Kind::Quoted | Kind::Str) {
                    return Err(self.a.expected(token, "the name of a variable"));
                }
                c.bump();
                self.close_var(token.sym());
                Ok(())
            }
            kw::HANDLER => self.handler_line(c),
            kw::INLINE => self.inline_line(c),
            kw::IN => self.in_line(c),
            kw::FILE => {
                self.source = self.a.source_line(c)?;
                self.loc = None;
                Ok(())
            }
            _ => {
                let known = [".local", ".loc", ".file", ".var", ".endvar", ".handler", ".inline", ".in"];
                Err(self.a.unknown_directive(word, &known))
            }
        }
    }

    fn loc_line(&mut self, c: &mut Cursor<'_>, place: Place) -> Parse<()> {
        let line = self.a.parse_position(c)?;
        let column = if c.eat(Kind::Colon) { self.a.parse_position(c)? } else { 0 };
        if self.source == Source::Assembly {
            return Err(self.a.error_help(
                E0407,
                place,
                "`.loc` without `.file`",
                "write `.file \"prog.lang\"` above the function",
            ));
        }
        self.loc = Some((line, column));
        Ok(())
    }

    /// `.inline FUNCTION, LINE:COL, OUTER`: the next inlined call. Line 0 is none; without `OUTER` it stood in the code of
    /// the function itself.
    fn inline_line(&mut self, c: &mut Cursor<'_>) -> Parse<()> {
        let (name, place) = self.a.expect_path(c, "the name of a function")?;
        let function = self.a.function_named(name, place)?;
        self.a.expect(c, Kind::Comma, "`,` and a line")?;
        let at = c.peek().place();
        let line = self.a.parse_position(c)?;
        let column = if c.eat(Kind::Colon) { self.a.parse_position(c)? } else { 0 };
        let file = match self.source {
            _ if line == 0 => 0,
            Source::Other(file) => file,
            Source::Assembly | Source::Nothing => {
                let help = "write `.file \"prog.lang\"` above the function";
                return Err(self.a.error_help(E0407, at, "`.inline` with a line, but without `.file`", help));
            }
        };
        let outer = if c.eat(Kind::Comma) { Some(self.a.parse_position(c)?) } else { None };
        self.calls.push(InlinedCall { function, outer, file, line, column });
        Ok(())
    }

    /// `.in CALL`: what follows is code of this inlined call; without one, of the function itself.
    fn in_line(&mut self, c: &mut Cursor<'_>) -> Parse<()> {
        let call = if c.peek().ends_statement() { None } else { Some(self.a.parse_position(c)?) };
        self.inlined.push(InlineEntry { pc: self.code.pc(), call });
        Ok(())
    }

    /// `.var name, register, "type"`.
    fn var_line(&mut self, c: &mut Cursor<'_>) -> Parse<()> {
        let token = c.peek();
        let name = match token.kind {
            Kind::Ident | Kind::Quoted | Kind::Str => c.bump().sym(),
            _ => return Err(self.a.expected(token, "the name of a variable")),
        };
        self.a.expect(c, Kind::Comma, "`,`")?;
        let register = self.operand_register(c)?;
        self.registers[usize::from(register)].read = true;
        let ty = if c.eat(Kind::Comma) {
            self.a.expect(c, Kind::Str, "the type in quotes")?.sym()
        } else {
            Sym::NONE
        };
        self.close_var(name);
        self.open_vars.insert(name, self.vars.len());
        let (name, ty, start) = (self.a.name(name), self.a.name(ty), self.code.pc());
        self.vars.push(VarEntry { name, ty, register, start, end: OPEN });
        Ok(())
    }

    fn close_var(&mut self, name: Sym) {
        if let Some(index) = self.open_vars.remove(&name) {
            self.vars[index].end = self.code.pc();
        }
    }

    /// `.handler start, end, target, e: Class`: a range given by labels, for ranges that do not nest.
    fn handler_line(&mut self, c: &mut Cursor<'_>) -> Parse<()> {
        let start = self.operand_label(c)?;
        self.a.expect(c, Kind::Comma, "`,`")?;
        let end = self.range_end(c)?;
        self.a.expect(c, Kind::Comma, "`,`")?;
        let label = self.operand_label(c)?;
        self.a.expect(c, Kind::Comma, "`,`")?;
        let at = c.peek().place();
        let (register, class) = self.exception_register(c)?;
        let (start, end) = (End::Label(start), End::Label(end));
        self.add_handler(RawHandler { start, end, label, class, register }, at)
    }

    pub(super) fn try_line(&mut self, c: &mut Cursor<'_>, place: Place) -> Parse<()> {
        let label = self.operand_label(c)?;
        self.a.expect(c, Kind::Comma, "`,`")?;
        let found = self.exception_register(c);
        let (register, class) = found.unwrap_or((0, TypeId::ERROR));
        self.tries.push(OpenTry { start: self.code.pc(), label, class, register, place });
        found.map(|_| ())
    }

    pub(super) fn end_try(&mut self, place: Place) -> Parse<()> {
        let Some(open) = self.tries.pop() else {
            return Err(self.a.error(E0402, place, "`endtry` without `try`"));
        };
        let (start, end) = (End::At(open.start), End::At(self.code.pc()));
        if open.start == self.code.pc() {
            return Ok(());
        }
        let OpenTry { label, class, register, .. } = open;
        self.add_handler(RawHandler { start, end, label, class, register }, place)
    }

    fn add_handler(&mut self, handler: RawHandler, place: Place) -> Parse<()> {
        let count = self.handlers.len();
        if count > limits::HANDLERS_MAX {
            // That has been said.
            return Err(Reported);
        }
        self.handlers.push(handler);
        if count == limits::HANDLERS_MAX {
            let message = format!("a function has at most {} handler ranges", limits::HANDLERS_MAX);
            return Err(self.a.limit(place, message));
        }
        Ok(())
    }
}

fn is_local(c: &Cursor<'_>) -> bool {
    let next = c.ahead(1);
    c.kind() == Kind::Dot && next.kind == Kind::Ident && next.sym() == kw::LOCAL && next.glued()
}
