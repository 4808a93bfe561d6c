//! From a path to a program: its modules, those they import, linked, verified, loaded.
//!
//! Not here: reading files (`source.rs`), what the words of a module mean (`mvm-module`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mvm_asm::{CORE, Options, assemble};
use mvm_diag::{Diagnostic, FileId, SourceMap, Span};
use mvm_exec::Image;
use mvm_exec::native::Tier;
use mvm_module::format::MAGIC;
use mvm_module::link::{LinkError, link};
use mvm_module::{Module, Name, TypeDef, VerifiedModule, VerifyError, verify, verify_library};

use crate::Status;
use crate::args::ProgramArgs;
use crate::include::Includes;
use crate::library;
use crate::myna;
use crate::optimise;
use crate::output::Failure;
use crate::report::Reporter;
use crate::source::{Sources, display_name, is_myna, is_stdin, read_bytes, text_of};

/// Modules of one program at most.
const MODULES_MAX: usize = 1000;

/// A program that is ready to run.
pub(crate) struct Program {
    /// The code.
    pub(crate) image: Arc<Image>,
    /// The texts it comes from.
    pub(crate) sources: Sources,
}

/// Loads a program with everything it imports. Errors are shown and end it; warnings are for those who ask
/// (`check`, `asm`, `build`), not for every run.
pub(crate) fn load(args: &ProgramArgs) -> Result<Program, Failure> {
    load_with(args, None, |_| ())
}

/// The same with a compiler of native code; `prepare` is shown the verified module before anybody asks it for anything.
pub(crate) fn load_with(
    args: &ProgramArgs,
    tier: Option<Arc<dyn Tier>>,
    prepare: impl FnOnce(&VerifiedModule),
) -> Result<Program, Failure> {
    let mut loader = Loader::new(&args.libraries);
    loader.no_warnings = true;
    let options = optimise::options(&args.optimise)?;
    let module = loader.program(&args.program)?;
    let verified = loader.optimised(module, &options)?;
    prepare(&verified);
    Ok(Program { image: Image::load_with(verified, tier), sources: Sources::new(loader.map, &args.program) })
}

/// Links a program with everything it imports, and verifies the result.
pub(crate) fn link_program(args: &ProgramArgs) -> Result<VerifiedModule, Failure> {
    let mut loader = Loader::new(&args.libraries);
    let options = optimise::options(&args.optimise)?;
    let module = loader.program(&args.program)?;
    loader.optimised(module, &options)
}

/// Reads or assembles one file without linking, and verifies it. Warnings are shown, errors end it.
pub(crate) fn module(path: &Path) -> Result<(Module, SourceMap), Failure> {
    let mut loader = Loader::new(&[]);
    let module = loader.file(path)?;
    let module = loader.checked(module)?;
    loader.report()?;
    Ok((module, loader.map))
}

/// Reads or assembles one file without linking, for looking at it: a module file that breaks rules of the verifier is
/// given too, after its errors have been shown. The second value is whether it keeps them.
pub(crate) fn module_to_show(path: &Path) -> Result<(Module, bool), Failure> {
    let mut loader = Loader::new(&[]);
    loader.no_warnings = true;
    let Some(module) = loader.file(path)? else {
        loader.report()?;
        return Err(Failure::Reported(Status::WRONG));
    };
    if let Err(errors) = verify_library(&module) {
        loader.verify_errors(&errors);
    }
    Ok((module, loader.report().is_ok()))
}

/// Optimises a module that may have imports, and says what was done. It has been verified before.
pub(crate) fn optimised_library(
    module: Module,
    options: &mvm_opt::Options,
) -> Result<(Module, mvm_opt::Report), Failure> {
    let mut loader = Loader::new(&[]);
    match mvm_opt::optimise_library(&module, options) {
        Ok((module, report)) => Ok((loader.checked(Some(module))?, report)),
        Err(errors) => {
            loader.verify_errors(&errors);
            loader.report()?;
            Err(Failure::Reported(Status::WRONG))
        }
    }
}

/// Everything there is to say about a file and what it imports.
pub(crate) fn check(path: &Path, libraries: &[PathBuf]) -> Result<(Vec<Diagnostic>, SourceMap), Failure> {
    let mut loader = Loader::new(libraries);
    if is_myna(path) {
        let checked = myna::checked(path, read_bytes(path)?, libraries, &mut loader.map)?;
        let lowers = !checked.has_errors() && checked.program.main.is_some();
        let mut found = checked.diagnostics;
        if lowers {
            // Some limits are passed only where code is made.
            let made = mvm_lang::lower(&checked.program, &loader.map, mvm_lang::Entry::Main);
            found.extend(made.err().into_iter().flatten());
        }
        return Ok((found, loader.map));
    }
    if let Some(module) = loader.file(path)? {
        let imports = !module.imports.is_empty() || imported_types(&module).next().is_some();
        match verify_library(&module) {
            Err(errors) => loader.verify_errors(&errors),
            Ok(()) if imports => drop(loader.link(path, module)?),
            Ok(()) => {}
        }
    }
    Ok((loader.diagnostics, loader.map))
}

/// Collects the modules of a program.
struct Loader<'a> {
    libraries: &'a [PathBuf],
    map: SourceMap,
    diagnostics: Vec<Diagnostic>,
    no_warnings: bool,
}

impl<'a> Loader<'a> {
    fn new(libraries: &'a [PathBuf]) -> Loader<'a> {
        Loader { libraries, map: SourceMap::new(), diagnostics: Vec::new(), no_warnings: false }
    }

    fn error(&mut self, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("", message));
    }

    /// Shows what has been collected; fails when there are errors among it.
    fn report(&mut self) -> Result<(), Failure> {
        let diagnostics = std::mem::take(&mut self.diagnostics);
        if !diagnostics.is_empty() {
            Reporter::standard().diagnostics(&diagnostics, &self.map);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Failure::Reported(Status::WRONG));
        }
        Ok(())
    }

    /// A module without errors, or none.
    fn checked(&mut self, module: Option<Module>) -> Result<Module, Failure> {
        if let Some(module) = &module
            && let Err(errors) = verify_library(module)
        {
            self.verify_errors(&errors);
        }
        match module {
            Some(module) if !self.diagnostics.iter().any(Diagnostic::is_error) => Ok(module),
            _ => {
                self.report()?;
                Err(Failure::Reported(Status::WRONG))
            }
        }
    }

    /// The program at `path`, linked; none when there are errors.
    fn program(&mut self, path: &Path) -> Result<Option<Module>, Failure> {
        match self.file(path)? {
            Some(module) => self.link(path, module),
            None => Ok(None),
        }
    }

    /// Verifies an image and shows everything that has been collected.
    fn done(&mut self, module: Option<Module>) -> Result<VerifiedModule, Failure> {
        let verified = match module.map(verify) {
            Some(Ok(verified)) => Some(verified),
            Some(Err(errors)) => {
                self.verify_errors(&errors);
                None
            }
            None => None,
        };
        self.report()?;
        verified.ok_or(Failure::Reported(Status::WRONG))
    }

    /// The same, optimised; what comes out is judged like what came in.
    fn optimised(
        &mut self,
        module: Option<Module>,
        options: &mvm_opt::Options,
    ) -> Result<VerifiedModule, Failure> {
        let verified = self.done(module)?;
        if options.passes.is_empty() {
            return Ok(verified);
        }
        let (module, _) = mvm_opt::optimise(&verified, options);
        self.done(Some(module))
    }

    /// A module file or assembly text.
    fn file(&mut self, path: &Path) -> Result<Option<Module>, Failure> {
        let bytes = read_bytes(path)?;
        let name = display_name(path);
        if is_myna(path) {
            let compiled = myna::compiled(path, bytes, self.libraries, &mut self.map, mvm_lang::Entry::Main)?;
            let refused = compiled.diagnostics.iter().any(Diagnostic::is_error);
            let kept = |d: &Diagnostic| d.is_error() || !self.no_warnings;
            self.diagnostics.extend(compiled.diagnostics.into_iter().filter(kept));
            if compiled.module.is_none() && !refused {
                self.diagnostics.push(myna::no_main(&name));
            }
            return Ok(compiled.module);
        }
        if bytes.starts_with(&MAGIC) {
            return match mvm_module::read(&bytes) {
                Ok(module) => Ok(Some(module)),
                Err(error) => {
                    let diagnostic = Diagnostic::error("", format!("`{name}` is not a good module: {error}"));
                    self.diagnostics.push(diagnostic.help("build it again from its source"));
                    Ok(None)
                }
            };
        }
        let text = text_of(path, bytes)?;
        let stem = if is_stdin(path) { None } else { path.file_stem() };
        let module_name = stem.map_or_else(|| "main".into(), |stem| stem.to_string_lossy().into_owned());
        Ok(self.assemble(&name, &module_name, text, path.parent()))
    }

    /// Assembles a text; files it includes are looked for in its directory.
    fn assemble(
        &mut self,
        name: &str,
        module: &str,
        text: String,
        directory: Option<&Path>,
    ) -> Option<Module> {
        let file = self.map.add(name, text);
        let options = Options { module_name: Some(module.to_string()), no_warnings: self.no_warnings };
        let mut includes = Includes::new(directory, self.libraries);
        let (module, diagnostics) = assemble(&mut self.map, file, &options, &mut includes);
        self.diagnostics.extend(diagnostics.into_iter().filter(|d| d.is_error() || !self.no_warnings));
        module
    }

    /// Links a module with what it imports. A module that needs nothing stays as it is.
    fn link(&mut self, path: &Path, module: Module) -> Result<Option<Module>, Failure> {
        let mut wanted: Vec<Name> = imported_modules(&module).collect();
        if wanted.is_empty() {
            return Ok(Some(module));
        }
        let directory = if is_stdin(path) { None } else { path.parent().map(Path::to_path_buf) };
        let mut known: BTreeSet<Name> = BTreeSet::from([module.name.clone()]);
        let mut modules = vec![module];
        while let Some(name) = wanted.pop() {
            if !known.insert(name.clone()) {
                continue;
            }
            if modules.len() == MODULES_MAX {
                self.error(format!("the program has more than {MODULES_MAX} modules"));
                return Ok(None);
            }
            let Some(mut found) = self.find(&name, directory.as_deref())? else { continue };
            wanted.extend(imported_modules(&found));
            // A library is what it is imported as, whatever it calls itself.
            found.name = name;
            modules.push(found);
        }
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(None);
        }
        match link(modules) {
            Ok(image) => Ok(Some(image)),
            Err(errors) => {
                for error in &errors {
                    match error {
                        LinkError::Invalid { error, .. } => self.verify_errors(std::slice::from_ref(error)),
                        error => {
                            let mut diagnostic = Diagnostic::error("", error.to_string());
                            if let Some(span) =
                                import_of(error).and_then(|path| import_span(&self.map, &path))
                            {
                                diagnostic = diagnostic.at(span, "");
                            }
                            self.diagnostics.push(diagnostic);
                        }
                    }
                }
                Ok(None)
            }
        }
    }

    /// The module with this name: the built-in one, next to the program, in the library directories, in the standard library.
    fn find(&mut self, name: &str, directory: Option<&Path>) -> Result<Option<Module>, Failure> {
        if name == CORE.name {
            return Ok(self.assemble(CORE.file, name, CORE.text.to_string(), None));
        }
        let here = directory.map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path });
        let directories: Vec<&Path> =
            here.into_iter().chain(self.libraries.iter().map(PathBuf::as_path)).collect();
        let is_file_name = !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
        for directory in directories.iter().filter(|_| is_file_name) {
            for extension in ["masm", "mvm"] {
                let path = directory.join(format!("{name}.{extension}"));
                if path.is_file() {
                    return self.file(&path);
                }
            }
        }
        if let Some(text) = library::text(name) {
            return Ok(self.assemble(&library::source_name(name), name, text.to_string(), None));
        }
        let places: Vec<String> = directories.iter().map(|path| format!("`{}`", path.display())).collect();
        let mut error = Diagnostic::error("", format!("there is no module `{name}` to import from"));
        if let Some(span) = import_span(&self.map, &format!("{name}.")) {
            error = error.at(span, "");
        }
        let near = mvm_diag::suggest(name, library::names());
        error.help = Some(match (near, places.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`, which is in the standard library?"),
            (None, true) => "give its directory with -L".into(),
            (None, false) => {
                format!("looked for {name}.masm and {name}.mvm in {}; -L adds a directory", places.join(", "))
            }
        });
        self.diagnostics.push(error);
        Ok(None)
    }

    /// What the verifier says, at the source lines it says it of.
    fn verify_errors(&mut self, errors: &[VerifyError]) {
        for error in errors {
            let mut diagnostic = Diagnostic::error(error.rule.number(), error.wording());
            match error.source_place().and_then(|place| line_span(&self.map, &place.file, place.line)) {
                Some(span) => diagnostic = diagnostic.at(span, ""),
                None => diagnostic.message = error.to_string(),
            }
            self.diagnostics.push(diagnostic);
        }
    }
}

/// What is imported where the linker found something wrong.
fn import_of(error: &LinkError) -> Option<String> {
    match error {
        LinkError::MissingModule { item, from, .. }
        | LinkError::MissingExport { item, from, .. }
        | LinkError::Differs { item, from, .. } => Some(format!("{from}.{item}")),
        _ => None,
    }
}

/// Where a source that has been read imports something. Modules do not say where their imports stand, so this looks for
/// a line that begins with `import` and has this path.
fn import_span(map: &SourceMap, path: &str) -> Option<Span> {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '`');
    (0..map.len() as u32).map(FileId).find_map(|file| {
        let text = map.text(file);
        text.match_indices(path).find_map(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + path.len()..]);
            let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
            let alone =
                !line.ends_with(part_of_name) && (path.ends_with('.') || !after.starts_with(part_of_name));
            let imports = line.trim_start().starts_with("import ") && !line.contains(';');
            (alone && imports).then(|| {
                let more = after.find(|c| !part_of_name(c)).unwrap_or(after.len());
                let end = if path.ends_with('.') { path.len() + more } else { path.len() };
                Span::new(file, at as u32, (at + end) as u32)
            })
        })
    })
}

/// The code of a line of a file that has been read.
fn line_span(map: &SourceMap, name: &str, line: u32) -> Option<Span> {
    let file = (0..map.len() as u32).map(FileId).find(|&file| map.name(file) == name)?;
    crate::source::code_span(map, file, line, 0)
}

/// Names of the modules that a module needs.
fn imported_modules(module: &Module) -> impl Iterator<Item = Name> + '_ {
    module.imports.iter().map(|import| import.module.clone()).chain(imported_types(module).cloned())
}

/// Names of the modules whose classes and interfaces a module uses.
fn imported_types(module: &Module) -> impl Iterator<Item = &Name> {
    module.types.iter().filter_map(|def| match def {
        TypeDef::Class(class) => class.import.as_ref(),
        TypeDef::Interface(interface) => interface.import.as_ref(),
        _ => None,
    })
}
