//! Collection: a copying collector after Cheney (1970).
//!
//! Live objects are copied into a new space in breadth-first order; a copied object leaves its new index behind. There
//! is no recursion over guest data: the new space is the queue.

use crate::heap::{COLLECT_WORDS_MIN, Heap, SENTINEL_WORDS};
use crate::layout::{Header, Layout, Layouts, closure, flags};

impl Heap {
    /// Copies everything reachable from `roots` into a new space and changes the roots to the new places. False when
    /// the host has no memory for the new space; then nothing has changed.
    pub fn collect(&mut self, layouts: &Layouts, roots: &mut [u32]) -> bool {
        let mut space = Vec::new();
        if space.try_reserve_exact(self.top).is_err() {
            return false;
        }
        space.resize(self.top, 0);
        let mut to = Space { words: space, top: SENTINEL_WORDS };
        for root in roots {
            *root = to.copy(&mut self.words, layouts, *root);
        }
        let mut scan = SENTINEL_WORDS;
        while scan < to.top {
            scan = to.scan(&mut self.words, layouts, scan);
        }
        // The next collection is due when as much again has been allocated as is live now.
        let wanted = (to.top * 2).max(self.words.len().min(COLLECT_WORDS_MIN));
        let Space { mut words, top } = to;
        words.truncate(wanted.max(top));
        words.shrink_to_fit();
        if words.len() < wanted && words.try_reserve_exact(wanted - words.len()).is_ok() {
            words.resize(wanted, 0);
        }
        self.adopt(words, top);
        true
    }
}

/// The space objects are copied to.
struct Space {
    words: Vec<u64>,
    top: usize,
}

impl Space {
    fn copy(&mut self, from: &mut [u64], layouts: &Layouts, object: u32) -> u32 {
        if object == 0 {
            return 0;
        }
        let at = object as usize;
        let header = Header(from[at]);
        if header.flags() & flags::FORWARDED != 0 {
            return header.length();
        }
        let size = 1 + layouts.payload_words(header);
        let new = self.top;
        self.words[new..new + size].copy_from_slice(&from[at..at + size]);
        self.top += size;
        from[at] = Header::new(header.class(), new as u32).with_flags(flags::FORWARDED).0;
        new as u32
    }

    /// Copies what the object at `at` refers to; the result is the next object.
    fn scan(&mut self, from: &mut [u64], layouts: &Layouts, at: usize) -> usize {
        let header = Header(self.words[at]);
        match layouts.get(header.class()) {
            Layout::Data { .. } | Layout::None => {}
            Layout::Refs => {
                for half in 0..header.length() as usize {
                    self.update(from, layouts, at, half);
                }
            }
            Layout::Object { refs, .. } => {
                for &half in refs {
                    self.update(from, layouts, at, usize::from(half));
                }
            }
            Layout::Closure => {
                let word = self.words[at + 1];
                for k in 0..usize::from(closure::bound(word)) {
                    if closure::refs(word) >> k & 1 == 1 {
                        self.update(from, layouts, at, 2 * (k + 1));
                    }
                }
            }
        }
        at + 1 + layouts.payload_words(header)
    }

    fn update(&mut self, from: &mut [u64], layouts: &Layouts, at: usize, half: usize) {
        let index = at + 1 + half / 2;
        let shift = 32 * (half % 2);
        let old = (self.words[index] >> shift) as u32;
        let new = self.copy(from, layouts, old);
        self.words[index] = self.words[index] & !(0xffff_ffff << shift) | u64::from(new) << shift;
    }
}
