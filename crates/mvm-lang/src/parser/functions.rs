//! Functions and methods: their names, parameters, results and bodies.

use mvm_diag::Diagnostic;

use super::Parser;
use super::items::Owner;
use super::slips;
use crate::errors::{M0102, M0109, M0115, M0207, M0213, M0217, M0222, M0231};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

impl Parser<'_> {
    pub(super) fn function(&mut self, start: Start, owner: Owner) {
        self.bump();
        self.function_rest(start, owner);
    }

    /// A function from its name on.
    pub(super) fn function_rest(&mut self, start: Start, owner: Owner) {
        let name = self.start();
        if owner != Owner::File && self.operator_name() {
            self.finish(name, K::OperatorName);
        } else if owner != Owner::File && self.kind.is_word() && matches!(self.nth(1), K::LParen | K::Lt) {
            // Behind a point every word is a name.
            self.bump();
            self.finish(name, K::NameDef);
        } else {
            self.name_def("functions");
        }
        self.type_params();
        self.params(owner);
        if self.at_word("receives") {
            let receives = self.start();
            self.bump();
            self.ty();
            self.finish(receives, K::Receives);
        }
        if self.result_type() {
            self.finish(start, K::Function);
            return;
        }
        if self.at_word("receives") {
            self.slip(|_| {
                Diagnostic::error(M0102, "`receives` stands in front of the type of the result")
                    .help("write `fn f(x: int) receives Msg -> int`")
            });
            let receives = self.start();
            self.bump();
            self.ty();
            self.finish(receives, K::Receives);
        }
        if matches!(self.current_text(), "throws" | "raises" | "where") && self.at_here(K::Name) {
            self.slip(|parser| {
                let help = match parser.current_text() {
                    "where" => "bounds stand with the parameter: `<T: Hashable>`",
                    _ => "a function may throw every error; nothing is declared",
                };
                Diagnostic::error(M0231, format!("there is no {}", parser.found())).help(help)
            });
            let rest = self.start();
            self.skip_balanced(|parser, _| parser.at(K::LBrace) || parser.newline || parser.at(K::FatArrow));
            self.finish(rest, K::Error);
        }
        self.function_body(owner);
        self.finish(start, K::Function);
    }

    /// The symbol of an operator method, if one is here.
    pub(super) fn operator_name(&mut self) -> bool {
        match self.kind {
            kind if kind.is_operator() => self.bump(),
            K::Gt => {
                while self.at(K::Gt) {
                    self.bump();
                }
            }
            K::LBracket if self.raw_next() == K::RBracket => {
                self.bump();
                self.bump();
                if self.at(K::Eq) {
                    self.bump();
                }
            }
            K::NotEq | K::Lt | K::LtEq | K::GtEq => {
                self.slip(|parser| {
                    let (found, from) = (parser.found(), if parser.at(K::NotEq) { "`==`" } else { "`<=>`" });
                    Diagnostic::error(M0109, format!("{found} is not defined by itself"))
                        .help(format!("it follows from {from}"))
                });
                self.bump();
            }
            _ => return false,
        }
        true
    }

    pub(super) fn params(&mut self, owner: Owner) {
        let start = self.start();
        if !self.at(K::LParen) {
            let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
            self.error_in(place, |parser| {
                Diagnostic::error(
                    M0102,
                    format!("expected `(` of the parameters, found {}", parser.found_or_line_end()),
                )
                .help("a function without parameters has `()`; what has none is a field")
            });
            return;
        }
        self.list(K::RParen, "in the parameters", |parser| parser.param(owner));
        self.finish(start, K::Params);
    }

    pub(super) fn param(&mut self, owner: Owner) {
        let start = self.start();
        if self.at(K::SelfWord)
            || self.at(K::Amp) && self.nth(1) == K::SelfWord
            || self.at_word("this") && self.nth(1) != K::Colon
        {
            self.slip(|_| {
                let diagnostic = Diagnostic::error(M0207, "`self` is no parameter");
                if owner == Owner::File {
                    diagnostic.help("methods stand in their class and have `self` without saying so")
                } else {
                    diagnostic.help("leave it out: every method has `self`; `static fn` has none")
                }
            });
            self.eat(K::Amp);
            self.bump();
            if self.eat(K::Colon) {
                self.ty();
            }
            self.finish(start, K::Error);
            return;
        }
        if matches!(self.kind, K::LetWord | K::VarWord)
            || matches!(self.current_text(), "val" | "mut" | "const" | "final")
                && matches!(self.nth(1), K::Name | K::TypeName)
        {
            self.slip(|parser| {
                Diagnostic::error(M0115, format!("a parameter has no {} in front of it", parser.found()))
                    .help("parameters are bound once; `var copy = x` makes a variable of one")
            });
            self.bump_error();
        }
        if matches!(self.kind, K::Star | K::DotDot) {
            self.slip(|_| {
                Diagnostic::error(M0231, "a function has a fixed number of parameters")
                    .help("take a list: `items: [int]`")
            });
            self.bump_error();
            self.eat(K::Star);
            self.eat(K::Dot);
        }
        // `int x`
        if matches!(self.kind, K::Name | K::TypeName) && self.nth(1) == K::Name {
            self.slip(|parser| {
                let (ty, name) = (parser.current_text(), parser.text_of(parser.index_of_nth(1)));
                if slips::is_type_word(name) {
                    let name = slips::type_of(name).unwrap_or(name);
                    return Diagnostic::error(
                        M0115,
                        format!("a `:` stands between {} and its type", quoted(ty)),
                    )
                    .help(format!("write `{ty}: {name}`"));
                }
                let ty = slips::type_of(ty).unwrap_or(ty);
                Diagnostic::error(M0222, "the type comes behind the name")
                    .help(format!("write `{name}: {ty}`"))
            });
            self.bump_error();
            self.name_def("parameters");
            self.finish(start, K::Param);
            return;
        }
        self.name_def("parameters");
        if self.eat(K::Colon) {
            self.ty();
        } else if !self.muted() {
            let place = self.gap();
            self.say(place, |parser| {
                let name = parser.text_of(parser.end.saturating_sub(1));
                Diagnostic::error(M0115, format!("the parameter {} has no type", quoted(name))).help(format!(
                    "write `{name}: int`, or the type that it has; only closures find out theirs"
                ))
            });
        }
        if self.eat(K::Eq) {
            self.expr();
        }
        self.finish(start, K::Param);
    }

    /// The type of the result. Whether what stood there was the whole rest of the function.
    pub(super) fn result_type(&mut self) -> bool {
        let start = self.start();
        if self.at_here(K::Colon) && !self.nth_on_new_line(1) {
            self.slip(|parser| {
                let diagnostic = Diagnostic::error(M0213, "the type of the result stands behind `->`");
                match parser.text_of(parser.index_of_nth(1)) {
                    "void" | "None" | "unit" => diagnostic.help("a function without result names no type"),
                    ty => diagnostic.help(format!("write `-> {}`", slips::type_of(ty).unwrap_or(ty))),
                }
            });
            self.bump();
            if self.at_word("void") || self.text_of(self.pos) == "None" {
                self.bump_error();
                return false;
            }
        } else if self.at_here(K::FatArrow)
            && matches!(self.nth(2), K::LBrace)
            && (self.nth(1) == K::TypeName || slips::is_type_word(self.text_of(self.index_of_nth(1))))
        {
            self.slip(|_| {
                Diagnostic::error(
                    M0217,
                    "`=>` stands in front of a value, `->` in front of the type of a result",
                )
                .help("write `->`")
            });
            self.bump();
        } else if self.at_here(K::Arrow) {
            self.bump();
            if self.at_word("void")
                || self.at_word("unit")
                || self.text_of(self.pos) == "None"
                || self.at(K::NoneWord)
            {
                self.slip(|_| {
                    Diagnostic::error(M0213, "a function without result names no type")
                        .help("leave out `->` and what follows it")
                });
                self.bump_error();
                return false;
            }
            let value = self.at(K::Name)
                && !self.is_small_type()
                && !matches!(self.nth(1), K::LBrace | K::FatArrow | K::Dot | K::Colon | K::Lt | K::Question)
                && !self.nth_on_new_line(1);
            if value || !self.at_type() && self.at_expr() && !self.at(K::LBrace) {
                self.slip(|_| {
                    Diagnostic::error(
                        M0217,
                        "`->` stands in front of the type of a result, `=>` in front of a value",
                    )
                    .help("write `=>`")
                });
                self.expr();
                self.finish(start, K::ArrowBody);
                return true;
            }
        } else {
            return false;
        }
        self.ty();
        self.finish(start, K::ResultType);
        if !self.breaks() && self.at_operator() {
            self.error(|_| {
                Diagnostic::error(
                    M0217,
                    "`->` stands in front of the type of a result, `=>` in front of a value",
                )
                .help("write `=>` if a value is meant")
            });
            self.skip_statement();
            return true;
        }
        false
    }

    pub(super) fn function_body(&mut self, owner: Owner) {
        match self.kind {
            K::LBrace | K::Body => self.block_of("the body of the function"),
            K::FatArrow if !self.breaks() => {
                let start = self.start();
                self.bump();
                if self.at(K::LBrace) {
                    self.say(self.range_of(self.end - 1), |_| {
                        Diagnostic::error(M0217, "a body in braces has no `=>` in front of it")
                            .help("leave out `=>`; a result is given with `return`")
                    });
                    self.block("the body of the function");
                    return;
                }
                self.arrow_value("a function behind `=>`");
                self.finish(start, K::ArrowBody);
            }
            K::FatArrow => {
                self.slip(|_| {
                    Diagnostic::error(M0217, "`=>` stands on a line of its own")
                        .help("write it at the end of the line above")
                });
                let start = self.start();
                self.bump();
                self.arrow_value("a function behind `=>`");
                self.finish(start, K::ArrowBody);
            }
            K::Eq if !self.breaks() => {
                self.slip(|_| {
                    Diagnostic::error(M0217, "the value of a function stands behind `=>`")
                        .help("write `=>` in place of `=`")
                });
                let start = self.start();
                self.bump();
                self.arrow_value("a function behind `=>`");
                self.finish(start, K::ArrowBody);
            }
            // Methods may be left to others; the compiler says which may not.
            // Where the line below is indented more, a body without `{` is meant.
            _ if owner != Owner::File
                && (self.breaks()
                    && self.indent_of(self.pos) <= self.indent_of(self.end.saturating_sub(1))
                    || matches!(self.kind, K::RBrace | K::Eof | K::Semicolon)) => {}
            _ => self.block_of("the body of the function"),
        }
    }
}
