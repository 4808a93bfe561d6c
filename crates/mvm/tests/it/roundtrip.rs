//! Disassembly assembles back to the same bytes: examples, library, linked images, generated modules.

use std::path::{Path, PathBuf};

use mvm_asm::{DisOptions, NoFiles, Options, assemble, disassemble, format};
use mvm_diag::{SourceMap, render};
use mvm_isa::Elem;
use mvm_module::{Literal, Module, read, write};

use crate::tool::{Scratch, mvm};

/// Assembles text that must be right.
fn assembled(text: &str) -> Module {
    let mut map = SourceMap::new();
    let file = map.add("again.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    module.unwrap_or_else(|| {
        let errors: Vec<String> = diagnostics.iter().map(|d| render(d, &map, false)).collect();
        panic!("{}\n{text}", errors.join("\n"));
    })
}

/// The text of a module gives the same module, formatted or not.
fn comes_back(module: &Module, what: &str) {
    let text = disassemble(module, &DisOptions::default());
    let again = disassemble(&assembled(&text), &DisOptions::default());
    let different = text.lines().zip(again.lines()).find(|(before, after)| before != after);
    assert!(different.is_none(), "{what}: {different:?}\n{text}");
    assert!(write(&assembled(&text)) == write(module), "{what} does not come back:\n{text}");
    let formatted = format(&text).unwrap();
    assert!(format(&formatted).unwrap() == formatted, "{what}: formatting twice changes more");
    assert!(write(&assembled(&formatted)) == write(module), "{what}: formatting changes the program");
}

fn programs(directory: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(directory);
    let mut found: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "masm"))
        .collect();
    found.sort();
    found
}

#[test]
fn examples_and_library_come_back() {
    let scratch = Scratch::new("roundtrip");
    for path in programs("examples").into_iter().chain(programs("lib")) {
        let source = path.to_str().unwrap();
        let out = scratch.path("module.mvm");
        for command in ["asm", "build"] {
            let run = mvm(&[command, source, "-o", &out]);
            if command == "build" && run.err.contains("no function `main`") {
                continue;
            }
            assert_eq!(run.status, 0, "{source}: {}", run.err);
            comes_back(&read(&std::fs::read(&out).unwrap()).unwrap(), source);
        }
    }
}

#[test]
fn formatting_keeps_programs_and_is_stable() {
    for path in programs("examples").into_iter().chain(programs("lib")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let formatted = format(&text).unwrap();
        assert_eq!(format(&formatted).unwrap(), formatted, "{}", path.display());
    }
}

#[test]
fn generated_modules_come_back() {
    for seed in 0..300 {
        let mut module = mvm_testkit::generate::module_of_seed(seed);
        module.literals.iter_mut().for_each(make_nans_canonical);
        comes_back(&module, &format!("seed {seed}"));
    }
}

/// Text has one `nan`.
fn make_nans_canonical(literal: &mut Literal) {
    let Literal::Array(elem, bytes) = literal else { return };
    match elem {
        Elem::F32 => bytes.as_chunks_mut::<4>().0.iter_mut().for_each(|bits| {
            if f32::from_le_bytes(*bits).is_nan() {
                *bits = 0x7fc0_0000_u32.to_le_bytes();
            }
        }),
        Elem::F64 => bytes.as_chunks_mut::<8>().0.iter_mut().for_each(|bits| {
            if f64::from_le_bytes(*bits).is_nan() {
                *bits = 0x7ff8_0000_0000_0000_u64.to_le_bytes();
            }
        }),
        _ => {}
    }
}
