//! Which files belong to a program: the prelude, the file it starts with, and all that is imported.

use std::cell::OnceCell;
use std::sync::Arc;

use mvm_diag::{Diagnostic, FileId, SourceMap, Span, Text};

use super::Unit;
use crate::ast;
use crate::errors::M0321;
use crate::hir::ModuleId;
use crate::lexer::Extent;
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
    pub text: Text,
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
        // Of the library most programs use little, so its bodies are read when they are needed.
        let extent = if library && units.len() != 1 { Extent::Outline } else { Extent::All };
        let parse = crate::parse_extent(source.file, source.text, extent);
        diagnostics.extend(parse.diagnostics.iter().cloned());
        let bodies = parse.tree.bodies().map(|range| (range, OnceCell::new())).collect();
        units.push(Unit {
            name: name.into(),
            source: source.name,
            file: source.file,
            parse,
            bodies,
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
        root.text = Text::Static("");
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
                None => {
                    loader.read(&name).map(|source| (source, false)).map_err(|why| (why, of_library(&name)))
                }
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

/// Who writes `import json` means the module of the library.
fn of_library(name: &str) -> Option<String> {
    let full = format!("std.{name}");
    library::names().any(|known| known == full).then(|| format!("write `import {full}`"))
}

fn unknown_library(name: &str) -> (String, Option<String>) {
    let near = mvm_diag::suggest(name, library::names());
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the library has: {}", library::names().collect::<Vec<_>>().join(", ")),
    };
    ("the library has no such module".to_owned(), Some(help))
}

impl Unit {
    /// The block of a function: as it stands in the tree, or read now where the tree has only an outline.
    pub(crate) fn body<'t>(&'t self, block: ast::Block<'t>) -> ast::Block<'t> {
        let start = ast::AstNode::node(block).range().start;
        let Ok(at) = self.bodies.binary_search_by_key(&start, |(range, _)| range.start) else { return block };
        let (range, parse) = &self.bodies[at];
        let parse = parse.get_or_init(|| {
            let extent = Extent::Body { start: range.start, end: range.end };
            crate::parse_extent(self.file, self.parse.tree.shared_text(), extent)
        });
        ast::children(parse.tree.root()).next().unwrap_or(block)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::SyntaxKind;
    use crate::tree::Tree;

    type Shape = Vec<(SyntaxKind, std::ops::Range<usize>)>;

    fn shape(tree: &Tree) -> Shape {
        tree.root().descendants().map(|node| (node.kind(), node.range())).collect()
    }

    /// An outline and the bodies that it leaves out are together the tree of the whole text.
    #[test]
    fn outlines_of_the_library_lose_nothing() {
        for name in library::names().chain(["std.prelude"]) {
            let text = Text::Static(library::text(name).unwrap_or_default());
            let whole = crate::parse(FileId(0), text.clone());
            let outline = crate::parse_extent(FileId(0), text.clone(), Extent::Outline);
            assert!(whole.diagnostics.is_empty(), "{name}");
            assert_eq!(outline.diagnostics, Vec::new(), "{name}");
            let mut together = shape(&outline.tree);
            let mut left_out = 0;
            for range in outline.tree.bodies() {
                let extent = Extent::Body { start: range.start, end: range.end };
                let body = crate::parse_extent(FileId(0), text.clone(), extent);
                assert!(body.diagnostics.is_empty(), "{name} {range:?}");
                let at = together.iter().position(|entry| *entry == (SyntaxKind::Block, range.clone()));
                let at = at.unwrap_or_else(|| panic!("{name}: no block at {range:?}"));
                together.splice(at..=at, shape(&body.tree));
                left_out += 1;
            }
            assert_eq!(together, shape(&whole.tree), "{name}");
            let functions = whole.tree.root().descendants().filter(|node| {
                let function =
                    matches!(node.kind(), SyntaxKind::Function | SyntaxKind::Init | SyntaxKind::Test);
                function && node.child(SyntaxKind::Block).is_some_and(|block| block.text().contains('\n'))
            });
            assert_eq!(left_out, functions.count(), "{name}: a body of several lines was not passed over");
        }
    }
}
