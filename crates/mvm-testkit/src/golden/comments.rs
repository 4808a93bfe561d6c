//! What the comments of a golden program say.

use std::fmt;

/// What a remark speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// What this line writes to standard output.
    Expect,
    /// What this line writes to standard error.
    Stderr,
    /// The trap that ends the program here.
    Trap,
    /// Class and message of the exception that ends the program and was first thrown here.
    Uncaught,
    /// The limit that ends the program here.
    Stops,
    /// Number of the call in the backtrace of the trap or exception that is under way here.
    Trace,
    /// What is wrong with this line.
    Error,
    /// What is doubtful about this line.
    Warning,
    /// The advice that comes with the error or warning.
    Help,
    /// Exit status.
    Exit,
    /// A line of standard input.
    Stdin,
    /// Arguments, separated by spaces.
    Args,
    /// `NAME=VALUE` of the environment.
    Env,
    /// Limit of the heap in bytes.
    LimitHeap,
    /// Limit of the stack in bytes.
    LimitStack,
    /// Limit of reductions.
    LimitReductions,
    /// Other sources to link with this one, separated by spaces.
    Link,
    /// Programs that it can start, by the names of their files, separated by spaces.
    With,
}

const KEYS: &[(&str, Key)] = &[
    ("expect", Key::Expect),
    ("stderr", Key::Stderr),
    ("trap", Key::Trap),
    ("uncaught", Key::Uncaught),
    ("stops", Key::Stops),
    ("trace", Key::Trace),
    ("error", Key::Error),
    ("warning", Key::Warning),
    ("help", Key::Help),
    ("exit", Key::Exit),
    ("stdin", Key::Stdin),
    ("args", Key::Args),
    ("env", Key::Env),
    ("limit-heap", Key::LimitHeap),
    ("limit-stack", Key::LimitStack),
    ("limit-reductions", Key::LimitReductions),
    ("link", Key::Link),
    ("with", Key::With),
];

impl Key {
    /// The key as it stands in a comment.
    pub fn name(self) -> &'static str {
        KEYS.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }

    /// Whether the comment states a result (and blessing rewrites it) rather than a circumstance.
    pub fn is_result(self) -> bool {
        use Key::{Error, Exit, Expect, Help, Stderr, Stops, Trace, Trap, Uncaught, Warning};
        matches!(self, Expect | Stderr | Trap | Uncaught | Stops | Trace | Error | Warning | Help | Exit)
    }
}

/// One `key: text` of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it speaks of.
    pub key: Key,
    /// The text behind the colon, trimmed.
    pub text: String,
    /// The line it speaks of, counted from 1.
    pub line: u32,
    /// The line it stands on: below `line` with `^`.
    pub stands_on: u32,
}

/// Text a program writes, as expected or as seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// Line that writes it; 0 when the program does not know.
    pub line: u32,
    /// The bytes, without a line end at the end.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, quote(&self.bytes))
    }
}

/// Everything the comments of a program say.
#[derive(Debug, Clone, Default)]
pub struct Expectations {
    /// All remarks in the order of the text.
    pub remarks: Vec<Remark>,
    /// The whole standard output, when it stands in `;>` lines.
    pub block: Option<Vec<u8>>,
}

impl Expectations {
    /// Reads the comments of a text; also what is wrong with them, with the line.
    pub fn parse(text: &str) -> (Expectations, Vec<(u32, String)>) {
        let mut found = Expectations::default();
        let mut mistakes = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index as u32 + 1;
            let Some(at) = comment_start(line) else { continue };
            let comment = &line[at + 1..];
            if let Some(output) = comment.strip_prefix('>') {
                let block = found.block.get_or_insert_default();
                block.extend_from_slice(output.strip_prefix(' ').unwrap_or(output).as_bytes());
                block.push(b'\n');
                continue;
            }
            for remark in parse_comment(comment, number) {
                if let Err(message) = check_text(&remark) {
                    mistakes.push((number, message));
                }
                found.remarks.push(remark);
            }
        }
        if found.block.is_some() && found.of(Key::Expect).next().is_some() {
            mistakes.push((1, "there are `expect:` comments and a block of `;>` lines: one of them".into()));
        }
        (found, mistakes)
    }

    /// The remarks with this key.
    pub fn of(&self, key: Key) -> impl Iterator<Item = &Remark> {
        self.remarks.iter().filter(move |remark| remark.key == key)
    }

    /// The last text given for a key.
    pub fn text(&self, key: Key) -> Option<&str> {
        self.of(key).last().map(|remark| remark.text.as_str())
    }

    /// What the lines write, in the order of the text.
    pub fn pieces(&self, key: Key) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for remark in self.of(key) {
            for part in split_alternatives(&remark.text) {
                pieces.push(Piece { line: remark.line, bytes: unquote(part).unwrap_or_default() });
            }
        }
        pieces
    }

    /// The number given for a key; suffixes k and m stand for 2^10 and 2^20.
    pub fn number(&self, key: Key) -> Option<u64> {
        self.text(key).and_then(parse_number)
    }

    /// Standard input.
    pub fn stdin(&self) -> Vec<u8> {
        let mut input = Vec::new();
        for remark in self.of(Key::Stdin) {
            input.extend(unquote(&remark.text).unwrap_or_default());
            // A quoted text is taken as it is, so that the last line can be without its end.
            if !remark.text.starts_with('"') {
                input.push(b'\n');
            }
        }
        input
    }
}

fn parse_number(text: &str) -> Option<u64> {
    let (digits, factor) = match text.char_indices().last()? {
        (at, 'k') => (&text[..at], 1 << 10),
        (at, 'm') => (&text[..at], 1 << 20),
        _ => (text, 1),
    };
    digits.replace('_', "").parse::<u64>().ok()?.checked_mul(factor)
}

fn check_text(remark: &Remark) -> Result<(), String> {
    let name = remark.key.name();
    let fine = match remark.key {
        Key::LimitHeap | Key::LimitStack | Key::LimitReductions => parse_number(&remark.text).is_some(),
        Key::Exit => remark.text.parse::<i64>().is_ok(),
        Key::Trace => remark.text.parse::<usize>().is_ok(),
        Key::Expect | Key::Stderr => {
            split_alternatives(&remark.text).iter().all(|part| unquote(part).is_some())
        }
        Key::Stdin => unquote(&remark.text).is_some(),
        Key::Env => remark.text.contains('='),
        _ => !remark.text.is_empty(),
    };
    if fine { Ok(()) } else { Err(format!("`{}` is no text for `{name}:`", remark.text)) }
}

/// Byte at which the comment of a line starts: the first `;` outside quotes. A quote without its end starts nothing.
pub fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b';' => return Some(at),
            quote @ (b'"' | b'\'' | b'`') => at = end_of_quote(bytes, at, quote).unwrap_or(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn end_of_quote(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote != b'`' => at += 1,
            b if b == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Remarks of a comment (without its semicolon). What is no remark is prose.
pub fn parse_comment(comment: &str, number: u32) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    let body = comment.trim_start();
    let above = body.bytes().take_while(|&b| b == b'^').count();
    let line = number.saturating_sub(above as u32).max(1);
    for part in body[above..].split("; ") {
        match part.split_once(':').and_then(|(word, text)| Some((key_named(word.trim())?, text))) {
            Some((key, text)) => {
                remarks.push(Remark { key, text: text.trim().into(), line, stands_on: number });
            }
            // A semicolon inside of a text.
            None => {
                if let Some(last) = remarks.last_mut() {
                    last.text.push_str("; ");
                    last.text.push_str(part);
                }
            }
        }
    }
    for remark in &mut remarks {
        remark.text.truncate(remark.text.trim_end().len());
    }
    remarks
}

fn key_named(word: &str) -> Option<Key> {
    KEYS.iter().find(|(name, _)| *name == word).map(|(_, key)| *key)
}

/// Parts between ` | ` outside quotes.
fn split_alternatives(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'"' && at == start {
            at = end_of_quote(bytes, at, b'"').unwrap_or(at);
        } else if bytes[at..].starts_with(b" | ") {
            parts.push(&text[start..at]);
            at += 3;
            start = at;
            continue;
        }
        at += 1;
    }
    parts.push(&text[start..]);
    parts
}

/// Words between spaces; a word in quotes may contain some.
pub fn words(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let (mut words, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b' ' {
            at += 1;
            continue;
        }
        let end = match bytes[at] {
            b'"' => end_of_quote(bytes, at, b'"').map_or(bytes.len(), |end| end + 1),
            _ => bytes[at..].iter().position(|&b| b == b' ').map_or(bytes.len(), |length| at + length),
        };
        words.push(String::from_utf8_lossy(&unquote(&text[at..end]).unwrap_or_default()).into_owned());
        at = end;
    }
    words
}

/// A text as it stands in a comment: as it is, or in quotes where that would not read back.
pub fn quote(bytes: &[u8]) -> String {
    let plain = std::str::from_utf8(bytes).ok().filter(|text| {
        let ends = text.trim() == *text && !text.is_empty();
        let parts = text.contains(" | ") || text.contains("; ");
        ends && !parts && !text.starts_with('"') && !text.chars().any(char::is_control)
    });
    if let Some(text) = plain {
        return text.into();
    }
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() && c.is_ascii() => out.push_str(&format!("\\x{:02x}", c as u32)),
                // Written so that the parts of a comment stay apart.
                c => out.push(c),
            }
        }
        for b in chunk.invalid() {
            out.push_str(&format!("\\x{b:02x}"));
        }
    }
    out.push('"');
    out.replace("; ", ";\\x20")
}

/// The bytes a text in a comment stands for; none when its quotes or escapes are wrong.
pub fn unquote(text: &str) -> Option<Vec<u8>> {
    let Some(inner) = text.strip_prefix('"') else { return Some(text.as_bytes().to_vec()) };
    let inner = inner.strip_suffix('"')?;
    let mut out = Vec::new();
    let mut rest = inner.as_bytes().iter().copied();
    while let Some(b) = rest.next() {
        if b != b'\\' {
            out.push(b);
            continue;
        }
        out.push(match rest.next()? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'x' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other @ (b'"' | b'\\') => other,
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_start_outside_quotes() {
        assert_eq!(comment_start(r#"mov s, "a;b\";" ; x"#), Some(16));
        assert_eq!(comment_start("mov c, ';' ; x"), Some(11));
        assert_eq!(comment_start(r#"mov s, "open ; x"#), Some(13));
        assert_eq!(comment_start("ret"), None);
    }

    #[test]
    fn several_remarks_share_a_comment() {
        let remarks = parse_comment(" expect: a; b ; exit: 3", 7);
        let texts: Vec<(Key, &str)> = remarks.iter().map(|r| (r.key, r.text.as_str())).collect();
        assert_eq!(texts, [(Key::Expect, "a; b"), (Key::Exit, "3")]);
        assert_eq!(parse_comment("^^ error: x", 7)[0].line, 5);
        assert!(parse_comment(" note: nothing", 1).is_empty());
    }

    #[test]
    fn texts_read_back() {
        for bytes in [&b"a"[..], b"", b" a", b"a\nb", b"a | b", b"\xff", b"say \"x\"", b"\"", b"a; b", b"\\"]
        {
            assert_eq!(unquote(&quote(bytes)).as_deref(), Some(bytes));
        }
        let (found, _) = Expectations::parse("x ; expect: 1 | \"a | b\" | 3");
        assert_eq!(
            found.pieces(Key::Expect).iter().map(|p| p.bytes.as_slice()).collect::<Vec<_>>(),
            [b"1".as_slice(), b"a | b", b"3"]
        );
    }
}
