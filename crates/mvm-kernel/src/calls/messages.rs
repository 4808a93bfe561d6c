//! Mailboxes, timers' messages, and references for one answer.

use mvm_heap::Leaf;
use mvm_isa::{ErrorNumber, Syscall, TypeId};

use super::{Answer, Answered, MESSAGE_WORDS_MAX, Thrown, error, export, numbers, too_large};
use crate::core::{Core, mix};
use crate::effect::Effect;
use crate::planted::Planted;
use crate::reference::{REFERENCE_WORDS, Reference};
use crate::table::Whereabouts;
use crate::task::{ENVELOPE_WORDS, Handed, Message, Monitor, Pid, State, Task, WaitsFor, WhenFull};

/// References that a process may have open.
const REFERENCES_MAX: usize = 1 << 16;

/// What a receive takes.
enum Wanted {
    Any,
    Tag(i64),
    Classes(Vec<i64>),
}

impl Wanted {
    /// A number that tells what is wanted from anything else.
    fn hash(&self) -> u64 {
        match self {
            Wanted::Any => 0,
            Wanted::Tag(tag) => mix(1 ^ mix(*tag as u64)),
            Wanted::Classes(classes) => classes.iter().fold(2, |hash, &class| mix(hash ^ mix(class as u64))),
        }
    }
}

impl Task {
    /// What its pending receive takes.
    fn wanted(&self, call: Syscall) -> Result<Wanted, Thrown> {
        Ok(match call {
            Syscall::ReceiveTag => Wanted::Tag(self.process.syscall_arg(0) as i64),
            Syscall::ReceiveOf => Wanted::Classes(numbers(&self.process, self.process.syscall_arg(0))?),
            _ => Wanted::Any,
        })
    }

    fn matches(&self, wanted: &Wanted, message: &Message) -> bool {
        match wanted {
            Wanted::Any => true,
            Wanted::Tag(tag) => *tag == message.tag,
            Wanted::Classes(classes) => message.value.root().is_some_and(|root| {
                let has = |&class: &i64| {
                    u16::try_from(class).is_ok_and(|class| {
                        self.process.image().module().classes().instance_of(root.class(), TypeId(class))
                    })
                };
                classes.iter().any(has)
            }),
        }
    }

    /// Whether it waits for such a message.
    pub(crate) fn wants(&self, message: &Message) -> bool {
        matches!(self.state, State::Waits(WaitsFor::Message, _))
            && self.waits_in.is_some_and(|call| {
                call == Syscall::Receive
                    || self.wanted(call).is_ok_and(|wanted| self.matches(&wanted, message))
            })
    }

    /// Receives a message without its going through the mailbox, where that makes no difference. False, and nothing has happened,
    /// when it does: when it does not wait for just any message, others are there already, or this one is too large.
    #[inline]
    pub(crate) fn receive_at_once(&mut self, message: &Message) -> bool {
        if message.note.is_some() || !self.waits_for_any(message.words()) {
            return false;
        }
        let Ok(object) = self.process.import(&message.value) else { return false };
        self.owe(message.value.charge());
        self.received(object, message.tag);
        true
    }

    /// The same for a message of a few words.
    #[inline]
    fn receive_leaf_at_once(&mut self, leaf: &Leaf, tag: i64) -> bool {
        if !self.waits_for_any(leaf.charge() + ENVELOPE_WORDS) {
            return false;
        }
        let Ok(object) = self.process.import_leaf(leaf) else { return false };
        self.received(object, tag);
        true
    }

    /// Puts a message of a few words into the mailbox, where nobody has to be told: the process does not wait, and there is room for
    /// another one behind it. The words that it takes; none, and nothing has happened, when it is not so.
    #[inline]
    fn keep_leaf(&mut self, leaf: &Leaf, tag: i64, program: u32) -> Option<usize> {
        let words = leaf.charge() + ENVELOPE_WORDS;
        if self.waits_in.is_some() || self.mailbox_words + words >= self.grant.mailbox_words {
            return None;
        }
        self.mailbox_words += words;
        self.held_words += words;
        self.mailbox.push_back(Message { value: (*leaf).into(), tag, program, note: None });
        Some(words)
    }

    /// Receives the oldest message, if it is one of a few words, and ends the syscall with it. False, and nothing has happened, when it
    /// is not.
    ///
    /// # Errors
    /// As for every message that finds no room.
    #[inline]
    fn receive_leaf(&mut self) -> Result<bool, Thrown> {
        let Some(message) = self.mailbox.front() else { return Ok(false) };
        let Some(leaf) = message.value.as_leaf().filter(|_| message.note.is_none()) else { return Ok(false) };
        let tag = message.tag;
        let object = self.process.import_leaf(&leaf)?;
        self.mailbox_words -= leaf.charge() + ENVELOPE_WORDS;
        self.mailbox.pop_front();
        self.forget_look(0);
        self.process.finish_syscall(&[object.into(), tag as u64, 0]);
        Ok(true)
    }

    /// Whether it waits for any message, has none, and one of so many words would not fill its mailbox.
    #[inline]
    fn waits_for_any(&self, words: usize) -> bool {
        self.waits_in == Some(Syscall::Receive)
            && self.state != State::Ready
            && self.mailbox.is_empty()
            && words < self.grant.mailbox_words
    }

    /// The message that it waits for is there.
    #[inline]
    fn received(&mut self, object: u32, tag: i64) {
        self.process.finish_syscall(&[object.into(), tag as u64, 0]);
        self.waits_in = None;
        self.until = None;
        self.state = State::Ready;
    }

    /// The place of the oldest message that is wanted. What a receive of the same has looked at is not looked at again.
    fn look(&mut self, wanted: &Wanted) -> Option<usize> {
        const LOOKS_PER_REDUCTION: usize = 64;
        let hash = wanted.hash();
        let looked = self.extra.as_ref().map_or((0, 0), |extra| extra.looked);
        let from = if looked.1 == hash { looked.0 } else { 0 };
        let found = (from..self.mailbox.len()).find(|&at| self.matches(wanted, &self.mailbox[at]));
        let to = found.unwrap_or(self.mailbox.len());
        self.extra().looked = (to, hash);
        let each = if let Wanted::Classes(classes) = wanted { classes.len().max(1) } else { 1 };
        self.debt += ((to - from) * each / LOOKS_PER_REDUCTION) as u64;
        found
    }

    /// Takes a message out of the mailbox.
    pub(crate) fn take(&mut self, at: usize) -> Option<Message> {
        let message = if at == 0 { self.mailbox.pop_front()? } else { self.mailbox.remove(at)? };
        self.mailbox_words -= message.words();
        self.forget_look(at);
        Some(message)
    }

    /// A message that may have been looked at is not there any more.
    #[inline]
    fn forget_look(&mut self, at: usize) {
        if let Some(extra) = &mut self.extra
            && at < extra.looked.0
        {
            extra.looked.0 -= 1;
        }
    }
}

impl Core {
    pub(super) fn send(&mut self, call: Syscall) -> Answer {
        let here = self.current;
        let Some(task) = self.tasks.get_mut(here.0) else { return Ok(Answered::Waits) };
        let (to, object) = (Pid(task.process.syscall_arg(0)), task.process.syscall_arg(1));
        if to == here && task.is_full() && task.grant.when_full == WhenFull::Block {
            return Err(too_large(task.grant.mailbox_words));
        }
        let tag = if call == Syscall::SendTagged { task.process.syscall_arg(2) as i64 } else { 0 };
        let program = task.program;
        let value = if let Some(leaf) = task.process.leaf(object as u32) {
            task.process.finish_syscall(&[]);
            if self.pass_on(to, &leaf, tag, program) {
                return Ok(Answered::Done);
            }
            leaf.into()
        } else if self.hand_over(to, object as u32, tag) {
            return Ok(Answered::Done);
        } else {
            let Some(task) = self.tasks.get_mut(here.0) else { return Ok(Answered::Waits) };
            let value = export(task, &mut self.exporter, object)?;
            task.owe(value.charge());
            task.process.finish_syscall(&[]);
            value
        };
        let message = Message { value, tag, program, note: None };
        if self.tasks.is_elsewhere(to.0) {
            self.cause(Effect::Deliver { to, from: here, message });
        } else {
            self.deliver(to, here, message);
        }
        Ok(if self.running { Answered::Done } else { Answered::Waits })
    }

    /// Gives a message of a few words to a process on this core that waits for it, or does nothing else than to keep it. False, and
    /// nothing has happened, when more than that is to be done.
    #[inline]
    fn pass_on(&mut self, to: Pid, leaf: &Leaf, tag: i64, program: u32) -> bool {
        let from = self.current;
        let has_bug = self.has_bug(Planted::LostMessage) || self.has_bug(Planted::Overtaken);
        let Some(task) = self.tasks.get_mut(to.0) else { return false };
        let known = task.program == program || !leaf.has_own_classes();
        if !known {
            return false;
        }
        if task.receive_leaf_at_once(leaf, tag) {
            self.received(to, from);
            return true;
        }
        if self.trace.is_some() || has_bug {
            return false;
        }
        let Some(words) = task.keep_leaf(leaf, tag, program) else { return false };
        self.held_words += words;
        true
    }

    /// The same for an object of any number of words that refers to nothing: it is copied from heap to heap, or its bytes are shared.
    fn hand_over(&mut self, to: Pid, object: u32, tag: i64) -> bool {
        let from = self.current;
        let Some((sender, task)) = self.tasks.get_two(from.0, to.0) else { return false };
        let inside = sender.process.words_of_leaf(object).filter(|_| sender.program == task.program);
        let Some(words) = inside.or_else(|| sender.process.words_of_shared(object)) else { return false };
        if words > MESSAGE_WORDS_MAX || !task.waits_for_any(words + ENVELOPE_WORDS) {
            return false;
        }
        let copy = match inside {
            Some(words) => task.process.copy_from(&sender.process, object, words).map(Some),
            None => task.process.share_from(&mut sender.process, object),
        };
        let Ok(Some(copy)) = copy else { return false };
        sender.owe(words);
        sender.process.finish_syscall(&[]);
        task.owe(words);
        task.received(copy, tag);
        // The heap may have grown by much.
        task.weigh(&mut self.held_words);
        self.received(to, from);
        true
    }

    pub(super) fn receive(&mut self, call: Syscall) -> Answer {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        if call == Syscall::Receive && task.receive_leaf()? {
            task.timed_out = false;
            self.has_room();
            return Ok(Answered::Done);
        }
        let timed_out = std::mem::take(&mut task.timed_out);
        let found = match call {
            Syscall::Receive => (!task.mailbox.is_empty()).then_some(0),
            _ => {
                let wanted = task.wanted(call)?;
                task.look(&wanted)
            }
        };
        let Some(at) = found else {
            let timeout = task.process.syscall_arg(usize::from(call != Syscall::Receive)) as i64;
            if timed_out || timeout == 0 {
                return self.done(&[0, 0, 0]);
            }
            // Who was woken in vain waits no longer than it wanted at first.
            let until = task.until.take();
            let until = until.or_else(|| self.until(timeout));
            return Ok(self.wait_in(call, WaitsFor::Message, until));
        };
        // When it does not fit into the heap it stays in the mailbox.
        let message = &task.mailbox[at];
        let note = message.note.as_ref().filter(|_| task.process.syscall_results() > 2);
        let (object, note) = task.process.import_with(&message.value, note.map(|note| note.as_str()))?;
        let tag = message.tag;
        task.owe(task.mailbox[at].value.charge());
        task.take(at);
        task.process.finish_syscall(&[object.into(), tag as u64, note.into()]);
        self.has_room();
        Ok(Answered::Done)
    }

    /// The running process has taken a message out of its mailbox: who waits for room there can go on.
    #[inline]
    fn has_room(&mut self) {
        if let Some(task) = self.tasks.get_mut(self.current.0)
            && let Some(extra) = &mut task.extra
            && !extra.blocked.is_empty()
            && task.mailbox_words <= task.grant.mailbox_words / 2
        {
            for sender in std::mem::take(&mut extra.blocked) {
                self.cause(Effect::Resume { process: sender });
            }
        }
    }

    pub(super) fn make_reference(&mut self) -> Answer {
        let (owner, by) = (self.current, Pid(self.arg(0)));
        let Some(task) = self.tasks.get_mut(owner.0) else { return Ok(Answered::Waits) };
        let open = &mut task.extra().replies;
        let made = (open.len() < REFERENCES_MAX)
            .then(|| self.references.insert(Box::new(Reference { owner, by, answer: None })))
            .flatten();
        let Some(reference) = made else { return self.done(&[error(ErrorNumber::Limit)]) };
        open.insert(reference);
        self.held_words += REFERENCE_WORDS;
        self.cause(Effect::Monitor {
            process: by,
            monitor: Monitor { watcher: owner, message: Err(reference) },
        });
        self.done(&[reference])
    }

    pub(super) fn reply(&mut self) -> Answer {
        let reference = self.arg(0);
        let message = self.export(self.arg(1))?;
        self.finish(&[]);
        self.cause(Effect::Answer { reference, message: Some(message) });
        Ok(Answered::Done)
    }

    /// An answer has come, or it is known that there will be none.
    pub(crate) fn answer_reference(&mut self, number: u64, message: Option<Message>) {
        let Some(reference) = self.references.get_mut(number) else { return };
        if reference.answer.is_some() {
            return;
        }
        let owner = reference.owner;
        let words = message.as_ref().map_or(0, Message::words);
        reference.answer = Some(message.ok_or(()));
        self.held_words += words;
        let Some(task) = self.tasks.get(owner.0) else { return };
        if matches!(task.state, State::Waits(WaitsFor::Reply(_), _)) && task.process.syscall_arg(0) == number
        {
            self.hand(owner, Handed::Done);
        }
    }

    pub(super) fn reply_wait(&mut self) -> Answer {
        let number = self.arg(0);
        if let Whereabouts::Core(core) = self.references.find(number) {
            return Ok(Answered::Elsewhere(core));
        }
        let here = self.current;
        let timeout = self.arg(1) as i64;
        let until = self.until(timeout);
        let Some(task) = self.tasks.get_mut(here.0) else { return Ok(Answered::Waits) };
        let timed_out = std::mem::take(&mut task.timed_out);
        let before = task.until.take();
        if let Some(extra) = &mut task.extra {
            extra.handed = None;
        }
        let reference = self.references.get_mut(number).filter(|reference| reference.owner == here);
        let Some(reference) = reference else { return self.done(&[0, error(ErrorNumber::Gone)]) };
        let result = match &reference.answer {
            None if timed_out || timeout == 0 => [0, error(ErrorNumber::TimedOut)],
            None => {
                let by = reference.by;
                return Ok(self.wait_in(Syscall::ReplyWait, WaitsFor::Reply(by), before.or(until)));
            }
            Some(Err(())) => [0, error(ErrorNumber::Gone)],
            Some(Ok(message)) if message.is_foreign_to(task.program) => [0, 1],
            Some(Ok(message)) => {
                let (object, _) = task.process.import_with(&message.value, None)?;
                task.owe(message.value.charge());
                [object.into(), 1]
            }
        };
        if let Some(extra) = &mut task.extra {
            extra.replies.remove(&number);
        }
        self.drop_reference(number);
        self.done(&result)
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn drop_reference(&mut self, number: u64) {
        let Some(reference) = self.references.remove(number) else { return };
        self.held_words -= REFERENCE_WORDS;
        if let Some(Ok(message)) = reference.answer {
            self.held_words -= message.words();
        }
        self.cause(Effect::Unwatch { process: reference.by, reference: number });
    }
}
