//! Golden programs: assembly text whose comments say what must come of it.
//!
//! `docs/TESTING.md` says what may stand in the comments. [`comments`] reads them, [`build`] assembles, links, verifies
//! and takes the module there and back through every text and byte form, [`run`] runs it in all executors, in slices
//! and under heap stress, [`judge`] compares, [`bless`] rewrites the comments.
//!
//! Not here: which programs there are (`tests/golden`, `tests/regress`, `examples`) and what they must cover together
//! (`tests/it/golden.rs`).

pub mod bless;
pub mod build;
pub mod comments;
pub mod cores;
pub mod coverage;
pub mod judge;
pub mod myna;
pub mod rows;
pub mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use comments::Expectations;
use coverage::Coverage;
use judge::Failure;

/// Stack of the threads that check programs: debug builds of the assembler need more than the default.
const THREAD_STACK_BYTES: usize = 32 << 20;

/// A golden program.
#[derive(Debug, Clone)]
pub struct Program {
    /// How it is called in messages: the path below the repository, or the name of an instruction.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Directory in which includes and linked modules are looked for.
    pub folder: PathBuf,
}

/// What came of checking some programs.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Everything that is not as expected, in the order of the programs.
    pub failures: Vec<Failure>,
    /// What the programs did, together.
    pub coverage: Coverage,
    /// New text of each program whose comments are not what came of it, by index.
    pub rewritten: Vec<(usize, String)>,
}

/// Checks one program.
pub fn check(program: &Program) -> Outcome {
    let mut outcome = Outcome::default();
    let one = if myna::is_myna(program) { myna::check } else { check_unguarded };
    match catch_unwind(AssertUnwindSafe(|| one(program))) {
        Ok(done) => outcome = done,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("unknown panic");
            outcome.failures.push(Failure::new(&program.name, 0, format!("panic: {text}")));
        }
    }
    outcome
}

fn check_unguarded(program: &Program) -> Outcome {
    let mut outcome = Outcome::default();
    let (expected, mistakes) = Expectations::parse(&program.text);
    for (line, message) in mistakes {
        outcome.failures.push(Failure::new(&program.name, line, message));
    }
    let built = build::build(program, &expected, &mut outcome.failures);
    outcome.coverage.add_findings(&built.findings);
    let ran = built.image.as_ref().map(|image| {
        run::run_everywhere(
            program,
            (image, &built.with),
            &expected,
            &mut outcome.coverage,
            &mut outcome.failures,
        )
    });
    let before = outcome.failures.len();
    judge::judge(program, &expected, &built.findings, ran.as_ref(), &mut outcome.failures);
    if outcome.failures.len() > before {
        outcome.rewritten.push((0, bless::rewrite(program, &expected, &built.findings, ran.as_ref())));
    }
    outcome
}

/// Checks a program; with `GOLDEN_TIMES` in the environment, says how long that took.
fn timed(program: &Program) -> Outcome {
    let start = std::time::Instant::now();
    let outcome = check(program);
    if std::env::var_os("GOLDEN_TIMES").is_some() {
        eprintln!("{:8.1} ms {}", start.elapsed().as_secs_f64() * 1e3, program.name);
    }
    outcome
}

/// Checks programs on two threads. The outcome does not depend on which thread took which program.
///
/// # Panics
/// When a thread cannot be started.
pub fn check_all(programs: &[Program]) -> Outcome {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(program) = programs.get(index) else { return };
            let outcome = timed(program);
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, outcome));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let builder = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES);
            builder
                .spawn_scoped(scope, work)
                .unwrap_or_else(|error| panic!("cannot start a thread: {error}"));
        }
    });
    let mut parts = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    parts.sort_by_key(|(index, _)| *index);
    let mut outcome = Outcome::default();
    for (index, part) in parts {
        outcome.failures.extend(part.failures);
        outcome.coverage.add(&part.coverage);
        outcome.rewritten.extend(part.rewritten.into_iter().map(|(_, text)| (index, text)));
    }
    outcome
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All programs below a directory of the repository, sorted. Files in directories named `parts` belong to others.
///
/// # Errors
/// When a directory or file cannot be read.
pub fn programs_below(folder: &str) -> Result<Vec<Program>, String> {
    let mut programs = Vec::new();
    let mut folders = vec![folder.to_string()];
    while let Some(folder) = folders.pop() {
        let path = root().join(&folder);
        if !path.exists() {
            continue;
        }
        let failed = |error: std::io::Error| format!("{folder}: {error}");
        for entry in std::fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let below = format!("{folder}/{name}");
            if entry.path().is_dir() {
                if name != "parts" {
                    folders.push(below);
                }
            } else if name.ends_with(".masm") {
                let text = std::fs::read_to_string(entry.path()).map_err(failed)?;
                programs.push(Program { name: below, text, folder: path.clone() });
            }
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}
