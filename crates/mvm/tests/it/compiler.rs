//! The example of a compiler's output: everything speaks of the source of the other language.

use std::path::{Path, PathBuf};

use crate::tool::{Run, Scratch, command, mvm};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/compiler")
}

/// Runs the program in the directory of the example.
fn in_example(args: &[&str]) -> Run {
    command(args).current_dir(example()).output().unwrap().into()
}

const ERROR: &str = "\
error: uncaught `DivideByZero`: divide by zero
 --> average.lang:7:16
  |
7 |     return sum / length(numbers)
  |                ^^^^^^^^^^^^^^^^^
  in average (average.lang:7)
  in main (average.lang:12)
";

const SESSION: &str = "\
(mvm) break 5
breakpoint 1 at average (average.lang:5)
(mvm) continue
breakpoint 1
average (average.lang:5) numbers=[i64] of 3
    5 |         sum = sum + number
(mvm) continue
breakpoint 1
average (average.lang:5) numbers=[i64] of 3
    5 |         sum = sum + number
(mvm) print
numbers: [int] = [i64] of 3: 3, 4, 8
sum: int = 3
number: int = 4
(mvm) watch sum
watch 2: `sum`
(mvm) delete 1
1 is gone
(mvm) continue
watch 2: `sum` was 3, is 7
average (average.lang:4) numbers=[i64] of 3
    4 |     for number in numbers {
(mvm) backtrace
*  0  average (average.lang:4) numbers=[i64] of 3
   1  main (average.lang:11)
";

#[test]
fn errors_and_backtraces_speak_of_the_other_source() {
    let run = in_example(&["run", "average.masm"]);
    assert_eq!((run.status, &*run.out, &*run.err), (1, "5\n", ERROR));
    // The source is found beside the program, and beside the module file that was made of it.
    let path = example().join("average.masm");
    let run = mvm(&["run", path.to_str().unwrap()]);
    assert_eq!((run.status, &*run.err), (1, ERROR));
    let scratch = Scratch::new("compiler");
    scratch.file("average.lang", std::fs::read(example().join("average.lang")).unwrap());
    let module = scratch.path("average.mvm");
    assert_eq!(in_example(&["build", "average.masm", "-o", &module]).status, 0);
    let run = mvm(&["run", &module]);
    assert_eq!((run.status, &*run.err), (1, ERROR));
}

#[test]
fn the_debugger_speaks_of_the_other_source() {
    let mut args = vec!["debug"];
    for line in SESSION.lines() {
        if let Some(command) = line.strip_prefix("(mvm) ") {
            args.extend(["-x", command]);
        }
    }
    args.push("average.masm");
    let run = in_example(&args);
    assert_eq!((run.status, &*run.err), (0, ""));
    let said: String = SESSION.split_inclusive('\n').filter(|line| !line.starts_with("(mvm) ")).collect();
    let start = "`help` lists the commands\nmain (average.lang:11)\n   11 |     print(average([3, 4, 8]))\n";
    assert_eq!(run.out, format!("{start}{said}"));
}

#[test]
fn the_documentation_shows_the_example_as_it_is() {
    let page = include_str!("../../../../docs/ASSEMBLY.md");
    let source = include_str!("../../../../examples/compiler/average.lang");
    let (_, assembly) =
        include_str!("../../../../examples/compiler/average.masm").split_once("\n\n").unwrap();
    let (function, _) = assembly.split_once("\n\n").unwrap();
    for part in [source, function, ERROR, SESSION] {
        assert!(page.contains(part), "docs/ASSEMBLY.md does not show:\n{part}");
    }
}
