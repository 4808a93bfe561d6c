//! Blocks and statements.

use mvm_diag::{Diagnostic, Span};

use super::Checker;
use super::body::{LoopScope, Want};
use super::unify::Why;
use crate::ast::{self, AstNode};
use crate::errors::{M0302, M0304, M0312, M0313, M0324, M0325};
use crate::hir::{ExprId, ExprKind, LocalId, PatKind, Place};
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    pub(crate) fn unit(&mut self, span: Span) -> ExprId {
        self.body.push(ExprKind::Unit, Ty::UNIT, span)
    }

    pub(crate) fn poisoned(&mut self, span: Span) -> ExprId {
        self.body.push(ExprKind::Error, Ty::ERROR, span)
    }

    /// A block in a scope of its own.
    pub(crate) fn block(&mut self, block: ast::Block<'t>, want: Want) -> ExprId {
        self.body.open_scope();
        let result = self.open_block(block, want);
        self.body.close_scope();
        result
    }

    /// A block whose scope is there already.
    pub(crate) fn open_block(&mut self, block: ast::Block<'t>, want: Want) -> ExprId {
        let want = match want {
            Want::Of(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            want => want,
        };
        let span = self.span_ast(block);
        let all: Vec<ast::Stmt<'t>> = block.statements().collect();
        let mut statements = Vec::with_capacity(all.len());
        let (mut ends, mut value) = (false, None);
        for (index, &statement) in all.iter().enumerate() {
            if ends {
                let span = self.span_ast(statement);
                self.report(Diagnostic::warning(M0312, "this is never reached").at(span, ""));
                // What stands behind is checked all the same.
                statements.push(self.statement(statement));
                for &rest in &all[index + 1..] {
                    statements.push(self.statement(rest));
                }
                break;
            }
            let last = index + 1 == all.len() && want != Want::Nothing;
            let id = match statement {
                ast::Stmt::ExprStmt(expr) if last => {
                    let Some(expr) = expr.expr() else { continue };
                    let id = self.infer(expr, want);
                    value = Some(id);
                    id
                }
                statement => self.statement(statement),
            };
            let ty = self.body.expr(id).ty;
            if self.shallow(ty) == Ty::NEVER {
                ends = true;
            }
            if value.is_none() {
                statements.push(id);
            }
        }
        let ty = match value {
            Some(id) => self.body.expr(id).ty,
            None if ends => Ty::NEVER,
            None => Ty::UNIT,
        };
        self.body.push(ExprKind::Block { statements, value }, ty, span)
    }

    fn statement(&mut self, statement: ast::Stmt<'t>) -> ExprId {
        let span = self.span_ast(statement);
        match statement {
            ast::Stmt::LetStmt(statement) => self.let_statement(statement),
            ast::Stmt::AssignStmt(statement) => self.assign(statement),
            ast::Stmt::ExprStmt(statement) => match statement.expr() {
                Some(expr) => {
                    let id = self.infer(expr, Want::Nothing);
                    self.unused_value(expr, id);
                    id
                }
                None => self.poisoned(span),
            },
            ast::Stmt::WhileStmt(statement) => {
                self.body.open_scope();
                let condition = self.condition(statement.condition(), span);
                let id = self.begin_loop(statement.label());
                let body = self.loop_body(statement.body());
                self.end_loop();
                self.body.close_scope();
                self.body.push(ExprKind::While { id, condition, body }, Ty::UNIT, span)
            }
            ast::Stmt::LoopStmt(statement) => {
                let condition = self.body.push(ExprKind::Bool(true), Ty::BOOL, span);
                let id = self.begin_loop(statement.label());
                let body = self.loop_body(statement.body());
                let ty = if self.end_loop() { Ty::UNIT } else { Ty::NEVER };
                self.body.push(ExprKind::While { id, condition, body }, ty, span)
            }
            ast::Stmt::ForStmt(statement) => self.for_statement(statement),
            ast::Stmt::DeferStmt(statement) => {
                let body = match statement.body() {
                    Some(body) => self.closed_body(body),
                    None => self.poisoned(span),
                };
                self.body.push(ExprKind::Defer(body), Ty::UNIT, span)
            }
            ast::Stmt::AssertStmt(statement) => self.assert_statement(statement),
        }
    }

    /// A body that nothing jumps out of.
    fn closed_body(&mut self, body: ast::Body<'t>) -> ExprId {
        let loops = std::mem::take(&mut self.body.loops);
        let id = match body {
            ast::Body::Block(block) => self.block(block, Want::Nothing),
            ast::Body::AssignStmt(assign) => self.assign(assign),
            ast::Body::Expr(expr) => self.infer(expr, Want::Nothing),
        };
        self.body.loops = loops;
        id
    }

    /// Values that are computed and not used.
    fn unused_value(&mut self, expr: ast::Expr<'t>, id: ExprId) {
        let text = match expr {
            ast::Expr::BinaryExpr(binary) if binary.op() == Some(ast::BinaryOp::Equal) => {
                Some("this compares and does nothing with the answer; an assignment is written with one `=`")
            }
            ast::Expr::BinaryExpr(_) | ast::Expr::Literal(_) | ast::Expr::NameExpr(_) | ast::Expr::Str(_) => {
                Some("this value is not used")
            }
            ast::Expr::UnaryExpr(_) | ast::Expr::TupleExpr(_) | ast::Expr::ListExpr(_) => {
                Some("this value is not used")
            }
            ast::Expr::FieldExpr(_) => Some("this value is not used; a call has parentheses: `f()`"),
            _ => None,
        };
        let ty = self.body.expr(id).ty;
        if let Some(text) = text
            && !matches!(self.shallow(ty), Ty::ERROR | Ty::NEVER | Ty::UNIT)
        {
            let span = self.span_ast(expr);
            self.report(Diagnostic::warning(crate::errors::M0333, text).at(span, ""));
        }
    }

    pub(crate) fn begin_loop(&mut self, label: Option<ast::Label<'t>>) -> crate::hir::LoopId {
        let id = self.body.new_loop();
        let label = label.and_then(|label| label.name()).map_or("", |name| name.text());
        self.body.loops.push(LoopScope { label, id, broken: false });
        id
    }

    /// Whether it was left with `break`.
    pub(crate) fn end_loop(&mut self) -> bool {
        self.body.loops.pop().is_some_and(|of| of.broken)
    }

    fn loop_body(&mut self, body: Option<ast::Block<'t>>) -> ExprId {
        match body {
            Some(block) => self.block(block, Want::Nothing),
            None => {
                let span = self.span_of_range(0..0);
                self.poisoned(span)
            }
        }
    }

    fn let_statement(&mut self, statement: ast::LetStmt<'t>) -> ExprId {
        let span = self.span_ast(statement);
        let mutable = statement.var().is_some();
        let written = statement.ty().map(|written| (self.ty(written), self.span_ast(written)));
        let value = statement.value().map(|value| match written {
            Some((ty, place)) => self.expect(value, ty, &Why::new("the declared type", Some(place))),
            None => self.infer(value, Want::Value),
        });
        let ty = match (written, value) {
            (Some((ty, _)), _) => ty,
            (None, Some(value)) => {
                let ty = self.body.expr(value).ty;
                match self.shallow(ty) {
                    Ty::UNIT => {
                        let place = self.body.expr(value).span;
                        self.error(
                            crate::errors::M0301,
                            place,
                            "this gives no value, so there is nothing to name",
                        );
                        Ty::ERROR
                    }
                    ty => {
                        let place = self.body.expr(value).span;
                        self.body.must_be_known.push((ty, place, "this value".to_owned()));
                        ty
                    }
                }
            }
            (None, None) => {
                self.error_help(
                    crate::errors::M0309,
                    span,
                    "a name without a value needs a type",
                    "write `let name: Type`, or give it a value here",
                );
                Ty::ERROR
            }
        };
        let Some(pattern) = statement.pattern() else { return self.poisoned(span) };
        let first = self.body.body.locals.len();
        let pat = self.pattern(pattern, ty, false);
        self.must_always_match(pat, pattern);
        for index in first..self.body.body.locals.len() {
            self.body.infos[index].mutable = mutable;
            self.body.infos[index].has_value = value.is_some();
        }
        let ends = value.is_some_and(|value| {
            let ty = self.body.expr(value).ty;
            self.shallow(ty) == Ty::NEVER
        });
        let ty = if ends { Ty::NEVER } else { Ty::UNIT };
        self.body.push(ExprKind::LetStmt { pat, value }, ty, span)
    }

    /// Reports a pattern of `let` or `for` that does not take everything.
    pub(crate) fn must_always_match(&mut self, pat: crate::hir::PatId, text: ast::Pattern<'t>) {
        if !self.always_matches(pat) {
            let span = self.span_ast(text);
            self.error_help(
                M0325,
                span,
                "this pattern does not match every value",
                "use `if let` or `match`, which say what happens otherwise",
            );
        }
    }

    pub(crate) fn always_matches(&self, pat: crate::hir::PatId) -> bool {
        match &self.body.body.pats[pat.index()].kind {
            PatKind::Wildcard | PatKind::Bind(_) => true,
            PatKind::Tuple(parts) => parts.iter().all(|&part| self.always_matches(part)),
            PatKind::Case(_, parts) => {
                let ty = self.body.body.pats[pat.index()].ty;
                let one = match *self.kind(ty) {
                    TyKind::Named(id, _) => self.program.nominals[id.index()].cases.len() == 1,
                    _ => false,
                };
                one && parts.iter().flatten().all(|&part| self.always_matches(part))
            }
            _ => self.body.body.pats[pat.index()].ty == Ty::ERROR,
        }
    }

    /// `a = b`, `a += b`, `(a, b) = c`.
    pub(crate) fn assign(&mut self, statement: ast::AssignStmt<'t>) -> ExprId {
        let span = self.span_ast(statement);
        let (Some(target), Some(value)) = (statement.target(), statement.value()) else {
            return self.poisoned(span);
        };
        match (target, statement.op()) {
            (ast::Expr::TupleExpr(tuple), None) => self.assign_tuple(tuple, value, span),
            (ast::Expr::ParenExpr(paren), op) => match paren.expr() {
                Some(inner) => self.assign_to(inner, op, value, span),
                None => self.poisoned(span),
            },
            (target, op) => self.assign_to(target, op, value, span),
        }
    }

    fn assign_tuple(&mut self, tuple: ast::TupleExpr<'t>, value: ast::Expr<'t>, span: Span) -> ExprId {
        let targets: Vec<_> = tuple.elements().collect();
        // The value first: `(a, b) = (b, a)` exchanges.
        let value = self.infer(value, Want::Value);
        let ty = self.body.expr(value).ty;
        let TyKind::Tuple(parts) = self.kind(ty).clone() else {
            if self.shallow(ty) != Ty::ERROR {
                let (shown, place) = (self.show(ty), self.body.expr(value).span);
                self.error(M0325, place, format!("expected a tuple of {}, found `{shown}`", targets.len()));
            }
            return self.poisoned(span);
        };
        if parts.len() != targets.len() {
            let message = format!("there are {} names for {} values", targets.len(), parts.len());
            self.error(M0325, span, message);
            return self.poisoned(span);
        }
        let (local, first) = self.bind_temp(value);
        let mut statements = vec![first];
        for (index, (&target, &part)) in targets.iter().zip(&*parts).enumerate() {
            if matches!(target, ast::Expr::NameExpr(name) if name.name().is_some_and(|name| name.text() == "_"))
            {
                continue;
            }
            let place = self.span_ast(target);
            let whole = self.body.push(ExprKind::Local(local), ty, place);
            let one = self.body.push(ExprKind::TupleField(whole, index as u32), part, place);
            statements.push(self.assign_value(target, one, place));
        }
        self.body.push(ExprKind::Block { statements, value: None }, Ty::UNIT, span)
    }

    /// A local that holds the value, and the statement that puts it there.
    pub(crate) fn bind_temp(&mut self, value: ExprId) -> (LocalId, ExprId) {
        let (ty, span) = (self.body.expr(value).ty, self.body.expr(value).span);
        let local = self.body.local("", ty, span);
        let pat = self.body.pat(PatKind::Bind(local), ty, span);
        let statement = self.body.push(ExprKind::LetStmt { pat, value: Some(value) }, Ty::UNIT, span);
        (local, statement)
    }

    /// Reads a temporary.
    pub(crate) fn read_temp(&mut self, local: LocalId) -> ExprId {
        let (ty, span) = (self.body.body.locals[local.index()].ty, self.body.infos[local.index()].span);
        self.body.push(ExprKind::Local(local), ty, span)
    }

    fn assign_to(
        &mut self,
        target: ast::Expr<'t>,
        op: Option<ast::BinaryOp>,
        value: ast::Expr<'t>,
        span: Span,
    ) -> ExprId {
        if let ast::Expr::IndexExpr(index) = target {
            return self.assign_index(index, op, value, span);
        }
        if let ast::Expr::FieldExpr(field) = target
            && field.optional().is_some()
        {
            self.error_help(
                M0313,
                span,
                "there is no assignment through `?.`",
                "take the object out first: `if let x = a { x.b = ... }`",
            );
            return self.poisoned(span);
        }
        let mut before = Vec::new();
        let Some((place, ty, why)) = self.place(target, op.is_some(), &mut before) else {
            self.infer(value, Want::Value);
            return self.poisoned(span);
        };
        let value = match op {
            None => self.expect(value, ty, &why),
            Some(op) => {
                let old = self.read_place(&place, ty, span);
                let new = self.binary_with(op, old, value, span);
                self.coerce(new, ty, &why)
            }
        };
        let assign = self.body.push(ExprKind::Assign { to: place, value }, Ty::UNIT, span);
        if before.is_empty() {
            return assign;
        }
        before.push(assign);
        self.body.push(ExprKind::Block { statements: before, value: None }, Ty::UNIT, span)
    }

    fn read_place(&mut self, place: &Place, ty: Ty, span: Span) -> ExprId {
        let kind = match *place {
            Place::Local(local) => ExprKind::Local(local),
            Place::Field { object, class, field } => ExprKind::Field { object, class, field },
        };
        self.body.push(kind, ty, span)
    }

    fn assign_value(&mut self, target: ast::Expr<'t>, value: ExprId, span: Span) -> ExprId {
        if let ast::Expr::IndexExpr(index) = target {
            let (Some(base), Some(at)) = (index.base(), index.index()) else { return self.poisoned(span) };
            let base = self.infer(base, Want::Value);
            return self.call_index_set(base, at, Ok(value), span);
        }
        let mut before = Vec::new();
        let Some((place, ty, why)) = self.place(target, false, &mut before) else {
            return self.poisoned(span);
        };
        let value = self.coerce(value, ty, &why);
        self.body.push(ExprKind::Assign { to: place, value }, Ty::UNIT, span)
    }

    /// What is assigned to, its type, and why it has that. With `twice` the object of a field is kept in a local, because
    /// it is read and written.
    fn place(
        &mut self,
        target: ast::Expr<'t>,
        twice: bool,
        before: &mut Vec<ExprId>,
    ) -> Option<(Place, Ty, Why)> {
        let span = self.span_ast(target);
        match target {
            ast::Expr::NameExpr(name) => {
                let token = name.name()?;
                if let Some(local) = self.find_local(token.text()) {
                    self.judge_assignment(local, span);
                    self.use_local(local);
                    self.body.body.locals[local.index()].assigned = true;
                    let ty = self.body.body.locals[local.index()].ty;
                    let declared = self.body.infos[local.index()].span;
                    return Some((Place::Local(local), ty, Why::new("the variable", Some(declared))));
                }
                if let Some((owner, own)) = self.own_object() {
                    let ty = self.self_type(owner);
                    if self.find_member(ty, token.text()).is_some() {
                        let object = self.body.push(ExprKind::Local(own), ty, span);
                        self.use_local(own);
                        return self.field_place(object, token.text(), span, true);
                    }
                }
                let known = self.diagnostics.len();
                self.infer(target, Want::Value);
                let unknown = self.diagnostics[known..].last_mut().filter(|d| d.code == M0302);
                if let Some(unknown) = unknown.filter(|d| d.help.is_none()) {
                    let name = token.text();
                    unknown.help = Some(format!(
                        "a new name is declared: `let {name} = ...`, or `var {name} = ...` to assign again"
                    ));
                }
                if self.lookup_item(token.text()).is_some() {
                    self.error_help(
                        M0313,
                        span,
                        format!("`{}` is no variable, so nothing can be assigned to it", token.text()),
                        "a file has no variables; keep state in an object or a process",
                    );
                }
                None
            }
            ast::Expr::FieldExpr(field) => {
                let (base, name) = (field.base()?, field.name()?);
                let through_self = matches!(base, ast::Expr::SelfExpr(_));
                let mut object = self.infer(base, Want::Value);
                if let TyKind::Tuple(_) = self.kind(self.body.expr(object).ty) {
                    self.error_help(
                        M0313,
                        span,
                        "the parts of a tuple cannot be assigned to",
                        "make a new tuple: `t = (5, t.1)`; a class has fields that can be `var`",
                    );
                    return None;
                }
                if twice && !through_self {
                    let (local, statement) = self.bind_temp(object);
                    before.push(statement);
                    object = self.read_temp(local);
                }
                let place = self.span_token(name);
                self.field_place(object, name.text(), place, through_self)
            }
            _ => {
                self.infer(target, Want::Value);
                self.error_help(
                    M0313,
                    span,
                    "nothing can be assigned to this",
                    "variables, fields and elements can be assigned to",
                );
                None
            }
        }
    }

    fn field_place(
        &mut self,
        object: ExprId,
        name: &str,
        span: Span,
        through_self: bool,
    ) -> Option<(Place, Ty, Why)> {
        let ty = self.body.expr(object).ty;
        if self.shallow(ty) == Ty::ERROR {
            return None;
        }
        let Some(found) = self.find_seen(ty, name) else {
            self.no_member(ty, name, span);
            return None;
        };
        self.judge_private(&found, name, span);
        let super::Member::Field(number) = found.member else {
            self.error(M0313, span, format!("`{name}` is no field, so nothing can be assigned to it"));
            return None;
        };
        let nominal = &self.program.nominals[found.owner.index()];
        let field = &nominal.fields[number as usize];
        let (declared, mutable, field_ty) = (field.span, field.mutable, field.ty);
        let params = nominal.generics.clone();
        let in_init = through_self
            && self.body.function.is_some_and(|id| {
                let function = &self.program.fns[id.index()];
                function.kind == crate::hir::FnKind::Init && function.owner == Some(found.owner)
            });
        if !mutable && !in_init {
            self.report(
                Diagnostic::error(M0313, format!("`{name}` is a `let`: it keeps the value it has got first"))
                    .at(span, "")
                    .with(declared, "declared here")
                    .help(format!("to change it later, declare it with `var {name}`")),
            );
        }
        let ty = self.program.types.subst(field_ty, &params, &found.args);
        let place = Place::Field { object, class: found.owner, field: number };
        Some((place, ty, Why::new(format!("the field `{name}`"), Some(declared))))
    }

    fn judge_assignment(&mut self, local: LocalId, span: Span) {
        let info = self.body.infos[local.index()].clone();
        if info.mutable || !info.has_value {
            return;
        }
        let name = self.body.body.locals[local.index()].name.clone();
        let is_param = self.body.frames.len() == 1
            && self.body.function.is_some_and(|id| local.index() < self.program.fns[id.index()].params.len());
        let own_field = self.owner.is_some_and(|owner| {
            let members = &self.nominals[owner.index()].members;
            matches!(members.get(&*name), Some(super::Member::Field(_)))
        });
        let help = if own_field && self.own_object().is_some() {
            format!("this is the local one; the field is `self.{name}`")
        } else if is_param {
            format!("parameters keep their values; write `var other = {name}` and change that")
        } else {
            format!("declare it with `var {name}` to assign to it")
        };
        self.report(
            Diagnostic::error(M0313, format!("`{name}` has its value already and cannot be assigned to"))
                .at(span, "")
                .with(info.span, "declared here")
                .help(help),
        );
    }

    fn for_statement(&mut self, statement: ast::ForStmt<'t>) -> ExprId {
        let span = self.span_ast(statement);
        let (Some(pattern), Some(iterable)) = (statement.pattern(), statement.iterable()) else {
            return self.poisoned(span);
        };
        if let Some(Counted { start, end, inclusive, down }) = counted(iterable) {
            let why = Why::new("an end of a range", None);
            let (start, end) = (self.expect(start, Ty::INT, &why), self.expect(end, Ty::INT, &why));
            self.body.open_scope();
            let id = self.begin_loop(statement.label());
            let name = match pattern {
                ast::Pattern::NamePattern(name) if name.class().is_none() => {
                    super::collect::text_of(name.name())
                }
                ast::Pattern::WildcardPattern(_) => "",
                other => {
                    let place = self.span_ast(other);
                    self.error(M0325, place, "a range gives ints, which are bound to one name");
                    ""
                }
            };
            let place = self.span_ast(pattern);
            let local = self.body.local(name, Ty::INT, place);
            if !name.is_empty() {
                self.body.names.declare(name, local, self.body.names.len());
            }
            let body = self.loop_body(statement.body());
            self.end_loop();
            self.body.close_scope();
            return self.body.push(
                ExprKind::ForRange { id, local, start, end, inclusive, down, body },
                Ty::UNIT,
                span,
            );
        }
        self.for_each(statement, pattern, iterable, span)
    }

    fn for_each(
        &mut self,
        statement: ast::ForStmt<'t>,
        pattern: ast::Pattern<'t>,
        iterable: ast::Expr<'t>,
        span: Span,
    ) -> ExprId {
        let value = self.infer(iterable, Want::Value);
        let place = self.body.expr(value).span;
        let ty = self.body.expr(value).ty;
        let start = match self.shallow(ty) {
            Ty::ERROR => self.poisoned(place),
            Ty::INT => {
                self.error_help(
                    M0304,
                    place,
                    "an int is nothing to walk over",
                    "count with a range: `for i in 0..n`",
                );
                self.poisoned(place)
            }
            ty if self.find_member(ty, "iter").is_some() => {
                self.call_member(value, "iter", Vec::new(), place)
            }
            ty if self.find_member(ty, "has_next").is_some() => value,
            ty => {
                let shown = self.show(ty);
                let mut diagnostic =
                    Diagnostic::error(M0304, format!("there is nothing to walk over in `{shown}`"))
                        .at(place, "");
                diagnostic = match self.program.types.inner(ty) {
                    Some(_) => diagnostic.help("it may be `none`; take it out with `??`, `if let` or `!`"),
                    None => diagnostic.help("`for` walks over what has a method `iter() -> Iterator<T>`"),
                };
                self.report(diagnostic);
                self.poisoned(place)
            }
        };
        let start = self.judge_iterator(ty, start, place);
        let iterator_ty = self.body.expr(start).ty;
        let iterator = self.body.local("", iterator_ty, place);
        let this = self.body.push(ExprKind::Local(iterator), iterator_ty, place);
        let has_next = self.call_member(this, "has_next", Vec::new(), place);
        let this = self.body.push(ExprKind::Local(iterator), iterator_ty, place);
        let next = self.call_member(this, "next", Vec::new(), place);
        let element = self.body.expr(next).ty;
        self.body.open_scope();
        let id = self.begin_loop(statement.label());
        let pat = self.pattern(pattern, element, false);
        self.must_always_match(pat, pattern);
        let body = self.loop_body(statement.body());
        self.end_loop();
        self.body.close_scope();
        self.body.push(ExprKind::ForEach { id, iterator, start, has_next, next, pat, body }, Ty::UNIT, span)
    }

    /// What `iter()` has given, if `for` can walk it; else that is reported.
    fn judge_iterator(&mut self, of: Ty, start: ExprId, place: Span) -> ExprId {
        let ty = self.body.expr(start).ty;
        if self.shallow(ty) == Ty::ERROR
            || ["has_next", "next"].iter().all(|name| self.find_member(ty, name).is_some())
        {
            return start;
        }
        let (of, shown) = (self.show(of), self.show(ty));
        let help = if self.find_member(ty, "iter").is_some() {
            format!("`iter` gives an `Iterator<T>`: write `.iter()` behind the `{shown}`")
        } else {
            "`iter` gives an `Iterator<T>`, which has `has_next() -> bool` and `next() -> T`".to_owned()
        };
        let message = format!("`iter` of `{of}` gives `{shown}`, which is no iterator");
        self.error_help(M0304, place, message, help);
        self.poisoned(place)
    }

    /// `break` and `continue`: the loop that is meant.
    pub(crate) fn loop_of(
        &mut self,
        label: Option<crate::tree::Token<'t>>,
        word: &str,
        span: Span,
    ) -> Option<crate::hir::LoopId> {
        let base = self.body.frames.last().map_or(0, |frame| frame.loops);
        let inside = &self.body.loops[base.min(self.body.loops.len())..];
        match label {
            None => {
                if let Some(innermost) = inside.last() {
                    return Some(innermost.id);
                }
                let closure = self.body.frames.last().is_some_and(|frame| frame.is_closure);
                let help = if closure && !self.body.loops.is_empty() {
                    "a closure is a function of its own; `return` leaves it"
                } else {
                    "it belongs inside of `for`, `while` or `loop`"
                };
                self.error_help(M0324, span, format!("`{word}` stands in no loop"), help);
                None
            }
            Some(label) => {
                if let Some(found) = inside.iter().rev().find(|of| of.label == label.text()) {
                    return Some(found.id);
                }
                let near = self.near(label.text(), inside.iter().map(|of| of.label)).map(str::to_owned);
                let place = self.span_token(label);
                let mut diagnostic =
                    Diagnostic::error(M0324, format!("no loop around this is named `{}`", label.text()))
                        .at(place, "");
                if let Some(near) = near {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                self.report(diagnostic);
                None
            }
        }
    }

    fn assert_statement(&mut self, statement: ast::AssertStmt<'t>) -> ExprId {
        let span = self.span_ast(statement);
        let Some(condition) = statement.condition() else { return self.poisoned(span) };
        let source = condition.node().text().split_whitespace().collect::<Vec<_>>().join(" ");
        let mut before = Vec::new();
        let mut shown = Vec::new();
        let mut compares = false;
        let test = match condition {
            ast::Condition::Expr(ast::Expr::BinaryExpr(binary)) if is_comparison(binary.op()) => {
                compares = binary.op() == Some(ast::BinaryOp::Equal);
                self.assert_comparison(binary, &mut before, &mut shown, span)
            }
            condition => self.condition(Some(condition), span),
        };
        let why = match statement.message() {
            Some(message) => self.expect(message, Ty::STR, &Why::new("what an assertion says", None)),
            None => self.body.push(ExprKind::Str("".into()), Ty::STR, span),
        };
        let head = self.body.push(ExprKind::Str(source.as_str().into()), Ty::STR, span);
        let mut pieces = vec![head];
        for (index, &value) in shown.iter().enumerate() {
            let text = if index == 0 { "\n  left:  " } else { "\n  right: " };
            pieces.push(self.body.push(ExprKind::Str(text.into()), Ty::STR, span));
            pieces.push(self.body.push(ExprKind::Inspect(value), Ty::STR, span));
        }
        let text = self.body.push(ExprKind::Interpolate(pieces), Ty::STR, span);
        let sides: Vec<Ty> = shown.iter().map(|&side| self.body.expr(side).ty).collect();
        let objects = compares && sides.into_iter().any(|side| self.compares_objects(side, 0));
        let objects = self.body.push(ExprKind::Bool(objects), Ty::BOOL, span);
        let error = self.library_call("assert_failed", vec![text, why, objects], span);
        let throw = self.body.push(ExprKind::Throw(error), Ty::NEVER, span);
        let unit = self.unit(span);
        let check = self.body.push(
            ExprKind::If { condition: test, then: unit, otherwise: Some(throw) },
            Ty::UNIT,
            span,
        );
        before.push(check);
        self.body.push(ExprKind::Block { statements: before, value: None }, Ty::UNIT, span)
    }

    /// Keeps both sides, so that they can be shown.
    fn assert_comparison(
        &mut self,
        binary: ast::BinaryExpr<'t>,
        before: &mut Vec<ExprId>,
        shown: &mut Vec<ExprId>,
        span: Span,
    ) -> ExprId {
        let (Some(left), Some(right), Some(op)) = (binary.left(), binary.right(), binary.op()) else {
            return self.poisoned(span);
        };
        let (left, right) = self.operands(left, right);
        let (a, first) = self.bind_temp(left);
        let (b, second) = self.bind_temp(right);
        before.extend([first, second]);
        let (left, right) = (self.read_temp(a), self.read_temp(b));
        let test = self.binary_of(op, left, right, span);
        let test = self.coerce(test, Ty::BOOL, &Why::new("a condition", None));
        shown.push(self.read_temp(a));
        shown.push(self.read_temp(b));
        test
    }
}

fn is_comparison(op: Option<ast::BinaryOp>) -> bool {
    use ast::BinaryOp as B;
    matches!(op, Some(B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual))
}

/// A range that a loop counts through, as it is written.
struct Counted<'t> {
    start: ast::Expr<'t>,
    end: ast::Expr<'t>,
    inclusive: bool,
    down: bool,
}

/// What is counted by `a..b`, `a..=b` and `(a..b).reversed()`: no object is made for these.
fn counted(iterable: ast::Expr<'_>) -> Option<Counted<'_>> {
    match iterable {
        ast::Expr::BinaryExpr(binary) => {
            let op = binary
                .op()
                .filter(|op| matches!(op, ast::BinaryOp::Range | ast::BinaryOp::RangeInclusive))?;
            let inclusive = op == ast::BinaryOp::RangeInclusive;
            Some(Counted { start: binary.left()?, end: binary.right()?, inclusive, down: false })
        }
        ast::Expr::CallExpr(call) => {
            let ast::Expr::FieldExpr(method) = call.callee()? else { return None };
            let plain = method.name()?.text() == "reversed" && method.optional().is_none();
            let ast::Expr::ParenExpr(range) = method.base()? else { return None };
            let no_args = call.args().is_some_and(|args| args.args().next().is_none());
            let range = counted(range.expr()?).filter(|range| plain && no_args && !range.down)?;
            Some(Counted { down: true, ..range })
        }
        _ => None,
    }
}
