//! Programs of these tests.

/// Factorial by recursion; a loop; ends with status 3.
pub(crate) const FACTORIAL: &str = r#"func main() -> i64 {
    call    f, fact(5)
    sys     print_int(f)
    sys     print("\n")
    mov     total, 0
    mov     i, 0
again:
    add     total, total, i
    add     i, i, 1
    blt     i, 4, again
    sys     print_int(total)
    sys     print("\n")
    ret     3
}
func fact(n: i64) -> i64 {
    bgt     n, 1, more
    ret     1
more:
    sub     m, n, 1
    call    m, fact(m)
    mul     m, m, n
    ret     m
}
"#;

/// Ends with an exception that nobody catches.
pub(crate) const OUT_OF_BOUNDS: &str = r#"func main() {
    new     a, [i64], 3
    call    pick(a, 5)
    ret
}
func pick(a: [i64], at: i64) {
    get     v, a[at]                    ; there is no such element
    sys     print_int(v)
    ret
}
"#;

/// Values of many types.
pub(crate) const VALUES: &str = r#"class Point {
    field x: i64
    field y: f64
    field next: Point
    field name: str
}
func main() {
    new     p, Point
    set     p.x, 3
    set     p.y, 2.5
    set     p.name, "origin"
    set     p.next, p
    new     list, [i16], 20
    set     list[3], 1
    set     list[4], -300
    new     texts, [str], 2
    set     texts[0], "first"
    alloc   b, 40
    store_i32 b[4], 0x64636261
    box     boxed, 1.5
    bind    g, add3(1, 2)
    .local  nothing: str
    .local  any_point: any
    mov     any_point, p
    call    look(p, list, texts, b, boxed, g, nothing, any_point)
    ret
}
func add3(x: i64, y: i64, z: i64) -> i64 {
    ret     0
}
func look(p: Point, list: [i16], texts: [str], b: block, boxed: any, g: fn(i64) -> i64, nothing: str, a: any) {
    get     x, p.x
    get     v, list[x]
    get     t, texts[v]
    len     n, b
    callr   r, g(n)
    .local  f: f64
    unbox   f, boxed
    f64_to_i64 k, f
    concat  nothing, nothing, t
    test    r, a, Point
    ret
}
"#;

/// Exceptions of several classes, some from a function that is called.
pub(crate) const EXCEPTIONS: &str = "class Own : Error {
    field code: i64
}

func main() {
    call    q, div(7, 0)
    sys     print_int(q)
    try     own, e: Own
    call    fail(3)
    endtry
own:
    get     n, e.code
    sys     print_int(n)
    try     outer, any: Trap
    call    d, quotient(1, 0)
    sys     print_int(d)
    endtry
outer:
    get     text, any.message
    sys     print(text)
    ret
}

func div(a: i64, b: i64) -> i64 {
    try     zero, e: DivideByZero
    div     q, a, b
    endtry
    ret     q
zero:
    ret     -1
}

func quotient(a: i64, b: i64) -> i64 {
    div     q, a, b
    ret     q
}

func fail(code: i64) {
    new     own, Own
    set     own.code, code
    throw   own
}
";
