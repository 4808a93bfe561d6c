//! Myna on the command line: its syntax is checked, explained and laid out.

use crate::tool::{Scratch, mvm, mvm_with};

const UGLY: &str = "fn main(){\nlet x=[1,2] // two\nprint( x )}\n";
const NICE: &str = "fn main() {\n    let x = [1, 2] // two\n    print(x)\n}\n";
const WRONG: &str = "fn main() {\n    let a = 1\n    if a = 1 { print('x y') }\n}\n";

#[test]
fn check_shows_all_errors() {
    let scratch = Scratch::new("myna-check");
    let (wrong, right) = (scratch.file("wrong.myna", WRONG), scratch.file("right.myna", UGLY));
    let run = mvm(&["check", &wrong]);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("error[M0205]: `=` does not compare"), "{}", run.err);
    assert!(run.err.contains("error[M0206]: strings stand in double quotes"), "{}", run.err);
    assert!(run.err.ends_with("2 errors\n"), "{}", run.err);
    let run = mvm(&["check", &right]);
    assert_eq!((run.status, &*run.out), (0, ""));
    assert_eq!(run.err, "");
    let run = mvm(&["check", "--json", &wrong]);
    assert_eq!((run.status, run.out.lines().count()), (2, 2));
}

#[test]
fn files_are_formatted() {
    let scratch = Scratch::new("myna-fmt");
    let (ugly, wrong) = (scratch.file("ugly.myna", UGLY), scratch.file("wrong.myna", WRONG));
    let run = mvm(&["fmt", "--check", &ugly]);
    assert_eq!((run.status, run.out), (2, format!("{ugly}\n")));
    let run = mvm(&["fmt", "-w", &wrong, &ugly]);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("has errors and is left as it is"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&ugly).unwrap(), NICE);
    assert_eq!(std::fs::read_to_string(&wrong).unwrap(), WRONG);
    let run = mvm_with(&["fmt", "--myna", "-"], UGLY);
    assert_eq!((run.status, &*run.out, &*run.err), (0, NICE, ""));
}

#[test]
fn codes_are_explained() {
    let run = mvm(&["explain", "m0205"]);
    assert_eq!(run.status, 0);
    assert!(run.out.starts_with("M0205: `=` in a condition\n"), "{}", run.out);
    assert!(mvm(&["explain"]).out.contains("  M0203  `elif`\n"));
    assert!(mvm(&["explain", "M0204x"]).err.contains("did you mean `M0204`"));
}

#[test]
fn programs_run() {
    let scratch = Scratch::new("myna-run");
    let program =
        scratch.file("program.myna", "fn main(args: [str]) -> int {\n    print(args)\n    return 3\n}\n");
    let run = mvm(&["run", &program, "--", "a", "b"]);
    assert_eq!((run.status, &*run.out, &*run.err), (3, "[\"a\", \"b\"]\n", ""));
    let library = scratch.file("library.myna", "pub fn one() -> int => 1\n");
    let run = mvm(&["run", &library]);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("has no `main`"), "{}", run.err);
}

#[test]
fn modules_stand_beside_the_program() {
    let scratch = Scratch::new("myna-modules");
    scratch.file("shapes.myna", "pub fn area(side: int) -> int => side * side\nfn hidden() -> int => 1\n");
    let program = scratch.file("main.myna", "import shapes\nfn main() { print(shapes.area(3)) }\n");
    let run = mvm(&["run", &program]);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "9\n", ""));
    let wrong =
        scratch.file("wrong.myna", "import shape\nimport shapes\nfn main() { print(shapes.hidden()) }\n");
    let run = mvm(&["run", &wrong]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("there is no file `shape.myna`"), "{}", run.err);
    assert!(run.err.contains("`hidden` is not seen outside of `shapes`"), "{}", run.err);
}

#[test]
fn tests_of_sources_run() {
    let scratch = Scratch::new("myna-tests");
    let text = "fn double(n: int) -> int => n * 2\n\ntest \"right\" { assert double(2) == 4 }\n\n\
        test \"wrong\" {\n    print(\"seen\")\n    assert double(2) == 5, \"twice\"\n}\n";
    let path = scratch.file("tests.myna", text);
    let run = mvm(&["test", &path]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("  ok   right\n  FAIL wrong\n"), "{}", run.out);
    assert!(run.out.contains("    seen\n") && run.out.ends_with("1 passed, 1 failed\n"), "{}", run.out);
    assert!(run.err.contains("left:  4") && run.err.contains("right: 5"), "{}", run.err);
    let run = mvm(&["test", &path, "--filter", "right", "--json"]);
    assert_eq!(run.status, 0);
    assert!(run.out.contains("\"passed\":true") && !run.out.contains("wrong"), "{}", run.out);
    let junit = scratch.path("report.xml");
    let run = mvm(&["test", &path, "--junit", &junit]);
    assert_eq!(run.status, 1);
    let report = std::fs::read_to_string(&junit).expect("the report");
    assert!(report.contains("tests=\"2\" failures=\"1\"") && report.contains("<failure"), "{report}");
}

#[test]
fn errors_of_the_library_point_to_the_program() {
    let scratch = Scratch::new("myna-place");
    let path = scratch.file("program.myna", "fn main() {\n    let xs = [1]\n    print(xs[9])\n}\n");
    for level in ["-O0", "-O2"] {
        let run = mvm(&["run", level, &path]);
        assert_eq!(run.status, 1);
        assert!(run.err.contains("index 9 out of bounds for length 1"), "{}", run.err);
        assert!(run.err.contains("program.myna:3:"), "{}", run.err);
        assert!(run.err.contains("in main ("), "{}", run.err);
    }
}

#[test]
fn a_test_that_ends_the_program_fails_and_says_so() {
    let scratch = Scratch::new("myna-exit");
    let path = scratch.file("tests.myna", "test \"leaves\" { exit(3) }\n");
    let run = mvm(&["test", &path]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("ended the program with status 3"), "{}", run.err);
}
