//! Files that are missing, no files, or full of junk; output that nobody reads.

use std::process::Stdio;

use crate::tool::{Scratch, command, mvm};

#[test]
fn a_missing_file_is_named() {
    let scratch = Scratch::new("missing");
    scratch.file("hello.masm", "");
    for name in ["run", "build", "asm", "dis", "check", "fmt", "stats", "heap", "debug"] {
        let run = mvm(&[name, &scratch.path("helo.masm")]);
        assert_eq!(run.status, 4, "{name}: {}", run.err);
        assert!(run.err.contains("helo.masm`: no such file"), "{name}: {}", run.err);
        assert!(run.err.contains("did you mean") && run.err.contains("hello.masm`?"), "{name}: {}", run.err);
    }
    assert!(mvm(&["run", &scratch.path("hello")]).err.contains("hello.masm`?"));
}

#[test]
fn a_directory_is_not_a_program() {
    let scratch = Scratch::new("directory");
    let run = mvm(&["run", &scratch.path("")]);
    assert_eq!(run.status, 4);
    assert!(run.err.contains("it is a directory"), "{}", run.err);
}

#[test]
fn junk_is_refused() {
    let scratch = Scratch::new("junk");
    let junk = scratch.file("junk.mvm", [0xff, 0xfe, 0, 1, 2, 3]);
    let run = mvm(&["run", &junk]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("neither a module nor text"), "{}", run.err);
    for (index, tail) in [&b""[..], b"\x01", &[0xff; 100], &[0; 1000]].into_iter().enumerate() {
        let bytes = [b"MVM\x1a", tail].concat();
        let file = scratch.file(&format!("short{index}.mvm"), bytes);
        for name in ["run", "dis", "check", "build"] {
            let run = mvm(&[name, &file]);
            assert_eq!(run.status, 2, "{name} {tail:?}: {}", run.err);
            assert!(run.err.contains("is not a good module"), "{name}: {}", run.err);
        }
    }
}

#[test]
fn a_closed_standard_output_ends_quietly() {
    for args in [&["completions", "zsh"][..], &["help"], &["--help"], &["--version"], &["explain"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(141), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_status_4() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["completions", "zsh"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("cannot write to standard output: no space left on device"), "{text}");
}

#[test]
fn text_with_zero_bytes_is_no_text() {
    let scratch = Scratch::new("zero");
    let file = scratch.file("zero.masm", b"; text\nfunc main() {\0}\n");
    let run = mvm(&["check", &file]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("neither a module nor text: line 2 (byte 20) is a zero byte"), "{}", run.err);
}

#[test]
fn check_and_fmt_go_on_after_files_that_cannot_be_read() {
    let scratch = Scratch::new("go-on");
    let (missing, wrong) =
        (scratch.path("missing.masm"), scratch.file("wrong.masm", "func main() {\n bad\n ret\n}\n"));
    let run = mvm(&["check", &missing, &wrong]);
    assert_eq!(run.status, 4);
    assert!(
        run.err.contains("missing.masm`: no such file") && run.err.contains("error[E0202]"),
        "{}",
        run.err
    );
    let run = mvm(&["check", "--json", &missing, &wrong]);
    assert_eq!((run.status, &*run.err), (4, ""));
    let messages: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(messages[0]["message"].as_str().unwrap().contains("no such file"), "{}", run.out);
    assert_eq!(messages[1]["code"], "E0202");
    let run = mvm(&["fmt", "--check", &missing, &wrong]);
    assert_eq!(run.status, 4);
    assert!(run.err.contains("no such file") && run.out.contains("wrong.masm"), "{}{}", run.out, run.err);
}

#[test]
fn more_errors_than_are_shown_are_counted() {
    let scratch = Scratch::new("many");
    let file = scratch.file("many.masm", format!("func main() {{\n{} ret\n}}\n", " bad x\n".repeat(5000)));
    let run = mvm(&["check", &file]);
    assert_eq!(run.err.matches("error[E0202]").count(), 100);
    let end = "\n... and 100 more\n200 errors or more: not everything was looked at\n";
    assert!(run.err.ends_with(end), "{}", &run.err[run.err.len() - 200..]);
}

#[test]
fn a_module_file_is_not_formatted() {
    let scratch = Scratch::new("module");
    let source = scratch.file("empty.masm", "func main() {\n    ret\n}\n");
    let module = scratch.path("empty.mvm");
    assert_eq!(mvm(&["build", &source]).status, 0);
    let run = mvm(&["fmt", &module]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("is a module file, not text\n  = help: `mvm dis"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn only_missing_files_have_neighbours() {
    let scratch = Scratch::new("looped");
    let looped = scratch.path("looped.masm");
    std::os::unix::fs::symlink(&looped, &looped).unwrap();
    let run = mvm(&["run", &looped]);
    assert_eq!(run.status, 4);
    assert!(run.err.contains("cannot read") && !run.err.contains("did you mean"), "{}", run.err);
}
