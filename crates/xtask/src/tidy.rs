//! `cargo xtask tidy`: rules of this project that rustfmt and clippy do not know (docs/STYLE.md).
//!
//! * every Rust file starts with module documentation;
//! * `unsafe` stands only in the modules that ARCHITECTURE.md lists under § Unsafe;
//! * no file is longer than [`LINES_MAX`] lines, tables and tests excepted;
//! * no trailing white space, and a line end at the end;
//! * every open end names an issue;
//! * rules of the verifier that comments and documents name exist.

mod rules;

use crate::host;

/// Where a file should have been taken apart.
const LINES_MAX: usize = 900;

/// Tables, which grow by rows.
const TABLES: &[&str] = &["crates/mvm-isa/src/ops.rs", "crates/mvm-isa/src/syscalls.rs"];

/// Kinds of files that are read.
const KINDS: &[&str] =
    &[".rs", ".md", ".toml", ".masm", ".myna", ".yml", ".yaml", ".json", ".html", ".css", ".js"];

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(argument) = args.first() {
        return Err(format!("`tidy` takes no `{argument}`"));
    }
    let mut findings = Vec::new();
    let architecture = host::read("ARCHITECTURE.md").unwrap_or_else(|message| {
        findings.push(message);
        String::new()
    });
    let unsafe_modules = unsafe_modules(&architecture);
    for path in host::files()? {
        if !KINDS.iter().any(|kind| path.ends_with(kind)) {
            continue;
        }
        // What is not text is not ours to judge.
        let Ok(text) = host::read(&path) else { continue };
        judge_text(&path, &text, &mut findings);
        if path.ends_with(".rs") {
            judge_rust(&path, &text, &unsafe_modules, &mut findings);
        }
        if path.ends_with(".rs") || path.ends_with(".md") {
            rules::judge(&path, &text, &mut findings);
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("tidy found:\n{}", findings.join("\n")))
}

fn judge_text(path: &str, text: &str, findings: &mut Vec<String>) {
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            findings.push(format!("{path}:{}: white space at the end of the line", number + 1));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(format!("{path}: no line end at the end of the file"));
    }
}

fn judge_rust(path: &str, text: &str, unsafe_modules: &[String], findings: &mut Vec<String>) {
    if !text.starts_with("//!") {
        findings.push(format!("{path}: does not start with module documentation (`//!`)"));
    }
    let product = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..product].lines().count();
    if lines > LINES_MAX && !TABLES.contains(&path) && !path.contains("/tests/") {
        findings.push(format!("{path}: {lines} lines; look for the seam past {LINES_MAX}"));
    }
    for (number, line) in text.lines().enumerate() {
        if open_end_without_issue(line) {
            findings.push(format!("{path}:{}: name the issue: `{OPEN_END}(#12)`", number + 1));
        }
    }
    let allowed = unsafe_modules.iter().any(|module| is_or_is_below(path, module));
    if !allowed && let Some(number) = line_with_unsafe(text) {
        findings.push(format!(
            "{path}:{number}: `unsafe` in a module that ARCHITECTURE.md § Unsafe does not list"
        ));
    }
}

/// Written in two parts, so that this file has none.
const OPEN_END: &str = concat!("TO", "DO");

fn open_end_without_issue(line: &str) -> bool {
    line.match_indices(OPEN_END).any(|(at, _)| {
        let part_of_a_word = line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let issue = line[at + OPEN_END.len()..].strip_prefix("(#");
        !part_of_a_word && !issue.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// The paths in backquotes in the section of ARCHITECTURE.md whose heading ends with "Unsafe": files, or folders that
/// allow everything below.
fn unsafe_modules(architecture: &str) -> Vec<String> {
    let mut depth = None;
    let mut modules = Vec::new();
    for line in architecture.lines() {
        let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
        if hashes > 0 {
            depth = match depth {
                _ if line.trim_end().ends_with("Unsafe") => Some(hashes),
                Some(outer) if hashes > outer => Some(outer),
                _ => None,
            };
        } else if depth.is_some() {
            let quoted = line.split('`').skip(1).step_by(2);
            modules.extend(quoted.filter(|text| text.contains('/')).map(str::to_owned));
        }
    }
    modules
}

fn is_or_is_below(path: &str, module: &str) -> bool {
    let module = module.trim_end_matches('/');
    let short = path.strip_prefix("crates/").unwrap_or(path);
    [path, short]
        .iter()
        .any(|path| path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The first line with the keyword outside of comments and literals.
fn line_with_unsafe(text: &str) -> Option<usize> {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = literal_or_comment(rest);
        if skipped > 0 {
            rest = &rest[skipped..];
        } else if c.is_alphabetic() || c == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            if &rest[..end] == "unsafe" {
                return Some(text[..text.len() - rest.len()].matches('\n').count() + 1);
            }
            rest = &rest[end..];
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    None
}

/// Length of the comment or literal that the text starts with, or 0.
fn literal_or_comment(text: &str) -> usize {
    let until =
        |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return until(2, "\n");
    }
    if text.starts_with("/*") {
        return until(2, "*/");
    }
    if let Some(after) = text.strip_prefix('r') {
        let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
        if after[hashes..].starts_with('"') {
            return until(2 + hashes, &format!("\"{}", "#".repeat(hashes)));
        }
    }
    if text.starts_with('"') {
        return escaped_until(text, '"');
    }
    // A quote starts a character when one follows and then a quote; otherwise a lifetime.
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('\''), Some('\\'), _) => escaped_until(text, '\''),
        (Some('\''), Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

fn escaped_until(text: &str, end: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == end => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{OPEN_END, is_or_is_below, line_with_unsafe, open_end_without_issue, unsafe_modules};

    #[test]
    fn unsafe_is_found_in_code_only() {
        assert_eq!(line_with_unsafe("fn f() {\n    unsafe { g() }\n}"), Some(2));
        assert_eq!(
            line_with_unsafe("#![forbid(unsafe_code)] // unsafe\n/* unsafe */ \"unsafe \\\" unsafe\""),
            None
        );
        assert_eq!(line_with_unsafe("r#\"unsafe \" unsafe\"# '\\'' '\"' x"), None);
        assert_eq!(line_with_unsafe("fn f<'a>(x: &'a str) {}\nunsafe fn g() {}"), Some(2));
    }

    #[test]
    fn modules_come_from_the_section() {
        let text = "# A\n`a/b.rs`\n## § Unsafe\n* `crates/x/src/y.rs`: why `it`\n### more\n`x/z/`\n## End\n`c/d.rs`\n";
        let modules = unsafe_modules(text);
        assert_eq!(modules, ["crates/x/src/y.rs", "x/z/"]);
        assert!(is_or_is_below("crates/x/src/y.rs", "crates/x/src/y.rs"));
        assert!(is_or_is_below("crates/x/z/w.rs", "x/z/"));
        assert!(!is_or_is_below("crates/x/zz.rs", "x/z"));
    }

    #[test]
    fn open_ends_name_an_issue() {
        assert!(open_end_without_issue(&format!("// {OPEN_END}: later")));
        assert!(!open_end_without_issue(&format!("// {OPEN_END}(#12): later")));
        assert!(!open_end_without_issue(&format!("MY_{OPEN_END}")));
    }
}
