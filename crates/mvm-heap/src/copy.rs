//! Full collection of a flat heap by copying: into a new space, or into the old space of a heap that is split by it.
//!
//! What is live is copied in breadth-first order; a copied object leaves its new index behind, and the copies are the
//! queue of objects whose references are still to be updated: Cheney (1970).

use mvm_mem::Memory;

use crate::alloc::new_memory;
use crate::followed::forwarded;
use crate::heap::{Heap, POISON, SENTINEL_WORDS, Young, reference, set_reference};
use crate::layout::{Header, Layouts, flags};
use crate::planted::Planted;
use crate::policy::{Facts, copied_words, policy};
use crate::roots::{Roots, Wanted};
use crate::young::{NURSERY_WORDS_FIRST, NURSERY_WORDS_MAX};

/// Words of the nursery in stress runs: even small programs have large objects and full survivor spaces.
const NURSERY_WORDS_STRESS: usize = 256;

/// The space that objects are copied to.
struct Space<'a> {
    from: &'a mut [u64],
    to: Memory,
    top: usize,
    layouts: &'a Layouts,
}

impl Heap {
    /// Copies what is live into a new flat space. The number of words that moved.
    pub(crate) fn copy(&mut self, layouts: &Layouts, roots: &mut dyn Roots, facts: &Facts) -> Option<usize> {
        let stress = self.options.stress > 0;
        let pad = if stress { 1 + self.stats.collections() as usize % 7 } else { 0 };
        let start = SENTINEL_WORDS + pad;
        let memory = new_memory(start + self.used_words() + facts.request, &self.options, SENTINEL_WORDS)?;
        let (to, top) = self.copy_to(layouts, roots, memory, start, false);
        self.memory = to;
        self.start_at(top);
        let live = top - start;
        // In a stress run nothing is saved by room to spare, and all of it would be overwritten.
        let room = if stress { live + pad + facts.request + 64 } else { copied_words(facts, live) };
        // Where the host has no more, what there is must do.
        if !self.grow_flat(top, SENTINEL_WORDS + room) {
            self.flat_end = self.memory.len();
        }
        self.holes.clear();
        self.holes.add(&mut self.memory, SENTINEL_WORDS, pad);
        if stress {
            self.memory[top..].fill(POISON);
        }
        self.threshold = policy(self.options.gc).threshold(live);
        Some(live)
    }

    /// Splits a flat heap: what is live becomes old, new objects go to a nursery.
    pub(crate) fn split(&mut self, layouts: &Layouts, roots: &mut dyn Roots) -> Option<usize> {
        let fixed = if self.options.stress > 0 { NURSERY_WORDS_STRESS } else { self.options.young_words };
        let most = if fixed > 0 { fixed.clamp(64, 1 << 28) } else { NURSERY_WORDS_MAX };
        let survivor_words = (most / 4).max(16);
        let nursery = SENTINEL_WORDS + 2 * survivor_words;
        let old_start = nursery + most;
        let nursery_words = if fixed > 0 { most } else { NURSERY_WORDS_FIRST };
        let young = Young {
            survivor_words,
            from: SENTINEL_WORDS,
            from_top: SENTINEL_WORDS,
            nursery,
            nursery_words,
            large_words: nursery_words / 8,
            promoted: 0,
            nursery_words_max: most,
        };
        let words = old_start + self.used_words() + young.promotion_words();
        let memory = new_memory(words, &self.options, old_start)?;
        let (to, top) = self.copy_to(layouts, roots, memory, old_start, true);
        self.memory = to;
        self.holes.clear();
        self.start_at(nursery);
        self.old_start = old_start;
        self.old_top = top;
        self.clean_from = top;
        *self.young = Some(young);
        self.threshold = policy(self.options.gc).threshold(top - old_start + self.externals.words());
        Some(top - old_start)
    }

    fn start_at(&mut self, top: usize) {
        self.allocated_base = self.allocated_words();
        self.top = top;
        self.top_base = top;
    }

    fn copy_to(
        &mut self,
        layouts: &Layouts,
        roots: &mut dyn Roots,
        to: Memory,
        start: usize,
        old: bool,
    ) -> (Memory, usize) {
        let mut first = self.has_bug(Planted::DroppedRoot);
        let mut space = Space { from: &mut self.memory, to, top: start, layouts };
        roots.visit(Wanted::All, &mut |root| {
            if !std::mem::take(&mut first) {
                *root = space.copy(*root);
            }
            false
        });
        let mut scan = start;
        while scan < space.top {
            scan = space.scan(scan, old);
        }
        let (to, top) = (space.to, space.top);
        self.objects_moved(usize::MAX, forwarded);
        (to, top)
    }
}

impl Space<'_> {
    fn copy(&mut self, object: u32) -> u32 {
        if object == 0 {
            return 0;
        }
        let at = object as usize;
        let header = Header(self.from[at]);
        if header.has(flags::FORWARDED) {
            return header.length();
        }
        let size = self.layouts.size(header);
        let new = self.top;
        self.to[new..new + size].copy_from_slice(&self.from[at..at + size]);
        self.top += size;
        self.from[at] = header.forwarded(new).0;
        new as u32
    }

    /// Copies what the object at `at` refers to; the result is the next object.
    fn scan(&mut self, at: usize, old: bool) -> usize {
        let header = Header(self.to[at]);
        let layouts = self.layouts;
        layouts.slots(&self.to, at).each(|half| self.update(at, half));
        if old {
            self.to[at] = layouts.old_header(header).0;
        }
        at + layouts.size(header)
    }

    fn update(&mut self, at: usize, half: usize) {
        let old = reference(&self.to, at, half);
        let new = self.copy(old);
        set_reference(&mut self.to, at, half, new);
    }
}
