//! Arithmetic, comparisons, and conditions.
//!
//! A condition is code that goes to one of two blocks ([`Code::branch`]); only where its value is wanted does it become a
//! number. Comparisons of ints and floats are compare-and-branch instructions, with a constant as immediate where it fits.

use mvm_isa::{Opcode, TypeId};
use mvm_opt::build::Block;

use super::body::{Code, Want};
use super::derive::Derive;
use super::regs::Regs;
use crate::hir::{Comparison, ExprId, ExprKind, Op};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// `-`, `~` and the operators with two operands.
    pub(crate) fn arithmetic(&mut self, expr: ExprId, want: Want) -> Regs {
        let node = self.expr(expr);
        let ty = self.ty(node.ty);
        let mark = self.mark();
        let (op, operands) = match node.kind {
            ExprKind::Negate(a) => {
                let op = if ty == Ty::FLOAT { Opcode::NegF64 } else { Opcode::NegCheckedI64 };
                (op, [self.one(a).into(), 0])
            }
            ExprKind::Complement(a) => (Opcode::NotI64, [self.one(a).into(), 0]),
            ExprKind::Binary(op, a, b) => self.binary(op, ty, a, b),
            _ => return Regs::NONE,
        };
        self.release(mark);
        let to = self.target(want, ty);
        self.at(node.span);
        if let Some(&to) = to.first() {
            // Those with one operand leave the second one out.
            self.b.insn(op, &[to.into(), operands[0], operands[1]]);
        }
        to
    }

    /// The instruction of an operator and its operands.
    fn binary(&mut self, op: Op, ty: Ty, a: ExprId, b: ExprId) -> (Opcode, [i64; 2]) {
        let opcode = opcode_of(op, ty == Ty::FLOAT);
        if ty != Ty::FLOAT {
            // A constant goes to the right side where that is the same.
            let turned = matches!(
                op,
                Op::Add | Op::AddWrapping | Op::MulWrapping | Op::BitAnd | Op::BitOr | Op::BitXor
            );
            let (a, b) = if turned && self.immediate(a).is_some() && self.immediate(b).is_none() {
                (b, a)
            } else {
                (a, b)
            };
            if let Some(value) = self.immediate(b)
                && let Some((opcode, value)) = with_immediate(op, value)
            {
                return (opcode, [self.one(a).into(), value.into()]);
            }
        }
        let values = self.pair(a, b);
        let operand = |value: Regs| i64::from(value.first().copied().unwrap_or(0));
        (opcode, [operand(values[0]), operand(values[1])])
    }

    /// Values that are true or false.
    pub(crate) fn truth(&mut self, expr: ExprId, want: Want) -> Regs {
        if want == Want::Nothing {
            let next = self.b.block();
            self.branch(expr, next, next);
            self.b.start(next);
            return Regs::NONE;
        }
        let node = self.expr(expr);
        match node.kind {
            ExprKind::Not(a) if !self.is_condition(a) => {
                let mark = self.mark();
                let value = self.one(a);
                self.release(mark);
                let to = self.target(want, Ty::BOOL);
                self.b.insn(Opcode::EqI64Imm, &[to[0].into(), value.into(), 0]);
                return to;
            }
            ExprKind::Compare(comparison, a, b) => {
                let ty = self.ty_of(a);
                if let Some(to) = self.compared(comparison, ty, a, b, want, node.span) {
                    return to;
                }
            }
            ExprKind::Same(a, b) => {
                let mark = self.mark();
                let values = self.pair(a, b);
                self.release(mark);
                let to = self.target(want, Ty::BOOL);
                if let (Some(&a), Some(&b)) = (values[0].first(), values[1].first()) {
                    self.b.insn(Opcode::Same, &[to[0].into(), a.into(), b.into()]);
                }
                return to;
            }
            _ => {}
        }
        let to = self.target(want, Ty::BOOL);
        let (yes, no) = (self.b.block(), self.b.block());
        self.branch(expr, yes, no);
        self.one_or_zero(yes, no, to[0]);
        to
    }

    /// Makes 1 of one way and 0 of the other.
    pub(crate) fn one_or_zero(&mut self, yes: Block, no: Block, to: u16) {
        let end = self.b.block();
        self.b.start(yes);
        self.b.const_i64(to, 1);
        self.b.jump(end);
        self.b.start(no);
        self.b.const_i64(to, 0);
        self.b.start(end);
    }

    /// Whether the value comes of going one of two ways.
    fn is_condition(&self, expr: ExprId) -> bool {
        matches!(
            self.expr(expr).kind,
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Let(..) | ExprKind::Compare(..)
        )
    }

    /// A comparison as a number, where the machine has it.
    fn compared(
        &mut self,
        comparison: Comparison,
        ty: Ty,
        a: ExprId,
        b: ExprId,
        want: Want,
        span: mvm_diag::Span,
    ) -> Option<Regs> {
        let mark = self.mark();
        if self.is_number(ty) {
            if let Some(value) = self.immediate(b) {
                let a = self.one(a);
                self.release(mark);
                let to = self.target(want, Ty::BOOL);
                let op = match comparison {
                    Comparison::Equal => Opcode::EqI64Imm,
                    Comparison::NotEqual => Opcode::NeI64Imm,
                    Comparison::Less => Opcode::LtI64Imm,
                    Comparison::LessEqual => Opcode::LeI64Imm,
                    Comparison::Greater => Opcode::GtI64Imm,
                    Comparison::GreaterEqual => Opcode::GeI64Imm,
                };
                self.b.insn(op, &[to[0].into(), a.into(), value.into()]);
                return Some(to);
            }
        } else if ty != Ty::FLOAT && !matches!(comparison, Comparison::Equal) {
            return None;
        }
        if !self.is_number(ty) && ty != Ty::FLOAT {
            let operands = self.pair(a, b);
            self.at(span);
            return Some(self.derived_value(Derive::Equal, ty, &operands, want));
        }
        let values = self.pair(a, b);
        self.release(mark);
        let to = self.target(want, Ty::BOOL);
        let (Some(&a), Some(&b)) = (values[0].first(), values[1].first()) else { return Some(to) };
        let float = ty == Ty::FLOAT;
        let (op, a, b) = compared(comparison, a, b, if float { F64_TESTS } else { I64_TESTS });
        self.b.insn(op, &[to[0].into(), a.into(), b.into()]);
        Some(to)
    }

    /// Whether a value is one integer that is compared as such.
    pub(crate) fn is_number(&self, ty: Ty) -> bool {
        matches!(self.low.types.kind(ty), TyKind::Int | TyKind::Bool) || self.low.is_plain_enum(ty)
    }

    /// Goes to one of two blocks as the condition is true or false.
    pub(crate) fn branch(&mut self, expr: ExprId, yes: Block, no: Block) {
        let node = self.expr(expr);
        let mark = self.mark();
        match node.kind {
            ExprKind::Bool(value) => self.b.jump(if value { yes } else { no }),
            ExprKind::Not(inner) => self.branch(inner, no, yes),
            ExprKind::And(a, b) => {
                let next = self.b.block();
                self.branch(a, next, no);
                self.b.start(next);
                self.branch(b, yes, no);
            }
            ExprKind::Or(a, b) => {
                let next = self.b.block();
                self.branch(a, yes, next);
                self.b.start(next);
                self.branch(b, yes, no);
            }
            ExprKind::Let(pat, value) => {
                let ty = self.ty_of(value);
                let mut found = self.value(value);
                // What the pattern binds must not change what is still to be tested.
                if self.varies(found) && found.len() > 1 {
                    found = self.fresh_copy(found);
                }
                self.test_pattern(pat, ty, found, no);
                self.b.jump(yes);
            }
            ExprKind::IsSome(value) => {
                let ty = self.ty_of(value);
                let found = self.value(value);
                self.at(node.span);
                self.branch_some(ty, found, yes, no);
            }
            ExprKind::Compare(comparison, a, b) => self.branch_compare(comparison, a, b, node.span, yes, no),
            ExprKind::Call { .. } | ExprKind::CallMethod { .. } if self.branch_call(expr, yes, no) => {}
            _ => {
                let value = self.one(expr);
                self.b.branch(Opcode::BneI64Imm, &[value.into(), 0], yes, no);
            }
        }
        self.release(mark);
    }

    /// Goes to `yes` when an optional holds a value.
    pub(crate) fn branch_some(&mut self, ty: Ty, value: Regs, yes: Block, no: Block) {
        let Some(&first) = value.first() else { return };
        if self.low.rep(ty).form == super::reps::Form::Flagged {
            self.b.branch(Opcode::BneI64Imm, &[first.into(), 0], yes, no);
        } else {
            self.b.branch(Opcode::Bnonnull, &[first.into()], yes, no);
        }
    }

    fn branch_compare(
        &mut self,
        comparison: Comparison,
        a: ExprId,
        b: ExprId,
        span: mvm_diag::Span,
        yes: Block,
        no: Block,
    ) {
        let ty = self.ty_of(a);
        if self.is_number(ty) {
            self.branch_ints(comparison, a, b, span, yes, no);
        } else if ty == Ty::FLOAT {
            let values = self.pair(a, b);
            let (Some(&a), Some(&b)) = (values[0].first(), values[1].first()) else { return };
            self.at(span);
            let (op, a, b) = compared(comparison, a, b, F64_BRANCHES);
            self.b.branch(op, &[a.into(), b.into()], yes, no);
        } else {
            let operands = self.pair(a, b);
            self.at(span);
            if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
                let equal = self.derived_value(Derive::Equal, ty, &operands, Want::Any);
                let op = if comparison == Comparison::Equal { Opcode::BneI64Imm } else { Opcode::BeqI64Imm };
                let Some(&equal) = equal.first() else { return };
                self.b.branch(op, &[equal.into(), 0], yes, no);
                return;
            }
            let order = self.derived_value(Derive::Order, ty, &operands, Want::Any);
            let Some(&order) = order.first() else { return };
            self.b.branch(immediate_branch(comparison), &[order.into(), 0], yes, no);
        }
    }

    fn branch_ints(
        &mut self,
        comparison: Comparison,
        a: ExprId,
        b: ExprId,
        span: mvm_diag::Span,
        yes: Block,
        no: Block,
    ) {
        if let Some(value) = self.immediate(b) {
            if value == 0 && self.branch_machine(comparison, a, yes, no) {
                return;
            }
            let a = self.one(a);
            self.at(span);
            self.b.branch(immediate_branch(comparison), &[a.into(), value.into()], yes, no);
            return;
        }
        if let Some(value) = self.immediate(a) {
            let b = self.one(b);
            self.at(span);
            self.b.branch(immediate_branch(turned(comparison)), &[b.into(), value.into()], yes, no);
            return;
        }
        let values = self.pair(a, b);
        let (Some(&a), Some(&b)) = (values[0].first(), values[1].first()) else { return };
        self.at(span);
        let (op, a, b) = compared(comparison, a, b, I64_BRANCHES);
        self.b.branch(op, &[a.into(), b.into()], yes, no);
    }

    /// A test of the machine, compared with 0 as the library writes it: goes by a branch that tests the same, if there is one.
    fn branch_machine(&mut self, comparison: Comparison, test: ExprId, yes: Block, no: Block) -> bool {
        let body = self.body;
        let (ExprKind::Machine(op, args), Comparison::Equal | Comparison::NotEqual) =
            (&body.exprs[test.index()].kind, comparison)
        else {
            return false;
        };
        let op = match op {
            Opcode::LtuI64 => Opcode::BltuI64,
            Opcode::LeuI64 => Opcode::BleuI64,
            Opcode::IsNull => Opcode::Bnull,
            _ => return false,
        };
        let values = self.values(args);
        let operands: Vec<i64> =
            values.iter().filter_map(|value| value.first()).map(|&one| one.into()).collect();
        let (yes, no) = if comparison == Comparison::Equal { (no, yes) } else { (yes, no) };
        self.at(body.exprs[test.index()].span);
        self.b.branch(op, &operands, yes, no);
        true
    }

    /// A temporary register for a number.
    pub(crate) fn int_temp(&mut self) -> u16 {
        self.temp(TypeId::I64)
    }
}

/// The branch that compares with a constant.
pub(crate) fn immediate_branch(comparison: Comparison) -> Opcode {
    match comparison {
        Comparison::Equal => Opcode::BeqI64Imm,
        Comparison::NotEqual => Opcode::BneI64Imm,
        Comparison::Less => Opcode::BltI64Imm,
        Comparison::LessEqual => Opcode::BleI64Imm,
        Comparison::Greater => Opcode::BgtI64Imm,
        Comparison::GreaterEqual => Opcode::BgeI64Imm,
    }
}

/// Instructions for `==`, `!=`, `<` and `<=`.
type Four = [Opcode; 4];

const I64_TESTS: Four = [Opcode::EqI64, Opcode::NeI64, Opcode::LtI64, Opcode::LeI64];
const F64_TESTS: Four = [Opcode::EqF64, Opcode::NeF64, Opcode::LtF64, Opcode::LeF64];
const I64_BRANCHES: Four = [Opcode::BeqI64, Opcode::BneI64, Opcode::BltI64, Opcode::BleI64];
const F64_BRANCHES: Four = [Opcode::BeqF64, Opcode::BneF64, Opcode::BltF64, Opcode::BleF64];

/// The instruction for a comparison, with its operands: those with the larger one first exchange them.
fn compared(comparison: Comparison, a: u16, b: u16, [eq, ne, lt, le]: Four) -> (Opcode, u16, u16) {
    match comparison {
        Comparison::Equal => (eq, a, b),
        Comparison::NotEqual => (ne, a, b),
        Comparison::Less => (lt, a, b),
        Comparison::LessEqual => (le, a, b),
        Comparison::Greater => (lt, b, a),
        Comparison::GreaterEqual => (le, b, a),
    }
}

/// The comparison with its sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
    }
}

fn opcode_of(op: Op, float: bool) -> Opcode {
    match (op, float) {
        (Op::Add, true) => Opcode::AddF64,
        (Op::Sub, true) => Opcode::SubF64,
        (Op::Mul, true) => Opcode::MulF64,
        (Op::Div, true) => Opcode::DivF64,
        (Op::Rem, true) => Opcode::RemF64,
        (Op::Add, false) => Opcode::AddCheckedI64,
        (Op::Sub, false) => Opcode::SubCheckedI64,
        (Op::Mul, false) => Opcode::MulCheckedI64,
        (Op::Div, false) => Opcode::DivI64,
        (Op::Rem, false) => Opcode::RemI64,
        (Op::AddWrapping, _) => Opcode::AddI64,
        (Op::SubWrapping, _) => Opcode::SubI64,
        (Op::MulWrapping, _) => Opcode::MulI64,
        (Op::BitAnd, _) => Opcode::AndI64,
        (Op::BitOr, _) => Opcode::OrI64,
        (Op::BitXor, _) => Opcode::XorI64,
        (Op::ShiftLeft, _) => Opcode::ShlI64,
        (Op::ShiftRight, _) => Opcode::ShrI64,
        (Op::ShiftRightUnsigned, _) => Opcode::ShruI64,
    }
}

/// The form with a constant on the right side, if there is one.
fn with_immediate(op: Op, value: i16) -> Option<(Opcode, i16)> {
    Some(match op {
        Op::Add => (Opcode::AddCheckedI64Imm, value),
        Op::Sub => (Opcode::AddCheckedI64Imm, value.checked_neg()?),
        Op::Div => (Opcode::DivI64Imm, value),
        Op::Rem => (Opcode::RemI64Imm, value),
        Op::AddWrapping => (Opcode::AddI64Imm, value),
        Op::SubWrapping => (Opcode::AddI64Imm, value.checked_neg()?),
        Op::MulWrapping => (Opcode::MulI64Imm, value),
        Op::BitAnd => (Opcode::AndI64Imm, value),
        Op::BitOr => (Opcode::OrI64Imm, value),
        Op::BitXor => (Opcode::XorI64Imm, value),
        Op::ShiftLeft => (Opcode::ShlI64Imm, value),
        Op::ShiftRight => (Opcode::ShrI64Imm, value),
        Op::ShiftRightUnsigned => (Opcode::ShruI64Imm, value),
        Op::Mul => return None,
    })
}
