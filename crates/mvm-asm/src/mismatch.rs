//! Why operands fit no row: the messages.

use mvm_diag::Diagnostic;
use mvm_isa::{Opcode, Operand as Slot, Syntax, Ty, TypeId};
use mvm_module::TypeDef;

use crate::body::Body;
use crate::builtins;
use crate::cursor::{Parse, Reported};
use crate::errors::{E0301, E0304, E0310, E0316};
use crate::operands::{Arg, Operand};
use crate::report::Place;
use crate::verbs::{Other, VERBS, Verb, visible};

/// How many rows a message lists.
const FORMS_MAX: usize = 6;

impl Body<'_, '_> {
    /// The rows of a verb as a help line.
    pub(crate) fn forms(&self, verb: &Verb) -> String {
        let rows: &[Opcode] = match verb.other {
            Other::Swapped(other) | Other::Negated(other) | Other::WithZero(other)
                if verb.rows.is_empty() =>
            {
                &VERBS.get(other).rows
            }
            _ => &verb.rows,
        };
        let builtins = verb.builtins.iter().map(|builtin| builtins::form(builtin));
        let shown: Vec<String> = rows.iter().map(|&op| form(op)).chain(builtins).take(FORMS_MAX).collect();
        let count = rows.len() + verb.builtins.len();
        let more = count.saturating_sub(FORMS_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("there {} {}{more}", if count == 1 { "is" } else { "are" }, shown.join(", "))
    }

    /// Reports that no row of a verb takes these operands.
    #[cold]
    pub(crate) fn no_row(&mut self, verb: &Verb, at: Place, syntax: Syntax, list: &[Operand]) -> Reported {
        if let Some(reported) = self.bad_result(verb, syntax, list) {
            return reported;
        }
        let types: Vec<String> =
            list.iter().skip(usize::from(verb.defs)).filter_map(|o| self.operand_text(o.arg)).collect();
        let message = match types.as_slice() {
            [] => format!("no form of `{}` fits", verb.name),
            [one] => format!("no form of `{}` takes {one}", verb.name),
            many => format!("no form of `{}` takes ({})", verb.name, many.join(", ")),
        };
        let mut error = Diagnostic::error(E0301, message).at(self.a.span(at), "");
        error.help = Some(self.advice(verb, syntax, list).unwrap_or_else(|| self.forms(verb)));
        let row = verb.rows.first().filter(|_| verb.full);
        if row.is_some_and(|&op| visible(op).any(|slot| is_immediate(&slot))) {
            error.code = E0310;
        }
        for operand in list.iter().skip(usize::from(verb.defs)) {
            if let (Arg::Reg(register), true) = (operand.arg, error.secondary.len() < 2) {
                let text = format!("`{}`", self.a.type_name(self.register_type(register)));
                error = error.with(self.a.span(operand.place), text);
            }
        }
        self.a.report.emit(error);
        Reported
    }

    /// If a row would fit with another destination: says so.
    fn bad_result(&mut self, verb: &Verb, syntax: Syntax, list: &[Operand]) -> Option<Reported> {
        let destination = *list.first()?;
        let Arg::Reg(register) = destination.arg else { return None };
        if verb.defs == 0 {
            return None;
        }
        let mut changed = list.to_vec();
        changed[0].arg = Arg::Name(crate::intern::Sym::NONE);
        let fitting = |op: &&Opcode| self.row_cost(**op, syntax, &changed).is_some();
        let op = verb.rows.iter().find(fitting)?;
        let Some(Slot::Def(ty)) = visible(*op).next() else { return None };
        let result = crate::resolve::concrete(ty)?;
        Some(self.bad_destination(result, register, destination.place))
    }

    /// Reports a result that does not fit its destination.
    #[cold]
    pub(crate) fn bad_destination(&mut self, from: TypeId, register: u16, place: Place) -> Reported {
        let info = self.registers[usize::from(register)];
        let message = format!(
            "the result is `{}`, but `{}` is `{}`",
            self.a.type_name(from),
            self.a.text(info.name),
            self.a.type_name(info.ty)
        );
        let mut error = Diagnostic::error(E0304, message).at(self.a.span(place), "");
        if info.place != place {
            let since = format!("it has type `{}` since here", self.a.type_name(info.ty));
            error = error.with(self.a.span(info.place), since);
        }
        error.help = self.conversion(from, info.ty);
        self.a.report.emit(error);
        Reported
    }

    /// Reports a value of a wrong type.
    #[cold]
    pub(crate) fn does_not_fit(&mut self, from: TypeId, to: TypeId, place: Place) -> Reported {
        let message = format!("expected `{}`, found `{}`", self.a.type_name(to), self.a.type_name(from));
        let mut error = Diagnostic::error(E0304, message).at(self.a.span(place), "");
        error.help = self.conversion(from, to);
        self.a.report.emit(error);
        Reported
    }

    /// How to get from one type to another.
    fn conversion(&self, from: TypeId, to: TypeId) -> Option<String> {
        let text = match (from, to) {
            (TypeId::I64, TypeId::F64) => "convert it with `i64_to_f64`, or write a literal as `1.0`",
            (TypeId::F64, TypeId::I64) => "convert it with `f64_to_i64`, or write a literal as `1`",
            (TypeId::I64 | TypeId::F64, TypeId::ANY) => "put it into an object with `box`",
            (TypeId::ANY, TypeId::I64 | TypeId::F64) => "take it out with `unbox`",
            (TypeId::STR, TypeId::BYTES) => "convert it with `bytes_from_str`",
            (TypeId::BYTES, TypeId::STR) => "convert it with `str_from_bytes`",
            (TypeId::I64, TypeId::STR) => "convert it with `str_from_int`",
            (TypeId::F64, TypeId::STR) => "convert it with `str_from_float`",
            _ if self.a.assignable(to, from) && from.is_ref() => {
                return Some(format!("go down with `cast r, x, {}`", self.a.type_name(to)));
            }
            _ => return None,
        };
        Some(text.into())
    }

    /// An operand as a message calls it.
    fn operand_text(&self, arg: Arg) -> Option<String> {
        Some(match arg {
            Arg::Reg(register) => format!("`{}`", self.a.type_name(self.register_type(register))),
            Arg::Int(value) => format!("the integer {value}"),
            Arg::Float(value) => format!("the float {value:?}"),
            Arg::Str(_) => "a string".into(),
            Arg::Null => "null".into(),
            Arg::Data(index) => {
                format!("data of type `{}`", self.a.type_name(self.a.data[index as usize].ty))
            }
            Arg::Func(func) => format!("the function `{}`", self.a.function_text(func)),
            _ => return None,
        })
    }

    /// Advice for frequent mistakes.
    fn advice(&self, verb: &Verb, syntax: Syntax, list: &[Operand]) -> Option<String> {
        let types: Vec<TypeId> = list.iter().filter_map(|o| self.arg_type(o.arg)).collect();
        let floats = types.contains(&TypeId::F64);
        for operand in list {
            match operand.arg {
                Arg::Int(value) if floats => return Some(format!("write the float as `{value}.0`")),
                Arg::Func(_) => return Some("make a reference to the function with `fref g, name`".into()),
                _ => {}
            }
        }
        if floats && types.contains(&TypeId::I64) {
            return Some("nothing is converted by itself: `i64_to_f64` and `f64_to_i64` convert".into());
        }
        let first = list.get(usize::from(verb.defs)).and_then(|o| self.arg_type(o.arg))?;
        let reference = first.is_ref();
        match verb.name {
            "get" | "set" if first == TypeId::BLOCK => Some(
                "blocks are read and written with `load_i32 v, b[offset]` and `store_i32 b[offset], v`"
                    .into(),
            ),
            "get" if first == TypeId::STR => Some("`str_byte` and `str_code` read from a string".into()),
            "get" | "set" if syntax == Syntax::Plain => Some("write `get v, a[i]` or `set p.x, v`".into()),
            "beq" | "bne" | "bz" | "bnz" if reference => {
                Some("test references with `bnull`, `bnonnull`, or `same t, p, q` and `bnz t, label`".into())
            }
            "eq" | "ne" if reference => {
                Some("`same t, p, q` compares identity, `is_null t, p` tests for null".into())
            }
            "add" if first == TypeId::STR => Some("`concat` joins strings".into()),
            _ => None,
        }
    }

    /// Whether a value of the operand's type can be of type `ty` at all.
    pub(crate) fn check_related(&mut self, operand: Operand, ty: TypeId, place: Place) -> Parse<()> {
        if !ty.is_ref() {
            let message = format!("objects are never of type `{}`", self.a.type_name(ty));
            let help = "numbers in an `any` are taken out with `unbox`";
            return Err(self.a.error_help(E0316, place, message, help));
        }
        let Some(from) = self.arg_type(operand.arg) else { return Ok(()) };
        let interface = |t: TypeId| matches!(self.a.type_def(t), Some(TypeDef::Interface(_)));
        let object = |t: TypeId| interface(t) || matches!(self.a.type_def(t), Some(TypeDef::Class(_)));
        let possible = self.a.assignable(from, ty)
            || self.a.assignable(ty, from)
            || (object(from) && object(ty) && (interface(from) || interface(ty)));
        if possible {
            return Ok(());
        }
        let message = format!("a `{}` is never a `{}`", self.a.type_name(from), self.a.type_name(ty));
        Err(self.a.error(E0316, place, message))
    }
}

fn is_immediate(slot: &Slot) -> bool {
    matches!(slot, Slot::Imm16 | Slot::Imm32)
}

/// A row as it is written, with types for operands.
fn form(op: Opcode) -> String {
    let info = op.info();
    let operands: Vec<String> = visible(op)
        .map(|slot| match slot {
            Slot::Def(ty) | Slot::Src(ty) => ty_name(ty).to_owned(),
            Slot::Imm16 | Slot::Imm32 | Slot::WordI64 => "integer".into(),
            Slot::WordF64 => "float".into(),
            Slot::Literal => "literal".into(),
            Slot::Type => "type".into(),
            Slot::Field => "field".into(),
            Slot::Func => "function".into(),
            Slot::Weight | Slot::FrameSize => String::new(),
            Slot::Label16 | Slot::Label32 => "label".into(),
        })
        .collect();
    let text = match info.syntax {
        Syntax::Plain => operands.join(", "),
        Syntax::Index(at) | Syntax::Field(at) => {
            let at = usize::from(at);
            let joined = match info.syntax {
                Syntax::Index(_) => format!("{}[{}]", operands[at], operands[at + 1]),
                _ => format!("{}.{}", operands[at], operands[at + 1]),
            };
            let mut parts = operands.clone();
            parts.splice(at..at + 2, [joined]);
            parts.join(", ")
        }
    };
    if text.is_empty() { format!("`{}`", info.name) } else { format!("`{} {text}`", info.name) }
}

fn ty_name(ty: Ty) -> &'static str {
    match ty {
        Ty::I64 => "i64",
        Ty::F64 => "f64",
        Ty::Str => "str",
        Ty::Bytes => "bytes",
        Ty::Block => "block",
        Ty::Any => "any",
        Ty::Ref => "reference",
        Ty::Array => "array",
        Ty::ArrayOf(elem) => match elem {
            mvm_isa::Elem::I8 => "[i8]",
            mvm_isa::Elem::U8 => "[u8]",
            mvm_isa::Elem::I16 => "[i16]",
            mvm_isa::Elem::U16 => "[u16]",
            mvm_isa::Elem::I32 => "[i32]",
            mvm_isa::Elem::U32 => "[u32]",
            mvm_isa::Elem::I64 => "[i64]",
            mvm_isa::Elem::F32 => "[f32]",
            mvm_isa::Elem::F64 => "[f64]",
        },
        Ty::RefArray => "[reference]",
        Ty::Func => "function reference",
        Ty::Object => "object",
        Ty::Error => "Error",
        Ty::Value => "value",
    }
}
