//! The lossless tree: every byte of the text is in one token, and every token below one node.
//!
//! A [`Tree`] is two arrays: tokens in the order of the text, nodes in preorder. [`Node`] and [`Token`] are a
//! reference to the tree and an index, so they are copied, compared and sent to threads for nothing. White space and
//! comments belong to the smallest node that has tokens on both sides of them; comments for documentation in front of a
//! declaration belong to the declaration.
//!
//! Not here: what nodes mean (`ast.rs`), how the tree is made (`parser`).

use std::fmt::{self, Write as _};
use std::ops::Range;

use mvm_diag::Text;

use crate::kinds::SyntaxKind;
use crate::lexer;

/// Nodes that no node is higher than, the file excepted. Consumers may recurse along the tree.
pub const HEIGHT_MAX: u16 = 1000;

/// Number of a node in its tree: nodes in the order in which they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NodeData {
    kind: SyntaxKind,
    parent: u32,
    /// Behind the last node below this one.
    end_node: u32,
    first_token: u32,
    end_token: u32,
}

/// A file as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    text: Text,
    tokens: Vec<lexer::Token>,
    nodes: Vec<NodeData>,
}

/// A node of a tree.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: u32,
}

/// A token of a tree.
#[derive(Clone, Copy)]
pub struct Token<'t> {
    tree: &'t Tree,
    index: u32,
}

/// A child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Element<'t> {
    Node(Node<'t>),
    Token(Token<'t>),
}

impl Tree {
    /// The text, byte by byte what was parsed. Of a body that was read by itself it is the text of the whole file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same, to be kept.
    pub(crate) fn shared_text(&self) -> Text {
        self.text.clone()
    }

    /// The bodies that an outline has passed over, in the order of the text.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = Range<usize>> {
        let tokens = self.tokens.iter().enumerate();
        tokens.filter(|(_, token)| token.kind == SyntaxKind::Body).map(|(at, _)| self.token_range(at as u32))
    }

    /// The node of the whole file.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, id: 0 }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: the file is a node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node with a number, if there is one.
    pub fn node(&self, id: NodeId) -> Option<Node<'_>> {
        ((id.0 as usize) < self.nodes.len()).then_some(Node { tree: self, id: id.0 })
    }

    /// The token that the byte belongs to; at the end of the text the last one.
    pub fn token_at(&self, offset: usize) -> Option<Token<'_>> {
        let count = self.tokens.len().saturating_sub(1);
        let after = self.tokens[..count].partition_point(|token| token.start as usize <= offset);
        Some(Token { tree: self, index: after.checked_sub(1)? as u32 })
    }

    fn token_range(&self, index: u32) -> Range<usize> {
        let start = self.tokens[index as usize].start as usize;
        let end = self.tokens.get(index as usize + 1).map_or(self.text.len(), |next| next.start as usize);
        start..end
    }
}

impl<'t> Node<'t> {
    fn data(self) -> &'t NodeData {
        &self.tree.nodes[self.id as usize]
    }

    /// Its number; numbers of two trees with the same nodes are the same.
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// The tree it is a part of.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// What it is.
    pub fn kind(self) -> SyntaxKind {
        self.data().kind
    }

    /// The node it is a child of; none for the file.
    pub fn parent(self) -> Option<Node<'t>> {
        (self.id > 0).then(|| Node { tree: self.tree, id: self.data().parent })
    }

    /// The nodes around it, from inside to outside.
    pub fn ancestors(self) -> impl Iterator<Item = Node<'t>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// All nodes below it, in the order in which they begin.
    pub fn descendants(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        (self.id + 1..self.data().end_node).map(move |id| Node { tree, id })
    }

    /// Its child nodes.
    pub fn children(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let (tree, end) = (self.tree, self.data().end_node);
        let mut next = self.id + 1;
        std::iter::from_fn(move || {
            let id = next;
            (id < end).then(|| {
                next = tree.nodes[id as usize].end_node;
                Node { tree, id }
            })
        })
    }

    /// Its child nodes, and the tokens that are below it and no child of it, in the order of the text.
    pub fn elements(self) -> impl Iterator<Item = Element<'t>> + Clone {
        let (tree, data) = (self.tree, *self.data());
        let (mut token, mut node) = (data.first_token, self.id + 1);
        std::iter::from_fn(move || {
            if node < data.end_node && tree.nodes[node as usize].first_token == token {
                let child = Node { tree, id: node };
                (node, token) = (child.data().end_node, child.data().end_token);
                return Some(Element::Node(child));
            }
            (token < data.end_token).then(|| {
                token += 1;
                Element::Token(Token { tree, index: token - 1 })
            })
        })
    }

    /// Its own tokens without white space and comments.
    pub fn tokens(self) -> impl Iterator<Item = Token<'t>> + Clone {
        self.elements().filter_map(|element| match element {
            Element::Token(token) if !token.kind().is_trivia() => Some(token),
            Element::Token(_) | Element::Node(_) => None,
        })
    }

    /// All tokens below it, white space and comments included.
    pub fn all_tokens(self) -> impl DoubleEndedIterator<Item = Token<'t>> {
        let (tree, data) = (self.tree, self.data());
        (data.first_token..data.end_token).map(move |index| Token { tree, index })
    }

    /// Its first own token of this kind.
    pub fn token(self, kind: SyntaxKind) -> Option<Token<'t>> {
        self.tokens().find(|token| token.kind() == kind)
    }

    /// Its first token.
    pub fn first_token(self) -> Option<Token<'t>> {
        self.all_tokens().next()
    }

    /// Its last token.
    pub fn last_token(self) -> Option<Token<'t>> {
        self.all_tokens().next_back()
    }

    /// Its first child of this kind.
    pub fn child(self, kind: SyntaxKind) -> Option<Node<'t>> {
        self.children().find(|child| child.kind() == kind)
    }

    /// The bytes it covers, from its first token to its last.
    pub fn range(self) -> Range<usize> {
        let data = self.data();
        let start = self.tree.tokens[data.first_token as usize].start as usize;
        let end =
            self.tree.tokens.get(data.end_token as usize).map_or(self.tree.text.len(), |t| t.start as usize);
        start..end.max(start)
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        &self.tree.text[self.range()]
    }
}

impl<'t> Token<'t> {
    /// What it is.
    pub fn kind(self) -> SyntaxKind {
        self.tree.tokens[self.index as usize].kind
    }

    /// The bytes it covers.
    pub fn range(self) -> Range<usize> {
        self.tree.token_range(self.index)
    }

    /// Its text.
    pub fn text(self) -> &'t str {
        &self.tree.text[self.range()]
    }

    /// The token in front of it.
    pub fn before(self) -> Option<Token<'t>> {
        Some(Token { tree: self.tree, index: self.index.checked_sub(1)? })
    }

    /// The token behind it.
    pub fn after(self) -> Option<Token<'t>> {
        let index = self.index + 1;
        ((index as usize) + 1 < self.tree.tokens.len()).then_some(Token { tree: self.tree, index })
    }

    /// Its number among the tokens of the file.
    pub fn index(self) -> usize {
        self.index as usize
    }

    /// The smallest node with this token.
    pub fn parent(self) -> Node<'t> {
        let mut node = self.tree.root();
        while let Some(inner) = node.children().find(|child| {
            let data = child.data();
            (data.first_token..data.end_token).contains(&self.index)
        }) {
            node = inner;
        }
        node
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl Eq for Node<'_> {}

impl PartialEq for Token<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.index == other.index
    }
}

impl Eq for Token<'_> {}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:?}", self.kind().debug_name(), self.range())
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:?} {:?}", self.kind().debug_name(), self.range(), self.text())
    }
}

impl fmt::Display for Tree {
    /// One line a node or token, indented; tokens of fixed text as they are written, white space left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn show(node: Node<'_>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(node.kind().debug_name())?;
            let mut inner = String::new();
            let simple = node.children().next().is_none();
            for element in node.elements() {
                match element {
                    Element::Node(child) => {
                        struct Line<'t>(Node<'t>, usize);
                        impl fmt::Display for Line<'_> {
                            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                                show(self.0, self.1, f)
                            }
                        }
                        write!(inner, "\n{:1$}{2}", "", 2 * depth + 2, Line(child, depth + 1))?;
                    }
                    Element::Token(token) => match token.kind() {
                        SyntaxKind::Space | SyntaxKind::Newline => {}
                        _ if simple => write!(inner, " {}", token.text().escape_debug())?,
                        _ => write!(inner, "\n{:1$}{2}", "", 2 * depth + 2, token.text().escape_debug())?,
                    },
                }
            }
            f.write_str(&inner)
        }
        show(self.root(), 0, f)?;
        f.write_char('\n')
    }
}

/// A place where a node may begin.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Start {
    nodes: u32,
    token: u32,
}

impl Start {
    /// The token in front of which it is.
    pub(crate) fn token(self) -> usize {
        self.token as usize
    }
}

/// A finished node: it comes behind the nodes below it.
#[derive(Debug, Clone, Copy)]
struct Finished {
    kind: SyntaxKind,
    height: u16,
    first_token: u32,
    end_token: u32,
    /// Nodes of which it is the last: itself and those below it.
    size: u32,
}

/// Makes a tree from nodes in the order in which they end.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    finished: Vec<Finished>,
}

impl Builder {
    pub(crate) fn with_capacity(nodes: usize) -> Builder {
        Builder { finished: Vec::with_capacity(nodes) }
    }

    /// Here, in front of this token, a node may begin.
    #[inline]
    pub(crate) fn start(&self, token: usize) -> Start {
        Start { nodes: self.finished.len() as u32, token: token as u32 }
    }

    /// Ends a node behind everything up to `end_token`; one without tokens is left out. What was finished since its start becomes its children. False
    /// if it would be too high; then an [`SyntaxKind::Error`] without children stands in its place.
    #[inline]
    pub(crate) fn finish(&mut self, start: Start, kind: SyntaxKind, end_token: usize) -> bool {
        let mut height = 0;
        let mut at = self.finished.len();
        while at > start.nodes as usize {
            let child = &self.finished[at - 1];
            height = height.max(child.height);
            at -= child.size as usize;
        }
        let (first_token, end_token) = (start.token, end_token as u32);
        if first_token >= end_token && kind != SyntaxKind::File {
            return true;
        }
        let good = height < HEIGHT_MAX || kind == SyntaxKind::File;
        let (kind, height) = if good { (kind, height + 1) } else { (SyntaxKind::Error, 1) };
        if !good {
            self.finished.truncate(start.nodes as usize);
        }
        let size = self.finished.len() as u32 - start.nodes + 1;
        self.finished.push(Finished { kind, height, first_token, end_token, size });
        good
    }

    /// The kind of the node that was finished last, if it began at or behind `start`.
    pub(crate) fn last_kind(&self, start: Start) -> Option<SyntaxKind> {
        self.finished.get(start.nodes as usize..).and_then(|new| new.last()).map(|node| node.kind)
    }

    /// The tree; the last node that was finished is its root.
    pub(crate) fn build(self, text: Text, tokens: Vec<lexer::Token>) -> Tree {
        let count = self.finished.len();
        let empty = NodeData { kind: SyntaxKind::File, parent: 0, end_node: 0, first_token: 0, end_token: 0 };
        let mut nodes = vec![empty; count];
        // From the last to the first: nodes around the current one are on the stack, with where they begin.
        let mut around: Vec<(usize, u32)> = Vec::new();
        for (index, node) in self.finished.iter().enumerate().rev() {
            let begins = index + 1 - node.size as usize;
            while around.last().is_some_and(|&(start, _)| start > index) {
                around.pop();
            }
            // In front of it come the nodes around it, in addition to those that ended before it began.
            let place = begins + around.len();
            let parent = around.last().map_or(0, |&(_, id)| id);
            nodes[place] = NodeData {
                kind: node.kind,
                parent,
                end_node: (place + node.size as usize) as u32,
                first_token: node.first_token,
                end_token: node.end_token,
            };
            around.push((begins, place as u32));
        }
        Tree { text, tokens, nodes }
    }
}
