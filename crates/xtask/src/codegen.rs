//! `cargo xtask codegen`: the reference pages under `docs/`, written from the tables.
//!
//! To add a page, write its text in the crate that owns the table and add a line to [`PAGES`].

use crate::host;

/// A generated page.
struct Page {
    /// Path from the root.
    path: &'static str,
    /// What writes the text.
    text: fn() -> String,
}

const PAGES: &[Page] = &[
    Page { path: "docs/ISA.md", text: mvm_isa::pages::isa },
    Page { path: "docs/JIT-INSTRUCTIONS.md", text: mvm_jit::explain::page },
    Page { path: "docs/SYSCALLS.md", text: mvm_isa::pages::syscalls },
    Page { path: "docs/TRAPS.md", text: mvm_isa::pages::traps },
    Page { path: "docs/VERIFIER.md", text: mvm_module::verify::rules_page },
];

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args {
        [] => write(),
        [option] if option == "--check" => check(),
        _ => Err("`codegen` takes `--check` and nothing else".to_owned()),
    }
}

fn write() -> Result<(), String> {
    for &Page { path, text } in PAGES {
        let text = text();
        if host::read(path).is_ok_and(|old| old == text) {
            continue;
        }
        let at = host::root().join(path);
        if let Some(folder) = at.parent() {
            std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        std::fs::write(&at, text).map_err(|e| format!("{path}: {e}"))?;
        eprintln!("wrote {path}");
    }
    Ok(())
}

fn check() -> Result<(), String> {
    let stale: Vec<String> = PAGES.iter().filter_map(|page| difference(page.path, &(page.text)())).collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("generated pages are stale (run `cargo xtask codegen`):\n{}", stale.join("\n")))
}

/// Where the file differs from what it should be.
fn difference(path: &str, wanted: &str) -> Option<String> {
    let found = match host::read(path) {
        Ok(found) if found == wanted => return None,
        Ok(found) => found,
        Err(message) => return Some(message),
    };
    let at = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end of the file)").to_owned();
    Some(format!("{path}:{}: found `{}`, should be `{}`", at + 1, line(&found), line(wanted)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_pages_are_current() {
        super::check().expect("run `cargo xtask codegen`");
    }
}
