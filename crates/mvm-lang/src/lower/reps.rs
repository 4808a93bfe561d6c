//! What a type of the language is in the machine.
//!
//! A value is a list of registers, its *flat* form: an int is one `i64`, a tuple the registers of its parts one after the
//! other, `int?` a flag and an int. Parameters, results, fields and locals are flat. Where one reference has to do
//! (elements of arrays, `Any`), a value is *packed*: a tuple becomes an object of a class made for it.
//!
//! A value with more than [`FLAT_MAX`] registers is packed always, so functions never have too many results.
//!
//! Not here: the code that packs (`boxes.rs`), the classes (`classes.rs`).

use std::rc::Rc;

use mvm_isa::{Elem, TypeId};
use mvm_module::{Signature, TypeDef};

use super::Lower;
use super::classes::Kind;
use crate::hir::NominalKind;
use crate::types::{Ty, TyKind};

/// Registers that a value has at most.
pub(crate) const FLAT_MAX: usize = 8;

/// How the registers of a type are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As the type says: no, one, or several registers.
    Plain,
    /// An optional whose value is one reference: null stands for `none`.
    Nullable,
    /// An optional: a flag, 0 for `none`, and the registers of the value.
    Flagged,
    /// An optional of a value that fills all registers: the value packed, null for `none`.
    Packed,
    /// A tuple of too many registers: one reference to an object with them.
    Wide,
}

/// The registers of a type.
#[derive(Debug, Clone)]
pub(crate) struct Rep {
    /// Their types.
    pub(crate) regs: Rc<[TypeId]>,
    /// How to read them.
    pub(crate) form: Form,
}

impl Rep {
    fn plain(regs: &[TypeId]) -> Rep {
        Rep { regs: regs.into(), form: Form::Plain }
    }

    /// Whether it is one reference.
    pub(crate) fn is_ref(&self) -> bool {
        matches!(*self.regs, [one] if one.is_ref())
    }
}

impl Lower<'_> {
    /// The registers of a type.
    pub(crate) fn rep(&mut self, ty: Ty) -> Rep {
        if let Some(Some(rep)) = self.reps.get(ty.0 as usize) {
            return rep.clone();
        }
        let rep = self.make_rep(ty);
        let index = ty.0 as usize;
        if self.reps.len() <= index {
            self.reps.resize(index + 1, None);
        }
        self.reps[index] = Some(rep.clone());
        rep
    }

    /// The types of the registers of values one after the other.
    pub(crate) fn flat(&mut self, types: &[Ty]) -> Vec<TypeId> {
        types.iter().flat_map(|&ty| self.rep(ty).regs.to_vec()).collect()
    }

    fn make_rep(&mut self, ty: Ty) -> Rep {
        match self.types.kind(ty).clone() {
            TyKind::Error | TyKind::Never | TyKind::Unit | TyKind::Param(_) | TyKind::Var(_) => {
                Rep::plain(&[])
            }
            TyKind::Int | TyKind::Bool => Rep::plain(&[TypeId::I64]),
            TyKind::Float => Rep::plain(&[TypeId::F64]),
            TyKind::Str => Rep::plain(&[TypeId::STR]),
            TyKind::Bytes => Rep::plain(&[TypeId::BYTES]),
            TyKind::Tuple(parts) => {
                let regs = self.flat(&parts);
                if regs.len() <= FLAT_MAX {
                    return Rep::plain(&regs);
                }
                let class = self.packed_class(ty);
                Rep { regs: [self.classes[class].id].into(), form: Form::Wide }
            }
            TyKind::Optional(inner) => self.optional_rep(inner),
            TyKind::Fn(params, result) => {
                let params = self.flat(&params);
                let results = self.rep(result).regs.to_vec();
                Rep::plain(&[self.fn_type(Signature { params, results })])
            }
            TyKind::Named(id, args) => {
                let program = self.program;
                let nominal = &program.nominals[id.index()];
                match nominal.kind {
                    NominalKind::Builtin => self.builtin_rep(ty, &nominal.name, &args),
                    _ if Some(id) == self.lang.array => self.builtin_rep(ty, "Array", &args),
                    _ if Some(id) == self.lang.any => self.builtin_rep(ty, "Any", &args),
                    NominalKind::Class => Rep::plain(&[self.class_type(ty)]),
                    NominalKind::Interface => {
                        let interface = self.interface(ty);
                        Rep::plain(&[self.interfaces[interface].id])
                    }
                    NominalKind::Enum if self.is_plain_enum(ty) => Rep::plain(&[TypeId::I64]),
                    NominalKind::Enum => {
                        let class = self.enum_class(ty);
                        Rep::plain(&[self.classes[class].id])
                    }
                }
            }
        }
    }

    fn builtin_rep(&mut self, ty: Ty, name: &str, args: &[Ty]) -> Rep {
        let one = match name {
            "Int" | "Bool" => TypeId::I64,
            "Float" => TypeId::F64,
            "Str" => TypeId::STR,
            "Bytes" => TypeId::BYTES,
            "Any" => TypeId::ANY,
            "Array" => match args.first() {
                Some(&item) => self.array_type(item),
                None => TypeId::ANY,
            },
            _ => self.class_type(ty),
        };
        Rep::plain(&[one])
    }

    fn optional_rep(&mut self, inner: Ty) -> Rep {
        let rep = self.rep(inner);
        let never_null = !matches!(self.types.kind(inner), TyKind::Tuple(_)) || rep.form == Form::Wide;
        if rep.is_ref() && never_null {
            return Rep { regs: rep.regs, form: Form::Nullable };
        }
        if rep.regs.len() < FLAT_MAX {
            let regs: Vec<TypeId> = std::iter::once(TypeId::I64).chain(rep.regs.iter().copied()).collect();
            return Rep { regs: regs.into(), form: Form::Flagged };
        }
        let class = self.packed_class(inner);
        Rep { regs: [self.classes[class].id].into(), form: Form::Packed }
    }

    /// Whether it is an enum without payload: then its values are numbers of cases.
    pub(crate) fn is_plain_enum(&self, ty: Ty) -> bool {
        let TyKind::Named(id, _) = self.types.kind(ty) else { return false };
        let nominal = &self.program.nominals[id.index()];
        nominal.kind == NominalKind::Enum && nominal.cases.iter().all(|case| case.fields.is_empty())
    }

    /// The type of a class; the classes that the machine knows have types of their own.
    pub(crate) fn class_type(&mut self, ty: Ty) -> TypeId {
        let class = self.class(ty);
        self.classes[class].id
    }

    /// What elements of an array are: numbers, or references to packed values.
    pub(crate) fn elem(&mut self, item: Ty) -> Option<Elem> {
        match self.types.kind(item) {
            TyKind::Int => Some(Elem::I64),
            TyKind::Float => Some(Elem::F64),
            TyKind::Bool => Some(Elem::U8),
            _ if self.is_plain_enum(item) => Some(Elem::I64),
            _ => None,
        }
    }

    /// The type of `Array<T>`.
    pub(crate) fn array_type(&mut self, item: Ty) -> TypeId {
        if let Some(elem) = self.elem(item) {
            return TypeId::array_of(elem);
        }
        let packed = self.packed_type(item);
        if packed == TypeId::STR {
            return TypeId::ARRAY_STR;
        }
        if let Some(&known) = self.arrays.get(&packed) {
            return known;
        }
        let id = self.new_type(TypeDef::RefArray(packed));
        self.arrays.insert(packed, id);
        id
    }

    /// The type of the one reference that a packed value is.
    pub(crate) fn packed_type(&mut self, ty: Ty) -> TypeId {
        match self.packing(ty) {
            Packing::Itself(ty) => ty,
            Packing::Number => TypeId::ANY,
            Packing::Case(class) | Packing::Fields(class) => self.classes[class].id,
        }
    }

    /// How a value becomes one reference.
    pub(crate) fn packing(&mut self, ty: Ty) -> Packing {
        let rep = self.rep(ty);
        match *rep.regs {
            [one] if one.is_ref() => Packing::Itself(one),
            [_] if self.is_plain_enum(ty) => Packing::Case(self.enum_class(ty)),
            [_] if rep.form == Form::Plain && !matches!(self.types.kind(ty), TyKind::Tuple(_)) => {
                Packing::Number
            }
            _ => Packing::Fields(self.packed_class(ty)),
        }
    }

    /// The class of packed values of a type.
    pub(crate) fn packed_class(&mut self, ty: Ty) -> usize {
        self.class_for(Kind::Packed, ty)
    }

    /// The type of references to functions with these registers.
    pub(crate) fn fn_type(&mut self, signature: Signature) -> TypeId {
        if let Some(&known) = self.fn_types.get(&signature) {
            return known;
        }
        let id = self.new_type(TypeDef::Func(signature.clone()));
        self.fn_types.insert(signature, id);
        id
    }

    /// A new entry of the type table.
    pub(crate) fn new_type(&mut self, def: TypeDef) -> TypeId {
        let number = self.table.len();
        if number >= mvm_module::limits::TYPES_MAX {
            self.too_many("types", mvm_module::limits::TYPES_MAX);
            return TypeId::ANY;
        }
        self.table.push(def);
        TypeId(number as u16)
    }
}

/// How a value becomes one reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// It is one already, of this type.
    Itself(TypeId),
    /// An int, truth value or float, in a box of the machine.
    Number,
    /// A case without payload, as an object of the class of the case below this one.
    Case(usize),
    /// An object of this class with the registers as fields.
    Fields(usize),
}
