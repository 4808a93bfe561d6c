//! Multi-level feedback queue (Corbató 1962; the rules are those of Arpaci-Dusseau, Operating Systems: Three Easy Pieces,
//! chapter 8).

use std::collections::VecDeque;

use super::{Account, Policy, Why};
use crate::task::Pid;

const LEVELS: usize = 8;

/// Runs the process of the highest level. Who uses up what a level allows, in one go or in several, goes down by one; from time to
/// time all go up.
#[derive(Debug)]
pub(super) struct Feedback {
    slice: u64,
    boost: u64,
    /// Level 0 is the highest.
    queues: [VecDeque<Pid>; LEVELS],
    /// How often all went up; what an account says counts only for the same number.
    boosts: u64,
}

impl Feedback {
    pub(super) fn new(slice: u64, boost: u64) -> Feedback {
        Feedback { slice, boost, queues: Default::default(), boosts: 0 }
    }

    /// Reductions that a process may use before it goes down.
    fn allowance(&self, level: u8) -> u64 {
        self.slice << level
    }
}

/// `Account::key` has what was used on this level in the lower half, and the number of boosts in the upper one.
const HALF: u32 = 32;

impl Policy for Feedback {
    fn add(&mut self, pid: Pid, _: Why, account: &mut Account) {
        if account.key >> HALF != self.boosts & u64::from(u32::MAX) {
            account.key = self.boosts << HALF;
            account.level = 0;
        }
        if account.key & u64::from(u32::MAX) >= self.allowance(account.level).min(u64::from(u32::MAX)) {
            account.level = (account.level + 1).min(LEVELS as u8 - 1);
            account.key = account.key >> HALF << HALF;
        }
        self.queues[usize::from(account.level)].push_back(pid);
    }

    fn next(&mut self, clock: u64) -> Option<Pid> {
        if clock / self.boost > self.boosts {
            self.boosts = clock / self.boost;
            let (first, others) = self.queues.split_at_mut(1);
            others.iter_mut().for_each(|queue| first[0].append(queue));
        }
        self.queues.iter_mut().find_map(VecDeque::pop_front)
    }

    fn slice(&self, account: &Account) -> u64 {
        self.allowance(account.level)
    }

    fn ran(&mut self, account: &mut Account, used: u64) {
        let sum = (account.key & u64::from(u32::MAX)).saturating_add(used);
        account.key = account.key >> HALF << HALF | sum.min(u64::from(u32::MAX));
    }

    fn give_away(&mut self) -> Option<Pid> {
        self.queues.iter_mut().rev().find_map(VecDeque::pop_back)
    }

    fn len(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    fn state(&self) -> Vec<u64> {
        let of = |(level, queue): (usize, &VecDeque<Pid>)| {
            queue.iter().flat_map(|pid| [level as u64, pid.0]).collect::<Vec<_>>()
        };
        [self.boosts].into_iter().chain(self.queues.iter().enumerate().flat_map(of)).collect()
    }

    fn set_state(&mut self, state: &[u64]) -> bool {
        let [boosts, entries @ ..] = state else { return false };
        (self.boosts, self.queues) = (*boosts, Default::default());
        for entry in entries.chunks_exact(2) {
            let Some(queue) = self.queues.get_mut(usize::try_from(entry[0]).unwrap_or(LEVELS)) else {
                return false;
            };
            queue.push_back(Pid(entry[1]));
        }
        entries.len().is_multiple_of(2)
    }
}
