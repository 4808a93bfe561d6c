//! Functions that stand between two that do not fit: what takes the object of a slot, a method as value, a class or a case as
//! function, and the main function of the machine.

use std::rc::Rc;

use mvm_isa::{Opcode, TypeId};
use mvm_module::{Name, TypeDef};
use mvm_opt::build::Builder;

use super::Lower;
use super::body::{Code, Want};
use super::classes::Kind;
use super::derive::Derive;
use super::dispatch::{Slot, What};
use super::regs::Regs;
use super::work::Adapter;
use crate::hir::FnId;
use crate::types::{Ty, TyKind};

impl Lower<'_> {
    /// The code of an adapter.
    pub(crate) fn adapter(&mut self, adapter: Adapter) -> (Builder, Name) {
        match adapter {
            Adapter::Slot { class, slot } => self.slot_adapter(class, slot),
            Adapter::Method { of, method, own } => self.method_adapter(of, method, &own),
            Adapter::New { of, init } => {
                let (params, _) = {
                    let args = self.nominal_of(of).map(|(_, args)| args).unwrap_or_default();
                    self.method_types(init, &args)
                };
                let class = self.class(of);
                self.make(class);
                let id = self.classes[class].id;
                let flat = self.flat(&params);
                let name = self.type_name(of).into();
                let mut code = Code::bare(self, &flat, &[id], name);
                let values = code.arguments(&params, 0);
                let object = code.temp(id);
                code.b.insn(Opcode::New, &[object.into(), id.0.into()]);
                code.call_init(of, init, object, &values);
                code.b.ret(&[object]);
                code.done()
            }
            Adapter::Case { of, case } => self.case_adapter(of, case),
            Adapter::PackCase(of) => self.pack_case(of),
            Adapter::Unpack { function, class } => {
                let id = self.classes[class].id;
                let fields = self.own_fields(class);
                let mut code = Code::bare(self, &[id], &[], "spawned".into());
                let mut all = Vec::with_capacity(fields.len());
                for &(ty, offset) in fields.iter() {
                    let to = code.b.register(ty);
                    code.get_field(to, 0, ty, offset);
                    all.push(to);
                }
                code.b.call(Opcode::Call, function.0, &all, &[]);
                code.b.ret(&[]);
                code.done()
            }
            Adapter::Append => self.append_adapter(),
            Adapter::Main(main) => self.main_adapter(main),
            Adapter::Tests => self.tests_adapter(),
        }
    }

    /// What objects of a class do for a slot.
    fn slot_adapter(&mut self, class: usize, slot: Slot) -> (Builder, Name) {
        let info = self.slot_info(slot).clone();
        let (id, of, kind) = {
            let class = &self.classes[class];
            (class.id, class.of, class.kind)
        };
        let params: Vec<TypeId> = [id].into_iter().chain(info.signature.params.iter().copied()).collect();
        let name = format!("{}.{}", self.classes[class].name, info.name).into();
        let mut code = Code::bare(self, &params, &info.signature.results, name);
        // The value that the object stands for.
        let own = if kind == Kind::Boxed || kind == Kind::Enum && code.low.is_plain_enum(of) {
            let to = code.own_registers(of);
            code.fields_of(0, class, to);
            to
        } else {
            Regs::one(0)
        };
        match info.what {
            What::Method(method) => {
                let found = if kind == Kind::Boxed && code.low.is_class(of) {
                    code.low.find(of, method, &[])
                } else {
                    code.low.find_exactly(of, method, &[])
                };
                let mut values = vec![own];
                let given = code.arguments(&info.params, 1);
                for ((&value, &from), &to) in given.iter().zip(info.params.iter()).zip(found.params.iter()) {
                    values.push(code.converted(value, from, to));
                }
                let result = code.call_found(&found, of, &values, info.result, Want::Any);
                code.b.ret(&result);
            }
            What::Text if of == Ty::STR => code.b.ret(&own),
            What::Show | What::Text => {
                let chain = params.len() as u16 - 1;
                code.chain = Some(chain);
                if code.low.is_class(of) && kind == Kind::Declared {
                    let function = code.low.show_exactly(of);
                    let to = code.temp(TypeId::STR);
                    code.b.call(Opcode::Call, function.0, &[0, chain], &[to]);
                    code.b.ret(&[to]);
                } else {
                    let text = code.shown(of, own, Want::Any);
                    code.b.ret(&text);
                }
            }
            What::Equal => code.equal_any(of, kind, class, own),
            What::Hash => {
                let hash = code.derived_value(Derive::Hash, of, &[own], Want::Any);
                code.b.ret(&hash);
            }
        }
        code.done()
    }

    fn method_adapter(&mut self, of: Ty, method: FnId, own: &Rc<[Ty]>) -> (Builder, Name) {
        let found = self.find(of, method, own);
        let object = self.rep(of).regs;
        let params: Vec<TypeId> = object.iter().copied().chain(self.flat(&found.params)).collect();
        let results = self.rep(found.result).regs.to_vec();
        let name = format!("{}.value", self.program.fns[method.index()].name).into();
        let mut code = Code::bare(self, &params, &results, name);
        let mut values = vec![(0..object.len() as u16).collect()];
        values.extend(code.arguments(&found.params, object.len() as u16));
        let result = code.call_found(&found, of, &values, found.result, Want::Any);
        code.b.ret(&result);
        code.done()
    }

    fn case_adapter(&mut self, of: Ty, case: u32) -> (Builder, Name) {
        let class = self.case_class(of, case);
        let fields = self.own_fields(class);
        let params: Vec<TypeId> = fields.iter().map(|&(ty, _)| ty).collect();
        let results = self.rep(of).regs.to_vec();
        let (id, name) = (self.classes[class].id, self.classes[class].name.clone());
        let plain = self.is_plain_enum(of);
        let mut code = Code::bare(self, &params, &results, name);
        let number = code.number(case.into());
        if plain {
            code.b.ret(&[number]);
            return code.done();
        }
        let object = code.temp(id);
        let all: Vec<u16> = [number].into_iter().chain(0..params.len() as u16).collect();
        code.b.new_with(object, id, &all);
        code.b.ret(&[object]);
        code.done()
    }

    /// An object of the class of a case, from its number.
    fn pack_case(&mut self, of: Ty) -> (Builder, Name) {
        let base = self.enum_class(of);
        let (id, name) = (self.classes[base].id, format!("pack({})", self.classes[base].name).into());
        let mut code = Code::bare(self, &[TypeId::I64], &[id], name);
        let blocks: Vec<_> = (0..code.case_count(of)).map(|_| code.b.block()).collect();
        match blocks.first() {
            Some(&first) => code.b.switch(0, first, &blocks),
            None => code.b.unreachable(),
        }
        let object = code.temp(id);
        for (case, block) in blocks.into_iter().enumerate() {
            code.b.start(block);
            let class = code.low.case_class(of, case as u32);
            let id = code.low.classes[class].id;
            code.b.new_with(object, id, &[0]);
            code.b.ret(&[object]);
        }
        code.done()
    }

    /// The main function of the machine, which takes nothing or the arguments and gives nothing or the status.
    fn main_adapter(&mut self, main: FnId) -> (Builder, Name) {
        let function = &self.program.fns[main.index()];
        let takes = function.params.first().map(|param| param.ty);
        let params: &[TypeId] = if takes.is_some() { &[TypeId::ARRAY_STR] } else { &[] };
        let gives = function.result == Ty::INT;
        let results: &[TypeId] = if gives { &[TypeId::I64] } else { &[] };
        let span = function.span;
        let callee = self.instance(main, [].into(), false);
        let mut code = Code::bare(self, params, results, "start".into());
        code.at(span);
        let mut args = Vec::new();
        if let Some(list) = takes {
            let to = code.temps(list);
            code.list_call(Ty::STR, 0, to);
            args.extend_from_slice(&to);
        }
        let to = if gives { code.temps(Ty::INT) } else { Regs::NONE };
        code.b.call(Opcode::Call, callee.0, &args, &to);
        code.b.ret(&to);
        code.done()
    }

    /// Runs the test whose number is the first argument; 2 when there is none.
    fn tests_adapter(&mut self) -> (Builder, Name) {
        let tests = &self.program.tests;
        let mut code = Code::bare(self, &[TypeId::ARRAY_STR], &[TypeId::I64], "start".into());
        let (count, ok, number, zero) = (code.int_temp(), code.int_temp(), code.int_temp(), code.number(0));
        let text = code.temp(TypeId::STR);
        let (none, some, known) = (code.b.block(), code.b.block(), code.b.block());
        code.b.insn(Opcode::ArrayLen, &[count.into(), 0]);
        code.b.branch(Opcode::BeqI64Imm, &[count.into(), 0], none, some);
        code.b.start(some);
        code.b.insn(Opcode::GetRef, &[text.into(), 0, zero.into()]);
        code.b.insn(Opcode::StrToInt, &[ok.into(), number.into(), text.into()]);
        code.b.branch(Opcode::BeqI64Imm, &[ok.into(), 0], none, known);
        code.b.start(known);
        let blocks: Vec<_> = tests.iter().map(|_| code.b.block()).collect();
        code.b.switch(number, none, &blocks);
        for (test, block) in tests.iter().zip(blocks) {
            code.b.start(block);
            code.at(test.span);
            let function = code.low.instance(test.function, [].into(), false);
            code.b.call(Opcode::Call, function.0, &[], &[]);
            code.b.ret(&[zero]);
        }
        code.b.start(none);
        let status = code.number(2);
        code.b.ret(&[status]);
        code.done()
    }

    /// The function of a slot of classes without method tables: it tests for the classes, those furthest below first.
    pub(crate) fn dispatch(&mut self, slot: usize) -> (Builder, Name) {
        let info = self.slots[slot].clone();
        let root = info.root;
        let mut classes: Vec<(usize, usize)> =
            self.with_below(root).into_iter().map(|class| (self.levels_above(class), class)).collect();
        classes.sort_by_key(|&(level, class)| (std::cmp::Reverse(level), class));
        let params: Vec<TypeId> =
            [self.classes[root].id].into_iter().chain(info.signature.params.iter().copied()).collect();
        let name = format!("{}.{}", self.classes[root].name, info.name).into();
        let mut code = Code::bare(self, &params, &info.signature.results, name);
        let results: Vec<u16> = info.signature.results.iter().map(|&ty| code.temp(ty)).collect();
        let test = code.int_temp();
        for (_, class) in classes {
            let has = code.low.classes[class].methods.iter().find(|(has, _)| *has == Slot::Class(slot));
            let Some(&(_, function)) = has else { continue };
            let id = code.low.classes[class].id;
            let next = code.b.block();
            let mut all: Vec<u16> = (0..params.len() as u16).collect();
            if class != root {
                let yes = code.b.block();
                code.b.insn(Opcode::Test, &[test.into(), 0, id.0.into()]);
                code.b.branch(Opcode::BneI64Imm, &[test.into(), 0], yes, next);
                code.b.start(yes);
                all[0] = code.temp(id);
                code.b.insn(Opcode::Cast, &[all[0].into(), 0, id.0.into()]);
            }
            code.b.call(Opcode::Call, function.0, &all, &results);
            code.b.ret(&results);
            code.b.start(next);
        }
        code.b.unreachable();
        code.done()
    }

    fn levels_above(&self, class: usize) -> usize {
        let (mut levels, mut next) = (0, self.classes[class].base);
        while let Some(base) = next {
            levels += 1;
            next = self.classes[base].base;
        }
        levels
    }

    /// Whether an entry of the type table is still to be filled in.
    pub(crate) fn is_open_type(&self, id: TypeId) -> bool {
        id.index() >= TypeId::FIRST_USER.index() && self.table[id.index()] == TypeDef::Reserved
    }
}

impl Code<'_, '_> {
    /// Arguments of these types, from a register on.
    fn arguments(&mut self, types: &[Ty], first: u16) -> Vec<Regs> {
        let mut next = first;
        let mut values = Vec::with_capacity(types.len());
        for &ty in types {
            let count = self.low.rep(ty).regs.len() as u16;
            values.push((next..next + count).collect());
            next += count;
        }
        values
    }

    /// Whether any other reference, in register 1, is equal to this value of an interface; returned.
    fn equal_any(&mut self, of: Ty, kind: Kind, class: usize, own: Regs) {
        let (yes, no) = (self.b.block(), self.b.block());
        let id = self.low.classes[class].id;
        let test = self.int_temp();
        self.b.insn(Opcode::Test, &[test.into(), 1, id.0.into()]);
        self.b.branch(Opcode::BneI64Imm, &[test.into(), 0], yes, no);
        self.b.start(no);
        let zero = self.number(0);
        self.b.ret(&[zero]);
        self.b.start(yes);
        let other = if kind == Kind::Boxed || !matches!(self.low.types.kind(of), TyKind::Named(..)) {
            let to = self.temps(of);
            self.fields_of(1, class, to);
            to
        } else {
            self.unpacked(Some(1), of)
        };
        let result = self.derived_value(Derive::Equal, of, &[own, other], Want::Any);
        self.b.ret(&result);
    }
}
