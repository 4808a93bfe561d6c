//! One run of a command in a process of its own, so that the system's account of children is that of this command alone.
//!
//! `cargo xtask bench once FILE STACK -- COMMAND` is that process: it runs the command with the size of stack it asks for
//! (in bytes; 0 leaves it as it is) and writes what it cost to FILE. People have no use for it.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::measure::{failed_to_start, show};

/// What one run cost and wrote.
#[derive(Debug, Clone, Default)]
pub(super) struct Once {
    /// CPU time of user code and system, in seconds.
    pub(super) cpu: f64,
    /// From start to end, in seconds.
    pub(super) wall: f64,
    /// Most memory that was resident at a time, in bytes. Never below the few megabytes of the process in between.
    pub(super) rss_bytes: u64,
    /// Standard output.
    pub(super) output: String,
    /// Standard error.
    pub(super) errors: String,
}

/// Runs the command with a stack of so many bytes; `scratch` is a file to write to.
pub(super) fn run(command: &Command, stack_bytes: u64, scratch: &Path) -> Result<Once, String> {
    let this = std::env::current_exe().map_err(|e| format!("where this program is: {e}"))?;
    let mut outer = Command::new(this);
    outer.args(["bench", "once"]).arg(scratch).arg(stack_bytes.to_string()).arg("--");
    outer.arg(command.get_program()).args(command.get_args());
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let _ = std::fs::remove_file(scratch);
    let output = outer.stdin(Stdio::null()).output().map_err(|e| failed_to_start(&outer, &e))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    if !output.status.success() {
        let lines: Vec<&str> = stderr.lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n    ");
        return Err(format!("`{}`:\n    {tail}", show(command)));
    }
    let costs = std::fs::read_to_string(scratch).map_err(|e| format!("`{}`: {e}", scratch.display()))?;
    let numbers: Vec<f64> = costs.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [cpu, wall, rss] = numbers[..] else { return Err(format!("unexpected costs `{costs}`")) };
    Ok(Once { cpu, wall, rss_bytes: rss as u64, output: stdout, errors: stderr })
}

/// The process in between: `args` are FILE, STACK, `--` and the words of the command.
pub(super) fn main(args: &[String]) -> Result<(), String> {
    let [file, stack, dashes, program, rest @ ..] = args else {
        return Err("usage: cargo xtask bench once FILE STACK -- COMMAND".to_owned());
    };
    if dashes != "--" {
        return Err(format!("`--` is missing in front of `{dashes}`"));
    }
    let stack_bytes = stack.parse().map_err(|e| format!("`{stack}`: {e}"))?;
    let words: Vec<OsString> = rest.iter().map(OsString::from).collect();
    let costs = measured(OsStr::new(program), &words, stack_bytes)?;
    super::write_file(Path::new(file), &costs)
}

#[cfg(unix)]
fn measured(program: &OsStr, args: &[OsString], stack_bytes: u64) -> Result<String, String> {
    use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
    use nix::sys::time::TimeValLike;
    if stack_bytes > 0 {
        let (soft, hard) = getrlimit(Resource::RLIMIT_STACK).map_err(|e| format!("getrlimit: {e}"))?;
        let wanted = stack_bytes.max(soft).min(hard);
        setrlimit(Resource::RLIMIT_STACK, wanted, hard).map_err(|e| format!("setrlimit: {e}"))?;
    }
    let mut command = Command::new(program);
    command.args(args);
    let start = Instant::now();
    let status = command.status().map_err(|e| failed_to_start(&command, &e))?;
    let wall = start.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{status}"));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| format!("getrusage: {e}"))?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // macOS counts in bytes, the others in KiB.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok(format!("{} {wall} {}\n", micros as f64 * 1e-6, usage.max_rss() * unit))
}

#[cfg(not(unix))]
fn measured(_program: &OsStr, _args: &[OsString], _stack_bytes: u64) -> Result<String, String> {
    let _ = Instant::now();
    Err("the costs of a child can only be measured on Unix so far".to_owned())
}
