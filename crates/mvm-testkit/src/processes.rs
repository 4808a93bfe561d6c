//! The judge of random programs of several processes: whoever executes them, in whatever pieces, they do the same.

use std::io;
use std::sync::Arc;

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::{SourceMap, render};
use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_heap::Options as HeapOptions;
use mvm_kernel::record::{Recording, Replaying};
use mvm_kernel::sched::POLICIES;
use mvm_kernel::{CorePart, Environment, Exit, Host, Machine, PolicyChoice, Program, Settings, Stream};
use mvm_module::verify;
use mvm_pool::Pool;
use xxhash_rust::xxh3::xxh3_64;

use crate::native::{Compile, load_as};
use crate::rng::Rng;

/// Reductions of a run: all programs should end before.
const FUEL: u64 = 3_000_000;
/// Reductions of a core in a round.
const ROUNDS: [u64; 3] = [60, 500, 5_000];

/// Notes what is written, with a space behind each piece.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Paper(pub Vec<u8>);

impl Host for Paper {
    fn write(&mut self, _: u32, _: Stream, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        self.0.push(b' ');
        Ok(())
    }

    fn read_line(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn read(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// How a run went.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    exits: Vec<Exit>,
    written: Vec<u8>,
    reductions: u64,
    clock: u64,
    rounds: u64,
    hash: u64,
}

fn program(image: &Arc<Image>, stress: u32) -> Option<Program> {
    let heap = HeapOptions { limit_words: 100_000, stress, ..HeapOptions::default() };
    Program::new(image, Environment::default(), ProcessLimits { heap, stack_slots: 1 << 14 })
}

/// Runs to the end in pieces of so many reductions.
fn run<H: Host>(machine: &mut Machine<H>, executor: Executor, piece: u64) -> io::Result<Vec<Exit>> {
    run_on(machine, executor, piece, FUEL)
}

/// The same with so many reductions.
fn run_on<H: Host>(
    machine: &mut Machine<H>,
    executor: Executor,
    piece: u64,
    all: u64,
) -> io::Result<Vec<Exit>> {
    let (mut given, mut exits) = (0, Vec::new());
    loop {
        let fuel = piece.min(all - given);
        given += fuel;
        machine.add_fuel(fuel);
        match machine.run(executor)? {
            Exit::ReductionLimit if given < all => {}
            exit @ Exit::Crashed(..) => {
                given -= machine.take_fuel();
                exits.push(exit);
            }
            exit => {
                exits.push(exit);
                return Ok(exits);
            }
        }
    }
}

fn seen<H: Host>(machine: &mut Machine<H>, exits: Vec<Exit>, written: Vec<u8>) -> Ran {
    Ran {
        exits,
        written,
        reductions: machine.reductions(),
        clock: machine.clock(),
        rounds: machine.round(),
        hash: machine.state_hash(),
    }
}

/// Assembles a program that needs no library.
///
/// # Errors
/// Says why it is no program.
pub fn image(text: &str) -> Result<Arc<Image>, String> {
    image_as(text, Compile::AtLoad)
}

/// The same with native code made at other times.
fn image_as(text: &str, compile: Compile) -> Result<Arc<Image>, String> {
    let mut map = SourceMap::new();
    let file = map.add("random.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    let module =
        module.ok_or_else(|| diagnostics.iter().map(|d| render(d, &map, false)).collect::<String>())?;
    let verified = verify(module).map_err(|errors| format!("{:?}", errors.first()))?;
    Ok(load_as(verified, compile))
}

/// Runs a program on the cores and by the policy that its number decides, on two threads; what it wrote.
///
/// # Errors
/// When it did not end by itself.
pub fn written(text: &str, number: u64) -> Result<String, String> {
    let image = image(text)?;
    let settings = Settings {
        cores: 1 + (number / 6 % 4) as u32,
        policy: PolicyChoice::parse(POLICIES[number as usize % POLICIES.len()].name)?,
        seed: number,
        round: ROUNDS[(number / 24) as usize % ROUNDS.len()],
        ..Settings::default()
    };
    let program = program(&image, 0).ok_or("no function `main`")?;
    let mut machine = Machine::start(vec![program], &settings, Paper::default()).ok_or("no memory")?;
    let mut pool = Pool::new(1, CorePart::run);
    machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
    loop {
        match machine.run(Executor::Tail).map_err(|error| error.to_string())? {
            Exit::Crashed(..) => {}
            Exit::Status(0) => return Ok(String::from_utf8_lossy(&machine.host.0).into_owned()),
            exit => return Err(format!("{settings:?}: {exit:?}")),
        }
    }
}

/// Runs a program in ways that its number decides, and compares them.
///
/// # Errors
/// The first difference.
pub fn check(text: &str, number: u64) -> Result<(), String> {
    let image = image(text)?;
    let policy = POLICIES[number as usize % POLICIES.len()].name;
    let settings = Settings {
        cores: 1 + (number / 6 % 4) as u32,
        policy: PolicyChoice::parse(policy)?,
        seed: number,
        round: ROUNDS[(number / 24) as usize % ROUNDS.len()],
        reductions_max: Some(0),
        ..Settings::default()
    };
    let ways = [
        (Executor::Reference, 1, FUEL, 0),
        (Executor::Native, 2, FUEL, 0),
        (Executor::Match, 8, FUEL, 7),
        (Executor::Native, 1, 1 + number % 97, 0),
        (Executor::Tail, 2, 20_000, 101),
    ];
    let mut first: Option<Ran> = None;
    for (executor, threads, piece, stress) in ways {
        let program = program(&image, stress).ok_or("no function `main`")?;
        let mut machine = Machine::start(vec![program], &settings, Paper::default()).ok_or("no memory")?;
        if threads > 1 {
            let mut pool = Pool::new(threads - 1, CorePart::run);
            machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
        }
        let exits = run(&mut machine, executor, piece).map_err(|error| error.to_string())?;
        let written = std::mem::take(&mut machine.host.0);
        let ran = seen(&mut machine, exits, written);
        let Some(first) = &first else {
            first = Some(ran);
            continue;
        };
        if *first != ran {
            return Err(format!(
                "{executor:?}, {threads} threads, pieces of {piece}, stress {stress}, {settings:?}:\n  first {first:x?}\n  now   {ran:x?}"
            ));
        }
    }
    let known = first.ok_or("nothing ran")?;
    played_back(&image, &settings, &known)?;
    for part in 0..SNAPSHOTS {
        written_down(&image, &settings, &known, mix(number * SNAPSHOTS + part))?;
    }
    Ok(())
}

/// Two ways of running a program of several processes.
#[derive(Debug, Clone)]
pub struct Double {
    settings: Settings,
    /// Who executes, on how many threads, in pieces of how many reductions, and how many allocations are between two collections; then
    /// the same of the other.
    ways: [(Executor, usize, u64, u32); 2],
    /// Native code of the second.
    pub compile: Compile,
}

impl Double {
    /// The ways of a seed.
    pub fn of_seed(seed: u64) -> Double {
        let mut rng = Rng::new(seed ^ 0x646f_7562);
        let mut below = |end: usize| rng.below(end as u64) as usize;
        let policy = PolicyChoice::parse(POLICIES[below(POLICIES.len())].name).unwrap_or_default();
        let settings = Settings {
            cores: [1, 2, 4][below(3)],
            policy,
            seed,
            round: ROUNDS[below(ROUNDS.len())],
            reductions_max: Some(0),
            ..Settings::default()
        };
        let (executor, compile) = match below(4) {
            0 => ([Executor::Reference, Executor::Match, Executor::Tail][below(3)], Compile::Nothing),
            1 => (Executor::Native, Compile::AtLoad),
            _ => (Executor::Native, Compile::Drawn(seed)),
        };
        let mut way = |executor| {
            let piece = [FUEL, FUEL, 20_000, 1 + below(500) as u64][below(4)];
            (executor, 1 + below(2), piece, [0, 0, 7, 101][below(4)])
        };
        let left = way(Executor::Reference);
        Double { settings, ways: [left, way(executor)], compile }
    }
}

/// Runs a program in two ways and compares them.
///
/// # Errors
/// The difference.
pub fn check_double(text: &str, double: &Double) -> Result<(), String> {
    let image = image_as(text, double.compile)?;
    let mut first: Option<Ran> = None;
    for (executor, threads, piece, stress) in double.ways {
        let program = program(&image, stress).ok_or("no function `main`")?;
        let mut machine =
            Machine::start(vec![program], &double.settings, Paper::default()).ok_or("no memory")?;
        if threads > 1 {
            let mut pool = Pool::new(threads - 1, CorePart::run);
            machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
        }
        let exits = run(&mut machine, executor, piece).map_err(|error| error.to_string())?;
        let written = std::mem::take(&mut machine.host.0);
        let ran = seen(&mut machine, exits, written);
        match &first {
            Some(first) if *first != ran => {
                return Err(format!("{double:?}:\n  first {first:x?}\n  now   {ran:x?}"));
            }
            _ => first = Some(ran),
        }
    }
    crate::native::check(&image);
    Ok(())
}

/// Snapshots of each program.
const SNAPSHOTS: u64 = 2;

/// A number that looks like chance.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 27)
}

/// The run is the same when the machine is written down in the middle of it and goes on from the bytes, and so is the run of the machine
/// that was written down.
fn written_down(image: &Arc<Image>, settings: &Settings, known: &Ran, chance: u64) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let round = chance % (known.rounds + 1);
    let programs = || program(image, 0).map(|program| vec![program]).ok_or("no main");
    let mut machine = Machine::start(programs()?, settings, Paper::default()).ok_or("no memory")?;
    machine.add_fuel(FUEL);
    let mut exits = Vec::new();
    loop {
        match machine.run_to_round(Executor::Tail, round).map_err(text)? {
            None => break,
            Some(exit @ Exit::Crashed(..)) => exits.push(exit),
            Some(_) => return Ok(()),
        }
    }
    let bytes = machine.snapshot().map_err(|error| error.to_string())?;
    let host = Paper(machine.host.0.clone());
    let mut restored = Machine::restore(programs()?, settings, &bytes, host)
        .map_err(|error| format!("round {round}: not restored: {error}"))?;
    restored.add_fuel(machine.take_fuel());
    let (first, second) = (machine.state_hash(), restored.state_hash());
    if first != second {
        return Err(format!("round {round}: restored, the state is {second:x}, not {first:x}"));
    }
    let again = restored.snapshot().map_err(|error| error.to_string())?;
    if again != bytes {
        return Err(format!("round {round}: restored, it is written down with other bytes"));
    }
    let given = known.reductions;
    for (which, mut machine) in [("written down", machine), ("restored", restored)] {
        machine.take_fuel();
        let mut exits = exits.clone();
        let left = FUEL.saturating_sub(machine.reductions());
        exits.extend(run_on(&mut machine, Executor::Match, 1 + chance % 5000, left).map_err(text)?);
        let written = std::mem::take(&mut machine.host.0);
        let ran = seen(&mut machine, exits, written);
        if ran != *known {
            return Err(format!(
                "{which} in round {round} of {given} reductions: {ran:x?}, at first {known:x?}"
            ));
        }
    }
    Ok(())
}

/// Changes bytes of a snapshot of the program, so many times: each is refused, or gives a machine that runs like any other. How many were not
/// refused.
///
/// # Errors
/// When there is no snapshot.
///
/// # Panics
/// When a machine does what none may do.
pub fn tampered(text: &str, number: u64, times: u64) -> Result<u64, String> {
    let image = image(text)?;
    let settings = Settings {
        cores: 1 + (number % 2) as u32,
        round: 100,
        reductions_max: Some(0),
        ..Settings::default()
    };
    let programs = || program(&image, 0).map(|program| vec![program]).ok_or("no main");
    let mut machine = Machine::start(programs()?, &settings, Paper::default()).ok_or("no memory")?;
    machine.add_fuel(FUEL);
    let round = mix(number) % 12;
    while let Some(exit) = machine.run_to_round(Executor::Tail, round).map_err(|error| error.to_string())? {
        if !matches!(exit, Exit::Crashed(..)) {
            return Ok(0);
        }
    }
    let whole = machine.snapshot().map_err(|error| error.to_string())?;
    let mut ran = 0;
    let mut rng = Rng::new(number);
    for _ in 0..times {
        let mut bytes = whole[..whole.len() - 8].to_vec();
        for _ in 0..1 + rng.below(3) {
            // Behind the settings, which are compared.
            let at = 60 + rng.below(bytes.len() as u64 - 60) as usize;
            bytes[at] = match rng.below(4) {
                0 => bytes[at] ^ 1 << rng.below(8),
                1 => bytes[at].wrapping_add(1),
                2 => 0,
                _ => rng.bits() as u8,
            };
        }
        let hash = xxh3_64(&bytes);
        bytes.extend(hash.to_le_bytes());
        let Ok(mut machine) = Machine::restore(programs()?, &settings, &bytes, Paper::default()) else {
            continue;
        };
        ran += 1;
        let executor = [Executor::Reference, Executor::Tail][(ran % 2) as usize];
        let _ = run_on(&mut machine, executor, 5_000, 100_000).map_err(|error| error.to_string())?;
        for entry in machine.processes() {
            let _ = entry.process.frames(10);
        }
        let _ = machine.state_hash();
        machine.process_mut().check_heap()?;
    }
    Ok(ran)
}

/// The run is the same again when it is recorded, and when the record is played back.
fn played_back(image: &Arc<Image>, settings: &Settings, known: &Ran) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let mut record = Vec::new();
    let host = Recording::new(Paper::default(), &mut record);
    let mut machine =
        Machine::start(vec![program(image, 0).ok_or("no main")?], settings, host).ok_or("no memory")?;
    let exits = run(&mut machine, Executor::Tail, FUEL).map_err(text)?;
    let written = std::mem::take(&mut machine.host.host.0);
    let ran = seen(&mut machine, exits, written);
    machine.host.end(ran.reductions, ran.hash).map_err(text)?;
    drop(machine);
    if ran != *known {
        return Err(format!("recorded: {ran:x?}, at first {known:x?}"));
    }
    let host = Replaying::new(Paper::default(), &*record).map_err(text)?;
    let mut machine =
        Machine::start(vec![program(image, 0).ok_or("no main")?], settings, host).ok_or("no memory")?;
    let exits = run(&mut machine, Executor::Match, FUEL);
    let (reductions, hash) = (machine.reductions(), machine.state_hash());
    let ended = machine.host.end(reductions, hash);
    if let Some(divergence) = &machine.host.divergence {
        return Err(format!("played back: {divergence}"));
    }
    ended.map_err(text)?;
    let written = std::mem::take(&mut machine.host.host.0);
    let ran = seen(&mut machine, exits.map_err(text)?, written);
    if ran == *known { Ok(()) } else { Err(format!("played back: {ran:x?}, at first {known:x?}")) }
}
