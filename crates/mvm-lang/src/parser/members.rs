//! Classes, interfaces and enums, and what they consist of.

use mvm_diag::Diagnostic;

use super::Parser;
use super::items::{Owner, slips_function_word};
use super::slips;
use crate::errors::{M0109, M0115, M0120, M0121, M0125, M0209, M0213, M0222, M0231, M0239};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

impl Parser<'_> {
    pub(super) fn supers(&mut self) {
        let start = self.start();
        if matches!(self.current_text(), "extends" | "implements" | "with") && self.at_here(K::Name)
            || self.at_here(K::LParen)
        {
            self.slip(|parser| {
                let found = parser.found();
                Diagnostic::error(M0209, format!("what a class is based on stands behind `:`, not {found}"))
                    .help("write `class B: A, Printable`: first the base class, if any, then interfaces")
            });
            let parens = self.at(K::LParen);
            self.bump();
            if parens && !self.at(K::RParen) {
                self.plain_type();
                while self.eat(K::Comma) {
                    self.plain_type();
                }
            }
            if parens {
                self.skip_balanced(|_, _| false);
                self.eat(K::RParen);
                self.finish(start, K::Supers);
                return;
            }
        } else if !self.at_here(K::Colon) {
            return;
        } else {
            self.bump();
        }
        if self.at(K::LBrace) || self.breaks() && !self.at_type() {
            self.error(|parser| {
                Diagnostic::error(
                    M0109,
                    format!(
                        "expected the name of a class or interface behind `:`, found {}",
                        parser.found_or_line_end()
                    ),
                )
            });
        } else {
            self.plain_type();
        }
        loop {
            if self.at(K::Comma) {
                self.bump();
            } else if self.at_word("implements") {
                self.slip(|_| {
                    Diagnostic::error(M0209, "interfaces stand behind the base class, after a `,`")
                        .help("write `class B: A, Printable`")
                });
                self.bump();
            } else {
                break;
            }
            if self.at(K::LBrace) {
                break;
            }
            self.plain_type();
        }
        self.finish(start, K::Supers);
    }

    pub(super) fn class(&mut self, start: Start) {
        self.bump();
        self.type_name_def("classes");
        self.type_params();
        self.supers();
        self.members("the class", Owner::Class, Parser::class_member);
        self.finish(start, K::Class);
    }

    pub(super) fn interface(&mut self, start: Start) {
        self.bump();
        self.type_name_def("interfaces");
        self.type_params();
        self.supers();
        self.members("the interface", Owner::Interface, |parser| parser.member(Owner::Interface));
        self.finish(start, K::Interface);
    }

    pub(super) fn enumeration(&mut self, start: Start) {
        self.bump();
        if self.at(K::ClassWord) {
            self.slip(|_| {
                Diagnostic::error(M0231, "there is no `enum class`")
                    .help("write `enum`; cases are used by their name: `Red`")
            });
            self.bump_error();
        }
        self.type_name_def("enums");
        self.type_params();
        self.supers();
        self.members("the enum", Owner::Enum, Parser::enum_member);
        self.finish(start, K::Enum);
    }

    pub(super) fn members(&mut self, what: &str, owner: Owner, mut member: impl FnMut(&mut Self)) {
        // Without a brace the list begins where its first member does.
        let start = self.documented_start();
        if !self.at(K::LBrace) {
            let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
            self.error_in(place, |parser| {
                Diagnostic::error(
                    M0120,
                    format!("expected `{{` of {what}, found {}", parser.found_or_line_end()),
                )
                .help("what has no members ends with `{ }`")
            });
            self.skip_to_brace();
        }
        let head = self.indent_of(self.end.saturating_sub(1));
        if self.at(K::LBrace) {
            self.brace_ahead(what);
        } else if !self.newline || self.at(K::Eof) || self.indent_of(self.pos) <= head {
            return;
        }
        if !self.enter() {
            return;
        }
        let lines = std::mem::replace(&mut self.lines, true);
        if self.at(K::LBrace) {
            self.open_brace();
        } else {
            self.imagine_brace(head);
        }
        while !matches!(self.kind, K::RBrace | K::Eof) && !self.ends_members() {
            let before = self.pos;
            member(self);
            if owner != Owner::Enum || !self.eat(K::Comma) {
                self.end_of_line("the member");
            }
            if self.pos == before {
                self.stray_or_skip();
            }
        }
        self.close_brace(what);
        self.lines = lines;
        self.finish(start, K::MemberList);
        self.leave();
    }

    /// Passes over the rest of a head, to a `{` on its line.
    pub(super) fn skip_to_brace(&mut self) {
        if self.breaks() {
            return;
        }
        let start = self.start();
        let before = self.pos;
        self.skip_balanced(|parser, _| parser.at(K::LBrace) || parser.newline);
        if self.pos > before {
            self.finish(start, K::Error);
        }
    }

    /// Whether a declaration of the file begins here, so that a brace is missing above.
    pub(super) fn ends_members(&self) -> bool {
        let file_only = matches!(
            self.kind,
            K::ClassWord | K::InterfaceWord | K::EnumWord | K::ImportWord | K::PubWord | K::FrozenWord
        ) || self.begins_test()
            || self.at_word("type") && self.nth(1) == K::TypeName
            || self.at(K::FnWord) && self.indent_of(self.pos) == 0 && self.nested_deeper();
        self.newline
            && file_only
            && self.braces.last().is_some_and(|open| self.indent_of(self.pos) <= open.indent)
    }

    /// Whether the first member of the innermost brace is indented more than its head, or on its line: then indentation
    /// is meant.
    pub(super) fn nested_deeper(&self) -> bool {
        let Some(open) = self.braces.last() else { return false };
        let mut first = open.token + 1;
        let mut newline = false;
        while self.tokens[first].kind.is_trivia() {
            newline |= self.tokens[first].kind == K::Newline;
            first += 1;
        }
        first < self.pos && (!newline || self.indent_of(first) > open.indent)
    }

    pub(super) fn class_member(&mut self) {
        self.member(Owner::Class);
    }

    /// A member of a class or interface, or a method of an enum.
    pub(super) fn member(&mut self, owner: Owner) {
        let start = self.documented_start();
        self.modifiers(owner);
        match self.kind {
            K::FnWord if self.text_of(self.index_of_nth(1)) == "init" && owner == Owner::Class => {
                self.slip(|_| {
                    Diagnostic::error(M0121, "`init` has no `fn` in front of it")
                        .help("write `init(...) { ... }`")
                });
                self.bump();
                self.init(start);
            }
            K::FnWord => self.function(start, owner),
            K::LetWord | K::VarWord => {
                let is_static =
                    (self.builder_token(start)..self.pos).any(|at| self.tokens[at].kind == K::StaticWord);
                let help = match owner {
                    Owner::Interface => "ask for a method: `fn name() -> str`",
                    _ => {
                        "what a case holds stands in its parentheses: `Circle(radius: float)`; constants are `static let`"
                    }
                };
                if owner == Owner::Interface || owner == Owner::Enum && !is_static {
                    self.slip(|_| {
                        Diagnostic::error(M0125, format!("{} has no fields", owner.name())).help(help)
                    });
                }
                self.let_rest("fields");
                self.finish(start, K::Field);
            }
            K::Name if self.nth(1) == K::LParen && self.is_init_word() => {
                if !self.at_word("init") {
                    self.foreign_init();
                }
                self.init(start);
            }
            K::TypeName if self.nth(1) == K::LParen && owner == Owner::Class => {
                self.foreign_init();
                self.init(start);
            }
            _ => self.foreign_member(start, owner),
        }
    }

    /// What stands where a member belongs and is none.
    pub(super) fn foreign_member(&mut self, start: Start, owner: Owner) {
        match self.kind {
            K::ClassWord | K::InterfaceWord | K::EnumWord | K::ImportWord => {
                self.slip(|parser| {
                    Diagnostic::error(M0121, format!("{} stands outside of {}", parser.found(), owner.name()))
                        .help("every class is a declaration of its file; or is a `}` missing above?")
                });
                self.item();
            }
            K::Name if slips_function_word(self.current_text()) && (matches!(self.nth(1), K::Name)) => {
                self.foreign_fn();
                self.function_rest(start, owner);
            }
            K::Name if self.nth(1) == K::Colon => {
                self.slip(|parser| {
                    let name = parser.current_text();
                    Diagnostic::error(
                        M0121,
                        format!("the field {} has neither `let` nor `var`", quoted(name)),
                    )
                    .help(format!("write `let {name}: ...`, or `var` if it is assigned again"))
                });
                let pattern = self.start();
                self.name_def("fields");
                self.finish(pattern, K::NamePattern);
                self.bump();
                self.ty();
                if self.eat(K::Eq) {
                    self.expr();
                }
                self.finish(start, K::Field);
            }
            K::Name if self.nth(1) == K::LParen && (self.nth(2) == K::RParen || self.nth(3) == K::Colon) => {
                self.slip(|parser| {
                    Diagnostic::error(
                        M0121,
                        format!("the method {} has no `fn`", quoted(parser.current_text())),
                    )
                    .help("write `fn` in front of its name")
                });
                self.function_rest(start, owner);
            }
            K::Name | K::TypeName if matches!(self.nth(1), K::Name) && !self.nth_on_new_line(1) => {
                self.typed_member(start, owner);
            }
            K::RParen | K::RBracket | K::HoleEnd => self.stray_close(),
            K::Semicolon => {}
            _ => {
                self.error(|parser| {
                    let found = parser.found();
                    Diagnostic::error(
                        M0121,
                        format!("{} consists of declarations, and {found} begins none", owner.name()),
                    )
                    .help(match owner {
                        Owner::Enum => "an enum has cases, then methods",
                        Owner::Interface => "an interface has methods: `fn name() -> str`",
                        Owner::File | Owner::Class => {
                            "a class has fields (`let`, `var`), `init` and methods (`fn`)"
                        }
                    })
                });
                self.skip_statement();
            }
        }
    }

    pub(super) fn is_init_word(&self) -> bool {
        matches!(self.current_text(), "init" | "constructor" | "initialize" | "__init__" | "__construct")
    }

    pub(super) fn foreign_init(&mut self) {
        self.slip(|parser| {
            Diagnostic::error(M0239, format!("what makes an object is called `init`, not {}", parser.found()))
                .help("write `init(...) { ... }`; a class without one takes its fields as arguments")
        });
    }

    pub(super) fn init(&mut self, start: Start) {
        self.bump();
        self.params(Owner::Class);
        if self.at_here(K::Arrow) || self.at_here(K::Colon) {
            self.slip(|_| Diagnostic::error(M0213, "`init` has no result").help("leave out its type"));
            self.bump();
            self.ty();
        }
        self.block_of("the body of `init`");
        self.finish(start, K::Init);
    }

    /// `int x` or `int area() { }` among members.
    pub(super) fn typed_member(&mut self, start: Start, owner: Owner) {
        self.slip(|parser| {
            let (ty, name) = (parser.current_text(), parser.text_of(parser.index_of_nth(1)));
            let method = parser.nth(2) == K::LParen;
            let ours = slips::type_of(ty).unwrap_or(ty);
            let diagnostic = Diagnostic::error(M0222, "the type comes behind the name");
            match (method, ours) {
                (true, "()") => diagnostic.help(format!("write `fn {name}(...)`")),
                (true, ours) => diagnostic.help(format!("write `fn {name}(...) -> {ours}`")),
                (false, ours) => diagnostic.help(format!("write `let {name}: {ours}`")),
            }
        });
        self.bump_error();
        if self.nth(1) == K::LParen {
            self.function_rest(start, owner);
            return;
        }
        let pattern = self.start();
        self.name_def("fields");
        self.finish(pattern, K::NamePattern);
        if self.eat(K::Eq) {
            self.expr();
        }
        self.finish(start, K::Field);
    }

    pub(super) fn enum_member(&mut self) {
        let start = self.documented_start();
        if self.at_word("case") && matches!(self.nth(1), K::TypeName | K::Name) {
            self.slip(|_| {
                Diagnostic::error(M0121, "a case of an enum is only its name").help("leave out `case`")
            });
            self.bump_error();
        }
        let case = self.at(K::TypeName)
            || self.at(K::Name) && matches!(self.nth(1), K::Comma | K::RBrace | K::LParen | K::Eq)
            || self.at(K::Name) && self.nth_on_new_line(1);
        if !case {
            self.member(Owner::Enum);
            return;
        }
        self.type_name_def("cases");
        if self.at_here(K::LParen) {
            let params = self.start();
            if self.nth(1) == K::RParen {
                self.slip(|_| {
                    Diagnostic::error(M0121, "a case that holds nothing has no parentheses")
                        .help("leave out `()`")
                });
            }
            self.list(K::RParen, "in the case", Parser::case_field);
            self.finish(params, K::Params);
        } else if self.at_here(K::Eq) {
            self.error(|_| {
                Diagnostic::error(M0121, "a case has no number")
                    .help("a method of the enum can give one: `fn code() -> int => match self { ... }`")
            });
            let rest = self.start();
            self.bump();
            self.expr();
            self.finish(rest, K::Error);
        } else if self.at_here(K::LBrace) {
            self.error(|_| {
                Diagnostic::error(M0121, "the values of a case stand in parentheses")
                    .help("write `Circle(radius: float)`")
            });
            self.skip_braces();
        }
        self.finish(start, K::EnumCase);
    }

    pub(super) fn case_field(&mut self) {
        if matches!(self.kind, K::Name | K::TypeName | K::LBracket | K::LParen)
            && self.nth(1) != K::Colon
            && self.nth(1) != K::Name
        {
            let start = self.start();
            self.slip(|parser| {
                let ty = parser.current_text();
                Diagnostic::error(M0115, "a value of a case has a name").help(format!("write `name: {ty}`"))
            });
            self.ty();
            self.finish(start, K::Param);
            return;
        }
        self.param(Owner::Enum);
    }
}
