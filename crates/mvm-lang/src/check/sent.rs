//! Closures that have captured a `var` do not go to another process, where the variable would be another one.
//!
//! A closure can be behind a name, in an object or in a list. So the locals of a body are marked that may hold such a
//! closure, whatever the order of the statements is, until nothing new is found; then every value that is sent is
//! looked at.
//!
//! Not here: what a function does with closures it gets as arguments. It sends copies of what they have captured.

use std::collections::BTreeMap;

use mvm_diag::{Diagnostic, Span};

use super::Checker;
use crate::errors::M0329;
use crate::hir::{ExprId, ExprKind, FnId, FnKind, LocalId, NominalId, NominalKind, PatKind, Place};
use crate::types::{Ty, TyKind};

/// A closure that stays in its process.
#[derive(Debug, Clone, Copy)]
struct Bound {
    closure: ExprId,
    /// The variable that it has captured.
    variable: LocalId,
}

/// What the locals of a body may hold.
type Held = BTreeMap<LocalId, Bound>;

impl Checker<'_> {
    /// Reports closures that have captured a variable and are sent.
    pub(crate) fn judge_sent(&mut self) {
        let sent = self.sent_values();
        if sent.is_empty() {
            return;
        }
        let mut held = Held::new();
        loop {
            let before = held.len();
            for index in 0..self.body.body.exprs.len() {
                self.pass_on(ExprId(index as u32), &mut held);
            }
            if held.len() == before {
                break;
            }
        }
        for value in sent {
            if let Some((bound, place)) = self.held_by(value, &held) {
                self.report_sent(bound, place);
            }
        }
    }

    /// The expressions whose values go to other processes.
    fn sent_values(&self) -> Vec<ExprId> {
        let mut sent = Vec::new();
        for expr in &self.body.body.exprs {
            match &expr.kind {
                ExprKind::CallMethod { method, args, .. } if self.sends(*method) => sent.extend(&args[1..]),
                ExprKind::Call { function, args, .. } if self.sends(*function) => sent.extend(args),
                ExprKind::Spawn { args, .. } => sent.extend(args),
                ExprKind::CallMethod { method: function, args, .. }
                | ExprKind::Call { function, args, .. }
                    if self.is_of_prelude(*function, &["Process.ask"]) =>
                {
                    // The function makes the message here; what it makes is sent.
                    sent.extend(args.iter().filter_map(|&make| self.closure_of(make)));
                }
                _ => {}
            }
        }
        sent
    }

    /// The body of a closure that stands in a call, perhaps in a local because arguments were put in order.
    fn closure_of(&self, make: ExprId) -> Option<ExprId> {
        match self.body.expr(make).kind {
            ExprKind::Closure { body, .. } => Some(body),
            ExprKind::Local(local) if self.body.body.locals[local.index()].name.is_empty() => {
                self.body.body.exprs.iter().find_map(|expr| match expr.kind {
                    ExprKind::LetStmt { pat, value: Some(value) }
                        if matches!(self.body.body.pats[pat.index()].kind, PatKind::Bind(of) if of == local) =>
                    {
                        self.closure_of(value)
                    }
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// Whether a function hands its arguments to another process.
    fn sends(&self, id: FnId) -> bool {
        self.is_of_prelude(
            id,
            &["Process.send", "Channel.send", "Reply.send", "monitor", "send_after", "on_signal"],
        )
    }

    fn is_of_prelude(&self, id: FnId, names: &[&str]) -> bool {
        let function = &self.program.fns[id.index()];
        function.module.0 == 0 && names.contains(&&*function.name)
    }

    /// Marks the locals into which an expression puts something.
    fn pass_on(&self, expr: ExprId, held: &mut Held) {
        let body = &self.body.body;
        let (value, locals) = match &self.body.expr(expr).kind {
            ExprKind::LetStmt { pat, value: Some(value) } | ExprKind::Let(pat, value) => {
                let mut locals = Vec::new();
                body.bound(*pat, &mut |local| locals.push(local));
                (*value, locals)
            }
            ExprKind::Match { subject, arms } => {
                let mut locals = Vec::new();
                arms.iter().for_each(|arm| body.bound(arm.pat, &mut |local| locals.push(local)));
                (*subject, locals)
            }
            ExprKind::ForEach { iterator, start, pat, .. } => {
                let mut locals = vec![*iterator];
                body.bound(*pat, &mut |local| locals.push(local));
                (*start, locals)
            }
            ExprKind::Assign { to: Place::Local(local), value } => (*value, vec![*local]),
            ExprKind::Assign { to: Place::Field { object, .. }, value } => {
                (*value, self.root_local(*object).into_iter().collect())
            }
            ExprKind::CallMethod { method: function, args, .. } | ExprKind::Call { function, args, .. } => {
                self.pass_on_arguments(*function, args, held);
                return;
            }
            _ => return,
        };
        if locals.iter().all(|local| held.contains_key(local)) {
            return;
        }
        if let Some((bound, _)) = self.held_by(value, held) {
            for local in locals {
                let ty = self.body.body.locals[local.index()].ty;
                if self.can_hold(ty) {
                    held.entry(local).or_insert(bound);
                }
            }
        }
    }

    /// A method may keep its arguments in its object: `list.push(closure)`.
    fn pass_on_arguments(&self, function: FnId, args: &[ExprId], held: &mut Held) {
        let [object, rest @ ..] = args else { return };
        if self.program.fns[function.index()].kind != FnKind::Method || self.sends(function) {
            return;
        }
        let Some(local) = self.root_local(*object) else { return };
        if held.contains_key(&local) || !self.can_hold(self.body.expr(*object).ty) {
            return;
        }
        if let Some((bound, _)) = rest.iter().find_map(|&arg| self.held_by(arg, held)) {
            held.insert(local, bound);
        }
    }

    /// The local that holds an object or what it is part of.
    fn root_local(&self, mut expr: ExprId) -> Option<LocalId> {
        loop {
            match &self.body.expr(expr).kind {
                ExprKind::Local(local) => return Some(*local),
                ExprKind::Field { object: inner, .. }
                | ExprKind::Upcast(inner)
                | ExprKind::Unwrap(inner)
                | ExprKind::TupleField(inner, _)
                | ExprKind::AsForced(inner, _) => expr = *inner,
                _ => return None,
            }
        }
    }

    /// A closure that may be in the value of an expression, and where in the text.
    fn held_by(&self, expr: ExprId, held: &Held) -> Option<(Bound, Span)> {
        let mut left = vec![expr];
        while let Some(id) = left.pop() {
            let expr = self.body.expr(id);
            match &expr.kind {
                ExprKind::Local(local) => {
                    if let Some(&bound) = held.get(local) {
                        return Some((bound, expr.span));
                    }
                }
                ExprKind::Closure { .. } => {
                    for local in self.body.body.captured(id) {
                        if self.is_shared_variable(local) {
                            return Some((Bound { closure: id, variable: local }, expr.span));
                        }
                        if let Some(&bound) = held.get(&local) {
                            return Some((bound, expr.span));
                        }
                    }
                }
                ExprKind::Upcast(inner) => left.push(*inner),
                _ if !self.can_hold(expr.ty) => {}
                ExprKind::Match { arms, .. } => left.extend(arms.iter().map(|arm| arm.body)),
                kind => kind.visit(&mut |part| left.push(part)),
            }
        }
        None
    }

    /// Whether closures share the local with what is around them: it is in a cell of its process.
    fn is_shared_variable(&self, local: LocalId) -> bool {
        let of = &self.body.body.locals[local.index()];
        self.body.infos[local.index()].mutable && of.captured && of.assigned
    }

    /// Whether there may be a function in a value of the type.
    fn can_hold(&self, ty: Ty) -> bool {
        let mut asked: Vec<NominalId> = Vec::new();
        let mut left = vec![ty];
        while let Some(ty) = left.pop() {
            match self.kind(ty) {
                TyKind::Fn(..) => return true,
                TyKind::Tuple(parts) => left.extend(parts),
                TyKind::Optional(inner) => left.push(*inner),
                TyKind::Named(id, args) => {
                    left.extend(args);
                    if asked.contains(id) {
                        continue;
                    }
                    asked.push(*id);
                    let nominal = &self.program.nominals[id.index()];
                    // Classes below it may have more fields.
                    if nominal.kind == NominalKind::Interface || nominal.is_abstract {
                        return true;
                    }
                    left.extend(nominal.base);
                    left.extend(nominal.fields.iter().map(|field| field.ty));
                    left.extend(
                        nominal.cases.iter().flat_map(|case| case.fields.iter().map(|field| field.1)),
                    );
                }
                _ => {}
            }
        }
        false
    }

    fn report_sent(&mut self, bound: Bound, place: Span) {
        let variable = bound.variable.index();
        let (name, declared) = (self.body.body.locals[variable].name.clone(), self.body.infos[variable].span);
        let closure = self.body.expr(bound.closure).span;
        let what = if closure == place { "this closure" } else { "a closure in this" };
        let mut diagnostic = Diagnostic::error(
            M0329,
            format!("{what} has captured the variable `{name}` and cannot go to another process"),
        )
        .at(place, "")
        .with(declared, "declared here with `var`");
        if closure != place {
            diagnostic = diagnostic.with(closure, "the closure");
        }
        self.report(
            diagnostic.help(format!("give it the value: `let now = {name}`, and use `now` in the closure")),
        );
    }
}
