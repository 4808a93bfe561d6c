//! What the library may use of the machine: instructions, syscalls, arrays.

use mvm_isa::{Effect, Elem, Opcode, Operand, Shape, Syscall, TypeId};

use super::body::{Code, Want};
use super::regs::Regs;
use crate::hir::{ArrayOp, ExprId, ExprKind};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// Instructions, syscalls and operations of arrays.
    pub(crate) fn machine(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let ty = self.ty(node.ty);
        match &node.kind {
            ExprKind::Machine(op, args) => {
                let values = self.values(args);
                self.at(node.span);
                self.instruction(*op, args, &values, ty, want)
            }
            ExprKind::Syscall(syscall, args) => {
                let values = self.values(args);
                self.at(node.span);
                self.syscall(*syscall, args, &values, ty, want)
            }
            ExprKind::Array(op, args) => {
                let values = self.values(args);
                self.at(node.span);
                self.array_op(*op, args, &values, ty, want)
            }
            _ => Regs::NONE,
        }
    }

    /// An instruction of fixed shape: operands that are read are arguments, what is written is the value.
    fn instruction(&mut self, op: Opcode, args: &[ExprId], values: &[Regs], ty: Ty, want: Want) -> Regs {
        let info = op.info();
        if info.shape != Shape::Fixed || info.has(Effect::Ends) {
            match (op, values.first().and_then(|value| value.first())) {
                (Opcode::Throw, Some(&error)) => self.b.throw(error),
                _ => self.b.unreachable(),
            }
            return Regs::NONE;
        }
        let to = self.target(want, ty);
        let (mut results, mut next) = (to.iter(), 0);
        let mut operands = Vec::with_capacity(info.operands.len());
        for operand in info.operands {
            operands.push(match operand {
                Operand::Def(kind) => match results.next() {
                    Some(&register) => register.into(),
                    // Nobody wants it; it has to go somewhere.
                    None => {
                        let ty = match kind {
                            mvm_isa::Ty::I64 => TypeId::I64,
                            mvm_isa::Ty::F64 => TypeId::F64,
                            mvm_isa::Ty::Str => TypeId::STR,
                            mvm_isa::Ty::Bytes => TypeId::BYTES,
                            _ => TypeId::ANY,
                        };
                        self.temp(ty).into()
                    }
                },
                Operand::Src(_) => {
                    let value = values.get(next).and_then(|value| value.first()).copied().unwrap_or(0);
                    next += 1;
                    value.into()
                }
                _ => {
                    let value = args.get(next).and_then(|&arg| self.known_int(arg)).unwrap_or(0);
                    next += 1;
                    value
                }
            });
        }
        self.b.insn(op, &operands);
        to
    }

    fn syscall(&mut self, syscall: Syscall, args: &[ExprId], values: &[Regs], ty: Ty, want: Want) -> Regs {
        let info = syscall.info();
        let mut all = Vec::with_capacity(values.len());
        for (number, &value) in values.iter().enumerate() {
            let arg_ty = self.ty_of(args[number]);
            let any = info.params.get(number).is_some_and(|(_, ty)| *ty == TypeId::ANY);
            let value = if any { self.packed(value, arg_ty) } else { value };
            all.extend_from_slice(&value);
        }
        let to = if want == Want::Nothing { Regs::NONE } else { self.target(want, ty) };
        self.b.sys(syscall as u32, &all, &to);
        if ty == Ty::NEVER {
            self.b.unreachable();
        }
        to
    }

    /// The type of the elements of an array.
    fn item_of(&self, array: Ty) -> Ty {
        match self.low.types.kind(array) {
            TyKind::Named(_, args) => args.first().copied().unwrap_or(Ty::UNIT),
            _ => Ty::UNIT,
        }
    }

    fn array_op(&mut self, op: ArrayOp, args: &[ExprId], values: &[Regs], ty: Ty, want: Want) -> Regs {
        let ones: Vec<u16> = values.iter().map(|value| value.first().copied().unwrap_or(0)).collect();
        let item = match (op, args.first()) {
            (ArrayOp::New, _) => self.item_of(ty),
            (_, Some(&array)) => {
                let array = self.ty_of(array);
                self.item_of(array)
            }
            _ => Ty::UNIT,
        };
        match (op, ones.as_slice()) {
            (ArrayOp::New, &[count]) => {
                let to = self.target(want, ty);
                let id = self.low.array_type(item);
                self.b.insn(Opcode::NewArray, &[to[0].into(), id.0.into(), count.into()]);
                to
            }
            (ArrayOp::Len, &[array]) => {
                let to = self.target(want, Ty::INT);
                self.b.insn(Opcode::ArrayLen, &[to[0].into(), array.into()]);
                to
            }
            (ArrayOp::Get, &[array, at]) => self.element(item, array, at, want),
            (ArrayOp::Set, &[array, at, _]) => {
                self.set_element(item, array, at, values[2]);
                Regs::NONE
            }
            (ArrayOp::Copy, &[to, at, from, start, count]) => {
                let operands = [to, at, from, start, count].map(i64::from);
                self.b.insn(Opcode::ArrayCopy, &operands);
                Regs::NONE
            }
            (ArrayOp::Fill, &[array, start, count, _]) => {
                let value = self.element_form(item, values[3]);
                self.b.insn(Opcode::ArrayFill, &[array, start, count, value].map(i64::from));
                Regs::NONE
            }
            (ArrayOp::Clear, &[array, at]) => {
                self.clear_element(item, array, at);
                Regs::NONE
            }
            _ => Regs::NONE,
        }
    }

    /// The register that is stored for a value.
    fn element_form(&mut self, item: Ty, value: Regs) -> u16 {
        let stored = if self.low.elem(item).is_some() { value } else { self.packed(value, item) };
        match stored.first() {
            Some(&register) => register,
            None => self.int_temp(),
        }
    }

    /// An element of an array.
    fn element(&mut self, item: Ty, array: u16, at: u16, want: Want) -> Regs {
        let op = match self.low.elem(item) {
            Some(Elem::F64) => Opcode::GetF64,
            Some(Elem::U8) => Opcode::GetU8,
            Some(_) => Opcode::GetI64,
            None => Opcode::GetRef,
        };
        let is_ref = self.low.rep(item).is_ref();
        if op != Opcode::GetRef || is_ref {
            let to = self.target(want, item);
            self.b.insn(op, &[to[0].into(), array.into(), at.into()]);
            return to;
        }
        let packed = self.low.packed_type(item);
        let object = self.temp(packed);
        self.b.insn(op, &[object.into(), array.into(), at.into()]);
        let value = self.unpacked(Some(object), item);
        self.give(want, value)
    }

    /// Writes an element of an array.
    pub(crate) fn set_element(&mut self, item: Ty, array: u16, at: u16, value: Regs) {
        let op = match self.low.elem(item) {
            Some(Elem::F64) => Opcode::SetF64,
            Some(Elem::U8) => Opcode::SetU8,
            Some(_) => Opcode::SetI64,
            None => Opcode::SetRef,
        };
        let stored = self.element_form(item, value);
        self.b.insn(op, &[array.into(), at.into(), stored.into()]);
    }

    fn clear_element(&mut self, item: Ty, array: u16, at: u16) {
        let (op, ty) = match self.low.elem(item) {
            Some(Elem::F64) => (Opcode::SetF64, TypeId::F64),
            Some(Elem::U8) => (Opcode::SetU8, TypeId::I64),
            Some(_) => (Opcode::SetI64, TypeId::I64),
            None => (Opcode::SetRef, self.low.packed_type(item)),
        };
        let zero = self.temp(ty);
        match ty {
            TypeId::F64 => self.b.const_f64(zero, 0.0),
            TypeId::I64 => self.b.const_i64(zero, 0),
            _ => self.b.insn(Opcode::ConstNull, &[zero.into()]),
        }
        self.b.insn(op, &[array.into(), at.into(), zero.into()]);
    }
}
