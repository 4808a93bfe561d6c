//! The layer diagram of ARCHITECTURE.md against the manifests: dependencies point strictly downwards.
//!
//! Dependencies of tests may point anywhere: tests look at the machine from above.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate of the workspace and the crates of the workspace that it is built on.
#[derive(Debug)]
struct Package {
    name: String,
    uses: Vec<String>,
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("crates/mvm-testkit is two below the root").to_path_buf()
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let list = metadata["packages"].as_array().expect("a list of packages");
    let name_of = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    let names: Vec<String> = list.iter().map(name_of).collect();
    let uses = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().expect("a list of dependencies").iter();
        all.filter(|used| used["kind"] != "dev").map(name_of).filter(|name| names.contains(name)).collect()
    };
    list.iter().map(|package| Package { name: name_of(package), uses: uses(package) }).collect()
}

/// Layers of the crates in the diagram: in fenced blocks, the lines that start with a number. What stands in
/// parentheses is a comment; of the rest, names of crates count.
fn layers(architecture: &str, is_crate: impl Fn(&str) -> bool) -> BTreeMap<String, u32> {
    let mut layers = BTreeMap::new();
    let mut fenced = false;
    for line in architecture.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        let (number, rest) = line.trim_start().split_once(' ').unwrap_or(("", ""));
        let (true, Ok(layer)) = (fenced, number.parse()) else { continue };
        let mut depth = 0;
        let plain: String = rest
            .chars()
            .map(|c| {
                depth += i32::from(c == '(');
                let shown = if depth > 0 { ' ' } else { c };
                depth -= i32::from(c == ')');
                shown
            })
            .collect();
        let words = plain.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
        for word in words.filter(|word| is_crate(word)) {
            layers.insert(word.to_owned(), layer);
        }
    }
    layers
}

/// What contradicts the diagram.
fn contradictions(layers: &BTreeMap<String, u32>, packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    for package in packages {
        let Some(layer) = layers.get(&package.name) else {
            found.push(format!("`{}` is not in the layer diagram", package.name));
            continue;
        };
        for used in &package.uses {
            if layers.get(used).is_some_and(|below| below >= layer) {
                found.push(format!(
                    "`{}` (layer {layer}) uses `{used}` (layer {})",
                    package.name, layers[used]
                ));
            }
        }
    }
    found
}

#[test]
fn dependencies_point_down_the_layer_diagram() {
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let packages = packages();
    let layers = layers(&architecture, |word| packages.iter().any(|package| package.name == word));
    let found = contradictions(&layers, &packages);
    assert!(found.is_empty(), "ARCHITECTURE.md and the manifests disagree:\n{}", found.join("\n"));
}

#[test]
fn contradictions_are_found() {
    let diagram = "\
# 1. text mvm-a
```
 6  binaries     mvm (CLI, uses mvm-b)     xtask (build tasks)
 2  engines      mvm-a (text (and) module), mvm-b
 0  vocabulary   mvm-c
```
2 mvm-d
";
    let package = |name: &str, uses: &[&str]| Package {
        name: name.to_owned(),
        uses: uses.iter().map(|name| (*name).to_owned()).collect(),
    };
    let layers = layers(diagram, |word| word == "xtask" || word.starts_with("mvm"));
    let wanted = [("mvm", 6), ("mvm-a", 2), ("mvm-b", 2), ("mvm-c", 0), ("xtask", 6)];
    assert!(layers.iter().map(|(name, layer)| (name.as_str(), *layer)).eq(wanted));

    let good = [package("mvm", &["mvm-a", "mvm-c"]), package("mvm-a", &["mvm-c"]), package("mvm-c", &[])];
    assert_eq!(contradictions(&layers, &good), Vec::<String>::new());
    let bad = [package("mvm-a", &["mvm-b"]), package("mvm-c", &["mvm"]), package("mvm-d", &[])];
    assert_eq!(
        contradictions(&layers, &bad),
        [
            "`mvm-a` (layer 2) uses `mvm-b` (layer 2)",
            "`mvm-c` (layer 0) uses `mvm` (layer 6)",
            "`mvm-d` is not in the layer diagram"
        ]
    );
}

#[test]
fn metadata_lists_this_crate() {
    let packages = packages();
    let this = packages.iter().find(|package| package.name == "mvm-testkit").expect("this crate");
    assert!(this.uses.iter().any(|used| used == "mvm-isa"), "{this:?}");
}
