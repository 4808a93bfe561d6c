//! Expressions: operators by precedence, and everything that stands between operators.

use mvm_diag::Diagnostic;

use super::Parser;
use super::patterns::Place;
use super::slips;
use crate::errors::{
    M0007, M0101, M0114, M0117, M0202, M0204, M0211, M0212, M0218, M0219, M0220, M0223, M0225, M0226, M0229,
    M0230, M0237, M0238,
};
use crate::kinds::SyntaxKind;
use crate::kinds::SyntaxKind as K;
use crate::report::quoted;
use crate::tree::Start;

/// How tightly operators bind, loosest first.
pub(super) mod power {
    pub(crate) const OR: u8 = 1;
    pub(crate) const AND: u8 = 2;
    pub(crate) const NOT: u8 = 3;
    pub(crate) const COMPARE: u8 = 4;
    pub(crate) const COALESCE: u8 = 5;
    pub(crate) const RANGE: u8 = 6;
    pub(crate) const BIT_OR: u8 = 7;
    pub(crate) const BIT_XOR: u8 = 8;
    pub(crate) const BIT_AND: u8 = 9;
    pub(crate) const SHIFT: u8 = 10;
    pub(crate) const SUM: u8 = 11;
    pub(crate) const PRODUCT: u8 = 12;
    pub(crate) const CAST: u8 = 13;
    pub(crate) const UNARY: u8 = 14;
    pub(crate) const POSTFIX: u8 = 15;
}

/// How tightly an operator between two operands binds; 0 for what is none.
#[inline]
fn infix(kind: SyntaxKind) -> u8 {
    match kind {
        K::OrWord | K::PipePipe => power::OR,
        K::AndWord | K::AmpAmp => power::AND,
        K::EqEq | K::NotEq | K::Lt | K::LtEq | K::Gt | K::GtEq | K::Spaceship | K::InWord | K::IsWord => {
            power::COMPARE
        }
        K::QuestionQuestion => power::COALESCE,
        K::DotDot | K::DotDotEq => power::RANGE,
        K::Pipe => power::BIT_OR,
        K::Caret => power::BIT_XOR,
        K::Amp => power::BIT_AND,
        K::Shl => power::SHIFT,
        K::Plus | K::Minus | K::PlusPercent | K::MinusPercent => power::SUM,
        K::Star | K::Slash | K::Percent | K::StarPercent => power::PRODUCT,
        K::AsWord => power::CAST,
        K::Dot | K::QuestionDot | K::LParen | K::LBracket | K::Bang => power::POSTFIX,
        _ => 0,
    }
}

impl Parser<'_> {
    /// An expression; whether there is one. What is wrong has been reported.
    pub(super) fn expr(&mut self) -> bool {
        self.expr_above(power::OR)
    }

    /// An expression of operators that bind at least this tightly.
    pub(super) fn expr_above(&mut self, least: u8) -> bool {
        if !self.enter() {
            return true;
        }
        let start = self.start();
        let found = self.operand(start);
        if found {
            self.operators(start, least);
        }
        self.leave();
        found
    }

    /// What follows an operand.
    fn operators(&mut self, start: Start, least: u8) {
        let mut compared = false;
        loop {
            let (kind, mut binds) = (self.kind, infix(self.kind));
            if binds == 0 {
                if self.breaks() || !self.foreign_operator(start, least) {
                    return;
                }
                continue;
            }
            if self.breaks()
                && !matches!(kind, K::Dot | K::QuestionDot | K::QuestionQuestion | K::AndWord | K::OrWord)
            {
                return;
            }
            if matches!(kind, K::PlusPercent | K::MinusPercent | K::StarPercent) && self.raw_next() == K::Eq {
                return;
            }
            let shift = if kind == K::Gt { self.greater_signs() } else { 1 };
            match shift {
                0 => return,
                1 => {}
                _ => binds = power::SHIFT,
            }
            if binds < least {
                return;
            }
            match kind {
                K::Lt if self.foreign_less(start, binds) => {}
                K::Dot | K::QuestionDot => self.field(start),
                K::LParen => {
                    self.args();
                    self.finish(start, K::CallExpr);
                }
                K::LBracket => self.index(start),
                K::Bang => {
                    self.bump();
                    self.finish(start, K::UnwrapExpr);
                }
                K::AsWord => self.cast(start),
                _ => {
                    if binds == power::COMPARE && std::mem::replace(&mut compared, true) {
                        self.chained_comparison();
                    }
                    if kind == K::IsWord {
                        self.is_test(start);
                        continue;
                    }
                    self.foreign_logic();
                    if kind == K::DotDot && self.raw_next() == K::Dot {
                        self.slip(|_| {
                            Diagnostic::error(M0229, "there is no `...`")
                                .help("`a..b` stops in front of b, `a..=b` takes it too")
                        });
                        self.bump();
                    }
                    for _ in 0..shift {
                        self.bump();
                    }
                    self.expr_above(binds + 1);
                    self.finish(start, K::BinaryExpr);
                }
            }
        }
    }

    /// How many tokens the operator at a `>` has: 2 for `>>`, 3 for `>>>`, 0 if `=` makes an assignment of it.
    fn greater_signs(&self) -> usize {
        let next = |n: usize| self.tokens.get(self.pos + n).map_or(K::Eof, |token| token.kind);
        match (next(1), next(2), next(3)) {
            (K::Gt, K::Gt, _) if next(3) != K::GtEq => 3,
            (K::Gt, K::GtEq, _) | (K::GtEq, ..) => 0,
            (K::Gt, ..) => 2,
            _ => 1,
        }
    }

    fn chained_comparison(&mut self) {
        self.slip(|parser| {
            Diagnostic::error(M0114, format!("comparisons do not chain: {} follows another one", parser.found())).help(
                "write `a < b and b < c`; if these are type arguments of a function, leave them out: they are inferred",
            )
        });
    }

    /// `&&` and `||`, taken for what they mean.
    fn foreign_logic(&mut self) {
        let ours = match self.kind {
            K::AmpAmp => "and",
            K::PipePipe => "or",
            _ => return,
        };
        self.slip(|parser| {
            Diagnostic::error(M0202, format!("{} is written as a word", parser.found()))
                .help(format!("write `{ours}`"))
        });
    }

    /// Operators of other languages behind an operand. Whether one was there and has been passed over.
    fn foreign_operator(&mut self, start: Start, least: u8) -> bool {
        match self.kind {
            K::PlusPlus | K::MinusMinus if least <= power::UNARY => {
                let sign = if self.at(K::PlusPlus) { '+' } else { '-' };
                self.slip(|parser| {
                    Diagnostic::error(M0211, format!("there is no {}", parser.found()))
                        .help(format!("write `x {sign}= 1`, as a statement of its own"))
                });
                self.bump_error();
                true
            }
            K::ForeignOp if least <= power::COMPARE => {
                let text = self.current_text();
                let (ours, binary) = match text {
                    "===" => ("`==` compares values, `same(a, b)` asks whether it is one object", true),
                    "!==" => ("write `!=`; `not same(a, b)` asks whether it is not one object", true),
                    "**" => ("write `x.pow(n)`", true),
                    "??=" => ("write `x = x ?? value`", false),
                    _ => return false,
                };
                self.slip(|parser| {
                    Diagnostic::error(M0229, format!("there is no operator {}", parser.found())).help(ours)
                });
                self.bump();
                self.expr_above(if binary { power::COALESCE } else { power::OR });
                self.finish(start, K::Error);
                true
            }
            K::Question if least <= power::OR => {
                self.slip(|_| {
                    Diagnostic::error(M0212, "there is no `? :`").help(
                        "`if` has a value: `if ready { a } else { b }`; `a ?? b` takes b where a is `none`",
                    )
                });
                self.bump();
                self.expr();
                if self.eat(K::Colon) {
                    self.expr();
                }
                self.finish(start, K::Error);
                true
            }
            K::NotWord if self.nth(1) == K::InWord && least <= power::COMPARE => {
                self.slip(|_| {
                    Diagnostic::error(M0226, "`not` stands in front of what it turns around")
                        .help("write `not x in list`")
                });
                self.bump();
                self.bump();
                self.expr_above(power::COMPARE + 1);
                self.finish(start, K::BinaryExpr);
                true
            }
            _ => self.foreign_access(start, least),
        }
    }

    fn field(&mut self, start: Start) {
        self.bump();
        match self.kind {
            K::Name | K::TypeName | K::Int => self.bump(),
            kind if kind.is_word() && !self.breaks() => self.bump(),
            _ => {
                let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
                self.error_in(place, |parser| {
                    Diagnostic::error(
                        M0101,
                        format!(
                            "expected the name of a member behind `.`, found {}",
                            parser.found_or_line_end()
                        ),
                    )
                });
            }
        }
        if self.at(K::Lt) && self.tokens[self.end - 1].kind == K::TypeName && self.end == self.pos {
            self.type_args();
        }
        self.finish(start, K::FieldExpr);
    }

    fn index(&mut self, start: Start) {
        let (open, lines) = (self.pos, std::mem::replace(&mut self.lines, false));
        let arrow = std::mem::replace(&mut self.arrow_ends, false);
        self.bump();
        if !self.at(K::Colon) {
            self.expr();
        }
        if self.at(K::Colon) {
            self.slip(|_| {
                Diagnostic::error(M0219, "a part of a list is taken with a range")
                    .help("write `xs[1..3]`, `xs[1..xs.len()]`")
            });
            let rest = self.start();
            while self.eat(K::Colon) {
                if !matches!(self.kind, K::Colon | K::RBracket) {
                    self.expr();
                }
            }
            self.finish(rest, K::Error);
        }
        self.lines = lines;
        self.arrow_ends = arrow;
        self.close(open, K::RBracket);
        self.finish(start, K::IndexExpr);
    }

    fn cast(&mut self, start: Start) {
        self.bump();
        if matches!(self.kind, K::Question | K::Bang) {
            self.bump();
        } else {
            let place = self.range_of(self.end - 1);
            self.say(place, |_| {
                Diagnostic::error(M0220, "`as` says what happens to a value of another class")
                    .help("`x as? T` gives `none` then, `x as! T` throws")
            });
        }
        self.plain_type();
        self.finish(start, K::CastExpr);
    }

    fn is_test(&mut self, start: Start) {
        self.bump();
        match self.kind {
            K::NotWord => {
                self.slip(|_| {
                    Diagnostic::error(M0226, "`not` stands in front of what it turns around")
                        .help("write `not x is T`")
                });
                self.bump();
            }
            K::NoneWord => {
                self.slip(|_| {
                    Diagnostic::error(M0226, "`is` asks for a class or case").help("write `x == none`")
                });
                self.bump();
                self.finish(start, K::Error);
                return;
            }
            _ => {}
        }
        self.plain_type();
        if self.at_here(K::LParen) {
            self.slip(|_| {
                Diagnostic::error(M0226, "`is` takes nothing out of a case")
                    .help("write `if let Circle(r) = value { ... }`, or use `match`")
            });
            let rest = self.start();
            self.bump();
            self.skip_balanced(|_, _| false);
            self.eat(K::RParen);
            self.finish(rest, K::Error);
        }
        self.finish(start, K::IsExpr);
    }

    /// `(a, b: c)`; the current token is `(`.
    pub(super) fn args(&mut self) {
        let start = self.start();
        let mut named = false;
        self.list(K::RParen, "in the arguments", |parser| {
            let arg = parser.start();
            let name = parser.at(K::Name) && parser.nth(1) == K::Colon;
            if name {
                parser.bump();
                parser.bump();
            } else if parser.at(K::Name) && parser.nth(1) == K::Eq {
                parser.bump();
                parser.slip(|parser| {
                    let name = parser.text_of(parser.end - 1);
                    Diagnostic::error(M0230, "arguments with names have a `:`")
                        .help(format!("write `{name}: ...`"))
                });
                parser.bump();
            } else {
                if named && !parser.muted() {
                    parser.slip(|_| {
                        Diagnostic::error(M0117, "an argument without name comes behind one with a name")
                            .help("first arguments by position, then those with names")
                    });
                }
                parser.spread();
            }
            named |= name;
            parser.expr();
            parser.finish(arg, K::Arg);
        });
        self.finish(start, K::Args);
    }

    /// `*xs` and `...xs` among arguments or elements.
    fn spread(&mut self) {
        if matches!(self.kind, K::Star | K::DotDot | K::Amp) {
            self.slip(|parser| {
                Diagnostic::error(M0101, format!("{} stands in front of no argument", parser.found()))
                    .help("every parameter takes one value; pass a list as one argument")
            });
            self.bump_error();
            self.eat(K::Dot);
        }
    }

    /// Something that operators can stand around; whether there is something.
    fn operand(&mut self, start: Start) -> bool {
        match self.kind {
            K::Int | K::Float | K::Char | K::TrueWord | K::FalseWord | K::NoneWord => {
                self.bump();
                self.finish(start, K::Literal);
            }
            K::StrStart | K::RawStr => self.string(),
            K::Name => return self.name_expr(start),
            K::TypeName => {
                self.note_capital_word();
                let args = self.raw_next() == K::Lt;
                self.bump();
                if args {
                    self.type_args();
                }
                self.finish(start, K::NameExpr);
            }
            K::SelfWord => {
                self.bump();
                self.finish(start, K::SelfExpr);
            }
            K::SuperWord => {
                self.bump();
                self.finish(start, K::SuperExpr);
            }
            K::LParen => self.parens(start),
            K::LBracket => self.list_or_map(start),
            K::LBrace => return self.brace_operand(start),
            K::Pipe | K::PipePipe => self.closure(start),
            K::Minus | K::Tilde => self.unary(start, power::UNARY),
            K::NotWord => self.unary(start, power::NOT),
            K::Bang => {
                self.slip(|_| {
                    Diagnostic::error(M0202, "`!` in front of a value is written as a word")
                        .help("write `not`")
                });
                self.unary(start, power::UNARY);
            }
            K::PlusPlus | K::MinusMinus => {
                self.slip(|parser| {
                    Diagnostic::error(M0211, format!("there is no {}", parser.found()))
                        .help("write `x += 1` or `x -= 1`, as a statement of its own")
                });
                self.unary(start, power::UNARY);
            }
            K::FnWord => self.fn_expr(start),
            _ => return self.control_operand(start),
        }
        true
    }

    fn unary(&mut self, start: Start, binds: u8) {
        self.bump();
        self.expr_above(binds);
        self.finish(start, K::UnaryExpr);
    }

    /// `None`, `True` and `False` may be names of cases; that is judged at the end of the file.
    pub(super) fn note_capital_word(&mut self) {
        if matches!(self.current_text(), "None" | "True" | "False" | "Null" | "Nil") {
            self.capital_words.push(self.pos);
        }
    }

    pub(super) fn report_none_words(&mut self) {
        let words = std::mem::take(&mut self.capital_words);
        // Cases of an enum of this file may have such a name, or imported ones.
        if words.is_empty() || self.text.contains("enum ") {
            return;
        }
        let imported =
            |word: &str| self.text.contains(&format!("{{{word}")) || self.text.contains(&format!(", {word}"));
        let imports = ["None", "True", "False", "Null", "Nil"].map(|word| (word, imported(word)));
        for &index in &words {
            let word = self.text_of(index);
            if imports.contains(&(word, true)) || self.report.is_full() {
                continue;
            }
            let small = slips::small(word);
            self.say(self.range_of(index), |_| match word {
                "True" | "False" => {
                    Diagnostic::error(M0204, format!("there is no `{word}`")).help(format!("write `{small}`"))
                }
                _ => Diagnostic::error(M0204, format!("there is no `{word}`"))
                    .help("write `none`, the value of an optional that has none"),
            });
        }
    }

    fn name_expr(&mut self, start: Start) -> bool {
        let text = self.current_text();
        match text {
            "null" | "nil" | "undefined" | "nullptr" | "NULL" => self.slip(|_| {
                Diagnostic::error(M0204, format!("there is no `{text}`"))
                    .help("write `none`, the value of an optional that has none")
            }),
            "this" => self.slip(|_| {
                Diagnostic::error(M0223, "the object itself is called `self`")
                    .help("write `self`; members can be named without it")
            }),
            "lambda" | "func" | "function" | "fun" | "new" | "await" | "async" | "yield" | "typeof"
            | "sizeof" | "not" | "delete"
                if self.foreign_word_operand(text) =>
            {
                return true;
            }
            "f" | "b" | "u" | "fr" if matches!(self.raw_next(), K::StrStart) && self.hole_depth == 0 => {
                self.slip(|_| {
                    Diagnostic::error(M0237, format!("there is no `{text}` in front of a string"))
                        .help("every string takes values in braces: `\"{name}\"`; only `r\"...\"` takes everything literally")
                });
                self.bump_error();
                self.string();
                return true;
            }
            _ => {}
        }
        if self.nth(1) == K::FatArrow && !self.arrow_ends && !self.nth_on_new_line(1) {
            self.slip(|parser| {
                let name = parser.current_text();
                Diagnostic::error(M0225, "a closure has its parameters between bars")
                    .help(format!("write `|{name}| ...`"))
            });
            self.bump();
            self.bump();
            self.closure_body();
            self.finish(start, K::Error);
            return true;
        }
        self.bump();
        self.finish(start, K::NameExpr);
        true
    }

    /// `fn(x) { }` and `fn(x) => e` where a value belongs.
    pub(super) fn fn_expr(&mut self, start: Start) {
        self.slip(|_| {
            Diagnostic::error(M0225, "a function without name is a closure, with its parameters between bars")
                .help("write `|x| x + 1` or `|x| { ... }`")
        });
        self.bump();
        if self.at(K::LParen) {
            self.list(K::RParen, "in the parameters", Parser::closure_param);
        }
        if self.eat(K::Arrow) {
            self.ty();
        }
        self.eat(K::FatArrow);
        self.closure_body();
        self.finish(start, K::Error);
    }

    fn parens(&mut self, start: Start) {
        let mut elements = 0;
        let mut commas = 0;
        self.list(K::RParen, "in the parentheses", |parser| {
            elements += 1;
            parser.expr();
            // `(a: int) => ...`
            if parser.at(K::Colon) && !parser.muted() {
                let rest = parser.start();
                parser.bump();
                parser.ty();
                parser.finish(rest, K::Error);
            }
            commas += usize::from(parser.at(K::Comma));
        });
        self.finish(start, if elements == 1 && commas == 0 { K::ParenExpr } else { K::TupleExpr });
        if matches!(self.kind, K::FatArrow | K::Arrow) && !self.arrow_ends && !self.breaks() {
            self.slip(|_| {
                Diagnostic::error(M0225, "a closure has its parameters between bars")
                    .help("write `|a, b| a + b`")
            });
            self.bump();
            self.closure_body();
            self.finish(start, K::Error);
        }
    }

    fn list_or_map(&mut self, start: Start) {
        if self.nth(1) == K::Colon && self.nth(2) == K::RBracket {
            for _ in 0..3 {
                self.bump();
            }
            self.finish(start, K::MapExpr);
            return;
        }
        let mut map = false;
        self.list(K::RBracket, "in the list", |parser| {
            let entry = parser.start();
            parser.spread();
            parser.expr();
            if parser.at(K::Colon) {
                map = true;
                parser.bump();
                parser.expr();
                parser.finish(entry, K::MapEntry);
            }
            if parser.at(K::ForWord) {
                parser.comprehension();
            }
        });
        self.finish(start, if map { K::MapExpr } else { K::ListExpr });
    }

    /// `for x in xs` inside brackets.
    fn comprehension(&mut self) {
        self.slip(|_| {
            Diagnostic::error(M0238, "a list is not written with a loop in it")
                .help("write `xs.filter(|x| x > 0).map(|x| x * x)`")
        });
        let rest = self.start();
        self.skip_balanced(|_, _| false);
        self.finish(rest, K::Error);
    }

    /// `{` where a value belongs: a map of another language, or a block.
    fn brace_operand(&mut self, start: Start) -> bool {
        let map = matches!(self.nth(1), K::StrStart | K::RawStr | K::Int)
            || self.nth(1) == K::RBrace
            || matches!(self.nth(1), K::Name | K::TypeName) && matches!(self.nth(2), K::Colon | K::Comma);
        if map {
            self.slip(|_| {
                Diagnostic::error(M0218, "lists, maps and sets are written in `[ ]`")
                    .help("a map is `[\"a\": 1]`, an empty one `[:]`; braces are for code")
            });
            self.skip_braces();
            return true;
        }
        self.slip(|_| {
            Diagnostic::error(M0218, "a block stands only behind `if`, `for`, `|x|` and the like")
                .help("maps are written in `[ ]`: `[\"a\": 1]`")
        });
        self.block("the block");
        self.finish(start, K::Error);
        true
    }

    // Closures

    pub(super) fn closure(&mut self, start: Start) {
        let params = self.start();
        if !self.eat(K::PipePipe) {
            let (open, lines) = (self.pos, std::mem::replace(&mut self.lines, false));
            self.bump();
            while !self.at(K::Pipe) && !self.ends_list() {
                let before = self.pos;
                self.closure_param();
                if !self.eat(K::Comma) || self.pos == before {
                    break;
                }
            }
            self.lines = lines;
            self.close(open, K::Pipe);
        }
        self.finish(params, K::ClosureParams);
        if self.at(K::FatArrow) && !self.arrow_ends {
            self.slip(|_| {
                Diagnostic::error(M0225, "the bars of a closure are followed by its value")
                    .help("write `|x| x + 1`, without `=>`")
            });
            self.bump();
        }
        self.closure_body();
        self.finish(start, K::Closure);
    }

    fn closure_param(&mut self) {
        let param = self.start();
        self.pattern(Place::Binding);
        if self.eat(K::Colon) {
            let outer = std::mem::replace(&mut self.bar_ends, true);
            self.ty();
            self.bar_ends = outer;
        }
        self.finish(param, K::ClosureParam);
    }

    pub(super) fn closure_body(&mut self) {
        if self.at(K::LBrace) {
            self.block("the closure");
        } else {
            self.expr();
        }
    }

    // Strings

    pub(super) fn string(&mut self) {
        let start = self.start();
        if self.at(K::RawStr) {
            let closed = self.current_text().len() > 2
                && self.current_text().ends_with(['"', '\'', '\u{201d}', '\u{201c}']);
            self.bump();
            self.finish(start, K::Str);
            self.mute_unless(closed);
            return;
        }
        self.bump();
        loop {
            match self.kind {
                K::StrText => self.bump(),
                K::HoleStart => self.hole(),
                _ => break,
            }
        }
        let closed = self.eat(K::StrEnd);
        self.finish(start, K::Str);
        self.mute_unless(closed);
    }

    /// What follows a string without end is a consequence of it.
    fn mute_unless(&mut self, closed: bool) {
        if !closed {
            self.error_at = Some(self.pos);
        }
    }

    /// Whether the hole around the current token is closed on its line.
    fn hole_closes(&self) -> bool {
        let mut depth = 0u32;
        for token in &self.tokens[self.pos..] {
            match token.kind {
                K::HoleStart => depth += 1,
                K::HoleEnd if depth == 0 => return true,
                K::HoleEnd => depth -= 1,
                K::Newline | K::Eof => return false,
                _ => {}
            }
        }
        false
    }

    fn hole(&mut self) {
        let start = self.start();
        let open = self.pos;
        let lines = std::mem::replace(&mut self.lines, false);
        let arrow = std::mem::replace(&mut self.arrow_ends, false);
        self.hole_depth += 1;
        self.bump();
        if matches!(self.kind, K::HoleEnd | K::HoleFormat) {
            self.say(self.range_of(open), |_| {
                Diagnostic::error(M0007, "the braces in the string have no value in them")
                    .help("write an expression between them; a brace that is only a brace is written `\\{`")
            });
        } else if !self.newline && !self.at(K::Eof) {
            self.expr();
        }
        self.eat(K::HoleFormat);
        if !self.at(K::HoleEnd) && !self.newline && !self.at(K::Eof) {
            let closes = self.hole_closes();
            self.mute_unless(closes);
            self.error(|parser| {
                Diagnostic::error(
                    M0007,
                    format!("expected the end of the value in the string, found {}", parser.found()),
                )
                .help("a value is one expression: `{expression}` or `{expression:format}`")
            });
            let rest = self.start();
            let mut depth = 0u32;
            // Strings inside have holes of their own.
            while !(self.newline || self.at(K::Eof) || depth == 0 && self.at(K::HoleEnd)) {
                match self.kind {
                    K::HoleStart => depth += 1,
                    K::HoleEnd => depth -= 1,
                    _ => {}
                }
                self.bump();
            }
            self.finish(rest, K::Error);
        }
        let closed = self.eat(K::HoleEnd);
        self.mute_unless(closed);
        self.hole_depth -= 1;
        self.lines = lines;
        self.arrow_ends = arrow;
        self.finish(start, K::Hole);
    }

    /// Whether the current token can begin an expression.
    pub(super) fn at_expr(&self) -> bool {
        matches!(
            self.kind,
            K::Int
                | K::Float
                | K::Char
                | K::TrueWord
                | K::FalseWord
                | K::NoneWord
                | K::StrStart
                | K::RawStr
                | K::Name
                | K::TypeName
                | K::SelfWord
                | K::SuperWord
                | K::LParen
                | K::LBracket
                | K::LBrace
                | K::Pipe
                | K::PipePipe
                | K::Minus
                | K::Tilde
                | K::NotWord
                | K::Bang
                | K::IfWord
                | K::MatchWord
                | K::TryWord
                | K::ReceiveWord
                | K::SelectWord
                | K::SpawnWord
                | K::ThrowWord
                | K::ReturnWord
                | K::BreakWord
                | K::ContinueWord
                | K::PlusPlus
                | K::MinusMinus
                | K::FnWord
        )
    }

    /// Whether the current token stands only between two operands.
    pub(super) fn at_operator(&self) -> bool {
        let binds = infix(self.kind);
        binds != 0
            && binds != power::POSTFIX
            && !matches!(self.kind, K::QuestionQuestion | K::AndWord | K::OrWord)
    }

    /// Says that an expression is missing here.
    pub(super) fn missing_expr(&mut self) {
        let place = if self.breaks() || self.at(K::Eof) { self.gap() } else { self.current_range() };
        self.error_in(place, |parser| {
            let found = parser.found_or_line_end();
            let diagnostic = Diagnostic::error(M0101, format!("expected an expression, found {found}"));
            match parser.kind {
                _ if parser.breaks() => diagnostic,
                K::Plus => diagnostic.help("a number needs no `+` in front of it"),
                K::WhileWord | K::ForWord | K::LoopWord => {
                    diagnostic.help("loops are statements and have no value")
                }
                K::LetWord | K::VarWord => diagnostic.help("a declaration is a statement and has no value"),
                K::Eq | K::EqEq => diagnostic
                    .help(format!("something is missing in front of {}", quoted(parser.current_text()))),
                kind if kind.is_word() => {
                    diagnostic.help(format!("{found} is a word of the language and no name"))
                }
                _ => diagnostic,
            }
        });
    }
}
