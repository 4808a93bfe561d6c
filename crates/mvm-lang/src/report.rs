//! Where diagnostics of one file are collected.

use mvm_diag::{Diagnostic, FileId, Span};

/// How many errors are kept for a file; the rest is read all the same.
pub const ERRORS_MAX: usize = 200;

/// Longest piece of the source that a message repeats, in characters.
const QUOTED_MAX: usize = 40;

/// The diagnostics of a file.
#[derive(Debug)]
pub(crate) struct Report {
    file: FileId,
    found: Vec<Diagnostic>,
}

impl Report {
    pub(crate) fn new(file: FileId) -> Report {
        Report { file, found: Vec::new() }
    }

    /// Whether more would not be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= ERRORS_MAX
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    /// Takes a diagnostic.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.found.push(diagnostic);
        }
    }

    /// All diagnostics in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| d.primary.as_ref().map_or(0, |label| label.span.start));
        self.found
    }
}

/// A piece of the source as messages repeat it: in backquotes, cut when long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String =
        text.chars().take(QUOTED_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(QUOTED_MAX).is_some() {
        shown.push_str("...");
    }
    format!("`{shown}`")
}
