//! Strings and byte strings.
//!
//! Positions in strings are byte offsets on code point boundaries.

use mvm_isa::{Trap, TrapCode, TypeId, field_a, field_b, field_c};
use mvm_module::limits;

use super::bulk::{STEP_BYTES, compare_payload, find, hash_object, next_match};
use super::{Flow, Outcome, out_of_bounds, range};
use crate::process::{Fault, Process};

/// A trap for a length that no object can have.
pub(super) fn too_long(length: usize) -> Fault {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    Trap::new(TrapCode::InvalidArgument, length, limits::LENGTH_MAX as i64).into()
}

impl Process {
    /// The text of a string object.
    pub(super) fn text(&self, object: u32) -> &str {
        debug_assert!(std::str::from_utf8(self.heap.bytes(object)).is_ok(), "strings are UTF-8");
        std::str::from_utf8(self.heap.bytes(object)).unwrap_or_default()
    }

    /// Whether `at` is a code point boundary of a string.
    fn is_boundary(&self, object: u32, at: usize) -> bool {
        let bytes = self.heap.bytes(object);
        at == bytes.len() || at < bytes.len() && bytes[at] & 0xc0 != 0x80
    }

    /// A position in a string that may be its end.
    fn position_in(&self, object: u32, at: i64) -> Result<usize, Fault> {
        let length = self.heap.length(object) as usize;
        let position =
            usize::try_from(at).ok().filter(|&at| at <= length).ok_or_else(|| out_of_bounds(at, length))?;
        if !self.is_boundary(object, position) {
            return Err(Trap::new(TrapCode::NotABoundary, at, 0).into());
        }
        Ok(position)
    }

    /// The code point that starts at a position.
    fn code_at(&self, object: u32, at: i64) -> Result<(usize, char), Fault> {
        let position = self.position_in(object, at)?;
        let bytes = self.heap.bytes(object);
        // A code point has at most 4 bytes; decoding only those keeps this independent of the length.
        let end = (position + 4).min(bytes.len());
        let window = &bytes[position..end];
        let valid = match std::str::from_utf8(window) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default(),
        };
        match valid.chars().next() {
            Some(code) => Ok((position, code)),
            None => Err(out_of_bounds(at, bytes.len())),
        }
    }

    /// Makes a string and puts it into the destination register.
    pub(super) fn finish_text(&mut self, register: u16, text: &str) -> Outcome {
        let object = self.alloc_bytes(TypeId::STR, text.as_bytes())?;
        self.set_object(register, object);
        Ok(Flow::Next)
    }

    /// Puts the result object of a bulk instruction into the destination register.
    pub(super) fn finish_result(&mut self, register: u16) -> Outcome {
        let object = self.resume.objects[0];
        self.end_bulk();
        self.set_object(register, object);
        Ok(Flow::Next)
    }

    pub(super) fn finish_int(&mut self, register: u16, value: i64) -> Outcome {
        self.set_int(register, value);
        Ok(Flow::Next)
    }
}

pub(super) fn str_len(p: &mut Process, word: u64) -> Outcome {
    let length = p.heap.length(p.some(field_b(word))?);
    p.finish_int(field_a(word), i64::from(length))
}

pub(super) fn bytes_len(p: &mut Process, word: u64) -> Outcome {
    str_len(p, word)
}

pub(super) fn str_byte(p: &mut Process, word: u64) -> Outcome {
    let (object, at) = (p.some(field_b(word))?, p.int(field_c(word)));
    let bytes = p.heap.bytes(object);
    let byte = usize::try_from(at).ok().and_then(|at| bytes.get(at)).copied();
    let byte = byte.ok_or_else(|| out_of_bounds(at, bytes.len()))?;
    p.finish_int(field_a(word), i64::from(byte))
}

pub(super) fn bytes_get(p: &mut Process, word: u64) -> Outcome {
    str_byte(p, word)
}

pub(super) fn str_code(p: &mut Process, word: u64) -> Outcome {
    let (_, code) = p.code_at(p.some(field_b(word))?, p.int(field_c(word)))?;
    p.finish_int(field_a(word), i64::from(u32::from(code)))
}

pub(super) fn str_next(p: &mut Process, word: u64) -> Outcome {
    let (at, code) = p.code_at(p.some(field_b(word))?, p.int(field_c(word)))?;
    p.finish_int(field_a(word), (at + code.len_utf8()) as i64)
}

pub(super) fn str_prev(p: &mut Process, word: u64) -> Outcome {
    let (object, at) = (p.some(field_b(word))?, p.int(field_c(word)));
    let mut position = p.position_in(object, at)?;
    if position == 0 {
        return Err(out_of_bounds(-1, p.heap.length(object) as usize));
    }
    position -= 1;
    while !p.is_boundary(object, position) {
        position -= 1;
    }
    p.finish_int(field_a(word), position as i64)
}

pub(super) fn str_count_codes(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let count = count_codes(p, object)?;
    p.end_bulk();
    p.finish_int(field_a(word), count as i64)
}

/// Code points of a string; progress is kept in the resume record.
fn count_codes(p: &mut Process, object: u32) -> Result<u64, Fault> {
    let total = p.heap.length(object) as usize;
    while p.done() < total {
        let done = p.done();
        let step = (total - done).min(STEP_BYTES);
        p.pay(step)?;
        let codes = p.heap.payload(object, done + step)[done..].iter().filter(|&&b| b & 0xc0 != 0x80).count();
        p.resume.words[1] += codes as u64;
        p.set_done(done + step);
    }
    Ok(p.resume.words[1])
}

fn concat(p: &mut Process, word: u64, class: TypeId) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let (x_len, y_len) = (p.heap.length(x) as usize, p.heap.length(y) as usize);
    p.byte_result(class, x_len + y_len)?;
    p.copy_to_result(0, field_b(word), 0, x_len)?;
    p.copy_to_result(x_len, field_c(word), 0, y_len)?;
    p.finish_result(field_a(word))
}

pub(super) fn str_concat(p: &mut Process, word: u64) -> Outcome {
    concat(p, word, TypeId::STR)
}

pub(super) fn bytes_concat(p: &mut Process, word: u64) -> Outcome {
    concat(p, word, TypeId::BYTES)
}

/// A result of class `class` with part of the bytes of the object in slot `b`.
fn slice(p: &mut Process, word: u64, class: TypeId, from: usize, count: usize) -> Outcome {
    p.byte_result(class, count)?;
    p.copy_to_result(0, field_b(word), from, count)?;
    p.finish_result(field_a(word))
}

pub(super) fn str_slice(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let (from, to) = (p.int(field_c(word)), p.int(p.extra(0)));
    let part = range(from, to, p.heap.length(object) as usize)?;
    for at in [part.start, part.end] {
        if !p.is_boundary(object, at) {
            return Err(Trap::new(TrapCode::NotABoundary, at as i64, 0).into());
        }
    }
    slice(p, word, TypeId::STR, part.start, part.len())
}

pub(super) fn bytes_slice(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let (from, to) = (p.int(field_c(word)), p.int(p.extra(0)));
    let part = range(from, to, p.heap.length(object) as usize)?;
    slice(p, word, TypeId::BYTES, part.start, part.len())
}

fn finish_found(p: &mut Process, word: u64, found: Option<usize>) -> Outcome {
    p.finish_int(field_a(word), found.map_or(-1, |at| at as i64))
}

pub(super) fn str_find(p: &mut Process, word: u64) -> Outcome {
    let (object, needle) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let from = p.position_in(object, p.int(p.extra(0)))?;
    let found = find(p, object, needle, from, false)?;
    finish_found(p, word, found)
}

pub(super) fn bytes_find(p: &mut Process, word: u64) -> Outcome {
    let (object, needle) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let (from, length) = (p.int(p.extra(0)), p.heap.length(object) as usize);
    let from =
        usize::try_from(from).ok().filter(|&at| at <= length).ok_or_else(|| out_of_bounds(from, length))?;
    let found = find(p, object, needle, from, false)?;
    finish_found(p, word, found)
}

pub(super) fn str_find_last(p: &mut Process, word: u64) -> Outcome {
    let (object, needle) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let found = find(p, object, needle, 0, true)?;
    finish_found(p, word, found)
}

pub(super) fn str_contains(p: &mut Process, word: u64) -> Outcome {
    let (object, needle) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let found = find(p, object, needle, 0, false)?;
    p.finish_int(field_a(word), i64::from(found.is_some()))
}

pub(super) fn str_count(p: &mut Process, word: u64) -> Outcome {
    let (object, needle) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let (total, wanted) = (p.heap.length(object) as usize, p.heap.length(needle) as usize);
    if wanted == 0 {
        let codes = count_codes(p, object)?;
        p.end_bulk();
        return p.finish_int(field_a(word), codes as i64 + 1);
    }
    if STEP_BYTES < wanted && wanted <= total {
        while let Some(at) = next_match(p, object, needle, 0, false)? {
            p.resume.words = [(at + wanted) as u64, p.resume.words[1] + 1];
        }
    }
    while wanted <= STEP_BYTES && p.done() + wanted <= total {
        let done = p.done();
        let step = (total - wanted - done + 1).min(STEP_BYTES);
        p.pay(step + wanted)?;
        // Occurrences that start in this step; the last one may reach past it.
        let window = &p.heap.bytes(object)[done..done + step - 1 + wanted];
        let (mut count, mut next) = (0, step);
        for at in memchr::memmem::find_iter(window, p.heap.bytes(needle)) {
            count += 1;
            next = step.max(at + wanted);
        }
        p.resume.words[1] += count;
        p.set_done(done + next);
    }
    let count = p.resume.words[1] as i64;
    p.end_bulk();
    p.finish_int(field_a(word), count)
}

pub(super) fn str_compare(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let (x_len, y_len) = (p.heap.length(x), p.heap.length(y));
    let order = match compare_payload(p, (x, 0), (y, 0), x_len.min(y_len) as usize)? {
        0 => x_len.cmp(&y_len) as i64,
        order => order,
    };
    p.finish_int(field_a(word), order)
}

pub(super) fn bytes_compare(p: &mut Process, word: u64) -> Outcome {
    str_compare(p, word)
}

pub(super) fn str_eq(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let length = p.heap.length(x);
    let equal = length == p.heap.length(y) && compare_payload(p, (x, 0), (y, 0), length as usize)? == 0;
    p.finish_int(field_a(word), i64::from(equal))
}

pub(super) fn bytes_eq(p: &mut Process, word: u64) -> Outcome {
    str_eq(p, word)
}

pub(super) fn str_starts_with(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let wanted = p.heap.length(y);
    let starts = wanted <= p.heap.length(x) && compare_payload(p, (x, 0), (y, 0), wanted as usize)? == 0;
    p.finish_int(field_a(word), i64::from(starts))
}

pub(super) fn str_ends_with(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(field_c(word))?);
    let (total, wanted) = (p.heap.length(x) as usize, p.heap.length(y) as usize);
    let ends = wanted <= total && compare_payload(p, (x, total - wanted), (y, 0), wanted)? == 0;
    p.finish_int(field_a(word), i64::from(ends))
}

pub(super) fn str_hash(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let hash = hash_object(p, object)?;
    p.finish_int(field_a(word), hash as i64)
}

pub(super) fn bytes_hash(p: &mut Process, word: u64) -> Outcome {
    str_hash(p, word)
}

pub(super) fn str_repeat(p: &mut Process, word: u64) -> Outcome {
    let (object, times) = (p.some(field_b(word))?, p.int(field_c(word)));
    let length = p.heap.length(object) as usize;
    let most = limits::LENGTH_MAX.checked_div(length).map_or(i64::MAX, |most| most as i64);
    if times < 0 || times > most {
        return Err(Trap::new(TrapCode::InvalidArgument, times, most).into());
    }
    let total = if length == 0 { 0 } else { length * times as usize };
    let result = p.byte_result(TypeId::STR, total)?;
    while p.done() < total {
        let done = p.done();
        let source = p.object(field_b(word));
        // The first copy comes from the operand, the others double what is there, from where the text goes on.
        let at = done % length;
        let (from, have) = if done < length { (source, length - at) } else { (result, done - at) };
        let step = have.min(total - done).min(STEP_BYTES);
        p.pay(step)?;
        p.heap.copy_bytes((result, done), (from, at), step);
        p.set_done(done + step);
    }
    p.finish_result(field_a(word))
}

pub(super) fn str_from_bytes(p: &mut Process, word: u64) -> Outcome {
    let length = p.heap.length(p.some(field_b(word))?) as usize;
    checked_text(p, word, 0..length)
}

pub(super) fn str_from_array(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let part = range(p.int(field_c(word)), p.int(p.extra(0)), p.heap.length(object) as usize)?;
    checked_text(p, word, part)
}

/// A string of part of the bytes of the object in slot `b`, if they are UTF-8.
fn checked_text(p: &mut Process, word: u64, part: std::ops::Range<usize>) -> Outcome {
    let object = p.some(field_b(word))?;
    let total = part.len();
    // Where bytes are wrong is kept, plus 1: when the fuel does not suffice for entering a handler, the instruction is
    // executed again and must not pay for the step again.
    let wrong = |at: u64| Fault::Trap(Trap::new(TrapCode::InvalidUtf8, at as i64, 0));
    while p.resume.objects[0] == 0 && p.done() < total {
        if p.resume.words[1] != 0 {
            return Err(wrong(p.resume.words[1] - 1));
        }
        let done = p.done();
        let step = (total - done).min(STEP_BYTES);
        p.pay(step)?;
        let first = part.start + done;
        let checked = match std::str::from_utf8(&p.heap.payload(object, first + step)[first..]) {
            Ok(_) => step,
            Err(error) if error.error_len().is_none() && done + step < total => error.valid_up_to(),
            Err(error) => {
                let at = (first + error.valid_up_to()) as u64;
                p.resume.words[1] = at + 1;
                return Err(wrong(at));
            }
        };
        p.set_done(done + checked);
    }
    if p.resume.objects[0] == 0 {
        p.byte_result(TypeId::STR, total)?;
        p.set_done(0);
    }
    p.copy_to_result(0, field_b(word), part.start, total)?;
    p.finish_result(field_a(word))
}

pub(super) fn bytes_from_str(p: &mut Process, word: u64) -> Outcome {
    let length = p.heap.length(p.some(field_b(word))?) as usize;
    slice(p, word, TypeId::BYTES, 0, length)
}

pub(super) fn bytes_from_array(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let (from, to) = (p.int(field_c(word)), p.int(p.extra(0)));
    let part = range(from, to, p.heap.length(object) as usize)?;
    slice(p, word, TypeId::BYTES, part.start, part.len())
}

pub(super) fn array_from_bytes(p: &mut Process, word: u64) -> Outcome {
    let length = p.heap.length(p.some(field_b(word))?) as usize;
    slice(p, word, TypeId::array_of(mvm_isa::Elem::U8), 0, length)
}

pub(super) use super::text::*;
