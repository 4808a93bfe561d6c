//! Native code beside the interpreter: where it is kept, when it is asked for, and what it needs to know.
//!
//! Whoever can compile is plugged in as a [`Tier`]; this crate knows no compiler. A function with native code is entered from
//! the interpreter in three ways: a call goes to a word behind the code ([`NATIVE`]) whose handler enters it, so that calls of
//! functions without native code pay nothing; a time slice that begins at a backward branch goes on at the entry that was
//! made for it; and a frame that native code has left says whether it goes on natively when the interpreter returns to it.
//! Which functions are hot is seen at the ends of time slices, so the interpreter counts nothing on its way.
//!
//! Native code leaves by one rule. Where something unusual has to happen it writes its live registers into its frame, before
//! the instruction has changed anything, and returns a negative number; so does each native caller. Then the process is what
//! the interpreter would have made of it, and the interpreter goes on at that very instruction.

mod room;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem::offset_of;
use std::panic::RefUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use mvm_isa::Opcode;
use mvm_module::cfg::instructions;
use mvm_module::{FuncId, Literal, VerifiedModule};

use crate::image::{ClassEntry, Image};
use crate::process::Process;
use room::Room;

pub(crate) use room::ImageOf;
pub use room::{CodeBudget, Evicted, Unit, end_round, make_room, wants_room};

pub use crate::fast::hot::SHORT_ARRAY_MAX;
pub use crate::fast::native::{
    FUEL_AHEAD, Offsets, TOO_LONG, compare_bytes, frame_header, offsets, store_reference, try_instruction,
};

/// Opcode of the words behind the code: `op | results << 16 | function << 32`.
pub(crate) const NATIVE: u16 = crate::image::HALT + 1;
/// Opcode of the word behind those, to which a function returns whose caller may go on natively.
pub(crate) const RESUME: u16 = NATIVE + 1;

/// A compiler. When it panics in the middle of its work, nothing of it is half done.
pub trait Tier: Debug + Send + Sync + RefUnwindSafe {
    /// Slices that end in a function before it is compiled; with 0, it is compiled when the image is loaded. Always the same for a function.
    fn threshold(&self, function: FuncId) -> u32;
    /// Compiles a function, and what it calls where that seems wise, and [adds](NativeTable::add) the code, now or later and on any
    /// thread: a program cannot tell when it has been installed. What cannot be compiled stays interpreted.
    fn compile(&self, image: &Arc<Image>, function: FuncId);
    /// Waits until everything has been compiled that was asked for.
    fn wait(&self) {}
    /// How much code there may be of all its images. None for any amount.
    fn budget(&self) -> Option<Arc<CodeBudget>> {
        None
    }
}

/// Native code of one function. All addresses are of code that lives as long as its [`Unit`].
#[derive(Debug)]
pub struct NativeCode {
    /// `extern "C" fn(ctx, base, fuel) -> fuel`: takes the parameters from the frame and leaves the results in the context.
    pub entry: usize,
    /// The function as native code calls it. Before it calls a function with registers that are cleared at entry, it has made sure that the
    /// stack has room for all its registers.
    pub inner: usize,
    /// The function as native code calls it through a reference: with the function value in front of the arguments that are not bound;
    /// 0 for none. It takes as many bound values as [`NativeTable::bound`] says.
    pub by_ref: usize,
    /// For backward branches, by their place in the image: a function like `entry` that goes on there.
    pub loops: Vec<(u32, usize)>,
}

/// An address of code that goes on in the middle of a function, how many results that has, and how often in a row it has not been worth it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoopEntry(u64);

impl LoopEntry {
    /// Where the count begins: addresses of more bits are no entries.
    const COUNT_SHIFT: u32 = 48;
    /// Where the number of results begins.
    const RESULTS_SHIFT: u32 = 56;
    /// After so many short stays in a row nobody goes on there natively any more.
    #[cfg(tail_calls)]
    const SHORT_MAX: u64 = 200;
    /// A stay with fewer reductions is short: to go there and back takes as long as to interpret it.
    #[cfg(tail_calls)]
    const SHORT: i64 = 8;

    /// None for an address that is too large; hosts have none such but on request.
    fn new(address: usize, results: usize) -> Option<LoopEntry> {
        let fits = address as u64 >> LoopEntry::COUNT_SHIFT == 0;
        fits.then_some(LoopEntry(address as u64 | (results as u64) << LoopEntry::RESULTS_SHIFT))
    }

    #[cfg(tail_calls)]
    pub(crate) fn address(self) -> usize {
        (self.0 & ((1 << LoopEntry::COUNT_SHIFT) - 1)) as usize
    }

    #[cfg(tail_calls)]
    pub(crate) fn results(self) -> u16 {
        (self.0 >> LoopEntry::RESULTS_SHIFT) as u16
    }

    #[cfg(tail_calls)]
    fn count(self) -> u64 {
        self.0 >> LoopEntry::COUNT_SHIFT & 0xff
    }
}

/// In [`NativeTable::bound`]: the function cannot be called through references by native code.
pub const NO_REFERENCE: u8 = u8::MAX;

/// Where native code finds the tables of classes: addresses, and places of fields in bytes.
#[derive(Debug, Clone, Copy)]
pub struct ClassTables {
    /// Entries of the classes.
    pub classes: usize,
    /// Size of an entry.
    pub class_bytes: usize,
    /// In an entry: first index in the method tables (32 bits).
    pub methods: i32,
    /// In an entry: first index in the interface tables (32 bits).
    pub selectors: i32,
    /// In an entry: size of the interface table minus 1 (16 bits).
    pub selector_mask: i32,
    /// Interface tables: the function in the low half, the selector in the high half (64 bits).
    pub interface_tables: usize,
}

impl Image {
    /// Where native code finds the tables of classes.
    pub fn class_tables(&self) -> ClassTables {
        ClassTables {
            classes: self.classes.as_ptr() as usize,
            class_bytes: size_of::<ClassEntry>(),
            methods: offset_of!(ClassEntry, methods) as i32,
            selectors: offset_of!(ClassEntry, selectors) as i32,
            selector_mask: offset_of!(ClassEntry, selector_mask) as i32,
            interface_tables: self.selectors.as_ptr() as usize,
        }
    }
}

impl Process {
    /// At the start of a function that has native code, goes to the word that enters it.
    pub(crate) fn prefer_native(&mut self) {
        let Some(native) = &self.image.native else { return };
        if let Some((function, 0)) = self.image.locate(self.pc)
            && native.entry(function.0 as usize) != 0
        {
            self.pc = native.stubs + function.0;
        }
    }
}

/// How many values the references to each function bind.
fn bound_counts(module: &VerifiedModule) -> Box<[u8]> {
    const UNSEEN: u8 = NO_REFERENCE - 1;
    let mut counts = vec![UNSEEN; module.functions.len()];
    let mut see = |function: FuncId, count: u8| {
        let known = &mut counts[function.0 as usize];
        *known = if *known == UNSEEN || *known == count { count } else { NO_REFERENCE };
    };
    for literal in module.literals.iter() {
        if let Literal::Func(function, _) = literal {
            see(*function, 0);
        }
    }
    for function in module.functions.iter() {
        for (_, op, words) in instructions(&function.code) {
            if op == Opcode::Bind {
                see(FuncId((words[0] >> 32 & 0xff_ffff) as u32), (words[0] >> 56) as u8);
            }
        }
    }
    counts.into_iter().map(|count| if count == UNSEEN { NO_REFERENCE } else { count }).collect()
}

/// What became of a function that was given to the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// The function.
    pub function: FuncId,
    /// Bytes of native code, or why there is none.
    pub code: Result<usize, &'static str>,
}

/// What is counted about native code.
#[derive(Debug, Clone, Default)]
pub struct NativeStats {
    /// Functions in the order in which they were given to the compiler first; what became of them the last time.
    pub tried: Vec<Tried>,
    /// Bytes of native code of all of them.
    pub bytes: usize,
    /// How often a function was compiled.
    pub times: u64,
    /// What has gone to make room for other code.
    pub evicted: Evicted,
    /// Time that the compiler took.
    pub compiling: Duration,
    /// How often native code was left, by the place in the image; only counted after [`NativeTable::count_leaving`].
    pub left: BTreeMap<u32, u64>,
    /// How often it was entered in the middle of a function; counted likewise.
    pub entered_in_loops: u64,
}

/// The native code of an image.
#[derive(Debug)]
pub struct NativeTable {
    tier: Arc<dyn Tier>,
    /// Index in the image of the first word for native functions.
    pub(crate) stubs: u32,
    entries: Box<[AtomicUsize]>,
    inner: Box<[AtomicUsize]>,
    /// What `inner` says of functions that clear no registers.
    open: Box<[AtomicUsize]>,
    by_ref: Box<[AtomicUsize]>,
    /// Values that references to each function bind; [`NO_REFERENCE`] where there are none, or not all bind equally many.
    bound: Box<[u8]>,
    /// What `inner` says, for each entry of the method tables.
    methods: Box<[AtomicUsize]>,
    /// Entries of the method tables with each function.
    places: BTreeMap<u32, Vec<u32>>,
    /// Slices that have ended in each function.
    heat: Box<[AtomicU32]>,
    /// Whether it has been given to the compiler.
    tried: Box<[AtomicU8]>,
    /// For each word of the image the entry that goes on there, or 0; made when there is the first one. It is asked whenever a process runs
    /// on, also after each syscall.
    loops: OnceLock<Box<[AtomicU64]>>,
    room: Room,
    counts: AtomicBool,
    stats: Mutex<Notes>,
}

/// The counts, and where each function stands in the list of what was tried.
#[derive(Debug, Default)]
struct Notes {
    stats: NativeStats,
    places: BTreeMap<FuncId, usize>,
}

impl NativeTable {
    pub(crate) fn new(tier: Arc<dyn Tier>, module: &VerifiedModule, stubs: u32) -> NativeTable {
        let functions = module.functions.len();
        let addresses = |count| (0..count).map(|_| AtomicUsize::new(0)).collect();
        let budget = tier.budget().unwrap_or_else(|| Arc::new(CodeBudget::new(usize::MAX)));
        NativeTable {
            room: Room::new(budget, module, stubs as usize),
            tier,
            stubs,
            entries: addresses(functions),
            inner: addresses(functions),
            open: addresses(functions),
            by_ref: addresses(functions),
            bound: bound_counts(module),
            methods: Box::default(),
            places: BTreeMap::new(),
            heat: (0..functions).map(|_| AtomicU32::new(0)).collect(),
            tried: (0..functions).map(|_| AtomicU8::new(0)).collect(),
            loops: OnceLock::new(),
            counts: AtomicBool::new(false),
            stats: Mutex::default(),
        }
    }

    /// The method tables of the image have been made.
    pub(crate) fn set_methods(&mut self, methods: &[u32]) {
        self.methods = methods.iter().map(|_| AtomicUsize::new(0)).collect();
        for (place, &function) in methods.iter().enumerate() {
            self.places.entry(function).or_default().push(place as u32);
        }
    }

    /// Whether the function has not been given to the compiler yet. From now on it has.
    pub fn claim(&self, function: FuncId) -> bool {
        self.tried[function.0 as usize].swap(1, Ordering::Relaxed) == 0
    }

    /// Whether it has.
    pub fn is_claimed(&self, function: FuncId) -> bool {
        self.tried[function.0 as usize].load(Ordering::Relaxed) != 0
    }

    /// Address of the table of functions as native code calls them when it knows which one that is; 0 for those without native code.
    pub fn inner_table(&self) -> usize {
        self.inner.as_ptr() as usize
    }

    /// Address of the same table for calls of whatever function it turns out to be: 0 also for those that clear registers.
    pub fn open_table(&self) -> usize {
        self.open.as_ptr() as usize
    }

    /// Address of the same for the entries of the method tables.
    pub fn method_table(&self) -> usize {
        self.methods.as_ptr() as usize
    }

    /// Address of the table of functions as native code calls them through references.
    pub fn reference_table(&self) -> usize {
        self.by_ref.as_ptr() as usize
    }

    /// Address of a byte for each function: how many values references to it bind, or [`NO_REFERENCE`].
    pub fn bound_table(&self) -> usize {
        self.bound.as_ptr() as usize
    }

    /// How many values references to the function bind.
    pub fn bound(&self, function: FuncId) -> Option<usize> {
        let count = self.bound[function.0 as usize];
        (count != NO_REFERENCE).then_some(count.into())
    }

    /// Lets the interpreter use native code of a function.
    fn install(&self, image: &Image, function: FuncId, code: NativeCode) {
        let index = function.0 as usize;
        if !code.loops.is_empty() {
            let loops = self.loops.get_or_init(|| image.code.iter().map(|_| AtomicU64::new(0)).collect());
            let results = image.module().functions[index].results.len();
            for (pc, address) in code.loops {
                if let Some(entry) = LoopEntry::new(address, results) {
                    loops[pc as usize].store(entry.0, Ordering::Release);
                }
            }
        }
        self.entries[index].store(code.entry, Ordering::Release);
        self.inner[index].store(code.inner, Ordering::Release);
        if image.functions[index].clear {
            // Calls by tables do not make room for the registers that are cleared.
            return;
        }
        image.entries[index].store(self.stubs + function.0, Ordering::Release);
        self.open[index].store(code.inner, Ordering::Release);
        self.by_ref[index].store(code.by_ref, Ordering::Release);
        for &place in self.places.get(&function.0).into_iter().flatten() {
            self.methods[place as usize].store(code.inner, Ordering::Release);
        }
    }

    /// Takes back what `install` has done: the interpreter does the function, which may become hot again.
    fn uninstall(&self, image: &Image, function: FuncId) {
        let index = function.0 as usize;
        if !image.functions[index].clear {
            image.entries[index].store(image.functions[index].start, Ordering::Release);
            for &place in self.places.get(&function.0).into_iter().flatten() {
                self.methods[place as usize].store(0, Ordering::Release);
            }
        }
        for table in [&self.entries, &self.inner, &self.open, &self.by_ref] {
            table[index].store(0, Ordering::Release);
        }
        if let Some(loops) = self.loops.get() {
            let start = image.functions[index].start as usize;
            // A place behind the last word is the first one of the next function, at which nothing goes on.
            let words = image.module().functions[index].code.len();
            loops[start..start + words].iter().for_each(|entry| entry.store(0, Ordering::Release));
        }
        self.heat[index].store(0, Ordering::Relaxed);
        self.tried[index].store(0, Ordering::Relaxed);
    }

    /// How much code there may be, and how much there is.
    pub fn budget(&self) -> &CodeBudget {
        &self.room.budget
    }

    /// Waits until everything has been compiled that was asked for.
    pub fn wait(&self) {
        self.tier.wait();
    }

    /// From now on it is counted where native code is left.
    pub fn count_leaving(&self) {
        self.counts.store(true, Ordering::Relaxed);
    }

    /// What has been counted.
    pub fn stats(&self) -> NativeStats {
        NativeStats { evicted: self.room.evicted(), ..self.lock_notes().stats.clone() }
    }

    /// Bytes of native code, as far as it was taken note of.
    pub fn code_bytes(&self) -> usize {
        self.lock_notes().stats.bytes
    }

    /// Takes note of what became of functions, and of the time that took.
    pub fn note(&self, tried: impl IntoIterator<Item = Tried>, compiling: Duration) {
        let Notes { stats, places } = &mut *self.lock_notes();
        for tried in tried {
            stats.times += u64::from(tried.code.is_ok());
            let place = *places.entry(tried.function).or_insert(stats.tried.len());
            match stats.tried.get_mut(place) {
                Some(before) => {
                    stats.bytes -= before.code.unwrap_or(0);
                    *before = tried;
                }
                None => stats.tried.push(tried),
            }
            stats.bytes += tried.code.unwrap_or(0);
        }
        stats.compiling += compiling;
    }

    fn lock_notes(&self) -> MutexGuard<'_, Notes> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Native code has been left at this place of the image.
    #[cfg(tail_calls)]
    #[inline]
    pub(crate) fn has_left(&self, pc: u32) {
        if self.counts.load(Ordering::Relaxed) {
            *self.lock_notes().stats.left.entry(pc).or_default() += 1;
        }
    }

    #[cfg(tail_calls)]
    #[inline]
    pub(crate) fn has_entered_loop(&self) {
        if self.counts.load(Ordering::Relaxed) {
            self.lock_notes().stats.entered_in_loops += 1;
        }
    }

    /// Index in the image of the word to which a function returns whose caller may go on natively.
    #[cfg(tail_calls)]
    pub(crate) fn resume_word(&self) -> usize {
        self.stubs as usize + self.entries.len()
    }

    pub(crate) fn entry(&self, function: usize) -> usize {
        self.entries[function].load(Ordering::Acquire)
    }

    /// The code that goes on at `pc`: at a backward branch, or behind a syscall.
    #[cfg(tail_calls)]
    #[inline]
    pub(crate) fn loop_at(&self, pc: u32) -> Option<LoopEntry> {
        match self.loops.get()?[pc as usize].load(Ordering::Acquire) {
            0 => None,
            entry => Some(LoopEntry(entry)),
        }
    }

    /// Native code that was entered at `pc`, at the beginning of a slice or behind a syscall, has been left after so many reductions, with so many
    /// left of the slice. Where that is hardly ever worth it, as between two syscalls that are close together, the interpreter goes on there
    /// from now on.
    #[cfg(tail_calls)]
    #[inline]
    pub(crate) fn has_stayed(&self, pc: u32, entry: LoopEntry, reductions: i64, left: i64) {
        let is_short = reductions < LoopEntry::SHORT && left >= LoopEntry::SHORT;
        if !is_short && entry.count() == 0 {
            return;
        }
        let Some(place) = self.loops.get().and_then(|loops| loops.get(pc as usize)) else { return };
        // Threads may overwrite what others count, which is no more than a hint.
        let without = entry.0 & !(0xff << LoopEntry::COUNT_SHIFT);
        let next = match entry.count() + 1 {
            _ if !is_short => without,
            LoopEntry::SHORT_MAX => 0,
            count => without | count << LoopEntry::COUNT_SHIFT,
        };
        place.store(next, Ordering::Relaxed);
    }

    /// A slice has ended in this function, at this place of the image.
    pub(crate) fn warm(&self, image: &Arc<Image>, function: FuncId, pc: u32) {
        self.room.note(pc);
        let heat = &self.heat[function.0 as usize];
        if heat.fetch_add(1, Ordering::Relaxed) + 1
            != self.room.threshold(function, self.tier.threshold(function))
        {
            return;
        }
        if self.room.budget.is_full() {
            self.ask_later(function);
        } else {
            self.compile(image, function);
        }
    }

    /// There is no room for the code of the function now. When there is again, it may be hot again.
    pub fn ask_later(&self, function: FuncId) {
        self.heat[function.0 as usize].store(0, Ordering::Relaxed);
    }

    /// Native code is entered at this place of the image.
    #[cfg(tail_calls)]
    #[inline]
    pub(crate) fn note_use(&self, pc: u32) {
        self.room.note(pc);
    }

    /// Compiles what is to be compiled when the image is loaded.
    pub(crate) fn compile_at_load(&self, image: &Arc<Image>) {
        let functions = (0..self.heat.len()).map(|index| FuncId(index as u32));
        for function in functions.filter(|&function| self.tier.threshold(function) == 0) {
            if !self.room.budget.is_full() {
                self.compile(image, function);
            }
            if !self.is_claimed(function) {
                self.room.cool(function);
            }
        }
    }

    fn compile(&self, image: &Arc<Image>, function: FuncId) {
        self.tier.compile(image, function);
    }
}
