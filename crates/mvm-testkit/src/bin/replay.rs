//! `replay [TARGET [PATH ...]]`: inputs through fuzz targets, without a fuzzer. A path is a file or a folder; without
//! one it is the target's corpus. The first input that fails ends the run with its panic.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mvm_testkit::fuzz_bodies::TARGETS;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let wanted = args.next().map_or_else(|| "all".into(), |name| name.to_string_lossy().into_owned());
    let paths: Vec<PathBuf> = args.map(PathBuf::from).collect();
    let mut found = false;
    for target in TARGETS.iter().filter(|target| wanted == "all" || target.name == wanted) {
        found = true;
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target.name);
        let folders = if paths.is_empty() { vec![corpus] } else { paths.clone() };
        let mut count = 0;
        for path in files(folders) {
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    eprintln!("error: {}: {error}", path.display());
                    return ExitCode::FAILURE;
                }
            };
            if std::panic::catch_unwind(|| (target.body)(&bytes)).is_err() {
                eprintln!("error: `{}` fails on {}", target.name, path.display());
                return ExitCode::FAILURE;
            }
            count += 1;
        }
        eprintln!("{}: {count} inputs pass", target.name);
    }
    if found {
        return ExitCode::SUCCESS;
    }
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    eprintln!("error: there is no fuzz target `{wanted}`; there are: {}", names.join(", "));
    ExitCode::FAILURE
}

/// The files among these paths, and those in the folders among them, by name.
fn files(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        match std::fs::read_dir(&path) {
            Ok(entries) => files.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => files.push(path),
        }
    }
    files.sort();
    files
}
