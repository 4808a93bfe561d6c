//! Runs programs from beginning to end, in rounds: the cores run, then what they did to each other and to the outside happens in a
//! fixed order, then the outside is asked for what has come.
//!
//! The result depends on the number of cores and on the policy, not on who executes a round or how it is cut into pieces of fuel.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;

use mvm_exec::native::{end_round, make_room, wants_room};
use mvm_exec::{Executor, Image, Probe, Process, ProcessLimits};

use crate::calls::Thrown;
use crate::core::{Core, CorePart, Drive, Part, Unwatched, Watched};
use crate::effect::{Effect, LIMIT_STATUS};
use crate::host::Host;
use crate::input::Input;
use crate::sched::{Account, PolicyChoice};
use crate::signal::Signal;
use crate::task::{End, Grant, Named, Pid, State, Task, WhenFull};
use crate::trace::Event;

pub use crate::program::{Environment, Exit, Program, Settings};

/// A process, for those who look at all of them.
#[derive(Debug)]
pub struct Entry<'m> {
    /// Its number.
    pub pid: Pid,
    /// The program it belongs to.
    pub program: u32,
    /// The process that started it; number 0 for none.
    pub parent: Pid,
    /// The number of its group: that of the process for which it was made.
    pub group: Pid,
    /// A name that it has.
    pub name: Option<&'m str>,
    /// The core on which it is.
    pub core: u32,
    /// It is the one that runs there.
    pub running: bool,
    /// A signal has stopped it.
    pub stopped: bool,
    /// What it does.
    pub state: State,
    /// Its priority.
    pub priority: u8,
    /// Messages in its mailbox.
    pub messages: usize,
    /// Bytes of these.
    pub mailbox_bytes: usize,
    /// The process.
    pub process: &'m Process,
}

impl<'m> Entry<'m> {
    fn new(core: &Core, task: &'m Task) -> Entry<'m> {
        Entry {
            pid: task.pid,
            program: task.program,
            parent: task.parent,
            group: task.group,
            name: None,
            core: core.number,
            running: core.running && core.current == task.pid,
            stopped: task.stopped,
            state: task.state,
            priority: task.account.priority,
            messages: task.mailbox.len(),
            mailbox_bytes: task.mailbox_words * 8,
            process: &task.process,
        }
    }
}

/// Reductions of a core in a round. Measured: with fewer, two threads lose time at the ends of rounds; with more, what comes from
/// outside waits longer.
const ROUND: u64 = 64_000;
/// The same when there is only one core, which waits for nobody: the clock of the host is looked at between rounds.
const ROUND_ALONE: u64 = 16_000;
/// Whoever sends to a mailbox with so many words waits until half of them are gone; less for processes with small heaps.
const MAILBOX_WORDS_MAX: usize = 4 << 20;
/// Words that every mailbox can hold.
const MAILBOX_WORDS_MIN: usize = 1024;
/// A round is executed by several threads when the one before it had at least this part of the reductions of a core: waking threads costs
/// about as much.
const WORTH_SHARING: u64 = 4;

/// What stays the same for the whole run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cores: u32,
    pub(crate) policy: PolicyChoice,
    pub(crate) seed: u64,
    pub(crate) host_time: bool,
    pub(crate) trace: bool,
    pub(crate) round: u64,
    /// Words of the host's memory that all processes may hold together.
    pub(crate) held_words_max: usize,
    pub(crate) programs: Vec<Program>,
}

impl Plan {
    /// Exit status of the first process of a program, which has returned.
    pub(crate) fn status_of(&self, task: &Task) -> i64 {
        let program = &self.programs[task.program as usize];
        let main = program.image.module().main.and_then(|main| program.image.module().function(main));
        match main {
            Some(main) if main.results.len() == 1 => task.process.results()[0] as i64,
            _ => 0,
        }
    }
}

/// Executes the parts of cores, if possible at the same time, and calls `here` on the thread that it is called on; gives back the parts in
/// any order when all of it is done.
pub type Workers = Box<dyn FnMut(Vec<CorePart>, &mut dyn FnMut()) -> Vec<CorePart>>;

/// All processes of some programs, and their host.
pub struct Machine<H> {
    /// The host.
    pub host: H,
    pub(crate) plan: Arc<Plan>,
    /// The core that the host belongs to.
    pub(crate) first: Box<Core>,
    #[expect(clippy::vec_box, reason = "a core is large, and goes to who executes it and back")]
    pub(crate) others: Vec<Box<Core>>,
    /// The core that ran last.
    pub(crate) last: u32,
    /// The process that is to be looked at, instead of the one that ran last.
    pub(crate) looked_at: Option<Pid>,
    pub(crate) round: u64,
    pub(crate) clock: u64,
    /// Reductions that all processes may still use.
    pub(crate) fuel: u64,
    pub(crate) input: Input,
    /// Processes that wait for input.
    pub(crate) readers: VecDeque<Pid>,
    pub(crate) names: BTreeMap<String, Named>,
    /// Requests to devices that have not been answered, and who waits, or waited, for each; and the number of the last one.
    pub(crate) requests: BTreeMap<u64, Pid>,
    pub(crate) requested: u64,
    /// The requests were made before a restart.
    pub(crate) ask_again: bool,
    /// Signals that came while a process waited for input.
    pub(crate) signals: VecDeque<Signal>,
    /// What is to be told before the next round.
    pub(crate) events: VecDeque<Exit>,
    /// How the programs ended, those that have.
    pub(crate) exits: Vec<Option<Exit>>,
    pub(crate) over: Option<Exit>,
    pub(crate) reductions_max: Option<u64>,
    pub(crate) trace: Vec<Event>,
    pub(crate) workers: Option<Workers>,
    /// The run stops when so many rounds have begun.
    pub(crate) stop_at: Option<u64>,
    /// Reductions that were used when the last round began.
    pub(crate) reductions_before: u64,
    /// The round may be executed by several threads.
    pub(crate) worth_sharing: bool,
    /// What the machine's clock shows when that of the host shows 0; none when the host's has not been looked at since a
    /// restart.
    pub(crate) began: Option<u64>,
}

impl<H: std::fmt::Debug> std::fmt::Debug for Machine<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Machine { host, round, first, others, .. } = self;
        f.debug_struct("Machine")
            .field("host", host)
            .field("round", round)
            .field("first", first)
            .field("others", others)
            .finish_non_exhaustive()
    }
}

impl<H: Host> Machine<H> {
    /// A machine that will run the main function of an image on one core. None when it has no main function, or the host has no
    /// memory for a process.
    ///
    /// `reductions_max` ends the run when so many reductions are used up.
    pub fn new(
        image: &Arc<Image>,
        env: Environment,
        host: H,
        limits: ProcessLimits,
        reductions_max: Option<u64>,
    ) -> Option<Machine<H>> {
        let program = Program::new(image, env, limits)?;
        Machine::start(vec![program], &Settings { reductions_max, ..Settings::default() }, host)
    }

    /// A machine that will run these programs side by side, but for those that have names. None when there are none to run, or the host has no memory for them.
    pub fn start(programs: Vec<Program>, settings: &Settings, host: H) -> Option<Machine<H>> {
        let mut machine = Machine::empty(programs, settings, host)?;
        let plan = machine.plan();
        for (number, program) in
            plan.programs.iter().enumerate().filter(|(_, program)| program.name.is_none())
        {
            let task = first_task(number as u32, program)?;
            machine.first.adopt(task)?;
        }
        Some(machine)
    }

    /// A machine without processes.
    pub(crate) fn empty(programs: Vec<Program>, settings: &Settings, host: H) -> Option<Machine<H>> {
        // Programs that are not started have ended well, as far as the end of the run is concerned.
        let ended = |program: &Program| program.name.as_ref().map(|_| Exit::Status(0));
        let exits: Vec<Option<Exit>> = programs.iter().map(ended).collect();
        if exits.iter().all(Option::is_some) {
            return None;
        }
        let cores = settings.cores.max(1);
        let plan = Arc::new(Plan {
            cores,
            policy: settings.policy.clone(),
            seed: settings.seed,
            host_time: settings.host_time,
            trace: settings.trace,
            round: match settings.round {
                0 if cores == 1 => ROUND_ALONE,
                0 => ROUND,
                given => given,
            },
            held_words_max: programs.iter().map(|program| together_max(&program.limits)).max()?,
            programs,
        });
        let first = Box::new(Core::new(0, &plan));
        let others = (1..cores).map(|number| Box::new(Core::new(number, &plan))).collect();
        Some(Machine {
            host,
            plan,
            first,
            others,
            last: 0,
            looked_at: None,
            round: 0,
            clock: 0,
            fuel: settings.reductions_max.unwrap_or(i64::MAX as u64),
            input: Input::default(),
            readers: VecDeque::new(),
            names: BTreeMap::new(),
            requests: BTreeMap::new(),
            requested: 0,
            ask_again: false,
            signals: VecDeque::new(),
            events: VecDeque::new(),
            exits,
            over: None,
            reductions_max: settings.reductions_max,
            trace: Vec::new(),
            workers: None,
            stop_at: None,
            reductions_before: 0,
            worth_sharing: false,
            began: None,
        })
    }

    /// Lets cores run at the same time from now on. What the programs do stays the same.
    pub fn set_workers(&mut self, workers: Workers) {
        self.workers = Some(workers);
    }

    pub(crate) fn core(&self, number: u32) -> &Core {
        match number {
            0 => &self.first,
            other => &self.others[other as usize - 1],
        }
    }

    pub(crate) fn core_mut(&mut self, number: u32) -> &mut Core {
        match number {
            0 => &mut self.first,
            other => &mut self.others[other as usize - 1],
        }
    }

    pub(crate) fn cores(&self) -> impl Iterator<Item = &Core> {
        std::iter::once(&*self.first).chain(self.others.iter().map(|core| &**core))
    }

    pub(crate) fn cores_mut(&mut self) -> impl Iterator<Item = &mut Core> {
        std::iter::once(&mut *self.first).chain(self.others.iter_mut().map(|core| &mut **core))
    }

    /// Where the process is that runs, or ran last; the first one there is, when that has ended.
    fn shown(&self) -> (u32, Pid) {
        if let Some(pid) = self.looked_at
            && let Some(core) = self.find_process(pid)
        {
            return (core, pid);
        }
        let core = self.core(self.last);
        if core.tasks.get(core.current.0).is_some() {
            return (self.last, core.current);
        }
        let all = self.cores().flat_map(|core| core.tasks.iter().map(|(pid, _)| (Pid(pid), core.number)));
        // As long as a program runs, its first process is there.
        let (pid, core) = all.min().unwrap_or((Pid::MAIN, 0));
        (core, pid)
    }

    /// From now on [`process`](Machine::process) is this one, as long as it is there. False when it is not.
    pub fn look_at(&mut self, pid: Pid) -> bool {
        self.looked_at = Some(pid);
        self.find_process(pid).is_some()
    }

    /// The process that runs, or ran last; the first one when that has ended.
    #[expect(clippy::missing_panics_doc, reason = "the first process stays in the table until the end")]
    pub fn process(&self) -> &Process {
        let (core, pid) = self.shown();
        &self.core(core).tasks.get(pid.0).expect("the first process is always there").process
    }

    /// The same, to be changed.
    #[expect(clippy::missing_panics_doc, reason = "the first process stays in the table until the end")]
    pub fn process_mut(&mut self) -> &mut Process {
        let (core, pid) = self.shown();
        &mut self.core_mut(core).tasks.get_mut(pid.0).expect("the first process is always there").process
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
    /// When the host fails.
    pub fn run(&mut self, executor: Executor) -> io::Result<Exit> {
        self.run_until(&mut Unwatched(executor))
    }

    /// The same, or until the probe stops it.
    ///
    /// # Errors
    /// When the host fails.
    pub fn run_with(&mut self, probe: &mut impl Probe) -> io::Result<Exit> {
        self.run_until(&mut Watched(probe))
    }

    fn run_until(&mut self, driver: &mut impl Drive) -> io::Result<Exit> {
        self.make_room();
        if std::mem::take(&mut self.ask_again) {
            self.ask_devices_again()?;
        }
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            if let Some(over) = &self.over {
                return Ok(over.clone());
            }
            if self.stop_at.is_some_and(|round| self.round >= round) && self.is_between_rounds() {
                self.stop_at = None;
                return Ok(Exit::Break);
            }
            if let Some(executor) = driver.executor()
                && self.can_share()
                && let Some(workers) = self.workers.take()
            {
                if let Some(exit) = self.share(workers, executor, driver)? {
                    return Ok(exit);
                }
                continue;
            }
            match (0..self.plan.cores).find(|&number| !self.core(number).done) {
                Some(number) => {
                    if let Some(exit) = self.run_core(number, driver)? {
                        return Ok(exit);
                    }
                }
                None => self.end_round()?,
            }
        }
    }

    /// Whether more than one core has enough to do in this round, which has just begun, and the fuel suffices for any of it.
    fn can_share(&self) -> bool {
        let busy = |core: &&Core| core.running || !core.policy.is_empty();
        self.worth_sharing
            && self.fuel / self.plan.round >= u64::from(self.plan.cores)
            && self.cores().all(|core| !core.done && core.budget == self.plan.round)
            && self.cores().filter(busy).count() > 1
    }

    /// Executes the parts of all cores in the round, that of the first here. Some when the run is over for now.
    fn share(
        &mut self,
        mut workers: Workers,
        executor: Executor,
        driver: &mut impl Drive,
    ) -> io::Result<Option<Exit>> {
        let parts = std::mem::take(&mut self.others);
        let fuel = self.plan.round;
        let parts = parts.into_iter().map(|core| CorePart { core, executor, fuel }).collect();
        self.fuel -= self.plan.round * (u64::from(self.plan.cores) - 1);
        let mut outcome = Ok(None);
        let mut parts = workers(parts, &mut || {
            while !self.first.done && matches!(outcome, Ok(None)) {
                outcome = self.run_core(0, driver);
            }
        });
        parts.sort_by_key(|part| part.core.number);
        for part in parts {
            self.fuel += part.fuel;
            self.others.push(part.core);
        }
        self.workers = Some(workers);
        if self.first.done {
            // As if they had run one after the other.
            self.last = self.plan.cores - 1;
        }
        outcome
    }

    /// Runs until so many rounds have begun and the machine stands between two of them, or to the end, or as far as the fuel goes. None
    /// when it stands there.
    ///
    /// # Errors
    /// When the host fails.
    pub fn run_to_round(&mut self, executor: Executor, round: u64) -> io::Result<Option<Exit>> {
        self.stop_at = Some(round);
        let exit = self.run(executor);
        let reached = self.stop_at.take().is_none();
        exit.map(|exit| (!reached).then_some(exit))
    }

    /// Sends a signal to a process, as one that may do so would. False when there is no such process. What follows from it has happened when
    /// this returns. For machines that stand between two rounds ([`run_to_round`](Machine::run_to_round)): then the run depends on nothing but the
    /// number of the round. It is no input of the host, so it is in no record.
    ///
    /// # Errors
    /// When the host fails.
    pub fn signal(&mut self, pid: Pid, signal: Signal) -> io::Result<bool> {
        let Some(core) = self.find_process(pid) else { return Ok(false) };
        self.core_mut(core).apply(Effect::Signal { process: pid, signal, by: Pid::NONE, allowed: true });
        self.settle()?;
        Ok(true)
    }

    /// Gives the machine a bug.
    #[cfg(feature = "planted-bugs")]
    pub fn plant(&mut self, bug: crate::planted::Planted) {
        self.cores_mut().for_each(|core| core.planted = Some(bug));
    }

    /// Whether a round has just begun and nobody has done anything in it, or none has begun yet.
    pub(crate) fn is_between_rounds(&self) -> bool {
        let fresh =
            self.cores().all(|core| !core.done && core.budget == self.plan.round && core.outbox.is_empty());
        (fresh || self.round == 0) && self.events.is_empty()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    pub(crate) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    pub(crate) fn every_core(&mut self) -> impl Iterator<Item = &mut Core> {
        self.cores_mut()
    }

    /// Runs the part of a core. Some when the run is over for now.
    fn run_core(&mut self, number: u32, driver: &mut impl Drive) -> io::Result<Option<Exit>> {
        self.last = number;
        let mut fuel = self.fuel;
        let part = self.core_mut(number).run(&mut fuel, driver);
        self.fuel = fuel;
        Ok(match part {
            Part::Done => None,
            Part::Fuel => Some(Exit::ReductionLimit),
            Part::Break => Some(Exit::Break),
            Part::Event(exit) => Some(exit),
            Part::Host(call) => {
                if let Err(Thrown(fault)) = self.answer_host(call)? {
                    self.first.fault(fault);
                }
                None
            }
        })
    }

    /// The kernel's part of a round: what the cores did to each other, programs that ended, what has come from outside.
    fn end_round(&mut self) -> io::Result<()> {
        self.settle()?;
        for number in 0..self.plan.cores {
            let core = self.core_mut(number);
            let events = std::mem::take(&mut core.events);
            let exits = std::mem::take(&mut core.exits);
            if let Some(trace) = &mut core.trace {
                let trace = std::mem::take(trace);
                self.trace.extend(trace);
            }
            self.events.extend(events);
            for (program, exit) in exits {
                self.program_ended(program, exit)?;
            }
        }
        if self.over.is_some() {
            return Ok(());
        }
        self.clock = self.cores().map(|core| core.clock).fold(self.clock, u64::max);
        if self.plan.cores > 1 && !self.names.is_empty() {
            let gone: Vec<String> = self
                .names
                .iter()
                .filter(|(_, named)| self.find_process(named.process).is_none())
                .map(|(name, _)| name.clone())
                .collect();
            gone.iter().for_each(|name| {
                self.names.remove(name);
            });
        }
        self.take_in()?;
        if self.cores().all(|core| core.policy.is_empty() && !core.running) && !self.pass_time()? {
            self.over = Some(Exit::Deadlock);
            self.last = 0;
            self.first.current = Pid::MAIN;
            return Ok(());
        }
        if self.plan.cores > 1 {
            self.balance();
        }
        end_round(self.plan.programs.iter().map(|program| &*program.image));
        self.make_room();
        self.begin_round();
        Ok(())
    }

    /// Nothing runs: native code may go, and other code take its place.
    fn make_room(&mut self) {
        let plan = self.plan();
        let images = plan.programs.iter().map(|program| &*program.image);
        if wants_room(images.clone()) {
            let images: Vec<&Image> = images.collect();
            let tasks = self.cores_mut().flat_map(|core| core.tasks.iter_mut());
            make_room(&images, tasks.map(|task| &mut task.process));
        }
    }

    pub(crate) fn begin_round(&mut self) {
        self.round += 1;
        let used = self.reductions();
        self.worth_sharing = used - self.reductions_before >= self.plan.round / WORTH_SHARING;
        self.reductions_before = used;
        let (round, clock, budget) = (self.round, self.clock, self.plan.round);
        let held: usize = self.cores().map(|core| core.held_words).sum();
        let count: usize = self.cores().map(|core| core.tasks.count()).sum();
        for core in self.cores_mut() {
            core.held_elsewhere = held - core.held_words;
            core.tasks_elsewhere = count - core.tasks.count();
            core.begin(round, clock, budget);
        }
    }

    /// Asks the host for what has come: answers of devices, signals, input that processes wait for, the time.
    pub(crate) fn take_in(&mut self) -> io::Result<()> {
        if !self.requests.is_empty() {
            self.take_answers()?;
        }
        while let Some(signal) = self.signals.pop_front().or_else(|| self.host.signal()) {
            self.signal_all(signal);
        }
        if self.plan.host_time {
            let now = self.host.clock();
            let began = *self.began.get_or_insert(self.clock.saturating_sub(now));
            self.clock = self.clock.max(now.saturating_add(began));
            let clock = self.clock;
            for core in self.cores_mut() {
                core.clock = clock;
            }
        }
        // When time is virtual they ask again, and wait there.
        if !self.readers.is_empty() && (!self.plan.host_time || self.host.can_read()?) {
            for pid in std::mem::take(&mut self.readers) {
                if let Some(core) = self.find_process(pid) {
                    self.core_mut(core).wake(pid);
                }
            }
        }
        Ok(())
    }

    /// Gives a signal to the first process of each program; an interrupt also to those of its group that have asked for it. The others
    /// end with the first one, when it has not asked.
    fn signal_all(&mut self, signal: Signal) {
        let wants = |task: &Task| task.wants_signal(signal) && signal == Signal::Interrupt;
        for (core, pid) in self.signalled(wants) {
            self.core_mut(core).apply(Effect::Signal { process: pid, signal, by: Pid::NONE, allowed: true });
        }
    }

    /// The first process of each program, and what of its group `also` says, by number, each with its core.
    fn signalled(&self, also: impl Fn(&Task) -> bool) -> Vec<(u32, Pid)> {
        let all = || self.cores().flat_map(|core| core.tasks.iter().map(|(_, task)| (core.number, task)));
        let groups: BTreeSet<Pid> =
            all().filter(|(_, task)| task.parent == Pid::NONE).map(|(_, task)| task.group).collect();
        let mut found: Vec<(u32, Pid)> = all()
            .filter(|(_, task)| task.parent == Pid::NONE || (groups.contains(&task.group) && also(task)))
            .map(|(core, task)| (core, task.pid))
            .collect();
        found.sort_unstable_by_key(|&(_, pid)| pid);
        found
    }

    /// Nothing can run: time passes until something can. False when nothing ever will.
    fn pass_time(&mut self) -> io::Result<bool> {
        loop {
            if self.cores().any(|core| !core.exits.is_empty()) {
                return Ok(true);
            }
            let next = self.cores_mut().filter_map(Core::next_timer).min();
            if !self.plan.host_time {
                if !self.requests.is_empty() && self.host.wait(None, false)? {
                    // Devices take time. As much of it passes as in a round, if no timer rings before.
                    let later = self.clock.saturating_add(self.plan.round);
                    self.clock = self.clock.max(next.map_or(later, |when| when.min(later)));
                    self.take_in()?;
                    let rings = next.is_some_and(|when| when <= self.clock);
                    if rings || self.cores().any(|core| !core.policy.is_empty()) {
                        return Ok(true);
                    }
                    continue;
                }
                if let Some(when) = next {
                    self.clock = self.clock.max(when);
                    return Ok(true);
                }
                // Only a signal could wake somebody.
                if !self.anybody_wants_signals() || !self.host.wait(None, false)? {
                    return Ok(false);
                }
            } else {
                if next.is_some_and(|when| when <= self.clock) {
                    return Ok(true);
                }
                let input = !self.readers.is_empty();
                let hope =
                    next.is_some() || input || !self.requests.is_empty() || self.anybody_wants_signals();
                // The clock of the host may have begun at another time.
                let next = next.map(|when| when.saturating_sub(self.began.unwrap_or(0)));
                if !hope || !self.host.wait(next, input)? {
                    return Ok(false);
                }
            }
            self.take_in()?;
            if self.cores().any(|core| !core.policy.is_empty()) {
                return Ok(true);
            }
        }
    }

    /// Whether a signal of the host could wake somebody.
    fn anybody_wants_signals(&self) -> bool {
        let wants = |task: &Task| task.extra.as_ref().is_some_and(|extra| !extra.on_signal.is_empty());
        let anybody = self.cores().any(|core| core.tasks.iter().any(|(_, task)| wants(task)));
        anybody
            && self
                .signalled(|task| task.wants_signal(Signal::Interrupt))
                .into_iter()
                .any(|(core, pid)| self.core(core).tasks.get(pid.0).is_some_and(wants))
    }

    /// The first process of a program has ended: so do all others of it, and the machine with the last program.
    fn program_ended(&mut self, program: u32, exit: Exit) -> io::Result<()> {
        let of_it = self.cores().flat_map(|core| core.tasks.iter().map(|(_, task)| (core.number, task)));
        let of_it = of_it.filter(|(_, task)| task.root() == program);
        let (firsts, others): (Vec<_>, Vec<_>) = of_it.partition(|(_, task)| task.parent == Pid::NONE);
        let place = |&(core, task): &(u32, &Task)| (core, task.pid);
        let first = firsts.first().map(place);
        let mut ended: Vec<(u32, Pid)> = firsts.iter().chain(&others).map(place).collect();
        ended.sort_unstable();
        let (core, pid) = first.unwrap_or((0, Pid::MAIN));
        let several = self.plan.programs.iter().filter(|program| program.name.is_none()).count() > 1;
        if several {
            // What the machine says in the end is only a status.
            match &exit {
                Exit::Uncaught(uncaught) => {
                    self.events.push_back(Exit::Crashed(pid, program, uncaught.clone()));
                }
                Exit::TogetherTooMuch(_) => self.events.push_back(exit.clone()),
                _ => {}
            }
        }
        self.exits[program as usize] = Some(exit);
        if self.exits.iter().any(Option::is_none) {
            for (core, pid) in ended {
                self.core_mut(core).remove(pid, &End::Killed);
            }
            return self.settle();
        }
        if several {
            // What is said of the end is said of this process.
            self.last = core;
            self.core_mut(core).current = pid;
        }
        // The status is that of the first program that has not succeeded.
        let wrong = self.exits.iter().flatten().find(|exit| **exit != Exit::Status(0));
        self.over = Some(match wrong {
            Some(Exit::Uncaught(_)) if several => Exit::Status(1),
            Some(Exit::TogetherTooMuch(_)) if several => Exit::Status(LIMIT_STATUS),
            Some(exit) => exit.clone(),
            None => Exit::Status(0),
        });
        Ok(())
    }

    /// The limit of reductions, if there is one.
    pub fn reductions_max(&self) -> Option<u64> {
        self.reductions_max
    }

    /// Reductions that all processes have used.
    pub fn reductions(&self) -> u64 {
        self.cores().map(|core| core.reductions).sum()
    }

    /// Nanoseconds that have passed for the processes.
    pub fn clock(&self) -> u64 {
        self.cores().map(|core| core.clock).fold(self.clock, u64::max)
    }

    /// What the scheduler has done since this was asked last.
    pub fn take_trace(&mut self) -> Vec<Event> {
        for core in std::iter::once(&mut self.first).chain(&mut self.others) {
            self.trace.extend(core.trace.iter_mut().flat_map(std::mem::take));
        }
        std::mem::take(&mut self.trace)
    }

    /// Hash of everything that the programs could observe from now on.
    pub fn state_hash(&mut self) -> u64 {
        let mut hash = 0u64;
        let mut put =
            |number: u64| hash = (hash ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        for core in std::iter::once(&mut self.first).chain(&mut self.others) {
            let pids: Vec<u64> = core.tasks.iter().map(|(pid, _)| pid).collect();
            let (current, running) = (core.current.0, core.running);
            let mut budget = core.budget;
            for pid in pids {
                let Some(task) = core.tasks.get_mut(pid) else { continue };
                put(pid);
                // How much of a time slice the process already has depends on how the run was cut into pieces.
                let has = task.process.take_fuel();
                let mut rest = 0;
                if pid == current && running {
                    rest = core.slice;
                    budget += has;
                }
                task.process.add_fuel(has + rest);
                put(task.process.state_hash());
                task.process.take_fuel();
                task.process.add_fuel(has);
                task.each_word(&self.plan, &mut put);
            }
            put(budget);
            core.each_word(&mut put);
            core.channels.iter().for_each(|(_, channel)| channel.each_word(&self.plan, &mut put));
            core.references.iter().for_each(|(_, reference)| reference.each_word(&self.plan, &mut put));
            core.segments.iter().for_each(|(_, segment)| segment.each_word(&mut put));
        }
        for (name, named) in &self.names {
            name.bytes().for_each(|byte| put(byte.into()));
            put(named.process.0);
            if let Some(messages) = &named.messages {
                // So many bytes belong to the type, and not to the next name.
                put(1 << 32 | messages.len() as u64);
                messages.bytes().for_each(|byte| put(byte.into()));
            }
        }
        put(self.clock);
        if self.requested > 0 {
            put(self.requested);
            self.requests.iter().for_each(|(number, pid)| {
                put(*number);
                put(pid.0);
            });
        }
        hash
    }

    /// All processes that have not ended, by number.
    pub fn processes(&self) -> Vec<Entry<'_>> {
        let mut all: Vec<Entry<'_>> = Vec::new();
        for core in std::iter::once(&self.first).chain(&self.others) {
            all.extend(core.tasks.iter().map(|(_, task)| Entry::new(core, task)));
        }
        for (name, named) in &self.names {
            if let Some(entry) = all.iter_mut().find(|entry| entry.pid == named.process) {
                entry.name.get_or_insert(name);
            }
        }
        all.sort_by_key(|entry| entry.pid);
        all
    }

    /// How many rounds there have been.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// The process that [`process`](Machine::process) shows.
    pub fn current(&self) -> Pid {
        self.shown().1
    }

    /// The code of a program.
    pub fn image(&self, program: u32) -> &Arc<Image> {
        &self.plan.programs[program as usize].image
    }

    /// How many virtual cores there are.
    pub fn core_count(&self) -> u32 {
        self.plan.cores
    }

    /// How many programs there are.
    pub fn programs(&self) -> usize {
        self.plan.programs.len()
    }
}

/// The first process of a program.
fn first_task(number: u32, program: &Program) -> Option<Box<Task>> {
    let takes_args = program.image.module().function(program.entry)?.params == 1;
    let args: &[u64] = if takes_args { &[0] } else { &[] };
    let mut process = Process::new(&program.image, program.entry, args, program.limits)?;
    if takes_args {
        // A heap that cannot even hold the arguments leaves them null.
        let list = process.new_strings(&program.env.args).unwrap_or(0);
        process.set_register(0, u64::from(list));
    }
    let grant = Grant {
        rights: program.rights,
        mailbox_words: mailbox_max(&program.limits),
        when_full: WhenFull::Block,
        reductions: u64::MAX,
        children: u64::MAX,
    };
    Some(Box::new(Task::new(process, number, Pid::NONE, grant, Account::default())))
}

/// Words of the host's memory that all processes may hold together: twice what one may, and 64 MiB.
fn together_max(limits: &ProcessLimits) -> usize {
    let one =
        usize::try_from(limits.heap.limit_words).unwrap_or(usize::MAX).saturating_add(limits.stack_slots);
    one.saturating_mul(2).saturating_add(8 << 20)
}

/// Words of a mailbox that is full: a quarter of the heap's limit.
fn mailbox_max(limits: &ProcessLimits) -> usize {
    let quarter = limits.heap.limit_words / 4;
    usize::try_from(quarter).unwrap_or(usize::MAX).clamp(MAILBOX_WORDS_MIN, MAILBOX_WORDS_MAX)
}
