//! Counts of instructions, pairs and triples in the order in which they are executed.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use mvm_exec::{Probe, Process};
use mvm_isa::{Effect, Opcode};
use serde_json::{Value, json};

/// Stands for the instruction before the first.
const NONE: u16 = u16::MAX;

/// Counts what a process executes.
pub(crate) struct Counters {
    singles: Vec<u64>,
    pairs: Vec<u64>,
    triples: HashMap<[u16; 3], u64>,
    /// The two instructions before, the nearer one last.
    before: [u16; 2],
    /// Where the last instruction was, to tell the steps of bulk work from its repetition.
    last: (u32, usize),
}

impl Counters {
    pub(crate) fn new() -> Counters {
        let ops = Opcode::ALL.len();
        Counters {
            singles: vec![0; ops],
            pairs: vec![0; ops * ops],
            triples: HashMap::new(),
            before: [NONE; 2],
            last: (u32::MAX, 0),
        }
    }

    /// All counts above 0, the largest first, then by name.
    fn tables(&self) -> [Vec<(Vec<&'static str>, u64)>; 3] {
        let ops = Opcode::ALL.len();
        let name = |code: usize| Opcode::ALL[code].info().name;
        let singles = self.singles.iter().enumerate().map(|(a, &n)| (vec![name(a)], n)).collect();
        let pairs =
            self.pairs.iter().enumerate().map(|(k, &n)| (vec![name(k / ops), name(k % ops)], n)).collect();
        let triples = self
            .triples
            .iter()
            .map(|(&[a, b, c], &n)| (vec![name(a.into()), name(b.into()), name(c.into())], n))
            .collect();
        [singles, pairs, triples].map(|mut table: Vec<(Vec<&'static str>, u64)>| {
            table.retain(|&(_, count)| count > 0);
            table.sort_unstable_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
            table
        })
    }

    fn total(&self) -> u64 {
        self.singles.iter().sum()
    }

    /// Tables for people, each with at most `top` rows.
    pub(crate) fn text(&self, reductions: u64, top: usize) -> String {
        let total = self.total();
        let mut text = format!("{total} instructions, {reductions} reductions\n");
        for (title, table) in ["instruction", "pair", "triple"].into_iter().zip(self.tables()) {
            let sum: u64 = table.iter().map(|(_, count)| count).sum();
            let _ = writeln!(text, "\n{:>14} {:>7} {:>7}  {title}", "count", "share", "sum");
            let mut so_far = 0;
            for (names, count) in table.iter().take(top) {
                so_far += count;
                let share = |n: u64| 100.0 * n as f64 / sum as f64;
                let _ = writeln!(
                    text,
                    "{count:>14} {:>6.2}% {:>6.2}%  {}",
                    share(*count),
                    share(so_far),
                    names.join(" + ")
                );
            }
            if table.len() > top {
                let _ = writeln!(text, "{:>14} more", table.len() - top);
            }
        }
        text
    }

    /// All counts for programs.
    pub(crate) fn json(&self, reductions: u64) -> Value {
        let rows = |table: Vec<(Vec<&'static str>, u64)>| -> Value {
            table.into_iter().map(|(names, count)| json!({ "instructions": names, "count": count })).collect()
        };
        let [singles, pairs, triples] = self.tables().map(rows);
        json!({
            "instructions": self.total(),
            "reductions": reductions,
            "singles": singles,
            "pairs": pairs,
            "triples": triples,
        })
    }
}

impl Probe for Counters {
    fn before(&mut self, process: &Process) -> ControlFlow<()> {
        let Some((function, pc)) = process.position() else { return ControlFlow::Continue(()) };
        let word = process.image().module().functions[function.0 as usize].code[pc as usize];
        let Some(op) = Opcode::from_code(word as u16) else { return ControlFlow::Continue(()) };
        let here = (process.pc(), process.frame_base());
        if here == self.last && op.info().has(Effect::Bulk) {
            return ControlFlow::Continue(());
        }
        self.last = here;
        let code = op as u16;
        let [first, second] = self.before;
        self.singles[usize::from(code)] += 1;
        if second != NONE {
            self.pairs[usize::from(second) * Opcode::ALL.len() + usize::from(code)] += 1;
        }
        if first != NONE {
            *self.triples.entry([first, second, code]).or_default() += 1;
        }
        self.before = [second, code];
        ControlFlow::Continue(())
    }

    fn after(&mut self, _: &Process) {}
}
