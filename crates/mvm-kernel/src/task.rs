//! What the kernel knows of a process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use mvm_exec::{Fault, Process, Uncaught};
use mvm_heap::Fragment;
use mvm_isa::{ErrorNumber, Rights, Syscall};

use crate::machine::Plan;
use crate::sched::{Account, Policy, Why};
use crate::signal::Signal;

/// The number of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u64);

impl Pid {
    /// The first process of the first program.
    pub const MAIN: Pid = Pid(1);
    /// Nobody.
    pub(crate) const NONE: Pid = Pid(0);
}

/// Whose a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) process: Pid,
    /// The type of the messages that it takes, when that was said.
    pub(crate) messages: Option<Box<str>>,
}

/// What a process waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// A message in its mailbox.
    Message,
    /// Room in the mailbox of this process.
    Room(Pid),
    /// Only that time passes.
    Time,
    /// A channel: a message in it, or room.
    Channel(u64),
    /// One of several channels.
    Channels,
    /// The answer to a reference, by this process.
    Reply(Pid),
    /// A number in a shared segment that changes.
    Segment(u64),
    /// Input of the console.
    Input,
    /// The core on which what it asked for is.
    Core(u32),
    /// The answer of a device to this request.
    Device(u64),
}

impl WaitsFor {
    /// What it is, not 0, and which.
    pub(crate) fn numbers(self) -> (u64, u64) {
        match self {
            WaitsFor::Message => (1, 0),
            WaitsFor::Room(pid) => (2, pid.0),
            WaitsFor::Time => (3, 0),
            WaitsFor::Channel(channel) => (4, channel),
            WaitsFor::Channels => (5, 0),
            WaitsFor::Reply(pid) => (6, pid.0),
            WaitsFor::Segment(segment) => (7, segment),
            WaitsFor::Input => (8, 0),
            WaitsFor::Core(core) => (9, core.into()),
            WaitsFor::Device(request) => (10, request),
        }
    }

    /// The other way round.
    pub(crate) fn from_numbers(kind: u64, of: u64) -> Option<WaitsFor> {
        Some(match kind {
            1 => WaitsFor::Message,
            2 => WaitsFor::Room(Pid(of)),
            3 => WaitsFor::Time,
            4 => WaitsFor::Channel(of),
            5 => WaitsFor::Channels,
            6 => WaitsFor::Reply(Pid(of)),
            7 => WaitsFor::Segment(of),
            8 => WaitsFor::Input,
            9 => WaitsFor::Core(u32::try_from(of).ok()?),
            10 => WaitsFor::Device(of),
            _ => return None,
        })
    }
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can run, or does.
    Ready,
    /// It waits for this, until that time (nanoseconds of the machine's clock) if there is one.
    Waits(WaitsFor, Option<u64>),
}

/// Why a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its function returned, or it asked to exit.
    Normal,
    /// An exception was not caught.
    Failed(Box<Uncaught>),
    /// Another process ended it, or one that it is linked to failed, or a signal did.
    Killed,
    /// It passed a limit: which.
    Limit(&'static str),
    /// It was not there any more when somebody asked.
    Gone,
}

impl End {
    /// The number that watchers get as the tag of their message.
    pub(crate) fn tag(&self) -> i64 {
        match self {
            End::Normal => 0,
            End::Failed(_) => 1,
            End::Killed => 2,
            End::Limit(_) => 3,
            End::Gone => ErrorNumber::Gone as i64,
        }
    }

    /// What watchers are told in words.
    #[expect(clippy::box_collection, reason = "as in a message")]
    pub(crate) fn note(&self) -> Option<Box<String>> {
        match self {
            End::Normal | End::Killed | End::Gone => None,
            End::Failed(uncaught) => Some(Box::new(uncaught.message.clone())),
            End::Limit(which) => Some(Box::new((*which).into())),
        }
    }
}

/// A value on its way, or in a mailbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub(crate) value: Fragment,
    pub(crate) tag: i64,
    /// The program whose classes it is made of.
    pub(crate) program: u32,
    /// What watchers are told of an end.
    #[expect(clippy::box_collection, reason = "most messages have none, and a mailbox has many messages")]
    pub(crate) note: Option<Box<String>>,
}

/// Words that a message is charged for beside what it consists of.
pub(crate) const ENVELOPE_WORDS: usize = 10;

impl Message {
    pub(crate) fn new(value: Fragment) -> Message {
        Message { value, tag: 0, program: 0, note: None }
    }

    /// Whether a process of that program has no idea of its classes.
    #[inline]
    pub(crate) fn is_foreign_to(&self, program: u32) -> bool {
        self.program != program && self.value.has_own_classes()
    }

    /// Words of memory it takes.
    #[inline]
    pub(crate) fn words(&self) -> usize {
        self.words_without_note() + self.note.as_ref().map_or(0, |note| note.len().div_ceil(8))
    }

    /// The same before something was said of an end.
    pub(crate) fn words_without_note(&self) -> usize {
        self.value.charge() + ENVELOPE_WORDS
    }

    /// Calls `put` with everything that tells messages of one program apart.
    pub(crate) fn each_word(&self, plan: &Plan, put: &mut dyn FnMut(u64)) {
        put(self.tag as u64);
        put(self.value.charge() as u64);
        self.value.each_word(plan.programs[self.program as usize].image.layouts(), &mut *put);
        for byte in self.note.iter().flat_map(|note| note.bytes()) {
            put(byte.into());
        }
    }
}

/// What a full mailbox does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// The sender waits.
    Block,
    /// The oldest message is dropped.
    DropOldest,
    /// The new message is dropped.
    DropNewest,
}

/// What a process was given when it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) rights: Rights,
    /// Its mailbox is full with so many words.
    pub(crate) mailbox_words: usize,
    pub(crate) when_full: WhenFull,
    /// Reductions after which it is ended.
    pub(crate) reductions: u64,
    /// Processes that it may start.
    pub(crate) children: u64,
}

/// A message that comes when a process ends.
#[derive(Debug)]
pub(crate) struct Monitor {
    pub(crate) watcher: Pid,
    /// What is sent; none when the answer to a reference is that there will be none.
    pub(crate) message: Result<Message, u64>,
}

/// A message that is to be sent later.
#[derive(Debug)]
pub(crate) struct Timer {
    /// Nanoseconds of the machine's clock; none for never.
    pub(crate) when: Option<u64>,
    pub(crate) to: Pid,
    pub(crate) message: Message,
}

/// How often a process has monitored another one, and the words of all these messages.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    pub(crate) count: usize,
    pub(crate) words: usize,
}

/// What a wait ended with.
#[derive(Debug)]
pub(crate) enum Handed {
    /// Something was put into its hands: which of the channels, and what.
    Message(usize, Message),
    /// What it gave has been taken, or what it waited for has happened.
    Done,
    /// Nothing will come any more.
    Closed,
}

/// How a process may access a segment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Access {
    pub(crate) writable: bool,
    /// Words for which it is charged because it has made the segment.
    pub(crate) words: usize,
}

/// Rare parts of a process: most have none of this.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    /// Who is told of its end.
    pub(crate) monitors: Vec<Monitor>,
    /// Processes that it has monitored.
    pub(crate) watches: BTreeMap<Pid, Watches>,
    /// Processes whose failure is its own.
    pub(crate) links: BTreeSet<Pid>,
    /// Processes that wait until this one's mailbox has room.
    pub(crate) blocked: Vec<Pid>,
    /// Signals that it wants as messages.
    pub(crate) on_signal: Vec<(Signal, Message)>,
    /// Channels that it has made.
    pub(crate) channels: Vec<u64>,
    /// Segments that it may access, and whether it may write.
    pub(crate) segments: BTreeMap<u64, Access>,
    /// Words of the segments that it has made.
    pub(crate) segment_words: usize,
    /// References that it waits for answers to.
    pub(crate) replies: BTreeSet<u64>,
    /// Messages that it sends later, by number.
    pub(crate) timers: BTreeMap<u64, Timer>,
    /// What it has given and nobody has taken.
    pub(crate) outgoing: Option<Message>,
    /// What it was handed while it waited.
    pub(crate) handed: Option<Handed>,
    /// Messages that a selective receive has looked at, and a hash of what it looked for.
    pub(crate) looked: (usize, u64),
}

/// How a process has started a program.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The program with whose first process it ends.
    pub(crate) root: u32,
    /// The program that its output is from.
    pub(crate) output: u32,
    pub(crate) arguments: Vec<String>,
}

/// Words of memory that arguments take.
pub(crate) fn argument_words(arguments: &[String]) -> usize {
    arguments.iter().map(|text| size_of::<String>() / 8 + text.len().div_ceil(8)).sum()
}

/// A process and what the kernel keeps for it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) process: Process,
    pub(crate) pid: Pid,
    pub(crate) state: State,
    pub(crate) account: Account,
    /// The program whose code it runs.
    pub(crate) program: u32,
    pub(crate) parent: Pid,
    /// How its program was started, when a process has done that.
    pub(crate) origin: Option<Arc<Origin>>,
    /// The process whose group it is in; nobody until it has a number, when the group is its own.
    pub(crate) group: Pid,
    pub(crate) grant: Grant,
    pub(crate) mailbox: VecDeque<Message>,
    /// Words of all messages in the mailbox.
    pub(crate) mailbox_words: usize,
    /// Words of messages that it is to be sent later, or has given and nobody has taken.
    pub(crate) awaited_words: usize,
    /// Words of the host's memory that it was known to hold last.
    pub(crate) held_words: usize,
    /// What the pending syscall raised when there was no fuel to enter the handler: it is not asked again.
    pub(crate) fault: Option<Box<Fault>>,
    /// Reductions that it owes for what was copied for it.
    pub(crate) debt: u64,
    /// Counts how often it has begun to wait: a timer of an earlier wait is no longer meant.
    pub(crate) waits: u64,
    /// The call that it waits in, to be looked at again when it runs.
    pub(crate) waits_in: Option<Syscall>,
    /// When the wait ends that it is in, or comes from.
    pub(crate) until: Option<u64>,
    /// A timer ended its wait.
    pub(crate) timed_out: bool,
    /// It is in the queue of the policy.
    pub(crate) queued: bool,
    /// A signal has stopped it.
    pub(crate) stopped: bool,
    /// State of its sequence of random numbers.
    pub(crate) random: u64,
    /// It came to this core because something is here, and has not asked for that yet.
    pub(crate) came: bool,
    pub(crate) extra: Option<Box<Extra>>,
}

impl Task {
    #[inline(always)]
    pub(crate) fn new(process: Process, program: u32, parent: Pid, grant: Grant, account: Account) -> Task {
        Task {
            process,
            pid: Pid::NONE,
            state: State::Ready,
            account,
            program,
            parent,
            origin: None,
            group: Pid::NONE,
            grant,
            mailbox: VecDeque::new(),
            mailbox_words: 0,
            awaited_words: 0,
            held_words: 0,
            fault: None,
            debt: 0,
            waits: 0,
            waits_in: None,
            until: None,
            timed_out: false,
            queued: false,
            stopped: false,
            random: 0,
            came: false,
            extra: None,
        }
    }

    /// The program with whose first process it ends.
    pub(crate) fn root(&self) -> u32 {
        self.origin.as_ref().map_or(self.program, |origin| origin.root)
    }

    /// The program that its output is from.
    pub(crate) fn output(&self) -> u32 {
        self.origin.as_ref().map_or(self.program, |origin| origin.output)
    }

    /// The rare parts, made when there are none.
    pub(crate) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Words of the host's memory that it holds, with what the kernel keeps of it.
    #[inline]
    pub(crate) fn holds(&self) -> usize {
        /// In tables and queues, and for links and monitors of those that have some.
        const PLACES: usize = 32;
        const KEPT: usize = (size_of::<Task>() - size_of::<Process>()) / 8 + PLACES;
        let arguments = self.origin.as_ref().map_or(0, |origin| argument_words(&origin.arguments));
        self.process.held_words() + KEPT + self.mailbox_words + self.awaited_words + arguments
    }

    /// Notes what it holds now, in the sum of its core too.
    #[inline]
    pub(crate) fn weigh(&mut self, sum: &mut usize) {
        let held = self.holds();
        *sum = *sum + held - self.held_words;
        self.held_words = held;
    }

    /// Counts the words of messages that it is to be sent later, or has given, or was handed.
    pub(crate) fn count_awaited(&mut self) {
        let Some(extra) = &self.extra else { return };
        let handed = match &extra.handed {
            Some(Handed::Message(_, message)) => message.words(),
            _ => 0,
        };
        self.awaited_words = handed
            + extra.watches.values().map(|watches| watches.words).sum::<usize>()
            + extra.on_signal.iter().map(|(_, message)| message.words()).sum::<usize>()
            + extra.timers.values().map(|timer| timer.message.words()).sum::<usize>()
            + extra.outgoing.as_ref().map_or(0, Message::words);
    }

    /// It can run from now on.
    #[inline]
    pub(crate) fn enqueue(&mut self, pid: Pid, why: Why, clock: u64, policy: &mut dyn Policy) {
        self.account.since = clock;
        if !self.queued && !self.stopped {
            self.queued = true;
            policy.add(pid, why, &mut self.account);
        }
    }

    /// Whether it has asked for a message instead of what the signal does.
    pub(crate) fn wants_signal(&self, signal: Signal) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.on_signal.iter().any(|known| known.0 == signal))
    }

    /// Whether its mailbox takes no more.
    pub(crate) fn is_full(&self) -> bool {
        self.mailbox_words >= self.grant.mailbox_words
    }

    /// Calls `put` with everything of it that decides how it goes on, but for the process itself.
    pub(crate) fn each_word(&self, plan: &Plan, put: &mut dyn FnMut(u64)) {
        match self.state {
            State::Ready => put(0),
            State::Waits(what, until) => {
                let (kind, of) = what.numbers();
                put(kind);
                put(of);
                put(until.map_or(0, |until| until + 1));
            }
        }
        put(self.debt);
        put(self.group.0);
        put(u64::from(self.root()) | u64::from(self.output()) << 32);
        for text in self.origin.iter().flat_map(|origin| &origin.arguments) {
            put(text.len() as u64);
            text.bytes().for_each(|byte| put(byte.into()));
        }
        put(u64::from(self.timed_out)
            | u64::from(self.stopped) << 1
            | u64::from(self.queued) << 2
            | u64::from(self.came) << 3);
        put(self.random);
        put(self.account.used);
        put(self.account.key);
        put(u64::from(self.account.priority) | u64::from(self.account.level) << 8);
        put(self.account.deadline.map_or(0, |deadline| deadline + 1));
        self.mailbox.iter().for_each(|message| message.each_word(plan, put));
        let Some(extra) = &self.extra else { return };
        for monitor in &extra.monitors {
            put(monitor.watcher.0);
            match &monitor.message {
                Ok(message) => message.each_word(plan, put),
                Err(reference) => put(*reference),
            }
        }
        extra.links.iter().chain(&extra.blocked).for_each(|pid| put(pid.0));
        for (signal, message) in &extra.on_signal {
            put(*signal as u64);
            message.each_word(plan, put);
        }
        for timer in extra.timers.values() {
            put(timer.when.map_or(0, |when| when + 1));
            put(timer.to.0);
            timer.message.each_word(plan, put);
        }
        extra.outgoing.iter().for_each(|message| message.each_word(plan, put));
        match &extra.handed {
            None => put(0),
            Some(Handed::Done) => put(1),
            Some(Handed::Closed) => put(2),
            Some(Handed::Message(which, message)) => {
                put(3 + *which as u64);
                message.each_word(plan, put);
            }
        }
        put(extra.looked.0 as u64);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_idle_process_takes_at_most_a_kibibyte() {
        let bookkeeping_of_the_allocator = 16;
        let place_in_the_table = 16;
        let first_stack = 256;
        let all = size_of::<super::Task>() + bookkeeping_of_the_allocator + place_in_the_table + first_stack;
        assert!(all <= 1024, "{all} bytes");
    }
}
