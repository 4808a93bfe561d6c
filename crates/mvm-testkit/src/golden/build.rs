//! From text to an image, and every module there and back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mvm_asm::{DisOptions, LoadedFile, Loader, Options, assemble, disassemble, format};
use mvm_diag::{Diagnostic, FileId, Severity, SourceMap};
use mvm_exec::Image;
use mvm_module::{Module, VerifyError, verify};

use super::Program;
use super::comments::{Expectations, Key};
use super::judge::{self, Failure};

/// Something the assembler, the linker or the verifier has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Code of the diagnostic or rule; empty for none.
    pub code: String,
    /// Whether it is only a warning.
    pub warning: bool,
    /// Line of the program; 0 for none.
    pub line: u32,
    /// The fact.
    pub message: String,
    /// The advice.
    pub help: Option<String>,
}

impl Finding {
    /// The key of a comment that expects it.
    pub fn key(&self) -> Key {
        if self.warning { Key::Warning } else { Key::Error }
    }

    /// Code and message.
    pub fn text(&self) -> String {
        if self.code.is_empty() { self.message.clone() } else { format!("{} {}", self.code, self.message) }
    }

    fn of_diagnostic(diagnostic: &Diagnostic, map: &SourceMap) -> Finding {
        let line = |span: mvm_diag::Span| map.position(span.file, span.start).line;
        Finding {
            code: diagnostic.code.into(),
            warning: diagnostic.severity != Severity::Error,
            line: diagnostic.primary.as_ref().map_or(0, |label| line(label.span)),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
        }
    }

    fn of_verifier(error: &VerifyError) -> Finding {
        Finding {
            code: error.rule.to_string(),
            warning: false,
            line: error.source_place().map_or(0, |place| place.line),
            message: error.wording(),
            help: None,
        }
    }
}

/// What came of building a program.
#[derive(Debug, Default)]
pub struct Built {
    /// What there is to say about the program's own text, or about no place.
    pub findings: Vec<Finding>,
    /// The program, if it has a main function and nothing is wrong.
    pub image: Option<Arc<Image>>,
}

/// Reads includes next to the file that names them, never outside of the program's folder and its neighbours.
struct Files {
    folder: PathBuf,
}

impl Loader for Files {
    fn load(&mut self, from: &str, path: &str) -> Result<LoadedFile, String> {
        let beside = Path::new(from).parent().unwrap_or(Path::new(""));
        let name = normal(&beside.join(path));
        let file = super::root().join(&name);
        let bytes = std::fs::read(&file).map_err(|_| "there is no such file".to_string())?;
        let _ = &self.folder;
        Ok(LoadedFile { name, bytes })
    }
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(parts.pop()),
            std::path::Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            _ => {}
        }
    }
    parts.join("/")
}
