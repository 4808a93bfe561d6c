//! The debugger, with its commands from standard input.

use crate::programs::{FACTORIAL, OUT_OF_BOUNDS, VALUES};
use crate::tool::{Run, Scratch, mvm_with};

/// Debugs a program with these commands; paths are cut from what it says.
fn debug(name: &str, program: &str, commands: &str) -> Run {
    let scratch = Scratch::new(&format!("debug-{name}"));
    let source = scratch.file("prog.masm", program);
    let mut run = mvm_with(&["debug", &source], commands);
    run.out = run.out.replace(&scratch.path(""), "");
    run.err = run.err.replace(&scratch.path(""), "");
    run
}

#[test]
fn a_session_steps_breaks_and_prints() {
    let commands = "\
break fact
continue
print
backtrace
next

step
finish
print n
up
list 1
breakpoints
delete 1
finish
finish
";
    let run = debug("session", FACTORIAL, commands);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     call    f, fact(5)
        breakpoint 1 at fact (prog.masm:16)
        breakpoint 1
        fact (prog.masm:16) n=5
           16 |     bgt     n, 1, more
        n: i64 = 5
        *  0  fact (prog.masm:16) n=5
           1  main (prog.masm:2)
        fact (prog.masm:19) n=5
           19 |     sub     m, n, 1
        fact (prog.masm:20) n=5
           20 |     call    m, fact(m)
        breakpoint 1
        fact (prog.masm:16) n=4
           16 |     bgt     n, 1, more
        breakpoint 1
        fact (prog.masm:16) n=3
           16 |     bgt     n, 1, more
        n: i64 = 3
        fact (prog.masm:20) n=4
           20 |     call    m, fact(m)
             1 | func main() -> i64 {
             2 |     call    f, fact(5)
             3 |     sys     print_int(f)
             4 |     sys     print("\n")
             5 |     mov     total, 0
             6 |     mov     i, 0
             7 | again:
             8 |     add     total, total, i
             9 |     add     i, i, 1
            10 |     blt     i, 4, again
            11 |     sys     print_int(total)
          1  fact (prog.masm:16)  (3 stops)
        returned: m = 24
        fact (prog.masm:21) n=5
           21 |     mul     m, m, n
        returned: f = 120
        main (prog.masm:3)
            3 |     sys     print_int(f)
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn the_program_goes_on_to_its_end() {
    let run = debug("end", FACTORIAL, "c\nc\nrestart\nbreak 9\nc\nc\np i\nwatch total\nc\nd\nc\n");
    assert_eq!((run.status, &*run.err), (3, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     call    f, fact(5)
        120
        6
        the program ended with status 3
        the program is over; `restart` starts it again
        main (prog.masm:2)
            2 |     call    f, fact(5)
        breakpoint 1 at main (prog.masm:9)
        120
        breakpoint 1
        main (prog.masm:9)
            9 |     add     i, i, 1
        breakpoint 1
        main (prog.masm:9)
            9 |     add     i, i, 1
        i: i64 = 1
        watch 2: `total`
        watch 2: `total` was 1, is 3
        main (prog.masm:9)
            9 |     add     i, i, 1
        all breakpoints and watches are gone
        6
        the program ended with status 3
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn the_last_state_can_be_looked_at_after_an_exception() {
    let run = debug("exception", OUT_OF_BOUNDS, "c\nbt\np a\np at\np a[2]\np a[3]\nstep\nup\nregisters\n");
    assert_eq!(run.status, 1);
    assert!(run.err.contains("index 5 out of bounds for length 3"), "{}", run.err);
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     new     a, [i64], 3
        the program has ended; its last state can still be looked at
        *  0  pick (prog.masm:7) a=[i64] of 3 at=5
           1  main (prog.masm:3)
        a: [i64] = [i64] of 3: 0, 0, 0
        at: i64 = 5
        a[2]: i64 = 0
        index 3 is out of bounds for length 3
        the program is over; `restart` starts it again
        main (prog.masm:3)
            3 |     call    pick(a, 5)
        no register is alive here
        pc 4, 1 reductions so far
    "#]]
    .assert_eq(&run.out);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a session and what it shows")]
fn values_of_all_types_are_shown() {
    let commands = "\
break look
c
registers
print p.next.name
print p.nam
print list[3]
print list[20]
print texts[0]
print boxed.x
print nothing.x
dump p
dump list
dump b
dump boxed
dump nothing
dis
next 4
print p
";
    let run = debug("values", VALUES, commands);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:8)
            8 |     new     p, Point
        breakpoint 1 at look (prog.masm:32)
        breakpoint 1
        look (prog.masm:32) p=Point { ... } list=[i16] of 20 texts=[str] of 2 b=block of 40 boxed=1.5 (boxed) g=fn add3 nothing=null a=Point { ... }
           32 |     get     x, p.x
        p: Point = Point { x: 3, y: 2.5, next: Point { x: 3, y: 2.5, next: Point { ... }, name: "origin" }, name: "origin" }
        list: [i16] = [i16] of 20: 0, 0, 0, 1, -300, 0, 0, 0, ...
        texts: [str] = [str] of 2: "first", null
        b: block = block of 40: 00 00 00 00 61 62 63 64 00 00 00 00 00 00 00 00 ...
        boxed: any = 1.5 (boxed)
        g: fn(i64) -> i64 = fn add3 with 1, 2
        nothing: str = null
        a: any = Point { x: 3, y: 2.5, next: Point { x: 3, y: 2.5, next: Point { ... }, name: "origin" }, name: "origin" }
        pc 1, 2 reductions so far
        p.next.name: str = "origin"
        Point has no field `nam`; did you mean `name`?
        list[3]: i64 = 1
        index 20 is out of bounds for length 20
        texts[0]: str = "first"
        boxed f64 has no fields
        it is null
        Point
          x: i64 = 3
          y: f64 = 2.5
          next: Point = Point { x: 3, y: 2.5, next: Point { x: 3, y: 2.5, next: Point { ... }, name: "origin" }, name: "origin" }
          name: str = "origin"
        [i16] of 20 elements
          [0] 0
          [1] 0
          [2] 0
          [3] 1
          [4] -300
          [5] 0
          [6] 0
          [7] 0
          [8] 0
          [9] 0
          [10] 0
          [11] 0
          [12] 0
          [13] 0
          [14] 0
          [15] 0
          [16] 0
          [17] 0
          [18] 0
          [19] 0
        block of 40 bytes
          000000  00 00 00 00 61 62 63 64  00 00 00 00 00 00 00 00  |....abcd........|
          000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
          000020  00 00 00 00 00 00 00 00                           |........|
        1.5 (boxed)
        null
        look:
           0000      enter
        => 0001      get_field_i64 x, p.x
           0002      get_i16 v, list[x]
           0003      get_ref t, texts[v]
           0004      block_len n, b
           0005      call_ref r, g(n)
           0007      unbox_f64 f, boxed
           0008      f64_to_i64 k, f
           0009      str_concat nothing, nothing, t
           0010      test    r, a, Point
           0011      ret
        look (prog.masm:36) boxed=1.5 (boxed) g=fn add3 nothing=null a=Point { ... }
           36 |     callr   r, g(n)
        `p` is dead here: nothing reads its value any more
    "#]].assert_eq(&run.out);
}

#[test]
fn wrong_commands_get_advice() {
    let commands = "\
brek main
break mian
break 99
break other.masm:3
break fact+2
break fact+1
frame 7
down
print nothing
print f
delete 9
step x
watch zzz
dump
list zzz
help
";
    let run = debug("wrong", FACTORIAL, commands);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     call    f, fact(5)
        there is no command `brek`; did you mean `break`?
        there is no function `mian`; did you mean `main`?
        there is no code at or below line 99
        there is no source file `other.masm`; there are prog.masm
        breakpoint 1 at fact (prog.masm:17)
        breakpoint 2 at fact (prog.masm:16)
        there is no call 7; the outermost is 0
        this is the innermost call
        `main` has no register `nothing`
        `f` is dead here: nothing reads its value any more
        there is no breakpoint 9; `breakpoints` lists all
        `x` is not a count
        `main` has no register `zzz`
        `dump` needs a name
        there is no function `zzz`
          step, s [N]                    go on to the next line, into calls; N times
          next, n [N]                    go on to the next line, over calls; N times
          stepi, si [N]                  execute one instruction; N times
          nexti, ni [N]                  execute one instruction, over calls; N times
          finish, fin                    go on until the function returns
          continue, c, run, r            go on until something stops the program
          break, b [FUNCTION | LINE | FILE:LINE | FUNCTION+PC]
                                         stop there; without a place: here
          watch REGISTER                 stop when this number of this call changes
          breakpoints, bl                list breakpoints and watches
          delete, d [N]                  remove a breakpoint or watch, or all
          print, p [NAME | NAME.FIELD | NAME[INDEX]]
                                         show a value, or all named registers that are alive
          registers, regs                show all registers that are alive, with types
          dump, x NAME                   show everything about a value: bytes of a block, elements of an array
          backtrace, bt, where [N]       show the calls under way; the N inner ones
          frame, f [N]                   look at call N of the backtrace
          up                             look at the caller
          down                           look at the callee
          list, l [LINE | FUNCTION]      show the source around here; again: the lines that follow
          dis, disassemble [FUNCTION]    show the instructions around here, or of a function
          restart                        start the program from the beginning; breakpoints stay
          help, h, ?                     show this
          quit, q, exit                  end the program and the debugger
        An empty line does the last command again. The beginning of a name is enough if it is clear.
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn a_program_from_standard_input_is_refused() {
    let run = mvm_with(&["debug", "-"], FACTORIAL);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("cannot come from standard input"), "{}", run.err);
}
