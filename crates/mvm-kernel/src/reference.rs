//! References for one answer. A reference belongs to the process that made it and stays on the core where that was.

use crate::machine::Plan;
use crate::task::{Message, Pid};

/// A reference for one answer.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) owner: Pid,
    /// Who is expected to answer.
    pub(crate) by: Pid,
    /// What has come: a message, or that there will be none.
    pub(crate) answer: Option<Result<Message, ()>>,
}

/// Words that a reference is charged for.
pub(crate) const REFERENCE_WORDS: usize = 32;

impl Reference {
    /// Words of memory it takes.
    pub(crate) fn charge(&self) -> usize {
        let answer = self.answer.as_ref().and_then(|answer| answer.as_ref().ok());
        REFERENCE_WORDS + answer.map_or(0, Message::words)
    }

    /// Calls `put` with everything that decides how it goes on.
    pub(crate) fn each_word(&self, plan: &Plan, put: &mut dyn FnMut(u64)) {
        put(self.owner.0);
        put(self.by.0);
        match &self.answer {
            None => put(0),
            Some(Err(())) => put(1),
            Some(Ok(message)) => message.each_word(plan, put),
        }
    }
}
