//! Parts of nodes that are no plain children: names, operators, the text of strings.

use super::{
    Arg, AssertStmt, AssignStmt, AstNode, BinaryExpr, Block, CasePattern, Class, Condition, Const, Enum,
    EnumCase, Expr, Field, FieldExpr, File, Function, Hole, ImportName, Init, Interface, Literal,
    LiteralPattern, Member, Modifiers, ModulePath, NameDef, NameExpr, NamedType, OperatorName, Stmt, Str,
    Test, TypeAlias, UnaryExpr, children,
};
use crate::kinds::SyntaxKind as K;
use crate::literal::{Format, unescape};
use crate::tree::{Element, Node, Token};

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Negate,
    Complement,
    Not,
}

macro_rules! binary_ops {
    ($($Op:ident = $text:literal),* $(,)?) => {
        /// Operators with two operands; also of assignments, where they stand in front of `=`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum BinaryOp {
            $($Op),*
        }

        impl BinaryOp {
            /// The operator as it is written.
            pub const fn text(self) -> &'static str {
                match self {
                    $(BinaryOp::$Op => $text),*
                }
            }

            fn of(text: &str) -> Option<BinaryOp> {
                match text {
                    $($text => Some(BinaryOp::$Op),)*
                    _ => None,
                }
            }
        }
    };
}

binary_ops! {
    Or = "or", And = "and",
    Equal = "==", NotEqual = "!=", Less = "<", LessEqual = "<=", Greater = ">", GreaterEqual = ">=", Compare = "<=>", In = "in",
    Coalesce = "??", Range = "..", RangeInclusive = "..=",
    BitOr = "|", BitXor = "^", BitAnd = "&", ShiftLeft = "<<", ShiftRight = ">>", ShiftRightUnsigned = ">>>",
    Add = "+", Sub = "-", AddWrapping = "+%", SubWrapping = "-%",
    Mul = "*", Div = "/", Rem = "%", MulWrapping = "*%",
}

/// A piece of a string.
#[derive(Debug, Clone, PartialEq)]
pub enum StrPart<'t> {
    /// Text, escapes replaced, the common indentation of a text over several lines removed.
    Text(String),
    /// A value.
    Hole(Hole<'t>),
}

/// The text between the first operand and the next: an operator of one or more tokens side by side.
fn operator_text(node: Node<'_>) -> Option<&str> {
    let mut tokens = node.tokens();
    let first = tokens.next()?;
    let last = tokens.last().unwrap_or(first);
    node.tree().text().get(first.range().start..last.range().end)
}

fn documentation(node: Node<'_>) -> String {
    let lines = node.elements().filter_map(|element| match element {
        Element::Token(token) if token.kind() == K::DocComment => {
            let text = token.text().trim_start_matches('/').trim_end();
            Some(text.strip_prefix(' ').unwrap_or(text))
        }
        Element::Token(_) | Element::Node(_) => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

macro_rules! documented {
    ($($Name:ident)*) => {
        $(
            impl $Name<'_> {
                /// The text of the comments for documentation in front of it, without `///`; may be empty.
                pub fn docs(self) -> String {
                    documentation(self.node())
                }
            }
        )*
    };
}

documented!(Function Init Class Interface Enum EnumCase TypeAlias Const Field Test);

impl<'t> File<'t> {
    /// The view of a root.
    pub(crate) fn of(root: Node<'t>) -> File<'t> {
        File(root)
    }
}

impl<'t> ModulePath<'t> {
    /// The names between the points.
    pub fn parts(self) -> impl Iterator<Item = Token<'t>> + use<'t> {
        self.0.tokens().filter(|token| token.kind() != K::Dot)
    }
}

impl<'t> ImportName<'t> {
    /// The name in the module.
    pub fn name(self) -> Option<Token<'t>> {
        self.0.tokens().next()
    }

    /// The name it has here, if another one.
    pub fn alias(self) -> Option<Token<'t>> {
        self.0.tokens().nth(2)
    }
}

impl Modifiers<'_> {
    /// Whether this word is among them.
    pub fn has(self, word: K) -> bool {
        self.0.token(word).is_some()
    }
}

impl<'t> NameDef<'t> {
    /// The name.
    pub fn token(self) -> Option<Token<'t>> {
        self.0.tokens().next()
    }

    /// The name as text; empty if there is none.
    pub fn text(self) -> &'t str {
        self.token().map_or("", Token::text)
    }
}

impl<'t> OperatorName<'t> {
    /// The symbol, for example `+` or `[]=`.
    pub fn text(self) -> &'t str {
        self.0.text()
    }
}

impl<'t> NamedType<'t> {
    /// The names between the points.
    pub fn path(self) -> impl Iterator<Item = Token<'t>> + use<'t> {
        self.0.tokens().filter(|token| token.kind() != K::Dot)
    }
}

impl<'t> CasePattern<'t> {
    /// The names between the points.
    pub fn path(self) -> impl Iterator<Item = Token<'t>> + use<'t> {
        self.0.tokens().filter(|token| token.kind() != K::Dot)
    }
}

impl<'t> LiteralPattern<'t> {
    /// The number, character or word, if it is no string.
    pub fn value(self) -> Option<Token<'t>> {
        self.0.tokens().find(|token| token.kind() != K::Minus)
    }
}

impl<'t> Block<'t> {
    /// The expression whose value the block has, if it ends with one.
    pub fn value(self) -> Option<Expr<'t>> {
        match self.statements().last()? {
            Stmt::ExprStmt(statement) => statement.expr(),
            _ => None,
        }
    }
}

impl AssignStmt<'_> {
    /// The operator in front of `=`; none for a plain assignment.
    pub fn op(self) -> Option<BinaryOp> {
        BinaryOp::of(operator_text(self.0)?.strip_suffix('=')?)
    }
}

impl<'t> AssertStmt<'t> {
    /// What is said when it fails.
    pub fn message(self) -> Option<Expr<'t>> {
        match self.condition()? {
            Condition::Expr(_) => children(self.0).nth(1),
            Condition::LetCondition(_) => children(self.0).next(),
        }
    }
}

impl<'t> Literal<'t> {
    /// The literal; its kind says what it is, [`crate::literal`] what it means.
    pub fn token(self) -> Option<Token<'t>> {
        self.0.tokens().next()
    }
}

impl<'t> NameExpr<'t> {
    /// The name.
    pub fn name(self) -> Option<Token<'t>> {
        self.0.tokens().next()
    }
}

impl<'t> Arg<'t> {
    /// The name in front of the `:`.
    pub fn name(self) -> Option<Token<'t>> {
        self.0.token(K::Colon).and_then(|_| self.0.tokens().next())
    }
}

impl<'t> FieldExpr<'t> {
    /// The name or number behind the point.
    pub fn name(self) -> Option<Token<'t>> {
        self.0.tokens().nth(1)
    }
}

impl UnaryExpr<'_> {
    /// The operator.
    pub fn op(self) -> Option<UnaryOp> {
        match self.0.tokens().next()?.kind() {
            K::Minus => Some(UnaryOp::Negate),
            K::Tilde => Some(UnaryOp::Complement),
            K::NotWord => Some(UnaryOp::Not),
            _ => None,
        }
    }
}

impl<'t> BinaryExpr<'t> {
    /// The operator.
    pub fn op(self) -> Option<BinaryOp> {
        BinaryOp::of(operator_text(self.0)?)
    }

    /// Its first token.
    pub fn op_token(self) -> Option<Token<'t>> {
        self.0.tokens().next()
    }
}

impl<'t> Member<'t> {
    /// The words in front of it.
    pub fn modifiers(self) -> Option<Modifiers<'t>> {
        children(self.node()).next()
    }
}

impl Hole<'_> {
    /// How the value is written; none if nothing is said.
    pub fn format(self) -> Option<Format> {
        Format::read(self.0.token(K::HoleFormat)?.text().strip_prefix(':')?)
    }
}

impl<'t> Str<'t> {
    /// Whether it is a text over several lines.
    pub fn is_text(self) -> bool {
        self.0.token(K::StrStart).is_some_and(|token| token.text().len() == 3)
    }

    /// What it consists of. Neighbouring parts are never both text, and no text is empty.
    pub fn parts(self) -> Vec<StrPart<'t>> {
        if let Some(raw) = self.0.token(K::RawStr) {
            let text = raw.text();
            let inner = text.strip_prefix("r\"").or(text.strip_prefix(['\'', '\u{201c}'])).unwrap_or(text);
            let inner = inner.strip_suffix(['"', '\'', '\u{201d}']).unwrap_or(inner);
            return if inner.is_empty() { Vec::new() } else { vec![StrPart::Text(inner.to_owned())] };
        }
        let indent = if self.is_text() { self.indentation() } else { 0 };
        let mut parts = Vec::new();
        let mut first = true;
        for element in self.0.elements() {
            match element {
                Element::Token(token) if token.kind() == K::StrText => {
                    let mut text = token.text().to_owned();
                    if self.is_text() {
                        text = without_indentation(&text, indent);
                        if first && let Some(rest) = text.strip_prefix("\r\n").or(text.strip_prefix('\n')) {
                            text = rest.to_owned();
                        }
                    }
                    if !text.is_empty() {
                        parts.push(StrPart::Text(unescape(&text)));
                    }
                    first = false;
                }
                Element::Node(node) => {
                    parts.extend(Hole::cast(node).map(StrPart::Hole));
                    first = false;
                }
                Element::Token(_) => {}
            }
        }
        if self.is_text() {
            trim_last_line(&mut parts);
        }
        parts
    }

    /// The text, if there are no values in it.
    pub fn plain_text(self) -> Option<String> {
        match &self.parts()[..] {
            [] => Some(String::new()),
            [StrPart::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// Columns that all lines with something on them are indented by; the line of the closing quotes counts.
    fn indentation(self) -> usize {
        let inner = self.0.text().strip_prefix("\"\"\"").unwrap_or("");
        let lines = inner.split('\n').skip(1);
        let blank = |line: &str| line.trim_matches([' ', '\t', '\r']).is_empty();
        let width = |line: &str| line.bytes().take_while(|&b| b == b' ' || b == b'\t').count();
        lines.filter(|line| !blank(line)).map(width).min().unwrap_or(0)
    }
}

/// Removes up to `indent` blanks behind every line end.
fn without_indentation(text: &str, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index == 0 {
            out.push_str(line);
            continue;
        }
        out.push('\n');
        let blanks = line.bytes().take_while(|&b| b == b' ' || b == b'\t').count();
        out.push_str(&line[blanks.min(indent)..]);
    }
    out
}

/// The line of the closing quotes, if nothing but blanks stands on it, is no part of the text; the line end in front of
/// it is.
fn trim_last_line(parts: &mut Vec<StrPart<'_>>) {
    let Some(StrPart::Text(text)) = parts.last_mut() else { return };
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    if line > 0 && text[line..].trim_matches([' ', '\t']).is_empty() {
        text.truncate(line);
    }
    if text.is_empty() {
        parts.pop();
    }
}
