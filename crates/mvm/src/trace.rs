//! `mvm run --trace`: every instruction with the registers it changed.

use std::io::{self, BufWriter, IsTerminal, StderrLock, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_asm::{InsnText, list_function};
use mvm_exec::{Image, Probe, Process};
use mvm_isa::{Access, NO_REG, Opcode, TypeId, insn_len, visit_registers};
use mvm_module::{FuncId, Function};

use crate::inspect::View;
use crate::output::line_end;
use crate::terminal::shown;

/// Column of the changed registers.
const CHANGES_COLUMN: usize = 64;

/// An instruction that has begun.
#[derive(Debug, Clone, Copy)]
struct Begun {
    function: FuncId,
    pc: u32,
    base: usize,
    op: Opcode,
}

/// Writes a line for each instruction once it is done.
///
/// An instruction is over when the next one begins, whatever it did in between: return, trap, wait for the console.
pub(crate) struct Tracer {
    out: BufWriter<StderrLock<'static>>,
    terminal: bool,
    image: Arc<Image>,
    begun: Option<Begun>,
    /// Text of the instructions of each function that has run, with the index of each pc.
    listings: Vec<Option<Vec<InsnText>>>,
}

impl Tracer {
    /// A tracer that writes to standard error.
    pub(crate) fn new(image: &Arc<Image>) -> Tracer {
        let out = BufWriter::new(io::stderr().lock());
        Tracer {
            out,
            terminal: io::stderr().is_terminal(),
            image: Arc::clone(image),
            begun: None,
            listings: vec![None; image.module().functions.len()],
        }
    }

    /// Writes the last instruction, which may have ended the run.
    pub(crate) fn finish(&mut self, process: &Process) {
        if let Some(begun) = self.begun.take() {
            self.line(process, begun, None);
        }
        // A closed standard error ends nothing.
        let _ = self.out.flush();
    }

    fn function(&self, id: FuncId) -> &Function {
        &self.image.module().functions[id.0 as usize]
    }

    /// The text of an instruction.
    fn text(&mut self, id: FuncId, pc: u32) -> &str {
        let image = &self.image;
        let listing = self.listings[id.0 as usize].get_or_insert_with(|| list_function(image.module(), id));
        let found = listing.binary_search_by_key(&pc, |insn| insn.pc);
        found.map_or("?", |index| &listing[index].text)
    }

    /// Writes the line of an instruction; `now` is where the process is after it.
    fn line(&mut self, process: &Process, begun: Begun, now: Option<Begun>) {
        let place = format!("{}+{:04}", self.function(begun.function).name, begun.pc);
        let changes = now.map_or_else(String::new, |now| self.changes(process, begun, now));
        let line = format!("{place:<20} {}", self.text(begun.function, begun.pc));
        let line = if changes.is_empty() { line } else { format!("{line:<CHANGES_COLUMN$}; {changes}") };
        let line = if self.terminal { shown(&line) } else { line.into() };
        let _ = writeln!(self.out, "{}{line}", line_end());
    }

    fn changes(&self, process: &Process, begun: Begun, now: Begun) -> String {
        let view = View::new(process);
        let function = self.function(now.function);
        let show = |register: u16| show_register(view, process, function, register);
        let words = &self.function(begun.function).code[begun.pc as usize..];
        if now.base > begun.base
            || (now.pc == 0 && matches!(begun.op, Opcode::TailCall | Opcode::TailCallRef))
        {
            let params: Vec<String> = (0..function.params).map(show).collect();
            return format!("{}({})", function.name, params.join(", "));
        }
        if now.base < begun.base && matches!(begun.op, Opcode::Ret | Opcode::RetValue | Opcode::RetMany) {
            return results_before(function, now.pc).into_iter().map(show).collect::<Vec<_>>().join(", ");
        }
        let next = begun.pc + insn_len(begun.op, words[0]) as u32;
        let jumps = mvm_isa::targets(begun.op, words);
        let jumped = jumps.iter().any(|target| i64::from(begun.pc) + target.offset == i64::from(now.pc));
        if now.base == begun.base && now.function == begun.function && (now.pc == next || jumped) {
            return results(begun.op, words).into_iter().map(show).collect::<Vec<_>>().join(", ");
        }
        let handler = function.handlers.iter().find(|handler| handler.target == now.pc);
        handler.map_or_else(String::new, |handler| format!("caught: {}", show(handler.register)))
    }
}

/// The registers that the instruction in front of `pc` writes.
pub(crate) fn results_before(function: &Function, pc: u32) -> Vec<u16> {
    let code = &function.code;
    let mut at = 0;
    while let Some(&word) = code.get(at) {
        let Some(op) = Opcode::from_code(word as u16) else { break };
        let next = at + insn_len(op, word);
        if next as u32 == pc {
            return results(op, &code[at..]);
        }
        at = next;
    }
    Vec::new()
}

/// The registers that an instruction writes.
pub(crate) fn results(op: Opcode, words: &[u64]) -> Vec<u16> {
    let mut results = Vec::new();
    visit_registers(op, words, |access, register| {
        if access == Access::Def && register != NO_REG {
            results.push(register);
        }
    });
    results
}

/// `name = value`.
pub(crate) fn show_register(view: View<'_>, process: &Process, function: &Function, register: u16) -> String {
    let ty = function.registers.get(usize::from(register)).copied().unwrap_or(TypeId::I64);
    format!("{} = {}", register_name(function, register), view.value(ty, process.register(register)))
}

/// The name of a register, or its number behind an underscore.
pub(crate) fn register_name(function: &Function, register: u16) -> String {
    match function.debug.register_names.get(usize::from(register)) {
        Some(name) if !name.is_empty() => name.to_string(),
        _ => format!("_{register}"),
    }
}

impl Probe for Tracer {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        let Some((function, pc)) = process.position() else { return ControlFlow::Continue(()) };
        let word = self.function(function).code[pc as usize];
        let Some(op) = Opcode::from_code(word as u16) else { return ControlFlow::Continue(()) };
        let now = Begun { function, pc, base: process.frame_base(), op };
        if let Some(begun) = self.begun {
            // Bulk work comes here between its steps.
            let same = begun.pc == pc && begun.base == now.base && begun.function == function;
            if same && op.info().has(mvm_isa::Effect::Bulk) {
                return ControlFlow::Continue(());
            }
            self.line(process, begun, Some(now));
        }
        if op == Opcode::Sys {
            let _ = self.out.flush();
        }
        self.begun = Some(now);
        ControlFlow::Continue(())
    }

    fn after(&mut self, _: &Process) {}
}
