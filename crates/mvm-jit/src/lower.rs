//! What each instruction becomes.
//!
//! An instruction is done in place, by a helper that does the frequent case on the registers in the frame
//! ([`try_instruction`]), or not at all: then native code leaves in front of it.

mod calls;
mod memory;

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, Block, BlockArg, InstBuilder, MemFlagsData, SigRef, Signature, Type, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, Switch, Variable};
use cranelift_jit::JITModule;
use cranelift_module::{FuncId as Symbol, Module as _};
use mvm_exec::Image;
use mvm_exec::native::{Offsets, offsets, try_instruction};
use mvm_isa::{Access, Effect, Opcode, TypeId, field_a, field_b, field_c, imm32, visit_registers};
use mvm_module::cfg::{instructions, instructions_from, visit_branch_targets};
use mvm_module::liveness::{Liveness, RegSet};
use mvm_module::{FuncId, Function};

use crate::methods::Methods;

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

/// Where a slice may begin that native code can go on with: at backward branches, and behind syscalls.
pub(crate) fn resume_points(function: &Function) -> Vec<u32> {
    let charged = |op: Opcode| op != Opcode::Enter && op.info().has(Effect::Charges);
    let mut points: Vec<u32> = Vec::new();
    for (pc, op, words) in instructions(&function.code) {
        let mut back = false;
        visit_branch_targets(pc, op, words, |target| back |= target <= i64::from(pc));
        if back && charged(op) {
            points.push(pc);
        }
        if op == Opcode::Sys {
            points.push(pc + words.len() as u32);
        }
    }
    points.dedup();
    points
}

/// What is needed while a function is lowered.
struct Lower<'a, 'b> {
    b: FunctionBuilder<'b>,
    module: &'a mut JITModule,
    image: &'a Image,
    function: &'a Function,
    liveness: &'a Liveness,
    form: Form<'a>,
    symbols: &'a BTreeMap<FuncId, Symbol>,
    methods: &'a Methods<'a>,
    /// Place of the function in the image.
    start: u32,
    off: Offsets,
    registers: Vec<Variable>,
    fuel: Variable,
    ctx: Value,
    base: Value,
    blocks: BTreeMap<u32, Block>,
    /// Where native code leaves in front of an instruction.
    bails: BTreeMap<u32, Block>,
    /// Where it leaves because a call has: place of the call, and the header of the frame above.
    broken: Vec<(Block, u32, u16, u64)>,
    leave: Block,
    try_one: Option<SigRef>,
    store_one: Option<SigRef>,
}

/// Builds the code of a function.
pub(crate) fn lower(
    mut b: FunctionBuilder<'_>,
    module: &mut JITModule,
    image: &Image,
    id: FuncId,
    form: Form<'_>,
    symbols: &BTreeMap<FuncId, Symbol>,
    methods: &Methods<'_>,
) {
    let function = &image.module().functions[id.0 as usize];
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let params = b.block_params(entry).to_vec();
    let registers = function.registers.iter().map(|&ty| b.declare_var(call_type(ty))).collect();
    let fuel = b.declare_var(types::I64);
    b.def_var(fuel, params[2]);
    let leave = b.create_block();
    b.append_block_param(leave, types::I64);
    b.append_block_param(leave, types::I64);
    b.set_cold_block(leave);
    let mut lower = Lower {
        b,
        module,
        image,
        function,
        liveness: image.module().liveness(id),
        form,
        symbols,
        methods,
        start: image.start_of(id),
        off: offsets(),
        registers,
        fuel,
        ctx: params[0],
        base: params[1],
        blocks: BTreeMap::new(),
        bails: BTreeMap::new(),
        broken: Vec::new(),
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
        let code: &[u64] = &self.function.code;
        let starts = self.starts();
        for &pc in &starts {
            let block = self.b.create_block();
            self.blocks.insert(pc, block);
        }
        self.enter(params);
        for &start in &starts {
            self.b.switch_to_block(self.blocks[&start]);
            let mut pc = start;
            for (at, op, words) in instructions_from(code, start) {
                pc = at;
                if at != start && self.blocks.contains_key(&at) {
                    self.b.ins().jump(self.blocks[&at], &[]);
                    break;
                }
                if !self.instruction(at, op, words) {
                    break;
                }
            }
            debug_assert!(pc >= start, "blocks have instructions");
        }
        self.cold();
    }

    /// Starts of the blocks that can be reached: basic blocks, and resume points.
    fn starts(&self) -> BTreeSet<u32> {
        let cfg = self.liveness.cfg();
        let mut starts = BTreeSet::new();
        let mut left = vec![0u32];
        let back: &[u32] = if let Form::Loops(back) = self.form { back } else { &[] };
        left.extend(back.iter().filter_map(|&pc| cfg.block_at(pc)).map(|block| block as u32));
        while let Some(block) = left.pop() {
            if starts.insert(cfg.blocks()[block as usize].start) {
                left.extend(cfg.successors(block as usize));
            }
        }
        starts.extend(back);
        starts
    }

    /// Goes from the entry to the first block, or to the place at which the interpreter enters.
    fn enter(&mut self, params: &[Value]) {
        let Form::Loops(back) = self.form else {
            for (k, &value) in params.iter().enumerate() {
                self.b.def_var(self.registers[k], value);
            }
            self.b.ins().jump(self.blocks[&0], &[]);
            return;
        };
        let pc = self.b.ins().load(types::I64, TRUSTED, self.ctx, self.off.pc);
        let mut switch = Switch::new();
        let mut entries = Vec::new();
        for &at in back {
            let block = self.b.create_block();
            switch.set_entry(u128::from(self.address(at)), block);
            entries.push((at, block));
        }
        let otherwise = self.b.create_block();
        switch.emit(&mut self.b, pc, otherwise);
        self.b.switch_to_block(otherwise);
        let left = self.b.ins().iconst(types::I64, -1);
        self.b.ins().return_(&[left]);
        let mut live = RegSet::new();
        for (at, block) in entries {
            self.b.switch_to_block(block);
            self.liveness.live_before(self.function, at, &mut live);
            for register in live.iter() {
                self.reload(register);
            }
            self.b.ins().jump(self.blocks[&at], &[]);
        }
    }

    /// Address of an instruction.
    fn address(&self, pc: u32) -> u64 {
        self.image.code().as_ptr() as u64 + u64::from(self.start + pc) * 8
    }

    fn int(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    fn reg(&mut self, register: u16) -> Value {
        self.b.use_var(self.registers[usize::from(register)])
    }

    fn set(&mut self, register: u16, value: Value) {
        self.b.def_var(self.registers[usize::from(register)], value);
    }

    /// Writes a register into the frame.
    fn spill(&mut self, register: u16) {
        let value = self.reg(register);
        self.b.ins().store(TRUSTED, value, self.base, i32::from(register) * 8);
    }

    /// Reads a register from the frame.
    fn reload(&mut self, register: u16) {
        let ty = call_type(self.function.registers[usize::from(register)]);
        let value = self.b.ins().load(ty, TRUSTED, self.base, i32::from(register) * 8);
        self.set(register, value);
    }

    /// Where native code leaves in front of this instruction.
    fn bail(&mut self, pc: u32) -> Block {
        let b = &mut self.b;
        *self.bails.entry(pc).or_insert_with(|| {
            let block = b.create_block();
            b.set_cold_block(block);
            block
        })
    }

    /// Leaves in front of the instruction if the condition holds.
    fn bail_if(&mut self, condition: Value, pc: u32) {
        let (bail, next) = (self.bail(pc), self.b.create_block());
        self.b.ins().brif(condition, bail, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// Leaves in front of the instruction unless the condition holds.
    fn bail_unless(&mut self, condition: Value, pc: u32) {
        let (bail, next) = (self.bail(pc), self.b.create_block());
        self.b.ins().brif(condition, next, &[], bail, &[]);
        self.b.switch_to_block(next);
    }

    fn charge(&mut self, weight: i64, pc: u32) {
        let fuel = self.b.use_var(self.fuel);
        let left = self.b.ins().iadd_imm_s(fuel, -weight);
        let short = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        self.bail_if(short, pc);
        self.b.def_var(self.fuel, left);
    }

    /// Fills the blocks in which native code leaves.
    fn cold(&mut self) {
        let mut live = RegSet::new();
        for (pc, block) in std::mem::take(&mut self.bails) {
            self.b.switch_to_block(block);
            self.liveness.live_before(self.function, pc, &mut live);
            live.iter().for_each(|register| self.spill(register));
            let at = self.int(self.address(pc) as i64);
            let fuel = self.b.use_var(self.fuel);
            self.b.ins().jump(self.leave, &[BlockArg::Value(at), BlockArg::Value(fuel)]);
        }
        for (block, pc, delta, header) in std::mem::take(&mut self.broken) {
            self.b.switch_to_block(block);
            self.liveness.live_across(self.function, pc, &mut live);
            live.iter().for_each(|register| self.spill(register));
            let header = self.int(header as i64);
            self.b.ins().store(TRUSTED, header, self.base, i32::from(delta) * 8 - 8);
            self.leave();
        }
        self.b.switch_to_block(self.leave);
        let [at, fuel] = *self.b.block_params(self.leave) else { return };
        self.b.ins().store(TRUSTED, at, self.ctx, self.off.pc);
        self.b.ins().store(TRUSTED, self.base, self.ctx, self.off.base);
        self.b.ins().store(TRUSTED, fuel, self.ctx, self.off.fuel);
        self.leave();
    }

    /// Returns as who has left.
    fn leave(&mut self) {
        let mut values = vec![self.int(-1)];
        if let Form::Function = self.form {
            for &ty in &self.function.results {
                let zero = if ty == TypeId::F64 { self.b.ins().f64const(0.0) } else { self.int(0) };
                values.push(zero);
            }
        }
        self.b.ins().return_(&values);
    }

    /// Returns from the function.
    fn finish(&mut self, registers: &[u16]) {
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

    fn target(&self, pc: u32, offset: i64) -> Block {
        self.blocks[&((i64::from(pc) + offset) as u32)]
    }

    /// Goes on at a branch target or behind the instruction.
    fn branch(&mut self, condition: Value, to: Block, next: u32) {
        let next = self.blocks[&next];
        self.b.ins().brif(condition, to, &[], next, &[]);
    }

    /// Lowers an instruction. False when control does not go on behind it.
    fn instruction(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let ins = words[0];
        let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
        let next = pc + words.len() as u32;
        match op {
            Opcode::Nop => {}
            Opcode::Enter => {
                let size = i64::from(b) * 8;
                let end = self.b.ins().iadd_imm_s(self.base, size);
                let limit = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.stack_limit);
                let deep = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
                self.bail_if(deep, pc);
                let stack = self.b.ins().get_stack_pointer(types::I64);
                let limit = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.native_stack_end);
                let deep = self.b.ins().icmp(IntCC::UnsignedLessThan, stack, limit);
                self.bail_if(deep, pc);
                self.charge(i64::from(a), pc);
            }
            Opcode::Jmp | Opcode::JmpBack => {
                if op == Opcode::JmpBack {
                    self.charge(i64::from(a), pc);
                }
                let to = self.target(pc, i64::from(imm32(ins)));
                self.b.ins().jump(to, &[]);
                return false;
            }
            Opcode::Bnull | Opcode::Bnonnull => {
                let value = self.reg(a);
                let how = if op == Opcode::Bnull { IntCC::Equal } else { IntCC::NotEqual };
                let condition = self.b.ins().icmp_imm_s(how, value, 0);
                let to = self.target(pc, i64::from(imm32(ins)));
                self.branch(condition, to, next);
                return false;
            }
            Opcode::Switch | Opcode::SwitchBack => {
                if op == Opcode::SwitchBack {
                    self.charge(i64::from(c), pc);
                }
                let key = self.reg(a);
                let target = |k: usize| i64::from((words[1 + k / 2] >> (32 * (k % 2))) as i32);
                let mut switch = Switch::new();
                for k in 0..usize::from(b) {
                    switch.set_entry(k as u128, self.target(pc, target(k + 1)));
                }
                let otherwise = self.target(pc, target(0));
                switch.emit(&mut self.b, key, otherwise);
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
            _ if op.info().has(Effect::Calls) => self.call(pc, op, words),
            _ if op.info().name.starts_with('b')
                && op.info().name != "bind"
                && self.compare_branch(pc, op, ins, next) =>
            {
                return false;
            }
            _ if self.value(pc, op, words) || self.memory(pc, op, words) => {}
            _ => return self.rest(pc, op, words),
        }
        true
    }

    /// An instruction that is not done in place.
    fn rest(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let info = op.info();
        let beyond = [Effect::Ends, Effect::Calls, Effect::Blocks, Effect::External, Effect::Charges];
        let mut branches = false;
        visit_branch_targets(pc, op, words, |_| branches = true);
        if branches || beyond.into_iter().any(|effect| info.has(effect)) || op == Opcode::Brk {
            let bail = self.bail(pc);
            self.b.ins().jump(bail, &[]);
            return false;
        }
        visit_registers(op, words, |access, register| {
            if access == Access::Src {
                self.spill(register);
            }
        });
        let signature = *self.try_one.get_or_insert_with(|| {
            let mut signature = self.module.make_signature();
            signature.params.extend([AbiParam::new(types::I64); 4]);
            signature.returns.push(AbiParam::new(types::I64));
            self.b.import_signature(signature)
        });
        let helper = self.int(try_instruction() as i64);
        let at = self.int(self.address(pc) as i64);
        let fuel = self.b.use_var(self.fuel);
        let call = self.b.ins().call_indirect(signature, helper, &[self.ctx, self.base, at, fuel]);
        let left = self.b.inst_results(call)[0];
        let failed = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        self.bail_if(failed, pc);
        self.b.def_var(self.fuel, left);
        visit_registers(op, words, |access, register| {
            if access == Access::Def {
                self.reload(register);
            }
        });
        true
    }

    /// A branch on numbers. False when it is none.
    fn compare_branch(&mut self, pc: u32, op: Opcode, ins: u64, next: u32) -> bool {
        let name = &op.info().name[1..];
        let back = name.ends_with("_back");
        let name = name.trim_end_matches("_back");
        let immediate = name.ends_with("_imm");
        let name = name.trim_end_matches("_imm");
        let x = self.reg(field_a(ins));
        let condition = if let Some(how) = name.strip_suffix("_i64").and_then(int_condition) {
            let y = match immediate {
                true => self.int(i64::from(field_b(ins) as i16)),
                false => self.reg(field_b(ins)),
            };
            self.b.ins().icmp(how, x, y)
        } else if let Some(how) = name.strip_suffix("_f64").and_then(float_condition) {
            let y = self.reg(field_b(ins));
            self.b.ins().fcmp(how, x, y)
        } else {
            return false;
        };
        let to = self.target(pc, i64::from(field_c(ins) as i16));
        if !back {
            self.branch(condition, to, next);
            return true;
        }
        // The charge stands in front of the branch, and only on the way back.
        let taken = self.b.create_block();
        self.branch(condition, taken, next);
        self.b.switch_to_block(taken);
        self.charge(1, pc);
        self.b.ins().jump(to, &[]);
        true
    }

    /// Constants, moves and arithmetic that is done in place. False for everything else.
    fn value(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let ins = words[0];
        let b = field_b(ins);
        let value = match op {
            Opcode::Mov => self.reg(b),
            Opcode::Select => {
                let (which, yes, no) = (self.reg(b), self.reg(field_c(ins)), self.reg(words[1] as u16));
                self.b.ins().select(which, yes, no)
            }
            Opcode::ConstI64 => self.int(i64::from(imm32(ins))),
            Opcode::ConstI64Wide => self.int(words[1] as i64),
            Opcode::ConstF64 => self.b.ins().f64const(f64::from_bits(words[1])),
            Opcode::ConstNull => self.int(0),
            Opcode::NegI64 => {
                let x = self.reg(b);
                self.b.ins().ineg(x)
            }
            Opcode::NotI64 => {
                let x = self.reg(b);
                self.b.ins().bnot(x)
            }
            Opcode::IsNull => {
                let x = self.reg(b);
                let null = self.b.ins().icmp_imm_s(IntCC::Equal, x, 0);
                self.b.ins().uextend(types::I64, null)
            }
            _ => {
                let found = self.float(op, ins).or_else(|| self.trapping(pc, op, ins));
                match found.or_else(|| self.by_name(op, ins)) {
                    Some(value) => value,
                    None => return false,
                }
            }
        };
        self.set(field_a(ins), value);
        true
    }

    /// Float arithmetic, and conversions that cannot trap.
    fn float(&mut self, op: Opcode, ins: u64) -> Option<Value> {
        let (b, c) = (field_b(ins), field_c(ins));
        Some(match op {
            Opcode::SqrtF64
            | Opcode::FloorF64
            | Opcode::CeilF64
            | Opcode::TruncF64
            | Opcode::NegF64
            | Opcode::AbsF64 => {
                let x = self.reg(b);
                match op {
                    Opcode::SqrtF64 => self.b.ins().sqrt(x),
                    Opcode::FloorF64 => self.b.ins().floor(x),
                    Opcode::CeilF64 => self.b.ins().ceil(x),
                    Opcode::TruncF64 => self.b.ins().trunc(x),
                    Opcode::NegF64 => self.b.ins().fneg(x),
                    _ => self.b.ins().fabs(x),
                }
            }
            Opcode::AddF64 | Opcode::SubF64 | Opcode::MulF64 | Opcode::DivF64 => {
                let (x, y) = (self.reg(b), self.reg(c));
                match op {
                    Opcode::AddF64 => self.b.ins().fadd(x, y),
                    Opcode::SubF64 => self.b.ins().fsub(x, y),
                    Opcode::MulF64 => self.b.ins().fmul(x, y),
                    _ => self.b.ins().fdiv(x, y),
                }
            }
            Opcode::I64ToF64 => {
                let x = self.reg(b);
                self.b.ins().fcvt_from_sint(types::F64, x)
            }
            Opcode::F64ToI64Sat => {
                let x = self.reg(b);
                self.b.ins().fcvt_to_sint_sat(types::I64, x)
            }
            _ => return None,
        })
    }

    /// Integer arithmetic that can trap: then native code leaves.
    fn trapping(&mut self, pc: u32, op: Opcode, ins: u64) -> Option<Value> {
        let (b, c) = (field_b(ins), field_c(ins));
        let imm = i64::from(c as i16);
        Some(match op {
            Opcode::DivI64 | Opcode::RemI64 | Opcode::DivuI64 | Opcode::RemuI64 => {
                let (x, y) = (self.reg(b), self.reg(c));
                self.bail_unless(y, pc);
                if let Opcode::DivI64 | Opcode::RemI64 = op {
                    let minus = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
                    self.bail_if(minus, pc);
                }
                match op {
                    Opcode::DivI64 => self.b.ins().sdiv(x, y),
                    Opcode::RemI64 => self.b.ins().srem(x, y),
                    Opcode::DivuI64 => self.b.ins().udiv(x, y),
                    _ => self.b.ins().urem(x, y),
                }
            }
            Opcode::DivI64Imm | Opcode::RemI64Imm if imm != 0 && imm != -1 => {
                let (x, y) = (self.reg(b), self.int(imm));
                match op {
                    Opcode::DivI64Imm => self.b.ins().sdiv(x, y),
                    _ => self.b.ins().srem(x, y),
                }
            }
            Opcode::AddCheckedI64
            | Opcode::AddCheckedI64Imm
            | Opcode::SubCheckedI64
            | Opcode::MulCheckedI64 => {
                let x = self.reg(b);
                let y = if op == Opcode::AddCheckedI64Imm { self.int(imm) } else { self.reg(c) };
                let (value, overflow) = match op {
                    Opcode::SubCheckedI64 => self.b.ins().ssub_overflow(x, y),
                    Opcode::MulCheckedI64 => self.b.ins().smul_overflow(x, y),
                    _ => self.b.ins().sadd_overflow(x, y),
                };
                self.bail_if(overflow, pc);
                value
            }
            _ => return None,
        })
    }

    /// Integer arithmetic that cannot trap, and comparisons: their names say what they are.
    fn by_name(&mut self, op: Opcode, ins: u64) -> Option<Value> {
        let (b, c) = (field_b(ins), field_c(ins));
        let name = op.info().name;
        let stem = name.trim_end_matches("_imm");
        if let Some(stem) = stem.strip_suffix("_f64") {
            let how = float_condition(stem)?;
            let (x, y) = (self.reg(b), self.reg(c));
            let holds = self.b.ins().fcmp(how, x, y);
            return Some(self.b.ins().uextend(types::I64, holds));
        }
        match op {
            Opcode::Sext8I64
            | Opcode::Sext16I64
            | Opcode::Sext32I64
            | Opcode::Zext8I64
            | Opcode::Zext16I64
            | Opcode::Zext32I64 => {
                let x = self.reg(b);
                let small = match op {
                    Opcode::Sext8I64 | Opcode::Zext8I64 => types::I8,
                    Opcode::Sext16I64 | Opcode::Zext16I64 => types::I16,
                    _ => types::I32,
                };
                let x = self.b.ins().ireduce(small, x);
                return Some(match name.starts_with('s') {
                    true => self.b.ins().sextend(types::I64, x),
                    false => self.b.ins().uextend(types::I64, x),
                });
            }
            _ => {}
        }
        let stem = stem.strip_suffix("_i64")?;
        if int_condition(stem).is_none() && !INTEGER.contains(&stem) {
            return None;
        }
        let x = self.reg(b);
        let y = if name.ends_with("_imm") { self.int(i64::from(c as i16)) } else { self.reg(c) };
        Some(self.integer(stem, x, y))
    }

    /// An integer operation of two numbers.
    fn integer(&mut self, stem: &str, x: Value, y: Value) -> Value {
        if let Some(how) = int_condition(stem) {
            let holds = self.b.ins().icmp(how, x, y);
            return self.b.ins().uextend(types::I64, holds);
        }
        match stem {
            "add" => self.b.ins().iadd(x, y),
            "sub" => self.b.ins().isub(x, y),
            "mul" => self.b.ins().imul(x, y),
            "and" => self.b.ins().band(x, y),
            "or" => self.b.ins().bor(x, y),
            "xor" => self.b.ins().bxor(x, y),
            "shl" => self.b.ins().ishl(x, y),
            "shr" => self.b.ins().sshr(x, y),
            "shru" => self.b.ins().ushr(x, y),
            "rotl" => self.b.ins().rotl(x, y),
            "rotr" => self.b.ins().rotr(x, y),
            "min" => self.b.ins().smin(x, y),
            "max" => self.b.ins().smax(x, y),
            _ => {
                // The 32-bit forms: wrapped, then extended with their sign.
                let (x, y) = (self.b.ins().ireduce(types::I32, x), self.b.ins().ireduce(types::I32, y));
                let value = match stem {
                    "add32" => self.b.ins().iadd(x, y),
                    "sub32" => self.b.ins().isub(x, y),
                    "mul32" => self.b.ins().imul(x, y),
                    "shl32" => self.b.ins().ishl(x, y),
                    "shr32" => self.b.ins().sshr(x, y),
                    "shru32" => self.b.ins().ushr(x, y),
                    "rotl32" => self.b.ins().rotl(x, y),
                    _ => self.b.ins().rotr(x, y),
                };
                self.b.ins().sextend(types::I64, value)
            }
        }
    }
}

/// Integer operations of [`Lower::integer`] beside comparisons.
const INTEGER: [&str; 21] = [
    "add", "sub", "mul", "and", "or", "xor", "shl", "shr", "shru", "rotl", "rotr", "min", "max", "add32",
    "sub32", "mul32", "shl32", "shr32", "shru32", "rotl32", "rotr32",
];

fn int_condition(stem: &str) -> Option<IntCC> {
    Some(match stem {
        "eq" => IntCC::Equal,
        "ne" => IntCC::NotEqual,
        "lt" => IntCC::SignedLessThan,
        "le" => IntCC::SignedLessThanOrEqual,
        "gt" => IntCC::SignedGreaterThan,
        "ge" => IntCC::SignedGreaterThanOrEqual,
        "ltu" => IntCC::UnsignedLessThan,
        "leu" => IntCC::UnsignedLessThanOrEqual,
        _ => return None,
    })
}

fn float_condition(stem: &str) -> Option<FloatCC> {
    Some(match stem {
        "eq" => FloatCC::Equal,
        "ne" => FloatCC::NotEqual,
        "lt" => FloatCC::LessThan,
        "le" => FloatCC::LessThanOrEqual,
        "nlt" => FloatCC::UnorderedOrGreaterThanOrEqual,
        "nle" => FloatCC::UnorderedOrGreaterThan,
        _ => return None,
    })
}
