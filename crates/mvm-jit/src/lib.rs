//! Native code for hot functions, by Cranelift.
//!
//! A [`Jit`] is plugged into an image as its [`Tier`]. It compiles a function together with those it calls
//! ([`mod@unit`]); [`lower`] says what each instruction becomes. Native code leaves by the one rule of [`mvm_exec::native`]: whatever
//! is unusual happens in the interpreter, which executes that very instruction.
#![deny(unsafe_code)]

mod background;
mod code;
pub mod explain;
mod lower;
mod methods;
mod unit;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use background::Background;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use methods::Methods;
use mvm_exec::Image;
use mvm_exec::native::{CodeBudget, Tier, Tried};
use mvm_module::FuncId;

use explain::{CodeLine, LoopNote, Lowered};

/// Why a function stays interpreted that the compiler failed at: a bug.
pub const FAILED: &str = "the compiler failed";

/// A piece of native code that has just been made, for tools like profilers.
#[derive(Debug, Clone, Copy)]
pub struct Made<'n> {
    /// What it is: the name of the function, and behind it `(middle)` for the version that is entered at loops and behind syscalls, `(entry)`
    /// for the way in from the interpreter, `(reference)` for the way in of calls through references.
    pub name: &'n str,
    /// Where it is.
    pub address: usize,
    /// Its size in bytes.
    pub bytes: usize,
    /// The code itself, where [`Options::lines`] asks for it.
    pub code: &'n [u8],
    /// The lines that it comes from, likewise, ascending.
    pub lines: &'n [MadeLine<'n>],
}

/// From here on code comes from this line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeLine<'n> {
    /// Place in the code, in bytes.
    pub offset: u32,
    /// Name of the source.
    pub file: &'n str,
    /// Number of the line.
    pub line: u32,
}

/// What the compiler tells of its work.
#[derive(Debug, Clone, Copy)]
pub enum Event<'n> {
    /// Native code has been made.
    Made(Made<'n>),
    /// The compiler has failed at a function, which stays interpreted: a bug.
    Failed {
        /// Name of the function.
        function: &'n str,
        /// What went wrong.
        why: &'n str,
    },
}

/// Is told of the work of the compiler, on the thread that does it.
pub type Listener = Box<dyn Fn(Event<'_>) + Send + Sync>;

/// A fault for tests of what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Compiling ends with an error.
    Error,
    /// It panics.
    Panic,
}

/// How a compiler works.
#[derive(Default)]
pub struct Options {
    /// Time slices that end in a function before it is compiled; with 0 all are compiled when the program is loaded.
    pub threshold: u32,
    /// Whether each function is compiled by itself, without those that it calls.
    pub alone: bool,
    /// Is told of what is made.
    pub listener: Option<Listener>,
    /// The compiler fails at this function on purpose.
    pub fault: Option<(FuncId, Fault)>,
    /// Whether functions are compiled on a thread beside the program, which goes on meanwhile; else the program waits. What is compiled
    /// when it is loaded is always waited for.
    pub background: bool,
    /// Whether the listener is told code and lines too, which takes time.
    pub lines: bool,
    /// Bytes of native code that there may be, of all images together; [`Jit::CODE_BYTES`] where nothing is said.
    pub code_limit: Option<usize>,
}

/// The compiler. One serves any number of images.
pub struct Jit(Arc<Shared>);

/// What the thread that compiles needs too.
pub(crate) struct Shared {
    isa: OwnedTargetIsa,
    options: Options,
    background: Background,
    budget: Arc<CodeBudget>,
}

impl Shared {
    fn compile(&self, image: &Arc<Image>, function: FuncId) {
        if self.budget.is_full() {
            // There will be room at the end of the round. If it still runs long then, it is asked for again.
            image.native().into_iter().for_each(|native| native.ask_later(function));
            return;
        }
        // What it does with a module is guarded by itself, so that it can say which function it fails at; this is for the rest.
        let done = guarded(|| {
            unit::compile(&self.isa, image, function, &self.options);
            Ok(())
        });
        if let (Err(why), Some(native)) = (done, image.native()) {
            native.note([Tried { function, code: Err(FAILED) }], Duration::ZERO);
            if let Some(listener) = &self.options.listener {
                let function = &image.module().functions[function.0 as usize].name;
                listener(Event::Failed { function, why: &why });
            }
        }
    }
}

// But for what waits to be compiled, which is a list at any time, nothing of it changes once it is made.
impl RefUnwindSafe for Jit {}

impl std::fmt::Debug for Jit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jit").field("threshold", &self.0.options.threshold).finish_non_exhaustive()
    }
}

thread_local! {
    static COMPILING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is compiling. A panic then is the compiler's own: it is caught, told to the [`Listener`], and the function stays
/// interpreted, so a panic hook need not say anything.
pub fn is_compiling() -> bool {
    COMPILING.get()
}

/// Does something of the compiler; what went wrong with it, as text.
fn guarded<T>(work: impl FnOnce() -> unit::Compiled<T>) -> Result<T, String> {
    let around = COMPILING.replace(true);
    let made = catch_unwind(AssertUnwindSafe(work));
    COMPILING.set(around);
    match made {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into())).unwrap_or_default())
        }
    }
}

impl Jit {
    /// Time slices that end in a function before it is compiled, where nothing else is said.
    pub const THRESHOLD: u32 = 2;
    /// Bytes of native code that there may be, where nothing else is said.
    pub const CODE_BYTES: usize = 64 << 20;

    /// A compiler for this machine that takes a function after so many time slices have ended in it, with 0 all of them at once. None for processors that it
    /// makes no code for.
    pub fn new(threshold: u32) -> Option<Arc<Jit>> {
        Jit::with(Options { threshold, ..Options::default() })
    }

    /// A compiler for this machine. None for processors that it makes no code for.
    pub fn with(options: Options) -> Option<Arc<Jit>> {
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
        let budget = Arc::new(CodeBudget::new(options.code_limit.unwrap_or(Jit::CODE_BYTES)));
        Some(Arc::new(Jit(Arc::new(Shared { isa, options, background: Background::default(), budget }))))
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
    /// Machine code, each instruction with where it comes from; empty for processors without a disassembler here.
    pub lines: Vec<CodeLine>,
    /// What became of the instructions, in the order in which that was decided: those of a loop of which there is a copy come twice.
    pub lowered: Vec<Lowered>,
}

impl Jit {
    /// Compiles a function by itself and shows what became of it; with `middle` the version that is entered at its loops and behind its
    /// syscalls. The image has been loaded with a compiler.
    ///
    /// # Errors
    /// Why there is none.
    pub fn listing(&self, image: &Image, function: FuncId, middle: bool) -> Result<Listing, String> {
        if let Some(why) = unit::obstacle(image, &Methods::new(image), function) {
            return Err(why.into());
        }
        guarded(|| unit::listing(&self.0.isa, image, function, middle))
    }
}

/// What becomes of the loops of a function that is compiled, ascending.
pub fn loops(image: &Image, function: FuncId) -> Vec<LoopNote> {
    lower::loops::explain(&image.module().functions[function.0 as usize])
}

impl Tier for Jit {
    fn threshold(&self, _: FuncId) -> u32 {
        self.0.options.threshold
    }

    fn compile(&self, image: &Arc<Image>, function: FuncId) {
        let Options { background, threshold, .. } = self.0.options;
        let beside = background && threshold > 0;
        if !beside || !background::compile(&self.0, image, function) {
            self.0.compile(image, function);
        }
    }

    fn wait(&self) {
        self.0.background.wait();
    }

    fn budget(&self) -> Option<Arc<CodeBudget>> {
        Some(Arc::clone(&self.0.budget))
    }
}
