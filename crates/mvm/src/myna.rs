//! Programs in Myna: where their modules are.

use std::path::{Path, PathBuf};

use mvm_diag::{Diagnostic, FileId, SourceMap};
use mvm_lang::{Checked, Compiled, Entry, Loader, Source, check, compile};

use crate::output::Failure;
use crate::source::{display_name, is_stdin, read_bytes, text_of};

/// Reads modules beside the file that a program starts with, and then in the folders of libraries.
struct Files<'a> {
    map: &'a mut SourceMap,
    folders: Vec<PathBuf>,
}

impl Files<'_> {
    fn add(&mut self, name: &str, text: &str) -> Source {
        let file = self.map.add(name, text);
        Source { file, name: name.into(), text: self.map.shared_text(file) }
    }
}

impl Loader for Files<'_> {
    fn library(&mut self, name: &str, text: &'static str) -> Source {
        let path = format!("{}.myna", name.replace('.', "/"));
        self.add(&path, text)
    }

    fn read(&mut self, module: &str) -> Result<Source, String> {
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
        Ok(self.add(&name, &text))
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
    let mut files = Files { map, folders };
    let root = files.add(&display_name(path), &text);
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

/// Compiles a text that stands in no file, with modules from a folder and from those of libraries. Gives the number of the text.
pub(crate) fn compiled_text(
    folder: Option<&Path>,
    name: &str,
    text: &str,
    libraries: &[PathBuf],
    map: &mut SourceMap,
    entry: Entry,
) -> (FileId, Compiled) {
    let folders = folder.into_iter().map(Path::to_owned).chain(libraries.iter().cloned()).collect();
    let mut files = Files { map, folders };
    let root = files.add(name, text);
    (root.file, compile(root, &mut files, entry))
}

/// What a program without `main` is told.
pub(crate) fn no_main(name: &str) -> Diagnostic {
    Diagnostic::error("", format!("`{name}` has no `main`")).help("a program starts with `fn main() { ... }`")
}
