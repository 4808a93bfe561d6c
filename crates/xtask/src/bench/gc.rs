//! `cargo xtask bench gc`: programs that allocate, in MVM and beside other languages: time, memory and pauses.
//!
//! All peers run a program in turn, each run in a process of its own (`once.rs`). CPU time is that of user code and
//! system, less that of the peer's empty program; memory is the largest resident size, and beside it how many times the
//! bytes that are alive (as MVM lays them out) the process took, less the empty program's. Ratios of times are taken within a
//! round, and the median of the rounds is reported; pauses are those of all rounds together (`gc/pauses.rs`).
//!
//! `gc/programs.rs` is the table of programs, `gc/peers.rs` knows the peers, `gc/report.rs` prints, `gc/targets.rs` judges.

mod pauses;
mod peers;
mod programs;
mod report;
mod targets;

use super::measure::{median, paired_ratio};
use super::{Options, report};
use peers::{Peers, Sample};
use programs::{PROGRAMS, Program};

/// Rounds of a full measurement.
const ROUNDS: usize = 5;

/// What came of one program in one peer.
#[derive(Debug, Clone, Default)]
struct Cell {
    /// One for each round; empty when it did not run.
    samples: Vec<Sample>,
    /// Why it did not run, when it should have.
    failure: Option<String>,
}

/// What came of one program.
struct Row {
    program: &'static Program,
    /// One for each peer.
    cells: Vec<Cell>,
    /// Bytes alive at the worst moment.
    live_bytes: Option<u64>,
    /// Text about outputs that differ.
    disagreement: Option<String>,
}

/// Everything that was measured.
struct Table {
    peers: Peers,
    /// What each peer's empty program takes: CPU seconds and resident bytes.
    empty: Vec<(f64, u64)>,
    rows: Vec<Row>,
    rounds: usize,
}

pub(super) fn run(options: &Options) -> Result<(), String> {
    options.check_kernels(PROGRAMS.iter().map(|program| program.name))?;
    let wanted = |program: &&'static Program| options.wants(program.name);
    let peers = peers::find(options)?;
    let rounds = if options.quick { 1 } else { ROUNDS };
    let mut empty = Vec::new();
    for peer in &peers.found {
        let runs: Vec<Sample> = (0..rounds.max(3)).map(|_| peer.run_empty()).collect::<Result<_, _>>()?;
        let cpu: Vec<f64> = runs.iter().map(|run| run.once.cpu).collect();
        let rss: Vec<f64> = runs.iter().map(|run| run.once.rss_bytes as f64).collect();
        empty.push((median(&cpu), median(&rss) as u64));
    }
    let mut rows = Vec::new();
    for program in PROGRAMS.iter().filter(wanted) {
        eprintln!("{} ...", program.name);
        rows.push(measure_program(&peers, program, rounds, options.quick));
    }
    let table = Table { peers, empty, rows, rounds };
    report(&if options.json { table.json() } else { table.text() })?;
    let wrong: Vec<String> = table.rows.iter().flat_map(|row| row.wrong(&table.peers)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Runs a program in all peers, round by round. A peer that fails is not asked again.
fn measure_program(peers: &Peers, program: &'static Program, rounds: usize, quick: bool) -> Row {
    let mut cells = vec![Cell::default(); peers.found.len()];
    for _ in 0..rounds {
        for (cell, peer) in cells.iter_mut().zip(&peers.found) {
            if cell.failure.is_some() || !program.is_for(peer.name) {
                continue;
            }
            match peer.run(program, quick) {
                Ok(sample) => cell.samples.push(sample),
                Err(why) => cell.failure = Some(why),
            }
        }
    }
    for cell in &mut cells {
        if cell.failure.is_some() {
            cell.samples.clear();
        }
    }
    let outputs = cells.iter().flat_map(|cell| cell.samples.iter().map(|sample| sample.output.as_str()));
    let outputs: std::collections::BTreeSet<&str> = outputs.collect();
    let first = outputs.first().copied().unwrap_or_default();
    let disagreement = (outputs.len() > 1).then(|| {
        let each: Vec<String> = cells
            .iter()
            .zip(&peers.found)
            .filter_map(|(cell, peer)| Some(format!("{} {:?}", peer.name, cell.samples.first()?.output)))
            .collect();
        format!("the results of `{}` differ: {}", program.name, each.join(", "))
    });
    Row { program, live_bytes: program.live_bytes(quick, first), cells, disagreement }
}

impl Row {
    /// What makes the whole task fail: outputs that differ, or MVM not running the program.
    fn wrong(&self, peers: &Peers) -> Vec<String> {
        let ours = peers.found.iter().zip(&self.cells).filter(|(peer, _)| peer.policy.is_some());
        let failures = ours.filter_map(|(peer, cell)| {
            Some(format!("{} does not run `{}`: {}", peer.name, self.program.name, cell.failure.as_ref()?))
        });
        failures.chain(self.disagreement.clone()).collect()
    }
}

impl Cell {
    /// A cost of each round.
    fn costs(&self, cost: impl Fn(&Sample) -> f64) -> Vec<f64> {
        self.samples.iter().map(cost).collect()
    }

    fn ran(&self) -> bool {
        !self.samples.is_empty()
    }

    /// The pauses of all rounds, in milliseconds; none where nothing logs them.
    fn pauses(&self) -> Option<Vec<f64>> {
        let logged: Vec<&Vec<f64>> = self.samples.iter().filter_map(|s| s.pauses.as_ref()).collect();
        (!logged.is_empty()).then(|| logged.into_iter().flatten().copied().collect())
    }

    /// The longest gap that the program saw, in milliseconds: median of the rounds.
    fn longest_gap(&self) -> Option<f64> {
        let longest = |gaps: &Vec<f64>| gaps.iter().copied().fold(0.0, f64::max);
        let rounds: Vec<f64> =
            self.samples.iter().filter_map(|sample| Some(longest(sample.gaps.as_ref()?))).collect();
        (!rounds.is_empty()).then(|| median(&rounds))
    }
}

impl Table {
    /// CPU seconds of each round, the empty program's taken off.
    fn cpu(&self, row: &Row, peer: usize) -> Vec<f64> {
        row.cells[peer].costs(|sample| (sample.once.cpu - self.empty[peer].0).max(1e-3))
    }

    /// Time of one peer divided by that of another: CPU and wall.
    fn ratios(&self, row: &Row, peer: usize, other: usize) -> Option<(f64, f64)> {
        let (ours, theirs) = (&row.cells[peer], &row.cells[other]);
        if !ours.ran() || !theirs.ran() {
            return None;
        }
        let wall = |cell: &Cell| cell.costs(|sample| sample.once.wall);
        let cpu = paired_ratio(&self.cpu(row, peer), &self.cpu(row, other));
        Some((cpu, paired_ratio(&wall(ours), &wall(theirs))))
    }

    /// Most resident bytes: median of the rounds.
    fn rss_bytes(&self, row: &Row, peer: usize) -> Option<f64> {
        let cell = &row.cells[peer];
        cell.ran().then(|| median(&cell.costs(|sample| sample.once.rss_bytes as f64)))
    }

    /// Resident bytes beyond those of the empty program, divided by the bytes alive.
    fn memory_ratio(&self, row: &Row, peer: usize) -> Option<f64> {
        let own = (self.rss_bytes(row, peer)? - self.empty[peer].1 as f64).max(0.0);
        Some(own / row.live_bytes? as f64)
    }

    fn peer(&self, name: &str) -> Option<usize> {
        self.peers.found.iter().position(|peer| peer.name == name)
    }

    fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.program.name == name)
    }
}
