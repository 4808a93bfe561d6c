//! Tests of the front end through its public interface.

mod documents;
mod errors;
mod format;
mod golden;
mod lower;
mod pages;
mod parts;
mod robust;
mod trees;

use mvm_diag::{FileId, SourceMap, Text};
use mvm_lang::{Checked, Loader, Parse, Source, parse};

/// The tree of a text without errors.
pub(crate) fn good(text: &str) -> Parse {
    let parse = parse(FileId(0), text);
    assert!(parse.diagnostics.is_empty(), "refused:\n{}\n{text}", shown(text));
    assert_eq!(parse.tree.text(), text);
    parse
}

/// All diagnostics of a text as they are shown.
pub(crate) fn shown(text: &str) -> String {
    let mut map = SourceMap::new();
    let file = map.add("test.myna", text);
    let found = parse(file, text).diagnostics;
    found.iter().map(|d| mvm_diag::render(d, &map, false)).collect::<Vec<_>>().join("\n")
}

/// Modules of the library only.
struct Library {
    map: SourceMap,
}

impl Library {
    fn add(&mut self, name: &str, text: impl Into<Text>) -> Source {
        let file = self.map.add(name, text);
        Source { file, name: name.into(), text: self.map.shared_text(file) }
    }
}

impl Loader for Library {
    fn library(&mut self, name: &str, text: &'static str) -> Source {
        self.add(name, Text::Static(text))
    }

    fn read(&mut self, module: &str) -> Result<Source, String> {
        Err(format!("there is no file for `{module}`"))
    }

    fn sources(&self) -> &SourceMap {
        &self.map
    }
}

/// Checks a program without modules of its own.
pub(crate) fn checked(text: &str) -> (Checked, SourceMap) {
    let mut library = Library { map: SourceMap::new() };
    let root = library.add("test.myna", text);
    let checked = mvm_lang::check(root, &mut library);
    (checked, library.map)
}

/// One line a diagnostic of a checked program, and of its lowering if it is one that runs: line, code, message.
pub(crate) fn short_checked(text: &str) -> Vec<String> {
    let (checked, map) = checked(text);
    let mut found = checked.diagnostics.clone();
    if !checked.has_errors() && checked.program.main.is_some() {
        found
            .extend(mvm_lang::lower(&checked.program, &map, mvm_lang::Entry::Main).err().unwrap_or_default());
    }
    lines(&found, &map)
}

fn lines(found: &[mvm_diag::Diagnostic], map: &SourceMap) -> Vec<String> {
    let line = |d: &mvm_diag::Diagnostic| {
        d.primary.as_ref().map_or(0, |label| map.position(label.span.file, label.span.start).line)
    };
    found.iter().map(|d| format!("{} {} {}", line(d), d.code, d.message)).collect()
}

/// The same with what is said about the way out: `LINE CODE MESSAGE (HELP)`.
pub(crate) fn helped(text: &str) -> Vec<String> {
    let (checked, map) = checked(text);
    let shown = lines(&checked.diagnostics, &map).into_iter().zip(&checked.diagnostics);
    shown
        .map(|(line, d)| match &d.help {
            Some(help) => format!("{line} ({help})"),
            None => line,
        })
        .collect()
}

/// One line a diagnostic: line, code, message.
pub(crate) fn short(text: &str) -> Vec<String> {
    let mut map = SourceMap::new();
    let file = map.add("test.myna", text);
    let found = parse(file, text).diagnostics;
    lines(&found, &map)
}

/// A file, or statements in a `main`, and how many lines stand in front of them.
pub(crate) fn program(block: &str) -> (String, u32) {
    let words = [
        "fn",
        "class",
        "interface",
        "enum",
        "import",
        "type",
        "test",
        "pub",
        "abstract",
        "frozen",
        "def",
        "struct",
        "from",
        "use",
        "private",
    ];
    let first =
        |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned();
    let declares = block.lines().any(|line| words.contains(&&*first(line)));
    if declares { (block.to_owned(), 0) } else { (format!("fn main() {{\n{block}\n}}\n"), 1) }
}
