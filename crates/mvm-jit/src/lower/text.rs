//! Strings, byte strings, and classes of objects.
//!
//! What can be decided by lengths, by the first eight bytes or by the class is decided in place; orders are found by a helper that needs no frame.
//! Bytes outside the heap, and what has a cost because it is long, are left to helpers or the interpreter.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, Block, InstBuilder, Value, types};
use cranelift_module::Module as _;
use mvm_exec::native::{TOO_LONG, compare_bytes};
use mvm_heap::flags;
use mvm_isa::{Opcode, TypeId, field_a, field_b, field_c};

use super::{CONSTANT, Lower, TRUSTED, UNALIGNED};
use crate::explain::How;

/// Strings whose lengths are no larger are compared eight bytes at a time in place.
const WORD_BYTES: i64 = 8;

impl Lower<'_, '_> {
    /// Strings, byte strings and classes. False for what is not done here.
    pub(super) fn text(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let (a, b, c) = (field_a(words[0]), field_b(words[0]), field_c(words[0]));
        match op {
            Opcode::StrByte | Opcode::BytesGet => self.byte(pc, op, words),
            Opcode::StrEq | Opcode::BytesEq => self.equal(pc, a, b, c),
            Opcode::StrCompare | Opcode::BytesCompare => self.compare(pc, a, b, c),
            Opcode::Same => self.same(pc, op, words),
            Opcode::Test | Opcode::Cast => return self.class_test(pc, op, a, b, TypeId(c)),
            _ => return false,
        }
        true
    }

    /// Length and flags of an object.
    fn text_header(&mut self, object: Value) -> (Value, Value) {
        let length = self.b.ins().load(types::I32, CONSTANT, object, 0);
        let length = self.b.ins().uextend(types::I64, length);
        // Unlike the length, the flags can change, but not that the bytes are outside the heap.
        let bits = self.b.ins().load(types::I8, TRUSTED, object, 7);
        let outside = self.b.ins().band_imm_s(bits, i64::from(flags::EXTERNAL));
        (length, outside)
    }

    /// Goes on in a block with a result.
    fn join(&mut self, next: Block, register: u16) {
        self.continue_in(next);
        let result = self.b.block_params(next)[0];
        self.set(register, result);
    }

    /// A block that takes a result.
    fn joined(&mut self) -> Block {
        let next = self.b.create_block();
        self.b.append_block_param(next, types::I64);
        next
    }

    /// A block that is hardly ever come to.
    fn rare(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// In this block the helper for any instruction does it.
    fn helped(&mut self, block: Block, next: Block, pc: u32, op: Opcode, words: &[u64]) {
        self.continue_in(block);
        self.rest(pc, op, words);
        let result = self.reg(field_a(words[0]));
        self.b.ins().jump(next, &[result.into()]);
        self.how = How::Short;
    }

    fn byte(&mut self, pc: u32, op: Opcode, words: &[u64]) {
        let (text, index) = (self.reg(field_b(words[0])), self.reg(field_c(words[0])));
        let object = self.object(text);
        // Null has the length 0.
        let (length, outside) = self.text_header(object);
        let beyond = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.bail_if(beyond, pc);
        let (long, short, next) = (self.rare(), self.b.create_block(), self.joined());
        self.b.ins().brif(outside, long, &[], short, &[]);
        self.helped(long, next, pc, op, words);
        self.continue_in(short);
        let place = self.b.ins().iadd(object, index);
        let byte = self.b.ins().load(types::I8, UNALIGNED, place, 8);
        let byte = self.b.ins().uextend(types::I64, byte);
        self.b.ins().jump(next, &[byte.into()]);
        self.join(next, field_a(words[0]));
    }

    /// Two strings, which exist: their references, and their addresses.
    fn two_texts(&mut self, pc: u32, b: u16, c: u16) -> [Value; 4] {
        let (x, y) = (self.reg(b), self.reg(c));
        self.bail_unless(x, pc);
        self.bail_unless(y, pc);
        let (first, second) = (self.object(x), self.object(y));
        [x, y, first, second]
    }

    /// The order of two strings by a helper; leaves when they are so long that it has a cost.
    fn order(&mut self, pc: u32, x: Value, y: Value) -> Value {
        let mut signature = self.module.make_signature();
        signature.params.extend([AbiParam::new(types::I64); 3]);
        signature.returns.push(AbiParam::new(types::I64));
        let signature = self.b.import_signature(signature);
        let helper = self.int(compare_bytes() as i64);
        let call = self.b.ins().call_indirect(signature, helper, &[self.ctx, x, y]);
        let order = self.b.inst_results(call)[0];
        let long = self.b.ins().icmp_imm_s(IntCC::Equal, order, TOO_LONG);
        self.bail_if(long, pc);
        order
    }

    fn equal(&mut self, pc: u32, a: u16, b: u16, c: u16) {
        self.how = How::Short;
        let [x, y, first, second] = self.two_texts(pc, b, c);
        let ((x_length, x_outside), (y_length, y_outside)) =
            (self.text_header(first), self.text_header(second));
        let next = self.joined();
        let [lengths, inside, word, call] = [(); 4].map(|()| self.b.create_block());
        let no = self.int(0);
        let other = self.b.ins().icmp(IntCC::NotEqual, x_length, y_length);
        self.b.ins().brif(other, next, &[no.into()], lengths, &[]);
        self.continue_in(lengths);
        let outside = self.b.ins().bor(x_outside, y_outside);
        // The same object is equal to itself, but where it is long that has a cost; and the helper does what has no bytes.
        let empty = self.b.ins().icmp_imm_s(IntCC::Equal, x_length, 0);
        let by_call = self.b.ins().bor(outside, empty);
        self.b.ins().brif(by_call, call, &[], inside, &[]);
        self.continue_in(inside);
        let (one, two) = (
            self.b.ins().load(types::I64, UNALIGNED, first, 8),
            self.b.ins().load(types::I64, UNALIGNED, second, 8),
        );
        let difference = self.b.ins().bxor(one, two);
        // Of shorter strings as many bytes as there are count, the first of which are the low ones.
        let (whole, zero) = (self.int(WORD_BYTES), self.int(0));
        let short = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, x_length, WORD_BYTES);
        let over = self.b.ins().isub(whole, x_length);
        let over = self.b.ins().select(short, over, zero);
        let over = self.b.ins().ishl_imm_s(over, 3);
        let difference = self.b.ins().ishl(difference, over);
        self.b.ins().brif(difference, next, &[no.into()], word, &[]);
        self.continue_in(word);
        let yes = self.int(1);
        let done = self.b.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, x_length, WORD_BYTES);
        self.b.ins().brif(done, next, &[yes.into()], call, &[]);
        self.continue_in(call);
        let order = self.order(pc, x, y);
        let equal = self.b.ins().icmp_imm_s(IntCC::Equal, order, 0);
        let equal = self.b.ins().uextend(types::I64, equal);
        self.b.ins().jump(next, &[equal.into()]);
        self.join(next, a);
    }

    fn compare(&mut self, pc: u32, a: u16, b: u16, c: u16) {
        self.how = How::Short;
        let [x, y, ..] = self.two_texts(pc, b, c);
        let order = self.order(pc, x, y);
        self.set(a, order);
    }

    /// The class of an object.
    fn class_of(&mut self, reference: Value) -> Value {
        let object = self.object(reference);
        let class = self.b.ins().load(types::I16, CONSTANT, object, 4);
        self.b.ins().uextend(types::I64, class)
    }

    fn same(&mut self, pc: u32, op: Opcode, words: &[u64]) {
        let (x, y) = (self.reg(field_b(words[0])), self.reg(field_c(words[0])));
        let next = self.joined();
        let [different, exist, boxed] = [self.b.create_block(), self.b.create_block(), self.rare()];
        let (no, yes) = (self.int(0), self.int(1));
        let equal = self.b.ins().icmp(IntCC::Equal, x, y);
        self.b.ins().brif(equal, next, &[yes.into()], different, &[]);
        self.continue_in(different);
        let (x_null, y_null) =
            (self.b.ins().icmp_imm_s(IntCC::Equal, x, 0), self.b.ins().icmp_imm_s(IntCC::Equal, y, 0));
        let null = self.b.ins().bor(x_null, y_null);
        self.b.ins().brif(null, next, &[no.into()], exist, &[]);
        self.continue_in(exist);
        // Only boxes are the same as others, by their values.
        let class = self.class_of(x);
        let ints = self.b.ins().icmp_imm_s(IntCC::Equal, class, i64::from(TypeId::BOX_I64.0));
        let floats = self.b.ins().icmp_imm_s(IntCC::Equal, class, i64::from(TypeId::BOX_F64.0));
        let is_box = self.b.ins().bor(ints, floats);
        self.b.ins().brif(is_box, boxed, &[], next, &[no.into()]);
        self.helped(boxed, next, pc, op, words);
        self.join(next, field_a(words[0]));
    }

    /// Whether an object is of a type. False when the types that are cannot be told in a few steps.
    fn class_test(&mut self, pc: u32, op: Opcode, a: u16, b: u16, wanted: TypeId) -> bool {
        let Some(ranges) = self.methods.instances(wanted) else { return false };
        self.how = How::InPlace;
        let reference = self.reg(b);
        let next = self.joined();
        let (yes, no) = match op {
            Opcode::Test => (self.int(1), self.int(0)),
            _ => (reference, reference),
        };
        let exists = self.b.create_block();
        // Null is of no type, but can be cast to any.
        self.b.ins().brif(reference, exists, &[], next, &[no.into()]);
        self.continue_in(exists);
        let class = self.class_of(reference);
        for &(first, last) in ranges.iter() {
            let other = self.b.create_block();
            let above = self.b.ins().iadd_imm_s(class, -i64::from(first));
            let inside =
                self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, above, i64::from(last - first));
            self.b.ins().brif(inside, next, &[yes.into()], other, &[]);
            self.continue_in(other);
        }
        if op == Opcode::Test {
            self.b.ins().jump(next, &[no.into()]);
        } else {
            let bail = self.bail(pc);
            self.b.ins().jump(bail, &[]);
        }
        self.join(next, a);
        true
    }
}
