//! Every executor does with every pure row and every branch on numbers what `sem::eval` says.
//!
//! Registers may hold any NaN; here the executors are given any, and `eval` the canonical one. A program must not see
//! the difference.

use std::sync::Arc;

use mvm_exec::{Executor, Image, Process, ProcessLimits, Stop};
use mvm_isa::{OpKind, Opcode, Operand, Trap, Ty, TypeId, encode, sem};
use mvm_module::{FuncDebug, FuncId, Function, Module, finish, verify};
use mvm_testkit::guest::visible_result;
use mvm_testkit::program::operand_types;
use mvm_testkit::rng::Rng;

/// Immediates at the edges of the field, of shift amounts and of what is special about division.
const IMMEDIATES: [i64; 11] = [0, 1, -1, 2, 7, 31, 63, 64, 65, i16::MAX as i64, i16::MIN as i64];

/// A function around one row, and what the row's immediate is there.
struct Wrapped {
    op: Opcode,
    immediate: Option<i64>,
    types: Vec<Ty>,
}

fn type_id(ty: Ty) -> TypeId {
    if ty == Ty::F64 { TypeId::F64 } else { TypeId::I64 }
}

/// Code around a branch that gives 1 when it is taken, else 0.
fn branch_code(wrapped: &Wrapped, backward: bool, result: i64) -> Vec<u64> {
    let mut code = Vec::new();
    let answer = |code: &mut Vec<u64>, value: i64| {
        encode::fixed(code, Opcode::ConstI64, &[result, value]);
        encode::fixed(code, Opcode::RetValue, &[result]);
    };
    let mut operands: Vec<i64> = (0..wrapped.types.len() as i64).chain(wrapped.immediate).collect();
    if backward {
        encode::fixed(&mut code, Opcode::Enter, &[0, 0]);
        encode::fixed(&mut code, Opcode::Jmp, &[3]);
        answer(&mut code, 1);
        operands.push(-2);
        encode::fixed(&mut code, wrapped.op, &operands);
        answer(&mut code, 0);
    } else {
        operands.push(3);
        encode::fixed(&mut code, wrapped.op, &operands);
        answer(&mut code, 0);
        answer(&mut code, 1);
    }
    code
}

fn function(wrapped: &Wrapped, index: usize) -> Function {
    let info = wrapped.op.info();
    let mut registers: Vec<TypeId> = wrapped.types.iter().map(|ty| type_id(*ty)).collect();
    let params = registers.len() as u16;
    let result = i64::from(params);
    let result_type = match info.operands.first() {
        Some(Operand::Def(ty)) => *ty,
        _ => Ty::I64,
    };
    registers.push(type_id(result_type));
    let code = match info.kind {
        OpKind::Branch | OpKind::BranchImm => branch_code(wrapped, false, result),
        OpKind::BranchBack | OpKind::BranchBackImm => branch_code(wrapped, true, result),
        OpKind::Pure | OpKind::PureImm | OpKind::Special => {
            let mut code = Vec::new();
            let operands: Vec<i64> =
                std::iter::once(result).chain(0..i64::from(params)).chain(wrapped.immediate).collect();
            encode::fixed(&mut code, wrapped.op, &operands);
            let visible = visible_result(&mut code, &mut registers, result_type, result);
            encode::fixed(&mut code, Opcode::RetValue, &[visible]);
            code
        }
    };
    let mut function = Function {
        name: format!("{}_{index}", info.name).into(),
        params,
        results: vec![TypeId::I64],
        registers,
        code,
        handlers: Vec::new(),
        debug: FuncDebug::default(),
    };
    finish::finish_function(&mut function);
    function
}

fn wrapped_rows() -> Vec<Wrapped> {
    let mut rows = Vec::new();
    for &op in Opcode::ALL.iter().filter(|op| op.info().kind != OpKind::Special) {
        let types: Vec<Ty> = operand_types(op).flatten().collect();
        let immediates: Vec<Option<i64>> = if operand_types(op).any(|ty| ty.is_none()) {
            IMMEDIATES.into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        rows.extend(immediates.into_iter().map(|immediate| Wrapped { op, immediate, types: types.clone() }));
    }
    rows
}

fn run(image: &Arc<Image>, function: usize, args: &[u64], executor: Executor) -> Result<u64, Trap> {
    let mut process = Process::new(image, FuncId(function as u32), args, ProcessLimits::default())
        .expect("the host has memory for a stack");
    process.add_fuel(1000);
    match process.run(executor) {
        Stop::Done => Ok(process.results()[0]),
        Stop::Uncaught => Err(process.take_uncaught().and_then(|uncaught| uncaught.trap).expect("a trap")),
        stop => panic!("{stop:?}"),
    }
}

#[test]
fn executors_do_what_the_rows_say() {
    let rows = wrapped_rows();
    let mut module = Module::new("rows");
    module.functions = rows.iter().enumerate().map(|(index, row)| function(row, index)).collect();
    let image = Image::load(verify(module).unwrap_or_else(|errors| panic!("{}", errors[0])));
    let mut rng = Rng::new(20);
    for (index, row) in rows.iter().enumerate() {
        let rounds = if row.immediate.is_some() { 100 } else { 1000 };
        for round in 0..rounds {
            let mut operand = |ty: &Ty| if *ty == Ty::F64 { rng.float().to_bits() } else { rng.int() as u64 };
            let mut args: Vec<u64> = row.types.iter().map(&mut operand).collect();
            if round % 5 == 0 && args.len() > 1 && row.types[0] == row.types[1] {
                args[1] = args[0];
            }
            let lucky = rng.below(4) as usize;
            if round % 7 == 0 && row.types.get(lucky) == Some(&Ty::F64) {
                args[lucky] = sem::NAN.to_bits();
            }
            let all: Vec<u64> = args.iter().copied().chain(row.immediate.map(|x| x as u64)).collect();
            let wanted = sem::eval(row.op, &all).expect("a pure row");
            for (arg, ty) in args.iter_mut().zip(&row.types) {
                if *ty == Ty::F64 && f64::from_bits(*arg).is_nan() {
                    *arg = rng.bits() | 0x7ff0_0000_0000_0001;
                }
            }
            for executor in Executor::ALL {
                let got = run(&image, index, &args, executor);
                assert_eq!(got, wanted, "{executor:?}: {} of {all:x?}", row.op.info().name);
            }
        }
    }
}
