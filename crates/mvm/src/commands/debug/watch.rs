//! Values that are watched: registers, and fields and elements that are reached from registers.
//!
//! A collection moves objects, so the bits of a reference change although the value does not. Instructions that
//! allocate write nothing to the heap, so it is enough to read a watched value again after each instruction: as a change
//! when that wrote its register or the heap, as a mere move when it allocated.

use mvm_exec::{FrameInfo, Image, Process};
use mvm_isa::{Effect, Opcode, TypeId};

use crate::inspect::View;
use crate::trace::{results, results_before};

/// A step from an object to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Field(String),
    Element(i64),
}

/// A value whose change stops the program.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) id: u32,
    /// How it was asked for.
    pub(super) name: String,
    /// The call that it belongs to.
    pub(super) frame: FrameInfo,
    pub(super) register: u16,
    /// Type of the register.
    pub(super) ty: TypeId,
    pub(super) parts: Vec<Part>,
    /// The value that was seen last, or why there is none.
    seen: Result<(TypeId, u64), String>,
    shown: String,
    /// Whether the register is alive while its call waits for another one. Dead references are not kept up to date.
    kept: bool,
}

/// What has just been executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Executed {
    pub(super) pc: u32,
    pub(super) base: usize,
    pub(super) op: Opcode,
    /// It raised an exception, and the process is at the handler now.
    pub(super) raised: bool,
}

/// What became of a watched value.
pub(super) enum Change {
    None,
    /// How it was shown before and is now.
    Changed {
        before: String,
        now: String,
    },
    /// The call has returned.
    Over,
}

impl Watch {
    pub(super) fn new(
        process: &Process,
        (id, name): (u32, &str),
        frame: FrameInfo,
        register: u16,
        parts: Vec<Part>,
    ) -> Watch {
        let function = &process.image().module().functions[frame.place.function.0 as usize];
        let ty = function.registers[usize::from(register)];
        let mut watch = Watch {
            id,
            name: name.to_string(),
            frame,
            register,
            ty,
            parts,
            seen: Err(String::new()),
            shown: String::new(),
            kept: process.live_registers(&frame).contains(&register),
        };
        watch.seen = watch.read(process);
        watch.shown = watch.text(process);
        watch
    }

    /// Looks at the value after an instruction.
    pub(super) fn look(&mut self, process: &Process, image: &Image, done: Executed) -> Change {
        let Some((function, pc)) = process.position() else { return Change::None };
        let (home, base) = (self.frame.base, process.frame_base());
        if base < home || (base == home && function != self.frame.place.function) {
            return Change::Over;
        }
        let at_home = base == home;
        let is_number = self.parts.is_empty() && !self.ty.is_ref();
        if is_number {
            return if at_home { self.compare(process, false) } else { Change::None };
        }
        if done.base == home && !at_home {
            let caller = process.frames(2).get(1).copied();
            self.kept = caller.is_some_and(|frame| process.live_registers(&frame).contains(&self.register));
        }
        let code = &image.module().functions[function.0 as usize];
        let written = at_home
            && match done {
                Executed { raised: true, .. } => {
                    code.handlers.iter().any(|range| range.target == pc && range.register == self.register)
                }
                Executed { base, .. } if base > home => results_before(code, pc).contains(&self.register),
                _ => image.locate(done.pc).is_some_and(|(_, at)| {
                    results(done.op, &code.code[at as usize..]).contains(&self.register)
                }),
            };
        let moved = done.raised || done.op == Opcode::Sys || done.op.info().has(Effect::Allocates);
        if !written && !moved && !done.op.info().has(Effect::Writes) {
            return Change::None;
        }
        let alive = match process.frames(1).first() {
            Some(frame) if at_home => process.live_registers(frame).contains(&self.register),
            _ => self.kept,
        };
        if !alive {
            return Change::None;
        }
        if moved && !written {
            self.seen = self.read(process);
            return Change::None;
        }
        self.compare(process, moved)
    }

    /// Reads the value; `new` says that a reference is to a new object even if it looks the same.
    fn compare(&mut self, process: &Process, new: bool) -> Change {
        let now = self.read(process);
        let same =
            now == self.seen && !(new && matches!(now, Ok((ty, bits)) if ty.is_ref() && bits as u32 != 0));
        self.seen = now;
        if same {
            return Change::None;
        }
        let before = std::mem::take(&mut self.shown);
        self.shown = self.text(process);
        Change::Changed { before, now: self.shown.clone() }
    }

    fn read(&self, process: &Process) -> Result<(TypeId, u64), String> {
        let view = View::new(process);
        let (mut ty, mut bits) = (self.ty, process.frame_register(&self.frame, self.register));
        for part in &self.parts {
            (ty, bits) = match part {
                Part::Field(name) => view.field_of(ty, bits, name)?,
                Part::Element(index) => view.element_of(ty, bits, *index)?,
            };
        }
        // A reference is the low half of a register.
        Ok((ty, if ty.is_ref() { u64::from(bits as u32) } else { bits }))
    }

    fn text(&self, process: &Process) -> String {
        match &self.seen {
            Ok((ty, bits)) => View::new(process).value(*ty, *bits),
            Err(why) => format!("nothing ({why})"),
        }
    }
}
