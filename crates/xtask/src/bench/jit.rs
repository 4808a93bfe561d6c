//! `cargo xtask bench jit`: kernels in native code, MVM's beside that of gcc, wasmtime, Node, LuaJIT, Java and Go.
//!
//! Two figures for each kernel and peer. *Time*: user CPU time of the whole process, less that of the peer's empty program,
//! at a size that takes gcc's program 0.1 to 0.3 seconds, so that compiling counts little. *Short*: wall time of the whole
//! process at a size that takes gcc's program a millisecond, so that it is start-up and compiling that count. All peers run
//! in turn; ratios are taken within a round, and the median of the rounds is reported. All must print the same.
//!
//! `jit/kernels.rs` is the table of kernels, `jit/peers.rs` knows the peers, `jit/report.rs` prints, `jit/targets.rs` judges.

mod kernels;
mod peers;
mod report;
mod targets;

use super::measure::{geometric_mean, median, paired_ratio};
use super::{Options, report};
use kernels::{Group, KERNELS, Kernel};
pub(super) use kernels::{full_size, source};
use peers::{GCC, MVM, Peers};

/// Rounds of a full measurement, after one that warms up.
const ROUNDS: usize = 5;

/// What came of one kernel.
struct Row {
    kernel: &'static Kernel,
    /// Seconds of user time of each round for each peer, the empty program's taken off; empty where it did not run.
    full: Vec<Vec<f64>>,
    /// Seconds of wall time of short runs, likewise.
    short: Vec<Vec<f64>>,
    /// Why a peer does not run it, by the number of the peer.
    failures: Vec<(usize, String)>,
    /// Text about outputs that differ.
    disagreements: Vec<String>,
}

/// Everything that was measured.
struct Table {
    peers: Peers,
    rows: Vec<Row>,
    rounds: usize,
}

pub(super) fn run(options: &Options) -> Result<(), String> {
    options.check_kernels(KERNELS.iter().map(|kernel| kernel.name))?;
    let wanted: Vec<&'static Kernel> = KERNELS.iter().filter(|kernel| options.wants(kernel.name)).collect();
    let peers = peers::find(options, &wanted)?;
    let rounds = if options.quick { 1 } else { ROUNDS };
    let mut empty = Vec::new();
    for peer in &peers.found {
        let times: Vec<f64> =
            (0..rounds.max(3)).map(|_| Ok(peer.run("empty", 0)?.user)).collect::<Result<_, String>>()?;
        empty.push(median(&times));
    }
    let mut rows = Vec::new();
    for kernel in wanted {
        eprintln!("{} ...", kernel.name);
        rows.push(measure(&peers, &empty, kernel, rounds, !options.quick)?);
    }
    let table = Table { peers, rows, rounds };
    report(&if options.json { table.json() } else { table.text() })?;
    let wrong: Vec<String> = table.rows.iter().flat_map(|row| row.wrong(&table.peers)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Runs a kernel in all peers, round by round. A peer that fails is not asked again.
fn measure(
    peers: &Peers,
    empty: &[f64],
    kernel: &'static Kernel,
    rounds: usize,
    warm_up: bool,
) -> Result<Row, String> {
    let none = || vec![Vec::new(); peers.found.len()];
    let mut row =
        Row { kernel, full: none(), short: none(), failures: Vec::new(), disagreements: Vec::new() };
    let mut outputs: [Vec<(usize, String)>; 2] = [Vec::new(), Vec::new()];
    for round in 0..rounds + usize::from(warm_up) {
        let counts = round > 0 || !warm_up;
        for (index, peer) in peers.found.iter().enumerate() {
            // The interpreter is there to show how much native code brings; one round of it is enough for that.
            let enough = peer.name == MVM && (!counts || !row.full[index].is_empty());
            if row.failed(index) || enough {
                continue;
            }
            match peer.run(kernel.name, kernel.full) {
                Ok(run) => {
                    outputs[0].push((index, run.output));
                    if counts {
                        row.full[index].push((run.user - empty[index]).max(1e-4));
                    }
                }
                Err(why) => row.failures.push((index, why)),
            }
        }
        for (index, peer) in peers.found.iter().enumerate() {
            if row.failed(index) {
                continue;
            }
            match peer.run_short(kernel.name, kernel.short) {
                Ok(run) => {
                    outputs[1].push((index, run.output));
                    if counts {
                        row.short[index].push(run.wall);
                    }
                }
                Err(why) => row.failures.push((index, why)),
            }
        }
    }
    for (size, outputs) in [kernel.full, kernel.short].into_iter().zip(&outputs) {
        row.disagreements.extend(disagreement(peers, kernel, size, outputs));
    }
    Ok(row)
}

/// Text about outputs that are not all the same.
fn disagreement(peers: &Peers, kernel: &Kernel, size: u64, outputs: &[(usize, String)]) -> Option<String> {
    if outputs.windows(2).all(|pair| pair[0].1 == pair[1].1) {
        return None;
    }
    let mut each: Vec<String> =
        outputs.iter().map(|(peer, text)| format!("{} `{text}`", peers.found[*peer].name)).collect();
    each.sort();
    each.dedup();
    Some(format!("the results of `{}` with {size} differ: {}", kernel.name, each.join(", ")))
}

impl Row {
    fn failed(&self, peer: usize) -> bool {
        self.failures.iter().any(|(failed, _)| *failed == peer)
    }

    /// What makes the whole task fail: outputs that differ, or MVM not running the kernel.
    fn wrong(&self, peers: &Peers) -> Vec<String> {
        let ours = self.failures.iter().filter(|(peer, _)| peers.found[*peer].is_ours());
        let failures = ours.map(|(peer, why)| {
            format!("{} does not run `{}`: {why}", peers.found[*peer].name, self.kernel.name)
        });
        failures.chain(self.disagreements.clone()).collect()
    }
}

/// Median of the ratios of two peers' times, round by round, if both have any.
fn ratio(times: &[Vec<f64>], peer: usize, other: Option<usize>) -> Option<f64> {
    let (ours, theirs) = (&times[peer], &times[other?]);
    (!ours.is_empty() && !theirs.is_empty()).then(|| paired_ratio(ours, theirs))
}

impl Table {
    /// Time of a peer divided by that of gcc.
    fn of_gcc(&self, row: &Row, peer: usize) -> Option<f64> {
        ratio(&row.full, peer, self.peers.place(GCC))
    }

    /// Wall time of MVM's short run with native code divided by that of the peer.
    fn short_of(&self, row: &Row, peer: usize) -> Option<f64> {
        ratio(&row.short, 0, Some(peer))
    }

    /// Geometric mean over the kernels of a group, or over all; none when there are none.
    fn mean(&self, group: Option<Group>, value: impl Fn(&Row) -> Option<f64>) -> Option<f64> {
        let of_group = |row: &&Row| group.is_none_or(|group| row.kernel.group == group);
        let values: Vec<f64> = self.rows.iter().filter(of_group).filter_map(value).collect();
        (!values.is_empty()).then(|| geometric_mean(&values))
    }

    /// Whether gcc makes vector instructions of the hot loop: the table says that it does, and gcc says so too.
    fn vectorised(&self, row: &Row) -> bool {
        row.kernel.vectorised && self.peers.vectorised.contains(row.kernel.name)
    }
}
