//! Deterministic simulation with faults: a program of many processes, a kernel, devices, and things that go wrong, all of it drawn by a
//! seed.
//!
//! The guest (`guest.masm`, beside this file) says what its processes do; the machine's trace says what
//! really became of each; [`laws`] compares the two. Faults from outside: processes are killed, terminated, stopped and continued between rounds
//! ([`Machine::signal`]), devices are slow and fail, frames are lost, doubled, late and damaged.
//!
//! Each seed runs twice: on one thread, interpreted, in one go; and on two threads, with native code, and with a restart from a snapshot before each
//! fault. Both must be the same run. It is over when nothing can happen any more. Everything follows from the seed, so a seed that fails is a test.

mod journal;
mod laws;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_kernel::sched::POLICIES;
use mvm_kernel::trace::Event;
use mvm_kernel::{CorePart, Environment, Exit, Machine, Pid, PolicyChoice, Program, Settings, Signal, State};
use mvm_pool::Pool;

use crate::devices::{Devices, Faults, Traffic, WithDevices};
use crate::linked;
use crate::rng::Rng;
use journal::Journal;

/// Rounds after which a run that is not over is one that does not end.
const ROUNDS_MAX: u64 = 2_000_000;

/// What a seed decides beside what the guest draws itself.
#[derive(Debug, Clone)]
struct Plan {
    settings: Settings,
    faults: Faults,
    /// What happens from outside: after so many rounds more, which signal.
    signals: Vec<(u64, Signal)>,
}

impl Plan {
    fn of(seed: u64) -> Plan {
        let mut rng = Rng::new(seed);
        let policy = POLICIES[rng.below(POLICIES.len() as u64) as usize].name;
        let settings = Settings {
            cores: 1 + rng.below(4) as u32,
            policy: PolicyChoice::parse(policy).unwrap_or_default(),
            seed: rng.bits(),
            trace: true,
            round: [0, 300, 3_000][rng.below(3) as usize],
            ..Settings::default()
        };
        let mut of_1000 = |most: u64| if rng.below(3) == 0 { 0 } else { rng.below(most) };
        let faults = Faults {
            slow: of_1000(200),
            failing: of_1000(300),
            dropped: of_1000(300),
            doubled: of_1000(300),
            late: of_1000(300),
            changed: of_1000(300),
        };
        let count = rng.below(9);
        let signals = (0..count).map(|_| {
            let signal = match rng.below(6) {
                0 => Signal::Terminate,
                1 => Signal::Stop,
                _ => Signal::Kill,
            };
            (1 + rng.below(40), signal)
        });
        Plan { signals: signals.collect(), settings, faults }
    }
}

/// Somebody who is there at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    state: State,
    stopped: bool,
    messages: usize,
}

/// All that is known of a run.
#[derive(Debug)]
struct Ran {
    exit: Exit,
    journal: Journal,
    trace: Vec<Event>,
    /// Signals from outside: to whom, which, when.
    signals: Vec<(Pid, Signal, u64)>,
    left: Vec<(Pid, Left)>,
    traffic: Traffic,
    frames_left: u64,
    round: u64,
    reductions: u64,
    clock: u64,
    hash: u64,
}

/// The program that is simulated.
#[derive(Debug, Clone)]
pub struct Simulation {
    image: Arc<Image>,
}

/// What a seed has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Processes that were started.
    pub processes: u64,
    /// Of these, those that were killed or failed.
    pub failed: u64,
    /// Messages that were received.
    pub messages: u64,
    /// Ends that were told.
    pub told: u64,
    /// Restarts by supervisors.
    pub restarts: u64,
    /// Supervisors that gave up.
    pub gave_up: u64,
    /// Frames that were received.
    pub frames: u64,
    /// Nanoseconds of virtual time.
    pub time: u64,
}

impl std::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        self.processes += other.processes;
        self.failed += other.failed;
        self.messages += other.messages;
        self.told += other.told;
        self.restarts += other.restarts;
        self.gave_up += other.gave_up;
        self.frames += other.frames;
        self.time += other.time;
    }
}

/// The outside of the machine.
pub type World = WithDevices<Journal>;

type Changed<'c> = &'c dyn Fn(&mut Machine<World>);

impl Simulation {
    /// Assembles the program.
    ///
    /// # Errors
    /// When it is none.
    pub fn new() -> Result<Simulation, String> {
        Ok(Simulation { image: linked::image("guest.masm", include_str!("guest.masm"))? })
    }

    /// Runs a seed on one thread and on two, and judges it.
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn check(&self, seed: u64) -> Result<Sum, String> {
        self.check_changed(seed, &|_| {})
    }

    /// The same with a machine that is changed at the beginning, as by a planted bug.
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn check_changed(&self, seed: u64, change: Changed<'_>) -> Result<Sum, String> {
        let first = self.run(seed, Executor::Tail, 1, false, change)?;
        let sum = laws::judge(&first)?;
        let second = self.run(seed, Executor::Native, 2, true, change)?;
        match first.difference(&second) {
            None => Ok(sum),
            Some(what) => {
                Err(format!("on two threads, with native code and restarts it is another run: {what}"))
            }
        }
    }

    /// A machine for this program, at its beginning or as it was written down.
    fn machine(
        &self,
        settings: &Settings,
        host: World,
        snapshot: Option<&[u8]>,
        threads: usize,
        change: Changed<'_>,
    ) -> Result<Machine<World>, String> {
        let program = Program::new(&self.image, Environment::default(), ProcessLimits::default());
        let programs = vec![program.ok_or("no function `main`")?];
        let mut machine = match snapshot {
            None => Machine::start(programs, settings, host).ok_or("the host has no memory")?,
            Some(bytes) => {
                Machine::restore(programs, settings, bytes, host).map_err(|error| error.to_string())?
            }
        };
        if threads > 1 {
            let mut pool = Pool::new(threads - 1, CorePart::run);
            machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
        }
        change(&mut machine);
        Ok(machine)
    }

    /// Runs a seed to its end; with restarts the machine is written down before each fault, and another one goes on from there.
    fn run(
        &self,
        seed: u64,
        executor: Executor,
        threads: usize,
        restarts: bool,
        change: Changed<'_>,
    ) -> Result<Ran, String> {
        let text = |error: std::io::Error| error.to_string();
        let Plan { settings, faults, signals } = Plan::of(seed);
        let host = WithDevices { host: Journal::default(), devices: Devices::new(seed, faults) };
        let mut machine = self.machine(&settings, host, None, threads, change)?;
        let mut trace = Vec::new();
        let mut rng = Rng::new(!seed);
        let mut given = Vec::new();
        let mut exit = None;
        let mut stopped = Vec::new();
        for (after, signal) in signals {
            let round = machine.round() + after;
            exit = on_to(&mut machine, executor, round).map_err(text)?;
            if exit.is_some() {
                break;
            }
            trace.extend(machine.take_trace());
            if restarts {
                let bytes = machine.snapshot().map_err(|error| error.to_string())?;
                let host = machine.host;
                machine = self.machine(&settings, host, Some(&bytes), threads, change)?;
            }
            // Who was stopped goes on with the next fault.
            for pid in std::mem::take(&mut stopped) {
                machine.signal(pid, Signal::Continue).map_err(text)?;
            }
            let Some(pid) = victim(&machine, &mut rng) else { continue };
            given.push((pid, signal, machine.clock()));
            machine.signal(pid, signal).map_err(text)?;
            if signal == Signal::Stop {
                stopped.push(pid);
            }
        }
        if exit.is_none() {
            for pid in stopped {
                machine.signal(pid, Signal::Continue).map_err(text)?;
            }
            exit = on_to(&mut machine, executor, ROUNDS_MAX).map_err(text)?;
        }
        let exit = exit.ok_or_else(|| format!("it is not over after {ROUNDS_MAX} rounds"))?;
        let left = |entry: &mvm_kernel::Entry<'_>| {
            let left = Left { state: entry.state, stopped: entry.stopped, messages: entry.messages };
            (entry.pid, left)
        };
        trace.extend(machine.take_trace());
        Ok(Ran {
            exit,
            left: machine.processes().iter().map(left).collect(),
            trace,
            signals: given,
            traffic: machine.host.devices.traffic,
            frames_left: machine.host.devices.frames_left(),
            round: settings.round,
            reductions: machine.reductions(),
            clock: machine.clock(),
            hash: machine.state_hash(),
            journal: std::mem::take(&mut machine.host.host),
        })
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sum { processes, failed, messages, told, restarts, gave_up, frames, time } = self;
        let seconds = time / 1_000_000_000;
        write!(
            f,
            "{processes} processes, {failed} of them failed or were killed; {messages} messages, {told} ends told; {restarts} restarts, \
             {gave_up} supervisors gave up; {frames} frames; {seconds} s of virtual time"
        )
    }
}

/// Failures that are described; of more it is enough to know that there are some.
const FAILURES_MAX: usize = 5;

/// Checks so many seeds on all processors. What they have come to, and what was wrong, with the command that repeats it.
pub fn many(simulation: &Simulation, from: u64, seeds: u64) -> (Sum, Vec<String>) {
    let next = AtomicU64::new(0);
    let result = Mutex::new((Sum::default(), Vec::new()));
    let lock = || result.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while lock().1.len() < FAILURES_MAX {
                    let seed = from + next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    match simulation.check(seed) {
                        Ok(sum) => lock().0 += sum,
                        Err(what) => lock().1.push(format!("seed {seed}: {what}\n    {}", repeat(seed))),
                    }
                }
            });
        }
    });
    result.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The command that runs a seed again.
fn repeat(seed: u64) -> String {
    format!("cargo run -p mvm-testkit --bin simulate -- --from {seed} --seeds 1")
}

/// Runs until so many rounds have begun. Some when the run is over before.
fn on_to(machine: &mut Machine<World>, executor: Executor, round: u64) -> std::io::Result<Option<Exit>> {
    loop {
        match machine.run_to_round(executor, round)? {
            Some(Exit::Crashed(..)) => {}
            exit => return Ok(exit),
        }
    }
}

/// Somebody who may be ended from outside: not the first process, which watches all others, and not the one that receives frames.
fn victim(machine: &Machine<World>, rng: &mut Rng) -> Option<Pid> {
    let spared = [Some(Pid::MAIN), machine.host.host.listener()];
    let all: Vec<Pid> = machine.processes().iter().map(|entry| entry.pid).collect();
    let all: Vec<Pid> = all.into_iter().filter(|&pid| !spared.contains(&Some(pid))).collect();
    match all.len() {
        0 => None,
        count => Some(all[rng.below(count as u64) as usize]),
    }
}

impl Ran {
    /// In what another run of the same differs, if it does. The order in which cores have written down what happened at the same time may be
    /// another one.
    fn difference(&self, other: &Ran) -> Option<String> {
        let lines = self.journal.lines.iter().zip(&other.journal.lines);
        if let Some((at, (one, another))) = lines.enumerate().find(|(_, (one, another))| one != another) {
            return Some(format!("line {at} is {another:?}, not {one:?}"));
        }
        let numbers = |ran: &Ran| [ran.journal.lines.len() as u64, ran.reductions, ran.clock, ran.hash];
        if numbers(self) != numbers(other) {
            let [first, second] = [numbers(self), numbers(other)];
            return Some(format!("lines, reductions, clock, state: {second:x?}, not {first:x?}"));
        }
        let same = self.exit == other.exit
            && self.signals == other.signals
            && self.left == other.left
            && self.traffic == other.traffic
            && self.frames_left == other.frames_left
            && self.trace.len() == other.trace.len();
        (!same).then(|| "it ends otherwise".into())
    }
}
