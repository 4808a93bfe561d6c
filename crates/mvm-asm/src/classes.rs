//! Classes and interfaces: numbers first, then members, then the checks that need layouts.

use std::collections::BTreeMap;
use std::rc::Rc;

use mvm_diag::Diagnostic;
use mvm_isa::TypeId;
use mvm_module::classes::{ClassError, ClassTable};
use mvm_module::{Class, Field, FuncId, Interface, Method, Module, Name, Signature, TypeDef};

use crate::asm::{Asm, Global, POISON};
use crate::collect::{Item, ItemKind};
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::{E0203, E0601, E0602, E0605};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::{ExpansionId, Place};

/// A class or interface whose name is known and whose members are not.
#[derive(Debug, Clone, Copy)]
struct Nominal {
    ty: TypeId,
    item: Item,
    place: Place,
}

/// A `.type` line and its number.
#[derive(Debug, Clone, Copy)]
struct TypeLine {
    ty: TypeId,
    item: Item,
    place: Place,
}

/// A method and the function it names, to be compared when all signatures are known.
#[derive(Debug, Clone, Copy)]
struct MethodCheck {
    class: TypeId,
    method: u32,
    func: FuncId,
    place: Place,
    expansion: ExpansionId,
}

/// Where classes and members stand, for errors of the class table.
#[derive(Debug, Default)]
pub(crate) struct Places {
    types: BTreeMap<TypeId, Place>,
    members: BTreeMap<(TypeId, Name), Place>,
    checks: Vec<MethodCheck>,
}

const fn is_nominal(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::Class | ItemKind::Interface | ItemKind::ImportClass | ItemKind::ImportInterface)
}

impl Asm<'_> {
    /// Makes the built-in classes known by name.
    pub(crate) fn declare_builtins(&mut self) {
        for (index, def) in Module::builtin_types().iter().enumerate() {
            if let TypeDef::Class(class) = def {
                let sym = self.lex.names.intern(class.name.as_bytes());
                self.declare_builtin(sym, Global::Type(TypeId(index as u16)));
            }
        }
    }

    /// Gives every class, interface and `.type` line its number, in text order, then reads the types.
    pub(crate) fn declare_types(&mut self, items: &[Item]) -> Places {
        let mut nominals: Vec<Nominal> = Vec::new();
        let mut lines: Vec<TypeLine> = Vec::new();
        let wanted = |kind| is_nominal(kind) || kind == ItemKind::Type;
        self.for_items(items, wanted, |asm, c, item| {
            let place = c.peek().place();
            if item.kind == ItemKind::Type {
                let ty = asm.reserve_type(place);
                lines.push(TypeLine { ty, item: *item, place });
                return Ok(());
            }
            nominals.push(asm.declare_nominal(c, item)?);
            Ok(())
        });
        self.define_type_lines(lines);
        let mut places = Places::default();
        for nominal in &nominals {
            places.types.insert(nominal.ty, nominal.place);
        }
        for nominal in nominals {
            if self.report.is_full() {
                break;
            }
            let tokens = Rc::clone(&self.streams[nominal.item.stream as usize]);
            self.report.expansion = nominal.item.expansion;
            let mut c = Cursor::new(&tokens, nominal.item.at as usize);
            let _ = self.define_nominal(&mut c, nominal, &mut places);
        }
        self.report.expansion = ExpansionId::default();
        places
    }

    fn declare_nominal(&mut self, c: &mut Cursor<'_>, item: &Item) -> Parse<Nominal> {
        let imported = matches!(item.kind, ItemKind::ImportClass | ItemKind::ImportInterface);
        let (name, place) = if imported {
            let (module, name, place) = self.expect_member(c)?;
            let full = self.join_path(module, name);
            // The short name serves too, unless this module has it.
            (full, place)
        } else {
            self.expect_path(c, "the name of a class")?
        };
        self.check_name(name, place)?;
        let ty = self.reserve_type(place);
        self.declare(name, place, Global::Type(ty))?;
        if ty == POISON {
            return Err(Reported);
        }
        let name = self.name(name);
        let (module, name) = match name.rsplit_once('.') {
            Some((module, name)) if imported => (Some(Name::from(module)), Name::from(name)),
            _ => (None, name),
        };
        let interface = matches!(item.kind, ItemKind::Interface | ItemKind::ImportInterface);
        self.module.types[ty.index()] = if interface {
            TypeDef::Interface(Interface { name, import: module, extends: Vec::new(), methods: Vec::new() })
        } else {
            TypeDef::Class(Class {
                name,
                import: module,
                base: None,
                interfaces: Vec::new(),
                fields: Vec::new(),
                methods: Vec::new(),
                frozen: item.frozen,
            })
        };
        Ok(Nominal { ty, item: Item { at: c.index() as u32, ..*item }, place })
    }

    /// Imported classes are also known by their short names where nothing else has them.
    pub(crate) fn declare_short_names(&mut self) {
        let named: Vec<(Sym, TypeId)> = self
            .module
            .types
            .iter()
            .enumerate()
            .filter_map(|(index, def)| match def {
                TypeDef::Class(Class { name, import: Some(_), .. })
                | TypeDef::Interface(Interface { name, import: Some(_), .. }) => {
                    Some((name.clone(), TypeId(index as u16)))
                }
                _ => None,
            })
            .map(|(name, ty)| (self.lex.names.intern(name.as_bytes()), ty))
            .collect();
        for (sym, ty) in named {
            if self.global(sym) == Global::None {
                self.declare_builtin(sym, Global::Type(ty));
            }
        }
    }

    /// `.type` lines in text order: parts of a type come before it (verifier rule S5).
    fn define_type_lines(&mut self, lines: Vec<TypeLine>) {
        self.declare_short_names();
        for line in lines {
            let tokens = Rc::clone(&self.streams[line.item.stream as usize]);
            self.report.expansion = line.item.expansion;
            let mut c = Cursor::new(&tokens, line.item.at as usize);
            if line.ty != POISON {
                let _ = self.define_type_line(&mut c, line);
            }
        }
        self.report.expansion = ExpansionId::default();
    }

    fn define_type_line(&mut self, c: &mut Cursor<'_>, line: TypeLine) -> Parse<()> {
        match c.kind() {
            Kind::LeftBracket => {
                c.bump();
                let item = self.parse_type(c)?;
                self.expect(c, Kind::RightBracket, "`]`")?;
                if !item.is_ref() {
                    let message = "arrays of numbers have built-in numbers";
                    return Err(self.error(E0203, line.place, message));
                }
                self.define_ref_array(line.ty, item);
                self.judge_parts(line.ty, line.place);
            }
            Kind::Ident if c.peek().sym() == kw::FN => {
                c.bump();
                let signature = self.parse_signature(c, 0)?;
                self.define_function_type(line.ty, signature);
                self.judge_parts(line.ty, line.place);
            }
            _ => return Err(self.error(E0203, line.place, "an array or function type is asked for here")),
        }
        self.expect_end(c)
    }

    fn define_nominal(&mut self, c: &mut Cursor<'_>, nominal: Nominal, places: &mut Places) -> Parse<()> {
        if c.eat(Kind::Colon) {
            self.parse_bases(c, nominal)?;
        }
        self.expect(c, Kind::LeftBrace, "`{` and the members")?;
        loop {
            while matches!(c.kind(), Kind::Newline | Kind::Comma) {
                c.bump();
            }
            if c.kind() == Kind::RightBrace {
                c.bump();
                return self.expect_end(c);
            }
            if c.kind() == Kind::Eof || self.report.is_full() {
                return Err(Reported);
            }
            if self.member(c, nominal, places).is_err() {
                while !matches!(c.kind(), Kind::Newline | Kind::RightBrace | Kind::Eof) {
                    c.bump();
                }
            }
        }
    }

    /// Behind the colon: the base class first, then interfaces; for interfaces only interfaces.
    fn parse_bases(&mut self, c: &mut Cursor<'_>, nominal: Nominal) -> Parse<()> {
        let mut first = true;
        loop {
            let (sym, place) = self.expect_path(c, "the name of a class or interface")?;
            let base = self.named_type(sym, place)?;
            let is_class = matches!(self.type_def(base), Some(TypeDef::Class(_)));
            let TypeId(index) = nominal.ty;
            let problem = match &mut self.module.types[usize::from(index)] {
                TypeDef::Class(class) if is_class && first => {
                    class.base = Some(base);
                    None
                }
                TypeDef::Class(_) if is_class => {
                    Some("the base class is written first, and there is at most one")
                }
                TypeDef::Class(class) => {
                    class.interfaces.push(base);
                    None
                }
                TypeDef::Interface(_) if is_class => Some("an interface includes interfaces, not classes"),
                TypeDef::Interface(interface) => {
                    interface.extends.push(base);
                    None
                }
                _ => None,
            };
            if let Some(message) = problem {
                return Err(self.error(E0601, place, message));
            }
            first = false;
            if !c.eat(Kind::Comma) {
                return Ok(());
            }
        }
    }

    /// `field x: T` or `method m(A) -> B = function`.
    fn member(&mut self, c: &mut Cursor<'_>, nominal: Nominal, places: &mut Places) -> Parse<()> {
        let mut word = c.peek();
        let is_abstract = word.kind == Kind::Ident && word.sym() == kw::ABSTRACT;
        if is_abstract {
            c.bump();
            word = c.peek();
        }
        match word.kind {
            Kind::Ident if word.sym() == kw::FIELD && !is_abstract => {
                c.bump();
                self.field(c, nominal, places)?;
            }
            Kind::Ident if word.sym() == kw::METHOD => {
                c.bump();
                self.method(c, nominal, is_abstract, places)?;
            }
            _ => return Err(self.expected(word, "`field` or `method`")),
        }
        match c.kind() {
            Kind::Newline | Kind::Comma | Kind::RightBrace => Ok(()),
            _ => Err(self.expected(c.peek(), "`,` or the end of the line")),
        }
    }

    fn field(&mut self, c: &mut Cursor<'_>, nominal: Nominal, places: &mut Places) -> Parse<()> {
        let (name, place) = self.expect_name(c, "the name of a field")?;
        self.expect(c, Kind::Colon, "`:` and a type")?;
        let ty = self.parse_type(c)?;
        let name = self.name(name);
        let TypeDef::Class(class) = &mut self.module.types[nominal.ty.index()] else {
            return Err(self.error(E0605, place, "an interface has no fields"));
        };
        class.fields.push(Field { name: name.clone(), ty });
        places.members.insert((nominal.ty, name), place);
        Ok(())
    }

    fn method(
        &mut self,
        c: &mut Cursor<'_>,
        nominal: Nominal,
        is_abstract: bool,
        places: &mut Places,
    ) -> Parse<()> {
        let (name, place) = self.expect_name(c, "the name of a method")?;
        let signature = self.parse_signature(c, 0)?;
        let mut function = None;
        if c.kind() == Kind::Equals {
            let equals = c.bump();
            let (func, at) = self.expect_path(c, "the function behind the method")?;
            let interface = matches!(self.type_def(nominal.ty), Some(TypeDef::Interface(_)));
            if interface || is_abstract {
                let what = if interface { "of an interface" } else { "that is abstract" };
                return Err(self.error(E0605, equals.place(), format!("a method {what} has no function")));
            }
            let func = self.function_named(func, at)?;
            let (class, expansion) = (nominal.ty, self.report.expansion);
            let method = match self.type_def(class) {
                Some(TypeDef::Class(class)) => class.methods.len() as u32,
                _ => 0,
            };
            places.checks.push(MethodCheck { class, method, func, place: at, expansion });
            function = Some(func);
        }
        let name = self.name(name);
        places.members.insert((nominal.ty, name.clone()), place);
        let method = Method { name, signature, function };
        match &mut self.module.types[nominal.ty.index()] {
            TypeDef::Class(class) => class.methods.push(method),
            TypeDef::Interface(interface) => interface.methods.push(method),
            _ => {}
        }
        Ok(())
    }

    /// Derives layouts and method tables and reports what is wrong with them.
    pub(crate) fn build_classes(&mut self, places: &Places) {
        let (classes, errors) = ClassTable::build(&self.module);
        self.classes = classes;
        for ClassError { ty, member, rule, message } in errors {
            let place = member
                .and_then(|name| places.members.get(&(ty, name)).copied())
                .or_else(|| places.types.get(&ty).copied())
                .unwrap_or_default();
            let error = Diagnostic::error(E0601, message).at(self.span(place), "");
            self.report.emit(error.note(format!("rule {rule} of the verifier"), None));
        }
        for check in &places.checks {
            self.report.expansion = check.expansion;
            self.check_method(check);
        }
        self.report.expansion = ExpansionId::default();
    }

    /// The function behind a method takes the object first, then what the method takes.
    fn check_method(&mut self, check: &MethodCheck) {
        let Some(TypeDef::Class(class)) = self.type_def(check.class) else { return };
        let Some(method) = class.methods.get(check.method as usize) else { return };
        let function = self.signature_of(check.func);
        let Signature { params, results } = &method.signature;
        let fits = match function.params.split_first() {
            Some((&object, rest)) => {
                self.assignable(check.class, object)
                    && object.is_ref()
                    && rest == params.as_slice()
                    && function.results == *results
            }
            None => false,
        };
        if fits || function.params.contains(&POISON) {
            return;
        }
        let list = |types: &[TypeId]| types.iter().map(|&t| self.type_name(t)).collect::<Vec<_>>().join(", ");
        let wanted: Vec<TypeId> = std::iter::once(check.class).chain(params.iter().copied()).collect();
        let message = format!(
            "`{}` does not fit method `{}` of `{}`",
            self.function_text(check.func),
            method.name,
            class.name
        );
        let help = format!(
            "it has to take ({}) and give ({}); it takes ({}) and gives ({})",
            list(&wanted),
            list(results),
            list(&function.params),
            list(&function.results)
        );
        self.error_help(E0602, check.place, message, help);
    }

    /// `.selector Interface.method` lines, in text order.
    pub(crate) fn declare_selectors(&mut self, items: &[Item]) {
        self.for_items(
            items,
            |kind| kind == ItemKind::Selector,
            |asm, c, _| {
                let (owner, method, place) = asm.expect_member(c)?;
                let ty = asm.named_type(owner, place)?;
                asm.selector(ty, method, place)?;
                asm.expect_end(c)
            },
        );
    }
}
