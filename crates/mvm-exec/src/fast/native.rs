//! The way from the interpreter into native code and back ([`native`](crate::native) has the rule).
#![expect(unsafe_code, reason = "calls code that was made at run time")]

use std::mem::offset_of;

use super::regs::{Ctx, Regs};
use crate::native::LoopEntry;
use crate::process::FrameHeader;

/// `extern "C" fn(ctx, base, fuel) -> fuel`: negative when it has left by the rule.
type Entry = extern "C" fn(*mut Ctx, *mut u64, i64) -> i64;

/// Bytes of the host's stack that native code may use below the place where the interpreter enters it.
const NATIVE_STACK_BYTES: usize = 128 << 10;

/// Where native code finds things in the context, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Offsets {
    /// Address of the first word of the heap. Does not change while native code runs.
    pub heap: i32,
    /// A frame must end at or below this address. Does not change either.
    pub stack_limit: i32,
    /// Address of the number of the first free word of the heap.
    pub top: i32,
    /// Number of the word at or below which allocations must end. Does not change either.
    pub alloc_end: i32,
    /// Objects with a smaller number (32 bits) are young. Does not change either.
    pub old_start: i32,
    /// Address of the objects of literals (32 bits each, 0 before the first use). Does not change either.
    pub literals: i32,
    /// Where the results go when the interpreter has entered.
    pub results: i32,
    /// The stack pointer must not be below this. Does not change either.
    pub native_stack_end: i32,
    /// Where the interpreter goes on: address of the instruction, of the frame, and the fuel.
    pub pc: i32,
    /// See `pc`.
    pub base: i32,
    /// See `pc`.
    pub fuel: i32,
}

/// Where native code finds things in the context.
pub const fn offsets() -> Offsets {
    Offsets {
        heap: offset_of!(Ctx, loaded.3) as i32,
        stack_limit: offset_of!(Ctx, stack_limit) as i32,
        top: offset_of!(Ctx, top) as i32,
        alloc_end: offset_of!(Ctx, alloc_end) as i32,
        old_start: offset_of!(Ctx, old_start) as i32,
        literals: offset_of!(Ctx, literals) as i32,
        results: offset_of!(Ctx, results) as i32,
        native_stack_end: offset_of!(Ctx, native_stack_end) as i32,
        pc: offset_of!(Ctx, loaded.0) as i32,
        base: offset_of!(Ctx, loaded.1) as i32,
        fuel: offset_of!(Ctx, loaded.2) as i32,
    }
}

/// Word of a frame header: what a native caller writes below the frame of the function it was about to call.
///
/// Where native code can go on at the return pc, because there is an entry for it, `resumes` says so.
pub const fn frame_header(return_pc: u32, delta: u16, dst: u16, resumes: bool) -> u64 {
    let header = FrameHeader::new(return_pc, delta, dst);
    if resumes { header.resuming().0 } else { header.0 }
}

/// Address of the helper `extern "C" fn(ctx, base, pc, fuel) -> fuel` that does the frequent case of the instruction at address `pc` on
/// the registers in the frame. Negative, and nothing has happened, in all other cases. For instructions that do not jump, call or
/// return.
pub fn try_instruction() -> usize {
    try_one as extern "C" fn(*mut Ctx, *mut u64, *const u64, i64) -> i64 as usize
}

extern "C" fn try_one(ctx: *mut Ctx, base: *mut u64, pc: *const u64, fuel: i64) -> i64 {
    // SAFETY: native code passes the context that it was entered with.
    let heap = unsafe { (*ctx).loaded.3 };
    // SAFETY: as above; `base` is the frame of the running function and `pc` is at an instruction of it.
    let m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
    let ins = m.word(0);
    super::one(m, ins).map_or(-1, |m| m.fuel)
}

/// Address of the helper `extern "C" fn(ctx, object, half, value)` that stores a reference at offset `half` (in units of 4 bytes) of an object's
/// payload and notes it for the collector. Always succeeds; nothing moves.
pub fn store_reference() -> usize {
    store_one as extern "C" fn(*mut Ctx, u64, u64, u64) as usize
}

extern "C" fn store_one(ctx: *mut Ctx, object: u64, half: u64, value: u64) {
    // SAFETY: native code passes the context that it was entered with, and nothing else refers to it.
    let context = unsafe { &mut *ctx };
    // SAFETY: as in `Ctx::load`: the process belongs to the dispatcher, and what the context knows of it is read anew below.
    let process = unsafe { &mut *context.process };
    process.heap.set_reference(object as u32, half as usize, value as u32);
    context.load();
}

/// Reductions that native code may want to have in hand; with no more it is not entered.
pub const FUEL_AHEAD: i64 = 8;

/// What [`compare_bytes`] says of strings whose comparison has a cost.
pub const TOO_LONG: i64 = i64::MIN;

/// Address of the helper `extern "C" fn(ctx, x, y) -> i64` that compares two strings or byte strings, which exist: -1, 0, 1, or
/// [`TOO_LONG`].
pub fn compare_bytes() -> usize {
    compare_two as extern "C" fn(*mut Ctx, u64, u64) -> i64 as usize
}

extern "C" fn compare_two(ctx: *mut Ctx, x: u64, y: u64) -> i64 {
    // SAFETY: native code passes the context that it was entered with.
    let (pc, base, fuel, heap) = unsafe { (*ctx).loaded };
    // SAFETY: as above; only the heap is looked at, which is where it was when native code was entered.
    let m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
    super::text::order(&m, x as u32, y as u32).unwrap_or(TOO_LONG)
}

/// Enters the function of a word for native code, whose frame has been made. Afterwards the context has the registers with which the
/// interpreter goes on.
#[cfg(tail_calls)]
#[inline(never)]
pub(super) fn enter_function(ins: u64, base: *mut u64, fuel: i64, ctx: *mut Ctx) {
    // SAFETY: the dispatcher keeps the context alive, and no other reference to it is in use.
    let context = unsafe { &mut *ctx };
    let fuel = fuel + std::mem::take(&mut context.held_back);
    // SAFETY: the context is that of a process that is borrowed by the dispatcher; its image is only read.
    let image = unsafe { &(*context.process).image };
    let function = (ins >> 32) as usize;
    let entry = image.native.as_ref().map_or(0, |native| native.entry(function));
    let start = image.functions[function].start;
    if !context.uses_native || entry == 0 || fuel <= FUEL_AHEAD {
        // The interpreter executes it, from its start.
        context.loaded = (&raw const image.code[start as usize], base, fuel, context.loaded.3);
        return;
    }
    if let Some(native) = &image.native {
        native.note_use(start);
    }
    enter(entry, (ins >> 16) as u16, base, fuel, ctx);
}

/// At the beginning of a slice: if it is the one of a function with native code, that is entered.
#[cfg(tail_calls)]
pub(super) fn begin_function(context: &mut Ctx) {
    let (pc, base, fuel, heap) = context.loaded;
    // SAFETY: as in `enter_function`.
    let image = unsafe { &(*context.process).image };
    let place = ((pc as usize - context.code as usize) / 8) as u32;
    if let Some((function, 0)) = image.locate(place) {
        // The word that stands for its native code, or its first instruction.
        let entry = image.entries[function.0 as usize].load(std::sync::atomic::Ordering::Acquire);
        if entry != 0 {
            context.loaded = (&raw const image.code[entry as usize], base, fuel, heap);
        }
    }
}

/// Goes on natively in the middle of a function.
#[cfg(tail_calls)]
pub(super) fn enter_loop(entry: LoopEntry, context: &mut Ctx) {
    let (pc, base, fuel, _) = context.loaded;
    enter(entry.address(), entry.results(), base, fuel, context);
    // SAFETY: as in `enter_function`.
    let image = unsafe { &(*context.process).image };
    if let Some(native) = &image.native {
        native.has_entered_loop();
        let pc = ((pc as usize - context.code as usize) / 8) as u32;
        native.note_use(pc);
        let left = context.loaded.2 + context.held_back;
        native.has_stayed(pc, entry, fuel - left, left);
    }
}

/// Lets native code go on in a caller whose frame this is, at the place that the context has. Afterwards the context has the registers with
/// which the interpreter goes on.
#[cfg(tail_calls)]
#[inline(never)]
pub(super) fn resume(base: *mut u64, fuel: i64, ctx: *mut Ctx) {
    // SAFETY: as in `enter_function`.
    let context = unsafe { &mut *ctx };
    let fuel = fuel + std::mem::take(&mut context.held_back);
    context.loaded = (context.returns_to, base, fuel, context.loaded.3);
    if let Some(entry) = entry_at(context, context.returns_to).filter(|_| fuel > FUEL_AHEAD) {
        enter(entry.address(), entry.results(), base, fuel, ctx);
    }
}

/// Goes on natively at this place, if it can: when the fuel has been held back until now.
#[cfg(tail_calls)]
pub(super) fn go_on(m: &Regs, context: &mut Ctx) -> bool {
    let Some(entry) = entry_at(context, m.pc) else { return false };
    if m.fuel + context.held_back <= FUEL_AHEAD {
        context.give_up();
        return false;
    }
    let fuel = m.fuel + std::mem::take(&mut context.held_back);
    context.loaded = (m.pc, m.base, fuel, m.heap);
    enter_loop(entry, context);
    let (pc, base, left, _) = context.loaded;
    if (pc, base, left + context.held_back) != (m.pc, m.base, fuel) {
        return true;
    }
    // It has been left at once: the interpreter has to do the instruction, and then goes on for itself.
    context.give_up();
    context.held_back = fuel - m.fuel;
    false
}

/// The native code that goes on at a place.
#[cfg(tail_calls)]
fn entry_at(context: &Ctx, pc: *const u64) -> Option<LoopEntry> {
    // SAFETY: as in `enter_function`.
    let image = unsafe { &(*context.process).image };
    let native = image.native.as_ref()?;
    let pc = ((pc as usize - context.code as usize) / 8) as u32;
    let entry = native.loop_at(pc)?;
    native.note_use(pc);
    Some(entry)
}

/// Runs native code of a function with so many results in its frame, and then in those of its callers as long as there is some that goes on
/// there. Where it has been left in the middle, the fuel is held back.
#[cfg(tail_calls)]
fn enter(mut address: usize, mut results: u16, mut base: *mut u64, mut fuel: i64, ctx: *mut Ctx) {
    let here = 0u8;
    let stack = &raw const here as usize;
    // SAFETY: as in `enter_function`.
    unsafe { (*ctx).native_stack_end = stack.saturating_sub(NATIVE_STACK_BYTES) };
    loop {
        // SAFETY: `NativeTable::add` was given the address of code of this signature, which goes only when
        // no process of the image runs (`make_room`).
        let code: Entry = unsafe { std::mem::transmute::<usize, Entry>(address) };
        let left = code(ctx, base, fuel);
        // SAFETY: as in `enter_function`; native code has returned.
        let context = unsafe { &mut *ctx };
        let (pc, .., heap) = context.loaded;
        if left < 0 {
            // SAFETY: as in `enter_function`.
            let image = unsafe { &(*context.process).image };
            if let Some(native) = &image.native {
                native.has_left(((pc as usize - context.code as usize) / 8) as u32);
            }
            context.hold_back();
            return;
        }
        // SAFETY: the pointers are those that native code was entered with, which has returned from the function of the frame.
        let mut m = unsafe { Regs::new(pc, base, left, heap, ctx) };
        let header = m.leave();
        take_results(&mut m, header, results, &context.results);
        context.loaded = (m.pc, m.base, m.fuel, m.heap);
        // Also where the interpreter has called: it may be in a loop that has native code.
        let Some(next) = entry_at(context, m.pc).filter(|_| m.fuel > FUEL_AHEAD) else { return };
        (address, results) = (next.address(), next.results());
        (base, fuel) = (m.base, m.fuel);
    }
}

/// Puts the results of native code into the registers of the caller.
#[cfg(tail_calls)]
fn take_results(m: &mut Regs, header: FrameHeader, count: u16, results: &[u64]) {
    match usize::from(count) {
        0 => {}
        1 => m.set_reg(header.dst(), results[0]),
        count => {
            let words = count.div_ceil(4);
            for (k, &result) in results.iter().enumerate().take(count) {
                let register = (m.word_before(words - k / 4) >> (16 * (k % 4))) as u16;
                m.set_reg(register, result);
            }
        }
    }
}
