//! Macros: declaration, use, `%if`, `%for`, `%repeat`, `%error`.
//!
//! A use is replaced as a whole: the body is copied with every `$parameter` replaced by its argument and every `@name`
//! by a fresh name, then the copy is read like text. Parameters of an inner `%for` stay in the copy until that block is
//! copied in its turn. What reads the copy (`collect.rs` outside functions, `body.rs` inside) is behind [`Reader`].

use std::rc::Rc;

use mvm_diag::Diagnostic;

use crate::asm::Asm;
use crate::body::Body;
use crate::collect::Collector;
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::{E0206, E0214, E0501, E0502, E0503, E0504, E0505, E0506, E0508, E0509, W0003, W0004};
use crate::expand::{Bindings, substitute};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::{ExpansionId, Place};
use crate::tokens::{NO_BRACE, Token};

/// How deep uses and blocks may be nested.
const DEPTH_MAX: u32 = 200;
/// How many lines all macros together may write.
const LINES_MAX: u64 = 1_000_000;

/// How many parameters a macro may have.
const PARAMS_MAX: usize = 255;

/// A macro.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Sym,
    pub(crate) place: Place,
    pub(crate) used: bool,
    /// What a note calls it.
    title: Rc<str>,
    params: Rc<[Param]>,
    /// The parameter that takes the remaining arguments.
    rest: Option<Sym>,
    stream: u32,
    /// Tokens between the braces.
    body: (u32, u32),
}

/// A parameter.
#[derive(Debug)]
struct Param {
    name: Sym,
    default: Option<Vec<Token>>,
}

/// Where something is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// Stream of the tokens, outside functions.
    pub(crate) stream: u32,
    /// How many uses and blocks are around it.
    pub(crate) depth: u32,
}

/// What reads text that macros write.
pub(crate) trait Reader<'l> {
    /// The state of the run.
    fn asm(&mut self) -> &mut Asm<'l>;

    /// Reads from the place of the cursor to the right brace of the block.
    fn read_here(&mut self, c: &mut Cursor<'_>, at: At);

    /// Reads a list of tokens.
    fn read_tokens(&mut self, tokens: Vec<Token>, depth: u32);
}

impl<'l> Reader<'l> for Body<'_, 'l> {
    fn asm(&mut self) -> &mut Asm<'l> {
        self.a
    }

    fn read_here(&mut self, c: &mut Cursor<'_>, at: At) {
        self.block(c, at.depth);
    }

    fn read_tokens(&mut self, tokens: Vec<Token>, depth: u32) {
        self.block(&mut Cursor::new(&tokens, 0), depth);
    }
}

impl<'l> Reader<'l> for Collector<'_, 'l> {
    fn asm(&mut self) -> &mut Asm<'l> {
        self.asm
    }

    fn read_here(&mut self, c: &mut Cursor<'_>, at: At) {
        self.walk(c, at, false);
    }

    fn read_tokens(&mut self, tokens: Vec<Token>, depth: u32) {
        let stream = self.asm.streams.len() as u32;
        let tokens = Rc::new(tokens);
        self.asm.streams.push(Rc::clone(&tokens));
        self.walk(&mut Cursor::new(&tokens, 0), At { stream, depth }, false);
    }
}

/// `name arguments`, with the cursor behind the name.
pub(crate) fn use_macro<'l>(
    reader: &mut impl Reader<'l>,
    c: &mut Cursor<'_>,
    word: Token,
    at: At,
) -> Parse<()> {
    let asm = reader.asm();
    let Some(index) = asm.macro_named(word.sym()) else { return Err(Reported) };
    let arguments = asm.arguments(c);
    let used_at = word.place().to(c.previous().place());
    let used_at = if c.previous() == word { word.place() } else { used_at };
    asm.check_depth(at.depth, word.place())?;
    let bindings = asm.bind(index, arguments, used_at)?;
    let known = &mut asm.macros[index as usize];
    known.used = true;
    let (title, stream, (from, to)) = (Rc::clone(&known.title), known.stream, known.body);
    let tokens = Rc::clone(&asm.streams[stream as usize]);
    let body = &tokens[from as usize..to as usize];
    let before = asm.report.enter(title, used_at);
    let copy = asm.count_lines(body, used_at).and_then(|()| substitute(asm, body, &bindings));
    let done = copy.map(|copy| reader.read_tokens(copy, at.depth + 1));
    reader.asm().report.expansion = before;
    done
}

/// `%if`, `%for`, `%repeat`, `%error`, with the cursor at the percent sign.
pub(crate) fn directive<'l>(reader: &mut impl Reader<'l>, c: &mut Cursor<'_>, at: At) -> Parse<()> {
    c.bump();
    let word = c.bump();
    reader.asm().check_depth(at.depth, word.place())?;
    match word.sym() {
        kw::IF => if_block(reader, c, at),
        kw::FOR => for_block(reader, c, at, word),
        kw::REPEAT => repeat_block(reader, c, at, word),
        kw::ERROR => Err(reader.asm().error_line(c, word)),
        _ => {
            let asm = reader.asm();
            let name = format!("%{}", asm.text(word.sym()));
            let known = ["%if", "%for", "%repeat", "%error"];
            let near = asm.suggest(&name, known.into_iter());
            Err(asm.unknown(E0214, word.place(), "there is no directive", &name, near))
        }
    }
}

/// `%if EXPRESSION { ... } else %if EXPRESSION { ... } else { ... }`.
fn if_block<'l>(reader: &mut impl Reader<'l>, c: &mut Cursor<'_>, at: At) -> Parse<()> {
    let inner = At { depth: at.depth + 1, ..at };
    let mut done = false;
    loop {
        // Conditions behind the one that holds are not evaluated.
        let condition = if done {
            while c.kind() != Kind::LeftBrace && !c.peek().ends_statement() {
                c.bump();
            }
            false
        } else {
            reader.asm().parse_const_int(c)? != 0
        };
        block(reader, c, inner, condition)?;
        done |= condition;
        let is_else = c.kind() == Kind::Ident && c.peek().sym() == kw::ELSE;
        if !is_else {
            return Ok(());
        }
        c.bump();
        if c.kind() == Kind::Percent && c.ahead(1).kind == Kind::Ident && c.ahead(1).sym() == kw::IF {
            c.bump();
            c.bump();
            continue;
        }
        return block(reader, c, inner, !done);
    }
}

/// A block in braces, read where it stands or skipped.
fn block<'l>(reader: &mut impl Reader<'l>, c: &mut Cursor<'_>, at: At, wanted: bool) -> Parse<()> {
    let open = reader.asm().expect(c, Kind::LeftBrace, "`{`")?;
    if open.value == NO_BRACE {
        return Err(Reported);
    }
    if wanted {
        reader.read_here(c, at);
    }
    // Also where reading stopped early.
    c.jump(open.value as usize + 1);
    Ok(())
}

/// `%for x in a, b, c { ... }`.
fn for_block<'l>(reader: &mut impl Reader<'l>, c: &mut Cursor<'_>, at: At, word: Token) -> Parse<()> {
    let asm = reader.asm();
    let (name, _) = asm.expect_name(c, "a name")?;
    if c.kind() != Kind::Ident || c.peek().sym() != kw::IN {
        return Err(asm.expected(c.peek(), "`in`"));
    }
    c.bump();
    let mut values = Vec::new();
    while c.kind() != Kind::LeftBrace {
        let value = argument(c);
        if value.is_empty() {
            return Err(asm.expected(c.peek(), "a value or `{`"));
        }
        if let Some(bad) = value.iter().find(|t| matches!(t.kind, Kind::Param | Kind::ParamCount)) {
            return Err(asm.expected(*bad, "a value"));
        }
        values.push(value);
        if !c.eat(Kind::Comma) && c.kind() != Kind::LeftBrace {
            return Err(asm.expected(c.peek(), "`,` or `{`"));
        }
    }
    let rounds = values.into_iter().map(|value| Bindings::one(name, value));
    rounds_of(reader, c, at, word, "a round of `%for`", rounds)
}

/// `%repeat N as i { ... }`.
fn repeat_block<'l>(reader: &mut impl Reader<'l>, c: &mut Cursor<'_>, at: At, word: Token) -> Parse<()> {
    let asm = reader.asm();
    let from = c.peek().place();
    let count = asm.parse_const_int(c)?;
    let place = from.to(c.previous().place());
    if count < 0 || count as u64 > LINES_MAX {
        let message = format!("a block can be repeated between 0 and {LINES_MAX} times, not {count}");
        return Err(asm.error(E0505, place, message));
    }
    let mut name = Sym::NONE;
    if c.kind() == Kind::Ident && c.peek().sym() == kw::AS {
        c.bump();
        name = asm.expect_name(c, "a name")?.0;
    }
    let rounds = (0..count as u32).map(|i| {
        if name == Sym::NONE {
            Bindings::default()
        } else {
            Bindings::one(name, vec![Token::new(Kind::Int, i, place, false)])
        }
    });
    rounds_of(reader, c, at, word, "a round of `%repeat`", rounds)
}

/// Reads a block once for each set of bindings.
fn rounds_of<'l>(
    reader: &mut impl Reader<'l>,
    c: &mut Cursor<'_>,
    at: At,
    word: Token,
    what: &str,
    rounds: impl Iterator<Item = Bindings>,
) -> Parse<()> {
    let open = reader.asm().expect(c, Kind::LeftBrace, "`{`")?;
    if open.value == NO_BRACE {
        return Err(Reported);
    }
    let body = &c.tokens()[c.index()..open.value as usize];
    c.jump(open.value as usize + 1);
    let title: Rc<str> = what.into();
    for bindings in rounds {
        let asm = reader.asm();
        if asm.report.is_full() {
            break;
        }
        let before = asm.report.enter(Rc::clone(&title), word.place());
        let copy = asm.count_lines(body, word.place()).and_then(|()| substitute(asm, body, &bindings));
        let done = copy.map(|copy| reader.read_tokens(copy, at.depth + 1));
        reader.asm().report.expansion = before;
        done?;
    }
    Ok(())
}

/// The tokens up to a comma, a brace or the end of the line outside of parentheses and brackets.
fn argument(c: &mut Cursor<'_>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut depth = 0u32;
    loop {
        let token = c.peek();
        match token.kind {
            Kind::LeftParen | Kind::LeftBracket => depth += 1,
            Kind::RightParen | Kind::RightBracket => depth = depth.saturating_sub(1),
            Kind::Comma if depth == 0 => return tokens,
            Kind::LeftBrace => return tokens,
            _ if token.ends_statement() => return tokens,
            _ => {}
        }
        tokens.push(c.bump());
    }
}

impl Asm<'_> {
    pub(crate) fn macro_named(&self, sym: Sym) -> Option<u32> {
        self.macro_of.get(sym.index()).copied().filter(|&index| index != u32::MAX)
    }

    /// `name(a, b = 1, rest...) { ... }`.
    pub(crate) fn declare_macro(&mut self, stream: u32, c: &mut Cursor<'_>) -> Parse<()> {
        let (name, place) = self.expect_name(c, "the name of a macro")?;
        let text = self.text(name).to_owned();
        if self.verb(name).is_some() || crate::collect::is_keyword(name) {
            let message = format!("a macro cannot be named like the instruction or keyword `{text}`");
            return Err(self.error(E0503, place, message));
        }
        if let Some(first) = self.macro_named(name) {
            let first = self.span(self.macros[first as usize].place);
            let error = Diagnostic::error(E0206, format!("macro `{text}` is declared twice"));
            let error = error.at(self.span(place), "again here").with(first, "first here");
            self.report.emit(error);
            return Err(Reported);
        }
        let (params, rest) = self.macro_params(c)?;
        let open = self.expect(c, Kind::LeftBrace, "`{`")?;
        if open.value == NO_BRACE {
            return Err(Reported);
        }
        let body = (c.index() as u32, open.value);
        c.jump(open.value as usize + 1);
        if self.macro_of.len() <= name.index() {
            self.macro_of.resize(name.index() + 1, u32::MAX);
        }
        self.macro_of[name.index()] = self.macros.len() as u32;
        let title = format!("macro `{text}`").into();
        self.macros.push(Macro {
            name,
            place,
            used: false,
            title,
            params: params.into(),
            rest,
            stream,
            body,
        });
        self.expect_end(c)
    }

    fn macro_params(&mut self, c: &mut Cursor<'_>) -> Parse<(Vec<Param>, Option<Sym>)> {
        let (mut params, mut rest): (Vec<Param>, _) = (Vec::new(), None);
        self.expect(c, Kind::LeftParen, "`(` and the parameters")?;
        while c.kind() != Kind::RightParen {
            let (name, place) = self.expect_name(c, "the name of a parameter")?;
            if params.len() >= PARAMS_MAX {
                let message = format!("a macro has at most {PARAMS_MAX} parameters and one for the rest");
                return Err(self.error(E0509, place, message));
            }
            if params.iter().any(|p| p.name == name) {
                let message = format!("parameter `{}` is declared twice", self.text(name));
                return Err(self.error(E0509, place, message));
            }
            if c.eat(Kind::Ellipsis) {
                rest = Some(name);
                break;
            }
            let default = c.eat(Kind::Equals).then(|| {
                let mut tokens = Vec::new();
                let mut depth = 0u32;
                loop {
                    let token = c.peek();
                    match token.kind {
                        Kind::LeftParen | Kind::LeftBracket => depth += 1,
                        Kind::RightParen if depth == 0 => return tokens,
                        Kind::RightParen | Kind::RightBracket => depth = depth.saturating_sub(1),
                        Kind::Comma if depth == 0 => return tokens,
                        _ if token.ends_statement() => return tokens,
                        _ => {}
                    }
                    tokens.push(c.bump());
                }
            });
            if default.is_none() && params.iter().any(|p: &Param| p.default.is_some()) {
                let message = "a parameter without a default stands behind one with a default";
                return Err(self.error(E0509, place, message));
            }
            params.push(Param { name, default });
            if c.kind() != Kind::RightParen {
                self.expect(c, Kind::Comma, "`,` or `)`")?;
            }
        }
        self.expect(c, Kind::RightParen, "`)`; the parameter for the rest is the last")?;
        Ok((params, rest))
    }

    /// All arguments of a use.
    fn arguments(&mut self, c: &mut Cursor<'_>) -> Vec<Vec<Token>> {
        let mut arguments = Vec::new();
        if c.peek().ends_statement() {
            return arguments;
        }
        loop {
            arguments.push(argument(c));
            if !c.eat(Kind::Comma) {
                return arguments;
            }
        }
    }

    /// Gives each parameter its argument.
    fn bind(&mut self, index: u32, arguments: Vec<Vec<Token>>, used_at: Place) -> Parse<Bindings> {
        let known = &self.macros[index as usize];
        let (params, rest) = (Rc::clone(&known.params), known.rest);
        let least = params.iter().filter(|p| p.default.is_none()).count();
        if arguments.len() < least || (rest.is_none() && arguments.len() > params.len()) {
            let wanted = match (least, params.len(), rest) {
                (least, _, Some(_)) => format!("at least {least}"),
                (least, most, None) if least == most => format!("{most}"),
                (least, most, None) => format!("{least} to {most}"),
            };
            let name = self.text(known.name).to_owned();
            let declared = self.span(known.place);
            let plural = if wanted.ends_with(" 1") || wanted == "1" { "" } else { "s" };
            let message =
                format!("macro `{name}` takes {wanted} argument{plural}, found {}", arguments.len());
            let error = Diagnostic::error(E0502, message).at(self.span(used_at), "");
            self.report.emit(error.with(declared, "declared here"));
            return Err(Reported);
        }
        let mut arguments = arguments.into_iter();
        let mut bindings = Bindings::default();
        for param in params.iter() {
            let value = arguments.next().or_else(|| param.default.clone()).unwrap_or_default();
            if value.is_empty() {
                let message = format!("the argument for `{}` is empty", self.text(param.name));
                return Err(self.error(E0502, used_at, message));
            }
            bindings.add(param.name, value);
        }
        if let Some(rest) = rest {
            bindings.add_rest(rest, arguments.collect());
        }
        Ok(bindings)
    }

    fn check_depth(&mut self, depth: u32, place: Place) -> Parse<()> {
        if depth < DEPTH_MAX {
            return Ok(());
        }
        let message = format!("macros and `%` blocks are nested more than {DEPTH_MAX} deep");
        Err(self.error_help(E0504, place, message, "if a macro uses itself, an `%if` has to end that"))
    }

    /// Counts the lines of a copy that is about to be made.
    fn count_lines(&mut self, body: &[Token], place: Place) -> Parse<()> {
        let before = self.expanded_lines;
        let lines = body.iter().filter(|t| t.kind == Kind::Newline).count();
        self.expanded_lines += 1 + lines as u64;
        if self.expanded_lines <= LINES_MAX {
            return Ok(());
        }
        if before <= LINES_MAX {
            let message = format!("macros write more than {LINES_MAX} lines");
            self.error(E0505, place, message);
        }
        Err(Reported)
    }

    /// `%error "text"`.
    fn error_line(&mut self, c: &mut Cursor<'_>, word: Token) -> Reported {
        let token = c.peek();
        if token.kind != Kind::Str {
            return self.expected(token, "a text in quotes");
        }
        c.bump();
        let text = self.text(token.sym()).to_owned();
        self.error(E0506, word.place().to(token.place()), text)
    }

    /// Reports a sigil outside of what gives it a meaning.
    pub(crate) fn stray_sigil(&mut self, token: Token) -> Reported {
        let name = self.text(token.sym()).to_owned();
        match token.kind {
            Kind::Fresh => self.error_help(
                crate::errors::E0507,
                token.place(),
                format!("`@{name}` stands outside of a macro"),
                "fresh names belong to one use of a macro or one round of a `%` block",
            ),
            _ => self.error(E0501, token.place(), format!("there is no macro parameter `{name}` here")),
        }
    }

    /// Reports pieces that cannot be joined.
    pub(crate) fn bad_join(&mut self, place: Place) -> Reported {
        self.error_help(
            E0508,
            place,
            "these pieces do not make a name",
            "`$a$b` joins names and whole numbers; put a blank before `$` to keep pieces apart",
        )
    }

    /// Warns of macros and constants of the main file that nothing uses.
    pub(crate) fn warn_unused(&mut self) {
        if self.warnings_off || self.generated || self.report.has_errors() {
            return;
        }
        // A file without functions is there for others to include.
        if self.module.functions.is_empty() {
            return;
        }
        let main = self.main_file;
        for index in 0..self.macros.len() {
            let Macro { name, place, used, .. } = self.macros[index];
            let span = self.span(place);
            if !used && span.file == main {
                let message = format!("macro `{}` is never used", self.text(name));
                self.report.emit(Diagnostic::warning(W0004, message).at(span, ""));
            }
        }
        self.warn_unused_consts();
    }

    /// Constants on neighbouring lines are a list: they are unused together or not at all.
    fn warn_unused_consts(&mut self) {
        let mut group: Vec<usize> = Vec::new();
        let mut last_line = 0;
        for index in 0..=self.consts.len() {
            let at = self.consts.get(index).map(|constant| {
                let span = self.span(constant.place);
                (span.file, self.map.position(span.file, span.start).line, constant.expansion)
            });
            let neighbour = at.is_some_and(|(_, line, _)| line == last_line + 1);
            if !neighbour {
                if group.iter().all(|&index| !self.consts[index].used) {
                    for &index in &group {
                        let (name, place) = (self.consts[index].name, self.consts[index].place);
                        let message = format!("constant `{}` is never used", self.text(name));
                        let warning = Diagnostic::warning(W0003, message).at(self.span(place), "");
                        self.report.emit(warning);
                    }
                }
                group.clear();
            }
            if let Some((file, line, expansion)) = at {
                last_line = line;
                if file == self.main_file && expansion == ExpansionId::default() {
                    group.push(index);
                }
            }
        }
    }

    /// Evaluates all constants, so that mistakes in unused ones are found.
    pub(crate) fn check_consts(&mut self) {
        for index in 0..self.consts.len() {
            let (place, used) = (self.consts[index].place, self.consts[index].used);
            let _ = self.const_value(index as u32, place, 0);
            self.consts[index].used = used;
        }
    }
}
