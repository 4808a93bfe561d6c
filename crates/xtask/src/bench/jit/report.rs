//! What `bench jit` prints: times, ratios, short runs, targets and who is missing; or all of it as JSON.

use std::fmt::Write as _;

use super::kernels::Group;
use super::peers::{GCC, MVM, MVM_JIT};
use super::{Row, Table};
use crate::bench::grid::{cell, grid, json, middle};

const LEGEND: &str = "\
Time: user CPU seconds, less those of the peer's empty program. Short: wall milliseconds of the whole process at a size that
takes gcc's program about one; of wasmtime from where Python has loaded it. Medians; ratios within a round. v: gcc makes vector
instructions of the hot loop.
";

impl Table {
    /// The report for people.
    pub(super) fn text(&self) -> String {
        let mut out = format!("{LEGEND}{} rounds, one of `{MVM}`\n", self.rounds);
        self.grid(&mut out, "time, s", false, |row, peer| cell(middle(&row.full[peer]), 3), |_, _| None);
        self.grid(
            &mut out,
            &format!("time / {GCC}"),
            true,
            |row, peer| cell(self.of_gcc(row, peer), 2),
            |group, peer| self.mean(group, |row| self.of_gcc(row, peer)),
        );
        let millis = |times: &[f64]| middle(times).map(|seconds| seconds * 1e3);
        self.grid(&mut out, "short, ms", false, |row, peer| cell(millis(&row.short[peer]), 1), |_, _| None);
        self.grid(
            &mut out,
            &format!("short of {MVM_JIT} /"),
            true,
            |row, peer| cell(self.short_of(row, peer), 2),
            |group, peer| self.mean(group, |row| self.short_of(row, peer)),
        );
        let _ = write!(out, "\n{}", self.judged());
        for row in &self.rows {
            for (peer, why) in &row.failures {
                let (peer, kernel) = (self.peers.found[*peer].name, row.kernel.name);
                let _ = writeln!(out, "\n{peer} does not run {kernel}: {why}");
            }
        }
        for missing in &self.peers.missing {
            let _ = writeln!(out, "\nmissing: {} ({})\n    {}", missing.name, missing.advice, missing.why);
        }
        out
    }

    /// A table with a line for each kernel and, when asked for, one for the mean of each group.
    fn grid(
        &self,
        out: &mut String,
        title: &str,
        means: bool,
        value: impl Fn(&Row, usize) -> String,
        mean: impl Fn(Option<Group>, usize) -> Option<f64>,
    ) {
        let peers = 0..self.peers.found.len();
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for row in &self.rows {
            let mark = if self.vectorised(row) { " v" } else { "" };
            let cells = peers.clone().map(|peer| value(row, peer)).collect();
            rows.push((row.kernel.name.to_owned() + mark, cells));
        }
        let groups = Group::ALL.map(|group| (group.name(), Some(group)));
        for (name, group) in groups.into_iter().chain([("all", None)]) {
            if means && self.mean(group, |_| Some(1.0)).is_some() {
                let cells = peers.clone().map(|peer| cell(mean(group, peer), 2)).collect();
                rows.push((format!("mean of {name}"), cells));
            }
        }
        grid(out, title, (self.peers.found.iter().map(|peer| peer.name), 15), rows.into_iter());
    }

    /// The report for machines.
    pub(super) fn json(&self) -> String {
        let kernels: Vec<String> = self.rows.iter().map(|row| self.row_json(row)).collect();
        let groups = Group::ALL.map(|group| (group.name(), Some(group)));
        let means: Vec<String> = groups
            .into_iter()
            .chain([("all", None)])
            .map(|(name, group)| {
                let peers = self.peers.found.iter().enumerate().map(|(index, peer)| {
                    let (full, short) = (
                        self.mean(group, |row| self.of_gcc(row, index)),
                        self.mean(group, |row| self.short_of(row, index)),
                    );
                    format!("\"{}\":{{\"ratio\":{},\"short\":{}}}", peer.name, json(full), json(short))
                });
                format!("\"{name}\":{{{}}}", peers.collect::<Vec<_>>().join(","))
            })
            .collect();
        let verdicts: Vec<String> = self.verdicts().iter().map(|verdict| verdict.json()).collect();
        let missing: Vec<String> = self.peers.missing.iter().map(|m| format!("\"{}\"", m.name)).collect();
        format!(
            "{{\"rounds\":{},\"kernels\":{{{}}},\"means\":{{{}}},\"targets\":[{}],\"missing\":[{}]}}\n",
            self.rounds,
            kernels.join(","),
            means.join(","),
            verdicts.join(","),
            missing.join(",")
        )
    }

    fn row_json(&self, row: &Row) -> String {
        let mut out = format!("\"{}\":{{\"vectorised\":{}", row.kernel.name, self.vectorised(row));
        for (index, peer) in self.peers.found.iter().enumerate().filter(|(index, _)| !row.failed(*index)) {
            let fields = [
                ("seconds", middle(&row.full[index])),
                ("ratio", self.of_gcc(row, index)),
                ("short_seconds", middle(&row.short[index])),
                ("short_ratio", self.short_of(row, index)),
            ];
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("\"{name}\":{}", json(*value))).collect();
            let _ = write!(out, ",\"{}\":{{{}}}", peer.name, fields.join(","));
        }
        out.push('}');
        out
    }
}
