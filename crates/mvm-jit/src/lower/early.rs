//! Functions that return at once: recursion ends in them.
//!
//! In front of a call it is looked whether the function does nothing but return: a few instructions that cannot trap, and branches on its
//! arguments. If so, and if it could be entered, that is done in place: nobody sees that there was no frame. Else the call is made, and the
//! function begins anew.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use mvm_isa::{OpKind, Opcode, field_a, field_b, field_c, imm32};
use mvm_module::cfg::{instructions, instructions_from};
use mvm_module::{FuncId, Function};

use super::frame::{Call, Frame};
use super::{CONSTANT, Lower};
use crate::explain::{How, how};

/// Instructions on the way to the return, at most.
const STEPS_MAX: usize = 10;
/// Branches among them, at most.
const BRANCHES_MAX: usize = 2;

/// What is done on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The instruction at a place.
    Do(u32),
    /// The branch there, which has to be taken or not.
    Branch(u32, bool),
    /// The return there.
    Return(u32),
}

/// The way through a function that returns at once, behind its first instruction.
fn way(function: &Function) -> Option<Vec<Step>> {
    let (_, op, words) = instructions(&function.code).next()?;
    let mut steps = Vec::new();
    let found = op == Opcode::Enter && follow(function, words.len() as u32, &mut steps, BRANCHES_MAX);
    found.then_some(steps)
}

/// Looks for a return from a place on. Of two ways the one that goes on behind a branch is looked at first.
fn follow(function: &Function, mut pc: u32, steps: &mut Vec<Step>, branches: usize) -> bool {
    while steps.len() < STEPS_MAX {
        let Some((_, op, words)) = instructions_from(&function.code, pc).next() else { return false };
        let ins = words[0];
        let next = pc + words.len() as u32;
        let distance = match op {
            Opcode::Ret | Opcode::RetValue => {
                steps.push(Step::Return(pc));
                return true;
            }
            Opcode::Jmp => {
                pc = (i64::from(pc) + i64::from(imm32(ins))) as u32;
                continue;
            }
            Opcode::Bnull | Opcode::Bnonnull => i64::from(imm32(ins)),
            _ if matches!(op.info().kind, OpKind::Branch | OpKind::BranchImm) => {
                i64::from(field_c(ins) as i16)
            }
            _ if is_plain(op) => {
                steps.push(Step::Do(pc));
                pc = next;
                continue;
            }
            _ => return false,
        };
        if branches == 0 {
            return false;
        }
        for (taken, to) in [(false, next), (true, (i64::from(pc) + distance) as u32)] {
            let before = steps.len();
            steps.push(Step::Branch(pc, taken));
            if follow(function, to, steps, branches - 1) {
                return true;
            }
            steps.truncate(before);
        }
        return false;
    }
    false
}

/// Whether an instruction is done in place and can do nothing but write a register.
fn is_plain(op: Opcode) -> bool {
    let info = op.info();
    let pure = matches!(info.kind, OpKind::Pure | OpKind::PureImm) && info.traps.is_empty();
    pure && how(op) == How::InPlace
        || matches!(
            op,
            Opcode::Mov | Opcode::ConstI64 | Opcode::ConstI64Wide | Opcode::ConstF64 | Opcode::ConstNull
        )
}

impl Lower<'_, '_> {
    /// In front of a call of a function: does it in place if it returns at once. Returns the block in which both go on; the call has to be made
    /// where control is now.
    pub(super) fn return_at_once(
        &mut self,
        id: FuncId,
        call: Call,
        (args, results): (&[u16], &[u16]),
        is_method: bool,
    ) -> Option<Block> {
        let function = &self.image.module().functions[id.0 as usize];
        let liveness = self.image.module().liveness(id);
        if !liveness.is_precise() || !liveness.entry_live().is_empty() {
            return None;
        }
        let steps = way(function)?;
        if is_method {
            let receiver = self.reg(args[0]);
            self.bail_unless(receiver, call.pc);
        }
        let enter = function.code[0];
        let mut frame = Frame::new(&mut self.b, self.image, self.methods, id);
        frame.offset = self.frame.offset + u32::from(call.delta);
        let (otherwise, next) = (self.b.create_block(), self.b.create_block());
        let results = results.iter().map(|&register| self.frame.registers[usize::from(register)]).collect();
        frame.returns = Some((next, results));
        let values: Vec<Value> = args.iter().map(|&register| self.reg(register)).collect();
        for (&register, value) in frame.registers.iter().zip(values) {
            self.b.def_var(register, value);
        }
        let around = std::mem::replace(&mut self.frame, frame);
        let fast = self.fast.take();
        for step in steps {
            self.step(step, enter, otherwise);
        }
        self.frame = around;
        self.fast = fast;
        self.continue_in(otherwise);
        Some(next)
    }

    fn step(&mut self, step: Step, enter: u64, otherwise: Block) {
        let code: &[u64] = &self.frame.function.code;
        let (Step::Do(pc) | Step::Branch(pc, _) | Step::Return(pc)) = step;
        let Some((_, op, words)) = instructions_from(code, pc).next() else { return };
        match step {
            Step::Do(_) => {
                self.value(pc, op, words);
            }
            Step::Branch(_, taken) => {
                let Some(condition) = self.condition(op, words[0]) else { return };
                let goes_on = self.b.create_block();
                match taken {
                    true => self.b.ins().brif(condition, goes_on, &[], otherwise, &[]),
                    false => self.b.ins().brif(condition, otherwise, &[], goes_on, &[]),
                };
                self.continue_in(goes_on);
            }
            Step::Return(_) => {
                // What `enter` asks, but for the host's stack.
                let size = i64::from(self.frame.offset + u32::from(field_b(enter))) * 8;
                if !self.known.has_room(size) {
                    let end = self.b.ins().iadd_imm_s(self.base, size);
                    let limit = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.stack_limit);
                    let deep = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
                    let fits = self.b.create_block();
                    self.b.ins().brif(deep, otherwise, &[], fits, &[]);
                    self.continue_in(fits);
                }
                let goes_on = self.b.create_block();
                let weight = i64::from(field_a(enter));
                let fuel = self.b.use_var(self.fuel);
                let short = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, fuel, weight);
                self.b.ins().brif(short, otherwise, &[], goes_on, &[]);
                self.continue_in(goes_on);
                let left = self.b.ins().iadd_imm_s(fuel, -weight);
                self.b.def_var(self.fuel, left);
                match op {
                    Opcode::RetValue => self.finish(&[field_a(words[0])]),
                    _ => self.finish(&[]),
                }
            }
        }
    }
}
