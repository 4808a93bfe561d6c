//! Expressions that choose and jump: `if`, `match`, `try`, `throw`, `return`, `break`, `continue`.

use mvm_diag::{Diagnostic, Span};

use super::Checker;
use super::body::Want;
use super::unify::Why;
use crate::ast::{self, AstNode};
use crate::errors::{M0301, M0310, M0311, M0312, M0334};
use crate::hir::{Arm, Catch, ExprId, ExprKind, PatId};
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// What `if` and `while` ask. Names that it binds are in the scope that is open.
    pub(crate) fn condition(&mut self, condition: Option<ast::Condition<'t>>, span: Span) -> ExprId {
        match condition {
            None => self.poisoned(span),
            Some(ast::Condition::Expr(expr)) => self.expect(expr, Ty::BOOL, &Why::new("a condition", None)),
            Some(ast::Condition::LetCondition(condition)) => self.let_condition(condition),
        }
    }

    fn let_condition(&mut self, condition: ast::LetCondition<'t>) -> ExprId {
        let span = self.span_ast(condition);
        let Some(pattern) = condition.pattern() else { return self.poisoned(span) };
        let value = match (condition.value(), pattern) {
            (Some(value), _) => self.infer(value, Want::Value),
            // `if let a`: the optional of this name.
            (None, ast::Pattern::NamePattern(name)) => {
                let text = super::collect::text_of(name.name());
                self.name_value(text, span)
            }
            (None, _) => self.poisoned(span),
        };
        let ty = self.body.expr(value).ty;
        let mut pat = self.pattern(pattern, ty, true);
        // `if let _ = a` asks whether there is a value.
        if matches!(pattern, ast::Pattern::WildcardPattern(_))
            && let TyKind::Optional(inner) = *self.kind(ty)
        {
            let any = self.body.pat(crate::hir::PatKind::Wildcard, inner, span);
            pat = self.body.pat(crate::hir::PatKind::Some(any), ty, span);
        }
        if self.always_matches(pat) && !matches!(self.shallow(ty), Ty::ERROR | Ty::NEVER) {
            let shown = self.show(ty);
            let place = self.body.expr(value).span;
            self.report(
                Diagnostic::error(M0301, "this always matches: the value is always there")
                    .at(place, format!("this is `{shown}`"))
                    .help("`if let` takes an optional (`T?`) or a pattern that may fail; `let` alone gives a name"),
            );
        }
        self.body.push(ExprKind::Let(pat, value), Ty::BOOL, span)
    }

    pub(crate) fn if_expr(&mut self, expr: ast::IfExpr<'t>, want: Want) -> ExprId {
        let span = self.span_ast(expr);
        let branches: Vec<_> = expr.branches().collect();
        let otherwise = expr.otherwise().and_then(|otherwise| otherwise.body());
        let want = match want {
            Want::Of(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            _ if otherwise.is_none() => Want::Nothing,
            want => want,
        };
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        for branch in branches {
            self.body.open_scope();
            let place = self.span_ast(branch);
            conditions.push((self.condition(branch.condition(), place), place));
            let value = match branch.body() {
                Some(block) => self.block(block, want),
                None => self.poisoned(place),
            };
            values.push(value);
            self.body.close_scope();
        }
        if let Some(block) = otherwise {
            values.push(self.block(block, want));
        }
        let (values, ty) = self.join(values, want, "the first branch");
        let (values, mut last) = match otherwise {
            Some(_) => {
                let last = values.last().copied();
                (&values[..values.len() - 1], last)
            }
            None => (&values[..], None),
        };
        let ty = if otherwise.is_none() { Ty::UNIT } else { ty };
        for ((condition, place), &then) in conditions.into_iter().zip(values).rev() {
            let place = place.to(span);
            last = Some(self.body.push(ExprKind::If { condition, then, otherwise: last }, ty, place));
        }
        last.unwrap_or_else(|| self.poisoned(span))
    }

    /// Branches as values of one type.
    pub(crate) fn join(&mut self, values: Vec<ExprId>, want: Want, first_of: &str) -> (Vec<ExprId>, Ty) {
        let types: Vec<Ty> = values.iter().map(|&value| self.body.expr(value).ty).collect();
        let all_end = types.iter().all(|&ty| self.shallow(ty) == Ty::NEVER);
        if all_end {
            return (values, Ty::NEVER);
        }
        if want == Want::Nothing {
            return (values, Ty::UNIT);
        }
        let ty = match want {
            Want::Of(ty) if !matches!(self.kind(ty), TyKind::Var(_)) => ty,
            _ => self.joined_type(&types),
        };
        let first = values.iter().copied().find(|&value| {
            let ty = self.body.expr(value).ty;
            !matches!(self.shallow(ty), Ty::NEVER | Ty::ERROR)
        });
        let why = match (want, first) {
            (Want::Of(_), _) | (_, None) => Why::new("this", None),
            (_, Some(first)) => Why::new(first_of, Some(self.value_span(first))),
        };
        let values = values.into_iter().map(|value| self.coerce(value, ty, &why)).collect();
        (values, ty)
    }

    /// Where the value of a block stands.
    pub(crate) fn value_span(&self, id: ExprId) -> Span {
        match &self.body.expr(id).kind {
            ExprKind::Block { value: Some(value), .. } => self.value_span(*value),
            _ => self.body.expr(id).span,
        }
    }

    /// The type of the first value; an optional if another one is `none` or optional.
    fn joined_type(&mut self, types: &[Ty]) -> Ty {
        if let Some(ty) = self.joined_parts(types) {
            return ty;
        }
        let mut found: Option<Ty> = None;
        let mut optional = false;
        for &ty in types {
            let ty = self.shallow(ty);
            if matches!(ty, Ty::NEVER | Ty::ERROR) {
                continue;
            }
            let ty = match *self.kind(ty) {
                TyKind::Optional(inner) => {
                    optional = true;
                    self.shallow(inner)
                }
                _ => ty,
            };
            found = match found {
                None => Some(ty),
                Some(old) if matches!(self.kind(old), TyKind::Var(_)) => {
                    self.unify(old, ty);
                    Some(ty)
                }
                Some(old) => Some(old),
            };
        }
        let mut ty = found.unwrap_or(Ty::ERROR);
        // Objects of several classes are objects of the class next above them all.
        while let Some(base) = self.base_of(ty) {
            let inner = |this: &Self, ty: Ty| match *this.kind(ty) {
                TyKind::Optional(inner) => this.shallow(inner),
                _ => this.shallow(ty),
            };
            let all: Vec<Ty> = types.iter().map(|&ty| inner(self, ty)).collect();
            let TyKind::Named(wanted, _) = *self.kind(ty) else { break };
            let fits = all.into_iter().all(|of| {
                matches!(of, Ty::NEVER | Ty::ERROR)
                    || matches!(self.kind(of), TyKind::Var(_))
                    || self.as_super(of, wanted).is_some()
            });
            if fits {
                break;
            }
            ty = base;
        }
        if optional { self.program.types.optional(ty) } else { ty }
    }

    /// Of several tuples of one length, or several lists, the one whose parts are joined: `(none, 1)` and `(5, 2)` are
    /// `(int?, int)`.
    fn joined_parts(&mut self, types: &[Ty]) -> Option<Ty> {
        let mut kinds = Vec::new();
        for &ty in types {
            let ty = self.shallow(ty);
            if !matches!(ty, Ty::NEVER | Ty::ERROR) {
                kinds.push(self.kind(ty).clone());
            }
        }
        let list = self.known.list;
        let parts_of = |kind: &TyKind| match kind {
            TyKind::Tuple(parts) => Some((None, parts.clone())),
            TyKind::Named(id, args) if Some(*id) == list => Some((Some(*id), args.clone())),
            _ => None,
        };
        let rows: Vec<_> = kinds.iter().map(parts_of).collect::<Option<_>>()?;
        let (of, first) = rows.first()?;
        if rows.len() < 2 || rows.iter().any(|row| row.0 != *of || row.1.len() != first.len()) {
            return None;
        }
        let parts: Vec<Ty> = (0..first.len())
            .map(|at| {
                let column: Vec<Ty> = rows.iter().map(|row| row.1[at]).collect();
                self.joined_type(&column)
            })
            .collect();
        Some(match *of {
            Some(id) => self.program.types.named(id, &parts),
            None => self.program.types.intern(TyKind::Tuple(parts.into())),
        })
    }

    /// The base class of a class.
    fn base_of(&mut self, ty: Ty) -> Option<Ty> {
        let &TyKind::Named(id, _) = self.kind(ty) else { return None };
        self.program.nominals[id.index()].base?;
        self.supers(ty).first().copied()
    }

    /// What stands behind `=>`.
    pub(crate) fn arm_body(&mut self, body: Option<ast::Body<'t>>, want: Want, span: Span) -> ExprId {
        match body {
            Some(ast::Body::Block(block)) => self.block(block, want),
            Some(ast::Body::AssignStmt(assign)) => self.assign(assign),
            Some(ast::Body::Expr(expr)) => self.infer(expr, want),
            None => self.poisoned(span),
        }
    }

    pub(crate) fn match_expr(&mut self, expr: ast::MatchExpr<'t>, want: Want) -> ExprId {
        let span = self.span_ast(expr);
        let want = match want {
            Want::Of(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            want => want,
        };
        let subject = match expr.subject() {
            Some(subject) => self.infer(subject, Want::Value),
            None => self.poisoned(span),
        };
        let ty = self.body.expr(subject).ty;
        let (mut arms, mut values, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for arm in expr.arms().into_iter().flat_map(|list| list.arms()) {
            let ast::AnyArm::Arm(arm) = arm else { continue };
            self.body.open_scope();
            let place = self.span_ast(arm);
            let Some(pattern) = arm.pattern() else {
                self.body.close_scope();
                continue;
            };
            let pat = self.pattern(pattern, ty, true);
            places.push(self.span_ast(pattern));
            let guard = arm
                .guard()
                .and_then(|guard| guard.condition())
                .map(|condition| self.expect(condition, Ty::BOOL, &Why::new("a condition", None)));
            values.push(self.arm_body(arm.body(), want, place));
            arms.push((pat, guard));
            self.body.close_scope();
        }
        self.judge_match(ty, &arms, &places, span);
        let (values, result) = self.join(values, want, "the first branch");
        let result = if arms.is_empty() { Ty::ERROR } else { result };
        let arms =
            arms.into_iter().zip(values).map(|((pat, guard), body)| Arm { pat, guard, body }).collect();
        self.body.push(ExprKind::Match { subject, arms }, result, span)
    }

    /// Reports arms that nothing reaches.
    pub(crate) fn report_useless(&mut self, useless: &[usize], places: &[Span]) {
        for &index in useless {
            let message = "this arm is never reached: the arms in front of it take all its values";
            self.report(Diagnostic::warning(M0312, message).at(places[index], ""));
        }
    }

    fn judge_match(&mut self, ty: Ty, arms: &[(PatId, Option<ExprId>)], places: &[Span], span: Span) {
        if self.shallow(ty) == Ty::ERROR
            || arms.iter().any(|&(pat, _)| self.body.body.pats[pat.index()].ty == Ty::ERROR)
        {
            return;
        }
        let list: Vec<_> = arms.iter().map(|&(pat, guard)| (pat, guard.is_some())).collect();
        let (useless, missing) = self.judge_arms(ty, &list);
        self.report_useless(&useless, places);
        if missing.is_empty() {
            return;
        }
        let shown = self.show(ty);
        let head = span.start..(span.start + 5).min(span.end);
        let at = Span::new(span.file, head.start, head.end);
        let open = missing == ["_"];
        let message = if open {
            "the arms do not take every value".to_owned()
        } else {
            format!("the arms do not take {}", join_words(&missing))
        };
        let help = if open {
            "add an arm `_ => ...` for all other values".to_owned()
        } else {
            match missing.iter().find(|missing| !missing.contains("ints ")) {
                Some(pattern) => {
                    format!("add an arm: `{pattern} => ...`, or `_ => ...` for all that is left")
                }
                None => "add an arm `_ => ...` for all that is left".to_owned(),
            }
        };
        self.report(
            Diagnostic::error(M0311, message).at(at, format!("this matches a value of `{shown}`")).help(help),
        );
    }

    pub(crate) fn try_expr(&mut self, expr: ast::TryExpr<'t>, want: Want) -> ExprId {
        let span = self.span_ast(expr);
        let want = match want {
            Want::Of(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            want => want,
        };
        let mut values = vec![match expr.body() {
            Some(block) => self.block(block, want),
            None => self.poisoned(span),
        }];
        let error = self.error_type();
        let mut catches: Vec<(Ty, crate::hir::LocalId)> = Vec::new();
        for catch in expr.catches() {
            self.body.open_scope();
            let place = self.span_ast(catch);
            let (name, class) = match catch.pattern() {
                Some(ast::Pattern::NamePattern(name)) => {
                    let class = name.class().map_or(error, |class| self.catch_class(class));
                    (super::collect::text_of(name.name()), class)
                }
                Some(ast::Pattern::WildcardPattern(_)) | None => ("", error),
                Some(other) => {
                    let at = self.span_ast(other);
                    self.error_help(
                        crate::errors::M0325,
                        at,
                        "an error is caught by its class",
                        "write `catch e: Class { }`, or `catch e { }` for all errors",
                    );
                    ("", error)
                }
            };
            if let Some(index) = catches.iter().position(|&(before, _)| self.covers(before, class)) {
                let _ = index;
                self.report(
                    Diagnostic::warning(
                        M0312,
                        "this is never reached: a `catch` in front of it takes these errors",
                    )
                    .at(place, ""),
                );
            }
            let local = self.bind(name, class, place);
            values.push(match catch.body() {
                Some(block) => self.block(block, want),
                None => self.poisoned(place),
            });
            catches.push((class, local));
            self.body.close_scope();
        }
        let (values, ty) = self.join(values, want, "the first branch");
        let body = values[0];
        let catches = catches
            .into_iter()
            .zip(&values[1..])
            .map(|((class, local), &body)| Catch { class, local, body })
            .collect();
        self.body.push(ExprKind::Try { body, catches }, ty, span)
    }

    fn covers(&mut self, before: Ty, class: Ty) -> bool {
        match *self.kind(before) {
            TyKind::Named(id, _) => self.as_super(class, id).is_some(),
            _ => false,
        }
    }

    /// `Error`
    pub(crate) fn error_type(&mut self) -> Ty {
        match self.known.error {
            Some(id) => self.program.types.named(id, &[]),
            None => Ty::ERROR,
        }
    }

    fn catch_class(&mut self, class: ast::Type<'t>) -> Ty {
        let ty = self.ty(class);
        if ty == Ty::ERROR || self.is_error(ty) {
            return ty;
        }
        let (span, shown) = (self.span_ast(class), self.show(ty));
        self.error(M0334, span, format!("`{shown}` is no error, so it is never caught"));
        Ty::ERROR
    }

    fn is_error(&mut self, ty: Ty) -> bool {
        matches!(self.shallow(ty), Ty::ERROR | Ty::NEVER)
            || self.known.error.is_some_and(|error| self.as_super(ty, error).is_some())
    }

    pub(crate) fn throw_expr(&mut self, expr: ast::ThrowExpr<'t>) -> ExprId {
        let span = self.span_ast(expr);
        let Some(error) = expr.error() else { return self.poisoned(span) };
        let value = self.infer(error, Want::Value);
        let ty = self.body.expr(value).ty;
        if !self.is_error(ty) {
            let shown = self.show(ty);
            let place = self.body.expr(value).span;
            let help = if ty == Ty::STR {
                format!("write `throw Error({})`", error.node().text())
            } else {
                "an error is an object of a class below `Error`: `class Broken: Error { let part: str }`"
                    .to_owned()
            };
            self.report(
                Diagnostic::error(M0334, "only errors can be thrown")
                    .at(place, format!("this is `{shown}`"))
                    .help(help),
            );
        }
        self.body.push(ExprKind::Throw(value), Ty::NEVER, span)
    }

    pub(crate) fn return_expr(&mut self, expr: ast::ReturnExpr<'t>) -> ExprId {
        let span = self.span_ast(expr);
        let Some(frame) = self.body.frames.last().cloned() else { return self.poisoned(span) };
        let value = match (expr.value(), frame.result) {
            (Some(value), Some(ty)) if self.shallow(ty) == Ty::UNIT => {
                let id = self.infer(value, Want::Value);
                let ty = self.body.expr(id).ty;
                if !matches!(self.shallow(ty), Ty::UNIT | Ty::NEVER | Ty::ERROR) {
                    let shown = self.show(ty);
                    let place = self.body.expr(id).span;
                    self.report(
                        Diagnostic::error(M0301, "this function has no result, so `return` takes no value")
                            .at(place, format!("this is `{shown}`"))
                            .help(format!("write `-> {shown}` behind the parameters to give one")),
                    );
                }
                Some(id)
            }
            (Some(value), Some(ty)) => Some(self.expect(value, ty, &frame.why)),
            (Some(value), None) => {
                let id = self.infer(value, Want::Value);
                if let Some(frame) = self.body.frames.last_mut() {
                    frame.returned.push(id);
                }
                Some(id)
            }
            (None, Some(ty)) if !matches!(self.shallow(ty), Ty::UNIT | Ty::ERROR) => {
                let shown = self.show(ty);
                self.report(
                    Diagnostic::error(M0310, format!("`return` needs a value: the result is `{shown}`"))
                        .at(span, ""),
                );
                None
            }
            (None, known) => {
                if let Some(frame) = self.body.frames.last_mut().filter(|_| known.is_none()) {
                    frame.returns_nothing = true;
                }
                None
            }
        };
        self.body.push(ExprKind::Return(value), Ty::NEVER, span)
    }

    pub(crate) fn break_expr(&mut self, expr: ast::BreakExpr<'t>) -> ExprId {
        let span = self.span_ast(expr);
        let Some(id) = self.loop_of(expr.label(), "break", span) else { return self.poisoned(span) };
        if let Some(scope) = self.body.loops.iter_mut().find(|scope| scope.id == id) {
            scope.broken = true;
        }
        self.body.push(ExprKind::Break(id), Ty::NEVER, span)
    }

    pub(crate) fn continue_expr(&mut self, expr: ast::ContinueExpr<'t>) -> ExprId {
        let span = self.span_ast(expr);
        match self.loop_of(expr.label(), "continue", span) {
            Some(id) => self.body.push(ExprKind::Continue(id), Ty::NEVER, span),
            None => self.poisoned(span),
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn join_words(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
