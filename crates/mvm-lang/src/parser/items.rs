//! Declarations: imports, functions, classes, interfaces, enums, type names, constants, tests.

use mvm_diag::Diagnostic;

use super::Parser;
use super::slips;
use crate::errors::{
    M0102, M0108, M0109, M0115, M0116, M0120, M0121, M0122, M0125, M0207, M0208, M0209, M0213, M0217, M0222,
    M0231, M0232, M0234, M0239,
};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

/// What a member belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    File,
    Class,
    Interface,
    Enum,
}

impl Owner {
    const fn name(self) -> &'static str {
        match self {
            Owner::File => "a file",
            Owner::Class => "a class",
            Owner::Interface => "an interface",
            Owner::Enum => "an enum",
        }
    }
}

impl Parser<'_> {
    pub(super) fn file(&mut self) {
        while !self.at(K::Eof) {
            let before = self.pos;
            self.item();
            self.end_of_line("the declaration");
            if self.pos == before {
                self.stray_or_skip();
            }
        }
    }

    /// Where the declaration at the current token begins: at the comments for documentation in front of it.
    fn documented_start(&self) -> Start {
        let docs = (self.end..self.pos).find(|&index| self.tokens[index].kind == K::DocComment);
        self.builder.start(docs.unwrap_or(self.pos))
    }

    /// A declaration of a file.
    pub(super) fn item(&mut self) {
        let start = self.documented_start();
        self.modifiers(Owner::File);
        let kind = self.kind;
        match kind {
            K::ImportWord => self.import(start),
            K::FnWord => self.function(start, Owner::File),
            K::ClassWord => self.class(start),
            K::InterfaceWord => self.interface(start),
            K::EnumWord => self.enumeration(start),
            K::LetWord => self.constant(start),
            K::VarWord => {
                self.slip(|_| {
                    Diagnostic::error(M0234, "a file has no variables").help(
                        "`let` makes a constant; what changes belongs to a function, an object or a process",
                    )
                });
                self.constant(start);
            }
            K::Name if self.at_word("type") && matches!(self.nth(1), K::TypeName | K::Name) => {
                self.type_alias(start)
            }
            K::Name if self.begins_test() => {
                self.bump();
                self.string();
                self.block_of("the body of the test");
                self.finish(start, K::Test);
            }
            K::RParen | K::RBracket | K::RBrace | K::HoleEnd => self.stray_close(),
            K::Semicolon => {}
            K::Name | K::TypeName if self.foreign_item(start) => {}
            _ if self.at_expr() || self.begins_statement_only() || self.builder_token(start) != self.pos => {
                self.misplaced_statement();
            }
            _ => {
                self.error(|parser| {
                    Diagnostic::error(M0108, format!("expected a declaration, found {}", parser.found()))
                });
                self.skip_statement();
            }
        }
    }

    fn misplaced_statement(&mut self) {
        let first = self.kind;
        self.error(|parser| {
            let found = parser.found();
            Diagnostic::error(M0108, format!("a file consists of declarations, and {found} begins none"))
                .help("statements stand in functions; a program begins with `fn main() { ... }`")
        });
        self.error_at = None;
        let quiet = self.pos;
        let start = self.start();
        if matches!(first, K::ElseWord | K::CatchWord) {
            self.skip_statement();
        } else {
            self.statement();
        }
        if self.pos > quiet {
            self.finish(start, K::Error);
        }
    }

    /// `pub`, `private`, ... in front of a declaration.
    fn modifiers(&mut self, owner: Owner) {
        let start = self.start();
        let mut seen: Vec<K> = Vec::new();
        loop {
            match self.kind {
                kind @ (K::PubWord
                | K::PrivateWord
                | K::StaticWord
                | K::OverrideWord
                | K::AbstractWord
                | K::FrozenWord) => {
                    self.judge_modifier(kind, &seen, owner);
                    seen.push(kind);
                    self.bump();
                }
                K::Name
                    if matches!(
                        self.current_text(),
                        "public"
                            | "protected"
                            | "internal"
                            | "final"
                            | "export"
                            | "open"
                            | "async"
                            | "readonly"
                    ) && (self.nth(1).is_word() || matches!(self.nth(1), K::Name | K::TypeName))
                        && !self.nth_on_new_line(1) =>
                {
                    self.foreign_modifier(owner);
                }
                _ => break,
            }
        }
        if !seen.is_empty() || self.pos > self.builder_token(start) {
            self.finish(start, K::Modifiers);
        }
    }

    fn judge_modifier(&mut self, kind: K, seen: &[K], owner: Owner) {
        let help = match (kind, owner) {
            _ if seen.contains(&kind) => "once is enough",
            (K::PubWord, Owner::Class | Owner::Interface | Owner::Enum) => {
                "members are seen wherever their class is; `private` ones in their file only"
            }
            (K::PrivateWord, Owner::File) => "what has no `pub` is seen in its file only",
            (K::StaticWord | K::OverrideWord, Owner::File) => "it is for members of classes",
            (K::FrozenWord, Owner::Class | Owner::Interface | Owner::Enum) => "it is for classes",
            (K::OverrideWord | K::AbstractWord | K::PrivateWord, Owner::Interface) => {
                "what an interface has may have a body or not, and is for everybody"
            }
            (K::AbstractWord, Owner::Enum) => "methods of enums have bodies",
            _ => return,
        };
        self.slip(|parser| {
            Diagnostic::error(M0116, format!("{} has no place here", parser.found())).help(help)
        });
    }

    fn foreign_modifier(&mut self, owner: Owner) {
        self.slip(|parser| {
            let help = match (parser.current_text(), owner) {
                ("public" | "export" | "open", Owner::File) => {
                    "`pub` makes a declaration seen by other files"
                }
                ("public" | "open", _) => {
                    "members are seen wherever their class is, and methods can be overridden"
                }
                ("final" | "readonly", _) => {
                    "`let` makes a field that is bound once; classes can be extended"
                }
                ("async", _) => "a call that waits stops only its process; `spawn f(x)` starts another one",
                _ => "there are `pub` for declarations of a file and `private` for members",
            };
            Diagnostic::error(M0231, format!("there is no {}", parser.found())).help(help)
        });
        self.bump_error();
    }

    // Imports

    fn import(&mut self, start: Start) {
        self.bump();
        let path = self.start();
        if self.at(K::StrStart) || self.at(K::LBrace) {
            self.error(|_| {
                Diagnostic::error(M0122, "`import` is followed by the name of a module")
                    .help("write `import std.json` or `import geometry.shapes.{Circle, area}`")
            });
            self.skip_statement();
            self.finish(start, K::Import);
            return;
        }
        let mut names = false;
        self.path_part();
        while self.at_here(K::Dot) {
            self.bump();
            if self.at(K::LBrace) {
                names = true;
                break;
            }
            if self.at(K::Star) {
                self.error(|_| {
                    Diagnostic::error(M0122, "all names of a module cannot be imported at once").help(
                        "write `import std.json` and `json.parse`, or name them: `import std.json.{parse}`",
                    )
                });
                self.bump_error();
                break;
            }
            self.path_part();
        }
        self.finish(path, K::ModulePath);
        if names {
            let list = self.start();
            self.import_list();
            self.finish(list, K::ImportList);
        }
        if self.at_here(K::AsWord) || self.at_here(K::LBrace) {
            self.error(|parser| {
                let diagnostic = Diagnostic::error(M0122, format!("{} cannot stand here", parser.found()));
                if parser.at(K::AsWord) {
                    diagnostic.help("a module keeps its name; names in braces can have others: `import shapes.{area as surface}`")
                } else {
                    diagnostic.help("a `.` stands in front of the braces: `import geometry.shapes.{Circle}`")
                }
            });
            self.skip_statement();
        }
        self.finish(start, K::Import);
    }

    /// A part of the path of a module. Modules are called like files, and words of the language are among them.
    fn path_part(&mut self) {
        if matches!(self.kind, K::Name) || self.kind.is_word() && !self.newline {
            self.bump();
            return;
        }
        if self.at(K::TypeName) && !self.breaks() {
            self.slip(|parser| {
                let name = parser.current_text();
                Diagnostic::error(
                    M0122,
                    format!("names of modules begin with a small letter, {} does not", quoted(name)),
                )
                .help(format!("a name in a module is imported in braces: `import shapes.{{{name}}}`"))
            });
            self.bump();
            return;
        }
        let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
        self.error_in(place, |parser| {
            Diagnostic::error(
                M0122,
                format!("expected the name of a module, found {}", parser.found_or_line_end()),
            )
        });
    }

    fn import_list(&mut self) {
        self.list(K::RBrace, "in the names", |parser| {
            let name = parser.start();
            if matches!(parser.kind, K::Name | K::TypeName) {
                parser.bump();
            } else {
                parser.error(|parser| {
                    Diagnostic::error(
                        M0122,
                        format!("expected a name to import, found {}", parser.found_or_line_end()),
                    )
                });
            }
            if parser.eat(K::AsWord) {
                if matches!(parser.kind, K::Name | K::TypeName) {
                    parser.bump();
                } else {
                    parser.error(|parser| {
                        Diagnostic::error(
                            M0109,
                            format!(
                                "expected the new name behind `as`, found {}",
                                parser.found_or_line_end()
                            ),
                        )
                    });
                }
            }
            parser.finish(name, K::ImportName);
        });
    }

    // Functions

    fn function(&mut self, start: Start, owner: Owner) {
        self.bump();
        self.function_rest(start, owner);
    }

    /// A function from its name on.
    fn function_rest(&mut self, start: Start, owner: Owner) {
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
    fn operator_name(&mut self) -> bool {
        match self.kind {
            K::Plus
            | K::Minus
            | K::Star
            | K::Slash
            | K::Percent
            | K::PlusPercent
            | K::MinusPercent
            | K::StarPercent
            | K::Shl
            | K::Amp
            | K::Caret
            | K::Pipe
            | K::Tilde
            | K::EqEq
            | K::Spaceship => self.bump(),
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

    fn params(&mut self, owner: Owner) {
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

    fn param(&mut self, owner: Owner) {
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
    fn result_type(&mut self) -> bool {
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

    fn function_body(&mut self, owner: Owner) {
        match self.kind {
            K::LBrace => self.block_of("the body of the function"),
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

    // Classes

    fn supers(&mut self) {
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

    fn class(&mut self, start: Start) {
        self.bump();
        self.type_name_def("classes");
        self.type_params();
        self.supers();
        self.members("the class", Owner::Class, Parser::class_member);
        self.finish(start, K::Class);
    }

    fn interface(&mut self, start: Start) {
        self.bump();
        self.type_name_def("interfaces");
        self.type_params();
        self.supers();
        self.members("the interface", Owner::Interface, |parser| parser.member(Owner::Interface));
        self.finish(start, K::Interface);
    }

    fn enumeration(&mut self, start: Start) {
        self.bump();
        self.eat(K::ClassWord);
        self.type_name_def("enums");
        self.type_params();
        self.supers();
        self.members("the enum", Owner::Enum, Parser::enum_member);
        self.finish(start, K::Enum);
    }

    fn members(&mut self, what: &str, owner: Owner, mut member: impl FnMut(&mut Self)) {
        let start = self.start();
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
    fn skip_to_brace(&mut self) {
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
    fn ends_members(&self) -> bool {
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
    fn nested_deeper(&self) -> bool {
        let Some(open) = self.braces.last() else { return false };
        let mut first = open.token + 1;
        let mut newline = false;
        while self.tokens[first].kind.is_trivia() {
            newline |= self.tokens[first].kind == K::Newline;
            first += 1;
        }
        first < self.pos && (!newline || self.indent_of(first) > open.indent)
    }

    fn class_member(&mut self) {
        self.member(Owner::Class);
    }

    fn member(&mut self, owner: Owner) {
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
                if owner == Owner::Interface {
                    self.slip(|_| {
                        Diagnostic::error(M0125, "an interface has no fields")
                            .help("ask for a method: `fn name() -> str`")
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

    fn is_init_word(&self) -> bool {
        matches!(self.current_text(), "init" | "constructor" | "initialize" | "__init__" | "__construct")
    }

    fn foreign_init(&mut self) {
        self.slip(|parser| {
            Diagnostic::error(M0239, format!("what makes an object is called `init`, not {}", parser.found()))
                .help("write `init(...) { ... }`; a class without one takes its fields as arguments")
        });
    }

    fn init(&mut self, start: Start) {
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
    fn typed_member(&mut self, start: Start, owner: Owner) {
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

    // Enums

    fn enum_member(&mut self) {
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

    fn case_field(&mut self) {
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

    // The rest

    fn type_alias(&mut self, start: Start) {
        self.bump();
        self.type_name_def("types");
        self.type_params();
        if self.expect(K::Eq, "behind the name of the type") {
            self.ty();
        }
        self.finish(start, K::TypeAlias);
    }

    fn constant(&mut self, start: Start) {
        self.let_rest("constants");
        self.finish(start, K::Const);
    }

    /// `def` and the like, taken for `fn`.
    fn foreign_fn(&mut self) {
        self.slip(|parser| {
            Diagnostic::error(M0208, format!("functions begin with `fn`, not {}", parser.found()))
                .help("write `fn`")
        });
        self.bump();
    }

    /// Declarations that begin like those of other languages. Whether one was here and has been read.
    fn foreign_item(&mut self, start: Start) -> bool {
        let text = self.current_text();
        let next = self.nth(1);
        if self.nth_on_new_line(1) {
            return false;
        }
        match text {
            text if slips_function_word(text) && matches!(next, K::Name | K::TypeName) => {
                self.foreign_fn();
                self.function_rest(start, Owner::File);
            }
            "struct" | "record" | "object" | "data" if matches!(next, K::TypeName | K::ClassWord) => {
                self.slip(|_| {
                    Diagnostic::error(M0231, format!("there is no `{text}`"))
                        .help("write `class`; a `frozen class` never changes")
                });
                if next == K::ClassWord {
                    self.bump();
                }
                self.class(start);
            }
            "trait" | "protocol" if next == K::TypeName => {
                self.slip(|_| {
                    Diagnostic::error(M0231, format!("there is no `{text}`")).help("write `interface`")
                });
                self.interface(start);
            }
            "typedef" | "alias" | "using" if matches!(next, K::TypeName) => {
                self.slip(|_| {
                    Diagnostic::error(M0231, format!("there is no `{text}`"))
                        .help("write `type Board = [[int]]`")
                });
                self.type_alias(start);
            }
            "impl" | "extension" | "extend" | "namespace" | "module" | "package" | "macro"
                if matches!(next, K::Name | K::TypeName | K::Lt | K::LBrace) =>
            {
                self.slip(|_| {
                    let help = match text {
                        "impl" | "extension" | "extend" => "methods stand in the braces of their class",
                        "macro" => "write a function",
                        _ => "a file is a module, and named after it",
                    };
                    Diagnostic::error(M0231, format!("there is no `{text}`")).help(help)
                });
                self.pass_over_item();
            }
            "from" | "use" | "using" | "require" | "include"
                if matches!(next, K::Name | K::TypeName | K::StrStart) =>
            {
                self.slip(|_| {
                    Diagnostic::error(M0232, "what other files declare is asked for with `import`")
                        .help("write `import std.json` or `import geometry.shapes.{Circle, area}`")
                });
                self.pass_over_item();
            }
            "const" | "val" | "final" if matches!(next, K::Name | K::TypeName) => {
                self.slip(|_| {
                    Diagnostic::error(M0222, format!("there is no `{text}`"))
                        .help("`let` outside of functions makes a constant")
                });
                self.constant(start);
            }
            _ => return self.typed_item(start),
        }
        true
    }

    /// `int main() { }`: whether it is here.
    fn typed_item(&mut self, start: Start) -> bool {
        if self.nth(1) != K::Name || self.nth(2) != K::LParen {
            return false;
        }
        self.slip(|parser| {
            let (ty, name) = (parser.current_text(), parser.text_of(parser.index_of_nth(1)));
            let diagnostic = Diagnostic::error(
                M0208,
                "a function begins with `fn`, and the type of its result comes last",
            );
            match slips::type_of(ty).unwrap_or(ty) {
                "()" => diagnostic.help(format!("write `fn {name}(...)`")),
                ty => diagnostic.help(format!("write `fn {name}(...) -> {ty}`")),
            }
        });
        self.bump_error();
        self.function_rest(start, Owner::File);
        true
    }

    /// Passes over a declaration of another language, with its braces.
    fn pass_over_item(&mut self) {
        let start = self.start();
        self.bump();
        self.skip_statement();
        self.finish(start, K::Error);
    }
}

/// Whether a word begins functions in another language.
fn slips_function_word(word: &str) -> bool {
    matches!(word, "def" | "function" | "func" | "fun" | "proc" | "sub" | "method")
}
