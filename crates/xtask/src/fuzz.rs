//! `cargo xtask fuzz`: bounded coverage-guided runs of the targets under `fuzz/`, with the stable toolchain.
//!
//! libFuzzer comes with the crate `libfuzzer-sys`; the instrumentation that it wants from the compiler is a pass of
//! LLVM that every rustc has ([`INSTRUMENTATION`]). New inputs are collected below `target/fuzz/corpus`; `--minimise`
//! takes from them what the committed corpus does not cover yet.
//!
//! Not here: what the targets do (`mvm-testkit/src/fuzz_bodies.rs`), how the output of libFuzzer is read (`report.rs`).

mod report;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::host;
use report::Outcome;

const DEFAULT_SECONDS: u32 = 60;

/// Counters on all edges and a table of their places. One unit of code generation for each crate, so that the sections
/// of counters and places go together. Without the operands of comparisons (`trace-compares`): with them, targets run
/// 2 to 3 times slower and reach less in the same time.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// The longest that one input may take, in seconds: what takes longer is a bug.
const INPUT_SECONDS: u32 = 20;
/// The most memory that the process may take, in MiB.
const MEMORY_MB: u32 = 2048;
/// The longest inputs that are made, in bytes.
const INPUT_BYTES: u32 = 4096;

/// What is asked for.
struct Options {
    /// Names of the targets.
    targets: Vec<String>,
    seconds: u32,
    /// With AddressSanitizer, which only the nightly toolchain has.
    asan: bool,
    mode: Mode,
    /// Arguments for libFuzzer.
    more: Vec<String>,
}

enum Mode {
    /// Look for new inputs.
    Run,
    /// Replace the committed corpus by the smallest one that covers as much as all known inputs.
    Minimise,
    /// Make an input that fails smaller.
    Shrink(PathBuf),
}

/// Names of the targets: the files of `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>, String> {
    let folder = host::root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned())).collect();
    names.sort();
    Ok(names)
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let options = parse(args)?;
    let programs = build(&options)?;
    if options.targets.iter().any(|name| is_text(name)) {
        write(&dictionary_path(), &dictionary())?;
    }
    match &options.mode {
        Mode::Run => fuzz(&options, &programs),
        Mode::Minimise => options.targets.iter().try_for_each(|name| minimise(name, &programs)),
        Mode::Shrink(input) => shrink(&options, &programs, input),
    }
}

fn parse(args: &[String]) -> Result<Options, String> {
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let more = args.get(end + 1..).unwrap_or_default().to_vec();
    let mut options =
        Options { targets: targets()?, seconds: DEFAULT_SECONDS, asan: false, mode: Mode::Run, more };
    let mut positions = 0;
    let mut args = args[..end].iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--asan" => options.asan = true,
            "--minimise" => options.mode = Mode::Minimise,
            "--shrink" => {
                let input = args.next().ok_or("`--shrink` wants the file of an input that fails")?;
                let path = std::path::absolute(input).map_err(|e| format!("{input}: {e}"))?;
                options.mode = Mode::Shrink(path);
            }
            option if option.starts_with('-') => return Err(format!("`fuzz` has no option `{option}`")),
            name if positions == 0 => {
                positions = 1;
                if name != "all" && !options.targets.iter().any(|target| target == name) {
                    let known = options.targets.join(", ");
                    return Err(format!("there is no fuzz target `{name}`; there are: {known}"));
                }
                options.targets.retain(|target| name == "all" || target == name);
            }
            seconds if positions == 1 => {
                positions = 2;
                options.seconds =
                    seconds.parse().map_err(|_| format!("`{seconds}` is not a number of seconds"))?;
            }
            other => return Err(format!("`fuzz` takes a target and a number of seconds, not `{other}`")),
        }
    }
    if matches!(options.mode, Mode::Shrink(_)) && options.targets.len() != 1 {
        return Err("`--shrink` wants the name of the target".to_owned());
    }
    Ok(options)
}

/// Everything that fuzzing writes.
fn output() -> PathBuf {
    host::root().join("target/fuzz")
}

/// Builds the targets; the folder of their programs.
fn build(options: &Options) -> Result<PathBuf, String> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    if !host::works(Command::new(&compiler).arg("--version")) {
        let name = compiler.to_string_lossy();
        return Err(format!(
            "there is no C++ compiler `{name}`, and libFuzzer is built from C++: install one (`apt-get install \
             g++` on Debian), or name it in the variable CXX"
        ));
    }
    let mut flags = INSTRUMENTATION.join(" ");
    let (mut cargo, folder) = if options.asan {
        if !host::works(host::cargo_of("nightly").arg("--version")) {
            return Err("`--asan` needs the nightly toolchain: rustup toolchain install nightly".to_owned());
        }
        flags.push_str(" -Zsanitizer=address");
        (host::cargo_of("nightly"), output().join("asan"))
    } else {
        (host::cargo(), output())
    };
    let triple = host::triple()?;
    // With a target given, build scripts and procedural macros are not instrumented.
    cargo.args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", &triple]);
    cargo.arg("--target-dir").arg(&folder);
    for name in &options.targets {
        cargo.args(["--bin", name]);
    }
    cargo.env("RUSTFLAGS", flags).env_remove("CARGO_ENCODED_RUSTFLAGS");
    host::run(&mut cargo)?;
    Ok(folder.join(triple).join("release"))
}

/// Whether the inputs of a target are assembly text.
fn is_text(target: &str) -> bool {
    matches!(target, "assemble" | "format")
}

fn dictionary_path() -> PathBuf {
    output().join("assembly.dict")
}

/// The words of the assembly language, for inputs that are text.
fn dictionary() -> String {
    let rows = mvm_isa::Opcode::ALL.iter().map(|op| op.info());
    let mut words: Vec<&str> = rows.flat_map(|row| [row.name, row.verb]).collect();
    words.extend(mvm_isa::Syscall::ALL.iter().map(|call| call.info().name));
    words.extend(mvm_isa::TrapCode::ALL.iter().map(|code| code.class_name()));
    words.extend(mvm_asm::keywords());
    words.sort_unstable();
    words.dedup();
    words.iter().map(|word| format!("\"{word}\"\n")).collect()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        create(folder)?;
    }
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn create(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))
}

/// The inputs that are part of the project, and those that were found here.
fn corpora(target: &str) -> Result<(PathBuf, PathBuf), String> {
    let committed = host::root().join("fuzz/corpus").join(target);
    let found = output().join("corpus").join(target);
    create(&committed)?;
    create(&found)?;
    Ok((committed, found))
}

/// A program with what every run has in common.
fn fuzzer(target: &str, programs: &Path) -> Command {
    let mut command = Command::new(programs.join(target));
    command.current_dir(host::root());
    command.arg(format!("-timeout={INPUT_SECONDS}")).arg(format!("-rss_limit_mb={MEMORY_MB}"));
    command.arg(format!("-max_len={INPUT_BYTES}"));
    if is_text(target) {
        command.arg(format!("-dict={}", dictionary_path().display()));
    }
    command
}

fn fuzz(options: &Options, programs: &Path) -> Result<(), String> {
    let mut outcomes = Vec::new();
    for name in &options.targets {
        eprintln!("fuzzing `{name}` for {} seconds", options.seconds);
        let outcome = one(name, options, programs)?;
        if let Some(failure) = &outcome.failure {
            eprintln!("{}\n", failure.text.trim_end());
        }
        outcomes.push(outcome);
    }
    eprint!("\n{}", report::table(&outcomes));
    let failed: Vec<String> =
        outcomes.iter().filter_map(|outcome| advice(outcome, options.asan, programs)).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(failed.join("\n"))
}

/// What to do about a target that failed.
fn advice(outcome: &Outcome, asan: bool, programs: &Path) -> Option<String> {
    let failure = outcome.failure.as_ref()?;
    let name = &outcome.target;
    let Some(input) = &failure.input else {
        return Some(format!("`{name}` ended with {}", failure.status));
    };
    let replay = if asan {
        format!("{} {input}", programs.join(name).display())
    } else {
        format!("cargo run -p mvm-testkit --no-default-features --bin replay -- {name} {input}")
    };
    Some(format!(
        "`{name}` fails on {input}\n  once more:  {replay}\n  smaller:    cargo xtask fuzz {name} 60 --shrink {input}"
    ))
}

/// A run of one target. Its output goes to a file; what is worth telling is in the outcome.
fn one(name: &str, options: &Options, programs: &Path) -> Result<Outcome, String> {
    let (committed, found) = corpora(name)?;
    // From the root, where the program runs, so that commands with it can be copied.
    let artifacts = format!("target/fuzz/artifacts/{name}/");
    create(&host::root().join(&artifacts))?;
    let mut command = fuzzer(name, programs);
    command.arg(format!("-max_total_time={}", options.seconds)).arg("-print_final_stats=1");
    command.arg(format!("-artifact_prefix={artifacts}"));
    command.args(&options.more).arg(found).arg(committed);
    let log = output().join("log").join(format!("{name}.txt"));
    write(&log, "")?;
    let mut log_file = std::fs::File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(|e| format!("`{name}`: {e}"))?;
    let mut outcome = Outcome::new(name);
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line.map_err(|e| format!("output of `{name}`: {e}"))?;
            let line = String::from_utf8_lossy(&line);
            writeln!(log_file, "{line}").map_err(|e| format!("{}: {e}", log.display()))?;
            outcome.line(&line);
        }
    }
    let status = child.wait().map_err(|e| format!("`{name}`: {e}"))?;
    outcome.ended(status);
    Ok(outcome)
}

/// The smallest set of inputs found that reaches all edges reached by the committed corpus and the inputs found here.
fn minimise(name: &str, programs: &Path) -> Result<(), String> {
    let (committed, found) = corpora(name)?;
    let fresh = output().join("minimised").join(name);
    let _ = std::fs::remove_dir_all(&fresh);
    create(&fresh)?;
    let mut command = fuzzer(name, programs);
    // Without counters, what counts are edges, not how often they were taken: a tenth of the inputs.
    command.args(["-set_cover_merge=1", "-use_counters=0"]).arg(&fresh).arg(&committed).arg(found);
    let output = command.output().map_err(|e| format!("`{name}`: {e}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{name}`: merging ended with {}:\n{text}", output.status));
    }
    let files = |folder: &Path| -> Result<Vec<PathBuf>, String> {
        let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    };
    for old in files(&committed)? {
        std::fs::remove_file(&old).map_err(|e| format!("{}: {e}", old.display()))?;
    }
    let (mut count, mut bytes) = (0, 0);
    for input in files(&fresh)? {
        let to = committed.join(input.file_name().unwrap_or_default());
        bytes += std::fs::copy(&input, &to).map_err(|e| format!("{}: {e}", input.display()))?;
        count += 1;
    }
    eprintln!("{}: {count} inputs, {bytes} bytes", committed.display());
    Ok(())
}

fn shrink(options: &Options, programs: &Path, input: &Path) -> Result<(), String> {
    let [name] = options.targets.as_slice() else { return Err("one target at a time".to_owned()) };
    let smaller = output().join("artifacts").join(format!("{name}-small"));
    let mut command = fuzzer(name, programs);
    command.args(["-minimize_crash=1", &format!("-max_total_time={}", options.seconds)]);
    command.arg(format!("-exact_artifact_path={}", smaller.display())).args(&options.more).arg(input);
    host::run(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    eprintln!("the smallest input found is {}", smaller.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Mode, dictionary, is_text, parse, targets};

    fn parsed(args: &str) -> Result<super::Options, String> {
        parse(&args.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_a_target_a_time_and_options() {
        let all = parsed("").expect("nothing is all");
        assert_eq!((all.targets, all.seconds, all.asan), (targets().expect("targets"), 60, false));
        let one = parsed("format 5 --asan -- -runs=1").expect("all of them");
        assert_eq!((one.targets, one.seconds, one.asan), (vec!["format".to_owned()], 5, true));
        assert_eq!(one.more, ["-runs=1"]);
        assert!(matches!(parsed("all --minimise").expect("a mode").mode, Mode::Minimise));
        assert!(matches!(parsed("format --shrink x").expect("a mode").mode, Mode::Shrink(_)));
        for wrong in ["nothing", "all soon", "all 1 2", "--fast", "--shrink x", "format --shrink"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dictionary_has_every_kind_of_word() {
        let words = dictionary();
        for word in ["add_i64", "add", "print", "DivideByZero", "endvar"] {
            assert!(words.contains(&format!("\"{word}\"\n")), "{word}");
        }
        assert_eq!(targets().expect("targets").iter().filter(|name| is_text(name)).count(), 2);
    }
}
