//! Programs with the modules of the library that they import, from text to an image.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use mvm_asm::{CORE, LoadedFile, Loader, Options, assemble};
use mvm_diag::{SourceMap, render};
use mvm_exec::Image;
use mvm_module::{Module, link, verify};

use crate::golden::root;

/// Reads what modules of the library include.
struct Library;

impl Loader for Library {
    fn load(&mut self, _: &str, path: &str) -> Result<LoadedFile, String> {
        let bytes = fs::read(root().join("lib").join(path)).map_err(|error| error.to_string())?;
        Ok(LoadedFile { name: path.into(), bytes })
    }
}

/// Assembles a text.
fn module(name: &str, text: &str) -> Result<Module, String> {
    let mut map = SourceMap::new();
    let file = map.add(name, text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut Library);
    module.ok_or_else(|| diagnostics.iter().map(|d| render(d, &map, false)).collect())
}

/// The image of a program, linked with everything of the library that it imports, itself or by others. All functions have native code,
/// where there is a compiler.
///
/// # Errors
/// Says why the text is no program.
pub fn image(name: &str, text: &str) -> Result<Arc<Image>, String> {
    let mut modules = vec![module(name, text)?];
    let mut known = BTreeSet::new();
    let mut looked_at = 0;
    while looked_at < modules.len() {
        let wanted: Vec<String> =
            modules[looked_at].imports.iter().map(|import| import.module.to_string()).collect();
        looked_at += 1;
        for name in wanted {
            if !known.insert(name.clone()) {
                continue;
            }
            let text = if name == CORE.name {
                CORE.text.to_string()
            } else {
                let path = root().join("lib").join(format!("{name}.masm"));
                fs::read_to_string(path).map_err(|error| format!("module `{name}`: {error}"))?
            };
            modules.push(module(&name, &text)?);
        }
    }
    let linked = if modules.len() == 1 {
        modules.remove(0)
    } else {
        link(modules).map_err(|errors| errors.iter().map(|error| format!("{error}\n")).collect::<String>())?
    };
    let verified = verify(linked).map_err(|errors| format!("{:?}", errors.first()))?;
    Ok(crate::native::load(verified))
}
