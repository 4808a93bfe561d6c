//! What must hold, and whether it does.

use super::kernels::Group;
use super::peers::JAVA;
use super::{Row, Table};

/// MVM's time divided by gcc's: geometric mean of the numeric kernels.
const NUMERIC: f64 = 1.10;
/// The same for every kernel whose hot loop gcc does not make vector instructions of.
const EACH: f64 = 1.5;
/// The same for single kernels.
const SINGLE: [(&str, f64); 3] = [("trees", 0.6), ("hashmap", 1.3), ("strings", 1.1)];
/// Wall time of MVM's short runs divided by Java's, for every kernel.
const SHORT: f64 = 1.0;

/// One target and what came of it.
pub(super) struct Verdict {
    what: String,
    limit: f64,
    found: f64,
}

impl Verdict {
    fn met(&self) -> bool {
        self.found <= self.limit
    }

    /// A line for people.
    pub(super) fn text(&self) -> String {
        let Verdict { what, limit, found } = self;
        format!("{}  {what}: {found:.2}, at most {limit:.2}", if self.met() { "met   " } else { "MISSED" })
    }

    /// An object for machines.
    pub(super) fn json(&self) -> String {
        let Verdict { what, limit, found } = self;
        format!("{{\"target\":\"{what}\",\"limit\":{limit},\"found\":{found:.4},\"met\":{}}}", self.met())
    }
}

impl Table {
    /// All targets that the kernels measured have something to say about.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let of_gcc = |row: &Row| self.of_gcc(row, 0);
        let mut verdicts = Vec::new();
        let numeric = self.mean(Some(Group::Numeric), of_gcc);
        verdicts.extend(numeric.map(|found| Verdict {
            what: "numeric kernels / gcc, geometric mean".to_owned(),
            limit: NUMERIC,
            found,
        }));
        for row in self.rows.iter().filter(|row| !self.vectorised(row)) {
            let name = row.kernel.name;
            let single = SINGLE.iter().find(|(single, _)| *single == name);
            let (what, limit) = match single {
                Some((_, limit)) => (format!("{name} / gcc"), *limit),
                None => (format!("{name} / gcc, as every kernel without vector instructions"), EACH),
            };
            verdicts.extend(of_gcc(row).map(|found| Verdict { what, limit, found }));
        }
        if let Some(java) = self.peers.place(JAVA) {
            for row in &self.rows {
                let what = format!("short run of {} / java", row.kernel.name);
                let found = self.short_of(row, java);
                verdicts.extend(found.map(|found| Verdict { what, limit: SHORT, found }));
            }
        }
        verdicts
    }

    /// Lines for people: all that are missed, and how many are met.
    pub(super) fn judged(&self) -> String {
        let (met, missed): (Vec<Verdict>, Vec<Verdict>) = self.verdicts().into_iter().partition(Verdict::met);
        let single = |verdict: &&Verdict| {
            verdict.limit != EACH && verdict.limit != SHORT
        };
        let lines = missed.iter().chain(met.iter().filter(single)).map(|verdict| verdict.text() + "\n");
        let mut out: String = lines.collect();
        for (limit, what) in [(EACH, "kernels / gcc"), (SHORT, "short runs / java")] {
            let met = met.iter().filter(|verdict| verdict.limit == limit).count();
            let all = met + missed.iter().filter(|verdict| verdict.limit == limit).count();
            if all > 0 {
                let word = if met == all { "met   " } else { "MISSED" };
                out += &format!("{word}  {met} of {all} {what} at most {limit:.2}\n");
            }
        }
        out
    }
}
