//! `cargo xtask bench asm`: a generated file of a million lines through `mvm asm` and through GNU `as`.
//!
//! Both files have the same shape, block for block and line for line: functions of 50 lines with labels, arithmetic,
//! immediates, loads and stores, conditional branches in both directions and calls of other functions. A compare-and-branch
//! of ours is one line and two of x86; the x86 file has as many lines in all, with fewer of the rest.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::{Options, measure, report, scratch, write_file};

const LINES: usize = 1_000_000;
const LINES_OF_FUNCTION: usize = 50;
const FUNCTIONS: usize = LINES / LINES_OF_FUNCTION;
const ROUNDS: usize = 5;

/// Our time divided by that of `as`.
const TARGET: f64 = 1.0;

pub(super) fn run(options: &Options) -> Result<(), String> {
    let mvm = super::mvm(options)?;
    let folder = scratch()?;
    let (masm, x86) = (folder.join("million.masm"), folder.join("million.s"));
    write_file(&masm, &mvm_source())?;
    write_file(&x86, &x86_source())?;
    let ours = |output: &Path| {
        let mut command = Command::new(&mvm);
        command.arg("asm").arg(&masm).arg("-o").arg(output);
        command
    };
    let theirs = |output: &Path| {
        let mut command = Command::new("as");
        command.arg("--64").arg(&x86).arg("-o").arg(output);
        command
    };
    let (out_mvm, out_x86) = (folder.join("million.mvm"), folder.join("million.o"));
    let (rounds, warm_up) = if options.quick { (1, 0) } else { (ROUNDS, 1) };
    let (mut times_mvm, mut times_as) = (Vec::new(), Vec::new());
    for round in 0..rounds + warm_up {
        let of_mvm = measure::run(&mut ours(&out_mvm))?;
        let of_as = measure::run(&mut theirs(&out_x86))
            .map_err(|e| format!("GNU as for x86-64 is needed (apt-get install binutils): {e}"))?;
        if round >= warm_up {
            times_mvm.push(of_mvm.user + of_mvm.system);
            times_as.push(of_as.user + of_as.system);
        }
    }
    let ratio = measure::paired_ratio(&times_mvm, &times_as);
    let (mvm, gnu, met) = (measure::median(&times_mvm), measure::median(&times_as), ratio <= TARGET);
    report(&if options.json {
        format!("{{\"mvm_s\":{mvm:.4},\"as_s\":{gnu:.4},\"ratio\":{ratio:.4},\"met\":{met}}}\n")
    } else {
        format!(
            "assembling {LINES} lines, user and system CPU time, median of {rounds}\n  mvm asm  {mvm:.2} s\n  \
             GNU as   {gnu:.2} s\n{}  ratio {ratio:.2}, at most {TARGET:.2}\n",
            if met { "met   " } else { "MISSED" }
        )
    })
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// What both files consist of.
#[derive(Clone, Copy)]
enum Step {
    /// An operation of two registers.
    Arithmetic,
    /// An operation with a small constant.
    Immediate,
    /// A load from memory.
    Load,
    /// A store to memory.
    Store,
    /// A compare-and-branch ahead.
    Branch,
    /// A call.
    Call,
}

fn step(numbers: &mut Numbers) -> Step {
    match numbers.below(20) {
        0..6 => Step::Arithmetic,
        6..11 => Step::Immediate,
        11..14 => Step::Load,
        14..16 => Step::Store,
        16..19 => Step::Branch,
        _ => Step::Call,
    }
}

fn mvm_source() -> String {
    let mut out = String::with_capacity(LINES * 32);
    let mut numbers = Numbers(1);
    let names = ["i", "sum", "total", "left", "right", "middle", "count", "t"];
    for function in 0..FUNCTIONS {
        let mut lines = vec![format!("func work_{function}(n: i64, data: [i64]) -> i64 {{")];
        lines.push("    mov     i, 0".to_owned());
        for pair in names.windows(2) {
            lines.push(format!("    add     {}, {}, 1", pair[1], pair[0]));
        }
        lines.push("loop:".to_owned());
        let mut labels = 0;
        while lines.len() < LINES_OF_FUNCTION - 4 {
            let register = |numbers: &mut Numbers| names[numbers.below(8) as usize];
            let (a, b, c) = (register(&mut numbers), register(&mut numbers), register(&mut numbers));
            let k = numbers.below(1000);
            let line = match step(&mut numbers) {
                Step::Arithmetic => {
                    format!("    {:7} {a}, {b}, {c}", ["add", "sub", "mul", "xor"][k as usize % 4])
                }
                Step::Immediate => format!("    {:7} {a}, {b}, {k}", ["add", "and", "or"][k as usize % 3]),
                Step::Load => format!("    get     {a}, data[{b}]"),
                Step::Store => format!("    set     data[{b}], {a}"),
                Step::Branch if lines.len() < LINES_OF_FUNCTION - 8 => {
                    labels += 1;
                    lines.push(format!("    blt     {a}, {b}, over{labels}"));
                    lines.push(format!("    add     {c}, {c}, 1"));
                    format!("over{labels}:")
                }
                Step::Branch => format!("    mov     {a}, {b}"),
                Step::Call => format!("    call    {a}, work_{}({b}, data)", numbers.below(FUNCTIONS as u64)),
            };
            lines.push(line);
        }
        lines.push("    add     i, i, 1".to_owned());
        lines.push("    blt     i, n, loop".to_owned());
        lines.push("    ret     t".to_owned());
        lines.push("}".to_owned());
        write_lines(&mut out, &lines);
    }
    out
}

fn x86_source() -> String {
    let mut out = String::with_capacity(LINES * 32);
    let mut numbers = Numbers(1);
    let names = ["%rax", "%rbx", "%rcx", "%rdx", "%r8", "%r9", "%r10", "%r11"];
    for function in 0..FUNCTIONS {
        let mut lines = vec![format!("work_{function}:")];
        lines.push("    movq    $0, %rax".to_owned());
        for pair in names.windows(2) {
            lines.push(format!("    leaq    1({}), {}", pair[0], pair[1]));
        }
        lines.push(format!(".Lloop_{function}:"));
        let mut labels = 0;
        while lines.len() < LINES_OF_FUNCTION - 4 {
            let register = |numbers: &mut Numbers| names[numbers.below(8) as usize];
            let (a, b) = (register(&mut numbers), register(&mut numbers));
            let k = numbers.below(1000);
            let line = match step(&mut numbers) {
                Step::Arithmetic => {
                    format!("    {:7} {b}, {a}", ["addq", "subq", "imulq", "xorq"][k as usize % 4])
                }
                Step::Immediate => format!("    {:7} ${k}, {a}", ["addq", "andq", "orq"][k as usize % 3]),
                Step::Load => format!("    movq    (%rsi,{b},8), {a}"),
                Step::Store => format!("    movq    {a}, (%rsi,{b},8)"),
                Step::Branch if lines.len() < LINES_OF_FUNCTION - 9 => {
                    labels += 1;
                    lines.push(format!("    cmpq    {b}, {a}"));
                    lines.push(format!("    jl      .Lover_{function}_{labels}"));
                    lines.push(format!("    addq    $1, {b}"));
                    format!(".Lover_{function}_{labels}:")
                }
                Step::Branch => format!("    movq    {b}, {a}"),
                Step::Call => format!("    call    work_{}", numbers.below(FUNCTIONS as u64)),
            };
            lines.push(line);
        }
        lines.push("    addq    $1, %rax".to_owned());
        lines.push("    cmpq    %rbx, %rax".to_owned());
        lines.push(format!("    jl      .Lloop_{function}"));
        lines.push("    ret".to_owned());
        write_lines(&mut out, &lines);
    }
    out
}

fn write_lines(out: &mut String, lines: &[String]) {
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_files_have_a_million_lines() {
        assert_eq!(super::mvm_source().lines().count(), super::LINES);
        assert_eq!(super::x86_source().lines().count(), super::LINES);
    }
}
