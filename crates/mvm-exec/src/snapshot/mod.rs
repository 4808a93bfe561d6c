//! A process as bytes, and back.
//!
//! What is written is what the program could observe from now on, in the terms of the program: functions, places in them, live registers,
//! objects. Nothing of it depends on the executor, on how the heap lies in memory, or on which collector there is. What is read is
//! judged like a module: a process that comes out of it keeps every rule that executors rest on, whoever has made the bytes.

mod bytes;
mod fragment;

use std::sync::Arc;

use mvm_heap::{ExportError, Exporter, Header, flags};
use mvm_isa::{Effect, Opcode, Shape, TypeId, field_a, insn_len};
use mvm_module::FuncId;
use mvm_module::liveness::RegSet;

pub use bytes::{Reader, SnapshotError, Writer};
pub use fragment::{read_fragment, write_fragment};

use crate::image::{HALT_MANY_PC, HALT_PC, Image, STUB_REGISTERS};
use crate::process::{Process, ProcessLimits, Resume, Shortage};
use crate::trace::{Frame, Place, Trace};

/// No instruction comes further: two numbers of 31 bits and their marks stand in one word of progress.
const PROGRESS_MAX: u64 = u64::MAX >> 1;

/// A frame as it is written.
struct Call {
    function: FuncId,
    /// The next instruction of the running function; where an outer function goes on.
    pc: u32,
    running: bool,
    base: usize,
}

impl Process {
    /// Writes the process down. It stays as it is.
    ///
    /// # Errors
    /// When the host has no memory for a copy of what is alive.
    pub fn save(&mut self, exporter: &mut Exporter, out: &mut Writer) -> Result<(), ExportError> {
        let image = Arc::clone(&self.image);
        out.number(self.serial as u64);
        out.flag(self.syscall_pending);
        out.number(self.heap.allocated_words());
        out.number(self.shortage().traps.into());
        out.number(self.shortage().since);
        out.number(self.given());
        out.number(self.fuel as u64);
        let limits = self.limits();
        out.number(limits.heap.limit_words);
        out.number(limits.stack_slots as u64);

        // Everything that refers to an object, in the order in which it is written.
        let calls = self.calls();
        let live: Vec<Vec<u16>> = calls.iter().map(|call| live_registers(&image, call)).collect();
        let mut roots = Vec::new();
        for (call, live) in calls.iter().zip(&live) {
            let function = &image.module().functions[call.function.0 as usize];
            let refs = live.iter().filter(|&&register| function.registers[usize::from(register)].is_ref());
            roots.extend(refs.map(|&register| self.stack[call.base + usize::from(register)] as u32));
        }
        roots.extend(&self.literals);
        roots.extend(self.resume.objects);
        roots.extend(self.traces().iter().map(|(object, _)| *object));
        let (fragment, references) = exporter.export_all(&mut self.heap, &image.layouts, &roots)?;
        write_fragment(out, &fragment);
        let mut references = references.into_iter();
        let mut reference = || u64::from(references.next().unwrap_or(0));

        out.list(calls.iter().zip(&live), |out, (call, live)| {
            let function = &image.module().functions[call.function.0 as usize];
            out.number(call.function.0.into());
            out.number(call.pc.into());
            out.list(live.iter(), |out, &register| {
                out.number(register.into());
                match function.registers[usize::from(register)].is_ref() {
                    true => out.number(reference()),
                    false => out.word(self.stack[call.base + usize::from(register)]),
                }
            });
        });
        out.list(self.literals.iter(), |out, _| out.number(reference()));
        self.resume.objects.iter().for_each(|_| out.number(reference()));
        self.resume.words.iter().for_each(|&word| out.number(word));
        out.list(self.traces().iter(), |out, (_, trace)| {
            out.number(reference());
            write_trace(out, trace);
        });
        Ok(())
    }

    /// The calls under way, the inner ones first.
    fn calls(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        self.each_frame(|Frame { pc, base, running }| {
            // An outer function may go on behind its last word: the call belongs to it.
            if let Some((function, at)) = self.image.locate(if running { pc } else { pc - 1 }) {
                calls.push(Call { function, pc: at + u32::from(!running), running, base });
            }
        });
        calls
    }

    /// The process that was written down. Its fuel is what it had.
    ///
    /// # Errors
    /// When the bytes are no process of this image.
    pub fn restore(
        image: &Arc<Image>,
        limits: ProcessLimits,
        input: &mut Reader<'_>,
    ) -> Result<Process, SnapshotError> {
        let serial = input.number()? as i64;
        let syscall_pending = input.flag()?;
        let allocated = input.number()?;
        let shortage = Shortage { traps: input.small()?, since: input.number()? };
        let (given, fuel) = (input.number()?, input.number()?);
        if fuel > given || given > i64::MAX as u64 || shortage.since > allocated {
            return input.wrong("the process has used more than it was given");
        }
        let limits = ProcessLimits {
            heap: mvm_heap::Options {
                limit_words: input.number()?.min(limits.heap.limit_words),
                ..limits.heap
            },
            stack_slots: usize::try_from(input.number()?).unwrap_or(usize::MAX).min(limits.stack_slots),
        };
        let fragment = read_fragment(input, image)?;
        let Some(first) = image.module().main.or((!image.module().functions.is_empty()).then_some(FuncId(0)))
        else {
            return input.wrong("the program has no function");
        };
        let Some(mut process) = Process::new(image, first, &[], limits) else {
            return input.wrong("the host has no memory for a process");
        };
        let place = match process.heap.restore(&image.layouts, &fragment, allocated) {
            Some(place) => place,
            None => return input.wrong("the host has no memory for the objects, or there are too many"),
        };
        let objects = Objects::new(image, &fragment, place);
        process.serial = serial;
        if shortage != Shortage::default() {
            process.seldom.get_or_insert_default().shortage = shortage;
        }
        process.set_fuel(given, fuel as i64);
        process.restore_frames(&objects, input)?;
        let literals = input.list(|input| input.number())?;
        if !literals.is_empty() && literals.len() != image.module().literals.len() {
            return input.wrong("the program has another number of literals");
        }
        let types: Vec<TypeId> = (0..literals.len()).map(|index| image.literal_type(index as u32)).collect();
        process.literals = literals
            .iter()
            .zip(types)
            .map(|(&number, ty)| objects.get(input, number, ty))
            .collect::<Result<_, _>>()?;
        if !process.literals.is_empty() {
            process.seldom.get_or_insert_default().young_literals =
                (0..process.literals.len() as u32).collect();
        }
        let mut resume = Resume::default();
        for object in &mut resume.objects {
            let number = input.number()?;
            *object = objects.get(input, number, TypeId::ANY)?;
        }
        for word in &mut resume.words {
            *word = input.number()?;
        }
        process.resume = resume;
        let traces = input.list(|input| {
            let number = input.number()?;
            Ok((objects.get(input, number, TypeId::ERROR)?, read_trace(input, image)?))
        })?;
        traces.into_iter().for_each(|(object, trace)| process.keep_trace(object, trace));
        process.syscall_pending = syscall_pending;
        process.check_restored(input)?;
        Ok(process)
    }

    /// Builds the stack, the outer calls first.
    fn restore_frames(&mut self, objects: &Objects<'_>, input: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let image = Arc::clone(&self.image);
        let module = image.module();
        let functions = module.functions.len() as u64;
        let mut calls = input.list(|input| {
            let function = FuncId(input.below(functions, "function")? as u32);
            let pc = input.small()?;
            let registers = input.list(|input| {
                let wanted = &module.functions[function.0 as usize].registers;
                let register = input.below(wanted.len() as u64, "register")? as u16;
                let ty = wanted[usize::from(register)];
                let value = if ty.is_ref() {
                    let number = input.number()?;
                    objects.get(input, number, ty)?.into()
                } else {
                    input.word()?
                };
                Ok((register, value))
            })?;
            Ok((function, pc, registers))
        })?;
        calls.reverse();
        if calls.is_empty() {
            return input.wrong("no function runs");
        }
        // The first frame belongs to no function; its registers take the results.
        self.base = 1;
        let mut before: Option<(FuncId, u32)> = None;
        let last = calls.len() - 1;
        for (index, (id, pc, registers)) in calls.into_iter().enumerate() {
            let function = &module.functions[id.0 as usize];
            let running = index == last;
            let (delta, return_pc, dst) = match before {
                None => {
                    let halt = if function.results.len() <= 4 { HALT_PC } else { HALT_MANY_PC };
                    (STUB_REGISTERS as u16 + 1, halt, 0)
                }
                Some((caller, at)) => match call_in_front(&image, caller, at, id) {
                    Some((delta, dst)) => (delta, image.start_of(caller) + at, dst),
                    None => return input.wrong("a function was called by something that is no call of it"),
                },
            };
            let slots = self.base + usize::from(delta) + function.registers.len() + image.red_zone;
            if slots > self.stack.len() && !(slots <= self.stack_most() && self.stack.grow(slots)) {
                return input.wrong("the stack is larger than its limit");
            }
            self.push_frame(delta, return_pc, dst);
            let call = Call { function: id, pc, running, base: self.base };
            let mut instructions = mvm_module::cfg::instructions(&function.code);
            let between = match running {
                true => instructions.any(|(at, ..)| at == pc),
                false => instructions.any(|(at, op, words)| at + insn_len(op, words[0]) as u32 == pc),
            };
            if !between {
                return input.wrong("a process stands inside of an instruction");
            }
            let live = live_registers(&image, &call);
            if !registers.iter().map(|&(register, _)| register).eq(live) {
                return input.wrong("the registers that are needed are others");
            }
            let (from, to) = (self.base, self.base + function.registers.len());
            self.stack[from..to].fill(0);
            for (register, value) in registers {
                self.set_reg(register, value);
            }
            self.pc = image.start_of(id) + pc;
            before = Some((id, pc));
        }
        Ok(())
    }

    /// What is under way belongs to the instruction at which the process stands.
    fn check_restored(&self, input: &Reader<'_>) -> Result<(), SnapshotError> {
        let op = Opcode::from_code(self.word(0) as u16);
        if self.syscall_pending && op != Some(Opcode::Sys) {
            return input.wrong("a syscall waits where there is none");
        }
        let bulk = op.is_some_and(|op| op.info().effects.contains(&Effect::Bulk));
        let far = self.resume.words.iter().any(|&word| word > PROGRESS_MAX);
        if self.resume != Resume::default() && (!bulk || far) {
            return input
                .wrong("an instruction is under way that is done at once, or further than it can be");
        }
        Ok(())
    }
}

/// The objects of a fragment in the heap that it was brought into.
struct Objects<'a> {
    image: &'a Image,
    fragment: &'a mvm_heap::Fragment,
    /// Indexes of the headers, in order.
    starts: Vec<u32>,
    /// Where its first word is.
    place: u32,
}

impl<'a> Objects<'a> {
    fn new(image: &'a Image, fragment: &'a mvm_heap::Fragment, place: u32) -> Objects<'a> {
        let mut starts = Vec::new();
        let mut at = 0;
        while let Some(&word) = fragment.words().get(at) {
            starts.push(at as u32);
            let header = Header(word);
            at += if header.has(flags::EXTERNAL) { 2 } else { 1 + image.layouts.payload_words(header) };
        }
        Objects { image, fragment, starts, place }
    }

    /// Header of the object that a reference of the fragment refers to.
    fn header(&self, number: u64) -> Option<Header> {
        let at = u32::try_from(number).ok()?.checked_sub(1)?;
        self.starts.binary_search(&at).ok()?;
        self.fragment.words().get(at as usize).map(|&word| Header(word))
    }

    /// The object of a reference of the fragment, which is to be of this type.
    fn get(&self, input: &Reader<'_>, number: u64, ty: TypeId) -> Result<u32, SnapshotError> {
        if number == 0 {
            return Ok(0);
        }
        match self.header(number) {
            Some(header) if self.image.module().classes().instance_of(header.class(), ty) => {
                Ok(self.place + number as u32 - 1)
            }
            Some(header) => input.wrong(format!(
                "an object of type {} stands where type {} is wanted",
                header.class().0,
                ty.0
            )),
            None => input.wrong("a reference refers to no object"),
        }
    }
}

/// The registers of a frame that will be read.
fn live_registers(image: &Image, call: &Call) -> Vec<u16> {
    let module = image.module();
    let function = &module.functions[call.function.0 as usize];
    let liveness = module.liveness(call.function);
    let mut live = RegSet::default();
    if call.running {
        liveness.live_before(function, call.pc, &mut live);
    } else {
        liveness.live_across(function, call.pc - 1, &mut live);
    }
    live.iter().collect()
}

/// The call of `caller` that ends in front of `pc`, if it can have called `callee`: the distance of the frames, and the register for the
/// result.
fn call_in_front(image: &Image, caller: FuncId, pc: u32, callee: FuncId) -> Option<(u16, u16)> {
    let module = image.module();
    let function = module.function(caller)?;
    let (_, op, words) = mvm_module::cfg::instructions(&function.code)
        .find(|&(at, op, words)| at + insn_len(op, words[0]) as u32 == pc)?;
    let many = match op.info().shape {
        Shape::Call => false,
        Shape::CallMany => true,
        _ => return None,
    };
    let delta = words[1] as u16;
    let (results, dst, target) = if many {
        let results = (words[0] >> 24 & 0xff) as usize;
        let dst = if results == 1 { *words.last()? as u16 } else { mvm_isa::NO_REG };
        (results, dst, (words[0] >> 32) as u32)
    } else {
        let dst = field_a(words[0]);
        (usize::from(dst != mvm_isa::NO_REG), dst, (words[0] >> 32 & 0xff_ffff) as u32)
    };
    if matches!(op, Opcode::Call | Opcode::CallMany) && target != callee.0 {
        return None;
    }
    // Whoever was called gives what the call takes.
    let given = &module.function(callee)?.results;
    let mut taken = Vec::new();
    mvm_isa::visit_registers(op, words, |access, register| {
        if access == mvm_isa::Access::Def {
            taken.push(function.registers[usize::from(register)]);
        }
    });
    let classes = module.classes();
    let fits = given.len() == results
        && taken.len() == results
        && taken.iter().zip(given).all(|(&to, &from)| classes.assignable(from, to));
    fits.then_some((delta, dst))
}

fn write_trace(out: &mut Writer, trace: &Trace) {
    let place = |out: &mut Writer, place: &Place| {
        out.number(place.function.0.into());
        out.number(place.pc.into());
    };
    out.list(trace.inner.iter(), place);
    out.number(trace.omitted as u64);
    out.list(trace.outer.iter(), place);
}

fn read_trace(input: &mut Reader<'_>, image: &Image) -> Result<Trace, SnapshotError> {
    let functions = image.module().functions.len() as u64;
    let places = |input: &mut Reader<'_>| {
        input.list(|input| {
            let function = FuncId(input.below(functions, "function")? as u32);
            Ok(Place { function, pc: input.small()? })
        })
    };
    let inner = places(input)?;
    let omitted = usize::try_from(input.number()?).unwrap_or(usize::MAX);
    Ok(Trace { inner, omitted, outer: places(input)? })
}
