//! Files of source text and positions in them.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

/// A file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// Byte after the last one; not before `start`.
    pub end: u32,
}

impl Span {
    /// A range of bytes in a file.
    pub const fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }

    /// The smallest span with both, if they are in one file; else `self`.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The bytes it covers.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Line and column of a place, both counted from 1. The column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column in characters.
    pub column: u32,
}

/// The text of a file: a clone is the same text, not a copy of it.
#[derive(Debug, Clone)]
pub enum Text {
    /// A part of the program, as texts of libraries are.
    Static(&'static str),
    /// Read or made.
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Static(text) => text,
            Text::Shared(text) => text,
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::Shared(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::Shared(text.into())
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Text {
        Text::Shared(text)
    }
}

#[derive(Debug, Clone)]
struct File {
    name: String,
    text: Text,
    /// Byte at which each line starts; made at the first question for a line.
    lines: OnceLock<Vec<u32>>,
}

/// The files a run of a front end has read.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<File>,
}

impl SourceMap {
    /// A map without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file. Text beyond 4 GiB cannot be pointed at; front ends refuse it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Text>) -> FileId {
        self.files.push(File { name: name.into(), text: text.into(), lines: OnceLock::new() });
        FileId(self.files.len() as u32 - 1)
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Name of a file as it was given; empty for an unknown file.
    pub fn name(&self, file: FileId) -> &str {
        self.file(file).map_or("", |f| &f.name)
    }

    /// Text of a file; empty for an unknown file.
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |f| &f.text)
    }

    /// Text of a file to keep while the map changes.
    pub fn shared_text(&self, file: FileId) -> Text {
        self.file(file).map_or(Text::Static(""), |f| f.text.clone())
    }

    /// The text that a span covers; empty when it is not in the file or cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Line and column of a byte.
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let lines = self.lines(file);
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0) as usize;
        let text = self.text(file).as_bytes();
        let before = text.get(start..(offset as usize).min(text.len())).unwrap_or(&[]);
        let column = before.iter().filter(|&&b| b & 0xc0 != 0x80).count() as u32 + 1;
        Position { line: line as u32, column }
    }

    /// The bytes of a line, counted from 1, without its line end.
    pub fn line_range(&self, file: FileId, line: u32) -> Range<usize> {
        let lines = self.lines(file);
        let text = self.text(file);
        let Some(&start) = (line as usize).checked_sub(1).and_then(|index| lines.get(index)) else {
            return text.len()..text.len();
        };
        let end = lines.get(line as usize).map_or(text.len(), |&next| next as usize);
        let full = text.get(start as usize..end).unwrap_or("");
        start as usize..start as usize + full.trim_end_matches(['\n', '\r']).len()
    }

    /// Number of lines of a file.
    pub fn line_count(&self, file: FileId) -> u32 {
        self.lines(file).len() as u32
    }

    fn file(&self, file: FileId) -> Option<&File> {
        self.files.get(file.0 as usize)
    }

    fn lines(&self, file: FileId) -> &[u32] {
        let Some(file) = self.file(file) else { return &[] };
        file.lines.get_or_init(|| {
            let ends = file.text.bytes().enumerate().filter(|&(_, b)| b == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
        })
    }
}

/// Length in bytes of the letter or digit beyond ASCII at a byte of a text, or 0 where there is none: the languages take such letters as parts
/// of names.
#[inline]
pub fn letter_at(text: &str, at: usize) -> usize {
    if text.as_bytes().get(at).is_none_or(u8::is_ascii) {
        return 0;
    }
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(c) if c.is_alphanumeric() => c.len_utf8(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut map = SourceMap::new();
        let file = map.add("a", "x\nhé y\r\nz");
        assert_eq!(map.position(file, 0), Position { line: 1, column: 1 });
        assert_eq!(map.position(file, 6), Position { line: 2, column: 4 });
        assert_eq!(map.position(file, 99), Position { line: 3, column: 2 });
        assert_eq!(&map.text(file)[map.line_range(file, 2)], "hé y");
        assert_eq!(map.line_range(file, 7), 10..10);
    }

    #[test]
    fn unknown_files_are_empty() {
        let map = SourceMap::new();
        assert_eq!(map.text(FileId(3)), "");
        assert_eq!(map.position(FileId(3), 5), Position { line: 1, column: 1 });
    }
}
