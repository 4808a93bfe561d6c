//! What the text of a file says about itself: declarations with their signatures and comments for documentation, and the
//! examples in these.
//!
//! This is the syntax only, so that it works for a text in which types are wrong. Not here: how it is shown.

use std::ops::Range;

use crate::ast::{self, AstNode, Item, Member};
use crate::kinds::SyntaxKind as K;
use crate::tree::{Element, Node, Token};
use crate::{Parse, parse};

/// What a file declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleDocs {
    /// As imports name it: `std.json`.
    pub name: String,
    /// What the comment at the top of the file says; may be empty.
    pub text: String,
    /// Its declarations, in the order of the text; no imports and no tests.
    pub entries: Vec<Entry>,
}

/// What a declaration is. The order is the one in which pages list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// `class`
    Class,
    /// `interface`
    Interface,
    /// `enum`
    Enum,
    /// `type`
    Alias,
    /// A case of an enum.
    Case,
    /// A field.
    Field,
    /// `static let`
    StaticConst,
    /// `init`
    Init,
    /// A function of a module.
    Function,
    /// `static fn`
    Static,
    /// A method.
    Method,
    /// `let` of a module.
    Const,
}

impl EntryKind {
    /// How texts call one of them.
    pub const fn name(self) -> &'static str {
        match self {
            EntryKind::Class => "class",
            EntryKind::Interface => "interface",
            EntryKind::Enum => "enum",
            EntryKind::Alias => "type",
            EntryKind::Case => "case",
            EntryKind::Field => "field",
            EntryKind::StaticConst | EntryKind::Const => "constant",
            EntryKind::Init => "initialiser",
            EntryKind::Function => "function",
            EntryKind::Static => "static function",
            EntryKind::Method => "method",
        }
    }
}

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Its name; the symbol of an operator, `init` of an initialiser.
    pub name: String,
    /// The text up to the body, on one line and without `pub`: `fn parse(text: str) -> Json`.
    pub signature: String,
    /// What the comments for documentation in front of it say; may be empty.
    pub text: String,
    /// Line of the name, counted from 1.
    pub line: u32,
    /// Whether others see it: `pub` in front of declarations, no `private` in front of members.
    pub public: bool,
    /// Whether it takes the place of what it inherits.
    pub overrides: bool,
    /// Members of classes, interfaces and enums.
    pub members: Vec<Entry>,
}

impl ModuleDocs {
    /// The entry of a name, `parse` or `Json.path`, with the one it is a member of.
    pub fn find(&self, path: &str) -> Option<(Option<&Entry>, &Entry)> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.name == path) {
            return Some((None, entry));
        }
        let (owner, member) = path.split_once('.')?;
        let owner = self.entries.iter().find(|entry| entry.name == owner)?;
        let member = owner.members.iter().find(|entry| entry.name == member)?;
        Some((Some(owner), member))
    }
}

/// What a file declares, by its parsed text.
pub fn docs(name: &str, file: &Parse) -> ModuleDocs {
    let mut entries = Vec::new();
    for item in file.file().items() {
        entries.extend(item_entry(item));
    }
    ModuleDocs { name: name.to_owned(), text: top_comment(file), entries }
}

/// What a module of the library declares: `std.json`.
pub fn library(name: &str) -> Option<ModuleDocs> {
    let text = crate::library::text(name)?;
    Some(docs(name, &parse(mvm_diag::FileId(0), text)))
}

/// The first comment, if the file begins with one.
fn top_comment(file: &Parse) -> String {
    let mut lines = Vec::new();
    for token in file.tree.root().all_tokens() {
        match token.kind() {
            K::Comment => {
                let text = token.text().trim_start_matches('/').trim_end();
                lines.push(text.strip_prefix(' ').unwrap_or(text));
            }
            K::Space => {}
            K::Newline if token.text().matches('\n').count() < 2 => {}
            _ => break,
        }
    }
    lines.join("\n")
}

fn item_entry(item: Item<'_>) -> Option<Entry> {
    Some(match item {
        Item::Import(_) | Item::Test(_) => return None,
        Item::Function(item) => function(item, EntryKind::Function)?,
        Item::Class(item) => {
            let members = members(item.members());
            let start = item.members().map(AstNode::node);
            entry(item, EntryKind::Class, item.name()?, item.modifiers(), start, item.docs(), members)
        }
        Item::Interface(item) => {
            let members = members(item.members());
            let start = item.members().map(AstNode::node);
            entry(item, EntryKind::Interface, item.name()?, item.modifiers(), start, item.docs(), members)
        }
        Item::Enum(item) => {
            let members = members(item.members());
            let start = item.members().map(AstNode::node);
            entry(item, EntryKind::Enum, item.name()?, item.modifiers(), start, item.docs(), members)
        }
        Item::TypeAlias(item) => {
            entry(item, EntryKind::Alias, item.name()?, item.modifiers(), None, item.docs(), Vec::new())
        }
        Item::Const(item) => value(item, EntryKind::Const, item.pattern()?, item.modifiers(), item.docs()),
    })
}

fn members(list: Option<ast::MemberList<'_>>) -> Vec<Entry> {
    let list = list.into_iter().flat_map(ast::MemberList::members);
    list.filter_map(|member| {
        Some(match member {
            Member::Function(item) => {
                let is_static = item.modifiers().is_some_and(|words| words.has(K::StaticWord));
                function(item, if is_static { EntryKind::Static } else { EntryKind::Method })?
            }
            Member::Init(item) => {
                let body = item.body().map(AstNode::node);
                Entry {
                    name: "init".into(),
                    ..made(item.node(), EntryKind::Init, item.modifiers(), body, item.docs())
                }
            }
            Member::EnumCase(item) => {
                entry(item, EntryKind::Case, item.name()?, None, None, item.docs(), Vec::new())
            }
            Member::Field(item) => {
                let is_static = item.modifiers().is_some_and(|words| words.has(K::StaticWord));
                let kind = if is_static { EntryKind::StaticConst } else { EntryKind::Field };
                value(item, kind, item.pattern()?, item.modifiers(), item.docs())
            }
        })
    })
    .collect()
}

fn function(item: ast::Function<'_>, kind: EntryKind) -> Option<Entry> {
    let body = item.body().map(AstNode::node);
    let name = match (item.name(), item.operator()) {
        (Some(name), _) => name.node().text().to_owned(),
        (None, Some(operator)) => operator.node().text().to_owned(),
        (None, None) => return None,
    };
    Some(Entry { name, ..made(item.node(), kind, item.modifiers(), body, item.docs()) })
}

/// Characters of a value that is shown in a signature.
const VALUE_SHOWN: usize = 40;

/// A constant or field: its value stands in the signature when it is short.
fn value<'t>(
    item: impl AstNode<'t>,
    kind: EntryKind,
    pattern: ast::Pattern<'t>,
    modifiers: Option<ast::Modifiers<'t>>,
    text: String,
) -> Entry {
    let long = ast::children::<ast::Expr<'_>>(item.node()).next().filter(|value| {
        let text = value.node().text();
        text.len() > VALUE_SHOWN || text.contains('\n')
    });
    let mut entry = made(item.node(), kind, modifiers, long.map(AstNode::node), text);
    if long.is_some() {
        entry.signature = entry.signature.trim_end_matches(['=', ' ']).to_owned();
    }
    Entry { name: pattern.node().text().to_owned(), ..entry }
}

fn entry<'t>(
    item: impl AstNode<'t>,
    kind: EntryKind,
    name: ast::NameDef<'t>,
    modifiers: Option<ast::Modifiers<'t>>,
    body: Option<Node<'t>>,
    text: String,
    members: Vec<Entry>,
) -> Entry {
    let name = name.node().text().to_owned();
    Entry { name, members, ..made(item.node(), kind, modifiers, body, text) }
}

fn made(
    node: Node<'_>,
    kind: EntryKind,
    modifiers: Option<ast::Modifiers<'_>>,
    body: Option<Node<'_>>,
    text: String,
) -> Entry {
    let has = |word: K| modifiers.is_some_and(|words| words.has(word));
    let member = !matches!(node.parent().map(Node::kind), Some(K::File) | None);
    let end = body.map_or(node.range().end, |body| body.range().start);
    let tokens: Vec<Token<'_>> =
        node.all_tokens().filter(|token| !token.kind().is_trivia() && token.range().end <= end).collect();
    let first = tokens.first().map_or(node.range().start, |token| token.range().start);
    Entry {
        kind,
        name: String::new(),
        signature: signature(&tokens),
        text,
        line: line_of(node.tree().text(), first),
        public: if member { !has(K::PrivateWord) } else { has(K::PubWord) },
        overrides: has(K::OverrideWord),
        members: Vec::new(),
    }
}

fn line_of(text: &str, at: usize) -> u32 {
    text[..at].matches('\n').count() as u32 + 1
}

/// The tokens on one line, as far apart as in the text. The brace or arrow of a body is left out.
fn signature(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut end = None;
    for token in tokens.iter().filter(|token| token.kind() != K::PubWord) {
        let apart = end.is_some_and(|end| end != token.range().start);
        let closing = matches!(token.kind(), K::RParen | K::RBracket | K::Gt);
        if apart && closing {
            // The last line of a list over several lines ends with a comma.
            let kept = out.trim_end_matches(',').len();
            out.truncate(kept);
        } else if apart && !out.ends_with(['(', '[', '<']) && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(token.text());
        end = Some(token.range().end);
    }
    let kept = out.trim_end_matches("=>").trim_end().len();
    out.truncate(kept);
    out
}

/// An example in a comment for documentation: a block of Markdown that begins with ```` ```myna ````.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it belongs to: `Json.path`.
    pub item: String,
    /// Line of the fence, counted from 1.
    pub line: u32,
    /// Where its lines are in the text of the file, without the `///` in front of them and without line ends.
    pub lines: Vec<Range<usize>>,
}

/// The examples of a file that are meant to be run, in the order of the text.
pub fn examples(file: &Parse) -> Vec<Example> {
    let mut found = Vec::new();
    for item in file.file().items() {
        let Some(entry) = item_entry(item) else { continue };
        examples_of(item.node(), &entry.name, &mut found);
        for list in item.node().children().filter(|node| node.kind() == K::MemberList) {
            for member in ast::children::<Member<'_>>(list) {
                let name = member_name(member);
                examples_of(member.node(), &format!("{}.{name}", entry.name), &mut found);
            }
        }
    }
    found
}

fn member_name(member: Member<'_>) -> String {
    let name = match member {
        Member::Function(item) => item.name().map(AstNode::node).or(item.operator().map(AstNode::node)),
        Member::EnumCase(item) => item.name().map(AstNode::node),
        Member::Field(item) => item.pattern().map(AstNode::node),
        Member::Init(_) => return "init".into(),
    };
    name.map_or_else(String::new, |name| name.text().to_owned())
}

fn examples_of(node: Node<'_>, item: &str, found: &mut Vec<Example>) {
    let text = node.tree().text();
    let mut open: Option<(Example, bool)> = None;
    for element in node.elements() {
        let Element::Token(token) = element else { continue };
        if token.kind() != K::DocComment {
            continue;
        }
        let range = token.range();
        let slashes = token.text().len() - token.text().trim_start_matches('/').len();
        let blank = usize::from(token.text()[slashes..].starts_with(' '));
        let line = range.start + slashes + blank..range.start + token.text().trim_end().len();
        let line = line.start.min(line.end)..line.end;
        let fence = text[line.clone()].trim_start().strip_prefix("```");
        match (open.take(), fence) {
            (None, Some(info)) => {
                let example =
                    Example { item: item.to_owned(), line: line_of(text, range.start), lines: Vec::new() };
                open = Some((example, info.trim() == "myna"));
            }
            (None, None) => {}
            (Some((example, runs)), Some(_)) => found.extend(runs.then_some(example)),
            (Some((mut example, runs)), None) => {
                example.lines.push(line);
                open = Some((example, runs));
            }
        }
    }
    // Markdown ends a block that nobody ends with the text around it.
    found.extend(open.and_then(|(example, runs)| runs.then_some(example)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "// Shapes.\n//\n// Flat ones.\n\nimport std.math\n\n/// A shape.\n///\n/// ```myna\n/// let a = 1\n\
        ///\n/// ```\npub enum Shape: Printable {\n    /// Round.\n    Circle(radius: float)\n    /// ```text\n    /// no\n    \
        /// ```\n    fn show() -> str => \"shape\"\n    private static let n = 1\n}\n\npub let large: [int] = [1, 2, 3, 4, 5, 6, 7, \
        8, 9, 10, 11, 12, 13, 14]\nfn hidden(\n    a: int,\n    b: int = 2,\n) -> int { return a }\ntest \"t\" { }\n";

    fn parsed() -> Parse {
        let parse = parse(mvm_diag::FileId(0), TEXT);
        assert!(!parse.has_errors(), "{:?}", parse.diagnostics);
        parse
    }

    #[test]
    fn declarations_have_signatures_and_comments() {
        let docs = docs("shapes", &parsed());
        assert_eq!(docs.text, "Shapes.\n\nFlat ones.");
        let signatures: Vec<&str> = docs.entries.iter().map(|entry| &*entry.signature).collect();
        assert_eq!(
            signatures,
            ["enum Shape: Printable", "let large: [int]", "fn hidden(a: int, b: int = 2) -> int"]
        );
        let shape = &docs.entries[0];
        assert!(shape.public && shape.text.starts_with("A shape.\n"));
        assert_eq!((shape.line, docs.entries[2].public), (13, false));
        let members: Vec<(&str, &str, bool)> =
            shape.members.iter().map(|m| (&*m.name, &*m.signature, m.public)).collect();
        assert_eq!(
            members,
            [
                ("Circle", "Circle(radius: float)", true),
                ("show", "fn show() -> str", true),
                ("n", "private static let n = 1", false)
            ]
        );
        let (owner, found) = docs.find("Shape.Circle").expect("it is there");
        assert_eq!((owner.map(|o| &*o.name), &*found.text), (Some("Shape"), "Round."));
    }

    #[test]
    fn examples_are_blocks_of_the_language() {
        let found = examples(&parsed());
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].item, found[0].line), ("Shape", 9));
        let lines: Vec<&str> = found[0].lines.iter().map(|range| &TEXT[range.clone()]).collect();
        assert_eq!(lines, ["let a = 1", ""]);
    }
}
