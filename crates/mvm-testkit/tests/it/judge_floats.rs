//! Software floats (`rustc_apfloat`, and integer square roots) judge `sem` on random operands.

use mvm_isa::{Opcode, Trap, TrapCode, sem};
use mvm_testkit::rng::Rng;
use rustc_apfloat::ieee::{Double, Single};
use rustc_apfloat::{Float, FloatConvert, Round, Status, StatusAnd};

const ROUNDS: usize = 200_000;

fn soft(x: f64) -> Double {
    Double::from_bits(u128::from(x.to_bits()))
}

fn soft32(x: f64) -> Single {
    soft(x).convert(&mut false).value
}

fn bits(x: Double) -> u64 {
    sem::canonical(f64::from_bits(x.to_bits() as u64)).to_bits()
}

fn widened(x: Single) -> u64 {
    bits(x.convert(&mut false).value)
}

/// `sem` by way of the opcode.
fn hard(op: Opcode, args: &[f64]) -> u64 {
    let bits: Vec<u64> = args.iter().map(|x| x.to_bits()).collect();
    sem::eval(op, &bits).expect("a pure instruction").expect("no trap")
}

#[track_caller]
fn same(op: Opcode, args: &[f64], wanted: u64) {
    let got = hard(op, args);
    assert_eq!(
        got,
        wanted,
        "{op:?} of {args:?}: got {:?}, should be {:?}",
        f64::from_bits(got),
        f64::from_bits(wanted)
    );
}

#[test]
fn arithmetic_agrees_with_software_floats() {
    let mut rng = Rng::new(1);
    for _ in 0..ROUNDS {
        let (x, y, z) = (rng.float(), rng.float(), rng.float());
        let (a, b, c) = (soft(x), soft(y), soft(z));
        same(Opcode::AddF64, &[x, y], bits((a + b).value));
        same(Opcode::SubF64, &[x, y], bits((a - b).value));
        same(Opcode::MulF64, &[x, y], bits((a * b).value));
        same(Opcode::DivF64, &[x, y], bits((a / b).value));
        same(Opcode::FmaF64, &[x, y, z], bits(a.mul_add(b, c).value));
        same(Opcode::MinF64, &[x, y], bits(a.minimum(b)));
        same(Opcode::MaxF64, &[x, y], bits(a.maximum(b)));
        same(Opcode::CopysignF64, &[x, y], bits(a.copy_sign(b)));
        same(Opcode::NegF64, &[x], bits(-a));
        same(Opcode::AbsF64, &[x], bits(a.abs()));
        same(Opcode::EqF64, &[x, y], u64::from(a == b));
        same(Opcode::NeF64, &[x, y], u64::from(a != b));
        same(Opcode::LtF64, &[x, y], u64::from(a < b));
        same(Opcode::LeF64, &[x, y], u64::from(a <= b));
    }
}

/// A sum that almost cancels is where a fused operation shows.
#[test]
fn fma_agrees_where_the_product_cancels() {
    let mut rng = Rng::new(2);
    for _ in 0..ROUNDS {
        let (x, y) = (rng.float(), rng.float());
        let z = f64::from_bits((-(x * y)).to_bits().wrapping_add(rng.below(5)).wrapping_sub(2));
        let z = sem::canonical(z);
        same(Opcode::FmaF64, &[x, y, z], bits(soft(x).mul_add(soft(y), soft(z)).value));
    }
}

#[test]
fn remainder_agrees_with_software_floats() {
    let mut rng = Rng::new(3);
    for _ in 0..ROUNDS {
        let (x, y) = (rng.float(), rng.float());
        same(Opcode::RemF64, &[x, y], bits(soft(x).c_fmod(soft(y)).value));
    }
}

#[test]
fn rounding_to_whole_numbers_agrees_with_software_floats() {
    let mut rng = Rng::new(4);
    for _ in 0..ROUNDS {
        let x = rng.float();
        for (op, round) in [
            (Opcode::FloorF64, Round::TowardNegative),
            (Opcode::CeilF64, Round::TowardPositive),
            (Opcode::TruncF64, Round::TowardZero),
            (Opcode::RoundF64, Round::NearestTiesToEven),
        ] {
            same(op, &[x], bits(soft(x).round_to_integral(round).value));
        }
    }
}

/// The square root by integers: the exact root of the mantissa with more bits than the result has, rounded once.
fn exact_sqrt(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return sem::NAN;
    }
    let raw = x.to_bits();
    let fraction = u128::from(raw & ((1 << 52) - 1));
    let (mut mantissa, mut exponent) = match raw >> 52 {
        0 => (fraction, -1074i64),
        e => (fraction | 1 << 52, e as i64 - 1075),
    };
    // An even exponent, and 110 or 111 bits, so that the root has 55 or 56.
    let up = i64::from(mantissa.leading_zeros()) - 18;
    let up = if (exponent - up) % 2 == 0 { up } else { up + 1 };
    mantissa <<= up;
    exponent -= up;
    let root = mantissa.isqrt();
    let surplus = 128 - root.leading_zeros() - 53;
    let mut short = root >> surplus;
    let rest = (root & ((1 << surplus) - 1)) << 1 | u128::from(root * root != mantissa);
    let half = 1u128 << surplus;
    if rest > half || rest == half && short & 1 == 1 {
        short += 1;
    }
    // Both factors and the product are exact: roots are neither tiny nor huge.
    short as f64 * 2f64.powi((exponent / 2) as i32 + surplus as i32)
}

#[test]
fn square_root_agrees_with_integers() {
    let mut rng = Rng::new(5);
    for _ in 0..ROUNDS {
        let x = rng.float();
        same(Opcode::SqrtF64, &[x], exact_sqrt(x).to_bits());
        let square = x * x;
        let near =
            sem::canonical(f64::from_bits(square.to_bits().wrapping_add(rng.below(3)).wrapping_sub(1)));
        same(Opcode::SqrtF64, &[near], exact_sqrt(near).to_bits());
    }
}

#[test]
fn rounding_to_f32_agrees_with_software_floats() {
    let mut rng = Rng::new(6);
    for _ in 0..ROUNDS {
        let x = rng.float();
        same(Opcode::F32F64, &[x], widened(soft32(x)));
        let single = if x.is_nan() { 0x7fc0_0000 } else { soft32(x).to_bits() as u64 };
        same(Opcode::F32Bits, &[x], single);
        let narrow = rng.bits();
        let wanted = widened(Single::from_bits(u128::from(narrow as u32)));
        assert_eq!(sem::eval(Opcode::F32FromBits, &[narrow]), Some(Ok(wanted)), "{narrow:#x}");
    }
}

/// An operation on two 32-bit floats may be computed with 64 bits and rounded again.
#[test]
fn double_rounding_to_f32_is_harmless() {
    let mut rng = Rng::new(7);
    let mut narrow = || {
        let x = if rng.below(2) == 0 { rng.float() } else { f64::from(f32::from_bits(rng.bits() as u32)) };
        sem::f32_f64(x)
    };
    for _ in 0..ROUNDS {
        let (x, y) = (narrow(), narrow());
        let (a, b) = (soft32(x), soft32(y));
        for (op, wanted) in [
            (Opcode::AddF64, (a + b).value),
            (Opcode::SubF64, (a - b).value),
            (Opcode::MulF64, (a * b).value),
            (Opcode::DivF64, (a / b).value),
        ] {
            let got = sem::f32_f64(f64::from_bits(hard(op, &[x, y])));
            assert_eq!(got.to_bits(), widened(wanted), "{op:?} of {x:?} and {y:?}");
        }
    }
}

#[test]
fn integers_to_floats_agree_with_software_floats() {
    let mut rng = Rng::new(8);
    for _ in 0..ROUNDS {
        let x = rng.int();
        let (signed, unsigned) = (i128::from(x), u128::from(x as u64));
        for (op, wanted) in [
            (Opcode::I64ToF64, bits(Double::from_i128(signed).value)),
            (Opcode::U64ToF64, bits(Double::from_u128(unsigned).value)),
            (Opcode::I64ToF32, widened(Single::from_i128(signed).value)),
            (Opcode::U64ToF32, widened(Single::from_u128(unsigned).value)),
        ] {
            assert_eq!(sem::eval(op, &[x as u64]), Some(Ok(wanted)), "{op:?} of {x}");
        }
    }
}

#[test]
fn floats_to_integers_agree_with_software_floats() {
    let mut rng = Rng::new(9);
    for _ in 0..ROUNDS {
        // Half of the operands around the ends of the ranges.
        let x = if rng.below(2) == 0 {
            rng.float()
        } else {
            rng.int() as f64 * (0.5 + rng.below(8) as f64 / 4.0)
        };
        let signed = soft(x).to_i128_r(64, Round::TowardZero, &mut false);
        let unsigned = soft(x).to_u128_r(64, Round::TowardZero, &mut false);
        let signed = StatusAnd { status: signed.status, value: signed.value as u64 };
        let unsigned = StatusAnd { status: unsigned.status, value: unsigned.value as u64 };
        for (trapping, saturating, wanted) in [
            (Opcode::F64ToI64, Opcode::F64ToI64Sat, signed),
            (Opcode::F64ToU64, Opcode::F64ToU64Sat, unsigned),
        ] {
            let out_of_range = wanted.status.contains(Status::INVALID_OP);
            let nearest = if x.is_nan() { 0 } else { wanted.value };
            let trap = Trap::new(TrapCode::InvalidConversion, x.to_bits() as i64, 0);
            let strict = if out_of_range { Err(trap) } else { Ok(wanted.value) };
            assert_eq!(sem::eval(saturating, &[x.to_bits()]), Some(Ok(nearest)), "{saturating:?} of {x:?}");
            assert_eq!(sem::eval(trapping, &[x.to_bits()]), Some(strict), "{trapping:?} of {x:?}");
        }
    }
}

/// Elementary functions have no exact judge; whatever they give, a NaN is the canonical one.
#[test]
fn every_nan_result_is_canonical() {
    let mut rng = Rng::new(10);
    for &op in Opcode::ALL {
        let types: Vec<_> = mvm_testkit::program::operand_types(op).collect();
        for _ in 0..2000 {
            let args: Vec<u64> = types
                .iter()
                .map(|ty| if *ty == Some(mvm_isa::Ty::F64) { rng.float().to_bits() } else { rng.bits() })
                .collect();
            let Some(Ok(result)) = sem::eval(op, &args) else { continue };
            let float = op.info().operands.first() == Some(&mvm_isa::Operand::Def(mvm_isa::Ty::F64));
            if float && f64::from_bits(result).is_nan() {
                assert_eq!(result, sem::NAN.to_bits(), "{op:?} of {args:x?}");
            }
        }
    }
}

/// A recording made on one host is replayed on another, so elementary functions may never change by a bit. A new
/// version of `libm` that changes one of these needs a new version of the machine.
#[test]
fn elementary_functions_give_the_same_bits_on_every_host() {
    let wanted: &[(Opcode, u64)] = &[
        (Opcode::PowF64, 0x8a0c_22bc_f37e_264f),
        (Opcode::Atan2F64, 0x39c9_35d6_374d_83c7),
        (Opcode::HypotF64, 0xcb41_789f_3af9_1790),
        (Opcode::ExpF64, 0x0310_e074_29ef_0d36),
        (Opcode::Exp2F64, 0x6669_13b9_bfb4_ccd9),
        (Opcode::Expm1F64, 0xa30a_301a_1998_d76a),
        (Opcode::LnF64, 0x474b_69cb_afc6_1bc4),
        (Opcode::Ln1pF64, 0xf799_78d3_3d05_b06c),
        (Opcode::Log2F64, 0x12ce_16f3_fa70_fb9e),
        (Opcode::Log10F64, 0x4c6d_c5a9_7caa_1e61),
        (Opcode::CbrtF64, 0xc151_6ab2_a878_ac9e),
        (Opcode::SinF64, 0xfeb0_ec07_d0eb_27a3),
        (Opcode::CosF64, 0xea94_63bf_e8cc_87f0),
        (Opcode::TanF64, 0x3e50_e2a2_0309_e517),
        (Opcode::AsinF64, 0xb2fc_1d78_6a04_724d),
        (Opcode::AcosF64, 0x3489_d1bc_7592_b975),
        (Opcode::AtanF64, 0x7bc8_e07a_cbcc_17bf),
        (Opcode::SinhF64, 0x8104_65ba_dc3c_3a72),
        (Opcode::CoshF64, 0x33b1_bec2_a5a3_c0f8),
        (Opcode::TanhF64, 0x0bf2_47bf_a4f1_a39c),
    ];
    let got: Vec<(Opcode, u64)> = wanted.iter().map(|(op, _)| (*op, digest(*op))).collect();
    assert_eq!(got, wanted);
}

/// FNV-1a over the results for 20,000 operands.
fn digest(op: Opcode) -> u64 {
    let mut rng = Rng::new(14);
    let arity = mvm_testkit::program::operand_types(op).count();
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for round in 0..20_000 {
        // Every other time an operand that inverse functions are defined for.
        let mut operand = || if round % 2 == 0 { rng.float() } else { rng.float() % 1.0 };
        let args: Vec<f64> = (0..arity).map(|_| sem::canonical(operand())).collect();
        for byte in hard(op, &args).to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash
}
