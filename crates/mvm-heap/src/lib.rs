//! The heap of one process.
//!
//! A heap is one array of 64-bit words. A reference is the index of an object's header word; 0 is null, and word 0 is
//! an object of length 0, so that length and bounds checks also work through null. This crate knows objects, not
//! registers: the owner of a heap hands it the roots and takes them back moved.
//!
//! Not here: which registers are roots (`mvm-exec`), what classes are called (`mvm-module`).
#![forbid(unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!(
    "payload bytes are little-endian views of heap words: big-endian hosts need another byte view"
);

mod collect;
mod heap;
pub mod layout;

pub use heap::{AllocError, Heap, HeapStats, Limits};
pub use layout::{Header, Layout, Layouts, flags};
