//! Blocks and statements.

use mvm_diag::Diagnostic;

use super::Parser;
use super::patterns::Place;
use super::slips;
use crate::errors::{
    M0105, M0106, M0118, M0119, M0120, M0123, M0211, M0214, M0215, M0216, M0218, M0222, M0228, M0229, M0233,
};
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

impl Parser<'_> {
    /// Whether `{` comes next, also on the line below, which is reported. If not, that is reported too.
    pub(super) fn brace_ahead(&mut self, what: &str) -> bool {
        if self.at(K::LBrace) {
            if self.breaks() {
                self.slip(|_| {
                    Diagnostic::error(M0106, "`{` stands on a line of its own")
                        .help("write it at the end of the line above: a line end would end the statement")
                });
            }
            return true;
        }
        let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
        self.error_in(place, |parser| {
            Diagnostic::error(M0120, format!("expected `{{` of {what}, found {}", parser.found_or_line_end()))
        });
        false
    }

    /// The block of a statement. Bodies without braces are reported and read.
    pub(super) fn block_of(&mut self, what: &str) {
        if self.at(K::LBrace) {
            if self.breaks() {
                self.brace_ahead(what);
            }
            self.block(what);
            return;
        }
        let start = self.start();
        if self.eat(K::Body) {
            self.finish(start, K::Block);
            return;
        }
        let head = self.indent_of(self.end.saturating_sub(1));
        let word = self.kind == K::Name && matches!(self.current_text(), "then" | "do" | "begin");
        let marked = self.at_here(K::Colon) || self.at_here(K::FatArrow) || word && !self.breaks();
        let indented = self.newline && self.indent_of(self.pos) > head;
        if !(marked || indented || !self.breaks() && (self.at_expr() || self.begins_statement_only()))
            || self.muted()
        {
            self.brace_ahead(what);
            return;
        }
        let place = if marked { self.current_range() } else { self.gap() };
        self.error_in(place, |parser| {
            let diagnostic = Diagnostic::error(M0216, format!("{what} has no braces"));
            match parser.kind {
                K::Colon => {
                    diagnostic.help("write `{` in place of `:`, and `}` behind the last line of the body")
                }
                _ => diagnostic.help("bodies stand in braces, also those of one statement"),
            }
        });
        self.error_at = None;
        if marked {
            self.bump();
        }
        if !self.breaks() {
            if self.enter() {
                self.statement();
                self.leave();
            }
            // Only `{` was forgotten.
            let own = self.braces.last().is_none_or(|open| open.token < self.line_first);
            if own && self.at(K::RBrace) && !self.newline {
                self.bump();
            }
        } else if self.enter() {
            while self.newline && self.indent_of(self.pos) > head && !matches!(self.kind, K::Eof | K::RBrace)
            {
                let before = self.pos;
                self.statement();
                self.end_of_line("the statement");
                if self.pos == before {
                    self.stray_or_skip();
                }
            }
            self.leave();
            // Only `{` was forgotten.
            let outer = self.braces.last().is_none_or(|open| open.indent < head);
            if outer && self.at(K::RBrace) && self.newline && self.indent_of(self.pos) == head {
                self.bump();
            }
        }
        self.finish(start, K::Block);
    }

    /// `{ ... }`; the current token is `{`.
    pub(super) fn block(&mut self, what: &str) {
        if !self.enter() {
            return;
        }
        // Without a brace the block begins where its first declaration does.
        let start = if self.at(K::LBrace) { self.start() } else { self.documented_start() };
        let lines = std::mem::replace(&mut self.lines, true);
        let arrow = std::mem::replace(&mut self.arrow_ends, false);
        self.open_brace();
        while !matches!(self.kind, K::RBrace | K::Eof) && !self.ends_block() {
            let before = self.pos;
            self.statement();
            self.end_of_line("the statement");
            if self.pos == before {
                self.stray_or_skip();
            }
        }
        self.close_brace(what);
        self.lines = lines;
        self.arrow_ends = arrow;
        self.finish(start, K::Block);
        self.leave();
    }

    /// Whether a declaration begins here that is not inside the innermost brace, by its indentation.
    pub(super) fn ends_block(&self) -> bool {
        self.newline
            && self.begins_declaration()
            && self.braces.last().is_some_and(|open| self.indent_of(self.pos) <= open.indent)
            && !self.one_line_brace()
    }

    /// Whether the innermost brace has its first token on its own line; then indentation says nothing.
    fn one_line_brace(&self) -> bool {
        self.braces.last().is_some_and(|open| {
            open.indent == 0 && self.indent_of(self.pos) == 0 && self.braces.len() > 1 && {
                // Text without any indentation.
                self.braces[self.braces.len() - 2].indent == 0 && self.kind == K::FnWord
            }
        })
    }

    /// Something that nothing could read: passes over it, so that the parser goes on.
    pub(super) fn stray_or_skip(&mut self) {
        if matches!(self.kind, K::RParen | K::RBracket | K::RBrace | K::HoleEnd) {
            self.stray_close();
        } else {
            self.error(|parser| {
                Diagnostic::error(M0105, format!("{} can begin no statement", parser.found()))
            });
            self.bump_error();
        }
    }

    /// A statement, without its line end.
    pub(super) fn statement(&mut self) {
        let start = self.start();
        let kind = self.kind;
        match kind {
            K::LetWord | K::VarWord => self.let_stmt(start),
            K::WhileWord => self.while_stmt(start),
            K::LoopWord => {
                self.bump();
                self.block_of("the body of the `loop`");
                self.finish(start, K::LoopStmt);
            }
            K::ForWord => self.for_stmt(start),
            K::DeferWord => {
                self.bump();
                if self.at(K::LBrace) {
                    self.block("the `defer`");
                } else {
                    let value = self.start();
                    self.expr();
                    self.assignment(value);
                }
                self.finish(start, K::DeferStmt);
            }
            K::AssertWord => {
                self.bump();
                self.condition();
                if self.eat(K::Comma) {
                    self.expr();
                }
                self.finish(start, K::AssertStmt);
            }
            K::LBrace => {
                self.slip(|_| {
                    Diagnostic::error(M0218, "a block stands only behind `if`, `for`, `|x|` and the like")
                        .help("leave out the braces; `if true { ... }` has names of its own")
                });
                self.block("the block");
            }
            K::Semicolon => {}
            K::RParen | K::RBracket | K::HoleEnd => self.stray_close(),
            K::Plus
            | K::Star
            | K::Slash
            | K::Percent
            | K::EqEq
            | K::NotEq
            | K::Lt
            | K::LtEq
            | K::Gt
            | K::GtEq
            | K::Amp
            | K::Caret
            | K::AmpAmp
            | K::IsWord
            | K::InWord
            | K::AsWord
            | K::DotDot
            | K::Shl => self.operator_in_front(),
            K::ElseWord | K::CatchWord => self.branch_alone(),
            _ if self.begins_declaration() => self.nested_declaration(),
            K::Name if self.nth(1) == K::Colon => self.name_and_colon(start),
            K::Name | K::TypeName if self.foreign_statement(start) => {}
            _ => self.expr_stmt(start),
        }
    }

    /// An operator at the start of a line.
    fn operator_in_front(&mut self) {
        self.error(|parser| {
            Diagnostic::error(M0118, format!("a line cannot begin with {}", parser.found()))
                .help("the line above has ended; write the operator at its end, or all of it in `( )`")
        });
        self.skip_statement();
    }

    /// `else` or `catch` behind nothing that it could belong to.
    fn branch_alone(&mut self) {
        self.error(|parser| {
            let (word, owner) = if parser.at(K::ElseWord) { ("else", "if") } else { ("catch", "try") };
            Diagnostic::error(M0105, format!("`{word}` has no `{owner}` in front of it"))
        });
        self.error_at = None;
        self.bump_error();
        if self.at(K::IfWord) {
            self.statement();
        } else {
            if !self.at(K::LBrace) && self.at_expr() {
                self.pattern(Place::Any);
            }
            self.block_of("the body");
        }
    }

    fn expr_stmt(&mut self, start: Start) {
        if !self.expr() {
            if !matches!(self.kind, K::RBrace | K::RParen | K::RBracket | K::HoleEnd) {
                self.skip_statement();
            }
            return;
        }
        if !self.assignment(start) {
            self.finish(start, K::ExprStmt);
        }
    }

    /// `= value` and the like behind the expression that began at `start`; whether it is there.
    pub(super) fn assignment(&mut self, start: Start) -> bool {
        let tokens = match self.kind {
            _ if self.breaks() => 0,
            kind if kind.is_assignment() => 1,
            K::Gt => match (self.raw_next(), self.tokens.get(self.pos + 2).map(|t| t.kind)) {
                (K::GtEq, _) => 2,
                (K::Gt, Some(K::GtEq)) => 3,
                _ => 0,
            },
            K::PlusPercent | K::MinusPercent | K::StarPercent if self.raw_next() == K::Eq => 2,
            _ => 0,
        };
        if tokens == 0 {
            return false;
        }
        let target = self.builder.last_kind(start);
        let good = matches!(
            target,
            Some(K::NameExpr | K::FieldExpr | K::IndexExpr | K::TupleExpr | K::SelfExpr | K::Error)
        );
        if !good {
            self.slip(|parser| {
                let diagnostic = Diagnostic::error(
                    M0119,
                    format!("nothing can be assigned in front of {}", parser.found()),
                );
                match target {
                    Some(K::Closure) => diagnostic.help(
                        "an assignment is a statement; in a closure it stands in braces: `|x| { a = x }`",
                    ),
                    Some(K::LetCondition | K::BinaryExpr) => diagnostic.help("`==` compares"),
                    _ => diagnostic
                        .help("variables, fields `a.b`, elements `a[i]` and tuples of them can be assigned"),
                }
            });
        }
        for _ in 0..tokens {
            self.bump();
        }
        self.expr();
        if self.at_here(K::Eq) {
            self.error(|_| {
                Diagnostic::error(M0119, "an assignment is a statement and has no value")
                    .help("write one assignment a line")
            });
            self.bump();
            self.expr();
        }
        self.finish(start, K::AssignStmt);
        true
    }

    pub(super) fn let_stmt(&mut self, start: Start) {
        self.let_rest("variables");
        self.finish(start, K::LetStmt);
    }

    /// `let pattern: T = e` from its first word on.
    pub(super) fn let_rest(&mut self, what: &str) {
        let var = self.at(K::VarWord);
        self.bump();
        if self.at_word("mut") && matches!(self.nth(1), K::Name) && !self.breaks() {
            self.slip(|_| {
                Diagnostic::error(M0222, "there is no `mut`")
                    .help("`var` makes a name that can be assigned again")
            });
            self.bump_error();
        }
        if matches!(self.kind, K::LParen)
            || self.at(K::TypeName) && matches!(self.raw_next(), K::LParen | K::Dot)
        {
            self.pattern(Place::Binding);
        } else {
            let pattern = self.start();
            if self.at_word("_") {
                self.bump();
                self.finish(pattern, K::WildcardPattern);
            } else {
                self.name_def(what);
                self.finish(pattern, K::NamePattern);
            }
        }
        if self.at_here(K::Comma) && matches!(self.nth(1), K::Name) {
            self.error(|_| {
                Diagnostic::error(M0123, "several names are bound in parentheses")
                    .help("write `let (a, b) = pair`")
            });
            let rest = self.start();
            while self.eat(K::Comma) {
                self.eat(K::Name);
            }
            self.finish(rest, K::Error);
            self.error_at = None;
        }
        let typed = self.at_here(K::Colon);
        if typed {
            self.bump();
            self.ty();
        }
        if self.at_here(K::Eq) {
            self.bump();
            self.expr();
        } else if self.at_here(K::ForeignOp) && self.current_text() == ":=" {
            self.slip(|_| Diagnostic::error(M0229, "there is no operator `:=`").help("write `=`"));
            self.bump();
            self.expr();
        } else if !typed && (self.breaks() || matches!(self.kind, K::RBrace | K::Eof | K::Semicolon)) {
            let place = self.gap();
            self.error_in(place, |_| {
                let word = if var { "var" } else { "let" };
                Diagnostic::error(M0123, format!("this `{word}` has neither a type nor a value"))
                    .help(format!("write `{word} x = value`, or `{word} x: int` and assign later"))
            });
        }
    }

    fn while_stmt(&mut self, start: Start) {
        self.bump();
        self.condition();
        self.block_of("the body of the `while`");
        self.finish(start, K::WhileStmt);
    }

    fn for_stmt(&mut self, start: Start) {
        self.bump();
        if self.at(K::LBrace) {
            self.slip(|_| {
                Diagnostic::error(M0228, "`for` walks through the elements of something")
                    .help("write `loop { ... }` for a loop without end")
            });
        } else if self.at(K::Name) && self.text_of(self.index_of_nth(1)) == ":=" {
            self.slip(|_| {
                Diagnostic::error(M0228, "`for` walks through the elements of something")
                    .help("write `for i in 0..n { ... }`; other loops are `while` and `loop`")
            });
            let rest = self.start();
            while !matches!(self.kind, K::LBrace | K::Eof) && !self.breaks() {
                self.bump();
            }
            self.finish(rest, K::Error);
        } else if self.at(K::LParen) && self.c_loop() {
            self.slip(|_| {
                Diagnostic::error(M0228, "`for` walks through the elements of something")
                    .help("write `for i in 0..n { ... }`; other loops are `while` and `loop`")
            });
            let rest = self.start();
            self.bump();
            self.skip_balanced(|_, _| false);
            self.eat(K::RParen);
            self.finish(rest, K::Error);
        } else {
            self.for_head();
        }
        self.block_of("the body of the `for`");
        self.finish(start, K::ForStmt);
    }

    /// `x in xs`
    fn for_head(&mut self) {
        let parens = self.at(K::LParen) && self.nth(2) == K::InWord
            || self.at(K::LParen) && matches!(self.nth(1), K::LetWord | K::VarWord);
        if parens {
            self.slip(|_| {
                Diagnostic::error(M0228, "`for` has no parentheses around its head")
                    .help("write `for x in xs { ... }`")
            });
            self.bump();
        }
        if matches!(self.kind, K::LetWord | K::VarWord) {
            if !parens {
                self.slip(|_| {
                    Diagnostic::error(M0228, "`for` makes its variable itself")
                        .help("write `for x in xs { ... }`")
                });
            }
            self.bump();
        }
        self.pattern(Place::Binding);
        if self.at(K::Comma) {
            self.error(|_| {
                Diagnostic::error(M0228, "several names are taken apart in parentheses")
                    .help("write `for (key, value) in map { ... }`, `for (i, x) in xs.enumerate() { ... }`")
            });
            self.error_at = None;
            while self.eat(K::Comma) {
                self.pattern(Place::Binding);
            }
        }
        if self.at_word("of") || self.at(K::Colon) || self.at(K::Eq) {
            self.slip(|parser| {
                Diagnostic::error(
                    M0228,
                    format!("`for` has `in` behind its variable, not {}", parser.found()),
                )
                .help("write `for x in xs { ... }`, `for i in 0..n { ... }`")
            });
            self.bump();
            self.expr();
        } else if self.expect(K::InWord, "behind the variable of the `for`") {
            self.expr();
        }
        if self.at_word("step") || self.at_word("by") {
            self.slip(|parser| {
                Diagnostic::error(
                    M0228,
                    format!("there is no `{}` in the head of a `for`", parser.current_text()),
                )
                .help("write `for i in (0..n).step(2) { ... }`")
            });
            let rest = self.start();
            self.bump();
            self.expr();
            self.finish(rest, K::Error);
        }
        if parens {
            self.eat(K::RParen);
        }
    }

    /// Whether the head of a loop in parentheses has a `;`.
    fn c_loop(&self) -> bool {
        let mut at = self.pos;
        while !matches!(self.tokens[at].kind, K::Newline | K::LBrace | K::Eof) {
            if self.tokens[at].kind == K::Semicolon {
                return true;
            }
            at += 1;
        }
        false
    }

    /// `outer: for ...`, or the slip `x: int = 5`.
    fn name_and_colon(&mut self, start: Start) {
        if matches!(self.nth(2), K::ForWord | K::WhileWord | K::LoopWord) {
            self.bump();
            self.bump();
            self.finish(start, K::Label);
            match self.kind {
                K::ForWord => self.for_stmt(start),
                K::WhileWord => self.while_stmt(start),
                _ => {
                    self.bump();
                    self.block_of("the body of the `loop`");
                    self.finish(start, K::LoopStmt);
                }
            }
            return;
        }
        let text = self.current_text();
        if matches!(text, "default" | "finally" | "do" | "begin") {
            self.expr_stmt(start);
            return;
        }
        self.error(|_| {
            Diagnostic::error(M0222, format!("the declaration of {} has no `let`", quoted(text)))
                .help(format!("write `let {text}: ...`, or `var` for a name that is assigned again"))
        });
        self.error_at = None;
        let pattern = self.start();
        self.name_def("variables");
        self.finish(pattern, K::NamePattern);
        self.bump();
        self.ty();
        if self.at_here(K::Eq) {
            self.bump();
            self.expr();
        }
        self.finish(start, K::LetStmt);
    }

    /// A declaration where a statement belongs.
    fn nested_declaration(&mut self) {
        if self.nested_at.replace(self.pos) == Some(self.pos) {
            // It only looks like one.
            return self.bump_error();
        }
        self.slip(|parser| {
            let diagnostic = Diagnostic::error(
                M0233,
                format!(
                    "{} begins a declaration, and declarations stand outside of functions",
                    parser.found()
                ),
            );
            if parser.at(K::FnWord) {
                diagnostic.help("inside a function write `let name = |x| { ... }`")
            } else {
                diagnostic.help("move it out of the function; or is a `}` missing above?")
            }
        });
        self.item();
    }

    // Slips

    /// Statements that begin like those of other languages. Whether one was here and has been read.
    fn foreign_statement(&mut self, start: Start) -> bool {
        let next = self.nth(1);
        if self.nth_on_new_line(1) && !slips::is_foreign_word(self.current_text()) {
            return false;
        }
        let text = self.current_text();
        let declares = matches!(next, K::Name | K::LBracket | K::TypeName | K::LParen);
        match text {
            "const" | "val" | "final" | "auto" if declares => {
                self.slip(|_| {
                    Diagnostic::error(M0222, format!("there is no `{text}`"))
                        .help("`let` makes a name that is bound once, `var` one that can be assigned again")
                });
                self.let_stmt(start);
                return true;
            }
            "switch" if matches!(next, K::LParen | K::Name | K::SelfWord) => {
                self.slip(|_| {
                    Diagnostic::error(M0214, "there is no `switch`")
                        .help("write `match value { pattern => ... }`; `_` takes everything that is left")
                });
                self.foreign_switch(start);
                return true;
            }
            "elif" | "elsif" | "elseif" => {
                self.error(|_| {
                    Diagnostic::error(M0105, format!("`{text}` has no `if` in front of it"))
                        .help("write `else if`")
                });
                self.error_at = None;
                self.bump();
                self.condition();
                self.block_of("the body");
                self.finish(start, K::Error);
                return true;
            }
            "do" | "foreach" | "until" | "unless" if self.foreign_loop(start) => return true,
            // With a parenthesis right behind it a function of this name is called.
            "raise" if self.next_begins_value() && self.raw_next() != K::LParen => {
                self.slip(|_| {
                    Diagnostic::error(crate::errors::M0227, "there is no `raise`").help("write `throw`")
                });
                self.bump();
                self.expr();
                self.finish(start, K::ThrowExpr);
                return true;
            }
            "pass" if self.nth_on_new_line(1) || next == K::RBrace => {
                self.slip(|_| Diagnostic::error(M0216, "there is no `pass`").help("an empty body is `{ }`"));
                self.bump_error();
                return true;
            }
            "def" | "function" | "func" | "fun" if matches!(next, K::Name) => {
                self.nested_declaration();
                return true;
            }
            "print" | "println" | "echo" | "puts"
                if matches!(next, K::StrStart | K::RawStr | K::Name | K::Int | K::Float) =>
            {
                self.bare_call(start);
                return true;
            }
            _ => {}
        }
        self.typed_declaration(start)
    }

    /// `print "hello"`
    fn bare_call(&mut self, start: Start) {
        let text = self.current_text();
        self.slip(|_| {
            Diagnostic::error(M0215, format!("a call has parentheses around what `{text}` is given"))
                .help("write `print(...)`")
        });
        self.bump();
        self.expr();
        while self.eat(K::Comma) {
            self.expr();
        }
        self.finish(start, K::ExprStmt);
    }

    /// Loops of other languages. Whether one was here and has been read.
    fn foreign_loop(&mut self, start: Start) -> bool {
        let (text, next) = (self.current_text(), self.nth(1));
        match text {
            "do" if next == K::LBrace => {
                self.slip(|_| {
                    Diagnostic::error(M0228, "there is no `do`")
                        .help("write `loop { ... if done { break } }`")
                });
                self.bump();
                self.block("the block");
                if self.at(K::WhileWord) {
                    self.bump();
                    self.condition();
                }
                self.finish(start, K::Error);
            }
            "foreach" | "until" | "unless" if next != K::Eq && self.next_begins_value() => {
                self.slip(|_| {
                    let help = match text {
                        "foreach" => "write `for x in xs { ... }`",
                        "until" => "write `while not done { ... }`",
                        _ => "write `if not ready { ... }`",
                    };
                    Diagnostic::error(M0228, format!("there is no `{text}`")).help(help)
                });
                if text == "foreach" {
                    self.for_stmt(start);
                } else {
                    self.while_stmt(start);
                }
            }
            _ => return false,
        }
        true
    }

    /// `int x = 5`: whether it is here.
    fn typed_declaration(&mut self, start: Start) -> bool {
        let text = self.current_text();
        let is_type = self.at(K::TypeName) || slips::is_type_word(text);
        if !is_type
            || self.nth(1) != K::Name
            || !matches!(self.nth(2), K::Eq | K::Semicolon)
            || self.nth_on_new_line(1)
        {
            return false;
        }
        self.slip(|parser| {
            let name = parser.text_of(parser.index_of_nth(1));
            Diagnostic::error(
                M0222,
                "a declaration begins with `let` or `var`, and the type comes behind the name",
            )
            .help(format!("write `let {name} = ...`"))
        });
        self.bump_error();
        let pattern = self.start();
        self.name_def("variables");
        self.finish(pattern, K::NamePattern);
        if self.eat(K::Eq) {
            self.expr();
        }
        self.finish(start, K::LetStmt);
        true
    }

    fn next_begins_value(&self) -> bool {
        !self.nth_on_new_line(1)
            && matches!(
                self.nth(1),
                K::Name | K::TypeName | K::SelfWord | K::NotWord | K::StrStart | K::LParen
            )
            && self.nth(1) != K::Dot
    }

    /// `switch (x) { case 1: ... }` is passed over as a whole.
    fn foreign_switch(&mut self, start: Start) {
        self.bump();
        self.expr();
        if self.at(K::LBrace) {
            self.skip_braces();
        }
        self.finish(start, K::Error);
    }

    /// Something follows on the line of a statement: says what it probably is.
    pub(super) fn report_rest_of_line(&mut self, what: &str) {
        let kind = self.kind;
        if matches!(kind, K::RParen | K::RBracket | K::HoleEnd) {
            self.stray_close();
            return;
        }
        let last = self.text_of(self.end.saturating_sub(1));
        self.error(|parser| {
            let found = parser.found();
            let diagnostic = Diagnostic::error(M0105, format!("{what} ends here, but {found} follows"));
            match kind {
                K::PlusPlus | K::MinusMinus => Diagnostic::error(M0211, format!("there is no {found}"))
                    .help("write `x += 1` or `x -= 1`"),
                K::Eq => diagnostic
                    .help("`=` assigns to a variable, a field or an element, in a statement of its own"),
                K::Colon => diagnostic
                    .help("a body stands in braces; a type stands behind the name that `let` declares"),
                K::ForeignOp if parser.current_text() == ":=" => {
                    Diagnostic::error(M0229, "there is no operator `:=`")
                        .help("write `let x = ...` for a new name, `x = ...` for an old one")
                }
                K::FatArrow | K::Arrow => diagnostic
                    .help("`=>` stands in front of the value of a function or arm, `->` in front of a type"),
                K::LBrace => diagnostic
                    .help("`{` belongs to `if`, `for`, `match` and so on; maps are written in `[ ]`"),
                K::IfWord => {
                    diagnostic.help("`if` stands in front and has a value: `if ready { a } else { b }`")
                }
                _ if slips::is_foreign_word(last) => {
                    diagnostic.help(format!("{} is no word of the language", quoted(last)))
                }
                _ => diagnostic.help("write it on a line of its own; or is an operator or a comma missing?"),
            }
        });
    }
}
