//! Work on long payloads, in steps of at most 64 KiB.
//!
//! A bulk instruction checks its operands, then loops: pay for a step, do it, note the progress in the resume record.
//! When the fuel is used up the instruction faults with its progress kept, and goes on there when it is executed again.
//! The record is all zero at the start and is reset at the end.

use mvm_isa::TypeId;
use mvm_module::limits;

use crate::process::{Fault, Process, Resume};

/// Most bytes one step works on.
pub(super) const STEP_BYTES: usize = 64 << 10;
/// A reduction pays for so many bytes.
const BYTES_PER_REDUCTION: usize = 4 << 10;

impl Process {
    /// Pays for a step on so many bytes.
    pub(super) fn pay(&mut self, bytes: usize) -> Result<(), Fault> {
        self.charge((bytes / BYTES_PER_REDUCTION) as i64)
    }

    /// Progress so far.
    pub(super) fn done(&self) -> usize {
        self.resume.words[0] as usize
    }

    pub(super) fn set_done(&mut self, done: usize) {
        self.resume.words[0] = done as u64;
    }

    /// Ends a bulk instruction.
    pub(super) fn end_bulk(&mut self) {
        self.resume = Resume::default();
    }

    /// The result object of a bulk instruction: made at the first step, remembered for the others.
    pub(super) fn result(
        &mut self,
        class: TypeId,
        length: usize,
        payload_words: usize,
    ) -> Result<u32, Fault> {
        if self.resume.objects[0] == 0 {
            if length > limits::LENGTH_MAX {
                return Err(super::string::too_long(length));
            }
            self.resume.objects[0] = self.alloc(class, length as u32, payload_words)?;
        }
        Ok(self.resume.objects[0])
    }

    /// Result object of so many bytes.
    pub(super) fn byte_result(&mut self, class: TypeId, length: usize) -> Result<u32, Fault> {
        self.result(class, length, length.div_ceil(8))
    }

    /// Copies `count` bytes of the payload of the object in register `from` to the result object, in steps. `base` is
    /// the progress at which this part of the instruction starts.
    pub(super) fn copy_to_result(
        &mut self,
        base: usize,
        from: u16,
        at: usize,
        count: usize,
    ) -> Result<(), Fault> {
        while self.done() < base + count {
            let offset = self.done() - base;
            let step = (count - offset).min(STEP_BYTES);
            self.pay(step)?;
            let (to, source) = (self.resume.objects[0], self.object(from));
            self.heap.copy_bytes((to, base + offset), (source, at + offset), step);
            self.set_done(base + offset + step);
        }
        Ok(())
    }
}

/// Moves `count` bytes inside or between objects in steps; backwards when that keeps an overlap intact.
pub(super) fn move_payload(
    p: &mut Process,
    (to, to_at): (u32, usize),
    (from, from_at): (u32, usize),
    count: usize,
) -> Result<(), Fault> {
    let backwards = to == from && to_at > from_at;
    while p.done() < count {
        let done = p.done();
        let step = (count - done).min(STEP_BYTES);
        p.pay(step)?;
        let offset = if backwards { count - done - step } else { done };
        p.heap.copy_bytes((to, to_at + offset), (from, from_at + offset), step);
        p.set_done(done + step);
    }
    p.end_bulk();
    Ok(())
}

/// Compares `count` bytes of two payloads: -1, 0 or 1.
pub(super) fn compare_payload(
    p: &mut Process,
    (x, x_at): (u32, usize),
    (y, y_at): (u32, usize),
    count: usize,
) -> Result<i64, Fault> {
    while p.done() < count {
        let done = p.done();
        let step = (count - done).min(STEP_BYTES);
        p.pay(step)?;
        let end = done + step;
        let order =
            p.heap.payload(x, x_at + end)[x_at + done..].cmp(&p.heap.payload(y, y_at + end)[y_at + done..]);
        if order.is_ne() {
            p.end_bulk();
            return Ok(order as i64);
        }
        p.set_done(end);
    }
    p.end_bulk();
    Ok(0)
}

/// The hash of a byte string: XXH3 of each 64 KiB, seeded with the hash of what is before.
pub(crate) fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    bytes.chunks(STEP_BYTES).fold(seed, |hash, chunk| xxhash_rust::xxh3::xxh3_64_with_seed(chunk, hash))
}

/// The same of an object, in steps.
pub(super) fn hash_object(p: &mut Process, object: u32) -> Result<u64, Fault> {
    let total = p.heap.length(object) as usize;
    while p.done() < total {
        let done = p.done();
        let step = (total - done).min(STEP_BYTES);
        p.pay(step)?;
        p.resume.words[1] = hash_bytes(p.resume.words[1], &p.heap.payload(object, done + step)[done..]);
        p.set_done(done + step);
    }
    let hash = p.resume.words[1];
    p.end_bulk();
    Ok(hash)
}

/// First (or last) position of `needle` in `hay` that is at least `from`.
pub(super) fn find(
    p: &mut Process,
    hay: u32,
    needle: u32,
    from: usize,
    last: bool,
) -> Result<Option<usize>, Fault> {
    let fits = from + p.heap.length(needle) as usize <= p.heap.length(hay) as usize;
    let found = if fits { next_match(p, hay, needle, from, last)? } else { None };
    p.end_bulk();
    Ok(found)
}

/// The next position of `needle` in `hay`, which has room for it behind `from`.
///
/// Candidates are looked for by the first step of the needle, whose rest is then compared in steps. Only what was
/// looked at is paid for, so that finding many near matches one after the other costs what their distance costs.
/// Progress is all in `words[0]`: candidates done with in the low half, bytes that match at the next one in the high.
pub(super) fn next_match(
    p: &mut Process,
    hay: u32,
    needle: u32,
    from: usize,
    last: bool,
) -> Result<Option<usize>, Fault> {
    let (total, wanted) = (p.heap.length(hay) as usize, p.heap.length(needle) as usize);
    let head = wanted.min(STEP_BYTES);
    // Candidates are `from ..= from + rest`.
    let rest = total - from - wanted;
    loop {
        let (done, matched) = (p.resume.words[0] as u32 as usize, (p.resume.words[0] >> 32) as usize);
        if done > rest {
            return Ok(None);
        }
        if matched > 0 {
            let at = if last { from + rest - done } else { from + done };
            if matched == wanted {
                return Ok(Some(at));
            }
            let step = (wanted - matched).min(STEP_BYTES);
            p.pay(step)?;
            let equal = p.heap.bytes(hay)[at + matched..][..step] == p.heap.bytes(needle)[matched..][..step];
            p.resume.words[0] = if equal { progress(done, matched + step) } else { progress(done + 1, 0) };
            continue;
        }
        let step = (rest + 1 - done).min(STEP_BYTES);
        let start = if last { from + rest + 1 - done - step } else { from + done };
        let window = &p.heap.bytes(hay)[start..start + step - 1 + head];
        let head_bytes = &p.heap.bytes(needle)[..head];
        let (found, looked) = if last {
            let found = memchr::memmem::rfind(window, head_bytes);
            (found.map(|at| step - 1 - at), window.len() - found.unwrap_or(0))
        } else {
            let found = memchr::memmem::find(window, head_bytes);
            (found, found.map_or(window.len(), |at| at + head))
        };
        p.pay(looked)?;
        match found {
            Some(passed) if head == wanted => {
                return Ok(Some(if last { start + step - 1 - passed } else { start + passed }));
            }
            Some(passed) => p.resume.words[0] = progress(done + passed, head),
            None => p.resume.words[0] = progress(done + step, 0),
        }
    }
}

fn progress(done: usize, matched: usize) -> u64 {
    done as u64 | (matched as u64) << 32
}
