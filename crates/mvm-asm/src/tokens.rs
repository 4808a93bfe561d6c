//! Tokens as the assembler uses them: values made, names interned, braces matched, comments gone.

use mvm_diag::Diagnostic;

use crate::collect::starts_declaration;
use crate::cursor::Cursor;
use crate::errors::{E0001, E0002, E0003, E0004, E0005, E0006, E0007, E0108};
use crate::intern::{Interner, Sym};
use crate::lexer::{Bad, Kind, Lexer, Raw, integer};
use crate::report::{Place, Report};

/// A token. Twelve bytes, because a file has millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Position in the space of all files (see [`Place`]).
    pub(crate) pos: u32,
    /// Names, strings, `$name`, `$#name`, `@name`, `1b`: the symbol. Integers, floats: see [`Lexicon`]. Line ends: number of
    /// the line that begins. Left braces: index of the right one in the stream, or [`NO_BRACE`].
    pub(crate) value: u32,
    pub(crate) kind: Kind,
    /// Length in bytes (cut at 32767), and in the top bit whether nothing stands between this token and the one before.
    len: u16,
}

/// In a left brace: there is no right one.
pub(crate) const NO_BRACE: u32 = u32::MAX;

const GLUED: u16 = 0x8000;
const BIG: u32 = 0x8000_0000;

impl Token {
    pub(crate) const fn new(kind: Kind, value: u32, place: Place, glued: bool) -> Token {
        let len = if place.len > 0x7fff { 0x7fff } else { place.len as u16 };
        Token { pos: place.pos, value, kind, len: if glued { len | GLUED } else { len } }
    }

    pub(crate) const fn sym(self) -> Sym {
        Sym(self.value)
    }

    pub(crate) const fn place(self) -> Place {
        Place { pos: self.pos, len: (self.len & !GLUED) as u32 }
    }

    /// Whether it stands directly behind the token before.
    pub(crate) const fn glued(self) -> bool {
        self.len & GLUED != 0
    }

    /// Whether it is a name, quoted or not.
    pub(crate) const fn is_name(self) -> bool {
        matches!(self.kind, Kind::Ident | Kind::Quoted)
    }

    /// Whether a statement cannot go on behind it.
    pub(crate) const fn ends_statement(self) -> bool {
        matches!(self.kind, Kind::Newline | Kind::RightBrace | Kind::Eof)
    }
}

/// Names and numbers that tokens refer to.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) names: Interner,
    /// Integers that do not fit 31 bits, and the bits of floats.
    big: Vec<u64>,
}

impl Lexicon {
    pub(crate) fn new() -> Lexicon {
        Lexicon { names: Interner::new(), big: Vec::new() }
    }

    /// The value for a token of kind [`Kind::Int`].
    pub(crate) fn int_value(&mut self, value: u64) -> u32 {
        if value < u64::from(BIG) { value as u32 } else { BIG | self.float_value(value) }
    }

    fn float_value(&mut self, bits: u64) -> u32 {
        self.big.push(bits);
        self.big.len() as u32 - 1
    }

    /// The value of an integer token; for [`Kind::IntMin`] the smallest integer.
    #[inline]
    pub(crate) fn int(&self, token: Token) -> i64 {
        if token.kind == Kind::IntMin {
            i64::MIN
        } else if token.value < BIG {
            i64::from(token.value)
        } else {
            self.big.get((token.value & !BIG) as usize).map_or(0, |&v| v as i64)
        }
    }

    /// The value of a float token.
    pub(crate) fn float(&self, token: Token) -> f64 {
        self.big.get(token.value as usize).map_or(0.0, |&bits| f64::from_bits(bits))
    }
}

/// Splits a file into tokens. What is wrong is reported here and stays as [`Kind::Bad`], so that the parser can skip
/// the statement without a second message. The last token is [`Kind::Eof`].
pub(crate) fn tokenize(text: &str, base: u32, lexicon: &mut Lexicon, report: &mut Report) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4 + 2);
    let mut lexer = Lexer::new(text);
    let mut braces: Vec<u32> = Vec::new();
    let mut line = 1;
    let mut end = usize::MAX;
    loop {
        let raw = lexer.next();
        let value = match raw.kind {
            Kind::Comment => continue,
            Kind::Newline => {
                line += 1;
                if let Some(Token { kind: Kind::Newline, .. }) = tokens.last() {
                    tokens.pop();
                }
                line
            }
            Kind::Ident => lexicon.names.intern(&text.as_bytes()[raw.start..raw.end]).0,
            Kind::LeftBrace => {
                braces.push(tokens.len() as u32);
                NO_BRACE
            }
            Kind::RightBrace => {
                if let Some(open) = braces.pop() {
                    let close = tokens.len() as u32;
                    if let Some(Token { value, .. }) = tokens.get_mut(open as usize) {
                        *value = close;
                    }
                }
                0
            }
            Kind::Bad(_) => 0,
            _ => value_of(text, raw, lexicon),
        };
        let place = Place { pos: base + raw.start as u32, len: (raw.end - raw.start) as u32 };
        let mut kind = raw.kind;
        if value == u32::MAX && kind != Kind::LeftBrace {
            kind = Kind::Bad(if kind == Kind::Float { Bad::TooLarge } else { Bad::Escape });
        }
        if let Kind::Bad(bad) = kind {
            report_bad(bad, place, &text[raw.start..raw.end], report);
        } else if kind == Kind::Str && std::str::from_utf8(lexicon.names.bytes(Sym(value))).is_err() {
            kind = Kind::ByteStr;
        }
        tokens.push(Token::new(kind, value, place, end == raw.start));
        end = raw.end;
        if kind == Kind::Eof {
            break;
        }
    }
    for &open in braces.iter().take(1) {
        let place = tokens[open as usize].place();
        let error = Diagnostic::error(E0108, "`{` without its `}`");
        let mut error = error.at(report.span(place), "this is open at the end of the file");
        let mut next = Cursor::new(&tokens, open as usize + 1);
        while next.kind() != Kind::Eof && !starts_declaration(&next) {
            next.bump();
        }
        if next.kind() != Kind::Eof {
            error =
                error.with(report.span(next.peek().place()), "a `}` is missing before this, or further up");
        }
        report.emit(error);
    }
    tokens
}

/// The value of a token that is not a name, or `u32::MAX` for a bad escape or a float that is too large.
fn value_of(text: &str, raw: Raw, lexicon: &mut Lexicon) -> u32 {
    let bytes = &text.as_bytes()[raw.start..raw.end];
    let inner = |from: usize| &bytes[from..];
    match raw.kind {
        Kind::Int => {
            let value = integer(bytes).unwrap_or(0);
            lexicon.int_value(value)
        }
        Kind::Float => {
            let value = if bytes.contains(&b'_') {
                text[raw.start..raw.end].replace('_', "").parse().unwrap_or(0.0)
            } else {
                text[raw.start..raw.end].parse().unwrap_or(0.0_f64)
            };
            if value.is_infinite() { u32::MAX } else { lexicon.float_value(value.to_bits()) }
        }
        Kind::Quoted => lexicon.names.intern(&bytes[1..bytes.len() - 1]).0,
        Kind::Str => match unescape(&bytes[1..bytes.len() - 1]) {
            Some(Text::Same(same)) => lexicon.names.intern(same).0,
            Some(Text::Changed(changed)) => lexicon.names.intern(&changed).0,
            None => u32::MAX,
        },
        Kind::Char => char_value(&bytes[1..bytes.len() - 1]).unwrap_or(u32::MAX),
        Kind::LabelRef => lexicon.names.intern(bytes).0,
        Kind::Param | Kind::Fresh => lexicon.names.intern(inner(1)).0,
        Kind::ParamCount => lexicon.names.intern(inner(2)).0,
        _ => 0,
    }
}

enum Text<'t> {
    Same(&'t [u8]),
    Changed(Vec<u8>),
}

/// Replaces the escapes; `None` when one is wrong.
fn unescape(text: &[u8]) -> Option<Text<'_>> {
    let Some(first) = text.iter().position(|&b| b == b'\\') else { return Some(Text::Same(text)) };
    let mut out = text[..first].to_vec();
    let mut rest = &text[first..];
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        if b == b'\\' {
            rest = escape(rest, &mut out)?;
        } else {
            out.push(b);
        }
    }
    Some(Text::Changed(out))
}

/// Reads one escape behind its backslash; gives the rest.
fn escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> Option<&'t [u8]> {
    let (&letter, rest) = text.split_first()?;
    let byte = match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'0' => 0,
        b'e' => 0x1b,
        b'\\' | b'"' | b'\'' => letter,
        b'x' => {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?);
            return Some(&rest[2..]);
        }
        b'u' => {
            let close = rest.iter().take(9).position(|&b| b == b'}')?;
            let digits = std::str::from_utf8(rest.get(1..close)?).ok()?;
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| rest[0] == b'{')?;
            let c = char::from_u32(code)?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(&rest[close + 1..]);
        }
        _ => return None,
    };
    out.push(byte);
    Some(rest)
}

/// The code point between single quotes; `None` when an escape is wrong or it is not one character.
fn char_value(text: &[u8]) -> Option<u32> {
    if let [b'\\', b'x', digits @ ..] = text {
        let digits = std::str::from_utf8(digits).ok().filter(|d| d.len() == 2)?;
        return u32::from_str_radix(digits, 16).ok();
    }
    let value = unescape(text)?;
    let bytes = match &value {
        Text::Same(same) => same,
        Text::Changed(changed) => changed.as_slice(),
    };
    let mut chars = std::str::from_utf8(bytes).ok()?.chars();
    let c = chars.next()?;
    chars.next().is_none().then_some(u32::from(c))
}

fn report_bad(bad: Bad, place: Place, text: &str, report: &mut Report) {
    let span = report.span(place);
    let is_char = text.starts_with('\'');
    let error = match bad {
        Bad::Character => {
            let error = Diagnostic::error(E0001, format!("the character {text:?} has no meaning here"));
            let error = error.at(span, "");
            if text == "\r" { error.help("lines end with \\n, or with \\r\\n") } else { error }
        }
        Bad::Unterminated => Diagnostic::error(E0002, "a quote without its end")
            .at(span, "")
            .help("strings end on the line they begin on; write a line end as `\\n`"),
        Bad::EmptyName => Diagnostic::error(E0003, "a name without a character").at(span, ""),
        Bad::Number => Diagnostic::error(E0004, format!("`{}` is not a number", short(text)))
            .at(span, "")
            .help("integers are written 42, 1_000, 0xff or 0b11, floats 1.0 or 1e9"),
        Bad::TooLarge if text.contains(['.', 'e', 'E']) && !text.starts_with("0x") => {
            Diagnostic::error(E0005, format!("`{}` is larger than every float", short(text)))
                .at(span, "")
                .help("the largest is about 1.8e308; infinity is written `inf`")
        }
        Bad::TooLarge => Diagnostic::error(E0005, format!("`{}` does not fit 64 bits", short(text)))
            .at(span, "")
            .help("integers go from -9223372036854775808 to 9223372036854775807, patterns to 0xffffffffffffffff"),
        Bad::Escape if is_char => Diagnostic::error(E0006, "a character literal holds exactly one character")
            .at(span, "")
            .help("strings stand in double quotes; escapes are \\n \\t \\r \\0 \\e \\\\ \\' \\\" \\xNN \\u{NNNN}"),
        Bad::Escape => Diagnostic::error(E0006, "there is no such escape in a string")
            .at(span, "")
            .help("escapes are \\n \\t \\r \\0 \\e \\\\ \\' \\\" \\xNN \\u{NNNN}"),
        Bad::Sigil => Diagnostic::error(E0007, format!("`{}` without a name", text)).at(span, ""),
    };
    report.emit(error);
}

/// At most 40 characters of a text.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
