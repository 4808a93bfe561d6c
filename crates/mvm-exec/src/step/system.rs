//! Exceptions and syscalls.

use mvm_isa::{Syscall, TrapCode, field_a};

use super::{Flow, Outcome};
use crate::process::{Fault, Process, Stop};

pub(super) fn throw(p: &mut Process, word: u64) -> Outcome {
    Err(Fault::Throw(p.some(field_a(word))?))
}

pub(super) fn sys(p: &mut Process, word: u64) -> Outcome {
    let Some(call) = Syscall::from_number((word >> 32) as u32) else {
        debug_assert!(false, "verified: the syscall exists");
        return Err(TrapCode::Unreachable.into());
    };
    if !p.syscall_pending {
        p.charge(i64::from(call.info().cost))?;
        p.syscall_pending = true;
    }
    Ok(Flow::Stop(Stop::Syscall(call)))
}

impl Process {
    /// Argument `index` of the syscall that the process waits for: the bits of its register.
    pub fn syscall_arg(&self, index: usize) -> u64 {
        self.reg(self.item(1, index))
    }

    /// Answers the syscall that the process waits for; it goes on behind it.
    pub fn finish_syscall(&mut self, results: &[u64]) {
        let word = self.word(0);
        let (args, wanted) = ((word >> 16 & 0xff) as usize, (word >> 24 & 0xff) as usize);
        let at = 1 + args.div_ceil(4) as u32;
        for (k, &value) in results.iter().enumerate().take(wanted) {
            let register = self.item(at, k);
            self.set_reg(register, value);
        }
        self.syscall_pending = false;
        self.pc += at + wanted.div_ceil(4) as u32;
    }
}
