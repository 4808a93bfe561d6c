//! Text to tokens: every byte belongs to exactly one token, white space and comments included.
//!
//! A string with holes is many tokens; the tokens between `{` and `}` are ordinary ones, so a stack says what the
//! current text is inside of. Whether a line end ends a statement is for the parser to decide.

use mvm_diag::{Diagnostic, letter_at};

use crate::errors::{M0001, M0002, M0003, M0004, M0005, M0006, M0007, M0008, M0010, M0206};
use crate::kinds::SyntaxKind;
use crate::literal::{self, NumberFault};
use crate::report::{Report, quoted};

/// A token; it ends where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: SyntaxKind,
    pub(crate) start: u32,
}

/// What the text around the current place is.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// A string that began at `start`.
    Str { start: usize, lines: bool },
    /// A hole that began at `start`; `depth` brackets are open in it.
    Hole { start: usize, depth: u32 },
}

const NAME_START: u8 = 1;
const NAME: u8 = 2;
const BLANK: u8 = 4;
const DIGIT: u8 = 8;
/// Bytes at which text of a string may end.
const STRING_STOP: u8 = 16;

/// Classes of bytes, for the inner loops.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0usize;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_alphabetic() || c == b'_' {
            table[b] = NAME_START | NAME;
        } else if c.is_ascii_digit() {
            table[b] = NAME | DIGIT;
        } else if c == b' ' || c == b'\t' || c == b'\r' {
            table[b] = BLANK;
        } else if matches!(c, b'"' | b'\\' | b'{' | b'\n') {
            table[b] = STRING_STOP;
        }
        b += 1;
    }
    table
};

/// How much of a text is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    All,
    /// Bodies of functions are one token each. Only for a text in canonical layout: where a body ends is told by the indentation of its `}`.
    Outline,
    /// One such body, from its `{` to behind its `}`.
    Body { start: usize, end: usize },
}

/// Splits a text into tokens; the last one is [`SyntaxKind::Eof`].
pub(crate) fn lex(text: &str, extent: Extent, report: &mut Report) -> Vec<Token> {
    let (start, end) = match extent {
        Extent::All | Extent::Outline => (0, text.len()),
        Extent::Body { start, end } => (start, end),
    };
    let bytes_a_token = if extent == Extent::Outline { 6 } else { 3 };
    let mut lexer = Lexer {
        text: &text[..end],
        bytes: &text.as_bytes()[..end],
        pos: start,
        tokens: Vec::with_capacity((end - start) / bytes_a_token + 2),
        frames: Vec::new(),
        outline: extent == Extent::Outline,
        head: None,
        report,
    };
    lexer.run();
    lexer.tokens
}

struct Lexer<'s, 'r> {
    text: &'s str,
    bytes: &'s [u8],
    pos: usize,
    tokens: Vec<Token>,
    frames: Vec<Frame>,
    /// Whether bodies are passed over.
    outline: bool,
    /// Where the line of the function begins whose head is being read, in an outline.
    head: Option<usize>,
    report: &'r mut Report,
}

impl Lexer<'_, '_> {
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn class(&self, at: usize) -> u8 {
        CLASS[usize::from(self.byte(at))]
    }

    #[inline]
    fn push(&mut self, kind: SyntaxKind, start: usize) {
        self.tokens.push(Token { kind, start: start as u32 });
    }

    fn error(&mut self, start: usize, end: usize, make: impl FnOnce(&Self) -> Diagnostic) {
        if self.report.is_full() {
            return;
        }
        let span = self.report.span(start, end);
        let mut diagnostic = make(self);
        if let Some(label) = &mut diagnostic.primary {
            label.span = span;
        } else {
            diagnostic = diagnostic.at(span, "");
        }
        self.report.push(diagnostic);
    }

    fn run(&mut self) {
        if self.pos == 0 && self.text.starts_with('\u{feff}') {
            self.pos = 3;
            self.push(SyntaxKind::Space, 0);
        }
        while self.pos < self.bytes.len() {
            if let Some(&Frame::Str { lines, .. }) = self.frames.last() {
                self.string_piece(lines);
                continue;
            }
            let start = self.pos;
            let class = self.class(start);
            let kind = if class & NAME_START != 0 {
                self.word(start)
            } else if class & BLANK != 0 || self.bytes[start] == b'\n' {
                self.white_space()
            } else if class & DIGIT != 0 {
                self.number(start)
            } else {
                self.other(start)
            };
            self.push(kind, start);
            if self.outline {
                self.pass_over_body(start, kind);
            }
        }
        self.close_frames();
        self.push(SyntaxKind::Eof, self.pos);
    }

    /// Behind a token of an outline: if it is the `{` of a function, what follows to its `}` becomes a part of it.
    fn pass_over_body(&mut self, start: usize, kind: SyntaxKind) {
        use SyntaxKind as K;
        match kind {
            K::FnWord | K::Name if self.frames.is_empty() => {
                let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
                let front = self.text[line..start].trim_start();
                let modifiers = front.split_whitespace().all(|word| {
                    matches!(word, "pub" | "private" | "static" | "override" | "abstract" | "frozen")
                });
                if modifiers && (kind == K::FnWord || matches!(&self.text[start..self.pos], "init" | "test"))
                {
                    self.head = Some(line);
                }
            }
            K::FatArrow | K::RBrace | K::ClassWord | K::EnumWord | K::InterfaceWord => self.head = None,
            K::LBrace if self.byte(self.pos) == b'\n' => {
                let Some(line) = self.head.take() else { return };
                let indent = self.bytes[line..].iter().take_while(|&&b| b == b' ').count();
                let close = format!("\n{:indent$}}}\n", "");
                let Some(at) = memchr::memmem::find(&self.bytes[self.pos..], close.as_bytes()) else {
                    return;
                };
                self.pos += at + close.len() - 1;
                if let Some(token) = self.tokens.last_mut() {
                    token.kind = K::Body;
                }
            }
            _ => {}
        }
    }

    fn white_space(&mut self) -> SyntaxKind {
        let mut kind = SyntaxKind::Space;
        loop {
            while self.class(self.pos) & BLANK != 0 {
                self.pos += 1;
            }
            if self.byte(self.pos) != b'\n' {
                return kind;
            }
            if !self.frames.is_empty() {
                if kind == SyntaxKind::Space && self.tokens.last().is_some() {
                    self.close_line();
                }
                // The rest of a text over several lines is text again.
                if !self.frames.is_empty() {
                    return SyntaxKind::Space;
                }
            }
            kind = SyntaxKind::Newline;
            self.pos += 1;
        }
    }

    /// The end of a name of which the part before `at` is known.
    #[inline]
    fn name_end(&self, mut at: usize) -> usize {
        loop {
            while self.class(at) & NAME != 0 {
                at += 1;
            }
            match letter_at(self.text, at) {
                0 => return at,
                len => at += len,
            }
        }
    }

    /// A name that begins with a letter beyond ASCII.
    fn wide_word(&mut self, start: usize, first: char) -> SyntaxKind {
        self.pos = self.name_end(start + first.len_utf8());
        if first.is_uppercase() { SyntaxKind::TypeName } else { SyntaxKind::Name }
    }

    #[inline]
    fn word(&mut self, start: usize) -> SyntaxKind {
        let at = self.name_end(start + 1);
        self.pos = at;
        let first = self.bytes[start];
        if first == b'r' && at == start + 1 && self.byte(at) == b'"' {
            return self.raw_string(start);
        }
        if first.is_ascii_lowercase() {
            return SyntaxKind::word(&self.bytes[start..at]).unwrap_or(SyntaxKind::Name);
        }
        if first.is_ascii_uppercase() { SyntaxKind::TypeName } else { SyntaxKind::Name }
    }

    fn number(&mut self, start: usize) -> SyntaxKind {
        let mut at = start;
        while self.class(at) & DIGIT != 0 {
            at += 1;
        }
        // Behind a point stands the number of a part of a tuple: `pair.0.1`.
        let part = self
            .tokens
            .last()
            .is_some_and(|token| matches!(token.kind, SyntaxKind::Dot | SyntaxKind::QuestionDot));
        let next = self.byte(at);
        if part && self.class(at) & NAME == 0 || self.class(at) & NAME == 0 && next != b'.' && next < 0x80 {
            self.pos = at;
            if at - start > 18 {
                self.judge_number(start, at);
            }
            return SyntaxKind::Int;
        }
        let radix = self.byte(start) == b'0' && matches!(next, b'x' | b'X' | b'b' | b'B' | b'o' | b'O');
        let mut float = false;
        loop {
            let b = self.byte(at);
            let point = b == b'.' && !radix && !float && self.class(at + 1) & DIGIT != 0;
            let sign = matches!(b, b'+' | b'-') && !radix && matches!(self.byte(at - 1), b'e' | b'E');
            if point || sign {
                float = true;
                at += 1;
            } else if self.class(at) & NAME != 0 {
                float |= matches!(b, b'e' | b'E') && !radix;
                at += 1;
            } else {
                match letter_at(self.text, at) {
                    0 => break,
                    len => at += len,
                }
            }
        }
        self.pos = at;
        self.judge_number(start, at);
        if float { SyntaxKind::Float } else { SyntaxKind::Int }
    }

    fn judge_number(&mut self, start: usize, end: usize) {
        let text = &self.text[start..end];
        match literal::check_number(text) {
            Ok(()) => {}
            Err(NumberFault::TooLarge) => self.error(start, end, |lexer| {
                let number = quoted(&lexer.text[start..end]);
                Diagnostic::error(M0004, format!("{number} does not fit into an `int`, which has 64 bits"))
                    .help("the largest `int` is 9_223_372_036_854_775_807; a `float` is written with a point: `1.0e30`")
            }),
            Err(NumberFault::Form(help)) => self.error(start, end, |lexer| {
                let number = quoted(&lexer.text[start..end]);
                Diagnostic::error(M0003, format!("{number} is not a number")).help(help)
            }),
        }
    }

    /// Everything that begins with neither a letter nor a digit.
    fn other(&mut self, start: usize) -> SyntaxKind {
        use SyntaxKind as K;
        let (kind, len) = match self.bytes[start] {
            b'(' => (self.open(K::LParen), 1),
            b')' => (self.close(K::RParen), 1),
            b'[' => (self.open(K::LBracket), 1),
            b']' => (self.close(K::RBracket), 1),
            b'{' => (self.open(K::LBrace), 1),
            b'}' => match self.frames.last() {
                Some(Frame::Hole { depth: 0, .. }) => {
                    self.frames.pop();
                    (K::HoleEnd, 1)
                }
                _ => (self.close(K::RBrace), 1),
            },
            b':' if matches!(self.frames.last(), Some(Frame::Hole { depth: 0, .. })) => {
                return self.format_part(start);
            }
            b'"' => return self.string_start(start),
            b'\'' => return self.character(start),
            b'#' => return self.foreign_comment(start),
            b'/' if self.byte(start + 1) == b'/' => return self.comment(start),
            b'/' if self.byte(start + 1) == b'*' => return self.block_comment(start),
            first => {
                let found = operator(first, self.byte(start + 1), self.byte(start + 2));
                if found.1 == 0 {
                    return self.stray(start);
                }
                found
            }
        };
        self.pos = start + len;
        kind
    }

    fn open(&mut self, kind: SyntaxKind) -> SyntaxKind {
        if let Some(Frame::Hole { depth, .. }) = self.frames.last_mut() {
            *depth += 1;
        }
        kind
    }

    fn close(&mut self, kind: SyntaxKind) -> SyntaxKind {
        if let Some(Frame::Hole { depth, .. }) = self.frames.last_mut() {
            *depth = depth.saturating_sub(1);
        }
        kind
    }

    fn line_end(&self, from: usize) -> usize {
        let end = memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |at| from + at);
        if end > from && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    fn comment(&mut self, start: usize) -> SyntaxKind {
        self.pos = self.line_end(start);
        let doc = self.byte(start + 2) == b'/' && self.byte(start + 3) != b'/';
        if doc { SyntaxKind::DocComment } else { SyntaxKind::Comment }
    }

    fn foreign_comment(&mut self, start: usize) -> SyntaxKind {
        self.pos = self.line_end(start);
        self.error(start, start + 1, |_| {
            Diagnostic::error(M0010, "comments do not begin with `#`").help("write `// text`")
        });
        SyntaxKind::Comment
    }

    fn block_comment(&mut self, start: usize) -> SyntaxKind {
        let end = memchr::memmem::find(&self.bytes[start + 2..], b"*/");
        self.pos = end.map_or(self.line_end(start), |at| start + 2 + at + 2);
        self.error(start, start + 2, |_| {
            Diagnostic::error(M0010, "there are no comments between `/*` and `*/`")
                .help("begin each line of the comment with `//`")
        });
        SyntaxKind::Comment
    }

    /// A character that begins no token.
    fn stray(&mut self, start: usize) -> SyntaxKind {
        let Some(c) = self.text[start..].chars().next() else { return SyntaxKind::Bad };
        if c.is_alphabetic() {
            return self.wide_word(start, c);
        }
        let end = start + c.len_utf8();
        self.pos = end;
        if c == '\u{201c}' || c == '\u{201d}' {
            let line = self.line_end(end);
            if let Some(at) = self.text[end..line].find(['\u{201c}', '\u{201d}']) {
                self.pos = end + at + c.len_utf8();
                self.error(start, end, |_| {
                    Diagnostic::error(M0001, format!("`{c}` is not the quote that strings begin with"))
                        .help("write the quotes as `\"`")
                });
                return SyntaxKind::RawStr;
            }
        }
        let help = match c {
            '@' => "there are no annotations; comments for documentation begin with `///`",
            '$' => "names have letters, digits and `_`; a string takes values in braces: `\"{name}\"`",
            '`' => "strings stand in `\"`; over several lines in `\"\"\"`",
            '\\' => "a line goes on by itself inside brackets and behind an operator",
            '\u{d7}' => "write `*`",
            '\u{f7}' => "write `/`",
            '\u{2264}' => "write `<=`",
            '\u{2265}' => "write `>=`",
            '\u{2260}' => "write `!=`",
            '\u{2212}' | '\u{2013}' | '\u{2014}' => "write `-`",
            '\u{2192}' => "write `->`",
            '\u{a0}' | '\u{200b}' | '\u{feff}' => "it looks like a blank and is none; replace it by one",
            _ => "remove it; in strings and comments every character may stand",
        };
        // A run of them is one error.
        let repeated = self.tokens.last().is_some_and(|token| token.kind == SyntaxKind::Bad);
        if !repeated {
            self.error(start, end, |_| {
                let shown = if c.is_control() || c.is_whitespace() || !c.is_ascii() {
                    format!("`{}` (U+{:04X})", c.escape_debug(), u32::from(c))
                } else {
                    format!("`{c}`")
                };
                Diagnostic::error(M0001, format!("the character {shown} means nothing here")).help(help)
            });
        }
        SyntaxKind::Bad
    }

    fn character(&mut self, start: usize) -> SyntaxKind {
        let line = self.line_end(start);
        let rest = &self.text[start + 1..line];
        let body = match rest.chars().next() {
            Some('\\') => literal::escape_len(rest, true).map_or(2, |(len, _)| len),
            Some('\'') | None => 0,
            Some(c) => c.len_utf8(),
        };
        if body > 0 && rest.get(body..).is_some_and(|rest| rest.starts_with('\'')) {
            self.pos = start + 1 + body + 1;
            if rest.starts_with('\\') && literal::escape_len(rest, true).is_none() {
                self.bad_escape(start + 1, start + 1 + body);
            }
            return SyntaxKind::Char;
        }
        if let Some(len) = rest.find('\'') {
            let end = start + len + 2;
            self.pos = end;
            self.error(start, end, |lexer| {
                let inner = &lexer.text[start + 1..end - 1];
                if inner.is_empty() {
                    return Diagnostic::error(M0006, "there is no character between the quotes")
                        .help("an empty string is `\"\"`");
                }
                Diagnostic::error(M0206, "strings stand in double quotes")
                    .at(
                        lexer.report.span(start, end),
                        "single quotes are for the number of one character, like `'a'`",
                    )
                    .help(format!("write {}", quoted(&format!("\"{inner}\""))))
            });
            return SyntaxKind::RawStr;
        }
        self.pos = start + 1;
        while self.class(self.pos) & NAME != 0 {
            self.pos += 1;
        }
        let end = self.pos;
        self.error(start, end, |_| {
            Diagnostic::error(M0006, "this quote has no end")
                .help("`'a'` is the number of a character; strings stand in `\"`")
        });
        SyntaxKind::Bad
    }

    fn raw_string(&mut self, start: usize) -> SyntaxKind {
        let from = start + 2;
        let line = self.line_end(from);
        match memchr::memchr(b'"', &self.bytes[from..line]) {
            Some(at) => self.pos = from + at + 1,
            None => {
                self.pos = line;
                self.unclosed(start);
            }
        }
        SyntaxKind::RawStr
    }

    fn string_start(&mut self, start: usize) -> SyntaxKind {
        let lines = self.bytes[start..].starts_with(b"\"\"\"");
        self.pos = start + if lines { 3 } else { 1 };
        self.frames.push(Frame::Str { start, lines });
        SyntaxKind::StrStart
    }

    /// The next token inside a string: text, the start of a hole, or the end.
    fn string_piece(&mut self, lines: bool) {
        let start = self.pos;
        let mut at = start;
        loop {
            while at < self.bytes.len() && self.class(at) & STRING_STOP == 0 {
                at += 1;
            }
            match self.byte(at) {
                b'\n' if lines => at += 1,
                b'\\' => at = self.escape(at),
                b'{' if self.byte(at + 1) == b'{' => {
                    self.error(at, at + 2, |_| {
                        Diagnostic::error(M0005, "`{{` is no escape")
                            .help("a brace that is only a brace is written `\\{`")
                    });
                    at += 2;
                }
                b'"' if lines && !self.bytes[at..].starts_with(b"\"\"\"") => at += 1,
                _ => break,
            }
        }
        if at > start {
            self.push(SyntaxKind::StrText, start);
        }
        self.pos = at;
        match self.byte(at) {
            b'{' => {
                self.pos = at + 1;
                self.push(SyntaxKind::HoleStart, at);
                self.frames.push(Frame::Hole { start: at, depth: 0 });
            }
            b'"' => {
                self.pos = at + if lines { 3 } else { 1 };
                self.push(SyntaxKind::StrEnd, at);
                self.frames.pop();
            }
            b'\n' if at < self.bytes.len() => self.close_line(),
            _ => {}
        }
    }

    /// Moves behind the escape at `at`.
    fn escape(&mut self, at: usize) -> usize {
        if let Some((len, _)) = literal::escape_len(&self.text[at..], false) {
            return at + len;
        }
        let len = match self.text[at + 1..].chars().next() {
            Some('\n') | None => 1,
            Some(c) => 1 + c.len_utf8(),
        };
        self.bad_escape(at, at + len);
        at + len
    }

    fn bad_escape(&mut self, start: usize, end: usize) {
        self.error(start, end, |lexer| {
            let text = &lexer.text[start..end];
            let help = if text == "\\u" {
                "a code point is written `\\u{1F426}`, with 1 to 6 hexadecimal digits"
            } else {
                "there are `\\n \\t \\r \\0 \\\\ \\\" \\{ \\u{1F426}`; `r\"...\"` takes everything literally"
            };
            Diagnostic::error(M0005, format!("{} is no escape", quoted(text))).help(help)
        });
    }

    /// `:` and the format behind it, up to the end of the hole.
    fn format_part(&mut self, start: usize) -> SyntaxKind {
        let mut at = start + 1;
        while !matches!(self.byte(at), b'}' | b'\n' | b'"') && at < self.bytes.len() {
            at += 1;
        }
        // A fill may be any character.
        if matches!(self.byte(at), b'}' | b'"')
            && at == start + 1
            && matches!(self.byte(at + 1), b'<' | b'^' | b'>')
        {
            at += 1;
            while !matches!(self.byte(at), b'}' | b'\n' | b'"') && at < self.bytes.len() {
                at += 1;
            }
        }
        self.pos = at;
        let format = &self.text[start + 1..at];
        if literal::Format::read(format).is_none() && self.byte(at) == b'}' {
            self.error(start + 1, at.max(start + 2), |lexer| {
                Diagnostic::error(M0008, format!("{} is no format", quoted(&lexer.text[start + 1..at])))
                    .help("a format is `[fill][< ^ >][+][0][width][.digits][x X b o e]`, for example `:>8` or `:.2`")
            });
        }
        SyntaxKind::HoleFormat
    }

    /// At a line end or the end of the text inside a string or hole: closes what cannot go on.
    fn close_line(&mut self) {
        let first_hole = self.frames.iter().find_map(|frame| match *frame {
            Frame::Hole { start, .. } => Some(start),
            Frame::Str { .. } => None,
        });
        let open = self.frames.iter().rposition(|frame| matches!(frame, Frame::Str { lines: true, .. }));
        match (first_hole, self.frames.first()) {
            (Some(hole), _) => self.error(hole, hole + 1, |lexer| {
                Diagnostic::error(M0007, "the value in the string has no `}`")
                    .at(
                        lexer.report.span(hole, hole + 1),
                        "an expression begins here and has to end on this line",
                    )
                    .help("a brace that is only a brace is written `\\{`")
            }),
            (None, Some(&Frame::Str { start, .. })) => self.unclosed(start),
            _ => {}
        }
        self.frames.truncate(open.map_or(0, |index| index + 1));
    }

    fn close_frames(&mut self) {
        if !self.frames.is_empty() {
            let outer = self.frames[0];
            match outer {
                Frame::Str { start, lines: true } => self.unclosed(start),
                _ => self.close_line(),
            }
            self.frames.clear();
        }
    }

    fn unclosed(&mut self, start: usize) {
        let lines = self.bytes[start..].starts_with(b"\"\"\"");
        let end = if lines { start + 3 } else { self.line_end(start) };
        self.error(start, end, |_| {
            if lines {
                Diagnostic::error(M0002, "the text has no end").help("it ends with `\"\"\"`")
            } else {
                Diagnostic::error(M0002, "the string has no end")
                    .help("it ends with `\"` on the same line; text over several lines stands in `\"\"\"`")
            }
        });
    }
}

/// The operator that begins with these bytes and its length, or length 0.
#[inline]
fn operator(first: u8, second: u8, third: u8) -> (SyntaxKind, usize) {
    use SyntaxKind as K;
    match (first, second, third) {
        (b',', ..) => (K::Comma, 1),
        (b';', ..) => (K::Semicolon, 1),
        (b':', b'=', _) => (K::ForeignOp, 2),
        (b':', ..) => (K::Colon, 1),
        (b'.', b'.', b'=') => (K::DotDotEq, 3),
        (b'.', b'.', _) => (K::DotDot, 2),
        (b'.', ..) => (K::Dot, 1),
        (b'?', b'?', b'=') => (K::ForeignOp, 3),
        (b'?', b'?', _) => (K::QuestionQuestion, 2),
        (b'?', b'.', _) => (K::QuestionDot, 2),
        (b'?', ..) => (K::Question, 1),
        (b'!', b'=', b'=') | (b'=', b'=', b'=') => (K::ForeignOp, 3),
        (b'!', b'=', _) => (K::NotEq, 2),
        (b'!', ..) => (K::Bang, 1),
        (b'-', b'>', _) => (K::Arrow, 2),
        (b'-', b'=', _) => (K::MinusEq, 2),
        (b'-', b'%', _) => (K::MinusPercent, 2),
        (b'-', b'-', _) => (K::MinusMinus, 2),
        (b'-', ..) => (K::Minus, 1),
        (b'=', b'>', _) => (K::FatArrow, 2),
        (b'=', b'=', _) => (K::EqEq, 2),
        (b'=', ..) => (K::Eq, 1),
        (b'+', b'=', _) => (K::PlusEq, 2),
        (b'+', b'%', _) => (K::PlusPercent, 2),
        (b'+', b'+', _) => (K::PlusPlus, 2),
        (b'+', ..) => (K::Plus, 1),
        (b'*', b'*', _) => (K::ForeignOp, 2),
        (b'*', b'=', _) => (K::StarEq, 2),
        (b'*', b'%', _) => (K::StarPercent, 2),
        (b'*', ..) => (K::Star, 1),
        (b'/', b'=', _) => (K::SlashEq, 2),
        (b'/', ..) => (K::Slash, 1),
        (b'%', b'=', _) => (K::PercentEq, 2),
        (b'%', ..) => (K::Percent, 1),
        (b'<', b'=', b'>') => (K::Spaceship, 3),
        (b'<', b'=', _) => (K::LtEq, 2),
        (b'<', b'<', b'=') => (K::ShlEq, 3),
        (b'<', b'<', _) => (K::Shl, 2),
        (b'<', ..) => (K::Lt, 1),
        (b'>', b'=', _) => (K::GtEq, 2),
        (b'>', ..) => (K::Gt, 1),
        (b'&', b'=', _) => (K::AmpEq, 2),
        (b'&', b'&', _) => (K::AmpAmp, 2),
        (b'&', ..) => (K::Amp, 1),
        (b'^', b'=', _) => (K::CaretEq, 2),
        (b'^', ..) => (K::Caret, 1),
        (b'|', b'=', _) => (K::PipeEq, 2),
        (b'|', b'|', _) => (K::PipePipe, 2),
        (b'|', ..) => (K::Pipe, 1),
        (b'~', ..) => (K::Tilde, 1),
        _ => (K::Bad, 0),
    }
}
