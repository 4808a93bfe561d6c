//! One program, every executor, every way of running it: all must agree.
//!
//! A program is run by each [`Executor`] with time slices of several lengths, with a heap that collects at every, some
//! or no allocations, and under small limits. Whatever a guest or its owner can see is compared: output, result, trap
//! and its place, reductions, and the state hash; at the end for all ways of running, and at the end of each slice for
//! equal slices. Reductions and results may not depend on slices or collections at all.
//!
//! When something differs, [`minimise`] makes the program smaller while it still does.

use std::fmt;
use std::io;
use std::sync::Arc;

use mvm_exec::{Executor, Image, Leaks, ProcessLimits};
use mvm_isa::{Opcode, encode};
use mvm_kernel::{Environment, Exit, Host, Machine, Stream};
use mvm_module::cfg::instructions;
use mvm_module::finish::finish_function;
use mvm_module::{FuncId, Module, verify};

use crate::manager::{Alive, Manager, alive};
use crate::native::{Compile, load_as};
use crate::rng::Rng;

/// Reductions of one run.
pub const FUEL: u64 = 1_500;
/// Slice lengths that are tried; the first is longer than any run.
pub const SLICES: [u64; 4] = [1 << 40, 1, 7, 997];
/// Allocations from one forced collection to the next; 0 for none.
pub const STRESSES: [u32; 3] = [0, 1, 101];
/// Bytes of a program's standard input.
const INPUT: &[u8] = b"first line\r\nsecond \xff line\n\nlast";
/// Output beyond this is counted, not kept.
const OUTPUT_MAX: usize = 1 << 20;

/// How a program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Who executes it.
    pub executor: Executor,
    /// Reductions of a slice.
    pub slice: u64,
    /// Whether that is only the mean: each slice has a length of its own, which looks like chance.
    pub uneven: bool,
    /// Allocations from one forced collection to the next; 0 for none.
    pub stress: u32,
    /// Who manages the memory.
    pub manager: Manager,
    /// What the program may use.
    pub limits: Limits,
}

/// Limits of heap and stack. A program may notice them, so only runs with the same ones are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Words of live objects.
    pub heap_words: u64,
    /// Slots of the stack.
    pub stack_slots: usize,
}

impl Limits {
    /// Limits that few programs reach.
    pub const LARGE: Limits = Limits { heap_words: 1 << 17, stack_slots: 1 << 16 };
    /// Limits that many programs reach.
    pub const SMALL: Limits = Limits { heap_words: 12_000, stack_slots: 1_300 };
}

impl Way {
    /// The way that the others are compared with.
    pub const PLAIN: Way = Way {
        executor: Executor::Reference,
        slice: SLICES[0],
        uneven: false,
        stress: 0,
        manager: Manager::DEFAULT,
        limits: Limits::LARGE,
    };

    /// The same with the memory manager of this number.
    #[must_use]
    pub fn managed(self, number: u64) -> Way {
        Way { manager: Manager::nth(number), ..self }
    }

    /// The limits of the process.
    pub fn process_limits(self) -> ProcessLimits {
        let Limits { heap_words, stack_slots } = self.limits;
        ProcessLimits { heap: self.manager.options(heap_words, self.stress), stack_slots }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Way { executor, slice, uneven, stress, manager, limits } = self;
        let Limits { heap_words, stack_slots } = limits;
        let about = if *uneven { "about " } else { "" };
        write!(
            f,
            "{executor:?} in slices of {about}{slice}, collecting every {stress} allocations, {manager:?}, at most {heap_words} \
             words and {stack_slots} slots"
        )
    }
}

/// Keeps what a program writes; what it reads is always the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorder {
    /// Standard output and, marked, standard error, in order.
    pub written: Vec<u8>,
    read: usize,
    /// Bytes written in all.
    pub count: usize,
}

impl Host for Recorder {
    fn write(&mut self, _program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.count += bytes.len();
        if self.written.len() < OUTPUT_MAX {
            self.written.push(if stream == Stream::Output { b'>' } else { b'!' });
            self.written.extend_from_slice(&bytes[..bytes.len().min(OUTPUT_MAX)]);
        }
        Ok(())
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let rest = &INPUT[self.read..];
        let rest = &rest[..rest.len().min(most)];
        let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        self.read += end;
        Ok(rest[..end].to_vec())
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let rest = &INPUT[self.read..];
        let end = rest.len().min(most);
        self.read += end;
        Ok(rest[..end].to_vec())
    }
}

/// What is seen of a process at the end of a slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Function and word of the next instruction.
    pub place: Option<(FuncId, u32)>,
    /// Reductions charged so far.
    pub reductions: u64,
    /// Bytes written so far.
    pub written: usize,
    /// State hash, at some slices.
    pub hash: Option<u64>,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote.
    pub console: Recorder,
    /// Where it stands.
    pub place: Option<(FuncId, u32)>,
    /// Reductions charged.
    pub reductions: u64,
    /// State hash, as if all fuel had been given.
    pub hash: u64,
    /// The ends of its slices.
    pub marks: Vec<Mark>,
    /// What [`check_heap`](mvm_exec::Process::check_heap) found.
    pub heap: Result<(), String>,
    /// What is alive at the end, unless that is too much.
    pub alive: Option<Vec<Alive>>,
    /// What the memory checker says at the end, if it was asked.
    pub leaks: Option<Leaks>,
}

/// Runs the main function. None when there is none.
pub fn run(image: &Arc<Image>, way: Way) -> Option<Record> {
    run_with(image, way, |_, _| {})
}

/// The same; `meddle` is called before each slice with its number, for tests that want the judge to find something.
pub fn run_with(
    image: &Arc<Image>,
    way: Way,
    meddle: impl FnMut(usize, &mut Machine<Recorder>),
) -> Option<Record> {
    run_to(image, way, FUEL, meddle)
}

/// The same with so many reductions at most.
pub fn run_to(
    image: &Arc<Image>,
    way: Way,
    fuel: u64,
    mut meddle: impl FnMut(usize, &mut Machine<Recorder>),
) -> Option<Record> {
    let env = Environment {
        args: vec!["one".into(), "zwei".into()],
        vars: [("a".to_string(), "value of a".to_string())].into(),
    };
    let mut machine = Machine::new(image, env, Recorder::default(), way.process_limits(), Some(0))?;
    if way.manager.noting {
        machine.process_mut().check_memory();
    }
    let mut marks = Vec::new();
    let mut heap = Ok(());
    let mut given = 0;
    let mut chance = Rng::new(way.slice);
    let exit = loop {
        let length = if way.uneven { 1 + chance.below(2 * way.slice) } else { way.slice };
        let slice = length.min(fuel - given);
        given += slice;
        machine.add_fuel(slice);
        meddle(marks.len(), &mut machine);
        let exit = machine.run(way.executor).ok()?;
        let end = exit != Exit::ReductionLimit || given == fuel;
        let number = marks.len();
        if heap.is_ok() && (number < 4 || number.is_multiple_of(53) || end) {
            heap = machine.process_mut().check_heap();
        }
        let hash = number < 6 || number.is_multiple_of(41) || end;
        marks.push(Mark {
            place: machine.process().position(),
            reductions: machine.reductions(),
            written: machine.host.count,
            hash: hash.then(|| machine.state_hash()),
        });
        if end {
            break exit;
        }
    };
    let (place, reductions, hash) =
        (machine.process().position(), machine.reductions(), machine.state_hash());
    let process = machine.process_mut();
    let alive = alive(process).unwrap_or_else(|what| {
        heap = heap.clone().and(Err(what));
        None
    });
    // This collects, so it comes last.
    let leaks = process.leaks();
    heap = heap.and_then(|()| process.check_heap());
    Some(Record { exit, place, reductions, hash, alive, leaks, console: machine.host, marks, heap })
}

/// Two ways of running a program that do not agree.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The way it is compared with.
    pub left: Way,
    /// The way that differs.
    pub right: Way,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  left:  {}\n  right: {}", self.what, self.left, self.right)
    }
}

/// Compares two runs. With equal slices their ends are compared too.
///
/// # Errors
/// Says what differs first.
pub fn compare(left: &Record, right: &Record, equal_slices: bool) -> Result<(), String> {
    for record in [left, right] {
        if let Err(error) = &record.heap {
            return Err(format!("the heap is not sound: {error}"));
        }
    }
    if equal_slices {
        let pairs = left.marks.iter().zip(&right.marks).enumerate();
        if let Some((number, (x, y))) = pairs.into_iter().find(|(_, (x, y))| x != y) {
            return Err(format!("at the end of slice {number}: {x:?} and {y:?}"));
        }
        if left.marks.len() != right.marks.len() {
            return Err(format!("{} and {} slices", left.marks.len(), right.marks.len()));
        }
    }
    if left.exit != right.exit {
        return Err(format!("ends: {:?} and {:?}", left.exit, right.exit));
    }
    if left.console != right.console {
        let text = |record: &Record| {
            let end = record.console.written.len().min(300);
            String::from_utf8_lossy(&record.console.written[..end]).into_owned()
        };
        return Err(format!("outputs: {:?} and {:?}", text(left), text(right)));
    }
    if left.place != right.place {
        return Err(format!("places: {:?} and {:?}", left.place, right.place));
    }
    if left.reductions != right.reductions {
        return Err(format!("reductions: {} and {}", left.reductions, right.reductions));
    }
    if left.hash != right.hash {
        return Err(format!("state hashes at the end: {:#x} and {:#x}", left.hash, right.hash));
    }
    if let (Some(x), Some(y)) = (&left.alive, &right.alive)
        && x != y
    {
        return Err(format!("alive at the end: {x:?} and {y:?}"));
    }
    if let (Some(x), Some(y)) = (&left.leaks, &right.leaks)
        && x != y
    {
        return Err(format!("the memory checker says {x:?} and {y:?}"));
    }
    Ok(())
}

/// The ways for a quick look; `number` varies which.
pub fn quick_ways(number: u64) -> Vec<Way> {
    let pick = |from: u64, count: usize| (from % count as u64) as usize;
    let slice = SLICES[1 + pick(number, SLICES.len() - 1)];
    let stress = STRESSES[pick(number / 3, STRESSES.len())];
    let plain = Way::PLAIN;
    let small = Way { limits: Limits::SMALL, ..plain };
    let ways = [
        plain,
        Way { executor: Executor::Tail, ..plain },
        Way { executor: Executor::Match, stress: STRESSES[1 + pick(number, 2)], ..plain },
        Way { slice, stress, ..plain },
        Way { slice, stress: STRESSES[pick(number / 9, 3)], executor: Executor::Tail, ..plain },
        small,
        Way { executor: Executor::Native, ..plain },
        Way { slice, stress, executor: Executor::Native, ..small },
        Way { slice: SLICES[1 + pick(number / 2, 3)], executor: Executor::Tail, ..small },
        Way { stress: STRESSES[1 + pick(number / 5, 2)], executor: Executor::Match, ..small },
    ];
    (number * 7..).zip(ways).map(|(manager, way)| way.managed(manager)).collect()
}

/// All ways there are.
pub fn all_ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for limits in [Limits::LARGE, Limits::SMALL] {
        for slice in SLICES {
            for stress in STRESSES {
                for executor in Executor::ALL {
                    let way = Way { executor, slice, stress, limits, ..Way::PLAIN };
                    ways.push(way.managed(ways.len() as u64));
                }
            }
        }
    }
    ways
}

/// Runs a program in all these ways and compares each with the first of the same limits, and with the first of the
/// same limits and slices.
///
/// # Errors
/// The first difference.
pub fn check(image: &Arc<Image>, ways: &[Way]) -> Result<(), Box<Difference>> {
    let mut records: Vec<(Way, Record)> = Vec::new();
    for &way in ways {
        let Some(record) = run(image, way) else { continue };
        let like = |known: &&(Way, Record)| known.0.limits == way.limits;
        let first = records.iter().find(like);
        let sliced = records.iter().filter(like).find(|known| known.0.slice == way.slice);
        for (left, equal_slices) in [(first, false), (sliced, true)] {
            let Some((known, left)) = left else { continue };
            if let Err(what) = compare(left, &record, equal_slices) {
                return Err(Box::new(Difference { left: *known, right: way, what }));
            }
        }
        if records.is_empty()
            && let Err(what) = &record.heap
        {
            return Err(Box::new(Difference { left: way, right: way, what: what.clone() }));
        }
        records.push((way, record));
    }
    Ok(())
}

/// Makes a module smaller while `differs` holds: whole functions become `unreachable`, handler ranges go, instructions
/// become `nop`. Stops after so many tries.
pub fn minimise(module: &Module, mut differs: impl FnMut(&Arc<Image>) -> bool, tries: usize) -> Module {
    minimise_as(module, Compile::AtLoad, |image| differs(image), tries)
}

/// The same with native code made at other times.
pub fn minimise_as(
    module: &Module,
    compile: Compile,
    mut differs: impl FnMut(&Arc<Image>) -> bool,
    tries: usize,
) -> Module {
    let mut best = module.clone();
    let mut left = tries;
    let mut attempt = |candidate: Module, best: &mut Module| -> bool {
        if left == 0 || candidate == *best {
            return false;
        }
        left -= 1;
        let Ok(verified) = verify(candidate.clone()) else { return false };
        let smaller = differs(&load_as(verified, compile));
        if smaller {
            *best = candidate;
        }
        smaller
    };
    for index in (0..best.functions.len()).rev() {
        let mut candidate = best.clone();
        let mut code = Vec::new();
        encode::fixed(&mut code, Opcode::Unreachable, &[]);
        candidate.functions[index].code = code;
        candidate.functions[index].handlers.clear();
        attempt(candidate, &mut best);
    }
    for chunk in [64, 16, 4, 1] {
        for index in 0..best.functions.len() {
            let starts: Vec<(usize, usize)> = instructions(&best.functions[index].code)
                .filter(|(_, op, _)| *op != Opcode::Enter)
                .map(|(pc, _, words)| (pc as usize, words.len()))
                .collect();
            for group in starts.chunks(chunk).rev() {
                let mut candidate = best.clone();
                let function = &mut candidate.functions[index];
                for &(pc, words) in group {
                    function.code[pc..pc + words].fill(Opcode::Nop as u64);
                }
                finish_function(function);
                attempt(candidate, &mut best);
            }
            for handler in (0..best.functions[index].handlers.len()).rev() {
                let mut candidate = best.clone();
                candidate.functions[index].handlers.remove(handler);
                attempt(candidate, &mut best);
            }
        }
    }
    best
}

/// The code of a module for people who look for a bug: one instruction a line, without `nop`.
pub fn listing(module: &Module) -> String {
    let mut text = String::new();
    for (number, function) in module.functions.iter().enumerate() {
        let types: Vec<String> = function.registers.iter().map(|&ty| module.type_name(ty)).collect();
        text.push_str(&format!("function {number} `{}` ({} parameters)\n", function.name, function.params));
        for (pc, op, words) in instructions(&function.code).filter(|(_, op, _)| *op != Opcode::Nop) {
            let mut line = format!("{pc:5}: {}", op.info().name);
            mvm_isa::visit_registers(op, words, |access, register| {
                let sign = if access == mvm_isa::Access::Def { "=" } else { "" };
                let ty = types.get(usize::from(register)).map_or("?", String::as_str);
                line.push_str(&format!(" {sign}r{register}:{ty}"));
            });
            mvm_isa::visit_targets(op, words, |offset| {
                line.push_str(&format!(" ->{}", i64::from(pc) + offset))
            });
            line.push_str(&format!("   {words:x?}\n"));
            text.push_str(&line);
        }
        for handler in &function.handlers {
            text.push_str(&format!("       {handler:?}\n"));
        }
    }
    text
}

/// Checks a generated module. On a difference, gives a report with the smallest program found.
///
/// # Errors
/// The report.
pub fn check_module(module: &Module, ways: &[Way]) -> Result<(), String> {
    let verified = verify(module.clone()).map_err(|errors| {
        let all: Vec<String> = errors.iter().take(4).map(ToString::to_string).collect();
        format!("the verifier does not take it: {}", all.join("; "))
    })?;
    let image = crate::native::load(verified);
    let Err(difference) = check(&image, ways) else { return Ok(()) };
    let pair = [difference.left, difference.right];
    let small = minimise(module, |image| check(image, &pair).is_err(), 3_000);
    let what = match verify(small.clone()) {
        Ok(verified) => match check(&crate::native::load(verified), &pair) {
            Err(difference) => difference.to_string(),
            Ok(()) => difference.to_string(),
        },
        Err(_) => difference.to_string(),
    };
    Err(format!("{what}\n{}", listing(&small)))
}
