//! The programs of `bench myna`: their groups and sizes.
//!
//! To add one, add a row here and a program in each language, `bench/myna/NAME.*`, or for one beside gcc
//! `bench/myna/numeric/NAME.myna` alone, whose C is that of `bench jit`.

use std::path::PathBuf;

use crate::bench::{jit, root};

/// Programs whose times are summed up by one mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Classes, objects and methods.
    Objects,
    /// What a library does: text, maps, lists, sorting, messages.
    Library,
    /// Numbers and arrays, beside gcc.
    Numeric,
}

impl Group {
    /// All of them, in the order of the report.
    pub(super) const ALL: [Group; 3] = [Group::Objects, Group::Library, Group::Numeric];

    /// Its name in the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Group::Objects => "objects",
            Group::Library => "library",
            Group::Numeric => "numeric",
        }
    }
}

/// A program with its size.
#[derive(Debug)]
pub(super) struct Program {
    /// Name in the report, and of its files.
    pub(super) name: &'static str,
    /// Where it belongs.
    pub(super) group: Group,
    /// The size that takes MVM with native code 0.2 seconds or more; 0 for that of `bench jit`.
    size: u64,
    /// The kernel of `bench jit` whose C does the same; empty for programs that are beside other languages.
    kernel: &'static str,
}

const fn program(name: &'static str, group: Group, size: u64) -> Program {
    Program { name, group, size, kernel: "" }
}

const fn numeric(name: &'static str, kernel: &'static str) -> Program {
    Program { name, group: Group::Numeric, size: 0, kernel }
}

/// All programs, by group.
pub(super) const PROGRAMS: &[Program] = &[
    program("richards", Group::Objects, 200),
    program("deltablue", Group::Objects, 1500),
    program("bounce", Group::Objects, 6000),
    program("list", Group::Objects, 8000),
    program("permute", Group::Objects, 5000),
    program("queens", Group::Objects, 40_000),
    program("storage", Group::Objects, 800),
    program("towers", Group::Objects, 3000),
    program("json", Group::Library, 40_000),
    program("words", Group::Library, 600_000),
    program("sort_objects", Group::Library, 200_000),
    program("strings", Group::Library, 200_000),
    program("containers", Group::Library, 200_000),
    program("ping_pong", Group::Library, 300_000),
    numeric("fib", "fib"),
    numeric("ackermann", "ackermann"),
    numeric("sieve", "sieve"),
    numeric("matmul_i64", "matmul_i64"),
    numeric("matmul_f64", "matmul_f64"),
    numeric("mandelbrot", "mandelbrot"),
    numeric("nbody", "nbody"),
    numeric("spectral", "spectral"),
    numeric("fannkuch", "fannkuch"),
    numeric("queens_ways", "queens"),
    numeric("quicksort", "quicksort"),
    numeric("heapsort", "heapsort"),
    numeric("scan", "scan"),
    numeric("base64", "base64"),
    numeric("crc32", "crc32"),
    numeric("sha256", "sha256"),
    numeric("levenshtein", "levenshtein"),
];

impl Program {
    /// The size that it is run with.
    pub(super) fn size(&self) -> u64 {
        if self.kernel.is_empty() { self.size } else { jit::full_size(self.kernel) }
    }

    /// The file in the language of the extension; none when there is no such file.
    pub(super) fn source(&self, extension: &str) -> Option<PathBuf> {
        let here = match (self.group, extension) {
            (Group::Numeric, "c") => return jit::source(self.kernel, extension),
            (Group::Numeric, _) => root().join("bench/myna/numeric"),
            _ => root().join("bench/myna"),
        };
        Some(here.join(self.name).with_extension(extension)).filter(|path| path.exists())
    }
}

#[cfg(test)]
mod tests {
    use super::{Group, PROGRAMS};

    /// Programs of processes, which these languages have nothing like.
    const PROCESSES: [&str; 1] = ["ping_pong"];

    #[test]
    fn every_program_is_there_in_every_language() {
        for program in PROGRAMS {
            let extensions: &[&str] = match program.group {
                Group::Numeric => &["myna", "c"],
                _ if PROCESSES.contains(&program.name) => &["myna", "java", "go"],
                _ => &["myna", "java", "js", "go", "lua", "py"],
            };
            for extension in extensions {
                assert!(program.source(extension).is_some(), "bench/myna/{}.{extension}", program.name);
            }
        }
    }

    #[test]
    fn every_file_is_in_the_table() {
        for folder in ["bench/myna", "bench/myna/numeric"] {
            let folder = crate::bench::root().join(folder);
            for entry in std::fs::read_dir(folder).expect("the folder is there") {
                let path = entry.expect("the folder can be read").path();
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let known = PROGRAMS.iter().any(|program| program.name == name);
                assert!(path.is_dir() || name == "empty" || known, "{}", path.display());
            }
        }
    }
}
