//! The stack of a process: slots in memory of `mvm-mem`, small at first, growing in place when it is large.

use std::ops::{Deref, DerefMut};

use mvm_mem::Memory;

/// Slots of 64 bits. New ones are 0.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    memory: Memory,
    /// Most slots it may ever be asked for.
    most: usize,
}

impl Stack {
    /// At least `slots`; it will never have to hold more than `most`. None when the host has no memory.
    pub(crate) fn new(slots: usize, most: usize) -> Option<Stack> {
        let memory = Memory::new(slots).ok()?;
        Some(Stack { memory, most: most.max(slots) })
    }

    /// Makes it at least so many slots long. False, and nothing changed, when the host has no memory.
    pub(crate) fn grow(&mut self, slots: usize) -> bool {
        if self.memory.grow(slots).is_ok() {
            return true;
        }
        let large = slots > mvm_mem::CHUNK_WORDS_MAX;
        let larger = if large { Memory::range(slots, self.most.max(slots)) } else { Memory::new(slots) };
        let Ok(mut larger) = larger.or_else(|_| Memory::new(slots)) else { return false };
        larger[..self.memory.len()].copy_from_slice(&self.memory);
        self.memory = larger;
        true
    }
}

impl Deref for Stack {
    type Target = [u64];

    #[inline(always)]
    fn deref(&self) -> &[u64] {
        &self.memory
    }
}

impl DerefMut for Stack {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u64] {
        &mut self.memory
    }
}

/// A copy, for tests and snapshots.
///
/// # Panics
/// When the host has no memory for it.
impl Clone for Stack {
    fn clone(&self) -> Stack {
        let mut copy = Stack { memory: Memory::empty(), most: self.most };
        assert!(copy.grow(self.len()), "the host has memory for a copy");
        copy[..self.len()].copy_from_slice(self);
        copy
    }
}
