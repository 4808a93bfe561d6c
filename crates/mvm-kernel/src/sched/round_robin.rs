//! Round robin: one queue.

use std::collections::VecDeque;

use super::{Account, Policy, Why};
use crate::task::Pid;

/// Runs processes in the order in which they became ready.
#[derive(Debug)]
pub(super) struct RoundRobin {
    slice: u64,
    queue: VecDeque<Pid>,
}

impl RoundRobin {
    pub(super) fn new(slice: u64) -> RoundRobin {
        RoundRobin { slice, queue: VecDeque::new() }
    }
}

impl Policy for RoundRobin {
    fn add(&mut self, pid: Pid, _: Why, _: &mut Account) {
        self.queue.push_back(pid);
    }

    fn next(&mut self, _: u64) -> Option<Pid> {
        self.queue.pop_front()
    }

    fn slice(&self, _: &Account) -> u64 {
        self.slice
    }

    fn give_away(&mut self) -> Option<Pid> {
        self.queue.pop_back()
    }

    fn len(&self) -> usize {
        self.queue.len()
    }

    fn state(&self) -> Vec<u64> {
        self.queue.iter().map(|pid| pid.0).collect()
    }

    fn set_state(&mut self, state: &[u64]) -> bool {
        self.queue = state.iter().copied().map(Pid).collect();
        true
    }
}
