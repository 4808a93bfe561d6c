//! Bugs on purpose, chosen at run time: with them the tests of the collector show that they find bugs.
//!
//! Without the feature `planted-bugs` nothing of this is in the collector.

/// A bug that a heap can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// A collection forgets the last root.
    DroppedRoot,
    /// Stores into old objects are not noted.
    MissedBarrier,
    /// Sliding computes new places one word too far up, from the second live block on.
    SlideOffByOne,
}

impl Planted {
    /// All of them.
    pub const ALL: [Planted; 3] = [Planted::DroppedRoot, Planted::MissedBarrier, Planted::SlideOffByOne];
}
