//! Memory for guests: as large as a guest makes it, so every request can fail, and what is no longer used goes back to
//! the host.
//!
//! A [`Memory`] is an owned array of 64-bit words. There are two kinds. A *chunk* is small, of a fixed size class, and
//! cut from a slab that it shares with others: a million processes have a million chunks. A *range* has a part of the
//! address space to itself; it grows in place, and pages in the middle can be given back.
//!
//! Why not the general allocator: after a peak of a million small objects of mixed ages it keeps nearly all of the
//! memory, and it cannot grow an array of a gigabyte without copying it.
//!
//! Not here: objects and collections (`mvm-heap`), which see only `&mut [u64]`.
#![deny(unsafe_code)]

mod marker;
mod memory;
mod pages;
mod pool;

pub use marker::tell_profiler;
pub use memory::{CHUNK_WORDS_MAX, CHUNK_WORDS_MIN, Memory};
pub use pool::{PoolUse, pool_use};

/// The host has no memory to give, or not that much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the host has no more memory")
    }
}

impl std::error::Error for OutOfMemory {}
