//! Each pass alone: a small function before and after.

use expect_test::{Expect, expect};

use crate::f;

fn check(passes: &str, text: &str, wanted: Expect) {
    wanted.assert_eq(&f(text, passes));
}

#[test]
fn constants_are_computed_and_tests_of_them_decided() {
    let text = "func f(x: i64) -> i64 {
        mov     a, 6
        mov     b, 7
        mul     c, a, b
        blt     c, a, never
        add     d, c, 0
        mul     e, x, 1
        add     d, d, e
        ret     d
    never:
        ret     a
    }";
    check(
        "fold",
        text,
        expect![[r#"
        func f(x: i64) -> i64 {
            .local  a: i64
            .local  b: i64
            .local  c: i64
            .local  d: i64
            .local  e: i64
            const_i64 a, 6
            const_i64 b, 7
            const_i64 c, 42
            const_i64 d, 42
            mov     e, x
            add_i64 d, d, e
            ret_value d
        }
    "#]],
    );
}

#[test]
fn what_would_trap_is_not_computed() {
    let text = "func f() -> i64 {
        mov     a, 6
        mov     b, 0
        div     c, a, b
        ret     c
    }";
    check(
        "fold,dead",
        text,
        expect![[r#"
        func f() -> i64 {
            .local  a: i64
            .local  b: i64
            .local  c: i64
            const_i64 a, 6
            const_i64 b, 0
            div_i64 c, a, b
            ret_value c
        }
    "#]],
    );
}

#[test]
fn copies_are_read_at_their_source_while_that_holds() {
    let text = "func f(x: i64) -> i64 {
        mov     y, x
        add     z, y, y
        add     x, x, z
        add     z, z, y
        ret     z
    }";
    check(
        "copies",
        text,
        expect![[r#"
        func f(x: i64) -> i64 {
            .local  y: i64
            .local  z: i64
            mov     y, x
            add_i64 z, x, x
            add_i64 x, x, z
            add_i64 z, z, y
            ret_value x
        }
    "#]],
    );
}

#[test]
fn loads_are_repeated_behind_stores_of_their_kind() {
    let text = "class P {
        field x: i64
    }
    func f(p: P, q: P, a: [i64]) -> i64 {
        get     one, p.x
        set     a[0], one
        get     two, p.x
        set     q.x, 5
        get     three, p.x
        get     four, q.x
        add     sum, one, two
        add     sum, sum, three
        add     sum, sum, four
        ret     sum
    }";
    check(
        "common",
        text,
        expect![[r#"
        func f(p: P, q: P, a: [i64]) -> i64 {
            .local  one: i64
            .local  _4: i64
            .local  two: i64
            .local  three: i64
            .local  four: i64
            .local  sum: i64
            get_field_i64 one, p.x
            const_i64 _4, 0
            set_i64 a[_4], one
            mov     two, one
            const_i64 _4, 5
            set_field_i64 q.x, _4
            get_field_i64 three, p.x
            mov     four, _4
            add_i64 sum, one, two
            add_i64 sum, sum, three
            add_i64 sum, sum, four
            ret_value sum
        }
    "#]],
    );
}

#[test]
fn dead_code_keeps_what_can_trap() {
    let text = "func f(x: i64, y: i64, a: [i64]) -> i64 {
        add     dead, x, y
        div     kept, x, y
        get     checked, a[x]
        len     length, a
        ret     x
    }";
    check(
        "dead",
        text,
        expect![[r#"
        func f(x: i64, y: i64, a: [i64]) -> i64 {
            .local  kept: i64
            .local  checked: i64
            div_i64 kept, x, y
            get_i64 checked, a[x]
            ret_value x
        }
    "#]],
    );
}

#[test]
fn comparisons_go_into_branches_and_constants_into_instructions() {
    let text = "func f(x: i64, y: i64) -> i64 {
        mov     three, 3
        sub     y, y, three
        lt      c, x, y
        bz      c, over
        add     x, x, three
    over:
        blt     three, x, done
        mov     x, 1
    done:
        ret     x
    }";
    check(
        "fuse",
        text,
        expect![[r#"
        func f(x: i64, y: i64) -> i64 {
            .local  three: i64
            .local  c: i64
            const_i64 three, 3
            add_i64_imm y, y, -3
            lt_i64  c, x, y
            ble_i64 y, x, L1
            add_i64_imm x, x, 3
        L1:
            bgt_i64_imm x, 3, L2
            const_i64 x, 1
        L2:
            ret_value x
        }
    "#]],
    );
}

#[test]
fn results_go_where_they_are_wanted() {
    let text = "func f(x: i64, y: i64) -> i64 {
        add     t, x, y
        mov     x, t
        ret     x
    }";
    check(
        "targets",
        text,
        expect![[r#"
        func f(x: i64, y: i64) -> i64 {
            add_i64 x, x, y
            ret_value x
        }
    "#]],
    );
}

#[test]
fn loops_test_at_their_end() {
    let text = "func f(n: i64) -> i64 {
        mov     sum, 0
        mov     i, 0
    loop:
        bge     i, n, done
        add     sum, sum, i
        add     i, i, 1
        jmp     loop
    done:
        jmp     far
    far:
        ret     sum
    }";
    check(
        "branches",
        text,
        expect![[r#"
        func f(n: i64) -> i64 {
            .local  sum: i64
            .local  i: i64
            enter
            const_i64 sum, 0
            const_i64 i, 0
            ble_i64 n, i, L2
        L1:
            add_i64 sum, sum, i
            add_i64_imm i, i, 1
            blt_i64_back i, n, L1
        L2:
            ret_value sum
        }
    "#]],
    );
}

#[test]
fn branches_out_of_reach_go_over_a_jump() {
    let body = "        mul     x, x, x\n".repeat(70);
    let text = format!(
        "func f(x: i64) -> i64 {{
    loop:
        bgt     x, 1000, done
{body}        jmp     loop
    done:
        ret     x
    }}"
    );
    let shown = f(&text, "branches").replace("    mul_i64 x, x, x\n", "");
    expect![[r#"
        func f(x: i64) -> i64 {
            enter
            bgt_i64_imm x, 1000, L2
        L1:
            bgt_i64_imm x, 1000, L2
            jmp_back L1
        L2:
            ret_value x
        }
    "#]]
    .assert_eq(&shown);
}

#[test]
fn own_tail_calls_become_jumps() {
    let text = "func f(a: i64, b: i64) -> i64 {
        bnz     b, more
        ret     a
    more:
        rem     c, a, b
        tailcall f(b, c)
    }
    func g(a: i64, b: i64) -> i64 {
        tailcall g(b, a)
    }";
    check(
        "tail",
        text,
        expect![[r#"
        func f(a: i64, b: i64) -> i64 {
            .local  c: i64
            enter
        L1:
            beq_i64_imm b, 0, L2
            rem_i64 c, a, b
            mov     a, b
            mov     b, c
            jmp_back L1
        L2:
            ret_value a
        }
    "#]],
    );
}

#[test]
fn arguments_that_change_places_take_a_third_register() {
    let text = "func f(a: i64, b: i64) -> i64 {
        beq     a, 7, done
        tailcall f(b, a)
    done:
        ret     b
    }";
    check(
        "tail",
        text,
        expect![[r#"
        func f(a: i64, b: i64) -> i64 {
            .local  _2: i64
            enter
        L1:
            beq_i64_imm a, 7, L2
            mov     _2, a
            mov     a, b
            mov     b, _2
            jmp_back L1
        L2:
            ret_value b
        }
    "#]],
    );
}

#[test]
fn small_functions_are_inlined_with_their_handlers() {
    let text = "func f(a: i64) -> i64 {
        call    b, safe(a)
        add     b, b, a
        ret     b
    }
    func safe(x: i64) -> i64 {
        .local  z: i64
        try     caught, e: DivideByZero
        mov     k, 100
        div     y, k, x
        endtry
        ret     y
    caught:
        ret     z
    }";
    check(
        "inline",
        text,
        expect![[r#"
            func f(a: i64) -> i64 {
                .local  b: i64
                .local  `x.0`: i64
                .local  `z.0`: i64
                .local  `e.0`: DivideByZero
                .local  `k.0`: i64
                .local  `y.0`: i64
                mov     `x.0`, a
                const_i64 `z.0`, 0
                try     L1, `e.0`: DivideByZero
                const_i64 `k.0`, 100
                div_i64 `y.0`, `k.0`, `x.0`
                endtry
                mov     b, `y.0`
                jmp     L2
            L1:
                mov     b, `z.0`
            L2:
                add_i64 b, b, a
                ret_value b
            }
        "#]],
    );
}

#[test]
fn methods_with_one_function_are_called_directly() {
    let text = "class Shape {
        method area() -> i64
    }
    class Square : Shape {
        field side: i64
        method area() -> i64 = square_area
    }
    func square_area(self: Square) -> i64 {
        get     s, self.side
        mul     a, s, s
        ret     a
    }
    func f(shape: Shape) -> i64 {
        callv   a, Shape.area(shape)
        new     square, Square
        callv   b, Shape.area(square)
        add     a, a, b
        ret     a
    }
    func main() {
        new     square, Square
        call    a, f(square)
        ret
    }";
    check(
        "methods",
        text,
        expect![[r#"
        func f(shape: Shape) -> i64 {
            .local  a: i64
            .local  square: Square
            .local  b: i64
            .local  _4: Square
            .local  _5: i64
            enter
            cast    _4, shape, Square
            get_field_i64 _5, _4.side
            call    a, square_area(_4)
            new     square, Square
            call    b, square_area(square)
            add_i64 a, a, b
            ret_value a
        }
    "#]],
    );
}

#[test]
fn objects_that_stay_become_registers() {
    let text = "class Point {
        field x: i64
        field y: f64
    }
    func f(n: i64) -> i64 {
        new     p, Point
        new     q, Point
        set     p.x, n
        get     a, p.x
        get     z, p.y
        set     q.x, a
        box     b, a
        unbox   c, b
        call    look(q)
        ret     c
    }
    func look(p: Point) {
        ret
    }";
    check(
        "objects,dead",
        text,
        expect![[r#"
        func f(n: i64) -> i64 {
            .local  q: Point
            .local  a: i64
            .local  c: i64
            .local  `p.f0`: i64
            .local  `b.f0`: i64
            enter
            new     q, Point
            mov     `p.f0`, n
            mov     a, `p.f0`
            set_field_i64 q.x, a
            mov     `b.f0`, a
            mov     c, `b.f0`
            call    look(q)
            ret_value c
        }
    "#]],
    );
}

#[test]
fn handlers_see_what_they_read() {
    let text = "func f(x: i64) -> i64 {
        mov     seen, 1
        try     caught, e: Error
        div     y, 10, x
        mov     seen, 2
        div     y, 10, y
        endtry
        ret     y
    caught:
        ret     seen
    }";
    check(
        "fold,copies,common,targets,dead",
        text,
        expect![[r#"
        func f(x: i64) -> i64 {
            .local  seen: i64
            .local  e: Error
            .local  y: i64
            .local  _4: i64
            const_i64 seen, 1
            try     L1, e: Error
            const_i64 _4, 10
            div_i64 y, _4, x
            const_i64 seen, 2
            const_i64 _4, 10
            div_i64 y, _4, y
            endtry
            ret_value y
        L1:
            ret_value seen
        }
    "#]],
    );
}

#[test]
fn functions_that_a_program_cannot_reach_are_left_alone() {
    let text = |main: &str| {
        format!(
            "func f() -> i64 {{
        mov     a, 6
        add     b, a, 1
        ret     b
    }}
    func main() {{
        {main}
        ret
    }}"
        )
    };
    let reached = |main: &str| !f(&text(main), "fold").contains("add_i64_imm");
    assert!(!reached(""));
    assert!(reached("call x, f()"));
    assert!(reached("fref x, f"));
    assert!(reached("bind x, f()"));
}
