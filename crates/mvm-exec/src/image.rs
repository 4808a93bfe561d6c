//! A loaded program: verified code in one array and the tables that executors index.
//!
//! An image is immutable and shared by all processes that run it.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use mvm_heap::{Buffer, Layout, Layouts, SHARED_BYTES};
use mvm_isa::{Opcode, TypeId, encode};
use mvm_module::{FuncId, Function, Literal, TypeDef, VerifiedModule, limits};

use crate::native::{NATIVE, NativeTable, RESUME, Tier};

/// Opcode of the word that a process returns to when its first function is done. It is above all instructions.
pub(crate) const HALT: u16 = mvm_isa::Opcode::ALL.len() as u16;
/// Registers of the frame below the first function; they receive its results.
pub(crate) const STUB_REGISTERS: usize = limits::RESULTS_MAX;
/// Where a first function with at most 4 results returns to.
pub(crate) const HALT_PC: u32 = 1;
/// Where a first function with more results returns to. The first function of the image is behind it.
pub(crate) const HALT_MANY_PC: u32 = 4;

/// A class whose interface table would be more than so many times as large as the number of its selectors has none.
/// Otherwise a class with two selectors could ask for 65,536 entries, and a module for 65,000 such classes.
const SELECTOR_SPREAD_MAX: usize = 8;

/// What a call needs to know about a function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FuncEntry {
    /// First word in [`Image::code`].
    pub(crate) start: u32,
    /// Number of registers.
    pub(crate) registers: u16,
    /// Number of parameters.
    pub(crate) params: u8,
    /// Bit `k`: bound parameter `k` is a reference.
    pub(crate) ref_params: u16,
    /// Registers must be cleared at entry because some may be read before they are written.
    pub(crate) clear: bool,
}

/// Methods of one class as executors look them up.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClassEntry {
    /// Start of the method table in [`Image::methods`].
    pub(crate) methods: u32,
    /// Start of the interface table in [`Image::selectors`].
    pub(crate) selectors: u32,
    /// Size of the interface table minus 1; a selector is found at its number modulo the size.
    pub(crate) selector_mask: u16,
    /// Words of the payload of a new object; 0 also for types that are not classes.
    pub(crate) words: u32,
    /// Start of the fields in [`Image::fields`].
    pub(crate) fields: u32,
}

/// A buffer that is made when it is first asked for; none where the host had no memory.
type SharedBytes = OnceLock<Option<Arc<Buffer>>>;

/// A verified program, ready to run.
#[derive(Debug)]
pub struct Image {
    module: VerifiedModule,
    pub(crate) code: Box<[u64]>,
    pub(crate) functions: Box<[FuncEntry]>,
    /// Where a call of each function goes: its start, or its word for native code; 0 when the step has to do the call because registers
    /// must be cleared.
    pub(crate) entries: Box<[AtomicU32]>,
    pub(crate) native: Option<NativeTable>,
    /// Slots that must be free above the registers of every function that checks the stack: the arguments of any call, or
    /// the frame of any function that does not check.
    pub(crate) red_zone: usize,
    pub(crate) layouts: Layouts,
    pub(crate) classes: Box<[ClassEntry]>,
    pub(crate) methods: Box<[u32]>,
    /// Fields of all classes in order: the offset in units of 4 bytes; the lowest bit says that it is a reference.
    pub(crate) fields: Box<[u32]>,
    /// Interface tables: function in the low half, selector number in the high half.
    pub(crate) selectors: Box<[u64]>,
    /// A 0 for each literal: what a process has of them before it uses one.
    pub(crate) no_literals: Box<[u32]>,
    /// The bytes of long literals.
    shared_literals: OnceLock<Box<[SharedBytes]>>,
    /// Hash of the name of each type, made when a state hash is first asked for.
    type_hashes: OnceLock<Box<[u64]>>,
}

impl Image {
    /// Lays out a verified module for execution.
    pub fn load(module: VerifiedModule) -> Arc<Image> {
        Image::load_with(module, None)
    }

    /// The same, with a compiler for functions that are hot.
    pub fn load_with(module: VerifiedModule, tier: Option<Arc<dyn Tier>>) -> Arc<Image> {
        // The words before the one that a first function returns to say which registers take its results.
        let mut lists = Vec::new();
        encode::ret_many(&mut lists, mvm_isa::Opcode::RetMany, &[0, 1, 2, 3, 4, 5, 6, 7]);
        let halt = u64::from(HALT);
        let mut code = vec![lists[1], halt, lists[1], lists[2], halt];
        let mut functions = Vec::with_capacity(module.functions.len());
        for (index, function) in module.functions.iter().enumerate() {
            let start = code.len() as u32;
            code.extend_from_slice(&function.code);
            functions.push(entry(&module, FuncId(index as u32), function, start));
        }
        let red_zone = red_zone(&module);
        let entries = functions.iter().map(|f| AtomicU32::new(if f.clear { 0 } else { f.start })).collect();
        let native = tier.map(|tier| {
            let stubs = code.len() as u32;
            code.extend(module.functions.iter().enumerate().map(|(index, function)| {
                u64::from(NATIVE) | (function.results.len() as u64) << 16 | (index as u64) << 32
            }));
            code.push(u64::from(RESUME));
            NativeTable::new(tier, &module, stubs)
        });
        let mut image = Image {
            code: code.into(),
            functions: functions.into(),
            entries,
            native,
            red_zone,
            layouts: Layouts::new(module.types.len()),
            classes: Box::default(),
            methods: Box::default(),
            fields: Box::default(),
            selectors: Box::default(),
            no_literals: vec![0; module.literals.len()].into(),
            shared_literals: OnceLock::new(),
            type_hashes: OnceLock::new(),
            module,
        };
        image.load_types();
        if let Some(native) = &mut image.native {
            native.set_methods(&image.methods);
        }
        let image = Arc::new(image);
        if let Some(native) = &image.native {
            native.compile_at_load(&image);
        }
        image
    }

    fn load_types(&mut self) {
        let mut classes = vec![ClassEntry::default(); self.module.types.len()];
        let (mut methods, mut selectors) = (Vec::new(), Vec::new());
        let mut fields = Vec::new();
        // An empty interface table for everything that implements no interface.
        selectors.push(u64::MAX);
        for (index, def) in self.module.types.iter().enumerate() {
            let ty = TypeId(index as u16);
            match def {
                TypeDef::RefArray(_) => self.layouts.set(ty, Layout::Refs),
                TypeDef::Func(_) => self.layouts.set(ty, Layout::Closure),
                TypeDef::Class(_) => {
                    let Some(class) = self.module.classes().layout(ty) else { continue };
                    self.layouts
                        .set(ty, Layout::Object { words: class.words, refs: class.refs.as_slice().into() });
                    let entry = &mut classes[index];
                    entry.words = class.words;
                    entry.methods = methods.len() as u32;
                    entry.fields = fields.len() as u32;
                    fields.extend(
                        class.fields.iter().map(|f| u32::from(f.offset) << 1 | u32::from(f.ty.is_ref())),
                    );
                    methods.extend(class.methods.iter().map(|m| m.function.map_or(u32::MAX, |f| f.0)));
                    if !class.selectors.is_empty() {
                        // Without a table of its own the class has the empty one.
                        if let Some(table) = selector_table(&class.selectors) {
                            entry.selectors = selectors.len() as u32;
                            entry.selector_mask = (table.len() - 1) as u16;
                            selectors.extend(table);
                        }
                    }
                }
                _ => {}
            }
        }
        self.classes = classes.into();
        self.methods = methods.into();
        self.fields = fields.into();
        self.selectors = selectors.into();
    }

    /// The module the image was made from.
    pub fn module(&self) -> &VerifiedModule {
        &self.module
    }

    /// The native code, where there is a compiler.
    pub fn native(&self) -> Option<&NativeTable> {
        self.native.as_ref()
    }

    /// The loaded code. It stays where it is.
    pub fn code(&self) -> &[u64] {
        &self.code
    }

    /// Layouts of heap objects.
    pub fn layouts(&self) -> &Layouts {
        &self.layouts
    }

    /// The function that contains a word of code, and the word's index in the function. None for the words before
    /// the first function.
    pub fn locate(&self, pc: u32) -> Option<(FuncId, u32)> {
        let after = self.functions.partition_point(|f| f.start <= pc);
        let index = after.checked_sub(1)?;
        Some((FuncId(index as u32), pc - self.functions[index].start))
    }

    /// First word of a function in the image.
    pub fn start_of(&self, function: FuncId) -> u32 {
        self.functions[function.0 as usize].start
    }

    /// Calls `visit` with the registers of the caller that take the results of the call that returns to `pc`. `dst` is
    /// from the frame header.
    pub(crate) fn each_result(&self, pc: u32, results: usize, dst: u16, mut visit: impl FnMut(u16)) {
        match results {
            0 => {}
            1 => visit(dst),
            many => {
                let at = pc as usize - many.div_ceil(4);
                for k in 0..many {
                    visit((self.code[at + k / 4] >> (16 * (k % 4))) as u16);
                }
            }
        }
    }

    /// Hash of the name of a type: what the state hash says of it.
    pub(crate) fn type_hash(&self, ty: TypeId) -> u64 {
        let hashes = self.type_hashes.get_or_init(|| {
            let types = 0..self.module.types.len();
            types
                .map(|ty| crate::step::hash_bytes(0, self.module.type_name(TypeId(ty as u16)).as_bytes()))
                .collect()
        });
        hashes[ty.index()]
    }

    /// The bytes of a long literal string or byte string, which all processes share.
    pub(crate) fn shared_literal(&self, index: u32, bytes: &[u8]) -> Option<&Arc<Buffer>> {
        if bytes.len() <= SHARED_BYTES {
            return None;
        }
        let shared = self
            .shared_literals
            .get_or_init(|| self.module.literals.iter().map(|_| OnceLock::new()).collect());
        shared[index as usize].get_or_init(|| Buffer::new(bytes).map(Arc::new)).as_ref()
    }

    /// Type of the object of a literal.
    pub(crate) fn literal_type(&self, index: u32) -> TypeId {
        match &self.module.literals[index as usize] {
            Literal::Str(_) => TypeId::STR,
            Literal::Bytes(_) => TypeId::BYTES,
            Literal::Array(elem, _) => TypeId::array_of(*elem),
            Literal::Types(_) => TypeId::ARRAY_I64,
            Literal::Refs(ty, _) | Literal::Func(_, ty) => *ty,
        }
    }

    pub(crate) fn literal(&self, index: u32) -> &Literal {
        &self.module.literals[index as usize]
    }

    /// The method that an object of `class` has for a selector.
    pub(crate) fn select(&self, class: TypeId, selector: u16) -> Option<u32> {
        let entry = self.classes[class.index()];
        let found = self.selectors[entry.selectors as usize + usize::from(selector & entry.selector_mask)];
        if found >> 32 == u64::from(selector) {
            return Some(found as u32);
        }
        let selectors = &self.module.classes().layout(class)?.selectors;
        let index = selectors.binary_search_by_key(&selector, |&(number, _)| number).ok()?;
        Some(selectors[index].1.0)
    }
}

fn red_zone(module: &VerifiedModule) -> usize {
    let above = |function: &Function| {
        let checks = function.code.first().is_some_and(|&word| word as u16 == Opcode::Enter as u16);
        if checks {
            usize::from(function.params)
        } else {
            function.registers.len().max(function.params.into())
        }
    };
    // The header of the frame, and the slot that is read for operands that an instruction does not have.
    module.functions.iter().map(above).max().unwrap_or(0) + 4
}

fn entry(module: &VerifiedModule, id: FuncId, function: &Function, start: u32) -> FuncEntry {
    let mut ref_params = 0;
    for (k, ty) in
        function.registers.iter().take(usize::from(function.params)).take(limits::BOUND_MAX).enumerate()
    {
        ref_params |= u16::from(ty.is_ref()) << k;
    }
    let liveness = module.liveness(id);
    FuncEntry {
        start,
        registers: function.registers.len() as u16,
        params: function.params as u8,
        ref_params,
        clear: !liveness.is_precise() || !liveness.entry_live().is_empty(),
    }
}

/// The smallest power-of-two table in which no two selectors of the class meet; none when that is much larger than
/// their number.
fn selector_table(selectors: &[(u16, FuncId)]) -> Option<Vec<u64>> {
    let mut size = selectors.len().next_power_of_two();
    let most = size * SELECTOR_SPREAD_MAX;
    while size <= most {
        let mut table = vec![u64::MAX; size];
        let free = selectors.iter().all(|&(number, function)| {
            let slot = &mut table[usize::from(number) & (size - 1)];
            let free = *slot == u64::MAX;
            *slot = u64::from(number) << 32 | u64::from(function.0);
            free
        });
        if free {
            return Some(table);
        }
        size *= 2;
    }
    None
}
