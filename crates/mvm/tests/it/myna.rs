//! Myna on the command line: programs are checked, explained, laid out and run.

use crate::tool::{Scratch, mvm, mvm_with};

const UGLY: &str = "fn main(){\nlet x=[1,2] // two\nprint( x )}\n";
const NICE: &str = "fn main() {\n    let x = [1, 2] // two\n    print(x)\n}\n";
const WRONG: &str = "fn main() {\n    if a = 1 { print('x y') }\n}\n";

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
fn programs_are_run() {
    let scratch = Scratch::new("myna-run");
    let program = scratch.file("program.myna", UGLY);
    let run = mvm(&["run", &program]);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "[1, 2]\n", ""));
}
