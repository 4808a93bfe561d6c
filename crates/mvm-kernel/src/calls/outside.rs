//! What only the machine can answer: the console, the clock on the wall, names of processes.
//!
//! All of it belongs to the first core; processes of other cores come there for it.

use std::io;

use mvm_isa::{ErrorNumber, Syscall, Trap, TrapCode, TypeId};
use mvm_module::limits;

use super::{Answer, Answered, Thrown, error, printed};
use crate::core::Core;
use crate::host::{Host, Stream};
use crate::machine::Machine;
use crate::table::Whereabouts;
use crate::task::{Named, Pid, WaitsFor};

/// Most names that processes may have.
const NAMES_MAX: usize = 1 << 16;
/// Most bytes of a name.
const NAME_BYTES_MAX: usize = 255;

impl<H: Host> Machine<H> {
    /// Answers the running process of the first core.
    pub(crate) fn answer_host(&mut self, call: Syscall) -> io::Result<Answer> {
        let Some(task) = self.first.tasks.get_mut(self.first.current.0) else {
            return Ok(Ok(Answered::Waits));
        };
        let program = task.output();
        let p = &mut task.process;
        let arg = p.syscall_arg_or_zero(0);
        match call {
            Syscall::Print | Syscall::PrintInt | Syscall::PrintFloat | Syscall::PrintError => {
                match printed(p, call) {
                    Ok((stream, bytes)) => self.host.write(program, stream, &bytes)?,
                    Err(fault) => return Ok(Err(fault)),
                }
                p.finish_syscall(&[]);
            }
            Syscall::Write => {
                let data = p.syscall_arg(1) as u32;
                if data == 0 {
                    return Ok(Err(null_reference()));
                }
                let stream = match arg {
                    1 => Stream::Output,
                    2 => Stream::Error,
                    _ => {
                        p.finish_syscall(&[error(ErrorNumber::Denied)]);
                        return Ok(Ok(Answered::Done));
                    }
                };
                self.host.write(program, stream, p.heap().bytes(data))?;
                let count = p.heap().length(data);
                p.finish_syscall(&[u64::from(count)]);
            }
            Syscall::WallClock => {
                let now = if self.plan.host_time { self.host.wall_clock() as u64 } else { self.first.clock };
                p.finish_syscall(&[now]);
            }
            Syscall::AskDevice => return self.ask_device(call),
            Syscall::Register
            | Syscall::RegisterAs
            | Syscall::Unregister
            | Syscall::Find
            | Syscall::FindAs => return Ok(self.answer_name(call)),
            _ => return self.answer_read(call, arg),
        }
        Ok(Ok(Answered::Done))
    }

    /// Names of processes.
    fn answer_name(&mut self, call: Syscall) -> Answer {
        let Some(task) = self.first.tasks.get_mut(self.first.current.0) else { return Ok(Answered::Waits) };
        let p = &task.process;
        // What messages a process takes is the last argument of those calls that have it.
        let messages_at = match call {
            Syscall::RegisterAs => Some(2),
            Syscall::FindAs => Some(1),
            _ => None,
        };
        let text = |at: usize| match p.syscall_arg(at) as u32 {
            0 => Err(null_reference()),
            object => Ok(String::from_utf8_lossy(p.heap().bytes(object)).into_owned()),
        };
        let name = text(0)?;
        let messages = messages_at.map(text).transpose()?.map(String::into_boxed_str);
        let new = Named { process: Pid(p.syscall_arg_or_zero(1)), messages };
        let result = if let Syscall::Register | Syscall::RegisterAs = call {
            self.register(name, new)
        } else {
            let found = self.names.get(&name).filter(|known| !is_lost(&self.first, known.process));
            match found {
                None => error(ErrorNumber::Gone),
                Some(known) if call == Syscall::FindAs && known.messages != new.messages => {
                    error(ErrorNumber::Mismatch)
                }
                Some(_) if call == Syscall::Unregister => {
                    self.names.remove(&name);
                    1
                }
                Some(known) => known.process.0,
            }
        };
        self.first.done(&[result])
    }

    /// Gives a process a name.
    fn register(&mut self, name: String, new: Named) -> u64 {
        if self.names.len() >= NAMES_MAX {
            self.names.retain(|_, known| !is_lost(&self.first, known.process));
        }
        let known = self.names.get(&name).filter(|known| !is_lost(&self.first, known.process));
        let lengths = 1..=NAME_BYTES_MAX;
        let is_valid =
            lengths.contains(&name.len()) && new.messages.as_ref().is_none_or(|m| lengths.contains(&m.len()));
        match known {
            Some(known) if *known != new => error(ErrorNumber::Taken),
            _ if is_lost(&self.first, new.process) => error(ErrorNumber::Gone),
            _ if !is_valid => error(ErrorNumber::Invalid),
            _ if self.names.len() >= NAMES_MAX => error(ErrorNumber::Limit),
            _ => {
                self.names.insert(name, new);
                1
            }
        }
    }

    /// Syscalls whose result comes from standard input.
    fn answer_read(&mut self, call: Syscall, arg: u64) -> io::Result<Answer> {
        while !self.input.has_kept() && !self.host.can_read()? {
            if !self.plan.host_time {
                // Time does not pass meanwhile; only a signal ends the wait.
                self.host.wait(None, true)?;
                self.signals.extend(self.host.signal());
            }
            if self.plan.host_time || !self.signals.is_empty() {
                self.readers.push_back(self.first.current);
                return Ok(Ok(self.first.wait_in(call, WaitsFor::Input, None)));
            }
        }
        let Some(task) = self.first.tasks.get_mut(self.first.current.0) else {
            return Ok(Ok(Answered::Waits));
        };
        let p = &mut task.process;
        // No more than could ever fit, and a byte that makes it trap.
        let room = p.limits().heap.limit_words.saturating_mul(8).min(limits::LENGTH_MAX as u64) as usize + 1;
        let made = match call {
            Syscall::ReadLine => {
                let line = self.input.line(&mut self.host, room)?;
                let end = line.strip_suffix(b"\n");
                let text = end.map_or(&*line, |line| line.strip_suffix(b"\r").unwrap_or(line));
                let made = match &*line {
                    [] => Ok(0),
                    _ => p.alloc_input(text),
                };
                made.inspect_err(|_| self.input.keep(line))
            }
            Syscall::ReadAll => {
                let text = self.input.all(&mut self.host, room)?;
                let made = p.alloc_input(&text);
                made.inspect_err(|_| self.input.keep(text))
            }
            _ => {
                let most = arg as i64;
                if !(0..=limits::LENGTH_MAX as i64).contains(&most) {
                    let trap = Trap::new(TrapCode::InvalidArgument, most, limits::LENGTH_MAX as i64);
                    return Ok(Err(trap.into()));
                }
                let data = self.input.bytes(&mut self.host, room.min(most as usize))?;
                let made = match &*data {
                    [] if most > 0 => Ok(0),
                    data => p.alloc_bytes(TypeId::BYTES, data),
                };
                made.inspect_err(|_| self.input.keep(data))
            }
        };
        Ok(match made {
            Ok(object) => {
                p.finish_syscall(&[u64::from(object)]);
                Ok(Answered::Done)
            }
            Err(fault) => Err(fault.into()),
        })
    }
}

/// Whether a process has ended. Only of those that are or were made on other cores it is not known here.
fn is_lost(core: &Core, pid: Pid) -> bool {
    core.tasks.find(pid.0) == Whereabouts::Nowhere
}

pub(super) fn null_reference() -> Thrown {
    TrapCode::NullReference.into()
}
