//! Decides what a program is.
//!
//! An expression is made for a type. Where the language finds the type from the expression alone (the left side of `??`, the
//! object of a call) it is *anchored*: then only those are made that say their type themselves.

mod exprs;

use super::super::Entropy;
use super::{Class, Cmp, Enum, Expr, FloatOp, Function, IntOp, Kind, Place, Program, Stmt, Ty};

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

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of statement")]
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
}
