//! The kinds of tokens and nodes, in one table each.
//!
//! Tokens say how they are called in messages; words come with their text. Nodes have no text of their own. What
//! children a node has stands in `ast.rs`.

macro_rules! kinds {
    (
        tokens { $( $(#[doc = $tdoc:literal])* $Token:ident = $name:literal, )* }
        words { $( $Word:ident = $text:literal, )* }
        nodes { $( $(#[doc = $ndoc:literal])* $Node:ident, )* }
    ) => {
        /// The kind of a token or node.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum SyntaxKind {
            $( $(#[doc = $tdoc])* $Token, )*
            $( #[doc = concat!("The word `", $text, "`.")] $Word, )*
            $( $(#[doc = $ndoc])* $Node, )*
        }

        impl SyntaxKind {
            /// How messages call a token; empty for nodes.
            pub const fn name(self) -> &'static str {
                match self {
                    $( SyntaxKind::$Token => $name, )*
                    $( SyntaxKind::$Word => concat!("`", $text, "`"), )*
                    $( SyntaxKind::$Node => "", )*
                }
            }

            /// The name of the kind as the source of the compiler has it.
            pub const fn debug_name(self) -> &'static str {
                match self {
                    $( SyntaxKind::$Token => stringify!($Token), )*
                    $( SyntaxKind::$Word => stringify!($Word), )*
                    $( SyntaxKind::$Node => stringify!($Node), )*
                }
            }

            /// Whether it is a reserved word.
            #[inline]
            pub const fn is_word(self) -> bool {
                matches!(self, $( SyntaxKind::$Word )|*)
            }

            /// Whether it is a node.
            pub const fn is_node(self) -> bool {
                matches!(self, $( SyntaxKind::$Node )|*)
            }
        }

        /// All reserved words.
        pub const WORDS: &[&str] = &[$( $text ),*];
        const WORD_KINDS: &[SyntaxKind] = &[$( SyntaxKind::$Word ),*];
    };
}

kinds! {
    tokens {
        /// Blanks and tabs.
        Space = "white space",
        /// White space with at least one line end.
        Newline = "a line end",
        /// `// ...` to the end of the line.
        Comment = "a comment",
        /// `/// ...` to the end of the line.
        DocComment = "a comment for documentation",
        /// Text that is no token; it has been reported.
        Bad = "text that means nothing",
        /// Behind the last token.
        Eof = "the end of the file",
        /// A body from its `{` to its `}` that has not been read: only in the outline of a module of the library.
        Body = "a body",
        /// A name that begins with a small letter or `_`.
        Name = "a name",
        /// A name that begins with a capital letter.
        TypeName = "the name of a type",
        /// An integer.
        Int = "a number",
        /// A number with a point or an exponent.
        Float = "a number",
        /// `'a'`.
        Char = "a character",
        /// `"` or `"""` in front of a string.
        StrStart = "a string",
        /// Characters of a string, escapes included.
        StrText = "text of a string",
        /// `"` or `"""` behind a string.
        StrEnd = "the end of a string",
        /// `r"..."`.
        RawStr = "a string",
        /// `{` in a string.
        HoleStart = "`{`",
        /// `:` and what follows it up to the `}`.
        HoleFormat = "a format",
        /// `}` in a string.
        HoleEnd = "`}`",
        /// `(`
        LParen = "`(`",
        /// `)`
        RParen = "`)`",
        /// `[`
        LBracket = "`[`",
        /// `]`
        RBracket = "`]`",
        /// `{`
        LBrace = "`{`",
        /// `}`
        RBrace = "`}`",
        /// `,`
        Comma = "`,`",
        /// `;`, which the language does not have.
        Semicolon = "`;`",
        /// `:`
        Colon = "`:`",
        /// `.`
        Dot = "`.`",
        /// `..`
        DotDot = "`..`",
        /// `..=`
        DotDotEq = "`..=`",
        /// `?`
        Question = "`?`",
        /// `?.`
        QuestionDot = "`?.`",
        /// `??`
        QuestionQuestion = "`??`",
        /// `!`
        Bang = "`!`",
        /// `->`
        Arrow = "`->`",
        /// `=>`
        FatArrow = "`=>`",
        /// `=`
        Eq = "`=`",
        /// `+=`
        PlusEq = "`+=`",
        /// `-=`
        MinusEq = "`-=`",
        /// `*=`
        StarEq = "`*=`",
        /// `/=`
        SlashEq = "`/=`",
        /// `%=`
        PercentEq = "`%=`",
        /// `&=`
        AmpEq = "`&=`",
        /// `^=`
        CaretEq = "`^=`",
        /// `|=`
        PipeEq = "`|=`",
        /// `<<=`
        ShlEq = "`<<=`",
        /// `+`
        Plus = "`+`",
        /// `-`
        Minus = "`-`",
        /// `*`
        Star = "`*`",
        /// `/`
        Slash = "`/`",
        /// `%`
        Percent = "`%`",
        /// `+%`
        PlusPercent = "`+%`",
        /// `-%`
        MinusPercent = "`-%`",
        /// `*%`
        StarPercent = "`*%`",
        /// `<<`
        Shl = "`<<`",
        /// `&`
        Amp = "`&`",
        /// `^`
        Caret = "`^`",
        /// `|`
        Pipe = "`|`",
        /// `~`
        Tilde = "`~`",
        /// `==`
        EqEq = "`==`",
        /// `!=`
        NotEq = "`!=`",
        /// `<`
        Lt = "`<`",
        /// `<=`
        LtEq = "`<=`",
        /// `<=>`
        Spaceship = "`<=>`",
        /// `>`; two or three side by side are `>>` and `>>>`.
        Gt = "`>`",
        /// `>=`
        GtEq = "`>=`",
        /// `&&`, which the language does not have.
        AmpAmp = "`&&`",
        /// `||`: a closure without parameters.
        PipePipe = "`||`",
        /// `++`, which the language does not have.
        PlusPlus = "`++`",
        /// `--`, which the language does not have.
        MinusMinus = "`--`",
        /// `===`, `!==`, `:=`, `**`, `??=`: operators of other languages.
        ForeignOp = "an operator of another language",
    }
    words {
        AbstractWord = "abstract",
        AndWord = "and",
        AsWord = "as",
        AssertWord = "assert",
        BreakWord = "break",
        CatchWord = "catch",
        ClassWord = "class",
        ContinueWord = "continue",
        DeferWord = "defer",
        ElseWord = "else",
        EnumWord = "enum",
        FalseWord = "false",
        FnWord = "fn",
        ForWord = "for",
        FrozenWord = "frozen",
        IfWord = "if",
        ImportWord = "import",
        InWord = "in",
        InterfaceWord = "interface",
        IsWord = "is",
        LetWord = "let",
        LoopWord = "loop",
        MatchWord = "match",
        NoneWord = "none",
        NotWord = "not",
        OrWord = "or",
        OverrideWord = "override",
        PrivateWord = "private",
        PubWord = "pub",
        ReceiveWord = "receive",
        ReturnWord = "return",
        SelectWord = "select",
        SelfWord = "self",
        SpawnWord = "spawn",
        StaticWord = "static",
        SuperWord = "super",
        ThrowWord = "throw",
        TrueWord = "true",
        TryWord = "try",
        VarWord = "var",
        WhileWord = "while",
    }
    nodes {
        /// A whole file.
        File,
        /// Tokens that could not be read; they have been reported.
        Error,

        /// `import a.b` or `import a.b.{c, d as e}`.
        Import,
        /// `a.b.c`
        ModulePath,
        /// `{c, d as e}`
        ImportList,
        /// `d as e`
        ImportName,
        /// A function, method or operator, with or without body.
        Function,
        /// `init(...) { }`
        Init,
        /// `class ... { }`
        Class,
        /// `interface ... { }`
        Interface,
        /// `enum ... { }`
        Enum,
        /// `type A = B`
        TypeAlias,
        /// `let` outside of functions and classes.
        Const,
        /// `test "name" { }`
        Test,
        /// Words in front of a declaration, such as `pub`.
        Modifiers,
        /// The name that a declaration gives.
        NameDef,
        /// The symbol that an operator method is named by.
        OperatorName,
        /// `<K: Hashable, V>`
        TypeParams,
        /// `K: Hashable + Printable`
        TypeParam,
        /// `(a: int, b: str = "")`
        Params,
        /// `a: int = 0`
        Param,
        /// `-> T`
        ResultType,
        /// `receives M`
        Receives,
        /// `: Base, Interface`
        Supers,
        /// The braces of a class, interface or enum with what is in them.
        MemberList,
        /// A `let` or `var` of a class.
        Field,
        /// `Circle(radius: float)`
        EnumCase,
        /// `=> expression`
        ArrowBody,

        /// `Name`, `Name<A>`, `module.Name`, `int`
        NamedType,
        /// `<A, B>`
        TypeArgs,
        /// `[T]`
        ListType,
        /// `[K: V]`
        MapType,
        /// `(A, B)` and `()`
        TupleType,
        /// `fn(A) -> B`
        FnType,
        /// The types of the parameters of a function type.
        FnTypeParams,
        /// `T?`
        OptionalType,

        /// `_`
        WildcardPattern,
        /// A new name, or `name: Class`.
        NamePattern,
        /// `Case` or `Case(p, q)`, also with a path.
        CasePattern,
        /// The patterns in parentheses behind a case.
        PatternArgs,
        /// `(p, q)`
        TuplePattern,
        /// A literal.
        LiteralPattern,
        /// `1..5`
        RangePattern,
        /// `p | q`
        OrPattern,

        /// `{ ... }` with statements.
        Block,
        /// `let` or `var` in a block.
        LetStmt,
        /// `a = b`, `a += b`
        AssignStmt,
        /// An expression that stands as a statement.
        ExprStmt,
        /// `while c { }`, `while let p = e { }`
        WhileStmt,
        /// `loop { }`
        LoopStmt,
        /// `for p in e { }`
        ForStmt,
        /// `outer:`
        Label,
        /// `defer e`, `defer { }`
        DeferStmt,
        /// `assert c, "why"`
        AssertStmt,

        /// `let p = e` or `let a` as a condition.
        LetCondition,
        /// A number, character, `true`, `false`, `none`.
        Literal,
        /// A string of any kind.
        Str,
        /// `{e:format}`
        Hole,
        /// A name as a value, also of a type: `Stack<int>`.
        NameExpr,
        /// `self`
        SelfExpr,
        /// `super`
        SuperExpr,
        /// `(e)`
        ParenExpr,
        /// `(a, b)` and `()`
        TupleExpr,
        /// `[a, b]`
        ListExpr,
        /// `[k: v]`, `[:]`
        MapExpr,
        /// `k: v`
        MapEntry,
        /// `f(a, b: c)`
        CallExpr,
        /// `(a, b: c)`
        Args,
        /// `a` or `b: c`
        Arg,
        /// `a[i]`
        IndexExpr,
        /// `a.b`, `a?.b`, `a.0`
        FieldExpr,
        /// `a!`
        UnwrapExpr,
        /// `-a`, `~a`, `not a`
        UnaryExpr,
        /// `a + b`, all operators with two operands that are expressions.
        BinaryExpr,
        /// `a is T`
        IsExpr,
        /// `a as? T`, `a as! T`
        CastExpr,
        /// `|a, b| e`
        Closure,
        /// `|a, b|`
        ClosureParams,
        /// `a: int` between bars.
        ClosureParam,
        /// `if` with all its branches.
        IfExpr,
        /// `if c { }` or `else if c { }`
        IfBranch,
        /// `else { }`
        ElseBranch,
        /// `match e { }`
        MatchExpr,
        /// The braces of a `match`, `receive` or `select` with the arms.
        ArmList,
        /// `p if g => e`
        Arm,
        /// `if g` of an arm.
        Guard,
        /// `after d => e`
        AfterArm,
        /// `p from channel => e`
        FromArm,
        /// `try { } catch ...`
        TryExpr,
        /// `catch e: T { }`
        CatchClause,
        /// `receive { }`
        ReceiveExpr,
        /// `select { }`
        SelectExpr,
        /// `spawn f(a)`, `spawn(name: "x") f(a)`
        SpawnExpr,
        /// `throw e`
        ThrowExpr,
        /// `return`, `return e`
        ReturnExpr,
        /// `break`, `break label`
        BreakExpr,
        /// `continue`, `continue label`
        ContinueExpr,
    }
}

impl SyntaxKind {
    /// Whether the parser passes over it: white space and comments.
    #[inline]
    pub const fn is_trivia(self) -> bool {
        (self as u8) <= SyntaxKind::Bad as u8
    }

    /// Whether it assigns: `=`, `+=` and the like, as far as they are one token.
    pub const fn is_assignment(self) -> bool {
        use SyntaxKind as K;
        matches!(
            self,
            K::Eq
                | K::PlusEq
                | K::MinusEq
                | K::StarEq
                | K::SlashEq
                | K::PercentEq
                | K::AmpEq
                | K::CaretEq
                | K::PipeEq
                | K::ShlEq
        )
    }

    /// Whether it is all of the symbol of an operator that a class may have.
    pub const fn is_operator(self) -> bool {
        use SyntaxKind as K;
        matches!(
            self,
            K::Plus
                | K::Minus
                | K::Star
                | K::Slash
                | K::Percent
                | K::PlusPercent
                | K::MinusPercent
                | K::StarPercent
                | K::Shl
                | K::Amp
                | K::Caret
                | K::Pipe
                | K::Tilde
                | K::EqEq
                | K::Spaceship
        )
    }

    /// The reserved word with this text.
    #[inline]
    pub(crate) fn word(text: &[u8]) -> Option<SyntaxKind> {
        if text.len() < 2 || text.len() > 9 {
            return None;
        }
        let index = usize::from(SLOTS[slot(text)]);
        let word = WORDS.get(index)?;
        (word.as_bytes() == text).then(|| WORD_KINDS[index])
    }
}

/// No two reserved words have the same slot; found by trying factors, and checked when the table is made.
const fn slot(word: &[u8]) -> usize {
    let (first, second, last) = (word[0] as usize, word[1] as usize, word[word.len() - 1] as usize);
    (first + 14 * second + 17 * last + word.len()) % 128
}

/// For each slot the index of its word, or 255.
const SLOTS: [u8; 128] = {
    let mut slots = [255; 128];
    let mut index = 0;
    while index < WORDS.len() {
        let at = slot(WORDS[index].as_bytes());
        assert!(slots[at] == 255, "two words in one slot: choose other factors");
        slots[at] = index as u8;
        index += 1;
    }
    slots
};
