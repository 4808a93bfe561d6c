//! The pages that explain diagnostics: every example does what its comments say.
//!
//! In a block of code `; error: TEXT` or `; warning: TEXT` states what the page's own code says about this line. A
//! block without such a comment gives no diagnostic of this code and no error.

use mvm_asm::{LoadedFile, Loader, Options, assemble, explain, pages};
use mvm_diag::{Diagnostic, SourceMap};

struct Files;

impl Loader for Files {
    fn load(&mut self, _from: &str, path: &str) -> Result<LoadedFile, String> {
        let bytes = match path {
            "picture.png" => vec![0x89, b'P', b'N', b'G'],
            "util.masm" => b"func helper() {\n    ret\n}\n".to_vec(),
            _ => return Err("no such file".into()),
        };
        Ok(LoadedFile { name: path.into(), bytes })
    }
}

fn blocks(page: &str) -> Vec<&str> {
    let parts = page.split("```").skip(1).step_by(2);
    parts.filter_map(|part| part.strip_prefix("masm\n")).collect()
}

/// The block as a program, and how many lines stand in front of it.
fn program(block: &str) -> (String, u32) {
    let words = [
        "func",
        "const",
        "data",
        "include",
        "import",
        "export",
        "class",
        "interface",
        "frozen",
        "macro",
        "fnc",
    ];
    let declares = block.lines().any(|line| words.iter().any(|word| line.starts_with(word)));
    if declares { (block.to_owned(), 0) } else { (format!("func main() {{\n{block}\nret\n}}\n"), 1) }
}

/// `(line, text)` of the statements in comments.
fn expected(block: &str) -> Vec<(u32, &str)> {
    let lines = (1..).zip(block.lines());
    lines
        .filter_map(|(number, line)| {
            let text = line.split_once("; error: ").or_else(|| line.split_once("; warning: "))?.1;
            Some((number, text))
        })
        .collect()
}

fn check(code: &str, block: &str) -> Result<(), String> {
    let (text, shift) = program(block);
    let mut map = SourceMap::new();
    let file = map.add("example.masm", text);
    let (_, diagnostics) = assemble(&mut map, file, &Options::default(), &mut Files);
    let shown = |d: &Diagnostic| mvm_diag::render(d, &map, false);
    let all = || diagnostics.iter().map(shown).collect::<Vec<_>>().join("\n");
    let wanted = expected(block);
    if wanted.is_empty() {
        return match diagnostics.iter().find(|d| d.code == code || d.is_error()) {
            Some(_) => Err(format!("{code}: the right example is refused\n{}", all())),
            None => Ok(()),
        };
    }
    for (line, text) in wanted {
        let found = diagnostics.iter().any(|d| {
            let at = d.primary.as_ref().map(|label| map.position(label.span.file, label.span.start).line);
            d.code == code && d.message == text && at == Some(line + shift)
        });
        if !found {
            return Err(format!("{code}: nothing says `{text}` in line {line}\n{}", all()));
        }
    }
    Ok(())
}

#[test]
fn examples_of_all_pages() {
    let mut failures = String::new();
    for &(code, page) in pages() {
        let blocks = blocks(page);
        assert!(page.starts_with("# "), "{code} has no title");
        assert!(blocks.iter().any(|block| !expected(block).is_empty()), "{code} has no wrong example");
        for block in blocks {
            if let Err(failure) = check(code, block) {
                failures += &failure;
                failures.push_str("\n\n");
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn codes_are_found_in_either_case() {
    assert!(explain("e0201").is_some_and(|page| page.contains("Read")));
    assert!(explain("E9999").is_none());
}
