//! An optimised program does what it did before: output, exit status, the trap with its line and the calls around it.
//!
//! What may differ is not compared: reductions, allocations, and where the stack ends.

use std::sync::Arc;

use mvm_exec::{Executor, Image, Place, Trace, Uncaught};
use mvm_isa::{Opcode, Syscall, TrapCode};
use mvm_kernel::Exit;
use mvm_module::cfg::instructions;
use mvm_module::{Module, verify};
use mvm_opt::{Options, optimise};

use crate::coverage::Coverage;
use crate::differential::{Way, run};

/// What somebody who knows only the source sees of the end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The exit status.
    Status(i64),
    /// The exception that was not caught: its trap, class, message, and function and line of each call.
    Uncaught {
        /// The trap with its values.
        trap: Option<mvm_isa::Trap>,
        /// Name of the class.
        class: String,
        /// The message.
        message: String,
        /// Functions and lines, the innermost first.
        calls: Vec<(String, Option<u32>)>,
    },
    /// The stack or the heap was full: where depends on the sizes of frames and objects.
    Full(TrapCode),
    /// It did not come to an end by itself.
    Stopped,
    /// All processes wait.
    Deadlock,
}

/// What is seen of an exit.
pub fn seen(module: &Module, exit: &Exit) -> Seen {
    match exit {
        Exit::Status(status) => Seen::Status(*status),
        Exit::Uncaught(uncaught) => seen_exception(module, uncaught),
        Exit::Deadlock => Seen::Deadlock,
        Exit::ReductionLimit | Exit::Break | Exit::Crashed(..) | Exit::TogetherTooMuch(_) => Seen::Stopped,
    }
}

fn seen_exception(module: &Module, uncaught: &Uncaught) -> Seen {
    match uncaught.trap {
        Some(trap) if matches!(trap.code, TrapCode::StackOverflow | TrapCode::OutOfMemory) => {
            Seen::Full(trap.code)
        }
        trap => Seen::Uncaught {
            trap,
            class: module.type_name(uncaught.class),
            message: uncaught.message.clone(),
            calls: calls(module, &uncaught.trace),
        },
    }
}

/// Functions and lines of a trace as the source has them. Of a deep one only the innermost calls: how many of the outer
/// ones are kept depends on how many calls were inlined.
fn calls(module: &Module, trace: &Trace) -> Vec<(String, Option<u32>)> {
    let of = |place: &Place| {
        let calls = module.function(place.function).map(|f| f.source_calls(place.function, place.pc));
        calls.unwrap_or_default()
    };
    let all = trace.inner.iter().flat_map(of);
    let kept = if trace.omitted > 0 || !trace.outer.is_empty() { 60 } else { usize::MAX };
    let named =
        |call: mvm_module::SourceCall| (module.function_name(call.function), call.line.map(|line| line.line));
    all.map(named).take(kept).collect()
}

/// The optimised image, without native code.
///
/// # Errors
/// The rule that it breaks.
pub fn image(image: &Image, options: &Options) -> Result<Arc<Image>, String> {
    Ok(Image::load(module(image, options)?))
}

/// The same with native code of every function.
///
/// # Errors
/// The rule that it breaks.
pub fn native_image(image: &Image, options: &Options) -> Result<Arc<Image>, String> {
    Ok(crate::native::load(module(image, options)?))
}

/// Runs a program as it is and as it is optimised, and says what is different, as far as both come to their ends; of one that does
/// not, the output is the beginning of the other's. `Ok(false)` when there is nothing to compare: the program met the limit of its
/// stack or heap, which it may do elsewhere when it is optimised, or it asks for the time.
///
/// # Errors
/// What is different.
pub fn compare_generated(plain: &Arc<Image>, options: &Options) -> Result<bool, String> {
    if asks_for_time(plain.module()) {
        return Ok(false);
    }
    let mut coverage = Coverage::default();
    coverage.run(plain, Way::PLAIN.process_limits());
    let is_limit = |code: &TrapCode| matches!(code, TrapCode::StackOverflow | TrapCode::OutOfMemory);
    if coverage.caught.keys().chain(coverage.uncaught.keys()).any(is_limit) {
        return Ok(false);
    }
    let optimised = image(plain, options)?;
    let way = Way { executor: Executor::Tail, ..Way::PLAIN };
    let (Some(before), Some(after)) = (run(plain, way), run(&optimised, way)) else { return Ok(false) };
    let (x, y) = (&before.console.written, &after.console.written);
    let shorter = x.len().min(y.len());
    if x[..shorter] != y[..shorter] {
        return Err("the outputs differ".into());
    }
    let (before, after) = (seen(plain.module(), &before.exit), seen(optimised.module(), &after.exit));
    if before == Seen::Stopped || after == Seen::Stopped || matches!(after, Seen::Full(_)) {
        return Ok(false);
    }
    if x.len() != y.len() || before != after {
        return Err(format!("it ended with {before:?}, now with {after:?}"));
    }
    Ok(true)
}

/// Whether a program may see the clock, which goes on with reductions.
fn asks_for_time(module: &Module) -> bool {
    let asks = |(_, op, words): (u32, Opcode, &[u64])| {
        let call = Syscall::from_number((words[0] >> 32) as u32).filter(|_| op == Opcode::Sys);
        matches!(call, Some(Syscall::Now | Syscall::WallClock))
    };
    module.functions.iter().any(|function| instructions(&function.code).any(asks))
}

fn module(image: &Image, options: &Options) -> Result<mvm_module::VerifiedModule, String> {
    let (module, _) = optimise(image.module(), options);
    verify(module).map_err(|errors| format!("optimised it breaks a rule: {}", errors[0]))
}
