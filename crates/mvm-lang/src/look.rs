//! Looking at a checked program: types as text, what stands behind a point. For tools that talk with people.

use std::collections::BTreeSet;

use crate::hir::{FnId, NominalId, Program};
use crate::type_name::TypeNames;
use crate::types::{Ty, TyKind};

/// Bytes of a type after which no other part of it begins.
const SHOWN_BYTES: usize = 400;

/// A type as the language writes it.
pub fn type_text(program: &Program, ty: Ty) -> String {
    let known = |name: &str| program.lang.nominals.get(name).copied();
    let names = TypeNames {
        types: &program.types,
        nominals: &program.nominals,
        params: &program.params,
        list: known("List"),
        map: known("Map"),
        resolve: &|ty| ty,
        bytes_max: SHOWN_BYTES,
    };
    names.of(ty)
}

/// The type of a local variable of `main`: the last one of this name.
pub fn local_of_main(program: &Program, name: &str) -> Option<Ty> {
    let body = program.fns[program.main?.index()].body.as_ref()?;
    body.locals.iter().rev().find(|local| &*local.name == name).map(|local| local.ty)
}

/// Names that can stand behind a point after a value of this type, sorted; functions with `(` behind them.
pub fn members(program: &Program, ty: Ty) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<NominalId> = nominal(program, ty).into_iter().collect();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let nominal = &program.nominals[id.index()];
        found
            .extend(nominal.fields.iter().filter(|field| !field.private).map(|field| field.name.to_string()));
        found.extend(nominal.methods.iter().filter_map(|&method| method_name(program, method)));
        let above = nominal.base.iter().chain(&nominal.interfaces);
        open.extend(above.filter_map(|&ty| self::nominal(program, ty)));
    }
    if let TyKind::Tuple(parts) = program.types.kind(ty) {
        found.extend((0..parts.len()).map(|index| index.to_string()));
    }
    found.into_iter().collect()
}

/// The class, enum or interface that has the members of a type.
fn nominal(program: &Program, ty: Ty) -> Option<NominalId> {
    let known = |name: &str| program.lang.nominals.get(name).copied();
    match program.types.kind(ty) {
        TyKind::Named(id, _) => Some(*id),
        TyKind::Int => known("Int"),
        TyKind::Float => known("Float"),
        TyKind::Bool => known("Bool"),
        TyKind::Str => known("Str"),
        TyKind::Bytes => known("Bytes"),
        TyKind::Error
        | TyKind::Never
        | TyKind::Unit
        | TyKind::Tuple(_)
        | TyKind::Optional(_)
        | TyKind::Fn(..)
        | TyKind::Param(_)
        | TyKind::Var(_) => None,
    }
}

/// The name of a method that is called with a point, with `(` behind it.
fn method_name(program: &Program, method: FnId) -> Option<String> {
    let function = &program.fns[method.index()];
    let is_method = function.kind == crate::hir::FnKind::Method;
    let name = function.name.rsplit('.').next().unwrap_or(&function.name);
    let is_word = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    (is_method && is_word).then(|| format!("{name}("))
}
