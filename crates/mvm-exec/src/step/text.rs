//! Strings by code point (case, white space, order) and conversions between strings and numbers.

use mvm_isa::sem::canonical;
use mvm_isa::{Trap, TrapCode, TypeId, field_a, field_b, field_c};

use super::bulk::STEP_BYTES;
use super::{Flow, Outcome};
use crate::process::{Fault, Process};

/// Largest number of digits after the point.
const DIGITS_MAX: i64 = 100;

/// The code points of a string that start inside `from..to`.
fn codes(p: &Process, object: u32, from: usize, to: usize) -> &str {
    let bytes = p.heap.bytes(object);
    let boundary = |mut at: usize| {
        while at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
            at += 1;
        }
        at
    };
    std::str::from_utf8(&bytes[boundary(from)..boundary(to)]).unwrap_or_default()
}

/// Maps each code point. The first pass finds the length of the result, the second writes it.
fn map_codes<I: Iterator<Item = char>>(p: &mut Process, word: u64, map: impl Fn(char) -> I) -> Outcome {
    let object = p.some(field_b(word))?;
    let total = p.heap.length(object) as usize;
    let end_of = |done: usize| (done + STEP_BYTES).min(total);
    while p.resume.objects[0] == 0 && p.done() < total {
        let (done, end) = (p.done(), end_of(p.done()));
        p.pay(end - done)?;
        let length: usize = codes(p, object, done, end).chars().flat_map(&map).map(char::len_utf8).sum();
        p.resume.words[1] += length as u64;
        p.set_done(end);
    }
    if p.resume.objects[0] == 0 {
        let length = p.resume.words[1] as usize;
        p.byte_result(TypeId::STR, length)?;
        p.resume.words = [0, 0];
    }
    while p.done() < total {
        let object = p.object(field_b(word));
        let (done, end) = (p.done(), end_of(p.done()));
        p.pay(end - done)?;
        let part: String = codes(p, object, done, end).chars().flat_map(&map).collect();
        let (result, at) = (p.resume.objects[0], p.resume.words[1] as usize);
        p.heap.payload_mut(result, at + part.len())[at..].copy_from_slice(part.as_bytes());
        p.resume.words[1] += part.len() as u64;
        p.set_done(end);
    }
    p.finish_result(field_a(word))
}

pub(in crate::step) fn str_upper(p: &mut Process, word: u64) -> Outcome {
    map_codes(p, word, char::to_uppercase)
}

pub(in crate::step) fn str_lower(p: &mut Process, word: u64) -> Outcome {
    map_codes(p, word, char::to_lowercase)
}

pub(in crate::step) fn str_reverse(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    let total = p.heap.length(object) as usize;
    let result = p.byte_result(TypeId::STR, total)?;
    while p.done() < total {
        let object = p.object(field_b(word));
        let (done, end) = (p.done(), (p.done() + STEP_BYTES).min(total));
        p.pay(end - done)?;
        let part: String = codes(p, object, done, end).chars().rev().collect();
        let written = p.resume.words[1] as usize;
        let at = total - written - part.len();
        p.heap.payload_mut(result, at + part.len())[at..].copy_from_slice(part.as_bytes());
        p.resume.words[1] += part.len() as u64;
        p.set_done(end);
    }
    p.finish_result(field_a(word))
}

/// Finds the range of a string without white space at its ends. Progress: `words[0]` counts the bytes looked at from
/// the end that is being trimmed; `words[1]` holds what was found (start in the low half, end in the high half), each
/// plus 1 when known.
fn trim(p: &mut Process, word: u64, start: bool, end: bool) -> Outcome {
    let object = p.some(field_b(word))?;
    let total = p.heap.length(object) as usize;
    let known = |p: &Process, shift: u32| ((p.resume.words[1] >> shift) as u32 as usize).checked_sub(1);
    if !start && known(p, 0).is_none() {
        p.resume.words[1] |= 1;
    }
    if !end && known(p, 32).is_none() {
        p.resume.words[1] |= (total as u64 + 1) << 32;
    }
    while known(p, 0).is_none() {
        let (done, stop) = (p.done(), (p.done() + STEP_BYTES).min(total));
        p.pay(stop - done)?;
        let part = codes(p, object, done, stop);
        let rest = part.trim_start().len();
        let found = if rest > 0 || stop == total {
            Some(total.min(stop_after(p, object, stop)) - rest)
        } else {
            None
        };
        match found {
            Some(at) => p.resume.words = [0, p.resume.words[1] | (at as u64 + 1)],
            None => p.set_done(stop),
        }
    }
    let from = known(p, 0).unwrap_or(0);
    while known(p, 32).is_none() {
        let done = p.done();
        let stop = total - done;
        let begin = stop.saturating_sub(STEP_BYTES).max(from);
        p.pay(stop - begin)?;
        let part = codes(p, object, begin, stop);
        let rest = part.trim_end().len();
        let first = stop_after(p, object, stop) - part.len();
        match rest > 0 || begin == from {
            true => p.resume.words = [0, p.resume.words[1] | (first as u64 + rest as u64 + 1) << 32],
            false => p.set_done(total - begin),
        }
    }
    let to = known(p, 32).unwrap_or(total).max(from);
    p.byte_result(TypeId::STR, to - from)?;
    p.copy_to_result(0, field_b(word), from, to - from)?;
    p.finish_result(field_a(word))
}

/// The first boundary at or after `at`.
fn stop_after(p: &Process, object: u32, mut at: usize) -> usize {
    let bytes = p.heap.bytes(object);
    while at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
        at += 1;
    }
    at
}

pub(in crate::step) fn str_trim(p: &mut Process, word: u64) -> Outcome {
    trim(p, word, true, true)
}

pub(in crate::step) fn str_trim_start(p: &mut Process, word: u64) -> Outcome {
    trim(p, word, true, false)
}

pub(in crate::step) fn str_trim_end(p: &mut Process, word: u64) -> Outcome {
    trim(p, word, false, true)
}

pub(in crate::step) fn str_from_int(p: &mut Process, word: u64) -> Outcome {
    let value = p.int(field_b(word));
    // The longest number has 19 digits and a sign; they are written from the end.
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), value.unsigned_abs());
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    let object = p.alloc_bytes(TypeId::STR, &digits[at..])?;
    p.set_object(field_a(word), object);
    Ok(Flow::Next)
}

fn radix(p: &Process, register: u16) -> Result<u32, Fault> {
    match p.int(register) {
        radix @ 2..=36 => Ok(radix as u32),
        other => Err(Trap::new(TrapCode::InvalidArgument, other, 36).into()),
    }
}

pub(in crate::step) fn str_from_int_radix(p: &mut Process, word: u64) -> Outcome {
    let radix = radix(p, field_c(word))?;
    if radix == 10 {
        return str_from_int(p, word);
    }
    let mut rest = p.reg(field_b(word));
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % u64::from(radix)) as u32, radix).unwrap_or('0'));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    let text: String = digits.into_iter().rev().collect();
    p.finish_text(field_a(word), &text)
}

/// The shortest decimal text that reads back as `value`: `1.0`, `1e300`, `inf`, `nan`.
pub fn float_text(value: f64) -> String {
    if value.is_nan() { "nan".into() } else { format!("{value:?}") }
}

pub(in crate::step) fn str_from_float(p: &mut Process, word: u64) -> Outcome {
    let text = float_text(p.float(field_b(word)));
    p.finish_text(field_a(word), &text)
}

pub(in crate::step) fn str_from_float_digits(p: &mut Process, word: u64) -> Outcome {
    let (value, digits) = (p.float(field_b(word)), p.int(field_c(word)));
    if !(0..=DIGITS_MAX).contains(&digits) {
        return Err(Trap::new(TrapCode::InvalidArgument, digits, DIGITS_MAX).into());
    }
    let text = if value.is_finite() { format!("{value:.*}", digits as usize) } else { float_text(value) };
    p.finish_text(field_a(word), &text)
}

pub(in crate::step) fn str_from_code(p: &mut Process, word: u64) -> Outcome {
    let code = p.int(field_b(word));
    let Some(code) = u32::try_from(code).ok().and_then(char::from_u32) else {
        return Err(Trap::new(TrapCode::InvalidCodePoint, code, 0).into());
    };
    p.finish_text(field_a(word), code.encode_utf8(&mut [0; 4]))
}

/// Writes the flag and the value of a conversion that may fail.
fn finish_parsed(p: &mut Process, word: u64, value: Option<u64>) -> Outcome {
    p.set_reg(field_a(word), u64::from(value.is_some()));
    p.set_reg(field_b(word), value.unwrap_or(0));
    Ok(Flow::Next)
}

/// The text of a number, unless it is too long to be one.
fn number_text(p: &Process, register: u16) -> Result<Option<&str>, Fault> {
    let object = p.some(register)?;
    Ok((p.heap.length(object) as usize <= STEP_BYTES).then(|| p.text(object)))
}

pub(in crate::step) fn str_to_int(p: &mut Process, word: u64) -> Outcome {
    let value = number_text(p, field_c(word))?.and_then(|text| text.parse::<i64>().ok());
    finish_parsed(p, word, value.map(|v| v as u64))
}

pub(in crate::step) fn str_to_int_radix(p: &mut Process, word: u64) -> Outcome {
    let radix = radix(p, p.extra(0))?;
    let parse = |text: &str| {
        let signed = i64::from_str_radix(text, radix).map(|v| v as u64);
        // `str_from_int_radix` writes unsigned numbers, unless the radix is 10.
        if radix == 10 { signed.ok() } else { signed.or_else(|_| u64::from_str_radix(text, radix)).ok() }
    };
    let value = number_text(p, field_c(word))?.and_then(parse);
    finish_parsed(p, word, value)
}

pub(in crate::step) fn str_to_float(p: &mut Process, word: u64) -> Outcome {
    let value = number_text(p, field_c(word))?.and_then(|text| text.parse::<f64>().ok());
    finish_parsed(p, word, value.map(|v| canonical(v).to_bits()))
}
