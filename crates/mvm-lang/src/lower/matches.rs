//! `match`: arms one after the other, or by a `switch` where the outside of the patterns are cases or small numbers.
//!
//! With a `switch`, each number goes straight to the first arm that may take it, behind the test that the switch has done.
//! When the rest of that arm does not match, control goes to the tests of the arms behind it, in order.

use mvm_opt::build::Block;

use super::body::{Code, Want};
use super::regs::Regs;
use crate::hir::{Arm, ExprId, ExprKind, Literal, PatId, PatKind};
use crate::types::Ty;

/// Arms below which tests one after the other are as good.
const SWITCH_MIN: usize = 4;
/// Largest number of a `switch`.
const SWITCH_MAX: i64 = 255;

/// A subject that is matched.
#[derive(Debug, Clone, Copy)]
struct Subject {
    ty: Ty,
    value: Regs,
}

impl Code<'_, '_> {
    /// `match`.
    pub(crate) fn match_expr(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let ExprKind::Match { subject, arms } = &body.exprs[expr.index()].kind else { return Regs::NONE };
        let ty = self.ty_of(expr);
        let to = match want {
            Want::Any => Want::Into(self.temps(ty)),
            other => other,
        };
        let mark = self.mark();
        let subject_ty = self.ty_of(*subject);
        let mut value = self.value(*subject);
        if self.varies(value) && arms.iter().any(|arm| arm.guard.is_some_and(|guard| self.assigns(guard))) {
            value = self.fresh_copy(value);
        }
        let subject = Subject { ty: subject_ty, value };
        let end = self.b.block();
        // Where an arm is tested, and where it goes on when the outside of its pattern is known to match.
        let tests: Vec<Block> = arms.iter().map(|_| self.b.block()).collect();
        let inner: Vec<Block> = arms.iter().map(|_| self.b.block()).collect();
        let switched = self.switch(subject, arms, &inner);
        for (number, arm) in arms.iter().enumerate() {
            let next = tests.get(number + 1).copied();
            self.b.start(tests[number]);
            // The last arm takes what is left, because all arms together take everything.
            let fail = next.filter(|_| number + 1 < arms.len());
            let arm_mark = self.mark();
            if switched {
                self.outside(arm.pat, subject, inner[number], fail);
                self.b.start_apart(inner[number]);
                self.inside(arm.pat, subject, fail);
            } else {
                self.pattern(arm.pat, subject.ty, subject.value, fail);
            }
            if let (Some(guard), Some(fail)) = (arm.guard, fail) {
                let yes = self.b.block();
                self.branch(guard, yes, fail);
                self.b.start(yes);
            }
            self.arm(arm.body, to);
            self.release(arm_mark);
            self.b.jump(end);
        }
        self.b.start(end);
        self.release(mark);
        match to {
            Want::Into(to) => to,
            _ => Regs::NONE,
        }
    }

    /// Goes by a number of the subject, if the patterns are of that kind: says whether.
    fn switch(&mut self, subject: Subject, arms: &[Arm], inner: &[Block]) -> bool {
        let body = self.body;
        if arms.len() < SWITCH_MIN || subject.value.is_empty() || arms.len() != inner.len() {
            return false;
        }
        let mut highest = -1;
        for arm in arms {
            let Some(last) = highest_number(body, arm.pat) else { return false };
            highest = highest.max(last);
        }
        let by_case = arms.iter().any(|arm| has_case(body, arm.pat));
        let by_int =
            arms.iter().any(|arm| !has_case(body, arm.pat) && highest_number(body, arm.pat) >= Some(0));
        if highest < SWITCH_MIN as i64 - 1 || by_case == by_int {
            return false;
        }
        // The first arm that may take each number; of numbers beyond, the first that takes everything.
        let first =
            |number: i64| arms.iter().position(|arm| may_take(body, arm.pat, number)).map(|arm| inner[arm]);
        let mut targets = Vec::new();
        let nowhere = self.b.block();
        for number in 0..=highest {
            targets.push(first(number).unwrap_or(nowhere));
        }
        let default = first(-1).unwrap_or(nowhere);
        let mark = self.mark();
        let value = subject.value[0];
        let plain = !by_case || self.low.is_plain_enum(subject.ty);
        let number = if plain { value } else { self.case_number(subject.ty, value) };
        self.release(mark);
        self.b.switch(number, default, &targets);
        self.b.start_apart(nowhere);
        self.b.unreachable();
        true
    }

    /// The test that a switch does: of numbers and cases, without payload.
    fn outside(&mut self, pat: PatId, subject: Subject, yes: Block, fail: Option<Block>) {
        let body = self.body;
        match &body.pats[pat.index()].kind {
            PatKind::Case(case, Some(_)) => {
                let Some(fail) = fail else { return self.b.jump(yes) };
                let mark = self.mark();
                let value = subject.value[0];
                let plain = self.low.is_plain_enum(subject.ty);
                let number = if plain { value } else { self.case_number(subject.ty, value) };
                self.test_int(number, (*case).into(), yes, fail);
                self.release(mark);
            }
            PatKind::Wildcard | PatKind::Bind(_) => self.b.jump(yes),
            _ => {
                self.pattern(pat, subject.ty, subject.value, fail);
                self.b.jump(yes);
            }
        }
    }

    /// What is left of a pattern then.
    fn inside(&mut self, pat: PatId, subject: Subject, fail: Option<Block>) {
        let body = self.body;
        match &body.pats[pat.index()].kind {
            PatKind::Case(case, Some(parts)) => self.payload(subject.ty, *case, parts, subject.value, fail),
            PatKind::Bind(_) => self.bind_pattern(pat, subject.ty, subject.value),
            PatKind::Or(parts) if parts.iter().any(|&part| has_inside(body, part)) => {
                self.pattern(pat, subject.ty, subject.value, fail);
            }
            _ => {}
        }
    }
}

/// The highest number that a pattern tests for, -1 when it tests for none; none when it is of another kind.
fn highest_number(body: &crate::hir::Body, pat: PatId) -> Option<i64> {
    match &body.pats[pat.index()].kind {
        PatKind::Wildcard | PatKind::Bind(_) => Some(-1),
        PatKind::Case(case, _) => Some((*case).into()).filter(|&number| number <= SWITCH_MAX),
        &PatKind::Literal(Literal::Int(value)) => {
            Some(value).filter(|value| (0..=SWITCH_MAX).contains(value))
        }
        PatKind::Or(parts) => {
            let mut highest = -1;
            for &part in parts {
                highest = highest.max(highest_number(body, part)?);
            }
            Some(highest)
        }
        _ => None,
    }
}

fn has_case(body: &crate::hir::Body, pat: PatId) -> bool {
    match &body.pats[pat.index()].kind {
        PatKind::Case(..) => true,
        PatKind::Or(parts) => parts.iter().any(|&part| has_case(body, part)),
        _ => false,
    }
}

/// Whether a pattern below `|` tests more than its outside.
fn has_inside(body: &crate::hir::Body, pat: PatId) -> bool {
    match &body.pats[pat.index()].kind {
        PatKind::Case(_, Some(parts)) => {
            parts.iter().any(|part| !matches!(body.pats[part.index()].kind, PatKind::Wildcard))
        }
        PatKind::Or(parts) => parts.iter().any(|&part| has_inside(body, part)),
        _ => false,
    }
}

/// Whether the outside of a pattern takes a number.
fn may_take(body: &crate::hir::Body, pat: PatId, number: i64) -> bool {
    match &body.pats[pat.index()].kind {
        PatKind::Wildcard | PatKind::Bind(_) => true,
        PatKind::Case(case, _) => i64::from(*case) == number,
        PatKind::Literal(Literal::Int(value)) => *value == number,
        PatKind::Or(parts) => parts.iter().any(|&part| may_take(body, part, number)),
        _ => false,
    }
}
