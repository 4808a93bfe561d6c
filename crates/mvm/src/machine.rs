//! From a program to a machine that runs it, and what is said when the run is over.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use mvm_diag::{Diagnostic, render};
use mvm_exec::{Environment, Exit, Image, Machine, Place, Process, ProcessLimits, Trace, Uncaught};
use mvm_isa::TrapCode;
use mvm_module::Module;

use crate::Status;
use crate::args::MachineArgs;
use crate::gc_log::GcLog;
use crate::host::HostConsole;
use crate::memory;
use crate::output::{Failure, colored_errors};
use crate::source::Sources;

/// Frames of a backtrace that are shown at each end.
const TRACE_SHOWN: usize = 16;

/// Bytes of an exception's message that are shown.
const MESSAGE_SHOWN: usize = 4096;

/// Calls that are counted.
const FRAMES_MAX: usize = 1 << 22;

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
    if args.check_memory.is_some() {
        machine.process.check_memory();
    }
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
    args: &MachineArgs,
    sources: &mut Sources,
) -> Result<Status, Failure> {
    let written = machine.console.end();
    let logged = machine.process.end_watch().map_err(|error| {
        let path = args.gc.log.as_deref().unwrap_or(Path::new("-"));
        GcLog::failure(path, &error)
    });
    written?;
    let image = Arc::clone(machine.process.image());
    let (status, message) = match exit {
        Exit::Status(status) => (Status(*status as u8), None),
        Exit::Break => return logged.map(|()| Status::OK),
        Exit::Uncaught(uncaught) => {
            (Status::UNCAUGHT, Some(describe_uncaught(&machine.process, uncaught, sources)))
        }
        Exit::ReductionLimit => {
            let limit = machine.reductions_max().unwrap_or(u64::MAX);
            let message = format!("the limit of {limit} reductions was reached");
            let diagnostic = Diagnostic::error("", message).help("`--limit-reductions` allows more");
            let text = describe_end(image.module(), diagnostic, &trace_of(&machine.process), sources);
            (Status::LIMIT, Some(text))
        }
    };
    let mut messages: Vec<String> = message.into_iter().collect();
    if let Some(check) = args.check_memory {
        messages.extend(memory::report(&mut machine.process, check, sources));
    }
    if !messages.is_empty() {
        crate::output::message(&messages.join("\n"));
    }
    // What the program has done is said first; then that what was asked about it is not complete.
    logged.map(|()| status)
}

/// Class, message and backtrace of an exception that nobody caught.
fn describe_uncaught(process: &Process, uncaught: &Uncaught, sources: &mut Sources) -> String {
    let module = process.image().module();
    let class = module.type_name(uncaught.class);
    let message = match &*uncaught.message {
        "" => format!("uncaught `{class}`"),
        message => format!("uncaught `{class}`: {}", shortened(message)),
    };
    let mut diagnostic = Diagnostic::error("", message);
    let error = uncaught.trap.and_then(|trap| process.block_error(&trap));
    let checking = error.as_ref().filter(|_| !process.checks_memory());
    let checking = checking.and_then(|error| memory::check_advice(error.misuse));
    diagnostic.help = checking.or_else(|| uncaught.trap.map(|trap| advice(trap.code)));
    if let Some(remark) = error.as_ref().and_then(|error| memory::remark(error.misuse)) {
        diagnostic = diagnostic.note(remark, None);
    }
    let mut text = describe_end(module, diagnostic, &uncaught.trace, sources);
    if let Some(history) = error.and_then(|error| error.history) {
        text.push_str(&memory::history_text(module, &history, sources));
    }
    text
}

/// The beginning of a message that may be as long as the heap of a program.
fn shortened(message: &str) -> Cow<'_, str> {
    let end = message.floor_char_boundary(MESSAGE_SHOWN);
    match message.len() - end {
        0 => message.into(),
        more => format!("{} ... and {more} more bytes", &message[..end]).into(),
    }
}

/// What to do about a trap.
fn advice(code: TrapCode) -> String {
    match code {
        TrapCode::StackOverflow => "`--limit-stack` allows more; or does a recursion not end?".into(),
        TrapCode::OutOfMemory => "`--limit-heap` allows more".into(),
        TrapCode::DivideByZero
        | TrapCode::IntegerOverflow
        | TrapCode::InvalidConversion
        | TrapCode::OutOfBounds
        | TrapCode::NullReference
        | TrapCode::BadCast
        | TrapCode::InvalidArgument
        | TrapCode::NotABoundary
        | TrapCode::InvalidUtf8
        | TrapCode::InvalidCodePoint
        | TrapCode::DoubleFree
        | TrapCode::Unreachable => format!("`mvm help {0}` explains it; `try` catches it", code.class_name()),
    }
}

/// The calls of a process where it stands.
fn trace_of(process: &Process) -> Trace {
    let places: Vec<Place> = process.frames(FRAMES_MAX).iter().map(|frame| frame.place).collect();
    let depth = process.depth();
    let inner = places.iter().copied().take(TRACE_SHOWN).collect();
    // Of a stack that is too deep to be read as a whole, the outer end is not known.
    let first =
        if places.len() < depth { places.len() } else { TRACE_SHOWN.max(depth.saturating_sub(TRACE_SHOWN)) };
    let outer: Vec<Place> = places.into_iter().skip(first).collect();
    let omitted = depth.saturating_sub(TRACE_SHOWN + outer.len());
    Trace { inner, omitted, outer }
}

/// A message with the source line it speaks of and the calls that led there.
pub(crate) fn describe_end(
    module: &Module,
    mut diagnostic: Diagnostic,
    trace: &Trace,
    sources: &mut Sources,
) -> String {
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
