//! Numbers: constants, arithmetic, comparisons, conversions.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use mvm_isa::{Opcode, field_a, field_b, field_c, imm32};

use super::Lower;

impl Lower<'_, '_> {
    /// Constants, moves and arithmetic that is done in place. False for everything else.
    pub(super) fn value(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let ins = words[0];
        let b = field_b(ins);
        let value = match op {
            Opcode::Mov => self.reg(b),
            Opcode::Select => {
                let (which, yes, no) = (self.reg(b), self.reg(field_c(ins)), self.reg(words[1] as u16));
                self.b.ins().select(which, yes, no)
            }
            Opcode::ConstI64 => self.int(i64::from(imm32(ins))),
            Opcode::ConstI64Wide => self.int(words[1] as i64),
            Opcode::ConstF64 => self.b.ins().f64const(f64::from_bits(words[1])),
            Opcode::ConstNull => self.int(0),
            Opcode::NegI64 => {
                let x = self.reg(b);
                self.b.ins().ineg(x)
            }
            Opcode::NotI64 => {
                let x = self.reg(b);
                self.b.ins().bnot(x)
            }
            Opcode::ClzI64 | Opcode::CtzI64 | Opcode::PopcntI64 | Opcode::BswapI64 | Opcode::AbsI64 => {
                let x = self.reg(b);
                match op {
                    Opcode::ClzI64 => self.b.ins().clz(x),
                    Opcode::CtzI64 => self.b.ins().ctz(x),
                    Opcode::PopcntI64 => self.b.ins().popcnt(x),
                    Opcode::BswapI64 => self.b.ins().bswap(x),
                    _ => self.b.ins().iabs(x),
                }
            }
            Opcode::MulhI64 | Opcode::MulhuI64 => {
                let (x, y) = (self.reg(b), self.reg(field_c(ins)));
                match op {
                    Opcode::MulhI64 => self.b.ins().smulhi(x, y),
                    _ => self.b.ins().umulhi(x, y),
                }
            }
            Opcode::IsNull => {
                let x = self.reg(b);
                let null = self.b.ins().icmp_imm_s(IntCC::Equal, x, 0);
                self.b.ins().uextend(types::I64, null)
            }
            _ => {
                let found = self.float(op, ins).or_else(|| self.trapping(pc, op, ins));
                match found.or_else(|| self.by_name(op, ins)) {
                    Some(value) => value,
                    None => return false,
                }
            }
        };
        self.set(field_a(ins), value);
        if op == Opcode::AddI64Imm && field_a(ins) == b && !self.frame.heads.is_empty() && !self.is_straight()
        {
            self.changed.push(b);
        }
        true
    }

    /// Float arithmetic, and conversions that cannot trap.
    fn float(&mut self, op: Opcode, ins: u64) -> Option<Value> {
        let (b, c) = (field_b(ins), field_c(ins));
        Some(match op {
            Opcode::SqrtF64
            | Opcode::FloorF64
            | Opcode::CeilF64
            | Opcode::TruncF64
            | Opcode::NegF64
            | Opcode::AbsF64 => {
                let x = self.reg(b);
                match op {
                    Opcode::SqrtF64 => self.b.ins().sqrt(x),
                    Opcode::FloorF64 => self.b.ins().floor(x),
                    Opcode::CeilF64 => self.b.ins().ceil(x),
                    Opcode::TruncF64 => self.b.ins().trunc(x),
                    Opcode::NegF64 => self.b.ins().fneg(x),
                    _ => self.b.ins().fabs(x),
                }
            }
            Opcode::AddF64 | Opcode::SubF64 | Opcode::MulF64 | Opcode::DivF64 => {
                let (x, y) = (self.reg(b), self.reg(c));
                match op {
                    Opcode::AddF64 => self.b.ins().fadd(x, y),
                    Opcode::SubF64 => self.b.ins().fsub(x, y),
                    Opcode::MulF64 => self.b.ins().fmul(x, y),
                    _ => self.b.ins().fdiv(x, y),
                }
            }
            Opcode::I64ToF64 => {
                let x = self.reg(b);
                self.b.ins().fcvt_from_sint(types::F64, x)
            }
            Opcode::F64ToI64Sat => {
                let x = self.reg(b);
                self.b.ins().fcvt_to_sint_sat(types::I64, x)
            }
            _ => return None,
        })
    }

    /// Integer arithmetic that can trap: then native code leaves.
    fn trapping(&mut self, pc: u32, op: Opcode, ins: u64) -> Option<Value> {
        let (b, c) = (field_b(ins), field_c(ins));
        let imm = i64::from(c as i16);
        Some(match op {
            Opcode::DivI64 | Opcode::RemI64 | Opcode::DivuI64 | Opcode::RemuI64 => {
                let (x, y) = (self.reg(b), self.reg(c));
                let zero = self.b.ins().icmp_imm_s(IntCC::Equal, y, 0);
                self.trap_if(zero, pc);
                if let Opcode::DivI64 | Opcode::RemI64 = op {
                    let minus = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
                    self.bail_if(minus, pc);
                }
                match op {
                    Opcode::DivI64 => self.b.ins().sdiv(x, y),
                    Opcode::RemI64 => self.b.ins().srem(x, y),
                    Opcode::DivuI64 => self.b.ins().udiv(x, y),
                    _ => self.b.ins().urem(x, y),
                }
            }
            Opcode::NegCheckedI64 | Opcode::AbsCheckedI64 => {
                let x = self.reg(b);
                let least = self.b.ins().icmp_imm_s(IntCC::Equal, x, i64::MIN);
                self.trap_if(least, pc);
                match op {
                    Opcode::NegCheckedI64 => self.b.ins().ineg(x),
                    _ => self.b.ins().iabs(x),
                }
            }
            Opcode::DivI64Imm | Opcode::RemI64Imm if imm != 0 && imm != -1 => {
                let (x, y) = (self.reg(b), self.int(imm));
                match op {
                    Opcode::DivI64Imm => self.b.ins().sdiv(x, y),
                    _ => self.b.ins().srem(x, y),
                }
            }
            Opcode::AddCheckedI64
            | Opcode::AddCheckedI64Imm
            | Opcode::SubCheckedI64
            | Opcode::MulCheckedI64 => {
                let x = self.reg(b);
                let y = if op == Opcode::AddCheckedI64Imm { self.int(imm) } else { self.reg(c) };
                // In the copy of a loop it is known that the result fits.
                if self.is_checked(pc) {
                    return Some(match op {
                        Opcode::SubCheckedI64 => self.b.ins().isub(x, y),
                        Opcode::MulCheckedI64 => self.b.ins().imul(x, y),
                        _ => self.b.ins().iadd(x, y),
                    });
                }
                let (value, overflow) = match op {
                    Opcode::SubCheckedI64 => self.b.ins().ssub_overflow(x, y),
                    Opcode::MulCheckedI64 => self.b.ins().smul_overflow(x, y),
                    // A comparison and a branch on it are one; the flag of an addition goes through a register.
                    Opcode::AddCheckedI64Imm => {
                        let value = self.b.ins().iadd_imm_s(x, imm);
                        let wraps = if imm < 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                        let wraps = self.b.ins().icmp(wraps, value, x);
                        (value, wraps)
                    }
                    _ => self.b.ins().sadd_overflow(x, y),
                };
                self.trap_if(overflow, pc);
                value
            }
            _ => return None,
        })
    }

    /// Integer arithmetic that cannot trap, and comparisons: their names say what they are.
    fn by_name(&mut self, op: Opcode, ins: u64) -> Option<Value> {
        let (b, c) = (field_b(ins), field_c(ins));
        let name = op.info().name;
        let stem = name.trim_end_matches("_imm");
        if let Some(stem) = stem.strip_suffix("_f64") {
            let how = float_condition(stem)?;
            let (x, y) = (self.reg(b), self.reg(c));
            let holds = self.b.ins().fcmp(how, x, y);
            return Some(self.b.ins().uextend(types::I64, holds));
        }
        match op {
            Opcode::Sext8I64
            | Opcode::Sext16I64
            | Opcode::Sext32I64
            | Opcode::Zext8I64
            | Opcode::Zext16I64
            | Opcode::Zext32I64 => {
                let x = self.reg(b);
                let small = match op {
                    Opcode::Sext8I64 | Opcode::Zext8I64 => types::I8,
                    Opcode::Sext16I64 | Opcode::Zext16I64 => types::I16,
                    _ => types::I32,
                };
                let x = self.b.ins().ireduce(small, x);
                return Some(match name.starts_with('s') {
                    true => self.b.ins().sextend(types::I64, x),
                    false => self.b.ins().uextend(types::I64, x),
                });
            }
            _ => {}
        }
        let stem = stem.strip_suffix("_i64")?;
        if int_condition(stem).is_none() && !INTEGER.contains(&stem) {
            return None;
        }
        let x = self.reg(b);
        let y = if name.ends_with("_imm") { self.int(i64::from(c as i16)) } else { self.reg(c) };
        Some(self.integer(stem, x, y))
    }

    /// An integer operation of two numbers.
    fn integer(&mut self, stem: &str, x: Value, y: Value) -> Value {
        if let Some(how) = int_condition(stem) {
            let holds = self.b.ins().icmp(how, x, y);
            return self.b.ins().uextend(types::I64, holds);
        }
        match stem {
            "add" => self.b.ins().iadd(x, y),
            "sub" => self.b.ins().isub(x, y),
            "mul" => self.b.ins().imul(x, y),
            "and" => self.b.ins().band(x, y),
            "or" => self.b.ins().bor(x, y),
            "xor" => self.b.ins().bxor(x, y),
            "shl" => self.b.ins().ishl(x, y),
            "shr" => self.b.ins().sshr(x, y),
            "shru" => self.b.ins().ushr(x, y),
            "rotl" => self.b.ins().rotl(x, y),
            "rotr" => self.b.ins().rotr(x, y),
            "min" => self.b.ins().smin(x, y),
            "max" => self.b.ins().smax(x, y),
            "minu" => self.b.ins().umin(x, y),
            "maxu" => self.b.ins().umax(x, y),
            _ => {
                // The 32-bit forms: wrapped, then extended with their sign.
                let (x, y) = (self.b.ins().ireduce(types::I32, x), self.b.ins().ireduce(types::I32, y));
                let value = match stem {
                    "add32" => self.b.ins().iadd(x, y),
                    "sub32" => self.b.ins().isub(x, y),
                    "mul32" => self.b.ins().imul(x, y),
                    "shl32" => self.b.ins().ishl(x, y),
                    "shr32" => self.b.ins().sshr(x, y),
                    "shru32" => self.b.ins().ushr(x, y),
                    "rotl32" => self.b.ins().rotl(x, y),
                    _ => self.b.ins().rotr(x, y),
                };
                self.b.ins().sextend(types::I64, value)
            }
        }
    }
}

/// Integer operations of [`Lower::integer`] beside comparisons.
const INTEGER: [&str; 23] = [
    "add", "sub", "mul", "and", "or", "xor", "shl", "shr", "shru", "rotl", "rotr", "min", "max", "minu",
    "maxu", "add32", "sub32", "mul32", "shl32", "shr32", "shru32", "rotl32", "rotr32",
];

pub(super) fn int_condition(stem: &str) -> Option<IntCC> {
    Some(match stem {
        "eq" => IntCC::Equal,
        "ne" => IntCC::NotEqual,
        "lt" => IntCC::SignedLessThan,
        "le" => IntCC::SignedLessThanOrEqual,
        "gt" => IntCC::SignedGreaterThan,
        "ge" => IntCC::SignedGreaterThanOrEqual,
        "ltu" => IntCC::UnsignedLessThan,
        "leu" => IntCC::UnsignedLessThanOrEqual,
        _ => return None,
    })
}

pub(super) fn float_condition(stem: &str) -> Option<FloatCC> {
    Some(match stem {
        "eq" => FloatCC::Equal,
        "ne" => FloatCC::NotEqual,
        "lt" => FloatCC::LessThan,
        "le" => FloatCC::LessThanOrEqual,
        "nlt" => FloatCC::UnorderedOrGreaterThanOrEqual,
        "nle" => FloatCC::UnorderedOrGreaterThan,
        _ => return None,
    })
}
