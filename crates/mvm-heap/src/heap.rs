//! The heap of one process: where objects are, and access to them.
//!
//! A heap begins *flat*: one space in which new objects are put one behind the other. A generational heap that has
//! become large is *split*: the young region (two survivor spaces and the nursery) in front, the old space behind it.
//!
//! ```text
//! flat    | empty object | objects ... top | free ...                                                |
//! split   | empty object | survivors A | survivors B | nursery ... top | free | old objects ... | free |
//!                                                                     old_start           old_top
//! ```
//!
//! An object is young when its index is below `old_start`. In a flat heap nothing is young, so that stores need no care.

use mvm_isa::TypeId;
use mvm_mem::Memory;

use crate::external::{Externals, Slot};
use crate::followed::Followed;
use crate::holes::Holes;
use crate::layout::{Header, Layouts, flags};
use crate::options::Options;
use crate::rare::{Empty, Rare};
use crate::remembered::{CARD_REFS, Cards, Remembered};
use crate::stats::{HeapStats, Reason};

/// Words at the start of every heap: the empty object that null refers to.
pub(crate) const SENTINEL_WORDS: usize = 2;
/// What is written over places that objects have left, in stress runs.
pub(crate) const POISON: u64 = 0xdead_beef_dead_beef;
/// The words of a heap that has no memory yet: the empty object that null refers to. Executors that access words
/// without bounds checks use it as the heap until then.
pub static NOTHING: [u64; SENTINEL_WORDS] = [0; SENTINEL_WORDS];

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

/// The collection that has to run next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Due {
    pub(crate) full: bool,
    pub(crate) reason: Reason,
    /// Words of the object that is to be made afterwards.
    pub(crate) request: usize,
}

/// The young region of a split heap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Young {
    /// Words of each survivor space.
    pub(crate) survivor_words: usize,
    /// First word of the survivor space that is in use: what is in it has survived one collection.
    pub(crate) from: usize,
    /// End of what is in it.
    pub(crate) from_top: usize,
    /// First word of the nursery.
    pub(crate) nursery: usize,
    /// Words of the nursery that are used before a collection; adapts to survival.
    pub(crate) nursery_words: usize,
    /// Objects of at least so many words are born old.
    pub(crate) large_words: usize,
    /// Words that the last young collection moved to the old space.
    pub(crate) promoted: usize,
    /// Largest value of `nursery_words`.
    pub(crate) nursery_words_max: usize,
}

impl Young {
    /// First word of the other survivor space.
    pub(crate) fn to(&self) -> usize {
        let first = self.nursery - 2 * self.survivor_words;
        if self.from == first { first + self.survivor_words } else { first }
    }

    /// Most words that a young collection can move to the old space.
    pub(crate) fn promotion_words(&self) -> usize {
        self.nursery_words + self.survivor_words
    }
}

impl Empty for Option<Young> {
    fn empty() -> &'static Option<Young> {
        &None
    }
}

impl Empty for Holes {
    fn empty() -> &'static Holes {
        static EMPTY: Holes = Holes::new();
        &EMPTY
    }
}

impl Empty for Remembered {
    fn empty() -> &'static Remembered {
        static EMPTY: Remembered = Remembered::new();
        &EMPTY
    }
}

impl Empty for HeapStats {
    fn empty() -> &'static HeapStats {
        static EMPTY: HeapStats = HeapStats::new();
        &EMPTY
    }
}

/// The heap of one process.
#[derive(Debug)]
pub struct Heap {
    pub(crate) memory: Memory,
    /// First free word of the space for new objects; in a split heap that is the nursery. In a flat heap and in the
    /// nursery all words from here on are 0, except in stress runs.
    pub(crate) top: usize,
    /// Allocations up to here need no look at limits or stress: `top + size <= end`.
    pub(crate) end: usize,
    /// End of the space of a flat heap; the memory may be longer.
    pub(crate) flat_end: usize,
    /// Objects below this index are young.
    pub(crate) old_start: usize,
    /// End of the old objects of a split heap.
    pub(crate) old_top: usize,
    /// Words from here on have never been used, or have been given back since: they are 0.
    pub(crate) clean_from: usize,
    pub(crate) young: Rare<Option<Young>>,
    /// Free words between old objects, and between those in the space for new objects of a split heap.
    pub(crate) holes: Rare<Holes>,
    pub(crate) young_holes: Rare<Holes>,
    pub(crate) remembered: Rare<Remembered>,
    /// The old (or only) space may grow to so many words before the next full collection.
    pub(crate) threshold: usize,
    /// Words allocated in the life of the heap, up to `top_base`.
    pub(crate) allocated_base: u64,
    pub(crate) top_base: usize,
    /// The limit is judged when the number of allocated words passes this.
    pub(crate) judge_at: u64,
    pub(crate) options: Options,
    /// Allocations until the next stress collection; counts down.
    pub(crate) stress_left: u32,
    /// Words that had been allocated when a collection was last asked for, and whether it was a full one. The request
    /// that asked comes back with the same number; it may also be served without a look at this field, so the number,
    /// not a flag, tells it apart.
    pub(crate) asked: Option<(u64, bool)>,
    pub(crate) due: Due,
    pub(crate) stats: Rare<HeapStats>,
    pub(crate) externals: Externals,
    pub(crate) followed: Option<Box<Followed>>,
    #[cfg(feature = "planted-bugs")]
    pub(crate) planted: Option<crate::planted::Planted>,
}

impl Heap {
    /// An empty heap. It takes memory with the first allocation.
    #[inline]
    pub fn new(options: Options) -> Heap {
        let mut heap = Heap {
            memory: Memory::empty(),
            top: SENTINEL_WORDS,
            end: 0,
            flat_end: 0,
            old_start: SENTINEL_WORDS,
            old_top: SENTINEL_WORDS,
            clean_from: SENTINEL_WORDS,
            young: Rare::new(),
            holes: Rare::new(),
            young_holes: Rare::new(),
            remembered: Rare::new(),
            threshold: 0,
            allocated_base: 0,
            top_base: SENTINEL_WORDS,
            judge_at: 0,
            options,
            stress_left: options.stress,
            asked: None,
            due: Due::default(),
            stats: Rare::new(),
            externals: Externals::default(),
            followed: None,
            #[cfg(feature = "planted-bugs")]
            planted: None,
        };
        heap.judge_at = heap.judge_step();
        heap
    }

    /// Words allocated since the heap was made. Does not depend on collections.
    #[inline]
    pub fn allocated_words(&self) -> u64 {
        self.allocated_base + (self.top - self.top_base) as u64
    }

    /// Words in use by objects, garbage included, holes not.
    pub fn used_words(&self) -> usize {
        let new = match &*self.young {
            Some(young) => self.top - young.nursery + young.from_top - young.from,
            None => self.top - SENTINEL_WORDS,
        };
        new + (self.old_top - self.old_start) + self.externals.words()
            - self.holes.words()
            - self.young_holes.words()
    }

    /// Words of old objects of a split heap, garbage and what they hold outside included.
    pub(crate) fn old_words(&self) -> usize {
        self.old_top - self.old_start + self.externals.old_words()
    }

    /// Every reference is below this index.
    pub fn index_bound(&self) -> usize {
        self.memory.len().max(SENTINEL_WORDS)
    }

    /// Words of host memory that hold objects or will without being asked for again.
    #[inline]
    pub fn held_words(&self) -> usize {
        let inside = match &*self.young {
            Some(young) => {
                let survivors = 2 * young.survivor_words;
                SENTINEL_WORDS + survivors + young.nursery_words + self.clean_from.max(self.old_top)
                    - self.old_start
            }
            None if self.memory.is_range() => self.flat_end,
            None => self.memory.len(),
        };
        inside + self.externals.words()
    }

    /// Words of free space between old objects.
    pub fn hole_words(&self) -> usize {
        self.holes.words() + self.young_holes.words()
    }

    /// What the heap has done.
    pub fn stats(&self) -> HeapStats {
        *self.stats
    }

    /// The options it was made with.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Whether a reference is to a young object.
    #[inline(always)]
    pub(crate) fn is_young(&self, object: u32) -> bool {
        object != 0 && (object as usize) < self.old_start
    }

    #[inline(always)]
    fn words(&self) -> &[u64] {
        // Null refers to the empty object even before there is any memory.
        if self.memory.is_empty() { &NOTHING } else { &self.memory }
    }

    /// The header of an object (of the empty object for null).
    #[inline(always)]
    pub fn header(&self, object: u32) -> Header {
        Header(self.words()[object as usize])
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
        self.memory[object as usize + 1 + index]
    }

    /// Sets word `index` of the payload, which holds no reference.
    #[inline(always)]
    pub fn set_word(&mut self, object: u32, index: usize, value: u64) {
        self.memory[object as usize + 1 + index] = value;
    }

    /// The reference at offset `half` (in units of 4 bytes) of the payload.
    #[inline(always)]
    pub fn reference(&self, object: u32, half: usize) -> u32 {
        reference(&self.memory, object as usize, half)
    }

    /// Sets the reference at offset `half` of the payload.
    #[inline(always)]
    pub fn set_reference(&mut self, object: u32, half: usize, value: u32) {
        set_reference(&mut self.memory, object as usize, half, value);
        if self.header(object).has(flags::BARRIER) && self.is_young(value) {
            self.remember(object, half);
        }
    }

    /// Notes that an old object with the flag `BARRIER` refers to a young one at offset `half`.
    #[cold]
    #[inline(never)]
    fn remember(&mut self, object: u32, half: usize) {
        if self.has_bug(crate::planted::Planted::MissedBarrier) {
            return;
        }
        let header = self.header(object);
        if header.has(flags::CARDED) && self.remembered.cards.insert(Cards::key(object, half / CARD_REFS)) {
            return;
        }
        self.memory[object as usize] = header.without(flags::BARRIER).0;
        self.remembered.note(object, self.old_top - self.old_start);
    }

    /// The first `count` bytes of the payload.
    #[inline]
    pub fn payload(&self, object: u32, count: usize) -> &[u8] {
        if count == 0 {
            return &[];
        }
        if self.header(object).has(flags::EXTERNAL) {
            return &self.external(object)[..count];
        }
        let start = object as usize + 1;
        &bytemuck::cast_slice(&self.memory[start..start + count.div_ceil(8)])[..count]
    }

    /// The first `count` bytes of the payload, which holds no references, to be changed.
    #[inline]
    pub fn payload_mut(&mut self, object: u32, count: usize) -> &mut [u8] {
        if count == 0 {
            return &mut [];
        }
        if self.header(object).has(flags::EXTERNAL) {
            let slot = self.slot_of(object);
            return &mut self.externals.bytes_mut(slot)[..count];
        }
        let start = object as usize + 1;
        &mut bytemuck::cast_slice_mut(&mut self.memory[start..start + count.div_ceil(8)])[..count]
    }

    /// Copies bytes between payloads; inside one object the ranges may overlap. They may hold references.
    #[inline]
    pub fn copy_bytes(&mut self, (to, to_at): (u32, usize), (from, from_at): (u32, usize), count: usize) {
        if count == 0 {
            return;
        }
        if self.header(to).has(flags::EXTERNAL) || self.header(from).has(flags::EXTERNAL) {
            return self.copy_external((to, to_at), (from, from_at), count);
        }
        let words: &mut [u8] = bytemuck::cast_slice_mut(&mut self.memory);
        let source = (from as usize + 1) * 8 + from_at;
        words.copy_within(source..source + count, (to as usize + 1) * 8 + to_at);
        if self.header(to).has(flags::BARRIER) {
            self.remember_range(to, to_at / 4..(to_at + count) / 4);
        }
    }

    /// Sets references at a range of offsets to one value.
    pub fn fill_references(&mut self, object: u32, halves: std::ops::Range<usize>, value: u32) {
        for half in halves {
            self.set_reference(object, half, value);
        }
    }

    /// Notes the young references among those just written to an array.
    fn remember_range(&mut self, array: u32, halves: std::ops::Range<usize>) {
        for half in halves {
            if self.is_young(self.reference(array, half)) && self.header(array).has(flags::BARRIER) {
                self.remember(array, half);
            }
        }
    }

    /// The bytes of a string, byte string or block.
    #[inline]
    pub fn bytes(&self, object: u32) -> &[u8] {
        self.payload(object, self.length(object) as usize)
    }

    /// Frees a block: its length becomes 0, and the words behind its header can be used again at once. False when it
    /// was free already.
    pub fn free(&mut self, block: u32) -> bool {
        let header = self.header(block);
        if header.has(flags::FREED) {
            return false;
        }
        let at = block as usize;
        let count = (header.length() as usize).div_ceil(8);
        self.memory[at] = Header::new(header.class(), 0).with_flags(flags::FREED).0;
        self.give_back(at + 1, count);
        true
    }

    /// Words at the end of an object can be used again.
    pub(crate) fn give_back(&mut self, at: usize, count: usize) {
        let end = at + count;
        // A survivor may end where an empty nursery begins.
        let new = self.young.is_none_or(|young| at > young.nursery);
        if new && end == self.top {
            // The last new object: its words are the next ones again, and must be 0.
            self.memory[at..end].fill(0);
            self.allocated_base = self.allocated_words();
            self.top = at;
            self.top_base = self.top;
            self.set_end();
        } else if at <= self.old_start || self.young.is_none() {
            let holes = if self.young.is_some() { &mut self.young_holes } else { &mut self.holes };
            holes.add(&mut self.memory, at, count);
        } else if end == self.old_top {
            self.old_top = at;
        } else {
            self.holes.add(&mut self.memory, at, count);
        }
    }

    /// Pointer parts for executors that allocate and access inline: the words, the first free word, the end of the
    /// part that needs no look at limits, the index from which on objects are old, and the slots of external objects.
    #[inline(always)]
    pub fn raw_parts(&mut self) -> (&mut [u64], &mut usize, usize, u32, &[Slot]) {
        (&mut self.memory, &mut self.top, self.end, self.old_start as u32, self.externals.slots())
    }

    /// Calls `visit` with the offset (in units of 4 bytes) of every reference in the payload.
    pub fn each_reference(&self, layouts: &Layouts, object: u32, visit: impl FnMut(usize)) {
        layouts.slots(&self.memory, object as usize).each(visit);
    }

    /// Whether the collector has this bug.
    #[inline(always)]
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn has_bug(&self, bug: crate::planted::Planted) -> bool {
        self.planted == Some(bug)
    }

    /// Whether the collector has this bug: never.
    #[inline(always)]
    #[cfg(not(feature = "planted-bugs"))]
    pub(crate) fn has_bug(&self, _: crate::planted::Planted) -> bool {
        false
    }

    /// Gives the collector a bug.
    #[cfg(feature = "planted-bugs")]
    pub fn plant(&mut self, bug: crate::planted::Planted) {
        self.planted = Some(bug);
    }
}

/// The reference at offset `half` of the payload of the object at `at`.
#[inline(always)]
pub(crate) fn reference(words: &[u64], at: usize, half: usize) -> u32 {
    (words[at + 1 + half / 2] >> (32 * (half % 2))) as u32
}

#[inline(always)]
pub(crate) fn set_reference(words: &mut [u64], at: usize, half: usize, value: u32) {
    let word = &mut words[at + 1 + half / 2];
    let shift = 32 * (half % 2);
    *word = *word & !(0xffff_ffff << shift) | u64::from(value) << shift;
}

/// A copy, for tests and snapshots.
///
/// # Panics
/// When the host has no memory for it.
impl Clone for Heap {
    fn clone(&self) -> Heap {
        let mut memory = Memory::empty();
        if !self.memory.is_empty() {
            let reserve = crate::alloc::reserve_words(&self.options, self.old_start);
            memory = match self.memory.is_range() {
                true => Memory::range(self.memory.len(), reserve.max(self.memory.len())),
                false => Memory::new(self.memory.len()),
            }
            .expect("the host has memory for a copy");
            memory[..self.memory.len()].copy_from_slice(&self.memory);
        }
        Heap {
            memory,
            top: self.top,
            end: self.end,
            flat_end: self.flat_end,
            old_start: self.old_start,
            old_top: self.old_top,
            clean_from: self.clean_from,
            young: self.young.clone(),
            holes: self.holes.clone(),
            young_holes: self.young_holes.clone(),
            remembered: self.remembered.clone(),
            threshold: self.threshold,
            allocated_base: self.allocated_base,
            top_base: self.top_base,
            judge_at: self.judge_at,
            options: self.options,
            stress_left: self.stress_left,
            asked: self.asked,
            due: self.due,
            stats: self.stats.clone(),
            externals: self.externals.clone(),
            followed: self.followed.clone(),
            #[cfg(feature = "planted-bugs")]
            planted: self.planted,
        }
    }
}
