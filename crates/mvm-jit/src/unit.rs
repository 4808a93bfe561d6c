//! What is compiled together: a function and those it calls, as far as they are not too large.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use cranelift_codegen::Context;
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Signature, types};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa, TargetIsa};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId as Symbol, Module as _, ModuleError, default_libcall_names};
use mvm_exec::Image;
use mvm_exec::native::{NativeCode, NativeTable, Tried, Unit, offsets};
use mvm_isa::TypeId;
use mvm_module::cfg::{instructions, visit_branch_targets};
use mvm_module::liveness::RegSet;
use mvm_module::{FuncId, Function};

use crate::code::CodeMemory;
use crate::explain::{Trace, disassemble};
use crate::lower::{self, Around, Form, call_type};
use crate::methods::Methods;
use crate::{Event, FAILED, Fault, Listing, Made, MadeLine, Options, guarded};

/// Words of the largest function that is compiled.
const FUNCTION_WORDS_MAX: usize = 10_000;
/// Registers of a function that is compiled.
const REGISTERS_MAX: usize = 2_000;
/// Registers that are live at an instruction or at the end of a branch, summed over all of these: each may become a store where native code
/// leaves, or a value that is passed along. Larger functions would take seconds and gigabytes.
const LIVE_MAX: usize = 400_000;
/// How much more a register costs where native code goes on in the middle of a function: two ways meet there that know nothing of each
/// other.
const RESUMED: usize = 6;
/// The same where a loop begins.
const RETURNED: usize = 10;
/// Places where loops begin: time grows with the square of their number.
const LOOPS_MAX: usize = 500;
/// Words of code that are compiled together.
const UNIT_WORDS_MAX: usize = 20_000;

/// Bytes of native code of a word, about: so large a part of the limit is compiled together at most that several fit.
const WORD_BYTES: usize = 100;
/// Units that fit into the limit at least.
const UNITS_MIN: usize = 4;
/// A unit of so many bytes is never too large.
const UNIT_BYTES_MIN: usize = 4096;
/// Why a function stays interpreted whose code alone would let nearly all others go.
const LARGE: &str = "its native code is larger than half of what there may be";

/// What compiling ends with.
pub(crate) type Compiled<T> = Result<T, Box<ModuleError>>;

/// What a function becomes.
struct Parts {
    inner: Symbol,
    entry: Symbol,
    by_ref: Option<Symbol>,
    /// The version that is entered at resume points, where there are any.
    loops: Option<(Symbol, Rc<[u32]>)>,
}

/// Compiles a function and what it calls, unless that has been tried before. A function that the compiler fails at, by an error or a bug of
/// its own, stays interpreted; those beside it are then compiled one by one.
pub(crate) fn compile(isa: &OwnedTargetIsa, image: &Image, first: FuncId, options: &Options) {
    let Some(native) = image.native() else { return };
    let begun = Instant::now();
    let methods = Methods::new(image);
    let functions = choose(image, &methods, first, options);
    if functions.is_empty() {
        return;
    }
    let making = Making { isa, image, native, methods: &methods, options };
    let mut tried = Vec::new();
    match making.unit(&functions) {
        Ok(made) => tried = made,
        Err(why) => {
            for &function in &functions {
                let alone = if functions.len() > 1 { making.unit(&[function]) } else { Err(why.clone()) };
                match alone {
                    Ok(made) => tried.extend(made),
                    Err(why) => {
                        tried.push(Tried { function, code: Err(FAILED) });
                        let function = &image.module().functions[function.0 as usize].name;
                        making.tell(Event::Failed { function, why: &why });
                    }
                }
            }
        }
    }
    native.note(tried, begun.elapsed());
}

/// What is needed to make code.
struct Making<'m> {
    isa: &'m OwnedTargetIsa,
    image: &'m Image,
    native: &'m NativeTable,
    methods: &'m Methods<'m>,
    options: &'m Options,
}

/// Bytes of addresses for the code of these functions, many times as many as any test program needs; only what is used becomes memory. They are in
/// one piece, because functions call each other over distances of 32 bits.
fn code_space(image: &Image, functions: &[FuncId]) -> usize {
    let space = |id: &FuncId| {
        let function = &image.module().functions[id.0 as usize];
        let words = function.code.len();
        1_024 * words + 40 * LIVE_MAX.min(words * function.registers.len())
    };
    (64 << 10) + 4_096 * functions.len() + functions.iter().map(space).sum::<usize>()
}

/// A piece of code that has been made.
struct Piece {
    symbol: Symbol,
    bytes: usize,
    function: FuncId,
    /// What of the function it is.
    what: &'static str,
    /// Where it comes from: beginnings of code, and instructions.
    places: Vec<(u32, (FuncId, u32))>,
}

impl Making<'_> {
    fn tell(&self, event: Event<'_>) {
        if let Some(listener) = &self.options.listener {
            listener(event);
        }
    }

    /// Makes the code of these functions, and lets the interpreter use it.
    fn unit(&self, functions: &[FuncId]) -> Result<Vec<Tried>, String> {
        let mut module = JITBuilder::with_isa(self.isa.clone(), default_libcall_names());
        let memory = CodeMemory::reserve(code_space(self.image, functions))?;
        module.memory_provider(Box::new(memory.clone()));
        let mut module = JITModule::new(module);
        let (unit, pieces, tried) = guarded(|| {
            let unit = declare(&mut module, &**self.isa, self.image, self.native, self.methods, functions)?;
            let (pieces, tried) = self.define(&mut module, &unit)?;
            module.finalize_definitions()?;
            Ok((unit, pieces, tried))
        })?;
        let bytes = memory.bytes();
        if bytes > (self.native.budget().limit() / 2).max(UNIT_BYTES_MIN) {
            return self.apart(functions);
        }
        for piece in pieces.iter().filter(|_| self.options.listener.is_some()) {
            self.tell_of(piece, module.get_finalized_function(piece.symbol) as usize, &memory);
        }
        let functions = codes(&module, self.image, &unit);
        self.native.add(self.image, Unit { functions, bytes, code: Box::new(memory) });
        Ok(tried)
    }

    /// Tells of code that has been made.
    fn tell_of(&self, piece: &Piece, address: usize, memory: &CodeMemory) {
        let module = self.image.module();
        let name = format!("{}{}", module.functions[piece.function.0 as usize].name, piece.what);
        let code = if self.options.lines { memory.copy(address, piece.bytes) } else { Vec::new() };
        let line = |&(offset, (function, pc)): &(u32, (FuncId, u32))| {
            let line = module.function(function)?.line_at(pc)?;
            let file = module.sources.get(usize::from(line.file))?;
            Some(MadeLine { offset, file, line: line.line })
        };
        let mut lines: Vec<MadeLine<'_>> = piece.places.iter().filter_map(line).collect();
        lines.dedup_by_key(|line| (line.file, line.line));
        self.tell(Event::Made(Made { name: &name, address, bytes: piece.bytes, code: &code, lines: &lines }));
    }

    /// The same one by one, when they are too large together. One that is too large by itself has no native code.
    fn apart(&self, functions: &[FuncId]) -> Result<Vec<Tried>, String> {
        if let [function] = *functions {
            return Ok(vec![Tried { function, code: Err(LARGE) }]);
        }
        let mut tried = Vec::new();
        for &function in functions {
            tried.extend(self.unit(&[function])?);
        }
        Ok(tried)
    }

    fn define(
        &self,
        module: &mut JITModule,
        unit: &BTreeMap<FuncId, Parts>,
    ) -> Compiled<(Vec<Piece>, Vec<Tried>)> {
        let symbols: BTreeMap<FuncId, Symbol> = unit.iter().map(|(&id, parts)| (id, parts.inner)).collect();
        let around = Around { image: self.image, symbols: &symbols, methods: self.methods, trace: None };
        let mut context = module.make_context();
        let mut builders = FunctionBuilderContext::new();
        let (mut pieces, mut tried) = (Vec::new(), Vec::new());
        for (&id, parts) in unit {
            let function = &self.image.module().functions[id.0 as usize];
            self.fail_on_purpose(id)?;
            let mut bytes = 0;
            let mut put =
                |module: &mut JITModule, context: &mut Context, symbol, what, trace: Option<Trace>| {
                    module.define_function(symbol, context)?;
                    let size = context.compiled_code().map_or(0, |code| code.code_buffer().len());
                    let places = trace.map_or_else(Vec::new, |trace| places(context, &trace));
                    pieces.push(Piece { symbol, bytes: size, function: id, what, places });
                    Ok::<usize, Box<ModuleError>>(size)
                };
            let forms = [(parts.inner, Form::Function, "")];
            let middle = parts.loops.iter().map(|(symbol, back)| (*symbol, Form::Loops(back), " (middle)"));
            for (symbol, form, what) in forms.into_iter().chain(middle) {
                module.clear_context(&mut context);
                context.func.signature = match form {
                    Form::Function => inner_signature(function),
                    Form::Loops(_) => entry_signature(&**self.isa),
                };
                let builder = FunctionBuilder::new(&mut context.func, &mut builders);
                let trace = self.options.lines.then(RefCell::<Trace>::default);
                lower::lower(builder, module, Around { trace: trace.as_ref(), ..around }, id, form);
                bytes += put(module, &mut context, symbol, what, trace.map(RefCell::into_inner))?;
            }
            module.clear_context(&mut context);
            context.func.signature = entry_signature(&**self.isa);
            let builder = FunctionBuilder::new(&mut context.func, &mut builders);
            entry(builder, module, function, parts.inner);
            put(module, &mut context, parts.entry, " (entry)", None)?;
            if let (Some(symbol), Some(bound)) = (parts.by_ref, self.native.bound(id)) {
                module.clear_context(&mut context);
                context.func.signature = reference_signature(function, bound);
                let builder = FunctionBuilder::new(&mut context.func, &mut builders);
                by_reference(builder, module, function, bound, parts.inner);
                put(module, &mut context, symbol, " (reference)", None)?;
            }
            tried.push(Tried { function: id, code: Ok(bytes) });
        }
        Ok((pieces, tried))
    }

    /// Fails where a test wants it.
    fn fail_on_purpose(&self, id: FuncId) -> Compiled<()> {
        match self.options.fault {
            Some((at, Fault::Error)) if at == id => Err(Box::new(ModuleError::Undeclared("a fault".into()))),
            Some((at, Fault::Panic)) if at == id => std::panic::panic_any("a fault"),
            _ => Ok(()),
        }
    }
}

/// Where compiled code comes from, ascending.
fn places(context: &Context, trace: &Trace) -> Vec<(u32, (FuncId, u32))> {
    let ranges = context.compiled_code().into_iter().flat_map(|code| code.buffer.get_srclocs_sorted());
    ranges.filter_map(|range| Some((range.start, trace.place(range.loc.bits())?.0))).collect()
}

/// Names for everything that becomes of the functions.
fn declare(
    module: &mut JITModule,
    isa: &dyn TargetIsa,
    image: &Image,
    native: &NativeTable,
    methods: &Methods<'_>,
    functions: &[FuncId],
) -> Compiled<BTreeMap<FuncId, Parts>> {
    let mut unit = BTreeMap::new();
    for &id in functions {
        let function = &image.module().functions[id.0 as usize];
        let back = methods.resume_points(id);
        let parts = Parts {
            inner: module.declare_anonymous_function(&inner_signature(function))?,
            entry: module.declare_anonymous_function(&entry_signature(isa))?,
            by_ref: match native.bound(id) {
                Some(bound) => {
                    Some(module.declare_anonymous_function(&reference_signature(function, bound))?)
                }
                None => None,
            },
            loops: match back.is_empty() {
                true => None,
                false => Some((module.declare_anonymous_function(&entry_signature(isa))?, back)),
            },
        };
        unit.insert(id, parts);
    }
    Ok(unit)
}

/// Where the code of the functions is.
fn codes(module: &JITModule, image: &Image, unit: &BTreeMap<FuncId, Parts>) -> Vec<(FuncId, NativeCode)> {
    let code = |(&id, parts): (&FuncId, &Parts)| {
        let address = |symbol| module.get_finalized_function(symbol) as usize;
        let start = image.start_of(id);
        let loops = parts
            .loops
            .iter()
            .flat_map(|(symbol, back)| back.iter().map(move |&pc| (start + pc, address(*symbol))));
        let code = NativeCode {
            entry: address(parts.entry),
            inner: address(parts.inner),
            by_ref: parts.by_ref.map_or(0, address),
            loops: loops.collect(),
        };
        (id, code)
    };
    unit.iter().map(code).collect()
}

/// What the compiler makes of a function by itself: its code for Cranelift, and the machine code as text.
pub(crate) fn listing(isa: &OwnedTargetIsa, image: &Image, id: FuncId, middle: bool) -> Compiled<Listing> {
    let mut builder = JITBuilder::with_isa(isa.clone(), default_libcall_names());
    // Nothing gets the address of this code, so its memory goes with the module.
    let memory = CodeMemory::reserve(code_space(image, &[id]));
    let memory =
        memory.map_err(|error| Box::new(ModuleError::Allocation { err: std::io::Error::other(error) }))?;
    builder.memory_provider(Box::new(memory));
    let mut module = JITModule::new(builder);
    let function = &image.module().functions[id.0 as usize];
    let methods = &Methods::new(image);
    let points = methods.resume_points(id);
    let form = if middle { Form::Loops(&points) } else { Form::Function };
    let mut context = module.make_context();
    context.func.signature = match form {
        Form::Function => inner_signature(function),
        Form::Loops(_) => entry_signature(&**isa),
    };
    context.set_disasm(true);
    let mut builders = FunctionBuilderContext::new();
    let builder = FunctionBuilder::new(&mut context.func, &mut builders);
    let (symbols, trace) = (BTreeMap::new(), RefCell::<Trace>::default());
    let around = Around { image, symbols: &symbols, methods, trace: Some(&trace) };
    lower::lower(builder, &mut module, around, id, form);
    let symbol = module.declare_anonymous_function(&context.func.signature)?;
    module.define_function(symbol, &mut context)?;
    let ir = context.func.display().to_string();
    let compiled = context.compiled_code();
    let bytes = compiled.map_or(0, |code| code.code_buffer().len());
    let code = compiled.and_then(|code| code.vcode.clone()).unwrap_or_default();
    let trace = trace.into_inner();
    let lines = compiled.map_or_else(Vec::new, |code| {
        let starts = code.buffer.get_srclocs_sorted().iter();
        let starts: Vec<_> = starts.map(|at| (at.start, at.end, at.loc.bits())).collect();
        disassemble(code.code_buffer(), &starts, &trace)
    });
    Ok(Listing { ir, code, bytes, lines, lowered: trace.lowered })
}

/// The function and those that it calls, directly or not, that have not been tried before and are not too large. Where everything is compiled,
/// those behind it too: a unit takes several pages of memory.
fn choose(image: &Image, methods: &Methods<'_>, first: FuncId, options: &Options) -> Vec<FuncId> {
    let Some(native) = image.native() else { return Vec::new() };
    if native.is_claimed(first) {
        return Vec::new();
    }
    let all = image.module().functions.len() as u32;
    let words_max = UNIT_WORDS_MAX.min(native.budget().limit() / (UNITS_MIN * WORD_BYTES));
    let mut behind = if options.threshold == 0 && !options.alone { first.0 + 1..all } else { 0..0 };
    let (mut chosen, mut words) = (Vec::new(), 0);
    let mut wanted = vec![first];
    while let Some(id) = wanted.pop().or_else(|| behind.next().map(FuncId)) {
        if native.is_claimed(id) {
            continue;
        }
        let function = &image.module().functions[id.0 as usize];
        if let Some(why) = obstacle(image, methods, id) {
            if native.claim(id) {
                native.note([Tried { function: id, code: Err(why) }], Duration::ZERO);
            }
            continue;
        }
        let size = function.code.len();
        // One function may be as large as it wants.
        if words + size > words_max && words > 0 {
            behind = 0..0;
            continue;
        }
        if !native.claim(id) {
            continue;
        }
        words += size;
        chosen.push(id);
        for (_, op, code) in instructions(&function.code).filter(|_| !options.alone) {
            methods.wanted(&function.registers, op, code, |id| wanted.push(id));
        }
    }
    chosen
}

/// Why a function stays interpreted, whatever it does.
pub(crate) fn obstacle(image: &Image, methods: &Methods<'_>, id: FuncId) -> Option<&'static str> {
    let function = &image.module().functions[id.0 as usize];
    if function.code.len() > FUNCTION_WORDS_MAX {
        Some("it has more than 10,000 words of code")
    } else if function.registers.len() > REGISTERS_MAX {
        Some("it has more than 2,000 registers")
    } else if !lower::fits_registers(function.results.iter().copied()) {
        Some("it has more results than registers")
    } else if !image.module().liveness(id).is_precise() {
        Some("it is too large to know which registers are needed")
    } else if loops(function).len() > LOOPS_MAX {
        Some("it has more than 500 loops")
    } else if live_places(image, methods, id) > LIVE_MAX {
        Some("it needs too many registers in too many places")
    } else {
        None
    }
}

/// Places that are gone back to.
fn loops(function: &Function) -> BTreeSet<u32> {
    let mut heads = BTreeSet::new();
    for (pc, op, words) in instructions(&function.code) {
        visit_branch_targets(pc, op, words, |to| {
            if to <= i64::from(pc) {
                heads.insert(to as u32);
            }
        });
    }
    heads
}

/// What [`LIVE_MAX`] bounds, about.
fn live_places(image: &Image, methods: &Methods<'_>, id: FuncId) -> usize {
    let function = &image.module().functions[id.0 as usize];
    let words = function.code.len();
    // Branches have at most two ends in a word; places to go on, and beginnings of loops, are no more than words.
    if (3 + RESUMED + RETURNED) * words * function.registers.len() <= LIVE_MAX {
        return 0;
    }
    let liveness = image.module().liveness(id);
    let (mut live, mut sum) = (RegSet::new(), 0);
    let cfg = liveness.cfg();
    let mut at_start = |block: usize| {
        liveness.live_before(function, cfg.blocks()[block].start, &mut live);
        live.len()
    };
    let starts: Vec<usize> = (0..cfg.blocks().len()).map(&mut at_start).collect();
    for (index, block) in cfg.blocks().iter().enumerate() {
        let after = cfg.successors(index).iter().map(|&next| starts[next as usize]);
        sum += after.clone().sum::<usize>();
        // Inside a block, what is live at one of its ends or the other, or is written in it.
        sum += starts[index].max(after.max().unwrap_or(0)) * (block.end - block.start) as usize;
    }
    for &pc in methods.resume_points(id).iter() {
        liveness.live_before(function, pc, &mut live);
        sum += RESUMED * live.len();
    }
    for pc in loops(function) {
        liveness.live_before(function, pc, &mut live);
        sum += RETURNED * live.len();
    }
    sum
}

fn inner_signature(function: &Function) -> Signature {
    let params = &function.registers[..usize::from(function.params)];
    lower::signature(params.iter().map(|&ty| call_type(ty)), function.results.iter().map(|&ty| call_type(ty)))
}

/// Of a function that is called through a reference: the function value in front of the arguments that are not bound.
fn reference_signature(function: &Function, bound: usize) -> Signature {
    let params = &function.registers[bound..usize::from(function.params)];
    let params = params.iter().map(|&ty| call_type(ty));
    let results = function.results.iter().map(|&ty| call_type(ty));
    lower::signature(std::iter::once(types::I64).chain(params), results)
}

/// The way in for calls through references: the bound values come from the function value.
fn by_reference(
    mut b: FunctionBuilder<'_>,
    module: &mut JITModule,
    function: &Function,
    bound: usize,
    inner: Symbol,
) {
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let params = b.block_params(block).to_vec();
    let heap = b.ins().load(types::I64, MemFlagsData::trusted(), params[0], offsets().heap);
    let offset = b.ins().ishl_imm_s(params[3], 3);
    let value = b.ins().iadd(heap, offset);
    let mut args = params[..3].to_vec();
    for (k, &ty) in function.registers[..bound].iter().enumerate() {
        // Behind the header and the word that names the function.
        let at = 16 + k as i32 * 8;
        args.push(b.ins().load(call_type(ty), MemFlagsData::trusted(), value, at));
    }
    args.extend(&params[4..]);
    let callee = module.declare_func_in_func(inner, b.func);
    b.ins().return_call(callee, &args);
    b.seal_all_blocks();
    b.finalize(module.target_config());
}

/// `(ctx, base, fuel) -> fuel` in the convention of the host.
fn entry_signature(isa: &dyn TargetIsa) -> Signature {
    let mut signature = Signature::new(CallConv::triple_default(isa.triple()));
    signature.params.extend([AbiParam::new(types::I64); 3]);
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// The way in from the interpreter: parameters from the frame, results into the context.
fn entry(mut b: FunctionBuilder<'_>, module: &mut JITModule, function: &Function, inner: Symbol) {
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    let [ctx, base, fuel] = *b.block_params(block) else { return };
    let mut args = vec![ctx, base, fuel];
    let flags = MemFlagsData::trusted();
    let params: &[TypeId] = &function.registers[..usize::from(function.params)];
    args.extend(
        params.iter().enumerate().map(|(k, &ty)| b.ins().load(call_type(ty), flags, base, k as i32 * 8)),
    );
    let callee = module.declare_func_in_func(inner, b.func);
    let call = b.ins().call(callee, &args);
    let results = b.inst_results(call).to_vec();
    for (k, &value) in results[1..].iter().enumerate() {
        b.ins().store(flags, value, ctx, offsets().results + k as i32 * 8);
    }
    b.ins().return_(&results[..1]);
    b.seal_all_blocks();
    b.finalize(module.target_config());
}
