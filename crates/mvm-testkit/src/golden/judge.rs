//! Compares what the comments say with what came of a program.

use std::fmt;

use mvm_kernel::Exit;

use super::Program;
use super::build::Finding;
use super::comments::{Expectations, Key, Piece, quote};
use super::run::Ran;

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The program.
    pub name: String,
    /// The line, or 0 for the program as a whole.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// A failure at a line, or 0.
    pub fn new(name: &str, line: u32, message: impl Into<String>) -> Failure {
        Failure { name: name.into(), line, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.name, self.message),
            line => write!(f, "{}:{line}: {}", self.name, self.message),
        }
    }
}

/// Whether a text is as expected. `...` stands for any text.
pub fn matches(expected: &str, found: &str) -> bool {
    let parts: Vec<&str> = expected.split("...").collect();
    if parts.len() == 1 {
        return expected == found;
    }
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    for part in &parts[1..parts.len() - 1] {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// What a run that ended says of its end: the key, the line and the text.
pub fn ending(ran: &Ran) -> Option<(Key, u32, String)> {
    // What has no place in the program belongs to its first line.
    let line = ran.trace.first().copied().unwrap_or(0).max(1);
    match &ran.observed.exit {
        Exit::Status(_) => None,
        Exit::Uncaught(uncaught) if uncaught.trap.is_some() => {
            Some((Key::Trap, line, uncaught.message.clone()))
        }
        Exit::Uncaught(uncaught) if uncaught.message.is_empty() => {
            Some((Key::Uncaught, line, ran.class.clone()))
        }
        Exit::Uncaught(uncaught) => {
            Some((Key::Uncaught, line, format!("{}: {}", ran.class, uncaught.message)))
        }
        Exit::ReductionLimit => Some((Key::Stops, line, "reduction limit".into())),
        Exit::Break | Exit::Crashed(..) => Some((Key::Stops, line, "breakpoint".into())),
        Exit::TogetherTooMuch(_) => Some((Key::Stops, line, "memory of all processes".into())),
        Exit::Deadlock => Some((Key::Stops, line, "deadlock".into())),
    }
}

/// Compares everything.
pub fn judge(
    program: &Program,
    expected: &Expectations,
    findings: &[Finding],
    ran: Option<&Ran>,
    failures: &mut Vec<Failure>,
) {
    let mut judge = Judge { name: &program.name, failures };
    judge.findings(expected, findings);
    let Some(ran) = ran else {
        let results = [Key::Expect, Key::Stderr, Key::Trap, Key::Uncaught, Key::Stops, Key::Trace, Key::Exit];
        if let Some(remark) = expected.remarks.iter().find(|remark| results.contains(&remark.key)) {
            judge.fail(remark.line, "expected to run, and there is nothing to run");
        }
        return;
    };
    judge.end(expected, ran);
    match &expected.block {
        Some(block) => judge.block(block, &ran.observed.output),
        None => judge.pieces("standard output", &expected.pieces(Key::Expect), &ran.output),
    }
    judge.pieces("standard error", &expected.pieces(Key::Stderr), &ran.errors);
}

/// Compares what the comments of a file say of its errors and warnings.
pub fn judge_findings(
    name: &str,
    expected: &Expectations,
    findings: &[Finding],
    failures: &mut Vec<Failure>,
) {
    Judge { name, failures }.findings(expected, findings);
}

struct Judge<'a> {
    name: &'a str,
    failures: &'a mut Vec<Failure>,
}

impl Judge<'_> {
    fn fail(&mut self, line: u32, message: impl Into<String>) {
        self.failures.push(Failure::new(self.name, line, message));
    }

    /// Errors and warnings, each on its line.
    fn findings(&mut self, expected: &Expectations, findings: &[Finding]) {
        let mut open: Vec<&Finding> = findings.iter().collect();
        for remark in expected.remarks.iter().filter(|r| matches!(r.key, Key::Error | Key::Warning)) {
            let fits = |finding: &&&Finding| {
                finding.key() == remark.key
                    && finding.line == remark.line
                    && (matches(&remark.text, &finding.text()) || matches(&remark.text, &finding.message))
            };
            match open.iter().position(|finding| fits(&finding)) {
                Some(index) => drop(open.remove(index)),
                None => self.fail(remark.line, format!("expected {}: {}", remark.key.name(), remark.text)),
            }
        }
        for finding in open {
            let help = finding.help.as_ref().map(|help| format!("\n    help: {help}")).unwrap_or_default();
            self.fail(finding.line, format!("found {}: {}{help}", finding.key().name(), finding.text()));
        }
        for remark in expected.of(Key::Help) {
            let mut on_line = findings.iter().filter(|finding| finding.line == remark.line);
            if !on_line.any(|finding| finding.help.as_ref().is_some_and(|help| matches(&remark.text, help))) {
                self.fail(remark.line, format!("expected help: {}", remark.text));
            }
        }
    }

    /// Exit status, trap, exception, limit, and the calls on the way there.
    fn end(&mut self, expected: &Expectations, ran: &Ran) {
        let end = ending(ran);
        let keys = [Key::Trap, Key::Uncaught, Key::Stops];
        let mut wanted = expected.remarks.iter().filter(|remark| keys.contains(&remark.key));
        match (wanted.next(), &end) {
            (Some(remark), Some((key, line, text))) => {
                if remark.key != *key || !matches(&remark.text, text) {
                    let found = format!("{}: {text} (line {line})", key.name());
                    self.fail(
                        remark.line,
                        format!("expected {}: {}\n     found {found}", remark.key.name(), remark.text),
                    );
                } else if remark.line != *line {
                    self.fail(remark.line, format!("expected {} here, it came from line {line}", key.name()));
                }
            }
            (Some(remark), None) => {
                self.fail(remark.line, format!("expected {}: {}", remark.key.name(), remark.text));
            }
            (None, Some((key, line, text))) => self.fail(*line, format!("found {}: {text}", key.name())),
            (None, None) => {}
        }
        if let Some(second) = wanted.next() {
            self.fail(second.line, "a program ends once");
        }
        if let Exit::Status(found) = ran.observed.exit {
            let wanted = expected.text(Key::Exit).and_then(|text| text.parse().ok()).unwrap_or(0);
            if found != wanted {
                self.fail(0, format!("expected exit: {wanted}, found {found}"));
            }
        }
        for remark in expected.of(Key::Trace) {
            let index: usize = remark.text.parse().unwrap_or(usize::MAX);
            if ran.trace.get(index) != Some(&remark.line) {
                self.fail(
                    remark.line,
                    format!("expected call {index} of the backtrace here; it has the lines {:?}", ran.trace),
                );
            }
        }
    }

    fn block(&mut self, expected: &[u8], found: &[u8]) {
        let trimmed =
            |bytes: &[u8]| String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(bytes)).into_owned();
        let (expected, found) = (trimmed(expected), trimmed(found));
        if expected == found {
            return;
        }
        // Spaces at the end of a line cannot be seen in a comment.
        let lines =
            |text: &'_ str| -> Vec<String> { text.split('\n').map(|line| line.trim_end().into()).collect() };
        let lines = (lines(&expected), lines(&found));
        if lines.0 == lines.1 {
            return;
        }
        self.fail(0, format!("standard output differs{}", diff(&lines.0, &lines.1)));
    }

    fn pieces(&mut self, what: &str, expected: &[Piece], found: &[Piece]) {
        if expected == found {
            return;
        }
        let show = |pieces: &[Piece]| -> Vec<String> {
            pieces.iter().map(|piece| format!("line {}: {}", piece.line, quote(&piece.bytes))).collect()
        };
        let first = expected.iter().zip(found).find(|(a, b)| a != b).map(|(a, _)| a.line);
        let first = first.or(expected.get(found.len()).or(found.get(expected.len())).map(|piece| piece.line));
        let difference = diff(&show(expected), &show(found));
        self.fail(first.unwrap_or(0), format!("{what} differs{difference}"));
    }
}

/// Lines that differ, `-` expected and `+` found, with what is around them.
fn diff<S: AsRef<str> + PartialEq>(expected: &[S], found: &[S]) -> String {
    const SHOWN_MAX: usize = 12;
    let common = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
    let tail =
        expected[common..].iter().rev().zip(found[common..].iter().rev()).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    let mut put = |mark: char, lines: &[S]| {
        for line in lines.iter().take(SHOWN_MAX) {
            out.push_str(&format!("\n    {mark} {}", line.as_ref()));
        }
        if lines.len() > SHOWN_MAX {
            out.push_str(&format!("\n    {mark} ... {} more", lines.len() - SHOWN_MAX));
        }
    };
    put(' ', &expected[common.saturating_sub(2)..common]);
    put('-', &expected[common..expected.len() - tail]);
    put('+', &found[common..found.len() - tail]);
    put(' ', &expected[expected.len() - tail..][..tail.min(1)]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_stand_for_any_text() {
        assert!(matches("index 5 out of bounds", "index 5 out of bounds"));
        assert!(!matches("index 5", "index 5 out of bounds"));
        assert!(matches("index 5...", "index 5 out of bounds"));
        assert!(matches("...out...3", "index 5 out of bounds for length 3"));
        assert!(!matches("a...a", "a"));
    }

    #[test]
    fn differences_are_shown_with_their_surroundings() {
        assert_eq!(
            diff(&["a", "b", "c", "d"], &["a", "x", "c", "d"]),
            "\n      a\n    - b\n    + x\n      c"
        );
    }
}
