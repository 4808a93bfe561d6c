//! Native code for hot functions, by Cranelift.
//!
//! A [`Jit`] is plugged into an image as its [`Tier`]. It compiles a function together with those it calls
//! ([`mod@unit`]); [`lower`] says what each instruction becomes. Native code leaves by the one rule of [`mvm_exec::native`]: whatever
//! is unusual happens in the interpreter, which executes that very instruction.
#![deny(unsafe_code)]

mod lower;
mod methods;
mod unit;

use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use mvm_exec::Image;
use mvm_exec::native::{Tier, Tried};
use mvm_module::FuncId;

/// Why a function stays interpreted that the compiler failed at: a bug.
pub const FAILED: &str = "the compiler failed";

/// A piece of native code that has just been made, for tools like profilers.
#[derive(Debug, Clone, Copy)]
pub struct Made<'n> {
    /// What it is: the name of the function, and behind it `(middle)` for the version that is entered at loops and behind syscalls, `(entry)`
    /// for the way in from the interpreter.
    pub name: &'n str,
    /// Where it is.
    pub address: usize,
    /// Its size in bytes.
    pub bytes: usize,
}

/// Is told of native code when it has been made, on the thread that has made it.
pub type Listener = Box<dyn Fn(Made<'_>) + Send + Sync>;

/// The compiler. One serves any number of images.
pub struct Jit {
    threshold: u32,
    isa: OwnedTargetIsa,
    listener: Option<Listener>,
}

// Nothing of it changes once it is made.
impl RefUnwindSafe for Jit {}

impl std::fmt::Debug for Jit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jit").field("threshold", &self.threshold).finish_non_exhaustive()
    }
}

impl Jit {
    /// Time slices that end in a function before it is compiled, where nothing else is said.
    pub const THRESHOLD: u32 = 2;

    /// A compiler for this machine that takes a function after so many time slices have ended in it, with 0 all of them at once. None for processors that it
    /// makes no code for.
    pub fn new(threshold: u32) -> Option<Arc<Jit>> {
        Jit::with_listener(threshold, None)
    }

    /// The same; somebody is told of what is made.
    pub fn with_listener(threshold: u32, listener: Option<Listener>) -> Option<Arc<Jit>> {
        if !cfg!(all(target_endian = "little", target_pointer_width = "64")) {
            return None;
        }
        let mut flags = settings::builder();
        let wanted = [
            ("opt_level", "speed"),
            ("is_pic", "false"),
            ("use_colocated_libcalls", "false"),
            ("enable_probestack", "false"),
            ("unwind_info", "false"),
            ("preserve_frame_pointers", "true"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ];
        for (name, value) in wanted {
            flags.set(name, value).ok()?;
        }
        let isa = cranelift_native::builder().ok()?.finish(settings::Flags::new(flags)).ok()?;
        Some(Arc::new(Jit { threshold, isa, listener }))
    }
}

/// What became of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Cranelift's intermediate code, optimised.
    pub ir: String,
    /// Machine code.
    pub code: String,
    /// Its size.
    pub bytes: usize,
}

impl Jit {
    /// Compiles a function by itself and shows what became of it; with `middle` the version that is entered at its loops and behind its
    /// syscalls. The image has been loaded with a compiler.
    ///
    /// # Errors
    /// Why there is none.
    pub fn listing(&self, image: &Image, function: FuncId, middle: bool) -> Result<Listing, String> {
        if let Some(why) = unit::obstacle(image, function) {
            return Err(why.into());
        }
        let made = catch_unwind(AssertUnwindSafe(|| unit::listing(&self.isa, image, function, middle)));
        match made {
            Ok(Ok(listing)) => Ok(listing),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(FAILED.into()),
        }
    }
}

impl Tier for Jit {
    fn threshold(&self) -> u32 {
        self.threshold
    }

    fn compile(&self, image: &Image, function: FuncId) {
        // A function that the compiler fails at, by an error or a bug of its own, stays interpreted.
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            unit::compile(&self.isa, image, function, self.listener.as_ref())
        }));
        if let (Err(_) | Ok(Err(_)), Some(native)) = (compiled, image.native()) {
            native.note([Tried { function, code: Err(FAILED) }], Duration::ZERO);
        }
    }
}
