//! help, explain, completions, man pages, wrong usage.

use crate::tool::{Scratch, mvm};

#[test]
fn help_goes_to_standard_output() {
    for args in [&["help"][..], &["--help"], &["help", "run"], &["run", "--help"]] {
        let run = mvm(args);
        assert_eq!((run.status, &*run.err), (0, ""), "{args:?}");
        assert!(run.out.contains("Usage: mvm"), "{args:?}: {}", run.out);
        assert!(!run.out.contains('\u{1b}'), "colors without a terminal");
    }
    assert!(mvm(&["--version"]).out.starts_with("mvm "));
}

#[test]
fn wrong_usage_is_status_2_and_says_what_would_be_right() {
    for args in [
        &[][..],
        &["run"],
        &["frobnicate"],
        &["run", "x", "--limit-heap", "many"],
        &["fmt", "--check", "-w", "x"],
    ] {
        let run = mvm(args);
        assert_eq!((run.status, &*run.out), (2, ""), "{args:?}");
        assert!(run.err.contains("Usage") || run.err.contains("--help"), "{args:?}: {}", run.err);
    }
}

#[test]
fn every_instruction_trap_and_syscall_has_a_page() {
    for op in mvm_isa::Opcode::ALL {
        let name = op.info().name;
        if name.len() % 5 == 0 {
            let run = mvm(&["help", name]);
            assert_eq!(run.status, 0, "{name}: {}", run.err);
            assert!(run.out.contains(name), "{name}: {}", run.out);
        }
    }
    for name in ["split", "str_split"] {
        assert!(mvm(&["help", name]).out.starts_with("str_split (Functions with instruction syntax)"));
    }
    assert!(mvm(&["help", "sort"]).out.contains("sort_f64"));
    assert!(mvm(&["help", "OutOfBounds"]).out.contains("get_i64"));
    assert!(mvm(&["help", "read_line"]).out.contains("-> str"));
    assert!(mvm(&["help", "ADD"]).out.contains("add_f64"));
}

#[test]
fn an_unknown_topic_gets_advice() {
    let run = mvm(&["help", "ad_i64"]);
    assert_eq!(run.status, 2);
    expect_test::expect![[r#"
        error: there is no command, instruction, trap or syscall `ad_i64`
          = help: did you mean `add_i64`?
    "#]]
    .assert_eq(&run.err);
}

#[test]
fn rules_of_the_verifier_are_explained() {
    let run = mvm(&["explain", "s1"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.starts_with("S1: "), "{}", run.out);
    assert!(mvm(&["explain"]).out.contains("DivideByZero"));
    assert_eq!(mvm(&["explain", "Z999"]).status, 2);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = mvm(&["completions", shell]);
        assert_eq!(run.status, 0);
        assert!(run.out.contains("limit-reductions"), "{shell}");
    }
}

#[test]
fn man_pages_are_written() {
    let scratch = Scratch::new("man");
    let run = mvm(&["man", &scratch.path("")]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(std::fs::read_to_string(scratch.path("mvm-run.1")).unwrap().contains("limit"));
    assert_eq!(mvm(&["man", &scratch.path("nowhere")]).status, 4);
}

#[test]
fn wrong_arguments_get_the_right_advice() {
    for (args, advice) in [
        (&["run", "x.masm", "alpha"][..], "arguments for the program stand behind `--`: -- alpha"),
        (&["debug", "x.masm", "alpha"], "stand behind `--`: -- alpha"),
        (&["run", "x.masm", "--limit-reductions", "-5"], "a number is expected"),
        (&["run", "x.masm", "--limit-heap", "99999999999999999999"], "the number does not fit 64 bits"),
        (&["stats", "--top", "many", "x.masm"], "a number is expected"),
        (&["help", "E0101"], "`mvm explain E0101` explains it"),
        (&["help", "t12"], "`mvm explain t12` explains it"),
        (&["explain", "OutOfBounds"], "`mvm help OutOfBounds` says what that is"),
    ] {
        let run = mvm(args);
        assert_eq!((run.status, &*run.out), (2, ""), "{args:?}");
        assert!(run.err.contains(advice), "{args:?}: {}", run.err);
    }
    // These commands pass nothing on.
    assert!(!mvm(&["asm", "x.masm", "alpha"]).err.contains("arguments for the program"));
}

#[test]
fn explanations_are_plain_text() {
    let run = mvm(&["explain", "e0301"]);
    assert!(run.out.starts_with("E0301: No form takes these operands\n\nA bare verb"), "{}", run.out);
    assert!(run.out.contains("\n    mov x, 1.5\n") && !run.out.contains("```"), "{}", run.out);
    for code in ["E0301", "T11", "E0101"] {
        let run = mvm(&["explain", code]);
        assert!(
            run.out.lines().all(|line| line.starts_with("    ") || line.chars().count() <= 100),
            "{}",
            run.out
        );
    }
}
