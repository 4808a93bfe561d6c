//! The parts of a module as plain data.
//!
//! Nothing here is checked: a `Module` can be wrong in every way. The verifier decides, and executors take only what it
//! accepted.

use mvm_isa::{Elem, TypeId};

/// A name in a module. Shared: debug information repeats few names very often.
pub type Name = std::sync::Arc<str>;

/// Sizes that a module must not exceed. Each is tested at the edge and one past it.
pub mod limits {
    /// Registers of a function.
    pub const REGISTERS_MAX: usize = 65_000;
    /// Parameters of a function.
    pub const PARAMS_MAX: usize = 255;
    /// Results of a function.
    pub const RESULTS_MAX: usize = 8;
    /// Registers bound by one `bind`.
    pub const BOUND_MAX: usize = 16;
    /// Types of a module, built-in ones included.
    pub const TYPES_MAX: usize = 65_000;
    /// Functions of a module, imports included.
    pub const FUNCTIONS_MAX: usize = 1 << 24;
    /// Words of code in one function.
    pub const FUNCTION_WORDS_MAX: usize = 1 << 24;
    /// Words of code in one image.
    pub const CODE_WORDS_MAX: usize = 1 << 28;
    /// Size of an object's payload in 8-byte words.
    pub const OBJECT_WORDS_MAX: usize = 8_000;
    /// Depth of a class below its root, and of interfaces below theirs.
    pub const CLASS_DEPTH_MAX: usize = 64;
    /// Methods of a class, inherited ones included.
    pub const METHODS_MAX: usize = 65_000;
    /// Interface methods of an image.
    pub const SELECTORS_MAX: usize = 65_000;
    /// Entries of all method tables, field lists, interface lists and selector lists of an image together.
    pub const CLASS_ENTRIES_MAX: usize = 1 << 20;
    /// How deep array and function types are nested in each other.
    pub const TYPE_DEPTH_MAX: usize = 64;
    /// Types that an array or function type is written with: itself, those it names, those they name, and so on, each
    /// as often as it is named. (Classes are named, not written out.) Without it, 64 levels could be 2^64 types.
    pub const TYPE_PARTS_MAX: usize = 1_000;
    /// Literals of a module.
    pub const LITERALS_MAX: usize = 1 << 28;
    /// How deep literal arrays are nested in each other.
    pub const LITERAL_DEPTH_MAX: usize = 64;
    /// Exports of a module.
    pub const EXPORTS_MAX: usize = 1 << 24;
    /// Names of source files.
    pub const SOURCES_MAX: usize = 65_535;
    /// Bytes of a name.
    pub const NAME_BYTES_MAX: usize = 4_096;
    /// Handler ranges of a function.
    pub const HANDLERS_MAX: usize = 65_000;
    /// Bytes of a string, byte string or array literal, and largest length of any object.
    pub const LENGTH_MAX: usize = (1 << 31) - 1;
    /// Code words that a function without `enter` may have at most.
    pub const LEAF_WORDS_MAX: usize = 64;
    /// Words that a short backward branch (which charges 1) may span at most; longer ones use `jmp_back`.
    pub const SHORT_BACK_WORDS_MAX: usize = 64;
    /// Registers that a function without `enter` may have at most.
    pub const LEAF_REGISTERS_MAX: usize = 128;
    /// How deep inlined calls are in each other.
    pub const INLINE_DEPTH_MAX: usize = 64;
    /// Traps at the limit of the heap that can be caught before as many words as the limit have been allocated.
    pub const CAUGHT_SHORTAGES_MAX: u32 = 64;

    /// The limits that only modules of gigabytes reach, as a value: the code that judges them takes one, and tests give
    /// it a small one to stand at the edge. Everybody else takes the default, which is the constants.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Limits {
        /// [`FUNCTIONS_MAX`].
        pub functions: usize,
        /// [`FUNCTION_WORDS_MAX`].
        pub function_words: usize,
        /// [`CODE_WORDS_MAX`].
        pub code_words: usize,
        /// [`LITERALS_MAX`].
        pub literals: usize,
        /// [`EXPORTS_MAX`].
        pub exports: usize,
        /// [`LENGTH_MAX`], of literals.
        pub length: usize,
    }

    impl Default for Limits {
        fn default() -> Limits {
            Limits {
                functions: FUNCTIONS_MAX,
                function_words: FUNCTION_WORDS_MAX,
                code_words: CODE_WORDS_MAX,
                literals: LITERALS_MAX,
                exports: EXPORTS_MAX,
                length: LENGTH_MAX,
            }
        }
    }
}

/// Index of a function: imports first, then the functions of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncId(pub u32);

/// Index of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LiteralId(pub u32);

/// Parameter and result types of a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Signature {
    /// Types of the parameters.
    pub params: Vec<TypeId>,
    /// Types of the results.
    pub results: Vec<TypeId>,
}

/// One program or library, or several linked into one image (then without imports).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Name by which others import from it.
    pub name: Name,
    /// Type table. It starts with [`Module::builtin_types`]; the rest is the module's own.
    pub types: Vec<TypeDef>,
    /// Interface methods that `calli` names, by selector number.
    pub selectors: Vec<Selector>,
    /// Literals.
    pub literals: Vec<Literal>,
    /// Functions of other modules.
    pub imports: Vec<Import>,
    /// Functions of this module.
    pub functions: Vec<Function>,
    /// What other modules may use.
    pub exports: Vec<Export>,
    /// The function a program starts with.
    pub main: Option<FuncId>,
    /// Names of source files that [`LineEntry::file`] counts in.
    pub sources: Vec<Name>,
}

/// A function of another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Name of the other module.
    pub module: Name,
    /// Name there.
    pub name: Name,
    /// Its parameters and results.
    pub signature: Signature,
}

/// Something other modules may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The name others use.
    pub name: Name,
    /// What it stands for.
    pub item: ExportItem,
}

/// What an export stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportItem {
    /// A function.
    Function(FuncId),
    /// A class or interface.
    Type(TypeId),
}

/// An interface method as the image numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Selector {
    /// The interface that declares the method.
    pub interface: TypeId,
    /// Its index among the interface's own methods.
    pub method: u16,
}

/// An entry of the type table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeDef {
    /// `i64`.
    I64,
    /// `f64`.
    F64,
    /// `any`.
    Any,
    /// `str`.
    Str,
    /// `bytes`.
    Bytes,
    /// `block`.
    Block,
    /// An array of numbers.
    Array(Elem),
    /// Heap class of a boxed `i64`; no register has it.
    BoxI64,
    /// Heap class of a boxed `f64`; no register has it.
    BoxF64,
    /// A built-in number that is not used yet.
    Reserved,
    /// An array of references of this type.
    RefArray(TypeId),
    /// A function reference.
    Func(Signature),
    /// A class.
    Class(Class),
    /// An interface.
    Interface(Interface),
}

/// A class as declared: only what it adds to its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Name.
    pub name: Name,
    /// Module that declares it, when that is another one. Linking requires both to be equal.
    pub import: Option<Name>,
    /// Base class.
    pub base: Option<TypeId>,
    /// Interfaces named by the class.
    pub interfaces: Vec<TypeId>,
    /// Own fields.
    pub fields: Vec<Field>,
    /// Own methods: new ones, and ones that replace an inherited method of the same name and types.
    pub methods: Vec<Method>,
    /// Fields are set only by `new_with`.
    pub frozen: bool,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: TypeId,
}

/// A method of a class or an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Name.
    pub name: Name,
    /// Parameters without the object, and results.
    pub signature: Signature,
    /// The function; none for an abstract method (and for all methods of interfaces).
    pub function: Option<FuncId>,
}

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Name.
    pub name: Name,
    /// Module that declares it, when that is another one.
    pub import: Option<Name>,
    /// Interfaces it includes.
    pub extends: Vec<TypeId>,
    /// Own methods.
    pub methods: Vec<Method>,
}

/// A constant object, made once per process on first use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string.
    Str(Box<str>),
    /// A byte string.
    Bytes(Box<[u8]>),
    /// An array of numbers; the elements in little-endian order.
    Array(Elem, Box<[u8]>),
    /// An array of references: its type and its elements.
    Refs(TypeId, Box<[Option<LiteralId>]>),
    /// A reference to a function: its function type.
    Func(FuncId, TypeId),
    /// An array `[i64]` of the numbers that types have in the program.
    Types(Box<[TypeId]>),
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Name, unique in the module.
    pub name: Name,
    /// How many of the registers are parameters.
    pub params: u16,
    /// Result types.
    pub results: Vec<TypeId>,
    /// Type of each register, parameters first.
    pub registers: Vec<TypeId>,
    /// Code; branch distances are relative to the instruction.
    pub code: Vec<u64>,
    /// Handler ranges, inner ones first.
    pub handlers: Vec<Handler>,
    /// Debug information.
    pub debug: FuncDebug,
}

/// A range of code whose exceptions go to a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handler {
    /// First word of the range.
    pub start: u32,
    /// Word after the range.
    pub end: u32,
    /// Where the handler starts.
    pub target: u32,
    /// Class of exceptions it takes: `Error` or below.
    pub class: TypeId,
    /// Register that receives the exception.
    pub register: u16,
}

/// What tools want to know about a function and execution does not need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FuncDebug {
    /// Names of registers; an empty name for registers that the assembler made up.
    pub register_names: Vec<Name>,
    /// Source positions, ascending by pc; each holds up to the next.
    pub lines: Vec<LineEntry>,
    /// Variables of the source language.
    pub vars: Vec<VarEntry>,
    /// Calls that were replaced by the code of what they called.
    pub calls: Vec<InlinedCall>,
    /// To which of [`FuncDebug::calls`] code belongs, ascending by pc; each entry holds up to the next. Code in front of
    /// the first one is the function's own.
    pub inlined: Vec<InlineEntry>,
}

/// A call that was replaced by the code of what it called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InlinedCall {
    /// The function that was called.
    pub function: FuncId,
    /// The inlined call in whose code this one stood, by its index in [`FuncDebug::calls`]: a smaller one.
    pub outer: Option<u32>,
    /// Where it stood: index in [`Module::sources`].
    pub file: u16,
    /// Line, counted from 1; 0 when not known.
    pub line: u32,
    /// Column, counted from 1; 0 when not known.
    pub column: u32,
}

/// From this pc on, code belongs to this inlined call, or to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InlineEntry {
    /// Word index in the function.
    pub pc: u32,
    /// Index in [`FuncDebug::calls`].
    pub call: Option<u32>,
}

/// A call as the source has it: of a function that has a frame, or of one that was inlined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceCall {
    /// The function.
    pub function: FuncId,
    /// Where it is.
    pub line: Option<LineEntry>,
}

/// From this pc on, code comes from this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineEntry {
    /// Word index in the function.
    pub pc: u32,
    /// Index in [`Module::sources`].
    pub file: u16,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1; 0 when not known.
    pub column: u32,
}

/// A variable of the source language and where it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VarEntry {
    /// Name in the source language.
    pub name: Name,
    /// Type as the users of that language write it.
    pub ty: Name,
    /// Register.
    pub register: u16,
    /// First word where this holds.
    pub start: u32,
    /// Word after the last one.
    pub end: u32,
}

impl Function {
    /// Parameter and result types.
    pub fn signature(&self) -> Signature {
        let count = usize::from(self.params).min(self.registers.len());
        Signature { params: self.registers[..count].to_vec(), results: self.results.clone() }
    }

    /// The source position of a word of code.
    pub fn line_at(&self, pc: u32) -> Option<LineEntry> {
        let next = self.debug.lines.partition_point(|entry| entry.pc <= pc);
        next.checked_sub(1).map(|index| self.debug.lines[index])
    }

    /// The inlined call that a word of code belongs to.
    pub fn inlined_at(&self, pc: u32) -> Option<u32> {
        let next = self.debug.inlined.partition_point(|entry| entry.pc <= pc);
        next.checked_sub(1).and_then(|index| self.debug.inlined[index].call)
    }

    /// The calls that a word of code belongs to as the source has them, the innermost first and this function, whose
    /// number is `id`, last.
    pub fn source_calls(&self, id: FuncId, pc: u32) -> Vec<SourceCall> {
        let mut calls = Vec::new();
        let mut line = self.line_at(pc);
        let mut inside = self.inlined_at(pc);
        while let Some(call) = inside.and_then(|index| self.debug.calls.get(index as usize)) {
            calls.push(SourceCall { function: call.function, line });
            let InlinedCall { file, line: number, column, .. } = *call;
            line = (number > 0).then_some(LineEntry { pc, file, line: number, column });
            // Outer calls have smaller numbers, so this ends.
            inside = call.outer.filter(|outer| inside.is_some_and(|inner| *outer < inner));
        }
        calls.push(SourceCall { function: id, line });
        calls
    }
}

impl Module {
    /// An empty module.
    pub fn new(name: &str) -> Module {
        Module {
            name: name.into(),
            types: Module::builtin_types(),
            selectors: Vec::new(),
            literals: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            exports: Vec::new(),
            main: None,
            sources: Vec::new(),
        }
    }

    /// The first [`TypeId::FIRST_USER`] entries of every type table.
    pub fn builtin_types() -> Vec<TypeDef> {
        let mut types =
            vec![TypeDef::I64, TypeDef::F64, TypeDef::Any, TypeDef::Str, TypeDef::Bytes, TypeDef::Block];
        types.extend(Elem::ALL.map(TypeDef::Array));
        types.extend([TypeDef::BoxI64, TypeDef::BoxF64, TypeDef::RefArray(TypeId::STR)]);
        let class = |name: &str, base, fields: &[(&str, TypeId)]| {
            TypeDef::Class(Class {
                name: name.into(),
                import: None,
                base,
                interfaces: Vec::new(),
                fields: fields.iter().map(|&(name, ty)| Field { name: name.into(), ty }).collect(),
                methods: Vec::new(),
                frozen: false,
            })
        };
        types.push(class("Error", None, &[("message", TypeId::STR), ("cause", TypeId::ERROR)]));
        types.push(class("Trap", Some(TypeId::ERROR), &[("code", TypeId::I64)]));
        for &code in mvm_isa::TrapCode::ALL {
            types.push(class(code.class_name(), Some(TypeId::TRAP), &[]));
        }
        types.resize(TypeId::FIRST_USER.index(), TypeDef::Reserved);
        types
    }

    /// The signature of a function or an import.
    pub fn signature(&self, id: FuncId) -> Option<Signature> {
        let index = id.0 as usize;
        match self.imports.get(index) {
            Some(import) => Some(import.signature.clone()),
            None => self.functions.get(index.checked_sub(self.imports.len())?).map(Function::signature),
        }
    }

    /// The function with this number, if it is not an import.
    pub fn function(&self, id: FuncId) -> Option<&Function> {
        (id.0 as usize).checked_sub(self.imports.len()).and_then(|index| self.functions.get(index))
    }

    /// Name of a function or an import (`module.name`).
    pub fn function_name(&self, id: FuncId) -> String {
        match self.imports.get(id.0 as usize) {
            Some(import) => format!("{}.{}", import.module, import.name),
            None => self.function(id).map_or_else(|| format!("function {}", id.0), |f| f.name.to_string()),
        }
    }

    /// How many types a type is written with: 1 for all but array and function types. What is more than one above
    /// [`limits::TYPE_PARTS_MAX`] is not counted, so that this ends for types that contain themselves.
    pub fn type_parts(&self, ty: TypeId) -> usize {
        let mut parts = 0;
        let mut left = vec![ty];
        while parts <= limits::TYPE_PARTS_MAX
            && let Some(ty) = left.pop()
        {
            parts += 1;
            match self.types.get(ty.index()) {
                Some(TypeDef::RefArray(item)) => left.push(*item),
                Some(TypeDef::Func(signature)) => {
                    left.extend(signature.params.iter().chain(&signature.results))
                }
                _ => {}
            }
        }
        parts
    }

    /// The type as it is written in assembly; of a large or deep one only the beginning, with `...` for the rest.
    pub fn type_name(&self, ty: TypeId) -> String {
        let mut out = String::new();
        self.write_type_name(&mut out, ty, NAME_LEVELS);
        out
    }

    fn write_type_name(&self, out: &mut String, ty: TypeId, levels: usize) {
        let Some(def) = self.types.get(ty.index()) else {
            out.push_str(&format!("type {}", ty.0));
            return;
        };
        if levels == 0 {
            out.push_str("...");
            return;
        }
        match def {
            TypeDef::I64 => out.push_str("i64"),
            TypeDef::F64 => out.push_str("f64"),
            TypeDef::Any => out.push_str("any"),
            TypeDef::Str => out.push_str("str"),
            TypeDef::Bytes => out.push_str("bytes"),
            TypeDef::Block => out.push_str("block"),
            TypeDef::Array(elem) => out.push_str(&format!("[{}]", elem.name())),
            TypeDef::BoxI64 => out.push_str("boxed i64"),
            TypeDef::BoxF64 => out.push_str("boxed f64"),
            TypeDef::Reserved => out.push_str(&format!("reserved type {}", ty.0)),
            TypeDef::RefArray(item) => {
                out.push('[');
                self.write_type_name(out, *item, levels - 1);
                out.push(']');
            }
            TypeDef::Func(signature) => {
                out.push_str("fn(");
                self.write_type_names(out, &signature.params, levels - 1);
                out.push(')');
                match signature.results.as_slice() {
                    [] => {}
                    [one] => {
                        out.push_str(" -> ");
                        self.write_type_name(out, *one, levels - 1);
                    }
                    many => {
                        out.push_str(" -> (");
                        self.write_type_names(out, many, levels - 1);
                        out.push(')');
                    }
                }
            }
            TypeDef::Class(class) => out.push_str(&class.name),
            TypeDef::Interface(interface) => out.push_str(&interface.name),
        }
    }

    fn write_type_names(&self, out: &mut String, types: &[TypeId], levels: usize) {
        for (index, &ty) in types.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            if out.len() > NAME_BYTES {
                return out.push_str("...");
            }
            self.write_type_name(out, ty, levels);
        }
    }
}

/// Levels of array and function types that [`Module::type_name`] writes.
const NAME_LEVELS: usize = 8;
/// Bytes after which [`Module::type_name`] begins no other type of a list.
const NAME_BYTES: usize = 1_000;
