//! Hostile programs (`tests/hostile`): what their comments say, and how they run beside a program that means no harm.
//!
//! Comments: `; options: ...` is a run with these options (several for several runs); `;> TEXT` is a line of output, in order;
//! `; trap: TEXT` is part of what is said at the end; `; many processes` says that what counts is the bound of all
//! processes together.
//!
//! Beside them runs [`SIBLING`]: it asks a process of its own a question each millisecond, and notes the longest time that an answer
//! took. Time is virtual, so that is a property of the machine, not of the host.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mvm_exec::{Executor, ProcessLimits};
use mvm_heap::Options as HeapOptions;
use mvm_kernel::{CorePart, Environment, Exit, Host, Machine, Pid, PolicyChoice, Program, Settings, Stream};
use mvm_pool::Pool;

use crate::golden::root;
use crate::linked;

/// Nanoseconds in which the sibling has to be answered.
pub const ANSWER_MAX: u64 = 50_000_000;
/// Reductions of a run: an attack that goes on for longer has not been stopped.
const REDUCTIONS_MAX: u64 = 50_000_000_000;

/// Asks a process of its own each millisecond until the first process of the first program has ended, and then writes how long the
/// longest answer took, and how many there were.
const SIBLING: &str = "\
func main() {
    .local  longest: i64
    .local  count: i64
    sys     monitor(1, \"ended\")
    fref    f, answers
    sys     pid, spawn(f)
    sys     before, now()
again:
    sys     r, reply_new(pid)
    box     question, r
    sys     send(pid, question)
    sys     (_answer, status), reply_wait(r, -1)
    bne     status, 1, wrong
    sys     after, now()
    sub     took, after, before
    max     longest, longest, took
    add     count, count, 1
    add     before, after, 1_000_000        ; when it wants to ask again
    sys     m, receive(1)
    bnull   m, again
    sys     print_int(longest)
    sys     print_int(count)
wrong:
    ret
}

func answers() {
    .local  r: i64
again:
    sys     m, receive(-1)
    unbox   r, m
    sys     reply(r, m)
    jmp     again
}
";

/// What the comments of a program say.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Options of each run.
    pub options: Vec<Vec<String>>,
    /// Lines that it writes.
    pub output: Vec<String>,
    /// Part of what is said when an exception ends it.
    pub trap: Option<String>,
    /// There are many processes: what counts is the bound of all together.
    pub many: bool,
}

impl Verdict {
    /// Reads them.
    pub fn of(text: &str) -> Verdict {
        let after = |mark: &str| -> Vec<String> {
            text.lines().filter_map(|line| Some(line.split_once(mark)?.1.trim().to_string())).collect()
        };
        let mut options: Vec<Vec<String>> = after("; options:")
            .iter()
            .map(|line| line.split_whitespace().map(String::from).collect())
            .collect();
        if options.is_empty() {
            options.push(Vec::new());
        }
        Verdict {
            options,
            output: after(";>"),
            trap: after("; trap:").pop(),
            many: text.contains("; many processes"),
        }
    }

    /// Bytes of the host's memory that a run with these options may take.
    pub fn memory_max(&self, options: &[String]) -> u64 {
        let limit = limit(options);
        // All together may hold twice the limit and 64 MiB.
        if self.many { 2 * limit / 4 * 5 + (96 << 20) } else { limit / 4 * 5 + (16 << 20) }
    }
}

/// All hostile programs, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn programs() -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(root().join("tests/hostile"))?;
    let mut programs = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    programs.sort();
    Ok(programs)
}

/// What stands behind an option.
fn value<'o>(options: &'o [String], name: &str) -> Option<&'o str> {
    let at = options.iter().position(|option| option == name)?;
    options.get(at + 1).map(String::as_str)
}

/// The bytes behind an option, as in `64m`.
fn size(options: &[String], name: &str) -> Option<u64> {
    let number = value(options, name)?;
    let digits = number.trim_end_matches(['k', 'm', 'g']);
    let shift = match &number[digits.len()..] {
        "" => 0,
        "k" => 10,
        "m" => 20,
        _ => 30,
    };
    Some(digits.parse::<u64>().ok()? << shift)
}

/// The limits of heap and stack together.
pub fn limit(options: &[String]) -> u64 {
    size(options, "--limit-heap").unwrap_or(1 << 30) + size(options, "--limit-stack").unwrap_or(0)
}

/// How a program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Who executes it.
    pub executor: Executor,
    /// Virtual cores, of which a second thread of the host runs some when there are several.
    pub cores: u32,
}

/// The ways in which each program is run.
pub const WAYS: [Way; 2] =
    [Way { executor: Executor::Tail, cores: 1 }, Way { executor: Executor::Native, cores: 2 }];

/// What is seen of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Lines that the attacker wrote.
    pub lines: Vec<String>,
    /// What is said of its end, if an exception ended it.
    pub trap: Option<String>,
    /// The exit of both programs together.
    pub exit: Exit,
    /// The longest that the sibling waited for an answer, in nanoseconds, and how many answers there were; none when it did not come to
    /// its end.
    pub sibling: Option<(u64, u64)>,
}

/// Keeps what each program writes.
#[derive(Debug, Default)]
struct Desk {
    attacker: Vec<u8>,
    sibling: Vec<String>,
}

impl Host for Desk {
    fn write(&mut self, program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match (program, stream) {
            (0, Stream::Output) => self.attacker.extend_from_slice(bytes),
            (1, Stream::Output) => self.sibling.push(String::from_utf8_lossy(bytes).into_owned()),
            _ => {}
        }
        Ok(())
    }

    fn read_line(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn read(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// Runs a program beside its sibling, as an embedding program would.
///
/// # Errors
/// When it cannot be run at all.
pub fn run(path: &Path, options: &[String], way: Way) -> Result<Seen, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let start = |name: &str, text: &str, limits| {
        let image = linked::image(name, text)?;
        Program::new(&image, Environment::default(), limits).ok_or_else(|| "no function `main`".to_string())
    };
    let default = HeapOptions::default();
    let heap = HeapOptions {
        limit_words: size(options, "--limit-heap").map_or(default.limit_words, |bytes| bytes.div_ceil(8)),
        external_bytes: size(options, "--gc-external").map_or(u32::MAX, |bytes| bytes as u32),
        ..default
    };
    let slots = size(options, "--limit-stack").map(|bytes| (bytes / 8) as usize);
    let stack_slots = slots.unwrap_or(ProcessLimits::default().stack_slots);
    let attacker = start(&name, &text, ProcessLimits { heap, stack_slots })?;
    let small = ProcessLimits {
        heap: HeapOptions { limit_words: 1 << 13, ..HeapOptions::default() },
        stack_slots: 1 << 10,
    };
    let sibling = start("sibling.masm", SIBLING, small)?;
    let policy = value(options, "--sched").map(PolicyChoice::parse).transpose()?;
    let settings = Settings {
        cores: way.cores,
        policy: policy.unwrap_or_default(),
        reductions_max: Some(REDUCTIONS_MAX),
        ..Settings::default()
    };
    let mut machine = Machine::start(vec![attacker, sibling], &settings, Desk::default())
        .ok_or("the host has no memory")?;
    if way.cores > 1 {
        let mut pool = Pool::new(1, CorePart::run);
        machine.set_workers(Box::new(move |parts, here| pool.run(parts, here)));
    }
    let mut trap = None;
    let exit = loop {
        match machine.run(way.executor).map_err(|error| error.to_string())? {
            Exit::Crashed(pid, 0, uncaught) => {
                if pid == Pid::MAIN {
                    let class = machine.image(0).module().type_name(uncaught.class);
                    trap = Some(format!("uncaught `{class}`: {}", uncaught.message));
                }
            }
            Exit::TogetherTooMuch(_) => {}
            exit => break exit,
        }
    };
    let Desk { attacker, sibling } = std::mem::take(&mut machine.host);
    let number = |index: usize| sibling.get(index)?.parse().ok();
    Ok(Seen {
        lines: String::from_utf8_lossy(&attacker).lines().map(String::from).collect(),
        trap,
        exit,
        sibling: number(0).zip(number(1)),
    })
}

/// Whether a run was as it should be.
///
/// # Errors
/// What was not.
pub fn judge(seen: &Seen, verdict: &Verdict) -> Result<(), String> {
    if seen.lines != verdict.output {
        return Err(format!("it wrote {:?}, not {:?}; {:?}", seen.lines, verdict.output, seen.exit));
    }
    let said = |wanted: &String| {
        // A long message is shown shortened by the command line.
        let part = wanted.split(" ... and ").next().unwrap_or(wanted);
        seen.trap.as_ref().is_some_and(|trap| trap.contains(part))
    };
    match (&verdict.trap, &seen.exit) {
        (None, Exit::Status(0)) => {}
        (Some(wanted), Exit::Status(1)) if said(wanted) => {}
        (wanted, exit) => return Err(format!("{exit:?}, {:?}, not {wanted:?}", seen.trap)),
    }
    match seen.sibling {
        None => Err("its sibling did not come to its end".into()),
        Some((longest, _)) if longest > ANSWER_MAX => Err(format!("its sibling waited {longest} ns")),
        Some(_) => Ok(()),
    }
}
