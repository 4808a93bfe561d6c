//! Bodies of functions: registers, labels, statements, directives.
//!
//! One pass in text order. A register gets its type at its first write, so every read behind it is known; branches stay
//! open until the end of the function.

mod directives;
mod end;

use std::collections::BTreeMap;
use std::rc::Rc;

use mvm_diag::Diagnostic;
use mvm_isa::{Effect, Opcode, TypeId};
use mvm_module::{InlineEntry, InlinedCall, Signature, VarEntry, limits};

use crate::asm::{Asm, FuncDecl, Global, POISON};
use crate::collect::{Source, starts_declaration};
use crate::cursor::{Cursor, Parse, Reported};
use crate::emit::Code;
use crate::errors::{E0202, E0207, E0208, E0209, E0406, E0407};
use crate::intern::Sym;
use crate::lexer::Kind;
use crate::macros::{self, At};
use crate::operands::Operand;
use crate::report::{ExpansionId, Place};
use crate::tokens::{NO_BRACE, Token, short};
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

/// How many tokens before a function's name the line end in front of it is searched.
const LOOK_BACK: usize = 8;

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
    /// Inlined calls, and which code belongs to them.
    calls: Vec<InlinedCall>,
    inlined: Vec<InlineEntry>,
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
    /// Expansion that wrote the whole function, if one did.
    base_expansion: ExpansionId,
    name_place: Place,
    /// Errors before this function.
    errors_before: usize,
    /// Whether the next declaration began before this function ended.
    is_cut_off: bool,
    /// Whether its left brace has no right one.
    is_unclosed: bool,
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
            calls: Vec::new(),
            inlined: Vec::new(),
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
            errors_before: 0,
            is_cut_off: false,
            is_unclosed: false,
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
        match known {
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

    /// Statements up to a right brace or the end of the list.
    pub(crate) fn block(&mut self, c: &mut Cursor<'_>, depth: u32) {
        loop {
            let token = c.peek();
            match token.kind {
                Kind::Newline => {
                    if self.a.report.expansion == ExpansionId::default() {
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
                if self.is_cut_off {
                    return;
                }
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
                    if self.a.report.expansion == ExpansionId::default() {
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
            self.is_cut_off = true;
            if self.is_unclosed {
                // The brace has been reported.
                return Reported;
            }
            return self.a.misplaced_declaration(token);
        }
        let name = self.a.text(token.sym()).to_owned();
        let macros = self.a.macros.iter().map(|m| self.a.text(m.name));
        let near = self.a.suggest(&name, VERBS.names().chain(macros));
        // The destination is taken as known, so that its uses are no further errors.
        let operand = c.ahead(1);
        let advice = self.a.instruction_advice(token.sym(), operand.kind == Kind::Equals);
        let help = advice.or_else(|| near.map(|near| format!("there is `{near}`")));
        let mut error =
            Diagnostic::error(E0202, format!("there is no instruction or macro `{}`", short(&name)));
        error = error.at(self.a.span(token.place()), "");
        error.help = help;
        self.a.report.emit(error);
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
                if self.a.report.expansion == ExpansionId::default() {
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
            Form::Spawn => self.spawn(c, token.place()),
            Form::New => self.new_object(c, verb, token.place()),
            Form::Ret => self.ret(c, verb, token.place()),
            Form::Switch => self.switch(c, verb, token.place()),
            Form::Sys => self.sys(c, token.place()),
            Form::Try => self.try_line(c, token.place()),
            Form::EndTry => self.end_try(token.place()),
            Form::Builtin => self.builtin(c, verb, token.place()),
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
            let open = c.bump();
            let mut body = Body::new(self, decl, Rc::clone(&signature), buffers);
            body.is_unclosed = open.kind == Kind::LeftBrace && open.value == NO_BRACE;
            body.begin(decl, &tokens);
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
    fn begin(&mut self, decl: &FuncDecl, tokens: &[Token]) {
        self.errors_before = self.a.report.error_count();
        if decl.item.expansion == ExpansionId::default() {
            // The line end in front of the declaration knows the line.
            let before = &tokens[..(decl.item.at as usize).min(tokens.len())];
            if let Some(end) = before.iter().rev().take(LOOK_BACK).find(|t| t.kind == Kind::Newline) {
                self.line = end.value;
                self.line_start = end.place().pos + end.place().len;
                return;
            }
            if before.len() < LOOK_BACK {
                self.line = 1;
                self.line_start = decl.place.pos - self.a.span(decl.place).start;
                return;
            }
        }
        let place = self.a.report.outermost_use().unwrap_or(decl.place);
        let span = self.a.span(place);
        let at = self.a.map.position(span.file, span.start);
        self.line = at.line;
        self.line_start = place.pos + 1 - at.column;
    }
}
