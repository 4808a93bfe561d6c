//! `cargo xtask bench startup`: the whole process of `mvm run examples/hello.masm` against a C program that prints the same.
//!
//! Wall time, because waiting for pages and the loader counts too; the two run in turn and the medians are compared.

use std::path::Path;
use std::process::Command;

use super::{Options, measure, report, root, scratch, write_file};

const RUNS: usize = 300;
const RUNS_QUICK: usize = 30;

/// Milliseconds that MVM may take longer than the C program.
const TARGET_MS: f64 = 2.0;

const HELLO_C: &str =
    "#include <stdio.h>\n\nint main(void) {\n    puts(\"Hello, world!\");\n    return 0;\n}\n";

pub(super) fn run(options: &Options) -> Result<(), String> {
    let mvm = super::mvm(options)?;
    let c = build_c_hello()?;
    let source = root().join("examples/hello.masm");
    let commands = || {
        let mut hello = Command::new(&mvm);
        hello.arg("run").arg(&source);
        (hello, Command::new(&c))
    };
    let (mut of_mvm, mut of_c) = commands();
    let (text_mvm, text_c) = (measure::run(&mut of_mvm)?.output, measure::run(&mut of_c)?.output);
    if text_mvm != text_c {
        return Err(format!("the outputs differ: mvm `{text_mvm}`, C `{text_c}`"));
    }
    let runs = if options.quick { RUNS_QUICK } else { RUNS };
    let (mut times_mvm, mut times_c) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (mut of_mvm, mut of_c) = commands();
        times_mvm.push(measure::wall(&mut of_mvm)? * 1e3);
        times_c.push(measure::wall(&mut of_c)? * 1e3);
    }
    let (mvm, c) = (measure::median(&times_mvm), measure::median(&times_c));
    let (above, met) = (mvm - c, mvm - c <= TARGET_MS);
    report(&if options.json {
        format!("{{\"mvm_ms\":{mvm:.4},\"c_ms\":{c:.4},\"difference_ms\":{above:.4},\"met\":{met}}}\n")
    } else {
        format!(
            "hello, whole process, median wall time of {runs} runs\n  mvm {mvm:.2} ms\n  C   {c:.2} ms\n{}  \
             {above:.2} ms above C, at most {TARGET_MS:.2}\n",
            if met { "met   " } else { "MISSED" }
        )
    })
}

fn build_c_hello() -> Result<std::path::PathBuf, String> {
    let folder = scratch()?;
    let (from, to) = (folder.join("hello.c"), folder.join("hello_c"));
    write_file(Path::new(&from), HELLO_C)?;
    let mut cc = Command::new("cc");
    cc.arg("-O2").arg("-o").arg(&to).arg(&from);
    measure::succeed(&mut cc).map_err(|e| format!("a C compiler is needed (apt-get install gcc): {e}"))?;
    Ok(to)
}
