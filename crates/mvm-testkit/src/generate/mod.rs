//! Random programs that the verifier accepts, for comparing executors.
//!
//! [`module`] turns bytes into a linked module with a main function. Types, classes and signatures are decided first
//! (`plan.rs`), then the bodies (`body.rs` for control, `rows.rs` for single instructions, which are chosen from the
//! instruction table, so that most new rows are covered without a change here). Programs need not terminate: whoever
//! runs them gives fuel.
//!
//! Not here: running them ([`differential`](crate::differential)).

mod body;
mod entropy;
mod mix;
pub mod myna;
mod plan;
pub mod processes;
mod rows;

use mvm_isa::{NO_REG, Opcode, TypeId, encode};
use mvm_module::finish::finish_function;
use mvm_module::{FuncDebug, FuncId, Function, Module};

pub use entropy::{Entropy, bytes_of_seed};

/// The module that these bytes stand for.
pub fn module(bytes: &[u8]) -> Module {
    let mut entropy = Entropy::new(bytes);
    let plan = plan::Plan::new(&mut entropy);
    let functions =
        (0..plan.heads.len()).map(|index| body::Body::generate(&plan, &mut entropy, index)).collect();
    let plan::Plan { mut module, .. } = plan;
    module.functions = functions;
    module.main = Some(FuncId(0));
    module
}

/// The same with the bytes that decide about bodies shared out: a third for the main function, the others take what is left in equal parts. So
/// all functions do something, however few bytes there are.
pub fn module_in_parts(bytes: &[u8]) -> Module {
    let mut entropy = Entropy::new(bytes);
    let plan = plan::Plan::new(&mut entropy);
    let (main, others) = entropy.rest().split_at(entropy.rest().len() / 3);
    let part = others.len() / (plan.heads.len() - 1).max(1);
    let share = |index: usize| match index {
        0 => main,
        _ => &others[(index - 1) * part..index * part],
    };
    let body = |index| body::Body::generate(&plan, &mut Entropy::new(share(index)), index);
    let mut functions: Vec<Function> = (0..plan.heads.len()).map(body).collect();
    let plan::Plan { mut module, .. } = plan;
    module.main = Some(FuncId(0));
    if bytes.first().is_some_and(|byte| byte % 4 > 0) {
        module.main = Some(FuncId(functions.len() as u32));
        functions.push(repeat(&functions[0], 2 + i64::from(bytes[0] / 10)));
    }
    module.functions = functions;
    module
}

/// A function that calls the first function so many times, so that what it does becomes hot.
fn repeat(first: &Function, times: i64) -> Function {
    let mut registers = vec![TypeId::I64];
    registers.extend(&first.registers[..usize::from(first.params)]);
    let args: Vec<u16> = (1..registers.len() as u16).collect();
    let result = if first.results.is_empty() { NO_REG } else { registers.len() as u16 };
    registers.extend(&first.results);
    let mut code = Vec::new();
    encode::fixed(&mut code, Opcode::Enter, &[0, 0]);
    encode::fixed(&mut code, Opcode::ConstI64, &[0, 0]);
    let again = code.len() as i64;
    encode::call(&mut code, Opcode::Call, result, 0, 0, &args);
    encode::fixed(&mut code, Opcode::AddI64Imm, &[0, 0, 1]);
    let back = again - code.len() as i64;
    encode::fixed(&mut code, Opcode::BltI64ImmBack, &[0, times, back]);
    encode::fixed(&mut code, Opcode::Ret, &[]);
    let mut function = Function {
        name: "again".into(),
        params: 0,
        results: Vec::new(),
        registers,
        code,
        handlers: Vec::new(),
        debug: FuncDebug::default(),
    };
    finish_function(&mut function);
    function
}

/// The module of a seed for judges that look at very many.
pub fn small_module_of_seed(seed: u64) -> Module {
    module_in_parts(&entropy::few_bytes_of_seed(seed))
}

/// The module of a seed.
pub fn module_of_seed(seed: u64) -> Module {
    module(&bytes_of_seed(seed))
}
