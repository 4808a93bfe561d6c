//! The formatter from outside.

use crate::tool::{Scratch, mvm, mvm_with};

const UGLY: &str = "func main(){\nret;done\n}\n";
const NICE: &str = "func main() {\n    ret                                 ;done\n}\n";

#[test]
fn standard_input_comes_out_formatted() {
    let run = mvm_with(&["fmt", "-"], UGLY);
    assert_eq!((run.status, &*run.out, &*run.err), (0, NICE, ""));
}

#[test]
fn check_names_files_and_changes_nothing() {
    let scratch = Scratch::new("fmt-check");
    let (ugly, nice) = (scratch.file("ugly.masm", UGLY), scratch.file("nice.masm", NICE));
    let run = mvm(&["fmt", "--check", &ugly, &nice]);
    assert_eq!((run.status, run.out), (2, format!("{ugly}\n")));
    assert_eq!(std::fs::read_to_string(&ugly).unwrap(), UGLY);
    assert_eq!(mvm(&["fmt", "--check", &nice]).status, 0);
}

#[test]
fn write_changes_files_in_place() {
    let scratch = Scratch::new("fmt-write");
    let (ugly, wrong) = (scratch.file("ugly.masm", UGLY), scratch.file("wrong.masm", "func main() {"));
    let run = mvm(&["fmt", "-w", &wrong, &ugly]);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("this `{` is never closed"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&ugly).unwrap(), NICE);
    assert_eq!(std::fs::read_to_string(&wrong).unwrap(), "func main() {");
    assert_eq!(std::fs::read_dir(scratch.path("")).unwrap().count(), 2, "something was left behind");
}
