//! Lottery scheduling (Waldspurger and Weihl 1994): time in proportion to tickets, by chance.

use super::{Account, PRIORITIES, Policy, Why};
use crate::task::Pid;

/// Draws who runs next. All processes of a priority have equally many tickets, so a draw is one of the priority and one within it.
#[derive(Debug)]
pub(super) struct Lottery {
    slice: u64,
    random: u64,
    holders: [Vec<Pid>; PRIORITIES],
}

impl Lottery {
    pub(super) fn new(seed: u64, slice: u64) -> Lottery {
        Lottery { slice, random: seed, holders: Default::default() }
    }

    /// A number below `bound`, by SplitMix64 (Steele, Lea and Flood 2014) and a multiplication (Lemire 2019).
    fn draw(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(bound)) >> 64) as u64
    }
}

impl Policy for Lottery {
    fn add(&mut self, pid: Pid, _: Why, account: &mut Account) {
        self.holders[usize::from(account.priority)].push(pid);
    }

    fn next(&mut self, _: u64) -> Option<Pid> {
        let tickets = |(priority, holders): (usize, &Vec<Pid>)| (priority as u64 + 1) * holders.len() as u64;
        let all: u64 = self.holders.iter().enumerate().map(tickets).sum();
        if all == 0 {
            return None;
        }
        let mut drawn = self.draw(all);
        for priority in 0..PRIORITIES {
            let here = tickets((priority, &self.holders[priority]));
            if drawn < here {
                let index = drawn / (priority as u64 + 1);
                return Some(self.holders[priority].swap_remove(index as usize));
            }
            drawn -= here;
        }
        None
    }

    fn slice(&self, _: &Account) -> u64 {
        self.slice
    }

    fn give_away(&mut self) -> Option<Pid> {
        self.holders.iter_mut().find_map(Vec::pop)
    }

    fn len(&self) -> usize {
        self.holders.iter().map(Vec::len).sum()
    }

    fn state(&self) -> Vec<u64> {
        let of = |(priority, holders): (usize, &Vec<Pid>)| {
            holders.iter().flat_map(|pid| [priority as u64, pid.0]).collect::<Vec<_>>()
        };
        [self.random].into_iter().chain(self.holders.iter().enumerate().flat_map(of)).collect()
    }

    fn set_state(&mut self, state: &[u64]) -> bool {
        let [random, entries @ ..] = state else { return false };
        (self.random, self.holders) = (*random, Default::default());
        for entry in entries.chunks_exact(2) {
            let Some(holders) = self.holders.get_mut(usize::try_from(entry[0]).unwrap_or(PRIORITIES)) else {
                return false;
            };
            holders.push(Pid(entry[1]));
        }
        entries.len().is_multiple_of(2)
    }
}
