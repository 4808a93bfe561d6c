//! `mvm repl`: sessions from a pipe, and one on a terminal.

use expect_test::{Expect, expect};

use crate::tool::{Run, Scratch, mvm_with};

/// A session without history; what it writes.
fn session(input: &str) -> Run {
    mvm_with(&["repl", "--no-history"], input)
}

#[track_caller]
fn check(input: &str, expected: Expect) {
    let run = session(input);
    assert_eq!(&*run.err, "");
    assert_eq!(run.status, 0);
    expected.assert_eq(&run.out);
}

#[test]
fn values_are_shown_with_their_types() {
    check(
        "1 + 2\n\"a\\nb\" + \"c\"\nlet xs = [3, 1, 2]\nxs.sorted()\nxs.first()\nlet none_yet: int? = none\nnone_yet\n(1, 'a', \
         2.0)\n|x: int| x + 1\n[\"k\": [1]]\nprint(\"said\")\nif xs.len() > 2 { \"long\" } else { \"short\" }\n()\n",
        expect![[r#"
            3 : int
            "a\nbc" : str
            [1, 2, 3] : [int]
            3 : int?
            none : int?
            (1, 97, 2.0) : (int, int, float)
            fn : fn(int) -> int
            ["k": [1]] : [str: [int]]
            said
            "long" : str
        "#]],
    );
}

#[test]
fn what_was_typed_stays() {
    check(
        "import std.json\nvar total = 0\nfn square(n: int) -> int {\n    return n * n\n}\nfor i in 0..4 { total += square(i) }\n\
         total\nlet add = |n: int| { total += n }\nadd(6)\ntotal\nclass Dog {\n    let name: str\n    var age: int = 1\n    fn \
         birthday() { age += 1 }\n}\nlet rex = Dog(\"Rex\")\nrex.birthday()\nrex\nenum Shape { Circle(radius: float), Point \
         }\nCircle(2.0)\nmatch Circle(2.0) {\n    Circle(r) => r\n    Point => 0.0\n}\njson.parse(\"[1, \
         true]\").len()\nlet total = \"anew\"\ntotal\n",
        expect![[r#"
            14 : int
            20 : int
            Dog(name: "Rex", age: 2) : Dog
            Circle(radius: 2.0) : Shape
            2.0 : float
            2 : int
            "anew" : str
        "#]],
    );
}

#[test]
fn what_was_written_and_read_is_not_written_and_read_again() {
    check(
        "import std.io\nprint(\"one\")\nlet line = io.read_line()\nthis is read\nprint(\"two\")\nio.write(\"three\")\nline\nlet \
         next = io.read_line()\nand this\n[line, next]\n",
        expect![[r#"
            one
            two
            three
            "this is read" : str?
            ["this is read", "and this"] : [str?]
        "#]],
    );
}

#[test]
fn clocks_and_random_numbers_stay_the_same() {
    let run = session(
        "import std.time\nimport std.random\nlet t = time.now()\nlet r = random.below(1000000)\nlet a = (t, r)\na\na\n",
    );
    assert_eq!((run.status, &*run.err), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], lines[1]);
    assert!(lines[0].len() > 20, "a time of today: {}", lines[0]);
}

#[test]
fn processes_go_on_from_input_to_input() {
    check(
        "enum Msg { Add(n: int), Get(reply: Reply<int>) }\nfn counter(start: int) receives Msg {\n    var total = start\n    \
         print(\"the counter runs\")\n    loop {\n        receive {\n            Add(n) => total += n\n            Get(reply) => \
         reply.send(total)\n        }\n    }\n}\nlet c = spawn counter(10)\nc.send(Add(5))\nc.ask(Get)\nc.send(Add(1))\n\
         c.ask(Get)\nsleep(60.seconds())\n",
        expect![[r#"
            the counter runs
            15 : int
            16 : int
        "#]],
    );
}

#[test]
fn a_failed_input_leaves_no_trace() {
    let run = session(
        "var xs = [1]\nxs.push(nope)\nlet s: str = 1\nxs[5]\nvar n = 1\nfor x in [1, 0] {\n    n += 10 / x\n    print(n)\n}\nn\nexit(3)\n\
         return\nlet = 3\nxs\n",
    );
    assert_eq!(run.status, 1);
    expect![[r#"
        11
        1 : int
        [1] : [int]
    "#]]
    .assert_eq(&run.out);
    expect![[r#"
        error[M0302]: there is no name `nope` here
         --> <input 2>:1:9
          |
        1 | xs.push(nope)
          |         ^^^^
        error[M0301]: expected `str`, found `int`
         --> <input 3>:1:14
          |
        1 | let s: str = 1
          |        ---   ^ this is `int`
          |        |
          |        the declared type is `str`
          |
          = help: a value stands in a string like this: `"{value}"`
        error: uncaught `OutOfBounds`: index 5 out of bounds for length 1
         --> <input 4>:1:1
          |
        1 | xs[5]
          | ^^^^^
          in List.[]<int> (std/prelude.myna:666)
          in main (<input 4>:1)
        error: uncaught `DivideByZero`: divide by zero
         --> <input 6>:2:10
          |
        2 |     n += 10 / x
          |          ^^^^^^
          |
          = help: `mvm help DivideByZero` explains it; `catch e: DivideByZero` takes it
          in main (<input 6>:2)
        error: the input has ended the program with status 3; the session goes on without it
        error: the input has ended the program with status 0; the session goes on without it
        error[M0109]: expected the name of a variable, found `=`
         --> <input 10>:1:5
          |
        1 | let = 3
          |     ^
    "#]]
    .assert_eq(&without_library_lines(&run.err));
}

/// Lines of the library move whenever it changes.
fn without_library_lines(text: &str) -> String {
    let cut = |line: &str| match line.split_once("(std/prelude.myna:") {
        Some((front, _)) => format!("{front}(std/prelude.myna:666)\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(cut).collect()
}

#[test]
fn brackets_and_strings_do_not_reach_out_of_their_input() {
    for wrong in
        ["}", "} fn g() {", ")", "\"\"\"abc", "\"abc", "r\"abc", "let x = (1", "\u{1}", "break", "\u{fffd}"]
    {
        let run = session(&format!("let y = 1\n{wrong}\n"));
        assert_eq!((run.status, &*run.out), (1, ""), "{wrong}");
        assert!(run.err.contains("error") && !run.err.contains("mvm_"), "{wrong}: {}", run.err);
    }
}

#[test]
fn limits_end_an_input_and_not_the_session() {
    let input = "var xs = [0]\nwhile true { xs.push(1) }\nfn deep(n: int) -> int => deep(n + 1) + 1\ndeep(0)\nloop { }\nxs\n";
    let run = mvm_with(
        &["repl", "--no-history", "--limit-heap", "4m", "--limit-stack", "1m", "--limit-reductions", "2m"],
        input,
    );
    assert_eq!((run.status, &*run.out), (1, "[0] : [int]\n"));
    for message in ["`OutOfMemory`", "`StackOverflow`", "the limit of 2000000 reductions"] {
        assert!(run.err.contains(message), "{message}: {}", run.err);
    }
}

#[test]
fn declarations_take_the_place_of_earlier_ones() {
    let run = session(
        "fn f() -> int => 1\nlet a = f()\nprint(a)\nfn f() -> int => 2\na\na + 1\nlet x = 1\nfn g() -> int => x\nlet h = || 1\nfn k() -> int => h()\nfn main() { }\n",
    );
    assert_eq!(run.status, 1);
    assert_eq!(run.out, "1\n2 : int\n3 : int\n");
    assert!(
        run.err.contains("note: what was typed before has written something else this time"),
        "{}",
        run.err
    );
    assert_eq!(run.err.matches("functions do not see the variables of a session").count(), 2, "{}", run.err);
    assert!(run.err.contains("a session has no `main`"), "{}", run.err);
    // What was typed before has to go on compiling.
    let run = session("fn f() -> int => 1\nlet a: int = f()\nfn f() -> str => \"s\"\nf()\n");
    assert_eq!((run.status, &*run.out), (1, "1 : int\n"));
    assert!(run.err.contains("this was typed before, and would no longer compile"), "{}", run.err);
}

#[test]
fn commands() {
    let run = session(
        "let xs = [1]\n:type xs.map(|x| x.to_float())\n:type print(\"not done\")\n:undo\nxs\nfn twice(n: int) -> int => n * 2\n:dis \
         twice\n:dis 1 + twice(3)\n:time twice(4)\n:list\n:reset\n:list\ntwice(1)\n:hlep\n:type\n:quit\n1\n",
    );
    assert_eq!(run.status, 1);
    let out = run.out;
    assert!(out.starts_with("[float]\n()\nfunc twice("), "{out}");
    assert!(out.contains("mul_checked_i64") && out.contains("add_checked_i64"), "{out}");
    assert!(out.contains("8 : int\n"), "{out}");
    assert!(out.ends_with("s\nfn twice(n: int) -> int => n * 2\n"), "{out}");
    assert!(
        run.err.contains("there is no name `xs`") && run.err.contains("there is no function `twice`"),
        "{}",
        run.err
    );
    assert!(run.err.contains("did you mean `:help`?"), "{}", run.err);
    assert!(run.err.contains("behind `:type` stands EXPRESSION"), "{}", run.err);
    let help = session(":help\n");
    for word in ["help", "type", "time", "dis", "list", "undo", "reset", "quit"] {
        assert!(help.out.contains(&format!("  :{word}")), "{word}: {}", help.out);
    }
}

#[test]
fn modules_beside_it_are_imported() {
    let scratch = Scratch::new("repl-modules");
    scratch.file("shapes.myna", "pub fn area(side: int) -> int => side * side\n");
    let run =
        mvm_with(&["repl", "--no-history", "-L", &scratch.path(".")], "import shapes\nshapes.area(3)\n");
    assert_eq!((run.status, &*run.out, &*run.err), (0, "9 : int\n", ""));
}

#[test]
fn names_are_given_anew_only_so_often() {
    let input = "let x = 1\n".repeat(160) + "x\n";
    let run = session(&input);
    assert_eq!((run.status, &*run.out), (1, "1 : int\n"));
    assert!(run.err.contains("`:reset` begins a new session"), "{}", run.err);
}

/// Somebody at a terminal, who waits for what it shows.
#[cfg(unix)]
struct Typing {
    child: std::process::Child,
    master: std::fs::File,
    shown: String,
}

#[cfg(unix)]
impl Typing {
    fn start(state: &str, folder: &str) -> Typing {
        let pair = nix::pty::openpty(None, None).unwrap();
        let mut command = crate::tool::command(&["repl"]);
        command.env("TERM", "xterm").env("NO_COLOR", "1").env("XDG_STATE_HOME", state);
        command
            .stdin(pair.slave.try_clone().unwrap())
            .stdout(pair.slave.try_clone().unwrap())
            .stderr(pair.slave);
        let child = command.current_dir(folder).spawn().unwrap();
        Typing { child, master: pair.master.into(), shown: String::new() }
    }

    /// Reads until this is shown; what was shown.
    fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.shown.find(text) {
                let rest = self.shown.split_off(at + text.len());
                return std::mem::replace(&mut self.shown, rest);
            }
            let mut buffer = [0; 4096];
            let count = std::io::Read::read(&mut self.master, &mut buffer).unwrap_or(0);
            assert!(count > 0, "no `{text}` in: {}", self.shown);
            self.shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    fn types(&mut self, text: &str) {
        std::io::Write::write_all(&mut self.master, text.as_bytes()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn on_a_terminal_ctrl_c_interrupts_and_tab_completes() {
    let scratch = Scratch::new("repl-terminal");
    scratch.file("shapes.myna", "pub fn area(side: int) -> int => side * side\n");
    let mut typing = Typing::start(&scratch.path("state"), &scratch.path("."));
    typing.until("> ");
    typing.types("import shapes\r");
    typing.until("> ");
    typing.types("shapes.ar\t3)\r");
    typing.until("9 : int");
    typing.until("> ");
    typing.types("let words = [\"b\", \"a\"]\r");
    typing.until("> ");
    // An endless loop, which has begun when the text is there that the input itself does not have.
    typing.types("if true {\rprint(\"be{1}gun\")\rloop { }\r}\r");
    typing.until("be1gun");
    let interrupt = || {
        let pid = typing.child.id().to_string();
        std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap()
    };
    assert!(interrupt().success());
    typing.until("interrupted");
    typing.until("> ");
    typing.types("words.sort_b\t|w| w)\r");
    typing.until("> ");
    typing.types("words\r");
    typing.until("[\"a\", \"b\"] : [str]");
    typing.until("> ");
    // Open brackets go on on the next line.
    typing.types("[1,\r2]\r");
    typing.until("[1, 2] : [int]");
    typing.until("> ");
    typing.types("\u{4}");
    assert_eq!(typing.child.wait().unwrap().code(), Some(0));
    let history = std::fs::read_to_string(scratch.path("state/mvm/history")).unwrap();
    assert!(history.contains("\\nloop { }\\n}\n") && history.contains("\n[1,\\n2]\n"), "{history}");
}
