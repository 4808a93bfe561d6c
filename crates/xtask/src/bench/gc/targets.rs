//! What must hold, and whether it does.

use super::pauses::{MvmLog, percentile};
use super::programs::{DEEP, DEEP_QUARTER, LIVE};
use super::{Row, Table};
use crate::bench::measure::{geometric_mean, paired_ratio};

/// MVM's time divided by Lua's, for each program that allocates.
const OF_LUA: f64 = 0.5;
/// Peak memory divided by the bytes alive, by policy.
const OF_LIVE: [(&str, f64); 2] = [("compact", 1.4), ("generational", 2.0)];
/// Programs with less alive are not asked about memory: there it is the program that counts.
const LIVE_BYTES_MIN: u64 = 16 << 20;
/// Milliseconds that 99 of 100 young pauses of `live` stay below.
const YOUNG_MS: f64 = 1.0;
/// Milliseconds that every full pause of `live` stays below.
const FULL_MS: f64 = 100.0;
/// Time of a recursion of full depth divided by that of a quarter, for as many calls.
const DEEP_OVER_QUARTER: f64 = 1.5;

/// One target and what came of it.
pub(super) struct Verdict {
    what: String,
    limit: f64,
    /// None when it was not measured.
    found: Option<f64>,
}

impl Verdict {
    fn met(&self) -> Option<bool> {
        self.found.map(|found| found <= self.limit)
    }

    /// A line for people.
    pub(super) fn text(&self) -> String {
        let (what, limit) = (&self.what, self.limit);
        match (self.met(), self.found) {
            (Some(met), Some(found)) => {
                let word = if met { "met   " } else { "MISSED" };
                format!("{word}  {what}: {found:.2}, at most {limit:.2}")
            }
            _ => format!("?       {what}: not measured, at most {limit:.2}"),
        }
    }

    /// An object for machines.
    pub(super) fn json(&self) -> String {
        let null = || "null".to_owned();
        let found = self.found.map_or_else(null, |found| format!("{found:.4}"));
        let met = self.met().map_or_else(null, |met| met.to_string());
        format!("{{\"target\":\"{}\",\"limit\":{},\"found\":{found},\"met\":{met}}}", self.what, self.limit)
    }
}

impl Table {
    /// All targets that the programs measured have something to say about.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let mut verdicts = self.against_lua();
        for (policy, limit) in OF_LIVE {
            verdicts.extend(self.memory(policy, limit));
        }
        if let Some(row) = self.row(LIVE) {
            verdicts.extend(self.pauses(row));
        }
        if let (Some(deep), Some(quarter)) = (self.row(DEEP), self.row(DEEP_QUARTER)) {
            let found = deep.cells[0].ran() && quarter.cells[0].ran();
            verdicts.push(Verdict {
                what: "recursion is linear: time at full depth / at a quarter".to_owned(),
                limit: DEEP_OVER_QUARTER,
                found: found.then(|| paired_ratio(&self.cpu(deep, 0), &self.cpu(quarter, 0))),
            });
        }
        verdicts
    }

    fn against_lua(&self) -> Vec<Verdict> {
        let Some(lua) = self.peer("lua5.4") else { return Vec::new() };
        let mut verdicts = Vec::new();
        let mut all = Vec::new();
        for row in self.rows.iter().filter(|row| row.program.allocates) {
            let Some((ratio, _)) = self.ratios(row, 0, lua) else { continue };
            all.push(ratio);
            let what = format!("CPU time of `{}` / Lua 5.4's", row.program.name);
            verdicts.push(Verdict { what, limit: OF_LUA, found: Some(ratio) });
        }
        if all.len() > 1 {
            let what = "the same, geometric mean".to_owned();
            verdicts.push(Verdict { what, limit: OF_LUA, found: Some(geometric_mean(&all)) });
        }
        verdicts
    }

    fn memory(&self, policy: &str, limit: f64) -> Vec<Verdict> {
        let peer = self.peers.found.iter().position(|peer| peer.policy == Some(policy));
        let large = self.rows.iter().filter(|row| row.live_bytes.is_some_and(|n| n >= LIVE_BYTES_MIN));
        let verdict = |row: &Row| Verdict {
            what: format!("peak memory of `{}` / bytes alive, {policy}", row.program.name),
            limit,
            found: peer.and_then(|peer| self.memory_ratio(row, peer)),
        };
        large.map(verdict).collect()
    }

    /// Young and full pauses of `live` under the generational policy.
    fn pauses(&self, row: &Row) -> [Verdict; 2] {
        let peer = self.peers.found.iter().position(|peer| peer.policy == Some("generational"));
        let samples = peer.map_or(&[][..], |peer| &row.cells[peer].samples);
        let logs: Vec<&MvmLog> = samples.iter().filter_map(|sample| sample.mvm.as_ref()).collect();
        let most = logs.iter().flat_map(|log| &log.collections).map(|c| c.live_after).max().unwrap_or(0);
        // Young collections while the live set is built are not those that the target is about.
        let of_kind = |full: bool| -> Vec<f64> {
            let collections = logs.iter().flat_map(|log| &log.collections);
            let chosen = collections.filter(|c| c.full == full && (full || c.live_after >= most / 10 * 9));
            chosen.map(|collection| collection.pause).collect()
        };
        [
            Verdict {
                what: "99 % of young pauses of `live`, 1 MiB young space, ms".to_owned(),
                limit: YOUNG_MS,
                found: percentile(&of_kind(false), 99),
            },
            Verdict {
                what: "longest full pause of `live`, ms".to_owned(),
                limit: FULL_MS,
                found: percentile(&of_kind(true), 100),
            },
        ]
    }
}
