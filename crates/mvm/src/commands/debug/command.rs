//! The commands of the debugger: their names, and what is read behind them.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Step,
    Next,
    StepInstruction,
    NextInstruction,
    Finish,
    Continue,
    Break,
    Watch,
    Breakpoints,
    Delete,
    Print,
    Registers,
    Dump,
    Backtrace,
    Frame,
    Up,
    Down,
    List,
    Dis,
    Restart,
    Help,
    Quit,
}

/// How a command is called and what it does.
pub(super) struct Row {
    pub(super) command: Command,
    pub(super) name: &'static str,
    pub(super) short: &'static [&'static str],
    pub(super) arguments: &'static str,
    pub(super) doc: &'static str,
}

const fn row(
    command: Command,
    name: &'static str,
    short: &'static [&'static str],
    arguments: &'static str,
    doc: &'static str,
) -> Row {
    Row { command, name, short, arguments, doc }
}

/// All commands, in the order of the help.
pub(super) const ROWS: &[Row] = &[
    row(Command::Step, "step", &["s"], "[N]", "go on to the next line, into calls; N times"),
    row(Command::Next, "next", &["n"], "[N]", "go on to the next line, over calls; N times"),
    row(Command::StepInstruction, "stepi", &["si"], "[N]", "execute one instruction; N times"),
    row(Command::NextInstruction, "nexti", &["ni"], "[N]", "execute one instruction, over calls; N times"),
    row(Command::Finish, "finish", &["fin"], "", "go on until the function returns"),
    row(Command::Continue, "continue", &["c", "run", "r"], "", "go on until something stops the program"),
    row(
        Command::Break,
        "break",
        &["b"],
        "[FUNCTION | LINE | FILE:LINE | FUNCTION+PC]",
        "stop there; without a place: here",
    ),
    row(Command::Watch, "watch", &[], "REGISTER", "stop when this number of this call changes"),
    row(Command::Breakpoints, "breakpoints", &["bl"], "", "list breakpoints and watches"),
    row(Command::Delete, "delete", &["d"], "[N]", "remove a breakpoint or watch, or all"),
    row(
        Command::Print,
        "print",
        &["p"],
        "[NAME | NAME.FIELD | NAME[INDEX]]",
        "show a value, or all named registers that are alive",
    ),
    row(Command::Registers, "registers", &["regs"], "", "show all registers that are alive, with types"),
    row(
        Command::Dump,
        "dump",
        &["x"],
        "NAME",
        "show everything about a value: bytes of a block, elements of an array",
    ),
    row(
        Command::Backtrace,
        "backtrace",
        &["bt", "where"],
        "[N]",
        "show the calls under way; the N inner ones",
    ),
    row(Command::Frame, "frame", &["f"], "[N]", "look at call N of the backtrace"),
    row(Command::Up, "up", &[], "", "look at the caller"),
    row(Command::Down, "down", &[], "", "look at the callee"),
    row(
        Command::List,
        "list",
        &["l"],
        "[LINE | FUNCTION]",
        "show the source around here; again: the lines that follow",
    ),
    row(
        Command::Dis,
        "dis",
        &["disassemble"],
        "[FUNCTION]",
        "show the instructions around here, or of a function",
    ),
    row(Command::Restart, "restart", &[], "", "start the program from the beginning; breakpoints stay"),
    row(Command::Help, "help", &["h", "?"], "", "show this"),
    row(Command::Quit, "quit", &["q", "exit"], "", "end the program and the debugger"),
];

/// Reads a line: the command and what stands behind it. An error says what is wrong with it.
pub(super) fn parse(line: &str) -> Result<(Command, &str), String> {
    let line = line.trim();
    let (word, rest) = match line.find(|c: char| c.is_whitespace()) {
        Some(at) => (&line[..at], line[at..].trim_start()),
        None => (line, ""),
    };
    let exact = ROWS.iter().find(|row| row.name == word || row.short.contains(&word));
    if let Some(row) = exact {
        return Ok((row.command, rest));
    }
    let begun: Vec<&Row> = ROWS.iter().filter(|row| row.name.starts_with(word)).collect();
    match begun.as_slice() {
        [row] => Ok((row.command, rest)),
        [] => {
            let near = mvm_diag::suggest(word, ROWS.iter().map(|row| row.name));
            let near =
                near.map_or_else(|| "`help` lists all".to_string(), |near| format!("did you mean `{near}`?"));
            Err(format!("there is no command `{word}`; {near}"))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|row| row.name).collect();
            Err(format!("`{word}` could be {}", names.join(", ")))
        }
    }
}

/// The page of `help`.
pub(super) fn help() -> String {
    let mut page = String::new();
    for row in ROWS {
        let names = std::iter::once(row.name).chain(row.short.iter().copied()).collect::<Vec<_>>().join(", ");
        let head = format!("{names} {}", row.arguments);
        if head.len() > 30 {
            page.push_str(&format!("  {head}\n  {:<30} {}\n", "", row.doc));
        } else {
            page.push_str(&format!("  {head:<30} {}\n", row.doc));
        }
    }
    page.push_str(
        "An empty line does the last command again. The beginning of a name is enough if it is clear.\n",
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_short() {
        assert_eq!(parse("s"), Ok((Command::Step, "")));
        assert_eq!(parse("  break  fact.masm:3 "), Ok((Command::Break, "fact.masm:3")));
        assert_eq!(parse("cont"), Ok((Command::Continue, "")));
        assert_eq!(parse("st"), Err("`st` could be step, stepi".into()));
        assert_eq!(parse("brek x"), Err("there is no command `brek`; did you mean `break`?".into()));
        assert_eq!(parse("zzz"), Err("there is no command `zzz`; `help` lists all".into()));
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names: Vec<&str> =
            ROWS.iter().flat_map(|row| row.short.iter().copied().chain([row.name])).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
