//! Programs that attack the memory of the host: each must end as its comments say, within its limit, under every
//! collector, and the host must stay within 1.25 times the limit and 16 MiB.
//!
//! Comments of the programs below `tests/hostile`: `; options: ...` is a run with these options (several for several
//! runs); `;> TEXT` is a line of output, in order; `; trap: TEXT` is part of what standard error says at the end. A program
//! that prints waits for a line of input at its end, so that its memory can be looked at.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::tool::command;

const COLLECTORS: [&str; 3] = ["generational", "compact", "copying"];

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile");
    let mut programs: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    programs.sort();
    assert!(programs.len() > 10);
    programs
}

/// What the comments of a program say.
struct Verdict {
    options: Vec<Vec<String>>,
    output: Vec<String>,
    trap: Option<String>,
}

impl Verdict {
    fn of(text: &str) -> Verdict {
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
        Verdict { options, output: after(";>"), trap: after("; trap:").pop() }
    }
}

/// The most memory that a process has had, in bytes, where the host says so.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? << 10)
}

fn limit(options: &[String]) -> u64 {
    let size = |name: &str| {
        let at = options.iter().position(|option| option == name)?;
        let number = &options[at + 1];
        let unit = if number.ends_with('g') { 1 << 30 } else { 1 << 20 };
        Some(number.trim_end_matches(['m', 'g']).parse::<u64>().unwrap() * unit)
    };
    size("--limit-heap").unwrap_or(1 << 30) + size("--limit-stack").unwrap_or(0)
}

fn run(program: &Path, options: &[String], collector: &str, verdict: &Verdict) -> Result<(), String> {
    let mut command = command(&["run", "--gc", collector]);
    command.args(options).arg(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    while lines.len() < verdict.output.len() {
        let mut line = String::new();
        if out.read_line(&mut line).unwrap() == 0 {
            break;
        }
        lines.push(line.trim_end().to_string());
    }
    let peak = peak(&child);
    drop(child.stdin.take());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let ended = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&ended.stderr);
    if lines != verdict.output || !rest.is_empty() {
        return Err(format!("it wrote {lines:?} {rest:?}, not {:?}: {error}", verdict.output));
    }
    match (&verdict.trap, ended.status.code()) {
        (None, Some(0)) => {}
        (Some(trap), Some(1)) if error.contains(trap.as_str()) => {}
        (wanted, status) => return Err(format!("status {status:?}, not {wanted:?}: {error}")),
    }
    let most = limit(options) / 4 * 5 + (16 << 20);
    // Programs without output have ended before they could be looked at.
    match peak.filter(|_| !lines.is_empty()) {
        Some(peak) if peak > most => Err(format!("{peak} bytes of the host's memory, more than {most}")),
        _ => Ok(()),
    }
}

#[test]
fn hostile_programs_stay_within_their_limits() {
    let mut failures = Vec::new();
    for program in programs() {
        let verdict = Verdict::of(&std::fs::read_to_string(&program).unwrap());
        for options in &verdict.options {
            for collector in COLLECTORS {
                if let Err(what) = run(&program, options, collector, &verdict) {
                    let name = program.file_name().unwrap_or_default().to_string_lossy();
                    failures.push(format!("{name} {options:?} {collector}: {what}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
