//! A collection from beginning to end: which kind it is, what it did.

use crate::heap::{Due, Heap};
use crate::layout::Layouts;
use crate::policy::{Full, policy};
use crate::roots::Roots;
use crate::stats::{Collection, Kind, Reason};

/// What a mechanism did: its kind, the words it moved and, of them, those that became old.
type Done = (Kind, usize, usize);

impl Heap {
    /// Makes the next [`Heap::collect`] a full one.
    pub fn ask_full(&mut self) {
        self.due = Due { full: true, ..Due::default() };
    }

    /// Runs the collection that is due, and changes the roots to the new places. None when the host has no memory for
    /// it; then nothing has changed.
    ///
    /// # Panics
    /// With [`crate::Options::check`], when the heap is unsound.
    pub fn collect(&mut self, layouts: &Layouts, roots: &mut dyn Roots) -> Option<Collection> {
        if self.options.check {
            self.check(layouts, roots).unwrap_or_else(|what| panic!("before a collection: {what}"));
        }
        let due = std::mem::take(&mut self.due);
        let (before_words, holes) = (self.used_words(), self.hole_words());
        let mut reason = due.reason;
        let (kind, moved_words, promoted_words) = if self.young.is_some() {
            let grown = self.old_words() > self.threshold;
            if grown && !due.full {
                reason = Reason::OldGrown;
            }
            let stress = self.options.stress > 0 && self.stats.collections() % 3 == 2;
            self.collect_split(layouts, roots, due.full || grown || stress, due.request)?
        } else {
            self.collect_flat(layouts, roots, due.request)?
        };
        if let Some(young) = *self.young
            && !self.ensure_len(self.old_top + young.promotion_words())
        {
            // Nothing can be made in the nursery then, and the next request asks for a full collection.
            reason = Reason::Host;
        }
        let collection = Collection {
            kind,
            reason,
            before_words,
            after_words: self.used_words(),
            moved_words,
            promoted_words,
            hole_words: (holes, self.hole_words()),
            held_words: self.held_words(),
        };
        self.stats.add(&collection);
        self.set_end();
        if self.options.check {
            self.check(layouts, roots).unwrap_or_else(|what| panic!("after a collection: {what}"));
        }
        Some(collection)
    }

    fn collect_split(
        &mut self,
        layouts: &Layouts,
        roots: &mut dyn Roots,
        full: bool,
        request: usize,
    ) -> Option<Done> {
        let young = self.collect_young(layouts, roots, full)?;
        if !full {
            return Some((Kind::Young, young.words, young.promoted));
        }
        match self.slide(layouts, roots, request) {
            Some(moved) => Some((Kind::Slide, young.words + moved, young.promoted)),
            // No memory for the marks: the young part is done.
            None => Some((Kind::Young, young.words, young.promoted)),
        }
    }

    fn collect_flat(&mut self, layouts: &Layouts, roots: &mut dyn Roots, request: usize) -> Option<Done> {
        if self.memory.is_empty() {
            return Some((Kind::Copy, 0, 0));
        }
        let facts = self.facts(request);
        match policy(self.options.gc).full(&facts, &self.options) {
            Full::Slide => self.slide(layouts, roots, 0).map(|moved| (Kind::Slide, moved, 0)),
            Full::Copy => self.copy(layouts, roots, &facts).map(|moved| (Kind::Copy, moved, 0)),
            Full::Split => self.split(layouts, roots).map(|moved| (Kind::Copy, moved, moved)),
        }
    }
}
