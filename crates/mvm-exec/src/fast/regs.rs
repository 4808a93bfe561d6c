//! The registers of the machine while a fast dispatcher runs: raw pointers into the process.
//!
//! All `unsafe` of the interpreter is in this file. The methods are safe to call because a [`Regs`] can only be made
//! with [`Regs::new`], whose contract is what the verifier and the loader guarantee; each comment names the rule
//! (`docs/VERIFIER.md`) it rests on.
#![expect(unsafe_code, reason = "register, code and heap access without bounds checks; every block says why")]

use std::sync::atomic::{AtomicU32, Ordering};

use mvm_heap::{Header, NOTHING, Slot, flags};
use mvm_isa::TypeId;

use crate::image::ClassEntry;
use crate::planted::Planted;
use crate::process::{FrameHeader, Process, Stop};

/// What handlers reach through one pointer. All pointers are derived from `process` and are renewed after every step
/// that had the process to itself.
pub(crate) struct Ctx {
    pub(super) process: *mut Process,
    pub(super) code: *const u64,
    entries: *const AtomicU32,
    /// A frame must end at or below this slot.
    pub(super) stack_limit: *mut u64,
    pub(super) literals: *const u32,
    classes: *const ClassEntry,
    methods: *const u32,
    fields: *const u32,
    selectors: *const u64,
    /// First free word of the heap.
    pub(super) top: *mut usize,
    /// Allocations must end at or below this word.
    pub(super) alloc_end: usize,
    /// Objects below this index are young: a store into an old object may have to be noted.
    pub(super) old_start: u32,
    /// Slots of objects with bytes outside the heap.
    externals: *const Slot,
    /// Registers as `load` read them last, or as `Regs::keep` left them: pc, base, fuel, heap.
    pub(super) loaded: (*const u64, *mut u64, i64, *mut u64),
    /// Results of native code that the interpreter has entered.
    pub(super) results: [u64; mvm_module::limits::RESULTS_MAX],
    /// Fuel that the registers do not have: after native code has been left the interpreter has none, so that it comes by here where it is to be
    /// charged next, which may be a place where native code goes on.
    pub(super) held_back: i64,
    /// How often fuel is still to be held back.
    #[cfg(tail_calls)]
    patience: u32,
    /// Native code that finds the host's stack below this leaves.
    pub(super) native_stack_end: usize,
    /// Functions with native code are entered there.
    pub(super) uses_native: bool,
    /// The word whose handler lets native code go on in a caller; none where there is no native code.
    pub(super) resume_word: *const u64,
    /// Where that caller goes on.
    pub(super) returns_to: *const u64,
    /// Why the run ended.
    pub(crate) stop: Option<Stop>,
    #[cfg(feature = "planted-bugs")]
    planted: Option<Planted>,
}

/// How often fuel is held back after native code has been left. A loop is mostly over or comes back before.
#[cfg(tail_calls)]
const PATIENCE: u32 = 32;

impl Ctx {
    /// A context for a process that nobody else touches while the context is used.
    pub(crate) fn new(process: &mut Process) -> Ctx {
        let image = &process.image;
        Ctx {
            code: image.code.as_ptr(),
            entries: image.entries.as_ptr(),
            classes: image.classes.as_ptr(),
            methods: image.methods.as_ptr(),
            fields: image.fields.as_ptr(),
            selectors: image.selectors.as_ptr(),
            stack_limit: std::ptr::null_mut(),
            literals: std::ptr::null(),
            top: std::ptr::null_mut(),
            alloc_end: 0,
            old_start: 0,
            externals: std::ptr::null(),
            loaded: (std::ptr::null(), std::ptr::null_mut(), 0, std::ptr::null_mut()),
            results: [0; mvm_module::limits::RESULTS_MAX],
            held_back: 0,
            #[cfg(tail_calls)]
            patience: 0,
            native_stack_end: 0,
            uses_native: false,
            resume_word: std::ptr::null(),
            returns_to: std::ptr::null(),
            stop: None,
            #[cfg(feature = "planted-bugs")]
            planted: process.planted,
            process,
        }
    }

    /// Whether the process has this bug. A copy is asked: a look at the process would end the life of `top`.
    #[cfg(feature = "planted-bugs")]
    #[inline(always)]
    fn has_bug(&self, bug: Planted) -> bool {
        self.planted == Some(bug)
    }

    /// Whether the process has this bug: never.
    #[cfg(not(feature = "planted-bugs"))]
    #[inline(always)]
    fn has_bug(&self, _: Planted) -> bool {
        false
    }

    /// Reads the state of the process into registers.
    #[inline(always)]
    pub(crate) fn load(&mut self) -> Regs {
        // SAFETY: `process` comes from the exclusive borrow that `new` was given, and no other reference is alive.
        let process = unsafe { &mut *self.process };
        let stack = process.stack.as_mut_ptr();
        let limit = process.stack.len() - process.image.red_zone;
        // SAFETY: a stack is longer than the red zone (`Process::new`), so the limit is inside it.
        self.stack_limit = unsafe { stack.add(limit) };
        // Before the first use of a literal there is no table; that of the image says the same.
        let literals =
            if process.literals.is_empty() { &*process.image.no_literals } else { &*process.literals };
        self.literals = literals.as_ptr();
        let (words, top, end, old_start, externals) = process.heap.raw_parts();
        self.top = top;
        self.alloc_end = end;
        self.old_start = old_start;
        self.externals = externals.as_ptr();
        // Before there is memory only null can be followed, and only to be read: its length is 0.
        let mut heap = if words.is_empty() { NOTHING.as_ptr().cast_mut() } else { words.as_mut_ptr() };
        if self.has_bug(Planted::StaleHeap) && !self.loaded.3.is_null() {
            heap = self.loaded.3;
        }
        let (base, pc, fuel) = (process.base, process.pc as usize, process.fuel);
        // SAFETY: `base` is the slot of a frame on the stack, at least 1 and below its length.
        let base = unsafe { stack.add(base) };
        // SAFETY: `pc` is the index of an instruction in the code of the image.
        let pc = unsafe { self.code.add(pc) };
        self.loaded = (pc, base, fuel, heap);
        let this: *mut Ctx = self;
        // SAFETY: the pointers are those of one process whose code is verified; they were made right now.
        unsafe { Regs::new(pc, base, fuel, heap, this) }
    }

    /// The registers that `load` read last, for `this` context. Nothing has run since.
    #[cfg(tail_calls)]
    #[inline(always)]
    pub(crate) fn loaded(&self, this: *mut Ctx) -> Regs {
        let (pc, base, fuel, heap) = self.loaded;
        // SAFETY: the pointers are those of one process whose code is verified; `load` made them.
        unsafe { Regs::new(pc, base, fuel, heap, this) }
    }

    /// Writes registers back.
    #[inline(always)]
    fn store(&mut self, regs: &Regs) -> &mut Process {
        // SAFETY: as in `load`; the pointers of `regs` are not used again.
        let process = unsafe { &mut *self.process };
        process.pc = ((regs.pc as usize - self.code as usize) / 8) as u32;
        process.base = (regs.base as usize - process.stack.as_ptr() as usize) / 8;
        process.fuel = regs.fuel + std::mem::take(&mut self.held_back);
        process
    }

    /// Native code has been left: holds the fuel back.
    #[cfg(tail_calls)]
    pub(super) fn hold_back(&mut self) {
        self.patience = PATIENCE;
        self.hold_back_again();
    }

    /// The same once more, unless there was no place for native code for too long.
    #[cfg(tail_calls)]
    pub(super) fn hold_back_again(&mut self) {
        if self.patience > 0 && self.loaded.2 > 0 {
            self.patience -= 1;
            self.held_back = std::mem::take(&mut self.loaded.2);
        }
    }

    /// Fuel is not held back any more, until native code is left another time.
    #[cfg(tail_calls)]
    pub(super) fn give_up(&mut self) {
        self.patience = 0;
    }

    /// Writes registers back, charges for the syscall at `pc` and stops for it.
    #[cfg(tail_calls)]
    #[inline(always)]
    pub(crate) fn syscall(&mut self, regs: &Regs) {
        // None is for numbers that no syscall has; verifier rule I14 excludes them.
        self.stop = self.store(regs).begin_syscall();
    }

    /// Writes registers back and lets the process execute one instruction by itself. False when it stopped.
    pub(crate) fn step(&mut self, regs: &Regs) -> bool {
        let calls = self.uses_native && calls(regs.word(0));
        let process = self.store(regs);
        match crate::step::step(process) {
            crate::process::Step::Next => {
                if calls {
                    process.prefer_native();
                }
                true
            }
            crate::process::Step::Stop(stop) => {
                self.stop = Some(stop);
                false
            }
        }
    }
}

/// Whether a word is an instruction that calls.
fn calls(word: u64) -> bool {
    mvm_isa::Opcode::from_code(word as u16).is_some_and(|op| op.info().has(mvm_isa::Effect::Calls))
}

/// Program counter, frame, fuel and heap of the running process.
pub(crate) struct Regs {
    pub(crate) pc: *const u64,
    pub(crate) base: *mut u64,
    pub(crate) fuel: i64,
    pub(crate) heap: *mut u64,
    pub(crate) ctx: *mut Ctx,
}

/// Element `index` of an array.
///
/// # Safety
/// The element exists and nobody is writing it.
#[inline(always)]
unsafe fn read_at<T: Copy>(array: *const T, index: usize) -> T {
    // SAFETY: the caller promises that the element exists.
    let place = unsafe { array.add(index) };
    // SAFETY: as above.
    unsafe { *place }
}

/// Sets element `index` of an array.
///
/// # Safety
/// The element exists and nobody else uses it.
#[inline(always)]
unsafe fn write_at<T: Copy>(array: *mut T, index: usize, value: T) {
    // SAFETY: the caller promises that the element exists.
    let place = unsafe { array.add(index) };
    // SAFETY: as above.
    unsafe { *place = value }
}

/// Where the bytes of the external object in a slot are: as many as its length. Takes no reference to registers: a handler
/// that passes one on cannot end in a jump.
///
/// # Safety
/// The context is in use, and an external object of its process has the slot.
#[inline(never)]
unsafe fn external(ctx: *const Ctx, slot: usize) -> *const u8 {
    // SAFETY: the caller promises that the context is in use; handlers hold no exclusive reference to it.
    let slots = unsafe { (*ctx).externals };
    // SAFETY: objects have slots of the table, which does not change while a fast dispatcher runs.
    let slot = unsafe { slots.add(slot) };
    // SAFETY: as above.
    unsafe { &*slot }.bytes().as_ptr()
}

/// A number at any address. The standard library's unaligned reads and writes go through a local variable, and a handler
/// with one whose address is known cannot end in a jump: with debug assertions each would use up the host's stack.
#[repr(C, packed)]
struct Unaligned<T>(T);

/// Numbers as they lie in payloads.
pub(crate) trait Plain: Copy {}
impl Plain for i8 {}
impl Plain for u8 {}
impl Plain for i16 {}
impl Plain for u16 {}
impl Plain for i32 {}
impl Plain for u32 {}
impl Plain for i64 {}
impl Plain for u64 {}
impl Plain for f32 {}
impl Plain for f64 {}

impl Regs {
    /// # Safety
    /// The pointers are those that [`Ctx::load`] made, or that the methods below derived from them, and the process
    /// has not been stepped since. `pc` is at an instruction of verified code.
    #[inline(always)]
    pub(crate) unsafe fn new(
        pc: *const u64,
        base: *mut u64,
        fuel: i64,
        heap: *mut u64,
        ctx: *mut Ctx,
    ) -> Regs {
        Regs { pc, base, fuel, heap, ctx }
    }

    /// Leaves the registers in the context, where [`Ctx::loaded`] finds them.
    #[cfg(all(tail_calls, debug_assertions))]
    #[inline(always)]
    pub(crate) fn keep(&self) {
        // SAFETY: `ctx` outlives the run, and no other reference to it is in use.
        let ctx = unsafe { &mut *self.ctx };
        ctx.loaded = (self.pc, self.base, self.fuel, self.heap);
    }

    #[inline(always)]
    fn ctx(&self) -> &Ctx {
        // SAFETY: `ctx` outlives the run, and handlers hold no other reference to it.
        unsafe { &*self.ctx }
    }

    /// Word `k` of the current instruction.
    #[inline(always)]
    pub(crate) fn word(&self, k: usize) -> u64 {
        // SAFETY: verifier rule I2: an instruction has all its words; callers ask only for those.
        unsafe { read_at(self.pc, k) }
    }

    /// 16-bit item `index` of the list that starts at word `from`.
    #[inline(always)]
    pub(crate) fn item(&self, from: usize, index: usize) -> u16 {
        (self.word(from + index / 4) >> (16 * (index % 4))) as u16
    }

    /// Goes to the instruction `words` further.
    #[inline(always)]
    pub(crate) fn advance(&mut self, words: usize) {
        // SAFETY: verifier rule I7: control does not fall off the end, so there is a next instruction.
        self.pc = unsafe { self.pc.add(words) };
    }

    /// Goes to a branch target.
    #[inline(always)]
    pub(crate) fn jump(&mut self, offset: i32) {
        // SAFETY: verifier rule I5: targets are instructions of the function.
        self.pc = unsafe { self.pc.offset(offset as isize) };
        // Keeps the compiler from turning "if taken, jump" into a conditional move, which would make the fetch of the
        // next instruction wait for the comparison (docs/decisions/0003).
        #[cfg(all(tail_calls, target_arch = "x86_64"))]
        // SAFETY: an empty piece of assembly that touches nothing.
        unsafe {
            std::arch::asm!("", options(nomem, nostack, preserves_flags));
        }
    }

    /// A register of the running function.
    #[inline(always)]
    pub(crate) fn reg(&self, index: u16) -> u64 {
        // SAFETY: verifier rule I4: register numbers are below the frame size, and `enter` or the red zone made room; it
        // has a slot for the 0 of unused fields (rule I3) even where there are no registers.
        unsafe { read_at(self.base, usize::from(index)) }
    }

    /// Sets a register of the running function.
    #[inline(always)]
    pub(crate) fn set_reg(&mut self, index: u16, value: u64) {
        // SAFETY: as `reg`.
        unsafe { write_at(self.base, usize::from(index), value) }
    }

    /// A reference in a register.
    #[inline(always)]
    pub(crate) fn object(&self, index: u16) -> u32 {
        self.reg(index) as u32
    }

    /// Pays a charge; false (and nothing paid) when the fuel does not suffice.
    #[inline(always)]
    pub(crate) fn charge(&mut self, reductions: i64) -> bool {
        let rest = self.fuel - reductions;
        if rest < 0 {
            return false;
        }
        self.fuel = rest;
        true
    }

    /// Whether a frame of so many registers fits.
    #[inline(always)]
    pub(crate) fn has_stack(&self, registers: u16) -> bool {
        // Addresses are compared, nothing is accessed; a frame has at most 65,000 slots, so this cannot wrap.
        self.base as usize + usize::from(registers) * 8 <= self.ctx().stack_limit as usize
    }

    /// Start of a function that needs no cleared registers, or 0.
    #[inline(always)]
    pub(crate) fn entry(&self, function: u32) -> u32 {
        // SAFETY: verifier rules I14, C10, S10 and T8: function numbers in instructions, method tables and references are
        // below the number of functions, and no object has a method without a function.
        let entry = unsafe { self.ctx().entries.add(function as usize) };
        // SAFETY: as above.
        unsafe { &*entry }.load(Ordering::Acquire)
    }

    /// Slot `k` above the frame of `delta - 1` registers: register `k` of a function about to be called.
    #[inline(always)]
    pub(crate) fn set_callee(&mut self, delta: u16, k: usize, value: u64) {
        // SAFETY: a function that calls is charged (rule I8), so `enter` checked that the red zone is free, which is
        // larger than all arguments together.
        unsafe { write_at(self.base, usize::from(delta) + k, value) }
    }

    /// Makes the frame above the running one, and goes to the start of its function. The call has `len` words.
    #[inline(always)]
    pub(crate) fn enter_callee(&mut self, delta: u16, dst: u16, len: usize, entry: u32) {
        let code = self.ctx().code;
        let return_pc = (self.pc as usize - code as usize) / 8 + len;
        // SAFETY: as `set_callee`.
        self.base = unsafe { self.base.add(usize::from(delta)) };
        // SAFETY: `base` is at least 1 slot into the stack.
        let header = unsafe { self.base.sub(1) };
        // SAFETY: as above; the slot belongs to the frame.
        unsafe { *header = FrameHeader::new(return_pc as u32, delta, dst).0 };
        self.goto(entry);
    }

    /// Goes to a word of the code.
    #[inline(always)]
    pub(crate) fn goto(&mut self, pc: u32) {
        let code = self.ctx().code;
        // SAFETY: `pc` is the start of a function or a return address, both inside the code.
        self.pc = unsafe { code.add(pc as usize) };
    }

    /// Leaves the running function: goes to where its caller goes on. [`Regs::resume`] has to be asked with the header once the results
    /// are in place.
    #[inline(always)]
    pub(crate) fn leave(&mut self) -> FrameHeader {
        if self.ctx().has_bug(Planted::ReadBehindCode) {
            let _ = self.word(1);
        }
        // SAFETY: every frame has a header below its first register.
        let place = unsafe { self.base.sub(1) };
        // SAFETY: as above.
        let header = FrameHeader(unsafe { *place });
        // SAFETY: the header says how far below the frame of the caller is; only `enter_callee` and
        // `Process::push_frame` write it.
        self.base = unsafe { self.base.sub(header.delta()) };
        self.goto(header.return_pc());
        header
    }

    /// Lets native code go on where a function was left to, if it can.
    #[inline(always)]
    pub(crate) fn resume(&mut self, header: FrameHeader) {
        if header.resumes() && !self.ctx().resume_word.is_null() {
            // SAFETY: as in `ctx`.
            let ctx = unsafe { &mut *self.ctx };
            ctx.returns_to = self.pc;
            self.pc = ctx.resume_word;
        }
    }

    /// Word `k` before the current instruction: the register list of a call with several results.
    #[inline(always)]
    pub(crate) fn word_before(&self, k: usize) -> u64 {
        // SAFETY: only used at a return address with the number of result words, which the call has (rules I2, T12).
        let place = unsafe { self.pc.sub(k) };
        // SAFETY: as above.
        unsafe { *place }
    }

    /// Header of an object, or of the empty object for null.
    #[inline(always)]
    pub(crate) fn header(&self, object: u32) -> Header {
        // SAFETY: live registers of reference types hold indexes of objects in the heap or 0 (rules T1 to T16; the collector
        // updates live registers, and `clear` makes registers that may be read early 0).
        Header(unsafe { read_at(self.heap, object as usize) })
    }

    /// Word `index` of a payload.
    #[inline(always)]
    pub(crate) fn payload_word(&self, object: u32, index: usize) -> u64 {
        // SAFETY: the caller has checked `index` against the length or the layout of the object.
        unsafe { read_at(self.heap, object as usize + 1 + index) }
    }

    /// Reads a number or reference `at` bytes into a payload. The caller has checked that it lies inside.
    #[inline(always)]
    pub(crate) fn load<T: Plain>(&self, object: u32, at: usize) -> T {
        debug_assert!(at + size_of::<T>() <= 1 << 34, "checked by the caller");
        // SAFETY: `object` as in `header`.
        let payload = unsafe { self.heap.add(object as usize + 1) }.cast::<u8>();
        // SAFETY: the caller has checked `at` against the length of the object.
        let place = unsafe { payload.add(at) };
        if self.ctx().has_bug(Planted::UnalignedRead) {
            // SAFETY: none, on purpose: the address may be odd.
            return unsafe { *place.cast::<T>() };
        }
        // SAFETY: as above; the read may be unaligned (blocks), and any bits are a value of `T`.
        unsafe { (*place.cast::<Unaligned<T>>()).0 }
    }

    /// Writes a number or reference `at` bytes into a payload. The caller has checked that it lies inside.
    #[inline(always)]
    pub(crate) fn store<T: Plain>(&mut self, object: u32, at: usize, value: T) {
        // SAFETY: `object` as in `header`.
        let payload = unsafe { self.heap.add(object as usize + 1) }.cast::<u8>();
        // SAFETY: the caller has checked `at` against the length of the object, which is therefore not the empty one.
        let place = unsafe { payload.add(at) };
        // SAFETY: as above; the write may be unaligned.
        unsafe { (*place.cast::<Unaligned<T>>()).0 = value }
    }

    /// Whether storing `value` into the object behind `header` has to be noted for the collector.
    #[inline(always)]
    pub(crate) fn must_note(&self, header: Header, value: u32) -> bool {
        header.has(flags::BARRIER) && value < self.ctx().old_start && value != 0
    }

    /// Copies bytes of a payload to that of another object, which has its bytes in the heap. The caller has checked that
    /// they lie inside.
    #[inline(always)]
    pub(crate) fn copy(&mut self, (to, to_at): (u32, usize), (from, from_at): (u32, usize), count: usize) {
        let source = self.bytes(from, from_at, count).as_ptr();
        // SAFETY: `to` as in `header`.
        let target = unsafe { self.heap.add(to as usize + 1) }.cast::<u8>();
        // SAFETY: the caller has checked the range against the length.
        let target = unsafe { target.add(to_at) };
        // SAFETY: as above; different objects do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(source, target, count) };
    }

    /// Copies bytes inside the payload of an array; the ranges may overlap. The caller has checked that they lie inside.
    #[inline]
    pub(crate) fn copy_within(&mut self, array: u32, to_at: usize, from_at: usize, count: usize) {
        // SAFETY: `array` as in `header`.
        let payload = unsafe { self.heap.add(array as usize + 1) }.cast::<u8>();
        // SAFETY: the caller has checked the range against the length.
        let target = unsafe { payload.add(to_at) };
        // SAFETY: as above.
        let source = unsafe { payload.add(from_at) };
        // SAFETY: as above.
        unsafe { std::ptr::copy(source, target, count) };
    }

    /// Sets elements of an array to the first `size` bytes of a value. The caller has checked that they lie inside.
    #[inline]
    pub(crate) fn fill(&mut self, (array, at): (u32, usize), count: usize, size: usize, value: u64) {
        // SAFETY: `array` as in `header`.
        let payload = unsafe { self.heap.add(array as usize + 1) }.cast::<u8>();
        // SAFETY: the caller has checked the range against the length.
        let place = unsafe { payload.add(at * size) };
        // SAFETY: as above; nothing else refers to the heap here.
        let part = unsafe { std::slice::from_raw_parts_mut(place, count * size) };
        if value == 0 {
            part.fill(0);
            return;
        }
        let bits = value.to_le_bytes();
        part.chunks_exact_mut(size).for_each(|element| element.copy_from_slice(&bits[..size]));
    }

    /// Some bytes of a payload, wherever they are. The caller has checked that they lie inside.
    #[inline(always)]
    pub(crate) fn bytes(&self, object: u32, at: usize, count: usize) -> &[u8] {
        let payload = if self.header(object).has(flags::EXTERNAL) {
            // SAFETY: `object` is external, and the context is that of its process.
            unsafe { external(self.ctx, self.payload_word(object, 0) as usize) }
        } else {
            // SAFETY: `object` as in `header`.
            unsafe { self.heap.add(object as usize + 1) }.cast::<u8>()
        };
        // SAFETY: the caller has checked the range against the length.
        let start = unsafe { payload.add(at) };
        // SAFETY: as above; nothing writes to the heap while the slice is used.
        unsafe { std::slice::from_raw_parts(start, count) }
    }

    /// The object of a literal, or 0 before its first use.
    #[inline(always)]
    pub(crate) fn literal(&self, index: u32) -> u32 {
        // SAFETY: verifier rule I14: literal numbers are below the number of literals.
        unsafe { read_at(self.ctx().literals, index as usize) }
    }

    /// What executors know about a class.
    #[inline(always)]
    pub(crate) fn class(&self, ty: TypeId) -> ClassEntry {
        // SAFETY: types in instructions and object headers are below the number of types (rule I14).
        unsafe { read_at(self.ctx().classes, ty.index()) }
    }

    /// An entry of the field tables.
    #[inline(always)]
    pub(crate) fn field(&self, index: u32) -> u32 {
        // SAFETY: the index is below the end of the fields of a class, which are all in the table.
        unsafe { read_at(self.ctx().fields, index as usize) }
    }

    /// An entry of the method tables.
    #[inline(always)]
    pub(crate) fn method(&self, index: u32) -> u32 {
        // SAFETY: verifier rule T13: the index is below the size of the method table of the static class, and tables of
        // derived classes are at least as large.
        unsafe { read_at(self.ctx().methods, index as usize) }
    }

    /// The entry of an interface table where `selector` would be.
    #[inline(always)]
    pub(crate) fn selector(&self, class: ClassEntry, selector: u16) -> u64 {
        let index = class.selectors as usize + usize::from(selector & class.selector_mask);
        // SAFETY: the mask keeps the index inside the table of the class, which has mask + 1 entries.
        unsafe { read_at(self.ctx().selectors, index) }
    }

    /// A new object of zeros, when there is room without looking at limits.
    #[inline(always)]
    pub(crate) fn alloc(&mut self, header: Header, payload_words: usize) -> Option<u32> {
        let ctx = self.ctx();
        let (top, end) = (ctx.top, ctx.alloc_end);
        // SAFETY: `top` points at the heap's own counter, as renewed by `Ctx::load`.
        let at = unsafe { *top };
        if at + payload_words + 1 > end {
            return None;
        }
        // SAFETY: as above.
        unsafe { *top = at + payload_words + 1 };
        // SAFETY: `at` is below `end`, which is inside the space; words from the old top on are 0.
        unsafe { write_at(self.heap, at, header.0) };
        Some(at as u32)
    }
}
