//! Names of types and functions in the module, and the limits of what type arguments can ask for.

use mvm_diag::Diagnostic;
use mvm_module::Name;

use super::Lower;
use crate::errors::M0401;
use crate::hir::NominalKind;
use crate::report::quoted;
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
        let mut out = String::new();
        self.write_type(ty, &mut out);
        out
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

    fn write_type(&self, ty: Ty, out: &mut String) {
        if out.len() > NAME_BYTES {
            out.push_str("...");
            return;
        }
        match self.types.kind(ty) {
            TyKind::Error => out.push('?'),
            TyKind::Never => out.push_str("never"),
            TyKind::Unit => out.push_str("()"),
            TyKind::Int => out.push_str("int"),
            TyKind::Float => out.push_str("float"),
            TyKind::Bool => out.push_str("bool"),
            TyKind::Str => out.push_str("str"),
            TyKind::Bytes => out.push_str("bytes"),
            TyKind::Tuple(parts) => {
                out.push('(');
                self.write_types(parts, out);
                out.push(')');
            }
            TyKind::Optional(inner) => {
                let function = matches!(self.types.kind(*inner), TyKind::Fn(..));
                if function {
                    out.push('(');
                }
                self.write_type(*inner, out);
                out.push_str(if function { ")?" } else { "?" });
            }
            TyKind::Fn(params, result) => {
                out.push_str("fn(");
                self.write_types(params, out);
                out.push(')');
                if *result != Ty::UNIT {
                    out.push_str(" -> ");
                    self.write_type(*result, out);
                }
            }
            TyKind::Named(id, args) => self.write_named(*id, args, out),
            TyKind::Param(id) => out.push_str(&self.program.params[id.index()].name),
            TyKind::Var(_) => out.push('_'),
        }
    }

    fn write_named(&self, id: crate::hir::NominalId, args: &[Ty], out: &mut String) {
        let nominal = &self.program.nominals[id.index()];
        match args {
            [item] if Some(id) == self.lang.list => {
                out.push('[');
                self.write_type(*item, out);
                out.push(']');
            }
            [key, value] if Some(id) == self.lang.map => {
                out.push('[');
                self.write_type(*key, out);
                out.push_str(": ");
                self.write_type(*value, out);
                out.push(']');
            }
            [] => {
                let builtin = nominal.kind == NominalKind::Builtin;
                match &*nominal.name {
                    name @ ("Int" | "Float" | "Bool" | "Str" | "Bytes") if builtin => {
                        out.push_str(&name.to_ascii_lowercase())
                    }
                    name => out.push_str(name),
                }
            }
            args => {
                out.push_str(&nominal.name);
                out.push('<');
                self.write_types(args, out);
                out.push('>');
            }
        }
    }

    fn write_types(&self, types: &[Ty], out: &mut String) {
        for (at, &ty) in types.iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            self.write_type(ty, out);
        }
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
