//! `mvm doc`: what the comments for documentation say, as text or as pages.
//!
//! `text.rs` shows it in a terminal, `html.rs` writes pages. What there is to show comes from the syntax alone, so a source
//! with wrong types has documentation too.

mod code;
mod html;
mod markdown;
mod text;

use std::path::{Path, PathBuf};

use mvm_diag::SourceMap;
use mvm_lang::docs::{Entry, ModuleDocs, docs, library};

use crate::Status;
use crate::args::DocArgs;
use crate::output::{Failure, Output};
use crate::report::Reporter;
use crate::source::{is_myna, myna_sources, read_text};

/// The whole library.
const LIBRARY: &str = "std";

/// The module that every file sees.
const PRELUDE: &str = "std.prelude";

/// How the language writes types whose class has another name in the prelude.
const WRITTEN: &[(&str, &str)] = &[
    ("int", "Int"),
    ("float", "Float"),
    ("bool", "Bool"),
    ("str", "Str"),
    ("bytes", "Bytes"),
    ("list", "List"),
    ("map", "Map"),
    ("array", "Array"),
    ("set", "Set"),
    ("range", "Range"),
];

/// Shows or writes documentation.
pub(crate) fn run(args: &DocArgs, output: &mut Output) -> Result<Status, Failure> {
    match &args.output {
        Some(folder) => {
            let mut modules = Vec::new();
            for what in &args.what {
                modules.extend(modules_of(what)?);
            }
            let count = html::write(folder, modules, args.private)?;
            let pages = if count == 1 { "page" } else { "pages" };
            output.page(&format!("{count} {pages}; begin with {}", folder.join("index.html").display()))?;
        }
        None => {
            for (index, what) in args.what.iter().enumerate() {
                if index > 0 {
                    output.text("\n")?;
                }
                show(what, args.private, output)?;
            }
        }
    }
    Ok(Status::OK)
}

/// What a path or name stands for, as modules.
fn modules_of(what: &Path) -> Result<Vec<ModuleDocs>, Failure> {
    let name = what.to_string_lossy();
    if name == LIBRARY {
        let names = mvm_lang::library::names().chain([PRELUDE]);
        return Ok(names.filter_map(library).collect());
    }
    if let Some(module) = library(&name).filter(|_| !what.exists()) {
        return Ok(vec![module]);
    }
    if !what.exists() && !is_myna(what) {
        return Err(unknown(&name));
    }
    let mut modules = Vec::new();
    for path in myna_sources(&[what.to_path_buf()])? {
        modules.push(file(&path, &module_name(what, &path))?);
    }
    if modules.is_empty() {
        return Err(Failure::wrong(format!("there are no sources below `{name}`"))
            .help("the names of sources end with `.myna`"));
    }
    Ok(modules)
}

/// The name that imports have for a file below a folder.
fn module_name(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty());
    let relative = relative.unwrap_or_else(|| path.file_name().map_or(path, Path::new)).with_extension("");
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join(".")
}

/// The documentation of a file; its errors of syntax are shown and end it.
fn file(path: &Path, name: &str) -> Result<ModuleDocs, Failure> {
    let mut map = SourceMap::new();
    let id = map.add(path.display().to_string(), read_text(path)?);
    let parse = mvm_lang::parse(id, map.text(id));
    if parse.has_errors() {
        Reporter::standard().diagnostics(&parse.diagnostics, &map);
        return Err(Failure::Reported(Status::WRONG));
    }
    Ok(docs(name, &parse))
}

/// Shows something in the terminal.
fn show(what: &Path, private: bool, output: &mut Output) -> Result<(), Failure> {
    let name = what.to_string_lossy();
    if name == LIBRARY {
        return output.page(&text::library());
    }
    if what.exists() || is_myna(what) {
        for (index, module) in modules_of(what)?.iter().enumerate() {
            output.text(if index > 0 { "\n" } else { "" })?;
            output.page(&text::module(module, private))?;
        }
        return Ok(());
    }
    let known = |name: &str| match library(name) {
        Some(module) => Some(text::module(&module, private)),
        None => entry(name),
    };
    // The name of a module may stand without `std.`.
    match known(&name).or_else(|| known(&format!("{LIBRARY}.{name}"))) {
        Some(text) => output.page(&text),
        None => Err(unknown(&name)),
    }
}

/// The text for something in a module of the library, or in the prelude.
fn entry(path: &str) -> Option<String> {
    for (module, rest) in splits(path) {
        let Some(module) = library(module) else { continue };
        let (owner, entry) = module.find(rest)?;
        return Some(text::entry(&module.name, owner, entry));
    }
    let prelude = library(PRELUDE)?;
    let (owner, entry) = prelude.find(&in_prelude(path))?;
    Some(text::entry(PRELUDE, owner, entry))
}

/// A name with the part that may be one of a module in front.
fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.match_indices('.').map(|(at, _)| (&path[..at], &path[at + 1..]))
}

/// `str.split` as the prelude calls it.
fn in_prelude(path: &str) -> String {
    let (first, rest) = path.split_at(path.find('.').unwrap_or(path.len()));
    match WRITTEN.iter().find(|(written, _)| *written == first) {
        Some((_, name)) => format!("{name}{rest}"),
        None => path.to_owned(),
    }
}

/// What is said of a name that nothing has.
fn unknown(name: &str) -> Failure {
    let failure = Failure::wrong(format!("there is no module, file or name `{name}`"));
    let mut known: Vec<String> = mvm_lang::library::names().map(str::to_owned).collect();
    known.push(PRELUDE.to_owned());
    for module in known.clone().iter().filter_map(|name| library(name)) {
        let front = if module.name == PRELUDE { String::new() } else { format!("{}.", module.name) };
        for entry in module.entries.iter().filter(|entry| entry.public) {
            let written = WRITTEN.iter().find(|(_, class)| front.is_empty() && *class == entry.name);
            let path =
                written.map_or_else(|| format!("{front}{}", entry.name), |(written, _)| (*written).into());
            known.extend(members(entry).map(|member| format!("{path}.{}", member.name)));
            known.push(path);
        }
    }
    // Somebody who knows the last part may not know the first ones.
    let last = name.rsplit('.').next().unwrap_or(name);
    let ends = known.iter().find(|known| known.strip_suffix(last).is_some_and(|front| front.ends_with('.')));
    let near = mvm_diag::suggest(name, known.iter().map(String::as_str));
    match near.map(str::to_owned).or_else(|| ends.cloned()) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("`mvm doc std` lists the modules of the library"),
    }
}

fn members(entry: &Entry) -> impl Iterator<Item = &Entry> {
    entry.members.iter().filter(|member| member.public)
}

/// The declarations that are shown of a module. A file in which nothing is `pub` is a program, and shown as a whole.
fn shown_entries(module: &ModuleDocs, private: bool) -> Vec<&Entry> {
    let all = private || !module.entries.iter().any(|entry| entry.public);
    module.entries.iter().filter(|entry| all || entry.public).collect()
}

/// The first sentence of a text.
fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end =
        paragraph.match_indices(". ").map(|(at, _)| at + 1).find(|&end| !paragraph[..end].ends_with("e.g."));
    let mut sentence = paragraph;
    sentence.truncate(end.unwrap_or(sentence.len()));
    sentence
}

/// Where pages go.
fn page_path(folder: &Path, module: &str) -> PathBuf {
    folder.join(format!("{module}.html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_others_see_of_the_library_is_documented() {
        let mut missing = Vec::new();
        for module in mvm_lang::library::names().chain([PRELUDE]).filter_map(library) {
            if module.text.is_empty() {
                missing.push(module.name.clone());
            }
            for entry in module.entries.iter().filter(|entry| entry.public) {
                let path = format!("{}.{} (line {})", module.name, entry.name, entry.line);
                missing.extend(entry.text.is_empty().then(|| path.clone()));
                // What is inherited is documented where it comes from.
                let own =
                    members(entry).filter(|member| member.text.is_empty() && !is_inherited(entry, member));
                missing.extend(own.map(|member| format!("{path}.{} (line {})", member.name, member.line)));
            }
        }
        assert!(missing.is_empty(), "without documentation:\n{}", missing.join("\n"));
    }

    /// Whether a member is one that an interface of the language asks for, or takes the place of another.
    fn is_inherited(owner: &Entry, member: &Entry) -> bool {
        let supers = owner.signature.split_once(": ").map_or("", |(_, supers)| supers);
        let from =
            |interface: &str, names: &[&str]| supers.contains(interface) && names.contains(&&*member.name);
        member.overrides
            || from("Printable", &["show"])
            || from("Hashable", &["hash", "=="])
            || from("Ordered", &["<=>"])
            || from("Iterable", &["iter"])
            || from("Iterator", &["has_next", "next", "iter"])
    }

    #[test]
    fn sentences_end_with_a_point_and_a_blank() {
        assert_eq!(first_sentence("One. Two."), "One.");
        assert_eq!(first_sentence("Like `a.b`\nhere. More"), "Like `a.b` here.");
        assert_eq!(first_sentence("Only\n\nthis. x"), "Only");
    }

    #[test]
    fn files_are_called_as_imports_name_them() {
        let name = |root: &str, path: &str| module_name(Path::new(root), Path::new(path));
        assert_eq!(name("src", "src/geometry/flat.myna"), "geometry.flat");
        assert_eq!(name("src/main.myna", "src/main.myna"), "main");
    }
}
