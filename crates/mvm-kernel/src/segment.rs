//! Memory that several processes may access. All of them are on the core where the segment was made, so that no two access it at
//! the same time: an operation is atomic because nothing else runs on the core.

use std::collections::{BTreeSet, VecDeque};

use crate::task::Pid;

/// A block of memory.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) words: Vec<u64>,
    /// Its length, of which the last word may be a part.
    pub(crate) bytes: usize,
    /// Processes that may access it.
    pub(crate) sharers: BTreeSet<Pid>,
    /// Processes that wait at an offset, and the number of that wait.
    pub(crate) waiters: VecDeque<(Pid, u64, u64)>,
}

impl Segment {
    /// A block of zeros. None when the host has no memory.
    pub(crate) fn new(bytes: usize, owner: Pid) -> Option<Segment> {
        let mut words = Vec::new();
        words.try_reserve_exact(bytes.div_ceil(8)).ok()?;
        words.resize(bytes.div_ceil(8), 0);
        Some(Segment { words, bytes, sharers: BTreeSet::from([owner]), waiters: VecDeque::new() })
    }

    /// Words of memory it takes.
    pub(crate) fn charge(&self) -> usize {
        const SELF: usize = 32;
        self.words.len() + SELF
    }

    /// Copies bytes out of it. They are inside.
    pub(crate) fn read(&self, from: usize, length: usize) -> Vec<u8> {
        let byte = |at: usize| self.words[at / 8].to_le_bytes()[at % 8];
        (from..from + length).map(byte).collect()
    }

    /// Copies bytes into it. They fit.
    pub(crate) fn write(&mut self, from: usize, data: &[u8]) {
        for (at, &value) in (from..).zip(data) {
            let mut bytes = self.words[at / 8].to_le_bytes();
            bytes[at % 8] = value;
            self.words[at / 8] = u64::from_le_bytes(bytes);
        }
    }

    /// Calls `put` with everything that decides how it goes on.
    pub(crate) fn each_word(&self, put: &mut dyn FnMut(u64)) {
        self.words.iter().for_each(|&word| put(word));
        self.sharers.iter().for_each(|pid| put(pid.0));
        self.waiters.iter().for_each(|&(pid, _, offset)| {
            put(pid.0);
            put(offset);
        });
    }
}
