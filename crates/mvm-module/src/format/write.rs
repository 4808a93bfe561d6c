//! Modules to bytes.

use std::collections::BTreeMap;

use mvm_isa::TypeId;

use crate::format::{MAGIC, SECTIONS, VERSION, instruction_set, kind};
use crate::model::{
    Class, Export, ExportItem, FuncDebug, Function, Handler, Import, Interface, LineEntry, Literal, Method,
    Module, Selector, Signature, TypeDef, VarEntry,
};

/// Writes a module. Its type table must start with the built-in types (rule S1): they are not written.
pub fn write(module: &Module) -> Vec<u8> {
    let mut writer = Writer::default();
    // The order is that of the file; the strings come in front of all when they are known.
    writer.section(2, |w| w.head(module));
    writer.section(3, |w| w.list(module.types.iter().skip(TypeId::FIRST_USER.index()), Writer::type_def));
    writer.section(4, |w| w.list(&module.selectors, Writer::selector));
    writer.section(5, |w| w.list(&module.literals, Writer::literal));
    writer.section(6, |w| w.list(&module.imports, Writer::import));
    writer.section(7, |w| w.list(&module.functions, Writer::function));
    writer.section(8, |w| w.list(&module.exports, Writer::export));
    writer.section(9, |w| module.functions.iter().for_each(|f| w.debug(&f.debug)));
    let inlined =
        |function: &Function| !function.debug.calls.is_empty() || !function.debug.inlined.is_empty();
    if module.functions.iter().any(inlined) {
        let functions: Vec<(usize, &Function)> =
            module.functions.iter().enumerate().filter(|(_, function)| inlined(function)).collect();
        writer.section(SECTIONS.len() as u8, |w| w.inlined(&functions));
    }
    let Writer { out: sections, order, .. } = writer;

    let mut writer = Writer::default();
    writer.out.reserve(sections.len() + 64);
    writer.out.extend_from_slice(&MAGIC);
    writer.out.extend_from_slice(&VERSION.to_le_bytes());
    writer.out.extend_from_slice(&instruction_set().to_le_bytes());
    writer.section(1, |w| w.list(order, |w, text| w.bytes(text.as_bytes())));
    let mut out = writer.out;
    out.extend_from_slice(&sections);
    let sum = crc32fast::hash(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

#[derive(Default)]
struct Writer<'m> {
    out: Vec<u8>,
    numbers: BTreeMap<&'m str, u64>,
    order: Vec<&'m str>,
}

impl<'m> Writer<'m> {
    fn section(&mut self, number: u8, body: impl FnOnce(&mut Self)) {
        let mut out = std::mem::take(&mut self.out);
        body(self);
        let bytes = std::mem::take(&mut self.out);
        out.push(number);
        std::mem::swap(&mut self.out, &mut out);
        self.bytes(&bytes);
    }

    /// LEB128: 7 bits a byte, low ones first; the highest bit says that more follow.
    fn number(&mut self, value: impl Into<u64>) {
        let mut value = value.into();
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn optional(&mut self, value: Option<u32>) {
        self.number(value.map_or(0, |value| u64::from(value) + 1));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
        mut item: impl FnMut(&mut Self, T),
    ) {
        let items = items.into_iter();
        self.count(items.len());
        items.for_each(|one| item(self, one));
    }

    /// A string by its number in the string table, which has them in the order of first use.
    fn string(&mut self, text: &'m str) {
        let next = self.order.len() as u64;
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.order.push(text);
        }
        self.number(number);
    }

    fn ty(&mut self, ty: TypeId) {
        self.number(ty.0);
    }

    fn head(&mut self, module: &'m Module) {
        self.string(&module.name);
        self.list(&module.sources, |w, source| w.string(source));
        self.optional(module.main.map(|id| id.0));
    }

    fn signature(&mut self, signature: &Signature) {
        self.list(&signature.params, |w, &ty| w.ty(ty));
        self.list(&signature.results, |w, &ty| w.ty(ty));
    }

    fn type_def(&mut self, def: &'m TypeDef) {
        match def {
            TypeDef::RefArray(elem) => {
                self.out.push(kind::REF_ARRAY);
                self.ty(*elem);
            }
            TypeDef::Func(signature) => {
                self.out.push(kind::FUNC);
                self.signature(signature);
            }
            TypeDef::Class(class) => {
                self.out.push(kind::CLASS);
                self.class(class);
            }
            TypeDef::Interface(Interface { name, import, extends, methods }) => {
                self.out.push(kind::INTERFACE);
                self.string(name);
                self.import_name(import.as_deref());
                self.list(extends, |w, &ty| w.ty(ty));
                self.list(methods, Writer::method);
            }
            // Built-in types have no place behind FIRST_USER (rule S3). Readers refuse this kind.
            TypeDef::I64
            | TypeDef::F64
            | TypeDef::Any
            | TypeDef::Str
            | TypeDef::Bytes
            | TypeDef::Block
            | TypeDef::Array(_)
            | TypeDef::BoxI64
            | TypeDef::BoxF64
            | TypeDef::Reserved => self.out.push(u8::MAX),
        }
    }

    fn class(&mut self, class: &'m Class) {
        let Class { name, import, base, interfaces, fields, methods, frozen } = class;
        self.string(name);
        self.import_name(import.as_deref());
        self.optional(base.map(|ty| ty.0.into()));
        self.out.push(u8::from(*frozen));
        self.list(interfaces, |w, &ty| w.ty(ty));
        self.list(fields, |w, field| {
            w.string(&field.name);
            w.ty(field.ty);
        });
        self.list(methods, Writer::method);
    }

    fn import_name(&mut self, import: Option<&'m str>) {
        self.out.push(u8::from(import.is_some()));
        if let Some(module) = import {
            self.string(module);
        }
    }

    fn method(&mut self, method: &'m Method) {
        self.string(&method.name);
        self.signature(&method.signature);
        self.optional(method.function.map(|id| id.0));
    }

    fn selector(&mut self, selector: &Selector) {
        self.ty(selector.interface);
        self.number(selector.method);
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Str(text) => {
                self.out.push(kind::STR);
                self.bytes(text.as_bytes());
            }
            Literal::Bytes(bytes) => {
                self.out.push(kind::BYTES);
                self.bytes(bytes);
            }
            Literal::Array(elem, bytes) => {
                self.out.push(kind::ARRAY + *elem as u8);
                self.bytes(bytes);
            }
            Literal::Refs(ty, elements) => {
                self.out.push(kind::REFS);
                self.ty(*ty);
                self.list(elements, |w, element| w.optional(element.map(|id| id.0)));
            }
            Literal::Func(id, ty) => {
                self.out.push(kind::FUNC_REF);
                self.number(id.0);
                self.ty(*ty);
            }
            Literal::Types(types) => {
                self.out.push(kind::TYPES);
                self.list(types, |w, ty| w.ty(*ty));
            }
        }
    }

    fn import(&mut self, import: &'m Import) {
        self.string(&import.module);
        self.string(&import.name);
        self.signature(&import.signature);
    }

    fn function(&mut self, function: &'m Function) {
        let Function { name, params, results, registers, code, handlers, debug: _ } = function;
        self.string(name);
        self.number(*params);
        self.list(results, |w, &ty| w.ty(ty));
        self.list(registers, |w, &ty| w.ty(ty));
        self.count(code.len());
        self.out.extend(code.iter().flat_map(|word| word.to_le_bytes()));
        self.list(handlers, |w, &Handler { start, end, target, class, register }| {
            [start, end, target].into_iter().for_each(|pc| w.number(pc));
            w.ty(class);
            w.number(register);
        });
    }

    fn export(&mut self, export: &'m Export) {
        self.string(&export.name);
        match export.item {
            ExportItem::Function(id) => {
                self.out.push(kind::EXPORT_FUNCTION);
                self.number(id.0);
            }
            ExportItem::Type(ty) => {
                self.out.push(kind::EXPORT_TYPE);
                self.ty(ty);
            }
        }
    }

    /// The inlined calls of the functions that have some; functions by how many stand between one and the next.
    fn inlined(&mut self, functions: &[(usize, &'m Function)]) {
        let mut next = 0;
        self.list(functions, |w, &(index, Function { debug, .. })| {
            w.count(index - next);
            next = index + 1;
            let mut before = 0;
            w.list(&debug.calls, |w, call| {
                w.number(call.function.0);
                w.optional(call.outer);
                w.number(call.file);
                w.difference(before, call.line);
                w.number(call.column);
                before = call.line;
            });
            let mut before = 0;
            w.list(&debug.inlined, |w, entry| {
                w.difference(before, entry.pc);
                w.optional(entry.call);
                before = entry.pc;
            });
        });
    }

    fn debug(&mut self, debug: &'m FuncDebug) {
        self.list(&debug.register_names, |w, name| w.string(name));
        let mut before = LineEntry { pc: 0, file: 0, line: 0, column: 0 };
        self.list(&debug.lines, |w, &line| {
            w.difference(before.pc, line.pc);
            w.number(line.file);
            w.difference(before.line, line.line);
            w.number(line.column);
            before = line;
        });
        self.list(&debug.vars, |w, VarEntry { name, ty, register, start, end }| {
            w.string(name);
            w.string(ty);
            w.number(*register);
            w.number(*start);
            w.number(*end);
        });
    }

    /// How far `to` is from `from`: 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ...
    fn difference(&mut self, from: u32, to: u32) {
        let far = i64::from(to) - i64::from(from);
        self.number((far << 1 ^ far >> 63) as u64);
    }
}
