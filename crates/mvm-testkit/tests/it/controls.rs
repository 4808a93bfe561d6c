//! Negative controls: the judge that compares executors finds a right executor with a wrong program, or with the wrong
//! fuel. (Wrong executors: `planted.rs`, with the feature `planted-bugs`.)

use mvm_exec::{Executor, Image};
use mvm_isa::{Opcode, TypeId};
use mvm_module::Module;
use mvm_module::cfg::instructions;
use mvm_testkit::differential::{Way, compare, minimise, run, run_with};
use mvm_testkit::generate;
use mvm_testkit::manager::Manager;

/// Seeds until a program with all `from` replaced by `to` is told apart from the original.
fn seeds_to_find(from: Opcode, to: Opcode) -> Option<u64> {
    (0..400).find(|&seed| {
        let module = generate::module_of_seed(seed);
        let wrong = replaced(&module, from, to);
        let load = |module| Image::load(mvm_module::verify(module).expect("generated modules verify"));
        let way = Way { executor: Executor::Tail, ..Way::PLAIN };
        let (left, right) = (run(&load(module), Way::PLAIN), run(&load(wrong), way));
        left.zip(right).is_some_and(|(left, right)| compare(&left, &right, true).is_err())
    })
}

fn replaced(module: &Module, from: Opcode, to: Opcode) -> Module {
    let mut wrong = module.clone();
    for function in &mut wrong.functions {
        let places: Vec<usize> = instructions(&function.code)
            .filter(|(_, op, _)| *op == from)
            .map(|(pc, _, _)| pc as usize)
            .collect();
        places.iter().for_each(|&pc| function.code[pc] = function.code[pc] & !0xffff | to as u64);
    }
    wrong
}

#[test]
fn wrong_instructions_are_found() {
    for (from, to) in [
        (Opcode::AddI64, Opcode::SubI64),
        (Opcode::MulF64, Opcode::DivF64),
        (Opcode::BltI64, Opcode::BleI64),
        (Opcode::StrUpper, Opcode::StrLower),
        (Opcode::StoreI32, Opcode::StoreI32Be),
        (Opcode::BytesCompare, Opcode::BytesEq),
        (Opcode::BgtI64ImmBack, Opcode::BgeI64ImmBack),
    ] {
        let found = seeds_to_find(from, to);
        println!("{from:?} for {to:?}: found by seed {found:?}");
        assert!(found.is_some(), "{from:?} for {to:?} is not found");
    }
}

#[test]
fn one_reduction_too_many_is_found() {
    let found = (0..50).find(|&seed| {
        let image = Image::load(
            mvm_module::verify(generate::module_of_seed(seed)).expect("generated modules verify"),
        );
        let way = Way { slice: 7, ..Way::PLAIN };
        let right = run(&image, way).expect("there is a main function");
        let wrong = run_with(&image, way, |slice, machine| machine.add_fuel(u64::from(slice == 2)));
        compare(&right, &wrong.unwrap(), true).is_err()
    });
    assert!(found.is_some());
}

#[test]
fn minimising_keeps_the_difference_and_drops_the_rest() {
    let (from, to) = (Opcode::AddI64, Opcode::SubI64);
    let differs = |module: &Module| {
        let Ok(right) = mvm_module::verify(module.clone()) else { return false };
        let Ok(wrong) = mvm_module::verify(replaced(module, from, to)) else { return false };
        let (right, wrong) = (run(&Image::load(right), Way::PLAIN), run(&Image::load(wrong), Way::PLAIN));
        compare(&right.unwrap(), &wrong.unwrap(), true).is_err()
    };
    let seed = seeds_to_find(from, to).unwrap();
    let module = generate::module_of_seed(seed);
    let small = minimise(&module, |image| differs(image.module()), 2_000);
    let count = |module: &Module| {
        let code = module.functions.iter().flat_map(|f| instructions(&f.code));
        code.filter(|(_, op, _)| *op != Opcode::Nop).count()
    };
    assert!(differs(&small));
    assert!(count(&small) * 4 < count(&module), "{} of {} instructions", count(&small), count(&module));
    assert_eq!(small.types.len(), module.types.len());
    assert!(small.types.len() > TypeId::FIRST_USER.index());
}

/// Runs that differ in nothing but what is alive, or in what the memory checker says, are told apart; and there is
/// something alive and something to say in most runs.
#[test]
fn other_live_objects_and_other_leaks_are_found() {
    let noting = (0..).find(|&number| Manager::nth(number).noting).unwrap();
    let (mut alive, mut leaks) = (0, 0);
    for seed in 0..40 {
        let image = Image::load(
            mvm_module::verify(generate::module_of_seed(seed)).expect("generated modules verify"),
        );
        let right = run(&image, Way::PLAIN.managed(noting)).expect("there is a main function");
        let mut wrong = right.clone();
        if let Some(class) = wrong.alive.iter_mut().flatten().next() {
            class.retained += 8;
            alive += 1;
            assert!(compare(&right, &wrong, true).unwrap_err().starts_with("alive at the end"));
        }
        let mut wrong = right.clone();
        if let Some(leak) = wrong.leaks.iter_mut().flat_map(|leaks| &mut leaks.lost).next() {
            leak.sum.blocks += 1;
            leaks += 1;
            assert!(compare(&right, &wrong, true).unwrap_err().starts_with("the memory checker says"));
        }
    }
    println!("{alive} with live objects, {leaks} with leaks");
    assert!(alive > 20 && leaks > 5, "{alive} with live objects, {leaks} with leaks");
}
