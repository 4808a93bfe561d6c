//! Members of types: own ones, inherited ones, those of interfaces and bounds.

use mvm_diag::{Diagnostic, Span, suggest};

use super::{Checker, Member};
use crate::errors::{M0304, M0320};
use crate::hir::{FnId, NominalId, NominalKind};
use crate::types::{Ty, TyKind};

/// A member that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) member: Member,
    /// Who declares it.
    pub(crate) owner: NominalId,
    /// Arguments for the type parameters of the owner.
    pub(crate) args: Vec<Ty>,
}

impl<'t> Checker<'t> {
    /// The nominal that holds the members of a type, and the arguments for its parameters.
    pub(crate) fn members_of(&mut self, ty: Ty) -> Option<(NominalId, Vec<Ty>)> {
        let ty = self.shallow(ty);
        let (id, mut args) = match self.kind(ty).clone() {
            TyKind::Named(id, args) => (id, args.to_vec()),
            TyKind::Int => (self.lang("Int"), Vec::new()),
            TyKind::Float => (self.lang("Float"), Vec::new()),
            TyKind::Bool => (self.lang("Bool"), Vec::new()),
            TyKind::Str => (self.lang("Str"), Vec::new()),
            TyKind::Bytes => (self.lang("Bytes"), Vec::new()),
            _ => return None,
        };
        let nominal = self.program.nominals.get(id.index())?;
        if nominal.kind == NominalKind::Interface {
            args.push(ty);
        }
        Some((id, args))
    }

    /// The member of this name that values of the type have.
    pub(crate) fn find_member(&mut self, ty: Ty, name: &str) -> Option<Found> {
        let start = self.shallow(ty);
        // Classes first: what a class says goes before what its interfaces offer.
        let mut interfaces = Vec::new();
        let mut next = Some(start);
        let mut steps = 0;
        while let Some(ty) = next.take() {
            if let Some(found) = self.own_member(ty, start, name) {
                return Some(found);
            }
            for above in self.supers(ty) {
                let &TyKind::Named(id, _) = self.kind(above) else { continue };
                match self.program.nominals[id.index()].kind {
                    NominalKind::Interface => interfaces.push(above),
                    _ if next.is_none() => next = Some(above),
                    _ => {}
                }
            }
            steps += 1;
            if steps > 100 {
                return None;
            }
        }
        let mut at = 0;
        let mut abstract_one = None;
        while at < interfaces.len() && at < 1_000 {
            let interface = interfaces[at];
            at += 1;
            if let Some(found) = self.own_member(interface, start, name) {
                // A method with a body goes before one without.
                match found.member {
                    Member::Method(id) if !self.has_body(id) => {
                        abstract_one = abstract_one.or(Some(found));
                    }
                    _ => return Some(found),
                }
            }
            let more = self.supers(interface);
            interfaces.extend(more);
        }
        abstract_one
    }

    /// Whether a method has a body in the text.
    pub(crate) fn has_body(&self, id: FnId) -> bool {
        match self.fns[id.index()].ast {
            super::FnAst::Function(function) => function.body().is_some(),
            super::FnAst::None => self.program.fns[id.index()].body.is_some(),
            _ => true,
        }
    }

    /// A member that the nominal of a type declares itself; `Self` of interfaces is `own`.
    fn own_member(&mut self, ty: Ty, own: Ty, name: &str) -> Option<Found> {
        let (owner, mut args) = self.members_of(ty)?;
        let member = *self.nominals.get(owner.index())?.members.get(name)?;
        if self.program.nominals[owner.index()].kind == NominalKind::Interface
            && let Some(last) = args.last_mut()
        {
            *last = own;
        }
        Some(Found { member, owner, args })
    }

    /// Whether what is private in the file of a nominal may be used here.
    pub(crate) fn sees_private(&self, owner: NominalId) -> bool {
        self.program.nominals[owner.index()].module == self.module
    }

    /// Reports the use of a private member.
    pub(crate) fn judge_private(&mut self, found: &Found, name: &str, span: Span) {
        let private = match found.member {
            Member::Field(number) => {
                self.program.nominals[found.owner.index()].fields[number as usize].private
            }
            Member::Method(id) | Member::Static(id) => self.fns[id.index()].private,
            Member::StaticConst(_) | Member::Case(_) => false,
        };
        if private && !self.sees_private(found.owner) {
            let class = self.program.nominals[found.owner.index()].name.clone();
            self.error(
                M0320,
                span,
                format!("`{name}` of `{class}` is private: it is seen in its own file only"),
            );
        }
    }

    /// Reports that a type has no such member.
    pub(crate) fn no_member(&mut self, ty: Ty, name: &str, span: Span) {
        let ty = self.zonk(ty);
        if ty == Ty::ERROR {
            return;
        }
        let shown = self.show(ty);
        let mut diagnostic = Diagnostic::error(M0304, format!("`{shown}` has no `{name}`")).at(span, "");
        if let Some(inner) = self.program.types.inner(ty)
            && self.find_member(inner, name).is_some()
        {
            diagnostic = diagnostic.help(format!(
                "it may be `none`: `?.{name}` goes on only with a value; `if let`, `??` and `!` take it out"
            ));
            self.report(diagnostic);
            return;
        }
        let foreign = match name {
            "length" | "size" | "count" => Some("len"),
            "append" | "add" | "push_back" => Some("push"),
            "toString" | "to_string" | "to_str" | "str" => Some("show"),
            "toUpperCase" | "to_upper" | "uppercase" => Some("upper"),
            "toLowerCase" | "to_lower" | "lowercase" => Some("lower"),
            "substring" | "substr" => Some("slice"),
            "has" | "includes" | "has_key" => Some("contains"),
            "strip" => Some("trim"),
            "indexOf" => Some("find"),
            "startswith" | "startsWith" => Some("starts_with"),
            "endswith" | "endsWith" => Some("ends_with"),
            "reduce" => Some("fold"),
            "items" => Some("entries"),
            _ => None,
        };
        let foreign = foreign.filter(|other| self.find_member(ty, other).is_some()).map(str::to_owned);
        let near = foreign.or_else(|| {
            let names = self.member_names(ty);
            suggest(name, names.iter().map(String::as_str)).map(str::to_owned)
        });
        if name == "to_string" || name == "str" || name == "toString" {
            diagnostic = diagnostic.help("a value as text is `\"{value}\"`");
        } else if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic);
    }

    /// Names of all members of a type.
    pub(crate) fn member_names(&mut self, ty: Ty) -> Vec<String> {
        let mut names = Vec::new();
        let mut left = vec![ty];
        let mut steps = 0;
        while let Some(ty) = left.pop() {
            if let Some((id, _)) = self.members_of(ty)
                && let Some(info) = self.nominals.get(id.index())
            {
                names.extend(info.members.keys().map(|name| (*name).to_owned()));
            }
            steps += 1;
            if steps > 100 {
                break;
            }
            left.extend(self.supers(ty));
        }
        names.sort();
        names
    }
}
