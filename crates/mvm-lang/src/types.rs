//! Types of the language, each kept once.
//!
//! A [`Ty`] is a number in a table, so comparing types is comparing numbers. Type parameters are numbers too; a body that
//! is checked once is used with many arguments by [`Types::subst`].
//!
//! Not here: which types go together (`check`), what a type is in the machine (`lower`).

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::hir::{NominalId, ParamId};

/// A type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ty(pub u32);

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TyKind {
    /// Of what has been reported already; goes with everything.
    Error,
    /// Of what gives no value because control does not come back; fits everything.
    Never,
    /// `()`
    Unit,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `bool`
    Bool,
    /// `str`
    Str,
    /// `bytes`
    Bytes,
    /// `(A, B)`: two or more.
    Tuple(Box<[Ty]>),
    /// `T?`; never of an optional.
    Optional(Ty),
    /// `fn(A) -> B`
    Fn(Box<[Ty]>, Ty),
    /// A class, enum or interface with its arguments; lists, maps, sets, ranges, arrays and processes are classes of the
    /// library.
    Named(NominalId, Box<[Ty]>),
    /// A type parameter; `Self` of an interface is one.
    Param(ParamId),
    /// A type that is still to be found. There are none in what the checker gives.
    Var(u32),
}

/// A hash function for small keys (Firefox's: rotate, xor, multiply).
#[derive(Debug, Clone, Copy, Default)]
pub struct SmallHasher(u64);

impl SmallHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl std::hash::Hasher for SmallHasher {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
        for &byte in chunks.remainder() {
            self.add(byte.into());
        }
    }
    fn write_u8(&mut self, value: u8) {
        self.add(value.into());
    }
    fn write_u32(&mut self, value: u32) {
        self.add(value.into());
    }
    fn write_u64(&mut self, value: u64) {
        self.add(value);
    }
    fn write_usize(&mut self, value: usize) {
        self.add(value as u64);
    }
}

/// A map with [`SmallHasher`].
pub type SmallMap<K, V> = HashMap<K, V, BuildHasherDefault<SmallHasher>>;

/// All types of a program.
#[derive(Debug, Clone)]
pub struct Types {
    kinds: Vec<TyKind>,
    numbers: SmallMap<TyKind, Ty>,
}

impl Ty {
    /// [`TyKind::Error`].
    pub const ERROR: Ty = Ty(0);
    /// [`TyKind::Never`].
    pub const NEVER: Ty = Ty(1);
    /// [`TyKind::Unit`].
    pub const UNIT: Ty = Ty(2);
    /// [`TyKind::Int`].
    pub const INT: Ty = Ty(3);
    /// [`TyKind::Float`].
    pub const FLOAT: Ty = Ty(4);
    /// [`TyKind::Bool`].
    pub const BOOL: Ty = Ty(5);
    /// [`TyKind::Str`].
    pub const STR: Ty = Ty(6);
    /// [`TyKind::Bytes`].
    pub const BYTES: Ty = Ty(7);
}

impl Default for Types {
    fn default() -> Types {
        let mut types = Types { kinds: Vec::new(), numbers: SmallMap::default() };
        for kind in [
            TyKind::Error,
            TyKind::Never,
            TyKind::Unit,
            TyKind::Int,
            TyKind::Float,
            TyKind::Bool,
            TyKind::Str,
            TyKind::Bytes,
        ] {
            types.intern(kind);
        }
        types
    }
}

impl Types {
    /// The type that is this.
    pub fn intern(&mut self, kind: TyKind) -> Ty {
        if let Some(&ty) = self.numbers.get(&kind) {
            return ty;
        }
        let ty = Ty(self.kinds.len() as u32);
        self.kinds.push(kind.clone());
        self.numbers.insert(kind, ty);
        ty
    }

    /// What a type is.
    pub fn kind(&self, ty: Ty) -> &TyKind {
        &self.kinds[ty.0 as usize]
    }

    /// `T?`; of an optional that optional.
    pub fn optional(&mut self, ty: Ty) -> Ty {
        match self.kind(ty) {
            TyKind::Optional(_) | TyKind::Error => ty,
            _ => self.intern(TyKind::Optional(ty)),
        }
    }

    /// A class, enum or interface with arguments.
    pub fn named(&mut self, id: NominalId, args: &[Ty]) -> Ty {
        self.intern(TyKind::Named(id, args.into()))
    }

    /// What is optional in `T?`.
    pub fn inner(&self, ty: Ty) -> Option<Ty> {
        match self.kind(ty) {
            TyKind::Optional(inner) => Some(*inner),
            _ => None,
        }
    }

    /// The type with other types in the place of its parts.
    pub fn map(&mut self, ty: Ty, replace: &mut impl FnMut(&mut Types, Ty) -> Option<Ty>) -> Ty {
        if let Some(other) = replace(self, ty) {
            return other;
        }
        match self.kind(ty) {
            TyKind::Tuple(parts) => {
                let parts = parts.clone();
                let new: Box<[Ty]> = parts.iter().map(|&part| self.map(part, replace)).collect();
                if new == parts { ty } else { self.intern(TyKind::Tuple(new)) }
            }
            &TyKind::Optional(inner) => {
                let new = self.map(inner, replace);
                if new == inner { ty } else { self.optional(new) }
            }
            TyKind::Fn(params, result) => {
                let (params, result) = (params.clone(), *result);
                let new: Box<[Ty]> = params.iter().map(|&part| self.map(part, replace)).collect();
                let to = self.map(result, replace);
                if new == params && to == result { ty } else { self.intern(TyKind::Fn(new, to)) }
            }
            TyKind::Named(id, args) if !args.is_empty() => {
                let (id, args) = (*id, args.clone());
                let new: Box<[Ty]> = args.iter().map(|&part| self.map(part, replace)).collect();
                if new == args { ty } else { self.intern(TyKind::Named(id, new)) }
            }
            _ => ty,
        }
    }

    /// The type with arguments in the place of parameters; parameters that are not in the list stay.
    pub fn subst(&mut self, ty: Ty, params: &[ParamId], args: &[Ty]) -> Ty {
        if params.is_empty() {
            return ty;
        }
        self.map(ty, &mut |types, part| match types.kind(part) {
            TyKind::Param(id) => {
                params.iter().position(|param| param == id).and_then(|at| args.get(at)).copied()
            }
            _ => None,
        })
    }

    /// Whether some part of the type is such.
    pub fn any(&self, ty: Ty, test: &impl Fn(&TyKind) -> bool) -> bool {
        let kind = self.kind(ty);
        test(kind)
            || match kind {
                TyKind::Tuple(parts) | TyKind::Named(_, parts) => {
                    parts.iter().any(|&part| self.any(part, test))
                }
                TyKind::Optional(inner) => self.any(*inner, test),
                TyKind::Fn(params, result) => {
                    params.iter().any(|&part| self.any(part, test)) || self.any(*result, test)
                }
                _ => false,
            }
    }
}
