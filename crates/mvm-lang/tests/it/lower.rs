//! From checked programs to modules: the shape of the code, limits, and that the verifier accepts everything.
//!
//! What programs do is tested by running them: `tests/myna/run`, and mvm-testkit in every executor.

use expect_test::{Expect, expect};
use mvm_asm::DisOptions;
use mvm_diag::Diagnostic;
use mvm_lang::{Entry, lower};
use mvm_module::{Module, TypeDef, verify};

use crate::checked;

fn lowered(text: &str, entry: Entry) -> Result<Module, Vec<Diagnostic>> {
    let (checked, map) = checked(text);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics.first());
    lower(&checked.program, &map, entry)
}

/// The module of a program, which the verifier has to accept.
fn module(text: &str, entry: Entry) -> Module {
    let module = lowered(text, entry).unwrap_or_else(|found| panic!("{found:?}"));
    verify(module.clone()).unwrap_or_else(|errors| panic!("refused: {}", errors[0]));
    module
}

/// The instructions of a function, without debug information.
fn check_code(text: &str, function: &str, expected: &Expect) {
    let module = module(text, Entry::Main);
    let text = mvm_asm::disassemble(&module, &DisOptions::default());
    let start = text.find(&format!("func {function}(")).expect("the function is there");
    let body = text[start..].split("\n}").next().unwrap_or("");
    let code: Vec<&str> = body.lines().skip(1).map(str::trim).filter(|line| !line.starts_with('.')).collect();
    expected.assert_eq(&(code.join("\n") + "\n"));
}

#[test]
fn recursion_compares_with_immediates_and_returns_from_its_branches() {
    check_code(
        "fn fib(n: int) -> int => if n < 2 { n } else { fib(n - 1) + fib(n - 2) }\nfn main() { print(fib(9)) }",
        "fib",
        &expect![[r#"
            enter
            bge_i64_imm _0, 2, L1
            ret_value _0
            L1:
            add_checked_i64_imm _1, _0, -1
            call    _1, fib(_1)
            add_checked_i64_imm _2, _0, -2
            call    _2, fib(_2)
            add_checked_i64 _1, _1, _2
            ret_value _1
        "#]],
    );
}

#[test]
fn loops_have_one_branch_a_turn() {
    check_code(
        "fn sum(n: int) -> int {\n    var total = 0\n    for i in 0..n { total += i * i }\n    return total\n}\n\
         fn main() { print(sum(9)) }",
        "sum",
        &expect![[r#"
            enter
            const_i64 _1, 0
            const_i64 _2, 0
            ble_i64 _0, _2, L2
            L1:
            mul_checked_i64 _3, _2, _2
            add_checked_i64 _1, _1, _3
            add_i64_imm _2, _2, 1
            blt_i64_back _2, _0, L1
            L2:
            ret_value _1
        "#]],
    );
}

#[test]
fn the_end_of_an_inclusive_range_may_be_the_largest_int() {
    check_code(
        "fn count(n: int) -> int {\n    var total = 0\n    for _ in 0..=n { total += 1 }\n    return total\n}\n\
         fn main() { print(count(9)) }",
        "count",
        &expect![[r#"
            enter
            const_i64 _1, 0
            const_i64 _2, 0
            blt_i64 _0, _2, L2
            L1:
            add_checked_i64_imm _1, _1, 1
            ble_i64 _0, _2, L2
            add_i64_imm _2, _2, 1
            jmp_back L1
            L2:
            ret_value _1
        "#]],
    );
}

#[test]
fn elements_of_lists_are_read_without_a_call() {
    check_code(
        "fn first(xs: [int]) -> int => xs[0] + xs.len()\nfn main() { print(first([1])) }",
        "first",
        &expect![[r#"
            enter
            const_i64 _1, 0
            get_field_i64 _3, _0.count
            bltu_i64 _1, _3, L1
            get_field_i64 _3, _0.count
            call    _4, out_of_bounds(_1, _3)
            throw   _4
            L1:
            get_field_ref _5, _0.items
            get_i64 _2, _5[_1]
            get_field_i64 _3, _0.count
            add_checked_i64 _1, _2, _3
            ret_value _1
        "#]],
    );
}

#[test]
fn objects_with_plain_initialisers_are_made_at_once() {
    check_code(
        "class Point {\n    let x: int\n    let y: int\n}\n\
         fn make(n: int) -> Point => Point(n, y: 2)\nfn main() { print(make(1).x) }",
        "make",
        &expect![[r#"
                const_i64 _1, 2
                new_with _2, Point(_0, _1)
                ret_value _2
        "#]],
    );
}

#[test]
fn matches_of_many_cases_are_a_switch() {
    check_code(
        "enum Op { Push(n: int), Pop, Add, Swap }\n\
         fn cost(op: Op) -> int => match op {\n    Push(n) => n\n    Pop => 1\n    Add => 2\n    Swap => 3\n}\n\
         fn main() { print(cost(Pop)) }",
        "cost",
        &expect![[r#"
            get_field_i64 _1, _0.case
            switch  _1, L1, L2, L3, L4, L5
            L1:
            unreachable
            L2:
            cast    _2, _0, Op.Push
            get_field_i64 _3, _2.n
            ret_value _3
            L3:
            const_i64 _1, 1
            ret_value _1
            L4:
            const_i64 _1, 2
            ret_value _1
            L5:
            const_i64 _1, 3
            ret_value _1
        "#]],
    );
}

#[test]
fn all_of_the_library_is_accepted_with_its_tests() {
    let mut tests = 0;
    for name in mvm_lang::library::names() {
        let text = mvm_lang::library::text(name).expect("it is there");
        if text.contains("machine.") {
            // Only the library itself may use the machine; here it would be a program.
            continue;
        }
        tests += text.matches("\ntest \"").count();
        module(text, Entry::Tests);
    }
    assert!(tests > 5, "{tests} tests");
}

#[test]
fn types_that_grow_are_refused() {
    let functions = "fn nest<T>(value: T, depth: int) {\n    if depth > 0 { nest([value], depth - 1) }\n}\n\
                     fn main() { nest(1, 3) }";
    let classes = "class Node<T> {\n    let value: T\n    let next: Node<(T, T)>? = none\n}\n\
                   fn main() { print(Node<int>(1).value) }";
    for text in [functions, classes] {
        let found = lowered(text, Entry::Main).expect_err("it is refused");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "M0401");
        assert!(found[0].message.contains("grow without end"), "{}", found[0].message);
    }
}

#[test]
fn a_program_without_main_is_refused() {
    assert!(lowered("fn f() { }", Entry::Main).is_err());
}

#[test]
fn each_list_of_type_arguments_has_its_own_class() {
    let module = module(
        "class Pair<A, B> {\n    let a: A\n    let b: B\n}\n\
         fn main() {\n    print(Pair(1, \"x\").a)\n    print(Pair(2.5, true).b)\n}",
        Entry::Main,
    );
    let names: Vec<&str> = module
        .types
        .iter()
        .filter_map(|def| match def {
            TypeDef::Class(class) => Some(&*class.name),
            _ => None,
        })
        .filter(|name| name.starts_with("Pair"))
        .collect();
    assert_eq!(names, ["Pair<int, str>", "Pair<float, bool>"]);
}

#[test]
fn variables_are_named_for_the_debugger() {
    let module = module(
        "fn twice(number: int) -> int {\n    let result = number * 2\n    return result\n}\nfn main() { print(twice(4)) }",
        Entry::Main,
    );
    let twice = module.functions.iter().find(|function| &*function.name == "twice").expect("it is there");
    let shown: Vec<(&str, &str, u16)> =
        twice.debug.vars.iter().map(|var| (&*var.name, &*var.ty, var.register)).collect();
    assert_eq!(shown, [("number", "int", 0), ("result", "int", 1)]);
    assert!(twice.debug.vars.iter().all(|var| var.start == 0 && var.end as usize == twice.code.len()));
}

#[test]
fn calls_in_whose_place_code_stands_show_in_back_traces() {
    let module =
        module("fn at(xs: [int]) -> int {\n    return xs[7]\n}\nfn main() { print(at([1])) }", Entry::Main);
    let number = module.functions.iter().position(|function| &*function.name == "at").expect("it is there");
    let function = &module.functions[number];
    let id = mvm_module::FuncId(number as u32);
    let throws = mvm_module::cfg::instructions(&function.code)
        .find(|(_, op, _)| *op == mvm_isa::Opcode::Throw)
        .map(|(pc, _, _)| pc)
        .expect("the index is tested here");
    let calls: Vec<String> =
        function.source_calls(id, throws).iter().map(|call| module.function_name(call.function)).collect();
    assert_eq!(calls, ["List.[]<int>", "at"]);
    let line = function.source_calls(id, throws)[1].line.expect("it is known");
    assert_eq!((line.line, &*module.sources[usize::from(line.file)]), (2, "test.myna"));
}
