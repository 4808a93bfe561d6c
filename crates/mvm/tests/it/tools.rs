//! Tools of Myna: making a program, running it again when it changes.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use crate::tool::{Scratch, command, mvm, mvm_with};

#[test]
fn a_new_program_runs_passes_its_tests_and_is_laid_out() {
    let scratch = Scratch::new("new");
    let folder = scratch.path("word-count");
    let run = mvm(&["new", &folder]);
    assert_eq!((run.status, &*run.err), (0, ""));
    assert!(run.out.contains("mvm run main.myna"), "{}", run.out);
    let main = format!("{folder}/main.myna");
    assert!(std::fs::read_to_string(&main).unwrap().starts_with("// word-count: "));
    assert!(std::fs::read_to_string(format!("{folder}/README.md")).unwrap().starts_with("# word-count\n"));
    let run = mvm(&["run", &main, "--", "b", "a", "B"]);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "   2 b\n   1 a\n", ""));
    let run = mvm_with(&["run", &main], "one two one\n");
    assert_eq!((run.status, &*run.out), (0, "type a line:\n   2 one\n   1 two\n"));
    let run = mvm(&["test", &folder]);
    assert_eq!((run.status, &*run.err), (0, ""));
    assert!(run.out.contains("ok   words are counted\n  ok   example of Tally"), "{}", run.out);
    let run = mvm(&["fmt", "--check", &main]);
    assert_eq!((run.status, &*run.out), (0, ""));
    let run = mvm(&["check", &main]);
    assert_eq!((run.status, &*run.err), (0, ""));
}

#[test]
fn a_new_program_takes_the_place_of_nothing() {
    let scratch = Scratch::new("new-wrong");
    let folder = scratch.path("program");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(mvm(&["new", &folder]).status, 0, "an empty folder will do");
    std::fs::write(format!("{folder}/main.myna"), "mine").unwrap();
    let run = mvm(&["new", &folder]);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("exists already and is not empty"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(format!("{folder}/main.myna")).unwrap(), "mine");
    let file = scratch.file("file", "");
    assert!(mvm(&["new", &file]).err.contains("is a file"));
    let run = mvm(&["new", &format!("{file}/below")]);
    assert_eq!(run.status, 2);
    for (name, why) in [
        ("..", "the path ends without one"),
        ("1st", "does not begin with a letter"),
        ("-x", "does not begin with a letter"),
        ("a b", "` ` is in it"),
        ("a.b", "`.` is in it"),
        (&"x".repeat(65), "more than 64"),
    ] {
        let run = mvm(&["new", "--", &scratch.path(name)]);
        assert_eq!((run.status, &*run.out), (2, ""), "{name}");
        assert!(run.err.contains(why) && run.err.contains("= help"), "{name}: {}", run.err);
    }
}

/// `mvm run --watch`, line by line.
struct Watched {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStderr>>,
}

impl Watched {
    fn start(path: &str) -> Watched {
        let mut command = command(&["run", "--watch", path]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Watched { child, lines }
    }

    /// The lines up to the one with this text.
    fn until(&mut self, text: &str) -> String {
        let mut all = String::new();
        loop {
            let line = self.lines.next().unwrap_or_else(|| panic!("no `{text}` in: {all}")).unwrap();
            all += &line;
            if line.contains(text) {
                return all;
            }
            all.push('\n');
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_watched_program_runs_again_when_a_file_changes() {
    let scratch = Scratch::new("watch");
    let library = scratch.file("numbers.myna", "pub fn one() -> int => 1\n");
    let main = scratch.file("main.myna", "import numbers\nfn main() { eprint(\"got {numbers.one()}\") }\n");
    let mut watched = Watched::start(&main);
    let said = watched.until("waiting for a change");
    assert!(said.contains("got 1\n[watch] exit status 0"), "{said}");
    // What it imports counts.
    std::fs::write(&library, "pub fn one() -> int => 111\n").unwrap();
    let said = watched.until("waiting for a change");
    assert!(said.contains("numbers.myna` has changed; running again\ngot 111\n"), "{said}");
    // An error ends nothing, and neither does a file that is gone for a while.
    std::fs::write(&main, "import numbers\nfn main() { eprint(numbers.two()) }\n").unwrap();
    let said = watched.until("waiting for a change");
    assert!(said.contains("error") && said.contains("[watch] exit status 2"), "{said}");
    std::fs::remove_file(&main).unwrap();
    std::fs::write(&library, "pub fn one() -> int => 1\npub fn two() -> int => 2\n").unwrap();
    let said = watched.until("waiting for a change");
    assert!(said.contains("cannot read"), "{said}");
    std::fs::write(&main, "import numbers\nfn main() { eprint(\"got {numbers.two()}\") }\n").unwrap();
    let said = watched.until("waiting for a change");
    assert!(said.contains("got 2\n"), "{said}");
    // A program that does not end is ended for the next run.
    std::fs::write(&main, "fn main() { loop { } }\n").unwrap();
    watched.until("running again");
    std::fs::write(&main, "fn main() { eprint(\"over\") }\n").unwrap();
    let said = watched.until("waiting for a change");
    assert!(said.contains("over\n[watch] exit status 0"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_watching_and_the_program() {
    let scratch = Scratch::new("watch-signal");
    let main = scratch.file("main.myna", "fn main() {\n    eprint(\"begun\")\n    loop { }\n}\n");
    let mut watched = Watched::start(&main);
    watched.until("begun");
    let status =
        std::process::Command::new("kill").args(["-INT", &watched.child.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert_eq!(watched.child.wait().unwrap().code(), Some(130));
    // The program has the same standard error: that it ends shows that it is over too.
    assert!(watched.lines.next().is_none());
}

#[test]
fn standard_input_cannot_be_watched() {
    let run = mvm(&["run", "--watch", "-"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("standard input cannot be watched"), "{}", run.err);
}
