//! run, build, asm, dis, check, stats: programs from text to exit status.

use std::process::Stdio;

use crate::programs::{FACTORIAL, OUT_OF_BOUNDS};
use crate::tool::{Scratch, command, mvm, mvm_with};

#[test]
fn a_program_runs_from_a_file_from_standard_input_and_built() {
    let scratch = Scratch::new("run");
    let source = scratch.file("factorial.masm", FACTORIAL);
    let expected = (3, "120\n6\n".to_string(), String::new());
    let run = mvm(&["run", &source]);
    assert_eq!((run.status, run.out, run.err), expected);
    let run = mvm_with(&["run", "-"], FACTORIAL);
    assert_eq!((run.status, run.out, run.err), expected);
    let run = mvm(&["build", &source]);
    assert_eq!((run.status, run.out, run.err), (0, String::new(), String::new()));
    let run = mvm(&["run", &scratch.path("factorial.mvm")]);
    assert_eq!((run.status, run.out, run.err), expected);
    let bytes = command(&["build", &source, "-o", "-"]).output().unwrap().stdout;
    assert_eq!(bytes, std::fs::read(scratch.path("factorial.mvm")).unwrap());
    let run = mvm_with(&["run", "-"], bytes);
    assert_eq!((run.status, run.out, run.err), expected);
}

#[test]
fn instructions_that_are_functions_need_no_file() {
    let program =
        "func main() {\n split p, \"b,a\", \",\"\n sort p\n join s, p, \"+\"\n sys print(s)\n ret\n}\n";
    let run = mvm_with(&["run", "-"], program);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "a+b", ""));
    // Files named like the built-in module are never it, not even beside the program.
    let scratch = Scratch::new("core");
    let source = scratch.file("core.masm", program);
    for args in [&["run", &*source][..], &["check", &source]] {
        let run = mvm(args);
        assert_eq!((run.status, &*run.err), (0, ""), "{args:?}");
    }
}

#[test]
fn traps_in_functions_with_instruction_syntax_show_both_lines() {
    let run = mvm_with(
        &["run", "-"],
        "func main() {\n new p, [str], 1\n join s, p, \"+\"\n sys print(s)\n ret\n}\n",
    );
    assert_eq!(run.status, 1);
    assert!(run.err.contains("in core.str_join (<lib>/core.masm:"), "{}", run.err);
    assert!(run.err.contains("in main (<stdin>:3)"), "{}", run.err);
}

#[test]
fn an_uncaught_exception_shows_line_values_and_calls() {
    let scratch = Scratch::new("uncaught");
    let source = scratch.file("bounds.masm", OUT_OF_BOUNDS);
    let run = mvm(&["run", &source]);
    assert_eq!((run.status, &*run.out), (1, ""));
    expect_test::expect![[r#"
        error: uncaught `OutOfBounds`: index 5 out of bounds for length 3
         --> bounds.masm:7:5
          |
        7 |     get     v, a[at]                    ; there is no such element
          |     ^^^^^^^^^^^^^^^^
          |
          = help: `mvm help OutOfBounds` explains it; `try` catches it
          in pick (bounds.masm:7)
          in main (bounds.masm:3)
    "#]]
    .assert_eq(&run.err.replace(&scratch.path(""), ""));
}

#[test]
fn deep_backtraces_are_cut() {
    let program =
        "func main() {\n call down(0)\n ret\n}\nfunc down(n: i64) {\n add n, n, 1\n call down(n)\n ret\n}\n";
    let limited = mvm_with(&["run", "--limit-reductions", "100", "-"], program);
    assert!(limited.err.contains("\n  ... 69 more calls\n"), "{}", limited.err);
    assert!(limited.err.ends_with("in main (<stdin>:2)\n"), "{}", limited.err);
    let run = mvm_with(&["run", "-"], program);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("stack overflow"), "{}", run.err);
    assert!(run.err.contains(" more calls\n") && run.err.lines().count() < 60, "{}", run.err);
    assert!(run.err.contains("help: `--limit-stack` allows more"), "{}", run.err);
    assert!(run.err.trim_end().ends_with("in main (<stdin>:2)"), "{}", run.err);
}

#[test]
fn the_limit_of_reductions_ends_a_loop() {
    let program = "func main() {\nagain:\n    jmp     again\n}\n";
    let run = mvm_with(&["run", "--limit-reductions", "10k", "-"], program);
    assert_eq!((run.status, &*run.out), (3, ""));
    expect_test::expect![[r#"
        error: the limit of 10000 reductions was reached
         --> <stdin>:3:5
          |
        3 |     jmp     again
          |     ^^^^^^^^^^^^^
          |
          = help: `--limit-reductions` allows more
          in main (<stdin>:3)
    "#]]
    .assert_eq(&run.err);
}

#[test]
fn who_waits_for_what_when_nothing_can_happen() {
    let program = "\
func main() {
    sys     c, channel(1)
    bind    f, waits(c)
    sys     _pid, spawn(f)
    fref    g, stops
    sys     _pid, spawn(g)
    sys     _m, receive(-1)
    ret
}
func waits(c: i64) {
    sys     (_m, _t), channel_receive(c, -1)
    ret
}
func stops() {
    sys     me, self()
    sys     signal(me, 4)
    ret
}
";
    let run = mvm_with(&["run", "-"], program);
    assert_eq!((run.status, &*run.out), (1, ""));
    expect_test::expect![[r#"
        error: the first process waits for a message, and none of the 3 can run
         --> <stdin>:7:5
          |
        7 |     sys     _m, receive(-1)
          |     ^^^^^^^^^^^^^^^^^^^^^^^
          in main (<stdin>:7)
          process 2 waits at channel 1 in waits (<stdin>:11)
          process 3 was stopped by a signal in stops (<stdin>:17)
    "#]]
    .assert_eq(&run.err);
}

#[test]
fn the_limit_of_the_heap_is_a_trap() {
    let program = "func main() {\n new a, [i64], 1000000\n ret\n}\n";
    let run = mvm_with(&["run", "--limit-heap", "1m", "-"], program);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("out of memory: 8000008 bytes"), "{}", run.err);
    assert!(run.err.contains("the limit is 1048576 bytes"), "{}", run.err);
}

#[test]
fn a_program_sees_its_arguments_and_the_environment_it_is_given() {
    let program = r#"func main(args: [str]) {
    len     n, args
    sys     print_int(n)
    get     first, args[0]
    sys     print(first)
    sys     value, env("SEEN")
    sys     print(value)
    sys     value, env("HERE")
    sys     print(value)
    sys     value, env("PATH")
    bnull   value, done
    sys     print("leaked")
done:
    ret
}
"#;
    let scratch = Scratch::new("arguments");
    let source = scratch.file("args.masm", program);
    let args =
        ["run", "--env", "SEEN=yes", "--env", "HERE", "--env", "ABSENT", &source, "--", "-x", "--help"];
    let output = command(&args).env("HERE", "here").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2-xyeshere");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_program_reads_standard_input() {
    let scratch = Scratch::new("input");
    let source = scratch.file(
        "cat.masm",
        "func main() {\nmore:\n sys line, read_line()\n bnull line, done\n sys print(line)\n sys print(\"|\")\n jmp more\ndone:\n ret\n}\n",
    );
    let run = mvm_with(&["run", &source], "one\r\ntwo\n\nlast \u{fffd}".as_bytes());
    assert_eq!((run.status, &*run.out), (0, "one|two||last \u{fffd}|"));
}

#[test]
fn a_closed_standard_output_ends_a_program_quietly() {
    let scratch = Scratch::new("closed");
    let source = scratch
        .file("yes.masm", "func main() {\nagain:\n    sys     print(\"y\\n\")\n    jmp     again\n}\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command(&["run", &source]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn programs_without_a_start_are_refused() {
    for program in ["", "; nothing\n", "func start() {\n    ret\n}\n"] {
        let run = mvm_with(&["run", "-"], program);
        assert_eq!((run.status, &*run.out), (2, ""), "{program:?}");
        assert!(run.err.contains("the program has no function `main`"), "{program:?}: {}", run.err);
    }
    let binary = mvm_with(&["run", "-"], [0u8, 159, 146, 150]);
    assert_eq!(binary.status, 2);
}

#[test]
fn modules_are_found_next_to_the_program_and_with_l() {
    let scratch = Scratch::new("modules");
    std::fs::create_dir(scratch.path("more")).unwrap();
    let main = "import one.f() -> i64\nimport two.g() -> i64\nfunc main() {\n call a, one.f()\n call b, two.g()\n sys print_int(a)\n sys print_int(b)\n ret\n}\n";
    let source = scratch.file("main.masm", main);
    scratch.file("one.masm", "export func f() -> i64 {\n ret 1\n}\n");
    let two = scratch.file(
        "more/two.masm",
        "import one.f() -> i64\nexport func g() -> i64 {\n call x, one.f()\n add x, x, 1\n ret x\n}\n",
    );
    let missing = mvm(&["run", &source]);
    assert_eq!(missing.status, 2);
    assert!(missing.err.contains("there is no module `two` to import from"), "{}", missing.err);
    let run = mvm(&["run", "-L", &scratch.path("more"), &source]);
    assert_eq!((run.status, &*run.out), (0, "12"), "{}", run.err);
    assert_eq!(mvm(&["asm", &two]).status, 0);
    std::fs::remove_file(&two).unwrap();
    let run = mvm(&["run", "-L", &scratch.path("more"), &source]);
    assert_eq!((run.status, &*run.out), (0, "12"), "{}", run.err);
    let run = mvm(&["build", "-L", &scratch.path("more"), &source]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(mvm(&["run", &scratch.path("main.mvm")]).out, "12");
}

#[test]
fn the_standard_library_is_built_in() {
    let program = "import io.println(str)\nfunc main() {\n call io.println(\"hello\")\n ret\n}\n";
    let run = mvm_with(&["run", "-"], program);
    assert_eq!((run.status, &*run.out), (0, "hello\n"), "{}", run.err);
    let run = mvm_with(&["run", "-"], "import oi.println(str)\nfunc main() {\n ret\n}\n");
    assert!(run.err.contains("did you mean `io`, which is in the standard library?"), "{}", run.err);
}

#[test]
fn a_program_includes_only_what_lies_below_it() {
    let scratch = Scratch::new("include");
    std::fs::create_dir(scratch.path("inner")).unwrap();
    scratch.file("secret.txt", "secret");
    scratch.file("inner/part.masm", "const N = 42\n");
    for (path, good) in
        [("part.masm", true), ("./part.masm", true), ("../secret.txt", false), ("/etc/passwd", false)]
    {
        let text = if good {
            format!("include \"{path}\"\nfunc main() {{\n sys print_int(N)\n ret\n}}\n")
        } else {
            format!("data d: str = file \"{path}\"\nfunc main() {{\n sys print(d)\n ret\n}}\n")
        };
        let source = scratch.file("inner/main.masm", text);
        let run = mvm(&["run", &source]);
        if good {
            assert_eq!((run.status, &*run.out), (0, "42"), "{path}: {}", run.err);
        } else {
            assert_eq!((run.status, &*run.out), (2, ""), "{path}");
            assert!(run.err.contains("outside the directory of the program"), "{path}: {}", run.err);
        }
    }
}

#[test]
fn check_reports_everything_and_runs_nothing() {
    let program = "func main() {\n    mov     x, nothing\n    ad      y, x, 1\n    sys     print(\"ran\")\n    ret\n}\n";
    let run = mvm_with(&["check", "-"], program);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.matches("error[").count() >= 2, "{}", run.err);
    let run = mvm_with(&["check", "--json", "-"], program);
    assert_eq!((run.status, &*run.err), (2, ""));
    for line in run.out.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["place"]["file"], "<stdin>", "{line}");
    }
    assert!(run.out.lines().count() >= 2);
    let run = mvm_with(&["check", "-"], FACTORIAL);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "", ""));
}

#[test]
fn warnings_are_for_check_and_not_for_run() {
    let program = "func main() {\n    mov     unused, 1\n    ret\n}\n";
    assert!(mvm_with(&["check", "-"], program).err.contains("warning[W"));
    assert_eq!(mvm_with(&["run", "-"], program).err, "");
}

#[test]
fn a_trace_shows_instructions_and_changes() {
    let run = mvm_with(&["run", "--trace", "-"], FACTORIAL);
    assert_eq!((run.status, &*run.out), (3, "120\n6\n"));
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 53, "{}", run.err);
    expect_test::expect![[r#"
        main+0000            enter
        main+0001            const_i64 _1, 5                            ; _1 = 5
        main+0002            call    f, fact(_1)                        ; fact(n = 5)
        fact+0000            enter
        fact+0001            bgt_i64_imm n, 1, L1
        fact+0004            add_i64_imm m, n, -1                       ; m = 4
        fact+0005            call    m, fact(m)                         ; fact(n = 4)
        fact+0000            enter"#]]
    .assert_eq(&lines[..8].join("\n"));
}

#[test]
fn stats_count_what_was_executed() {
    let run = mvm_with(&["stats", "--top", "2", "-"], FACTORIAL);
    assert_eq!((run.status, &*run.out), (3, "120\n6\n"));
    expect_test::expect![[r#"
        53 instructions, 13 reductions

                 count   share     sum  instruction
                     8  15.09%  15.09%  add_i64_imm
                     6  11.32%  26.42%  enter
                     9 more

                 count   share     sum  pair
                     5   9.62%   9.62%  call + enter
                     5   9.62%  19.23%  enter + bgt_i64_imm
                    18 more

                 count   share     sum  triple
                     5   9.80%   9.80%  call + enter + bgt_i64_imm
                     4   7.84%  17.65%  add_i64 + add_i64_imm + blt_i64_imm_back
                    22 more
    "#]]
    .assert_eq(&run.err);
    let run = mvm_with(&["stats", "--json", "-"], FACTORIAL);
    let value: serde_json::Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(value["instructions"], 53);
    let sum: u64 =
        value["singles"].as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap()).sum();
    assert_eq!(sum, 53);
}

#[test]
fn one_function_is_disassembled() {
    let run = mvm_with(&["dis", "--no-debug", "-f", "fact", "-"], FACTORIAL);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        func fact(n: i64) -> i64 {
            .local  _1: i64
            .local  m: i64
            enter
            bgt_i64_imm n, 1, L1
            const_i64 _1, 1
            ret_value _1
        L1:
            add_i64_imm m, n, -1
            call    m, fact(m)
            mul_i64 m, m, n
            ret_value m
        }
    "#]]
    .assert_eq(&run.out);
    let run = mvm_with(&["dis", "-f", "fat", "-"], FACTORIAL);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("did you mean `fact`?"), "{}", run.err);
}

#[test]
fn sched_shows_what_the_documentation_says() {
    let page = include_str!("../../../../docs/SCHEDULING.md");
    let (_, rest) = page.split_once("```asm\n").unwrap();
    let (program, rest) = rest.split_once("```").unwrap();
    let (_, rest) = rest.split_once("```text\n").unwrap();
    let (expected, _) = rest.split_once("```").unwrap();
    let run = mvm_with(&["sched", "--policy", "fair,priority,mlfq", "-"], program);
    assert_eq!((run.status, &*run.err, &*run.out), (0, "", expected));
}

#[test]
fn policies_are_all_in_the_documentation() {
    let page = include_str!("../../../../docs/SCHEDULING.md");
    for policy in mvm_kernel::sched::POLICIES {
        assert!(page.contains(&format!("| `{}` |", policy.name)), "`{}` is missing", policy.name);
    }
}

#[test]
fn explain_shows_registers_types_and_rules_as_the_documentation_says() {
    let page = include_str!("../../../../docs/ASSEMBLY.md");
    let block = |text: &'static str, kind: &str| {
        let (_, rest) = text.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("```").unwrap()
    };
    let (_, section) = page.split_once("## What the assembler made of it").unwrap();
    let (program, rest) = block(section, "asm");
    let (_, rest) = rest.split_once("`mvm asm --explain half.masm` says:").unwrap();
    let (expected, _) = block(rest, "text");
    let run = mvm_with(&["asm", "--explain", "-"], program);
    assert_eq!((run.status, &*run.err, &*run.out.replace("<stdin>", "half.masm")), (0, "", expected));
}

#[test]
fn explain_names_the_files_of_lines_and_long_instructions_move_the_columns() {
    let scratch = Scratch::new("explain");
    scratch.file("part.masm", "func part(a: i64, b: [i64]) {\n    nop\n    ret\n}\n");
    let text = "a text that is much longer than the column for instructions is wide";
    let source = scratch.file(
        "main.masm",
        format!("include \"part.masm\"\nfunc main() {{\n    sys print(\"{text}\")\n    ret\n}}\n"),
    );
    let run = mvm(&["asm", "--explain", &source]);
    assert_eq!((run.status, &*run.err), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    expect_test::expect![[r#"
        func part in part.masm   (judged by F1 F2 F3 F4 F7)
          parameter a: i64
          parameter b: [i64]
          pc    instruction  line  rules
          0000  nop          2     I8
          0001  ret          3     I7 T14

        func main in main.masm   (judged by F1 F2 F3 F4 F7)
          register  _0: str
          pc    instruction                                                   line  rules
          0000  const_literal _0, "a text that is much longer than the column for instructions is wide"  3     I4 I8 I14 T1 T3
          0001  sys     print(_0)                                             3     I4 I11 I14 T16
          0003  ret                                                           4     I7 T14
    "#]].assert_eq(&lines[..14].join("\n").replace(&scratch.path(""), ""));
}

#[test]
fn modules_are_not_written_over_their_source() {
    let scratch = Scratch::new("over");
    let source = scratch.file("program.mvm", FACTORIAL);
    let run = mvm(&["asm", &source]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("would be written over itself"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&source).unwrap(), FACTORIAL);
}

#[test]
fn a_module_that_breaks_rules_is_refused_and_can_be_looked_at() {
    let scratch = Scratch::new("rules");
    let source = scratch.file("factorial.masm", FACTORIAL);
    let built = scratch.path("factorial.mvm");
    assert_eq!(mvm(&["build", &source]).status, 0);
    let mut module = mvm_module::read(&std::fs::read(&built).unwrap()).unwrap();
    let last = module.functions[1].code.len() - 1;
    module.functions[1].code[last] = u64::MAX;
    std::fs::write(&built, mvm_module::write(&module)).unwrap();
    for name in ["run", "stats", "heap", "build", "check", "asm"] {
        let run = mvm(&[name, &built, "-o", &scratch.path("out")]
            [..if name == "check" || name == "run" { 2 } else { 4 }]);
        assert_eq!((run.status, &*run.out), (2, ""), "{name}: {}", run.err);
        assert!(run.err.contains("error["), "{name}: {}", run.err);
    }
    let run = mvm(&["dis", &built]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("error[") && run.out.contains("not an instruction"), "{}", run.out);
}

#[test]
fn limits_of_nothing_are_limits() {
    let run = mvm_with(&["run", "--limit-reductions", "0", "-"], FACTORIAL);
    assert_eq!((run.status, &*run.out), (3, ""));
    assert!(run.err.contains("the limit of 0 reductions was reached"), "{}", run.err);
    let strings = "func main() {\n str_from_int s, 5\n sys print(s)\n ret\n}\n";
    assert_eq!(mvm_with(&["run", "--limit-heap", "0", "-"], strings).status, 1);
}

#[test]
fn what_is_wrong_with_imports_is_shown_where_they_stand() {
    let program = "; import foo.f()\nimport foo.f()\nimport io.printt(str)\nimport io.println(i64)\nfunc main() {\n ret\n}\n";
    let run = mvm_with(&["run", "-"], program);
    assert_eq!((run.status, &*run.out), (2, ""));
    expect_test::expect![[r#"
        error: there is no module `foo` to import from
         --> <stdin>:2:8
          |
        2 | import foo.f()
          |        ^^^^^
          |
          = help: give its directory with -L
    "#]]
    .assert_eq(&run.err);
    let run = mvm_with(&["run", "-"], program.replace("\nimport foo.f()\n", "\n"));
    expect_test::expect![[r#"
        error: module `main` imports `printt` from `io`, which does not export it; did you mean `println`?
         --> <stdin>:2:8
          |
        2 | import io.printt(str)
          |        ^^^^^^^^^

        error: module `main` imports `println` from `io`, where it is declared differently: (i64) here, (str) there
         --> <stdin>:3:8
          |
        3 | import io.println(i64)
          |        ^^^^^^^^^^

        2 errors
    "#]].assert_eq(&run.err);
}
