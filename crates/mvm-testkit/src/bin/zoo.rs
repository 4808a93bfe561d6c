//! `zoo [NAME]`: runs hostile programs (`tests/hostile`), or those with this in their names, beside a program that means no harm, as an
//! embedding program would run them.
//!
//! For each run: did it end as it should, was its sibling answered in time, what did it leave behind? On Linux also the memory that it took.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "what it says is its result")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io, thread};

use mvm_testkit::hostile::{Verdict, WAYS, judge, programs, run};

/// How many entries a directory has; none where the host has no such directory.
fn count(directory: &str) -> Option<usize> {
    Some(fs::read_dir(directory).ok()?.count())
}

/// Threads and open files of this process.
fn left_behind() -> [Option<usize>; 2] {
    ["/proc/self/task", "/proc/self/fd"].map(count)
}

/// The most memory that this process has had, in bytes; none where the host does not say.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? << 10)
}

/// Runs a program in one way, in this process.
fn one(path: &Path, options: usize, way: usize) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let verdict = Verdict::of(&text);
    let options = verdict.options.get(options).ok_or("there are no such options")?;
    let way = *WAYS.get(way).ok_or("there is no such way")?;
    let before = left_behind();
    let seen = run(path, options, way)?;
    let after = left_behind();
    judge(&seen, &verdict)?;
    if before != after {
        return Err(format!("threads and open files: {before:?} before it, {after:?} after it"));
    }
    let most = verdict.memory_max(options);
    if let Some(peak) = peak().filter(|&peak| peak > most) {
        return Err(format!("{peak} bytes of the host's memory, more than {most}"));
    }
    let (longest, answers) = seen.sibling.unwrap_or_default();
    let memory = peak().map_or("unknown".into(), |bytes| format!("{} MiB", bytes >> 20));
    Ok(format!("the sibling waited at most {} us for {answers} answers; memory {memory}", longest / 1000))
}

/// A run of a program: its file, which of its options, which of the ways.
type Run = (PathBuf, usize, usize);

/// Runs a program in a process of its own, and says how that went. Whether it was right.
fn in_a_process((path, options, way): &Run) -> Result<bool, String> {
    let text = |error: io::Error| error.to_string();
    let me = std::env::current_exe().map_err(text)?;
    let mut command = Command::new(me);
    command.arg("--one").arg(path).args([options.to_string(), way.to_string()]);
    let ran = command.output().map_err(text)?;
    let right = ran.status.success();
    let said = String::from_utf8_lossy(if right { &ran.stdout } else { &ran.stderr }).trim_end().to_string();
    let said = if said.is_empty() { ran.status.to_string() } else { said };
    let verdict = Verdict::of(&fs::read_to_string(path).map_err(text)?);
    println!(
        "{} {} {} ({:?}, {} cores): {said}",
        if right { "right" } else { "WRONG" },
        path.file_stem().unwrap_or_default().to_string_lossy(),
        verdict.options[*options].join(" "),
        WAYS[*way].executor,
        WAYS[*way].cores,
    );
    Ok(right)
}

/// Runs programs, some at the same time. How many runs were wrong.
fn all(part: &str) -> Result<usize, String> {
    let mut runs: Vec<Run> = Vec::new();
    for path in programs().map_err(|error| error.to_string())? {
        if path.file_stem().is_some_and(|name| name.to_string_lossy().contains(part)) {
            let verdict = Verdict::of(&fs::read_to_string(&path).map_err(|error| error.to_string())?);
            let options = 0..verdict.options.len();
            runs.extend(
                options
                    .flat_map(|options| (0..WAYS.len()).map(move |way| (options, way)))
                    .map(|(options, way)| (path.clone(), options, way)),
            );
        }
    }
    if runs.is_empty() {
        return Err(format!("no program has `{part}` in its name"));
    }
    let (next, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<(), String> {
        while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !in_a_process(run)? {
                wrong.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread failed".into())))
    })?;
    if peak().is_none() {
        println!("memory, threads and open files were not looked at: the host has no /proc");
    }
    println!("{} runs, {} of them wrong", runs.len(), wrong.load(Ordering::Relaxed));
    Ok(wrong.into_inner())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match &*args {
        [one_of, path, options, way] if one_of == "--one" => {
            match (options.parse::<usize>(), way.parse::<usize>()) {
                (Ok(options), Ok(way)) => one(Path::new(path), options, way).map(|what| {
                    println!("{what}");
                    0
                }),
                _ => Err("`--one FILE OPTIONS WAY` takes two numbers".into()),
            }
        }
        [] => all(""),
        [part] if !part.starts_with('-') => all(part),
        _ => Err("usage: zoo [NAME]".into()),
    };
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}
