//! How programs of the peers are compiled, for all benchmarks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{measure, root, scratch};

/// The folder for what is compiled for a benchmark; made if it is not there.
pub(super) fn folder(benchmark: &str) -> Result<PathBuf, String> {
    let folder = scratch()?.join(benchmark);
    std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    Ok(folder)
}

/// The class that a Java source is about: `SortObjects` for `sort_objects`.
pub(super) fn class_of(program: &str) -> String {
    program.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// Compiles Java programs in one go: the compiler takes longer to start than to compile them.
pub(super) fn java(sources: impl Iterator<Item = PathBuf>, folder: &Path) -> Result<(), String> {
    let mut javac = Command::new("javac");
    javac.arg("-d").arg(folder).args(sources);
    measure::succeed(&mut javac)
}

/// Compiles a Go program.
pub(super) fn go(from: &Path, to: &Path) -> Result<(), String> {
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(to).arg(from);
    go.env("GO111MODULE", "off").env("GOCACHE", folder("go-cache")?);
    measure::succeed(&mut go)
}

/// Compiles a kernel in C; returns whether gcc made vector instructions in it. Its function `run` is in a file of its own,
/// so that its argument is unknown to the compiler.
pub(super) fn gcc(from: &Path, to: &Path) -> Result<bool, String> {
    let remarks = to.with_extension("vectorised");
    let _ = std::fs::remove_file(&remarks);
    let mut gcc = Command::new("gcc");
    gcc.args(["-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-fno-math-errno"]);
    gcc.arg(format!("-fopt-info-vec={}", remarks.display()));
    gcc.arg("-o").arg(to).arg(from).arg(root().join("bench/jit/parts/main.c"));
    measure::succeed(&mut gcc)?;
    Ok(std::fs::read_to_string(&remarks).is_ok_and(|text| text.contains("vectorized")))
}

/// The command that runs a program with a size as its argument: what is in front of the file, if anything is. Guests have `--` in front
/// of their arguments.
pub(super) fn command(words: &[OsString], file: PathBuf, is_guest: bool, size: u64) -> Command {
    let mut command = match words.split_first() {
        Some((program, args)) => {
            let mut command = Command::new(program);
            command.args(args).arg(file);
            command
        }
        None => Command::new(file),
    };
    if is_guest {
        command.arg("--");
    }
    command.arg(size.to_string());
    command
}

/// The Python interpreter itself: what is called `python3` may be a script that looks for it.
pub(super) fn python() -> Result<String, String> {
    let say = "import sys; print(sys.executable)";
    Ok(measure::run(Command::new("python3").args(["-c", say]))?.output)
}

#[cfg(test)]
mod tests {
    #[test]
    fn classes_are_named_like_files() {
        assert_eq!(super::class_of("fib"), "Fib");
        assert_eq!(super::class_of("matmul_i64"), "MatmulI64");
    }
}
