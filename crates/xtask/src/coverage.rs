//! `cargo xtask coverage`: lines of the machine that the corpora of the fuzz targets reach, by part and by file.
//!
//! The corpora are replayed by a program with counters (`-Cinstrument-coverage`); the tools of LLVM that read them are
//! a component of the toolchain. With `--tests` all tests of the workspace run as well. The task fails when a part is
//! below its floor.
//!
//! Not here: coverage of edges while fuzzing (`fuzz.rs`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::host;

/// Files that are counted together.
struct Part {
    name: &'static str,
    /// Beginnings of paths from the root; the first part that has one takes the file.
    paths: &'static [&'static str],
    /// The smallest share of lines in percent.
    floor: Option<f64>,
}

/// The floors are a promise: modules from anywhere go through the reader and the verifier, and what they make through the
/// heap.
const PARTS: &[Part] = &[
    Part { name: "module file", paths: &["crates/mvm-module/src/format/"], floor: Some(90.0) },
    Part { name: "verifier", paths: &["crates/mvm-module/src/verify/"], floor: Some(90.0) },
    Part { name: "linker", paths: &["crates/mvm-module/src/link/"], floor: None },
    Part { name: "classes, flow", paths: &["crates/mvm-module/src/"], floor: None },
    Part { name: "formatter", paths: &["crates/mvm-asm/src/fmt.rs"], floor: None },
    Part { name: "disassembler", paths: &["crates/mvm-asm/src/dis"], floor: None },
    Part { name: "assembler", paths: &["crates/mvm-asm/src/"], floor: None },
    Part { name: "interpreter", paths: &["crates/mvm-exec/src/"], floor: None },
    Part { name: "heap", paths: &["crates/mvm-heap/src/"], floor: Some(85.0) },
    Part { name: "instructions", paths: &["crates/mvm-isa/src/"], floor: None },
    Part { name: "diagnostics", paths: &["crates/mvm-diag/src/"], floor: None },
];

/// For each file, by its path from the root: its lines that hold code, and whether they ran.
type Lines = BTreeMap<String, BTreeMap<usize, bool>>;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (mut tests, mut missing) = (false, None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--tests" => tests = true,
            "--missing" => missing = Some(args.next().ok_or("`--missing` wants a part of a path")?.clone()),
            other => return Err(format!("`coverage` takes `--tests` and `--missing PATH`, not `{other}`")),
        }
    }
    let tools = Tools::find()?;
    let programs = replay(tests)?;
    let lines = tools.lines(&programs)?;
    eprint!("\n{}", table(&lines));
    if let Some(path) = missing {
        eprint!("\n{}", gaps(&lines, &path));
    }
    judge(&lines)
}

fn folder() -> PathBuf {
    host::root().join("target/coverage")
}

/// What the counters write.
fn profiles() -> PathBuf {
    folder().join("profiles")
}

/// A cargo whose programs count. With a target given, build scripts and procedural macros do not.
fn cargo(command: &str, triple: &str) -> Command {
    let mut cargo = host::cargo();
    cargo.args([command, "--target", triple, "--target-dir"]).arg(folder());
    cargo.env("RUSTFLAGS", "-Cinstrument-coverage").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.env("LLVM_PROFILE_FILE", profiles().join("%m-%p.profraw"));
    cargo
}

/// Runs the corpora, and the tests if they are wanted; the programs that did.
fn replay(tests: bool) -> Result<Vec<PathBuf>, String> {
    let _ = std::fs::remove_dir_all(profiles());
    let triple = host::triple()?;
    let package = ["--package", "mvm-testkit", "--no-default-features", "--bin", "replay"];
    host::run(cargo("run", &triple).args(package))?;
    let mut programs = vec![folder().join(&triple).join("debug/replay")];
    if tests {
        host::run(cargo("test", &triple).arg("--workspace"))?;
        let mut list = cargo("test", &triple);
        list.args(["--workspace", "--no-run", "--message-format=json"]);
        programs.extend(executables(&said(&mut list)?));
    }
    Ok(programs)
}

/// The programs in cargo's messages.
fn executables(messages: &str) -> Vec<PathBuf> {
    let after = messages.split("\"executable\":\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).map(PathBuf::from).collect()
}

/// The standard output of a command that has to succeed.
fn said(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("`{name}`: {e}"))?;
    if !output.status.success() {
        return Err(format!("`{name}` failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The folder with the tools of LLVM.
struct Tools(PathBuf);

impl Tools {
    fn find() -> Result<Tools, String> {
        let sysroot = said(Command::new("rustc").args(["--print", "sysroot"]))?;
        let folder = Path::new(sysroot.trim()).join("lib/rustlib").join(host::triple()?).join("bin");
        let tools = Tools(folder);
        if ["llvm-cov", "llvm-profdata"].iter().all(|name| host::works(tools.command(name).arg("--version")))
        {
            return Ok(tools);
        }
        Err("`llvm-cov` and `llvm-profdata` are missing: rustup component add llvm-tools".to_owned())
    }

    fn command(&self, name: &str) -> Command {
        Command::new(self.0.join(name))
    }

    /// What the counters of these programs say.
    fn lines(&self, programs: &[PathBuf]) -> Result<Lines, String> {
        let entries = std::fs::read_dir(profiles()).map_err(|e| format!("{}: {e}", profiles().display()))?;
        let merged = folder().join("merged.profdata");
        let mut merge = self.command("llvm-profdata");
        merge.args(["merge", "-sparse", "-o"]).arg(&merged);
        merge.args(entries.flatten().map(|entry| entry.path()));
        said(&mut merge)?;
        let mut export = self.command("llvm-cov");
        export.args(["export", "--format=lcov", "--instr-profile"]).arg(&merged);
        export.args(programs.iter().flat_map(|program| [OsString::from("--object"), program.into()]));
        Ok(read(&said(&mut export)?, &host::root()))
    }
}

/// Reads the lcov form. Files that belong to no part are left out, and so are tests inside a file.
fn read(text: &str, root: &Path) -> Lines {
    let mut lines = Lines::new();
    let mut file: Option<(String, usize)> = None;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let path =
                Path::new(path).strip_prefix(root).ok().map(|path| path.to_string_lossy().into_owned());
            file = path.filter(|path| part_of(path).is_some()).map(|path| {
                let tests = tests_of(&std::fs::read_to_string(root.join(&path)).unwrap_or_default());
                (path, tests)
            });
        } else if let (Some(data), Some((path, tests))) = (line.strip_prefix("DA:"), &file)
            && let Some((number, count)) = data.split_once(',')
            && let Ok(number) = number.parse::<usize>()
            && number < *tests
        {
            let ran = lines.entry(path.clone()).or_default().entry(number).or_default();
            *ran |= count != "0";
        }
    }
    lines
}

/// The line where the tests of a file begin.
fn tests_of(text: &str) -> usize {
    text.find("#[cfg(test)]\nmod ").map_or(usize::MAX, |at| text[..at].lines().count() + 1)
}

fn part_of(path: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.paths.iter().any(|beginning| path.starts_with(beginning)))
}

/// Covered lines and all lines of these files.
fn count<'l>(files: impl Iterator<Item = &'l BTreeMap<usize, bool>>) -> (usize, usize) {
    files.flat_map(BTreeMap::values).fold((0, 0), |(ran, all), &one| (ran + usize::from(one), all + 1))
}

fn share((ran, all): (usize, usize)) -> f64 {
    100.0 * ran as f64 / all.max(1) as f64
}

fn files_of<'l>(
    lines: &'l Lines,
    part: &'static Part,
) -> impl Iterator<Item = (&'l String, &'l BTreeMap<usize, bool>)> {
    lines.iter().filter(|(path, _)| part_of(path).is_some_and(|found| std::ptr::eq(found, part)))
}

fn table(lines: &Lines) -> String {
    let mut text = String::from("part or file                                     lines   covered\n");
    let mut row = |name: &str, counted: (usize, usize), note: &str| {
        text.push_str(&format!("{name:44} {:>9} {:>7.1} %{note}\n", counted.1, share(counted)));
    };
    for part in PARTS {
        let counted = count(files_of(lines, part).map(|(_, lines)| lines));
        let note = part.floor.map_or_else(String::new, |floor| format!("  (at least {floor} %)"));
        row(part.name, counted, &note);
        for (path, lines) in files_of(lines, part) {
            let path = path.strip_prefix("crates/").unwrap_or(path);
            row(&format!("  {path}"), count(std::iter::once(lines)), "");
        }
    }
    row("all", count(lines.values()), "");
    text
}

/// The lines that did not run, in files with this in their path.
fn gaps(lines: &Lines, wanted: &str) -> String {
    let mut text = String::new();
    for (path, lines) in lines.iter().filter(|(path, _)| path.contains(wanted)) {
        let source = std::fs::read_to_string(host::root().join(path)).unwrap_or_default();
        let source: Vec<&str> = source.lines().collect();
        for (&number, _) in lines.iter().filter(|(_, ran)| !**ran) {
            let line = source.get(number - 1).copied().unwrap_or_default();
            text.push_str(&format!("{path}:{number}: {}\n", line.trim()));
        }
    }
    text
}

fn judge(lines: &Lines) -> Result<(), String> {
    let below = PARTS.iter().filter_map(|part| {
        let (floor, found) = (part.floor?, share(count(files_of(lines, part).map(|(_, lines)| lines))));
        (found < floor).then(|| format!("{}: {found:.1} % of the lines, less than {floor} %", part.name))
    });
    let below: Vec<String> = below.collect();
    if below.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nfuzz longer and take over what was found (docs/TESTING.md), or see `cargo xtask coverage --missing verify`",
        below.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{PARTS, executables, judge, part_of, read, share, tests_of};

    const LCOV: &str = "SF:/r/crates/mvm-module/src/verify/code.rs\nDA:1,0\nDA:2,7\nDA:2,0\nDA:3,1\nLF:3\nend_of_record\n\
        SF:/elsewhere/lib.rs\nDA:1,1\nend_of_record\n\
        SF:/r/crates/xtask/src/main.rs\nDA:1,1\nend_of_record\n";

    #[test]
    fn lines_are_counted_once_and_in_files_of_parts() {
        let lines = read(LCOV, Path::new("/r"));
        assert_eq!(lines.len(), 1);
        let found: Vec<bool> = lines["crates/mvm-module/src/verify/code.rs"].values().copied().collect();
        assert_eq!(found, [false, true, true]);
        // No lines of the module file at all, and 67 % of the verifier.
        let error = judge(&lines).expect_err("below the floors");
        assert!(error.contains("verifier: 66.7 %") && error.contains("module file: 0.0 %"), "{error}");
        assert!(share((0, 0)) < 1.0);
    }

    #[test]
    fn every_path_of_a_part_has_its_first_file() {
        for part in PARTS {
            for path in part.paths {
                assert!(part_of(path).is_some_and(|found| found.name == part.name), "{path}");
                let full = crate::host::root().join(path);
                assert!(full.exists() || full.with_extension("rs").exists(), "{path}");
            }
        }
    }

    #[test]
    fn tests_in_a_file_are_left_out() {
        assert_eq!(tests_of("fn f() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), 3);
        assert_eq!(tests_of("fn f() {}\n"), usize::MAX);
    }

    #[test]
    fn programs_are_found_in_messages() {
        let messages =
            "{\"reason\":\"x\",\"executable\":null}\n{\"executable\":\"/a/it-12\",\"fresh\":true}\n";
        assert_eq!(executables(messages), [Path::new("/a/it-12")]);
    }
}
