//! What collections have done: one record each, and sums.

/// What a collection did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Moved what is alive out of the young space.
    Young,
    /// Marked everything that is alive and slid it together in place.
    Slide,
    /// Copied everything that is alive into a new space.
    Copy,
}

impl Kind {
    /// One word for logs.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Young => "young",
            Kind::Slide => "slide",
            Kind::Copy => "copy",
        }
    }

    /// Whether everything that was dead is gone afterwards.
    pub const fn is_full(self) -> bool {
        !matches!(self, Kind::Young)
    }
}

/// Why a collection ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reason {
    /// The space for new objects was full.
    Full,
    /// The old space had grown as far as it may before a full collection.
    OldGrown,
    /// New strings outside the heap had grown as far as they may before a collection.
    Buffers,
    /// What was in use came near the limit.
    Limit,
    /// The host had no more memory.
    Host,
    /// Somebody asked, for example a stress run.
    #[default]
    Asked,
}

impl Reason {
    /// A few words for logs.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Full => "space full",
            Reason::OldGrown => "old space grown",
            Reason::Buffers => "buffers grown",
            Reason::Limit => "near the limit",
            Reason::Host => "host memory",
            Reason::Asked => "asked for",
        }
    }
}

/// One collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collection {
    /// What it did.
    pub kind: Kind,
    /// Why it ran.
    pub reason: Reason,
    /// Words in use before, garbage included.
    pub before_words: usize,
    /// Words in use after; for a full collection those of live objects.
    pub after_words: usize,
    /// Words of objects that moved.
    pub moved_words: usize,
    /// Words of objects that moved from the young space to the old one.
    pub promoted_words: usize,
    /// Words between objects that could not be used before (holes), and after.
    pub hole_words: (usize, usize),
    /// Words of host memory that the heap holds afterwards.
    pub held_words: usize,
}

/// Sums over the life of a heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeapStats {
    /// Young collections.
    pub young: u64,
    /// Full collections.
    pub full: u64,
    /// Words moved by collections.
    pub moved_words: u64,
    /// Words that were live after the last full collection.
    pub live_words: u64,
    /// Most words that were live after a full collection.
    pub peak_live_words: u64,
    /// Most words in use when a collection began.
    pub peak_used_words: u64,
}

impl HeapStats {
    /// Nothing yet.
    pub(crate) const fn new() -> HeapStats {
        HeapStats { young: 0, full: 0, moved_words: 0, live_words: 0, peak_live_words: 0, peak_used_words: 0 }
    }

    /// Collections of all kinds.
    pub fn collections(&self) -> u64 {
        self.young + self.full
    }

    pub(crate) fn add(&mut self, collection: &Collection) {
        self.moved_words += collection.moved_words as u64;
        self.peak_used_words = self.peak_used_words.max(collection.before_words as u64);
        if collection.kind.is_full() {
            self.full += 1;
            self.live_words = collection.after_words as u64;
            self.peak_live_words = self.peak_live_words.max(self.live_words);
        } else {
            self.young += 1;
        }
    }
}
