//! Conversions: optionals, values as one reference, values of interfaces, tests of types.
//!
//! A class or an enum with payload is an object already, so as value of an interface or of `Any` it stays what it is. Other
//! values are packed: ints and floats in boxes of the machine as `Any`, in objects of a class of their own as value of an
//! interface, so that it has methods. The classes of errors, which have no methods in the machine, are wrapped likewise.

use mvm_isa::{Opcode, TypeId};
use mvm_opt::build::Block;

use super::body::{Code, Want};
use super::classes::Kind;
use super::regs::Regs;
use super::reps::{Form, Packing};
use super::work::{Adapter, Job};
use crate::hir::{ExprId, ExprKind};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// Conversions and tests.
    pub(crate) fn conversion(&mut self, expr: ExprId, want: Want) -> Regs {
        let node = self.expr(expr);
        let ty = self.ty(node.ty);
        match node.kind {
            ExprKind::Some(inner) => self.some(inner, ty, want),
            ExprKind::Upcast(inner) => {
                let from = self.ty_of(inner);
                let value = self.value(inner);
                self.at(node.span);
                let value = self.converted(value, from, ty);
                self.give(want, value)
            }
            ExprKind::FromAny(inner) => {
                let from = self.ty_of(inner);
                let value = self.value(inner);
                self.at(node.span);
                let value = if from == ty || value.is_empty() {
                    value
                } else {
                    let object = self.seen_as(from, value);
                    self.unpacked(Some(object), ty)
                };
                self.give(want, value)
            }
            ExprKind::Unwrap(inner) => {
                let from = self.ty_of(inner);
                let value = self.value(inner);
                let value = if from == ty { value } else { self.unwrapped(from, value) };
                self.give(want, value)
            }
            ExprKind::IsSome(_) | ExprKind::Is(..) => {
                let to = self.target(want, Ty::BOOL);
                let (yes, no) = (self.b.block(), self.b.block());
                if let ExprKind::Is(inner, wanted) = node.kind {
                    let (from, wanted) = (self.ty_of(inner), self.ty(wanted));
                    let value = self.value(inner);
                    self.at(node.span);
                    self.branch_is(from, value, wanted, yes, no);
                } else {
                    self.branch(expr, yes, no);
                }
                self.one_or_zero(yes, no, to[0]);
                to
            }
            ExprKind::AsOptional(inner, wanted) => {
                let (from, wanted) = (self.ty_of(inner), self.ty(wanted));
                let value = self.value(inner);
                let to = self.target(want, ty);
                let (yes, no, end) = (self.b.block(), self.b.block(), self.b.block());
                self.at(node.span);
                self.branch_is(from, value, wanted, yes, no);
                self.b.start(yes);
                let found = self.narrowed(from, value, wanted);
                self.wrap_some(found, wanted, ty, to);
                self.b.jump(end);
                self.b.start(no);
                self.none(ty, to);
                self.b.start(end);
                to
            }
            ExprKind::AsForced(inner, wanted) => {
                let (from, wanted) = (self.ty_of(inner), self.ty(wanted));
                let value = self.value(inner);
                self.at(node.span);
                let value = self.narrowed(from, value, wanted);
                self.give(want, value)
            }
            _ => Regs::NONE,
        }
    }

    fn some(&mut self, inner: ExprId, ty: Ty, want: Want) -> Regs {
        let from = self.ty_of(inner);
        // For an optional as type argument `T?` is `T`.
        if from == ty {
            return self.eval(inner, want);
        }
        match self.low.rep(ty).form {
            Form::Flagged if want != Want::Nothing => {
                let to = self.target(want, ty);
                // The value first: it may be about what is assigned.
                self.into(inner, to.part(1, 8));
                self.b.const_i64(to[0], 1);
                to
            }
            Form::Packed => {
                let value = self.value(inner);
                let to = self.target(want, ty);
                self.wrap_some(value, from, ty, to);
                to
            }
            _ => self.eval(inner, want),
        }
    }

    /// `to` = a value as an optional.
    pub(crate) fn wrap_some(&mut self, value: Regs, from: Ty, ty: Ty, to: Regs) {
        let inner = self.low.types.inner(ty).unwrap_or(ty);
        let value = self.converted(value, from, inner);
        match self.low.rep(ty).form {
            Form::Flagged => {
                self.copy(to.part(1, 8), value);
                self.b.const_i64(to[0], 1);
            }
            Form::Packed => {
                let class = self.low.packed_class(inner);
                let id = self.low.classes[class].id;
                self.b.new_with(to[0], id, &value);
            }
            Form::Nullable | Form::Plain | Form::Wide => self.copy(to, value),
        }
    }

    /// A value of one type as one of another that it converts to.
    pub(crate) fn converted(&mut self, value: Regs, from: Ty, to: Ty) -> Regs {
        if from == to || from == Ty::NEVER {
            return value;
        }
        match (self.low.types.kind(from).clone(), self.low.types.kind(to).clone()) {
            (TyKind::Optional(inner), TyKind::Optional(wanted)) => {
                self.converted_optional(value, (from, inner), (to, wanted))
            }
            (_, TyKind::Optional(_)) => {
                let result = self.temps(to);
                self.wrap_some(value, from, to, result);
                result
            }
            (TyKind::Tuple(parts), TyKind::Tuple(wanted)) => {
                let mut all = Regs::NONE;
                for (number, (&part, &wanted)) in parts.iter().zip(wanted.iter()).enumerate() {
                    let found = self.part_of(from, value, number as u32);
                    self.converted(found, part, wanted).iter().for_each(|&register| all.push(register));
                }
                all
            }
            _ if self.low.is_any(to) => self.packed(value, from),
            _ if self.low.is_interface(to) => self.as_interface(value, from, to),
            _ => value,
        }
    }

    fn converted_optional(&mut self, value: Regs, (from, inner): (Ty, Ty), (to, wanted): (Ty, Ty)) -> Regs {
        let (old, new) = (self.low.rep(from), self.low.rep(to));
        // References that stay what they are; null stays null.
        if old.form == Form::Nullable && new.form == Form::Nullable && self.low.stays(inner, wanted) {
            return value;
        }
        let result = self.temps(to);
        let (yes, no, end) = (self.b.block(), self.b.block(), self.b.block());
        self.branch_some(from, value, yes, no);
        self.b.start(yes);
        let found = self.unwrapped(from, value);
        self.wrap_some(found, inner, to, result);
        self.b.jump(end);
        self.b.start(no);
        self.none(to, result);
        self.b.start(end);
        result
    }

    /// A value as one of an interface.
    fn as_interface(&mut self, value: Regs, from: Ty, to: Ty) -> Regs {
        if self.low.stays(from, to) {
            return value;
        }
        let class = self.low.boxed_class(from);
        self.low.implement_if_not(class, to);
        let id = self.low.classes[class].id;
        let object = self.temp(id);
        if self.low.classes[class].kind == Kind::Enum {
            // An enum without payload: an object of the case.
            let function = self.low.job(Job::Adapter(Adapter::PackCase(from)));
            self.b.call(mvm_isa::Opcode::Call, function.0, &value, &[object]);
        } else {
            self.b.new_with(object, id, &value);
        }
        Regs::one(object)
    }

    /// A value as one reference.
    pub(crate) fn packed(&mut self, value: Regs, ty: Ty) -> Regs {
        match self.low.packing(ty) {
            Packing::Itself(_) => value,
            Packing::Number => {
                let to = self.temp(TypeId::ANY);
                let op = if ty == Ty::FLOAT { Opcode::BoxF64 } else { Opcode::BoxI64 };
                if let Some(&value) = value.first() {
                    self.b.insn(op, &[to.into(), value.into()]);
                }
                Regs::one(to)
            }
            Packing::Case(class) => {
                let id = self.low.classes[class].id;
                let to = self.temp(id);
                let function = self.low.job(Job::Adapter(Adapter::PackCase(ty)));
                self.b.call(Opcode::Call, function.0, &value, &[to]);
                Regs::one(to)
            }
            Packing::Fields(class) => {
                let id = self.low.classes[class].id;
                let to = self.temp(id);
                self.b.new_with(to, id, &value);
                Regs::one(to)
            }
        }
    }

    /// The value that was packed; `BadCast` when it is another.
    pub(crate) fn unpacked(&mut self, object: Option<u16>, ty: Ty) -> Regs {
        let to = self.temps(ty);
        let Some(object) = object else { return to };
        match self.low.packing(ty) {
            Packing::Itself(id) => {
                if self.b.type_of(object) == id {
                    return Regs::one(object);
                }
                self.b.insn(Opcode::Cast, &[to[0].into(), object.into(), id.0.into()]);
            }
            Packing::Number => {
                let op = if ty == Ty::FLOAT { Opcode::UnboxF64 } else { Opcode::UnboxI64 };
                self.b.insn(op, &[to[0].into(), object.into()]);
            }
            Packing::Case(class) | Packing::Fields(class) => self.fields_of(object, class, to),
        }
        to
    }

    /// Takes all own fields out of an object, which is cast to the class.
    pub(crate) fn fields_of(&mut self, object: u16, class: usize, to: Regs) {
        let id = self.low.classes[class].id;
        let cast = if self.b.type_of(object) == id {
            object
        } else {
            let cast = self.temp(id);
            self.b.insn(Opcode::Cast, &[cast.into(), object.into(), id.0.into()]);
            cast
        };
        let fields = self.low.own_fields(class);
        for (&(ty, offset), &to) in fields.iter().zip(to.iter()) {
            self.get_field(to, cast, ty, offset);
        }
    }

    /// Goes to `yes` when a value, seen as of type `from`, is of the class or type.
    pub(crate) fn branch_is(&mut self, from: Ty, value: Regs, wanted: Ty, yes: Block, no: Block) {
        if value.is_empty() {
            return self.b.jump(no);
        }
        if !self.low.rep(from).is_ref() {
            return self.b.jump(if from == wanted { yes } else { no });
        }
        let mark = self.mark();
        let object = self.seen_as(from, value);
        let test = self.int_temp();
        let hidden = self.low.hidden_class(from, wanted);
        let id = match hidden {
            Some(class) => self.low.classes[class].id,
            None if self.low.is_any(from) => match self.low.packing(wanted) {
                Packing::Itself(id) => id,
                Packing::Number if wanted == Ty::FLOAT => TypeId::BOX_F64,
                Packing::Number => TypeId::BOX_I64,
                Packing::Case(class) | Packing::Fields(class) => self.low.classes[class].id,
            },
            None => self.low.packed_type(wanted),
        };
        self.b.insn(Opcode::Test, &[test.into(), object.into(), id.0.into()]);
        match hidden {
            // A wrapped error: then what is in it counts.
            Some(class) if self.low.is_class(wanted) => {
                let inside = self.b.block();
                self.b.branch(Opcode::BneI64Imm, &[test.into(), 0], inside, no);
                self.b.start(inside);
                let error = self.temp(TypeId::ERROR);
                self.fields_of(object, class, Regs::one(error));
                let id = self.low.class_type(wanted);
                self.b.insn(Opcode::Test, &[test.into(), error.into(), id.0.into()]);
                self.b.branch(Opcode::BneI64Imm, &[test.into(), 0], yes, no);
            }
            _ => self.b.branch(Opcode::BneI64Imm, &[test.into(), 0], yes, no),
        }
        self.release(mark);
    }

    /// The register of a reference, which has the type of the value: what was converted may still be in one of another type, and
    /// the verifier refuses tests for unrelated types.
    fn seen_as(&mut self, ty: Ty, value: Regs) -> u16 {
        let (object, wanted) = (value[0], self.low.rep(ty).regs[0]);
        if self.b.type_of(object) == wanted {
            return object;
        }
        let other = self.temp(wanted);
        self.b.mov(other, object);
        other
    }

    /// A value as one of the class or type that it is known to be; `BadCast` when it is not.
    pub(crate) fn narrowed(&mut self, from: Ty, value: Regs, wanted: Ty) -> Regs {
        if value.is_empty() || from == wanted || !self.low.rep(from).is_ref() {
            return value;
        }
        let object = self.seen_as(from, value);
        if let Some(class) = self.low.hidden_class(from, wanted) {
            if !self.low.is_class(wanted) {
                let to = self.temps(wanted);
                self.fields_of(object, class, to);
                return to;
            }
            let error = self.temp(TypeId::ERROR);
            self.fields_of(object, class, Regs::one(error));
            return self.narrowed_to(error, wanted);
        }
        self.narrowed_to(object, wanted)
    }

    fn narrowed_to(&mut self, object: u16, wanted: Ty) -> Regs {
        self.unpacked(Some(object), wanted)
    }
}

impl super::Lower<'_> {
    /// Whether a type is `Any`.
    pub(crate) fn is_any(&self, ty: Ty) -> bool {
        self.lang.any.is_some()
            && matches!(self.types.kind(ty), TyKind::Named(id, _) if Some(*id) == self.lang.any)
    }

    /// Whether a value stays what it is as one of a base class or an interface.
    pub(crate) fn stays(&mut self, from: Ty, to: Ty) -> bool {
        if self.is_any(to) {
            return matches!(self.packing(from), Packing::Itself(_));
        }
        if !self.is_interface(to) || self.is_interface(from) {
            return true;
        }
        match self.types.kind(from) {
            TyKind::Named(..) if self.is_class(from) => {
                let class = self.class(from);
                !self.is_error(class)
            }
            TyKind::Named(id, _) => {
                self.program.nominals[id.index()].kind == crate::hir::NominalKind::Enum
                    && !self.is_plain_enum(from)
            }
            _ => false,
        }
    }

    /// The class of values of a type that is no class as values of interfaces.
    pub(crate) fn boxed_class(&mut self, ty: Ty) -> usize {
        if self.is_plain_enum(ty) {
            return self.enum_class(ty);
        }
        // Errors of all classes are wrapped alike.
        let ty = match self.lang.error {
            Some(error) if self.is_class(ty) => self.types.named(error, &[]),
            _ => ty,
        };
        self.class_for(Kind::Boxed, ty)
    }

    /// The class that a value of an interface has when it is of such a type, if that is no class of its own.
    fn hidden_class(&mut self, from: Ty, wanted: Ty) -> Option<usize> {
        if !self.is_interface(from) || self.is_interface(wanted) || self.stays(wanted, from) {
            return None;
        }
        let class = self.boxed_class(wanted);
        self.implement_if_not(class, from);
        Some(class)
    }

    /// Sees to it that a class implements an interface.
    pub(crate) fn implement_if_not(&mut self, class: usize, interface: Ty) {
        let wanted = self.interface(interface);
        let has = |low: &Self, named: &usize| low.interfaces_above(*named).contains(&wanted);
        if !self.classes[class].interfaces.iter().any(|named| has(self, named)) {
            self.implement(class, interface);
        }
    }
}
