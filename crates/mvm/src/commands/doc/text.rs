//! Documentation in a terminal.

use std::fmt::Write as _;

use mvm_lang::docs::{Entry, EntryKind, ModuleDocs};

use super::{first_sentence, shown_entries};

/// Column of what is said behind a signature.
const SAID_AT: usize = 44;

/// The modules of the library.
pub(super) fn library() -> String {
    let mut text = String::from("The library of Myna:\n\n");
    for module in mvm_lang::library::names().chain([super::PRELUDE]).filter_map(mvm_lang::docs::library) {
        line(&mut text, &module.name, &first_sentence(&module.text), 18);
    }
    text.push_str("\n`mvm doc std.json` shows what is in one; what is in std.prelude needs no import\n");
    text
}

/// A module: what it says of itself, and its declarations with the first sentence of each.
pub(super) fn module(module: &ModuleDocs, private: bool) -> String {
    let mut text = format!("module {}\n", module.name);
    indented(&mut text, &module.text);
    let entries = shown_entries(module, private);
    let mut last = None;
    let mut sorted = entries;
    sorted.sort_by_key(|entry| group(entry.kind));
    for entry in sorted {
        if last.replace(group(entry.kind)) != Some(group(entry.kind)) {
            text.push('\n');
        }
        line(&mut text, &entry.signature, &first_sentence(&entry.text), SAID_AT);
    }
    text
}

/// Types stand together, and functions do.
fn group(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::Class | EntryKind::Interface | EntryKind::Enum | EntryKind::Alias => 0,
        EntryKind::Function => 1,
        EntryKind::Const => 2,
        EntryKind::Case | EntryKind::Field | EntryKind::StaticConst | EntryKind::Init => 3,
        EntryKind::Static | EntryKind::Method => 4,
    }
}

/// One declaration with everything that is said of it; members with the first sentence of each.
pub(super) fn entry(module: &str, owner: Option<&Entry>, entry: &Entry) -> String {
    let inside = owner.map_or_else(String::new, |owner| format!(".{}", owner.name));
    let mut text = format!("{module}{inside}\n\n  {}\n", entry.signature);
    indented(&mut text, &entry.text);
    let members: Vec<&Entry> = super::members(entry).collect();
    if !members.is_empty() {
        text.push('\n');
    }
    for member in members {
        line(&mut text, &member.signature, &first_sentence(&member.text), SAID_AT);
    }
    text
}

fn indented(text: &mut String, block: &str) {
    if !block.is_empty() {
        text.push('\n');
    }
    for line in block.lines() {
        let _ = writeln!(text, "{}", format!("    {line}").trim_end());
    }
}

/// A signature, and what is said of it beside it or, when it is long, below.
fn line(text: &mut String, signature: &str, said: &str, at: usize) {
    let width = signature.chars().count();
    let _ = match (said.is_empty(), width + 2 < at) {
        (true, _) => writeln!(text, "  {signature}"),
        (false, true) => writeln!(text, "  {signature:<0$}{said}", at - 2),
        (false, false) => writeln!(text, "  {signature}\n{:at$}{said}", ""),
    };
}
