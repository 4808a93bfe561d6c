//! Tokens to a tree: recursive descent, with a table of precedences for operators.
//!
//! The parser never fails. What it cannot read it reports, puts into an [`SyntaxKind::Error`] node, and goes on at the
//! next anchor: a line end outside of brackets, a closing brace, a word that only begins declarations. So that one
//! mistake is one message, nothing is reported twice at one token, nor behind text that the lexer has reported.
//!
//! Here: tokens, errors, recovery. `items.rs`, `functions.rs` and `members.rs` have declarations, `stmts.rs` blocks, `exprs.rs` and `control.rs`
//! expressions, `types.rs` and `patterns.rs` what they are named after, `slips.rs` and `foreign.rs` habits from other languages.

mod control;
mod exprs;
mod foreign;
mod functions;
mod items;
mod members;
mod patterns;
pub(crate) mod slips;
mod stmts;
mod types;

use mvm_diag::{Diagnostic, FileId, Text};

use crate::errors::{M0102, M0103, M0104, M0107, M0201};
use crate::kinds::SyntaxKind;
use crate::kinds::SyntaxKind as K;
use crate::lexer::{self, Extent, Token};
use crate::report::{Report, quoted};
use crate::tree::{Builder, Start, Tree};

/// How deep expressions, types, patterns and blocks may be nested.
pub const NESTING_MAX: u32 = 200;

/// Parses a text. Every text gives a tree. Of one body it is a [`K::File`] with the block.
pub(crate) fn parse(file: FileId, text: Text, extent: Extent) -> (Tree, Vec<Diagnostic>) {
    let mut report = Report::new(file);
    let tokens = lexer::lex(&text, extent, &mut report);
    let mut parser = Parser::new(&text, tokens, report);
    let start = Start::default();
    match extent {
        Extent::All | Extent::Outline => parser.file(),
        Extent::Body { .. } => parser.block("the body of the function"),
    }
    let end = parser.tokens.len() - 1;
    parser.builder.finish(start, K::File, end);
    parser.report_none_words();
    parser.report_semicolons();
    let Parser { builder, tokens, report, .. } = parser;
    (builder.build(text, tokens), report.finish())
}

/// An opening brace that is still open.
#[derive(Debug, Clone, Copy)]
struct OpenBrace {
    token: usize,
    /// Columns that its line is indented by.
    indent: usize,
}

struct Parser<'s> {
    text: &'s str,
    tokens: Vec<Token>,
    /// The current token; no white space and no comment.
    pos: usize,
    kind: SyntaxKind,
    /// Whether a line end stands in front of the current token.
    newline: bool,
    /// The first token of the line of the current one.
    line_first: usize,
    /// Columns that the line of the current token is indented by.
    indent: usize,
    /// Behind the last token that was consumed.
    end: usize,
    /// Columns that the line of the last token that was consumed is indented by.
    end_indent: usize,
    /// Whether line ends count: in blocks and outside of brackets.
    lines: bool,
    /// Whether `=>` belongs to the arm around the expression that is being read.
    arrow_ends: bool,
    /// Whether `|` ends the parameters of the closure whose types are being read.
    bar_ends: bool,
    depth: u32,
    /// How many holes of strings the current token is inside of.
    hole_depth: u32,
    builder: Builder,
    report: Report,
    /// The token of the last error.
    error_at: Option<usize>,
    too_deep: bool,
    /// Where a declaration inside a function was seen last.
    nested_at: Option<usize>,
    braces: Vec<OpenBrace>,
    /// A brace whose line is indented more than that of the brace that closed it: probably it is not its own.
    suspect: Option<(OpenBrace, usize)>,
    semicolons: Vec<usize>,
    /// `None`, `True` and `False`, which may be names of cases.
    capital_words: Vec<usize>,
}

impl<'s> Parser<'s> {
    fn new(text: &'s str, tokens: Vec<Token>, report: Report) -> Parser<'s> {
        let mut parser = Parser {
            text,
            pos: 0,
            kind: K::Eof,
            newline: true,
            line_first: 0,
            indent: 0,
            end: 0,
            end_indent: 0,
            lines: true,
            arrow_ends: false,
            bar_ends: false,
            depth: 0,
            hole_depth: 0,
            builder: Builder::with_capacity(tokens.len() * 2 / 3),
            tokens,
            report,
            error_at: None,
            too_deep: false,
            nested_at: None,
            braces: Vec::new(),
            suspect: None,
            semicolons: Vec::new(),
            capital_words: Vec::new(),
        };
        parser.settle(true);
        parser
    }

    /// Moves to the next token that counts.
    #[inline]
    fn settle(&mut self, mut newline: bool) {
        let mut kind = self.tokens[self.pos].kind;
        while kind.is_trivia() {
            if kind == K::Newline {
                newline = true;
                self.indent = indent_behind(self.text_of(self.pos));
            }
            self.pos += 1;
            kind = self.tokens[self.pos].kind;
        }
        self.kind = kind;
        self.newline = newline;
        if newline {
            self.line_first = self.pos;
        }
    }

    /// Consumes the current token; nothing at the end of the file.
    #[inline]
    fn bump(&mut self) {
        if self.kind != K::Eof {
            self.pos += 1;
            self.end = self.pos;
            self.end_indent = self.indent;
            self.settle(false);
        }
    }

    #[inline]
    fn at(&self, kind: SyntaxKind) -> bool {
        self.kind == kind
    }

    /// Whether the current token is this one on the same line as the one before, where lines count.
    #[inline]
    fn at_here(&self, kind: SyntaxKind) -> bool {
        self.kind == kind && !self.breaks()
    }

    /// Whether a line end that counts stands in front of the current token.
    #[inline]
    fn breaks(&self) -> bool {
        self.newline && self.lines
    }

    #[inline]
    fn eat(&mut self, kind: SyntaxKind) -> bool {
        let found = self.kind == kind;
        if found {
            self.bump();
        }
        found
    }

    /// Index of the token `n` places behind the current one, white space and comments not counted.
    fn index_of_nth(&self, n: usize) -> usize {
        let mut at = self.pos;
        for _ in 0..n {
            if self.tokens[at].kind == K::Eof {
                return at;
            }
            at += 1;
            while self.tokens[at].kind.is_trivia() {
                at += 1;
            }
        }
        at
    }

    fn nth(&self, n: usize) -> SyntaxKind {
        self.tokens[self.index_of_nth(n)].kind
    }

    /// The token directly behind the current one, without white space between.
    #[inline]
    fn raw_next(&self) -> SyntaxKind {
        self.tokens.get(self.pos + 1).map_or(K::Eof, |token| token.kind)
    }

    /// Whether a line end stands in front of the token `n` places behind the current one.
    fn nth_on_new_line(&self, n: usize) -> bool {
        let index = self.index_of_nth(n);
        self.tokens[self.pos..index].iter().any(|token| token.kind == K::Newline)
    }

    fn token_start(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(self.text.len(), |token| token.start as usize)
    }

    fn text_of(&self, index: usize) -> &'s str {
        let text = self.text;
        &text[self.token_start(index)..self.token_start(index + 1)]
    }

    fn current_text(&self) -> &'s str {
        self.text_of(self.pos)
    }

    /// Whether the current token is a name with this text.
    fn at_word(&self, word: &str) -> bool {
        self.kind == K::Name && self.current_text() == word
    }

    /// Columns that the line of a token is indented by. It takes no longer on long lines: for the current token and the
    /// last one it is known, and in front of the first token of a line stands its indentation.
    fn indent_of(&self, index: usize) -> usize {
        if index == self.pos {
            return self.indent;
        }
        if index + 1 == self.end {
            return self.end_indent;
        }
        let before =
            self.tokens[..index].iter().rposition(|token| !token.kind.is_trivia()).map_or(0, |at| at + 1);
        (before..index)
            .rev()
            .find(|&at| self.tokens[at].kind == K::Newline)
            .map_or(0, |at| indent_behind(self.text_of(at)))
    }

    // Nodes

    #[inline]
    fn start(&self) -> Start {
        self.builder.start(self.pos)
    }

    #[inline]
    fn finish(&mut self, start: Start, kind: SyntaxKind) {
        if !self.builder.finish(start, kind, self.end) {
            self.report_depth("this has more than 1000 operators, calls or members in a row");
        }
    }

    /// Goes one level deeper; false, and everything at this level is passed over, when that is too deep.
    fn enter(&mut self) -> bool {
        if self.depth < NESTING_MAX {
            self.depth += 1;
            return true;
        }
        self.report_depth("this is nested more than 200 deep");
        let start = self.start();
        let before = self.pos;
        self.skip_balanced(|parser, _| {
            matches!(parser.kind, K::Comma | K::RParen | K::RBracket | K::RBrace | K::HoleEnd)
                || parser.pos > before && parser.breaks()
        });
        self.finish(start, K::Error);
        self.error_at = Some(self.pos);
        false
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn report_depth(&mut self, message: &str) {
        if !self.too_deep {
            self.too_deep = true;
            let (start, end) = self.current_range();
            let span = self.report.span(start, end);
            self.report.push(
                Diagnostic::error(M0107, message)
                    .at(span, "")
                    .help("give parts of it names, or make functions of them"),
            );
        }
    }

    // Errors

    fn current_range(&self) -> (usize, usize) {
        self.range_of(self.pos)
    }

    fn range_of(&self, index: usize) -> (usize, usize) {
        let start = self.token_start(index);
        (start, self.token_start(index + 1))
    }

    /// The place behind the last token: where something is missing.
    fn gap(&self) -> (usize, usize) {
        let end = self.token_start(self.end);
        if end > 0 {
            (end - self.text[..end].chars().next_back().map_or(1, char::len_utf8), end)
        } else {
            (0, 0)
        }
    }

    /// Whether an error at the current token would be said a second time.
    fn muted(&self) -> bool {
        let bad = self.pos > 0
            && self.tokens[self.end.min(self.pos)..self.pos].iter().any(|token| token.kind == K::Bad);
        self.error_at == Some(self.pos) || bad || self.report.is_full()
    }

    /// Reports something about a range of the text, unless something has been reported at the current token.
    fn error_in(&mut self, (start, end): (usize, usize), make: impl FnOnce(&Self) -> Diagnostic) {
        if self.muted() {
            self.error_at = Some(self.pos);
            return;
        }
        self.error_at = Some(self.pos);
        self.say((start, end), make);
    }

    /// Reports something whatever has been reported before.
    fn say(&mut self, (start, end): (usize, usize), make: impl FnOnce(&Self) -> Diagnostic) {
        if self.report.is_full() {
            return;
        }
        let span = self.report.span(start, end);
        let mut diagnostic = make(self);
        match &mut diagnostic.primary {
            Some(label) => label.span = span,
            None => diagnostic = diagnostic.at(span, ""),
        }
        self.report.push(diagnostic);
    }

    /// Reports something about the current token.
    fn error(&mut self, make: impl FnOnce(&Self) -> Diagnostic) {
        self.error_in(self.current_range(), make);
    }

    /// Reports a slip at the current token without silencing what follows.
    fn slip(&mut self, make: impl FnOnce(&Self) -> Diagnostic) {
        self.say(self.current_range(), make);
    }

    /// How messages call the current token.
    fn found(&self) -> String {
        match self.kind {
            K::Eof => "the end of the file".to_owned(),
            K::Name | K::TypeName | K::Int | K::Float | K::Char | K::ForeignOp => quoted(self.current_text()),
            kind => kind.name().to_owned(),
        }
    }

    /// Consumes a token of this kind or reports that it is missing.
    fn expect(&mut self, kind: SyntaxKind, context: &str) -> bool {
        if self.eat(kind) {
            return true;
        }
        let place = if self.newline || self.at(K::Eof) { self.gap() } else { self.current_range() };
        self.error_in(place, |parser| {
            let wanted = kind.name();
            Diagnostic::error(
                M0102,
                format!("expected {wanted} {context}, found {}", parser.found_or_line_end()),
            )
        });
        false
    }

    /// The same as [`Parser::found`], but a line end where there is one.
    fn found_or_line_end(&self) -> String {
        if self.breaks() && self.kind != K::Eof { "the end of the line".into() } else { self.found() }
    }

    /// Consumes the current token as something that cannot be read.
    fn bump_error(&mut self) {
        let start = self.start();
        self.bump();
        self.finish(start, K::Error);
    }

    /// Consumes tokens up to one at which `stop` holds, brackets with everything in them. Words that only begin
    /// declarations end it too, on a line of their own.
    fn skip_balanced(&mut self, stop: impl Fn(&Self, u32) -> bool) {
        let mut open = 0u32;
        loop {
            if self.at(K::Eof) || open == 0 && stop(self, open) || self.newline && self.begins_declaration() {
                return;
            }
            match self.kind {
                K::LParen | K::LBracket | K::LBrace | K::HoleStart => open += 1,
                K::RParen | K::RBracket | K::RBrace | K::HoleEnd => {
                    if open == 0 {
                        return;
                    }
                    open -= 1;
                }
                _ => {}
            }
            self.bump();
        }
    }

    /// Passes over the rest of a statement.
    fn skip_statement(&mut self) {
        let start = self.start();
        let before = self.pos;
        // The token at which the trouble is may itself be the first of a line.
        loop {
            self.skip_balanced(|parser, _| {
                matches!(parser.kind, K::RBrace) || parser.newline && parser.pos > before
            });
            // Brackets that close nothing belong to what is passed over.
            let earlier = self.braces.last().is_some_and(|open| open.token < self.line_first);
            let stray = match self.kind {
                K::RParen | K::RBracket => self.lines,
                // The brace that it would close is on a line above, so it would stand on a line of its own.
                K::RBrace => earlier && !self.newline && self.pos > before,
                _ => false,
            };
            if !stray || self.newline && self.pos > before {
                break;
            }
            self.bump();
        }
        if self.pos > before {
            self.finish(start, K::Error);
        }
    }

    /// Whether the current token and the next begin a declaration of a function, class and so on, and nothing else.
    fn begins_declaration(&self) -> bool {
        match self.kind {
            K::ClassWord
            | K::InterfaceWord
            | K::EnumWord
            | K::ImportWord
            | K::PubWord
            | K::AbstractWord
            | K::FrozenWord
            | K::OverrideWord
            | K::StaticWord
            | K::PrivateWord => true,
            K::FnWord => !matches!(self.nth(1), K::LParen),
            K::Name => {
                self.begins_test()
                    || self.current_text() == "init" && self.nth(1) == K::LParen && self.in_class()
            }
            _ => false,
        }
    }

    fn begins_test(&self) -> bool {
        self.kind == K::Name
            && self.current_text() == "test"
            && matches!(self.nth(1), K::StrStart | K::RawStr)
            && !self.nth_on_new_line(1)
    }

    /// Whether an `init` at the start of a line would belong to a class around the current place: it is indented less
    /// than the innermost open brace asks for.
    fn in_class(&self) -> bool {
        self.braces.last().is_some_and(|open| self.indent_of(self.pos) <= open.indent)
    }

    /// Whether the current token cannot begin an expression, only a statement or declaration.
    fn begins_statement_only(&self) -> bool {
        matches!(
            self.kind,
            K::LetWord | K::VarWord | K::WhileWord | K::ForWord | K::LoopWord | K::DeferWord | K::AssertWord
        ) || self.begins_declaration()
    }

    // Brackets

    /// A list in brackets, elements separated by commas, the last of which may stand. The current token opens it.
    fn list(&mut self, close: SyntaxKind, what: &str, mut element: impl FnMut(&mut Self)) {
        let open = self.pos;
        let (lines, arrow) =
            (std::mem::replace(&mut self.lines, false), std::mem::replace(&mut self.arrow_ends, false));
        self.bump();
        while !self.at(close) {
            if self.ends_list() {
                break;
            }
            let before = self.pos;
            element(self);
            if self.eat(K::Comma) || self.at(close) {
                continue;
            }
            if self.newline || self.ends_list() {
                break;
            }
            self.error(|parser| {
                Diagnostic::error(
                    M0102,
                    format!("expected `,` or {} {what}, found {}", close.name(), parser.found()),
                )
            });
            let start = self.start();
            self.skip_balanced(|parser, _| {
                parser.at(K::Comma) || parser.at(close) || parser.newline && parser.begins_statement_only()
            });
            if self.pos > self.builder_token(start) {
                self.finish(start, K::Error);
            }
            if !self.eat(K::Comma) && self.pos == before {
                break;
            }
        }
        self.lines = lines;
        self.arrow_ends = arrow;
        self.close(open, close);
    }

    fn builder_token(&self, start: Start) -> usize {
        start.token()
    }

    /// Whether the current token ends a list that was not closed.
    fn ends_list(&self) -> bool {
        matches!(
            self.kind,
            K::Eof | K::RParen | K::RBracket | K::RBrace | K::HoleEnd | K::StrEnd | K::HoleFormat
        ) || self.newline && self.begins_statement_only()
    }

    /// Consumes the bracket that closes the one at `open`, or says that it is missing.
    fn close(&mut self, open: usize, close: SyntaxKind) {
        if self.eat(close) {
            return;
        }
        let range = self.range_of(open);
        self.error_in(range, |parser| {
            let opened = parser.tokens[open].kind.name();
            let (start, end) = parser.gap();
            let place = parser.report.span(start, end);
            let text = match parser.kind {
                K::RParen | K::RBracket | K::RBrace => {
                    format!("{} comes where {} is missing", parser.kind.name(), close.name())
                }
                _ => format!("{} is missing, at the latest here", close.name()),
            };
            Diagnostic::error(M0103, format!("{opened} has no {}", close.name()))
                .at(place, "opened here")
                .with(place, text)
        });
        // `)` for `]` and the other way round: taken for the right one.
        let wrong = matches!((close, self.kind), (K::RParen, K::RBracket) | (K::RBracket, K::RParen));
        if wrong && !self.outer_bracket(self.kind, open) {
            self.bump_error();
        }
    }

    /// Whether a bracket around `open` on the same line waits for this closing one.
    fn outer_bracket(&self, close: SyntaxKind, open: usize) -> bool {
        let wanted = if close == K::RParen { K::LParen } else { K::LBracket };
        let mut depth = 0i32;
        for token in self.tokens[..open].iter().rev().take(200) {
            match token.kind {
                K::Newline | K::LBrace => return false,
                K::RParen | K::RBracket => depth += 1,
                K::LParen | K::LBracket if depth > 0 => depth -= 1,
                kind @ (K::LParen | K::LBracket) => return kind == wanted,
                _ => {}
            }
        }
        false
    }

    /// Opens a brace; the current token is one.
    fn open_brace(&mut self) -> usize {
        let token = self.pos;
        self.braces.push(OpenBrace { token, indent: self.indent_of(token) });
        self.bump();
        token
    }

    /// Opens a brace that is missing: the lines below are indented as if it were there.
    fn imagine_brace(&mut self, indent: usize) {
        self.braces.push(OpenBrace { token: self.end.saturating_sub(1), indent });
    }

    /// Closes the brace that was opened last.
    fn close_brace(&mut self, what: &str) {
        let Some(open) = self.braces.pop() else { return };
        if self.at(K::RBrace) {
            if self.newline && self.indent_of(self.pos) < open.indent && self.suspect.is_none() {
                self.suspect = Some((open, self.pos));
            }
            self.bump();
            return;
        }
        let suspect = self.suspect.take().filter(|(suspect, _)| suspect.token > open.token);
        let place = suspect.map_or(open.token, |(suspect, _)| suspect.token);
        self.error_in(self.range_of(place), |parser| {
            let at = |index: usize| {
                let (start, end) = parser.range_of(index);
                parser.report.span(start, end)
            };
            let gap = parser.gap();
            let diagnostic = Diagnostic::error(M0103, format!("`{{` has no `}}`: {what} does not end"));
            match suspect {
                Some((open, closer)) => diagnostic
                    .at(at(open.token), "this one, by its indentation")
                    .with(at(closer), "its line is indented less, so this belongs to something further out"),
                None => diagnostic
                    .at(at(open.token), "opened here")
                    .with(parser.report.span(gap.0, gap.1), "`}` is missing, at the latest here"),
            }
        });
    }

    /// A closing bracket at a place where nothing is open.
    fn stray_close(&mut self) {
        self.error(|parser| {
            Diagnostic::error(M0104, format!("{} closes nothing", parser.found()))
                .help("remove it, or write the bracket that it belongs to")
        });
        self.bump_error();
    }

    // The end of statements

    /// The end of a statement, declaration or arm: a line end, or a bracket that closes what is around it.
    fn end_of_line(&mut self, what: &str) {
        while self.at(K::Semicolon) {
            self.semicolons.push(self.pos);
            self.bump();
            if self.newline || matches!(self.kind, K::RBrace | K::Eof) {
                return;
            }
            if !self.at(K::Semicolon) {
                // Several statements on a line, each with its `;`: the first message says enough.
                return;
            }
        }
        if self.newline || matches!(self.kind, K::RBrace | K::Eof) {
            return;
        }
        self.report_rest_of_line(what);
        self.skip_statement();
        if self.at(K::Semicolon) {
            self.bump();
        }
    }

    /// All `;` of a file are one slip.
    fn report_semicolons(&mut self) {
        let Some((&first, rest)) = self.semicolons.split_first() else { return };
        let more = rest.len();
        self.say(self.range_of(first), |_| {
            let diagnostic = Diagnostic::error(M0201, "statements end with the line, not with `;`");
            match more {
                0 => diagnostic.help("remove it"),
                more => diagnostic.help(format!("remove it, and {more} more of them")),
            }
        });
    }
}

/// Columns of blanks behind the last line end of white space.
#[inline]
fn indent_behind(space: &str) -> usize {
    space.len() - space.rfind('\n').map_or(0, |at| at + 1)
}
