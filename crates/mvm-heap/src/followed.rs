//! Objects that the owner of a heap follows without keeping them alive: weak references with a number each.
//!
//! A collection knows where every object went; it updates what is followed when everything else has been. For tools that
//! remember something about an object, such as where it was made; a program cannot see it.

use std::collections::BTreeMap;

use crate::heap::Heap;
use crate::layout::{Header, flags};

/// Followed objects and the tags their follower gave them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Followed {
    tags: BTreeMap<u32, u32>,
    /// Tags of objects that collections have removed.
    dead: Vec<u32>,
}

impl Followed {
    /// Updates what is followed below `end`: `place` gives the new index of an object, 0 for a dead one.
    fn update(&mut self, end: u32, mut place: impl FnMut(u32) -> u32) {
        let rest = self.tags.split_off(&end);
        let moved = std::mem::replace(&mut self.tags, rest);
        for (object, tag) in moved {
            match place(object) {
                0 => self.dead.push(tag),
                new => {
                    self.tags.insert(new, tag);
                }
            }
        }
    }
}

impl Heap {
    /// Follows an object that is new, by a number that the follower chooses.
    pub fn follow(&mut self, object: u32, tag: u32) {
        self.followed.get_or_insert_default().tags.insert(object, tag);
    }

    /// The number of a followed object.
    pub fn followed(&self, object: u32) -> Option<u32> {
        self.followed.as_ref()?.tags.get(&object).copied()
    }

    /// All followed objects and their numbers, in the order of their places.
    pub fn all_followed(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.followed.iter().flat_map(|followed| followed.tags.iter().map(|(&object, &tag)| (object, tag)))
    }

    /// The numbers of followed objects that collections have removed since this was last asked, in no order.
    pub fn take_dead(&mut self) -> Vec<u32> {
        self.followed.as_mut().map(|followed| std::mem::take(&mut followed.dead)).unwrap_or_default()
    }

    /// Objects below `end` are where `place` says, or dead when it says 0.
    pub(crate) fn objects_moved(&mut self, end: usize, place: impl Fn(&[u64], u32) -> u32) {
        let words = &self.memory;
        if let Some(followed) = &mut self.followed {
            followed.update(u32::try_from(end).unwrap_or(u32::MAX), |object| place(words, object));
        }
        self.externals.update(end, |object| place(words, object));
    }
}

/// Where an object went that was copied or is dead.
pub(crate) fn forwarded(words: &[u64], object: u32) -> u32 {
    let header = Header(words[object as usize]);
    if header.has(flags::FORWARDED) { header.length() } else { 0 }
}
