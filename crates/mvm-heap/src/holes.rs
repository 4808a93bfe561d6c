//! Free words between objects: what `free` leaves behind a block, for blocks to come.
//!
//! A hole is a filler object. Holes of at least two words are in lists by size, linked through their second word; a list
//! holds sizes from a power of two up to the next. Segregated free lists: Jones, Hosking, Moss, *The Garbage Collection
//! Handbook* (2012), section 7.4.

use crate::layout::Header;

/// Lists for holes of 2, 4, 8, ... words.
const BINS: usize = 31;
/// How many holes of the list that may have a fitting one are looked at.
const PROBES_MAX: usize = 8;

/// The holes of one space.
#[derive(Debug, Clone)]
pub(crate) struct Holes {
    /// First hole of each list; 0 for none. Made with the first hole: most heaps have none.
    heads: Option<Box<[u32; BINS]>>,
    /// Bit `k`: list `k` is not empty.
    filled: u32,
    /// Words of all holes, those too small for a list included.
    words: usize,
}

impl Holes {
    pub(crate) const fn new() -> Holes {
        Holes { heads: None, filled: 0, words: 0 }
    }

    /// Words of all holes.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    fn head(&self, bin: usize) -> u32 {
        self.heads.as_ref().map_or(0, |heads| heads[bin])
    }

    fn set_head(&mut self, bin: usize, at: u32) {
        self.heads.get_or_insert_with(|| Box::new([0; BINS]))[bin] = at;
        self.filled = self.filled & !(1 << bin) | u32::from(at != 0) << bin;
    }

    fn bin(words: usize) -> usize {
        words.ilog2() as usize - 1
    }

    /// Makes a hole of `count` words at `at`.
    pub(crate) fn add(&mut self, words: &mut [u64], at: usize, count: usize) {
        if count == 0 {
            return;
        }
        words[at] = Header::filler(count).0;
        self.words += count;
        if count >= 2 {
            let bin = Holes::bin(count);
            words[at + 1] = u64::from(self.head(bin));
            self.set_head(bin, at as u32);
        }
    }

    /// Takes `count` words out of a hole; their contents are anything. None when no list has a large enough hole near
    /// its front.
    pub(crate) fn take(&mut self, words: &mut [u64], count: usize) -> Option<usize> {
        let count = count.max(2);
        let exact = Holes::bin(count);
        self.take_from(words, exact, count).or_else(|| {
            // Every hole of a later list is large enough.
            let later = self.filled >> (exact + 1) << (exact + 1);
            (later != 0)
                .then(|| later.trailing_zeros() as usize)
                .and_then(|bin| self.take_from(words, bin, count))
        })
    }

    fn take_from(&mut self, words: &mut [u64], bin: usize, count: usize) -> Option<usize> {
        let mut before: Option<usize> = None;
        let mut at = self.head(bin) as usize;
        for _ in 0..PROBES_MAX {
            if at == 0 {
                return None;
            }
            let size = 1 + Header(words[at]).length() as usize;
            let next = words[at + 1] as u32;
            if size >= count {
                match before {
                    Some(before) => words[before + 1] = u64::from(next),
                    None => self.set_head(bin, next),
                }
                self.words -= size;
                self.add(words, at + count, size - count);
                return Some(at);
            }
            before = Some(at);
            at = next as usize;
        }
        None
    }
}
