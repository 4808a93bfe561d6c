//! docs/CLI.md, made from the same definitions as `--help`.

use clap::{Command, CommandFactory};

use crate::args::Cli;
use crate::commands::debugger_help;

const INTRODUCTION: &str = "\
# The command line

This page is generated from the help texts of the program (`mvm COMMAND --help`).

- A program is assembly text (`.masm`) or a module file (`.mvm`); the content decides, not the name. `-` stands for
  standard input.
- An `import` names a module; it is looked for next to the program, in the directories given with `-L`, and in the
  standard library that is built in, in this order, as `NAME.masm` and then `NAME.mvm`.
- What a program writes goes to pipes and files as it is. A terminal is sent text, colors and cursor movement; other
  control characters are shown (`\\u{1b}`), unless `--raw-terminal` is given
  ([why](decisions/0006-what-a-terminal-is-sent.md)).
- Messages of `mvm` go to standard error, in colors only if that is a terminal and `NO_COLOR` is not set. They begin on a
  line of their own where they would follow what the program has written.
- Ctrl-C ends a run at once; under the debugger it stops the program. When the reader of standard output goes away, `mvm` ends quietly with status 141.
";

/// The text of docs/CLI.md.
pub fn cli_page() -> String {
    let mut command = plain_command();
    command.build();
    let mut page = String::from(INTRODUCTION);
    page.push_str("\n## mvm\n\n");
    page.push_str(&help_block(&mut command));
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_string()).collect();
    for name in names {
        if let Some(sub) = command.find_subcommand_mut(&name) {
            page.push_str(&format!("\n## mvm {name}\n\n{}", help_block(sub)));
        }
        if name == "debug" {
            page.push_str(&format!("\nIts commands:\n\n```text\n{}```\n", debugger_help()));
        }
    }
    page
}

/// The command without colors and with a fixed width.
pub(crate) fn plain_command() -> Command {
    Cli::command().color(clap::ColorChoice::Never).term_width(100)
}

fn help_block(command: &mut Command) -> String {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    format!("```text\n{}\n```\n", lines.join("\n").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CLI.md");
        let expected = cli_page();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == expected, "docs/CLI.md is stale; run `BLESS=1 cargo test -p mvm page`");
    }
}
