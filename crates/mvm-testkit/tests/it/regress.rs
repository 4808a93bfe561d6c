//! The smallest programs of bugs that generated programs have found.

use mvm_exec::{Executor, Image, Process, ProcessLimits, Stop};
use mvm_isa::{Elem, Opcode as Op, Syscall, TypeId, encode};
use mvm_module::finish::{finish_function, needs_enter};
use mvm_module::{FuncDebug, FuncId, Function, Handler, Literal, Module};
use mvm_testkit::differential::{all_ways, check_module};

/// Code under construction.
#[derive(Default)]
struct Code(Vec<u64>);

impl Code {
    fn op(mut self, op: Op, values: &[i64]) -> Code {
        encode::fixed(&mut self.0, op, values);
        self
    }

    fn call(mut self, dst: u16, function: u32, args: &[u16]) -> Code {
        encode::call(&mut self.0, Op::Call, dst, function, 0, args);
        self
    }

    fn sys(mut self, call: Syscall, args: &[u16]) -> Code {
        encode::sys(&mut self.0, Op::Sys, &[], call as u32, args);
        self
    }

    fn here(&self) -> u32 {
        self.0.len() as u32
    }
}

/// A function; `enter` is expected in the code where it is needed.
fn function(
    name: &str,
    results: &[TypeId],
    registers: &[TypeId],
    handlers: &[Handler],
    code: Code,
) -> Function {
    let mut function = Function {
        name: name.into(),
        params: 0,
        results: results.to_vec(),
        registers: registers.to_vec(),
        code: code.0,
        handlers: handlers.to_vec(),
        debug: FuncDebug::default(),
    };
    assert!(!needs_enter(&function) || function.code[0] as u16 == Op::Enter as u16, "{name} needs `enter`");
    finish_function(&mut function);
    function
}

fn module(functions: Vec<Function>, literals: Vec<Literal>) -> Module {
    let mut module = Module::new("regress");
    module.functions = functions;
    module.literals = literals;
    module.main = Some(FuncId(0));
    module
}

fn agree(module: &Module) {
    if let Err(report) = check_module(module, &all_ways()) {
        panic!("{report}");
    }
}

/// Allocates, then traps.
fn allocates_and_traps(results: &[TypeId]) -> Function {
    let code = Code::default().op(Op::StrFromInt, &[0, 1]).op(Op::Unreachable, &[]);
    function("fails", results, &[TypeId::STR, TypeId::I64], &[], code)
}

#[test]
fn handler_behind_a_call_keeps_what_it_reads() {
    // Register 0 is read in the handler only, and the call is the last instruction of the range.
    let code = Code::default().op(Op::Enter, &[0, 0]).op(Op::StrFromInt, &[0, 1]);
    let start = code.here();
    let code = code.call(mvm_isa::NO_REG, 1, &[]);
    let end = code.here();
    let code = code.op(Op::Ret, &[]);
    let target = code.here();
    let code = code.sys(Syscall::Print, &[0]).op(Op::Ret, &[]);
    let handler = Handler { start, end, target, class: TypeId::ERROR, register: 2 };
    let main = function("main", &[], &[TypeId::STR, TypeId::I64, TypeId::ERROR], &[handler], code);
    agree(&module(vec![main, allocates_and_traps(&[])], vec![]));
}

#[test]
fn handler_reads_the_old_value_of_the_result_register() {
    // The call would overwrite register 0, but it does not return.
    let code = Code::default().op(Op::Enter, &[0, 0]).op(Op::StrFromInt, &[0, 1]);
    let start = code.here();
    let code = code.call(0, 1, &[]).op(Op::Nop, &[]);
    let end = code.here();
    let code = code.op(Op::Ret, &[]);
    let target = code.here();
    let code = code.sys(Syscall::Print, &[0]).op(Op::Ret, &[]);
    let handler = Handler { start, end, target, class: TypeId::ERROR, register: 2 };
    let main = function("main", &[], &[TypeId::STR, TypeId::I64, TypeId::ERROR], &[handler], code);
    agree(&module(vec![main, allocates_and_traps(&[TypeId::STR])], vec![]));
}

#[test]
fn first_function_returns_any_number_of_results_in_order() {
    for count in 0..=8u16 {
        let mut code = Code::default();
        for k in 0..count {
            code = code.op(Op::ConstI64, &[k.into(), 10 + i64::from(k)]);
        }
        let values: Vec<u16> = (0..count).collect();
        match count {
            0 => code = code.op(Op::Ret, &[]),
            1 => code = code.op(Op::RetValue, &[0]),
            _ => encode::ret_many(&mut code.0, Op::RetMany, &values),
        }
        let types = vec![TypeId::I64; count.into()];
        let mut module = module(vec![function("f", &types, &types, &[], code)], vec![]);
        module.main = None;
        let image = Image::load(mvm_module::verify(module).unwrap());
        for executor in Executor::ALL {
            let mut process = Process::new(&image, FuncId(0), &[], ProcessLimits::default())
                .expect("the host has memory for a stack");
            assert_eq!(process.run(executor), Stop::Done);
            let wanted: Vec<u64> = (0..u64::from(count)).map(|k| 10 + k).collect();
            assert_eq!(process.results()[..count.into()], wanted, "{executor:?}");
        }
    }
}

#[test]
fn state_hash_sees_literals_that_were_changed() {
    let literals = vec![Literal::Array(Elem::I64, Box::from([0; 8]))];
    let registers = [TypeId::array_of(Elem::I64), TypeId::I64, TypeId::I64];
    let hash = |value: i64| {
        // The array is in no live register when the fuel ends, at the backward jump.
        let code = Code::default()
            .op(Op::Enter, &[0, 0])
            .op(Op::ConstLiteral, &[0, 0])
            .op(Op::ConstI64, &[1, value])
            .op(Op::SetI64, &[0, 2, 1])
            .op(Op::JmpBack, &[0, -3]);
        let module = module(vec![function("main", &[], &registers, &[], code)], literals.clone());
        let image = Image::load(mvm_module::verify(module).unwrap());
        let mut process = Process::new(&image, FuncId(0), &[], ProcessLimits::default())
            .expect("the host has memory for a stack");
        process.add_fuel(1);
        assert_eq!(process.run(Executor::Reference), Stop::OutOfFuel);
        process.state_hash()
    };
    assert_ne!(hash(1), hash(2));
    assert_eq!(hash(3), hash(3));
}

#[test]
fn wrong_text_is_paid_for_once() {
    // The fuel for entering the handler comes in a later slice than that for looking at the bytes.
    let registers =
        [TypeId::I64, TypeId::BLOCK, TypeId::BYTES, TypeId::STR, TypeId::ERROR, TypeId::I64, TypeId::I64];
    let code = Code::default()
        .op(Op::ConstI64, &[0, 100_000])
        .op(Op::Alloc, &[1, 0])
        .op(Op::ConstI64, &[6, 90_000])
        .op(Op::ConstI64, &[5, 0xff])
        .op(Op::StoreI8, &[1, 6, 5])
        .op(Op::ConstI64, &[5, 0])
        .op(Op::BytesFromBlock, &[2, 1, 5, 0]);
    let start = code.here();
    let code = code.op(Op::StrFromBytes, &[3, 2]);
    let end = code.here();
    let code = code.op(Op::Ret, &[]);
    let handler = Handler { start, end, target: end, class: TypeId::ERROR, register: 4 };
    agree(&module(vec![function("main", &[], &registers, &[handler], code)], vec![]));
}
