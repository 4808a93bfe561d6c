//! Programs that attack: each must end as its comments say, within its limit, under every collector and with native code. The host must
//! stay within 1.25 times the limit and 16 MiB, and collections may do only so much work for what a program allocates.
//!
//! What the comments of the programs below `tests/hostile` mean is said in [`mvm_testkit::hostile`]. A program that prints waits for a
//! line of input at its end, so that its memory can be looked at.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;

use mvm_testkit::golden::root;
use mvm_testkit::hostile::{Verdict, limit, programs};

use crate::tool::{Scratch, command};

/// Options of each run beside those of the program: as it comes, with native code made of what runs long; and with native code made of
/// everything, from the beginning.
const WAYS: [&[&str]; 4] = [
    &["--gc", "generational"],
    &["--jit", "--jit-threshold=0"],
    // Of these there is no need when there are many processes: their heaps are small.
    &["--no-jit", "--gc", "compact"],
    &["--no-jit", "--gc", "copying"],
];
/// What the compiler may take beside what the program does, in bytes.
const COMPILER_MAX: u64 = 8 << 20;
/// Bytes that collections may look at for each byte allocated: a judgement of the limit comes with an eighth of it and can
/// cost a full collection.
const WORK_MAX: u64 = 16;
/// Full collections for traps that a program catches, before it is ended.
const CAUGHT_MAX: u64 = 64;
/// Bytes of what is said about the end of a program.
const ERROR_BYTES_MAX: usize = 16 << 10;

/// The most memory that a process has had, in bytes, where the host says so.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? << 10)
}

/// What is seen of a run.
struct Seen {
    native: bool,
    lines: Vec<String>,
    rest: String,
    error: String,
    status: Option<i32>,
    /// Of programs that waited for input, where the host says so.
    peak: Option<u64>,
    /// Bytes that collections looked at.
    work: u64,
    allocated: u64,
}

fn run(program: &Path, options: &[String], way: &[&str], lines_max: usize, log: &str) -> Seen {
    let mut command = command(&["run", &format!("--gc-log={log}")]);
    command.args(way).args(options).arg(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever writes more than a pipe holds waits for a reader.
    let mut errors = child.stderr.take().unwrap();
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        errors.read_to_end(&mut text).map(|_| text).unwrap()
    });
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    while lines.len() < lines_max {
        let mut line = String::new();
        if out.read_line(&mut line).unwrap() == 0 {
            break;
        }
        lines.push(line.trim_end().to_string());
    }
    // Programs without output have ended before they could be looked at.
    let peak = peak(&child).filter(|_| !lines.is_empty());
    drop(child.stdin.take());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let status = child.wait().unwrap().code();
    let error = String::from_utf8_lossy(&errors.join().unwrap()).into_owned();
    let (mut work, mut allocated) = (0, 0);
    for line in std::fs::read_to_string(log).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = |name: &str| line[name].as_u64().unwrap();
        match line["kind"].as_str().unwrap() {
            "young" => work += number("copied"),
            "full" => work += number("live_after") + number("copied"),
            _ => allocated = number("allocated_bytes"),
        }
    }
    Seen { native: !way.contains(&"--no-jit"), lines, rest, error, status, peak, work, allocated }
}

/// Whether a run was as it should be.
fn judge(seen: &Seen, verdict: &Verdict, options: &[String]) -> Result<(), String> {
    let limit = limit(options);
    let Seen { native, lines, rest, error, status, peak, work, allocated } = seen;
    if *lines != verdict.output || !rest.is_empty() {
        return Err(format!("it wrote {lines:?} {rest:?}, not {:?}: {error}", verdict.output));
    }
    match (&verdict.trap, status) {
        (None, Some(0)) => {}
        (Some(trap), Some(1)) if error.contains(trap.as_str()) => {}
        (wanted, status) => return Err(format!("status {status:?}, not {wanted:?}: {error}")),
    }
    if error.len() > ERROR_BYTES_MAX {
        return Err(format!("{} bytes are said about its end", error.len()));
    }
    let most = verdict.memory_max(options) + if *native { COMPILER_MAX } else { 0 };
    if let Some(peak) = peak.filter(|&peak| peak > most) {
        return Err(format!("{peak} bytes of the host's memory, more than {most}"));
    }
    let traps = if verdict.trap.is_some() { CAUGHT_MAX + 2 } else { 2 };
    let most = WORK_MAX * allocated + traps * 2 * limit;
    if *work > most {
        return Err(format!("collections looked at {work} bytes, more than {most}, for {allocated}"));
    }
    Ok(())
}

#[test]
fn hostile_programs_stay_within_their_limits() {
    let mut runs = Vec::new();
    for program in programs().unwrap() {
        let verdict = Verdict::of(&std::fs::read_to_string(&program).unwrap());
        for options in verdict.options.clone() {
            for way in WAYS.into_iter().take(if verdict.many { 2 } else { 4 }) {
                runs.push((program.clone(), options.clone(), way, verdict.clone()));
            }
        }
    }
    assert!(runs.len() > 130, "only {} runs", runs.len());
    let scratch = Scratch::new("hostile");
    let logs = ["0.jsonl", "1.jsonl"].map(|name| scratch.path(name));
    let (runs, failures) = (Mutex::new(runs), Mutex::new(Vec::new()));
    let next = || runs.lock().unwrap().pop();
    std::thread::scope(|scope| {
        for log in &logs {
            let (next, failures) = (&next, &failures);
            scope.spawn(move || {
                while let Some((program, options, way, verdict)) = next() {
                    let seen = run(&program, &options, way, verdict.output.len(), log);
                    let name = program.file_name().unwrap_or_default().to_string_lossy();
                    println!(
                        "{name} {options:?} {way:?}: peak {:?}, {} bytes of work for {}",
                        seen.peak, seen.work, seen.allocated
                    );
                    if let Err(what) = judge(&seen, &verdict, &options) {
                        failures.lock().unwrap().push(format!("{name} {options:?} {way:?}: {what}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The judge can complain: about a limit that is not kept, about too much work, about another end.
#[test]
fn a_limit_that_is_not_kept_is_noticed() {
    let scratch = Scratch::new("hostile-control");
    let program = root().join("tests/hostile/string_doubling.masm");
    let verdict = Verdict::of(&std::fs::read_to_string(&program).unwrap());
    let options = &verdict.options[0];
    let seen = run(&program, options, WAYS[0], verdict.output.len(), &scratch.path("log.jsonl"));
    assert_eq!(judge(&seen, &verdict, options), Ok(()));
    let complaint =
        |seen: &Seen, verdict: &Verdict, options: &[String]| judge(seen, verdict, options).unwrap_err();
    if seen.peak.is_some() {
        // As if it had been told to keep to an eighth of what it had.
        let less = ["--limit-heap".to_string(), "8m".to_string()];
        assert!(complaint(&seen, &verdict, &less).contains("of the host's memory, more than"));
    }
    // A heap that is looked at as a whole at every allocation.
    let thrashing = Seen { work: seen.allocated / 100 * limit(options), ..seen };
    assert!(complaint(&thrashing, &verdict, options).starts_with("collections looked at"));
    let seen = Seen { work: 0, ..thrashing };
    let other = Verdict { output: vec!["33554432".into()], ..verdict.clone() };
    assert!(complaint(&seen, &other, options).starts_with("it wrote"));
    let other = Verdict { trap: Some("out of memory".into()), ..verdict.clone() };
    assert!(complaint(&seen, &other, options).starts_with("status Some(0)"));
    let seen = Seen { error: "x".repeat(ERROR_BYTES_MAX + 1), ..seen };
    assert!(complaint(&seen, &verdict, options).ends_with("are said about its end"));
}
