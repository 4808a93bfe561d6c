//! From a checked program to a module of the machine.
//!
//! [`lower`] starts at `main` and compiles what it reaches: each function once for every list of type arguments that it is
//! used with. The parts, in the order in which they are best read:
//!
//! - `reps.rs`: what a type is in the machine — which registers, and how it becomes one reference;
//! - `classes.rs`: the classes that the module has, and where their fields are;
//! - `work.rs`: the list of functions that are still to be made;
//! - `body.rs`: the code of one function: registers for locals and intermediate values; `exprs.rs` goes through the
//!   kinds of expressions, `numbers.rs`, `control.rs`, `leaving.rs` (`defer`, `try`, `break`, `return`), `patterns.rs`, `matches.rs`,
//!   `calls.rs`, `closures.rs`, `objects.rs`, `machine.rs` and `processes.rs` have the code of each;
//! - `dispatch.rs`: which function a method call calls; `inline.rs`: short ones in the place of their calls;
//! - `boxes.rs`: values as one reference, and conversions; `derive.rs`, `collections.rs` and `show.rs`: `==`, order, hash and text of a type;
//! - `adapters.rs`: functions that stand between two that do not fit; `tables.rs`: the tables of the module.
//!
//! The code is written for an interpreter that takes it as it is: compare-and-branch in one instruction, constants as
//! immediates, results straight into the variable that they are for, calls of known functions instead of calls through
//! tables. What needs a look at the whole function is left to `mvm-opt`.
//!
//! Not here: what names and types mean (`check`), the encoding of instructions (`mvm_opt::build`).

mod adapters;
mod body;
mod boxes;
mod calls;
mod classes;
mod closures;
mod collections;
mod control;
mod derive;
mod dispatch;
mod exprs;
mod inline;
mod leaving;
mod machine;
mod matches;
mod names;
mod numbers;
mod objects;
mod patterns;
mod processes;
mod regs;
mod reps;
mod show;
mod tables;
mod visit;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use mvm_diag::{Diagnostic, SourceMap, Span};
use mvm_isa::TypeId;
use mvm_module::{FuncId, Function, Literal, LiteralId, Module, Name, Selector, Signature, TypeDef};

use crate::hir::{FnId, NominalId, Program};
use crate::types::{SmallMap, Ty, Types};
use body::Lines;
use classes::{Class, Kind};
use dispatch::{Interface, Replaced, Slot, SlotInfo, SlotRoot, What};
use reps::Rep;
use work::{Adapter, Job};

/// What the module starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// `main` of the program.
    Main,
    /// The test whose number in [`Program::tests`] is the first argument: each test is a process of its own, with the limits
    /// that the host gives it. A test that fails ends with an error that nobody catches.
    Tests,
}

/// Makes a module of a checked program.
///
/// # Errors
/// When the program has no `main`, when type arguments grow without end, or when something passes a limit of the machine.
pub fn lower(program: &Program, sources: &SourceMap, entry: Entry) -> Result<Module, Vec<Diagnostic>> {
    lower_some(program, sources, entry).map_err(|fault| match fault {
        Fault::Wrong(diagnostics) => diagnostics,
        Fault::Unchecked(_) => vec![Diagnostic::error("", "the program has not been checked")],
    })
}

/// Why there is no module.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Something is wrong with the program.
    Wrong(Vec<Diagnostic>),
    /// Bodies of these functions are needed, which have not been checked yet.
    Unchecked(Vec<FnId>),
}

/// The same for a program of which only a part has been checked: bodies without root stand for the others.
pub(crate) fn lower_some(program: &Program, sources: &SourceMap, entry: Entry) -> Result<Module, Fault> {
    // Classes whose objects have an identity number in a field. That they need one shows too late: when code that knows
    // their fields has been made. So the classes are noted, and all starts again.
    let mut serials = BTreeSet::new();
    loop {
        let mut lower = Lower::new(program, sources, serials);
        let main = match entry {
            Entry::Main => match program.main {
                Some(main) => Adapter::Main(main),
                None => return Err(Fault::Wrong(vec![Diagnostic::error("", "the program has no `main`")])),
            },
            Entry::Tests => Adapter::Tests,
        };
        let main = lower.job(Job::Adapter(main));
        lower.run();
        if !lower.unchecked.is_empty() {
            return Err(Fault::Unchecked(lower.unchecked));
        }
        if !lower.diagnostics.is_empty() {
            return Err(Fault::Wrong(lower.diagnostics));
        }
        if lower.more_serials.is_empty() {
            return lower.finish(main).map_err(Fault::Wrong);
        }
        serials = lower.serials;
        serials.append(&mut lower.more_serials);
    }
}

/// Nominals of the prelude that are asked for often.
#[derive(Debug, Clone, Copy, Default)]
struct Lang {
    any: Option<NominalId>,
    array: Option<NominalId>,
    error: Option<NominalId>,
    list: Option<NominalId>,
    map: Option<NominalId>,
    range: Option<NominalId>,
    set: Option<NominalId>,
    trap: Option<NominalId>,
}

/// A module that is being made.
struct Lower<'p> {
    program: &'p Program,
    sources: &'p SourceMap,
    lang: Lang,
    /// The types of the program, and those that come of putting in type arguments.
    types: Types,
    reps: Vec<Option<Rep>>,
    depths: Vec<Option<u32>>,
    /// The type table; entries of classes and interfaces are filled in at the end.
    table: Vec<TypeDef>,
    arrays: SmallMap<TypeId, TypeId>,
    fn_types: SmallMap<Signature, TypeId>,
    type_names: SmallMap<Name, u32>,
    fn_names: SmallMap<Name, u32>,
    classes: Vec<Class>,
    class_numbers: SmallMap<(Kind, Ty), usize>,
    cells: SmallMap<Box<[TypeId]>, usize>,
    /// The class of the links of chains of objects that are being shown.
    chain_link: Option<usize>,
    /// Classes whose objects have an identity number, and those that have been found to need one.
    serials: BTreeSet<NominalId>,
    more_serials: BTreeSet<NominalId>,
    interfaces: Vec<Interface>,
    interface_numbers: SmallMap<Ty, usize>,
    slots: Vec<SlotInfo>,
    slot_numbers: SmallMap<(SlotRoot, What), Slot>,
    selectors: Vec<Selector>,
    replaced: Replaced,
    /// Whether a class has others below it, by nominal.
    has_below: Vec<bool>,
    method_names: Vec<Option<SmallMap<Arc<str>, FnId>>>,
    literals: Vec<Literal>,
    strings: SmallMap<Arc<str>, LiteralId>,
    fn_literals: SmallMap<u32, LiteralId>,
    functions: Vec<Option<Function>>,
    jobs: SmallMap<Job, FuncId>,
    /// Functions without type arguments, by their number in the program.
    plain: Vec<Option<FuncId>>,
    work: Vec<(FuncId, Job)>,
    /// Functions with calls by method tables, into which the places there are still to be put.
    virtual_callers: Vec<FuncId>,
    /// A builder whose function is done.
    spare: Option<mvm_opt::build::Builder>,
    /// Types as text, as far as asked for.
    type_texts: Vec<Option<Name>>,
    shorts: inline::Shorts,
    plain_inits: inline::PlainInits,
    instances: usize,
    /// Functions whose bodies are needed and have not been checked.
    unchecked: Vec<FnId>,
    lines: Lines,
    /// What is being compiled.
    span: Option<Span>,
    diagnostics: Vec<Diagnostic>,
}

impl<'p> Lower<'p> {
    fn new(program: &'p Program, sources: &'p SourceMap, serials: BTreeSet<NominalId>) -> Lower<'p> {
        let known = |name: &str| program.lang.nominals.get(name).copied();
        let mut has_below = vec![false; program.nominals.len()];
        for base in program.nominals.iter().filter_map(|nominal| nominal.base) {
            if let &crate::types::TyKind::Named(id, _) = program.types.kind(base) {
                has_below[id.index()] = true;
            }
        }
        Lower {
            program,
            sources,
            lang: Lang {
                any: known("Any"),
                array: known("Array"),
                error: known("Error"),
                list: known("List"),
                map: known("Map"),
                range: known("Range"),
                set: known("Set"),
                trap: known("Trap"),
            },
            types: program.types.clone(),
            reps: Vec::new(),
            depths: Vec::new(),
            table: Module::builtin_types(),
            arrays: SmallMap::default(),
            fn_types: SmallMap::default(),
            type_names: reserved_names(),
            fn_names: SmallMap::default(),
            classes: Vec::new(),
            class_numbers: SmallMap::default(),
            cells: SmallMap::default(),
            chain_link: None,
            serials,
            more_serials: BTreeSet::new(),
            interfaces: Vec::new(),
            interface_numbers: SmallMap::default(),
            slots: Vec::new(),
            slot_numbers: SmallMap::default(),
            selectors: Vec::new(),
            replaced: dispatch::replaced(program),
            has_below,
            method_names: Vec::new(),
            literals: Vec::new(),
            strings: SmallMap::default(),
            fn_literals: SmallMap::default(),
            functions: Vec::new(),
            jobs: SmallMap::default(),
            plain: Vec::new(),
            work: Vec::new(),
            virtual_callers: Vec::new(),
            spare: None,
            type_texts: Vec::new(),
            shorts: Vec::new(),
            plain_inits: inline::PlainInits::default(),
            instances: 0,
            unchecked: Vec::new(),
            lines: Lines::default(),
            span: None,
            diagnostics: Vec::new(),
        }
    }

    /// The literal of a string.
    fn string(&mut self, text: &Arc<str>) -> LiteralId {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let id = LiteralId(self.literals.len() as u32);
        self.literals.push(Literal::Str((&**text).into()));
        self.strings.insert(text.clone(), id);
        id
    }

    /// The literal of a function as value.
    fn fn_literal(&mut self, function: FuncId, ty: TypeId) -> LiteralId {
        if let Some(&known) = self.fn_literals.get(&function.0) {
            return known;
        }
        let id = LiteralId(self.literals.len() as u32);
        self.literals.push(Literal::Func(function, ty));
        self.fn_literals.insert(function.0, id);
        id
    }
}

/// Names that the classes of the machine have.
fn reserved_names() -> SmallMap<Name, u32> {
    let mut names = SmallMap::default();
    for def in Module::builtin_types() {
        if let TypeDef::Class(class) = def {
            names.insert(class.name, 1);
        }
    }
    names
}
