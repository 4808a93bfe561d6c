//! Programs that a compiler could choke on: functions as large as they can be, and as small ones as have everything in one place.
//!
//! Each is run by the step-by-step interpreter and as native code. The compiler has limits (docs/JIT.md); within them its time and memory
//! are bounded, beyond them a function stays interpreted. What became of the functions is part of what is looked at.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::{SourceMap, render};
use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_kernel::{Environment, Exit, Machine};
use mvm_module::{Module, verify};

use crate::native::{Compile, load_as};
use crate::processes::Paper;

/// Reductions of a run.
pub(crate) const FUEL: u64 = 20_000_000;

/// A program that looks like nothing that people write.
#[derive(Debug, Clone)]
pub struct Shape {
    /// What it has a lot of.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A function `main` that prints what this code leaves in `x`, which is 1 at first.
fn main_of(name: String, around: &str, code: &str) -> Shape {
    Shape {
        name,
        text: format!("{around}\nfunc main() {{\n    mov x, 1\n{code}    sys print_int(x)\n    ret\n}}\n"),
    }
}

/// `count` times what is written for each number.
fn repeated(count: usize, mut write: impl FnMut(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, k| {
        let _ = writeln!(text, "{}", write(k));
        text
    })
}

/// So many registers with values, and their sum at the end.
fn registers(count: usize) -> (String, String) {
    (repeated(count, |k| format!("add r{k}, x, {k}")), repeated(count, |k| format!("add x, x, r{k}")))
}

/// One instruction behind the other.
pub fn straight(words: usize) -> Shape {
    main_of(
        format!("{words} instructions in a row"),
        "",
        &repeated(words, |k| format!("add x, x, {}", k % 7)),
    )
}

/// As many registers, all needed to the end.
pub fn wide(count: usize) -> Shape {
    let (before, after) = registers(count);
    main_of(format!("{count} registers"), "", &(before + &after))
}

/// Ways that part and meet again, with registers that are needed on all of them.
pub fn diamonds(count: usize, live: usize) -> Shape {
    let (before, after) = registers(live);
    let code = repeated(count, |k| {
        format!("bgt x, {k}, l{k}\nadd x, x, 1\nadd r{at}, r{at}, 1\nl{k}:", at = k % live)
    });
    main_of(format!("{count} branches, {live} registers"), "", &(before + &code + &after))
}

/// Loops that are entered in the middle.
pub fn irreducible(count: usize, live: usize) -> Shape {
    let (before, after) = registers(live);
    let code = repeated(count, |k| {
        let (back, on) = (k.saturating_sub(2), (k + 3).min(count));
        format!("l{k}:\nadd x, x, 1\nsub left, left, 1\nbgt left, {}, l{back}\nblt x, {k}, l{on}", count - k)
    });
    main_of(
        format!("{count} loops into each other, {live} registers"),
        "",
        &format!("{before}mov left, {count}\n{code}l{count}:\n{after}"),
    )
}

/// Loops in loops.
pub fn nested(depth: usize, own: bool, live: usize) -> Shape {
    let (before, after) = registers(live);
    let counter = |k: usize| if own { format!("i{k}") } else { "left".into() };
    let begins =
        repeated(depth, |k| if own { format!("mov i{k}, 0\nl{k}:") } else { format!("l{k}:\nadd y, y, 1") });
    let ends = repeated(depth, |k| {
        let k = depth - 1 - k;
        let counter = counter(k);
        match own {
            true => format!(
                "add {counter}, {counter}, 1\nblt {counter}, {}, l{k}",
                if k % 100 == 7 { 2 } else { 1 }
            ),
            false => format!("sub left, left, 1\nbgt left, {}, l{k}", 3 * depth - k),
        }
    });
    let which = if own { "with counters of their own" } else { "with one counter" };
    let code = format!("{before}mov left, {}\nmov y, 0\n{begins}add x, x, 1\n{ends}{after}", 3 * depth + 50);
    main_of(format!("{depth} loops in loops {which}, {live} more registers"), "", &code)
}

/// Instructions that may all leave.
pub fn leaving(count: usize, live: usize) -> Shape {
    let (before, after) = registers(live);
    let code = repeated(count, |k| match k % 3 {
        0 => "get x, a[x]".into(),
        1 => "div x, x, d".into(),
        _ => "set a[1], x".into(),
    });
    let code = format!("new a, [i64], 2\nmov d, 1\nset a[1], d\n{before}{code}{after}");
    main_of(format!("{count} instructions that may leave, {live} registers"), "", &code)
}

/// Functions that call each other in a row.
pub fn functions(count: usize) -> Shape {
    let around = repeated(count, |k| match k + 1 < count {
        true if k % 16 != 0 => format!("func f{k}(x: i64) -> i64 {{\nadd x, x, {}\nret x\n}}", k % 5),
        true => format!("func f{k}(x: i64) -> i64 {{\ncall x, f{}(x)\nadd x, x, 1\nret x\n}}", k + 1),
        false => format!("func f{k}(x: i64) -> i64 {{\nret x\n}}"),
    });
    main_of(
        format!("{count} functions"),
        &around,
        &repeated(count.min(3_000), |k| format!("call x, f{}(x)", k * (count / count.min(3_000)))),
    )
}

/// Functions that take turns in running long, each for several slices, so that all of them become hot, one behind the other, `rounds` times.
pub fn turns(count: usize, rounds: usize) -> Shape {
    let around = repeated(count, |k| {
        let steps = repeated(1 + k % 7, |step| format!("add x, x, {}\nxor x, x, {step}", k % 100));
        format!(
            "func f{k}(x: i64) -> i64 {{\nmov i, 0\nagain:\n{steps}add i, i, 1\nblt i, 60, again\nret x\n}}"
        )
    });
    // Not all from one function, which would be the largest of them all.
    let groups = repeated(count.div_ceil(50), |group| {
        let calls = repeated(50.min(count - group * 50), |k| format!("call x, f{}(x)", group * 50 + k));
        format!("func g{group}(x: i64) -> i64 {{\n{calls}ret x\n}}")
    });
    let calls = repeated(count.div_ceil(50), |group| format!("call x, g{group}(x)"));
    let code = format!("mov turn, 0\nround:\n{calls}add turn, turn, 1\nblt turn, {rounds}, round\n");
    main_of(format!("{count} functions that take turns"), &(around + &groups), &code)
}

/// A switch with so many targets, so many times, with registers that are needed behind it.
pub fn switches(targets: usize, count: usize, live: usize) -> Shape {
    let (before, after) = registers(live);
    let code = repeated(count, |k| {
        let names = repeated(targets, |t| format!(", s{k}_{}", t % 16)).replace('\n', "");
        let cases = repeated(16, |t| format!("s{k}_{t}:\nadd x, x, {t}"));
        format!("and y, x, 15\nswitch y, s{k}_0{names}\n{cases}")
    });
    main_of(
        format!("{count} switches of {targets} targets, {live} registers"),
        "",
        &(before + &code + &after),
    )
}

/// Calls of functions small enough to be put in place of them, while registers are needed.
pub fn calls(count: usize, live: usize) -> Shape {
    let around = "func one(x: i64) -> i64 {\nadd x, x, 1\nret x\n}\nfunc two(x: i64) -> i64 {\ncall x, one(x)\ncall x, one(x)\nret x\n}\n\
                  func four(x: i64) -> i64 {\ncall x, two(x)\ncall x, two(x)\nret x\n}\n";
    let (before, after) = registers(live);
    let code = repeated(count, |k| format!("call x, {}(x)", ["one", "two", "four"][k % 3]));
    main_of(format!("{count} calls, {live} registers"), around, &(before + &code + &after))
}

/// Syscalls, behind each of which native code can be entered, while registers are needed.
pub fn syscalls(count: usize, live: usize) -> Shape {
    let (before, after) = registers(live);
    let code = repeated(count, |_| "sys print_int(x)\nadd x, x, 1".into());
    main_of(format!("{count} syscalls, {live} registers"), "", &(before + &code + &after))
}

/// Loops that count, one behind the other, each with checks that can be done in front of it.
pub fn counting(count: usize, live: usize) -> Shape {
    let (before, after) = registers(live);
    let code = repeated(count, |k| {
        format!("mov i, 0\nl{k}:\nget y, a[i]\nadd x, x, y\nset a[i], x\nadd i, i, 1\nblt i, 4, l{k}")
    });
    main_of(
        format!("{count} loops that count, {live} registers"),
        "",
        &format!("new a, [i64], 4\n{before}{code}{after}"),
    )
}

/// Handlers around each other.
pub fn handlers(count: usize) -> Shape {
    let begins = repeated(count, |k| format!("try h{}, _c: Trap", count - 1 - k));
    let ends = repeated(count, |k| {
        // All but the outermost one fail too.
        let fails = if k + 1 < count { "div x, x, d" } else { "" };
        format!("endtry\njmp n{k}\nh{k}:\nadd x, x, 1\n{fails}\nn{k}:")
    });
    let code = format!("mov d, 0\n{begins}div x, x, d\n{ends}");
    main_of(format!("{count} handlers around each other"), "", &code)
}

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Functions with native code.
    pub native: usize,
    /// Words of code of these functions.
    pub words: usize,
    /// Why others have none, each reason once.
    pub reasons: Vec<&'static str>,
    /// How it ended.
    pub exit: Exit,
    /// What it has written.
    pub written: String,
    /// Bytes of native code.
    pub bytes: usize,
}

pub(crate) fn module(shape: &Shape) -> Result<Module, String> {
    let mut map = SourceMap::new();
    let file = map.add("shape.masm", &*shape.text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    let text = || diagnostics.iter().take(3).map(|d| render(d, &map, false)).collect::<String>();
    module.ok_or_else(|| format!("{}: {}", shape.name, text()))
}

/// How a run ended, what it has written, its reductions and its state hash.
pub(crate) type Ran = (Exit, Vec<u8>, (u64, u64));

/// Runs a program, so many reductions at a time.
pub(crate) fn ran(shape: &Shape, image: &Arc<Image>, executor: Executor, piece: u64) -> Result<Ran, String> {
    let limits = ProcessLimits { stack_slots: 1 << 18, ..ProcessLimits::default() };
    let machine = Machine::new(image, Environment::default(), Paper::default(), limits, Some(0));
    let mut machine = machine.ok_or_else(|| format!("{}: there is no machine", shape.name))?;
    let mut given = 0;
    loop {
        given += piece;
        machine.add_fuel(piece);
        match machine.run(executor).map_err(|error| error.to_string())? {
            Exit::ReductionLimit if given < FUEL => {}
            exit => {
                let state = (machine.reductions(), machine.state_hash());
                return Ok((exit, machine.host.0, state));
            }
        }
    }
}

/// Runs a program by the step-by-step interpreter and as native code; what became of it, and the time that compiling took.
///
/// # Errors
/// When it is no program, or the two differ.
pub fn check(shape: &Shape) -> Result<(Outcome, Duration), String> {
    let module = module(shape)?;
    let load = |compile| {
        let verified =
            verify(module.clone()).map_err(|errors| format!("{}: {:?}", shape.name, errors.first()))?;
        let begun = Instant::now();
        Ok::<_, String>((load_as(verified, compile), begun.elapsed()))
    };
    let (plain, _) = load(Compile::Nothing)?;
    let expected = ran(shape, &plain, Executor::Reference, FUEL)?;
    let (image, time) = load(Compile::AtLoad)?;
    for piece in [FUEL, 1_000, 7] {
        let seen = ran(shape, &image, Executor::Native, piece)?;
        if seen != expected {
            return Err(format!("{}, slices of {piece}: {seen:?}, should be {expected:?}", shape.name));
        }
    }
    let tried = image.native().map_or_else(Vec::new, |native| native.stats().tried);
    let native = tried.iter().filter(|tried| tried.code.is_ok());
    let mut reasons: Vec<&str> = tried.iter().filter_map(|tried| tried.code.err()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let outcome = Outcome {
        native: native.clone().count(),
        words: native.map(|tried| image.module().functions[tried.function.0 as usize].code.len()).sum(),
        reasons,
        exit: expected.0,
        written: String::from_utf8_lossy(&expected.1).into_owned(),
        bytes: image.native().map_or(0, mvm_exec::native::NativeTable::code_bytes),
    };
    Ok((outcome, time))
}

/// Shapes whose functions are about as large as the limits of the compiler let them be.
pub fn within_limits() -> Vec<Shape> {
    let mut shapes = vec![
        straight(9_900),
        wide(1_990),
        nested(1_000, true, 1),
        functions(10_000),
        switches(1_000, 1, 10),
        switches(15_000, 1, 10),
        switches(1_000, 15, 3),
        switches(15_000, 1, 50),
        switches(3_000, 4, 50),
        handlers(200),
        handlers(1_000),
    ];
    for live in [1, 10, 35, 60, 150, 300, 1_900] {
        shapes.extend([irreducible(150, live), irreducible(490, live)]);
        shapes.extend([nested(150, false, live), nested(490, false, live)]);
        shapes.extend([counting(150, live), counting(490, live)]);
        shapes.extend([diamonds(1_900, live), diamonds(3_200, live)]);
        shapes.extend([leaving(3_000, live), leaving(6_000, live), leaving(9_800, live)]);
        shapes.extend([calls(300, live), calls(1_500, live), calls(4_000, live)]);
        shapes.extend([syscalls(1_000, live), syscalls(3_000, live)]);
    }
    shapes
}
