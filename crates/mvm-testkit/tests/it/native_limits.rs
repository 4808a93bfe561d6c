//! The compiler of native code against programs that are made to be hard for it: it takes what is within its limits, leaves the rest to the
//! interpreter, and says why; whatever it does, the result is the same.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use std::sync::{Arc, Mutex};

use mvm_exec::native::{NativeStats, Tried};
use mvm_exec::{Executor, Image};
use mvm_jit::{Event, FAILED, Fault, Jit, Options};
use mvm_kernel::Exit;
use mvm_module::FuncId;
use mvm_testkit::differential::{Way, compare, run};
use mvm_testkit::shapes::{self, Outcome, Shape};
use mvm_testkit::{crowded, generate, native};

const LONG: &str = "it has more than 10,000 words of code";
const WIDE: &str = "it has more than 2,000 registers";
const LOOPS: &str = "it has more than 500 loops";
const LIVE: &str = "it needs too many registers in too many places";

fn outcome(shape: &Shape) -> Outcome {
    let (outcome, _) = shapes::check(shape).unwrap_or_else(|what| panic!("{what}"));
    assert_eq!(outcome.exit, Exit::Status(0), "{}", shape.name);
    outcome
}

/// All functions have native code, of so many words together.
fn compiled(shape: &Shape, functions: usize, words: std::ops::Range<usize>) {
    let Outcome { native, words: found, reasons, .. } = outcome(shape);
    assert_eq!((native, reasons), (functions, vec![]), "{}", shape.name);
    assert!(words.contains(&found), "{}: {found} words", shape.name);
}

/// So many functions have native code; the others have none for this reason.
fn interpreted(shape: &Shape, others: usize, reason: &'static str) {
    let Outcome { native, reasons, .. } = outcome(shape);
    assert_eq!((native, reasons), (others, vec![reason]), "{}", shape.name);
}

#[test]
fn functions_that_are_too_large_stay_interpreted() {
    interpreted(&shapes::straight(100_000), 0, LONG);
    interpreted(&shapes::diamonds(10_000, 3), 0, LONG);
    interpreted(&shapes::switches(30_000, 1, 3), 0, LONG);
    interpreted(&shapes::wide(3_000), 0, WIDE);
    interpreted(&shapes::wide(60_000), 0, LONG);
}

#[test]
fn functions_with_too_many_loops_stay_interpreted() {
    interpreted(&shapes::nested(1_000, true, 1), 0, LOOPS);
    interpreted(&shapes::nested(1_000, false, 3), 0, LOOPS);
    interpreted(&shapes::irreducible(600, 1), 0, LOOPS);
    interpreted(&shapes::counting(600, 1), 0, LOOPS);
}

#[test]
fn functions_with_too_much_at_once_stay_interpreted() {
    interpreted(&shapes::nested(300, true, 1), 0, LIVE);
    interpreted(&shapes::irreducible(400, 60), 0, LIVE);
    interpreted(&shapes::diamonds(1_500, 300), 0, LIVE);
    interpreted(&shapes::leaving(4_000, 200), 0, LIVE);
    interpreted(&shapes::syscalls(1_000, 100), 0, LIVE);
    interpreted(&shapes::calls(1_500, 300), 3, LIVE);
}

#[test]
fn large_functions_within_the_limits_have_native_code() {
    compiled(&shapes::straight(9_900), 1, 9_900..10_000);
    compiled(&shapes::diamonds(1_000, 10), 1, 3_000..4_000);
    compiled(&shapes::irreducible(300, 5), 1, 1_000..2_000);
    compiled(&shapes::nested(400, false, 3), 1, 1_500..2_000);
    compiled(&shapes::leaving(3_000, 10), 1, 3_000..5_000);
    compiled(&shapes::switches(15_000, 1, 10), 1, 7_000..8_000);
    compiled(&shapes::switches(300, 20, 10), 1, 3_000..4_500);
    compiled(&shapes::counting(150, 5), 1, 700..1_500);
    compiled(&shapes::calls(500, 10), 4, 1_000..1_200);
    compiled(&shapes::syscalls(500, 10), 1, 1_000..2_000);
    compiled(&shapes::handlers(200), 1, 500..2_000);
}

#[test]
fn ten_thousand_functions_have_native_code() {
    compiled(&shapes::functions(10_000), 10_001, 20_000..40_000);
}

#[test]
fn where_there_is_little_room_native_code_goes_and_comes_again() {
    let shape = shapes::turns(3_000, 3);
    for (threshold, limit, piece) in
        [(1, 64 << 10, 97), (1, 4096, 50), (0, 256 << 10, 97), (2, 1 << 20, 1 << 20)]
    {
        let found = crowded::check(&shape, limit, threshold, piece).unwrap_or_else(|what| panic!("{what}"));
        // Nothing is made while something waits, so what waits is one unit, which is at most half as much.
        assert!(found.most <= limit + (limit / 2).max(4096), "{limit}: {found:?}");
        if piece < 100 {
            assert!(found.evicted.functions.len() > 1_000, "{limit}: {}", found.evicted.functions.len());
            assert!(
                found.evicted.bytes > 10 * limit as u64 && found.made > 4 * limit as u64,
                "{limit}: {found:?}"
            );
        }
    }
    let found = crowded::check(&shape, 64 << 20, 1, 97).unwrap_or_else(|what| panic!("{what}"));
    assert!(found.evicted.units == 0 && found.compiled >= 3_000, "{found:?}");
}

/// The image of a generated program whose compiler fails at a function, what it told, and what became of the functions.
fn failing(seed: u64, fault: (FuncId, Fault)) -> (Arc<Image>, Vec<String>, NativeStats) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let listener = move |event: Event<'_>| {
        if let Event::Failed { function, why } = event {
            heard.lock().unwrap().push(format!("{function}: {why}"));
        }
    };
    let options = Options { listener: Some(Box::new(listener)), fault: Some(fault), ..Options::default() };
    let module = mvm_module::verify(generate::module_of_seed(seed)).unwrap();
    let image = Image::load_with(module, Some(Jit::with(options).unwrap()));
    let stats = image.native().unwrap().stats();
    let told = told.lock().unwrap().clone();
    (image, told, stats)
}

#[test]
fn a_function_that_the_compiler_fails_at_stays_interpreted_and_is_told_once() {
    for seed in 0..6 {
        let plain = native::load(mvm_module::verify(generate::module_of_seed(seed)).unwrap());
        let all = plain.native().unwrap().stats().tried;
        let function = all[seed as usize % all.len()].function;
        let name = plain.module().functions[function.0 as usize].name.to_string();
        for (fault, text) in [(Fault::Error, "Undeclared identifier: a fault"), (Fault::Panic, "a fault")] {
            let (image, told, stats) = failing(seed, (function, fault));
            assert_eq!(told, [format!("{name}: {text}")]);
            let failed: Vec<&Tried> = stats.tried.iter().filter(|tried| tried.code.is_err()).collect();
            assert_eq!(failed, [&Tried { function, code: Err(FAILED) }], "seed {seed}");
            assert_eq!(stats.tried.len(), all.len(), "the others are compiled");
            let way = Way { executor: Executor::Native, ..Way::PLAIN };
            let (left, right) = (run(&image, Way::PLAIN).unwrap(), run(&image, way).unwrap());
            compare(&left, &right, true).unwrap_or_else(|what| panic!("seed {seed}, {fault:?}: {what}"));
        }
    }
}
