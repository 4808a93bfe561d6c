//! The bodies of the fuzz targets (`fuzz/`), as plain functions: a fuzzer calls them with bytes of its own, and the
//! tests replay the corpus and random bytes through them.
//!
//! A body panics when something is wrong; bytes that stand for nothing are passed over.

use mvm_diag::{SourceMap, render};
use mvm_exec::Executor;
use mvm_module::format::{MAGIC, VERSION, instruction_set};
use mvm_module::{Module, TypeDef, link, read, verify, verify_library, write};

use crate::differential::{Limits, Way, check, check_module, listing};
use crate::generate::{self, Entropy};
use crate::mutate::mutate;

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: the file in `fuzz/fuzz_targets`, the folder in `fuzz/corpus`.
    pub name: &'static str,
    /// What it does.
    pub body: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "module_read", body: module_read },
    Target { name: "module_mutate", body: module_mutate },
    Target { name: "generate", body: generate },
    Target { name: "assemble", body: assemble },
    Target { name: "format", body: format },
    Target { name: "processes", body: processes },
    Target { name: "myna", body: myna },
    Target { name: "myna_check", body: myna_check },
    Target { name: "myna_typed", body: myna_typed },
];

/// A random program of several processes, whose number the bytes are, does the same whoever executes it, recorded and played back, written
/// down and restored.
pub fn processes(bytes: &[u8]) {
    let number = bytes.iter().take(4).fold(0, |number, &byte| number << 8 | u64::from(byte));
    let text = generate::processes::program_of_seed(number);
    if let Err(what) = crate::processes::check(&text, number) {
        panic!("{what}\n{text}");
    }
}

/// Text is checked as a program in Myna. What the compiler takes the verifier takes too, as it is and optimised, and all executors
/// agree on it; what it refuses it gives a reason for.
pub fn myna_check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match crate::typed::compiled(&text) {
        Ok(module) => {
            let verified = match verify(module.clone()) {
                Ok(verified) => verified,
                Err(errors) => panic!("the compiler breaks a rule: {}\n{text}", errors[0]),
            };
            let better = mvm_opt::optimise(&verified, &mvm_opt::Options::level(mvm_opt::Level::O2)).0;
            if let Err(errors) = verify(better.clone()) {
                panic!("the optimiser breaks a rule: {}\n{text}", errors[0]);
            }
            let number = number_of(bytes);
            run_verified(if number & 1 == 0 { module } else { better }, number);
        }
        Err(reasons) => assert!(!reasons.is_empty()),
    }
}

/// Bytes decide about a program in Myna, which prints what its generator says.
pub fn myna_typed(bytes: &[u8]) {
    if let Some(sample) = generate::myna::sample(bytes)
        && let Err(what) = crate::typed::check(&sample, number_of(bytes))
    {
        panic!("{what}");
    }
}

/// Ways of running for programs that are mostly short. Which memory managers and limits they have is up to a number, so
/// that a corpus together tries many.
fn few_ways(number: u64) -> [Way; 4] {
    let limits = match number % 6 {
        0..=3 => Limits::LARGE,
        4 => Limits::SMALL,
        _ => Limits { heap_words: number / 6 % 2_000, ..Limits::SMALL },
    };
    let stress = [1, 1, 3, 13][(number / 6 % 4) as usize];
    let plain = Way { limits, ..Way::PLAIN };
    let tail = Way { executor: Executor::Tail, ..plain };
    let number = number / 24;
    [
        plain.managed(number),
        tail.managed(number + 1),
        Way { slice: 7, stress, ..plain }.managed(number + 2),
        Way { slice: 7, ..tail }.managed(number / 3),
    ]
}

/// A number that an input stands for.
fn number_of(bytes: &[u8]) -> u64 {
    crc32fast::hash(bytes).into()
}

/// What holds for every module, right or wrong: it has a text, what is wrong with it can be said, linking it alone
/// gives an image that the verifier takes, and all executors agree on what the verifier takes.
fn judge(module: Module, number: u64) {
    mvm_asm::disassemble(&module, &mvm_asm::DisOptions { debug: true, listing: true });
    match verify_library(&module) {
        Ok(()) => {
            if let Ok(image) = link(vec![module.clone()])
                && let Err(errors) = verify(image)
            {
                panic!(
                    "a library that the verifier takes is linked to an image that it refuses: {}",
                    errors[0]
                );
            }
        }
        Err(errors) => errors.iter().for_each(|error| assert!(!error.to_string().is_empty())),
    }
    run_verified(module, number);
}

/// Runs a module if the verifier takes it; all executors must agree.
fn run_verified(module: Module, number: u64) {
    // Larger ones only cost time.
    let large = module.functions.iter().any(|f| f.registers.len() > 2_000) || module.literals.len() > 1_000;
    let Ok(verified) = verify(module) else { return };
    if large {
        return;
    }
    let image = crate::native::load(verified);
    if let Err(difference) = check(&image, &few_ways(number)) {
        panic!("{difference}\n{}", listing(image.module()));
    }
}

/// A module file with these sections: magic number, version, instruction set and checksum are put around them. So a
/// fuzzer need not guess a checksum, and a corpus does not age when an instruction comes to the table.
pub fn file_of(sections: &[u8]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend(instruction_set().to_le_bytes());
    file.extend(sections);
    let sum = crc32fast::hash(&file);
    file.extend(sum.to_le_bytes());
    file
}

/// The sections of a module file: [`file_of`] puts the rest around them again.
pub fn sections_of(file: &[u8]) -> &[u8] {
    let header = MAGIC.len() + 6;
    file.get(header..file.len().saturating_sub(4)).unwrap_or_default()
}

/// Bytes are read as a module file, and as the sections of one. What is read is written as the same bytes; what the
/// verifier takes is run.
pub fn module_read(bytes: &[u8]) {
    for file in [bytes, &file_of(bytes)] {
        match read(file) {
            Ok(module) => {
                assert!(write(&module) == file, "a module is written as other bytes than it was read from");
                judge(module, number_of(bytes));
            }
            Err(error) => assert!(error.offset <= file.len(), "{error}, behind the end of the file"),
        }
    }
}

/// Bytes of an input that decide about changes.
const CHANGES: usize = 32;

/// A generated module is changed in a few places. It can be written and read whatever it is; what the verifier still
/// takes is run.
pub fn module_mutate(bytes: &[u8]) {
    let (changes, rest) = bytes.split_at(bytes.len().min(CHANGES));
    let mut module = generate::module(rest);
    let mut e = Entropy::new(changes);
    for _ in 0..1 + e.below(3) {
        mutate(&mut module, &mut e);
    }
    // Built-in types are not written.
    if module.types.starts_with(&Module::builtin_types()) && written_types(&module) {
        assert!(
            read(&write(&module)).as_ref() == Ok(&module),
            "a module is read as another one than was written"
        );
    }
    judge(module, number_of(bytes));
}

/// Whether all types of the module itself have a form in files.
fn written_types(module: &Module) -> bool {
    module.types[Module::builtin_types().len()..].iter().all(|def| {
        matches!(def, TypeDef::RefArray(_) | TypeDef::Func(_) | TypeDef::Class(_) | TypeDef::Interface(_))
    })
}

/// Bytes decide about a program; all executors must agree, and its text must give an equal one.
pub fn generate(bytes: &[u8]) {
    let module = generate::module(bytes);
    if let Err(report) = check_module(&module, &few_ways(number_of(bytes))) {
        panic!("{report}");
    }
    let written = write(&module);
    assert!(read(&written).as_ref() == Ok(&module), "a module is read as another one than was written");
    round_trip(&module);
}

/// Disassembles, assembles, and does both again: the second text and the second module are the first ones.
fn round_trip(module: &Module) {
    let options = mvm_asm::DisOptions::default();
    let text = mvm_asm::disassemble(module, &options);
    let first = assembled(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    if let Err(errors) = verify(first.clone()) {
        panic!("{}\n{text}", errors[0]);
    }
    let again = mvm_asm::disassemble(&first, &options);
    let second = assembled(&again).unwrap_or_else(|errors| panic!("{errors}\n{again}"));
    assert!(write(&first) == write(&second), "the text of a module gives another one:\n{text}\n{again}");
}

fn assembled(text: &str) -> Result<Module, String> {
    let mut map = SourceMap::new();
    let file = map.add("fuzz.masm", text);
    let (module, diagnostics) =
        mvm_asm::assemble(&mut map, file, &mvm_asm::Options::default(), &mut mvm_asm::NoFiles);
    let shown: Vec<String> = diagnostics.iter().take(20).map(|d| render(d, &map, false)).collect();
    module.ok_or_else(|| shown.join("\n"))
}

/// Text is assembled; a module that comes out and verifies is the same after disassembling and assembling it.
pub fn assemble(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(module) = assembled(&text) else { return };
    let Ok(verified) = verify(module.clone()) else { return };
    assert!(
        read(&write(&module)).as_ref() == Ok(&module),
        "a module is read as another one than was written"
    );
    round_trip(verified.module());
    run_verified(module, number_of(bytes));
}

/// Formatted text stays as it is when it is formatted, and means the same as before.
pub fn format(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(once) = mvm_asm::format(&text) else { return };
    match mvm_asm::format(&once) {
        Ok(twice) => assert!(once == twice, "formatting again changes the text:\n{once}\n---\n{twice}"),
        Err(error) => panic!("formatted text cannot be formatted: {error:?}\n{once}"),
    }
    let without_debug = |text: &str| {
        let mut module = assembled(text).ok()?;
        module.functions.iter_mut().for_each(|f| f.debug.lines.clear());
        Some(module)
    };
    let (before, after) = (without_debug(&text), without_debug(&once));
    assert!(
        before.is_some() == after.is_some(),
        "formatting makes or breaks a program:\n{text}\n---\n{once}"
    );
    assert!(before == after, "formatting changes a program:\n{text}\n---\n{once}");
}

/// Any bytes have a tree with all of their text. What has no errors is formatted, to a text that formatting does not
/// change and that has the same tree.
pub fn myna(bytes: &[u8]) {
    let mut map = SourceMap::new();
    let text = String::from_utf8_lossy(bytes);
    let file = map.add("fuzz.myna", &*text);
    let parse = mvm_lang::parse_bytes(file, bytes);
    assert!(parse.tree.text() == text, "the tree has another text");
    assert!(parse.diagnostics.len() <= mvm_lang::ERRORS_MAX);
    for diagnostic in parse.diagnostics.iter().take(20) {
        render(diagnostic, &map, false);
    }
    match mvm_lang::format(&text) {
        Ok(once) => match mvm_lang::format(&once) {
            Ok(twice) => assert!(once == twice, "formatting again changes the text:\n{once}\n---\n{twice}"),
            Err(error) => panic!("formatted text cannot be formatted: {error:?}\n{once}"),
        },
        Err(mvm_lang::FormatError::Syntax(errors)) => assert!(!errors.is_empty()),
        Err(mvm_lang::FormatError::Changed) => panic!("formatting changes a program:\n{text}"),
    }
}
