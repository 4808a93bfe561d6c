//! Types of declarations: what classes extend, what fields hold, what functions take and give.

use super::collect::has;
use super::{AliasState, Checker, FnAst, Item, Member, NominalAst};
use crate::ast;
use crate::errors::{M0309, M0316, M0326, M0331};
use crate::hir::{ConstId, FnId, FnKind, ModuleId, NominalId, NominalKind, Param, ParamId};
use crate::kinds::SyntaxKind as K;
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// The item of a name, seen from the module that is looked at: there, else in the prelude.
    pub(crate) fn lookup_item(&self, name: &str) -> Option<Item> {
        let scope = &self.scopes[self.module.index()];
        scope.get(name).or_else(|| self.scopes[0].get(name)).map(|entry| entry.item.clone())
    }

    /// All headers.
    pub(crate) fn headers(&mut self) {
        for index in 0..self.program.nominals.len() {
            self.nominal_params(NominalId(index as u32));
        }
        for index in 0..self.program.nominals.len() {
            self.enter_nominal(NominalId(index as u32));
            self.nominal_header(NominalId(index as u32));
        }
        self.leave_nominal();
        for index in 0..self.aliases.len() {
            let alias = &self.aliases[index];
            if alias.state == AliasState::Open {
                self.module = alias.module;
                let span = self.span_of_range(super::collect::range_of_name(alias.ast.name()));
                let arity = alias.ast.type_params().map_or(0, |params| params.params().count());
                self.alias(index as u32, &vec![Ty::ERROR; arity], span);
            }
        }
        for index in 0..self.program.fns.len() {
            self.fn_header(FnId(index as u32));
        }
        self.leave_nominal();
        for index in 0..self.program.consts.len() {
            self.const_header(ConstId(index as u32));
        }
    }

    /// Makes the names of a nominal's type parameters known, and its module the one that is looked at.
    pub(crate) fn enter_nominal(&mut self, id: NominalId) {
        let nominal = &self.program.nominals[id.index()];
        self.module = nominal.module;
        self.owner = Some(id);
        self.generics.clear();
        let names: Vec<&'t str> = match self.nominals[id.index()].ast {
            NominalAst::Class(class) => names_of(class.type_params()),
            NominalAst::Enum(e) => names_of(e.type_params()),
            NominalAst::Interface(i) => names_of(i.type_params()),
        };
        self.generics.extend(names.into_iter().zip(nominal.generics.iter().copied()));
        if let Some(own) = self.nominals[id.index()].self_param {
            self.generics.push(("Self", own));
        }
    }

    /// Forgets them.
    pub(crate) fn leave_nominal(&mut self) {
        self.owner = None;
        self.generics.clear();
    }

    fn nominal_params(&mut self, id: NominalId) {
        self.module = self.program.nominals[id.index()].module;
        let params = match self.nominals[id.index()].ast {
            NominalAst::Class(class) => class.type_params(),
            NominalAst::Enum(e) => e.type_params(),
            NominalAst::Interface(i) => i.type_params(),
        };
        let mut generics: Vec<ParamId> = Vec::new();
        for name in names_of(params) {
            generics.push(self.new_param(name));
        }
        if self.program.nominals[id.index()].kind == NominalKind::Interface {
            let own = self.new_param("Self");
            generics.push(own);
            self.nominals[id.index()].self_param = Some(own);
        }
        self.program.nominals[id.index()].generics = generics;
    }

    fn bounds(&mut self, params: Option<ast::TypeParams<'t>>, ids: &[ParamId]) {
        let params: Vec<_> = params.into_iter().flat_map(|list| list.params()).collect();
        for (param, &id) in params.iter().zip(ids) {
            let mut bounds = Vec::new();
            for bound in param.bounds() {
                let ty = self.ty(bound);
                match self.program.types.kind(ty) {
                    TyKind::Error => {}
                    TyKind::Named(id, _)
                        if self.program.nominals[id.index()].kind == NominalKind::Interface =>
                    {
                        bounds.push(ty)
                    }
                    _ => {
                        let (span, shown) = (self.span_ast(bound), self.show(ty));
                        self.error(M0316, span, format!("`{shown}` is no interface, so it is no bound"));
                    }
                }
            }
            self.program.params[id.index()].bounds = bounds;
        }
    }

    /// New type parameters, in force from now on.
    pub(crate) fn type_params(&mut self, params: Option<ast::TypeParams<'t>>) -> Vec<ParamId> {
        let mut ids = Vec::new();
        for name in names_of(params) {
            let id = self.new_param(name);
            self.generics.push((name, id));
            ids.push(id);
        }
        self.bounds(params, &ids);
        ids
    }

    fn nominal_header(&mut self, id: NominalId) {
        let (params, supers) = match self.nominals[id.index()].ast {
            NominalAst::Class(class) => (class.type_params(), class.supers()),
            NominalAst::Enum(e) => (e.type_params(), e.supers()),
            NominalAst::Interface(i) => (i.type_params(), i.supers()),
        };
        let generics = self.program.nominals[id.index()].generics.clone();
        self.bounds(params, &generics);
        for (place, written) in supers.into_iter().flat_map(|list| list.types()).enumerate() {
            self.super_type(id, place, written);
        }
        if let Some(own) = self.nominals[id.index()].self_param {
            let args: Vec<Ty> = generics[..generics.len() - 1]
                .iter()
                .map(|&param| self.program.types.intern(TyKind::Param(param)))
                .collect();
            let interface = self.program.types.named(id, &args);
            self.program.params[own.index()].bounds = vec![interface];
        }
        let members = match self.nominals[id.index()].ast {
            NominalAst::Class(class) => class.members(),
            NominalAst::Enum(e) => e.members(),
            NominalAst::Interface(i) => i.members(),
        };
        let (mut field_number, mut case_number) = (0, 0);
        for member in members.into_iter().flat_map(|list| list.members()) {
            match member {
                ast::Member::Field(field) => {
                    let Some(ast::Pattern::NamePattern(_)) = field.pattern() else { continue };
                    let is_enum = self.program.nominals[id.index()].kind == NominalKind::Enum;
                    if has(field.modifiers(), K::StaticWord) || is_enum {
                        continue;
                    }
                    let ty = match field.ty() {
                        Some(ty) => self.ty(ty),
                        None => self.type_of_literal(field.value()),
                    };
                    let of = &mut self.program.nominals[id.index()].fields[field_number];
                    of.ty = ty;
                    if let Some(default) = of.default {
                        self.program.fns[default.index()].result = ty;
                    }
                    field_number += 1;
                }
                ast::Member::EnumCase(case) => {
                    let fields = case.fields().into_iter().flat_map(|fields| fields.params());
                    let mut seen: Vec<&str> = Vec::new();
                    let fields: Vec<_> = fields
                        .map(|field| {
                            let ty = self.ty_or_error(field.ty());
                            let name = super::collect::text_of(field.name());
                            if seen.contains(&name) && !name.is_empty() {
                                let span = self.span_ast(field);
                                let case = super::collect::text_of(case.name());
                                let message = format!("`{case}` has two values named `{name}`");
                                self.error(crate::errors::M0315, span, message);
                            }
                            seen.push(name);
                            (name.into(), ty)
                        })
                        .collect();
                    self.program.nominals[id.index()].cases[case_number].fields = fields;
                    case_number += 1;
                }
                ast::Member::Init(_) | ast::Member::Function(_) => {}
            }
        }
    }

    fn super_type(&mut self, id: NominalId, place: usize, written: ast::Type<'t>) {
        let ty = self.ty(written);
        let span = self.span_ast(written);
        let TyKind::Named(of, _) = *self.program.types.kind(ty) else {
            if ty != Ty::ERROR {
                let shown = self.show(ty);
                self.error(M0316, span, format!("`{shown}` is no class and no interface"));
            }
            return;
        };
        let own = self.program.nominals[id.index()].kind;
        let name = self.program.nominals[id.index()].name.clone();
        match (self.program.nominals[of.index()].kind, own) {
            (NominalKind::Interface, _) if self.program.nominals[id.index()].interfaces.contains(&ty) => {
                let shown = self.show(ty);
                self.error(M0316, span, format!("`{name}` names `{shown}` twice"));
            }
            (NominalKind::Interface, _) => self.program.nominals[id.index()].interfaces.push(ty),
            (NominalKind::Class, NominalKind::Class) if place == 0 => {
                self.program.nominals[id.index()].base = Some(ty);
            }
            (NominalKind::Class, NominalKind::Class) => self.error_help(
                M0316,
                span,
                format!("the base class of `{name}` stands first"),
                "a class has one base class at most, in front of its interfaces",
            ),
            _ => {
                let shown = self.show(ty);
                self.error(M0316, span, format!("`{name}` cannot extend `{shown}`"));
            }
        }
    }

    /// The type of a field or constant without written type: that of its literal.
    fn type_of_literal(&mut self, value: Option<ast::Expr<'t>>) -> Ty {
        let Some(value) = value else { return Ty::ERROR };
        match self.literal_type(value) {
            Some(ty) => ty,
            None => {
                let span = self.span_ast(value);
                self.error_help(
                    M0309,
                    span,
                    "the type cannot be seen without computing the value",
                    "write it: `let name: Type = ...`",
                );
                Ty::ERROR
            }
        }
    }

    /// The type of a simple value: literals, calls of classes, lists of such.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind of expression")]
    fn literal_type(&mut self, value: ast::Expr<'t>) -> Option<Ty> {
        Some(match value {
            ast::Expr::Literal(literal) => match literal.token()?.kind() {
                K::Int | K::Char => Ty::INT,
                K::Float => Ty::FLOAT,
                K::TrueWord | K::FalseWord => Ty::BOOL,
                _ => return None,
            },
            ast::Expr::Str(_) => Ty::STR,
            ast::Expr::ParenExpr(paren) => self.literal_type(paren.expr()?)?,
            ast::Expr::UnaryExpr(unary) => self.literal_type(unary.operand()?)?,
            ast::Expr::BinaryExpr(binary) => {
                let op = binary.op()?;
                use ast::BinaryOp as B;
                match op {
                    B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
                        Ty::BOOL
                    }
                    B::And | B::Or | B::In => Ty::BOOL,
                    B::Range | B::RangeInclusive => self.range_type(),
                    B::Coalesce => return None,
                    _ => {
                        let (left, right) =
                            (self.literal_type(binary.left()?)?, self.literal_type(binary.right()?)?);
                        if left == Ty::FLOAT || right == Ty::FLOAT { Ty::FLOAT } else { left }
                    }
                }
            }
            ast::Expr::TupleExpr(tuple) => {
                let mut parts = Vec::new();
                for part in tuple.elements() {
                    parts.push(self.literal_type(part)?);
                }
                if parts.is_empty() {
                    return Some(Ty::UNIT);
                }
                self.program.types.intern(TyKind::Tuple(parts.into()))
            }
            ast::Expr::ListExpr(list) => {
                let mut types = Vec::new();
                for element in list.elements() {
                    types.push(self.literal_type(element)?);
                }
                let first = *types.first()?;
                if types.iter().all(|&ty| ty == first) { self.list_of(first) } else { return None }
            }
            ast::Expr::MapExpr(map) => {
                let entry = map.entries().next()?;
                let (key, value) = (self.literal_type(entry.key()?)?, self.literal_type(entry.value()?)?);
                self.program.types.named(self.known.map?, &[key, value])
            }
            ast::Expr::NameExpr(name) => match self.lookup_item(name.name()?.text())? {
                Item::Const(id) => self.const_header(id),
                Item::Cases(cases) if cases.len() == 1 => {
                    let (id, number) = cases[0];
                    let nominal = &self.program.nominals[id.index()];
                    let plain = nominal.cases[number as usize].fields.is_empty();
                    if !plain || !nominal.generics.is_empty() {
                        return None;
                    }
                    self.program.types.named(id, &[])
                }
                _ => return None,
            },
            ast::Expr::CallExpr(call) => {
                let ast::Expr::NameExpr(callee) = call.callee()? else { return None };
                let Item::Nominal(id) = self.lookup_item(callee.name()?.text())? else { return None };
                let args: Vec<Ty> = match callee.args() {
                    Some(args) => args.types().map(|ty| self.ty(ty)).collect(),
                    None => Vec::new(),
                };
                if args.len() != self.type_arity(id) {
                    return None;
                }
                self.program.types.named(id, &args)
            }
            ast::Expr::FieldExpr(field) => {
                let ast::Expr::NameExpr(of) = field.base()? else { return None };
                let id = self.static_owner(of.name()?.text())?;
                match *self.nominals[id.index()].members.get(field.name()?.text())? {
                    Member::StaticConst(id) => self.const_header(id),
                    Member::Case(_) if self.program.nominals[id.index()].generics.is_empty() => {
                        self.program.types.named(id, &[])
                    }
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// The nominal whose static members a name reaches: `Shape`, `int`.
    pub(crate) fn static_owner(&self, name: &str) -> Option<NominalId> {
        let builtin = match name {
            "int" => "Int",
            "float" => "Float",
            "bool" => "Bool",
            "str" => "Str",
            "bytes" => "Bytes",
            _ => match self.lookup_item(name)? {
                Item::Nominal(id) => return Some(id),
                _ => return None,
            },
        };
        self.program.lang.nominals.get(builtin).copied()
    }

    /// `Range`
    pub(crate) fn range_type(&mut self) -> Ty {
        match self.known.range {
            Some(id) => self.program.types.named(id, &[]),
            None => Ty::ERROR,
        }
    }

    /// The type of objects inside of the nominal: it with its own parameters; of a built-in one the built-in type.
    pub(crate) fn self_type(&mut self, id: NominalId) -> Ty {
        let nominal = &self.program.nominals[id.index()];
        if nominal.kind == NominalKind::Builtin {
            match &*nominal.name {
                "Int" => return Ty::INT,
                "Float" => return Ty::FLOAT,
                "Bool" => return Ty::BOOL,
                "Str" => return Ty::STR,
                "Bytes" => return Ty::BYTES,
                _ => {}
            }
        }
        if let Some(own) = self.nominals[id.index()].self_param {
            return self.program.types.intern(TyKind::Param(own));
        }
        let params = nominal.generics.clone();
        let args: Vec<Ty> =
            params.iter().map(|&param| self.program.types.intern(TyKind::Param(param))).collect();
        self.program.types.named(id, &args)
    }

    fn fn_header(&mut self, id: FnId) {
        let function = &self.program.fns[id.index()];
        let (kind, owner) = (function.kind, function.owner);
        self.module = function.module;
        match owner {
            Some(owner) => self.enter_nominal(owner),
            None => self.leave_nominal(),
        }
        let mut generics = match owner {
            Some(owner) => self.program.nominals[owner.index()].generics.clone(),
            None => Vec::new(),
        };
        let own = self.generics.len();
        self.program.fns[id.index()].owner_generics = generics.len();
        let mut params: Vec<Param> = Vec::new();
        if let (FnKind::Method, Some(owner)) = (kind, owner) {
            let ty = self.self_type(owner);
            params.push(Param { name: "self".into(), ty, default: None });
        }
        if let FnAst::Function(text) = self.fns[id.index()].ast {
            let owns = self.type_params(text.type_params());
            generics.extend(owns);
            self.program.fns[id.index()].generics = generics;
            self.params_header(id, text.params(), &mut params);
            let result = text.result().map_or(Ty::UNIT, |result| self.ty_or_error(result.ty()));
            let receives = text.receives().map(|receives| self.ty_or_error(receives.ty()));
            if let (Some(receives), true) = (text.receives(), owner.is_some()) {
                let span = self.span_ast(receives);
                self.error(M0331, span, "only functions of a file have a mailbox, methods do not");
            }
            let function = &mut self.program.fns[id.index()];
            (function.result, function.receives) = (result, receives);
        } else {
            self.program.fns[id.index()].generics = generics;
        }
        self.program.fns[id.index()].params = params;
        self.generics.truncate(own);
    }

    /// Parameters of a text, with functions for their defaults.
    pub(crate) fn params_header(
        &mut self,
        of: FnId,
        written: Option<ast::Params<'t>>,
        params: &mut Vec<Param>,
    ) {
        let is_init = self.program.fns[of.index()].kind == FnKind::Init;
        let mut seen: Vec<&str> = Vec::new();
        let mut optional = false;
        for param in written.into_iter().flat_map(|list| list.params()) {
            let name = super::collect::text_of(param.name());
            let ty = self.ty_or_error(param.ty());
            if seen.contains(&name) && !name.is_empty() {
                let span = self.span_ast(param);
                self.error(crate::errors::M0315, span, format!("there are two parameters named `{name}`"));
            }
            seen.push(name);
            let default = param.default().map(|value| {
                let span = self.span_ast(value);
                let function = &self.program.fns[of.index()];
                let (shown, owner) = (function.name.clone(), function.owner);
                let id = self.new_fn(&shown, FnKind::Default, owner, FnAst::Value(value), span);
                let function = &self.program.fns[of.index()];
                let (generics, count) = (function.generics.clone(), function.owner_generics);
                let new = &mut self.program.fns[id.index()];
                (new.generics, new.owner_generics) = (generics, count);
                // An initialiser's defaults are evaluated before there is an object.
                let skip = usize::from(is_init);
                new.params = params[skip.min(params.len())..].to_vec();
                new.result = ty;
                id
            });
            if default.is_some() {
                optional = true;
            } else if optional {
                let span = self.span_ast(param);
                self.error_help(
                    M0326,
                    span,
                    format!("`{name}` has no default, and a parameter in front of it has one"),
                    "parameters with defaults stand last",
                );
            }
            params.push(Param { name: name.into(), ty, default });
        }
    }

    /// The type of a constant.
    pub(crate) fn const_header(&mut self, id: ConstId) -> Ty {
        let known = self.program.consts[id.index()].ty;
        if known != Ty::ERROR {
            return known;
        }
        let value = self.program.consts[id.index()].value;
        if self.running.contains(&id) {
            return Ty::ERROR;
        }
        self.running.push(id);
        let function = &self.program.fns[value.index()];
        let old = (self.module, self.owner, std::mem::take(&mut self.generics));
        (self.module, self.owner) = (function.module, function.owner);
        if let Some(owner) = self.owner {
            self.enter_nominal(owner);
        }
        // Two constants that name each other: the second time there is an error instead of a type.
        let ty = match (self.const_type_written(value), self.fns[value.index()].ast) {
            (Some(written), _) => self.ty(written),
            (None, FnAst::Value(value)) => self.type_of_literal(Some(value)),
            (None, _) => Ty::ERROR,
        };
        (self.module, self.owner, self.generics) = old;
        self.running.pop();
        self.program.consts[id.index()].ty = ty;
        self.program.fns[value.index()].result = ty;
        ty
    }

    /// The type that stands in front of the value of a constant.
    fn const_type_written(&self, value: FnId) -> Option<ast::Type<'t>> {
        let FnAst::Value(value) = self.fns[value.index()].ast else { return None };
        let parent = ast::AstNode::node(value).parent()?;
        ast::children::<ast::Type<'t>>(parent).next()
    }

    /// Finds `main` of the program and judges it.
    pub(crate) fn find_main(&mut self) {
        self.module = ModuleId(1);
        let Some(entry) = self.scopes.get(1).and_then(|scope| scope.get("main")) else { return };
        let Item::Fn(id) = entry.item else { return };
        let function = &self.program.fns[id.index()];
        if function.module != self.module {
            return;
        }
        let strings = self.known.list.map(|list| self.program.types.named(list, &[Ty::STR]));
        let function = &self.program.fns[id.index()];
        let right = match &function.params[..] {
            [] => true,
            [one] => Some(one.ty) == strings || one.ty == Ty::ERROR,
            _ => false,
        };
        let result = matches!(function.result, Ty::UNIT | Ty::INT | Ty::ERROR | Ty::NEVER);
        let span = function.span;
        if !right || !result || !function.generics.is_empty() {
            self.error_help(
                M0331,
                span,
                "`main` has other parameters or another result than the machine gives and takes",
                "write `fn main()`, `fn main(args: [str])`, either with `-> int` for an exit status",
            );
        }
        self.program.main = Some(id);
    }
}

fn names_of<'t>(params: Option<ast::TypeParams<'t>>) -> Vec<&'t str> {
    params
        .into_iter()
        .flat_map(|list| list.params())
        .map(|param| super::collect::text_of(param.name()))
        .collect()
}
