//! A virtual core: the processes that are on it, which of them runs, and what they do to each other.
//!
//! A core runs its part of a round without looking at any other core, so that all can run at the same time. What
//! concerns others goes into the outbox. The answers to syscalls are in [`calls`](crate::calls).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_exec::{Executor, Fault, Probe, Process, Stop, tell};
use mvm_heap::Exporter;
use mvm_isa::Syscall;

use crate::calls::Answered;
use crate::channel::Channel;
use crate::effect::Effect;
use crate::machine::{Exit, Plan};
use crate::reference::Reference;
use crate::sched::{Policy, Why};
use crate::segment::Segment;
use crate::table::Table;
use crate::task::{End, Handed, Pid, State, Task, Timer, WaitsFor};
use crate::trace::{Event, What};

/// Words of effects for other cores after which the part of a core ends.
const OUTBOX_WORDS_MAX: usize = 1 << 17;

/// How far a core came.
#[derive(Debug)]
pub(crate) enum Part {
    /// To the end of its part of the round.
    Done,
    /// The machine's fuel is used up.
    Fuel,
    /// The probe stopped it.
    Break,
    /// The running process has asked for something that only the host can answer.
    Host(Syscall),
    /// Something is to be told. It can go on.
    Event(Exit),
}

/// One virtual core.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) number: u32,
    pub(crate) plan: Arc<Plan>,
    pub(crate) tasks: Table<Task>,
    pub(crate) channels: Table<Channel>,
    pub(crate) segments: Table<Segment>,
    pub(crate) references: Table<Reference>,
    pub(crate) policy: Box<dyn Policy>,
    /// The process that runs, or ran last.
    pub(crate) current: Pid,
    /// Whether `current` goes on.
    pub(crate) running: bool,
    /// What is left of its time slice.
    pub(crate) slice: u64,
    /// What it has used since it was chosen.
    pub(crate) used: u64,
    /// The words that all held then, or at the beginning of the round.
    held_before: usize,
    /// Its reductions when they were counted last.
    tallied: u64,
    /// Reductions that are left of the round.
    pub(crate) budget: u64,
    /// Its part of the round is done.
    pub(crate) done: bool,
    pub(crate) round: u64,
    /// Nanoseconds; all cores begin a round with the same.
    pub(crate) clock: u64,
    /// No timer of this round goes beyond it.
    pub(crate) clock_end: u64,
    /// What all its processes have used.
    pub(crate) reductions: u64,
    /// Words of the host's memory that its processes hold together, and those of other cores at the beginning of the round.
    pub(crate) held_words: usize,
    pub(crate) held_elsewhere: usize,
    /// Processes of other cores at the beginning of the round.
    pub(crate) tasks_elsewhere: usize,
    /// Timers: when, in which order they were asked for, whose, and twice the number of the wait, or of the message and one.
    pub(crate) timers: BinaryHeap<Reverse<(u64, u64, u64, u64)>>,
    pub(crate) timers_made: u64,
    pub(crate) exporter: Exporter,
    pub(crate) outbox: Vec<Effect>,
    pub(crate) outbox_words: usize,
    /// Effects that follow from one that is being applied.
    pub(crate) follow: VecDeque<Effect>,
    pub(crate) applying: bool,
    /// Fuel that processes have given back, for the machine.
    refund: u64,
    /// What is to be told when the round is over.
    pub(crate) events: Vec<Exit>,
    /// Programs whose first process has ended, and how.
    pub(crate) exits: Vec<(u32, Exit)>,
    pub(crate) trace: Option<Vec<Event>>,
    #[cfg(feature = "planted-bugs")]
    pub(crate) planted: Option<crate::planted::Planted>,
}

impl Core {
    pub(crate) fn new(number: u32, plan: &Arc<Plan>) -> Core {
        let cores = plan.cores;
        Core {
            number,
            plan: Arc::clone(plan),
            tasks: Table::new(number, cores),
            channels: Table::new(number, cores),
            segments: Table::new(number, cores),
            references: Table::new(number, cores),
            policy: plan.policy.make(number.into()),
            current: Pid::NONE,
            running: false,
            slice: 0,
            used: 0,
            held_before: 0,
            tallied: 0,
            budget: 0,
            done: true,
            round: 0,
            clock: 0,
            clock_end: 0,
            reductions: 0,
            held_words: 0,
            held_elsewhere: 0,
            tasks_elsewhere: 0,
            timers: BinaryHeap::new(),
            timers_made: 0,
            exporter: Exporter::default(),
            outbox: Vec::new(),
            outbox_words: 0,
            follow: VecDeque::new(),
            applying: false,
            refund: 0,
            events: Vec::new(),
            exits: Vec::new(),
            trace: plan.trace.then(Vec::new),
            #[cfg(feature = "planted-bugs")]
            planted: None,
        }
    }

    /// Whether this is the core that the console belongs to.
    pub(crate) fn has_host(&self) -> bool {
        self.number == 0
    }

    /// Begins its part of a round.
    pub(crate) fn begin(&mut self, round: u64, clock: u64, budget: u64) {
        self.round = round;
        self.clock = clock;
        self.clock_end = clock.saturating_add(budget);
        self.budget = budget;
        self.outbox_words = 0;
        self.held_before = self.held_words;
        self.done = false;
    }

    /// Runs its part of the round, as far as the machine's fuel goes.
    pub(crate) fn run(&mut self, fuel: &mut u64, driver: &mut impl Drive) -> Part {
        while !self.done {
            *fuel += std::mem::take(&mut self.refund);
            if !self.exits.is_empty() || self.outbox_words > OUTBOX_WORDS_MAX {
                break;
            }
            if !self.running && (self.budget == 0 || !self.next()) {
                break;
            }
            if let Some(part) = self.run_current(fuel, driver) {
                *fuel += std::mem::take(&mut self.refund);
                return part;
            }
        }
        *fuel += std::mem::take(&mut self.refund);
        self.done = true;
        Part::Done
    }

    /// Lets the running process run on. Some when the core stops here.
    fn run_current(&mut self, fuel: &mut u64, driver: &mut impl Drive) -> Option<Part> {
        let Some(task) = self.tasks.get_mut(self.current.0) else {
            self.running = false;
            return None;
        };
        if let Some(call) = task.waits_in.take() {
            task.came = false;
            let answered = self.answer(call);
            if !matches!(answered, Answered::Waits)
                && let Some(task) = self.tasks.get_mut(self.current.0)
            {
                task.timed_out = false;
                task.until = None;
            }
            return self.answered(call, answered);
        }
        let allowed = task.grant.reductions.saturating_sub(task.process.given());
        let grant = self.slice.min(self.budget).min(*fuel).min(allowed);
        *fuel -= grant;
        self.slice -= grant;
        self.budget -= grant;
        task.process.add_fuel(grant);
        self.tallied = task.process.reductions();
        if task.debt > 0 {
            task.debt -= task.process.spend(task.debt);
        }
        let mut stop = match task.fault.as_deref().copied() {
            _ if task.debt > 0 => Some(Stop::OutOfFuel),
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
        loop {
            let task = self.tasks.get_mut(self.current.0)?;
            let stop = match stop.take() {
                Some(stop) => stop,
                None if task.fault.is_none() && task.debt == 0 => driver.run(&mut task.process),
                None => return self.judge(),
            };
            let reductions = task.process.reductions();
            self.tally(reductions);
            let Stop::Syscall(call) = stop else {
                return self.judge().or_else(|| self.stopped(stop, fuel));
            };
            let answered = self.answer(call);
            let goes_on = matches!(answered, Answered::Done)
                && self.exits.is_empty()
                && self.outbox_words <= OUTBOX_WORDS_MAX;
            if !goes_on {
                return self.answered(call, answered).or_else(|| self.judge());
            }
        }
    }

    /// Counts what the running process has used since this was done last.
    #[inline]
    fn tally(&mut self, reductions: u64) {
        let used = reductions - self.tallied;
        self.tallied = reductions;
        self.used += used;
        self.reductions += used;
        if !self.plan.host_time {
            self.clock = self.clock.saturating_add(used);
        }
    }

    /// Ends the running process when all together hold too much of the host's memory after its turn, and it has grown.
    #[inline]
    fn judge(&mut self) -> Option<Part> {
        // Who does not run any more has been weighed.
        if self.running {
            self.weigh();
        }
        if self.held_words + self.held_elsewhere <= self.plan.held_words_max {
            return None;
        }
        self.condemn()
    }

    #[cold]
    fn condemn(&mut self) -> Option<Part> {
        let pid = self.current;
        // It may also have given to others.
        if self.held_words <= self.held_before {
            return None;
        }
        let task = self.tasks.get(pid.0).filter(|task| !task.process.is_finished())?;
        if self.plan.programs.len() > 1 && self.is_small(task.program) {
            return None;
        }
        if task.parent == Pid::NONE {
            self.end_first(pid, Exit::TogetherTooMuch(pid));
            return None;
        }
        self.end(pid, &End::Limit("memory of all processes"));
        self.event(Exit::TogetherTooMuch(pid))
    }

    /// Whether a program, of several, holds so little here that it is not to be ended for what the others hold. All that are
    /// spared so hold at most an eighth of what all may.
    fn is_small(&self, program: u32) -> bool {
        const SPARED: usize = 8;
        // Whose owner is elsewhere could be anybody's.
        let of_it = |pid: Pid| self.tasks.get(pid.0).is_none_or(|task| task.program == program);
        let tasks = self.tasks.iter().filter(|(_, task)| task.program == program);
        let channels = self.channels.iter().filter(|(_, channel)| of_it(channel.owner));
        let references = self.references.iter().filter(|(_, reference)| of_it(reference.owner));
        let segments =
            self.segments.iter().filter(|(_, segment)| segment.sharers.iter().any(|&pid| of_it(pid)));
        let held = tasks.map(|(_, task)| task.held_words).sum::<usize>()
            + channels.map(|(_, channel)| channel.charge()).sum::<usize>()
            + references.map(|(_, reference)| reference.charge()).sum::<usize>()
            + segments.map(|(_, segment)| segment.charge()).sum::<usize>();
        held < self.plan.held_words_max / SPARED / self.plan.programs.len() / self.plan.cores as usize
    }

    /// Notes what the running process holds now.
    fn weigh(&mut self) {
        if let Some(task) = self.tasks.get_mut(self.current.0) {
            task.weigh(&mut self.held_words);
        }
    }

    /// Whether all processes together hold so much that there is no room for more of them.
    pub(crate) fn is_crowded(&self) -> bool {
        self.held_words + self.held_elsewhere > self.plan.held_words_max / 8 * 7
    }

    /// What follows from the stop of the running process. Some when the core stops here.
    fn stopped(&mut self, stop: Stop, fuel: &mut u64) -> Option<Part> {
        let pid = self.current;
        match stop {
            Stop::Syscall(_) => None,
            Stop::OutOfFuel => {
                let task = self.tasks.get_mut(pid.0)?;
                if task.grant.reductions <= task.process.given() {
                    self.end(pid, &End::Limit("reductions"));
                } else if self.slice == 0 {
                    self.pause(Why::Preempted);
                } else if self.budget == 0 {
                    self.done = true;
                    return Some(Part::Done);
                }
                // Without budget the part is done, with or without fuel.
                (*fuel == 0 && self.budget > 0).then_some(Part::Fuel)
            }
            Stop::Done => {
                self.end(pid, &End::Normal);
                None
            }
            Stop::Uncaught => {
                let uncaught = self.tasks.get_mut(pid.0).and_then(|task| task.process.take_uncaught())?;
                let task = self.tasks.get(pid.0)?;
                let (first, program) = (task.parent == Pid::NONE, task.program);
                self.end(pid, &End::Failed(uncaught.clone()));
                if first { None } else { self.event(Exit::Crashed(pid, program, uncaught)) }
            }
            Stop::Break => Some(Part::Break),
        }
    }

    /// What follows from the answer to a syscall.
    #[inline]
    fn answered(&mut self, call: Syscall, answered: Answered) -> Option<Part> {
        match answered {
            Answered::Done | Answered::Waits => {}
            Answered::Yields => self.pause(Why::Yielded),
            Answered::Host if self.has_host() => return Some(Part::Host(call)),
            Answered::Host => self.move_to(call, 0),
            Answered::Elsewhere(core) => self.move_to(call, core),
        }
        None
    }

    /// The answer to the running process is that it faults.
    pub(crate) fn fault(&mut self, fault: Box<Fault>) {
        if let Some(task) = self.tasks.get_mut(self.current.0) {
            task.fault = Some(fault);
        }
    }

    /// Takes back what the running process was given for its slice and does not need.
    pub(crate) fn give_back(&mut self) {
        if let Some(task) = self.tasks.get_mut(self.current.0) {
            let fuel = task.process.take_fuel();
            self.budget += fuel;
            self.refund += fuel;
        }
    }

    /// Something is to be told: at once by the core of the host, at the end of the round by others.
    fn event(&mut self, exit: Exit) -> Option<Part> {
        if self.has_host() {
            return Some(Part::Event(exit));
        }
        self.events.push(exit);
        None
    }

    /// The running process has had its turn.
    fn pause(&mut self, why: Why) {
        if self.policy.is_empty() && why == Why::Preempted && !self.a_timer_is_due() {
            // It is alone.
            self.book();
            self.slice = self.tasks.get(self.current.0).map_or(0, |task| self.policy.slice(&task.account));
            return;
        }
        let pid = self.current;
        if why == Why::Yielded {
            self.give_back();
        }
        self.leave();
        self.note(pid, What::Stops(State::Ready));
        self.enqueue(pid, why);
    }

    /// The policy hears what the running process has used.
    fn book(&mut self) {
        let used = std::mem::take(&mut self.used);
        if let Some(task) = self.tasks.get_mut(self.current.0) {
            task.account.used += used;
            self.policy.ran(&mut task.account, used);
        }
    }

    /// The running process does not go on. What it has used and holds is noted.
    pub(crate) fn leave(&mut self) {
        self.weigh();
        self.book();
        self.running = false;
    }

    /// A process can run.
    #[inline]
    pub(crate) fn enqueue(&mut self, pid: Pid, why: Why) {
        if let Some(task) = self.tasks.get_mut(pid.0) {
            task.enqueue(pid, why, self.clock, &mut *self.policy);
        }
    }

    /// Chooses the next process, after what the clock has brought. False when nothing can run.
    fn next(&mut self) -> bool {
        loop {
            self.ring_timers();
            let Some(pid) = self.policy.next(self.clock) else { return false };
            let Some(task) = self.tasks.get_mut(pid.0) else { continue };
            task.queued = false;
            if task.state != State::Ready || task.stopped {
                continue;
            }
            self.slice = self.policy.slice(&task.account);
            self.held_before = self.held_words;
            (self.current, self.running, self.used) = (pid, true, 0);
            self.note(pid, What::Runs);
            return true;
        }
    }

    /// Does what timers say whose time has come; when nothing can run, time passes until the next one, within the round.
    fn ring_timers(&mut self) {
        while let Some(&Reverse((when, _, pid, what))) = self.timers.peek() {
            let reachable = when <= self.clock_end && self.policy.is_empty() && !self.plan.host_time;
            if when > self.clock && !reachable {
                return;
            }
            self.timers.pop();
            let Some(task) = self.tasks.get_mut(pid) else { continue };
            if what % 2 == 1 {
                let Some(Timer { to, message, .. }) = task.extra().timers.remove(&(what / 2)) else {
                    continue;
                };
                task.awaited_words -= message.words();
                self.clock = self.clock.max(when);
                self.cause(Effect::Deliver { to, from: Pid::NONE, message });
            } else if task.waits == what / 2 && task.state != State::Ready {
                self.clock = self.clock.max(when);
                task.timed_out = true;
                self.wake(Pid(pid));
            }
        }
    }

    /// Whether a timer has to ring before anybody runs on.
    fn a_timer_is_due(&self) -> bool {
        self.timers.peek().is_some_and(|&Reverse((when, ..))| when <= self.clock)
    }

    /// When the next timer rings.
    pub(crate) fn next_timer(&mut self) -> Option<u64> {
        while let Some(&Reverse((when, _, pid, what))) = self.timers.peek() {
            let meant = self.tasks.get(pid).is_some_and(|task| match what % 2 {
                1 => task.extra.as_ref().is_some_and(|extra| extra.timers.contains_key(&(what / 2))),
                _ => task.waits == what / 2 && task.state != State::Ready,
            });
            if meant {
                return Some(when);
            }
            self.timers.pop();
        }
        None
    }

    /// A message of this process is to be sent then.
    pub(crate) fn set_timer(&mut self, when: u64, pid: Pid, number: u64) {
        self.timers_made += 1;
        self.timers.push(Reverse((when, self.timers_made, pid.0, number * 2 + 1)));
    }

    /// A process that waited can run again.
    pub(crate) fn wake(&mut self, pid: Pid) {
        if let Some(task) = self.tasks.get_mut(pid.0)
            && task.state != State::Ready
        {
            task.state = State::Ready;
            task.enqueue(pid, Why::Woken, self.clock, &mut *self.policy);
            self.note(pid, What::Ready);
        }
    }

    /// Wakes a process with what it waited for.
    pub(crate) fn hand(&mut self, pid: Pid, handed: Handed) {
        if let Some(task) = self.tasks.get_mut(pid.0) {
            task.extra().handed = Some(handed);
            self.wake(pid);
        }
    }

    /// The running process waits in this call, and will look at it again when it is woken.
    pub(crate) fn wait_in(&mut self, call: Syscall, what: WaitsFor, until: Option<u64>) -> Answered {
        self.begin_wait(Some(call), what, until);
        Answered::Waits
    }

    /// The running process waits.
    pub(crate) fn wait(&mut self, what: WaitsFor, until: Option<u64>) {
        self.begin_wait(None, what, until);
    }

    fn begin_wait(&mut self, call: Option<Syscall>, what: WaitsFor, until: Option<u64>) {
        let pid = self.current;
        let used = std::mem::take(&mut self.used);
        self.running = false;
        let Some(task) = self.tasks.get_mut(pid.0) else { return };
        if call.is_some() {
            task.waits_in = call;
            task.until = until;
        }
        task.weigh(&mut self.held_words);
        let fuel = task.process.take_fuel();
        self.budget += fuel;
        self.refund += fuel;
        task.account.used += used;
        self.policy.ran(&mut task.account, used);
        task.state = State::Waits(what, until);
        task.waits += 1;
        if let Some(until) = until {
            self.timers_made += 1;
            self.timers.push(Reverse((until, self.timers_made, pid.0, task.waits * 2)));
        }
        self.note(pid, What::Stops(State::Waits(what, until)));
    }

    /// The running process goes to another core, and asks again there.
    fn move_to(&mut self, call: Syscall, core: u32) {
        let process = self.current;
        self.go(call, core, Effect::Move { process, to: core });
    }

    /// The running process and the channels come together on one core, where it asks again.
    pub(crate) fn gather(&mut self, call: Syscall, channels: &[u64]) -> Answered {
        let effect = Effect::Gather { process: self.current, channels: channels.to_vec() };
        self.go(call, self.number, effect);
        Answered::Waits
    }

    /// The running process waits until the machine, which sees all cores, has answered it.
    pub(crate) fn ask_machine(&mut self, call: Syscall) -> Answered {
        self.go(call, self.number, Effect::Ask { process: self.current });
        Answered::Waits
    }

    /// The running process waits until the round is over and it is where it wants to be. That costs a reduction, so that nobody
    /// moves for ever.
    fn go(&mut self, call: Syscall, core: u32, effect: Effect) {
        if let Some(task) = self.tasks.get_mut(self.current.0) {
            task.debt += 1;
        }
        self.wait_in(call, WaitsFor::Core(core), None);
        self.outbox.push(effect);
    }

    /// Takes out a process that goes to another core.
    pub(crate) fn depart(&mut self, pid: Pid, to: u32) -> Option<Box<Task>> {
        if self.current == pid && self.running {
            self.leave();
        }
        let task = self.tasks.depart(pid.0, to)?;
        self.held_words -= task.held_words;
        Some(task)
    }

    /// Takes in a process from another core.
    pub(crate) fn arrive(&mut self, mut task: Box<Task>) {
        let pid = task.pid;
        self.held_words += task.held_words;
        task.queued = false;
        let timers = task.extra.iter().flat_map(|extra| &extra.timers);
        let timers: Vec<(u64, u64)> =
            timers.filter_map(|(&number, timer)| Some((number, timer.when?))).collect();
        let ready = task.state == State::Ready;
        if let State::Waits(_, Some(until)) = task.state {
            self.timers_made += 1;
            self.timers.push(Reverse((until, self.timers_made, pid.0, task.waits * 2)));
        }
        self.tasks.arrive(pid.0, task);
        for (number, when) in timers {
            self.set_timer(when, pid, number);
        }
        if ready {
            self.enqueue(pid, Why::New);
        }
    }

    /// Takes in a new process.
    pub(crate) fn adopt(&mut self, mut task: Box<Task>) -> Option<Pid> {
        task.held_words = task.holds();
        let held = task.held_words;
        let pid = Pid(self.tasks.insert(task)?);
        self.held_words += held;
        if let Some(task) = self.tasks.get_mut(pid.0) {
            task.pid = pid;
            if task.group == Pid::NONE {
                task.group = pid;
            }
            task.random = mix(self.plan.seed ^ mix(pid.0));
        }
        self.note(pid, What::Starts);
        self.enqueue(pid, Why::New);
        Some(pid)
    }

    /// The running process does not go on, for now or for ever.
    pub(crate) fn set_aside(&mut self) {
        self.give_back();
        self.leave();
    }

    /// Whether the wait that the running process comes from was too long.
    pub(crate) fn timed_out(&mut self) -> bool {
        self.tasks.get_mut(self.current.0).is_some_and(|task| std::mem::take(&mut task.timed_out))
    }

    /// What was put into the hands of the running process while it waited.
    pub(crate) fn handed(&mut self) -> Option<Handed> {
        self.tasks.get_mut(self.current.0)?.extra.as_mut()?.handed.take()
    }

    /// When the wait that the running process comes from was to end.
    pub(crate) fn earlier_until(&mut self) -> Option<u64> {
        self.tasks.get_mut(self.current.0)?.until.take()
    }

    /// An argument of the pending call, 0 when it has not so many.
    pub(crate) fn syscall_arg_or_zero(&self, index: usize) -> u64 {
        self.tasks.get(self.current.0).map_or(0, |task| task.process.syscall_arg_or_zero(index))
    }

    /// Notes something for the trace.
    #[inline]
    pub(crate) fn note(&mut self, pid: Pid, what: What) {
        if let Some(trace) = &mut self.trace {
            trace.push(Event { at: self.clock, core: self.number, pid, what });
        }
    }

    /// Calls `put` with everything that decides how it goes on, but for its processes.
    pub(crate) fn each_word(&self, put: &mut dyn FnMut(u64)) {
        self.policy.state().into_iter().for_each(&mut *put);
        put(self.current.0);
        put(u64::from(self.running) | u64::from(self.done) << 1);
        put(self.used);
        put(self.clock);
    }
}

/// The part that a core has in a round, to be executed wherever there is a thread.
#[derive(Debug)]
pub struct CorePart {
    pub(crate) core: Box<Core>,
    pub(crate) executor: Executor,
    pub(crate) fuel: u64,
}

impl CorePart {
    /// Executes it.
    pub fn run(&mut self) {
        let part = self.core.run(&mut self.fuel, &mut Unwatched(self.executor));
        debug_assert!(
            matches!(part, Part::Done),
            "it had the fuel of a round, and is not the one with the host"
        );
    }
}

/// Mixes the bits of a number (the finaliser of SplitMix64; Steele, Lea and Flood 2014).
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Who runs the process between syscalls, and hears of what these raise.
pub(crate) trait Drive {
    fn run(&mut self, process: &mut Process) -> Stop;
    /// The executor, when it is all there is, so that another thread can do the same.
    fn executor(&self) -> Option<Executor>;
    fn raising(&mut self, process: &Process, fault: Fault) -> ControlFlow<()>;
}

/// An executor.
#[derive(Clone, Copy)]
pub(crate) struct Unwatched(pub(crate) Executor);

impl Drive for Unwatched {
    #[inline]
    fn run(&mut self, process: &mut Process) -> Stop {
        process.run(self.0)
    }

    fn executor(&self) -> Option<Executor> {
        Some(self.0)
    }

    fn raising(&mut self, _: &Process, _: Fault) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// One instruction at a time under the eyes of a probe.
pub(crate) struct Watched<'p, P>(pub(crate) &'p mut P);

impl<P: Probe> Drive for Watched<'_, P> {
    fn run(&mut self, process: &mut Process) -> Stop {
        process.run_with(self.0)
    }

    fn executor(&self) -> Option<Executor> {
        None
    }

    fn raising(&mut self, process: &Process, fault: Fault) -> ControlFlow<()> {
        tell(self.0, process, fault)
    }
}
