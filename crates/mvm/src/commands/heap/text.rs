//! The report for people: tables, trees and ways.

use std::fmt::Write as _;

use super::cells::{Style, maps};
use super::report::{ClassView, ObjectRow, Report, Retainer, Way, WayStep, Why};
use crate::args::HeapArgs;

/// What retains less than one in so many of the live bytes is only counted.
const SHOWN_SHARE: u64 = 1000;
/// Where the roots of retainers stand, behind the numbers.
const ROOT_COLUMN: usize = 44;

/// Bytes for people: `812 B`, `64.0 KiB`, `1.5 MiB`.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    for unit in ["KiB", "MiB"] {
        // What would be rounded to 1024 has the next unit.
        if value < 1023.95 {
            return format!("{value:.1} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB")
}

/// A number with commas.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn plural(number: u64, word: &str) -> String {
    format!("{} {word}{}", count(number), if number == 1 { "" } else { "s" })
}

/// The whole report.
pub(super) fn write(report: &Report, style: Style, args: &HeapArgs) -> String {
    let mut out = String::new();
    head(&mut out, report, style);
    match (&report.class, &report.path) {
        (Some(class), _) => class_view(&mut out, report, class, style),
        (None, Some(path)) if args.path.is_some() => way(&mut out, path, style),
        (None, _) if args.map => maps(&mut out, report, style),
        (None, path) => {
            classes(&mut out, report, style, args.top);
            retainers(&mut out, report, style);
            if let Some(path) = path {
                way(&mut out, path, style);
            }
            if !args.no_map {
                maps(&mut out, report, style);
            }
        }
    }
    out
}

fn head(out: &mut String, report: &Report, style: Style) {
    let moment = &report.moment;
    let reductions = plural(moment.reductions, "reduction");
    let when = match moment.why {
        Why::Reached => format!("after {reductions}"),
        Why::Return => format!("where main returns, after {reductions}"),
        Why::End => format!("after its end, {reductions}"),
        Why::Exit => format!("where it exits, after {reductions}"),
        Why::Elsewhere => format!("where it stood when the program ended, after {reductions}"),
        Why::Uncaught => format!("where an exception was not caught, after {reductions}"),
        Why::Limit => format!("at the limit, after {reductions}"),
    };
    let process = moment.process.map_or_else(String::new, |number| format!("process {number} of "));
    let title = style.heading(&format!("heap of {process}{} {when}", report.program));
    let _ = writeln!(out, "{title}");
    if let Some(place) = &moment.place {
        let _ = writeln!(out, "  in {place}");
    }
    if let Some(asked) = moment.asked.filter(|_| moment.why != Why::Reached) {
        let _ =
            writeln!(out, "  the program ended before it needed more than {}", plural(asked, "reduction"));
    }
    if moment.why == Why::End {
        let _ = writeln!(
            out,
            "  the variables of main are gone{}",
            match moment.asked {
                Some(_) => "; without --at they are kept until it returns",
                None => ": its last call took its place",
            }
        );
    }
    let line = |out: &mut String, name: &str, objects: Option<u64>, bytes: u64, note: &str| {
        let objects = objects.map_or_else(String::new, |objects| plural(objects, "object"));
        let note = if note.is_empty() { String::new() } else { format!("   {note}") };
        let _ = writeln!(out, "  {name:<9}{objects:>20} {:>11}{note}", size(bytes));
    };
    let roots = format!("kept alive by {}", plural(report.root_count as u64, "root"));
    line(out, "live", Some(report.live.objects), report.live.bytes, &roots);
    let until = if report.garbage.objects > 0 { "until the next collection" } else { "" };
    line(out, "garbage", Some(report.garbage.objects), report.garbage.bytes, until);
    if report.hole_bytes > 0 {
        line(out, "holes", None, report.hole_bytes, "left by `free`");
    }
    line(out, "memory", None, report.held_bytes, "of the host");
    let _ = writeln!(
        out,
        "  {} collector: {} young, {} full; allocated {} in all, limit {}",
        report.collector,
        report.young_collections,
        report.full_collections,
        size(report.allocated_bytes),
        size(report.limit_bytes)
    );
}

fn share(report: &Report, bytes: u64) -> String {
    format!("{:.1} %", 100.0 * bytes as f64 / report.live.bytes.max(1) as f64)
}

fn classes(out: &mut String, report: &Report, style: Style, top: usize) {
    if report.classes.is_empty() {
        return;
    }
    let heading = style.heading("classes");
    let _ = writeln!(out, "\n{heading}");
    let _ = writeln!(
        out,
        "{:>12} {:>11} {:>8} {:>11} {:>12} {:>11}  class",
        "live", "bytes", "share", "retained", "garbage", "bytes"
    );
    for row in report.classes.iter().take(top) {
        let _ = writeln!(
            out,
            "{:>12} {:>11} {:>8} {:>11} {:>12} {:>11}  {}",
            count(row.live.objects),
            size(row.live.bytes),
            share(report, row.live.bytes),
            size(row.retained_bytes),
            count(row.garbage.objects),
            size(row.garbage.bytes),
            row.class
        );
    }
    if report.classes.len() > top {
        let _ = writeln!(out, "{:>12} more", report.classes.len() - top);
    }
}

fn retainers(out: &mut String, report: &Report, style: Style) {
    if report.retainers.is_empty() {
        return;
    }
    let heading = style.heading("what keeps most alive, and what is below it");
    let _ = writeln!(out, "\n{heading}");
    let _ = writeln!(out, "{:>12} {:>8} {:>11}  object", "retained", "share", "own bytes");
    let worth = |retainer: &&Retainer| retainer.object.retained_bytes > report.live.bytes / SHOWN_SHARE;
    let shown = report.retainers.iter().take_while(worth).count().max(report.retainers.len().min(3));
    for retainer in &report.retainers[..shown] {
        tree(out, report, retainer, 0);
    }
    let more = report.retainer_count - shown;
    if more > 0 {
        let _ = writeln!(out, "{:>12} more", count(more as u64));
    }
}

/// An object and what is below it. The depth is bounded by that of the report.
fn tree(out: &mut String, report: &Report, retainer: &Retainer, level: usize) {
    let object = &retainer.object;
    let mut named = format!("{}{}", "  ".repeat(level), name(object));
    if let Some(root) = &retainer.root {
        named = format!("{named:<ROOT_COLUMN$}  {root}");
    }
    let _ = writeln!(
        out,
        "{:>12} {:>8} {:>11}  {named}",
        size(object.retained_bytes),
        share(report, object.retained_bytes),
        size(object.bytes)
    );
    let mut level = level + 1;
    if retainer.chain > 0 {
        let chain = count(retainer.chain);
        let _ = writeln!(
            out,
            "{:>34} {}{chain} more `{}`, each below the one before",
            "",
            "  ".repeat(level),
            object.class
        );
        level += 1;
    }
    for below in &retainer.below {
        tree(out, report, below, level);
    }
}

/// `@12 Node { ... }`.
fn name(object: &ObjectRow) -> String {
    // Most values begin with the class.
    if object.value.starts_with(&object.class) {
        format!("@{} {}", object.at, object.value)
    } else {
        format!("@{} {} {}", object.at, object.class, object.value)
    }
}

fn way(out: &mut String, way: &Way, style: Style) {
    let target = way.steps.iter().rev().find_map(|step| match step {
        WayStep::Object { object, .. } => Some(format!("@{} {}", object.at, object.class)),
        _ => None,
    });
    let target = target.unwrap_or_default();
    let references = plural(way.length as u64, "reference");
    let heading = style.heading(&format!("shortest way to {target}, {references}"));
    let _ = writeln!(out, "\n{heading}\n  {}", way.root);
    for step in &way.steps {
        let _ = match step {
            WayStep::Object { by, object } if by.is_empty() => writeln!(out, "    {}", name(object)),
            WayStep::Object { by, object } => writeln!(out, "    {by} -> {}", name(object)),
            WayStep::Repeated { by, class, times } => {
                writeln!(out, "    {by} -> `{class}`, {} times", count(*times))
            }
            WayStep::Omitted(steps) => writeln!(out, "    ... {} more steps", count(*steps as u64)),
        };
    }
}

fn class_view(out: &mut String, report: &Report, view: &ClassView, style: Style) {
    let heading = style.heading(&format!("{} of class {}", plural(view.count, "live object"), view.class));
    let _ = writeln!(out, "\n{heading}");
    if let Some(row) = report.classes.iter().find(|row| row.class == view.class) {
        let _ = writeln!(
            out,
            "  {} in all, {} retained together; garbage: {}, {}",
            size(row.live.bytes),
            size(row.retained_bytes),
            plural(row.garbage.objects, "object"),
            size(row.garbage.bytes)
        );
    }
    if view.objects.is_empty() {
        return;
    }
    let _ = writeln!(out, "{:>12} {:>8} {:>11}  object", "retained", "share", "own bytes");
    for object in &view.objects {
        let _ = writeln!(
            out,
            "{:>12} {:>8} {:>11}  {}",
            size(object.retained_bytes),
            share(report, object.retained_bytes),
            size(object.bytes),
            name(object)
        );
    }
    let more = view.count - view.objects.len() as u64;
    if more > 0 {
        let _ = writeln!(out, "{:>12} more", count(more));
    }
    if let Some(path) = &view.path {
        way(out, path, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!([0, 7, 999, 1000, 1_234_567].map(count), ["0", "7", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0, 1023, 1024, 1536, (1 << 20) - 8, 5 << 20, 3 << 30].map(size),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 MiB", "3.0 GiB"]
        );
    }
}
