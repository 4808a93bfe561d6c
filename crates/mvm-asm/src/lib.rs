//! Assembly text to modules and back.
//!
//! [`assemble`] turns text into a [`Module`]. The way: `lexer` and `tokens` split the text, `collect` lists the
//! declarations, `declare` and `classes` give them numbers and types, `body` with `operands`, `resolve` and `calls`
//! writes the code of each function, `relax` closes its branches.
//!
//! Not here: reading files (a [`Loader`] does), judging modules (the verifier in `mvm-module` does).
#![forbid(unsafe_code)]

mod asm;
mod body;
mod builtins;
mod calls;
mod classes;
mod collect;
mod consts;
mod cursor;
mod data;
mod declare;
mod dis;
mod emit;
mod errors;
mod expand;
mod fmt;
mod habits;
mod intern;
mod keywords;
mod lexer;
mod macros;
mod mismatch;
mod operands;
mod relax;
mod report;
mod resolve;
mod tokens;
mod types;
mod verbs;

use mvm_diag::{Diagnostic, FileId, SourceMap};
use mvm_module::Module;

pub use builtins::{CORE, CoreModule};
pub use dis::{DisOptions, InsnText, disassemble, disassemble_function, disassemble_insn, list_function};
pub use errors::{explain, pages};
pub use fmt::{FormatError, format};
pub use report::ERRORS_MAX;

/// What a caller can choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Name of the module where no `module` line gives one; else the stem of the file name.
    pub module_name: Option<String>,
    /// Whether warnings are left out.
    pub no_warnings: bool,
}

/// A file that a program asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedFile {
    /// Name for messages; two paths that lead to one file give one name.
    pub name: String,
    /// Contents.
    pub bytes: Vec<u8>,
}

/// Finds the files that `include` and `data ... = file` name. What may be read is for the implementation to decide.
pub trait Loader {
    /// The file that `path`, written in the file named `from`, means; or why there is none.
    fn load(&mut self, from: &str, path: &str) -> Result<LoadedFile, String>;
}

/// A loader without files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _from: &str, _path: &str) -> Result<LoadedFile, String> {
        Err("no files can be read here".into())
    }
}

/// Assembles a file of the map. The module is there when no diagnostic is an error. Included files are added to the
/// map.
pub fn assemble(
    map: &mut SourceMap,
    file: FileId,
    options: &Options,
    loader: &mut dyn Loader,
) -> (Option<Module>, Vec<Diagnostic>) {
    let stem = module_name(options, map.name(file));
    let mut asm = asm::Asm::new(map, loader);
    asm.module.name = stem.into();
    asm.warnings_off = options.no_warnings;
    asm.declare_builtins();
    let mut collector = collect::Collector::new(&mut asm);
    collector.run(file);
    let collect::Collector { items, module_name, .. } = collector;
    if let Some(name) = module_name {
        asm.module.name = asm.name(name);
    }
    asm.declare_all(&items);
    asm.check_consts();
    asm.assemble_bodies();
    asm.place_builtins();
    asm.warn_unused();
    let good = !asm.report.has_errors();
    let module = good.then_some(asm.module);
    (module, asm.report.finish())
}

fn module_name(options: &Options, file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = options.module_name.as_deref().or(base.split('.').next()).unwrap_or_default();
    // A program in a file named like the built-in module may use that module as well.
    if stem.is_empty() || stem == CORE.name { "main".into() } else { stem.to_owned() }
}
