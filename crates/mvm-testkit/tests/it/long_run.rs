//! Long runs on a small host stack: handlers that jump to each other must not pile up.

use mvm_exec::{Executor, Image, Process, ProcessLimits, Stop};
use mvm_isa::{Elem, Opcode as Op, TypeId, encode};
use mvm_module::finish::finish_function;
use mvm_module::{FuncDebug, FuncId, Function, Literal, Module};

/// Stack of the thread: a handler that calls instead of jumping uses it up within a few thousand instructions.
const STACK_BYTES: usize = 256 << 10;

fn function(name: &str, params: u16, results: &[TypeId], registers: &[TypeId], code: Vec<u64>) -> Function {
    let mut function = Function {
        name: name.into(),
        params,
        results: results.to_vec(),
        registers: registers.to_vec(),
        code,
        handlers: vec![],
        debug: FuncDebug::default(),
    };
    finish_function(&mut function);
    function
}

/// A loop over frequent and rare instructions, calls and allocations among them: 20 instructions in each round.
fn program(rounds: i64) -> Module {
    let mut code = Vec::new();
    let op = |code: &mut Vec<u64>, op, values: &[i64]| encode::fixed(code, op, values);
    let types = [TypeId::I64, TypeId::I64, TypeId::I64, TypeId::F64, TypeId::array_of(Elem::I64)];
    let registers = [&types[..], &[TypeId::ANY, TypeId::STR, TypeId::TRAP, TypeId::I64]].concat();
    op(&mut code, Op::Enter, &[0, 0]);
    op(&mut code, Op::ConstI64, &[0, rounds]);
    op(&mut code, Op::ConstI64, &[1, 8]);
    op(&mut code, Op::NewArray, &[4, TypeId::array_of(Elem::I64).0.into(), 1]);
    op(&mut code, Op::ConstLiteral, &[6, 0]);
    op(&mut code, Op::New, &[7, TypeId::TRAP.0.into()]);
    op(&mut code, Op::ConstF64, &[3, 1.5f64.to_bits() as i64]);
    op(&mut code, Op::ConstI64, &[8, 0]);
    let start = code.len() as i64;
    op(&mut code, Op::AndI64Imm, &[1, 0, 7]);
    op(&mut code, Op::GetI64, &[2, 4, 1]);
    op(&mut code, Op::AddI64, &[2, 2, 0]);
    op(&mut code, Op::SetI64, &[4, 1, 2]);
    op(&mut code, Op::I64ToF64, &[3, 2]);
    op(&mut code, Op::SqrtF64, &[3, 3]);
    op(&mut code, Op::F64Bits, &[1, 3]);
    op(&mut code, Op::XorI64, &[8, 8, 1]);
    op(&mut code, Op::RotlI64, &[8, 8, 0]);
    op(&mut code, Op::BoxI64, &[5, 8]);
    op(&mut code, Op::UnboxI64, &[1, 5]);
    encode::call(&mut code, Op::Call, 2, 1, 0, &[1, 0]);
    op(&mut code, Op::StrLen, &[1, 6]);
    op(&mut code, Op::BeqI64Imm, &[1, 0, 1]);
    op(&mut code, Op::SetFieldI64, &[7, 2, 2]);
    op(&mut code, Op::GetFieldI64, &[1, 7, 2]);
    op(&mut code, Op::AddI64Imm, &[0, 0, -1]);
    let back = start - code.len() as i64;
    op(&mut code, Op::BgtI64ImmBack, &[0, 0, back]);
    op(&mut code, Op::RetValue, &[8]);
    let main = function("main", 0, &[TypeId::I64], &registers, code);
    let mut code = Vec::new();
    op(&mut code, Op::MulI64, &[0, 0, 1]);
    op(&mut code, Op::RetValue, &[0]);
    let leaf = function("leaf", 2, &[TypeId::I64], &[TypeId::I64, TypeId::I64], code);
    let mut module = Module::new("long");
    module.functions = vec![main, leaf];
    module.literals = vec![Literal::Str("text".into())];
    module.main = Some(FuncId(0));
    module
}

fn result(rounds: i64, executor: Executor) -> Vec<u64> {
    let module = mvm_module::verify(program(rounds)).expect("the program verifies");
    let image = Image::load(module);
    let mut process = Process::new(&image, FuncId(0), &[], ProcessLimits::default())
        .expect("the host has memory for a stack");
    process.add_fuel(1 << 40);
    assert_eq!(process.run(executor), Stop::Done, "the program ends");
    process.results().to_vec()
}

#[test]
fn hundred_million_instructions_need_no_host_stack() {
    let run = || {
        // 20 instructions a round.
        let long = result(5_000_000, Executor::Tail);
        assert_eq!(result(50_000, Executor::Tail), result(50_000, Executor::Reference));
        long
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread starts");
    let long = thread.join().expect("the run ends");
    assert_ne!(long[0], 0);
}

#[test]
fn no_instruction_uses_up_the_stack_of_the_host() {
    mvm_testkit::host_stack::check().unwrap();
}
