//! The verifier: decides whether a module may be run.
//!
//! One pass, declared register types, no data flow. What is asked and why is in [`rules`] (and `docs/VERIFIER.md`);
//! `tables.rs` judges what is not code, `function.rs` declarations, `code.rs` single words and control, `types.rs`
//! operand types.
//!
//! Not here: class rules C1 to C9 are judged where layouts are computed (`classes.rs`).

mod code;
mod error;
mod function;
pub mod rules;
mod tables;
mod types;

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

pub use error::{Place, SourcePlace, VerifyError};
pub use rules::{Rule, rules_page};

use crate::classes::ClassTable;
use crate::liveness::Liveness;
use crate::model::{FuncId, Module};
use error::Report;

/// How many errors are reported at most.
pub const ERRORS_MAX: usize = 100;

/// Judges a linked image.
pub fn verify(module: Module) -> Result<VerifiedModule, Vec<VerifyError>> {
    let classes = judge(&module, Linked::Yes)?;
    let liveness = module.functions.iter().map(|_| OnceLock::new()).collect();
    Ok(VerifiedModule(Arc::new(Verified { module, classes, liveness })))
}

/// Judges a module that may still have imports. What it imports is believed; after linking, [`verify`] judges again.
pub fn verify_library(module: &Module) -> Result<(), Vec<VerifyError>> {
    judge(module, Linked::No).map(|_| ())
}

/// Whether imports must have been resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Linked {
    Yes,
    No,
}

fn judge(module: &Module, linked: Linked) -> Result<ClassTable, Vec<VerifyError>> {
    let mut report = Report::new(module);
    // Classes and code are judged only when the types they name exist, so that one mistake is one error.
    if !tables::check_types(module, linked, &mut report) {
        return Err(report.into_errors());
    }
    let (classes, errors) = ClassTable::build(module);
    errors.into_iter().for_each(|error| report.class(error));
    if report.is_empty() {
        tables::check_items(module, &classes, linked, &mut report);
        function::check_functions(module, &classes, &mut report);
    }
    let errors = report.into_errors();
    if errors.is_empty() { Ok(classes) } else { Err(errors) }
}

/// A module that keeps all rules. Cheap to clone; derefs to the module.
#[derive(Debug, Clone)]
pub struct VerifiedModule(Arc<Verified>);

#[derive(Debug)]
struct Verified {
    module: Module,
    classes: ClassTable,
    liveness: Box<[OnceLock<Box<Liveness>>]>,
}

impl VerifiedModule {
    /// Layouts, method tables and subtyping.
    pub fn classes(&self) -> &ClassTable {
        &self.0.classes
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.0.module
    }

    /// The live registers of a function, computed when first asked for.
    ///
    /// # Panics
    ///
    /// When the module has no such function; every function number in verified code exists.
    pub fn liveness(&self, id: FuncId) -> &Liveness {
        let index = id.0 as usize;
        self.0.liveness[index].get_or_init(|| Box::new(Liveness::compute(&self.0.module.functions[index])))
    }
}

impl Deref for VerifiedModule {
    type Target = Module;

    fn deref(&self) -> &Module {
        &self.0.module
    }
}
