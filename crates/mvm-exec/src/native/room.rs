//! Room for native code: how much there may be, and what goes when it is full.
//!
//! Code comes and goes by units, which is what was compiled together and lies in memory of its own. A unit that fits is used at once. Another
//! waits until nobody runs ([`make_room`]); then those go that have been used least recently, and it takes their place. So
//! there is never more code than the limit and what waits, and while something waits nothing is compiled. A function that has gone may
//! become hot again; each time it takes twice as long, so that a program whose hot functions do not fit does not compile all the time.
//!
//! What is used is noted where the interpreter enters native code and where time slices end in it; native code itself notes nothing.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mvm_module::{FuncId, VerifiedModule};

use super::{NativeCode, NativeTable};
use crate::image::Image;
use crate::process::Process;

/// Words of code, as a power of two, of which it is noted together when they were used last.
const NOTED_SHIFT: u32 = 6;
/// A function waits at most two to this power times as long as at first before it is compiled again.
const COOLED_MAX: u8 = 10;

/// Such a part of the limit is made free at least, where something has to go.
const SPARE: usize = 8;

/// How much native code there may be, of all images that share this.
#[derive(Debug)]
pub struct CodeBudget {
    limit: usize,
    /// Bytes of the units that are there, without those that wait.
    used: AtomicUsize,
    /// The most that these have ever been.
    most: AtomicUsize,
    /// Bytes of the units that wait.
    waiting: AtomicUsize,
    /// Counts rounds.
    now: AtomicU32,
}

impl CodeBudget {
    /// So many bytes.
    pub fn new(limit: usize) -> CodeBudget {
        CodeBudget {
            limit,
            used: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            now: AtomicU32::new(0),
        }
    }

    /// The largest number of bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes that are there.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// The most bytes that have been there at once, with what waited.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// Whether code waits for room, so that no more should be made.
    pub fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    fn note_most(&self) {
        let all = self.used() + self.waiting.load(Ordering::Relaxed);
        self.most.fetch_max(all, Ordering::Relaxed);
    }
}

/// Code that was made together and can only go together.
pub struct Unit {
    /// Its functions.
    pub functions: Vec<(FuncId, NativeCode)>,
    /// Bytes of memory that it takes.
    pub bytes: usize,
    /// Is dropped when nothing runs the code any more and nothing has its addresses: frees it.
    pub code: Box<dyn Any + Send + Sync>,
}

/// A unit that is used.
struct Kept {
    functions: Box<[FuncId]>,
    bytes: usize,
    /// Round in which it came.
    since: u32,
    code: Box<dyn Any + Send + Sync>,
}

#[derive(Default)]
struct State {
    kept: Vec<Kept>,
    waiting: Vec<Unit>,
    /// Nobody can enter them any more, but somebody might still run them.
    retired: Vec<Kept>,
    evicted: Evicted,
}

/// What has gone to make room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Units.
    pub units: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// How often each function.
    pub functions: BTreeMap<FuncId, u64>,
}

/// The units of an image.
pub(super) struct Room {
    pub(super) budget: Arc<CodeBudget>,
    /// The round in which each piece of the code was used last natively.
    uses: Box<[AtomicU32]>,
    /// How often each function has gone, or found no room at load.
    cooled: Box<[AtomicU8]>,
    /// Processes of the image.
    processes: AtomicUsize,
    state: Mutex<State>,
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl Room {
    pub(super) fn new(budget: Arc<CodeBudget>, module: &VerifiedModule, words: usize) -> Room {
        Room {
            budget,
            uses: (0..(words >> NOTED_SHIFT) + 1).map(|_| AtomicU32::new(0)).collect(),
            cooled: module.functions.iter().map(|_| AtomicU8::new(0)).collect(),
            processes: AtomicUsize::new(0),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Native code is used at this place of the image.
    #[inline]
    pub(super) fn note(&self, pc: u32) {
        let now = self.budget.now.load(Ordering::Relaxed);
        if let Some(used) = self.uses.get((pc >> NOTED_SHIFT) as usize)
            && used.load(Ordering::Relaxed) != now
        {
            used.store(now, Ordering::Relaxed);
        }
    }

    /// Slices that end in a function before it is compiled, when at first they are so many.
    pub(super) fn threshold(&self, function: FuncId, first: u32) -> u32 {
        match self.cooled[function.0 as usize].load(Ordering::Relaxed) {
            0 => first,
            times => first.max(1).saturating_mul(1 << (times - 1)),
        }
    }

    /// The function has gone, or there is no room for it.
    pub(super) fn cool(&self, function: FuncId) {
        let cooled = &self.cooled[function.0 as usize];
        cooled.store((cooled.load(Ordering::Relaxed) + 1).min(COOLED_MAX), Ordering::Relaxed);
    }

    pub(super) fn evicted(&self) -> Evicted {
        self.lock().evicted.clone()
    }
}

impl NativeTable {
    /// Lets the interpreter use code, now if there is room for it.
    ///
    /// The code must be what [`NativeCode`] says, keep the rule of this module, and live until it is dropped.
    pub fn add(&self, image: &Image, unit: Unit) {
        let budget = &self.room.budget;
        let mut state = self.room.lock();
        // Others may add code of another image meanwhile.
        let before = budget.used.fetch_add(unit.bytes, Ordering::Relaxed);
        if before + unit.bytes <= budget.limit {
            state.kept.push(self.use_now(image, unit));
        } else {
            budget.used.fetch_sub(unit.bytes, Ordering::Relaxed);
            budget.waiting.fetch_add(unit.bytes, Ordering::Relaxed);
            state.waiting.push(unit);
        }
        budget.note_most();
    }

    fn use_now(&self, image: &Image, unit: Unit) -> Kept {
        let functions = unit.functions.iter().map(|&(function, _)| function).collect();
        for (function, code) in unit.functions {
            self.install(image, function, code);
        }
        let since = self.room.budget.now.load(Ordering::Relaxed);
        Kept { functions, bytes: unit.bytes, since, code: unit.code }
    }

    /// When a unit was used last, and how many slices have ended in it.
    fn last_use(&self, image: &Image, unit: &Kept) -> (u32, u64) {
        let (mut last, mut heat) = (unit.since, 0);
        for &function in &unit.functions {
            let words = image.module().functions[function.0 as usize].code.len() as u32;
            let start = image.start_of(function);
            let pieces = start >> NOTED_SHIFT..=(start + words) >> NOTED_SHIFT;
            let uses = pieces.filter_map(|piece| self.room.uses.get(piece as usize));
            last = uses.map(|used| used.load(Ordering::Relaxed)).fold(last, u32::max);
            heat += u64::from(self.heat[function.0 as usize].load(Ordering::Relaxed));
        }
        (last, heat)
    }

    /// The interpreter does these functions again, from now on.
    fn retire(&self, image: &Image, unit: &Kept, evicted: &mut Evicted) {
        evicted.units += 1;
        evicted.bytes += unit.bytes as u64;
        for &function in &unit.functions {
            self.uninstall(image, function);
            self.room.cool(function);
            *evicted.functions.entry(function).or_default() += 1;
        }
    }
}

/// An image, for a process of it. Processes are counted: code goes only where it is known of all that they do not run it.
#[derive(Debug)]
pub(crate) struct ImageOf(Arc<Image>);

impl ImageOf {
    pub(crate) fn new(image: &Arc<Image>) -> ImageOf {
        if let Some(native) = &image.native {
            native.room.processes.fetch_add(1, Ordering::SeqCst);
            // What the process is going to find of native code is no older than what `make_room` knows who does not count it.
            fence(Ordering::SeqCst);
        }
        ImageOf(Arc::clone(image))
    }
}

impl Clone for ImageOf {
    fn clone(&self) -> ImageOf {
        ImageOf::new(&self.0)
    }
}

impl Drop for ImageOf {
    fn drop(&mut self) {
        if let Some(native) = &self.0.native {
            native.room.processes.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Deref for ImageOf {
    type Target = Arc<Image>;

    fn deref(&self) -> &Arc<Image> {
        &self.0
    }
}

/// A round has ended, of a machine with these images.
pub fn end_round<'i>(images: impl Iterator<Item = &'i Image>) {
    for native in images.filter_map(Image::native) {
        native.room.budget.now.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether code of one of these images waits for room.
pub fn wants_room<'i>(mut images: impl Iterator<Item = &'i Image>) -> bool {
    images.any(|image| image.native().is_some_and(|native| native.room.budget.is_full()))
}

/// Lets code that waits be used, and that go which was used least recently. Only of images all of whose processes are among these, which nobody
/// else can run meanwhile, does anything go.
pub fn make_room<'p>(images: &[&Image], processes: impl Iterator<Item = &'p mut Process>) {
    let mut given = vec![0usize; images.len()];
    for process in processes {
        if let Some(index) = images.iter().position(|&image| std::ptr::eq(image, &***process.image_of())) {
            given[index] += 1;
        }
    }
    let natives: Vec<(&Image, &NativeTable, usize)> = images
        .iter()
        .zip(given)
        .filter_map(|(&image, given)| Some((image, image.native()?, given)))
        .collect();
    let quiet = |native: &NativeTable, given: usize| native.room.processes.load(Ordering::SeqCst) == given;
    let mut candidates = Vec::new();
    for (index, &(image, native, given)) in natives.iter().enumerate() {
        if quiet(native, given) {
            let state = native.room.lock();
            candidates
                .extend(state.kept.iter().map(|unit| (native.last_use(image, unit), index, unit.since)));
        }
    }
    // What was used longest ago is last.
    candidates.sort_by_key(|&(used, ..)| Reverse(used));
    for &(image, native, _) in &natives {
        let budget = &native.room.budget;
        let waiting = std::mem::take(&mut native.room.lock().waiting);
        for unit in waiting {
            // Somewhat more goes than must, so that not every unit has to wait for the end of a round.
            while budget.used() + unit.bytes > budget.limit - budget.limit / SPARE {
                let Some((used, index, _)) = candidates.pop() else { break };
                let (from, table, given) = natives[index];
                evict(from, table, used, given);
            }
            budget.waiting.fetch_sub(unit.bytes, Ordering::Relaxed);
            native.add(image, unit);
        }
    }
}

/// Lets a unit go that was used last then.
fn evict(image: &Image, native: &NativeTable, used: (u32, u64), given: usize) {
    let mut state = native.room.lock();
    let State { kept, retired, evicted, .. } = &mut *state;
    if let Some(index) = kept.iter().position(|unit| native.last_use(image, unit) == used) {
        let unit = kept.swap_remove(index);
        native.retire(image, &unit, evicted);
        retired.push(unit);
    }
    // A process that is counted from here on has seen that they are gone.
    fence(Ordering::SeqCst);
    if native.room.processes.load(Ordering::SeqCst) == given {
        for unit in retired.drain(..) {
            native.room.budget.used.fetch_sub(unit.bytes, Ordering::Relaxed);
            drop(unit.code);
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let used: usize = state.kept.iter().chain(&state.retired).map(|unit| unit.bytes).sum();
        let waiting: usize = state.waiting.iter().map(|unit| unit.bytes).sum();
        self.budget.used.fetch_sub(used, Ordering::Relaxed);
        self.budget.waiting.fetch_sub(waiting, Ordering::Relaxed);
    }
}
