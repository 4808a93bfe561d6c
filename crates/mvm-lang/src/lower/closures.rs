//! Function values: functions, methods with their objects, cases, classes, and closures.
//!
//! A closure is a function whose first parameters are what it captures, and `bind` fixes them. A variable that changes lives in a
//! cell, and the cell is captured; one that does not change is copied. More registers than `bind` takes go into an object.

use std::rc::Rc;

use mvm_isa::{Opcode, TypeId};
use mvm_module::{FuncId, Name};
use mvm_opt::build::Builder;

use super::Lower;
use super::body::{Code, Place, Want};
use super::regs::Regs;
use super::work::{Adapter, ClosureJob, Job};
use crate::hir::{ExprId, ExprKind, FnKind};
use crate::types::{Ty, TyKind};

/// Registers that `bind` takes.
pub(crate) const BOUND_MAX: usize = mvm_module::limits::BOUND_MAX;

impl Code<'_, '_> {
    /// A function as value.
    pub(crate) fn fn_value(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let ty = self.ty(node.ty);
        self.at(node.span);
        match &node.kind {
            ExprKind::FnValue(function, generics) => {
                let types = self.types(generics);
                let kind = self.low.program.fns[function.index()].kind;
                let function = match (kind, self.low.types.kind(ty)) {
                    (FnKind::Init, &TyKind::Fn(_, of)) => {
                        self.low.job(Job::Adapter(Adapter::New { of, init: *function }))
                    }
                    _ => self.low.instance(*function, types, false),
                };
                self.reference(function, ty, want)
            }
            ExprKind::CaseValue(_, case) => {
                let &TyKind::Fn(_, of) = self.low.types.kind(ty) else { return Regs::NONE };
                let function = self.low.job(Job::Adapter(Adapter::Case { of, case: *case }));
                self.reference(function, ty, want)
            }
            ExprKind::MethodValue(object, method, generics) => {
                let mark = self.mark();
                let of = self.ty_of(*object);
                let value = self.value(*object);
                let own = self.own_generics(*method, generics);
                let function = self.low.job(Job::Adapter(Adapter::Method { of, method: *method, own }));
                self.release(mark);
                let to = self.target(want, ty);
                self.b.bind(to[0], function, &value);
                to
            }
            ExprKind::Closure { .. } => self.closure(expr, ty, want),
            _ => Regs::NONE,
        }
    }

    /// A reference to a function.
    pub(crate) fn reference(&mut self, function: FuncId, ty: Ty, want: Want) -> Regs {
        let to = self.target(want, ty);
        let id = self.low.rep(ty).regs[0];
        let literal = self.low.fn_literal(function, id);
        self.b.insn(Opcode::Fref, &[to[0].into(), literal.0.into()]);
        to
    }

    fn closure(&mut self, expr: ExprId, ty: Ty, want: Want) -> Regs {
        let captures = self.body.captured(expr);
        let mut regs: Vec<u16> = self.chain.into_iter().collect();
        for &local in &captures {
            match self.locals[local.index()] {
                Place::Registers(found) => regs.extend_from_slice(&found),
                Place::Cell { cell, .. } => regs.push(cell),
                // In dead code only: nobody gets there.
                Place::Nowhere => return self.target(want, ty),
            }
        }
        let record = if regs.len() > BOUND_MAX {
            let types: Vec<TypeId> = regs.iter().map(|&register| self.b.type_of(register)).collect();
            Some(self.low.cell_class(&types))
        } else {
            None
        };
        let job = ClosureJob {
            id: self.id,
            args: self.args.clone(),
            showing: self.chain.is_some(),
            expr,
            captures,
            record,
        };
        let function = self.low.job(Job::Closure(Rc::new(job)));
        if regs.is_empty() {
            return self.reference(function, ty, want);
        }
        let to = self.target(want, ty);
        match record {
            Some(class) => {
                let id = self.low.classes[class].id;
                let object = self.temp(id);
                self.b.new_with(object, id, &regs);
                self.b.bind(to[0], function, &[object]);
            }
            None => self.b.bind(to[0], function, &regs),
        }
        to
    }
}

impl<'p> Lower<'p> {
    /// The function of a closure.
    pub(crate) fn closure_function(&mut self, job: &ClosureJob) -> (Builder, Name) {
        let program = self.program;
        let function = &program.fns[job.id.index()];
        let Some(body) = &function.body else { return Code::bare(self, &[], &[], "closure".into()).done() };
        let node = &body.exprs[job.expr.index()];
        self.span = Some(node.span);
        let ty = self.types.subst(node.ty, &function.generics, &job.args);
        let (params, result) = match self.types.kind(ty).clone() {
            TyKind::Fn(params, result) => (params, result),
            _ => ([].into(), Ty::UNIT),
        };
        let ExprKind::Closure { params: locals, body: root } = &node.kind else {
            return Code::bare(self, &[], &[], "closure".into()).done();
        };
        // The registers that are captured, by local.
        let mut captured: Vec<TypeId> = Vec::new();
        let chain = job.showing.then(|| self.chain_type());
        captured.extend(chain);
        let mut shared = Vec::new();
        for &local in &job.captures {
            let declared = &body.locals[local.index()];
            let local_ty = self.types.subst(declared.ty, &function.generics, &job.args);
            let regs = self.rep(local_ty).regs;
            if declared.captured && declared.assigned {
                let class = self.cell_class(&regs);
                captured.push(self.classes[class].id);
                shared.push((Some(class), 1));
            } else {
                captured.extend_from_slice(&regs);
                shared.push((None, regs.len()));
            }
        }
        let first: Vec<TypeId> = match job.record {
            Some(class) => vec![self.classes[class].id],
            None => captured.clone(),
        };
        let own = self.flat(&params);
        let all: Vec<TypeId> = first.iter().chain(&own).copied().collect();
        let results = self.rep(result).regs.to_vec();
        let name = format!("{}.closure", function.name).into();
        let builder = self.builder(&all, &results);
        let mut code = Code::new(self, builder, job.id, job.args.clone(), result, name);
        code.at(node.span);
        let registers: Vec<u16> = match job.record {
            Some(class) => {
                let registers: Vec<u16> = captured.iter().map(|&ty| code.b.register(ty)).collect();
                let fields = code.low.own_fields(class);
                for (&(ty, offset), &to) in fields.iter().zip(&registers) {
                    code.get_field(to, 0, ty, offset);
                }
                registers
            }
            None => (0..captured.len() as u16).collect(),
        };
        let mut next = usize::from(job.showing);
        code.chain = chain.and_then(|_| registers.first().copied());
        for (&local, (class, count)) in job.captures.iter().zip(shared) {
            let regs = &registers[next..next + count];
            next += count;
            match class {
                Some(class) => code.locals[local.index()] = Place::Cell { cell: regs[0], class },
                None => code.name_local(local, regs.iter().copied().collect::<Regs>()),
            }
        }
        let mut next = first.len() as u16;
        for (&local, &ty) in locals.iter().zip(params.iter()) {
            let count = code.low.rep(ty).regs.len() as u16;
            code.param(local, (next..next + count).collect());
            next += count;
        }
        code.root(*root);
        code.done()
    }
}
