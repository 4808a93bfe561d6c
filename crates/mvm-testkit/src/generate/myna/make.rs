//! Decides what a program is.
//!
//! An expression is made for a type. Where the language finds the type from the expression alone (the left side of `??`, the
//! object of a call) it is *anchored*: then only those are made that say their type themselves.

use super::super::Entropy;
use super::{Class, Cmp, Enum, Expr, FloatOp, Function, IntOp, Kind, Lib, Place, Program, Stmt, Ty};

/// Statements in statements.
const NESTING: usize = 4;
/// Expressions in expressions.
const HEIGHT: usize = 4;
/// Statements of a body.
const BODY: usize = 7;
/// Numbers of methods.
const METHODS: usize = 3;

const TEXTS: &[&str] = &["", "a", "b", "abc", "ä", "12", "-7", "x{y", "q\"", "line\n", "zz"];
const CHECKED: &[IntOp] = &[IntOp::Add, IntOp::Sub, IntOp::Mul, IntOp::Div, IntOp::Rem];
const INT_OPS: &[IntOp] = &[
    IntOp::Add,
    IntOp::Sub,
    IntOp::Mul,
    IntOp::Div,
    IntOp::Rem,
    IntOp::AddWrap,
    IntOp::SubWrap,
    IntOp::MulWrap,
    IntOp::And,
    IntOp::Or,
    IntOp::Xor,
    IntOp::Shl,
    IntOp::Shr,
    IntOp::ShrZero,
];
const COMPARISONS: &[Cmp] = &[Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge];
const FLOAT_OPS: &[FloatOp] = &[FloatOp::Add, FloatOp::Sub, FloatOp::Mul, FloatOp::Div];
const KINDS: &[Kind] = &[
    Kind::Overflow,
    Kind::DivideByZero,
    Kind::OutOfBounds,
    Kind::NoneUnwrapped,
    Kind::BadCast,
    Kind::E0,
    Kind::E1,
];

/// The program that the bytes stand for.
pub(super) fn program(e: &mut Entropy<'_>) -> Program {
    let mut program = Program::default();
    for _ in 0..e.below(3) {
        let cases = (0..1 + e.below(3)).map(|_| (0..e.below(3)).map(|_| ty(e, &program, 2)).collect());
        let cases = cases.collect();
        program.enums.push(Enum { cases, scored: None });
        if e.one_in(2) {
            let body = method(e, &program, None, 0);
            program.enums.last_mut().expect("it has just been made").scored = Some(body);
        }
    }
    for number in 0..e.below(5) {
        let base = if number > 0 && !e.one_in(3) { Some(e.below(number)) } else { None };
        let fields = (0..e.below(3)).map(|_| ty(e, &program, 2)).collect();
        let inherits = base.is_some_and(|base| program.is_scored(base));
        let scored = !inherits && e.one_in(2);
        program.classes.push(Class { base, fields, methods: Vec::new(), scored });
        for name in 0..METHODS {
            let needed = scored && name == 0 && !program.has_method(number, 0);
            if needed || e.one_in(2) {
                let body = method(e, &program, Some(number), name);
                program.classes[number].methods.push((name, body));
            }
        }
    }
    // Heads first: a function calls only those behind it.
    for number in 0..1 + e.below(5) {
        let params: Vec<Ty> =
            if number == 0 { Vec::new() } else { (0..e.below(4)).map(|_| ty(e, &program, 2)).collect() };
        let result = if number == 0 { None } else { Some(ty(e, &program, 2)) };
        program.functions.push(Function { params: params.len(), result, locals: params, body: Vec::new() });
    }
    for number in 0..program.functions.len() {
        let head = std::mem::take(&mut program.functions[number]);
        let mut maker = Maker::new(&program, e, Some(number));
        maker.scope = (0..head.params).map(|local| (local, false)).collect();
        maker.locals.clone_from(&head.locals);
        let mut body = maker.block(NESTING, BODY);
        if number == 0 {
            body.push(Stmt::Print(Expr::Str("end".into())));
        }
        if let Some(result) = &head.result {
            let value = maker.expr(result, HEIGHT, false);
            body.push(Stmt::Return(Some(value)));
        }
        let locals = maker.locals;
        program.functions[number] = Function { locals, body, ..head };
    }
    program
}

/// The body of a `scoreN`.
fn method(e: &mut Entropy<'_>, program: &Program, class: Option<usize>, name: usize) -> Function {
    let mut maker = Maker::new(program, e, None);
    maker.class = class;
    maker.method = name;
    maker.scope.push((0, false));
    maker.locals.push(Ty::Int);
    maker.result = Some(Ty::Int);
    let mut body = maker.block(1, 2);
    let value = maker.expr(&Ty::Int, 3, false);
    body.push(Stmt::Return(Some(value)));
    Function { params: 1, result: Some(Ty::Int), locals: maker.locals, body }
}

/// A type.
fn ty(e: &mut Entropy<'_>, program: &Program, depth: usize) -> Ty {
    let deeper = |e: &mut Entropy<'_>| Box::new(ty(e, program, depth - 1));
    match e.below(if depth == 0 { 5 } else { 16 }) {
        0 | 1 => Ty::Int,
        2 => Ty::Str,
        3 => Ty::Bool,
        4 => Ty::Float,
        5 | 6 => Ty::List(deeper(e)),
        7 | 8 => match ty(e, program, depth - 1) {
            opt @ Ty::Opt(_) => opt,
            of => Ty::Opt(Box::new(of)),
        },
        9 => Ty::Pair(deeper(e), deeper(e)),
        10 => Ty::Map(deeper(e)),
        11 => Ty::Cell(deeper(e)),
        12 => match e.below(2) {
            0 => Ty::Fn(Box::new(Ty::Int), Box::new(Ty::Int)),
            _ => Ty::Fn(Box::new(ty(e, program, 0)), deeper(e)),
        },
        13 if !program.enums.is_empty() => Ty::Enum(e.below(program.enums.len())),
        14 | 15 if !program.classes.is_empty() => Ty::Class(e.below(program.classes.len())),
        _ => Ty::Int,
    }
}

impl Program {
    /// Whether a class or one above it has the method.
    pub(super) fn has_method(&self, class: usize, name: usize) -> bool {
        let mut at = Some(class);
        while let Some(here) = at {
            if self.classes[here].methods.iter().any(|method| method.0 == name) {
                return true;
            }
            at = self.classes[here].base;
        }
        false
    }

    /// Whether a class or one above it is `Scored`.
    fn is_scored(&self, class: usize) -> bool {
        self.classes[class].scored || self.classes[class].base.is_some_and(|base| self.is_scored(base))
    }

    fn is_below(&self, class: usize, above: usize) -> bool {
        class == above || self.classes[class].base.is_some_and(|base| self.is_below(base, above))
    }

    /// Declaring class, number there, and type of all fields that objects of a class have, in the order in which they are given.
    fn all_fields(&self, class: usize) -> Vec<(usize, usize, Ty)> {
        let above = self.classes[class].base.map(|base| self.all_fields(base));
        let own = self.classes[class].fields.iter().enumerate().map(|(at, ty)| (class, at, ty.clone()));
        above.into_iter().flatten().chain(own).collect()
    }
}

/// Whether values can be compared with `==`.
fn comparable(ty: &Ty) -> bool {
    match ty {
        Ty::Fn(..) | Ty::Scored => false,
        Ty::List(of) | Ty::Opt(of) | Ty::Map(of) => comparable(of),
        Ty::Pair(a, b) => comparable(a) && comparable(b),
        // Payloads are not looked into.
        Ty::Enum(_) => false,
        _ => true,
    }
}

struct Maker<'p, 'e, 'b> {
    program: &'p Program,
    e: &'e mut Entropy<'b>,
    /// The function; methods have none and call nothing.
    function: Option<usize>,
    class: Option<usize>,
    method: usize,
    /// Locals that are seen, and whether they can be assigned.
    scope: Vec<(usize, bool)>,
    locals: Vec<Ty>,
    /// Labels of the loops around, which closures do not see.
    loops: Vec<usize>,
    labels: usize,
    /// What `return` gives; none where it is not to be used.
    result: Option<Ty>,
    /// Nothing in a `defer` may leave it.
    in_defer: bool,
    /// In a closure `return` leaves only that.
    in_closure: bool,
}

impl<'p, 'e, 'b> Maker<'p, 'e, 'b> {
    fn new(program: &'p Program, e: &'e mut Entropy<'b>, function: Option<usize>) -> Self {
        let result = function.and_then(|number| program.functions.get(number)?.result.clone());
        Maker {
            program,
            e,
            function,
            class: None,
            method: 0,
            scope: Vec::new(),
            locals: Vec::new(),
            loops: Vec::new(),
            labels: 0,
            result,
            in_defer: false,
            in_closure: false,
        }
    }

    fn ty(&mut self) -> Ty {
        ty(self.e, self.program, 2)
    }

    fn local(&mut self, ty: Ty) -> usize {
        self.locals.push(ty);
        self.locals.len() - 1
    }

    fn label(&mut self) -> usize {
        self.labels += 1;
        self.labels - 1
    }

    /// Statements in a block of their own.
    fn block(&mut self, depth: usize, most: usize) -> Vec<Stmt> {
        let (seen, count) = (self.scope.len(), 1 + self.e.below(most));
        let mut body: Vec<Stmt> = Vec::new();
        for _ in 0..count {
            let stmt = self.stmt(depth);
            let ends = matches!(stmt, Stmt::Return(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::Throw(..));
            body.push(stmt);
            // Nothing is reached behind it.
            if ends {
                break;
            }
        }
        self.scope.truncate(seen);
        body
    }

    /// A block that sees one more local.
    fn block_with(&mut self, locals: &[usize], depth: usize) -> Vec<Stmt> {
        let seen = self.scope.len();
        self.scope.extend(locals.iter().map(|&local| (local, false)));
        let body = self.block(depth, 4);
        self.scope.truncate(seen);
        body
    }

    /// The body of a loop.
    fn looped(&mut self, label: usize, locals: &[usize], depth: usize) -> Vec<Stmt> {
        self.loops.push(label);
        let body = self.block_with(locals, depth - 1);
        self.loops.pop();
        body
    }

    fn stmt(&mut self, depth: usize) -> Stmt {
        match self.e.below(if depth == 0 { 10 } else { 24 }) {
            0 | 1 => self.print(),
            2..=4 => self.declaration(),
            5 | 6 => self.assignment(),
            7 => self.push(),
            8 => self.jump(),
            9 => {
                let ty = self.ty();
                Stmt::Do(self.anchored(&ty, 3))
            }
            10..=12 => {
                let condition = self.expr(&Ty::Bool, 3, true);
                let then = self.block(depth - 1, 4);
                let otherwise = if self.e.one_in(2) { self.block(depth - 1, 3) } else { Vec::new() };
                Stmt::If(condition, then, otherwise)
            }
            13 => {
                let ty = self.no_option();
                let value = self.anchored(&Ty::Opt(Box::new(ty.clone())), 3);
                let local = self.local(ty);
                let then = self.block_with(&[local], depth - 1);
                let otherwise = if self.e.one_in(2) { self.block(depth - 1, 3) } else { Vec::new() };
                Stmt::IfLet(local, value, then, otherwise)
            }
            14 | 15 => {
                let (local, label) = (self.local(Ty::Int), self.label());
                let count = self.e.below(6) as i64;
                Stmt::While(local, count, label, self.looped(label, &[local], depth))
            }
            16 => {
                let ty = self.no_option();
                let list = self.anchored(&Ty::List(Box::new(ty.clone())), 1);
                // A list that is made anew each time would never be empty.
                if !matches!(list, Expr::Local(_)) {
                    return self.print();
                }
                let (local, label) = (self.local(ty), self.label());
                Stmt::WhileLet(local, list, label, self.looped(label, &[local], depth))
            }
            17 => {
                let start = match self.seen(&Ty::Int) {
                    Some(local) if self.e.one_in(2) => Expr::Local(local),
                    _ => Expr::Int(self.e.int()),
                };
                let (count, inclusive) = (self.e.below(6) as i64 - 1, self.e.one_in(2));
                let (local, label) = (self.local(Ty::Int), self.label());
                Stmt::ForRange(local, start, count, inclusive, label, self.looped(label, &[local], depth))
            }
            18 => {
                let ty = self.ty();
                let list = self.anchored(&Ty::List(Box::new(ty.clone())), 2);
                let (local, label) = (self.local(ty), self.label());
                Stmt::ForIn(local, list, label, self.looped(label, &[local], depth))
            }
            19 => self.matching(depth),
            20..=22 => {
                let body = self.block(depth - 1, 4);
                let mut catches = Vec::new();
                for _ in 0..1 + self.e.below(2) {
                    let kind = *self.e.pick(KINDS).unwrap_or(&Kind::Overflow);
                    let hidden = |&(earlier, _): &(Option<Kind>, Vec<Stmt>)| {
                        earlier == Some(kind) || earlier == Some(Kind::E0) && kind == Kind::E1
                    };
                    if !catches.iter().any(hidden) {
                        catches.push((Some(kind), self.block(depth - 1, 3)));
                    }
                }
                if !self.e.one_in(4) {
                    catches.push((None, self.block(depth - 1, 3)));
                }
                Stmt::Try(body, catches)
            }
            _ if self.in_defer => self.print(),
            _ => {
                // A `defer` cannot be left by jumps.
                let (loops, result) = (std::mem::take(&mut self.loops), self.result.take());
                self.in_defer = true;
                let body = self.block(1, 2);
                self.in_defer = false;
                (self.loops, self.result) = (loops, result);
                Stmt::Defer(body)
            }
        }
    }

    fn print(&mut self) -> Stmt {
        let ty = self.ty();
        Stmt::Print(self.anchored(&ty, HEIGHT))
    }

    /// A type that is no optional.
    fn no_option(&mut self) -> Ty {
        match self.ty() {
            Ty::Opt(of) => *of,
            ty => ty,
        }
    }

    fn declaration(&mut self) -> Stmt {
        if self.e.one_in(8) {
            let (a, b) = (self.ty(), self.ty());
            let value = self.anchored(&Ty::Pair(Box::new(a.clone()), Box::new(b.clone())), 3);
            let (a, b) = (self.local(a), self.local(b));
            self.scope.extend([(a, false), (b, false)]);
            return Stmt::LetPair(a, b, value);
        }
        let ty = if self.e.one_in(10) && self.scored_makers() > 0 { Ty::Scored } else { self.ty() };
        let short = matches!(ty, Ty::Int | Ty::Float | Ty::Bool | Ty::Str | Ty::Cell(_));
        let written = !short || self.e.one_in(2);
        let value = self.expr(&ty, HEIGHT, !written);
        let (local, var) = (self.local(ty), !self.e.one_in(3));
        self.scope.push((local, var));
        Stmt::Let(local, var, written, value)
    }

    /// Something that can be assigned, and its type.
    fn place(&mut self) -> Option<(Place, Ty)> {
        match self.e.below(6) {
            0..=2 => {
                let vars: Vec<usize> = self.scope.iter().filter(|(_, var)| *var).map(|(at, _)| *at).collect();
                let local = *self.e.pick(&vars)?;
                Some((Place::Local(local), self.locals[local].clone()))
            }
            3 => {
                let (object, class, at, ty) = self.field(None)?;
                Some((Place::Field(object, class, at), ty))
            }
            4 => {
                let list = self.seen_of(|ty| matches!(ty, Ty::List(_)))?;
                let Ty::List(of) = self.locals[list].clone() else { return None };
                let at = self.index(2);
                Some((Place::Index(Expr::Local(list), at), *of))
            }
            _ => {
                let cell = self.seen_of(|ty| matches!(ty, Ty::Cell(_) | Ty::Map(_)))?;
                match self.locals[cell].clone() {
                    Ty::Cell(of) => Some((Place::Cell(Expr::Local(cell)), *of)),
                    Ty::Map(of) if !matches!(*of, Ty::Opt(_)) => {
                        let key = self.expr(&Ty::Str, 1, false);
                        Some((Place::MapEntry(Expr::Local(cell), key), *of))
                    }
                    _ => None,
                }
            }
        }
    }

    fn assignment(&mut self) -> Stmt {
        let Some((place, ty)) = self.place() else { return self.declaration() };
        if ty == Ty::Int && !matches!(place, Place::MapEntry(..)) && self.e.one_in(2) {
            let op = *self.e.pick(&[IntOp::Add, IntOp::Sub, IntOp::Mul]).unwrap_or(&IntOp::Add);
            return Stmt::Update(place, op, self.expr(&Ty::Int, 3, false));
        }
        Stmt::Assign(place, self.expr(&ty, HEIGHT, false))
    }

    fn push(&mut self) -> Stmt {
        let Some(list) = self.seen_of(|ty| matches!(ty, Ty::List(_))) else { return self.declaration() };
        let Ty::List(of) = self.locals[list].clone() else { return self.declaration() };
        Stmt::Push(Expr::Local(list), self.expr(&of, 3, false))
    }

    /// A statement that goes elsewhere.
    fn jump(&mut self) -> Stmt {
        let label = self.loops.len().checked_sub(1).map(|last| self.loops[last - self.e.below(last + 1)]);
        match (self.e.below(4), label) {
            (0, Some(label)) => Stmt::Break(label),
            (1, Some(label)) => Stmt::Continue(label),
            (2, _) if !self.in_closure && !self.in_defer => match self.result.clone() {
                Some(ty) => Stmt::Return(Some(self.expr(&ty, 3, false))),
                None if self.function.is_some() && self.class.is_none() => match self.function {
                    Some(0) => Stmt::Return(None),
                    _ => self.print(),
                },
                None => self.print(),
            },
            (3, _) if !self.in_defer => {
                let kind = if self.e.one_in(2) { Kind::E1 } else { Kind::E0 };
                Stmt::Throw(kind, self.expr(&Ty::Int, 2, false))
            }
            _ => self.print(),
        }
    }

    /// Cases for a `match`: with their locals; a last arm for the rest if some are left out.
    fn arms(&mut self, number: usize) -> Vec<(Option<usize>, Vec<Option<usize>>)> {
        let cases = self.program.enums[number].cases.clone();
        let left_out = if self.e.one_in(3) { Some(self.e.below(cases.len())) } else { None };
        let mut arms = Vec::new();
        for (case, payload) in cases.into_iter().enumerate() {
            if left_out != Some(case) {
                // In a pattern a name takes no absent value.
                let mut bind = |ty| if let Ty::Opt(_) = ty { None } else { Some(self.local(ty)) };
                let binds = payload.into_iter().map(&mut bind).collect();
                arms.push((Some(case), binds));
            }
        }
        if left_out.is_some() {
            arms.push((None, Vec::new()));
        }
        arms
    }

    fn matching(&mut self, depth: usize) -> Stmt {
        if self.program.enums.is_empty() {
            return self.print();
        }
        let number = self.e.below(self.program.enums.len());
        let subject = self.anchored(&Ty::Enum(number), 2);
        let arms = self.arms(number);
        let arms = arms
            .into_iter()
            .map(|(case, binds)| {
                let bound: Vec<usize> = binds.iter().flatten().copied().collect();
                let body = self.block_with(&bound, depth - 1);
                (case, binds, body)
            })
            .collect();
        Stmt::Match(subject, number, arms)
    }

    /// A local of this type.
    fn seen(&mut self, ty: &Ty) -> Option<usize> {
        self.seen_of(|other| other == ty)
    }

    fn seen_of(&mut self, wanted: impl Fn(&Ty) -> bool) -> Option<usize> {
        let fitting: Vec<usize> =
            self.scope.iter().map(|(local, _)| *local).filter(|&at| wanted(&self.locals[at])).collect();
        self.e.pick(&fitting).copied()
    }

    /// A field of an object that is at hand, of this type or any.
    fn field(&mut self, wanted: Option<&Ty>) -> Option<(Expr, usize, usize, Ty)> {
        let object = match self.class {
            Some(class) if self.e.one_in(2) => (Expr::This, class),
            _ => {
                let local = self.seen_of(|ty| matches!(ty, Ty::Class(_)))?;
                let Ty::Class(class) = self.locals[local] else { return None };
                (Expr::Local(local), class)
            }
        };
        let fields: Vec<(usize, usize, Ty)> = self
            .program
            .all_fields(object.1)
            .into_iter()
            .filter(|field| wanted.is_none_or(|wanted| field.2 == *wanted))
            .collect();
        let (class, at, ty) = self.e.pick(&fields)?.clone();
        Some((object.0, class, at, ty))
    }

    /// A place in a list, mostly a small one.
    fn index(&mut self, height: usize) -> Expr {
        if self.e.one_in(4) { self.expr(&Ty::Int, height, false) } else { Expr::Int(self.e.below(4) as i64) }
    }

    fn anchored(&mut self, ty: &Ty, height: usize) -> Expr {
        self.expr(ty, height, true)
    }

    /// An expression of a type.
    fn expr(&mut self, ty: &Ty, height: usize, anchored: bool) -> Expr {
        if height == 0 || self.e.is_empty() {
            return self.leaf(ty, anchored);
        }
        let common = match self.e.below(20) {
            0..=3 => self.seen(ty).map(Expr::Local),
            4 | 5 => {
                self.field(Some(ty)).map(|(object, class, at, _)| Expr::Field(Box::new(object), class, at))
            }
            6 | 7 => self.call(ty, height),
            8 => self.call_value(ty, height),
            9 => self.from_collection(ty, height),
            10 => self.choice(ty, height, anchored),
            _ => None,
        };
        if let Some(expr) = common {
            return expr;
        }
        match ty {
            Ty::Int => self.int(height),
            Ty::Float => self.float(height),
            Ty::Bool => self.bool(height),
            Ty::Str => self.str(height),
            Ty::List(of) => self.list(of, height, anchored),
            Ty::Opt(of) => self.opt(of, height, anchored),
            Ty::Cell(of) if self.e.one_in(2) => {
                Expr::NewCell((**of).clone(), Box::new(self.expr(of, height - 1, false)))
            }
            Ty::Fn(from, to) => self.closure(from, to, height, anchored),
            _ => self.made(ty, height, anchored),
        }
    }

    /// The simplest there is.
    fn leaf(&mut self, ty: &Ty, anchored: bool) -> Expr {
        if let Some(local) = self.seen(ty)
            && !self.e.one_in(3)
        {
            return Expr::Local(local);
        }
        match ty {
            Ty::Int => Expr::Int(self.e.int()),
            Ty::Float => Expr::Float(self.e.float()),
            Ty::Bool => Expr::Bool(self.e.one_in(2)),
            Ty::Str => Expr::Str((*self.e.pick(TEXTS).unwrap_or(&"")).to_owned()),
            Ty::Opt(_) if !anchored => Expr::None,
            Ty::List(_) if !anchored => Expr::List(Vec::new()),
            Ty::Map(_) if !anchored => Expr::MapOf(Vec::new()),
            _ => self.made(ty, 0, anchored),
        }
    }

    /// Puts a value of a type together from its parts.
    fn made(&mut self, ty: &Ty, height: usize, anchored: bool) -> Expr {
        let below = height.saturating_sub(1);
        match ty {
            Ty::List(of) => {
                let count = 1 + self.e.below(3);
                Expr::List((0..count).map(|_| self.expr(of, below, anchored)).collect())
            }
            Ty::Map(of) => {
                let count = 1 + self.e.below(3);
                let entries =
                    (0..count).map(|_| (self.expr(&Ty::Str, 0, anchored), self.expr(of, below, anchored)));
                Expr::MapOf(entries.collect())
            }
            Ty::Opt(of) if anchored => {
                let value = self.expr(of, below, true);
                Expr::Lib(Lib::First, Box::new(Expr::List(vec![value])), Vec::new())
            }
            Ty::Opt(of) => self.expr(of, below, false),
            Ty::Pair(a, b) => {
                Expr::Pair(Box::new((self.expr(a, below, anchored), self.expr(b, below, anchored))))
            }
            Ty::Cell(of) => Expr::NewCell((**of).clone(), Box::new(self.expr(of, below, false))),
            Ty::Fn(from, to) => self.closure(from, to, height, anchored),
            Ty::Enum(number) => {
                let case = self.e.below(self.program.enums[*number].cases.len());
                let payload = self.program.enums[*number].cases[case].clone();
                Expr::Case(*number, case, payload.iter().map(|ty| self.expr(ty, below, false)).collect())
            }
            Ty::Class(class) => {
                let fitting: Vec<usize> = (0..self.program.classes.len())
                    .filter(|&other| {
                        if anchored || height == 0 {
                            other == *class
                        } else {
                            self.program.is_below(other, *class)
                        }
                    })
                    .collect();
                if let Some(base) = self.program.classes[*class].base
                    && height > 0
                    && self.e.one_in(8)
                {
                    return Expr::ForcedClass(Box::new(self.expr(&Ty::Class(base), below, true)), *class);
                }
                let class = *self.e.pick(&fitting).unwrap_or(class);
                self.object(class, below)
            }
            Ty::Scored => self.scored(below),
            _ => self.leaf(ty, anchored),
        }
    }

    fn object(&mut self, class: usize, height: usize) -> Expr {
        let fields = self.program.all_fields(class);
        Expr::New(class, fields.iter().map(|(_, _, ty)| self.expr(ty, height, false)).collect())
    }

    /// How many classes and enums are `Scored`.
    fn scored_makers(&self) -> usize {
        let classes = (0..self.program.classes.len()).filter(|&class| self.program.is_scored(class)).count();
        classes + self.program.enums.iter().filter(|choice| choice.scored.is_some()).count()
    }

    /// Something that is `Scored`. There is one.
    fn scored(&mut self, height: usize) -> Expr {
        let classes = (0..self.program.classes.len()).filter(|&class| self.program.is_scored(class));
        let mut all: Vec<Ty> = classes.map(Ty::Class).collect();
        let enums = self.program.enums.iter().enumerate().filter(|(_, choice)| choice.scored.is_some());
        all.extend(enums.map(|(number, _)| Ty::Enum(number)));
        let ty = self.e.pick(&all).cloned().unwrap_or(Ty::Class(0));
        self.made(&ty, height, true)
    }

    fn call(&mut self, ty: &Ty, height: usize) -> Option<Expr> {
        let first = self.function? + 1;
        let fitting: Vec<usize> = (first..self.program.functions.len())
            .filter(|&at| self.program.functions[at].result.as_ref() == Some(ty))
            .collect();
        let function = *self.e.pick(&fitting)?;
        let head = &self.program.functions[function];
        let params = head.locals[..head.params].to_vec();
        Some(Expr::Call(function, params.iter().map(|ty| self.expr(ty, height - 1, false)).collect()))
    }

    fn call_value(&mut self, ty: &Ty, height: usize) -> Option<Expr> {
        let local = self.seen_of(|other| matches!(other, Ty::Fn(_, to) if **to == *ty))?;
        let Ty::Fn(from, _) = self.locals[local].clone() else { return None };
        let arg = self.expr(&from, height - 1, false);
        if *from == *ty && matches!(ty, Ty::Int | Ty::Str) && self.e.one_in(2) {
            return Some(Expr::ApplyTwice(Box::new((Expr::Local(local), arg))));
        }
        Some(Expr::CallValue(Box::new((Expr::Local(local), arg))))
    }

    /// Something out of a collection, pair or cell that is at hand.
    fn from_collection(&mut self, ty: &Ty, height: usize) -> Option<Expr> {
        let local = self.seen_of(|other| match other {
            Ty::List(of) | Ty::Cell(of) => **of == *ty,
            Ty::Opt(of) => **of == *ty,
            Ty::Pair(a, b) => **a == *ty || **b == *ty,
            Ty::Map(of) => **of == *ty || matches!(ty, Ty::Opt(wanted) if *wanted == *of),
            _ => false,
        })?;
        let from = Expr::Local(local);
        Some(match self.locals[local].clone() {
            Ty::List(_) => Expr::Index(Box::new((from, self.index(height - 1)))),
            Ty::Cell(_) if self.e.one_in(2) => {
                let value = self.expr(ty, height - 1, false);
                Expr::Lib(Lib::Swap, Box::new(from), vec![value])
            }
            Ty::Cell(_) => Expr::CellValue(Box::new(from)),
            Ty::Opt(_) if self.e.one_in(3) => Expr::Unwrap(Box::new(from)),
            Ty::Opt(_) => Expr::Coalesce(Box::new((from, self.expr(ty, height - 1, false)))),
            Ty::Pair(a, _) => Expr::Part(Box::new(from), usize::from(*a != *ty)),
            Ty::Map(of) if *of == *ty => {
                let (key, value) = (self.expr(&Ty::Str, 1, false), self.expr(ty, height - 1, false));
                Expr::Lib(Lib::GetOr, Box::new(from), vec![key, value])
            }
            Ty::Map(_) => Expr::MapGet(Box::new((from, self.expr(&Ty::Str, 1, false)))),
            _ => return None,
        })
    }

    /// `if`, `match`, `try` or `pick`.
    fn choice(&mut self, ty: &Ty, height: usize, anchored: bool) -> Option<Expr> {
        let below = height - 1;
        let plain = matches!(ty, Ty::Int | Ty::Float | Ty::Bool | Ty::Str);
        match self.e.below(4) {
            0 => {
                let condition = self.anchored(&Ty::Bool, below);
                let (a, b) = (self.expr(ty, below, anchored), self.expr(ty, below, anchored));
                Some(Expr::If(Box::new((condition, a, b))))
            }
            1 if !self.program.enums.is_empty() => {
                let number = self.e.below(self.program.enums.len());
                let subject = self.anchored(&Ty::Enum(number), below);
                let arms = self.arms(number);
                let arms = arms
                    .into_iter()
                    .map(|(case, binds)| {
                        let seen = self.scope.len();
                        self.scope.extend(binds.iter().flatten().map(|&local| (local, false)));
                        let value = self.expr(ty, below, anchored);
                        self.scope.truncate(seen);
                        (case, binds, value)
                    })
                    .collect();
                Some(Expr::Match(Box::new(subject), number, arms))
            }
            2 => {
                let (body, otherwise) = (self.expr(ty, below, anchored), self.expr(ty, below, anchored));
                let kind = *self.e.pick(KINDS).unwrap_or(&Kind::Overflow);
                Some(Expr::Try(Box::new(body), kind, Box::new(otherwise)))
            }
            _ if plain => {
                let condition = self.expr(&Ty::Bool, below, false);
                let (a, b) = (self.expr(ty, below, true), self.expr(ty, below, true));
                Some(Expr::Pick(Box::new((condition, a, b))))
            }
            _ => None,
        }
    }

    fn two(&mut self, ty: &Ty, height: usize) -> Box<(Expr, Expr)> {
        Box::new((self.anchored(ty, height - 1), self.anchored(ty, height - 1)))
    }

    fn int(&mut self, height: usize) -> Expr {
        let below = height - 1;
        match self.e.below(18) {
            0..=3 => Expr::IntOp(*self.e.pick(INT_OPS).unwrap_or(&IntOp::Add), self.two(&Ty::Int, height)),
            4 => Expr::IntOp(*self.e.pick(CHECKED).unwrap_or(&IntOp::Add), self.two(&Ty::Int, height)),
            5 => Expr::Neg(Box::new(self.anchored(&Ty::Int, below))),
            6 => Expr::Complement(Box::new(self.anchored(&Ty::Int, below))),
            7 => {
                let ty = match self.e.below(3) {
                    0 => Ty::Str,
                    1 => Ty::Map(Box::new(self.ty())),
                    _ => Ty::List(Box::new(self.ty())),
                };
                Expr::Lib(Lib::Len, Box::new(self.anchored(&ty, below)), Vec::new())
            }
            8 => {
                let list = self.anchored(&Ty::List(Box::new(Ty::Int)), below);
                Expr::Lib(Lib::Sum, Box::new(list), Vec::new())
            }
            9 => Expr::Lib(Lib::Abs, Box::new(self.anchored(&Ty::Int, below)), Vec::new()),
            10 => Expr::Lib(Lib::ToInt, Box::new(self.anchored(&Ty::Float, below)), Vec::new()),
            11 => {
                let opt = self.anchored(&Ty::Opt(Box::new(Ty::Int)), below);
                Expr::Coalesce(Box::new((opt, self.expr(&Ty::Int, below, false))))
            }
            12..=14 => self.score(below),
            _ => self.leaf(&Ty::Int, true),
        }
    }

    /// Calls a method. Methods call only that of their base.
    fn score(&mut self, height: usize) -> Expr {
        let k = Box::new(self.expr(&Ty::Int, height, false));
        if let Some(class) = self.class
            && let Some(base) = self.program.classes[class].base
            && self.program.has_method(base, self.method)
        {
            return Expr::Super(base, self.method, k);
        }
        if self.function.is_none() {
            return *k;
        }
        if self.scored_makers() > 0 && self.e.one_in(2) {
            let object = match self.seen(&Ty::Scored) {
                Some(local) => Expr::Local(local),
                None => self.scored(height),
            };
            let object = Box::new(object);
            return if self.e.one_in(2) { Expr::Score(object, k) } else { Expr::Twice(object, k) };
        }
        let with: Vec<(usize, usize)> = (0..self.program.classes.len())
            .flat_map(|class| (0..METHODS).map(move |name| (class, name)))
            .filter(|&(class, name)| self.program.has_method(class, name))
            .collect();
        let Some(&(class, name)) = self.e.pick(&with) else { return *k };
        Expr::Method(Box::new(self.anchored(&Ty::Class(class), height)), name, k)
    }

    fn float(&mut self, height: usize) -> Expr {
        match self.e.below(6) {
            0..=2 => {
                Expr::FloatOp(*self.e.pick(FLOAT_OPS).unwrap_or(&FloatOp::Add), self.two(&Ty::Float, height))
            }
            3 => Expr::Lib(Lib::ToFloat, Box::new(self.anchored(&Ty::Int, height - 1)), Vec::new()),
            4 => Expr::Lib(Lib::Floor, Box::new(self.anchored(&Ty::Float, height - 1)), Vec::new()),
            _ => self.leaf(&Ty::Float, true),
        }
    }

    fn bool(&mut self, height: usize) -> Expr {
        let below = height - 1;
        match self.e.below(12) {
            0..=2 => {
                let ty = [Ty::Int, Ty::Str, Ty::Float][self.e.below(3)].clone();
                Expr::Cmp(*self.e.pick(COMPARISONS).unwrap_or(&Cmp::Eq), self.two(&ty, height))
            }
            3 | 4 => {
                let ty = self.ty();
                let ty = if comparable(&ty) { ty } else { Ty::Int };
                let op = if self.e.one_in(2) { Cmp::Eq } else { Cmp::Ne };
                Expr::Cmp(op, self.two(&ty, height))
            }
            5 => Expr::Not(Box::new(self.anchored(&Ty::Bool, below))),
            6 => Expr::And(self.two(&Ty::Bool, height)),
            7 => Expr::Or(self.two(&Ty::Bool, height)),
            8 => {
                let item = self.ty();
                let item = if comparable(&item) { item } else { Ty::Int };
                let list = self.anchored(&Ty::List(Box::new(item.clone())), below);
                Expr::Lib(Lib::Contains, Box::new(list), vec![self.expr(&item, below, false)])
            }
            9 => {
                let item = self.ty();
                let list = self.anchored(&Ty::List(Box::new(item.clone())), below);
                let test = self.closure(&item, &Ty::Bool, below, false);
                Expr::Lib(Lib::Any, Box::new(list), vec![test])
            }
            10 => self.test_of_class(below),
            _ => match self.seen_of(|ty| matches!(ty, Ty::Enum(_))) {
                Some(local) => {
                    let Ty::Enum(number) = self.locals[local] else { return Expr::Bool(true) };
                    let case = self.e.below(self.program.enums[number].cases.len());
                    Expr::IsCase(Box::new(Expr::Local(local)), number, case)
                }
                None => self.leaf(&Ty::Bool, true),
            },
        }
    }

    fn test_of_class(&mut self, height: usize) -> Expr {
        let below: Vec<usize> =
            (0..self.program.classes.len()).filter(|&at| self.program.classes[at].base.is_some()).collect();
        let Some(&class) = self.e.pick(&below) else { return Expr::Bool(false) };
        let Some(base) = self.program.classes[class].base else { return Expr::Bool(false) };
        Expr::IsClass(Box::new(self.anchored(&Ty::Class(base), height)), class)
    }

    fn str(&mut self, height: usize) -> Expr {
        match self.e.below(8) {
            0..=2 => {
                let count = 1 + self.e.below(2);
                let parts = (0..count).map(|_| {
                    let text = (*self.e.pick(TEXTS).unwrap_or(&"")).to_owned();
                    let ty = self.ty();
                    (text, self.in_text(&ty, height))
                });
                Expr::Interpolate(parts.collect())
            }
            3 | 4 => Expr::Concat(self.two(&Ty::Str, height)),
            5 => Expr::Lib(Lib::Upper, Box::new(self.anchored(&Ty::Str, height - 1)), Vec::new()),
            _ => self.leaf(&Ty::Str, true),
        }
    }

    /// An expression inside of a string, which has no line ends.
    fn in_text(&mut self, ty: &Ty, height: usize) -> Expr {
        let expr = self.anchored(ty, height - 1);
        if super::text::has_lines(&expr, &self.locals) { self.leaf(&Ty::Int, true) } else { expr }
    }

    fn list(&mut self, of: &Ty, height: usize, anchored: bool) -> Expr {
        let ty = Ty::List(Box::new(of.clone()));
        let below = height - 1;
        let on = |maker: &mut Self| Box::new(maker.anchored(&ty, below));
        match self.e.below(14) {
            0 => Expr::Lib(Lib::Copy, on(self), Vec::new()),
            1 => Expr::Lib(Lib::Reversed, on(self), Vec::new()),
            2 => {
                let list = on(self);
                Expr::Lib(Lib::Take, list, vec![self.index(below)])
            }
            3 => {
                let list = on(self);
                Expr::Lib(Lib::Skip, list, vec![self.index(below)])
            }
            4 if matches!(of, Ty::Int | Ty::Str) => Expr::Lib(Lib::Sorted, on(self), Vec::new()),
            5 => {
                let list = *on(self);
                Expr::Slice(Box::new((list, self.index(1), self.index(1))))
            }
            6 => {
                let list = on(self);
                let test = self.closure(of, &Ty::Bool, below, false);
                Expr::Lib(Lib::Filter, list, vec![test])
            }
            7 => {
                let item = self.ty();
                let list = self.anchored(&Ty::List(Box::new(item.clone())), below);
                let change = self.closure(&item, of, below, true);
                Expr::Lib(Lib::Map, Box::new(list), vec![change])
            }
            8 if *of == Ty::Str => {
                let item = self.ty();
                let map = self.anchored(&Ty::Map(Box::new(item)), below);
                Expr::Lib(Lib::Keys, Box::new(map), Vec::new())
            }
            9 => match of {
                Ty::Pair(a, b) if **a == Ty::Int => {
                    let list = self.anchored(&Ty::List(b.clone()), below);
                    Expr::Lib(Lib::Enumerate, Box::new(list), Vec::new())
                }
                _ => self.made(&ty, height, anchored),
            },
            _ => self.made(&ty, height, anchored),
        }
    }

    fn opt(&mut self, of: &Ty, height: usize, anchored: bool) -> Expr {
        let below = height - 1;
        match self.e.below(12) {
            0 | 1 => {
                let list = self.anchored(&Ty::List(Box::new(of.clone())), below);
                let method = [Lib::First, Lib::Last, Lib::Pop][self.e.below(3)];
                Expr::Lib(method, Box::new(list), Vec::new())
            }
            2 => {
                let map = self.anchored(&Ty::Map(Box::new(of.clone())), below);
                Expr::MapGet(Box::new((map, self.expr(&Ty::Str, 1, false))))
            }
            3 | 4 if *of == Ty::Int => match self.e.below(3) {
                0 => {
                    let text = self.anchored(&Ty::Str, below);
                    Expr::Lib(Lib::ParseInt, Box::new(text), Vec::new())
                }
                1 => {
                    let text = self.anchored(&Ty::Str, below);
                    Expr::Lib(Lib::Find, Box::new(text), vec![self.expr(&Ty::Str, 1, false)])
                }
                _ => {
                    let list = self.anchored(&Ty::List(Box::new(Ty::Str)), below);
                    Expr::Lib(Lib::IndexOf, Box::new(list), vec![self.expr(&Ty::Str, 1, false)])
                }
            },
            5 | 6 => match of {
                Ty::Class(class) if self.program.classes[*class].base.is_some() => {
                    let base = self.program.classes[*class].base.unwrap_or(*class);
                    let object = Box::new(self.anchored(&Ty::Class(base), below));
                    Expr::AsClass(object, *class)
                }
                _ => self.made(&Ty::Opt(Box::new(of.clone())), height, anchored),
            },
            7 if !anchored => Expr::None,
            _ => self.made(&Ty::Opt(Box::new(of.clone())), height, anchored),
        }
    }

    fn closure(&mut self, from: &Ty, to: &Ty, height: usize, anchored: bool) -> Expr {
        let param = self.local(from.clone());
        let seen = self.scope.len();
        self.scope.push((param, false));
        // Loops around and `return` of the function are not seen from here.
        let loops = std::mem::take(&mut self.loops);
        let outer = std::mem::replace(&mut self.in_closure, true);
        let below = height.saturating_sub(1);
        let expr = if self.e.one_in(4) && height > 1 {
            let inner = self.scope.len();
            let body: Vec<Stmt> = (0..1 + self.e.below(2)).map(|_| self.plain_stmt()).collect();
            let value = Box::new(self.expr(to, below, anchored));
            self.scope.truncate(inner);
            Expr::Block(param, from.clone(), body, value)
        } else {
            Expr::Closure(param, from.clone(), Box::new(self.expr(to, below, anchored)))
        };
        self.in_closure = outer;
        self.loops = loops;
        self.scope.truncate(seen);
        expr
    }

    /// A statement that goes on to the next one.
    fn plain_stmt(&mut self) -> Stmt {
        match self.e.below(4) {
            0 => self.print(),
            1 => self.declaration(),
            2 => self.assignment(),
            _ => self.push(),
        }
    }
}
