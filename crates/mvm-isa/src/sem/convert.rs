//! Conversions between integers and floats, and their bits.

use super::canonical;
use crate::trap::{Trap, TrapCode};

/// 2^63, the first float above every `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;
/// 2^64, the first float above every `u64`.
const U64_END: f64 = 18_446_744_073_709_551_616.0;
/// Bits of the canonical 32-bit NaN.
const NAN_32: u32 = 0x7fc0_0000;

/// Signed integer to float, rounded to nearest even.
#[inline(always)]
pub const fn i64_to_f64(x: i64) -> f64 {
    x as f64
}

/// Unsigned integer to float, rounded to nearest even.
#[inline(always)]
pub const fn u64_to_f64(x: i64) -> f64 {
    x as u64 as f64
}

/// Signed integer to 32-bit float, rounded once.
#[inline(always)]
pub const fn i64_to_f32(x: i64) -> f64 {
    x as f32 as f64
}

/// Unsigned integer to 32-bit float, rounded once.
#[inline(always)]
pub const fn u64_to_f32(x: i64) -> f64 {
    x as u64 as f32 as f64
}

#[cold]
#[inline(always)]
const fn no_integer(x: f64) -> Trap {
    Trap::new(TrapCode::InvalidConversion, f64_bits(x), 0)
}

/// Float to signed integer, towards zero; traps when there is none.
#[inline(always)]
pub const fn f64_to_i64(x: f64) -> Result<i64, Trap> {
    if x >= -I64_END && x < I64_END { Ok(x as i64) } else { Err(no_integer(x)) }
}

/// Float to unsigned integer, towards zero; traps when there is none.
#[inline(always)]
pub const fn f64_to_u64(x: f64) -> Result<i64, Trap> {
    if x > -1.0 && x < U64_END { Ok(x as u64 as i64) } else { Err(no_integer(x)) }
}

/// Float to signed integer, towards zero; the nearest end outside the range, 0 for NaN.
#[inline(always)]
pub const fn f64_to_i64_sat(x: f64) -> i64 {
    x as i64
}

/// Float to unsigned integer, towards zero; the nearest end outside the range, 0 for NaN.
#[inline(always)]
pub const fn f64_to_u64_sat(x: f64) -> i64 {
    x as u64 as i64
}

/// The 64 bits of a float.
#[inline(always)]
pub const fn f64_bits(x: f64) -> i64 {
    canonical(x).to_bits() as i64
}

/// The float with these 64 bits.
#[inline(always)]
pub const fn f64_from_bits(x: i64) -> f64 {
    canonical(f64::from_bits(x as u64))
}

/// The bits of a float rounded to 32 bits, zero-extended.
#[inline(always)]
pub const fn f32_bits(x: f64) -> i64 {
    if x.is_nan() { NAN_32 as i64 } else { (x as f32).to_bits() as i64 }
}

/// The 32-bit float with these low 32 bits.
#[inline(always)]
pub const fn f32_from_bits(x: i64) -> f64 {
    canonical(f32::from_bits(x as u32) as f64)
}
