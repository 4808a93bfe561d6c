//! `cargo xtask bench startup`: the whole process of `mvm run examples/hello.masm` against a C program that prints the same.
//!
//! Wall time, because waiting for pages and the loader counts too; the two run in turn and the medians are compared. The
//! difference in CPU time is shown beside it: on a busy machine it is the steadier figure.

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
    let (mut of_mvm, mut of_c) = (Times::default(), Times::default());
    for _ in 0..runs {
        let (mut mvm, mut c) = commands();
        of_mvm.add(measure::wall(&mut mvm)?);
        of_c.add(measure::wall(&mut c)?);
    }
    let ((mvm, mvm_cpu), (c, c_cpu)) = (of_mvm.medians(), of_c.medians());
    let (above, above_cpu, met) = (mvm - c, mvm_cpu - c_cpu, mvm - c <= TARGET_MS);
    report(&if options.json {
        format!(
            "{{\"mvm_ms\":{mvm:.4},\"c_ms\":{c:.4},\"difference_ms\":{above:.4},\"cpu_difference_ms\":{above_cpu:.4},\
             \"met\":{met}}}\n"
        )
    } else {
        format!(
            "hello, whole process, median of {runs} runs\n  mvm  wall {mvm:.2} ms, CPU {mvm_cpu:.2} ms\n  C    wall \
             {c:.2} ms, CPU {c_cpu:.2} ms\n{}  {above:.2} ms above C, at most {TARGET_MS:.2} (CPU {above_cpu:.2} ms)\n",
            if met { "met   " } else { "MISSED" }
        )
    })
}

/// Wall and CPU times of one program, in milliseconds.
#[derive(Default)]
struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    fn add(&mut self, (wall, cpu): (f64, f64)) {
        self.wall.push(wall * 1e3);
        self.cpu.push(cpu * 1e3);
    }

    fn medians(&self) -> (f64, f64) {
        (measure::median(&self.wall), measure::median(&self.cpu))
    }
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
