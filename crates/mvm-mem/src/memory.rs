//! An owned array of words, small or large.

use std::ops::{Deref, DerefMut, Range};

use crate::OutOfMemory;
use crate::pages::Pages;
use crate::pool::Chunk;

/// Words of the smallest chunk: 256 bytes.
pub const CHUNK_WORDS_MIN: usize = 32;
/// Words of the largest chunk: 256 KiB. What is larger has a range of its own.
pub const CHUNK_WORDS_MAX: usize = 32 << 10;

/// An array of 64-bit words that belongs to one owner. New words read as 0.
///
/// ```
/// let mut memory = mvm_mem::Memory::new(100)?;
/// assert!(memory.len() >= 100);
/// memory[99] = 7;
/// # Ok::<(), mvm_mem::OutOfMemory>(())
/// ```
#[derive(Debug, Default)]
pub struct Memory {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Perhaps none: then there are no words, and nothing is taken from the host.
    Chunk(Chunk),
    Range(Pages),
}

impl Default for Kind {
    fn default() -> Kind {
        Kind::Chunk(Chunk::none())
    }
}

impl Memory {
    /// No words at all.
    pub const fn empty() -> Memory {
        Memory { kind: Kind::Chunk(Chunk::none()) }
    }

    /// Memory of at least so many words: a chunk where that is large enough, a range otherwise.
    ///
    /// # Errors
    /// When the host has no memory.
    pub fn new(words: usize) -> Result<Memory, OutOfMemory> {
        if words > CHUNK_WORDS_MAX {
            return Memory::range(words, words);
        }
        Chunk::new(words).map(|chunk| Memory { kind: Kind::Chunk(chunk) }).ok_or(OutOfMemory)
    }

    /// A range of at least `words`, that [`Memory::grow`] can make larger without moving it up to `reserve` words.
    /// Reserved words cost nothing until they are used.
    ///
    /// # Errors
    /// When the host has no memory or no address space.
    pub fn range(words: usize, reserve: usize) -> Result<Memory, OutOfMemory> {
        let bytes = words.checked_mul(8).ok_or(OutOfMemory)?;
        let reserve = reserve.checked_mul(8).ok_or(OutOfMemory)?;
        Pages::new(bytes, reserve).map(|pages| Memory { kind: Kind::Range(pages) }).ok_or(OutOfMemory)
    }

    /// Makes a range at least so many words long. What is there stays.
    ///
    /// # Errors
    /// When the reservation or the host has no more, and for everything but ranges; then nothing has changed.
    pub fn grow(&mut self, words: usize) -> Result<(), OutOfMemory> {
        if words <= self.len() {
            return Ok(());
        }
        let Kind::Range(pages) = &mut self.kind else { return Err(OutOfMemory) };
        let bytes = words.checked_mul(8).ok_or(OutOfMemory)?;
        if pages.open(bytes) { Ok(()) } else { Err(OutOfMemory) }
    }

    /// Gives the pages inside a part back to the host, as far as there are whole ones; the part reads as 0 afterwards.
    pub fn discard(&mut self, part: Range<usize>) {
        match &mut self.kind {
            Kind::Range(pages) => pages.discard(part.start * 8..part.end * 8),
            _ => self[part].fill(0),
        }
    }

    /// Says that all of a part will be written soon: a host that can makes its pages at once, which costs less
    /// than as many first touches. Nothing else changes.
    pub fn expect_writes(&mut self, part: Range<usize>) {
        if let Kind::Range(pages) = &mut self.kind {
            pages.populate(part.start * 8..part.end * 8);
        }
    }

    /// Whether it is a range, which [`Memory::grow`] makes larger.
    #[inline]
    pub fn is_range(&self) -> bool {
        matches!(self.kind, Kind::Range(_))
    }
}

impl Deref for Memory {
    type Target = [u64];

    #[inline(always)]
    fn deref(&self) -> &[u64] {
        match &self.kind {
            Kind::Chunk(chunk) => chunk.words(),
            Kind::Range(pages) => pages.words(),
        }
    }
}

impl DerefMut for Memory {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u64] {
        match &mut self.kind {
            Kind::Chunk(chunk) => chunk.words_mut(),
            Kind::Range(pages) => pages.words_mut(),
        }
    }
}
