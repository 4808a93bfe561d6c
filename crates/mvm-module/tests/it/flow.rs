//! Control-flow graph, liveness, weights.

use mvm_isa::{Opcode as Op, TypeId, field_a, field_b};
use mvm_module::Function;
use mvm_module::cfg::{Cfg, instructions};
use mvm_module::finish::{finish_function, needs_enter};
use mvm_module::liveness::{Liveness, RegSet};

use crate::build::{Code, func, raw, with_handlers};

const I: TypeId = TypeId::I64;

fn before(function: &Function, pc: u32) -> Vec<u16> {
    let mut out = RegSet::new();
    Liveness::compute(function).live_before(function, pc, &mut out);
    out.iter().collect()
}

/// r1 = sum of r0, r0 - 1 .. 1; r2 is never used.
fn sum() -> Function {
    let code = Code::new()
        .op(Op::Enter, &[0, 0]) // 0
        .op(Op::BeqI64Imm, &[0, 0, 4]) // 1
        .op(Op::AddI64, &[1, 1, 0]) // 2
        .op(Op::AddI64Imm, &[0, 0, -1]) // 3
        .op(Op::JmpBack, &[0, -3]) // 4
        .op(Op::RetValue, &[1]); // 5
    raw("sum", 1, &[I], &[I, I, I], code)
}

#[test]
fn loop_is_two_blocks_and_a_half() {
    let cfg = Cfg::build(&sum());
    let blocks: Vec<_> = cfg.blocks().iter().map(|b| (b.start, b.end)).collect();
    assert_eq!(blocks, [(0, 1), (1, 2), (2, 5), (5, 6)]);
    assert_eq!(cfg.successors(0), [1]);
    assert_eq!(cfg.successors(1), [2, 3]);
    assert_eq!(cfg.successors(2), [1]);
    assert_eq!(cfg.successors(3), [] as [u32; 0]);
    assert_eq!(cfg.block_at(4), Some(2));
    assert_eq!(cfg.block_at(6), None);
}

#[test]
fn live_registers_of_a_loop() {
    let function = sum();
    assert_eq!(before(&function, 0), [0, 1]);
    assert_eq!(before(&function, 3), [0, 1]);
    assert_eq!(before(&function, 5), [1]);
    assert_eq!(before(&function, 6), [] as [u16; 0]);
    let liveness = Liveness::compute(&function);
    assert!(liveness.is_precise());
    assert_eq!(liveness.entry_live(), [1]);
}

#[test]
fn call_keeps_what_is_needed_after_it_without_its_result() {
    let code = Code::new().call(Op::Call, 1, 0, &[0]).op(Op::AddI64, &[1, 1, 2]).op(Op::RetValue, &[1]);
    let function = func("f", 3, &[I], &[I, I, I], code);
    let mut out = RegSet::new();
    Liveness::compute(&function).live_across(&function, 1, &mut out);
    assert_eq!(out.iter().collect::<Vec<_>>(), [2]);
    assert_eq!(before(&function, 1), [0, 2]);
}

#[test]
fn handler_keeps_its_registers_alive_in_the_whole_range() {
    // 0: r1 = 1; 1: r1 = r0 / r2; 2: ret r1; handler 3: r3 = e; uses r1 and r4
    let code = Code::new()
        .op(Op::ConstI64, &[1, 1])
        .op(Op::DivI64, &[1, 0, 2])
        .op(Op::RetValue, &[1])
        .op(Op::RetValue, &[4]);
    let types = [I, I, I, TypeId::ERROR, I, I];
    let plain = raw("f", 3, &[I], &types, code);
    assert_eq!(before(&plain, 1), [0, 2]);
    let caught = with_handlers(plain.clone(), &[(1, 2, 3, TypeId::ERROR, 3)]);
    assert_eq!(before(&caught, 1), [0, 2, 4]);
    assert_eq!(before(&caught, 0), [0, 2, 4]);
    assert_eq!(before(&caught, 2), [1]);
    assert_eq!(Liveness::compute(&caught).entry_live(), [4]);

    // An outer range around the inner one: what its handler reads is live in the inner one too.
    let mut both = with_handlers(plain, &[(1, 2, 3, TypeId::TRAP, 3), (0, 3, 4, TypeId::ERROR, 3)]);
    both.code = Code(both.code).op(Op::RetValue, &[5]).0;
    assert_eq!(before(&both, 1), [0, 2, 4, 5]);
    assert_eq!(before(&both, 0), [0, 2, 4, 5]);
    assert_eq!(before(&both, 2), [1, 5]);
    assert_eq!(before(&both, 3), [4]);
    let cfg = Cfg::build(&both);
    assert!(cfg.handlers_nest());
    assert_eq!(cfg.handlers(cfg.block_at(1).unwrap()).collect::<Vec<_>>(), [0, 1]);

    // A register that the range writes and its handler reads is live in front of the write.
    let reads = with_handlers(both.clone(), &[(0, 2, 2, TypeId::ERROR, 3)]);
    assert_eq!(before(&reads, 0), [0, 1, 2]);
    // The register of the exception is written by entering the handler.
    let own = with_handlers(both, &[(0, 2, 2, TypeId::ERROR, 1)]);
    assert_eq!(before(&own, 0), [0, 2]);
}

#[test]
fn ranges_that_cross_are_noticed() {
    let mut code = Code::new();
    for _ in 0..8 {
        code = code.op(Op::Nop, &[]);
    }
    let function = raw("f", 0, &[], &[TypeId::ERROR, I], code.ret());
    let e = TypeId::ERROR;
    for (ranges, nest) in [
        (vec![(0, 4, 7, e, 0), (2, 6, 7, e, 0)], false),
        (vec![(0, 6, 7, e, 0), (2, 4, 7, e, 0)], false),
        (vec![(2, 4, 7, e, 0), (0, 6, 7, e, 0), (6, 7, 7, e, 0)], true),
        (vec![(2, 4, 7, e, 0), (2, 4, 7, e, 0)], true),
    ] {
        let function = with_handlers(function.clone(), &ranges);
        assert_eq!(Cfg::build(&function).handlers_nest(), nest, "{ranges:?}");
        let liveness = Liveness::compute(&function);
        assert_eq!(liveness.is_precise(), nest);
        assert_eq!(liveness.entry_live(), if nest { vec![] } else { vec![0, 1] });
    }
}

#[test]
fn weights_count_the_longest_way() {
    let mut function = sum();
    finish_function(&mut function);
    assert_eq!((field_a(function.code[0]), field_b(function.code[0])), (1, 3));
    assert_eq!(field_a(function.code[4]), 1);

    // 16 words for the call itself and 2 for its code: 63 nops and the call make 82 words to the end.
    let mut code = Code::new().op(Op::Enter, &[0, 0]);
    for _ in 0..61 {
        code = code.op(Op::Nop, &[]);
    }
    let short = code.clone().op(Op::JmpBack, &[0, -61]);
    let mut function = raw("f", 0, &[], &[], short);
    finish_function(&mut function);
    assert_eq!(field_a(function.code[0]), 1);
    let long = code.call(Op::Call, 0xffff, 0, &[]).op(Op::JmpBack, &[0, -63]);
    let mut function = raw("f", 0, &[], &[I], long);
    finish_function(&mut function);
    assert_eq!(field_a(function.code[0]), 2, "80 words");
    assert_eq!(field_a(function.code[64]), 2, "from 1 to 80 are 79 words");
    assert_eq!(function.code[63] & 0xffff, 2, "registers + 1");
}

#[test]
fn large_functions_are_analysed_in_reasonable_time() {
    // A chain of 100,000 conditional branches over 500 registers, with a loop around it all.
    let mut code = Code::new().op(Op::Enter, &[0, 0]);
    for k in 0..50_000 {
        code = code.op(Op::BeqI64, &[k % 500, (k + 7) % 500, 2]).op(Op::AddI64, &[(k + 3) % 500, k % 500, 1]);
    }
    let code = code.op(Op::JmpBack, &[0, -100_000]);
    let mut function = raw("f", 0, &[], &[I; 500], code);
    assert!(needs_enter(&function));
    finish_function(&mut function);
    let liveness = Liveness::compute(&function);
    assert!(liveness.is_precise());
    assert_eq!(liveness.entry_live().len(), 500);
    assert_eq!(instructions(&function.code).count(), 100_002);
    function.registers = vec![I; 5_000];
    assert!(!Liveness::compute(&function).is_precise());
}

#[test]
fn nonsense_does_no_harm() {
    let mut function = raw("f", 9, &[], &[I], Code(vec![u64::MAX; 4]));
    function = with_handlers(function, &[(9, 1, 77, TypeId(9999), 40_000)]);
    finish_function(&mut function);
    assert_eq!(function.code, [u64::MAX; 4]);
    assert_eq!(before(&function, 3), [] as [u16; 0]);
    let code = Code::new().op(Op::AddI64, &[9, 0x7fff, 70]).op(Op::Jmp, &[i64::from(i32::MAX)]);
    let function = raw("f", 9, &[], &[I], code);
    before(&function, 1);
}
