//! What the kernel knows of a process, and the table of all of them.

use std::collections::VecDeque;

use mvm_exec::{Fault, Process, Uncaught};
use mvm_heap::Fragment;
use mvm_isa::Syscall;

/// The number of a process: the place in the table, and in the upper half how often the place has been used before, so that
/// the number of a process that has ended is not that of another for a very long time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pid(pub u64);

impl Pid {
    /// The first process.
    pub const MAIN: Pid = Pid(1);

    fn new(place: usize, used: u32) -> Pid {
        Pid((place as u64 + 1) | (u64::from(used) << 32))
    }

    fn place(self) -> Option<usize> {
        (self.0 as u32 as usize).checked_sub(1)
    }

    fn used(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can run, or does.
    Ready,
    /// It waits for a message; until this time, if there is one.
    Receiving {
        /// Nanoseconds of the machine's clock.
        until: Option<u64>,
    },
    /// It waits until a full mailbox has room again.
    Sending,
    /// It waits for a time.
    Sleeping {
        /// Nanoseconds of the machine's clock.
        until: u64,
    },
}

/// Why a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its function returned, or it asked to exit.
    Normal,
    /// An exception was not caught.
    Failed(Box<Uncaught>),
    /// Another process ended it, or one that it is linked to failed.
    Killed,
}

/// A process and what the kernel keeps for it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) process: Process,
    pub(crate) state: State,
    pub(crate) mailbox: VecDeque<Fragment>,
    /// Words of all messages in the mailbox.
    pub(crate) mailbox_words: usize,
    /// What the pending syscall raised when there was no fuel to enter the handler: it is not asked again.
    pub(crate) fault: Option<Fault>,
    /// Who is told of its end, with what.
    pub(crate) monitors: Vec<(Pid, Fragment)>,
    /// Processes that it has monitored.
    pub(crate) watches: Vec<Pid>,
    /// Processes whose failure is its own.
    pub(crate) links: Vec<Pid>,
    /// Counts how often it has begun to wait: a timer of an earlier wait is no longer meant.
    pub(crate) waits: u64,
    /// Processes that wait until this one's mailbox has room.
    pub(crate) blocked: Vec<Pid>,
    /// Words of the messages that it is to be sent by monitors.
    pub(crate) awaited_words: usize,
    /// Words of the host's memory that it was known to hold last.
    pub(crate) held_words: usize,
    /// A timer ended its wait.
    pub(crate) woken: bool,
    /// The call that it waits in, and its first argument.
    pub(crate) waits_in: Option<(Syscall, i64)>,
}

impl Task {
    pub(crate) fn new(process: Process) -> Task {
        Task {
            process,
            state: State::Ready,
            mailbox: VecDeque::new(),
            mailbox_words: 0,
            fault: None,
            monitors: Vec::new(),
            watches: Vec::new(),
            links: Vec::new(),
            waits: 0,
            held_words: 0,
            blocked: Vec::new(),
            awaited_words: 0,
            woken: false,
            waits_in: None,
        }
    }
}

/// Places are used again when there are so many, the one that was given up first: numbers stay small, and the same number
/// does not come back soon.
const FRESH_PLACES: usize = 1 << 16;

/// All processes but those that have ended.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    places: Vec<(u32, Option<Box<Task>>)>,
    unused: VecDeque<u32>,
    count: usize,
}

impl Tasks {
    /// Takes a process in. None when there cannot be more.
    pub(crate) fn insert(&mut self, task: Box<Task>) -> Option<Pid> {
        let place = match self.unused.front() {
            Some(&place) if self.places.len() >= FRESH_PLACES => {
                self.unused.pop_front();
                place as usize
            }
            _ => {
                u32::try_from(self.places.len() + 1).ok()?;
                self.places.try_reserve(1).ok()?;
                self.places.push((0, None));
                self.places.len() - 1
            }
        };
        let (used, slot) = &mut self.places[place];
        *slot = Some(task);
        self.count += 1;
        Some(Pid::new(place, *used))
    }

    /// Takes a process out.
    pub(crate) fn remove(&mut self, pid: Pid) -> Option<Box<Task>> {
        let place = pid.place()?;
        let (used, slot) = self.places.get_mut(place).filter(|(used, _)| *used == pid.used())?;
        let task = slot.take()?;
        *used = used.wrapping_add(1);
        self.unused.push_back(place as u32);
        self.count -= 1;
        Some(task)
    }

    pub(crate) fn get(&self, pid: Pid) -> Option<&Task> {
        let (used, task) = self.places.get(pid.place()?)?;
        task.as_deref().filter(|_| *used == pid.used())
    }

    pub(crate) fn get_mut(&mut self, pid: Pid) -> Option<&mut Task> {
        let (used, task) = self.places.get_mut(pid.place()?)?;
        task.as_deref_mut().filter(|_| *used == pid.used())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// All of them, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Pid, &Task)> {
        self.places
            .iter()
            .enumerate()
            .filter_map(|(place, (used, task))| Some((Pid::new(place, *used), task.as_deref()?)))
    }
}
