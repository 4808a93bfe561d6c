//! Random programs by the hundred thousand, each run in two ways that its seed draws out of all there are.
//!
//! [`differential`] runs one program in many ways; here the programs are many, and mostly small, because what
//! they find together grows with their number. Of a program of one process the ways differ in the executor, in which functions
//! have native code from when on ([`Compile`]), in time slices, collections and memory managers; of a program of several processes
//! in the executor, native code, threads and pieces of the run. Output, ends, places, reductions and state hashes are the same.

use std::fmt;
use std::sync::Arc;

use mvm_exec::{Executor, Image};
use mvm_module::cfg::instructions_from;
use mvm_module::{Module, verify};

use crate::differential::{self, FUEL, Limits, Record, SLICES, Way, compare, listing, minimise_as, run_to};
use crate::generate::{self, processes};
use crate::manager::Manager;
use crate::native::{self, Compile, load_as};
use crate::processes::{Double, check_double};
use crate::rng::Rng;

/// Of so many seeds one has a program of several processes.
const PROCESSES_EVERY: u64 = 16;
/// Programs that are tried to make one smaller that two executors run differently.
const TRIES: usize = 1_000;

/// Two ways of running a program of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The first, without native code.
    pub left: Way,
    /// The second.
    pub right: Way,
    /// Its native code.
    pub compile: Compile,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  left:  {}\n  right: {}, {}", self.left, self.right, self.compile)
    }
}

/// One of the items.
fn pick<T: Copy>(rng: &mut Rng, items: &[T]) -> T {
    items[rng.below(items.len() as u64) as usize]
}

impl Pair {
    /// The ways of a seed.
    pub fn of_seed(seed: u64) -> Pair {
        let mut rng = Rng::new(seed ^ 0x7061_6972);
        let limits = pick(&mut rng, &[Limits::LARGE, Limits::LARGE, Limits::LARGE, Limits::SMALL]);
        let left =
            pick(&mut rng, &[Executor::Reference, Executor::Reference, Executor::Match, Executor::Tail]);
        let (right, compile) = match rng.below(16) {
            0 => (Executor::Reference, Compile::Nothing),
            1 => (Executor::Match, Compile::Nothing),
            2 => (Executor::Tail, Compile::Nothing),
            3 | 4 => (Executor::Native, Compile::AtLoad),
            _ => (Executor::Native, Compile::Drawn(rng.bits())),
        };
        let mut way = |executor, sliced: bool| {
            // Where functions are to become hot, slices have to end.
            let slice = match rng.below(8) {
                0 | 1 if !sliced => SLICES[0],
                2 if !sliced => 997,
                0..5 => 1,
                5 => 1 + rng.below(3),
                6 => 1 + rng.below(8),
                _ => 1 + rng.below(100),
            };
            let stress = match rng.below(6) {
                0..3 => 0,
                3 => 1,
                _ => 1 + rng.below(200) as u32,
            };
            let uneven = slice < 500 && rng.below(2) == 0;
            Way { executor, slice, uneven, stress, manager: Manager::nth(rng.below(1 << 20)), limits }
        };
        let left = way(left, false);
        Pair { left, right: way(right, matches!(compile, Compile::Drawn(_))), compile }
    }

    /// Whether both begin and end their slices at the same reductions.
    fn equal_slices(&self) -> bool {
        (self.left.slice, self.left.uneven) == (self.right.slice, self.right.uneven)
    }

    fn both(&self, left: &Arc<Image>, right: &Arc<Image>, fuel: u64) -> Option<(Record, Record)> {
        let left = run_to(left, self.left, fuel, |_, _| ())?;
        let record = run_to(right, self.right, fuel, |_, _| ())?;
        native::check(right);
        Some((left, record))
    }

    /// Runs two images, which should be of the same module, in the two ways.
    ///
    /// # Errors
    /// What differs.
    pub fn compare(&self, left: &Arc<Image>, right: &Arc<Image>) -> Result<(), String> {
        let Some((left, right)) = self.both(left, right, FUEL) else { return Ok(()) };
        compare(&left, &right, self.equal_slices())
    }

    /// Where two images go different ways: the fewest reductions after which something differs, and what that is.
    fn divergence(&self, left: &Module, right: &Module) -> Option<String> {
        let load = |module: &Module, compile| Some(load_as(verify(module.clone()).ok()?, compile));
        let different = |fuel| {
            let (first, second) = (load(left, Compile::Nothing)?, load(right, self.compile)?);
            let (first, second) = self.both(&first, &second, fuel)?;
            let what = compare(&first, &second, self.equal_slices()).err()?;
            let place =
                |record: &Record| record.place.map_or("nowhere".into(), |place| place_text(left, place));
            Some(format!(
                "{what}\n  left:  in front of {}\n  right: in front of {}",
                place(&first),
                place(&second)
            ))
        };
        let (mut equal, mut differs) = (0, FUEL);
        let mut what = different(FUEL)?;
        while differs - equal > 1 {
            let middle = equal + (differs - equal) / 2;
            match different(middle) {
                Some(found) => (differs, what) = (middle, found),
                None => equal = middle,
            }
        }
        Some(format!("with {differs} reductions, not with {equal}: {what}"))
    }
}

/// A place and the instruction that stands there.
fn place_text(module: &Module, (function, pc): (mvm_module::FuncId, u32)) -> String {
    let Some(body) = module.functions.get(function.0 as usize) else { return "nowhere".into() };
    let op = instructions_from(&body.code, pc).next().map_or("", |(_, op, _)| op.info().name);
    format!("`{op}`, word {pc} of function {} `{}`", function.0, body.name)
}

/// What a seed has been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// A program of one process.
    Single(Compile),
    /// A program of several.
    Processes(Compile),
}

/// Runs the program of a seed in its two ways.
///
/// # Errors
/// A report: what differs, where it begins, and the smallest program found.
pub fn check_seed(seed: u64) -> Result<Checked, String> {
    if seed % PROCESSES_EVERY == PROCESSES_EVERY - 1 {
        let double = Double::of_seed(seed);
        let text = processes::program_of_seed(seed);
        check_double(&text, &double).map_err(|what| format!("{what}\n{text}"))?;
        return Ok(Checked::Processes(double.compile));
    }
    let module = generate::small_module_of_seed(seed);
    let pair = Pair::of_seed(seed);
    check_module(&module, &pair)?;
    Ok(Checked::Single(pair.compile))
}

/// Runs a module in two ways.
///
/// # Errors
/// As of [`check_seed`].
pub fn check_module(module: &Module, pair: &Pair) -> Result<(), String> {
    let verified = verify(module.clone()).map_err(|errors| {
        let all: Vec<String> = errors.iter().take(4).map(ToString::to_string).collect();
        format!("the verifier does not take it: {}", all.join("; "))
    })?;
    // Whoever does not use native code does not notice it.
    let image = load_as(verified, pair.compile);
    let Err(what) = pair.compare(&image, &image) else { return Ok(()) };
    let small = minimise_as(module, pair.compile, |image| pair.compare(image, image).is_err(), TRIES);
    let first =
        pair.divergence(&small, &small).unwrap_or_else(|| "not seen again in the smaller program".into());
    Err(format!("{what}\n{pair}\nFirst in the smaller program: {first}\n{}", listing(&small)))
}

/// Runs a program in one way and another program in the other, for tests that want this judge to find something: what differs, and where that
/// begins.
pub fn difference(left: &Module, right: &Module, pair: &Pair) -> Option<(String, String)> {
    let load = |module: &Module, compile| Some(load_as(verify(module.clone()).ok()?, compile));
    let what = pair.compare(&load(left, Compile::Nothing)?, &load(right, pair.compile)?).err()?;
    Some((what, pair.divergence(left, right).unwrap_or_default()))
}

/// What was done with many seeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Programs.
    pub programs: u64,
    /// Those with native code of all functions.
    pub at_load: u64,
    /// Those with native code of some functions at some time.
    pub drawn: u64,
    /// Those of several processes.
    pub processes: u64,
}

impl Counts {
    /// One more.
    pub fn add(&mut self, checked: Checked) {
        self.programs += 1;
        let (Checked::Single(compile) | Checked::Processes(compile)) = checked;
        match compile {
            Compile::Nothing => {}
            Compile::AtLoad => self.at_load += 1,
            Compile::Drawn(_) => self.drawn += 1,
        }
        self.processes += u64::from(matches!(checked, Checked::Processes(_)));
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { programs, at_load, drawn, processes } = self;
        write!(
            f,
            "{programs} programs in two ways each: {at_load} with all native code made at load, {drawn} with native code made at \
             random times; {processes} of several processes"
        )
    }
}

/// Runs the program of a seed in many ways, with [`differential::quick_ways`] or all.
///
/// # Errors
/// The report.
pub fn check_ways(seed: u64, all: bool) -> Result<(), String> {
    let ways = if all { differential::all_ways() } else { differential::quick_ways(seed) };
    differential::check_module(&generate::module_of_seed(seed), &ways)
}
