//! `data NAME: TYPE = ...`: literals of the module by name.

use std::rc::Rc;

use mvm_isa::{Elem, TypeId};
use mvm_module::{FuncId, Literal, LiteralId, TypeDef};

use crate::asm::{Asm, Data, Global, Value};
use crate::collect::{Item, ItemKind};
use crate::cursor::{Cursor, Parse};
use crate::errors::{E0705, E0706};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::{ExpansionId, Place};

/// A `data` line whose name and type are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataLine {
    item: Item,
    place: Place,
}

/// What a `data` line stands for. Strings and functions are literals from their first use on, like those written in
/// the code, so that a module does not depend on how its text names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataValue {
    Str(Sym),
    Func(FuncId),
    Literal(LiteralId),
    /// Nothing because of an error.
    Wrong,
}

/// A `data` line before its elements have numbers.
#[derive(Debug)]
enum Parsed {
    Str(Sym),
    Func(FuncId),
    Plain(Literal),
    Refs(TypeId, Vec<Element>),
    Wrong,
}

/// An element of an array of references.
#[derive(Debug, Clone, Copy)]
enum Element {
    Null,
    Str(Sym),
    Func(FuncId),
    Data(u32),
}

impl Asm<'_> {
    /// Names and types of all data.
    pub(crate) fn declare_data(&mut self, items: &[Item]) -> Vec<DataLine> {
        let mut lines = Vec::new();
        self.for_items(
            items,
            |kind| matches!(kind, ItemKind::Data | ItemKind::Literal),
            |asm, c, item| {
                let (name, place) = asm.expect_path(c, "the name of the data")?;
                asm.check_name(name, place)?;
                asm.expect(c, Kind::Colon, "`:` and a type")?;
                let ty = asm.parse_type(c)?;
                asm.expect(c, Kind::Equals, "`=`")?;
                let index = asm.data.len() as u32;
                asm.declare(name, place, Global::Data(index))?;
                asm.data.push(Data { ty, value: DataValue::Wrong });
                lines.push(DataLine { item: Item { at: c.index() as u32, ..*item }, place });
                Ok(())
            },
        );
        lines
    }

    /// Values of all data, and literals for those that are not strings or functions: the elements of an array have
    /// their numbers before the array.
    pub(crate) fn define_data(&mut self, lines: &[DataLine]) {
        let mut parsed = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            if self.report.is_full() {
                return;
            }
            let tokens = Rc::clone(&self.streams[line.item.stream as usize]);
            self.report.expansion = line.item.expansion;
            let mut c = Cursor::new(&tokens, line.item.at as usize);
            let value = self.data_value(&mut c, self.data[index].ty).unwrap_or(Parsed::Wrong);
            parsed.push(value);
        }
        let mut open = vec![false; parsed.len()];
        for index in 0..parsed.len() {
            self.number_data(index as u32, lines, &mut parsed, &mut open);
        }
        self.report.expansion = ExpansionId::default();
    }

    /// Gives a `data` line its literal, those it refers to first.
    fn number_data(&mut self, start: u32, lines: &[DataLine], parsed: &mut [Parsed], open: &mut [bool]) {
        // Lines that wait, and how many of their elements have been looked at.
        let mut stack = vec![(start, 0)];
        while let Some((index, next)) = stack.pop() {
            if self.data[index as usize].value != DataValue::Wrong {
                continue;
            }
            if let Parsed::Refs(_, elements) = &parsed[index as usize] {
                let below = |element: &Element| match *element {
                    Element::Data(below) => self.data[below as usize].value == DataValue::Wrong,
                    _ => false,
                };
                if let Some(found) = elements[next..].iter().position(below) {
                    let Element::Data(below) = elements[next + found] else { continue };
                    stack.push((index, next + found + 1));
                    open[index as usize] = true;
                    if open[below as usize] {
                        self.report.expansion = lines[below as usize].item.expansion;
                        self.error(E0705, lines[below as usize].place, "this data contains itself");
                        // None of the lines that wait for each other has a value; this is said once.
                        for (waiting, _) in stack {
                            parsed[waiting as usize] = Parsed::Wrong;
                            open[waiting as usize] = false;
                        }
                        return;
                    }
                    stack.push((below, 0));
                    continue;
                }
            }
            open[index as usize] = false;
            let pinned = lines[index as usize].item.kind == ItemKind::Literal;
            let value = match std::mem::replace(&mut parsed[index as usize], Parsed::Wrong) {
                Parsed::Str(sym) if pinned => {
                    let text = self.text(sym).into();
                    DataValue::Literal(self.add_literal(Literal::Str(text)))
                }
                Parsed::Func(func) if pinned => {
                    let ty = self.data[index as usize].ty;
                    DataValue::Literal(self.add_literal(Literal::Func(func, ty)))
                }
                Parsed::Str(sym) => DataValue::Str(sym),
                Parsed::Func(func) => DataValue::Func(func),
                Parsed::Plain(literal) => DataValue::Literal(self.add_literal(literal)),
                Parsed::Refs(ty, elements) => {
                    let elements = elements.into_iter().map(|e| self.element_literal(e)).collect();
                    DataValue::Literal(self.add_literal(Literal::Refs(ty, elements)))
                }
                Parsed::Wrong => DataValue::Wrong,
            };
            self.data[index as usize].value = value;
        }
    }

    fn element_literal(&mut self, element: Element) -> Option<LiteralId> {
        match element {
            Element::Null => None,
            Element::Str(sym) => Some(self.string_literal(sym)),
            Element::Func(func) => Some(self.function_literal(func, Place::default()).0),
            Element::Data(index) => Some(self.data_literal(index)),
        }
    }

    /// The literal of a `data` line.
    pub(crate) fn data_literal(&mut self, index: u32) -> LiteralId {
        match self.data[index as usize].value {
            DataValue::Str(sym) => self.string_literal(sym),
            DataValue::Func(func) => self.function_literal(func, Place::default()).0,
            DataValue::Literal(literal) => literal,
            DataValue::Wrong => LiteralId(0),
        }
    }

    fn data_value(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Parsed> {
        if continues_data(c) {
            c.skip_newlines();
        }
        let place = c.peek().place();
        let value = if c.kind() == Kind::Ident && c.peek().sym() == kw::FILE && c.ahead(1).kind == Kind::Str {
            self.data_file(c, ty)?
        } else if ty == TypeId::ARRAY_I64 && self.is_list_of_types(c) {
            Parsed::Plain(Literal::Types(self.data_types(c)?.into()))
        } else if ty == TypeId::STR {
            self.data_str(c)?
        } else if ty == TypeId::BYTES {
            Parsed::Plain(Literal::Bytes(self.data_bytes(c)?.into()))
        } else if let Some(elem) = ty.elem() {
            Parsed::Plain(Literal::Array(elem, self.data_numbers(c, elem)?.into()))
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
    fn data_str(&mut self, c: &mut Cursor<'_>) -> Parse<Parsed> {
        let mut text = Vec::new();
        loop {
            let place = c.peek().place();
            match self.parse_const(c)? {
                Value::Str(sym) => text.extend_from_slice(self.lex.names.bytes(sym)),
                _ => return Err(self.error(E0705, place, "a string is asked for here")),
            }
            self.judge_length(&text, place)?;
            if !self.next_value(c) {
                return Ok(Parsed::Str(self.lex.names.intern(&text)));
            }
        }
    }

    /// Numbers and strings.
    fn data_bytes(&mut self, c: &mut Cursor<'_>) -> Parse<Vec<u8>> {
        let mut bytes = Vec::new();
        if c.peek().ends_statement() {
            return Ok(bytes);
        }
        loop {
            let token = c.peek();
            if matches!(token.kind, Kind::Str | Kind::ByteStr) {
                c.bump();
                bytes.extend_from_slice(self.lex.names.bytes(token.sym()));
            } else {
                self.number(c, Elem::U8, &mut bytes)?;
            }
            self.judge_length(&bytes, c.peek().place())?;
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
            self.judge_length(&bytes, c.peek().place())?;
            if !self.next_value(c) {
                return Ok(bytes);
            }
        }
    }

    /// Whether `types` stands here and is no constant of that name.
    fn is_list_of_types(&self, c: &Cursor<'_>) -> bool {
        let (token, next) = (c.peek(), c.ahead(1));
        token.kind == Kind::Ident
            && token.sym() == kw::TYPES
            && match next.kind {
                Kind::LeftBracket => true,
                _ if next.ends_statement() => !matches!(self.global(kw::TYPES), Global::Const(_)),
                _ => next.is_name(),
            }
    }

    /// `types A, B`; numbers are boxed where the type of an object is asked for.
    fn data_types(&mut self, c: &mut Cursor<'_>) -> Parse<Vec<TypeId>> {
        c.bump();
        let mut types = Vec::new();
        if c.peek().ends_statement() {
            return Ok(types);
        }
        loop {
            let place = c.peek().place();
            types.push(match self.parse_type(c)? {
                TypeId::I64 => TypeId::BOX_I64,
                TypeId::F64 => TypeId::BOX_F64,
                ty => ty,
            });
            if types.len() * 8 > self.limits.length {
                return Err(self.limit(place, format!("data has at most {} bytes", self.limits.length)));
            }
            if !self.next_value(c) {
                return Ok(types);
            }
        }
    }

    fn judge_length(&mut self, bytes: &[u8], place: Place) -> Parse<()> {
        let most = self.limits.length;
        if bytes.len() <= most {
            return Ok(());
        }
        Err(self.limit(place, format!("data has at most {most} bytes")))
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
    fn data_refs(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Parsed> {
        let item = self.element_type(ty).unwrap_or(TypeId::ANY);
        let mut elements = Vec::new();
        if c.peek().ends_statement() {
            return Ok(Parsed::Refs(ty, elements));
        }
        loop {
            let token = c.peek();
            let (found, element) = if token.kind == Kind::Ident && token.sym() == kw::NULL {
                c.bump();
                (item, Element::Null)
            } else if token.is_name() {
                self.named_element(c)?
            } else {
                match self.parse_const(c)? {
                    Value::Str(sym) => (TypeId::STR, Element::Str(sym)),
                    Value::Int(_) => (TypeId::I64, Element::Null),
                    Value::Float(_) => (TypeId::F64, Element::Null),
                }
            };
            self.check_element_type(found, item, token.place())?;
            elements.push(element);
            if !self.next_value(c) {
                return Ok(Parsed::Refs(ty, elements));
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
    fn named_element(&mut self, c: &mut Cursor<'_>) -> Parse<(TypeId, Element)> {
        let (sym, place) = self.expect_path(c, "a value")?;
        match self.global(sym) {
            Global::Data(index) => Ok((self.data[index as usize].ty, Element::Data(index))),
            Global::Func(func) => {
                let signature = self.signature_of(func);
                Ok((self.function_type(&signature, place), Element::Func(func)))
            }
            Global::Const(index) => match self.const_value(index, place, 0)? {
                Value::Str(sym) => Ok((TypeId::STR, Element::Str(sym))),
                _ => Err(self.error(E0705, place, "a reference is asked for here, not a number")),
            },
            _ => {
                let text = self.text(sym).to_owned();
                let near = self.nearest(&text, |g| matches!(g, Global::Data(_) | Global::Const(_)));
                Err(self.unknown(E0705, place, "there is no data", &text, near))
            }
        }
    }

    fn data_function(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Parsed> {
        let (sym, place) = self.expect_path(c, "the name of a function")?;
        let func = self.function_named(sym, place)?;
        let signature = self.signature_of(func);
        let found = self.function_type(&signature, place);
        self.check_element_type(found, ty, place)?;
        Ok(Parsed::Func(func))
    }

    /// `file "x.bin"`: the bytes of a file.
    fn data_file(&mut self, c: &mut Cursor<'_>, ty: TypeId) -> Parse<Parsed> {
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
        if bytes.len() > self.limits.length {
            let message = format!("`{path}` has more than {} bytes", self.limits.length);
            return Err(self.limit(place, message));
        }
        if ty == TypeId::STR {
            return match String::from_utf8(bytes) {
                Ok(text) => Ok(Parsed::Str(self.lex.names.intern(text.as_bytes()))),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let message = format!("`{path}` is not UTF-8 text: byte {at} is wrong");
                    Err(self.error_help(E0706, place, message, "take it as `bytes`"))
                }
            };
        }
        if ty == TypeId::BYTES {
            return Ok(Parsed::Plain(Literal::Bytes(bytes.into())));
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
        Ok(Parsed::Plain(Literal::Array(elem, bytes.into())))
    }
}

/// Whether the values of a `data` line go on behind the line end here: behind a comma, or behind `=` when the next
/// line begins with a value.
pub(crate) fn continues_data(c: &Cursor<'_>) -> bool {
    if c.kind() != Kind::Newline {
        return false;
    }
    let (next, after) = (c.ahead(1), c.ahead(2));
    match c.previous().kind {
        Kind::Comma => true,
        Kind::Equals if next.is_name() => matches!(after.kind, Kind::Comma | Kind::Newline | Kind::Eof),
        Kind::Equals => {
            !matches!(next.kind, Kind::Eof | Kind::RightBrace | Kind::Dot | Kind::Percent | Kind::Newline)
        }
        _ => false,
    }
}
