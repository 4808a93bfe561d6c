//! When the debugger stops a program: the probe that looks at every instruction.

use std::ops::ControlFlow;

use mvm_exec::{Image, Probe, Process};
use mvm_isa::Opcode;
use mvm_module::{FuncId, Function};

/// A place where the program stops.
#[derive(Debug, Clone)]
pub(super) struct Breakpoint {
    pub(super) id: u32,
    /// How it was asked for.
    pub(super) text: String,
    /// Where it is: function and pc.
    pub(super) at: Vec<(FuncId, u32)>,
    /// How often the program stopped there.
    pub(super) hits: u64,
}

/// A register whose change stops the program.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) function: FuncId,
    pub(super) base: usize,
    pub(super) register: u16,
    /// The value that was seen last.
    pub(super) value: u64,
}

/// How far the program goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Until something stops it.
    Continue,
    /// To the next instruction; with `over`, calls count as one.
    Instruction { over: bool },
    /// To the start of another line; with `over`, calls count as one.
    Line { over: bool },
    /// Until the frame with this base is gone.
    Finish { base: usize },
}

/// Why the program stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// It went as far as it was told.
    Stepped,
    /// The function returned.
    Finished,
    /// A breakpoint, by its number.
    Breakpoint(u32),
    /// A `brk` instruction.
    Brk,
    /// A watched register changed: number, name, value before.
    Watch(u32, String, u64),
    /// The frame of a watched register is gone.
    WatchOver(u32, String),
}

/// Where the program stood when it was let go.
#[derive(Debug, Clone, Copy)]
struct Start {
    base: usize,
    line: Option<(u16, u32)>,
}

/// Decides in front of each instruction.
pub(super) struct Stopper<'d> {
    image: &'d Image,
    breakpoints: &'d mut [Breakpoint],
    watches: &'d mut Vec<Watch>,
    /// Whether there is a breakpoint at a word of the image.
    bits: Vec<bool>,
    mode: Mode,
    start: Start,
    /// Position in front of the last instruction; none before the first.
    last: Option<(u32, usize)>,
    pub(super) reason: Option<Reason>,
}

impl<'d> Stopper<'d> {
    /// Lets the process go on in this mode from where it is.
    pub(super) fn new(
        process: &Process,
        image: &'d Image,
        breakpoints: &'d mut [Breakpoint],
        watches: &'d mut Vec<Watch>,
        mode: Mode,
    ) -> Stopper<'d> {
        let mut bits = Vec::new();
        for &(function, pc) in breakpoints.iter().flat_map(|breakpoint| &breakpoint.at) {
            let at = (image.start_of(function) + pc) as usize;
            if bits.len() <= at {
                bits.resize(at + 1, false);
            }
            bits[at] = true;
        }
        let line = process.position().and_then(|(id, pc)| {
            let entry = function(image, id).line_at(pc)?;
            Some((entry.file, entry.line))
        });
        let start = Start { base: process.frame_base(), line };
        Stopper { image, breakpoints, watches, bits, mode, start, last: None, reason: None }
    }

    fn check(&mut self, process: &Process) -> Option<Reason> {
        let changed = self.check_watches(process);
        let Some((last_pc, last_base)) = self.last else {
            // The instruction it stands at was looked at before.
            return None;
        };
        if changed.is_some() {
            return changed;
        }
        let pc = process.pc();
        if self.bits.get(pc as usize) == Some(&true) && (pc, process.frame_base()) != (last_pc, last_base) {
            return Some(self.breakpoint(pc));
        }
        let (id, at) = process.position()?;
        let function = function(self.image, id);
        let op = Opcode::from_code(function.code[at as usize] as u16)?;
        if op == Opcode::Brk {
            return Some(Reason::Brk);
        }
        let base = process.frame_base();
        match self.mode {
            Mode::Continue => None,
            Mode::Finish { base: frame } => (base < frame).then_some(Reason::Finished),
            Mode::Instruction { over } => (!over || base <= self.start.base).then_some(Reason::Stepped),
            Mode::Line { over } => {
                let backward = base == last_base && pc <= last_pc;
                let stop = (!over || base <= self.start.base)
                    && op != Opcode::Enter
                    && self.begins_line(function, at, base, backward);
                stop.then_some(Reason::Stepped)
            }
        }
    }

    /// Whether `pc` is the start of another line than the one the program stood at.
    fn begins_line(&self, function: &Function, pc: u32, base: usize, backward: bool) -> bool {
        let lines = &function.debug.lines;
        if lines.is_empty() {
            return true;
        }
        let after_enter = pc == 1 && base > self.start.base;
        match lines.binary_search_by_key(&pc, |entry| entry.pc) {
            Ok(index) => {
                let line = Some((lines[index].file, lines[index].line));
                line != self.start.line || base != self.start.base || backward
            }
            Err(_) => after_enter,
        }
    }

    fn breakpoint(&mut self, pc: u32) -> Reason {
        let image = self.image;
        let here = |breakpoint: &&mut Breakpoint| {
            breakpoint.at.iter().any(|&(function, at)| image.start_of(function) + at == pc)
        };
        match self.breakpoints.iter_mut().find(here) {
            Some(breakpoint) => {
                breakpoint.hits += 1;
                Reason::Breakpoint(breakpoint.id)
            }
            None => Reason::Stepped,
        }
    }

    fn check_watches(&mut self, process: &Process) -> Option<Reason> {
        if self.watches.is_empty() {
            return None;
        }
        let base = process.frame_base();
        let running = process.position().map(|(id, _)| id);
        let gone = self
            .watches
            .iter()
            .position(|watch| base < watch.base || (base == watch.base && running != Some(watch.function)));
        if let Some(index) = gone {
            let watch = self.watches.remove(index);
            return Some(Reason::WatchOver(watch.id, watch.name));
        }
        for watch in self.watches.iter_mut().filter(|watch| watch.base == base) {
            let now = process.register(watch.register);
            if now != watch.value {
                let before = std::mem::replace(&mut watch.value, now);
                return Some(Reason::Watch(watch.id, watch.name.clone(), before));
            }
        }
        None
    }
}

fn function(image: &Image, id: FuncId) -> &Function {
    &image.module().functions[id.0 as usize]
}

impl Probe for Stopper<'_> {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        self.reason = self.check(process);
        self.last = Some((process.pc(), process.frame_base()));
        if self.reason.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn after(&mut self, _: &Process) {}
}
