//! Bytes to raw tokens: a kind and a range, nothing else.
//!
//! The lexer keeps everything, comments and line ends included, so that the formatter can use it too. It never fails:
//! what is wrong comes out as a token of kind [`Kind::Bad`] with the reason. Values (numbers, decoded strings, names)
//! are made by `tokens.rs`.

use mvm_diag::letter_at;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Kind {
    /// End of the text.
    Eof,
    /// A line end (`\n` or `\r\n`).
    Newline,
    /// `;` up to the line end, which is not included.
    Comment,
    /// A name.
    Ident,
    /// A name in backquotes.
    Quoted,
    /// An integer literal.
    Int,
    /// The decimal literal 9223372036854775808, which is good only after a minus sign.
    IntMin,
    /// A float literal.
    Float,
    /// A string literal.
    Str,
    /// A string literal with bytes that are not UTF-8 (written with `\x`).
    ByteStr,
    /// A character literal.
    Char,
    /// `1b` or `1f`: the numeric label before or after.
    LabelRef,
    /// `$name`.
    Param,
    /// `$#name`.
    ParamCount,
    /// `@name`.
    Fresh,
    Comma,
    Colon,
    Equals,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    Dot,
    Ellipsis,
    Arrow,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    EqualEqual,
    NotEqual,
    And,
    AndAnd,
    Or,
    OrOr,
    Caret,
    Tilde,
    Bang,
    Question,
    /// Something that cannot stand in assembly.
    Bad(Bad),
}

/// Why bytes are not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Bad {
    /// A character without meaning.
    Character,
    /// A comment of other languages, to the end of the line.
    Comment,
    /// A string, character or backquoted name without its end on the line.
    Unterminated,
    /// A name in backquotes without a character.
    EmptyName,
    /// Digits and letters that are no number.
    Number,
    /// An integer that does not fit 64 bits.
    TooLarge,
    /// An escape that does not exist.
    Escape,
    /// `$` or `@` without a name.
    Sigil,
}

/// A token as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) kind: Kind,
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last one.
    pub(crate) end: usize,
}

/// Splits text into raw tokens.
pub(crate) struct Lexer<'s> {
    text: &'s str,
    bytes: &'s [u8],
    pos: usize,
}

/// Classes of bytes, for the inner loops.
const CLASS: [u8; 256] = classes();
const NAME_START: u8 = 1;
const NAME: u8 = 2;
const SPACE: u8 = 4;
const DIGIT: u8 = 8;

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0usize;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_alphabetic() || c == b'_' {
            table[b] = NAME_START | NAME;
        } else if c.is_ascii_digit() {
            table[b] = NAME | DIGIT;
        } else if c == b' ' || c == b'\t' {
            table[b] = SPACE;
        }
        b += 1;
    }
    table
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(text: &'s str) -> Lexer<'s> {
        Lexer { text, bytes: text.as_bytes(), pos: 0 }
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The next token; [`Kind::Eof`] again and again at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Raw {
        while CLASS[usize::from(self.byte(self.pos))] & SPACE != 0 {
            self.pos += 1;
        }
        let start = self.pos;
        let Some(&first) = self.bytes.get(start) else {
            return Raw { kind: Kind::Eof, start, end: start };
        };
        let class = CLASS[usize::from(first)];
        let kind = if class & NAME_START != 0 {
            self.name(start + 1)
        } else if class & DIGIT != 0 {
            self.number(start)
        } else {
            self.other(start, first)
        };
        Raw { kind, start, end: self.pos }
    }

    /// Moves behind a name whose first character ends at `at`.
    #[inline]
    fn name(&mut self, mut at: usize) -> Kind {
        loop {
            while CLASS[usize::from(self.byte(at))] & NAME != 0 {
                at += 1;
            }
            match letter_at(self.text, at) {
                0 => break,
                len => at += len,
            }
        }
        self.pos = at;
        Kind::Ident
    }

    /// Digits, and letters and points that belong to them.
    fn number(&mut self, start: usize) -> Kind {
        let mut at = start;
        while CLASS[usize::from(self.byte(at))] & DIGIT != 0 {
            at += 1;
        }
        let next = self.byte(at);
        if CLASS[usize::from(next)] & NAME == 0 && next != b'.' && next < 0x80 {
            self.pos = at;
            return if at - start <= 18 { Kind::Int } else { self.big_decimal(start, at) };
        }
        let hex = self.byte(start) == b'0' && matches!(next, b'x' | b'X') && at == start + 1;
        loop {
            let b = self.byte(at);
            let point = b == b'.' && !hex && CLASS[usize::from(self.byte(at + 1))] & DIGIT != 0;
            let sign = matches!(b, b'+' | b'-') && !hex && matches!(self.byte(at - 1), b'e' | b'E');
            if CLASS[usize::from(b)] & NAME != 0 || point || sign {
                at += 1;
            } else {
                match letter_at(self.text, at) {
                    0 => break,
                    len => at += len,
                }
            }
        }
        self.pos = at;
        self.number_kind(start, at)
    }

    fn number_kind(&self, start: usize, end: usize) -> Kind {
        let text = &self.bytes[start..end];
        let digits = |text: &[u8], radix: u32| {
            text.first().is_some_and(|&b| b != b'_')
                && text.iter().all(|&b| b == b'_' || char::from(b).is_digit(radix))
        };
        match text {
            [head @ .., b'b' | b'f'] if head.iter().all(u8::is_ascii_digit) => Kind::LabelRef,
            [b'0', b'x' | b'X', rest @ ..] => radix_kind(digits(rest, 16), rest, 16),
            [b'0', b'b' | b'B', rest @ ..] => radix_kind(digits(rest, 2), rest, 2),
            [b'0', b'o' | b'O', rest @ ..] => radix_kind(digits(rest, 8), rest, 8),
            _ if digits(text, 10) => self.big_decimal(start, end),
            _ if is_float(text) => Kind::Float,
            _ => Kind::Bad(Bad::Number),
        }
    }

    fn big_decimal(&self, start: usize, end: usize) -> Kind {
        const MIN: u64 = 1 << 63;
        match integer(&self.bytes[start..end]) {
            Some(value) if value < MIN => Kind::Int,
            Some(MIN) => Kind::IntMin,
            _ => Kind::Bad(Bad::TooLarge),
        }
    }

    /// Everything that does not begin with a letter or a digit.
    fn other(&mut self, start: usize, first: u8) -> Kind {
        let (kind, len) = match first {
            b'\n' => (Kind::Newline, 1),
            b'\r' if self.byte(start + 1) == b'\n' => (Kind::Newline, 2),
            b';' => return self.comment(start),
            b'#' => return self.foreign_comment(start),
            b'/' if self.byte(start + 1) == b'/' => return self.foreign_comment(start),
            b',' => (Kind::Comma, 1),
            b'"' => return self.quoted(start, b'"', Kind::Str),
            b'\'' => return self.quoted(start, b'\'', Kind::Char),
            b'`' => return self.quoted(start, b'`', Kind::Quoted),
            b'$' => return self.sigil(start),
            b'@' => match CLASS[usize::from(self.byte(start + 1))] & NAME {
                0 => (Kind::Bad(Bad::Sigil), 1),
                _ => {
                    self.name(start + 1);
                    return Kind::Fresh;
                }
            },
            _ => self.punctuation(start, first),
        };
        self.pos = start + len;
        kind
    }

    fn punctuation(&self, start: usize, first: u8) -> (Kind, usize) {
        let (second, third) = (self.byte(start + 1), self.byte(start + 2));
        match (first, second) {
            (b':', _) => (Kind::Colon, 1),
            (b'=', b'=') => (Kind::EqualEqual, 2),
            (b'=', _) => (Kind::Equals, 1),
            (b'{', _) => (Kind::LeftBrace, 1),
            (b'}', _) => (Kind::RightBrace, 1),
            (b'(', _) => (Kind::LeftParen, 1),
            (b')', _) => (Kind::RightParen, 1),
            (b'[', _) => (Kind::LeftBracket, 1),
            (b']', _) => (Kind::RightBracket, 1),
            (b'.', b'.') if third == b'.' => (Kind::Ellipsis, 3),
            (b'.', _) => (Kind::Dot, 1),
            (b'-', b'>') => (Kind::Arrow, 2),
            (b'-', _) => (Kind::Minus, 1),
            (b'+', _) => (Kind::Plus, 1),
            (b'*', _) => (Kind::Star, 1),
            (b'/', _) => (Kind::Slash, 1),
            (b'%', _) => (Kind::Percent, 1),
            (b'<', b'<') => (Kind::ShiftLeft, 2),
            (b'<', b'=') => (Kind::LessEqual, 2),
            (b'<', _) => (Kind::Less, 1),
            (b'>', b'>') if third == b'>' => (Kind::ShiftRightUnsigned, 3),
            (b'>', b'>') => (Kind::ShiftRight, 2),
            (b'>', b'=') => (Kind::GreaterEqual, 2),
            (b'>', _) => (Kind::Greater, 1),
            (b'!', b'=') => (Kind::NotEqual, 2),
            (b'!', _) => (Kind::Bang, 1),
            (b'&', b'&') => (Kind::AndAnd, 2),
            (b'&', _) => (Kind::And, 1),
            (b'|', b'|') => (Kind::OrOr, 2),
            (b'|', _) => (Kind::Or, 1),
            (b'^', _) => (Kind::Caret, 1),
            (b'~', _) => (Kind::Tilde, 1),
            (b'?', _) => (Kind::Question, 1),
            (0xef, 0xbb) if start == 0 && third == 0xbf => (Kind::Comment, 3),
            _ => {
                let c = self.text.get(start..).and_then(|rest| rest.chars().next());
                match c {
                    Some(c) if c.is_alphabetic() => {
                        let mut inner = Lexer { text: self.text, bytes: self.bytes, pos: start };
                        inner.name(start + c.len_utf8());
                        (Kind::Ident, inner.pos - start)
                    }
                    c => (Kind::Bad(Bad::Character), c.map_or(1, char::len_utf8)),
                }
            }
        }
    }

    fn comment(&mut self, start: usize) -> Kind {
        let rest = &self.bytes[start..];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let len = if len < rest.len() && rest[len - 1] == b'\r' { len - 1 } else { len };
        self.pos = start + len;
        Kind::Comment
    }

    fn foreign_comment(&mut self, start: usize) -> Kind {
        self.comment(start);
        Kind::Bad(Bad::Comment)
    }

    fn sigil(&mut self, start: usize) -> Kind {
        let (kind, at) = if self.byte(start + 1) == b'#' {
            (Kind::ParamCount, start + 2)
        } else {
            (Kind::Param, start + 1)
        };
        if CLASS[usize::from(self.byte(at))] & NAME_START != 0 {
            self.name(at);
            return kind;
        }
        self.pos = at;
        Kind::Bad(Bad::Sigil)
    }

    /// From a quote to the next one on the line; a backslash takes the next character with it.
    fn quoted(&mut self, start: usize, quote: u8, kind: Kind) -> Kind {
        let mut at = start + 1;
        loop {
            match self.byte(at) {
                b'\n' | 0 if at >= self.bytes.len() || self.bytes[at] == b'\n' => {
                    self.pos = at;
                    return Kind::Bad(Bad::Unterminated);
                }
                b'\\' if quote != b'`' && self.byte(at + 1) != b'\n' && at + 1 < self.bytes.len() => at += 2,
                b if b == quote => break,
                _ => at += 1,
            }
        }
        self.pos = at + 1;
        if kind == Kind::Quoted && at == start + 1 { Kind::Bad(Bad::EmptyName) } else { kind }
    }
}

fn radix_kind(good: bool, digits: &[u8], radix: u32) -> Kind {
    if !good {
        Kind::Bad(Bad::Number)
    } else if integer_radix(digits, radix).is_none() {
        Kind::Bad(Bad::TooLarge)
    } else {
        Kind::Int
    }
}

/// `digits . digits e digits` with at least the point or the exponent.
fn is_float(text: &[u8]) -> bool {
    let digits = |part: &[u8]| {
        part.first().is_some_and(u8::is_ascii_digit) && part.iter().all(|b| b.is_ascii_digit() || *b == b'_')
    };
    let (number, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let exponent_good =
        exponent.is_none_or(|e| digits(e.strip_prefix(b"-").or(e.strip_prefix(b"+")).unwrap_or(e)));
    let mut parts = number.splitn(2, |&b| b == b'.');
    let whole = parts.next().is_some_and(digits);
    exponent_good && whole && parts.next().is_none_or(digits)
}

/// The value of an integer literal of any radix, underscores skipped.
pub(crate) fn integer(text: &[u8]) -> Option<u64> {
    match text {
        [b'0', b'x' | b'X', rest @ ..] => integer_radix(rest, 16),
        [b'0', b'b' | b'B', rest @ ..] => integer_radix(rest, 2),
        [b'0', b'o' | b'O', rest @ ..] => integer_radix(rest, 8),
        _ => integer_radix(text, 10),
    }
}

fn integer_radix(digits: &[u8], radix: u32) -> Option<u64> {
    let mut value = 0u64;
    for &b in digits {
        if b != b'_' {
            let digit = char::from(b).to_digit(radix)?;
            value = value.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))?;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let mut lexer = Lexer::new(text);
        std::iter::from_fn(|| Some(lexer.next().kind)).take_while(|&k| k != Kind::Eof).collect()
    }

    #[test]
    fn numbers() {
        use Kind::{Bad as B, Float, Int, IntMin, LabelRef};
        let all = [
            ("42", Int),
            ("1_000", Int),
            ("0xff", Int),
            ("0b11", Int),
            ("0b", LabelRef),
            ("1b", LabelRef),
            ("12f", LabelRef),
            ("0x1f", Int),
            ("1.0", Float),
            ("1e9", Float),
            ("1.5e-3", Float),
            ("1e", B(Bad::Number)),
            ("12abc", B(Bad::Number)),
            ("0b12", B(Bad::Number)),
            ("9223372036854775807", Int),
            ("9223372036854775808", IntMin),
            ("9223372036854775809", B(Bad::TooLarge)),
            ("0xffff_ffff_ffff_ffff", Int),
            ("0x1_0000_0000_0000_0000", B(Bad::TooLarge)),
        ];
        for (text, kind) in all {
            assert_eq!(kinds(text), [kind], "{text}");
        }
    }

    #[test]
    fn strings_end_on_their_line() {
        assert_eq!(kinds(r#""a\"b" 'x' `a+b'`"#), [Kind::Str, Kind::Char, Kind::Quoted]);
        assert_eq!(kinds("\"abc\nx"), [Kind::Bad(Bad::Unterminated), Kind::Newline, Kind::Ident]);
        assert_eq!(kinds("\"abc\\"), [Kind::Bad(Bad::Unterminated)]);
        assert_eq!(kinds("``"), [Kind::Bad(Bad::EmptyName)]);
    }

    #[test]
    fn any_text_ends() {
        for text in ["\0", "é", "$", "@", "$#", "\u{feff}x", "a.b...c", "»", "\r", "1.", "0x"] {
            assert!(kinds(text).len() <= text.len(), "{text:?}");
        }
        assert_eq!(kinds("naïve été"), [Kind::Ident, Kind::Ident]);
    }
}
