//! Rewrites the comments of a program to what came of it.
//!
//! Circumstances (`stdin`, `args`, limits) and prose stay; results are replaced. The difference is there to be read
//! before it is committed.

use std::collections::BTreeMap;

use mvm_kernel::Exit;

use super::Program;
use super::build::Finding;
use super::comments::{Expectations, Key, Piece, comment_start, parse_comment, quote};
use super::judge::{ending, matches};
use super::run::Ran;

/// Column at which new comments start.
const COLUMN: usize = 44;
/// Output of more pieces goes to a block at the end.
const PIECES_MAX: usize = 24;

/// The text with its comments set right.
pub fn rewrite(
    program: &Program,
    expected: &Expectations,
    findings: &[Finding],
    ran: Option<&Ran>,
) -> String {
    let mut results: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut say = |line: u32, key: Key, text: &str| {
        results.entry(line).or_default().push(format!("{}: {text}", key.name()));
    };
    for finding in findings {
        // A shorter text that fits stays.
        let known = expected.remarks.iter().find(|remark| {
            remark.key == finding.key()
                && remark.line == finding.line
                && (matches(&remark.text, &finding.text()) || matches(&remark.text, &finding.message))
        });
        say(finding.line, finding.key(), known.map_or(&finding.text(), |remark| &remark.text));
        let wants_help = expected.of(Key::Help).any(|remark| remark.line == finding.line);
        if let (true, Some(help)) = (wants_help, &finding.help) {
            say(finding.line, Key::Help, help);
        }
    }
    let mut block = expected.block.is_some();
    if let Some(ran) = ran {
        let ordered = ran.output.windows(2).all(|pair| pair[0].line <= pair[1].line);
        let placed = ran.output.iter().all(|piece| piece.line > 0);
        block |= !ordered || !placed || ran.output.len() > PIECES_MAX;
        if !block {
            say_pieces(&mut say, Key::Expect, &ran.output);
        }
        say_pieces(&mut say, Key::Stderr, &ran.errors);
        if let Some((key, line, text)) = ending(ran) {
            say(line, key, &text);
        }
        for remark in expected.of(Key::Trace) {
            let index: usize = remark.text.parse().unwrap_or(usize::MAX);
            if let Some(&line) = ran.trace.get(index) {
                say(line, Key::Trace, &remark.text);
            }
        }
    }
    let status = match ran.map(|ran| &ran.observed.exit) {
        Some(&Exit::Status(status)) if status != 0 => Some(status),
        _ => None,
    };
    let mut out = write_lines(program, expected, &mut results, status);
    if let (true, Some(ran)) = (block, ran) {
        let text = String::from_utf8_lossy(&ran.observed.output).into_owned();
        for line in text.strip_suffix('\n').unwrap_or(&text).split('\n') {
            out.push_str(format!(";> {line}").trim_end());
            out.push('\n');
        }
    }
    out
}

fn say_pieces(say: &mut impl FnMut(u32, Key, &str), key: Key, pieces: &[Piece]) {
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|piece| piece.line == first.line).count();
        let texts: Vec<String> = rest[..count].iter().map(|piece| quote(&piece.bytes)).collect();
        say(first.line, key, &texts.join(" | "));
        rest = &rest[count..];
    }
}

/// All lines with new comments, without the block.
fn write_lines(
    program: &Program,
    expected: &Expectations,
    results: &mut BTreeMap<u32, Vec<String>>,
    status: Option<i64>,
) -> String {
    let mut out = String::new();
    let mut status = status;
    let had_exit = expected.of(Key::Exit).next().is_some();
    for text in results.remove(&0).unwrap_or_default() {
        out.push_str(&format!("; {text}\n"));
    }
    if let (Some(status), false) = (status, had_exit) {
        out.push_str(&format!("; exit: {status}\n"));
    }
    for (index, line) in program.text.lines().enumerate() {
        let number = index as u32 + 1;
        let start = comment_start(line).unwrap_or(line.len());
        let comment = line.get(start + 1..).unwrap_or("");
        if comment.starts_with('>') {
            continue;
        }
        let remarks = parse_comment(comment, number);
        // Results of a line above, written with `^`, stay where they were.
        let above = remarks.first().map(|remark| remark.line).filter(|&above| above < number);
        let elsewhere = above.is_none()
            && expected.remarks.iter().any(|r| r.line == number && r.stands_on > number && r.key.is_result());
        let mut parts: Vec<String> = Vec::new();
        for remark in &remarks {
            if remark.key == Key::Exit {
                parts.extend(status.take().map(|status| format!("exit: {status}")));
            } else if !remark.key.is_result() {
                parts.push(format!("{}: {}", remark.key.name(), remark.text));
            }
        }
        if !elsewhere {
            parts.extend(results.remove(&above.unwrap_or(number)).unwrap_or_default());
        }
        let code = line[..start].trim_end();
        if remarks.is_empty() && parts.is_empty() {
            out.push_str(line);
        } else if parts.is_empty() {
            out.push_str(code);
        } else if remarks.is_empty() && code.is_empty() && !comment.is_empty() {
            // Prose that stands alone keeps its line.
            out.push_str(&format!("; {}\n{line}", parts.join(" ; ")));
        } else {
            if remarks.is_empty() && !comment.is_empty() {
                parts.insert(0, comment.trim().into());
            }
            out.push_str(&with_comment(code, start, above.map_or(0, |above| number - above), &parts));
        }
        out.push('\n');
    }
    out
}

/// Code and its comment, which starts where it did or at the usual column. `above` says how many lines above the
/// line is that it speaks of.
fn with_comment(code: &str, start: usize, above: u32, parts: &[String]) -> String {
    let width = code.chars().count();
    let column = match width {
        0 => 0,
        _ if start > width => start,
        _ => COLUMN.max(width + 1),
    };
    let mut line = format!("{code}{:1$}; ", "", column - width);
    line.extend(std::iter::repeat_n('^', above as usize));
    if above > 0 {
        line.push(' ');
    }
    line + &parts.join(" ; ")
}
