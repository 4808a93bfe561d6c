//! The arguments of every command. Help, completions, man pages and docs/CLI.md come from the texts in here.

mod gc;
mod native;
mod optimise;
mod test;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use mvm_isa::{Right, Rights};
use mvm_kernel::PolicyChoice;

pub use gc::{GcArgs, GcChoice, MemoryCheck};
pub use native::NativeArgs;
pub use optimise::OptimiseArgs;
pub use test::TestArgs;
pub use tools::{DocArgs, NewArgs, ReplArgs};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_STATUSES: &str = "\
Exit statuses:
  0    done; for `run`, `stats`, `heap` and `debug`: what the program says (the low 8 bits)
  1    an exception was not caught (its trap or class, message and backtrace are on standard error)
  2    wrong usage, or a source or module in error; `fmt --check`: a file is not formatted
  3    a limit (reductions) ended the run
  4    the host failed: a file cannot be read, a disk is full
  141  the reader of standard output went away (quietly, like a program that SIGPIPE ends)";

/// MVM: a whole small computer in one program
#[derive(Debug, Parser)]
#[command(
    name = "mvm",
    version,
    styles = STYLES,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = EXIT_STATUSES,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a program
    Run(RunArgs),
    /// Make a folder with a small program in Myna
    New(NewArgs),
    /// Evaluate Myna as it is typed
    Repl(ReplArgs),
    /// Assemble and link a program and everything it imports into one module file
    Build(BuildArgs),
    /// Assemble one source file into a module file, without linking
    Asm(AsmArgs),
    /// Show a module as assembly text that assembles back to the same bytes
    Dis(DisArgs),
    /// Show what becomes of functions in native code, and why
    Jit(JitArgs),
    /// Report everything that is wrong with sources or modules, and run nothing
    Check(CheckArgs),
    /// Run the tests in Myna sources, each in a machine of its own
    Test(TestArgs),
    /// Show or write the documentation of Myna sources and of the library
    Doc(DocArgs),
    /// Format assembly text or Myna
    Fmt(FmtArgs),
    /// Explain a command, an instruction, a trap or a syscall
    Help(HelpArgs),
    /// Explain an error code
    Explain(ExplainArgs),
    /// Run a program and count the instructions, pairs and triples that it executes
    Stats(StatsArgs),
    /// Run a program to a moment and show what is on its heap, and why
    Heap(HeapArgs),
    /// Run programs and write down everything that comes from outside
    Record(RecordArgs),
    /// Run what was recorded again, exactly
    Replay(ReplayArgs),
    /// Run a program under several scheduling policies and compare them
    Sched(SchedArgs),
    /// Run a program under the debugger
    Debug(DebugArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  mvm completions bash > ~/.local/share/bash-completion/completions/mvm"
    )]
    Completions(CompletionsArgs),
    /// Write the man pages into a directory
    Man(ManArgs),
}

/// Where a program and its libraries are.
#[derive(Debug, Args)]
pub struct ProgramArgs {
    /// The program: assembly text or a module file, told apart by content; `-` reads standard input
    #[arg(value_name = "PROGRAM", value_hint = ValueHint::FilePath)]
    pub program: PathBuf,

    /// Look for imported modules in this directory too, after that of the program and before the standard library
    #[arg(short = 'L', long = "library", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub libraries: Vec<PathBuf>,

    /// What is made faster.
    #[command(flatten)]
    pub optimise: OptimiseArgs,
}

/// What a program gets from the host, and what it may use.
#[derive(Debug, Args)]
pub struct MachineArgs {
    /// Let the program see this environment variable, with the value given or the one it has here
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = env_pair)]
    pub env: Vec<(String, Option<String>)>,

    /// End the run after so many reductions (about one each 64 instructions; suffixes k, m, g)
    #[arg(long, value_name = "COUNT", value_parser = count, allow_negative_numbers = true)]
    pub limit_reductions: Option<u64>,

    /// Bytes of live objects the program may have (suffixes k, m, g); judged each time an eighth of it has been allocated, at
    /// least 64k, so it may be passed by as much: 100k may become 164k
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "1g", allow_negative_numbers = true)]
    pub limit_heap: u64,

    /// Bytes of stack the program may use (suffixes k, m, g); 8k are always there
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64m", allow_negative_numbers = true)]
    pub limit_stack: u64,

    /// Send a terminal everything the program writes, also what is shown like \u{1b} otherwise: all control
    /// characters but line ends, tabs, backspace, colors and cursor movement
    #[arg(long)]
    pub raw_terminal: bool,

    /// Processes, cores and time
    #[command(flatten)]
    pub kernel: KernelArgs,

    /// How the heap is collected
    #[command(flatten)]
    pub gc: GcArgs,

    /// Find memory errors: show where a block was made and freed when it is used after `free`, freed twice or accessed
    /// outside its bytes, even if the program catches the trap; with `leaks`, also blocks that were never freed
    #[arg(help_heading = "Memory", long, value_name = "WHAT", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "errors")]
    pub check_memory: Option<MemoryCheck>,

    /// Arguments for the program
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<OsString>,
}

/// The kernel.
#[derive(Debug, Args)]
pub struct KernelArgs {
    /// Virtual cores, on which processes run side by side: 1 to 64. What a program does depends on it
    #[arg(help_heading = "Processes", long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=64), default_value = "1",
          allow_negative_numbers = true)]
    pub cores: u32,

    /// Threads of this host that execute the cores; without it, as many as there are cores and processors. What a program
    /// does never depends on it
    #[arg(help_heading = "Processes", long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=64), allow_negative_numbers = true)]
    pub threads: Option<u32>,

    /// Which process runs next: fair, rr, priority, mlfq, lottery or edf, with numbers like rr:1000 (`mvm help sched`)
    #[arg(help_heading = "Processes", long, value_name = "POLICY", value_parser = PolicyChoice::parse, default_value = "fair")]
    pub sched: PolicyChoice,

    /// What random numbers follow from
    #[arg(
        help_heading = "Processes",
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub seed: u64,

    /// `host`: the clock of the host, and sleeping takes time; `virtual`: a reduction is a nanosecond, and when all processes wait, the
    /// clock jumps to the next timer. Without it, `host` for `run` and `virtual` for everything else
    #[arg(help_heading = "Processes", long, value_name = "CLOCK", value_enum)]
    pub time: Option<TimeChoice>,

    /// What the program may do, separated by commas: output, input, clock, random, spawn, names, control; all or none
    #[arg(help_heading = "Processes", long, value_name = "RIGHTS", value_parser = rights, default_value = "all")]
    pub allow: Rights,

    /// Show all processes when the run ends (with SIGUSR1: now)
    #[arg(help_heading = "Processes", long)]
    pub ps_on_exit: bool,
}

/// Clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the option's help says what they are")]
pub enum TimeChoice {
    Host,
    Virtual,
}

impl MachineArgs {
    /// Limit and collector of the heap.
    pub fn heap_options(&self) -> mvm_heap::Options {
        mvm_heap::Options {
            limit_words: self.limit_heap.div_ceil(8),
            gc: match self.gc.collector {
                GcChoice::Generational => mvm_heap::Gc::Generational,
                GcChoice::Compact => mvm_heap::Gc::Compact,
                GcChoice::Copying => mvm_heap::Gc::Copying,
            },
            young_words: usize::try_from(self.gc.young.unwrap_or(0) / 8).unwrap_or(usize::MAX),
            external_bytes: self
                .gc
                .external
                .map_or(u32::MAX, |bytes| u32::try_from(bytes).unwrap_or(u32::MAX)),
            stress: self.gc.stress,
            check: self.gc.check,
        }
    }
}

/// A program, and the name that it is given.
fn named_program(text: &str) -> Result<(Option<String>, PathBuf), String> {
    match text.split_once('=') {
        Some(("", _) | (_, "")) => Err("a name and a program stand around `=`".into()),
        // A path may have a `=` of its own.
        Some((name, path)) if !name.contains(['/', '\\']) => Ok((Some(name.into()), path.into())),
        _ => Ok((None, text.into())),
    }
}

/// A set of rights by name.
fn rights(text: &str) -> Result<Rights, String> {
    let mut rights = Rights::NONE;
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match (name, Right::ALL.iter().find(|right| right.name() == name)) {
            ("all", _) => rights = Rights::ALL,
            ("none", _) => {}
            (_, Some(&right)) => rights = rights.with(right),
            (_, None) => {
                let names: Vec<&str> = Right::ALL.iter().map(|right| right.name()).collect();
                return Err(format!(
                    "there is no right `{name}`; there are {}, all and none",
                    names.join(", ")
                ));
            }
        }
    }
    Ok(rights)
}

/// `mvm run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mvm run hello.masm
  mvm run count.masm -- alpha beta < input.txt
  mvm run --limit-reductions 10m --limit-heap 64m --allow output untrusted.mvm
  mvm run --cores 4 mapreduce.masm < book.txt
  mvm run server.masm client.masm        # side by side; each line says whose it is
  mvm run --with worker.masm main.masm   # main starts it: sys pid, spawn_program(\"worker\", arguments, options)
  mvm run --save half.snap --save-round 500 long.masm && mvm run --resume half.snap long.masm
  printf 'func main() {\\n sys print(\"hi\\\\n\")\\n ret\\n}' | mvm run -")]
pub struct RunArgs {
    /// The program: assembly text or a module file, told apart by content; `-` reads standard input. Several run side by side
    /// and find each other by names
    #[arg(value_name = "PROGRAM", value_hint = ValueHint::FilePath, required_unless_present = "init")]
    pub programs: Vec<PathBuf>,

    /// Look for imported modules in this directory too, after that of the program and before the standard library
    #[arg(short = 'L', long = "library", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub libraries: Vec<PathBuf>,

    /// Load and verify this program too, but do not start it: the others do, with `sys spawn_program` and its name, which is that of the
    /// file unless another one is given
    #[arg(long = "with", value_name = "[NAME=]PROGRAM", value_parser = named_program, conflicts_with = "init")]
    pub with: Vec<(Option<String>, PathBuf)>,

    /// Run the programs of this file side by side: one a line, with options --name, --allow, --env, --limit-heap, --limit-stack, --load
    /// (loaded like --with, and not started) and arguments behind `--`; `#` begins a comment
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "programs")]
    pub init: Option<PathBuf>,

    /// What is made faster.
    #[command(flatten)]
    pub optimise: OptimiseArgs,

    /// Whether native code is made.
    #[command(flatten)]
    pub native: NativeArgs,

    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,

    /// With --jit-stats: write them as JSON, one object a line for each program
    #[arg(long, requires = "jit_stats")]
    pub json: bool,

    /// Run again each time a file of the program changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["init", "save", "resume"])]
    pub watch: bool,

    /// Write each instruction and the registers it changed to standard error
    #[arg(long)]
    pub trace: bool,

    /// Stop between two rounds and write the whole machine into this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "trace")]
    pub save: Option<PathBuf>,

    /// With --save: when so many rounds have begun
    #[arg(long, value_name = "COUNT", value_parser = count, default_value = "1", allow_negative_numbers = true)]
    pub save_round: u64,

    /// Go on from what --save has written, with the same programs and options
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub resume: Option<PathBuf>,
}

/// A line of the file that `mvm run --init` reads.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
pub struct ProgramLine {
    /// The program.
    pub program: PathBuf,
    /// What its lines of output begin with.
    #[arg(long)]
    pub name: Option<String>,
    /// What it may do.
    #[arg(long, value_parser = rights, default_value = "all")]
    pub allow: Rights,
    /// Environment variables.
    #[arg(long = "env", value_parser = env_pair)]
    pub env: Vec<(String, Option<String>)>,
    /// Bytes of live objects of each of its processes.
    #[arg(long, value_parser = bytes)]
    pub limit_heap: Option<u64>,
    /// Bytes of stack of each of its processes.
    #[arg(long, value_parser = bytes)]
    pub limit_stack: Option<u64>,
    /// It is loaded, and started by others.
    #[arg(long)]
    pub load: bool,
    /// Its arguments.
    #[arg(last = true)]
    pub arguments: Vec<String>,
}

/// `mvm build`.
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The program.
    #[command(flatten)]
    pub program: ProgramArgs,

    /// Write the module here instead of next to the program; `-` writes to standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `mvm asm`.
#[derive(Debug, Args)]
pub struct AsmArgs {
    /// Assembly text; `-` reads standard input
    #[arg(value_name = "SOURCE", value_hint = ValueHint::FilePath)]
    pub source: PathBuf,

    /// Write the module here instead of next to the source; `-` writes to standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// What is made faster.
    #[command(flatten)]
    pub optimise: OptimiseArgs,

    /// Print the registers of each function with their types, and each instruction as it was understood, with the
    /// rules of the verifier that judged it
    #[arg(long)]
    pub explain: bool,
}

/// `mvm dis`.
#[derive(Debug, Args)]
pub struct DisArgs {
    /// A module file or assembly text; `-` reads standard input
    #[arg(value_name = "MODULE", value_hint = ValueHint::FilePath)]
    pub module: PathBuf,

    /// Show only this function
    #[arg(short, long, value_name = "NAME")]
    pub function: Option<String>,

    /// Write pc and words of each instruction behind it
    #[arg(short, long)]
    pub listing: bool,

    /// What is made faster.
    #[command(flatten)]
    pub optimise: OptimiseArgs,

    /// Show what each pass of the optimiser does: for each function that changes, the lines that went and came, pass by pass
    #[arg(long)]
    pub diff: bool,

    /// Leave out source positions and variables (the text then no longer gives the same bytes)
    #[arg(long)]
    pub no_debug: bool,
}

/// `mvm jit`.
#[derive(Debug, Args)]
pub struct JitArgs {
    /// The program and what it imports.
    #[command(flatten)]
    pub program: ProgramArgs,

    /// Show this function: lines of the source, instructions and what becomes of them, machine code. Without it, list all functions
    #[arg(short, long, value_name = "NAME")]
    pub function: Option<String>,

    /// Say why functions have no native code, and which checks stay in their loops and why
    #[arg(long)]
    pub explain: bool,

    /// With --explain: whether all of it is less than so many bytes, or functions have to go (suffixes k, m, g)
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64m", allow_negative_numbers = true)]
    pub jit_code_limit: u64,

    /// Show the version that is entered in the middle, at loops and behind syscalls
    #[arg(long, requires = "function")]
    pub middle: bool,

    /// Show the compiler's intermediate code too
    #[arg(long, requires = "function")]
    pub ir: bool,
}

/// `mvm check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Assembly text, Myna (.myna) or modules; `-` reads standard input
    #[arg(value_name = "FILES", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Look for imported modules in this directory too
    #[arg(short = 'L', long = "library", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub libraries: Vec<PathBuf>,

    /// Write the diagnostics to standard output as JSON, one object a line
    #[arg(long)]
    pub json: bool,

    /// List which rights the programs can ask for, with the syscalls that need them and where they stand first
    #[arg(long)]
    pub rights: bool,
}

/// `mvm fmt`.
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Assembly text, or Myna if the name ends with .myna; `-` reads standard input
    #[arg(value_name = "FILES", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Change nothing; name the files that are not formatted and exit with status 2 if there are any
    #[arg(long, conflicts_with = "write")]
    pub check: bool,

    /// Write the result back to the files instead of to standard output
    #[arg(short, long)]
    pub write: bool,

    /// Take everything for Myna, whatever its name is
    #[arg(long)]
    pub myna: bool,
}

/// `mvm help`.
#[derive(Debug, Args)]
pub struct HelpArgs {
    /// A command, an instruction or its bare verb (`add_i64`, `add`), a trap, a syscall; without it: how to use mvm
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
}

/// `mvm explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// An error code as the messages show it, for example E0101 or S1; without it: a list of all codes
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `mvm stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// The program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,

    /// Rows of each table
    #[arg(long, value_name = "ROWS", value_parser = rows, default_value = "20", allow_negative_numbers = true)]
    pub top: usize,

    /// Write the counts as JSON
    #[arg(long)]
    pub json: bool,

    /// Write the counts here instead of to standard error
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `mvm heap`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is shown is the heap at one moment:
  - with --at, in front of the first instruction that needs more than so many reductions. The same in every run of the
    program with the same input. What no variable will be read for any more counts as garbage, as the collector sees it.
  - without it, at the end: where main returns, where a syscall exits, where an exception was not caught or a limit was
    reached. At its end main reads none of its variables any more; so that there is something to see, they keep what they
    refer to until main returns.

Each process has a heap of its own. The one that is shown is that of the process that ran last; at the end of the program that is the
first one, unless it was killed while others ran. --process NUMBER shows another one that is there at that moment.

`@12` is the object whose header is word 12 of the heap; a collection may move it. Bytes are those of the object with its
header. Retained is what would go with it: the object and everything that is alive only because of it. Garbage is what
the collector has not taken away yet; another --gc may show another amount, and the same live objects.

Examples:
  mvm heap leak.masm                     # everything
  mvm heap --class Page leak.masm        # the objects of a class that keep most alive, and the way to the first
  mvm heap --path @1234 leak.masm        # why is it still alive?
  mvm heap --at 10k --svg heap.svg --gc compact leak.masm
  mvm heap --json -o heap.json leak.masm -- alpha beta < input.txt")]
pub struct HeapArgs {
    /// The program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,

    /// Stop when the next step would use more than so many reductions (suffixes k, m, g), and show that moment
    #[arg(long, value_name = "REDUCTIONS", value_parser = count, allow_negative_numbers = true)]
    pub at: Option<u64>,

    /// Show the heap of this process; without it, of the one that ran last
    #[arg(long, value_name = "NUMBER", value_parser = count, allow_negative_numbers = true)]
    pub process: Option<u64>,

    /// Show the end of the program: this is what happens without --at
    #[arg(long, conflicts_with = "at")]
    pub on_exit: bool,

    /// Show only the objects of this class: those that keep most alive, and the way to the first
    #[arg(long, value_name = "NAME")]
    pub class: Option<String>,

    /// Show only the shortest way from a root to this object (`1234` or `@1234`), or to the one of this class that keeps
    /// most alive
    #[arg(long, value_name = "INDEX|CLASS", conflicts_with = "class")]
    pub path: Option<String>,

    /// Rows of each table
    #[arg(long, value_name = "ROWS", value_parser = rows, default_value = "20", allow_negative_numbers = true)]
    pub top: usize,

    /// Show only the map: the heap as it is, and after a full collection
    #[arg(long, conflicts_with_all = ["class", "path"])]
    pub map: bool,

    /// Leave out the map
    #[arg(long, conflicts_with = "map")]
    pub no_map: bool,

    /// Draw the map into this file, colored by class
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub svg: Option<PathBuf>,

    /// Write everything as JSON (docs/MEMORY.md explains the fields)
    #[arg(long)]
    pub json: bool,

    /// Write the report here instead of to standard error; `-` writes to standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `mvm record`.
#[derive(Debug, Args)]
#[command(after_help = "\
The record has the linked programs, how the machine was set up, and everything that came from outside: input, the clock, signals.
`mvm replay` needs nothing else.

Examples:
  mvm record -o run.rec chat.masm
  mvm replay run.rec")]
pub struct RecordArgs {
    /// The programs
    #[arg(value_name = "PROGRAM", value_hint = ValueHint::FilePath, required = true)]
    pub programs: Vec<PathBuf>,

    /// Look for imported modules in this directory too, after that of the program and before the standard library
    #[arg(short = 'L', long = "library", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub libraries: Vec<PathBuf>,

    /// Load and verify this program too, but do not start it: the others do, with `sys spawn_program` and its name, which is that of the
    /// file unless another one is given
    #[arg(long = "with", value_name = "[NAME=]PROGRAM", value_parser = named_program)]
    pub with: Vec<(Option<String>, PathBuf)>,

    /// What is made faster.
    #[command(flatten)]
    pub optimise: OptimiseArgs,

    /// Whether native code is made.
    #[command(flatten)]
    pub native: NativeArgs,

    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,

    /// Write the record into this file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
}

/// `mvm replay`.
#[derive(Debug, Args)]
#[command(after_help = "\
The run does what it did when it was recorded, and its output is shown. When it does something else, because the program or mvm is another
one, the first difference is reported and the exit status is 2. Only --threads, --raw-terminal, --ps-on-exit and the options of the
memory manager mean something here; everything else is in the record.")]
pub struct ReplayArgs {
    /// What `mvm record` has written
    #[arg(value_name = "RECORD", value_hint = ValueHint::FilePath)]
    pub record: PathBuf,

    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,
}

/// `mvm sched`.
#[derive(Debug, Args)]
#[command(after_help = "\
What the program writes is not shown; each run reads the same input. Times are those of the machine's clock, on which a
reduction is a nanosecond, so they are the same in every run.

Columns:
  end           when the run was over
  turnaround    from the start of a process to its end, on average; longest: the longest of them
  waiting       time in which a process could run and did not, on average
  response      from the start of a process until it ran, on average
  longest wait  the longest time from when a process could run until it did
  fairness      Jain's index of how much of the time in which it could run each process ran: 1 is fair
  switches      how often a core went from one process to another

Policies (NUMBERS may follow the name: rr:1000, lottery:7,2000, mlfq:boost=50000):
  fair[:slice]              least time used so far, weighted by priority; who was woken goes first for half of the time
  rr[:slice]                round robin
  priority[:slice,ageing]   the highest priority; one more for each `ageing` nanoseconds of waiting
  mlfq[:slice,boost]        multi-level feedback queue; all go up again each `boost` nanoseconds
  lottery[:seed,slice]      drawn at random; as many tickets as the priority and one
  edf[:slice]               earliest deadline first

Examples:
  mvm sched philosophers.masm
  mvm sched --policy rr:500,rr:8000,fair --svg chart.svg philosophers.masm
  mvm sched --policy mlfq --trace trace.json philosophers.masm    # for ui.perfetto.dev")]
pub struct SchedArgs {
    /// The program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,

    /// The policies, separated by commas that are not between numbers, or given several times; without it, all
    #[arg(long = "policy", value_name = "POLICIES", value_parser = policies)]
    pub policy_lists: Vec<PolicyList>,

    /// Draw the charts into this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub svg: Option<PathBuf>,

    /// Write what happened into this file as trace events, which ui.perfetto.dev and chrome://tracing show
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,

    /// Write the numbers as JSON
    #[arg(long)]
    pub json: bool,

    /// Leave out the charts
    #[arg(long)]
    pub no_chart: bool,
}

/// Several policies.
#[derive(Debug, Clone)]
pub struct PolicyList(pub Vec<PolicyChoice>);

/// Whether a part of a list of policies is a number of the one before it, maybe with its name in front.
fn is_number(part: &str) -> bool {
    let named = part.split_once('=').is_some_and(|(name, _)| !name.contains(':'));
    named || part.starts_with(|c: char| c.is_ascii_digit())
}

/// Policies separated by commas; numbers belong to the policy before them.
fn policies(text: &str) -> Result<PolicyList, String> {
    let mut parts: Vec<String> = Vec::new();
    for part in text.split(',') {
        match parts.last_mut() {
            Some(last) if is_number(part) && last.contains(':') => {
                last.push(',');
                last.push_str(part);
            }
            _ => parts.push(part.into()),
        }
    }
    parts.iter().map(|part| PolicyChoice::parse(part.trim())).collect::<Result<_, _>>().map(PolicyList)
}

/// `mvm debug`.
#[derive(Debug, Args)]
#[command(
    after_help = "What is shown is the process that ran last. A breakpoint stops whichever process comes to it, and while one is stepped through, \
                  others have their turns as always: a step may end in another process.\n\n\
                  Commands are read from standard input, so they can come from a file. `help` lists them. With the \
                  program rlwrap (`rlwrap mvm debug ...`) arrow keys bring earlier ones back."
)]
pub struct DebugArgs {
    /// The program.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Its surroundings.
    #[command(flatten)]
    pub machine: MachineArgs,

    /// What the program reads as its standard input; without it, it reads from the terminal that the commands come from,
    /// or nothing
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,

    /// Do this command first (may be repeated)
    #[arg(short = 'x', long = "execute", value_name = "COMMAND")]
    pub execute: Vec<String>,
}

/// `mvm completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Shells there are completions for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names say it all, and clap would show texts as help")]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

/// `mvm man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The directory, which must exist
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
}

/// `NAME` or `NAME=VALUE`.
fn env_pair(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (text, None),
    };
    if name.is_empty() { Err("the name is empty".into()) } else { Ok((name.to_string(), value)) }
}

/// A number of bytes; `k`, `m` and `g` are powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    number(text, 1024)
}

/// A count; `k`, `m` and `g` are powers of 1000.
fn count(text: &str) -> Result<u64, String> {
    number(text, 1000)
}

fn number(text: &str, thousand: u64) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => Some(1),
        "k" => Some(thousand),
        "m" => Some(thousand.pow(2)),
        "g" => Some(thousand.pow(3)),
        _ => None,
    };
    let digits = digits.replace('_', "");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match factor.filter(|_| is_number) {
        Some(factor) => digits
            .parse::<u64>()
            .ok()
            .and_then(|value| value.checked_mul(factor))
            .ok_or_else(|| "the number does not fit 64 bits".into()),
        None => Err("a number is expected, with k, m or g after it if you like: 4096, 64k, 1g".into()),
    }
}

/// A number of rows.
fn rows(text: &str) -> Result<usize, String> {
    Ok(usize::try_from(count(text)?).unwrap_or(usize::MAX))
}

/// Adds advice to an error that clap itself has none for.
pub(crate) fn advise(mut error: clap::Error) -> clap::Error {
    let unknown = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(text))) if !text.starts_with('-') => text,
        _ => return error,
    };
    let tip = format!("arguments for the program stand behind `--`: -- {unknown}");
    let takes_more = |error: &clap::Error| error.to_string().contains("[-- <ARGUMENTS>...]");
    if takes_more(&error) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(bytes("64k"), Ok(65_536));
        assert_eq!(bytes("1G"), Ok(1 << 30));
        assert_eq!(count("10m"), Ok(10_000_000));
        assert_eq!(count("1_000"), Ok(1_000));
        assert!(bytes("99999999999g").is_err());
        assert!(bytes("k").is_err());
        assert!(bytes("1.5k").is_err());
        assert!(bytes("-1").is_err());
        assert!(bytes("99999999999999999999").is_err_and(|why| why.contains("64 bits")));
    }
}
