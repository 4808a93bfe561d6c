//! The heap as somebody who looks at it from outside wants it: its spaces, and everything that is in them.
//!
//! Not here: who keeps what alive (`snapshot.rs`).

use std::ops::Range;

use crate::heap::{Heap, SENTINEL_WORDS};
use crate::layout::{Layouts, flags};

/// What a space is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceKind {
    /// All objects of a heap that is not split.
    Flat,
    /// Objects that have survived one young collection.
    Survivors,
    /// Nothing, until the next young collection puts the survivors there.
    Empty,
    /// New objects.
    Nursery,
    /// Objects that have survived two collections, and large ones.
    Old,
}

impl SpaceKind {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            SpaceKind::Flat => "flat",
            SpaceKind::Survivors => "survivors",
            SpaceKind::Empty => "empty",
            SpaceKind::Nursery => "nursery",
            SpaceKind::Old => "old",
        }
    }
}

/// A part of the heap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// What it is for.
    pub kind: SpaceKind,
    /// All its words, by index in the heap.
    pub words: Range<usize>,
    /// Objects and holes are below this index; what is above is free.
    pub top: usize,
}

/// What is found at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An object.
    Object,
    /// Free words between objects.
    Hole,
}

impl Heap {
    /// The spaces in the order of their places.
    pub fn spaces(&self) -> Vec<Space> {
        let Some(young) = *self.young else {
            let end = if self.memory.is_range() { self.flat_end } else { self.memory.len() };
            let words = SENTINEL_WORDS..end.max(self.top);
            return vec![Space { kind: SpaceKind::Flat, words, top: self.top }];
        };
        let survivors = |at: usize| {
            let words = at..at + young.survivor_words;
            if at == young.from {
                Space { kind: SpaceKind::Survivors, words, top: young.from_top }
            } else {
                Space { kind: SpaceKind::Empty, words, top: at }
            }
        };
        let first = young.nursery - 2 * young.survivor_words;
        let nursery = young.nursery..(young.nursery + young.nursery_words).max(self.top);
        let old = self.old_start..self.clean_from.max(self.old_top);
        vec![
            survivors(first),
            survivors(first + young.survivor_words),
            Space { kind: SpaceKind::Nursery, words: nursery, top: self.top },
            Space { kind: SpaceKind::Old, words: old, top: self.old_top },
        ]
    }

    /// Calls `visit` for everything in the space: index, words, and what it is. No collection may be under way.
    pub fn each_in(&self, layouts: &Layouts, space: &Space, mut visit: impl FnMut(u32, usize, Found)) {
        let mut at = space.words.start;
        while at < space.top {
            let header = self.header(at as u32);
            let words = layouts.size(header);
            let found = if header.has(flags::FILLER) { Found::Hole } else { Found::Object };
            visit(at as u32, words, found);
            at += words;
        }
    }

    /// Bytes that an object is charged for, with its header: those of a long string wherever they are.
    pub fn object_bytes(&self, layouts: &Layouts, object: u32) -> u64 {
        (1 + layouts.payload_words(self.header(object))) as u64 * 8
    }
}
