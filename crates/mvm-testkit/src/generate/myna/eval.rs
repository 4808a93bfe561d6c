//! What a program does, found by walking its tree.

mod library;

use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::rc::Rc;

use super::{Cmp, End, Expr, FloatOp, Function, IntOp, Kind, Place, Program, Stmt};

/// Steps after which a program takes too long.
const STEPS: u32 = 6_000;
/// Calls in calls, likewise.
const DEPTH: u32 = 40;
/// Bytes of a text and elements of a list, likewise.
const SIZE: usize = 2_000;

#[derive(Debug, Clone)]
enum Value<'p> {
    Unit,
    None,
    Int(i64),
    Float(f64),
    Bool(bool),
    Str(Rc<str>),
    List(Rc<RefCell<Vec<Value<'p>>>>),
    Map(Rc<RefCell<Entries<'p>>>),
    Pair(Rc<(Value<'p>, Value<'p>)>),
    Case(usize, usize, Rc<Vec<Value<'p>>>),
    Object(Rc<Object<'p>>),
    Cell(Rc<RefCell<Value<'p>>>),
    Closure(Rc<Closure<'p>>),
}

type Entries<'p> = Vec<(Rc<str>, Value<'p>)>;

#[derive(Debug)]
struct Object<'p> {
    class: usize,
    /// Of all classes above too, the topmost first.
    fields: RefCell<Vec<Value<'p>>>,
}

#[derive(Debug)]
struct Closure<'p> {
    param: usize,
    body: &'p [Stmt],
    value: &'p Expr,
    frame: Frame<'p>,
}

/// The variables of a call. Closures share them.
#[derive(Debug, Clone)]
struct Frame<'p> {
    locals: Vec<Option<Rc<RefCell<Value<'p>>>>>,
    this: Option<Rc<Object<'p>>>,
}

/// Why a statement or expression does not end as usual.
#[derive(Debug)]
enum Stop<'p> {
    /// An error, with the number of `E0` and `E1`.
    Throw(Kind, i64),
    Return(Value<'p>),
    Break(usize),
    Continue(usize),
    /// The program takes too long, or does something whose meaning the language leaves open.
    GiveUp,
}

type Done<'p, T = Value<'p>> = Result<T, Stop<'p>>;

struct Eval<'p> {
    program: &'p Program,
    steps: u32,
    depth: u32,
    output: String,
}

/// Runs `main`: what it prints, and how it ends; none if it takes too long.
pub(super) fn run(program: &Program) -> Option<(String, End)> {
    let mut eval = Eval { program, steps: 0, depth: 0, output: String::new() };
    let end = match eval.call(&program.functions[0], Vec::new(), None) {
        Ok(_) => End::Normal,
        Err(Stop::Throw(kind, _)) => End::Uncaught(kind.name()),
        Err(_) => return None,
    };
    Some((eval.output, end))
}

/// An integer, or the error.
fn checked<'p>(value: Option<i64>) -> Done<'p> {
    value.map(Value::Int).ok_or(Stop::Throw(Kind::Overflow, 0))
}

fn int_op<'p>(op: IntOp, a: i64, b: i64) -> Done<'p> {
    Ok(Value::Int(match op {
        IntOp::Add => return checked(a.checked_add(b)),
        IntOp::Sub => return checked(a.checked_sub(b)),
        IntOp::Mul => return checked(a.checked_mul(b)),
        IntOp::Div | IntOp::Rem if b == 0 => return Err(Stop::Throw(Kind::DivideByZero, 0)),
        IntOp::Div => return checked(a.checked_div(b)),
        IntOp::Rem => a.wrapping_rem(b),
        IntOp::AddWrap => a.wrapping_add(b),
        IntOp::SubWrap => a.wrapping_sub(b),
        IntOp::MulWrap => a.wrapping_mul(b),
        IntOp::And => a & b,
        IntOp::Or => a | b,
        IntOp::Xor => a ^ b,
        IntOp::Shl => a.wrapping_shl(b as u32),
        IntOp::Shr => a.wrapping_shr(b as u32),
        IntOp::ShrZero => (a as u64).wrapping_shr(b as u32) as i64,
    }))
}

fn equal<'p>(a: &Value<'p>, b: &Value<'p>) -> bool {
    let both =
        |a: &[Value<'p>], b: &[Value<'p>]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b));
    match (a, b) {
        (Value::Unit, Value::Unit) | (Value::None, Value::None) => true,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            Rc::ptr_eq(a, b) && a.borrow().iter().all(|v| equal(v, v)) || both(&a.borrow(), &b.borrow())
        }
        // Entries in any order.
        (Value::Map(a), Value::Map(b)) => {
            let (a, b) = (a.borrow(), b.borrow());
            let has = |(key, value): &(Rc<str>, Value<'p>)| {
                b.iter().any(|(other, theirs)| other == key && equal(value, theirs))
            };
            a.len() == b.len() && a.iter().all(has)
        }
        (Value::Pair(a), Value::Pair(b)) => equal(&a.0, &b.0) && equal(&a.1, &b.1),
        (Value::Case(_, a, payload), Value::Case(_, b, other)) => a == b && both(payload, other),
        (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
        (Value::Cell(a), Value::Cell(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}

fn ordering(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

impl<'p> Eval<'p> {
    fn step(&mut self) -> Done<'p, ()> {
        self.steps += 1;
        if self.steps > STEPS { Err(Stop::GiveUp) } else { Ok(()) }
    }

    fn call(
        &mut self,
        function: &'p Function,
        args: Vec<Value<'p>>,
        this: Option<Rc<Object<'p>>>,
    ) -> Done<'p> {
        let mut frame = Frame { locals: vec![None; function.locals.len()], this };
        for (at, arg) in args.into_iter().enumerate() {
            frame.set(at, arg);
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Stop::GiveUp);
        }
        let done = self.block(&function.body, &mut frame);
        self.depth -= 1;
        match done {
            Ok(()) => Ok(Value::Unit),
            Err(Stop::Return(value)) => Ok(value),
            Err(stop) => Err(stop),
        }
    }

    fn call_closure(&mut self, closure: &Value<'p>, arg: Value<'p>) -> Done<'p> {
        self.step()?;
        let Value::Closure(closure) = closure else { return Err(Stop::GiveUp) };
        let mut frame = closure.frame.clone();
        frame.set(closure.param, arg);
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Stop::GiveUp);
        }
        // The value belongs to the block: what is deferred comes behind it.
        let done = self.block_value(closure.body, Some(closure.value), &mut frame);
        self.depth -= 1;
        done
    }

    fn block(&mut self, body: &'p [Stmt], frame: &mut Frame<'p>) -> Done<'p, ()> {
        self.block_value(body, None, frame).map(|_| ())
    }

    fn block_value(&mut self, body: &'p [Stmt], value: Option<&'p Expr>, frame: &mut Frame<'p>) -> Done<'p> {
        let mut deferred = Vec::new();
        let mut run = || -> Done<'p> {
            for stmt in body {
                if let Stmt::Defer(later) = stmt {
                    self.step()?;
                    deferred.push(&**later);
                } else {
                    self.stmt(stmt, frame)?;
                }
            }
            value.map_or(Ok(Value::Unit), |value| self.eval(value, frame))
        };
        let done = run();
        if matches!(done, Err(Stop::GiveUp)) {
            return done;
        }
        // Each runs, whatever the others do; the last error is the one that counts.
        let mut done = done;
        for later in deferred.into_iter().rev() {
            if let Err(stop) = self.block(later, frame) {
                done = Err(stop);
            }
        }
        done
    }

    /// Runs a turn of a loop: whether another one may follow.
    fn turn(&mut self, body: &'p [Stmt], label: usize, frame: &mut Frame<'p>) -> Done<'p, bool> {
        self.step()?;
        match self.block(body, frame) {
            Ok(()) => Ok(true),
            Err(Stop::Break(to)) if to == label => Ok(false),
            Err(Stop::Continue(to)) if to == label => Ok(true),
            Err(stop) => Err(stop),
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of statement")]
    fn stmt(&mut self, stmt: &'p Stmt, frame: &mut Frame<'p>) -> Done<'p, ()> {
        self.step()?;
        match stmt {
            Stmt::Let(local, _, _, value) => {
                let value = self.eval(value, frame)?;
                frame.set(*local, value);
            }
            Stmt::LetPair(a, b, value) => {
                let Value::Pair(pair) = self.eval(value, frame)? else { return Err(Stop::GiveUp) };
                frame.set(*a, pair.0.clone());
                frame.set(*b, pair.1.clone());
            }
            Stmt::Assign(place, value) => {
                let at = self.place(place, frame)?;
                let value = self.eval(value, frame)?;
                self.put(&at, value, frame)?;
            }
            Stmt::Update(place, op, value) => {
                let at = self.place(place, frame)?;
                let old = self.get(&at, frame)?;
                let value = self.int(value, frame)?;
                let Value::Int(old) = old else { return Err(Stop::GiveUp) };
                self.put(&at, int_op(*op, old, value)?, frame)?;
            }
            Stmt::Push(list, value) => {
                let list = self.list(list, frame)?;
                let value = self.eval(value, frame)?;
                list.borrow_mut().push(value);
                self.limit(list.borrow().len())?;
            }
            Stmt::If(condition, then, otherwise) => {
                let body = if self.bool(condition, frame)? { then } else { otherwise };
                self.block(body, frame)?;
            }
            Stmt::IfLet(local, value, then, otherwise) => match self.eval(value, frame)? {
                Value::None => self.block(otherwise, frame)?,
                value => {
                    frame.set(*local, value);
                    self.block(then, frame)?;
                }
            },
            Stmt::While(local, count, label, body) => {
                frame.set(*local, Value::Int(*count));
                while let Value::Int(left) = frame.get(*local)?
                    && left > 0
                {
                    frame.assign(*local, Value::Int(left - 1))?;
                    if !self.turn(body, *label, frame)? {
                        break;
                    }
                }
            }
            Stmt::WhileLet(local, list, label, body) => loop {
                let list = self.list(list, frame)?;
                let Some(value) = list.borrow_mut().pop() else { break };
                frame.set(*local, value);
                if !self.turn(body, *label, frame)? {
                    break;
                }
            },
            Stmt::ForRange(local, start, count, inclusive, label, body) => {
                let start = self.int(start, frame)?;
                let end = start.wrapping_add(*count);
                let mut at = start;
                while if *inclusive { at <= end } else { at < end } {
                    frame.set(*local, Value::Int(at));
                    if !self.turn(body, *label, frame)? || at == i64::MAX {
                        break;
                    }
                    at += 1;
                }
            }
            Stmt::ForIn(local, list, label, body) => {
                let list = self.list(list, frame)?;
                let size = list.borrow().len();
                for at in 0..size {
                    let item = list.borrow().get(at).cloned().ok_or(Stop::GiveUp)?;
                    frame.set(*local, item);
                    let more = self.turn(body, *label, frame)?;
                    if !more {
                        break;
                    }
                    if list.borrow().len() != size {
                        return Err(Stop::GiveUp);
                    }
                }
            }
            Stmt::Match(subject, _, arms) => {
                let (case, payload) = self.case(subject, frame)?;
                let arm = arms.iter().find(|arm| arm.0.is_none_or(|wanted| wanted == case));
                let (_, binds, body) = arm.ok_or(Stop::GiveUp)?;
                frame.bind(binds, &payload);
                self.block(body, frame)?;
            }
            Stmt::Try(body, catches) => match self.block(body, frame) {
                Err(Stop::Throw(kind, number)) => {
                    let fits = |wanted: Option<Kind>| wanted.is_none_or(|wanted| caught(wanted, kind));
                    let Some((wanted, body)) = catches.iter().find(|(wanted, _)| fits(*wanted)) else {
                        return Err(Stop::Throw(kind, number));
                    };
                    if matches!(wanted, Some(Kind::E0 | Kind::E1)) {
                        _ = writeln!(self.output, "caught {number}");
                    }
                    self.block(body, frame)?;
                }
                other => other?,
            },
            Stmt::Throw(kind, value) => {
                let number = self.int(value, frame)?;
                return Err(Stop::Throw(*kind, number));
            }
            Stmt::Print(value) => {
                let value = self.eval(value, frame)?;
                let text = self.plain(&value)?;
                _ = writeln!(self.output, "{text}");
            }
            Stmt::Return(None) => return Err(Stop::Return(Value::Unit)),
            Stmt::Return(Some(value)) => {
                let value = self.eval(value, frame)?;
                return Err(Stop::Return(value));
            }
            Stmt::Break(label) => return Err(Stop::Break(*label)),
            Stmt::Continue(label) => return Err(Stop::Continue(*label)),
            // Seen by the block.
            Stmt::Defer(_) => return Err(Stop::GiveUp),
            Stmt::Do(value) => _ = self.eval(value, frame)?,
        }
        Ok(())
    }

    fn limit(&self, size: usize) -> Done<'p, ()> {
        if size > SIZE { Err(Stop::GiveUp) } else { Ok(()) }
    }

    /// The same as the first two, with expressions in the places replaced by their values.
    fn place(&mut self, place: &'p Place, frame: &mut Frame<'p>) -> Done<'p, At<'p>> {
        Ok(match place {
            Place::Local(local) => At::Local(*local),
            Place::Field(object, class, at) => {
                At::Field(self.object(object, frame)?, self.offset(*class) + at)
            }
            Place::Index(list, at) => At::Index(self.list(list, frame)?, self.int(at, frame)?),
            Place::MapEntry(map, key) => At::Entry(self.map(map, frame)?, self.str(key, frame)?),
            Place::Cell(cell) => At::Cell(self.cell(cell, frame)?),
        })
    }

    fn get(&mut self, at: &At<'p>, frame: &Frame<'p>) -> Done<'p> {
        match at {
            At::Local(local) => frame.get(*local),
            At::Field(object, at) => Ok(object.fields.borrow()[*at].clone()),
            At::Index(list, at) => element(&list.borrow(), *at),
            At::Entry(..) => Err(Stop::GiveUp),
            At::Cell(cell) => Ok(cell.borrow().clone()),
        }
    }

    fn put(&mut self, at: &At<'p>, value: Value<'p>, frame: &Frame<'p>) -> Done<'p, ()> {
        match at {
            At::Local(local) => frame.assign(*local, value)?,
            At::Field(object, at) => object.fields.borrow_mut()[*at] = value,
            At::Index(list, at) => {
                element(&list.borrow(), *at)?;
                list.borrow_mut()[*at as usize] = value;
            }
            At::Entry(map, key) => {
                let mut map = map.borrow_mut();
                match map.iter_mut().find(|entry| entry.0 == *key) {
                    Some(entry) => entry.1 = value,
                    None => map.push((key.clone(), value)),
                }
            }
            At::Cell(cell) => *cell.borrow_mut() = value,
        }
        Ok(())
    }

    fn int(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, i64> {
        if let Value::Int(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn float(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, f64> {
        if let Value::Float(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn bool(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, bool> {
        if let Value::Bool(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn str(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, Rc<str>> {
        if let Value::Str(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn list(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, Rc<RefCell<Vec<Value<'p>>>>> {
        if let Value::List(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn map(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, Rc<RefCell<Entries<'p>>>> {
        if let Value::Map(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn object(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, Rc<Object<'p>>> {
        if let Value::Object(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn cell(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, Rc<RefCell<Value<'p>>>> {
        if let Value::Cell(value) = self.eval(expr, frame)? { Ok(value) } else { Err(Stop::GiveUp) }
    }

    fn case(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p, (usize, Rc<Vec<Value<'p>>>)> {
        match self.eval(expr, frame)? {
            Value::Case(_, case, payload) => Ok((case, payload)),
            _ => Err(Stop::GiveUp),
        }
    }

    fn all(&mut self, exprs: &'p [Expr], frame: &mut Frame<'p>) -> Done<'p, Vec<Value<'p>>> {
        exprs.iter().map(|expr| self.eval(expr, frame)).collect()
    }

    /// Where the fields of a class begin among those of its objects.
    fn offset(&self, class: usize) -> usize {
        let mut offset = 0;
        let mut above = self.program.classes[class].base;
        while let Some(class) = above {
            offset += self.program.classes[class].fields.len();
            above = self.program.classes[class].base;
        }
        offset
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of expression")]
    fn eval(&mut self, expr: &'p Expr, frame: &mut Frame<'p>) -> Done<'p> {
        self.step()?;
        Ok(match expr {
            Expr::Int(value) => Value::Int(*value),
            Expr::Float(value) => Value::Float(*value),
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Str(text) => Value::Str(text.as_str().into()),
            Expr::None => Value::None,
            Expr::Local(local) => frame.get(*local)?,
            Expr::This => Value::Object(frame.this.clone().ok_or(Stop::GiveUp)?),
            Expr::IntOp(op, both) => {
                let (a, b) = (self.int(&both.0, frame)?, self.int(&both.1, frame)?);
                return int_op(*op, a, b);
            }
            Expr::FloatOp(op, both) => {
                let (a, b) = (self.float(&both.0, frame)?, self.float(&both.1, frame)?);
                Value::Float(match op {
                    FloatOp::Add => a + b,
                    FloatOp::Sub => a - b,
                    FloatOp::Mul => a * b,
                    FloatOp::Div => a / b,
                })
            }
            Expr::Cmp(op, both) => {
                let (a, b) = (self.eval(&both.0, frame)?, self.eval(&both.1, frame)?);
                Value::Bool(match op {
                    Cmp::Eq => equal(&a, &b),
                    Cmp::Ne => !equal(&a, &b),
                    Cmp::Lt => ordering(&a, &b) == Some(Ordering::Less),
                    Cmp::Le => ordering(&a, &b).is_some_and(Ordering::is_le),
                    Cmp::Gt => ordering(&a, &b) == Some(Ordering::Greater),
                    Cmp::Ge => ordering(&a, &b).is_some_and(Ordering::is_ge),
                })
            }
            Expr::Neg(of) => return checked(self.int(of, frame)?.checked_neg()),
            Expr::Complement(of) => Value::Int(!self.int(of, frame)?),
            Expr::Not(of) => Value::Bool(!self.bool(of, frame)?),
            Expr::And(both) => Value::Bool(self.bool(&both.0, frame)? && self.bool(&both.1, frame)?),
            Expr::Or(both) => Value::Bool(self.bool(&both.0, frame)? || self.bool(&both.1, frame)?),
            Expr::Interpolate(parts) => {
                let mut text = String::new();
                for (before, value) in parts {
                    text.push_str(before);
                    let value = self.eval(value, frame)?;
                    text.push_str(&self.plain(&value)?);
                }
                self.limit(text.len())?;
                Value::Str(text.into())
            }
            Expr::Concat(both) => {
                let (a, b) = (self.str(&both.0, frame)?, self.str(&both.1, frame)?);
                self.limit(a.len() + b.len())?;
                Value::Str(format!("{a}{b}").into())
            }
            Expr::If(parts) => {
                let chosen = if self.bool(&parts.0, frame)? { &parts.1 } else { &parts.2 };
                return self.eval(chosen, frame);
            }
            Expr::Match(subject, _, arms) => {
                let (case, payload) = self.case(subject, frame)?;
                let arm = arms.iter().find(|arm| arm.0.is_none_or(|wanted| wanted == case));
                let (_, binds, value) = arm.ok_or(Stop::GiveUp)?;
                frame.bind(binds, &payload);
                return self.eval(value, frame);
            }
            Expr::Call(function, args) => {
                let args = self.all(args, frame)?;
                return self.call(&self.program.functions[*function], args, None);
            }
            Expr::Method(object, name, k) => {
                let (object, k) = (self.object(object, frame)?, self.eval(k, frame)?);
                return self.method(object.class, *name, object, k);
            }
            Expr::Super(class, name, k) => {
                let k = self.eval(k, frame)?;
                let this = frame.this.clone().ok_or(Stop::GiveUp)?;
                return self.method(*class, *name, this, k);
            }
            Expr::Score(object, k) => {
                let (object, k) = (self.eval(object, frame)?, self.eval(k, frame)?);
                return self.score(object, k);
            }
            Expr::Twice(object, k) => {
                let (object, k) = (self.eval(object, frame)?, self.int(k, frame)?);
                let first = self.score(object.clone(), Value::Int(k))?;
                let second = self.score(object, Value::Int(k.wrapping_add(1)))?;
                let (Value::Int(a), Value::Int(b)) = (first, second) else { return Err(Stop::GiveUp) };
                Value::Int(a.wrapping_add(b))
            }
            Expr::New(class, args) => {
                let fields = RefCell::new(self.all(args, frame)?);
                Value::Object(Rc::new(Object { class: *class, fields }))
            }
            Expr::Case(number, case, args) => Value::Case(*number, *case, Rc::new(self.all(args, frame)?)),
            Expr::List(items) => new_list(self.all(items, frame)?),
            Expr::MapOf(entries) => {
                let map = Rc::new(RefCell::new(Vec::new()));
                for (key, value) in entries {
                    let at = At::Entry(map.clone(), self.str(key, frame)?);
                    let value = self.eval(value, frame)?;
                    self.put(&at, value, frame)?;
                }
                Value::Map(map)
            }
            Expr::NewCell(_, value) => Value::Cell(Rc::new(RefCell::new(self.eval(value, frame)?))),
            Expr::CellValue(cell) => self.cell(cell, frame)?.borrow().clone(),
            Expr::Field(object, class, at) => {
                let object = self.object(object, frame)?;
                object.fields.borrow()[self.offset(*class) + at].clone()
            }
            Expr::Index(both) => {
                let (list, at) = (self.list(&both.0, frame)?, self.int(&both.1, frame)?);
                element(&list.borrow(), at)?
            }
            Expr::Slice(parts) => {
                let list = self.list(&parts.0, frame)?;
                let (start, end) = (self.int(&parts.1, frame)?, self.int(&parts.2, frame)?);
                let size = list.borrow().len() as i64;
                if start < 0 || start > end || end > size {
                    return Err(Stop::Throw(Kind::OutOfBounds, 0));
                }
                let part = list.borrow()[start as usize..end as usize].to_vec();
                new_list(part)
            }
            Expr::MapGet(both) => {
                let (map, key) = (self.map(&both.0, frame)?, self.str(&both.1, frame)?);
                let found = map.borrow().iter().find(|entry| entry.0 == key).map(|entry| entry.1.clone());
                found.unwrap_or(Value::None)
            }
            Expr::Coalesce(both) => match self.eval(&both.0, frame)? {
                Value::None => return self.eval(&both.1, frame),
                value => value,
            },
            Expr::Unwrap(of) => match self.eval(of, frame)? {
                Value::None => return Err(Stop::Throw(Kind::NoneUnwrapped, 0)),
                value => value,
            },
            Expr::Pair(both) => {
                Value::Pair(Rc::new((self.eval(&both.0, frame)?, self.eval(&both.1, frame)?)))
            }
            Expr::Part(of, at) => {
                let Value::Pair(pair) = self.eval(of, frame)? else { return Err(Stop::GiveUp) };
                if *at == 0 { pair.0.clone() } else { pair.1.clone() }
            }
            Expr::Closure(param, _, value) => frame.closure(*param, &[], value),
            Expr::Block(param, _, body, value) => frame.closure(*param, body, value),
            Expr::CallValue(both) => {
                let (closure, arg) = (self.eval(&both.0, frame)?, self.eval(&both.1, frame)?);
                return self.call_closure(&closure, arg);
            }
            Expr::Pick(parts) => {
                let condition = self.bool(&parts.0, frame)?;
                let (a, b) = (self.eval(&parts.1, frame)?, self.eval(&parts.2, frame)?);
                if condition { a } else { b }
            }
            Expr::ApplyTwice(both) => {
                let (closure, arg) = (self.eval(&both.0, frame)?, self.eval(&both.1, frame)?);
                let once = self.call_closure(&closure, arg)?;
                return self.call_closure(&closure, once);
            }
            Expr::Lib(method, object, args) => {
                let object = self.eval(object, frame)?;
                let args = self.all(args, frame)?;
                return self.library(*method, object, &args);
            }
            Expr::Try(body, kind, otherwise) => match self.eval(body, frame) {
                Err(Stop::Throw(thrown, _)) if caught(*kind, thrown) => return self.eval(otherwise, frame),
                other => return other,
            },
            Expr::IsClass(of, class) => {
                let object = self.object(of, frame)?;
                Value::Bool(self.is(&object, *class))
            }
            Expr::AsClass(of, class) => {
                let object = self.object(of, frame)?;
                if self.is(&object, *class) { Value::Object(object) } else { Value::None }
            }
            Expr::ForcedClass(of, class) => {
                let object = self.object(of, frame)?;
                if !self.is(&object, *class) {
                    return Err(Stop::Throw(Kind::BadCast, 0));
                }
                Value::Object(object)
            }
            Expr::IsCase(of, _, case) => Value::Bool(self.case(of, frame)?.0 == *case),
        })
    }

    fn is(&self, object: &Object<'p>, class: usize) -> bool {
        let mut at = Some(object.class);
        while let Some(here) = at {
            if here == class {
                return true;
            }
            at = self.program.classes[here].base;
        }
        false
    }

    /// Calls the method of a class, or the next one above.
    fn method(&mut self, class: usize, name: usize, this: Rc<Object<'p>>, k: Value<'p>) -> Done<'p> {
        let program = self.program;
        let mut at = Some(class);
        while let Some(here) = at {
            if let Some((_, function)) = program.classes[here].methods.iter().find(|found| found.0 == name) {
                return self.call(function, vec![k], Some(this));
            }
            at = program.classes[here].base;
        }
        Err(Stop::GiveUp)
    }

    fn score(&mut self, object: Value<'p>, k: Value<'p>) -> Done<'p> {
        match object {
            Value::Object(object) => self.method(object.class, 0, object, k),
            Value::Case(number, ..) => {
                let function = self.program.enums[number].scored.as_ref().ok_or(Stop::GiveUp)?;
                self.call(function, vec![k], None)
            }
            _ => Err(Stop::GiveUp),
        }
    }
}

/// A place, found.
#[derive(Debug)]
enum At<'p> {
    Local(usize),
    Field(Rc<Object<'p>>, usize),
    Index(Rc<RefCell<Vec<Value<'p>>>>, i64),
    Entry(Rc<RefCell<Entries<'p>>>, Rc<str>),
    Cell(Rc<RefCell<Value<'p>>>),
}

impl<'p> Frame<'p> {
    /// A new variable.
    fn set(&mut self, local: usize, value: Value<'p>) {
        self.locals[local] = Some(Rc::new(RefCell::new(value)));
    }

    fn get(&self, local: usize) -> Done<'p> {
        self.locals[local].as_ref().map(|value| value.borrow().clone()).ok_or(Stop::GiveUp)
    }

    /// A new value for a variable.
    fn assign(&self, local: usize, value: Value<'p>) -> Done<'p, ()> {
        self.locals[local].as_ref().ok_or(Stop::GiveUp)?.replace(value);
        Ok(())
    }

    fn bind(&mut self, locals: &[Option<usize>], values: &[Value<'p>]) {
        for (local, value) in locals.iter().zip(values) {
            if let Some(local) = local {
                self.set(*local, value.clone());
            }
        }
    }

    fn closure(&self, param: usize, body: &'p [Stmt], value: &'p Expr) -> Value<'p> {
        Value::Closure(Rc::new(Closure { param, body, value, frame: self.clone() }))
    }
}

/// Whether a `catch` of one kind takes another.
fn caught(wanted: Kind, thrown: Kind) -> bool {
    wanted == thrown || wanted == Kind::E0 && thrown == Kind::E1
}

fn new_list(items: Vec<Value<'_>>) -> Value<'_> {
    Value::List(Rc::new(RefCell::new(items)))
}

fn element<'p>(items: &[Value<'p>], at: i64) -> Done<'p> {
    let found = usize::try_from(at).ok().and_then(|at| items.get(at));
    found.cloned().ok_or(Stop::Throw(Kind::OutOfBounds, 0))
}
