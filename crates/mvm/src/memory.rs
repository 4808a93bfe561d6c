//! What `--check-memory` says: what was wrong with an access, where its block was made and freed, which errors the
//! program caught itself, and what leaked.
//!
//! Not here: how all that becomes known (`mvm_exec::Process::check_memory`).

use std::sync::Arc;

use mvm_diag::{Diagnostic, Severity};
use mvm_exec::{BlockError, CaughtError, History, Leak, Leaks, Misuse, Process, Site, Sum, Trace};
use mvm_module::Module;

use crate::args::MemoryCheck;
use crate::machine::{backtrace, describe_end};
use crate::source::Sources;

/// Places of leaks that are shown; others are only counted.
const LEAKS_SHOWN: usize = 20;

/// What the program did, as a sentence.
fn misuse_text(misuse: Misuse) -> String {
    match misuse {
        Misuse::Null => "there is no block: the reference is null".into(),
        Misuse::FreedTwice => "double free: the block has been freed before".into(),
        Misuse::Freed { count, .. } if count < 0 => {
            format!("use after free, with a negative number of bytes: {count}")
        }
        Misuse::Freed { at, count } => {
            format!("use after free: {} of a block that has been freed", bytes_text(at, count))
        }
        Misuse::Outside { count, length, .. } if count < 0 => {
            format!("the number of bytes is negative: {count}, in a block of {}", counted(length, "byte"))
        }
        Misuse::Outside { at, count, length } => {
            let (verb, block) = (if count > 1 { "begin" } else { "is" }, counted(length, "byte"));
            let (bytes, length) = (bytes_text(at, count), i64::from(length));
            match at {
                ..0 => {
                    let before = counted(at.unsigned_abs(), "byte");
                    format!("{bytes} {verb} {before} in front of a block of {block}")
                }
                _ if at < length => {
                    let past = counted(count.saturating_sub(length - at), "byte");
                    format!("{bytes} reach {past} past the end of a block of {block}")
                }
                _ if at == length => format!("{bytes} {verb} right behind the end of a block of {block}"),
                _ => {
                    let past = counted(at - length, "byte");
                    format!("{bytes} {verb} {past} past the end of a block of {block}")
                }
            }
        }
    }
}

/// The same, unless the message of the trap says it already.
pub(crate) fn remark(misuse: Misuse) -> Option<String> {
    (misuse != Misuse::FreedTwice).then(|| misuse_text(misuse))
}

fn bytes_text(at: i64, count: i64) -> String {
    match count {
        ..1 => format!("offset {at}"),
        1 => format!("byte {at}"),
        _ => format!("bytes {at} to {}", i128::from(at) + i128::from(count) - 1),
    }
}

/// `1 byte`, `2 bytes`.
fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What would help with an error that ends a program whose memory is not checked. None when nothing is to be found out.
pub(crate) fn check_advice(misuse: Misuse) -> Option<String> {
    let shows = match misuse {
        Misuse::Null => return None,
        Misuse::FreedTwice | Misuse::Freed { .. } => "where the block was made and freed",
        Misuse::Outside { .. } => "where the block was made",
    };
    Some(format!("`--check-memory` shows {shows}"))
}

/// Where a block was made and freed, with excerpts.
pub(crate) fn history_text(module: &Module, history: &History, sources: &mut Sources) -> String {
    steps(history).into_iter().map(|(step, site)| site_text(module, note(step), site, sources)).collect()
}

/// The same for the debugger, without excerpts.
pub(crate) fn error_lines(module: &Module, error: &BlockError) -> String {
    let mut text = remark(error.misuse).map_or_else(String::new, |remark| remark + "\n");
    for (step, site) in error.history.iter().flat_map(steps) {
        text.push_str(&format!("{step}:\n{}", calls_text(module, site)));
    }
    text
}

/// What happened to a block, and where.
fn steps(history: &History) -> Vec<(String, &Site)> {
    let made = format!("the block of {} was made here", counted(history.bytes, "byte"));
    let freed = history.freed.iter().map(|site| ("it was freed here".to_string(), site));
    std::iter::once((made, &history.made)).chain(freed).collect()
}

fn note(message: impl Into<String>) -> Diagnostic {
    Diagnostic { severity: Severity::Note, ..Diagnostic::error("", message) }
}

/// A message about a place and the calls that led there.
fn site_text(module: &Module, diagnostic: Diagnostic, site: &Site, sources: &mut Sources) -> String {
    let trace = Trace { inner: site.calls.clone(), ..Trace::default() };
    let more = if site.more { "  ...\n" } else { "" };
    describe_end(module, diagnostic, &trace, sources) + more
}

fn calls_text(module: &Module, site: &Site) -> String {
    let trace = Trace { inner: site.calls.clone(), ..Trace::default() };
    backtrace(module, &trace) + if site.more { "  ...\n" } else { "" }
}

/// What is said when a run is over: errors that the program caught itself, and leaks if they are asked for.
pub(crate) fn report(process: &mut Process, check: MemoryCheck, sources: &mut Sources) -> Vec<String> {
    let image = Arc::clone(process.image());
    let module = image.module();
    let (caught, elsewhere) = process.caught_block_errors();
    let mut texts: Vec<String> = caught.iter().map(|caught| caught_text(module, caught, sources)).collect();
    if elsewhere > 0 {
        let more = format!("{} at more places were caught", counted(elsewhere, "memory error"));
        texts.push(placeless(Diagnostic::warning("", more), sources));
    }
    match check {
        MemoryCheck::Errors => {}
        MemoryCheck::Leaks => {
            let leaks = process.leaks();
            texts.extend(leaks.iter().flat_map(|leaks| leak_texts(module, leaks, sources)));
        }
    }
    texts
}

fn caught_text(module: &Module, caught: &CaughtError, sources: &mut Sources) -> String {
    let (class, what) = (caught.code.class_name(), misuse_text(caught.error.misuse));
    let mut diagnostic = Diagnostic::warning("", format!("caught `{class}`: {what}"));
    if caught.count > 1 {
        diagnostic = diagnostic.note(format!("caught here {} times; this is the first", caught.count), None);
    }
    let mut text = site_text(module, diagnostic, &caught.at, sources);
    if let Some(history) = &caught.error.history {
        text.push_str(&history_text(module, history, sources));
    }
    text
}

fn leak_texts(module: &Module, leaks: &Leaks, sources: &mut Sources) -> Vec<String> {
    let lost = leaks.lost.iter().map(|leak| {
        let what = format!("lost: {}, never freed, and nothing refers to", sum_text(leak.sum));
        (
            Diagnostic::warning("", format!("{what} {}", if leak.sum.blocks == 1 { "it" } else { "them" })),
            leak,
        )
    });
    let reachable = leaks.reachable.iter().map(|leak| {
        let what = format!("still reachable: {}, never freed", sum_text(leak.sum));
        (Diagnostic::warning("", what), leak)
    });
    let mut texts: Vec<String> = lost
        .chain(reachable)
        .take(LEAKS_SHOWN)
        .map(|(diagnostic, leak)| site_text(module, diagnostic, &leak.made, sources))
        .collect();
    let hidden = (leaks.lost.len() + leaks.reachable.len()).saturating_sub(LEAKS_SHOWN);
    if hidden > 0 {
        texts.push(format!("... and {}\n", counted(hidden, "more place")));
    }
    texts.push(placeless(summary(leaks), sources));
    texts
}

/// `48 bytes in 2 blocks`.
fn sum_text(sum: Sum) -> String {
    format!("{} in {}", counted(sum.bytes, "byte"), counted(sum.blocks, "block"))
}

fn summary(leaks: &Leaks) -> Diagnostic {
    let all = sum_text(leaks.made);
    if leaks.made.blocks == 0 {
        return note("no leaks: the program made no blocks");
    }
    if leaks.made == leaks.freed {
        return note(format!("no leaks: everything was freed, {all}"));
    }
    let were = if leaks.made.blocks == 1 { "was" } else { "were" };
    let mut summary =
        note(format!("memory: {all} {were} made")).note(format!("freed: {}", sum_text(leaks.freed)), None);
    for (what, leaks) in [("lost", &leaks.lost), ("still reachable", &leaks.reachable)] {
        if !leaks.is_empty() {
            let places = counted(leaks.len(), "place");
            summary = summary.note(format!("{what}: {}, from {places}", sum_text(total(leaks))), None);
        }
    }
    summary
}

fn total(leaks: &[Leak]) -> Sum {
    leaks.iter().fold(Sum::default(), |total, leak| Sum {
        blocks: total.blocks + leak.sum.blocks,
        bytes: total.bytes + leak.sum.bytes,
    })
}

/// A message without a place.
fn placeless(diagnostic: Diagnostic, sources: &Sources) -> String {
    mvm_diag::render(&diagnostic, sources.map(), crate::output::colored_errors()) + "\n"
}
