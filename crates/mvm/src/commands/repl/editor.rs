//! Typing on a terminal: editing, history, completion.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::complete::complete;
use super::input::is_complete;
use super::session::Session;
use crate::output::{Failure, message, reason};

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
        editor.set_helper(Some(Help { session }));
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

impl Hinter for Help<'_> {
    type Hint = String;
}

impl Highlighter for Help<'_> {}

impl Helper for Help<'_> {}
