//! Who runs the kernels of `bench jit`: which peers are installed, how their programs are compiled and started.
//!
//! To add a peer, add a function call to [`find`] and kernels in its language.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::kernels::{Kernel, source};
use crate::bench::measure::{self, Run};
use crate::bench::peers::{DEBIAN_CLANG, Missing, clang_to_wasm, words};
use crate::bench::{Options, compilers, root};

/// Name of MVM's column with native code.
pub(super) const MVM_JIT: &str = "mvm-jit";
/// Name of MVM's column without.
pub(super) const MVM: &str = "mvm";
/// Name of the column that ratios are taken against.
pub(super) const GCC: &str = "gcc";
/// Name of Java's column.
pub(super) const JAVA: &str = "java";

/// What a peer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Masm,
    C,
    Wasm,
    JavaScript,
    Lua,
    Java,
    Go,
}

impl Language {
    /// The extension of its source files.
    fn extension(self) -> &'static str {
        match self {
            Language::Masm => "masm",
            Language::C | Language::Wasm => "c",
            Language::JavaScript => "js",
            Language::Lua => "lua",
            Language::Java => "java",
            Language::Go => "go",
        }
    }
}

/// Somebody who runs kernels.
#[derive(Debug)]
pub(super) struct Peer {
    /// Name in the report.
    pub(super) name: &'static str,
    language: Language,
    /// The command in front of the program, if the program is not an executable file.
    command: Vec<OsString>,
}

/// Those that take part, MVM first, and those that cannot.
pub(super) struct Peers {
    /// Those that take part.
    pub(super) found: Vec<Peer>,
    /// The others.
    pub(super) missing: Vec<Missing>,
    /// Kernels of which gcc made vector instructions, somewhere.
    pub(super) vectorised: BTreeSet<&'static str>,
}

/// Looks for all peers and compiles what they need; each is tried with the program `empty`.
pub(super) fn find(options: &Options, kernels: &[&'static Kernel]) -> Result<Peers, String> {
    let mut peers = Peers { found: Vec::new(), missing: Vec::new(), vectorised: BTreeSet::new() };
    let mvm = crate::bench::mvm(options)?;
    let wanted = |name: &str| options.peers.is_empty() || options.peers.iter().any(|peer| peer == name);
    for (name, arguments) in [(MVM_JIT, &["run", "--jit", "-O2"][..]), (MVM, &["run", "--no-jit", "-O2"])] {
        let command = [mvm.clone().into()].into_iter().chain(words(arguments)).collect();
        let peer = Peer { name, language: Language::Masm, command };
        if name == MVM && !wanted(MVM) {
            continue;
        }
        peer.try_empty()?;
        peers.found.push(peer);
    }
    let names: Vec<&'static str> = kernels.iter().map(|kernel| kernel.name).chain(["empty"]).collect();
    let gcc = compile_c(&names).map(|vectorised| {
        peers.vectorised = vectorised;
        Vec::new()
    });
    peers.add(GCC, Language::C, gcc, "apt-get install gcc");
    if !options.peers.is_empty() && options.peers.iter().all(|peer| peer == MVM || peer == GCC) {
        return Ok(peers);
    }
    let wasm = each(&names, Language::Wasm, |from, to| measure::succeed(&mut clang_to_wasm(from, to)));
    let runner = root().join("bench/wasmtime_runner.py");
    for (name, epochs) in [("wasmtime", "plain"), ("wasmtime-epoch", "epochs")] {
        if let Err(why) = &wasm {
            peers.missing.push(Missing { name, why: why.clone(), advice: DEBIAN_CLANG });
            continue;
        }
        let command =
            compilers::python().map(|python| vec![python.into(), runner.clone().into(), epochs.into()]);
        peers.add(name, Language::Wasm, command, "pip install wasmtime");
    }
    let node = Ok(words(&["node", "--stack-size=4000"]));
    peers.add("node", Language::JavaScript, node, "apt-get install nodejs");
    peers.add("luajit", Language::Lua, Ok(words(&["luajit"])), "apt-get install luajit");
    let sources = names.iter().filter_map(|name| source(name, "java"));
    let java = folder().and_then(|folder| compilers::java(sources, &folder)).and_then(|()| {
        let mut command = words(&["java", "-Xmx1g", "-Xss16m", "-cp"]);
        command.push(folder()?.into());
        Ok(command)
    });
    peers.add(JAVA, Language::Java, java, "apt-get install openjdk-17-jdk-headless");
    let go = each(&names, Language::Go, compilers::go).map(|()| Vec::new());
    peers.add("go", Language::Go, go, "apt-get install golang-go");
    peers.found.retain(|peer| [MVM_JIT, GCC].contains(&peer.name) || wanted(peer.name));
    Ok(peers)
}

impl Peers {
    fn add(
        &mut self,
        name: &'static str,
        language: Language,
        command: Result<Vec<OsString>, String>,
        advice: &'static str,
    ) {
        let tried = command.and_then(|command| {
            let peer = Peer { name, language, command };
            peer.try_empty().map(|()| peer)
        });
        match tried {
            Ok(peer) => self.found.push(peer),
            Err(why) => self.missing.push(Missing { name, why, advice }),
        }
    }

    /// The number of a peer in the order of the report.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.found.iter().position(|peer| peer.name == name)
    }
}

impl Peer {
    /// Whether it is this project.
    pub(super) fn is_ours(&self) -> bool {
        self.language == Language::Masm
    }

    /// Runs a kernel with a size.
    pub(super) fn run(&self, kernel: &str, size: u64) -> Result<Run, String> {
        measure::run(&mut self.command(kernel, size)?)
    }

    /// Runs a kernel with a size; wall time is what its runner says it was, where a runner is started by something else.
    pub(super) fn run_short(&self, kernel: &str, size: u64) -> Result<Run, String> {
        let mut run = self.run(kernel, size)?;
        if self.language == Language::Wasm {
            run.wall =
                run.errors.parse().map_err(|e| format!("{}: time `{}`: {e}", self.name, run.errors))?;
        }
        Ok(run)
    }

    fn try_empty(&self) -> Result<(), String> {
        let run = self.run("empty", 0)?;
        if run.output == "0" { Ok(()) } else { Err(format!("`empty` printed `{}`", run.output)) }
    }

    fn command(&self, kernel: &str, size: u64) -> Result<Command, String> {
        let none = || format!("there is no bench/jit/{kernel}.{}", self.language.extension());
        let source = source(kernel, self.language.extension()).ok_or_else(none)?;
        let file = match self.language {
            Language::Masm | Language::JavaScript | Language::Lua => source,
            Language::C | Language::Wasm | Language::Go => compiled(kernel, self.language)?,
            Language::Java => PathBuf::from(compilers::class_of(kernel)),
        };
        Ok(compilers::command(&self.command, file, self.language == Language::Masm, size))
    }
}

/// The folder for what is compiled.
fn folder() -> Result<PathBuf, String> {
    compilers::folder("jit")
}

/// What a compiler makes of a kernel.
fn compiled(kernel: &str, language: Language) -> Result<PathBuf, String> {
    let name = match language {
        Language::Wasm => format!("{kernel}.wasm"),
        _ => format!("{kernel}-{}{}", language.extension(), std::env::consts::EXE_SUFFIX),
    };
    Ok(folder()?.join(name))
}

/// Compiles all kernels that there are in a language.
fn each(
    kernels: &[&'static str],
    language: Language,
    mut compile: impl FnMut(&Path, &Path) -> Result<(), String>,
) -> Result<(), String> {
    for kernel in kernels {
        if let Some(from) = source(kernel, language.extension()) {
            compile(&from, &compiled(kernel, language)?)?;
        }
    }
    Ok(())
}

/// Compiles the C programs; returns those of which gcc made vector instructions.
fn compile_c(kernels: &[&'static str]) -> Result<BTreeSet<&'static str>, String> {
    let mut vectorised = BTreeSet::new();
    for kernel in kernels {
        let Some(from) = source(kernel, "c") else { continue };
        if compilers::gcc(&from, &compiled(kernel, Language::C)?)? {
            vectorised.insert(*kernel);
        }
    }
    Ok(vectorised)
}
