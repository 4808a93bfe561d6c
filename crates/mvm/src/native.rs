//! The compiler of native code, and what is said about its work at the end of a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};

use mvm_exec::native::{Evicted, NativeStats, NativeTable, Tier};
use mvm_exec::{Image, Place};
use mvm_isa::Opcode;
use mvm_jit::explain::leaving_reason;
use mvm_jit::{Event, Jit, Listener, Made, Options};
use mvm_kernel::{Host, Machine};
use mvm_module::FuncId;
use mvm_module::cfg::instructions_from;
use serde_json::{Value, json};

use crate::args::NativeArgs;
use crate::jitdump::JitDump;
use crate::machine::place_text;
use crate::output::{Failure, message, reason};
use crate::source::display_name;

/// The compiler of native code, unless everything is to be interpreted.
pub(crate) fn tier(args: &NativeArgs) -> Result<Option<Arc<dyn Tier>>, Failure> {
    if args.no_jit {
        return Ok(None);
    }
    let map = if args.jit_perf_map { Some(perf_map()?) } else { None };
    let dump = args.jit_dump.as_deref().map(dump).transpose()?;
    let options = Options {
        threshold: args.jit_threshold,
        lines: dump.is_some(),
        listener: Some(listener(map, dump)),
        background: !args.jit_sync,
        code_limit: Some(usize::try_from(args.jit_code_limit).unwrap_or(usize::MAX)),
        ..Options::default()
    };
    let Some(jit) = Jit::with(options) else {
        let none = || Failure::wrong("there is no native code for this processor").help("leave out --jit");
        return if args.jit { Err(none()) } else { Ok(None) };
    };
    quiet_panics();
    Ok(Some(jit))
}

/// Tells of the first function that the compiler fails at, and of all native code if somebody wants to know.
fn listener(map: Option<Mutex<File>>, dump: Option<&'static JitDump>) -> Listener {
    let told = AtomicBool::new(false);
    Box::new(move |event| match event {
        Event::Made(made) => {
            let Made { name, address, bytes, .. } = made;
            if let Some(dump) = dump {
                dump.add(&made);
            }
            if let Some(map) = &map {
                let line = format!("{address:x} {bytes:x} {name}\n");
                // A profiler without some names is better than a program that ends for it.
                let _ = map.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
            }
        }
        Event::Failed { function, why } => {
            if !told.swap(true, Ordering::Relaxed) {
                message(&format!(
                    "note: a bug in the compiler of native code: `{function}` stays interpreted, which changes nothing but the time it \
                     takes ({why}); --jit-stats shows all such functions\n"
                ));
            }
        }
    })
}

/// Panics of the compiler are told by its listener.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !mvm_jit::is_compiling() {
                before(panic);
            }
        }));
    });
}

/// The file in which Linux perf looks for the names of code that is made at run time.
fn perf_map() -> Result<Mutex<File>, Failure> {
    let path = PathBuf::from(format!("/tmp/perf-{}.map", std::process::id()));
    let file = File::options().write(true).create_new(true).open(&path);
    let failed = |error| Failure::host(format!("cannot make `{}`: {error}", path.display()));
    file.map(Mutex::new).map_err(failed)
}

/// The file with code, one of the process: so whoever ends it need not know who adds to it.
static DUMP: OnceLock<JitDump> = OnceLock::new();

/// Makes the file in which Linux perf looks for code that is made at run time.
fn dump(directory: &Path) -> Result<&'static JitDump, Failure> {
    let made = JitDump::create(directory);
    let failed = |error| {
        Failure::host(format!(
            "cannot make `jit-PID.dump` in `{}`: {}",
            display_name(directory),
            reason(&error)
        ))
    };
    let made = made.map_err(failed)?;
    Ok(DUMP.get_or_init(|| made))
}

/// Says what was compiled and where it was left, if somebody wants to know: as text, or as a line of JSON for each program.
pub(crate) fn report<H: Host>(machine: &Machine<H>, args: &NativeArgs, as_json: bool) {
    let show = if as_json { json } else { text };
    for number in (0..machine.programs()).filter(|_| args.jit_stats) {
        let image = machine.image(number as u32);
        image.native().into_iter().for_each(NativeTable::wait);
        show(image).iter().for_each(|shown| message(shown));
    }
    DUMP.get().into_iter().for_each(JitDump::close);
}

/// Places that are shown, the most frequent ones.
const SHOWN: usize = 20;

/// What was compiled, what was not, and where native code was left; None without a compiler.
fn text(image: &Image) -> Option<String> {
    let stats = image.native()?.stats();
    let module = image.module();
    let compiled = stats.tried.iter().filter_map(|tried| tried.code.ok());
    let (functions, bytes) = compiled.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes));
    let words: usize = stats
        .tried
        .iter()
        .filter(|tried| tried.code.is_ok())
        .map(|tried| module.functions[tried.function.0 as usize].code.len())
        .sum();
    let mut text = format!(
        "native code: {functions} of {} functions, {bytes} bytes for {words} words of code, made in {:.1} ms\n",
        module.functions.len(),
        stats.compiling.as_secs_f64() * 1e3
    );
    for tried in &stats.tried {
        if let Err(why) = tried.code {
            let name = &module.functions[tried.function.0 as usize].name;
            let _ = writeln!(text, "  `{name}` stays interpreted: {why}");
        }
    }
    text += &room(image, &stats);
    let left: u64 = stats.left.values().sum();
    let _ = writeln!(
        text,
        "left {left} times, entered in the middle of a function {} times",
        stats.entered_in_loops
    );
    let mut reasons: Vec<(&str, u64)> = by_reason(image, &stats).into_iter().collect();
    reasons.sort_by_key(|&(reason, count)| (std::cmp::Reverse(count), reason));
    for (reason, count) in reasons {
        let _ = writeln!(text, "{count:>10}  {reason}");
    }
    if left > 0 {
        text.push_str("the most frequent places:\n");
    }
    let places = places(&stats);
    for &(pc, count) in places.iter().take(SHOWN) {
        let Some((function, at)) = image.locate(pc) else { continue };
        let op = instruction(image, pc).map_or("", |op| op.info().name);
        let place = place_text(module, Place { function, pc: at });
        let _ = writeln!(text, "{count:>10}  {op:<14}  {place}");
    }
    if places.len() > SHOWN {
        let _ = writeln!(text, "           and {} other places", places.len() - SHOWN);
    }
    Some(text)
}

/// Functions that are named which have gone, the most frequent ones.
const GONE_SHOWN: usize = 10;

/// How much native code there has been, and what has gone to make room.
fn room(image: &Image, stats: &NativeStats) -> String {
    let Some(budget) = image.native().map(NativeTable::budget) else { return String::new() };
    let mut text = format!("at most {} bytes of memory at once, of {}; ", budget.most(), budget.limit());
    let Evicted { units, bytes, functions } = &stats.evicted;
    if *units == 0 {
        return text + "nothing had to go\n";
    }
    let count: u64 = functions.values().sum();
    let _ = writeln!(
        text,
        "{bytes} bytes had to go, {count} times a function, in {units} pieces; functions were compiled {} times",
        stats.times
    );
    let mut gone: Vec<(&FuncId, &u64)> = functions.iter().collect();
    gone.sort_by_key(|&(function, count)| (std::cmp::Reverse(count), function.0));
    for &(function, count) in gone.iter().take(GONE_SHOWN) {
        let name = &image.module().functions[function.0 as usize].name;
        let _ = writeln!(
            text,
            "  `{name}` had to go {}",
            if *count == 1 { "once".into() } else { format!("{count} times") }
        );
    }
    if gone.len() > GONE_SHOWN {
        let _ = writeln!(text, "  and {} other functions", gone.len() - GONE_SHOWN);
    }
    text
}

/// The instruction at a place of the image.
fn instruction(image: &Image, pc: u32) -> Option<Opcode> {
    let (function, at) = image.locate(pc)?;
    let code = &image.module().functions[function.0 as usize].code;
    instructions_from(code, at).next().map(|(_, op, _)| op)
}

/// Where native code was left, the most frequent places first.
fn places(stats: &NativeStats) -> Vec<(u32, u64)> {
    let mut places: Vec<(u32, u64)> = stats.left.iter().map(|(&pc, &count)| (pc, count)).collect();
    places.sort_by_key(|&(pc, count)| (std::cmp::Reverse(count), pc));
    places
}

/// How often it was left for each reason, as far as the instruction says it.
fn by_reason(image: &Image, stats: &NativeStats) -> BTreeMap<&'static str, u64> {
    let mut reasons = BTreeMap::new();
    for (&pc, count) in &stats.left {
        if let Some(op) = instruction(image, pc) {
            *reasons.entry(leaving_reason(op)).or_default() += count;
        }
    }
    reasons
}

/// The same as [`text`] for programs, with all places.
fn json(image: &Image) -> Option<String> {
    let stats = image.native()?.stats();
    let module = image.module();
    let name = |function: FuncId| module.functions[function.0 as usize].name.to_string();
    let (mut compiled, mut interpreted, mut words) = (0, Vec::new(), 0);
    for tried in &stats.tried {
        match tried.code {
            Ok(_) => {
                compiled += 1;
                words += module.functions[tried.function.0 as usize].code.len();
            }
            Err(why) => interpreted.push(json!({ "function": name(tried.function), "reason": why })),
        }
    }
    let place = |&(pc, count): &(u32, u64)| {
        let (function, at) = image.locate(pc)?;
        let op = instruction(image, pc)?;
        let line = module.function(function).and_then(|function| function.line_at(at));
        let file = line.and_then(|line| module.sources.get(usize::from(line.file))).map(ToString::to_string);
        Some(json!({
            "function": name(function), "word": at, "file": file, "line": line.map(|line| line.line),
            "instruction": op.info().name, "reason": leaving_reason(op), "count": count,
        }))
    };
    let budget = image.native()?.budget();
    let evicted = stats.evicted.functions.iter();
    let evicted = evicted.map(|(&function, count)| json!({ "function": name(function), "count": count }));
    let value: Value = json!({
        "functions": module.functions.len(),
        "compiled": compiled,
        "words": words,
        "bytes": stats.bytes,
        "milliseconds": stats.compiling.as_secs_f64() * 1e3,
        "interpreted": interpreted,
        "compiled_times": stats.times,
        "memory_limit": budget.limit(),
        "memory_most": budget.most(),
        "evicted_pieces": stats.evicted.units,
        "evicted_bytes": stats.evicted.bytes,
        "evicted": evicted.collect::<Vec<_>>(),
        "left": stats.left.values().sum::<u64>(),
        "left_by_reason": by_reason(image, &stats),
        "left_at": places(&stats).iter().filter_map(place).collect::<Vec<_>>(),
        "entered_in_the_middle": stats.entered_in_loops,
    });
    Some(format!("{value}\n"))
}
