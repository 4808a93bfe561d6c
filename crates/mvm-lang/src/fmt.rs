//! The formatter: one layout for every text, four columns a level, [`WIDTH`] columns a line.
//!
//! Tokens stay as they are, but for commas where lines end; only white space between them changes. What the writer
//! decides: blank lines (one at most), whether a body of one statement stands on one line, whether a list begins with a
//! line end, whether a chain of calls has a line for each. Everything else follows from the width.
//!
//! `fmt/layout.rs` turns a tree into commands, `fmt/print.rs` decides where lines break. Because a break may allow
//! another layout of what is around it, the two run until nothing changes; the result is compared with the text before.

mod layout;
mod print;

use mvm_diag::{Diagnostic, FileId};

use crate::kinds::SyntaxKind as K;
use crate::tree::Tree;

/// Columns of a line.
pub(crate) const WIDTH: usize = 100;
/// Columns of a level.
pub(crate) const INDENT: usize = 4;

/// How often a text is laid out until nothing changes.
const ROUNDS_MAX: usize = 10;

/// Why a text is not formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// It has errors; the first ones. Their spans have the file 0.
    Syntax(Vec<Diagnostic>),
    /// The layout would be another program: a bug in the formatter.
    Changed,
}

/// Writes a text in its canonical layout. Formatting the result again changes nothing.
pub fn format(text: &str) -> Result<String, FormatError> {
    let first = crate::parse(FileId(0), text);
    if first.has_errors() {
        return Err(FormatError::Syntax(first.diagnostics));
    }
    let mut tree = first.tree.clone();
    let mut out = String::new();
    for _ in 0..ROUNDS_MAX {
        out = print::print(&layout::layout(&tree));
        if out == tree.text() {
            break;
        }
        let parse = crate::parse(FileId(0), out.as_str());
        if parse.has_errors() || !same(&first.tree, &parse.tree) {
            return Err(FormatError::Changed);
        }
        tree = parse.tree;
    }
    Ok(out)
}

/// Whether two trees have the same nodes, and the same tokens but for white space and commas.
fn same(a: &Tree, b: &Tree) -> bool {
    let tokens = |tree: &Tree| -> Vec<(K, String)> {
        let kept = tree.root().all_tokens().filter(|t| !matches!(t.kind(), K::Space | K::Newline | K::Comma));
        kept.map(|token| (token.kind(), token.text().trim_end().to_owned())).collect()
    };
    let nodes = |tree: &Tree| -> Vec<K> { tree.root().descendants().map(|node| node.kind()).collect() };
    nodes(a) == nodes(b) && tokens(a) == tokens(b)
}
