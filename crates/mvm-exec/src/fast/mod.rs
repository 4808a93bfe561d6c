//! The fast dispatchers: two ways to get from one handler to the next, over the same handler bodies.
//!
//! A handler does the frequent case of one instruction. Whatever is unusual - a charge that cannot be paid, a trap, a
//! full heap, a long copy - is left to [`crate::step`], before anything has changed.
//!
//! - `run_tail`: each handler ends in a jump to the next one through a table (a sibling call). The branch predictor
//!   then sees one indirect jump per handler. Only where the compiler is known to make jumps of such calls.
//! - `run_match`: one `match` in a loop, for unoptimised builds, Miri and the browser.

pub(crate) mod hot;
pub(crate) mod native;
mod regs;
mod text;

use mvm_isa::sem::{self, PureFn};
use mvm_isa::{Opcode, Trap, field_a, field_b, field_c};

use crate::process::{Process, Stop};
use regs::{Ctx, Regs};

/// Whether a handler has done its instruction.
pub(crate) enum Flow {
    /// Done; `pc` is at the next instruction.
    Next,
    /// Nothing has happened; the step-by-step interpreter does it.
    Slow,
}

/// The body of the handler of a row.
macro_rules! body {
    (Pure $m:ident $ins:ident $name:ident $sem:ident) => {
        pure(&mut $m, $ins, sem::$sem)
    };
    (PureImm $m:ident $ins:ident $name:ident $sem:ident) => {
        pure_imm(&mut $m, $ins, sem::$sem)
    };
    (Branch $m:ident $ins:ident $name:ident $sem:ident) => {
        branch(&mut $m, $ins, sem::$sem, false, false)
    };
    (BranchImm $m:ident $ins:ident $name:ident $sem:ident) => {
        branch(&mut $m, $ins, sem::$sem, true, false)
    };
    (BranchBack $m:ident $ins:ident $name:ident $sem:ident) => {
        branch(&mut $m, $ins, sem::$sem, false, true)
    };
    (BranchBackImm $m:ident $ins:ident $name:ident $sem:ident) => {
        branch(&mut $m, $ins, sem::$sem, true, true)
    };
    (Special $m:ident $ins:ident $name:ident) => {
        hot::$name(&mut $m, $ins)
    };
}

/// The register bits of a 16-bit immediate.
#[inline(always)]
fn immediate(field: u16) -> u64 {
    i64::from(field as i16) as u64
}

/// A branch on numbers. All flags are constants after inlining.
#[inline(always)]
fn branch<Args>(m: &mut Regs, ins: u64, condition: impl PureFn<Args>, imm: bool, back: bool) -> Flow {
    let taken = condition.apply(|k| match k {
        0 => m.reg(field_a(ins)),
        _ if imm => immediate(field_b(ins)),
        _ => m.reg(field_b(ins)),
    });
    match taken {
        Ok(0) => m.advance(1),
        Ok(_) => {
            if back && !m.charge(1) {
                return Flow::Slow;
            }
            m.jump(i32::from(field_c(ins) as i16));
        }
        Err(_) => return Flow::Slow,
    }
    Flow::Next
}

/// A function of `sem` of the source registers.
#[inline(always)]
fn pure<Args>(m: &mut Regs, ins: u64, f: impl PureFn<Args>) -> Flow {
    let value = f.apply(|k| match k {
        0 => m.reg(field_b(ins)),
        1 => m.reg(field_c(ins)),
        _ => m.reg(m.word(1) as u16),
    });
    finish(m, ins, value, if f.arity() == 3 { 2 } else { 1 })
}

/// A function of `sem` of a register and an immediate.
#[inline(always)]
fn pure_imm<Args>(m: &mut Regs, ins: u64, f: impl PureFn<Args>) -> Flow {
    let value = f.apply(|k| if k == 0 { m.reg(field_b(ins)) } else { immediate(field_c(ins)) });
    finish(m, ins, value, 1)
}

/// Stores a result; a trap is left to the step.
#[inline(always)]
fn finish(m: &mut Regs, ins: u64, value: Result<u64, Trap>, len: usize) -> Flow {
    match value {
        Ok(bits) => {
            m.set_reg(field_a(ins), bits);
            m.advance(len);
            Flow::Next
        }
        Err(_) => Flow::Slow,
    }
}

/// Opcodes as constants, to match on.
mod codes {

    use super::Opcode;
    macro_rules! codes {
        ($($name:ident = $Op:ident, $kind:ident ($($sem:ident)?);)*) => {
            $( pub(super) const $name: u16 = Opcode::$Op as u16; )*
        };
    }
    mvm_isa::for_each_op!(codes);
}

macro_rules! match_rows {
    (($m:ident, $ins:ident) $($name:ident = $Op:ident, $kind:ident ($($sem:ident)?);)*) => {
        match $ins as u16 {
            $( codes::$name => body!($kind $m $ins $name $($sem)?), )*
            _ => Flow::Slow,
        }
    };
}

/// One instruction, by its handler.
#[inline(always)]
fn one(mut m: Regs, ins: u64) -> Option<Regs> {
    match mvm_isa::for_each_op!(match_rows(m, ins)) {
        Flow::Next => Some(m),
        Flow::Slow => None,
    }
}

/// Runs until the process stops, with one `match` per instruction.
pub(crate) fn run_match(process: &mut Process) -> Stop {
    let mut ctx = Ctx::new(process);
    let mut m = ctx.load();
    loop {
        let ins = m.word(0);
        let flow = mvm_isa::for_each_op!(match_rows(m, ins));
        if let Flow::Slow = flow {
            if !ctx.step(&m) {
                return ctx.stop.take().unwrap_or(Stop::OutOfFuel);
            }
            m = ctx.load();
        }
    }
}

#[cfg(tail_calls)]
mod tail {
    //! Handlers that jump to each other.
    #![expect(unsafe_code, reason = "handlers pass the registers on as plain arguments")]

    use super::{Ctx, Flow, Process, Regs, Stop, branch, hot, pure, pure_imm, sem};

    /// The state of the machine travels in the argument registers of the host.
    type Handler = extern "C" fn(u64, *const u64, *mut u64, i64, *mut u64, *mut Ctx);

    /// Size of the handler table: a power of two, so that masking the opcode replaces the bounds check.
    const TABLE_SIZE: usize = 512;
    const _: () = assert!(mvm_isa::Opcode::ALL.len() < TABLE_SIZE);

    macro_rules! handlers {
        ($($name:ident = $Op:ident, $kind:ident ($($sem:ident)?);)*) => {
            mod handlers {
                use super::*;
                $( pub(super) extern "C" fn $name(
                    ins: u64, pc: *const u64, base: *mut u64, fuel: i64, heap: *mut u64, ctx: *mut Ctx,
                ) {
                    #[cfg(not(debug_assertions))]
                    {
                        // SAFETY: `dispatch` and `run_tail` pass registers that were valid there.
                        let mut m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
                        match body!($kind m ins $name $($sem)?) {
                            Flow::Next => dispatch(m),
                            Flow::Slow => slow(ins, pc, base, fuel, heap, ctx),
                        }
                    }
                    // Checks of debug builds take addresses of local variables, so the body gets a frame of its own.
                    #[cfg(debug_assertions)]
                    {
                        #[inline(never)]
                        fn apart(
                            ins: u64, pc: *const u64, base: *mut u64, fuel: i64, heap: *mut u64, ctx: *mut Ctx,
                        ) -> bool {
                            // SAFETY: as in builds without checks.
                            let mut m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
                            let done = matches!(body!($kind m ins $name $($sem)?), Flow::Next);
                            if done {
                                m.keep();
                            }
                            done
                        }
                        if apart(ins, pc, base, fuel, heap, ctx) {
                            // SAFETY: as in `slow`.
                            let context = unsafe { &*ctx };
                            dispatch(context.loaded(ctx));
                        } else {
                            slow(ins, pc, base, fuel, heap, ctx);
                        }
                    }
                } )*
            }

            static TABLE: [Handler; TABLE_SIZE] = {
                let mut table: [Handler; TABLE_SIZE] = [slow; TABLE_SIZE];
                $( table[mvm_isa::Opcode::$Op as usize] = handlers::$name; )*
                table[mvm_isa::Opcode::Sys as usize] = sys;
                table[crate::native::NATIVE as usize] = native;
                table[crate::native::RESUME as usize] = resume;
                table
            };
        };
    }
    mvm_isa::for_each_op!(handlers);

    /// Goes on at the next instruction. In tail position of a handler this is a jump.
    #[inline(always)]
    fn dispatch(m: Regs) {
        let ins = m.word(0);
        TABLE[ins as usize % TABLE_SIZE](ins, m.pc, m.base, m.fuel, m.heap, m.ctx)
    }

    /// Lets the process do the instruction at `pc` by itself.
    ///
    /// The step is a function of its own and hands the new registers over in the context: a local variable whose
    /// address had been passed on would keep the last call from becoming a jump.
    #[inline(never)]
    extern "C" fn slow(_ins: u64, pc: *const u64, base: *mut u64, fuel: i64, heap: *mut u64, ctx: *mut Ctx) {
        if step(pc, base, fuel, heap, ctx) {
            // SAFETY: `run_tail` keeps the context alive, and no other reference to it is in use.
            let context = unsafe { &*ctx };
            dispatch(context.loaded(ctx));
        }
    }

    /// Stops for a syscall: the end of a chain of jumps.
    extern "C" fn sys(_ins: u64, pc: *const u64, base: *mut u64, fuel: i64, heap: *mut u64, ctx: *mut Ctx) {
        // SAFETY: as in the handlers; nothing has changed yet.
        let m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
        // SAFETY: as in `slow`.
        let context = unsafe { &mut *ctx };
        context.syscall(&m);
    }

    /// Enters native code: a call has come to the word behind the code that stands for the function.
    extern "C" fn native(
        ins: u64,
        _pc: *const u64,
        base: *mut u64,
        fuel: i64,
        _heap: *mut u64,
        ctx: *mut Ctx,
    ) {
        super::native::enter_function(ins, base, fuel, ctx);
        // SAFETY: as in `slow`.
        let context = unsafe { &*ctx };
        dispatch(context.loaded(ctx));
    }

    /// Lets native code go on in a caller: its frame says that it may, and the callee has been left.
    extern "C" fn resume(
        _ins: u64,
        _pc: *const u64,
        base: *mut u64,
        fuel: i64,
        _heap: *mut u64,
        ctx: *mut Ctx,
    ) {
        super::native::resume(base, fuel, ctx);
        // SAFETY: as in `slow`.
        let context = unsafe { &*ctx };
        dispatch(context.loaded(ctx));
    }

    #[inline(never)]
    fn step(pc: *const u64, base: *mut u64, fuel: i64, heap: *mut u64, ctx: *mut Ctx) -> bool {
        // SAFETY: as in the handlers; they come here before anything has changed.
        let m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
        // SAFETY: as in `slow`.
        let context = unsafe { &mut *ctx };
        let held_back = context.held_back > 0;
        if held_back && super::native::go_on(&m, context) {
            return true;
        }
        let goes_on = context.step(&m);
        if goes_on {
            context.load();
            if held_back {
                context.hold_back_again();
            }
        }
        goes_on
    }

    /// Runs until the process stops.
    pub(crate) fn run_tail(process: &mut Process) -> Stop {
        let mut ctx = Ctx::new(process);
        dispatch(ctx.load());
        ctx.stop.take().unwrap_or(Stop::OutOfFuel)
    }

    /// The same; native code goes on where it can.
    pub(crate) fn run_native(process: &mut Process) -> Stop {
        let native = process.image.native.as_ref();
        let entry = native.and_then(|native| native.loop_at(process.pc));
        let resume =
            native.map_or(std::ptr::null(), |native| &raw const process.image.code[native.resume_word()]);
        let mut ctx = Ctx::new(process);
        ctx.uses_native = true;
        ctx.resume_word = resume;
        ctx.load();
        match entry {
            Some(entry) => super::native::enter_loop(entry, &mut ctx),
            None => super::native::begin_function(&mut ctx),
        }
        let this: *mut Ctx = &mut ctx;
        dispatch(ctx.loaded(this));
        ctx.stop.take().unwrap_or(Stop::OutOfFuel)
    }
}
#[cfg(tail_calls)]
pub(crate) use tail::{run_native, run_tail};
