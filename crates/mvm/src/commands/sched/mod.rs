//! `mvm sched`: runs a program under several scheduling policies and shows what each made of it.

mod gantt;
mod perfetto;
mod timeline;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Read};

use mvm_exec::Executor;
use mvm_kernel::{Exit, Host, Machine, PolicyChoice, Stream};

use self::timeline::{Summary, Timeline};
use crate::Status;
use crate::args::{MachineArgs, SchedArgs, TimeChoice};
use crate::machine::{program, start};
use crate::output::{Failure, Output, message};
use crate::program::{self as loading, Program};
use crate::source::write_file;

/// Reductions after which what the scheduler has written down is taken in.
const PIECE: u64 = 4_000_000;
/// Standard input is read at once, so much of it.
const INPUT_MAX: u64 = 1 << 30;

/// A host that shows nothing and always reads the same.
struct Quiet {
    input: io::Cursor<Vec<u8>>,
}

impl Host for Quiet {
    fn write(&mut self, _: u32, _: Stream, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        io::BufRead::read_until(&mut (&mut self.input).take(most as u64), b'\n', &mut line)?;
        Ok(line)
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.input).take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// How a run went under a policy.
struct Run {
    name: String,
    timeline: Timeline,
    summary: Summary,
    ended: &'static str,
}

/// Runs the program under each policy and shows the numbers, and a chart for each.
pub(crate) fn run(args: &SchedArgs, output: &mut Output) -> Result<Status, Failure> {
    let loaded = loading::load(&args.program)?;
    let mut input = Vec::new();
    if !io::stdin().is_terminal() {
        io::stdin().take(INPUT_MAX).read_to_end(&mut input)?;
    }
    let policies: Vec<PolicyChoice> = args.policy_lists.iter().flat_map(|list| list.0.clone()).collect();
    let policies = match &*policies {
        [] => mvm_kernel::sched::POLICIES
            .iter()
            .filter_map(|policy| PolicyChoice::parse(policy.name).ok())
            .collect(),
        some => some.to_vec(),
    };
    let mut runs = Vec::new();
    for policy in policies {
        runs.push(run_under(policy, &loaded, &args.machine, &input)?);
    }
    let charts: Vec<(String, &Timeline)> = runs.iter().map(|run| (run.name.clone(), &run.timeline)).collect();
    if let Some(path) = &args.svg {
        write_file(path, gantt::svg(&charts).as_bytes())?;
    }
    if let Some(path) = &args.trace {
        write_file(path, perfetto::json(&charts).as_bytes())?;
    }
    if args.json {
        output.text(&json(&runs))?;
    } else {
        output.text(&table(&runs))?;
        if !args.no_chart {
            let colors = output.is_terminal() && std::env::var_os("NO_COLOR").is_none();
            for run in &runs {
                let chart = gantt::text(&run.timeline, colors);
                output.text(&format!("\n{}\n{chart}", run.name))?;
            }
            output.text(&format!("\n{}\n", gantt::legend()))?;
        }
    }
    if runs.iter().any(|run| run.timeline.cut) {
        message(
            "note: the run was too long for the pictures to show all of it; the numbers are of all of it\n",
        );
    }
    Ok(Status::OK)
}

/// One run to its end, however it ends.
fn run_under(
    policy: PolicyChoice,
    loaded: &Program,
    args: &MachineArgs,
    input: &[u8],
) -> Result<Run, Failure> {
    let name = policy.to_string();
    let host = Quiet { input: io::Cursor::new(input.to_vec()) };
    let programs = vec![program(&loaded.image, args)?];
    let mut machine = start(programs, args, Some(policy), TimeChoice::Virtual, host)?;
    let mut timeline = Timeline::default();
    let mut rest = machine.take_fuel();
    let exit = loop {
        let piece = rest.min(PIECE);
        rest -= piece;
        machine.add_fuel(piece);
        let exit = machine.run(Executor::DEFAULT)?;
        timeline.add(&machine.take_trace());
        match exit {
            Exit::Crashed(..) => rest += machine.take_fuel(),
            Exit::ReductionLimit if rest > 0 => {}
            exit => break exit,
        }
    };
    timeline.close(clock(&machine));
    let ended = match exit {
        Exit::Status(0) => "",
        Exit::Status(_) => "exit status",
        Exit::Uncaught(_) => "exception",
        Exit::ReductionLimit => "limit of reductions",
        Exit::Deadlock => "deadlock",
        Exit::TogetherTooMuch(_) => "too much memory",
        Exit::Break | Exit::Crashed(..) => "stopped",
    };
    Ok(Run { name, summary: timeline.summary(), timeline, ended })
}

fn clock(machine: &Machine<Quiet>) -> u64 {
    machine.clock()
}

const HEADS: [&str; 9] = [
    "policy",
    "processes",
    "end",
    "turnaround",
    "longest",
    "waiting",
    "response",
    "longest wait",
    "fairness",
];

/// The numbers of all runs.
fn table(runs: &[Run]) -> String {
    let mut out = String::new();
    let mut rows =
        vec![HEADS.iter().map(ToString::to_string).chain(["switches".to_string()]).collect::<Vec<_>>()];
    for run in runs {
        let Summary {
            processes,
            end,
            turnaround,
            turnaround_max,
            waiting,
            response,
            longest_wait,
            fairness,
            switches,
        } = run.summary;
        let times = [end, turnaround, turnaround_max, waiting, response, longest_wait].map(duration);
        let mut row = vec![run.name.clone(), processes.to_string()];
        row.extend(times);
        row.extend([format!("{fairness:.3}"), switches.to_string()]);
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    for (index, row) in rows.iter().enumerate() {
        let mut line = format!("{:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            let _ = write!(line, "  {cell:>width$}");
        }
        if let Some(run) = index.checked_sub(1).map(|index| &runs[index])
            && !run.ended.is_empty()
        {
            let _ = write!(line, "  ({})", run.ended);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn json(runs: &[Run]) -> String {
    let rows: Vec<serde_json::Value> = runs
        .iter()
        .map(|run| {
            let mut row = serde_json::to_value(&run.summary).unwrap_or_default();
            row["policy"] = run.name.clone().into();
            row["ended"] = run.ended.into();
            row
        })
        .collect();
    format!("{}\n", serde_json::Value::from(rows))
}

/// Nanoseconds for people.
fn duration(nanos: u64) -> String {
    let with = |unit: u64, name: &str| {
        let tenths = (u128::from(nanos) * 10 + u128::from(unit / 2)) / u128::from(unit);
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    };
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..1_000_000 => with(1_000, "us"),
        1_000_000..1_000_000_000 => with(1_000_000, "ms"),
        _ => with(1_000_000_000, "s"),
    }
}

/// Text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escaped_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
