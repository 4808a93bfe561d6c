//! Makes results visible: nearly every value is mixed into a sum that its function prints at the end.
//!
//! Without it most wrong results would be overwritten before anybody looks at them.

use mvm_isa::{Elem, Opcode, TypeId};
use mvm_module::TypeDef;

use super::body::{Body, Label};

impl Body<'_, '_, '_> {
    /// Makes the sum depend on the value of a register, or on part of the object in it.
    pub(super) fn mix(&mut self, register: u16) {
        let Some(sum) = self.sum else { return };
        let (r, s) = (i64::from(register), i64::from(sum));
        let ty = self.registers[usize::from(register)];
        let scratch = self.scratch_register();
        match self.plan.module.types[ty.index()].clone() {
            TypeDef::I64 => self.add(s, r),
            TypeDef::F64 => {
                self.op(Opcode::F64Bits, &[scratch, r]);
                self.add(s, scratch);
            }
            TypeDef::Str => self.unless_null(register, |body, _| {
                body.op(Opcode::StrHash, &[scratch, r]);
                body.add(s, scratch);
            }),
            TypeDef::Bytes => self.unless_null(register, |body, _| {
                body.op(Opcode::BytesHash, &[scratch, r]);
                body.add(s, scratch);
            }),
            TypeDef::Block => self.unless_null(register, |body, over| {
                let at = body.e.below(10) as i64;
                body.op(Opcode::BlockLen, &[scratch, r]);
                body.branch_to(Opcode::BltI64Imm, &[scratch, at + 8], over);
                body.op(Opcode::ConstI64, &[scratch, at]);
                body.op(Opcode::LoadI64, &[scratch, r, scratch]);
                body.add(s, scratch);
            }),
            TypeDef::Array(elem) => self.unless_null(register, |body, over| {
                let at = body.e.below(8) as i64;
                body.op(Opcode::ArrayLen, &[scratch, r]);
                body.branch_to(Opcode::BleI64Imm, &[scratch, at], over);
                body.op(Opcode::ConstI64, &[scratch, at]);
                if elem.is_float() {
                    let float = i64::from(body.scratch_float());
                    body.op(get(elem), &[float, r, scratch]);
                    body.op(Opcode::F64Bits, &[scratch, float]);
                } else {
                    body.op(get(elem), &[scratch, r, scratch]);
                }
                body.add(s, scratch);
            }),
            TypeDef::RefArray(_) => {
                self.op(Opcode::ArrayLen, &[scratch, r]);
                self.add(s, scratch);
            }
            TypeDef::Class(_) => self.mix_field(register, sum),
            _ => {
                self.op(Opcode::IsNull, &[scratch, r]);
                self.add(s, scratch);
            }
        }
    }

    /// A field of the object in a register.
    fn mix_field(&mut self, register: u16, sum: u16) {
        let ty = self.registers[usize::from(register)];
        let Some(layout) = self.plan.classes.layout(ty) else { return };
        let numbers: Vec<(TypeId, u16)> = layout
            .fields
            .iter()
            .filter(|field| !field.ty.is_ref())
            .map(|field| (field.ty, field.offset))
            .collect();
        let (r, s, scratch) = (i64::from(register), i64::from(sum), self.scratch_register());
        let Some(&(field, offset)) = self.e.pick(&numbers) else {
            self.op(Opcode::IsNull, &[scratch, r]);
            return self.add(s, scratch);
        };
        self.unless_null(register, |body, _| {
            if field == TypeId::I64 {
                body.op(Opcode::GetFieldI64, &[scratch, r, offset.into()]);
            } else {
                let float = i64::from(body.scratch_float());
                body.op(Opcode::GetFieldF64, &[float, r, offset.into()]);
                body.op(Opcode::F64Bits, &[scratch, float]);
            }
            body.add(s, scratch);
        });
    }

    fn add(&mut self, sum: i64, value: i64) {
        self.op(Opcode::MulI64Imm, &[sum, sum, 31]);
        self.op(Opcode::XorI64, &[sum, sum, value]);
    }

    /// Code that runs only when the register is not null; it may leave by the label.
    fn unless_null(&mut self, register: u16, code: impl FnOnce(&mut Self, Label)) {
        let over = self.label();
        self.branch_to(Opcode::Bnull, &[i64::from(register)], over);
        code(self, over);
        self.bind(over);
    }
}

fn get(elem: Elem) -> Opcode {
    match elem {
        Elem::I8 => Opcode::GetI8,
        Elem::U8 => Opcode::GetU8,
        Elem::I16 => Opcode::GetI16,
        Elem::U16 => Opcode::GetU16,
        Elem::I32 => Opcode::GetI32,
        Elem::U32 => Opcode::GetU32,
        Elem::I64 => Opcode::GetI64,
        Elem::F32 => Opcode::GetF32,
        Elem::F64 => Opcode::GetF64,
    }
}
