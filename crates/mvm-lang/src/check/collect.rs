//! Declarations get numbers, and modules their tables of names.

use mvm_diag::{Diagnostic, Span};

use super::{Alias, AliasState, Checker, FnAst, FnInfo, Item, Known, Member, Named, NominalAst, NominalInfo};
use crate::ast;
use crate::errors::{M0315, M0320, M0322};
use crate::hir::{
    Case, Const, ConstId, Field, Fn, FnId, FnKind, ModuleId, Nominal, NominalId, NominalKind, ParamId, Test,
    TypeParam,
};
use crate::kinds::SyntaxKind as K;
use crate::types::{SmallMap, Ty};

/// Whether a word is among the modifiers.
pub(crate) fn has(modifiers: Option<ast::Modifiers<'_>>, word: K) -> bool {
    modifiers.is_some_and(|modifiers| modifiers.has(word))
}

impl<'t> Checker<'t> {
    /// All declarations of all modules.
    pub(crate) fn collect(&mut self) {
        self.scopes = self.units.iter().map(|_| SmallMap::default()).collect();
        for index in 0..self.units.len() {
            self.module = ModuleId(index as u32);
            for item in self.units[index].parse.file().items() {
                self.collect_item(item);
            }
        }
        for index in 0..self.units.len() {
            self.module = ModuleId(index as u32);
            self.collect_imports();
        }
        self.know_prelude();
    }

    fn know_prelude(&mut self) {
        let lang = &mut self.program.lang;
        for (name, entry) in &self.scopes[0] {
            match entry.item {
                Item::Nominal(id) => drop(lang.nominals.insert((*name).into(), id)),
                Item::Fn(id) => drop(lang.fns.insert((*name).into(), id)),
                _ => {}
            }
        }
        let get = |name: &str| lang.nominals.get(name).copied();
        self.known = Known {
            list: get("List"),
            map: get("Map"),
            array: get("Array"),
            range: get("Range"),
            error: get("Error"),
            any: get("Any"),
            process: get("Process"),
            number: get("Number"),
            ordered: get("Ordered"),
            hashable: get("Hashable"),
        };
        for name in ["Int", "Float", "Bool", "Str", "Bytes", "Any", "Array"] {
            if let Some(id) = lang.nominals.get(name) {
                self.program.nominals[id.index()].kind = NominalKind::Builtin;
            }
        }
    }

    fn declare(&mut self, name: &'t str, item: Item, public: bool, span: Span) {
        if name.is_empty() || name == "_" {
            return;
        }
        let scope = &mut self.scopes[self.module.index()];
        match scope.get_mut(name) {
            None => drop(scope.insert(name, Named { item, public, span })),
            Some(old) => {
                if let (Item::Cases(old), Item::Cases(new)) = (&mut old.item, &item) {
                    old.extend(new);
                    return;
                }
                // A case may be named like its enum or a class; then it is written with its enum.
                if matches!(item, Item::Cases(_)) {
                    return;
                }
                if matches!(old.item, Item::Cases(_)) {
                    *old = Named { item, public, span };
                    return;
                }
                let first = old.span;
                self.report(
                    Diagnostic::error(M0315, format!("`{name}` is declared twice"))
                        .at(span, "again here")
                        .with(first, "first here")
                        .help("one name stands for one thing; there is no overloading"),
                );
            }
        }
    }

    fn name_of(&self, name: Option<ast::NameDef<'t>>) -> (&'t str, Span) {
        match name {
            Some(name) => (name.text(), self.span_ast(name)),
            None => ("", self.span_of_range(0..0)),
        }
    }

    fn collect_item(&mut self, item: ast::Item<'t>) {
        match item {
            ast::Item::Import(_) => {}
            ast::Item::Function(function) => {
                let (name, span) = self.name_of(function.name());
                let public = has(function.modifiers(), K::PubWord);
                let id = self.new_fn(name, FnKind::Free, None, FnAst::Function(function), span);
                self.declare(name, Item::Fn(id), public, span);
            }
            ast::Item::Class(class) => {
                let (name, modifiers) = (class.name(), class.modifiers());
                self.collect_nominal(NominalAst::Class(class), name, modifiers, class.members());
            }
            ast::Item::Enum(e) => {
                self.collect_nominal(NominalAst::Enum(e), e.name(), e.modifiers(), e.members())
            }
            ast::Item::Interface(i) => {
                self.collect_nominal(NominalAst::Interface(i), i.name(), i.modifiers(), i.members());
            }
            ast::Item::TypeAlias(alias) => {
                let (name, span) = self.name_of(alias.name());
                let number = self.aliases.len() as u32;
                self.aliases.push(Alias { ast: alias, module: self.module, state: AliasState::Open });
                self.declare(name, Item::Alias(number), has(alias.modifiers(), K::PubWord), span);
            }
            ast::Item::Const(constant) => {
                let Some(ast::Pattern::NamePattern(pattern)) = constant.pattern() else { return };
                let (name, span) = self.name_of(pattern.name());
                if let Some(id) = self.new_const(name, name, constant.value(), None, span) {
                    self.declare(name, Item::Const(id), has(constant.modifiers(), K::PubWord), span);
                }
            }
            // Tests of other modules are for when they are tested.
            ast::Item::Test(test) if self.module.0 == 1 => {
                let name = test.name().and_then(|name| name.plain_text()).unwrap_or_default();
                let span = self.span_ast(test);
                let Some(body) = test.body() else { return };
                let shown = format!("test \"{name}\"");
                let function = self.new_fn(&shown, FnKind::Test, None, FnAst::Test(body), span);
                self.program.tests.push(Test { name: name.into(), function, span });
            }
            ast::Item::Test(_) => {}
        }
    }

    /// A new function, without types yet.
    pub(crate) fn new_fn(
        &mut self,
        name: &str,
        kind: FnKind,
        owner: Option<NominalId>,
        text: FnAst<'t>,
        span: Span,
    ) -> FnId {
        let id = FnId(self.program.fns.len() as u32);
        self.program.fns.push(Fn {
            name: name.into(),
            module: self.module,
            kind,
            owner,
            generics: Vec::new(),
            owner_generics: 0,
            params: Vec::new(),
            result: Ty::UNIT,
            receives: None,
            body: None,
            span,
        });
        let modifiers = match text {
            FnAst::Function(function) => function.modifiers(),
            _ => None,
        };
        self.fns.push(FnInfo {
            ast: text,
            private: has(modifiers, K::PrivateWord),
            overrides: has(modifiers, K::OverrideWord),
        });
        id
    }

    fn new_const(
        &mut self,
        name: &'t str,
        shown: &str,
        value: Option<ast::Expr<'t>>,
        owner: Option<NominalId>,
        span: Span,
    ) -> Option<ConstId> {
        let value = self.new_fn(shown, FnKind::Default, owner, FnAst::Value(value?), span);
        let id = ConstId(self.program.consts.len() as u32);
        self.program.consts.push(Const { name: name.into(), ty: Ty::ERROR, value });
        Some(id)
    }

    /// A new type parameter.
    pub(crate) fn new_param(&mut self, name: &str) -> ParamId {
        let id = ParamId(self.program.params.len() as u32);
        self.program.params.push(TypeParam { name: name.into(), bounds: Vec::new() });
        id
    }

    fn collect_nominal(
        &mut self,
        text: NominalAst<'t>,
        name: Option<ast::NameDef<'t>>,
        modifiers: Option<ast::Modifiers<'t>>,
        members: Option<ast::MemberList<'t>>,
    ) {
        let (name, span) = self.name_of(name);
        let id = NominalId(self.program.nominals.len() as u32);
        let kind = match text {
            NominalAst::Class(_) => NominalKind::Class,
            NominalAst::Enum(_) => NominalKind::Enum,
            NominalAst::Interface(_) => NominalKind::Interface,
        };
        self.program.nominals.push(Nominal {
            name: name.into(),
            module: self.module,
            kind,
            generics: Vec::new(),
            base: None,
            interfaces: Vec::new(),
            fields: Vec::new(),
            cases: Vec::new(),
            methods: Vec::new(),
            init: None,
            is_abstract: has(modifiers, K::AbstractWord),
            frozen: has(modifiers, K::FrozenWord),
            span,
        });
        self.nominals.push(NominalInfo {
            ast: text,
            members: SmallMap::default(),
            self_param: None,
            init: None,
            init_done: 0,
        });
        let public = has(modifiers, K::PubWord);
        self.declare(name, Item::Nominal(id), public, span);
        for member in members.into_iter().flat_map(|list| list.members()) {
            self.collect_member(id, name, member, public);
        }
    }

    fn add_member(&mut self, id: NominalId, name: &'t str, member: Member, span: Span) {
        if name.is_empty() {
            return;
        }
        if self.nominals[id.index()].members.insert(name, member).is_some() {
            let class = self.program.nominals[id.index()].name.clone();
            self.error_help(
                M0315,
                span,
                format!("`{class}` has two members named `{name}`"),
                "fields, methods and cases share one table of names; give one of them another name",
            );
        }
    }

    fn collect_member(&mut self, id: NominalId, class: &'t str, member: ast::Member<'t>, public: bool) {
        match member {
            // The parser has said that enums have none.
            ast::Member::Field(field)
                if self.program.nominals[id.index()].kind == NominalKind::Enum
                    && !has(field.modifiers(), K::StaticWord) => {}
            ast::Member::Field(field) => {
                let Some(ast::Pattern::NamePattern(pattern)) = field.pattern() else { return };
                let (name, span) = self.name_of(pattern.name());
                if has(field.modifiers(), K::StaticWord) {
                    let shown = format!("{class}.{name}");
                    if let Some(constant) = self.new_const(name, &shown, field.value(), Some(id), span) {
                        self.add_member(id, name, Member::StaticConst(constant), span);
                    }
                    return;
                }
                let default = field.value().map(|value| {
                    let shown = format!("{class}.{name}");
                    self.new_fn(&shown, FnKind::Default, Some(id), FnAst::Value(value), span)
                });
                let number = self.program.nominals[id.index()].fields.len() as u32;
                self.program.nominals[id.index()].fields.push(Field {
                    name: name.into(),
                    ty: Ty::ERROR,
                    mutable: field.var().is_some(),
                    private: has(field.modifiers(), K::PrivateWord),
                    default,
                    span,
                });
                self.add_member(id, name, Member::Field(number), span);
            }
            ast::Member::Init(init) => {
                if self.nominals[id.index()].init.is_some() {
                    let span = self.span_ast(init);
                    self.error_help(
                        M0315,
                        span,
                        format!("`{class}` has two initialisers"),
                        "other ways to make an object are `static fn`",
                    );
                    return;
                }
                self.nominals[id.index()].init = Some(init);
            }
            ast::Member::Function(function) => {
                let (name, span) = match (function.name(), function.operator()) {
                    (Some(name), _) => self.name_of(Some(name)),
                    (None, Some(operator)) => {
                        let unary = operator.text() == "-"
                            && function.params().is_none_or(|params| params.params().next().is_none());
                        (if unary { "unary -" } else { operator.text() }, self.span_ast(operator))
                    }
                    (None, None) => return,
                };
                let is_static = has(function.modifiers(), K::StaticWord);
                let kind = if is_static { FnKind::Static } else { FnKind::Method };
                let shown = format!("{class}.{name}");
                let function = self.new_fn(&shown, kind, Some(id), FnAst::Function(function), span);
                self.program.nominals[id.index()].methods.push(function);
                let member = if is_static { Member::Static(function) } else { Member::Method(function) };
                self.add_member(id, name, member, span);
            }
            ast::Member::EnumCase(case) => {
                let (name, span) = self.name_of(case.name());
                let number = self.program.nominals[id.index()].cases.len() as u32;
                self.program.nominals[id.index()].cases.push(Case {
                    name: name.into(),
                    fields: Vec::new(),
                    span,
                });
                self.add_member(id, name, Member::Case(number), span);
                self.declare(name, Item::Cases(vec![(id, number)]), public, span);
            }
        }
    }

    fn collect_imports(&mut self) {
        let unit = &self.units[self.module.index()];
        let file = unit.parse.file();
        let imports = file.items().filter_map(|item| match item {
            ast::Item::Import(import) => Some(import),
            _ => None,
        });
        for (import, &module) in imports.zip(&unit.imports) {
            let (Some(path), Some(module)) = (import.path(), module) else { continue };
            let Some(names) = import.names() else {
                if let Some(last) = path.parts().last() {
                    let span = self.span_ast(path);
                    self.declare(last.text(), Item::Module(module), false, span);
                }
                continue;
            };
            for name in names.names() {
                let Some(wanted) = name.name() else { continue };
                let local = name.alias().unwrap_or(wanted);
                let span = self.span_ast(name);
                match self.import(module, wanted.text(), span) {
                    Some(item) => self.declare(local.text(), item, false, span),
                    None => continue,
                }
            }
        }
    }

    /// A name of another module, if it may be used here; else that is reported.
    pub(crate) fn import(&mut self, module: ModuleId, name: &str, span: Span) -> Option<Item> {
        let unit = &self.units[module.index()];
        match self.scopes[module.index()].get(name) {
            Some(entry) if entry.public => Some(entry.item.clone()),
            Some(entry) if entry.span.file == unit.file => {
                let (place, module) = (entry.span, unit.name.clone());
                self.report(
                    Diagnostic::error(M0320, format!("`{name}` is not seen outside of `{module}`"))
                        .at(span, "")
                        .with(place, "declared here without `pub`")
                        .help(format!("write `pub` in front of the declaration of `{name}`")),
                );
                None
            }
            _ => {
                let module_name = unit.name.clone();
                let names = self.scopes[module.index()].iter().filter(|(_, entry)| entry.public);
                let near = self.near(name, names.map(|(name, _)| *name)).map(str::to_owned);
                let message = format!("the module `{module_name}` has no `{name}`");
                let mut diagnostic = Diagnostic::error(M0322, message).at(span, "");
                if let Some(near) = near {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                self.report(diagnostic);
                None
            }
        }
    }
}

/// A view that has a name as only token.
pub(crate) fn text_of(name: Option<ast::NameDef<'_>>) -> &str {
    name.map_or("", |name| name.text())
}

/// Where a name stands.
pub(crate) fn range_of_name(name: Option<ast::NameDef<'_>>) -> std::ops::Range<usize> {
    name.map_or(0..0, |name| ast::AstNode::node(name).range())
}
