//! What the verifier accepts and refuses.

use mvm_isa::{Opcode as Op, TypeId};
use mvm_module::liveness::RegSet;
use mvm_module::verify::{EVERY_INSTRUCTION, Rule, RuleSet, explain, rules_page, verify};
use mvm_module::{FuncId, Literal, Module, read, write};

use crate::build::{Code, func, module};
use crate::sample::{Random, sample};

const I: TypeId = TypeId::I64;

#[test]
fn page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/VERIFIER.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, rules_page()).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == rules_page(), "docs/VERIFIER.md is stale: run `BLESS=1 cargo test -p mvm-module`");
}

#[test]
fn small_program_is_accepted() {
    let code = Code::new().op(Op::ConstI64, &[0, 20]).call(Op::Call, 0, 1, &[0]).op(Op::RetValue, &[0]);
    let twice = Code::new().op(Op::AddI64, &[0, 0, 0]).op(Op::RetValue, &[0]);
    let mut image = module(vec![func("main", 0, &[I], &[I], code), func("twice", 1, &[I], &[I], twice)]);
    image.main = Some(FuncId(0));
    let verified = verify(image).unwrap();
    assert!(verified.liveness(FuncId(1)).is_precise());
    assert_eq!(verified.function_name(FuncId(1)), "twice");
    assert!(verify(Module::new("empty")).is_ok());
}

#[test]
fn sample_is_accepted() {
    if let Err(errors) = verify(sample()) {
        panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>());
    }
}

#[test]
fn the_rules_of_each_instruction_are_known() {
    let judged = explain(&sample()).unwrap();
    let functions = judged.iter().fold(RuleSet::default(), |all, one| all.union(one.function));
    let code = judged.iter().flat_map(|one| &one.instructions);
    let instructions = code.fold(RuleSet::default(), |all, &(_, rules)| all.union(rules));
    let of = |letter: &[char]| -> Vec<Rule> {
        Rule::ALL.iter().copied().filter(|rule| rule.number().starts_with(letter)).collect()
    };
    // The sample has every kind of instruction.
    assert_eq!(functions.iter().collect::<Vec<_>>(), of(&['F']));
    assert_eq!(instructions.iter().collect::<Vec<_>>(), of(&['I', 'T']));
    assert!(
        judged
            .iter()
            .flat_map(|one| &one.instructions)
            .all(|&(_, rules)| EVERY_INSTRUCTION.without(rules) == RuleSet::default())
    );
}

/// Changed words, operands and tables: the verifier says something, and what it accepts can be analysed and written.
#[test]
fn mutants_are_judged() {
    let original = sample();
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..10_000 {
        let mut random = Random(seed);
        let mut module = original.clone();
        for _ in 0..=random.below(2) {
            mutate(&mut module, &mut random);
        }
        match verify(module) {
            Ok(verified) => {
                accepted += 1;
                let mut live = RegSet::new();
                for (index, function) in verified.functions.iter().enumerate() {
                    let liveness = verified.liveness(FuncId(index as u32));
                    for pc in 0..function.code.len() as u32 {
                        liveness.live_before(function, pc, &mut live);
                        assert!(live.iter().all(|r| usize::from(r) < function.registers.len()));
                    }
                }
                assert_eq!(read(&write(&verified)).as_ref(), Ok(verified.module()));
            }
            Err(errors) => {
                refused += 1;
                assert!(!errors.is_empty() && errors.iter().all(|error| !error.to_string().is_empty()));
            }
        }
    }
    assert!(accepted > 100 && refused > 1_000, "{accepted} accepted, {refused} refused");
}

fn mutate(module: &mut Module, random: &mut Random) {
    let function = random.below(module.functions.len());
    let function = &mut module.functions[function];
    if function.code.is_empty() {
        return;
    }
    let word = random.below(function.code.len());
    let small = random.below(70) as u32;
    match random.below(12) {
        0 => function.code[word] = random.next(),
        1 => function.code[word] ^= 1 << random.below(64),
        2..=4 => {
            let shift = 16 * random.below(4);
            let value = [small.into(), random.next() & 0xffff, 0xffff][random.below(3)];
            function.code[word] = function.code[word] & !(0xffff << shift) | value << shift;
        }
        5 => {
            let with = random.below(function.code.len());
            function.code.swap(word, with);
        }
        6 => function.code.truncate(word),
        7 => function.code.insert(word, random.next() & 0x1ff),
        8 => {
            let register = random.below(function.registers.len());
            function.registers[register] = TypeId(random.below(72) as u16);
        }
        9 => {
            if let Some(handler) = function.handlers.first_mut() {
                let field = [&mut handler.start, &mut handler.end, &mut handler.target];
                field.into_iter().nth(random.below(3)).into_iter().for_each(|place| *place = small % 9);
            }
        }
        10 => {
            let index = 64 + random.below(module.types.len() - 64);
            module.types.swap(index, 64 + small as usize % 7);
        }
        _ => {
            let index = random.below(module.literals.len());
            module.literals[index] = Literal::Func(FuncId(small % 8), TypeId(60 + small as u16 % 12));
        }
    }
}

#[test]
fn errors_say_where_and_what() {
    let mut module = sample();
    module.functions[0].registers[1] = TypeId::STR;
    module.functions[1].code[0] |= 9 << 16;
    let errors = verify(module).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "a.masm:3:5: function `main` at 2: result 1 of `call`: expected `str`, found `i64` [rule T12]"
    );
    assert_eq!((errors[0].function(), errors[0].pc()), (Some("main"), Some(2)));
    assert_eq!(errors[0].source_place().map(|place| place.line), Some(3));
    assert_eq!(
        errors[1].to_string(),
        "b.masm:1: function `main` at 6: argument 2 of `call_virtual`: expected `i64`, found `str` [rule T12]"
    );
    let last = errors.last().unwrap().to_string();
    assert_eq!(last, "function `twice` at 0: `add_i64` names register 9 of 1 [rule I4]");
}

#[test]
fn not_more_errors_than_wanted() {
    let mut code = Code::new();
    for _ in 0..1000 {
        code = code.op(Op::AddI64, &[0, 0, 1]);
    }
    let errors = verify(module(vec![func("f", 0, &[], &[I], code.ret())])).unwrap_err();
    assert_eq!(errors.len(), mvm_module::verify::ERRORS_MAX);
}
