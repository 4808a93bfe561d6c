//! The state of one process: plain data without host pointers.
//!
//! Stack: one array of 64-bit slots. A frame is a header slot and the registers of its function; `base` is the slot of
//! register 0. The header ([`FrameHeader`]) packs where to return to, the distance to the caller's `base` and the register
//! that takes the result. The first frame belongs to no function; its registers receive the results of the first
//! function.

use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_heap::{AllocError, ExportError, Exporter, Fragment, Header, Heap, Leaf};
use mvm_isa::{Trap, TrapCode, TypeId};
use mvm_module::liveness::RegSet;
use mvm_module::{FuncId, Literal, TypeDef, limits};

use crate::blocks::Blocks;
use crate::image::{HALT_MANY_PC, HALT_PC, Image, STUB_REGISTERS};
use crate::native::ImageOf;
use crate::planted::Planted;
use crate::roots::FrameMaps;
use crate::stack::Stack;
use crate::trace::{Frame, Trace};

/// How many recently raised exceptions keep their backtrace.
const TRACES_MAX: usize = 4;

/// What a process must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessLimits {
    /// Limits of the heap.
    pub heap: mvm_heap::Options,
    /// Largest stack, in 8-byte slots.
    pub stack_slots: usize,
}

impl Default for ProcessLimits {
    /// 1 GiB of heap, 64 MiB of stack.
    fn default() -> ProcessLimits {
        ProcessLimits { heap: mvm_heap::Options::default(), stack_slots: 8 << 20 }
    }
}

/// The slot below the registers of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader(pub(crate) u64);

impl FrameHeader {
    /// Bits of the return pc.
    const PC_BITS: u32 = 29;
    /// Set when native code may go on at the return pc. It changes nothing else: who does not look at it is not wrong.
    const RESUMES: u64 = 1 << FrameHeader::PC_BITS;
    /// Where the two bits are that hold the mark of the caller's frame (see `roots.rs`).
    const MARK_SHIFT: u32 = 30;
    /// The mark of a frame that has been visited by two collections and has not run since.
    pub(crate) const TWICE: u32 = 2;

    #[inline(always)]
    pub(crate) const fn new(return_pc: u32, delta: u16, dst: u16) -> FrameHeader {
        FrameHeader(return_pc as u64 | (delta as u64) << 32 | (dst as u64) << 48)
    }

    /// The same, with native code that may go on there.
    pub(crate) const fn resuming(self) -> FrameHeader {
        FrameHeader(self.0 | FrameHeader::RESUMES)
    }

    /// Whether native code may go on at the return pc.
    #[inline(always)]
    pub(crate) const fn resumes(self) -> bool {
        self.0 & FrameHeader::RESUMES != 0
    }

    /// Where the caller goes on.
    #[inline(always)]
    pub(crate) const fn return_pc(self) -> u32 {
        self.0 as u32 & ((1 << FrameHeader::PC_BITS) - 1)
    }

    /// Slots between the registers of the caller and those of this frame.
    #[inline(always)]
    pub(crate) const fn delta(self) -> usize {
        (self.0 >> 32) as u16 as usize
    }

    /// The register of the caller that takes the result.
    #[inline(always)]
    pub(crate) const fn dst(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// How many collections have visited the caller's frame since it ran last: 0, 1, or 2 for more.
    pub(crate) const fn mark(self) -> u32 {
        self.0 as u32 >> FrameHeader::MARK_SHIFT
    }

    pub(crate) const fn with_mark(self, mark: u32) -> FrameHeader {
        let marks = 3 << FrameHeader::MARK_SHIFT;
        FrameHeader(self.0 & !marks | (mark as u64) << FrameHeader::MARK_SHIFT)
    }
}

const _: () = assert!(limits::CODE_WORDS_MAX < 1 << FrameHeader::PC_BITS, "a pc leaves room for marks");

/// Is told of collections: for logs and statistics. It cannot change what they do.
pub trait GcWatch: Send + Sync {
    /// A collection begins.
    fn before(&self);

    /// It has ended.
    fn after(&self, collection: &mvm_heap::Collection, heap: &Heap);

    /// The run is over.
    ///
    /// # Errors
    /// When it could not write down what it was told.
    fn ended(&self, heap: &Heap) -> std::io::Result<()>;
}

/// Who is told of collections.
#[derive(Clone)]
struct Watcher(Arc<dyn GcWatch>);

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

/// Progress of a bulk instruction that did not finish in one step. All zero when none is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Resume {
    /// Rooted references.
    pub(crate) objects: [u32; 2],
    /// Progress.
    pub(crate) words: [u64; 2],
}

/// How often the limit of the heap has trapped lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shortage {
    /// Traps since `since`.
    pub(crate) traps: u32,
    /// Words allocated in the life of the process when counting began.
    pub(crate) since: u64,
}

/// An exception nobody caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncaught {
    /// The trap, when the machine raised it.
    pub trap: Option<Trap>,
    /// Class of the exception object.
    pub class: TypeId,
    /// What it says.
    pub message: String,
    /// Where it was raised.
    pub trace: Trace,
}

/// Why a process stopped running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The fuel does not suffice for the next charge.
    OutOfFuel,
    /// The first function returned; [`Process::results`] has what.
    Done,
    /// A syscall waits for [`Process::finish_syscall`].
    Syscall(mvm_isa::Syscall),
    /// An exception was not caught; [`Process::take_uncaught`] says which.
    Uncaught,
    /// A breakpoint instruction was reached and the probe wants to stop, or the probe asked to.
    Break,
}

/// What one instruction did.
pub(crate) enum Step {
    /// Goes on at `pc`.
    Next,
    /// Stops for this reason.
    Stop(Stop),
}

/// Why an instruction could not be completed. Nothing has happened yet, except progress in the resume record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A trap.
    Trap(Trap),
    /// The exception object in this register's value was thrown.
    Throw(u32),
    /// The next charge cannot be paid.
    Fuel,
}

impl From<Trap> for Fault {
    fn from(trap: Trap) -> Fault {
        Fault::Trap(trap)
    }
}

impl From<TrapCode> for Fault {
    fn from(code: TrapCode) -> Fault {
        Fault::Trap(Trap::plain(code))
    }
}

/// What most processes have none of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seldom {
    /// Exceptions raised last, with where that was.
    pub(crate) traces: Vec<(u32, Trace)>,
    /// Numbers of literals whose objects may be young.
    pub(crate) young_literals: Vec<u32>,
    pub(crate) shortage: Shortage,
    /// Who is told of collections.
    gc_watch: Option<Watcher>,
    /// The exception that ended it.
    uncaught: Option<Box<Uncaught>>,
}

/// One process.
#[derive(Debug, Clone)]
pub struct Process {
    pub(crate) image: ImageOf,
    pub(crate) heap: Heap,
    pub(crate) stack: Stack,
    /// Slot of register 0 of the running function.
    pub(crate) base: usize,
    /// Next instruction: index in the code of the image.
    pub(crate) pc: u32,
    /// Reductions that may still be charged.
    pub(crate) fuel: i64,
    /// Fuel given so far.
    fuel_given: u64,
    /// Object of each literal, 0 before its first use; empty before the first use of any.
    pub(crate) literals: Vec<u32>,
    pub(crate) seldom: Option<Box<Seldom>>,
    /// Made by the first collection.
    pub(crate) maps: Option<Box<FrameMaps>>,
    /// Notes of the memory checker.
    pub(crate) blocks: Option<Box<Blocks>>,
    pub(crate) resume: Resume,
    pub(crate) serial: i64,
    /// The syscall at `pc` has been charged and waits for its answer.
    pub(crate) syscall_pending: bool,
    /// Largest stack, in slots.
    stack_slots: usize,
    finished: bool,
    #[cfg(feature = "planted-bugs")]
    pub(crate) planted: Option<crate::planted::Planted>,
}

impl Process {
    /// A process that will call `function` with these argument values.
    ///
    /// The values are the bits of numbers; references can only be null (0) or made with the `new_*` functions. None when the
    /// host has no memory for its stack.
    pub fn new(
        image: &Arc<Image>,
        function: FuncId,
        args: &[u64],
        process_limits: ProcessLimits,
    ) -> Option<Process> {
        let mut process = Process::blank(image, process_limits);
        process.begin(function, args).then_some(process)
    }

    /// A process that has nothing to do yet: [`Process::begin_closure`] gives it something. A process is large, and many programs
    /// start them all the time: this way nobody copies it.
    #[inline(always)]
    pub fn blank(image: &Arc<Image>, process_limits: ProcessLimits) -> Process {
        Process {
            image: ImageOf::new(image),
            heap: Heap::new(process_limits.heap),
            stack: Stack::default(),
            base: 1,
            pc: HALT_PC,
            fuel: 0,
            fuel_given: 0,
            literals: Vec::new(),
            seldom: None,
            maps: None,
            blocks: None,
            resume: Resume::default(),
            serial: 0,
            syscall_pending: false,
            stack_slots: process_limits.stack_slots,
            finished: false,
            #[cfg(feature = "planted-bugs")]
            planted: None,
        }
    }

    /// The image, counted.
    pub(crate) fn image_of(&self) -> &ImageOf {
        &self.image
    }

    /// Lets a blank process call a function. False when the host has no memory for its stack.
    fn begin(&mut self, function: FuncId, args: &[u64]) -> bool {
        let image = &self.image;
        let entry = image.functions[function.0 as usize];
        let delta = STUB_REGISTERS + 1;
        let slots = 1 + delta + usize::from(entry.registers) + image.red_zone;
        let Some(stack) = Stack::new(slots, self.stack_slots.saturating_add(image.red_zone)) else {
            return false;
        };
        self.stack = stack;
        let results = image.module().functions[function.0 as usize].results.len();
        let return_pc = if results <= 4 { HALT_PC } else { HALT_MANY_PC };
        self.push_frame(delta as u16, return_pc, 0);
        self.stack[self.base..self.base + args.len()].copy_from_slice(args);
        self.pc = entry.start;
        true
    }

    /// The image it runs.
    #[inline]
    pub fn image(&self) -> &Arc<Image> {
        &self.image
    }

    /// Its heap.
    #[inline]
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// Words of the host's memory that it holds: heap, stack, and itself.
    #[inline]
    pub fn held_words(&self) -> usize {
        self.heap.held_words() + self.stack.len() + size_of::<Process>() / 8
    }

    /// Reductions charged so far.
    #[inline]
    pub fn reductions(&self) -> u64 {
        self.fuel_given - self.fuel as u64
    }

    /// The fuel it had when it was written down.
    pub(crate) fn set_fuel(&mut self, given: u64, fuel: i64) {
        (self.fuel_given, self.fuel) = (given, fuel);
    }

    /// Most slots of its stack, with what instructions may write beyond it.
    pub(crate) fn stack_most(&self) -> usize {
        self.stack_slots.saturating_add(self.image.red_zone)
    }

    /// Fuel that it has been given so far, and not given back.
    #[inline]
    pub fn given(&self) -> u64 {
        self.fuel_given
    }

    /// Charges for work that was done for it, as far as its fuel goes; how much.
    #[inline]
    pub fn spend(&mut self, reductions: u64) -> u64 {
        let spent = reductions.min(self.fuel as u64);
        self.fuel -= spent as i64;
        spent
    }

    /// Gives fuel for a time slice; what was left before stays.
    #[inline]
    pub fn add_fuel(&mut self, reductions: u64) {
        let most = i64::MAX as u64 - self.fuel as u64;
        let given = reductions.min(most);
        self.fuel += given as i64;
        self.fuel_given += given;
    }

    /// Takes back fuel that has not been used; how much.
    #[inline]
    pub fn take_fuel(&mut self) -> u64 {
        let fuel = std::mem::take(&mut self.fuel) as u64;
        self.fuel_given -= fuel;
        fuel
    }

    /// Whether a call of the machine waits for its answer.
    #[inline]
    pub fn waits(&self) -> bool {
        self.syscall_pending
    }

    /// Copies what can be reached from an object of the heap out of it, if it is at most so many words.
    ///
    /// # Errors
    /// When it is larger, or the host has no memory.
    pub fn export(
        &mut self,
        exporter: &mut Exporter,
        object: u32,
        most: usize,
    ) -> Result<Fragment, ExportError> {
        exporter.export(&mut self.heap, &self.image.layouts, object, most)
    }

    /// An object of a few words that refers to nothing, or null. None when it is something else.
    #[inline]
    pub fn leaf(&self, object: u32) -> Option<Leaf> {
        self.heap.leaf(&self.image.layouts, object)
    }

    /// Words of an object that [`Process::copy_from`] can copy; none for others.
    #[inline]
    pub fn words_of_leaf(&self, object: u32) -> Option<usize> {
        self.heap.words_of_leaf(&self.image.layouts, object)
    }

    /// Copies an object out of the heap of another process: one of so many words by its [`Process::words_of_leaf`].
    ///
    /// # Errors
    /// A trap, when it does not fit into the heap.
    pub fn copy_from(&mut self, other: &Process, object: u32, words: usize) -> Result<u32, Fault> {
        self.alloc_with(|heap| heap.copy_from(&other.heap, object, words))
    }

    /// Words that a heap is charged for an object that [`Process::share_from`] can share: a long string or byte string.
    #[inline]
    pub fn words_of_shared(&self, object: u32) -> Option<usize> {
        self.heap.words_of_shared(object)
    }

    /// Makes an object that has its bytes together with one of another process, for which [`Process::words_of_shared`] gives something.
    /// None when the host has no memory.
    ///
    /// # Errors
    /// A trap, when it does not fit into the heap.
    pub fn share_from(&mut self, other: &mut Process, object: u32) -> Result<Option<u32>, Fault> {
        let class = other.heap.header(object).class();
        let Some(buffer) = other.heap.share(object) else { return Ok(None) };
        self.alloc_with(|heap| heap.adopt(class, &buffer)).map(Some)
    }

    /// Makes the object that a leaf is.
    ///
    /// # Errors
    /// A trap, when it does not fit into the heap.
    #[inline]
    pub fn import_leaf(&mut self, leaf: &Leaf) -> Result<u32, Fault> {
        match self.heap.import_leaf(leaf) {
            Ok(object) => Ok(object),
            Err(error) => self.import_again(&(*leaf).into(), error),
        }
    }

    /// Makes the objects of a fragment; the result refers to the first.
    ///
    /// # Errors
    /// A trap, when they do not fit into the heap.
    #[inline]
    pub fn import(&mut self, fragment: &Fragment) -> Result<u32, Fault> {
        match self.heap.import(&self.image.layouts, fragment) {
            Ok(object) => Ok(object),
            Err(error) => self.import_again(fragment, error),
        }
    }

    /// The same after `error`.
    #[cold]
    #[inline(never)]
    fn import_again(&mut self, fragment: &Fragment, error: AllocError) -> Result<u32, Fault> {
        let image = Arc::clone(&self.image);
        let mut before = Some(error);
        self.alloc_with(|heap| before.take().map_or_else(|| heap.import(&image.layouts, fragment), Err))
    }

    /// Whether a fragment is a function value that takes no more arguments.
    pub fn is_callable(image: &Image, value: &Fragment) -> bool {
        let ty = value.root().and_then(|root| image.module().types.get(root.class().index()));
        matches!(ty, Some(TypeDef::Func(signature)) if signature.params.is_empty())
    }

    /// Lets a blank process call a function value of another process of its image, which takes no more arguments. False when it is no
    /// such value, or the host has no memory for it.
    pub fn begin_closure(&mut self, value: &Fragment) -> bool {
        if !Process::is_callable(&self.image, value) || !self.begin(FuncId(value.function()), &[]) {
            return false;
        }
        let (bound, refs) = value.bound();
        if refs != 0 {
            let Ok(object) = self.import(value) else { return false };
            for index in 0..bound.len() {
                let bits = self.heap.word(object, 1 + index);
                self.set_reg(index as u16, bits);
            }
        } else {
            for (index, &bits) in bound.iter().enumerate() {
                self.set_reg(index as u16, bits);
            }
        }
        true
    }

    /// Where the process is: function and word index in it.
    pub fn position(&self) -> Option<(FuncId, u32)> {
        self.image.locate(self.pc)
    }

    /// Index in the image of the next instruction.
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// Number of calls that are under way.
    pub fn depth(&self) -> usize {
        let mut depth = 0;
        self.each_frame(|_| depth += 1);
        depth
    }

    /// A register of the running function.
    pub fn register(&self, index: u16) -> u64 {
        self.stack[self.base + usize::from(index)]
    }

    /// Sets a register of the running function. References are those that the process has made.
    pub fn set_register(&mut self, index: u16, value: u64) {
        self.set_reg(index, value);
    }

    #[inline]
    pub(crate) fn reg(&self, index: u16) -> u64 {
        self.stack[self.base + usize::from(index)]
    }

    #[inline]
    pub(crate) fn set_reg(&mut self, index: u16, value: u64) {
        self.stack[self.base + usize::from(index)] = value;
    }

    #[inline]
    pub(crate) fn word(&self, offset: u32) -> u64 {
        self.image.code[(self.pc + offset) as usize]
    }

    /// Pays a charge.
    #[inline]
    pub(crate) fn charge(&mut self, reductions: i64) -> Result<(), Fault> {
        if self.fuel < reductions {
            if self.has_bug(Planted::LostProgress) {
                self.resume = Resume::default();
            }
            return Err(Fault::Fuel);
        }
        if self.has_bug(Planted::ForgottenCharge) && reductions == 1 && self.fuel % 8 == 0 {
            return Ok(());
        }
        self.fuel -= reductions;
        Ok(())
    }

    /// Makes `base + delta` the running frame and writes its header.
    pub(crate) fn push_frame(&mut self, delta: u16, return_pc: u32, dst: u16) {
        self.base += usize::from(delta);
        self.stack[self.base - 1] = FrameHeader::new(return_pc, delta, dst).0;
    }

    /// Makes room for the registers of the running function and the red zone above.
    pub(crate) fn reserve_stack(&mut self, registers: usize) -> Result<(), Fault> {
        let needed = self.base + registers + self.image.red_zone;
        if needed <= self.stack.len() {
            return Ok(());
        }
        let overflow = Fault::Trap(Trap::new(TrapCode::StackOverflow, self.stack_slots as i64, 0));
        if self.base + registers > self.stack_slots {
            return Err(overflow);
        }
        let most = self.stack_slots.saturating_add(self.image.red_zone);
        let wanted = (needed * 2).min(most).max(needed);
        if self.stack.grow(wanted) || self.stack.grow(needed) { Ok(()) } else { Err(overflow) }
    }

    /// A new object, collecting first when needed. The instruction at `pc` has not changed anything yet.
    pub(crate) fn alloc(&mut self, class: TypeId, length: u32, payload_words: usize) -> Result<u32, Fault> {
        let header = Header::new(class, length);
        let object = self.alloc_with(|heap| match class {
            TypeId::STR | TypeId::BYTES => heap.alloc_text(class, length),
            TypeId::BLOCK => heap.alloc_block(header, payload_words),
            _ => heap.alloc(header, payload_words),
        })?;
        if class == TypeId::BLOCK {
            self.note_made(object, length);
        }
        Ok(object)
    }

    /// Makes an object, collecting first when needed.
    fn alloc_with(
        &mut self,
        mut make: impl FnMut(&mut Heap) -> Result<u32, AllocError>,
    ) -> Result<u32, Fault> {
        loop {
            match make(&mut self.heap) {
                Ok(object) => return Ok(object),
                Err(AllocError::Collect) => self.collect(),
                Err(AllocError::Limit { bytes, limit }) => {
                    let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                    return Err(Trap::new(TrapCode::OutOfMemory, clamp(bytes), clamp(limit)).into());
                }
            }
        }
    }

    /// A new object with these payload bytes.
    ///
    /// # Errors
    /// A trap, when it does not fit into the heap.
    pub fn alloc_bytes(&mut self, class: TypeId, bytes: &[u8]) -> Result<u32, Fault> {
        if bytes.len() > limits::LENGTH_MAX {
            return Err(
                Trap::new(TrapCode::InvalidArgument, bytes.len() as i64, limits::LENGTH_MAX as i64).into()
            );
        }
        let object = self.alloc(class, bytes.len() as u32, bytes.len().div_ceil(8))?;
        self.heap.payload_mut(object, bytes.len()).copy_from_slice(bytes);
        Ok(object)
    }

    /// Runs the collection that is due.
    pub fn collect(&mut self) {
        let watch = self.seldom.as_ref().and_then(|seldom| seldom.gc_watch.clone());
        if let Some(watch) = &watch {
            watch.0.before();
        }
        let image = Arc::clone(&self.image);
        let (heap, mut roots) = self.heap_and_roots();
        let collection = heap.collect(&image.layouts, &mut roots);
        self.note_collected();
        if let (Some(watch), Some(collection)) = (&watch, &collection) {
            watch.0.after(collection, &self.heap);
        }
    }

    /// Collects everything that is dead now.
    pub fn collect_full(&mut self) {
        self.heap.ask_full();
        self.collect();
    }

    /// Tells the watcher that the run is over.
    ///
    /// # Errors
    /// Those of the watcher.
    pub fn end_watch(&mut self) -> std::io::Result<()> {
        let watch = self.seldom.as_mut().and_then(|seldom| seldom.gc_watch.take());
        watch.map_or(Ok(()), |watch| watch.0.ended(&self.heap))
    }

    /// Tells of every collection from now on.
    pub fn watch_collections(&mut self, watch: Arc<dyn GcWatch>) {
        self.seldom.get_or_insert_default().gc_watch = Some(Watcher(watch));
    }

    /// Checks the heap (see [`Heap::check`]), and the notes of the memory checker against it.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn check_heap(&mut self) -> Result<(), String> {
        let image = Arc::clone(&self.image);
        let (heap, mut roots) = self.heap_and_roots();
        heap.check(&image.layouts, &mut roots)?;
        self.check_notes()
    }

    /// Calls `visit` with the stack slot of every live register, inner frames first, and whether it is a reference.
    pub(crate) fn each_live(&mut self, mut visit: impl FnMut(usize, bool)) {
        let image = Arc::clone(&self.image);
        let mut live = RegSet::default();
        self.each_frame(|frame| {
            // Outer frames go on behind a call; what a handler around the call reads is live too.
            let Some((id, pc)) = image.locate(frame.at()) else { return };
            let function = &image.module().functions[id.0 as usize];
            let liveness = image.module().liveness(id);
            if frame.running {
                liveness.live_before(function, pc, &mut live);
            } else {
                liveness.live_across(function, pc, &mut live);
            }
            for register in live.iter() {
                visit(frame.base + usize::from(register), function.registers[usize::from(register)].is_ref());
            }
        });
    }

    /// Calls `visit` for every frame of a function, inner ones first.
    pub(crate) fn each_frame(&self, mut visit: impl FnMut(Frame)) {
        self.frames_until(|frame| {
            visit(frame);
            ControlFlow::Continue(())
        });
    }

    /// Calls `visit` for frames of functions, inner ones first, until it breaks.
    pub(crate) fn frames_until(&self, mut visit: impl FnMut(Frame) -> ControlFlow<()>) {
        let mut frame = Frame { pc: self.pc, base: self.base, running: true };
        while frame.pc > HALT_MANY_PC && frame.base > 1 {
            if visit(frame).is_break() {
                return;
            }
            let header = FrameHeader(self.stack[frame.base - 1]);
            frame = Frame { pc: header.return_pc(), base: frame.base - header.delta(), running: false };
        }
    }

    /// The object of a literal, made on first use together with the literals it refers to.
    pub(crate) fn literal(&mut self, index: u32) -> Result<u32, Fault> {
        let image = Arc::clone(&self.image);
        if self.literals.is_empty() {
            self.literals = vec![0; image.module().literals.len()];
        }
        let mut work = vec![index];
        while let Some(&next) = work.last() {
            if self.literals[next as usize] != 0 {
                work.pop();
                continue;
            }
            let before = work.len();
            if let Literal::Refs(_, items) = image.literal(next) {
                work.extend(
                    items.iter().flatten().map(|item| item.0).filter(|&k| self.literals[k as usize] == 0),
                );
            }
            if work.len() == before {
                work.pop();
                self.make_literal(&image, next)?;
            }
        }
        Ok(self.literals[index as usize])
    }

    /// Makes the object of a literal; those it refers to are there.
    fn make_literal(&mut self, image: &Image, index: u32) -> Result<(), Fault> {
        let object = match image.literal(index) {
            Literal::Str(text) => self.make_text(image, index, TypeId::STR, text.as_bytes())?,
            Literal::Bytes(bytes) => self.make_text(image, index, TypeId::BYTES, bytes)?,
            Literal::Array(elem, bytes) => {
                let length = bytes.len() / elem.bytes() as usize;
                let object = self.alloc(TypeId::array_of(*elem), length as u32, bytes.len().div_ceil(8))?;
                self.heap.payload_mut(object, bytes.len()).copy_from_slice(bytes);
                object
            }
            Literal::Func(function, ty) => {
                let object = self.alloc(*ty, 1, 1)?;
                self.heap.set_word(object, 0, mvm_heap::layout::closure::word(function.0, 0, 0));
                object
            }
            Literal::Refs(ty, items) => {
                let object = self.alloc(*ty, items.len() as u32, items.len().div_ceil(2))?;
                for (half, item) in items.iter().enumerate() {
                    let value = item.map_or(0, |item| self.literals[item.0 as usize]);
                    self.heap.set_reference(object, half, value);
                }
                object
            }
            Literal::Types(types) => {
                let object = self.alloc(TypeId::ARRAY_I64, types.len() as u32, types.len())?;
                for (word, ty) in types.iter().enumerate() {
                    self.heap.set_word(object, word, ty.0.into());
                }
                object
            }
        };
        self.literals[index as usize] = object;
        self.seldom.get_or_insert_default().young_literals.push(index);
        Ok(())
    }

    /// The object of a literal with these bytes; all processes of an image share those of a long one.
    fn make_text(&mut self, image: &Image, index: u32, class: TypeId, bytes: &[u8]) -> Result<u32, Fault> {
        match image.shared_literal(index, bytes) {
            Some(buffer) => self.alloc_with(|heap| heap.adopt(class, buffer)),
            None => self.alloc_bytes(class, bytes),
        }
    }

    /// Exceptions raised last, with where that was.
    pub(crate) fn traces(&self) -> &[(u32, Trace)] {
        self.seldom.as_ref().map_or(&[], |seldom| &seldom.traces)
    }

    /// Remembers where an exception was raised.
    pub(crate) fn keep_trace(&mut self, object: u32, trace: Trace) {
        let traces = &mut self.seldom.get_or_insert_default().traces;
        if traces.len() == TRACES_MAX {
            traces.remove(0);
        }
        traces.push((object, trace));
    }

    /// Counts a trap at the limit of the heap. False when there have been too many: each costs a full collection, so they are
    /// bounded by what is allocated in between.
    pub(crate) fn may_catch(&mut self, trap: &Trap) -> bool {
        // A request above the limit is refused without a collection.
        if trap.code != TrapCode::OutOfMemory || trap.a > trap.b {
            return true;
        }
        let allocated = self.heap.allocated_words();
        let limit = self.heap.options().limit_words;
        let shortage = &mut self.seldom.get_or_insert_default().shortage;
        if allocated - shortage.since >= limit {
            *shortage = Shortage { traps: 0, since: allocated };
        }
        shortage.traps += 1;
        shortage.traps <= limits::CAUGHT_SHORTAGES_MAX
    }

    /// Marks the process as ended.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }

    /// The same by an exception that nobody caught.
    pub(crate) fn fail(&mut self, uncaught: Uncaught) -> Stop {
        self.finished = true;
        self.seldom.get_or_insert_default().uncaught = Some(Box::new(uncaught));
        Stop::Uncaught
    }

    /// How often the limit of the heap has trapped lately.
    pub(crate) fn shortage(&self) -> Shortage {
        self.seldom.as_ref().map_or(Shortage::default(), |seldom| seldom.shortage)
    }

    /// The exception that ended the process.
    pub fn take_uncaught(&mut self) -> Option<Box<Uncaught>> {
        self.seldom.as_mut()?.uncaught.take()
    }

    /// The results of the first function, when it has returned; more registers than it has results.
    pub fn results(&self) -> &[u64] {
        &self.stack[self.base..self.base + STUB_REGISTERS]
    }

    /// Whether the process has ended.
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// A trap in words, with the names of types.
    pub fn describe(&self, trap: &Trap) -> String {
        crate::step::describe(&self.image, trap)
    }

    /// The limits it keeps.
    pub fn limits(&self) -> ProcessLimits {
        ProcessLimits { heap: self.heap.options(), stack_slots: self.stack_slots }
    }
}
