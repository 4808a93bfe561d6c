//! Operands as they are written, before anybody knows which row they belong to.

use mvm_diag::Diagnostic;
use mvm_isa::TypeId;
use mvm_module::FuncId;

use crate::asm::{Asm, Global, POISON, Value};
use crate::body::Body;
use crate::consts::{literal_name, precedence};
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::{E0101, E0201, E0215, E0314};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::Place;
use crate::tokens::Token;

/// What an operand is, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Arg {
    /// A name that is not a register (yet).
    Name(Sym),
    Reg(u16),
    Int(i64),
    Float(f64),
    Str(Sym),
    Null,
    /// Index of a `data` line.
    Data(u32),
    Func(FuncId),
    Type(TypeId),
    /// The name of a field, then its offset.
    Field(Sym),
    FieldAt(u16),
    Label(Sym),
}

/// An operand and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand {
    pub(crate) arg: Arg,
    pub(crate) place: Place,
}

impl Operand {
    pub(crate) const fn new(arg: Arg, place: Place) -> Operand {
        Operand { arg, place }
    }
}

/// Operands of one statement.
const OPERANDS_MAX: usize = 70_000;

impl From<Value> for Arg {
    fn from(value: Value) -> Arg {
        match value {
            Value::Int(value) => Arg::Int(value),
            Value::Float(value) => Arg::Float(value),
            Value::Str(sym) => Arg::Str(sym),
        }
    }
}

/// Whether an operand ends before this token.
#[inline]
const fn ends_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Comma
            | Kind::Newline
            | Kind::RightBrace
            | Kind::RightParen
            | Kind::RightBracket
            | Kind::Eof
            | Kind::LeftBracket
            | Kind::LeftParen
            | Kind::Colon
    )
}

impl Body<'_, '_> {
    /// One operand: a name, a literal or a constant expression.
    #[inline]
    pub(crate) fn operand(&mut self, c: &mut Cursor<'_>) -> Parse<Operand> {
        let token = c.peek();
        let next = c.ahead(1).kind;
        if ends_operand(next) {
            let arg = match token.kind {
                Kind::Ident | Kind::Quoted => Arg::Name(token.sym()),
                Kind::Int => Arg::Int(self.a.lex.int(token)),
                Kind::Str => Arg::Str(token.sym()),
                Kind::Float => Arg::Float(self.a.lex.float(token)),
                Kind::Char => Arg::Int(i64::from(token.value)),
                Kind::LabelRef => Arg::Label(token.sym()),
                _ => return self.long_operand(c, token),
            };
            c.bump();
            return Ok(Operand::new(arg, token.place()));
        }
        self.long_operand(c, token)
    }

    fn long_operand(&mut self, c: &mut Cursor<'_>, token: Token) -> Parse<Operand> {
        let next = c.ahead(1);
        if token.is_name() && next.kind == Kind::Dot {
            let mut path = c.clone();
            let (sym, place) = self.a.expect_path(&mut path, "a name")?;
            if precedence(path.kind()) == 0 {
                *c = path;
                return Ok(Operand::new(Arg::Name(sym), place));
            }
        } else if token.is_name() && self.register(token.sym()).is_some() && precedence(next.kind) > 0 {
            let message = "an operand is a register or a constant expression, not an expression of registers";
            let help = "compute it with an instruction first, for example `add t, x, 1`";
            return Err(self.a.error_help(E0101, token.place().to(next.place()), message, help));
        } else if token.is_name() && precedence(next.kind) == 0 && next.kind != Kind::Question {
            // What stands behind it is the mistake.
            c.bump();
            return Err(self.a.expected(next, "`,` or the end of the line"));
        }
        if matches!(token.kind, Kind::Newline | Kind::Eof | Kind::RightBrace | Kind::Comma) {
            return Err(self.a.expected(token, "an operand"));
        }
        if matches!(token.kind, Kind::ByteStr) {
            let message = "this string is not UTF-8; only `bytes` data can hold such bytes";
            return Err(self.a.error(E0101, token.place(), message));
        }
        let value = self.a.parse_const(c)?;
        let place = token.place().to(c.previous().place());
        Ok(Operand::new(Arg::from(value), place))
    }

    /// All operands up to the end of the statement, none of them an element or a field.
    pub(crate) fn operand_list(&mut self, c: &mut Cursor<'_>, list: &mut Vec<Operand>) -> Parse<()> {
        if c.peek().ends_statement() {
            return Ok(());
        }
        loop {
            let operand = self.operand(c)?;
            self.push_operand(list, operand)?;
            if !c.eat(Kind::Comma) {
                if c.kind() == Kind::LeftBracket {
                    return Err(self.misplaced_element(operand.place, "an element", "get t, a[i]"));
                }
                return Ok(());
            }
        }
    }

    /// Reports an element or a field where only registers and constants can stand.
    #[cold]
    fn misplaced_element(&mut self, place: Place, what: &str, example: &str) -> Reported {
        let message = format!("{what} can stand only in `get`, `set`, loads and stores");
        self.a.error_help(E0101, place, message, format!("fetch it first, for example `{example}`"))
    }

    pub(crate) fn push_operand(&mut self, list: &mut Vec<Operand>, operand: Operand) -> Parse<()> {
        if list.len() >= OPERANDS_MAX {
            let message = format!("a statement has at most {OPERANDS_MAX} operands");
            return Err(self.a.limit(operand.place, message));
        }
        list.push(operand);
        Ok(())
    }

    /// What a name means where a value is read. Unknown names are reported.
    #[inline]
    pub(crate) fn read(&mut self, operand: &mut Operand) -> Parse<()> {
        let Arg::Name(sym) = operand.arg else { return Ok(()) };
        if let Some(register) = self.register(sym) {
            self.registers[usize::from(register)].read = true;
            operand.arg = Arg::Reg(register);
            return Ok(());
        }
        self.read_name(operand, sym)
    }

    /// The same where a literal is asked for, so that a register of the same name does not stand before it.
    pub(crate) fn read_global(&mut self, operand: &mut Operand) -> Parse<()> {
        match operand.arg {
            Arg::Name(sym) => self.read_name(operand, sym),
            _ => Ok(()),
        }
    }

    fn read_name(&mut self, operand: &mut Operand, sym: Sym) -> Parse<()> {
        if sym == kw::NULL {
            operand.arg = Arg::Null;
            return Ok(());
        }
        if let Some(value) = literal_name(sym) {
            operand.arg = value.into();
            return Ok(());
        }
        operand.arg = match self.a.global(sym) {
            Global::Const(index) => self.a.const_value(index, operand.place, 0)?.into(),
            Global::Data(index) => Arg::Data(index),
            Global::Func(func) => Arg::Func(func),
            Global::Type(_) | Global::None => return Err(self.unknown_register(sym, operand.place)),
        };
        Ok(())
    }

    /// Reports a read above every write. The register is taken as known from here on.
    #[cold]
    pub(crate) fn unknown_register(&mut self, sym: Sym, place: Place) -> Reported {
        let name = self.a.text(sym).to_owned();
        let object = name.split_once('.').and_then(|(object, _)| self.a.lex.names.find(object.as_bytes()));
        if object.is_some_and(|object| self.register(object).is_some()) {
            return self.misplaced_element(place, "a field", &format!("get t, {name}"));
        }
        let known = self.registers.iter().map(|r| self.a.text(r.name)).filter(|n| !n.is_empty());
        let constants = self.a.names_of(|g| matches!(g, Global::Const(_) | Global::Data(_)));
        let near = self.a.suggest(&name, known.chain(constants));
        let mut error = Diagnostic::error(E0201, format!("`{name}` is read, but nothing above writes it"))
            .at(self.a.span(place), "");
        error.help = Some(match near {
            Some(near) => format!("there is `{near}`"),
            None => format!("a register that is written further down is declared with `.local {name}: TYPE`"),
        });
        self.a.report.emit(error);
        self.poison(sym, place);
        Reported
    }

    /// Takes a name as a register of unknown type, to avoid further errors.
    pub(crate) fn poison(&mut self, sym: Sym, place: Place) {
        if self.register(sym).is_none() && !kw::is_literal(sym) {
            let register = self.add_register(sym, POISON, place);
            self.registers[usize::from(register)].read = true;
        }
    }

    /// What a name means where a value is written: a known register, or still a name.
    #[inline]
    pub(crate) fn write(&mut self, operand: &mut Operand) -> Parse<()> {
        match operand.arg {
            Arg::Name(sym) => match self.register(sym) {
                Some(register) => operand.arg = Arg::Reg(register),
                None => {
                    self.a.check_name(sym, operand.place)?;
                    self.check_not_constant(sym, operand.place)?;
                }
            },
            _ => {
                let message = "the destination comes first and is a register";
                return Err(self.a.error(E0215, operand.place, message));
            }
        }
        Ok(())
    }

    /// A register that exists.
    pub(crate) fn operand_register(&mut self, c: &mut Cursor<'_>) -> Parse<u16> {
        let token = c.peek();
        if !token.is_name() {
            return Err(self.a.expected(token, "a register"));
        }
        c.bump();
        match self.register(token.sym()) {
            Some(register) => Ok(register),
            None => Err(self.unknown_register(token.sym(), token.place())),
        }
    }

    /// A label.
    pub(crate) fn operand_label(&mut self, c: &mut Cursor<'_>) -> Parse<u32> {
        let token = c.peek();
        if !token.is_name() && token.kind != Kind::LabelRef {
            return Err(self.a.expected(token, "a label"));
        }
        c.bump();
        Ok(self.label_used(token.sym(), token.place()))
    }

    /// `e: Class` of a handler: the register, which may be new, and the class of exceptions.
    pub(crate) fn exception_register(&mut self, c: &mut Cursor<'_>) -> Parse<(u16, TypeId)> {
        let token = c.peek();
        if !token.is_name() {
            return Err(self.a.expected(token, "a register for the exception"));
        }
        c.bump();
        let known = self.register(token.sym());
        let mut class = known.map_or(TypeId::ERROR, |register| self.register_type(register));
        if c.eat(Kind::Colon) {
            let place = c.peek().place();
            class = match self.a.parse_type(c) {
                Ok(class) => class,
                Err(Reported) => {
                    self.poison(token.sym(), token.place());
                    return Err(Reported);
                }
            };
            if !self.a.assignable(class, TypeId::ERROR) {
                self.poison(token.sym(), token.place());
                let message = format!("`{}` cannot be caught", self.a.type_name(class));
                let help = "exceptions are objects of class `Error` or below";
                return Err(self.a.error_help(E0314, place, message, help));
            }
        }
        let register = match known {
            Some(register) => {
                self.check_fits(class, self.register_type(register), token.place())?;
                register
            }
            None => {
                let register = self.declare_register(token.sym(), class, token.place())?;
                self.registers[usize::from(register)].read = true;
                register
            }
        };
        Ok((register, class))
    }
}

impl Asm<'_> {
    /// The type of a literal or a `data` line; none for `null` and what is no value.
    pub(crate) fn literal_type(&self, arg: Arg) -> Option<TypeId> {
        Some(match arg {
            Arg::Int(_) => TypeId::I64,
            Arg::Float(_) => TypeId::F64,
            Arg::Str(_) => TypeId::STR,
            Arg::Data(index) => self.data[index as usize].ty,
            _ => return None,
        })
    }
}
