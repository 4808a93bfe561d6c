//! Types, and names that declarations give.

use mvm_diag::Diagnostic;

use super::Parser;
use super::slips;
use crate::errors::{M0109, M0110, M0111, M0112, M0204, M0209, M0218, M0236};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

/// The types with small names.
const SMALL_TYPES: &[&str] = &["int", "float", "bool", "str", "bytes"];

impl Parser<'_> {
    /// A type, with `?` behind it.
    pub(super) fn ty(&mut self) {
        let start = self.start();
        if self.plain_type() {
            self.optional_marks(start);
        }
    }

    fn optional_marks(&mut self, start: Start) {
        loop {
            if self.at_here(K::LBracket) && self.nth(1) == K::RBracket {
                self.slip(|_| {
                    Diagnostic::error(
                        M0236,
                        "the type of a list has its brackets around the type of the elements",
                    )
                    .help("write `[int]` for a list of ints")
                });
                self.bump();
                self.bump();
                self.finish(start, K::ListType);
                continue;
            }
            if !self.bar_ends && self.at_here(K::Pipe) && matches!(self.nth(1), K::NoneWord | K::TypeName) {
                self.union_type();
                continue;
            }
            if !matches!(self.kind, K::Question | K::QuestionQuestion) || self.breaks() {
                return;
            }
            self.bump();
            self.finish(start, K::OptionalType);
        }
    }

    /// `T | None`, as Python writes an optional.
    fn union_type(&mut self) {
        let optional = self.nth(1) == K::NoneWord || self.text_of(self.index_of_nth(1)) == "None";
        self.slip(|_| {
            if optional {
                Diagnostic::error(M0204, "a type with `none` is written with `?`").help("write `T?`")
            } else {
                Diagnostic::error(M0112, "there are no types joined by `|`")
                    .help("an `enum` is one of several cases, each with its values")
            }
        });
        self.bump();
        self.plain_type();
    }

    /// A type without `?`; whether there is one.
    pub(super) fn plain_type(&mut self) -> bool {
        if !self.enter() {
            return true;
        }
        let start = self.start();
        let found = match self.kind {
            K::Name | K::TypeName => {
                self.named_type(start);
                true
            }
            K::LBracket => {
                self.list_type(start);
                true
            }
            K::LParen => {
                self.list(K::RParen, "in the tuple", Parser::ty);
                self.finish(start, K::TupleType);
                true
            }
            K::FnWord => {
                self.fn_type(start);
                true
            }
            K::LBrace if self.nth(2) == K::Colon => {
                self.slip(|_| {
                    Diagnostic::error(M0218, "the type of a map is written in `[ ]`")
                        .help("write `[str: int]`")
                });
                let lines = std::mem::replace(&mut self.lines, false);
                self.skip_braces();
                self.lines = lines;
                true
            }
            _ => {
                let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
                self.error_in(place, |parser| {
                    Diagnostic::error(M0112, format!("expected a type, found {}", parser.found_or_line_end()))
                });
                false
            }
        };
        self.leave();
        found
    }

    /// Passes over `{ ... }`.
    pub(super) fn skip_braces(&mut self) {
        let start = self.start();
        self.bump();
        self.skip_balanced(|_, _| false);
        self.eat(K::RBrace);
        self.finish(start, K::Error);
    }

    fn named_type(&mut self, start: Start) {
        while self.at(K::Name) && self.raw_next() == K::Dot && matches!(self.nth(2), K::Name | K::TypeName) {
            self.bump();
            self.bump();
        }
        if self.at(K::Name) && !SMALL_TYPES.contains(&self.current_text()) {
            self.small_type_name();
        }
        self.bump();
        // A case with its enum, behind `is`.
        if self.at_here(K::Dot) && self.raw_next() == K::TypeName {
            self.bump();
            self.bump();
        }
        if self.at_here(K::Lt) {
            self.type_args();
        }
        self.finish(start, K::NamedType);
    }

    /// A type with a small first letter that is none of ours.
    fn small_type_name(&mut self) {
        let name = self.current_text();
        let ours = slips::type_of(name).or_else(|| mvm_diag::suggest(name, SMALL_TYPES.iter().copied()));
        self.error(|_| match ours {
            Some("()") => Diagnostic::error(M0236, format!("there is no type {}", quoted(name)))
                .help("a function without result has no `->`; the type of nothing is `()`"),
            Some(ours) => Diagnostic::error(M0236, format!("there is no type {}", quoted(name)))
                .help(format!("write `{ours}`")),
            None => Diagnostic::error(
                M0110,
                format!("names of types begin with a capital letter, {} does not", quoted(name)),
            )
            .help(format!("write {}", quoted(&slips::capitalised(name)))),
        });
        self.error_at = None;
    }

    /// `<A, B>`; the current token is `<`.
    pub(super) fn type_args(&mut self) {
        let start = self.start();
        self.list(K::Gt, "in the type arguments", Parser::ty);
        self.finish(start, K::TypeArgs);
    }

    fn list_type(&mut self, start: Start) {
        let (open, lines) = (self.pos, std::mem::replace(&mut self.lines, false));
        self.bump();
        self.ty();
        let map = self.eat(K::Colon);
        if map {
            self.ty();
        }
        self.lines = lines;
        self.close(open, K::RBracket);
        self.finish(start, if map { K::MapType } else { K::ListType });
    }

    fn fn_type(&mut self, start: Start) {
        self.bump();
        let params = self.start();
        if self.at(K::LParen) {
            self.list(K::RParen, "in the types of the parameters", |parser| {
                // A name for the reader, as some languages have it.
                if parser.at(K::Name) && parser.nth(1) == K::Colon {
                    parser.slip(|_| {
                        Diagnostic::error(M0112, "a function type has only the types of its parameters")
                            .help("write `fn(int, str) -> bool`")
                    });
                    parser.bump();
                    parser.bump();
                }
                parser.ty();
            });
        } else {
            self.expect(K::LParen, "behind `fn`");
        }
        self.finish(params, K::FnTypeParams);
        if self.at_here(K::Arrow) {
            let result = self.start();
            self.bump();
            self.ty();
            self.finish(result, K::ResultType);
        }
        self.finish(start, K::FnType);
    }

    /// `<K: Hashable, V>` behind the name of a declaration, if it is there.
    pub(super) fn type_params(&mut self) {
        if !self.at_here(K::Lt) {
            return;
        }
        let start = self.start();
        self.list(K::Gt, "in the type parameters", |parser| {
            let param = parser.start();
            parser.type_name_def("type parameters");
            let extends = parser.at_word("extends") || parser.at_word("implements");
            if extends {
                parser.slip(|parser| {
                    let word = parser.current_text();
                    Diagnostic::error(M0209, format!("what a type can do stands behind `:`, not `{word}`"))
                        .help("write `<T: Ordered>`, or `<T: Ordered + Printable>`")
                });
                parser.bump();
            }
            if extends || parser.eat(K::Colon) {
                parser.plain_type();
                while parser.eat(K::Plus) {
                    parser.plain_type();
                }
            }
            parser.finish(param, K::TypeParam);
        });
        self.finish(start, K::TypeParams);
    }

    /// The name of a type, case or type parameter that is declared here.
    pub(super) fn type_name_def(&mut self, what: &str) {
        let start = self.start();
        match self.kind {
            K::TypeName => {}
            K::Name => {
                self.slip(|parser| {
                    let name = parser.current_text();
                    Diagnostic::error(
                        M0110,
                        format!("names of {what} begin with a capital letter, {} does not", quoted(name)),
                    )
                    .help(format!("write {}", quoted(&slips::capitalised(name))))
                });
            }
            _ => return self.missing_name(what),
        }
        self.bump();
        self.finish(start, K::NameDef);
    }

    /// The name of a function, field, parameter or variable that is declared here.
    pub(super) fn name_def(&mut self, what: &str) {
        let start = self.start();
        match self.kind {
            K::Name => {}
            K::TypeName => {
                self.slip(|parser| {
                    let name = parser.current_text();
                    Diagnostic::error(
                        M0111,
                        format!("names of {what} begin with a small letter, {} does not", quoted(name)),
                    )
                    .help(format!(
                        "write {}; capital letters are for types and cases",
                        quoted(&slips::small(name))
                    ))
                });
            }
            _ => return self.missing_name(what),
        }
        self.bump();
        self.finish(start, K::NameDef);
    }

    fn missing_name(&mut self, what: &str) {
        let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
        self.error_in(place, |parser| {
            let found = parser.found_or_line_end();
            let diagnostic = Diagnostic::error(
                M0109,
                format!("expected the name of {}, found {found}", slips::one_of(what)),
            );
            if parser.kind.is_word() && !parser.breaks() {
                diagnostic.help(format!("{found} is a word of the language and cannot be a name"))
            } else {
                diagnostic
            }
        });
        if self.kind.is_word() && !self.breaks() && !self.begins_statement_only() {
            self.bump_error();
            self.error_at = None;
        }
    }

    /// Whether the current token is the name of a built-in type, here or elsewhere.
    pub(super) fn is_small_type(&self) -> bool {
        let text = self.current_text();
        SMALL_TYPES.contains(&text) || slips::type_of(text).is_some()
    }

    /// Whether the current token can begin a type.
    pub(super) fn at_type(&self) -> bool {
        matches!(self.kind, K::Name | K::TypeName | K::LBracket | K::LParen | K::FnWord)
    }
}
