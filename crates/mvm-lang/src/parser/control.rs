//! Expressions that decide where the program goes on: `if`, `match`, `try`, `receive`, `select`, `spawn`, `return`.

use mvm_diag::Diagnostic;

use super::Parser;
use super::exprs::power;
use super::patterns::Place;
use super::slips;
use crate::errors::{M0124, M0203, M0205, M0210, M0214, M0217, M0221, M0225, M0227, M0231};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

/// What the arms of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arms {
    Match,
    Receive,
    Select,
}

impl Parser<'_> {
    /// Operands that begin with a word; whether one is here.
    pub(super) fn control_operand(&mut self, start: Start) -> bool {
        match self.kind {
            K::IfWord => self.if_expr(start),
            K::MatchWord => {
                self.bump();
                self.expr();
                self.arms(Arms::Match);
                self.finish(start, K::MatchExpr);
            }
            K::ReceiveWord => {
                self.bump();
                self.arms(Arms::Receive);
                self.finish(start, K::ReceiveExpr);
            }
            K::SelectWord => {
                self.bump();
                self.arms(Arms::Select);
                self.finish(start, K::SelectExpr);
            }
            K::TryWord => self.try_expr(start),
            K::SpawnWord => {
                self.bump();
                if self.at_here(K::LParen) {
                    self.args();
                }
                self.expr_above(power::POSTFIX);
                self.finish(start, K::SpawnExpr);
            }
            K::ThrowWord => {
                self.bump();
                if self.breaks() {
                    self.missing_expr();
                } else {
                    self.expr();
                }
                self.finish(start, K::ThrowExpr);
            }
            K::ReturnWord => {
                self.bump();
                if !self.breaks() && self.at_expr() {
                    self.expr();
                } else if !self.breaks() && self.at_operator() {
                    self.missing_expr();
                    self.bump_error();
                    self.expr();
                }
                self.finish(start, K::ReturnExpr);
            }
            K::BreakWord | K::ContinueWord => {
                let kind = if self.at(K::BreakWord) { K::BreakExpr } else { K::ContinueExpr };
                self.bump();
                if self.at_here(K::Name) && !slips::is_foreign_word(self.current_text()) {
                    self.bump();
                }
                self.finish(start, kind);
            }
            _ => {
                self.missing_expr();
                return false;
            }
        }
        true
    }

    /// Words of other languages that begin an expression. Whether all of it has been read.
    pub(super) fn foreign_word_operand(&mut self, word: &str) -> bool {
        let next = self.nth(1);
        let on_line = !self.nth_on_new_line(1);
        match word {
            "new" if matches!(next, K::TypeName | K::Name) && on_line => {
                self.slip(|_| {
                    Diagnostic::error(M0210, "objects are made by calling their class")
                        .help("leave out `new`: `Account(\"Ann\")`")
                });
                self.bump_error();
                self.expr_above(power::POSTFIX);
                true
            }
            "lambda" if matches!(next, K::Name | K::Colon) && on_line => {
                let start = self.start();
                self.slip(|_| {
                    Diagnostic::error(M0225, "a closure has its parameters between bars")
                        .help("write `|x| x + 1`")
                });
                self.skip_balanced(|parser, _| {
                    matches!(parser.kind, K::Colon | K::Comma) && parser.nth(1) != K::Name
                        || parser.newline
                        || parser.at(K::Colon)
                });
                if self.eat(K::Colon) {
                    self.expr();
                }
                self.finish(start, K::Error);
                true
            }
            "function" | "func" | "fun" if next == K::LParen => {
                let start = self.start();
                self.fn_expr(start);
                true
            }
            "await" | "async" | "yield" | "typeof" | "sizeof" | "delete"
                if on_line && matches!(next, K::Name | K::TypeName | K::SelfWord | K::StrStart | K::Int) =>
            {
                self.slip(|_| {
                    let help = match word {
                        "await" | "async" => {
                            "a call that waits stops only its process; `spawn f(x)` starts another one"
                        }
                        "yield" => "write a class with `has_next()` and `next()`, or pass a closure",
                        "delete" => "memory is freed by itself; a map has `remove(key)`",
                        _ => "`match` and `is` ask for classes and cases",
                    };
                    Diagnostic::error(M0231, format!("there is no `{word}`")).help(help)
                });
                self.bump_error();
                self.expr_above(power::UNARY);
                true
            }
            _ => false,
        }
    }

    // if

    fn if_expr(&mut self, start: Start) {
        let mut branch = start;
        loop {
            self.bump();
            self.condition();
            self.block_of("the body of the `if`");
            self.finish(branch, K::IfBranch);
            branch = self.start();
            if matches!(self.current_text(), "elif" | "elsif" | "elseif") && self.at(K::Name) {
                self.slip(|parser| {
                    Diagnostic::error(M0203, format!("there is no {}", parser.found()))
                        .help("write `else if`")
                });
                continue;
            }
            if !self.at(K::ElseWord) {
                break;
            }
            self.bump();
            if self.at(K::IfWord) {
                continue;
            }
            self.block_of("the body of the `else`");
            self.finish(branch, K::ElseBranch);
            break;
        }
        self.finish(start, K::IfExpr);
    }

    /// What `if` and `while` ask.
    pub(super) fn condition(&mut self) {
        let start = self.start();
        if matches!(self.kind, K::LetWord | K::VarWord) {
            if self.at(K::VarWord) {
                self.slip(|_| {
                    Diagnostic::error(M0205, "a condition binds with `let`").help("write `if let x = ...`")
                });
            }
            self.bump();
            self.pattern(Place::Any);
            if self.eat(K::Eq) {
                self.expr();
            }
            self.finish(start, K::LetCondition);
            return;
        }
        self.expr();
        if self.at_here(K::Eq) {
            self.error(|_| {
                Diagnostic::error(M0205, "`=` does not compare")
                    .help("write `==`; `if let x = value` binds a name")
            });
            self.bump();
            self.expr();
            self.finish(start, K::BinaryExpr);
        }
    }

    // Arms

    fn arms(&mut self, kind: Arms) {
        let what = match kind {
            Arms::Match => "the `match`",
            Arms::Receive => "the `receive`",
            Arms::Select => "the `select`",
        };
        let start = self.start();
        let brace = self.brace_ahead(what);
        let head = self.indent_of(self.end.saturating_sub(1));
        let meant = self.newline && !self.at(K::Eof) && self.indent_of(self.pos) > head;
        if !brace && !meant {
            return;
        }
        let lines = std::mem::replace(&mut self.lines, true);
        if brace {
            self.open_brace();
        } else {
            self.imagine_brace(head);
        }
        while !matches!(self.kind, K::RBrace | K::Eof) && !self.ends_block() && !self.ends_arms() {
            let before = self.pos;
            self.arm(kind);
            if !self.eat(K::Comma) {
                self.end_of_line("the arm");
            }
            if self.pos == before {
                self.stray_or_skip();
            }
        }
        self.close_brace(what);
        self.lines = lines;
        self.finish(start, K::ArmList);
    }

    /// Whether a statement begins here that is indented like the line that the arms belong to: a `}` is missing.
    fn ends_arms(&self) -> bool {
        self.newline
            && self.begins_statement_only()
            && self.braces.last().is_some_and(|open| self.indent_of(self.pos) <= open.indent)
    }

    fn arm(&mut self, kind: Arms) {
        let start = self.start();
        let arrow = std::mem::replace(&mut self.arrow_ends, true);
        let mut node = K::Arm;
        let after = kind != Arms::Match && self.at_word("after") && self.nth(1) != K::FatArrow;
        let mut good = true;
        if after {
            node = K::AfterArm;
            self.bump();
            good = self.expr();
        } else {
            if self.at_word("case") {
                self.slip(|_| {
                    Diagnostic::error(M0214, "an arm begins with its pattern")
                        .help("write `Circle(r) => ...`, without `case`")
                });
                self.bump();
            } else if self.at_word("default") && matches!(self.nth(1), K::Colon | K::FatArrow | K::Arrow)
                || self.at(K::ElseWord)
            {
                self.slip(|_| {
                    Diagnostic::error(M0214, "the pattern that takes everything is `_`")
                        .help("write `_ => ...`")
                });
                self.bump();
                self.error_at = None;
                self.arrow_ends = arrow;
                self.arm_body(start, K::Arm);
                return;
            }
            good &= self.pattern(Place::Any);
            if kind == Arms::Select && good {
                node = K::FromArm;
                if self.at_word("from") {
                    self.bump();
                    self.expr();
                } else {
                    self.error(|parser| {
                        Diagnostic::error(M0124, format!("expected `from`, found {}", parser.found_or_line_end()))
                            .help("an arm of a `select` is `value from channel => ...` or `after 1.seconds() => ...`")
                    });
                }
            }
            if self.at_here(K::IfWord) {
                self.guard(kind);
            }
        }
        self.arrow_ends = arrow;
        if good {
            self.arm_body(start, node);
        } else {
            self.skip_statement();
            self.finish(start, node);
        }
    }

    fn guard(&mut self, kind: Arms) {
        if kind == Arms::Receive {
            self.slip(|_| {
                Diagnostic::error(M0124, "the arms of a `receive` have no conditions").help(
                    "a message that stays is not looked at; take it and write `match` or `if` inside the arm",
                )
            });
        }
        let guard = self.start();
        self.bump();
        self.expr();
        self.finish(guard, K::Guard);
    }

    fn arm_body(&mut self, start: Start, node: K) {
        if matches!(self.kind, K::Arrow | K::Colon | K::Eq) && !self.breaks() {
            self.slip(|parser| {
                Diagnostic::error(
                    M0217,
                    format!("an arm has `=>` behind its pattern, not {}", parser.found()),
                )
                .help("`->` stands only in front of the type of a result")
            });
            self.bump();
        } else if node == K::Arm && matches!(self.kind, K::Lt | K::LtEq | K::Gt | K::GtEq) && !self.breaks() {
            self.slip(|parser| {
                let found = parser.current_text();
                Diagnostic::error(M0217, "a condition of an arm stands behind `if`")
                    .help(format!("write `n if n {found} ... => ...`"))
            });
            let rest = self.start();
            self.bump();
            self.expr();
            self.finish(rest, K::Error);
            if !self.eat(K::FatArrow) {
                self.finish(start, node);
                return;
            }
        } else if !self.expect(K::FatArrow, "behind the pattern") {
            if self.at(K::LBrace) {
                self.block("the arm");
            }
            self.finish(start, node);
            return;
        }
        let arrow = std::mem::replace(&mut self.arrow_ends, false);
        let lines = std::mem::replace(&mut self.lines, true);
        self.arrow_value("the arm");
        self.lines = lines;
        self.arrow_ends = arrow;
        self.finish(start, node);
    }

    /// What stands behind `=>`: a block, an expression or an assignment.
    pub(super) fn arrow_value(&mut self, what: &str) {
        if self.at(K::LBrace) {
            self.block(what);
            return;
        }
        let start = self.start();
        if self.begins_statement_only() && !self.begins_declaration() {
            self.error(|parser| {
                Diagnostic::error(
                    M0217,
                    format!("{} is a statement, and {what} has one value", parser.found()),
                )
                .help("put it into braces: `=> { ... }`")
            });
            self.error_at = None;
            self.statement();
            return;
        }
        self.expr();
        self.assignment(start);
    }

    // try

    fn try_expr(&mut self, start: Start) {
        self.bump();
        if self.at(K::LBrace) || self.breaks() || !self.at_expr() {
            self.block_of("the body of the `try`");
        } else {
            self.slip(|_| {
                Diagnostic::error(M0227, "`try` is followed by a block")
                    .help("write `try { f() } catch e { ... }`; a call may throw without any mark")
            });
            self.expr();
        }
        loop {
            let catch = self.start();
            let word = self.current_text();
            if self.at(K::Name) && matches!(word, "except" | "rescue") {
                self.slip(|_| {
                    Diagnostic::error(M0227, format!("there is no `{word}`"))
                        .help("write `catch e: SomeError { ... }`")
                });
                self.bump();
                self.catch_head();
            } else if self.at_word("finally") || self.at_word("ensure") {
                self.slip(|_| {
                    Diagnostic::error(M0221, format!("there is no `{word}`")).help(
                        "`defer file.close()` behind the line that opens it runs however its block is left",
                    )
                });
                self.bump();
                self.block_of("the block");
                self.finish(catch, K::Error);
                continue;
            } else if self.eat(K::CatchWord) {
                self.catch_head();
            } else {
                break;
            }
            self.block_of("the body of the `catch`");
            self.finish(catch, K::CatchClause);
        }
        self.finish(start, K::TryExpr);
    }

    fn catch_head(&mut self) {
        if self.at(K::LBrace) || self.at(K::Colon) && self.nth_on_new_line(1) {
            self.error(|_| {
                Diagnostic::error(M0227, "`catch` gives the error a name")
                    .help("write `catch e { ... }` or `catch _ { ... }`")
            });
            self.error_at = None;
        } else if self.at(K::LParen) {
            self.slip(|_| {
                Diagnostic::error(M0227, "`catch` has no parentheses")
                    .help("write `catch e: SomeError { ... }`")
            });
            self.bump();
            if self.at(K::TypeName) && self.nth(1) != K::LParen {
                self.class_and_name();
            } else {
                self.pattern(Place::Any);
            }
            if !self.at(K::RParen) {
                let rest = self.start();
                self.skip_balanced(|_, _| false);
                self.finish(rest, K::Error);
            }
            self.eat(K::RParen);
        } else if self.at(K::TypeName) && self.nth(1) != K::LParen {
            self.slip(|parser| {
                let class = parser.current_text();
                Diagnostic::error(M0227, format!("the error that is caught has no name: {}", quoted(class)))
                    .help(format!("write `catch e: {class} {{ ... }}`"))
            });
            self.class_and_name();
        } else if self.at(K::Name) && self.nth(1) == K::AsWord {
            let name = self.start();
            self.name_def("variables");
            self.finish(name, K::NamePattern);
            self.slip(|_| {
                Diagnostic::error(M0227, "the class of the error stands behind `:`, not `as`")
                    .help("write `catch e: SomeError { ... }`")
            });
            let rest = self.start();
            self.bump();
            self.plain_type();
            self.finish(rest, K::Error);
        } else {
            self.pattern(Place::Any);
        }
    }

    /// `SomeError e` and `SomeError as e`, which names the error in the wrong place.
    fn class_and_name(&mut self) {
        let rest = self.start();
        self.plain_type();
        self.eat(K::AsWord);
        self.finish(rest, K::Error);
        if self.at(K::Name) {
            self.pattern(Place::Any);
        }
    }
}
