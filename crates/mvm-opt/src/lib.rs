//! The optimiser of bytecode.
//!
//! [`optimise`] takes a verified module and gives one that does the same with fewer instructions: each function becomes
//! a graph (`decode.rs`), passes change it, and the graph becomes a function again (`encode.rs`). What the optimiser
//! does not understand stays as it is; work is bounded by limits on the size of functions. The module that comes out is
//! another program: its reductions are its own, and everybody who executes it agrees on them.
//!
//! What may not change: output, syscalls and their order, the kind of a trap, its source line and the functions of its
//! back-trace, exceptions, the exit status. What may: reductions, the depth at which the stack is full, how much memory
//! is allocated.
//!
//! Not here: what native code does besides (`mvm-jit`).
#![forbid(unsafe_code)]

pub mod build;
mod decode;
mod encode;
mod flow;
mod graph;
mod live;
mod options;
mod order;
pub mod passes;
mod planted;
mod values;

use mvm_module::classes::ClassTable;
use mvm_module::{FuncId, Function, Module, VerifiedModule, VerifyError, verify_library};

pub use options::{Level, Options, PassesError};
pub use passes::{PASSES, Pass};
pub use planted::Planted;

use graph::Graph;
use passes::Context;
use passes::inline::{self, Callees};

/// Words of code above which only cheap passes run on a function.
pub const CHEAP_WORDS: usize = 20_000;
/// Blocks times registers above which only cheap passes run on a function.
pub const CHEAP_CELLS: usize = 1 << 24;
/// Words of code above which a function stays as it is.
pub const WORDS_MAX: usize = 200_000;

/// What was done to a module.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// An entry for each function that was looked at: of a whole program those that can be reached.
    pub functions: Vec<FunctionReport>,
}

/// What was done to a function.
#[derive(Debug, Clone)]
pub struct FunctionReport {
    /// Which.
    pub id: FuncId,
    /// How it went.
    pub outcome: Outcome,
    /// The passes that changed something, in order, and what the function was behind each if [`Options::steps`] asks.
    pub steps: Vec<Step>,
}

/// What became of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No pass found anything to do.
    Same,
    /// It is another one.
    Changed,
    /// It is so large that only cheap passes ran.
    Large,
    /// It is so large that no pass ran, or what came out would have passed a limit.
    TooLarge,
    /// Something about it is not understood.
    Unknown,
}

/// A pass that changed a function.
#[derive(Debug, Clone)]
pub struct Step {
    /// Name of the pass.
    pub pass: &'static str,
    /// What it gave, if [`Options::steps`] asks for that.
    pub function: Option<Function>,
}

/// Optimises a program. The result keeps the rules of the verifier; callers verify it like any other.
pub fn optimise(module: &VerifiedModule, options: &Options) -> (Module, Report) {
    all(module.module(), module.classes(), module.main.is_some(), options)
}

/// Optimises a module that may still have imports.
///
/// # Errors
/// Those of [`verify_library`], when it is no module that may be linked.
pub fn optimise_library(module: &Module, options: &Options) -> Result<(Module, Report), Vec<VerifyError>> {
    verify_library(module)?;
    // There are no errors of classes in a verified module.
    let (classes, _) = ClassTable::build(module);
    Ok(all(module, &classes, false, options))
}

fn all(module: &Module, classes: &ClassTable, closed: bool, options: &Options) -> (Module, Report) {
    let mut result = module.clone();
    let mut report = Report::default();
    let mut context =
        Context { module, classes, closed, planted: options.planted(), callees: Callees::new() };
    let inlines = options.passes.iter().any(|pass| pass.name == INLINE);
    for index in order::called_first(module, closed) {
        let id = FuncId((module.imports.len() + index) as u32);
        let function = &module.functions[index];
        let (changed, graph, of_function) = one(id, function, options, &context);
        if let Some(callee) = graph.filter(|_| inlines).and_then(|graph| inline::callee(&graph)) {
            context.callees.insert(id, callee);
        }
        if let Some(changed) = changed {
            result.functions[index] = changed;
        }
        report.functions.push(of_function);
    }
    report.functions.sort_by_key(|function| function.id);
    (result, report)
}

/// The pass that wants to see other functions.
const INLINE: &str = "inline";

/// Optimises a function: what it is then, if that is something else, and its graph.
fn one(
    id: FuncId,
    function: &Function,
    options: &Options,
    context: &Context<'_>,
) -> (Option<Function>, Option<Graph>, FunctionReport) {
    let mut report = FunctionReport { id, outcome: Outcome::Same, steps: Vec::new() };
    if options.passes.is_empty() {
        return (None, None, report);
    }
    if function.code.len() > WORDS_MAX {
        report.outcome = Outcome::TooLarge;
        return (None, None, report);
    }
    let Some(mut graph) = decode::decode(id, function) else {
        report.outcome = Outcome::Unknown;
        return (None, None, report);
    };
    for &pass in &options.passes {
        let large =
            function.code.len() > CHEAP_WORDS || graph.blocks.len() * graph.registers.len() > CHEAP_CELLS;
        if large && !pass.cheap {
            report.outcome = Outcome::Large;
            continue;
        }
        if !(pass.run)(&mut graph, context) {
            continue;
        }
        let function =
            if options.steps || cfg!(debug_assertions) { encode::encode(&graph, function) } else { None };
        if cfg!(debug_assertions)
            && let Some(function) = &function
            && let Err(errors) =
                mvm_module::verify::verify_function(context.module, context.classes, id, function)
        {
            let name = &function.name;
            panic!("behind pass `{}` function `{name}` breaks a rule: {}", pass.name, errors[0]);
        }
        report.steps.push(Step { pass: pass.name, function: function.filter(|_| options.steps) });
    }
    if report.steps.is_empty() {
        return (None, Some(graph), report);
    }
    let Some(changed) = encode::encode(&graph, function) else {
        report.outcome = Outcome::TooLarge;
        return (None, None, report);
    };
    if report.outcome == Outcome::Same {
        report.outcome = Outcome::Changed;
    }
    (Some(changed), Some(graph), report)
}
