//! The tree of every construct.

#![expect(clippy::too_many_lines, reason = "trees are long, and one construct is one test")]

mod expressions;
mod items;
mod statements;

use expect_test::Expect;

use crate::good;

/// The tree below the file.
fn check(text: &str, wanted: Expect) {
    let shown = good(text).tree.to_string();
    let lines = shown.lines().filter_map(|line| line.strip_prefix("  "));
    wanted.assert_eq(&lines.map(|line| format!("{line}\n")).collect::<String>());
}

/// The trees of statements.
fn statements(text: &str, wanted: Expect) {
    let shown = good(&format!("fn f() {{\n{text}\n}}\n")).tree.to_string();
    let lines = shown.lines().skip_while(|line| *line != "      {").skip(1);
    let inner = lines.take_while(|line| *line != "      }").filter_map(|line| line.strip_prefix("      "));
    wanted.assert_eq(&inner.map(|line| format!("{line}\n")).collect::<String>());
}
