//! Declarations of a file: imports, type names, constants, tests, and the words in front of all declarations.
//!
//! Functions are in `functions.rs`, classes, interfaces and enums in `members.rs`.

use mvm_diag::Diagnostic;

use super::Parser;
use super::slips;
use crate::errors::{M0108, M0109, M0116, M0122, M0208, M0222, M0231, M0232, M0234};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

/// What a member belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    File,
    Class,
    Interface,
    Enum,
}

impl Owner {
    pub(super) const fn name(self) -> &'static str {
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
    pub(super) fn documented_start(&self) -> Start {
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

    pub(super) fn misplaced_statement(&mut self) {
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
    pub(super) fn modifiers(&mut self, owner: Owner) {
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

    pub(super) fn judge_modifier(&mut self, kind: K, seen: &[K], owner: Owner) {
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

    pub(super) fn foreign_modifier(&mut self, owner: Owner) {
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

    pub(super) fn import(&mut self, start: Start) {
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
    pub(super) fn path_part(&mut self) {
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

    pub(super) fn import_list(&mut self) {
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

    // The rest

    pub(super) fn type_alias(&mut self, start: Start) {
        self.bump();
        self.type_name_def("types");
        self.type_params();
        if self.expect(K::Eq, "behind the name of the type") {
            self.ty();
        }
        self.finish(start, K::TypeAlias);
    }

    pub(super) fn constant(&mut self, start: Start) {
        self.let_rest("constants");
        self.finish(start, K::Const);
    }

    /// `def` and the like, taken for `fn`.
    pub(super) fn foreign_fn(&mut self) {
        self.slip(|parser| {
            Diagnostic::error(M0208, format!("functions begin with `fn`, not {}", parser.found()))
                .help("write `fn`")
        });
        self.bump();
    }

    /// Declarations that begin like those of other languages. Whether one was here and has been read.
    pub(super) fn foreign_item(&mut self, start: Start) -> bool {
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
    pub(super) fn typed_item(&mut self, start: Start) -> bool {
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
    pub(super) fn pass_over_item(&mut self) {
        let start = self.start();
        self.bump();
        self.skip_statement();
        self.finish(start, K::Error);
    }
}

/// Whether a word begins functions in another language.
pub(super) fn slips_function_word(word: &str) -> bool {
    matches!(word, "def" | "function" | "func" | "fun" | "proc" | "sub" | "method")
}
