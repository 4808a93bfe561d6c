//! What may go to a terminal: text, colors and cursor movement. Everything else is shown, not sent.
//!
//! A terminal obeys control sequences: some answer it with text that the shell then reads as typed, write the
//! clipboard, open links, change the title, switch the character set or the mouse. A program that nobody trusts must
//! not send those, and neither may a source file or an exception message that is only shown. Bytes that go to a pipe
//! or a file are never changed. docs/decisions/0007 says why these sequences and no others.

use std::borrow::Cow;

/// A sequence with more parameter bytes than this is not sent.
const PARAMETER_BYTES_MAX: usize = 48;
/// A number in a sequence with more digits is not sent: terminals differ in what they make of it.
const DIGITS_MAX: usize = 4;

const ESCAPE: u8 = 0x1b;

/// Text of a tool with everything shown that may not be sent; such text has colors, but moves no cursor.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut guard = Guard { only_colors: true, ..Guard::default() };
    let mut out = Vec::with_capacity(text.len() + 16);
    guard.write(text.as_bytes(), &mut out);
    guard.end(&mut out);
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// Stands between a stream of bytes and a terminal. What a write leaves unfinished waits for the next one.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    /// Nothing but colors is sent.
    only_colors: bool,
    /// The beginning of a sequence or of a character.
    unfinished: Vec<u8>,
    /// Colors or other looks are on.
    styled: bool,
    /// The cursor is off.
    hidden: bool,
}

/// What these bytes become on their way to a terminal, where there is one.
pub(crate) fn guarded<'b>(guard: &mut Option<Guard>, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let Some(guard) = guard else { return Cow::Borrowed(bytes) };
    let mut out = Vec::new();
    guard.write(bytes, &mut out);
    Cow::Owned(out)
}

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    /// So many bytes that may be sent.
    Sent(usize),
    /// So many bytes that may not.
    Shown(usize),
    /// All of it is the beginning of something that may be sent.
    Unfinished,
}

impl Guard {
    /// Puts what these bytes become into `out`.
    pub(crate) fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.unfinished.is_empty() && bytes.iter().copied().all(is_plain) {
            return out.extend_from_slice(bytes);
        }
        let before = std::mem::take(&mut self.unfinished);
        let joined =
            if before.is_empty() { Cow::Borrowed(bytes) } else { Cow::Owned([&before, bytes].concat()) };
        let mut rest = &*joined;
        while !rest.is_empty() {
            let count = match item(rest, self.only_colors) {
                Item::Sent(count) => {
                    self.note(&rest[..count]);
                    out.extend_from_slice(&rest[..count]);
                    count
                }
                Item::Shown(count) => {
                    show(&rest[..count], out);
                    count
                }
                Item::Unfinished => return self.unfinished.extend_from_slice(rest),
            };
            rest = &rest[count..];
        }
    }

    /// Nothing follows: shows what was left unfinished and puts looks and cursor back.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        show(&std::mem::take(&mut self.unfinished), out);
        if std::mem::take(&mut self.styled) {
            out.extend_from_slice(b"\x1b[0m");
        }
        if std::mem::take(&mut self.hidden) {
            out.extend_from_slice(b"\x1b[?25h");
        }
    }

    /// Remembers what has to be put back at the end.
    fn note(&mut self, sent: &[u8]) {
        match sent {
            b"\x1b[m" | b"\x1b[0m" => self.styled = false,
            [ESCAPE, .., b'm'] => self.styled = true,
            b"\x1b[?25l" => self.hidden = true,
            b"\x1b[?25h" => self.hidden = false,
            _ => {}
        }
    }
}

/// Printable ASCII, line ends, tabs, carriage return and backspace.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t' | b'\r' | 0x08)
}

/// What stands at the beginning of `bytes`, which are not empty.
fn item(bytes: &[u8], only_colors: bool) -> Item {
    match bytes[0] {
        byte if is_plain(byte) => Item::Sent(bytes.iter().take_while(|&&byte| is_plain(byte)).count()),
        ESCAPE => sequence(bytes, only_colors),
        0..=0x7f => Item::Shown(1),
        _ => character(&bytes[..bytes.len().min(4)]),
    }
}

/// Bytes that begin with one that is not ASCII.
fn character(bytes: &[u8]) -> Item {
    let (good, error) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => (std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(), Some(error)),
    };
    match (good.chars().next(), error.and_then(|error| error.error_len())) {
        // U+0080 to U+009F are control characters too.
        (Some(char), _) if char.is_control() => Item::Shown(char.len_utf8()),
        (Some(char), _) => Item::Sent(char.len_utf8()),
        (None, Some(wrong)) => Item::Shown(wrong),
        (None, None) => Item::Unfinished,
    }
}

/// Bytes that begin with an escape: a sequence `ESC [ parameters letter` of the ones that are sent.
fn sequence(bytes: &[u8], only_colors: bool) -> Item {
    match bytes.get(1) {
        None => return Item::Unfinished,
        Some(b'[') => {}
        Some(_) => return Item::Shown(1),
    }
    let count = bytes[2..].iter().take_while(|byte| matches!(byte, b'0'..=b'?')).count();
    if count > PARAMETER_BYTES_MAX {
        return Item::Shown(1);
    }
    let (parameters, rest) = bytes[2..].split_at(count);
    let Some(&letter) = rest.first() else { return Item::Unfinished };
    let numbers = |between: &[u8]| {
        let mut parts = parameters.split(|byte| between.contains(byte));
        parts.all(|part| part.len() <= DIGITS_MAX && part.iter().all(u8::is_ascii_digit))
    };
    let sent = match letter {
        // Colors and other looks.
        b'm' => numbers(b";:"),
        _ if only_colors => false,
        // Moving the cursor, erasing to the end of the line or screen.
        b'A'..=b'H' | b'J' | b'K' | b'd' | b'f' => numbers(b";"),
        // Keeping the place of the cursor and going back to it.
        b's' | b'u' => parameters.is_empty(),
        // Showing and hiding the cursor.
        b'h' | b'l' => parameters == b"?25",
        _ => false,
    };
    if sent { Item::Sent(count + 3) } else { Item::Shown(1) }
}

/// Writes bytes so that a person can read what they are.
fn show(bytes: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            for char in text.chars() {
                let shown =
                    if char.is_control() { format!("\\u{{{:x}}}", char as u32) } else { char.to_string() };
                out.extend(shown.bytes());
            }
        }
        Err(_) => bytes.iter().for_each(|byte| out.extend(format!("\\x{byte:02x}").bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(parts: &[&[u8]]) -> String {
        let mut guard = Guard::default();
        let mut out = Vec::new();
        parts.iter().for_each(|part| guard.write(part, &mut out));
        guard.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_colors_and_cursor_movement_are_sent() {
        for text in [
            "plain\ttext\r\n back\u{8}space é 漢 \u{1f600}",
            "\x1b[31mred\x1b[0m",
            "\x1b[1;38;5;208mx\x1b[m",
            "\x1b[38:2:1:2:3mx\x1b[0m",
            "\x1b[2J\x1b[H\x1b[10;20Hx\x1b[3A\x1b[K\x1b[s\x1b[u",
            "\x1b[?25lx\x1b[?25h",
        ] {
            assert_eq!(sent(&[text.as_bytes()]), text, "{text:?}");
        }
    }

    #[test]
    fn everything_else_is_shown() {
        for (text, expected) in [
            ("\x07\x00\x0b\x0c\x7f", r"\u{7}\u{0}\u{b}\u{c}\u{7f}"),
            // Questions that the terminal answers as if somebody typed.
            ("\x1b[6n\x1b[c\x1b[0c\x1b[21t", r"\u{1b}[6n\u{1b}[c\u{1b}[0c\u{1b}[21t"),
            // Title, clipboard, link.
            (
                "\x1b]0;t\x07\x1b]52;c;eA==\x07\x1b]8;;http://x\x1b\\",
                r"\u{1b}]0;t\u{7}\u{1b}]52;c;eA==\u{7}\u{1b}]8;;http://x\u{1b}\",
            ),
            // Device control, application commands, reset, character sets, keypad.
            ("\x1bPq\x1b_x\x1bc\x1b(0\x0e\x1b=", r"\u{1b}Pq\u{1b}_x\u{1b}c\u{1b}(0\u{e}\u{1b}="),
            // Other modes: mouse, alternate screen, keyboard.
            ("\x1b[?1000h\x1b[?1049h\x1b[>4;2m\x1b[>1u", r"\u{1b}[?1000h\u{1b}[?1049h\u{1b}[>4;2m\u{1b}[>1u"),
            // Printing, repeating, scroll region, huge numbers.
            ("\x1b[5i\x1b[9b\x1b[1;2r\x1b[99999A", r"\u{1b}[5i\u{1b}[9b\u{1b}[1;2r\u{1b}[99999A"),
            // A control character inside of a sequence; the 8-bit form of `ESC [`.
            ("\x1b[3\x0731m\u{9b}6n", r"\u{1b}[3\u{7}31m\u{9b}6n"),
            ("\x1b\x1b[6n", r"\u{1b}\u{1b}[6n"),
        ] {
            assert_eq!(sent(&[text.as_bytes()]), expected, "{text:?}");
        }
        assert_eq!(sent(&[b"\xff\x9b6n\xc3(\xe6\xbc"]), r"\xff\x9b6n\xc3(\xe6\xbc");
        let long = format!("\x1b[{}m", "1;".repeat(40));
        assert_eq!(sent(&[long.as_bytes()]), long.replace('\x1b', r"\u{1b}"));
    }

    #[test]
    fn it_does_not_matter_how_bytes_are_divided() {
        let bytes = "a\x1b[31mé漢\x1b[6n\x1b[12;3Hz\x1b[0m\u{9b}\x1b".as_bytes();
        let whole = sent(&[bytes]);
        for at in 0..bytes.len() {
            assert_eq!(sent(&[&bytes[..at], &bytes[at..]]), whole, "{at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(sent(&single), whole);
        assert_eq!(whole, "a\x1b[31mé漢\\u{1b}[6n\x1b[12;3Hz\x1b[0m\\u{9b}\\u{1b}");
    }

    #[test]
    fn looks_and_cursor_are_put_back() {
        assert_eq!(sent(&[b"\x1b[31mred"]), "\x1b[31mred\x1b[0m");
        assert_eq!(sent(&[b"\x1b[31mred\x1b[0m"]), "\x1b[31mred\x1b[0m");
        assert_eq!(sent(&[b"\x1b[?25lx\x1b[4"]), "\x1b[?25lx\\u{1b}[4\x1b[?25h");
    }

    #[test]
    fn texts_are_shown_as_a_whole() {
        assert!(matches!(shown("plain\n"), Cow::Borrowed(_)));
        assert_eq!(shown("\x1b[31ma\x1b[0m\x1b[A"), "\x1b[31ma\x1b[0m\\u{1b}[A");
        assert_eq!(shown("a\x1b]0;t\x07"), r"a\u{1b}]0;t\u{7}");
    }
}
