//! A place in a list of tokens, and the questions that parsers ask there.

use crate::lexer::Kind;
use crate::tokens::{NO_BRACE, Token};

/// Something is wrong and has been reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reported;

/// Result of a parser.
pub(crate) type Parse<T> = Result<T, Reported>;

/// A place in a list of tokens, which ends with [`Kind::Eof`].
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(tokens: &'t [Token], at: usize) -> Cursor<'t> {
        Cursor { tokens, at: at.min(tokens.len().saturating_sub(1)) }
    }

    /// The token here.
    #[inline]
    pub(crate) fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        self.tokens[self.at].kind
    }

    /// The token `ahead` places from here, or the last one.
    #[inline]
    pub(crate) fn ahead(&self, ahead: usize) -> Token {
        self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    /// Takes the token here; never goes past the last one.
    #[inline]
    pub(crate) fn bump(&mut self) -> Token {
        let token = self.tokens[self.at];
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    /// Takes the token if it is of this kind.
    #[inline]
    pub(crate) fn eat(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn index(&self) -> usize {
        self.at
    }

    pub(crate) fn tokens(&self) -> &'t [Token] {
        self.tokens
    }

    /// The token before this place.
    pub(crate) fn previous(&self) -> Token {
        self.tokens[self.at.saturating_sub(1)]
    }

    pub(crate) fn jump(&mut self, at: usize) {
        self.at = at.min(self.tokens.len() - 1);
    }

    /// Skips line ends.
    #[inline]
    pub(crate) fn skip_newlines(&mut self) {
        while self.kind() == Kind::Newline {
            self.bump();
        }
    }

    /// Moves to the end of the statement, over blocks in braces.
    pub(crate) fn skip_statement(&mut self) {
        loop {
            let token = self.peek();
            if token.ends_statement() {
                return;
            }
            if token.kind == Kind::LeftBrace && token.value != NO_BRACE {
                self.jump(token.value as usize);
            }
            self.bump();
        }
    }
}
