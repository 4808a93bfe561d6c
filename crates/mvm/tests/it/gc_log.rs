//! `--gc-log`: the form of its lines is what docs/MEMORY.md says, the numbers go together, and a log that cannot be written
//! costs the program nothing.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use mvm_heap::{Kind, Reason};
use serde_json::Value;

use crate::tool::{Run, Scratch, command, mvm};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the page on memory says about the log.
fn section() -> String {
    let page = std::fs::read_to_string(root().join("docs/MEMORY.md")).unwrap();
    let (_, section) = page.split_once("### The log of collections\n").unwrap();
    section.split_once("\n## ").unwrap().0.to_string()
}

/// Cells of the first column of all tables of the section that begin with a backquote, without backquotes.
fn documented() -> Vec<String> {
    let section = section();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    let names = cells.flat_map(|(cell, _)| cell.split('`').step_by(2).map(String::from).collect::<Vec<_>>());
    names.filter(|name| !name.is_empty()).collect()
}

/// A line of the text form, in the units of the JSON form; sizes and times are rounded there.
#[derive(Debug)]
struct Line {
    number: u64,
    kind: String,
    how: String,
    reason: String,
    before: f64,
    after: f64,
    moved: f64,
    holes: f64,
    held: f64,
    pause: f64,
}

/// Reads `1.5 KiB` or `16.0 us`, with blanks in front; exactly one digit behind the point of sizes above a kilobyte, one or
/// two of times. None for anything else.
fn quantity(text: &str) -> Option<f64> {
    let (number, unit) = text.trim_start().split_once(' ')?;
    let (factor, digits) = match unit {
        "B" => (1.0, 0),
        "KiB" => (1024.0, 1),
        "MiB" => (1024.0 * 1024.0, 1),
        "us" => (1e3, 1),
        "ms" => (1e6, 2),
        _ => return None,
    };
    let found = number.split_once('.').map_or(0, |(_, behind)| behind.len());
    (found == digits).then_some(number.parse::<f64>().ok()? * factor)
}

/// Takes a line apart by its columns; they stand where they stand in every line.
fn read(line: &str) -> Option<Line> {
    let rest = line.strip_prefix("gc ")?;
    let (number, rest) = rest.split_at_checked(5)?;
    let (kind, rest) = rest.strip_prefix("  ")?.split_at_checked(5)?;
    let (how, rest) = rest.strip_prefix(' ')?.split_at_checked(5)?;
    let (reason, rest) = rest.strip_prefix("  ")?.split_at_checked(15)?;
    let (before, rest) = rest.strip_prefix("  ")?.split_at_checked(10)?;
    let (after, rest) = rest.strip_prefix(" -> ")?.split_at_checked(10)?;
    let (moved, rest) = rest.strip_prefix("  moved ")?.split_at_checked(10)?;
    let (holes, rest) = rest.strip_prefix("  holes ")?.split_at_checked(4)?;
    let (held, rest) = rest.strip_prefix(" %  held ")?.split_at_checked(10)?;
    let pause = rest.strip_prefix("  ")?;
    Some(Line {
        number: number.trim_start().parse().ok()?,
        kind: kind.trim_end().into(),
        how: how.trim_end().into(),
        reason: reason.trim_end().into(),
        before: quantity(before)?,
        after: quantity(after)?,
        moved: quantity(moved)?,
        holes: holes.trim_start().parse().ok()?,
        held: quantity(held)?,
        pause: quantity(pause)?,
    })
}

/// Whether a number of the text form is this one of the JSON form, rounded.
fn rounded(shown: f64, exact: f64) -> bool {
    let unit = match exact {
        _ if exact < 1024.0 => 0.0,
        _ if exact < 1024.0 * 1024.0 => 1024.0,
        _ => 1024.0 * 1024.0,
    };
    (shown - exact).abs() <= unit / 20.0 + 0.5
}

/// Both forms of the log of a run with these arguments.
fn logs(scratch: &Scratch, args: &[&str]) -> (Vec<String>, Vec<Value>) {
    let (text, json) = (scratch.path("log.txt"), scratch.path("log.jsonl"));
    for file in [&text, &json] {
        let mut command = command(&[&["run", &format!("--gc-log={file}")], args].concat());
        let run: Run = command.current_dir(root()).output().unwrap().into();
        assert!(run.err.is_empty(), "{args:?}: {}", run.err);
    }
    let text = std::fs::read_to_string(text).unwrap().lines().map(String::from).collect();
    let json = std::fs::read_to_string(json).unwrap();
    (text, json.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Programs and options that together give collections of every kind.
const RUNS: &[&[&str]] = &[
    &["--gc-young=8k", "examples/leak.masm"],
    &["--gc=compact", "tests/hostile/wide_shared.masm"],
    &["--gc=copying", "examples/leak.masm"],
    &["--gc-young=64k", "--limit-heap=64m", "tests/hostile/fragmentation.masm"],
    &["--gc-external=64", "--limit-heap=64m", "tests/hostile/strings_at_limit.masm"],
    &["--limit-heap=16m", "tests/hostile/large_messages.masm"],
    &["--gc-stress=7", "examples/leak.masm"],
    &["examples/hello.masm"],
];

#[test]
fn lines_of_the_log_are_as_documented_and_go_together() {
    let scratch = Scratch::new("gc-log");
    let mut seen = Vec::new();
    for args in RUNS {
        let (text, json) = logs(&scratch, args);
        assert_eq!(text.len(), json.len(), "{args:?}");
        let (total, lines) = text.split_last().unwrap();
        let (summary, objects) = json.split_last().unwrap();
        let (mut pauses, mut live, mut held) = (Vec::new(), 0, 0);
        for (index, (text, json)) in lines.iter().zip(objects).enumerate() {
            let line = read(text).unwrap_or_else(|| panic!("{args:?}: not as documented: {text}"));
            let number =
                |key: &str| json[key].as_u64().unwrap_or_else(|| panic!("{args:?}: {key} in {json}"));
            let (before, after, moved) = (number("live_before"), number("live_after"), number("copied"));
            assert_eq!((line.number, number("number")), (index as u64 + 1, index as u64 + 1), "{args:?}");
            assert_eq!(json["kind"], *line.kind, "{args:?}: {text}");
            assert_eq!(json["how"], *line.how, "{args:?}: {text}");
            assert_eq!(json["reason"], *line.reason, "{args:?}: {text}");
            // The same run, so the same numbers; only pauses are others.
            assert!(rounded(line.before, before as f64), "{args:?}: {text}: {json}");
            assert!(rounded(line.after, after as f64), "{args:?}: {text}: {json}");
            assert!(rounded(line.moved, moved as f64), "{args:?}: {text}: {json}");
            assert!(rounded(line.held, number("heap_bytes") as f64), "{args:?}: {text}: {json}");
            let holes = number("holes_before") as f64;
            let part = holes * 100.0 / (holes + before as f64).max(8.0);
            assert!((line.holes - part).abs() <= 0.06, "{args:?}: {text}: {json}");
            assert!(line.pause >= 0.0, "{args:?}: {text}");
            // No collection makes more of anything.
            assert!(after <= before, "{args:?}: {text}");
            assert!(number("promoted") <= moved, "{args:?}: {json}");
            let times = if line.how == "slide" { 2 } else { 1 };
            assert!(moved <= times * before, "{args:?}: {text}");
            assert_eq!(line.kind == "full", line.how != "young", "{args:?}: {text}");
            assert!(line.kind == "young" || number("holes_after") <= 56, "{args:?}: {json}");
            pauses.push(number("pause_ns"));
            if line.kind == "full" {
                live = live.max(after);
            }
            held = held.max(number("heap_bytes"));
            seen.push((line.how, line.reason));
        }
        pauses.sort_unstable();
        let number =
            |key: &str| summary[key].as_u64().unwrap_or_else(|| panic!("{args:?}: {key} in {summary}"));
        let count = |kind: &str| objects.iter().filter(|json| json["kind"] == kind).count() as u64;
        assert_eq!(summary["kind"], "summary", "{args:?}");
        assert_eq!((number("young"), number("full")), (count("young"), count("full")), "{args:?}");
        assert_eq!(number("collections"), objects.len() as u64, "{args:?}");
        assert_eq!(number("pause_ns"), pauses.iter().sum::<u64>(), "{args:?}");
        assert_eq!(number("longest_pause_ns"), pauses.last().copied().unwrap_or(0), "{args:?}");
        let within = pauses.iter().filter(|&&pause| pause <= number("pause_ns_99")).count();
        assert!(within * 100 >= pauses.len() * 99, "{args:?}: {summary}");
        assert!(pauses.is_empty() || pauses.contains(&number("pause_ns_99")), "{args:?}: {summary}");
        assert_eq!(number("peak_live_bytes"), live, "{args:?}");
        assert!(number("peak_heap_bytes") >= held, "{args:?}: {summary}");
        let begin = format!("gc total  {} young, {} full, ", count("young"), count("full"));
        let words: Vec<&str> =
            total.strip_prefix(&begin).unwrap_or_else(|| panic!("{total}")).split(", ").collect();
        let [allocated, all, longest, most] = words[..] else { panic!("{total}") };
        let allocated = quantity(allocated.strip_suffix(" allocated").unwrap()).unwrap();
        assert!(rounded(allocated, number("allocated_bytes") as f64), "{args:?}: {total}: {summary}");
        let all = quantity(all.strip_suffix(" in pauses").unwrap()).unwrap();
        let longest = quantity(longest.strip_prefix("longest ").unwrap()).unwrap();
        let most = quantity(most.strip_prefix("99 % at most ").unwrap()).unwrap();
        assert!(most <= longest && longest <= all * 1.01 + 100.0, "{args:?}: {total}");
        for json in &json {
            for key in json.as_object().unwrap().keys() {
                assert!(documented().contains(key), "`{key}` is not in docs/MEMORY.md");
            }
        }
    }
    for kind in [Kind::Young, Kind::Slide, Kind::Copy] {
        assert!(seen.iter().any(|(how, _)| how == kind.name()), "no run has `{}`", kind.name());
    }
    for reason in [Reason::Full, Reason::OldGrown, Reason::Buffers, Reason::Limit, Reason::Asked] {
        assert!(seen.iter().any(|(_, why)| why == reason.name()), "no run has `{}`", reason.name());
    }
}

#[test]
fn every_kind_and_every_reason_is_documented() {
    // Without `_`: a new one does not compile until it is here.
    let next_kind = |kind| match kind {
        Kind::Young => Some(Kind::Slide),
        Kind::Slide => Some(Kind::Copy),
        Kind::Copy => None,
    };
    let next_reason = |reason| match reason {
        Reason::Full => Some(Reason::OldGrown),
        Reason::OldGrown => Some(Reason::Buffers),
        Reason::Buffers => Some(Reason::Limit),
        Reason::Limit => Some(Reason::Host),
        Reason::Host => Some(Reason::Asked),
        Reason::Asked => None,
    };
    let section = section();
    let (_, how) = section.split_once("| how | ").unwrap();
    let how = how.split_once('\n').unwrap().0;
    for kind in std::iter::successors(Some(Kind::Young), |&kind| next_kind(kind)) {
        assert!(how.contains(&format!("`{}`: ", kind.name())), "`{}` is not in docs/MEMORY.md", kind.name());
    }
    let rows = documented();
    for reason in std::iter::successors(Some(Reason::Full), |&reason| next_reason(reason)) {
        assert!(rows.contains(&reason.name().to_string()), "`{}` is not in docs/MEMORY.md", reason.name());
    }
}

#[test]
fn every_documented_key_is_written() {
    let scratch = Scratch::new("gc-log-keys");
    let (_, json) = logs(&scratch, RUNS[0]);
    let (line, summary) = (json[0].as_object().unwrap(), json.last().unwrap().as_object().unwrap());
    let section = section();
    let (_, keys) = section.split_once("gets the same as JSON").unwrap();
    let rows = keys.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once(" |")?.0));
    let names: Vec<&str> =
        rows.flat_map(|cell| cell.split('`').step_by(2)).filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(line.contains_key(name) || summary.contains_key(name), "there is no key `{name}`");
    }
}

/// The log in docs/MEMORY.md is real but for its times.
#[test]
fn the_page_on_memory_shows_a_real_log() {
    let path = root().join("docs/MEMORY.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let at = page.find("### The log of collections\n").unwrap();
    let at = at + page[at..].find("```sh\nmvm run --gc-log ").unwrap();
    let (before, rest) = page.split_at(at);
    let (line, rest) = rest.split_once("\n```\n\n```text\n").unwrap();
    let (shown, after) = rest.split_once("```\n").unwrap();
    let args: Vec<&str> = line.strip_prefix("```sh\nmvm ").unwrap().split(' ').collect();
    let run: Run = command(&args).current_dir(root()).output().unwrap().into();
    assert_eq!(run.status, 0, "{args:?}: {}", run.err);
    let timeless = |text: &str| -> Vec<String> {
        let cut = |line: &str| match read(line) {
            Some(_) => line.split_at(line.len() - 9).0.to_string(),
            None => line.split(" allocated").next().unwrap_or_default().to_string(),
        };
        text.lines().map(cut).collect()
    };
    if timeless(shown) != timeless(&run.err) && std::env::var_os("BLESS").is_some() {
        let page = format!("{before}{line}\n```\n\n```text\n{}```\n{after}", run.err);
        return std::fs::write(&path, page).unwrap();
    }
    assert_eq!(timeless(shown), timeless(&run.err), "run `BLESS=1 cargo test -p mvm page`");
}

#[test]
fn a_log_that_cannot_be_made_is_an_error_before_the_run() {
    let scratch = Scratch::new("gc-log-made");
    let folder = scratch.path("");
    let missing = scratch.path("missing/log");
    for (file, reason) in [(folder, "is a directory"), (missing, "no such file or directory")] {
        let run =
            mvm(&["run", &format!("--gc-log={file}"), &format!("{}/examples/hello.masm", root().display())]);
        assert_eq!((run.status, &*run.out), (4, ""), "{}", run.err);
        assert_eq!(run.err, format!("error: cannot write the log of collections to `{file}`: {reason}\n"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_log_and_not_the_program() {
    let program = format!("{}/examples/leak.masm", root().display());
    let right = mvm(&["run", &program]);
    let message = "error: cannot write the log of collections to `/dev/full`: no space left on device\n";
    // The small log fails at its end, the long one in the middle of the run.
    for options in [&[][..], &["--gc-stress=1"]] {
        let run = mvm(&[&["run", "--gc-log=/dev/full"], options, &[&program]].concat());
        assert_eq!((run.status, &run.out, &*run.err), (4, &right.out, message), "{options:?}");
    }
    // What the program did is said first.
    let wrong = format!("{}/tests/hostile/double_free.masm", root().display());
    let run = mvm(&["run", "--gc-log=/dev/full", &wrong]);
    assert!(run.err.starts_with("error: uncaught `DoubleFree`") && run.err.ends_with(message), "{}", run.err);
    assert_eq!(run.status, 4);
    // Nobody can be told, but the status can.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["run", "--gc-log", &program]).stderr(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(String::from_utf8_lossy(&output.stdout), right.out);
}

#[test]
fn a_log_that_nobody_reads_ends_quietly() {
    let program = format!("{}/examples/leak.masm", root().display());
    let right = mvm(&["run", &program]);
    for options in [&[][..], &["--gc-stress=1"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(&[&["run", "--gc-log"], options, &[&program]].concat());
        let output = command.stderr(writer).stdout(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{options:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), right.out, "{options:?}");
    }
}

/// What docs/MEMORY.md and `--help` say of the distance of two judgements.
#[test]
fn the_limit_may_be_passed_by_the_distance_of_two_judgements() {
    // 30 KiB of garbage, then objects of 1 KiB that stay.
    let program = "func main() {
    new     kept, [[i64]], 300
    mov     i, 0
garbage:
    new     _a, [i64], 127
    add     i, i, 1
    blt     i, 30, garbage
    mov     i, 0
    try     full, e: OutOfMemory
keep:
    new     a, [i64], 127
    set     kept[i], a
    add     i, i, 1
    jmp     keep
    endtry
full:
    sys     print_int(i)
    ret
}
";
    let reached = |limit: &str, gc: &str| {
        let run = crate::tool::mvm_with(&["run", "--limit-heap", limit, "--gc", gc, "-"], program);
        assert_eq!(run.status, 0, "{}", run.err);
        run.out.parse::<u64>().unwrap()
    };
    for gc in ["generational", "compact", "copying"] {
        let kib = reached("100k", gc);
        assert!((155..=164).contains(&kib), "{gc}: {kib} KiB");
        assert!(reached("8k", gc) <= 8 + 64, "{gc}");
    }
}
