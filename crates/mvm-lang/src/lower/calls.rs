//! Calls.

use std::rc::Rc;

use mvm_isa::Opcode;

use super::body::{Code, Want};
use super::dispatch::{Found, Target};
use super::regs::Regs;
use crate::hir::{ExprId, ExprKind, FnId};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// Calls of all kinds.
    pub(crate) fn call(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let ty = self.ty(node.ty);
        match &node.kind {
            ExprKind::Call { function, generics, args } => {
                let mark = self.mark();
                let values = self.values(args);
                let types = self.types(generics);
                let result = self.low.program.fns[function.index()].result;
                let result = if types.is_empty() {
                    result
                } else {
                    let generics = &self.low.program.fns[function.index()].generics;
                    self.low.types.subst(result, generics, &types)
                };
                let callee = self.low.instance(*function, types.clone(), false);
                self.at(node.span);
                if result == ty
                    && let Some(value) = self.inline((*function, types, callee), &values, want)
                {
                    return value;
                }
                self.release_for(mark, want, result, ty);
                self.finish_call(Opcode::Call, callee.0, &values, result, ty, want)
            }
            ExprKind::CallMethod { method, generics, args } => {
                let Some(&object) = args.first() else { return Regs::NONE };
                let of = self.ty_of(object);
                let mark = self.mark();
                let values = self.values(args);
                let own = self.own_generics(*method, generics);
                self.at(node.span);
                let found = self.low.find(of, *method, &own);
                if let Some(value) = self.inline_found(&found, &values, ty, want) {
                    return value;
                }
                self.release_for(mark, want, found.result, ty);
                self.call_found(&found, of, &values, ty, want)
            }
            ExprKind::CallValue { callee, args } => {
                let mark = self.mark();
                let all: Vec<ExprId> = std::iter::once(*callee).chain(args.iter().copied()).collect();
                let values = self.values(&all);
                let callee_ty = self.ty_of(*callee);
                let result = match self.low.types.kind(callee_ty) {
                    TyKind::Fn(_, result) => *result,
                    _ => ty,
                };
                self.at(node.span);
                self.release_for(mark, want, result, ty);
                let Some(&callee) = values[0].first() else { return self.target(want, ty) };
                self.finish_call(Opcode::CallRef, callee.into(), &values[1..], result, ty, want)
            }
            ExprKind::SuperInit { init, generics, object, args } => {
                let mark = self.mark();
                let object = self.read_local(*object, Want::Any);
                let values = self.values(args);
                let types = self.types(generics);
                self.at(node.span);
                // The class that the machine knows has fields only.
                let function = self.low.instance(*init, types, false);
                let all: Vec<u16> =
                    object.iter().copied().chain(values.iter().flat_map(|value| value.to_vec())).collect();
                self.b.call(Opcode::Call, function.0, &all, &[]);
                self.release(mark);
                Regs::NONE
            }
            _ => Regs::NONE,
        }
    }

    /// Arguments for the generics that a method has besides those of its owner.
    pub(crate) fn own_generics(&mut self, method: FnId, generics: &[Ty]) -> Rc<[Ty]> {
        let owners = self.low.program.fns[method.index()].owner_generics.min(generics.len());
        self.types(&generics[owners..])
    }

    /// Operands are not needed any more when the result is written, unless it has to be converted then.
    fn release_for(&mut self, mark: usize, want: Want, result: Ty, ty: Ty) {
        if result == ty || want != Want::Any {
            self.release(mark);
        }
    }

    /// A method that was found, in the place of its call. The registers of the arguments are still needed then.
    fn inline_found(&mut self, found: &Found, values: &[Regs], ty: Ty, want: Want) -> Option<Regs> {
        match (found.target, &found.known) {
            (Target::Direct(function), Some((id, types))) if found.result == ty => {
                self.inline((*id, types.clone(), function), values, want)
            }
            _ => None,
        }
    }

    /// Calls a method that was found: on an object, which is the first value.
    pub(crate) fn call_found(&mut self, found: &Found, of: Ty, values: &[Regs], ty: Ty, want: Want) -> Regs {
        let (op, target) = match found.target {
            Target::Direct(function) => {
                if let Some(value) = self.inline_found(found, values, ty, want) {
                    return value;
                }
                (Opcode::Call, function.0)
            }
            // The place in the method table is put in at the end (`tables.rs`).
            Target::Virtual(slot) => (Opcode::CallVirtual, slot as u32),
            Target::Interface(selector) => (Opcode::CallInterface, selector),
            Target::Derived(derive) => {
                let value = self.derived_value(derive, of, values, want);
                return self.give(want, value);
            }
        };
        self.finish_call(op, target, values, found.result, ty, want)
    }

    /// The call itself. `result` is what is given, `ty` what is wanted.
    pub(crate) fn finish_call(
        &mut self,
        op: Opcode,
        target: u32,
        values: &[Regs],
        result: Ty,
        ty: Ty,
        want: Want,
    ) -> Regs {
        let all: Vec<u16> = values.iter().flat_map(|value| value.to_vec()).collect();
        if result == ty || ty == Ty::NEVER || want == Want::Nothing {
            let to = if want == Want::Nothing { self.temps(result) } else { self.target(want, result) };
            self.b.call(op, target, &all, &to);
            if ty == Ty::NEVER || result == Ty::NEVER {
                self.b.unreachable();
            }
            return to;
        }
        let given = self.temps(result);
        self.b.call(op, target, &all, &given);
        if result == Ty::NEVER {
            self.b.unreachable();
        }
        let value = self.converted(given, result, ty);
        self.give(want, value)
    }
}
