//! The list of functions that are still to be made, and who makes which.
//!
//! Whoever needs a function asks for it by what it is ([`Lower::instance`], [`Lower::job`]), gets its number at once, and
//! goes on; the same question gives the same number. [`Lower::run`] makes code until nothing is asked for any more, so
//! exactly what the program can reach is compiled.

use std::rc::Rc;

use mvm_diag::Diagnostic;
use mvm_isa::TypeId;
use mvm_module::{FuncId, Function, Name};
use mvm_opt::build::Builder;

use super::Lower;
use super::derive::Derive;
use super::dispatch::Slot;
use super::names::INSTANCES_MAX;
use crate::errors::M0401;
use crate::hir::{ExprId, FnId, LocalId};
use crate::types::Ty;

/// A function to be made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Job {
    /// A function of the program for these arguments of its generics. `showing`: it takes the chain of objects that are
    /// being shown first (see `show.rs`).
    Fn { id: FnId, args: Rc<[Ty]>, showing: bool },
    /// A closure in a function.
    Closure(Rc<ClosureJob>),
    /// `==`, order, hash or text of a type.
    Derived(Derive, Ty),
    /// A slot of classes without method tables.
    Dispatch(usize),
    /// A function that calls another.
    Adapter(Adapter),
}

/// A closure in a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ClosureJob {
    /// The function.
    pub(crate) id: FnId,
    /// Arguments for its generics.
    pub(crate) args: Rc<[Ty]>,
    /// Whether the chain of objects that are being shown is captured, as the first register.
    pub(crate) showing: bool,
    /// The closure.
    pub(crate) expr: ExprId,
    /// What it captures.
    pub(crate) captures: Vec<LocalId>,
    /// The captured registers come in one object, because they are too many.
    pub(crate) record: Option<usize>,
}

/// A function that calls another one, which takes or gives something else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Adapter {
    /// What objects of a class do for a slot.
    Slot {
        /// The class.
        class: usize,
        /// The slot.
        slot: Slot,
    },
    /// A method, with the object as first argument.
    Method {
        /// Type of the object.
        of: Ty,
        /// The method.
        method: FnId,
        /// Arguments for its own generics.
        own: Rc<[Ty]>,
    },
    /// A class as function: makes an object.
    New {
        /// The class.
        of: Ty,
        /// Its initialiser.
        init: FnId,
    },
    /// A case as function.
    Case {
        /// The enum.
        of: Ty,
        /// Number of the case.
        case: u32,
    },
    /// A class without payload as object, from the number of the case.
    PackCase(Ty),
    /// A function whose arguments come in one object.
    Unpack {
        /// The function.
        function: FuncId,
        /// The class of the object.
        class: usize,
    },
    /// Writes a text into a buffer.
    Append,
    /// The main function of the machine.
    Main(FnId),
    /// The main function that runs the test whose number is its first argument.
    Tests,
}

impl Lower<'_> {
    /// The function of the program for these arguments of its generics.
    pub(crate) fn instance(&mut self, id: FnId, args: Rc<[Ty]>, showing: bool) -> FuncId {
        if args.is_empty() && !showing {
            if let Some(&Some(known)) = self.plain.get(id.index()) {
                return known;
            }
            let function = self.new_job(Job::Fn { id, args, showing });
            if self.plain.is_empty() {
                self.plain = vec![None; self.program.fns.len()];
            }
            self.plain[id.index()] = Some(function);
            return function;
        }
        self.job(Job::Fn { id, args, showing })
    }

    /// The function that this job makes.
    pub(crate) fn job(&mut self, job: Job) -> FuncId {
        if let Some(&known) = self.jobs.get(&job) {
            return known;
        }
        if let Job::Fn { args, .. } = &job {
            for &arg in &args.clone()[..] {
                self.judge_depth(arg);
            }
            self.instances += 1;
            if self.instances > INSTANCES_MAX {
                self.too_many("functions for different type arguments", INSTANCES_MAX);
            }
        }
        let function = self.new_job(job.clone());
        self.jobs.insert(job, function);
        function
    }

    fn new_job(&mut self, job: Job) -> FuncId {
        let function = FuncId(self.functions.len() as u32);
        self.functions.push(None);
        self.work.push((function, job));
        function
    }

    /// Makes code until nothing is asked for any more.
    pub(crate) fn run(&mut self) {
        let mut late = Vec::new();
        loop {
            while let Some((function, job)) = self.work.pop() {
                if !self.diagnostics.is_empty() {
                    return;
                }
                // What they do depends on which classes there are.
                if let Job::Dispatch(slot) = job {
                    late.push((function, slot));
                    continue;
                }
                self.make_function(function, job);
            }
            // Fields of classes can name classes that nobody has named before.
            let mut class = 0;
            while class < self.classes.len() && self.diagnostics.is_empty() {
                self.need_fields(class);
                class += 1;
            }
            if self.work.is_empty() {
                break;
            }
        }
        for (function, slot) in late {
            let code = self.dispatch(slot);
            self.keep(function, code);
        }
    }

    fn make_function(&mut self, function: FuncId, job: Job) {
        let code = match job {
            Job::Fn { id, args, showing } => self.function(id, args, showing),
            Job::Closure(job) => self.closure_function(&job),
            Job::Derived(derive, ty) => self.derived(derive, ty),
            Job::Dispatch(slot) => self.dispatch(slot),
            Job::Adapter(adapter) => self.adapter(adapter),
        };
        self.keep(function, code);
    }

    /// A builder for a function, with the memory of the last one.
    pub(crate) fn builder(&mut self, params: &[TypeId], results: &[TypeId]) -> Builder {
        match self.spare.take() {
            Some(spare) => spare.again(params, results),
            None => Builder::new(params, results),
        }
    }

    /// Takes a function that is done.
    fn keep(&mut self, function: FuncId, code: (Builder, Name)) {
        let (mut builder, name) = code;
        let name = self.unique_fn_name(&name);
        if builder.calls_virtual() {
            self.virtual_callers.push(function);
        }
        match builder.finish(name.clone()) {
            Some(done) => {
                self.functions[function.0 as usize] = Some(done);
                self.spare = Some(builder);
            }
            None => {
                let message = format!("`{name}` is too large for the machine");
                self.diagnostics
                    .push(Diagnostic::error(M0401, message).help("divide it into smaller functions"));
            }
        }
    }

    /// All functions, in the order of their numbers.
    pub(crate) fn take_functions(&mut self) -> Vec<Function> {
        std::mem::take(&mut self.functions).into_iter().flatten().collect()
    }

    /// Reports that there would be too many of something.
    pub(crate) fn too_many(&mut self, what: &str, limit: usize) {
        if self.diagnostics.is_empty() {
            let message = format!("the program has more than {limit} {what}");
            self.diagnostics.push(Diagnostic::error(M0401, message));
        }
    }
}
