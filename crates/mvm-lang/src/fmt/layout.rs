//! A tree to commands: where blanks stand, and where lines may or must break.

use super::print::Cmd;
use crate::ast::{self, AstNode};
use crate::kinds::SyntaxKind as K;
use crate::tree::{Element, Node, Token, Tree};

/// What separates the next token from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// What the two tokens ask for.
    Usual,
    Nothing,
    Space,
    Soft {
        space: bool,
    },
    Hard,
}

pub(super) fn layout(tree: &Tree) -> Vec<Cmd<'_>> {
    let mut layout = Layout {
        commands: Vec::new(),
        groups: Vec::new(),
        last: None,
        gap: Gap::Nothing,
        led: None,
        all: Vec::new(),
    };
    layout.all = tree.root().all_tokens().collect();
    layout.node(tree.root());
    layout.comments(layout.all.len());
    layout.commands
}

/// A token that has been written, and the kind of the node around it.
#[derive(Debug, Clone, Copy)]
struct Written<'t> {
    token: Token<'t>,
    parent: K,
    /// Whether it is the first token of its node.
    first: bool,
}

fn written<'t>(token: Token<'t>, parent: Node<'t>) -> Written<'t> {
    Written { token, parent: parent.kind(), first: parent.tokens().next() == Some(token) }
}

struct Layout<'t> {
    commands: Vec<Cmd<'t>>,
    /// Open groups: their command, and whether a line end has been inside.
    groups: Vec<(usize, bool)>,
    last: Option<Written<'t>>,
    gap: Gap,
    /// The token in front of which everything has been written.
    led: Option<usize>,
    all: Vec<Token<'t>>,
}

impl<'t> Layout<'t> {
    // Groups

    fn group(&mut self, force: bool, follow: bool) {
        self.groups.push((self.commands.len(), false));
        self.commands.push(Cmd::Group { force, follow, hard: false });
    }

    fn end_group(&mut self) {
        let Some((start, found)) = self.groups.pop() else { return };
        if let Some(Cmd::Group { hard, .. }) = self.commands.get_mut(start) {
            *hard = found;
        }
        if found && let Some(outer) = self.groups.last_mut() {
            outer.1 = true;
        }
        self.commands.push(Cmd::End);
    }

    fn hard(&mut self, blank: bool) {
        self.commands.push(Cmd::Hard { blank });
        if let Some(group) = self.groups.last_mut() {
            group.1 = true;
        }
    }

    // Tokens

    /// Writes the comments in front of the token with this index. Says whether there were some, and how many line ends
    /// stand in front of the token.
    fn comments(&mut self, index: usize) -> (bool, usize) {
        let from = self.last.map_or(0, |last| last.token.index() + 1);
        let mut lines = if self.last.is_none() { 1 } else { 0 };
        let mut found = false;
        for at in from..index {
            let token = self.all[at];
            match token.kind() {
                K::Newline => lines += token.text().bytes().filter(|&b| b == b'\n').count(),
                K::Comment | K::DocComment => {
                    if lines == 0 {
                        self.commands.push(Cmd::Space);
                    } else {
                        let opened = !found && self.last.is_some_and(|last| last.token.kind() == K::LBrace);
                        self.hard(lines > 1 && !opened);
                    }
                    self.commands.push(Cmd::Comment(token.text().trim_end()));
                    if let Some(group) = self.groups.last_mut() {
                        group.1 = true;
                    }
                    lines = 0;
                    found = true;
                }
                _ => {}
            }
        }
        (found, lines)
    }

    /// Writes what stands in front of the first token of a node, so that it is no part of a group that begins with it.
    fn lead(&mut self, node: Node<'t>) {
        let mut at = node;
        loop {
            let first =
                at.elements().find(|element| !matches!(element, Element::Token(t) if t.kind().is_trivia()));
            match first {
                Some(Element::Node(child)) => at = child,
                Some(Element::Token(token)) => {
                    if self.led != Some(token.index()) {
                        self.before(token, at);
                        self.led = Some(token.index());
                    }
                    return;
                }
                None => return,
            }
        }
    }

    fn token(&mut self, token: Token<'t>, parent: Node<'t>) {
        if self.led != Some(token.index()) {
            self.before(token, parent);
        }
        self.gap = Gap::Usual;
        self.commands.push(Cmd::Text(token.text()));
        self.last = Some(written(token, parent));
    }

    /// The comments and the gap in front of a token.
    fn before(&mut self, token: Token<'t>, parent: Node<'t>) {
        let next = written(token, parent);
        let (comments, lines) = self.comments(token.index());
        let gap = match std::mem::replace(&mut self.gap, Gap::Usual) {
            _ if comments => Gap::Hard,
            Gap::Usual => self.last.map_or(Gap::Nothing, |last| usual_gap(last, next)),
            gap => gap,
        };
        match gap {
            Gap::Usual | Gap::Nothing => {}
            Gap::Space => self.commands.push(Cmd::Space),
            Gap::Soft { space } => self.commands.push(Cmd::Soft { space }),
            Gap::Hard => {
                let opened = !comments && self.last.is_some_and(|last| last.token.kind() == K::LBrace);
                let closes = token.kind() == K::RBrace;
                self.hard(lines > 1 && !opened && !closes);
            }
        }
    }

    /// A closing bracket: comments in front of it are indented like what it closes.
    fn close(&mut self, token: Token<'t>, parent: Node<'t>, gap: Gap) {
        let (comments, _) = self.comments(token.index());
        self.commands.push(Cmd::Dedent);
        // Written already.
        if comments && token.index() > 0 {
            self.last =
                Some(Written { token: self.all[token.index() - 1], parent: parent.kind(), first: false });
            self.gap = Gap::Nothing;
            self.hard(false);
        } else {
            self.gap = gap;
        }
        self.token(token, parent);
    }

    // Nodes

    fn node(&mut self, node: Node<'t>) {
        match node.kind() {
            K::File => self.file(node),
            K::Str => self.verbatim(node),
            K::Block | K::MemberList | K::ArmList => self.braces(node),
            K::Args
            | K::Params
            | K::ListExpr
            | K::MapExpr
            | K::TupleExpr
            | K::TupleType
            | K::TuplePattern
            | K::PatternArgs
            | K::FnTypeParams
            | K::ImportList
            | K::TypeParams
            | K::TypeArgs => self.list(node),
            K::BinaryExpr => self.binary(node),
            K::CallExpr | K::FieldExpr | K::IndexExpr | K::UnwrapExpr => self.chain(node),
            _ => self.plain(node),
        }
    }

    fn element(&mut self, element: Element<'t>, parent: Node<'t>) {
        match element {
            Element::Node(node) => self.node(node),
            Element::Token(token) if token.kind().is_trivia() => {}
            Element::Token(token) => self.token(token, parent),
        }
    }

    fn plain(&mut self, node: Node<'t>) {
        for element in node.elements() {
            self.element(element, node);
        }
    }

    fn file(&mut self, node: Node<'t>) {
        for element in node.elements() {
            if !matches!(element, Element::Token(token) if token.kind().is_trivia()) {
                self.gap = if self.last.is_none() { Gap::Nothing } else { Gap::Hard };
                self.element(element, node);
            }
        }
    }

    /// A string, with the values in it, as it is.
    fn verbatim(&mut self, node: Node<'t>) {
        let Some(first) = node.first_token() else { return };
        self.token(first, node);
        let end = node.range();
        if let (Some(last), Some(Cmd::Text(text))) = (node.last_token(), self.commands.last_mut()) {
            *text = &node.tree().text()[end];
            self.last = Some(Written { token: last, parent: K::Str, first: false });
        }
    }

    /// Whether a line end stands between two tokens.
    fn line_end_between(&self, from: usize, to: usize) -> bool {
        self.all[from..to].iter().any(|token| token.kind() == K::Newline)
    }

    fn has_comment(&self, node: Node<'t>) -> bool {
        node.all_tokens().any(|token| matches!(token.kind(), K::Comment | K::DocComment))
    }

    /// `{ ... }` of statements, members or arms.
    fn braces(&mut self, node: Node<'t>) {
        let elements: Vec<Element<'t>> = node.elements().collect();
        let children = node.children().count();
        let (Some(open), Some(close)) = (node.token(K::LBrace), node.token(K::RBrace)) else {
            return self.plain(node);
        };
        if children == 0 && !self.has_comment(node) {
            self.token(open, node);
            self.gap = Gap::Space;
            self.token(close, node);
            return;
        }
        let cases = node.kind() != K::Block && node.children().all(|child| child.kind() != K::Function);
        let lines = self.line_end_between(open.index(), close.index())
            || self.has_comment(node)
            || children > 1 && !(cases && node.token(K::Comma).is_some());
        let gap = if lines { Gap::Hard } else { Gap::Soft { space: true } };
        self.lead(node);
        self.group(lines, true);
        self.token(open, node);
        self.commands.push(Cmd::Indent);
        let mut begun = false;
        for element in elements {
            match element {
                Element::Node(child) => {
                    if begun && !lines {
                        self.commands.push(Cmd::If { broken: false, text: "," });
                    }
                    self.gap = gap;
                    self.node(child);
                    begun = true;
                }
                Element::Token(token) => match token.kind() {
                    K::LBrace => {}
                    // Between the lines it is not needed.
                    K::Comma => self.pass_over(token),
                    K::RBrace => self.close(token, node, gap),
                    kind if kind.is_trivia() => {}
                    _ => self.token(token, node),
                },
            }
        }
        self.end_group();
    }

    /// Leaves out a comma; comments in front of it are written.
    fn pass_over(&mut self, token: Token<'t>) {
        let (comments, _) = self.comments(token.index());
        let parent = self.last.map_or(K::File, |last| last.parent);
        self.last = Some(Written { token, parent, first: false });
        if comments {
            self.hard(false);
            self.gap = Gap::Nothing;
        }
    }

    /// A list in brackets.
    fn list(&mut self, node: Node<'t>) {
        let elements: Vec<Element<'t>> = node.elements().collect();
        let own: Vec<Token<'t>> = node.tokens().collect();
        let (Some(&open), Some(&close)) = (own.first(), own.last()) else { return self.plain(node) };
        if node.children().next().is_none() || close.index() <= open.index() + 1 {
            return self.plain(node);
        }
        if self.hugs(node) {
            for element in elements {
                match element {
                    Element::Token(token) if token.kind() == K::Comma && !self.followed(node, token) => {
                        self.pass_over(token);
                    }
                    element => self.element(element, node),
                }
            }
            return;
        }
        // A tuple of one would be something in parentheses without its comma.
        let trailing = node.children().count() > 1
            || !matches!(node.kind(), K::TupleExpr | K::TupleType | K::TuplePattern);
        let fill = node.kind() == K::ListExpr && node.children().all(|child| child.kind() == K::Literal);
        let force = self.first_on_new_line(open);
        self.lead(node);
        self.group(force, true);
        self.token(open, node);
        self.commands.push(Cmd::Indent);
        self.gap = Gap::Soft { space: false };
        for element in elements {
            match element {
                Element::Token(token) if token == open => {}
                Element::Token(token) if token == close => {
                    if trailing {
                        self.commands.push(Cmd::If { broken: true, text: "," });
                    }
                    self.close(token, node, Gap::Soft { space: false });
                }
                Element::Token(token) if token.kind() == K::Comma => {
                    if !trailing || self.followed(node, token) {
                        self.gap = Gap::Nothing;
                        self.token(token, node);
                        if fill {
                            self.group(false, false);
                            self.commands.push(Cmd::Soft { space: true });
                            self.end_group();
                            self.gap = Gap::Nothing;
                        } else {
                            self.gap = Gap::Soft { space: true };
                        }
                    } else {
                        self.pass_over(token);
                    }
                }
                element => self.element(element, node),
            }
        }
        self.end_group();
    }

    fn first_on_new_line(&self, open: Token<'t>) -> bool {
        let next = open.index() + 1;
        let trivia = self.all[next..].iter().take_while(|token| token.kind().is_trivia()).count();
        self.line_end_between(next, next + trivia)
    }

    /// Whether an element of the list comes behind a comma.
    fn followed(&self, node: Node<'t>, comma: Token<'t>) -> bool {
        node.children().any(|child| child.range().start > comma.range().start)
    }

    /// Whether a list of arguments ends with something that has lines of its own, and stays on the line with it.
    fn hugs(&self, node: Node<'t>) -> bool {
        let Some(args) = ast::Args::cast(node) else { return false };
        let args: Vec<ast::Arg<'t>> = args.args().collect();
        let Some((last, others)) = args.split_last() else { return false };
        let Some(open) = node.first_token() else { return false };
        if self.first_on_new_line(open) || others.iter().any(|arg| self.has_lines(arg.node())) {
            return false;
        }
        let Some(value) = last.value() else { return false };
        self.hugging_value(value)
    }

    fn hugging_value(&self, value: ast::Expr<'t>) -> bool {
        match value {
            ast::Expr::Closure(closure) => match closure.body() {
                Some(ast::Body::Block(block)) => self.has_lines(block.node()),
                Some(ast::Body::Expr(body)) => self.hugging_value(body),
                _ => false,
            },
            ast::Expr::MatchExpr(e) => self.has_lines(e.node()),
            ast::Expr::IfExpr(e) => self.has_lines(e.node()),
            ast::Expr::CallExpr(call) => {
                let quiet = call.callee().is_some_and(|callee| !self.has_lines(callee.node()));
                quiet && call.args().is_some_and(|args| self.hugs(args.node()))
            }
            _ => false,
        }
    }

    /// Whether the braces in a node stand on several lines.
    fn has_lines(&self, node: Node<'t>) -> bool {
        let braces = |node: Node<'t>| matches!(node.kind(), K::Block | K::ArmList);
        std::iter::once(node).chain(node.descendants()).filter(|&inner| braces(inner)).any(|inner| {
            let range = inner.all_tokens().next().zip(inner.all_tokens().next_back());
            range.is_some_and(|(first, last)| self.line_end_between(first.index(), last.index()))
        })
    }

    /// Operators between operands: those that bind alike break together.
    fn binary(&mut self, node: Node<'t>) {
        let op = ast::BinaryExpr::cast(node).and_then(ast::BinaryExpr::op);
        let range = matches!(op, Some(ast::BinaryOp::Range | ast::BinaryOp::RangeInclusive));
        if range {
            return self.plain(node);
        }
        self.lead(node);
        self.group(self.own_comment(node), false);
        self.commands.push(Cmd::IndentBroken);
        self.operands(node);
        self.commands.push(Cmd::Dedent);
        self.end_group();
    }

    /// Whether a comment stands between the parts of a node.
    fn own_comment(&self, node: Node<'t>) -> bool {
        node.elements().any(
            |element| matches!(element, Element::Token(t) if matches!(t.kind(), K::Comment | K::DocComment)),
        )
    }

    fn operands(&mut self, node: Node<'t>) {
        let level = |node: Node<'t>| ast::BinaryExpr::cast(node).and_then(ast::BinaryExpr::op).map(power);
        let own = level(node);
        // Behind a word or `??` at its start a line goes on; every other operator has to stand at its end.
        let before = node
            .tokens()
            .next()
            .is_some_and(|op| matches!(op.kind(), K::AndWord | K::OrWord | K::QuestionQuestion));
        let soft = Gap::Soft { space: true };
        let count = node.tokens().count();
        let mut seen = 0;
        for element in node.elements() {
            match element {
                Element::Node(child) if child.kind() == K::BinaryExpr && level(child) == own => {
                    self.operands(child)
                }
                Element::Token(token) if !token.kind().is_trivia() => {
                    if seen == 0 {
                        self.gap = if before { soft } else { Gap::Space };
                    } else {
                        self.gap = Gap::Nothing;
                    }
                    self.token(token, node);
                    seen += 1;
                    self.gap = if seen < count {
                        Gap::Nothing
                    } else if before {
                        Gap::Space
                    } else {
                        soft
                    };
                }
                element => self.element(element, node),
            }
        }
    }

    /// Calls and members behind a value. With two calls or more, each may have a line.
    fn chain(&mut self, node: Node<'t>) {
        let mut links = Vec::new();
        let mut at = node;
        while matches!(at.kind(), K::CallExpr | K::FieldExpr | K::IndexExpr | K::UnwrapExpr) {
            links.push(at);
            let Some(base) = at.children().next() else { break };
            at = base;
        }
        links.reverse();
        let called = |index: usize, links: &[Node<'t>]| {
            links[index].kind() == K::FieldExpr
                && links.get(index + 1).is_some_and(|next| next.kind() == K::CallExpr)
        };
        let calls = (0..links.len()).filter(|&index| called(index, &links)).count();
        let breaks: Vec<bool> = (0..links.len()).map(|index| calls > 1 && called(index, &links)).collect();
        let commented = links.iter().any(|link| self.own_comment(*link));
        if calls <= 1 && !commented {
            return self.link(&links, &breaks);
        }
        let force = commented
            || links.iter().zip(&breaks).any(|(link, &breaks)| breaks && self.dot_on_new_line(*link));
        self.lead(node);
        self.group(force, false);
        self.commands.push(Cmd::IndentBroken);
        self.link(&links, &breaks);
        self.commands.push(Cmd::Dedent);
        self.end_group();
    }

    fn dot_on_new_line(&self, link: Node<'t>) -> bool {
        let Some(dot) = link.tokens().next() else { return false };
        let before =
            self.all[..dot.index()].iter().rev().take_while(|token| token.kind().is_trivia()).count();
        self.line_end_between(dot.index() - before, dot.index())
    }

    fn link(&mut self, links: &[Node<'t>], breaks: &[bool]) {
        for (index, link) in links.iter().enumerate() {
            let mut first = true;
            for element in link.elements() {
                match element {
                    // Written with the link before.
                    Element::Node(base) if first => {
                        if index == 0 {
                            self.node(base);
                        }
                        first = false;
                    }
                    Element::Token(token) if matches!(token.kind(), K::Dot | K::QuestionDot) => {
                        self.gap = if breaks[index] { Gap::Soft { space: false } } else { Gap::Nothing };
                        self.token(token, *link);
                    }
                    element => self.element(element, *link),
                }
            }
        }
    }
}

/// How tightly an operator binds, as far as it matters for breaking lines.
fn power(op: ast::BinaryOp) -> u8 {
    use ast::BinaryOp as B;
    match op {
        B::Or => 1,
        B::And => 2,
        B::Equal
        | B::NotEqual
        | B::Less
        | B::LessEqual
        | B::Greater
        | B::GreaterEqual
        | B::Compare
        | B::In => 3,
        B::Coalesce => 4,
        B::Range | B::RangeInclusive => 5,
        B::BitOr => 6,
        B::BitXor => 7,
        B::BitAnd => 8,
        B::ShiftLeft | B::ShiftRight | B::ShiftRightUnsigned => 9,
        B::Add | B::Sub | B::AddWrapping | B::SubWrapping => 10,
        B::Mul | B::Div | B::Rem | B::MulWrapping => 11,
    }
}

/// What stands between two tokens on one line.
fn usual_gap(last: Written<'_>, next: Written<'_>) -> Gap {
    let (p, n) = (last.token.kind(), next.token.kind());
    let type_list = |parent: K| matches!(parent, K::TypeArgs | K::TypeParams);
    let close = match n {
        K::Comma
        | K::RParen
        | K::RBracket
        | K::Semicolon
        | K::Dot
        | K::QuestionDot
        | K::Colon
        | K::DotDot
        | K::DotDotEq
        | K::Bang
        | K::Question => true,
        K::QuestionQuestion => next.parent == K::OptionalType,
        K::LParen => matches!(next.parent, K::Args | K::Params | K::PatternArgs | K::FnTypeParams),
        K::LBracket => matches!(next.parent, K::IndexExpr),
        K::Lt | K::Gt if type_list(next.parent) => true,
        K::Gt | K::GtEq | K::Eq => {
            last.parent == next.parent
                && matches!(next.parent, K::AssignStmt | K::OperatorName)
                && last.token.range().end == next.token.range().start
        }
        // `| |` has two tokens, `||` one.
        K::Pipe => next.parent == K::ClosureParams && !next.first && !(p == K::Pipe && last.first),
        K::RBrace => next.parent == K::ImportList,
        _ => next.parent == K::OperatorName && last.parent == K::OperatorName,
    };
    let open = match p {
        K::LParen | K::LBracket | K::Dot | K::QuestionDot | K::DotDot | K::DotDotEq => true,
        K::Minus | K::Tilde => matches!(last.parent, K::UnaryExpr | K::LiteralPattern) && n != K::Minus,
        K::Lt => type_list(last.parent),
        K::Pipe => last.parent == K::ClosureParams && last.first && n != K::Pipe,
        K::LBrace => last.parent == K::ImportList,
        _ => false,
    };
    if close || open { Gap::Nothing } else { Gap::Space }
}
