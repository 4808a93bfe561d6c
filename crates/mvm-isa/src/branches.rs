//! How instructions are related: forward and backward forms, opposites, and forms with an immediate.
//!
//! Backward forms and forms with an immediate follow from the names in the table (`_back`, `_imm`); opposites stand
//! here, because no column of the table says them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::ops::Opcode;
use crate::table::Effect;

/// Branches and their opposites, and whether the operands change places.
const INVERSES: &[(Opcode, Opcode, bool)] = &[
    (Opcode::BeqI64, Opcode::BneI64, false),
    (Opcode::BltI64, Opcode::BleI64, true),
    (Opcode::BltuI64, Opcode::BleuI64, true),
    (Opcode::BeqI64Imm, Opcode::BneI64Imm, false),
    (Opcode::BltI64Imm, Opcode::BgeI64Imm, false),
    (Opcode::BleI64Imm, Opcode::BgtI64Imm, false),
    (Opcode::BeqF64, Opcode::BneF64, false),
    (Opcode::BltF64, Opcode::BnltF64, false),
    (Opcode::BleF64, Opcode::BnleF64, false),
    (Opcode::Bnull, Opcode::Bnonnull, false),
];

struct Relations {
    backward: Vec<Option<Opcode>>,
    forward: Vec<Option<Opcode>>,
    opposite: Vec<Option<(Opcode, bool)>>,
    immediate: Vec<Option<Opcode>>,
}

static RELATIONS: LazyLock<Relations> = LazyLock::new(|| {
    let names: BTreeMap<&str, Opcode> = Opcode::ALL.iter().map(|&op| (op.info().name, op)).collect();
    let count = Opcode::ALL.len();
    let mut all = Relations {
        backward: vec![None; count],
        forward: vec![None; count],
        opposite: vec![None; count],
        immediate: vec![None; count],
    };
    for (name, &op) in &names {
        if let Some(&forward) = name.strip_suffix("_back").and_then(|name| names.get(name)) {
            all.backward[forward as usize] = Some(op);
            all.forward[op as usize] = Some(forward);
        }
        if let Some(&plain) = name.strip_suffix("_imm").and_then(|name| names.get(name)) {
            all.immediate[plain as usize] = Some(op);
        }
    }
    for &(a, b, swap) in INVERSES {
        for (from, to) in [(a, b), (b, a)] {
            all.opposite[from as usize] = Some((to, swap));
            if let Some(back) = all.backward[from as usize] {
                all.opposite[back as usize] = Some((to, swap));
            }
        }
    }
    all
});

impl Opcode {
    /// The form of a forward branch that goes here or backwards; none for branches that only go forward.
    pub fn backward(self) -> Option<Opcode> {
        RELATIONS.backward[self as usize]
    }

    /// The form of a branch that goes forward: the instruction itself, unless it is a backward one.
    pub fn forward(self) -> Opcode {
        RELATIONS.forward[self as usize].unwrap_or(self)
    }

    /// The forward branch that is taken exactly when this one (forward or backward) is not, and whether its operands
    /// change places. None for instructions that are no conditional branches.
    pub fn opposite(self) -> Option<(Opcode, bool)> {
        RELATIONS.opposite[self as usize]
    }

    /// The form whose last register is an immediate of 16 bits.
    pub fn immediate(self) -> Option<Opcode> {
        RELATIONS.immediate[self as usize]
    }

    /// Whether it does nothing but compute its results from registers, and always gives them: no trap, no heap, no
    /// world. Moves and constants of numbers and null are such instructions; branches are not.
    pub fn is_plain(self) -> bool {
        let info = self.info();
        info.traps.is_empty()
            && info.effects.is_empty()
            && !matches!(self, Opcode::Nop | Opcode::Brk)
            && self.opposite().is_none()
    }

    /// Whether it computes its results from registers and the heap, changes nothing, and always gives them.
    pub fn only_reads(self) -> bool {
        let info = self.info();
        info.traps.is_empty() && info.effects == [Effect::Reads]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sem;
    use crate::table::{OpKind, Operand};

    #[test]
    fn conditional_branches_have_opposites() {
        for &op in Opcode::ALL {
            let info = op.info();
            let labels = info.operands.iter().any(|o| matches!(o, Operand::Label16 | Operand::Label32));
            let conditional = labels && !info.has(Effect::Ends);
            assert_eq!(op.opposite().is_some(), conditional, "{}", info.name);
        }
    }

    #[test]
    fn opposites_are_taken_when_the_others_are_not() {
        let values = [0, 1, -1, 5, i64::MAX, i64::MIN, f64::NAN.to_bits() as i64, 1.5f64.to_bits() as i64];
        for &op in Opcode::ALL.iter().filter(|op| op.info().kind != OpKind::Special) {
            let Some((other, swap)) = op.opposite() else { continue };
            for (x, y) in values.iter().flat_map(|&x| values.map(|y| (x as u64, y as u64))) {
                let taken = sem::eval(op, &[x, y]).unwrap().unwrap();
                let (x, y) = if swap { (y, x) } else { (x, y) };
                assert_eq!(sem::eval(other, &[x, y]), Some(Ok(1 - taken)), "{op:?} {x} {y}");
            }
        }
    }

    #[test]
    fn immediate_forms_mean_the_same() {
        for &op in Opcode::ALL.iter().filter(|op| op.info().kind != OpKind::Special) {
            let Some(imm) = op.immediate() else { continue };
            for (x, y) in [(5, 3), (-5, 3), (7, -1), (0, 0), (i64::MIN, -1)] {
                let args = [x as u64, y as u64];
                assert_eq!(sem::eval(op, &args), sem::eval(imm, &args), "{op:?}");
            }
        }
    }

    #[test]
    fn plain_instructions_are_those_without_anything_else() {
        for op in [Opcode::Mov, Opcode::ConstI64, Opcode::AddI64, Opcode::Select, Opcode::IsNull] {
            assert!(op.is_plain(), "{op:?}");
        }
        for op in [Opcode::DivI64, Opcode::ConstLiteral, Opcode::GetI64, Opcode::BltI64, Opcode::Brk] {
            assert!(!op.is_plain(), "{op:?}");
        }
        assert!(
            Opcode::ArrayLen.only_reads() && !Opcode::GetI64.only_reads() && !Opcode::Serial.only_reads()
        );
    }
}
