//! What a session has so far, and what one more input does.
//!
//! A session is a program that grows: declarations stand at its top, statements one behind the other in `main`. Each input is
//! compiled with all of that, and the program is run from its start; `host.rs` keeps what was done before from being done
//! twice. docs/decisions/0017 says why. An input that does not compile, throws or is interrupted leaves no trace.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mvm_diag::{Diagnostic, FileId, SourceMap};
use mvm_exec::native::Tier;
use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_kernel::{Environment, Exit, Machine, Pid, Program, Settings};
use mvm_lang::docs::{ModuleDocs, docs};
use mvm_lang::hir;
use mvm_lang::look::{local_of_main, members, type_text};
use mvm_lang::types::Ty;
use mvm_module::{Module, verify};

use super::host::{Answer, BEGINS, Console, ENDS, NOTHING_WRITTEN, Phase, SessionHost};
use super::input::{Kind, has_word, kind};
use crate::args::ReplArgs;
use crate::host::Input;
use crate::machine::{describe_crash, ending, stack_slots};
use crate::myna::{Script, compiled_text, read_module};
use crate::output::{Failure, colored_output, message};
use crate::report::Reporter;
use crate::source::Sources;
use crate::woven::Woven;
use crate::{native, signals};

/// What the program of a session is called.
const NAME: &str = "<session>";
/// The module that the program tells by how far it is.
const MODULE: &str = "mvm_session";
/// Reductions after which it is looked whether somebody wants to interrupt.
const LOOK_AFTER: u64 = 100_000;
/// Names that can be given anew: each time, a block is opened, and blocks are only so deep.
const BLOCKS_MAX: usize = 75;
/// Milliseconds of the machine's clock that other processes have after each input.
const SETTLE_MILLIS: u32 = 1;

/// A declaration or statement that stays.
#[derive(Debug, Clone)]
struct Kept {
    /// The number of its input.
    number: usize,
    text: String,
    /// Names that it gives.
    names: Vec<String>,
    form: Form,
    /// A new block begins in front of it, in which names that were given can be given anew.
    opens: bool,
    /// Other processes run for a moment behind it.
    settles: bool,
}

/// How a statement stands in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// At the top.
    Item,
    /// As it is.
    Plain,
    /// As the value of a name.
    Value,
}

/// What came of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was done.
    Done,
    /// It was not; why has been said.
    Failed,
    /// Somebody has interrupted it.
    Interrupted,
}

/// What is asked about an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Nothing: the input stays.
    Keep,
    /// How long it takes.
    Time,
}

/// A session.
pub(super) struct Session<'a> {
    args: &'a ReplArgs,
    tier: Option<Arc<dyn Tier>>,
    /// Declarations and statements.
    kept: Vec<Kept>,
    /// What has come in for the statements.
    answers: Vec<Answer>,
    /// What they have written, as a hash.
    written: u64,
    /// How many inputs there were.
    count: usize,
    console: Console,
}

/// A program that was compiled.
struct Compiled {
    program: hir::Program,
    map: SourceMap,
    result: Result<Module, Vec<Diagnostic>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(args: &'a ReplArgs) -> Result<Session<'a>, Failure> {
        Ok(Session {
            args,
            tier: native::tier(&args.native)?,
            kept: Vec::new(),
            answers: Vec::new(),
            written: NOTHING_WRITTEN,
            count: 0,
            console: Console::new(),
        })
    }

    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        self.kept.clear();
        self.answers.clear();
        self.written = NOTHING_WRITTEN;
    }

    /// Forgets what was kept last. What came in for it is forgotten when the rest has been done again.
    pub(super) fn undo(&mut self, input: &mut Input) -> Result<Outcome, Failure> {
        let Some((_, rest)) = self.kept.split_last() else {
            message("error: nothing was kept yet\n");
            return Ok(Outcome::Failed);
        };
        let kept = rest.to_vec();
        let compiled = self.compile(&kept, None);
        let module = match compiled.result {
            Ok(module) => module,
            Err(errors) => return Ok(self.refused(errors, &compiled.map)),
        };
        let before = self.written;
        let ran = self.run_quietly(module, compiled.map, input)?;
        if ran.outcome != Outcome::Done {
            self.written = before;
            return Ok(ran.outcome);
        }
        self.answers.truncate(ran.asked);
        self.written = ran.written;
        self.kept = kept;
        Ok(Outcome::Done)
    }

    /// Names that the session has given.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().flat_map(|kept| kept.names.iter().map(String::as_str))
    }

    /// Texts of imports.
    pub(super) fn imports(&self) -> impl Iterator<Item = &str> {
        let imports = self.kept.iter().filter(|kept| kept.form == Form::Item && kept.names.is_empty());
        imports.map(|kept| &*kept.text)
    }

    /// The program so far, for people.
    pub(super) fn listing(&self) -> String {
        let texts = self.kept.iter().map(|kept| format!("{}\n", kept.text.trim_end()));
        texts.collect()
    }

    /// Does what was typed.
    pub(super) fn input(
        &mut self,
        text: &str,
        question: Question,
        input: &mut Input,
    ) -> Result<Outcome, Failure> {
        self.count += 1;
        match kind(text) {
            Kind::Nothing => Ok(Outcome::Done),
            Kind::Closes => {
                message("error: a bracket closes what this input has not opened\n");
                Ok(Outcome::Failed)
            }
            Kind::Items(names) => self.declare(text, names, input),
            Kind::Statement(names) => self.statement(text, names, &[Form::Plain], question, input),
            Kind::Expression => {
                self.statement(text, Vec::new(), &[Form::Value, Form::Plain], question, input)
            }
        }
    }

    /// Takes a declaration, in the place of one with the same name.
    fn declare(&mut self, text: &str, names: Vec<String>, input: &mut Input) -> Result<Outcome, Failure> {
        if names.iter().any(|name| name == "main") {
            message("error: a session has no `main`: type what is to be done\n");
            return Ok(Outcome::Failed);
        }
        if names.is_empty()
            && self.kept.iter().any(|kept| kept.form == Form::Item && kept.text.trim() == text.trim())
        {
            return Ok(Outcome::Done);
        }
        let mut kept = self.kept.clone();
        let replaces =
            |kept: &Kept| kept.form == Form::Item && kept.names.iter().any(|name| names.contains(name));
        let used = kept.iter().any(|kept| names.iter().any(|name| has_word(&kept.text, name)));
        kept.retain(|kept| !replaces(kept));
        kept.push(self.made(text, names.clone(), Form::Item));
        let compiled = self.compile(&kept, None);
        let module = match compiled.result {
            Ok(module) => module,
            Err(errors) => return Ok(self.refused(errors, &compiled.map)),
        };
        // What was done before does not change by what it does not know.
        if used && kept.iter().any(|kept| kept.form != Form::Item) {
            let ran = self.run(module, compiled.map, input)?;
            if ran.outcome != Outcome::Done {
                return Ok(ran.outcome);
            }
            self.written = ran.written;
        }
        if let Some(name) = names.iter().find(|name| self.scope_has(name)) {
            message(&format!(
                "note: statements still mean the variable `{name}`, which hides the declaration\n"
            ));
        }
        self.kept = kept;
        Ok(Outcome::Done)
    }

    fn made(&self, text: &str, names: Vec<String>, form: Form) -> Kept {
        let statement = form != Form::Item;
        let given = |name: &String| self.scope().any(|known| known == name);
        let spawns = |text: &str| has_word(text, "spawn") || text.contains("std.process");
        Kept {
            number: self.count,
            opens: statement && names.iter().any(given),
            settles: statement && (spawns(text) || self.kept.iter().any(|kept| spawns(&kept.text))),
            text: text.to_owned(),
            names,
            form,
        }
    }

    /// Names that statements have given since a block began last.
    fn scope(&self) -> impl Iterator<Item = &str> {
        let start = self.kept.iter().rposition(|kept| kept.opens).unwrap_or(0);
        let statements = self.kept[start..].iter().filter(|kept| kept.form != Form::Item);
        statements.flat_map(|kept| kept.names.iter().map(String::as_str))
    }

    /// Does a statement in the first of these forms in which it compiles; what is wrong is said of the last one.
    fn statement(
        &mut self,
        text: &str,
        names: Vec<String>,
        forms: &[Form],
        question: Question,
        input: &mut Input,
    ) -> Result<Outcome, Failure> {
        let mut refusal = None;
        for &form in forms {
            let kept = self.made(text, names.clone(), form);
            if kept.opens && self.kept.iter().filter(|kept| kept.opens).count() >= BLOCKS_MAX {
                message(&format!(
                    "error: names were given anew {BLOCKS_MAX} times; `:reset` begins a new session\n"
                ));
                return Ok(Outcome::Failed);
            }
            let compiled = self.compile(&self.kept, Some(&kept));
            let module = match compiled.result {
                Ok(module) => module,
                Err(errors) => {
                    refusal = Some((errors, compiled.map));
                    continue;
                }
            };
            let ty = value_type(&compiled.program, kept.number).filter(|_| form == Form::Value);
            if matches!(ty, Some(Ty::NEVER | Ty::UNIT)) {
                continue;
            }
            let shown = ty.map(|ty| type_text(&compiled.program, ty));
            return self.perform(kept, module, compiled.map, shown, question, input);
        }
        Ok(match refusal {
            Some((errors, map)) => self.refused(errors, &map),
            None => Outcome::Failed,
        })
    }

    /// Runs the program with its newest statement, and keeps that if it ends well.
    fn perform(
        &mut self,
        kept: Kept,
        module: Module,
        map: SourceMap,
        ty: Option<String>,
        question: Question,
        input: &mut Input,
    ) -> Result<Outcome, Failure> {
        let ran = self.run(module, map, input)?;
        if ran.outcome != Outcome::Done {
            return Ok(ran.outcome);
        }
        if let Some(ty) = ty {
            // The value was shown as the only element of a list, so that strings have their quotes.
            let value = ran.value.strip_prefix('[').unwrap_or(&ran.value);
            let value = value.strip_suffix(']').unwrap_or(value);
            let (dim, plain) = if colored_output() { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
            crate::output::line(&format!("{value}{dim} : {ty}{plain}\n"))?;
        }
        if question == Question::Time {
            crate::output::line(&format!("{}\n", duration_text(ran.took)))?;
            return Ok(Outcome::Done);
        }
        self.kept.push(kept);
        self.answers.extend(ran.fresh);
        self.written = ran.written;
        Ok(Outcome::Done)
    }

    /// The type of an expression.
    pub(super) fn type_of(&mut self, text: &str) -> Outcome {
        match self.look_at(text) {
            Ok((program, Some(ty))) => {
                let _ = crate::output::line(&format!("{}\n", type_text(&program, ty)));
                Outcome::Done
            }
            Ok((_, None)) => {
                message("error: a type is that of an expression\n");
                Outcome::Failed
            }
            Err(outcome) => outcome,
        }
    }

    /// An expression in the program, without doing it: the program and the type. What is wrong has been said.
    fn look_at(&mut self, text: &str) -> Result<(hir::Program, Option<Ty>), Outcome> {
        self.count += 1;
        let compiled = self.compile(&self.kept, Some(&self.made(text, Vec::new(), Form::Value)));
        match compiled.result {
            Ok(_) => {
                let ty = value_type(&compiled.program, self.count);
                Ok((compiled.program, ty))
            }
            Err(errors) => {
                // What gives no value is no value of a name, but it has a type.
                let plain = self.compile(&self.kept, Some(&self.made(text, Vec::new(), Form::Plain)));
                match plain.result {
                    Ok(_) if kind(text) == Kind::Expression => Ok((plain.program, Some(Ty::UNIT))),
                    Ok(_) => Ok((plain.program, None)),
                    Err(_) => Err(self.refused(errors, &compiled.map)),
                }
            }
        }
    }

    /// Names that can stand behind a point after an expression.
    pub(super) fn members_of(&self, text: &str) -> Vec<String> {
        let compiled = self.compile(&self.kept, Some(&self.made(text, Vec::new(), Form::Value)));
        match value_type(&compiled.program, self.count) {
            Some(ty) if compiled.result.is_ok() => members(&compiled.program, ty),
            _ => Vec::new(),
        }
    }

    /// What a module declares that stands in a file.
    pub(super) fn module_docs(&self, name: &str) -> Option<ModuleDocs> {
        let text = read_module(name, Path::new("."), &self.args.libraries)?;
        Some(docs(name, &mvm_lang::parse(FileId(0), text)))
    }

    /// The module in which an expression is, and where the functions are that were made of it.
    pub(super) fn module_with(&mut self, text: &str) -> Result<Module, Outcome> {
        self.count += 1;
        let compiled = self.compile(&self.kept, Some(&self.made(text, Vec::new(), Form::Value)));
        compiled.result.map_err(|errors| self.refused(errors, &compiled.map))
    }

    /// How the text of the newest input is called in modules.
    pub(super) fn newest(&self) -> String {
        input_name(self.count)
    }

    /// Shows errors, with what people may not know who meet them here.
    fn refused(&self, errors: Vec<Diagnostic>, map: &SourceMap) -> Outcome {
        let newest = input_name(self.count);
        let told = errors.into_iter().map(|error| {
            let of = error.primary.as_ref().map(|label| map.name(label.span.file));
            // "there is no name `a` here", "there is no function `a` here"
            let unknown = error.message.strip_prefix("there is no ").and_then(|rest| rest.split('`').nth(1));
            if unknown.is_some_and(|name| self.scope_has(name)) {
                return Diagnostic { help: None, ..error }.help(
                    "functions do not see the variables of a session: give it as a parameter, write a closure \
                     (`let f = |x| ...`), or make a constant of it (`pub let`)",
                );
            }
            match of {
                Some(of) if of != newest && of.starts_with("<input") => error.help(
                    "this was typed before, and would no longer compile; `:reset` begins a new session",
                ),
                _ => error,
            }
        });
        Reporter::standard().diagnostics(&told.collect::<Vec<_>>(), map);
        Outcome::Failed
    }

    fn scope_has(&self, name: &str) -> bool {
        self.kept.iter().any(|kept| kept.form != Form::Item && kept.names.iter().any(|known| known == name))
    }

    /// Compiles what was kept with one more statement.
    fn compile(&self, kept: &[Kept], newest: Option<&Kept>) -> Compiled {
        let mut map = SourceMap::new();
        let woven = woven(kept, newest, &mut map);
        let made = [(MODULE, &*told_module())];
        let text = Script {
            name: NAME,
            text: woven.text(),
            folder: Some(Path::new(".")),
            libraries: &self.args.libraries,
            made: &made,
        };
        let (own, compiled) = compiled_text(&text, &mut map);
        let result = match compiled.module {
            Some(mut module) => {
                woven.lines(&map, NAME, &mut module);
                Ok(module)
            }
            None => {
                let errors = compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
                Err(woven.diagnostics(own, errors))
            }
        };
        Compiled { program: compiled.program, map, result }
    }

    /// Runs the program, and says so when what was done before has written something else.
    fn run(&mut self, module: Module, map: SourceMap, input: &mut Input) -> Result<Ran, Failure> {
        let ran = self.run_quietly(module, map, input)?;
        if ran.began && ran.written_before != self.written {
            message("note: what was typed before has written something else this time\n");
        }
        Ok(ran)
    }

    fn run_quietly(&mut self, module: Module, map: SourceMap, input: &mut Input) -> Result<Ran, Failure> {
        let verified = verify(module).map_err(|errors| {
            let told = errors.first().map_or_else(String::new, ToString::to_string);
            Failure::wrong(format!("the compiler made a wrong module: {told}"))
        })?;
        let image = Image::load_with(verified, self.tier.clone());
        let heap = mvm_heap::Options { limit_words: self.args.limit_heap.div_ceil(8), ..Default::default() };
        let limits = ProcessLimits { heap, stack_slots: stack_slots(self.args.limit_stack) };
        let settings = Settings {
            seed: self.args.seed,
            reductions_max: self.args.limit_reductions,
            ..Settings::default()
        };
        let host = SessionHost::new(&self.answers, input, &mut self.console);
        let env = Environment { args: Vec::new(), vars: Default::default() };
        let machine = Program::new(&image, env, limits)
            .and_then(|program| Machine::start(vec![program], &settings, host));
        let Some(mut machine) = machine else {
            return Err(Failure::host("the host has no memory for the program"));
        };
        let mut sources = Sources::new(map, Path::new(NAME));
        let exit = run_to_end(&mut machine, &mut sources)?;
        machine.host.end()?;
        let outcome = match exit {
            None => {
                // A terminal has shown `^C`.
                let line_end = if std::io::stdin().is_terminal() { "\n" } else { "" };
                message(&format!("{line_end}interrupted\n"));
                Outcome::Interrupted
            }
            Some(exit) => told(&machine, &exit, &mut sources),
        };
        let host = machine.host;
        let began = host.phase != Phase::Before;
        if outcome == Outcome::Failed && !began {
            message("note: this came of what was typed before; nothing has changed\n");
        }
        Ok(Ran {
            outcome,
            began,
            asked: host.asked,
            written_before: host.written_before,
            value: host.value(),
            took: host.took,
            written: host.written_after,
            fresh: host.fresh,
        })
    }
}

/// What came of a run.
struct Ran {
    outcome: Outcome,
    /// Whether the newest input was begun.
    began: bool,
    /// How much of what came in before was asked for again.
    asked: usize,
    /// What was written before the newest input and up to its end, as hashes.
    written_before: u64,
    written: u64,
    value: String,
    took: Duration,
    fresh: Vec<Answer>,
}

/// The program: declarations, then the statements in `main`.
fn woven(kept: &[Kept], newest: Option<&Kept>, map: &mut SourceMap) -> Woven {
    let mut woven = Woven::default();
    let mut add = |woven: &mut Woven, kept: &Kept| {
        let file = map.add(input_name(kept.number), kept.text.as_str());
        woven.taken(map, file, 0..kept.text.len());
        woven.made("\n");
    };
    woven.made(&format!("import {MODULE}\n"));
    for kept in kept.iter().filter(|kept| kept.form == Form::Item) {
        add(&mut woven, kept);
    }
    woven.made("fn main() {\n");
    let mut blocks = 0;
    let mut begin = |woven: &mut Woven, kept: &Kept| {
        if kept.opens {
            woven.made("if true {\n");
            blocks += 1;
        }
    };
    let value = |woven: &mut Woven, kept: &Kept| {
        if kept.form == Form::Value {
            woven.made(&format!("let {} =\n", value_name(kept.number)));
        }
    };
    for kept in kept.iter().filter(|kept| kept.form != Form::Item) {
        begin(&mut woven, kept);
        value(&mut woven, kept);
        add(&mut woven, kept);
        if kept.settles {
            woven.made(&format!("{MODULE}.settle()\n"));
        }
    }
    if let Some(newest) = newest {
        begin(&mut woven, newest);
    }
    woven.made(&format!("{MODULE}.begins()\n"));
    if let Some(newest) = newest {
        value(&mut woven, newest);
        add(&mut woven, newest);
        if newest.settles {
            woven.made(&format!("{MODULE}.settle()\n"));
        }
    }
    woven.made(&format!("{MODULE}.ends()\n"));
    if let Some(newest) = newest.filter(|newest| newest.form == Form::Value) {
        woven.made(&format!("{MODULE}.show(\"{{[{}]}}\")\n", value_name(newest.number)));
    }
    woven.made(&"}\n".repeat(blocks + 1));
    woven
}

/// The text of the module that tells how far the program is.
fn told_module() -> String {
    let literal = |text: &str| text.replace('\u{1}', "\\u{1}").replace('\u{2}', "\\u{2}");
    format!(
        "import std.io.{{write_error}}\npub fn begins() {{ write_error(\"{}\") }}\npub fn ends() {{ write_error(\"{}\") \
         }}\npub fn show(text: str) {{ write_error(text) }}\npub fn settle() {{ sleep({SETTLE_MILLIS}) }}\n",
        literal(BEGINS),
        literal(ENDS)
    )
}

/// How messages call an input.
fn input_name(number: usize) -> String {
    format!("<input {number}>")
}

/// The name that the value of an input has in the program.
fn value_name(number: usize) -> String {
    format!("mvm_value_{number}")
}

/// The type of the value of an input.
fn value_type(program: &hir::Program, number: usize) -> Option<Ty> {
    local_of_main(program, &value_name(number))
}

/// Runs to the end; none when somebody interrupts it.
fn run_to_end(
    machine: &mut Machine<SessionHost<'_>>,
    sources: &mut Sources,
) -> Result<Option<Exit>, Failure> {
    let mut rest = machine.take_fuel();
    loop {
        let piece = rest.min(LOOK_AFTER);
        rest -= piece;
        machine.add_fuel(piece);
        match machine.run(Executor::DEFAULT) {
            Ok(Exit::ReductionLimit) if rest > 0 => {}
            Ok(Exit::Crashed(pid, program, uncaught)) => {
                if machine.host.phase == Phase::Now {
                    machine.host.flush()?;
                    let module = machine.image(program).module();
                    message(&without_frame(&describe_crash(module, pid, &uncaught, sources)));
                }
                rest += machine.take_fuel();
            }
            Ok(Exit::TogetherTooMuch(pid)) if pid != Pid::MAIN => rest += machine.take_fuel(),
            Ok(exit) => return Ok(Some(exit)),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                let _ = signals::next();
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
        if signals::next().is_some() {
            return Ok(None);
        }
    }
}

/// How a run has ended; what there is to say is said.
fn told(machine: &Machine<SessionHost<'_>>, exit: &Exit, sources: &mut Sources) -> Outcome {
    if let Exit::Status(status) = exit {
        if machine.host.phase == Phase::After {
            return Outcome::Done;
        }
        message(&format!(
            "error: the input has ended the program with status {status}; the session goes on without it\n"
        ));
        return Outcome::Failed;
    }
    if let Some((_, Some(text))) = ending(machine, exit, sources) {
        message(&without_frame(&text));
    }
    Outcome::Failed
}

/// A back-trace without what stands around the inputs.
fn without_frame(text: &str) -> String {
    let around = format!(" ({NAME}:");
    text.split_inclusive('\n').filter(|line| !(line.starts_with("  in ") && line.contains(&around))).collect()
}

/// A time as people read it.
fn duration_text(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        micros if micros < 1e3 => format!("{micros:.0} µs"),
        micros if micros < 1e6 => format!("{:.1} ms", micros / 1e3),
        micros => format!("{:.2} s", micros / 1e6),
    }
}
