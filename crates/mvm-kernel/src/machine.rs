//! A machine of one process with a console: enough to run a program from beginning to end.
//!
//! The kernel will take this place for several processes. All contact with the host goes through [`Console`].

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_exec::{Executor, Fault, Image, Probe, Process, ProcessLimits, Stop, Uncaught, float_text, tell};
use mvm_isa::{Syscall, Trap, TrapCode, TypeId};
use mvm_module::limits;

use crate::input::Input;

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// The console of the host, as a program sees it. Errors end the run.
pub trait Console {
    /// Writes all bytes.
    ///
    /// # Errors
    /// Whatever the host says, for example that nobody reads any more.
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()>;

    /// Reads up to and including the next line end, to the end of the input, or so many bytes; empty at the end.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>>;

    /// Reads at most so many bytes, at least one; empty at the end.
    ///
    /// # Errors
    /// Whatever the host says.
    fn read(&mut self, most: usize) -> io::Result<Vec<u8>>;
}

/// What a program is told about its surroundings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Arguments, without the name of the program.
    pub args: Vec<String>,
    /// Environment variables it may see.
    pub vars: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The program returned or asked to exit.
    Status(i64),
    /// An exception was not caught.
    Uncaught(Box<Uncaught>),
    /// The limit of reductions was reached.
    ReductionLimit,
    /// The probe stopped the run; it can go on.
    Break,
}

/// One process and its console.
#[derive(Debug)]
pub struct Machine<C> {
    /// The process.
    pub process: Process,
    /// The console.
    pub console: C,
    input: Input,
    env: Environment,
    reductions_max: Option<u64>,
    exit: Option<i64>,
    /// What the pending syscall raised when there was no fuel to enter the handler: it is not asked again.
    fault: Option<Fault>,
}

impl<C: Console> Machine<C> {
    /// A machine that will run the main function of an image. None when it has no main function.
    ///
    /// `reductions_max` ends the run when so many reductions are used up.
    pub fn new(
        image: &Arc<Image>,
        env: Environment,
        console: C,
        process_limits: ProcessLimits,
        reductions_max: Option<u64>,
    ) -> Option<Machine<C>> {
        let main = image.module().main?;
        let takes_args = image.module().function(main)?.params == 1;
        let args: &[u64] = if takes_args { &[0] } else { &[] };
        let mut process = Process::new(image, main, args, process_limits)?;
        if takes_args {
            // A heap that cannot even hold the arguments leaves them null.
            let list = process.new_strings(&env.args).unwrap_or(0);
            process.set_register(0, u64::from(list));
        }
        process.add_fuel(reductions_max.unwrap_or(i64::MAX as u64));
        Some(Machine {
            process,
            console,
            input: Input::default(),
            env,
            reductions_max,
            exit: None,
            fault: None,
        })
    }

    /// Runs to the end.
    ///
    /// # Errors
    /// When the console fails.
    pub fn run(&mut self, executor: Executor) -> io::Result<Exit> {
        self.run_until(&mut Unwatched(executor))
    }

    /// Runs to the end, or until the probe stops it.
    ///
    /// # Errors
    /// When the console fails.
    pub fn run_with(&mut self, probe: &mut impl Probe) -> io::Result<Exit> {
        self.run_until(&mut Watched(probe))
    }

    fn run_until(&mut self, driver: &mut impl Drive) -> io::Result<Exit> {
        loop {
            if let Some(exit) = self.raise_pending(driver) {
                return Ok(exit);
            }
            let exit = match driver.run(&mut self.process) {
                Stop::Syscall(call) => {
                    if let Some(exit) = self.serve(call)? {
                        return Ok(exit);
                    }
                    continue;
                }
                stop => stop,
            };
            return Ok(self.exit_of(exit));
        }
    }

    /// Raises what the last syscall raised. Some when the run is over for now.
    fn raise_pending(&mut self, driver: &mut impl Drive) -> Option<Exit> {
        let fault = self.fault?;
        if driver.raising(&self.process, fault).is_break() {
            return Some(Exit::Break);
        }
        match self.process.raise_fault(fault) {
            None => {
                self.fault = None;
                None
            }
            Some(stop) => Some(self.exit_of(stop)),
        }
    }

    fn exit_of(&self, stop: Stop) -> Exit {
        match stop {
            Stop::Done(results) => {
                let returns = self
                    .process
                    .image()
                    .module()
                    .main
                    .and_then(|main| self.process.image().module().function(main));
                let status =
                    if returns.is_some_and(|main| main.results.len() == 1) { results[0] as i64 } else { 0 };
                Exit::Status(status)
            }
            Stop::Uncaught(uncaught) => Exit::Uncaught(uncaught),
            Stop::Break | Stop::Syscall(_) => Exit::Break,
            Stop::OutOfFuel => Exit::ReductionLimit,
        }
    }

    /// The limit of reductions, if there is one.
    pub fn reductions_max(&self) -> Option<u64> {
        self.reductions_max
    }

    /// Answers a syscall. Some when the run is over.
    fn serve(&mut self, call: Syscall) -> io::Result<Option<Exit>> {
        let outcome = self.answer(call)?;
        if let Some(status) = self.exit.take() {
            return Ok(Some(Exit::Status(status)));
        }
        self.fault = outcome.err();
        Ok(None)
    }

    fn answer(&mut self, call: Syscall) -> io::Result<Result<(), Fault>> {
        let p = &mut self.process;
        let arg = p.syscall_arg_or_zero(0);
        match call {
            Syscall::Print | Syscall::PrintError => {
                let stream = if call == Syscall::Print { Stream::Output } else { Stream::Error };
                if arg == 0 {
                    return Ok(Err(TrapCode::NullReference.into()));
                }
                self.console.write(stream, p.heap().bytes(arg as u32))?;
                p.finish_syscall(&[]);
            }
            Syscall::PrintInt => {
                self.console.write(Stream::Output, (arg as i64).to_string().as_bytes())?;
                p.finish_syscall(&[]);
            }
            Syscall::PrintFloat => {
                self.console.write(Stream::Output, float_text(f64::from_bits(arg)).as_bytes())?;
                p.finish_syscall(&[]);
            }
            Syscall::Write => {
                let data = p.syscall_arg(1) as u32;
                if data == 0 {
                    return Ok(Err(TrapCode::NullReference.into()));
                }
                let stream = match arg {
                    1 => Stream::Output,
                    2 => Stream::Error,
                    _ => {
                        p.finish_syscall(&[-1i64 as u64]);
                        return Ok(Ok(()));
                    }
                };
                self.console.write(stream, p.heap().bytes(data))?;
                let count = p.heap().length(data);
                p.finish_syscall(&[u64::from(count)]);
            }
            Syscall::Exit => self.exit = Some(arg as i64),
            Syscall::ReadLine | Syscall::ReadAll | Syscall::ReadBytes | Syscall::Args | Syscall::Env => {
                return self.answer_object(call, arg);
            }
        }
        Ok(Ok(()))
    }

    /// Syscalls whose result is an object.
    fn answer_object(&mut self, call: Syscall, arg: u64) -> io::Result<Result<(), Fault>> {
        let p = &mut self.process;
        // No more than could ever fit, and a byte that makes it trap.
        let room = p.limits().heap.limit_words.saturating_mul(8).min(limits::LENGTH_MAX as u64) as usize + 1;
        let made = match call {
            Syscall::ReadLine => {
                let line = self.input.line(&mut self.console, room)?;
                let end = line.strip_suffix(b"\n");
                let text = end.map_or(&*line, |line| line.strip_suffix(b"\r").unwrap_or(line));
                let made = match &*line {
                    [] => Ok(0),
                    _ => p.alloc_input(text),
                };
                made.inspect_err(|_| self.input.keep(line))
            }
            Syscall::ReadAll => {
                let text = self.input.all(&mut self.console, room)?;
                let made = p.alloc_input(&text);
                made.inspect_err(|_| self.input.keep(text))
            }
            Syscall::ReadBytes => {
                let most = arg as i64;
                if !(0..=limits::LENGTH_MAX as i64).contains(&most) {
                    return Ok(Err(
                        Trap::new(TrapCode::InvalidArgument, most, limits::LENGTH_MAX as i64).into()
                    ));
                }
                let data = self.input.bytes(&mut self.console, room.min(most as usize))?;
                let made = match &*data {
                    [] if most > 0 => Ok(0),
                    data => p.alloc_bytes(TypeId::BYTES, data),
                };
                made.inspect_err(|_| self.input.keep(data))
            }
            Syscall::Env => {
                if arg == 0 {
                    return Ok(Err(TrapCode::NullReference.into()));
                }
                let name = String::from_utf8_lossy(p.heap().bytes(arg as u32)).into_owned();
                match self.env.vars.get(&name) {
                    Some(value) => p.alloc_bytes(TypeId::STR, value.as_bytes()),
                    None => Ok(0),
                }
            }
            _ => p.new_strings(&self.env.args),
        };
        Ok(made.map(|object| p.finish_syscall(&[u64::from(object)])))
    }
}

/// Who runs the process between syscalls, and hears of what these raise.
trait Drive {
    fn run(&mut self, process: &mut Process) -> Stop;
    fn raising(&mut self, process: &Process, fault: Fault) -> ControlFlow<()>;
}

struct Unwatched(Executor);

impl Drive for Unwatched {
    fn run(&mut self, process: &mut Process) -> Stop {
        process.run(self.0)
    }

    fn raising(&mut self, _: &Process, _: Fault) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

struct Watched<'p, P>(&'p mut P);

impl<P: Probe> Drive for Watched<'_, P> {
    fn run(&mut self, process: &mut Process) -> Stop {
        process.run_with(self.0)
    }

    fn raising(&mut self, process: &Process, fault: Fault) -> ControlFlow<()> {
        tell(self.0, process, fault)
    }
}
