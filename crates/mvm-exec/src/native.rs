//! Native code beside the interpreter: where it is kept, when it is asked for, and what it needs to know.
//!
//! Whoever can compile is plugged in as a [`Tier`]; this crate knows no compiler. A function with native code is entered from
//! the interpreter in two ways: a call goes to a word behind the code ([`NATIVE`]) whose handler enters it, so that calls of
//! functions without native code pay nothing; and a time slice that begins at a backward branch goes on at the entry that was
//! made for it. Which functions are hot is seen at the ends of time slices, so the interpreter counts nothing on its way.
//!
//! Native code leaves by one rule. Where something unusual has to happen it writes its live registers into its frame, before
//! the instruction has changed anything, and returns a negative number; so does each native caller. Then the process is what
//! the interpreter would have made of it, and the interpreter goes on at that very instruction.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::RefUnwindSafe;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mvm_module::FuncId;

use crate::image::Image;

pub use crate::fast::native::{Offsets, frame_header, offsets, try_instruction};

/// Opcode of the words behind the code: `op | results << 16 | function << 32`.
pub(crate) const NATIVE: u16 = crate::image::HALT + 1;

/// A compiler. When it panics in the middle of its work, nothing of it is half done.
pub trait Tier: Debug + Send + Sync + RefUnwindSafe {
    /// Slices that end in a function before it is compiled; with 0, all functions are compiled when the image is loaded.
    fn threshold(&self) -> u32;
    /// Compiles a function, and what it calls where that seems wise, and [installs](NativeTable::install) the code. What cannot
    /// be compiled stays interpreted.
    fn compile(&self, image: &Image, function: FuncId);
}

/// Native code of one function. All addresses are of code that lives as long as `keep`.
#[derive(Debug)]
pub struct NativeCode {
    /// `extern "C" fn(ctx, base, fuel) -> fuel`: takes the parameters from the frame and leaves the results in the context.
    pub entry: usize,
    /// The function as native code calls it.
    pub inner: usize,
    /// For backward branches, by their place in the image: a function like `entry` that goes on there.
    pub loops: Vec<(u32, usize)>,
}

/// The native code of an image.
#[derive(Debug)]
pub struct NativeTable {
    tier: Arc<dyn Tier>,
    /// Index in the image of the first word for native functions.
    pub(crate) stubs: u32,
    entries: Box<[AtomicUsize]>,
    inner: Box<[AtomicUsize]>,
    /// Slices that have ended in each function.
    heat: Box<[AtomicU32]>,
    /// Whether it has been given to the compiler.
    tried: Box<[AtomicU8]>,
    loops: RwLock<BTreeMap<u32, usize>>,
    keep: Mutex<Vec<Box<dyn Any + Send + Sync>>>,
}

impl NativeTable {
    pub(crate) fn new(tier: Arc<dyn Tier>, functions: usize, stubs: u32) -> NativeTable {
        NativeTable {
            tier,
            stubs,
            entries: (0..functions).map(|_| AtomicUsize::new(0)).collect(),
            inner: (0..functions).map(|_| AtomicUsize::new(0)).collect(),
            heat: (0..functions).map(|_| AtomicU32::new(0)).collect(),
            tried: (0..functions).map(|_| AtomicU8::new(0)).collect(),
            loops: RwLock::default(),
            keep: Mutex::default(),
        }
    }

    /// Whether the function has not been given to the compiler yet. From now on it has.
    pub fn claim(&self, function: FuncId) -> bool {
        self.tried[function.0 as usize].swap(1, Ordering::Relaxed) == 0
    }

    /// Address of the table of functions as native code calls them; 0 for those without native code.
    pub fn inner_table(&self) -> usize {
        self.inner.as_ptr() as usize
    }

    /// Lets the interpreter use native code of a function.
    ///
    /// The code must be what [`NativeCode`] says, keep the rule of this module, and live until `NativeTable::keep` lets it go.
    pub fn install(&self, image: &Image, function: FuncId, code: NativeCode) {
        let index = function.0 as usize;
        self.loops.write().unwrap_or_else(PoisonError::into_inner).extend(code.loops);
        self.entries[index].store(code.entry, Ordering::Release);
        self.inner[index].store(code.inner, Ordering::Release);
        image.entries[index].store(self.stubs + function.0, Ordering::Release);
    }

    /// Keeps what native code needs until the image goes.
    pub fn keep(&self, what: Box<dyn Any + Send + Sync>) {
        self.keep.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// Functions that have native code.
    pub fn compiled(&self) -> usize {
        self.entries.iter().filter(|entry| entry.load(Ordering::Relaxed) != 0).count()
    }

    pub(crate) fn entry(&self, function: usize) -> usize {
        self.entries[function].load(Ordering::Acquire)
    }

    /// The code that goes on at the backward branch at `pc`.
    pub(crate) fn loop_at(&self, pc: u32) -> Option<usize> {
        self.loops.read().unwrap_or_else(PoisonError::into_inner).get(&pc).copied()
    }

    /// A slice has ended in this function.
    pub(crate) fn warm(&self, image: &Image, function: FuncId) {
        let heat = self.heat[function.0 as usize].fetch_add(1, Ordering::Relaxed) + 1;
        if heat == self.tier.threshold() {
            self.compile(image, function);
        }
    }

    pub(crate) fn is_eager(&self) -> bool {
        self.tier.threshold() == 0
    }

    pub(crate) fn compile(&self, image: &Image, function: FuncId) {
        self.tier.compile(image, function);
    }
}
