//! Names, and chains of `.`, `?.`, `[]`, `!` behind them.

use mvm_diag::{Diagnostic, Span};

use super::body::{ChainGuard, Want};
use super::members::Found;
use super::unify::Why;
use super::{Checker, Item, Member};
use crate::ast;
use crate::errors::{M0302, M0304, M0307, M0308, M0327, M0328};
use crate::hir::{ExprId, ExprKind, FnId, FnKind, LocalId, ModuleId, NominalId, NominalKind};
use crate::types::{Ty, TyKind};

/// What stands in front of a point and is no value.
#[derive(Debug, Clone)]
pub(crate) enum Path {
    Module(ModuleId),
    Nominal(NominalId, Option<Vec<Ty>>),
    /// The machine, in the library.
    Machine,
}

impl<'t> Checker<'t> {
    /// A chain as a whole: if a `?.` in it finds `none`, all of it is `none`.
    pub(crate) fn chain(&mut self, expr: ast::Expr<'t>, want: Want) -> ExprId {
        let outer = std::mem::take(&mut self.body.chain);
        let value = self.link(expr, want);
        let guards = std::mem::replace(&mut self.body.chain, outer);
        if guards.is_empty() {
            return value;
        }
        let span = self.span_ast(expr);
        let ty = self.body.expr(value).ty;
        let ty = self.shallow(ty);
        let (mut value, result) = if matches!(ty, Ty::UNIT | Ty::NEVER | Ty::ERROR) {
            (value, if ty == Ty::NEVER { Ty::UNIT } else { ty })
        } else {
            let optional = self.program.types.optional(ty);
            (self.coerce(value, optional, &Why::default()), optional)
        };
        for ChainGuard { local, value: guarded } in guards.into_iter().rev() {
            let keep_ty = self.body.body.locals[local.index()].ty;
            let pat = self.body.pat(crate::hir::PatKind::Bind(local), keep_ty, span);
            let keep = self.body.push(ExprKind::LetStmt { pat, value: Some(guarded) }, Ty::UNIT, span);
            let read = self.read_temp(local);
            let condition = self.body.push(ExprKind::IsSome(read), Ty::BOOL, span);
            let otherwise = match result {
                Ty::UNIT | Ty::ERROR => None,
                _ => Some(self.body.push(ExprKind::None, result, span)),
            };
            let choice = self.body.push(ExprKind::If { condition, then: value, otherwise }, result, span);
            value =
                self.body.push(ExprKind::Block { statements: vec![keep], value: Some(choice) }, result, span);
        }
        value
    }

    /// A part of a chain.
    pub(crate) fn link(&mut self, expr: ast::Expr<'t>, want: Want) -> ExprId {
        let span = self.span_ast(expr);
        match expr {
            ast::Expr::NameExpr(name) => self.name(name, want, span),
            ast::Expr::FieldExpr(field) => self.field(field, want, span),
            ast::Expr::CallExpr(call) => self.call(call, want, span),
            ast::Expr::IndexExpr(index) => self.index(index, span),
            ast::Expr::UnwrapExpr(unwrap) => self.unwrap(unwrap, span),
            other => self.infer_plain(other, want),
        }
    }

    /// The local of this name; in a closure it is captured by that.
    pub(crate) fn find_local(&mut self, name: &str) -> Option<LocalId> {
        self.body.names.find(name)
    }

    /// Notes that a local is used here.
    pub(crate) fn use_local(&mut self, local: LocalId) {
        if self.body.infos[local.index()].frame < self.body.frames.len() {
            self.body.body.locals[local.index()].captured = true;
        }
    }

    pub(crate) fn local_value(&mut self, local: LocalId, span: Span) -> ExprId {
        self.use_local(local);
        let ty = self.body.body.locals[local.index()].ty;
        self.body.push(ExprKind::Local(local), ty, span)
    }

    /// The object of the method that is checked, with its class.
    pub(crate) fn own_object(&self) -> Option<(NominalId, LocalId)> {
        Some((self.owner?, self.body.own?))
    }

    pub(crate) fn self_value(&mut self, span: Span) -> ExprId {
        if let Some(own) = self.body.own {
            return self.local_value(own, span);
        }
        if let Some(process) = self.own_process(span) {
            return process;
        }
        let help = match self.owner {
            Some(_) => "a `static fn` belongs to the class and has no object",
            None => "`self` is the object of a method, or the process of a function that `receives`",
        };
        self.error_help(M0328, span, "there is no `self` here", help);
        self.poisoned(span)
    }

    fn name(&mut self, name: ast::NameExpr<'t>, want: Want, span: Span) -> ExprId {
        let Some(token) = name.name() else { return self.poisoned(span) };
        if name.args().is_some() {
            self.error_help(M0307, span, "a type is no value", "an object is made by a call: add `()`");
            return self.poisoned(span);
        }
        self.name_want(token.text(), want, span)
    }

    /// The value of a name.
    pub(crate) fn name_value(&mut self, text: &str, span: Span) -> ExprId {
        self.name_want(text, Want::Value, span)
    }

    fn name_want(&mut self, text: &str, want: Want, span: Span) -> ExprId {
        if let Some(local) = self.find_local(text) {
            return self.local_value(local, span);
        }
        if let Some(found) = self.own_member_of_scope(text) {
            return self.member_of_scope(&found, text, want, span);
        }
        match self.lookup_item(text) {
            Some(item) => self.item_value(&item, text, want, span),
            None => {
                self.unknown_name(text, span, false);
                self.poisoned(span)
            }
        }
    }

    /// The member of the class around that a bare name means.
    pub(crate) fn own_member_of_scope(&mut self, name: &str) -> Option<Found> {
        let owner = self.owner?;
        let ty = self.self_type(owner);
        self.find_member(ty, name)
    }

    /// `self` for a member that is named without it; none where there is no object.
    pub(crate) fn implied_self(&mut self, name: &str, span: Span) -> Option<ExprId> {
        match self.body.own {
            Some(own) => Some(self.local_value(own, span)),
            None => {
                self.error_help(
                    M0328,
                    span,
                    format!("`{name}` belongs to an object, and there is none here"),
                    "a `static fn` or a default has no `self`; pass the object as a parameter",
                );
                None
            }
        }
    }

    fn member_of_scope(&mut self, found: &Found, name: &str, want: Want, span: Span) -> ExprId {
        match found.member {
            Member::Field(_) | Member::Method(_) => match self.implied_self(name, span) {
                Some(object) => self.member_value(object, found, name, span),
                None => self.poisoned(span),
            },
            _ => self.static_value(found.owner, Some(found.args.clone()), found.member, want, span),
        }
    }

    /// An item of a module as value.
    pub(crate) fn item_value(&mut self, item: &Item, name: &str, want: Want, span: Span) -> ExprId {
        match item {
            &Item::Fn(id) => self.fn_value(id, Vec::new(), want, span),
            &Item::Const(id) => {
                let ty = self.program.consts[id.index()].ty;
                self.body.push(ExprKind::Const(id), ty, span)
            }
            Item::Cases(cases) => match self.choose_case(cases, name, want, span) {
                Some((id, number)) => self.static_value(id, None, Member::Case(number), want, span),
                None => self.poisoned(span),
            },
            Item::Nominal(_) | Item::Alias(_) => {
                self.error_help(
                    M0307,
                    span,
                    format!("`{name}` is a type and no value"),
                    format!("an object is made by a call: `{name}(...)`"),
                );
                self.poisoned(span)
            }
            Item::Module(_) => {
                self.error_help(
                    M0307,
                    span,
                    format!("`{name}` is a module and no value"),
                    format!("what is in it is written `{name}.thing`"),
                );
                self.poisoned(span)
            }
        }
    }

    /// The case that is meant when enums share its name: that of the enum that is wanted.
    pub(crate) fn choose_case(
        &mut self,
        cases: &[(NominalId, u32)],
        name: &str,
        want: Want,
        span: Span,
    ) -> Option<(NominalId, u32)> {
        if let [one] = cases {
            return Some(*one);
        }
        let wanted = self.wanted(want).map(|ty| self.program.types.kind(ty).clone());
        if let Some(TyKind::Named(id, _)) = wanted
            && let Some(&case) = cases.iter().find(|case| case.0 == id)
        {
            return Some(case);
        }
        let names: Vec<String> = cases
            .iter()
            .map(|(id, _)| format!("{}.{name}", self.program.nominals[id.index()].name))
            .collect();
        self.error_help(
            M0302,
            span,
            format!("`{name}` is a case of several enums"),
            format!("say which: {}", super::control::join_words(&names)),
        );
        None
    }

    /// A function as value.
    pub(crate) fn fn_value(&mut self, id: FnId, owner_args: Vec<Ty>, want: Want, span: Span) -> ExprId {
        let function = &self.program.fns[id.index()];
        let generics = function.generics.clone();
        let (params, result) = (function.params.clone(), function.result);
        let mut args = owner_args;
        while args.len() < generics.len() {
            args.push(self.fresh());
        }
        self.later_bounds_of(&generics, &args, span);
        let params: Vec<Ty> =
            params.iter().map(|param| self.program.types.subst(param.ty, &generics, &args)).collect();
        let result = self.program.types.subst(result, &generics, &args);
        let ty = self.program.types.intern(TyKind::Fn(params.into(), result));
        if let Some(wanted) = self.wanted(want) {
            self.unify_or_not(ty, wanted);
        }
        for &arg in &args {
            self.body.must_be_known.push((arg, span, "a type argument of this function".to_owned()));
        }
        self.body.push(ExprKind::FnValue(id, args.into()), ty, span)
    }

    /// A member of a nominal that belongs to no object.
    pub(crate) fn static_value(
        &mut self,
        owner: NominalId,
        args: Option<Vec<Ty>>,
        member: Member,
        want: Want,
        span: Span,
    ) -> ExprId {
        let generics = self.program.nominals[owner.index()].generics.clone();
        let args = args.filter(|args| args.len() == generics.len());
        let args = args.unwrap_or_else(|| generics.iter().map(|_| self.fresh()).collect());
        match member {
            Member::Static(id) => self.fn_value(id, args, want, span),
            Member::StaticConst(id) => {
                let ty = self.program.consts[id.index()].ty;
                self.body.push(ExprKind::Const(id), ty, span)
            }
            Member::Case(number) => {
                let whole = self.program.types.named(owner, &args);
                let case = self.program.nominals[owner.index()].cases[number as usize].clone();
                if case.fields.is_empty() {
                    if let Some(wanted) = self.wanted(want) {
                        self.unify_or_not(whole, wanted);
                    }
                    self.body.must_be_known.push((whole, span, format!("`{}`", case.name)));
                    return self.body.push(ExprKind::NewCase { case: number, args: Vec::new() }, whole, span);
                }
                let params: Vec<Ty> = case
                    .fields
                    .iter()
                    .map(|&(_, ty)| self.program.types.subst(ty, &generics, &args))
                    .collect();
                let ty = self.program.types.intern(TyKind::Fn(params.into(), whole));
                if let Some(wanted) = self.wanted(want) {
                    self.unify_or_not(ty, wanted);
                }
                self.body.push(ExprKind::CaseValue(whole, number), ty, span)
            }
            Member::Method(id) => {
                let name = self.program.fns[id.index()].name.clone();
                self.error_help(
                    M0328,
                    span,
                    format!("`{name}` belongs to an object"),
                    "call it on one: `object.method()`",
                );
                self.poisoned(span)
            }
            Member::Field(number) => {
                let name = self.program.nominals[owner.index()].fields[number as usize].name.clone();
                self.error(M0328, span, format!("the field `{name}` belongs to an object of the class"));
                self.poisoned(span)
            }
        }
    }

    /// A field or method of an object as value.
    pub(crate) fn member_value(&mut self, object: ExprId, found: &Found, name: &str, span: Span) -> ExprId {
        // Where the value is `object.name`, the name stands at the end.
        let place = Span { start: span.start.max(span.end.saturating_sub(name.len() as u32)), ..span };
        self.judge_private(found, name, place);
        match found.member {
            Member::Field(number) => {
                let nominal = &self.program.nominals[found.owner.index()];
                let (ty, params) = (nominal.fields[number as usize].ty, nominal.generics.clone());
                let ty = self.program.types.subst(ty, &params, &found.args);
                self.body.push(ExprKind::Field { object, class: found.owner, field: number }, ty, span)
            }
            Member::Method(id) => {
                let function = &self.program.fns[id.index()];
                let generics = function.generics.clone();
                let (params, result) = (function.params.clone(), function.result);
                let mut args = found.args.clone();
                while args.len() < generics.len() {
                    args.push(self.fresh());
                }
                let params: Vec<Ty> = params[1..]
                    .iter()
                    .map(|param| self.program.types.subst(param.ty, &generics, &args))
                    .collect();
                let result = self.program.types.subst(result, &generics, &args);
                let ty = self.program.types.intern(TyKind::Fn(params.into(), result));
                self.body.push(ExprKind::MethodValue(object, id, args.into()), ty, span)
            }
            Member::Static(_) | Member::StaticConst(_) | Member::Case(_) => {
                let class = self.program.nominals[found.owner.index()].name.clone();
                self.error_help(
                    M0328,
                    span,
                    format!("`{name}` belongs to `{class}` and not to its objects"),
                    format!("write `{class}.{name}`"),
                );
                self.poisoned(span)
            }
        }
    }

    /// What an expression in front of a point names, if it is no value.
    pub(crate) fn path(&mut self, expr: ast::Expr<'t>) -> Option<Path> {
        match expr {
            ast::Expr::NameExpr(name) => {
                let text = name.name()?.text();
                if self.find_local(text).is_some() || self.own_member_of_scope(text).is_some() {
                    return None;
                }
                if text == "machine" && self.units[self.module.index()].library {
                    return Some(Path::Machine);
                }
                let args = name.args().map(|args| args.types().map(|ty| self.ty(ty)).collect());
                match self.lookup_item(text) {
                    Some(Item::Module(module)) => Some(Path::Module(module)),
                    Some(Item::Nominal(id)) => Some(Path::Nominal(id, args)),
                    Some(_) => None,
                    None => self.static_owner(text).map(|id| Path::Nominal(id, None)),
                }
            }
            ast::Expr::FieldExpr(field) => {
                let Path::Module(module) = self.path(field.base()?)? else { return None };
                let name = field.name()?;
                let args = field.args().map(|args| args.types().map(|ty| self.ty(ty)).collect());
                match &self.scopes[module.index()].get(name.text())?.item {
                    &Item::Nominal(id) => {
                        let span = self.span_token(name);
                        self.import(module, name.text(), span)?;
                        Some(Path::Nominal(id, args))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A member that is reached through a nominal: `Shape.Circle`.
    pub(crate) fn static_member(&mut self, id: NominalId, name: &str, span: Span) -> Option<Member> {
        if let Some(&member) = self.nominals[id.index()].members.get(name) {
            let found = Found { member, owner: id, args: Vec::new() };
            self.judge_private(&found, name, span);
            return Some(member);
        }
        let class = self.program.nominals[id.index()].name.clone();
        let names: Vec<&str> = self.nominals[id.index()].members.keys().copied().collect();
        let near = self.near(name, names).map(str::to_owned);
        let mut diagnostic = Diagnostic::error(M0304, format!("`{class}` has no `{name}`")).at(span, "");
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{class}.{near}`?"));
        } else if let Some(help) = self.help_with_case_of(id, name) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
        None
    }

    fn field(&mut self, field: ast::FieldExpr<'t>, want: Want, span: Span) -> ExprId {
        let (Some(base), Some(name)) = (field.base(), field.name()) else { return self.poisoned(span) };
        let place = self.span_token(name);
        if let ast::Expr::SuperExpr(_) = base {
            self.error_help(
                M0328,
                span,
                "`super` reaches methods of the base class, which are called",
                format!(
                    "write `super.{}()`; fields are inherited, so their name alone is enough",
                    name.text()
                ),
            );
            return self.poisoned(span);
        }
        match self.path(base) {
            Some(Path::Module(module)) => match self.import(module, name.text(), place) {
                Some(item) => return self.item_value(&item, name.text(), want, span),
                None => return self.poisoned(span),
            },
            Some(Path::Nominal(id, args)) => {
                return match self.static_member(id, name.text(), place) {
                    Some(member) => self.static_value(id, args, member, want, span),
                    None => self.poisoned(span),
                };
            }
            Some(Path::Machine) => {
                self.error(M0304, span, "the machine has instructions, which are called");
                return self.poisoned(span);
            }
            None => {}
        }
        let object = self.object_of(base, field.optional().is_some());
        let ty = self.body.expr(object).ty;
        let ty = self.shallow(ty);
        if ty == Ty::ERROR {
            return self.poisoned(span);
        }
        if let Ok(number) = name.text().parse::<u32>() {
            return self.tuple_field(object, ty, number, place);
        }
        match self.find_seen(ty, name.text()) {
            Some(found) => self.member_value(object, &found, name.text(), span),
            None => {
                self.no_member(ty, name.text(), place);
                self.poisoned(span)
            }
        }
    }

    /// The object in front of `.` or `?.`.
    pub(crate) fn object_of(&mut self, base: ast::Expr<'t>, optional: bool) -> ExprId {
        let object = self.link(base, Want::Value);
        if !optional {
            return object;
        }
        let (ty, span) = (self.body.expr(object).ty, self.body.expr(object).span);
        let TyKind::Optional(inner) = *self.kind(ty) else {
            if self.shallow(ty) != Ty::ERROR {
                let shown = self.show(ty);
                self.report(
                    Diagnostic::warning(M0327, "`?.` is for what may be `none`; write `.` here")
                        .at(span, format!("this is `{shown}`, which is always there")),
                );
            }
            return object;
        };
        let local = self.body.local("", ty, span);
        self.body.chain.push(ChainGuard { local, value: object });
        let there = self.read_temp(local);
        self.body.push(ExprKind::Unwrap(there), inner, span)
    }

    fn tuple_field(&mut self, object: ExprId, ty: Ty, number: u32, span: Span) -> ExprId {
        match self.kind(ty).clone() {
            TyKind::Tuple(parts) if (number as usize) < parts.len() => {
                self.body.push(ExprKind::TupleField(object, number), parts[number as usize], span)
            }
            TyKind::Tuple(parts) => {
                let message = format!("this tuple has the parts 0 to {}", parts.len() - 1);
                self.error(M0304, span, message);
                self.poisoned(span)
            }
            TyKind::Var(_) => {
                self.open_type(span, "this value");
                self.poisoned(span)
            }
            _ => {
                let shown = self.show(ty);
                self.error(M0304, span, format!("`{shown}` is no tuple, so it has no part {number}"));
                self.poisoned(span)
            }
        }
    }

    fn index(&mut self, index: ast::IndexExpr<'t>, span: Span) -> ExprId {
        let (Some(base), Some(at)) = (index.base(), index.index()) else { return self.poisoned(span) };
        let object = self.link(base, Want::Value);
        self.index_of(object, at, span)
    }

    /// `object[at]`
    fn index_of(&mut self, object: ExprId, at: ast::Expr<'t>, span: Span) -> ExprId {
        let ty = self.body.expr(object).ty;
        let ty = self.shallow(ty);
        let is_range = matches!(at, ast::Expr::BinaryExpr(binary)
            if matches!(binary.op(), Some(ast::BinaryOp::Range | ast::BinaryOp::RangeInclusive)));
        if ty == Ty::ERROR {
            self.infer(at, Want::Value);
            return self.poisoned(span);
        }
        if let ast::Expr::BinaryExpr(binary) = at
            && is_range
            && let (Some(start), Some(end)) = (binary.left(), binary.right())
            && self.find_member(ty, "slice").is_some()
        {
            let why = Why::new("an end of a range", None);
            let (start, mut end) = (self.expect(start, Ty::INT, &why), self.expect(end, Ty::INT, &why));
            if binary.op() == Some(ast::BinaryOp::RangeInclusive) {
                let one = self.body.push(ExprKind::Int(1), Ty::INT, span);
                end = self.body.push(ExprKind::Binary(crate::hir::Op::Add, end, one), Ty::INT, span);
            }
            return self.call_member(object, "slice", vec![start, end], span);
        }
        if ty == Ty::STR {
            self.infer(at, Want::Value);
            self.error_help(
                M0308,
                span,
                "a `str` has no elements by number: positions count bytes, and a character may have several",
                "`s.byte_at(i)` is a byte, `s.chars()[i]` a character, `s[a..b]` a part",
            );
            return self.poisoned(span);
        }
        if self.find_member(ty, "[]").is_some() {
            return self.call_member_exprs(object, "[]", &[at], span);
        }
        self.infer(at, Want::Value);
        let shown = self.show(ty);
        let mut diagnostic = Diagnostic::error(M0308, format!("`{shown}` has no elements")).at(span, "");
        diagnostic = match self.kind(ty) {
            TyKind::Optional(_) => {
                diagnostic.help("it may be `none`; take it out with `??`, `if let` or `!`")
            }
            TyKind::Tuple(_) => diagnostic.help("parts of a tuple are written `t.0`, `t.1`"),
            &TyKind::Named(id, _) if self.is_class(id) => diagnostic
                .help("a field is read by `object.field`; a class with `fn [](i: int) -> T` has elements"),
            _ => diagnostic,
        };
        self.report(diagnostic);
        self.poisoned(span)
    }

    /// `a[i] = value`, `a[i] += value`.
    pub(crate) fn assign_index(
        &mut self,
        index: ast::IndexExpr<'t>,
        op: Option<ast::BinaryOp>,
        value: ast::Expr<'t>,
        span: Span,
    ) -> ExprId {
        let (Some(base), Some(at)) = (index.base(), index.index()) else { return self.poisoned(span) };
        let object = self.infer(base, Want::Value);
        let Some(op) = op else { return self.call_index_set(object, at, Err(value), span) };
        let ty = self.body.expr(object).ty;
        if self.shallow(ty) == Ty::ERROR {
            self.infer(at, Want::Value);
            self.infer(value, Want::Value);
            return self.poisoned(span);
        }
        let Some(getter) = self.find_member(ty, "[]") else { return self.index_of(object, at, span) };
        let Member::Method(getter) = getter.member else { return self.poisoned(span) };
        let key_param = self.program.fns[getter.index()].params.get(1).map(|param| param.ty);
        // The object and the position are evaluated once.
        let (object_local, keep_object) = self.bind_temp(object);
        let hint = match (key_param, self.find_member(ty, "[]")) {
            (Some(param), Some(found)) => {
                let generics = self.program.fns[getter.index()].generics.clone();
                Some(self.program.types.subst(param, &generics, &found.args))
            }
            _ => None,
        };
        let at = match hint {
            Some(hint) => self.expect(at, hint, &Why::new("the position", None)),
            None => self.infer(at, Want::Value),
        };
        let (at_local, keep_at) = self.bind_temp(at);
        let (this, key) = (self.read_temp(object_local), self.read_temp(at_local));
        let old = self.call_member(this, "[]", vec![key], span);
        let new = self.binary_with(op, old, value, span);
        let (this, key) = (self.read_temp(object_local), self.read_temp(at_local));
        let set = self.call_member(this, "[]=", vec![key, new], span);
        let statements = vec![keep_object, keep_at, set];
        self.body.push(ExprKind::Block { statements, value: None }, Ty::UNIT, span)
    }

    /// `object[at] = value`
    pub(crate) fn call_index_set(
        &mut self,
        object: ExprId,
        at: ast::Expr<'t>,
        value: Result<ExprId, ast::Expr<'t>>,
        span: Span,
    ) -> ExprId {
        let ty = self.body.expr(object).ty;
        let ty = self.shallow(ty);
        let found = self.find_member(ty, "[]=");
        let Some(Found { member: Member::Method(id), args, .. }) = found else {
            self.infer(at, Want::Value);
            if let Err(value) = value {
                self.infer(value, Want::Value);
            }
            if ty != Ty::ERROR {
                let shown = self.show(ty);
                let mut diagnostic =
                    Diagnostic::error(M0308, format!("elements of `{shown}` cannot be assigned to"))
                        .at(span, "");
                if matches!(ty, Ty::STR | Ty::BYTES) {
                    diagnostic = diagnostic.help("strings and bytes never change; make new ones");
                }
                self.report(diagnostic);
            }
            return self.poisoned(span);
        };
        let generics = self.program.fns[id.index()].generics.clone();
        let params: Vec<Ty> = self.program.fns[id.index()].params.iter().map(|param| param.ty).collect();
        let params: Vec<Ty> =
            params.into_iter().map(|ty| self.program.types.subst(ty, &generics, &args)).collect();
        let (Some(&key), Some(&element)) = (params.get(1), params.get(2)) else { return self.poisoned(span) };
        let key = self.expect(at, key, &Why::new("the position", None));
        let why = Why::new("an element", None);
        let value = match value {
            Ok(value) => self.coerce(value, element, &why),
            Err(value) => self.expect(value, element, &why),
        };
        self.call_member(object, "[]=", vec![key, value], span)
    }

    fn unwrap(&mut self, unwrap: ast::UnwrapExpr<'t>, span: Span) -> ExprId {
        let Some(inner) = unwrap.expr() else { return self.poisoned(span) };
        let value = self.link(inner, Want::Value);
        let ty = self.body.expr(value).ty;
        let ty = self.shallow(ty);
        let TyKind::Optional(of) = *self.kind(ty) else {
            if ty != Ty::ERROR {
                let shown = self.show(ty);
                self.report(
                    Diagnostic::warning(M0327, "`!` insists on a value that is always there; leave it out")
                        .at(span, format!("this is `{shown}`")),
                );
            }
            return value;
        };
        let source = ast::AstNode::node(inner).text().split_whitespace().collect::<Vec<_>>().join(" ");
        let (local, keep) = self.bind_temp(value);
        let test = self.read_temp(local);
        let condition = self.body.push(ExprKind::IsSome(test), Ty::BOOL, span);
        let there = self.read_temp(local);
        let then = self.body.push(ExprKind::Unwrap(there), of, span);
        let text = self.body.push(ExprKind::Str(source.into()), Ty::STR, span);
        let error = self.library_call("none_unwrapped", vec![text], span);
        let throw = self.body.push(ExprKind::Throw(error), Ty::NEVER, span);
        let choice = self.body.push(ExprKind::If { condition, then, otherwise: Some(throw) }, of, span);
        self.body.push(ExprKind::Block { statements: vec![keep], value: Some(choice) }, of, span)
    }

    /// Whether the function that is checked is an initialiser.
    pub(crate) fn in_init(&self) -> bool {
        self.body.function.is_some_and(|id| self.program.fns[id.index()].kind == FnKind::Init)
    }

    /// Whether a nominal is one whose objects are made by calls.
    pub(crate) fn is_class(&self, id: NominalId) -> bool {
        matches!(self.program.nominals[id.index()].kind, NominalKind::Class)
    }
}
