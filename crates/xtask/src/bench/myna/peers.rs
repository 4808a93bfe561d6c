//! Who runs the programs of `bench myna`: which peers are installed, how their programs are compiled and started.
//!
//! To add a peer, add a row to [`KNOWN`] and programs in its language.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ROUNDS;
use super::programs::Program;
use crate::bench::measure::{self, Run};
use crate::bench::peers::{Missing, first_of, words};
use crate::bench::{Options, compilers, jit, root};

/// Name of MVM's column with native code.
pub(super) const MVM_JIT: &str = "mvm-jit";
/// Name of MVM's column without.
pub(super) const MVM: &str = "mvm";
/// Name of Java's column once it is warm.
pub(super) const JAVA_STEADY: &str = "java-steady";
/// Name of Node's column.
pub(super) const NODE: &str = "node";
/// Name of Go's column.
pub(super) const GO: &str = "go";
/// Name of LuaJIT's column.
pub(super) const LUAJIT: &str = "luajit";
/// Name of Lua's column.
pub(super) const LUA: &str = "lua5.4";
/// Name of gcc's column.
pub(super) const GCC: &str = "gcc";

/// How often Java runs a program in one process; the second half counts.
const STEADY_RUNS: u64 = 12;

/// What a peer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Myna,
    Java,
    JavaScript,
    Go,
    Lua,
    Python,
    C,
}

impl Language {
    /// The extension of its source files.
    fn extension(self) -> &'static str {
        match self {
            Language::Myna => "myna",
            Language::Java => "java",
            Language::JavaScript => "js",
            Language::Go => "go",
            Language::Lua => "lua",
            Language::Python => "py",
            Language::C => "c",
        }
    }
}

/// Somebody who can run programs.
struct Known {
    name: &'static str,
    language: Language,
    /// Rounds that are enough of a full measurement.
    rounds: usize,
    /// How to get it.
    advice: &'static str,
}

/// All of them, in the order of the report.
const KNOWN: [Known; 10] = [
    Known { name: MVM_JIT, language: Language::Myna, rounds: ROUNDS, advice: "this project" },
    Known { name: MVM, language: Language::Myna, rounds: 2, advice: "this project" },
    Known { name: "java", language: Language::Java, rounds: ROUNDS, advice: JDK },
    Known { name: JAVA_STEADY, language: Language::Java, rounds: ROUNDS, advice: JDK },
    Known { name: NODE, language: Language::JavaScript, rounds: ROUNDS, advice: "apt-get install nodejs" },
    Known { name: GO, language: Language::Go, rounds: ROUNDS, advice: "apt-get install golang-go" },
    Known { name: LUAJIT, language: Language::Lua, rounds: ROUNDS, advice: "apt-get install luajit" },
    Known { name: LUA, language: Language::Lua, rounds: 2, advice: "apt-get install lua5.4" },
    Known { name: "cpython3", language: Language::Python, rounds: 1, advice: "apt-get install python3" },
    Known { name: GCC, language: Language::C, rounds: ROUNDS, advice: "apt-get install gcc" },
];

const JDK: &str = "apt-get install openjdk-17-jdk-headless";

/// Somebody who runs programs.
#[derive(Debug)]
pub(super) struct Peer {
    /// Name in the report.
    pub(super) name: &'static str,
    language: Language,
    /// Rounds that are enough of a full measurement.
    pub(super) rounds: usize,
    /// The command in front of the program, if the program is not an executable file.
    command: Vec<OsString>,
}

/// Those that take part, MVM first, and those that cannot.
pub(super) struct Peers {
    /// Those that take part.
    pub(super) found: Vec<Peer>,
    /// The others.
    pub(super) missing: Vec<Missing>,
}

/// Looks for all peers and compiles what they need; each is tried with the program `empty`.
pub(super) fn find(options: &Options, programs: &[&'static Program]) -> Result<Peers, String> {
    let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
    if let Some(unknown) = options.peers.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("no peer `{unknown}`; there are {}", names.join(", ")));
    }
    let mvm = crate::bench::mvm(options)?;
    let mut peers = Peers { found: Vec::new(), missing: Vec::new() };
    for &Known { name, language, rounds, advice } in &KNOWN {
        let wanted = name == MVM_JIT || options.peers.is_empty() || options.peers.iter().any(|p| p == name);
        let has_work = language == Language::Myna || programs.iter().any(|p| has(p, language));
        if !wanted || !has_work {
            continue;
        }
        let tried = command(name, &mvm, programs).and_then(|command| {
            let peer = Peer { name, language, rounds, command };
            peer.start_up().map(|_| peer)
        });
        match tried {
            Ok(peer) => peers.found.push(peer),
            Err(why) if language == Language::Myna => return Err(why),
            Err(why) => peers.missing.push(Missing { name, why, advice }),
        }
    }
    Ok(peers)
}

/// Compiles the programs for a peer, where that is needed; what stands in front of a program to start it.
fn command(name: &str, mvm: &Path, programs: &[&'static Program]) -> Result<Vec<OsString>, String> {
    let of_mvm = |arguments: &[&str]| {
        let mut command = vec![mvm.into()];
        command.extend(words(arguments));
        Ok(command)
    };
    let of_java = |class: &[&str]| {
        let mut command = words(&["java", "-Xmx1g", "-Xss16m", "-cp"]);
        command.push(folder()?.into());
        command.extend(words(class));
        Ok(command)
    };
    match name {
        MVM_JIT => of_mvm(&["run", "-O2", "--jit"]),
        MVM => of_mvm(&["run", "-O2", "--no-jit"]),
        "java" => {
            let steady = root().join("bench/myna/parts/Steady.java");
            let sources = programs.iter().filter_map(|program| program.source("java"));
            compilers::java(sources.chain(empty("java")).chain([steady]), &folder()?)?;
            of_java(&[])
        }
        JAVA_STEADY => of_java(&["Steady", &STEADY_RUNS.to_string()]),
        NODE => Ok(words(&["node", "--stack-size=4000"])),
        GO => each(programs, Language::Go, compilers::go),
        LUAJIT => Ok(words(&["luajit"])),
        LUA => first_of(&[&["lua5.4"], &["lua"]], "print(_VERSION)", "Lua 5.4"),
        GCC => each(programs, Language::C, |from, to| compilers::gcc(from, to).map(drop)),
        _ => Ok(vec![compilers::python()?.into()]),
    }
}

/// Compiles the programs that there are in a language, and the empty one.
fn each(
    programs: &[&'static Program],
    language: Language,
    compile: impl Fn(&Path, &Path) -> Result<(), String>,
) -> Result<Vec<OsString>, String> {
    let extension = language.extension();
    for program in programs {
        if let Some(from) = program.source(extension) {
            compile(&from, &compiled(program.name, language)?)?;
        }
    }
    let from = empty(extension).ok_or_else(|| format!("there is no empty.{extension}"))?;
    compile(&from, &compiled("empty", language)?)?;
    Ok(Vec::new())
}

/// The program that does nothing but print 0.
fn empty(extension: &str) -> Option<PathBuf> {
    let ours = root().join("bench/myna/empty.myna");
    if extension == "myna" { Some(ours) } else { jit::source("empty", extension) }
}

/// The folder for what is compiled.
fn folder() -> Result<PathBuf, String> {
    compilers::folder("myna")
}

fn compiled(program: &str, language: Language) -> Result<PathBuf, String> {
    Ok(folder()?.join(format!("{program}-{}{}", language.extension(), std::env::consts::EXE_SUFFIX)))
}

fn has(program: &Program, language: Language) -> bool {
    program.source(language.extension()).is_some()
}

impl Peers {
    /// The number of a peer in the order of the report.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.found.iter().position(|peer| peer.name == name)
    }
}

impl Peer {
    /// Whether it is this project.
    pub(super) fn is_ours(&self) -> bool {
        self.language == Language::Myna
    }

    /// Whether it takes so long that fewer rounds have to do.
    pub(super) fn is_slow(&self) -> bool {
        self.rounds < ROUNDS
    }

    /// Whether there is such a program for it.
    pub(super) fn has(&self, program: &Program) -> bool {
        has(program, self.language)
    }

    /// Seconds that the empty program takes; none of the time of a warm Java is start-up.
    pub(super) fn start_up(&self) -> Result<f64, String> {
        let none = || format!("there is no empty.{}", self.language.extension());
        let source = empty(self.language.extension()).ok_or_else(none)?;
        let (seconds, output) = self.measured("empty", &source, 0)?;
        if output != "0" {
            return Err(format!("`empty` printed `{output}`"));
        }
        Ok(if self.name == JAVA_STEADY { 0.0 } else { seconds })
    }

    /// Runs a program; seconds of CPU time, user and system, and what it has printed.
    pub(super) fn run(&self, program: &Program) -> Result<(f64, String), String> {
        let none = || format!("there is no {}.{}", program.name, self.language.extension());
        let source = program.source(self.language.extension()).ok_or_else(none)?;
        self.measured(program.name, &source, program.size())
    }

    fn measured(&self, name: &str, source: &Path, size: u64) -> Result<(f64, String), String> {
        let Run { user, system, output, errors, .. } = measure::run(&mut self.command(name, source, size)?)?;
        if self.name == JAVA_STEADY {
            let seconds = errors.parse().map_err(|e| format!("{}: time `{errors}`: {e}", self.name))?;
            return Ok((seconds, output));
        }
        Ok((user + system, output))
    }

    fn command(&self, name: &str, source: &Path, size: u64) -> Result<Command, String> {
        let file = match self.language {
            Language::Myna | Language::JavaScript | Language::Lua | Language::Python => source.to_owned(),
            Language::C | Language::Go => compiled(name, self.language)?,
            Language::Java => PathBuf::from(compilers::class_of(name)),
        };
        Ok(compilers::command(&self.command, file, self.language == Language::Myna, size))
    }
}
