//! The meaning of every instruction, written for clarity: one step of one process, without `unsafe`.
//!
//! This is what "the interpreter executes that very instruction" means everywhere: the fast dispatchers (`fast`) and
//! native code do the frequent cases themselves and come here for everything else, before any side effect. It is also
//! a complete interpreter of its own, the reference that the others are compared with.
//!
//! A function named like the row of the table handles each `Special` row; a row without one does not compile.

mod array;
mod block;
mod bulk;
mod control;
mod object;
mod raise;
mod string;
mod system;
mod text;

use mvm_isa::sem::{self, PureFn};
use mvm_isa::{Opcode, Trap, TrapCode, field_a, field_b, field_c, insn_len};

use crate::image::HALT;
use crate::native::NATIVE;
use crate::planted::Planted;
use crate::process::{Fault, Process, Step, Stop};

pub(crate) use bulk::hash_bytes;
pub(crate) use raise::{describe, raised};
pub use text::float_text;

/// Where control goes after an instruction.
pub(crate) enum Flow {
    /// To the next instruction.
    Next,
    /// `pc` has been set.
    Jumped,
    /// The process stops; `pc` stays.
    Stop(Stop),
}

type Outcome = Result<Flow, Fault>;

/// Executes one instruction.
pub(crate) fn step(p: &mut Process) -> Step {
    attempt(p).unwrap_or_else(|fault| p.raise(fault))
}

/// Executes one instruction, without raising what it faults with: it can be executed again then and faults the same.
pub(crate) fn attempt(p: &mut Process) -> Result<Step, Fault> {
    let word = p.word(0);
    let Some(op) = Opcode::from_code(word as u16) else {
        if word as u16 == NATIVE {
            // A call that was to go to native code goes to the function itself.
            p.pc = p.image.functions[(word >> 32) as usize].start;
            return Ok(Step::Next);
        }
        debug_assert_eq!(word as u16, HALT, "verified: opcodes are known");
        return Ok(Step::Stop(p.halt()));
    };
    Ok(match execute(p, op, word)? {
        Flow::Next => {
            if op == Opcode::AddI64 && p.has_bug(Planted::WrongSum) && p.reg(field_a(word)) & 15 == 0 {
                p.set_reg(field_a(word), p.reg(field_a(word)) + 1);
            }
            p.pc += insn_len(op, word) as u32;
            Step::Next
        }
        Flow::Jumped => Step::Next,
        Flow::Stop(stop) => Step::Stop(stop),
    })
}

impl Process {
    /// Raises what the answer to a syscall faulted with. Some when the process stops; with [`Stop::OutOfFuel`] it can be raised
    /// again.
    pub fn raise_fault(&mut self, fault: Fault) -> Option<Stop> {
        match self.raise(fault) {
            Step::Next => None,
            Step::Stop(stop) => Some(stop),
        }
    }

    /// Raises the fault of the instruction at `pc`: it goes on at a handler, or stops.
    pub(crate) fn raise(&mut self, fault: Fault) -> Step {
        match fault {
            Fault::Fuel => Step::Stop(Stop::OutOfFuel),
            Fault::Trap(trap) => {
                let error = self.before_catch(&trap);
                let step = raise::raise(self, Err(trap));
                if let (Step::Next, Some(error)) = (&step, error) {
                    self.note_caught(trap.code, error);
                }
                step
            }
            Fault::Throw(object) => raise::raise(self, Ok(object)),
        }
    }
}

macro_rules! execute_rows {
    (($p:ident, $op:ident, $word:ident) $($name:ident = $Op:ident, $kind:ident ($($sem:ident)?);)*) => {
        match $op { $( Opcode::$Op => execute_rows!(@ $kind $p $word $name $($sem)?), )* }
    };
    (@ Pure $p:ident $word:ident $name:ident $sem:ident) => { pure($p, $word, sem::$sem) };
    (@ PureImm $p:ident $word:ident $name:ident $sem:ident) => { pure_imm($p, $word, sem::$sem) };
    (@ Branch $p:ident $word:ident $name:ident $sem:ident) => { control::branch($p, $word, sem::$sem, false) };
    (@ BranchImm $p:ident $word:ident $name:ident $sem:ident) => { control::branch($p, $word, sem::$sem, true) };
    (@ BranchBack $p:ident $word:ident $name:ident $sem:ident) => { control::branch_back($p, $word, sem::$sem, false) };
    (@ BranchBackImm $p:ident $word:ident $name:ident $sem:ident) => { control::branch_back($p, $word, sem::$sem, true) };
    (@ Special $p:ident $word:ident $name:ident) => { special::$name($p, $word) };
}

fn execute(p: &mut Process, op: Opcode, word: u64) -> Outcome {
    mvm_isa::for_each_op!(execute_rows(p, op, word))
}

/// The handlers of `Special` rows, wherever they are written.
mod special {
    pub(super) use super::array::*;
    pub(super) use super::block::*;
    pub(super) use super::control::special::*;
    pub(super) use super::object::*;
    pub(super) use super::string::*;
    pub(super) use super::system::*;
}

/// A function of `sem` of the source registers.
fn pure<Args>(p: &mut Process, word: u64, f: impl PureFn<Args>) -> Outcome {
    let value = f.apply(|k| match k {
        0 => p.reg(field_b(word)),
        1 => p.reg(field_c(word)),
        _ => p.reg(p.extra(0)),
    })?;
    p.set_reg(field_a(word), value);
    Ok(Flow::Next)
}

/// A function of `sem` of a register and an immediate.
fn pure_imm<Args>(p: &mut Process, word: u64, f: impl PureFn<Args>) -> Outcome {
    let value = f.apply(|k| if k == 0 { p.reg(field_b(word)) } else { immediate(field_c(word)) })?;
    p.set_reg(field_a(word), value);
    Ok(Flow::Next)
}

/// The register bits of a 16-bit immediate.
fn immediate(field: u16) -> u64 {
    i64::from(field as i16) as u64
}

/// Registers as the types handlers want.
impl Process {
    fn int(&self, register: u16) -> i64 {
        self.reg(register) as i64
    }

    fn float(&self, register: u16) -> f64 {
        f64::from_bits(self.reg(register))
    }

    /// A reference that may be null.
    fn object(&self, register: u16) -> u32 {
        self.reg(register) as u32
    }

    /// A reference that must not be null.
    fn some(&self, register: u16) -> Result<u32, Fault> {
        match self.object(register) {
            0 => Err(TrapCode::NullReference.into()),
            object => Ok(object),
        }
    }

    fn set_int(&mut self, register: u16, value: i64) {
        self.set_reg(register, value as u64);
    }

    fn set_object(&mut self, register: u16, object: u32) {
        self.set_reg(register, u64::from(object));
    }

    /// 16-bit slot `k` of the second word.
    fn extra(&self, k: u32) -> u16 {
        (self.word(1) >> (16 * k)) as u16
    }
}

/// A trap for an index outside a length.
fn out_of_bounds(index: i64, length: usize) -> Fault {
    Trap::new(TrapCode::OutOfBounds, index, length as i64).into()
}

/// The range `from..to` if it lies inside a length.
fn range(from: i64, to: i64, length: usize) -> Result<std::ops::Range<usize>, Fault> {
    let end =
        usize::try_from(to).ok().filter(|&end| end <= length).ok_or_else(|| out_of_bounds(to, length))?;
    let start = usize::try_from(from)
        .ok()
        .filter(|&start| start <= end)
        .ok_or_else(|| out_of_bounds(from, length))?;
    Ok(start..end)
}

/// The range of `count` items from `at` if it lies inside a length.
fn span(at: i64, count: i64, length: usize) -> Result<std::ops::Range<usize>, Fault> {
    if count < 0 {
        return Err(Trap::new(TrapCode::OutOfBounds, count, length as i64).into());
    }
    let start =
        usize::try_from(at).ok().filter(|&start| start <= length).ok_or_else(|| out_of_bounds(at, length))?;
    if count as u64 > (length - start) as u64 {
        return Err(out_of_bounds(at.saturating_add(count), length));
    }
    Ok(start..start + count as usize)
}
