//! `mvm test`: the tests in Myna sources, and the examples in their comments.
//!
//! Each test runs in a machine of its own with virtual time, so what comes of it depends on nothing else. Machines run side
//! by side on the threads of the host; results are shown in the order of the text.

mod example;

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mvm_diag::{Diagnostic, FileId, SourceMap};
use mvm_exec::{Image, ProcessLimits};
use mvm_kernel::{Environment, Exit, Host, Machine, Program, Settings, Stream};
use mvm_lang::Entry;
use mvm_lang::docs::Example;
use mvm_module::verify;

use self::example::Context;
use crate::Status;
use crate::args::TestArgs;
use crate::machine::{describe_crash, ending, stack_slots};
use crate::markup::escaped;
use crate::myna;
use crate::output::{Failure, Output, message};
use crate::report::Reporter;
use crate::source::{Sources, display_name, myna_sources, read_bytes, write_file};

/// Bytes of output of a test that are kept.
const OUTPUT_MAX: usize = 64 << 10;

/// What came of a test.
struct Outcome {
    name: String,
    passed: bool,
    /// What there is to say about a failure.
    text: String,
    /// What it has written.
    output: String,
    reductions: u64,
}

impl Outcome {
    /// One of which nothing is known yet.
    fn new(name: &str) -> Outcome {
        Outcome {
            name: name.to_owned(),
            passed: false,
            text: String::new(),
            output: String::new(),
            reductions: 0,
        }
    }
}

/// A file with its tests.
struct File {
    name: String,
    outcomes: Vec<Outcome>,
}

/// Takes what a test writes; there is nothing to read.
#[derive(Default)]
struct Captured {
    bytes: Vec<u8>,
    lost: usize,
}

impl Host for Captured {
    fn write(&mut self, _program: u32, _stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let room = OUTPUT_MAX - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.lost += bytes.len().saturating_sub(room);
        Ok(())
    }

    fn read_line(&mut self, _most: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn read(&mut self, _most: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// Runs the tests; status 1 when one fails, 2 when a file has errors.
pub(crate) fn run(args: &TestArgs, output: &mut Output) -> Result<Status, Failure> {
    let paths = myna_sources(&args.files)?;
    let (mut status, mut files) = (Status::OK, Vec::new());
    for path in &paths {
        match file(path, args)? {
            Some(found) if found.outcomes.is_empty() => {}
            Some(found) => {
                show(&found, args, output)?;
                files.push(found);
            }
            None => status = status.worse(Status::WRONG),
        }
    }
    let all = files.iter().flat_map(|file| &file.outcomes);
    let (count, failed) = (all.clone().count(), all.filter(|outcome| !outcome.passed).count());
    if let Some(path) = &args.junit {
        write_file(path, junit(&files).as_bytes())?;
    }
    if !args.json && !args.list {
        let text = match (count, failed) {
            (0, _) => "no tests\n".to_owned(),
            (count, 0) => format!("{count} passed\n"),
            (count, failed) => format!("{} passed, {failed} failed\n", count - failed),
        };
        output.text(&text)?;
    }
    Ok(if failed > 0 { status.worse(Status::UNCAUGHT) } else { status })
}

/// What is run.
struct Job {
    name: String,
    what: What,
}

enum What {
    /// The test of this number.
    Test(usize),
    Example(Example),
}

/// Compiles a file and runs its tests and examples; none when it has errors, which have been shown.
fn file(path: &Path, args: &TestArgs) -> Result<Option<File>, Failure> {
    let mut map = SourceMap::new();
    let compiled = myna::compiled(path, read_bytes(path)?, &args.libraries, &mut map, Entry::Tests)?;
    let name = display_name(path);
    let errors: Vec<Diagnostic> = compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    let Some(module) = compiled.module else {
        Reporter::standard().diagnostics(&errors, &map);
        return Ok(None);
    };
    let own = FileId(0);
    let parse = mvm_lang::parse(own, map.text(own));
    let tests = compiled.tests.iter().enumerate();
    let tests = tests.map(|(number, name)| Job { name: name.to_string(), what: What::Test(number) });
    let examples = mvm_lang::docs::examples(&parse).into_iter().map(|example| Job {
        name: format!("example of {} (line {})", example.item, example.line),
        what: What::Example(example),
    });
    let wanted = |job: &Job| args.filter.as_ref().is_none_or(|filter| job.name.contains(filter.as_str()));
    let jobs: Vec<Job> = tests.chain(examples).filter(wanted).collect();
    if args.list {
        let listed = jobs.into_iter().map(|job| Outcome { passed: true, ..Outcome::new(&job.name) });
        return Ok(Some(File { name, outcomes: listed.collect() }));
    }
    let image = match verify(module) {
        Ok(verified) => Image::load(verified),
        Err(errors) => {
            let told = errors.first().map_or_else(String::new, ToString::to_string);
            return Err(Failure::wrong(format!("the compiler made a wrong module of `{name}`: {told}")));
        }
    };
    let context = Context::new(path, own, &parse, &map);
    let outcomes = all(&image, &jobs, args, &context);
    Ok(Some(File { name, outcomes }))
}

/// Runs tests and examples side by side.
fn all(image: &Arc<Image>, jobs: &[Job], args: &TestArgs, context: &Context<'_>) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::new());
    let work = || {
        let mut sources = Sources::new(context.map.clone(), context.path);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { return };
            let outcome = match &job.what {
                What::Test(number) => one(image, vec![number.to_string()], &job.name, args, &mut sources),
                What::Example(example) => match context.compile(example, args) {
                    Ok((image, mut sources)) => one(&image, Vec::new(), &job.name, args, &mut sources),
                    Err(text) => Outcome { text, ..Outcome::new(&job.name) },
                },
            };
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be had, the others do the work.
            drop(thread::Builder::new().spawn_scoped(scope, work));
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn one(
    image: &Arc<Image>,
    arguments: Vec<String>,
    name: &str,
    args: &TestArgs,
    sources: &mut Sources,
) -> Outcome {
    let mut outcome = Outcome::new(name);
    let heap = mvm_heap::Options { limit_words: args.limit_heap.div_ceil(8), ..Default::default() };
    let limits = ProcessLimits { heap, stack_slots: stack_slots(args.limit_stack) };
    let env = Environment { args: arguments, vars: Default::default() };
    let settings =
        Settings { seed: args.seed, reductions_max: Some(args.limit_reductions), ..Settings::default() };
    let machine = Program::new(image, env, limits)
        .and_then(|program| Machine::start(vec![program], &settings, Captured::default()));
    let Some(mut machine) = machine else {
        outcome.text = "the host has no memory for the test".to_owned();
        return outcome;
    };
    let mut told = String::new();
    let exit = loop {
        match machine.run(mvm_exec::Executor::DEFAULT) {
            Ok(Exit::Crashed(pid, _, uncaught)) => {
                told.push_str(&describe_crash(image.module(), pid, &uncaught, sources));
            }
            Ok(Exit::TogetherTooMuch(pid)) if pid != mvm_kernel::Pid::MAIN => {}
            Ok(exit) => break exit,
            Err(error) => {
                outcome.text = error.to_string();
                return outcome;
            }
        }
    };
    outcome.reductions = machine.reductions();
    if let Some((status, text)) = ending(&machine, &exit, sources) {
        outcome.passed = status == Status::OK;
        told.push_str(&text.unwrap_or_default());
    }
    if !outcome.passed {
        if told.is_empty()
            && let Exit::Status(status) = exit
        {
            told = format!("error: the test has ended the program with status {status}\n");
        }
        outcome.text = told;
    }
    let captured = machine.host;
    outcome.output = String::from_utf8_lossy(&captured.bytes).into_owned();
    if captured.lost > 0 {
        let _ = writeln!(outcome.output, "... and {} more bytes", captured.lost);
    }
    outcome
}

fn show(file: &File, args: &TestArgs, output: &mut Output) -> Result<(), Failure> {
    if args.json {
        for outcome in &file.outcomes {
            let object = serde_json::json!({
                "file": file.name,
                "test": outcome.name,
                "passed": outcome.passed,
                "reductions": outcome.reductions,
                "message": outcome.text,
                "output": outcome.output,
            });
            output.page(&object.to_string())?;
        }
        return Ok(());
    }
    output.text(&format!("{}\n", file.name))?;
    for outcome in &file.outcomes {
        let mark = match (args.list, outcome.passed) {
            (true, _) => "     ",
            (false, true) => "ok   ",
            (false, false) => "FAIL ",
        };
        output.text(&format!("  {mark}{}\n", outcome.name))?;
        if outcome.passed {
            continue;
        }
        output.flush()?;
        message(&outcome.text);
        if !outcome.output.is_empty() {
            output.text("  it has written:\n")?;
            for line in outcome.output.lines() {
                output.text(&format!("    {line}\n"))?;
            }
        }
    }
    Ok(())
}

/// The report that servers for continuous integration read.
fn junit(files: &[File]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for file in files {
        let failed = file.outcomes.iter().filter(|outcome| !outcome.passed).count();
        let (name, count) = (escaped(&file.name), file.outcomes.len());
        let _ = writeln!(text, "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failed}\">");
        for outcome in &file.outcomes {
            let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{}\"", escaped(&outcome.name));
            if outcome.passed {
                text.push_str("/>\n");
                continue;
            }
            let first = outcome.text.lines().next().unwrap_or("failed");
            let _ = writeln!(
                text,
                ">\n      <failure message=\"{}\">{}</failure>",
                escaped(first),
                escaped(&outcome.text)
            );
            if !outcome.output.is_empty() {
                let _ = writeln!(text, "      <system-out>{}</system-out>", escaped(&outcome.output));
            }
            text.push_str("    </testcase>\n");
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}
