//! What is known of the registers in the body of an innermost loop: how they grow, and how large they can be.

use std::collections::BTreeMap;

use mvm_isa::{Access, Opcode, field_a, field_b, field_c, imm32, visit_registers};
use mvm_module::Function;
use mvm_module::cfg::{instructions, instructions_from};

/// By how much something grows in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Number(i64),
    /// A number times a register.
    Register(i64, u16),
}

/// A part of a sum: a number times a register, and times another one if there is one, as they are in front of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    pub(super) times: i64,
    pub(super) register: u16,
    pub(super) other: Option<u16>,
}

/// A number that grows evenly: what it is in the first turn, as a sum, and by how much it grows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Linear {
    pub(super) terms: Vec<Term>,
    /// A number that is added.
    pub(super) offset: i64,
    pub(super) step: Step,
    /// Whether it comes from instructions that trap when they overflow, or from products: what it is can be told from its sum only
    /// while the registers are small.
    pub(super) small: bool,
}

/// Parts of a sum, at most.
const TERMS_MAX: usize = 4;
/// How often registers may be in a sum together, and products of two of them. Registers are below 2^30 in front of the loop, up or down, and
/// there are fewer than 2^31 turns, so products and what grows by a register stay below 2^62 each, and the rest below 2^52.
const TIMES_MAX: i64 = 1 << 20;
const PRODUCTS_MAX: i64 = 1;

impl Linear {
    fn number(offset: i64) -> Linear {
        Linear { terms: Vec::new(), offset, step: Step::Number(0), small: false }
    }

    fn register(register: u16, step: Step) -> Linear {
        let terms = vec![Term { times: 1, register, other: None }];
        Linear { terms, offset: 0, step, small: false }
    }

    /// Whether it is this register and nothing else.
    pub(super) fn is(&self, register: u16) -> bool {
        self.terms == [Term { times: 1, register, other: None }] && self.offset == 0
    }

    /// Whether it is the same in all turns.
    pub(super) fn is_fixed(&self) -> bool {
        self.step == Step::Number(0)
    }

    /// All registers that it is made of, but for this one.
    pub(super) fn registers(&self, but: u16) -> impl Iterator<Item = u16> {
        let step = match self.step {
            Step::Register(_, register) => Some(register),
            Step::Number(_) => None,
        };
        let terms = self.terms.iter().flat_map(|term| [Some(term.register), term.other]);
        terms.chain([step]).flatten().filter(move |&register| register != but)
    }

    /// The sum of both. What cancels out stays as a part that counts nothing: it has to be small too, because on the way to the sum it
    /// could overflow.
    fn plus(mut self, other: Linear) -> Option<Linear> {
        self.step = match (self.step, other.step) {
            (Step::Number(a), Step::Number(b)) => Step::Number(a + b),
            (step, Step::Number(0)) | (Step::Number(0), step) => step,
            _ => return None,
        };
        for term in other.terms {
            let same = |known: &&mut Term| (known.register, known.other) == (term.register, term.other);
            match self.terms.iter_mut().find(same) {
                Some(known) => known.times += term.times,
                None => self.terms.push(term),
            }
        }
        self.offset = self.offset.checked_add(other.offset)?;
        self.small |= other.small;
        self.fits()
    }

    /// So many times as much.
    fn times(mut self, number: i64) -> Option<Linear> {
        self.offset = self.offset.checked_mul(number)?;
        for term in &mut self.terms {
            term.times = term.times.checked_mul(number)?;
        }
        self.step = match self.step {
            Step::Number(step) => Step::Number(step.checked_mul(number)?),
            Step::Register(times, register) => Step::Register(times.checked_mul(number)?, register),
        };
        self.fits()
    }

    /// Times a register that does not change in the loop.
    fn times_register(mut self, factor: u16) -> Option<Linear> {
        for term in &mut self.terms {
            if term.other.is_some() {
                return None;
            }
            // In order, so that equal ones are found.
            (term.register, term.other) = (term.register.min(factor), Some(term.register.max(factor)));
        }
        if self.offset != 0 {
            self.terms.push(Term { times: self.offset, register: factor, other: None });
            self.offset = 0;
        }
        self.step = match self.step {
            Step::Number(0) => Step::Number(0),
            Step::Number(step) => Step::Register(step, factor),
            Step::Register(..) => return None,
        };
        self.small = true;
        self.fits()
    }

    /// Nothing of it can overflow while the registers are small.
    fn fits(self) -> Option<Linear> {
        let sum = |product: bool| {
            let of = self.terms.iter().filter(|term| term.other.is_some() == product);
            of.fold(0i64, |sum, term| sum.saturating_add(term.times.saturating_abs()))
        };
        let steps = match self.step {
            Step::Number(step) => step.saturating_abs() <= TIMES_MAX,
            Step::Register(times, _) => times.saturating_abs() <= PRODUCTS_MAX,
        };
        let fits = steps
            && self.terms.len() <= TERMS_MAX
            && sum(false) <= TIMES_MAX
            && sum(true) <= PRODUCTS_MAX
            && self.offset.saturating_abs() <= 1 << 40;
        fits.then_some(self)
    }
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
            && let (Opcode::AddI64 | Opcode::AddCheckedI64, ins) = self.at(place)?
        {
            let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
            let step = match (a == b, a == c) {
                (true, false) if self.is_fixed(c) => c,
                (false, true) if self.is_fixed(b) => b,
                _ => return None,
            };
            return Some(Growth { first: place, parts: Vec::new(), step: Step::Register(1, step) });
        }
        let part = |&place: &u32| match self.at(place)? {
            (Opcode::AddI64Imm | Opcode::AddCheckedI64Imm, ins)
                if field_a(ins) == register && field_b(ins) == register =>
            {
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

    /// What a register is at `pc`, if it grows evenly.
    pub(super) fn linear(&self, register: u16, pc: u32, end: u32, depth: usize) -> Option<Linear> {
        if self.is_fixed(register) {
            return Some(match self.constants.get(&register) {
                Some(&number) if (number as i64).saturating_abs() <= TIMES_MAX => {
                    Linear::number(number as i64)
                }
                _ => Linear::register(register, Step::Number(0)),
            });
        }
        if let Some(Growth { first, parts, step }) = self.growth(register, end) {
            let mut linear = Linear::register(register, step);
            if let Step::Register(times, step) = step
                && self.has_passed(first, pc)?
            {
                linear.terms.push(Term { times, register: step, other: None });
            }
            for (place, number) in parts {
                linear.offset += if self.has_passed(place, pc)? { number } else { 0 };
            }
            return Some(linear);
        }
        let place = self.source(register, pc)?;
        let (op, ins) = self.at(place)?;
        self.result(op, ins, place, end, depth.checked_sub(1)?)
    }

    /// What an instruction at `pc` gives, if that grows evenly.
    pub(super) fn result(&self, op: Opcode, ins: u64, pc: u32, end: u32, depth: usize) -> Option<Linear> {
        let imm = i64::from(field_c(ins) as i16);
        let of = |register| self.linear(register, pc, end, depth);
        let (b, c) = (field_b(ins), field_c(ins));
        let mut result = match op {
            Opcode::ConstI64 => Linear::number(i64::from(imm32(ins))),
            Opcode::Mov => of(b)?,
            Opcode::AddI64Imm | Opcode::AddCheckedI64Imm => of(b)?.plus(Linear::number(imm))?,
            Opcode::AddI64 | Opcode::AddCheckedI64 => of(b)?.plus(of(c)?)?,
            Opcode::SubI64 | Opcode::SubCheckedI64 => of(b)?.plus(of(c)?.times(-1)?)?,
            Opcode::MulI64Imm => of(b)?.times(imm)?,
            Opcode::ShlI64Imm if (0..20).contains(&imm) => of(b)?.times(1 << imm)?,
            Opcode::MulI64 | Opcode::MulCheckedI64 => {
                let (x, y) = (of(b)?, of(c)?);
                match (&x.terms[..], &y.terms[..]) {
                    ([], _) if x.is_fixed() => y.times(x.offset)?,
                    (_, []) if y.is_fixed() => x.times(y.offset)?,
                    (_, [one]) if y.is(one.register) && y.is_fixed() => x.times_register(one.register)?,
                    ([one], _) if x.is(one.register) && x.is_fixed() => y.times_register(one.register)?,
                    _ => return None,
                }
            }
            _ => return None,
        };
        result.small |= may_overflow(op);
        Some(result)
    }
}

/// Whether an instruction on integers traps when its result does not fit.
pub(super) fn may_overflow(op: Opcode) -> bool {
    matches!(
        op,
        Opcode::AddCheckedI64 | Opcode::AddCheckedI64Imm | Opcode::SubCheckedI64 | Opcode::MulCheckedI64
    )
}
