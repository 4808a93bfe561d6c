//! Judges single instructions apart from types: canonical words, registers, branches, counts.

use mvm_isa::{
    Access, DecodeError, Effect, NO_REG, Opcode, Operand, Shape, field_a, sem, visit_registers, visit_targets,
};

use crate::model::limits;
use crate::verify::error::Says;
use crate::verify::function::Checker;
use crate::verify::rules::Rule;

/// Where each instruction has operands: computed once from the table.
pub(super) struct Layouts(Vec<[u64; 2]>);

impl Layouts {
    pub(super) fn new() -> Layouts {
        Layouts(Opcode::ALL.iter().map(|&op| used_bits(op)).collect())
    }
}

/// Bits of the first two words that hold operands, lists apart.
fn used_bits(op: Opcode) -> [u64; 2] {
    const OP: u64 = 0xffff;
    let info = op.info();
    let by_register = matches!(info.operands, [Operand::Src(_)]);
    match info.shape {
        Shape::Fixed => {
            let mut used = [OP, 0];
            for (slot, operand) in info.operands.iter().enumerate() {
                match operand {
                    Operand::Imm32 | Operand::Literal | Operand::Label32 | Operand::Func => {
                        used[0] |= 0xffff_ffff << 32;
                    }
                    Operand::WordI64 | Operand::WordF64 => used[1] = u64::MAX,
                    Operand::Def(_)
                    | Operand::Src(_)
                    | Operand::Imm16
                    | Operand::Type
                    | Operand::Field
                    | Operand::Weight
                    | Operand::FrameSize
                    | Operand::Label16 => {
                        let (word, slot) = if slot < 3 { (0, slot + 1) } else { (1, slot - 3) };
                        used[word] |= 0xffff << (16 * slot);
                    }
                }
            }
            used
        }
        // The register of a function reference takes 16 bits of the field for the target.
        Shape::Call | Shape::Bind if by_register => [!(0xff << 48), u64::MAX],
        Shape::CallMany if by_register => [!(0xffff << 48), u64::MAX],
        Shape::TailCall if by_register => [!(0xffff << 48 | 0xff << 24), u64::MAX],
        Shape::TailCall => [!(0xff << 24), u64::MAX],
        Shape::RetMany => [OP | OP << 16, u64::MAX],
        Shape::Call | Shape::CallMany | Shape::Bind | Shape::NewWith | Shape::Switch | Shape::Sys => {
            [u64::MAX; 2]
        }
    }
}

/// Whether all places of a list after its first `count` are 0. `words` is the list.
fn tail_is_zero(words: &[u64], count: usize) -> bool {
    let (full, rest) = (count / 4, count % 4);
    words
        .iter()
        .skip(full)
        .enumerate()
        .all(|(k, &word)| if k == 0 { word >> (16 * rest) == 0 } else { word == 0 })
}

impl Checker<'_, '_> {
    pub(super) fn undecodable(&mut self, error: DecodeError) {
        match error {
            DecodeError::UnknownOpcode(code) => {
                self.error(Rule::I1, format!("no instruction has the opcode {code:#06x}"));
            }
            DecodeError::Truncated(needs) => {
                let left = self.function.code.len() - self.pc as usize;
                let says = Says::both(
                    "the code ends inside an instruction",
                    format!("{needs} words"),
                    left.to_string(),
                );
                self.error(Rule::I2, says);
            }
        }
    }

    /// Judges the instruction at `self.pc`.
    pub(super) fn instruction(&mut self, op: Opcode, words: &[u64]) {
        let info = op.info();
        if !self.counts(op, words) {
            return;
        }
        if !self.is_canonical(op, words) {
            self.error(Rule::I3, format!("unused bits of `{}` are not 0", info.name));
        }
        if op == Opcode::Enter {
            self.asks(Rule::I8);
            if self.pc != 0 {
                self.error(Rule::I8, "`enter` stands inside the function");
            }
        }
        if op == Opcode::ConstF64 {
            self.asks(Rule::I13);
        }
        if op == Opcode::ConstF64 && f64::from_bits(words[1]).is_nan() && words[1] != sem::NAN.to_bits() {
            let says =
                Says::both("bits of a NaN", format!("{:#x}", sem::NAN.to_bits()), format!("{:#x}", words[1]));
            self.error(Rule::I13, says);
        }
        self.branches(op, words);
        if self.registers(op, words) {
            self.types(op, words);
        }
    }

    /// Counts that the layout itself limits. Without them the lists cannot be read.
    fn counts(&mut self, op: Opcode, words: &[u64]) -> bool {
        let word = words[0];
        let (what, count, range) = match op.info().shape {
            Shape::Call => ("arguments", (word >> 56) as usize, 0..=3),
            Shape::Bind => ("bound registers", (word >> 56) as usize, 0..=limits::BOUND_MAX),
            Shape::RetMany => ("results", usize::from(field_a(word)), 2..=limits::RESULTS_MAX),
            Shape::CallMany | Shape::Sys => {
                ("results", (word >> 24 & 0xff) as usize, 0..=limits::RESULTS_MAX)
            }
            Shape::Fixed | Shape::TailCall | Shape::NewWith | Shape::Switch => return true,
        };
        self.asks(Rule::I11);
        if !range.contains(&count) {
            let expected = format!("{} to {}", range.start(), range.end());
            self.error(
                Rule::I11,
                Says::both(format!("{what} of `{}`", op.info().name), expected, count.to_string()),
            );
            return false;
        }
        true
    }

    fn is_canonical(&self, op: Opcode, words: &[u64]) -> bool {
        let [first, second] = self.layouts.0[op as usize];
        let word = words[0];
        let args = (word >> 16 & 0xff) as usize;
        let results = (word >> 24 & 0xff) as usize;
        if word & !first != 0 {
            return false;
        }
        match op.info().shape {
            Shape::Fixed => words.get(1).is_none_or(|word| word & !second == 0),
            Shape::Call => tail_is_zero(&words[1..], 1 + (word >> 56) as usize),
            Shape::CallMany => {
                let (list, more) = words[1..].split_at(words.len() - 1 - results.div_ceil(4));
                tail_is_zero(list, 1 + args) && tail_is_zero(more, results)
            }
            Shape::TailCall => tail_is_zero(&words[1..], args),
            Shape::RetMany => tail_is_zero(&words[1..], usize::from(field_a(word))),
            Shape::Bind => tail_is_zero(&words[1..], (word >> 56) as usize),
            Shape::NewWith => tail_is_zero(&words[1..], (word >> 48) as usize),
            Shape::Switch => {
                let targets = usize::from(mvm_isa::field_b(word)) + 1;
                tail_is_zero(&words[1..], 2 * targets)
            }
            Shape::Sys => {
                let (list, more) = words[1..].split_at(args.div_ceil(4));
                tail_is_zero(list, args) && tail_is_zero(more, results)
            }
        }
    }

    fn branches(&mut self, op: Opcode, words: &[u64]) {
        let info = op.info();
        let back = info.has(Effect::Charges);
        let short = back && matches!(info.operands.last(), Some(Operand::Label16));
        let is_switch = info.shape == Shape::Switch;
        let mut backward = 0;
        visit_targets(op, words, |offset| {
            self.asks(Rule::I5);
            self.asks(Rule::I6);
            let target = i64::from(self.pc) + offset;
            if !self.is_start(target) {
                self.error(
                    Rule::I5,
                    format!("`{}` goes to {target}, where no instruction starts", info.name),
                );
            } else if self.is_enter(target) {
                self.error(Rule::I5, format!("`{}` goes to `enter`", info.name));
            }
            backward += usize::from(offset <= 0);
            if offset <= 0 && !back {
                self.error(Rule::I6, format!("`{}` goes here or back, to {target}", info.name));
            } else if offset > 0 && back && !is_switch {
                self.error(Rule::I6, format!("`{}` goes forward, to {target}", info.name));
            }
            if short {
                self.asks(Rule::I10);
            }
            if short && -offset > limits::SHORT_BACK_WORDS_MAX as i64 {
                let message = format!(
                    "`{}` goes back {} words, the limit is {}",
                    info.name,
                    -offset,
                    limits::SHORT_BACK_WORDS_MAX
                );
                self.error(Rule::I10, message);
            }
        });
        if is_switch && back && backward == 0 {
            self.error(Rule::I6, format!("`{}` has no target here or behind", info.name));
        }
    }

    /// Reads the register operands into `self.room`; whether they all exist.
    fn registers(&mut self, op: Opcode, words: &[u64]) -> bool {
        let count = self.function.registers.len();
        let mut missing = None;
        self.room.sources.clear();
        self.room.results.clear();
        visit_registers(op, words, |access, register| {
            if usize::from(register) >= count {
                missing.get_or_insert(register);
            }
            match access {
                Access::Src => self.room.sources.push(register),
                Access::Def => self.room.results.push(register),
            }
        });
        if !self.room.sources.is_empty() || !self.room.results.is_empty() {
            self.asks(Rule::I4);
        }
        if let Some(register) = missing {
            let message = match register {
                NO_REG => format!("an operand of `{}` is no register", op.info().name),
                _ => format!("`{}` names register {register} of {count}", op.info().name),
            };
            self.error(Rule::I4, message);
            return false;
        }
        if self.room.results.len() > 1 {
            self.asks(Rule::I12);
        }
        let results = &self.room.results;
        let again = (1..results.len()).find(|&k| results[..k].contains(&results[k]));
        if let Some(k) = again {
            let register = self.register_name(self.room.results[k]);
            self.error(Rule::I12, format!("`{}` writes {register} twice", op.info().name));
        }
        true
    }
}
