//! The fuzz targets without a fuzzer: their corpus, the programs of the project, and random bytes.

use std::path::{Path, PathBuf};

use mvm_testkit::fuzz_bodies::{self, TARGETS};
use mvm_testkit::generate;
use mvm_testkit::rng::Rng;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The contents of all files below a folder with this extension, by name.
fn files(folder: &Path, extension: Option<&str>) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if extension.is_none_or(|wanted| path.extension().is_some_and(|e| e == wanted)) {
                let bytes = std::fs::read(&path).unwrap_or_default();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    found
}

/// Runs a body; a panic says which input it was.
fn replay(body: fn(&[u8]), bytes: &[u8], what: &str) {
    if std::panic::catch_unwind(|| body(bytes)).is_err() {
        panic!("{what} fails");
    }
}

#[test]
fn corpus_passes() {
    let corpus = root().join("fuzz/corpus");
    for target in TARGETS {
        let folder = corpus.join(target.name);
        let inputs = files(&folder, None);
        assert!(!inputs.is_empty(), "no corpus for `{}`", target.name);
        for (path, bytes) in inputs {
            replay(target.body, &bytes, &path.display().to_string());
        }
    }
}

#[test]
fn programs_of_the_project_pass() {
    for folder in ["examples", "tests", "lib"] {
        for (path, bytes) in files(&root().join(folder), Some("masm")) {
            let name = path.display().to_string();
            replay(fuzz_bodies::assemble, &bytes, &name);
            replay(fuzz_bodies::format, &bytes, &name);
        }
    }
}

#[test]
fn myna_of_the_project_passes() {
    let inputs = files(&root().join("tests/myna"), Some("myna"));
    assert!(inputs.len() > 60);
    for (path, bytes) in inputs {
        replay(fuzz_bodies::myna, &bytes, &path.display().to_string());
    }
}

#[test]
fn random_bytes_pass() {
    let mut rng = Rng::new(7);
    for target in TARGETS {
        for round in 0..40 {
            let count = rng.below(1 << (round % 11));
            let bytes: Vec<u8> = (0..count).map(|_| rng.bits() as u8).collect();
            replay(target.body, &bytes, &format!("`{}` with random bytes {round}", target.name));
        }
    }
}

#[test]
fn mutated_modules_pass() {
    let mut rng = Rng::new(8);
    for seed in 0..200 {
        let mut bytes: Vec<u8> = (0..32).map(|_| rng.bits() as u8).collect();
        bytes.extend(generate::bytes_of_seed(seed));
        replay(fuzz_bodies::module_mutate, &bytes, &format!("mutated module {seed}"));
        // The same for bytes of a file; its checksum is made right again.
        let file = mvm_module::write(&generate::module_of_seed(seed));
        fuzz_bodies::module_read(&file);
        let mut file = fuzz_bodies::sections_of(&file).to_vec();
        for _ in 0..rng.below(3) {
            let at = rng.below(file.len() as u64) as usize;
            file[at] ^= 1 << rng.below(8);
        }
        replay(fuzz_bodies::module_read, &file, &format!("mutated file {seed}"));
    }
}

#[test]
fn sections_make_the_file_they_come_from() {
    let file = mvm_module::write(&generate::module_of_seed(1));
    assert_eq!(fuzz_bodies::file_of(fuzz_bodies::sections_of(&file)), file);
    assert_eq!(fuzz_bodies::sections_of(b"MVM"), b"");
}

/// A judge that cannot complain is none: each kind of change makes some modules wrong and leaves some right.
#[test]
fn changes_are_seen_by_the_verifier() {
    let (mut right, mut wrong) = (0, std::collections::BTreeSet::new());
    for seed in 0..3_000 {
        let mut rng = Rng::new(seed);
        let bytes: Vec<u8> = (0..32).map(|_| rng.bits() as u8).collect();
        let mut module = generate::module_of_seed(seed % 10);
        mvm_testkit::mutate::mutate(&mut module, &mut generate::Entropy::new(&bytes));
        match mvm_module::verify(module) {
            Ok(_) => right += 1,
            Err(errors) => wrong.extend(errors.iter().map(|error| error.rule.number())),
        }
    }
    assert!(right > 300, "{right} of 3000 are right");
    assert!(wrong.len() > 50, "only these rules are broken: {wrong:?}");
}

#[test]
fn every_target_has_a_file() {
    let found = files(&root().join("fuzz/fuzz_targets"), Some("rs"));
    let found: Vec<String> =
        found.iter().filter_map(|(path, _)| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
    let mut wanted: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}
