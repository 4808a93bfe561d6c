//! From a program to a machine that runs it, and what is said when the run is over.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use mvm_diag::{Diagnostic, Span, render};
use mvm_exec::{Image, Place, Process, ProcessLimits, Trace, Uncaught};
use mvm_isa::TrapCode;
use mvm_kernel::{
    CorePart, Entry, Environment, Exit, Host, Machine, Pid, PolicyChoice, Program, Settings, State, WaitsFor,
};
use mvm_module::{Module, SourceCall};
use mvm_pool::Pool;

use crate::Status;
use crate::args::{MachineArgs, TimeChoice};
use crate::gc_log::GcLog;
use crate::host::{HostConsole, OnConsole};
use crate::memory;
use crate::output::{Failure, colored_errors};
use crate::source::{Sources, is_myna};
use crate::table;

/// Frames of a backtrace that are shown at each end.
const TRACE_SHOWN: usize = 16;

/// Bytes of an exception's message that are shown.
const MESSAGE_SHOWN: usize = 4096;

/// Calls that are counted.
const FRAMES_MAX: usize = 1 << 22;

/// A machine with the limits and surroundings that the arguments ask for, for one program.
pub(crate) fn machine(
    image: &Arc<Image>,
    args: &MachineArgs,
    host: HostConsole,
) -> Result<Machine<HostConsole>, Failure> {
    let mut machine = start(vec![program(image, args)?], args, None, TimeChoice::Virtual, host)?;
    watch(&mut machine, args)?;
    Ok(machine)
}

/// A program with the limits and surroundings that the arguments ask for.
pub(crate) fn program(image: &Arc<Image>, args: &MachineArgs) -> Result<Program, Failure> {
    let limits = ProcessLimits { heap: args.heap_options(), stack_slots: stack_slots(args.limit_stack) };
    let env = Environment {
        args: args.arguments.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        vars: environment(&args.env),
    };
    let program = Program::new(image, env, limits).ok_or_else(|| {
        Failure::wrong("the program has no function `main`")
            .help("a program starts at `func main() {`; a library has none and is used by `import`")
    })?;
    Ok(Program { rights: args.kernel.allow, ..program })
}

/// Slots of a stack of so many bytes.
pub(crate) fn stack_slots(bytes: u64) -> usize {
    usize::try_from(bytes / 8).unwrap_or(usize::MAX).min(1 << 32)
}

/// A machine that will run these programs; with a policy to be looked at, it writes down what the scheduler does.
pub(crate) fn start<H: Host>(
    programs: Vec<Program>,
    args: &MachineArgs,
    policy: Option<PolicyChoice>,
    time: TimeChoice,
    host: H,
) -> Result<Machine<H>, Failure> {
    let mut machine = Machine::start(programs, &settings(args, policy, time), host)
        .ok_or_else(|| Failure::host("the host has no memory for the program"))?;
    use_threads(&mut machine, args);
    Ok(machine)
}

/// How the machine is to run.
pub(crate) fn settings(args: &MachineArgs, policy: Option<PolicyChoice>, time: TimeChoice) -> Settings {
    let kernel = &args.kernel;
    Settings {
        cores: kernel.cores,
        trace: policy.is_some(),
        policy: policy.unwrap_or_else(|| kernel.sched.clone()),
        seed: kernel.seed,
        host_time: kernel.time.unwrap_or(time) == TimeChoice::Host,
        reductions_max: args.limit_reductions,
        round: 0,
    }
}

/// Lets as many threads execute the cores as were asked for.
pub(crate) fn use_threads<H: Host>(machine: &mut Machine<H>, args: &MachineArgs) {
    let cores = machine.core_count() as usize;
    let threads = match args.kernel.threads {
        Some(threads) => threads as usize,
        None => thread::available_parallelism().map_or(1, usize::from).min(cores),
    };
    if cores > 1 && threads > 1 {
        let mut pool = Pool::new(threads - 1, CorePart::run);
        machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
    }
}

/// Lets the first process be watched as the arguments ask for.
pub(crate) fn watch<H: OnConsole>(machine: &mut Machine<H>, args: &MachineArgs) -> Result<(), Failure> {
    let log = args.gc.log.as_deref().map(GcLog::open).transpose()?;
    if args.check_memory.is_some() {
        machine.process_mut().check_memory();
    }
    if let Some(log) = log {
        machine.process_mut().watch_collections(Arc::new(log));
    }
    Ok(())
}

/// The environment variables that the program may see.
pub(crate) fn environment(wanted: &[(String, Option<String>)]) -> BTreeMap<String, String> {
    let value = |name: &str, given: &Option<String>| match given {
        Some(value) => Some(value.clone()),
        None => std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()),
    };
    wanted.iter().filter_map(|(name, given)| Some((name.clone(), value(name, given)?))).collect()
}

/// Ends a run: writes out what the program has written, says why it ended, and gives the exit status.
pub(crate) fn finish<H: OnConsole>(
    machine: &mut Machine<H>,
    exit: &Exit,
    args: &MachineArgs,
    sources: &mut [Sources],
) -> Result<Status, Failure> {
    let shown = args.kernel.ps_on_exit.then(|| table::text(machine));
    let written = machine.host.console().end();
    let logged = machine.process_mut().end_watch().map_err(|error| {
        let path = args.gc.log.as_deref().unwrap_or(Path::new("-"));
        GcLog::failure(path, &error)
    });
    written?;
    let image = Arc::clone(machine.process().image());
    let program = (0..machine.programs()).find(|&number| Arc::ptr_eq(machine.image(number as u32), &image));
    let sources = &mut sources[program.unwrap_or(0)];
    let Some((status, message)) = ending(machine, exit, sources) else { return logged.map(|()| Status::OK) };
    let mut messages: Vec<String> = message.into_iter().chain(shown).collect();
    if let Some(check) = args.check_memory {
        messages.extend(memory::report(machine.process_mut(), check, sources));
    }
    if !messages.is_empty() {
        crate::output::message(&messages.join("\n"));
    }
    // What the program has done is said first; then that what was asked about it is not complete.
    logged.map(|()| status)
}

/// The exit status of a program that has ended, and what there is to say; none if it has not ended.
pub(crate) fn ending<H: Host>(
    machine: &Machine<H>,
    exit: &Exit,
    sources: &mut Sources,
) -> Option<(Status, Option<String>)> {
    let image = Arc::clone(machine.process().image());
    let stopped = |diagnostic, sources: &mut Sources| {
        describe_end(image.module(), diagnostic, &trace_of(machine.process()), sources)
    };
    Some(match exit {
        Exit::Status(status) => (Status(*status as u8), None),
        Exit::Break | Exit::Crashed(..) => return None,
        Exit::TogetherTooMuch(_) => {
            let diagnostic = Diagnostic::error("", TOGETHER_TOO_MUCH).help("`--limit-heap` allows more");
            (Status::LIMIT, Some(stopped(diagnostic, sources)))
        }
        Exit::Deadlock => (Status::UNCAUGHT, Some(describe_deadlock(machine, sources))),
        Exit::Uncaught(uncaught) => {
            (Status::UNCAUGHT, Some(describe_uncaught(machine.process(), uncaught, sources)))
        }
        Exit::ReductionLimit => {
            let limit = machine.reductions_max().unwrap_or(u64::MAX);
            let message = format!("the limit of {limit} reductions was reached");
            let diagnostic = Diagnostic::error("", message).help("`--limit-reductions` allows more");
            (Status::LIMIT, Some(stopped(diagnostic, sources)))
        }
    })
}

/// Lets the program run to its end; tells of processes that fail on the way.
pub(crate) fn run_to_end<H: OnConsole>(
    machine: &mut Machine<H>,
    sources: &mut [Sources],
    mut run: impl FnMut(&mut Machine<H>) -> std::io::Result<Exit>,
) -> Result<Exit, Failure> {
    let mut failed = 0usize;
    let exit = loop {
        let exit = run(machine).map_err(|error| machine.host.console().failure(error))?;
        let text = match &exit {
            Exit::Crashed(pid, program, uncaught) if failed < FAILED_SHOWN => {
                let module = machine.image(*program).module();
                describe_crash(module, *pid, uncaught, &mut sources[*program as usize])
            }
            Exit::TogetherTooMuch(pid) if *pid != Pid::MAIN && failed < FAILED_SHOWN => {
                format!("error: process {} was ended: {TOGETHER_TOO_MUCH}\n", pid.0)
            }
            Exit::Crashed(..) => String::new(),
            Exit::TogetherTooMuch(pid) if *pid != Pid::MAIN => String::new(),
            _ => break exit,
        };
        failed += 1;
        if !text.is_empty() {
            machine.host.console().flush()?;
            crate::output::message(&text);
        }
    };
    if failed > FAILED_SHOWN {
        crate::output::message(&format!("{} more processes failed\n", failed - FAILED_SHOWN));
    }
    Ok(exit)
}

/// Processes whose failure is described; of others only the number is said.
const FAILED_SHOWN: usize = 16;

/// What is said of a program whose processes hold too much memory together.
const TOGETHER_TOO_MUCH: &str = "all processes together hold more than twice the memory that one may hold";

/// What is said when a process other than the first one has failed.
pub(crate) fn describe_crash(
    module: &Module,
    pid: Pid,
    uncaught: &Uncaught,
    sources: &mut Sources,
) -> String {
    let class = error_name(module, uncaught);
    let message = match &*uncaught.message {
        "" => format!("process {} ended: uncaught `{class}`", pid.0),
        message => format!("process {} ended: uncaught `{class}`: {message}", pid.0),
    };
    let diagnostic = Diagnostic::error("", message).help("the other processes go on");
    describe_end(module, diagnostic, &uncaught.trace, sources)
}

/// Processes of a deadlock that are shown.
const WAITING_SHOWN: usize = 16;

/// Who waits where, when nothing can happen any more.
fn describe_deadlock<H: Host>(machine: &Machine<H>, sources: &mut Sources) -> String {
    let mut text = String::new();
    let processes = machine.processes();
    let count = processes.len();
    let for_messages = |entry: &Entry<'_>| matches!(entry.state, State::Waits(WaitsFor::Message, _));
    let all_for_messages = processes.iter().all(for_messages);
    let mut processes = processes.into_iter();
    if let Some(first) = processes.next() {
        let state = doing(first.state);
        let message = match count {
            1 if all_for_messages => {
                "the process waits for a message, and nobody is left who could send one".to_string()
            }
            1 => format!("the process {}, and nothing else can happen", state),
            _ if all_for_messages => {
                format!("all {count} processes wait for messages, and nothing else can happen")
            }
            _ => format!("the first process {}, and none of the {count} can run", state),
        };
        let (module, trace) = (first.process.image().module(), trace_of(first.process));
        text = describe_end(module, Diagnostic::error("", message), &trace, sources);
    }
    for entry in processes.take(WAITING_SHOWN) {
        let place = entry.process.frames(1).first().map(|frame| frame.place);
        let place = place.map(|place| place_text(entry.process.image().module(), place)).unwrap_or_default();
        let _ = writeln!(text, "  process {} {} in {place}", entry.pid.0, doing(entry.state));
    }
    if count > WAITING_SHOWN + 1 {
        let _ = writeln!(text, "  ... {} more", count - WAITING_SHOWN - 1);
    }
    text
}

/// What a process does that does not run.
fn doing(state: State) -> String {
    match state {
        // It could run.
        State::Ready => "was stopped by a signal".into(),
        State::Waits(WaitsFor::Time, _) => "sleeps for ever".into(),
        State::Waits(what, _) => table::waits_for(what),
    }
}

/// Class, message and backtrace of an exception that nobody caught.
fn describe_uncaught(process: &Process, uncaught: &Uncaught, sources: &mut Sources) -> String {
    let module = process.image().module();
    let class = error_name(module, uncaught);
    let message = match &*uncaught.message {
        "" => format!("uncaught `{class}`"),
        message => format!("uncaught `{class}`: {}", shortened(message)),
    };
    let mut diagnostic = Diagnostic::error("", message);
    let error = uncaught.trap.and_then(|trap| process.block_error(&trap));
    let checking = error.as_ref().filter(|_| !process.checks_memory());
    let checking = checking.and_then(|error| memory::check_advice(error.misuse));
    diagnostic.help = checking.or_else(|| uncaught.trap.map(|trap| advice(trap.code, is_of_myna(module))));
    if let Some(remark) = error.as_ref().and_then(|error| memory::remark(error.misuse)) {
        diagnostic = diagnostic.note(remark, None);
    }
    let mut text = describe_end(module, diagnostic, &uncaught.trace, sources);
    if let Some(history) = error.and_then(|error| error.history) {
        text.push_str(&memory::history_text(module, &history, sources));
    }
    text
}

/// The class of an error, as it is called in the language of the program.
fn error_name(module: &Module, uncaught: &Uncaught) -> String {
    let name = module.type_name(uncaught.class);
    if is_of_myna(module) { mvm_lang::library::library_name(&name).to_owned() } else { name.to_string() }
}

/// Whether a module has been made of text in Myna.
fn is_of_myna(module: &Module) -> bool {
    module.sources.iter().any(|source| is_myna(Path::new(&**source)))
}

/// Whether it is the call that the compiler of Myna makes of `main` or of a test, which no line of the source has.
fn is_start_of_myna(module: &Module, place: Place) -> bool {
    module.main == Some(place.function) && is_of_myna(module)
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
fn advice(code: TrapCode, myna: bool) -> String {
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
        | TrapCode::Unreachable => {
            let class = code.class_name();
            let caught = match myna {
                true => format!("`catch e: {}` takes it", mvm_lang::library::library_name(class)),
                false => "`try` catches it".to_owned(),
            };
            format!("`mvm help {class}` explains it; {caught}")
        }
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
    if let Some(span) = own_span(module, trace, sources) {
        diagnostic = diagnostic.at(span, "");
    }
    let mut text = render(&diagnostic, sources.map(), colored_errors());
    text.push('\n');
    text.push_str(&backtrace(module, trace));
    text
}

/// Names of the sources of Myna's library begin so.
const LIBRARY: &str = "std/";

/// Where something has gone wrong: the innermost line that is not Myna's library's, since that is where the program can be mended; else the
/// innermost.
fn own_span(module: &Module, trace: &Trace, sources: &mut Sources) -> Option<Span> {
    let own = |place: &Place| {
        let calls = module.function(place.function)?.source_calls(place.function, place.pc);
        let mut lines = calls.into_iter().filter_map(|call| call.line);
        lines.find(|line| {
            module.sources.get(usize::from(line.file)).is_some_and(|file| !file.starts_with(LIBRARY))
        })
    };
    let first = trace.inner.first()?;
    match trace.inner.iter().chain(&trace.outer).find_map(own) {
        Some(line) => sources.span_of(module, line),
        None => sources.span(module, *first),
    }
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
            let mut calls = calls_text(module, place);
            let last = index + 1 == places.len();
            if last && places.len() + calls.len() > 2 && is_start_of_myna(module, place) {
                calls.pop();
            }
            for call in calls {
                let _ = writeln!(text, "  in {call}");
            }
        }
    }
    text
}

/// Function, file and line: those of the source, when code was inlined there.
pub(crate) fn place_text(module: &Module, place: Place) -> String {
    calls_text(module, place).into_iter().next().unwrap_or_default()
}

/// Function, file and line of a place and of the calls it was inlined by, the innermost first.
fn calls_text(module: &Module, place: Place) -> Vec<String> {
    let Some(function) = module.function(place.function) else {
        return vec![format!("{}+{}", module.function_name(place.function), place.pc)];
    };
    let text = |call: SourceCall| {
        let name = module.function_name(call.function);
        match call.line {
            Some(line) => {
                let file = module.sources.get(usize::from(line.file)).map_or("?", |name| name);
                format!("{name} ({file}:{})", line.line)
            }
            None if call.function == place.function => format!("{name}+{}", place.pc),
            None => name,
        }
    };
    function.source_calls(place.function, place.pc).into_iter().map(text).collect()
}
