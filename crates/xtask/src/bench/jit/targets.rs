//! What must hold, and whether it does.

use super::kernels::Group;
use super::peers::JAVA;
use super::{Row, Table};
use crate::bench::verdict::Verdict;

/// MVM's time divided by gcc's: geometric mean of the numeric kernels.
const NUMERIC: f64 = 1.10;
/// The same for every kernel whose hot loop gcc does not make vector instructions of.
const EACH: f64 = 1.5;
/// The same for single kernels.
const SINGLE: [(&str, f64); 3] = [("trees", 0.6), ("hashmap", 1.3), ("strings", 1.1)];
/// Wall time of MVM's short runs divided by Java's, for every kernel.
const SHORT: f64 = 1.0;

/// What a target is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A mean or a kernel of its own.
    Single,
    /// A kernel like all others.
    Each,
    /// A short run.
    Short,
}

impl Table {
    /// All targets that the kernels measured have something to say about.
    fn kinds(&self) -> Vec<(Kind, Verdict)> {
        let of_gcc = |row: &Row| self.of_gcc(row, 0);
        let mut verdicts = Vec::new();
        let numeric = self.mean(Some(Group::Numeric), of_gcc);
        let what = "numeric kernels / gcc, geometric mean".to_owned();
        verdicts.extend(numeric.map(|found| (Kind::Single, Verdict { what, limit: NUMERIC, found })));
        for row in self.rows.iter().filter(|row| !self.vectorised(row)) {
            let name = row.kernel.name;
            let (kind, limit) = match SINGLE.iter().find(|(single, _)| *single == name) {
                Some((_, limit)) => (Kind::Single, *limit),
                None => (Kind::Each, EACH),
            };
            let what = format!("{name} / gcc");
            verdicts.extend(of_gcc(row).map(|found| (kind, Verdict { what, limit, found })));
        }
        if let Some(java) = self.peers.place(JAVA) {
            for row in &self.rows {
                let what = format!("short run of {} / java", row.kernel.name);
                let found = self.short_of(row, java);
                verdicts.extend(found.map(|found| (Kind::Short, Verdict { what, limit: SHORT, found })));
            }
        }
        verdicts
    }

    /// The targets for the report of machines.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        self.kinds().into_iter().map(|(_, verdict)| verdict).collect()
    }

    /// Lines for people: all that are missed, those met that stand alone, and how many of the others are met.
    pub(super) fn judged(&self) -> String {
        let (met, missed): (Vec<_>, Vec<_>) =
            self.kinds().into_iter().partition(|(_, verdict)| verdict.met());
        let alone = met.iter().filter(|(kind, _)| *kind == Kind::Single);
        let mut out: String = missed.iter().chain(alone).map(|(_, verdict)| verdict.text() + "\n").collect();
        for (kind, limit, what) in
            [(Kind::Each, EACH, "other kernels / gcc"), (Kind::Short, SHORT, "short runs / java")]
        {
            let count = |verdicts: &[(Kind, Verdict)]| verdicts.iter().filter(|(of, _)| *of == kind).count();
            let (met, missed) = (count(&met), count(&missed));
            if met + missed > 0 {
                let word = if missed == 0 { "met   " } else { "MISSED" };
                let all = met + missed;
                out += &format!("{word}  {met} of {all} {what} at most {limit:.2}\n");
            }
        }
        out
    }
}
