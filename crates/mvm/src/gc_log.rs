//! `--gc-log`: a line for each collection, for people or as JSON, and a summary at the end.
//!
//! The host's clock is read here and nowhere near the machine: a log changes nothing about a run. The form of the lines is
//! part of the interface and stands in docs/MEMORY.md.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use mvm_exec::GcWatch;
use mvm_heap::{Collection, Heap};
use serde::Serialize;

use crate::output::{Failure, line_end, reason};

/// Writes what collections do.
pub(crate) struct GcLog {
    json: bool,
    /// It goes to standard error, where the program may have left a line without its end.
    between: bool,
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    began: Option<Instant>,
    number: u64,
    pauses: Vec<u64>,
    peak_held: usize,
    /// Nobody reads any more, or the disk is full: that ends the log, not the program.
    failure: Option<io::Error>,
}

/// A line of the JSON log. Sizes are in bytes.
#[derive(Serialize)]
struct Line {
    number: u64,
    /// `young` or `full`.
    kind: &'static str,
    how: &'static str,
    reason: &'static str,
    pause_ns: u64,
    live_before: u64,
    live_after: u64,
    copied: u64,
    promoted: u64,
    holes_before: u64,
    holes_after: u64,
    heap_bytes: u64,
}

/// The last line of the JSON log.
#[derive(Serialize)]
struct Summary {
    kind: &'static str,
    collections: u64,
    young: u64,
    full: u64,
    pause_ns: u64,
    longest_pause_ns: u64,
    pause_ns_99: u64,
    peak_live_bytes: u64,
    peak_heap_bytes: u64,
    allocated_bytes: u64,
}

impl GcLog {
    /// A log on standard error (`-`) or in a file.
    pub(crate) fn open(path: &Path) -> Result<GcLog, Failure> {
        let json = path.extension().is_some_and(|ending| ending == "jsonl");
        let between = path == Path::new("-");
        let out: Box<dyn Write + Send> = if between {
            Box::new(io::stderr())
        } else {
            Box::new(io::BufWriter::new(File::create(path).map_err(|error| GcLog::failure(path, &error))?))
        };
        let state = State { out, began: None, number: 0, pauses: Vec::new(), peak_held: 0, failure: None };
        Ok(GcLog { json, between, state: Mutex::new(state) })
    }

    /// What to say when the log cannot be written.
    pub(crate) fn failure(path: &Path, error: &io::Error) -> Failure {
        let name =
            if path == Path::new("-") { "standard error".into() } else { format!("`{}`", path.display()) };
        Failure::host(format!("cannot write the log of collections to {name}: {}", reason(error)))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn line(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = writeln!(self.out, "{text}").err();
        }
    }
}

fn bytes(words: usize) -> u64 {
    words as u64 * 8
}

/// A size for people: `812 B`, `64.0 KiB`, `1.5 MiB`.
fn size(words: usize) -> String {
    let bytes = words as f64 * 8.0;
    match bytes {
        _ if bytes < 1024.0 => format!("{bytes} B"),
        _ if bytes < 1024.0 * 1024.0 => format!("{:.1} KiB", bytes / 1024.0),
        _ => format!("{:.1} MiB", bytes / 1024.0 / 1024.0),
    }
}

/// A time for people.
fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..1_000_000 => format!("{:.1} us", nanoseconds as f64 / 1e3),
        _ => format!("{:.2} ms", nanoseconds as f64 / 1e6),
    }
}

impl GcWatch for GcLog {
    fn before(&self) {
        self.state().began = Some(Instant::now());
    }

    fn after(&self, done: &Collection, _: &Heap) {
        let mut state = self.state();
        let pause = state.began.take().map_or(0, |began| began.elapsed().as_nanos() as u64);
        state.pauses.push(pause);
        state.number += 1;
        state.peak_held = state.peak_held.max(done.held_words);
        let number = state.number;
        let kind = if done.kind.is_full() { "full" } else { "young" };
        let text = if self.json {
            serde_json::to_string(&Line {
                number,
                kind,
                how: done.kind.name(),
                reason: done.reason.name(),
                pause_ns: pause,
                live_before: bytes(done.before_words),
                live_after: bytes(done.after_words),
                copied: bytes(done.moved_words),
                promoted: bytes(done.promoted_words),
                holes_before: bytes(done.hole_words.0),
                holes_after: bytes(done.hole_words.1),
                heap_bytes: bytes(done.held_words),
            })
            .unwrap_or_default()
        } else {
            let extent = done.before_words + done.hole_words.0;
            let holes = done.hole_words.0 as f64 * 100.0 / extent.max(1) as f64;
            format!(
                "gc {number:>5}  {kind:5} {:5}  {:15}  {:>10} -> {:>10}  moved {:>10}  holes {holes:>4.1} %  held {:>10}  {:>9}",
                done.kind.name(),
                done.reason.name(),
                size(done.before_words),
                size(done.after_words),
                size(done.moved_words),
                size(done.held_words),
                time(pause),
            )
        };
        state.line(&text);
    }

    fn ended(&self, heap: &Heap) -> io::Result<()> {
        let mut state = self.state();
        let stats = heap.stats();
        state.pauses.sort_unstable();
        let total: u64 = state.pauses.iter().sum();
        let longest = state.pauses.last().copied().unwrap_or(0);
        let at_99 = state.pauses.get(state.pauses.len() * 99 / 100).copied().unwrap_or(longest);
        let held = state.peak_held.max(heap.held_words());
        let text = if self.json {
            serde_json::to_string(&Summary {
                kind: "summary",
                collections: stats.collections(),
                young: stats.young,
                full: stats.full,
                pause_ns: total,
                longest_pause_ns: longest,
                pause_ns_99: at_99,
                peak_live_bytes: stats.peak_live_words * 8,
                peak_heap_bytes: bytes(held),
                allocated_bytes: heap.allocated_words() * 8,
            })
            .unwrap_or_default()
        } else {
            let line_end = if self.between { line_end() } else { "" };
            format!(
                "{line_end}gc total  {} young, {} full, {} allocated, {} in pauses, longest {}, 99 % at most {}",
                stats.young,
                stats.full,
                size(heap.allocated_words() as usize),
                time(total),
                time(longest),
                time(at_99),
            )
        };
        state.line(&text);
        let flushed = state.out.flush();
        match state.failure.take().map_or(flushed, Err) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}
