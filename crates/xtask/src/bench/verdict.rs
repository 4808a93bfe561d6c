//! A target and what came of it.

/// A figure that is to be at most so large.
#[derive(Debug)]
pub(super) struct Verdict {
    /// What was measured.
    pub(super) what: String,
    /// How large it may be.
    pub(super) limit: f64,
    /// How large it is.
    pub(super) found: f64,
}

impl Verdict {
    /// Whether the target is met.
    pub(super) fn met(&self) -> bool {
        self.found <= self.limit
    }

    /// A line for people.
    pub(super) fn text(&self) -> String {
        let Verdict { what, limit, found } = self;
        format!("{}  {what}: {found:.2}, at most {limit:.2}", if self.met() { "met   " } else { "MISSED" })
    }

    /// An object for machines.
    pub(super) fn json(&self) -> String {
        let Verdict { what, limit, found } = self;
        format!("{{\"target\":\"{what}\",\"limit\":{limit},\"found\":{found:.4},\"met\":{}}}", self.met())
    }
}
