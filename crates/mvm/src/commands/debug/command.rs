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
    Catch,
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

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Go,
    Stop,
    Look,
    Other,
}

impl Group {
    const ALL: [Group; 4] = [Group::Go, Group::Stop, Group::Look, Group::Other];

    fn title(self) -> &'static str {
        match self {
            Group::Go => "Let the program go on",
            Group::Stop => "Where it stops",
            Group::Look => "Look around",
            Group::Other => "Other",
        }
    }
}

/// How a command is called and what it does.
pub(super) struct Row {
    pub(super) command: Command,
    group: Group,
    pub(super) name: &'static str,
    pub(super) short: &'static [&'static str],
    arguments: &'static str,
    /// In a line.
    doc: &'static str,
    /// What `help NAME` says besides.
    more: &'static str,
}

/// All commands, in the order of the help.
pub(super) const ROWS: &[Row] = &[
    Row {
        command: Command::Step,
        group: Group::Go,
        name: "step",
        short: &["s"],
        arguments: "[N]",
        doc: "to the next line, into calls; N times",
        more: "Where an exception is raised and caught, the next line is the one of the handler.",
    },
    Row {
        command: Command::Next,
        group: Group::Go,
        name: "next",
        short: &["n"],
        arguments: "[N]",
        doc: "to the next line, over calls; N times",
        more: "Breakpoints, watches and catches stop the program in the calls, too.",
    },
    Row {
        command: Command::StepInstruction,
        group: Group::Go,
        name: "stepi",
        short: &["si"],
        arguments: "[N]",
        doc: "one instruction; N times",
        more: "`dis` shows the instructions around here.",
    },
    Row {
        command: Command::NextInstruction,
        group: Group::Go,
        name: "nexti",
        short: &["ni"],
        arguments: "[N]",
        doc: "one instruction, over calls; N times",
        more: "",
    },
    Row {
        command: Command::Finish,
        group: Group::Go,
        name: "finish",
        short: &["fin"],
        arguments: "",
        doc: "until the function returns; shows its results",
        more: "After `up`: until the call that is looked at returns.",
    },
    Row {
        command: Command::Continue,
        group: Group::Go,
        name: "continue",
        short: &["c", "run", "r"],
        arguments: "",
        doc: "until something stops the program",
        more: "",
    },
    Row {
        command: Command::Restart,
        group: Group::Go,
        name: "restart",
        short: &[],
        arguments: "",
        doc: "to the beginning; breakpoints and catches stay",
        more: "Watches are gone: they belong to calls.",
    },
    Row {
        command: Command::Break,
        group: Group::Stop,
        name: "break",
        short: &["b"],
        arguments: "[PLACE]",
        doc: "at a FUNCTION, LINE, FILE:LINE or FUNCTION+PC; without a place here",
        more: "A line without code stands for the next one with code. The part of a function's name behind the last dot is
enough if it is clear. `brk` in a program is a breakpoint, too.

  break fact          at the first line of the function
  break 12            in the file that is looked at
  break lib.masm:7    in another file
  break fact+5        at an instruction",
    },
    Row {
        command: Command::Watch,
        group: Group::Stop,
        name: "watch",
        short: &[],
        arguments: "VALUE",
        doc: "when a value changes: NAME, NAME.FIELD, NAME[INDEX]",
        more: "NAME is a register or variable of the call that is looked at; when that returns, the watch is over. The program
stops behind the instruction that made the change, in whatever function that is. Of a reference, it is a change
to refer to another object, not a change in the object: watch its fields for that.

  watch total
  watch tree.left.count
  watch list[3]",
    },
    Row {
        command: Command::Catch,
        group: Group::Stop,
        name: "catch",
        short: &[],
        arguments: "[CLASS]",
        doc: "when an exception of a class is raised; without a class any",
        more: "The program stops where the exception is raised, before anything is left, whether it is going to be caught or
not. The class stands for those below it, too.

  catch                 any exception
  catch DivideByZero
  catch Trap            everything that the machine raises",
    },
    Row {
        command: Command::Breakpoints,
        group: Group::Stop,
        name: "breakpoints",
        short: &["bl"],
        arguments: "",
        doc: "list breakpoints, watches and catches",
        more: "",
    },
    Row {
        command: Command::Delete,
        group: Group::Stop,
        name: "delete",
        short: &["d"],
        arguments: "[N]",
        doc: "remove the one with this number, or all",
        more: "",
    },
    Row {
        command: Command::Print,
        group: Group::Look,
        name: "print",
        short: &["p"],
        arguments: "[VALUE]",
        doc: "a value: NAME, NAME.FIELD, NAME[INDEX]; without one all that are alive",
        more: "A register is alive where its value can still be read by the program. An index is a number or a name.

  print n
  print tree.left.word
  print list[i]",
    },
    Row {
        command: Command::Registers,
        group: Group::Look,
        name: "registers",
        short: &["regs"],
        arguments: "",
        doc: "all registers that are alive, also those without names",
        more: "",
    },
    Row {
        command: Command::Dump,
        group: Group::Look,
        name: "dump",
        short: &["x"],
        arguments: "VALUE",
        doc: "everything about a value: bytes, elements, fields",
        more: "Numbers are shown in decimal, hexadecimal and binary, and as a character.",
    },
    Row {
        command: Command::Backtrace,
        group: Group::Look,
        name: "backtrace",
        short: &["bt", "where"],
        arguments: "[N]",
        doc: "the calls under way; the N inner ones",
        more: "`*` marks the one that is looked at.",
    },
    Row {
        command: Command::Frame,
        group: Group::Look,
        name: "frame",
        short: &["f"],
        arguments: "[N]",
        doc: "look at call N of the backtrace",
        more: "",
    },
    Row {
        command: Command::Up,
        group: Group::Look,
        name: "up",
        short: &[],
        arguments: "",
        doc: "look at the caller",
        more: "",
    },
    Row {
        command: Command::Down,
        group: Group::Look,
        name: "down",
        short: &[],
        arguments: "",
        doc: "look at the callee",
        more: "",
    },
    Row {
        command: Command::List,
        group: Group::Look,
        name: "list",
        short: &["l"],
        arguments: "[LINE | FUNCTION]",
        doc: "the source around here; again: the lines that follow",
        more: "",
    },
    Row {
        command: Command::Dis,
        group: Group::Look,
        name: "dis",
        short: &["disassemble"],
        arguments: "[FUNCTION]",
        doc: "the instructions around here, or of a function",
        more: "`mvm help NAME` explains an instruction.",
    },
    Row {
        command: Command::Help,
        group: Group::Other,
        name: "help",
        short: &["h", "?"],
        arguments: "[COMMAND]",
        doc: "this, or more about a command",
        more: "",
    },
    Row {
        command: Command::Quit,
        group: Group::Other,
        name: "quit",
        short: &["q", "exit"],
        arguments: "",
        doc: "end the program and the debugger",
        more: "",
    },
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

/// Width of the column for names and arguments.
const HELP_COLUMN: usize = 32;

impl Row {
    /// Names and arguments.
    fn head(&self) -> String {
        let names =
            std::iter::once(self.name).chain(self.short.iter().copied()).collect::<Vec<_>>().join(", ");
        format!("{names} {}", self.arguments).trim_end().to_string()
    }
}

/// What `help` says: everything in short, or one command in full.
pub(super) fn help(topic: &str) -> Result<String, String> {
    if topic.is_empty() {
        return Ok(debugger_help());
    }
    let (command, _) = parse(topic)?;
    let row = ROWS.iter().find(|row| row.command == command).ok_or("there is no such command")?;
    let mut page = format!("{}\n  {}\n", row.head(), row.doc);
    if !row.more.is_empty() {
        page.push_str(&format!("\n{}\n", row.more));
    }
    Ok(page)
}

/// All commands in short.
pub(crate) fn debugger_help() -> String {
    let mut page = String::new();
    for group in Group::ALL {
        page.push_str(&format!("{}:\n", group.title()));
        for row in ROWS.iter().filter(|row| row.group == group) {
            page.push_str(&format!("  {:<HELP_COLUMN$}{}\n", row.head(), row.doc));
        }
    }
    page.push_str(
        "An empty line does the last command again. The beginning of a name is enough if it is clear. `help break` says more.\n",
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
    fn help_knows_every_command() {
        let page = debugger_help();
        for row in ROWS {
            assert!(page.contains(&row.head()), "{}", row.name);
            assert!(help(row.name).is_ok_and(|text| text.contains(row.doc)), "{}", row.name);
            assert!(row.head().len() < HELP_COLUMN, "{}", row.name);
        }
        assert!(help("zzz").is_err());
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names: Vec<&str> =
            ROWS.iter().flat_map(|row| row.short.iter().copied().chain([row.name])).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
