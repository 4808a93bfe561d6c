//! From a path to a program: reading files, telling text from modules, finding what is imported.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use mvm_diag::{FileId, SourceMap, Span};
use mvm_exec::Place;
use mvm_module::format::MAGIC;
use mvm_module::{LineEntry, Module};

use crate::output::{Failure, reason};

/// Files larger than this are no sources and no modules.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// The name that stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How a file is called in messages.
pub(crate) fn display_name(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".into() } else { path.display().to_string() }
}

/// Whether a file is text in Myna, by its name.
pub(crate) fn is_myna(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "myna")
}

/// How deep folders are searched for sources.
const DEPTH_MAX: usize = 32;

/// The sources that are meant, in order: files as they are, of folders all that end with `.myna`.
pub(crate) fn myna_sources(wanted: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in wanted {
        if path.is_dir() {
            folder(path, DEPTH_MAX, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn folder(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::host(format!("cannot read `{}`: {error}", path.display()));
    let mut entries = fs::read_dir(path).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if path.is_dir() && !hidden && depth > 0 {
            folder(&path, depth - 1, found)?;
        } else if is_myna(&path) && !hidden {
            found.push(path);
        }
    }
    Ok(())
}

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = if is_stdin(path) {
        std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| {
            // The size is only a hint: it may be wrong for pipes and devices.
            let size = file.metadata().map_or(0, |data| data.len());
            bytes.reserve(usize::try_from(size.min(FILE_BYTES_MAX)).unwrap_or(0));
            file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
        })
    };
    let name = display_name(path);
    result.map_err(|error| cannot_read(path, &error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::wrong(format!("`{name}` is larger than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Failure {
    let name = display_name(path);
    if path.is_dir() {
        return Failure::host(format!("cannot read `{name}`: it is a directory"))
            .help("name a file in it".to_string());
    }
    let failure = Failure::host(format!("cannot read `{name}`: {}", reason(error)));
    match neighbour(path).filter(|_| error.kind() == std::io::ErrorKind::NotFound) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure,
    }
}

/// A file whose name is near to one that does not exist.
fn neighbour(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let entries = fs::read_dir(parent.unwrap_or(Path::new("."))).ok()?;
    let names: Vec<String> =
        entries.take(10_000).filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let with_extension =
        ["masm", "myna", "mvm"].iter().map(|ext| format!("{wanted}.{ext}")).find(|name| names.contains(name));
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let near = with_extension.or_else(|| mvm_diag::suggest(wanted, sorted).map(str::to_string))?;
    Some(path.with_file_name(near).display().to_string())
}

/// The text of a source file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_bytes(path)?;
    if bytes.starts_with(&MAGIC) {
        let name = display_name(path);
        return Err(Failure::wrong(format!("`{name}` is a module file, not text"))
            .help(format!("`mvm dis {name}` shows it as text")));
    }
    text_of(path, bytes)
}

/// Bytes as text.
pub(crate) fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    let wrong = |bytes: &[u8], at: usize, what: &str| {
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        let name = display_name(path);
        Failure::wrong(format!("`{name}` is neither a module nor text: line {line} (byte {at}) {what}"))
            .help("a module file is what `mvm build` writes; text is UTF-8 without zero bytes")
    };
    let text = String::from_utf8(bytes)
        .map_err(|error| wrong(error.as_bytes(), error.utf8_error().valid_up_to(), "is not UTF-8"))?;
    match text.find('\0') {
        Some(at) => Err(wrong(text.as_bytes(), at, "is a zero byte")),
        None => Ok(text),
    }
}

/// Writes a file as a whole: first beside it, then in its place, so that an interrupted write leaves the old one.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::host(format!("cannot write `{}`: {}", path.display(), reason(&error)))
    };
    // What is not a plain file (a device, a link) is written in place.
    let plain = fs::symlink_metadata(path).map_or(true, |data| data.is_file());
    if !plain {
        return fs::write(path, bytes).map_err(failed);
    }
    let Some(name) = path.file_name() else {
        return Err(Failure::host(format!("cannot write `{}`: it is not a file name", path.display())));
    };
    let mut beside = name.to_os_string();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = fs::write(&beside, bytes).and_then(|()| {
        if let Ok(data) = fs::metadata(path) {
            fs::set_permissions(&beside, data.permissions())?;
        }
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // The reason that is reported is the one of the write.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(failed)
}

/// Largest source file that is read only to show lines of it.
const SHOWN_BYTES_MAX: u64 = 16 << 20;

/// Source texts: those that were assembled, and on demand those that a module names.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    map: SourceMap,
    /// Directory of the program.
    beside: PathBuf,
    /// Names that could not be read, so that they are not tried again.
    missing: BTreeSet<String>,
}

impl Sources {
    /// The texts of an assembler run of this program.
    pub(crate) fn new(map: SourceMap, program: &Path) -> Sources {
        let beside = if is_stdin(program) { None } else { program.parent() };
        Sources { map, beside: beside.map_or_else(PathBuf::new, Path::to_path_buf), missing: BTreeSet::new() }
    }

    /// All texts so far.
    pub(crate) fn map(&self) -> &SourceMap {
        &self.map
    }

    /// The text with this name; read from the host if it is a plain file below the current directory or below that of
    /// the program.
    pub(crate) fn file(&mut self, name: &str) -> Option<FileId> {
        let known = (0..self.map.len() as u32).map(FileId).find(|&file| self.map.name(file) == name);
        if known.is_some() || self.missing.contains(name) {
            return known;
        }
        match read_shown(Path::new(""), name).or_else(|| read_shown(&self.beside, name)) {
            Some(text) => Some(self.map.add(name, text)),
            None => {
                self.missing.insert(name.to_string());
                None
            }
        }
    }

    /// File and line that an instruction comes from.
    pub(crate) fn line(&mut self, module: &Module, place: Place) -> Option<(FileId, u32)> {
        let entry = module.function(place.function)?.line_at(place.pc)?;
        Some((self.file_of(module, entry)?, entry.line))
    }

    /// The code of the line that an instruction comes from, from its column on where that is known.
    pub(crate) fn span(&mut self, module: &Module, place: Place) -> Option<Span> {
        let entry = module.function(place.function)?.line_at(place.pc)?;
        self.span_of(module, entry)
    }

    /// The code of a line, from its column on where that is known.
    pub(crate) fn span_of(&mut self, module: &Module, entry: LineEntry) -> Option<Span> {
        let file = self.file_of(module, entry)?;
        code_span(&self.map, file, entry.line, entry.column)
    }

    fn file_of(&mut self, module: &Module, entry: LineEntry) -> Option<FileId> {
        self.file(module.sources.get(usize::from(entry.file))?)
    }
}

/// A line from a column (counted from 1, 0 for its start) on, without indentation, and without a comment if it is
/// assembly.
pub(crate) fn code_span(map: &SourceMap, file: FileId, line: u32, column: u32) -> Option<Span> {
    let range = map.line_range(file, line);
    let text = map.text(file).get(range.clone())?;
    let name = map.name(file);
    let is_assembly = name.ends_with(".masm") || name.starts_with('<');
    let comment = text.find(';').filter(|_| is_assembly);
    let code = comment.map_or(text, |comment| &text[..comment]);
    let indentation = code.len() - code.trim_start().len();
    let at = (column as usize).saturating_sub(1);
    let at = if code.is_char_boundary(at) && at < code.trim_end().len() {
        at.max(indentation)
    } else {
        indentation
    };
    let start = range.start + at;
    let end = range.start + code.trim_end().len();
    (end > start).then(|| Span::new(file, start as u32, end as u32))
}

/// A source file that a module names, below a directory. Modules come from anywhere, so nothing outside of it, nothing
/// that blocks and nothing huge is read.
fn read_shown(directory: &Path, name: &str) -> Option<String> {
    let inside =
        Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let path = directory.join(name);
    let data = fs::metadata(&path).ok().filter(|data| inside && data.is_file())?;
    if data.len() > SHOWN_BYTES_MAX {
        return None;
    }
    fs::read_to_string(path).ok()
}
