//! Where diagnostics go, and how a position becomes a span.
//!
//! Tokens carry positions in one space for all files, so that they stay small; [`Report::span`] finds the file. While
//! a macro is being expanded every diagnostic is turned around: the line of use comes first, then the lines inside.

use std::rc::Rc;

use mvm_diag::{Diagnostic, FileId, Label, Note, Span};

/// How many errors a run keeps; it stops soon after.
pub const ERRORS_MAX: usize = 200;
/// How many warnings a run keeps.
const WARNINGS_MAX: usize = 200;
/// Longest message in bytes.
const TEXT_MAX: usize = 600;

/// How many steps of nested macro uses a diagnostic shows.
const STEPS_SHOWN: usize = 4;

/// A range of bytes in the space of all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) pos: u32,
    pub(crate) len: u32,
}

impl Place {
    /// The smallest place with both, if they are in this order (as they are unless a macro came between).
    pub(crate) fn to(self, last: Place) -> Place {
        match (last.pos + last.len).checked_sub(self.pos) {
            Some(len) if len >= self.len => Place { pos: self.pos, len },
            _ => self,
        }
    }
}

/// A use of a macro or one round of a repetition; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ExpansionId(pub(crate) u32);

#[derive(Debug)]
struct Expansion {
    used_at: Place,
    within: ExpansionId,
    /// For the note: "macro `name`".
    what: Rc<str>,
}

/// Collects diagnostics.
#[derive(Debug, Default)]
pub(crate) struct Report {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    /// Number of errors, also of those not kept.
    error_count: usize,
    warning_count: usize,
    /// Where each file begins in the space of positions, ascending.
    bases: Vec<(u32, FileId)>,
    expansions: Vec<Expansion>,
    /// The expansion that is being processed.
    pub(crate) expansion: ExpansionId,
}

impl Report {
    /// Gives a file its part of the space; `None` when the space is used up.
    pub(crate) fn add_file(&mut self, file: FileId, next_base: u64, len: usize) -> Option<u32> {
        let end = next_base + len as u64 + 1;
        u32::try_from(end).ok()?;
        self.bases.push((next_base as u32, file));
        Some(next_base as u32)
    }

    /// The place as a span of its file.
    pub(crate) fn span(&self, place: Place) -> Span {
        let after = self.bases.partition_point(|&(base, _)| base <= place.pos);
        let Some(&(base, file)) = after.checked_sub(1).and_then(|index| self.bases.get(index)) else {
            return Span::new(FileId(0), 0, 0);
        };
        let start = place.pos - base;
        Span::new(file, start, start.saturating_add(place.len))
    }

    /// Starts an expansion inside the current one.
    pub(crate) fn enter(&mut self, what: Rc<str>, used_at: Place) -> ExpansionId {
        self.expansions.push(Expansion { used_at, within: self.expansion, what });
        let before = self.expansion;
        self.expansion = ExpansionId(self.expansions.len() as u32);
        before
    }

    /// Where the outermost use of the current expansion stands.
    pub(crate) fn outermost_use(&self) -> Option<Place> {
        let mut at = self.expansion;
        let mut found = None;
        while let Some(expansion) = self.get(at) {
            found = Some(expansion.used_at);
            at = expansion.within;
        }
        found
    }

    fn get(&self, id: ExpansionId) -> Option<&Expansion> {
        (id.0 as usize).checked_sub(1).and_then(|index| self.expansions.get(index))
    }

    /// Takes a diagnostic.
    pub(crate) fn emit(&mut self, diagnostic: Diagnostic) {
        self.emit_in(self.expansion, diagnostic);
    }

    /// Takes a diagnostic about something that an earlier expansion wrote.
    pub(crate) fn emit_in(&mut self, expansion: ExpansionId, mut diagnostic: Diagnostic) {
        let (kept, count, most) = match diagnostic.is_error() {
            true => (self.errors.len(), &mut self.error_count, ERRORS_MAX),
            false => (self.warnings.len(), &mut self.warning_count, WARNINGS_MAX),
        };
        *count += 1;
        if kept >= most {
            return;
        }
        cut(&mut diagnostic.message);
        diagnostic.help.iter_mut().for_each(cut);
        if let Some(inner) = self.get(expansion) {
            self.turn_around(inner, &mut diagnostic);
        }
        let list = if diagnostic.is_error() { &mut self.errors } else { &mut self.warnings };
        list.push(diagnostic);
    }

    /// Makes the outermost use the primary place and the rest notes, from outside to inside.
    fn turn_around(&self, inner: &Expansion, diagnostic: &mut Diagnostic) {
        let mut chain = vec![inner];
        while let Some(outer) = self.get(chain[chain.len() - 1].within) {
            chain.push(outer);
        }
        let outermost = self.span(chain[chain.len() - 1].used_at);
        let original = diagnostic.primary.take();
        let at_use = original.as_ref().is_some_and(|label| {
            label.span.file == outermost.file
                && label.span.start >= outermost.start
                && label.span.end <= outermost.end
        });
        let mut notes = Vec::new();
        for pair in chain.windows(2).rev().take(STEPS_SHOWN) {
            let text = format!("{} uses {} here", pair[1].what, pair[0].what);
            notes.push(Note { text, span: Some(self.span(pair[0].used_at)) });
        }
        if let Some(more @ 1..) = chain.len().checked_sub(STEPS_SHOWN + 1) {
            notes.push(Note { text: format!("... and {more} more steps"), span: None });
        }
        match original {
            Some(label) if !at_use => {
                let text = match label.text.is_empty() {
                    true => format!("in {}", inner.what),
                    false => format!("in {}: {}", inner.what, label.text),
                };
                notes.push(Note { text, span: Some(label.span) });
                diagnostic.primary = Some(Label { span: outermost, text: "in what this stands for".into() });
            }
            Some(label) => diagnostic.primary = Some(label),
            None => diagnostic.primary = Some(Label { span: outermost, text: String::new() }),
        }
        notes.append(&mut diagnostic.notes);
        diagnostic.notes = notes;
    }

    /// Whether the input is refused.
    pub(crate) fn has_errors(&self) -> bool {
        self.error_count > 0
    }

    /// Number of errors so far.
    pub(crate) fn error_count(&self) -> usize {
        self.error_count
    }

    /// Drops what was reported since there were so many errors, because it has been said before.
    pub(crate) fn forget_after(&mut self, errors: usize) {
        self.error_count = errors;
        self.errors.truncate(errors);
    }

    /// Whether more errors would not be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.len() >= ERRORS_MAX
    }

    /// Whether more warnings would not be kept.
    pub(crate) fn has_all_warnings(&self) -> bool {
        self.warnings.len() >= WARNINGS_MAX
    }

    /// All diagnostics, in the order of their places.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        let more = |list: &mut Vec<Diagnostic>, count: usize, what: &str| {
            let left = count.saturating_sub(list.len());
            if let (Some(last), 1..) = (list.last_mut(), left) {
                last.notes.push(Note { text: format!("and at least {left} more {what}"), span: None });
            }
        };
        more(&mut self.errors, self.error_count, "errors");
        more(&mut self.warnings, self.warning_count, "warnings");
        let mut all = self.errors;
        all.append(&mut self.warnings);
        all.sort_by_key(|d| d.primary.as_ref().map(|p| (p.span.file, p.span.start)));
        all
    }
}

/// Shortens a text that quotes something very long.
fn cut(text: &mut String) {
    if text.len() > TEXT_MAX {
        text.truncate(text.floor_char_boundary(TEXT_MAX));
        text.push_str(" ...");
    }
}

#[cfg(test)]
mod tests {
    use mvm_diag::FileId;

    use super::Report;

    #[test]
    fn all_text_together_has_at_most_4_gib() {
        let mut report = Report::default();
        let most = u32::MAX as usize - 1;
        assert_eq!(report.add_file(FileId(0), 0, most + 1), None);
        assert_eq!(report.add_file(FileId(0), 1000, most - 999), None);
        assert_eq!(report.add_file(FileId(0), 0, most), Some(0));
        assert_eq!(report.add_file(FileId(1), 1000, most - 1000), Some(1000));
    }
}
