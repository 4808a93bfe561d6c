//! Hostile programs beside one that means no harm, as an embedding program runs them: each ends as its comments say, the sibling is answered
//! within 50 ms of virtual time, memory stays bounded, and no thread and no open file is left behind.

use std::process::Command;

use mvm_kernel::Exit;
use mvm_testkit::hostile::{ANSWER_MAX, Seen, Verdict, judge};

/// Each run is a process of its own, so that what it leaves behind can be counted, and its memory be read.
#[test]
fn attackers_end_as_they_should_and_their_sibling_is_answered() {
    let run = Command::new(env!("CARGO_BIN_EXE_zoo")).output().expect("the program is there");
    let said = String::from_utf8_lossy(&run.stdout);
    let wrong: Vec<&str> = said.lines().filter(|line| !line.starts_with("right ")).collect();
    println!("{said}");
    assert!(run.status.success(), "{}\n{}", wrong.join("\n"), String::from_utf8_lossy(&run.stderr));
    let right = said.lines().filter(|line| line.starts_with("right ")).count();
    assert!(right >= 80, "only {right} runs");
}

/// The judge can complain.
#[test]
fn an_attack_that_succeeds_is_noticed() {
    let verdict = Verdict::of("func main() {    ; options: --limit-heap 1m\n    ;> here\n; trap: too much");
    assert_eq!(verdict.options, [["--limit-heap", "1m"]]);
    let seen = Seen {
        lines: vec!["here".into()],
        trap: Some("uncaught `Error`: too much of it".into()),
        exit: Exit::Status(1),
        sibling: Some((ANSWER_MAX, 5)),
    };
    assert_eq!(judge(&seen, &verdict), Ok(()));
    let complaint = |seen: Seen| judge(&seen, &verdict).unwrap_err();
    assert!(complaint(Seen { lines: Vec::new(), ..seen.clone() }).starts_with("it wrote []"));
    assert!(complaint(Seen { exit: Exit::Status(0), ..seen.clone() }).contains("Status(0)"));
    assert!(complaint(Seen { trap: None, ..seen.clone() }).ends_with("not Some(\"too much\")"));
    assert!(complaint(Seen { sibling: None, ..seen.clone() }).contains("did not come to its end"));
    let late = Some((ANSWER_MAX + 1, 5));
    assert_eq!(complaint(Seen { sibling: late, ..seen }), "its sibling waited 50000001 ns");
}
