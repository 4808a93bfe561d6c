//! Bodies of the `Special` rows: the frequent case of each, or `Slow`.
//!
//! Every row is either a function here or in the list of `cold` ones at the end.

use mvm_heap::{Header, layout::closure};
use mvm_isa::sem::{canonical, f32_bits};
use mvm_isa::{TypeId, field_a, field_b, field_c, imm32};

pub(super) use super::text::*;
use super::{Flow, Regs};

/// Puts a value into the destination register and goes to the next instruction.
#[inline(always)]
pub(super) fn put(m: &mut Regs, ins: u64, value: u64) -> Flow {
    m.set_reg(field_a(ins), value);
    m.advance(1);
    Flow::Next
}

#[inline(always)]
pub(super) fn mov(m: &mut Regs, ins: u64) -> Flow {
    let value = m.reg(field_b(ins));
    put(m, ins, value)
}

#[inline(always)]
pub(super) fn select(m: &mut Regs, ins: u64) -> Flow {
    let (yes, no) = (m.reg(field_c(ins)), m.reg(m.word(1) as u16));
    let value = if m.reg(field_b(ins)) != 0 { yes } else { no };
    m.set_reg(field_a(ins), value);
    m.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_i64(m: &mut Regs, ins: u64) -> Flow {
    put(m, ins, i64::from(imm32(ins)) as u64)
}

#[inline(always)]
pub(super) fn const_i64_wide(m: &mut Regs, ins: u64) -> Flow {
    let value = m.word(1);
    m.set_reg(field_a(ins), value);
    m.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn const_f64(m: &mut Regs, ins: u64) -> Flow {
    const_i64_wide(m, ins)
}

#[inline(always)]
pub(super) fn const_null(m: &mut Regs, ins: u64) -> Flow {
    put(m, ins, 0)
}

#[inline(always)]
pub(super) fn const_literal(m: &mut Regs, ins: u64) -> Flow {
    match m.literal((ins >> 32) as u32) {
        0 => Flow::Slow,
        object => put(m, ins, u64::from(object)),
    }
}

#[inline(always)]
pub(super) fn fref(m: &mut Regs, ins: u64) -> Flow {
    const_literal(m, ins)
}

#[inline(always)]
pub(super) fn nop(m: &mut Regs, _ins: u64) -> Flow {
    m.advance(1);
    Flow::Next
}

#[inline(always)]
pub(super) fn brk(m: &mut Regs, ins: u64) -> Flow {
    nop(m, ins)
}

#[inline(always)]
pub(super) fn enter(m: &mut Regs, ins: u64) -> Flow {
    if !m.has_stack(field_b(ins)) || !m.charge(i64::from(field_a(ins))) {
        return Flow::Slow;
    }
    m.advance(1);
    Flow::Next
}

#[inline(always)]
pub(super) fn jmp(m: &mut Regs, ins: u64) -> Flow {
    m.jump(imm32(ins));
    Flow::Next
}

#[inline(always)]
pub(super) fn jmp_back(m: &mut Regs, ins: u64) -> Flow {
    if !m.charge(i64::from(field_a(ins))) {
        return Flow::Slow;
    }
    jmp(m, ins)
}

#[inline(always)]
pub(super) fn bnull(m: &mut Regs, ins: u64) -> Flow {
    if m.object(field_a(ins)) == 0 { jmp(m, ins) } else { nop(m, ins) }
}

#[inline(always)]
pub(super) fn bnonnull(m: &mut Regs, ins: u64) -> Flow {
    if m.object(field_a(ins)) != 0 { jmp(m, ins) } else { nop(m, ins) }
}

#[inline(always)]
pub(super) fn switch(m: &mut Regs, ins: u64) -> Flow {
    let key = m.reg(field_a(ins));
    let index = if key < u64::from(field_b(ins)) { key as usize + 1 } else { 0 };
    let offset = (m.word(1 + index / 2) >> (32 * (index % 2))) as i32;
    m.jump(offset);
    Flow::Next
}

#[inline(always)]
pub(super) fn switch_back(m: &mut Regs, ins: u64) -> Flow {
    if !m.charge(i64::from(field_c(ins))) {
        return Flow::Slow;
    }
    switch(m, ins)
}

/// A call of at most 3 arguments and 1 result to a known function.
#[inline(always)]
fn call_function(m: &mut Regs, ins: u64, function: u32) -> Flow {
    let entry = m.entry(function);
    if entry == 0 {
        return Flow::Slow;
    }
    let list = m.word(1);
    let delta = list as u16;
    // Unused argument fields are 0, and copying a register too many is cheaper than counting: the slots above the
    // arguments hold nothing yet.
    let (x, y, z) = (m.reg((list >> 16) as u16), m.reg((list >> 32) as u16), m.reg((list >> 48) as u16));
    m.set_callee(delta, 0, x);
    m.set_callee(delta, 1, y);
    m.set_callee(delta, 2, z);
    m.enter_callee(delta, field_a(ins), 2, entry);
    Flow::Next
}

#[inline(always)]
pub(super) fn call(m: &mut Regs, ins: u64) -> Flow {
    call_function(m, ins, (ins >> 32) as u32 & 0xff_ffff)
}

/// A call of any number of arguments and results to a known function.
#[inline(always)]
fn call_function_many(m: &mut Regs, ins: u64, function: u32) -> Flow {
    let entry = m.entry(function);
    if entry == 0 {
        return Flow::Slow;
    }
    let (args, results) = ((ins >> 16 & 0xff) as usize, (ins >> 24 & 0xff) as usize);
    let delta = m.word(1) as u16;
    for k in 0..args {
        let value = m.reg(m.item(1, 1 + k));
        m.set_callee(delta, k, value);
    }
    let len = 2 + args.saturating_sub(3).div_ceil(4) + results.div_ceil(4);
    let dst = if results == 1 { m.word(len - 1) as u16 } else { mvm_isa::NO_REG };
    m.enter_callee(delta, dst, len, entry);
    Flow::Next
}

#[inline(always)]
pub(super) fn call_many(m: &mut Regs, ins: u64) -> Flow {
    call_function_many(m, ins, (ins >> 32) as u32)
}

/// The function that a method call goes to: by the class of the first argument.
#[inline(always)]
fn method_of(m: &Regs, index: u16) -> Option<u32> {
    let object = m.object((m.word(1) >> 16) as u16);
    if object == 0 {
        return None;
    }
    let class = m.class(m.header(object).class());
    Some(m.method(class.methods + u32::from(index)))
}

#[inline(always)]
fn interface_method_of(m: &Regs, selector: u16) -> Option<u32> {
    let object = m.object((m.word(1) >> 16) as u16);
    if object == 0 {
        return None;
    }
    let class = m.class(m.header(object).class());
    let found = m.selector(class, selector);
    (found >> 32 == u64::from(selector)).then_some(found as u32)
}

#[inline(always)]
pub(super) fn call_virtual(m: &mut Regs, ins: u64) -> Flow {
    match method_of(m, field_b(ins)) {
        Some(function) => call_function(m, ins, function),
        None => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn call_virtual_many(m: &mut Regs, ins: u64) -> Flow {
    match method_of(m, field_b(ins)) {
        Some(function) => call_function_many(m, ins, function),
        None => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn call_interface(m: &mut Regs, ins: u64) -> Flow {
    match interface_method_of(m, field_b(ins)) {
        Some(function) => call_function(m, ins, function),
        None => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn call_interface_many(m: &mut Regs, ins: u64) -> Flow {
    match interface_method_of(m, field_b(ins)) {
        Some(function) => call_function_many(m, ins, function),
        None => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn call_ref(m: &mut Regs, ins: u64) -> Flow {
    let value = m.object(field_b(ins));
    if value == 0 {
        return Flow::Slow;
    }
    let word = m.payload_word(value, 0);
    let bound = usize::from(closure::bound(word));
    let entry = m.entry(closure::function(word));
    if bound == 0 {
        return call_function(m, ins, closure::function(word));
    }
    if entry == 0 {
        return Flow::Slow;
    }
    let list = m.word(1);
    let delta = list as u16;
    for k in 0..bound {
        let value = m.payload_word(value, 1 + k);
        m.set_callee(delta, k, value);
    }
    for k in 0..(ins >> 56) as usize {
        let value = m.reg((list >> (16 * (k + 1))) as u16);
        m.set_callee(delta, bound + k, value);
    }
    m.enter_callee(delta, field_a(ins), 2, entry);
    Flow::Next
}

#[inline(always)]
pub(super) fn tail_call(m: &mut Regs, ins: u64) -> Flow {
    let count = (ins >> 16 & 0xff) as usize;
    let entry = m.entry((ins >> 32) as u32);
    if count > 4 || entry == 0 || !m.has_stack(4) || !m.charge(1) {
        return Flow::Slow;
    }
    if count > 0 {
        let list = m.word(1);
        let field = |k: u32| (list >> (16 * k)) as u16;
        let values = [m.reg(field(0)), m.reg(field(1)), m.reg(field(2)), m.reg(field(3))];
        for (k, &value) in values.iter().enumerate() {
            m.set_callee(0, k, value);
        }
    }
    m.goto(entry);
    Flow::Next
}

#[inline(always)]
pub(super) fn ret(m: &mut Regs, _ins: u64) -> Flow {
    let header = m.leave();
    m.resume(header);
    Flow::Next
}

#[inline(always)]
pub(super) fn ret_value(m: &mut Regs, ins: u64) -> Flow {
    let value = m.reg(field_a(ins));
    let header = m.leave();
    m.set_reg(header.dst(), value);
    m.resume(header);
    Flow::Next
}

#[inline(always)]
pub(super) fn ret_many(m: &mut Regs, ins: u64) -> Flow {
    let count = field_a(ins);
    if !(2..=4).contains(&count) {
        return Flow::Slow;
    }
    let list = m.word(1);
    let field = |list: u64, k: u32| (list >> (16 * k)) as u16;
    let values = [m.reg(field(list, 0)), m.reg(field(list, 1)), m.reg(field(list, 2)), m.reg(field(list, 3))];
    let header = m.leave();
    let to = m.word_before(1);
    for k in 0..count {
        m.set_reg(field(to, u32::from(k)), values[usize::from(k)]);
    }
    m.resume(header);
    Flow::Next
}

#[inline(always)]
pub(super) fn str_len(m: &mut Regs, ins: u64) -> Flow {
    match m.object(field_b(ins)) {
        0 => Flow::Slow,
        object => put(m, ins, u64::from(m.header(object).length())),
    }
}

#[inline(always)]
pub(super) fn bytes_len(m: &mut Regs, ins: u64) -> Flow {
    str_len(m, ins)
}

#[inline(always)]
pub(super) fn array_len(m: &mut Regs, ins: u64) -> Flow {
    let length = m.header(m.object(field_b(ins))).length();
    put(m, ins, u64::from(length))
}

#[inline(always)]
pub(super) fn block_len(m: &mut Regs, ins: u64) -> Flow {
    array_len(m, ins)
}

/// Object and index of an element access, when the index is inside. Through null the length is 0.
#[inline(always)]
pub(super) fn element(m: &Regs, object: u16, index: u16) -> Option<(u32, usize)> {
    let (object, index) = (m.object(object), m.reg(index));
    (index < u64::from(m.header(object).length())).then_some((object, index as usize))
}

macro_rules! elements {
    ($($get:ident, $set:ident, $ty:ty, |$v:ident| $widened:expr, |$bits:ident| $narrowed:expr;)*) => { $(
        #[inline(always)]
        pub(super) fn $get(m: &mut Regs, ins: u64) -> Flow {
            let Some((object, index)) = element(m, field_b(ins), field_c(ins)) else { return Flow::Slow };
            let $v: $ty = m.load(object, index * size_of::<$ty>());
            put(m, ins, $widened)
        }

        #[inline(always)]
        pub(super) fn $set(m: &mut Regs, ins: u64) -> Flow {
            let Some((object, index)) = element(m, field_a(ins), field_b(ins)) else { return Flow::Slow };
            let $bits = m.reg(field_c(ins));
            let value: $ty = $narrowed;
            m.store(object, index * size_of::<$ty>(), value);
            m.advance(1);
            Flow::Next
        }
    )* };
}

elements! {
    get_i8, set_i8, i8, |v| i64::from(v) as u64, |bits| bits as i8;
    get_u8, set_u8, u8, |v| u64::from(v), |bits| bits as u8;
    get_i16, set_i16, i16, |v| i64::from(v) as u64, |bits| bits as i16;
    get_u16, set_u16, u16, |v| u64::from(v), |bits| bits as u16;
    get_i32, set_i32, i32, |v| i64::from(v) as u64, |bits| bits as i32;
    get_u32, set_u32, u32, |v| u64::from(v), |bits| bits as u32;
    get_i64, set_i64, u64, |v| v, |bits| bits;
    get_f32, set_f32, f32, |v| f64::from(v).to_bits(), |bits| f64::from_bits(bits) as f32;
    get_f64, set_f64, u64, |v| v, |bits| bits;
}

#[inline(always)]
pub(super) fn get_ref(m: &mut Regs, ins: u64) -> Flow {
    let Some((object, index)) = element(m, field_b(ins), field_c(ins)) else { return Flow::Slow };
    let value: u32 = m.load(object, index * 4);
    put(m, ins, u64::from(value))
}

#[inline(always)]
pub(super) fn set_ref(m: &mut Regs, ins: u64) -> Flow {
    let (object, index) = (m.object(field_a(ins)), m.reg(field_b(ins)));
    let header = m.header(object);
    let value = m.object(field_c(ins));
    if index >= u64::from(header.length()) || m.must_note(header, value) {
        return Flow::Slow;
    }
    m.store(object, index as usize * 4, value);
    m.advance(1);
    Flow::Next
}

/// Block and offset of an access of `count` bytes, when it is inside.
#[inline(always)]
fn inside(m: &Regs, block: u16, offset: u16, count: u64) -> Option<(u32, usize)> {
    let (block, offset) = (m.object(block), m.reg(offset));
    let length = u64::from(m.header(block).length());
    (length >= count && offset <= length - count).then_some((block, offset as usize))
}

macro_rules! loads {
    ($($name:ident, $ty:ty, |$v:ident| $widened:expr;)*) => { $(
        #[inline(always)]
        pub(super) fn $name(m: &mut Regs, ins: u64) -> Flow {
            let Some((block, at)) = inside(m, field_b(ins), field_c(ins), size_of::<$ty>() as u64) else {
                return Flow::Slow;
            };
            let $v: $ty = m.load(block, at);
            put(m, ins, $widened)
        }
    )* };
}

macro_rules! stores {
    ($($name:ident, $ty:ty, |$v:ident| $narrowed:expr;)*) => { $(
        #[inline(always)]
        pub(super) fn $name(m: &mut Regs, ins: u64) -> Flow {
            let Some((block, at)) = inside(m, field_a(ins), field_b(ins), size_of::<$ty>() as u64) else {
                return Flow::Slow;
            };
            let $v = m.reg(field_c(ins));
            let value: $ty = $narrowed;
            m.store(block, at, value);
            m.advance(1);
            Flow::Next
        }
    )* };
}

loads! {
    load_i8, i8, |v| i64::from(v) as u64;
    load_u8, u8, |v| u64::from(v);
    load_i16, i16, |v| i64::from(v) as u64;
    load_u16, u16, |v| u64::from(v);
    load_i32, i32, |v| i64::from(v) as u64;
    load_u32, u32, |v| u64::from(v);
    load_i64, u64, |v| v;
    load_f32, f32, |v| canonical(f64::from(v)).to_bits();
    load_f64, f64, |v| canonical(v).to_bits();
    load_i16_be, i16, |v| i64::from(v.swap_bytes()) as u64;
    load_u16_be, u16, |v| u64::from(v.swap_bytes());
    load_i32_be, i32, |v| i64::from(v.swap_bytes()) as u64;
    load_u32_be, u32, |v| u64::from(v.swap_bytes());
    load_i64_be, u64, |v| v.swap_bytes();
    load_f32_be, u32, |v| canonical(f64::from(f32::from_bits(v.swap_bytes()))).to_bits();
    load_f64_be, u64, |v| canonical(f64::from_bits(v.swap_bytes())).to_bits();
}

stores! {
    store_i8, u8, |v| v as u8;
    store_i16, u16, |v| v as u16;
    store_i32, u32, |v| v as u32;
    store_i64, u64, |v| v;
    store_f32, u32, |v| f32_bits(f64::from_bits(v)) as u32;
    store_f64, u64, |v| canonical(f64::from_bits(v)).to_bits();
    store_i16_be, u16, |v| (v as u16).swap_bytes();
    store_i32_be, u32, |v| (v as u32).swap_bytes();
    store_i64_be, u64, |v| v.swap_bytes();
    store_f32_be, u32, |v| (f32_bits(f64::from_bits(v)) as u32).swap_bytes();
    store_f64_be, u64, |v| canonical(f64::from_bits(v)).to_bits().swap_bytes();
}

#[inline(always)]
pub(super) fn new(m: &mut Regs, ins: u64) -> Flow {
    let class = TypeId(field_b(ins));
    let words = m.class(class).words;
    match m.alloc(Header::new(class, words), words as usize) {
        Some(object) => put(m, ins, u64::from(object)),
        None => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn new_with(m: &mut Regs, ins: u64) -> Flow {
    let (class, count) = (TypeId(field_b(ins)), u32::from(field_c(ins)));
    if count > 4 {
        return Flow::Slow;
    }
    let entry = m.class(class);
    let Some(object) = m.alloc(Header::new(class, entry.words), entry.words as usize) else {
        return Flow::Slow;
    };
    let list = m.word(1);
    for k in 0..count {
        let field = m.field(entry.fields + k);
        let value = m.reg((list >> (16 * k)) as u16);
        let at = (field >> 1) as usize * 4;
        if field & 1 == 0 {
            m.store(object, at, value);
        } else {
            m.store(object, at, value as u32);
        }
    }
    m.set_reg(field_a(ins), u64::from(object));
    m.advance(if count == 0 { 1 } else { 2 });
    Flow::Next
}

/// A new box of a register's bits.
#[inline(always)]
fn new_box(m: &mut Regs, ins: u64, class: TypeId) -> Flow {
    let Some(object) = m.alloc(Header::new(class, 1), 1) else { return Flow::Slow };
    let value = m.reg(field_b(ins));
    m.store(object, 0, value);
    put(m, ins, u64::from(object))
}

#[inline(always)]
pub(super) fn box_i64(m: &mut Regs, ins: u64) -> Flow {
    new_box(m, ins, TypeId::BOX_I64)
}

#[inline(always)]
pub(super) fn box_f64(m: &mut Regs, ins: u64) -> Flow {
    new_box(m, ins, TypeId::BOX_F64)
}

#[inline(always)]
fn unbox(m: &mut Regs, ins: u64, class: TypeId) -> Flow {
    let object = m.object(field_b(ins));
    if object == 0 || m.header(object).class() != class {
        return Flow::Slow;
    }
    let value = m.payload_word(object, 0);
    put(m, ins, value)
}

#[inline(always)]
pub(super) fn unbox_i64(m: &mut Regs, ins: u64) -> Flow {
    unbox(m, ins, TypeId::BOX_I64)
}

#[inline(always)]
pub(super) fn unbox_f64(m: &mut Regs, ins: u64) -> Flow {
    unbox(m, ins, TypeId::BOX_F64)
}

#[inline(always)]
pub(super) fn get_field_i64(m: &mut Regs, ins: u64) -> Flow {
    match m.object(field_b(ins)) {
        0 => Flow::Slow,
        object => put(m, ins, m.payload_word(object, usize::from(field_c(ins)) / 2)),
    }
}

#[inline(always)]
pub(super) fn get_field_f64(m: &mut Regs, ins: u64) -> Flow {
    get_field_i64(m, ins)
}

#[inline(always)]
pub(super) fn get_field_ref(m: &mut Regs, ins: u64) -> Flow {
    match m.object(field_b(ins)) {
        0 => Flow::Slow,
        object => put(m, ins, u64::from(m.load::<u32>(object, usize::from(field_c(ins)) * 4))),
    }
}

#[inline(always)]
pub(super) fn set_field_i64(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_a(ins));
    if object == 0 {
        return Flow::Slow;
    }
    let value = m.reg(field_c(ins));
    m.store(object, usize::from(field_b(ins)) * 4, value);
    m.advance(1);
    Flow::Next
}

#[inline(always)]
pub(super) fn set_field_f64(m: &mut Regs, ins: u64) -> Flow {
    set_field_i64(m, ins)
}

#[inline(always)]
pub(super) fn set_field_ref(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_a(ins));
    if object == 0 {
        return Flow::Slow;
    }
    let value = m.object(field_c(ins));
    if m.must_note(m.header(object), value) {
        return Flow::Slow;
    }
    m.store(object, usize::from(field_b(ins)) * 4, value);
    m.advance(1);
    Flow::Next
}

#[inline(always)]
pub(super) fn is_null(m: &mut Regs, ins: u64) -> Flow {
    let null = m.object(field_b(ins)) == 0;
    put(m, ins, u64::from(null))
}

#[inline(always)]
pub(super) fn same(m: &mut Regs, ins: u64) -> Flow {
    let (x, y) = (m.object(field_b(ins)), m.object(field_c(ins)));
    if x == y || x == 0 || y == 0 {
        return put(m, ins, u64::from(x == y));
    }
    let (class, other) = (m.header(x).class(), m.header(y).class());
    if class != other || class != TypeId::BOX_I64 && class != TypeId::BOX_F64 {
        return put(m, ins, 0);
    }
    if class == TypeId::BOX_F64 {
        return Flow::Slow;
    }
    let equal = m.payload_word(x, 0) == m.payload_word(y, 0);
    put(m, ins, u64::from(equal))
}

#[inline(always)]
pub(super) fn test(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_b(ins));
    if object == 0 {
        return put(m, ins, 0);
    }
    let (class, wanted) = (m.header(object).class(), TypeId(field_c(ins)));
    if class == wanted {
        return put(m, ins, 1);
    }
    // Nothing is below a built-in type that is not an error, but everything is below `any`.
    if wanted < TypeId::ERROR && wanted != TypeId::ANY {
        return put(m, ins, 0);
    }
    Flow::Slow
}

#[inline(always)]
pub(super) fn cast(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_b(ins));
    if object == 0 || m.header(object).class() == TypeId(field_c(ins)) {
        return put(m, ins, u64::from(object));
    }
    Flow::Slow
}

/// Arrays below this length are made here and by native code.
pub const SHORT_ARRAY_MAX: u64 = (SMALL_BYTES / 8) as u64;

/// A new array, when it is short.
#[inline(always)]
pub(super) fn new_array(m: &mut Regs, ins: u64) -> Flow {
    let (class, length) = (TypeId(field_b(ins)), m.reg(field_c(ins)));
    let size = class.elem().map_or(4, |elem| elem.bytes() as usize);
    if length >= SHORT_ARRAY_MAX {
        return Flow::Slow;
    }
    let bytes = length as usize * size;
    match m.alloc(Header::new(class, length as u32), bytes.div_ceil(8)) {
        Some(array) => put(m, ins, u64::from(array)),
        None => Flow::Slow,
    }
}

/// Rows without a frequent case worth a handler of its own.
macro_rules! cold {
    ($($name:ident)*) => { $(
        #[inline(always)]
        pub(super) fn $name(_: &mut Regs, _: u64) -> Flow {
            Flow::Slow
        }
    )* };
}

cold! {
    unreachable call_ref_many tail_call_ref bind
    str_code str_next str_prev str_count_codes str_find_last str_starts_with str_ends_with str_contains str_count str_trim str_trim_start str_trim_end str_upper str_lower
    str_repeat str_reverse str_from_int_radix str_from_float str_from_float_digits str_from_code
    str_to_int str_to_int_radix str_to_float
    array_slice array_concat array_find array_compare
    alloc free block_copy block_fill block_compare block_find block_from_bytes bytes_from_block
    serial throw sys
}
