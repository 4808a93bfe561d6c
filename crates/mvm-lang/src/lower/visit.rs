//! The expressions and locals in expressions.

use crate::hir::{Body, ExprId, ExprKind, LocalId, PatId, PatKind, Place};

impl ExprKind {
    /// Calls `visit` with every expression right inside this one, in the order of evaluation.
    pub(crate) fn visit(&self, visit: &mut impl FnMut(ExprId)) {
        use ExprKind::{
            And, Array, AsForced, AsOptional, Assign, Binary, Block, Break, Call, CallMethod, CallValue,
            CaseValue, Closure, Compare, Complement, Const, Continue, Defer, Error, Field, FnValue, ForEach,
            ForRange, FromAny, Hash, If, Int, Interpolate, Is, IsSome, Let, LetStmt, List, Local, Machine,
            Map, Match, MethodValue, Negate, New, NewCase, None, Not, Or, Order, Receive, Return, Same, Show,
            Some, Spawn, Str, SuperInit, Syscall, Throw, Try, Tuple, TupleField, Unit, Unwrap, Upcast, While,
        };
        match self {
            Error | Unit | Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | Str(_) | None | Local(_)
            | Const(_) | FnValue(..) | CaseValue(..) | Break(_) | Continue(_) => {}
            Some(a) | Upcast(a) | FromAny(a) | MethodValue(a, ..) | TupleField(a, _) | Negate(a)
            | Complement(a) | Not(a) | Hash(a) | Show(a) | Let(_, a) | Throw(a) | Defer(a) | Is(a, _)
            | AsOptional(a, _) | AsForced(a, _) | Unwrap(a) | IsSome(a) => visit(*a),
            Field { object, .. } => visit(*object),
            Interpolate(all) | Tuple(all) | List(all) | Machine(_, all) | Syscall(_, all) | Array(_, all)
            | Call { args: all, .. } | CallMethod { args: all, .. } | New { args: all, .. }
            | SuperInit { args: all, .. } | NewCase { args: all, .. } => all.iter().copied().for_each(visit),
            Map(pairs) => pairs.iter().for_each(|&(key, value)| {
                visit(key);
                visit(value);
            }),
            CallValue { callee, args } => {
                visit(*callee);
                args.iter().copied().for_each(visit);
            }
            Assign { to, value } => {
                if let Place::Field { object, .. } = to {
                    visit(*object);
                }
                visit(*value);
            }
            Binary(_, a, b) | Compare(_, a, b) | Order(a, b) | Same(a, b) | And(a, b) | Or(a, b) => {
                visit(*a);
                visit(*b);
            }
            Block { statements, value } => {
                statements.iter().copied().for_each(&mut *visit);
                value.iter().copied().for_each(visit);
            }
            LetStmt { value, .. } | Return(value) => value.iter().copied().for_each(visit),
            If { condition, then, otherwise } => {
                visit(*condition);
                visit(*then);
                otherwise.iter().copied().for_each(visit);
            }
            Match { subject, arms } => {
                visit(*subject);
                for arm in arms {
                    arm.guard.iter().copied().for_each(&mut *visit);
                    visit(arm.body);
                }
            }
            While { condition, body, .. } => {
                visit(*condition);
                visit(*body);
            }
            ForRange { start, end, body, .. } => [*start, *end, *body].into_iter().for_each(visit),
            ForEach { start, has_next, next, body, .. } => {
                [*start, *has_next, *next, *body].into_iter().for_each(visit);
            }
            Try { body, catches } => {
                visit(*body);
                catches.iter().for_each(|catch| visit(catch.body));
            }
            Closure { body, .. } => visit(*body),
            Spawn { args, options, .. } => {
                args.iter().copied().for_each(&mut *visit);
                options.iter().copied().for_each(visit);
            }
            Receive { arms, after, .. } => {
                after.iter().for_each(|&(delay, _)| visit(delay));
                arms.iter().for_each(|arm| visit(arm.body));
                after.iter().for_each(|&(_, body)| visit(body));
            }
        }
    }

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
