//! Earliest deadline first (Liu and Layland 1973).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Account, Policy, Why};
use crate::task::Pid;

/// Runs the process with the earliest deadline; those without one in the order in which they became ready, after all others.
#[derive(Debug)]
pub(super) struct EarliestDeadline {
    slice: u64,
    /// Deadline, order of arrival, process.
    queue: BinaryHeap<Reverse<(u64, u64, Pid)>>,
    arrivals: u64,
}

impl EarliestDeadline {
    pub(super) fn new(slice: u64) -> EarliestDeadline {
        EarliestDeadline { slice, queue: BinaryHeap::new(), arrivals: 0 }
    }
}

impl Policy for EarliestDeadline {
    fn add(&mut self, pid: Pid, _: Why, account: &mut Account) {
        self.arrivals += 1;
        self.queue.push(Reverse((account.deadline.unwrap_or(u64::MAX), self.arrivals, pid)));
    }

    fn next(&mut self, _: u64) -> Option<Pid> {
        self.queue.pop().map(|Reverse((.., pid))| pid)
    }

    fn slice(&self, _: &Account) -> u64 {
        self.slice
    }

    fn give_away(&mut self) -> Option<Pid> {
        self.next(0)
    }

    fn len(&self) -> usize {
        self.queue.len()
    }

    fn state(&self) -> Vec<u64> {
        let mut entries: Vec<_> = self.queue.iter().map(|Reverse(entry)| entry).collect();
        entries.sort_unstable();
        entries.iter().flat_map(|(deadline, _, pid)| [*deadline, pid.0]).collect()
    }

    fn set_state(&mut self, state: &[u64]) -> bool {
        let entries = state.chunks_exact(2);
        self.queue = (1..).zip(entries).map(|(at, entry)| Reverse((entry[0], at, Pid(entry[1])))).collect();
        self.arrivals = self.queue.len() as u64;
        state.len().is_multiple_of(2)
    }
}
