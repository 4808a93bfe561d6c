//! Runs a program from beginning to end: lets its processes take turns, answers their syscalls, carries messages, keeps time.
//!
//! All contact with the host goes through [`Console`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_exec::{Executor, Fault, Image, Probe, Process, ProcessLimits, Stop, Uncaught, float_text, tell};
use mvm_heap::{Exporter, Fragment};
use mvm_isa::{Syscall, Trap, TrapCode, TypeId};
use mvm_module::{FuncId, limits};

use crate::input::Input;
use crate::task::{End, Pid, State, Task, Tasks};

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// The console of the host, as a program sees it. Errors end the run.
pub trait Console {
    /// Writes all bytes.
    ///
    /// # Errors
    /// Whatever the host says, for example that nobody reads any more.
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()>;

    /// Reads up to and including the next line end, to the end of the input, or so many bytes; empty at the end.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>>;

    /// Reads at most so many bytes, at least one; empty at the end.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read(&mut self, most: usize) -> io::Result<Vec<u8>>;
}

/// What a program is told about its surroundings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Arguments, without the name of the program.
    pub args: Vec<String>,
    /// Environment variables it may see.
    pub vars: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The program returned or asked to exit.
    Status(i64),
    /// An exception was not caught.
    Uncaught(Box<Uncaught>),
    /// The limit of reductions was reached.
    ReductionLimit,
    /// The probe stopped the run; it can go on.
    Break,
    /// A process other than the first one did not catch an exception. The run can go on.
    Crashed(Pid, Box<Uncaught>),
    /// All processes wait, and nothing can happen that any of them waits for.
    Deadlock,
    /// All processes together held too much of the host's memory when this one had run; it has ended. The run can go on
    /// unless it was the first.
    TogetherTooMuch(Pid),
}

/// Reductions of a time slice.
const SLICE: u64 = 4000;
/// Most words of a message.
const MESSAGE_WORDS_MAX: usize = 8 << 20;
/// Whoever sends to a mailbox with so many words waits until half of them are gone; less for processes with small heaps.
const MAILBOX_WORDS_MAX: usize = 4 << 20;
/// Words that every mailbox can hold.
const MAILBOX_WORDS_MIN: usize = 1024;
/// Words that a message is charged for beside what it consists of.
const ENVELOPE_WORDS: usize = 8;
/// Most processes at a time.
const PROCESSES_MAX: usize = 1 << 20;
const NANOS_PER_MILLI: u64 = 1_000_000;
/// Exit status of a program whose first process was killed.
const KILLED_STATUS: i64 = 137;

/// All processes of a program, and their console.
///
/// Processes take turns: each runs until its time slice is used up or it waits. What it does to others happens at once, in the
/// order in which it does it. Time is virtual: a reduction is a nanosecond, and when all wait, it jumps to the next
/// timer.
#[derive(Debug)]
pub struct Machine<C> {
    /// The console.
    pub console: C,
    image: Arc<Image>,
    tasks: Tasks,
    /// Processes that can run, the next one first. Without the running one.
    ready: VecDeque<Pid>,
    /// The process that runs, or ran last.
    current: Pid,
    /// Whether `current` goes on.
    running: bool,
    /// What is left of its time slice.
    slice: u64,
    /// Reductions that all processes may still use.
    fuel: u64,
    /// Timers: when, in which order they were asked for, whose, and of which of its waits.
    timers: BinaryHeap<Reverse<(u64, u64, u64, u64)>>,
    timers_made: u64,
    clock: u64,
    /// What all processes have used.
    reductions: u64,
    /// Words of the host's memory that all processes hold together.
    held_words: usize,
    exporter: Exporter,
    limits: ProcessLimits,
    input: Input,
    env: Environment,
    reductions_max: Option<u64>,
    /// A process that is to end, and the exit status if that ends the program.
    exit: Option<(Pid, i64)>,
}

impl<C: Console> Machine<C> {
    /// A machine that will run the main function of an image. None when it has no main function, or the host has no memory for
    /// a process.
    ///
    /// `reductions_max` ends the run when so many reductions are used up.
    pub fn new(
        image: &Arc<Image>,
        env: Environment,
        console: C,
        process_limits: ProcessLimits,
        reductions_max: Option<u64>,
    ) -> Option<Machine<C>> {
        let main = image.module().main?;
        Machine::with_entry(image, main, env, console, process_limits, reductions_max)
    }

    /// The same for another function than the main one.
    pub fn with_entry(
        image: &Arc<Image>,
        entry: FuncId,
        env: Environment,
        console: C,
        process_limits: ProcessLimits,
        reductions_max: Option<u64>,
    ) -> Option<Machine<C>> {
        let takes_args = image.module().function(entry)?.params == 1;
        let args: &[u64] = if takes_args { &[0] } else { &[] };
        let mut process = Process::new(image, entry, args, process_limits)?;
        if takes_args {
            // A heap that cannot even hold the arguments leaves them null.
            let list = process.new_strings(&env.args).unwrap_or(0);
            process.set_register(0, u64::from(list));
        }
        let mut tasks = Tasks::default();
        let current = tasks.insert(Box::new(Task::new(process)))?;
        Some(Machine {
            console,
            image: Arc::clone(image),
            tasks,
            ready: VecDeque::new(),
            current,
            running: true,
            slice: SLICE,
            fuel: reductions_max.unwrap_or(i64::MAX as u64),
            timers: BinaryHeap::new(),
            timers_made: 0,
            clock: 0,
            reductions: 0,
            held_words: 0,
            exporter: Exporter::default(),
            limits: process_limits,
            input: Input::default(),
            env,
            reductions_max,
            exit: None,
        })
    }

    /// The process that runs, or ran last; the first one when the program has ended.
    #[expect(clippy::missing_panics_doc, reason = "the first process stays in the table until the end")]
    pub fn process(&self) -> &Process {
        let task = self.tasks.get(self.current).or_else(|| self.tasks.get(Pid::MAIN));
        &task.expect("the first process is always there").process
    }

    /// The same, to be changed.
    #[expect(clippy::missing_panics_doc, reason = "the first process stays in the table until the end")]
    pub fn process_mut(&mut self) -> &mut Process {
        let pid = if self.tasks.get(self.current).is_some() { self.current } else { Pid::MAIN };
        &mut self.tasks.get_mut(pid).expect("the first process is always there").process
    }

    /// Lets the processes use so many reductions more.
    pub fn add_fuel(&mut self, reductions: u64) {
        self.fuel = self.fuel.saturating_add(reductions);
    }

    /// Takes back the reductions that nobody has been given; how many.
    pub fn take_fuel(&mut self) -> u64 {
        std::mem::take(&mut self.fuel)
    }

    /// Runs to the end, or as far as the fuel goes.
    ///
    /// # Errors
    /// When the console fails.
    pub fn run(&mut self, executor: Executor) -> io::Result<Exit> {
        self.run_until(&mut Unwatched(executor))
    }

    /// The same, or until the probe stops it.
    ///
    /// # Errors
    /// When the console fails.
    pub fn run_with(&mut self, probe: &mut impl Probe) -> io::Result<Exit> {
        self.run_until(&mut Watched(probe))
    }

    fn run_until(&mut self, driver: &mut impl Drive) -> io::Result<Exit> {
        loop {
            if let Some((_, status)) = self.exit.take() {
                return Ok(Exit::Status(status));
            }
            if !self.running && !self.next() {
                self.current = Pid::MAIN;
                return Ok(Exit::Deadlock);
            }
            self.answer_woken();
            if !self.running {
                continue;
            }
            let grant = self.slice.min(self.fuel);
            self.fuel -= grant;
            self.slice -= grant;
            let Some(task) = self.tasks.get_mut(self.current) else {
                self.running = false;
                continue;
            };
            task.process.add_fuel(grant);
            let before = task.process.reductions();
            let stop = match task.fault {
                Some(fault) if driver.raising(&task.process, fault).is_break() => Some(Stop::Break),
                Some(fault) => {
                    let stop = task.process.raise_fault(fault);
                    if stop != Some(Stop::OutOfFuel) {
                        task.fault = None;
                    }
                    stop
                }
                None => None,
            };
            let stop = stop.unwrap_or_else(|| driver.run(&mut task.process));
            let used = task.process.reductions() - before;
            self.clock = self.clock.saturating_add(used);
            self.reductions += used;
            let held = task.process.held_words() + task.mailbox_words + task.awaited_words;
            self.held_words = self.held_words + held - task.held_words;
            task.held_words = held;
            if self.held_words > together_max(&self.limits)
                && matches!(stop, Stop::OutOfFuel | Stop::Syscall(_))
            {
                let pid = self.current;
                self.end_unless_main(pid);
                return Ok(Exit::TogetherTooMuch(pid));
            }
            if let Some(exit) = self.stopped(stop)? {
                return Ok(exit);
            }
        }
    }

    /// What follows from the stop of the running process. Some when the run is over for now.
    fn stopped(&mut self, stop: Stop) -> io::Result<Option<Exit>> {
        match stop {
            Stop::Syscall(call) => {
                let outcome = self.answer(call)?;
                if let Some((pid, _)) = self.exit
                    && pid != Pid::MAIN
                {
                    self.exit = None;
                    self.end(pid, &End::Normal);
                } else if let Some(task) = self.tasks.get_mut(self.current) {
                    task.fault = outcome.err();
                }
            }
            Stop::OutOfFuel if self.slice == 0 => {
                self.slice = SLICE;
                if !self.ready.is_empty() {
                    self.ready.push_back(self.current);
                    self.running = false;
                }
                if self.fuel == 0 {
                    return Ok(Some(Exit::ReductionLimit));
                }
            }
            Stop::OutOfFuel => return Ok(Some(Exit::ReductionLimit)),
            Stop::Done(results) if self.current == Pid::MAIN => {
                let main = self.image.module().main.and_then(|main| self.image.module().function(main));
                let status =
                    if main.is_some_and(|main| main.results.len() == 1) { results[0] as i64 } else { 0 };
                return Ok(Some(Exit::Status(status)));
            }
            Stop::Done(_) => self.end(self.current, &End::Normal),
            Stop::Uncaught(uncaught) if self.current == Pid::MAIN => {
                return Ok(Some(Exit::Uncaught(uncaught)));
            }
            Stop::Uncaught(uncaught) => {
                let pid = self.current;
                self.end(pid, &End::Failed(uncaught.clone()));
                return Ok(Some(Exit::Crashed(pid, uncaught)));
            }
            Stop::Break => return Ok(Some(Exit::Break)),
        }
        Ok(None)
    }

    /// Chooses the process that runs next; lets time pass when all wait. False when nothing can ever happen again.
    fn next(&mut self) -> bool {
        loop {
            while let Some(&Reverse((when, _, pid, waits))) = self.timers.peek() {
                if when > self.clock && !self.ready.is_empty() {
                    break;
                }
                self.timers.pop();
                let pid = Pid(pid);
                let meant =
                    self.tasks.get(pid).is_some_and(|task| task.waits == waits && task.state != State::Ready);
                if meant {
                    self.clock = self.clock.max(when);
                    self.wake(pid);
                }
            }
            let Some(pid) = self.ready.pop_front() else { return false };
            if self.tasks.get(pid).is_some() {
                (self.current, self.running, self.slice) = (pid, true, SLICE);
                return true;
            }
        }
    }

    /// Answers the call that the running process has waited in, now that it was woken.
    fn answer_woken(&mut self) {
        let Some(task) = self.tasks.get_mut(self.current) else { return };
        if let Some((call, first)) = task.waits_in.take()
            && let Err(fault) = match call {
                Syscall::Send => self.answer_process(call, first as u64),
                _ => self.answer_wait(call, first),
            }
            && let Some(task) = self.tasks.get_mut(self.current)
        {
            task.fault = Some(fault);
        }
    }

    /// A process that waited can run again.
    fn wake(&mut self, pid: Pid) {
        if let Some(task) = self.tasks.get_mut(pid)
            && task.state != State::Ready
        {
            // What it waited for is judged when it runs: see `answer`.
            if let State::Sleeping { .. } | State::Receiving { until: Some(_) } = task.state {
                task.woken = true;
            }
            task.state = State::Ready;
            self.ready.push_back(pid);
        }
    }

    /// The running process waits.
    fn wait(&mut self, state: State) {
        let pid = self.current;
        let Some(task) = self.tasks.get_mut(pid) else { return };
        task.state = state;
        task.waits += 1;
        self.fuel += task.process.take_fuel();
        self.running = false;
        let until = match state {
            State::Receiving { until } => until,
            State::Sleeping { until } => Some(until),
            State::Ready | State::Sending => None,
        };
        if let Some(until) = until {
            self.timers_made += 1;
            self.timers.push(Reverse((until, self.timers_made, pid.0, task.waits)));
        }
    }

    /// Ends a process other than the first one, and tells whoever wants to know.
    fn end(&mut self, pid: Pid, end: &End) {
        let mut ended = vec![(pid, end.clone())];
        while let Some((pid, end)) = ended.pop() {
            let Some(mut task) = self.tasks.remove(pid) else { continue };
            self.held_words -= task.held_words;
            self.fuel += task.process.take_fuel();
            if pid == self.current {
                self.running = false;
            }
            for watched in std::mem::take(&mut task.watches) {
                if let Some(other) = self.tasks.get_mut(watched) {
                    other.monitors.retain(|(watcher, _)| *watcher != pid);
                }
            }
            for (watcher, message) in std::mem::take(&mut task.monitors) {
                self.tell(watcher, pid, message);
            }
            for sender in std::mem::take(&mut task.blocked) {
                self.wake(sender);
            }
            for linked in std::mem::take(&mut task.links) {
                if let Some(other) = self.tasks.get_mut(linked) {
                    other.links.retain(|&link| link != pid);
                    match end {
                        End::Normal => {}
                        _ if linked == Pid::MAIN => self.exit = Some((Pid::MAIN, KILLED_STATUS)),
                        _ => ended.push((linked, End::Killed)),
                    }
                }
            }
        }
    }

    fn is_full(&self, to: Pid) -> bool {
        self.tasks.get(to).is_some_and(|task| task.mailbox_words >= mailbox_max(&task.process))
    }

    /// The running process waits until the mailbox of another has room.
    fn wait_for_room(&mut self, to: Pid) {
        let from = self.current;
        if let Some(task) = self.tasks.get_mut(from) {
            task.waits_in = Some((Syscall::Send, to.0 as i64));
        }
        if let Some(task) = self.tasks.get_mut(to) {
            task.blocked.push(from);
        }
        self.wait(State::Sending);
    }

    /// Delivers what a monitor was to send.
    fn tell(&mut self, watcher: Pid, watched: Pid, message: Fragment) {
        if let Some(task) = self.tasks.get_mut(watcher) {
            let words = message.charge() + ENVELOPE_WORDS;
            task.awaited_words -= words;
            if let Some(at) = task.watches.iter().rposition(|&pid| pid == watched) {
                task.watches.swap_remove(at);
            }
            task.held_words -= words;
            self.held_words -= words;
        }
        self.deliver(watcher, message);
    }

    /// Ends a process for what all of them hold together; the first one is left as it is, for the report.
    fn end_unless_main(&mut self, pid: Pid) {
        if pid != Pid::MAIN {
            self.end(pid, &End::Killed);
        }
    }

    /// Puts a message into a mailbox. Of a process that has ended nobody hears.
    fn deliver(&mut self, to: Pid, message: Fragment) {
        let Some(task) = self.tasks.get_mut(to) else { return };
        let words = message.charge() + ENVELOPE_WORDS;
        task.mailbox_words += words;
        task.held_words += words;
        self.held_words += words;
        task.mailbox.push_back(message);
        if let State::Receiving { .. } = task.state {
            self.wake(to);
        }
    }

    /// The limit of reductions, if there is one.
    pub fn reductions_max(&self) -> Option<u64> {
        self.reductions_max
    }

    /// Reductions that all processes have used.
    pub fn reductions(&self) -> u64 {
        self.reductions
    }

    /// Hash of everything that the program could observe from now on.
    pub fn state_hash(&mut self) -> u64 {
        let mut numbers: Vec<u64> = Vec::new();
        let pids: Vec<Pid> = self.tasks.iter().map(|(pid, _)| pid).collect();
        for pid in pids {
            let Some(task) = self.tasks.get_mut(pid) else { continue };
            numbers.push(pid.0);
            // How much of a time slice the process already has depends on how the run was cut into pieces.
            let has = task.process.take_fuel();
            let rest = if pid == self.current && self.running { self.slice } else { 0 };
            task.process.add_fuel(has + rest);
            numbers.push(task.process.state_hash());
            task.process.take_fuel();
            task.process.add_fuel(has);
            numbers.push(match task.state {
                State::Ready => 0,
                State::Receiving { until } => until.map_or(1, |until| until << 2 | 2),
                State::Sleeping { until } => until << 2 | 3,
                State::Sending => u64::MAX,
            });
            numbers.extend(task.blocked.iter().map(|sender| sender.0));
            numbers.push(task.woken.into());
            for message in &task.mailbox {
                numbers.push(message.charge() as u64);
                message.each_word(|word| numbers.push(word));
            }
            for (watcher, message) in &task.monitors {
                numbers.extend([watcher.0, message.charge() as u64]);
                message.each_word(|word| numbers.push(word));
            }
            numbers.extend(task.links.iter().map(|link| link.0));
        }
        numbers.extend(self.ready.iter().map(|pid| pid.0));
        numbers.extend([self.current.0, self.running.into(), self.clock]);
        numbers
            .iter()
            .fold(0, |hash, &number| (hash ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29))
    }

    /// All processes that have not ended: number, state, and the process.
    pub fn processes(&self) -> impl Iterator<Item = (Pid, State, &Process)> {
        self.tasks.iter().map(|(pid, task)| (pid, task.state, &task.process))
    }

    fn answer(&mut self, call: Syscall) -> io::Result<Result<(), Fault>> {
        let Some(task) = self.tasks.get_mut(self.current) else { return Ok(Ok(())) };
        let p = &mut task.process;
        let arg = p.syscall_arg_or_zero(0);
        match call {
            Syscall::Print | Syscall::PrintError => {
                let stream = if call == Syscall::Print { Stream::Output } else { Stream::Error };
                if arg == 0 {
                    return Ok(Err(TrapCode::NullReference.into()));
                }
                self.console.write(stream, p.heap().bytes(arg as u32))?;
                p.finish_syscall(&[]);
            }
            Syscall::PrintInt => {
                self.console.write(Stream::Output, (arg as i64).to_string().as_bytes())?;
                p.finish_syscall(&[]);
            }
            Syscall::PrintFloat => {
                self.console.write(Stream::Output, float_text(f64::from_bits(arg)).as_bytes())?;
                p.finish_syscall(&[]);
            }
            Syscall::Write => {
                let data = p.syscall_arg(1) as u32;
                if data == 0 {
                    return Ok(Err(TrapCode::NullReference.into()));
                }
                let stream = match arg {
                    1 => Stream::Output,
                    2 => Stream::Error,
                    _ => {
                        p.finish_syscall(&[-1i64 as u64]);
                        return Ok(Ok(()));
                    }
                };
                self.console.write(stream, p.heap().bytes(data))?;
                let count = p.heap().length(data);
                p.finish_syscall(&[u64::from(count)]);
            }
            Syscall::Exit => self.exit = Some((self.current, arg as i64)),
            Syscall::SelfPid => p.finish_syscall(&[self.current.0]),
            Syscall::Now => {
                let now = self.clock;
                p.finish_syscall(&[now]);
            }
            Syscall::Spawn | Syscall::Send | Syscall::Monitor | Syscall::Link | Syscall::Kill => {
                return Ok(self.answer_process(call, arg));
            }
            Syscall::Receive | Syscall::Sleep => return Ok(self.answer_wait(call, arg as i64)),
            Syscall::ReadLine | Syscall::ReadAll | Syscall::ReadBytes | Syscall::Args | Syscall::Env => {
                return self.answer_object(call, arg);
            }
        }
        Ok(Ok(()))
    }

    /// Syscalls whose result is an object.
    fn answer_object(&mut self, call: Syscall, arg: u64) -> io::Result<Result<(), Fault>> {
        let Some(task) = self.tasks.get_mut(self.current) else { return Ok(Ok(())) };
        let p = &mut task.process;
        // No more than could ever fit, and a byte that makes it trap.
        let room = p.limits().heap.limit_words.saturating_mul(8).min(limits::LENGTH_MAX as u64) as usize + 1;
        let made = match call {
            Syscall::ReadLine => {
                let line = self.input.line(&mut self.console, room)?;
                let end = line.strip_suffix(b"\n");
                let text = end.map_or(&*line, |line| line.strip_suffix(b"\r").unwrap_or(line));
                let made = match &*line {
                    [] => Ok(0),
                    _ => p.alloc_input(text),
                };
                made.inspect_err(|_| self.input.keep(line))
            }
            Syscall::ReadAll => {
                let text = self.input.all(&mut self.console, room)?;
                let made = p.alloc_input(&text);
                made.inspect_err(|_| self.input.keep(text))
            }
            Syscall::ReadBytes => {
                let most = arg as i64;
                if !(0..=limits::LENGTH_MAX as i64).contains(&most) {
                    return Ok(Err(
                        Trap::new(TrapCode::InvalidArgument, most, limits::LENGTH_MAX as i64).into()
                    ));
                }
                let data = self.input.bytes(&mut self.console, room.min(most as usize))?;
                let made = match &*data {
                    [] if most > 0 => Ok(0),
                    data => p.alloc_bytes(TypeId::BYTES, data),
                };
                made.inspect_err(|_| self.input.keep(data))
            }
            Syscall::Env => {
                if arg == 0 {
                    return Ok(Err(TrapCode::NullReference.into()));
                }
                let name = String::from_utf8_lossy(p.heap().bytes(arg as u32)).into_owned();
                match self.env.vars.get(&name) {
                    Some(value) => p.alloc_bytes(TypeId::STR, value.as_bytes()),
                    None => Ok(0),
                }
            }
            _ => p.new_strings(&self.env.args),
        };
        Ok(made.map(|object| p.finish_syscall(&[u64::from(object)])))
    }

    /// Syscalls about other processes. Their effect is there when the next instruction runs.
    fn answer_process(&mut self, call: Syscall, arg: u64) -> Result<(), Fault> {
        if call == Syscall::Send && self.is_full(Pid(arg)) {
            if Pid(arg) == self.current {
                return Err(too_large(MAILBOX_WORDS_MAX));
            }
            self.wait_for_room(Pid(arg));
            return Ok(());
        }
        let Some(task) = self.tasks.get_mut(self.current) else { return Ok(()) };
        let p = &mut task.process;
        match call {
            Syscall::Spawn => {
                if arg == 0 {
                    return Err(TrapCode::NullReference.into());
                }
                let pid = match p.export(&mut self.exporter, arg as u32, MESSAGE_WORDS_MAX) {
                    Ok(value) if self.tasks.count() < PROCESSES_MAX => {
                        let made = Process::of_closure(&self.image, &value, self.limits);
                        made.and_then(|process| {
                            let mut task = Task::new(process);
                            task.held_words = task.process.held_words();
                            let held = task.held_words;
                            let pid = self.tasks.insert(Box::new(task))?;
                            self.held_words += held;
                            Some(pid)
                        })
                    }
                    _ => None,
                };
                self.ready.extend(pid);
                self.finish(&[pid.map_or(0, |pid| pid.0)]);
            }
            Syscall::Send | Syscall::Monitor => {
                let object = p.syscall_arg(1) as u32;
                let Ok(message) = p.export(&mut self.exporter, object, MESSAGE_WORDS_MAX) else {
                    return Err(too_large(MESSAGE_WORDS_MAX));
                };
                let words = message.charge() + ENVELOPE_WORDS;
                if call == Syscall::Monitor {
                    if task.awaited_words + words > mailbox_max(p) {
                        return Err(too_large(MAILBOX_WORDS_MAX));
                    }
                    task.awaited_words += words;
                    task.held_words += words;
                    self.held_words += words;
                    task.watches.push(Pid(arg));
                }
                p.finish_syscall(&[]);
                let (from, to) = (self.current, Pid(arg));
                if call == Syscall::Send {
                    self.deliver(to, message);
                } else if let Some(other) = self.tasks.get_mut(to) {
                    other.monitors.push((from, message));
                } else {
                    self.tell(from, to, message);
                }
            }
            Syscall::Link => {
                p.finish_syscall(&[]);
                let (from, to) = (self.current, Pid(arg));
                if from != to && self.tasks.get(to).is_some() {
                    for (one, other) in [(from, to), (to, from)] {
                        if let Some(task) = self.tasks.get_mut(one)
                            && !task.links.contains(&other)
                        {
                            task.links.push(other);
                        }
                    }
                }
            }
            _ => {
                p.finish_syscall(&[]);
                let pid = Pid(arg);
                if pid == Pid::MAIN {
                    self.exit = Some((Pid::MAIN, KILLED_STATUS));
                } else {
                    self.end(pid, &End::Killed);
                }
            }
        }
        Ok(())
    }

    /// Answers the running process.
    fn finish(&mut self, results: &[u64]) {
        if let Some(task) = self.tasks.get_mut(self.current) {
            task.process.finish_syscall(results);
        }
    }

    /// Syscalls that may have to wait. They are answered here again when the process has been woken.
    fn answer_wait(&mut self, call: Syscall, millis: i64) -> Result<(), Fault> {
        let clock = self.clock;
        let after = |millis: i64| clock.saturating_add((millis as u64).saturating_mul(NANOS_PER_MILLI));
        let Some(task) = self.tasks.get_mut(self.current) else { return Ok(()) };
        let woken = std::mem::take(&mut task.woken);
        if call == Syscall::Sleep {
            if woken || millis <= 0 {
                task.process.finish_syscall(&[]);
            } else {
                task.waits_in = Some((call, millis));
                self.wait(State::Sleeping { until: after(millis) });
            }
            return Ok(());
        }
        if let Some(message) = task.mailbox.front() {
            // When it does not fit into the heap it stays in the mailbox.
            let object = task.process.import(message)?;
            task.mailbox_words -= message.charge() + ENVELOPE_WORDS;
            task.mailbox.pop_front();
            task.process.finish_syscall(&[u64::from(object)]);
            if task.mailbox_words < mailbox_max(&task.process) / 2 && !task.blocked.is_empty() {
                for sender in std::mem::take(&mut task.blocked) {
                    self.wake(sender);
                }
            }
        } else if woken || millis == 0 {
            task.process.finish_syscall(&[0]);
        } else {
            let until = (millis > 0).then(|| after(millis));
            task.waits_in = Some((call, millis));
            self.wait(State::Receiving { until });
        }
        Ok(())
    }
}

/// Words of the host's memory that all processes may hold together: twice what one may, and 64 MiB.
fn together_max(limits: &ProcessLimits) -> usize {
    let one =
        usize::try_from(limits.heap.limit_words).unwrap_or(usize::MAX).saturating_add(limits.stack_slots);
    one.saturating_mul(2).saturating_add(8 << 20)
}

/// Words of a mailbox that is full: a quarter of the heap's limit.
fn mailbox_max(process: &Process) -> usize {
    let quarter = process.heap().options().limit_words / 4;
    usize::try_from(quarter).unwrap_or(usize::MAX).clamp(MAILBOX_WORDS_MIN, MAILBOX_WORDS_MAX)
}

/// A trap for messages beyond a bound.
fn too_large(words: usize) -> Fault {
    let bytes = words as i64 * 8;
    Trap::new(TrapCode::OutOfMemory, bytes + 1, bytes).into()
}

/// Who runs the process between syscalls, and hears of what these raise.
trait Drive {
    fn run(&mut self, process: &mut Process) -> Stop;
    fn raising(&mut self, process: &Process, fault: Fault) -> ControlFlow<()>;
}

struct Unwatched(Executor);

impl Drive for Unwatched {
    fn run(&mut self, process: &mut Process) -> Stop {
        process.run(self.0)
    }

    fn raising(&mut self, _: &Process, _: Fault) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

struct Watched<'p, P>(&'p mut P);

impl<P: Probe> Drive for Watched<'_, P> {
    fn run(&mut self, process: &mut Process) -> Stop {
        process.run_with(self.0)
    }

    fn raising(&mut self, process: &Process, fault: Fault) -> ControlFlow<()> {
        tell(self.0, process, fault)
    }
}
