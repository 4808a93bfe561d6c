//! Code says where it comes from, wherever it went.

use mvm_module::{FuncId, Module};

use crate::optimised;

const TEXT: &str = "func f(a: i64) -> i64 {
    call    b, outer(a)
    ret     b
}
func outer(x: i64) -> i64 {
    add     x, x, 1
    call    y, inner(x)
    add     y, y, 1
    ret     y
}
func inner(x: i64) -> i64 {
    mov     k, 100
    div     y, k, x
    ret     y
}";

/// Functions and lines of the first instruction with this name in `f`, the innermost first.
fn calls(module: &Module, name: &str) -> Vec<(String, u32)> {
    let function = &module.functions[0];
    let found = mvm_module::cfg::instructions(&function.code).find(|(_, op, _)| op.info().name == name);
    let (pc, _, _) = found.expect("there is such an instruction");
    let calls = function.source_calls(FuncId(0), pc).into_iter();
    calls.map(|call| (module.function_name(call.function), call.line.map_or(0, |line| line.line))).collect()
}

fn named(calls: &[(&str, u32)]) -> Vec<(String, u32)> {
    calls.iter().map(|&(name, line)| (name.to_string(), line)).collect()
}

#[test]
fn inlined_code_knows_its_calls() {
    let module = optimised(TEXT, "inline");
    assert_eq!(calls(&module, "div_i64"), named(&[("inner", 13), ("outer", 7), ("f", 2)]));
    assert_eq!(calls(&module, "add_i64_imm"), named(&[("outer", 6), ("f", 2)]));
    assert_eq!(calls(&module, "ret_value"), named(&[("f", 3)]));
}

#[test]
fn what_was_inlined_stays_known_when_it_is_optimised_again() {
    let once = mvm_module::verify(optimised(TEXT, "inline")).expect("it was verified");
    let (twice, _) = mvm_opt::optimise(&once, &mvm_opt::Options::level(mvm_opt::Level::O2));
    assert_eq!(calls(&twice, "div_i64"), named(&[("inner", 13), ("outer", 7), ("f", 2)]));
}

#[test]
fn what_an_inlined_function_calls_last_has_the_place_of_that_function() {
    let text = "func f() -> i64 {
    call    b, last()
    ret     b
}
func last() -> i64 {
    tailcall far(1, 2, 3)
}
func far(a: i64, b: i64, c: i64) -> i64 {
    call    d, far(a, b, c)
    ret     d
}";
    let module = optimised(text, "inline");
    assert_eq!(calls(&module, "call")[0], ("f".to_string(), 2));
}
