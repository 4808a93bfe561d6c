//! Which files belong to a program: the prelude, the file it starts with, and all that is imported.

use std::sync::Arc;

use mvm_diag::{Diagnostic, FileId, SourceMap, Span};

use super::Unit;
use crate::ast;
use crate::errors::M0321;
use crate::hir::ModuleId;
use crate::library;
use crate::types::SmallMap;

/// A file of the program.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its number for messages.
    pub file: FileId,
    /// Its name for messages and back-traces.
    pub name: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
}

/// Who brings files.
pub trait Loader {
    /// Registers a text of the library, which is part of the compiler.
    fn library(&mut self, name: &str, text: &'static str) -> Source;

    /// Reads a module of the program: `geometry.shapes`.
    ///
    /// # Errors
    /// Why not, as a sentence without point: `there is no file geometry/shapes.myna`.
    fn read(&mut self, module: &str) -> Result<Source, String>;

    /// All texts.
    fn sources(&self) -> &SourceMap;
}

/// How many modules a program may have.
const MODULES_MAX: usize = 10_000;

/// Reads everything. The first module is the prelude, the second the file that the program starts with.
pub(crate) fn load(root: Source, loader: &mut dyn Loader, diagnostics: &mut Vec<Diagnostic>) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut known: SmallMap<Arc<str>, Option<ModuleId>> = SmallMap::default();
    let mut add = |name: &str, source: Source, library: bool, units: &mut Vec<Unit>| {
        let parse = crate::parse(source.file, &*source.text);
        diagnostics.extend(parse.diagnostics.iter().cloned());
        units.push(Unit {
            name: name.into(),
            source: source.name,
            file: source.file,
            parse,
            imports: Vec::new(),
            library,
        });
        ModuleId(units.len() as u32 - 1)
    };
    let prelude = loader.library("std.prelude", library::text("std.prelude").unwrap_or(""));
    known.insert("std.prelude".into(), Some(add("std.prelude", prelude, true, &mut units)));
    let name = root.name.rsplit('/').next().unwrap_or("").trim_end_matches(".myna").to_owned();
    // A module of the library that is tested by itself is one all the same.
    let library = library::is_part(&root.text);
    let mut root = root;
    if Some(&*root.text) == library::text("std.prelude") {
        root.text = "".into();
    }
    let root = add(&name, root, library, &mut units);
    // Others may import the file that the program starts with.
    if library {
        known.insert(format!("std.{name}").into(), Some(root));
    }
    known.insert(name.into(), Some(root));
    let mut problems = Vec::new();
    let mut next = 0;
    while next < units.len() {
        let wanted: Vec<(String, Span)> = imports(&units[next]);
        let mut found = Vec::with_capacity(wanted.len());
        for (name, span) in wanted {
            if let Some(&module) = known.get(&*name) {
                found.push(module);
                continue;
            }
            let source = match library::text(&name) {
                Some(text) => Ok((loader.library(&name, text), true)),
                None if name.starts_with("std.") => Err(unknown_library(&name)),
                None if units.len() >= MODULES_MAX => Err((format!("more than {MODULES_MAX} modules"), None)),
                None => loader.read(&name).map(|source| (source, false)).map_err(|why| (why, None)),
            };
            let module = match source {
                Ok((source, library)) => Some(add(&name, source, library, &mut units)),
                Err((why, help)) => {
                    let message = format!("the module `{name}` cannot be read: {why}");
                    let mut problem = Diagnostic::error(M0321, message).at(span, "");
                    if let Some(help) = help {
                        problem = problem.help(help);
                    }
                    problems.push(problem);
                    None
                }
            };
            known.insert(name.into(), module);
            found.push(module);
        }
        units[next].imports = found;
        next += 1;
    }
    diagnostics.extend(problems);
    units
}

fn unknown_library(name: &str) -> (String, Option<String>) {
    let near = mvm_diag::suggest(name, library::names());
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the library has: {}", library::names().collect::<Vec<_>>().join(", ")),
    };
    ("the library has no such module".to_owned(), Some(help))
}

/// Names of the modules that a file imports, with their places.
fn imports(unit: &Unit) -> Vec<(String, Span)> {
    let span = |range: std::ops::Range<usize>| Span::new(unit.file, range.start as u32, range.end as u32);
    let of = |import: ast::Import<'_>| {
        let path = import.path()?;
        let name = path.parts().map(|part| part.text()).collect::<Vec<_>>().join(".");
        Some((name, span(ast::AstNode::node(path).range())))
    };
    let items = unit.parse.file();
    items
        .items()
        .filter_map(|item| match item {
            ast::Item::Import(import) => {
                Some(of(import).unwrap_or_else(|| (String::from("std.prelude"), span(0..0))))
            }
            _ => None,
        })
        .collect()
}
