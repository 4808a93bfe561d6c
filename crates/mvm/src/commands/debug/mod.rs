//! `mvm debug`: the debugger in line mode.
//!
//! `command.rs` names the commands, `stop.rs` and `watch.rs` decide when the program stops, `place.rs` turns what was
//! typed into places and values, `show.rs` shows. Here is the state between two commands and what each command does with it.

mod command;
mod place;
mod show;
mod stop;
mod watch;

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;

use mvm_diag::FileId;
use mvm_exec::{FrameInfo, Image};
use mvm_kernel::{Exit, Machine};
use mvm_module::{FuncId, Function};

pub(crate) use self::command::debugger_help;
use self::command::{Command, help, parse};
use self::stop::{Mode, Reason, Stopper, Stops};
use crate::Status;
use crate::args::DebugArgs;
use crate::host::{HostConsole, Input};
use crate::inspect::View;
use crate::machine::{finish, machine, run_to_end};
use crate::output::{Failure, while_waiting};
use crate::program;
use crate::source::{Sources, is_stdin};

/// Calls that are looked at; a deeper stack is shown in part.
const FRAMES_MAX: usize = 100_000;
/// Longest command line.
const COMMAND_BYTES_MAX: usize = 1 << 16;

/// What is said when the program reads from the terminal for the first time.
const READS_HERE: &str = "(the program reads: what you type now is for it; Ctrl-D ends its input)";
/// What is said when there is nothing for it to read.
const READS_NOTHING: &str =
    "(the program reads, but the commands come from standard input: `--input FILE` gives it a file)";

/// Runs the debugger until the person quits or the commands end.
pub(crate) fn run(args: &DebugArgs) -> Result<Status, Failure> {
    if is_stdin(&args.program.program) {
        return Err(Failure::wrong("the program cannot come from standard input: the commands do")
            .help("write it to a file first"));
    }
    let loaded = program::load(&args.program)?;
    // Where that cannot be had, Ctrl-C ends the debugger as it ends other programs.
    let _ = ctrlc::set_handler(stop::interrupt);
    let mut debugger = Debugger::new(args, loaded.image, loaded.sources)?;
    debugger.say("`help` lists the commands\n")?;
    debugger.show_place()?;
    let interactive = io::stdin().is_terminal();
    let mut early = args.execute.iter();
    let mut last = String::new();
    loop {
        let line = match early.next() {
            Some(line) => Some(line.clone()),
            None => {
                if interactive {
                    debugger.say("(mvm) ")?;
                }
                read_command()?
            }
        };
        let Some(line) = line else { break };
        if !line.trim().is_empty() {
            last = line;
        }
        if last.is_empty() {
            continue;
        }
        match parse(&last) {
            Ok((Command::Quit, _)) => break,
            Ok((command, rest)) => {
                if let Err(wrong) = debugger.execute(command, rest)? {
                    debugger.say(&format!("{wrong}\n"))?;
                }
            }
            Err(wrong) => debugger.say(&format!("{wrong}\n"))?,
        }
    }
    debugger.machine.host.flush()?;
    Ok(debugger.status)
}

/// The next line of standard input; none at its end.
fn read_command() -> Result<Option<String>, Failure> {
    let mut bytes = Vec::new();
    let mut input = io::Read::take(io::stdin().lock(), COMMAND_BYTES_MAX as u64);
    while_waiting(|| input.read_until(b'\n', &mut bytes)).map_err(|error| {
        Failure::host(format!("cannot read the commands: {}", crate::output::reason(&error)))
    })?;
    Ok((!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).trim_end().to_string()))
}

/// A program under the debugger.
struct Debugger<'a> {
    args: &'a DebugArgs,
    image: Arc<Image>,
    machine: Machine<HostConsole>,
    sources: Sources,
    stops: Stops,
    /// Number of the next breakpoint, watch or catch.
    next_id: u32,
    /// The program stands in front of an exception that it has stopped for.
    at_exception: bool,
    /// The calls under way, the running one first; read again after each stop.
    frames: Vec<FrameInfo>,
    /// Index of the frame that is looked at.
    frame: usize,
    /// Whether the program is over.
    over: bool,
    /// Exit status of the debugger: that of the program once it is over.
    status: Status,
    /// Line after the last one listed.
    listed: Option<(FileId, u32)>,
}

/// What a command did: nothing more to say, or what was wrong with it.
type Answer = Result<(), String>;

impl<'a> Debugger<'a> {
    fn new(args: &'a DebugArgs, image: Arc<Image>, sources: Sources) -> Result<Debugger<'a>, Failure> {
        let machine = start(args, &image)?;
        let mut debugger = Debugger {
            args,
            image,
            machine,
            sources,
            stops: Stops::default(),
            next_id: 1,
            at_exception: false,
            frames: Vec::new(),
            frame: 0,
            over: false,
            status: Status::OK,
            listed: None,
        };
        debugger.stopped();
        Ok(debugger)
    }

    /// Writes between the output of the program.
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.machine.host.tool_text(text)
    }

    fn view(&self) -> View<'_> {
        View::new(self.machine.process())
    }

    fn function(&self, id: FuncId) -> &Function {
        &self.image.module().functions[id.0 as usize]
    }

    /// Reads the state of a process that has just stopped.
    fn stopped(&mut self) {
        self.frames = self.machine.process().frames(FRAMES_MAX);
        self.frame = 0;
        self.listed = None;
    }

    fn current(&self) -> Result<FrameInfo, String> {
        let over = || "the program is over; `restart` starts it again".to_string();
        self.frames.get(self.frame).copied().ok_or_else(over)
    }

    /// Does a command.
    fn execute(&mut self, command: Command, rest: &str) -> Result<Answer, Failure> {
        match command {
            Command::Step => self.go_times(Mode::Line { over: false }, rest),
            Command::Next => self.go_times(Mode::Line { over: true }, rest),
            Command::StepInstruction => self.go_times(Mode::Instruction { over: false }, rest),
            Command::NextInstruction => self.go_times(Mode::Instruction { over: true }, rest),
            Command::Continue => self.go_times(Mode::Continue, ""),
            Command::Finish => match self.current() {
                Ok(frame) => self.go_times(Mode::Finish { base: frame.base }, ""),
                Err(wrong) => Ok(Err(wrong)),
            },
            Command::Break => self.answer(|debugger| debugger.add_breakpoint(rest)),
            Command::Catch => self.answer(|debugger| debugger.add_catch(rest)),
            Command::Watch => self.answer(|debugger| debugger.add_watch(rest)),
            Command::Breakpoints => self.answer(|debugger| Ok(debugger.breakpoints_text())),
            Command::Delete => self.answer(|debugger| debugger.delete(rest)),
            Command::Print => self.answer(|debugger| debugger.print(rest)),
            Command::Registers => self.answer(|debugger| debugger.registers_text(true)),
            Command::Dump => self.answer(|debugger| debugger.dump(rest)),
            Command::Backtrace => self.answer(|debugger| debugger.backtrace_text(rest)),
            Command::Frame => self.answer(|debugger| debugger.select_frame(rest)),
            Command::Up => self.answer(|debugger| debugger.move_frame(1)),
            Command::Down => self.answer(|debugger| debugger.move_frame(-1)),
            Command::List => self.answer(|debugger| debugger.list(rest)),
            Command::Dis => self.answer(|debugger| debugger.dis(rest)),
            Command::Restart => self.restart(),
            Command::Help => self.answer(|_| help(rest)),
            Command::Quit => Ok(Ok(())),
        }
    }

    /// Says what a command has to say.
    fn answer(
        &mut self,
        command: impl FnOnce(&mut Debugger<'a>) -> Result<String, String>,
    ) -> Result<Answer, Failure> {
        match command(self) {
            Ok(text) => Ok(Ok(self.say(&text)?)),
            Err(wrong) => Ok(Err(wrong)),
        }
    }

    /// Lets the program go on, several times if asked for.
    fn go_times(&mut self, mode: Mode, count: &str) -> Result<Answer, Failure> {
        let count: u64 = match count {
            "" => 1,
            text => match text.parse() {
                Ok(count) => count,
                Err(_) => return Ok(Err(format!("`{text}` is not a count"))),
            },
        };
        if self.over {
            return Ok(Err("the program is over; `restart` starts it again".into()));
        }
        for _ in 0..count {
            if !self.go(mode)? {
                return Ok(Ok(()));
            }
        }
        self.show_place()?;
        Ok(Ok(()))
    }

    /// Lets the program go on once. False when it stopped for another reason than that it went far enough; that
    /// reason has been said then.
    fn go(&mut self, mode: Mode) -> Result<bool, Failure> {
        let pass = std::mem::take(&mut self.at_exception);
        let mut stopper = Stopper::new(self.machine.process(), &self.image, &mut self.stops, mode, pass);
        let result = run_to_end(&mut self.machine, std::slice::from_mut(&mut self.sources), |machine| {
            machine.run_with(&mut stopper)
        });
        let (reason, caught) = (stopper.reason.take(), stopper.caught.take());
        let exit = result?;
        self.stopped();
        if exit != Exit::Break {
            self.ended(&exit)?;
            return Ok(false);
        }
        if let Some(caught) = &caught {
            self.say(&format!("{caught}\n"))?;
        }
        match reason {
            Some(Reason::Stepped) | None => return Ok(true),
            Some(Reason::Finished) if caught.is_some() => {}
            Some(Reason::Finished) => {
                let text = self.returned_text();
                self.say(&text)?;
            }
            Some(Reason::Breakpoint(id)) => self.say(&format!("breakpoint {id}\n"))?,
            Some(Reason::Interrupted) => {
                // Terminals show the key at the place of the cursor.
                let line_end = if io::stdin().is_terminal() { "\n" } else { "" };
                self.say(&format!("{line_end}interrupted\n"))?;
            }
            Some(Reason::Brk) => self.say("`brk` instruction\n")?,
            Some(Reason::Watch(id, name, before, now)) => {
                self.say(&format!("watch {id}: `{name}` was {before}, is {now}\n"))?;
            }
            Some(Reason::Catch(id, text)) => {
                self.at_exception = true;
                self.say(&format!("catch {id}: {text}"))?;
            }
            Some(Reason::WatchOver(id, name)) => {
                self.say(&format!("watch {id} is over: the call with `{name}` has returned\n"))?;
            }
        }
        self.show_place()?;
        Ok(false)
    }

    /// The program has ended by itself.
    fn ended(&mut self, exit: &Exit) -> Result<(), Failure> {
        self.over = true;
        self.status =
            finish(&mut self.machine, exit, &self.args.machine, std::slice::from_mut(&mut self.sources))?;
        match exit {
            Exit::Status(_) => {
                self.frames.clear();
                let status = self.status.0;
                self.say(&format!("the program ended with status {status}\n"))
            }
            Exit::Uncaught(_)
            | Exit::ReductionLimit
            | Exit::Break
            | Exit::Crashed(..)
            | Exit::Deadlock
            | Exit::TogetherTooMuch(_) => {
                self.say("the program has ended; its last state can still be looked at\n")
            }
        }
    }

    fn restart(&mut self) -> Result<Answer, Failure> {
        self.machine.host.flush()?;
        self.machine = start(self.args, &self.image)?;
        self.stops.watches.clear();
        self.at_exception = false;
        (self.over, self.status) = (false, Status::OK);
        self.stopped();
        self.show_place()?;
        Ok(Ok(()))
    }
}

/// A machine in front of the first instruction.
fn start(args: &DebugArgs, image: &Arc<Image>) -> Result<Machine<HostConsole>, Failure> {
    let (input, notice) = match &args.input {
        Some(path) => (Input::file(path)?, None),
        // The program and the person take turns.
        None if io::stdin().is_terminal() => (Input::standard(), Some(READS_HERE)),
        None => (Input::empty(), Some(READS_NOTHING)),
    };
    let mut console = HostConsole::new(input, args.machine.raw_terminal);
    console.write_at_once();
    if let Some(notice) = notice {
        console.announce_reading(notice);
    }
    machine(image, &args.machine, console)
}
