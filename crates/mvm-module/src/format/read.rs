//! Bytes to modules. Total: any bytes give a module or a [`LoadError`], in memory proportional to their number.

use mvm_isa::{Elem, TypeId};

use crate::format::{MAGIC, SECTIONS, VERSION, instruction_set, kind};
use crate::model::{
    Class, Export, ExportItem, Field, FuncDebug, FuncId, Function, Handler, Import, InlineEntry, InlinedCall,
    Interface, LineEntry, Literal, LiteralId, Method, Module, Name, Selector, Signature, TypeDef, VarEntry,
};

/// Why bytes are not a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, in section `{section}` at offset {offset:#x}")]
pub struct LoadError {
    /// The section that is wrong; `header` and `checksum` count as sections here.
    pub section: &'static str,
    /// Where in the file.
    pub offset: usize,
    /// What is wrong there.
    pub problem: LoadProblem,
}

/// What is wrong in a module file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadProblem {
    /// The magic number is not there.
    #[error("not a module: the file does not start with `MVM`")]
    NotAModule,
    /// The layout is of another version.
    #[error("format version {found}, this reader knows {VERSION}")]
    Version {
        /// The version of the file.
        found: u16,
    },
    /// Instructions or syscalls have other numbers.
    #[error("built for instruction set {found:#010x}, this machine has {:#010x}", instruction_set())]
    InstructionSet {
        /// The instruction set of the file.
        found: u32,
    },
    /// The bytes are not those that were written.
    #[error("checksum {found:#010x}, computed {computed:#010x}: the file is damaged")]
    Checksum {
        /// The checksum in the file.
        found: u32,
        /// The checksum of the bytes before it.
        computed: u32,
    },
    /// Another section was expected here.
    #[error("section {found} where `{}` (section {expected}) belongs", SECTIONS[usize::from(*.expected) - 1])]
    Section {
        /// The section that belongs here.
        expected: u8,
        /// The section that is here.
        found: u8,
    },
    /// The section or the file ends too early.
    #[error("{missing} bytes are missing")]
    Truncated {
        /// How many bytes are missing.
        missing: usize,
    },
    /// A section or the file goes on after its end.
    #[error("{count} bytes too many")]
    TrailingBytes {
        /// How many bytes are left.
        count: usize,
    },
    /// A number is not written in its shortest form, or has more than 64 bits.
    #[error("a number is not written in its shortest form")]
    OverlongNumber,
    /// A number is larger than the place allows.
    #[error("number {value} is above {max}")]
    NumberTooLarge {
        /// The number.
        value: u64,
        /// The largest one allowed.
        max: u64,
    },
    /// There cannot be so many items in the bytes that are left.
    #[error("{count} items do not fit in {left} bytes")]
    CountTooLarge {
        /// How many items there should be.
        count: u64,
        /// How many bytes are left in the section.
        left: usize,
    },
    /// Text is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// A byte that chooses between forms has an unknown value.
    #[error("unknown {what} {value}")]
    UnknownKind {
        /// What the byte chooses.
        what: &'static str,
        /// Its value.
        value: u8,
    },
    /// Strings are not numbered in the order of their first use.
    #[error(
        "string {found} where at most string {next} can be: strings stand in the order of their first use"
    )]
    StringOrder {
        /// The string that is named.
        found: u64,
        /// The next string that has not been used.
        next: usize,
    },
    /// A string stands in the table twice.
    #[error("string {number} stands in the table already")]
    StringTwice {
        /// Its second number.
        number: usize,
    },
    /// The section of inlined calls lists nothing, or a function without any.
    #[error("inlined calls are listed where there are none")]
    NothingInlined,
    /// A string is not used.
    #[error("{count} strings are not used")]
    StringUnused {
        /// How many.
        count: usize,
    },
}

type Load<T> = Result<T, LoadError>;

/// Reads a module.
pub fn read(bytes: &[u8]) -> Load<Module> {
    let mut reader =
        Reader { bytes, at: 0, end: bytes.len(), section: "header", strings: Vec::new(), used: 0 };
    reader.header()?;
    reader.section(1, Reader::string_table)?;
    let (name, sources, main) = reader.section(2, Reader::head)?;
    let mut module = Module { sources, main, ..Module::new(&name) };
    module.name = name;
    let types: Vec<TypeDef> = reader.section(3, |r| r.list(2, Reader::type_def))?;
    module.types.extend(types);
    module.selectors = reader.section(4, |r| r.list(2, Reader::selector))?;
    module.literals = reader.section(5, |r| r.list(2, Reader::literal))?;
    module.imports = reader.section(6, |r| r.list(4, Reader::import))?;
    module.functions = reader.section(7, |r| r.list(6, Reader::function))?;
    module.exports = reader.section(8, |r| r.list(3, Reader::export))?;
    reader.section(9, |r| {
        for function in &mut module.functions {
            function.debug = r.debug()?;
        }
        Ok(())
    })?;
    // Only modules with inlined calls have a section for them.
    if reader.at < reader.bytes.len() {
        reader.section(10, |r| r.inlined(&mut module.functions))?;
    }
    reader.finish()?;
    Ok(module)
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// End of the section.
    end: usize,
    section: &'static str,
    strings: Vec<Name>,
    /// How many strings have been named.
    used: usize,
}

impl<'b> Reader<'b> {
    fn fail<T>(&self, offset: usize, problem: LoadProblem) -> Load<T> {
        Err(LoadError { section: self.section, offset, problem })
    }

    /// Magic number, version, and the checksum at the end.
    fn header(&mut self) -> Load<()> {
        if self.bytes.get(..MAGIC.len()) != Some(&MAGIC) {
            return self.fail(0, LoadProblem::NotAModule);
        }
        self.at = MAGIC.len();
        let found = u16::from_le_bytes(self.array()?);
        if found != VERSION {
            return self.fail(MAGIC.len(), LoadProblem::Version { found });
        }
        let instructions = u32::from_le_bytes(self.array()?);
        let after_header = self.at;
        let sum_at = self.bytes.len().saturating_sub(4).max(after_header);
        self.at = sum_at;
        let found = u32::from_le_bytes(self.array()?);
        let computed = crc32fast::hash(&self.bytes[..sum_at]);
        if found != computed {
            self.section = "checksum";
            return self.fail(sum_at, LoadProblem::Checksum { found, computed });
        }
        if instructions != instruction_set() {
            return self.fail(MAGIC.len() + 2, LoadProblem::InstructionSet { found: instructions });
        }
        self.bytes = &self.bytes[..sum_at];
        (self.at, self.end) = (after_header, sum_at);
        Ok(())
    }

    fn section<T>(&mut self, expected: u8, body: impl FnOnce(&mut Self) -> Load<T>) -> Load<T> {
        self.section = SECTIONS[usize::from(expected) - 1];
        let found = self.byte()?;
        if found != expected {
            return self.fail(self.at - 1, LoadProblem::Section { expected, found });
        }
        let size = self.size(1)?;
        self.end = self.at + size;
        let value = body(self)?;
        if self.at < self.end {
            return self.fail(self.at, LoadProblem::TrailingBytes { count: self.end - self.at });
        }
        self.end = self.bytes.len();
        Ok(value)
    }

    fn finish(&mut self) -> Load<()> {
        if self.at < self.bytes.len() {
            return self.fail(self.at, LoadProblem::TrailingBytes { count: self.bytes.len() - self.at });
        }
        let unused = self.strings.len() - self.used;
        if unused > 0 {
            self.section = SECTIONS[0];
            return self.fail(self.at, LoadProblem::StringUnused { count: unused });
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Load<&'b [u8]> {
        let left = self.end - self.at;
        if count > left {
            return self.fail(self.at, LoadProblem::Truncated { missing: count - left });
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Load<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn byte(&mut self) -> Load<u8> {
        Ok(self.array::<1>()?[0])
    }

    fn number(&mut self, max: u64) -> Load<u64> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            value |= bits << shift;
            if byte < 0x80 {
                let overlong = (byte == 0 && shift > 0) || bits << shift >> shift != bits;
                return if overlong {
                    self.fail(start, LoadProblem::OverlongNumber)
                } else if value > max {
                    self.fail(start, LoadProblem::NumberTooLarge { value, max })
                } else {
                    Ok(value)
                };
            }
        }
        self.fail(start, LoadProblem::OverlongNumber)
    }

    fn u16(&mut self) -> Load<u16> {
        Ok(self.number(u16::MAX.into())? as u16)
    }

    fn u32(&mut self) -> Load<u32> {
        Ok(self.number(u32::MAX.into())? as u32)
    }

    fn optional(&mut self, max: u32) -> Load<Option<u32>> {
        Ok(self.number(u64::from(max) + 1)?.checked_sub(1).map(|value| value as u32))
    }

    /// How many items of at least `least` bytes follow.
    fn size(&mut self, least: usize) -> Load<usize> {
        let start = self.at;
        let count = self.number(u64::MAX)?;
        let left = self.end - self.at;
        match usize::try_from(count) {
            Ok(count) if count <= left / least => Ok(count),
            _ => self.fail(start, LoadProblem::CountTooLarge { count, left }),
        }
    }

    fn list<T, C: FromIterator<T>>(
        &mut self,
        least: usize,
        mut item: impl FnMut(&mut Self) -> Load<T>,
    ) -> Load<C> {
        let count = self.size(least)?;
        (0..count).map(|_| item(self)).collect()
    }

    fn bytes(&mut self) -> Load<&'b [u8]> {
        let count = self.size(1)?;
        self.take(count)
    }

    fn text(&mut self) -> Load<&'b str> {
        let bytes = self.bytes()?;
        let start = self.at - bytes.len();
        std::str::from_utf8(bytes)
            .or_else(|error| self.fail(start + error.valid_up_to(), LoadProblem::NotUtf8))
    }

    fn flag(&mut self, what: &'static str) -> Load<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            value => self.fail(self.at - 1, LoadProblem::UnknownKind { what, value }),
        }
    }

    fn string_table(&mut self) -> Load<()> {
        self.strings = self.list(1, |r| r.text().map(Name::from))?;
        let mut sorted: Vec<usize> = (0..self.strings.len()).collect();
        sorted.sort_unstable_by_key(|&number| (&self.strings[number], number));
        for pair in sorted.windows(2) {
            if self.strings[pair[0]] == self.strings[pair[1]] {
                return self.fail(self.at, LoadProblem::StringTwice { number: pair[1] });
            }
        }
        Ok(())
    }

    fn string(&mut self) -> Load<Name> {
        let start = self.at;
        let found = self.number(u64::MAX)?;
        let next = self.used;
        match usize::try_from(found).ok().and_then(|number| self.strings.get(number)) {
            Some(name) if found <= next as u64 => {
                self.used = self.used.max(found as usize + 1);
                Ok(name.clone())
            }
            _ => self.fail(start, LoadProblem::StringOrder { found, next }),
        }
    }

    fn ty(&mut self) -> Load<TypeId> {
        self.u16().map(TypeId)
    }

    fn head(&mut self) -> Load<(Name, Vec<Name>, Option<FuncId>)> {
        Ok((self.string()?, self.list(1, Reader::string)?, self.optional(u32::MAX)?.map(FuncId)))
    }

    fn signature(&mut self) -> Load<Signature> {
        Ok(Signature { params: self.list(1, Reader::ty)?, results: self.list(1, Reader::ty)? })
    }

    fn type_def(&mut self) -> Load<TypeDef> {
        match self.byte()? {
            kind::REF_ARRAY => Ok(TypeDef::RefArray(self.ty()?)),
            kind::FUNC => Ok(TypeDef::Func(self.signature()?)),
            kind::CLASS => {
                let (name, import) = (self.string()?, self.import_name()?);
                let base = self.optional(u16::MAX.into())?.map(|ty| TypeId(ty as u16));
                let frozen = self.flag("class kind")?;
                let interfaces = self.list(1, Reader::ty)?;
                let fields = self.list(2, |r| Ok(Field { name: r.string()?, ty: r.ty()? }))?;
                let methods = self.list(4, Reader::method)?;
                Ok(TypeDef::Class(Class { name, import, base, interfaces, fields, methods, frozen }))
            }
            kind::INTERFACE => Ok(TypeDef::Interface(Interface {
                name: self.string()?,
                import: self.import_name()?,
                extends: self.list(1, Reader::ty)?,
                methods: self.list(4, Reader::method)?,
            })),
            value => self.fail(self.at - 1, LoadProblem::UnknownKind { what: "kind of type", value }),
        }
    }

    fn import_name(&mut self) -> Load<Option<Name>> {
        if self.flag("import mark")? { self.string().map(Some) } else { Ok(None) }
    }

    fn method(&mut self) -> Load<Method> {
        let (name, signature) = (self.string()?, self.signature()?);
        Ok(Method { name, signature, function: self.optional(u32::MAX)?.map(FuncId) })
    }

    fn selector(&mut self) -> Load<Selector> {
        Ok(Selector { interface: self.ty()?, method: self.u16()? })
    }

    fn literal(&mut self) -> Load<Literal> {
        match self.byte()? {
            kind::STR => Ok(Literal::Str(self.text()?.into())),
            kind::BYTES => Ok(Literal::Bytes(self.bytes()?.into())),
            kind::REFS => {
                let ty = self.ty()?;
                let elements: Vec<_> = self.list(1, |r| Ok(r.optional(u32::MAX)?.map(LiteralId)))?;
                Ok(Literal::Refs(ty, elements.into()))
            }
            kind::FUNC_REF => Ok(Literal::Func(FuncId(self.u32()?), self.ty()?)),
            kind::TYPES => {
                let types: Vec<_> = self.list(1, Reader::ty)?;
                Ok(Literal::Types(types.into()))
            }
            value => match value.checked_sub(kind::ARRAY).and_then(|elem| Elem::ALL.get(usize::from(elem))) {
                Some(&elem) => Ok(Literal::Array(elem, self.bytes()?.into())),
                None => self.fail(self.at - 1, LoadProblem::UnknownKind { what: "kind of literal", value }),
            },
        }
    }

    fn import(&mut self) -> Load<Import> {
        Ok(Import { module: self.string()?, name: self.string()?, signature: self.signature()? })
    }

    fn function(&mut self) -> Load<Function> {
        let (name, params) = (self.string()?, self.u16()?);
        let (results, registers) = (self.list(1, Reader::ty)?, self.list(1, Reader::ty)?);
        let words = self.size(8)?;
        let (words, _) = self.take(words * 8)?.as_chunks();
        let code = words.iter().map(|&word| u64::from_le_bytes(word)).collect();
        let handlers = self.list(5, |r| {
            let (start, end, target) = (r.u32()?, r.u32()?, r.u32()?);
            Ok(Handler { start, end, target, class: r.ty()?, register: r.u16()? })
        })?;
        Ok(Function { name, params, results, registers, code, handlers, debug: FuncDebug::default() })
    }

    fn export(&mut self) -> Load<Export> {
        let name = self.string()?;
        let item = match self.byte()? {
            kind::EXPORT_FUNCTION => ExportItem::Function(FuncId(self.u32()?)),
            kind::EXPORT_TYPE => ExportItem::Type(self.ty()?),
            value => {
                return self.fail(self.at - 1, LoadProblem::UnknownKind { what: "kind of export", value });
            }
        };
        Ok(Export { name, item })
    }

    fn inlined(&mut self, functions: &mut [Function]) -> Load<()> {
        let at = self.at;
        let mut next = 0u64;
        let count = functions.len() as u64;
        let found: Vec<()> = self.list(3, |r| {
            // One that has none is not listed, and there is no function behind the last.
            let start = r.at;
            let index = next + r.number(u32::MAX.into())?;
            if index >= count {
                return r
                    .fail(start, LoadProblem::NumberTooLarge { value: index, max: count.saturating_sub(1) });
            }
            next = index + 1;
            let mut before = 0;
            let calls: Vec<InlinedCall> = r.list(5, |r| {
                let (function, outer, file) = (FuncId(r.u32()?), r.optional(u32::MAX)?, r.u16()?);
                before = r.difference(before)?;
                Ok(InlinedCall { function, outer, file, line: before, column: r.u32()? })
            })?;
            let mut before = 0;
            let inlined: Vec<InlineEntry> = r.list(2, |r| {
                before = r.difference(before)?;
                Ok(InlineEntry { pc: before, call: r.optional(u32::MAX)? })
            })?;
            if calls.is_empty() && inlined.is_empty() {
                return r.fail(start, LoadProblem::NothingInlined);
            }
            let debug = &mut functions[index as usize].debug;
            (debug.calls, debug.inlined) = (calls, inlined);
            Ok(())
        })?;
        if found.is_empty() { self.fail(at, LoadProblem::NothingInlined) } else { Ok(()) }
    }

    fn debug(&mut self) -> Load<FuncDebug> {
        let register_names = self.list(1, Reader::string)?;
        let mut before = LineEntry { pc: 0, file: 0, line: 0, column: 0 };
        let lines = self.list(4, |r| {
            before = LineEntry {
                pc: r.difference(before.pc)?,
                file: r.u16()?,
                line: r.difference(before.line)?,
                column: r.u32()?,
            };
            Ok(before)
        })?;
        let vars = self.list(5, |r| {
            let (name, ty, register) = (r.string()?, r.string()?, r.u16()?);
            Ok(VarEntry { name, ty, register, start: r.u32()?, end: r.u32()? })
        })?;
        Ok(FuncDebug { register_names, lines, vars, ..FuncDebug::default() })
    }

    /// The number that is so far from `from` as the difference says.
    fn difference(&mut self, from: u32) -> Load<u32> {
        let start = self.at;
        let max = u64::from(u32::MAX) * 2;
        let coded = self.number(max)?;
        let far = (coded >> 1) as i64 ^ -((coded & 1) as i64);
        u32::try_from(i64::from(from) + far)
            .or_else(|_| self.fail(start, LoadProblem::NumberTooLarge { value: coded, max }))
    }
}
