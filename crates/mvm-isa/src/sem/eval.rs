//! Calling the functions of [`sem`](super) by opcode, over registers as plain 64-bit words.
//!
//! [`PureFn`] lets a macro over the rows call any of them without naming its argument types: the executors use it with
//! registers, [`eval`] with a slice.

use super::canonical;
use crate::ops::Opcode;
use crate::table::Ty;
use crate::trap::Trap;

/// A value that a register of a number type holds.
pub trait RegValue: Copy {
    /// The type of such registers.
    const TY: Ty;
    /// The value in the register.
    fn from_bits(bits: u64) -> Self;
    /// The register for the value.
    fn into_bits(self) -> u64;
}

impl RegValue for i64 {
    const TY: Ty = Ty::I64;

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
    const TY: Ty = Ty::F64;

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
    /// The type of the result.
    const TY: Ty;
    /// Whether there may be a trap instead.
    const TRAPS: bool;
    /// The register to write, or the trap to raise.
    fn into_reg(self) -> Result<u64, Trap>;
}

impl IntoReg for i64 {
    const TY: Ty = <i64 as RegValue>::TY;
    const TRAPS: bool = false;

    #[inline(always)]
    fn into_reg(self) -> Result<u64, Trap> {
        Ok(self.into_bits())
    }
}

impl IntoReg for f64 {
    const TY: Ty = <f64 as RegValue>::TY;
    const TRAPS: bool = false;

    #[inline(always)]
    fn into_reg(self) -> Result<u64, Trap> {
        Ok(self.into_bits())
    }
}

impl<T: RegValue> IntoReg for Result<T, Trap> {
    const TY: Ty = T::TY;
    const TRAPS: bool = true;

    #[inline(always)]
    fn into_reg(self) -> Result<u64, Trap> {
        self.map(T::into_bits)
    }
}

/// A function of `sem`, called with registers. `Args` is the tuple of its argument types; it is always inferred.
pub trait PureFn<Args>: Copy {
    /// Types of the arguments.
    const ARGS: &'static [Ty];
    /// Type of the result.
    const RESULT: Ty;
    /// Whether there may be a trap instead.
    const TRAPS: bool;

    /// Calls the function; `arg(k)` gives its argument number `k` and is called once for each, in order.
    fn apply(self, arg: impl FnMut(usize) -> u64) -> Result<u64, Trap>;

    /// The number of arguments of this function, for macros that cannot name its type.
    #[inline(always)]
    fn arity(self) -> usize {
        Self::ARGS.len()
    }
}

impl<F, A, R> PureFn<(A,)> for F
where
    F: Fn(A) -> R + Copy,
    A: RegValue,
    R: IntoReg,
{
    const ARGS: &'static [Ty] = &[A::TY];
    const RESULT: Ty = R::TY;
    const TRAPS: bool = R::TRAPS;

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
    const ARGS: &'static [Ty] = &[A::TY, B::TY];
    const RESULT: Ty = R::TY;
    const TRAPS: bool = R::TRAPS;

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
    const ARGS: &'static [Ty] = &[A::TY, B::TY, C::TY];
    const RESULT: Ty = R::TY;
    const TRAPS: bool = R::TRAPS;

    #[inline(always)]
    fn apply(self, mut arg: impl FnMut(usize) -> u64) -> Result<u64, Trap> {
        self(A::from_bits(arg(0)), B::from_bits(arg(1)), C::from_bits(arg(2))).into_reg()
    }
}

/// Calls `f` when there are as many arguments as it takes. A NaN comes out canonical, so that results can be compared.
#[inline]
fn call<Args, F: PureFn<Args>>(f: F, args: &[u64]) -> Option<Result<u64, Trap>> {
    let visible =
        |bits: u64| if F::RESULT == Ty::F64 { canonical(f64::from_bits(bits)).to_bits() } else { bits };
    (args.len() == f.arity()).then(|| f.apply(|k| args[k]).map(visible))
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

#[cfg(test)]
mod tests {
    use super::{PureFn, eval};
    use crate::{OpKind, Opcode, Operand, TrapCode, Ty, sem};

    type Signature = (&'static [Ty], Ty, bool);

    fn signature<Args, F: PureFn<Args>>(_: F) -> Option<Signature> {
        Some((F::ARGS, F::RESULT, F::TRAPS))
    }

    macro_rules! define_signatures {
        ($( $name:ident = $Op:ident, $kind:ident ($($sem:ident)?); )*) => {
            fn signature_of(op: Opcode) -> Option<Signature> {
                match op { $( Opcode::$Op => define_signatures!(@of $($sem)?), )* }
            }
        };
        (@of) => { None };
        (@of $sem:ident) => { signature(sem::$sem) };
    }
    for_each_op!(define_signatures);

    #[test]
    fn rows_and_functions_have_the_same_types() {
        for &op in Opcode::ALL {
            let info = op.info();
            let Some((args, result, traps)) = signature_of(op) else {
                assert_eq!(info.kind, OpKind::Special, "{}", info.name);
                continue;
            };
            let mut sources = Vec::new();
            let mut target = Ty::I64;
            for operand in info.operands {
                match operand {
                    Operand::Src(ty) => sources.push(*ty),
                    Operand::Imm16 => sources.push(Ty::I64),
                    Operand::Def(ty) => target = *ty,
                    _ => {}
                }
            }
            assert_eq!(args, sources, "{}", info.name);
            assert_eq!(result, target, "{}", info.name);
            assert_eq!(traps, !info.traps.is_empty(), "{}", info.name);
        }
    }

    #[test]
    fn wrong_numbers_of_arguments_are_refused() {
        assert_eq!(eval(Opcode::AddI64, &[1]), None);
        assert_eq!(eval(Opcode::AddI64, &[1, 2, 3]), None);
        assert_eq!(eval(Opcode::Nop, &[]), None);
    }

    #[test]
    fn traps_are_those_of_the_row() {
        let values =
            [0, 1, 2, 3, 63, 64, 1 << 31, 1 << 40, i64::MAX, i64::MIN, -1, -2, f64::NAN.to_bits() as i64];
        for &op in Opcode::ALL {
            let mut seen: Vec<TrapCode> = Vec::new();
            for x in values {
                for y in values {
                    for args in [&[x as u64][..], &[x as u64, y as u64]] {
                        if let Some(Err(trap)) = eval(op, args) {
                            seen.push(trap.code);
                        }
                    }
                }
            }
            seen.sort();
            seen.dedup();
            let mut listed = op.info().traps.to_vec();
            listed.sort();
            if op.info().kind != OpKind::Special {
                assert_eq!(seen, listed, "{}", op.info().name);
            }
        }
    }
}
