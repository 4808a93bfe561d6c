//! `==`, order and hash of a type: in place where the machine has them, else by a function made for the type.
//!
//! Tuples, optionals and enums are compared part by part, classes by their own methods, or by identity. The functions are
//! made when somebody asks (`Job::Derived`), and call each other, so types that contain themselves are no trouble.
//!
//! Not here: text (`show.rs`).

use mvm_diag::Span;
use mvm_isa::{Opcode, TypeId};
use mvm_module::Name;
use mvm_opt::build::{Block, Builder};

use super::Lower;
use super::body::{Code, Want};
use super::collections::Collection;
use super::dispatch::{Target, What};
use super::regs::Regs;
use super::work::Job;
use crate::hir::ExprId;
use crate::types::{Ty, TyKind};

/// What can be made for a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Derive {
    /// `==`: 1 or 0.
    Equal,
    /// `<=>`: negative, 0 or positive.
    Order,
    /// The hash.
    Hash,
    /// The text, as it stands inside of another value.
    Show,
}

/// Factor by which hashes are spread: the golden ratio as a fraction of 2^64.
const SPREAD: i64 = 0x9e37_79b9_7f4a_7c15_u64 as i64;
/// Hash of `none`.
const NONE_HASH: i64 = 0x5bd1_e995;

impl Code<'_, '_> {
    /// The same for expressions.
    pub(crate) fn derive_call(&mut self, derive: Derive, args: &[ExprId], span: Span, want: Want) -> Regs {
        let ty = match args.first() {
            Some(&first) => self.ty_of(first),
            None => Ty::UNIT,
        };
        let values = self.values(args);
        self.at(span);
        self.derived_value(derive, ty, &values, want)
    }

    /// `==`, order, hash or text of values.
    pub(crate) fn derived_value(&mut self, derive: Derive, ty: Ty, values: &[Regs], want: Want) -> Regs {
        let result = if derive == Derive::Show { Ty::STR } else { Ty::INT };
        if derive == Derive::Show {
            return self.shown(ty, values.first().copied().unwrap_or(Regs::NONE), want);
        }
        if let Some(value) = self.own_operator(derive, ty, values, want) {
            return value;
        }
        if let Some(value) = self.simple(derive, ty, values, want) {
            return value;
        }
        let collection = self.low.collection_of(ty);
        if let (Derive::Equal, Some(Collection::List | Collection::Set | Collection::Map)) =
            (derive, collection)
        {
            // By value: see `collections.rs`.
        } else if self.low.is_class(ty)
            || self.low.is_interface(ty)
            || self.low.is_any(ty)
            || self.low.is_array(ty)
        {
            return self.of_object(derive, ty, values, want);
        }
        let all: Vec<u16> = values.iter().flat_map(|value| value.to_vec()).collect();
        let function = self.low.job(Job::Derived(derive, ty));
        let to = self.target(want, result);
        self.b.call(Opcode::Call, function.0, &all, &to);
        to
    }

    /// The method that an enum has for it.
    fn own_operator(&mut self, derive: Derive, ty: Ty, values: &[Regs], want: Want) -> Option<Regs> {
        let &TyKind::Named(id, _) = self.low.types.kind(ty) else { return None };
        if self.low.program.nominals[id.index()].kind != crate::hir::NominalKind::Enum {
            return None;
        }
        let name = match derive {
            Derive::Equal => "==",
            Derive::Order => "<=>",
            Derive::Hash | Derive::Show => "hash",
        };
        let method = self.low.method_named(id, name)?;
        let found = self.low.find_exactly(ty, method, &[]);
        Some(self.call_found(&found, ty, values, found.result, want))
    }

    /// What the machine has for the type.
    fn simple(&mut self, derive: Derive, ty: Ty, values: &[Regs], want: Want) -> Option<Regs> {
        let number = self.is_number(ty);
        let op = match (derive, self.low.types.kind(ty)) {
            (Derive::Equal, _) if number => Opcode::EqI64,
            (Derive::Equal, TyKind::Float) => Opcode::EqF64,
            (Derive::Equal, TyKind::Str) => Opcode::StrEq,
            (Derive::Equal, TyKind::Bytes) => Opcode::BytesEq,
            (Derive::Equal, TyKind::Fn(..)) => Opcode::Same,
            (Derive::Order, TyKind::Str) => Opcode::StrCompare,
            (Derive::Order, TyKind::Bytes) => Opcode::BytesCompare,
            (Derive::Hash, TyKind::Str) => Opcode::StrHash,
            (Derive::Hash, TyKind::Bytes) => Opcode::BytesHash,
            (Derive::Equal, TyKind::Unit | TyKind::Never) => {
                let to = self.target(want, Ty::INT);
                self.b.const_i64(to[0], 1);
                return Some(to);
            }
            (_, TyKind::Unit | TyKind::Never) => {
                let to = self.target(want, Ty::INT);
                self.b.const_i64(to[0], 0);
                return Some(to);
            }
            (Derive::Hash, _) if number => {
                let value = i64::from(*values.first()?.first()?);
                let factor = self.number(SPREAD);
                let product = self.int_temp();
                let to = self.target(want, Ty::INT);
                self.b.insn(Opcode::MulI64, &[product.into(), value, factor.into()]);
                let high = self.int_temp();
                self.b.insn(Opcode::ShruI64Imm, &[high.into(), product.into(), 32]);
                self.b.insn(Opcode::XorI64, &[to[0].into(), product.into(), high.into()]);
                return Some(to);
            }
            (Derive::Order, _) if number => {
                // Greater, less one: -1, 0 or 1 without a branch.
                let (a, b) = (*values.first()?.first()?, *values.get(1)?.first()?);
                let (greater, less) = (self.int_temp(), self.int_temp());
                self.b.insn(Opcode::LtI64, &[greater.into(), b.into(), a.into()]);
                self.b.insn(Opcode::LtI64, &[less.into(), a.into(), b.into()]);
                let to = self.target(want, Ty::INT);
                self.b.insn(Opcode::SubI64, &[to[0].into(), greater.into(), less.into()]);
                return Some(to);
            }
            _ => return None,
        };
        let mut operands = Vec::with_capacity(3);
        for value in values {
            operands.push(i64::from(*value.first()?));
        }
        let to = self.target(want, Ty::INT);
        operands.insert(0, to[0].into());
        self.b.insn(op, &operands);
        Some(to)
    }

    /// Of objects: by their methods, or by identity.
    fn of_object(&mut self, derive: Derive, ty: Ty, values: &[Regs], want: Want) -> Regs {
        let to = self.target(want, Ty::INT);
        let all: Vec<u16> = values.iter().flat_map(|value| value.to_vec()).collect();
        if self.low.is_interface(ty) {
            let what = if derive == Derive::Hash { What::Hash } else { What::Equal };
            if let Target::Interface(selector) = self.low.inner_slot(ty, what) {
                self.b.call(Opcode::CallInterface, selector, &all, &to);
            }
            return to;
        }
        let name = match derive {
            Derive::Equal => "==",
            Derive::Order => "<=>",
            Derive::Hash | Derive::Show => "hash",
        };
        if let Some((method, _)) = self.low.find_declared(ty, name) {
            let found = self.low.find(ty, method, &[]);
            return self.call_found(&found, ty, values, found.result, Want::Into(to));
        }
        match (derive, all.as_slice()) {
            (Derive::Equal, &[a, b]) => self.b.insn(Opcode::Same, &[to[0].into(), a.into(), b.into()]),
            (Derive::Hash, &[object]) if self.low.is_class(ty) => self.identity(ty, object, to[0]),
            _ => self.b.const_i64(to[0], 0),
        }
        to
    }

    /// `to` = the identity number of an object, which it gets when it is asked for it first.
    fn identity(&mut self, ty: Ty, object: u16, to: u16) {
        let Some(offset) = self.low.serial_field(ty) else { return self.b.const_i64(to, 0) };
        let (new, end) = (self.b.block(), self.b.block());
        let number = self.int_temp();
        self.get_field(number, object, TypeId::I64, offset);
        self.b.branch(Opcode::BeqI64Imm, &[number.into(), 0], new, end);
        self.b.start(new);
        self.b.insn(Opcode::Serial, &[number.into()]);
        self.set_field(object, number, TypeId::I64, offset);
        self.b.start(end);
        let factor = self.number(SPREAD);
        self.b.insn(Opcode::MulI64, &[to.into(), number.into(), factor.into()]);
    }
}

impl Lower<'_> {
    /// Whether a type is `Array<T>`.
    pub(crate) fn is_array(&self, ty: Ty) -> bool {
        self.lang.array.is_some()
            && matches!(self.types.kind(ty), TyKind::Named(id, _) if Some(*id) == self.lang.array)
    }

    /// The code of `==`, order, hash or text of a type.
    pub(crate) fn derived(&mut self, derive: Derive, ty: Ty) -> (Builder, Name) {
        if derive == Derive::Show {
            return self.show_function(ty);
        }
        let one = self.rep(ty).regs;
        let count = one.len();
        let params: Vec<TypeId> = match derive {
            Derive::Hash => one.to_vec(),
            _ => one.iter().chain(one.iter()).copied().collect(),
        };
        let word = match derive {
            Derive::Equal => "==",
            Derive::Order => "<=>",
            Derive::Hash | Derive::Show => "hash",
        };
        let name = format!("{word}({})", self.type_name(ty)).into();
        let mut code = Code::bare(self, &params, &[TypeId::I64], name);
        let a: Regs = (0..count as u16).collect();
        let b: Regs = match derive {
            Derive::Hash => Regs::NONE,
            _ => (count as u16..2 * count as u16).collect(),
        };
        match (derive, code.low.types.kind(ty).clone()) {
            (Derive::Order, TyKind::Float) => code.order_floats(a[0], b[0]),
            (Derive::Hash, TyKind::Float) => {
                let bits = code.int_temp();
                code.b.insn(Opcode::F64Bits, &[bits.into(), a[0].into()]);
                let hash = code.derived_value(Derive::Hash, Ty::INT, &[Regs::one(bits)], Want::Any);
                code.b.ret(&hash);
            }
            (_, TyKind::Tuple(parts)) => {
                let mut pairs = Vec::new();
                for (number, &part) in parts.iter().enumerate() {
                    let x = code.part_of(ty, a, number as u32);
                    let y =
                        if derive == Derive::Hash { Regs::NONE } else { code.part_of(ty, b, number as u32) };
                    pairs.push((part, x, y));
                }
                code.parts(derive, &pairs, 0);
            }
            (_, TyKind::Optional(inner)) => code.optional(derive, ty, inner, a, b),
            (_, TyKind::Named(..)) => match code.low.collection_of(ty) {
                Some(collection) => code.equal_collections(collection, ty, a, b),
                None => code.cases(derive, ty, a, b),
            },
            _ => {
                let zero = code.number(0);
                code.b.ret(&[zero]);
            }
        }
        code.done()
    }
}

impl Code<'_, '_> {
    /// Compares parts in order, and returns: `==` at the first that differ, the order of these, or a hash of all that starts
    /// with a seed.
    fn parts(&mut self, derive: Derive, parts: &[(Ty, Regs, Regs)], seed: i64) {
        if derive == Derive::Hash {
            let mut hash = self.number(seed);
            let factor = self.number(31);
            for &(ty, value, _) in parts {
                let of_part = self.derived_value(Derive::Hash, ty, &[value], Want::Any);
                let (product, sum) = (self.int_temp(), self.int_temp());
                self.b.insn(Opcode::MulI64, &[product.into(), hash.into(), factor.into()]);
                self.b.insn(Opcode::AddI64, &[sum.into(), product.into(), of_part[0].into()]);
                hash = sum;
            }
            return self.b.ret(&[hash]);
        }
        for (number, &(ty, a, b)) in parts.iter().enumerate() {
            let mark = self.mark();
            let value = self.derived_value(derive, ty, &[a, b], Want::Any);
            self.release(mark);
            if number + 1 == parts.len() {
                return self.b.ret(&value);
            }
            let (same, differs) = (self.b.block(), self.b.block());
            let wanted = i64::from(derive == Derive::Equal);
            self.b.branch(Opcode::BeqI64Imm, &[value[0].into(), wanted], same, differs);
            self.b.start(differs);
            self.b.ret(&value);
            self.b.start(same);
        }
        let value = self.number(i64::from(derive == Derive::Equal));
        self.b.ret(&[value]);
    }

    /// Optionals: `none` is equal to itself, and before all others.
    fn optional(&mut self, derive: Derive, ty: Ty, inner: Ty, a: Regs, b: Regs) {
        let (some, none) = (self.b.block(), self.b.block());
        self.branch_some(ty, a, some, none);
        if derive == Derive::Hash {
            self.b.start(none);
            let hash = self.number(NONE_HASH);
            self.b.ret(&[hash]);
            self.b.start(some);
            let value = self.unwrapped(ty, a);
            return self.parts(derive, &[(inner, value, Regs::NONE)], 1);
        }
        // The result when: only the first is none, both are none, only the second is none.
        let results = if derive == Derive::Equal { [0, 1, 0] } else { [-1, 0, 1] };
        let (only_a, both, only_b, neither) =
            (self.b.block(), self.b.block(), self.b.block(), self.b.block());
        self.b.start(none);
        self.branch_some(ty, b, only_a, both);
        self.b.start(some);
        self.branch_some(ty, b, neither, only_b);
        for (block, result) in [only_a, both, only_b].into_iter().zip(results) {
            self.b.start(block);
            let value = self.number(result);
            self.b.ret(&[value]);
        }
        self.b.start(neither);
        let (x, y) = (self.unwrapped(ty, a), self.unwrapped(ty, b));
        self.parts(derive, &[(inner, x, y)], 0);
    }

    /// Enums with payload: first by the number of the case, then by the payload.
    fn cases(&mut self, derive: Derive, ty: Ty, a: Regs, b: Regs) {
        let x = self.case_number(ty, a[0]);
        if derive != Derive::Hash {
            let y = self.case_number(ty, b[0]);
            let (same, differs) = (self.b.block(), self.b.block());
            self.b.branch(Opcode::BeqI64, &[x.into(), y.into()], same, differs);
            self.b.start(differs);
            let numbers = [Regs::one(x), Regs::one(y)];
            let result = self.derived_value(derive, Ty::INT, &numbers, Want::Any);
            self.b.ret(&result);
            self.b.start(same);
        }
        let count = self.case_count(ty);
        let blocks: Vec<Block> = (0..count).map(|_| self.b.block()).collect();
        if let Some(&first) = blocks.first() {
            self.b.switch(x, first, &blocks);
        }
        for (case, block) in blocks.into_iter().enumerate() {
            self.b.start(block);
            let mark = self.mark();
            let types = self.case_types(ty, case as u32);
            let left = self.payload_values(ty, case as u32, &types, a[0]);
            let right = match derive {
                Derive::Hash => vec![Regs::NONE; types.len()],
                _ => self.payload_values(ty, case as u32, &types, b[0]),
            };
            let parts: Vec<(Ty, Regs, Regs)> =
                types.into_iter().zip(left).zip(right).map(|((ty, x), y)| (ty, x, y)).collect();
            self.parts(derive, &parts, case as i64 + 1);
            self.release(mark);
        }
    }

    /// How many cases an enum has.
    pub(crate) fn case_count(&self, ty: Ty) -> usize {
        match self.low.types.kind(ty) {
            TyKind::Named(id, _) => self.low.program.nominals[id.index()].cases.len(),
            _ => 0,
        }
    }

    /// The payload of an object that is of this case.
    pub(crate) fn payload_values(&mut self, ty: Ty, case: u32, types: &[Ty], object: u16) -> Vec<Regs> {
        if types.is_empty() {
            return Vec::new();
        }
        let class = self.low.case_class(ty, case);
        let id = self.low.classes[class].id;
        let cast = self.temp(id);
        self.b.insn(Opcode::Cast, &[cast.into(), object.into(), id.0.into()]);
        let mut values = Vec::with_capacity(types.len());
        for (number, &part) in types.iter().enumerate() {
            let fields = self.low.field(class, number as u32);
            let to = self.temps(part);
            for (&(ty, offset), &to) in fields.iter().zip(to.iter()) {
                self.get_field(to, cast, ty, offset);
            }
            values.push(to);
        }
        values
    }

    /// The order of floats: NaN is last, and equal to itself.
    fn order_floats(&mut self, a: u16, b: u16) {
        let (less, not_less, greater, neither) =
            (self.b.block(), self.b.block(), self.b.block(), self.b.block());
        self.b.branch(Opcode::BltF64, &[a.into(), b.into()], less, not_less);
        self.b.start(less);
        let value = self.number(-1);
        self.b.ret(&[value]);
        self.b.start(not_less);
        self.b.branch(Opcode::BltF64, &[b.into(), a.into()], greater, neither);
        self.b.start(greater);
        let value = self.number(1);
        self.b.ret(&[value]);
        self.b.start(neither);
        // Equal, or one of them is NaN: whether `a` is, less whether `b` is.
        let (x, y, result) = (self.int_temp(), self.int_temp(), self.int_temp());
        self.b.insn(Opcode::NeF64, &[x.into(), a.into(), a.into()]);
        self.b.insn(Opcode::NeF64, &[y.into(), b.into(), b.into()]);
        self.b.insn(Opcode::SubI64, &[result.into(), x.into(), y.into()]);
        self.b.ret(&[result]);
    }
}
