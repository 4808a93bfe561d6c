//! Names of types and functions in the module, and the limits of what type arguments can ask for.

use mvm_diag::Diagnostic;
use mvm_module::Name;

use super::Lower;
use crate::errors::M0401;
use crate::report::quoted;
use crate::type_name::TypeNames;
use crate::types::{Ty, TyKind};

/// Functions made for type arguments.
pub(crate) const INSTANCES_MAX: usize = 100_000;
/// How deep types that are made for type arguments are nested.
pub(crate) const DEPTH_MAX: u32 = 64;
/// Bytes after which no other part of the name of a type begins.
const NAME_BYTES: usize = 160;

impl Lower<'_> {
    /// A type as the language writes it; of a large one the beginning.
    pub(crate) fn type_name(&self, ty: Ty) -> String {
        let names = TypeNames {
            types: &self.types,
            nominals: &self.program.nominals,
            params: &self.program.params,
            list: self.lang.list,
            map: self.lang.map,
            resolve: &|ty| ty,
            bytes_max: NAME_BYTES,
        };
        names.of(ty)
    }

    /// The same, kept.
    pub(crate) fn type_text(&mut self, ty: Ty) -> Name {
        let index = ty.0 as usize;
        if let Some(Some(known)) = self.type_texts.get(index) {
            return known.clone();
        }
        let text: Name = self.type_name(ty).into();
        if self.type_texts.len() <= index {
            self.type_texts.resize(index + 1, None);
        }
        self.type_texts[index] = Some(text.clone());
        text
    }

    /// The name of a class or interface in the machine: this one, or with a number behind it.
    pub(crate) fn unique_type_name(&mut self, name: &str) -> Name {
        let count = self.type_names.entry(name.into()).or_insert(0);
        *count += 1;
        match *count {
            1 => name.into(),
            count => self.unique_type_name(&format!("{name}#{count}")),
        }
    }

    /// The name of a function in the machine.
    pub(crate) fn unique_fn_name(&mut self, name: &Name) -> Name {
        let count = self.fn_names.entry(name.clone()).or_insert(0);
        *count += 1;
        match *count {
            1 => name.clone(),
            count => self.unique_fn_name(&format!("{name}#{count}").into()),
        }
    }

    /// Refuses types that grow and grow.
    pub(crate) fn judge_depth(&mut self, ty: Ty) {
        if self.depth(ty) > DEPTH_MAX && self.diagnostics.is_empty() {
            let named = quoted(&self.type_name(ty));
            let mut diagnostic = Diagnostic::error(M0401, "the type arguments grow without end")
                .help("a function or class must not use itself with ever larger type arguments")
                .note(format!("one of them is {named}"), None);
            if let Some(span) = self.span {
                diagnostic = diagnostic.at(span, "needed here");
            }
            self.diagnostics.push(diagnostic);
        }
    }

    /// How deep a type is nested.
    fn depth(&mut self, ty: Ty) -> u32 {
        if let Some(&Some(known)) = self.depths.get(ty.0 as usize) {
            return known;
        }
        let parts: Vec<Ty> = match self.types.kind(ty) {
            TyKind::Tuple(parts) | TyKind::Named(_, parts) => parts.to_vec(),
            TyKind::Optional(inner) => vec![*inner],
            TyKind::Fn(params, result) => params.iter().copied().chain([*result]).collect(),
            _ => Vec::new(),
        };
        let depth = 1 + parts.into_iter().map(|part| self.depth(part)).max().unwrap_or(0);
        if self.depths.len() <= ty.0 as usize {
            self.depths.resize(ty.0 as usize + 1, None);
        }
        self.depths[ty.0 as usize] = Some(depth);
        depth
    }
}
