//! `mvm run`: runs programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use mvm_exec::native::Tier;
use mvm_exec::{Executor, ProcessLimits};
use mvm_kernel::{Environment, Exit, Machine, Program};

use crate::Status;
use crate::args::{MachineArgs, NativeArgs, OptimiseArgs, ProgramArgs, ProgramLine, RunArgs, TimeChoice};
use crate::host::{HostConsole, Input, OnConsole};
use crate::machine::{
    environment, finish, program, run_to_end, settings, stack_slots, start, use_threads, watch,
};
use crate::output::{Failure, message};
use crate::source::{Sources, display_name, is_stdin, read_bytes, read_text, write_file};
use crate::trace::Tracer;
use crate::{native, signals, table};

/// Reductions after which it is looked whether somebody wants to see all processes.
const LOOK_AFTER: u64 = 50_000_000;

/// What a line of an init file is.
const LINE_HELP: &str = "a line is: PROGRAM [--name NAME] [--allow RIGHTS] [--env NAME=VALUE] [--limit-heap BYTES] \
                         [--limit-stack BYTES] [--load] [-- ARGUMENTS]";

/// What will run.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) programs: Vec<Program>,
    pub(super) sources: Vec<Sources>,
    pub(super) names: Vec<String>,
    /// The compiler of native code, one for all.
    pub(super) tier: Option<Arc<dyn Tier>>,
}

/// What all programs of a run are given.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// Where libraries are.
    pub(super) libraries: &'a [PathBuf],
    pub(super) machine: &'a MachineArgs,
    pub(super) optimise: &'a OptimiseArgs,
    pub(super) native: &'a NativeArgs,
}

impl Loaded {
    /// The programs of these paths, or of a file that describes them, and those that they can start.
    pub(super) fn load(
        paths: &[PathBuf],
        with: &[(Option<String>, PathBuf)],
        init: Option<&Path>,
        given: Given<'_>,
    ) -> Result<Loaded, Failure> {
        let mut loaded = Loaded { tier: native::tier(given.native)?, ..Loaded::default() };
        // What stands behind the first program is more often meant for it than another one that is not there.
        if let Some(missing) = paths.iter().skip(1).find(|path| !is_stdin(path) && !path.exists()) {
            let name = display_name(missing);
            return Err(Failure::wrong(format!("there is no program `{name}`"))
                .help(format!("arguments for the program stand behind `--`: -- {name}")));
        }
        match init {
            Some(path) => loaded.init(path, given)?,
            None => {
                for path in paths {
                    loaded.add(path, given, None)?;
                }
            }
        }
        for (name, path) in with {
            let env = Environment { args: Vec::new(), vars: environment(&given.machine.env) };
            loaded.add(path, given, name.clone())?.env = env;
            loaded.not_started()?;
        }
        Ok(loaded)
    }

    /// The program that was loaded last is started by others, by its name.
    fn not_started(&mut self) -> Result<(), Failure> {
        let (Some(program), Some(name)) = (self.programs.last_mut(), self.names.last()) else {
            return Ok(());
        };
        program.name = Some(name.clone());
        if self.programs.iter().filter(|program| program.name.as_ref() == Some(name)).count() > 1 {
            return Err(Failure::wrong(format!("two programs are loaded by the name `{name}`"))
                .help("give one of them another name: --with NAME=PROGRAM, or --name in an init file"));
        }
        Ok(())
    }

    /// Lets each line of output say which program has written it, when there are several. The only one that is started needs no name.
    pub(super) fn prefix_lines(&self, console: &mut HostConsole) {
        if self.programs.len() < 2 {
            return;
        }
        let alone = self.programs.iter().filter(|program| program.name.is_none()).count() == 1;
        let prefix = |(program, name): (&Program, &String)| {
            (program.name.is_some() || !alone).then(|| format!("[{name}] "))
        };
        console.prefix_lines(self.programs.iter().zip(&self.names).map(prefix).collect());
    }

    fn add(&mut self, path: &Path, given: Given<'_>, name: Option<String>) -> Result<&mut Program, Failure> {
        let place = ProgramArgs {
            program: path.into(),
            libraries: given.libraries.to_vec(),
            optimise: given.optimise.clone(),
        };
        let loaded = crate::program::load_with(&place, self.tier.clone(), |_| ())?;
        if let Some(native) = loaded.image.native().filter(|_| given.native.jit_stats) {
            native.count_leaving();
        }
        self.programs.push(program(&loaded.image, given.machine)?);
        self.sources.push(loaded.sources);
        let stem = path.file_stem().map_or_else(|| "-".into(), |stem| stem.to_string_lossy().into_owned());
        self.names.push(name.unwrap_or(stem));
        Ok(self.programs.last_mut().expect("it was pushed just now"))
    }

    /// The programs of a file that describes them.
    fn init(&mut self, path: &Path, given: Given<'_>) -> Result<(), Failure> {
        let text = read_text(path)?;
        for (index, line) in text.lines().enumerate() {
            let words = words(line);
            if words.is_empty() {
                continue;
            }
            let place = format!("{}:{}", path.display(), index + 1);
            let line = ProgramLine::try_parse_from(&words).map_err(|error| {
                let text = error.to_string();
                let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string();
                Failure::wrong(format!("{place}: {what}")).help(LINE_HELP)
            })?;
            let beside = path.parent().unwrap_or(Path::new("")).join(&line.program);
            let program = self.add(&beside, given, line.name)?;
            program.rights = program.rights.and(line.allow);
            let mut vars = program.env.vars.clone();
            vars.extend(environment(&line.env));
            program.env = Environment { args: line.arguments, vars };
            let ProcessLimits { heap, stack_slots: slots } = &mut program.limits;
            if let Some(bytes) = line.limit_heap {
                heap.limit_words = bytes.div_ceil(8);
            }
            *slots = line.limit_stack.map_or(*slots, stack_slots);
            if line.load {
                self.not_started()?;
            }
        }
        if self.programs.iter().all(|program| program.name.is_some()) {
            let what = if self.programs.is_empty() { "names no program" } else { "starts no program" };
            return Err(Failure::wrong(format!("`{}` {what}", path.display())).help(LINE_HELP));
        }
        Ok(())
    }
}

/// The words of a line; those with spaces stand in quotes, `#` begins a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Runs the programs to their ends; the exit status is theirs.
pub(crate) fn run(args: &RunArgs) -> Result<Status, Failure> {
    let loaded = Loaded::load(
        &args.programs,
        &args.with,
        args.init.as_deref(),
        Given {
            libraries: &args.libraries,
            machine: &args.machine,
            optimise: &args.optimise,
            native: &args.native,
        },
    )?;
    let mut host = HostConsole::new(Input::standard(), args.machine.raw_terminal);
    loaded.prefix_lines(&mut host);
    let Loaded { programs, mut sources, .. } = loaded;
    if args.trace {
        host.write_at_once();
    }
    let image = programs[0].image.clone();
    let mut machine = match &args.resume {
        Some(path) => resume(path, programs, args, host)?,
        None => start(programs, &args.machine, None, TimeChoice::Host, host)?,
    };
    watch(&mut machine, &args.machine)?;
    signals::keep();
    let exit = if args.trace {
        let mut tracer = Tracer::new(&image);
        let exit = run_to_end(&mut machine, &mut sources, |machine| machine.run_with(&mut tracer));
        tracer.finish(machine.process());
        exit
    } else if let Some(path) = &args.save {
        let exit = run_to_end(&mut machine, &mut sources, |machine| {
            let exit = machine.run_to_round(Executor::DEFAULT, args.save_round)?;
            Ok(exit.unwrap_or(Exit::Break))
        });
        if let Ok(Exit::Break) = exit {
            let bytes = machine.snapshot().map_err(|error| Failure::host(error.to_string()))?;
            write_file(path, &bytes)?;
        } else if exit.is_ok() {
            let rounds = machine.round();
            machine.host.flush()?;
            message(&format!("note: nothing was saved: the run was over in round {rounds}\n"));
        }
        exit
    } else {
        run_to_end(&mut machine, &mut sources, run_and_look)
    };
    let status = finish(&mut machine, &exit?, &args.machine, &mut sources)?;
    native::report(&machine, &args.native, args.json);
    Ok(status)
}

/// The machine that was written into a file.
fn resume(
    path: &Path,
    programs: Vec<Program>,
    args: &RunArgs,
    host: HostConsole,
) -> Result<Machine<HostConsole>, Failure> {
    let bytes = read_bytes(path)?;
    let settings = settings(&args.machine, None, TimeChoice::Host);
    let mut machine = Machine::restore(programs, &settings, &bytes, host).map_err(|error| {
        Failure::wrong(format!("`{}`: {error}", display_name(path)))
            .help("`mvm run --save FILE PROGRAM` makes one; `--resume` wants the same programs and options")
    })?;
    use_threads(&mut machine, &args.machine);
    Ok(machine)
}

/// Runs, and shows all processes when somebody asks for that.
pub(super) fn run_and_look<H: OnConsole>(machine: &mut Machine<H>) -> std::io::Result<Exit> {
    let mut rest = machine.take_fuel();
    loop {
        let piece = rest.min(LOOK_AFTER);
        rest -= piece;
        machine.add_fuel(piece);
        let exit = machine.run(Executor::DEFAULT)?;
        if signals::wants_table() {
            let _ = machine.host.console().flush();
            message(&table::text(machine));
        }
        match exit {
            Exit::ReductionLimit if rest > 0 => {}
            exit => {
                machine.add_fuel(rest);
                return Ok(exit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn lines_have_words_quotes_and_comments() {
        assert_eq!(
            words("a.masm --name 'x y' -- \"\" b#c # d"),
            ["a.masm", "--name", "x y", "--", "", "b#c"]
        );
        assert!(words("  # nothing").is_empty());
    }
}
