//! Values of a process as text for people: one line for registers, a page for dumps.
//!
//! Everything reads the heap through bounds that the object's own header gives; the text is cut at fixed sizes, so
//! that neither a long string nor a cycle can flood a terminal.

use std::fmt::Write as _;

use mvm_exec::{Image, Process};
use mvm_heap::{Header, Heap, Layout, flags};
use mvm_isa::{Elem, TypeId};
use mvm_module::{FuncId, Module, TypeDef};

/// Characters of a string that are shown on one line.
const TEXT_MAX: usize = 60;
/// Elements or fields that are shown on one line.
const ITEMS_MAX: usize = 8;
/// Levels of objects in objects that are shown on one line.
const DEPTH_MAX: usize = 2;
/// Bytes in a line of a dump.
const DUMP_BYTES: usize = 16;
/// Lines of a dump.
const DUMP_LINES_MAX: usize = 256;

/// What is needed to read values.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    heap: &'a Heap,
    image: &'a Image,
}

impl<'a> View<'a> {
    /// Reads values of a process.
    pub(crate) fn new(process: &'a Process) -> View<'a> {
        View { heap: process.heap(), image: process.image() }
    }

    fn module(self) -> &'a Module {
        self.image.module()
    }

    /// A value of a register or field of this type on one line.
    pub(crate) fn value(self, ty: TypeId, bits: u64) -> String {
        let mut out = String::new();
        self.write_value(&mut out, ty, bits, DEPTH_MAX);
        out
    }

    /// The same without what is inside of objects.
    pub(crate) fn brief(self, ty: TypeId, bits: u64) -> String {
        let mut out = String::new();
        self.write_value(&mut out, ty, bits, 0);
        out
    }

    fn write_value(self, out: &mut String, ty: TypeId, bits: u64, depth: usize) {
        match ty {
            TypeId::I64 => drop(write!(out, "{}", bits as i64)),
            TypeId::F64 => out.push_str(&float(f64::from_bits(bits))),
            _ => self.write_object(out, bits as u32, depth),
        }
    }

    fn write_object(self, out: &mut String, object: u32, depth: usize) {
        if object == 0 {
            return out.push_str("null");
        }
        let header = self.heap.header(object);
        let class = header.class();
        match (class, self.module().types.get(class.index())) {
            (TypeId::STR, _) => out.push_str(&quoted(self.heap.bytes(object))),
            (TypeId::BOX_I64, _) => drop(write!(out, "{} (boxed)", self.heap.word(object, 0) as i64)),
            (TypeId::BOX_F64, _) => {
                let _ = write!(out, "{} (boxed)", float(f64::from_bits(self.heap.word(object, 0))));
            }
            (TypeId::BLOCK, _) if header.flags() & flags::FREED != 0 => out.push_str("block (freed)"),
            (TypeId::BYTES | TypeId::BLOCK, _) => self.write_bytes(out, object, class, depth),
            (_, Some(TypeDef::Array(_) | TypeDef::RefArray(_))) => {
                self.write_array(out, object, header, depth)
            }
            (_, Some(TypeDef::Func(_))) => self.write_closure(out, object, depth),
            (_, Some(TypeDef::Class(_))) => self.write_fields(out, object, class, depth),
            _ => out.push_str(&self.module().type_name(class)),
        }
    }

    fn write_bytes(self, out: &mut String, object: u32, class: TypeId, depth: usize) {
        let bytes = self.heap.bytes(object);
        let _ = write!(out, "{} of {}", self.module().type_name(class), bytes.len());
        if bytes.is_empty() || depth == 0 {
            return;
        }
        out.push(':');
        for byte in bytes.iter().take(2 * ITEMS_MAX) {
            let _ = write!(out, " {byte:02x}");
        }
        if bytes.len() > 2 * ITEMS_MAX {
            out.push_str(" ...");
        }
    }

    fn write_array(self, out: &mut String, object: u32, header: Header, depth: usize) {
        let count = header.length() as usize;
        let _ = write!(out, "{} of {count}", self.module().type_name(header.class()));
        if count == 0 || depth == 0 {
            return;
        }
        for index in 0..count.min(ITEMS_MAX) {
            out.push_str(if index == 0 { ": " } else { ", " });
            self.write_element(out, object, header, index, depth - 1);
        }
        if count > ITEMS_MAX {
            out.push_str(", ...");
        }
    }

    /// Element `index`, which exists.
    fn write_element(self, out: &mut String, object: u32, header: Header, index: usize, depth: usize) {
        let Some(elem) = header.class().elem() else {
            return self.write_object(out, self.heap.reference(object, index), depth);
        };
        let bits = self.number(object, elem, index);
        let ty = if elem.is_float() { TypeId::F64 } else { TypeId::I64 };
        self.write_value(out, ty, bits, depth);
    }

    /// An element of an array of numbers as a register holds it.
    fn number(self, object: u32, elem: Elem, index: usize) -> u64 {
        let size = elem.bytes() as usize;
        let bits = self.heap.word(object, index * size / 8) >> (index * size % 8 * 8);
        let shift = 64 - 8 * size as u32;
        match elem {
            Elem::F32 => f64::from(f32::from_bits(bits as u32)).to_bits(),
            Elem::U8 | Elem::U16 | Elem::U32 | Elem::F64 => bits << shift >> shift,
            Elem::I8 | Elem::I16 | Elem::I32 | Elem::I64 => ((bits << shift) as i64 >> shift) as u64,
        }
    }

    fn write_closure(self, out: &mut String, object: u32, depth: usize) {
        use mvm_heap::layout::closure;
        let word = self.heap.word(object, 0);
        let name = self.module().function_name(FuncId(closure::function(word)));
        let _ = write!(out, "fn {name}");
        let bound = usize::from(closure::bound(word));
        if bound == 0 || depth == 0 {
            return;
        }
        let types = self.module().function(FuncId(closure::function(word))).map(|f| f.registers.as_slice());
        out.push_str(" with ");
        for index in 0..bound {
            if index > 0 {
                out.push_str(", ");
            }
            let ty = types.and_then(|types| types.get(index)).copied().unwrap_or(TypeId::I64);
            self.write_value(out, ty, self.heap.word(object, index + 1), depth - 1);
        }
    }

    fn write_fields(self, out: &mut String, object: u32, class: TypeId, depth: usize) {
        let _ = write!(out, "{} {{", self.module().type_name(class));
        let fields = self.image.module().classes().layout(class).map_or(&[][..], |layout| &layout.fields);
        if depth == 0 && !fields.is_empty() {
            return out.push_str(" ... }");
        }
        for (index, field) in fields.iter().take(ITEMS_MAX).enumerate() {
            let _ = write!(out, "{} {}: ", if index == 0 { "" } else { "," }, field.name);
            self.write_value(out, field.ty, self.field(object, field.ty, field.offset), depth - 1);
        }
        if fields.len() > ITEMS_MAX {
            out.push_str(", ...");
        }
        out.push_str(if fields.is_empty() { "}" } else { " }" });
    }

    /// The bits of a field.
    fn field(self, object: u32, ty: TypeId, offset: u16) -> u64 {
        if ty.is_ref() {
            u64::from(self.heap.reference(object, usize::from(offset)))
        } else {
            self.heap.word(object, usize::from(offset) / 2)
        }
    }

    /// The field of an object.
    pub(crate) fn field_of(self, ty: TypeId, bits: u64, name: &str) -> Result<(TypeId, u64), String> {
        let object = self.object(ty, bits)?;
        let class = self.heap.class(object);
        let shown = || self.module().type_name(class);
        let layout = self.image.module().classes().layout(class);
        let layout = layout.ok_or_else(|| format!("{} has no fields", shown()))?;
        let field = layout.field(name).ok_or_else(|| {
            let near = mvm_diag::suggest(name, layout.fields.iter().map(|field| &*field.name));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("{} has no field `{name}`{near}", shown())
        })?;
        Ok((field.ty, self.field(object, field.ty, field.offset)))
    }

    /// The element of an array, or the byte of a string, byte string or block.
    pub(crate) fn element_of(self, ty: TypeId, bits: u64, index: i64) -> Result<(TypeId, u64), String> {
        let object = self.object(ty, bits)?;
        let header = self.heap.header(object);
        let at = usize::try_from(index).ok().filter(|&at| at < header.length() as usize);
        let outside = || format!("index {index} is out of bounds for length {}", header.length());
        match (header.class(), self.module().types.get(header.class().index())) {
            (TypeId::STR | TypeId::BYTES | TypeId::BLOCK, _) => {
                let byte = self.heap.bytes(object)[at.ok_or_else(outside)?];
                Ok((TypeId::I64, u64::from(byte)))
            }
            (_, Some(TypeDef::RefArray(item))) => {
                Ok((*item, u64::from(self.heap.reference(object, at.ok_or_else(outside)?))))
            }
            (_, Some(TypeDef::Array(elem))) => {
                let bits = self.number(object, *elem, at.ok_or_else(outside)?);
                Ok((if elem.is_float() { TypeId::F64 } else { TypeId::I64 }, bits))
            }
            _ => Err(format!("{} has no elements", self.module().type_name(header.class()))),
        }
    }

    fn object(self, ty: TypeId, bits: u64) -> Result<u32, String> {
        match bits as u32 {
            _ if !ty.is_ref() => Err(format!("a value of type {} has no parts", self.module().type_name(ty))),
            0 => Err("it is null".into()),
            object => Ok(object),
        }
    }

    /// Everything about a value, on as many lines as it takes.
    pub(crate) fn dump(self, ty: TypeId, bits: u64) -> String {
        let object = bits as u32;
        match ty {
            TypeId::I64 => {
                let value = bits as i64;
                let char = u32::try_from(value).ok().and_then(char::from_u32).filter(|c| !c.is_control());
                let char = char.map_or_else(String::new, |c| format!("   {c:?}"));
                return format!("{value}   {bits:#x}   {bits:#b}{char}\n");
            }
            TypeId::F64 => return format!("{}   bits {bits:#018x}\n", float(f64::from_bits(bits))),
            _ if object == 0 => return "null\n".into(),
            _ => {}
        }
        let header = self.heap.header(object);
        let class = header.class();
        let name = self.module().type_name(class);
        let mut out = String::new();
        match self.image.layouts().get(class) {
            Layout::Data { shift: 0 } if matches!(class, TypeId::STR | TypeId::BYTES | TypeId::BLOCK) => {
                let freed = if header.flags() & flags::FREED != 0 { ", freed" } else { "" };
                let _ = writeln!(out, "{name} of {} bytes{freed}", header.length());
                if class == TypeId::STR {
                    let _ = writeln!(out, "{}", quoted(self.heap.bytes(object)));
                }
                hex_dump(&mut out, self.heap.bytes(object));
            }
            Layout::Object { .. } => {
                let _ = writeln!(out, "{name}");
                let fields =
                    self.image.module().classes().layout(class).map_or(&[][..], |layout| &layout.fields);
                for field in fields.iter().take(DUMP_LINES_MAX) {
                    let value = self.value(field.ty, self.field(object, field.ty, field.offset));
                    let _ =
                        writeln!(out, "  {}: {} = {value}", field.name, self.module().type_name(field.ty));
                }
            }
            Layout::Refs | Layout::Data { .. } if class != TypeId::BOX_I64 && class != TypeId::BOX_F64 => {
                let count = header.length() as usize;
                let _ = writeln!(out, "{name} of {count} elements");
                for index in 0..count.min(DUMP_LINES_MAX) {
                    let _ = write!(out, "  [{index}] ");
                    self.write_element(&mut out, object, header, index, DEPTH_MAX);
                    out.push('\n');
                }
                if count > DUMP_LINES_MAX {
                    let _ = writeln!(out, "  ... and {} more", count - DUMP_LINES_MAX);
                }
            }
            _ => {
                let _ = writeln!(out, "{}", self.value(ty, bits));
            }
        }
        out
    }
}

/// A float as the machine prints it.
fn float(value: f64) -> String {
    if value.is_nan() { "nan".into() } else { format!("{value:?}") }
}

/// Bytes of a string in quotes, cut when there are many.
fn quoted(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4 * TEXT_MAX)];
    let text = String::from_utf8_lossy(head);
    let shown: String = text.chars().take(TEXT_MAX).collect();
    if shown.len() < bytes.len() {
        format!("{shown:?}... ({} bytes)", bytes.len())
    } else {
        format!("{shown:?}")
    }
}

/// Offset, bytes and characters, 16 a line.
fn hex_dump(out: &mut String, bytes: &[u8]) {
    for (line, chunk) in bytes.chunks(DUMP_BYTES).take(DUMP_LINES_MAX).enumerate() {
        let _ = write!(out, "  {:06x} ", line * DUMP_BYTES);
        for index in 0..DUMP_BYTES {
            let gap = if index == DUMP_BYTES / 2 { "  " } else { " " };
            match chunk.get(index) {
                Some(byte) => drop(write!(out, "{gap}{byte:02x}")),
                None => drop(write!(out, "{gap}  ")),
            }
        }
        let printable = |&byte: &u8| if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' };
        let _ = writeln!(out, "  |{}|", chunk.iter().map(printable).collect::<String>());
    }
    if bytes.len() > DUMP_BYTES * DUMP_LINES_MAX {
        let _ = writeln!(out, "  ... and {} more bytes", bytes.len() - DUMP_BYTES * DUMP_LINES_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_strings_are_cut() {
        assert_eq!(quoted(b"a\nb"), r#""a\nb""#);
        assert!(quoted("é".repeat(1000).as_bytes()).ends_with("... (2000 bytes)"));
    }

    #[test]
    fn bytes_are_dumped_in_lines() {
        let mut out = String::from("dump\n");
        hex_dump(&mut out, b"0123456789abcdef\x00");
        expect_test::expect![[r#"
            dump
              000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|
              000010  00                                                |.|
        "#]]
        .assert_eq(&out);
    }
}
