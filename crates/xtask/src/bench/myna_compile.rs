//! `cargo xtask bench myna`: a million lines of Myna through `mvm check`, which splits and parses them.
//!
//! The lines are those of `tests/myna/parts/tour.myna`, which has every construct, again and again.

use std::process::Command;

use super::{Options, measure, report, root, scratch, write_file};

const LINES: usize = 1_000_000;
const ROUNDS: usize = 5;

/// Lines a second of CPU time, at least.
const TARGET: f64 = 1.0e6;

pub(super) fn run(options: &Options) -> Result<(), String> {
    let mvm = super::mvm(options)?;
    let (path, empty) = (scratch()?.join("million.myna"), scratch()?.join("empty.myna"));
    let tour =
        std::fs::read_to_string(root().join("tests/myna/parts/tour.myna")).map_err(|e| e.to_string())?;
    write_file(&path, &source(&tour))?;
    write_file(&empty, "")?;
    let rounds = if options.quick { 1 } else { ROUNDS };
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = measure::run(Command::new(&mvm).arg("check").arg(&empty))?;
        let all = measure::run(Command::new(&mvm).arg("check").arg(&path))?;
        times.push((all.user + all.system - start.user - start.system).max(1e-6));
    }
    let seconds = measure::median(&times);
    let rate = LINES as f64 / seconds;
    let met = rate >= TARGET;
    report(&if options.json {
        format!("{{\"seconds\":{seconds:.4},\"lines_per_s\":{rate:.0},\"met\":{met}}}\n")
    } else {
        format!(
            "reading and parsing {LINES} lines of Myna, user and system CPU time, median of {rounds}\n  {seconds:.3} s\n{}  \
             {rate:.0} lines a second, at least {TARGET:.0}\n",
            if met { "met   " } else { "MISSED" }
        )
    })
}

/// Exactly [`LINES`] lines; the last ones are empty, so that no declaration is cut.
fn source(tour: &str) -> String {
    let times = LINES / tour.lines().count();
    let mut text = tour.repeat(times);
    let left = LINES - times * tour.lines().count();
    text.extend(std::iter::repeat_n('\n', left));
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_file_has_a_million_lines() {
        assert_eq!(super::source("a\nb\nc\n").lines().count(), super::LINES);
    }
}
