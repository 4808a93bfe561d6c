//! Straight-line programs as code of the machine.
//!
//! Every distinct program becomes one function of a module; its parameters are the arguments of a case. The module is
//! built from words, without the assembler, so that a mistake there cannot hide one here.

use std::collections::HashMap;
use std::sync::Arc;

use mvm_exec::{Executor, Image, Process, ProcessLimits, Stop};
use mvm_isa::{Opcode, Operand, Trap, Ty, TypeId, encode};
use mvm_module::{FuncDebug, FuncId, Function, Module, verify};

use crate::program::{Case, Step, Value, operand_types};

/// The programs of some cases, loaded.
pub struct Guest {
    image: Arc<Image>,
    functions: HashMap<Vec<Step>, FuncId>,
}

impl Guest {
    /// Translates the programs of these cases.
    ///
    /// # Panics
    /// When the verifier refuses a program.
    pub fn new(cases: &[Case]) -> Guest {
        let mut module = Module::new("cases");
        let mut functions = HashMap::new();
        for case in cases {
            if !functions.contains_key(&case.program) {
                let id = FuncId(module.functions.len() as u32);
                module.functions.push(function(case, id));
                functions.insert(case.program.clone(), id);
            }
        }
        let verified = verify(module).unwrap_or_else(|errors| panic!("refused: {}", errors[0]));
        Guest { image: Image::load(verified), functions }
    }

    /// Number of distinct programs.
    pub fn programs(&self) -> usize {
        self.functions.len()
    }

    /// Runs a case, which has to be one of those given to [`Guest::new`], and judges the result.
    pub fn check(&self, case: &Case, executor: Executor) -> Result<(), String> {
        let function = self.functions[&case.program];
        let mut process = Process::new(&self.image, function, &case.args, ProcessLimits::default())
            .expect("the host has memory for a stack");
        process.add_fuel(1000);
        let got: Result<u64, Trap> = match process.run(executor) {
            Stop::Done => Ok(process.results()[0]),
            Stop::Uncaught => {
                let uncaught = process.take_uncaught().ok_or("nothing was raised")?;
                match uncaught.trap {
                    Some(trap) => Err(trap),
                    None => return Err(format!("{}: {executor:?}: {}", case.name, uncaught.message)),
                }
            }
            stop => return Err(format!("{}: {executor:?}: {stop:?}", case.name)),
        };
        case.judge(got).map_err(|message| format!("{executor:?}: {message}"))
    }
}

fn type_id(ty: Ty) -> TypeId {
    if ty == Ty::F64 { TypeId::F64 } else { TypeId::I64 }
}

/// The function of a program: parameters, then registers in the order in which code writes them.
fn function(case: &Case, id: FuncId) -> Function {
    let mut registers: Vec<TypeId> = case.arg_types().into_iter().map(type_id).collect();
    let params = registers.len() as u16;
    let mut code = Vec::new();
    let mut results: Vec<i64> = Vec::new();
    for step in &case.program {
        let mut sources = Vec::new();
        for (value, ty) in step.operands.iter().zip(operand_types(step.op)) {
            sources.push(match (*value, ty) {
                (Value::Arg(index), _) => index as i64,
                (Value::Step(index), _) => results[index],
                (Value::Const(bits), None) => bits as i64,
                (Value::Const(bits), Some(ty)) => {
                    let register = new_register(&mut registers, type_id(ty));
                    let op = if ty == Ty::F64 { Opcode::ConstF64 } else { Opcode::ConstI64Wide };
                    encode::fixed(&mut code, op, &[register, bits as i64]);
                    register
                }
            });
        }
        let result = match step.op.info().operands.first() {
            Some(Operand::Def(ty)) => type_id(*ty),
            _ => TypeId::I64,
        };
        let register = new_register(&mut registers, result);
        let operands: Vec<i64> = std::iter::once(register).chain(sources).collect();
        encode::fixed(&mut code, step.op, &operands);
        results.push(register);
    }
    let result =
        visible_result(&mut code, &mut registers, case.result_type(), results.last().copied().unwrap_or(0));
    encode::fixed(&mut code, Opcode::RetValue, &[result]);
    Function {
        name: format!("program_{}", id.0).into(),
        params,
        results: vec![TypeId::I64],
        registers,
        code,
        handlers: Vec::new(),
        debug: FuncDebug::default(),
    }
}

/// Appends what makes the bits of a result visible to a program, which is where a NaN becomes canonical. Gives the
/// register that holds them.
pub fn visible_result(code: &mut Vec<u64>, registers: &mut Vec<TypeId>, ty: Ty, result: i64) -> i64 {
    if ty != Ty::F64 {
        return result;
    }
    let bits = new_register(registers, TypeId::I64);
    encode::fixed(code, Opcode::F64Bits, &[bits, result]);
    bits
}

fn new_register(registers: &mut Vec<TypeId>, ty: TypeId) -> i64 {
    registers.push(ty);
    registers.len() as i64 - 1
}
