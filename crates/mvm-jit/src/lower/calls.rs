//! Calls: of known functions, of methods, through references; tail calls.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{FuncRef, InstBuilder, Signature, Value, types};
use cranelift_module::Module as _;
use mvm_exec::native::frame_header;
use mvm_isa::{Access, NO_REG, Opcode, TypeId, field_b, visit_registers};
use mvm_module::cfg::instructions;
use mvm_module::{FuncId, Function};

use super::frame::{Call, Frame};
use super::known::Known;
use super::{CONSTANT, Form, Lower, TRUSTED, call_type, fits_registers, signature};

/// Classes of objects at a method call of which the functions are put in place, at most.
const CHOICES_MAX: usize = 4;
/// Words of the largest function that is put in place of a call.
const INLINE_WORDS_MAX: usize = 48;
/// Activations around one that is put in place of a call, at most.
const INLINE_DEPTH_MAX: usize = 4;
/// How often a function is put in place of a call of its own.
const INLINE_SELF_MAX: usize = 2;
/// Slots from the frame of the function itself to a frame with calls that are inlined. Offsets stay small.
const INLINE_OFFSET_MAX: u32 = 10_000;

/// Words that may be put in place of calls in this function.
pub(super) fn inline_budget(function: &Function) -> usize {
    (60 + 2 * function.code.len()).min(1_000)
}

/// What a call goes to.
enum Target {
    /// A function of the unit.
    Known(FuncRef),
    /// The code at an address; 0 where there is none.
    Code(Value),
    /// The same for a function value, which is passed in front of the arguments.
    Reference(Value, Value),
}

/// Registers that a call-like instruction reads and writes. A function value is not among them.
fn operands(op: Opcode, words: &[u64]) -> (Vec<u16>, Vec<u16>) {
    let (mut args, mut results) = (Vec::new(), Vec::new());
    visit_registers(op, words, |access, register| match access {
        Access::Src => args.push(register),
        Access::Def => results.push(register),
    });
    if let Opcode::CallRef | Opcode::CallRefMany | Opcode::TailCallRef = op {
        args.remove(0);
    }
    (args, results)
}

impl Lower<'_, '_> {
    /// How the function is called that takes these registers and gives those.
    fn signature_of(
        &self,
        target: &Target,
        args: &[u16],
        results: impl Iterator<Item = mvm_isa::TypeId>,
    ) -> Signature {
        let first = matches!(target, Target::Reference(..)).then_some(types::I64);
        let args =
            args.iter().map(|&register| call_type(self.frame.function.registers[usize::from(register)]));
        signature(first.into_iter().chain(args), results.map(call_type))
    }

    /// What a call goes to. Leaves where the interpreter has to say.
    fn call_target(&mut self, pc: u32, op: Opcode, words: &[u64], args: &[u16]) -> Target {
        let ins = words[0];
        let delta = if let Opcode::TailCall | Opcode::TailCallRef = op { 0 } else { words[1] as u16 };
        match op {
            Opcode::Call => self.function_target(pc, FuncId((ins >> 32) as u32 & 0xff_ffff), delta),
            Opcode::CallMany | Opcode::TailCall => {
                self.function_target(pc, FuncId((ins >> 32) as u32), delta)
            }
            Opcode::CallRef | Opcode::CallRefMany | Opcode::TailCallRef => {
                self.reference_target(pc, field_b(ins))
            }
            Opcode::CallVirtual | Opcode::CallVirtualMany => {
                self.method_target(pc, args[0], (ins >> 32) as u16, delta)
            }
            _ => self.interface_target(pc, args[0], (ins >> 32) as u16),
        }
    }

    fn function_target(&mut self, pc: u32, id: FuncId, delta: u16) -> Target {
        self.make_room(pc, id, delta);
        if let Some(&symbol) = self.symbols.get(&id) {
            return Target::Known(self.module.declare_func_in_func(symbol, self.b.func));
        }
        let table = self.image.native().map_or(0, |native| native.inner_table());
        let place = self.int((table + id.0 as usize * 8) as i64);
        self.code_at(pc, place)
    }

    /// Leaves unless the stack has room for the registers of a function that clears some at entry: they are written when it leaves,
    /// even in front of `enter`.
    fn make_room(&mut self, pc: u32, id: FuncId, delta: u16) {
        if self.image.module().liveness(id).entry_live().is_empty() {
            return;
        }
        let registers = self.image.module().functions[id.0 as usize].registers.len();
        let slots = i64::from(self.frame.offset + u32::from(delta)) + registers as i64;
        let end = self.b.ins().iadd_imm_s(self.base, slots * 8);
        let limit = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.stack_limit);
        let deep = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.bail_if(deep, pc);
    }

    /// The code whose address is at `place`.
    fn code_at(&mut self, pc: u32, place: Value) -> Target {
        let code = self.b.ins().load(types::I64, TRUSTED, place, 0);
        self.bail_unless(code, pc);
        Target::Code(code)
    }

    /// Address of the `size` bytes of entry `index` of a table.
    fn entry_of(&mut self, table: usize, index: Value, size: usize) -> Value {
        let table = self.int(table as i64);
        let offset = match size.is_power_of_two() {
            true => self.b.ins().ishl_imm_s(index, i64::from(size.ilog2())),
            false => self.b.ins().imul_imm_s(index, size as i64),
        };
        self.b.ins().iadd(table, offset)
    }

    /// The entry of the class of an object. Leaves for null.
    fn class_entry(&mut self, pc: u32, receiver: u16) -> Value {
        let reference = self.reg(receiver);
        self.exists(reference, pc);
        let object = self.object(reference);
        let class = self.b.ins().load(types::I16, CONSTANT, object, 4);
        let class = self.b.ins().uextend(types::I64, class);
        let tables = self.image.class_tables();
        self.entry_of(tables.classes, class, tables.class_bytes)
    }

    fn method_target(&mut self, pc: u32, receiver: u16, index: u16, delta: u16) -> Target {
        let ty = self.frame.function.registers[usize::from(receiver)];
        if let [only] = *self.methods.targets(ty, index) {
            let reference = self.reg(receiver);
            self.exists(reference, pc);
            return self.function_target(pc, only, delta);
        }
        let entry = self.class_entry(pc, receiver);
        let first = self.b.ins().load(types::I32, CONSTANT, entry, self.image.class_tables().methods);
        let first = self.b.ins().uextend(types::I64, first);
        let table = self.image.native().map_or(0, |native| native.method_table());
        let place = self.entry_of(table + usize::from(index) * 8, first, 8);
        self.code_at(pc, place)
    }

    fn interface_target(&mut self, pc: u32, receiver: u16, selector: u16) -> Target {
        let entry = self.class_entry(pc, receiver);
        let tables = self.image.class_tables();
        let first = self.b.ins().load(types::I32, CONSTANT, entry, tables.selectors);
        let first = self.b.ins().uextend(types::I64, first);
        let mask = self.b.ins().load(types::I16, CONSTANT, entry, tables.selector_mask);
        let mask = self.b.ins().uextend(types::I64, mask);
        let slot = self.b.ins().band_imm_s(mask, i64::from(selector));
        let index = self.b.ins().iadd(first, slot);
        let place = self.entry_of(tables.interface_tables, index, 8);
        let found = self.b.ins().load(types::I64, CONSTANT, place, 0);
        let which = self.b.ins().ushr_imm_u(found, 32);
        let other = self.b.ins().icmp_imm_s(IntCC::NotEqual, which, i64::from(selector));
        self.trap_if(other, pc);
        let function = self.b.ins().band_imm_u(found, 0xffff_ffff);
        let table = self.image.native().map_or(0, |native| native.open_table());
        let place = self.entry_of(table, function, 8);
        self.code_at(pc, place)
    }

    fn reference_target(&mut self, pc: u32, register: u16) -> Target {
        let value = self.reg(register);
        self.bail_unless(value, pc);
        let object = self.object(value);
        // Word 0 of a function value: the function, then how many values it binds (`closure::word`).
        let function = self.b.ins().load(types::I32, CONSTANT, object, 8);
        let function = self.b.ins().uextend(types::I64, function);
        let bound = self.b.ins().load(types::I16, CONSTANT, object, 12);
        let bound = self.b.ins().uextend(types::I64, bound);
        let Some(native) = self.image.native() else { return Target::Code(value) };
        let place = self.entry_of(native.bound_table(), function, 1);
        let expected = self.b.ins().load(types::I8, CONSTANT, place, 0);
        let expected = self.b.ins().uextend(types::I64, expected);
        let other = self.b.ins().icmp(IntCC::NotEqual, bound, expected);
        self.bail_if(other, pc);
        let place = self.entry_of(native.reference_table(), function, 8);
        let code = self.b.ins().load(types::I64, TRUSTED, place, 0);
        self.bail_unless(code, pc);
        Target::Reference(code, value)
    }

    /// The function that a call goes to whenever it goes somewhere.
    fn known(&mut self, op: Opcode, words: &[u64], args: &[u16]) -> Option<FuncId> {
        let ins = words[0];
        match op {
            Opcode::Call => Some(FuncId((ins >> 32) as u32 & 0xff_ffff)),
            Opcode::CallMany => Some(FuncId((ins >> 32) as u32)),
            Opcode::CallVirtual | Opcode::CallVirtualMany => {
                let ty = self.frame.function.registers[usize::from(args[0])];
                if let [only] = *self.methods.targets(ty, field_b(ins)) { Some(only) } else { None }
            }
            _ => None,
        }
    }

    /// Whether a function is put in place of a call.
    fn is_inlined(&self, id: FuncId) -> bool {
        let function = &self.image.module().functions[id.0 as usize];
        let liveness = self.image.module().liveness(id);
        let words = function.code.len();
        words <= INLINE_WORDS_MAX.min(self.inline_words)
            && function.handlers.is_empty()
            && self.frame.outer.len() < INLINE_DEPTH_MAX
            && self.frame.depth_of(id) <= INLINE_SELF_MAX
            && self.frame.offset < INLINE_OFFSET_MAX
            && liveness.is_precise()
            && liveness.entry_live().is_empty()
            && !instructions(&function.code)
                .any(|(_, op, _)| matches!(op, Opcode::TailCall | Opcode::TailCallRef | Opcode::Sys))
    }

    /// Puts a function in place of a call of it.
    fn inline(&mut self, id: FuncId, call: Call, args: &[u16], results: &[u16]) {
        self.keep_changed();
        let mut frame = Frame::new(&mut self.b, self.image, self.methods, id);
        frame.offset = self.frame.offset + u32::from(call.delta);
        frame.outer = self.frame.around(call);
        self.activations.extend(frame.outer.first().cloned());
        frame.number = self.activations.len();
        let next = self.b.create_block();
        let results = results.iter().map(|&register| self.frame.registers[usize::from(register)]).collect();
        frame.returns = Some((next, results));
        let values: Vec<Value> = args.iter().map(|&register| self.reg(register)).collect();
        for (&register, value) in frame.registers.iter().zip(values) {
            self.b.def_var(register, value);
        }
        self.inline_words = self.inline_words.saturating_sub(frame.function.code.len());
        let around = std::mem::replace(&mut self.frame, frame);
        let fast = self.fast.take();
        self.make_blocks();
        self.b.ins().jump(self.frame.forward(0), &[]);
        self.body();
        let mut frame = std::mem::replace(&mut self.frame, around);
        self.known = frame.returned.take().unwrap_or_default();
        self.drop_anchor();
        self.fast = fast;
        self.done.push(frame);
        self.changed.clear();
        self.continue_in(next);
    }

    /// A call of a method that can go to few small functions: they are put in place of it, one for each class.
    fn inline_methods(
        &mut self,
        op: Opcode,
        words: &[u64],
        call: Call,
        args: &[u16],
        results: &[u16],
    ) -> bool {
        if !matches!(op, Opcode::CallVirtual | Opcode::CallVirtualMany) {
            return false;
        }
        let ty = self.frame.function.registers[usize::from(args[0])];
        let choices = self.methods.choices(ty, field_b(words[0]), CHOICES_MAX);
        let size = |&(_, id): &(TypeId, FuncId)| self.image.module().functions[id.0 as usize].code.len();
        let fits = choices.iter().map(size).sum::<usize>() <= self.inline_words
            && choices.iter().all(|&(_, id)| self.is_inlined(id));
        let [others @ .., (_, last)] = &choices[..] else { return false };
        if !fits {
            return false;
        }
        let reference = self.reg(args[0]);
        self.exists(reference, call.pc);
        let object = self.object(reference);
        let found = self.b.ins().load(types::I16, CONSTANT, object, 4);
        let all = self.b.create_block();
        let (before, mut behind) = (self.known.clone(), None);
        for &(class, id) in others {
            let (this, other) = (self.b.create_block(), self.b.create_block());
            let holds = self.b.ins().icmp_imm_u(IntCC::Equal, found, i64::from(class.0));
            self.b.ins().brif(holds, this, &[], other, &[]);
            self.continue_in(this);
            self.inline(id, call, args, results);
            Known::returns(&mut behind, &self.known);
            self.b.ins().jump(all, &[]);
            self.continue_in(other);
            self.known = before.clone();
        }
        self.inline(*last, call, args, results);
        Known::returns(&mut behind, &self.known);
        self.known = behind.unwrap_or_default();
        self.b.ins().jump(all, &[]);
        self.continue_in(all);
        true
    }

    /// Any call that comes back. False where control does not go on: the interpreter does it.
    pub(super) fn call(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let (args, results) = operands(op, words);
        let delta = words[1] as u16;
        let dst = if let [only] = results[..] { only } else { NO_REG };
        let next = pc + words.len() as u32;
        let resumes = self.frame.points.binary_search(&next).is_ok();
        let header = frame_header(self.frame.start + next, delta, dst, resumes);
        let call = Call { pc, delta, header };
        if let Some(id) = self.known(op, words, &args).filter(|&id| self.is_inlined(id)) {
            if let Opcode::CallVirtual | Opcode::CallVirtualMany = op {
                let reference = self.reg(args[0]);
                self.exists(reference, pc);
            }
            self.inline(id, call, &args, &results);
            return true;
        }
        if self.inline_methods(op, words, call, &args, &results) {
            return true;
        }
        let types = results.iter().map(|&register| self.frame.function.registers[usize::from(register)]);
        if !fits_registers(types) {
            let bail = self.bail(pc);
            self.b.ins().jump(bail, &[]);
            return false;
        }
        let is_method = matches!(op, Opcode::CallVirtual | Opcode::CallVirtualMany);
        let known = self.known(op, words, &args);
        let both = known.and_then(|id| self.return_at_once(id, call, (&args, &results), is_method));
        let target = self.call_target(pc, op, words, &args);
        let above = self.b.ins().iadd_imm_s(self.base, i64::from(self.frame.offset + u32::from(delta)) * 8);
        let mut values = vec![self.ctx, above, self.b.use_var(self.fuel)];
        if let Target::Reference(_, value) = target {
            values.push(value);
        }
        for &register in &args {
            values.push(self.reg(register));
        }
        let made = match target {
            Target::Known(callee) => self.b.ins().call(callee, &values),
            Target::Code(code) | Target::Reference(code, _) => {
                let types =
                    results.iter().map(|&register| self.frame.function.registers[usize::from(register)]);
                let signature = self.signature_of(&target, &args, types);
                let signature = self.b.import_signature(signature);
                self.b.ins().call_indirect(signature, code, &values)
            }
        };
        let values = self.b.inst_results(made).to_vec();
        let (leaves, goes_on) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(leaves);
        let left = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, values[0], 0);
        self.b.ins().brif(left, leaves, &[], goes_on, &[]);
        self.frame.broken.push((leaves, call));
        self.continue_in(goes_on);
        self.b.def_var(self.fuel, values[0]);
        self.known.call();
        for (&register, &value) in results.iter().zip(&values[1..]) {
            self.set(register, value);
        }
        if let Some(both) = both {
            self.b.ins().jump(both, &[]);
            self.continue_in(both);
        }
        true
    }

    /// A call in place of the running function. The host's stack does not grow.
    pub(super) fn tail_call(&mut self, pc: u32, op: Opcode, words: &[u64]) {
        let (args, _) = operands(op, words);
        let target = self.call_target(pc, op, words, &args);
        self.charge(1, pc);
        let mut values = vec![self.ctx, self.base, self.b.use_var(self.fuel)];
        if let Target::Reference(_, value) = target {
            values.push(value);
        }
        for &register in &args {
            values.push(self.reg(register));
        }
        let results = self.results;
        let signature = self.signature_of(&target, &args, results.iter().copied());
        if let Form::Function = self.form {
            match target {
                Target::Known(callee) => self.b.ins().return_call(callee, &values),
                Target::Code(code) | Target::Reference(code, _) => {
                    let signature = self.b.import_signature(signature);
                    self.b.ins().return_call_indirect(signature, code, &values)
                }
            };
            return;
        }
        let call = match target {
            Target::Known(callee) => self.b.ins().call(callee, &values),
            Target::Code(code) | Target::Reference(code, _) => {
                let signature = self.b.import_signature(signature);
                self.b.ins().call_indirect(signature, code, &values)
            }
        };
        // Who has left has left for this frame too. The results are then not looked at.
        let values = self.b.inst_results(call).to_vec();
        for (k, &value) in values[1..].iter().enumerate() {
            self.b.ins().store(TRUSTED, value, self.ctx, self.off.results + k as i32 * 8);
        }
        self.b.ins().return_(&values[..1]);
    }
}
