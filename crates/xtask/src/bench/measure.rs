//! Running a command, what it cost, and the statistics of several runs.
//!
//! CPU time is the difference of `getrusage(RUSAGE_CHILDREN)` around one child, so children must run one after the other.

use std::process::{Command, Stdio};
use std::time::Instant;

/// What one run of a command cost and wrote.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// CPU time in user code, in seconds.
    pub(super) user: f64,
    /// CPU time in the system, in seconds.
    pub(super) system: f64,
    /// From start to end, in seconds.
    pub(super) wall: f64,
    /// What it wrote to standard output.
    pub(super) output: String,
    /// What it wrote to standard error.
    pub(super) errors: String,
}

/// Runs the command to its end and returns what it cost; an error when it cannot start or does not succeed.
pub(super) fn run(command: &mut Command) -> Result<Run, String> {
    run_to(command, 0)
}

/// The same for a command that is to end with this exit status.
pub(super) fn run_to(command: &mut Command, status: i32) -> Result<Run, String> {
    let before = children_time()?;
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().map_err(|e| failed_to_start(command, &e))?;
    let wall = start.elapsed().as_secs_f64();
    let after = children_time()?;
    if output.status.code() != Some(status) {
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n    ");
        return Err(format!("`{}`: {}\n    {tail}", show(command), output.status));
    }
    Ok(Run {
        user: after.0 - before.0,
        system: after.1 - before.1,
        wall,
        output: String::from_utf8_lossy(&output.stdout).trim_end().to_owned(),
        errors: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
    })
}

/// Runs the command for its effect.
pub(super) fn succeed(command: &mut Command) -> Result<(), String> {
    run(command).map(|_| ())
}

/// Wall time and CPU time of a run whose output goes nowhere, in seconds.
pub(super) fn wall(command: &mut Command) -> Result<(f64, f64), String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let before = children_time()?;
    let start = Instant::now();
    let status = command.status().map_err(|e| failed_to_start(command, &e))?;
    let time = start.elapsed().as_secs_f64();
    let after = children_time()?;
    let cpu = after.0 - before.0 + after.1 - before.1;
    if status.success() { Ok((time, cpu)) } else { Err(format!("`{}`: {status}", show(command))) }
}

pub(super) fn failed_to_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start `{}`: {error}", command.get_program().to_string_lossy())
}

pub(super) fn show(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// User and system time of all children waited for so far, in seconds.
#[cfg(unix)]
fn children_time() -> Result<(f64, f64), String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| format!("getrusage: {e}"))?;
    let seconds = |time: nix::sys::time::TimeVal| time.num_microseconds() as f64 * 1e-6;
    Ok((seconds(usage.user_time()), seconds(usage.system_time())))
}

#[cfg(not(unix))]
fn children_time() -> Result<(f64, f64), String> {
    Err("CPU time of children can only be measured on Unix so far".to_owned())
}

/// The middle one of the values, or the mean of the two in the middle; NaN for none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

/// Median of the ratios of values from the same round.
pub(super) fn paired_ratio(numerators: &[f64], denominators: &[f64]) -> f64 {
    let ratios: Vec<f64> = numerators.iter().zip(denominators).map(|(a, b)| a / b).collect();
    median(&ratios)
}

/// Geometric mean; NaN for none.
pub(super) fn geometric_mean(values: &[f64]) -> f64 {
    let logs: f64 = values.iter().map(|v| libm::log(*v)).sum();
    libm::exp(logs / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{geometric_mean, median, paired_ratio};

    #[test]
    fn median_takes_the_middle() {
        assert!(median(&[]).is_nan());
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn ratios_are_paired_by_round() {
        assert_eq!(paired_ratio(&[1.0, 10.0, 4.0], &[2.0, 20.0, 2.0]), 0.5);
    }

    #[test]
    fn geometric_mean_of_inverses_is_one() {
        assert!((geometric_mean(&[4.0, 0.25]) - 1.0).abs() < 1e-12);
    }
}
