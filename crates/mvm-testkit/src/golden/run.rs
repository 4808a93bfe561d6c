//! Runs a program in every executor, in slices and under heap stress, and watches it once.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

#[cfg(feature = "planted-bugs")]
use mvm_exec::Planted;
use mvm_exec::{
    BlockError, CaughtError, Executor, Image, Leaks, Place, Probe, Process, ProcessLimits, Uncaught,
};
use mvm_heap::{Gc, Options};
use mvm_isa::{Opcode, Syscall};
use mvm_kernel::{
    CorePart, Environment, Exit, Host, Machine, Pid, PolicyChoice, Program as Start, Settings, Stream,
};
use mvm_module::FuncId;
use mvm_pool::Pool;

use super::comments::{Expectations, Key, Piece, words};
use super::coverage::Coverage;
use super::judge::Failure;
use super::{Program, cores};

/// Programs without a limit of their own end here; none should come near.
const REDUCTIONS_MAX: u64 = 5_000_000;
/// Slices of one reduction are made larger so that a run has at most so many.
const SLICES_MAX: u64 = 20_000;
/// Programs that allocate at most so many words collect at every allocation, others at every 101st.
const SMALL_HEAP_WORDS: u64 = 5_000;
/// Every call of a probe looks at so many frames for a line of the program itself.
const FRAMES_MAX: usize = 16;

/// How a run went, as far as it must be the same every time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// How it ended.
    pub exit: Exit,
    /// Standard output.
    pub output: Vec<u8>,
    /// Standard error.
    pub errors: Vec<u8>,
    /// Reductions it took.
    pub reductions: u64,
    /// Words of heap it allocated.
    pub allocated_words: u64,
    /// Where it was at the end.
    pub place: Option<Place>,
}

/// What watching the program showed.
#[derive(Debug)]
pub struct Ran {
    /// How the run went.
    pub observed: Observed,
    /// What it wrote to standard output, by line.
    pub output: Vec<Piece>,
    /// What it wrote to standard error, by line.
    pub errors: Vec<Piece>,
    /// Lines of the calls in the backtrace, the innermost first; of where it was stopped, for a limit.
    pub trace: Vec<u32>,
    /// Class of the exception that was not caught.
    pub class: String,
}

/// State at the end of a slice: word of code and hash.
pub type Checkpoint = (u32, u64);

/// A run from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// How it went.
    pub observed: Observed,
    /// The state at the ends of some slices, and at the end.
    pub checkpoints: Vec<Checkpoint>,
}

/// What the memory checker found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// About the exception that ended the program.
    last: Option<BlockError>,
    caught: Vec<CaughtError>,
    caught_elsewhere: u64,
    leaks: Option<Leaks>,
}

impl Found {
    fn in_process(process: &mut Process, exit: &Exit) -> Found {
        let last = match exit {
            Exit::Uncaught(uncaught) => uncaught.trap.and_then(|trap| process.block_error(&trap)),
            _ => None,
        };
        let (caught, caught_elsewhere) = process.caught_block_errors();
        let caught = caught.to_vec();
        Found { last, caught, caught_elsewhere, leaks: process.leaks() }
    }

    /// Whether there are blocks at all.
    fn has_blocks(&self) -> bool {
        self.leaks.as_ref().is_some_and(|leaks| leaks.made.blocks > 0)
    }
}

struct Recorder {
    input: io::Cursor<Vec<u8>>,
    output: Vec<u8>,
    errors: Vec<u8>,
    /// Where the program is; set by the probe.
    line: Rc<Cell<u32>>,
    pieces: Vec<(Stream, Piece)>,
}

impl Host for Recorder {
    fn write(&mut self, _program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match stream {
            Stream::Output => self.output.extend_from_slice(bytes),
            Stream::Error => self.errors.extend_from_slice(bytes),
        }
        let content = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if !content.is_empty() {
            self.pieces.push((stream, Piece { line: self.line.get(), bytes: content.to_vec() }));
        }
        Ok(())
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        io::BufRead::read_until(&mut io::Read::take(&mut self.input, most as u64), b'\n', &mut line)?;
        Ok(line)
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(&mut self.input, most as u64), &mut bytes)?;
        Ok(bytes)
    }
}

/// Source line of a word of code in the file of that name; 0 for none.
pub fn line_of(image: &Image, name: &str, place: Place) -> u32 {
    let Some(function) = image.module().function(place.function) else { return 0 };
    let Some(entry) = function.line_at(place.pc) else { return 0 };
    let file = image.module().sources.get(usize::from(entry.file));
    if file.is_some_and(|file| **file == *name) { entry.line } else { 0 }
}

/// Notes what is executed and where output comes from.
struct Watch<'a> {
    name: &'a str,
    line: Rc<Cell<u32>>,
    opcodes: &'a mut BTreeMap<Opcode, u64>,
    syscalls: &'a mut BTreeMap<Syscall, u64>,
}

impl Probe for Watch<'_> {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        let Some((id, pc)) = process.position() else { return ControlFlow::Continue(()) };
        let image = process.image();
        let word = image.module().function(id).and_then(|f| f.code.get(pc as usize)).copied().unwrap_or(0);
        let Some(op) = Opcode::from_code(word as u16) else { return ControlFlow::Continue(()) };
        *self.opcodes.entry(op).or_default() += 1;
        if op == Opcode::Sys {
            if let Some(call) = Syscall::from_number((word >> 32) as u32) {
                *self.syscalls.entry(call).or_default() += 1;
            }
            // Output belongs to the innermost line of the program itself: a library may do the writing.
            let frames = process.frames(FRAMES_MAX);
            let lines = frames.iter().map(|frame| line_of(image, self.name, frame.place));
            self.line.set(lines.into_iter().find(|&line| line > 0).unwrap_or(0));
        }
        ControlFlow::Continue(())
    }

    fn after(&mut self, _process: &Process) {}
}

/// The options of a heap but for its limit.
pub type Memory = Options;

/// Strings of more bytes are outside the heap in some runs.
const EXTERNAL_BYTES: u32 = 12;
/// Words of a young space so small that even small programs have old objects that refer to young ones.
const YOUNG_WORDS: usize = 128;

/// Circumstances of all runs of a program.
pub struct Setting<'a> {
    image: &'a Arc<Image>,
    /// The programs that it can start, by their names.
    with: &'a [(String, Arc<Image>)],
    /// The function that runs, when it is not the main function.
    entry: Option<FuncId>,
    environment: Environment,
    input: Vec<u8>,
    limits: ProcessLimits,
    reductions_max: u64,
    settings: Settings,
}

impl<'a> Setting<'a> {
    /// The circumstances that the comments of a program state.
    pub fn new(image: &'a Arc<Image>, expected: &Expectations) -> Setting<'a> {
        let mut environment = Environment::default();
        for remark in expected.of(Key::Args) {
            environment.args.extend(words(&remark.text));
        }
        for remark in expected.of(Key::Env) {
            if let Some((name, value)) = remark.text.split_once('=') {
                environment.vars.insert(name.into(), value.into());
            }
        }
        let mut limits = ProcessLimits::default();
        // Small enough that a program that runs wild does not harm the tests.
        limits.heap.limit_words = expected.number(Key::LimitHeap).map_or(64 << 20, |bytes| bytes) / 8;
        limits.stack_slots = expected.number(Key::LimitStack).map_or(1 << 20, |bytes| bytes as usize / 8);
        let reductions_max = expected.number(Key::LimitReductions).unwrap_or(REDUCTIONS_MAX);
        let settings = Settings { reductions_max: Some(0), ..Settings::default() };
        let input = expected.stdin();
        Setting { image, with: &[], entry: None, environment, input, limits, reductions_max, settings }
    }

    /// The same with these programs, which it can start by their names.
    #[must_use]
    pub fn beside(self, with: &'a [(String, Arc<Image>)]) -> Setting<'a> {
        Setting { with, ..self }
    }

    /// The same for another function of the image than the main one. It takes nothing and returns what that one does.
    #[must_use]
    pub fn with_entry(self, entry: FuncId) -> Setting<'a> {
        Setting { entry: Some(entry), ..self }
    }

    /// The same on so many virtual cores, with this policy.
    #[must_use]
    pub fn on(self, cores: u32, policy: PolicyChoice) -> Setting<'a> {
        Setting { settings: Settings { cores, policy, ..self.settings }, ..self }
    }

    /// Reductions after which the program is stopped.
    pub fn reductions_max(&self) -> u64 {
        self.reductions_max
    }

    fn machine(&self, memory: Memory, line: Rc<Cell<u32>>) -> Option<Machine<Recorder>> {
        self.machine_with(&self.settings, memory, line)
    }

    fn machine_with(
        &self,
        settings: &Settings,
        memory: Memory,
        line: Rc<Cell<u32>>,
    ) -> Option<Machine<Recorder>> {
        let input = io::Cursor::new(self.input.clone());
        let host = Recorder { input, output: Vec::new(), errors: Vec::new(), line, pieces: Vec::new() };
        let mut limits = self.limits;
        limits.heap = Options { limit_words: limits.heap.limit_words, ..memory };
        let env = self.environment.clone();
        let mut program = Start::new(self.image, env, limits)?;
        program.entry = self.entry.unwrap_or(program.entry);
        let settings = Settings { reductions_max: Some(0), ..settings.clone() };
        let mut programs = vec![program];
        for (name, image) in self.with {
            let env = Environment::default();
            programs.push(Start { name: Some(name.clone()), ..Start::new(image, env, limits)? });
        }
        #[cfg_attr(not(feature = "planted-bugs"), expect(unused_mut, reason = "bugs are planted into it"))]
        let mut machine = Machine::start(programs, &settings, host)?;
        #[cfg(feature = "planted-bugs")]
        if let Some(bug) = planted() {
            machine.process_mut().plant(bug);
        }
        Some(machine)
    }

    /// Runs to the end in one slice under the eyes of a probe, or until that stops it.
    ///
    /// # Errors
    /// When there is no main function or the console fails.
    pub fn watch(&self, probe: &mut impl Probe) -> Result<Exit, String> {
        let mut machine = self.machine(Memory::default(), Rc::default()).ok_or("no function `main`")?;
        machine.add_fuel(self.reductions_max);
        machine.run_with(probe).map_err(|error| error.to_string())
    }

    /// Runs to the end in slices of `slice` reductions, with a heap that works like this.
    ///
    /// # Errors
    /// When there is no main function, the console fails, or the heap is unsound at the end.
    pub fn run(&self, executor: Executor, slice: u64, memory: Memory) -> Result<Run, String> {
        self.run_checked(executor, slice, memory, false).map(|(run, _)| run)
    }

    /// The same, with the memory checker or without.
    fn run_checked(
        &self,
        executor: Executor,
        slice: u64,
        memory: Memory,
        checked: bool,
    ) -> Result<(Run, Option<Found>), String> {
        let mut machine = self.machine(memory, Rc::default()).ok_or("no function `main`")?;
        if checked {
            machine.process_mut().check_memory();
        }
        self.finish(machine, executor, slice, checked)
    }

    /// The same with these cores and this policy, executed by so many threads.
    ///
    /// # Errors
    /// As [`Setting::run`].
    pub fn run_on(
        &self,
        settings: &Settings,
        threads: usize,
        executor: Executor,
        slice: u64,
        memory: Memory,
    ) -> Result<Run, String> {
        let mut machine = self.machine_with(settings, memory, Rc::default()).ok_or("no function `main`")?;
        if threads > 1 {
            let mut pool = Pool::new(threads - 1, CorePart::run);
            machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
        }
        self.finish(machine, executor, slice, false).map(|(run, _)| run)
    }

    fn finish(
        &self,
        mut machine: Machine<Recorder>,
        executor: Executor,
        slice: u64,
        checked: bool,
    ) -> Result<(Run, Option<Found>), String> {
        let mut checkpoints = Vec::new();
        let (mut given, mut slices) = (0, 0u64);
        let exit = loop {
            let fuel = slice.min(self.reductions_max - given);
            machine.add_fuel(fuel);
            given += fuel;
            match machine.run(executor).map_err(|error| error.to_string())? {
                Exit::ReductionLimit if given < self.reductions_max => {}
                Exit::Crashed(pid, _, uncaught) => {
                    given -= machine.take_fuel();
                    note_crash(&mut machine, pid, &uncaught)?;
                    continue;
                }
                exit => break exit,
            }
            slices += 1;
            if slices % (slices.next_power_of_two() / 16).max(1) == 0 {
                checkpoints.push((machine.process().pc(), machine.state_hash()));
            }
        };
        checkpoints.push((machine.process().pc(), machine.state_hash()));
        machine.process_mut().check_heap().map_err(|what| format!("the heap is unsound: {what}"))?;
        let found = checked.then(|| Found::in_process(machine.process_mut(), &exit));
        machine.process_mut().check_heap().map_err(|what| format!("the heap is unsound at last: {what}"))?;
        Ok((Run { observed: observe(machine, exit), checkpoints }, found))
    }
}

/// The bug that the environment variable `PLANT` names. Unsound ones are for Miri only.
#[cfg(feature = "planted-bugs")]
fn planted() -> Option<Planted> {
    let name = std::env::var("PLANT").ok()?;
    let known = Planted::WRONG.iter().chain(cfg!(miri).then_some(&Planted::UNSOUND).into_iter().flatten());
    let bug = known.copied().find(|bug| format!("{bug:?}") == name);
    Some(bug.unwrap_or_else(|| panic!("there is no bug `{name}` to plant here")))
}

/// Notes on standard error that a process other than the first one has failed.
fn note_crash(machine: &mut Machine<Recorder>, pid: Pid, uncaught: &Uncaught) -> Result<(), String> {
    let text = format!("process {}: {}\n", pid.0, uncaught.message);
    machine.host.write(0, Stream::Error, text.as_bytes()).map_err(|error| error.to_string())
}

fn observe(machine: Machine<Recorder>, exit: Exit) -> Observed {
    let (reductions, allocated_words) = (machine.reductions(), machine.process().heap().allocated_words());
    let place = machine.process().position().map(|(function, pc)| Place { function, pc });
    let (output, errors) = (machine.host.output, machine.host.errors);
    Observed { exit, output, errors, reductions, allocated_words, place }
}

/// The memory managers that a program runs with: none may be noticed.
fn memories(stress: u32, all: bool) -> Vec<Memory> {
    let plain = Memory { check: true, ..Memory::default() };
    let stressed = Memory { stress, external_bytes: EXTERNAL_BYTES, ..plain };
    let mut memories = vec![plain, stressed, Memory { young_words: YOUNG_WORDS, ..plain }];
    if all {
        memories.extend([Gc::Compact, Gc::Copying].map(|gc| Memory { gc, ..stressed }));
    }
    memories
}

/// Runs the program everywhere and compares the runs with each other.
pub fn run_everywhere(
    program: &Program,
    (image, with): (&Arc<Image>, &[(String, Arc<Image>)]),
    expected: &Expectations,
    coverage: &mut Coverage,
    failures: &mut Vec<Failure>,
) -> Ran {
    let setting = Setting::new(image, expected).beside(with);
    let (ran, found) = watch(program, &setting, expected, coverage);
    let stress = if ran.observed.allocated_words <= SMALL_HEAP_WORDS { 1 } else { 101 };
    let total = ran.observed.reductions;
    // Slices of one reduction, or as small as the length of the run allows.
    let slices = [setting.reductions_max.max(1), (total / SLICES_MAX).max(1), 1000];
    let mut complain = |what: String| failures.push(Failure::new(&program.name, 0, what));
    for (index, slice) in slices.into_iter().enumerate() {
        let memories = memories(stress, index == 2);
        let mut first: Option<Run> = None;
        let ways =
            Executor::ALL.into_iter().flat_map(|executor| memories.iter().map(move |&m| (executor, m)));
        // Without blocks, the memory checker has nothing to do.
        let checked = [false, true].into_iter().take(if found.has_blocks() { 2 } else { 1 });
        for ((executor, memory), checked) in ways.flat_map(|way| checked.clone().map(move |c| (way, c))) {
            let Options { gc, stress, young_words, .. } = memory;
            let mut how = format!(
                "{executor:?}, slices of {slice}, {gc:?} heap, stress {stress}, young space of {young_words}"
            );
            if checked {
                how.push_str(", memory checked");
            }
            let (run, seen) = match setting.run_checked(executor, slice, memory, checked) {
                Ok(run) => run,
                Err(message) => {
                    complain(format!("{how}: {message}"));
                    continue;
                }
            };
            if let Some(seen) = seen.filter(|seen| *seen != found) {
                complain(format!("{how}: the memory checker found {seen:?}, watched {found:?}"));
            }
            if let Some(difference) = difference(&ran.observed, &run.observed) {
                complain(format!("{how}: watched, it {difference}"));
            }
            let first = first.get_or_insert_with(|| run.clone());
            if let Some(difference) = checkpoint_difference(first, &run) {
                complain(format!("{how}: {difference}"));
            }
        }
    }
    for difference in cores::differences(image, &setting) {
        complain(difference);
    }
    ran
}

/// What is different in how two runs went, if anything.
pub fn difference(known: &Observed, seen: &Observed) -> Option<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
    if known.exit != seen.exit {
        return Some(format!("ended with {:?}, now with {:?}", known.exit, seen.exit));
    }
    if known.output != seen.output {
        return Some(format!("wrote {:?}, now {:?}", text(&known.output), text(&seen.output)));
    }
    if known.errors != seen.errors {
        return Some(format!("wrote the errors {:?}, now {:?}", text(&known.errors), text(&seen.errors)));
    }
    if known.reductions != seen.reductions {
        return Some(format!("took {} reductions, now {}", known.reductions, seen.reductions));
    }
    if known.allocated_words != seen.allocated_words {
        return Some(format!("allocated {} words, now {}", known.allocated_words, seen.allocated_words));
    }
    (known.place != seen.place).then(|| format!("ended at {:?}, now at {:?}", known.place, seen.place))
}

/// The first of the checkpoints that is different in two runs with equal slices, if any.
pub fn checkpoint_difference(known: &Run, seen: &Run) -> Option<String> {
    let (known, seen) = (&known.checkpoints, &seen.checkpoints);
    let index = (0..known.len().max(seen.len())).find(|&index| known.get(index) != seen.get(index))?;
    let (seen, known) = (seen.get(index), known.get(index));
    Some(format!("checkpoint {index} is {seen:x?}, in the first run {known:x?}"))
}

/// One run under a probe; also what the memory checker finds.
fn watch(
    program: &Program,
    setting: &Setting<'_>,
    expected: &Expectations,
    coverage: &mut Coverage,
) -> (Ran, Found) {
    let line = Rc::new(Cell::new(0));
    let machine = setting.machine(Memory::default(), Rc::clone(&line));
    let mut machine = machine.unwrap_or_else(|| panic!("{}: no function `main`", program.name));
    machine.add_fuel(setting.reductions_max);
    machine.process_mut().check_memory();
    let here = Rc::clone(&line);
    let mut probe =
        Watch { name: &program.name, line, opcodes: &mut coverage.opcodes, syscalls: &mut coverage.syscalls };
    let exit = loop {
        match machine.run_with(&mut probe).unwrap_or_else(|error| panic!("{}: {error}", program.name)) {
            Exit::Crashed(pid, number, uncaught) => {
                if let Some(&place) = uncaught.trace.inner.first() {
                    here.set(line_of(machine.image(number), &program.name, place));
                }
                note_crash(&mut machine, pid, &uncaught)
                    .unwrap_or_else(|what| panic!("{}: {what}", program.name));
            }
            exit => break exit,
        }
    };
    let image = setting.image;
    let (mut trace, mut class) = (Vec::new(), String::new());
    match &exit {
        Exit::Uncaught(uncaught) => {
            if let Some(trap) = uncaught.trap {
                coverage.traps.insert(trap.code);
            }
            class = image.module().type_name(uncaught.class);
            let places = uncaught.trace.inner.iter().chain(&uncaught.trace.outer);
            trace.extend(places.map(|&place| line_of(image, &program.name, place)));
        }
        _ => {
            let frames = machine.process().frames(FRAMES_MAX);
            trace.extend(frames.iter().map(|frame| line_of(image, &program.name, frame.place)));
        }
    }
    if exit == Exit::ReductionLimit && expected.of(Key::LimitReductions).next().is_none() {
        trace.clear();
    }
    let found = Found::in_process(machine.process_mut(), &exit);
    let of = |pieces: &[(Stream, Piece)], wanted| {
        pieces.iter().filter(|(stream, _)| *stream == wanted).map(|(_, piece)| piece.clone()).collect()
    };
    let output = of(&machine.host.pieces, Stream::Output);
    let errors = of(&machine.host.pieces, Stream::Error);
    (Ran { observed: observe(machine, exit), output, errors, trace, class }, found)
}
