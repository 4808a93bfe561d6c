//! Strict priority with ageing: one queue per priority.

use std::collections::VecDeque;

use super::{Account, PRIORITIES, Policy, Why};
use crate::task::Pid;

/// Runs the process of the highest priority; one that has waited for long counts as more urgent, so nobody starves.
#[derive(Debug)]
pub(super) struct Priority {
    slice: u64,
    /// Nanoseconds of waiting that raise a process by one.
    ageing: u64,
    /// The processes of each priority, and when they became ready.
    queues: [VecDeque<(Pid, u64)>; PRIORITIES],
}

impl Priority {
    pub(super) fn new(slice: u64, ageing: u64) -> Priority {
        Priority { slice, ageing, queues: Default::default() }
    }
}

impl Policy for Priority {
    fn add(&mut self, pid: Pid, _: Why, account: &mut Account) {
        self.queues[usize::from(account.priority)].push_back((pid, account.since));
    }

    fn next(&mut self, clock: u64) -> Option<Pid> {
        // Of each queue the first has waited longest.
        let heads = self.queues.iter().enumerate().filter_map(|(level, queue)| {
            let &(_, since) = queue.front()?;
            Some((level as u64 + clock.saturating_sub(since) / self.ageing, level))
        });
        let (_, level) = heads.max()?;
        self.queues[level].pop_front().map(|(pid, _)| pid)
    }

    fn slice(&self, _: &Account) -> u64 {
        self.slice
    }

    fn give_away(&mut self) -> Option<Pid> {
        self.queues.iter_mut().find_map(VecDeque::pop_back).map(|(pid, _)| pid)
    }

    fn len(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    fn state(&self) -> Vec<u64> {
        let of = |(level, queue): (usize, &VecDeque<(Pid, u64)>)| {
            queue.iter().flat_map(|&(pid, since)| [level as u64, pid.0, since]).collect::<Vec<_>>()
        };
        self.queues.iter().enumerate().flat_map(of).collect()
    }

    fn set_state(&mut self, state: &[u64]) -> bool {
        self.queues = Default::default();
        for entry in state.chunks_exact(3) {
            let Some(queue) = self.queues.get_mut(usize::try_from(entry[0]).unwrap_or(PRIORITIES)) else {
                return false;
            };
            queue.push_back((Pid(entry[1]), entry[2]));
        }
        state.len().is_multiple_of(3)
    }
}
