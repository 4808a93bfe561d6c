//! Types as they are written.

use mvm_diag::Span;

use super::{AliasState, Checker, Item};
use crate::ast::{self, AstNode};
use crate::errors::{M0303, M0305, M0332};
use crate::hir::{NominalKind, ParamId};
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// The type that is written there; what is missing has been reported.
    pub(crate) fn ty_or_error(&mut self, ty: Option<ast::Type<'t>>) -> Ty {
        ty.map_or(Ty::ERROR, |ty| self.ty(ty))
    }

    /// The type that is written there.
    pub(crate) fn ty(&mut self, ty: ast::Type<'t>) -> Ty {
        match ty {
            ast::Type::NamedType(named) => self.named_type(named),
            ast::Type::ListType(list) => {
                let element = self.ty_or_error(list.element());
                self.list_of(element)
            }
            ast::Type::MapType(map) => {
                let (key, value) = (self.ty_or_error(map.key()), self.ty_or_error(map.value()));
                let span = self.span_ast(map);
                self.later_bounds(self.known.map, &[key, value], span);
                match self.known.map {
                    Some(id) => self.program.types.named(id, &[key, value]),
                    None => Ty::ERROR,
                }
            }
            ast::Type::TupleType(tuple) => {
                let parts: Vec<Ty> = tuple.elements().map(|part| self.ty(part)).collect();
                match parts[..] {
                    [] => Ty::UNIT,
                    [one] => one,
                    _ => self.program.types.intern(TyKind::Tuple(parts.into())),
                }
            }
            ast::Type::FnType(function) => {
                let params: Vec<Ty> = function
                    .params()
                    .into_iter()
                    .flat_map(|list| list.types())
                    .map(|ty| self.ty(ty))
                    .collect();
                let result = function.result().map_or(Ty::UNIT, |result| self.ty_or_error(result.ty()));
                self.program.types.intern(TyKind::Fn(params.into(), result))
            }
            ast::Type::OptionalType(optional) => {
                let inner = self.ty_or_error(optional.inner());
                self.program.types.optional(inner)
            }
        }
    }

    /// `[T]`
    pub(crate) fn list_of(&mut self, element: Ty) -> Ty {
        match self.known.list {
            Some(id) => self.program.types.named(id, &[element]),
            None => Ty::ERROR,
        }
    }

    fn named_type(&mut self, named: ast::NamedType<'t>) -> Ty {
        let path: Vec<_> = named.path().collect();
        let span = self.span_ast(named);
        let args: Vec<Ty> = match named.args() {
            Some(args) => args.types().map(|ty| self.ty(ty)).collect(),
            None => Vec::new(),
        };
        let has_args = named.args().is_some();
        let Some(first) = path.first() else { return Ty::ERROR };
        if path.len() == 1 {
            let builtin = match first.text() {
                "int" => Some(Ty::INT),
                "float" => Some(Ty::FLOAT),
                "bool" => Some(Ty::BOOL),
                "str" => Some(Ty::STR),
                "bytes" => Some(Ty::BYTES),
                _ => None,
            };
            if let Some(ty) = builtin {
                if has_args {
                    self.error(M0305, span, format!("`{}` takes no type arguments", first.text()));
                }
                return ty;
            }
            if let Some(param) = self.type_param(first.text()) {
                return self.program.types.intern(TyKind::Param(param));
            }
            // Of an interface it is a parameter; inside of a class or enum it is that one.
            if let (Some(owner), "Self", false) = (self.owner, first.text(), has_args) {
                return self.self_type(owner);
            }
        }
        let Some(item) = self.type_item(&path) else { return Ty::ERROR };
        match item {
            Item::Nominal(id) if self.is_behind_a_word(id) => {
                self.unknown_type(*first);
                Ty::ERROR
            }
            Item::Nominal(id) => {
                let expected = self.type_arity(id);
                if expected != args.len() {
                    let name = self.program.nominals[id.index()].name.clone();
                    let names: Vec<_> = self.program.nominals[id.index()].generics[..expected]
                        .iter()
                        .map(|param| self.program.params[param.index()].name.to_string())
                        .collect();
                    let message = format!(
                        "`{name}` takes {}, and {} given here",
                        count(expected, "type argument"),
                        if args.len() == 1 { "1 is".to_owned() } else { format!("{} are", args.len()) }
                    );
                    let help = if expected == 0 {
                        format!("write `{name}`")
                    } else {
                        format!("write `{name}<{}>` with types in the place of the letters", names.join(", "))
                    };
                    self.error_help(M0305, span, message, help);
                    return Ty::ERROR;
                }
                self.later_bounds(Some(id), &args, span);
                self.program.types.named(id, &args)
            }
            Item::Alias(number) => self.alias(number, &args, span),
            _ => {
                let shown = named.node().text().to_owned();
                self.error(M0303, span, format!("`{shown}` is no type"));
                Ty::ERROR
            }
        }
    }

    /// Whether a nominal holds the methods of `int` and the like, which programs call by that word.
    fn is_behind_a_word(&self, id: crate::hir::NominalId) -> bool {
        let nominal = &self.program.nominals[id.index()];
        nominal.kind == NominalKind::Builtin
            && matches!(&*nominal.name, "Int" | "Float" | "Bool" | "Str" | "Bytes")
            && !self.units[self.module.index()].library
    }

    /// How many type arguments a nominal takes.
    pub(crate) fn type_arity(&self, id: crate::hir::NominalId) -> usize {
        let nominal = &self.program.nominals[id.index()];
        nominal.generics.len() - usize::from(nominal.kind == NominalKind::Interface)
    }

    /// The type parameter of this name, if one is in force.
    pub(crate) fn type_param(&self, name: &str) -> Option<ParamId> {
        self.generics.iter().rev().find(|(known, _)| *known == name).map(|&(_, param)| param)
    }

    /// What a path of names stands for where a type is meant; problems are reported.
    pub(crate) fn type_item(&mut self, path: &[crate::tree::Token<'t>]) -> Option<Item> {
        let first = path[0];
        let Some(mut item) = self.lookup_item(first.text()) else {
            self.unknown_type(first);
            return None;
        };
        for &part in &path[1..] {
            let span = self.span_token(part);
            match item {
                Item::Module(module) => item = self.import(module, part.text(), span)?,
                _ => {
                    self.error(
                        M0303,
                        span,
                        format!("there is no type `{}` in `{}`", part.text(), first.text()),
                    );
                    return None;
                }
            }
        }
        // A case is no type; its enum, which may have the same name, is.
        if let Item::Cases(cases) = &item {
            let (id, number) = cases[0];
            let nominal = &self.program.nominals[id.index()];
            let (case, of) = (nominal.cases[number as usize].name.clone(), nominal.name.clone());
            let span = self.span_token(first);
            self.error_help(
                M0303,
                span,
                format!("`{case}` is a case of the enum `{of}` and no type"),
                format!("the type is `{of}`"),
            );
            return None;
        }
        Some(item)
    }

    /// The type that an alias stands for, with arguments.
    pub(crate) fn alias(&mut self, number: u32, args: &[Ty], span: Span) -> Ty {
        let index = number as usize;
        if self.aliases[index].state == AliasState::Running {
            let name = super::collect::text_of(self.aliases[index].ast.name()).to_owned();
            self.error(M0332, span, format!("the type `{name}` is defined by itself"));
            self.aliases[index].state = AliasState::Done(Vec::new(), Ty::ERROR);
            return Ty::ERROR;
        }
        if self.aliases[index].state == AliasState::Open {
            self.aliases[index].state = AliasState::Running;
            let (alias, module) = (self.aliases[index].ast, self.aliases[index].module);
            let old_module = std::mem::replace(&mut self.module, module);
            let old = std::mem::take(&mut self.generics);
            let params = self.type_params(alias.type_params());
            let ty = self.ty_or_error(alias.ty());
            (self.generics, self.module) = (old, old_module);
            if self.aliases[index].state == AliasState::Running {
                self.aliases[index].state = AliasState::Done(params, ty);
            }
        }
        let AliasState::Done(params, ty) = self.aliases[index].state.clone() else { return Ty::ERROR };
        if params.len() != args.len() && ty != Ty::ERROR {
            let name = super::collect::text_of(self.aliases[index].ast.name()).to_owned();
            let message = format!("`{name}` takes {}", count(params.len(), "type argument"));
            self.error(M0305, span, message);
            return Ty::ERROR;
        }
        self.program.types.subst(ty, &params, args)
    }
}

/// `1 argument`, `3 arguments`, `no arguments`.
pub(crate) fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
