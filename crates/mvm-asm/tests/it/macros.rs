//! Macros, conditions, repetition, includes.

use expect_test::expect;
use mvm_asm::{LoadedFile, Loader, Options, assemble};
use mvm_diag::SourceMap;

use crate::{good, listing, shown};

#[test]
fn parameters_defaults_rest_and_fresh_names() {
    let module = good(
        r#"
macro swap(a, b) {
    mov     @t, $a
    mov     $a, $b
    mov     $b, @t
}
macro pad(x, n = 8, rest...) {
    add     $x, $x, $n * 2
    mov     k$#rest, $#rest
    %for y in $rest { add $x, $x, $y }
    %if $#rest == 0 {
        nop
    } else %if $#rest == 1 {
        brk
    } else {
        nop
        nop
    }
    sys print_int(k$#rest)
}
%repeat 3 as i {
    func make$i() -> i64 { ret $i }
}
func main() -> i64 {
    mov     x, 1
    mov     y, 2
    swap    x, y
    pad     x
    pad     y, 1 + 2
    pad     x, 1, y
    pad     x, 1, y, 7
    %repeat 2 { add x, x, 1 }
    call    z, make2()
    sys     print_int(z)
    ret     x
}
"#,
    );
    expect![[r#"
        0 enter
        1 const_i64 r0 =
        2 const_i64 r1 =
        3 mov r2 = r0
        4 mov r0 = r1
        5 mov r1 = r2
        6 add_i64_imm r0 = r0
        7 const_i64 r3 =
        8 nop
        9 sys r3
        11 add_i64_imm r1 = r1
        12 const_i64 r3 =
        13 nop
        14 sys r3
        16 add_i64_imm r0 = r0
        17 const_i64 r4 =
        18 add_i64 r0 = r0 r1
        19 brk
        20 sys r4
        22 add_i64_imm r0 = r0
        23 const_i64 r5 =
        24 add_i64 r0 = r0 r1
        25 add_i64_imm r0 = r0
        26 nop
        27 nop
        28 sys r5
        30 add_i64_imm r0 = r0
        31 add_i64_imm r0 = r0
        32 call r6 =
        34 sys r6
        36 ret_value r0
    "#]]
    .assert_eq(&listing(&module, "main"));
    assert_eq!(module.functions[2].name.to_string(), "make2");
}

const WRONG: &str = r#"
macro outer(a) {
    nop
    inner   $a
}
macro inner(b) {
    add     $b, $b, "x"
    mov     z, $q
}
func main() {
    mov x, 1
    outer x
    outer x, 2
    %error "not yet"
    mov @t, 1
    again
    ret
}
macro again() { again }
macro add(a) { nop }
"#;

#[test]
#[expect(clippy::too_many_lines, reason = "one picture of many diagnostics")]
fn errors_show_the_use_first() {
    expect![[r#"
        error[E0301]: no form of `add` takes (`i64`, a string)
          --> test.masm:12:5
           |
        12 |     outer x
           |     ^^^^^^-
           |     |     |
           |     |     `i64`
           |     in what this stands for
           |
           = help: there are `add_i64 i64, i64, i64`, `add_i64_imm i64, i64, integer`, `add_f64 f64, f64, f64`
        note: macro `outer` uses macro `inner` here
          --> test.masm:4:5
           |
         4 |     inner   $a
           |     ^^^^^^^^^^
        note: in macro `inner`
          --> test.masm:7:5
           |
         7 |     add     $b, $b, "x"
           |     ^^^
        error[E0501]: there is no macro parameter `q` here
          --> test.masm:12:5
           |
        12 |     outer x
           |     ^^^^^^^ in what this stands for
           |
        note: macro `outer` uses macro `inner` here
          --> test.masm:4:5
           |
         4 |     inner   $a
           |     ^^^^^^^^^^
        note: in macro `inner`
          --> test.masm:8:16
           |
         8 |     mov     z, $q
           |                ^^
        error[E0502]: macro `outer` takes 1 argument, found 2
          --> test.masm:13:5
           |
         2 | macro outer(a) {
           |       ----- declared here
        ...
        13 |     outer x, 2
           |     ^^^^^^^^^^
        error[E0506]: not yet
          --> test.masm:14:6
           |
        14 |     %error "not yet"
           |      ^^^^^^^^^^^^^^^
        error[E0507]: `@t` stands outside of a macro
          --> test.masm:15:9
           |
        15 |     mov @t, 1
           |         ^^
           |
           = help: fresh names belong to one use of a macro or one round of a `%` block
        error[E0504]: macros and `%` blocks are nested more than 200 deep
          --> test.masm:16:5
           |
        16 |     again
           |     ^^^^^ in what this stands for
           |
           = help: if a macro uses itself, an `%if` has to end that
        note: macro `again` uses macro `again` here
          --> test.masm:19:17
           |
        19 | macro again() { again }
           |                 ^^^^^
        note: macro `again` uses macro `again` here
          --> test.masm:19:17
           |
        19 | macro again() { again }
           |                 ^^^^^
        note: macro `again` uses macro `again` here
          --> test.masm:19:17
           |
        19 | macro again() { again }
           |                 ^^^^^
        note: macro `again` uses macro `again` here
          --> test.masm:19:17
           |
        19 | macro again() { again }
           |                 ^^^^^
           = note: ... and 195 more steps
        note: in macro `again`
          --> test.masm:19:17
           |
        19 | macro again() { again }
           |                 ^^^^^
        error[E0503]: a macro cannot be named like the instruction or keyword `add`
          --> test.masm:20:7
           |
        20 | macro add(a) { nop }
           |       ^^^"#]]
    .assert_eq(&shown(WRONG));
}

struct Files;

impl Loader for Files {
    fn load(&mut self, _from: &str, path: &str) -> Result<LoadedFile, String> {
        let text = match path {
            "a.masm" => "include \"b.masm\"\nconst A = B + 1\nfunc fa() -> i64 { ret A }\n",
            "b.masm" => {
                "include \"a.masm\"\ninclude \"test.masm\"\nconst B = 4\nmacro twice(x) { add $x, $x, $x }\n"
            }
            "bad.masm" => "func oops() { ad x, 1\n ret }\n",
            "test.masm" => return Ok(LoadedFile { name: path.into(), bytes: Vec::new() }),
            "raw" => return Ok(LoadedFile { name: path.into(), bytes: vec![1, 2, 0xff] }),
            _ => return Err("no such file".into()),
        };
        Ok(LoadedFile { name: path.into(), bytes: text.into() })
    }
}

fn with_files(text: &str) -> String {
    let mut map = SourceMap::new();
    let file = map.add("test.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut Files);
    let mut shown: Vec<String> = diagnostics.iter().map(|d| mvm_diag::render(d, &map, false)).collect();
    if let Some(module) = module {
        shown.push(format!("{:?} {:?}", module.sources, module.literals));
    }
    shown.join("\n")
}

#[test]
fn includes() {
    expect![[r#"["a.masm", "test.masm"] [Array(U8, [1, 2, 255])]"#]].assert_eq(&with_files(
        "include \"a.masm\"\ninclude \"b.masm\"\ndata d: [u8] = file \"raw\"\nfunc main() -> i64 { call x, fa()\n twice x\n ret x }\n",
    ));
    expect![[r#"
        error[E0707]: cannot include `none`: no such file
         --> test.masm:2:9
          |
        2 | include "none"
          |         ^^^^^^
        error[E0008]: `raw` is not UTF-8 text: byte 2 is wrong
         --> test.masm:3:9
          |
        3 | include "raw"
          |         ^^^^^
        error[E0706]: `raw` is not UTF-8 text: byte 2 is wrong
         --> test.masm:4:20
          |
        4 | data d: str = file "raw"
          |                    ^^^^^
          |
          = help: take it as `bytes`
        error[E0202]: there is no instruction or macro `ad`
         --> bad.masm:1:15
          |
        1 | func oops() { ad x, 1
          |               ^^
          |
          = help: there is `add`"#]].assert_eq(&with_files(
        "include \"bad.masm\"\ninclude \"none\"\ninclude \"raw\"\ndata d: str = file \"raw\"\nfunc main() { ret }\n",
    ));
}
