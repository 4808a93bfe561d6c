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
use mvm_module::limits::Limits;

pub use builtins::{CORE, CoreModule};
pub use dis::{DisOptions, InsnText, disassemble, disassemble_function, disassemble_insn, list_function};
pub use errors::{explain, pages};
pub use fmt::{FormatError, format};
pub use report::ERRORS_MAX;

/// The words that the language itself has a meaning for; instructions have theirs in `mvm_isa`.
pub fn keywords() -> &'static [&'static str] {
    keywords::ALL
}

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
    assemble_within(&Limits::default(), map, file, options, loader)
}

/// The same with other limits.
fn assemble_within(
    limits: &Limits,
    map: &mut SourceMap,
    file: FileId,
    options: &Options,
    loader: &mut dyn Loader,
) -> (Option<Module>, Vec<Diagnostic>) {
    let stem = module_name(options, map.name(file));
    let mut asm = asm::Asm::new(map, loader);
    asm.limits = *limits;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of four bytes, whatever is asked for.
    struct FourBytes;

    impl Loader for FourBytes {
        fn load(&mut self, _from: &str, path: &str) -> Result<LoadedFile, String> {
            Ok(LoadedFile { name: path.into(), bytes: b"abcd".to_vec() })
        }
    }

    /// The messages of the errors, one a line.
    fn errors(limits: &Limits, text: &str) -> String {
        let mut map = SourceMap::new();
        let file = map.add("test.masm", text);
        let (module, diagnostics) =
            assemble_within(limits, &mut map, file, &Options::default(), &mut FourBytes);
        let errors: Vec<String> =
            diagnostics.into_iter().filter(Diagnostic::is_error).map(|d| d.message).collect();
        assert_eq!(module.is_none(), !errors.is_empty());
        errors.join("\n")
    }

    #[test]
    fn limits_of_huge_sources_are_inclusive() {
        let limits = Limits { functions: 3, function_words: 10, length: 4, ..Limits::default() };
        let functions = |count: usize| -> String {
            (0..count).map(|k| format!("func f{k}() {{\n ret\n}}\nexport f{k}\n")).collect()
        };
        assert_eq!(errors(&limits, &functions(3)), "");
        assert_eq!(errors(&limits, &functions(4)).lines().next(), Some("a module has at most 3 functions"));
        let import = "import other.f()\n";
        assert_eq!(errors(&limits, &(import.to_owned() + &functions(2))), "");
        let found = errors(&limits, &(import.to_owned() + &functions(3)));
        assert_eq!(found.lines().next(), Some("a module has at most 3 functions"));
        // An instruction that is a function of the module `core` imports it.
        let sort = "func sorts(list: [i64]) {\n sort list\n ret\n}\nexport sorts\n";
        assert_eq!(errors(&limits, &(functions(1) + sort)), "");
        assert_eq!(errors(&limits, &(functions(2) + sort)), "a module has at most 3 functions");
        let words = |nops: usize| format!("func f() {{\n{} ret\n}}\nexport f\n", " nop\n".repeat(nops));
        assert_eq!(errors(&limits, &words(9)), "");
        assert_eq!(errors(&limits, &words(10)), "a function has at most 10 words of code");
    }

    #[test]
    fn limits_of_data_are_inclusive() {
        let limits = Limits { length: 4, ..Limits::default() };
        let data = |ty: &str, values: &str| {
            let text =
                format!("data d: {ty} = {values}\nfunc f() -> {ty} {{\n mov x, d\n ret x\n}}\nexport f\n");
            errors(&limits, &text)
        };
        let message = "data has at most 4 bytes";
        assert_eq!(data("str", "\"abcd\""), "");
        assert_eq!(data("str", "\"abcd\", \"e\""), message);
        assert_eq!(data("bytes", "\"abc\", 1"), "");
        assert_eq!(data("bytes", "\"abc\", 1, 2"), message);
        assert_eq!(data("[i16]", "1, 2"), "");
        assert_eq!(data("[i16]", "1, 2, 3"), message);
        assert_eq!(data("bytes", "file \"x\""), "");
        let limits = Limits { length: 3, ..limits };
        let text = "data d: bytes = file \"x\"\nfunc f() -> bytes {\n mov x, d\n ret x\n}\nexport f\n";
        assert_eq!(errors(&limits, text), "`x` has more than 3 bytes");
    }
}
