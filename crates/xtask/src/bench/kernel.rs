//! `cargo xtask bench kernel`: processes and messages, in MVM and beside Erlang's processes and Go's goroutines.
//!
//! All peers run a program of `bench/kernel/` in turn, each run in a process of its own (`once.rs`), with one scheduler each.
//! CPU time is that of user code and system, less that of the peer's empty program. Ratios are taken within a round, and the
//! median of the rounds is reported. Beside time: the memory of an idle process, and how long a process that was woken waits
//! among endless loops; and wall time on several cores with one thread and with two.
//!
//! `kernel/programs.rs` is the table of programs, `kernel/peers.rs` knows the peers.

mod peers;
mod programs;

use std::fmt::Write as _;

use super::measure::{median, paired_ratio};
use super::{Options, report};
use peers::{Peers, Sample};
use programs::{Judged, PROGRAMS, Program};

/// Rounds of a full measurement, after one that warms up.
const ROUNDS: usize = 5;

/// MVM's CPU time divided by the peer's, for every program.
const CPU: [(&str, f64); 2] = [(peers::ERLANG, 0.5), (peers::GO, 1.0)];
/// Bytes of an idle process.
const IDLE_BYTES: f64 = 1024.0;
/// Nanoseconds that a woken process waits at most among endless loops.
const WAIT_NS: f64 = 1e6;

/// Wall time with two threads divided by that with one, for processes that compute.
const TWO_THREADS: f64 = 1.0 / 1.7;

/// A program that runs on several cores with one thread and with two: name, source, arguments, those of a smoke test, and the target.
type OnThreads = (&'static str, &'static str, [u64; 2], [u64; 2], Option<f64>);

/// All of these.
const PARALLEL: [OnThreads; 2] = [
    ("parallel", "parallel", [8, 20_000_000], [8, 200_000], Some(TWO_THREADS)),
    ("parallel_ring", "ring", [1000, 500_000], [100, 20_000], None),
];

/// What came of a program on several cores.
struct Parallel {
    name: &'static str,
    /// Wall time in seconds with one thread, and with two.
    walls: [f64; 2],
    /// The second divided by the first, median of paired ratios.
    ratio: f64,
    target: Option<f64>,
}

/// What came of one program: for each peer its runs; empty where it did not run, and then perhaps why.
struct Row {
    program: &'static Program,
    samples: Vec<Vec<Sample>>,
    failures: Vec<String>,
}

struct Table {
    peers: Peers,
    /// What each peer's empty program takes: CPU seconds and resident bytes.
    empty: Vec<(f64, f64)>,
    rows: Vec<Row>,
    parallel: Vec<Parallel>,
    rounds: usize,
    quick: bool,
}

/// One target and what came of it.
struct Verdict {
    what: String,
    found: f64,
    limit: f64,
}

pub(super) fn run(options: &Options) -> Result<(), String> {
    let names = PROGRAMS.iter().map(|program| program.name).chain(PARALLEL.iter().map(|program| program.0));
    options.check_kernels(names)?;
    let wanted = |program: &&'static Program| options.wants(program.name);
    let peers = peers::find(options)?;
    let rounds = if options.quick { 1 } else { ROUNDS };
    let mut empty = Vec::new();
    for peer in &peers.found {
        let runs: Vec<Sample> = (0..rounds).map(|_| peer.run_empty()).collect::<Result<_, _>>()?;
        let of = |value: fn(&Sample) -> f64| median(&runs.iter().map(value).collect::<Vec<_>>());
        empty.push((of(|run| run.cpu), of(|run| run.rss_bytes)));
    }
    let mut rows = Vec::new();
    for program in PROGRAMS.iter().filter(wanted).filter(|program| peers.found[0].can(program)) {
        eprintln!("{} ...", program.name);
        rows.push(measure(&peers, program, rounds, options.quick)?);
    }
    let mut parallel = Vec::new();
    for &(name, source, full, quick, target) in PARALLEL.iter().filter(|program| options.wants(program.0)) {
        eprintln!("{name} ...");
        let args = if options.quick { quick } else { full };
        parallel.push(on_threads(&peers, name, source, &args, target, rounds)?);
    }
    let table = Table { peers, empty, rows, parallel, rounds, quick: options.quick };
    report(&if options.json { table.json() } else { table.text() })
}

fn measure(peers: &Peers, program: &'static Program, rounds: usize, quick: bool) -> Result<Row, String> {
    let mut row = Row { program, samples: vec![Vec::new(); peers.found.len()], failures: Vec::new() };
    let warm_up = usize::from(!quick);
    let mut output: Option<String> = None;
    for round in 0..rounds + warm_up {
        for (index, peer) in peers.found.iter().enumerate() {
            if row.failures.iter().any(|failure| failure.starts_with(peer.name)) || !peer.can(program) {
                continue;
            }
            let sample = match peer.run(program, quick) {
                Ok(sample) => sample,
                Err(why) => {
                    row.failures.push(format!("{} failed: {why}", peer.name));
                    continue;
                }
            };
            let expected = output.get_or_insert_with(|| sample.output.clone());
            if *expected != sample.output {
                let (name, found) = (program.name, &sample.output);
                return Err(format!("`{name}`: {} printed `{found}`, not `{expected}`", peer.name));
            }
            if round >= warm_up {
                row.samples[index].push(sample);
            }
        }
    }
    Ok(row)
}

/// Runs a program on four cores, with one thread and with two in turn.
fn on_threads(
    peers: &Peers,
    name: &'static str,
    source: &str,
    args: &[u64],
    target: Option<f64>,
    rounds: usize,
) -> Result<Parallel, String> {
    let mut walls = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (threads, walls) in (1..).zip(&mut walls) {
            walls.push(peers.found[0].wall_on_threads(source, args, threads)?);
        }
    }
    let [one, two] = &walls;
    Ok(Parallel { name, walls: [median(one), median(two)], ratio: paired_ratio(two, one), target })
}

impl Table {
    /// CPU seconds of the rounds, less those of the empty program.
    fn cpu(&self, row: &Row, peer: usize) -> Vec<f64> {
        row.samples[peer].iter().map(|sample| (sample.cpu - self.empty[peer].0).max(1e-3)).collect()
    }

    /// MVM's CPU time divided by the peer's.
    fn ratio(&self, row: &Row, peer: usize) -> Option<f64> {
        let (ours, theirs) = (self.cpu(row, 0), self.cpu(row, peer));
        (ours.len() == theirs.len() && !ours.is_empty()).then(|| paired_ratio(&ours, &theirs))
    }

    /// Bytes of each idle process.
    fn idle_bytes(&self, row: &Row, peer: usize) -> Option<f64> {
        let count = row.program.args(self.quick)[0] as f64;
        let rss: Vec<f64> = row.samples[peer].iter().map(|sample| sample.rss_bytes).collect();
        (!rss.is_empty()).then(|| (median(&rss) - self.empty[peer].1) / count)
    }

    /// Longest wait in nanoseconds of the clock that the peer's program reads.
    fn wait(&self, row: &Row, peer: usize) -> Option<f64> {
        row.samples[peer].iter().filter_map(|sample| sample.longest).reduce(f64::max)
    }

    /// The figure beside CPU time that a program is about: what it is called, and what it is.
    fn figure(&self, row: &Row, peer: usize) -> Option<(&'static str, f64)> {
        match row.program.judged {
            Judged::Cpu => None,
            Judged::Memory => Some(("bytes each", self.idle_bytes(row, peer)?)),
            Judged::Wait | Judged::Shown => Some(("ns longest wait", self.wait(row, peer)?)),
        }
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let mut all = Vec::new();
        for row in &self.rows {
            let name = row.program.name;
            if let Judged::Cpu | Judged::Memory = row.program.judged {
                for (peer, limit) in CPU {
                    let index = self.peers.found.iter().position(|found| found.name == peer);
                    let found = index.and_then(|index| self.ratio(row, index));
                    all.extend(found.map(|found| Verdict {
                        what: format!("{name}: CPU mvm/{peer}"),
                        found,
                        limit,
                    }));
                }
            }
            let limit = match row.program.judged {
                Judged::Memory => IDLE_BYTES,
                Judged::Wait => WAIT_NS,
                Judged::Cpu | Judged::Shown => continue,
            };
            let figure = self.figure(row, 0);
            all.extend(figure.map(|(what, found)| Verdict { what: format!("{name}: {what}"), found, limit }));
        }
        for Parallel { name, ratio, target, .. } in &self.parallel {
            let what = format!("{name}: wall time of 2 threads/1");
            all.extend(target.map(|limit| Verdict { what, found: *ratio, limit }));
        }
        all
    }

    fn text(&self) -> String {
        let mut out = format!(
            "CPU seconds: user and system, less that of the peer's empty program, one scheduler each; median of {}.\n\
             Ratios: MVM's divided by the peer's, median of paired ratios; below 1 MVM takes less.\n\n{:16}",
            self.rounds, ""
        );
        for peer in &self.peers.found {
            let _ = write!(out, "{:>10}", peer.name);
        }
        for peer in self.peers.found.iter().skip(1) {
            let _ = write!(out, "{:>12}", format!("/{}", peer.name));
        }
        out.push('\n');
        for row in &self.rows {
            let _ = write!(out, "{:16}", row.program.name);
            let cell =
                |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
            for peer in 0..self.peers.found.len() {
                let ran = !row.samples[peer].is_empty();
                let _ = write!(out, "{:>10}", cell(ran.then(|| median(&self.cpu(row, peer)))));
            }
            for peer in 1..self.peers.found.len() {
                let _ = write!(out, "{:>12}", cell(self.ratio(row, peer)));
            }
            out.push('\n');
            for (index, peer) in self.peers.found.iter().enumerate() {
                if let Some((what, value)) = self.figure(row, index) {
                    let _ = writeln!(out, "    {}: {value:.0} {what}", peer.name);
                }
            }
            row.failures.iter().for_each(|failure| out.push_str(&format!("    {failure}\n")));
        }
        for Parallel { name, walls: [one, two], ratio, .. } in &self.parallel {
            let _ = writeln!(
                out,
                "{name:16}wall time on 4 cores: 1 thread {one:.3} s, 2 threads {two:.3} s, ratio {ratio:.2}"
            );
        }
        out.push('\n');
        for Verdict { what, found, limit } in self.verdicts() {
            let met = if found <= limit { "met   " } else { "MISSED" };
            let digits = if limit > 10.0 { 0 } else { 2 };
            let _ = writeln!(out, "{met}  {what} {found:.digits$}, at most {limit:.digits$}");
        }
        for missing in &self.peers.missing {
            let _ = writeln!(out, "\nmissing: {} ({})\n    {}", missing.name, missing.advice, missing.why);
        }
        out
    }

    fn json(&self) -> String {
        let mut programs = Vec::new();
        for row in &self.rows {
            let of_peer = |(index, peer): (usize, &peers::Peer)| {
                let number =
                    |value: Option<f64>| value.map_or("null".to_owned(), |value| format!("{value:.6}"));
                let cpu = (!row.samples[index].is_empty()).then(|| median(&self.cpu(row, index)));
                let figure = self.figure(row, index).map(|(_, value)| value);
                let (cpu, ratio, figure) = (number(cpu), number(self.ratio(row, index)), number(figure));
                format!("\"{}\":{{\"cpu_s\":{cpu},\"ratio\":{ratio},\"figure\":{figure}}}", peer.name)
            };
            let all: Vec<String> = self.peers.found.iter().enumerate().map(of_peer).collect();
            programs.push(format!("\"{}\":{{{}}}", row.program.name, all.join(",")));
        }
        for Parallel { name, walls: [one, two], ratio, .. } in &self.parallel {
            programs.push(format!(
                "\"{name}\":{{\"wall_s_1\":{one:.6},\"wall_s_2\":{two:.6},\"ratio\":{ratio:.6}}}"
            ));
        }
        let verdict = |Verdict { what, found, limit }: Verdict| {
            format!(
                "{{\"target\":\"{what}\",\"limit\":{limit},\"found\":{found:.4},\"met\":{}}}",
                found <= limit
            )
        };
        let verdicts: Vec<String> = self.verdicts().into_iter().map(verdict).collect();
        let missing: Vec<String> = self.peers.missing.iter().map(|m| format!("\"{}\"", m.name)).collect();
        format!(
            "{{\"rounds\":{},\"programs\":{{{}}},\"targets\":[{}],\"missing\":[{}]}}\n",
            self.rounds,
            programs.join(","),
            verdicts.join(","),
            missing.join(",")
        )
    }
}
