//! Commands to text: a group stands on one line if it fits, and otherwise breaks at all of its own places.
//!
//! The method is that of Derek Oppen, "Prettyprinting" (1980), in the form of Philip Wadler, "A prettier printer".

use super::{INDENT, WIDTH};

/// A step of the layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cmd<'t> {
    /// Text; only the text of a string over several lines has line ends in it.
    Text(&'t str),
    /// A comment; a line end follows it.
    Comment(&'t str),
    Space,
    /// A line end, with an empty line if wanted.
    Hard {
        blank: bool,
    },
    /// A line end in a broken group; otherwise a blank or nothing.
    Soft {
        space: bool,
    },
    /// Text only where the group around it is broken, or only where it is not.
    If {
        broken: bool,
        text: &'static str,
    },
    Indent,
    /// Indents only if the group around it is broken.
    IndentBroken,
    Dedent,
    Group {
        /// Breaks whatever its width is.
        force: bool,
        /// Breaks if a line end is inside.
        follow: bool,
        /// Whether a line end is inside; filled in at its end.
        hard: bool,
    },
    End,
}

pub(super) fn print(commands: &[Cmd<'_>]) -> String {
    let mut printer = Printer {
        out: String::new(),
        column: 0,
        line_start: true,
        line: 0,
        indents: vec![0],
        broken: vec![true],
        comments: Vec::new(),
    };
    for (index, command) in commands.iter().enumerate() {
        printer.step(command, &commands[index + 1..]);
    }
    printer.align_comments();
    let end = printer.out.trim_end_matches([' ', '\n']).len();
    printer.out.truncate(end);
    if !printer.out.is_empty() {
        printer.out.push('\n');
    }
    printer.out
}

struct Printer {
    out: String,
    column: usize,
    line_start: bool,
    line: usize,
    indents: Vec<usize>,
    broken: Vec<bool>,
    /// Comments behind code: line, byte in front of the blank, columns of the code.
    comments: Vec<(usize, usize, usize)>,
}

impl Printer {
    fn indent(&self) -> usize {
        self.indents.last().copied().unwrap_or(0)
    }

    fn is_broken(&self) -> bool {
        self.broken.last().copied().unwrap_or(true)
    }

    fn text(&mut self, text: &str) {
        if self.line_start {
            let indent = self.indent();
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
            self.line_start = false;
        }
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(at) => {
                self.column = text[at + 1..].chars().count();
                self.line += text.matches('\n').count();
            }
            None => self.column += text.chars().count(),
        }
    }

    fn line(&mut self, blank: bool) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        if !self.out.is_empty() {
            self.out.push('\n');
            self.line += 1;
            if blank && !self.out.ends_with("\n\n") {
                self.out.push('\n');
                self.line += 1;
            }
        }
        self.line_start = true;
    }

    /// Comments behind code in lines below each other begin in the same column, unless a line would get too long.
    fn align_comments(&mut self) {
        let mut out = String::with_capacity(self.out.len() + 64);
        let mut copied = 0;
        for run in self.comments.chunk_by(|a, b| a.0 + 1 == b.0) {
            let column = run.iter().map(|&(_, _, column)| column).max().unwrap_or(0);
            let width =
                |at: usize| self.out[at..].lines().next().map_or(0, |text| text.trim_start().chars().count());
            let fits = run.iter().all(|&(_, at, _)| column + 1 + width(at) <= WIDTH);
            for &(_, at, code) in run.iter().filter(|_| fits) {
                out.push_str(&self.out[copied..at]);
                out.extend(std::iter::repeat_n(' ', column - code));
                copied = at;
            }
        }
        out.push_str(&self.out[copied..]);
        self.out = out;
    }

    fn step(&mut self, command: &Cmd<'_>, rest: &[Cmd<'_>]) {
        match *command {
            Cmd::Text(text) => self.text(text),
            Cmd::Comment(text) => {
                if !self.line_start {
                    let end = self.out.trim_end_matches(' ').len();
                    let blanks = self.out.len() - end;
                    self.comments.push((self.line, end, self.column - blanks));
                }
                self.text(text);
            }
            Cmd::Space => {
                if !self.line_start {
                    self.text(" ");
                }
            }
            Cmd::Hard { blank } => self.line(blank),
            Cmd::Soft { space } => {
                if self.is_broken() {
                    self.line(false);
                } else if space {
                    self.text(" ");
                }
            }
            Cmd::If { broken, text } => {
                if self.is_broken() == broken {
                    self.text(text);
                }
            }
            Cmd::Indent => self.indents.push(self.indent() + INDENT),
            Cmd::IndentBroken => {
                let more = if self.is_broken() { INDENT } else { 0 };
                self.indents.push(self.indent() + more);
            }
            Cmd::Dedent => {
                self.indents.pop();
            }
            Cmd::Group { force, follow, hard } => {
                let broken = force || follow && hard || !self.fits(rest);
                self.broken.push(broken);
            }
            Cmd::End => {
                self.broken.pop();
            }
        }
    }

    /// Whether the group whose commands begin here, and what follows it up to the next place to break, fits on the line.
    fn fits(&self, rest: &[Cmd<'_>]) -> bool {
        let start = if self.line_start { self.indent() } else { self.column };
        let mut left = WIDTH.saturating_sub(start);
        let mut depth = 1i32;
        for command in rest {
            let width = match *command {
                Cmd::Text(text) => match text.find('\n') {
                    Some(at) => return text[..at].chars().count() <= left,
                    None => text.chars().count(),
                },
                Cmd::Comment(_) | Cmd::Hard { .. } => return true,
                Cmd::Space => 1,
                Cmd::Soft { .. } if depth <= 0 => return true,
                Cmd::Soft { space } => usize::from(space),
                Cmd::If { broken: false, text } => text.len(),
                // A group behind this one can break where it likes.
                Cmd::Group { .. } if depth <= 0 => 0,
                Cmd::Group { .. } => {
                    depth += 1;
                    0
                }
                Cmd::End => {
                    depth -= 1;
                    0
                }
                Cmd::If { .. } | Cmd::Indent | Cmd::IndentBroken | Cmd::Dedent => 0,
            };
            if width > left {
                return false;
            }
            left -= width;
        }
        true
    }
}
