//! `spawn`, `receive`, `select`.

use std::collections::{BTreeMap, BTreeSet};

use mvm_diag::{Diagnostic, Span};
use mvm_isa::Syscall;

use super::Checker;
use super::body::Want;
use super::unify::Why;
use crate::ast;
use crate::errors::{M0301, M0306, M0329};
use crate::hir::{Arm, ArrayOp, ExprId, ExprKind, FnId, FnKind, Literal, NominalId, NominalKind, PatKind};
use crate::types::{Ty, TyKind};

/// Which messages the program takes out of mailboxes.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Cases that a `receive` takes, for each type of messages of which there is one.
    cases: BTreeMap<NominalId, BTreeSet<u32>>,
    /// There is a `receive` of which it is not known what it takes.
    unknown: bool,
}

impl<'t> Checker<'t> {
    /// `self` in a function that receives: its process.
    pub(crate) fn own_process(&mut self, span: Span) -> Option<ExprId> {
        let function = self.body.function?;
        let receives = self.program.fns[function.index()].receives?;
        if self.body.frames.len() > 1 {
            return None;
        }
        let id = self.known.process?;
        let ty = self.program.types.named(id, &[receives]);
        let number = self.body.push(ExprKind::Syscall(Syscall::SelfPid, Vec::new()), Ty::INT, span);
        let init = self.init_of(id)?;
        Some(self.body.push(ExprKind::New { init, args: vec![number] }, ty, span))
    }

    /// `spawn(options) f(args)`
    pub(crate) fn spawn(&mut self, expr: ast::SpawnExpr<'t>, span: Span) -> ExprId {
        let Some(ast::Expr::CallExpr(call)) = expr.call() else {
            self.error_help(
                M0329,
                span,
                "`spawn` starts a call of a function as a process",
                "write `spawn worker(arguments)`",
            );
            return self.poisoned(span);
        };
        self.body.spawning = true;
        let started = self.infer(ast::Expr::CallExpr(call), Want::Nothing);
        self.body.spawning = false;
        // Arguments that were kept in locals stay in front.
        let (statements, inner) = match self.body.expr(started).kind.clone() {
            ExprKind::Block { statements, value: Some(value) } => (statements, value),
            _ => (Vec::new(), started),
        };
        let ExprKind::Call { function, generics, args } = self.body.expr(inner).kind.clone() else {
            let ty = self.body.expr(inner).ty;
            if self.shallow(ty) != Ty::ERROR {
                self.error_help(
                    M0329,
                    span,
                    "a process is started with a function of a file",
                    "methods and closures belong to this process; write a function and pass what it needs",
                );
            }
            return self.poisoned(span);
        };
        if !self.may_be_spawned(function, span) {
            return self.poisoned(span);
        }
        let (options, name) = self.spawn_options(expr.options(), span);
        let number = self.body.push(
            ExprKind::Spawn { function, generics: generics.clone(), args, options },
            Ty::INT,
            span,
        );
        let params = self.program.fns[function.index()].generics.clone();
        let mailbox = self.program.fns[function.index()].receives.unwrap_or(Ty::UNIT);
        let mailbox = self.program.types.subst(mailbox, &params, &generics);
        let (Some(process), Some(&spawned)) = (self.known.process, self.program.lang.fns.get("spawned"))
        else {
            return self.poisoned(span);
        };
        let ty = self.program.types.named(process, &[mailbox]);
        let name = match name {
            Some(name) => name,
            None => {
                let optional = self.program.types.optional(Ty::STR);
                self.body.push(ExprKind::None, optional, span)
            }
        };
        let kind =
            ExprKind::Call { function: spawned, generics: Box::new([mailbox]), args: vec![number, name] };
        let made = self.body.push(kind, ty, span);
        if statements.is_empty() {
            return made;
        }
        self.body.push(ExprKind::Block { statements, value: Some(made) }, ty, span)
    }

    fn may_be_spawned(&mut self, id: FnId, span: Span) -> bool {
        let function = &self.program.fns[id.index()];
        let (name, result, kind) = (function.name.clone(), function.result, function.kind);
        if kind != FnKind::Free {
            self.error(M0329, span, format!("`{name}` is no function of a file, so it cannot be a process"));
            return false;
        }
        if !matches!(result, Ty::UNIT | Ty::NEVER | Ty::ERROR) {
            self.error_help(
                M0329,
                span,
                format!("`{name}` gives a result, which nobody would take"),
                "a process answers with messages; give it a `Reply` or a process to send to",
            );
            return false;
        }
        true
    }

    /// The options as an expression of `Array<int>`, and the name as a `str?`.
    fn spawn_options(
        &mut self,
        options: Option<ast::Args<'t>>,
        span: Span,
    ) -> (Option<ExprId>, Option<ExprId>) {
        let Some(&function) = self.program.lang.fns.get("spawn_options") else { return (None, None) };
        let Some(written) = options else { return (None, None) };
        let mut name = None;
        let mut others = Vec::new();
        for arg in written.args() {
            let place = self.span_ast(arg);
            let (Some(token), Some(value)) = (arg.name(), arg.value()) else {
                self.error_help(
                    M0306,
                    place,
                    "options of `spawn` have names",
                    "write `spawn(name: \"x\") f()`",
                );
                continue;
            };
            if token.text() == "name" {
                let optional = self.program.types.optional(Ty::STR);
                name = Some(self.expect(value, optional, &Why::new("the name", None)));
            } else if self.program.fns[function.index()]
                .params
                .iter()
                .any(|param| &*param.name == token.text())
            {
                others.push(arg);
            } else {
                self.error_help(
                    M0306,
                    place,
                    format!("`spawn` has no option `{}`", token.text()),
                    "its options are: name, priority, limits, rights, link",
                );
            }
        }
        if others.is_empty() {
            return (None, name);
        }
        let options = self.call_fn(function, None, &others, Want::Value, span, span);
        (Some(options), name)
    }

    /// `receive { }`
    pub(crate) fn receive(&mut self, expr: ast::ReceiveExpr<'t>, want: Want, span: Span) -> ExprId {
        let receives = self.body.function.and_then(|id| self.program.fns[id.index()].receives);
        let message = match receives {
            Some(ty) if self.body.frames.len() == 1 => ty,
            _ => {
                let word = Span::new(span.file, span.start, (span.start + 7).min(span.end));
                self.error_help(
                    M0329,
                    word,
                    "`receive` stands in a function that owns a mailbox, and not in its closures",
                    "say what it receives: `fn worker() receives Msg { ... }`",
                );
                Ty::ERROR
            }
        };
        let want = match want {
            Want::Of(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            want => want,
        };
        let (mut pats, mut places, mut values, mut after) = (Vec::new(), Vec::new(), Vec::new(), None);
        for arm in expr.arms().into_iter().flat_map(|list| list.arms()) {
            match arm {
                ast::AnyArm::Arm(arm) => {
                    let place = self.span_ast(arm);
                    let Some(pattern) = arm.pattern() else { continue };
                    self.body.open_scope();
                    let pat = self.pattern(pattern, message, true);
                    self.judge_receive_pattern(pat, pattern);
                    values.push(self.arm_body(arm.body(), want, place));
                    pats.push(pat);
                    places.push(self.span_ast(pattern));
                    self.body.close_scope();
                }
                ast::AnyArm::AfterArm(arm) => after = Some(self.after_arm(arm, want, span)),
                ast::AnyArm::FromArm(arm) => {
                    let at = self.span_ast(arm);
                    self.error(M0329, at, "`from` belongs to `select`, which takes values from channels");
                }
            }
        }
        self.judge_received(message, &pats, &places);
        let count = values.len();
        values.extend(after.map(|(_, body)| body));
        let (values, ty) = self.join(values, want, "the first arm");
        let arms = pats
            .into_iter()
            .zip(&values[..count])
            .map(|(pat, &body)| Arm { pat, guard: None, body })
            .collect();
        let after = after.zip(values.get(count)).map(|((time, _), &body)| (time, body));
        self.body.push(ExprKind::Receive { message, arms, after }, ty, span)
    }

    /// Reports arms that get no message because those in front of them take all, and remembers which cases are taken.
    fn judge_received(&mut self, message: Ty, pats: &[crate::hir::PatId], places: &[Span]) {
        if self.shallow(message) == Ty::ERROR
            || pats.iter().any(|&pat| self.body.body.pats[pat.index()].ty == Ty::ERROR)
        {
            self.received.unknown = true;
            return;
        }
        let list: Vec<_> = pats.iter().map(|&pat| (pat, false)).collect();
        let (useless, _) = self.judge_arms(message, &list);
        self.report_useless(&useless, places);
        match self.kind(message) {
            &TyKind::Named(id, _) => {
                let count = self.program.nominals[id.index()].cases.len() as u32;
                let taken = self.received.cases.entry(id).or_default();
                let mut left = pats.to_vec();
                while let Some(pat) = left.pop() {
                    match &self.body.body.pats[pat.index()].kind {
                        PatKind::Case(case, _) => _ = taken.insert(*case),
                        PatKind::Or(parts) => left.extend(parts),
                        // Everything.
                        _ => taken.extend(0..count),
                    }
                }
            }
            // Of a type parameter: any enum may be meant.
            _ => self.received.unknown = true,
        }
    }

    /// Warns of cases of messages that no `receive` of the program takes.
    pub(crate) fn judge_cases_received(&mut self) {
        if self.received.unknown || self.diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        for (id, taken) in std::mem::take(&mut self.received.cases) {
            let nominal = &self.program.nominals[id.index()];
            // A file that is checked alone does not show what others receive.
            let library = self.units[nominal.module.index()].library;
            if library || nominal.kind != NominalKind::Enum || self.program.main.is_none() {
                continue;
            }
            let left: Vec<(std::sync::Arc<str>, Span)> = (0..)
                .zip(&nominal.cases)
                .filter(|(case, _)| !taken.contains(case))
                .map(|(_, case)| (case.name.clone(), case.span))
                .collect();
            for (name, span) in left {
                self.report(
                    Diagnostic::warning(
                        M0329,
                        format!("no `receive` takes `{name}`: such messages stay in the mailbox"),
                    )
                    .at(span, "")
                    .help(format!("add an arm `{name} => ...` to a `receive`, or leave the case out")),
                );
            }
        }
    }

    fn after_arm(&mut self, arm: ast::AfterArm<'t>, want: Want, span: Span) -> (ExprId, ExprId) {
        let time = match arm.time() {
            Some(time) => self.expect(time, Ty::INT, &Why::new("a time in milliseconds", None)),
            None => self.poisoned(span),
        };
        (time, self.arm_body(arm.body(), want, span))
    }

    /// Arms of `receive` name cases or classes, or take everything; what they hold is bound.
    fn judge_receive_pattern(&mut self, pat: crate::hir::PatId, text: ast::Pattern<'t>) {
        let right = match self.body.body.pats[pat.index()].kind.clone() {
            PatKind::Wildcard | PatKind::Bind(_) | PatKind::Class(..) => true,
            PatKind::Case(_, parts) => parts
                .iter()
                .flatten()
                .all(|&part| self.always_matches(part) || self.body.body.pats[part.index()].ty == Ty::ERROR),
            PatKind::Or(parts) => parts.iter().all(|&part| {
                matches!(self.body.body.pats[part.index()].kind, PatKind::Case(_, None) | PatKind::Wildcard)
            }),
            _ => self.body.body.pats[pat.index()].ty == Ty::ERROR,
        };
        if !right {
            let span = self.span_ast(text);
            self.error_help(
                M0329,
                span,
                "an arm of `receive` names a case or class and tests nothing else",
                "take the message and `match` inside of the arm",
            );
        }
    }

    /// `select { }`: as a `match` on which channel is ready.
    pub(crate) fn select(&mut self, expr: ast::SelectExpr<'t>, want: Want, span: Span) -> ExprId {
        let want = match want {
            Want::Of(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            want => want,
        };
        let (mut froms, mut after) = (Vec::new(), None);
        for arm in expr.arms().into_iter().flat_map(|list| list.arms()) {
            match arm {
                ast::AnyArm::FromArm(arm) => froms.push(arm),
                ast::AnyArm::AfterArm(arm) => after = Some(arm),
                ast::AnyArm::Arm(arm) => {
                    let at = self.span_ast(arm);
                    self.error_help(
                        M0329,
                        at,
                        "arms of `select` take from channels",
                        "write `job from jobs => ...`",
                    );
                }
            }
        }
        let Some(array) = self.known.array else { return self.poisoned(span) };
        let numbers = self.program.types.named(array, &[Ty::INT]);
        let count = self.body.push(ExprKind::Int(froms.len() as i64), Ty::INT, span);
        let new = self.body.push(ExprKind::Array(ArrayOp::New, vec![count]), numbers, span);
        let (list, keep) = self.bind_temp(new);
        let mut statements = vec![keep];
        let mut elements = Vec::new();
        for (index, from) in froms.iter().enumerate() {
            let (element, number) = self.channel_of(*from, span);
            elements.push(element);
            let (all, at) =
                (self.read_temp(list), self.body.push(ExprKind::Int(index as i64), Ty::INT, span));
            statements.push(self.body.push(
                ExprKind::Array(ArrayOp::Set, vec![all, at, number]),
                Ty::UNIT,
                span,
            ));
        }
        let time = match after.and_then(|arm| arm.time()) {
            Some(time) => self.expect(time, Ty::INT, &Why::new("a time in milliseconds", None)),
            None => self.body.push(ExprKind::Int(-1), Ty::INT, span),
        };
        let all = self.read_temp(list);
        let answer = self.library_call("select_first", vec![all, time], span);
        let (pair, keep) = self.bind_temp(answer);
        statements.push(keep);
        let (pats, values) = self.select_arms(&froms, &elements, after, pair, want, span);
        let (values, ty) = self.join(values, want, "the first arm");
        let whole = self.read_temp(pair);
        let subject = self.body.push(ExprKind::TupleField(whole, 1), Ty::INT, span);
        let arms = pats
            .into_iter()
            .zip(values)
            .map(|(pat, body)| Arm { pat, guard: None, body })
            .collect::<Vec<_>>();
        let ty = if arms.is_empty() { Ty::UNIT } else { ty };
        let choice = self.body.push(ExprKind::Match { subject, arms }, ty, span);
        if ty == Ty::UNIT || ty == Ty::NEVER {
            statements.push(choice);
            return self.body.push(ExprKind::Block { statements, value: None }, ty, span);
        }
        self.body.push(ExprKind::Block { statements, value: Some(choice) }, ty, span)
    }

    /// What comes out of the channel of an arm, and its number for the machine.
    fn channel_of(&mut self, from: ast::FromArm<'t>, span: Span) -> (Ty, ExprId) {
        let Some(channel) = from.channel() else { return (Ty::ERROR, self.poisoned(span)) };
        let value = self.infer(channel, Want::Value);
        let (ty, place) = (self.body.expr(value).ty, self.body.expr(value).span);
        let element = match self.kind(ty).clone() {
            TyKind::Named(id, args) if &*self.program.nominals[id.index()].name == "Channel" => args[0],
            TyKind::Error => Ty::ERROR,
            _ => {
                let shown = self.show(ty);
                self.error(M0301, place, format!("`select` takes from channels, and this is `{shown}`"));
                Ty::ERROR
            }
        };
        let Some(&function) = self.program.lang.fns.get("channel_number") else {
            return (element, self.poisoned(place));
        };
        let kind = ExprKind::Call { function, generics: Box::new([element]), args: vec![value] };
        (element, self.body.push(kind, Ty::INT, place))
    }

    fn select_arms(
        &mut self,
        froms: &[ast::FromArm<'t>],
        elements: &[Ty],
        after: Option<ast::AfterArm<'t>>,
        pair: crate::hir::LocalId,
        want: Want,
        span: Span,
    ) -> (Vec<crate::hir::PatId>, Vec<ExprId>) {
        let (mut pats, mut values) = (Vec::new(), Vec::new());
        let any = self.known.any.map_or(Ty::ERROR, |id| self.program.types.named(id, &[]));
        for (index, (from, &element)) in froms.iter().zip(elements).enumerate() {
            self.body.open_scope();
            let last = index + 1 == froms.len() && after.is_none();
            let kind = if last { PatKind::Wildcard } else { PatKind::Literal(Literal::Int(index as i64)) };
            pats.push(self.body.pat(kind, Ty::INT, span));
            let whole = self.read_temp(pair);
            let value = self.body.push(ExprKind::TupleField(whole, 0), any, span);
            let optional = self.program.types.optional(element);
            let value = match self.program.lang.fns.get("select_value") {
                Some(&function) => {
                    let kind = ExprKind::Call { function, generics: Box::new([element]), args: vec![value] };
                    self.body.push(kind, optional, span)
                }
                None => self.poisoned(span),
            };
            let mut statements = Vec::new();
            if let Some(pattern) = from.pattern() {
                let pat = self.pattern(pattern, optional, false);
                self.must_always_match(pat, pattern);
                statements.push(self.body.push(
                    ExprKind::LetStmt { pat, value: Some(value) },
                    Ty::UNIT,
                    span,
                ));
            }
            let body = self.arm_body(from.body(), want, span);
            let ty = self.body.expr(body).ty;
            let has_value = want != Want::Nothing && self.shallow(ty) != Ty::UNIT;
            let block = if has_value {
                ExprKind::Block { statements, value: Some(body) }
            } else {
                statements.push(body);
                ExprKind::Block { statements, value: None }
            };
            values.push(self.body.push(block, ty, span));
            self.body.close_scope();
        }
        if let Some(after) = after {
            pats.push(self.body.pat(PatKind::Wildcard, Ty::INT, span));
            values.push(self.arm_body(after.body(), want, span));
        }
        (pats, values)
    }
}
