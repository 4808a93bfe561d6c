//! Full collection in place: mark, compute, update, slide.
//!
//! Live objects keep their order and move down over the dead ones. The new place of a live word is the number of marked
//! words in front of it: a table has that number for every 64 words, the bits in between are counted. So no object needs
//! a forwarding address, and memory grows by about 2.5 % while collecting. References are updated and words moved in one
//! pass, a piece after the other: new places depend on nothing that moving changes. After Lisp-2 (Jones, Hosking, Moss, section
//! 3.2) with the offset table of the Compressor (Kermany and Petrank, 2006).

use mvm_mem::Memory;

use crate::alloc::new_memory;
use crate::heap::{Heap, POISON, reference, set_reference};
use crate::layout::{Header, Layouts, flags};
use crate::mark::{Marker, Marks};
use crate::planted::Planted;
use crate::roots::{Roots, Wanted};

/// Free words behind the live ones that are given back to the host when there are more.
const GIVE_BACK_WORDS: usize = 256 << 10;

/// So many words are updated, then moved: they are still in the cache.
const PIECE_WORDS: usize = 1 << 10;

/// Where live words go.
struct Places {
    marks: Marks,
    /// Live words in front of each block of 64.
    before: Vec<u32>,
    /// The first live word goes here.
    base: usize,
    live: usize,
    off_by_one: bool,
}

impl Places {
    /// Compute.
    fn new(marks: Marks, base: usize, off_by_one: bool) -> Option<Places> {
        let mut before = Vec::new();
        before.try_reserve_exact(marks.blocks().len()).ok()?;
        let mut live = 0u32;
        for block in marks.blocks() {
            before.push(live);
            live += block.count_ones();
        }
        Some(Places { marks, before, base, live: live as usize, off_by_one })
    }

    /// The new place of a marked word.
    #[inline]
    fn of(&self, at: usize) -> usize {
        let (block, bit) = self.marks.place(at);
        let bits = self.marks.blocks()[block];
        // Counting takes a dozen instructions where the processor may lack one for it, and most blocks are full.
        let inside = if bits == !0 { bit } else { (bits & !(!0 << bit)).count_ones() };
        self.base + self.before[block] as usize + inside as usize
    }

    /// A reference to the new place of an object.
    #[inline]
    fn moved(&self, object: u32) -> u32 {
        if object == 0 {
            return 0;
        }
        let new = self.of(object as usize);
        let wrong = self.off_by_one && self.before[self.marks.place(object as usize).0] > 0;
        (new + usize::from(wrong)) as u32
    }
}

impl Heap {
    /// Collects the old space (or the only one); the young region is empty. `request` words will be made in it next. The
    /// number of words that moved. None when the host has no memory; then nothing has changed.
    pub(crate) fn slide(
        &mut self,
        layouts: &Layouts,
        roots: &mut dyn Roots,
        request: usize,
    ) -> Option<usize> {
        let end = if self.young.is_some() { self.old_top } else { self.top };
        let mut marker = Marker::new(&self.memory, layouts, self.old_start, end)?;
        let mut first = self.has_bug(Planted::DroppedRoot);
        roots.visit(Wanted::All, &mut |root| {
            if !std::mem::take(&mut first) {
                marker.mark(*root);
            }
            false
        });
        let marks = marker.finish();
        // In stress runs everything moves, and by another distance each time.
        let stress = self.options.stress > 0;
        let pad = if stress { 1 + self.stats.collections() as usize % 7 } else { 0 };
        let places = Places::new(marks, self.old_start + pad, self.has_bug(Planted::SlideOffByOne))?;
        let mut apart = None;
        if stress {
            let words = self.memory.len().max(self.old_start + pad + places.live);
            apart = Some(new_memory(words, &self.options, self.old_start)?);
        }
        roots.visit(Wanted::All, &mut |root| {
            *root = places.moved(*root);
            false
        });
        self.objects_moved(usize::MAX, |_, object| {
            if places.marks.is_marked(object as usize) { places.moved(object) } else { 0 }
        });
        let moved = self.move_runs(layouts, &places, apart.as_mut());
        let top = self.old_start + pad + places.live;
        if let Some(apart) = apart {
            self.leave_place(apart, top, end);
        }
        self.holes.clear();
        if pad > 0 {
            self.holes.add(&mut self.memory, self.old_start, pad);
        }
        self.settle(top, end, request);
        Some(moved)
    }

    /// Update and slide: piece by piece, references first. The number of words that moved.
    fn move_runs(&mut self, layouts: &Layouts, places: &Places, mut apart: Option<&mut Memory>) -> usize {
        let mut moved = 0;
        let mut next = self.old_start;
        while let Some(run) = places.marks.next_run(next) {
            next = run.end;
            let (mut at, mut to) = (run.start, places.of(run.start));
            while at < run.end {
                let piece = at..self.update_piece(layouts, places, at, run.end);
                at = piece.end;
                let (from, count) = (piece.start, piece.len());
                match &mut apart {
                    Some(apart) => apart[to..to + count].copy_from_slice(&self.memory[piece]),
                    None if to == from => {}
                    None => self.memory.copy_within(piece, to),
                }
                moved += if to == from { 0 } else { count };
                to += count;
            }
        }
        moved
    }

    /// Updates the references of objects from `at` on, up to `end` or so many that they make a piece; the end of the last.
    fn update_piece(&mut self, layouts: &Layouts, places: &Places, mut at: usize, end: usize) -> usize {
        let split = self.young.is_some();
        let end = end.min(at + PIECE_WORDS);
        let words: &mut [u64] = &mut self.memory;
        while at < end {
            let header = Header(words[at]);
            if let Some(mut mask) = layouts.field_mask(header.class()) {
                while mask != 0 {
                    let half = mask.trailing_zeros() as usize;
                    set_reference(words, at, half, places.moved(reference(words, at, half)));
                    mask &= mask - 1;
                }
                if split {
                    words[at] = header.and(flags::BARRIER).0;
                }
                at += 1 + header.length() as usize;
                continue;
            }
            if layouts.has_slots_at(header) {
                layouts.slots(words, at).each(|half| {
                    set_reference(words, at, half, places.moved(reference(words, at, half)));
                });
                if split {
                    words[at] = layouts.old_header(header).0;
                }
            }
            at += layouts.size(header);
        }
        at
    }

    /// Goes on in other memory, in which only live objects are, up to `top`.
    fn leave_place(&mut self, mut apart: Memory, top: usize, end: usize) {
        let poisoned = end.clamp(top, apart.len());
        apart[top..poisoned].fill(POISON);
        self.clean_from = self.clean_from.max(poisoned);
        if self.young.is_none() {
            self.flat_end = apart.len();
        }
        self.memory = apart;
    }

    /// Frees what is behind the live objects.
    fn settle(&mut self, top: usize, end: usize, request: usize) {
        self.remembered.clear();
        let live = top - self.old_start + if self.young.is_some() { self.externals.words() } else { 0 };
        self.threshold = crate::policy::policy(self.options.gc).threshold(live + request);
        if self.young.is_none() {
            self.allocated_base = self.allocated_words();
            self.top = top;
            self.top_base = top;
            if self.options.stress > 0 {
                return;
            }
            if end - top > GIVE_BACK_WORDS {
                self.memory.discard(top..end);
            } else {
                self.memory[top..end].fill(0);
            }
            let wanted = (self.old_start + self.threshold).max(top);
            if self.memory.is_range() && wanted < self.flat_end {
                self.flat_end = wanted;
            }
            return;
        }
        self.old_top = top;
        let keep = (self.old_start + self.threshold - self.externals.words()).max(top);
        if self.clean_from > keep + GIVE_BACK_WORDS {
            self.memory.discard(keep..self.clean_from);
            self.clean_from = keep;
        }
    }
}
