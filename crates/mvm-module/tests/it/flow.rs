//! Control-flow graph, liveness, weights.

use std::collections::BTreeSet;

use mvm_isa::{Access, Opcode as Op, TypeId, field_a, field_b, visit_registers};
use mvm_module::Function;
use mvm_module::cfg::{Cfg, instructions, visit_branch_targets};
use mvm_module::finish::{finish_function, needs_enter};
use mvm_module::liveness::{Liveness, RegSet};

use crate::build::{Code, func, raw, with_handlers};
use crate::sample::Random;

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

/// Random code: arithmetic, branches both ways, calls, returns, and handler ranges that nest.
fn random_function(random: &mut Random) -> Function {
    let registers = 1 + random.below(90);
    let count = 2 + random.below(60);
    let mut code = Code::new();
    let reg = |random: &mut Random| random.below(registers) as i64;
    for at in 0..count as i64 {
        let (a, b, c) = (reg(random), reg(random), reg(random));
        let (ahead, behind) =
            (1 + random.below(count - at as usize) as i64, random.below(at as usize + 1) as i64);
        code = match random.below(12) {
            0..=3 => code.op(Op::AddI64, &[a, b, c]),
            4 => code.op(Op::ConstI64, &[a, 1]),
            5 | 6 => code.op(Op::BltI64, &[a, b, ahead]),
            7 => code.op(Op::BltI64Back, &[a, b, -behind]),
            8 => code.op(Op::JmpBack, &[0, -behind]),
            9 => code.op(Op::Jmp, &[ahead]),
            10 => code.op(Op::RetValue, &[a]),
            _ => code.op(Op::Mov, &[a, b]),
        };
    }
    code = code.op(Op::RetValue, &[0]);
    let params = random.below(registers + 1) as u16;
    let mut function = raw("f", params, &[I], &vec![I; registers], code);
    let (mut start, mut end) = (0, count as u32);
    let mut ranges = Vec::new();
    while random.below(3) > 0 && start < end {
        let target = random.below(count) as u32;
        ranges.insert(0, (start, end, target, TypeId::ERROR, reg(random) as u16));
        start += random.below(3) as u32;
        end -= random.below((end - start.min(end)) as usize + 1) as u32;
    }
    ranges.retain(|range| range.0 < range.1);
    function = with_handlers(function, &ranges);
    function
}

/// The same by its definition: sets for each instruction, until nothing changes.
fn plainly(function: &Function) -> Vec<BTreeSet<u16>> {
    let code: Vec<_> = instructions(&function.code).collect();
    let mut live = vec![BTreeSet::new(); function.code.len() + 1];
    loop {
        let before = live.clone();
        for &(pc, op, words) in code.iter().rev() {
            let mut set = BTreeSet::new();
            visit_branch_targets(pc, op, words, |target| set.extend(live[target as usize].iter().copied()));
            if !op.info().has(mvm_isa::Effect::Ends) {
                set.extend(live[pc as usize + words.len()].iter().copied());
            }
            visit_registers(op, words, |access, r| {
                if access == Access::Def {
                    set.remove(&r);
                }
            });
            visit_registers(op, words, |access, r| {
                if access == Access::Src {
                    set.insert(r);
                }
            });
            for handler in function.handlers.iter().filter(|h| (h.start..h.end).contains(&pc)) {
                let there = &live[handler.target as usize];
                set.extend(there.iter().copied().filter(|&r| r != handler.register));
            }
            live[pc as usize] = set;
        }
        if live == before {
            return live;
        }
    }
}

#[test]
fn liveness_is_what_its_definition_says() {
    let mut random = Random(7);
    for round in 0..3_000 {
        let function = random_function(&mut random);
        let liveness = Liveness::compute(&function);
        assert!(liveness.is_precise());
        let wanted = plainly(&function);
        let mut found = RegSet::new();
        for (pc, ..) in instructions(&function.code) {
            liveness.live_before(&function, pc, &mut found);
            let found: BTreeSet<u16> = found.iter().collect();
            assert_eq!(found, wanted[pc as usize], "round {round}, pc {pc}: {function:?}");
        }
        let entry: Vec<u16> = wanted[0].iter().copied().filter(|&r| r >= function.params).collect();
        assert_eq!(liveness.entry_live(), entry);
    }
}
