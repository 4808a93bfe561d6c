//! The answers to syscalls, one file for each kind of thing that they are about.
//!
//! A call is answered on the core where the process is. What only the host can answer goes to the machine
//! ([`Answered::Host`]); what is about something on another core takes the process there ([`Answered::Elsewhere`]), so that
//! processes gather where what they share is.

mod channels;
mod devices;
mod groups;
mod messages;
mod outside;
mod processes;
mod programs;
mod segments;
mod time;

use std::borrow::Cow;

use mvm_exec::{Fault, Process, float_text};
use mvm_heap::{ExportError, Fragment};
use mvm_isa::{ErrorNumber, Syscall, Trap, TrapCode, TypeId};

use crate::core::Core;
use crate::effect::Effect;
use crate::host::Stream;
use crate::task::{Message, Task};

/// What became of a call.
#[derive(Debug)]
pub(crate) enum Answered {
    /// It has been answered.
    Done,
    /// The process waits, or has ended.
    Waits,
    /// It lets others run.
    Yields,
    /// Only the host can answer it.
    Host,
    /// What it is about is on this core.
    Elsewhere(u32),
}

/// The answer is a trap. In a box, so that an [`Answer`] fits into registers.
#[derive(Debug)]
pub(crate) struct Thrown(pub(crate) Box<Fault>);

impl From<Fault> for Thrown {
    fn from(fault: Fault) -> Thrown {
        Thrown(Box::new(fault))
    }
}

impl From<TrapCode> for Thrown {
    fn from(code: TrapCode) -> Thrown {
        Fault::from(code).into()
    }
}

impl From<Trap> for Thrown {
    fn from(trap: Trap) -> Thrown {
        Fault::from(trap).into()
    }
}

/// What a function that answers gives.
pub(crate) type Answer = Result<Answered, Thrown>;

/// Most words of a message.
const MESSAGE_WORDS_MAX: usize = 8 << 20;
/// Words that are copied for a reduction.
const WORDS_PER_REDUCTION: usize = 512;
/// Most numbers in a list of channels, classes or options.
const LIST_MAX: usize = 1024;
const NANOS_PER_MILLI: u64 = 1_000_000;

/// The bits of a result.
pub(crate) fn error(number: ErrorNumber) -> u64 {
    number as i8 as i64 as u64
}

/// A trap for messages beyond a bound.
pub(crate) fn too_large(words: usize) -> Thrown {
    let bytes = words as i64 * 8;
    Trap::new(TrapCode::OutOfMemory, bytes + 1, bytes).into()
}

/// The answer to a call that the process has no right to make: `Denied` for every number, null for every reference.
pub(crate) fn refuse(process: &mut Process, call: Syscall) {
    let denied =
        call.info().results.iter().map(|&ty| if ty.is_ref() { 0 } else { error(ErrorNumber::Denied) });
    let results: Vec<u64> = denied.collect();
    process.finish_syscall(&results);
}

/// The numbers of an array, which may be null and must be short: a list is walked at once.
pub(crate) fn numbers(process: &Process, array: u64) -> Result<Vec<i64>, Thrown> {
    if array == 0 {
        return Err(TrapCode::NullReference.into());
    }
    let length = process.heap().length(array as u32) as usize;
    if length > LIST_MAX {
        return Err(Trap::new(TrapCode::InvalidArgument, length as i64, LIST_MAX as i64).into());
    }
    Ok((0..length).map(|index| process.heap().word(array as u32, index) as i64).collect())
}

impl Core {
    /// Answers the call that the running process waits for.
    #[inline]
    pub(crate) fn answer(&mut self, call: Syscall) -> Answered {
        let answer = match call {
            // These are answered most, and ask for no right.
            Syscall::Send => self.send(call),
            Syscall::Receive => self.receive(call),
            _ => return self.answer_other(call),
        };
        debug_assert!(call.info().right.is_none(), "nobody needs a right for messages");
        answer.unwrap_or_else(|thrown| self.thrown(thrown))
    }

    /// The answer is a trap.
    #[cold]
    fn thrown(&mut self, Thrown(fault): Thrown) -> Answered {
        self.fault(fault);
        Answered::Done
    }

    fn answer_other(&mut self, call: Syscall) -> Answered {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Answered::Waits };
        if let Some(right) = call.info().right
            && !task.grant.rights.has(right)
        {
            refuse(&mut task.process, call);
            return Answered::Done;
        }
        let answer = match call {
            Syscall::Send | Syscall::SendTagged => self.send(call),
            Syscall::Receive | Syscall::ReceiveTag | Syscall::ReceiveOf => self.receive(call),
            Syscall::Print | Syscall::PrintInt | Syscall::PrintFloat | Syscall::PrintError
                if !self.has_host() =>
            {
                self.print(call)
            }
            Syscall::Print
            | Syscall::PrintInt
            | Syscall::PrintFloat
            | Syscall::PrintError
            | Syscall::Write
            | Syscall::ReadLine
            | Syscall::ReadAll
            | Syscall::ReadBytes
            | Syscall::WallClock
            | Syscall::Register
            | Syscall::Unregister
            | Syscall::Find
            | Syscall::RegisterAs
            | Syscall::FindAs
            | Syscall::AskDevice => Ok(Answered::Host),
            Syscall::Args | Syscall::Env => self.surroundings(call),
            Syscall::SelfPid | Syscall::Parent | Syscall::SetPriority | Syscall::SetDeadline => {
                self.about_itself(call)
            }
            Syscall::Exit => self.exit(),
            Syscall::Yield => {
                self.finish(&[]);
                Ok(Answered::Yields)
            }
            Syscall::Spawn | Syscall::SpawnWith => self.spawn(call),
            Syscall::SpawnProgram => self.spawn_program(),
            Syscall::Monitor => self.monitor(),
            Syscall::Link | Syscall::Unlink | Syscall::Unmonitor => self.relate(call),
            Syscall::Kill | Syscall::Signal => self.send_signal(call),
            Syscall::OnSignal => self.on_signal(),
            Syscall::GroupOf
            | Syscall::GroupJoin
            | Syscall::GroupMembers
            | Syscall::GroupCount
            | Syscall::GroupSignal => self.group(call),
            Syscall::Now | Syscall::Sleep | Syscall::SendAfter | Syscall::Cancel | Syscall::Random => {
                self.time(call)
            }
            Syscall::Channel => self.make_channel(),
            Syscall::ChannelSend => self.channel_send(),
            Syscall::ChannelReceive => self.channel_receive(),
            Syscall::ChannelClose => self.channel_close(),
            Syscall::ChannelDrop => self.channel_drop(),
            Syscall::Select => self.select(),
            Syscall::ReplyNew => self.make_reference(),
            Syscall::Reply => self.reply(),
            Syscall::ReplyWait => self.reply_wait(),
            Syscall::Segment => self.make_segment(),
            Syscall::SegmentShare => self.share_segment(),
            Syscall::SegmentLeave => self.give_up_segment(),
            Syscall::SegmentLoad
            | Syscall::SegmentStore
            | Syscall::SegmentAdd
            | Syscall::SegmentExchange
            | Syscall::SegmentCompare
            | Syscall::SegmentWait
            | Syscall::SegmentNotify
            | Syscall::SegmentRead
            | Syscall::SegmentWrite => self.access_segment(call),
        };
        answer.unwrap_or_else(|thrown| self.thrown(thrown))
    }

    /// Answers the running process with these results.
    pub(crate) fn finish(&mut self, results: &[u64]) {
        if let Some(task) = self.tasks.get_mut(self.current.0) {
            task.process.finish_syscall(results);
        }
    }

    /// The same, as the value of a function that answers.
    pub(crate) fn done(&mut self, results: &[u64]) -> Answer {
        self.finish(results);
        Ok(if self.running { Answered::Done } else { Answered::Waits })
    }

    /// An argument of the pending call.
    pub(crate) fn arg(&self, index: usize) -> u64 {
        self.tasks.get(self.current.0).map_or(0, |task| task.process.syscall_arg(index))
    }

    /// When a wait of so many milliseconds is over; none for never, which is also longer than a clock can show.
    pub(crate) fn until(&self, millis: i64) -> Option<u64> {
        let nanos = u64::try_from(millis).ok()?.checked_mul(NANOS_PER_MILLI)?;
        self.clock.checked_add(nanos).filter(|&until| until <= i64::MAX as u64)
    }

    /// Copies a value out of the heap of the running process, which pays for it.
    pub(crate) fn export(&mut self, object: u64) -> Result<Message, Thrown> {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Err(TrapCode::Unreachable.into()) };
        let value = export(task, &mut self.exporter, object)?;
        task.owe(value.charge());
        Ok(Message { program: task.program, ..Message::new(value) })
    }

    /// Output of a process that is not on the core of the console is written when the round is over.
    fn print(&mut self, call: Syscall) -> Answer {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let (stream, bytes) = printed(&task.process, call)?;
        let (program, bytes) = (task.output(), bytes.into_owned());
        self.finish(&[]);
        self.cause(Effect::Print { program, stream, bytes });
        Ok(Answered::Done)
    }

    /// What the running process was told of its surroundings.
    fn surroundings(&mut self, call: Syscall) -> Answer {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let env = &self.plan.programs[task.program as usize].env;
        let p = &mut task.process;
        let object = if call == Syscall::Args {
            p.new_strings(task.origin.as_ref().map_or(&env.args, |origin| &origin.arguments))?
        } else {
            match p.syscall_arg(0) {
                0 => return Err(TrapCode::NullReference.into()),
                name => {
                    let name = String::from_utf8_lossy(p.heap().bytes(name as u32)).into_owned();
                    match env.vars.get(&name) {
                        Some(value) => p.alloc_bytes(TypeId::STR, value.as_bytes())?,
                        None => 0,
                    }
                }
            }
        };
        self.done(&[object.into()])
    }
}

/// What a call writes, and where.
pub(crate) fn printed(process: &Process, call: Syscall) -> Result<(Stream, Cow<'_, [u8]>), Thrown> {
    let arg = process.syscall_arg(0);
    let stream = if call == Syscall::PrintError { Stream::Error } else { Stream::Output };
    let bytes = match call {
        Syscall::PrintInt => (arg as i64).to_string().into_bytes().into(),
        Syscall::PrintFloat => float_text(f64::from_bits(arg)).into_bytes().into(),
        _ if arg == 0 => return Err(TrapCode::NullReference.into()),
        _ => process.heap().bytes(arg as u32).into(),
    };
    Ok((stream, bytes))
}

/// Copies a value out of a heap.
pub(crate) fn export(
    task: &mut Task,
    exporter: &mut mvm_heap::Exporter,
    object: u64,
) -> Result<Fragment, Thrown> {
    let made = task.process.export(exporter, object as u32, MESSAGE_WORDS_MAX);
    made.map_err(|(ExportError::TooLarge | ExportError::Host)| too_large(MESSAGE_WORDS_MAX))
}

impl Task {
    /// What was copied for it has to be paid.
    #[inline]
    pub(crate) fn owe(&mut self, words: usize) {
        self.debt += (words / WORDS_PER_REDUCTION) as u64;
    }
}
