//! What literals mean: numbers, characters, escapes, formats.
//!
//! Everything here takes the text of a token and never fails on one that the lexer has accepted.

/// Why digits are no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberFault {
    /// An integer of more than 64 bits.
    TooLarge,
    /// Something else; how numbers are written.
    Form(&'static str),
}

/// Judges the text of a number.
pub(crate) fn check_number(text: &str) -> Result<(), NumberFault> {
    let lower = text.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return check_radix(digits, 16, "hexadecimal digits are 0 to 9 and a to f: `0xff`");
    }
    if let Some(digits) = lower.strip_prefix("0b") {
        return check_radix(digits, 2, "binary digits are 0 and 1: `0b1010`");
    }
    if lower.starts_with("0o") {
        return Err(NumberFault::Form("numbers are decimal, hexadecimal (`0xff`) or binary (`0b1010`)"));
    }
    let digits = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    };
    if digits(&lower) {
        return match integer(text) {
            Some(_) => Ok(()),
            None => Err(NumberFault::TooLarge),
        };
    }
    let (mantissa, exponent) = lower.split_once('e').map_or((&*lower, None), |(m, e)| (m, Some(e)));
    let whole = match mantissa.split_once('.') {
        Some((before, after)) => digits(before) && digits(after),
        None => digits(mantissa) && exponent.is_some(),
    };
    let power = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    if whole && power {
        return Ok(());
    }
    Err(NumberFault::Form(
        "numbers are written like `42`, `1_000`, `0xff`, `0b1010`, `1.5`, `1.5e3`; names begin with a letter",
    ))
}

fn check_radix(digits: &str, radix: u32, help: &'static str) -> Result<(), NumberFault> {
    if digits.is_empty() || !digits.chars().all(|c| c == '_' || c.is_digit(radix)) || digits.starts_with('_')
    {
        return Err(NumberFault::Form(help));
    }
    match radix_value(digits, radix) {
        Some(_) => Ok(()),
        None => Err(NumberFault::TooLarge),
    }
}

fn radix_value(digits: &str, radix: u32) -> Option<u64> {
    let mut value = 0u64;
    for c in digits.chars().filter(|&c| c != '_') {
        value = value.checked_mul(radix.into())?.checked_add(c.to_digit(radix)?.into())?;
    }
    Some(value)
}

/// The value of an integer. Decimal ones go up to 2^63, which fits an `int` only behind a minus; hexadecimal and binary
/// ones say the 64 bits themselves. `None` for anything else.
pub fn integer(text: &str) -> Option<u64> {
    match text.get(..2) {
        Some("0x" | "0X") => radix_value(&text[2..], 16),
        Some("0b" | "0B") => radix_value(&text[2..], 2),
        _ => radix_value(text, 10).filter(|&value| value <= 1 << 63),
    }
}

/// The value of a number with a point or exponent, rounded to the nearest `float`.
pub fn float(text: &str) -> Option<f64> {
    text.replace('_', "").parse().ok()
}

/// The code point between single quotes.
pub fn character(text: &str) -> Option<char> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    match inner.starts_with('\\') {
        true => escape_len(inner, true).map(|(_, c)| c),
        false => inner.chars().next(),
    }
}

/// Length and meaning of the escape that a text begins with. In a character `\'` is one too.
pub(crate) fn escape_len(text: &str, in_character: bool) -> Option<(usize, char)> {
    let rest = text.strip_prefix('\\')?;
    Some(match rest.chars().next()? {
        'n' => (2, '\n'),
        't' => (2, '\t'),
        'r' => (2, '\r'),
        '0' => (2, '\0'),
        '\\' => (2, '\\'),
        '"' => (2, '"'),
        '{' => (2, '{'),
        '\'' if in_character => (2, '\''),
        'u' => {
            let digits = rest.strip_prefix("u{")?;
            let end = digits.bytes().take(7).position(|b| b == b'}')?;
            let value = u32::from_str_radix(&digits[..end], 16).ok()?;
            (4 + end, char::from_u32(value)?)
        }
        _ => return None,
    })
}

/// Text of a string with its escapes replaced by what they mean. Escapes that do not exist stay as they are.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match escape_len(rest, false) {
            Some((len, c)) => {
                out.push(c);
                rest = &rest[len..];
            }
            None => {
                out.push('\\');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Where a value stands in its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Align {
    Left,
    Center,
    Right,
}

/// The format of a value in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What fills the width; a blank if nothing is said.
    pub fill: char,
    /// Where the value stands, if that is said.
    pub align: Option<Align>,
    /// Whether positive numbers have a `+`.
    pub plus: bool,
    /// Whether zeros fill the width, behind the sign.
    pub zeros: bool,
    /// Characters at least.
    pub width: u32,
    /// Digits behind the point.
    pub digits: Option<u32>,
    /// `x`, `X`, `b`, `o` or `e`.
    pub form: Option<char>,
}

/// Largest width and number of digits.
const FORMAT_NUMBER_MAX: u32 = 10_000;

impl Format {
    /// Reads `[fill][< ^ >][+][0][width][.digits][x X b o e]`; nothing at all is no format.
    pub fn read(text: &str) -> Option<Format> {
        if text.is_empty() {
            return None;
        }
        let side = |c: char| match c {
            '<' => Some(Align::Left),
            '^' => Some(Align::Center),
            '>' => Some(Align::Right),
            _ => None,
        };
        let mut chars = text.chars().peekable();
        let mut fill = ' ';
        let second = text.chars().nth(1).and_then(side);
        let mut align = text.chars().next().and_then(side);
        if second.is_some() {
            fill = chars.next()?;
            align = second;
        }
        if align.is_some() {
            chars.next();
        }
        let plus = chars.next_if_eq(&'+').is_some();
        let zeros = chars.next_if_eq(&'0').is_some();
        let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut value = None;
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                value = Some(value.unwrap_or(0u32).saturating_mul(10).saturating_add(digit));
                chars.next();
            }
            value
        };
        let width = number(&mut chars).unwrap_or(0);
        let digits = match chars.next_if_eq(&'.') {
            Some(_) => Some(number(&mut chars)?),
            None => None,
        };
        let form = chars.next_if(|c| matches!(c, 'x' | 'X' | 'b' | 'o' | 'e'));
        let good = chars.next().is_none() && width.max(digits.unwrap_or(0)) <= FORMAT_NUMBER_MAX;
        good.then_some(Format { fill, align, plus, zeros, width, digits, form })
    }
}

#[cfg(test)]
mod tests {
    use super::{Align, Format, NumberFault, character, check_number, float, integer, unescape};

    #[test]
    fn numbers_have_values() {
        assert_eq!(integer("1_000"), Some(1000));
        assert_eq!(integer("0xff"), Some(255));
        assert_eq!(integer("0b1010"), Some(10));
        assert_eq!(integer("9223372036854775808"), Some(1 << 63));
        assert_eq!(check_number("9223372036854775809"), Err(NumberFault::TooLarge));
        assert_eq!(check_number("0xffff_ffff_ffff_ffff"), Ok(()));
        assert_eq!(check_number("0x1_0000_0000_0000_0000"), Err(NumberFault::TooLarge));
        assert_eq!(float("1.5e3"), Some(1500.0));
        assert_eq!(check_number("1e9"), Ok(()));
        for wrong in ["1e", "12ab", "0b12", "0x", "0o17", "1.5f", "10L", "1.5e+"] {
            assert!(matches!(check_number(wrong), Err(NumberFault::Form(_))), "{wrong}");
        }
    }

    #[test]
    fn characters_and_escapes() {
        assert_eq!(character("'a'"), Some('a'));
        assert_eq!(character("'\\''"), Some('\''));
        assert_eq!(character("'\\u{1F426}'"), Some('\u{1F426}'));
        assert_eq!(unescape("a\\n\\{b\\u{e9}\\q"), "a\n{b\u{e9}\\q");
        assert_eq!(unescape("\\u{d800}"), "\\u{d800}");
    }

    #[test]
    fn formats_are_read() {
        let plain =
            Format { fill: ' ', align: None, plus: false, zeros: false, width: 0, digits: None, form: None };
        assert_eq!(Format::read(">8"), Some(Format { align: Some(Align::Right), width: 8, ..plain }));
        assert_eq!(
            Format::read("*^+05.2e").map(|f| (f.fill, f.plus, f.zeros, f.digits, f.form)),
            Some(('*', true, true, Some(2), Some('e')))
        );
        assert_eq!(Format::read("x"), Some(Format { form: Some('x'), ..plain }));
        for wrong in ["", "q", "8d", ".", "99999999", "<<<"] {
            assert_eq!(Format::read(wrong), None, "{wrong}");
        }
    }
}
