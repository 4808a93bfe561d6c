//! Integers: arithmetic, bits, the 32-bit forms and comparisons.
//!
//! Plain forms wrap at 64 bits; `_checked` forms trap. The 32-bit forms work on the low 32 bits of their operands and
//! sign-extend the result.

use crate::trap::{Trap, TrapCode};

const OVERFLOW: Trap = Trap::plain(TrapCode::IntegerOverflow);
const BY_ZERO: Trap = Trap::plain(TrapCode::DivideByZero);

/// Wrapping sum.
#[inline(always)]
pub const fn add_i64(x: i64, y: i64) -> i64 {
    x.wrapping_add(y)
}

/// Wrapping difference.
#[inline(always)]
pub const fn sub_i64(x: i64, y: i64) -> i64 {
    x.wrapping_sub(y)
}

/// Wrapping product.
#[inline(always)]
pub const fn mul_i64(x: i64, y: i64) -> i64 {
    x.wrapping_mul(y)
}

/// Signed quotient, rounded towards zero.
#[inline(always)]
pub const fn div_i64(x: i64, y: i64) -> Result<i64, Trap> {
    if y == 0 {
        return Err(BY_ZERO);
    }
    match x.checked_div(y) {
        Some(quotient) => Ok(quotient),
        None => Err(OVERFLOW),
    }
}

/// Unsigned quotient.
#[inline(always)]
pub const fn divu_i64(x: i64, y: i64) -> Result<i64, Trap> {
    match (x as u64).checked_div(y as u64) {
        Some(quotient) => Ok(quotient as i64),
        None => Err(BY_ZERO),
    }
}

/// Signed remainder with the sign of `x`; 0 for `y == -1`.
#[inline(always)]
pub const fn rem_i64(x: i64, y: i64) -> Result<i64, Trap> {
    if y == 0 { Err(BY_ZERO) } else { Ok(x.wrapping_rem(y)) }
}

/// Unsigned remainder.
#[inline(always)]
pub const fn remu_i64(x: i64, y: i64) -> Result<i64, Trap> {
    match (x as u64).checked_rem(y as u64) {
        Some(rest) => Ok(rest as i64),
        None => Err(BY_ZERO),
    }
}

/// Upper half of the signed 128-bit product.
#[inline(always)]
pub const fn mulh_i64(x: i64, y: i64) -> i64 {
    ((x as i128 * y as i128) >> 64) as i64
}

/// Upper half of the unsigned 128-bit product.
#[inline(always)]
pub const fn mulhu_i64(x: i64, y: i64) -> i64 {
    ((x as u64 as u128 * y as u64 as u128) >> 64) as i64
}

/// The smaller, signed.
#[inline(always)]
pub const fn min_i64(x: i64, y: i64) -> i64 {
    if y < x { y } else { x }
}

/// The larger, signed.
#[inline(always)]
pub const fn max_i64(x: i64, y: i64) -> i64 {
    if y > x { y } else { x }
}

/// The smaller, unsigned.
#[inline(always)]
pub const fn minu_i64(x: i64, y: i64) -> i64 {
    if (y as u64) < x as u64 { y } else { x }
}

/// The larger, unsigned.
#[inline(always)]
pub const fn maxu_i64(x: i64, y: i64) -> i64 {
    if y as u64 > x as u64 { y } else { x }
}

#[inline(always)]
const fn bad_exponent(exponent: i64) -> Trap {
    Trap::new(TrapCode::InvalidArgument, exponent, i64::MAX)
}

/// Wrapping power by squaring; a negative exponent traps.
#[inline(always)]
pub const fn pow_i64(base: i64, exponent: i64) -> Result<i64, Trap> {
    if exponent < 0 {
        return Err(bad_exponent(exponent));
    }
    let (mut result, mut square, mut rest) = (1i64, base, exponent);
    while rest != 0 {
        if rest & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    Ok(result)
}

/// Wrapping negation.
#[inline(always)]
pub const fn neg_i64(x: i64) -> i64 {
    x.wrapping_neg()
}

/// Wrapping absolute value.
#[inline(always)]
pub const fn abs_i64(x: i64) -> i64 {
    x.wrapping_abs()
}

#[inline(always)]
const fn checked(result: Option<i64>) -> Result<i64, Trap> {
    match result {
        Some(value) => Ok(value),
        None => Err(OVERFLOW),
    }
}

/// Sum, trapping on overflow.
#[inline(always)]
pub const fn add_checked_i64(x: i64, y: i64) -> Result<i64, Trap> {
    checked(x.checked_add(y))
}

/// Difference, trapping on overflow.
#[inline(always)]
pub const fn sub_checked_i64(x: i64, y: i64) -> Result<i64, Trap> {
    checked(x.checked_sub(y))
}

/// Product, trapping on overflow.
#[inline(always)]
pub const fn mul_checked_i64(x: i64, y: i64) -> Result<i64, Trap> {
    checked(x.checked_mul(y))
}

/// Power, trapping on a negative exponent and on overflow.
#[inline(always)]
pub const fn pow_checked_i64(base: i64, exponent: i64) -> Result<i64, Trap> {
    if exponent < 0 {
        return Err(bad_exponent(exponent));
    }
    let (mut result, mut square, mut rest) = (1i64, base, exponent);
    while rest != 0 {
        if rest & 1 == 1 {
            match result.checked_mul(square) {
                Some(product) => result = product,
                None => return Err(OVERFLOW),
            }
        }
        rest >>= 1;
        if rest != 0 {
            // A square that is still needed and does not fit means that the result does not fit either.
            match square.checked_mul(square) {
                Some(product) => square = product,
                None => return Err(OVERFLOW),
            }
        }
    }
    Ok(result)
}

/// Negation, trapping on overflow.
#[inline(always)]
pub const fn neg_checked_i64(x: i64) -> Result<i64, Trap> {
    checked(x.checked_neg())
}

/// Absolute value, trapping on overflow.
#[inline(always)]
pub const fn abs_checked_i64(x: i64) -> Result<i64, Trap> {
    checked(x.checked_abs())
}

/// Bitwise and.
#[inline(always)]
pub const fn and_i64(x: i64, y: i64) -> i64 {
    x & y
}

/// Bitwise or.
#[inline(always)]
pub const fn or_i64(x: i64, y: i64) -> i64 {
    x | y
}

/// Bitwise exclusive or.
#[inline(always)]
pub const fn xor_i64(x: i64, y: i64) -> i64 {
    x ^ y
}

/// All bits inverted.
#[inline(always)]
pub const fn not_i64(x: i64) -> i64 {
    !x
}

/// Left shift by `y` modulo 64.
#[inline(always)]
pub const fn shl_i64(x: i64, y: i64) -> i64 {
    x.wrapping_shl(y as u32)
}

/// Arithmetic right shift by `y` modulo 64.
#[inline(always)]
pub const fn shr_i64(x: i64, y: i64) -> i64 {
    x.wrapping_shr(y as u32)
}

/// Logical right shift by `y` modulo 64.
#[inline(always)]
pub const fn shru_i64(x: i64, y: i64) -> i64 {
    (x as u64).wrapping_shr(y as u32) as i64
}

/// Left rotation by `y` modulo 64.
#[inline(always)]
pub const fn rotl_i64(x: i64, y: i64) -> i64 {
    x.rotate_left(y as u32 & 63)
}

/// Right rotation by `y` modulo 64.
#[inline(always)]
pub const fn rotr_i64(x: i64, y: i64) -> i64 {
    x.rotate_right(y as u32 & 63)
}

/// The 8 bytes in reverse order.
#[inline(always)]
pub const fn bswap_i64(x: i64) -> i64 {
    x.swap_bytes()
}

/// Zero bits above the highest one bit.
#[inline(always)]
pub const fn clz_i64(x: i64) -> i64 {
    x.leading_zeros() as i64
}

/// Zero bits below the lowest one bit.
#[inline(always)]
pub const fn ctz_i64(x: i64) -> i64 {
    x.trailing_zeros() as i64
}

/// One bits.
#[inline(always)]
pub const fn popcnt_i64(x: i64) -> i64 {
    x.count_ones() as i64
}

/// Sign extension from 8 bits.
#[inline(always)]
pub const fn sext8_i64(x: i64) -> i64 {
    x as i8 as i64
}

/// Zero extension from 8 bits.
#[inline(always)]
pub const fn zext8_i64(x: i64) -> i64 {
    x as u8 as i64
}

/// Sign extension from 16 bits.
#[inline(always)]
pub const fn sext16_i64(x: i64) -> i64 {
    x as i16 as i64
}

/// Zero extension from 16 bits.
#[inline(always)]
pub const fn zext16_i64(x: i64) -> i64 {
    x as u16 as i64
}

/// Sign extension from 32 bits.
#[inline(always)]
pub const fn sext32_i64(x: i64) -> i64 {
    x as i32 as i64
}

/// Zero extension from 32 bits.
#[inline(always)]
pub const fn zext32_i64(x: i64) -> i64 {
    x as u32 as i64
}

/// 32-bit sum.
#[inline(always)]
pub const fn add32_i64(x: i64, y: i64) -> i64 {
    (x as i32).wrapping_add(y as i32) as i64
}

/// 32-bit difference.
#[inline(always)]
pub const fn sub32_i64(x: i64, y: i64) -> i64 {
    (x as i32).wrapping_sub(y as i32) as i64
}

/// 32-bit product.
#[inline(always)]
pub const fn mul32_i64(x: i64, y: i64) -> i64 {
    (x as i32).wrapping_mul(y as i32) as i64
}

/// 32-bit left shift by `y` modulo 32.
#[inline(always)]
pub const fn shl32_i64(x: i64, y: i64) -> i64 {
    (x as i32).wrapping_shl(y as u32) as i64
}

/// 32-bit arithmetic right shift by `y` modulo 32.
#[inline(always)]
pub const fn shr32_i64(x: i64, y: i64) -> i64 {
    (x as i32).wrapping_shr(y as u32) as i64
}

/// 32-bit logical right shift by `y` modulo 32.
#[inline(always)]
pub const fn shru32_i64(x: i64, y: i64) -> i64 {
    (x as u32).wrapping_shr(y as u32) as i32 as i64
}

/// 32-bit left rotation by `y` modulo 32.
#[inline(always)]
pub const fn rotl32_i64(x: i64, y: i64) -> i64 {
    (x as i32).rotate_left(y as u32 & 31) as i64
}

/// 32-bit right rotation by `y` modulo 32.
#[inline(always)]
pub const fn rotr32_i64(x: i64, y: i64) -> i64 {
    (x as i32).rotate_right(y as u32 & 31) as i64
}

/// `x == y`.
#[inline(always)]
pub const fn eq_i64(x: i64, y: i64) -> i64 {
    (x == y) as i64
}

/// `x != y`.
#[inline(always)]
pub const fn ne_i64(x: i64, y: i64) -> i64 {
    (x != y) as i64
}

/// `x < y`, signed.
#[inline(always)]
pub const fn lt_i64(x: i64, y: i64) -> i64 {
    (x < y) as i64
}

/// `x <= y`, signed.
#[inline(always)]
pub const fn le_i64(x: i64, y: i64) -> i64 {
    (x <= y) as i64
}

/// `x > y`, signed.
#[inline(always)]
pub const fn gt_i64(x: i64, y: i64) -> i64 {
    (x > y) as i64
}

/// `x >= y`, signed.
#[inline(always)]
pub const fn ge_i64(x: i64, y: i64) -> i64 {
    (x >= y) as i64
}

/// `x < y`, unsigned.
#[inline(always)]
pub const fn ltu_i64(x: i64, y: i64) -> i64 {
    ((x as u64) < y as u64) as i64
}

/// `x <= y`, unsigned.
#[inline(always)]
pub const fn leu_i64(x: i64, y: i64) -> i64 {
    (x as u64 <= y as u64) as i64
}
