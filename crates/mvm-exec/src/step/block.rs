//! Memory blocks.

use mvm_isa::sem::{canonical, f32_bits};
use mvm_isa::{Trap, TrapCode, TypeId, field_a, field_b, field_c};
use mvm_module::limits;

use super::array::{copy_part, paid_result};
use super::bulk::{STEP_BYTES, compare_payload};
use super::{Flow, Outcome, out_of_bounds, range, span};
use crate::process::{Fault, Process};

impl Process {
    /// Byte offset of an access of `count` bytes in the block, which may be null or freed (length 0).
    fn block_at(&self, block: u32, offset: i64, count: usize) -> Result<usize, Fault> {
        let length = self.heap.length(block) as usize;
        match usize::try_from(offset) {
            Ok(at) if at <= length && count <= length - at => Ok(at),
            _ => Err(out_of_bounds(offset, length)),
        }
    }

    fn load<const N: usize>(&self, word: u64) -> Result<[u8; N], Fault> {
        let block = self.object(field_b(word));
        let at = self.block_at(block, self.int(field_c(word)), N)?;
        Ok(self.payload_at(block, at))
    }

    fn store<const N: usize>(&mut self, word: u64, bytes: [u8; N]) -> Outcome {
        let block = self.object(field_a(word));
        let at = self.block_at(block, self.int(field_b(word)), N)?;
        self.set_payload_at(block, at, bytes);
        Ok(Flow::Next)
    }
}

/// Handlers of `load_*`: the number read, and how it becomes register bits.
macro_rules! loads {
    ($($name:ident, $ty:ty, $from:ident, |$v:ident| $widened:expr;)*) => { $(
        pub(super) fn $name(p: &mut Process, word: u64) -> Outcome {
            let $v = <$ty>::$from(p.load(word)?);
            p.set_reg(field_a(word), $widened);
            Ok(Flow::Next)
        }
    )* };
}

/// Handlers of `store_*`: the number written.
macro_rules! stores {
    ($($name:ident, $to:ident, |$p:ident, $r:ident| $value:expr;)*) => { $(
        pub(super) fn $name($p: &mut Process, word: u64) -> Outcome {
            let $r = field_c(word);
            let value = $value;
            $p.store(word, value.$to())
        }
    )* };
}

loads! {
    load_i8, i8, from_le_bytes, |v| i64::from(v) as u64;
    load_u8, u8, from_le_bytes, |v| u64::from(v);
    load_i16, i16, from_le_bytes, |v| i64::from(v) as u64;
    load_u16, u16, from_le_bytes, |v| u64::from(v);
    load_i32, i32, from_le_bytes, |v| i64::from(v) as u64;
    load_u32, u32, from_le_bytes, |v| u64::from(v);
    load_i64, i64, from_le_bytes, |v| v as u64;
    load_f32, f32, from_le_bytes, |v| canonical(f64::from(v)).to_bits();
    load_f64, f64, from_le_bytes, |v| canonical(v).to_bits();
    load_i16_be, i16, from_be_bytes, |v| i64::from(v) as u64;
    load_u16_be, u16, from_be_bytes, |v| u64::from(v);
    load_i32_be, i32, from_be_bytes, |v| i64::from(v) as u64;
    load_u32_be, u32, from_be_bytes, |v| u64::from(v);
    load_i64_be, i64, from_be_bytes, |v| v as u64;
    load_f32_be, f32, from_be_bytes, |v| canonical(f64::from(v)).to_bits();
    load_f64_be, f64, from_be_bytes, |v| canonical(v).to_bits();
}

stores! {
    store_i8, to_le_bytes, |p, r| p.int(r) as i8;
    store_i16, to_le_bytes, |p, r| p.int(r) as i16;
    store_i32, to_le_bytes, |p, r| p.int(r) as i32;
    store_i64, to_le_bytes, |p, r| p.int(r);
    store_f32, to_le_bytes, |p, r| f32_bits(p.float(r)) as u32;
    store_f64, to_le_bytes, |p, r| canonical(p.float(r)).to_bits();
    store_i16_be, to_be_bytes, |p, r| p.int(r) as i16;
    store_i32_be, to_be_bytes, |p, r| p.int(r) as i32;
    store_i64_be, to_be_bytes, |p, r| p.int(r);
    store_f32_be, to_be_bytes, |p, r| f32_bits(p.float(r)) as u32;
    store_f64_be, to_be_bytes, |p, r| canonical(p.float(r)).to_bits();
}

pub(super) fn alloc(p: &mut Process, word: u64) -> Outcome {
    let length = p.int(field_b(word));
    if !(0..=limits::LENGTH_MAX as i64).contains(&length) {
        return Err(Trap::new(TrapCode::InvalidArgument, length, limits::LENGTH_MAX as i64).into());
    }
    paid_result(p, TypeId::BLOCK, length as usize, length as usize)?;
    p.finish_result(field_a(word))
}

pub(super) fn free(p: &mut Process, word: u64) -> Outcome {
    let block = p.some(field_a(word))?;
    if !p.heap.free(block) {
        return Err(TrapCode::DoubleFree.into());
    }
    p.note_freed(block);
    Ok(Flow::Next)
}

pub(super) fn block_copy(p: &mut Process, word: u64) -> Outcome {
    copy_part(p, word, 1)
}

pub(super) fn block_fill(p: &mut Process, word: u64) -> Outcome {
    let (block, value) = (p.some(field_a(word))?, p.int(p.extra(0)) as u8);
    let part = span(p.int(field_b(word)), p.int(field_c(word)), p.heap.length(block) as usize)?;
    while p.done() < part.len() {
        let done = p.done();
        let step = (part.len() - done).min(STEP_BYTES);
        p.pay(step)?;
        let first = part.start + done;
        p.heap.payload_mut(block, first + step)[first..].fill(value);
        p.set_done(done + step);
    }
    p.end_bulk();
    Ok(Flow::Next)
}

pub(super) fn block_compare(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.some(field_b(word))?, p.some(p.extra(0))?);
    let (x_at, y_at, count) = (p.int(field_c(word)), p.int(p.extra(1)), p.int(p.extra(2)));
    let x_part = span(x_at, count, p.heap.length(x) as usize)?;
    let y_part = span(y_at, count, p.heap.length(y) as usize)?;
    let order = compare_payload(p, (x, x_part.start), (y, y_part.start), x_part.len())?;
    p.finish_int(field_a(word), order)
}

pub(super) fn block_find(p: &mut Process, word: u64) -> Outcome {
    let (block, byte) = (p.some(field_b(word))?, p.int(field_c(word)) as u8);
    let (from, length) = (p.int(p.extra(0)), p.heap.length(block) as usize);
    let start =
        usize::try_from(from).ok().filter(|&at| at <= length).ok_or_else(|| out_of_bounds(from, length))?;
    while start + p.done() < length {
        let first = start + p.done();
        let step = (length - first).min(STEP_BYTES);
        let found = memchr::memchr(byte, &p.heap.bytes(block)[first..first + step]);
        p.pay(found.map_or(step, |at| at + 1))?;
        if let Some(at) = found {
            p.end_bulk();
            return p.finish_int(field_a(word), (first + at) as i64);
        }
        p.set_done(first - start + step);
    }
    p.end_bulk();
    p.finish_int(field_a(word), -1)
}

pub(super) fn block_from_bytes(p: &mut Process, word: u64) -> Outcome {
    let length = p.heap.length(p.some(field_b(word))?) as usize;
    p.byte_result(TypeId::BLOCK, length)?;
    p.copy_to_result(0, field_b(word), 0, length)?;
    p.finish_result(field_a(word))
}

pub(super) fn bytes_from_block(p: &mut Process, word: u64) -> Outcome {
    let block = p.some(field_b(word))?;
    let part = range(p.int(field_c(word)), p.int(p.extra(0)), p.heap.length(block) as usize)?;
    p.byte_result(TypeId::BYTES, part.len())?;
    p.copy_to_result(0, field_b(word), part.start, part.len())?;
    p.finish_result(field_a(word))
}
