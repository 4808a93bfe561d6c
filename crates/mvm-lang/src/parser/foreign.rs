//! Operators of other languages, taken for what they mean.

use mvm_diag::Diagnostic;

use super::exprs::power;
use super::{Parser, slips};
use crate::errors::{M0114, M0226, M0229};
use crate::kinds::SyntaxKind as K;
use crate::tree::Start;

impl Parser<'_> {
    /// `<>`, and `<int>` in front of arguments, which are no comparisons. Whether one was there and has been passed over.
    pub(super) fn foreign_less(&mut self, start: Start, binds: u8) -> bool {
        if self.raw_next() == K::Gt {
            self.slip(|_| Diagnostic::error(M0229, "there is no operator `<>`").help("write `!=`"));
            self.bump();
            self.bump();
            self.expr_above(binds + 1);
            self.finish(start, K::Error);
            return true;
        }
        if !self.type_argument_ahead() {
            return false;
        }
        self.slip(|_| {
            Diagnostic::error(M0114, "functions are called without type arguments")
                .help("leave them out: they are inferred from the arguments and from what is expected")
        });
        let rest = self.start();
        self.bump();
        self.bump();
        self.bump();
        self.finish(rest, K::Error);
        true
    }

    /// Whether `<int>(` comes next.
    fn type_argument_ahead(&self) -> bool {
        self.nth(1) == K::Name
            && slips::is_type_word(self.text_of(self.index_of_nth(1)))
            && self.nth(2) == K::Gt
            && self.nth(3) == K::LParen
    }

    /// `a instanceof B`, `a->b` and `A::b`. Whether one was there and has been passed over.
    pub(super) fn foreign_access(&mut self, start: Start, least: u8) -> bool {
        match self.kind {
            K::Name if self.at_word("instanceof") && least <= power::COMPARE => {
                self.slip(|_| {
                    Diagnostic::error(M0226, "there is no `instanceof`").help("write `value is Circle`")
                });
                self.bump();
                self.plain_type();
                self.finish(start, K::IsExpr);
            }
            K::Arrow if self.raw_next() == K::Name => {
                self.slip(|_| {
                    Diagnostic::error(M0229, "members stand behind `.`, not `->`")
                        .help("write `object.member`")
                });
                self.bump();
                self.bump();
                self.finish(start, K::Error);
            }
            K::Colon if self.raw_next() == K::Colon && matches!(self.nth(2), K::Name | K::TypeName) => {
                self.slip(|_| {
                    Diagnostic::error(M0229, "members stand behind `.`, not `::`").help("write `Type.member`")
                });
                self.bump();
                self.bump();
                self.bump();
                self.finish(start, K::Error);
            }
            _ => return false,
        }
        true
    }
}
