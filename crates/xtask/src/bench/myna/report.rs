//! What `bench myna` prints: times, ratios, targets and who is missing; or all of it as JSON.

use std::fmt::Write as _;

use super::peers::{MVM, MVM_JIT};
use super::programs::Group;
use super::{Row, Table};
use crate::bench::grid::{cell, grid, json, middle};

const LEGEND: &str = "\
Time: user and system CPU seconds, less those of the peer's empty program; java-steady: CPU seconds of a run once Java is warm.
Medians; ratios within a round: below 1, MVM is faster.
";

/// How wide a column is.
const WIDTH: usize = 12;

impl Table {
    /// The report for people.
    pub(super) fn text(&self) -> String {
        let mut out = format!("{LEGEND}{} rounds, fewer of interpreters\n", self.rounds);
        let times = self.rows.iter().map(|row| {
            let cells = row.times.iter().map(|times| cell(middle(times), 3)).collect();
            (row.program.name.to_owned(), cells)
        });
        grid(&mut out, "time, s", (self.columns(), WIDTH), times);
        for ours in [MVM_JIT, MVM] {
            if let Some(place) = self.peers.place(ours) {
                let title = format!("{ours} /");
                grid(&mut out, &title, (self.columns(), WIDTH), self.ratios(place).into_iter());
            }
        }
        out.push('\n');
        for verdict in self.verdicts() {
            let _ = writeln!(out, "{}", verdict.text());
        }
        for row in &self.rows {
            for (peer, why) in &row.failures {
                let (peer, program) = (self.peers.found[*peer].name, row.program.name);
                let _ = writeln!(out, "\n{peer} does not run {program}: {why}");
            }
        }
        for missing in &self.peers.missing {
            let _ = writeln!(out, "\nmissing: {} ({})\n    {}", missing.name, missing.advice, missing.why);
        }
        out
    }

    fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.peers.found.iter().map(|peer| peer.name)
    }

    /// Lines with the ratios of one peer to all, and with the means of them.
    fn ratios(&self, ours: usize) -> Vec<(String, Vec<String>)> {
        let peers = 0..self.peers.found.len();
        let mut lines = Vec::new();
        for row in &self.rows {
            let cells = peers.clone().map(|peer| cell(row.ratio(Some(ours), Some(peer)), 2));
            lines.push((row.program.name.to_owned(), cells.collect()));
        }
        for (name, group) in self.groups() {
            let means = peers.clone().map(|peer| cell(self.mean(group, Some(ours), Some(peer)), 2));
            lines.push((format!("mean of {name}"), means.collect()));
        }
        lines
    }

    /// The groups that have programs, and all together.
    fn groups(&self) -> Vec<(&'static str, Option<Group>)> {
        let has_some = |group: &Group| self.rows.iter().any(|row| row.program.group == *group);
        let groups = Group::ALL.into_iter().filter(has_some).map(|group| (group.name(), Some(group)));
        groups.chain([("all", None)]).collect()
    }

    /// The report for machines.
    pub(super) fn json(&self) -> String {
        let programs: Vec<String> = self.rows.iter().map(|row| self.row_json(row)).collect();
        let (jit, plain) = (self.peers.place(MVM_JIT), self.peers.place(MVM));
        let of_group = |(name, group): (&str, Option<Group>)| {
            let peers = self.peers.found.iter().enumerate().map(|(index, peer)| {
                let (of_jit, of_mvm) =
                    (self.mean(group, jit, Some(index)), self.mean(group, plain, Some(index)));
                format!("\"{}\":{{\"mvm_jit\":{},\"mvm\":{}}}", peer.name, json(of_jit), json(of_mvm))
            });
            format!("\"{name}\":{{{}}}", peers.collect::<Vec<_>>().join(","))
        };
        let means: Vec<String> = self.groups().into_iter().map(of_group).collect();
        let verdicts: Vec<String> = self.verdicts().iter().map(|verdict| verdict.json()).collect();
        let missing: Vec<String> = self.peers.missing.iter().map(|m| format!("\"{}\"", m.name)).collect();
        format!(
            "{{\"rounds\":{},\"programs\":{{{}}},\"means\":{{{}}},\"targets\":[{}],\"missing\":[{}]}}\n",
            self.rounds,
            programs.join(","),
            means.join(","),
            verdicts.join(","),
            missing.join(",")
        )
    }

    fn row_json(&self, row: &Row) -> String {
        let (jit, plain) = (self.peers.place(MVM_JIT), self.peers.place(MVM));
        let mut fields = vec![format!("\"group\":\"{}\"", row.program.group.name())];
        for (index, peer) in self.peers.found.iter().enumerate() {
            let figures = [
                ("seconds", middle(&row.times[index])),
                ("mvm_jit_ratio", row.ratio(jit, Some(index))),
                ("mvm_ratio", row.ratio(plain, Some(index))),
            ];
            if figures[0].1.is_none() {
                continue;
            }
            let figures: Vec<String> =
                figures.iter().map(|(name, value)| format!("\"{name}\":{}", json(*value))).collect();
            fields.push(format!("\"{}\":{{{}}}", peer.name, figures.join(",")));
        }
        format!("\"{}\":{{{}}}", row.program.name, fields.join(","))
    }
}
