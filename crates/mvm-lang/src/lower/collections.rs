//! Text and `==` of the library's collections. They have no methods for that, because these work for all types of elements, also
//! for those without methods; the code here walks them by their own iterators.

use mvm_isa::{Elem, Opcode, TypeId};
use mvm_module::Name;
use mvm_opt::build::Builder;

use super::Lower;
use super::body::{Code, Want};
use super::derive::Derive;
use super::regs::Regs;
use super::work::{Adapter, Job};
use crate::hir::NominalId;
use crate::types::{Ty, TyKind};

/// A collection of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    /// `[T]`
    List,
    /// `Array<T>`
    Array,
    /// `Set<T>`
    Set,
    /// `[K: V]`
    Map,
    /// `a..b`
    Range,
}

impl Lower<'_> {
    /// Which collection a type is.
    pub(crate) fn collection_of(&self, ty: Ty) -> Option<Collection> {
        let &TyKind::Named(id, _) = self.types.kind(ty) else { return None };
        let is = |known: Option<NominalId>| known == Some(id);
        let lang = &self.lang;
        if is(lang.list) {
            Some(Collection::List)
        } else if is(lang.array) {
            Some(Collection::Array)
        } else if is(lang.map) {
            Some(Collection::Map)
        } else if is(lang.set) {
            Some(Collection::Set)
        } else if is(lang.range) {
            Some(Collection::Range)
        } else {
            None
        }
    }

    /// A function that writes a text behind what is in a buffer: gives the buffer, which may be another one then.
    pub(crate) fn append_adapter(&mut self) -> (Builder, Name) {
        let array = TypeId::array_of(Elem::U8);
        let mut code = Code::bare(self, &[array, TypeId::I64, TypeId::STR], &[array], "append".into());
        let (length, end, room, zero) = (code.int_temp(), code.int_temp(), code.int_temp(), code.number(0));
        let (grow, copy) = (code.b.block(), code.b.block());
        let larger = code.temp(array);
        code.b.insn(Opcode::StrLen, &[length.into(), 2]);
        code.b.insn(Opcode::AddI64, &[end.into(), 1, length.into()]);
        code.b.insn(Opcode::ArrayLen, &[room.into(), 0]);
        code.b.branch(Opcode::BleI64, &[end.into(), room.into()], copy, grow);
        code.b.start(grow);
        code.b.insn(Opcode::AddI64, &[room.into(), room.into(), end.into()]);
        code.b.insn(Opcode::NewArray, &[larger.into(), array.0.into(), room.into()]);
        code.b.insn(Opcode::ArrayCopy, &[larger.into(), zero.into(), 0, zero.into(), 1]);
        code.b.mov(0, larger);
        code.b.start(copy);
        code.b.insn(Opcode::ArrayCopyStr, &[0, 1, 2, zero.into(), length.into()]);
        code.b.ret(&[0]);
        code.done()
    }
}

/// A text that grows.
#[derive(Debug, Clone, Copy)]
struct Text {
    buffer: u16,
    used: u16,
    piece: u16,
}

impl Code<'_, '_> {
    /// Calls a method without type arguments by its name; gives the result and its type.
    fn call_named(&mut self, ty: Ty, name: &str, values: &[Regs]) -> (Regs, Ty) {
        let Some((method, _)) = self.low.find_declared(ty, name) else { return (Regs::NONE, Ty::UNIT) };
        let found = self.low.find(ty, method, &[]);
        let result = self.call_found(&found, ty, values, found.result, Want::Any);
        (result, found.result)
    }

    /// Walks a collection: `each` makes the code for an element.
    fn walk(&mut self, ty: Ty, value: Regs, each: &mut impl FnMut(&mut Self, Ty, Regs)) {
        let (iterator, iterator_ty) = self.call_named(ty, "iter", &[value]);
        let (turn, test, end) = (self.b.block(), self.b.block(), self.b.block());
        self.b.start(test);
        let (more, _) = self.call_named(iterator_ty, "has_next", &[iterator]);
        let Some(&more) = more.first() else { return };
        self.b.branch(Opcode::BneI64Imm, &[more.into(), 0], turn, end);
        self.b.start(turn);
        let (item, item_ty) = self.call_named(iterator_ty, "next", &[iterator]);
        each(self, item_ty, item);
        self.b.jump(test);
        self.b.start(end);
    }

    fn new_text(&mut self) -> Text {
        let array = TypeId::array_of(Elem::U8);
        let text = Text { buffer: self.temp(array), used: self.number(0), piece: self.temp(TypeId::STR) };
        let room = self.number(32);
        self.b.insn(Opcode::NewArray, &[text.buffer.into(), array.0.into(), room.into()]);
        text
    }

    fn append(&mut self, text: Text, piece: u16) {
        let function = self.low.job(Job::Adapter(Adapter::Append));
        self.b.call(Opcode::Call, function.0, &[text.buffer, text.used, piece], &[text.buffer]);
        let mark = self.mark();
        let length = self.int_temp();
        self.b.insn(Opcode::StrLen, &[length.into(), piece.into()]);
        self.b.insn(Opcode::AddI64, &[text.used.into(), text.used.into(), length.into()]);
        self.release(mark);
    }

    fn append_known(&mut self, text: Text, known: &str) {
        self.text(text.piece, &known.into());
        self.append(text, text.piece);
    }

    /// The text of a collection, which is returned.
    pub(crate) fn show_collection(&mut self, collection: Collection, ty: Ty, value: Regs) {
        if collection == Collection::Range {
            return self.show_range(ty, value[0]);
        }
        let text = self.new_text();
        let first = self.number(1);
        self.append_known(text, if collection == Collection::Set { "Set(" } else { "[" });
        self.walk(ty, value, &mut |code, item_ty, item| {
            let (comma, next) = (code.b.block(), code.b.block());
            code.b.branch(Opcode::BneI64Imm, &[first.into(), 0], next, comma);
            code.b.start(comma);
            code.append_known(text, ", ");
            code.b.start(next);
            code.b.const_i64(first, 0);
            match (collection, code.low.types.kind(item_ty).clone()) {
                (Collection::Map, TyKind::Tuple(parts)) => {
                    let key = code.part_of(item_ty, item, 0);
                    let shown = code.shown(parts[0], key, Want::Any);
                    code.append(text, shown[0]);
                    code.append_known(text, ": ");
                    let value = code.part_of(item_ty, item, 1);
                    let shown = code.shown(parts[1], value, Want::Any);
                    code.append(text, shown[0]);
                }
                _ => {
                    let shown = code.shown(item_ty, item, Want::Any);
                    code.append(text, shown[0]);
                }
            }
        });
        if collection == Collection::Map {
            let (empty, close) = (self.b.block(), self.b.block());
            self.b.branch(Opcode::BneI64Imm, &[first.into(), 0], empty, close);
            self.b.start(empty);
            self.append_known(text, ":");
            self.b.start(close);
        }
        self.append_known(text, if collection == Collection::Set { ")" } else { "]" });
        let zero = self.number(0);
        let result = self.temp(TypeId::STR);
        let operands = [result, text.buffer, zero, text.used].map(i64::from);
        self.b.insn(Opcode::StrFromArray, &operands);
        self.b.ret(&[result]);
    }

    fn show_range(&mut self, ty: Ty, object: u16) {
        let class = self.low.class(ty);
        let mut pieces = Vec::new();
        for number in 0..2 {
            if number == 1 {
                let dots = self.temp(TypeId::STR);
                self.text(dots, &"..".into());
                pieces.push(dots);
            }
            let value = self.int_temp();
            for &(ty, offset) in self.low.field(class, number).iter().take(1) {
                self.get_field(value, object, ty, offset);
            }
            pieces.extend(self.shown(Ty::INT, Regs::one(value), Want::Any).first());
        }
        let to = self.temp(TypeId::STR);
        self.join(&pieces, to);
        self.b.ret(&[to]);
    }

    /// Whether two collections are equal, which is returned.
    pub(crate) fn equal_collections(&mut self, collection: Collection, ty: Ty, a: Regs, b: Regs) {
        let (differ, same) = (self.b.block(), self.b.block());
        if collection == Collection::List {
            let (other, other_ty) = self.call_named(ty, "iter", &[b]);
            let lengths = self.same_lengths(ty, a, b, differ);
            self.b.start(lengths);
            self.walk(ty, a, &mut |code, item_ty, item| {
                let (found, _) = code.call_named(other_ty, "next", &[other]);
                code.go_on_if_equal(item_ty, item, found, differ);
            });
        } else {
            let lengths = self.same_lengths(ty, a, b, differ);
            self.b.start(lengths);
            self.walk(ty, a, &mut |code, item_ty, item| match code.low.types.kind(item_ty).clone() {
                TyKind::Tuple(parts) if collection == Collection::Map => {
                    let key = code.part_of(item_ty, item, 0);
                    let value = code.part_of(item_ty, item, 1);
                    let (found, found_ty) = code.call_named(ty, "[]", &[b, key]);
                    let there = code.b.block();
                    code.branch_some(found_ty, found, there, differ);
                    code.b.start(there);
                    // The value of an optional type is optional itself already.
                    let of_value = if found_ty == parts[1] { found } else { code.unwrapped(found_ty, found) };
                    code.go_on_if_equal(parts[1], value, of_value, differ);
                }
                _ => {
                    let (found, _) = code.call_named(ty, "contains", &[b, item]);
                    let next = code.b.block();
                    if let Some(&found) = found.first() {
                        code.b.branch(Opcode::BneI64Imm, &[found.into(), 0], next, differ);
                    }
                    code.b.start(next);
                }
            });
        }
        self.b.jump(same);
        for (block, result) in [(same, 1), (differ, 0)] {
            self.b.start(block);
            let value = self.number(result);
            self.b.ret(&[value]);
        }
    }

    /// Goes to `differ` unless both have as many elements; else to the block that comes back.
    fn same_lengths(
        &mut self,
        ty: Ty,
        a: Regs,
        b: Regs,
        differ: mvm_opt::build::Block,
    ) -> mvm_opt::build::Block {
        let same = self.b.block();
        let (x, _) = self.call_named(ty, "len", &[a]);
        let (y, _) = self.call_named(ty, "len", &[b]);
        match (x.first(), y.first()) {
            (Some(&x), Some(&y)) => self.b.branch(Opcode::BeqI64, &[x.into(), y.into()], same, differ),
            _ => self.b.jump(same),
        }
        same
    }

    fn go_on_if_equal(&mut self, ty: Ty, a: Regs, b: Regs, differ: mvm_opt::build::Block) {
        let equal = self.derived_value(Derive::Equal, ty, &[a, b], Want::Any);
        let next = self.b.block();
        if let Some(&equal) = equal.first() {
            self.b.branch(Opcode::BneI64Imm, &[equal.into(), 0], next, differ);
        }
        self.b.start(next);
    }
}
