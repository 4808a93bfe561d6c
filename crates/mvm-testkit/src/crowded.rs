//! Programs with more native code than may be: what has been used least recently goes, and the results are the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mvm_exec::native::{Evicted, NativeStats};
use mvm_exec::{Executor, Image};
use mvm_jit::{Event, Jit, Options};
use mvm_module::verify;

use crate::shapes::{FUEL, Shape, module, ran};

/// What became of native code for which there was little room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowded {
    /// The most bytes that there have been at once.
    pub most: usize,
    /// How often a function was compiled.
    pub compiled: u64,
    /// What has gone.
    pub evicted: Evicted,
    /// The time that compiling took.
    pub compiling: Duration,
    /// Bytes of all code that was made.
    pub made: u64,
}

/// Runs a program by the step-by-step interpreter, and with native code that may have so many bytes; `piece` reductions at a time.
///
/// # Errors
/// When it is no program, or the two differ, or there is no compiler.
pub fn check(shape: &Shape, limit: usize, threshold: u32, piece: u64) -> Result<Crowded, String> {
    let module = module(shape)?;
    let verified =
        || verify(module.clone()).map_err(|errors| format!("{}: {:?}", shape.name, errors.first()));
    let expected = ran(shape, &Image::load(verified()?), Executor::Reference, FUEL)?;
    let made = Arc::new(AtomicU64::new(0));
    let heard = Arc::clone(&made);
    let listener = move |event: Event<'_>| {
        if let Event::Made(made) = event {
            heard.fetch_add(made.bytes as u64, Ordering::Relaxed);
        }
    };
    let options = Options {
        threshold,
        code_limit: Some(limit),
        listener: Some(Box::new(listener)),
        ..Options::default()
    };
    let image = Image::load_with(verified()?, Some(Jit::with(options).ok_or("there is no compiler")?));
    let seen = ran(shape, &image, Executor::Native, piece)?;
    if seen != expected {
        return Err(format!("{}, at most {limit} bytes: {seen:?}, should be {expected:?}", shape.name));
    }
    let native = image.native().ok_or("there is no compiler")?;
    let NativeStats { times, evicted, compiling, .. } = native.stats();
    let made = made.load(Ordering::Relaxed);
    Ok(Crowded { most: native.budget().most(), compiled: times, evicted, compiling, made })
}
