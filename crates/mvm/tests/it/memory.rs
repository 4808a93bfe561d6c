//! `--check-memory`: what it finds, that it finds the same under every memory manager, and that it changes nothing.

use crate::tool::{Run, Scratch, command, mvm, mvm_with};

/// Makes enough garbage for collections under every memory manager below, and has enough in use for a young space.
const CHURN: &str = "func churn() {
    new     kept, [i64], 2000
    mov     i, 0
more:
    new     a, [i64], 20
    set     a[0], i
    add     i, i, 1
    blt     i, 300, more
    set     kept[0], i
    ret
}
";

/// Memory managers that move blocks in their own ways.
const MANAGERS: [&[&str]; 7] = [
    &[],
    &["--gc-stress=1", "--gc-check"],
    &["--gc=compact", "--gc-stress=1", "--gc-check"],
    &["--gc=copying", "--gc-stress=1", "--gc-check"],
    &["--gc-young=1k", "--gc-check"],
    &["--gc-young=1k", "--gc-stress=7"],
    &["--gc=compact", "--limit-heap=64k", "--gc-check"],
];

/// A run with the memory checker, which must be the same under every memory manager. Output and status are those without.
fn checked(what: &str, program: &str) -> Run {
    let program = format!("{program}{CHURN}");
    let plain = mvm_with(&["run", "-"], &program);
    let runs = MANAGERS.map(|options| {
        let what = format!("--check-memory={what}");
        let run = mvm_with(&[&["run", &what], options, &["-"]].concat(), &program);
        assert_eq!((run.status, &run.out), (plain.status, &plain.out), "{options:?}: {}", run.err);
        run
    });
    for (run, options) in runs.iter().zip(MANAGERS) {
        assert_eq!(run.err, runs[0].err, "{options:?}");
    }
    let [first, ..] = runs;
    first
}

#[test]
fn use_after_free_shows_where_the_block_was_made_and_freed() {
    let program = "func main() {
    call    churn()
    call    b, make(40)
    call    churn()
    call    give(b)
    call    churn()
    load_i64 x, b[8]                    ; too late
    sys     print_int(x)
    ret
}
func make(size: i64) -> block {
    alloc   b, size
    ret     b
}
func give(b: block) {
    free    b
    ret
}
";
    let run = checked("errors", program);
    assert_eq!((run.status, &*run.out), (1, ""));
    expect_test::expect![[r#"
        error: uncaught `OutOfBounds`: index 8 out of bounds for length 0
         --> <stdin>:7:5
          |
        7 |     load_i64 x, b[8]                    ; too late
          |     ^^^^^^^^^^^^^^^^
          |
          = help: `mvm help OutOfBounds` explains it; `try` catches it
          = note: use after free: bytes 8 to 15 of a block that has been freed
          in main (<stdin>:7)
        note: the block of 40 bytes was made here
          --> <stdin>:12:5
           |
        12 |     alloc   b, size
           |     ^^^^^^^^^^^^^^^
          in make (<stdin>:12)
          in main (<stdin>:3)
        note: it was freed here
          --> <stdin>:16:5
           |
        16 |     free    b
           |     ^^^^^^^^^
          in give (<stdin>:16)
          in main (<stdin>:5)
    "#]]
    .assert_eq(&run.err);
    let plain = mvm_with(&["run", "-"], format!("{program}{CHURN}"));
    expect_test::expect![[r#"
        error: uncaught `OutOfBounds`: index 8 out of bounds for length 0
         --> <stdin>:7:5
          |
        7 |     load_i64 x, b[8]                    ; too late
          |     ^^^^^^^^^^^^^^^^
          |
          = help: `--check-memory` shows where the block was made and freed
          = note: use after free: bytes 8 to 15 of a block that has been freed
          in main (<stdin>:7)
    "#]]
    .assert_eq(&plain.err);
}

#[test]
fn double_free_shows_the_first_one() {
    let run = checked(
        "errors",
        "func main() {
    call    churn()
    bytes_from_str x, \"abc\"
    block_from_bytes b, x
    call    churn()
    free    b
    call    churn()
    free    b
    ret
}
",
    );
    expect_test::expect![[r#"
        error: uncaught `DoubleFree`: double free: the block has been freed before
         --> <stdin>:8:5
          |
        8 |     free    b
          |     ^^^^^^^^^
          |
          = help: `mvm help DoubleFree` explains it; `try` catches it
          in main (<stdin>:8)
        note: the block of 3 bytes was made here
         --> <stdin>:4:5
          |
        4 |     block_from_bytes b, x
          |     ^^^^^^^^^^^^^^^^^^^^^
          in main (<stdin>:4)
        note: it was freed here
         --> <stdin>:6:5
          |
        6 |     free    b
          |     ^^^^^^^^^
          in main (<stdin>:6)
    "#]]
    .assert_eq(&run.err);
}

#[test]
fn errors_that_handlers_catch_are_shown_at_the_end() {
    let program = "func main() {
    call    churn()
    alloc   b, 16
    mov     i, 0
again:
    try     outside, e: OutOfBounds
    load_i32 x, b[14]
    endtry
outside:
    call    churn()
    add     i, i, 1
    blt     i, 3, again
    free    b
    try     twice, f: Error
    free    b
    endtry
twice:
    sys     print(\"done\\n\")
    ret
}
";
    let run = checked("errors", program);
    assert_eq!((run.status, &*run.out), (0, "done\n"));
    expect_test::expect![[r#"
        warning: caught `OutOfBounds`: bytes 14 to 17 reach 2 bytes past the end of a block of 16 bytes
         --> <stdin>:7:5
          |
        7 |     load_i32 x, b[14]
          |     ^^^^^^^^^^^^^^^^^
          |
          = note: caught here 3 times; this is the first
          in main (<stdin>:7)
        note: the block of 16 bytes was made here
         --> <stdin>:3:5
          |
        3 |     alloc   b, 16
          |     ^^^^^^^^^^^^^
          in main (<stdin>:3)

        warning: caught `DoubleFree`: double free: the block has been freed before
          --> <stdin>:15:5
           |
        15 |     free    b
           |     ^^^^^^^^^
          in main (<stdin>:15)
        note: the block of 16 bytes was made here
         --> <stdin>:3:5
          |
        3 |     alloc   b, 16
          |     ^^^^^^^^^^^^^
          in main (<stdin>:3)
        note: it was freed here
          --> <stdin>:13:5
           |
        13 |     free    b
           |     ^^^^^^^^^
          in main (<stdin>:13)
    "#]]
    .assert_eq(&run.err);
    // Whoever does not ask is not told.
    assert_eq!(mvm_with(&["run", "-"], format!("{program}{CHURN}")).err, "");
}

#[test]
fn an_error_that_is_thrown_again_is_shown_as_well() {
    let run = checked(
        "errors",
        "func main() {
    alloc   b, 16
    try     outside, e: OutOfBounds
    load_i32 x, b[16]
    endtry
    ret
outside:
    throw   e
}
",
    );
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("error: uncaught `OutOfBounds`: index 16 out of"), "{}", run.err);
    let caught = "\n\nwarning: caught `OutOfBounds`: bytes 16 to 19 begin right behind the end of a block of 16 bytes\n";
    assert!(run.err.contains(caught), "{}", run.err);
}

/// The remark about an error that ends a program, with `b` of 40 bytes, `c` of 8, `null` and `gone`, which is freed.
fn remark(instruction: &str) -> String {
    let program = format!(
        "func main() {{
    .local  none: block
    mov     none, null
    alloc   b, 40
    alloc   c, 8
    alloc   gone, 16
    free    gone
    {instruction}
    call    churn()
    len     l, b
    len     l, c
    len     l, gone
    ret
}}
"
    );
    let run = checked("errors", &program);
    assert_eq!(run.status, 1, "{instruction}: {}", run.err);
    let remark = run.err.lines().find_map(|line| line.trim_start().strip_prefix("= note: "));
    remark.unwrap_or_else(|| panic!("{instruction}: {}", run.err)).to_string()
}

#[test]
fn remarks_say_what_was_wrong_with_an_access() {
    for (instruction, wanted) in [
        ("load_u8 x, b[40]", "byte 40 is right behind the end of a block of 40 bytes"),
        ("load_u8 x, b[41]", "byte 41 is 1 byte past the end of a block of 40 bytes"),
        ("load_i64 x, b[56]", "bytes 56 to 63 begin 16 bytes past the end of a block of 40 bytes"),
        ("load_f32_be x, b[38]", "bytes 38 to 41 reach 2 bytes past the end of a block of 40 bytes"),
        ("store_i8 b[-1], 1", "byte -1 is 1 byte in front of a block of 40 bytes"),
        ("store_f64 b[-4], 1.5", "bytes -4 to 3 begin 4 bytes in front of a block of 40 bytes"),
        (
            "store_i16 b[0x7fff_ffff_ffff_ffff], 1",
            "bytes 9223372036854775807 to 9223372036854775808 begin \
          9223372036854775767 bytes past the end of a block of 40 bytes",
        ),
        ("store_i16_be gone[2], 1", "use after free: bytes 2 to 3 of a block that has been freed"),
        ("load_u16 x, none[2]", "there is no block: the reference is null"),
        ("free none", "there is no block: the reference is null"),
        ("copy b, 0, none, 0, 0", "there is no block: the reference is null"),
        ("copy c, 4, b, 0, 8", "bytes 4 to 11 reach 4 bytes past the end of a block of 8 bytes"),
        ("copy b, 4, c, 4, 8", "bytes 4 to 11 reach 4 bytes past the end of a block of 8 bytes"),
        ("copy b, 0, gone, 0, 16", "use after free: bytes 0 to 15 of a block that has been freed"),
        ("copy gone, 0, b, 0, 16", "use after free: bytes 0 to 15 of a block that has been freed"),
        ("copy b, 0, c, 9, 0", "offset 9 is 1 byte past the end of a block of 8 bytes"),
        ("fill b, 0, -1, 7", "the number of bytes is negative: -1, in a block of 40 bytes"),
        ("fill gone, 0, 1, 7", "use after free: byte 0 of a block that has been freed"),
        ("fill gone, 0, -1, 7", "use after free, with a negative number of bytes: -1"),
        ("compare x, b, 0, c, 0, 9", "bytes 0 to 8 reach 1 byte past the end of a block of 8 bytes"),
        ("find x, b, 1, 41", "offset 41 is 1 byte past the end of a block of 40 bytes"),
        ("find x, gone, 1, 1", "use after free: offset 1 of a block that has been freed"),
        ("bytes_from_block x, c, 2, 9", "bytes 2 to 8 reach 1 byte past the end of a block of 8 bytes"),
        ("bytes_from_block x, c, 5, 2", "the number of bytes is negative: -3, in a block of 8 bytes"),
    ] {
        assert_eq!(remark(instruction), wanted, "{instruction}");
    }
}

#[test]
fn other_traps_have_no_remark_about_blocks() {
    for instruction in ["alloc x, -1", "new a, [i64], 2\n get x, a[2]", "block_from_bytes x, none"] {
        let program =
            format!("func main() {{\n .local none: bytes\n mov none, null\n {instruction}\n ret\n}}\n");
        let run = checked("errors", &program);
        assert!(run.status == 1 && !run.err.contains("= note: "), "{}", run.err);
    }
}

#[test]
fn leaks_are_grouped_by_where_they_were_made() {
    let program = "class Node {
    field data: block
    field next: Node
}
macro buffer(b, size) {
    alloc   $b, $size
}
func main() {
    .local  list: Node
    mov     i, 0
more:
    call    lost, make(24)
    buffer  kept, 100
    new     n, Node
    set     n.data, kept
    set     n.next, list
    mov     list, n
    add     i, i, 1
    blt     i, 5, more
    call    churn()
    get     first, list.data
    free    first
    call    churn()
    sys     exit(3)
    get     list, list.next
    ret
}
func make(size: i64) -> block {
    alloc   b, size
    ret     b
}
";
    let run = checked("leaks", program);
    assert_eq!(run.status, 3);
    expect_test::expect![[r#"
        warning: lost: 120 bytes in 5 blocks, never freed, and nothing refers to them
          --> <stdin>:29:5
           |
        29 |     alloc   b, size
           |     ^^^^^^^^^^^^^^^
          in make (<stdin>:29)
          in main (<stdin>:12)

        warning: still reachable: 400 bytes in 4 blocks, never freed
          --> <stdin>:13:5
           |
        13 |     buffer  kept, 100
           |     ^^^^^^^^^^^^^^^^^
          in main (<stdin>:13)

        note: memory: 620 bytes in 10 blocks were made
          = note: freed: 100 bytes in 1 block
          = note: lost: 120 bytes in 5 blocks, from 1 place
          = note: still reachable: 400 bytes in 4 blocks, from 1 place
    "#]]
    .assert_eq(&run.err);
    assert_eq!(checked("errors", program).err, "");
}

#[test]
fn a_program_without_leaks_is_told_so() {
    let run = checked("leaks", "func main() {\n alloc b, 8\n call churn()\n free b\n ret\n}\n");
    assert_eq!((run.status, &*run.err), (0, "note: no leaks: everything was freed, 8 bytes in 1 block\n"));
    let run = checked("leaks", "func main() {\n call churn()\n ret\n}\n");
    assert_eq!((run.status, &*run.err), (0, "note: no leaks: the program made no blocks\n"));
}

#[test]
fn leaks_are_reported_however_a_program_ends() {
    let run = checked(
        "leaks",
        "func main() {\n alloc b, 8\n alloc c, 0\n alloc d, 9\n load_i8 x, b[8]\n free c\n load_i8 x, b[0]\n ret\n}\n",
    );
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("error: uncaught `OutOfBounds`"), "{}", run.err);
    let summary = "note: memory: 17 bytes in 3 blocks were made
  = note: freed: 0 bytes in 0 blocks
  = note: lost: 9 bytes in 1 block, from 1 place
  = note: still reachable: 8 bytes in 2 blocks, from 2 places
";
    assert!(run.err.ends_with(summary), "{}", run.err);
    let endless = "func main() {\n alloc b, 8\nagain:\n len x, b\n jmp again\n}\n";
    let run = mvm_with(&["run", "--check-memory=leaks", "--limit-reductions=100", "-"], endless);
    assert_eq!(run.status, 3);
    assert!(
        run.err.contains("\n\nwarning: still reachable: 8 bytes in 1 block, never freed\n"),
        "{}",
        run.err
    );
}

#[test]
fn many_places_are_counted() {
    let leaks = format!("func main() {{\n{} ret\n}}\n", " alloc b, 8\n".repeat(27));
    let run = checked("leaks", &leaks);
    assert_eq!(run.err.matches("warning: lost: 8 bytes in 1 block,").count(), 20);
    assert!(
        run.err.contains("\n\n... and 7 more places\n\nnote: memory: 216 bytes in 27 blocks were made\n")
    );
    let caught = (0..23).map(|k| format!(" try c{k}, e: Error\n load_i8 x, b[9]\n endtry\nc{k}:\n"));
    let caught = format!("func main() {{\n alloc b, 8\n{} ret\n}}\n", caught.collect::<String>());
    let run = checked("errors", &caught);
    assert_eq!(run.err.matches("warning: caught `OutOfBounds`: byte 9 is 1 byte past").count(), 20);
    assert!(run.err.ends_with("\n\nwarning: 3 memory errors at more places were caught\n"), "{}", run.err);
}

#[test]
fn of_a_deep_stack_the_inner_calls_are_shown() {
    let program = "func main() {
    call    b, deep(5000)
    load_i8 x, b[9]
    ret
}
func deep(n: i64) -> block {
    beq     n, 0, end
    sub     n, n, 1
    call    b, deep(n)
    ret     b
end:
    alloc   b, 9
    ret     b
}
";
    let run = checked("errors", program);
    assert!(run.err.ends_with(&format!("{}  ...\n", "  in deep (<stdin>:9)\n".repeat(19))), "{}", run.err);
}

#[test]
fn a_loop_that_makes_and_frees_leaves_nothing() {
    let program = "func main() {
    mov     i, 0
more:
    alloc   b, 24
    alloc   c, 40
    free    b
    free    c
    add     i, i, 1
    blt     i, 100_000, more
    ret
}
";
    let run = mvm_with(&["run", "--check-memory=leaks", "-"], program);
    assert_eq!(run.err, "note: no leaks: everything was freed, 6400000 bytes in 200000 blocks\n");
}

#[test]
fn the_final_collection_is_not_in_the_log() {
    let program = "func main() {\n alloc b, 8\n ret\n}\n";
    let scratch = Scratch::new("check-log");
    let [plain, checked] = [&["run"][..], &["run", "--check-memory=leaks"]].map(|args| {
        let log = scratch.path("gc.jsonl");
        mvm_with(&[args, &[&format!("--gc-log={log}"), "-"]].concat(), program);
        std::fs::read_to_string(log).unwrap().lines().count()
    });
    assert_eq!(plain, checked);
}

#[test]
fn the_debugger_tells_of_blocks_where_it_stops() {
    let scratch = Scratch::new("check-debug");
    let program = "func main() {\n alloc b, 8\n free b\n free b\n ret\n}\n";
    let source = scratch.file("twice.masm", program);
    let mut debug = command(&["debug", "--check-memory", &source]);
    debug.args(["-x", "catch DoubleFree", "-x", "continue", "-x", "quit"]);
    let run: Run = debug.output().unwrap().into();
    let stop = "catch 1: `DoubleFree`: double free: the block has been freed before; nobody catches it
the block of 8 bytes was made here:
  in main (twice.masm:2)
it was freed here:
  in main (twice.masm:3)
main (twice.masm:4)
";
    assert!(run.out.replace(&scratch.path(""), "").contains(stop), "{}", run.out);
}

#[test]
fn a_value_it_does_not_have_is_refused() {
    let run = mvm(&["run", "--check-memory=leak", "x.masm"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("invalid value 'leak' for '--check-memory[=<WHAT>]'"), "{}", run.err);
    assert!(run.err.contains("possible values: errors, leaks"), "{}", run.err);
}

#[test]
fn the_transcript_in_the_documentation_is_real() {
    let page = include_str!("../../../../docs/MEMORY.md");
    let block = |text: &'static str, kind: &str| {
        let (_, rest) = text.split_once(&format!("```{kind}\n")).unwrap();
        rest.split_once("```").unwrap()
    };
    let (_, section) = page.split_once("## Finding memory errors").unwrap();
    let (program, rest) = block(section, "asm");
    let (expected, _) = block(rest, "text");
    let run = mvm_with(&["run", "--check-memory", "-"], program);
    assert_eq!((run.status, &*run.err.replace("<stdin>", "late.masm")), (1, expected));
}

#[test]
fn a_great_many_places_are_bounded() {
    // Every block is made by other calls: more than are kept.
    let program = "func main() {\n call tree(18)\n ret\n}\nfunc tree(d: i64) {\n alloc b, 8\n beq d, 0, end\n sub d, d, 1
 call tree(d)\n call tree(d)\nend:\n ret\n}\n";
    let run = mvm_with(&["run", "--check-memory=leaks", "-"], program);
    let rest = "warning: lost: 2097144 bytes in 262143 blocks, never freed, and nothing refers to them\n";
    assert!(run.err.starts_with(rest), "{}", &run.err[..200]);
    assert!(run.err.contains("\n  in tree (<stdin>:6)\n  ...\n\n"), "{}", &run.err[..400]);
}
