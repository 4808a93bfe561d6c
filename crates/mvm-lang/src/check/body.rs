//! Bodies: of functions, initialisers, tests, defaults.

use mvm_diag::{Diagnostic, Span};

use super::locals::Locals;
use super::unify::{Bound, Why, zonk};
use super::{Checker, FnAst};
use crate::ast::{self, AstNode};
use crate::errors::{M0310, M0323};
use crate::hir::{Body, Expr, ExprId, ExprKind, FnId, FnKind, Local, LocalId, LoopId, Pat, PatId, PatKind};
use crate::types::Ty;

/// What is known of a local besides what the program says.
#[derive(Debug, Clone)]
pub(crate) struct LocalInfo {
    pub(crate) span: Span,
    /// `var`
    pub(crate) mutable: bool,
    /// Has a value from its declaration on.
    pub(crate) has_value: bool,
    /// In which of the nested functions it is declared.
    pub(crate) frame: usize,
}

/// A function or closure whose body is checked.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Type of the result; none while that of a closure is not known.
    pub(crate) result: Option<Ty>,
    pub(crate) why: Why,
    pub(crate) is_closure: bool,
    /// How many loops are around it.
    pub(crate) loops: usize,
    /// Types of the values that `return`s of a closure without known result give.
    pub(crate) returned: Vec<ExprId>,
    /// Whether a `return` of such a closure gives nothing.
    pub(crate) returns_nothing: bool,
}

/// A loop around.
#[derive(Debug, Clone)]
pub(crate) struct LoopScope<'t> {
    pub(crate) label: &'t str,
    pub(crate) id: LoopId,
    pub(crate) broken: bool,
}

/// The `?.` of a chain: the local that holds the value in front of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChainGuard {
    pub(crate) local: LocalId,
    pub(crate) value: ExprId,
}

/// The body that is checked.
#[derive(Debug, Default)]
pub(crate) struct BodyState<'t> {
    pub(crate) body: Body,
    pub(crate) infos: Vec<LocalInfo>,
    /// Names that are in force, innermost last.
    pub(crate) names: Locals<'t>,
    /// Where the names of blocks begin.
    pub(crate) scopes: Vec<usize>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) loops: Vec<LoopScope<'t>>,
    pub(crate) loop_count: u32,
    pub(crate) bounds: Vec<Bound>,
    /// Types that have to be known in the end, with what they are of.
    pub(crate) must_be_known: Vec<(Ty, Span, String)>,
    /// `self` of a method.
    pub(crate) own: Option<LocalId>,
    pub(crate) chain: Vec<ChainGuard>,
    pub(crate) function: Option<FnId>,
    /// The call that comes is started as a process.
    pub(crate) spawning: bool,
}

impl BodyState<'_> {
    pub(crate) fn expr(&self, id: ExprId) -> &Expr {
        &self.body.exprs[id.index()]
    }

    pub(crate) fn expr_mut(&mut self, id: ExprId) -> &mut Expr {
        &mut self.body.exprs[id.index()]
    }

    pub(crate) fn push(&mut self, kind: ExprKind, ty: Ty, span: Span) -> ExprId {
        self.body.exprs.push(Expr { kind, ty, span });
        ExprId(self.body.exprs.len() as u32 - 1)
    }

    pub(crate) fn pat(&mut self, kind: PatKind, ty: Ty, span: Span) -> PatId {
        self.body.pats.push(Pat { kind, ty, span });
        PatId(self.body.pats.len() as u32 - 1)
    }

    pub(crate) fn local(&mut self, name: &str, ty: Ty, span: Span) -> LocalId {
        self.body.locals.push(Local { name: name.into(), ty, captured: false, assigned: false });
        let frame = self.frames.len();
        self.infos.push(LocalInfo { span, mutable: false, has_value: true, frame });
        LocalId(self.body.locals.len() as u32 - 1)
    }

    pub(crate) fn open_scope(&mut self) {
        self.scopes.push(self.names.len());
    }

    pub(crate) fn close_scope(&mut self) {
        if let Some(start) = self.scopes.pop() {
            self.names.truncate(start);
        }
    }

    pub(crate) fn new_loop(&mut self) -> LoopId {
        self.loop_count += 1;
        LoopId(self.loop_count - 1)
    }
}

/// What is wanted of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Its value is not used.
    Nothing,
    /// A value, nothing is known of its type.
    Value,
    /// A value of this type, if that can be had.
    Of(Ty),
}

impl Want {
    pub(crate) fn ty(self) -> Option<Ty> {
        match self {
            Want::Of(ty) => Some(ty),
            Want::Nothing | Want::Value => None,
        }
    }
}

impl<'t> Checker<'t> {
    /// Checks all bodies.
    pub(crate) fn bodies(&mut self) {
        let mut next = 0;
        while next < self.program.fns.len() {
            self.fn_body(FnId(next as u32));
            next += 1;
        }
    }

    /// Starts a body of a function: its parameters are the first locals.
    pub(crate) fn begin_body(&mut self, id: FnId) {
        let function = &self.program.fns[id.index()];
        self.module = function.module;
        match function.owner {
            Some(owner) => self.enter_nominal(owner),
            None => self.leave_nominal(),
        }
        let function = &self.program.fns[id.index()];
        let bounds = std::mem::take(&mut self.body.bounds);
        self.body = BodyState { bounds, function: Some(id), ..BodyState::default() };
        let own = function.owner_generics;
        let names: Vec<&'t str> = match self.fn_text(id) {
            Some(text) => text
                .type_params()
                .into_iter()
                .flat_map(|list| list.params())
                .map(|param| super::collect::text_of(param.name()))
                .collect(),
            None => Vec::new(),
        };
        self.generics.extend(names.into_iter().zip(function.generics[own..].iter().copied()));
        self.vars.clear();
        self.body.frames.push(Frame {
            result: Some(function.result),
            why: Why::new("the result of the function", None),
            is_closure: false,
            loops: 0,
            returned: Vec::new(),
            returns_nothing: false,
        });
    }

    /// The declaration whose type parameters are in force in a function: of a default that of the function it belongs to.
    fn fn_text(&self, id: FnId) -> Option<ast::Function<'t>> {
        match self.fns[id.index()].ast {
            FnAst::Function(text) => Some(text),
            FnAst::Value(value) => {
                value.node().ancestors().find_map(ast::Function::cast).filter(|_| {
                    !self.program.fns[id.index()].params.is_empty() || self.is_param_default(value)
                })
            }
            _ => None,
        }
    }

    fn is_param_default(&self, value: ast::Expr<'t>) -> bool {
        value.node().parent().is_some_and(|parent| ast::Param::cast(parent).is_some())
    }

    fn add_params(&mut self, id: FnId) {
        let written: Vec<(&'t str, Span)> = match self.fns[id.index()].ast {
            FnAst::Function(text) => self.param_names(text.params()),
            FnAst::Init(text) => self.param_names(text.params()),
            FnAst::Value(value) => {
                let parent = value.node().ancestors().find_map(ast::Params::cast);
                self.param_names(parent)
            }
            _ => Vec::new(),
        };
        let function = &self.program.fns[id.index()];
        let params: Vec<_> = function.params.iter().map(|param| (param.name.clone(), param.ty)).collect();
        let span = function.span;
        let has_self = matches!(function.kind, FnKind::Method | FnKind::Init)
            || function.kind == FnKind::Default && params.first().is_some_and(|(name, _)| &**name == "self");
        for (index, (name, ty)) in params.iter().enumerate() {
            let own = has_self && index == 0;
            let place = written.get(index.wrapping_sub(usize::from(has_self))).copied();
            let (text, span) = if own { ("self", span) } else { place.unwrap_or(("", span)) };
            let local = self.body.local(name, *ty, span);
            if own {
                self.body.own = Some(local);
            } else if !text.is_empty() && text != "_" {
                self.body.names.declare(text, local, self.body.names.len());
            }
        }
    }

    fn param_names(&self, params: Option<ast::Params<'t>>) -> Vec<(&'t str, Span)> {
        let params = params.into_iter().flat_map(|list| list.params());
        params
            .map(|param| {
                let span = self.span_of_range(super::collect::range_of_name(param.name()));
                (super::collect::text_of(param.name()), span)
            })
            .collect()
    }

    pub(crate) fn fn_body(&mut self, id: FnId) {
        if matches!(self.fns[id.index()].ast, FnAst::None) || self.program.fns[id.index()].body.is_some() {
            return;
        }
        self.begin_body(id);
        self.add_params(id);
        let result = self.program.fns[id.index()].result;
        let root = match self.fns[id.index()].ast {
            FnAst::Function(text) => match text.body() {
                None => return,
                Some(ast::FnBody::ArrowBody(arrow)) => {
                    self.result_place(text);
                    arrow.value().map(|value| self.arrow_body(value, result))
                }
                Some(ast::FnBody::Block(block)) => {
                    self.result_place(text);
                    Some(self.brace_body(id, self.whole(block), result))
                }
            },
            FnAst::Init(text) => text.body().map(|block| self.init_body(id, self.whole(block))),
            FnAst::Test(block) => Some(self.brace_body(id, block, Ty::UNIT)),
            FnAst::Value(value) => {
                if self.is_constant(id) {
                    self.judge_constant(value);
                }
                let why = Why::new("the declared type", None);
                let root = self.expect(value, result, &why);
                if self.is_constant(id) && result != Ty::ERROR {
                    self.judge_computed();
                }
                Some(root)
            }
            FnAst::None => None,
        };
        self.end_body(id, root);
    }

    /// The block of a body of the module that is looked at, which may not have been read yet.
    fn whole(&self, block: ast::Block<'t>) -> ast::Block<'t> {
        let units = self.units;
        units[self.module.index()].body(block)
    }

    fn is_constant(&self, id: FnId) -> bool {
        let FnAst::Value(value) = self.fns[id.index()].ast else { return false };
        let parent = value.node().parent();
        parent.is_some_and(|parent| match ast::Field::cast(parent) {
            Some(field) => super::collect::has(field.modifiers(), crate::kinds::SyntaxKind::StaticWord),
            None => ast::Const::cast(parent).is_some(),
        })
    }

    /// Constants are made of literals, operators, other constants, cases.
    fn judge_constant(&mut self, value: ast::Expr<'t>) {
        let wrong = std::iter::once(value.node()).chain(value.node().descendants()).find(|&node| {
            ast::Expr::cast(node).is_some_and(|expr| {
                matches!(
                    expr,
                    ast::Expr::Closure(_)
                        | ast::Expr::SpawnExpr(_)
                        | ast::Expr::ReceiveExpr(_)
                        | ast::Expr::SelectExpr(_)
                        | ast::Expr::ListExpr(_)
                        | ast::Expr::MapExpr(_)
                        | ast::Expr::ReturnExpr(_)
                )
            })
        });
        if let Some(node) = wrong {
            let span = self.span(node);
            self.error_help(
                M0323,
                span,
                "a constant is made of numbers, strings, truth values, tuples and cases, with operators",
                "a module has no state; write a function that makes it: `fn primes() -> [int] => [2, 3, 5]`",
            );
        }
    }

    /// A constant whose value needs itself has none.
    pub(crate) fn constants_in_circles(&mut self) {
        let parts = |checker: &Checker<'_>, number: usize| -> Vec<usize> {
            let value = checker.program.consts[number].value;
            let exprs = checker.program.fns[value.index()].body.iter().flat_map(|body| &body.exprs);
            exprs
                .filter_map(|expr| match expr.kind {
                    ExprKind::Const(id) => Some(id.index()),
                    _ => None,
                })
                .collect()
        };
        // Each constant is looked at once for all circles through it: 0 not yet, 1 on the way, 2 done.
        let mut states = vec![0u8; self.program.consts.len()];
        for first in 0..states.len() {
            let mut path = vec![(first, parts(self, first))];
            if states[first] != 0 {
                continue;
            }
            states[first] = 1;
            while let Some((number, left)) = path.last_mut() {
                let Some(next) = left.pop() else {
                    states[*number] = 2;
                    path.pop();
                    continue;
                };
                match states[next] {
                    0 => {
                        states[next] = 1;
                        let more = parts(self, next);
                        path.push((next, more));
                    }
                    1 => {
                        let constant = &self.program.consts[next];
                        let name = constant.name.clone();
                        let function = &self.program.fns[constant.value.index()];
                        let (span, module) = (function.span, function.module);
                        self.module = module;
                        self.error(M0323, span, format!("the value of `{name}` needs `{name}` itself"));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Nor do they call anything.
    fn judge_computed(&mut self) {
        if self.units[self.module.index()].library {
            return;
        }
        let calls = self.body.body.exprs.iter().find(|expr| match &expr.kind {
            ExprKind::Call { .. } | ExprKind::CallMethod { .. } | ExprKind::CallValue { .. } => true,
            ExprKind::New { init, .. } => {
                let owner = self.program.fns[init.index()].owner;
                !owner.is_some_and(|owner| self.program.nominals[owner.index()].frozen)
            }
            _ => false,
        });
        if let Some(span) = calls.map(|expr| expr.span) {
            self.error_help(
                M0323,
                span,
                "a constant is not computed by a call",
                "a module has no state; write a function that makes it: `fn limit() -> int => ...`",
            );
        }
    }

    fn result_place(&mut self, text: ast::Function<'t>) {
        if let Some(result) = text.result() {
            let span = self.span_ast(result);
            if let Some(frame) = self.body.frames.last_mut() {
                frame.why = Why::new("the result", Some(span));
            }
        }
    }

    fn arrow_body(&mut self, value: ast::Body<'t>, result: Ty) -> ExprId {
        let why = self.body.frames[0].why.clone();
        match value {
            ast::Body::Expr(expr) if result == Ty::UNIT => {
                let value = self.infer(expr, Want::Nothing);
                self.dropped_value(expr, value);
                value
            }
            ast::Body::Expr(expr) => self.expect(expr, result, &why),
            ast::Body::AssignStmt(assign) => self.assign(assign),
            ast::Body::Block(block) => self.block(block, Want::Of(result)),
        }
    }

    /// A function that says nothing of a result and is written with `=>` probably means to give one.
    fn dropped_value(&mut self, expr: ast::Expr<'t>, value: ExprId) {
        let ty = self.body.expr(value).ty;
        let ty = self.zonk(ty);
        if matches!(ty, Ty::UNIT | Ty::NEVER | Ty::ERROR) || matches!(expr, ast::Expr::CallExpr(_)) {
            return;
        }
        let (shown, span) = (self.show(ty), self.span_ast(expr));
        self.report(
            Diagnostic::error(crate::errors::M0301, "this function has no result type, so its value is lost")
                .at(span, format!("this is `{shown}`"))
                .help(format!("write `-> {shown}` in front of `=>`")),
        );
    }

    fn brace_body(&mut self, id: FnId, block: ast::Block<'t>, result: Ty) -> ExprId {
        let root = self.block(block, Want::Nothing);
        let ty = self.body.expr(root).ty;
        let open = result != Ty::UNIT && result != Ty::ERROR && self.shallow(ty) != Ty::NEVER;
        // A `return` may stand in what could not be read.
        if open && !self.has_syntax_errors(block.node().range()) {
            let function = &self.program.fns[id.index()];
            let name = function.name.clone();
            let shown = self.show(result);
            let end = block.node().range().end;
            let span = self.span_of_range(end.saturating_sub(1)..end);
            let mut diagnostic = Diagnostic::error(
                M0310,
                format!("`{name}` may end here without a result: `{shown}` is missing"),
            )
            .at(span, "");
            let last = block.value().filter(|value| {
                !matches!(value, ast::Expr::IfExpr(_) | ast::Expr::MatchExpr(_) | ast::Expr::TryExpr(_))
            });
            diagnostic = match last {
                Some(value) => {
                    let text = value.node().text();
                    let text = text.lines().next().unwrap_or("");
                    diagnostic
                        .help(format!("a body in braces gives its result with `return`: `return {text}`"))
                }
                None => diagnostic.help("every way through a body in braces ends with `return` or `throw`"),
            };
            self.report(diagnostic);
        }
        root
    }

    /// Ends the body: all types are known now.
    pub(crate) fn end_body(&mut self, id: FnId, root: Option<ExprId>) {
        for (ty, span, what) in std::mem::take(&mut self.body.must_be_known) {
            if self.is_open(ty) {
                self.open_type(span, &what);
                self.give_up(ty);
            }
        }
        self.judge_bounds();
        self.judge_sent();
        self.flow(id, root);
        let mut body = std::mem::take(&mut self.body.body);
        body.root = root;
        let vars = std::mem::take(&mut self.vars);
        let types = &mut self.program.types;
        let mut close = |ty: &mut Ty| {
            let closed = zonk(types, &vars, *ty);
            // What is still open is of no consequence, or has been reported.
            *ty = types.map(closed, &mut |types, part| {
                matches!(types.kind(part), crate::types::TyKind::Var(_)).then_some(Ty::ERROR)
            });
        };
        body.locals.iter_mut().for_each(|local| close(&mut local.ty));
        body.pats.iter_mut().for_each(|pat| {
            close(&mut pat.ty);
            if let PatKind::Class(ty, _) = &mut pat.kind {
                close(ty);
            }
        });
        for expr in &mut body.exprs {
            close(&mut expr.ty);
            match &mut expr.kind {
                ExprKind::FnValue(_, types) | ExprKind::MethodValue(_, _, types) => {
                    types.iter_mut().for_each(&mut close)
                }
                ExprKind::Call { generics, .. }
                | ExprKind::CallMethod { generics, .. }
                | ExprKind::SuperInit { generics, .. }
                | ExprKind::Spawn { generics, .. } => generics.iter_mut().for_each(&mut close),
                ExprKind::CaseValue(ty, _)
                | ExprKind::TypeName(ty)
                | ExprKind::Is(_, ty)
                | ExprKind::AsOptional(_, ty)
                | ExprKind::AsForced(_, ty) => close(ty),
                ExprKind::Receive { message, .. } => close(message),
                ExprKind::Try { catches, .. } => catches.iter_mut().for_each(|catch| close(&mut catch.class)),
                _ => {}
            }
        }
        self.program.fns[id.index()].body = Some(body);
        self.leave_nominal();
    }
}
