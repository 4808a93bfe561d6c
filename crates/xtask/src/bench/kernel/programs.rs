//! The programs of `bench/kernel/` and their sizes.
//!
//! To add one, add a row here and `bench/kernel/NAME.*` in the languages of all peers.

/// What is asked of a program beside that it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// CPU time against the peers.
    Cpu,
    /// That, and the memory of each of its processes; their number is the first argument.
    Memory,
    /// How long a process waits that has been woken: the program says so.
    Wait,
    /// The same, but it is only shown.
    Shown,
}

/// A program with its sizes.
#[derive(Debug)]
pub(super) struct Program {
    /// Name in the report.
    pub(super) name: &'static str,
    /// Name of its files, without the extension.
    pub(super) source: &'static str,
    pub(super) judged: Judged,
    full: &'static [u64],
    quick: &'static [u64],
    /// MVM runs it with these options; other peers do not run it then.
    pub(super) options: &'static [&'static str],
}

impl Program {
    /// The arguments of the program.
    pub(super) fn args(&self, quick: bool) -> &'static [u64] {
        if quick { self.quick } else { self.full }
    }

    const fn new(source: &'static str, full: &'static [u64], quick: &'static [u64]) -> Program {
        Program { name: source, source, judged: Judged::Cpu, full, quick, options: &[] }
    }

    const fn named(self, name: &'static str) -> Program {
        Program { name, ..self }
    }

    const fn judged(self, judged: Judged) -> Program {
        Program { judged, ..self }
    }
}

/// All programs, in the order of the report.
pub(super) const PROGRAMS: &[Program] = &[
    Program::new("ring", &[1000, 1_000_000], &[100, 100_000]),
    Program::new("spawn", &[1_000_000], &[100_000]),
    Program::new("idle", &[1_000_000], &[50_000]).judged(Judged::Memory),
    Program::new("mailbox", &[1000, 1000], &[100, 1000]),
    Program::new("pingpong", &[1_000_000], &[100_000]),
    Program::new("bytes", &[200_000, 1 << 10], &[20_000, 1 << 10]).named("bytes_1k"),
    Program::new("bytes", &[200_000, 100 << 10], &[20_000, 100 << 10]).named("bytes_100k"),
    Program::new("array", &[200_000, 128], &[20_000, 128]).named("array_1k"),
    Program::new("array", &[20_000, 12_800], &[2000, 12_800]).named("array_100k"),
    Program::new("loops", &[1000, 2000], &[1000, 100]).judged(Judged::Wait),
    Program {
        options: &["--jit"],
        ..Program::new("loops", &[1000, 2000], &[1000, 100]).named("loops_native").judged(Judged::Wait)
    },
    Program {
        options: &["--sched", "rr"],
        ..Program::new("loops", &[1000, 2000], &[1000, 100]).named("loops_rr").judged(Judged::Shown)
    },
];
