//! Allocation: the frequent case is a bump of `top`; everything else is decided here, limits included.
//!
//! The limit is judged where the number of allocated words passes a multiple of an eighth of the limit: what is in use
//! is then above the limit or not, and if it is, a full collection says what is live. So the trap comes at the same
//! allocation under every collector: garbage never counts, and how much of it there is does not matter.

use mvm_mem::{CHUNK_WORDS_MAX, Memory};

use crate::heap::{AllocError, Due, Heap, SENTINEL_WORDS};
use crate::layout::Header;
use crate::options::Options;
use crate::policy::{Facts, Plan, policy};
use crate::stats::Reason;

/// Smallest distance between two judgements of the limit, in words.
const JUDGE_WORDS_MIN: u64 = 8 * 1024;
/// Words of the smallest heap that is not empty: 512 bytes.
const HEAP_WORDS_MIN: usize = 64;
/// Words beyond the limit that the machine may use to make the objects of caught traps.
const RESERVE_WORDS: u64 = 8 * 1024;
/// Address space beyond what the limit asks for, in words.
const SLACK_WORDS: u64 = 1 << 20;

/// Words of address space for a heap whose old objects begin at `old_start`: it never has to move.
pub(crate) fn reserve_words(options: &Options, old_start: usize) -> usize {
    let most = options.limit_words / 4 * 5 + old_start as u64 * 2 + RESERVE_WORDS + SLACK_WORDS;
    most.min(u64::from(u32::MAX)) as usize
}

/// A request for an object.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Want {
    /// Its words in the heap, the header included.
    pub(crate) size: usize,
    /// Words outside the heap that it is charged for.
    pub(crate) external: usize,
    /// Words by which it may pass the limit.
    pub(crate) reserve: u64,
    /// It may go between other objects.
    pub(crate) holes: bool,
}

impl Want {
    fn charge(&self) -> usize {
        self.size + self.external
    }
}

impl Heap {
    pub(crate) fn judge_step(&self) -> u64 {
        (self.options.limit_words / 8).max(JUDGE_WORDS_MIN)
    }

    /// End of the space for new objects.
    fn space_end(&self) -> usize {
        match *self.young {
            // What survives must find room in the old space; without it nothing new can be made.
            Some(young) if self.old_top + young.promotion_words() > self.memory.len() => self.top,
            Some(young) => young.nursery + young.nursery_words,
            None => self.flat_end,
        }
    }

    pub(crate) fn set_end(&mut self) {
        // An object above the limit always takes the slow way, where it is refused.
        let unjudged = (self.judge_at - self.allocated_words()).saturating_sub(1);
        let unjudged = unjudged.min(self.options.limit_words).min(self.large_words() as u64 - 1);
        let judged = self.top.saturating_add(usize::try_from(unjudged).unwrap_or(usize::MAX));
        self.end = if self.options.stress > 0 { 0 } else { self.space_end().min(judged) };
    }

    /// Objects of at least so many words are born old.
    fn large_words(&self) -> usize {
        self.young.map_or(usize::MAX, |young| young.large_words)
    }

    /// A new object with `payload_words` words of zeros behind its header.
    ///
    /// # Errors
    /// [`AllocError::Collect`] when a collection has to run first (at most twice per request), [`AllocError::Limit`]
    /// when the limit leaves no room.
    #[inline]
    pub fn alloc(&mut self, header: Header, payload_words: usize) -> Result<u32, AllocError> {
        let size = payload_words + 1;
        if self.top + size <= self.end {
            let at = self.top;
            self.memory[at] = header.0;
            self.top += size;
            return Ok(at as u32);
        }
        self.alloc_slow(header, Want { size, ..Want::default() })
    }

    /// The same for a block, which may go where another has been freed.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    pub fn alloc_block(&mut self, header: Header, payload_words: usize) -> Result<u32, AllocError> {
        if self.hole_words() > payload_words {
            return self.alloc_slow(header, Want { size: payload_words + 1, holes: true, ..Want::default() });
        }
        self.alloc(header, payload_words)
    }

    /// The same for the machine's own needs: may pass the limit by a reserve. What is in use can be above the limit already,
    /// by the distance of two judgements.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    pub fn alloc_reserved(&mut self, header: Header, payload_words: usize) -> Result<u32, AllocError> {
        let reserve = self.judge_step() + RESERVE_WORDS;
        self.alloc_slow(header, Want { size: payload_words + 1, reserve, ..Want::default() })
    }

    /// The collection that was asked for this request, and whether it was a full one.
    fn asked(&self) -> Option<(u64, bool)> {
        self.asked.filter(|&(allocated, _)| allocated == self.allocated_words())
    }

    pub(crate) fn asked_full(&self) -> bool {
        self.asked().is_some_and(|(_, full)| full)
    }

    fn too_large(&mut self, want: Want) -> AllocError {
        self.asked = None;
        AllocError::Limit { bytes: want.charge() as u64 * 8, limit: self.options.limit_words * 8 }
    }

    /// The host has no memory: a full collection may help once.
    pub(crate) fn host_refuses<T>(&mut self, want: Want, asked_full: bool) -> Result<T, AllocError> {
        if asked_full { Err(self.too_large(want)) } else { self.ask(true, Reason::Host, want.size) }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn alloc_slow(&mut self, header: Header, want: Want) -> Result<u32, AllocError> {
        let limit = self.options.limit_words.saturating_add(want.reserve);
        let asked = self.asked();
        let size = want.size;
        if want.charge() as u64 > limit {
            return Err(self.too_large(want));
        }
        if self.options.stress > 0 && asked.is_none() {
            self.stress_left = self.stress_left.saturating_sub(1);
            if self.stress_left == 0 {
                self.stress_left = self.options.stress;
                return self.ask(false, Reason::Asked, size);
            }
        }
        let judge = self.allocated_words() + want.charge() as u64 >= self.judge_at;
        if judge && (self.used_words() + want.charge()) as u64 > limit {
            if !self.asked_full() {
                return self.ask(true, Reason::Limit, size);
            }
            return Err(self.too_large(want));
        }
        if want.external > 0
            && asked.is_none()
            && let Some(full) = self.external_due(want.external)
        {
            return self.ask(full, Reason::Buffers, size);
        }
        let Some(at) = self.place(size, want.holes, asked)? else { return Err(self.too_large(want)) };
        self.asked = None;
        self.memory[at] = header.0;
        self.allocated_base += want.external as u64;
        if judge {
            let step = self.judge_step();
            self.judge_at = (self.allocated_words() / step + 1) * step;
        }
        self.set_end();
        Ok(at as u32)
    }

    /// Finds room for an object; it is counted, and its payload is 0. None when the host has no room.
    fn place(
        &mut self,
        size: usize,
        holes: bool,
        asked: Option<(u64, bool)>,
    ) -> Result<Option<usize>, AllocError> {
        if holes && let Some(at) = self.place_in_hole(size) {
            return Ok(Some(at));
        }
        if size >= self.large_words() {
            return self.place_old(size, asked.is_some_and(|(_, full)| full));
        }
        if self.young.is_none() && self.top + size > self.flat_end {
            let facts = self.facts(size);
            match policy(self.options.gc).when_full(&facts) {
                Plan::Collect if asked.is_none() => return self.ask(true, Reason::Full, size),
                Plan::Grow(words) if self.grow_flat(self.top + size, words) => {}
                // What a collection left does not suffice. With room for more than the request, the next collection is not
                // the next allocation; pages that are not used cost nothing.
                _ if self.grow_flat(self.top + size, self.top + size + facts.used / 8) => {}
                _ if !asked.is_some_and(|(_, full)| full) => return self.ask(true, Reason::Host, size),
                _ => return Ok(None),
            }
        }
        if self.top + size > self.space_end() {
            return match asked {
                None => self.ask(false, Reason::Full, size),
                Some((_, false)) => self.ask(true, Reason::Host, size),
                Some((_, true)) => Ok(None),
            };
        }
        let at = self.top;
        self.top += size;
        if self.options.stress > 0 {
            self.memory[at..at + size].fill(0);
        }
        Ok(Some(at))
    }

    fn place_in_hole(&mut self, size: usize) -> Option<usize> {
        let found = match self.young_holes.take(&mut self.memory, size) {
            Some(at) => at,
            None => self.holes.take(&mut self.memory, size)?,
        };
        // A hole of at least two words is taken even for one: the second stays behind as free words.
        if size == 1 {
            let holes = if found < self.old_start { &mut self.young_holes } else { &mut self.holes };
            holes.add(&mut self.memory, found + 1, 1);
        }
        self.memory[found..found + size].fill(0);
        self.allocated_base += size as u64;
        Some(found)
    }

    /// Room for a large object in the old space of a split heap.
    fn place_old(&mut self, size: usize, collected: bool) -> Result<Option<usize>, AllocError> {
        if let Some(at) = self.holes.take(&mut self.memory, size) {
            self.memory[at..at + size].fill(0);
            self.allocated_base += size as u64;
            self.note_new(at);
            return Ok(Some(at));
        }
        let promotion = self.young.map_or(0, |young| young.promotion_words());
        if self.old_words() + size > self.threshold && !collected {
            return self.ask(true, Reason::OldGrown, size);
        }
        if !self.ensure_len(self.old_top + size + promotion) {
            return if collected { Ok(None) } else { self.ask(true, Reason::Host, size) };
        }
        let at = self.old_top;
        self.old_top += size;
        let dirty = self.clean_from.clamp(at, at + size);
        self.memory[at..dirty].fill(0);
        self.clean_from = self.clean_from.max(self.old_top);
        self.allocated_base += size as u64;
        self.note_new(at);
        Ok(Some(at))
    }

    /// A new old object has no barrier yet, so it counts as one that refers to young objects.
    fn note_new(&mut self, at: usize) {
        self.remembered.note(at as u32, self.old_top - self.old_start);
    }

    fn ask<T>(&mut self, full: bool, reason: Reason, request: usize) -> Result<T, AllocError> {
        self.asked = Some((self.allocated_words(), full));
        self.due = Due { full, reason, request };
        Err(AllocError::Collect)
    }

    /// What a policy may look at.
    pub(crate) fn facts(&self, request: usize) -> Facts {
        Facts {
            used: self.used_words() - self.externals.words(),
            live: self.stats.live_words as usize - self.externals.live_words(),
            external: self.externals.words(),
            capacity: if self.young.is_some() { self.memory.len() } else { self.flat_end },
            request,
            collections: self.stats.full,
        }
    }

    /// Makes the flat space `wanted` words long, or as long as it can be, but at least `least`.
    pub(crate) fn grow_flat(&mut self, least: usize, wanted: usize) -> bool {
        let least = least.max(SENTINEL_WORDS);
        let wanted = wanted.max(least);
        // A range grows in place if it can at all: while a heap is copied, there are two of it.
        let in_place = |heap: &mut Heap, words| heap.memory.is_range() && heap.memory.grow(words).is_ok();
        let grown = [wanted, least].into_iter().find(|&words| in_place(self, words));
        let grown = grown.or_else(|| [wanted, least].into_iter().find(|&words| self.ensure_len(words)));
        let Some(words) = grown else { return false };
        self.flat_end = if self.memory.is_range() { words } else { self.memory.len() };
        true
    }

    /// Makes the memory at least so many words long.
    pub(crate) fn ensure_len(&mut self, words: usize) -> bool {
        if words > u32::MAX as usize {
            return false;
        }
        if self.memory.grow(words).is_ok() {
            return true;
        }
        let Some(mut memory) = new_memory(words, &self.options, self.old_start) else { return false };
        let known = self.memory.len();
        memory[..known].copy_from_slice(&self.memory);
        self.memory = memory;
        true
    }
}

/// Memory for a heap: a chunk while it is small, a range that grows in place when it is large.
pub(crate) fn new_memory(words: usize, options: &Options, old_start: usize) -> Option<Memory> {
    if words <= CHUNK_WORDS_MAX {
        return Memory::new(words.max(HEAP_WORDS_MIN)).ok();
    }
    let reserve = reserve_words(options, old_start).max(words);
    Memory::range(words, reserve).or_else(|_| Memory::range(words, words)).ok()
}
