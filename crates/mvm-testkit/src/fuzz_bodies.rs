//! The bodies of the fuzz targets (`fuzz/`), as plain functions: a fuzzer calls them with bytes of its own, and the
//! tests replay the corpus and random bytes through them.
//!
//! A body panics when something is wrong; bytes that stand for nothing are passed over.

use mvm_diag::SourceMap;
use mvm_exec::{Executor, Image};
use mvm_isa::Opcode;
use mvm_module::finish::finish_function;
use mvm_module::{Function, Module, read, verify, write};

use crate::differential::{Way, check, check_module, listing};
use crate::generate::{self, Entropy};

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
];

/// Ways of running for programs that are mostly short.
fn few_ways() -> [Way; 4] {
    let plain = Way::PLAIN;
    [
        plain,
        Way { executor: Executor::Tail, ..plain },
        Way { slice: 7, stress: 1, ..plain },
        Way { executor: Executor::Tail, slice: 7, ..plain },
    ]
}

/// Runs a module if the verifier takes it; all executors must agree.
fn run_verified(module: Module) {
    // Larger ones only cost time.
    let large = module.functions.iter().any(|f| f.registers.len() > 2_000) || module.literals.len() > 1_000;
    let Ok(verified) = verify(module) else { return };
    if large {
        return;
    }
    let image = Image::load(verified);
    if let Err(difference) = check(&image, &few_ways()) {
        panic!("{difference}\n{}", listing(image.module()));
    }
}

/// Bytes are read as a module. What is read is written as the same bytes; what the verifier takes is run.
pub fn module_read(bytes: &[u8]) {
    let Ok(module) = read(bytes) else { return };
    assert!(write(&module) == bytes, "a module is written as other bytes than it was read from");
    run_verified(module);
}

/// A generated module is changed in a few places. What the verifier still takes is run.
pub fn module_mutate(bytes: &[u8]) {
    let (changes, rest) = bytes.split_at(bytes.len().min(24));
    let mut module = generate::module(rest);
    let mut e = Entropy::new(changes);
    for _ in 0..1 + e.below(3) {
        mutate(&mut module, &mut e);
    }
    run_verified(module);
}

fn mutate(module: &mut Module, e: &mut Entropy<'_>) {
    let types = module.types.len();
    let index = e.below(module.functions.len());
    let function = &mut module.functions[index];
    let at = e.below(function.code.len());
    let word = &mut function.code[at];
    match e.below(9) {
        0 => *word ^= 1 << e.below(64),
        1 => *word = *word & !0xffff | e.below(Opcode::ALL.len()) as u64,
        2 => {
            let shift = 16 * e.below(4);
            *word = *word & !(0xffff << shift) | (e.below(40) as u64) << shift;
        }
        3 => *word = word.wrapping_add(1 << (16 * e.below(4))),
        4 => *word = e.bits(),
        5 => {
            let register = e.below(function.registers.len());
            if let Some(ty) = function.registers.get_mut(register) {
                *ty = mvm_isa::TypeId(e.below(types) as u16);
            }
        }
        6 => mutate_handler(function, e),
        7 => {
            function.code.remove(at);
        }
        _ => {
            let copy = function.code[e.below(function.code.len())];
            function.code.insert(at, copy);
        }
    }
    if e.below(8) != 0 {
        finish_function(function);
    }
}

fn mutate_handler(function: &mut Function, e: &mut Entropy<'_>) {
    let place = e.below(function.code.len() + 1) as u32;
    let number = e.below(function.handlers.len());
    let Some(handler) = function.handlers.get_mut(number) else { return };
    match e.below(5) {
        0 => handler.start = place,
        1 => handler.end = place,
        2 => handler.target = place,
        3 => handler.register = e.below(function.registers.len()) as u16,
        _ => handler.class = mvm_isa::TypeId(e.below(90) as u16),
    }
}

/// Bytes decide about a program; all executors must agree, and its text must give an equal one.
pub fn generate(bytes: &[u8]) {
    let module = generate::module(bytes);
    if let Err(report) = check_module(&module, &few_ways()) {
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
    module.ok_or_else(|| {
        let messages: Vec<String> = diagnostics.iter().take(3).map(|d| format!("{d:?}")).collect();
        messages.join("\n")
    })
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
    run_verified(module);
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
