//! How things of a module are named in assembly: quoting, register names, types, literals.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mvm_isa::TypeId;
use mvm_module::classes::ClassTable;
use mvm_module::{FuncId, Function, Literal, LiteralId, Module, Signature, TypeDef};

/// Depth of nested type names (arrays of arrays) up to which they are written.
const TYPE_DEPTH_MAX: usize = 64;

/// Words that are literals where an operand is expected, so that no register may be called like them unquoted.
const RESERVED: &[&str] = &["null", "true", "false", "nan", "inf"];

/// Whether the text is a name without quotes: a letter or `_`, then letters, digits and `_`.
fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
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
            return format!("{}.{}", quoted_path(&import.module), quoted_path(&import.name));
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
            Some(TypeDef::Class(class)) => out.push_str(&quoted_path(&class.name)),
            Some(TypeDef::Interface(interface)) => out.push_str(&quoted_path(&interface.name)),
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

    /// A literal where it is used: the name of its `data` line, else the value itself.
    pub(super) fn literal(&self, id: LiteralId) -> String {
        if let Some(Some(name)) = self.data.get(id.0 as usize) {
            return name.clone();
        }
        match self.module.literals.get(id.0 as usize) {
            Some(Literal::Str(text)) => string(text),
            Some(Literal::Func(function, _)) => self.function(*function),
            Some(Literal::Bytes(_) | Literal::Array(..) | Literal::Refs(..)) | None => {
                format!("`literal {}`", id.0)
            }
        }
    }
}

/// Gives names to the literals that need a `data` line: all but strings and functions.
fn data_names(module: &Module) -> Vec<Option<String>> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for function in &module.functions {
        taken.insert(&function.name);
        taken.extend(function.debug.register_names.iter().map(|name| &**name));
    }
    let name_of = |number: usize| {
        let mut name = format!("data_{number}");
        while taken.contains(name.as_str()) {
            name.push('_');
        }
        Some(name)
    };
    let inline = |literal: &Literal| matches!(literal, Literal::Str(_) | Literal::Func(..));
    module.literals.iter().enumerate().map(|(k, l)| if inline(l) { None } else { name_of(k) }).collect()
}

/// Names of the registers of a function; each is unique and ready to be printed.
///
/// A register without a name is called `_N` after its own number, which the assembler stores as no name.
pub(super) fn register_names(function: &Function) -> Vec<String> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let given = &function.debug.register_names;
    (0..function.registers.len())
        .map(|number| match given.get(number) {
            Some(name) if !name.is_empty() && !name.contains('`') && taken.insert(name) => quoted(name),
            _ => format!("_{number}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_plain_get_backquotes() {
        assert_eq!(quoted("sum"), "sum");
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
