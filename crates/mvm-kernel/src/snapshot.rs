//! A machine between two rounds as bytes, and back.
//!
//! The form: `MAGIC`, the version, everything in LEB128 numbers ([`mvm_exec::snapshot`]), and the XXH3 hash of it all. The programs are not in
//! it, only their hashes: who restores a machine has them. What is read is judged: processes as [`Process::restore`] does, and of the
//! rest nothing is believed that could lead to more than a process waiting for ever.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use mvm_exec::snapshot::{Reader, SnapshotError, Writer, read_fragment, write_fragment};
use mvm_exec::{Fault, Process};
use mvm_heap::{ExportError, Exporter};
use mvm_isa::{Rights, Syscall, Trap, TrapCode};
use xxhash_rust::xxh3::xxh3_64;

use crate::channel::Channel;
use crate::core::Core;
use crate::host::Host;
use crate::input::Input;
use crate::machine::{Exit, Machine, Plan, Program, Settings};
use crate::reference::Reference;
use crate::sched::{Account, PRIORITIES};
use crate::segment::Segment;
use crate::signal::Signal;
use crate::table::Table;
use crate::task::{
    Access, Extra, Grant, Handed, Message, Monitor, Named, Origin, Pid, State, Task, Timer, WaitsFor,
    Watches, WhenFull,
};

const MAGIC: &[u8; 8] = b"MVMSNAP\n";
const VERSION: u32 = 3;

type Read<T> = Result<T, SnapshotError>;

/// Why a machine could not be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveError {
    /// It is in the middle of a round: see [`Machine::run_to_round`].
    InRound,
    /// It is over.
    Over,
    /// The host has no memory for it.
    Host,
}

impl std::fmt::Display for SaveError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SaveError::InRound => "the machine is in the middle of a round",
            SaveError::Over => "the run is over",
            SaveError::Host => "the host has no memory for a copy",
        })
    }
}

impl std::error::Error for SaveError {}

impl From<ExportError> for SaveError {
    fn from(_: ExportError) -> SaveError {
        SaveError::Host
    }
}

impl<H: Host> Machine<H> {
    /// The machine as bytes. It has to stand between two rounds.
    ///
    /// # Errors
    /// When it does not, or the host has no memory.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, SaveError> {
        if self.is_over() {
            return Err(SaveError::Over);
        }
        if !self.is_between_rounds() {
            return Err(SaveError::InRound);
        }
        let mut out = Writer::default();
        let plan = self.plan();
        out.list(plan.programs.iter(), |out, program| {
            out.word(hash_of(program));
            out.bytes(program.name.as_deref().unwrap_or_default().as_bytes());
        });
        out.number(plan.cores.into());
        out.bytes(plan.policy.to_string().as_bytes());
        out.word(plan.seed);
        out.flag(plan.host_time);
        out.number(plan.round);
        self.save_machine(&mut out);
        let mut exporter = Exporter::default();
        for core in self.every_core() {
            save_core(core, &mut exporter, &mut out)?;
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(out.into_bytes());
        let hash = xxh3_64(&bytes);
        bytes.extend(hash.to_le_bytes());
        Ok(bytes)
    }

    /// The machine that was written down, with these programs, which have to be the same, and these settings, of which the cores, the
    /// policy, the seed, the clock and the length of rounds have to be the same.
    ///
    /// # Errors
    /// When the bytes are no such machine.
    pub fn restore(programs: Vec<Program>, settings: &Settings, bytes: &[u8], host: H) -> Read<Machine<H>> {
        let wrong = |what: &str| SnapshotError { offset: 0, what: what.into() };
        let (content, hash) = bytes.split_at_checked(bytes.len().saturating_sub(8)).unwrap_or((&[], &[]));
        let rest = content.strip_prefix(MAGIC).ok_or_else(|| wrong("this is no snapshot"))?;
        let (version, rest) = rest.split_first_chunk().ok_or_else(|| wrong("the snapshot ends early"))?;
        if u32::from_le_bytes(*version) != VERSION {
            return Err(wrong("the snapshot is of another version"));
        }
        if hash != xxh3_64(content).to_le_bytes() {
            return Err(wrong("the snapshot is damaged"));
        }
        let mut input = Reader::new(rest);
        let known = input.list(|input| Ok((input.word()?, input.text()?.to_string())))?;
        let given =
            programs.iter().map(|program| (hash_of(program), program.name.clone().unwrap_or_default()));
        if !known.into_iter().eq(given) {
            return input.wrong("the snapshot is of other programs");
        }
        let mut machine = match Machine::empty(programs, settings, host) {
            Some(machine) => machine,
            None => return input.wrong("there is no program"),
        };
        let plan = machine.plan();
        let same = input.number()? == u64::from(plan.cores)
            && input.text()? == plan.policy.to_string()
            && input.word()? == plan.seed
            && input.flag()? == plan.host_time
            && input.number()? == plan.round;
        if !same {
            return input.wrong("the snapshot is of a machine with other settings");
        }
        machine.restore_machine(&mut input)?;
        for core in machine.every_core() {
            restore_core(core, &mut input)?;
        }
        if !input.is_at_end() {
            return input.wrong("there is more than a machine");
        }
        machine.restored(&input)?;
        Ok(machine)
    }
}

impl<H: Host> Machine<H> {
    /// Writes down what does not belong to a core.
    pub(crate) fn save_machine(&self, out: &mut Writer) {
        out.number(self.round);
        out.number(self.clock);
        out.bytes(self.input.rest());
        out.list(self.readers.iter(), |out, pid| out.number(pid.0));
        out.list(self.names.iter(), |out, (name, named)| {
            out.bytes(name.as_bytes());
            out.number(named.process.0);
            out.flag(named.messages.is_some());
            if let Some(messages) = &named.messages {
                out.bytes(messages.as_bytes());
            }
        });
        out.list(self.signals.iter(), |out, &signal| out.number(signal as u64));
        // Of programs that have ended only the status is asked for.
        let status = |exit: &Exit| match exit {
            Exit::Status(status) => *status as u64,
            Exit::TogetherTooMuch(_) => 3,
            _ => 1,
        };
        out.list(self.exits.iter(), |out, exit| out.optional(exit.as_ref().map(status)));
        out.number(self.requested);
        out.list(self.requests.iter(), |out, (&number, pid)| {
            out.number(number);
            out.number(pid.0);
        });
    }

    pub(crate) fn restore_machine(&mut self, input: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.round = input.below(1 << 60, "round")?;
        self.clock = input.below(1 << 60, "time")?;
        self.input = Input::of(input.bytes()?);
        self.readers = input.list(|input| input.number().map(Pid))?.into();
        let names = input.list(|input| {
            let (name, process) = (input.text()?.to_string(), Pid(input.number()?));
            let messages = if input.flag()? { Some(input.text()?.into()) } else { None };
            Ok((name, Named { process, messages }))
        })?;
        self.names = names.into_iter().collect();
        self.signals = input
            .list(|input| match Signal::from_number(input.number()? as i64) {
                Some(signal) => Ok(signal),
                None => input.wrong("there is no such signal"),
            })?
            .into();
        self.exits = input.list(|input| Ok(input.optional()?.map(|status| Exit::Status(status as i64))))?;
        if self.exits.len() != self.plan.programs.len() || self.exits.iter().all(Option::is_some) {
            return input.wrong("a program has to be running");
        }
        self.requested = count(input)?;
        let requests = input.list(|input| Ok((input.number()?, Pid(input.number()?))))?;
        self.requests = requests.into_iter().collect();
        if self.requests.last_key_value().is_some_and(|(&last, _)| last > self.requested) {
            return input.wrong("a request has a number that none has been given");
        }
        self.ask_again = !self.requests.is_empty();
        Ok(())
    }

    /// What has left the core where it was made, for which one, and what has come, both in order.
    #[expect(clippy::type_complexity, reason = "two lists of the same kind, compared at once")]
    fn moves(&self, of: impl Fn(&Core) -> (Vec<(u64, u32)>, Vec<u64>)) -> (Vec<(u64, u32)>, Vec<(u64, u32)>) {
        let (mut left, mut come) = (Vec::new(), Vec::new());
        for core in self.cores() {
            let (moved, guests) = of(core);
            left.extend(moved);
            come.extend(guests.into_iter().map(|number| (number, core.number)));
        }
        left.sort_unstable();
        come.sort_unstable();
        (left, come)
    }

    /// Everything has been read: the machine goes on where it stood.
    pub(crate) fn restored(&mut self, input: &Reader<'_>) -> Result<(), SnapshotError> {
        for (number, exit) in self.exits.iter().enumerate() {
            let first = |task: &Task| task.parent == Pid::NONE && task.root() as usize == number;
            let firsts =
                self.cores().flat_map(|core| core.tasks.iter()).filter(|(_, task)| first(task)).count();
            if firsts != usize::from(exit.is_none()) {
                return input.wrong("a program has a first process as long as it runs, and no longer");
            }
        }
        let runs = |task: &Task| self.exits.get(task.root() as usize).is_some_and(Option::is_none);
        if !self.cores().flat_map(|core| core.tasks.iter()).all(|(_, task)| runs(task)) {
            return input.wrong("a process is of a program that has ended");
        }
        let places = [
            self.moves(|core| core.tasks.moves()),
            self.moves(|core| core.channels.moves()),
            self.moves(|core| core.segments.moves()),
            self.moves(|core| core.references.moves()),
        ];
        if places.iter().any(|(left, come)| left != come) {
            return input.wrong("something has moved, and has not come");
        }
        if self.find_process(Pid::MAIN).is_none() && self.plan.programs.len() == 1 {
            return input.wrong("the first process is not there");
        }
        if self.round > 0 {
            // As `end_round` does.
            self.round -= 1;
            self.begin_round();
        }
        Ok(())
    }
}

/// Counters and times are far from their ends.
const COUNT_MAX: u64 = 1 << 60;

/// A number that something can be added to.
fn count(input: &mut Reader<'_>) -> Read<u64> {
    input.below(COUNT_MAX, "count")
}

fn hash_of(program: &Program) -> u64 {
    xxh3_64(&mvm_module::write(program.image.module()))
}

fn save_core(core: &mut Core, exporter: &mut Exporter, out: &mut Writer) -> Result<(), SaveError> {
    out.number(core.current.0);
    out.flag(core.running);
    for number in [core.slice, core.used, core.clock, core.reductions, core.timers_made] {
        out.number(number);
    }
    let mut timers: Vec<_> = core.timers.iter().map(|Reverse(timer)| *timer).collect();
    timers.sort_unstable();
    out.list(timers.iter(), |out, &(when, order, pid, what)| {
        [when, order, pid, what].into_iter().for_each(|number| out.number(number));
    });
    let mut failed = None;
    core.tasks.save(out, |out, task| {
        if let Err(error) = save_task(task, exporter, out) {
            failed = Some(error);
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    core.channels.save(out, |out, channel| save_channel(channel, out));
    core.segments.save(out, |out, segment| save_segment(segment, out));
    core.references.save(out, |out, reference| {
        out.number(reference.owner.0);
        out.number(reference.by.0);
        match &reference.answer {
            None => out.number(0),
            Some(Err(())) => out.number(1),
            Some(Ok(message)) => {
                out.number(2);
                save_message(message, out);
            }
        }
    });
    out.list(core.policy.state().into_iter(), |out, number| out.number(number));
    Ok(())
}

fn restore_core(core: &mut Core, input: &mut Reader<'_>) -> Read<()> {
    let plan = std::sync::Arc::clone(&core.plan);
    core.current = Pid(input.number()?);
    core.running = input.flag()?;
    core.slice = count(input)?;
    core.used = count(input)?;
    core.clock = count(input)?;
    core.reductions = count(input)?;
    core.timers_made = count(input)?;
    let timers = input
        .list(|input| Ok(Reverse((input.number()?, input.number()?, input.number()?, input.number()?))))?;
    core.timers = timers.into();
    core.tasks =
        Table::restore(core.number, plan.cores, input, |input, pid| restore_task(&plan, input, Pid(pid)))?;
    core.channels = Table::restore(core.number, plan.cores, input, |input, _| restore_channel(&plan, input))?;
    core.segments = Table::restore(core.number, plan.cores, input, |input, _| restore_segment(input))?;
    core.references = Table::restore(core.number, plan.cores, input, |input, _| {
        Ok(Reference {
            owner: Pid(input.number()?),
            by: Pid(input.number()?),
            answer: match input.below(3, "answer")? {
                0 => None,
                1 => Some(Err(())),
                _ => Some(Ok(restore_message(&plan, input)?)),
            },
        })
    })?;
    let state = input.list(|input| input.number())?;
    if !core.policy.set_state(&state) {
        return input.wrong("this is no state of the policy");
    }
    if core.running && core.tasks.get(core.current.0).is_none_or(|task| task.state != State::Ready) {
        return input.wrong("a process runs that cannot");
    }
    core.held_words = core.tasks.iter().map(|(_, task)| task.held_words).sum::<usize>()
        + core.channels.iter().map(|(_, channel)| channel.charge()).sum::<usize>()
        + core.segments.iter().map(|(_, segment)| segment.charge()).sum::<usize>()
        + core.references.iter().map(|(_, reference)| reference.charge()).sum::<usize>();
    Ok(())
}

fn save_message(message: &Message, out: &mut Writer) {
    out.number(message.program.into());
    out.number(message.tag as u64);
    out.flag(message.note.is_some());
    if let Some(note) = &message.note {
        out.bytes(note.as_bytes());
    }
    write_fragment(out, &message.value);
}

fn restore_message(plan: &Plan, input: &mut Reader<'_>) -> Read<Message> {
    let program = input.below(plan.programs.len() as u64, "program")? as u32;
    let tag = input.number()? as i64;
    let note = if input.flag()? { Some(Box::new(input.text()?.to_string())) } else { None };
    let value = read_fragment(input, &plan.programs[program as usize].image)?;
    Ok(Message { value, tag, program, note })
}

fn save_channel(channel: &Channel, out: &mut Writer) {
    out.number(channel.owner.0);
    out.number(channel.capacity as u64);
    out.flag(channel.closed);
    out.list(channel.items.iter(), |out, item| save_message(item, out));
    out.list(channel.senders.iter(), |out, &(pid, wait)| {
        out.number(pid.0);
        out.number(wait);
    });
    out.list(channel.receivers.iter(), |out, &(pid, wait, index)| {
        out.number(pid.0);
        out.number(wait);
        out.number(index as u64);
    });
}

fn restore_channel(plan: &Plan, input: &mut Reader<'_>) -> Read<Channel> {
    let owner = Pid(input.number()?);
    let mut channel = Channel::new(owner, input.small()? as usize);
    channel.closed = input.flag()?;
    channel.items = input.list(|input| restore_message(plan, input))?.into();
    channel.senders = input.list(|input| Ok((Pid(input.number()?), input.number()?)))?.into();
    channel.receivers =
        input.list(|input| Ok((Pid(input.number()?), input.number()?, input.small()? as usize)))?.into();
    Ok(channel)
}

fn save_segment(segment: &Segment, out: &mut Writer) {
    out.number(segment.bytes as u64);
    segment.words.iter().for_each(|&word| out.word(word));
    out.list(segment.sharers.iter(), |out, pid| out.number(pid.0));
    out.list(segment.waiters.iter(), |out, &(pid, wait, offset)| {
        [pid.0, wait, offset].into_iter().for_each(|number| out.number(number));
    });
}

fn restore_segment(input: &mut Reader<'_>) -> Read<Segment> {
    let bytes = input.small()? as usize;
    let mut words = Vec::new();
    for _ in 0..bytes.div_ceil(8) {
        words.push(input.word()?);
    }
    let sharers = input.list(|input| Ok(Pid(input.number()?)))?.into_iter().collect();
    let waiters = input.list(|input| Ok((Pid(input.number()?), input.number()?, input.number()?)))?.into();
    Ok(Segment { words, bytes, sharers, waiters })
}

fn save_task(task: &mut Task, exporter: &mut Exporter, out: &mut Writer) -> Result<(), ExportError> {
    out.number(task.program.into());
    out.flag(task.origin.is_some());
    if let Some(origin) = &task.origin {
        out.number(origin.root.into());
        out.number(origin.output.into());
        out.list(origin.arguments.iter(), |out, text| out.bytes(text.as_bytes()));
    }
    out.number(task.parent.0);
    out.number(task.group.0);
    task.process.save(exporter, out)?;
    save_state(task.state, out);
    let Account { priority, deadline, used, since, key, level } = task.account;
    out.number(priority.into());
    out.optional(deadline);
    [used, since, key, level.into()].into_iter().for_each(|number| out.number(number));
    let Grant { rights, mailbox_words, when_full, reductions, children } = task.grant;
    [rights.0, mailbox_words as u64, when_full as u64, reductions, children]
        .into_iter()
        .for_each(|number| out.number(number));
    out.list(task.mailbox.iter(), |out, message| save_message(message, out));
    match task.fault.as_deref() {
        Some(Fault::Trap(trap)) => {
            out.number(1 + trap.code as u64);
            out.word(trap.a as u64);
            out.word(trap.b as u64);
        }
        // Answers of the kernel are traps.
        Some(Fault::Throw(_) | Fault::Fuel) | None => out.number(0),
    }
    out.number(task.debt);
    out.number(task.waits);
    out.optional(task.waits_in.map(|call| call as u64));
    out.optional(task.until);
    [task.timed_out, task.queued, task.stopped, task.came].into_iter().for_each(|flag| out.flag(flag));
    out.word(task.random);
    out.flag(task.extra.is_some());
    if let Some(extra) = &task.extra {
        save_extra(extra, out);
    }
    Ok(())
}

fn restore_task(plan: &Plan, input: &mut Reader<'_>, pid: Pid) -> Read<Task> {
    let programs = plan.programs.len() as u64;
    let program = input.below(programs, "program")? as u32;
    let origin = if input.flag()? { Some(Arc::new(restore_origin(programs, input)?)) } else { None };
    let parent = Pid(input.number()?);
    let group = Pid(input.number()?);
    if group == Pid::NONE {
        return input.wrong("a process is in no group");
    }
    let of = &plan.programs[program as usize];
    let process = Process::restore(&of.image, of.limits, input)?;
    let state = restore_state(input)?;
    let account = Account {
        priority: input.below(PRIORITIES as u64, "priority")? as u8,
        deadline: input.optional()?,
        used: count(input)?,
        since: count(input)?,
        key: input.number()?,
        level: input.below(8, "level")? as u8,
    };
    let grant = Grant {
        rights: Rights(input.number()?).and(Rights::ALL),
        mailbox_words: usize::try_from(input.number()?).unwrap_or(usize::MAX),
        when_full: match input.below(3, "way to be full")? {
            0 => WhenFull::Block,
            1 => WhenFull::DropOldest,
            _ => WhenFull::DropNewest,
        },
        reductions: input.number()?,
        children: input.number()?,
    };
    let mut task = Task::new(process, program, parent, grant, account);
    task.pid = pid;
    task.group = group;
    task.origin = origin;
    task.state = state;
    task.mailbox = input.list(|input| restore_message(plan, input))?.into();
    if task.mailbox.iter().any(|message| message.is_foreign_to(program)) {
        return input.wrong("a mailbox has a message of another program");
    }
    task.mailbox_words = task.mailbox.iter().map(Message::words).sum();
    task.fault = match input.number()? {
        0 => None,
        number => {
            let code = u8::try_from(number - 1).ok().and_then(TrapCode::from_number);
            let Some(code) = code else { return input.wrong("there is no such trap") };
            let trap = Trap::new(code, input.word()? as i64, input.word()? as i64);
            Some(Box::new(trap.into()))
        }
    };
    task.debt = count(input)?;
    task.waits = count(input)?;
    task.waits_in = match input.optional()? {
        None => None,
        Some(number) => match u32::try_from(number).ok().and_then(Syscall::from_number) {
            Some(call) if task.process.pending_syscall() == Some(call) => Some(call),
            _ => return input.wrong("a process waits in a call that it has not made"),
        },
    };
    if task.waits_in.is_none() && task.fault.is_none() && task.process.pending_syscall().is_some() {
        return input.wrong("a process has made a call that nobody answers");
    }
    task.until = input.optional()?;
    task.timed_out = input.flag()?;
    task.queued = input.flag()?;
    task.stopped = input.flag()?;
    task.came = input.flag()?;
    task.random = input.word()?;
    if input.flag()? {
        task.extra = Some(Box::new(restore_extra(plan, input)?));
    }
    let length = task.mailbox.len();
    if let Some(extra) = &mut task.extra {
        extra.looked.0 = extra.looked.0.min(length);
    }
    task.count_awaited();
    task.held_words = task.holds();
    Ok(task)
}

fn restore_origin(programs: u64, input: &mut Reader<'_>) -> Read<Origin> {
    Ok(Origin {
        root: input.below(programs, "program")? as u32,
        output: input.below(programs, "program")? as u32,
        arguments: input.list(|input| Ok(input.text()?.to_string()))?,
    })
}

fn save_state(state: State, out: &mut Writer) {
    let State::Waits(what, until) = state else { return out.number(0) };
    let (kind, of) = what.numbers();
    out.number(kind);
    out.number(of);
    out.optional(until);
}

fn restore_state(input: &mut Reader<'_>) -> Read<State> {
    let kind = input.number()?;
    if kind == 0 {
        return Ok(State::Ready);
    }
    let of = input.number()?;
    match WaitsFor::from_numbers(kind, of) {
        Some(what) => Ok(State::Waits(what, input.optional()?)),
        None => input.wrong("nobody waits for that"),
    }
}

fn save_extra(extra: &Extra, out: &mut Writer) {
    out.list(extra.monitors.iter(), |out, monitor| {
        out.number(monitor.watcher.0);
        out.flag(monitor.message.is_ok());
        match &monitor.message {
            Ok(message) => save_message(message, out),
            Err(reference) => out.number(*reference),
        }
    });
    out.list(extra.watches.iter(), |out, (pid, watches)| {
        [pid.0, watches.count as u64, watches.words as u64].into_iter().for_each(|number| out.number(number));
    });
    out.list(extra.links.iter(), |out, pid| out.number(pid.0));
    out.list(extra.blocked.iter(), |out, pid| out.number(pid.0));
    out.list(extra.on_signal.iter(), |out, (signal, message)| {
        out.number(*signal as u64);
        save_message(message, out);
    });
    out.list(extra.channels.iter(), |out, &channel| out.number(channel));
    out.list(extra.segments.iter(), |out, (&segment, access)| {
        out.number(segment);
        out.flag(access.writable);
        out.number(access.words as u64);
    });
    out.list(extra.replies.iter(), |out, &reference| out.number(reference));
    out.list(extra.timers.iter(), |out, (&number, timer)| {
        out.number(number);
        out.optional(timer.when);
        out.number(timer.to.0);
        save_message(&timer.message, out);
    });
    out.flag(extra.outgoing.is_some());
    if let Some(message) = &extra.outgoing {
        save_message(message, out);
    }
    match &extra.handed {
        None => out.number(0),
        Some(Handed::Done) => out.number(1),
        Some(Handed::Closed) => out.number(2),
        Some(Handed::Message(index, message)) => {
            out.number(3);
            out.number(*index as u64);
            save_message(message, out);
        }
    }
    out.number(extra.looked.0 as u64);
    out.word(extra.looked.1);
}

fn restore_extra(plan: &Plan, input: &mut Reader<'_>) -> Read<Extra> {
    let pid = |input: &mut Reader<'_>| input.number().map(Pid);
    let mut extra = Extra {
        monitors: input.list(|input| {
            let watcher = pid(input)?;
            let message =
                if input.flag()? { Ok(restore_message(plan, input)?) } else { Err(input.number()?) };
            Ok(Monitor { watcher, message })
        })?,
        watches: input
            .list(|input| {
                let (of, count, words) = (pid(input)?, input.small()? as usize, input.small()? as usize);
                Ok((of, Watches { count, words }))
            })?
            .into_iter()
            .collect(),
        links: input.list(pid)?.into_iter().collect(),
        blocked: input.list(pid)?,
        ..Extra::default()
    };
    extra.on_signal = input.list(|input| {
        let number = input.number()? as i64;
        match Signal::from_number(number).filter(|signal| signal.can_be_asked_for()) {
            Some(signal) => Ok((signal, restore_message(plan, input)?)),
            None => input.wrong("there is no such signal"),
        }
    })?;
    extra.channels = input.list(|input| input.number())?;
    let segments = input.list(|input| {
        let number = input.number()?;
        Ok((number, Access { writable: input.flag()?, words: input.small()? as usize }))
    })?;
    extra.segments = segments.into_iter().collect::<BTreeMap<_, _>>();
    extra.segment_words = extra.segments.values().map(|access| access.words).sum();
    extra.replies = input.list(|input| input.number())?.into_iter().collect();
    let timers = input.list(|input| {
        let (number, when) = (input.number()?, input.optional()?);
        Ok((number, Timer { when, to: pid(input)?, message: restore_message(plan, input)? }))
    })?;
    extra.timers = timers.into_iter().collect::<BTreeMap<_, _>>();
    if input.flag()? {
        extra.outgoing = Some(restore_message(plan, input)?);
    }
    extra.handed = match input.below(4, "end of a wait")? {
        0 => None,
        1 => Some(Handed::Done),
        2 => Some(Handed::Closed),
        _ => Some(Handed::Message(input.small()? as usize, restore_message(plan, input)?)),
    };
    extra.looked = (usize::try_from(input.number()?).unwrap_or(0), input.word()?);
    Ok(extra)
}
