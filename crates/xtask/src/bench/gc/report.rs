//! What `bench gc` prints: a table for each program, the targets, who is missing; or all of it as JSON.

use std::fmt::Write as _;

use super::pauses::{MvmLog, percentile};
use super::targets::Verdict;
use super::{Row, Table, median};

/// Headings of the columns behind the name.
const COLUMNS: [&str; 9] =
    ["CPU s", "CPU ratio", "wall s", "wall ratio", "RSS MB", "/ live", "pauses", "p99 ms", "longest ms"];

const LEGEND: &str = "\
CPU: user and system, less that of the peer's empty program; wall: the whole process (medians). Ratios: time of the first
line divided by that of the peer, median of paired ratios; below 1 the first line is faster. RSS: most resident memory;
/ live: less that of the empty program, divided by the bytes alive as MVM lays them out. Pauses: by the collector's log, of
all rounds. Longest gap: longest time between two looks of the program at a clock (median of rounds).
";

/// A number, or a dash.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

impl Table {
    /// The report for people.
    pub(super) fn text(&self) -> String {
        let mut out = format!("{LEGEND}{} rounds\n", self.rounds);
        for row in &self.rows {
            self.row_text(&mut out, row);
        }
        out.push_str("\nTargets\n");
        for verdict in self.verdicts() {
            let _ = writeln!(out, "{}", verdict.text());
        }
        for note in &self.peers.notes {
            let _ = writeln!(out, "note    {note}");
        }
        for missing in &self.peers.missing {
            let _ = writeln!(out, "\nmissing: {} ({})\n    {}", missing.name, missing.advice, missing.why);
        }
        out
    }

    fn row_text(&self, out: &mut String, row: &Row) {
        let _ = write!(out, "\n{}", row.program.name);
        if let Some(bytes) = row.live_bytes {
            let _ = write!(out, " ({:.1} MB alive)", bytes as f64 * 1e-6);
        }
        out.push('\n');
        let with_gaps = row.cells.iter().any(|cell| cell.longest_gap().is_some());
        let _ = write!(out, "{:13}", "");
        for column in COLUMNS {
            let _ = write!(out, "{column:>11}");
        }
        out.push_str(if with_gaps { " longest gap\n" } else { "\n" });
        for (index, peer) in self.peers.found.iter().enumerate() {
            let cells = &row.cells[index];
            if !cells.ran() {
                continue;
            }
            let ratios = self.ratios(row, 0, index);
            let pauses = cells.pauses();
            let values = [
                cell(Some(median(&self.cpu(row, index))), 2),
                cell(ratios.map(|(cpu, _)| cpu), 2),
                cell(Some(median(&cells.costs(|sample| sample.once.wall))), 2),
                cell(ratios.map(|(_, wall)| wall), 2),
                cell(self.rss_bytes(row, index).map(|bytes| bytes * 1e-6), 1),
                cell(self.memory_ratio(row, index), 2),
                cell(pauses.as_ref().map(|pauses| pauses.len() as f64 / cells.samples.len() as f64), 0),
                cell(pauses.as_ref().and_then(|pauses| percentile(pauses, 99)), 2),
                cell(pauses.as_ref().and_then(|pauses| percentile(pauses, 100)), 2),
            ];
            let _ = write!(out, "{:13}", peer.name);
            for value in values {
                let _ = write!(out, "{value:>11}");
            }
            if with_gaps {
                let _ = write!(out, "{:>12}", cell(cells.longest_gap(), 2));
            }
            out.push('\n');
        }
        self.remarks(out, row);
    }

    /// What MVM's collections did, and who has no line in the table.
    fn remarks(&self, out: &mut String, row: &Row) {
        for (peer, cells) in self.peers.found.iter().zip(&row.cells) {
            let logs: Vec<&MvmLog> = cells.samples.iter().filter_map(|sample| sample.mvm.as_ref()).collect();
            if !logs.is_empty() {
                let heap = logs.iter().map(|log| log.peak_heap_bytes).max().unwrap_or(0);
                let _ = write!(out, "  {}: heap of at most {:.1} MB", peer.name, heap as f64 * 1e-6);
                for (full, kind) in [(false, "young"), (true, "full")] {
                    let pauses: Vec<f64> = logs.iter().flat_map(|log| log.pauses(full)).collect();
                    let _ = write!(out, "; {} {kind}", pauses.len() / logs.len());
                    if !pauses.is_empty() {
                        let of = |percent| cell(percentile(&pauses, percent), 2);
                        let _ = write!(out, " (ms: median {}, p99 {}, longest {})", of(50), of(99), of(100));
                    }
                }
                out.push('\n');
            }
            if let Some(why) = &cells.failure {
                let _ = writeln!(out, "  {} failed: {why}", peer.name);
            }
        }
        for (names, why) in row.program.left_out {
            let _ = writeln!(out, "  without {}: {why}", names.join(", "));
        }
    }

    /// The report for machines.
    pub(super) fn json(&self) -> String {
        let programs: Vec<String> = self.rows.iter().map(|row| self.row_json(row)).collect();
        let verdicts: Vec<String> = self.verdicts().iter().map(Verdict::json).collect();
        let missing: Vec<String> = self.peers.missing.iter().map(|m| format!("\"{}\"", m.name)).collect();
        format!(
            "{{\"rounds\":{},\"programs\":{{{}}},\"targets\":[{}],\"missing\":[{}]}}\n",
            self.rounds,
            programs.join(","),
            verdicts.join(","),
            missing.join(",")
        )
    }

    fn row_json(&self, row: &Row) -> String {
        let mut out =
            format!("\"{}\":{{\"live_bytes\":{}", row.program.name, json(row.live_bytes.map(|n| n as f64)));
        for (index, peer) in self.peers.found.iter().enumerate() {
            let cells = &row.cells[index];
            if !cells.ran() {
                continue;
            }
            let ratios = self.ratios(row, 0, index);
            let pauses = cells.pauses();
            let fields = [
                ("cpu_s", Some(median(&self.cpu(row, index)))),
                ("cpu_ratio", ratios.map(|(cpu, _)| cpu)),
                ("wall_s", Some(median(&cells.costs(|sample| sample.once.wall)))),
                ("wall_ratio", ratios.map(|(_, wall)| wall)),
                ("rss_bytes", self.rss_bytes(row, index)),
                ("rss_over_live", self.memory_ratio(row, index)),
                ("pauses", pauses.as_ref().map(|pauses| pauses.len() as f64 / cells.samples.len() as f64)),
                ("pause_p99_ms", pauses.as_ref().and_then(|pauses| percentile(pauses, 99))),
                ("pause_longest_ms", pauses.as_ref().and_then(|pauses| percentile(pauses, 100))),
                ("longest_gap_ms", cells.longest_gap()),
            ];
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("\"{name}\":{}", json(*value))).collect();
            let _ = write!(out, ",\"{}\":{{{}}}", peer.name, fields.join(","));
        }
        out.push('}');
        out
    }
}

/// A number in JSON.
fn json(value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.6}"),
        _ => "null".to_owned(),
    }
}
