//! Values as text.
//!
//! Numbers and texts have instructions; for the rest a function is made for the type. A class, enum or interface with a
//! method `show` uses that.
//!
//! **Circles.** Objects can refer to each other in circles, and their text must end. So every function that shows an object
//! takes a *chain*: the objects that are being shown around it, a list of links on the heap. One that is in the chain already is
//! written `...`. Methods `show` of the program are compiled once more for that, with the chain as a parameter that the text does
//! not have: what they show themselves, closures in them included, gets it. So a list hands it on to its elements, although its
//! `show` is ordinary code of the library.

use std::sync::Arc;

use mvm_diag::Span;
use mvm_isa::{Opcode, TypeId};
use mvm_module::{FuncId, Name};
use mvm_opt::build::Builder;

use super::Lower;
use super::body::{Code, Want};
use super::classes::Kind;
use super::derive::Derive;
use super::dispatch::{Target, What};
use super::regs::Regs;
use super::work::Job;
use crate::hir::{ExprId, ExprKind};
use crate::types::{Ty, TyKind};

impl Code<'_, '_> {
    /// A value as text by itself: a text is not quoted.
    pub(crate) fn show_expr(&mut self, expr: ExprId, span: Span, want: Want) -> Regs {
        let ty = self.ty_of(expr);
        if ty == Ty::STR {
            return self.eval(expr, want);
        }
        let value = self.value(expr);
        self.at(span);
        if self.low.is_interface(ty) {
            let target = self.low.inner_slot(ty, What::Text);
            return self.show_by(target, value, want);
        }
        if self.low.types.inner(ty) != Some(Ty::STR) {
            return self.shown(ty, value, want);
        }
        // A text that is there is not quoted either.
        let to = self.target(want, Ty::STR);
        let (some, none, end) = (self.b.block(), self.b.block(), self.b.block());
        self.branch_some(ty, value, some, none);
        self.b.start(none);
        self.text(to[0], &"none".into());
        self.b.jump(end);
        self.b.start(some);
        self.copy(to, value);
        self.b.start(end);
        to
    }

    /// Texts and values, joined.
    pub(crate) fn interpolate(&mut self, parts: &[ExprId], span: Span, want: Want) -> Regs {
        let mark = self.mark();
        let mut pieces = Vec::with_capacity(parts.len());
        for (number, &part) in parts.iter().enumerate() {
            if matches!(&self.expr(part).kind, ExprKind::Str(text) if text.is_empty()) {
                continue;
            }
            let mut piece = self.show_expr(part, self.expr(part).span, Want::Any);
            if self.varies(piece) && parts[number + 1..].iter().any(|&later| self.assigns(later)) {
                piece = self.fresh_copy(piece);
            }
            pieces.extend(piece.first());
        }
        self.at(span);
        if want != Want::Any {
            let to = self.target(want, Ty::STR);
            self.join(&pieces, to[0]);
            self.release(mark);
            return to;
        }
        let to = self.temps(Ty::STR);
        self.join(&pieces, to[0]);
        to
    }

    /// `to` = texts, joined: two halves, joined likewise, so that no text is copied often.
    pub(crate) fn join(&mut self, pieces: &[u16], to: u16) {
        match *pieces {
            [] => self.text(to, &"".into()),
            [one] => self.b.mov(to, one),
            [a, b] => self.b.insn(Opcode::StrConcat, &[to.into(), a.into(), b.into()]),
            ref several => {
                let (left, right) = several.split_at(several.len() / 2);
                let a = self.half(left);
                let b = self.half(right);
                self.b.insn(Opcode::StrConcat, &[to.into(), a.into(), b.into()]);
            }
        }
    }

    fn half(&mut self, pieces: &[u16]) -> u16 {
        if let [one] = *pieces {
            return one;
        }
        let to = self.temp(TypeId::STR);
        self.join(pieces, to);
        to
    }

    /// A value as text, as it stands inside of another value: texts are quoted.
    pub(crate) fn shown(&mut self, ty: Ty, value: Regs, want: Want) -> Regs {
        let to = self.target(want, Ty::STR);
        let result = to[0];
        let first = value.first().copied();
        match (self.low.types.kind(ty), first) {
            (TyKind::Int, Some(value)) => self.b.insn(Opcode::StrFromInt, &[result.into(), value.into()]),
            (TyKind::Float, Some(value)) => self.b.insn(Opcode::StrFromFloat, &[result.into(), value.into()]),
            (TyKind::Unit | TyKind::Never, _) => self.text(result, &"()".into()),
            (TyKind::Fn(..), _) => self.text(result, &"fn".into()),
            _ => match self.low.show_target(ty) {
                Some(target) => return self.show_by(target, value, Want::Into(to)),
                None => self.text(result, &"any".into()),
            },
        }
        to
    }

    /// The text that a function or slot gives for a value and the chain.
    fn show_by(&mut self, target: Target, value: Regs, want: Want) -> Regs {
        let to = self.target(want, Ty::STR);
        let chain = match self.chain {
            Some(chain) => chain,
            None => {
                let none = self.low.chain_type();
                let chain = self.temp(none);
                self.b.insn(Opcode::ConstNull, &[chain.into()]);
                chain
            }
        };
        let all: Vec<u16> = value.iter().copied().chain([chain]).collect();
        let (op, number) = match target {
            Target::Virtual(slot) => (Opcode::CallVirtual, slot as u32),
            Target::Interface(selector) => (Opcode::CallInterface, selector),
            Target::Direct(function) => (Opcode::Call, function.0),
            Target::Derived(_) => return to,
        };
        self.b.call(op, number, &all, &to);
        to
    }

    /// The text of a type that has no `show`, which is returned. Parameters: the value, and the chain.
    fn show_parts(&mut self, ty: Ty, value: Regs) {
        match self.low.types.kind(ty).clone() {
            TyKind::Str => self.quoted(value[0]),
            TyKind::Bool => {
                let (yes, no) = (self.b.block(), self.b.block());
                self.b.branch(Opcode::BneI64Imm, &[value[0].into(), 0], yes, no);
                for (block, text) in [(yes, "true"), (no, "false")] {
                    self.b.start(block);
                    self.return_text(text);
                }
            }
            TyKind::Bytes => {
                let length = self.int_temp();
                self.b.insn(Opcode::BytesLen, &[length.into(), value[0].into()]);
                let mut pieces = Pieces::default();
                pieces.text("bytes(");
                self.piece(&mut pieces, Ty::INT, Regs::one(length));
                pieces.text(")");
                self.return_pieces(&pieces);
            }
            TyKind::Optional(inner) => {
                let (some, none) = (self.b.block(), self.b.block());
                self.branch_some(ty, value, some, none);
                self.b.start(none);
                self.return_text("none");
                self.b.start(some);
                let value = self.unwrapped(ty, value);
                let text = self.shown(inner, value, Want::Any);
                self.b.ret(&text);
            }
            TyKind::Tuple(parts) => {
                let mut pieces = Pieces::default();
                for (number, &part) in parts.iter().enumerate() {
                    pieces.text(if number == 0 { "(" } else { ", " });
                    let found = self.part_of(ty, value, number as u32);
                    self.piece(&mut pieces, part, found);
                }
                pieces.text(")");
                self.return_pieces(&pieces);
            }
            TyKind::Named(..) => match self.low.collection_of(ty) {
                Some(collection) => self.show_collection(collection, ty, value),
                None if self.low.is_class(ty) => self.show_class(ty, value[0]),
                None => self.show_enum(ty, value),
            },
            _ => self.return_text("?"),
        }
    }

    fn show_enum(&mut self, ty: Ty, value: Regs) {
        let program = self.low.program;
        let TyKind::Named(id, _) = *self.low.types.kind(ty) else { return self.return_text("?") };
        let cases = &program.nominals[id.index()].cases;
        let plain = self.low.is_plain_enum(ty);
        let number = if plain { value[0] } else { self.case_number(ty, value[0]) };
        let blocks: Vec<_> = cases.iter().map(|_| self.b.block()).collect();
        match blocks.first() {
            Some(&first) => self.b.switch(number, first, &blocks),
            None => return self.return_text("?"),
        }
        for (case, block) in blocks.into_iter().enumerate() {
            self.b.start(block);
            let declared = &cases[case];
            if declared.fields.is_empty() {
                self.return_text(&declared.name);
                continue;
            }
            let mark = self.mark();
            let types = self.case_types(ty, case as u32);
            let values = self.payload_values(ty, case as u32, &types, value[0]);
            let mut pieces = Pieces::default();
            for (number, ((name, _), (&part, value))) in
                declared.fields.iter().zip(types.iter().zip(values)).enumerate()
            {
                let before = if number == 0 { format!("{}(", declared.name) } else { ", ".into() };
                pieces.text(&format!("{before}{name}: "));
                self.piece(&mut pieces, part, value);
            }
            pieces.text(")");
            self.return_pieces(&pieces);
            self.release(mark);
        }
    }

    /// `Account(owner: "Ann", balance: 3)`, with the fields of the bases first.
    fn show_class(&mut self, ty: Ty, object: u16) {
        let program = self.low.program;
        let mut levels = vec![ty];
        while let Some(base) = self.low.base_of(levels[levels.len() - 1]) {
            levels.push(base);
        }
        let outer = self.chain.unwrap_or(0);
        let link = self.look_in_chain(object, outer);
        self.chain = Some(link);
        let mut pieces = Pieces::default();
        if let Some((id, _)) = self.low.nominal_of(ty) {
            pieces.text(&format!("{}(", program.nominals[id.index()].name));
        }
        let mut first = true;
        for level in levels.into_iter().rev() {
            let Some((id, args)) = self.low.nominal_of(level) else { continue };
            let nominal = &program.nominals[id.index()];
            let class = self.low.class(level);
            for (number, field) in nominal.fields.iter().enumerate() {
                let field_ty = self.low.types.subst(field.ty, &nominal.generics, &args);
                let slots = self.low.field(class, number as u32);
                let to = self.temps(field_ty);
                for (&(ty, offset), &to) in slots.iter().zip(to.iter()) {
                    self.get_field(to, object, ty, offset);
                }
                pieces.text(&format!("{}{}: ", if first { "" } else { ", " }, field.name));
                first = false;
                self.piece(&mut pieces, field_ty, to);
            }
        }
        pieces.text(")");
        self.return_pieces(&pieces);
    }

    /// Returns `...` when the object is in the chain; else gives a chain with it.
    fn look_in_chain(&mut self, object: u16, outer: u16) -> u16 {
        let class = self.low.chain_class();
        let id = self.low.classes[class].id;
        let fields = self.low.own_fields(class);
        let link = self.b.register(id);
        let (test, found) = (self.int_temp(), self.temp(TypeId::ANY));
        self.b.mov(link, outer);
        let (turn, look, same, next, new) =
            (self.b.block(), self.b.block(), self.b.block(), self.b.block(), self.b.block());
        self.b.start(turn);
        self.b.branch(Opcode::Bnull, &[link.into()], new, look);
        self.b.start(look);
        self.get_field(found, link, fields[0].0, fields[0].1);
        self.b.insn(Opcode::Same, &[test.into(), found.into(), object.into()]);
        self.b.branch(Opcode::BneI64Imm, &[test.into(), 0], same, next);
        self.b.start(same);
        self.return_text("...");
        self.b.start(next);
        self.get_field(link, link, fields[1].0, fields[1].1);
        self.b.jump(turn);
        self.b.start(new);
        self.b.new_with(link, id, &[object, outer]);
        link
    }

    fn return_text(&mut self, text: &str) {
        let to = self.temp(TypeId::STR);
        self.text(to, &text.into());
        self.b.ret(&[to]);
    }

    fn piece(&mut self, pieces: &mut Pieces, ty: Ty, value: Regs) {
        self.flush(pieces);
        let text = self.shown(ty, value, Want::Any);
        pieces.done.push(text[0]);
    }

    fn flush(&mut self, pieces: &mut Pieces) {
        if !pieces.waiting.is_empty() {
            let to = self.temp(TypeId::STR);
            let text: Arc<str> = std::mem::take(&mut pieces.waiting).into();
            self.text(to, &text);
            pieces.done.push(to);
        }
    }

    fn return_pieces(&mut self, pieces: &Pieces) {
        let mut all = Pieces { done: pieces.done.clone(), waiting: pieces.waiting.clone() };
        self.flush(&mut all);
        let to = self.temp(TypeId::STR);
        self.join(&all.done, to);
        self.b.ret(&[to]);
    }

    /// Returns a text in quotes, with escapes for what cannot stand there as it is.
    fn quoted(&mut self, text: u16) {
        let (out, piece) = (self.temp(TypeId::STR), self.temp(TypeId::STR));
        let (start, at, length, byte) = (self.int_temp(), self.int_temp(), self.int_temp(), self.int_temp());
        let (turn, look, high, special, plain, end) =
            (self.b.block(), self.b.block(), self.b.block(), self.b.block(), self.b.block(), self.b.block());
        self.text(out, &"\"".into());
        self.b.const_i64(start, 0);
        self.b.const_i64(at, 0);
        self.b.insn(Opcode::StrLen, &[length.into(), text.into()]);
        self.b.start(turn);
        self.b.branch(Opcode::BltI64, &[at.into(), length.into()], look, end);
        self.b.start(look);
        self.b.insn(Opcode::StrByte, &[byte.into(), text.into(), at.into()]);
        self.b.branch(Opcode::BltI64Imm, &[byte.into(), 32], special, high);
        self.b.start(high);
        let not_quote = self.b.block();
        self.b.branch(Opcode::BeqI64Imm, &[byte.into(), b'"'.into()], special, not_quote);
        self.b.start(not_quote);
        self.b.branch(Opcode::BeqI64Imm, &[byte.into(), b'\\'.into()], special, plain);
        self.b.start(special);
        self.b.insn(Opcode::StrSlice, &[piece.into(), text.into(), start.into(), at.into()]);
        self.b.insn(Opcode::StrConcat, &[out.into(), out.into(), piece.into()]);
        self.escape(byte, piece);
        self.b.insn(Opcode::StrConcat, &[out.into(), out.into(), piece.into()]);
        self.b.insn(Opcode::AddI64Imm, &[start.into(), at.into(), 1]);
        self.b.start(plain);
        self.b.insn(Opcode::AddI64Imm, &[at.into(), at.into(), 1]);
        self.b.jump(turn);
        self.b.start(end);
        self.b.insn(Opcode::StrSlice, &[piece.into(), text.into(), start.into(), length.into()]);
        self.b.insn(Opcode::StrConcat, &[out.into(), out.into(), piece.into()]);
        self.text(piece, &"\"".into());
        self.b.insn(Opcode::StrConcat, &[out.into(), out.into(), piece.into()]);
        self.b.ret(&[out]);
    }

    /// `to` = the escape of a byte.
    fn escape(&mut self, byte: u16, to: u16) {
        let end = self.b.block();
        let known = [(34, "\\\""), (92, "\\\\"), (10, "\\n"), (9, "\\t"), (13, "\\r"), (0, "\\0")];
        for (code, text) in known {
            let (yes, no) = (self.b.block(), self.b.block());
            self.b.branch(Opcode::BeqI64Imm, &[byte.into(), code], yes, no);
            self.b.start(yes);
            self.text(to, &text.into());
            self.b.jump(end);
            self.b.start(no);
        }
        let (radix, digits, brace) = (self.number(16), self.temp(TypeId::STR), self.temp(TypeId::STR));
        self.b.insn(Opcode::StrFromIntRadix, &[digits.into(), byte.into(), radix.into()]);
        self.text(brace, &"\\u{".into());
        self.b.insn(Opcode::StrConcat, &[digits.into(), brace.into(), digits.into()]);
        self.text(brace, &"}".into());
        self.b.insn(Opcode::StrConcat, &[to.into(), digits.into(), brace.into()]);
        self.b.start(end);
    }
}

/// Texts that are to be joined.
#[derive(Debug, Default)]
struct Pieces {
    done: Vec<u16>,
    /// Text that is known now, up to the next value.
    waiting: String,
}

impl Pieces {
    fn text(&mut self, text: &str) {
        self.waiting.push_str(text);
    }
}

impl Lower<'_> {
    /// The class of the links of chains.
    pub(crate) fn chain_class(&mut self) -> usize {
        match self.chain_link {
            Some(known) => known,
            None => {
                let class = self.new_chain_class();
                self.chain_link = Some(class);
                class
            }
        }
    }

    /// The type of a chain.
    pub(crate) fn chain_type(&mut self) -> TypeId {
        let class = self.chain_class();
        self.classes[class].id
    }

    /// Who shows a value of a type.
    pub(crate) fn show_target(&mut self, ty: Ty) -> Option<Target> {
        if self.is_any(ty) {
            return None;
        }
        if self.is_interface(ty) {
            return Some(self.inner_slot(ty, What::Show));
        }
        if self.is_class(ty)
            && let Some((id, _)) = self.nominal_of(ty)
            && self.has_below[id.index()]
        {
            return Some(self.inner_slot(ty, What::Show));
        }
        Some(Target::Direct(self.show_exactly(ty)))
    }

    /// The function that shows a value of exactly this class or type.
    pub(crate) fn show_exactly(&mut self, ty: Ty) -> FuncId {
        if matches!(self.types.kind(ty), TyKind::Named(..))
            && let Some((method, args)) = self.find_named(ty, "show")
            && self.program.fns[method.index()].params.len() == 1
        {
            return self.instance(method, args.into(), true);
        }
        self.job(Job::Derived(Derive::Show, ty))
    }

    /// The function that shows values of a type which has no method for that.
    pub(crate) fn show_function(&mut self, ty: Ty) -> (Builder, Name) {
        let mut params = self.rep(ty).regs.to_vec();
        params.push(self.chain_type());
        let name = format!("show({})", self.type_name(ty)).into();
        let mut code = Code::bare(self, &params, &[TypeId::STR], name);
        let count = params.len() as u16 - 1;
        code.chain = Some(count);
        match code.low.types.kind(ty) {
            // Only as boxed values of interfaces: elsewhere there are instructions.
            TyKind::Int | TyKind::Float | TyKind::Unit | TyKind::Fn(..) => {
                let text = code.shown(ty, (0..count).collect(), Want::Any);
                code.b.ret(&text);
            }
            _ => code.show_parts(ty, (0..count).collect()),
        }
        code.done()
    }

    fn new_chain_class(&mut self) -> usize {
        let class = self.add_plain_class("shown");
        let id = self.classes[class].id;
        self.lay_out(class, vec![("object".into(), TypeId::ANY), ("outer".into(), id)]);
        debug_assert_eq!(self.classes[class].kind, Kind::Cell);
        class
    }
}
