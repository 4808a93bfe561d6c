//! From a program to a machine that runs it, and what is said when the run is over.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use mvm_diag::{Diagnostic, render};
use mvm_exec::{Environment, Exit, Image, Machine, Place, ProcessLimits, Trace, Uncaught};
use mvm_module::Module;

use crate::Status;
use crate::args::MachineArgs;
use crate::gc_log::GcLog;
use crate::host::HostConsole;
use crate::output::{Failure, colored_errors};
use crate::source::Sources;

/// Frames of a backtrace that are shown at each end.
const TRACE_SHOWN: usize = 16;

/// A machine with the limits and surroundings that the arguments ask for.
pub(crate) fn machine(
    image: &Arc<Image>,
    args: &MachineArgs,
    console: HostConsole,
) -> Result<Machine<HostConsole>, Failure> {
    let limits = ProcessLimits {
        heap: args.heap_options(),
        stack_slots: usize::try_from(args.limit_stack / 8).unwrap_or(usize::MAX).min(1 << 32),
    };
    let env = Environment {
        args: args.arguments.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        vars: environment(args),
    };
    let log = args.gc.log.as_deref().map(GcLog::open).transpose()?;
    let machine = Machine::new(image, env, console, limits, args.limit_reductions);
    let mut machine = machine.ok_or_else(|| {
        Failure::wrong("the program has no function `main`")
            .help("a program starts at `func main() {`; a library has none and is used by `import`")
    })?;
    if let Some(log) = log {
        machine.process.watch_collections(Arc::new(log));
    }
    Ok(machine)
}

/// The environment variables that the program may see.
fn environment(args: &MachineArgs) -> BTreeMap<String, String> {
    let value = |name: &str, given: &Option<String>| match given {
        Some(value) => Some(value.clone()),
        None => std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()),
    };
    args.env.iter().filter_map(|(name, given)| Some((name.clone(), value(name, given)?))).collect()
}

/// Ends a run: writes out what the program has written, says why it ended, and gives the exit status.
pub(crate) fn finish(
    machine: &mut Machine<HostConsole>,
    exit: &Exit,
    sources: &mut Sources,
) -> Result<Status, Failure> {
    machine.console.end()?;
    machine.process.end_watch();
    let image = Arc::clone(machine.process.image());
    let (status, message) = match exit {
        Exit::Status(status) => return Ok(Status(*status as u8)),
        Exit::Break => return Ok(Status::OK),
        Exit::Uncaught(uncaught) => (Status::UNCAUGHT, describe_uncaught(image.module(), uncaught, sources)),
        Exit::ReductionLimit => {
            let limit = machine.reductions_max().unwrap_or(u64::MAX);
            let trace = Trace {
                inner: machine.process.frames(TRACE_SHOWN).iter().map(|frame| frame.place).collect(),
                ..Trace::default()
            };
            let message = format!("the limit of {limit} reductions was reached");
            (Status::LIMIT, describe_end(image.module(), message, &trace, sources))
        }
    };
    crate::output::message(&message);
    Ok(status)
}

/// Class, message and backtrace of an exception that nobody caught.
fn describe_uncaught(module: &Module, uncaught: &Uncaught, sources: &mut Sources) -> String {
    let class = module.type_name(uncaught.class);
    let message = match &*uncaught.message {
        "" => format!("uncaught `{class}`"),
        message => format!("uncaught `{class}`: {message}"),
    };
    describe_end(module, message, &uncaught.trace, sources)
}

/// A message with the source line it speaks of and the calls that led there.
fn describe_end(module: &Module, message: String, trace: &Trace, sources: &mut Sources) -> String {
    let mut diagnostic = Diagnostic::error("", message);
    if let Some(span) = trace.inner.first().and_then(|&place| sources.span(module, place)) {
        diagnostic = diagnostic.at(span, "");
    }
    let mut text = render(&diagnostic, sources.map(), colored_errors());
    text.push('\n');
    text.push_str(&backtrace(module, trace));
    text
}

/// The calls of a trace, the innermost first.
pub(crate) fn backtrace(module: &Module, trace: &Trace) -> String {
    let mut text = String::new();
    let places: Vec<Place> = trace.inner.iter().chain(&trace.outer).copied().collect();
    let shown = |index: usize| index < TRACE_SHOWN || index + TRACE_SHOWN >= places.len();
    let hidden = (0..places.len()).filter(|&index| !shown(index)).count();
    let mut omitted = trace.omitted + hidden;
    for (index, &place) in places.iter().enumerate() {
        let first_outer = index == trace.inner.len();
        if omitted > 0 && (!shown(index) || (hidden == 0 && first_outer)) {
            let _ = writeln!(text, "  ... {omitted} more calls");
            omitted = 0;
        }
        if shown(index) {
            let _ = writeln!(text, "  in {}", place_text(module, place));
        }
    }
    text
}

/// Function, file and line.
pub(crate) fn place_text(module: &Module, place: Place) -> String {
    let name = module.function_name(place.function);
    match module.function(place.function).and_then(|function| function.line_at(place.pc)) {
        Some(line) => {
            let file = module.sources.get(usize::from(line.file)).map_or("?", |name| name);
            format!("{name} ({file}:{})", line.line)
        }
        None => format!("{name}+{}", place.pc),
    }
}
