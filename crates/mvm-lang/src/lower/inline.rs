//! Short functions in the place of their calls.
//!
//! `xs[i]`, `xs.len()`, the steps of an iterator are calls of the library, and most programs consist of them. A function of the library
//! that is a few expressions is written where it is called. Functions of the program are left alone, so that breakpoints and
//! steps are where they are expected; back-traces show the call in either case.
//!
//! The parameters are the registers of the arguments: a parameter is never assigned, and nothing in the function can assign
//! variables of its caller.
//!
//! Not here: inlining with a look at the whole program (`mvm-opt`).

use std::rc::Rc;

use mvm_module::FuncId;
use mvm_opt::build::Block;

use super::Lower;
use super::body::{Code, Place, Want};
use super::dispatch::Target;
use super::regs::Regs;
use crate::hir::{self, Body, ExprId, ExprKind, FnId, FnKind, LocalId, PatKind};
use crate::types::{SmallMap, Ty, TyKind};

/// Expressions that a function written in the place of calls has at most.
const SIZE_MAX: usize = 24;
/// Calls in each other that are replaced.
const DEPTH_MAX: usize = 3;
/// Registers beyond which a function takes no more code of others.
const REGISTERS_MAX: u16 = 200;

/// A function that can be written in the place of a call: statements, and the value.
#[derive(Debug, Clone)]
pub(crate) struct Short {
    statements: Rc<[ExprId]>,
    value: Option<ExprId>,
}

impl<'p> Lower<'p> {
    /// The function, if it is so short that it can stand in the place of calls.
    pub(crate) fn short(&mut self, id: FnId) -> Option<Short> {
        if self.shorts.is_empty() {
            self.shorts = vec![None; self.program.fns.len()];
        }
        if self.shorts[id.index()].is_none() {
            let found = self.find_short(id);
            self.shorts[id.index()] = Some(found);
        }
        self.shorts[id.index()].clone().flatten()
    }

    fn find_short(&self, id: FnId) -> Option<Short> {
        let function = &self.program.fns[id.index()];
        let library = self
            .program
            .modules
            .get(function.module.index())
            .is_some_and(|module| module.name.starts_with("std."));
        let kind = matches!(function.kind, FnKind::Free | FnKind::Method | FnKind::Static | FnKind::Default);
        if !kind || function.receives.is_some() || !(library || function.kind == FnKind::Default) {
            return None;
        }
        let body = function.body.as_ref()?;
        let root = body.root?;
        let (statements, value): (&[ExprId], _) = match &body.exprs[root.index()].kind {
            ExprKind::Block { statements, value } => (statements, *value),
            _ => (&[], Some(root)),
        };
        // A `return` at the end is the value.
        let (statements, value) = match (statements.split_last(), value) {
            (Some((&last, before)), None) => match body.exprs[last.index()].kind {
                ExprKind::Return(value) => (before, value),
                _ => (statements, None),
            },
            _ => (statements, value),
        };
        if value.is_none() && function.result != Ty::UNIT {
            return None;
        }
        let mut left = SIZE_MAX;
        let all = statements.iter().chain(&value);
        all.copied()
            .all(|expr| is_short(body, expr, &mut left))
            .then(|| Short { statements: statements.into(), value })
    }

    /// Which argument each field of a class gets, when its initialiser does nothing else; bases first.
    pub(crate) fn plain_init(&mut self, ty: Ty, init: FnId) -> Option<Rc<[usize]>> {
        if let Some(known) = self.plain_inits.get(&init) {
            return known.clone();
        }
        let found = self.find_plain_init(ty, init).map(Rc::from);
        self.plain_inits.insert(init, found.clone());
        found
    }

    fn find_plain_init(&mut self, ty: Ty, init: FnId) -> Option<Vec<usize>> {
        let &TyKind::Named(id, _) = self.types.kind(ty) else { return None };
        let nominal = &self.program.nominals[id.index()];
        let body = self.program.fns[init.index()].body.as_ref()?;
        if nominal.base.is_some() || self.serials.contains(&id) {
            return None;
        }
        let ExprKind::Block { statements, value: None } = &body.exprs[body.root?.index()].kind else {
            return None;
        };
        let mut fields = vec![None; nominal.fields.len()];
        for statement in statements {
            let ExprKind::Assign { to: hir::Place::Field { object, class, field }, value } =
                &body.exprs[statement.index()].kind
            else {
                return None;
            };
            let ExprKind::Local(value) = body.exprs[value.index()].kind else { return None };
            let own = matches!(body.exprs[object.index()].kind, ExprKind::Local(LocalId(0))) && *class == id;
            let params = self.program.fns[init.index()].params.len();
            if !own || value.index() == 0 || value.index() >= params {
                return None;
            }
            *fields.get_mut(*field as usize)? = Some(value.index() - 1);
        }
        fields.into_iter().collect()
    }
}

/// Whether an expression has only parts that can stand in another function, and not too many.
fn is_short(body: &Body, expr: ExprId, left: &mut usize) -> bool {
    let kind = &body.exprs[expr.index()].kind;
    let plain = match kind {
        ExprKind::Return(_)
        | ExprKind::Break(_)
        | ExprKind::Continue(_)
        | ExprKind::Defer(_)
        | ExprKind::Try { .. }
        | ExprKind::While { .. }
        | ExprKind::ForRange { .. }
        | ExprKind::ForEach { .. }
        | ExprKind::Closure { .. }
        | ExprKind::Spawn { .. }
        | ExprKind::Receive { .. }
        | ExprKind::Match { .. }
        | ExprKind::Let(..)
        | ExprKind::Show(_)
        | ExprKind::Inspect(_)
        | ExprKind::Interpolate(_)
        | ExprKind::List(_)
        | ExprKind::Map(_)
        | ExprKind::Error => false,
        ExprKind::LetStmt { pat, value } => {
            value.is_some() && matches!(body.pats[pat.index()].kind, PatKind::Bind(_) | PatKind::Wildcard)
        }
        _ => true,
    };
    if !plain || *left == 0 {
        return false;
    }
    *left -= 1;
    let mut all = true;
    kind.visit(&mut |part| all = all && is_short(body, part, left));
    all
}

impl<'p> Code<'_, 'p> {
    /// A call whose function may be written here: the function with its arguments for generics, and the arguments.
    pub(crate) fn inline(
        &mut self,
        callee: (FnId, Rc<[Ty]>, FuncId),
        values: &[Regs],
        want: Want,
    ) -> Option<Regs> {
        let short = self.may_inline(callee.0)?;
        Some(self.in_place(callee, values, |code| code.block(&short.statements, short.value, want)))
    }

    /// The same for a call that is a condition.
    fn inline_branch(
        &mut self,
        callee: (FnId, Rc<[Ty]>, FuncId),
        values: &[Regs],
        yes: Block,
        no: Block,
    ) -> bool {
        let Some(Short { statements, value: Some(value) }) = self.may_inline(callee.0) else { return false };
        self.in_place(callee, values, |code| {
            code.block(&statements, None, Want::Nothing);
            code.branch(value, yes, no);
        });
        true
    }

    /// Goes to one of two blocks by the result of a call; false when it is to be called like any other.
    pub(crate) fn branch_call(&mut self, expr: ExprId, yes: Block, no: Block) -> bool {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let (callee, args) = match &node.kind {
            ExprKind::Call { function, generics, args } => {
                if self.may_inline(*function).is_none() {
                    return false;
                }
                let types = self.types(generics);
                let number = self.low.instance(*function, types.clone(), false);
                ((*function, types, number), args)
            }
            ExprKind::CallMethod { method, generics, args } => {
                let Some(&object) = args.first() else { return false };
                let of = self.ty_of(object);
                let own = self.own_generics(*method, generics);
                let found = self.low.find(of, *method, &own);
                let (Target::Direct(number), Some((function, types))) = (found.target, found.known) else {
                    return false;
                };
                if found.result != Ty::BOOL || self.may_inline(function).is_none() {
                    return false;
                }
                ((function, types, number), args)
            }
            _ => return false,
        };
        let values = self.values(args);
        self.at(node.span);
        self.inline_branch(callee, &values, yes, no)
    }

    fn may_inline(&mut self, function: FnId) -> Option<Short> {
        let room = self.inlined.len() < DEPTH_MAX && self.b.registers() < REGISTERS_MAX;
        if !room || self.inlined.contains(&function) || function == self.id {
            return None;
        }
        self.low.short(function)
    }

    /// Makes code as that of another function, whose parameters are in these registers.
    fn in_place<R>(
        &mut self,
        (id, args, number): (FnId, Rc<[Ty]>, FuncId),
        values: &[Regs],
        make: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let program = self.low.program;
        let function = &program.fns[id.index()];
        let Some(body) = &function.body else { return make(self) };
        self.inlined.push(id);
        let outside = (
            std::mem::replace(&mut self.id, id),
            std::mem::replace(&mut self.body, body),
            std::mem::replace(&mut self.generics, &function.generics),
            std::mem::replace(&mut self.args, args),
            std::mem::take(&mut self.known),
            std::mem::replace(&mut self.locals, vec![Place::Nowhere; body.locals.len()]),
            std::mem::take(&mut self.assigns),
            self.chain.take(),
        );
        for (number, &value) in values.iter().enumerate() {
            self.locals[number] = Place::Registers(value);
        }
        self.b.enter_call(number);
        let result = make(self);
        self.b.leave_call();
        self.inlined.pop();
        (self.id, self.body, self.generics, self.args, self.known, self.locals, self.assigns, self.chain) =
            outside;
        result
    }
}

/// Short functions by number, as far as asked for.
pub(crate) type Shorts = Vec<Option<Option<Short>>>;
/// Initialisers, as far as asked for.
pub(crate) type PlainInits = SmallMap<FnId, Option<Rc<[usize]>>>;
