//! Objects: new ones, their fields, cases of enums, lists and maps.

use mvm_isa::{Opcode, TypeId};

use super::body::{Code, Want};
use super::regs::Regs;
use crate::hir::{ExprId, ExprKind, FnId, NominalId};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// `to` = a field of an object.
    pub(crate) fn get_field(&mut self, to: u16, object: u16, ty: TypeId, offset: u16) {
        let op = match ty {
            TypeId::I64 => Opcode::GetFieldI64,
            TypeId::F64 => Opcode::GetFieldF64,
            _ => Opcode::GetFieldRef,
        };
        self.b.insn(op, &[to.into(), object.into(), offset.into()]);
    }

    /// A field of an object = a register.
    pub(crate) fn set_field(&mut self, object: u16, from: u16, ty: TypeId, offset: u16) {
        let op = match ty {
            TypeId::I64 => Opcode::SetFieldI64,
            TypeId::F64 => Opcode::SetFieldF64,
            _ => Opcode::SetFieldRef,
        };
        self.b.insn(op, &[object.into(), offset.into(), from.into()]);
    }

    /// Writes a field that a class declares, in an object of type `ty`.
    pub(crate) fn write_field(&mut self, ty: Ty, object: u16, class: NominalId, field: u32, value: Regs) {
        let Some(above) = self.low.as_class(ty, class) else { return };
        let class = self.low.class(above);
        let fields = self.low.field(class, field);
        for (&(ty, offset), &from) in fields.iter().zip(value.iter()) {
            self.set_field(object, from, ty, offset);
        }
    }

    /// New objects and fields.
    pub(crate) fn object(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let ty = self.ty(node.ty);
        match &node.kind {
            ExprKind::New { init, args } => self.new_object(ty, *init, args, expr, want),
            ExprKind::NewCase { case, args } => {
                if self.low.is_plain_enum(ty) {
                    let to = self.target(want, ty);
                    self.b.const_i64(to[0], (*case).into());
                    return to;
                }
                let mark = self.mark();
                let values = self.values(args);
                self.at(node.span);
                let number = self.number((*case).into());
                self.release(mark);
                let to = self.target(want, ty);
                let class = self.low.case_class(ty, *case);
                let id = self.low.classes[class].id;
                let fields: Vec<u16> =
                    std::iter::once(number).chain(values.iter().flat_map(|value| value.to_vec())).collect();
                self.b.new_with(to[0], id, &fields);
                to
            }
            &ExprKind::Field { object, class, field } => {
                let object_ty = self.ty_of(object);
                let mark = self.mark();
                let value = self.one(object);
                self.release(mark);
                let to = self.target(want, ty);
                let Some(above) = self.low.as_class(object_ty, class) else { return to };
                let class = self.low.class(above);
                let fields = self.low.field(class, field);
                self.at(node.span);
                // The object may be in a register that a part of the value goes to, so that one is written last.
                let parts: Vec<(u16, TypeId, u16)> =
                    fields.iter().zip(to.iter()).map(|(&(ty, offset), &to)| (to, ty, offset)).collect();
                for &(to, ty, offset) in parts.iter().filter(|part| part.0 != value) {
                    self.get_field(to, value, ty, offset);
                }
                for &(to, ty, offset) in parts.iter().filter(|part| part.0 == value) {
                    self.get_field(to, value, ty, offset);
                }
                to
            }
            _ => Regs::NONE,
        }
    }

    fn new_object(&mut self, ty: Ty, init: FnId, args: &[ExprId], expr: ExprId, want: Want) -> Regs {
        let mark = self.mark();
        let values = self.values(args);
        self.at(self.expr(expr).span);
        let class = self.low.class(ty);
        self.low.make(class);
        let id = self.low.classes[class].id;
        if let Some(fields) = self.low.plain_init(ty, init) {
            let all: Vec<u16> = fields.iter().flat_map(|&field| values[field].to_vec()).collect();
            self.release(mark);
            let to = self.target(want, ty);
            self.b.new_with(to[0], id, &all);
            return to;
        }
        // In a variable that has a value already, the new object must not show before it is complete.
        let direct = match want {
            Want::Into(to) if !self.varies(to) && self.b.type_of(to[0]) == id => Some(to[0]),
            _ => None,
        };
        let object = match direct {
            Some(object) => object,
            None => self.temp(id),
        };
        self.b.insn(Opcode::New, &[object.into(), id.0.into()]);
        self.call_init(ty, init, object, &values);
        let value = self.give(want, Regs::one(object));
        if want != Want::Any {
            self.release(mark);
        }
        value
    }

    /// Calls an initialiser of a class with an object and arguments.
    pub(crate) fn call_init(&mut self, ty: Ty, init: FnId, object: u16, values: &[Regs]) {
        let args = self.low.nominal_of(ty).map(|(_, args)| args).unwrap_or_default();
        let function = self.low.instance(init, args.into(), false);
        let all: Vec<u16> =
            std::iter::once(object).chain(values.iter().flat_map(|value| value.to_vec())).collect();
        self.b.call(Opcode::Call, function.0, &all, &[]);
    }

    /// Lists and maps.
    pub(crate) fn collection(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let ty = self.ty(node.ty);
        let mark = self.mark();
        let result = match &node.kind {
            ExprKind::List(items) => {
                let item = match self.low.types.kind(ty) {
                    TyKind::Named(_, args) => args.first().copied().unwrap_or(Ty::UNIT),
                    _ => Ty::UNIT,
                };
                let array = self.array_of(item, items);
                self.list_of(ty, item, array, want, expr)
            }
            ExprKind::Map(pairs) => self.map_of(ty, pairs, expr, want),
            _ => Regs::NONE,
        };
        if want != Want::Any {
            self.release(mark);
        }
        result
    }

    /// A new array with these elements.
    pub(crate) fn array_of(&mut self, item: Ty, items: &[ExprId]) -> u16 {
        let id = self.low.array_type(item);
        let array = self.temp(id);
        let count = self.number(items.len() as i64);
        self.b.insn(Opcode::NewArray, &[array.into(), id.0.into(), count.into()]);
        for (number, &expr) in items.iter().enumerate() {
            let mark = self.mark();
            let value = self.value(expr);
            let at = self.number(number as i64);
            self.set_element(item, array, at, value);
            self.release(mark);
        }
        array
    }

    /// A list with the elements of an array.
    fn list_of(&mut self, ty: Ty, item: Ty, array: u16, want: Want, expr: ExprId) -> Regs {
        let to = self.target(want, ty);
        self.at(self.expr(expr).span);
        self.list_call(item, array, to);
        to
    }

    /// `to` = a list with the elements of an array, made by the library.
    pub(crate) fn list_call(&mut self, item: Ty, array: u16, to: Regs) {
        let of = self.low.lang.list.and_then(|list| self.low.method_named(list, "of"));
        if let Some(of) = of {
            let function = self.low.instance(of, [item].into(), false);
            self.b.call(Opcode::Call, function.0, &[array], &to);
        }
    }

    /// A map: an empty one, into which the entries go one after the other.
    fn map_of(&mut self, ty: Ty, pairs: &[(ExprId, ExprId)], expr: ExprId, want: Want) -> Regs {
        let program = self.low.program;
        let Some((id, args)) = self.low.nominal_of(ty) else { return Regs::NONE };
        let class = self.low.class(ty);
        self.low.make(class);
        let type_id = self.low.classes[class].id;
        let map = self.temp(type_id);
        self.at(self.expr(expr).span);
        self.b.insn(Opcode::New, &[map.into(), type_id.0.into()]);
        if let Some(init) = program.nominals[id.index()].init {
            self.call_init(ty, init, map, &[]);
        }
        if let Some(set) = self.low.method_named(id, "[]=") {
            let function = self.low.instance(set, args.into(), false);
            for &(key, value) in pairs {
                let mark = self.mark();
                let values = self.values(&[key, value]);
                let all: Vec<u16> =
                    std::iter::once(map).chain(values.iter().flat_map(|value| value.to_vec())).collect();
                self.b.call(Opcode::Call, function.0, &all, &[]);
                self.release(mark);
            }
        }
        self.give(want, Regs::one(map))
    }
}
