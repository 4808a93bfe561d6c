//! 128-bit arithmetic judges the 64-bit integers of `sem` on random operands.

use mvm_isa::{Opcode, Trap, TrapCode, sem};
use mvm_testkit::rng::Rng;

const ROUNDS: usize = 200_000;

fn hard(op: Opcode, args: &[i64]) -> Result<i64, Trap> {
    let bits: Vec<u64> = args.iter().map(|x| *x as u64).collect();
    sem::eval(op, &bits).expect("a pure instruction").map(|bits| bits as i64)
}

fn fits(x: i128) -> Result<i64, Trap> {
    i64::try_from(x).map_err(|_| Trap::plain(TrapCode::IntegerOverflow))
}

#[test]
fn arithmetic_agrees_with_128_bits() {
    let mut rng = Rng::new(11);
    for _ in 0..ROUNDS {
        let (x, y) = (rng.int(), rng.int());
        let (a, b) = (i128::from(x), i128::from(y));
        let (ua, ub) = (u128::from(x as u64), u128::from(y as u64));
        let by_zero = Err(Trap::plain(TrapCode::DivideByZero));
        for (op, wanted) in [
            (Opcode::AddI64, Ok((a + b) as i64)),
            (Opcode::SubI64, Ok((a - b) as i64)),
            (Opcode::MulI64, Ok((a * b) as i64)),
            (Opcode::AddCheckedI64, fits(a + b)),
            (Opcode::SubCheckedI64, fits(a - b)),
            (Opcode::MulCheckedI64, fits(a * b)),
            (Opcode::MulhI64, Ok(((a * b) >> 64) as i64)),
            (Opcode::MulhuI64, Ok(((ua * ub) >> 64) as i64)),
            (Opcode::DivI64, if y == 0 { by_zero } else { fits(a / b) }),
            (Opcode::RemI64, if y == 0 { by_zero } else { Ok((a % b) as i64) }),
            (Opcode::DivuI64, if y == 0 { by_zero } else { Ok((ua / ub) as i64) }),
            (Opcode::RemuI64, if y == 0 { by_zero } else { Ok((ua % ub) as i64) }),
            (Opcode::MinI64, Ok(a.min(b) as i64)),
            (Opcode::MaxI64, Ok(a.max(b) as i64)),
            (Opcode::MinuI64, Ok(ua.min(ub) as i64)),
            (Opcode::MaxuI64, Ok(ua.max(ub) as i64)),
        ] {
            assert_eq!(hard(op, &[x, y]), wanted, "{op:?} of {x} and {y}");
        }
        for (op, wanted) in [
            (Opcode::NegI64, Ok((-a) as i64)),
            (Opcode::AbsI64, Ok(a.abs() as i64)),
            (Opcode::NegCheckedI64, fits(-a)),
            (Opcode::AbsCheckedI64, fits(a.abs())),
            (Opcode::NotI64, Ok((-a - 1) as i64)),
            (Opcode::BswapI64, Ok(i64::from_le_bytes(x.to_be_bytes()))),
        ] {
            assert_eq!(hard(op, &[x]), wanted, "{op:?} of {x}");
        }
    }
}

#[test]
fn powers_agree_with_repeated_multiplication() {
    let mut rng = Rng::new(12);
    for _ in 0..20_000 {
        let (base, exponent) = (rng.int(), rng.below(70) as i64);
        let mut exact = Some(1i64);
        let mut wrapped = 1i64;
        for _ in 0..exponent {
            exact = exact.and_then(|x| x.checked_mul(base));
            wrapped = wrapped.wrapping_mul(base);
        }
        let overflow = Trap::plain(TrapCode::IntegerOverflow);
        assert_eq!(hard(Opcode::PowI64, &[base, exponent]), Ok(wrapped), "{base} ** {exponent}");
        assert_eq!(
            hard(Opcode::PowCheckedI64, &[base, exponent]),
            exact.ok_or(overflow),
            "{base} ** {exponent}"
        );
    }
}

#[test]
fn powers_of_the_edges() {
    let negative = Trap::new(TrapCode::InvalidArgument, -1, i64::MAX);
    let overflow = Trap::plain(TrapCode::IntegerOverflow);
    for op in [Opcode::PowI64, Opcode::PowCheckedI64] {
        assert_eq!(hard(op, &[2, -1]), Err(negative));
        assert_eq!(hard(op, &[0, 0]), Ok(1));
        assert_eq!(hard(op, &[0, i64::MAX]), Ok(0));
        assert_eq!(hard(op, &[1, i64::MAX]), Ok(1));
        assert_eq!(hard(op, &[-1, i64::MAX]), Ok(-1));
        assert_eq!(hard(op, &[-2, 63]), Ok(i64::MIN));
        assert_eq!(hard(op, &[i64::MIN, 1]), Ok(i64::MIN));
    }
    assert_eq!(hard(Opcode::PowI64, &[2, 64]), Ok(0));
    assert_eq!(hard(Opcode::PowCheckedI64, &[2, 63]), Err(overflow));
    assert_eq!(hard(Opcode::PowCheckedI64, &[2, i64::MAX]), Err(overflow));
}

#[test]
fn shifts_take_their_amount_modulo_the_width() {
    let mut rng = Rng::new(13);
    for _ in 0..ROUNDS {
        let (x, by) = (rng.int(), rng.int());
        let (n, narrow) = (by.rem_euclid(64) as u32, by.rem_euclid(32) as u32);
        let x32 = x as i32;
        for (op, wanted) in [
            (Opcode::ShlI64, x << n),
            (Opcode::ShrI64, x >> n),
            (Opcode::ShruI64, (x as u64 >> n) as i64),
            (Opcode::RotlI64, (i128::from(x) << n | i128::from(x as u64) >> (64 - n)) as i64),
            (Opcode::RotrI64, ((i128::from(x) << 64 | i128::from(x as u64)) >> n) as i64),
            (Opcode::Shl32I64, i64::from(x32 << narrow)),
            (Opcode::Shr32I64, i64::from(x32 >> narrow)),
            (Opcode::Shru32I64, i64::from((x32 as u32 >> narrow) as i32)),
        ] {
            assert_eq!(hard(op, &[x, by]), Ok(wanted), "{op:?} of {x} and {by}");
        }
    }
}
