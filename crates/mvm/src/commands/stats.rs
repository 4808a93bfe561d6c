//! `mvm stats`: runs a program and counts what it executes.

use crate::Status;
use crate::args::StatsArgs;
use crate::host::{HostConsole, Input};
use crate::machine::{finish, machine, run_to_end};
use crate::output::{Failure, message};
use crate::program::{self, Program};
use crate::source::write_file;
use crate::stats::Counters;

/// Runs the program to its end, then shows the counts; the exit status is that of the program.
pub(crate) fn run(args: &StatsArgs) -> Result<Status, Failure> {
    let Program { image, mut sources } = program::load(&args.program)?;
    let mut machine =
        machine(&image, &args.machine, HostConsole::new(Input::standard(), args.machine.raw_terminal))?;
    let mut counters = Counters::new();
    let exit = run_to_end(&mut machine, std::slice::from_mut(&mut sources), |machine| {
        machine.run_with(&mut counters)
    })?;
    let status = finish(&mut machine, &exit, &args.machine, std::slice::from_mut(&mut sources))?;
    let reductions = machine.reductions();
    let text = if args.json {
        format!("{}\n", counters.json(reductions))
    } else {
        counters.text(reductions, args.top)
    };
    match &args.output {
        Some(path) => write_file(path, text.as_bytes())?,
        None => message(&text),
    }
    Ok(status)
}
