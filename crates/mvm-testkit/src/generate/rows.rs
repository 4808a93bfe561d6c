//! Single instructions of a generated body: operands that the verifier accepts, and values worth computing with.

use mvm_isa::{Effect, Opcode, Operand, Shape, Syscall, TrapCode, Ty, TypeId, TypeRule, encode};
use mvm_module::{FuncId, Literal, Signature, TypeDef};

use super::body::{Body, REGISTERS_MAX};

/// A length that makes bulk instructions work in several steps.
const LONG: i64 = 90_000;

impl Body<'_, '_, '_> {
    // ---- registers ----

    fn type_of(&self, register: u16) -> TypeId {
        self.registers[usize::from(register)]
    }

    fn new_register(&mut self, ty: TypeId) -> u16 {
        self.registers.push(ty);
        self.registers.len() as u16 - 1
    }

    /// A register that fits; sometimes, or when there is none, a new one of type `ty`.
    fn register(&mut self, ty: TypeId, writes: bool, fits: impl Fn(&Self, TypeId) -> bool) -> u16 {
        let all = 0..self.registers.len() as u16;
        let found: Vec<u16> = all
            .filter(|&r| !(writes && self.counters.contains(&r)))
            .filter(|&r| fits(self, self.type_of(r)))
            .collect();
        let new = self.registers.len() < REGISTERS_MAX && self.e.one_in(12);
        match self.e.pick(&found) {
            Some(&register) if !new => register,
            _ => self.new_register(ty),
        }
    }

    /// A register to read as the table says.
    pub(super) fn src(&mut self, ty: Ty) -> u16 {
        // Any reference may be read as `any`, but few of them are boxes.
        if ty == Ty::Any && self.e.below(4) != 0 {
            return self.src_exactly(TypeId::ANY);
        }
        let example = self.example(ty);
        self.register(example, false, |body, found| body.reads(ty, found))
    }

    /// A register that holds values of exactly this type.
    fn src_exactly(&mut self, ty: TypeId) -> u16 {
        self.register(ty, false, |_, found| found == ty)
    }

    /// A register whose values fit where `ty` is asked for.
    fn src_for(&mut self, ty: TypeId) -> u16 {
        self.register(ty, false, |body, found| body.plan.classes.assignable(found, ty))
    }

    /// A register that takes values of type `ty`.
    pub(super) fn def_for(&mut self, ty: TypeId) -> u16 {
        self.register(ty, true, |body, found| body.plan.classes.assignable(ty, found))
    }

    /// A register of exactly this type, to write and read.
    fn own(&mut self, ty: TypeId) -> u16 {
        self.register(ty, true, |_, found| found == ty)
    }

    /// Different registers that take values of these types.
    fn defs_for(&mut self, types: &[TypeId]) -> Vec<u16> {
        let mut all: Vec<u16> = Vec::new();
        for &ty in types {
            let register = self.def_for(ty);
            let register = if all.contains(&register) { self.new_register(ty) } else { register };
            all.push(register);
        }
        all
    }

    fn args_for(&mut self, types: &[TypeId]) -> Vec<u16> {
        types.iter().map(|&ty| self.src_for(ty)).collect()
    }

    fn def(&self, ty: TypeId) -> &TypeDef {
        &self.plan.module.types[ty.index()]
    }

    /// Whether a register of this type may be read as the table says.
    fn reads(&self, ty: Ty, found: TypeId) -> bool {
        match ty {
            Ty::I64 => found == TypeId::I64,
            Ty::F64 => found == TypeId::F64,
            Ty::Str => found == TypeId::STR,
            Ty::Bytes => found == TypeId::BYTES,
            Ty::Block => found == TypeId::BLOCK,
            Ty::Any | Ty::Ref => found.is_ref(),
            Ty::Array => self.plan.arrays.contains(&found),
            Ty::ArrayOf(elem) => found == TypeId::array_of(elem),
            Ty::RefArray => matches!(self.def(found), TypeDef::RefArray(_)),
            Ty::Func => matches!(self.def(found), TypeDef::Func(_)),
            Ty::Object => matches!(self.def(found), TypeDef::Class(_) | TypeDef::Interface(_)),
            Ty::Error => self.plan.errors.contains(&found),
            Ty::Value => true,
        }
    }

    /// Some type that can be read as the table says.
    fn example(&mut self, ty: Ty) -> TypeId {
        let fitting: Vec<TypeId> =
            self.plan.values.iter().copied().filter(|&found| self.reads(ty, found)).collect();
        *self.e.pick(&fitting).unwrap_or(&TypeId::I64)
    }

    /// A new value for a register written as the table says.
    fn def_ty(&mut self, ty: Ty) -> u16 {
        match ty {
            Ty::I64 => self.def_for(TypeId::I64),
            Ty::F64 => self.def_for(TypeId::F64),
            Ty::Str => self.def_for(TypeId::STR),
            Ty::Bytes => self.def_for(TypeId::BYTES),
            Ty::Block => self.def_for(TypeId::BLOCK),
            Ty::Any => self.def_for(TypeId::ANY),
            Ty::ArrayOf(elem) => self.def_for(TypeId::array_of(elem)),
            Ty::Error => self.def_for(TypeId::ERROR),
            Ty::Ref | Ty::Array | Ty::RefArray | Ty::Func | Ty::Object | Ty::Value => {
                let example = self.example(ty);
                self.def_for(example)
            }
        }
    }

    /// A register that only holds a length or position for the next instruction.
    fn scratch_int(&mut self, value: i64) -> i64 {
        let register = self.scratch_register();
        self.op(Opcode::ConstI64, &[register, value]);
        register
    }

    /// The register for lengths, positions and other values of one moment.
    pub(super) fn scratch_register(&mut self) -> i64 {
        let register = match self.scratch {
            Some(register) => register,
            None => {
                let register = self.new_register(TypeId::I64);
                self.counters.push(register);
                self.scratch = Some(register);
                register
            }
        };
        i64::from(register)
    }

    /// The same for floats.
    pub(super) fn scratch_float(&mut self) -> u16 {
        let known = self.scratch_f64;
        let register = known.unwrap_or_else(|| self.new_register(TypeId::F64));
        if known.is_none() {
            self.counters.push(register);
            self.scratch_f64 = Some(register);
        }
        register
    }

    /// A length that is mostly large enough for the positions that [`prepare`](Self::prepare) writes.
    fn length(&mut self) -> i64 {
        if self.e.one_in(8) { self.e.below(4) as i64 } else { 8 + self.e.below(24) as i64 }
    }

    /// A register with a small number in it.
    pub(super) fn small_int(&mut self, end: usize) -> u16 {
        let value = self.e.below(end) as i64;
        let register = self.def_for(TypeId::I64);
        self.op(Opcode::ConstI64, &[i64::from(register), value]);
        register
    }

    // ---- values ----

    /// Gives a register a value that is not null, if there is a way.
    pub(super) fn produce(&mut self, register: u16, depth: usize) {
        let ty = self.type_of(register);
        let r = i64::from(register);
        let literals: Vec<i64> = (0..)
            .zip(&self.plan.module.literals)
            .filter(|(_, literal)| self.plan.classes.assignable(literal_type(literal), ty))
            .map(|(index, _)| index)
            .collect();
        match self.def(ty).clone() {
            TypeDef::I64 => {
                let value = self.e.int();
                match i32::try_from(value) {
                    Ok(_) if !self.e.one_in(4) => self.op(Opcode::ConstI64, &[r, value]),
                    _ => self.op(Opcode::ConstI64Wide, &[r, value]),
                }
            }
            TypeDef::F64 => {
                let value = self.e.float();
                self.op(Opcode::ConstF64, &[r, value.to_bits() as i64]);
            }
            TypeDef::Block => {
                let length = self.length();
                let length = self.scratch_int(length);
                self.op(Opcode::Alloc, &[r, length]);
            }
            TypeDef::Array(_) | TypeDef::RefArray(_) if literals.is_empty() || !self.e.one_in(3) => {
                let length = self.length();
                let length = self.scratch_int(length);
                self.op(Opcode::NewArray, &[r, i64::from(ty.0), length]);
            }
            TypeDef::Any if self.e.one_in(2) => {
                let (op, from) = match self.e.below(2) {
                    0 => (Opcode::BoxI64, self.src(Ty::I64)),
                    _ => (Opcode::BoxF64, self.src(Ty::F64)),
                };
                self.op(op, &[r, i64::from(from)]);
            }
            TypeDef::Class(_) | TypeDef::Interface(_) | TypeDef::Any if depth > 0 => {
                self.produce_object(register, depth);
            }
            _ => {
                let literal = self.e.pick(&literals).copied();
                match literal {
                    Some(index) => self.op(Opcode::ConstLiteral, &[r, index]),
                    None if ty.is_ref() => self.op(Opcode::ConstNull, &[r]),
                    None => {}
                }
            }
        }
    }

    fn produce_object(&mut self, register: u16, depth: usize) {
        let ty = self.type_of(register);
        let classes: Vec<TypeId> =
            self.plan.concrete.iter().copied().filter(|&c| self.plan.classes.assignable(c, ty)).collect();
        let Some(&class) = self.e.pick(&classes) else {
            return self.op(Opcode::ConstNull, &[i64::from(register)]);
        };
        let frozen = matches!(self.def(class), TypeDef::Class(class) if class.frozen);
        if frozen || self.e.one_in(3) {
            let fields = self.field_types(class);
            let args = self.args_for(&fields);
            for &arg in &args {
                if self.e.one_in(3) && !self.counters.contains(&arg) {
                    self.produce(arg, depth - 1);
                }
            }
            let mut words = Vec::new();
            encode::new_with(&mut words, Opcode::NewWith, register, class.0, &args);
            self.push(&words);
        } else {
            self.op(Opcode::New, &[i64::from(register), i64::from(class.0)]);
        }
    }

    fn field_types(&self, class: TypeId) -> Vec<TypeId> {
        self.plan.classes.layout(class).map_or(Vec::new(), |l| l.fields.iter().map(|f| f.ty).collect())
    }

    /// Sometimes gives a register that is about to be read a value.
    fn prepare(&mut self, register: u16, op: Opcode) {
        if self.counters.contains(&register) {
            return;
        }
        let traps = op.info().traps;
        let ty = self.type_of(register);
        let index = [
            TrapCode::OutOfBounds,
            TrapCode::NotABoundary,
            TrapCode::InvalidArgument,
            TrapCode::InvalidCodePoint,
        ];
        if ty == TypeId::I64 && traps.iter().any(|trap| index.contains(trap)) {
            if self.e.below(6) != 0 {
                let value = self.e.below(8) as i64;
                self.op(Opcode::ConstI64, &[i64::from(register), value]);
            }
        } else if ty.is_ref() {
            // Where null traps, a value is wanted more often.
            let wanted = traps.iter().any(|t| matches!(t, TrapCode::NullReference | TrapCode::OutOfBounds));
            if if wanted { self.e.below(6) != 0 } else { self.e.one_in(4) } {
                self.produce(register, 1);
            }
        } else if self.e.one_in(6) {
            self.produce(register, 1);
        }
    }

    // ---- instructions ----

    /// Any instruction that goes on at the next one.
    pub(super) fn instruction(&mut self, leaf: bool) {
        let simple = |op: Opcode| {
            let info = op.info();
            let labels = info.operands.iter().any(|o| matches!(o, Operand::Label16 | Operand::Label32));
            !labels
                && info.shape != Shape::Switch
                && !info.has(Effect::Ends)
                && op != Opcode::Enter
                && !(leaf && info.has(Effect::Calls))
        };
        let calls = !leaf && self.e.one_in(if self.index == 0 { 3 } else { 6 });
        let ops: Vec<Opcode> = Opcode::ALL
            .iter()
            .copied()
            .filter(|&op| simple(op) && (!calls || op.info().has(Effect::Calls)))
            .collect();
        let Some(&op) = self.e.pick(&ops) else { return };
        if self.e.one_in(80) {
            self.long_value();
        }
        self.row(op);
    }

    /// A long string, byte string, array or block.
    fn long_value(&mut self) {
        let n = if self.e.one_in(3) { 5_000 } else { LONG } + self.e.below(200) as i64 * 600;
        match self.e.below(5) {
            0 => {
                let text = self.own(TypeId::STR);
                self.produce(text, 1);
                let times = n / 12;
                let l = self.scratch_int(times);
                let to = self.own(TypeId::STR);
                self.op(Opcode::StrRepeat, &[i64::from(to), i64::from(text), l]);
                if self.e.one_in(2) {
                    let bytes = self.own(TypeId::BYTES);
                    self.op(Opcode::BytesFromStr, &[i64::from(bytes), i64::from(to)]);
                }
            }
            1 => {
                // Not UTF-8 somewhere.
                let (block, bytes, text) =
                    (self.own(TypeId::BLOCK), self.own(TypeId::BYTES), self.own(TypeId::STR));
                let at = self.own(TypeId::I64);
                let l = self.scratch_int(n);
                let (b, at) = (i64::from(block), i64::from(at));
                self.op(Opcode::Alloc, &[b, l]);
                let place = n - self.e.below(500) as i64 * 10;
                self.op(Opcode::ConstI64, &[at, place]);
                self.op(Opcode::StoreI8, &[b, at, at]);
                self.op(Opcode::ConstI64, &[at, 0]);
                self.op(Opcode::BytesFromBlock, &[i64::from(bytes), b, at, l]);
                self.op(Opcode::StrFromBytes, &[i64::from(text), i64::from(bytes)]);
            }
            2 => {
                let block = self.own(TypeId::BLOCK);
                let l = self.scratch_int(n);
                self.op(Opcode::Alloc, &[i64::from(block), l]);
            }
            _ => {
                let ty = *self.e.pick(&self.plan.arrays).unwrap_or(&TypeId::ARRAY_I8);
                let array = self.own(ty);
                let l = self.scratch_int(n / 4);
                self.op(Opcode::NewArray, &[i64::from(array), i64::from(ty.0), l]);
            }
        }
    }

    /// One instruction of this row, after some that prepare its operands. Nothing when no operands fit.
    fn row(&mut self, op: Opcode) {
        match op.info().shape {
            Shape::Call | Shape::CallMany => self.call(op),
            Shape::Sys => self.sys(),
            Shape::Bind => self.bind_function(),
            Shape::NewWith => {
                let class = *self.e.pick(&self.plan.concrete).unwrap_or(&TypeId::ERROR);
                let fields = self.field_types(class);
                let args = self.args_for(&fields);
                let to = self.def_for(class);
                let mut words = Vec::new();
                encode::new_with(&mut words, op, to, class.0, &args);
                self.push(&words);
            }
            Shape::Fixed => self.fixed(op),
            // These end a block: `body.rs` places them.
            Shape::TailCall | Shape::RetMany | Shape::Switch => {}
        }
    }

    fn fixed(&mut self, op: Opcode) {
        let Some(values) = self.operands(op) else { return };
        let sources = op.info().operands.iter().zip(&values);
        let mut sources: Vec<u16> =
            sources.filter(|(o, _)| matches!(o, Operand::Src(_))).map(|(_, &value)| value as u16).collect();
        // References first, so that numbers stay as they are prepared.
        sources.sort_by_key(|&register| !self.type_of(register).is_ref());
        for register in sources {
            self.prepare(register, op);
        }
        self.op(op, &values);
        if op == Opcode::Free && self.e.one_in(3) {
            self.op(op, &values);
        }
        let writes = op.info().has(Effect::Writes);
        for (operand, &value) in op.info().operands.iter().zip(&values) {
            let changed = match operand {
                Operand::Def(_) => true,
                Operand::Src(ty) => writes && *ty != Ty::I64 && *ty != Ty::F64,
                _ => false,
            };
            if changed && self.e.below(4) != 0 {
                self.mix(value as u16);
            }
        }
    }

    /// Values for the operands of a fixed-shape row, or none when it has no use here.
    fn operands(&mut self, op: Opcode) -> Option<Vec<i64>> {
        match op.info().rule {
            TypeRule::Table | TypeRule::Null => Some(self.by_table(op, &[])),
            TypeRule::Move => {
                let from = self.src(Ty::Value);
                let to = self.def_for(self.type_of(from));
                Some(vec![to.into(), from.into()])
            }
            TypeRule::Select => {
                let (yes, condition) = (self.src(Ty::Value), self.src(Ty::I64));
                let to = self.def_for(self.type_of(yes));
                let no = self.src_for(self.type_of(to));
                Some(vec![to.into(), condition.into(), yes.into(), no.into()])
            }
            TypeRule::Literal => {
                let only = |literal: &Literal| op != Opcode::Fref || matches!(literal, Literal::Func(..));
                let fitting: Vec<usize> = (0..self.plan.module.literals.len())
                    .filter(|&index| only(&self.plan.module.literals[index]))
                    .collect();
                let &index = self.e.pick(&fitting)?;
                let to = self.def_for(literal_type(&self.plan.module.literals[index]));
                Some(vec![to.into(), index as i64])
            }
            TypeRule::GetRef | TypeRule::SetRef => {
                let array = self.src(Ty::RefArray);
                let TypeDef::RefArray(element) = *self.def(self.type_of(array)) else { return None };
                let index = self.src(Ty::I64);
                if op.info().rule == TypeRule::GetRef {
                    let to = self.def_for(element);
                    return Some(vec![to.into(), array.into(), index.into()]);
                }
                let value = self.src_for(element);
                Some(vec![array.into(), index.into(), value.into()])
            }
            TypeRule::GetField | TypeRule::SetField => self.field(op),
            TypeRule::New => {
                let open = |ty: &TypeId| !matches!(self.def(*ty), TypeDef::Class(class) if class.frozen);
                let classes: Vec<TypeId> = self.plan.concrete.iter().copied().filter(open).collect();
                let &class = self.e.pick(&classes)?;
                Some(vec![self.def_for(class).into(), class.0.into()])
            }
            TypeRule::NewArray => {
                let &ty = self.e.pick(&self.plan.arrays)?;
                let (to, length) = (self.def_for(ty), self.src(Ty::I64));
                Some(vec![to.into(), ty.0.into(), length.into()])
            }
            TypeRule::SameArrays => {
                let numbers = |ty: &TypeId| op != Opcode::ArrayCompare || ty.elem().is_some();
                let types: Vec<TypeId> = self.plan.arrays.iter().copied().filter(numbers).collect();
                let &ty = self.e.pick(&types)?;
                Some(self.by_table(op, &[(Ty::Array, ty)]))
            }
            TypeRule::ElementValue => {
                let &ty = self.e.pick(&self.plan.arrays)?;
                let element = match *self.def(ty) {
                    TypeDef::RefArray(element) => element,
                    TypeDef::Array(elem) if elem.is_float() => TypeId::F64,
                    _ => TypeId::I64,
                };
                Some(self.by_table(op, &[(Ty::Array, ty), (Ty::Value, element)]))
            }
            TypeRule::TypeTest | TypeRule::Cast => self.type_test(op),
            // Of other shapes.
            TypeRule::NewWith | TypeRule::Call | TypeRule::Return | TypeRule::Bind | TypeRule::Sys => None,
        }
    }

    /// Operands as the table says; `fixed` narrows what stands for a type of the table.
    fn by_table(&mut self, op: Opcode, fixed: &[(Ty, TypeId)]) -> Vec<i64> {
        let narrow = |ty: Ty| fixed.iter().find(|(from, _)| *from == ty).map(|&(_, to)| to);
        let mut written: Vec<u16> = Vec::new();
        let mut values = Vec::new();
        for operand in op.info().operands {
            values.push(match *operand {
                Operand::Src(ty) => i64::from(match narrow(ty) {
                    Some(to) if ty == Ty::Array => self.src_exactly(to),
                    Some(to) => self.src_for(to),
                    None => self.src(ty),
                }),
                Operand::Def(ty) => {
                    let mut register = match narrow(ty) {
                        Some(to) => self.def_for(to),
                        None => self.def_ty(ty),
                    };
                    if written.contains(&register) {
                        register = self.new_register(self.type_of(register));
                    }
                    written.push(register);
                    i64::from(register)
                }
                Operand::Imm16 => i64::from(self.e.int() as i16),
                Operand::Imm32 => i64::from(self.e.int() as i32),
                Operand::WordI64 => self.e.int(),
                Operand::WordF64 => self.e.float().to_bits() as i64,
                // Rows with these have rules or shapes of their own.
                Operand::Literal
                | Operand::Type
                | Operand::Field
                | Operand::Func
                | Operand::Weight
                | Operand::FrameSize
                | Operand::Label16
                | Operand::Label32 => 0,
            });
        }
        values
    }

    fn field(&mut self, op: Opcode) -> Option<Vec<i64>> {
        let info = op.info();
        let get = info.rule == TypeRule::GetField;
        let kind = |ty: TypeId| match ty {
            TypeId::I64 => Ty::I64,
            TypeId::F64 => Ty::F64,
            _ => Ty::Ref,
        };
        let wanted = info.operands.iter().find_map(|operand| match *operand {
            Operand::Def(ty) | Operand::Src(ty) if ty != Ty::Object => Some(ty),
            _ => None,
        })?;
        let mut fields = Vec::new();
        for index in 0..self.plan.module.types.len() as u16 {
            let class = TypeId(index);
            let TypeDef::Class(def) = self.def(class) else { continue };
            let Some(layout) = self.plan.classes.layout(class).filter(|_| get || !def.frozen) else {
                continue;
            };
            let own = layout.fields.iter().filter(|field| kind(field.ty) == wanted);
            fields.extend(own.map(|field| (class, field.offset, field.ty)));
        }
        // Prefer the classes of the module to the many of traps.
        fields.sort_by_key(|&(class, ..)| std::cmp::Reverse(class));
        fields.truncate(24);
        let &(class, offset, ty) = self.e.pick(&fields)?;
        // The field is looked up in the type of the register, which may be below the class.
        let object = self.register(class, false, |body, found| {
            body.plan.classes.layout(found).is_some()
                && body.plan.classes.assignable(found, class)
                && (get || !matches!(body.def(found), TypeDef::Class(def) if def.frozen))
        });
        if get {
            return Some(vec![self.def_for(ty).into(), object.into(), offset.into()]);
        }
        Some(vec![object.into(), offset.into(), self.src_for(ty).into()])
    }

    fn type_test(&mut self, op: Opcode) -> Option<Vec<i64>> {
        let from = self.src(Ty::Ref);
        let operand = self.type_of(from);
        let classes = &self.plan.classes;
        let interface = |ty: TypeId| matches!(self.def(ty), TypeDef::Interface(_));
        let object = |ty: TypeId| matches!(self.def(ty), TypeDef::Class(_) | TypeDef::Interface(_));
        let cast = op.info().rule == TypeRule::Cast;
        let mut related: Vec<TypeId> = (0..self.plan.module.types.len() as u16)
            .map(TypeId)
            .filter(|&ty| ty.is_ref() && !matches!(self.def(ty), TypeDef::Reserved))
            .filter(|&ty| !(cast && matches!(self.def(ty), TypeDef::BoxI64 | TypeDef::BoxF64)))
            .filter(|&ty| {
                classes.assignable(ty, operand)
                    || classes.assignable(operand, ty)
                    || interface(ty) && object(operand)
                    || interface(operand) && object(ty)
            })
            .collect();
        related.sort_by_key(|&ty| std::cmp::Reverse(ty));
        let &ty = self.e.pick(&related)?;
        let to = if cast { self.def_for(ty) } else { self.def_for(TypeId::I64) };
        Some(vec![to.into(), from.into(), ty.0.into()])
    }

    // ---- calls ----

    /// A function to call: mostly one further down, so that most calls come back.
    fn callee(&mut self) -> usize {
        let count = self.plan.heads.len();
        let after = count - self.index - 1;
        if after == 0 || self.e.one_in(8) {
            self.e.below(count)
        } else {
            self.index + 1 + self.e.below(after)
        }
    }

    fn call(&mut self, op: Opcode) {
        let many = op.info().shape == Shape::CallMany;
        match op {
            Opcode::CallRef | Opcode::CallRefMany => {
                let types: Vec<TypeId> = self
                    .plan
                    .values
                    .iter()
                    .copied()
                    .filter(|&ty| match self.def(ty) {
                        TypeDef::Func(signature) => many || is_short(signature),
                        _ => false,
                    })
                    .collect();
                let Some(&ty) = self.e.pick(&types) else { return };
                let TypeDef::Func(signature) = self.def(ty).clone() else { return };
                let value = self.src_exactly(ty);
                if self.e.below(6) != 0 {
                    self.produce(value, 1);
                }
                self.emit_call(op, u32::from(value), &[], &signature);
            }
            Opcode::CallVirtual | Opcode::CallVirtualMany => self.method_call(op, many),
            Opcode::CallInterface | Opcode::CallInterfaceMany => self.interface_call(op, many),
            _ => {
                let callee = self.callee();
                let signature = self.plan.heads[callee].signature.clone();
                let op = match (many, is_short(&signature)) {
                    (true, _) => Opcode::CallMany,
                    (false, true) => op,
                    (false, false) => Opcode::CallMany,
                };
                self.emit_call(op, callee as u32, &[], &signature);
            }
        }
    }

    fn method_call(&mut self, op: Opcode, many: bool) {
        let mut targets = Vec::new();
        for index in TypeId::FIRST_USER.0..self.plan.module.types.len() as u16 {
            let Some(layout) = self.plan.classes.layout(TypeId(index)) else { continue };
            for (number, method) in layout.methods.iter().enumerate() {
                // The object is an argument too.
                if many || method.signature.params.len() < 3 && method.signature.results.len() <= 1 {
                    targets.push((TypeId(index), number));
                }
            }
        }
        let Some(&(class, number)) = self.e.pick(&targets) else { return };
        let object = self.register(class, false, |body, found| {
            body.plan.classes.layout(found).is_some() && body.plan.classes.assignable(found, class)
        });
        if self.e.below(6) != 0 {
            self.produce(object, 1);
        }
        let Some(layout) = self.plan.classes.layout(class) else { return };
        let signature = layout.methods[number].signature.clone();
        self.emit_call(op, number as u32, &[object], &signature);
    }

    fn interface_call(&mut self, op: Opcode, many: bool) {
        let selectors: Vec<usize> = (0..self.plan.module.selectors.len())
            .filter(|&number| {
                self.selector_signature(number)
                    .is_some_and(|s| many || s.params.len() < 3 && s.results.len() <= 1)
            })
            .collect();
        let Some(&number) = self.e.pick(&selectors) else { return };
        let Some(signature) = self.selector_signature(number).cloned() else { return };
        let object = self.src_for(self.plan.module.selectors[number].interface);
        if self.e.below(6) != 0 {
            self.produce(object, 1);
        }
        self.emit_call(op, number as u32, &[object], &signature);
    }

    fn selector_signature(&self, number: usize) -> Option<&Signature> {
        let selector = self.plan.module.selectors.get(number)?;
        let TypeDef::Interface(interface) = self.def(selector.interface) else { return None };
        interface.methods.get(usize::from(selector.method)).map(|method| &method.signature)
    }

    fn emit_call(&mut self, op: Opcode, target: u32, before: &[u16], signature: &Signature) {
        let mut args = before.to_vec();
        args.extend(self.args_for(&signature.params));
        let results = self.defs_for(&signature.results);
        let mut words = Vec::new();
        if op.info().shape == Shape::Call {
            let to = results.first().copied().unwrap_or(mvm_isa::NO_REG);
            encode::call(&mut words, op, to, target, 0, &args);
        } else {
            encode::call_many(&mut words, op, &results, target, 0, &args);
        }
        self.push(&words);
    }

    fn bind_function(&mut self) {
        let mut choices = Vec::new();
        for (index, head) in self.plan.heads.iter().enumerate() {
            let Signature { params, results } = &head.signature;
            for bound in 0..=params.len().min(mvm_module::limits::BOUND_MAX) {
                let rest =
                    TypeDef::Func(Signature { params: params[bound..].to_vec(), results: results.clone() });
                let ty = self.plan.module.types.iter().position(|def| *def == rest);
                choices.extend(ty.map(|ty| (index, bound, TypeId(ty as u16))));
            }
        }
        let Some(&(index, bound, ty)) = self.e.pick(&choices) else { return };
        let types = self.plan.heads[index].signature.params[..bound].to_vec();
        let args = self.args_for(&types);
        // The type of the register is that of the function value.
        let to = self.own(ty);
        let mut words = Vec::new();
        encode::bind(&mut words, Opcode::Bind, to, index as u32, &args);
        self.push(&words);
    }

    fn sys(&mut self) {
        let Some(&call) = self.e.pick(Syscall::ALL) else { return };
        if call == Syscall::Exit && !self.e.one_in(6) {
            return self.emit_print();
        }
        let info = call.info();
        let params: Vec<TypeId> = info.params.iter().map(|&(_, ty)| ty).collect();
        let args = self.args_for(&params);
        for &arg in &args {
            if self.e.one_in(3) && !self.counters.contains(&arg) {
                self.produce(arg, 1);
            }
        }
        let results = if self.e.one_in(4) { Vec::new() } else { self.defs_for(info.results) };
        let mut words = Vec::new();
        encode::sys(&mut words, Opcode::Sys, &results, call as u32, &args);
        self.push(&words);
    }

    /// Prints a register.
    pub(super) fn emit_print(&mut self) {
        let (call, arg) = match self.e.below(4) {
            0 => (Syscall::PrintFloat, self.src(Ty::F64)),
            1 => {
                let text = self.src(Ty::Str);
                (Syscall::Print, text)
            }
            _ => (Syscall::PrintInt, self.src(Ty::I64)),
        };
        let mut words = Vec::new();
        encode::sys(&mut words, Opcode::Sys, &[], call as u32, &[arg]);
        self.push(&words);
    }

    // ---- ends ----

    /// Returns from the function.
    pub(super) fn emit_return(&mut self) {
        let types = self.plan.heads[self.index].signature.results.clone();
        let values = self.args_for(&types);
        match values.as_slice() {
            [] => self.op(Opcode::Ret, &[]),
            [value] => self.op(Opcode::RetValue, &[i64::from(*value)]),
            many => {
                let mut words = Vec::new();
                encode::ret_many(&mut words, Opcode::RetMany, many);
                self.push(&words);
            }
        }
    }

    /// Throws something, or null.
    pub(super) fn emit_throw(&mut self) {
        let register = self.src(Ty::Error);
        if self.e.below(4) != 0 {
            self.produce(register, 1);
        }
        self.op(Opcode::Throw, &[i64::from(register)]);
    }

    /// A tail call to a function or reference with fitting results; false when there is none.
    pub(super) fn emit_tail_call(&mut self) -> bool {
        let fits = |results: &[TypeId]| {
            let own = &self.plan.heads[self.index].signature.results;
            own.len() == results.len()
                && results.iter().zip(own).all(|(&from, &to)| self.plan.classes.assignable(from, to))
        };
        let mut words = Vec::new();
        if self.e.one_in(2) {
            let types: Vec<TypeId> = self
                .plan
                .values
                .iter()
                .copied()
                .filter(|&ty| matches!(self.def(ty), TypeDef::Func(signature) if fits(&signature.results)))
                .collect();
            let Some(&ty) = self.e.pick(&types) else { return false };
            let TypeDef::Func(signature) = self.def(ty).clone() else { return false };
            let value = self.src_exactly(ty);
            if self.e.below(3) != 0 {
                self.produce(value, 1);
            }
            let args = self.args_for(&signature.params);
            encode::tail_call(&mut words, Opcode::TailCallRef, u32::from(value), &args);
        } else {
            let heads: Vec<usize> = (0..self.plan.heads.len())
                .filter(|&index| fits(&self.plan.heads[index].signature.results))
                .collect();
            let Some(&index) = self.e.pick(&heads) else { return false };
            let types = self.plan.heads[index].signature.params.clone();
            let args = self.args_for(&types);
            encode::tail_call(&mut words, Opcode::TailCall, FuncId(index as u32).0, &args);
        }
        self.push(&words);
        true
    }
}

/// Whether a short call can pass these.
fn is_short(signature: &Signature) -> bool {
    signature.params.len() <= 3 && signature.results.len() <= 1
}

fn literal_type(literal: &Literal) -> TypeId {
    match literal {
        Literal::Str(_) => TypeId::STR,
        Literal::Bytes(_) => TypeId::BYTES,
        Literal::Array(elem, _) => TypeId::array_of(*elem),
        Literal::Refs(ty, _) | Literal::Func(_, ty) => *ty,
        Literal::Types(_) => TypeId::ARRAY_I64,
    }
}
