//! The debugger, with its commands from standard input.

use crate::programs::{EXCEPTIONS, FACTORIAL, OUT_OF_BOUNDS, VALUES};
use crate::tool::{Run, Scratch, command, mvm_with};

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
        1 is gone
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
        all breakpoints, watches and catches are gone
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
        no register has a value here
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
        `p` has no value here: none was written yet, or nothing reads it any more
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
        `f` has no value here: none was written yet, or nothing reads it any more
        there is no breakpoint 9; `breakpoints` lists all
        `x` is not a count
        `main` has no register `zzz`
        `dump` needs a name
        there is no function `zzz`
        Let the program go on:
          step, s [N]                     to the next line, into calls; N times
          next, n [N]                     to the next line, over calls; N times
          stepi, si [N]                   one instruction; N times
          nexti, ni [N]                   one instruction, over calls; N times
          finish, fin                     until the function returns; shows its results
          continue, c, run, r             until something stops the program
          restart                         to the beginning; breakpoints and catches stay
        Where it stops:
          break, b [PLACE]                at a FUNCTION, LINE, FILE:LINE or FUNCTION+PC; without a place here
          watch VALUE                     when a value changes: NAME, NAME.FIELD, NAME[INDEX]
          catch [CLASS]                   when an exception of a class is raised; without a class any
          breakpoints, bl                 list breakpoints, watches and catches
          delete, d [N]                   remove the one with this number, or all
        Look around:
          print, p [VALUE]                a value: NAME, NAME.FIELD, NAME[INDEX]; without one all that are alive
          registers, regs                 all registers that are alive, also those without names
          dump, x VALUE                   everything about a value: bytes, elements, fields
          backtrace, bt, where [N]        the calls under way; the N inner ones
          frame, f [N]                    look at call N of the backtrace
          up                              look at the caller
          down                            look at the callee
          list, l [LINE | FUNCTION]       the source around here; again: the lines that follow
          dis, disassemble [FUNCTION]     the instructions around here, or of a function
        Other:
          help, h, ? [COMMAND]            this, or more about a command
          quit, q, exit                   end the program and the debugger
        An empty line does the last command again. The beginning of a name is enough if it is clear. `help break` says more.
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn a_program_from_standard_input_is_refused() {
    let run = mvm_with(&["debug", "-"], FACTORIAL);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("cannot come from standard input"), "{}", run.err);
}

#[test]
fn exceptions_stop_the_program_where_they_are_raised() {
    let commands = "\
catch Nothing
catch DivideByZer
catch DivideByZero
continue
print a
backtrace
step
delete 1
catch Own
catch
c
p code
c
c
catch
breakpoints
restart
c
";
    let run = debug("catch", EXCEPTIONS, commands);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:6)
            6 |     call    q, div(7, 0)
        there is no exception class `Nothing`
        there is no exception class `DivideByZer`; did you mean `DivideByZero`?
        catch 1: exceptions of `DivideByZero`
        catch 1: `DivideByZero`: divide by zero; it goes to the handler in div (prog.masm:30)
        div (prog.masm:26) a=7 b=0
           26 |     div     q, a, b
        a: i64 = 7
        *  0  div (prog.masm:26) a=7 b=0
           1  main (prog.masm:6)
        caught `DivideByZero`: divide by zero, raised in div (prog.masm:26)
        div (prog.masm:30)
           30 |     ret     -1
        1 is gone
        catch 2: exceptions of `Own`
        catch 3: exceptions of `Error`
        -1
        catch 2: `Own`; it goes to the handler in main (prog.masm:12)
        fail (prog.masm:41)
           41 |     throw   own
        `code` has no value here: none was written yet, or nothing reads it any more
        3
        catch 3: `DivideByZero`: divide by zero; it goes to the handler in main (prog.masm:19)
        quotient (prog.masm:34) a=1 b=0
           34 |     div     q, a, b
        divide by zero
        the program ended with status 0
        catch 4: exceptions of `Error`
          2  exceptions of `Own`  (1 stop)
          3  exceptions of `Error`  (1 stop)
          4  exceptions of `Error`  (0 stops)
        main (prog.masm:6)
            6 |     call    q, div(7, 0)
        catch 3: `DivideByZero`: divide by zero; it goes to the handler in div (prog.masm:30)
        div (prog.masm:26) a=7 b=0
           26 |     div     q, a, b
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn steps_say_when_an_exception_moved_them() {
    let commands = "n\nn\nn\nrestart\nbreak quotient\nc\nfinish\nstepi\nc\n";
    let run = debug("moved", EXCEPTIONS, commands);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:6)
            6 |     call    q, div(7, 0)
        main (prog.masm:7)
            7 |     sys     print_int(q)
        -1
        main (prog.masm:9)
            9 |     call    fail(3)
        caught `Own`, raised in fail (prog.masm:41)
        main (prog.masm:12)
           12 |     get     n, e.code
        main (prog.masm:6)
            6 |     call    q, div(7, 0)
        breakpoint 1 at quotient (prog.masm:34)
        -13
        breakpoint 1
        quotient (prog.masm:34) a=1 b=0
           34 |     div     q, a, b
        caught `DivideByZero`: divide by zero, raised in quotient (prog.masm:34)
        main (prog.masm:19)
           19 |     get     text, any.message
        main (prog.masm:20)
           20 |     sys     print(text)
        divide by zero
        the program ended with status 0
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn exceptions_of_syscalls_and_those_that_nobody_catches_stop_too() {
    let program = "func main() {
    .local  text: str
    try     none, e: NullReference
    sys     print(text)
    endtry
    ret
none:
    new     f, Error
    set     f.message, \"over\"
    throw   f
}
";
    let run = debug("syscall", program, "catch\nc\nc\nc\n");
    assert_eq!(run.status, 1);
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:4)
            4 |     sys     print(text)
        catch 1: exceptions of `Error`
        catch 1: `NullReference`: null reference; it goes to the handler in main (prog.masm:8)
        main (prog.masm:4)
            4 |     sys     print(text)
        catch 1: `Error`: over; nobody catches it
        main (prog.masm:10)
           10 |     throw   f
        the program has ended; its last state can still be looked at
    "#]]
    .assert_eq(&run.out);
    assert!(run.err.contains("uncaught `Error`: over"), "{}", run.err);
}

/// A list that grows while a small heap is collected again and again.
const WATCHED: &str = "class Node {
    field value: i64
    field next: Node
}

func main() {
    .local  i: i64
    new     first, Node
    call    waste()
    mov     list, first
    call    grow(first, 7)
    call    waste()
    call    grow(first, 8)
    get     z, list.value
    get     second, first.next
    mov     list, second
    call    waste()
    get     v, first.value
    get     w, list.value
    mov     list, null
    same    t, list, null
    sys     print_int(v)
    sys     print_int(w)
    sys     print_int(t)
    sys     print_int(z)
    ret
}

; Puts a new node behind the first one.
func grow(node: Node, value: i64) {
    new     more, Node
    set     more.value, value
    get     rest, node.next
    set     more.next, rest
    set     node.next, more
    set     node.value, value
    ret
}

; Makes the heap collect.
func waste() {
    mov     i, 0
1:  new     a, [i64], 100
    set     a[0], i
    add     i, i, 1
    blt     i, 1000, 1b
    ret
}
";

#[test]
fn references_fields_and_elements_are_watched_while_objects_move() {
    let scratch = Scratch::new("debug-watched");
    let source = scratch.file("prog.masm", WATCHED);
    let commands = "\
watch first
n
watch first
watch first.value
watch first.next
watch first.next.value
watch first.nex
watch first[0]
watch
n
n
watch list
c
c
c
c
c
c
c
c
c
c
c
c
";
    let run = mvm_with(&["debug", "--limit-heap", "64k", &source], commands);
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:8)
            8 |     new     first, Node
        `first` has no value here: none was written yet, or nothing reads it any more
        main (prog.masm:9)
            9 |     call    waste()
        watch 1: `first`
        watch 2: `first.value`
        watch 3: `first.next`
        it is null
        Node has no field `nex`; did you mean `next`?
        Node has no elements
        `watch` needs a name: a register, NAME.FIELD or NAME[INDEX]
        main (prog.masm:10)
           10 |     mov     list, first
        main (prog.masm:11)
           11 |     call    grow(first, 7)
        watch 4: `list`
        watch 3: `first.next` was null, is Node { value: 7, next: null }
        grow (prog.masm:36) node=Node { ... } value=7
           36 |     set     node.value, value
        watch 2: `first.value` was 0, is 7
        grow (prog.masm:37)
           37 |     ret
        watch 3: `first.next` was Node { value: 7, next: null }, is Node { value: 8, next: Node { value: 7, next: null } }
        grow (prog.masm:36) node=Node { ... } value=8
           36 |     set     node.value, value
        watch 2: `first.value` was 7, is 8
        grow (prog.masm:37)
           37 |     ret
        watch 4: `list` was Node { value: 0, next: null }, is Node { value: 8, next: Node { value: 7, next: null } }
        main (prog.masm:17)
           17 |     call    waste()
        watch 4: `list` was Node { value: 8, next: Node { value: 7, next: null } }, is null
        main (prog.masm:21)
           21 |     same    t, list, null
        8818
        the program ended with status 0
        the program is over; `restart` starts it again
        the program is over; `restart` starts it again
        the program is over; `restart` starts it again
        the program is over; `restart` starts it again
        the program is over; `restart` starts it again
    "#]]
    .assert_eq(&run.out.replace(&scratch.path(""), ""));
}

#[test]
fn a_watch_on_an_element_sees_bulk_work_and_ends_with_its_call() {
    let program = "func main() {
    call    fill()
    ret
}
func fill() {
    new     a, [i64], 4
    mov     i, 2
    fill    a, 0, 4, 7
    set     a[2], 9
    set     a[1], 5
    ret
}
";
    let run = debug("element", program, "break 8\nc\nwatch a[i]\nwatch a[2]\nc\nc\nc\n");
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     call    fill()
        breakpoint 1 at fill (prog.masm:8)
        breakpoint 1
        fill (prog.masm:8)
            8 |     fill    a, 0, 4, 7
        `i` has no value here: none was written yet, or nothing reads it any more
        watch 2: `a[2]`
        watch 2: `a[2]` was 0, is 7
        fill (prog.masm:9)
            9 |     set     a[2], 9
        watch 2: `a[2]` was 7, is 9
        fill (prog.masm:10)
           10 |     set     a[1], 5
        watch 2 is over: the call with `a[2]` has returned
        main (prog.masm:3)
            3 |     ret
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn commands_are_explained_one_by_one() {
    let run = debug("help", FACTORIAL, "help break\nhelp c\nh zzz\np f + 1\np f.\n");
    assert_eq!((run.status, &*run.err), (0, ""));
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     call    f, fact(5)
        break, b [PLACE]
          at a FUNCTION, LINE, FILE:LINE or FUNCTION+PC; without a place here

        A line without code stands for the next one with code. The part of a function's name behind the last dot is
        enough if it is clear. `brk` in a program is a breakpoint, too.

          break fact          at the first line of the function
          break 12            in the file that is looked at
          break lib.masm:7    in another file
          break fact+5        at an instruction
        continue, c, run, r
          until something stops the program
        there is no command `zzz`; `help` lists all
        `f + 1` is not a name: NAME, NAME.FIELD and NAME[INDEX] are understood
        `f` has no value here: none was written yet, or nothing reads it any more
    "#]].assert_eq(&run.out);
}

#[test]
fn a_program_that_reads_is_given_a_file_or_told_of() {
    let program = "func main() {
    sys     print(\"name?\")
    sys     name, read_line()
    bnull   name, none
    sys     print(name)
none:
    ret
}
";
    let run = debug("reads", program, "c\n");
    expect_test::expect![[r#"
        `help` lists the commands
        main (prog.masm:2)
            2 |     sys     print("name?")
        name?
        (the program reads, but the commands come from standard input: `--input FILE` gives it a file)
        the program ended with status 0
    "#]]
    .assert_eq(&run.out);
    let scratch = Scratch::new("debug-input");
    let source = scratch.file("prog.masm", program);
    let input = scratch.file("input", "Ada\n");
    let run = mvm_with(&["debug", "--input", &input, &source], "c\n");
    assert!(run.out.ends_with("name?Ada\nthe program ended with status 0\n"), "{}", run.out);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_the_program_and_not_the_debugger() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::Stdio;
    let scratch = Scratch::new("debug-interrupt");
    let source = scratch
        .file("prog.masm", "func main() {\n    sys     print(\"ready\\n\")\nagain:\n    jmp     again\n}\n");
    let mut command = command(&["debug", &source]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    input.write_all(b"continue\n").unwrap();
    let mut line = String::new();
    while line != "ready\n" {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the program does not begin");
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    input.write_all(b"backtrace\nquit\n").unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    let expected = "interrupted\nmain (prog.masm:4)\n    4 |     jmp     again\n*  0  main (prog.masm:4)\n";
    assert_eq!(rest.replace(&scratch.path(""), ""), expected);
}
