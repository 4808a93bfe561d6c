//! Floats: arithmetic, rounding, comparisons and the elementary functions.
//!
//! What IEEE 754 defines exactly (arithmetic, square root, rounding to a whole number) uses the host's instruction;
//! `fma` and the remainder are exact as well but come from `libm`, because hosts without the instruction call a C
//! library of unknown quality. Elementary functions are `libm`'s on every host.
//!
//! Results are not made canonical here: see [`super::NAN`].

use super::{NAN, canonical};

/// Sum.
#[inline(always)]
pub const fn add_f64(x: f64, y: f64) -> f64 {
    x + y
}

/// Difference.
#[inline(always)]
pub const fn sub_f64(x: f64, y: f64) -> f64 {
    x - y
}

/// Product.
#[inline(always)]
pub const fn mul_f64(x: f64, y: f64) -> f64 {
    x * y
}

/// Quotient.
#[inline(always)]
pub const fn div_f64(x: f64, y: f64) -> f64 {
    x / y
}

/// `x * y + z`, rounded once.
#[inline]
pub fn fma_f64(x: f64, y: f64, z: f64) -> f64 {
    libm::fma(x, y, z)
}

/// Remainder of the division rounded towards zero; exact, with the sign of `x`.
#[inline]
pub fn rem_f64(x: f64, y: f64) -> f64 {
    libm::fmod(x, y)
}

/// The smaller; NaN wins, and -0.0 is below 0.0.
#[inline(always)]
pub const fn min_f64(x: f64, y: f64) -> f64 {
    if x < y {
        x
    } else if y < x {
        y
    } else if x == y {
        // Equal: the same value, or zeros of which one may be negative.
        f64::from_bits(x.to_bits() | y.to_bits())
    } else {
        NAN
    }
}

/// The larger; NaN wins, and 0.0 is above -0.0.
#[inline(always)]
pub const fn max_f64(x: f64, y: f64) -> f64 {
    if x > y {
        x
    } else if y > x {
        y
    } else if x == y {
        f64::from_bits(x.to_bits() & y.to_bits())
    } else {
        NAN
    }
}

/// The magnitude of `x` with the sign of `y`.
#[inline(always)]
pub const fn copysign_f64(x: f64, y: f64) -> f64 {
    x.copysign(canonical(y))
}

/// The sign inverted.
#[inline(always)]
pub const fn neg_f64(x: f64) -> f64 {
    -x
}

/// The sign cleared.
#[inline(always)]
pub const fn abs_f64(x: f64) -> f64 {
    x.abs()
}

/// Square root.
#[inline(always)]
pub fn sqrt_f64(x: f64) -> f64 {
    x.sqrt()
}

/// The largest whole number not above.
#[inline(always)]
pub fn floor_f64(x: f64) -> f64 {
    x.floor()
}

/// The smallest whole number not below.
#[inline(always)]
pub fn ceil_f64(x: f64) -> f64 {
    x.ceil()
}

/// Without the fraction.
#[inline(always)]
pub fn trunc_f64(x: f64) -> f64 {
    x.trunc()
}

/// The nearest whole number, ties to even.
#[inline(always)]
pub fn round_f64(x: f64) -> f64 {
    x.round_ties_even()
}

/// Rounded to the nearest 32-bit float.
#[inline(always)]
pub const fn f32_f64(x: f64) -> f64 {
    x as f32 as f64
}

/// Power.
#[inline]
pub fn pow_f64(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Angle of the point (x `x`, y `y`).
#[inline]
pub fn atan2_f64(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// Length of the hypotenuse.
#[inline]
pub fn hypot_f64(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}

/// e to the power of `x`.
#[inline]
pub fn exp_f64(x: f64) -> f64 {
    libm::exp(x)
}

/// 2 to the power of `x`.
#[inline]
pub fn exp2_f64(x: f64) -> f64 {
    libm::exp2(x)
}

/// e to the power of `x`, minus 1.
#[inline]
pub fn expm1_f64(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm.
#[inline]
pub fn ln_f64(x: f64) -> f64 {
    libm::log(x)
}

/// Natural logarithm of `1 + x`.
#[inline]
pub fn ln1p_f64(x: f64) -> f64 {
    libm::log1p(x)
}

/// Logarithm to base 2.
#[inline]
pub fn log2_f64(x: f64) -> f64 {
    libm::log2(x)
}

/// Logarithm to base 10.
#[inline]
pub fn log10_f64(x: f64) -> f64 {
    libm::log10(x)
}

/// Cube root.
#[inline]
pub fn cbrt_f64(x: f64) -> f64 {
    libm::cbrt(x)
}

/// Sine.
#[inline]
pub fn sin_f64(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine.
#[inline]
pub fn cos_f64(x: f64) -> f64 {
    libm::cos(x)
}

/// Tangent.
#[inline]
pub fn tan_f64(x: f64) -> f64 {
    libm::tan(x)
}

/// Arc sine.
#[inline]
pub fn asin_f64(x: f64) -> f64 {
    libm::asin(x)
}

/// Arc cosine.
#[inline]
pub fn acos_f64(x: f64) -> f64 {
    libm::acos(x)
}

/// Arc tangent.
#[inline]
pub fn atan_f64(x: f64) -> f64 {
    libm::atan(x)
}

/// Hyperbolic sine.
#[inline]
pub fn sinh_f64(x: f64) -> f64 {
    libm::sinh(x)
}

/// Hyperbolic cosine.
#[inline]
pub fn cosh_f64(x: f64) -> f64 {
    libm::cosh(x)
}

/// Hyperbolic tangent.
#[inline]
pub fn tanh_f64(x: f64) -> f64 {
    libm::tanh(x)
}

/// `x == y`; 0 with NaN.
#[inline(always)]
pub const fn eq_f64(x: f64, y: f64) -> i64 {
    (x == y) as i64
}

/// `x != y`; 1 with NaN.
#[inline(always)]
pub const fn ne_f64(x: f64, y: f64) -> i64 {
    (x != y) as i64
}

/// `x < y`; 0 with NaN.
#[inline(always)]
pub const fn lt_f64(x: f64, y: f64) -> i64 {
    (x < y) as i64
}

/// `x <= y`; 0 with NaN.
#[inline(always)]
pub const fn le_f64(x: f64, y: f64) -> i64 {
    (x <= y) as i64
}

/// Not `x < y`; 1 with NaN.
#[inline(always)]
pub const fn nlt_f64(x: f64, y: f64) -> i64 {
    1 - lt_f64(x, y)
}

/// Not `x <= y`; 1 with NaN.
#[inline(always)]
pub const fn nle_f64(x: f64, y: f64) -> i64 {
    1 - le_f64(x, y)
}
