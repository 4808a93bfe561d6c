//! `mvm repl`: Myna as it is typed.
//!
//! `session.rs` has what was typed so far and does what comes next, `host.rs` stands between the program and the outside,
//! `input.rs` knows where an input ends, `editor.rs` is the terminal, `complete.rs` what Tab shows.

mod complete;
mod editor;
mod host;
mod input;
mod session;

use std::cell::RefCell;
use std::io::IsTerminal;
use std::rc::Rc;

use mvm_asm::{DisOptions, disassemble_function};
use mvm_module::{FuncId, Module};

use self::editor::{Terminal, Typed};
use self::host::wait_for;
use self::input::{is_complete, split};
use self::session::{Outcome, Question, Session};
use crate::Status;
use crate::args::ReplArgs;
use crate::host::Input;
use crate::output::{Failure, Output, message};
use crate::signals;

/// The commands: name, what follows it, what it does.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("help", "", "this list"),
    ("type", "EXPRESSION", "its type; nothing is done"),
    ("time", "EXPRESSION", "its value and how long that took; the session stays as it is"),
    ("dis", "NAME or EXPRESSION", "what the machine runs for a function, or for an expression"),
    ("list", "", "the program so far"),
    ("undo", "", "forget the input that was kept last"),
    ("reset", "", "forget everything"),
    ("quit", "", "end; so does Ctrl-D"),
];

/// Reads and evaluates to the end of the input.
pub(crate) fn run(args: &ReplArgs, output: &mut Output) -> Result<Status, Failure> {
    output.flush()?;
    signals::keep_interrupts();
    let session = Rc::new(RefCell::new(Session::new(args)?));
    let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if interactive { typed(args, &session) } else { read(&session) }
}

/// Somebody types.
fn typed<'a>(args: &'a ReplArgs, session: &Rc<RefCell<Session<'a>>>) -> Result<Status, Failure> {
    let mut terminal = Terminal::new(Rc::clone(session), !args.no_history)?;
    let mut input = Input::standard();
    crate::output::line(&format!("Myna on MVM {}; `:help` lists the commands\n", env!("CARGO_PKG_VERSION")))?;
    loop {
        match terminal.read("> ")? {
            Typed::Text(text) => {
                // What came while nothing ran was meant for nothing.
                while signals::next().is_some() {}
                match evaluate(&mut session.borrow_mut(), &text, &mut input)? {
                    Next::On(_) => {}
                    Next::End => return Ok(Status::OK),
                }
            }
            Typed::Nothing => {}
            Typed::End => return Ok(Status::OK),
        }
    }
}

/// Standard input is a file or pipe, which the programs read from too.
fn read(session: &RefCell<Session<'_>>) -> Result<Status, Failure> {
    let mut input = Input::standard();
    let mut status = Status::OK;
    let mut text = String::new();
    loop {
        let mut line = Vec::new();
        if !wait_for(&input)? {
            return Ok(Status::INTERRUPTED);
        }
        let count = input.reader().read_until(b'\n', &mut line)?;
        text.push_str(&String::from_utf8_lossy(&line));
        if count > 0 && !text.starts_with(':') && !is_complete(&text) {
            continue;
        }
        match evaluate(&mut session.borrow_mut(), &std::mem::take(&mut text), &mut input)? {
            Next::On(Outcome::Done) => {}
            Next::On(Outcome::Failed) => status = Status::UNCAUGHT,
            Next::On(Outcome::Interrupted) => return Ok(Status::INTERRUPTED),
            Next::End => return Ok(status),
        }
        if count == 0 {
            return Ok(status);
        }
    }
}

/// Whether the session goes on.
enum Next {
    On(Outcome),
    End,
}

/// Does what was typed: a command, or one or more inputs, up to the first one that fails.
fn evaluate(session: &mut Session<'_>, text: &str, input: &mut Input) -> Result<Next, Failure> {
    if let Some(command) = text.trim().strip_prefix(':') {
        return self::command(session, command, input);
    }
    for text in split(text) {
        let outcome = session.input(&text, Question::Keep, input)?;
        if outcome != Outcome::Done {
            return Ok(Next::On(outcome));
        }
    }
    Ok(Next::On(Outcome::Done))
}

fn command(session: &mut Session<'_>, text: &str, input: &mut Input) -> Result<Next, Failure> {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let Some((name, wants, _)) = COMMANDS.iter().find(|(known, _, _)| *known == name) else {
        let near = mvm_diag::suggest(name, COMMANDS.iter().map(|(name, _, _)| *name));
        let help =
            near.map_or_else(|| "`:help` lists them".to_owned(), |near| format!("did you mean `:{near}`?"));
        Failure::wrong(format!("there is no command `:{name}`")).help(help).tell();
        return Ok(Next::On(Outcome::Failed));
    };
    if wants.is_empty() != rest.is_empty() {
        let what = if wants.is_empty() { "nothing".to_owned() } else { wants.to_string() };
        Failure::wrong(format!("behind `:{name}` stands {what}")).tell();
        return Ok(Next::On(Outcome::Failed));
    }
    let outcome = match *name {
        "help" => {
            crate::output::line(&help())?;
            Outcome::Done
        }
        "type" => session.type_of(rest),
        "time" => session.input(rest, Question::Time, input)?,
        "dis" => disassemble(session, rest)?,
        "list" => {
            crate::output::line(&session.listing())?;
            Outcome::Done
        }
        "undo" => session.undo(input)?,
        "reset" => {
            session.reset();
            Outcome::Done
        }
        _ => return Ok(Next::End),
    };
    Ok(Next::On(outcome))
}

fn help() -> String {
    let mut text = String::from(
        "Type statements, expressions and declarations (fn, class, enum, import). An input ends where its brackets are closed.\n\n",
    );
    for (name, wants, does) in COMMANDS {
        text.push_str(&format!("  {:<26}{does}\n", format!(":{name} {wants}")));
    }
    text.push_str(
        "\nTab completes. Ctrl-C interrupts what runs, or forgets the line. A declaration takes the place of one with the same\n\
         name. An input that fails leaves no trace.\n",
    );
    text
}

/// Shows what the machine runs for a function of this name, or for the functions that come of an expression.
fn disassemble(session: &mut Session<'_>, text: &str) -> Result<Outcome, Failure> {
    let module = match session.module_with(text) {
        Ok(module) => module,
        Err(outcome) => return Ok(outcome),
    };
    let named = |id: FuncId| module.function_name(id) == text;
    let mut chosen: Vec<FuncId> = functions(&module).filter(|&id| named(id)).collect();
    if chosen.is_empty() {
        // An expression becomes a function of its own as a closure.
        let closure = format!("|| {text}");
        let module = match session.module_with(&closure) {
            Ok(module) => module,
            Err(outcome) => return Ok(outcome),
        };
        let newest = session.newest();
        chosen = functions(&module).filter(|&id| comes_from(&module, id, &newest)).collect();
        return show(&module, &chosen, text);
    }
    show(&module, &chosen, text)
}

fn functions(module: &Module) -> impl Iterator<Item = FuncId> + use<> {
    let first = module.imports.len();
    (first..first + module.functions.len()).map(|index| FuncId(index as u32))
}

/// Whether a function comes from a source; `main`, into which all of them go, does not.
fn comes_from(module: &Module, id: FuncId, source: &str) -> bool {
    let Some(function) = module.function(id) else { return false };
    let here = |file: u16| module.sources.get(usize::from(file)).is_some_and(|name| &**name == source);
    &*function.name != "main" && function.debug.lines.iter().any(|line| here(line.file))
}

fn show(module: &Module, chosen: &[FuncId], text: &str) -> Result<Outcome, Failure> {
    if chosen.is_empty() {
        message(&format!("error: no function is made of `{text}`\n"));
        return Ok(Outcome::Failed);
    }
    for &id in chosen {
        let options = DisOptions { debug: false, listing: false };
        crate::output::line(&disassemble_function(module, id, &options))?;
    }
    Ok(Outcome::Done)
}
