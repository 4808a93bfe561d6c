//! A type for every kind of node, with methods for its parts.
//!
//! These are views: a type holds a [`Node`] and nothing else, so it is copied freely. A part that an erroneous text does
//! not have is `None`; in a tree without diagnostics every part that the grammar demands is there. The table below is
//! the grammar in terms of children; what is not a plain child has a method written out in `ast/parts.rs`.

mod parts;

use crate::kinds::SyntaxKind;
use crate::tree::{Node, Token};

pub use parts::{BinaryOp, StrPart, UnaryOp};

/// A view of a node.
pub trait AstNode<'t>: Copy {
    /// The view, if the node is of its kind.
    fn cast(node: Node<'t>) -> Option<Self>;

    /// The node that is viewed.
    fn node(self) -> Node<'t>;
}

/// Children that can be viewed as one type.
pub fn children<'t, T: AstNode<'t>>(node: Node<'t>) -> impl Iterator<Item = T> + use<'t, T> {
    node.children().filter_map(T::cast)
}

macro_rules! part {
    ($(#[doc = $doc:literal])* $name:ident [$Part:ident]) => {
        #[doc = concat!("All its parts of type [`", stringify!($Part), "`].")]
        $(#[doc = ""] #[doc = $doc])*
        pub fn $name(self) -> impl Iterator<Item = $Part<'t>> + use<'t> {
            children(self.0)
        }
    };
    ($(#[doc = $doc:literal])* $name:ident ($Part:ident)) => {
        #[doc = concat!("Its `", stringify!($name), "`, if it has one.")]
        $(#[doc = ""] #[doc = $doc])*
        pub fn $name(self) -> Option<$Part<'t>> {
            children(self.0).next()
        }
    };
    ($(#[doc = $doc:literal])* $name:ident ($Part:ident #$index:literal)) => {
        #[doc = concat!("Its `", stringify!($name), "`, if it has one.")]
        $(#[doc = ""] #[doc = $doc])*
        pub fn $name(self) -> Option<$Part<'t>> {
            children(self.0).nth($index)
        }
    };
    ($(#[doc = $doc:literal])* $name:ident <$Token:ident>) => {
        #[doc = concat!("Its token `", stringify!($Token), "`, if it is there.")]
        $(#[doc = ""] #[doc = $doc])*
        pub fn $name(self) -> Option<Token<'t>> {
            self.0.token(SyntaxKind::$Token)
        }
    };
}

macro_rules! nodes {
    ($( $(#[doc = $doc:literal])* $Name:ident { $( $(#[doc = $pdoc:literal])* $part:ident $what:tt ; )* } )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $Name<'t>(Node<'t>);

            impl<'t> AstNode<'t> for $Name<'t> {
                fn cast(node: Node<'t>) -> Option<Self> {
                    (node.kind() == SyntaxKind::$Name).then_some($Name(node))
                }
                fn node(self) -> Node<'t> {
                    self.0
                }
            }

            impl<'t> $Name<'t> {
                $( nodes!(@part $(#[doc = $pdoc])* $part $what); )*
            }
        )*
    };
    (@part $(#[doc = $doc:literal])* $part:ident [$Part:ident]) => { part!($(#[doc = $doc])* $part [$Part]); };
    (@part $(#[doc = $doc:literal])* $part:ident ($Part:ident)) => { part!($(#[doc = $doc])* $part ($Part)); };
    (@part $(#[doc = $doc:literal])* $part:ident ($Part:ident #$index:literal)) => {
        part!($(#[doc = $doc])* $part ($Part #$index));
    };
    (@part $(#[doc = $doc:literal])* $part:ident {$Token:ident}) => { part!($(#[doc = $doc])* $part <$Token>); };
}

macro_rules! choices {
    ($( $(#[doc = $doc:literal])* $Name:ident = $( $Case:ident )|+ ; )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            #[expect(missing_docs, reason = "the types of the cases say what they are")]
            pub enum $Name<'t> {
                $( $Case($Case<'t>), )+
            }

            impl<'t> AstNode<'t> for $Name<'t> {
                fn cast(node: Node<'t>) -> Option<Self> {
                    $( if let Some(node) = $Case::cast(node) { return Some($Name::$Case(node)); } )+
                    None
                }
                fn node(self) -> Node<'t> {
                    match self {
                        $( $Name::$Case(node) => node.node(), )+
                    }
                }
            }
        )*
    };
}

// In braces: a token. In parentheses: the first child of this type, or the one with this number among them. In brackets:
// all children of this type.
nodes! {
    /// A whole file.
    File { items [Item]; }

    /// `import a.b.{c, d as e}`
    Import { path (ModulePath); names (ImportList); }
    /// `a.b`
    ModulePath {}
    /// `{c, d as e}`
    ImportList { names [ImportName]; }
    /// `d as e`
    ImportName {}
    /// A function, method or operator.
    Function {
        modifiers (Modifiers);
        /// None for operators.
        name (NameDef);
        /// The symbol of an operator method.
        operator (OperatorName);
        type_params (TypeParams);
        params (Params);
        receives (Receives);
        result (ResultType);
        /// None where a method is left to others.
        body (FnBody);
    }
    /// `init(...) { }`
    Init { modifiers (Modifiers); params (Params); body (Block); }
    /// `class`
    Class { modifiers (Modifiers); name (NameDef); type_params (TypeParams); supers (Supers); members (MemberList); }
    /// `interface`
    Interface { modifiers (Modifiers); name (NameDef); type_params (TypeParams); supers (Supers); members (MemberList); }
    /// `enum`
    Enum { modifiers (Modifiers); name (NameDef); type_params (TypeParams); supers (Supers); members (MemberList); }
    /// `type A = B`
    TypeAlias { modifiers (Modifiers); name (NameDef); type_params (TypeParams); ty (Type); }
    /// `let` of a file.
    Const { modifiers (Modifiers); pattern (Pattern); ty (Type); value (Expr); }
    /// `test "name" { }`
    Test { name (Str); body (Block); }
    /// `pub`, `private`, ...
    Modifiers {}
    /// The name that a declaration gives.
    NameDef {}
    /// The symbol of an operator method.
    OperatorName {}
    /// `<K: Hashable, V>`
    TypeParams { params [TypeParam]; }
    /// `K: Hashable + Printable`
    TypeParam { name (NameDef); bounds [Type]; }
    /// `(a: int, b = 0)`
    Params { params [Param]; }
    /// `a: int = 0`, also of a case
    Param { name (NameDef); ty (Type); default (Expr); }
    /// `-> T`
    ResultType { ty (Type); }
    /// `receives M`
    Receives { ty (Type); }
    /// `: Base, Interface`
    Supers { types [Type]; }
    /// The members of a class, interface or enum.
    MemberList { members [Member]; }
    /// `let` or `var` of a class.
    Field {
        modifiers (Modifiers);
        pattern (Pattern);
        ty (Type);
        value (Expr);
        /// There for a field that can be assigned again.
        var {VarWord};
    }
    /// A case of an enum.
    EnumCase { name (NameDef); fields (Params); }
    /// `=> value`
    ArrowBody { value (Body); }

    /// `shapes.Stack<int>`
    NamedType { args (TypeArgs); }
    /// `<A, B>`
    TypeArgs { types [Type]; }
    /// `[T]`
    ListType { element (Type); }
    /// `[K: V]`
    MapType { key (Type); value (Type #1); }
    /// `(A, B)`, `()`
    TupleType { elements [Type]; }
    /// `fn(A) -> B`
    FnType { params (FnTypeParams); result (ResultType); }
    /// The types of the parameters.
    FnTypeParams { types [Type]; }
    /// `T?`
    OptionalType { inner (Type); }

    /// `_`
    WildcardPattern {}
    /// `x`, `x: Class`
    NamePattern { name (NameDef); class (Type); }
    /// `Circle(r)`, `Shape.Circle`
    CasePattern { args (PatternArgs); }
    /// `(p, q)` behind a case
    PatternArgs { patterns [Pattern]; }
    /// `(p, q)`
    TuplePattern { patterns [Pattern]; }
    /// A literal.
    LiteralPattern {
        /// If it is a string.
        string (Str);
        /// In front of a number.
        minus {Minus};
    }
    /// `1..5`
    RangePattern {
        start (LiteralPattern);
        end (LiteralPattern #1);
        /// There if the end belongs to the range.
        inclusive {DotDotEq};
    }
    /// `p | q`
    OrPattern { patterns [Pattern]; }

    /// `{ ... }`
    Block { statements [Stmt]; }
    /// `let`, `var`
    LetStmt { pattern (Pattern); ty (Type); value (Expr); var {VarWord}; }
    /// `a = b`, `a += b`
    AssignStmt { target (Expr); value (Expr #1); }
    /// An expression as statement.
    ExprStmt { expr (Expr); }
    /// `while`
    WhileStmt { label (Label); condition (Condition); body (Block); }
    /// `loop`
    LoopStmt { label (Label); body (Block); }
    /// `for`
    ForStmt { label (Label); pattern (Pattern); iterable (Expr); body (Block); }
    /// `outer:`
    Label { name {Name}; }
    /// `defer`
    DeferStmt { body (Body); }
    /// `assert c, "why"`
    AssertStmt { condition (Condition); }

    /// `let p = e`, `let a`
    LetCondition { pattern (Pattern); value (Expr); }
    /// A number, character, `true`, `false` or `none`.
    Literal {}
    /// A string.
    Str { holes [Hole]; }
    /// `{e:format}`
    Hole { value (Expr); }
    /// A name as value.
    NameExpr { args (TypeArgs); }
    /// `self`
    SelfExpr {}
    /// `super`
    SuperExpr {}
    /// `(e)`
    ParenExpr { expr (Expr); }
    /// `(a, b)`, `()`
    TupleExpr { elements [Expr]; }
    /// `[a, b]`
    ListExpr { elements [Expr]; }
    /// `[k: v]`, `[:]`
    MapExpr { entries [MapEntry]; }
    /// `k: v`
    MapEntry { key (Expr); value (Expr #1); }
    /// `f(a)`
    CallExpr { callee (Expr); args (Args); }
    /// `(a, b: c)`
    Args { args [Arg]; }
    /// `a`, `b: c`
    Arg { value (Expr); }
    /// `a[i]`
    IndexExpr { base (Expr); index (Expr #1); }
    /// `a.b`, `a?.b`, `a.0`
    FieldExpr {
        base (Expr);
        /// Of `Shape.Stack<int>`.
        args (TypeArgs);
        /// There for `?.`.
        optional {QuestionDot};
    }
    /// `a!`
    UnwrapExpr { expr (Expr); }
    /// `-a`, `~a`, `not a`
    UnaryExpr { operand (Expr); }
    /// `a + b`
    BinaryExpr { left (Expr); right (Expr #1); }
    /// `a is T`
    IsExpr { expr (Expr); ty (Type); }
    /// `a as? T`, `a as! T`
    CastExpr {
        expr (Expr);
        ty (Type);
        /// There for `as!`, which throws.
        throws {Bang};
    }
    /// `|x| e`
    Closure { params (ClosureParams); body (Body); }
    /// `|x, y|`
    ClosureParams { params [ClosureParam]; }
    /// `x: int`
    ClosureParam { pattern (Pattern); ty (Type); }
    /// `if`
    IfExpr { branches [IfBranch]; otherwise (ElseBranch); }
    /// `if c { }`, `else if c { }`
    IfBranch { condition (Condition); body (Block); }
    /// `else { }`
    ElseBranch { body (Block); }
    /// `match`
    MatchExpr { subject (Expr); arms (ArmList); }
    /// Arms in braces.
    ArmList { arms [AnyArm]; }
    /// `p if g => e`
    Arm { pattern (Pattern); guard (Guard); body (Body); }
    /// `if g`
    Guard { condition (Expr); }
    /// `after d => e`
    AfterArm { time (Expr); body (Body #1); }
    /// `p from c => e`
    FromArm { pattern (Pattern); channel (Expr); body (Body #1); }
    /// `try { } catch ...`
    TryExpr { body (Block); catches [CatchClause]; }
    /// `catch e: T { }`
    CatchClause { pattern (Pattern); body (Block); }
    /// `receive { }`
    ReceiveExpr { arms (ArmList); }
    /// `select { }`
    SelectExpr { arms (ArmList); }
    /// `spawn(name: "x") f(a)`
    SpawnExpr { options (Args); call (Expr); }
    /// `throw e`
    ThrowExpr { error (Expr); }
    /// `return e`
    ReturnExpr { value (Expr); }
    /// `break label`
    BreakExpr { label {Name}; }
    /// `continue label`
    ContinueExpr { label {Name}; }
}

choices! {
    /// A declaration of a file.
    Item = Import | Function | Class | Interface | Enum | TypeAlias | Const | Test;
    /// A member of a class, interface or enum.
    Member = Field | Init | Function | EnumCase;
    /// The body of a function.
    FnBody = Block | ArrowBody;
    /// A type.
    Type = NamedType | ListType | MapType | TupleType | FnType | OptionalType;
    /// A pattern.
    Pattern = WildcardPattern | NamePattern | CasePattern | TuplePattern | LiteralPattern | RangePattern | OrPattern;
    /// A statement.
    Stmt = LetStmt | AssignStmt | ExprStmt | WhileStmt | LoopStmt | ForStmt | DeferStmt | AssertStmt;
    /// What `if`, `while` and `assert` ask.
    Condition = LetCondition | Expr;
    /// What is computed behind `=>`, `defer` and the bars of a closure.
    Body = Block | AssignStmt | Expr;
    /// An arm of `match`, `receive` or `select`.
    AnyArm = Arm | AfterArm | FromArm;
    /// An expression.
    Expr = Literal | Str | NameExpr | SelfExpr | SuperExpr | ParenExpr | TupleExpr | ListExpr | MapExpr | CallExpr
        | IndexExpr | FieldExpr | UnwrapExpr | UnaryExpr | BinaryExpr | IsExpr | CastExpr | Closure | IfExpr | MatchExpr
        | TryExpr | ReceiveExpr | SelectExpr | SpawnExpr | ThrowExpr | ReturnExpr | BreakExpr | ContinueExpr;
}
