//! How things of a module are named in assembly: quoting, register names, types, literals.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mvm_isa::{Operand, TypeId, imm32};
use mvm_module::classes::ClassTable;
use mvm_module::{FuncId, Function, Literal, LiteralId, Module, Selector, Signature, TypeDef, limits};

use super::insn::decode;

/// Depth of nested type names (arrays of arrays) up to which they are written.
const TYPE_DEPTH_MAX: usize = 64;

/// Words that are literals where an operand is expected, so that no register can be called like them.
const RESERVED: &[&str] = &["null", "true", "false", "nan", "inf"];

/// Whether the text is a name without quotes: a letter or `_`, then letters, digits and `_`.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
        && !RESERVED.contains(&name)
}

/// Writes a name of one part (registers, fields, methods), in backquotes where needed.
pub(super) fn quoted(name: &str) -> String {
    if is_plain(name) { name.to_string() } else { format!("`{name}`") }
}

/// Writes a name that may have parts joined by dots (functions, classes).
pub(super) fn quoted_path(name: &str) -> String {
    if name.split('.').all(is_plain) { name.to_string() } else { format!("`{name}`") }
}

/// Writes a name with the module it comes from, if that is another one.
pub(super) fn member_path(module: Option<&str>, name: &str) -> String {
    match module {
        Some(module) => format!("{}.{}", quoted_path(module), quoted_path(name)),
        None => quoted_path(name),
    }
}

/// Writes a string literal with escapes.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if needs_escape(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Writes bytes as a string literal.
pub(super) fn byte_string(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x20..0x7f => out.push(char::from(byte)),
            _ => drop(write!(out, "\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// Control characters, and those that would change how the line reads (direction marks, other line ends).
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Writes a float so that it reads back as the same number.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        "nan".into()
    } else if value.is_infinite() {
        if value > 0.0 { "inf".into() } else { "-inf".into() }
    } else {
        format!("{value:?}")
    }
}

/// Names of the things of one module.
pub(super) struct Names<'m> {
    pub(super) module: &'m Module,
    pub(super) classes: ClassTable,
    /// Names of the literals that are declared by a `data` line.
    pub(super) data: Vec<Option<String>>,
}

impl<'m> Names<'m> {
    pub(super) fn new(module: &'m Module) -> Names<'m> {
        let (classes, _) = ClassTable::build(module);
        Names { module, classes, data: data_names(module) }
    }

    /// A function or an import as it is called.
    pub(super) fn function(&self, id: FuncId) -> String {
        if let Some(import) = self.module.imports.get(id.0 as usize) {
            return member_path(Some(&import.module), &import.name);
        }
        match self.module.function(id) {
            Some(function) => quoted_path(&function.name),
            None => format!("`function {}`", id.0),
        }
    }

    /// A type.
    pub(super) fn ty(&self, ty: TypeId) -> String {
        let mut out = String::new();
        self.write_type(&mut out, ty, TYPE_DEPTH_MAX);
        out
    }

    fn write_type(&self, out: &mut String, ty: TypeId, depth: usize) {
        // Only in a module that the verifier refuses. What a type names is not larger than the type.
        if depth == TYPE_DEPTH_MAX && self.module.type_parts(ty) > limits::TYPE_PARTS_MAX {
            let _ = write!(out, "`type {}`", ty.0);
            return;
        }
        let Some(depth) = depth.checked_sub(1) else { return out.push_str("`...`") };
        match self.module.types.get(ty.index()) {
            Some(TypeDef::RefArray(item)) => {
                out.push('[');
                self.write_type(out, *item, depth);
                out.push(']');
            }
            Some(TypeDef::Func(signature)) => {
                out.push_str("fn(");
                self.write_types(out, &signature.params, depth);
                out.push(')');
                self.write_results(out, &signature.results, depth);
            }
            Some(TypeDef::Class(class)) => out.push_str(&member_path(class.import.as_deref(), &class.name)),
            Some(TypeDef::Interface(interface)) => {
                out.push_str(&member_path(interface.import.as_deref(), &interface.name));
            }
            Some(TypeDef::BoxI64 | TypeDef::BoxF64 | TypeDef::Reserved) | None => {
                let _ = write!(out, "`type {}`", ty.0);
            }
            Some(_) => out.push_str(&self.module.type_name(ty)),
        }
    }

    fn write_types(&self, out: &mut String, types: &[TypeId], depth: usize) {
        for (index, &ty) in types.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            self.write_type(out, ty, depth);
        }
    }

    fn write_results(&self, out: &mut String, results: &[TypeId], depth: usize) {
        match results {
            [] => {}
            [one] => {
                out.push_str(" -> ");
                self.write_type(out, *one, depth);
            }
            many => {
                out.push_str(" -> (");
                self.write_types(out, many, depth);
                out.push(')');
            }
        }
    }

    /// `(i64, str) -> f64`.
    pub(super) fn signature(&self, signature: &Signature) -> String {
        let mut out = String::from("(");
        self.write_types(&mut out, &signature.params, TYPE_DEPTH_MAX);
        out.push(')');
        self.write_results(&mut out, &signature.results, TYPE_DEPTH_MAX);
        out
    }

    /// ` -> f64`, or nothing.
    pub(super) fn results(&self, results: &[TypeId]) -> String {
        let mut out = String::new();
        self.write_results(&mut out, results, TYPE_DEPTH_MAX);
        out
    }

    /// The interface method behind a selector.
    pub(super) fn selector(&self, selector: Selector) -> Option<String> {
        let Some(TypeDef::Interface(interface)) = self.module.types.get(selector.interface.index()) else {
            return None;
        };
        let method = interface.methods.get(usize::from(selector.method))?;
        Some(format!("{}.{}", self.ty(selector.interface), quoted(&method.name)))
    }

    /// A literal where it is used: the name of its `data` line, else the value itself.
    pub(super) fn literal(&self, id: LiteralId) -> String {
        if let Some(Some(name)) = self.data.get(id.0 as usize) {
            return name.clone();
        }
        match self.module.literals.get(id.0 as usize) {
            Some(Literal::Str(text)) => string(text),
            Some(Literal::Func(function, _)) => self.function(*function),
            Some(Literal::Bytes(_) | Literal::Array(..) | Literal::Refs(..) | Literal::Types(_)) | None => {
                format!("`literal {}`", id.0)
            }
        }
    }
}

/// Gives names to the literals that need a line of their own.
///
/// The assembler numbers arrays and byte strings in the order of their `data` lines. A string or a function reference
/// gets its number where it is met first: as an element, just before the array, else in the order of the code. Where
/// that would give another number a `.literal` line says it.
fn data_names(module: &Module) -> Vec<Option<String>> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for function in &module.functions {
        taken.insert(&function.name);
        taken.extend(function.debug.register_names.iter().map(|name| &**name));
    }
    for def in &module.types {
        match def {
            TypeDef::Class(class) => drop(taken.insert(&class.name)),
            TypeDef::Interface(interface) => drop(taken.insert(&interface.name)),
            _ => {}
        }
    }
    let name_of = |number: usize| {
        let mut name = format!("data_{number}");
        while taken.contains(name.as_str()) {
            name.push('_');
        }
        name
    };
    let inline = Inline::new(module).find();
    inline.iter().enumerate().map(|(number, &inline)| (!inline).then(|| name_of(number))).collect()
}

/// Finds the literals that can be written where they are used.
struct Inline<'m> {
    module: &'m Module,
    inline: Vec<bool>,
    /// Those found so far, by content: a second one of the same content needs a name.
    texts: BTreeSet<&'m str>,
    functions: BTreeSet<FuncId>,
}

impl<'m> Inline<'m> {
    fn new(module: &'m Module) -> Inline<'m> {
        let inline = vec![false; module.literals.len()];
        Inline { module, inline, texts: BTreeSet::new(), functions: BTreeSet::new() }
    }

    fn find(mut self) -> Vec<bool> {
        let mut next = 0;
        for (number, literal) in self.module.literals.iter().enumerate() {
            if matches!(literal, Literal::Str(_) | Literal::Func(..)) {
                continue;
            }
            if let Literal::Refs(_, items) = literal {
                self.elements(next, number, items);
            }
            next = number + 1;
        }
        self.code(next);
        self.inline
    }

    /// Whether the literals from `next` up to an array are its elements in the order in which they are met.
    fn elements(&mut self, next: usize, array: usize, items: &[Option<LiteralId>]) {
        let mut expected = next;
        for item in items.iter().flatten().map(|item| item.0 as usize) {
            if item == expected && item < array {
                expected += 1;
            } else if item > expected || item >= array {
                return;
            }
        }
        let all_new = expected == array && (next..array).all(|number| self.is_new(number));
        if all_new {
            (next..array).for_each(|number| self.take(number));
        }
    }

    /// The literals from some number on whose first uses in code have the order of their numbers.
    fn code(&mut self, from: usize) {
        let met = order_of_use(self.module);
        let mut next = usize::MAX;
        for number in (from..self.inline.len()).rev() {
            if met[number] >= next || !self.is_new(number) {
                return;
            }
            next = met[number];
            self.take(number);
        }
    }

    fn is_new(&self, number: usize) -> bool {
        match &self.module.literals[number] {
            Literal::Str(text) => !self.texts.contains(&**text),
            Literal::Func(function, ty) => {
                let natural = self.module.signature(*function).map(TypeDef::Func);
                natural.as_ref() == self.module.types.get(ty.index()) && !self.functions.contains(function)
            }
            Literal::Bytes(_) | Literal::Array(..) | Literal::Refs(..) | Literal::Types(_) => false,
        }
    }

    fn take(&mut self, number: usize) {
        self.inline[number] = true;
        match &self.module.literals[number] {
            Literal::Str(text) => drop(self.texts.insert(text)),
            Literal::Func(function, _) => drop(self.functions.insert(*function)),
            Literal::Bytes(_) | Literal::Array(..) | Literal::Refs(..) | Literal::Types(_) => {}
        }
    }
}

/// When each literal is met first in code; `usize::MAX` for never.
fn order_of_use(module: &Module) -> Vec<usize> {
    let mut met = vec![usize::MAX; module.literals.len()];
    let mut count = 0;
    for function in &module.functions {
        for insn in decode(&function.code) {
            let Some(op) = insn.op.filter(|op| op.info().operands.contains(&Operand::Literal)) else {
                continue;
            };
            debug_assert_eq!(
                op.info().operands.last(),
                Some(&Operand::Literal),
                "the literal is in bits 32 to 63"
            );
            let number = imm32(function.code[insn.pc as usize]) as u32 as usize;
            if let Some(place) = met.get_mut(number).filter(|place| **place == usize::MAX) {
                *place = count;
                count += 1;
            }
        }
    }
    met
}

/// Names of the registers of a function; each is unique and ready to be printed.
///
/// A register without a name is called `_N` after its own number, which the assembler stores as no name.
pub(super) fn register_names(function: &Function) -> Vec<String> {
    let given = |number: usize| match function.debug.register_names.get(number) {
        Some(name) if !name.is_empty() && !name.contains('`') => Some(&**name),
        _ => None,
    };
    let count = function.registers.len();
    let unnamed = |number: &usize| given(*number).is_none();
    let mut taken: BTreeSet<String> = (0..count).filter(unnamed).map(|number| format!("_{number}")).collect();
    let mut name_of = |number: usize| {
        let mut name = given(number)?.to_string();
        while RESERVED.contains(&name.as_str()) || !taken.insert(name.clone()) {
            name.push('_');
        }
        Some(quoted(&name))
    };
    (0..count).map(|number| name_of(number).unwrap_or_else(|| format!("_{number}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_plain_get_backquotes() {
        assert_eq!(quoted("sum"), "sum");
        assert_eq!(quoted("größe"), "größe");
        assert_eq!(quoted("a+b'"), "`a+b'`");
        assert_eq!(quoted("p.x"), "`p.x`");
        assert_eq!(quoted("nan"), "`nan`");
        assert_eq!(quoted("1st"), "`1st`");
        assert_eq!(quoted(""), "``");
        assert_eq!(quoted_path("list.push"), "list.push");
        assert_eq!(quoted_path("list.+"), "`list.+`");
    }

    #[test]
    fn literals_read_back() {
        assert_eq!(string("a\"\\\n\0\u{7}é\u{202e}"), r#""a\"\\\n\0\u{7}é\u{202e}""#);
        assert_eq!(float(1.0), "1.0");
        assert_eq!(float(-0.0), "-0.0");
        assert_eq!(float(1e300), "1e300");
        assert_eq!(float(f64::NEG_INFINITY), "-inf");
        assert_eq!(float(f64::NAN), "nan");
    }
}
