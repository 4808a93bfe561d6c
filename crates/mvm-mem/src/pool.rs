//! Chunks: small pieces of memory of a few sizes, cut from slabs.
//!
//! A slab is one piece of pages cut into chunks of one size class. A slab whose chunks are all free goes back to the
//! host, except one for each class, so that making and dropping one process over and over maps nothing.
//!
//! The pool is shared by all threads behind one lock. Each thread has a few free chunks of the smaller sizes at hand and asks the
//! pool for several at once (a magazine: Bonwick and Adams 2001), because the lock costs more than all the rest.
#![expect(unsafe_code, reason = "cuts pages into chunks with owners of their own; every block says why")]

use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::{CHUNK_WORDS_MAX, CHUNK_WORDS_MIN};
use crate::pages::Pages;

/// Bytes of a slab.
const SLAB_BYTES: usize = 1 << 20;
/// Number of size classes: powers of two from the smallest chunk to the largest.
const CLASSES: usize = (CHUNK_WORDS_MAX / CHUNK_WORDS_MIN).ilog2() as usize + 1;

/// Classes of which a thread has chunks at hand: those up to 4 KiB.
const NEAR_CLASSES: usize = 5;
/// Chunks that go to and from the pool together.
const TOGETHER: usize = 8;

thread_local! {
    /// Free chunks of this thread, at most twice [`TOGETHER`] of each class. They go back to the pool when the thread ends.
    static NEAR: RefCell<[Vec<Chunk>; NEAR_CLASSES]> = const { RefCell::new([const { Vec::new() }; NEAR_CLASSES]) };
}

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
    place: Place,
}

/// Where a chunk comes from, in one word: chunks are moved often, and a copy of narrower parts has to wait for each of them.
#[derive(Debug, Clone, Copy)]
struct Place(u64);

impl Place {
    /// A chunk that may have other words than 0.
    const USED: u64 = 1;

    fn new(slab: u32, index: u16, class: usize) -> Place {
        Place(u64::from(slab) << 32 | u64::from(index) << 16 | (class as u64) << 8)
    }

    fn slab(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn index(self) -> u16 {
        (self.0 >> 16) as u16
    }

    fn class(self) -> usize {
        usize::from((self.0 >> 8) as u8)
    }
}

// SAFETY: a chunk has one owner, and plain words do not care which thread reads them.
unsafe impl Send for Chunk {}
// SAFETY: shared references only read.
unsafe impl Sync for Chunk {}

/// What the chunk pool holds, for statistics and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolUse {
    /// Chunks in use, and those that other threads have at hand.
    pub chunks: usize,
    /// Bytes of all slabs.
    pub slab_bytes: usize,
}

/// What the chunk pool holds now.
pub fn pool_use() -> PoolUse {
    for class in 0..NEAR_CLASSES {
        let chunks = NEAR.try_with(|near| std::mem::take(&mut near.borrow_mut()[class]));
        Chunk::give_back(class, chunks.unwrap_or_default().drain(..));
    }
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
        let mut place = Place::new(number, index, class);
        place.0 |= u64::from(used_before) * Place::USED;
        Some(Chunk { base, bytes, place })
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
        Chunk { base: NonNull::dangling(), bytes: 0, place: Place(0) }
    }

    /// A chunk of at least so many words, all 0. None when the host has no memory.
    pub(crate) fn new(words: usize) -> Option<Chunk> {
        debug_assert!(words <= CHUNK_WORDS_MAX, "larger memory is a range");
        let class = (words.max(CHUNK_WORDS_MIN).next_power_of_two() / CHUNK_WORDS_MIN).ilog2() as usize;
        let near = if class < NEAR_CLASSES { Chunk::from_near(class) } else { None };
        let mut chunk = near.or_else(|| lock().classes[class].take(class))?;
        if chunk.place.0 & Place::USED != 0 {
            chunk.words_mut().fill(0);
        }
        chunk.place.0 |= Place::USED;
        Some(chunk)
    }

    /// A chunk that this thread has at hand, after asking the pool for some if it has none.
    #[inline]
    fn from_near(class: usize) -> Option<Chunk> {
        // A thread that is ending has nothing at hand any more.
        NEAR.try_with(|near| {
            let chunks = &mut near.borrow_mut()[class];
            if chunks.is_empty() {
                Chunk::fetch(class, chunks);
            }
            chunks.pop()
        })
        .ok()?
    }

    #[inline(never)]
    fn fetch(class: usize, chunks: &mut Vec<Chunk>) {
        if chunks.try_reserve_exact(2 * TOGETHER).is_err() {
            return;
        }
        let mut pool = lock();
        chunks.extend(std::iter::from_fn(|| pool.classes[class].take(class)).take(TOGETHER));
    }

    /// Gives chunks of one class back to the pool.
    fn give_back(class: usize, chunks: impl Iterator<Item = Chunk>) {
        let mut pool = lock();
        for chunk in chunks {
            pool.classes[class].put_back(class, chunk.place.slab(), chunk.place.index());
            std::mem::forget(chunk);
        }
    }

    /// Puts a chunk among those that are at hand; those that are too many go to the pool. It stays where it is when the host has no memory.
    #[inline]
    fn keep(class: usize, near: &mut Vec<Chunk>, chunk: &mut Option<Chunk>) {
        if near.len() >= 2 * TOGETHER {
            Chunk::give_back(class, near.drain(TOGETHER..));
        }
        if near.try_reserve(1).is_ok() {
            near.extend(chunk.take());
        }
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
        let class = self.place.class();
        // From here on the words belong to this one; what is dropped has none left.
        let mut chunk = Some(Chunk { ..*self });
        if class < NEAR_CLASSES {
            // A thread that is ending has nothing at hand any more.
            let _ = NEAR.try_with(|near| Chunk::keep(class, &mut near.borrow_mut()[class], &mut chunk));
        }
        if let Some(chunk) = chunk {
            Chunk::give_back(class, std::iter::once(chunk));
        }
    }
}
