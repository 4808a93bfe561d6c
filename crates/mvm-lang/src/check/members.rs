//! Members of types: own ones, inherited ones, those of interfaces and bounds.

use mvm_diag::Span;

use super::{Checker, Member};
use crate::hir::{FnId, ModuleId, NominalId, NominalKind};
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

    /// The member of this name that a program may speak of: what is private in the prelude is not there for it.
    /// Lists and texts are part of the language, whatever they are made of.
    pub(crate) fn find_seen(&mut self, ty: Ty, name: &str) -> Option<Found> {
        let found = self.find_member(ty, name)?;
        let module = self.program.nominals[found.owner.index()].module;
        let hidden = self.is_private(&found) && !self.sees_private(found.owner);
        (!hidden || module != ModuleId(0)).then_some(found)
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
        if self.is_private(found) && !self.sees_private(found.owner) {
            let class = self.program.nominals[found.owner.index()].name.clone();
            let ty = self.program.types.named(found.owner, &found.args);
            self.private_member(&class, ty, name, span);
        }
    }

    /// Whether a member is seen in the file of its class only.
    pub(crate) fn is_private(&self, found: &Found) -> bool {
        match found.member {
            Member::Field(number) => {
                self.program.nominals[found.owner.index()].fields[number as usize].private
            }
            Member::Method(id) | Member::Static(id) => self.fns[id.index()].private,
            Member::StaticConst(_) | Member::Case(_) => false,
        }
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
