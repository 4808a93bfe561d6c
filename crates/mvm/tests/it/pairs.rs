//! The table of frequent pairs of instructions in docs/decisions/0016 is what the example programs and kernels execute.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::tool::{Scratch, mvm_with};

const PAGE: &str = "../../docs/decisions/0016-fused-instructions.md";
const BEGIN: &str = "<!-- The table: BLESS=1 cargo test -p mvm pairs -->\n";
const END: &str = "<!-- End of the table. -->\n";
/// Reductions of each program.
const REDUCTIONS: &str = "--limit-reductions=300000";
/// Rows of the table.
const ROWS: usize = 30;

/// Programs that need neither options nor arguments.
fn programs() -> Vec<PathBuf> {
    let of = |directory: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "masm"));
        paths
            .retain(|path| !path.with_extension("options").exists() && !path.with_extension("args").exists());
        paths.sort();
        paths
    };
    [of("../../examples"), of("../../bench/kernels")].concat()
}

/// How often pairs are executed, of all instructions of a program.
fn shares(path: &Path, scratch: &Scratch) -> Vec<([String; 2], f64)> {
    let input = std::fs::read(path.with_extension("in")).unwrap_or_default();
    let (path, counts) = (path.to_str().unwrap(), scratch.path("counts.json"));
    // Kernels take a number: how much there is to do. They are stopped before they have done it.
    let number: &[&str] = if path.contains("kernels") { &["--", "1000"] } else { &[] };
    mvm_with(&[&["stats", "-O2", "--json", REDUCTIONS, "-o", &counts, path], number].concat(), input);
    let counts = std::fs::read(&counts).unwrap_or_else(|error| panic!("{path}: {error}"));
    let counts: serde_json::Value = serde_json::from_slice(&counts).unwrap();
    let all = counts["instructions"].as_u64().unwrap() as f64;
    let pairs = counts["pairs"].as_array().unwrap().iter();
    let name = |pair: &serde_json::Value, k: usize| pair["instructions"][k].as_str().unwrap().to_string();
    pairs.map(|pair| ([name(pair, 0), name(pair, 1)], pair["count"].as_u64().unwrap() as f64 / all)).collect()
}

#[test]
fn the_table_of_pairs_is_what_programs_execute() {
    let scratch = Scratch::new("pairs");
    let programs = programs();
    let mut pairs: BTreeMap<[String; 2], (f64, usize, f64)> = BTreeMap::new();
    for path in &programs {
        for (pair, share) in shares(path, &scratch) {
            let (sum, count, most) = pairs.entry(pair).or_default();
            *sum += share;
            *count += usize::from(share >= 0.01);
            *most = most.max(share);
        }
    }
    let mut rows: Vec<_> = pairs.into_iter().collect();
    rows.sort_by(|(x, (one, ..)), (y, (two, ..))| two.total_cmp(one).then_with(|| x.cmp(y)));
    let mut table = String::from("| share | pair | programs | most |\n|---:|---|---:|---:|\n");
    for ([first, second], (sum, count, most)) in rows.iter().take(ROWS) {
        let share = sum / programs.len() as f64 * 100.0;
        let _ = writeln!(table, "| {share:.2} % | `{first}` `{second}` | {count} | {:.0} % |", most * 100.0);
    }
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has a beginning of the table");
    let (old, after) = rest.split_once(END).expect("the page has an end of the table");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PAGE, [before, BEGIN, &table, END, after].concat()).unwrap();
    } else {
        assert_eq!(old, table, "BLESS=1 cargo test -p mvm pairs");
    }
}
