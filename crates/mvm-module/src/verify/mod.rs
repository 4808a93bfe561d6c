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
use crate::model::limits::Limits;
use crate::model::{FuncId, Function, Module};
use error::Report;
use function::Log;

/// How many errors are reported at most.
pub const ERRORS_MAX: usize = 100;

/// Judges a linked image.
pub fn verify(module: Module) -> Result<VerifiedModule, Vec<VerifyError>> {
    let classes = judge(&module, Linked::Yes, &Limits::default(), None)?;
    let liveness = module.functions.iter().map(|_| OnceLock::new()).collect();
    Ok(VerifiedModule(Arc::new(Verified { module, classes, liveness })))
}

/// Judges a module that may still have imports. What it imports is believed; after linking, [`verify`] judges again.
pub fn verify_library(module: &Module) -> Result<(), Vec<VerifyError>> {
    library_within(module, &Limits::default())
}

/// The same with other limits.
pub(crate) fn library_within(module: &Module, limits: &Limits) -> Result<(), Vec<VerifyError>> {
    judge(module, Linked::No, limits, None).map(|_| ())
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
    judge(module, Linked::No, &Limits::default(), Some(&mut log))?;
    Ok(log)
}

/// Judges a function as if it stood in a verified module in the place of the one with this number: for those who change
/// functions one by one and want to know at once. The module as a whole is to be judged at the end all the same.
///
/// # Errors
/// Those of [`verify()`] that are about the function.
pub fn verify_function(
    module: &Module,
    classes: &ClassTable,
    id: FuncId,
    function: &Function,
) -> Result<(), Vec<VerifyError>> {
    let mut report = Report::new(module);
    function::check_replacement(module, classes, id, function, &mut report);
    let errors = report.into_errors();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Whether imports must have been resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Linked {
    Yes,
    No,
}

fn judge(
    module: &Module,
    linked: Linked,
    limits: &Limits,
    log: Option<&mut Log>,
) -> Result<ClassTable, Vec<VerifyError>> {
    let mut report = Report::new(module);
    // Classes and code are judged only when the types they name exist, so that one mistake is one error.
    if !tables::check_types(module, linked, limits, &mut report) {
        return Err(report.into_errors());
    }
    let (classes, errors) = ClassTable::build(module);
    errors.into_iter().for_each(|error| report.class(error));
    if report.is_empty() {
        tables::check_items(module, &classes, linked, limits, &mut report);
        function::check_functions(module, &classes, limits, &mut report, log);
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

    /// Lets the registers of a function keep what they hold until it ends, for those who look at them: nothing else about
    /// the program changes but when memory can be given back. Has to come before anybody asks for its liveness;
    /// otherwise nothing changes, and the answer is false.
    pub fn keep_registers(&self, id: FuncId) -> bool {
        let index = id.0 as usize;
        self.0.liveness[index].set(Box::new(Liveness::of_all(&self.0.module.functions[index]))).is_ok()
    }
}

impl Deref for VerifiedModule {
    type Target = Module;

    fn deref(&self) -> &Module {
        &self.0.module
    }
}

#[cfg(test)]
mod tests {
    use mvm_isa::{Elem, Opcode, TypeId, encode};

    use super::*;
    use crate::model::{Export, ExportItem, FuncDebug, Import, Literal, LiteralId, Signature, limits};

    /// A function of so many words.
    fn leaf(name: &str, words: usize) -> Function {
        let mut code = vec![Opcode::Nop as u64; words - 1];
        encode::fixed(&mut code, Opcode::Ret, &[]);
        let (params, results, registers) = (0, vec![], vec![]);
        let debug = FuncDebug::default();
        Function { name: name.into(), params, results, registers, code, handlers: vec![], debug }
    }

    fn module(functions: &[usize]) -> Module {
        let mut module = Module::new("m");
        let functions = functions.iter().enumerate();
        module.functions = functions.map(|(index, &words)| leaf(&format!("f{index}"), words)).collect();
        module
    }

    /// A module that is within the limits, and one that is one past them.
    fn edge(limits: Limits, rule: Rule, message: &str, at: &Module, past: &Module) {
        assert_eq!(library_within(at, &limits), Ok(()), "{message}");
        let errors = library_within(past, &limits).unwrap_err();
        let found: Vec<(Rule, &str)> = errors.iter().map(|error| (error.rule, &*error.message)).collect();
        assert_eq!(found, [(rule, message)]);
        assert_eq!(verify_library(past), Ok(()), "with the real limits");
    }

    #[test]
    fn limits_of_huge_modules_are_inclusive() {
        let limits = Limits::default();
        let message = "4 functions, the limit is 3";
        edge(Limits { functions: 3, ..limits }, Rule::S2, message, &module(&[1; 3]), &module(&[1; 4]));
        let with_import = |functions: &[usize]| {
            let signature = Signature::default();
            let import = Import { module: "other".into(), name: "f".into(), signature };
            Module { imports: vec![import], ..module(functions) }
        };
        let (at, past) = (with_import(&[1; 2]), with_import(&[1; 3]));
        edge(Limits { functions: 3, ..limits }, Rule::S2, message, &at, &past);
        let message = "11 words of code, the limit is 10";
        edge(Limits { code_words: 10, ..limits }, Rule::S2, message, &module(&[5, 5]), &module(&[5, 6]));
        let message = "6 words of code, not 1 to 5";
        edge(Limits { function_words: 5, ..limits }, Rule::F3, message, &module(&[5]), &module(&[6]));
        let exports = |count: u32| {
            let export =
                |k: u32| Export { name: format!("e{k}").into(), item: ExportItem::Function(FuncId(0)) };
            Module { exports: (0..count).map(export).collect(), ..module(&[1]) }
        };
        let message = "3 exports, the limit is 2";
        edge(Limits { exports: 2, ..limits }, Rule::S2, message, &exports(2), &exports(3));
    }

    #[test]
    fn limits_of_literals_are_inclusive() {
        let limits = Limits::default();
        let literals = |literals: Vec<Literal>| Module { literals, ..module(&[1]) };
        let strings = |count: usize| literals(vec![Literal::Str("".into()); count]);
        let message = "4 literals, the limit is 3";
        edge(Limits { literals: 3, ..limits }, Rule::S2, message, &strings(3), &strings(4));
        let limits = Limits { length: 4, ..limits };
        let message = "5 bytes, the limit is 4";
        let one = |literal: Literal| literals(vec![literal]);
        let text = |text: &str| one(Literal::Str(text.into()));
        edge(limits, Rule::S7, message, &text("abcd"), &text("abcde"));
        let bytes = |count: usize| one(Literal::Bytes(vec![0; count].into()));
        edge(limits, Rule::S7, message, &bytes(4), &bytes(5));
        // The limit of arrays is one of bytes, whatever their elements.
        let array = |count: usize| one(Literal::Array(Elem::I16, vec![0; count].into()));
        edge(limits, Rule::S7, "6 bytes, the limit is 4", &array(4), &array(6));
        let refs = |count: usize| {
            let elements = vec![None::<LiteralId>; count].into();
            one(Literal::Refs(TypeId::ARRAY_STR, elements))
        };
        edge(limits, Rule::S7, "5 elements, the limit is 4", &refs(4), &refs(5));
        let types = |count: usize| one(Literal::Types(vec![TypeId::STR; count].into()));
        let limits = Limits { length: 8, ..limits };
        edge(limits, Rule::S7, "16 bytes, the limit is 8", &types(1), &types(2));
    }

    /// A number as the pages write it.
    fn written(number: usize) -> String {
        if number >= 1 << 20 && number.is_power_of_two() {
            return format!("2^{}", number.trailing_zeros());
        }
        if number >= 1 << 20 && (number + 1).is_power_of_two() {
            return format!("2^{} - 1", (number + 1).trailing_zeros());
        }
        if number >= 1000 { format!("{},{:03}", number / 1000, number % 1000) } else { number.to_string() }
    }

    #[test]
    fn rules_name_the_limits() {
        for (rule, limit, of) in [
            (Rule::S2, limits::TYPES_MAX, " types"),
            (Rule::S2, Limits::default().functions, " functions"),
            (Rule::S2, limits::SELECTORS_MAX, " selectors"),
            (Rule::S2, limits::SOURCES_MAX, " source names"),
            (Rule::S2, Limits::default().literals, " literals"),
            (Rule::S2, Limits::default().exports, " exports"),
            (Rule::S2, Limits::default().code_words, " words of code"),
            (Rule::S2, limits::PARAMS_MAX, " parameters"),
            (Rule::S2, limits::RESULTS_MAX, " results"),
            (Rule::S5, limits::TYPE_DEPTH_MAX, " levels"),
            (Rule::S5, limits::TYPE_PARTS_MAX, " types"),
            (Rule::S6, limits::NAME_BYTES_MAX, " bytes"),
            (Rule::S7, Limits::default().length, " bytes"),
            (Rule::S9, limits::LITERAL_DEPTH_MAX, " levels"),
            (Rule::C1, limits::CLASS_DEPTH_MAX, " levels"),
            (Rule::C5, limits::OBJECT_WORDS_MAX, " words"),
            (Rule::C5, limits::METHODS_MAX, " methods"),
            (Rule::C9, limits::CLASS_ENTRIES_MAX, " entries"),
            (Rule::F1, limits::PARAMS_MAX, " parameters"),
            (Rule::F1, limits::REGISTERS_MAX, " registers"),
            (Rule::F2, limits::RESULTS_MAX, " results"),
            (Rule::F3, Limits::default().function_words, " words"),
            (Rule::F4, limits::HANDLERS_MAX, " ranges"),
            (Rule::I8, limits::LEAF_WORDS_MAX, " words"),
            (Rule::I8, limits::LEAF_REGISTERS_MAX, " registers"),
            (Rule::I10, limits::SHORT_BACK_WORDS_MAX, " words"),
            (Rule::I11, limits::BOUND_MAX, ","),
        ] {
            let wanted = format!("{}{of}", written(limit));
            assert!(rule.text().contains(&wanted), "{rule} does not say `{wanted}`: {}", rule.text());
        }
    }
}
