//! Golden files say in comments which diagnostics they give: `tests/myna/syntax/*.myna` those of the parser,
//! `tests/myna/errors/*.myna` all of them, `tests/myna/helps/*.myna` all of them with their help in parentheses.
//!
//! `// error: CODE TEXT` speaks of its line, `// ^ error: CODE TEXT` of the line above, `// ^^` of the one above that. A
//! file without such comments has no errors. `BLESS=1` writes the comments; read the difference before committing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mvm_lang::pages;

use crate::{helped, short, short_checked};

/// A folder of golden files, and what its files are judged by.
type Kind = (&'static str, fn(&str) -> Vec<String>);

const KINDS: [Kind; 3] = [("syntax", short), ("errors", short_checked), ("helps", helped)];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/myna").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder of tests/myna")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

/// What comments say, in the form of [`short`].
fn expected(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let Some((before, comment)) = line.split_once("error: M") else { continue };
        let Some((_, mark)) = before.rsplit_once("//") else { continue };
        let up = mark.matches('^').count() as u32;
        for part in format!("M{comment}").split("; error: ") {
            found.push(format!("{} {part}", number - up));
        }
    }
    found
}

/// The text with comments that say what it gives. Where a comment stood it stays; new ones come behind the line.
fn blessed(text: &str, judge: fn(&str) -> Vec<String>) -> String {
    let mut by_line: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for message in judge(text) {
        let (line, what) = message.split_once(' ').expect("a line number");
        by_line.entry(line.parse().expect("a number")).or_default().push(what.to_owned());
    }
    let mut out: Vec<String> = Vec::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let code = line
            .split_once("// error: M")
            .or(line.split_once("// warning: M"))
            .map_or(line, |(code, _)| code.trim_end());
        let below = line.trim_start().starts_with("// ^ error: M");
        if below {
            continue;
        }
        let open = line.contains("// ^");
        out.push(code.to_owned());
        if let Some(all) = by_line.get(&number).filter(|_| !open) {
            let text = all.join("; error: ");
            // A comment would be part of a string that does not end.
            let inside =
                ["M0002", "M0007 the value in the string has no"].iter().any(|code| text.contains(code));
            match inside {
                true => out.push(format!("// ^ error: {text}")),
                false => out.last_mut().expect("a line").push_str(&format!(" // error: {text}")),
            }
        }
    }
    out.join("\n") + "\n"
}

#[test]
fn files_give_the_diagnostics_they_name() {
    let mut failures = String::new();
    for (path, judge) in
        KINDS.iter().flat_map(|&(folder, judge)| files(folder).into_iter().map(move |path| (path, judge)))
    {
        let mut text = std::fs::read_to_string(&path).expect("a text");
        if std::env::var_os("BLESS").is_some() {
            text = blessed(&text, judge);
            std::fs::write(&path, &text).expect("the file can be written");
        }
        let (found, wanted) = (judge(&text), expected(&text));
        if found != wanted {
            failures += &format!("{}:\n wanted {wanted:#?}\n found {found:#?}\n", path.display());
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn every_code_has_a_file() {
    let all: String = KINDS
        .iter()
        .flat_map(|(folder, _)| files(folder))
        .map(|path| std::fs::read_to_string(path).expect("a text"))
        .collect();
    // Bytes that are not UTF-8 stand in no text file.
    let missing: Vec<&str> = pages()
        .iter()
        .map(|&(code, _)| code)
        .filter(|&code| code != "M0009" && !all.contains(code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(files("syntax").len() >= 60);
}
