//! `cargo xtask bench interp`: the kernels in every interpreter, one after the other.
//!
//! The figure is user CPU time of the whole process minus that of the same peer's empty program, so assembling and
//! verifying count for MVM and compiling bytecode for the others. Ratios are taken within a round (all peers in turn), and
//! the median of the rounds is reported.

use std::fmt::Write as _;

use super::measure::{self, geometric_mean, median, paired_ratio};
use super::peers::{self, MVM, Peer, Peers};
use super::{Options, report};

/// Rounds of a full measurement, after one that warms up.
const ROUNDS: usize = 5;

/// What must hold, as DESIGN asks: MVM's time divided by the peer's.
struct Target {
    peer: &'static str,
    /// Upper end for the geometric mean.
    mean: Option<f64>,
    /// Upper end for every kernel.
    each: Option<f64>,
}

const TARGETS: &[Target] = &[
    Target { peer: "lua5.4", mean: Some(0.45), each: Some(1.0) },
    Target { peer: "wasmi", mean: Some(1.3), each: None },
    Target { peer: "wasm3", mean: None, each: Some(1.0) },
];

/// Figures of one kernel: for each peer found its times by round, in seconds; empty where it has no such kernel.
struct Row {
    kernel: String,
    times: Vec<Vec<f64>>,
    /// Text about outputs that differ.
    disagreement: Option<String>,
}

impl Row {
    /// MVM's time divided by that of the peer, if both have times.
    fn ratio(&self, mvm: Option<usize>, peer: usize) -> Option<f64> {
        let mvm = self.times.get(mvm?)?;
        let other = &self.times[peer];
        (!mvm.is_empty() && !other.is_empty()).then(|| paired_ratio(mvm, other))
    }
}

struct Table {
    peers: Peers,
    mvm: Option<usize>,
    rows: Vec<Row>,
}

pub(super) fn run(options: &Options) -> Result<(), String> {
    let names = || peers::KERNELS.iter().map(|(name, _)| *name);
    options.check_kernels(names())?;
    let kernels: Vec<String> = names().filter(|name| options.wants(name)).map(str::to_owned).collect();
    let peers = peers::find(options, &kernels)?;
    let rounds = if options.quick { 1 } else { ROUNDS };
    let baseline: Vec<f64> =
        peers.found.iter().map(|p| baseline(&peers, p, rounds)).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for kernel in kernels {
        eprintln!("{kernel} ...");
        rows.push(measure_kernel(&peers, &baseline, kernel, rounds, !options.quick)?);
    }
    let mvm = peers.found.iter().position(|p| p.name == MVM);
    let table = Table { peers, mvm, rows };
    report(&if options.json { table.json() } else { table.text() })?;
    match table.rows.iter().filter_map(|r| r.disagreement.clone()).reduce(|a, b| a + "\n" + &b) {
        Some(text) => Err(text),
        None => Ok(()),
    }
}

/// What starting the peer costs, in seconds of user time.
fn baseline(peers: &Peers, peer: &Peer, rounds: usize) -> Result<f64, String> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let mut command = peers.command(peer, "empty").ok_or("the kernel `empty` is missing")?;
        times.push(measure::run(&mut command)?.user);
    }
    Ok(median(&times))
}

fn measure_kernel(
    peers: &Peers,
    baseline: &[f64],
    kernel: String,
    rounds: usize,
    warm_up: bool,
) -> Result<Row, String> {
    let mut times = vec![Vec::new(); peers.found.len()];
    let mut outputs: Vec<(&str, String)> = Vec::new();
    for round in 0..rounds + usize::from(warm_up) {
        for (index, peer) in peers.found.iter().enumerate() {
            let Some(mut command) = peers.command(peer, &kernel) else { continue };
            let run = measure::run(&mut command)?;
            if round == 0 {
                outputs.push((peer.name, run.output));
            }
            if round > 0 || !warm_up {
                times[index].push((run.user - baseline[index]).max(1e-4));
            }
        }
    }
    let differ = outputs.windows(2).any(|pair| pair[0].1 != pair[1].1);
    let disagreement = differ.then(|| {
        let each: Vec<String> = outputs.iter().map(|(name, text)| format!("{name} `{text}`")).collect();
        format!("the results of `{kernel}` differ: {}", each.join(", "))
    });
    Ok(Row { kernel, times, disagreement })
}

impl Table {
    /// Ratios of all kernels against one peer.
    fn ratios(&self, peer: usize) -> Vec<f64> {
        self.rows.iter().filter_map(|row| row.ratio(self.mvm, peer)).collect()
    }

    /// One line for each target that can be judged: its text and whether it is met.
    fn judged(&self) -> Vec<(String, bool)> {
        let mut lines = Vec::new();
        for target in TARGETS {
            let Some(peer) = self.peers.found.iter().position(|p| p.name == target.peer) else { continue };
            let ratios = self.ratios(peer);
            if ratios.is_empty() {
                continue;
            }
            if let Some(limit) = target.mean {
                let mean = geometric_mean(&ratios);
                let text = format!("geometric mean mvm/{} {mean:.2}, at most {limit:.2}", target.peer);
                lines.push((text, mean <= limit));
            }
            if let Some(limit) = target.each {
                let worst = ratios.iter().copied().fold(0.0, f64::max);
                let text = format!(
                    "every kernel ahead of {}: the worst is {worst:.2}, below {limit:.2}",
                    target.peer
                );
                lines.push((text, worst < limit));
            }
        }
        lines
    }

    fn text(&self) -> String {
        let mut out = String::from("user CPU seconds (start-up subtracted, median)\n");
        self.grid(&mut out, "", |row, peer| {
            (!row.times[peer].is_empty()).then(|| format!("{:.3}", median(&row.times[peer])))
        });
        if self.mvm.is_some() {
            out.push_str("\ntime of mvm divided by that of the peer (median of paired ratios; below 1 mvm is faster)\n");
            self.grid(&mut out, "geometric mean", |row, peer| {
                row.ratio(self.mvm, peer).map(|ratio| format!("{ratio:.2}"))
            });
            for (text, met) in self.judged() {
                let _ = writeln!(out, "{}  {text}", if met { "met   " } else { "MISSED" });
            }
        }
        if self.rows.iter().any(|row| row.kernel == "strings") {
            out.push_str("-       `strings` is not run in the wasm peers: wasm has no strings of its own\n");
        }
        for missing in &self.peers.missing {
            let _ = writeln!(out, "\nmissing: {} ({})\n    {}", missing.name, missing.advice, missing.why);
        }
        out
    }

    /// A table with one line for each kernel, and with a title for it, one of means.
    fn grid(&self, out: &mut String, mean: &str, cell: impl Fn(&Row, usize) -> Option<String>) {
        let _ = write!(out, "{:16}", "");
        for peer in &self.peers.found {
            let _ = write!(out, "{:>13}", peer.name);
        }
        out.push('\n');
        for row in &self.rows {
            let _ = write!(out, "{:16}", row.kernel);
            for peer in 0..self.peers.found.len() {
                let _ = write!(out, "{:>13}", cell(row, peer).unwrap_or_else(|| "-".to_owned()));
            }
            out.push('\n');
        }
        if !mean.is_empty() {
            let _ = write!(out, "{mean:16}");
            for peer in 0..self.peers.found.len() {
                let _ = write!(out, "{:>13.2}", geometric_mean(&self.ratios(peer)));
            }
            out.push('\n');
        }
    }

    fn json(&self) -> String {
        let mut out = String::from("{\"kernels\":{");
        for (index, row) in self.rows.iter().enumerate() {
            let _ = write!(out, "{}\"{}\":{{", comma(index), row.kernel);
            let filled = (0..row.times.len()).filter(|&p| !row.times[p].is_empty());
            for (nth, peer) in filled.enumerate() {
                let name = self.peers.found[peer].name;
                let seconds = median(&row.times[peer]);
                let _ = write!(out, "{}\"{name}\":{{\"seconds\":{seconds:.6}", comma(nth));
                if let Some(ratio) = row.ratio(self.mvm, peer) {
                    let _ = write!(out, ",\"ratio\":{ratio:.4}");
                }
                out.push('}');
            }
            out.push('}');
        }
        out.push_str("},\"targets\":[");
        for (index, (text, met)) in self.judged().iter().enumerate() {
            let _ = write!(out, "{}{{\"target\":\"{text}\",\"met\":{met}}}", comma(index));
        }
        out.push_str("],\"missing\":[");
        for (index, missing) in self.peers.missing.iter().enumerate() {
            let _ = write!(out, "{}\"{}\"", comma(index), missing.name);
        }
        out.push_str("]}\n");
        out
    }
}

fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}
