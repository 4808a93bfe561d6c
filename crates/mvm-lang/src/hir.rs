//! A checked program: declarations with their types, and bodies in which every name is resolved, every type known and
//! every conversion written out.
//!
//! The checker (`check`) makes it, `lower` makes code of it. Bodies are checked once; the types in them may have
//! parameters of the function ([`Fn::generics`]), and code is made for each list of arguments that is used.
//!
//! Where the language has many ways to say something, there is one here: named arguments are in the order of the
//! parameters, defaults are calls of functions, operators of classes are method calls, `for` over anything but ranges is a
//! loop over an iterator, string formats are calls of the library.

use std::sync::Arc;

use mvm_diag::Span;
use mvm_isa::{Opcode, Syscall};

use crate::types::{Ty, Types};

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $Id:ident),* $(,)?) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $Id(pub u32);

            impl $Id {
                /// As index of a table.
                pub fn index(self) -> usize {
                    self.0 as usize
                }
            }
        )*
    };
}

ids! {
    /// A class, enum or interface: index of [`Program::nominals`].
    NominalId,
    /// A type parameter: index of [`Program::params`].
    ParamId,
    /// A function: index of [`Program::fns`].
    FnId,
    /// A constant: index of [`Program::consts`].
    ConstId,
    /// A module: index of [`Program::modules`].
    ModuleId,
    /// A local variable: index of [`Body::locals`].
    LocalId,
    /// An expression: index of [`Body::exprs`].
    ExprId,
    /// A pattern: index of [`Body::pats`].
    PatId,
    /// A loop that `break` and `continue` name: unique in its body.
    LoopId,
}

/// Everything that was checked.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// All types.
    pub types: Types,
    /// Modules; the first is the prelude, the last ones are those of the program.
    pub modules: Vec<Module>,
    /// Type parameters.
    pub params: Vec<TypeParam>,
    /// Classes, enums, interfaces.
    pub nominals: Vec<Nominal>,
    /// Functions, methods, initialisers, values of defaults.
    pub fns: Vec<Fn>,
    /// Constants.
    pub consts: Vec<Const>,
    /// `test` blocks of the program, in the order of the text.
    pub tests: Vec<Test>,
    /// `main` of the program.
    pub main: Option<FnId>,
    /// What the compiler knows by name.
    pub lang: Lang,
}

/// A file.
#[derive(Debug, Clone)]
pub struct Module {
    /// As imports name it, for example `std.json`.
    pub name: Arc<str>,
    /// Name of the file.
    pub source: Arc<str>,
}

/// A type parameter.
#[derive(Debug, Clone)]
pub struct TypeParam {
    /// Name.
    pub name: Arc<str>,
    /// Interfaces that arguments implement.
    pub bounds: Vec<Ty>,
}

/// What a nominal type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NominalKind {
    /// A class.
    Class,
    /// An enum.
    Enum,
    /// An interface.
    Interface,
    /// A class of the prelude that the machine knows: see [`Lang`]. It has methods and no fields.
    Builtin,
}

/// A class, enum or interface.
#[derive(Debug, Clone)]
pub struct Nominal {
    /// Name.
    pub name: Arc<str>,
    /// Where it is declared.
    pub module: ModuleId,
    /// What it is.
    pub kind: NominalKind,
    /// Type parameters; `Self` is the last one of an interface.
    pub generics: Vec<ParamId>,
    /// Base class, in terms of the parameters.
    pub base: Option<Ty>,
    /// Interfaces it names, in terms of the parameters.
    pub interfaces: Vec<Ty>,
    /// Own fields.
    pub fields: Vec<Field>,
    /// Cases of an enum.
    pub cases: Vec<Case>,
    /// Own methods, static ones too; not the initialiser.
    pub methods: Vec<FnId>,
    /// The initialiser: written, or made by the checker. Every class has one.
    pub init: Option<FnId>,
    /// No objects can be made of it.
    pub is_abstract: bool,
    /// Its objects never change.
    pub frozen: bool,
    /// The name in the source.
    pub span: Span,
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name.
    pub name: Arc<str>,
    /// Type, in terms of the parameters of its class.
    pub ty: Ty,
    /// `var`.
    pub mutable: bool,
    /// Seen in its file only.
    pub private: bool,
    /// Function without parameters (with the generics of the class) that gives what it is at first.
    pub default: Option<FnId>,
    /// The name in the source.
    pub span: Span,
}

/// A case of an enum.
#[derive(Debug, Clone)]
pub struct Case {
    /// Name.
    pub name: Arc<str>,
    /// Payload: names and types in terms of the parameters of the enum.
    pub fields: Vec<(Arc<str>, Ty)>,
    /// The name in the source.
    pub span: Span,
}

/// What a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FnKind {
    /// Of a module.
    Free,
    /// Of an object, which is the first parameter.
    Method,
    /// `static fn`.
    Static,
    /// Sets the fields of an object that has just been made, which is the first parameter; no result.
    Init,
    /// Value of a default; takes the parameters in front of it, or nothing.
    Default,
    /// Body of a test; throws when it fails.
    Test,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Fn {
    /// Name as back-traces show it: `area`, `Account.withdraw`.
    pub name: Arc<str>,
    /// Where it is declared.
    pub module: ModuleId,
    /// What it is.
    pub kind: FnKind,
    /// The class, enum or interface it belongs to.
    pub owner: Option<NominalId>,
    /// Type parameters: first those of the owner, then its own.
    pub generics: Vec<ParamId>,
    /// How many of them are the owner's.
    pub owner_generics: usize,
    /// Parameters, `self` first in methods and initialisers.
    pub params: Vec<Param>,
    /// Type of the result.
    pub result: Ty,
    /// Type of its mailbox.
    pub receives: Option<Ty>,
    /// The body; none for abstract methods.
    pub body: Option<Body>,
    /// The name in the source.
    pub span: Span,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name.
    pub name: Arc<str>,
    /// Type.
    pub ty: Ty,
    /// What gives its value when the argument is left out: takes the parameters in front of it (of a method `self` too).
    pub default: Option<FnId>,
}

/// A constant. Its value is a constant expression: whoever uses it evaluates it.
#[derive(Debug, Clone)]
pub struct Const {
    /// Name.
    pub name: Arc<str>,
    /// Type.
    pub ty: Ty,
    /// Function without parameters that gives the value.
    pub value: FnId,
}

/// A test.
#[derive(Debug, Clone)]
pub struct Test {
    /// What it says.
    pub name: Arc<str>,
    /// Its body.
    pub function: FnId,
    /// The word `test`.
    pub span: Span,
}

/// What the compiler knows of the prelude by name. `None` only when the prelude is broken.
#[derive(Debug, Clone, Default)]
pub struct Lang {
    /// Nominals by name: `Int Float Bool Str Bytes` (methods of the built-in types; `self` is of the built-in type), `Any`
    /// (any reference), `Array`, `List`, `Map`, `Set`, `Range`, `Error`, `Trap`, `DivideByZero` ..., `Printable`, ...
    pub nominals: std::collections::HashMap<Arc<str>, NominalId>,
    /// Functions of the prelude by name.
    pub fns: std::collections::HashMap<Arc<str>, FnId>,
}

/// A local variable or parameter.
#[derive(Debug, Clone)]
pub struct Local {
    /// Name; empty for those that the compiler made up.
    pub name: Arc<str>,
    /// Type.
    pub ty: Ty,
    /// Whether a closure uses it in which it is not declared.
    pub captured: bool,
    /// Whether it is assigned anywhere but where it is declared.
    pub assigned: bool,
}

/// What a function does.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Parameters first, in order.
    pub locals: Vec<Local>,
    /// Expressions.
    pub exprs: Vec<Expr>,
    /// Patterns.
    pub pats: Vec<Pat>,
    /// The expression whose value is the result. A body in braces is a block of type never or unit, with `Return`s inside.
    pub root: Option<ExprId>,
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Ty,
    /// Where it stands.
    pub span: Span,
}

/// Operators of numbers and of truth values. Both operands and the result have one type but for comparisons and shifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Op {
    /// Of ints (overflow throws) and floats.
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    /// Of ints only from here on.
    AddWrapping,
    SubWrapping,
    MulWrapping,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// An expression. Operands are evaluated from left to right unless something else is said.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the text of the kind says what its parts are")]
pub enum ExprKind {
    /// Stands for what has been reported. Not in programs without errors.
    Error,
    /// `()`
    Unit,
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A string.
    Str(Arc<str>),
    /// `none`, of the type of the expression.
    None,
    /// A value as an optional.
    Some(ExprId),
    /// A value of a class as one of its base or of an interface; a value of another type (number, string, tuple, enum) as
    /// one of an interface that it implements; any value as `Any`.
    Upcast(ExprId),
    /// What is in an object of `Any`, known to be of the type of the expression.
    FromAny(ExprId),
    /// The value of a local.
    Local(LocalId),
    /// The value of a constant.
    Const(ConstId),
    /// A function as value. Type arguments for its generics.
    FnValue(FnId, Box<[Ty]>),
    /// A method with its object as value: the object is evaluated now.
    MethodValue(ExprId, FnId, Box<[Ty]>),
    /// A case of an enum as function value; the type of the expression is the function's.
    CaseValue(Ty, u32),
    /// Strings joined. Every value is shown as [`ExprKind::Show`] does.
    Interpolate(Vec<ExprId>),
    /// `(a, b)`
    Tuple(Vec<ExprId>),
    /// `a.0`
    TupleField(ExprId, u32),
    /// `[a, b]`
    List(Vec<ExprId>),
    /// `[k: v]`
    Map(Vec<(ExprId, ExprId)>),
    /// A call of a function, static method, or method that is known (`super.f()`, methods of built-in types).
    Call { function: FnId, generics: Box<[Ty]>, args: Vec<ExprId> },
    /// A call of the method that the first argument has in the place of this one. The receiver's type is a class, enum,
    /// interface, built-in type or type parameter; the method is of a class above it or of an interface. `generics` are
    /// for [`Fn::generics`] of the method.
    CallMethod { method: FnId, generics: Box<[Ty]>, args: Vec<ExprId> },
    /// A call of a function value.
    CallValue { callee: ExprId, args: Vec<ExprId> },
    /// A new object of the class that is the type of the expression: the initialiser, which may be inherited from nowhere,
    /// is called with it. Arguments without the object.
    New { init: FnId, args: Vec<ExprId> },
    /// `super.init(...)`: arguments without the object, which is the local given first.
    SuperInit { init: FnId, generics: Box<[Ty]>, object: LocalId, args: Vec<ExprId> },
    /// A case of the enum that is the type of the expression.
    NewCase { case: u32, args: Vec<ExprId> },
    /// A field: of the class that declares it, by its number there. The object is of that class or below.
    Field { object: ExprId, class: NominalId, field: u32 },
    /// An assignment. Unit.
    Assign { to: Place, value: ExprId },
    /// `-a`
    Negate(ExprId),
    /// `~a`
    Complement(ExprId),
    /// `not a`
    Not(ExprId),
    /// Arithmetic on ints or floats.
    Binary(Op, ExprId, ExprId),
    /// Comparison of two values of one type: int, float and bool directly; `==` of everything else by its kind: str, bytes,
    /// tuples, optionals, enums by value; classes by their method `==`, else by identity. `<` ... of int, float, str, tuples,
    /// enums without payload; classes by `<=>`. Type parameters: by what they turn out to be.
    Compare(Comparison, ExprId, ExprId),
    /// `a <=> b`: negative, 0, positive, as for [`ExprKind::Compare`]; NaN is last and equal to itself.
    Order(ExprId, ExprId),
    /// `same(a, b)`: one object.
    Same(ExprId, ExprId),
    /// The hash of a value of a type that is Hashable: classes by their method `hash`, else by `serial`.
    Hash(ExprId),
    /// A value as text: by its method `show`, else as it is built.
    Show(ExprId),
    /// A value as text as it stands inside of other values: strings in quotes.
    Inspect(ExprId),
    /// The text of a type, by which the library names mailboxes.
    TypeName(Ty),
    /// `a and b`; `b` is evaluated only if needed.
    And(ExprId, ExprId),
    /// `a or b`
    Or(ExprId, ExprId),
    /// Whether the value matches; binds the names of the pattern where it does. Stands in conditions only: `if let`,
    /// `while let`, `assert let`, also below `And`.
    Let(PatId, ExprId),
    /// A block. Its value is that of the last expression if `value` says so; then statements come first.
    Block { statements: Vec<ExprId>, value: Option<ExprId> },
    /// `let`/`var`: unit. Without value it is assigned later. The pattern always matches.
    LetStmt { pat: PatId, value: Option<ExprId> },
    /// `if`; without `otherwise` it is unit.
    If { condition: ExprId, then: ExprId, otherwise: Option<ExprId> },
    /// The arms are tested in order; one of them takes the value.
    Match { subject: ExprId, arms: Vec<Arm> },
    /// `while`: unit. `loop` is one with the condition `true`; its type may be never.
    While { id: LoopId, condition: ExprId, body: ExprId },
    /// `for x in a..b`: the local is fresh in each turn; `inclusive` for `..=`; `down` for `(a..b).reversed()`. Unit.
    ForRange {
        id: LoopId,
        local: LocalId,
        start: ExprId,
        end: ExprId,
        inclusive: bool,
        down: bool,
        body: ExprId,
    },
    /// `for` over anything else: the iterator is a value of a class or interface with methods `has_next` and `next`, which
    /// are calls on the local that holds it. `continue` goes to `has_next`. Unit.
    ForEach {
        id: LoopId,
        iterator: LocalId,
        start: ExprId,
        has_next: ExprId,
        next: ExprId,
        pat: PatId,
        body: ExprId,
    },
    /// `break`
    Break(LoopId),
    /// `continue`
    Continue(LoopId),
    /// `return`; from a closure when it stands in one.
    Return(Option<ExprId>),
    /// `throw`
    Throw(ExprId),
    /// When the block around it is left in whatever way, the expression is evaluated, the last one first. Unit.
    Defer(ExprId),
    /// The handlers are tested in order; an error that none takes goes on.
    Try { body: ExprId, catches: Vec<Catch> },
    /// A function value. Locals that are declared in the body of the function around it are captured.
    Closure { params: Vec<LocalId>, body: ExprId },
    /// Whether a value is of a class, interface (or built-in type as an interface's value).
    Is(ExprId, Ty),
    /// `as?`: an optional of the type.
    AsOptional(ExprId, Ty),
    /// `as!`: throws `BadCast`.
    AsForced(ExprId, Ty),
    /// The value of an optional that is known to be there, as `a!` and `??` test it first.
    Unwrap(ExprId),
    /// Whether an optional is not `none`.
    IsSome(ExprId),
    /// A new process that calls the function. `options`: an expression of type `Array<int>` (pairs as `spawn_with` takes
    /// them). The value is the number of the process.
    Spawn { function: FnId, generics: Box<[Ty]>, args: Vec<ExprId>, options: Option<ExprId> },
    /// Takes the oldest message that an arm names. Arms: class or case patterns (or a name: all messages) of the mailbox
    /// type. `after`: milliseconds, and what is done then.
    Receive { message: Ty, arms: Vec<Arm>, after: Option<(ExprId, ExprId)> },
    /// An instruction of the machine by its name, in the library only: operands that are read are the arguments, what
    /// is written is the value (several: a tuple). Fixed shapes only.
    Machine(Opcode, Vec<ExprId>),
    /// A syscall, in the library only.
    Syscall(Syscall, Vec<ExprId>),
    /// Operations on `Array<T>`, in the library only.
    Array(ArrayOp, Vec<ExprId>),
}

/// What can be done with an `Array<T>`, whose elements are of the shape of T: int i64, float f64, bool u8, other types references
/// (a tuple or an optional number in an object made for it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArrayOp {
    /// `(n) -> Array<T>`: elements are 0 or null, which only the library may leave so.
    New,
    /// `(a) -> int`
    Len,
    /// `(a, i) -> T`
    Get,
    /// `(a, i, value)`
    Set,
    /// `(to, at, from, start, count)`: also overlapping.
    Copy,
    /// `(a, start, count, value)`
    Fill,
    /// `(a, i)`: the element becomes 0 or null again.
    Clear,
}

/// Where an assignment goes.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as of the expression that reads it")]
pub enum Place {
    /// A local.
    Local(LocalId),
    /// A field.
    Field { object: ExprId, class: NominalId, field: u32 },
}

/// An arm of `match` or `receive`.
#[derive(Debug, Clone)]
pub struct Arm {
    /// What it takes.
    pub pat: PatId,
    /// `if ...`; not in `receive`.
    pub guard: Option<ExprId>,
    /// What it does.
    pub body: ExprId,
}

/// A `catch`.
#[derive(Debug, Clone)]
pub struct Catch {
    /// The class, `Error` or below.
    pub class: Ty,
    /// Where the error goes.
    pub local: LocalId,
    /// What it does.
    pub body: ExprId,
}

/// A pattern.
#[derive(Debug, Clone)]
pub struct Pat {
    /// What it is.
    pub kind: PatKind,
    /// Type of the values it is tested on.
    pub ty: Ty,
    /// Where it stands.
    pub span: Span,
}

/// A pattern.
#[derive(Debug, Clone)]
pub enum PatKind {
    /// Takes everything.
    Wildcard,
    /// Takes everything and binds it.
    Bind(LocalId),
    /// Takes a present optional whose value matches the inner pattern.
    Some(PatId),
    /// `none`
    None,
    /// A number, truth value, string: equal.
    Literal(Literal),
    /// Ints of a range, both ends included.
    Range(i64, i64),
    /// Tuples.
    Tuple(Vec<PatId>),
    /// A case of the enum; payload patterns, or none for any payload.
    Case(u32, Option<Vec<PatId>>),
    /// An object of the class or below, bound.
    Class(Ty, LocalId),
    /// One of several, which bind nothing.
    Or(Vec<PatId>),
}

/// A literal of a pattern.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Literal {
    Int(i64),
    Float(f64),
    Bool(bool),
    Str(Arc<str>),
}

impl ExprKind {
    /// Calls `visit` with every expression directly inside, in the order of evaluation; patterns have none.
    #[expect(clippy::too_many_lines, reason = "an arm for each kind of expression")]
    pub fn visit(&self, visit: &mut impl FnMut(ExprId)) {
        use ExprKind as E;
        match self {
            E::Error
            | E::Unit
            | E::Int(_)
            | E::Float(_)
            | E::Bool(_)
            | E::Str(_)
            | E::None
            | E::Local(_)
            | E::Const(_)
            | E::FnValue(..)
            | E::CaseValue(..)
            | E::TypeName(_)
            | E::Break(_)
            | E::Continue(_)
            | E::Return(None) => {}
            E::Some(a)
            | E::Upcast(a)
            | E::FromAny(a)
            | E::MethodValue(a, ..)
            | E::TupleField(a, _)
            | E::Negate(a)
            | E::Complement(a)
            | E::Not(a)
            | E::Hash(a)
            | E::Show(a)
            | E::Inspect(a)
            | E::Let(_, a)
            | E::Return(Some(a))
            | E::Throw(a)
            | E::Defer(a)
            | E::Is(a, _)
            | E::AsOptional(a, _)
            | E::AsForced(a, _)
            | E::Unwrap(a)
            | E::IsSome(a)
            | E::Field { object: a, .. }
            | E::Closure { body: a, .. } => visit(*a),
            E::Binary(_, a, b)
            | E::Compare(_, a, b)
            | E::Order(a, b)
            | E::Same(a, b)
            | E::And(a, b)
            | E::Or(a, b) => {
                visit(*a);
                visit(*b);
            }
            E::Interpolate(all)
            | E::Tuple(all)
            | E::List(all)
            | E::Call { args: all, .. }
            | E::CallMethod { args: all, .. }
            | E::New { args: all, .. }
            | E::SuperInit { args: all, .. }
            | E::NewCase { args: all, .. }
            | E::Machine(_, all)
            | E::Syscall(_, all)
            | E::Array(_, all) => all.iter().copied().for_each(visit),
            E::Map(all) => all.iter().for_each(|&(key, value)| {
                visit(key);
                visit(value);
            }),
            E::CallValue { callee, args } => {
                visit(*callee);
                args.iter().copied().for_each(visit);
            }
            E::Assign { to, value } => {
                if let Place::Field { object, .. } = to {
                    visit(*object);
                }
                visit(*value);
            }
            E::Block { statements, value } => statements.iter().chain(value).copied().for_each(visit),
            E::LetStmt { value, .. } => value.iter().copied().for_each(visit),
            E::If { condition, then, otherwise } => {
                visit(*condition);
                visit(*then);
                otherwise.iter().copied().for_each(visit);
            }
            E::Match { subject, arms } => {
                visit(*subject);
                arms.iter().for_each(|arm| {
                    arm.guard.iter().copied().for_each(&mut *visit);
                    visit(arm.body);
                });
            }
            E::Receive { arms, after, .. } => {
                arms.iter().for_each(|arm| visit(arm.body));
                after.iter().for_each(|&(time, body)| {
                    visit(time);
                    visit(body);
                });
            }
            E::While { condition, body, .. } => {
                visit(*condition);
                visit(*body);
            }
            E::ForRange { start, end, body, .. } => {
                visit(*start);
                visit(*end);
                visit(*body);
            }
            E::ForEach { start, has_next, next, body, .. } => {
                [*start, *has_next, *next, *body].into_iter().for_each(visit);
            }
            E::Try { body, catches } => {
                visit(*body);
                catches.iter().for_each(|catch| visit(catch.body));
            }
            E::Spawn { args, options, .. } => args.iter().chain(options).copied().for_each(visit),
        }
    }
}
