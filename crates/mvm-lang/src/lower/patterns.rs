//! Patterns: tests, and names that are bound.
//!
//! A pattern is tested from the outside to the inside, left to right; where it does not match, control goes to `fail`. One that
//! is known to match — that of a `let`, of the last arm of a `match` — is only bound.

use mvm_isa::Opcode;
use mvm_opt::build::Block;

use super::body::{Code, Want};
use super::derive::Derive;
use super::regs::Regs;
use super::reps::Form;
use crate::hir::{Literal, LocalId, PatId, PatKind};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// Tests a pattern on a value of this type and binds its names.
    pub(crate) fn test_pattern(&mut self, pat: PatId, ty: Ty, value: Regs, fail: Block) {
        self.pattern(pat, ty, value, Some(fail));
    }

    /// Binds the names of a pattern that matches.
    pub(crate) fn bind_pattern(&mut self, pat: PatId, ty: Ty, value: Regs) {
        self.pattern(pat, ty, value, None);
    }

    /// One or the other.
    pub(crate) fn pattern(&mut self, pat: PatId, ty: Ty, value: Regs, fail: Option<Block>) {
        let body = self.body;
        let node = &body.pats[pat.index()];
        match &node.kind {
            PatKind::Wildcard => {}
            &PatKind::Bind(local) => self.bind(local, ty, value),
            &PatKind::Some(inner) => {
                if let Some(fail) = fail {
                    let next = self.b.block();
                    self.at(node.span);
                    self.branch_some(ty, value, next, fail);
                    self.b.start(next);
                }
                let inner_ty = self.low.types.inner(ty).unwrap_or(ty);
                let found = self.unwrapped(ty, value);
                self.pattern(inner, inner_ty, found, fail);
            }
            PatKind::None => {
                if let Some(fail) = fail {
                    let next = self.b.block();
                    self.branch_some(ty, value, fail, next);
                    self.b.start(next);
                }
            }
            PatKind::Literal(literal) => {
                if let Some(fail) = fail {
                    self.at(node.span);
                    self.test_literal(literal, value, fail);
                }
            }
            &PatKind::Range(first, last) => {
                if let Some(fail) = fail {
                    self.test_range(first, last, value, fail);
                }
            }
            PatKind::Tuple(parts) => {
                for (number, &part) in parts.iter().enumerate() {
                    let TyKind::Tuple(types) = self.low.types.kind(ty) else { return };
                    let Some(&part_ty) = types.get(number) else { return };
                    if matches!(body.pats[part.index()].kind, PatKind::Wildcard) {
                        continue;
                    }
                    let found = self.part_of(ty, value, number as u32);
                    self.pattern(part, part_ty, found, fail);
                }
            }
            PatKind::Case(case, parts) => {
                if let Some(fail) = fail {
                    self.at(node.span);
                    self.test_case(ty, *case, value, fail);
                }
                if let Some(parts) = parts {
                    self.payload(ty, *case, parts, value, fail);
                }
            }
            &PatKind::Class(class, local) => {
                let class = self.ty(class);
                if let Some(fail) = fail {
                    let next = self.b.block();
                    self.at(node.span);
                    self.branch_is(ty, value, class, next, fail);
                    self.b.start(next);
                }
                let found = self.narrowed(ty, value, class);
                self.bind(local, class, found);
            }
            PatKind::Or(parts) => {
                let Some(fail) = fail else { return };
                let found = self.b.block();
                for (number, &part) in parts.iter().enumerate() {
                    let next = if number + 1 == parts.len() { fail } else { self.b.block() };
                    self.pattern(part, ty, value, Some(next));
                    self.b.jump(found);
                    if number + 1 < parts.len() {
                        self.b.start(next);
                    }
                }
                self.b.start(found);
            }
        }
    }

    /// A name for a value.
    fn bind(&mut self, local: LocalId, ty: Ty, value: Regs) {
        let wanted = self.local_ty(local);
        let value = self.converted(value, ty, wanted);
        match self.declare(local) {
            Some(to) => self.copy(to, value),
            None => self.write_local(local, value),
        }
    }

    fn test_literal(&mut self, literal: &Literal, value: Regs, fail: Block) {
        let Some(&value) = value.first() else { return };
        let next = self.b.block();
        let mark = self.mark();
        match literal {
            &Literal::Int(wanted) => self.test_int(value, wanted, next, fail),
            &Literal::Bool(wanted) => self.test_int(value, wanted.into(), next, fail),
            &Literal::Float(wanted) => {
                let other = self.temp(mvm_isa::TypeId::F64);
                self.b.const_f64(other, wanted);
                self.b.branch(Opcode::BeqF64, &[value.into(), other.into()], next, fail);
            }
            Literal::Str(wanted) => {
                let other = self.temp(mvm_isa::TypeId::STR);
                self.text(other, wanted);
                let equal = self.derived_value(
                    Derive::Equal,
                    Ty::STR,
                    &[Regs::one(value), Regs::one(other)],
                    Want::Any,
                );
                self.b.branch(Opcode::BneI64Imm, &[equal[0].into(), 0], next, fail);
            }
        }
        self.release(mark);
        self.b.start(next);
    }

    /// Goes on at `yes` when a register has this value.
    pub(crate) fn test_int(&mut self, value: u16, wanted: i64, yes: Block, no: Block) {
        if i16::try_from(wanted).is_ok() {
            self.b.branch(Opcode::BeqI64Imm, &[value.into(), wanted], yes, no);
        } else {
            let other = self.number(wanted);
            self.b.branch(Opcode::BeqI64, &[value.into(), other.into()], yes, no);
        }
    }

    fn test_range(&mut self, first: i64, last: i64, value: Regs, fail: Block) {
        let Some(&value) = value.first() else { return };
        for (op, long, limit) in
            [(Opcode::BgeI64Imm, Opcode::BleI64, first), (Opcode::BleI64Imm, Opcode::BleI64, last)]
        {
            let next = self.b.block();
            if i16::try_from(limit).is_ok() {
                self.b.branch(op, &[value.into(), limit], next, fail);
            } else {
                let other = self.number(limit);
                let (a, b) = if op == Opcode::BgeI64Imm { (other, value) } else { (value, other) };
                self.b.branch(long, &[a.into(), b.into()], next, fail);
            }
            self.b.start(next);
        }
    }

    fn test_case(&mut self, ty: Ty, case: u32, value: Regs, fail: Block) {
        let Some(&value) = value.first() else { return };
        let next = self.b.block();
        let mark = self.mark();
        let number = if self.low.is_plain_enum(ty) { value } else { self.case_number(ty, value) };
        self.test_int(number, case.into(), next, fail);
        self.release(mark);
        self.b.start(next);
    }

    /// The number of the case of an enum with payload.
    pub(crate) fn case_number(&mut self, ty: Ty, value: u16) -> u16 {
        let class = self.low.enum_class(ty);
        let field = self.low.own_fields(class)[0];
        let number = self.int_temp();
        self.get_field(number, value, field.0, field.1);
        number
    }

    /// Patterns of the payload of a case.
    pub(crate) fn payload(&mut self, ty: Ty, case: u32, parts: &[PatId], value: Regs, fail: Option<Block>) {
        let body = self.body;
        let Some(&object) = value.first() else { return };
        if parts.iter().all(|part| matches!(body.pats[part.index()].kind, PatKind::Wildcard)) {
            return;
        }
        let class = self.low.case_class(ty, case);
        let id = self.low.classes[class].id;
        let types = self.case_types(ty, case);
        let cast = self.temp(id);
        self.b.insn(Opcode::Cast, &[cast.into(), object.into(), id.0.into()]);
        for (number, &part) in parts.iter().enumerate() {
            let Some(&part_ty) = types.get(number) else { return };
            if matches!(body.pats[part.index()].kind, PatKind::Wildcard) {
                continue;
            }
            let fields = self.low.field(class, number as u32);
            // A name takes its value out of the object at once.
            let direct = match body.pats[part.index()].kind {
                PatKind::Bind(local) if !self.is_shared(local) && self.local_ty(local) == part_ty => {
                    self.declare(local)
                }
                _ => None,
            };
            let to = match direct {
                Some(to) => to,
                None => self.temps(part_ty),
            };
            for (&(ty, offset), &to) in fields.iter().zip(to.iter()) {
                self.get_field(to, cast, ty, offset);
            }
            if direct.is_none() {
                self.pattern(part, part_ty, to, fail);
            }
        }
    }

    /// Types of the payload of a case.
    pub(crate) fn case_types(&mut self, ty: Ty, case: u32) -> Vec<Ty> {
        let program = self.low.program;
        let TyKind::Named(id, args) = self.low.types.kind(ty).clone() else { return Vec::new() };
        let nominal = &program.nominals[id.index()];
        let Some(case) = nominal.cases.get(case as usize) else { return Vec::new() };
        case.fields.iter().map(|&(_, field)| self.low.types.subst(field, &nominal.generics, &args)).collect()
    }

    /// The value of an optional that is there.
    pub(crate) fn unwrapped(&mut self, ty: Ty, value: Regs) -> Regs {
        let inner = self.low.types.inner(ty).unwrap_or(ty);
        match self.low.rep(ty).form {
            Form::Flagged => value.part(1, 8),
            Form::Packed => {
                let class = self.low.packed_class(inner);
                let to = self.temps(inner);
                let fields = self.low.own_fields(class);
                if let Some(&object) = value.first() {
                    for (&(ty, offset), &to) in fields.iter().zip(to.iter()) {
                        self.get_field(to, object, ty, offset);
                    }
                }
                to
            }
            Form::Nullable | Form::Plain | Form::Wide => value,
        }
    }
}
