//! Huge and knotted functions: the optimiser ends, and says what it left out.

use mvm_isa::{Opcode, TypeId, encode};
use mvm_module::finish::finish_function;
use mvm_module::{FuncDebug, Function, Module, verify};
use mvm_opt::{Level, Options, Outcome, optimise};

/// A module of one function with so many integer registers.
fn module(registers: usize, code: Vec<u64>) -> Module {
    let mut function = Function {
        name: "f".into(),
        params: 1,
        results: vec![],
        registers: vec![TypeId::I64; registers],
        code,
        handlers: vec![],
        debug: FuncDebug::default(),
    };
    finish_function(&mut function);
    let mut module = Module::new("m");
    module.functions.push(function);
    module
}

fn enter() -> Vec<u64> {
    let mut code = Vec::new();
    encode::fixed(&mut code, Opcode::Enter, &[1, 1]);
    code
}

/// What becomes of a module. What comes out keeps the rules.
fn outcome(module: Module) -> Outcome {
    let verified = verify(module).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let (module, report) = optimise(&verified, &Options::level(Level::O2));
    if let Err(errors) = verify(module) {
        panic!("{}", errors[0]);
    }
    report.functions[0].outcome
}

#[test]
fn a_hundred_thousand_instructions_get_cheap_passes_only() {
    let mut code = enter();
    (0..100_000).for_each(|k| encode::fixed(&mut code, Opcode::AddI64Imm, &[k % 7, (k + 1) % 7, 1]));
    encode::fixed(&mut code, Opcode::Ret, &[]);
    assert_eq!(outcome(module(7, code)), Outcome::Large);
}

#[test]
fn ten_thousand_blocks_are_done() {
    let mut code = enter();
    for k in 0..10_000 {
        encode::fixed(&mut code, Opcode::BltI64Imm, &[k % 5, 3, 2]);
        encode::fixed(&mut code, Opcode::AddI64Imm, &[k % 5, (k + 1) % 5, 1]);
    }
    encode::fixed(&mut code, Opcode::Ret, &[]);
    assert_ne!(outcome(module(5, code)), Outcome::Unknown);
}

#[test]
fn sixty_thousand_registers_are_done() {
    let mut code = enter();
    (1..60_000).for_each(|k| encode::fixed(&mut code, Opcode::AddI64Imm, &[k, k - 1, 1]));
    encode::fixed(&mut code, Opcode::Ret, &[]);
    assert_ne!(outcome(module(60_000, code)), Outcome::Unknown);
}

#[test]
fn thousands_of_loops_in_each_other_are_done() {
    let mut code = enter();
    for _ in 0..3_000 {
        encode::fixed(&mut code, Opcode::AddI64Imm, &[0, 0, 1]);
    }
    for k in 0..3_000 {
        // Out of the loop when it is over, else back to its start.
        encode::fixed(&mut code, Opcode::BltI64Imm, &[0, k, 2]);
        let to_start = 1 + (2_999 - k) - code.len() as i64;
        encode::fixed(&mut code, Opcode::JmpBack, &[1, to_start]);
    }
    encode::fixed(&mut code, Opcode::Ret, &[]);
    assert_ne!(outcome(module(1, code)), Outcome::Unknown);
}

/// Branches from everywhere to everywhere: loops with many heads.
#[test]
fn knots_are_done() {
    let mut code = enter();
    let blocks = 2_000i64;
    let start = |block: i64| 1 + 2 * block;
    for k in 0..blocks {
        let pc = start(k);
        let to = start((k * 7_919 + 13) % blocks);
        if to > pc {
            encode::fixed(&mut code, Opcode::BltI64Imm, &[0, k % 100, to - pc]);
            encode::fixed(&mut code, Opcode::AddI64Imm, &[0, 0, 1]);
        } else {
            encode::fixed(&mut code, Opcode::BltI64Imm, &[0, k % 100, 2]);
            encode::fixed(&mut code, Opcode::JmpBack, &[1, to - pc - 1]);
        }
    }
    encode::fixed(&mut code, Opcode::Ret, &[]);
    assert_ne!(outcome(module(2, code)), Outcome::Unknown);
}
