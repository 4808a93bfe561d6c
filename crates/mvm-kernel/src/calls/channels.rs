//! Bounded channels.
//!
//! A channel is where somebody uses it; only when a process selects from channels of several cores they come together, with everybody
//! who waits at them.
//!
//! What a waiting process gets is put into its hands when it is woken, so that nobody who comes later gets it first.

use mvm_isa::{ErrorNumber, Syscall};

use super::{Answer, Answered, error, numbers};
use crate::channel::Channel;
use crate::core::Core;
use crate::effect::Effect;
use crate::table::Whereabouts;
use crate::task::{Handed, Message, Pid, State, Task, WaitsFor};

const CAPACITY_MAX: i64 = 1 << 20;
/// Channels that a process may have made.
const CHANNELS_MAX: usize = 1 << 16;

impl Task {
    /// The channels from which it waits for a message.
    pub(crate) fn selected(&self) -> Vec<u64> {
        let waits = self.waits_in == Some(Syscall::Select);
        let channels = waits.then(|| numbers(&self.process, self.process.syscall_arg(0)).ok()).flatten();
        channels.unwrap_or_default().into_iter().map(|channel| channel as u64).collect()
    }
}

impl Core {
    pub(super) fn make_channel(&mut self) -> Answer {
        let (owner, capacity) = (self.current, self.arg(0) as i64);
        if !(1..=CAPACITY_MAX).contains(&capacity) {
            return self.done(&[error(ErrorNumber::Invalid)]);
        }
        let has = self
            .tasks
            .get(owner.0)
            .and_then(|task| task.extra.as_ref())
            .map_or(0, |extra| extra.channels.len());
        let made = (has < CHANNELS_MAX)
            .then(|| self.channels.insert(Box::new(Channel::new(owner, capacity as usize))))
            .flatten();
        let Some(channel) = made else { return self.done(&[error(ErrorNumber::Limit)]) };
        self.held_words += self.channels.get(channel).map_or(0, Channel::charge);
        if let Some(task) = self.tasks.get_mut(owner.0) {
            task.extra().channels.push(channel);
        }
        self.done(&[channel])
    }

    /// Whether a process still waits in the wait of that number.
    fn still_waits(&self, pid: Pid, wait: u64) -> bool {
        self.tasks.get(pid.0).is_some_and(|task| task.waits == wait && task.state != State::Ready)
    }

    /// The first process that waits for a message of the channel, and which of its channels that is.
    fn receiver(&mut self, number: u64) -> Option<(Pid, usize)> {
        loop {
            let (pid, wait, index) = self.channels.get_mut(number)?.receivers.pop_front()?;
            if self.still_waits(pid, wait) {
                return Some((pid, index));
            }
        }
    }

    /// The first process that waits for room in the channel.
    fn sender(&mut self, number: u64) -> Option<Pid> {
        loop {
            let (pid, wait) = self.channels.get_mut(number)?.senders.pop_front()?;
            if self.still_waits(pid, wait) {
                return Some(pid);
            }
        }
    }

    pub(super) fn channel_send(&mut self) -> Answer {
        let number = self.arg(0);
        if let Whereabouts::Core(core) = self.channels.find(number) {
            return Ok(Answered::Elsewhere(core));
        }
        let (timeout, timed_out, handed) = (self.arg(2) as i64, self.timed_out(), self.handed());
        match handed {
            Some(Handed::Done | Handed::Message(..)) => return self.done(&[1]),
            Some(Handed::Closed) => {
                self.take_outgoing();
                let gone = self.channels.get(number).is_none();
                return self.done(&[error(if gone { ErrorNumber::Gone } else { ErrorNumber::Closed })]);
            }
            None => {}
        }
        if timed_out {
            self.take_outgoing();
            return self.done(&[error(ErrorNumber::Full)]);
        }
        let Some(channel) = self.channels.get(number) else { return self.done(&[error(ErrorNumber::Gone)]) };
        if channel.closed {
            return self.done(&[error(ErrorNumber::Closed)]);
        }
        let full = channel.items.len() >= channel.capacity;
        if full && timeout == 0 {
            return self.done(&[error(ErrorNumber::Full)]);
        }
        let message = self.export(self.arg(1))?;
        if full {
            return Ok(self.wait_to_send(number, message, timeout));
        }
        match self.receiver(number) {
            Some((pid, index)) => self.hand_message(pid, index, message),
            None => self.put(number, message),
        }
        self.done(&[1])
    }

    /// The running process waits until the channel has room for what it has given.
    fn wait_to_send(&mut self, number: u64, message: Message, timeout: i64) -> Answered {
        let (pid, until) = (self.current, self.until(timeout));
        if let Some(task) = self.tasks.get_mut(pid.0) {
            task.awaited_words += message.words();
            task.extra().outgoing = Some(message);
        }
        let answered = self.wait_in(Syscall::ChannelSend, WaitsFor::Channel(number), until);
        let wait = self.tasks.get(pid.0).map_or(0, |task| task.waits);
        if let Some(channel) = self.channels.get_mut(number) {
            channel.senders.push_back((pid, wait));
        }
        answered
    }

    /// What the running process has given and nobody has taken, which it gets back.
    fn take_outgoing(&mut self) {
        let pid = self.current;
        self.outgoing_of(pid);
    }

    fn outgoing_of(&mut self, pid: Pid) -> Option<Message> {
        let task = self.tasks.get_mut(pid.0)?;
        let message = task.extra.as_mut()?.outgoing.take()?;
        task.awaited_words -= message.words();
        Some(message)
    }

    /// Puts a message into the hands of a process that waits for one, which is charged for it.
    pub(crate) fn hand_message(&mut self, pid: Pid, index: usize, message: Message) {
        let words = message.words();
        if let Some(task) = self.tasks.get_mut(pid.0) {
            task.awaited_words += words;
            task.held_words += words;
            self.held_words += words;
        }
        self.hand(pid, Handed::Message(index, message));
    }

    /// Puts a message into a channel.
    fn put(&mut self, number: u64, message: Message) {
        let Some(channel) = self.channels.get_mut(number) else { return };
        self.held_words += message.words();
        channel.items.push_back(message);
    }

    /// The oldest message of a channel; a sender that waits for room puts in its own.
    fn pull(&mut self, number: u64) -> Option<Message> {
        let channel = self.channels.get_mut(number)?;
        let message = channel.items.pop_front()?;
        self.held_words -= message.words();
        if let Some(sender) = self.sender(number)
            && let Some(next) = self.outgoing_of(sender)
        {
            self.put(number, next);
            self.hand(sender, Handed::Done);
        }
        Some(message)
    }

    /// Gives a message of a channel to the running process. When that has no room for it, the next one who waits gets it, or the
    /// channel keeps it.
    fn take_in(&mut self, number: u64, message: Message, second: u64) -> Answer {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let foreign = message.is_foreign_to(task.program);
        let imported = if foreign { Ok((0, 0)) } else { task.process.import_with(&message.value, None) };
        match imported {
            Ok((object, _)) => {
                task.owe(message.value.charge());
                self.done(&[object.into(), second])
            }
            Err(fault) => {
                match self.receiver(number) {
                    Some((pid, index)) => self.hand_message(pid, index, message),
                    None => {
                        if let Some(channel) = self.channels.get_mut(number) {
                            self.held_words += message.words();
                            channel.items.push_front(message);
                        }
                    }
                }
                Err(fault.into())
            }
        }
    }

    pub(super) fn channel_receive(&mut self) -> Answer {
        let number = self.arg(0);
        self.receive_from(Syscall::ChannelReceive, &[number], self.arg(1) as i64)
    }

    pub(super) fn select(&mut self) -> Answer {
        let Some(task) = self.tasks.get(self.current.0) else { return Ok(Answered::Waits) };
        let channels = numbers(&task.process, task.process.syscall_arg(0))?;
        let channels: Vec<u64> = channels.into_iter().map(|channel| channel as u64).collect();
        self.receive_from(Syscall::Select, &channels, self.arg(1) as i64)
    }

    /// Takes a message out of the first of the channels that has one.
    fn receive_from(&mut self, call: Syscall, channels: &[u64], timeout: i64) -> Answer {
        let one = call == Syscall::ChannelReceive;
        let second = |index: usize| if one { 1 } else { index as u64 };
        let (timed_out, handed) = (self.timed_out(), self.handed());
        match handed {
            Some(Handed::Message(index, message)) => {
                let number = channels.get(index).copied().unwrap_or(0);
                if let Some(task) = self.tasks.get_mut(self.current.0) {
                    if let Whereabouts::Core(core) = self.channels.find(number) {
                        task.extra().handed = Some(Handed::Message(index, message));
                        return Ok(Answered::Elsewhere(core));
                    }
                    task.awaited_words -= message.words();
                }
                self.forget_receiver(channels);
                return self.take_in(number, message, second(index));
            }
            Some(Handed::Done | Handed::Closed) | None => {}
        }
        // What is nowhere is known only on the core where it would have been made; the machine takes the process there.
        if channels.iter().any(|&number| self.channels.find(number) == Whereabouts::Nowhere) {
            self.forget_receiver(channels);
            return self.done(&[0, error(ErrorNumber::Gone)]);
        }
        for &number in channels {
            match self.channels.find(number) {
                Whereabouts::Core(core) if one => return Ok(Answered::Elsewhere(core)),
                Whereabouts::Core(_) => return Ok(self.gather(call, channels)),
                Whereabouts::Nowhere | Whereabouts::Here => {}
            }
        }
        for (index, &number) in channels.iter().enumerate() {
            if let Some(message) = self.pull(number) {
                self.forget_receiver(channels);
                return self.take_in(number, message, second(index));
            }
        }
        if channels.iter().all(|&number| self.channels.get(number).is_none_or(|channel| channel.closed)) {
            self.forget_receiver(channels);
            return self.done(&[0, error(ErrorNumber::Closed)]);
        }
        if timed_out || timeout == 0 {
            self.forget_receiver(channels);
            return self.done(&[0, error(ErrorNumber::TimedOut)]);
        }
        let until = self.earlier_until().or_else(|| self.until(timeout));
        self.forget_receiver(channels);
        let what = if one { WaitsFor::Channel(channels[0]) } else { WaitsFor::Channels };
        let answered = self.wait_in(call, what, until);
        let pid = self.current;
        let wait = self.tasks.get(pid.0).map_or(0, |task| task.waits);
        for (index, &number) in channels.iter().enumerate() {
            if let Some(channel) = self.channels.get_mut(number) {
                channel.receivers.push_back((pid, wait, index));
            }
        }
        Ok(answered)
    }

    /// The running process waits at none of these any more.
    fn forget_receiver(&mut self, channels: &[u64]) {
        let here = self.current;
        for &number in channels {
            if let Some(channel) = self.channels.get_mut(number)
                && !channel.receivers.is_empty()
            {
                channel.receivers.retain(|&(pid, ..)| pid != here);
            }
        }
    }

    pub(super) fn channel_close(&mut self) -> Answer {
        let number = self.arg(0);
        match self.channels.find(number) {
            Whereabouts::Core(core) => return Ok(Answered::Elsewhere(core)),
            Whereabouts::Nowhere => return self.done(&[error(ErrorNumber::Gone)]),
            Whereabouts::Here => {}
        }
        let Some(channel) = self.channels.get_mut(number) else {
            return self.done(&[error(ErrorNumber::Gone)]);
        };
        if std::mem::replace(&mut channel.closed, true) {
            return self.done(&[error(ErrorNumber::Closed)]);
        }
        self.wake_all(number);
        self.done(&[1])
    }

    /// The running process takes away a channel that it has made.
    pub(super) fn channel_drop(&mut self) -> Answer {
        let (number, owner) = (self.arg(0), self.current);
        let extra = self.tasks.get_mut(owner.0).and_then(|task| task.extra.as_mut());
        let at = extra.as_ref().and_then(|extra| extra.channels.iter().position(|&known| known == number));
        let (Some(extra), Some(at)) = (extra, at) else { return self.done(&[error(ErrorNumber::Gone)]) };
        extra.channels.swap_remove(at);
        self.cause(Effect::DropChannel { channel: number });
        self.done(&[1])
    }

    /// Tells everybody who waits at a channel that it is closed. Those who wait at several look at the others then.
    fn wake_all(&mut self, number: u64) {
        while let Some((pid, _)) = self.receiver(number) {
            self.hand(pid, Handed::Closed);
        }
        while let Some(pid) = self.sender(number) {
            self.hand(pid, Handed::Closed);
        }
    }

    /// The owner of a channel has ended.
    pub(crate) fn drop_channel(&mut self, number: u64) {
        if let Some(channel) = self.channels.get_mut(number) {
            channel.closed = true;
            self.wake_all(number);
            if let Some(channel) = self.channels.remove(number) {
                self.held_words -= channel.charge();
            }
            if self.channels.maker(number).is_some() {
                self.cause(Effect::ForgetChannel { channel: number });
            }
        }
    }
}
