//! `-O`, `--passes` and `--diff`.

use crate::tool::{Scratch, mvm, mvm_with};

const CALLS: &str = "func main() {
    mov     i, 2
again:
    call    x, quotient(i)
    sys     print_int(x)
    sub     i, i, 1
    bge     i, 0, again
    ret
}
func quotient(n: i64) -> i64 {
    call    r, divided(100, n)
    ret     r
}
func divided(a: i64, b: i64) -> i64 {
    div     q, a, b
    ret     q
}
";

#[test]
fn optimised_programs_write_the_same_and_trap_with_the_same_calls() {
    let scratch = Scratch::new("optimise");
    let source = scratch.file("calls.masm", CALLS);
    let plain = mvm(&["run", &source]);
    assert_eq!((plain.status, &*plain.out), (1, "50100"));
    assert!(plain.err.contains("in divided (") && plain.err.contains("in quotient ("), "{}", plain.err);
    for options in [&["-O1"][..], &["-O2"], &["--passes", "inline"], &["-O2", "--jit", "--jit-threshold=0"]] {
        let run = mvm(&[&["run"], options, &[&*source]].concat());
        assert_eq!((run.status, &run.out, &run.err), (1, &plain.out, &plain.err), "{options:?}");
    }
    for command in [&["build", "-O2"][..], &["asm", "--passes=inline,dead"]] {
        let built = scratch.path("calls.mvm");
        let run = mvm(&[command, &[&*source, "-o", &*built]].concat());
        assert_eq!((run.status, &*run.err), (0, ""), "{command:?}");
        let run = mvm(&["run", &built]);
        // The source is shown only when it lies below this directory, the calls always.
        let calls = |text: &str| text[text.find("  in ").expect("calls are shown")..].to_string();
        assert_eq!((run.status, &run.out), (1, &plain.out), "{command:?}");
        assert_eq!(calls(&run.err), calls(&plain.err), "{command:?}");
    }
}

#[test]
fn disassembled_optimised_modules_assemble_to_the_same_bytes() {
    let scratch = Scratch::new("optimise-dis");
    let source = scratch.file("calls.masm", CALLS);
    let text = mvm(&["dis", "-O2", &source]).out;
    assert!(text.contains(".inline quotient, 4:5\n"), "{text}");
    let again = scratch.file("again.masm", &text);
    for (options, source, output) in [(&["-O2"][..], &source, "one.mvm"), (&[], &again, "two.mvm")] {
        let run = mvm(&[&["asm"], options, &[&**source, "-o", &*scratch.path(output)]].concat());
        assert_eq!((run.status, &*run.err), (0, ""));
    }
    let bytes = |name: &str| std::fs::read(scratch.path(name)).unwrap();
    assert_eq!(bytes("one.mvm"), bytes("two.mvm"));
}

#[test]
fn what_each_pass_changes_is_shown() {
    let program = "func main() {\n mov x, 2\n mov y, 3\n add z, x, y\n sys print_int(z)\n ret\n}\n";
    let run = mvm_with(&["dis", "--passes", "fold,dead", "--diff", "-"], program);
    expect_test::expect![[r#"
        func main, pass fold: 6 words
          ...
              const_i64 x, 2
              const_i64 y, 3
        -     add_i64 z, x, y
        +     const_i64 z, 5
              sys     print_int(z)
              ret

        func main, pass dead: 4 words
          func main() {
        -     .local  x: i64
        -     .local  y: i64
              .local  z: i64
        -     const_i64 x, 2
        -     const_i64 y, 3
              const_i64 z, 5
              sys     print_int(z)

    "#]]
    .assert_eq(&run.out);
    let run = mvm_with(&["dis", "-O1", "--diff", "-"], "func main() {\n ret\n}\n");
    assert_eq!((run.status, &*run.out), (0, "nothing changes\n"));
    let run = mvm_with(&["dis", "--diff", "-"], program);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("-O1, -O2 or --passes"), "{}", run.err);
}

#[test]
fn passes_are_listed_and_wrong_names_refused() {
    let run = mvm(&["dis", "--passes", "help", "nothing"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    for pass in mvm_opt::PASSES {
        assert!(run.out.contains(&format!("  {:<9} -O", pass.name)), "{}", run.out);
    }
    let run = mvm_with(&["run", "--passes", "fold,inlin", "-"], CALLS);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("there is no pass `inlin`") && run.err.contains("`inline`"), "{}", run.err);
    let run = mvm_with(&["run", "-O3", "-"], CALLS);
    assert_eq!(run.status, 2);
}
