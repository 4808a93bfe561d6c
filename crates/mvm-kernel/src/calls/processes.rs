//! Starting and ending processes, and what ties them to each other.

use mvm_exec::{Process, ProcessLimits};
use mvm_isa::{ErrorNumber, Right, Rights, Syscall, Trap, TrapCode};

use super::{Answer, Answered, Thrown, error, export, numbers, too_large};
use crate::core::Core;
use crate::effect::Effect;
use crate::sched::{Account, PRIORITIES};
use crate::signal::Signal;
use crate::task::{End, Grant, Monitor, Pid, State, Task, WaitsFor, WhenFull};

/// Most processes at a time.
const PROCESSES_MAX: usize = 1 << 20;

/// What `spawn_with` can say of a new process.
pub(super) struct Options {
    pub(super) grant: Grant,
    pub(super) limits: ProcessLimits,
    pub(super) account: Account,
    pub(super) linked: bool,
    /// Nobody for a new one.
    pub(super) group: Pid,
    /// Another program writes as this process does; none when it is not another one.
    pub(super) same_output: Option<bool>,
}

impl Options {
    /// Understands pairs of numbers. None when one means nothing.
    fn apply(&mut self, pairs: &[i64]) -> Option<()> {
        if !pairs.len().is_multiple_of(2) {
            return None;
        }
        for pair in pairs.chunks(2) {
            let size = || u64::try_from(pair[1]).ok();
            match pair[0] {
                1 => self.grant.rights = self.grant.rights.and(Rights(pair[1] as u64)),
                2 => {
                    let priority = usize::try_from(pair[1]).ok().filter(|&priority| priority < PRIORITIES)?;
                    self.account.priority = priority as u8;
                }
                3 => self.account.deadline = size(),
                4 => {
                    let heap = &mut self.limits.heap;
                    heap.limit_words = heap.limit_words.min(size()?.div_ceil(8));
                }
                5 => {
                    let slots = usize::try_from(size()? / 8).unwrap_or(usize::MAX);
                    self.limits.stack_slots = self.limits.stack_slots.min(slots);
                }
                6 => {
                    let words = usize::try_from(size()?.div_ceil(8)).unwrap_or(usize::MAX);
                    self.grant.mailbox_words = self.grant.mailbox_words.min(words.max(1));
                }
                7 => {
                    self.grant.when_full = match pair[1] {
                        0 => WhenFull::Block,
                        1 => WhenFull::DropOldest,
                        2 => WhenFull::DropNewest,
                        _ => return None,
                    };
                }
                8 => self.grant.reductions = self.grant.reductions.min(size()?),
                9 => self.grant.children = self.grant.children.min(size()?),
                10 => self.linked = [false, true].get(usize::try_from(pair[1]).ok()?).copied()?,
                11 => self.group = Pid(size()?),
                12 if self.same_output.is_some() => {
                    self.same_output = Some(*[false, true].get(usize::try_from(pair[1]).ok()?)?);
                }
                _ => return None,
            }
        }
        Some(())
    }
}

impl Options {
    /// What a new process is given when nothing is said, by the one that starts it.
    fn of(task: &Task) -> Options {
        // Who may start only some shares them with those that it starts.
        let limited = task.grant.children < u64::MAX;
        let children = if limited { 0 } else { u64::MAX };
        Options {
            grant: Grant { when_full: WhenFull::Block, children, ..task.grant },
            limits: task.process.limits(),
            account: Account { priority: task.account.priority, ..Account::default() },
            linked: false,
            group: task.group,
            same_output: None,
        }
    }

    /// The same with what these pairs of numbers say. None when one means nothing.
    fn with(task: &Task, call: Syscall, pairs: &[i64]) -> Option<Options> {
        let mut options = Options::of(task);
        options.same_output = (call == Syscall::SpawnProgram).then_some(false);
        let limited = task.grant.children < u64::MAX;
        if limited {
            options.grant.children = task.grant.children.saturating_sub(1);
        }
        options.apply(pairs)?;
        if limited && !pairs.chunks(2).any(|pair| pair[0] == 9) {
            options.grant.children = 0;
        }
        Some(options)
    }
}

/// The numbers that are the options of the pending call.
fn pairs(task: &Task, call: Syscall) -> Result<Vec<i64>, Thrown> {
    match (call, task.process.syscall_arg(1), task.process.syscall_arg_or_zero(2)) {
        (Syscall::SpawnProgram, _, 0) => Ok(Vec::new()),
        (Syscall::SpawnProgram, _, options) | (_, options, _) => numbers(&task.process, options),
    }
}

/// The group for a child that the options of the pending call name.
pub(super) fn group_of_child(task: &Task, call: Syscall) -> Option<Pid> {
    let pairs = pairs(task, call).ok()?;
    Options::with(task, call, &pairs).map(|options| options.group)
}

impl Core {
    pub(super) fn spawn(&mut self, call: Syscall) -> Answer {
        let here = self.current;
        let Some(task) = self.tasks.get_mut(here.0) else { return Ok(Answered::Waits) };
        let function = task.process.syscall_arg(0);
        if function == 0 {
            return Err(TrapCode::NullReference.into());
        }
        let options = match call {
            Syscall::SpawnWith => match self.options(call)? {
                Ok(options) => options,
                Err(answered) => return Ok(answered),
            },
            _ => Options::of(task),
        };
        let full = self.is_full();
        let Some(task) = self.tasks.get_mut(here.0) else { return Ok(Answered::Waits) };
        if full || task.grant.children == 0 {
            return self.done(&[error(ErrorNumber::Limit)]);
        }
        let value = export(task, &mut self.exporter, function)?;
        task.owe(value.charge());
        let image = task.process.image();
        if !Process::is_callable(image, &value) {
            return self.done(&[error(ErrorNumber::Invalid)]);
        }
        let process = Process::blank(image, options.limits);
        let mut new = Box::new(Task::new(process, task.program, here, options.grant, options.account));
        if !new.process.begin_closure(&value) {
            return self.done(&[error(ErrorNumber::Limit)]);
        }
        new.group = options.group;
        new.origin.clone_from(&task.origin);
        self.start(new, options.linked)
    }

    /// The options of the pending call, or what became of the call.
    pub(super) fn options(&mut self, call: Syscall) -> Result<Result<Options, Answered>, Thrown> {
        let Some(task) = self.tasks.get(self.current.0) else { return Ok(Err(Answered::Waits)) };
        let pairs = pairs(task, call)?;
        let Some(options) = Options::with(task, call, &pairs) else {
            return self.done(&[error(ErrorNumber::Invalid)]).map(Err);
        };
        if options.group != Pid::NONE
            && options.group != task.group
            && let Some(answered) = self.judge_group(call, options.group)
        {
            return Ok(Err(answered));
        }
        Ok(Ok(options))
    }

    /// Whether there cannot be more processes.
    pub(super) fn is_full(&self) -> bool {
        self.tasks.count() + self.tasks_elsewhere >= PROCESSES_MAX || self.is_crowded()
    }

    /// Takes in a process that the running one has made, and answers with its number.
    pub(super) fn start(&mut self, new: Box<Task>, linked: bool) -> Answer {
        let here = self.current;
        if let Some(task) = self.tasks.get_mut(here.0)
            && task.grant.children < u64::MAX
        {
            task.grant.children -= 1 + new.grant.children;
        }
        let Some(pid) = self.adopt(new) else { return self.done(&[error(ErrorNumber::Limit)]) };
        if linked {
            for (one, other) in [(here, pid), (pid, here)] {
                self.cause(Effect::Link { process: one, other });
            }
        }
        self.done(&[pid.0])
    }

    pub(super) fn exit(&mut self) -> Answer {
        let (pid, status) = (self.current, self.arg(0) as i64);
        let first = self.tasks.get(pid.0).is_some_and(|task| task.parent == Pid::NONE);
        if first {
            self.end_first(pid, crate::Exit::Status(status))
        } else {
            self.end(pid, &End::Normal)
        }
        Ok(Answered::Waits)
    }

    pub(super) fn about_itself(&mut self, call: Syscall) -> Answer {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let arg = task.process.syscall_arg_or_zero(0) as i64;
        let result = match call {
            Syscall::SelfPid => task.pid.0,
            Syscall::Parent => task.parent.0,
            Syscall::SetPriority if !(0..PRIORITIES as i64).contains(&arg) => error(ErrorNumber::Invalid),
            Syscall::SetPriority => u64::from(std::mem::replace(&mut task.account.priority, arg as u8)),
            _ => {
                task.account.deadline = u64::try_from(arg).ok();
                return self.done(&[]);
            }
        };
        self.done(&[result])
    }

    pub(super) fn monitor(&mut self) -> Answer {
        let (watcher, process) = (self.current, Pid(self.arg(0)));
        let message = self.export(self.arg(1))?;
        let words = message.words();
        let Some(task) = self.tasks.get_mut(watcher.0) else { return Ok(Answered::Waits) };
        if task.awaited_words + words > task.grant.mailbox_words {
            return Err(too_large(task.grant.mailbox_words));
        }
        task.awaited_words += words;
        task.held_words += words;
        self.held_words += words;
        let watches = task.extra().watches.entry(process).or_default();
        watches.count += 1;
        watches.words += words;
        self.finish(&[]);
        self.cause(Effect::Monitor { process, monitor: Monitor { watcher, message: Ok(message) } });
        Ok(Answered::Done)
    }

    pub(super) fn relate(&mut self, call: Syscall) -> Answer {
        let (here, other) = (self.current, Pid(self.arg(0)));
        self.finish(&[]);
        match call {
            _ if other == here => {}
            Syscall::Link => {
                self.cause(Effect::Link { process: here, other });
                self.cause(Effect::Link { process: other, other: here });
            }
            Syscall::Unlink => {
                self.cause(Effect::Unlink { process: here, other });
                self.cause(Effect::Unlink { process: other, other: here });
            }
            _ => {
                if let Some(task) = self.tasks.get_mut(here.0)
                    && let Some(extra) = &mut task.extra
                {
                    task.awaited_words -= extra.watches.remove(&other).map_or(0, |watches| watches.words);
                }
                self.cause(Effect::Unmonitor { process: other, watcher: here });
            }
        }
        Ok(Answered::Done)
    }

    pub(super) fn send_signal(&mut self, call: Syscall) -> Answer {
        let (by, process) = (self.current, Pid(self.arg(0)));
        let number = if call == Syscall::Kill { Signal::Kill as i64 } else { self.arg(1) as i64 };
        let Some(signal) = Signal::from_number(number) else {
            return Err(Trap::new(TrapCode::InvalidArgument, number, Signal::ALL.len() as i64).into());
        };
        let allowed =
            by == process || self.tasks.get(by.0).is_some_and(|task| task.grant.rights.has(Right::Control));
        self.finish(&[]);
        self.cause(Effect::Signal { process, signal, by, allowed });
        Ok(if self.running { Answered::Done } else { Answered::Waits })
    }

    pub(super) fn on_signal(&mut self) -> Answer {
        let number = self.arg(0) as i64;
        let signal = Signal::from_number(number).filter(|signal| signal.can_be_asked_for());
        let Some(signal) = signal else { return self.done(&[error(ErrorNumber::Invalid)]) };
        let message = match self.arg(1) {
            0 => None,
            object => Some(self.export(object)?),
        };
        let words = message.as_ref().map_or(0, |message| message.words());
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let kept = &mut task.extra().on_signal;
        let at = kept.iter().position(|known| known.0 == signal);
        let old = at.map_or(0, |at| kept.swap_remove(at).1.words());
        kept.extend(message.map(|message| (signal, message)));
        task.awaited_words = task.awaited_words + words - old;
        self.done(&[1])
    }

    /// A signal has come.
    pub(crate) fn signal(&mut self, pid: Pid, signal: Signal, by: Pid, allowed: bool) {
        let Some(task) = self.tasks.get_mut(pid.0) else { return };
        if !allowed && task.parent != by {
            return;
        }
        let asked =
            task.extra.as_ref().and_then(|extra| extra.on_signal.iter().find(|known| known.0 == signal));
        if let Some((_, message)) = asked {
            let message = message.clone();
            self.cause(Effect::Deliver { to: pid, from: Pid::NONE, message });
            return;
        }
        match signal {
            Signal::Interrupt | Signal::Terminate | Signal::Kill => {
                let first = task.parent == Pid::NONE;
                if first {
                    self.end_first(pid, crate::Exit::Status(signal.status()))
                } else {
                    self.end(pid, &End::Killed)
                }
            }
            Signal::Stop => {
                task.stopped = true;
                if self.current == pid && self.running {
                    self.set_aside();
                }
            }
            Signal::Continue => {
                if std::mem::take(&mut task.stopped) && task.state == State::Ready {
                    self.enqueue(pid, crate::sched::Why::Woken);
                }
            }
            Signal::User1 | Signal::User2 => {}
        }
    }

    /// The process whose mailbox has room again may send.
    pub(crate) fn resume(&mut self, pid: Pid) {
        if let Some(State::Waits(WaitsFor::Room(_), _)) = self.tasks.get(pid.0).map(|task| task.state) {
            self.wake(pid);
        }
    }
}
