//! Programs of the repository: all assemble without a warning, are accepted, and come back from their disassembly.

use std::fs;
use std::path::{Path, PathBuf};

use mvm_asm::{LoadedFile, Loader, Options, assemble};
use mvm_diag::SourceMap;

use crate::assert_same_again;

/// Reads next to the including file, and in the library.
struct Neighbours;

impl Loader for Neighbours {
    fn load(&mut self, from: &str, path: &str) -> Result<LoadedFile, String> {
        let full = Path::new(from).parent().unwrap_or(Path::new("")).join(path);
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lib").join(path);
        let found = if full.exists() { full } else { library };
        let bytes = fs::read(&found).map_err(|error| error.to_string())?;
        Ok(LoadedFile { name: found.display().to_string(), bytes })
    }
}

fn programs(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|p| p.extension().is_some_and(|e| e == "masm")).collect();
    found.sort();
    found
}

#[test]
fn programs_assemble() {
    let mut failures = String::new();
    for path in ["examples", "lib", "lib/tests"].into_iter().flat_map(programs) {
        let text = fs::read_to_string(&path).expect("readable");
        let mut map = SourceMap::new();
        let file = map.add(path.display().to_string(), text);
        let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut Neighbours);
        for diagnostic in &diagnostics {
            failures += &mvm_diag::render(diagnostic, &map, false);
            failures.push('\n');
        }
        let Some(module) = module else { continue };
        for error in mvm_module::verify_library(&module).err().into_iter().flatten() {
            failures += &format!("{}: {error}\n", path.display());
        }
        assert_same_again(&module);
    }
    assert!(failures.is_empty(), "{failures}");
}
