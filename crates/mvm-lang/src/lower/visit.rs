//! The locals that expressions declare and use.

use crate::hir::{Body, ExprId, ExprKind, LocalId, PatId, PatKind, Place};

impl ExprKind {
    /// Calls `visit` with every local that this expression declares itself, without those inside.
    fn declared(&self, body: &Body, visit: &mut impl FnMut(LocalId)) {
        match self {
            ExprKind::Let(pat, _) | ExprKind::LetStmt { pat, .. } => body.bound(*pat, visit),
            ExprKind::Match { arms, .. } | ExprKind::Receive { arms, .. } => {
                arms.iter().for_each(|arm| body.bound(arm.pat, visit));
            }
            ExprKind::ForRange { local, .. } => visit(*local),
            ExprKind::ForEach { iterator, pat, .. } => {
                visit(*iterator);
                body.bound(*pat, visit);
            }
            ExprKind::Try { catches, .. } => catches.iter().for_each(|catch| visit(catch.local)),
            ExprKind::Closure { params, .. } => params.iter().copied().for_each(visit),
            _ => {}
        }
    }

    /// Calls `visit` with every local that this expression uses itself, without those inside.
    fn used(&self, visit: &mut impl FnMut(LocalId)) {
        match self {
            ExprKind::Local(local)
            | ExprKind::SuperInit { object: local, .. }
            | ExprKind::Assign { to: Place::Local(local), .. } => visit(*local),
            _ => {}
        }
    }
}

impl Body {
    /// Calls `visit` with every local that a pattern binds.
    pub(crate) fn bound(&self, pat: PatId, visit: &mut impl FnMut(LocalId)) {
        match &self.pats[pat.index()].kind {
            PatKind::Wildcard | PatKind::None | PatKind::Literal(_) | PatKind::Range(..) => {}
            PatKind::Bind(local) | PatKind::Class(_, local) => visit(*local),
            PatKind::Some(inner) => self.bound(*inner, visit),
            PatKind::Tuple(parts) | PatKind::Or(parts) | PatKind::Case(_, Some(parts)) => {
                parts.iter().for_each(|&part| self.bound(part, visit));
            }
            PatKind::Case(_, None) => {}
        }
    }

    /// The locals that an expression uses and does not declare, in the order of their numbers.
    pub(crate) fn captured(&self, closure: ExprId) -> Vec<LocalId> {
        let (mut used, mut declared) = (Vec::new(), Vec::new());
        let mut left = vec![closure];
        while let Some(expr) = left.pop() {
            let kind = &self.exprs[expr.index()].kind;
            kind.used(&mut |local| used.push(local));
            kind.declared(self, &mut |local| declared.push(local));
            kind.visit(&mut |part| left.push(part));
        }
        used.sort_unstable();
        used.dedup();
        declared.sort_unstable();
        used.retain(|local| declared.binary_search(local).is_err());
        used
    }
}
