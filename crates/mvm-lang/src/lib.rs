//! The front end of Myna: text to a lossless syntax tree with diagnostics, and the formatter.
//!
//! [`parse`] gives a [`Tree`] for every text. The way: `lexer` splits it, `parser` finds the structure, and `tree`
//! keeps both. [`ast`] has a type for every kind of node, with methods for its parts; [`literal`] says what literals
//! mean. [`format()`] writes a text in its canonical layout.
//!
//! Not here: reading files, what names mean, types, code.
#![forbid(unsafe_code)]

pub mod ast;
mod check;
pub mod docs;
mod errors;
mod fmt;
pub mod hir;
mod kinds;
mod lexer;
pub mod library;
pub mod literal;
pub mod look;
mod lower;
mod parser;
mod report;
mod tree;
mod type_name;
pub mod types;

use lexer::Extent;
use mvm_diag::{Diagnostic, FileId, Span, Text};

pub use check::{Checked, Compiled, Loader, Source, check, compile};
pub use errors::{explain, pages};
pub use fmt::{FormatError, format};
pub use kinds::{SyntaxKind, WORDS};
pub use lower::{Entry, lower};
pub use parser::NESTING_MAX;
pub use report::ERRORS_MAX;
pub use tree::{Element, HEIGHT_MAX, Node, NodeId, Token, Tree};

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Parse {
    /// All of the text.
    pub tree: Tree,
    /// What is wrong with it, in the order of the text; at most [`ERRORS_MAX`].
    pub diagnostics: Vec<Diagnostic>,
}

impl Parse {
    /// The file.
    pub fn file(&self) -> ast::File<'_> {
        ast::File::of(self.tree.root())
    }

    /// Whether the text is refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Parses the text of a file. It takes time in proportion to the text, whatever the text is.
pub fn parse(file: FileId, text: impl Into<Text>) -> Parse {
    parse_extent(file, text.into(), Extent::All)
}

/// Parses a part of the text of a file.
pub(crate) fn parse_extent(file: FileId, text: Text, extent: Extent) -> Parse {
    let (tree, diagnostics) = parser::parse(file, text, extent);
    Parse { tree, diagnostics }
}

/// Parses the bytes of a file. What is not UTF-8 is reported and stands in the tree as U+FFFD.
pub fn parse_bytes(file: FileId, bytes: &[u8]) -> Parse {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return parse(file, text),
        Err(error) => error,
    };
    let at = error.valid_up_to() as u32;
    let mut parse = parse(file, String::from_utf8_lossy(bytes).into_owned());
    let wrong = Diagnostic::error(errors::M0009, "this is not UTF-8")
        .at(Span::new(file, at, at + 3), "")
        .help("save the file as UTF-8");
    let place =
        parse.diagnostics.partition_point(|d| d.primary.as_ref().is_none_or(|label| label.span.start < at));
    parse.diagnostics.insert(place, wrong);
    parse.diagnostics.truncate(ERRORS_MAX);
    parse
}
