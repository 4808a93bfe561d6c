//! Bounded channels. A channel belongs to the process that made it and stays on the core where that was.

use std::collections::VecDeque;

use crate::machine::Plan;
use crate::task::{Message, Pid};

/// A channel.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) owner: Pid,
    pub(crate) capacity: usize,
    pub(crate) closed: bool,
    /// Messages that were sent and not received, the oldest first.
    pub(crate) items: VecDeque<Message>,
    /// Processes that wait for room, and the number of that wait.
    pub(crate) senders: VecDeque<(Pid, u64)>,
    /// Processes that wait for a message, the number of that wait, and the position of the channel in what they asked for.
    pub(crate) receivers: VecDeque<(Pid, u64, usize)>,
}

impl Channel {
    pub(crate) fn new(owner: Pid, capacity: usize) -> Channel {
        Channel {
            owner,
            capacity,
            closed: false,
            items: VecDeque::new(),
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
        }
    }

    /// Words of memory it takes.
    pub(crate) fn charge(&self) -> usize {
        const SELF: usize = 32;
        self.items.iter().map(Message::words).sum::<usize>() + SELF
    }

    /// Calls `put` with everything that decides how it goes on.
    pub(crate) fn each_word(&self, plan: &Plan, put: &mut dyn FnMut(u64)) {
        put(self.owner.0);
        put((self.capacity as u64) << 1 | u64::from(self.closed));
        self.items.iter().for_each(|item| item.each_word(plan, put));
        self.senders.iter().for_each(|(pid, _)| put(pid.0));
        self.receivers.iter().for_each(|(pid, ..)| put(pid.0));
    }
}
