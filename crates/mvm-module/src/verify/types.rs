//! Judges the types of operands: the type column of the instruction table, then the rule of the row.

use std::fmt;

use mvm_isa::{Opcode, Operand, Shape, Syscall, Ty, TypeId, TypeRule, field_b, field_c, imm32};

use crate::classes::{ClassLayout, FieldSlot};
use crate::model::{Class, Literal, TypeDef};
use crate::verify::error::Says;
use crate::verify::function::Checker;
use crate::verify::rules::Rule;
use crate::verify::tables::{literal_type, signature_of};

/// Parameters and results of what a call goes to.
type Signature<'m> = (&'m [TypeId], &'m [TypeId]);

impl<'m> Checker<'_, 'm> {
    /// Judges the operand types of the instruction at `self.pc`, whose registers exist and are in `self.room`.
    pub(super) fn types(&mut self, op: Opcode, words: &[u64]) {
        if op.info().shape == Shape::Fixed && !self.operands(op, words) {
            return;
        }
        match op.info().rule {
            TypeRule::Table => {}
            TypeRule::Move => {
                self.fits(Rule::T2, format_args!("source of `mov`"), self.source(0), self.result(0))
            }
            TypeRule::Select => {
                self.fits(Rule::T2, format_args!("first value of `select`"), self.source(1), self.result(0));
                self.fits(Rule::T2, format_args!("second value of `select`"), self.source(2), self.result(0));
            }
            // Every reference type has null, and the table asks for one.
            TypeRule::Null => {}
            TypeRule::Literal => self.literal(op, words),
            TypeRule::GetRef => {
                if let Some(elem) = self.elem_of(self.source(0)) {
                    self.fits(Rule::T4, format_args!("element of the array"), elem, self.result(0));
                }
            }
            TypeRule::SetRef => {
                if let Some(elem) = self.elem_of(self.source(0)) {
                    self.fits(Rule::T4, format_args!("new element of the array"), self.source(2), elem);
                }
            }
            TypeRule::GetField => self.get_field(words),
            TypeRule::SetField => self.set_field(words),
            TypeRule::New => self.new_object(words),
            TypeRule::NewWith => self.new_with(words),
            TypeRule::NewArray => self.new_array(words),
            TypeRule::SameArrays => self.same_arrays(op),
            TypeRule::ElementValue => self.element_value(op),
            TypeRule::TypeTest => self.type_test(words, false),
            TypeRule::Cast => self.type_test(words, true),
            TypeRule::Call => self.call(op, words),
            TypeRule::Return => self.returns(op),
            TypeRule::Bind => self.bind(words),
            TypeRule::Sys => self.sys(words),
        }
    }

    /// Type of the register that is read as number `index`.
    fn source(&self, index: usize) -> TypeId {
        self.register_type(self.room.sources[index])
    }

    /// Type of the register that is written as number `index`.
    fn result(&self, index: usize) -> TypeId {
        self.register_type(self.room.results[index])
    }

    fn register_type(&self, register: u16) -> TypeId {
        self.function.registers[usize::from(register)]
    }

    fn def(&self, ty: TypeId) -> Option<&'m TypeDef> {
        self.module.types.get(ty.index())
    }

    /// Reports when a value of type `from` may not go where `to` is asked for.
    fn fits(&mut self, rule: Rule, what: fmt::Arguments<'_>, from: TypeId, to: TypeId) {
        self.asks(rule);
        if !self.classes.assignable(from, to) {
            let says = Says::both(what.to_string(), self.name(to), self.name(from));
            self.error(rule, says);
        }
    }

    /// Judges the operands of a fixed-shape instruction by the table alone; whether its rule can go on.
    fn operands(&mut self, op: Opcode, words: &[u64]) -> bool {
        let (mut sources, mut results) = (0, 0);
        let mut sound = true;
        for (slot, operand) in op.info().operands.iter().enumerate() {
            match operand {
                Operand::Src(ty) => {
                    self.asks(Rule::T1);
                    let register = self.room.sources[sources];
                    sources += 1;
                    if !self.reads(*ty, self.register_type(register)) {
                        self.wrong_operand(op, slot, *ty, register);
                        sound = false;
                    }
                }
                Operand::Def(ty) => {
                    self.asks(Rule::T1);
                    let register = self.room.results[results];
                    results += 1;
                    if !self.writes(*ty, self.register_type(register)) {
                        self.wrong_operand(op, slot, *ty, register);
                        sound = false;
                    }
                }
                Operand::Literal => {
                    sound &= self.exists("literal", imm32(words[0]) as u32, self.module.literals.len())
                }
                Operand::Type => {
                    let number = if slot == 1 { field_b(words[0]) } else { field_c(words[0]) };
                    sound &= self.exists("type", number.into(), self.module.types.len());
                }
                Operand::Func => {
                    let functions = self.module.imports.len() + self.module.functions.len();
                    sound &= self.exists("function", imm32(words[0]) as u32, functions);
                }
                // Any number will do; or rules about branches, fields and computed values judge it.
                Operand::Imm16
                | Operand::Imm32
                | Operand::WordI64
                | Operand::WordF64
                | Operand::Field
                | Operand::Weight
                | Operand::FrameSize
                | Operand::Label16
                | Operand::Label32 => {}
            }
        }
        sound
    }

    fn exists(&mut self, what: &str, number: u32, count: usize) -> bool {
        self.asks(Rule::I14);
        let exists = (number as usize) < count;
        if !exists {
            self.error(Rule::I14, format!("{what} {number} does not exist, there are {count}"));
        }
        exists
    }

    #[cold]
    fn wrong_operand(&mut self, op: Opcode, slot: usize, ty: Ty, register: u16) {
        let letter = (b'a' + slot as u8) as char;
        let message = format!("operand `{letter}` of `{}`", op.info().name);
        let found =
            format!("{} of type {}", self.register_name(register), self.name(self.register_type(register)));
        self.error(Rule::T1, Says::both(message, words_for(ty), found));
    }

    /// Whether a register of type `found` may be read as `ty`.
    fn reads(&self, ty: Ty, found: TypeId) -> bool {
        match ty {
            Ty::I64 => found == TypeId::I64,
            Ty::F64 => found == TypeId::F64,
            Ty::Str => found == TypeId::STR,
            Ty::Bytes => found == TypeId::BYTES,
            Ty::Block => found == TypeId::BLOCK,
            Ty::Any | Ty::Ref => found.is_ref(),
            Ty::Array => matches!(self.def(found), Some(TypeDef::Array(_) | TypeDef::RefArray(_))),
            Ty::ArrayOf(elem) => found == TypeId::array_of(elem),
            Ty::RefArray => matches!(self.def(found), Some(TypeDef::RefArray(_))),
            Ty::Func => matches!(self.def(found), Some(TypeDef::Func(_))),
            Ty::Object => matches!(self.def(found), Some(TypeDef::Class(_) | TypeDef::Interface(_))),
            Ty::Error => self.classes.assignable(found, TypeId::ERROR),
            Ty::Value => true,
        }
    }

    /// Whether a register of type `found` may take what the table says is written. Where the table does not name one
    /// type, the rule of the row goes on.
    fn writes(&self, ty: Ty, found: TypeId) -> bool {
        let takes = |ty| self.classes.assignable(ty, found);
        match ty {
            Ty::I64 => found == TypeId::I64,
            Ty::F64 => found == TypeId::F64,
            Ty::Str => takes(TypeId::STR),
            Ty::Bytes => takes(TypeId::BYTES),
            Ty::Block => takes(TypeId::BLOCK),
            Ty::Any => takes(TypeId::ANY),
            Ty::ArrayOf(elem) => takes(TypeId::array_of(elem)),
            Ty::Error => takes(TypeId::ERROR),
            Ty::Ref | Ty::Array | Ty::RefArray | Ty::Func | Ty::Object => found.is_ref(),
            Ty::Value => true,
        }
    }

    /// The type of registers for elements of an array type.
    fn elem_of(&self, array: TypeId) -> Option<TypeId> {
        match self.def(array)? {
            TypeDef::Array(elem) => Some(if elem.is_float() { TypeId::F64 } else { TypeId::I64 }),
            TypeDef::RefArray(elem) => Some(*elem),
            TypeDef::I64
            | TypeDef::F64
            | TypeDef::Any
            | TypeDef::Str
            | TypeDef::Bytes
            | TypeDef::Block
            | TypeDef::BoxI64
            | TypeDef::BoxF64
            | TypeDef::Reserved
            | TypeDef::Func(_)
            | TypeDef::Class(_)
            | TypeDef::Interface(_) => None,
        }
    }

    fn literal(&mut self, op: Opcode, words: &[u64]) {
        self.asks(Rule::T3);
        let literal = &self.module.literals[imm32(words[0]) as u32 as usize];
        if op == Opcode::Fref && !matches!(literal, Literal::Func(..)) {
            let says = Says::both("`fref`", "a function literal", self.name(literal_type(literal)));
            return self.error(Rule::T3, says);
        }
        self.fits(Rule::T3, format_args!("literal"), literal_type(literal), self.result(0));
    }

    /// Types of the operands of `op` that the table calls arrays, in the order sources, results.
    fn same_arrays(&mut self, op: Opcode) {
        let mut sources = self.room.sources.iter();
        let mut arrays = [None; 2];
        let mut found = 0;
        for operand in op.info().operands {
            if let Operand::Src(ty) = operand {
                let register = sources.next().copied();
                if *ty == Ty::Array && found < arrays.len() {
                    arrays[found] = register.map(|register| self.register_type(register));
                    found += 1;
                }
            }
        }
        let Some(first) = arrays[0] else { return };
        self.asks(Rule::T5);
        if let Some(second) = arrays[1].filter(|&second| second != first) {
            let says = Says::both("types of the arrays differ", self.name(first), self.name(second));
            self.error(Rule::T5, says);
        }
        if op == Opcode::ArrayCompare && !matches!(self.def(first), Some(TypeDef::Array(_))) {
            let says = Says::both("`array_compare`", "arrays of numbers", self.name(first));
            self.error(Rule::T5, says);
        }
        if op.info().operands.contains(&Operand::Def(Ty::Array)) {
            self.fits(Rule::T5, format_args!("result of `{}`", op.info().name), first, self.result(0));
        }
    }

    fn element_value(&mut self, op: Opcode) {
        let mut sources = self.room.sources.iter();
        let (mut array, mut value) = (None, None);
        for operand in op.info().operands {
            if let Operand::Src(ty) = operand {
                let register = sources.next().map(|&register| self.register_type(register));
                match ty {
                    Ty::Array => array = register,
                    Ty::Value => value = register,
                    _ => {}
                }
            }
        }
        if let (Some(elem), Some(value)) = (array.and_then(|array| self.elem_of(array)), value) {
            self.fits(Rule::T4, format_args!("value for `{}`", op.info().name), value, elem);
        }
    }

    /// The field that an instruction names, when it is of the kind of the instruction.
    fn field(&mut self, object: TypeId, offset: u16, kind: Ty) -> Option<&'m FieldSlot> {
        self.asks(Rule::T6);
        let field = self.classes.layout(object).and_then(|layout| layout.field_at(offset));
        let fits = field.is_some_and(|field| match kind {
            Ty::I64 => field.ty == TypeId::I64,
            Ty::F64 => field.ty == TypeId::F64,
            _ => field.ty.is_ref(),
        });
        if !fits {
            let found = match field {
                Some(field) => format!("`{}` of type {}", field.name, self.name(field.ty)),
                None => format!("nothing at {offset}"),
            };
            let says = Says::both(format!("field of {}", self.name(object)), words_for(kind), found);
            self.error(Rule::T6, says);
        }
        field.filter(|_| fits)
    }

    fn get_field(&mut self, words: &[u64]) {
        let kind = self.kind_of(self.result(0));
        if let Some(field) = self.field(self.source(0), field_c(words[0]), kind) {
            self.fits(Rule::T6, format_args!("field `{}`", field.name), field.ty, self.result(0));
        }
    }

    fn set_field(&mut self, words: &[u64]) {
        let object = self.source(0);
        let kind = self.kind_of(self.source(1));
        let Some(field) = self.field(object, field_b(words[0]), kind) else { return };
        self.fits(Rule::T6, format_args!("value for field `{}`", field.name), self.source(1), field.ty);
        self.asks(Rule::T7);
        if self.class(object).is_some_and(|class| class.frozen) {
            let message = format!("field `{}` of the frozen class {} is set", field.name, self.name(object));
            self.error(Rule::T7, message);
        }
    }

    /// The kind of field instruction that a register of this type belongs to; the table has judged that it fits.
    fn kind_of(&self, ty: TypeId) -> Ty {
        match ty {
            TypeId::I64 => Ty::I64,
            TypeId::F64 => Ty::F64,
            _ => Ty::Ref,
        }
    }

    fn class(&self, ty: TypeId) -> Option<&'m Class> {
        match self.def(ty) {
            Some(TypeDef::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// The layout of a class that objects can be made of.
    fn concrete(&mut self, ty: TypeId) -> Option<&'m ClassLayout> {
        self.asks(Rule::T8);
        let (Some(layout), Some(_)) = (self.classes.layout(ty), self.class(ty)) else {
            let says = Says::both("type of a new object", "a class", self.name(ty));
            self.error(Rule::T8, says);
            return None;
        };
        // Whether a class of another module has functions for its methods is known after linking.
        let missing = layout.methods.iter().find(|method| {
            method.function.is_none()
                && self.class(method.declared_in).is_none_or(|class| class.import.is_none())
        });
        if let Some(method) = missing {
            let message = format!("{} is abstract: method `{}` has no function", self.name(ty), method.name);
            self.error(Rule::T8, message);
            return None;
        }
        self.fits(Rule::T8, format_args!("new object"), ty, self.result(0));
        Some(layout)
    }

    fn new_object(&mut self, words: &[u64]) {
        let ty = TypeId(field_b(words[0]));
        self.asks(Rule::T7);
        if self.concrete(ty).is_some() && self.class(ty).is_some_and(|class| class.frozen) {
            let message =
                format!("an object of the frozen class {} is made without its fields", self.name(ty));
            self.error(Rule::T7, message);
        }
    }

    fn new_with(&mut self, words: &[u64]) {
        let ty = TypeId(field_b(words[0]));
        if !self.exists("type", ty.0.into(), self.module.types.len()) {
            return;
        }
        self.asks(Rule::T1);
        if !self.result(0).is_ref() {
            let says = Says::both("`new_with` writes", "a reference type", self.name(self.result(0)));
            return self.error(Rule::T1, says);
        }
        let Some(layout) = self.concrete(ty) else { return };
        self.asks(Rule::T9);
        let count = self.room.sources.len();
        if count != layout.fields.len() {
            let message = format!("fields of {}", self.name(ty));
            let says = Says::both(message, layout.fields.len().to_string(), count.to_string());
            return self.error(Rule::T9, says);
        }
        for (index, field) in layout.fields.iter().enumerate() {
            self.fits(
                Rule::T9,
                format_args!("value for field `{}`", field.name),
                self.source(index),
                field.ty,
            );
        }
    }

    fn new_array(&mut self, words: &[u64]) {
        self.asks(Rule::T10);
        let ty = TypeId(field_b(words[0]));
        if self.elem_of(ty).is_none() {
            let says = Says::both("type of a new array", "an array type", self.name(ty));
            return self.error(Rule::T10, says);
        }
        self.fits(Rule::T10, format_args!("new array"), ty, self.result(0));
    }

    fn type_test(&mut self, words: &[u64], cast: bool) {
        self.asks(Rule::T11);
        let ty = TypeId(field_c(words[0]));
        let operand = self.source(0);
        let boxed = matches!(self.def(ty), Some(TypeDef::BoxI64 | TypeDef::BoxF64));
        let open = |def: Option<&TypeDef>| matches!(def, Some(TypeDef::Interface(_)));
        let object = |def: Option<&TypeDef>| matches!(def, Some(TypeDef::Class(_) | TypeDef::Interface(_)));
        let related = self.classes.assignable(ty, operand)
            || self.classes.assignable(operand, ty)
            || (open(self.def(ty)) && object(self.def(operand)))
            || (open(self.def(operand)) && object(self.def(ty)));
        let wrong = if !ty.is_ref() || matches!(self.def(ty), None | Some(TypeDef::Reserved)) {
            Some("no reference type")
        } else if cast && boxed {
            Some("not a type of registers; `unbox` looks into a box")
        } else if !related {
            Some("not related to the operand's type")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let message = format!("{} is {wrong}, operand of type {}", self.name(ty), self.name(operand));
            return self.error(Rule::T11, message);
        }
        if cast {
            self.fits(Rule::T11, format_args!("result of `cast`"), ty, self.result(0));
        }
    }

    fn call(&mut self, op: Opcode, words: &[u64]) {
        let name = op.info().name;
        let short = op.info().shape == Shape::Call;
        let number = (words[0] >> 32) as u32 & if short { 0xff_ffff } else { u32::MAX };
        let target = match op {
            Opcode::CallVirtual | Opcode::CallVirtualMany => self.virtual_target(number),
            Opcode::CallInterface | Opcode::CallInterfaceMany => self.interface_target(number),
            _ if matches!(op.info().operands, [Operand::Src(_)]) => self.reference_target(op),
            _ => self.function_target(number),
        };
        // How many of the registers that are read stand before the arguments of the signature: a function reference,
        // or the object, which counts as the first argument where it is written.
        let Some((skip, (params, results))) = target else { return };
        self.asks(Rule::T12);
        let object = skip - usize::from(matches!(op.info().operands, [Operand::Src(_)]));
        let count = self.room.sources.len() - skip;
        if count != params.len() {
            let (expected, found) = ((params.len() + object).to_string(), (count + object).to_string());
            return self.error(Rule::T12, Says::both(format!("arguments of `{name}`"), expected, found));
        }
        for (index, &param) in params.iter().enumerate() {
            let what = format_args!("argument {} of `{name}`", index + 1 + object);
            self.fits(Rule::T12, what, self.source(skip + index), param);
        }
        if op.info().shape == Shape::TailCall {
            return self.tail_results(results);
        }
        if self.room.results.len() != results.len() {
            let found = self.room.results.len().to_string();
            let says =
                Says::both(format!("results of `{}`", op.info().name), results.len().to_string(), found);
            return self.error(Rule::T12, says);
        }
        for (index, &result) in results.iter().enumerate() {
            self.fits(
                Rule::T12,
                format_args!("result {} of `{name}`", index + 1),
                result,
                self.result(index),
            );
        }
    }

    fn function_target(&mut self, number: u32) -> Option<(usize, Signature<'m>)> {
        let functions = self.module.imports.len() + self.module.functions.len();
        if !self.exists("function", number, functions) {
            return None;
        }
        signature_of(self.module, crate::FuncId(number)).map(|signature| (0, signature))
    }

    fn reference_target(&mut self, op: Opcode) -> Option<(usize, Signature<'m>)> {
        self.asks(Rule::T1);
        let register = self.room.sources[0];
        match self.def(self.register_type(register)) {
            Some(TypeDef::Func(signature)) => Some((1, (&signature.params, &signature.results))),
            _ => {
                self.wrong_operand(op, 0, Ty::Func, register);
                None
            }
        }
    }

    fn virtual_target(&mut self, number: u32) -> Option<(usize, Signature<'m>)> {
        let object = self.object("virtual")?;
        let Some(layout) = self.classes.layout(object) else {
            let says = Says::both("object of a virtual call", "a class", self.name(object));
            self.error(Rule::T13, says);
            return None;
        };
        let Some(method) = layout.methods.get(number as usize) else {
            let message = format!(
                "{} has {} methods, number {number} is called",
                self.name(object),
                layout.methods.len()
            );
            self.error(Rule::T13, message);
            return None;
        };
        Some((1, (&method.signature.params, &method.signature.results)))
    }

    fn interface_target(&mut self, number: u32) -> Option<(usize, Signature<'m>)> {
        if !self.exists("selector", number, self.module.selectors.len()) {
            return None;
        }
        let selector = self.module.selectors[number as usize];
        let object = self.object("interface")?;
        if !self.classes.assignable(object, selector.interface) {
            let says =
                Says::both("object of an interface call", self.name(selector.interface), self.name(object));
            self.error(Rule::T13, says);
            return None;
        }
        let Some(TypeDef::Interface(interface)) = self.def(selector.interface) else { return None };
        let method = interface.methods.get(usize::from(selector.method))?;
        Some((1, (&method.signature.params, &method.signature.results)))
    }

    fn object(&mut self, kind: &str) -> Option<TypeId> {
        self.asks(Rule::T13);
        if self.room.sources.is_empty() {
            self.error(Rule::T13, format!("the {kind} call has no object"));
            return None;
        }
        Some(self.source(0))
    }

    fn tail_results(&mut self, results: &[TypeId]) {
        self.asks(Rule::T14);
        let own = &self.function.results;
        if results.len() != own.len() {
            let says = Says::both(
                "results of the target of a tail call",
                own.len().to_string(),
                results.len().to_string(),
            );
            return self.error(Rule::T14, says);
        }
        for (&from, &to) in results.iter().zip(own) {
            self.fits(Rule::T14, format_args!("result of the target of a tail call"), from, to);
        }
    }

    fn returns(&mut self, op: Opcode) {
        self.asks(Rule::T14);
        let own = &self.function.results;
        let count = self.room.sources.len();
        if count != own.len() {
            let says = Says::both(
                format!("results of `{}`", op.info().name),
                own.len().to_string(),
                count.to_string(),
            );
            return self.error(Rule::T14, says);
        }
        for (index, &result) in own.iter().enumerate() {
            self.fits(Rule::T14, format_args!("result {}", index + 1), self.source(index), result);
        }
    }

    fn bind(&mut self, words: &[u64]) {
        self.asks(Rule::T15);
        let number = (words[0] >> 32) as u32 & 0xff_ffff;
        let Some((_, (params, results))) = self.function_target(number) else { return };
        let bound = self.room.sources.len();
        if bound > params.len() {
            let says = Says::both("bound registers", format!("at most {}", params.len()), bound.to_string());
            return self.error(Rule::T15, says);
        }
        for (index, &param) in params[..bound].iter().enumerate() {
            self.fits(Rule::T15, format_args!("bound register {}", index + 1), self.source(index), param);
        }
        let ty = self.result(0);
        match self.def(ty) {
            Some(TypeDef::Func(signature))
                if signature.params == params[bound..] && signature.results == results => {}
            _ => {
                let message =
                    format!("{} is not the type of the function that is left after binding", self.name(ty));
                self.error(Rule::T15, message);
            }
        }
    }

    fn sys(&mut self, words: &[u64]) {
        self.asks(Rule::I14);
        self.asks(Rule::T16);
        let number = (words[0] >> 32) as u32;
        let Some(call) = Syscall::from_number(number) else {
            return self.error(
                Rule::I14,
                format!("syscall {number} does not exist, there are {}", Syscall::ALL.len()),
            );
        };
        let info = call.info();
        let (args, results) = (self.room.sources.len(), self.room.results.len());
        if args != info.params.len() {
            let says = Says::both(
                format!("arguments of `sys {}`", info.name),
                info.params.len().to_string(),
                args.to_string(),
            );
            return self.error(Rule::T16, says);
        }
        if results > info.results.len() {
            let expected = info.results.len().to_string();
            let says = Says::both(format!("results of `sys {}`", info.name), expected, results.to_string());
            return self.error(Rule::T16, says);
        }
        for (index, &(_, param)) in info.params.iter().enumerate() {
            self.fits(
                Rule::T16,
                format_args!("argument {} of `sys {}`", index + 1, info.name),
                self.source(index),
                param,
            );
        }
        for (index, &result) in info.results.iter().enumerate().take(results) {
            self.fits(
                Rule::T16,
                format_args!("result {} of `sys {}`", index + 1, info.name),
                result,
                self.result(index),
            );
        }
    }
}

/// A type of the table in words.
fn words_for(ty: Ty) -> String {
    match ty {
        Ty::I64 => "`i64`".into(),
        Ty::F64 => "`f64`".into(),
        Ty::Str => "`str`".into(),
        Ty::Bytes => "`bytes`".into(),
        Ty::Block => "`block`".into(),
        Ty::Any => "`any`".into(),
        Ty::Ref => "a reference".into(),
        Ty::Array => "an array".into(),
        Ty::ArrayOf(elem) => format!("`[{}]`", elem.name()),
        Ty::RefArray => "an array of references".into(),
        Ty::Func => "a function reference".into(),
        Ty::Object => "an object".into(),
        Ty::Error => "`Error` or a class below".into(),
        Ty::Value => "any type".into(),
    }
}
