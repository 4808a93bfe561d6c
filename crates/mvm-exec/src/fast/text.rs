//! Frequent cases of strings, byte strings and arrays of bytes.

use mvm_heap::{Header, flags};
use mvm_isa::{Elem, TypeId, field_a, field_b, field_c};

use super::Flow;
use super::hot::{element, put};
use super::regs::Regs;

/// Objects below this size are worked on here; from it on, work has a cost, and the step does it.
pub(super) const SMALL_BYTES: usize = 4096;

#[inline(always)]
pub(super) fn bytes_get(m: &mut Regs, ins: u64) -> Flow {
    let Some((object, index)) = element(m, field_b(ins), field_c(ins)) else { return Flow::Slow };
    let byte = m.bytes(object, index, 1)[0];
    put(m, ins, u64::from(byte))
}

#[inline(always)]
pub(super) fn str_byte(m: &mut Regs, ins: u64) -> Flow {
    bytes_get(m, ins)
}

/// An object and an index in it.
type Place = (u32, usize);

/// The ranges of a short copy: target index, source index and count, all inside. The unit is that of the lengths.
#[inline(always)]
fn short_copy(m: &Regs, ins: u64) -> Option<(Place, Place, usize)> {
    let (to, from) = (m.object(field_a(ins)), m.object(field_c(ins)));
    let extra = m.word(1);
    let (at, start, count) = (m.reg(field_b(ins)), m.reg(extra as u16), m.reg((extra >> 16) as u16));
    let inside = |at: u64, object: u32| {
        let length = u64::from(m.header(object).length());
        at <= length && count <= length - at
    };
    let fits = to != 0 && from != 0 && count < SMALL_BYTES as u64 && inside(at, to) && inside(start, from);
    fits.then_some(((to, at as usize), (from, start as usize), count as usize))
}

#[inline(always)]
pub(super) fn array_copy_str(m: &mut Regs, ins: u64) -> Flow {
    let Some((to, from, count)) = short_copy(m, ins) else { return Flow::Slow };
    m.copy(to, from, count);
    m.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn array_copy_bytes(m: &mut Regs, ins: u64) -> Flow {
    array_copy_str(m, ins)
}

/// Of numbers, and of references where none has to be noted.
#[inline(always)]
pub(super) fn array_copy(m: &mut Regs, ins: u64) -> Flow {
    let Some(((to, at), (from, start), count)) = short_copy(m, ins) else { return Flow::Slow };
    let header = m.header(to);
    let size = match header.class().elem() {
        Some(elem) => elem.bytes() as usize,
        None if header.has(flags::BARRIER) => return Flow::Slow,
        None => 4,
    };
    if count * size >= SMALL_BYTES {
        return Flow::Slow;
    }
    match to == from {
        true => m.copy_within(to, at * size, start * size, count * size),
        false => m.copy((to, at * size), (from, start * size), count * size),
    }
    m.advance(2);
    Flow::Next
}

/// Of short parts; of references where none has to be noted.
#[inline(always)]
pub(super) fn array_fill(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_a(ins));
    let (at, count, value) = (m.reg(field_b(ins)), m.reg(field_c(ins)), m.reg(m.word(1) as u16));
    let header = m.header(object);
    let size = match header.class().elem() {
        Some(Elem::F32) => return Flow::Slow,
        Some(elem) => elem.bytes() as usize,
        None if value != 0 && header.has(flags::BARRIER) => return Flow::Slow,
        None => 4,
    };
    let length = u64::from(header.length());
    let short = count < (SMALL_BYTES / size) as u64;
    if object == 0 || !short || at > length || count > length - at {
        return Flow::Slow;
    }
    m.fill((object, at as usize), count as usize, size, value);
    m.advance(2);
    Flow::Next
}

/// The concatenation of two short strings.
#[inline(always)]
fn concat(m: &mut Regs, ins: u64, class: TypeId) -> Flow {
    let (x, y) = (m.object(field_b(ins)), m.object(field_c(ins)));
    let (x_len, y_len) = (m.header(x).length() as usize, m.header(y).length() as usize);
    let length = x_len + y_len;
    if x == 0 || y == 0 || length >= SMALL_BYTES {
        return Flow::Slow;
    }
    let Some(object) = m.alloc(Header::new(class, length as u32), length.div_ceil(8)) else {
        return Flow::Slow;
    };
    m.copy((object, 0), (x, 0), x_len);
    m.copy((object, x_len), (y, 0), y_len);
    put(m, ins, u64::from(object))
}

#[inline(always)]
pub(super) fn str_concat(m: &mut Regs, ins: u64) -> Flow {
    concat(m, ins, TypeId::STR)
}

#[inline(always)]
pub(super) fn bytes_concat(m: &mut Regs, ins: u64) -> Flow {
    concat(m, ins, TypeId::BYTES)
}

/// Part of a short string; `text` asks that its ends are code point boundaries.
#[inline(always)]
fn slice(m: &mut Regs, ins: u64, class: TypeId, text: bool) -> Flow {
    let object = m.object(field_b(ins));
    let (from, to) = (m.reg(field_c(ins)), m.reg(m.word(1) as u16));
    let length = u64::from(m.header(object).length());
    if object == 0 || from > to || to > length || to - from >= SMALL_BYTES as u64 {
        return Flow::Slow;
    }
    let (from, count) = (from as usize, (to - from) as usize);
    let inside = |at: usize| at < length as usize && m.bytes(object, at, 1)[0] & 0xc0 == 0x80;
    if text && (inside(from) || inside(from + count)) {
        return Flow::Slow;
    }
    let Some(result) = m.alloc(Header::new(class, count as u32), count.div_ceil(8)) else {
        return Flow::Slow;
    };
    m.copy((result, 0), (object, from), count);
    m.set_reg(field_a(ins), u64::from(result));
    m.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn str_slice(m: &mut Regs, ins: u64) -> Flow {
    slice(m, ins, TypeId::STR, true)
}

#[inline(always)]
pub(super) fn bytes_slice(m: &mut Regs, ins: u64) -> Flow {
    slice(m, ins, TypeId::BYTES, false)
}

#[inline(always)]
pub(super) fn str_eq(m: &mut Regs, ins: u64) -> Flow {
    let (x, y) = (m.object(field_b(ins)), m.object(field_c(ins)));
    let (x_len, y_len) = (m.header(x).length() as usize, m.header(y).length() as usize);
    if x == 0 || y == 0 || (x_len == y_len && x_len >= SMALL_BYTES) {
        return Flow::Slow;
    }
    let equal = x_len == y_len && m.bytes(x, 0, x_len) == m.bytes(y, 0, y_len);
    put(m, ins, u64::from(equal))
}

#[inline(always)]
pub(super) fn bytes_eq(m: &mut Regs, ins: u64) -> Flow {
    str_eq(m, ins)
}

/// The order of two short strings that exist.
#[inline(always)]
pub(super) fn order(m: &Regs, x: u32, y: u32) -> Option<i64> {
    let (x_len, y_len) = (m.header(x).length() as usize, m.header(y).length() as usize);
    let short = x_len.min(y_len) < SMALL_BYTES;
    short.then(|| m.bytes(x, 0, x_len).cmp(m.bytes(y, 0, y_len)) as i64)
}

#[inline(always)]
pub(super) fn str_compare(m: &mut Regs, ins: u64) -> Flow {
    let (x, y) = (m.object(field_b(ins)), m.object(field_c(ins)));
    match order(m, x, y) {
        Some(order) if x != 0 && y != 0 => put(m, ins, order as u64),
        _ => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn str_hash(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_b(ins));
    let length = m.header(object).length() as usize;
    if object == 0 || length >= SMALL_BYTES {
        return Flow::Slow;
    }
    let hash = if length == 0 { 0 } else { hash_short(m.bytes(object, 0, length)) };
    put(m, ins, hash)
}

#[inline(always)]
pub(super) fn bytes_hash(m: &mut Regs, ins: u64) -> Flow {
    str_hash(m, ins)
}

/// As of [`is_utf8`].
#[inline(never)]
fn hash_short(bytes: &[u8]) -> u64 {
    crate::step::hash_bytes(0, bytes)
}

#[inline(always)]
pub(super) fn bytes_compare(m: &mut Regs, ins: u64) -> Flow {
    str_compare(m, ins)
}

/// A new object with a copy of some bytes of another: for short ones.
#[inline(always)]
fn copy_of(m: &mut Regs, class: TypeId, object: u32, at: usize, count: usize) -> Option<u32> {
    if object == 0 || count >= SMALL_BYTES {
        return None;
    }
    let result = m.alloc(Header::new(class, count as u32), count.div_ceil(8))?;
    m.copy((result, 0), (object, at), count);
    Some(result)
}

/// All bytes of the object in slot `b`, as another type.
#[inline(always)]
fn all_as(m: &mut Regs, ins: u64, class: TypeId) -> Flow {
    let object = m.object(field_b(ins));
    let count = m.header(object).length() as usize;
    match copy_of(m, class, object, 0, count) {
        Some(result) => put(m, ins, u64::from(result)),
        None => Flow::Slow,
    }
}

#[inline(always)]
pub(super) fn bytes_from_str(m: &mut Regs, ins: u64) -> Flow {
    all_as(m, ins, TypeId::BYTES)
}

#[inline(always)]
pub(super) fn array_from_bytes(m: &mut Regs, ins: u64) -> Flow {
    all_as(m, ins, TypeId::array_of(Elem::U8))
}

/// What these functions are given and give fits into registers: a handler that hands on the address of a local variable
/// cannot end in a jump.
#[inline(never)]
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

#[inline(never)]
fn find_bytes(hay: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(hay, needle)
}

#[inline(always)]
pub(super) fn str_from_bytes(m: &mut Regs, ins: u64) -> Flow {
    let object = m.object(field_b(ins));
    let count = m.header(object).length() as usize;
    if count >= SMALL_BYTES || !is_utf8(m.bytes(object, 0, count)) {
        return Flow::Slow;
    }
    all_as(m, ins, TypeId::STR)
}

/// Some elements of the array of bytes in slot `b`, as a string or byte string.
#[inline(always)]
fn part_as(m: &mut Regs, ins: u64, class: TypeId) -> Flow {
    let object = m.object(field_b(ins));
    let (from, to) = (m.reg(field_c(ins)), m.reg(m.word(1) as u16));
    let length = u64::from(m.header(object).length());
    if from > to || to > length || to - from >= SMALL_BYTES as u64 {
        return Flow::Slow;
    }
    let (at, count) = (from as usize, (to - from) as usize);
    if class == TypeId::STR && !is_utf8(m.bytes(object, at, count)) {
        return Flow::Slow;
    }
    let Some(result) = copy_of(m, class, object, at, count) else { return Flow::Slow };
    m.set_reg(field_a(ins), u64::from(result));
    m.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn bytes_from_array(m: &mut Regs, ins: u64) -> Flow {
    part_as(m, ins, TypeId::BYTES)
}

#[inline(always)]
pub(super) fn str_from_array(m: &mut Regs, ins: u64) -> Flow {
    part_as(m, ins, TypeId::STR)
}

/// A place near where the search starts; what is further away has a cost.
#[inline(always)]
fn find(m: &mut Regs, ins: u64, text: bool) -> Flow {
    let (object, needle) = (m.object(field_b(ins)), m.object(field_c(ins)));
    let from = m.reg(m.word(1) as u16);
    let (total, wanted) = (m.header(object).length() as usize, m.header(needle).length() as usize);
    if object == 0 || needle == 0 || from > total as u64 || wanted >= SMALL_BYTES {
        return Flow::Slow;
    }
    let from = from as usize;
    if text && from < total && m.bytes(object, from, 1)[0] & 0xc0 == 0x80 {
        return Flow::Slow;
    }
    let near = (total - from).min(SMALL_BYTES - 1);
    let found = match find_bytes(m.bytes(object, from, near), m.bytes(needle, 0, wanted)) {
        Some(at) => (from + at) as i64,
        None if near == total - from => -1,
        None => return Flow::Slow,
    };
    m.set_reg(field_a(ins), found as u64);
    m.advance(2);
    Flow::Next
}

#[inline(always)]
pub(super) fn str_find(m: &mut Regs, ins: u64) -> Flow {
    find(m, ins, true)
}

#[inline(always)]
pub(super) fn bytes_find(m: &mut Regs, ins: u64) -> Flow {
    find(m, ins, false)
}

#[inline(always)]
pub(super) fn str_from_int(m: &mut Regs, ins: u64) -> Flow {
    let value = m.reg(field_b(ins)) as i64;
    let mut rest = value.unsigned_abs();
    let digits = rest.checked_ilog10().map_or(1, |log| log as usize + 1);
    let length = digits + usize::from(value < 0);
    let Some(text) = m.alloc(Header::new(TypeId::STR, length as u32), length.div_ceil(8)) else {
        return Flow::Slow;
    };
    for at in (length - digits..length).rev() {
        m.store(text, at, b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    if value < 0 {
        m.store(text, 0, b'-');
    }
    put(m, ins, u64::from(text))
}
