//! What generated programs do when they run: instructions executed and completed, traps raised.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_exec::{Image, Probe, Process, ProcessLimits};
use mvm_isa::{Opcode, TrapCode, TypeId, opcode_of};
use mvm_kernel::{Environment, Exit, Machine};

use crate::differential::{FUEL, Recorder};

/// Counts over any number of runs.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// How often each instruction was started.
    pub started: BTreeMap<Opcode, u64>,
    /// How often each instruction was completed.
    pub completed: BTreeMap<Opcode, u64>,
    /// How often each trap was caught by a handler.
    pub caught: BTreeMap<TrapCode, u64>,
    /// How often each trap ended a program.
    pub uncaught: BTreeMap<TrapCode, u64>,
    /// How many programs ended by themselves.
    pub ended: u64,
    /// How many programs were run.
    pub runs: u64,
    /// The instruction under way.
    last: Option<Opcode>,
    /// Reductions before it.
    reductions: u64,
}

impl Coverage {
    /// Runs a program and counts.
    pub fn run(&mut self, image: &Arc<Image>, limits: ProcessLimits) {
        let env = Environment { args: vec!["one".into()], ..Environment::default() };
        let Some(mut machine) = Machine::new(image, env, Recorder::default(), limits, Some(FUEL)) else {
            return;
        };
        self.runs += 1;
        match machine.run_with(self) {
            Ok(Exit::Status(_)) => {
                self.complete();
                self.ended += 1;
            }
            Ok(Exit::Uncaught(uncaught)) => {
                if let Some(trap) = uncaught.trap {
                    *self.uncaught.entry(trap.code).or_default() += 1;
                }
            }
            _ => {}
        }
        self.last = None;
    }

    fn complete(&mut self) {
        if let Some(op) = self.last.take() {
            *self.completed.entry(op).or_default() += 1;
        }
    }

    /// Instructions of the table that were never completed.
    pub fn missing(&self) -> Vec<&'static str> {
        // `unreachable` cannot be completed.
        let never = |op: &&Opcode| match op {
            Opcode::Unreachable => !self.started.contains_key(op),
            _ => !self.completed.contains_key(op),
        };
        Opcode::ALL.iter().filter(never).map(|op| op.info().name).collect()
    }

    /// Traps that were neither caught nor ended a program.
    pub fn missing_traps(&self) -> Vec<TrapCode> {
        let seen = |code: &TrapCode| self.caught.contains_key(code) || self.uncaught.contains_key(code);
        TrapCode::ALL.iter().copied().filter(|code| !seen(code)).collect()
    }
}

impl Probe for Coverage {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        self.complete();
        self.last = current(process);
        self.reductions = process.reductions();
        if let Some(op) = self.last {
            *self.started.entry(op).or_default() += 1;
        }
        ControlFlow::Continue(())
    }

    fn after(&mut self, process: &Process) {
        // Entering a handler charges; without a charge the register may hold anything.
        if process.reductions() == self.reductions {
            return;
        }
        let Some((id, pc)) = process.position() else { return };
        let function = &process.image().module().functions[id.0 as usize];
        for handler in function.handlers.iter().filter(|handler| handler.target == pc) {
            let object = process.register(handler.register) as u32;
            if object as usize >= process.heap().index_bound() {
                continue;
            }
            let class = process.heap().class(object);
            if object != 0
                && let Some(&code) = TrapCode::ALL.iter().find(|&&code| TypeId::of_trap(code) == class)
            {
                *self.caught.entry(code).or_default() += 1;
                self.last = None;
            }
        }
    }
}

fn current(process: &Process) -> Option<Opcode> {
    let (id, pc) = process.position()?;
    opcode_of(process.image().module().functions[id.0 as usize].code[pc as usize]).ok()
}
