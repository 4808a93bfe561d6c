//! Gantt charts: a line for each process, for terminals and as SVG.

use std::fmt::Write as _;

use mvm_kernel::Pid;

use super::timeline::{Doing, Span, Timeline};
use super::{duration, escaped};

/// Lines of a chart.
const ROWS_MAX: usize = 40;
/// Columns of a chart in a terminal.
const COLUMNS: usize = 72;

/// What a cell shows: what the process did for most of its time, or that it took turns with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Absent,
    Runs,
    Turns,
    Ready,
    Waits,
}

impl Cell {
    fn sign(self) -> char {
        match self {
            Cell::Absent => ' ',
            Cell::Runs => '█',
            Cell::Turns => '▒',
            Cell::Ready => '░',
            Cell::Waits => '·',
        }
    }

    fn color(self) -> &'static str {
        match self {
            Cell::Runs | Cell::Turns => "\x1b[32m",
            Cell::Ready => "\x1b[33m",
            Cell::Waits | Cell::Absent => "\x1b[90m",
        }
    }
}

/// Processes that are shown, the first ones by number.
fn shown(timeline: &Timeline) -> Vec<Pid> {
    timeline.lives.keys().copied().take(ROWS_MAX).collect()
}

/// Time that falls into each column, by process and what it did.
fn cells(timeline: &Timeline, pid: Pid, columns: usize) -> Vec<Cell> {
    let end = timeline.end.max(1);
    let mut sums = vec![[0u64; 3]; columns];
    for span in timeline.spans.iter().filter(|span| span.pid == pid) {
        let index = match span.doing {
            Doing::Runs(_) => 0,
            Doing::Ready => 1,
            Doing::Waits(_) => 2,
        };
        spread(span, end, columns, |column, length| sums[column][index] += length);
    }
    sums.iter()
        .map(|&[runs, ready, waits]| match runs + ready + waits {
            0 => Cell::Absent,
            all if runs * 3 >= all * 2 => Cell::Runs,
            all if runs * 16 >= all => Cell::Turns,
            _ if ready >= waits => Cell::Ready,
            _ => Cell::Waits,
        })
        .collect()
}

/// Calls `put` with each column that a span touches, and the length of what falls into it.
fn spread(span: &Span, end: u64, columns: usize, mut put: impl FnMut(usize, u64)) {
    let edge = |column: usize| (u128::from(end) * column as u128 / columns as u128) as u64;
    let first = (u128::from(span.from) * columns as u128 / u128::from(end)) as usize;
    for column in first.saturating_sub(1)..columns {
        if edge(column) >= span.to {
            break;
        }
        let length = span.to.min(edge(column + 1)).saturating_sub(span.from.max(edge(column)));
        if length > 0 {
            put(column, length);
        }
    }
}

/// A chart for a terminal.
pub(super) fn text(timeline: &Timeline, colors: bool) -> String {
    let mut out = String::new();
    for pid in shown(timeline) {
        let _ = write!(out, "{:>8} ", pid.0);
        let mut before = None;
        for cell in cells(timeline, pid, COLUMNS) {
            if colors && before != Some(cell) {
                out.push_str(cell.color());
                before = Some(cell);
            }
            out.push(cell.sign());
        }
        out.push_str(if colors { "\x1b[0m\n" } else { "\n" });
        if !colors {
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
    }
    if timeline.lives.len() > ROWS_MAX {
        let _ = writeln!(out, "         ... {} more processes", timeline.lives.len() - ROWS_MAX);
    }
    let end = duration(timeline.end);
    let _ = writeln!(out, "         0{end:>width$}", width = COLUMNS - 1);
    out
}

const LEGEND: &str = "█ runs   ▒ takes turns   ░ could run   · waits";

/// What the signs mean.
pub(super) fn legend() -> &'static str {
    LEGEND
}

const ROW: usize = 18;
const LEFT: usize = 70;
const WIDTH: usize = 960;

/// Charts of several runs as a picture.
pub(super) fn svg(runs: &[(String, &Timeline)]) -> String {
    let mut body = String::new();
    let mut y = 30;
    for (name, timeline) in runs {
        let end = timeline.end.max(1);
        let _ = writeln!(body, "<text x=\"10\" y=\"{y}\" class=\"head\">{}</text>", escaped(name));
        let _ =
            writeln!(body, "<text x=\"{}\" y=\"{y}\" class=\"end\">{}</text>", LEFT + WIDTH, duration(end));
        y += 8;
        for pid in shown(timeline) {
            let _ =
                writeln!(body, "<text x=\"{}\" y=\"{}\" class=\"pid\">{}</text>", LEFT - 8, y + 13, pid.0);
            for (class, from, to) in merged(timeline, pid) {
                let at = |time: u64| LEFT as f64 + WIDTH as f64 * time as f64 / end as f64;
                let width = (at(to) - at(from)).max(0.3);
                let _ = writeln!(
                    body,
                    "<rect x=\"{:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"{}\" class=\"{class}\"/>",
                    at(from),
                    y + 2,
                    ROW - 4
                );
            }
            y += ROW;
        }
        if timeline.lives.len() > ROWS_MAX {
            let more = timeline.lives.len() - ROWS_MAX;
            let _ = writeln!(
                body,
                "<text x=\"{LEFT}\" y=\"{}\" class=\"pid0\">{more} more processes</text>",
                y + 13
            );
            y += ROW;
        }
        y += 30;
    }
    let mut x = LEFT;
    for (class, name) in [("run", "runs"), ("ready", "could run"), ("wait", "waits")] {
        let _ = writeln!(body, "<rect x=\"{x}\" y=\"{y}\" width=\"14\" height=\"14\" class=\"{class}\"/>");
        let _ = writeln!(body, "<text x=\"{}\" y=\"{}\">{name}</text>", x + 20, y + 12);
        x += 110;
    }
    y += 30;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {y}\" width=\"{w}\" height=\"{y}\">\n\
         <style>svg{{background:#fff}}text{{font:12px sans-serif;fill:#333}}.head{{font-weight:bold}}\
         .end,.pid{{text-anchor:end}}.run{{fill:#2e9e4f}}.ready{{fill:#f2c14e}}.wait{{fill:#d9dde3}}</style>\n{body}</svg>\n",
        w = LEFT + WIDTH + 20
    )
}

/// Spans of a process, those that a picture could not tell apart put together.
fn merged(timeline: &Timeline, pid: Pid) -> Vec<(&'static str, u64, u64)> {
    // A tenth of a point.
    let grain = (timeline.end / (WIDTH as u64 * 10)).max(1);
    let mut out: Vec<(&'static str, u64, u64)> = Vec::new();
    for span in timeline.spans.iter().filter(|span| span.pid == pid) {
        let class = match span.doing {
            Doing::Runs(_) => "run",
            Doing::Ready => "ready",
            Doing::Waits(_) => "wait",
        };
        match out.last_mut() {
            Some(last) if last.0 == class || (span.to - last.1 < grain) => last.2 = span.to,
            _ => out.push((class, span.from, span.to)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_spread_over_its_columns() {
        let span = Span { pid: Pid(1), from: 15, to: 37, doing: Doing::Ready };
        let mut found = Vec::new();
        spread(&span, 100, 10, |column, length| found.push((column, length)));
        assert_eq!(found, [(1, 5), (2, 10), (3, 7)]);
        found.clear();
        spread(&Span { from: 0, to: 1, ..span }, 3, 10, |column, length| found.push((column, length)));
        assert_eq!(found.iter().map(|part| part.1).sum::<u64>(), 1, "{found:?}");
    }
}
