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
pub use rules::{Rule, RuleSet, rules_page};

use crate::classes::ClassTable;
use crate::liveness::Liveness;
use crate::model::{FuncId, Module};
use error::Report;
use function::Log;

/// How many errors are reported at most.
pub const ERRORS_MAX: usize = 100;

/// Judges a linked image.
pub fn verify(module: Module) -> Result<VerifiedModule, Vec<VerifyError>> {
    let classes = judge(&module, Linked::Yes, None)?;
    let liveness = module.functions.iter().map(|_| OnceLock::new()).collect();
    Ok(VerifiedModule(Arc::new(Verified { module, classes, liveness })))
}

/// Judges a module that may still have imports. What it imports is believed; after linking, [`verify`] judges again.
pub fn verify_library(module: &Module) -> Result<(), Vec<VerifyError>> {
    judge(module, Linked::No, None).map(|_| ())
}

/// The rules that every instruction is judged by.
pub const EVERY_INSTRUCTION: RuleSet = RuleSet::of(&[Rule::I1, Rule::I2, Rule::I3]);

/// By which rules the verifier has judged a function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// Its declaration, handler ranges and debug information.
    pub function: RuleSet,
    /// Place and rules of each instruction, in the order of the code. [`EVERY_INSTRUCTION`] is in each.
    pub instructions: Vec<(u32, RuleSet)>,
}

/// Judges a module that may still have imports, and says by which rules: one entry for each of its functions.
///
/// # Errors
/// Those of [`verify_library`].
pub fn explain(module: &Module) -> Result<Vec<Judged>, Vec<VerifyError>> {
    let mut log = Log::new();
    judge(module, Linked::No, Some(&mut log))?;
    Ok(log)
}

/// Whether imports must have been resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Linked {
    Yes,
    No,
}

fn judge(module: &Module, linked: Linked, log: Option<&mut Log>) -> Result<ClassTable, Vec<VerifyError>> {
    let mut report = Report::new(module);
    // Classes and code are judged only when the types they name exist, so that one mistake is one error.
    if !tables::check_types(module, linked, &mut report) {
        return Err(report.into_errors());
    }
    let (classes, errors) = ClassTable::build(module);
    errors.into_iter().for_each(|error| report.class(error));
    if report.is_empty() {
        tables::check_items(module, &classes, linked, &mut report);
        function::check_functions(module, &classes, &mut report, log);
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
