//! Fused instructions: one that does what two did, or that holds a constant in itself.
//!
//! Forms with an immediate are those that the instruction table has (`Opcode::immediate`); what else can be fused stands
//! in [`COMPARED`] and [`TURNED`].

use mvm_isa::Opcode as O;
use mvm_isa::{OpKind, Opcode};

use crate::graph::{End, Graph, Insn};
use crate::passes::Context;
use crate::passes::fold::immediate;
use crate::values::{Expr, Fate, Rewriter, Values, walk};

/// A comparison whose result is branched on: the comparison, the branch when it gave 1.
const COMPARED: &[(Opcode, Opcode)] = &[
    (O::EqI64, O::BeqI64),
    (O::NeI64, O::BneI64),
    (O::LtI64, O::BltI64),
    (O::LeI64, O::BleI64),
    (O::LtuI64, O::BltuI64),
    (O::LeuI64, O::BleuI64),
    (O::EqF64, O::BeqF64),
    (O::NeF64, O::BneF64),
    (O::LtF64, O::BltF64),
    (O::LeF64, O::BleF64),
    (O::EqI64Imm, O::BeqI64Imm),
    (O::NeI64Imm, O::BneI64Imm),
    (O::LtI64Imm, O::BltI64Imm),
    (O::LeI64Imm, O::BleI64Imm),
    (O::GtI64Imm, O::BgtI64Imm),
    (O::GeI64Imm, O::BgeI64Imm),
    (O::IsNull, O::Bnull),
];

/// Instructions with a constant as first operand that are others with it as an immediate behind the second one.
const TURNED: &[(Opcode, Opcode)] = &[
    (O::AddI64, O::AddI64Imm),
    (O::AddCheckedI64, O::AddCheckedI64Imm),
    (O::MulI64, O::MulI64Imm),
    (O::AndI64, O::AndI64Imm),
    (O::OrI64, O::OrI64Imm),
    (O::XorI64, O::XorI64Imm),
    (O::EqI64, O::EqI64Imm),
    (O::NeI64, O::NeI64Imm),
    (O::LtI64, O::GtI64Imm),
    (O::LeI64, O::GeI64Imm),
    (O::BeqI64, O::BeqI64Imm),
    (O::BneI64, O::BneI64Imm),
    (O::BltI64, O::BgtI64Imm),
    (O::BleI64, O::BgeI64Imm),
];

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    walk(graph, context, &mut Fuse)
}

struct Fuse;

impl Rewriter for Fuse {
    fn insn(&mut self, values: &mut Values<'_>, insn: &mut Insn) -> Fate {
        if insn.op.info().kind != OpKind::Pure || !with_immediate(values, insn) {
            return Fate::Same;
        }
        Fate::Changed
    }

    fn end(&mut self, values: &mut Values<'_>, end: &mut End) -> bool {
        let End::Branch { insn, .. } = end else { return false };
        let mut changed = false;
        while compared(values, insn) {
            changed = true;
        }
        if insn.op.info().kind == OpKind::Branch {
            changed |= with_immediate(values, insn);
        }
        changed
    }
}

/// Puts a constant operand into the instruction.
fn with_immediate(values: &mut Values<'_>, insn: &mut Insn) -> bool {
    let [x, y] = *insn.sources() else { return false };
    let mut short = |register| {
        let value = values.of(register);
        values.constant(value).and_then(|bits| i16::try_from(bits as i64).ok()).map(i64::from)
    };
    let turned = TURNED.iter().find(|(op, _)| *op == insn.op).map(|&(_, to)| to);
    let (op, register, number) = if let Some(number) = short(y) {
        match (insn.op.immediate(), insn.op) {
            (Some(op), _) => (op, x, number),
            (None, O::SubI64) => match i16::try_from(-number) {
                Ok(number) => (O::AddI64Imm, x, number.into()),
                Err(_) => return false,
            },
            _ => return false,
        }
    } else if let (Some(op), Some(number)) = (turned, short(x)) {
        (op, y, number)
    } else {
        return false;
    };
    *insn = match insn.result() {
        Some(to) => Insn::fixed(op, &[to.into(), register.into(), number], insn.at),
        None => Insn::fixed(op, &[register.into(), number], insn.at),
    };
    true
}

/// A branch on the result of a comparison compares itself.
fn compared(values: &mut Values<'_>, insn: &mut Insn) -> bool {
    let wanted = match insn.op {
        O::BneI64Imm => true,
        O::BeqI64Imm => false,
        _ => return false,
    };
    let number = immediate(insn);
    if number != 0 && number != 1 {
        return false;
    }
    // Taken when the comparison gave 1, or when it gave 0.
    let when_true = wanted == (number == 0);
    let value = values.of(insn.sources()[0]);
    let Some(Expr { op, args, extra, .. }) = values.expr(value) else { return false };
    let Some(&(_, branch)) = COMPARED.iter().find(|(comparison, _)| *comparison == op) else { return false };
    let registers: Option<Vec<u16>> =
        args.iter().take(branch_sources(branch)).map(|&value| values.holder(value)).collect();
    let Some(mut registers) = registers else { return false };
    let mut op = branch;
    if !when_true {
        let Some((opposite, swap)) = branch.opposite() else { return false };
        op = opposite;
        if swap {
            registers.swap(0, 1);
        }
    }
    let mut operands: Vec<i64> = registers.into_iter().map(i64::from).collect();
    if branch_sources(branch) == 1 && branch != O::Bnull {
        operands.push(i64::from(extra as u16 as i16));
    }
    *insn = Insn::fixed(op, &operands, insn.at);
    true
}

/// How many registers a branch reads.
fn branch_sources(op: Opcode) -> usize {
    let is_source = |operand: &&mvm_isa::Operand| matches!(operand, mvm_isa::Operand::Src(_));
    op.info().operands.iter().filter(is_source).count()
}
