//! Random programs in Myna that know what they print.
//!
//! Bytes decide about a typed program ([`make`]): classes with a base, enums, closures, collections, errors, loops. A small
//! evaluator ([`eval`]) runs its tree and says what it prints and how it ends; [`text`] writes it down. So the compiler is
//! judged by somebody who shares nothing with it, beside all executors judging each other.
//!
//! Every program ends: functions call only later functions, loops count, and the evaluator gives up programs that take
//! too long.

mod eval;
mod make;
mod text;

use super::Entropy;
use crate::rng::Rng;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ty {
    Int,
    Float,
    Bool,
    Str,
    List(Box<Ty>),
    /// Never of an optional.
    Opt(Box<Ty>),
    Pair(Box<Ty>, Box<Ty>),
    /// From text to something.
    Map(Box<Ty>),
    /// The generic class `Cell<T>` of [`text::COMMON`].
    Cell(Box<Ty>),
    /// A function of one argument.
    Fn(Box<Ty>, Box<Ty>),
    Enum(usize),
    Class(usize),
    /// The interface `Scored` of [`text::COMMON`].
    Scored,
}

/// A class. Its number is larger than that of its base.
#[derive(Debug)]
struct Class {
    base: Option<usize>,
    /// Its own fields.
    fields: Vec<Ty>,
    /// Bodies of `fn scoreN(k: int) -> int`, with the number N; the object is [`Expr::This`], `k` is local 0.
    methods: Vec<(usize, Function)>,
    /// Whether it is `Scored` (so are the classes below it).
    scored: bool,
}

/// An enum: the payloads of its cases.
#[derive(Debug)]
struct Enum {
    cases: Vec<Vec<Ty>>,
    /// Whether it is `Scored`, with this body.
    scored: Option<Function>,
}

/// A function. The first locals are its parameters.
#[derive(Debug, Default)]
struct Function {
    params: usize,
    result: Option<Ty>,
    locals: Vec<Ty>,
    body: Vec<Stmt>,
}

/// A program.
#[derive(Debug, Default)]
struct Program {
    classes: Vec<Class>,
    enums: Vec<Enum>,
    /// The first is `main`.
    functions: Vec<Function>,
}

/// Operators on two ints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IntOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    AddWrap,
    SubWrap,
    MulWrap,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    ShrZero,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Operators on two floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FloatOp {
    Add,
    Sub,
    Mul,
    Div,
}

/// What can be caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Overflow,
    DivideByZero,
    OutOfBounds,
    NoneUnwrapped,
    BadCast,
    /// `E0`, with a number.
    E0,
    /// `E1`, below `E0`.
    E1,
}

/// Methods of the library that take and give values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lib {
    /// `xs.len()`, of lists, text and maps.
    Len,
    /// `xs.first()`
    First,
    /// `xs.last()`
    Last,
    /// `xs.pop()`
    Pop,
    /// `xs.contains(x)`, of lists, text and maps.
    Contains,
    /// `xs.index_of(x)`
    IndexOf,
    /// `xs.copy()`
    Copy,
    /// `xs.reversed()`
    Reversed,
    /// `xs.sorted()`
    Sorted,
    /// `xs.take(n)`
    Take,
    /// `xs.skip(n)`
    Skip,
    /// `xs.sum()` of ints
    Sum,
    /// `xs.map(f)`
    Map,
    /// `xs.filter(f)`
    Filter,
    /// `xs.any(f)`
    Any,
    /// `xs.enumerate()`
    Enumerate,
    /// `m.keys()`
    Keys,
    /// `m.get_or(k, v)`
    GetOr,
    /// `s.upper()`
    Upper,
    /// `s.find(t)`
    Find,
    /// `s.parse_int()`
    ParseInt,
    /// `n.abs()`
    Abs,
    /// `n.to_float()`
    ToFloat,
    /// `x.to_int()`
    ToInt,
    /// `x.floor()`
    Floor,
    /// `c.swap(v)` of cells: puts a value in and gives the old one.
    Swap,
}

/// An arm of a `match` of an enum: its case, or none for all the rest; a local for each value of the payload, or none where it
/// is not bound; and what is done.
type Arm<T> = (Option<usize>, Vec<Option<usize>>, T);

#[derive(Debug)]
enum Expr {
    Int(i64),
    Float(f64),
    Bool(bool),
    Str(String),
    None,
    Local(usize),
    /// The object of a method.
    This,
    IntOp(IntOp, Box<(Expr, Expr)>),
    FloatOp(FloatOp, Box<(Expr, Expr)>),
    Cmp(Cmp, Box<(Expr, Expr)>),
    Neg(Box<Expr>),
    Complement(Box<Expr>),
    Not(Box<Expr>),
    And(Box<(Expr, Expr)>),
    Or(Box<(Expr, Expr)>),
    /// Text of pieces and values.
    Interpolate(Vec<(String, Expr)>),
    Concat(Box<(Expr, Expr)>),
    If(Box<(Expr, Expr, Expr)>),
    /// Of an enum. The last arm may take all the rest.
    Match(Box<Expr>, usize, Vec<Arm<Expr>>),
    Call(usize, Vec<Expr>),
    /// `scoreN` of an object.
    Method(Box<Expr>, usize, Box<Expr>),
    /// `super.scoreN(k)`: the class whose method it is.
    Super(usize, usize, Box<Expr>),
    /// `score0` of something that is `Scored`.
    Score(Box<Expr>, Box<Expr>),
    /// `twice` of something that is `Scored`: a method of the interface.
    Twice(Box<Expr>, Box<Expr>),
    New(usize, Vec<Expr>),
    Case(usize, usize, Vec<Expr>),
    List(Vec<Expr>),
    MapOf(Vec<(Expr, Expr)>),
    NewCell(Ty, Box<Expr>),
    CellValue(Box<Expr>),
    /// Field of an object: the class that declares it, and its number there.
    Field(Box<Expr>, usize, usize),
    Index(Box<(Expr, Expr)>),
    Slice(Box<(Expr, Expr, Expr)>),
    MapGet(Box<(Expr, Expr)>),
    Coalesce(Box<(Expr, Expr)>),
    Unwrap(Box<Expr>),
    Pair(Box<(Expr, Expr)>),
    Part(Box<Expr>, usize),
    /// A closure: its parameter, and a value or statements.
    Closure(usize, Ty, Box<Expr>),
    /// The same with statements in front of the value.
    Block(usize, Ty, Vec<Stmt>, Box<Expr>),
    CallValue(Box<(Expr, Expr)>),
    /// `pick(c, a, b)`: a generic function of [`text::COMMON`].
    Pick(Box<(Expr, Expr, Expr)>),
    /// `apply_twice(f, x)`: another one.
    ApplyTwice(Box<(Expr, Expr)>),
    Lib(Lib, Box<Expr>, Vec<Expr>),
    /// `try { a } catch e: K { b }`.
    Try(Box<Expr>, Kind, Box<Expr>),
    /// `x is C`.
    IsClass(Box<Expr>, usize),
    /// `x as? C`
    AsClass(Box<Expr>, usize),
    /// `x as! C`
    ForcedClass(Box<Expr>, usize),
    /// `x is Case`
    IsCase(Box<Expr>, usize, usize),
}

/// What is assigned to.
#[derive(Debug)]
enum Place {
    Local(usize),
    Field(Expr, usize, usize),
    Index(Expr, Expr),
    MapEntry(Expr, Expr),
    Cell(Expr),
}

#[derive(Debug)]
enum Stmt {
    /// Whether it is `var`, and whether the type is written.
    Let(usize, bool, bool, Expr),
    LetPair(usize, usize, Expr),
    Assign(Place, Expr),
    /// `+=`, `-=`, `*=` of an int.
    Update(Place, IntOp, Expr),
    Push(Expr, Expr),
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// `if let v = e`.
    IfLet(usize, Expr, Vec<Stmt>, Vec<Stmt>),
    /// A loop that counts a variable of its own down: `while v > 0 { v -= 1 ... }`.
    While(usize, i64, usize, Vec<Stmt>),
    /// `while let v = xs.pop()`
    WhileLet(usize, Expr, usize, Vec<Stmt>),
    /// `for v in a..b`, or `..=`
    ForRange(usize, Expr, i64, bool, usize, Vec<Stmt>),
    ForIn(usize, Expr, usize, Vec<Stmt>),
    Match(Expr, usize, Vec<Arm<Vec<Stmt>>>),
    /// Catches: kind (none takes all), statements.
    Try(Vec<Stmt>, Vec<(Option<Kind>, Vec<Stmt>)>),
    /// `throw E0("", n: x)` or `E1`.
    Throw(Kind, Expr),
    Print(Expr),
    Return(Option<Expr>),
    /// Of the loop with this label.
    Break(usize),
    Continue(usize),
    Defer(Vec<Stmt>),
    Do(Expr),
}

/// How a program ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With status 0.
    Normal,
    /// With an error of this class that nobody caught.
    Uncaught(&'static str),
}

/// A program and what it does.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its text.
    pub text: String,
    /// What it prints.
    pub output: String,
    /// How it ends.
    pub end: End,
}

/// The program that these bytes stand for; none when it would take too long.
pub fn sample(bytes: &[u8]) -> Option<Sample> {
    let program = make::program(&mut Entropy::new(bytes));
    let (output, end) = eval::run(&program)?;
    Some(Sample { text: text::write(&program), output, end })
}

/// The program of a seed.
pub fn sample_of_seed(seed: u64) -> Option<Sample> {
    let mut rng = Rng::new(seed ^ 0x6d79_6e61);
    let count = 200 + rng.below(2_500);
    let bytes: Vec<u8> = (0..count).map(|_| rng.bits() as u8).collect();
    sample(&bytes)
}
