//! What a process does to others. On one core it happens at once; what concerns another core waits in the outbox until the
//! round is over, and then happens in the order of the cores.

use crate::core::Core;
use crate::host::Stream;
use crate::machine::Exit;
use crate::planted::Planted;
use crate::sched::Why;
use crate::signal::Signal;
use crate::table::Whereabouts;
use crate::task::{End, Message, Monitor, Pid, State, WaitsFor, WhenFull};
use crate::trace::What;

/// Exit status of a program whose first process was killed.
const KILLED_STATUS: i64 = 137;
/// Exit status of a program whose first process passed a limit.
pub(crate) const LIMIT_STATUS: i64 = 3;

/// Something that happens to a process, or to the outside.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A message. Its sender waits when the mailbox is full.
    Deliver { to: Pid, from: Pid, message: Message },
    /// The process is watched.
    Monitor { process: Pid, monitor: Monitor },
    /// It is not, any more.
    Unmonitor { process: Pid, watcher: Pid },
    /// The message that a monitor was to send.
    Tell { to: Pid, process: Pid, message: Message },
    /// Another process is linked to it.
    Link { process: Pid, other: Pid },
    /// It is not, any more.
    Unlink { process: Pid, other: Pid },
    /// One that it is linked to has ended.
    LinkEnded { process: Pid, other: Pid, normal: bool },
    /// A signal, by whom, and whether that one has the right.
    Signal { process: Pid, signal: Signal, by: Pid, allowed: bool },
    /// The mailbox that it waited for has room.
    Resume { process: Pid },
    /// It is to wait until the mailbox has room.
    Suspend { process: Pid, until: Pid },
    /// The answer to a reference; none when there will be none.
    Answer { reference: u64, message: Option<Message> },
    /// The one who was to answer is not waited for any more.
    Unwatch { process: Pid, reference: u64 },
    /// Nobody waits for the answer any more.
    DropReference { reference: u64 },
    /// The owner of the channel has ended.
    DropChannel { channel: u64 },
    /// A process that could access the segment has ended.
    LeaveSegment { process: Pid, segment: u64 },
    /// It may access a segment of this core.
    Share { process: Pid, segment: u64, writable: bool },
    /// The one who made it is told that a thing has ended, so that its number can be used again.
    Forget { process: Pid },
    /// The core that made a channel is told that it has ended.
    ForgetChannel { channel: u64 },
    /// It goes to the core where what it asked for is.
    Move { process: Pid, to: u32 },
    /// It and the channels come together on one core.
    Gather { process: Pid, channels: Vec<u64> },
    /// The machine answers what it has asked for, which concerns all cores.
    Ask { process: Pid },
    /// Output of a process that is not on the core of the console.
    Print { program: u32, stream: Stream, bytes: Vec<u8> },
}

/// Where an effect happens.
pub(crate) enum Target {
    /// Where this process is.
    Process(Pid),
    /// Where the reference was made.
    Reference(u64),
    /// Where the channel was made.
    Channel(u64),
    /// Where the segment was made.
    Segment(u64),
    /// On the core where the process was made.
    Maker(Pid),
    /// On the core where the channel was made.
    ChannelMaker(u64),
    /// Between rounds.
    Kernel,
}

impl Effect {
    pub(crate) fn target(&self) -> Target {
        match self {
            Effect::Deliver { to, .. } | Effect::Tell { to, .. } => Target::Process(*to),
            Effect::Monitor { process, .. }
            | Effect::Unmonitor { process, .. }
            | Effect::Link { process, .. }
            | Effect::Unlink { process, .. }
            | Effect::LinkEnded { process, .. }
            | Effect::Signal { process, .. }
            | Effect::Resume { process }
            | Effect::Suspend { process, .. }
            | Effect::Share { process, .. } => Target::Process(*process),
            Effect::Unwatch { process, .. } => Target::Process(*process),
            Effect::Answer { reference, .. } | Effect::DropReference { reference } => {
                Target::Reference(*reference)
            }
            Effect::DropChannel { channel } => Target::Channel(*channel),
            Effect::LeaveSegment { segment, .. } => Target::Segment(*segment),
            Effect::Forget { process } => Target::Maker(*process),
            Effect::ForgetChannel { channel } => Target::ChannelMaker(*channel),
            Effect::Move { .. } | Effect::Gather { .. } | Effect::Ask { .. } | Effect::Print { .. } => {
                Target::Kernel
            }
        }
    }

    /// Words of memory it takes while it waits.
    pub(crate) fn words(&self) -> usize {
        const SELF: usize = size_of::<Effect>() / 8;
        SELF + match self {
            Effect::Deliver { message, .. } | Effect::Tell { message, .. } => message.words(),
            Effect::Monitor { monitor, .. } => monitor.message.as_ref().map_or(0, Message::words),
            Effect::Answer { message, .. } => message.as_ref().map_or(0, Message::words),
            Effect::Print { bytes, .. } => bytes.len() / 8,
            _ => 0,
        }
    }
}

impl Core {
    /// Does something to a process: at once when it is here.
    pub(crate) fn cause(&mut self, effect: Effect) {
        let place = match effect.target() {
            Target::Process(pid) => self.tasks.find(pid.0),
            Target::Reference(reference) => self.references.find(reference),
            Target::Channel(channel) => self.channels.find(channel),
            Target::Segment(segment) => self.segments.find(segment),
            Target::Maker(pid) => self.tasks.maker(pid.0).map_or(Whereabouts::Nowhere, Whereabouts::Core),
            Target::ChannelMaker(channel) => {
                self.channels.maker(channel).map_or(Whereabouts::Nowhere, Whereabouts::Core)
            }
            Target::Kernel => Whereabouts::Core(0),
        };
        match place {
            Whereabouts::Core(_) => {
                self.outbox_words += effect.words();
                self.outbox.push(effect);
            }
            Whereabouts::Here | Whereabouts::Nowhere => self.apply(effect),
        }
    }

    /// Does something to a process that is here, or nowhere, and then what follows from it. One after the other: a chain of links
    /// may be long.
    pub(crate) fn apply(&mut self, effect: Effect) {
        if self.applying {
            self.follow.push_back(effect);
            return;
        }
        self.applying = true;
        self.apply_one(effect);
        while let Some(effect) = self.follow.pop_front() {
            self.apply_one(effect);
        }
        self.applying = false;
    }

    fn apply_one(&mut self, effect: Effect) {
        match effect {
            // Nobody can be made to wait for what comes by itself, so there is a limit to it.
            Effect::Deliver { to, from: Pid::NONE, .. } if self.overflows(to) => {}
            Effect::Deliver { to, from, message } => {
                if from != Pid::NONE && self.has_bug(Planted::DoubledMessage) {
                    self.deliver(to, from, message.clone());
                }
                self.deliver(to, from, message);
            }
            Effect::Monitor { process, monitor } => match self.tasks.get_mut(process.0) {
                Some(task) => task.extra().monitors.push(monitor),
                None => self.fire(monitor, process, &End::Gone),
            },
            Effect::Unmonitor { process, watcher } => {
                if let Some(extra) = self.extra_of(process) {
                    extra.monitors.retain(|monitor| monitor.watcher != watcher || monitor.message.is_err());
                }
            }
            Effect::Tell { to, process, message } => self.tell(to, process, message),
            Effect::Link { process, other } => match self.tasks.get_mut(process.0) {
                Some(task) => {
                    task.extra().links.insert(other);
                }
                None => self.cause(Effect::Unlink { process: other, other: process }),
            },
            Effect::Unlink { process, other } => {
                if let Some(extra) = self.extra_of(process) {
                    extra.links.remove(&other);
                }
            }
            Effect::LinkEnded { process, other, normal } => {
                let forgotten = self.has_bug(Planted::ForgottenLink);
                if let Some(extra) = self.extra_of(process)
                    && extra.links.remove(&other)
                    && !normal
                    && !forgotten
                {
                    self.end(process, &End::Killed);
                }
            }
            Effect::Signal { process, signal, by, allowed } => self.signal(process, signal, by, allowed),
            Effect::Resume { process } => self.resume(process),
            Effect::Unwatch { process, reference } => {
                if let Some(extra) = self.extra_of(process) {
                    extra
                        .monitors
                        .retain(|monitor| !matches!(monitor.message, Err(known) if known == reference));
                }
            }
            Effect::DropReference { reference } => self.drop_reference(reference),
            Effect::DropChannel { channel } => self.drop_channel(channel),
            Effect::LeaveSegment { process, segment } => self.leave_segment(segment, process),
            Effect::Suspend { process, until } => self.suspend(process, until),
            Effect::Answer { reference, message } => self.answer_reference(reference, message),
            Effect::Share { process, segment, writable } => self.may_access(process, segment, writable),
            Effect::Forget { process } => self.tasks.forget(process.0),
            Effect::ForgetChannel { channel } => self.channels.forget(channel),
            Effect::Move { .. } | Effect::Gather { .. } | Effect::Ask { .. } | Effect::Print { .. } => {
                debug_assert!(false, "these are for the machine")
            }
        }
    }

    fn extra_of(&mut self, pid: Pid) -> Option<&mut crate::task::Extra> {
        self.tasks.get_mut(pid.0)?.extra.as_deref_mut()
    }

    /// Whether a mailbox has twice as much as it may.
    fn overflows(&self, pid: Pid) -> bool {
        self.tasks.get(pid.0).is_some_and(|task| task.mailbox_words / 2 >= task.grant.mailbox_words)
    }

    /// A process has received the message that it waited for.
    #[inline]
    pub(crate) fn received(&mut self, to: Pid, from: Pid) {
        let Some(task) = self.tasks.get_mut(to.0) else { return };
        task.enqueue(to, Why::Woken, self.clock, &mut *self.policy);
        if self.trace.is_some() {
            if from != Pid::NONE {
                self.note(to, What::Message(from));
            }
            self.note(to, What::Ready);
        }
    }

    /// Puts a message into a mailbox. Of a process that has ended nobody hears.
    pub(crate) fn deliver(&mut self, to: Pid, from: Pid, message: Message) {
        let here = self.current;
        let (loses, overtakes) = (self.has_bug(Planted::LostMessage), self.has_bug(Planted::Overtaken));
        let Some(task) = self.tasks.get_mut(to.0).filter(|task| !message.is_foreign_to(task.program)) else {
            return;
        };
        if task.receive_at_once(&message) {
            // The heap may have grown by much.
            task.weigh(&mut self.held_words);
            return self.received(to, from);
        }
        let words = message.words();
        if loses && task.mailbox.len() == 3 {
            return;
        }
        if task.is_full() {
            match task.grant.when_full {
                WhenFull::Block => {}
                WhenFull::DropNewest => return,
                WhenFull::DropOldest => {
                    while task.is_full()
                        && let Some(oldest) = task.take(0)
                    {
                        task.held_words -= oldest.words();
                        self.held_words -= oldest.words();
                    }
                }
            }
        }
        task.mailbox_words += words;
        task.held_words += words;
        self.held_words += words;
        let wanted = task.wants(&message);
        if overtakes {
            task.mailbox.push_front(message);
        } else {
            task.mailbox.push_back(message);
        }
        let must_wait =
            task.is_full() && task.grant.when_full == WhenFull::Block && from != Pid::NONE && from != to;
        if must_wait {
            task.extra().blocked.push(from);
        }
        if self.trace.is_some() && from != Pid::NONE {
            self.note(to, What::Message(from));
        }
        if wanted {
            self.wake(to);
        }
        if must_wait {
            if from == here && self.running {
                self.wait(WaitsFor::Room(to), None);
            } else {
                self.cause(Effect::Suspend { process: from, until: to });
            }
        }
    }

    /// A process that has sent to a full mailbox in another round waits now, unless it does already.
    fn suspend(&mut self, process: Pid, until: Pid) {
        if self.tasks.get(process.0).is_none_or(|task| task.state != State::Ready) {
            return;
        }
        if self.current == process && self.running {
            self.set_aside();
        }
        if let Some(task) = self.tasks.get_mut(process.0) {
            task.state = State::Waits(WaitsFor::Room(until), None);
        }
    }

    /// Delivers what a monitor was to send.
    fn tell(&mut self, watcher: Pid, watched: Pid, message: Message) {
        let Some(task) = self.tasks.get_mut(watcher.0) else { return };
        let Some(extra) = &mut task.extra else { return };
        let Some(watches) = extra.watches.get_mut(&watched) else { return };
        // What was noted when it was asked for, if nobody has tampered with it.
        let words = message.words_without_note().min(watches.words);
        watches.count = watches.count.saturating_sub(1);
        watches.words = watches.words.saturating_sub(words);
        if watches.count == 0 {
            extra.watches.remove(&watched);
        }
        task.awaited_words -= words;
        task.held_words -= words;
        self.held_words -= words;
        if self.has_bug(Planted::NotTold) && message.tag == End::Killed.tag() {
            return;
        }
        if self.has_bug(Planted::ToldTwice) {
            self.deliver(watcher, Pid::NONE, message.clone());
        }
        self.deliver(watcher, Pid::NONE, message);
    }

    /// Sends what a monitor was to send.
    fn fire(&mut self, monitor: Monitor, process: Pid, end: &End) {
        match monitor.message {
            Ok(message) => {
                let message = Message { tag: end.tag(), note: end.note(), ..message };
                self.cause(Effect::Tell { to: monitor.watcher, process, message });
            }
            Err(reference) => self.cause(Effect::Answer { reference, message: None }),
        }
    }

    /// Ends a process, and tells whoever wants to know. The first process of a program stays, for the report.
    pub(crate) fn end(&mut self, pid: Pid, end: &End) {
        if self.tasks.get(pid.0).is_none() {
            return;
        }
        self.note(pid, What::Ends(end.tag()));
        let Some(task) = self.tasks.get_mut(pid.0) else { return };
        if task.parent == Pid::NONE {
            let exit = match end {
                End::Normal => Exit::Status(self.plan.status_of(task)),
                End::Failed(uncaught) => Exit::Uncaught(uncaught.clone()),
                End::Killed | End::Gone => Exit::Status(KILLED_STATUS),
                End::Limit(_) => Exit::Status(LIMIT_STATUS),
            };
            self.end_first(pid, exit);
            return;
        }
        self.remove(pid, end);
    }

    /// The first process of a program has ended, and so has the program.
    pub(crate) fn end_first(&mut self, pid: Pid, exit: Exit) {
        let Some(program) = self.tasks.get(pid.0).map(|task| task.root()) else { return };
        if self.current == pid && self.running {
            self.set_aside();
        }
        if !self.exits.iter().any(|&(known, _)| known == program) {
            self.exits.push((program, exit));
        }
    }

    /// Takes a process out, and tells whoever wants to know.
    pub(crate) fn remove(&mut self, pid: Pid, end: &End) {
        if pid == self.current && self.running {
            self.set_aside();
        }
        let Some(mut task) = self.tasks.remove(pid.0) else { return };
        if self.tasks.maker(pid.0).is_some() {
            self.cause(Effect::Forget { process: pid });
        }
        self.held_words -= task.held_words;
        let Some(mut extra) = task.extra.take() else { return };
        for (watched, _) in std::mem::take(&mut extra.watches) {
            self.cause(Effect::Unmonitor { process: watched, watcher: pid });
        }
        for monitor in std::mem::take(&mut extra.monitors) {
            self.fire(monitor, pid, end);
        }
        for sender in std::mem::take(&mut extra.blocked) {
            self.cause(Effect::Resume { process: sender });
        }
        for channel in std::mem::take(&mut extra.channels) {
            self.cause(Effect::DropChannel { channel });
        }
        for (segment, _) in std::mem::take(&mut extra.segments) {
            self.cause(Effect::LeaveSegment { process: pid, segment });
        }
        for reference in std::mem::take(&mut extra.replies) {
            self.cause(Effect::DropReference { reference });
        }
        let normal = *end == End::Normal;
        for linked in std::mem::take(&mut extra.links) {
            self.cause(Effect::LinkEnded { process: linked, other: pid, normal });
        }
    }
}
