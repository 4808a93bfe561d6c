//! Expressions: who makes the code of which kind, and the small kinds.

use std::sync::Arc;

use mvm_isa::{Opcode, TypeId};

use super::body::{Code, Want};
use super::derive::Derive;
use super::regs::Regs;
use super::reps::Form;
use crate::hir::{ConstId, ExprId, ExprKind, FnKind, Place};
use crate::types::Ty;

impl Code<'_, '_> {
    /// The value of an expression, wherever it is.
    pub(crate) fn value(&mut self, expr: ExprId) -> Regs {
        self.eval(expr, Want::Any)
    }

    /// The value of an expression of one register.
    pub(crate) fn one(&mut self, expr: ExprId) -> u16 {
        let value = self.value(expr);
        match value.first() {
            Some(&register) => register,
            // Control does not come back from the expression, so that the code behind it is dropped.
            None => self.temp(TypeId::I64),
        }
    }

    /// Leaves the value of an expression in registers.
    pub(crate) fn into(&mut self, expr: ExprId, to: Regs) {
        self.eval(expr, Want::Into(to));
    }

    /// The values of several expressions, evaluated in order. One that is a variable is copied when a later one may assign
    /// it.
    pub(crate) fn values(&mut self, exprs: &[ExprId]) -> Vec<Regs> {
        let mut values = Vec::with_capacity(exprs.len());
        for (number, &expr) in exprs.iter().enumerate() {
            let mut value = self.value(expr);
            if self.varies(value) && exprs[number + 1..].iter().any(|&later| self.assigns(later)) {
                value = self.fresh_copy(value);
            }
            values.push(value);
        }
        values
    }

    /// The same for two.
    pub(crate) fn pair(&mut self, a: ExprId, b: ExprId) -> [Regs; 2] {
        let mut first = self.value(a);
        if self.varies(first) && self.assigns(b) {
            first = self.fresh_copy(first);
        }
        [first, self.value(b)]
    }

    /// A copy of a value in temporaries.
    pub(crate) fn fresh_copy(&mut self, value: Regs) -> Regs {
        let copy = value
            .iter()
            .map(|&register| {
                let ty = self.b.type_of(register);
                self.temp(ty)
            })
            .collect();
        self.copy(copy, value);
        copy
    }

    /// The code of an expression. The value is in the registers that come back: those that are wanted, if some are.
    pub(crate) fn eval(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let want = if want == Want::Into(Regs::NONE) { Want::Nothing } else { want };
        if want == Want::Result
            && !matches!(node.kind, ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Block { .. })
        {
            let value = self.eval(expr, Want::Any);
            self.at(node.span);
            self.return_regs(value);
            return Regs::NONE;
        }
        match &node.kind {
            ExprKind::Error => {
                self.b.unreachable();
                Regs::NONE
            }
            ExprKind::Unit => Regs::NONE,
            &ExprKind::Local(local) => self.read_local(local, want),
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::None => {
                self.literal(expr, want)
            }
            &ExprKind::Const(id) => self.constant(id, expr, want),
            ExprKind::Some(_)
            | ExprKind::Upcast(_)
            | ExprKind::FromAny(_)
            | ExprKind::Is(..)
            | ExprKind::AsOptional(..)
            | ExprKind::AsForced(..)
            | ExprKind::Unwrap(_)
            | ExprKind::IsSome(_) => self.conversion(expr, want),
            ExprKind::FnValue(..)
            | ExprKind::MethodValue(..)
            | ExprKind::CaseValue(..)
            | ExprKind::Closure { .. } => self.fn_value(expr, want),
            ExprKind::Interpolate(parts) => self.interpolate(parts, node.span, want),
            ExprKind::Tuple(parts) => self.tuple(expr, parts, want),
            &ExprKind::TupleField(tuple, field) => self.tuple_field(tuple, field, want),
            ExprKind::List(_) | ExprKind::Map(_) => self.collection(expr, want),
            ExprKind::Call { .. }
            | ExprKind::CallMethod { .. }
            | ExprKind::CallValue { .. }
            | ExprKind::SuperInit { .. } => self.call(expr, want),
            ExprKind::New { .. } | ExprKind::NewCase { .. } | ExprKind::Field { .. } => {
                self.object(expr, want)
            }
            ExprKind::Assign { to, value } => self.assign(to, *value),
            ExprKind::Negate(_) | ExprKind::Complement(_) | ExprKind::Binary(..) => {
                self.arithmetic(expr, want)
            }
            ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::Same(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Let(..) => self.truth(expr, want),
            &ExprKind::Order(a, b) => self.derive_call(Derive::Order, &[a, b], node.span, want),
            &ExprKind::Hash(a) => self.derive_call(Derive::Hash, &[a], node.span, want),
            &ExprKind::Show(a) => self.show_expr(a, node.span, want),
            &ExprKind::Inspect(a) => self.derive_call(Derive::Show, &[a], node.span, want),
            &ExprKind::TypeName(ty) => self.type_text(ty, want),
            ExprKind::Block { statements, value } => self.block(statements, *value, want),
            &ExprKind::LetStmt { pat, value } => self.let_stmt(pat, value),
            ExprKind::If { .. } => self.if_expr(expr, want),
            ExprKind::Match { .. } => self.match_expr(expr, want),
            ExprKind::While { .. } | ExprKind::ForRange { .. } | ExprKind::ForEach { .. } => {
                self.loop_expr(expr)
            }
            ExprKind::Break(_)
            | ExprKind::Continue(_)
            | ExprKind::Return(_)
            | ExprKind::Throw(_)
            | ExprKind::Defer(_)
            | ExprKind::Try { .. } => self.leaving(expr, want),
            ExprKind::Spawn { .. } | ExprKind::Receive { .. } => self.process(expr, want),
            ExprKind::Machine(..) | ExprKind::Syscall(..) | ExprKind::Array(..) => self.machine(expr, want),
        }
    }

    fn literal(&mut self, expr: ExprId, want: Want) -> Regs {
        let node = self.expr(expr);
        let ty = self.ty(node.ty);
        if want == Want::Nothing {
            return Regs::NONE;
        }
        let to = self.target(want, ty);
        match &node.kind {
            ExprKind::Int(value) => self.b.const_i64(to[0], *value),
            ExprKind::Bool(value) => self.b.const_i64(to[0], (*value).into()),
            ExprKind::Float(value) => self.b.const_f64(to[0], *value),
            ExprKind::Str(text) => self.text(to[0], text),
            _ => self.none(ty, to),
        }
        to
    }

    /// The text of a type.
    fn type_text(&mut self, ty: Ty, want: Want) -> Regs {
        let ty = self.ty(ty);
        let name = self.low.type_name(ty);
        let to = self.target(want, Ty::STR);
        self.text(to[0], &name.into());
        to
    }

    /// `to` = a literal text.
    pub(crate) fn text(&mut self, to: u16, text: &Arc<str>) {
        let literal = self.low.string(text);
        self.b.insn(Opcode::ConstLiteral, &[to.into(), literal.0.into()]);
    }

    /// `to` = `none` of an optional type.
    pub(crate) fn none(&mut self, ty: Ty, to: Regs) {
        if self.low.rep(ty).form == Form::Flagged {
            // Only the flag counts.
            self.b.const_i64(to[0], 0);
        } else if let Some(&to) = to.first() {
            self.b.insn(Opcode::ConstNull, &[to.into()]);
        }
    }

    /// The value of a constant: a number or text itself, else what its function gives.
    fn constant(&mut self, id: ConstId, expr: ExprId, want: Want) -> Regs {
        let program = self.low.program;
        let value = program.consts[id.index()].value;
        let ty = self.ty_of(expr);
        let to = self.target(want, ty);
        if let Some(body) = &program.fns[value.index()].body
            && let Some(root) = body.root
        {
            match &body.exprs[root.index()].kind {
                ExprKind::Int(value) => {
                    self.b.const_i64(to[0], *value);
                    return to;
                }
                ExprKind::Float(value) => {
                    self.b.const_f64(to[0], *value);
                    return to;
                }
                ExprKind::Str(text) => {
                    self.text(to[0], text);
                    return to;
                }
                _ => {}
            }
        }
        self.at(self.expr(expr).span);
        let function = self.low.instance(value, [].into(), false);
        self.b.call(Opcode::Call, function.0, &[], &to);
        to
    }

    /// An int that is known now.
    pub(crate) fn known_int(&self, expr: ExprId) -> Option<i64> {
        let mut body = self.body;
        let mut expr = expr;
        loop {
            match &body.exprs[expr.index()].kind {
                ExprKind::Int(value) => return Some(*value),
                ExprKind::Bool(value) => return Some((*value).into()),
                // Of an enum without payload; nobody asks for others.
                ExprKind::NewCase { case, args } if args.is_empty() => return Some((*case).into()),
                ExprKind::Negate(inner) => match body.exprs[inner.index()].kind {
                    ExprKind::Int(value) => return value.checked_neg(),
                    _ => return None,
                },
                ExprKind::Const(id) => {
                    let program = self.low.program;
                    let function = &program.fns[program.consts[id.index()].value.index()];
                    let next = function.body.as_ref()?;
                    debug_assert!(function.kind != FnKind::Method);
                    // A constant that is another one is not followed further, since they could go round in a circle.
                    let root = next.root?;
                    if matches!(next.exprs[root.index()].kind, ExprKind::Const(_)) {
                        return None;
                    }
                    (body, expr) = (next, root);
                }
                _ => return None,
            }
        }
    }

    /// The same, if it fits an immediate.
    pub(crate) fn immediate(&self, expr: ExprId) -> Option<i16> {
        self.known_int(expr).and_then(|value| value.try_into().ok())
    }

    fn tuple(&mut self, expr: ExprId, parts: &[ExprId], want: Want) -> Regs {
        let ty = self.ty_of(expr);
        if want == Want::Nothing {
            parts.iter().for_each(|&part| {
                self.eval(part, Want::Nothing);
            });
            return Regs::NONE;
        }
        let rep = self.low.rep(ty);
        if rep.form == Form::Wide {
            let values = self.values(parts);
            let all: Vec<u16> = values.iter().flat_map(|value| value.to_vec()).collect();
            let to = self.target(want, ty);
            let class = self.low.packed_class(ty);
            let id = self.low.classes[class].id;
            self.at(self.expr(expr).span);
            self.b.new_with(to[0], id, &all);
            return to;
        }
        // Values of variables need not move; the tuple is wherever its parts are.
        if want == Want::Any {
            let values = self.values(parts);
            return values.iter().flat_map(|value| value.to_vec()).collect();
        }
        let to = self.target(want, ty);
        let mut next = 0;
        for &part in parts {
            let part_ty = self.ty_of(part);
            let count = self.low.rep(part_ty).regs.len();
            self.into(part, to.part(next, count));
            next += count;
        }
        to
    }

    fn tuple_field(&mut self, tuple: ExprId, field: u32, want: Want) -> Regs {
        let ty = self.ty_of(tuple);
        let value = self.value(tuple);
        let part = self.part_of(ty, value, field);
        self.give(want, part)
    }

    /// A part of a tuple.
    pub(crate) fn part_of(&mut self, ty: Ty, value: Regs, field: u32) -> Regs {
        let crate::types::TyKind::Tuple(parts) = self.low.types.kind(ty).clone() else { return Regs::NONE };
        let start = self.low.flat(&parts[..field as usize]).len();
        let part = parts[field as usize];
        let count = self.low.rep(part).regs.len();
        if self.low.rep(ty).form != Form::Wide {
            return value.part(start, count);
        }
        let class = self.low.packed_class(ty);
        let fields = self.low.own_fields(class);
        let to = self.temps(part);
        for (&(ty, offset), &to) in fields[start..start + count].iter().zip(to.iter()) {
            self.get_field(to, value[0], ty, offset);
        }
        to
    }

    fn assign(&mut self, to: &Place, value: ExprId) -> Regs {
        let mark = self.mark();
        match *to {
            Place::Local(local) => match self.locals[local.index()] {
                super::body::Place::Registers(regs) if regs.len() <= 1 => self.into(value, regs),
                _ => {
                    let mut found = self.value(value);
                    if found.len() > 1 && self.varies(found) {
                        found = self.fresh_copy(found);
                    }
                    self.write_local(local, found);
                }
            },
            Place::Field { object, class, field } => {
                let ty = self.ty_of(object);
                let values = self.pair(object, value);
                self.at(self.expr(value).span);
                if let Some(&object) = values[0].first() {
                    self.write_field(ty, object, class, field, values[1]);
                }
            }
        }
        self.release(mark);
        Regs::NONE
    }
}
