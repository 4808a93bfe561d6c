//! Programs that attack the memory of the host: each must end as its comments say, within its limit, under every
//! collector. The host must stay within 1.25 times the limit and 16 MiB, and collections may do only so much work for what
//! a program allocates.
//!
//! Comments of the programs below `tests/hostile`: `; options: ...` is a run with these options (several for several
//! runs); `;> TEXT` is a line of output, in order; `; trap: TEXT` is part of what standard error says at the end. A program
//! that prints waits for a line of input at its end, so that its memory can be looked at.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;

use crate::tool::{Scratch, command};

const COLLECTORS: [&str; 3] = ["generational", "compact", "copying"];
/// Bytes that collections may look at for each byte allocated: a judgement of the limit comes with an eighth of it and can
/// cost a full collection.
const WORK_MAX: u64 = 16;
/// Full collections for traps that a program catches, before it is ended.
const CAUGHT_MAX: u64 = 64;
/// Bytes of what is said about the end of a program.
const ERROR_BYTES_MAX: usize = 16 << 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile")
}

fn programs() -> Vec<PathBuf> {
    let mut programs: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    programs.sort();
    assert!(programs.len() > 20);
    programs
}

/// What the comments of a program say.
#[derive(Clone)]
struct Verdict {
    options: Vec<Vec<String>>,
    output: Vec<String>,
    trap: Option<String>,
    /// There are many processes: what counts is the bound of all together.
    many: bool,
}

impl Verdict {
    fn of(program: &Path) -> Verdict {
        let text = std::fs::read_to_string(program).unwrap();
        let after = |mark: &str| -> Vec<String> {
            text.lines().filter_map(|line| Some(line.split_once(mark)?.1.trim().to_string())).collect()
        };
        let mut options: Vec<Vec<String>> = after("; options:")
            .iter()
            .map(|line| line.split_whitespace().map(String::from).collect())
            .collect();
        if options.is_empty() {
            options.push(Vec::new());
        }
        Verdict {
            options,
            output: after(";>"),
            trap: after("; trap:").pop(),
            many: text.contains("; many processes"),
        }
    }
}

/// The most memory that a process has had, in bytes, where the host says so.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? << 10)
}

/// The limits of heap and stack together.
fn limit(options: &[String]) -> u64 {
    let size = |name: &str| {
        let at = options.iter().position(|option| option == name)?;
        let number = &options[at + 1];
        let digits = number.trim_end_matches(['k', 'm', 'g']);
        let shift = match &number[digits.len()..] {
            "" => 0,
            "k" => 10,
            "m" => 20,
            _ => 30,
        };
        Some(digits.parse::<u64>().unwrap() << shift)
    };
    size("--limit-heap").unwrap_or(1 << 30) + size("--limit-stack").unwrap_or(0)
}

/// What is seen of a run.
struct Seen {
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

fn run(program: &Path, options: &[String], collector: &str, lines_max: usize, log: &str) -> Seen {
    let mut command = command(&["run", "--gc", collector, &format!("--gc-log={log}")]);
    command.args(options).arg(program);
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
    Seen { lines, rest, error, status, peak, work, allocated }
}

/// Whether a run was as it should be.
fn judge(seen: &Seen, verdict: &Verdict, limit: u64) -> Result<(), String> {
    let Seen { lines, rest, error, status, peak, work, allocated } = seen;
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
    // All together may hold twice the limit and 64 MiB.
    let one = limit / 4 * 5 + (16 << 20);
    let most = if verdict.many { 2 * limit / 4 * 5 + (96 << 20) } else { one };
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
    for program in programs() {
        let verdict = Verdict::of(&program);
        for options in verdict.options.clone() {
            for collector in COLLECTORS {
                runs.push((program.clone(), options.clone(), collector, verdict.clone()));
            }
        }
    }
    let scratch = Scratch::new("hostile");
    let logs = ["0.jsonl", "1.jsonl"].map(|name| scratch.path(name));
    let (runs, failures) = (Mutex::new(runs), Mutex::new(Vec::new()));
    let next = || runs.lock().unwrap().pop();
    std::thread::scope(|scope| {
        for log in &logs {
            let (next, failures) = (&next, &failures);
            scope.spawn(move || {
                while let Some((program, options, collector, verdict)) = next() {
                    let seen = run(&program, &options, collector, verdict.output.len(), log);
                    let name = program.file_name().unwrap_or_default().to_string_lossy();
                    println!(
                        "{name} {options:?} {collector}: peak {:?}, {} bytes of work for {}",
                        seen.peak, seen.work, seen.allocated
                    );
                    if let Err(what) = judge(&seen, &verdict, limit(&options)) {
                        failures.lock().unwrap().push(format!("{name} {options:?} {collector}: {what}"));
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
    let program = folder().join("string_doubling.masm");
    let verdict = Verdict::of(&program);
    let options = &verdict.options[0];
    let seen = run(&program, options, "generational", verdict.output.len(), &scratch.path("log.jsonl"));
    assert_eq!(judge(&seen, &verdict, limit(options)), Ok(()));
    let complaint = |seen: &Seen, verdict: &Verdict, limit| judge(seen, verdict, limit).unwrap_err();
    if seen.peak.is_some() {
        // As if it had been told to keep to an eighth of what it had.
        assert!(complaint(&seen, &verdict, limit(options) / 8).contains("of the host's memory, more than"));
    }
    // A heap that is looked at as a whole at every allocation.
    let thrashing = Seen { work: seen.allocated / 100 * limit(options), ..seen };
    assert!(complaint(&thrashing, &verdict, limit(options)).starts_with("collections looked at"));
    let seen = Seen { work: 0, ..thrashing };
    let other = Verdict { output: vec!["33554432".into()], ..verdict.clone() };
    assert!(complaint(&seen, &other, limit(options)).starts_with("it wrote"));
    let other = Verdict { trap: Some("out of memory".into()), ..verdict.clone() };
    assert!(complaint(&seen, &other, limit(options)).starts_with("status Some(0)"));
    let seen = Seen { error: "x".repeat(ERROR_BYTES_MAX + 1), ..seen };
    assert!(complaint(&seen, &verdict, limit(options)).ends_with("are said about its end"));
}
