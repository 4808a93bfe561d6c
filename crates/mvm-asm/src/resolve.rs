//! From a verb and its operands to one row of the instruction table.
//!
//! The row that fits with the fewest hidden registers wins, the first of equals. Then the rule of the row is checked,
//! new registers get their types, literals are loaded, and the instruction is written.

use mvm_isa::{Opcode, Operand as Slot, Syntax, Ty, TypeId, TypeRule};
use mvm_module::TypeDef;

use crate::asm::{Asm, POISON};
use crate::body::Body;
use crate::calls::MANY_MEMBERS;
use crate::cursor::{Cursor, Parse, Reported};
use crate::emit::Site;
use crate::errors::{E0101, E0210, E0302, E0303, E0304, E0312};
use crate::intern::Sym;
use crate::lexer::Kind;
use crate::operands::{Arg, Operand};
use crate::report::Place;
use crate::verbs::{Form, NOWHERE, Other, VERBS, Verb, visible};

/// What a hidden register costs when rows are compared.
const HIDDEN: u32 = 10;

/// Most operands a row of fixed shape has.
const SLOTS_MAX: usize = 8;

impl Body<'_, '_> {
    /// A statement with one operand for each of the row.
    pub(crate) fn plain(&mut self, c: &mut Cursor<'_>, verb: &'static Verb, at: Place) -> Parse<()> {
        let mut list = std::mem::take(&mut self.operands);
        list.clear();
        let result = self.plain_with(c, verb, at, &mut list);
        if result.is_err() {
            // Destinations are taken as known, so that their uses are no further errors.
            for operand in list.iter().take(usize::from(verb.defs)) {
                if let Arg::Name(sym) = operand.arg {
                    self.poison(sym, operand.place);
                }
            }
        }
        self.operands = list;
        result
    }

    fn plain_with(
        &mut self,
        c: &mut Cursor<'_>,
        verb: &'static Verb,
        at: Place,
        list: &mut Vec<Operand>,
    ) -> Parse<()> {
        let syntax = if verb.form == Form::Element || verb.type_at != NOWHERE {
            self.element_list(c, verb, list)?
        } else {
            self.operand_list(c, list)?;
            Syntax::Plain
        };
        self.check_count(verb, at, list.len())?;
        for (index, operand) in list.iter_mut().enumerate() {
            if index < usize::from(verb.defs) {
                self.write(operand)?;
            } else if index == usize::from(verb.label_at) {
                match operand.arg {
                    Arg::Name(sym) => operand.arg = Arg::Label(sym),
                    Arg::Label(_) => {}
                    _ => return Err(self.a.error(E0101, operand.place, "a label is asked for here")),
                }
            } else if index == usize::from(verb.type_at) || matches!(operand.arg, Arg::Field(_)) {
            } else if verb.rows == [Opcode::ConstLiteral] {
                self.read_global(operand)?;
            } else {
                self.read(operand)?;
            }
        }
        if self.any_poisoned(list) {
            self.keep_labels(list);
            return Err(Reported);
        }
        let op = self.choose(verb, at, syntax, list)?;
        self.write_row(op, verb.back, at, list)
    }

    /// Counts the labels of a statement that is given up, so that they are not unused.
    fn keep_labels(&mut self, list: &[Operand]) {
        for operand in list {
            if let Arg::Label(sym) = operand.arg {
                self.label_used(sym, operand.place);
            }
        }
    }

    #[inline]
    pub(crate) fn check_count(&mut self, verb: &Verb, at: Place, found: usize) -> Parse<()> {
        if takes_count(verb, found) { Ok(()) } else { Err(self.wrong_count(verb, at, found)) }
    }

    /// Whether the type of a register among them is not known because of an earlier error.
    pub(crate) fn any_poisoned(&self, list: &[Operand]) -> bool {
        list.iter().any(|o| matches!(o.arg, Arg::Reg(r) if self.register_type(r) == POISON))
    }

    #[cold]
    fn wrong_count(&mut self, verb: &Verb, at: Place, found: usize) -> Reported {
        let counts: Vec<usize> = (0..=SLOTS_MAX).filter(|&count| takes_count(verb, count)).collect();
        let wanted = counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        let plural = if wanted == "1" { "" } else { "s" };
        let message = format!("`{}` takes {wanted} operand{plural}, found {found}", verb.name);
        let help = self.forms(verb);
        self.a.error_help(E0302, at, message, help)
    }

    /// Operands with at most one `a[i]` or `p.x`, and types where the verb has one.
    fn element_list(&mut self, c: &mut Cursor<'_>, verb: &Verb, list: &mut Vec<Operand>) -> Parse<Syntax> {
        let mut syntax = Syntax::Plain;
        if c.peek().ends_statement() {
            return Ok(syntax);
        }
        loop {
            let token = c.peek();
            let next = c.ahead(1);
            if list.len() == usize::from(verb.type_at) {
                let ty = self.a.parse_type(c)?;
                let place = token.place().to(c.previous().place());
                // An object that holds a number is a box.
                let boxed = match ty {
                    TypeId::I64 => TypeId::BOX_I64,
                    TypeId::F64 => TypeId::BOX_F64,
                    other => other,
                };
                let is_test = verb.rows.first().is_some_and(|op| op.info().rule == TypeRule::TypeTest);
                let ty = if is_test { boxed } else { ty };
                self.push_operand(list, Operand::new(Arg::Type(ty), place))?;
            } else if token.is_name()
                && matches!(next.kind, Kind::LeftBracket | Kind::Dot)
                && syntax == Syntax::Plain
            {
                let at = list.len() as u8;
                c.bump();
                c.bump();
                list.push(Operand::new(Arg::Name(token.sym()), token.place()));
                if next.kind == Kind::Dot {
                    syntax = Syntax::Field(at);
                    let (field, place) = self.a.expect_name(c, "the name of a field")?;
                    list.push(Operand::new(Arg::Field(field), place));
                } else {
                    syntax = Syntax::Index(at);
                    let index = self.operand(c)?;
                    list.push(index);
                    self.a.expect(c, Kind::RightBracket, "`]`")?;
                }
            } else {
                let operand = self.operand(c)?;
                self.push_operand(list, operand)?;
            }
            if !c.eat(Kind::Comma) {
                return Ok(syntax);
            }
        }
    }

    /// The row that the operands mean; `list` is changed where the verb stands for another one.
    fn choose(
        &mut self,
        verb: &'static Verb,
        at: Place,
        syntax: Syntax,
        list: &mut Vec<Operand>,
    ) -> Parse<Opcode> {
        if let Syntax::Field(index) = syntax {
            self.resolve_field(usize::from(index), list)?;
        }
        let own = self.best_row(verb, syntax, list);
        let own_only = matches!(verb.other, Other::None | Other::Swapped(_));
        if let Some((op, _)) = own.filter(|&(_, cost)| cost < HIDDEN || own_only) {
            return Ok(op);
        }
        match verb.other {
            Other::None => {}
            Other::Swapped(other) => {
                let first = usize::from(verb.defs);
                list.swap(first, first + 1);
                if let Some((op, _)) = self.best_row(VERBS.get(other), syntax, list) {
                    return Ok(op);
                }
                list.swap(first, first + 1);
            }
            Other::Negated(other) => {
                if let Some(op) = self.negated(VERBS.get(other), list) {
                    return Ok(op);
                }
            }
            Other::WithZero(other) => {
                list.insert(1, Operand::new(Arg::Int(0), at));
                if let Some((op, _)) = self.best_row(VERBS.get(other), syntax, list) {
                    return Ok(op);
                }
                list.remove(1);
            }
        }
        match own {
            Some((op, _)) => Ok(op),
            None => Err(self.no_row(verb, at, syntax, list)),
        }
    }

    /// `sub x, y, 5` is `add x, y, -5`.
    fn negated(&self, other: &Verb, list: &mut [Operand]) -> Option<Opcode> {
        let last = list.last_mut()?;
        let Arg::Int(value) = last.arg else { return None };
        last.arg = Arg::Int(value.checked_neg()?);
        match self.best_row(other, Syntax::Plain, list) {
            Some((op, cost)) if cost < HIDDEN => Some(op),
            _ => {
                if let Some(last) = list.last_mut() {
                    last.arg = Arg::Int(value);
                }
                None
            }
        }
    }

    /// The row with the lowest cost that fits.
    #[inline]
    fn best_row(&self, verb: &Verb, syntax: Syntax, list: &[Operand]) -> Option<(Opcode, u32)> {
        let mut best: Option<(Opcode, u32)> = None;
        for &op in &verb.rows {
            let Some(cost) = self.row_cost(op, syntax, list) else { continue };
            if best.is_none_or(|(_, known)| cost < known) {
                best = Some((op, cost));
                if cost == 0 {
                    break;
                }
            }
        }
        best
    }

    /// What a row costs for these operands; none when it does not fit.
    #[inline]
    pub(crate) fn row_cost(&self, op: Opcode, syntax: Syntax, list: &[Operand]) -> Option<u32> {
        let info = op.info();
        if info.syntax != syntax {
            return None;
        }
        let mut operands = list.iter();
        let mut cost = 0;
        for &slot in info.operands {
            if matches!(slot, Slot::Weight | Slot::FrameSize) {
                continue;
            }
            cost += self.fits(slot, operands.next()?.arg, op)?;
        }
        let done = operands.next();
        match done {
            None => Some(cost),
            // `mov x, null` is `const_null x`.
            Some(Operand { arg: Arg::Null, .. }) if op == Opcode::ConstNull => Some(cost),
            Some(_) => None,
        }
    }

    /// What an operand costs in a slot of a row; none when it does not fit.
    #[inline]
    fn fits(&self, slot: Slot, arg: Arg, op: Opcode) -> Option<u32> {
        let condition = |good: bool, cost: u32| good.then_some(cost);
        match (slot, arg) {
            (Slot::Def(ty), Arg::Reg(register)) => {
                condition(self.a.takes_result(ty, self.register_type(register)), 0)
            }
            (Slot::Def(_), Arg::Name(_)) => Some(0),
            (Slot::Src(ty), Arg::Reg(register)) => {
                condition(self.a.accepts(ty, self.register_type(register)), 0)
            }
            (Slot::Src(ty), Arg::Null) => {
                condition(!matches!(ty, Ty::I64 | Ty::F64) && op != Opcode::Mov, HIDDEN)
            }
            (Slot::Src(ty), arg) => {
                let found = self.a.literal_type(arg)?;
                condition(self.a.accepts(ty, found), HIDDEN)
            }
            (Slot::Imm16, Arg::Int(value)) => condition(i16::try_from(value).is_ok(), 0),
            (Slot::Imm32, Arg::Int(value)) => condition(i32::try_from(value).is_ok(), 0),
            (Slot::WordI64, Arg::Int(_)) => Some(1),
            (Slot::WordF64, Arg::Float(_)) => Some(0),
            (Slot::Literal, Arg::Str(_) | Arg::Data(_) | Arg::Func(_)) if op == Opcode::ConstLiteral => {
                Some(0)
            }
            (Slot::Type, Arg::Type(_)) => Some(0),
            (Slot::Label16 | Slot::Label32, Arg::Label(_)) => Some(0),
            // The row of a field access is that for the type of the field.
            (Slot::Field, Arg::FieldAt(offset)) => condition(self.field_row(op, offset), 0),
            _ => None,
        }
    }

    /// Whether a row of a field access is the one for the field found last.
    fn field_row(&self, op: Opcode, _offset: u16) -> bool {
        let wanted = match self.field_type {
            TypeId::I64 => [Opcode::GetFieldI64, Opcode::SetFieldI64],
            TypeId::F64 => [Opcode::GetFieldF64, Opcode::SetFieldF64],
            _ => [Opcode::GetFieldRef, Opcode::SetFieldRef],
        };
        wanted.contains(&op)
    }

    /// Finds the field of `p.x` by the class of `p`.
    fn resolve_field(&mut self, at: usize, list: &mut [Operand]) -> Parse<()> {
        let (object, field) = (list[at], list[at + 1]);
        let (Arg::Reg(register), Arg::Field(name)) = (object.arg, field.arg) else {
            return Err(self.a.error(E0101, object.place, "a register is asked for here"));
        };
        let ty = self.register_type(register);
        let slot = self.a.find_field(ty, name, object.place, field.place)?;
        list[at + 1].arg = Arg::FieldAt(slot.0);
        self.field_type = slot.1;
        Ok(())
    }

    /// Checks the rule of the row; gives the type of its result, where the table does not say it.
    fn check_rule(&mut self, op: Opcode, list: &[Operand], at: Place) -> Parse<Option<TypeId>> {
        let info = op.info();
        let arg_type = |body: &Self, index: usize| body.arg_type(list[index].arg);
        let result = match info.rule {
            TypeRule::Literal => match list[1].arg {
                Arg::Func(func) => Some(self.a.function_literal(func, list[1].place).1),
                arg => self.arg_type(arg),
            },
            TypeRule::Move => arg_type(self, 1),
            TypeRule::Select => {
                let (yes, no) = (arg_type(self, 2), arg_type(self, 3));
                self.common_type(yes, no, list)?
            }
            TypeRule::Null => None,
            TypeRule::GetRef => arg_type(self, 1).and_then(|array| self.a.element_type(array)),
            TypeRule::GetField => Some(self.field_type),
            TypeRule::SetField => {
                self.check_not_frozen(list, at)?;
                self.check_value(list[2], self.field_type)?;
                None
            }
            TypeRule::SetRef | TypeRule::ElementValue => {
                self.check_element(op, list)?;
                None
            }
            TypeRule::SameArrays => {
                self.check_same_arrays(op, list)?;
                let source = usize::from(matches!(info.operands.first(), Some(Slot::Def(_))));
                arg_type(self, source)
            }
            TypeRule::TypeTest | TypeRule::Cast => {
                let Arg::Type(ty) = list[2].arg else { return Err(Reported) };
                self.check_related(list[1], ty, list[2].place)?;
                Some(ty)
            }
            _ => None,
        };
        match (info.operands.first(), result) {
            (Some(Slot::Def(ty)), Some(result)) if concrete(*ty).is_none() => {
                self.check_destination(list[0], result)?;
            }
            _ => {}
        }
        Ok(result)
    }

    /// The type of a register or literal; none for `null`.
    pub(crate) fn arg_type(&self, arg: Arg) -> Option<TypeId> {
        match arg {
            Arg::Reg(register) => Some(self.register_type(register)),
            arg => self.a.literal_type(arg),
        }
    }

    fn common_type(
        &mut self,
        a: Option<TypeId>,
        b: Option<TypeId>,
        list: &[Operand],
    ) -> Parse<Option<TypeId>> {
        let (Some(a), Some(b)) = (a, b) else { return Ok(a.or(b)) };
        if self.a.assignable(a, b) {
            return Ok(Some(b));
        }
        if self.a.assignable(b, a) {
            return Ok(Some(a));
        }
        if let Arg::Reg(result) = list[0].arg {
            let result = self.register_type(result);
            self.check_fits(a, result, list[2].place)?;
            self.check_fits(b, result, list[3].place)?;
            return Ok(Some(result));
        }
        let message = format!("`{}` and `{}` have no common type", self.a.type_name(a), self.a.type_name(b));
        let help = "declare the destination with `.local`";
        Err(self.a.error_help(E0303, list[0].place, message, help))
    }

    fn check_not_frozen(&mut self, list: &[Operand], at: Place) -> Parse<()> {
        let Arg::Reg(object) = list[0].arg else { return Ok(()) };
        let ty = self.register_type(object);
        match self.a.type_def(ty) {
            Some(TypeDef::Class(class)) if class.frozen => {
                let message =
                    format!("fields of the frozen class `{}` are set only when it is made", class.name);
                let help = format!("make a new object: `new p, {}(...)`", class.name);
                Err(self.a.error_help(E0312, at, message, help))
            }
            _ => Ok(()),
        }
    }

    /// Whether the value of `set a[i]`, `fill`, `find` fits the elements of the array.
    fn check_element(&mut self, op: Opcode, list: &[Operand]) -> Parse<()> {
        let (array, value) = match op {
            Opcode::ArrayFill => (0, 3),
            Opcode::ArrayFind => (1, 2),
            _ => (0, 2),
        };
        match self.arg_type(list[array].arg).and_then(|ty| self.a.element_type(ty)) {
            Some(element) => self.check_value(list[value], element),
            None => Ok(()),
        }
    }

    fn check_same_arrays(&mut self, op: Opcode, list: &[Operand]) -> Parse<()> {
        let (a, b) = match op {
            Opcode::ArrayCopy => (0, 2),
            Opcode::ArrayConcat | Opcode::ArrayCompare => (1, 2),
            _ => return Ok(()),
        };
        match (self.arg_type(list[a].arg), self.arg_type(list[b].arg)) {
            (Some(one), Some(other)) if one != other => {
                let message = format!(
                    "two arrays of one type are asked for, found `{}` and `{}`",
                    self.a.type_name(one),
                    self.a.type_name(other)
                );
                Err(self.a.error(E0304, list[b].place, message))
            }
            _ => Ok(()),
        }
    }

    /// Whether a register or literal may stand where type `to` is asked for.
    pub(crate) fn check_value(&mut self, value: Operand, to: TypeId) -> Parse<()> {
        match self.arg_type(value.arg) {
            Some(from) => self.check_fits(from, to, value.place),
            None if value.arg == Arg::Null && to.is_ref() => Ok(()),
            None => {
                let found = if value.arg == Arg::Null { "null" } else { "no value" };
                let message = format!("expected `{}`, found {found}", self.a.type_name(to));
                Err(self.a.error(E0304, value.place, message))
            }
        }
    }

    pub(crate) fn check_fits(&mut self, from: TypeId, to: TypeId, place: Place) -> Parse<()> {
        if self.a.assignable(from, to) {
            return Ok(());
        }
        Err(self.does_not_fit(from, to, place))
    }

    /// Whether a result of type `from` fits the destination, if that is known.
    pub(crate) fn check_destination(&mut self, destination: Operand, from: TypeId) -> Parse<()> {
        let Arg::Reg(register) = destination.arg else { return Ok(()) };
        let to = self.register_type(register);
        if self.a.assignable(from, to) {
            return Ok(());
        }
        Err(self.bad_destination(from, register, destination.place))
    }

    /// The register behind a destination; a new one gets this type.
    pub(crate) fn destination(&mut self, operand: Operand, ty: TypeId, several: bool) -> u16 {
        match operand.arg {
            Arg::Reg(register) => register,
            Arg::Name(sym) => match self.register(sym) {
                // The same new name twice in one statement.
                Some(register) => register,
                None => {
                    let register = self.add_register(sym, ty, operand.place);
                    if several {
                        self.registers[usize::from(register)].read = true;
                    }
                    register
                }
            },
            _ => 0,
        }
    }

    /// Writes an instruction of fixed shape.
    fn write_row(&mut self, op: Opcode, must_back: bool, at: Place, list: &[Operand]) -> Parse<()> {
        let result = self.check_rule(op, list, at)?;
        let info = op.info();
        let mut values = [0i64; SLOTS_MAX];
        let mut label = None;
        let mut written = list.iter();
        let defs = info.operands.iter().filter(|slot| matches!(slot, Slot::Def(_))).count();
        let mut literals: [Option<(usize, Operand, TypeId)>; SLOTS_MAX] = [None; SLOTS_MAX];
        for (slot_index, &slot) in info.operands.iter().enumerate().take(SLOTS_MAX) {
            if slot == Slot::Weight {
                values[slot_index] = 1;
                continue;
            }
            if slot == Slot::FrameSize {
                continue;
            }
            let Some(&operand) = written.next() else { break };
            values[slot_index] = match (slot, operand.arg) {
                (Slot::Def(_), Arg::Reg(register)) => i64::from(register),
                (Slot::Def(ty), _) => {
                    let Some(ty) = concrete(ty).or(result) else {
                        return Err(self.needs_local(operand));
                    };
                    i64::from(self.destination(operand, ty, defs > 1))
                }
                (_, Arg::Reg(register)) => i64::from(register),
                (Slot::Src(ty), arg) => {
                    let ty = self.a.literal_type(arg).unwrap_or_else(|| self.null_type(op, ty, list));
                    literals[slot_index] = Some((slot_index, operand, ty));
                    0
                }
                (_, Arg::Int(value)) => value,
                (_, Arg::Float(value)) => canonical_bits(value),
                (Slot::Literal, Arg::Str(sym)) => i64::from(self.a.string_literal(sym).0),
                (Slot::Literal, Arg::Data(index)) => i64::from(self.a.data_literal(index).0),
                (Slot::Literal, Arg::Func(func)) => {
                    i64::from(self.a.function_literal(func, operand.place).0.0)
                }
                (_, Arg::Type(ty)) => i64::from(ty.0),
                (_, Arg::FieldAt(offset)) => i64::from(offset),
                (_, Arg::Label(sym)) => {
                    label = Some((self.label_used(sym, operand.place), operand.place));
                    0
                }
                _ => 0,
            };
        }
        for (slot_index, operand, ty) in literals.into_iter().flatten() {
            values[slot_index] = i64::from(self.load(operand, ty));
        }
        let pc = self.code.pc();
        if let Some((label, place)) = label {
            let expansion = self.a.report.expansion;
            self.code.sites.push(Site { pc, label, index: 0, must_back, place, expansion });
        }
        self.code.fixed(op, &values[..info.operands.len().min(SLOTS_MAX)]);
        self.wrote(op, pc, at);
        Ok(())
    }

    /// The type that a `null` in this place has.
    fn null_type(&self, op: Opcode, slot: Ty, list: &[Operand]) -> TypeId {
        let element = |index: usize| self.arg_type(list[index].arg).and_then(|ty| self.a.element_type(ty));
        let by_rule = match op.info().rule {
            TypeRule::SetField => Some(self.field_type),
            TypeRule::SetRef => element(0),
            TypeRule::ElementValue => element(usize::from(op == Opcode::ArrayFind)),
            TypeRule::Select => self
                .arg_type(list[2].arg)
                .or_else(|| self.arg_type(list[3].arg))
                .or_else(|| self.arg_type(list[0].arg)),
            TypeRule::SameArrays => {
                list.iter().find_map(|o| self.arg_type(o.arg).filter(|ty| self.a.element_type(*ty).is_some()))
            }
            _ => None,
        };
        by_rule.or(concrete(slot)).unwrap_or(match slot {
            Ty::Error => TypeId::ERROR,
            Ty::Array => TypeId::array_of(mvm_isa::Elem::I64),
            Ty::RefArray => TypeId::ARRAY_STR,
            _ => TypeId::ANY,
        })
    }

    /// Loads a literal into a hidden register.
    pub(crate) fn load(&mut self, operand: Operand, ty: TypeId) -> u16 {
        let register = self.hidden_register(ty, operand.place);
        let to = i64::from(register);
        match operand.arg {
            Arg::Int(value) if i32::try_from(value).is_ok() => {
                self.code.fixed(Opcode::ConstI64, &[to, value])
            }
            Arg::Int(value) => self.code.fixed(Opcode::ConstI64Wide, &[to, value]),
            Arg::Float(value) => self.code.fixed(Opcode::ConstF64, &[to, canonical_bits(value)]),
            Arg::Str(sym) => {
                let literal = self.a.string_literal(sym);
                self.code.fixed(Opcode::ConstLiteral, &[to, i64::from(literal.0)]);
            }
            Arg::Data(index) => {
                let literal = self.a.data_literal(index);
                self.code.fixed(Opcode::ConstLiteral, &[to, i64::from(literal.0)]);
            }
            _ => self.code.fixed(Opcode::ConstNull, &[to]),
        }
        register
    }

    #[cold]
    fn needs_local(&mut self, operand: Operand) -> Reported {
        let Arg::Name(sym) = operand.arg else { return Reported };
        let name = self.a.text(sym).to_owned();
        let message = format!("the type of `{name}` does not follow from its first write");
        let help = format!("declare it: `.local {name}: TYPE`");
        self.a.error_help(E0303, operand.place, message, help)
    }
}

/// Whether some row of a verb has this many operands.
fn takes_count(verb: &Verb, count: usize) -> bool {
    if verb.form == Form::Builtin {
        return verb.builtins.iter().any(|b| b.results.len() + b.params.len() == count);
    }
    let rows = match verb.other {
        Other::WithZero(_) => return count == 2,
        Other::Swapped(other) | Other::Negated(other) if verb.rows.is_empty() => &VERBS.get(other).rows,
        _ => &verb.rows,
    };
    // The row for `mov x, null` has one operand.
    rows.iter().any(|&op| visible(op).count() + usize::from(op == Opcode::ConstNull && !verb.full) == count)
}

/// The register type that a slot means, if it means one.
pub(crate) fn concrete(ty: Ty) -> Option<TypeId> {
    Some(match ty {
        Ty::I64 => TypeId::I64,
        Ty::F64 => TypeId::F64,
        Ty::Str => TypeId::STR,
        Ty::Bytes => TypeId::BYTES,
        Ty::Block => TypeId::BLOCK,
        Ty::Any => TypeId::ANY,
        Ty::ArrayOf(elem) => TypeId::array_of(elem),
        _ => return None,
    })
}

/// The bits of a float, with one pattern for all NaNs.
fn canonical_bits(value: f64) -> i64 {
    let value = if value.is_nan() { f64::NAN } else { value };
    value.to_bits() as i64
}

impl Asm<'_> {
    /// Whether a slot that reads `slot` accepts a register of type `ty`.
    #[inline]
    pub(crate) fn accepts(&self, slot: Ty, ty: TypeId) -> bool {
        match slot {
            Ty::I64 => ty == TypeId::I64,
            Ty::F64 => ty == TypeId::F64,
            Ty::Str => ty == TypeId::STR,
            Ty::Bytes => ty == TypeId::BYTES,
            Ty::Block => ty == TypeId::BLOCK,
            Ty::Value => true,
            Ty::ArrayOf(elem) => ty == TypeId::array_of(elem),
            Ty::Any | Ty::Ref => ty.is_ref(),
            Ty::Array => ty.elem().is_some() || matches!(self.type_def(ty), Some(TypeDef::RefArray(_))),
            Ty::RefArray => matches!(self.type_def(ty), Some(TypeDef::RefArray(_))),
            Ty::Func => matches!(self.type_def(ty), Some(TypeDef::Func(_))),
            Ty::Object => matches!(self.type_def(ty), Some(TypeDef::Class(_) | TypeDef::Interface(_))),
            Ty::Error => self.assignable(ty, TypeId::ERROR),
        }
    }

    /// Whether a register of type `ty` can take a result of a slot; where the slot is vague, a rule judges later.
    #[inline]
    pub(crate) fn takes_result(&self, slot: Ty, ty: TypeId) -> bool {
        match concrete(slot) {
            Some(result) => self.assignable(result, ty),
            None => match slot {
                Ty::Value => true,
                _ => ty.is_ref(),
            },
        }
    }

    /// Offset and type of a field of a class.
    fn find_field(&mut self, ty: TypeId, name: Sym, object: Place, place: Place) -> Parse<(u16, TypeId)> {
        let Some(layout) = self.classes.layout(ty) else {
            let message = format!("`{}` has no fields", self.type_name(ty));
            return Err(self.error(E0210, object, message));
        };
        let text = self.lex.names.text(name);
        let find = || layout.fields.iter().rposition(|f| *f.name == *text).map(|index| index as u32);
        let found = match layout.fields.len() {
            0..=MANY_MEMBERS => find(),
            _ => *self.fields.entry((ty, name)).or_insert_with(find),
        };
        if let Some(slot) = found.and_then(|index| layout.fields.get(index as usize)) {
            return Ok((slot.offset, slot.ty));
        }
        let near = self.suggest(text, layout.fields.iter().map(|f| &*f.name));
        let what = format!("class `{}` has no field", self.type_name(ty));
        let text = text.to_owned();
        Err(self.unknown(E0210, place, &what, &text, near))
    }
}
