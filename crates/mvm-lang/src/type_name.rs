//! Types as the language writes them, for messages and for names in modules.

use crate::hir::{Nominal, NominalId, NominalKind, TypeParam};
use crate::types::{Ty, TyKind, Types};

/// How deep a type is written.
const DEPTH_MAX: usize = 12;

/// What is needed to write a type.
pub(crate) struct TypeNames<'a> {
    pub(crate) types: &'a Types,
    pub(crate) nominals: &'a [Nominal],
    pub(crate) params: &'a [TypeParam],
    /// What `[T]` is.
    pub(crate) list: Option<NominalId>,
    /// What `[K: V]` is.
    pub(crate) map: Option<NominalId>,
    /// What a variable stands for.
    pub(crate) resolve: &'a dyn Fn(Ty) -> Ty,
    /// Bytes after which no other part begins.
    pub(crate) bytes_max: usize,
}

impl TypeNames<'_> {
    /// A type; of a large or deep one the beginning.
    pub(crate) fn of(&self, ty: Ty) -> String {
        let mut out = String::new();
        self.write(&mut out, ty, 0);
        out
    }

    fn write(&self, out: &mut String, ty: Ty, depth: usize) {
        if depth > DEPTH_MAX || out.len() > self.bytes_max {
            out.push_str("...");
            return;
        }
        let depth = depth + 1;
        match self.types.kind((self.resolve)(ty)) {
            TyKind::Error | TyKind::Var(_) => out.push('_'),
            TyKind::Never => out.push_str("never"),
            TyKind::Unit => out.push_str("()"),
            TyKind::Int => out.push_str("int"),
            TyKind::Float => out.push_str("float"),
            TyKind::Bool => out.push_str("bool"),
            TyKind::Str => out.push_str("str"),
            TyKind::Bytes => out.push_str("bytes"),
            TyKind::Tuple(parts) => self.between(out, "(", parts, ")", depth),
            &TyKind::Optional(inner) => {
                let is_fn = matches!(self.types.kind((self.resolve)(inner)), TyKind::Fn(..));
                out.push_str(if is_fn { "(" } else { "" });
                self.write(out, inner, depth);
                out.push_str(if is_fn { ")?" } else { "?" });
            }
            TyKind::Fn(params, result) => {
                self.between(out, "fn(", params, ")", depth);
                if (self.resolve)(*result) != Ty::UNIT {
                    out.push_str(" -> ");
                    self.write(out, *result, depth);
                }
            }
            TyKind::Named(id, args) => self.write_named(out, *id, args, depth),
            TyKind::Param(id) => out.push_str(&self.params[id.index()].name),
        }
    }

    fn write_named(&self, out: &mut String, id: NominalId, args: &[Ty], depth: usize) {
        let nominal = &self.nominals[id.index()];
        match args {
            [_] if Some(id) == self.list => self.between(out, "[", args, "]", depth),
            &[key, value] if Some(id) == self.map => {
                out.push('[');
                self.write(out, key, depth);
                out.push_str(": ");
                self.write(out, value, depth);
                out.push(']');
            }
            [] => {
                let builtin = nominal.kind == NominalKind::Builtin;
                match &*nominal.name {
                    name @ ("Int" | "Float" | "Bool" | "Str" | "Bytes") if builtin => {
                        out.push_str(&name.to_ascii_lowercase());
                    }
                    name => out.push_str(name),
                }
            }
            args => {
                out.push_str(&nominal.name);
                self.between(out, "<", args, ">", depth);
            }
        }
    }

    fn between(&self, out: &mut String, open: &str, types: &[Ty], close: &str, depth: usize) {
        out.push_str(open);
        for (index, &ty) in types.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            self.write(out, ty, depth);
        }
        out.push_str(close);
    }
}
