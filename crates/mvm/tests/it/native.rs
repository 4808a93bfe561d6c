//! What is shown of native code.

use crate::tool::{command, mvm};

const PROGRAM: &str = "../../examples/mandelbrot.masm";

#[test]
fn functions_and_what_becomes_of_them_are_listed() {
    let out = mvm(&["jit", PROGRAM]);
    assert_eq!(out.status, 0, "{}", out.err);
    assert!(out.out.starts_with("   WORDS      BYTES  FUNCTION\n"), "{}", out.out);
    let main = out.out.lines().find(|line| line.ends_with("  main")).expect("main is listed");
    let bytes: usize =
        main.split_whitespace().nth(1).expect("three columns").parse().expect("it has native code");
    assert!(bytes > 100, "{main}");
}

#[test]
fn a_function_is_shown_with_its_machine_code() {
    for version in [&[][..], &["--middle"], &["--ir"]] {
        let out = mvm(&[&["jit", PROGRAM, "--function", "main"], version].concat());
        assert_eq!(out.status, 0, "{}", out.err);
        assert!(out.out.starts_with("func main("), "{}", out.out);
        assert!(out.out.contains("; machine code, "), "{}", out.out);
        assert_eq!(out.out.contains("; Cranelift\n"), version == ["--ir"], "{}", out.out);
    }
    let out = mvm(&["jit", PROGRAM, "--function", "mian"]);
    assert_eq!(out.status, 2);
    assert!(out.err.contains("did you mean `main`?"), "{}", out.err);
}

#[test]
fn at_the_end_it_is_said_where_native_code_was_left() {
    let out = mvm(&["run", "--jit", "--jit-threshold=0", "--jit-stats", PROGRAM]);
    assert_eq!(out.status, 0, "{}", out.err);
    let first = out.err.lines().next().unwrap_or_default();
    assert!(first.starts_with("native code: ") && first.contains(" functions, "), "{}", out.err);
    // The program prints, so native code is left at syscalls at least.
    assert!(out.err.lines().any(|line| line.contains("  sys  ") && line.contains(".masm:")), "{}", out.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_profiler_is_told_the_names_of_functions() {
    let args = ["run", "--jit", "--jit-threshold=0", "--jit-perf-map", PROGRAM];
    let child = command(&args).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let path = format!("/tmp/perf-{}.map", child.id());
    assert!(child.wait_with_output().unwrap().status.success());
    let map = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let line = map.lines().find(|line| line.ends_with(" main")).expect("main has a line");
    let numbers: Vec<u64> =
        line.split(' ').take(2).map(|word| u64::from_str_radix(word, 16).expect("hexadecimal")).collect();
    assert!(numbers[0] > 4096 && numbers[1] > 0, "{line}");
}
