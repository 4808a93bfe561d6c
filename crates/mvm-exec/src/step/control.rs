//! Branches, calls, returns.

use mvm_heap::layout::closure;
use mvm_isa::sem::PureFn;
use mvm_isa::{NO_REG, TrapCode, field_a, field_b, field_c, imm32};
use mvm_module::{FuncId, limits};

use super::{Flow, Outcome};
use crate::planted::Planted;
use crate::process::{Fault, FrameHeader, Process, Stop};

/// Goes `offset` words from the current instruction.
fn jump(p: &mut Process, offset: i32) -> Flow {
    p.pc = p.pc.wrapping_add_signed(offset);
    Flow::Jumped
}

/// Whether a branch on numbers is taken; its second operand is an immediate or a register.
fn taken<Args>(p: &Process, word: u64, condition: impl PureFn<Args>, imm: bool) -> Result<bool, Fault> {
    let value = condition.apply(|k| match k {
        0 => p.reg(field_a(word)),
        _ if imm => super::immediate(field_b(word)),
        _ => p.reg(field_b(word)),
    })?;
    Ok(value != 0)
}

pub(super) fn branch<Args>(p: &mut Process, word: u64, condition: impl PureFn<Args>, imm: bool) -> Outcome {
    let taken = taken(p, word, condition, imm)?;
    Ok(if taken { jump(p, i32::from(field_c(word) as i16)) } else { Flow::Next })
}

pub(super) fn branch_back<Args>(
    p: &mut Process,
    word: u64,
    condition: impl PureFn<Args>,
    imm: bool,
) -> Outcome {
    if !taken(p, word, condition, imm)? {
        return Ok(Flow::Next);
    }
    p.charge(1)?;
    Ok(jump(p, i32::from(field_c(word) as i16)))
}

/// What a call-like instruction says about its operands.
struct Call {
    /// Function number, method index, selector or register, as the instruction has it.
    target: u32,
    args: usize,
    /// Register of the single result.
    dst: u16,
    /// Words of the instruction.
    len: u32,
}

/// Reads a call of shape `Call` or `CallMany`.
fn read_call(p: &Process, word: u64, many: bool) -> Call {
    if many {
        let (args, results) = ((word >> 16 & 0xff) as usize, (word >> 24 & 0xff) as usize);
        let len = 2 + args.saturating_sub(3).div_ceil(4) + results.div_ceil(4);
        // A single result is in the first slot of the result words.
        let dst = if results == 1 { p.word(len as u32 - 1) as u16 } else { NO_REG };
        Call { target: (word >> 32) as u32, args, dst, len: len as u32 }
    } else {
        Call {
            target: (word >> 32 & 0xff_ffff) as u32,
            args: (word >> 56) as usize,
            dst: field_a(word),
            len: 2,
        }
    }
}

impl Process {
    /// 16-bit item `index` of a list that starts `from` words after the instruction.
    #[inline]
    pub(super) fn item(&self, from: u32, index: usize) -> u16 {
        (self.word(from + (index / 4) as u32) >> (16 * (index % 4))) as u16
    }

    /// Clears the registers of the running frame that must be 0 at entry.
    fn clear_registers(&mut self, function: u32) {
        let entry = self.image.functions[function as usize];
        if entry.clear && !self.has_bug(Planted::UnclearedRegisters) {
            let from = self.base + usize::from(entry.params);
            self.stack[from..self.base + usize::from(entry.registers)].fill(0);
        }
    }

    /// Calls `function` with the bound values of `bound` (a function value, or 0), then the arguments of the call.
    fn call(&mut self, call: &Call, function: u32, bound: u32) -> Outcome {
        let entry = self.image.functions[function as usize];
        let delta = self.word(1) as u16;
        if entry.clear {
            // `enter` of the callee checks the stack, but clearing writes before it. Arguments fit the red zone.
            let registers = usize::from(delta) + usize::from(entry.registers);
            self.reserve_stack(registers)?;
        }
        let callee = self.base + usize::from(delta);
        let mut at = callee;
        if bound != 0 {
            for k in 0..usize::from(closure::bound(self.heap.word(bound, 0))) {
                self.stack[at] = self.heap.word(bound, 1 + k);
                at += 1;
            }
        }
        for k in 0..call.args {
            self.stack[at] = self.reg(self.item(1, 1 + k));
            at += 1;
        }
        self.push_frame(delta, self.pc + call.len, call.dst);
        self.clear_registers(function);
        self.pc = entry.start;
        Ok(Flow::Jumped)
    }

    /// Leaves the running function.
    fn pop_frame(&mut self) -> (usize, u32, u16) {
        let header = FrameHeader(self.stack[self.base - 1]);
        let caller = self.base - header.delta();
        self.base = caller;
        self.pc = header.return_pc();
        (caller, header.return_pc(), header.dst())
    }

    /// The first function has returned.
    pub(super) fn halt(&mut self) -> Stop {
        self.finish();
        Stop::Done
    }

    /// Replaces the running function; `values` are all parameters.
    fn replace(&mut self, function: u32, values: &[u64]) -> Outcome {
        let entry = self.image.functions[function as usize];
        if entry.clear {
            self.reserve_stack(usize::from(entry.registers))?;
        }
        self.charge(1)?;
        self.stack[self.base..self.base + values.len()].copy_from_slice(values);
        self.clear_registers(function);
        self.pc = entry.start;
        Ok(Flow::Jumped)
    }

    /// The function behind a function value and the value itself when it has bound values, else 0.
    fn function_of(&self, register: u16) -> Result<(u32, u32), Fault> {
        let value = self.some(register)?;
        let word = self.heap.word(value, 0);
        Ok((closure::function(word), if closure::bound(word) > 0 { value } else { 0 }))
    }

    fn call_virtual(&mut self, word: u64, many: bool) -> Outcome {
        let call = read_call(self, word, many);
        let object = self.some(self.item(1, 1))?;
        let methods = self.image.classes[self.heap.class(object).index()].methods;
        let function = self.image.methods[(methods + call.target) as usize];
        self.call(&call, function, 0)
    }

    fn call_interface(&mut self, word: u64, many: bool) -> Outcome {
        let call = read_call(self, word, many);
        let object = self.some(self.item(1, 1))?;
        let Some(function) = self.image.select(self.heap.class(object), call.target as u16) else {
            // The class implements the interface (rules C8, T13); a clear trap is still better than a wrong call.
            debug_assert!(false, "verified: the class implements the interface");
            return Err(TrapCode::Unreachable.into());
        };
        self.call(&call, function, 0)
    }

    fn call_reference(&mut self, word: u64, many: bool) -> Outcome {
        let call = read_call(self, word, many);
        let (function, bound) = self.function_of(call.target as u16)?;
        self.call(&call, function, bound)
    }
}

/// Handlers of the rows of this file.
#[expect(unused_variables, reason = "all handlers have one signature")]
pub(super) mod special {
    use super::{
        Flow, FuncId, Outcome, Process, TrapCode, closure, field_a, field_b, field_c, imm32, jump, limits,
        read_call,
    };

    pub(in crate::step) fn mov(p: &mut Process, word: u64) -> Outcome {
        p.set_reg(field_a(word), p.reg(field_b(word)));
        Ok(Flow::Next)
    }

    pub(in crate::step) fn select(p: &mut Process, word: u64) -> Outcome {
        let chosen = if p.reg(field_b(word)) != 0 { field_c(word) } else { p.extra(0) };
        p.set_reg(field_a(word), p.reg(chosen));
        Ok(Flow::Next)
    }

    pub(in crate::step) fn const_i64(p: &mut Process, word: u64) -> Outcome {
        p.set_int(field_a(word), i64::from(imm32(word)));
        Ok(Flow::Next)
    }

    pub(in crate::step) fn const_i64_wide(p: &mut Process, word: u64) -> Outcome {
        p.set_reg(field_a(word), p.word(1));
        Ok(Flow::Next)
    }

    pub(in crate::step) fn const_f64(p: &mut Process, word: u64) -> Outcome {
        p.set_reg(field_a(word), p.word(1));
        Ok(Flow::Next)
    }

    pub(in crate::step) fn const_null(p: &mut Process, word: u64) -> Outcome {
        p.set_reg(field_a(word), 0);
        Ok(Flow::Next)
    }

    pub(in crate::step) fn const_literal(p: &mut Process, word: u64) -> Outcome {
        let object = p.literal((word >> 32) as u32)?;
        p.set_object(field_a(word), object);
        Ok(Flow::Next)
    }

    pub(in crate::step) fn fref(p: &mut Process, word: u64) -> Outcome {
        const_literal(p, word)
    }

    pub(in crate::step) fn nop(p: &mut Process, word: u64) -> Outcome {
        Ok(Flow::Next)
    }

    pub(in crate::step) fn brk(p: &mut Process, word: u64) -> Outcome {
        Ok(Flow::Next)
    }

    pub(in crate::step) fn unreachable(p: &mut Process, word: u64) -> Outcome {
        Err(TrapCode::Unreachable.into())
    }

    pub(in crate::step) fn enter(p: &mut Process, word: u64) -> Outcome {
        p.reserve_stack(usize::from(field_b(word)))?;
        p.charge(i64::from(field_a(word)))?;
        Ok(Flow::Next)
    }

    pub(in crate::step) fn jmp(p: &mut Process, word: u64) -> Outcome {
        Ok(jump(p, imm32(word)))
    }

    pub(in crate::step) fn jmp_back(p: &mut Process, word: u64) -> Outcome {
        p.charge(i64::from(field_a(word)))?;
        Ok(jump(p, imm32(word)))
    }

    pub(in crate::step) fn bnull(p: &mut Process, word: u64) -> Outcome {
        Ok(if p.object(field_a(word)) == 0 { jump(p, imm32(word)) } else { Flow::Next })
    }

    pub(in crate::step) fn bnonnull(p: &mut Process, word: u64) -> Outcome {
        Ok(if p.object(field_a(word)) != 0 { jump(p, imm32(word)) } else { Flow::Next })
    }

    pub(in crate::step) fn switch(p: &mut Process, word: u64) -> Outcome {
        let key = p.reg(field_a(word));
        // Target 0 is the default.
        let index = if key < u64::from(field_b(word)) { key as u32 + 1 } else { 0 };
        let offset = (p.word(1 + index / 2) >> (32 * (index % 2))) as i32;
        Ok(jump(p, offset))
    }

    pub(in crate::step) fn switch_back(p: &mut Process, word: u64) -> Outcome {
        p.charge(i64::from(field_c(word)))?;
        switch(p, word)
    }

    pub(in crate::step) fn call(p: &mut Process, word: u64) -> Outcome {
        let call = read_call(p, word, false);
        p.call(&call, call.target, 0)
    }

    pub(in crate::step) fn call_many(p: &mut Process, word: u64) -> Outcome {
        let call = read_call(p, word, true);
        p.call(&call, call.target, 0)
    }

    pub(in crate::step) fn call_ref(p: &mut Process, word: u64) -> Outcome {
        p.call_reference(word, false)
    }

    pub(in crate::step) fn call_ref_many(p: &mut Process, word: u64) -> Outcome {
        p.call_reference(word, true)
    }

    pub(in crate::step) fn call_virtual(p: &mut Process, word: u64) -> Outcome {
        p.call_virtual(word, false)
    }

    pub(in crate::step) fn call_virtual_many(p: &mut Process, word: u64) -> Outcome {
        p.call_virtual(word, true)
    }

    pub(in crate::step) fn call_interface(p: &mut Process, word: u64) -> Outcome {
        p.call_interface(word, false)
    }

    pub(in crate::step) fn call_interface_many(p: &mut Process, word: u64) -> Outcome {
        p.call_interface(word, true)
    }

    pub(in crate::step) fn tail_call(p: &mut Process, word: u64) -> Outcome {
        let count = (word >> 16 & 0xff) as usize;
        let mut values = [0; limits::PARAMS_MAX];
        for (k, value) in values[..count].iter_mut().enumerate() {
            *value = p.reg(p.item(1, k));
        }
        p.replace((word >> 32) as u32, &values[..count])
    }

    pub(in crate::step) fn tail_call_ref(p: &mut Process, word: u64) -> Outcome {
        let count = (word >> 16 & 0xff) as usize;
        let (function, bound) = p.function_of(field_b(word))?;
        let first = if bound == 0 { 0 } else { usize::from(closure::bound(p.heap.word(bound, 0))) };
        let mut values = [0; limits::PARAMS_MAX + limits::BOUND_MAX];
        for (k, value) in values[..first].iter_mut().enumerate() {
            *value = p.heap.word(bound, 1 + k);
        }
        for k in 0..count {
            values[first + k] = p.reg(p.item(1, k));
        }
        p.replace(function, &values[..first + count])
    }

    pub(in crate::step) fn ret(p: &mut Process, word: u64) -> Outcome {
        p.pop_frame();
        Ok(Flow::Jumped)
    }

    pub(in crate::step) fn ret_value(p: &mut Process, word: u64) -> Outcome {
        let value = p.reg(field_a(word));
        let (_, _, dst) = p.pop_frame();
        p.set_reg(dst, value);
        Ok(Flow::Jumped)
    }

    pub(in crate::step) fn ret_many(p: &mut Process, word: u64) -> Outcome {
        let count = usize::from(field_a(word));
        let mut values = [0; limits::RESULTS_MAX];
        for (k, value) in values[..count].iter_mut().enumerate() {
            *value = p.reg(p.item(1, k));
        }
        let (_, pc, dst) = p.pop_frame();
        let image = std::sync::Arc::clone(&p.image);
        let mut k = 0;
        image.each_result(pc, count, dst, |register| {
            p.set_reg(register, values[k]);
            k += 1;
        });
        Ok(Flow::Jumped)
    }

    pub(in crate::step) fn bind(p: &mut Process, word: u64) -> Outcome {
        let function = FuncId((word >> 32 & 0xff_ffff) as u32);
        let count = (word >> 56) as usize;
        let entry = p.image.functions[function.0 as usize];
        let dst = field_a(word);
        let class = p.type_of_register(dst);
        let value = p.alloc(class, 1 + count as u32, 1 + count)?;
        let refs = entry.ref_params & ((1u32 << count) - 1) as u16;
        p.heap.set_word(value, 0, closure::word(function.0, count as u16, refs));
        for k in 0..count {
            let bound = p.reg(p.item(1, k));
            p.heap.set_word(value, 1 + k, bound);
        }
        p.set_object(dst, value);
        Ok(Flow::Next)
    }
}
