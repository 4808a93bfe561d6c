//! Meaning of the pure instructions: one plain function each, named in the row of the table.
//!
//! A pure instruction looks at its operands and nothing else. Interpreter, constant folder, tests and the helpers of
//! compiled code call the same function, so that they cannot disagree. Arguments and results have the types of the
//! row's operands; comparisons and branch conditions give 1 or 0; functions that can trap return a `Result`. Those
//! are always inlined, with what makes their traps: a result in memory would keep a handler from ending in a jump.
//!
//! **NaN.** Hosts differ in the sign and payload of the NaNs they make, and a guest must not see it. Registers, fields
//! and float arrays may hold any NaN, because making it canonical after every operation would cost each float
//! instruction a test; every place where bits become visible makes it [`NAN`]: [`f64_bits`], [`f32_bits`], stores to
//! blocks, boxed floats compared, the sign that [`copysign_f64`] takes, text, the state hash (docs/decisions/0002).
//!
//! Edge cases are those of WebAssembly. Functions beyond IEEE 754 arithmetic come from crate `libm`, never from the
//! host, whose last bit is its own.
//!
//! Not here: instructions that touch the heap, frames or the world (`Special` rows; see `mvm-exec`).

mod convert;
mod eval;
mod float;
mod int;

pub use convert::*;
pub use eval::{IntoReg, PureFn, RegValue, eval};
pub use float::*;
pub use int::*;

/// The canonical NaN: positive, quiet, without payload. The only NaN whose bits a guest can see.
pub const NAN: f64 = f64::from_bits(0x7ff8_0000_0000_0000);

/// `x`, or [`NAN`] when `x` is any NaN.
///
/// The test looks at the bits because LLVM knows too much about floats: it turns `is_nan(sqrt(x))` into `x < 0`, and
/// then takes `x < 0 ? NAN : sqrt(x)` for a mere `sqrt(x)`, whose NaN is a negative one on some hosts.
#[inline(always)]
pub const fn canonical(x: f64) -> f64 {
    if x.to_bits() << 1 > f64::INFINITY.to_bits() << 1 {
        std::hint::cold_path();
        return NAN;
    }
    x
}
