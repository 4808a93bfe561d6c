//! `cargo xtask bench myna`: programs in Myna beside Java, Node, Go, LuaJIT, Lua and CPython, and kernels beside gcc.
//!
//! The figure is user and system CPU time of the whole process, less that of the peer's empty program; of `java-steady`, CPU time of the
//! program when Java has run it several times in one process. All peers run in turn; ratios are taken within a round, and the
//! median of the rounds is reported. All must print the same.
//!
//! `myna/programs.rs` is the table of programs, `myna/peers.rs` knows the peers, `myna/report.rs` prints, `myna/targets.rs`
//! judges. Not here: how fast Myna is compiled (`myna_compile.rs`).

mod peers;
mod programs;
mod report;
mod targets;

use super::measure::{geometric_mean, median, paired_ratio};
use super::{Options, report};
use peers::Peers;
use programs::{Group, PROGRAMS, Program};

/// Rounds of a full measurement, after one that warms up.
const ROUNDS: usize = 5;

/// What came of one program.
struct Row {
    program: &'static Program,
    /// Seconds of CPU time of each round for each peer; empty where it did not run.
    times: Vec<Vec<f64>>,
    /// Why a peer does not run it, by the number of the peer.
    failures: Vec<(usize, String)>,
    /// Text about outputs that differ.
    disagreement: Option<String>,
}

/// Everything that was measured.
struct Table {
    peers: Peers,
    rows: Vec<Row>,
    rounds: usize,
}

pub(super) fn run(options: &Options) -> Result<(), String> {
    options.check_kernels(PROGRAMS.iter().map(|program| program.name))?;
    let wanted: Vec<&'static Program> =
        PROGRAMS.iter().filter(|program| options.wants(program.name)).collect();
    let peers = peers::find(options, &wanted)?;
    let rounds = if options.quick { 1 } else { ROUNDS };
    let mut empty = Vec::new();
    for peer in &peers.found {
        let times: Result<Vec<f64>, String> = (0..rounds.max(3)).map(|_| peer.start_up()).collect();
        empty.push(median(&times?));
    }
    let mut rows = Vec::new();
    for program in wanted {
        eprintln!("{} ...", program.name);
        rows.push(measure(&peers, &empty, program, rounds, !options.quick));
    }
    let table = Table { peers, rows, rounds };
    report(&if options.json { table.json() } else { table.text() })?;
    let wrong: Vec<String> = table.rows.iter().flat_map(|row| row.wrong(&table.peers)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Runs a program in all peers, round by round. A peer that fails is not asked again.
fn measure(peers: &Peers, empty: &[f64], program: &'static Program, rounds: usize, warm_up: bool) -> Row {
    let mut times = vec![Vec::new(); peers.found.len()];
    let mut failures: Vec<(usize, String)> = Vec::new();
    let mut outputs: Vec<(usize, String)> = Vec::new();
    for round in 0..rounds + usize::from(warm_up) {
        let counts = round > 0 || !warm_up;
        for (index, peer) in peers.found.iter().enumerate() {
            // What takes long is steady enough to be measured less often, and without a round that warms up.
            let enough = peer.is_slow() && (!counts || times[index].len() >= peer.rounds);
            if enough || !peer.has(program) || failures.iter().any(|(failed, _)| *failed == index) {
                continue;
            }
            match peer.run(program) {
                Ok((seconds, output)) => {
                    outputs.push((index, output));
                    if counts {
                        times[index].push((seconds - empty[index]).max(1e-4));
                    }
                }
                Err(why) => failures.push((index, why)),
            }
        }
    }
    for (index, _) in &failures {
        times[*index].clear();
    }
    let differ = outputs.windows(2).any(|pair| pair[0].1 != pair[1].1);
    let disagreement = differ.then(|| {
        let mut each: Vec<String> =
            outputs.iter().map(|(peer, text)| format!("{} `{text}`", peers.found[*peer].name)).collect();
        each.sort();
        each.dedup();
        format!("the results of `{}` with {} differ: {}", program.name, program.size(), each.join(", "))
    });
    Row { program, times, failures, disagreement }
}

impl Row {
    /// What makes the whole task fail: outputs that differ, or MVM not running the program.
    fn wrong(&self, peers: &Peers) -> Vec<String> {
        let ours = self.failures.iter().filter(|(peer, _)| peers.found[*peer].is_ours());
        let failures = ours.map(|(peer, why)| {
            format!("{} does not run `{}`: {why}", peers.found[*peer].name, self.program.name)
        });
        failures.chain(self.disagreement.clone()).collect()
    }

    /// Time of one peer divided by that of another: median of the rounds that both took part in.
    fn ratio(&self, peer: Option<usize>, other: Option<usize>) -> Option<f64> {
        let (ours, theirs) = (&self.times[peer?], &self.times[other?]);
        (!ours.is_empty() && !theirs.is_empty()).then(|| paired_ratio(ours, theirs))
    }
}

impl Table {
    /// Geometric mean of the ratios of two peers over the programs that both run, of a group or of all.
    fn mean(&self, group: Option<Group>, peer: Option<usize>, other: Option<usize>) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| group.is_none_or(|group| row.program.group == group));
        let values: Vec<f64> = rows.filter_map(|row| row.ratio(peer, other)).collect();
        (!values.is_empty()).then(|| geometric_mean(&values))
    }
}
