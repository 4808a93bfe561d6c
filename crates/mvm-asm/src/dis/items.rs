//! What stands outside of functions: source files, imports, exports, classes, interfaces, data.

use std::fmt::Write as _;

use mvm_isa::{Elem, TypeId};
use mvm_module::{Class, ExportItem, FuncId, Interface, Literal, LiteralId, Method, Module, Name, TypeDef};

use super::DisOptions;
use super::names::{Names, byte_string, float, member_path, quoted, quoted_path, string};

/// Bytes in one string of a `data` declaration.
const DATA_TEXT_BYTES: usize = 80;
/// Elements on one line of a `data` declaration.
const DATA_LINE_ITEMS: usize = 16;

/// Writes everything that stands in front of the functions.
pub(super) fn write_items(out: &mut String, names: &Names<'_>, options: &DisOptions) {
    let module = names.module;
    if !module.name.is_empty() {
        line(out, format_args!("module  {}", quoted_path(&module.name)));
    }
    for import in &module.imports {
        let path = member_path(Some(&import.module), &import.name);
        line(out, format_args!("import  {path}{}", names.signature(&import.signature)));
    }
    write_exports(out, names);
    write_main(out, names);
    if options.debug {
        for source in &module.sources {
            line(out, format_args!(".file   {}", string(source)));
        }
    }
    for (number, def) in module.types.iter().enumerate().skip(TypeId::FIRST_USER.index()) {
        match def {
            TypeDef::Class(class) => write_class(out, names, class),
            TypeDef::Interface(interface) => write_interface(out, names, interface),
            TypeDef::RefArray(_) | TypeDef::Func(_) => {
                line(out, format_args!(".type   {}", names.ty(TypeId(number as u16))));
            }
            _ => line(out, format_args!("; type {number} is a built-in one and out of place")),
        }
    }
    for &selector in &module.selectors {
        match names.selector(selector) {
            Some(name) => line(out, format_args!(".selector {name}")),
            None => line(out, format_args!("; a selector names a method that does not exist")),
        }
    }
    if names.data.iter().any(Option::is_some) {
        separate(out);
    }
    for (number, literal) in module.literals.iter().enumerate() {
        if let Some(Some(name)) = names.data.get(number) {
            write_data(out, names, name, literal);
        }
    }
}

/// Says so when the program does not start where its text does.
fn write_main(out: &mut String, names: &Names<'_>) {
    let module = names.module;
    let by_name = module.functions.iter().position(|function| &*function.name == "main");
    let by_name = by_name.map(|index| FuncId((module.imports.len() + index) as u32));
    if module.main == by_name {
        return;
    }
    match module.main {
        Some(main) => line(out, format_args!("; the program starts at {}", names.function(main))),
        None => line(out, format_args!("; the program does not start at `main`")),
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
    out.push('\n');
}

/// A blank line, unless this is the start.
fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}

fn write_exports(out: &mut String, names: &Names<'_>) {
    for export in &names.module.exports {
        let (item, own_name) = match export.item {
            ExportItem::Function(id) => {
                (names.function(id), names.module.function(id).map(|f| f.name.clone()))
            }
            ExportItem::Type(ty) => (names.ty(ty), type_own_name(names.module, ty)),
        };
        if own_name.as_deref() == Some(&*export.name) {
            line(out, format_args!("export  {item}"));
        } else {
            line(out, format_args!("export  {item} as {}", quoted_path(&export.name)));
        }
    }
}

fn type_own_name(module: &Module, ty: TypeId) -> Option<Name> {
    match module.types.get(ty.index())? {
        TypeDef::Class(class) => Some(class.name.clone()),
        TypeDef::Interface(interface) => Some(interface.name.clone()),
        _ => None,
    }
}

fn write_class(out: &mut String, names: &Names<'_>, class: &Class) {
    let frozen = if class.frozen { "frozen " } else { "" };
    let above: Vec<String> = class.base.iter().chain(&class.interfaces).map(|&ty| names.ty(ty)).collect();
    open(out, &format!("{frozen}class"), class.import.as_deref(), &class.name, &above);
    for field in &class.fields {
        line(out, format_args!("    field  {}: {}", quoted(&field.name), names.ty(field.ty)));
    }
    for method in &class.methods {
        write_method(out, names, method);
    }
    out.push_str("}\n");
}

fn write_interface(out: &mut String, names: &Names<'_>, interface: &Interface) {
    let above: Vec<String> = interface.extends.iter().map(|&ty| names.ty(ty)).collect();
    open(out, "interface", interface.import.as_deref(), &interface.name, &above);
    for method in &interface.methods {
        write_method(out, names, method);
    }
    out.push_str("}\n");
}

fn open(out: &mut String, keyword: &str, import: Option<&str>, name: &str, above: &[String]) {
    let colon = if above.is_empty() { "" } else { " : " };
    let import_word = if import.is_some() { "import  " } else { "" };
    let (path, above) = (member_path(import, name), above.join(", "));
    separate(out);
    line(out, format_args!("{import_word}{keyword} {path}{colon}{above} {{"));
}

fn write_method(out: &mut String, names: &Names<'_>, method: &Method) {
    let head = format!("    method {}{}", quoted(&method.name), names.signature(&method.signature));
    match method.function {
        Some(function) => line(out, format_args!("{head} = {}", names.function(function))),
        None => line(out, format_args!("{head}")),
    }
}

fn write_data(out: &mut String, names: &Names<'_>, name: &str, literal: &Literal) {
    let (ty, items) = match literal {
        Literal::Str(text) => ("str".to_string(), vec![string(text)]),
        Literal::Func(function, ty) => (names.ty(*ty), vec![names.function(*function)]),
        Literal::Bytes(bytes) => ("bytes".to_string(), byte_items(bytes)),
        Literal::Array(elem, bytes) => (format!("[{}]", elem.name()), elements(*elem, bytes)),
        Literal::Refs(ty, items) => {
            let item = |item: &Option<LiteralId>| item.map_or_else(|| "null".into(), |id| names.literal(id));
            (names.ty(*ty), items.iter().map(item).collect())
        }
        Literal::Types(types) => {
            let class = |&ty: &TypeId| match ty {
                TypeId::BOX_I64 => "i64".into(),
                TypeId::BOX_F64 => "f64".into(),
                ty => names.ty(ty),
            };
            ("[i64]".to_string(), types.iter().map(class).collect::<Vec<_>>())
        }
    };
    let keyword = match literal {
        Literal::Str(_) | Literal::Func(..) => ".literal",
        Literal::Bytes(_) | Literal::Array(..) | Literal::Refs(..) | Literal::Types(_) => "data   ",
    };
    let word = if matches!(literal, Literal::Types(_)) { " types" } else { "" };
    let head = format!("{keyword} {name}: {ty} ={word}");
    let per_line = if matches!(literal, Literal::Bytes(_)) && items.iter().any(|item| item.starts_with('"')) {
        1
    } else {
        DATA_LINE_ITEMS
    };
    if items.len() <= per_line {
        return line(out, format_args!("{}", format!("{head} {}", items.join(", ")).trim_end()));
    }
    // The word `types` and the first of them stand on one line.
    let first = if word.is_empty() { "\n    " } else { " " };
    let _ = write!(out, "{head}{first}");
    for (number, chunk) in items.chunks(per_line).enumerate() {
        let comma = if number == 0 { "" } else { ",\n    " };
        let _ = write!(out, "{comma}{}", chunk.join(", "));
    }
    out.push('\n');
}

/// Bytes as strings where most of them are text, else as numbers.
fn byte_items(bytes: &[u8]) -> Vec<String> {
    let is_text = |byte: &&u8| (0x20..0x7f).contains(*byte) || matches!(**byte, b'\n' | b'\t' | b'\r');
    if bytes.iter().filter(is_text).count() * 4 < bytes.len() * 3 {
        return bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
    }
    bytes.chunks(DATA_TEXT_BYTES).map(byte_string).collect()
}

/// The elements of an array of numbers.
fn elements(elem: Elem, bytes: &[u8]) -> Vec<String> {
    bytes.chunks(elem.bytes() as usize).map(|chunk| element(elem, chunk)).collect()
}

fn element(elem: Elem, chunk: &[u8]) -> String {
    let mut wide = [0; 8];
    wide[..chunk.len()].copy_from_slice(chunk);
    let bits = u64::from_le_bytes(wide);
    match elem {
        Elem::I8 => (bits as i8).to_string(),
        Elem::U8 => (bits as u8).to_string(),
        Elem::I16 => (bits as i16).to_string(),
        Elem::U16 => (bits as u16).to_string(),
        Elem::I32 => (bits as i32).to_string(),
        Elem::U32 => (bits as u32).to_string(),
        Elem::I64 => (bits as i64).to_string(),
        Elem::F32 => float(f64::from(f32::from_bits(bits as u32))),
        Elem::F64 => float(f64::from_bits(bits)),
    }
}
