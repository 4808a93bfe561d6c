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

/// Reductions of a run: all programs should end before.
const FUEL: u64 = 3_000_000;
/// Reductions of a core in a round.
const ROUNDS: [u64; 3] = [60, 500, 5_000];

/// Notes what is written.
#[derive(Debug, Default)]
struct Paper(Vec<u8>);

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
    let (mut given, mut exits) = (0, Vec::new());
    loop {
        let fuel = piece.min(FUEL - given);
        given += fuel;
        machine.add_fuel(fuel);
        match machine.run(executor)? {
            Exit::ReductionLimit if given < FUEL => {}
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
    let mut map = SourceMap::new();
    let file = map.add("random.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    let module = module.ok_or_else(|| diagnostics.iter().map(|d| render(d, &map, false)).collect::<String>())?;
    let verified = verify(module).map_err(|errors| format!("{:?}", errors.first()))?;
    Ok(Image::load(verified))
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
        (Executor::Tail, 2, FUEL, 0),
        (Executor::Match, 8, FUEL, 7),
        (Executor::Tail, 1, 1 + number % 97, 0),
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
    played_back(&image, &settings, &known)
}

/// The run is the same again when it is recorded, and when the record is played back.
fn played_back(image: &Arc<Image>, settings: &Settings, known: &Ran) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    let mut record = Vec::new();
    let host = Recording::new(Paper::default(), &mut record);
    let mut machine = Machine::start(vec![program(image, 0).ok_or("no main")?], settings, host).ok_or("no memory")?;
    let exits = run(&mut machine, Executor::Tail, FUEL).map_err(text)?;
    let written = std::mem::take(&mut machine.host.host.0);
    let ran = seen(&mut machine, exits, written);
    machine.host.end(ran.reductions, ran.hash).map_err(text)?;
    drop(machine);
    if ran != *known {
        return Err(format!("recorded: {ran:x?}, at first {known:x?}"));
    }
    let host = Replaying::new(Paper::default(), &*record).map_err(text)?;
    let mut machine = Machine::start(vec![program(image, 0).ok_or("no main")?], settings, host).ok_or("no memory")?;
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
