//! Programs in the documents: what a reader copies from them works.
//!
//! `docs/TESTING.md` says which blocks are programs and how their output is stated.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use std::fs;
use std::path::Path;

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_testkit::golden::{Outcome, Program, check, root};

/// A block between fences.
struct Block {
    /// What stands behind the opening fence.
    kind: String,
    text: String,
    /// Line of the opening fence.
    line: usize,
    /// Line behind the closing fence.
    end: usize,
    /// Whether `<!-- piece -->` stands in front of it.
    piece: bool,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        if let Some(kind) = lines[at].strip_prefix("```") {
            let length = lines[at + 1..].iter().take_while(|line| !line.starts_with("```")).count();
            let piece =
                lines[..at].iter().rev().find(|l| !l.is_empty()).is_some_and(|l| *l == "<!-- piece -->");
            let text = lines[at + 1..at + 1 + length].iter().map(|line| format!("{line}\n")).collect();
            let end = at + length + 2;
            blocks.push(Block { kind: kind.trim().into(), text, line: at + 1, end: end + 1, piece });
            at = end;
        } else {
            at += 1;
        }
    }
    blocks
}

/// Markdown files of the repository that people write.
fn documents() -> Vec<(String, String)> {
    let mut names = vec!["README.md".to_string(), "ARCHITECTURE.md".into(), "CONTRIBUTING.md".into()];
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let pages = entries.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".md"));
        names.extend(pages.map(|name| format!("{folder}/{name}")));
    }
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(root().join(Path::new(&name))).unwrap();
        (name, text)
    };
    let generated = |text: &str| text.starts_with("<!-- Written by `cargo xtask codegen`");
    names.into_iter().map(read).filter(|(_, text)| !generated(text)).collect()
}

#[test]
fn programs_in_documents_do_what_is_said() {
    let mut all = Outcome::default();
    let (mut programs, mut pieces) = (0, Vec::new());
    for (name, text) in documents() {
        let blocks = blocks(&text);
        for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "asm") {
            if block.piece {
                continue;
            }
            if !block.text.contains("func main") {
                pieces.push(format!("{name}:{}", block.line));
                continue;
            }
            programs += 1;
            let mut text = block.text.clone();
            let output = blocks.get(index + 1).filter(|next| next.kind == "text" && next.line == block.end);
            for line in output.into_iter().flat_map(|output| output.text.lines()) {
                text += &format!(";> {line}\n");
            }
            let program = Program { name: format!("{name}:{}", block.line), text, folder: root() };
            all.failures.extend(check(&program).failures);
        }
    }
    let failures: Vec<String> = all.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(pieces.is_empty(), "no programs, and not marked as pieces: {pieces:?}");
    assert!(programs >= 8, "only {programs} programs found");
}

#[test]
fn the_error_in_the_readme_is_real() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = blocks(&readme);
    let index = blocks.iter().position(|block| block.text.starts_with("error[")).expect("an error in README");
    let (program, shown) = (&blocks[index - 1], &blocks[index].text);
    let mut map = SourceMap::new();
    let file = map.add("wages.masm", program.text.as_str());
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    assert!(module.is_none());
    let rendered: Vec<String> = diagnostics.iter().map(|d| mvm_diag::render(d, &map, false)).collect();
    assert_eq!(rendered.join("\n").trim_end(), shown.trim_end());
}
