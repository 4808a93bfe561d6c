//! Patterns.

use mvm_diag::Diagnostic;

use super::Parser;
use crate::errors::{M0113, M0204};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

/// What a pattern may be, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In an arm, `catch` or `if let`: everything.
    Any,
    /// Behind `let` or `for`, or between the bars of a closure: no alternatives, and `:` begins the type of the name.
    Binding,
}

impl Parser<'_> {
    /// A pattern; whether there is one.
    pub(super) fn pattern(&mut self, place: Place) -> bool {
        let start = self.start();
        if !self.single_pattern(place) {
            return false;
        }
        if place == Place::Any && self.at_here(K::Pipe) {
            while self.at_here(K::Pipe) {
                self.bump();
                if !self.single_pattern(place) {
                    break;
                }
            }
            self.finish(start, K::OrPattern);
        }
        true
    }

    fn single_pattern(&mut self, place: Place) -> bool {
        if !self.enter() {
            return true;
        }
        let start = self.start();
        let found = self.pattern_here(place, start);
        self.leave();
        found
    }

    fn pattern_here(&mut self, place: Place, start: Start) -> bool {
        match self.kind {
            K::Name if self.raw_next() == K::Dot => self.case_pattern(place, start),
            K::Name => {
                let name = self.current_text();
                if name == "_" {
                    self.bump();
                    self.finish(start, K::WildcardPattern);
                    return true;
                }
                if matches!(name, "null" | "nil") && place == Place::Any {
                    self.slip(|parser| {
                        Diagnostic::error(M0204, format!("there is no {}", parser.found()))
                            .help("write `none`, the value of an optional that has none")
                    });
                }
                self.name_def("variables");
                if place == Place::Any && self.at_here(K::Colon) {
                    self.bump();
                    self.plain_type();
                }
                self.finish(start, K::NamePattern);
            }
            // A case without values takes not everything, so a name is meant.
            K::TypeName if place == Place::Binding && !matches!(self.nth(1), K::LParen | K::Dot) => {
                self.name_def("variables");
                self.finish(start, K::NamePattern);
            }
            K::TypeName => self.case_pattern(place, start),
            K::LParen => {
                self.list(K::RParen, "in the pattern", |parser| {
                    parser.pattern(place);
                });
                self.finish(start, K::TuplePattern);
            }
            K::Int | K::Float | K::Char | K::Minus => {
                self.number_pattern();
                if matches!(self.kind, K::DotDot | K::DotDotEq) && !self.breaks() {
                    self.bump();
                    self.number_pattern();
                    self.finish(start, K::RangePattern);
                }
            }
            K::StrStart | K::RawStr => {
                self.string();
                self.finish(start, K::LiteralPattern);
            }
            K::TrueWord | K::FalseWord | K::NoneWord => {
                self.bump();
                self.finish(start, K::LiteralPattern);
            }
            _ => {
                self.error(|parser| {
                    let found = parser.found();
                    let diagnostic = Diagnostic::error(M0113, format!("expected a pattern, found {found}"));
                    match parser.kind {
                        K::LBracket => {
                            diagnostic.help("there are no patterns for lists; ask for `len()` and elements")
                        }
                        K::ElseWord => diagnostic.help("`_` takes everything that is left: `_ => ...`"),
                        K::IsWord => diagnostic.help("write `name: Class` for a class, `Case` for a case"),
                        _ => diagnostic,
                    }
                });
                return false;
            }
        }
        true
    }

    fn number_pattern(&mut self) {
        let start = self.start();
        self.eat(K::Minus);
        if matches!(self.kind, K::Int | K::Float | K::Char) {
            self.bump();
        } else {
            self.error(|parser| {
                Diagnostic::error(M0113, format!("expected a number, found {}", parser.found_or_line_end()))
                    .help("ranges in patterns have two ends: `1..10`, `1..=9`")
            });
        }
        self.finish(start, K::LiteralPattern);
    }

    /// `Case`, `Shape.Circle(r)`, `shapes.Circle`.
    fn case_pattern(&mut self, place: Place, start: Start) {
        self.note_capital_word();
        self.bump();
        while self.at_here(K::Dot) {
            self.bump();
            if !matches!(self.kind, K::Name | K::TypeName) {
                self.error(|parser| {
                    Diagnostic::error(
                        M0113,
                        format!("expected the name of a case, found {}", parser.found_or_line_end()),
                    )
                });
                break;
            }
            self.bump();
        }
        if self.at_here(K::LParen) {
            let args = self.start();
            self.list(K::RParen, "in the pattern", |parser| {
                // `Circle(radius: r)`
                if parser.at(K::Name) && parser.nth(1) == K::Colon && parser.nth(2) != K::TypeName {
                    parser.slip(|parser| {
                        let name = parser.current_text();
                        Diagnostic::error(
                            M0113,
                            format!(
                                "patterns take the values of a case in their order, without {}",
                                quoted(name)
                            ),
                        )
                        .help(format!("leave out `{name}:`; `_` stands for a value that is not used"))
                    });
                    parser.bump_error();
                    parser.bump_error();
                }
                parser.pattern(place);
            });
            self.finish(args, K::PatternArgs);
        }
        self.finish(start, K::CasePattern);
    }
}
