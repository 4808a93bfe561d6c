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
mod plan;
pub mod processes;
mod rows;

use mvm_module::{FuncId, Module};

pub use entropy::{Entropy, bytes_of_seed, few_bytes_of_seed};

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

/// The module of a seed.
pub fn module_of_seed(seed: u64) -> Module {
    module(&bytes_of_seed(seed))
}
