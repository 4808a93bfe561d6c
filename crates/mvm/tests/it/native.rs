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

#[cfg(target_arch = "x86_64")]
#[test]
fn machine_code_stands_below_lines_and_instructions() {
    let out = mvm(&["jit", PROGRAM, "--function", "escape"]);
    let lines: Vec<&str> = out.out.lines().collect();
    let line = lines.iter().position(|line| line.contains(".masm:51  mul     rr, zr, zr")).expect("the line");
    assert!(lines[line + 1].starts_with("  0006  mul_f64 rr, zr, zr  "), "{}", lines[line + 1]);
    assert!(lines[line + 1].ends_with("; in place"), "{}", lines[line + 1]);
    assert!(
        lines[line + 2].contains(":  vmulsd  ") || lines[line + 2].contains(":  mulsd  "),
        "{}",
        lines[line + 2]
    );
    assert!(out.out.contains("; leaves in front of it"), "{}", out.out);
    assert!(lines.iter().all(|line| line.len() <= 100), "no line is longer than 100 columns");
}

#[test]
fn loops_are_explained() {
    let out = mvm(&["jit", PROGRAM, "--explain"]);
    assert_eq!(out.status, 0, "{}", out.err);
    for text in [
        "mandelbrot.masm:14-30: checks stay: it is around another loop\n    checks: ",
        "mandelbrot.masm:17-24: a copy without checks; 1 instruction is checked in front of it\n",
        "`call_many` may charge\n",
        "  the interpreter does `sys`: ",
        "  helpers do `str_from_array`: ",
        "escape: 20 words, ",
    ] {
        assert!(out.out.contains(text), "`{text}` is missing:\n{}", out.out);
    }
}

#[test]
fn what_is_counted_is_written_as_json() {
    let args = ["run", "--jit", "--jit-threshold=0", "--jit-stats", "--json", PROGRAM];
    let out = mvm(&args);
    assert_eq!(out.status, 0, "{}", out.err);
    let value: serde_json::Value = serde_json::from_str(&out.err).expect("one object");
    let left = value["left"].as_u64().expect("a number");
    let reasons = value["left_by_reason"].as_object().expect("an object");
    assert!(
        left > 0 && left == reasons.values().filter_map(serde_json::Value::as_u64).sum::<u64>(),
        "{value}"
    );
    let first = &value["left_at"][0];
    assert!(first["line"].is_u64() && first["reason"].is_string() && first["count"].is_u64(), "{value}");
    assert_eq!(mvm(&["run", "--jit", "--json", PROGRAM]).status, 2, "--json wants --jit-stats");
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

#[test]
fn functions_go_where_there_is_little_room_for_native_code() {
    let functions: String = (0..40)
        .map(|k| format!("func f{k}(x: i64) -> i64 {{\nmov i, 0\nagain:\nadd x, x, {k}\nadd i, i, 1\nblt i, 20000, again\nret x\n}}\n"))
        .collect();
    let calls: String = (0..40).map(|k| format!("call x, f{k}(x)\n")).collect();
    let text = format!(
        "{functions}func main() {{\nmov x, 0\nmov turn, 0\nround:\n{calls}add turn, turn, 1\nblt turn, 3, round\nsys print_int(x)\nret\n}}\n"
    );
    let scratch = crate::tool::Scratch::new("room");
    let file = &*scratch.file("turns.masm", &text);
    let plain = mvm(&["run", "--no-jit", file]);
    let stats = ["run", "--jit-sync", "--jit-threshold=1", "--jit-code-limit=16k", "--jit-stats"];
    let out = mvm(&[&stats[..], &[file]].concat());
    assert_eq!((out.status, &out.out), (0, &plain.out), "{}", out.err);
    assert!(
        out.err.contains(" bytes of memory at once, of 16384; ") && out.err.contains(" had to go "),
        "{}",
        out.err
    );
    let out = mvm(&[&stats[..], &["--json", file]].concat());
    let value: serde_json::Value = serde_json::from_str(&out.err).expect("one object");
    let counts = value["evicted"].as_array().expect("a list").iter().map(|gone| gone["count"].as_u64());
    assert!(counts.flatten().sum::<u64>() >= value["evicted_pieces"].as_u64().expect("a number"), "{value}");
    assert!(
        value["evicted_pieces"].as_u64() > Some(10) && value["memory_most"].as_u64() <= Some(24 << 10),
        "{value}"
    );
    for (limit, what) in [("16k", "used longest ago are interpreted again"), ("64m", "so nothing has to go")]
    {
        let out = mvm(&["jit", "--explain", "--jit-code-limit", limit, file]);
        assert!(out.out.lines().last().is_some_and(|line| line.contains(what)), "{}", out.out);
    }
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

/// Reads numbers and texts from bytes.
#[cfg(target_os = "linux")]
struct Bytes<'b>(&'b [u8]);

#[cfg(target_os = "linux")]
impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at_checked(count).expect("the file has so many bytes");
        self.0 = rest;
        taken
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().expect("four bytes"))
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().expect("eight bytes"))
    }

    fn text(&mut self) -> &'b str {
        let end = self.0.iter().position(|&byte| byte == 0).expect("the text ends");
        std::str::from_utf8(&self.take(end + 1)[..end]).expect("UTF-8")
    }
}

/// Code of `JIT_CODE_LOAD`, with the lines of the `JIT_CODE_DEBUG_INFO` in front of it.
#[cfg(target_os = "linux")]
struct Loaded<'b> {
    name: &'b str,
    code: &'b [u8],
    address: u64,
    lines: Vec<(u64, u32, &'b str)>,
}

#[cfg(target_os = "linux")]
fn jitdump(bytes: &[u8], pid: u32) -> Vec<Loaded<'_>> {
    let mut file = Bytes(bytes);
    assert_eq!(
        (file.u32(), file.u32(), file.u32()),
        (0x4A69_5444, 1, 40),
        "magic, version, size of the header"
    );
    assert_eq!(file.u32(), if cfg!(target_arch = "aarch64") { 183 } else { 62 }, "the machine");
    assert_eq!((file.u32(), file.u32()), (0, pid));
    let (mut before, flags) = (file.u64(), file.u64());
    assert_eq!(flags, 0);
    let (mut loaded, mut lines, mut closed) = (Vec::new(), Vec::new(), false);
    while !file.0.is_empty() {
        assert!(!closed, "nothing is behind the end");
        let (kind, size, time) = (file.u32(), file.u32(), file.u64());
        assert!(time >= before, "the clock goes forward");
        before = time;
        let mut body = Bytes(file.take(size as usize - 16));
        match kind {
            0 => {
                assert_eq!(body.u32(), pid);
                assert!(body.u32() > 0, "a thread");
                let (vma, address, size) = (body.u64(), body.u64(), body.u64() as usize);
                assert_eq!(
                    (vma, body.u64()),
                    (address, loaded.len() as u64),
                    "addresses, and the number of the code"
                );
                let name = body.text();
                loaded.push(Loaded {
                    name,
                    code: body.take(size),
                    address,
                    lines: std::mem::take(&mut lines),
                });
            }
            2 => {
                assert!(lines.is_empty(), "code comes behind its lines");
                let (address, count) = (body.u64(), body.u64());
                for _ in 0..count {
                    let (at, line, discriminator) = (body.u64(), body.u32(), body.u32());
                    assert!(at >= address && discriminator == 0);
                    lines.push((at, line, body.text()));
                }
            }
            3 => closed = true,
            other => panic!("a record of kind {other}"),
        }
        assert!(body.0.is_empty(), "a record of kind {kind} has {} bytes more", body.0.len());
    }
    assert!(closed, "the file ends with its end");
    loaded
}

#[cfg(target_os = "linux")]
#[test]
fn a_profiler_is_given_code_and_lines() {
    let scratch = crate::tool::Scratch::new("jitdump");
    let dump = format!("--jit-dump={}", scratch.path("."));
    let child = command(&["run", "--jit", "--jit-threshold=0", &dump, PROGRAM])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    assert!(child.wait_with_output().unwrap().status.success());
    let bytes = std::fs::read(scratch.path(&format!("jit-{pid}.dump"))).unwrap();
    let loaded = jitdump(&bytes, pid);
    let names: Vec<&str> = loaded.iter().map(|code| code.name).collect();
    for name in ["main", "main (middle)", "main (entry)", "escape", "escape (middle)"] {
        assert_eq!(names.iter().filter(|&&other| other == name).count(), 1, "{name}: {names:?}");
    }
    for code in &loaded {
        assert!(code.code.len() > 10 && code.code.iter().any(|&byte| byte != 0), "{}", code.name);
        let inside = |&(at, ..): &(u64, u32, &str)| {
            (code.address..code.address + code.code.len() as u64).contains(&at)
        };
        assert!(code.lines.iter().all(inside), "{}: {:?}", code.name, code.lines);
        assert!(code.lines.is_sorted_by_key(|line| line.0), "{}", code.name);
        assert_eq!(
            code.lines.is_empty(),
            code.name.ends_with("(entry)") || code.name.ends_with("(reference)"),
            "{}",
            code.name
        );
    }
    let escape = loaded.iter().find(|code| code.name == "escape").expect("its name is there");
    let file = std::fs::canonicalize(PROGRAM).unwrap();
    assert!(escape.lines.iter().all(|line| std::path::Path::new(line.2) == file), "{:?}", escape.lines);
    let numbers: std::collections::BTreeSet<u32> = escape.lines.iter().map(|line| line.1).collect();
    assert!((51..=60).filter(|line| numbers.contains(line)).count() >= 6, "lines of the loop: {numbers:?}");
    let out = mvm(&["run", "--jit-dump=/nowhere", PROGRAM]);
    assert!(out.status > 0 && out.err.contains("cannot make `jit-PID.dump` in `/nowhere`"), "{}", out.err);
}
