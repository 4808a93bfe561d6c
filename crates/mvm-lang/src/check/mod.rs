//! Names and types: from syntax trees to a checked program.
//!
//! The way, for all modules together: `modules` reads what is imported; `collect` finds the declarations and gives them
//! numbers; `headers` finds their types; `classes` judges inheritance and makes initialisers; then each body is checked by
//! itself (`body` and the files named after what they check), and `flow` looks whether variables are assigned in time.
//!
//! Inference is local and goes both ways: an expression is checked with what is known of the type that it should have
//! ([`Checker::infer`] takes a hint, [`Checker::expect`] insists), and unknown types (arguments of generic functions, elements of
//! `[]`) are variables that unification solves (`unify`). After an error the type is [`Ty::ERROR`], which goes with everything, so
//! one mistake gives one message.
//!
//! Not here: reading files (whoever calls brings a [`Loader`]), what code does (`lower`).

mod access;
mod args;
mod body;
mod calls;
mod classes;
mod closures;
mod collect;
mod control;
mod exprs;
mod flow;
mod foreign;
mod headers;
mod locals;
mod matches;
mod members;
mod modules;
mod operators;
mod patterns;
mod processes;
mod reach;
mod sent;
mod shapes;
mod stmts;
mod tyexpr;
mod unify;

use std::sync::Arc;

use mvm_diag::{Diagnostic, FileId, Span};
use mvm_module::Module;

use crate::ast::{self, AstNode};
use crate::errors::{M0309, M0312, M0325, M0333};
use crate::hir::{FnId, ModuleId, NominalId, ParamId, Program};
use crate::lower::Entry;
use crate::tree::{Node, Token};
use crate::type_name::TypeNames;
use crate::types::{SmallMap, Ty};

pub use modules::{Loader, Source};

/// A program that was checked.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What was understood. Only to be lowered when there are no errors.
    pub program: Program,
    /// What is wrong and what is doubtful, file by file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether the program is refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Checks a program: the file it starts with and everything that imports.
pub fn check(root: Source, loader: &mut dyn Loader) -> Checked {
    let mut diagnostics = Vec::new();
    let units = modules::load(root, loader, &mut diagnostics);
    let mut checker = Checker::new(&units, diagnostics);
    checker.run();
    checker.finish()
}

/// What became of a program.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The module; none when there are errors.
    pub module: Option<Module>,
    /// What was understood: of functions that nothing uses there is no body.
    pub program: Program,
    /// Names of the tests of the program, in the order of [`Entry::Tests`].
    pub tests: Vec<std::sync::Arc<str>>,
    /// What is wrong and what is doubtful.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a program and makes a module of it. Of the library only what the program uses is checked and compiled.
pub fn compile(root: Source, loader: &mut dyn Loader, entry: Entry) -> Compiled {
    let mut diagnostics = Vec::new();
    let units = modules::load(root, loader, &mut diagnostics);
    let mut checker = Checker::new(&units, diagnostics);
    checker.declarations();
    checker.bodies_in_use();
    checker.constants_in_circles();
    checker.find_main();
    checker.judge_cases_received();
    let tests = checker.program.tests.iter().map(|test| test.name.clone()).collect();
    let refused = checker.diagnostics.iter().any(Diagnostic::is_error);
    if refused || entry == Entry::Main && checker.program.main.is_none() {
        let Checked { program, diagnostics } = checker.finish();
        return Compiled { module: None, program, tests, diagnostics };
    }
    let module = loop {
        match crate::lower::lower_some(&checker.program, loader.sources(), entry) {
            Ok(module) => break Some(module),
            Err(crate::lower::Fault::Wrong(found)) => {
                checker.diagnostics.extend(found);
                break None;
            }
            Err(crate::lower::Fault::Unchecked(missing)) => {
                for id in missing {
                    checker.check_later(id);
                }
                if checker.diagnostics.iter().any(Diagnostic::is_error) {
                    break None;
                }
            }
        }
    };
    let Checked { program, diagnostics } = checker.finish();
    Compiled { module, program, tests, diagnostics }
}

/// A parsed module.
#[derive(Debug)]
pub(crate) struct Unit {
    name: Arc<str>,
    source: Arc<str>,
    file: FileId,
    parse: crate::Parse,
    /// Bodies that `parse` leaves out, where they are and, once they are needed, what is in them.
    bodies: Vec<(std::ops::Range<usize>, std::cell::OnceCell<crate::Parse>)>,
    /// Modules that its imports name, in order; none for those that are not there.
    imports: Vec<Option<ModuleId>>,
    /// Belongs to the library, so that it may use the machine.
    library: bool,
}

/// What a name of a module stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Fn(FnId),
    Nominal(NominalId),
    Alias(u32),
    Const(crate::hir::ConstId),
    Module(ModuleId),
    /// Cases of enums; several when enums share a name.
    Cases(Vec<(NominalId, u32)>),
}

/// A name in a module.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    item: Item,
    public: bool,
    span: Span,
}

/// What a name of a class stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    Field(u32),
    Method(FnId),
    Static(FnId),
    StaticConst(crate::hir::ConstId),
    Case(u32),
}

/// `class`, `enum` or `interface` in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NominalAst<'t> {
    Class(ast::Class<'t>),
    Enum(ast::Enum<'t>),
    Interface(ast::Interface<'t>),
}

/// What the checker knows of a nominal type besides what the program says.
#[derive(Debug)]
pub(crate) struct NominalInfo<'t> {
    ast: NominalAst<'t>,
    members: SmallMap<&'t str, Member>,
    /// `Self` of an interface.
    self_param: Option<ParamId>,
    /// The initialiser in the text.
    init: Option<ast::Init<'t>>,
    /// Whether its initialiser has been made.
    init_done: u8,
}

/// Where the text of a function is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FnAst<'t> {
    Function(ast::Function<'t>),
    Init(ast::Init<'t>),
    /// A value of a default or constant.
    Value(ast::Expr<'t>),
    Test(ast::Block<'t>),
    /// Made by the checker.
    None,
}

/// What the checker knows of a function besides what the program says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FnInfo<'t> {
    ast: FnAst<'t>,
    private: bool,
    overrides: bool,
}

/// `type A = B`.
#[derive(Debug)]
pub(crate) struct Alias<'t> {
    ast: ast::TypeAlias<'t>,
    module: ModuleId,
    state: AliasState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AliasState {
    Open,
    Running,
    Done(Vec<ParamId>, Ty),
}

/// Who checks.
pub(crate) struct Checker<'t> {
    pub(crate) units: &'t [Unit],
    pub(crate) program: Program,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// For each module its names, with those it imports.
    pub(crate) scopes: Vec<SmallMap<&'t str, Named>>,
    pub(crate) nominals: Vec<NominalInfo<'t>>,
    pub(crate) fns: Vec<FnInfo<'t>>,
    pub(crate) aliases: Vec<Alias<'t>>,
    /// Type parameters that are in force, innermost last.
    pub(crate) generics: Vec<(&'t str, ParamId)>,
    /// The module whose text is looked at.
    pub(crate) module: ModuleId,
    /// The class, enum or interface whose text is looked at.
    pub(crate) owner: Option<NominalId>,
    /// Constants whose types are being found.
    pub(crate) running: Vec<crate::hir::ConstId>,
    /// Functions made by the checker whose bodies have been looked through.
    pub(crate) followed: std::collections::HashSet<FnId>,
    /// For looking up what a program reaches.
    pub(crate) method_index: reach::MethodIndex,
    /// Solutions of type variables.
    pub(crate) vars: Vec<Option<Ty>>,
    /// The body that is checked.
    pub(crate) body: body::BodyState<'t>,
    /// What `receive` takes.
    received: processes::Received,
    /// What the prelude declares that the checker asks for often.
    pub(crate) known: Known,
}

/// Numbers of nominals of the prelude.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    pub(crate) list: Option<NominalId>,
    pub(crate) map: Option<NominalId>,
    pub(crate) array: Option<NominalId>,
    pub(crate) range: Option<NominalId>,
    pub(crate) error: Option<NominalId>,
    pub(crate) any: Option<NominalId>,
    pub(crate) process: Option<NominalId>,
    pub(crate) number: Option<NominalId>,
    pub(crate) ordered: Option<NominalId>,
    pub(crate) hashable: Option<NominalId>,
}

impl<'t> Checker<'t> {
    fn new(units: &'t [Unit], diagnostics: Vec<Diagnostic>) -> Checker<'t> {
        let mut program = Program::default();
        for unit in units {
            program.modules.push(crate::hir::Module { name: unit.name.clone(), source: unit.source.clone() });
        }
        // About one node in twelve declares a function.
        let fns = units.iter().map(|unit| unit.parse.tree.len() / 12).sum();
        program.fns.reserve(fns);
        Checker {
            units,
            program,
            diagnostics,
            scopes: Vec::new(),
            nominals: Vec::new(),
            fns: Vec::with_capacity(fns),
            aliases: Vec::new(),
            generics: Vec::new(),
            module: ModuleId(0),
            owner: None,
            running: Vec::new(),
            followed: Default::default(),
            method_index: Default::default(),
            vars: Vec::new(),
            body: body::BodyState::default(),
            received: processes::Received::default(),
            known: Known::default(),
        }
    }

    fn run(&mut self) {
        self.declarations();
        self.bodies();
        self.constants_in_circles();
        self.find_main();
        self.judge_cases_received();
    }

    fn declarations(&mut self) {
        self.collect();
        self.headers();
        self.classes();
    }

    /// Leaves out what follows from a mistake in the text that the parser has reported: what stands at the same place, and
    /// what is said of a whole statement or the value in front.
    fn leave_out_followers(&mut self) {
        let wrong: Vec<Span> = self
            .units
            .iter()
            .flat_map(|unit| &unit.parse.diagnostics)
            .filter(|d| d.is_error())
            .filter_map(|d| Some(d.primary.as_ref()?.span))
            .collect();
        // An arm of a case that there is not is reached never.
        let no_case = self.diagnostics.iter().filter(|d| d.code == M0325);
        let no_case: Vec<Span> = no_case.filter_map(|d| Some(d.primary.as_ref()?.span)).collect();
        if wrong.is_empty() && no_case.is_empty() {
            return;
        }
        self.diagnostics.retain(|d| {
            let Some(label) = d.primary.as_ref().filter(|_| d.code >= "M0300") else { return true };
            let span = label.span;
            let whole = matches!(d.code, M0309 | M0312 | M0333);
            if d.code == M0312 && no_case.contains(&span) {
                return false;
            }
            !wrong.iter().any(|at| {
                let touches = at.file == span.file && span.start <= at.start && at.start <= span.end;
                *at == span || whole && touches
            })
        });
    }

    /// Whether the parser has found mistakes in a part of the text that is looked at.
    pub(crate) fn has_syntax_errors(&self, range: std::ops::Range<usize>) -> bool {
        let found = &self.units[self.module.index()].parse.diagnostics;
        let mut places = found.iter().filter(|d| d.is_error()).filter_map(|d| d.primary.as_ref());
        places.any(|label| range.contains(&(label.span.start as usize)))
    }

    fn finish(mut self) -> Checked {
        self.leave_out_followers();
        let order =
            |d: &Diagnostic| d.primary.as_ref().map_or((FileId(0), 0), |l| (l.span.file, l.span.start));
        self.diagnostics.sort_by_key(order);
        self.diagnostics.dedup();
        self.diagnostics.truncate(crate::ERRORS_MAX);
        Checked { program: self.program, diagnostics: self.diagnostics }
    }

    /// Reports something; more may be added to what is given back by [`Checker::report`].
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether more would not be kept. Then no help is looked for either: that takes time in proportion to all names that there are.
    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.len() >= crate::ERRORS_MAX * 2
    }

    /// The name that somebody may have meant, if it would be told.
    pub(crate) fn near<'n>(&self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        if self.is_full() { None } else { mvm_diag::suggest(name, names) }
    }

    /// Reports an error at a place.
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, message).at(span, ""));
    }

    /// Reports an error at a place, with what to do.
    pub(crate) fn error_help(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Diagnostic::error(code, message).at(span, "").help(help));
    }

    pub(crate) fn file(&self) -> FileId {
        self.units[self.module.index()].file
    }

    pub(crate) fn span_of_range(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file(), range.start as u32, range.end as u32)
    }

    pub(crate) fn span(&self, node: Node<'_>) -> Span {
        self.span_of_range(node.range())
    }

    pub(crate) fn span_ast<'a>(&self, node: impl AstNode<'a>) -> Span {
        self.span(node.node())
    }

    pub(crate) fn span_token(&self, token: Token<'_>) -> Span {
        self.span_of_range(token.range())
    }

    /// The type as the language writes it.
    pub(crate) fn show(&self, ty: Ty) -> String {
        let names = TypeNames {
            types: &self.program.types,
            nominals: &self.program.nominals,
            params: &self.program.params,
            list: self.known.list,
            map: self.known.map,
            resolve: &|ty| self.shallow(ty),
            bytes_max: SHOWN_BYTES,
        };
        names.of(ty)
    }
}

/// Bytes of a type in a message after which no other part of it begins.
const SHOWN_BYTES: usize = 400;
