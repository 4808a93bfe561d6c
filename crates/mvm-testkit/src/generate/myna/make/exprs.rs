//! Decides what an expression is.

use super::super::{Cmp, Expr, FloatOp, IntOp, Kind, Lib, Stmt, Ty};
use super::{CHECKED, COMPARISONS, FLOAT_OPS, INT_OPS, KINDS, METHODS, Maker, TEXTS, comparable};

impl Maker<'_, '_, '_> {
    /// A place in a list, mostly a small one.
    pub(super) fn index(&mut self, height: usize) -> Expr {
        if self.e.one_in(4) { self.expr(&Ty::Int, height, false) } else { Expr::Int(self.e.below(4) as i64) }
    }

    pub(super) fn anchored(&mut self, ty: &Ty, height: usize) -> Expr {
        self.expr(ty, height, true)
    }

    /// An expression of a type.
    pub(super) fn expr(&mut self, ty: &Ty, height: usize, anchored: bool) -> Expr {
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
            9 => self.out_of_collection(ty, height),
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
    pub(super) fn leaf(&mut self, ty: &Ty, anchored: bool) -> Expr {
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
    pub(super) fn made(&mut self, ty: &Ty, height: usize, anchored: bool) -> Expr {
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

    pub(super) fn object(&mut self, class: usize, height: usize) -> Expr {
        let fields = self.program.all_fields(class);
        Expr::New(class, fields.iter().map(|(_, _, ty)| self.expr(ty, height, false)).collect())
    }

    /// How many classes and enums are `Scored`.
    pub(super) fn scored_makers(&self) -> usize {
        let classes = (0..self.program.classes.len()).filter(|&class| self.program.is_scored(class)).count();
        classes + self.program.enums.iter().filter(|choice| choice.scored.is_some()).count()
    }

    /// Something that is `Scored`. There is one.
    pub(super) fn scored(&mut self, height: usize) -> Expr {
        let classes = (0..self.program.classes.len()).filter(|&class| self.program.is_scored(class));
        let mut all: Vec<Ty> = classes.map(Ty::Class).collect();
        let enums = self.program.enums.iter().enumerate().filter(|(_, choice)| choice.scored.is_some());
        all.extend(enums.map(|(number, _)| Ty::Enum(number)));
        let ty = self.e.pick(&all).cloned().unwrap_or(Ty::Class(0));
        self.made(&ty, height, true)
    }

    pub(super) fn call(&mut self, ty: &Ty, height: usize) -> Option<Expr> {
        let first = self.function? + 1;
        let fitting: Vec<usize> = (first..self.program.functions.len())
            .filter(|&at| self.program.functions[at].result.as_ref() == Some(ty))
            .collect();
        let function = *self.e.pick(&fitting)?;
        let head = &self.program.functions[function];
        let params = head.locals[..head.params].to_vec();
        Some(Expr::Call(function, params.iter().map(|ty| self.expr(ty, height - 1, false)).collect()))
    }

    pub(super) fn call_value(&mut self, ty: &Ty, height: usize) -> Option<Expr> {
        let local = self.seen_of(|other| matches!(other, Ty::Fn(_, to) if **to == *ty))?;
        let Ty::Fn(from, _) = self.locals[local].clone() else { return None };
        let arg = self.expr(&from, height - 1, false);
        if *from == *ty && matches!(ty, Ty::Int | Ty::Str) && self.e.one_in(2) {
            return Some(Expr::ApplyTwice(Box::new((Expr::Local(local), arg))));
        }
        Some(Expr::CallValue(Box::new((Expr::Local(local), arg))))
    }

    /// Something out of a collection, pair or cell that is at hand.
    pub(super) fn out_of_collection(&mut self, ty: &Ty, height: usize) -> Option<Expr> {
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
    pub(super) fn choice(&mut self, ty: &Ty, height: usize, anchored: bool) -> Option<Expr> {
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

    pub(super) fn two(&mut self, ty: &Ty, height: usize) -> Box<(Expr, Expr)> {
        Box::new((self.anchored(ty, height - 1), self.anchored(ty, height - 1)))
    }

    pub(super) fn int(&mut self, height: usize) -> Expr {
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
    pub(super) fn score(&mut self, height: usize) -> Expr {
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

    pub(super) fn float(&mut self, height: usize) -> Expr {
        match self.e.below(6) {
            0..=2 => {
                Expr::FloatOp(*self.e.pick(FLOAT_OPS).unwrap_or(&FloatOp::Add), self.two(&Ty::Float, height))
            }
            3 => Expr::Lib(Lib::ToFloat, Box::new(self.anchored(&Ty::Int, height - 1)), Vec::new()),
            4 => Expr::Lib(Lib::Floor, Box::new(self.anchored(&Ty::Float, height - 1)), Vec::new()),
            _ => self.leaf(&Ty::Float, true),
        }
    }

    pub(super) fn bool(&mut self, height: usize) -> Expr {
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

    pub(super) fn test_of_class(&mut self, height: usize) -> Expr {
        let below: Vec<usize> =
            (0..self.program.classes.len()).filter(|&at| self.program.classes[at].base.is_some()).collect();
        let Some(&class) = self.e.pick(&below) else { return Expr::Bool(false) };
        let Some(base) = self.program.classes[class].base else { return Expr::Bool(false) };
        Expr::IsClass(Box::new(self.anchored(&Ty::Class(base), height)), class)
    }

    pub(super) fn str(&mut self, height: usize) -> Expr {
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
    pub(super) fn in_text(&mut self, ty: &Ty, height: usize) -> Expr {
        let expr = self.anchored(ty, height - 1);
        if super::super::text::has_lines(&expr, &self.locals) { self.leaf(&Ty::Int, true) } else { expr }
    }

    pub(super) fn list(&mut self, of: &Ty, height: usize, anchored: bool) -> Expr {
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

    pub(super) fn opt(&mut self, of: &Ty, height: usize, anchored: bool) -> Expr {
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

    pub(super) fn closure(&mut self, from: &Ty, to: &Ty, height: usize, anchored: bool) -> Expr {
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
    pub(super) fn plain_stmt(&mut self) -> Stmt {
        match self.e.below(4) {
            0 => self.print(),
            1 => self.declaration(),
            2 => self.assignment(),
            _ => self.push(),
        }
    }
}
