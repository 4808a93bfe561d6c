//! What programs did together: which instructions, traps, syscalls and diagnostics there were.

use std::collections::{BTreeMap, BTreeSet};

use mvm_isa::{Opcode, Syscall, TrapCode};

use super::build::Finding;

/// What was executed, raised and reported.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// How often each instruction was executed.
    pub opcodes: BTreeMap<Opcode, u64>,
    /// How often each syscall was asked for.
    pub syscalls: BTreeMap<Syscall, u64>,
    /// Traps that ended a program.
    pub traps: BTreeSet<TrapCode>,
    /// Codes of diagnostics and rules of the verifier.
    pub codes: BTreeSet<String>,
}

impl Coverage {
    /// Adds what another program did.
    pub fn add(&mut self, other: &Coverage) {
        for (&op, count) in &other.opcodes {
            *self.opcodes.entry(op).or_default() += count;
        }
        for (&call, count) in &other.syscalls {
            *self.syscalls.entry(call).or_default() += count;
        }
        self.traps.extend(&other.traps);
        self.codes.extend(other.codes.iter().cloned());
    }

    /// Adds what the assembler, the linker and the verifier had to say.
    pub fn add_findings(&mut self, findings: &[Finding]) {
        self.codes.extend(findings.iter().map(|finding| finding.code.clone()));
    }

    /// Instructions that were never executed.
    pub fn missing_opcodes(&self) -> Vec<&'static str> {
        let all = Opcode::ALL.iter();
        all.filter(|op| !self.opcodes.contains_key(op)).map(|op| op.info().name).collect()
    }

    /// Syscalls that were never asked for.
    pub fn missing_syscalls(&self) -> Vec<&'static str> {
        let all = Syscall::ALL.iter();
        all.filter(|call| !self.syscalls.contains_key(call)).map(|call| call.info().name).collect()
    }

    /// Traps that never ended a program.
    pub fn missing_traps(&self) -> Vec<&'static str> {
        let all = TrapCode::ALL.iter();
        all.filter(|code| !self.traps.contains(code)).map(|code| code.class_name()).collect()
    }
}
