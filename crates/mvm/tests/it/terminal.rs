//! What a person sees on a terminal, and what goes through pipes: line starts of messages, control sequences.

#[cfg(unix)]
use std::io::Read;
#[cfg(unix)]
use std::process::Command;
use std::process::Stdio;

use crate::tool::{Scratch, command, mvm_with};

/// Writes a line without its end, then divides by zero.
const HALF_LINE: &str = "func main() {
    sys     print(\"result: \")
    mov     zero, 0
    div     q, 1, zero
    sys     print_int(q)
    ret
}
";

/// Runs the program with standard output and standard error on one terminal; what that shows.
#[cfg(unix)]
fn on_a_terminal(args: &[&str]) -> (i32, String) {
    typed_on_a_terminal(args, None)
}

/// The same, with standard input from the terminal, where somebody types this.
#[cfg(unix)]
fn typed_on_a_terminal(args: &[&str], typed: Option<&str>) -> (i32, String) {
    let mut command = command(args);
    command.env("NO_COLOR", "1");
    command_on_a_terminal(command, typed)
}

#[cfg(unix)]
fn command_on_a_terminal(mut command: Command, typed: Option<&str>) -> (i32, String) {
    let pair = nix::pty::openpty(None, None).unwrap();
    command.env("TERM", "xterm");
    if typed.is_some() {
        command.stdin(pair.slave.try_clone().unwrap());
    }
    command.stdout(pair.slave.try_clone().unwrap()).stderr(pair.slave);
    let mut child = command.spawn().unwrap();
    // Nobody but the child holds the terminal now, so that reading ends with it.
    drop(command);
    let mut shown = Vec::new();
    let mut master = std::fs::File::from(pair.master);
    std::io::Write::write_all(&mut master, typed.unwrap_or_default().as_bytes()).unwrap();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = master.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..count]);
    }
    let status = child.wait().unwrap().code().unwrap();
    (status, String::from_utf8(shown).unwrap().replace("\r\n", "\n"))
}

/// Runs the program with standard output and standard error going into one pipe.
fn into_one_pipe(args: &[&str]) -> String {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut command = command(args);
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut out = String::new();
    std::io::Read::read_to_string(&mut reader, &mut out).unwrap();
    child.wait().unwrap();
    out
}

#[cfg(unix)]
#[test]
fn a_message_begins_on_a_line_of_its_own_where_the_streams_meet() {
    let scratch = Scratch::new("lines");
    let source = scratch.file("half.masm", HALF_LINE);
    let expected = "result: \nerror: uncaught `DivideByZero`: divide by zero\n";
    let (status, shown) = on_a_terminal(&["run", &source]);
    assert_eq!(status, 1);
    assert!(shown.starts_with(expected), "{shown}");
    let piped = into_one_pipe(&["run", &source]);
    assert!(piped.starts_with(expected), "{piped}");
    let endless = HALF_LINE.replace("    mov     zero, 0\n", "1:  jmp     1b\n").replace("zero", "0");
    let source_endless = scratch.file("endless.masm", endless);
    let limited = into_one_pipe(&["run", "--limit-reductions", "9", &source_endless]);
    assert!(limited.starts_with("result: \nerror: the limit of 9 reductions"), "{limited}");
    let debugged = into_one_pipe(&["debug", "-x", "c", &source]);
    let end = "  in main (half.masm:4)\nthe program has ended; its last state can still be looked at\n";
    let debugged = debugged.replace(&scratch.path(""), "");
    assert!(debugged.contains(expected) && debugged.ends_with(end), "{debugged}");
    let traced = into_one_pipe(&["run", "--trace", &source]);
    assert!(traced.contains("\nresult: \nmain+0001            sys     print(_0)\n"), "{traced}");
}

#[test]
fn what_programs_write_into_separate_pipes_is_not_touched() {
    let scratch = Scratch::new("apart");
    let source = scratch.file("half.masm", HALF_LINE);
    let output = command(&["run", &source]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.stdout, b"result: ");
    assert!(output.stderr.starts_with(b"error: uncaught"), "{:?}", String::from_utf8_lossy(&output.stderr));
    // A program that leaves a line of standard error open is answered on the next.
    let program = "func main() {\n sys print_error(\"hm\")\n unreachable\n}\n";
    let run = mvm_with(&["run", "-"], program);
    assert!(run.err.starts_with("hm\nerror: uncaught `Unreachable`"), "{}", run.err);
}

/// Colors, cursor movement, and what a program must not send: a question that the terminal answers, a title.
const SEQUENCES: &str = r#"func main() {
    sys     print("\x1b[31mred\x1b[0m \x1b[2Cfar\x1b[6n\x1b]0;title\x07\n")
    bytes_from_str data, "\x1b[?25l\x1b[c\n"
    sys     _n, write(1, data)
    sys     print_error("\x1b")
    sys     print("[6n\n")
    sys     print_error("c\n")
    ret
}
"#;
const SENT: &str = "\x1b[31mred\x1b[0m \x1b[2Cfar\x1b[6n\x1b]0;title\x07\n\x1b[?25l\x1b[c\n[6n\n";

#[cfg(unix)]
#[test]
fn a_terminal_is_sent_colors_and_cursor_movement_only() {
    let scratch = Scratch::new("sequences");
    let source = scratch.file("sequences.masm", SEQUENCES);
    let (status, shown) = on_a_terminal(&["run", &source]);
    assert_eq!(status, 0);
    assert_eq!(
        shown,
        "\x1b[31mred\x1b[0m \x1b[2Cfar\\u{1b}[6n\\u{1b}]0;title\\u{7}\n\x1b[?25l\\u{1b}[c\n[6n\n\\u{1b}c\n\x1b[?25h"
    );
    let (status, shown) = on_a_terminal(&["run", "--raw-terminal", &source]);
    assert_eq!(
        (status, shown),
        (0, SENT.replace("[6n\n", "\x1b[6n\nc\n").replacen("far\x1b\x1b", "far\x1b", 1))
    );
}

#[test]
fn a_pipe_gets_the_bytes_as_they_are() {
    let run = mvm_with(&["run", "-"], SEQUENCES);
    assert_eq!((run.status, &*run.out, &*run.err), (0, SENT, "\x1bc\n"));
}

#[cfg(unix)]
#[test]
fn messages_and_listings_send_no_sequences_of_others() {
    let scratch = Scratch::new("others");
    let source = scratch.file(
        "others.masm",
        "; comment \x1b]0;title\x07\nfunc main() {\n    new     e, Error\n    set     e.message, \"\\x1b]0;t\\x07\\x1b[6n\"\n    throw   e\n}\n",
    );
    for args in [
        &["run", &*source][..],
        &["run", "--trace", &source],
        &["fmt", &source],
        &["debug", "-x", "list", "-x", "c", &source],
    ] {
        let (_, shown) = on_a_terminal(args);
        assert!(!shown.contains('\x1b') && !shown.contains('\x07'), "{args:?}: {shown:?}");
        assert!(shown.contains("\\u{1b}]0;t"), "{args:?}: {shown:?}");
    }
}

#[cfg(unix)]
#[test]
fn under_the_debugger_a_program_reads_what_is_typed() {
    let scratch = Scratch::new("typed");
    let source = scratch.file(
        "typed.masm",
        "func main() {\n sys print(\"name? \")\n sys name, read_line()\n sys print(name)\n sys rest, read_all()\n sys print(rest)\n ret\n}\n",
    );
    // Ctrl-D ends the input of the program, not that of the debugger.
    let (status, shown) =
        typed_on_a_terminal(&["debug", &source], Some("next\nnext\nAda\nc\nmore\n\x04p\nquit\n"));
    assert_eq!(status, 0);
    let order = [
        "(the program reads: what you type now is for it",
        "typed.masm:4)",
        "Ada",
        "more",
        "ended with status 0",
        "the program is over",
    ];
    let mut rest = &*shown;
    for part in order {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} in its place: {shown}")).1;
    }
}

#[test]
#[cfg(unix)]
fn a_map_of_the_heap_has_blocks_and_colors_where_they_can_be_shown() {
    let scratch = Scratch::new("heap-terminal");
    let program =
        "func main() {\n mov i, 0\nmore:\n str_from_int s, i\n add i, i, 1\n blt i, 9, more\n ret\n}\n";
    let path = scratch.file("map.masm", program);
    let shown = |locale: &str, no_color: &str| {
        let mut command = command(&["heap", "--map", &path]);
        command.env("LC_ALL", locale).env("NO_COLOR", no_color);
        let (status, text) = command_on_a_terminal(command, None);
        assert_eq!(status, 0, "{text}");
        let row = text.lines().find(|line| line.starts_with("  flat")).unwrap();
        row[12..].split("  ").next().unwrap().chars().take(50).collect::<String>()
    };
    let (free, blocks) = (".".repeat(32), "·".repeat(32));
    assert_eq!(shown("C", "1"), format!("xxxxxxxxxxxxxxxx##{free}"));
    assert_eq!(shown("C.UTF-8", "1"), format!("▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒██{blocks}"));
    let colored = shown("C.UTF-8", "");
    assert!(colored.starts_with("\x1b[0m\x1b[31m▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\x1b[0m\x1b[32m██"), "{colored:?}");
}
