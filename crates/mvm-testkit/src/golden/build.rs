//! From text to an image, and every module there and back.

use std::path::Path;
use std::sync::Arc;

use mvm_asm::{CORE, DisOptions, LoadedFile, Loader, Options, assemble, disassemble, format};
use mvm_diag::{Diagnostic, FileId, Severity, SourceMap};
use mvm_exec::Image;
use mvm_module::{LinkError, Module, VerifyError, link, read, verify, write};

use super::Program;
use super::comments::{Expectations, Key, words};
use super::judge::{Failure, judge_findings};

/// Something the assembler, the linker or the verifier has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Code of the diagnostic or rule; empty for none.
    pub code: String,
    /// Whether it is only a warning.
    pub warning: bool,
    /// Line of the program; the first for what has no place.
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
            line: diagnostic.primary.as_ref().map_or(1, |label| line(label.span)),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
        }
    }

    /// Errors of the linker have no place: they belong to the import they speak of, else to what is linked.
    fn of_linker(error: &LinkError, program: &Program, expected: &Expectations) -> Finding {
        let import = match error {
            LinkError::MissingModule { item, from, .. }
            | LinkError::MissingExport { item, from, .. }
            | LinkError::Differs { item, from, .. } => Some(format!("{from}.{item}")),
            _ => None,
        };
        let names = |line: &str| {
            import.as_ref().is_some_and(|name| line.starts_with("import") && line.contains(name))
        };
        let line = match program.text.lines().position(names) {
            Some(index) => index as u32 + 1,
            None => expected.of(Key::Link).next().map_or(1, |remark| remark.line),
        };
        Finding { code: "link".into(), warning: false, line, message: error.to_string(), help: None }
    }

    fn of_verifier(error: &VerifyError) -> Finding {
        Finding {
            code: error.rule.to_string(),
            warning: false,
            line: error.source_place().map_or(1, |place| place.line),
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
    /// The programs that it can start, with their names.
    pub with: Vec<(String, Arc<Image>)>,
}

/// Reads files of the repository, next to the file that names them.
struct Files;

impl Loader for Files {
    fn load(&mut self, from: &str, path: &str) -> Result<LoadedFile, String> {
        let beside = Path::new(from).parent().unwrap_or(Path::new(""));
        // What begins with a slash is counted from the repository.
        let name =
            path.strip_prefix('/').map_or_else(|| normal(&beside.join(path)), |path| normal(Path::new(path)));
        let bytes =
            std::fs::read(super::root().join(&name)).map_err(|_| "there is no such file".to_string())?;
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

/// A text as a module, and what there is to say about it.
fn assemble_text(name: &str, text: &str, failures: &mut Vec<Failure>) -> (Option<Module>, Vec<Finding>) {
    let mut map = SourceMap::new();
    let file = map.add(name, text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut Files);
    let mut own = Vec::new();
    for index in 0..map.len() {
        let id = FileId(index as u32);
        let in_file = |diagnostic: &&Diagnostic| {
            diagnostic.primary.as_ref().map_or(file, |label| label.span.file) == id
        };
        let findings = diagnostics.iter().filter(in_file).map(|d| Finding::of_diagnostic(d, &map)).collect();
        if id == file {
            own = findings;
        } else {
            // Comments of an included file speak of that file.
            let (expected, _) = Expectations::parse(map.text(id));
            judge_findings(map.name(id), &expected, &findings, failures);
        }
    }
    (module, own)
}

/// Assembles, links and verifies a program.
pub fn build(program: &Program, expected: &Expectations, failures: &mut Vec<Failure>) -> Built {
    let (module, findings) = assemble_text(&program.name, &program.text, failures);
    let mut built = Built { findings, image: None, with: Vec::new() };
    check_format(program, module.as_ref(), failures);
    let Some(mut module) = module else { return built };
    let mut complain = |what: String| failures.push(Failure::new(&program.name, 0, what));
    if let Err(what) = there_and_back(&module) {
        complain(what);
    }
    if expected.of(Key::Link).next().is_some() || !module.imports.is_empty() {
        match link_with(program, module, expected, failures) {
            Ok(image) => module = image,
            Err(findings) => {
                built.findings.extend(findings);
                return built;
            }
        }
        if let Err(what) = there_and_back(&module) {
            failures.push(Failure::new(&program.name, 0, format!("linked: {what}")));
        }
    }
    built.with = programs_beside(program, expected, failures);
    match verify(module) {
        Ok(verified) => {
            if verified.main.is_some() {
                built.image = Some(crate::native::load(verified));
            }
        }
        Err(errors) => built.findings.extend(errors.iter().map(Finding::of_verifier)),
    }
    built
}

/// Whether one of the modules uses functions with instruction syntax.
fn needs_core(modules: &[Module]) -> bool {
    let mut imports = modules.iter().flat_map(|module| &module.imports);
    imports.any(|import| *import.module == *CORE.name) && modules.iter().all(|m| *m.name != *CORE.name)
}

/// Links a program with the modules its comments name, and with the built-in one where it is used.
fn link_with(
    program: &Program,
    module: Module,
    expected: &Expectations,
    failures: &mut Vec<Failure>,
) -> Result<Module, Vec<Finding>> {
    let mut modules = vec![module];
    for path in expected.of(Key::Link).flat_map(|remark| words(&remark.text)) {
        modules.extend(part(program, &path, failures));
    }
    if needs_core(&modules) {
        modules.extend(assemble_text(CORE.file, CORE.text, failures).0);
    }
    link(modules)
        .map_err(|errors| errors.iter().map(|error| Finding::of_linker(error, program, expected)).collect())
}

/// A module that the comments of a program name, and the comments of that.
fn part(program: &Program, path: &str, failures: &mut Vec<Failure>) -> Option<Module> {
    let loaded = Files.load(&program.name, path);
    let text = loaded.map(|file| (file.name, String::from_utf8_lossy(&file.bytes).into_owned()));
    let (name, text) = match text {
        Ok(found) => found,
        Err(reason) => {
            failures.push(Failure::new(&program.name, 0, format!("cannot load `{path}`: {reason}")));
            return None;
        }
    };
    let (part, findings) = assemble_text(&name, &text, failures);
    judge_findings(&name, &Expectations::parse(&text).0, &findings, failures);
    part
}

/// The programs that a program can start.
fn programs_beside(
    program: &Program,
    expected: &Expectations,
    failures: &mut Vec<Failure>,
) -> Vec<(String, Arc<Image>)> {
    let mut programs = Vec::new();
    for path in expected.of(Key::With).flat_map(|remark| words(&remark.text)) {
        let Some(module) = part(program, &path, failures) else { continue };
        let stem = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut modules = vec![module];
        if needs_core(&modules) {
            modules.extend(assemble_text(CORE.file, CORE.text, failures).0);
        }
        let linked = link(modules).map_err(|errors| errors.iter().map(ToString::to_string).collect());
        let verified = linked.and_then(|module| {
            verify(module).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())
        });
        match verified {
            Ok(verified) => programs.push((stem, crate::native::load(verified))),
            Err(errors) => {
                let what = format!("`{path}`: {}", errors.join("; "));
                failures.push(Failure::new(&program.name, 0, what));
            }
        }
    }
    programs
}

/// A module as bytes and as text gives the same module again.
fn there_and_back(module: &Module) -> Result<(), String> {
    let bytes = write(module);
    match read(&bytes) {
        Ok(again) if again == *module => {}
        Ok(_) => return Err("read from its bytes it is another module".into()),
        Err(error) => return Err(format!("its bytes cannot be read: {error}")),
    }
    let text = disassemble(module, &DisOptions::default());
    let mut map = SourceMap::new();
    let file = map.add("disassembled", text.as_str());
    let (again, diagnostics) = assemble(&mut map, file, &Options::default(), &mut Files);
    let Some(again) = again else {
        let reports: String = diagnostics.iter().take(3).map(|d| mvm_diag::render(d, &map, false)).collect();
        return Err(format!("disassembled it does not assemble:\n{reports}"));
    };
    if write(&again) == bytes {
        return Ok(());
    }
    let second = disassemble(&again, &DisOptions::default());
    let line = text.lines().zip(second.lines()).position(|(a, b)| a != b);
    let show =
        |text: &str| line.and_then(|line| text.lines().nth(line)).unwrap_or("(the same text)").to_string();
    Err(format!(
        "disassembled and assembled again it is another module:\n    - {}\n    + {}",
        show(&text),
        show(&second)
    ))
}

/// Formatting keeps the meaning, and formatted text stays as it is.
fn check_format(program: &Program, module: Option<&Module>, failures: &mut Vec<Failure>) {
    let mut complain = |what: String| failures.push(Failure::new(&program.name, 0, what));
    let formatted = match format(&program.text) {
        Ok(formatted) => formatted,
        Err(error) if module.is_some() => return complain(format!("it cannot be formatted: {error:?}")),
        Err(_) => return,
    };
    match format(&formatted) {
        Ok(again) if again == formatted => {}
        Ok(again) => {
            let line = formatted.lines().zip(again.lines()).find(|(a, b)| a != b);
            complain(format!("formatted twice it changes again: {line:?}"));
        }
        Err(error) => complain(format!("formatted it cannot be formatted: {error:?}")),
    }
    let Some(module) = module else { return };
    let mut map = SourceMap::new();
    let file = map.add(program.name.as_str(), formatted);
    match assemble(&mut map, file, &Options::default(), &mut Files).0 {
        Some(again) if without_positions(&again) == without_positions(module) => {}
        Some(_) => complain("formatted it is another module".into()),
        None => complain("formatted it does not assemble".into()),
    }
}

/// The module without columns, which formatting changes, and without lines, which it may.
fn without_positions(module: &Module) -> Module {
    let mut module = module.clone();
    for function in &mut module.functions {
        function.debug.lines.clear();
    }
    module
}
