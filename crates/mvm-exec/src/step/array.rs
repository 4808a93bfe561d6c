//! Arrays.

use std::cmp::Ordering;

use mvm_isa::{Elem, Trap, TrapCode, TypeId, field_a, field_b, field_c};
use mvm_module::limits;

use super::bulk::{STEP_BYTES, move_payload};
use super::{Flow, Outcome, out_of_bounds, range, span};
use crate::process::{Fault, Process};

/// Size of an element in bytes: 4 for references.
fn element_bytes(class: TypeId) -> usize {
    class.elem().map_or(4, |elem| elem.bytes() as usize)
}

impl Process {
    /// Object and byte offset of an element.
    fn element(&self, object: u32, index: i64, bytes: usize) -> Result<usize, Fault> {
        let length = self.heap.length(object) as usize;
        match usize::try_from(index) {
            Ok(at) if at < length => Ok(at * bytes),
            _ => Err(out_of_bounds(index, length)),
        }
    }

    /// Reads `N` bytes of a payload.
    pub(super) fn payload_at<const N: usize>(&self, object: u32, at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.heap.payload(object, at + N)[at..]);
        bytes
    }

    pub(super) fn set_payload_at<const N: usize>(&mut self, object: u32, at: usize, bytes: [u8; N]) {
        self.heap.payload_mut(object, at + N)[at..].copy_from_slice(&bytes);
    }

    fn get_element<const N: usize>(&self, word: u64) -> Result<[u8; N], Fault> {
        let object = self.object(field_b(word));
        let at = self.element(object, self.int(field_c(word)), N)?;
        Ok(self.payload_at(object, at))
    }

    fn set_element<const N: usize>(&mut self, word: u64, bytes: [u8; N]) -> Outcome {
        let object = self.object(field_a(word));
        let at = self.element(object, self.int(field_b(word)), N)?;
        self.set_payload_at(object, at, bytes);
        Ok(Flow::Next)
    }
}

/// Handlers of `get_*` and `set_*`, one pair for each element type.
macro_rules! elements {
    ($($get:ident, $set:ident, $ty:ty, |$p:ident, $r:ident| $value:expr, |$v:ident| $widened:expr;)*) => { $(
        pub(super) fn $get(p: &mut Process, word: u64) -> Outcome {
            let $v = <$ty>::from_le_bytes(p.get_element(word)?);
            p.set_reg(field_a(word), $widened);
            Ok(Flow::Next)
        }

        pub(super) fn $set($p: &mut Process, word: u64) -> Outcome {
            let $r = field_c(word);
            let value: $ty = $value;
            $p.set_element(word, value.to_le_bytes())
        }
    )* };
}

elements! {
    get_i8, set_i8, i8, |p, r| p.int(r) as i8, |v| i64::from(v) as u64;
    get_u8, set_u8, u8, |p, r| p.int(r) as u8, |v| u64::from(v);
    get_i16, set_i16, i16, |p, r| p.int(r) as i16, |v| i64::from(v) as u64;
    get_u16, set_u16, u16, |p, r| p.int(r) as u16, |v| u64::from(v);
    get_i32, set_i32, i32, |p, r| p.int(r) as i32, |v| i64::from(v) as u64;
    get_u32, set_u32, u32, |p, r| p.int(r) as u32, |v| u64::from(v);
    get_i64, set_i64, i64, |p, r| p.int(r), |v| v as u64;
    get_f32, set_f32, f32, |p, r| p.float(r) as f32, |v| f64::from(v).to_bits();
    get_f64, set_f64, f64, |p, r| p.float(r), |v| v.to_bits();
}

pub(super) fn get_ref(p: &mut Process, word: u64) -> Outcome {
    let object = p.object(field_b(word));
    let at = p.element(object, p.int(field_c(word)), 1)?;
    p.set_object(field_a(word), p.heap.reference(object, at));
    Ok(Flow::Next)
}

pub(super) fn set_ref(p: &mut Process, word: u64) -> Outcome {
    let object = p.object(field_a(word));
    let at = p.element(object, p.int(field_b(word)), 1)?;
    let value = p.object(field_c(word));
    p.heap.set_reference(object, at, value);
    Ok(Flow::Next)
}

pub(super) fn new_array(p: &mut Process, word: u64) -> Outcome {
    let (class, length) = (TypeId(field_b(word)), p.int(field_c(word)));
    if !(0..=limits::LENGTH_MAX as i64).contains(&length) {
        return Err(Trap::new(TrapCode::InvalidArgument, length, limits::LENGTH_MAX as i64).into());
    }
    let bytes = length as usize * element_bytes(class);
    paid_result(p, class, length as usize, bytes)?;
    p.finish_result(field_a(word))
}

/// A result object whose zeros have been paid for.
pub(super) fn paid_result(p: &mut Process, class: TypeId, length: usize, bytes: usize) -> Result<u32, Fault> {
    // A request above the limit traps before anything is paid.
    let words = bytes.div_ceil(8);
    if words as u64 >= p.limits().heap.limit_words {
        return p.result(class, length, words);
    }
    while p.done() < bytes {
        let step = (bytes - p.done()).min(STEP_BYTES);
        p.pay(step)?;
        p.set_done(p.done() + step);
    }
    p.result(class, length, words)
}

pub(super) fn array_len(p: &mut Process, word: u64) -> Outcome {
    let length = p.heap.length(p.object(field_b(word)));
    p.finish_int(field_a(word), i64::from(length))
}

pub(super) fn block_len(p: &mut Process, word: u64) -> Outcome {
    array_len(p, word)
}

/// Copies `count` items of `size` bytes from one object to another, or inside one.
pub(super) fn copy_part(p: &mut Process, word: u64, size: usize) -> Outcome {
    let (to, from) = (p.some(field_a(word))?, p.some(field_c(word))?);
    let (at, start, count) = (p.int(field_b(word)), p.int(p.extra(0)), p.int(p.extra(1)));
    let target = span(at, count, p.heap.length(to) as usize)?;
    let source = span(start, count, p.heap.length(from) as usize)?;
    move_payload(p, (to, target.start * size), (from, source.start * size), count as usize * size)?;
    Ok(Flow::Next)
}

pub(super) fn array_copy(p: &mut Process, word: u64) -> Outcome {
    let size = element_bytes(p.heap.class(p.some(field_a(word))?));
    copy_part(p, word, size)
}

/// Copies bytes of a string or byte string into an array.
pub(super) fn array_copy_str(p: &mut Process, word: u64) -> Outcome {
    copy_part(p, word, 1)
}

pub(super) fn array_copy_bytes(p: &mut Process, word: u64) -> Outcome {
    array_copy_str(p, word)
}

pub(super) fn array_fill(p: &mut Process, word: u64) -> Outcome {
    let (object, value) = (p.some(field_a(word))?, p.reg(p.extra(0)));
    let part = span(p.int(field_b(word)), p.int(field_c(word)), p.heap.length(object) as usize)?;
    let class = p.heap.class(object);
    let size = element_bytes(class);
    let bits = element_bits(class, value);
    while p.done() < part.len() {
        let done = p.done();
        let step = (part.len() - done).min(STEP_BYTES / size);
        p.pay(step * size)?;
        let first = (part.start + done) * size;
        if class.elem().is_none() {
            let first = part.start + done;
            p.heap.fill_references(object, first..first + step, value as u32);
            p.set_done(done + step);
            continue;
        }
        let target = &mut p.heap.payload_mut(object, first + step * size)[first..];
        target.chunks_exact_mut(size).for_each(|element| element.copy_from_slice(&bits[..size]));
        p.set_done(done + step);
    }
    p.end_bulk();
    Ok(Flow::Next)
}

/// The bytes of a value as an element of an array; the rest is 0.
fn element_bits(class: TypeId, value: u64) -> [u8; 8] {
    match class.elem() {
        Some(Elem::F32) => u64::from((f64::from_bits(value) as f32).to_bits()).to_le_bytes(),
        _ => value.to_le_bytes(),
    }
}

pub(super) fn array_slice(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let part = range(p.int(field_c(word)), p.int(p.extra(0)), p.heap.length(object) as usize)?;
    let class = p.heap.class(object);
    let size = element_bytes(class);
    p.result(class, part.len(), (part.len() * size).div_ceil(8))?;
    p.copy_to_result(0, field_b(word), part.start * size, part.len() * size)?;
    p.finish_result(field_a(word))
}

pub(super) fn array_concat(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let class = p.heap.class(x);
    let size = element_bytes(class);
    let (x_len, y_len) = (p.heap.length(x) as usize, p.heap.length(y) as usize);
    p.result(class, x_len + y_len, ((x_len + y_len) * size).div_ceil(8))?;
    p.copy_to_result(0, field_b(word), 0, x_len * size)?;
    p.copy_to_result(x_len * size, field_c(word), 0, y_len * size)?;
    p.finish_result(field_a(word))
}

/// An element as the bits of a register.
fn element_value(p: &Process, object: u32, class: TypeId, index: usize) -> u64 {
    let at = |size: usize| index * size;
    match class.elem() {
        Some(Elem::I8) => i64::from(i8::from_le_bytes(p.payload_at(object, at(1)))) as u64,
        Some(Elem::U8) => u64::from(u8::from_le_bytes(p.payload_at(object, at(1)))),
        Some(Elem::I16) => i64::from(i16::from_le_bytes(p.payload_at(object, at(2)))) as u64,
        Some(Elem::U16) => u64::from(u16::from_le_bytes(p.payload_at(object, at(2)))),
        Some(Elem::I32) => i64::from(i32::from_le_bytes(p.payload_at(object, at(4)))) as u64,
        Some(Elem::U32) => u64::from(u32::from_le_bytes(p.payload_at(object, at(4)))),
        Some(Elem::I64) => u64::from_le_bytes(p.payload_at(object, at(8))),
        Some(Elem::F32) => f64::from(f32::from_le_bytes(p.payload_at(object, at(4)))).to_bits(),
        Some(Elem::F64) => u64::from_le_bytes(p.payload_at(object, at(8))),
        None => u64::from(p.heap.reference(object, index)),
    }
}

pub(super) fn array_find(p: &mut Process, word: u64) -> Outcome {
    let (object, wanted) = (p.some(field_b(word))?, p.reg(field_c(word)));
    let (from, length) = (p.int(p.extra(0)), p.heap.length(object) as usize);
    let start =
        usize::try_from(from).ok().filter(|&at| at <= length).ok_or_else(|| out_of_bounds(from, length))?;
    let class = p.heap.class(object);
    let float = class.elem().is_some_and(Elem::is_float);
    let size = element_bytes(class);
    while start + p.done() < length {
        let first = start + p.done();
        let step = (length - first).min(STEP_BYTES / size);
        let found = (first..first + step).find(|&index| {
            let value = element_value(p, object, class, index);
            if float { f64::from_bits(value) == f64::from_bits(wanted) } else { value == wanted }
        });
        p.pay(found.map_or(step, |index| index + 1 - first) * size)?;
        if let Some(index) = found {
            p.end_bulk();
            return p.finish_int(field_a(word), index as i64);
        }
        p.set_done(first - start + step);
    }
    p.end_bulk();
    p.finish_int(field_a(word), -1)
}

pub(super) fn array_compare(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let class = p.heap.class(x);
    let (x_len, y_len) = (p.heap.length(x) as usize, p.heap.length(y) as usize);
    let (size, common) = (element_bytes(class), x_len.min(y_len));
    let float = class.elem().is_some_and(Elem::is_float);
    while p.done() < common {
        let first = p.done();
        let step = (common - first).min(STEP_BYTES / size);
        p.pay(step * size)?;
        let order = (first..first + step)
            .map(|k| compare_elements(element_value(p, x, class, k), element_value(p, y, class, k), float))
            .find(|order| order.is_ne());
        if let Some(order) = order {
            p.end_bulk();
            return p.finish_int(field_a(word), order as i64);
        }
        p.set_done(first + step);
    }
    p.end_bulk();
    p.finish_int(field_a(word), x_len.cmp(&y_len) as i64)
}

/// Order of two elements; NaN equals NaN and comes after every number.
fn compare_elements(x: u64, y: u64, float: bool) -> Ordering {
    if float {
        let (x, y) = (f64::from_bits(x), f64::from_bits(y));
        x.partial_cmp(&y).unwrap_or_else(|| x.is_nan().cmp(&y.is_nan()))
    } else {
        (x as i64).cmp(&(y as i64))
    }
}
