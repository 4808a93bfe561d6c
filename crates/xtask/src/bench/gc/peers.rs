//! Who runs the programs of `bench/gc/`: which peers are installed, how their programs are compiled and started, and
//! where their collectors log.
//!
//! To add a peer, add a function call to [`find`] and programs in its language.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::pauses::{self, MvmLog};
use super::programs::{PROGRAMS, Program};
use crate::bench::once::{self, Once};
use crate::bench::peers::{Missing, first_of};
use crate::bench::{Options, measure, root, scratch};

/// Largest heap that MVM and Java may use.
const HEAP_MAX: &str = "1g";
/// Largest stack that MVM may use.
const STACK_MAX: &str = "512m";
/// Stack of the process: that of programs which recurse on the host's stack.
const HOST_STACK_BYTES: u64 = 1 << 30;
/// Stack that Node may use, in KiB: somewhat less than that of the process.
const NODE_STACK: &str = "--stack-size=900000";

/// What a peer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Masm,
    Lua,
    JavaScript,
    Go,
    Java,
    OCaml,
    C,
}

impl Language {
    fn extension(self) -> &'static str {
        match self {
            Language::Masm => "masm",
            Language::Lua => "lua",
            Language::JavaScript => "js",
            Language::Go => "go",
            Language::Java => "java",
            Language::OCaml => "ml",
            Language::C => "c",
        }
    }
}

/// Where a collector says what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log {
    /// Nowhere.
    None,
    /// MVM: a file.
    Mvm,
    /// Java: a file.
    Java,
    /// Go: standard error.
    Go,
    /// Node: standard output.
    Node,
}

/// Somebody who runs programs.
#[derive(Debug)]
pub(super) struct Peer {
    /// Name in the report.
    pub(super) name: &'static str,
    /// MVM's collector policy, or empty where there is no choice; none for others.
    pub(super) policy: Option<&'static str>,
    language: Language,
    log: Log,
    /// The command in front of the program, if the program is not an executable file.
    command: Vec<String>,
    /// Whether MVM knows the size of a young space.
    young: bool,
}

/// Those that take part, MVM first, and those that cannot.
pub(super) struct Peers {
    /// Those that take part.
    pub(super) found: Vec<Peer>,
    /// The others.
    pub(super) missing: Vec<Missing>,
    /// Remarks about what cannot be measured.
    pub(super) notes: Vec<String>,
}

/// One run of a program.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    /// What it cost.
    pub(super) once: Once,
    /// What the program printed, without traces and gaps.
    pub(super) output: String,
    /// Pauses by the log, in milliseconds; none where there is no log.
    pub(super) pauses: Option<Vec<f64>>,
    /// Gaps that the program saw, in milliseconds.
    pub(super) gaps: Option<Vec<f64>>,
    /// MVM's log.
    pub(super) mvm: Option<MvmLog>,
}

/// Looks for all peers and compiles what they need; each is tried with the program `empty`.
pub(super) fn find(options: &Options) -> Result<Peers, String> {
    let mut peers = Peers { found: Vec::new(), missing: Vec::new(), notes: Vec::new() };
    peers.add_mvm(options)?;
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<String>>();
    let lua = first_of(&[&["lua5.4"], &["lua"]], "print(_VERSION)", "Lua 5.4")
        .map(|found| found.iter().map(|word| word.to_string_lossy().into_owned()).collect());
    peers.add("lua5.4", Language::Lua, Log::None, lua, "apt-get install lua5.4");
    peers.add("luajit", Language::Lua, Log::None, Ok(words(&["luajit"])), "apt-get install luajit");
    let node = Ok(words(&["node", NODE_STACK, "--trace-gc"]));
    peers.add("node", Language::JavaScript, Log::Node, node, "apt-get install nodejs");
    let go = compile(Language::Go, go).map(|()| Vec::new());
    peers.add("go", Language::Go, Log::Go, go, "apt-get install golang-go");
    let java = compile(Language::Java, javac);
    let heap = format!("-Xmx{HEAP_MAX}");
    for (name, collector) in [("java-g1", "-XX:+UseG1GC"), ("java-zgc", "-XX:+UseZGC")] {
        let classes = folder().map(|folder| folder.display().to_string());
        let command = java.clone().and(classes).map(|path| words(&["java", &heap, collector, "-cp", &path]));
        peers.add(name, Language::Java, Log::Java, command, "apt-get install openjdk-17-jdk-headless");
    }
    let ocaml = compile(Language::OCaml, ocamlopt).map(|()| Vec::new());
    peers.add("ocaml", Language::OCaml, Log::None, ocaml, "apt-get install ocaml-nox");
    let c = compile(Language::C, cc).map(|()| Vec::new());
    peers.add("c", Language::C, Log::None, c, "apt-get install gcc");
    Ok(peers)
}

impl Peers {
    fn add(
        &mut self,
        name: &'static str,
        language: Language,
        log: Log,
        command: Result<Vec<String>, String>,
        advice: &'static str,
    ) {
        let tried = command.and_then(|command| {
            let peer = Peer { name, policy: None, language, log, command, young: false };
            peer.run_empty().map(|_| peer)
        });
        match tried {
            Ok(peer) => self.found.push(peer),
            Err(why) => self.missing.push(Missing { name, why, advice }),
        }
    }

    /// MVM once for each policy that it knows.
    fn add_mvm(&mut self, options: &Options) -> Result<(), String> {
        let mvm = crate::bench::mvm(options)?;
        let help = measure::run(Command::new(&mvm).args(["run", "--help"]))?.output;
        let knows =
            |option: &str| help.split(|c: char| c != '-' && !c.is_alphanumeric()).any(|word| word == option);
        let policies: &[(&str, &str)] = if knows("--gc") {
            &[("mvm-gen", "generational"), ("mvm-compact", "compact"), ("mvm-copying", "copying")]
        } else {
            self.notes.push("this `mvm` has no `--gc`: its one collector is measured".to_owned());
            &[("mvm", "")]
        };
        let log = if knows("--gc-log") { Log::Mvm } else { Log::None };
        if log == Log::None {
            self.notes.push("this `mvm` has no `--gc-log`: nothing is known about its pauses".to_owned());
        }
        for &(name, policy) in policies {
            let mut command = vec![mvm.display().to_string(), "run".to_owned()];
            command.extend(["--limit-heap", HEAP_MAX, "--limit-stack", STACK_MAX].map(str::to_owned));
            if !policy.is_empty() {
                command.extend(["--gc".to_owned(), policy.to_owned()]);
            }
            let young = policy == "generational" && knows("--gc-young");
            let peer = Peer { name, policy: Some(policy), language: Language::Masm, log, command, young };
            peer.run_empty()?;
            self.found.push(peer);
        }
        Ok(())
    }
}

impl Peer {
    /// Runs the program that does nothing.
    pub(super) fn run_empty(&self) -> Result<Sample, String> {
        let sample = self.run_source("empty", &[], None)?;
        if sample.output == "0" { Ok(sample) } else { Err(format!("`empty` printed `{}`", sample.output)) }
    }

    /// Runs a program once.
    pub(super) fn run(&self, program: &Program, quick: bool) -> Result<Sample, String> {
        let young = program.young_bytes.filter(|_| self.young);
        self.run_source(program.source, program.args(quick), young)
    }

    fn run_source(&self, source: &str, args: &[u64], young: Option<u64>) -> Result<Sample, String> {
        let log = folder()?.join("collector.log.jsonl");
        let _ = std::fs::remove_file(&log);
        let mut command = self.command(source, young, &log)?;
        command.args(args.iter().map(ToString::to_string));
        let once = once::run(&command, HOST_STACK_BYTES, &folder()?.join("costs"))?;
        let log_text = || std::fs::read_to_string(&log).unwrap_or_default();
        let mut sample = Sample::default();
        match self.log {
            Log::None => {}
            Log::Mvm => {
                let log = pauses::of_mvm(&log_text())?;
                sample.pauses = Some(log.collections.iter().map(|collection| collection.pause).collect());
                sample.mvm = Some(log);
            }
            Log::Java => sample.pauses = Some(pauses::of_java(&log_text())),
            Log::Go => sample.pauses = Some(pauses::of_go(&once.errors)),
            Log::Node => sample.pauses = Some(pauses::of_node(&once.output)),
        }
        sample.gaps = pauses::gaps(&once.output);
        let of_program = |line: &&str| {
            let traced = self.log == Log::Node && pauses::is_trace_of_node(line);
            !traced && !line.starts_with("gaps")
        };
        sample.output = once.output.lines().filter(of_program).collect::<Vec<_>>().join("\n");
        sample.once = once;
        Ok(sample)
    }

    /// The command that runs the program, without the program's arguments.
    fn command(&self, source: &str, young: Option<u64>, log: &Path) -> Result<Command, String> {
        let file = match self.language {
            Language::Masm | Language::Lua | Language::JavaScript => source_file(source, self.language),
            Language::Go | Language::OCaml | Language::C => executable(source, self.language)?,
            Language::Java => PathBuf::from(class_of(source)),
        };
        let mut command = match self.command.split_first() {
            Some((program, args)) => {
                let mut command = Command::new(program);
                command.args(args);
                command
            }
            None => {
                let mut command = Command::new(&file);
                if self.log == Log::Go {
                    command.env("GODEBUG", "gctrace=1");
                }
                return Ok(command);
            }
        };
        if let Some(bytes) = young {
            command.args(["--gc-young", &bytes.to_string()]);
        }
        match self.log {
            Log::Mvm => drop(command.arg(format!("--gc-log={}", log.display()))),
            Log::Java => drop(command.arg(format!("-Xlog:gc,gc+phases:file={}", log.display()))),
            Log::None | Log::Go | Log::Node => {}
        }
        command.arg(file);
        if self.language == Language::Masm {
            command.arg("--");
        }
        Ok(command)
    }
}

fn source_file(source: &str, language: Language) -> PathBuf {
    root().join("bench/gc").join(source).with_extension(language.extension())
}

fn executable(source: &str, language: Language) -> Result<PathBuf, String> {
    let name = format!("{source}-{}{}", language.extension(), std::env::consts::EXE_SUFFIX);
    Ok(folder()?.join(name))
}

/// The class that a Java source is about: its name with a capital.
fn class_of(source: &str) -> String {
    let (first, rest) = source.split_at(1);
    first.to_uppercase() + rest
}

/// The folder for what is compiled and logged.
fn folder() -> Result<PathBuf, String> {
    let folder = scratch()?.join("gc");
    std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    Ok(folder)
}

/// Compiles all programs that there are in a language.
fn compile(
    language: Language,
    compiler: fn(source: &Path, to: &Path) -> Result<Command, String>,
) -> Result<(), String> {
    let mut sources: Vec<&str> = PROGRAMS.iter().map(|program| program.source).collect();
    sources.push("empty");
    sources.dedup();
    for source in sources {
        let file = source_file(source, language);
        if file.exists() {
            measure::succeed(&mut compiler(&file, &executable(source, language)?)?)?;
        }
    }
    Ok(())
}

fn go(source: &Path, to: &Path) -> Result<Command, String> {
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(to).arg(source);
    go.env("GO111MODULE", "off").env("GOCACHE", folder()?.join("go-cache"));
    Ok(go)
}

fn javac(source: &Path, to: &Path) -> Result<Command, String> {
    let mut javac = Command::new("javac");
    javac.arg("-d").arg(to.parent().unwrap_or(to)).arg(source);
    Ok(javac)
}

/// `ocamlopt` writes beside its source, so the source is copied first.
fn ocamlopt(source: &Path, to: &Path) -> Result<Command, String> {
    let name = source.file_name().unwrap_or_default();
    let copy = to.with_file_name(name);
    std::fs::copy(source, &copy).map_err(|e| format!("cannot write `{}`: {e}", copy.display()))?;
    let mut ocamlopt = Command::new("ocamlopt");
    ocamlopt.args(["-O3", "unix.cmxa", "-o"]).arg(to).arg(name);
    ocamlopt.current_dir(to.parent().unwrap_or(to));
    Ok(ocamlopt)
}

fn cc(source: &Path, to: &Path) -> Result<Command, String> {
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-std=c11", "-D_POSIX_C_SOURCE=199309L", "-Wall", "-Wextra", "-Werror", "-o"]);
    cc.arg(to).arg(source);
    Ok(cc)
}
