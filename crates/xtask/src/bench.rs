//! `cargo xtask bench`: MVM beside its peers, measured in one run.
//!
//! - `interp` (`bench/interp.rs`): the kernels of `bench/kernels/`, each in every peer that is installed;
//! - `jit` (`bench/jit.rs`): kernels in native code, beside gcc, wasmtime, Node, LuaJIT, Java and Go;
//! - `gc` (`bench/gc.rs`): programs that allocate, of `bench/gc/`: time, memory and pauses beside other languages;
//! - `kernel` (`bench/kernel.rs`): programs of many processes, of `bench/kernel/`, beside Erlang and Go;
//! - `startup` (`bench/startup.rs`): a whole `hello` process against the same in C;
//! - `asm` (`bench/assemble.rs`): a million lines through the assembler and through GNU `as`;
//! - `myna` (`bench/myna.rs`): programs in Myna, beside Java, Node, Go, LuaJIT, Lua and CPython, and kernels beside gcc;
//! - `myna-compile` (`bench/myna_compile.rs`): how fast Myna is read, compiled and started, and how soon an error is told.
//!
//! Nothing is compared with figures of another day or machine: all commands of a comparison run in turn, and only ratios
//! within one round are reported. `measure.rs` runs a command and says what it cost, `peers.rs` knows the peers.

mod assemble;
mod compilers;
mod gc;
mod grid;
mod interp;
mod jit;
mod kernel;
mod measure;
mod myna;
mod myna_compile;
mod once;
mod peers;
mod startup;
mod verdict;

use std::path::PathBuf;
use std::process::Command;

const USAGE: &str = "\
usage: cargo xtask bench interp [--quick] [--kernel NAME]... [--json]
       cargo xtask bench jit [--quick] [--kernel NAME]... [--peer NAME]... [--json]
       cargo xtask bench gc [--quick] [--kernel NAME]... [--json]
       cargo xtask bench kernel [--quick] [--kernel NAME]... [--json]
       cargo xtask bench startup [--quick] [--json]
       cargo xtask bench asm [--quick] [--json]
       cargo xtask bench myna [--quick] [--kernel NAME]... [--peer NAME]... [--json]
       cargo xtask bench myna-compile [--quick] [--json]
  --quick         one round without a warm-up: a smoke test, not a measurement
  --kernel NAME   only this kernel or program (may be repeated)
  --peer NAME     beside gcc only this peer, of mvm, wasmtime, wasmtime-epoch, node, luajit, java and go (may be repeated);
                  of myna: beside mvm-jit only this peer, of mvm, java, java-steady, node, go, luajit, lua5.4, cpython3 and gcc
  --json          the figures as JSON on standard output
  --mvm FILE      measure this `mvm` instead of building one";

/// What the command line asks for.
#[derive(Debug, Default)]
struct Options {
    quick: bool,
    json: bool,
    kernels: Vec<String>,
    peers: Vec<String>,
    mvm: Option<PathBuf>,
}

impl Options {
    /// Whether all programs that were asked for are among these.
    fn check_kernels<'a>(&self, known: impl Iterator<Item = &'a str>) -> Result<(), String> {
        let known: Vec<&str> = known.collect();
        match self.kernels.iter().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!("no program `{unknown}`; there are {}", known.join(", "))),
            None => Ok(()),
        }
    }

    /// Whether a program was asked for: all are when none was named.
    fn wants(&self, name: &str) -> bool {
        self.kernels.is_empty() || self.kernels.iter().any(|wanted| wanted == name)
    }

    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().cloned().ok_or_else(|| format!("`{arg}` needs a value\n{USAGE}"));
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--json" => options.json = true,
                "--kernel" => options.kernels.push(value()?),
                "--peer" => options.peers.push(value()?),
                "--mvm" => options.mvm = Some(PathBuf::from(value()?)),
                _ => return Err(format!("unknown argument `{arg}`\n{USAGE}")),
            }
        }
        Ok(options)
    }
}

/// The task: `args` are the words after `bench`.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let Some((what, rest)) = args.split_first() else { return Err(USAGE.to_owned()) };
    if what == "once" {
        return once::main(rest);
    }
    let options = Options::parse(rest)?;
    match what.as_str() {
        "interp" => interp::run(&options),
        "jit" => jit::run(&options),
        "gc" => gc::run(&options),
        "kernel" => kernel::run(&options),
        "startup" => startup::run(&options),
        "asm" => assemble::run(&options),
        "myna" => myna::run(&options),
        "myna-compile" => myna_compile::run(&options),
        _ => Err(format!("unknown benchmark `{what}`\n{USAGE}")),
    }
}

/// The root folder of the project.
fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// The folder for everything the benchmarks generate; made if it is not there.
fn scratch() -> Result<PathBuf, String> {
    let path = root().join("target/bench");
    std::fs::create_dir_all(&path).map_err(|e| format!("cannot make `{}`: {e}", path.display()))?;
    Ok(path)
}

fn write_file(path: &std::path::Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("cannot write `{}`: {e}", path.display()))
}

/// Builds the release `mvm`, or takes the one the options name.
fn mvm(options: &Options) -> Result<PathBuf, String> {
    if let Some(path) = &options.mvm {
        return std::path::absolute(path).map_err(|e| format!("`{}`: {e}", path.display()));
    }
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--quiet", "--package", "mvm"]).current_dir(root());
    measure::succeed(&mut build)?;
    Ok(root().join("target/release").join(format!("mvm{}", std::env::consts::EXE_SUFFIX)))
}

/// Prints a finished report to standard output. A reader that has gone away is no error.
fn report(text: &str) -> Result<(), String> {
    use std::io::{ErrorKind, Write};
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write the report: {e}")),
        _ => Ok(()),
    }
}
