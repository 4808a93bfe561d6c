//! Classes, arrays, blocks, exceptions, function references, data.

use expect_test::expect;
use mvm_isa::{TrapCode, TypeId};

use crate::{good, listing, shown};

const SHAPES: &str = r#"
interface Named { method name() -> str }
class Shape { method area() -> f64 }
class Square : Shape, Named {
    field  side: f64
    field  next: Square, field tag: i64
    method name() -> str = square_name
    method area() -> f64 = square_area
}
func square_area(self: Square) -> f64 {
    get     a, self.side
    mul     q, a, a
    ret     q
}
func square_name(self: Square) -> str { ret "square" }
func main() {
    .local s: Shape
    new     q, Square
    set     q.side, 2.0
    set     q.next, null
    set     q.tag, 70000
    mov     s, q
    callv   a, Shape.area(s)
    calli   n, Named.name(q)
    sys     print(n)
    sys     print_float(a)
    test    t, s, Square
    cast    q, s, Square
    bz      t, done
    bnull   q, done
done:
    ret
}
"#;

#[test]
fn classes_and_methods() {
    let module = good(SHAPES);
    expect![[r#"
        0 enter
        1 new r1 =
        2 const_f64 r2 =
        4 set_field_f64 r1 r2
        5 const_null r3 =
        6 set_field_ref r1 r3
        7 const_i64 r4 =
        8 set_field_i64 r1 r4
        9 mov r0 = r1
        10 call_virtual r5 = r0
        12 call_interface r6 = r1
        14 sys r6
        16 sys r5
        18 test r7 = r0
        19 cast r1 = r0
        20 beq_i64_imm r7 ->22
        21 bnull r1 ->22
        22 ret
    "#]]
    .assert_eq(&listing(&module, "main"));
    let names: Vec<String> = (64..module.types.len()).map(|t| module.type_name(TypeId(t as u16))).collect();
    assert_eq!(names, ["Named", "Shape", "Square"]);
    assert_eq!(module.selectors.len(), 1);
}

const DATA: &str = r#"
data primes: [i64] = 2, 3, 5,
    7, 11
data words: [str] = "a", "b", null
data rows: [[i64]] = primes, null
data blob: bytes = "\xff\x00", 1, 2
data small: [i8] = -128, 127
data hook: fn(i64) -> i64 = twice
const N = 2 * (3 + 4)
func twice(x: i64) -> i64 { add x, x, x
 ret x }
func main() {
    .local j: i64
    mov     p, primes
    get     v, p[2]
    get     w, words[N - 14]
    sys     print(w)
    new     a, [f64], N
    set     a[v], 2.5
    set     a[0], 1.0
    get     x, a[v]
    new     s, [str], 3
    set     s[0], "x"
    set     s[1], null
    alloc   b, 64
    store_i32 b[v], N
    load_u8 c, b[3]
    sys     print_int(c)
    sys     print_float(x)
    fref    g, twice
    callr   y, g(c)
    bind    h, twice(y)
    callr   h()
    const_literal g, hook
    fref    g, hook
    len     z, blob
    sys     print_int(z)
    ret
}
"#;

#[test]
fn arrays_blocks_and_data() {
    let module = good(DATA);
    expect![[r#"
        0 enter
        1 const_literal r1 =
        2 const_i64 r3 =
        3 get_i64 r2 = r1 r3
        4 const_literal r5 =
        5 const_i64 r3 =
        6 get_ref r4 = r5 r3
        7 sys r4
        9 const_i64 r3 =
        10 new_array r6 = r3
        11 const_f64 r7 =
        13 set_f64 r6 r2 r7
        14 const_i64 r3 =
        15 const_f64 r7 =
        17 set_f64 r6 r3 r7
        18 get_f64 r8 = r6 r2
        19 const_i64 r3 =
        20 new_array r9 = r3
        21 const_i64 r3 =
        22 const_literal r10 =
        23 set_ref r9 r3 r10
        24 const_i64 r3 =
        25 const_null r10 =
        26 set_ref r9 r3 r10
        27 const_i64 r3 =
        28 alloc r11 = r3
        29 const_i64 r3 =
        30 store_i32 r11 r2 r3
        31 const_i64 r3 =
        32 load_u8 r12 = r11 r3
        33 sys r12
        35 sys r8
        37 fref r13 =
        38 call_ref r14 = r13 r12
        40 bind r15 = r14
        42 call_ref r3 = r15
        44 const_literal r13 =
        45 fref r13 =
        46 const_literal r17 =
        47 bytes_len r16 = r17
        48 sys r16
        50 ret
    "#]]
    .assert_eq(&listing(&module, "main"));
    expect![[r#"[Array(I64, [2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0]), Str("a"), Str("b"), Refs(TypeId(17), [Some(LiteralId(1)), Some(LiteralId(2)), None]), Refs(TypeId(64), [Some(LiteralId(0)), None]), Bytes([255, 0, 1, 2]), Array(I8, [128, 127]), Str("x"), Func(FuncId(0), TypeId(65))]"#]].assert_eq(&format!("{:?}", module.literals));
}

#[test]
fn handlers() {
    let module = good(
        r#"
func safe_div(a: i64, b: i64) -> i64 {
    try     outer, x: Error
    try     failed, e: DivideByZero
    div     q, a, b
    endtry
    add     q, q, 1
    endtry
    ret     q
failed:
    ret     0
outer:
    throw   x
}
"#,
    );
    let function = &module.functions[0];
    let ranges: Vec<_> =
        function.handlers.iter().map(|h| (h.start, h.end, h.target, h.class, h.register)).collect();
    expect![[r#"
        0 div_i64 r4 = r0 r1
        1 add_i64_imm r4 = r4
        2 ret_value r4
        3 const_i64 r5 =
        4 ret_value r5
        5 throw r2
    "#]]
    .assert_eq(&listing(&module, "safe_div"));
    assert_eq!(ranges[0].3, TypeId::of_trap(TrapCode::DivideByZero));
    expect!["[(0, 1, 3, TypeId(20), 3), (0, 2, 5, TypeId(18), 2)]"].assert_eq(&format!("{ranges:?}"));
}

#[test]
fn mistakes_in_classes() {
    expect![[r#"
        error[E0601]: `B` is its own base
         --> test.masm:3:7
          |
        3 | class B : A { field y: i32 }
          |       ^
          |
          = note: rule C1 of the verifier
        error[E0203]: `i32` exists in memory only
         --> test.masm:3:24
          |
        3 | class B : A { field y: i32 }
          |                        ^^^
          |
          = help: in registers it is `i64`; `[i32]` is an array of it
        error[E0602]: `f` does not fit method `m` of `C`
         --> test.masm:4:27
          |
        4 | class C { method m(i64) = f, method abs() }
          |                           ^
          |
          = help: it has to take (C, i64) and give (); it takes (i64) and gives ()
        error[E0311]: `C` is abstract: its method `abs` has no function
         --> test.masm:8:12
          |
        8 |     new c, C
          |            ^
          |
          = help: make an object of a class below it
        error[E0311]: `P` is frozen, so its fields are given when it is made
         --> test.masm:9:12
          |
        9 |     new p, P
          |            ^
          |
          = help: write `new p, Class(first, second)`
        error[E0211]: class `C` has no method `mm`
          --> test.masm:13:11
           |
        13 |     callv C.mm(c)
           |           ^^^^
           |
           = help: there is `m`"#]]
    .assert_eq(&shown(
        r#"
class A : B { field x: i64 }
class B : A { field y: i32 }
class C { method m(i64) = f, method abs() }
frozen class P { field x: i64 }
func f(x: i64) { ret }
func main() {
    new c, C
    new p, P
    new p, P(1)
    set p.x, 2
    get z, p.xx
    callv C.mm(c)
    ret
}
"#,
    ));
}
