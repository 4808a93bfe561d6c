//! Marking: which words belong to objects that can be reached.
//!
//! A bitmap has one bit for each word, and all words of a live object are marked, so counting bits gives new places
//! later. Objects whose references are still to be followed are on an explicit stack of bounded size; when it is full,
//! what did not fit is found again by walking the bitmap (Knuth, *TAOCP* vol. 1, 2.3.5, algorithm C's idea). Long arrays
//! are followed piece by piece. So neither depth nor width of a guest's graph costs more than a part of the heap.

use crate::heap::reference;
use crate::layout::{Header, Layouts};

/// References of an array that are followed at once.
const PIECE_REFS: usize = 128;
/// Entries of the stack, at least.
const STACK_MIN: usize = 16 << 10;

/// One bit for each word from `base` on.
#[derive(Debug)]
pub(crate) struct Marks {
    bits: Vec<u64>,
    base: usize,
}

impl Marks {
    /// Marks for the words from `base` to `end`, all clear. None when the host has no memory.
    pub(crate) fn new(base: usize, end: usize) -> Option<Marks> {
        let mut bits = Vec::new();
        let count = (end - base) / 64 + 1;
        bits.try_reserve_exact(count).ok()?;
        bits.resize(count, 0);
        Some(Marks { bits, base })
    }

    pub(crate) fn blocks(&self) -> &[u64] {
        &self.bits
    }

    /// Block and bit of a word.
    #[inline]
    pub(crate) fn place(&self, at: usize) -> (usize, u32) {
        ((at - self.base) / 64, ((at - self.base) % 64) as u32)
    }

    #[inline]
    pub(crate) fn is_marked(&self, at: usize) -> bool {
        let (block, bit) = self.place(at);
        self.bits[block] >> bit & 1 == 1
    }

    /// Marks `count` words.
    #[inline]
    fn set(&mut self, at: usize, count: usize) {
        let (block, bit) = self.place(at);
        let (last, last_bit) = self.place(at + count - 1);
        let (from, to) = (!0 << bit, !0 >> (63 - last_bit));
        if block == last {
            self.bits[block] |= from & to;
            return;
        }
        self.bits[block] |= from;
        self.bits[block + 1..last].fill(!0);
        self.bits[last] |= to;
    }

    /// The next run of marked words at or behind `at`.
    pub(crate) fn next_run(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let start = self.next(at, false)?;
        let end = self.next(start, true).unwrap_or(self.base + self.bits.len() * 64);
        Some(start..end)
    }

    /// The next word at or behind `at` that is marked (or, with `clear`, is not).
    fn next(&self, at: usize, clear: bool) -> Option<usize> {
        let (mut block, bit) = self.place(at);
        let flip = if clear { !0 } else { 0 };
        let mut bits = (self.bits.get(block)? ^ flip) & !0 << bit;
        while bits == 0 {
            block += 1;
            bits = self.bits.get(block)? ^ flip;
        }
        Some(self.base + block * 64 + bits.trailing_zeros() as usize)
    }
}

/// A marking under way.
pub(crate) struct Marker<'a> {
    words: &'a [u64],
    layouts: &'a Layouts,
    marks: Marks,
    /// Objects to follow: index (high half) and the first reference of an array that has not been followed.
    gray: Vec<u64>,
    gray_max: usize,
    /// Marked objects from here on may not have been followed.
    lost_from: usize,
}

impl<'a> Marker<'a> {
    /// For the objects between `base` and `end`. None when the host has no memory.
    pub(crate) fn new(words: &'a [u64], layouts: &'a Layouts, base: usize, end: usize) -> Option<Marker<'a>> {
        let marks = Marks::new(base, end)?;
        let gray_max = ((end - base) / 64).max(STACK_MIN);
        Some(Marker { words, layouts, marks, gray: Vec::new(), gray_max, lost_from: usize::MAX })
    }

    /// Marks everything that can be reached from a root.
    pub(crate) fn mark(&mut self, root: u32) {
        self.reach(root);
        self.follow();
    }

    /// The marks.
    pub(crate) fn finish(mut self) -> Marks {
        while self.lost_from != usize::MAX {
            let mut at = std::mem::replace(&mut self.lost_from, usize::MAX);
            while let Some(run) = self.marks.next_run(at) {
                at = run.start;
                // The run may grow while its objects are followed; what is new in it has been followed.
                while at < run.end {
                    self.push(at as u32, 0);
                    self.follow();
                    at += self.layouts.size(Header(self.words[at]));
                }
            }
        }
        self.marks
    }

    #[inline(always)]
    fn reach(&mut self, object: u32) {
        let at = object as usize;
        if object == 0 || self.marks.is_marked(at) {
            return;
        }
        let header = Header(self.words[at]);
        if self.layouts.field_mask(header.class()).is_some() {
            self.marks.set(at, 1 + header.length() as usize);
            self.push(object, 0);
        } else {
            self.reach_other(at, header);
        }
    }

    #[inline(never)]
    fn reach_other(&mut self, at: usize, header: Header) {
        self.marks.set(at, self.layouts.size(header));
        if self.layouts.has_slots(header.class()) {
            self.push(at as u32, 0);
        }
    }

    #[inline(always)]
    fn push(&mut self, object: u32, from: u32) {
        if self.gray.len() >= self.gray_max || self.gray.try_reserve(1).is_err() {
            self.lost_from = self.lost_from.min(object as usize);
            return;
        }
        self.gray.push(u64::from(object) << 32 | u64::from(from));
    }

    fn follow(&mut self) {
        while let Some(entry) = self.gray.pop() {
            let (object, from) = ((entry >> 32) as u32, entry as u32);
            let (words, layouts, at) = (self.words, self.layouts, object as usize);
            let header = Header(words[at]);
            if let Some(mut mask) = layouts.field_mask(header.class()) {
                while mask != 0 {
                    self.reach(reference(words, at, mask.trailing_zeros() as usize));
                    mask &= mask - 1;
                }
                continue;
            }
            if !layouts.is_refs(header.class()) {
                layouts.slots(words, at).each(|half| self.reach(reference(words, at, half)));
                continue;
            }
            let end = header.length().min(from + PIECE_REFS as u32);
            if end < header.length() {
                self.push(object, end);
            }
            for half in from..end {
                self.reach(reference(words, at, half as usize));
            }
        }
    }
}
