//! Methods of the library, and values as text.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::rc::Rc;

use super::super::{Kind, Lib};
use super::{Done, Entries, Eval, Stop, Value, checked, equal, new_list, ordering};

impl<'p> Eval<'p> {
    pub(super) fn library(&mut self, method: Lib, object: Value<'p>, args: &[Value<'p>]) -> Done<'p> {
        match &object {
            Value::List(list) => self.list_method(method, list, args),
            Value::Map(map) => map_method(method, &map.borrow(), args),
            Value::Str(text) => text_method(method, text, args),
            Value::Int(value) => match method {
                Lib::Abs => checked(value.checked_abs()),
                Lib::ToFloat => Ok(Value::Float(*value as f64)),
                _ => Err(Stop::GiveUp),
            },
            Value::Float(value) => match method {
                Lib::ToInt if (-9223372036854775808.0..9223372036854775808.0).contains(value) => {
                    Ok(Value::Int(*value as i64))
                }
                Lib::ToInt => Err(Stop::Throw(Kind::Overflow, 0)),
                Lib::Floor => Ok(Value::Float(value.floor())),
                _ => Err(Stop::GiveUp),
            },
            Value::Cell(cell) => Ok(cell.replace(args[0].clone())),
            _ => Err(Stop::GiveUp),
        }
    }

    fn list_method(
        &mut self,
        method: Lib,
        list: &Rc<RefCell<Vec<Value<'p>>>>,
        args: &[Value<'p>],
    ) -> Done<'p> {
        let items = list.borrow().clone();
        let count = |arg: &Value<'p>| match arg {
            Value::Int(count) => (*count).clamp(0, items.len() as i64) as usize,
            _ => 0,
        };
        let or_none = |value: Option<&Value<'p>>| value.cloned().unwrap_or(Value::None);
        Ok(match method {
            Lib::Len => Value::Int(items.len() as i64),
            Lib::First => or_none(items.first()),
            Lib::Last => or_none(items.last()),
            Lib::Pop => list.borrow_mut().pop().unwrap_or(Value::None),
            Lib::Contains => Value::Bool(items.iter().any(|item| equal(item, &args[0]))),
            Lib::IndexOf => match items.iter().position(|item| equal(item, &args[0])) {
                Some(at) => Value::Int(at as i64),
                None => Value::None,
            },
            Lib::Copy => new_list(items),
            Lib::Reversed => new_list(items.into_iter().rev().collect()),
            Lib::Sorted => {
                let mut items = items;
                items.sort_by(|a, b| ordering(a, b).unwrap_or(Ordering::Equal));
                new_list(items)
            }
            Lib::Take => new_list(items[..count(&args[0])].to_vec()),
            Lib::Skip => new_list(items[count(&args[0])..].to_vec()),
            Lib::Sum => {
                let mut sum = 0i64;
                for item in &items {
                    let Value::Int(item) = item else { return Err(Stop::GiveUp) };
                    sum = sum.checked_add(*item).ok_or(Stop::Throw(Kind::Overflow, 0))?;
                }
                Value::Int(sum)
            }
            Lib::Map | Lib::Filter | Lib::Any => {
                let mut made = Vec::new();
                let size = items.len();
                for item in items {
                    let value = self.call_closure(&args[0], item.clone())?;
                    // Who changes a list that is walked through is told so.
                    if list.borrow().len() != size {
                        return Err(Stop::GiveUp);
                    }
                    match (method, value) {
                        (Lib::Map, value) => made.push(value),
                        (Lib::Filter, Value::Bool(true)) => made.push(item),
                        (Lib::Any, Value::Bool(true)) => return Ok(Value::Bool(true)),
                        _ => {}
                    }
                }
                if method == Lib::Any { Value::Bool(false) } else { new_list(made) }
            }
            Lib::Enumerate => new_list(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| Value::Pair(Rc::new((Value::Int(at as i64), item))))
                    .collect(),
            ),
            _ => return Err(Stop::GiveUp),
        })
    }

    /// The text of a value in a string.
    pub(super) fn plain(&self, value: &Value<'p>) -> Done<'p, String> {
        if let Value::Str(text) = value {
            return Ok(text.to_string());
        }
        let mut out = String::new();
        self.show(value, &mut out);
        self.limit(out.len())?;
        Ok(out)
    }

    fn show(&self, value: &Value<'p>, out: &mut String) {
        let all = |values: &[Value<'p>], out: &mut String| {
            for (at, value) in values.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                self.show(value, out);
            }
        };
        match value {
            Value::Unit => out.push_str("()"),
            Value::None => out.push_str("none"),
            Value::Int(value) => _ = write!(out, "{value}"),
            Value::Float(value) if value.is_nan() => out.push_str("nan"),
            Value::Float(value) => _ = write!(out, "{value:?}"),
            Value::Bool(value) => _ = write!(out, "{value}"),
            Value::Str(text) => quoted(text, out),
            Value::List(items) => {
                out.push('[');
                all(&items.borrow(), out);
                out.push(']');
            }
            Value::Map(entries) if entries.borrow().is_empty() => out.push_str("[:]"),
            Value::Map(entries) => {
                out.push('[');
                for (at, (key, value)) in entries.borrow().iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    quoted(key, out);
                    out.push_str(": ");
                    self.show(value, out);
                }
                out.push(']');
            }
            Value::Pair(pair) => {
                out.push('(');
                self.show(&pair.0, out);
                out.push_str(", ");
                self.show(&pair.1, out);
                out.push(')');
            }
            Value::Case(number, case, payload) => {
                _ = write!(out, "K{number}_{case}");
                let names = (0..payload.len()).map(|at| format!("p{at}"));
                self.fields(names, payload, out);
            }
            Value::Object(object) => {
                _ = write!(out, "C{}", object.class);
                let names = self.field_names(object.class);
                if names.is_empty() {
                    out.push_str("()");
                }
                self.fields(names.into_iter(), &object.fields.borrow(), out);
            }
            Value::Cell(cell) => {
                out.push_str("Cell(value: ");
                self.show(&cell.borrow(), out);
                out.push(')');
            }
            Value::Closure(_) => out.push_str("fn"),
        }
    }

    fn fields(&self, names: impl Iterator<Item = String>, values: &[Value<'p>], out: &mut String) {
        for (at, (name, value)) in names.zip(values).enumerate() {
            _ = write!(out, "{}{name}: ", if at == 0 { "(" } else { ", " });
            self.show(value, out);
        }
        out.push_str(if values.is_empty() { "" } else { ")" });
    }

    /// Names of the fields of an object, the topmost class first.
    fn field_names(&self, class: usize) -> Vec<String> {
        let above = self.program.classes[class].base.map(|base| self.field_names(base));
        let own = (0..self.program.classes[class].fields.len()).map(|at| format!("f{class}_{at}"));
        above.into_iter().flatten().chain(own).collect()
    }
}

fn map_method<'p>(method: Lib, map: &Entries<'p>, args: &[Value<'p>]) -> Done<'p> {
    let find = || match &args[0] {
        Value::Str(key) => map.iter().find(|entry| entry.0 == *key).map(|entry| entry.1.clone()),
        _ => None,
    };
    Ok(match method {
        Lib::Len => Value::Int(map.len() as i64),
        Lib::Contains => Value::Bool(find().is_some()),
        Lib::GetOr => find().unwrap_or_else(|| args[1].clone()),
        Lib::Keys => new_list(map.iter().map(|entry| Value::Str(entry.0.clone())).collect()),
        _ => return Err(Stop::GiveUp),
    })
}

fn text_method<'p>(method: Lib, text: &str, args: &[Value<'p>]) -> Done<'p> {
    let other = match args.first() {
        Some(Value::Str(other)) => other,
        _ => "",
    };
    Ok(match method {
        Lib::Len => Value::Int(text.len() as i64),
        Lib::Contains => Value::Bool(text.contains(other)),
        Lib::Find => text.find(other).map_or(Value::None, |at| Value::Int(at as i64)),
        Lib::Upper => Value::Str(text.to_uppercase().into()),
        Lib::ParseInt => text.parse().map_or(Value::None, Value::Int),
        _ => return Err(Stop::GiveUp),
    })
}

/// A text in quotation marks.
fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '"' | '\\' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out.push('"');
}
