//! Programs as text.

use std::fmt::Write as _;

use super::{Class, Cmp, Expr, FloatOp, Function, IntOp, Kind, Lib, Place, Program, Stmt, Ty};

/// What every program has.
pub(super) const COMMON: &str = "\
class E0: Error {
    let n: int
}

class E1: E0 { }

interface Scored {
    fn score0(k: int) -> int
    fn twice(k: int) -> int => score0(k) +% score0(k +% 1)
}

class Cell<T> {
    var value: T
    fn swap(fresh: T) -> T {
        let old = value
        value = fresh
        return old
    }
}

fn pick<T>(c: bool, a: T, b: T) -> T => if c { a } else { b }

fn apply_twice<T>(f: fn(T) -> T, x: T) -> T => f(f(x))
";

/// The text of a program.
pub(super) fn write(program: &Program) -> String {
    let mut w = Writer { out: COMMON.to_owned(), indent: 0 };
    for (number, choice) in program.enums.iter().enumerate() {
        let above = if choice.scored.is_some() { ": Scored" } else { "" };
        w.line(&format!("\nenum N{number}{above} {{"));
        for (case, payload) in choice.cases.iter().enumerate() {
            let fields: Vec<String> =
                payload.iter().enumerate().map(|(at, ty)| format!("p{at}: {}", ty.name())).collect();
            let fields = if fields.is_empty() { String::new() } else { format!("({})", fields.join(", ")) };
            w.line(&format!("    K{number}_{case}{fields}"));
        }
        if let Some(function) = &choice.scored {
            w.method("", 0, function);
        }
        w.line("}");
    }
    for (number, class) in program.classes.iter().enumerate() {
        w.class(program, number, class);
    }
    for (number, function) in program.functions.iter().enumerate() {
        let params: Vec<String> =
            (0..function.params).map(|at| format!("v{at}: {}", function.locals[at].name())).collect();
        let result = function.result.as_ref().map_or(String::new(), |ty| format!(" -> {}", ty.name()));
        let name = if number == 0 { "main".to_owned() } else { format!("f{number}") };
        w.line(&format!("\nfn {name}({}){result} {{", params.join(", ")));
        w.body(&function.body, &function.locals);
        w.line("}");
    }
    w.out
}

impl Ty {
    /// As it is written.
    pub(super) fn name(&self) -> String {
        match self {
            Ty::Int => "int".into(),
            Ty::Float => "float".into(),
            Ty::Bool => "bool".into(),
            Ty::Str => "str".into(),
            Ty::List(item) => format!("[{}]", item.name()),
            Ty::Opt(of) if matches!(**of, Ty::Fn(..)) => format!("({})?", of.name()),
            Ty::Opt(of) => format!("{}?", of.name()),
            Ty::Pair(a, b) => format!("({}, {})", a.name(), b.name()),
            Ty::Map(value) => format!("[str: {}]", value.name()),
            Ty::Cell(of) => format!("Cell<{}>", of.name()),
            Ty::Fn(from, to) => format!("fn({}) -> {}", from.name(), to.name()),
            Ty::Enum(number) => format!("N{number}"),
            Ty::Class(number) => format!("C{number}"),
            Ty::Scored => "Scored".into(),
        }
    }
}

impl Kind {
    /// The class.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Overflow => "Overflow",
            Kind::DivideByZero => "DivideByZero",
            Kind::OutOfBounds => "OutOfBounds",
            Kind::NoneUnwrapped => "NoneUnwrapped",
            Kind::BadCast => "BadCast",
            Kind::E0 => "E0",
            Kind::E1 => "E1",
        }
    }
}

fn int_op(op: IntOp) -> &'static str {
    match op {
        IntOp::Add => "+",
        IntOp::Sub => "-",
        IntOp::Mul => "*",
        IntOp::Div => "/",
        IntOp::Rem => "%",
        IntOp::AddWrap => "+%",
        IntOp::SubWrap => "-%",
        IntOp::MulWrap => "*%",
        IntOp::And => "&",
        IntOp::Or => "|",
        IntOp::Xor => "^",
        IntOp::Shl => "<<",
        IntOp::Shr => ">>",
        IntOp::ShrZero => ">>>",
    }
}

fn float_op(op: FloatOp) -> &'static str {
    match op {
        FloatOp::Add => "+",
        FloatOp::Sub => "-",
        FloatOp::Mul => "*",
        FloatOp::Div => "/",
    }
}

fn cmp(op: Cmp) -> &'static str {
    match op {
        Cmp::Eq => "==",
        Cmp::Ne => "!=",
        Cmp::Lt => "<",
        Cmp::Le => "<=",
        Cmp::Gt => ">",
        Cmp::Ge => ">=",
    }
}

fn lib(method: Lib) -> &'static str {
    match method {
        Lib::Len => "len",
        Lib::First => "first",
        Lib::Last => "last",
        Lib::Pop => "pop",
        Lib::Contains => "contains",
        Lib::IndexOf => "index_of",
        Lib::Copy => "copy",
        Lib::Reversed => "reversed",
        Lib::Sorted => "sorted",
        Lib::Take => "take",
        Lib::Skip => "skip",
        Lib::Sum => "sum",
        Lib::Map => "map",
        Lib::Filter => "filter",
        Lib::Any => "any",
        Lib::Enumerate => "enumerate",
        Lib::Keys => "keys",
        Lib::GetOr => "get_or",
        Lib::Upper => "upper",
        Lib::Find => "find",
        Lib::ParseInt => "parse_int",
        Lib::Abs => "abs",
        Lib::ToFloat => "to_float",
        Lib::ToInt => "to_int",
        Lib::Floor => "floor",
        Lib::Swap => "swap",
    }
}

/// A text with its escapes, without quotation marks.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '"' | '\\' | '{' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Whether the text of an expression has several lines.
pub(super) fn has_lines(expr: &Expr, locals: &[Ty]) -> bool {
    Writer { out: String::new(), indent: 0 }.expr(expr, locals).contains('\n')
}

struct Writer {
    out: String,
    indent: usize,
}

impl Writer {
    fn line(&mut self, text: &str) {
        let indent = "    ".repeat(self.indent);
        _ = writeln!(self.out, "{indent}{text}");
    }

    fn class(&mut self, program: &Program, number: usize, class: &Class) {
        let base = class.base.map(|base| format!("C{base}"));
        let above: Vec<String> = base.into_iter().chain(class.scored.then(|| "Scored".to_owned())).collect();
        let above = if above.is_empty() { String::new() } else { format!(": {}", above.join(", ")) };
        self.line(&format!("\nclass C{number}{above} {{"));
        for (at, ty) in class.fields.iter().enumerate() {
            self.line(&format!("    var f{number}_{at}: {}", ty.name()));
        }
        for (name, function) in &class.methods {
            let overrides = class.base.is_some_and(|base| program.has_method(base, *name));
            self.method(if overrides { "override " } else { "" }, *name, function);
        }
        self.line("}");
    }

    fn method(&mut self, before: &str, name: usize, function: &Function) {
        self.line(&format!("    {before}fn score{name}(v0: int) -> int {{"));
        self.indent += 1;
        self.body(&function.body, &function.locals);
        self.indent -= 1;
        self.line("    }");
    }

    fn body(&mut self, body: &[Stmt], locals: &[Ty]) {
        self.indent += 1;
        for stmt in body {
            self.stmt(stmt, locals);
        }
        self.indent -= 1;
    }

    /// Statements in braces behind a head.
    fn block(&mut self, head: &str, body: &[Stmt], locals: &[Ty]) {
        self.line(&format!("{head} {{"));
        self.body(body, locals);
        self.line("}");
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of statement")]
    fn stmt(&mut self, stmt: &Stmt, locals: &[Ty]) {
        match stmt {
            Stmt::Let(local, var, written, value) => {
                let word = if *var { "var" } else { "let" };
                let ty = if *written { format!(": {}", locals[*local].name()) } else { String::new() };
                let value = self.expr(value, locals);
                self.line(&format!("{word} v{local}{ty} = {value}"));
            }
            Stmt::LetPair(a, b, value) => {
                let value = self.expr(value, locals);
                self.line(&format!("let (v{a}, v{b}) = {value}"));
            }
            Stmt::Assign(place, value) => {
                let (place, value) = (self.place(place, locals), self.expr(value, locals));
                self.line(&format!("{place} = {value}"));
            }
            Stmt::Update(place, op, value) => {
                let (place, value) = (self.place(place, locals), self.expr(value, locals));
                self.line(&format!("{place} {}= {value}", int_op(*op)));
            }
            Stmt::Push(list, value) => {
                let (list, value) = (self.expr(list, locals), self.expr(value, locals));
                self.line(&format!("{list}.push({value})"));
            }
            Stmt::If(condition, then, otherwise) => {
                let head = format!("if {}", self.expr(condition, locals));
                self.branches(&head, then, otherwise, locals);
            }
            Stmt::IfLet(local, value, then, otherwise) => {
                let head = format!("if let v{local} = {}", self.expr(value, locals));
                self.branches(&head, then, otherwise, locals);
            }
            Stmt::While(local, count, label, body) => {
                self.line(&format!("var v{local} = {count}"));
                self.line(&format!("l{label}: while v{local} > 0 {{"));
                self.line(&format!("    v{local} -= 1"));
                self.body(body, locals);
                self.line("}");
            }
            Stmt::WhileLet(local, list, label, body) => {
                let list = self.expr(list, locals);
                self.block(&format!("l{label}: while let v{local} = {list}.pop()"), body, locals);
            }
            Stmt::ForRange(local, start, count, inclusive, label, body) => {
                let start = self.expr(start, locals);
                let dots = if *inclusive { "..=" } else { ".." };
                let end = format!("({start} +% {count})");
                self.block(&format!("l{label}: for v{local} in {start}{dots}{end}"), body, locals);
            }
            Stmt::ForIn(local, list, label, body) => {
                let list = self.expr(list, locals);
                self.block(&format!("l{label}: for v{local} in {list}"), body, locals);
            }
            Stmt::Match(subject, number, arms) => {
                let subject = self.expr(subject, locals);
                self.line(&format!("match {subject} {{"));
                self.indent += 1;
                for (case, binds, body) in arms {
                    self.block(&format!("{} =>", pattern(*number, *case, binds)), body, locals);
                }
                self.indent -= 1;
                self.line("}");
            }
            Stmt::Try(body, catches) => {
                self.line("try {");
                self.body(body, locals);
                for (kind, body) in catches {
                    let kind_text = kind.map_or(String::new(), |kind| format!(": {}", kind.name()));
                    self.line(&format!("}} catch e{kind_text} {{"));
                    if matches!(kind, Some(Kind::E0 | Kind::E1)) {
                        self.line("    print(\"caught {e.n}\")");
                    }
                    self.body(body, locals);
                }
                self.line("}");
            }
            Stmt::Throw(kind, value) => {
                let value = self.expr(value, locals);
                self.line(&format!("throw {}(\"\", n: {value})", kind.name()));
            }
            Stmt::Print(value) => {
                let value = self.expr(value, locals);
                self.line(&format!("print({value})"));
            }
            Stmt::Return(None) => self.line("return"),
            Stmt::Return(Some(value)) => {
                let value = self.expr(value, locals);
                self.line(&format!("return {value}"));
            }
            Stmt::Break(label) => self.line(&format!("break l{label}")),
            Stmt::Continue(label) => self.line(&format!("continue l{label}")),
            Stmt::Defer(body) => self.block("defer", body, locals),
            Stmt::Do(value) => {
                let value = self.expr(value, locals);
                self.line(&format!("let _ = {value}"));
            }
        }
    }

    fn branches(&mut self, head: &str, then: &[Stmt], otherwise: &[Stmt], locals: &[Ty]) {
        self.line(&format!("{head} {{"));
        self.body(then, locals);
        if !otherwise.is_empty() {
            self.line("} else {");
            self.body(otherwise, locals);
        }
        self.line("}");
    }

    fn place(&mut self, place: &Place, locals: &[Ty]) -> String {
        match place {
            Place::Local(local) => format!("v{local}"),
            Place::Field(Expr::This, class, at) => format!("f{class}_{at}"),
            Place::Field(object, class, at) => format!("{}.f{class}_{at}", self.expr(object, locals)),
            Place::Index(list, at) | Place::MapEntry(list, at) => {
                format!("{}[{}]", self.expr(list, locals), self.expr(at, locals))
            }
            Place::Cell(cell) => format!("{}.value", self.expr(cell, locals)),
        }
    }

    fn all(&mut self, values: &[Expr], locals: &[Ty]) -> String {
        let values: Vec<String> = values.iter().map(|value| self.expr(value, locals)).collect();
        values.join(", ")
    }

    fn two(&mut self, values: &(Expr, Expr), between: &str, locals: &[Ty]) -> String {
        let (a, b) = (self.expr(&values.0, locals), self.expr(&values.1, locals));
        format!("({a} {between} {b})")
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of expression")]
    fn expr(&mut self, expr: &Expr, locals: &[Ty]) -> String {
        match expr {
            Expr::Int(value) if *value < 0 => format!("({value})"),
            Expr::Int(value) => format!("{value}"),
            Expr::Float(value) if value.is_nan() => "(0.0 / 0.0)".into(),
            Expr::Float(value) if value.is_infinite() => {
                format!("({}1.0 / 0.0)", if *value < 0.0 { "-" } else { "" })
            }
            Expr::Float(value) if value.is_sign_negative() => format!("({value:?})"),
            Expr::Float(value) => format!("{value:?}"),
            Expr::Bool(value) => format!("{value}"),
            Expr::Str(text) => format!("\"{}\"", escaped(text)),
            Expr::None => "none".into(),
            Expr::Local(local) => format!("v{local}"),
            Expr::This => "self".into(),
            Expr::IntOp(op, both) => self.two(both, int_op(*op), locals),
            Expr::FloatOp(op, both) => self.two(both, float_op(*op), locals),
            Expr::Cmp(op, both) => self.two(both, cmp(*op), locals),
            Expr::Neg(of) => format!("(-{})", self.expr(of, locals)),
            Expr::Complement(of) => format!("(~{})", self.expr(of, locals)),
            Expr::Not(of) => format!("(not {})", self.expr(of, locals)),
            Expr::And(both) => self.two(both, "and", locals),
            Expr::Or(both) => self.two(both, "or", locals),
            Expr::Interpolate(parts) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|(text, value)| format!("{}{{{}}}", escaped(text), self.expr(value, locals)))
                    .collect();
                format!("\"{}\"", parts.concat())
            }
            Expr::Concat(both) => self.two(both, "+", locals),
            Expr::If(parts) => {
                let (condition, then) = (self.expr(&parts.0, locals), self.expr(&parts.1, locals));
                format!("(if {condition} {{ {then} }} else {{ {} }})", self.expr(&parts.2, locals))
            }
            Expr::Match(subject, number, arms) => {
                let subject = self.expr(subject, locals);
                let arms: Vec<String> = arms
                    .iter()
                    .map(|(case, binds, value)| {
                        format!("{} => {}", pattern(*number, *case, binds), self.expr(value, locals))
                    })
                    .collect();
                format!("(match {subject} {{ {} }})", arms.join(", "))
            }
            Expr::Call(function, args) => format!("f{function}({})", self.all(args, locals)),
            Expr::Method(object, name, k) => {
                format!("{}.score{name}({})", self.expr(object, locals), self.expr(k, locals))
            }
            Expr::Super(_, name, k) => format!("super.score{name}({})", self.expr(k, locals)),
            Expr::Score(object, k) => {
                format!("{}.score0({})", self.expr(object, locals), self.expr(k, locals))
            }
            Expr::Twice(object, k) => {
                format!("{}.twice({})", self.expr(object, locals), self.expr(k, locals))
            }
            Expr::New(class, args) => format!("C{class}({})", self.all(args, locals)),
            Expr::Case(number, case, args) if args.is_empty() => format!("K{number}_{case}"),
            Expr::Case(number, case, args) => format!("K{number}_{case}({})", self.all(args, locals)),
            Expr::List(items) => format!("[{}]", self.all(items, locals)),
            Expr::MapOf(entries) if entries.is_empty() => "[:]".into(),
            Expr::MapOf(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", self.expr(key, locals), self.expr(value, locals)))
                    .collect();
                format!("[{}]", entries.join(", "))
            }
            Expr::NewCell(ty, value) => format!("Cell<{}>({})", ty.name(), self.expr(value, locals)),
            Expr::CellValue(cell) => format!("{}.value", self.expr(cell, locals)),
            Expr::Field(object, class, at) => match &**object {
                Expr::This => format!("f{class}_{at}"),
                object => format!("{}.f{class}_{at}", self.expr(object, locals)),
            },
            Expr::Index(both) | Expr::MapGet(both) => {
                format!("{}[{}]", self.expr(&both.0, locals), self.expr(&both.1, locals))
            }
            Expr::Slice(parts) => {
                let (list, start) = (self.expr(&parts.0, locals), self.expr(&parts.1, locals));
                format!("{list}[{start}..{}]", self.expr(&parts.2, locals))
            }
            Expr::Coalesce(both) => self.two(both, "??", locals),
            Expr::Unwrap(of) => format!("{}!", self.expr(of, locals)),
            Expr::Pair(both) => {
                format!("({}, {})", self.expr(&both.0, locals), self.expr(&both.1, locals))
            }
            Expr::Part(of, at) => format!("{}.{at}", self.expr(of, locals)),
            Expr::Closure(param, ty, value) => {
                format!("(|v{param}: {}| {})", ty.name(), self.expr(value, locals))
            }
            Expr::Block(param, ty, body, value) => self.closure_block(*param, ty, body, value, locals),
            Expr::CallValue(both) => {
                format!("{}({})", self.callee(&both.0, locals), self.expr(&both.1, locals))
            }
            Expr::Pick(parts) => {
                let (a, b) = (self.expr(&parts.1, locals), self.expr(&parts.2, locals));
                format!("pick({}, {a}, {b})", self.expr(&parts.0, locals))
            }
            Expr::ApplyTwice(both) => {
                format!("apply_twice({}, {})", self.expr(&both.0, locals), self.expr(&both.1, locals))
            }
            Expr::Lib(method, object, args) => {
                format!("{}.{}({})", self.expr(object, locals), lib(*method), self.all(args, locals))
            }
            Expr::Try(body, kind, otherwise) => {
                let (body, otherwise) = (self.expr(body, locals), self.expr(otherwise, locals));
                format!("(try {{ {body} }} catch e: {} {{ {otherwise} }})", kind.name())
            }
            Expr::IsClass(of, class) => format!("({} is C{class})", self.expr(of, locals)),
            Expr::AsClass(of, class) => format!("({} as? C{class})", self.expr(of, locals)),
            Expr::ForcedClass(of, class) => format!("({} as! C{class})", self.expr(of, locals)),
            Expr::IsCase(of, number, case) => format!("({} is K{number}_{case})", self.expr(of, locals)),
        }
    }

    /// What is called: a field that is a function is called through parentheses.
    fn callee(&mut self, callee: &Expr, locals: &[Ty]) -> String {
        let text = self.expr(callee, locals);
        if matches!(callee, Expr::Field(..) | Expr::CellValue(..)) { format!("({text})") } else { text }
    }

    fn closure_block(&mut self, param: usize, ty: &Ty, body: &[Stmt], value: &Expr, locals: &[Ty]) -> String {
        let mut inner = Writer { out: String::new(), indent: self.indent };
        inner.body(body, locals);
        inner.indent += 1;
        let value = inner.expr(value, locals);
        inner.line(&value);
        format!("(|v{param}: {}| {{\n{}{}}})", ty.name(), inner.out, "    ".repeat(self.indent))
    }
}

fn pattern(number: usize, case: Option<usize>, binds: &[Option<usize>]) -> String {
    let Some(case) = case else { return "_".into() };
    let binds: Vec<String> =
        binds.iter().map(|local| local.map_or("_".into(), |local| format!("v{local}"))).collect();
    if binds.is_empty() {
        format!("K{number}_{case}")
    } else {
        format!("K{number}_{case}({})", binds.join(", "))
    }
}
