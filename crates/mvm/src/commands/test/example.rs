//! Examples in comments for documentation as programs.
//!
//! An example with `fn main` is a whole file; any other one is what stands in `main`, behind its imports. It sees what other
//! files see: what it imports, and what is `pub` in the file it stands in. Examples of the library import what they use, as
//! whoever copies them has to.

use std::path::Path;
use std::sync::Arc;

use mvm_diag::{Diagnostic, FileId, SourceMap, render};
use mvm_exec::Image;
use mvm_lang::ast::{self, AstNode, Item};
use mvm_lang::docs::{self, EntryKind, Example, ModuleDocs};
use mvm_lang::{Parse, SyntaxKind};
use mvm_module::verify;

use crate::args::TestArgs;
use crate::myna::{self, Script};
use crate::output::colored_errors;
use crate::source::Sources;
use crate::woven::Woven;

/// What the program of an example is called.
const NAME: &str = "<example>";

/// A file with examples.
pub(super) struct Context<'a> {
    pub(super) path: &'a Path,
    /// Its text in `map`.
    pub(super) file: FileId,
    pub(super) map: &'a SourceMap,
    pub(super) docs: ModuleDocs,
    /// Whether it is a module of the library.
    pub(super) library: bool,
}

impl<'a> Context<'a> {
    pub(super) fn new(path: &'a Path, file: FileId, parse: &Parse, map: &'a SourceMap) -> Context<'a> {
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let library = mvm_lang::library::is_part(map.text(file));
        Context { path, file, map, docs: docs::docs(&name, parse), library }
    }

    /// Compiles an example.
    ///
    /// # Errors
    /// What is wrong with it, as text for people.
    pub(super) fn compile(
        &self,
        example: &Example,
        args: &TestArgs,
    ) -> Result<(Arc<Image>, Sources), String> {
        let mut map = self.map.clone();
        let woven = self.program(example);
        let text = Script {
            name: NAME,
            text: woven.text(),
            folder: self.path.parent(),
            libraries: &args.libraries,
            made: &[],
        };
        let (own, compiled) = myna::compiled_text(&text, &mut map);
        let errors: Vec<Diagnostic> = compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        let Some(mut module) = compiled.module else {
            let errors = woven.diagnostics(own, errors);
            let shown = errors.iter().map(|error| render(error, &map, colored_errors()));
            return Err(shown.map(|text| text + "\n").collect());
        };
        woven.lines(&map, NAME, &mut module);
        match verify(module) {
            Ok(verified) => Ok((Image::load(verified), Sources::new(map, self.path))),
            Err(errors) => {
                let told = errors.first().map_or_else(String::new, ToString::to_string);
                Err(format!("error: the compiler made a wrong module of the example: {told}\n"))
            }
        }
    }

    /// The program of an example.
    fn program(&self, example: &Example) -> Woven {
        let file = self.map.text(self.file);
        let text: String = example.lines.iter().map(|line| format!("{}\n", &file[line.clone()])).collect();
        let parse = mvm_lang::parse(FileId(0), text.as_str());
        let mut woven = Woven::default();
        woven.made(&self.own_names(&parse));
        let whole = parse.file().items().any(|item| match item {
            Item::Function(function) => function.name().is_some_and(|name| name.node().text() == "main"),
            _ => false,
        });
        let imports = if whole { 0 } else { imports_end(&parse) };
        let mut add = |lines: &[std::ops::Range<usize>]| {
            for line in lines {
                woven.taken(self.map, self.file, line.clone());
                woven.made("\n");
            }
        };
        add(&example.lines[..imports]);
        if whole {
            add(&example.lines);
            return woven;
        }
        let fence = self.map.line_range(self.file, example.line).start;
        woven.stands_for("fn main() {", self.file, fence);
        woven.made("\n");
        for line in &example.lines[imports..] {
            woven.taken(self.map, self.file, line.clone());
            woven.made("\n");
        }
        woven.made("}\n");
        woven
    }

    /// The import of what the example uses of the file it stands in, unless it has imports of it itself.
    fn own_names(&self, example: &Parse) -> String {
        let module = &self.docs.name;
        let importable = module.starts_with(|c: char| c.is_ascii_lowercase())
            && module.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let imports = example.file().items().filter_map(|item| match item {
            Item::Import(import) => import.path(),
            _ => None,
        });
        let own = |path: ast::ModulePath<'_>| path.node().text() == module;
        if self.library || !importable || imports.into_iter().any(own) {
            return String::new();
        }
        let used: Vec<&str> = example
            .tree
            .root()
            .all_tokens()
            .filter(|token| matches!(token.kind(), SyntaxKind::Name | SyntaxKind::TypeName))
            .map(|token| token.text())
            .collect();
        let mut out =
            if used.contains(&module.as_str()) { format!("import {module}\n") } else { String::new() };
        let public = self.docs.entries.iter().filter(|entry| entry.public && entry.name != "main");
        // Cases of enums are names of the module too.
        let cases = |entry| {
            let entry: &docs::Entry = entry;
            entry.members.iter().filter(|member| member.kind == EntryKind::Case).map(|case| &*case.name)
        };
        let mut names: Vec<&str> = public
            .flat_map(|entry| cases(entry).chain([&*entry.name]))
            .filter(|name| used.contains(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            out += &format!("import {module}.{{{}}}\n", names.join(", "));
        }
        out
    }
}

/// How many lines there are up to the end of the last import that stands in front of everything else.
fn imports_end(parse: &Parse) -> usize {
    let mut end = 0;
    for item in parse.file().items() {
        let Item::Import(import) = item else { break };
        end = import.node().range().end;
    }
    // What is left of a line belongs to it.
    parse.tree.text()[..end].matches('\n').count() + usize::from(end > 0)
}
