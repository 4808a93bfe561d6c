//! `cargo xtask fuzz TARGET SECONDS`: bounded runs of the targets under `fuzz/`.

use crate::host;

const DEFAULT_SECONDS: u32 = 60;

/// Names of the targets: the files of `fuzz/fuzz_targets`.
fn targets() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(host::root().join("fuzz/fuzz_targets")) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned())).collect();
    names.sort();
    names
}

/// Whether there is something to fuzz and something to fuzz with.
pub(crate) fn available() -> bool {
    !targets().is_empty() && host::works(host::cargo_of("nightly").args(["fuzz", "--version"]))
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let targets = targets();
    let wanted = args.first().map_or("all", String::as_str);
    let seconds = match args.get(1) {
        None => DEFAULT_SECONDS,
        Some(text) => text.parse().map_err(|_| format!("`{text}` is not a number of seconds"))?,
    };
    let chosen: Vec<&String> = targets.iter().filter(|name| wanted == "all" || *name == wanted).collect();
    if chosen.is_empty() {
        return Err(format!("there is no fuzz target `{wanted}`; there are: {}", targets.join(", ")));
    }
    for name in chosen {
        let limit = format!("-max_total_time={seconds}");
        host::run(host::cargo_of("nightly").args(["fuzz", "run", name, "--", &limit]))?;
    }
    Ok(())
}
