//! The fast dispatchers: two ways to get from one handler to the next, over the same handler bodies.
//!
//! A handler does the frequent case of one instruction. Whatever is unusual - a charge that cannot be paid, a trap, a
//! full heap, a long copy - is left to [`crate::step`], before anything has changed.
//!
//! - `run_tail`: each handler ends in a jump to the next one through a table (a sibling call). The branch predictor
//!   then sees one indirect jump per handler. Only where the compiler is known to make jumps of such calls.
//! - `run_match`: one `match` in a loop, for unoptimised builds, Miri and the browser.

mod hot;
mod regs;

use mvm_isa::sem::{self, IntoReg, RegValue};
use mvm_isa::{Opcode, field_a, field_b, field_c};

use crate::process::{Process, Stop};
use regs::{Ctx, Regs};

/// Whether a handler has done its instruction.
pub(crate) enum Flow {
    /// Done; `pc` is at the next instruction.
    Next,
    /// Nothing has happened; the step-by-step interpreter does it.
    Slow,
}

macro_rules! body {
    (Pure $m:ident $ins:ident $name:ident $sem:ident) => { Pure::call(sem::$sem, &mut $m, $ins) };
    (PureImm $m:ident $ins:ident $name:ident $sem:ident) => {{
        let value = sem::$sem(RegValue::from_bits($m.reg(field_b($ins))), i64::from(field_c($ins) as i16));
        finish(&mut $m, $ins, value, 1)
    }};
    (Branch $m:ident $ins:ident $name:ident $sem:ident) => {{
        let taken = sem::$sem(RegValue::from_bits($m.reg(field_a($ins))), RegValue::from_bits($m.reg(field_b($ins))));
        branch(&mut $m, $ins, taken)
    }};
    (BranchImm $m:ident $ins:ident $name:ident $sem:ident) => {{
        let taken = sem::$sem(RegValue::from_bits($m.reg(field_a($ins))), i64::from(field_b($ins) as i16));
        branch(&mut $m, $ins, taken)
    }};
    (BranchBack $m:ident $ins:ident $name:ident $sem:ident) => {{
        let taken = sem::$sem(RegValue::from_bits($m.reg(field_a($ins))), RegValue::from_bits($m.reg(field_b($ins))));
        branch_back(&mut $m, $ins, taken)
    }};
    (BranchBackImm $m:ident $ins:ident $name:ident $sem:ident) => {{
        let taken = sem::$sem(RegValue::from_bits($m.reg(field_a($ins))), i64::from(field_b($ins) as i16));
        branch_back(&mut $m, $ins, taken)
    }};
    (Special $m:ident $ins:ident $name:ident) => { hot::$name(&mut $m, $ins) };
}

#[inline(always)]
fn branch(m: &mut Regs, ins: u64, taken: i64) -> Flow {
    if taken != 0 {
        m.jump(i32::from(field_c(ins) as i16));
    } else {
        m.advance(1);
    }
    Flow::Next
}

#[inline(always)]
fn branch_back(m: &mut Regs, ins: u64, taken: i64) -> Flow {
    if taken != 0 {
        if !m.charge(1) {
            return Flow::Slow;
        }
        m.jump(i32::from(field_c(ins) as i16));
    } else {
        m.advance(1);
    }
    Flow::Next
}

#[inline(always)]
fn finish<R: IntoReg>(m: &mut Regs, ins: u64, value: R, len: usize) -> Flow {
    match value.into_reg() {
        Ok(bits) => {
            m.set_reg(field_a(ins), bits);
            m.advance(len);
            Flow::Next
        }
        Err(_) => Flow::Slow,
    }
}

/// Calls a function of `sem` with the source registers of an instruction, whatever their number.
trait Pure<Args> {
    fn call(self, m: &mut Regs, ins: u64) -> Flow;
}

impl<F: Fn(A) -> R, A: RegValue, R: IntoReg> Pure<(A,)> for F {
    #[inline(always)]
    fn call(self, m: &mut Regs, ins: u64) -> Flow {
        let value = self(A::from_bits(m.reg(field_b(ins))));
        finish(m, ins, value, 1)
    }
}

impl<F: Fn(A, B) -> R, A: RegValue, B: RegValue, R: IntoReg> Pure<(A, B)> for F {
    #[inline(always)]
    fn call(self, m: &mut Regs, ins: u64) -> Flow {
        let value = self(A::from_bits(m.reg(field_b(ins))), B::from_bits(m.reg(field_c(ins))));
        finish(m, ins, value, 1)
    }
}

impl<F: Fn(A, B, C) -> R, A: RegValue, B: RegValue, C: RegValue, R: IntoReg> Pure<(A, B, C)> for F {
    #[inline(always)]
    fn call(self, m: &mut Regs, ins: u64) -> Flow {
        let third = m.reg(m.word(1) as u16);
        let value = self(
            A::from_bits(m.reg(field_b(ins))),
            B::from_bits(m.reg(field_c(ins))),
            C::from_bits(third),
        );
        finish(m, ins, value, 2)
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

/// Runs until the process stops, with one `match` per instruction.
#[expect(clippy::too_many_lines, reason = "one arm for each instruction, each a single call")]
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

    use super::{Ctx, Flow, Process, Pure, RegValue, Regs, Stop, branch, branch_back, field_a, field_b, field_c};
    use super::{finish, hot, sem};

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
                    // SAFETY: `dispatch` and `run_tail` pass registers that were valid there.
                    let mut m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
                    match body!($kind m ins $name $($sem)?) {
                        Flow::Next => dispatch(m),
                        Flow::Slow => slow(ins, pc, base, fuel, heap, ctx),
                    }
                } )*
            }

            static TABLE: [Handler; TABLE_SIZE] = {
                let mut table: [Handler; TABLE_SIZE] = [slow; TABLE_SIZE];
                $( table[mvm_isa::Opcode::$Op as usize] = handlers::$name; )*
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
    #[inline(never)]
    extern "C" fn slow(
        _ins: u64,
        pc: *const u64,
        base: *mut u64,
        fuel: i64,
        heap: *mut u64,
        ctx: *mut Ctx,
    ) {
        // SAFETY: as in the handlers; they come here before anything has changed.
        let m = unsafe { Regs::new(pc, base, fuel, heap, ctx) };
        // SAFETY: `run_tail` keeps the context alive, and no other reference to it is in use.
        let ctx = unsafe { &mut *ctx };
        if ctx.step(&m) {
            dispatch(ctx.load());
        }
    }

    /// Runs until the process stops.
    pub(crate) fn run_tail(process: &mut Process) -> Stop {
        let mut ctx = Ctx::new(process);
        dispatch(ctx.load());
        ctx.stop.take().unwrap_or(Stop::OutOfFuel)
    }
}
#[cfg(tail_calls)]
pub(crate) use tail::run_tail;
