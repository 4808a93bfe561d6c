//! Young collection: what is alive in the young region moves out of it.
//!
//! Objects of the nursery go to the empty survivor space, those that have survived before (and what finds no room) to
//! the old space. The copied objects are the queue of those whose references are still to be updated, so there is no
//! recursion: Cheney (1970). Generations after Ungar (1984); an object's age is where it is.

use crate::followed::forwarded;
use crate::heap::{Heap, POISON, Young, reference, set_reference};
use crate::layout::{Header, Layouts, flags};
use crate::remembered::{CARD_REFS, CARDED_REFS_MIN, Cards, Remembered};
use crate::roots::{Roots, Wanted};

/// Sizes between which the nursery adapts, in words: 512 KiB to 4 MiB, 1 MiB at first.
const NURSERY_WORDS_MIN: usize = 64 << 10;
pub(crate) const NURSERY_WORDS_FIRST: usize = 128 << 10;
pub(crate) const NURSERY_WORDS_MAX: usize = 512 << 10;

/// Objects of at least so many words are born old when most of the nursery survives.
const LARGE_WORDS_MIN: usize = 256;

/// Fewer words are not worth a call of the host.
const POPULATED_WORDS_MIN: usize = 8 << 10;

/// What a young collection moved, in words.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moved {
    pub(crate) words: usize,
    pub(crate) promoted: usize,
}

/// A young collection under way.
struct Evacuation<'a> {
    words: &'a mut [u64],
    layouts: &'a Layouts,
    old_start: usize,
    /// First word of the nursery: young objects below it have survived before.
    nursery: usize,
    promote_all: bool,
    /// Where survivors go.
    to: usize,
    to_top: usize,
    to_end: usize,
    old_top: usize,
    moved: usize,
}

impl Heap {
    /// Empties the nursery, and with `promote_all` the survivor space too. False when the host has no memory.
    pub(crate) fn collect_young(
        &mut self,
        layouts: &Layouts,
        roots: &mut dyn Roots,
        promote_all: bool,
    ) -> Option<Moved> {
        let mut young = (*self.young)?;
        let used = self.top - young.nursery + young.from_top - young.from;
        if !self.ensure_len(self.old_top + used) {
            return None;
        }
        let old_top = self.old_top;
        // Much as last time will become old.
        let expected = old_top + young.promoted.min(used);
        if expected > self.clean_from + POPULATED_WORDS_MIN {
            self.memory.expect_writes(self.clean_from..expected);
        }
        let noted = std::mem::take(&mut *self.remembered);
        let mut keep = Remembered::default();
        let to = young.to();
        let dropped_root = self.has_bug(crate::planted::Planted::DroppedRoot);
        let mut evacuation = Evacuation {
            words: &mut self.memory,
            layouts,
            old_start: self.old_start,
            nursery: young.nursery,
            promote_all,
            to,
            to_top: to,
            to_end: to + young.survivor_words,
            old_top,
            moved: 0,
        };
        let mut first = dropped_root;
        roots.visit(Wanted::Recent, &mut |root| {
            if !std::mem::take(&mut first) {
                *root = evacuation.forward(*root);
            }
            evacuation.is_young(*root)
        });
        evacuation.scan_remembered(noted, &mut keep, old_top);
        evacuation.scan_moved(to, old_top, &mut keep);
        let moved = Moved { words: evacuation.moved, promoted: evacuation.old_top - old_top };
        let to_top = evacuation.to_top;
        self.old_top = evacuation.old_top;
        self.clean_from = self.clean_from.max(self.old_top);
        *self.remembered = keep;
        self.objects_moved(self.old_start, forwarded);
        self.leave_young(&mut young, to, to_top);
        self.adapt_nursery(&mut young, moved.words);
        young.promoted = moved.promoted;
        *self.young = Some(young);
        self.young_holes.clear();
        Some(moved)
    }

    /// The old places are free again.
    fn leave_young(&mut self, young: &mut Young, to: usize, to_top: usize) {
        let stress = self.options.stress > 0;
        let left = young.nursery..self.top;
        self.memory[left].fill(if stress { POISON } else { 0 });
        if stress {
            self.memory[young.from..young.from_top].fill(POISON);
        }
        self.allocated_base = self.allocated_words();
        self.top = young.nursery;
        self.top_base = young.nursery;
        young.from = to;
        young.from_top = to_top;
    }

    /// A nursery from which much survives is too small for objects to die in it; one from which nothing does is larger
    /// than the caches like.
    fn adapt_nursery(&self, young: &mut Young, survived: usize) {
        if self.options.young_words > 0 || self.options.stress > 0 {
            return;
        }
        // Where most survives, copying it is only work: what is not small is born old then.
        let large =
            if survived > young.nursery_words / 2 { LARGE_WORDS_MIN } else { young.nursery_words / 8 };
        young.large_words = large.min(young.nursery_words / 8);
        if survived > young.nursery_words / 4 {
            young.nursery_words = (young.nursery_words * 2).min(young.nursery_words_max);
        } else if survived < young.nursery_words / 32 {
            young.nursery_words =
                (young.nursery_words / 2).max(NURSERY_WORDS_MIN.min(young.nursery_words_max));
        }
    }
}

/// Copies an object to where there is none.
#[inline(always)]
fn copy_object(words: &mut [u64], at: usize, new: usize, size: usize) {
    // Most objects are small: a call of `memmove` costs more than their words.
    match size {
        2 => copy_words::<2>(words, at, new),
        3 => copy_words::<3>(words, at, new),
        4 => copy_words::<4>(words, at, new),
        0..=8 => {
            for k in 0..size {
                words[new + k] = words[at + k];
            }
        }
        _ => words.copy_within(at..at + size, new),
    }
}

#[inline(always)]
fn copy_words<const N: usize>(words: &mut [u64], at: usize, new: usize) {
    if let Some(&object) = words[at..].first_chunk::<N>() {
        words[new..new + N].copy_from_slice(&object);
    }
}

impl Evacuation<'_> {
    #[inline(always)]
    fn is_young(&self, object: u32) -> bool {
        object != 0 && (object as usize) < self.old_start
    }

    /// The new place of an object, which moves if it has not yet.
    #[inline(always)]
    fn forward(&mut self, object: u32) -> u32 {
        if !self.is_young(object) {
            return object;
        }
        let at = object as usize;
        let header = Header(self.words[at]);
        if header.has(flags::FORWARDED) {
            return header.length();
        }
        let size = self.layouts.size(header);
        let old = self.promote_all || at < self.nursery || self.to_top + size > self.to_end;
        let place = if old { &mut self.old_top } else { &mut self.to_top };
        let new = *place;
        *place += size;
        self.moved += size;
        copy_object(self.words, at, new, size);
        self.words[at] = header.forwarded(new).0;
        new as u32
    }

    /// Updates a reference; whether it is to a young object now.
    #[inline(always)]
    fn update(&mut self, at: usize, half: usize) -> bool {
        let old = reference(self.words, at, half);
        if !self.is_young(old) {
            return false;
        }
        let new = self.forward(old);
        set_reference(self.words, at, half, new);
        self.is_young(new)
    }

    /// Updates all references of an object; whether one is to a young object now.
    fn scan(&mut self, at: usize) -> bool {
        match self.layouts.field_mask(Header(self.words[at]).class()) {
            Some(mask) => self.scan_fields(at, mask),
            None => self.scan_other(at),
        }
    }

    #[inline(always)]
    fn scan_fields(&mut self, at: usize, mut mask: u32) -> bool {
        let mut young = false;
        while mask != 0 {
            young |= self.update(at, mask.trailing_zeros() as usize);
            mask &= mask - 1;
        }
        young
    }

    #[inline(never)]
    fn scan_other(&mut self, at: usize) -> bool {
        let mut young = false;
        self.layouts.slots(self.words, at).each(|half| young |= self.update(at, half));
        young
    }

    /// Updates what old objects refer to, and keeps noted those that still refer to young ones.
    fn scan_remembered(&mut self, noted: Remembered, keep: &mut Remembered, old_top: usize) {
        let Remembered { objects, overflow, mut cards } = noted;
        if overflow {
            let mut at = self.old_start;
            while at < old_top {
                let header = Header(self.words[at]);
                if self.layouts.has_slots_at(header) && !header.has(flags::BARRIER) {
                    self.scan_noted(at, keep);
                }
                at += self.layouts.size(header);
            }
        } else {
            for object in objects {
                self.scan_noted(object as usize, keep);
            }
        }
        for key in cards.take() {
            let (array, card) = Cards::parts(key);
            let length = Header(self.words[array as usize]).length() as usize;
            if self.scan_card(array as usize, card, length) {
                self.keep_card(key, keep);
            }
        }
    }

    /// Updates the references of a card, which may have been updated before; whether one is to a young object now.
    fn scan_card(&mut self, array: usize, card: usize, length: usize) -> bool {
        let first = card * CARD_REFS;
        let mut young = false;
        for half in first..(first + CARD_REFS).min(length) {
            let old = reference(self.words, array, half);
            if self.is_young(old) {
                // An array of which too many cards were noted is noted as a whole, too: what has moved must not move again.
                young |= (self.to..self.to_end).contains(&(old as usize)) || self.update(array, half);
            }
        }
        young
    }

    /// Keeps a card noted; where there is no room for it, its array.
    fn keep_card(&mut self, key: u64, keep: &mut Remembered) {
        let (array, _) = Cards::parts(key);
        let header = Header(self.words[array as usize]);
        if header.has(flags::BARRIER) && !keep.cards.insert(key) {
            self.words[array as usize] = header.without(flags::BARRIER).0;
            keep.note(array, self.old_top - self.old_start);
        }
    }

    /// Updates an object that is noted or that is a new old one.
    fn scan_noted(&mut self, at: usize, keep: &mut Remembered) {
        let header = Header(self.words[at]);
        let old_header = self.layouts.old_header(header);
        if old_header.has(flags::CARDED) {
            // Only those cards stay noted that have to.
            self.words[at] = old_header.0;
            let length = header.length() as usize;
            for card in 0..length.div_ceil(CARD_REFS) {
                if self.scan_card(at, card, length) {
                    self.keep_card(Cards::key(at as u32, card), keep);
                }
            }
        } else if self.scan(at) {
            self.words[at] = header.without(flags::BARRIER).0;
            keep.note(at as u32, self.old_top - self.old_start);
        } else {
            self.words[at] = old_header.0;
        }
    }

    /// Updates what moved, until nothing moves any more.
    fn scan_moved(&mut self, to: usize, old: usize, keep: &mut Remembered) {
        let (mut to, mut old) = (to, old);
        while to < self.to_top || old < self.old_top {
            while to < self.to_top {
                let header = Header(self.words[to]);
                to += match self.layouts.field_mask(header.class()) {
                    Some(mask) => {
                        self.scan_fields(to, mask);
                        1 + header.length() as usize
                    }
                    None => {
                        self.scan_other(to);
                        self.layouts.size(header)
                    }
                };
            }
            while old < self.old_top {
                let header = Header(self.words[old]);
                let Some(mask) = self.layouts.field_mask(header.class()) else {
                    if self.layouts.has_slots_at(header) {
                        self.scan_noted(old, keep);
                    }
                    old += self.layouts.size(header);
                    continue;
                };
                if self.scan_fields(old, mask) {
                    keep.note(old as u32, self.old_top - self.old_start);
                } else {
                    self.words[old] = header.and(flags::BARRIER).0;
                }
                old += 1 + header.length() as usize;
            }
        }
    }
}

impl Layouts {
    /// Whether what is behind a header can refer to other objects.
    #[inline]
    pub(crate) fn has_slots_at(&self, header: Header) -> bool {
        !header.has(flags::FILLER) && self.has_slots(header.class())
    }

    /// The header of an old object that refers to no young one.
    #[inline]
    pub(crate) fn old_header(&self, header: Header) -> Header {
        if !self.has_slots(header.class()) {
            return header;
        }
        let long = header.length() as usize >= CARDED_REFS_MIN && self.is_refs(header.class());
        header.and(if long { flags::BARRIER | flags::CARDED } else { flags::BARRIER })
    }
}
