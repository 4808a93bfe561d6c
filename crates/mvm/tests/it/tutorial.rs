//! What `docs/myna/TUTORIAL.md` shows is what a reader sees who does the same.
//!
//! A block of kind `myna` whose first line is `// NAME.myna` is a file, and so is one of kind `text,NAME`. Commands in blocks of kind `console` run with all files
//! so far, and their output must be that of the page; in a session with the debugger or the REPL, lines with its prompt are
//! typed. A block of kind `myna,wrong` is refused by `mvm check` with the message in the `text` block behind it.
//!
//! Not here: programs with `//>` comments, which `mvm-testkit` runs in every executor.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::tool::Scratch;

/// Prompts of programs that are typed to.
const PROMPTS: [&str; 2] = ["(mvm) ", "> "];

/// A block between fences.
struct Block {
    kind: String,
    text: String,
    /// Line of the opening fence.
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            let text = inside.map(|line| format!("{line}\n")).collect();
            blocks.push(Block { kind: kind.to_owned(), text, line: number + 1 });
        }
    }
    blocks
}

/// The folder of a reader.
struct Reader {
    scratch: Scratch,
    failures: Vec<String>,
}

impl Reader {
    /// What a command of the page, perhaps with `< FILE` at its end, writes to the terminal, in order.
    fn run(&self, command: &str, typed: &str) -> String {
        let (command, file) = match command.split_once(" < ") {
            Some((command, file)) => (command, Some(file)),
            None => (command, None),
        };
        let words = command.strip_prefix("mvm ").expect("the page runs `mvm` only");
        let input = file.map(|file| fs::read_to_string(self.scratch.path(file)).expect("a file to read"));
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mvm"));
        command.args(words.split_whitespace()).current_dir(self.scratch.path("")).stdin(Stdio::piped());
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let mut child = command.spawn().unwrap();
        // It has the ends to write to, and reading would never end while they are open.
        drop(command);
        // Short inputs fit into the pipe. A program that does not read its input closes it.
        let _ = child.stdin.take().unwrap().write_all(input.as_deref().unwrap_or(typed).as_bytes());
        let mut seen = String::new();
        reader.read_to_string(&mut seen).unwrap();
        child.wait().unwrap();
        seen
    }

    /// Compares what commands write with what the page says.
    fn session(&mut self, block: &Block) {
        let mut rest: &str = &block.text;
        while let Some(text) = rest.strip_prefix("$ ") {
            let (command, after) = text.split_once('\n').expect("a line end");
            let end =
                if after.starts_with("$ ") { 0 } else { after.find("\n$ ").map_or(after.len(), |at| at + 1) };
            let (shown, next) = after.split_at(end);
            rest = next;
            let (mut typed, mut wanted) = (String::new(), String::new());
            for line in shown.lines() {
                match PROMPTS.iter().find_map(|prompt| line.strip_prefix(prompt)) {
                    Some(input) => typed += &format!("{input}\n"),
                    None => wanted += &format!("{line}\n"),
                }
            }
            let seen = self.run(command, &typed);
            if seen.trim_end() != wanted.trim_end() {
                let line = block.line;
                self.failures
                    .push(format!("TUTORIAL.md:{line}: `{command}` writes\n{seen}instead of\n{wanted}"));
            }
        }
        assert!(rest.is_empty(), "TUTORIAL.md:{}: a session begins with `$ `", block.line);
    }

    /// Checks a wrong program, and that the page shows the message.
    fn wrong(&mut self, block: &Block, shown: &Block) {
        let file = shown.text.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
        let file = file.and_then(|place| place.split(':').next()).expect("the place of an error");
        self.scratch.file(file, &block.text);
        let seen = self.run(&format!("mvm check {file}"), "");
        let mut lines: Vec<&str> = seen.trim_end().lines().collect();
        // The last line counts the errors, if there are several.
        lines.pop_if(|line| line.ends_with(" errors"));
        let seen = lines.join("\n");
        if seen.trim_end() != shown.text.trim_end() {
            self.failures.push(format!("TUTORIAL.md:{}: `mvm check` says\n{seen}", shown.line));
        }
    }
}

#[test]
fn the_tutorial_shows_what_a_reader_sees() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/myna/TUTORIAL.md");
    let page = fs::read_to_string(page).expect("the tutorial");
    let blocks = blocks(&page);
    let mut reader = Reader { scratch: Scratch::new("tutorial"), failures: Vec::new() };
    let (mut sessions, mut errors) = (0, 0);
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        let here = block.line;
        at += 1;
        match &*block.kind {
            "myna" => {
                let name = block.text.lines().next().and_then(|line| line.strip_prefix("// "));
                if let Some(name) = name.filter(|name| name.ends_with(".myna")) {
                    reader.scratch.file(name, &block.text);
                } else {
                    assert!(block.text.contains("fn main("), "TUTORIAL.md:{here}: nothing runs this");
                }
            }
            "myna,wrong" => {
                let shown = blocks.get(at).filter(|next| next.kind == "text").expect("the message");
                reader.wrong(block, shown);
                errors += 1;
                at += 1;
            }
            "console" => {
                reader.session(block);
                sessions += 1;
            }
            kind if kind.starts_with("text,") => {
                reader.scratch.file(&kind["text,".len()..], &block.text);
            }
            other => panic!("TUTORIAL.md:{here}: a block of kind `{other}`"),
        }
    }
    assert!(reader.failures.is_empty(), "{}", reader.failures.join("\n"));
    assert!(sessions >= 10 && errors >= 8, "only {sessions} sessions and {errors} errors");
}
