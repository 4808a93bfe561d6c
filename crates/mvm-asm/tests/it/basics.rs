//! Functions, arithmetic, branches, calls, literals.

use expect_test::expect;

use crate::{good, listing, shown};

const FACT: &str = r#"
func fact(n: i64) -> i64 {
    bgt     n, 1, more                   ; comment
    ret     1
more:
    sub     m, n, 1
    call    m, fact(m)
    mul_checked m, m, n
    ret     m
}
func main() {
    call    f, fact(10)
    str_from_int s, f
    sys     print(s)
    sys     print("\n")
    ret
}
"#;

#[test]
fn factorial() {
    let module = good(FACT);
    expect![[r#"
        0 enter
        1 bgt_i64_imm r0 ->4
        2 const_i64 r1 =
        3 ret_value r1
        4 add_i64_imm r2 = r0
        5 call r2 = r2
        7 mul_checked_i64 r2 = r2 r0
        8 ret_value r2
    "#]]
    .assert_eq(&listing(&module, "fact"));
    expect![[r#"
        0 enter
        1 const_i64 r1 =
        2 call r0 = r1
        4 str_from_int r2 = r0
        5 sys r2
        7 const_literal r3 =
        8 sys r3
        10 ret
    "#]]
    .assert_eq(&listing(&module, "main"));
    assert_eq!(module.main, Some(mvm_module::FuncId(1)));
    assert_eq!(&*module.name, "test");
}

#[test]
fn loops_and_swapped_branches() {
    let module = good(
        "func main() -> i64 {\n mov i, 0\n mov n, 10\n1: add i, i, 1\n bgt n, i, 1b\n bz i, 1f\n mov x, 1.5\n bge x, 2.5, 1f\n1: ret i\n}\n",
    );
    expect![[r#"
        0 enter
        1 const_i64 r0 =
        2 const_i64 r1 =
        3 add_i64_imm r0 = r0
        4 blt_i64_back r0 r1 ->3
        5 beq_i64_imm r0 ->11
        6 const_f64 r2 =
        8 const_f64 r3 =
        10 ble_f64 r3 r2 ->11
        11 ret_value r0
    "#]]
    .assert_eq(&listing(&module, "main"));
}

#[test]
fn mistakes() {
    expect![[r#"
        error[E0301]: no form of `add` takes (`i64`, the float 1.5)
         --> test.masm:3:2
          |
        3 |  add y, x, 1.5
          |  ^^^    - `i64`
          |
          = help: nothing is converted by itself: `i64_to_f64` and `f64_to_i64` convert
        error[E0202]: there is no instruction or macro `ad`
         --> test.masm:4:2
          |
        4 |  ad z, x, 1
          |  ^^
          |
          = help: there is `add`
        error[E0201]: `w` is read, but nothing above writes it
         --> test.masm:5:12
          |
        5 |  add q, z, w
          |            ^
          |
          = help: a register that is written further down is declared with `.local w: TYPE`
        error[E0304]: the result is `f64`, but `x` is `i64`
         --> test.masm:6:6
          |
        2 |  mov x, 1
          |      - it has type `i64` since here
        ...
        6 |  mov x, 1.5
          |      ^
          |
          = help: convert it with `f64_to_i64`, or write a literal as `1`
        error[E0205]: there is no label `nowhere` in this function
         --> test.masm:7:6
          |
        7 |  jmp nowhere
          |      ^^^^^^^"#]]
    .assert_eq(&shown(
        "func main() {\n mov x, 1\n add y, x, 1.5\n ad z, x, 1\n add q, z, w\n mov x, 1.5\n jmp nowhere\n}\n",
    ));
}
