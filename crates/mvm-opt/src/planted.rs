//! Bugs to plant into passes, so that tests show that they would be found. Without feature `planted-bugs` none can be.

/// A bug in a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// Common subexpressions: a load gives what it gave before a store.
    StaleLoads,
    /// Dead code: a division whose result nobody reads goes, though it may trap.
    LostTraps,
    /// Loops: the copy of the test leaves the loop where it should stay.
    TurnedTests,
    /// Copies: a copy stands for its source even when that has been written again.
    OldCopies,
}

impl Planted {
    /// All of them.
    pub const ALL: [Planted; 4] =
        [Planted::StaleLoads, Planted::LostTraps, Planted::TurnedTests, Planted::OldCopies];
}
