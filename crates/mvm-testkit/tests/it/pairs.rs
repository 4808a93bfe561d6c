//! Random programs in two ways each agree, and the judge of them finds what is wrong.

use mvm_exec::Executor;
use mvm_isa::Opcode;
use mvm_module::cfg::instructions;
use mvm_module::{Module, verify};
use mvm_testkit::differential::run;
use mvm_testkit::generate;
use mvm_testkit::native::{Compile, load_as};
use mvm_testkit::pairs::{Counts, Pair, check_seed, difference};

#[test]
fn programs_agree_in_two_ways() {
    let mut counts = Counts::default();
    for seed in 0..1_200 {
        counts.add(check_seed(seed).unwrap_or_else(|report| panic!("seed {seed}: {report}")));
    }
    assert!(counts.at_load > 100 && counts.drawn > 500 && counts.processes == 75, "{counts}");
}

#[test]
fn functions_are_compiled_at_load_and_later_and_never() {
    let (mut at_load, mut later, mut never) = (0, 0, 0);
    for seed in 0..300 {
        let pair = Pair::of_seed(seed);
        let Compile::Drawn(_) = pair.compile else { continue };
        let module = generate::small_module_of_seed(seed);
        let functions = module.functions.len();
        let image = load_as(verify(module).unwrap(), pair.compile);
        let compiled = || image.native().unwrap().stats().tried.len();
        let first = compiled();
        assert_eq!(pair.right.executor, Executor::Native);
        run(&image, pair.right);
        at_load += first;
        later += compiled() - first;
        never += functions - compiled();
    }
    assert!(at_load > 100 && later > 100 && never > 100, "{at_load} at load, {later} later, {never} never");
}

/// The module with other instructions.
fn replaced(module: &Module, from: Opcode, to: Opcode) -> Module {
    let mut wrong = module.clone();
    for function in &mut wrong.functions {
        let places: Vec<usize> = instructions(&function.code)
            .filter(|(_, op, _)| *op == from)
            .map(|(pc, ..)| pc as usize)
            .collect();
        places.iter().for_each(|&pc| function.code[pc] = function.code[pc] & !0xffff | to as u64);
    }
    wrong
}

#[test]
fn native_code_of_another_program_is_told_apart() {
    let found = (0..400).find_map(|seed| {
        let pair = Pair::of_seed(seed);
        if pair.compile == Compile::Nothing {
            return None;
        }
        let module = generate::small_module_of_seed(seed);
        difference(&module, &replaced(&module, Opcode::XorI64, Opcode::OrI64), &pair)
    });
    let (_, first) = found.expect("one of the programs shows it");
    assert!(first.contains(" reductions, not with ") && first.contains("in front of `"), "{first}");
}
