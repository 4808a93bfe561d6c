//! Calling the functions of [`sem`](super) by opcode, over registers as plain 64-bit words.
//!
//! [`PureFn`] lets a macro over the rows call any of them without naming its argument types: the executors use it with
//! registers, [`eval`] with a slice.

use crate::ops::Opcode;
use crate::trap::Trap;

/// A value that a register of a number type holds.
pub trait RegValue: Copy {
    /// The value in the register.
    fn from_bits(bits: u64) -> Self;
    /// The register for the value.
    fn into_bits(self) -> u64;
}

impl RegValue for i64 {
    #[inline(always)]
    fn from_bits(bits: u64) -> i64 {
        bits as i64
    }

    #[inline(always)]
    fn into_bits(self) -> u64 {
        self as u64
    }
}

impl RegValue for f64 {
    #[inline(always)]
    fn from_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }

    #[inline(always)]
    fn into_bits(self) -> u64 {
        self.to_bits()
    }
}

/// What a function of `sem` returns: a number, or a number or a trap.
pub trait IntoReg {
    /// The register to write, or the trap to raise.
    fn into_reg(self) -> Result<u64, Trap>;
}

impl IntoReg for i64 {
    #[inline(always)]
    fn into_reg(self) -> Result<u64, Trap> {
        Ok(self.into_bits())
    }
}

impl IntoReg for f64 {
    #[inline(always)]
    fn into_reg(self) -> Result<u64, Trap> {
        Ok(self.into_bits())
    }
}

impl<T: RegValue> IntoReg for Result<T, Trap> {
    #[inline(always)]
    fn into_reg(self) -> Result<u64, Trap> {
        self.map(T::into_bits)
    }
}

/// A function of `sem`, called with registers. `Args` is the tuple of its argument types; it is always inferred.
pub trait PureFn<Args>: Copy {
    /// Number of arguments.
    const ARITY: usize;

    /// Calls the function; `arg(k)` gives its argument number `k` and is called once for each, in order.
    fn apply(self, arg: impl FnMut(usize) -> u64) -> Result<u64, Trap>;

    /// The number of arguments of this function, for macros that cannot name its type.
    #[inline(always)]
    fn arity(self) -> usize {
        Self::ARITY
    }
}

impl<F, A, R> PureFn<(A,)> for F
where
    F: Fn(A) -> R + Copy,
    A: RegValue,
    R: IntoReg,
{
    const ARITY: usize = 1;

    #[inline(always)]
    fn apply(self, mut arg: impl FnMut(usize) -> u64) -> Result<u64, Trap> {
        self(A::from_bits(arg(0))).into_reg()
    }
}

impl<F, A, B, R> PureFn<(A, B)> for F
where
    F: Fn(A, B) -> R + Copy,
    A: RegValue,
    B: RegValue,
    R: IntoReg,
{
    const ARITY: usize = 2;

    #[inline(always)]
    fn apply(self, mut arg: impl FnMut(usize) -> u64) -> Result<u64, Trap> {
        self(A::from_bits(arg(0)), B::from_bits(arg(1))).into_reg()
    }
}

impl<F, A, B, C, R> PureFn<(A, B, C)> for F
where
    F: Fn(A, B, C) -> R + Copy,
    A: RegValue,
    B: RegValue,
    C: RegValue,
    R: IntoReg,
{
    const ARITY: usize = 3;

    #[inline(always)]
    fn apply(self, mut arg: impl FnMut(usize) -> u64) -> Result<u64, Trap> {
        self(A::from_bits(arg(0)), B::from_bits(arg(1)), C::from_bits(arg(2))).into_reg()
    }
}

/// Calls `f` when there are as many arguments as it takes.
#[inline]
fn call<Args>(f: impl PureFn<Args>, args: &[u64]) -> Option<Result<u64, Trap>> {
    (args.len() == f.arity()).then(|| f.apply(|k| args[k]))
}

macro_rules! define_eval {
    ($( $name:ident = $Op:ident, $kind:ident ($($sem:ident)?); )*) => {
        /// What a pure instruction gives for these source operands, in assembly order, an immediate as a sign-extended
        /// integer. For a branch on numbers: 1 when it is taken, else 0, and without its label.
        ///
        /// `None` for instructions that are not pure and for a wrong number of arguments.
        pub fn eval(op: Opcode, args: &[u64]) -> Option<Result<u64, Trap>> {
            match op {
                $( Opcode::$Op => define_eval!(@call args $($sem)?), )*
            }
        }
    };
    (@call $args:ident) => { None };
    (@call $args:ident $sem:ident) => { call(super::$sem, $args) };
}
for_each_op!(define_eval);
