//! A stand-in for `mvm_module::finish` until it exists.

use mvm_isa::{Effect, Opcode, insn_len, opcode_of, targets};
use mvm_module::{Function, limits};

/// Whether the first instruction must be `enter`.
pub(crate) fn needs_enter(function: &Function) -> bool {
    if function.code.len() > limits::LEAF_WORDS_MAX || function.registers.len() > limits::LEAF_REGISTERS_MAX {
        return true;
    }
    let mut pc = 0;
    while pc < function.code.len() {
        let Ok(op) = opcode_of(function.code[pc]) else { return true };
        if op.info().has(Effect::Calls) || targets(op, &function.code[pc..]).iter().any(|t| t.offset <= 0) {
            return true;
        }
        pc += insn_len(op, function.code[pc]);
    }
    false
}

/// Fills in frame sizes.
pub(crate) fn finish_function(function: &mut Function) {
    let registers = function.registers.len() as u64;
    let mut pc = 0;
    while pc < function.code.len() {
        let Ok(op) = opcode_of(function.code[pc]) else { return };
        let info = op.info();
        match info.shape {
            mvm_isa::Shape::Call | mvm_isa::Shape::CallMany => {
                function.code[pc + 1] = function.code[pc + 1] & !0xffff | (registers + 1);
            }
            _ => {}
        }
        if op == Opcode::Enter {
            function.code[pc] = op as u64 | 1 << 16 | registers << 32;
        }
        pc += insn_len(op, function.code[pc]);
    }
}
