//! Bodies of functions: registers, labels, statements, directives.
//!
//! One pass in text order. A register gets its type at its first write, so every read behind it is known; branches stay
//! open until the end of the function.

use std::collections::BTreeMap;
use std::rc::Rc;

use mvm_diag::Diagnostic;
use mvm_isa::{Effect, Opcode, TypeId};
use mvm_module::{FuncDebug, Function, Handler, Name, Signature, VarEntry, finish, limits};

use crate::asm::{Asm, FuncDecl, Global, POISON};
use crate::collect::{Source, starts_declaration};
use crate::cursor::{Cursor, Parse, Reported};
use crate::emit::Code;
use crate::errors::{
    E0202, E0205, E0207, E0208, E0209, E0401, E0402, E0403, E0404, E0406, E0407, E0801, W0001, W0002,
};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::macros::{self, At};
use crate::operands::Operand;
use crate::relax;
use crate::report::{ExpansionId, Place};
use crate::tokens::Token;
use crate::verbs::{Form, VERBS, VerbId};

/// Tables by symbol that hold for one function at a time; the stamp says for which.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    stamp: u32,
    registers: Vec<(u32, u32)>,
    labels: Vec<(u32, u32)>,
}

fn lookup(table: &[(u32, u32)], stamp: u32, sym: Sym) -> Option<u32> {
    table.get(sym.index()).filter(|entry| entry.0 == stamp).map(|entry| entry.1)
}

fn enter(table: &mut Vec<(u32, u32)>, stamp: u32, sym: Sym, value: u32) {
    if table.len() <= sym.index() {
        table.resize(sym.index() + sym.index() / 2 + 64, (0, 0));
    }
    table[sym.index()] = (stamp, value);
}

/// A register.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Register {
    pub(crate) name: Sym,
    pub(crate) ty: TypeId,
    pub(crate) place: Place,
    expansion: ExpansionId,
    /// Whether it is read somewhere, or nobody expects it to be.
    pub(crate) read: bool,
}

#[derive(Debug, Clone, Copy)]
struct LabelInfo {
    name: Sym,
    /// Position, or [`OPEN`].
    pc: u32,
    place: Place,
    expansion: ExpansionId,
    used: bool,
    /// Whether control may come here by it; a label that only ends a handler range brings none.
    entered: bool,
}

const OPEN: u32 = u32::MAX;

/// The file of the function has no place in the list of sources yet.
const NO_FILE: u16 = u16::MAX;

/// A `try` without its `endtry` yet.
#[derive(Debug, Clone, Copy)]
struct OpenTry {
    start: u32,
    label: u32,
    class: TypeId,
    register: u16,
    place: Place,
}

/// A handler range whose ends are labels or positions.
#[derive(Debug, Clone, Copy)]
struct RawHandler {
    start: End,
    end: End,
    label: u32,
    class: TypeId,
    register: u16,
}

#[derive(Debug, Clone, Copy)]
enum End {
    At(u32),
    Label(u32),
}

/// Hidden registers of one type: those that exist, and how many the statement with this stamp uses.
#[derive(Debug, Default)]
struct Hidden {
    registers: Vec<u16>,
    used: usize,
    stamp: u32,
}

/// Buffers that functions hand on to each other.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    code: Code,
    registers: Vec<Register>,
    labels: Vec<LabelInfo>,
    operands: Vec<Operand>,
}

/// A function while it is assembled.
pub(crate) struct Body<'a, 'l> {
    pub(crate) a: &'a mut Asm<'l>,
    pub(crate) signature: Rc<Signature>,
    pub(crate) code: Code,
    pub(crate) registers: Vec<Register>,
    labels: Vec<LabelInfo>,
    pub(crate) operands: Vec<Operand>,
    /// Type of the field that the statement names.
    pub(crate) field_type: TypeId,
    hidden: BTreeMap<TypeId, Hidden>,
    statement: u32,
    tries: Vec<OpenTry>,
    handlers: Vec<RawHandler>,
    vars: Vec<VarEntry>,
    /// Variables of the source language that are valid here: index in `vars`.
    open_vars: BTreeMap<Sym, usize>,
    /// Whether control can come here.
    reachable: bool,
    has_enter: bool,
    too_many_registers: bool,
    source: Source,
    file: u16,
    line: u32,
    line_start: u32,
    /// Column of the statement, or of the macro use that wrote it.
    column: u32,
    /// Position of the last `.loc`.
    loc: Option<(u32, u32)>,
    /// Expansion that wrote the whole function, if one did; lines are counted outside of deeper ones only.
    base_expansion: ExpansionId,
    name_place: Place,
}

impl<'a, 'l> Body<'a, 'l> {
    fn new(a: &'a mut Asm<'l>, decl: &FuncDecl, signature: Rc<Signature>, buffers: Buffers) -> Body<'a, 'l> {
        a.scopes.stamp += 1;
        let Buffers { code, registers, labels, operands } = buffers;
        Body {
            base_expansion: a.report.expansion,
            a,
            signature,
            code,
            registers,
            labels,
            operands,
            field_type: POISON,
            hidden: BTreeMap::new(),
            statement: 0,
            tries: Vec::new(),
            handlers: Vec::new(),
            vars: Vec::new(),
            open_vars: BTreeMap::new(),
            reachable: true,
            has_enter: false,
            too_many_registers: false,
            source: decl.item.source,
            file: NO_FILE,
            line: 0,
            column: 1,
            line_start: 0,
            loc: None,
            name_place: decl.place,
        }
    }

    // Registers.

    #[inline]
    pub(crate) fn register(&self, sym: Sym) -> Option<u16> {
        lookup(&self.a.scopes.registers, self.a.scopes.stamp, sym).map(|index| index as u16)
    }

    #[inline]
    pub(crate) fn register_type(&self, register: u16) -> TypeId {
        self.registers[usize::from(register)].ty
    }

    /// A new register; [`Sym::NONE`] for one that the text does not name.
    pub(crate) fn add_register(&mut self, name: Sym, ty: TypeId, place: Place) -> u16 {
        if self.registers.len() >= limits::REGISTERS_MAX {
            if !self.too_many_registers {
                self.too_many_registers = true;
                self.a.limit(place, format!("a function has at most {} registers", limits::REGISTERS_MAX));
            }
            return (limits::REGISTERS_MAX - 1) as u16;
        }
        let index = self.registers.len() as u16;
        if name != Sym::NONE {
            enter(&mut self.a.scopes.registers, self.a.scopes.stamp, name, u32::from(index));
        }
        let expansion = self.a.report.expansion;
        self.registers.push(Register { name, ty, place, expansion, read: name == Sym::NONE });
        index
    }

    /// A register with a name that nothing else may have.
    pub(crate) fn declare_register(&mut self, name: Sym, ty: TypeId, place: Place) -> Parse<u16> {
        self.a.check_name(name, place)?;
        if let Some(known) = self.register(name) {
            let first = self.registers[usize::from(known)].place;
            let message = format!("register `{}` is declared twice", self.a.text(name));
            let error = Diagnostic::error(E0208, message).at(self.a.span(place), "again here");
            let error = error.with(self.a.span(first), "first here");
            self.a.report.emit(error);
            return Err(Reported);
        }
        self.check_not_constant(name, place)?;
        Ok(self.add_register(name, ty, place))
    }

    pub(crate) fn check_not_constant(&mut self, name: Sym, place: Place) -> Parse<()> {
        if let Global::Const(index) = self.a.global(name) {
            self.a.consts[index as usize].used = true;
            let message = format!("`{}` is a constant and cannot be a register", self.a.text(name));
            let declared = self.a.consts[index as usize].place;
            let error = Diagnostic::error(E0209, message).at(self.a.span(place), "");
            let error = error.with(self.a.span(declared), "the constant");
            self.a.report.emit(error);
            return Err(Reported);
        }
        Ok(())
    }

    /// A hidden register of this type that the statement does not use yet.
    pub(crate) fn hidden_register(&mut self, ty: TypeId, place: Place) -> u16 {
        let statement = self.statement;
        let hidden = self.hidden.entry(ty).or_default();
        if hidden.stamp != statement {
            hidden.stamp = statement;
            hidden.used = 0;
        }
        hidden.used += 1;
        if let Some(&free) = hidden.registers.get(hidden.used - 1) {
            return free;
        }
        let register = self.add_register(Sym::NONE, ty, place);
        if let Some(hidden) = self.hidden.get_mut(&ty) {
            hidden.registers.push(register);
        }
        register
    }

    // Labels.

    /// The label that a branch names, known or still to come.
    pub(crate) fn label_used(&mut self, token_sym: Sym, place: Place) -> u32 {
        let index = match lookup(&self.a.scopes.labels, self.a.scopes.stamp, token_sym) {
            Some(index) => index,
            None => self.add_label(token_sym, OPEN, place),
        };
        let label = &mut self.labels[index as usize];
        (label.used, label.entered) = (true, true);
        index
    }

    /// The label that ends a handler range.
    fn range_end(&mut self, c: &mut Cursor<'_>) -> Parse<u32> {
        let known = lookup(&self.a.scopes.labels, self.a.scopes.stamp, c.peek().sym());
        let entered = known.is_some_and(|index| self.labels[index as usize].entered);
        let label = self.operand_label(c)?;
        self.labels[label as usize].entered = entered;
        Ok(label)
    }

    fn add_label(&mut self, name: Sym, pc: u32, place: Place) -> u32 {
        let index = self.labels.len() as u32;
        let expansion = self.a.report.expansion;
        self.labels.push(LabelInfo { name, pc, place, expansion, used: false, entered: true });
        enter(&mut self.a.scopes.labels, self.a.scopes.stamp, name, index);
        index
    }

    fn define_label(&mut self, token: Token) {
        let (name, place, pc) = (token.sym(), token.place(), self.code.pc());
        let known = lookup(&self.a.scopes.labels, self.a.scopes.stamp, name);
        self.reachable |= known.is_none_or(|index| self.labels[index as usize].entered);
        match lookup(&self.a.scopes.labels, self.a.scopes.stamp, name) {
            Some(index) if self.labels[index as usize].pc == OPEN => {
                let label = &mut self.labels[index as usize];
                (label.pc, label.place) = (pc, place);
            }
            Some(index) => {
                let first = self.labels[index as usize].place;
                let message = format!("label `{}` stands here twice", self.a.text(name));
                let error = Diagnostic::error(E0207, message).at(self.a.span(place), "again here");
                let error = error.with(self.a.span(first), "first here");
                self.a.report.emit(error);
            }
            None => {
                self.add_label(name, pc, place);
            }
        }
    }

    /// `1:` closes `1f` and becomes `1b`.
    fn define_numeric_label(&mut self, token: Token) {
        let number = self.a.lex.int(token);
        let forward = self.a.lex.names.intern(format!("{number}f").as_bytes());
        let backward = self.a.lex.names.intern(format!("{number}b").as_bytes());
        self.reachable = true;
        let (stamp, pc) = (self.a.scopes.stamp, self.code.pc());
        match lookup(&self.a.scopes.labels, stamp, forward) {
            Some(index) if self.labels[index as usize].pc == OPEN => {
                let label = &mut self.labels[index as usize];
                (label.pc, label.place, label.name) = (pc, token.place(), backward);
                enter(&mut self.a.scopes.labels, stamp, backward, index);
                enter(&mut self.a.scopes.labels, 0, forward, 0);
            }
            _ => {
                let index = self.add_label(backward, pc, token.place());
                enter(&mut self.a.scopes.labels, stamp, backward, index);
            }
        }
    }

    // Statements.

    /// All statements up to the brace that ends the function.
    fn run(&mut self, c: &mut Cursor<'_>) {
        self.declare_locals(c);
        self.block(c, 0);
    }

    /// `.local` lines come first in the order of registers, wherever they stand.
    fn declare_locals(&mut self, c: &Cursor<'_>) {
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

    /// Statements up to a right brace or the end of the list.
    pub(crate) fn block(&mut self, c: &mut Cursor<'_>, depth: u32) {
        loop {
            let token = c.peek();
            match token.kind {
                Kind::Newline => {
                    if self.a.report.expansion == self.base_expansion {
                        self.line = token.value;
                        self.line_start = token.place().pos + token.place().len;
                    }
                    c.bump();
                    continue;
                }
                Kind::RightBrace | Kind::Eof => return,
                _ => {}
            }
            if self.a.report.is_full() {
                return;
            }
            let before = c.index();
            if self.statement(c, token, depth).is_err() {
                self.take_as_written(token);
                c.skip_statement();
            }
            if c.index() == before {
                c.bump();
            }
        }
    }

    /// An error in an instruction that ends control is no reason to say that the function does not end.
    #[cold]
    fn take_as_written(&mut self, token: Token) {
        if token.kind == Kind::Ident
            && let Some(verb) = self.a.verb(token.sym())
            && VERBS.get(verb).rows.first().is_some_and(|op| op.info().has(Effect::Ends))
        {
            self.reachable = false;
        }
    }

    #[inline]
    fn statement(&mut self, c: &mut Cursor<'_>, token: Token, depth: u32) -> Parse<()> {
        match token.kind {
            Kind::Ident | Kind::Quoted => {
                let next = c.ahead(1);
                if next.kind == Kind::Colon {
                    self.define_label(token);
                    c.bump();
                    c.bump();
                    return Ok(());
                }
                let verb = if token.kind == Kind::Ident { self.a.verb(token.sym()) } else { None };
                if let Some(verb) = verb {
                    c.bump();
                    self.instruction(c, verb, token)?;
                    return self.a.expect_end(c);
                }
                if self.a.macro_named(token.sym()).is_some() {
                    if self.a.report.expansion == self.base_expansion {
                        self.column = token.pos.saturating_sub(self.line_start) + 1;
                    }
                    c.bump();
                    return macros::use_macro(self, c, token, At { stream: 0, depth });
                }
                Err(self.unknown_verb(c, token))
            }
            Kind::Int if c.ahead(1).kind == Kind::Colon => {
                self.define_numeric_label(token);
                c.bump();
                c.bump();
                Ok(())
            }
            Kind::Dot if c.ahead(1).kind == Kind::Ident => {
                self.directive(c, depth)?;
                self.a.expect_end(c)
            }
            Kind::Percent if c.ahead(1).kind == Kind::Ident => {
                macros::directive(self, c, At { stream: 0, depth })
            }
            _ => Err(self.a.expected(token, "an instruction")),
        }
    }

    #[cold]
    fn unknown_verb(&mut self, c: &mut Cursor<'_>, token: Token) -> Reported {
        if starts_declaration(c) {
            return self.a.misplaced_declaration(token);
        }
        let name = self.a.text(token.sym()).to_owned();
        let macros = self.a.macros.iter().map(|m| self.a.text(m.name));
        let near = self.a.suggest(&name, VERBS.names().chain(macros));
        // The destination is taken as known, so that its uses are no further errors.
        let operand = c.ahead(1);
        self.a.unknown(E0202, token.place(), "there is no instruction or macro", &name, near);
        if operand.is_name() && self.register(operand.sym()).is_none() {
            let index = self.add_register(operand.sym(), POISON, operand.place());
            self.registers[usize::from(index)].read = true;
        }
        Reported
    }

    /// Marks where the code of a statement begins.
    #[inline]
    pub(crate) fn mark(&mut self, token: Token) {
        match self.source {
            Source::Assembly => {
                if self.a.report.expansion == self.base_expansion {
                    self.column = token.pos.saturating_sub(self.line_start) + 1;
                }
                if self.file == NO_FILE {
                    self.file = self.own_file();
                }
                self.code.mark(self.file, self.line, self.column);
            }
            Source::Other(file) => {
                if let Some((line, column)) = self.loc {
                    self.code.mark(file, line, column);
                }
            }
            Source::Nothing => {}
        }
    }

    /// The entry of the file that holds this function.
    #[cold]
    fn own_file(&mut self) -> u16 {
        let place = self.a.report.outermost_use().unwrap_or(self.name_place);
        let span = self.a.span(place);
        if let Some(&(_, known)) = self.a.source_of.iter().find(|(file, _)| *file == span.file) {
            return known;
        }
        let name = self.a.map.name(span.file).to_owned();
        let sym = self.a.lex.names.intern(name.as_bytes());
        let index = self.a.source_index(sym, place).unwrap_or(0);
        self.a.source_of.push((span.file, index));
        index
    }

    fn instruction(&mut self, c: &mut Cursor<'_>, id: VerbId, token: Token) -> Parse<()> {
        self.statement += 1;
        self.mark(token);
        let verb = VERBS.get(id);
        match verb.form {
            Form::Plain | Form::Element => self.plain(c, verb, token.place()),
            Form::Call(callee) => self.call(c, verb, callee, token.place()),
            Form::Bind => self.bind(c, token.place()),
            Form::Fref => self.fref(c, token.place()),
            Form::New => self.new_object(c, verb, token.place()),
            Form::Ret => self.ret(c, verb, token.place()),
            Form::Switch => self.switch(c, verb, token.place()),
            Form::Sys => self.sys(c, token.place()),
            Form::Try => self.try_line(c, token.place()),
            Form::EndTry => self.end_try(token.place()),
        }
    }

    /// Bookkeeping for an instruction that has been written at `pc`.
    #[inline]
    pub(crate) fn wrote(&mut self, op: Opcode, pc: u32, place: Place) {
        if op == Opcode::Enter {
            if pc != 0 {
                self.a.error(E0406, place, "`enter` is the first instruction of a function or absent");
            }
            self.has_enter = true;
        }
        self.reachable = !op.info().has(Effect::Ends);
    }

    // Directives.

    fn directive(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<()> {
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
            kw::FILE => {
                self.source = self.a.source_line(c)?;
                self.loc = None;
                Ok(())
            }
            _ => {
                let known = [".local", ".loc", ".file", ".var", ".endvar", ".handler"];
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

    fn try_line(&mut self, c: &mut Cursor<'_>, place: Place) -> Parse<()> {
        let label = self.operand_label(c)?;
        self.a.expect(c, Kind::Comma, "`,`")?;
        let found = self.exception_register(c);
        let (register, class) = found.unwrap_or((0, TypeId::ERROR));
        self.tries.push(OpenTry { start: self.code.pc(), label, class, register, place });
        found.map(|_| ())
    }

    fn end_try(&mut self, place: Place) -> Parse<()> {
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
        if self.handlers.len() >= limits::HANDLERS_MAX {
            let message = format!("a function has at most {} handler ranges", limits::HANDLERS_MAX);
            return Err(self.a.error(E0801, place, message));
        }
        self.handlers.push(handler);
        Ok(())
    }

    // The end.

    fn finish(mut self, decl: &FuncDecl, end: Place) -> (Option<Function>, Buffers) {
        let before = self.a.report.error_count();
        if let Some(open) = self.tries.first().copied() {
            self.a.error(E0403, open.place, "`try` without `endtry`");
        }
        let name = self.a.text(decl.name).to_owned();
        if self.reachable && before == self.a.report.error_count() {
            let message = format!("control falls off the end of `{name}`");
            let error = Diagnostic::error(E0401, message).at(self.a.span(end), "");
            let error = error.help("end it with `ret`, `jmp`, `throw`, `tailcall` or `unreachable`");
            self.a.report.emit(error.with(self.a.span(decl.place), "the function"));
        }
        self.check_labels();
        self.warn_unused();
        let mut function = None;
        if !self.a.report.has_errors() {
            function = self.build(decl);
        }
        let Body { mut code, mut registers, mut labels, operands, .. } = self;
        code.clear();
        registers.clear();
        labels.clear();
        (function, Buffers { code, registers, labels, operands })
    }

    fn check_labels(&mut self) {
        for index in 0..self.labels.len() {
            let label = self.labels[index];
            if label.pc != OPEN {
                continue;
            }
            if self.a.report.is_full() {
                return;
            }
            let name = self.a.text(label.name).to_owned();
            let names = self.labels.iter().filter(|l| l.pc != OPEN).map(|l| self.a.text(l.name));
            let near = self.a.suggest(&name, names).map(|near| format!("there is `{near}`"));
            let mut error = Diagnostic::error(E0205, format!("there is no label `{name}` in this function"))
                .at(self.a.span(label.place), "");
            error.help = near;
            self.a.report.emit_in(label.expansion, error);
        }
    }

    fn warn_unused(&mut self) {
        let generated = self.source != Source::Assembly;
        let off = generated || self.a.warnings_off || self.a.report.has_all_warnings();
        if off || self.a.report.has_errors() {
            return;
        }
        let main = self.a.main_file;
        for index in 0..self.labels.len() {
            let LabelInfo { name, place, expansion, used, .. } = self.labels[index];
            let span = self.a.span(place);
            if !used && span.file == main && expansion == ExpansionId::default() {
                let text = self.a.text(name);
                if !text.starts_with('_') {
                    let text = text.to_owned();
                    let message = format!("nothing goes to label `{text}`");
                    self.a.report.emit(Diagnostic::warning(W0001, message).at(span, ""));
                }
            }
        }
        for index in 0..self.registers.len() {
            let Register { name, place, expansion, read, .. } = self.registers[index];
            let span = self.a.span(place);
            if !read && span.file == main && expansion == ExpansionId::default() {
                let text = self.a.text(name);
                if !text.starts_with('_') {
                    let message = format!("register `{text}` is never read");
                    let warning = Diagnostic::warning(W0002, message).at(span, "");
                    let help =
                        "a result that nobody wants can be left out of calls; or begin the name with `_`";
                    self.a.report.emit(warning.help(help));
                }
            }
        }
    }

    fn build(&mut self, decl: &FuncDecl) -> Option<Function> {
        let mut labels: Vec<u32> = self.labels.iter().map(|label| label.pc).collect();
        let (moves, wrong) = relax::resolve(&mut self.code, &mut labels);
        for site in wrong {
            let error = Diagnostic::error(E0404, "the backward form of a branch goes to a label ahead");
            let error = error.at(self.a.span(site.place), "").help("write the verb without `_back`");
            self.a.report.emit_in(site.expansion, error);
        }
        let mut debug_names: Vec<Name> =
            self.registers.iter().enumerate().map(|(index, r)| self.debug_name(index, r.name)).collect();
        if debug_names.iter().all(|name| name.is_empty()) {
            debug_names.clear();
        }
        let mut function = Function {
            name: self.a.name(decl.name),
            params: self.signature.params.len() as u16,
            results: self.signature.results.clone(),
            registers: self.registers.iter().map(|r| r.ty).collect(),
            code: self.code.words.clone(),
            handlers: Vec::new(),
            debug: FuncDebug {
                register_names: debug_names,
                lines: std::mem::take(&mut self.code.lines),
                vars: std::mem::take(&mut self.vars),
            },
        };
        let shift = u32::from(!self.has_enter && finish::needs_enter(&function));
        if shift == 1 {
            function.code.insert(0, 0);
            function.code.splice(0..1, enter_word());
        }
        let moved = |pc: u32| moves.map(pc) + shift;
        for line in &mut function.debug.lines {
            line.pc = if line.pc == 0 { 0 } else { moved(line.pc) };
        }
        let end = function.code.len() as u32;
        for var in &mut function.debug.vars {
            var.start = moved(var.start);
            var.end = if var.end == OPEN { end } else { moved(var.end) };
        }
        function.debug.vars.retain(|var| var.start < var.end);
        let at = |point: End| match point {
            End::At(pc) => moved(pc),
            End::Label(label) => labels[label as usize] + shift,
        };
        function.handlers = self
            .handlers
            .iter()
            .map(|h| Handler {
                start: at(h.start),
                end: at(h.end),
                target: labels[h.label as usize] + shift,
                class: h.class,
                register: h.register,
            })
            .collect();
        if function.code.len() > limits::FUNCTION_WORDS_MAX {
            let message = format!("a function has at most {} words of code", limits::FUNCTION_WORDS_MAX);
            self.a.limit(self.name_place, message);
            return None;
        }
        finish::finish_function(&mut function);
        Some(function)
    }

    /// The name of a register in a debugger. `_7` as the name of register 7 stands for none: so the disassembler
    /// writes registers that the assembler made up.
    fn debug_name(&self, index: usize, name: Sym) -> Name {
        let text = self.a.text(name);
        let own_number = text.strip_prefix('_').and_then(|digits| digits.parse().ok());
        if own_number == Some(index) { Name::default() } else { text.into() }
    }
}

fn enter_word() -> Vec<u64> {
    let mut words = Vec::with_capacity(1);
    mvm_isa::encode::fixed(&mut words, Opcode::Enter, &[1, 0]);
    words
}

fn is_local(c: &Cursor<'_>) -> bool {
    let next = c.ahead(1);
    c.kind() == Kind::Dot && next.kind == Kind::Ident && next.sym() == kw::LOCAL && next.glued()
}

impl Asm<'_> {
    /// Assembles the bodies of all functions, in order.
    pub(crate) fn assemble_bodies(&mut self) {
        let functions = std::mem::take(&mut self.functions);
        let imports = self.module.imports.len();
        let mut buffers = Buffers::default();
        for (index, decl) in functions.iter().enumerate() {
            if self.report.is_full() {
                break;
            }
            let tokens = Rc::clone(&self.streams[decl.item.stream as usize]);
            let signature = Rc::clone(&self.signatures[imports + index]);
            self.report.expansion = decl.item.expansion;
            let mut c = Cursor::new(&tokens, decl.body as usize);
            c.bump();
            let mut body = Body::new(self, decl, Rc::clone(&signature), buffers);
            body.begin(decl);
            for (&(name, place), &ty) in decl.params.iter().zip(&signature.params) {
                if let Ok(register) = body.declare_register(name, ty, place) {
                    body.registers[usize::from(register)].read = true;
                } else {
                    body.add_register(Sym::NONE, ty, place);
                }
            }
            body.run(&mut c);
            let (function, rest) = body.finish(decl, c.peek().place());
            buffers = rest;
            self.module.functions.extend(function);
        }
        self.report.expansion = ExpansionId::default();
        self.functions = functions;
    }

    /// The verb with this name, in either case.
    #[inline]
    pub(crate) fn verb(&mut self, sym: Sym) -> Option<VerbId> {
        match self.verb_of.get(sym.index()) {
            Some(&verb) => verb,
            None => self.verb_in_capitals(sym),
        }
    }

    #[cold]
    fn verb_in_capitals(&mut self, sym: Sym) -> Option<VerbId> {
        if !self.lex.names.bytes(sym).iter().any(u8::is_ascii_uppercase) {
            return None;
        }
        let lower = self.lex.names.bytes(sym).to_ascii_lowercase();
        let sym = self.lex.names.find(&lower)?;
        self.verb_of.get(sym.index()).copied().flatten()
    }

    /// A line or column number.
    fn parse_position(&mut self, c: &mut Cursor<'_>) -> Parse<u32> {
        let place = c.peek().place();
        match u32::try_from(self.parse_const_int(c)?) {
            Ok(value) => Ok(value),
            Err(_) => Err(self.error(E0407, place, "lines and columns are between 0 and 4294967295")),
        }
    }

    pub(crate) fn unknown_directive(&mut self, word: Token, known: &[&'static str]) -> Reported {
        let name = format!(".{}", self.text(word.sym()));
        let near = self.suggest(&name, known.iter().copied());
        self.unknown(crate::errors::E0214, word.place(), "there is no directive", &name, near)
    }
}

impl Body<'_, '_> {
    /// Sets the source position of the function itself.
    fn begin(&mut self, decl: &FuncDecl) {
        let place = self.a.report.outermost_use().unwrap_or(decl.place);
        let span = self.a.span(place);
        let at = self.a.map.position(span.file, span.start);
        self.line = at.line;
        self.line_start = place.pos + 1 - at.column;
    }
}
