//! What each instruction becomes.
//!
//! An instruction is done in place, by a helper that does the frequent case on the registers in the frame
//! ([`try_instruction`]), or not at all: then native code leaves in front of it.

mod body;
mod calls;
mod early;
mod enter;
mod frame;
mod known;
pub(crate) mod loops;
mod memory;
mod numbers;
mod text;
mod throws;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, InstBuilder, MemFlagsData, SigRef, Signature, SourceLoc, Type, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, Switch, Variable};
use cranelift_jit::JITModule;
use cranelift_module::{FuncId as Symbol, Module as _};
use mvm_exec::Image;
use mvm_exec::native::{Offsets, offsets, try_instruction};
use mvm_isa::{Access, Effect, Opcode, TypeId, field_a, field_b, field_c, imm32, visit_registers};
use mvm_module::cfg::{instructions, instructions_from, visit_branch_targets};
use mvm_module::{FuncId, Function};

use crate::explain::{self, How, Lowered, Trace};
use crate::methods::Methods;
use frame::{Call, Frame, Outer};
use known::{Ahead, Anchor, Fact, Known};
use loops::Fast;
use numbers::{float_condition, int_condition};
pub(crate) use throws::Throws;

/// Which version of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form<'p> {
    /// The one that native code calls.
    Function,
    /// The one that the interpreter enters at these places.
    Loops(&'p [u32]),
}

/// How a value of a register travels.
pub(crate) fn call_type(ty: TypeId) -> Type {
    if ty == TypeId::F64 { types::F64 } else { types::I64 }
}

/// `(ctx, base, fuel, params...) -> (fuel, results...)`.
pub(crate) fn signature(
    params: impl Iterator<Item = Type>,
    results: impl Iterator<Item = Type>,
) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.extend([AbiParam::new(types::I64); 3]);
    signature.params.extend(params.map(AbiParam::new));
    signature.returns.push(AbiParam::new(types::I64));
    signature.returns.extend(results.map(AbiParam::new));
    signature
}

/// Whether the results of a function can be returned in registers, with the fuel: all but eight that are no floats.
pub(crate) fn fits_registers(results: impl Iterator<Item = TypeId>) -> bool {
    const RETURNED_MAX: usize = 8;
    results.filter(|&ty| ty != TypeId::F64).count() < RETURNED_MAX
}

/// Where native code can go on, ascending: at backward branches and behind syscalls, where a slice may begin; and behind calls from which the
/// function is likely to be returned to after a slice has ended in the callee. Those are calls in loops, and of functions that may call
/// this one again: such have many frames on the stack, and would else return through all of them interpreted.
pub(crate) fn resume_points(methods: &Methods<'_>, id: FuncId, function: &Function) -> Vec<u32> {
    let charged = |op: Opcode| op != Opcode::Enter && op.info().has(Effect::Charges);
    let mut points: Vec<u32> = Vec::new();
    let mut loops = Vec::new();
    for (pc, op, words) in instructions(&function.code) {
        let mut head = None;
        visit_branch_targets(pc, op, words, |target| {
            if target <= i64::from(pc) {
                head = Some(head.map_or(target, |other: i64| other.min(target)));
            }
        });
        if let Some(head) = head {
            loops.push((head as u32, pc));
            if charged(op) {
                points.push(pc);
            }
        }
        if op == Opcode::Sys {
            points.push(pc + words.len() as u32);
        }
    }
    let throws = methods.throws(id);
    let in_loop = covered(&loops, function.code.len());
    for (pc, op, words) in instructions(&function.code) {
        let comes_back =
            op.info().has(Effect::Calls) && !matches!(op, Opcode::TailCall | Opcode::TailCallRef);
        if comes_back && (in_loop(pc) || methods.recurs(id, &function.registers, op, words)) {
            points.push(pc + words.len() as u32);
        }
    }
    points.retain(|&pc| !throws.has(pc));
    points.sort_unstable();
    points.dedup();
    points
}

/// Says of a place whether one of these ranges, which end with their second number, has it.
fn covered(ranges: &[(u32, u32)], words: usize) -> impl Fn(u32) -> bool {
    let mut changes = vec![0i32; words + 1];
    for &(first, last) in ranges {
        changes[first as usize] += 1;
        changes[last as usize + 1] -= 1;
    }
    let mut depth = 0;
    let covered: Vec<bool> = changes.iter().map(|change| (depth += change, depth > 0).1).collect();
    move |place| covered.get(place as usize).copied().unwrap_or(false)
}

/// What is needed while a function is lowered.
struct Lower<'a, 'b> {
    b: FunctionBuilder<'b>,
    module: &'a mut JITModule,
    image: &'a Image,
    form: Form<'a>,
    /// Types of the results of the function itself.
    results: &'a [TypeId],
    symbols: &'a BTreeMap<FuncId, Symbol>,
    methods: &'a Methods<'a>,
    /// Notes of what is done, if somebody wants them.
    trace: Option<&'a RefCell<Trace>>,
    /// What the instruction becomes that is lowered.
    how: How,
    off: Offsets,
    /// The activation whose instructions are lowered.
    frame: Frame<'a>,
    /// Those that have been.
    done: Vec<Frame<'a>>,
    /// For each activation that is put in place of a call, in the order of their numbers, the one next around it.
    activations: Vec<Outer>,
    leaves_around: BTreeMap<usize, Block>,
    /// Words of functions that may still be put in place of calls.
    inline_words: usize,
    /// The copy of a loop that is lowered, without checks that have been done.
    fast: Option<Fast>,
    /// The instruction at which the interpreter enters is lowered.
    entering: bool,
    /// Registers that have been changed in this block by a number.
    changed: Vec<u16>,
    fuel: Variable,
    ctx: Value,
    /// What is known where the instruction is that is lowered.
    known: Known,
    anchor: Anchor,
    ahead: Ahead,
    /// What the branch that is lowered says on the way to a place.
    said: Option<(u32, Fact)>,
    /// Native code may leave at the instruction that is lowered, or at an earlier one because of it.
    leaves: bool,
    /// Lengths of arrays that are known from the entry on.
    lengths: BTreeMap<Value, Value>,
    /// Frame of the function itself.
    base: Value,
    leave: Block,
    try_one: Option<SigRef>,
    store_one: Option<SigRef>,
}

/// What is around a function that is lowered.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) image: &'a Image,
    /// The functions of the unit.
    pub(crate) symbols: &'a BTreeMap<FuncId, Symbol>,
    pub(crate) methods: &'a Methods<'a>,
    /// Notes of what is done, if somebody wants them.
    pub(crate) trace: Option<&'a RefCell<Trace>>,
}

/// Builds the code of a function.
pub(crate) fn lower(
    mut b: FunctionBuilder<'_>,
    module: &mut JITModule,
    around: Around<'_>,
    id: FuncId,
    form: Form<'_>,
) {
    let Around { image, symbols, methods, trace } = around;
    let frame = Frame::new(&mut b, image, methods, id);
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    b.seal_block(entry);
    let params = b.block_params(entry).to_vec();
    let fuel = b.declare_var(types::I64);
    b.def_var(fuel, params[2]);
    let leave = b.create_block();
    for _ in 0..3 {
        b.append_block_param(leave, types::I64);
    }
    b.set_cold_block(leave);
    let mut lower = Lower {
        b,
        module,
        image,
        form,
        results: &frame.function.results,
        symbols,
        methods,
        trace,
        how: How::InPlace,
        off: offsets(),
        inline_words: calls::inline_budget(frame.function),
        frame,
        done: Vec::new(),
        activations: Vec::new(),
        leaves_around: BTreeMap::new(),
        fast: None,
        entering: false,
        changed: Vec::new(),
        fuel,
        ctx: params[0],
        known: Known::default(),
        anchor: Anchor::default(),
        ahead: Ahead::default(),
        said: None,
        leaves: false,
        lengths: BTreeMap::new(),
        base: params[1],
        leave,
        try_one: None,
        store_one: None,
    };
    lower.run(&params[3..]);
    let config = lower.module.target_config();
    lower.b.seal_all_blocks();
    lower.b.finalize(config);
}

const TRUSTED: MemFlagsData = MemFlagsData::trusted();
/// What does not change while native code runs.
const CONSTANT: MemFlagsData = MemFlagsData::trusted().with_readonly().with_can_move();
/// Blocks are accessed at any byte.
const UNALIGNED: MemFlagsData = MemFlagsData::new().with_notrap();

impl Lower<'_, '_> {
    fn run(&mut self, params: &[Value]) {
        self.make_blocks();
        self.enter(params);
        self.body();
        self.cold();
        self.ask_ahead();
    }

    fn make_blocks(&mut self) {
        for pc in self.starts() {
            let block = self.b.create_block();
            self.frame.blocks.insert(pc, block);
        }
        let code: &[u64] = &self.frame.function.code;
        for (pc, op, words) in instructions(code) {
            let frame = &mut self.frame;
            visit_branch_targets(pc, op, words, |to| {
                if to <= i64::from(pc) && frame.blocks.contains_key(&(to as u32)) {
                    frame.heads.entry(to as u32).or_insert_with(|| (self.b.create_block(), pc)).1 = pc;
                }
            });
        }
    }

    /// The instructions of an activation.
    fn body(&mut self) {
        let code: &[u64] = &self.frame.function.code;
        // Where the last branch back to the beginning of a loop is: then its block is complete.
        let mut last: BTreeMap<u32, Vec<Block>> = BTreeMap::new();
        for (start, &(_, end)) in &self.frame.heads {
            last.entry(end).or_default().push(self.frame.blocks[start]);
        }
        let starts: Vec<(u32, Block)> = self.frame.blocks.iter().map(|(&pc, &block)| (pc, block)).collect();
        // What is known on all ways to a block, as far as they have been lowered. Of loops, and where the interpreter enters, that is not all of
        // them.
        let mut ways: BTreeMap<u32, Known> = BTreeMap::new();
        if !self.is_entered() {
            ways.insert(0, std::mem::take(&mut self.known));
        }
        let entered = self.entered();
        for (start, block) in starts {
            self.frame.steady.retain(|steady| start <= steady.end);
            let mut known = ways.remove(&start).unwrap_or_else(Known::entered);
            if entered.contains(&start) {
                known.meet(&Known::entered());
            }
            if let Some(&(head, _)) = self.frame.heads.get(&start) {
                self.continue_in(head);
                let steady = self.steady(start);
                known = if steady.is_some() { known.around() } else { known.around_entered() };
                self.frame.steady.extend(steady);
                self.known = known.clone();
                self.begin_loop(start, block);
                self.b.switch_to_block(block);
            } else {
                self.continue_in(block);
            }
            self.changed.clear();
            self.drop_anchor();
            self.known = known;
            if self.leaves_to_throw(start) {
                continue;
            }
            let mut before = start;
            for (at, op, words) in instructions_from(code, start) {
                if at != start && self.frame.blocks.contains_key(&at) {
                    Known::note(&mut ways, at, &self.behind(before, at));
                    self.keep_changed();
                    self.b.ins().jump(self.frame.forward(at), &[]);
                    break;
                }
                before = at;
                let goes_on = self.instruction(at, op, words);
                for &head in last.get(&at).into_iter().flatten() {
                    self.b.seal_block(head);
                }
                if !goes_on {
                    self.note_ways(&mut ways, at, op, words);
                    break;
                }
            }
        }
    }

    /// At the beginning of a block: leaves if it can only end with `throw`.
    fn leaves_to_throw(&mut self, start: u32) -> bool {
        let throws = self.frame.throws.has(start);
        if throws {
            self.settle();
            let bail = self.bail(start);
            self.b.ins().jump(bail, &[]);
        }
        throws
    }

    /// Starts of the blocks that can be reached: basic blocks, and resume points.
    fn starts(&self) -> BTreeSet<u32> {
        let cfg = self.frame.liveness.cfg();
        let mut starts = BTreeSet::new();
        let back: &[u32] = match self.form {
            Form::Loops(back) if !self.frame.is_inlined() => back,
            _ => &[],
        };
        // Nothing comes to the beginning that is entered in the middle, but by a branch.
        let mut left = if back.is_empty() { vec![0u32] } else { Vec::new() };
        left.extend(back.iter().filter_map(|&pc| cfg.block_at(pc)).map(|block| block as u32));
        while let Some(block) = left.pop() {
            let start = cfg.blocks()[block as usize].start;
            if starts.insert(start) && !self.frame.throws.has(start) {
                left.extend(cfg.successors(block as usize));
            }
        }
        let branches = |pc: u32| {
            let (_, op, words) = instructions_from(&self.frame.function.code, pc).next()?;
            let mut branches = None;
            visit_branch_targets(pc, op, words, |_| branches = Some(()));
            branches
        };
        // A branch is done again where it is entered.
        starts.extend(back.iter().filter(|&&pc| branches(pc).is_none()));
        starts
    }

    /// Address of an instruction.
    fn address(&self, pc: u32) -> u64 {
        self.image.code().as_ptr() as u64 + u64::from(self.frame.start + pc) * 8
    }

    fn int(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    fn reg(&mut self, register: u16) -> Value {
        let steady = self.frame.steady.iter().rev().find_map(|steady| steady.values.get(&register));
        match steady.or_else(|| self.frame.fixed.get(&register)) {
            Some(&value) => value,
            None => self.b.use_var(self.frame.registers[usize::from(register)]),
        }
    }

    fn set(&mut self, register: u16, value: Value) {
        self.b.def_var(self.frame.registers[usize::from(register)], value);
    }

    /// Reads a register from the frame.
    fn reload(&mut self, register: u16) {
        let ty = call_type(self.frame.function.registers[usize::from(register)]);
        let value = self.b.ins().load(ty, TRUSTED, self.base, self.frame.at(register));
        self.set(register, value);
    }

    /// Where native code leaves in front of this instruction.
    fn bail(&mut self, pc: u32) -> Block {
        let b = &mut self.b;
        *self.frame.bails.entry((pc, self.fast.is_some())).or_insert_with(|| {
            let block = b.create_block();
            b.set_cold_block(block);
            block
        })
    }

    /// Leaves in front of the instruction if the condition holds.
    fn bail_if(&mut self, condition: Value, pc: u32) {
        let (bail, next) = (self.bail(pc), self.b.create_block());
        if !self.follows() {
            self.b.ins().brif(condition, bail, &[], next, &[]);
            self.continue_in(next);
            return;
        }
        let way = self.b.create_block();
        self.b.set_cold_block(way);
        self.b.ins().brif(condition, way, &[], next, &[]);
        self.continue_in(way);
        self.settle();
        self.b.ins().jump(bail, &[]);
        self.continue_in(next);
    }

    /// Leaves in front of the instruction unless the condition holds.
    fn bail_unless(&mut self, condition: Value, pc: u32) {
        // Cranelift looks for what can be moved out of a loop until it comes to a block outside; the second one it looks at first.
        let fails = self.b.ins().icmp_imm_s(IntCC::Equal, condition, 0);
        self.bail_if(fails, pc);
    }

    /// Goes on in a block that nothing else goes to. Blocks are sealed as soon as everything that goes to them is known: then what
    /// does not change in a loop is known not to, and is moved out of it.
    fn continue_in(&mut self, block: Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    /// Fills the blocks in which native code leaves.
    fn cold(&mut self) {
        let own = self.frame.take();
        self.done.push(own);
        for frame in std::mem::take(&mut self.done) {
            let around = self.leave_around(frame.number);
            let leave = if frame.number == 0 || frame.bails.is_empty() {
                self.leave
            } else {
                self.leave_inlined(&frame, around)
            };
            for (&(pc, _), &block) in &frame.bails {
                self.continue_in(block);
                if let Some(trace) = self.trace {
                    self.b.set_srcloc(SourceLoc::new(Trace::number(trace, (frame.id, pc), true)));
                }
                let live = frame.live(|out| frame.liveness.live_before(frame.function, pc, out));
                self.spill(&frame.registers, frame.offset, &live);
                let at = self.image.code().as_ptr() as u64 + u64::from(frame.start + pc) * 8;
                let (at, fuel) = (self.int(at as i64), self.b.use_var(self.fuel));
                let base = self.base;
                let args = [at, fuel, base].map(BlockArg::Value);
                self.b.ins().jump(leave, if frame.number == 0 { &args } else { &args[..2] });
            }
            for &(block, call) in &frame.broken {
                self.continue_in(block);
                if let Some(trace) = self.trace {
                    self.b.set_srcloc(SourceLoc::new(Trace::number(trace, (frame.id, call.pc), true)));
                }
                let live = frame.live(|out| frame.liveness.live_across(frame.function, call.pc, out));
                self.spill(&frame.registers, frame.offset, &live);
                self.write_header(frame.offset, call);
                // The callee has said already where the interpreter goes on.
                let nothing = BlockArg::Value(self.int(0));
                self.b.ins().jump(around, &[nothing; 3]);
            }
        }
        self.b.set_srcloc(SourceLoc::default());
        self.b.switch_to_block(self.leave);
        let [at, fuel, base] = *self.b.block_params(self.leave) else { return };
        let (says, gone) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(at, says, &[], gone, &[]);
        self.b.set_cold_block(says);
        self.b.set_cold_block(gone);
        self.continue_in(says);
        self.b.ins().store(TRUSTED, at, self.ctx, self.off.pc);
        self.b.ins().store(TRUSTED, base, self.ctx, self.off.base);
        self.b.ins().store(TRUSTED, fuel, self.ctx, self.off.fuel);
        self.b.ins().jump(gone, &[]);
        self.continue_in(gone);
        self.leave();
    }

    /// A block that leaves when everything about an activation has been written, with where the interpreter goes on, the fuel and the running frame; or with
    /// zeros where that has been said already. It writes what the activations around need into their frames, one block for each.
    fn leave_around(&mut self, activation: usize) -> Block {
        let Some(at) = activation.checked_sub(1) else { return self.leave };
        if let Some(&block) = self.leaves_around.get(&activation) {
            return block;
        }
        let next = self.leave_around(self.activations[at].number);
        let block = self.b.create_block();
        let args = [(); 3].map(|()| BlockArg::Value(self.b.append_block_param(block, types::I64)));
        self.b.set_cold_block(block);
        self.b.switch_to_block(block);
        let Outer { registers, offset, call, live, .. } = self.activations[at].clone();
        self.spill(&registers, offset, &live);
        self.write_header(offset, call);
        self.b.ins().jump(next, &args);
        self.leaves_around.insert(activation, block);
        block
    }

    /// A block that leaves from an activation that is put in place of a call, whose own registers are in its frame.
    fn leave_inlined(&mut self, frame: &Frame<'_>, around: Block) -> Block {
        let block = self.b.create_block();
        let at = self.b.append_block_param(block, types::I64);
        let fuel = self.b.append_block_param(block, types::I64);
        self.b.set_cold_block(block);
        self.b.switch_to_block(block);
        let base = self.b.ins().iadd_imm_s(self.base, i64::from(frame.offset) * 8);
        self.b.ins().jump(around, &[at, fuel, base].map(BlockArg::Value));
        block
    }

    /// Writes registers into the frame at an offset.
    fn spill(&mut self, registers: &[Variable], offset: u32, live: &[u16]) {
        for &register in live {
            let value = self.b.use_var(registers[usize::from(register)]);
            let at = (offset as i32 + i32::from(register)) * 8;
            self.b.ins().store(TRUSTED, value, self.base, at);
        }
    }

    /// Writes the header of the frame above the one at an offset.
    fn write_header(&mut self, offset: u32, call: Call) {
        let header = self.int(call.header as i64);
        let at = (offset as i32 + i32::from(call.delta)) * 8 - 8;
        self.b.ins().store(TRUSTED, header, self.base, at);
    }

    /// Returns as who has left.
    fn leave(&mut self) {
        let mut values = vec![self.int(-1)];
        if let Form::Function = self.form {
            for &ty in self.results {
                let zero = if ty == TypeId::F64 { self.b.ins().f64const(0.0) } else { self.int(0) };
                values.push(zero);
            }
        }
        self.b.ins().return_(&values);
    }

    /// Returns from the function.
    fn finish(&mut self, registers: &[u16]) {
        self.settle();
        if let Some((next, results)) = self.frame.returns.clone() {
            Known::returns(&mut self.frame.returned, &self.known);
            let values: Vec<Value> = registers.iter().map(|&register| self.reg(register)).collect();
            for (&result, value) in results.iter().zip(values) {
                self.b.def_var(result, value);
            }
            self.b.ins().jump(next, &[]);
            return;
        }
        let mut values = vec![self.b.use_var(self.fuel)];
        for (k, &register) in registers.iter().enumerate() {
            let value = self.reg(register);
            match self.form {
                Form::Function => values.push(value),
                Form::Loops(_) => {
                    self.b.ins().store(TRUSTED, value, self.ctx, self.off.results + k as i32 * 8);
                }
            }
        }
        self.b.ins().return_(&values);
    }

    /// Where a branch at `pc` goes. The head of a loop is entered through a block of its own, so that everything that does not
    /// change in the loop can be done there.
    fn target(&self, pc: u32, offset: i64) -> Block {
        let to = (i64::from(pc) + offset) as u32;
        if let Some(&block) = self.fast.as_ref().and_then(|fast| fast.blocks.get(&to)) {
            return block;
        }
        if to <= pc && !self.entering { self.frame.blocks[&to] } else { self.frame.forward(to) }
    }

    /// Goes on at a branch target or behind the instruction.
    fn branch(&mut self, condition: Value, to: Block, next: u32) {
        let next = match self.fast.as_ref().and_then(|fast| fast.blocks.get(&next)) {
            Some(&block) => block,
            None => self.frame.forward(next),
        };
        let next = self.way(next);
        self.b.ins().brif(condition, to, &[], next, &[]);
    }

    /// At the end of a block: makes Cranelift forget that registers are others and a number. Else it computes them anew in the blocks behind,
    /// so that what they were stays live too, and a loop that counts has moves and a jump more.
    fn keep_changed(&mut self) {
        for register in std::mem::take(&mut self.changed) {
            let value = self.reg(register);
            let value = self.b.ins().bitcast(types::I64, MemFlagsData::new(), value);
            self.set(register, value);
        }
    }

    /// Lowers an instruction. False when control does not go on behind it.
    fn instruction(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        self.said = None;
        let Some(trace) = self.trace else {
            let goes_on = self.lower_one(pc, op, words);
            self.move_anchor(op, words);
            return goes_on;
        };
        let function = self.frame.id;
        self.b.set_srcloc(SourceLoc::new(Trace::number(trace, (function, pc), false)));
        self.how = How::InPlace;
        self.leaves = false;
        let goes_on = self.lower_one(pc, op, words);
        self.move_anchor(op, words);
        let leaves = self.leaves || self.frame.bails.contains_key(&(pc, self.fast.is_some()));
        let calls = op.info().has(Effect::Calls) || matches!(op, Opcode::TailCall | Opcode::TailCallRef);
        let how = if calls { How::Call } else { self.how };
        trace.borrow_mut().lowered.push(Lowered { function, pc, op, how, leaves });
        goes_on
    }

    fn lower_one(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let ins = words[0];
        let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
        let next = pc + words.len() as u32;
        let mut branches = false;
        visit_branch_targets(pc, op, words, |_| branches = true);
        if branches {
            self.keep_changed();
        }
        match op {
            Opcode::Nop => {}
            Opcode::Enter => {
                self.begin_function(b, i64::from(a), pc);
            }
            Opcode::Jmp | Opcode::JmpBack => {
                if op == Opcode::JmpBack {
                    self.charge(i64::from(a), pc);
                }
                let to = self.target(pc, i64::from(imm32(ins)));
                let to = if op == Opcode::Jmp { self.way(to) } else { to };
                self.b.ins().jump(to, &[]);
                return false;
            }
            Opcode::Bnull | Opcode::Bnonnull => {
                let Some(condition) = self.condition(op, ins) else { return true };
                let taken = (i64::from(pc) + i64::from(imm32(ins))) as u32;
                let exists = if op == Opcode::Bnonnull { taken } else { next };
                self.said = Some((exists, Fact::Exists(self.reg(a))));
                let to = self.target(pc, i64::from(imm32(ins)));
                let to = self.way(to);
                self.branch(condition, to, next);
                return false;
            }
            Opcode::Switch | Opcode::SwitchBack => {
                if op == Opcode::SwitchBack {
                    self.charge(i64::from(c), pc);
                }
                self.switch(pc, words);
                return false;
            }
            Opcode::Ret => {
                self.finish(&[]);
                return false;
            }
            Opcode::RetValue => {
                self.finish(&[a]);
                return false;
            }
            Opcode::RetMany => {
                let registers: Vec<u16> =
                    (0..usize::from(a)).map(|k| (words[1 + k / 4] >> (16 * (k % 4))) as u16).collect();
                self.finish(&registers);
                return false;
            }
            Opcode::TailCall | Opcode::TailCallRef => {
                self.tail_call(pc, op, words);
                return false;
            }
            _ if op.info().has(Effect::Calls) => return self.call(pc, op, words),
            _ if op.info().name.starts_with('b')
                && op.info().name != "bind"
                && self.compare_branch(pc, op, ins, next) =>
            {
                return false;
            }
            _ if self.value(pc, op, words) || self.memory(pc, op, words) || self.text(pc, op, words) => {}
            _ => return self.rest(pc, op, words),
        }
        true
    }

    /// A branch to one of many.
    fn switch(&mut self, pc: u32, words: &[u64]) {
        let key = self.reg(field_a(words[0]));
        let target = |k: usize| i64::from((words[1 + k / 2] >> (32 * (k % 2))) as i32);
        let mut switch = Switch::new();
        for k in 0..usize::from(field_b(words[0])) {
            let to = self.target(pc, target(k + 1));
            switch.set_entry(k as u128, self.way(to));
        }
        let otherwise = self.target(pc, target(0));
        let otherwise = self.way(otherwise);
        switch.emit(&mut self.b, key, otherwise);
    }

    /// An instruction that is not done in place.
    fn rest(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        self.how = explain::how(op);
        if !matches!(self.how, How::Helper | How::Mostly | How::Short | How::Classes | How::Sure) {
            self.how = How::Leaves;
            self.settle();
            let bail = self.bail(pc);
            self.b.ins().jump(bail, &[]);
            return false;
        }
        if let How::Mostly | How::Short | How::Classes = self.how {
            self.how = How::Helper;
        }
        visit_registers(op, words, |access, register| {
            if access == Access::Src {
                let value = self.reg(register);
                self.b.ins().store(TRUSTED, value, self.base, self.frame.at(register));
            }
        });
        let signature = *self.try_one.get_or_insert_with(|| {
            let mut signature = self.module.make_signature();
            signature.params.extend([AbiParam::new(types::I64); 4]);
            signature.returns.push(AbiParam::new(types::I64));
            self.b.import_signature(signature)
        });
        self.settle();
        let helper = self.int(try_instruction() as i64);
        let at = self.int(self.address(pc) as i64);
        let fuel = self.b.use_var(self.fuel);
        let base = self.b.ins().iadd_imm_s(self.base, i64::from(self.frame.offset) * 8);
        let call = self.b.ins().call_indirect(signature, helper, &[self.ctx, base, at, fuel]);
        let left = self.b.inst_results(call)[0];
        if self.how != How::Sure {
            let failed = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
            self.bail_if(failed, pc);
            self.b.def_var(self.fuel, left);
            self.known.call();
        }
        visit_registers(op, words, |access, register| {
            if access == Access::Def {
                self.reload(register);
            }
        });
        true
    }

    /// A branch on numbers. False when it is none.
    fn compare_branch(&mut self, pc: u32, op: Opcode, ins: u64, next: u32) -> bool {
        let back = op.info().name.ends_with("_back");
        if op == Opcode::BltuI64 {
            let (x, y) = (self.reg(field_a(ins)), self.reg(field_b(ins)));
            let taken = (i64::from(pc) + i64::from(field_c(ins) as i16)) as u32;
            self.said = Some((taken, Fact::Below(x, y)));
            if self.known.below(x, y) {
                let to = self.target(pc, i64::from(field_c(ins) as i16));
                let to = self.way(to);
                self.b.ins().jump(to, &[]);
                return true;
            }
        }
        let Some(condition) = self.condition(op, ins) else { return false };
        let to = self.target(pc, i64::from(field_c(ins) as i16));
        if !back {
            let to = self.way(to);
            self.branch(condition, to, next);
            return true;
        }
        // The charge stands in front of the branch, and only on the way back.
        let taken = self.b.create_block();
        self.branch(condition, taken, next);
        self.continue_in(taken);
        let known = self.known.clone();
        self.charge(1, pc);
        self.known = known;
        self.b.ins().jump(to, &[]);
        true
    }

    /// What a branch asks, of numbers or of a reference. None when it is neither.
    fn condition(&mut self, op: Opcode, ins: u64) -> Option<Value> {
        if let Opcode::Bnull | Opcode::Bnonnull = op {
            let value = self.reg(field_a(ins));
            let how = if op == Opcode::Bnull { IntCC::Equal } else { IntCC::NotEqual };
            return Some(self.b.ins().icmp_imm_s(how, value, 0));
        }
        let name = op.info().name[1..].trim_end_matches("_back");
        let immediate = name.ends_with("_imm");
        let name = name.trim_end_matches("_imm");
        let (int, float) = (
            name.strip_suffix("_i64").and_then(int_condition),
            name.strip_suffix("_f64").and_then(float_condition),
        );
        if int.is_none() && float.is_none() {
            return None;
        }
        let x = self.reg(field_a(ins));
        let y = match immediate {
            true => self.int(i64::from(field_b(ins) as i16)),
            false => self.reg(field_b(ins)),
        };
        Some(match (int, float) {
            (Some(how), _) => self.b.ins().icmp(how, x, y),
            (_, how) => self.b.ins().fcmp(how?, x, y),
        })
    }
}
