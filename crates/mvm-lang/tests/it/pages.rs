//! The pages that explain diagnostics: every example does what its comments say.
//!
//! In a block of code `// error: TEXT` (or `warning`) states what the page's own code says about this line, `// ^ error: TEXT` what it
//! says about the line above. A block without such a comment gives no diagnostic at all.

use mvm_lang::{explain, pages};

use crate::{program, short, short_checked, shown};

fn blocks(page: &str) -> Vec<&str> {
    let parts = page.split("```").skip(1).step_by(2);
    parts.filter_map(|part| part.strip_prefix("myna\n")).collect()
}

/// `(line, text)` of the statements in comments.
fn expected(block: &str) -> Vec<(u32, &str)> {
    let lines = (1..).zip(block.lines());
    let found = lines.filter_map(|(number, line): (u32, &str)| match line.split_once("// ^ error: ") {
        Some((_, text)) => Some((number - 1, text)),
        None => {
            let found = line.split_once("// error: ").or(line.split_once("// warning: "));
            found.map(|(_, text)| (number, text))
        }
    });
    found.collect()
}

#[test]
fn examples_of_all_pages() {
    let mut failures = String::new();
    for &(code, page) in pages() {
        let blocks = blocks(page);
        assert!(page.starts_with("# "), "{code} has no title");
        // A page cannot show bytes that are not UTF-8; `errors.rs` has that one.
        assert!(
            code == "M0009" || blocks.iter().any(|b| !expected(b).is_empty()),
            "{code} has no wrong example"
        );
        assert!(blocks.iter().any(|b| expected(b).is_empty()), "{code} has no right example");
        for block in blocks {
            let (text, shift) = program(block);
            let wanted: Vec<String> = expected(block)
                .iter()
                .map(|(line, text)| format!("{} {code} {text}", line + shift))
                .collect();
            let found = if code < "M0300" { short(&text) } else { short_checked(&text) };
            if found != wanted {
                failures += &format!("{code}: wanted {wanted:?}\n found {found:?}\n{}\n\n", shown(&text));
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn codes_are_found_in_either_case() {
    assert!(explain("m0201").is_some_and(|page| page.contains("semicolon")));
    assert!(explain("M9999").is_none());
}
