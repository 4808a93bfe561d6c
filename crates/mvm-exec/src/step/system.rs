//! Exceptions and syscalls.

use mvm_isa::{Syscall, TrapCode, field_a};

use super::{Flow, Outcome};
use crate::process::{Fault, Process, Stop};

pub(super) fn throw(p: &mut Process, word: u64) -> Outcome {
    Err(Fault::Throw(p.some(field_a(word))?))
}

pub(super) fn sys(p: &mut Process, _: u64) -> Outcome {
    match p.begin_syscall() {
        Some(stop) => Ok(Flow::Stop(stop)),
        None => Err(TrapCode::Unreachable.into()),
    }
}

impl Process {
    /// Charges for the syscall at `pc`, once, and stops for it. None when there is no such syscall.
    #[inline]
    pub(crate) fn begin_syscall(&mut self) -> Option<Stop> {
        let Some(call) = Syscall::from_number((self.word(0) >> 32) as u32) else {
            debug_assert!(false, "verified: the syscall exists");
            return None;
        };
        if !self.syscall_pending {
            if self.charge(i64::from(call.info().cost)).is_err() {
                return Some(Stop::OutOfFuel);
            }
            self.syscall_pending = true;
        }
        Some(Stop::Syscall(call))
    }

    /// Argument `index` of the syscall that the process waits for: the bits of its register.
    #[inline]
    pub fn syscall_arg(&self, index: usize) -> u64 {
        self.reg(self.item(1, index))
    }

    /// The syscall that waits for its answer.
    pub fn pending_syscall(&self) -> Option<Syscall> {
        self.syscall_pending.then(|| Syscall::from_number((self.word(0) >> 32) as u32)).flatten()
    }

    /// Answers the syscall that the process waits for; it goes on behind it.
    #[inline]
    pub fn finish_syscall(&mut self, results: &[u64]) {
        let word = self.word(0);
        let (args, wanted) = ((word >> 16 & 0xff) as usize, (word >> 24 & 0xff) as usize);
        let at = 1 + args.div_ceil(4) as u32;
        self.syscall_pending = false;
        self.pc += at + wanted.div_ceil(4) as u32;
        if wanted > 0 {
            self.set_results(at + wanted.div_ceil(4) as u32, at, wanted, results);
        }
    }

    /// Sets the registers of the results of the syscall that was `length` words long; their list begins at its word `at`.
    fn set_results(&mut self, length: u32, at: u32, wanted: usize, results: &[u64]) {
        let start = (self.pc - length + at) as usize;
        let mut list = 0;
        for (k, &value) in results.iter().enumerate().take(wanted) {
            if k % 4 == 0 {
                list = self.image.code[start + k / 4];
            }
            self.set_reg(list as u16, value);
            list >>= 16;
        }
    }
}
