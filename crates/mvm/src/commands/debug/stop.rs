//! When the debugger stops a program: the probe that looks at every instruction and every exception.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use mvm_exec::{Image, Probe, Process, Raised};
use mvm_isa::{Opcode, TypeId};
use mvm_module::{FuncId, Function};

use super::watch::{Change, Executed, Watch};
use crate::Status;
use crate::machine::place_text;
use crate::memory::error_lines;
use crate::output::{is_waiting, message};

/// Somebody has pressed Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Stops the program as soon as it executes something; the second time before it does, ends everything.
pub(super) fn interrupt() {
    if INTERRUPTED.swap(true, Ordering::Relaxed) {
        std::process::exit(Status::INTERRUPTED.0.into());
    }
    if is_waiting() {
        message("\n(Ctrl-C again ends the debugger)\n");
    }
}

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

/// Exceptions that stop the program where they are raised.
#[derive(Debug, Clone)]
pub(super) struct Catch {
    pub(super) id: u32,
    /// This class and those below it.
    pub(super) class: TypeId,
    /// How often the program stopped for it.
    pub(super) hits: u64,
}

/// Everything that stops the program besides the command that lets it go.
#[derive(Debug, Default)]
pub(super) struct Stops {
    pub(super) breakpoints: Vec<Breakpoint>,
    pub(super) watches: Vec<Watch>,
    pub(super) catches: Vec<Catch>,
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
    /// Ctrl-C was pressed.
    Interrupted,
    /// A watched value changed: number, name, before and now.
    Watch(u32, String, String, String),
    /// The call that a watched value belongs to is over.
    WatchOver(u32, String),
    /// An exception is about to be raised: number and what it is, in whole lines.
    Catch(u32, String),
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
    stops: &'d mut Stops,
    /// Whether there is a breakpoint at a word of the image.
    bits: Vec<bool>,
    mode: Mode,
    start: Start,
    /// The last instruction; none before the first.
    last: Option<Executed>,
    /// The process stands in front of an exception that it has stopped for already.
    pass: bool,
    pub(super) reason: Option<Reason>,
    /// The exception whose handler the process is at, when it has just come there.
    pub(super) caught: Option<String>,
}

impl<'d> Stopper<'d> {
    /// Lets the process go on in this mode from where it is.
    pub(super) fn new(
        process: &Process,
        image: &'d Image,
        stops: &'d mut Stops,
        mode: Mode,
        pass: bool,
    ) -> Stopper<'d> {
        let mut bits = Vec::new();
        for &(function, pc) in stops.breakpoints.iter().flat_map(|breakpoint| &breakpoint.at) {
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
        // What was pressed at the prompt is not meant for the program.
        INTERRUPTED.store(false, Ordering::Relaxed);
        let start = Start { base: process.frame_base(), line };
        Stopper { image, stops, bits, mode, start, last: None, pass, reason: None, caught: None }
    }

    fn check(&mut self, process: &Process) -> Option<Reason> {
        // The instruction it stands at was looked at before.
        let last = self.last?;
        if INTERRUPTED.swap(false, Ordering::Relaxed) {
            return Some(Reason::Interrupted);
        }
        let changed = self.check_watches(process, last);
        if changed.is_some() {
            return changed;
        }
        let pc = process.pc();
        if self.bits.get(pc as usize) == Some(&true) && (pc, process.frame_base()) != (last.pc, last.base) {
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
                let backward = base == last.base && pc <= last.pc;
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
        match self.stops.breakpoints.iter_mut().find(here) {
            Some(breakpoint) => {
                breakpoint.hits += 1;
                Reason::Breakpoint(breakpoint.id)
            }
            None => Reason::Stepped,
        }
    }

    fn check_watches(&mut self, process: &Process, last: Executed) -> Option<Reason> {
        for index in 0..self.stops.watches.len() {
            let watch = &mut self.stops.watches[index];
            match watch.look(process, self.image, last) {
                Change::None => {}
                Change::Changed { before, now } => {
                    return Some(Reason::Watch(watch.id, watch.name.clone(), before, now));
                }
                Change::Over => {
                    let watch = self.stops.watches.remove(index);
                    return Some(Reason::WatchOver(watch.id, watch.name));
                }
            }
        }
        None
    }
}

fn function(image: &Image, id: FuncId) -> &Function {
    &image.module().functions[id.0 as usize]
}

/// Class and message of an exception.
fn exception_text(image: &Image, raised: &Raised) -> String {
    let class = image.module().type_name(raised.class);
    if raised.message.is_empty() { format!("`{class}`") } else { format!("`{class}`: {}", raised.message) }
}

impl Probe for Stopper<'_> {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        if !self.last.is_some_and(|last| last.raised) {
            self.caught = None;
        }
        self.reason = self.check(process);
        let word = process.position().map_or(0, |(id, pc)| function(self.image, id).code[pc as usize]);
        let op = Opcode::from_code(word as u16).unwrap_or(Opcode::Nop);
        self.last = Some(Executed { pc: process.pc(), base: process.frame_base(), op, raised: false });
        if self.reason.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn after(&mut self, _: &Process) {}

    fn wants_exceptions(&self) -> bool {
        self.mode != Mode::Continue || !self.stops.catches.is_empty() || !self.stops.watches.is_empty()
    }

    fn raising(&mut self, process: &Process, raised: &Raised) -> ControlFlow<()> {
        let (image, text) = (self.image, exception_text(self.image, raised));
        let place = |place| place_text(image.module(), place);
        let fits = |catch: &&mut Catch| image.module().classes().assignable(raised.class, catch.class);
        if !std::mem::take(&mut self.pass)
            && let Some(catch) = self.stops.catches.iter_mut().find(fits)
        {
            catch.hits += 1;
            let next = match raised.handler {
                Some(handler) => format!("it goes to the handler in {}", place(handler)),
                None => "nobody catches it".into(),
            };
            let error = raised.trap.and_then(|trap| process.block_error(&trap));
            let error = error.map_or_else(String::new, |error| error_lines(image.module(), &error));
            self.reason = Some(Reason::Catch(catch.id, format!("{text}; {next}\n{error}")));
            return ControlFlow::Break(());
        }
        let origin = process.frames(1).first().map_or_else(String::new, |frame| place(frame.place));
        self.caught = Some(format!("caught {text}, raised in {origin}"));
        if let Some(last) = &mut self.last {
            last.raised = true;
        }
        ControlFlow::Continue(())
    }
}
