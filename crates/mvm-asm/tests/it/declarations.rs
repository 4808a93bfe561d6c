//! Modules, imports, exports, types, directives, debug information, ways of writing.

use expect_test::expect;
use mvm_module::{ExportItem, FuncId, TypeDef};

use crate::{good, listing, shown};

#[test]
fn modules_import_and_export() {
    let module = good(
        r#"
module demo
import list.push(any, any)
import list.size(list: any) -> i64
import class list.List { field n: i64, method add(any) }
import frozen class geo.Point { field x: f64 }
import interface geo.Shape { method area() -> f64 }
export main, helper
export helper as assist
export class Stack : List { field top: any }
interface Both : Shape { method name() -> str }
func main() -> i64 {
    .local l: any
    call    list.push(l, l)
    call    n, list.size(l)
    new     s, Stack
    callv   List.add(s, l)
    ret     n
}
func helper(b: Both, p: Point) -> f64 {
    calli   a, Both.area(b)
    get     x, p.x
    add     a, a, x
    ret     a
}
"#,
    );
    assert_eq!(&*module.name, "demo");
    let exports: Vec<(&str, ExportItem)> = module.exports.iter().map(|e| (&*e.name, e.item)).collect();
    assert_eq!(exports[0], ("main", ExportItem::Function(FuncId(2))));
    assert_eq!(exports[2], ("assist", ExportItem::Function(FuncId(3))));
    let names: Vec<&str> = exports.iter().map(|e| e.0).collect();
    assert_eq!(names, ["main", "helper", "assist", "Stack"]);
    let TypeDef::Class(list) = &module.types[64] else { panic!("a class") };
    assert_eq!((&*list.name, list.import.as_deref()), ("List", Some("list")));
}

#[test]
fn types_and_selectors_can_be_numbered() {
    let module = good(
        r#"
.type [A]
.type [[A]]
.type fn([A]) -> A
.selector I.second
interface I { method first() , method second() }
class A : I { method first() = a1, method second() = a1 }
func a1(a: A) { ret }
func main(args: [str]) {
    new a, A
    calli I.first(a)
    new b, [[A]], 2
    len n, b
    sys print_int(n)
    ret
}
"#,
    );
    let names: Vec<String> =
        (64..module.types.len() as u16).map(|t| module.type_name(mvm_isa::TypeId(t))).collect();
    assert_eq!(names, ["[A]", "[[A]]", "fn([A]) -> A", "I", "A"]);
    assert_eq!(module.selectors.iter().map(|s| s.method).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn other_compilers_give_positions_and_variables() {
    let module = good(
        r#"
.file "prog.lang"
func main() {
    .local `a+b'`: i64
    .loc 10:3
    mov `a+b'`, 1
    .var total, `a+b'`, "Int"
    .loc 11
    add `a+b'`, `a+b'`, 1
    unused:
    .endvar total
    mov z, 1
    ret
}
"#,
    );
    let function = &module.functions[0];
    assert_eq!(module.sources.iter().map(|s| &**s).collect::<Vec<_>>(), ["prog.lang"]);
    let lines: Vec<_> = function.debug.lines.iter().map(|l| (l.pc, l.line, l.column)).collect();
    assert_eq!(lines, [(0, 10, 3), (1, 11, 0)]);
    let var = &function.debug.vars[0];
    assert_eq!((&*var.name, &*var.ty, var.start, var.end), ("total", "Int", 1, 2));
}

#[test]
fn ways_of_writing() {
    assert!(good("").functions.is_empty());
    let module = good(
        "\u{feff}func main() -> i64 { ; one line each\r\n\tMOV x, 1\r\n\tAdd x, X_, x\r\n\t.local X_: i64\r\n1: bz x, 1f\r\n bnz x, 1b\r\n1: ret x }\r\n",
    );
    expect![[r#"
        0 enter
        1 const_i64 r1 =
        2 add_i64 r1 = r0 r1
        3 beq_i64_imm r1 ->5
        4 bne_i64_imm_back r1 ->3
        5 ret_value r1
    "#]]
    .assert_eq(&listing(&module, "main"));
    assert_eq!(&*module.functions[0].debug.register_names[0], "X_");
}

#[test]
fn a_missing_brace_is_one_error_and_a_hint() {
    expect![[r#"
        error[E0108]: `{` without its `}`
         --> test.masm:1:19
          |
        1 | func one() -> i64 {
          |                   ^ this is open at the end of the file
        ...
        4 | func two() -> i64 {
          | ---- a `}` is missing before this, or further up"#]]
    .assert_eq(&shown("func one() -> i64 {\n    ret 1\n\nfunc two() -> i64 {\n    ret 2\n}\n"));
}

#[test]
fn lines_of_macros_are_those_of_their_use() {
    let module = good(
        "macro twice(x) {\n add $x, $x, $x\n add $x, $x, $x\n}\nmacro make(name) {\n func $name() {\n ret\n }\n}\nfunc main() {\n mov x, 1\n   twice x\n ret\n}\n make other\n",
    );
    let lines =
        |f: usize| module.functions[f].debug.lines.iter().map(|l| (l.line, l.column)).collect::<Vec<_>>();
    assert_eq!(lines(0), [(11, 2), (12, 4), (13, 2)]);
    assert_eq!(lines(1), [(15, 1)]);
}
