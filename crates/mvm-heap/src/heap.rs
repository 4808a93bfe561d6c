//! Allocation and access.

use mvm_isa::TypeId;

use crate::layout::{Header, Layout, Layouts, flags};

/// Words at the start of every heap: the empty object that null refers to.
pub(crate) const SENTINEL_WORDS: usize = 2;
/// Words of the smallest space.
const SPACE_WORDS_MIN: usize = 64;
/// A space smaller than this grows instead of being collected.
pub(crate) const COLLECT_WORDS_MIN: usize = 32 * 1024;
/// Smallest distance between two judgements of the limit, in words.
const JUDGE_WORDS_MIN: u64 = 8 * 1024;
/// Words beyond the limit that the machine may use to make the objects of caught traps.
const RESERVE_WORDS: usize = 8 * 1024;

/// Sizes a heap must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest size of all live objects together, in words.
    pub heap_words: u64,
    /// Collect at every so many allocations, moving everything; 0 for only when needed.
    pub stress: u32,
}

impl Default for Limits {
    /// 1 GiB, no stress.
    fn default() -> Limits {
        Limits { heap_words: 1 << 27, stress: 0 }
    }
}

/// Why there is no new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllocError {
    /// A collection has to run first; then ask again.
    Collect,
    /// The limit leaves no room: the size asked for and the limit, in bytes.
    Limit {
        /// Bytes asked for.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
}

/// What a heap has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeapStats {
    /// Collections.
    pub collections: u64,
    /// Words copied by collections.
    pub copied_words: u64,
    /// Words that were live after the last collection.
    pub live_words: u64,
}

/// The heap of one process.
#[derive(Debug, Clone)]
pub struct Heap {
    /// All words; those from `top` on are 0.
    pub(crate) words: Vec<u64>,
    /// First free word.
    pub(crate) top: usize,
    /// Allocations up to here need no look at limits or stress: `top + size <= end`.
    end: usize,
    /// `top` when `allocated_base` was taken.
    top_base: usize,
    /// Words allocated in the life of the heap, as of `top_base`.
    allocated_base: u64,
    /// The limit is judged when the number of allocated words passes this.
    judge_at: u64,
    limits: Limits,
    /// Allocations until the next stress collection; counts down.
    stress_left: u32,
    /// Words that had been allocated when a collection was last asked for. The request that asked comes back with the
    /// same number; it may also be served without a look at this field, so the number, not a flag, tells it apart.
    collected_at: Option<u64>,
    stats: HeapStats,
}

impl Heap {
    /// An empty heap.
    pub fn new(limits: Limits) -> Heap {
        let mut heap = Heap {
            words: vec![0; SENTINEL_WORDS],
            top: SENTINEL_WORDS,
            end: 0,
            top_base: SENTINEL_WORDS,
            allocated_base: 0,
            judge_at: 0,
            limits,
            stress_left: limits.stress,
            collected_at: None,
            stats: HeapStats::default(),
        };
        heap.judge_at = heap.judge_step();
        heap.set_end();
        heap
    }

    fn judge_step(&self) -> u64 {
        (self.limits.heap_words / 8).max(JUDGE_WORDS_MIN)
    }

    fn set_end(&mut self) {
        // An object above the limit always takes the slow way, where it is refused.
        let unjudged = (self.judge_at - self.allocated_words()).saturating_sub(1).min(self.limits.heap_words);
        let judged = self.top.saturating_add(usize::try_from(unjudged).unwrap_or(usize::MAX));
        self.end = if self.limits.stress > 0 { 0 } else { self.words.len().min(judged) };
    }

    /// Words allocated since the heap was made. Does not depend on collections.
    pub fn allocated_words(&self) -> u64 {
        self.allocated_base + (self.top - self.top_base) as u64
    }

    /// Words in use, garbage included.
    pub fn used_words(&self) -> usize {
        self.top
    }

    /// What the heap has done.
    pub fn stats(&self) -> HeapStats {
        self.stats
    }

    /// The limits it keeps.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// A new object with `payload_words` words of zeros behind its header.
    ///
    /// # Errors
    /// [`AllocError::Collect`] when a collection has to run first (at most once per request), [`AllocError::Limit`]
    /// when the limit leaves no room.
    #[inline]
    pub fn alloc(&mut self, header: Header, payload_words: usize) -> Result<u32, AllocError> {
        let size = payload_words + 1;
        if self.top + size <= self.end {
            let at = self.top;
            self.words[at] = header.0;
            self.top += size;
            return Ok(at as u32);
        }
        self.alloc_slow(header, size, 0)
    }

    /// The same for the machine's own needs: may pass the limit by a reserve.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    pub fn alloc_reserved(&mut self, header: Header, payload_words: usize) -> Result<u32, AllocError> {
        self.alloc_slow(header, payload_words + 1, RESERVE_WORDS as u64)
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&mut self, header: Header, size: usize, reserve: u64) -> Result<u32, AllocError> {
        let limit = self.limits.heap_words.saturating_add(reserve);
        let collected = self.collected_at == Some(self.allocated_words());
        let too_large = AllocError::Limit { bytes: size as u64 * 8, limit: self.limits.heap_words * 8 };
        if size as u64 > limit || self.top.saturating_add(size) > u32::MAX as usize && collected {
            self.collected_at = None;
            return Err(too_large);
        }
        if self.limits.stress > 0 && !collected {
            self.stress_left = self.stress_left.saturating_sub(1);
            if self.stress_left == 0 {
                self.stress_left = self.limits.stress;
                return self.ask_to_collect();
            }
        }
        let judge = self.allocated_words() + size as u64 >= self.judge_at;
        if judge && (self.top + size) as u64 > limit {
            if !collected {
                return self.ask_to_collect();
            }
            self.collected_at = None;
            return Err(too_large);
        }
        if self.top + size > self.words.len() {
            if !collected && self.top > (2 * self.stats.live_words as usize).max(COLLECT_WORDS_MIN) {
                return self.ask_to_collect();
            }
            let wanted = (self.top + size).max(self.words.len() * 2).max(SPACE_WORDS_MIN);
            if !self.grow(wanted) && !self.grow(self.top + size) {
                if !collected {
                    return self.ask_to_collect();
                }
                self.collected_at = None;
                return Err(too_large);
            }
        }
        self.collected_at = None;
        let at = self.top;
        self.words[at] = header.0;
        self.top += size;
        if judge {
            let step = self.judge_step();
            self.judge_at = (self.allocated_words() / step + 1) * step;
        }
        self.set_end();
        Ok(at as u32)
    }

    fn ask_to_collect(&mut self) -> Result<u32, AllocError> {
        self.collected_at = Some(self.allocated_words());
        Err(AllocError::Collect)
    }

    fn grow(&mut self, words: usize) -> bool {
        let words = words.min(u32::MAX as usize);
        let more = words.saturating_sub(self.words.len());
        if words < self.top || self.words.try_reserve_exact(more).is_err() {
            return false;
        }
        self.words.resize(words, 0);
        true
    }

    /// Replaces the space by a collected one.
    pub(crate) fn adopt(&mut self, words: Vec<u64>, top: usize) {
        self.allocated_base = self.allocated_words();
        self.stats.collections += 1;
        self.stats.copied_words += top as u64;
        self.stats.live_words = top as u64;
        self.words = words;
        self.top = top;
        self.top_base = top;
        self.set_end();
    }

    /// The header of an object (of the empty object for null).
    #[inline(always)]
    pub fn header(&self, object: u32) -> Header {
        Header(self.words[object as usize])
    }

    /// Length in the unit of the class; 0 for null.
    #[inline(always)]
    pub fn length(&self, object: u32) -> u32 {
        self.header(object).length()
    }

    /// Class of an object.
    #[inline(always)]
    pub fn class(&self, object: u32) -> TypeId {
        self.header(object).class()
    }

    /// Word `index` of the payload.
    #[inline(always)]
    pub fn word(&self, object: u32, index: usize) -> u64 {
        self.words[object as usize + 1 + index]
    }

    /// Sets word `index` of the payload.
    #[inline(always)]
    pub fn set_word(&mut self, object: u32, index: usize, value: u64) {
        self.words[object as usize + 1 + index] = value;
    }

    /// The reference at offset `half` (in units of 4 bytes) of the payload.
    #[inline(always)]
    pub fn reference(&self, object: u32, half: usize) -> u32 {
        (self.words[object as usize + 1 + half / 2] >> (32 * (half % 2))) as u32
    }

    /// Sets the reference at offset `half` of the payload.
    #[inline(always)]
    pub fn set_reference(&mut self, object: u32, half: usize, value: u32) {
        let word = &mut self.words[object as usize + 1 + half / 2];
        let shift = 32 * (half % 2);
        *word = *word & !(0xffff_ffff << shift) | u64::from(value) << shift;
    }

    /// The first `count` bytes of the payload.
    #[inline]
    pub fn payload(&self, object: u32, count: usize) -> &[u8] {
        let start = object as usize + 1;
        &bytemuck::cast_slice(&self.words[start..start + count.div_ceil(8)])[..count]
    }

    /// The first `count` bytes of the payload, to be changed.
    #[inline]
    pub fn payload_mut(&mut self, object: u32, count: usize) -> &mut [u8] {
        let start = object as usize + 1;
        &mut bytemuck::cast_slice_mut(&mut self.words[start..start + count.div_ceil(8)])[..count]
    }

    /// Copies bytes between payloads; inside one object the ranges may overlap.
    #[inline]
    pub fn copy_bytes(&mut self, (to, to_at): (u32, usize), (from, from_at): (u32, usize), count: usize) {
        let words: &mut [u8] = bytemuck::cast_slice_mut(&mut self.words);
        let source = (from as usize + 1) * 8 + from_at;
        words.copy_within(source..source + count, (to as usize + 1) * 8 + to_at);
    }

    /// The bytes of a string, byte string or block.
    #[inline]
    pub fn bytes(&self, object: u32) -> &[u8] {
        self.payload(object, self.length(object) as usize)
    }

    /// Frees a block: its length becomes 0. False when it was free already.
    pub fn free(&mut self, block: u32) -> bool {
        let header = self.header(block);
        if header.flags() & flags::FREED != 0 {
            return false;
        }
        self.words[block as usize] = Header::new(header.class(), 0).with_flags(flags::FREED).0;
        true
    }

    /// Pointer parts for executors that allocate and access inline: the words, the first free word and the end of
    /// the part that needs no look at limits.
    #[inline(always)]
    pub fn raw_parts(&mut self) -> (&mut [u64], &mut usize, usize) {
        (&mut self.words, &mut self.top, self.end)
    }

    /// Checks that the header and all references of every reachable object are sound.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn check(&self, layouts: &Layouts, roots: &[u32]) -> Result<(), String> {
        let mut seen = vec![false; self.top];
        let mut work: Vec<u32> = roots.to_vec();
        while let Some(object) = work.pop() {
            let at = object as usize;
            if object == 0 {
                continue;
            }
            if at < SENTINEL_WORDS || at >= self.top {
                return Err(format!("reference {at} is outside the heap of {} words", self.top));
            }
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let header = self.header(object);
            if header.class().index() >= layouts.len() || matches!(layouts.get(header.class()), Layout::None)
            {
                return Err(format!("object {at} has the unknown class {}", header.class().0));
            }
            if at + 1 + layouts.payload_words(header) > self.top {
                return Err(format!("object {at} with length {} reaches past the end", header.length()));
            }
            self.each_reference(layouts, object, |half| work.push(self.reference(object, half)));
        }
        Ok(())
    }

    /// Calls `visit` with the offset (in units of 4 bytes) of every reference in the payload.
    pub fn each_reference(&self, layouts: &Layouts, object: u32, mut visit: impl FnMut(usize)) {
        let header = self.header(object);
        match layouts.get(header.class()) {
            Layout::Data { .. } | Layout::None => {}
            Layout::Refs => (0..header.length() as usize).for_each(visit),
            Layout::Object { refs, .. } => refs.iter().for_each(|&half| visit(usize::from(half))),
            Layout::Closure => {
                let word = self.word(object, 0);
                for k in 0..usize::from(crate::layout::closure::bound(word)) {
                    if crate::layout::closure::refs(word) >> k & 1 == 1 {
                        visit(2 * (k + 1));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AllocError, Heap, Limits};
    use crate::layout::{Header, Layouts};
    use mvm_isa::TypeId;

    /// Makes an object; `live` is all that is alive.
    fn text(heap: &mut Heap, words: usize, live: &mut [u32]) -> Result<u32, AllocError> {
        let header = Header::new(TypeId::STR, words as u32 * 8);
        match heap.alloc(header, words) {
            Err(AllocError::Collect) => {
                assert!(heap.collect(&Layouts::new(64), live));
                heap.alloc(header, words)
            }
            other => other,
        }
    }

    #[test]
    fn garbage_never_counts_against_the_limit() {
        // Little is ever alive, so every request for most of the limit is served. A collection that was
        // asked for in order to avoid growing must not pass for one that judged the limit.
        for seed in 1..100u64 {
            let mut heap = Heap::new(Limits { heap_words: 12_000, stress: 0 });
            let mut live = [text(&mut heap, 500, &mut []).unwrap()];
            let mut state = seed;
            for round in 0..200 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let most = if state >> 63 == 0 { 400 } else { 11_000 };
                let size = 1 + (state >> 33) as usize % most;
                assert!(
                    text(&mut heap, size, &mut live).is_ok(),
                    "seed {seed}: {size} words in round {round}"
                );
            }
        }
    }
}
