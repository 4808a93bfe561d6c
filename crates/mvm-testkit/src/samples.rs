//! Short programs for Miri, under which assembling takes too long: they come to it as modules.
//!
//! [`make`] takes the examples of the instruction table, golden programs and generated programs, links many of them into
//! one module (a [`Batch`]), because reading and verifying a module takes longer there than running a short program, and
//! notes what comes of each. [`store`] and [`load`] keep them in a folder; [`Batch::check`] runs them.
//!
//! Not here: starting Miri (`cargo xtask miri`), and what it has to find (`Planted::UNSOUND`).

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use mvm_exec::{Executor, Image, Probe, Process};
use mvm_isa::{Opcode, TypeId};
use mvm_kernel::Exit;
use mvm_module::{FuncDebug, FuncId, Module, link, read, verify, write};

use crate::generate;
use crate::golden::comments::{Expectations, parse_comment, quote};
use crate::golden::judge::Failure;
use crate::golden::run::{Memory, Run, Setting, checkpoint_difference, difference};
use crate::golden::{Program, build, programs_below, rows};

/// Where samples are kept for Miri, from the root of the repository.
pub const FOLDER: &str = "target/miri/samples";

/// Programs in one module. More take less time for the module, but longer for each collection and each state hash.
const BATCH_PROGRAMS: usize = 40;
/// Slices of a run in slices.
const SLICES: u64 = 6;
/// A sample executes at most so many instructions and allocates at most so many words. A golden program has at most so
/// many words of code and bytes of constants.
const INSTRUCTIONS_MAX: u64 = 60;
const WORDS_MAX: u64 = 100;
const CODE_WORDS_MAX: usize = 60;
const CONSTANTS_MAX: usize = 500;
/// Golden programs that are taken, of those that are short enough.
const GOLDEN_PROGRAMS: usize = 60;
/// Generated programs that are taken, the smallest of those of so many seeds.
const GENERATED_PROGRAMS: usize = 10;
const SEEDS: u64 = 100;
/// Generated programs need not end by themselves.
const GENERATED_CIRCUMSTANCES: &str = "limit-reductions: 30";

/// A program of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How it is called in messages.
    pub name: String,
    /// The function that runs.
    pub entry: FuncId,
    /// Limits, input and arguments: what the comments of a golden program say of them.
    pub circumstances: String,
    /// What comes of it.
    pub result: String,
}

/// Programs in one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The module in its file form.
    pub module: Vec<u8>,
    /// The programs.
    pub samples: Vec<Sample>,
}

/// A program on its own.
struct Single {
    name: String,
    circumstances: String,
    module: Module,
}

/// Makes the samples that have `part` in their name: examples of rows, golden programs, generated programs.
///
/// # Errors
/// When there is none, when an example is no program, or when programs cannot be linked.
pub fn make(part: &str) -> Result<Vec<Batch>, String> {
    let mut kinds = [Vec::new(), golden()?, generated()];
    for &op in Opcode::ALL {
        let program = rows::program_of(op);
        kinds[0].push(Single::of_program(&program).ok_or_else(|| format!("{} is no program", program.name))?);
    }
    let mut batches = Vec::new();
    for mut singles in kinds {
        singles.retain(|single| single.name.contains(part));
        link_alike(singles, &mut batches)?;
    }
    if batches.is_empty() {
        return Err(format!("no short program has `{part}` in its name"));
    }
    Ok(batches)
}

/// Short programs from the folders of golden ones: fixed bugs, and some of the others.
fn golden() -> Result<Vec<Single>, String> {
    let short = |folder| -> Result<Vec<Single>, String> {
        let singles = programs_below(folder)?;
        Ok(singles.iter().filter_map(Single::of_program).filter(Single::is_short).collect())
    };
    let mut singles = short("tests/regress")?;
    let golden = short("tests/golden")?;
    let every = golden.len().div_ceil(GOLDEN_PROGRAMS);
    singles.extend(golden.into_iter().step_by(every.max(1)));
    Ok(singles)
}

fn generated() -> Vec<Single> {
    let single = |seed| Single {
        name: format!("generated from {seed}"),
        circumstances: GENERATED_CIRCUMSTANCES.into(),
        module: generate::module_of_seed(seed),
    };
    let mut singles: Vec<Single> = (0..SEEDS).map(single).filter(Single::runs_shortly).collect();
    singles.sort_by_key(Single::code_words);
    singles.truncate(GENERATED_PROGRAMS);
    singles
}

impl Single {
    /// None when it does not assemble or has no main function.
    fn of_program(program: &Program) -> Option<Single> {
        let (expected, _) = Expectations::parse(&program.text);
        let circumstances = expected.remarks.iter().filter(|remark| !remark.key.is_result());
        let circumstances: Vec<String> =
            circumstances.map(|remark| format!("{}: {}", remark.key.name(), remark.text)).collect();
        let image = build::build(program, &expected, &mut Vec::new()).image?;
        let module = image.module().module().clone();
        Some(Single { name: program.name.clone(), circumstances: circumstances.join("; "), module })
    }

    /// Whether reading, verifying and running it does not take long.
    fn is_short(&self) -> bool {
        let constants: usize = self.module.literals.iter().map(literal_bytes).sum();
        self.code_words() <= CODE_WORDS_MAX && constants <= CONSTANTS_MAX && self.runs_shortly()
    }

    fn code_words(&self) -> usize {
        self.module.functions.iter().map(|function| function.code.len()).sum()
    }

    fn runs_shortly(&self) -> bool {
        let Ok(verified) = verify(self.module.clone()) else { return false };
        let image = Image::load(verified);
        let mut counter = Counter::default();
        let ended = Setting::new(&image, &circumstances(&self.circumstances)).watch(&mut counter);
        ended.is_ok_and(|exit| exit != Exit::Break)
    }
}

fn literal_bytes(literal: &mvm_module::Literal) -> usize {
    use mvm_module::Literal::{Array, Bytes, Func, Refs, Str, Types};
    match literal {
        Str(text) => text.len(),
        Bytes(bytes) | Array(_, bytes) => bytes.len(),
        Refs(_, items) => items.len() * 4,
        Types(types) => types.len() * 8,
        Func(..) => 0,
    }
}

/// Stops a program that is not short.
#[derive(Default)]
struct Counter {
    instructions: u64,
}

impl Probe for Counter {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        self.instructions += 1;
        let short = self.instructions <= INSTRUCTIONS_MAX && process.heap().allocated_words() <= WORDS_MAX;
        if short { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn after(&mut self, _: &Process) {}
}

fn circumstances(text: &str) -> Expectations {
    Expectations { remarks: parse_comment(text, 1), block: None }
}

/// Links programs whose main functions take and return the same.
fn link_alike(singles: Vec<Single>, batches: &mut Vec<Batch>) -> Result<(), String> {
    let mut alike: BTreeMap<(u16, Vec<TypeId>), Vec<Single>> = BTreeMap::new();
    for single in singles {
        let main = single.module.main.and_then(|id| single.module.function(id));
        let main = main.ok_or_else(|| format!("{} has no main function", single.name))?;
        alike.entry((main.params, main.results.clone())).or_default().push(single);
    }
    for ((params, _), mut singles) in alike {
        // Only the main function of the whole module gets the arguments.
        let most = if params == 0 { BATCH_PROGRAMS } else { 1 };
        while !singles.is_empty() {
            let rest = singles.split_off(singles.len().min(most));
            batches.push(Batch::new(singles)?);
            singles = rest;
        }
    }
    Ok(())
}

/// What came of a run, in one line.
fn result(run: &Run) -> String {
    let observed = &run.observed;
    let end = match &observed.exit {
        Exit::Status(status) => format!("status {status}"),
        Exit::Uncaught(uncaught) => {
            format!("class {} {}", uncaught.class.0, quote(uncaught.message.as_bytes()))
        }
        Exit::ReductionLimit => "reduction limit".into(),
        Exit::Break => "break".into(),
        Exit::Crashed(pid, ..) => format!("process {} failed", pid.0),
        Exit::TogetherTooMuch(pid) => format!("process {} ended for memory", pid.0),
        Exit::Deadlock => "deadlock".into(),
    };
    let hash = run.checkpoints.last().map_or(0, |checkpoint| checkpoint.1);
    let (output, errors) = (quote(&observed.output), quote(&observed.errors));
    format!("{end}, {} reductions, state {hash:x}, wrote {output}, errors {errors}", observed.reductions)
}

impl Batch {
    fn new(singles: Vec<Single>) -> Result<Batch, String> {
        let (mut modules, mut samples) = (Vec::new(), Vec::new());
        let mut functions = 0;
        for (number, single) in singles.into_iter().enumerate() {
            let Single { name, circumstances, mut module } = single;
            let main = module.main.map_or(0, |main| main.0);
            samples.push(Sample {
                name,
                entry: FuncId(functions + main),
                circumstances,
                result: String::new(),
            });
            functions += module.functions.len() as u32;
            module.name = format!("m{number}").as_str().into();
            // Nothing that runs needs it.
            module.functions.iter_mut().for_each(|function| function.debug = FuncDebug::default());
            module.sources.clear();
            modules.push(module);
        }
        let module = link(modules).map_err(|errors| format!("with {}: {}", samples[0].name, errors[0]))?;
        let mut batch = Batch { module: write(&module), samples };
        let image = batch.image()?;
        for sample in &mut batch.samples {
            let expected = circumstances(&sample.circumstances);
            let setting = Setting::new(&image, &expected).with_entry(sample.entry);
            let run = setting.run(Executor::DEFAULT, setting.reductions_max(), Memory::default());
            sample.result = result(&run.map_err(|message| format!("{}: {message}", sample.name))?);
        }
        Ok(batch)
    }

    fn image(&self) -> Result<Arc<Image>, String> {
        let module = read(&self.module).map_err(|error| error.to_string())?;
        let verified = verify(module).map_err(|errors| errors[0].to_string())?;
        Ok(Image::load(verified))
    }

    /// Runs all programs with the `match` dispatcher, and compares each with the result noted when it was made.
    pub fn check(&self, effort: Effort) -> Vec<Failure> {
        let image = match self.image() {
            Ok(image) => image,
            Err(message) => return vec![Failure::new(&self.samples[0].name, 0, message)],
        };
        let check =
            |sample: &Sample| Some(Failure::new(&sample.name, 0, sample.check(&image, effort).err()?));
        self.samples.iter().filter_map(check).collect()
    }
}

/// In how many ways a sample is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// In one slice, and in several slices with a collection at every allocation.
    Quick,
    /// Also in one slice with collections, and step by step; all are compared with each other.
    Full,
}

impl Sample {
    fn check(&self, image: &Arc<Image>, effort: Effort) -> Result<(), String> {
        let expected = circumstances(&self.circumstances);
        let setting = Setting::new(image, &expected).with_entry(self.entry);
        let one_slice = setting.reductions_max();
        let known = setting.run(Executor::Match, one_slice, Memory::default())?;
        let found = result(&known);
        if found != self.result {
            return Err(format!("{found}\n    when it was made: {}", self.result));
        }
        let slice = (known.observed.reductions / SLICES).max(1);
        let moving = Memory { stress: 1, ..Memory::default() };
        let sliced = setting.run(Executor::Match, slice, moving)?;
        let mut differences = vec![difference(&known.observed, &sliced.observed)];
        if effort == Effort::Full {
            let stressed = setting.run(Executor::Match, one_slice, moving)?;
            let stepped = setting.run(Executor::Reference, slice, moving)?;
            differences.push(difference(&known.observed, &stepped.observed));
            differences.push(difference(&known.observed, &stressed.observed));
            differences.push(checkpoint_difference(&stepped, &sliced));
            differences.push(checkpoint_difference(&known, &stressed));
        }
        match differences.into_iter().flatten().next() {
            Some(difference) => Err(format!("in slices of {slice} or under stress it {difference}")),
            None => Ok(()),
        }
    }
}

/// Writes samples into a folder, which is emptied first.
///
/// # Errors
/// When the folder cannot be written.
pub fn store(folder: &Path, batches: &[Batch]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)?;
    let mut index = String::new();
    for (number, batch) in batches.iter().enumerate() {
        for Sample { name, entry, circumstances, result } in &batch.samples {
            index.push_str(&format!("{number}\t{}\t{name}\t{circumstances}\t{result}\n", entry.0));
        }
        fs::write(folder.join(format!("{number}.mvm")), &batch.module).map_err(failed)?;
    }
    fs::write(folder.join("index"), index).map_err(failed)
}

/// Reads the samples of a folder.
///
/// # Errors
/// When it has none, or something else than [`store`] wrote.
pub fn load(folder: &Path) -> Result<Vec<Batch>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let index = fs::read_to_string(folder.join("index")).map_err(failed)?;
    let mut batches: Vec<Batch> = Vec::new();
    for line in index.lines() {
        let fields: Vec<&str> = line.splitn(5, '\t').collect();
        let wrong = || format!("{}: the index has the line `{line}`", folder.display());
        let [number, entry, name, circumstances, result] = fields[..] else { return Err(wrong()) };
        let entry = FuncId(entry.parse().map_err(|_| wrong())?);
        if number.parse() == Ok(batches.len()) {
            let module = fs::read(folder.join(format!("{number}.mvm"))).map_err(failed)?;
            batches.push(Batch { module, samples: Vec::new() });
        }
        let batch = batches.last_mut().ok_or_else(wrong)?;
        batch.samples.push(Sample {
            name: name.into(),
            entry,
            circumstances: circumstances.into(),
            result: result.into(),
        });
    }
    if batches.is_empty() {
        return Err(format!("{}: no programs", folder.display()));
    }
    Ok(batches)
}
