//! What is typed: whether it is complete, and what it is.

use mvm_diag::FileId;
use mvm_lang::SyntaxKind as K;
use mvm_lang::ast::{AstNode, Item, Pattern, Stmt};
use mvm_lang::{Parse, parse};

/// What an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but blanks and comments.
    Nothing,
    /// A bracket closes what the input has not opened.
    Closes,
    /// Declarations, with the names that they give.
    Items(Vec<String>),
    /// A statement, with the names that it gives.
    Statement(Vec<String>),
    /// An expression as statement.
    Expression,
}

/// What stands in front of a statement when it is read.
pub(super) const FRONT: &str = "fn main() {\n";

/// What an input is. One with errors of syntax is what its first word makes of it.
pub(super) fn kind(text: &str) -> Kind {
    let file = parse(FileId(0), text);
    let mut words = file.tree.root().all_tokens().filter(|token| !token.kind().is_trivia());
    let Some(first) = words.next().filter(|token| token.kind() != K::Eof) else {
        return if file.has_errors() { Kind::Statement(Vec::new()) } else { Kind::Nothing };
    };
    if depths(&file).any(|depth| depth < 0) {
        return Kind::Closes;
    }
    let body = parse(FileId(0), format!("{FRONT}{text}\n}}\n"));
    if !body.has_errors() {
        return statement(&body);
    }
    let declares = matches!(
        first.kind(),
        K::FnWord
            | K::ClassWord
            | K::EnumWord
            | K::ImportWord
            | K::PubWord
            | K::PrivateWord
            | K::AbstractWord
            | K::FrozenWord
    ) || matches!(first.text(), "interface" | "type" | "test");
    if declares { Kind::Items(items(&file)) } else { statement(&body) }
}

fn items(file: &Parse) -> Vec<String> {
    let name = |item| match item {
        Item::Function(item) => item.name().map(AstNode::node),
        Item::Class(item) => item.name().map(AstNode::node),
        Item::Interface(item) => item.name().map(AstNode::node),
        Item::Enum(item) => item.name().map(AstNode::node),
        Item::TypeAlias(item) => item.name().map(AstNode::node),
        Item::Const(item) => item.pattern().map(AstNode::node),
        Item::Import(_) | Item::Test(_) => None,
    };
    file.file().items().filter_map(name).map(|name| name.text().to_owned()).collect()
}

fn statement(file: &Parse) -> Kind {
    let mut names = Vec::new();
    let mut is_expression = false;
    for item in file.file().items() {
        let Item::Function(function) = item else { continue };
        let Some(mvm_lang::ast::FnBody::Block(body)) = function.body() else { continue };
        for statement in body.statements() {
            is_expression = matches!(statement, Stmt::ExprStmt(_));
            if let Stmt::LetStmt(statement) = statement
                && let Some(pattern) = statement.pattern()
            {
                names_of(pattern, &mut names);
            }
        }
    }
    if is_expression { Kind::Expression } else { Kind::Statement(names) }
}

fn names_of(pattern: Pattern<'_>, names: &mut Vec<String>) {
    let inner = pattern.node().descendants().filter_map(Pattern::cast);
    for part in std::iter::once(pattern).chain(inner) {
        if let Pattern::NamePattern(part) = part
            && let Some(name) = part.name()
        {
            names.push(name.node().text().to_owned());
        }
    }
}

/// Whether a word stands in a text of the language.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    parse(FileId(0), text)
        .tree
        .root()
        .all_tokens()
        .any(|token| token.text() == word && !token.kind().is_trivia())
}

/// How many brackets are open behind each token.
fn depths(parse: &Parse) -> impl Iterator<Item = i32> {
    parse.tree.root().all_tokens().scan(0, |depth, token| {
        match token.kind() {
            K::LParen | K::LBracket | K::LBrace => *depth += 1,
            K::RParen | K::RBracket | K::RBrace => *depth -= 1,
            _ => {}
        }
        Some(*depth)
    })
}

/// Whether an input can end here: brackets are closed, no operand is missing, and no comment for documentation waits for what
/// it belongs to.
pub(super) fn is_complete(text: &str) -> bool {
    let parse = parse(FileId(0), text);
    let mut long_text = false;
    let mut last = None;
    for token in parse.tree.root().all_tokens() {
        match token.kind() {
            K::StrStart if token.text() == "\"\"\"" => long_text = true,
            K::StrEnd if token.text() == "\"\"\"" => long_text = false,
            _ => {}
        }
        if !token.kind().is_trivia() && token.kind() != K::Eof || token.kind() == K::DocComment {
            last = Some(token.kind());
        }
    }
    depths(&parse).last().unwrap_or(0) <= 0 && !long_text && !last.is_some_and(wants_more)
}

/// Whether more has to follow.
fn wants_more(kind: K) -> bool {
    let other = matches!(
        kind,
        K::DocComment
            | K::Comma
            | K::Dot
            | K::DotDot
            | K::DotDotEq
            | K::QuestionDot
            | K::QuestionQuestion
            | K::Colon
            | K::Arrow
            | K::FatArrow
            | K::NotEq
            | K::Lt
            | K::LtEq
            | K::GtEq
            | K::AndWord
            | K::OrWord
            | K::NotWord
            | K::InWord
            | K::IsWord
            | K::AsWord
            | K::ElseWord
            | K::ThrowWord
            | K::PubWord
    );
    other || kind.is_assignment() || kind.is_operator()
}

/// Several lines as the inputs they are: each ends where it can, unless the next line goes on with it.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut inputs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match inputs.last_mut() {
            Some(input) if open || goes_on(line) => {
                input.push('\n');
                input.push_str(line);
            }
            _ => inputs.push(line.to_owned()),
        }
        open = inputs.last().is_some_and(|input| !is_complete(input));
    }
    inputs.retain(|input| !input.trim().is_empty());
    inputs
}

/// Whether a line goes on with the statement in front of it.
fn goes_on(line: &str) -> bool {
    let line = line.trim_start();
    let word = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let symbol = ["?.", "??", "."].iter().any(|symbol| line.starts_with(symbol)) && !line.starts_with("..");
    symbol || matches!(word, "and" | "or" | "else" | "catch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_and_missing_operands_want_more() {
        for text in [
            "f(",
            "[1,",
            "class A {",
            "let x =",
            "a +",
            "\"\"\"a",
            "/// one",
            "x.map(|a| {",
            "if a {\n}  else",
            "fn f() ->",
        ] {
            assert!(!is_complete(text), "{text}");
        }
        for text in [
            "",
            "f()",
            "let x = [1]",
            "// one",
            "\"{a\"",
            "\"a",
            "let s: Set<int>",
            "x!",
            ")",
            "\"\"\"a\"\"\"",
            "'a'",
        ] {
            assert!(is_complete(text), "{text}");
        }
    }

    #[test]
    fn inputs_are_told_apart() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(kind(" // x\n"), Kind::Nothing);
        assert_eq!(kind("let (a, b) = f()"), Kind::Statement(names(&["a", "b"])));
        assert_eq!(kind("x = 2"), Kind::Statement(vec![]));
        assert_eq!(kind("1 + 2"), Kind::Expression);
        assert_eq!(kind("}\nfn f() {"), Kind::Closes);
        assert_eq!(kind("\u{1}"), Kind::Statement(vec![]), "an error, not nothing");
        assert_eq!(kind("if a { 1 } else { 2 }"), Kind::Expression);
        assert_eq!(kind("/// D\nfn f() -> int => 1"), Kind::Items(names(&["f"])));
        assert_eq!(kind("import std.json"), Kind::Items(vec![]));
        assert_eq!(kind("pub let n = 1"), Kind::Items(names(&["n"])));
        assert_eq!(kind("type Row = [int]"), Kind::Items(names(&["Row"])));
        assert_eq!(kind("let x = = 1"), Kind::Statement(names(&["x"])));
    }

    #[test]
    fn pasted_lines_are_several_inputs() {
        assert_eq!(
            split("let a = 1\n\nfn f() {\n    a\n}\nxs\n    .map(f)\n"),
            ["let a = 1", "fn f() {\n    a\n}", "xs\n    .map(f)"]
        );
        assert_eq!(split("if a {\n}\nelse {\n}\n"), ["if a {\n}\nelse {\n}"]);
    }
}
