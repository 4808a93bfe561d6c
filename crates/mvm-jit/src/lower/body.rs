//! What is known of the registers in the body of an innermost loop: how they grow, and how large they can be.

use std::collections::BTreeMap;

use mvm_isa::{Access, Opcode, field_a, field_b, field_c, imm32, visit_registers};
use mvm_module::Function;
use mvm_module::cfg::{instructions, instructions_from};

/// By how much something grows in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Number(i64),
    Register(u16),
}

/// An index as it is in the first turn, and how it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Index {
    pub(super) register: u16,
    /// A register that is added.
    pub(super) plus: Option<u16>,
    /// A number that is added.
    pub(super) offset: i64,
    pub(super) step: Step,
}

/// How a register grows in a turn.
pub(super) struct Growth {
    /// Where it is written first.
    pub(super) first: u32,
    /// Where numbers are added, each once in a turn.
    pub(super) parts: Vec<(u32, i64)>,
    pub(super) step: Step,
}

/// What is known of the instructions of a loop.
pub(super) struct Body<'c> {
    code: &'c [u64],
    /// Where each register is written.
    pub(super) writes: BTreeMap<u16, Vec<u32>>,
    /// Branches inside, from and to.
    pub(super) branches: Vec<(u32, u32)>,
    /// Registers that hold a number wherever they are read: they are written once in the function.
    constants: BTreeMap<u16, u64>,
}

impl<'c> Body<'c> {
    /// Of a loop of this function, which has no instructions yet.
    pub(super) fn new(function: &'c Function) -> Body<'c> {
        let mut constants = BTreeMap::new();
        let mut others: Vec<u16> = (0..function.params).collect();
        for (_, op, words) in instructions(&function.code) {
            visit_registers(op, words, |access, register| {
                if access == Access::Def {
                    let number = match op {
                        Opcode::ConstI64 => Some(i64::from(imm32(words[0])) as u64),
                        _ => None,
                    };
                    match number.filter(|_| !constants.contains_key(&register)) {
                        Some(number) => _ = constants.insert(register, number),
                        None => others.push(register),
                    }
                }
            });
        }
        for register in others {
            constants.remove(&register);
        }
        Body { code: &function.code, writes: BTreeMap::new(), branches: Vec::new(), constants }
    }

    /// The instruction at a place.
    pub(super) fn at(&self, pc: u32) -> Option<(Opcode, u64)> {
        instructions_from(self.code, pc).next().map(|(_, op, words)| (op, words[0]))
    }

    pub(super) fn is_fixed(&self, register: u16) -> bool {
        !self.writes.contains_key(&register)
    }

    /// Whether every way through a turn that comes to `pc` comes by `place` before, which is in front of it.
    fn always_before(&self, place: u32, pc: u32) -> bool {
        place < pc && !self.branches.iter().any(|&(from, to)| from < place && to > place && to <= pc)
    }

    /// Where a register has been written last when control is at `pc`, if that is one place in this turn.
    fn source(&self, register: u16, pc: u32) -> Option<u32> {
        let places = self.writes.get(&register)?;
        let place = *places.iter().rev().find(|&&place| place < pc)?;
        self.always_before(place, pc).then_some(place)
    }

    /// What a register holds at `pc` at most, as a number without sign.
    pub(super) fn most(&self, register: u16, pc: u32, depth: usize) -> u64 {
        if let Some(&number) = self.constants.get(&register) {
            return number;
        }
        let found = self.source(register, pc).filter(|_| depth > 0);
        let Some((place, (op, ins))) = found.and_then(|place| Some((place, self.at(place)?))) else {
            return u64::MAX;
        };
        let (b, c) = (field_b(ins), field_c(ins));
        let imm = i64::from(c as i16) as u64;
        let most = |register| self.most(register, place, depth - 1);
        // As many ones as are needed for both.
        let ones = |x: u64, y: u64| u64::MAX.checked_shr((x | y).leading_zeros()).unwrap_or(0);
        match op {
            Opcode::ConstI64 => i64::from(imm32(ins)) as u64,
            Opcode::Mov => most(b),
            Opcode::GetU8 => u64::from(u8::MAX),
            Opcode::GetU16 => u64::from(u16::MAX),
            Opcode::GetU32 => u64::from(u32::MAX),
            Opcode::Zext8I64 => most(b).min(u64::from(u8::MAX)),
            Opcode::Zext16I64 => most(b).min(u64::from(u16::MAX)),
            Opcode::Zext32I64 => most(b).min(u64::from(u32::MAX)),
            Opcode::AndI64 => most(b).min(most(c)),
            Opcode::AndI64Imm => most(b).min(imm),
            Opcode::OrI64 | Opcode::XorI64 => ones(most(b), most(c)),
            Opcode::OrI64Imm | Opcode::XorI64Imm => ones(most(b), imm),
            Opcode::AddI64 => most(b).saturating_add(most(c)),
            Opcode::AddI64Imm => most(b).saturating_add(imm),
            Opcode::ShruI64Imm => most(b) >> (imm & 63),
            Opcode::ShlI64Imm if u64::from(most(b).leading_zeros()) >= imm & 63 => most(b) << (imm & 63),
            // Without sign, both are numbers of the same kind.
            Opcode::RemI64Imm if most(b) <= i64::MAX as u64 && imm as i64 > 0 => most(b).min(imm - 1),
            Opcode::DivI64Imm if most(b) <= i64::MAX as u64 && imm as i64 > 0 => most(b) / imm,
            _ => u64::MAX,
        }
    }

    /// How a register grows in a turn that ends at `end`, if it does: in each turn the same, wherever it is written.
    pub(super) fn growth(&self, register: u16, end: u32) -> Option<Growth> {
        let places = self.writes.get(&register)?;
        if !places.iter().all(|&place| self.always_before(place, end)) {
            return None;
        }
        if let [place] = places[..]
            && let (Opcode::AddI64, ins) = self.at(place)?
        {
            let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
            let step = match (a == b, a == c) {
                (true, false) if self.is_fixed(c) => c,
                (false, true) if self.is_fixed(b) => b,
                _ => return None,
            };
            return Some(Growth { first: place, parts: Vec::new(), step: Step::Register(step) });
        }
        let part = |&place: &u32| match self.at(place)? {
            (Opcode::AddI64Imm, ins) if field_a(ins) == register && field_b(ins) == register => {
                Some((place, i64::from(field_c(ins) as i16)))
            }
            _ => None,
        };
        let parts: Vec<(u32, i64)> = places.iter().map(part).collect::<Option<_>>()?;
        let sum = parts.iter().map(|&(_, number)| number).sum();
        Some(Growth { first: *places.first()?, parts, step: Step::Number(sum) })
    }

    /// Whether control has come by `place` in this turn when it is at `pc`. None where that differs.
    fn has_passed(&self, place: u32, pc: u32) -> Option<bool> {
        (pc <= place || self.always_before(place, pc)).then_some(pc > place)
    }

    /// A register as an index at `pc`, if it grows evenly.
    pub(super) fn index(&self, register: u16, pc: u32, end: u32, depth: usize) -> Option<Index> {
        if self.is_fixed(register) {
            return Some(Index { register, plus: None, offset: 0, step: Step::Number(0) });
        }
        if let Some(Growth { first, parts, step }) = self.growth(register, end) {
            let mut index = Index { register, plus: None, offset: 0, step };
            if let Step::Register(step) = step {
                index.plus = self.has_passed(first, pc)?.then_some(step);
            }
            for (place, number) in parts {
                index.offset += if self.has_passed(place, pc)? { number } else { 0 };
            }
            return Some(index);
        }
        if depth == 0 {
            return None;
        }
        let place = self.source(register, pc)?;
        let (op, ins) = self.at(place)?;
        let (b, c) = (field_b(ins), field_c(ins));
        match op {
            Opcode::Mov => self.index(b, place, end, depth - 1),
            Opcode::AddI64Imm => {
                let mut index = self.index(b, place, end, depth - 1)?;
                index.offset += i64::from(c as i16);
                Some(index)
            }
            Opcode::AddI64 => {
                let (grows, fixed) = if self.is_fixed(c) { (b, c) } else { (c, b) };
                let mut index = self.index(grows, place, end, depth - 1)?;
                if !self.is_fixed(fixed) || index.plus.is_some() {
                    return None;
                }
                index.plus = Some(fixed);
                Some(index)
            }
            _ => None,
        }
    }
}
