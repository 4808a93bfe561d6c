//! `mvm heap`: runs a program to a moment and shows what is on its heap and why.
//!
//! `look.rs` and `ways.rs` find everything out and put it into a report (`report.rs`), with the words of `names.rs` for
//! roots, objects and references. `text.rs` and `cells.rs` show the report to people, `svg.rs` draws the map (`map.rs`) as
//! a picture; the JSON is the report itself, and docs/MEMORY.md explains its fields.

mod cells;
mod look;
mod map;
mod names;
mod report;
mod svg;
mod text;
mod ways;

use std::path::Path;

use mvm_exec::Executor;
use mvm_kernel::{Exit, Machine, Pid};
use mvm_module::VerifiedModule;

use self::report::{Moment, Wanted, Why};
use crate::Status;
use crate::args::HeapArgs;
use crate::host::{HostConsole, Input};
use crate::machine::{finish, machine, place_text, run_to_end};
use crate::output::{Failure, Output, message};
use crate::program::{self, Program};
use crate::source::{display_name, write_file};

/// Runs the program to the moment, then shows the heap; the exit status is that of the program.
pub(crate) fn run(mut args: HeapArgs, output: &mut Output) -> Result<Status, Failure> {
    let at_exit = args.at.is_none();
    let Program { image, mut sources } = program::load_with(&args.program, None, |module| {
        if at_exit {
            keep_main(module)
        }
    })?;
    let wanted = Wanted {
        program: display_name(&args.program.program),
        top: args.top,
        class: args.class.as_deref().map(|name| look::class_named(&image, name)).transpose()?,
        path: args.path.as_deref().map(|text| look::target(&image, text)).transpose()?,
    };
    let limit = args.machine.limit_reductions;
    args.machine.limit_reductions = args.at.into_iter().chain(limit).min();
    let console = HostConsole::new(Input::standard(), args.machine.raw_terminal);
    let mut machine = machine(&image, &args.machine, console)?;
    let exit = run_to_end(&mut machine, std::slice::from_mut(&mut sources), |machine| {
        machine.run(Executor::DEFAULT)
    })?;
    let reached =
        exit == Exit::ReductionLimit && args.at.is_some_and(|at| limit.is_none_or(|limit| at <= limit));
    // What the program was asked to do is done: there is nothing to complain of.
    let end = if reached { &Exit::Break } else { &exit };
    let status = finish(&mut machine, end, &args.machine, std::slice::from_mut(&mut sources))?;
    if let Some(pid) = args.process
        && !machine.look_at(Pid(pid))
    {
        let there: Vec<String> = machine.processes().iter().map(|entry| entry.pid.0.to_string()).collect();
        return Err(Failure::wrong(format!("there is no process {pid} at this moment"))
            .help(format!("there are: {}", there.join(", "))));
    }
    let moment = moment(&mut machine, &exit, reached, args.at);
    let report = look::make(machine.process_mut(), moment, &wanted)?;
    if let Some(path) = &args.svg {
        write_file(path, svg::draw(&report).as_bytes())?;
    }
    show(&args, &report, output)?;
    Ok(status)
}

/// Lets the variables of main be roots until it returns: at its end it reads none of them any more.
fn keep_main(module: &VerifiedModule) {
    if let Some(main) = module.main {
        module.keep_registers(main);
    }
}

/// Says where the run has stopped, and stands in front of the return of a main that has returned.
fn moment(machine: &mut Machine<HostConsole>, exit: &Exit, reached: bool, at: Option<u64>) -> Moment {
    let returned = machine.process().is_finished();
    let first = machine.current() == Pid::MAIN;
    let why = match exit {
        Exit::ReductionLimit if reached => Why::Reached,
        _ if !first => Why::Elsewhere,
        Exit::Uncaught(_) => Why::Uncaught,
        Exit::ReductionLimit => Why::Limit,
        Exit::Deadlock | Exit::Crashed(..) | Exit::TogetherTooMuch(_) => Why::Exit,
        Exit::Status(_) | Exit::Break if !returned => Why::Exit,
        Exit::Status(_) | Exit::Break => {
            if machine.process_mut().return_to_main() {
                Why::Return
            } else {
                Why::End
            }
        }
    };
    let module = machine.process().image().module();
    let place = machine.process().frames(1).first().map(|frame| place_text(module, frame.place));
    let process = (machine.processes().len() > 1).then(|| machine.current().0);
    Moment { why, reductions: machine.process().reductions(), asked: at, place, process }
}

fn show(args: &HeapArgs, report: &report::Report, output: &mut Output) -> Result<(), Failure> {
    let style = cells::Style::new(args.output.is_none());
    let text = if args.json {
        let json = serde_json::to_string_pretty(report);
        format!("{}\n", json.map_err(|error| Failure::host(error.to_string()))?)
    } else {
        text::write(report, style, args)
    };
    match args.output.as_deref() {
        None => message(&text),
        Some(path) if path == Path::new("-") => output.text(&text)?,
        Some(path) => write_file(path, text.as_bytes())?,
    }
    Ok(())
}
