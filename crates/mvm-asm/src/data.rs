//! `data NAME: TYPE = ...`: literals of the module by name.

use std::rc::Rc;

use mvm_isa::{Elem, TypeId};
use mvm_module::{Literal, LiteralId, TypeDef, limits};

use crate::asm::{Asm, Data, Global, Value};
use crate::collect::{Item, ItemKind};
use crate::cursor::{Cursor, Parse};
use crate::errors::{E0705, E0706, E0801};
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::{ExpansionId, Place};

/// A `data` line whose name and type are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataLine {
    item: Item,
    index: u32,
}

impl Asm<'_> {
    /// Names and types of all data; each gets its literal.
    pub(crate) fn declare_data(&mut self, items: &[Item]) -> Vec<DataLine> {
        let mut lines = Vec::new();
        self.for_items(
            items,
            |kind| kind == ItemKind::Data,
            |asm, c, item| {
                let (name, place) = asm.expect_path(c, "the name of the data")?;
                asm.check_name(name, place)?;
                asm.expect(c, Kind::Colon, "`:` and a type")?;
                let ty = asm.parse_type(c)?;
                asm.expect(c, Kind::Equals, "`=`")?;
                let index = asm.data.len() as u32;
                asm.declare(name, place, Global::Data(index))?;
                // Filled in when all names are known, because data may refer to data further down.
                let literal = asm.add_literal(Literal::Str("".into()));
                asm.data.push(Data { ty, literal });
                lines.push(DataLine { item: Item { at: c.index() as u32, ..*item }, index });
                Ok(())
            },
        );
        lines
    }

    /// Values of all data.
    pub(crate) fn define_data(&mut self, lines: &[DataLine]) {
        for line in lines {
            if self.report.is_full() {
                break;
            }
            let tokens = Rc::clone(&self.streams[line.item.stream as usize]);
            self.report.expansion = line.item.expansion;
            let mut c = Cursor::new(&tokens, line.item.at as usize);
            let Data { ty, literal, .. } = self.data[line.index as usize];
            if let Ok(value) = self.data_value(&mut c, ty) {
                self.module.literals[literal.0 as usize] = value;
            }
        }
        self.report.expansion = ExpansionId::default();
    }

    fn data_value(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Literal> {
        let place = c.peek().place();
        let value = if c.kind() == Kind::Ident && c.peek().sym() == kw::FILE && c.ahead(1).kind == Kind::Str {
            self.data_file(c, ty)?
        } else if ty == TypeId::STR {
            self.data_str(c)?
        } else if ty == TypeId::BYTES {
            Literal::Bytes(self.data_bytes(c)?.into())
        } else if let Some(elem) = ty.elem() {
            Literal::Array(elem, self.data_numbers(c, elem)?.into())
        } else if matches!(self.type_def(ty), Some(TypeDef::RefArray(_))) {
            self.data_refs(c, ty)?
        } else if matches!(self.type_def(ty), Some(TypeDef::Func(_))) {
            self.data_function(c, ty)?
        } else {
            let message = format!("data cannot be of type `{}`", self.type_name(ty));
            let help = "data is `str`, `bytes`, an array, or a function reference";
            return Err(self.error_help(E0705, place, message, help));
        };
        self.expect_end(c)?;
        Ok(value)
    }

    /// Takes the comma between two values; the next may stand on the next line.
    fn next_value(&mut self, c: &mut Cursor<'_>) -> bool {
        if !c.eat(Kind::Comma) {
            return false;
        }
        c.skip_newlines();
        !matches!(c.kind(), Kind::Eof | Kind::RightBrace)
    }

    /// Strings, one behind the other.
    fn data_str(&mut self, c: &mut Cursor<'_>) -> Parse<Literal> {
        let mut text = String::new();
        loop {
            let place = c.peek().place();
            match self.parse_const(c)? {
                Value::Str(sym) => text.push_str(self.text(sym)),
                _ => return Err(self.error(E0705, place, "a string is asked for here")),
            }
            if !self.next_value(c) {
                return Ok(Literal::Str(text.into()));
            }
        }
    }

    /// Numbers and strings.
    fn data_bytes(&mut self, c: &mut Cursor<'_>) -> Parse<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let token = c.peek();
            if matches!(token.kind, Kind::Str | Kind::ByteStr) {
                c.bump();
                bytes.extend_from_slice(self.lex.names.bytes(token.sym()));
            } else {
                self.number(c, Elem::U8, &mut bytes)?;
            }
            if !self.next_value(c) {
                return Ok(bytes);
            }
        }
    }

    fn data_numbers(&mut self, c: &mut Cursor<'_>, elem: Elem) -> Parse<Vec<u8>> {
        let mut bytes = Vec::new();
        if c.peek().ends_statement() {
            return Ok(bytes);
        }
        loop {
            self.number(c, elem, &mut bytes)?;
            if bytes.len() > limits::LENGTH_MAX {
                let message = format!("data has at most {} bytes", limits::LENGTH_MAX);
                return Err(self.error(E0801, c.peek().place(), message));
            }
            if !self.next_value(c) {
                return Ok(bytes);
            }
        }
    }

    /// One number as an element.
    fn number(&mut self, c: &mut Cursor<'_>, elem: Elem, out: &mut Vec<u8>) -> Parse<()> {
        let place = c.peek().place();
        let value = match (self.parse_const(c)?, elem.is_float()) {
            (Value::Float(value), true) => {
                let value = if value.is_nan() { f64::NAN } else { value };
                match elem {
                    Elem::F32 => out.extend_from_slice(&(value as f32).to_le_bytes()),
                    _ => out.extend_from_slice(&value.to_le_bytes()),
                }
                return Ok(());
            }
            (Value::Int(value), false) => value,
            (Value::Int(value), true) => {
                let help = format!("write `{value}.0`");
                return Err(self.error_help(E0705, place, "a float is asked for here", help));
            }
            _ => return Err(self.error(E0705, place, "an integer is asked for here")),
        };
        let bits = elem.bytes() * 8;
        let (least, most) = match elem {
            Elem::I64 => (i64::MIN, i64::MAX),
            Elem::U8 | Elem::U16 | Elem::U32 => (0, (1 << bits) - 1),
            _ => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        };
        if value < least || value > most {
            let message = format!("{value} does not fit `{}`", elem.name());
            let help = format!("values are between {least} and {most}");
            return Err(self.error_help(E0705, place, message, help));
        }
        out.extend_from_slice(&value.to_le_bytes()[..elem.bytes() as usize]);
        Ok(())
    }

    /// Names of data, strings and `null`.
    fn data_refs(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Literal> {
        let item = self.element_type(ty).unwrap_or(TypeId::ANY);
        let mut elements: Vec<Option<LiteralId>> = Vec::new();
        if c.peek().ends_statement() {
            return Ok(Literal::Refs(ty, Vec::new().into()));
        }
        loop {
            let token = c.peek();
            let (found, literal) = if token.kind == Kind::Ident && token.sym() == kw::NULL {
                c.bump();
                (item, None)
            } else if token.is_name() {
                let (found, literal) = self.named_element(c)?;
                (found, Some(literal))
            } else {
                match self.parse_const(c)? {
                    Value::Str(sym) => (TypeId::STR, Some(self.string_literal(sym))),
                    Value::Int(_) => (TypeId::I64, None),
                    Value::Float(_) => (TypeId::F64, None),
                }
            };
            self.check_element_type(found, item, token.place())?;
            elements.push(literal);
            if !self.next_value(c) {
                return Ok(Literal::Refs(ty, elements.into()));
            }
        }
    }

    fn check_element_type(&mut self, found: TypeId, item: TypeId, place: Place) -> Parse<()> {
        if self.assignable(found, item) {
            return Ok(());
        }
        let message = format!("expected `{}`, found `{}`", self.type_name(item), self.type_name(found));
        Err(self.error(E0705, place, message))
    }

    /// Data, a function or a string constant by name.
    fn named_element(&mut self, c: &mut Cursor<'_>) -> Parse<(TypeId, LiteralId)> {
        let (sym, place) = self.expect_path(c, "a value")?;
        match self.global(sym) {
            Global::Data(index) => {
                let data = &self.data[index as usize];
                Ok((data.ty, data.literal))
            }
            Global::Func(func) => {
                let (literal, ty) = self.function_literal(func, place);
                Ok((ty, literal))
            }
            Global::Const(index) => match self.const_value(index, place, 0)? {
                Value::Str(sym) => Ok((TypeId::STR, self.string_literal(sym))),
                _ => Err(self.error(E0705, place, "a reference is asked for here, not a number")),
            },
            _ => {
                let text = self.text(sym).to_owned();
                let near = self.nearest(&text, |g| matches!(g, Global::Data(_) | Global::Const(_)));
                Err(self.unknown(E0705, place, "there is no data", &text, near))
            }
        }
    }

    fn data_function(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Literal> {
        let (sym, place) = self.expect_path(c, "the name of a function")?;
        let func = self.function_named(sym, place)?;
        let signature = self.signature_of(func);
        let found = self.function_type(&signature, place);
        let same = match (self.type_def(found), self.type_def(ty)) {
            (Some(TypeDef::Func(a)), Some(TypeDef::Func(b))) => a == b,
            _ => false,
        };
        if !same {
            self.check_element_type(found, ty, place)?;
        }
        Ok(Literal::Func(func, ty))
    }

    /// `file "x.bin"`: the bytes of a file.
    fn data_file(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Literal> {
        c.bump();
        let token = c.bump();
        let place = token.place();
        let path = self.text(token.sym()).to_owned();
        let from = self.span(place).file;
        let from = self.map.name(from).to_owned();
        let bytes = match self.loader.load(&from, &path) {
            Ok(file) => file.bytes,
            Err(reason) => {
                return Err(self.error(E0706, place, format!("cannot take `{path}`: {reason}")));
            }
        };
        if bytes.len() > limits::LENGTH_MAX {
            let message = format!("`{path}` has more than {} bytes", limits::LENGTH_MAX);
            return Err(self.error(E0801, place, message));
        }
        if ty == TypeId::STR {
            return match String::from_utf8(bytes) {
                Ok(text) => Ok(Literal::Str(text.into())),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let message = format!("`{path}` is not UTF-8 text: byte {at} is wrong");
                    Err(self.error_help(E0706, place, message, "take it as `bytes`"))
                }
            };
        }
        if ty == TypeId::BYTES {
            return Ok(Literal::Bytes(bytes.into()));
        }
        let Some(elem) = ty.elem() else {
            let message = format!("a file cannot become a `{}`", self.type_name(ty));
            return Err(self.error_help(
                E0706,
                place,
                message,
                "take it as `bytes`, `str` or an array of numbers",
            ));
        };
        if bytes.len() % elem.bytes() as usize != 0 {
            let message = format!(
                "`{path}` has {} bytes, not a whole number of `{}` elements",
                bytes.len(),
                elem.name()
            );
            return Err(self.error(E0706, place, message));
        }
        Ok(Literal::Array(elem, bytes.into()))
    }
}
