//! Fair share by virtual runtime, as in the Completely Fair Scheduler of Linux (Molnar 2007), with a queue of its own for
//! those that were woken.
//!
//! A process that waits often and uses little is to run soon after it was woken, however many endless loops there are. One
//! that is woken all the time (a pair that plays ping-pong) would then keep the others from running. So the two queues take
//! turns: when the woken ones have used a slice, one of the others gets a slice. Both have at least half of the time,
//! as far as they want it; nobody starves, and a woken process waits for at most a slice and those woken before it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::{Account, PRIORITIES, PRIORITY, Policy, Why};
use crate::task::Pid;

/// What a reduction counts for each priority; a step is about a quarter, as in Linux.
const WEIGHTS: [u64; PRIORITIES] = [2000, 1600, 1280, 1024, 819, 655, 524, 419];
const _: () = assert!(WEIGHTS[PRIORITY as usize] == 1024, "the usual priority counts as it is");

/// Least virtual runtime first.
#[derive(Debug)]
pub(super) struct Fair {
    slice: u64,
    /// Processes that were woken, and the priority of each.
    woken: VecDeque<Pid>,
    /// The others: virtual runtime, order of arrival, process.
    others: BinaryHeap<Reverse<(u64, u64, Pid)>>,
    arrivals: u64,
    /// No process here has a smaller virtual runtime.
    least: u64,
    /// What the woken ones have used since one of the others has run.
    used_by_woken: u64,
    /// Whether the one that runs was woken.
    runs_woken: bool,
}

impl Fair {
    pub(super) fn new(slice: u64) -> Fair {
        Fair {
            slice,
            woken: VecDeque::new(),
            others: BinaryHeap::new(),
            arrivals: 0,
            least: 0,
            used_by_woken: 0,
            runs_woken: false,
        }
    }
}

impl Policy for Fair {
    fn add(&mut self, pid: Pid, why: Why, account: &mut Account) {
        // Who has waited for long does not get all the time that it did not use.
        account.key = account.key.max(self.least);
        if why == Why::Woken {
            self.woken.push_back(pid);
        } else {
            self.arrivals += 1;
            self.others.push(Reverse((account.key, self.arrivals, pid)));
        }
    }

    fn next(&mut self, _: u64) -> Option<Pid> {
        let others_turn = self.used_by_woken >= self.slice && !self.others.is_empty();
        self.runs_woken = !others_turn && !self.woken.is_empty();
        if self.runs_woken {
            return self.woken.pop_front();
        }
        self.used_by_woken = 0;
        let Reverse((key, _, pid)) = self.others.pop()?;
        self.least = self.least.max(key);
        Some(pid)
    }

    fn slice(&self, _: &Account) -> u64 {
        self.slice
    }

    fn ran(&mut self, account: &mut Account, used: u64) {
        account.key += used * WEIGHTS[usize::from(account.priority)] / 1024;
        if self.runs_woken {
            self.used_by_woken += used;
        }
    }

    fn give_away(&mut self) -> Option<Pid> {
        let Reverse((.., pid)) = self.others.pop()?;
        Some(pid)
    }

    fn len(&self) -> usize {
        self.woken.len() + self.others.len()
    }

    fn state(&self) -> Vec<u64> {
        let mut others: Vec<_> = self.others.iter().map(|Reverse(entry)| entry).collect();
        others.sort_unstable();
        let mut state = vec![self.least, self.used_by_woken, self.runs_woken.into(), self.woken.len() as u64];
        state.extend(self.woken.iter().map(|pid| pid.0));
        state.extend(others.into_iter().flat_map(|(key, _, pid)| [*key, pid.0]));
        state
    }

    fn set_state(&mut self, state: &[u64]) -> bool {
        let [least, used, runs, count, pids @ ..] = state else { return false };
        (self.least, self.used_by_woken, self.runs_woken) = (*least, *used, *runs != 0);
        let Some((woken, others)) =
            usize::try_from(*count).ok().and_then(|count| pids.split_at_checked(count))
        else {
            return false;
        };
        self.woken = woken.iter().copied().map(Pid).collect();
        self.others = (1..)
            .zip(others.chunks_exact(2))
            .map(|(at, pair)| Reverse((pair[0], at, Pid(pair[1]))))
            .collect();
        self.arrivals = self.others.len() as u64;
        others.len().is_multiple_of(2)
    }
}
