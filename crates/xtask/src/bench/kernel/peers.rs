//! Who runs the programs of `bench/kernel/`: which peers are installed, how their programs are compiled and started.
//!
//! Each has one scheduler, as MVM has: with more, Erlang and Go use more CPU time for these programs, not less.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::programs::{PROGRAMS, Program};
use crate::bench::peers::Missing;
use crate::bench::{Options, measure, once, root, scratch};

/// Name of Erlang's column.
pub(super) const ERLANG: &str = "erlang";
/// Name of Go's column.
pub(super) const GO: &str = "go";

/// More processes than any program makes, and one scheduler that does not wait busily, as with an idle machine it would.
const ERLANG_OPTIONS: &[&str] = &[
    "-noshell",
    "-noinput",
    "+P",
    "2000000",
    "+S",
    "1:1",
    "+sbwt",
    "none",
    "+sbwtdcpu",
    "none",
    "+sbwtdio",
    "none",
];

/// What a peer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Masm,
    Erlang,
    Go,
}

/// Somebody who runs programs.
#[derive(Debug)]
pub(super) struct Peer {
    /// Name in the report.
    pub(super) name: &'static str,
    language: Language,
    /// Where MVM is.
    mvm: PathBuf,
    /// Words of MVM's help, its options among them.
    options: Vec<String>,
}

/// Those that take part, MVM first, and those that cannot.
pub(super) struct Peers {
    /// Those that take part.
    pub(super) found: Vec<Peer>,
    /// The others.
    pub(super) missing: Vec<Missing>,
}

/// One run of a program.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// CPU time of user code and system, in seconds.
    pub(super) cpu: f64,
    /// Most memory that was resident at a time, in bytes.
    pub(super) rss_bytes: f64,
    /// What the program printed, without its longest wait.
    pub(super) output: String,
    /// Its longest wait, in nanoseconds.
    pub(super) longest: Option<f64>,
}

/// Looks for all peers and compiles what they need; each is tried with the program `empty`.
pub(super) fn find(options: &Options) -> Result<Peers, String> {
    let mvm = crate::bench::mvm(options)?;
    let help = measure::run(Command::new(&mvm).args(["run", "--help"]))?.output;
    let words: Vec<String> = help.split_whitespace().map(Into::into).collect();
    let peer = |name, language| Peer { name, language, mvm: mvm.clone(), options: words.clone() };
    let mut peers = Peers { found: vec![peer("mvm", Language::Masm)], missing: Vec::new() };
    peers.found[0].run_empty()?;
    let others = [
        (ERLANG, Language::Erlang, "apt-get install erlang-base"),
        (GO, Language::Go, "apt-get install golang-go"),
    ];
    for (name, language, advice) in others {
        let peer = peer(name, language);
        match compile_all(language).and_then(|()| peer.run_empty()) {
            Ok(_) => peers.found.push(peer),
            Err(why) => peers.missing.push(Missing { name, why, advice }),
        }
    }
    Ok(peers)
}

impl Peer {
    /// Whether it runs the program.
    pub(super) fn can(&self, program: &Program) -> bool {
        let known =
            |option: &str| !option.starts_with("--") || self.options.iter().any(|known| known == option);
        program.options.is_empty()
            || (self.language == Language::Masm && program.options.iter().all(|option| known(option)))
    }

    /// Runs the program that does nothing.
    pub(super) fn run_empty(&self) -> Result<Sample, String> {
        let sample = self.run_source("empty", &[], &[])?;
        if sample.output == "0" { Ok(sample) } else { Err(format!("`empty` printed `{}`", sample.output)) }
    }

    /// Runs a program once.
    pub(super) fn run(&self, program: &Program, quick: bool) -> Result<Sample, String> {
        self.run_source(program.source, program.args(quick), program.options)
    }

    /// Wall time of a program on four cores with so many threads of the host, in seconds.
    pub(super) fn wall_on_threads(&self, source: &str, args: &[u64], threads: u32) -> Result<f64, String> {
        let mut command = Command::new(&self.mvm);
        command.args(["run", "--cores", "4", "--threads", &threads.to_string()]);
        command.arg(source_file(source, "masm")).arg("--").args(args.iter().map(ToString::to_string));
        Ok(measure::wall(&mut command)?.0)
    }

    fn run_source(&self, source: &str, args: &[u64], options: &[&str]) -> Result<Sample, String> {
        let mut command = match self.language {
            Language::Masm => {
                let mut command = Command::new(&self.mvm);
                command.arg("run").args(options);
                command.arg(source_file(source, "masm")).arg("--");
                command
            }
            Language::Erlang => {
                let mut command = Command::new("erl");
                command.args(ERLANG_OPTIONS).arg("-pa").arg(folder()?).args(["-run", source, "main"]);
                command
            }
            Language::Go => {
                let mut command = Command::new(go_executable(source)?);
                command.env("GOMAXPROCS", "1");
                command
            }
        };
        command.args(args.iter().map(ToString::to_string));
        let once = once::run(&command, 0, &folder()?.join("costs"))?;
        let longest = |line: &str| line.strip_prefix("longest ")?.parse::<f64>().ok();
        let lines = || once.output.lines();
        Ok(Sample {
            cpu: once.cpu,
            rss_bytes: once.rss_bytes as f64,
            output: lines().filter(|line| longest(line).is_none()).collect::<Vec<_>>().join("\n"),
            longest: lines().find_map(longest),
        })
    }
}

fn source_file(source: &str, extension: &str) -> PathBuf {
    root().join("bench/kernel").join(source).with_extension(extension)
}

/// The folder for what is compiled.
fn folder() -> Result<PathBuf, String> {
    let folder = scratch()?.join("kernel");
    std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    Ok(folder)
}

fn go_executable(source: &str) -> Result<PathBuf, String> {
    Ok(folder()?.join(format!("{source}-go{}", std::env::consts::EXE_SUFFIX)))
}

/// Compiles all programs in a language.
fn compile_all(language: Language) -> Result<(), String> {
    let is_go = language == Language::Go;
    let extension = if is_go { "go" } else { "erl" };
    let compile = if is_go { go } else { erlc };
    let mut sources: Vec<&str> = PROGRAMS.iter().map(|program| program.source).collect();
    sources.push("empty");
    sources.dedup();
    sources.into_iter().try_for_each(|source| compile(&source_file(source, extension)))
}

fn erlc(source: &Path) -> Result<(), String> {
    measure::succeed(Command::new("erlc").arg("-o").arg(folder()?).arg(source))
}

fn go(source: &Path) -> Result<(), String> {
    let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(go_executable(&name)?).arg(source);
    go.env("GO111MODULE", "off").env("GOCACHE", folder()?.join("go-cache"));
    measure::succeed(&mut go)
}
