//! A program that is put together from pieces of other texts, and the way back: what is said of it is said of the pieces.
//!
//! Examples in comments and the inputs of a session become whole programs this way. Not here: what is put around the pieces.

use std::ops::Range;

use mvm_diag::{Diagnostic, FileId, Label, SourceMap, Span};
use mvm_module::{Module, Name};

/// A text and where its parts come from.
#[derive(Debug, Default)]
pub(crate) struct Woven {
    text: String,
    /// In the order of the text.
    pieces: Vec<Piece>,
}

/// A part that stands in another text too.
#[derive(Debug)]
struct Piece {
    at: usize,
    length: usize,
    file: FileId,
    from: usize,
    /// All of it stands for one place.
    fixed: bool,
}

impl Woven {
    /// Adds text that comes from nowhere.
    pub(crate) fn made(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a part of a file.
    pub(crate) fn taken(&mut self, map: &SourceMap, file: FileId, range: Range<usize>) {
        let text = &map.text(file)[range.clone()];
        self.pieces.push(Piece {
            at: self.text.len(),
            length: text.len(),
            file,
            from: range.start,
            fixed: false,
        });
        self.text.push_str(text);
    }

    /// Adds text that stands for a place of a file.
    pub(crate) fn stands_for(&mut self, text: &str, file: FileId, from: usize) {
        self.pieces.push(Piece { at: self.text.len(), length: text.len(), file, from, fixed: true });
        self.text.push_str(text);
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where a byte comes from. The end of a piece belongs to it too.
    fn origin(&self, at: usize) -> Option<(FileId, usize)> {
        let index = self.pieces.partition_point(|piece| piece.at <= at).checked_sub(1)?;
        let piece = &self.pieces[index];
        let offset = if piece.fixed { 0 } else { at - piece.at };
        (at <= piece.at + piece.length).then(|| (piece.file, piece.from + offset))
    }

    /// The place in the pieces; none for what was made.
    fn span(&self, span: Span) -> Option<Span> {
        let (file, start) = self.origin(span.start as usize)?;
        match self.origin(span.end as usize) {
            Some((same, end)) if same == file && end >= start => {
                Some(Span::new(file, start as u32, end as u32))
            }
            _ => Some(Span::new(file, start as u32, start as u32)),
        }
    }

    /// Diagnostics of this text as those of the pieces; `own` is its number.
    pub(crate) fn diagnostics(&self, own: FileId, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let label = |label: Label| match label.span.file == own {
            true => self.span(label.span).map(|span| Label { span, ..label }),
            false => Some(label),
        };
        let told = |diagnostic: Diagnostic| {
            let mut diagnostic = diagnostic;
            diagnostic.primary = diagnostic.primary.and_then(label);
            diagnostic.secondary = diagnostic.secondary.into_iter().filter_map(label).collect();
            for note in &mut diagnostic.notes {
                note.span =
                    note.span.and_then(|span| if span.file == own { self.span(span) } else { Some(span) });
            }
            diagnostic
        };
        found.into_iter().map(told).collect()
    }

    /// Lets the lines of a module that was made of this text be those of the pieces. `name` is what the text is called.
    pub(crate) fn lines(&self, map: &SourceMap, name: &str, module: &mut Module) {
        let Some(own) = module.sources.iter().position(|source| &**source == name) else { return };
        let starts: Vec<usize> =
            std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let sources = &mut module.sources;
        let mut place = |file: &mut u16, line: &mut u32, column: &mut u32| {
            if usize::from(*file) != own {
                return;
            }
            let start = starts.get((*line as usize).saturating_sub(1)).copied().unwrap_or(self.text.len());
            let Some((origin, at)) = self.origin(start + (*column as usize).saturating_sub(1)) else {
                return;
            };
            let Some(number) = number_of(sources, map.name(origin)) else { return };
            let position = map.position(origin, at as u32);
            (*file, *line) = (number, position.line);
            *column = if *column == 0 { 0 } else { position.column };
        };
        for function in &mut module.functions {
            for entry in &mut function.debug.lines {
                place(&mut entry.file, &mut entry.line, &mut entry.column);
            }
            for call in &mut function.debug.calls {
                place(&mut call.file, &mut call.line, &mut call.column);
            }
        }
    }
}

/// The number of a file among the sources of a module.
fn number_of(sources: &mut Vec<Name>, name: &str) -> Option<u16> {
    let known = sources.iter().position(|source| &**source == name);
    let index = known.unwrap_or_else(|| {
        sources.push(name.into());
        sources.len() - 1
    });
    u16::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_pieces() {
        let mut map = SourceMap::new();
        let file = map.add("a", "0123456789");
        let mut woven = Woven::default();
        woven.made("xx");
        woven.taken(&map, file, 4..7);
        woven.made("\n");
        woven.taken(&map, file, 8..10);
        assert_eq!(woven.text(), "xx456\n89");
        let own = FileId(9);
        let at = |start, end| {
            let found = vec![Diagnostic::error("", "m").at(Span::new(own, start, end), "")];
            woven.diagnostics(own, found).remove(0).primary.map(|label| label.span)
        };
        assert_eq!(at(2, 4), Some(Span::new(file, 4, 6)));
        assert_eq!(at(6, 8), Some(Span::new(file, 8, 10)));
        assert_eq!(at(0, 2), None);
        assert_eq!(at(3, 5), Some(Span::new(file, 5, 7)), "to the end of a piece");
    }
}
