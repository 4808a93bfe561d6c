//! Files that a program may read while it is assembled: `include` and `data ... = file`.
//!
//! A program comes from anywhere, so it reads only what lies beside or below its main file, below a directory given
//! with `-L`, or in the standard library. Links are followed before that is judged.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use mvm_asm::{LoadedFile, Loader};

use crate::library;
use crate::output::reason;

/// Largest file that is taken in.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Directories that files may come from.
pub(crate) struct Includes {
    /// Each with the path it was given as and the path without links.
    roots: Vec<(PathBuf, PathBuf)>,
}

impl Includes {
    /// The directory of the main file, and library directories.
    pub(crate) fn new(directory: Option<&Path>, libraries: &[PathBuf]) -> Includes {
        let given = directory.into_iter().chain(libraries.iter().map(PathBuf::as_path));
        let roots = given.filter_map(|path| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            Some((path.to_path_buf(), path.canonicalize().ok()?))
        });
        Includes { roots: roots.collect() }
    }

    /// The file a path means: below the directory of the file that names it, else below a library directory.
    fn find(&self, from: &str, path: &str) -> Option<PathBuf> {
        let beside = Path::new(from).parent().map(|parent| parent.join(path));
        let below = self.roots.iter().skip(1).map(|(given, _)| given.join(path));
        beside.into_iter().chain(below).find_map(|candidate| candidate.canonicalize().ok())
    }

    /// How messages call a file: as the person would, not with all links resolved.
    fn shown(&self, real: &Path) -> Option<String> {
        let (given, inside) =
            self.roots.iter().find_map(|(given, root)| Some((given, real.strip_prefix(root).ok()?)))?;
        let path = if given == Path::new(".") { inside.to_path_buf() } else { given.join(inside) };
        Some(path.display().to_string())
    }
}

impl Loader for Includes {
    fn load(&mut self, from: &str, path: &str) -> Result<LoadedFile, String> {
        if path.is_empty() || path.contains('\0') {
            return Err("this is not a file name".into());
        }
        let Some(real) = self.find(from, path) else {
            let stem = path.strip_suffix(".masm").unwrap_or(path);
            return match library::text(stem) {
                Some(text) => {
                    Ok(LoadedFile { name: library::source_name(stem), bytes: text.as_bytes().to_vec() })
                }
                None => Err(format!(
                    "there is no such file beside `{from}`, in a -L directory, or in the library"
                )),
            };
        };
        let Some(name) = self.shown(&real) else {
            return Err("it is outside the directory of the program; -L DIR allows another directory".into());
        };
        if !real.is_file() {
            return Err("it is not a plain file".into());
        }
        let mut bytes = Vec::new();
        let read =
            fs::File::open(&real).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
        read.map_err(|error| reason(&error))?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(format!("it is larger than {FILE_BYTES_MAX} bytes"));
        }
        Ok(LoadedFile { name, bytes })
    }
}
