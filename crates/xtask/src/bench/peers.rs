//! The peers that the kernels run in: which are installed, and how each is started.
//!
//! To add a peer, add a function to [`find`] that returns it or says why it is missing, and kernels in its language.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Options, measure, root, scratch};

/// The kernels, each with the size that it is run with.
pub(super) const KERNELS: [(&str, u64); 9] = [
    ("fib", 35),
    ("helper", 10_000_000),
    ("mandelbrot", 700),
    ("matmul_f64", 300),
    ("matmul_i64", 300),
    ("nbody", 250_000),
    ("scan", 500_000),
    ("sieve", 2_000_000),
    ("strings", 120_000),
];

/// In which language a peer reads a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// MVM assembly.
    Masm,
    /// C, compiled to WebAssembly.
    Wasm,
    /// Lua.
    Lua,
    /// Python.
    Python,
}

/// Something that runs kernels.
#[derive(Debug)]
pub(super) struct Peer {
    /// Name in the table.
    pub(super) name: &'static str,
    language: Language,
    /// The command in front of the kernel's file.
    command: Vec<OsString>,
}

/// A peer that cannot take part.
#[derive(Debug)]
pub(super) struct Missing {
    /// Name in the table.
    pub(super) name: &'static str,
    /// What is wrong.
    pub(super) why: String,
    /// How to get it.
    pub(super) advice: &'static str,
}

/// All peers that can take part, MVM first, and those that cannot.
pub(super) struct Peers {
    /// Those that take part.
    pub(super) found: Vec<Peer>,
    /// The others.
    pub(super) missing: Vec<Missing>,
    wasm: BTreeMap<String, PathBuf>,
}

/// The name of MVM's column.
pub(super) const MVM: &str = "mvm";

pub(super) const DEBIAN_CLANG: &str =
    "clang and wasm-ld compile the kernels to WebAssembly: apt-get install clang lld";

/// Looks for all peers, compiling what they need; each is tried with the kernel `empty`.
pub(super) fn find(options: &Options, kernels: &[String]) -> Result<Peers, String> {
    let mut peers = Peers { found: Vec::new(), missing: Vec::new(), wasm: BTreeMap::new() };
    let wasm = compile_to_wasm(kernels).map(|files| peers.wasm = files);
    let runner = root().join("bench/wasm3_runner.py");
    let python = |args: &[OsString]| {
        let mut command = vec![OsString::from("python3")];
        command.extend_from_slice(args);
        Ok(command)
    };
    let mvm = super::mvm(options).map(|path| vec![path.into(), "run".into(), "--no-jit".into()]);
    peers.add(MVM, Language::Masm, mvm, "this project: `mvm run` does not work yet");
    peers.add(
        "lua5.4",
        Language::Lua,
        first_of(&[&["lua5.4"], &["lua"]], "print(_VERSION)", "Lua 5.4"),
        "apt-get install lua5.4",
    );
    peers.add("luajit-joff", Language::Lua, Ok(words(&["luajit", "-joff"])), "apt-get install luajit");
    if let Err(why) = wasm {
        for name in ["wasm3", "wasmi"] {
            peers.missing.push(Missing { name, why: why.clone(), advice: DEBIAN_CLANG });
        }
    } else {
        peers.add("wasm3", Language::Wasm, python(&[runner.into()]), "pip install pywasm3==0.5.0");
        peers.add(
            "wasmi",
            Language::Wasm,
            build_wasmi(),
            "its crate is fetched and built by this command: look at the error",
        );
    }
    peers.add("cpython3", Language::Python, python(&[]), "apt-get install python3");
    if peers.found.is_empty() {
        return Err("no peer is installed".to_owned());
    }
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
            let mut empty = self.command(&peer, "empty").ok_or("the kernel `empty` is missing")?;
            let run = measure::run(&mut empty)?;
            if run.output == "0" { Ok(peer) } else { Err(format!("`empty` printed `{}`", run.output)) }
        });
        match tried {
            Ok(peer) => self.found.push(peer),
            Err(why) => self.missing.push(Missing { name, why, advice }),
        }
    }

    /// The command that runs the kernel in the peer; none when there is no such kernel in its language.
    pub(super) fn command(&self, peer: &Peer, kernel: &str) -> Option<Command> {
        let file = match peer.language {
            Language::Masm => source(kernel, "masm"),
            Language::Lua => source(kernel, "lua"),
            Language::Python => source(kernel, "py"),
            Language::Wasm => self.wasm.get(kernel)?.clone(),
        };
        if !file.exists() {
            return None;
        }
        let (program, args) = peer.command.split_first()?;
        let mut command = Command::new(program);
        command.args(args).arg(file);
        if peer.language == Language::Masm {
            command.arg("--");
        }
        command.arg(size_of(kernel).to_string());
        Some(command)
    }
}

/// The size that a kernel is run with; 0 for `empty`.
fn size_of(kernel: &str) -> u64 {
    KERNELS.iter().find(|(name, _)| *name == kernel).map_or(0, |(_, size)| *size)
}

fn source(kernel: &str, extension: &str) -> PathBuf {
    root().join("bench/kernels").join(kernel).with_extension(extension)
}

pub(super) fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// The first of the commands that, given the program with `-e`, prints what is wanted.
pub(super) fn first_of(commands: &[&[&str]], program: &str, wanted: &str) -> Result<Vec<OsString>, String> {
    let mut why = String::new();
    for command in commands {
        match measure::run(Command::new(command[0]).args(&command[1..]).args(["-e", program])) {
            Ok(run) if run.output == wanted => return Ok(words(command)),
            Ok(run) => why = format!("`{}` is {}", command[0], run.output),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// Compiles the kernels that have a C file; returns the WebAssembly files by name.
fn compile_to_wasm(kernels: &[String]) -> Result<BTreeMap<String, PathBuf>, String> {
    let folder = scratch()?.join("wasm");
    std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    let mut files = BTreeMap::new();
    for kernel in kernels.iter().map(String::as_str).chain(["empty"]) {
        let from = source(kernel, "c");
        if !from.exists() {
            continue;
        }
        let to = folder.join(kernel).with_extension("wasm");
        measure::succeed(&mut clang_to_wasm(&from, &to))?;
        files.insert(kernel.to_owned(), to);
    }
    Ok(files)
}

/// The compiler of a kernel in C to WebAssembly.
pub(super) fn clang_to_wasm(from: &Path, to: &Path) -> Command {
    let mut clang = Command::new("clang");
    clang.args(["--target=wasm32", "-O2", "-std=c11", "-Wall", "-Werror"]);
    clang.args(["-nostdlib", "-ffreestanding", "-fno-builtin", "-fno-math-errno"]);
    clang.args(["-Wl,--no-entry", "-Wl,--export=run", "-o"]).arg(to).arg(from);
    clang
}

fn build_wasmi() -> Result<Vec<OsString>, String> {
    let target = scratch()?.join("wasmi-runner");
    let manifest = root().join("bench/wasmi-runner/Cargo.toml");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--quiet", "--locked", "--manifest-path"]).arg(manifest);
    build.arg("--target-dir").arg(&target).env_remove("CARGO_TARGET_DIR");
    measure::succeed(&mut build)?;
    let name = format!("wasmi-runner{}", std::env::consts::EXE_SUFFIX);
    Ok(vec![Path::new(&target).join("release").join(name).into()])
}

#[cfg(test)]
mod tests {
    use super::{KERNELS, source};

    #[test]
    fn every_kernel_has_a_size() {
        for (name, _) in KERNELS {
            assert!(source(name, "masm").exists(), "{name}");
        }
        let folder = crate::bench::root().join("bench/kernels");
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let known = path.is_dir() || name == "empty" || KERNELS.iter().any(|(kernel, _)| *kernel == name);
            assert!(known, "{}: no size", path.display());
        }
    }
}
