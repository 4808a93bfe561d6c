//! The programs of `bench/gc/`: their sizes, how much of what they make is alive at a time, and who cannot run them.
//!
//! To add one, add a row here and `bench/gc/NAME.*` in every language that fits.

/// A program with its sizes.
#[derive(Debug)]
pub(super) struct Program {
    /// Name in the report.
    pub(super) name: &'static str,
    /// Name of its files, without the extension.
    pub(super) source: &'static str,
    /// Arguments of a full measurement.
    full: &'static [u64],
    /// Arguments of a quick one.
    quick: &'static [u64],
    /// Bytes of guest objects alive at the worst moment, as MVM lays them out (`docs/MODULE.md`), from the arguments and
    /// the output; none where it is not known well enough.
    live: fn(&[u64], &str) -> Option<u64>,
    /// Whether its time counts for the target against Lua.
    pub(super) allocates: bool,
    /// Size of MVM's young space, where it is not the default.
    pub(super) young_bytes: Option<u64>,
    /// Peers that do not run it, and why.
    pub(super) left_out: &'static [LeftOut],
}

impl Program {
    /// The arguments of the program.
    pub(super) fn args(&self, quick: bool) -> &'static [u64] {
        if quick { self.quick } else { self.full }
    }

    /// Bytes alive at the worst moment, when the program printed `output`.
    pub(super) fn live_bytes(&self, quick: bool, output: &str) -> Option<u64> {
        (self.live)(self.args(quick), output)
    }

    /// Whether a peer runs it.
    pub(super) fn is_for(&self, peer: &str) -> bool {
        !self.left_out.iter().any(|(names, _)| names.contains(&peer))
    }
}

/// A header and two references.
const TREE_NODE_BYTES: u64 = 16;
/// A header, a reference (4 bytes, filled up to 8) and a number.
const LIST_NODE_BYTES: u64 = 24;
/// Nodes in each list of `live`.
const LIST_LENGTH: u64 = 16;

/// The levels that `deep` and `deep_quarter` recurse, and how often: as many calls in both.
pub(super) const DEEP: &str = "deep";
/// See [`DEEP`].
pub(super) const DEEP_QUARTER: &str = "deep_quarter";
/// The program that pauses are judged by.
pub(super) const LIVE: &str = "live";

/// Names of peers, and why they do not run a program.
type LeftOut = (&'static [&'static str], &'static str);

/// All peers whose collector frees memory.
const COLLECTED: &[&str] = &["lua5.4", "luajit", "node", "go", "java-g1", "java-zgc", "ocaml"];
/// All peers.
const OTHERS: &[&str] = &["lua5.4", "luajit", "node", "go", "java-g1", "java-zgc", "ocaml", "c"];

const BASE: Program = Program {
    name: "",
    source: "",
    full: &[],
    quick: &[],
    live: |_, _| None,
    allocates: true,
    young_bytes: None,
    left_out: &[],
};

/// All programs, in the order of the report.
pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "trees",
        source: "trees",
        full: &[16],
        quick: &[12],
        live: |args, _| Some((TREE_NODE_BYTES << (args[0] + 2)) - TREE_NODE_BYTES),
        ..BASE
    },
    Program {
        name: "churn",
        source: "churn",
        full: &[1_000_000, 1_000_000],
        quick: &[100_000, 100_000],
        live: |args, _| Some(churn_live(args[0], args[1])),
        ..BASE
    },
    Program {
        name: "frag",
        source: "frag",
        full: &[4096, 200_000],
        quick: &[4096, 20_000],
        live: frag_live,
        ..BASE
    },
    Program {
        name: "blocks",
        source: "blocks",
        full: &[4096, 200_000],
        quick: &[4096, 20_000],
        live: frag_live,
        left_out: &[(COLLECTED, "they have no memory that a program frees")],
        ..BASE
    },
    Program { name: "strings", source: "strings", full: &[60_000], quick: &[6_000], ..BASE },
    Program {
        name: LIVE,
        source: "live",
        full: &[250_000, 4_000_000],
        quick: &[250_000, 400_000],
        live: |args, _| Some(args[0] * (LIST_LENGTH * LIST_NODE_BYTES + 4) + 8),
        young_bytes: Some(1 << 20),
        ..BASE
    },
    Program {
        name: "chain",
        source: "chain",
        full: &[10_000_000],
        quick: &[1_000_000],
        live: |args, _| Some(args[0] * LIST_NODE_BYTES),
        ..BASE
    },
    Program { name: "shallow", source: "deep", full: &[1_000, 2_000], quick: &[1_000, 200], ..BASE },
    Program {
        name: DEEP,
        source: "deep",
        full: &[1_000_000, 2],
        quick: &[200_000, 1],
        left_out: &[(&["lua5.4", "luajit"], "their stacks end at a million slots and at 65,500")],
        allocates: false,
        ..BASE
    },
    Program {
        name: DEEP_QUARTER,
        source: "deep",
        full: &[250_000, 8],
        quick: &[50_000, 4],
        left_out: &[(OTHERS, "it is there to be compared with `deep`")],
        allocates: false,
        ..BASE
    },
];

/// What the program itself counted (its second line), with a header and a place in the table for each array.
fn frag_live(args: &[u64], output: &str) -> Option<u64> {
    let payload: u64 = output.lines().nth(1)?.trim().parse().ok()?;
    Some(payload + args[0] * (8 + 4) + 8)
}

/// Follows `lib/map.masm`: `slots` slots of 8 bytes have two thirds of that in places of 16; when the places are used up,
/// there are old and new tables at a time. An entry is a key in a box and an object of two numbers.
fn churn_live(size: u64, steps: u64) -> u64 {
    const ENTRY_BYTES: u64 = 16 + 24;
    let table_bytes = |slots: u64| 8 * slots + 16 * (slots * 2 / 3);
    let (mut slots, mut used, mut live, mut worst) = (16, 0, 0, 0);
    for inserted in 0..size + steps {
        if inserted >= size {
            live -= 1;
        }
        if used == slots * 2 / 3 {
            let old = slots;
            slots = 16;
            while slots < 3 * live {
                slots *= 2;
            }
            used = live;
            worst = worst.max(table_bytes(old) + table_bytes(slots) + live * ENTRY_BYTES);
        }
        (used, live) = (used + 1, live + 1);
        worst = worst.max(table_bytes(slots) + live * ENTRY_BYTES);
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::{PROGRAMS, churn_live};

    #[test]
    fn every_program_has_a_source_in_assembly() {
        let root = crate::bench::root().join("bench/gc");
        for program in PROGRAMS {
            let path = root.join(program.source).with_extension("masm");
            assert!(path.exists(), "{}", path.display());
            assert_eq!(program.full.len(), program.quick.len(), "{}", program.name);
        }
    }

    #[test]
    fn a_map_of_eleven_has_had_two_tables() {
        // 16 slots with 10 places, then 32 with 21.
        assert_eq!(churn_live(11, 0), (8 * 16 + 16 * 10) + (8 * 32 + 16 * 21) + 10 * 40);
    }
}
