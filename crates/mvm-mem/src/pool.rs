//! Chunks: small pieces of memory of a few sizes, cut from slabs.
//!
//! A slab is one piece of pages cut into chunks of one size class. A slab whose chunks are all free goes back to the
//! host, except one for each class, so that making and dropping one process over and over maps nothing.
//!
//! The pool is shared by all threads behind one lock; it is asked when a heap is made, outgrows its chunk, or goes.
#![expect(unsafe_code, reason = "cuts pages into chunks with owners of their own; every block says why")]

use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::{CHUNK_WORDS_MAX, CHUNK_WORDS_MIN};
use crate::pages::Pages;

/// Bytes of a slab.
const SLAB_BYTES: usize = 1 << 20;
/// Number of size classes: powers of two from the smallest chunk to the largest.
const CLASSES: usize = (CHUNK_WORDS_MAX / CHUNK_WORDS_MIN).ilog2() as usize + 1;

static POOL: Mutex<Pool> = Mutex::new(Pool { classes: [const { Class::new() }; CLASSES] });

struct Pool {
    classes: [Class; CLASSES],
}

/// All slabs of one size.
struct Class {
    /// By number; none where a slab has gone back.
    slabs: Vec<Option<Slab>>,
    /// Numbers of slabs that have a free chunk. Invariant: each such slab, once.
    with_room: Vec<u32>,
    /// Numbers without a slab.
    unused: Vec<u32>,
    /// Slabs without a chunk in use.
    empty: usize,
}

struct Slab {
    pages: Pages,
    /// Chunks that were in use and are free again.
    free: Vec<u16>,
    /// Chunks from this number on have never been used: they are all 0.
    fresh: u16,
    used: u16,
}

/// A chunk in use, or nothing. Invariant: the `bytes` behind `base` are a part of the pages of its slab that belongs to nobody else
/// until it is dropped.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Chunk {
    /// Its first word.
    base: NonNull<u64>,
    /// 0 for no chunk.
    bytes: usize,
    slab: u32,
    index: u16,
    class: u8,
}

// SAFETY: a chunk has one owner, and plain words do not care which thread reads them.
unsafe impl Send for Chunk {}
// SAFETY: shared references only read.
unsafe impl Sync for Chunk {}

/// What the chunk pool holds, for statistics and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolUse {
    /// Chunks in use.
    pub chunks: usize,
    /// Bytes of all slabs.
    pub slab_bytes: usize,
}

/// What the chunk pool holds now.
pub fn pool_use() -> PoolUse {
    let pool = lock();
    let slabs = pool.classes.iter().flat_map(|class| class.slabs.iter().flatten());
    slabs.fold(PoolUse::default(), |sum, slab| PoolUse {
        chunks: sum.chunks + usize::from(slab.used),
        slab_bytes: sum.slab_bytes + slab.pages.len(),
    })
}

fn lock() -> MutexGuard<'static, Pool> {
    // Nothing panics while it holds the lock; if something did, the lists would still be whole.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn class_words(class: usize) -> usize {
    CHUNK_WORDS_MIN << class
}

fn chunks_per_slab(class: usize) -> u16 {
    (SLAB_BYTES / 8 / class_words(class)) as u16
}

impl Class {
    const fn new() -> Class {
        Class { slabs: Vec::new(), with_room: Vec::new(), unused: Vec::new(), empty: 0 }
    }

    /// A slab with a free chunk, made when there is none.
    fn slab_with_room(&mut self) -> Option<u32> {
        if let Some(&number) = self.with_room.last() {
            return Some(number);
        }
        let pages = Pages::new(SLAB_BYTES, SLAB_BYTES)?;
        let slab = Some(Slab { pages, free: Vec::new(), fresh: 0, used: 0 });
        let number = match self.unused.pop() {
            Some(number) => {
                self.slabs[number as usize] = slab;
                number
            }
            None => {
                self.slabs.push(slab);
                (self.slabs.len() - 1) as u32
            }
        };
        self.with_room.push(number);
        self.empty += 1;
        Some(number)
    }

    fn take(&mut self, class: usize) -> Option<Chunk> {
        let number = self.slab_with_room()?;
        let slab = self.slabs[number as usize].as_mut()?;
        let (index, used_before) = match slab.free.pop() {
            Some(index) => (index, true),
            None => {
                slab.fresh += 1;
                (slab.fresh - 1, false)
            }
        };
        self.empty -= usize::from(slab.used == 0);
        slab.used += 1;
        if slab.used == chunks_per_slab(class) {
            self.with_room.pop();
        }
        // SAFETY: `index` is below the number of chunks that the slab's pages were sized for.
        let base = unsafe { slab.pages.base().add(usize::from(index) * class_words(class)) };
        let bytes = class_words(class) * 8;
        let mut chunk = Chunk { base, bytes, slab: number, index, class: class as u8 };
        if used_before {
            chunk.words_mut().fill(0);
        }
        Some(chunk)
    }

    fn put_back(&mut self, class: usize, number: u32, index: u16) {
        let Some(slab) = self.slabs[number as usize].as_mut() else { return };
        if slab.used == chunks_per_slab(class) {
            self.with_room.push(number);
        }
        slab.used -= 1;
        slab.free.push(index);
        if slab.used > 0 {
            return;
        }
        if self.empty == 0 {
            self.empty = 1;
            return;
        }
        self.slabs[number as usize] = None;
        self.unused.push(number);
        self.with_room.retain(|&other| other != number);
    }
}

impl Chunk {
    /// No chunk: it has no words.
    pub(crate) const fn none() -> Chunk {
        Chunk { base: NonNull::dangling(), bytes: 0, slab: 0, index: 0, class: 0 }
    }

    /// A chunk of at least so many words, all 0. None when the host has no memory.
    pub(crate) fn new(words: usize) -> Option<Chunk> {
        debug_assert!(words <= CHUNK_WORDS_MAX, "larger memory is a range");
        let class = (words.max(CHUNK_WORDS_MIN).next_power_of_two() / CHUNK_WORDS_MIN).ilog2() as usize;
        lock().classes[class].take(class)
    }

    /// The words.
    #[inline(always)]
    pub(crate) fn words(&self) -> &[u64] {
        // SAFETY: by the invariant of the type; a slab keeps its pages while a chunk is in use. `none` is aligned and has no bytes.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.bytes / 8) }
    }

    /// The words, to be changed.
    #[inline(always)]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: as in `words`, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.bytes / 8) }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let class = usize::from(self.class);
        lock().classes[class].put_back(class, self.slab, self.index);
    }
}
