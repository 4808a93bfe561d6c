//! `mvm record` and `mvm replay`: a run with everything that came from outside, written down, and the same run again.
//!
//! The file: `MAGIC`, the version of the form, a header in JSON and the modules, each with its length in front, a hash of all that (XXH3), then
//! the calls of the host as [`mvm_kernel::record`] has them. Numbers are little-endian.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use mvm_diag::SourceMap;
use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_isa::Rights;
use mvm_kernel::record::{Recording, Replaying};
use mvm_kernel::{Environment, Machine, PolicyChoice, Program, Settings};
use mvm_module::verify;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::run::{Given, Loaded, run_and_look};
use crate::Status;
use crate::args::{RecordArgs, ReplayArgs, TimeChoice};
use crate::host::{HostConsole, Input};
use crate::machine::{finish, place_text, run_to_end, settings, use_threads};
use crate::native;
use crate::output::{Failure, message, reason};
use crate::signals;
use crate::source::{Sources, display_name};

const MAGIC: &[u8; 8] = b"MVMREC\r\n";
const VERSION: u32 = 1;
/// A part of the file of more bytes is damage.
const PART_MAX: u64 = 1 << 30;

/// How the machine was set up.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// The version that has recorded it.
    mvm: String,
    cores: u32,
    sched: String,
    seed: u64,
    host_time: bool,
    limit_reductions: Option<u64>,
    programs: Vec<ProgramHeader>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ProgramHeader {
    name: String,
    args: Vec<String>,
    vars: std::collections::BTreeMap<String, String>,
    rights: u64,
    limit_heap_words: u64,
    limit_stack_slots: u64,
    /// It is started by others, by its name.
    #[serde(default)]
    loaded: bool,
}

/// Runs programs and writes down what comes from outside.
pub(crate) fn record(args: &RecordArgs) -> Result<Status, Failure> {
    let given = Given {
        libraries: &args.libraries,
        machine: &args.machine,
        optimise: &args.optimise,
        native: &args.native,
    };
    let loaded = Loaded::load(&args.programs, &args.with, None, given)?;
    let mut console = HostConsole::new(Input::standard(), args.machine.raw_terminal);
    loaded.prefix_lines(&mut console);
    let Loaded { programs, mut sources, names, .. } = loaded;
    let settings = settings(&args.machine, None, TimeChoice::Host);
    let header = Header {
        mvm: env!("CARGO_PKG_VERSION").into(),
        cores: settings.cores,
        sched: settings.policy.to_string(),
        seed: settings.seed,
        host_time: settings.host_time,
        limit_reductions: settings.reductions_max,
        programs: programs.iter().zip(&names).map(|(program, name)| describe(program, name)).collect(),
    };
    let path = &args.output;
    let failed = |error: std::io::Error| {
        Failure::host(format!("cannot write `{}`: {}", display_name(path), reason(&error)))
    };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    file.write_all(&beginning(&header, &programs)).map_err(failed)?;
    let host = Recording::new(console, file);
    let mut machine = Machine::start(programs, &settings, host).ok_or_else(no_memory)?;
    use_threads(&mut machine, &args.machine);
    signals::keep();
    let exit = run_to_end(&mut machine, &mut sources, run_and_look);
    let (reductions, hash) = (machine.reductions(), machine.state_hash());
    // Whatever has happened, what was recorded until then is kept.
    let ended = machine.host.end(reductions, hash);
    let status = finish(&mut machine, &exit?, &args.machine, &mut sources)?;
    native::report(&machine, &args.native, false);
    ended.map_err(failed)?;
    Ok(status)
}

fn no_memory() -> Failure {
    Failure::host("the host has no memory for the program")
}

fn describe(program: &Program, name: &str) -> ProgramHeader {
    ProgramHeader {
        name: name.into(),
        args: program.env.args.clone(),
        vars: program.env.vars.clone(),
        rights: program.rights.0,
        limit_heap_words: program.limits.heap.limit_words,
        limit_stack_slots: program.limits.stack_slots as u64,
        loaded: program.name.is_some(),
    }
}

/// Everything in front of the calls.
fn beginning(header: &Header, programs: &[Program]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    let header = serde_json::to_vec(header).unwrap_or_default();
    let modules = programs.iter().map(|program| mvm_module::write(program.image.module()));
    for part in std::iter::once(header).chain(modules) {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part);
    }
    let hash = xxh3_64(&bytes);
    bytes.extend(hash.to_le_bytes());
    bytes
}

/// Reads a file, and notes what has been read for the hash.
struct Parts<R> {
    file: R,
    seen: Vec<u8>,
}

impl<R: Read> Parts<R> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes).ok()?;
        self.seen.extend(bytes);
        Some(bytes)
    }

    fn part(&mut self) -> Option<Vec<u8>> {
        let length = u64::from_le_bytes(self.take()?);
        let mut part = Vec::new();
        (length <= PART_MAX && (&mut self.file).take(length).read_to_end(&mut part).ok()? as u64 == length)
            .then_some(())?;
        self.seen.extend(&part);
        Some(part)
    }
}

/// The header and the modules of a record; `file` stands in front of the calls then.
fn read_beginning(file: impl Read, name: &str) -> Result<(Header, Vec<Vec<u8>>), Failure> {
    let damaged = || Failure::wrong(format!("`{name}` is damaged"));
    let mut parts = Parts { file, seen: Vec::new() };
    if parts.take::<8>().as_ref() != Some(MAGIC) {
        return Err(Failure::wrong(format!("`{name}` is not a record of a run"))
            .help("`mvm record PROGRAM -o FILE` makes one"));
    }
    let version = u32::from_le_bytes(parts.take().ok_or_else(damaged)?);
    if version != VERSION {
        return Err(Failure::wrong(format!(
            "`{name}` is a record of version {version}, this mvm reads version {VERSION}"
        )));
    }
    let header: Header = serde_json::from_slice(&parts.part().ok_or_else(damaged)?).map_err(|_| damaged())?;
    let mut modules = Vec::new();
    for _ in &header.programs {
        modules.push(parts.part().ok_or_else(damaged)?);
    }
    let hash = xxh3_64(&parts.seen);
    if parts.take() != Some(hash.to_le_bytes()) {
        return Err(damaged());
    }
    Ok((header, modules))
}

/// Runs what was recorded again.
pub(crate) fn replay(args: &ReplayArgs) -> Result<Status, Failure> {
    let path: &Path = &args.record;
    let name = display_name(path);
    let failed = |error: std::io::Error| Failure::host(format!("cannot read `{name}`: {}", reason(&error)));
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let (header, modules) = read_beginning(&mut file, &name)?;
    let mut programs = Vec::new();
    for (module, header) in modules.iter().zip(&header.programs) {
        let module = mvm_module::read(module).ok().and_then(|module| verify(module).ok());
        let module =
            module.ok_or_else(|| Failure::wrong(format!("`{name}` has a module that is not valid")))?;
        programs.push(program(Image::load(module), header).ok_or_else(no_memory)?);
    }
    let sources: Vec<Sources> = programs.iter().map(|_| Sources::new(SourceMap::new(), path)).collect();
    let policy = PolicyChoice::parse(&header.sched);
    let settings = Settings {
        cores: header.cores.clamp(1, 64),
        policy: policy.map_err(|what| Failure::wrong(format!("`{name}`: {what}")))?,
        seed: header.seed,
        host_time: header.host_time,
        reductions_max: header.limit_reductions,
        ..Settings::default()
    };
    let mut console = HostConsole::new(Input::empty(), args.machine.raw_terminal);
    let names = header.programs.iter().map(|program| program.name.clone()).collect();
    let loaded = Loaded { programs, sources, names, ..Loaded::default() };
    loaded.prefix_lines(&mut console);
    let Loaded { programs, mut sources, .. } = loaded;
    let host = Replaying::new(console, file).map_err(failed)?;
    let mut machine = Machine::start(programs, &settings, host).ok_or_else(no_memory)?;
    use_threads(&mut machine, &args.machine);
    let exit = run_to_end(&mut machine, &mut sources, |machine| machine.run(Executor::DEFAULT));
    if exit.is_ok() {
        let (reductions, hash) = (machine.reductions(), machine.state_hash());
        let _ = machine.host.end(reductions, hash);
    }
    if let Some(divergence) = machine.host.divergence.clone() {
        machine.host.host.end()?;
        let place = machine.process().frames(1).first().map(|frame| frame.place);
        let place = place.map(|place| place_text(machine.process().image().module(), place));
        let (round, pid) = (machine.round(), machine.current().0);
        let mut text = format!(
            "error: the run does not do what was recorded\n  {divergence}\n  in round {round}, process {pid}, {}\n",
            place.unwrap_or_default()
        );
        if header.mvm != env!("CARGO_PKG_VERSION") {
            text.push_str(&format!("  note: it was recorded by mvm {}\n", header.mvm));
        }
        message(&text);
        return Ok(Status::WRONG);
    }
    finish(&mut machine, &exit?, &args.machine, &mut sources)
}

/// A program as it was recorded.
fn program(image: Arc<Image>, header: &ProgramHeader) -> Option<Program> {
    let env = Environment { args: header.args.clone(), vars: header.vars.clone() };
    let mut limits = ProcessLimits::default();
    limits.heap.limit_words = header.limit_heap_words;
    limits.stack_slots = usize::try_from(header.limit_stack_slots).unwrap_or(usize::MAX).min(1 << 32);
    let program = Program::new(&image, env, limits)?;
    let name = header.loaded.then(|| header.name.clone());
    Some(Program { rights: Rights(header.rights).and(Rights::ALL), name, ..program })
}
