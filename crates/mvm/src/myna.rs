//! Programs in Myna: where their modules are.

use std::path::{Path, PathBuf};

use mvm_diag::{Diagnostic, FileId, SourceMap, Text};
use mvm_lang::{Checked, Compiled, Entry, Loader, Source, check, compile};

use crate::output::Failure;
use crate::source::{display_name, is_stdin, read_bytes, text_of};

/// Reads modules beside the file that a program starts with, and then in the folders of libraries.
struct Files<'a> {
    map: &'a mut SourceMap,
    folders: Vec<PathBuf>,
    /// Modules that stand in no file: names and texts.
    made: &'a [(&'a str, &'a str)],
}

impl Files<'_> {
    fn add(&mut self, name: &str, text: impl Into<Text>) -> Source {
        let file = self.map.add(name, text);
        Source { file, name: name.into(), text: self.map.shared_text(file) }
    }
}

impl Loader for Files<'_> {
    fn library(&mut self, name: &str, text: &'static str) -> Source {
        let path = format!("{}.myna", name.replace('.', "/"));
        self.add(&path, Text::Static(text))
    }

    fn read(&mut self, module: &str) -> Result<Source, String> {
        if let Some((name, text)) = self.made.iter().find(|(name, _)| *name == module) {
            return Ok(self.add(&format!("<{name}>"), *text));
        }
        let relative: PathBuf = module.split('.').collect::<PathBuf>().with_extension("myna");
        let Some(path) = self.folders.iter().map(|folder| folder.join(&relative)).find(|path| path.exists())
        else {
            return Err(format!("there is no file `{}`", relative.display()));
        };
        let told = |failure: Failure| match failure {
            Failure::Message { message, .. } => message,
            _ => format!("`{}` cannot be read", path.display()),
        };
        let text = read_bytes(&path).and_then(|bytes| text_of(&path, bytes)).map_err(told)?;
        let name = display_name(&path).to_string();
        Ok(self.add(&name, text))
    }

    fn sources(&self) -> &SourceMap {
        self.map
    }
}

/// Where a program and its modules are.
fn files<'a>(
    path: &Path,
    bytes: Vec<u8>,
    libraries: &[PathBuf],
    map: &'a mut SourceMap,
) -> Result<(Source, Files<'a>), Failure> {
    let text = text_of(path, bytes)?;
    let here = if is_stdin(path) { Some(Path::new(".")) } else { path.parent() };
    let folders = here.into_iter().map(Path::to_owned).chain(libraries.iter().cloned()).collect();
    let mut files = Files { map, folders, made: &[] };
    let root = files.add(&display_name(path), text);
    Ok((root, files))
}

/// Checks a program whose text has been read.
pub(crate) fn checked(
    path: &Path,
    bytes: Vec<u8>,
    libraries: &[PathBuf],
    map: &mut SourceMap,
) -> Result<Checked, Failure> {
    let (root, mut files) = files(path, bytes, libraries, map)?;
    Ok(check(root, &mut files))
}

/// Compiles a program whose text has been read.
pub(crate) fn compiled(
    path: &Path,
    bytes: Vec<u8>,
    libraries: &[PathBuf],
    map: &mut SourceMap,
    entry: Entry,
) -> Result<Compiled, Failure> {
    let (root, mut files) = files(path, bytes, libraries, map)?;
    Ok(compile(root, &mut files, entry))
}

/// A program that stands in no file.
pub(crate) struct Script<'a> {
    /// What messages call it.
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    /// Where its modules are, in front of those of libraries.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) libraries: &'a [PathBuf],
    /// Modules that stand in no file either: names and texts.
    pub(crate) made: &'a [(&'a str, &'a str)],
}

/// Compiles a program that stands in no file. Gives the number of its text, too.
pub(crate) fn compiled_text(program: &Script<'_>, map: &mut SourceMap) -> (FileId, Compiled) {
    let folders = program.folder.into_iter().map(Path::to_owned).chain(program.libraries.iter().cloned());
    let mut files = Files { map, folders: folders.collect(), made: program.made };
    let root = files.add(program.name, program.text);
    (root.file, compile(root, &mut files, Entry::Main))
}

/// The text of a module, if there is a file of it below one of these folders.
pub(crate) fn read_module(name: &str, folder: &Path, libraries: &[PathBuf]) -> Option<String> {
    let mut map = SourceMap::new();
    let folders = std::iter::once(folder.to_owned()).chain(libraries.iter().cloned()).collect();
    let source = Files { map: &mut map, folders, made: &[] }.read(name).ok()?;
    Some(source.text.to_string())
}

/// What a program without `main` is told.
pub(crate) fn no_main(name: &str) -> Diagnostic {
    Diagnostic::error("", format!("`{name}` has no `main`")).help("a program starts with `fn main() { ... }`")
}
