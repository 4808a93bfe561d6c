//! The kernels of `bench jit`: their groups and sizes.
//!
//! To add one, add a row here and a program in each language: `bench/jit/NAME.*`. What is not in that folder is taken from
//! `bench/kernels/`, then from `bench/gc/`, so that programs of other benchmarks are there once.

use std::path::PathBuf;

use crate::bench::root;

/// Kernels whose times are summed up by one mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Numbers, arrays and calls.
    Numeric,
    /// Calls of small functions, which gcc is told not to inline.
    Calls,
    /// Objects, methods and function references.
    Objects,
    /// What a library does: maps and strings.
    Library,
}

impl Group {
    /// All of them, in the order of the report.
    pub(super) const ALL: [Group; 4] = [Group::Numeric, Group::Calls, Group::Objects, Group::Library];

    /// Its name in the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Group::Numeric => "numeric",
            Group::Calls => "calls",
            Group::Objects => "objects",
            Group::Library => "library",
        }
    }
}

/// A kernel with its sizes.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Name in the report, and of its files.
    pub(super) name: &'static str,
    /// Where it belongs.
    pub(super) group: Group,
    /// The size that takes gcc's program 0.1 to 0.3 seconds.
    pub(super) full: u64,
    /// The size that takes it about a millisecond.
    pub(super) short: u64,
    /// Whether gcc makes vector instructions of its hot loop. The report marks it only when gcc says that it did.
    pub(super) vectorised: bool,
}

const fn kernel(name: &'static str, group: Group, full: u64, short: u64) -> Kernel {
    Kernel { name, group, full, short, vectorised: false }
}

/// All kernels, by group.
pub(super) const KERNELS: &[Kernel] = &[
    kernel("fib", Group::Numeric, 40, 26),
    kernel("ackermann", Group::Numeric, 85, 3),
    kernel("sieve", Group::Numeric, 8_000_000, 40_000),
    kernel("matmul_i64", Group::Numeric, 600, 100),
    kernel("matmul_f64", Group::Numeric, 500, 100),
    kernel("mandelbrot", Group::Numeric, 1_400, 100),
    Kernel { vectorised: true, ..kernel("nbody", Group::Numeric, 2_500_000, 5_000) },
    kernel("spectral", Group::Numeric, 1_800, 80),
    kernel("fannkuch", Group::Numeric, 10, 7),
    kernel("queens", Group::Numeric, 13, 8),
    kernel("quicksort", Group::Numeric, 2_000_000, 10_000),
    kernel("heapsort", Group::Numeric, 1_000_000, 10_000),
    kernel("scan", Group::Numeric, 6_000_000, 15_000),
    kernel("base64", Group::Numeric, 4_500_000, 15_000),
    kernel("crc32", Group::Numeric, 5_000_000, 20_000),
    kernel("sha256", Group::Numeric, 10_000_000, 50_000),
    kernel("levenshtein", Group::Numeric, 12_000, 500),
    kernel("helper", Group::Calls, 50_000_000, 300_000),
    kernel("virtual", Group::Objects, 40_000, 150),
    kernel("closures", Group::Objects, 800_000, 5_000),
    kernel("trees", Group::Objects, 15, 6),
    kernel("chain", Group::Objects, 3_000_000, 10_000),
    kernel("complex", Group::Objects, 160, 25),
    kernel("hashmap", Group::Library, 1_000_000, 5_000),
    kernel("strings", Group::Library, 120_000, 500),
];

/// The size that takes gcc's program 0.1 to 0.3 seconds; 0 for what is no kernel.
pub(in crate::bench) fn full_size(name: &str) -> u64 {
    KERNELS.iter().find(|kernel| kernel.name == name).map_or(0, |kernel| kernel.full)
}

/// The file of a kernel in the language of the extension; none when there is no such file.
pub(in crate::bench) fn source(kernel: &str, extension: &str) -> Option<PathBuf> {
    ["bench/jit", "bench/kernels", "bench/gc"]
        .iter()
        .map(|folder| root().join(folder).join(kernel).with_extension(extension))
        .find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::{KERNELS, source};

    #[test]
    fn every_kernel_is_there_in_every_language() {
        for name in KERNELS.iter().map(|kernel| kernel.name).chain(["empty"]) {
            for extension in ["masm", "c", "js", "lua", "java", "go"] {
                assert!(source(name, extension).is_some(), "bench/jit/{name}.{extension}");
            }
        }
    }

    #[test]
    fn every_program_is_in_the_table() {
        let folder = crate::bench::root().join("bench/jit");
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let known = path.is_dir() || name == "empty" || KERNELS.iter().any(|kernel| kernel.name == name);
            assert!(known, "{}", path.display());
        }
    }
}
