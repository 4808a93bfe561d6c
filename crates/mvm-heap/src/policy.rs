//! When a heap grows, collects, and how: one policy for each collector.
//!
//! The mechanisms (copying, sliding, young collections) are in files of their own and can be used by any policy.

use mvm_mem::CHUNK_WORDS_MAX;

use crate::options::{Gc, Options};

/// What a policy may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// Words in use, garbage included.
    pub(crate) used: usize,
    /// Words that were live after the last full collection.
    pub(crate) live: usize,
    /// Words of the space.
    pub(crate) capacity: usize,
    /// Words that the next object needs.
    pub(crate) request: usize,
    /// Words outside the heap that it is charged for.
    pub(crate) external: usize,
    /// Full collections so far.
    pub(crate) collections: u64,
}

/// What to do when a flat heap is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Make the space so many words long; nothing moves.
    Grow(usize),
    /// Collect, by the mechanism that [`Policy::full`] names.
    Collect,
}

/// How to collect everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// Compact in place.
    Slide,
    /// Copy what is live into a new space.
    Copy,
    /// Copy what is live into the old space of a split heap.
    Split,
}

/// A collector's decisions.
pub(crate) trait Policy: Sync {
    /// A flat heap has no room for a request.
    fn when_full(&self, facts: &Facts) -> Plan;

    /// How a flat heap is collected. `live` is at most `facts.used`.
    fn full(&self, facts: &Facts, options: &Options) -> Full;

    /// To how many words the old (or only) space may grow after a full collection that left `live`.
    fn threshold(&self, live: usize) -> usize;
}

/// The policy of a collector.
pub(crate) fn policy(gc: Gc) -> &'static dyn Policy {
    match gc {
        Gc::Generational => &Generational,
        Gc::Compact => &Compact,
        Gc::Copying => &Copying,
    }
}

/// Words that a small space gets after so many collections: a process that collects often is given more room.
fn small_words(facts: &Facts) -> usize {
    (64usize << facts.collections.min(9)).min(CHUNK_WORDS_MAX)
}

/// The size of the space after copying left `live` words: twice as much, so that the work of a collection is paid for by
/// as many allocations.
pub(crate) fn copied_words(facts: &Facts, live: usize) -> usize {
    (2 * (live + facts.request)).max(small_words(facts))
}

struct Generational;

impl Policy for Generational {
    fn when_full(&self, facts: &Facts) -> Plan {
        if facts.capacity == 0 { Plan::Grow(facts.request + 2) } else { Plan::Collect }
    }

    fn full(&self, facts: &Facts, options: &Options) -> Full {
        // A nursery of a chosen size is worth it once the heap is larger.
        let enough = if options.young_words > 0 { options.young_words * 2 } else { CHUNK_WORDS_MAX };
        let enough = enough.min(CHUNK_WORDS_MAX);
        let large = facts.capacity >= enough || facts.request > enough / 2;
        if large || options.stress > 0 { Full::Split } else { Full::Copy }
    }

    /// 1.7 times what is live: with the young region the peak stays below twice.
    fn threshold(&self, live: usize) -> usize {
        (live + live / 10 * 7).max(live + (256 << 10))
    }
}

struct Compact;

impl Policy for Compact {
    fn when_full(&self, facts: &Facts) -> Plan {
        let most = self.threshold(facts.live).max(facts.live + facts.request + 2);
        if facts.capacity + facts.request <= most.max(1 << 12) {
            let step = if facts.capacity < CHUNK_WORDS_MAX { facts.capacity } else { facts.capacity / 8 };
            return Plan::Grow((facts.capacity + step).max(facts.used + facts.request + 2).max(64));
        }
        Plan::Collect
    }

    fn full(&self, _: &Facts, _: &Options) -> Full {
        Full::Slide
    }

    /// 1.25 times what is live: with the marks and whole pages the peak stays below 1.4 times.
    fn threshold(&self, live: usize) -> usize {
        (live + live / 4).max(live + (32 << 10))
    }
}

struct Copying;

impl Policy for Copying {
    fn when_full(&self, facts: &Facts) -> Plan {
        if facts.capacity == 0 { Plan::Grow(facts.request + 2) } else { Plan::Collect }
    }

    /// Copying needs room for both spaces. Near the limit that would be more memory than a heap may hold, so it slides.
    fn full(&self, facts: &Facts, options: &Options) -> Full {
        let both = (facts.used + facts.external) as u64 + copied_words(facts, facts.live) as u64;
        if both > (options.limit_words / 8 * 9).max(CHUNK_WORDS_MAX as u64) {
            return Full::Slide;
        }
        Full::Copy
    }

    fn threshold(&self, live: usize) -> usize {
        (2 * live).max(live + 64)
    }
}
