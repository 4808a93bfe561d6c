//! Constant folding: instructions and branches whose operands are known become constants and jumps.
//!
//! The value is that of `sem::eval`, the function that executors call. What would trap stays, and traps.

use mvm_isa::{Access, OpKind, Opcode, Operand, TypeId, field_c, sem};

use crate::graph::{End, Graph, Insn};
use crate::passes::Context;
use crate::values::{Fate, Rewriter, Values, Vn, walk};

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    walk(graph, context, &mut Fold)
}

struct Fold;

impl Rewriter for Fold {
    fn insn(&mut self, values: &mut Values<'_>, insn: &mut Insn) -> Fate {
        let Some(to) = insn.result() else { return Fate::Same };
        let folded = match insn.op {
            Opcode::ConstI64 | Opcode::ConstI64Wide | Opcode::ConstF64 | Opcode::ConstNull => None,
            Opcode::Mov => moved(values, insn),
            Opcode::Select => return select(values, insn, to),
            Opcode::IsNull | Opcode::Same => tested(values, insn),
            _ => evaluated(values, insn),
        };
        if let Some(bits) = folded {
            *insn = Insn::constant(to, values.types[usize::from(to)], bits, insn.at);
            return Fate::Changed;
        }
        simplified(values, insn, to)
    }

    fn end(&mut self, values: &mut Values<'_>, end: &mut End) -> bool {
        let to = match end {
            End::Branch { insn, taken, next } => {
                let known = match insn.op {
                    Opcode::Bnull | Opcode::Bnonnull => {
                        let value = values.of(insn.sources()[0]);
                        let null = if values.is_not_null(value) {
                            Some(false)
                        } else {
                            values.constant(value).map(|_| true)
                        };
                        null.map(|null| u64::from(null == (insn.op == Opcode::Bnull)))
                    }
                    _ => evaluated(values, insn),
                };
                known.map(|known| if known != 0 { *taken } else { *next })
            }
            End::Switch { insn, targets } => {
                let value = values.of(insn.sources()[0]);
                values.constant(value).map(|k| {
                    let case = usize::try_from(k as i64).ok().and_then(|k| k.checked_add(1));
                    case.and_then(|case| targets.get(case)).copied().unwrap_or(targets[0])
                })
            }
            End::Jump(_) | End::Leave(_) => None,
        };
        if let Some(to) = to {
            *end = End::Jump(to);
        }
        to.is_some()
    }
}

/// The number or null that is moved.
fn moved(values: &mut Values<'_>, insn: &Insn) -> Option<u64> {
    let value = values.of(insn.sources()[0]);
    values.constant(value)
}

/// Whether a reference is null, or two are one.
fn tested(values: &mut Values<'_>, insn: &Insn) -> Option<u64> {
    let sources: Vec<Vn> = insn.sources().into_iter().map(|register| values.of(register)).collect();
    match *sources {
        [one] if values.is_not_null(one) => Some(0),
        [one] => values.constant(one).map(|_| 1),
        [one, two] if one == two => Some(1),
        [one, two] => {
            let null = |value| values.constant(value).is_some();
            let one_is_null = null(one) && values.is_not_null(two) || null(two) && values.is_not_null(one);
            one_is_null.then_some(0)
        }
        _ => None,
    }
}

/// What a pure instruction gives for operands that are all known; none when that is a trap.
fn evaluated(values: &mut Values<'_>, insn: &Insn) -> Option<u64> {
    let info = insn.op.info();
    if info.kind == OpKind::Special {
        return None;
    }
    let mut args = Vec::with_capacity(3);
    let mut known = true;
    insn.visit(|access, register| {
        if access == Access::Src && known {
            let value = values.of(register);
            match values.constant(value) {
                Some(bits) => args.push(bits),
                None => known = false,
            }
        }
    });
    if !known {
        return None;
    }
    if info.operands.contains(&Operand::Imm16) {
        args.push(immediate(insn) as u64);
    }
    sem::eval(insn.op, &args)?.ok()
}

/// The immediate of an instruction that has one: its third slot, or the second of a branch.
pub(crate) fn immediate(insn: &Insn) -> i64 {
    let word = insn.words()[0];
    let branch = insn.op.opposite().is_some();
    i64::from(if branch { mvm_isa::field_b(word) as i16 } else { field_c(word) as i16 })
}

fn select(values: &mut Values<'_>, insn: &mut Insn, to: u16) -> Fate {
    let [condition, yes, no] = *insn.sources() else { return Fate::Same };
    let value = values.of(condition);
    let chosen = match values.constant(value) {
        Some(0) => no,
        Some(_) => yes,
        None if values.of(yes) == values.of(no) => yes,
        None => return Fate::Same,
    };
    *insn = Insn::mov(to, chosen, insn.at);
    Fate::Changed
}

/// Instructions that give one of their operands, or 0, whatever the other is.
fn simplified(values: &mut Values<'_>, insn: &mut Insn, to: u16) -> Fate {
    use Opcode as O;
    let sources = insn.sources();
    let known = |values: &mut Values<'_>, index: usize| {
        let value = values.of(sources[index]);
        values.constant(value).map(|bits| bits as i64)
    };
    let (x, y) = match (insn.op.info().kind, sources.len()) {
        (OpKind::PureImm, 1) => (known(values, 0), Some(immediate(insn))),
        (OpKind::Pure, 2) => (known(values, 0), known(values, 1)),
        _ => return Fate::Same,
    };
    let same = sources.len() == 2 && values.of(sources[0]) == values.of(sources[1]);
    // The operand that the instruction gives.
    let operand = match (insn.op, x, y) {
        (
            O::AddI64 | O::AddI64Imm | O::AddCheckedI64 | O::AddCheckedI64Imm | O::SubI64 | O::SubCheckedI64,
            _,
            Some(0),
        )
        | (O::OrI64 | O::OrI64Imm | O::XorI64 | O::XorI64Imm, _, Some(0))
        | (O::MulI64 | O::MulI64Imm | O::MulCheckedI64 | O::DivI64 | O::DivI64Imm | O::DivuI64, _, Some(1))
        | (O::AndI64 | O::AndI64Imm, _, Some(-1))
        | (O::ShlI64 | O::ShlI64Imm | O::ShrI64 | O::ShrI64Imm | O::ShruI64 | O::ShruI64Imm, _, Some(0)) => {
            Some(0)
        }
        (O::AddI64 | O::AddCheckedI64 | O::OrI64 | O::XorI64, Some(0), _)
        | (O::MulI64 | O::MulCheckedI64, Some(1), _)
        | (O::AndI64, Some(-1), _) => Some(1),
        (O::AndI64 | O::OrI64 | O::MinI64 | O::MaxI64 | O::MinuI64 | O::MaxuI64, ..) if same => Some(0),
        _ => None,
    };
    let zero = match (insn.op, x, y) {
        (O::MulI64 | O::AndI64, Some(0), _)
        | (O::MulI64 | O::MulI64Imm | O::AndI64 | O::AndI64Imm, _, Some(0)) => true,
        (O::SubI64 | O::XorI64 | O::NeI64 | O::LtI64 | O::LtuI64 | O::SubCheckedI64, ..) => same,
        _ => false,
    };
    if zero {
        *insn = Insn::constant(to, TypeId::I64, 0, insn.at);
    } else if same && matches!(insn.op, O::EqI64 | O::LeI64 | O::LeuI64) {
        *insn = Insn::constant(to, TypeId::I64, 1, insn.at);
    } else if let Some(operand) = operand {
        *insn = Insn::mov(to, sources[operand], insn.at);
    } else {
        return Fate::Same;
    }
    Fate::Changed
}
