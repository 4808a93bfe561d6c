//! What the parts of the assembler share: names, types, the module under construction, diagnostics.

use std::collections::BTreeMap;
use std::rc::Rc;

use mvm_diag::{Diagnostic, FileId, SourceMap, Span, suggest};
use mvm_isa::TypeId;
use mvm_module::classes::ClassTable;
use mvm_module::limits::{self, Limits};
use mvm_module::{FuncId, LiteralId, Module, Name, Signature, TypeDef};

use crate::Loader;
use crate::collect::Item;
use crate::cursor::{Cursor, Parse, Reported};
use crate::data::DataValue;
use crate::errors::{E0101, E0206, E0801};
use crate::intern::Sym;
use crate::keywords;
use crate::lexer::Kind;
use crate::macros::Macro;
use crate::report::{ExpansionId, Place, Report};
use crate::tokens::{Lexicon, Token, short};
use crate::verbs::{VERBS, VerbId};

/// What a name of the module stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Global {
    None,
    Const(u32),
    Data(u32),
    Func(FuncId),
    Type(TypeId),
}

/// A constant.
#[derive(Debug)]
pub(crate) struct Const {
    pub(crate) name: Sym,
    pub(crate) place: Place,
    pub(crate) expansion: ExpansionId,
    pub(crate) stream: u32,
    /// Token where the expression begins.
    pub(crate) at: u32,
    pub(crate) value: ConstState,
    pub(crate) used: bool,
}

/// How far a constant is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ConstState {
    New,
    Open,
    Known(Value),
    Wrong,
}

/// The value of a constant expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Float(f64),
    Str(Sym),
}

/// A `data` line.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) ty: TypeId,
    pub(crate) value: DataValue,
}

/// A function of this module before its body is assembled.
#[derive(Debug)]
pub(crate) struct FuncDecl {
    pub(crate) name: Sym,
    pub(crate) place: Place,
    pub(crate) item: Item,
    pub(crate) params: Vec<(Sym, Place)>,
    /// Token of the left brace of the body.
    pub(crate) body: u32,
}

/// The state of a run.
pub(crate) struct Asm<'l> {
    pub(crate) map: &'l mut SourceMap,
    pub(crate) loader: &'l mut dyn Loader,
    pub(crate) report: Report,
    pub(crate) lex: Lexicon,
    /// Verb of each of the first symbols.
    pub(crate) verb_of: Vec<Option<VerbId>>,
    /// Token lists that last: files, and what macros wrote outside functions.
    pub(crate) streams: Vec<Rc<Vec<Token>>>,
    pub(crate) main_file: FileId,
    pub(crate) module: Module,
    pub(crate) classes: ClassTable,
    globals: Vec<Global>,
    /// Where each global name was declared, for messages.
    declared_at: BTreeMap<Sym, Place>,
    pub(crate) consts: Vec<Const>,
    pub(crate) data: Vec<Data>,
    pub(crate) macros: Vec<Macro>,
    /// Index of the macro of each symbol, or `u32::MAX`.
    pub(crate) macro_of: Vec<u32>,
    /// Lines written by macros so far.
    pub(crate) expanded_lines: u64,
    /// Tokens written by macros so far.
    pub(crate) expanded_tokens: u64,
    /// Uses of macros so far, for fresh names.
    pub(crate) expansions: u32,
    pub(crate) signatures: Vec<Rc<Signature>>,
    pub(crate) functions: Vec<FuncDecl>,
    /// Imports made by instructions that are functions of module `core`: see `builtins.rs`.
    pub(crate) builtin_imports: Vec<mvm_module::Import>,
    ref_arrays: BTreeMap<TypeId, TypeId>,
    function_types: BTreeMap<(Vec<TypeId>, Vec<TypeId>), TypeId>,
    strings: BTreeMap<Sym, LiteralId>,
    function_literals: BTreeMap<FuncId, LiteralId>,
    pub(crate) selector_of: BTreeMap<(TypeId, u16), u16>,
    /// Tables by symbol that functions share: see `body.rs`.
    pub(crate) scopes: crate::body::Scopes,
    pub(crate) warnings_off: bool,
    /// Whether a `.file` line says that another compiler wrote the text.
    pub(crate) generated: bool,
    /// Entries of the list of sources that are files of assembly.
    pub(crate) source_of: Vec<(FileId, u16)>,
    pub(crate) source_numbers: BTreeMap<Sym, u16>,
    /// Fields found in classes with many of them.
    pub(crate) fields: BTreeMap<(TypeId, Sym), Option<u32>>,
    /// Methods found in classes with many of them.
    pub(crate) methods: BTreeMap<(TypeId, Sym), Option<u32>>,
    /// The interface that declares a method of an interface, and its number there.
    pub(crate) interface_methods: BTreeMap<(TypeId, Sym), (TypeId, u16)>,
    too_many_types: bool,
    /// The limits that only huge sources reach.
    pub(crate) limits: Limits,
}

/// Parts of a name with points.
pub(crate) const PATH_PARTS_MAX: usize = 8;

/// A type that is not known because of an earlier error; it fits everything.
pub(crate) const POISON: TypeId = TypeId(u16::MAX);

impl<'l> Asm<'l> {
    pub(crate) fn new(map: &'l mut SourceMap, loader: &'l mut dyn Loader) -> Asm<'l> {
        let mut lex = Lexicon::new();
        keywords::preload(&mut lex.names);
        let verb_of = VERBS.preload(&mut lex.names);
        Asm {
            map,
            loader,
            report: Report::default(),
            lex,
            verb_of,
            streams: Vec::new(),
            main_file: FileId(0),
            module: Module::new(""),
            classes: ClassTable::default(),
            globals: Vec::new(),
            declared_at: BTreeMap::new(),
            consts: Vec::new(),
            data: Vec::new(),
            macros: Vec::new(),
            macro_of: Vec::new(),
            expanded_lines: 0,
            expanded_tokens: 0,
            expansions: 0,
            signatures: Vec::new(),
            functions: Vec::new(),
            builtin_imports: Vec::new(),
            ref_arrays: BTreeMap::from([(TypeId::STR, TypeId::ARRAY_STR)]),
            function_types: BTreeMap::new(),
            strings: BTreeMap::new(),
            function_literals: BTreeMap::new(),
            selector_of: BTreeMap::new(),
            scopes: crate::body::Scopes::default(),
            warnings_off: false,
            generated: false,
            source_of: Vec::new(),
            source_numbers: BTreeMap::new(),
            fields: BTreeMap::new(),
            methods: BTreeMap::new(),
            interface_methods: BTreeMap::new(),
            too_many_types: false,
            limits: Limits::default(),
        }
    }

    // Names.

    pub(crate) fn text(&self, sym: Sym) -> &str {
        self.lex.names.text(sym)
    }

    pub(crate) fn name(&self, sym: Sym) -> Name {
        self.text(sym).into()
    }

    /// What a name of the module stands for.
    #[inline]
    pub(crate) fn global(&self, sym: Sym) -> Global {
        self.globals.get(sym.index()).copied().unwrap_or(Global::None)
    }

    /// Declares a name of the module; an error when it is taken.
    pub(crate) fn declare(&mut self, sym: Sym, place: Place, what: Global) -> Parse<()> {
        if self.globals.len() <= sym.index() {
            self.globals.resize(self.lex.names.len().max(sym.index() + 1), Global::None);
        }
        if self.globals[sym.index()] == Global::None {
            self.globals[sym.index()] = what;
            self.declared_at.insert(sym, place);
            return Ok(());
        }
        let message = format!("`{}` is declared twice", self.text(sym));
        let mut error = Diagnostic::error(E0206, message).at(self.span(place), "again here");
        if let Some(&first) = self.declared_at.get(&sym) {
            error = error.with(self.span(first), "first here");
        } else {
            error = error.help("this name is built in");
        }
        self.report.emit(error);
        Err(Reported)
    }

    /// Declares a built-in name, without a place.
    pub(crate) fn declare_builtin(&mut self, sym: Sym, what: Global) {
        if self.globals.len() <= sym.index() {
            self.globals.resize(sym.index() + 1, Global::None);
        }
        self.globals[sym.index()] = what;
    }

    /// All declared names of a kind, for suggestions, in the order of their first appearance.
    pub(crate) fn names_of(&self, wanted: fn(Global) -> bool) -> impl Iterator<Item = &str> {
        let named = self.globals.iter().enumerate().filter(move |&(_, &g)| wanted(g));
        named.map(|(index, _)| self.text(Sym(index as u32)))
    }

    // Diagnostics.

    pub(crate) fn span(&self, place: Place) -> Span {
        self.report.span(place)
    }

    /// Reports an error at a place.
    pub(crate) fn error(&mut self, code: &'static str, place: Place, message: impl Into<String>) -> Reported {
        let error = Diagnostic::error(code, message).at(self.span(place), "");
        self.report.emit(error);
        Reported
    }

    /// Reports an error at a place with a way to repair it.
    pub(crate) fn error_help(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Reported {
        let error = Diagnostic::error(code, message).at(self.span(place), "").help(help);
        self.report.emit(error);
        Reported
    }

    /// Reports an unknown name, with the nearest known one.
    pub(crate) fn unknown(
        &mut self,
        code: &'static str,
        place: Place,
        what: &str,
        name: &str,
        near: Option<String>,
    ) -> Reported {
        let mut error = Diagnostic::error(code, format!("{what} `{}`", short(name))).at(self.span(place), "");
        error.help = near.map(|near| format!("there is `{near}`"));
        self.report.emit(error);
        Reported
    }

    /// The nearest name of a kind.
    pub(crate) fn nearest(&self, name: &str, wanted: fn(Global) -> bool) -> Option<String> {
        self.suggest(name, self.names_of(wanted))
    }

    /// The nearest of some names; none when nobody will see it.
    pub(crate) fn suggest<'n>(&self, name: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
        if self.report.is_full() { None } else { suggest(name, names).map(str::to_owned) }
    }

    /// Reports that a limit is exceeded.
    pub(crate) fn limit(&mut self, place: Place, what: impl Into<String>) -> Reported {
        self.error_help(E0801, place, what, "what is too large can be divided")
    }

    // Syntax that is needed everywhere.

    /// A token as a message calls it.
    pub(crate) fn describe(&self, token: Token) -> String {
        match token.kind {
            Kind::Eof => "the end of the file".into(),
            Kind::Newline => "the end of the line".into(),
            Kind::Str | Kind::ByteStr => "a string".into(),
            _ => format!("`{}`", short(self.map.slice(self.span(token.place())))),
        }
    }

    /// Reports that something else should stand here. Nothing is said of tokens that the lexer reported.
    pub(crate) fn expected(&mut self, token: Token, what: &str) -> Reported {
        match token.kind {
            Kind::Bad(_) => return Reported,
            Kind::Param | Kind::ParamCount | Kind::Fresh => return self.stray_sigil(token),
            _ => {}
        }
        let message = format!("expected {what}, found {}", self.describe(token));
        self.error(E0101, token.place(), message)
    }

    /// Takes a token of this kind or reports its absence.
    pub(crate) fn expect(&mut self, c: &mut Cursor<'_>, kind: Kind, what: &str) -> Parse<Token> {
        if c.kind() == kind { Ok(c.bump()) } else { Err(self.expected(c.peek(), what)) }
    }

    /// A name without points.
    pub(crate) fn expect_name(&mut self, c: &mut Cursor<'_>, what: &str) -> Parse<(Sym, Place)> {
        let token = c.peek();
        if !token.is_name() {
            return Err(self.expected(token, what));
        }
        c.bump();
        Ok((token.sym(), token.place()))
    }

    /// A name that may have points: `Class.name`, `module.Class.name`.
    pub(crate) fn expect_path(&mut self, c: &mut Cursor<'_>, what: &str) -> Parse<(Sym, Place)> {
        let (mut sym, mut place) = self.expect_name(c, what)?;
        let mut parts = 1;
        while c.kind() == Kind::Dot && c.ahead(1).is_name() {
            c.bump();
            let part = c.bump();
            parts += 1;
            if parts > PATH_PARTS_MAX {
                let message = format!("a name has at most {PATH_PARTS_MAX} parts");
                return Err(self.limit(part.place(), message));
            }
            sym = self.join_path(sym, part.sym());
            place = place.to(part.place());
        }
        Ok((sym, place))
    }

    /// The symbol `a.b`.
    pub(crate) fn join_path(&mut self, a: Sym, b: Sym) -> Sym {
        let mut joined = self.lex.names.bytes(a).to_vec();
        joined.push(b'.');
        joined.extend_from_slice(self.lex.names.bytes(b));
        self.lex.names.intern(&joined)
    }

    /// Reports what stands behind a complete statement.
    pub(crate) fn expect_end(&mut self, c: &mut Cursor<'_>) -> Parse<()> {
        if c.peek().ends_statement() { Ok(()) } else { Err(self.expected(c.peek(), "the end of the line")) }
    }

    // Types.

    pub(crate) fn type_def(&self, ty: TypeId) -> Option<&TypeDef> {
        self.module.types.get(ty.index())
    }

    pub(crate) fn type_name(&self, ty: TypeId) -> String {
        if ty == POISON { "?".into() } else { self.module.type_name(ty) }
    }

    fn add_type(&mut self, def: TypeDef, place: Place) -> TypeId {
        if self.module.types.len() >= limits::TYPES_MAX {
            if !self.too_many_types {
                self.too_many_types = true;
                self.limit(place, format!("a module has at most {} types", limits::TYPES_MAX));
            }
            return POISON;
        }
        self.module.types.push(def);
        TypeId(self.module.types.len() as u16 - 1)
    }

    /// A new entry of the type table that is filled in later.
    pub(crate) fn reserve_type(&mut self, place: Place) -> TypeId {
        self.add_type(TypeDef::Reserved, place)
    }

    /// The type of arrays of references of type `item`.
    pub(crate) fn ref_array(&mut self, item: TypeId, place: Place) -> TypeId {
        if let Some(&known) = self.ref_arrays.get(&item) {
            return known;
        }
        let ty = self.add_type(TypeDef::RefArray(item), place);
        self.ref_arrays.insert(item, ty);
        self.judge_parts(ty, place);
        ty
    }

    /// Makes a reserved entry an array of references; a second one of that kind stays apart.
    pub(crate) fn define_ref_array(&mut self, ty: TypeId, item: TypeId) {
        self.module.types[ty.index()] = TypeDef::RefArray(item);
        self.ref_arrays.entry(item).or_insert(ty);
    }

    /// The type of function references with this signature.
    pub(crate) fn function_type(&mut self, signature: &Signature, place: Place) -> TypeId {
        let key = (signature.params.clone(), signature.results.clone());
        if let Some(&known) = self.function_types.get(&key) {
            return known;
        }
        let ty = self.add_type(TypeDef::Func(signature.clone()), place);
        self.function_types.insert(key, ty);
        self.judge_parts(ty, place);
        ty
    }

    /// An array or function type that is too large to be written is an error, once.
    pub(crate) fn judge_parts(&mut self, ty: TypeId, place: Place) {
        if ty != POISON && self.module.type_parts(ty) > limits::TYPE_PARTS_MAX {
            let message = format!("a type is written with at most {} types", limits::TYPE_PARTS_MAX);
            self.limit(place, message);
        }
    }

    /// Makes a reserved entry a function type.
    pub(crate) fn define_function_type(&mut self, ty: TypeId, signature: Signature) {
        let key = (signature.params.clone(), signature.results.clone());
        self.module.types[ty.index()] = TypeDef::Func(signature);
        self.function_types.entry(key).or_insert(ty);
    }

    /// Whether a value of type `from` may stand where `to` is asked for.
    #[inline]
    pub(crate) fn assignable(&self, from: TypeId, to: TypeId) -> bool {
        from == to || from == POISON || to == POISON || self.classes.assignable(from, to)
    }

    /// The types of a function; none of a function whose declaration is wrong.
    pub(crate) fn signature_of(&self, func: FuncId) -> Rc<Signature> {
        self.signatures.get(func.0 as usize).map_or_else(Rc::default, Rc::clone)
    }

    // Literals.

    /// The literal with this text.
    pub(crate) fn string_literal(&mut self, sym: Sym) -> LiteralId {
        if let Some(&known) = self.strings.get(&sym) {
            return known;
        }
        let text = self.text(sym).into();
        let id = self.add_literal(mvm_module::Literal::Str(text));
        self.strings.insert(sym, id);
        id
    }

    /// The literal that refers to this function, and its type.
    pub(crate) fn function_literal(&mut self, func: FuncId, place: Place) -> (LiteralId, TypeId) {
        let signature = self.signature_of(func);
        let ty = self.function_type(&signature, place);
        if let Some(&known) = self.function_literals.get(&func) {
            return (known, ty);
        }
        let id = self.add_literal(mvm_module::Literal::Func(func, ty));
        self.function_literals.insert(func, id);
        (id, ty)
    }

    pub(crate) fn add_literal(&mut self, literal: mvm_module::Literal) -> LiteralId {
        self.module.literals.push(literal);
        LiteralId(self.module.literals.len() as u32 - 1)
    }
}
