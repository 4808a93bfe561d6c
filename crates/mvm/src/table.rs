//! The table of all processes.

use std::fmt::Write as _;

use mvm_kernel::{Entry, Host, Machine, State, WaitsFor};

use crate::machine::place_text;

/// Processes that are shown.
const SHOWN: usize = 200;

/// All processes, a line each: what they are, what they do, what they have.
pub(crate) fn text<H: Host>(machine: &Machine<H>) -> String {
    let entries = machine.processes();
    let mut rows = vec![HEADS.map(str::to_string)];
    rows.extend(entries.iter().take(SHOWN).map(row));
    let mut widths = [0; HEADS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let numbers = RIGHT.contains(&column);
            let _ = if numbers { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:<width$}  ") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if entries.len() > SHOWN {
        let _ = writeln!(text, "... {} more", entries.len() - SHOWN);
    }
    text
}

const HEADS: [&str; 10] =
    ["PID", "GROUP", "NAME", "CORE", "PRI", "REDUCTIONS", "HEAP", "MESSAGES", "STATE", "PLACE"];
/// Columns of numbers.
const RIGHT: [usize; 7] = [0, 1, 3, 4, 5, 6, 7];

fn row(entry: &Entry<'_>) -> [String; 10] {
    let process = entry.process;
    let place = process.frames(1).first().map(|frame| place_text(process.image().module(), frame.place));
    [
        entry.pid.0.to_string(),
        entry.group.0.to_string(),
        entry.name.unwrap_or("-").to_string(),
        entry.core.to_string(),
        entry.priority.to_string(),
        process.reductions().to_string(),
        size(process.held_words() as u64 * 8),
        if entry.messages == 0 {
            "0".into()
        } else {
            format!("{} ({})", entry.messages, size(entry.mailbox_bytes as u64))
        },
        state(entry),
        place.unwrap_or_default(),
    ]
}

/// A number of bytes, short.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes}"),
        10_240..10_485_760 => format!("{}k", bytes >> 10),
        _ => format!("{}m", bytes >> 20),
    }
}

/// What a process does, in words.
pub(crate) fn state(entry: &Entry<'_>) -> String {
    if entry.process.is_finished() {
        return "ended".into();
    }
    let what = match entry.state {
        State::Ready if entry.running => "runs".into(),
        State::Ready => "ready".into(),
        State::Waits(what, until) => {
            let timer = if until.is_some() && what != WaitsFor::Time { " with timeout" } else { "" };
            format!("{}{timer}", waits_for(what))
        }
    };
    if entry.stopped { format!("stopped ({what})") } else { what }
}

/// What a process waits for, in words.
pub(crate) fn waits_for(what: WaitsFor) -> String {
    match what {
        WaitsFor::Message => "waits for a message".into(),
        WaitsFor::Room(pid) => format!("waits for room in the mailbox of process {}", pid.0),
        WaitsFor::Time => "sleeps".into(),
        WaitsFor::Channel(channel) => format!("waits at channel {channel}"),
        WaitsFor::Channels => "waits at several channels".into(),
        WaitsFor::Reply(pid) => format!("waits for an answer of process {}", pid.0),
        WaitsFor::Segment(segment) => format!("waits at segment {segment}"),
        WaitsFor::Input => "waits for input".into(),
        WaitsFor::Device(_) => "waits for a device".into(),
        WaitsFor::Core(core) => format!("goes to core {core}"),
    }
}
