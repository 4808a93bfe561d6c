//! Objects, arrays and blocks.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, Value, types};
use cranelift_module::Module as _;
use mvm_exec::native::{SHORT_ARRAY_MAX, store_reference};
use mvm_heap::{Header, flags};
use mvm_isa::{Opcode, TypeId, field_a, field_b, field_c};

use super::{CONSTANT, Lower, TRUSTED, UNALIGNED};
use crate::explain::How;

impl Lower<'_, '_> {
    /// Address of an object.
    pub(super) fn object(&mut self, reference: Value) -> Value {
        let heap = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.heap);
        let bytes = self.b.ins().ishl_imm_s(reference, 3);
        self.b.ins().iadd(heap, bytes)
    }

    /// Length of an array that is at an address; 0 of null.
    pub(super) fn array_length(&mut self, array: Value, object: Value) -> Value {
        match self.lengths.get(&array) {
            Some(&length) => length,
            None => self.length(object, CONSTANT),
        }
    }

    /// Length of the object at an address; `flags` say whether it can change.
    fn length(&mut self, object: Value, flags: MemFlagsData) -> Value {
        let length = self.b.ins().load(types::I32, flags, object, 0);
        self.b.ins().uextend(types::I64, length)
    }

    /// Whether the checks of the instruction have been done in front of the loop.
    pub(super) fn is_checked(&self, pc: u32) -> bool {
        self.fast.as_ref().is_some_and(|fast| fast.is_checked(pc))
    }

    /// Address of an element, 8 bytes before it. Leaves when there is none; null has none.
    fn element(&mut self, array: u16, index: u16, shift: i64, pc: u32) -> Value {
        let (array, index) = (self.reg(array), self.reg(index));
        let object = self.object(array);
        if !self.is_checked(pc) && !self.known.below(index, array) {
            let length = self.array_length(array, object);
            let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
            self.trap_if(outside, pc);
            self.note_existing(array);
            self.known.is_below(index, array);
        }
        let offset = if shift == 0 { index } else { self.b.ins().ishl_imm_s(index, shift) };
        self.b.ins().iadd(object, offset)
    }

    /// Stores a reference at an address, `half` units of 4 bytes into the payload of an object. What the collector has to hear of is
    /// done by a helper.
    fn store_reference(
        &mut self,
        reference: Value,
        object: Value,
        half: Value,
        place: (Value, i32),
        value: Value,
    ) {
        self.how = How::Noted;
        let bits = self.b.ins().load(types::I8, TRUSTED, object, 7);
        let noted = self.b.ins().band_imm_s(bits, i64::from(flags::BARRIER));
        let [look, help, plain, next] = [(); 4].map(|()| self.b.create_block());
        self.b.set_cold_block(look);
        self.b.set_cold_block(help);
        self.b.ins().brif(noted, look, &[], plain, &[]);
        self.continue_in(look);
        let old = self.b.ins().load(types::I32, CONSTANT, self.ctx, self.off.old_start);
        let old = self.b.ins().uextend(types::I64, old);
        // 0 is no object: one less is larger than all.
        let before = self.b.ins().iadd_imm_s(value, -1);
        let last = self.b.ins().iadd_imm_s(old, -1);
        let young = self.b.ins().icmp(IntCC::UnsignedLessThan, before, last);
        self.b.ins().brif(young, help, &[], plain, &[]);
        self.continue_in(help);
        let signature = *self.store_one.get_or_insert_with(|| {
            let mut signature = self.module.make_signature();
            signature.params.extend([AbiParam::new(types::I64); 4]);
            self.b.import_signature(signature)
        });
        let helper = self.int(store_reference() as i64);
        self.b.ins().call_indirect(signature, helper, &[self.ctx, reference, half, value]);
        self.b.ins().jump(next, &[]);
        self.continue_in(plain);
        let small = self.b.ins().ireduce(types::I32, value);
        self.b.ins().store(UNALIGNED, small, place.0, place.1);
        self.b.ins().jump(next, &[]);
        self.continue_in(next);
    }

    /// A new object of zeros; leaves when that is not simple.
    fn allocate(&mut self, header: Header, words: u32, pc: u32) -> Value {
        let header = self.int(header.0 as i64);
        let room = self.int(i64::from(words) + 1);
        self.allocate_room(header, room, pc)
    }

    /// The same for so many words with the one of the header.
    fn allocate_room(&mut self, header: Value, room: Value, pc: u32) -> Value {
        let counter = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.top);
        let top = self.b.ins().load(types::I64, TRUSTED, counter, 0);
        let end = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.alloc_end);
        let new_top = self.b.ins().iadd(top, room);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, new_top, end);
        self.bail_if(full, pc);
        self.b.ins().store(TRUSTED, new_top, counter, 0);
        let object = self.object(top);
        self.b.ins().store(TRUSTED, header, object, 0);
        self.note_existing(top);
        top
    }

    /// What an instruction says that asks for a length.
    fn length_by(&mut self, op: Opcode, register: u16, pc: u32) -> Value {
        let reference = self.reg(register);
        if let Opcode::StrLen | Opcode::BytesLen = op {
            self.exists(reference, pc);
        }
        let object = self.object(reference);
        match op {
            Opcode::BlockLen => self.length(object, TRUSTED),
            _ => self.array_length(reference, object),
        }
    }

    /// Objects, arrays and blocks. False for what is not done in place.
    pub(super) fn memory(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let ins = words[0];
        let (a, b) = (field_a(ins), field_b(ins));
        match op {
            Opcode::ArrayLen | Opcode::BlockLen | Opcode::StrLen | Opcode::BytesLen => {
                let length = self.length_by(op, b, pc);
                self.set(a, length);
            }
            Opcode::GetFieldI64 | Opcode::GetFieldF64 | Opcode::GetFieldRef => self.load_field(pc, op, ins),
            Opcode::SetFieldI64 | Opcode::SetFieldF64 | Opcode::SetFieldRef => self.store_field(pc, op, ins),
            Opcode::ConstLiteral | Opcode::Fref => {
                let literals = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.literals);
                let number = (ins >> 32) as i64;
                let place = self.b.ins().iadd_imm_s(literals, number * 4);
                let object = self.b.ins().load(types::I32, CONSTANT, place, 0);
                self.bail_unless(object, pc);
                let object = self.b.ins().uextend(types::I64, object);
                self.set(a, object);
            }
            Opcode::UnboxI64 | Opcode::UnboxF64 => {
                let (class, ty) = match op {
                    Opcode::UnboxI64 => (TypeId::BOX_I64, types::I64),
                    _ => (TypeId::BOX_F64, types::F64),
                };
                let reference = self.reg(b);
                self.exists(reference, pc);
                let object = self.object(reference);
                let other = self.b.ins().load(types::I16, CONSTANT, object, 4);
                let other = self.b.ins().icmp_imm_u(IntCC::NotEqual, other, i64::from(class.0));
                self.trap_if(other, pc);
                // Boxes never change.
                let value = self.b.ins().load(ty, TRUSTED, object, 8);
                self.set(a, value);
            }
            Opcode::New => {
                let Some(class) = self.image.module().classes().layout(TypeId(b)) else { return false };
                let words = class.words;
                let object = self.allocate(Header::new(TypeId(b), words), words, pc);
                self.set(a, object);
            }
            Opcode::NewWith => return self.new_with(pc, words),
            Opcode::NewArray => self.new_array(pc, ins),
            Opcode::BoxI64 | Opcode::BoxF64 => {
                let value = self.reg(b);
                let class = if op == Opcode::BoxI64 { TypeId::BOX_I64 } else { TypeId::BOX_F64 };
                let reference = self.allocate(Header::new(class, 1), 1, pc);
                let object = self.object(reference);
                self.b.ins().store(TRUSTED, value, object, 8);
                self.set(a, reference);
            }
            _ => return self.access(pc, op, ins),
        }
        true
    }

    fn load_field(&mut self, pc: u32, op: Opcode, ins: u64) {
        let (a, place) = (field_a(ins), field_c(ins));
        let reference = self.reg(field_b(ins));
        let ty = if op == Opcode::GetFieldF64 { types::F64 } else { types::I64 };
        // Of another type it is where the object cannot be of both classes: nobody comes here.
        let known = self.known.field(reference, place);
        if let Some(value) = known.filter(|&value| self.b.func.dfg.value_type(value) == ty) {
            self.set(a, value);
            return;
        }
        self.exists(reference, pc);
        let object = self.object(reference);
        let at = 8 + i32::from(place) * 4;
        let value = match op {
            Opcode::GetFieldRef => {
                let value = self.b.ins().load(types::I32, TRUSTED, object, at);
                self.b.ins().uextend(types::I64, value)
            }
            _ => self.b.ins().load(ty, TRUSTED, object, at),
        };
        self.known.loaded(reference, place, value);
        self.set(a, value);
    }

    fn store_field(&mut self, pc: u32, op: Opcode, ins: u64) {
        let (place, reference, value) = (field_b(ins), self.reg(field_a(ins)), self.reg(field_c(ins)));
        self.exists(reference, pc);
        let object = self.object(reference);
        let at = 8 + i32::from(place) * 4;
        if op == Opcode::SetFieldRef {
            let half = self.int(i64::from(place));
            self.store_reference(reference, object, half, (object, at), value);
        } else {
            self.b.ins().store(TRUSTED, value, object, at);
        }
        self.known.stored(reference, place, value);
    }

    /// A new array, when it is short.
    fn new_array(&mut self, pc: u32, ins: u64) {
        let (class, length) = (TypeId(field_b(ins)), self.reg(field_c(ins)));
        let most = SHORT_ARRAY_MAX as i64;
        let long = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, length, most);
        self.bail_if(long, pc);
        let header = self.int(Header::new(class, 0).0 as i64);
        let header = self.b.ins().bor(header, length);
        // Bytes, rounded up to words, and the word of the header.
        let shift = i64::from(class.elem().map_or(4, |elem| elem.bytes()).ilog2());
        let bytes = self.b.ins().ishl_imm_s(length, shift);
        let rounded = self.b.ins().iadd_imm_s(bytes, 15);
        let room = self.b.ins().ushr_imm_s(rounded, 3);
        let array = self.allocate_room(header, room, pc);
        self.set(field_a(ins), array);
    }

    /// A new object with all its fields. It is young, so nobody has to hear of the references in it.
    fn new_with(&mut self, pc: u32, words: &[u64]) -> bool {
        let class = TypeId(field_b(words[0]));
        let Some(layout) = self.image.module().classes().layout(class) else { return false };
        let register = |k: usize| (words[1 + k / 4] >> (16 * (k % 4))) as u16;
        let values: Vec<Value> = (0..layout.fields.len()).map(|k| self.reg(register(k))).collect();
        let reference = self.allocate(Header::new(class, layout.words), layout.words, pc);
        let object = self.object(reference);
        for (field, mut value) in layout.fields.iter().zip(values) {
            self.known.loaded(reference, field.offset, value);
            if field.ty.is_ref() {
                value = self.b.ins().ireduce(types::I32, value);
            }
            self.b.ins().store(TRUSTED, value, object, 8 + i32::from(field.offset) * 4);
        }
        self.set(field_a(words[0]), reference);
        true
    }

    /// Elements of arrays.
    fn access(&mut self, pc: u32, op: Opcode, ins: u64) -> bool {
        let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
        let get = match op {
            Opcode::GetI8 => (types::I8, true),
            Opcode::GetU8 => (types::I8, false),
            Opcode::GetI16 => (types::I16, true),
            Opcode::GetU16 => (types::I16, false),
            Opcode::GetI32 => (types::I32, true),
            Opcode::GetU32 | Opcode::GetRef => (types::I32, false),
            Opcode::GetI64 => (types::I64, false),
            Opcode::GetF64 => (types::F64, false),
            _ => return self.store_element(pc, op, ins),
        };
        let (ty, signed) = get;
        let place = self.element(b, c, i64::from(ty.bytes().ilog2()), pc);
        // One instruction, where a load and an extension would be two.
        let value = match (ty, signed) {
            (types::I8, true) => self.b.ins().sload8(types::I64, UNALIGNED, place, 8),
            (types::I8, false) => self.b.ins().uload8(types::I64, UNALIGNED, place, 8),
            (types::I16, true) => self.b.ins().sload16(types::I64, UNALIGNED, place, 8),
            (types::I16, false) => self.b.ins().uload16(types::I64, UNALIGNED, place, 8),
            (types::I32, true) => self.b.ins().sload32(UNALIGNED, place, 8),
            (types::I32, false) => self.b.ins().uload32(UNALIGNED, place, 8),
            _ => self.b.ins().load(ty, UNALIGNED, place, 8),
        };
        self.set(a, value);
        true
    }

    fn store_element(&mut self, pc: u32, op: Opcode, ins: u64) -> bool {
        let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
        let ty = match op {
            Opcode::SetI8 | Opcode::SetU8 => types::I8,
            Opcode::SetI16 | Opcode::SetU16 => types::I16,
            Opcode::SetI32 | Opcode::SetU32 | Opcode::SetRef => types::I32,
            Opcode::SetI64 => types::I64,
            Opcode::SetF64 => types::F64,
            _ => return false,
        };
        let place = self.element(a, b, i64::from(ty.bytes().ilog2()), pc);
        let value = self.reg(c);
        if op == Opcode::SetRef {
            let (array, index) = (self.reg(a), self.reg(b));
            let object = self.object(array);
            self.store_reference(array, object, index, (place, 8), value);
            return true;
        }
        let value = if ty.is_int() && ty != types::I64 { self.b.ins().ireduce(ty, value) } else { value };
        self.b.ins().store(UNALIGNED, value, place, 8);
        true
    }
}
