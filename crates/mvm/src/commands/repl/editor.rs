//! Typing on a terminal: editing, history, completion.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use mvm_diag::FileId;
use mvm_lang::SyntaxKind as K;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::complete::complete;
use super::input::is_complete;
use super::session::Session;
use crate::output::{Failure, colored_output, message, reason};

/// Inputs that the history keeps.
const HISTORY_MAX: usize = 2000;

/// What is typed next.
pub(super) enum Typed {
    Text(String),
    /// Ctrl-C.
    Nothing,
    /// Ctrl-D.
    End,
}

/// A terminal that somebody types on.
pub(super) struct Terminal<'a> {
    editor: Editor<Help<'a>, FileHistory>,
    history: Option<PathBuf>,
}

/// What the editor asks about the text.
struct Help<'a> {
    session: Rc<RefCell<Session<'a>>>,
    /// Whether the terminal shows colors.
    colored: bool,
}

impl<'a> Terminal<'a> {
    pub(super) fn new(
        session: Rc<RefCell<Session<'a>>>,
        keep_history: bool,
    ) -> Result<Terminal<'a>, Failure> {
        let failed = |error: ReadlineError| Failure::host(format!("the terminal cannot be used: {error}"));
        let config = Config::builder()
            .max_history_size(HISTORY_MAX)
            .map_err(failed)?
            .completion_type(CompletionType::List)
            .auto_add_history(false)
            .build();
        let mut editor = Editor::with_config(config).map_err(failed)?;
        editor.set_helper(Some(Help { session, colored: colored_output() }));
        let history = history_path().filter(|_| keep_history);
        if let Some(path) = &history {
            // One that is not there yet is empty.
            let _ = editor.load_history(path);
        }
        Ok(Terminal { editor, history })
    }

    pub(super) fn read(&mut self, prompt: &str) -> Result<Typed, Failure> {
        match self.editor.readline(prompt) {
            Ok(text) => {
                if !text.trim().is_empty() {
                    self.remember(&text);
                }
                Ok(Typed::Text(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Typed::Nothing),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(Failure::host(format!("cannot read from the terminal: {error}"))),
        }
    }

    /// Adds an input to the history, also in its file: whoever is killed has it next time.
    fn remember(&mut self, text: &str) {
        // One that is the same as the one before is not added.
        let added = self.editor.add_history_entry(text).unwrap_or(false);
        let Some(path) = self.history.take_if(|_| added) else { return };
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let saved = made
            .map_err(|error| reason(&error))
            .and_then(|()| self.editor.append_history(&path).map_err(|error| error.to_string()));
        match saved {
            Ok(()) => self.history = Some(path),
            Err(why) => {
                message(&format!("note: the history cannot be written to `{}`: {why}\n", path.display()));
            }
        }
    }
}

/// Where the history is: below `XDG_STATE_HOME`, or where that is when it is not set.
fn history_path() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
    Some(state.join("mvm/history"))
}

impl Completer for Help<'_> {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        // While something is evaluated nobody types.
        let Ok(session) = self.session.try_borrow() else { return Ok((at, Vec::new())) };
        let (start, found) = complete(&session, &line[..at]);
        let pair = |name: String| Pair { display: name.trim_end_matches('(').to_owned(), replacement: name };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Validator for Help<'_> {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let complete = text.starts_with(':') || is_complete(text);
        Ok(if complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Helper for Help<'_> {}

impl Hinter for Help<'_> {
    type Hint = String;
}

impl Highlighter for Help<'_> {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.colored && !line.starts_with(':') { Cow::Owned(colored(line)) } else { Cow::Borrowed(line) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colored && kind != CmdKind::MoveCursor
    }
}

/// A text with its words in colors.
fn colored(text: &str) -> String {
    let parse = mvm_lang::parse(FileId(0), text);
    let mut out = String::with_capacity(text.len() * 2);
    for token in parse.tree.root().all_tokens() {
        match color(token.kind()) {
            Some(color) => out.push_str(&format!("\x1b[{color}m{}\x1b[0m", token.text())),
            None => out.push_str(token.text()),
        }
    }
    out
}

fn color(kind: K) -> Option<u8> {
    match kind {
        K::Comment | K::DocComment => Some(2),
        K::StrStart | K::StrText | K::StrEnd | K::RawStr | K::Char => Some(32),
        K::Int | K::Float => Some(33),
        K::TypeName => Some(36),
        kind if kind.is_word() => Some(35),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::colored;

    #[test]
    fn colors_change_nothing_but_colors() {
        for text in ["let s = \"a{1 + x}b\" // c", "\"open", "fn f(", "\u{1} é 漢", "", "/// d\nclass A { }"]
        {
            let mut plain = String::new();
            let mut rest = &*colored(text);
            while let Some(at) = rest.find("\x1b[") {
                plain.push_str(&rest[..at]);
                rest = &rest[at + rest[at..].find('m').expect("a color ends") + 1..];
            }
            plain.push_str(rest);
            assert_eq!(plain, text);
        }
    }
}
