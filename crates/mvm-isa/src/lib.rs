//! The vocabulary of the machine: instructions, traps, syscalls, built-in types.
//!
//! One table has one documented row per instruction ([`Opcode::info`]); encoder, decoder, assembler syntax,
//! disassembler, verifier typing, register sets, the reference page and fuzz input come from it. The meaning of pure
//! instructions is one plain function each ([`sem`]).
//!
//! Not here: what a module is (`mvm-module`), what the stateful instructions do (`mvm-exec`).
#![forbid(unsafe_code)]

mod branches;
mod builtins;
mod code;
#[macro_use]
mod ops;
pub mod pages;
pub mod sem;
mod syscalls;
mod table;
mod trap;
mod types;

pub use builtins::{BUILTINS, Builtin};
pub use code::{
    Access, DecodeError, NO_REG, Target, encode, field_a, field_b, field_c, imm32, insn_len, map_registers,
    opcode_of, set_target, targets, visit_registers, visit_targets,
};
pub use ops::Opcode;
pub use syscalls::{Answer, ErrorNumber, Right, Rights, SysTy, Syscall, SyscallInfo};
pub use table::{Effect, Elem, OpInfo, OpKind, Operand, Shape, Syntax, Ty, TypeRule};
pub use trap::{Trap, TrapCode};
pub use types::TypeId;

impl Opcode {
    /// The row of this instruction.
    pub fn info(self) -> &'static OpInfo {
        &ops::TABLE[self as usize]
    }

    /// The instruction with this opcode.
    pub fn from_code(code: u16) -> Option<Opcode> {
        Opcode::ALL.get(usize::from(code)).copied()
    }
}
