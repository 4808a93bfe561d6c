//! The examples in `docs/myna`: all of them are right, and laid out as the formatter would.

use std::path::Path;

use mvm_lang::format;

use crate::{program, short_checked, shown};

#[test]
fn examples_in_documents_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/myna");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("docs/myna") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        for block in text.split("```").skip(1).step_by(2).filter_map(|part| part.strip_prefix("myna\n")) {
            count += 1;
            let (example, shift) = program(block.trim_end());
            let found = shown(&example);
            assert!(found.is_empty(), "{}:\n{found}", path.display());
            // Pieces of the page on syntax name things that are not there.
            if path.ends_with("REFERENCE.md") {
                let found = short_checked(&example);
                assert!(found.is_empty(), "{}: {found:?}\n{example}", path.display());
            }
            // Statements are not indented as in a function.
            if shift == 0 {
                assert_eq!(
                    format(&example).as_deref(),
                    Ok(&*format!("{}\n", example.trim_end())),
                    "{}",
                    path.display()
                );
            }
        }
    }
    assert!(count >= 14, "only {count} examples");
}
