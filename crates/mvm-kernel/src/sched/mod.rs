//! Which process runs next: one trait, one file per policy, one list of them ([`POLICIES`]).
//!
//! Each virtual core has a policy of its own, with the processes that can run on it. A policy decides from what its
//! [`Account`]s say and from its own state, so that its decisions are the same in every run.
//!
//! To add one: write a file like `round_robin.rs`, and add a line to [`POLICIES`] (CONTRIBUTING.md walks through it).

mod deadline;
mod fair;
mod feedback;
mod lottery;
mod priority;
mod round_robin;

use std::fmt::{self, Debug};

use crate::task::Pid;

/// Reductions of a time slice, if a policy has no reason for another length.
///
/// Measured: shorter ones cost more than 1 % of the run of endless loops, longer ones let a woken process wait for longer.
pub const SLICE: u64 = 4000;

/// Priorities are less than this; a larger one is more urgent.
pub const PRIORITIES: usize = 8;
/// Priority of a process whose parent has chosen none.
pub const PRIORITY: u8 = 3;

/// What a policy may know of a process, and keep with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// More is more urgent; less than [`PRIORITIES`].
    pub priority: u8,
    /// When it wants to be done, in nanoseconds of the machine's clock.
    pub deadline: Option<u64>,
    /// Reductions it has used.
    pub used: u64,
    /// When it became ready.
    pub since: u64,
    /// For the policy: what it compares. 0 at first.
    pub key: u64,
    /// For the policy: a level. 0 at first.
    pub level: u8,
}

impl Default for Account {
    fn default() -> Account {
        Account { priority: PRIORITY, deadline: None, used: 0, since: 0, key: 0, level: 0 }
    }
}

/// Why a process can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was started, or has come from another core.
    New,
    /// What it waited for has happened.
    Woken,
    /// Its time slice is used up.
    Preempted,
    /// It lets others run.
    Yielded,
}

/// The processes that can run on one core, and which of them is next.
pub trait Policy: Debug + Send {
    /// A process can run. It is not here yet.
    fn add(&mut self, pid: Pid, why: Why, account: &mut Account);

    /// Takes out the one that runs next. Processes that have ended meanwhile may still be here; they are skipped.
    fn next(&mut self, clock: u64) -> Option<Pid>;

    /// Reductions that it may use before others are looked at.
    fn slice(&self, _account: &Account) -> u64 {
        SLICE
    }

    /// It has used so many reductions.
    fn ran(&mut self, _account: &mut Account, _used: u64) {}

    /// Takes out one that would not run for long yet, for another core.
    fn give_away(&mut self) -> Option<Pid>;

    /// How many are here.
    fn len(&self) -> usize;

    /// Whether none is here.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything that its decisions depend on, as numbers.
    fn state(&self) -> Vec<u64>;

    /// Takes over a state of this policy with these numbers. False when it is none.
    fn set_state(&mut self, state: &[u64]) -> bool;
}

/// A policy by name.
#[derive(Debug)]
pub struct PolicyInfo {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Its numbers in the order in which they follow the name: what it is, what it is when not given, the least, the most.
    pub params: &'static [(&'static str, u64, u64, u64)],
    make: fn(&[u64]) -> Box<dyn Policy>,
}

/// All policies; the first one is the default.
pub static POLICIES: &[PolicyInfo] = &[
    PolicyInfo {
        name: "fair",
        summary: "least time used so far, weighted by priority; who was woken goes first for half of the time",
        params: &[SLICE_PARAM],
        make: |params| Box::new(fair::Fair::new(params[0])),
    },
    PolicyInfo {
        name: "rr",
        summary: "round robin: in the order in which they became ready",
        params: &[SLICE_PARAM],
        make: |params| Box::new(round_robin::RoundRobin::new(params[0])),
    },
    PolicyInfo {
        name: "priority",
        summary: "the highest priority; one more for each `ageing` that a process has waited",
        params: &[SLICE_PARAM, ("ageing", 1_000_000, 1, u64::MAX)],
        make: |params| Box::new(priority::Priority::new(params[0], params[1])),
    },
    PolicyInfo {
        name: "mlfq",
        summary: "multi-level feedback: who uses up its slice goes down a level, with a slice twice as long; all go up again \
                  each `boost`",
        params: &[SLICE_PARAM, ("boost", 1_000_000, 1, u64::MAX)],
        make: |params| Box::new(feedback::Feedback::new(params[0], params[1])),
    },
    PolicyInfo {
        name: "lottery",
        summary: "drawn at random; each has as many tickets as its priority and one",
        params: &[("seed", 1, 0, u64::MAX), SLICE_PARAM],
        make: |params| Box::new(lottery::Lottery::new(params[0], params[1])),
    },
    PolicyInfo {
        name: "edf",
        summary: "the earliest deadline first; who has none, after all that have",
        params: &[SLICE_PARAM],
        make: |params| Box::new(deadline::EarliestDeadline::new(params[0])),
    },
];

const SLICE_PARAM: (&str, u64, u64, u64) = ("slice", SLICE, 1, 1 << 40);

/// A policy with its numbers, as in `rr:1000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChoice {
    index: usize,
    params: Vec<u64>,
}

impl Default for PolicyChoice {
    fn default() -> PolicyChoice {
        PolicyChoice { index: 0, params: POLICIES[0].params.iter().map(|param| param.1).collect() }
    }
}

impl fmt::Display for PolicyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)?;
        let usual = self.info().params.iter().map(|param| param.1);
        if !self.params.iter().copied().eq(usual) {
            for (index, number) in self.params.iter().enumerate() {
                write!(f, "{}{number}", if index == 0 { ":" } else { "," })?;
            }
        }
        Ok(())
    }
}

impl PolicyChoice {
    /// Understands `NAME`, `NAME:NUMBER` or `NAME:NUMBER,NUMBER`; a number may have the name of what it is in front, `slice=4000`.
    ///
    /// # Errors
    /// Says what is wrong, with the names there are.
    pub fn parse(text: &str) -> Result<PolicyChoice, String> {
        let (name, numbers) = text.split_once(':').unwrap_or((text, ""));
        let index = POLICIES.iter().position(|policy| policy.name == name).ok_or_else(|| {
            let names: Vec<&str> = POLICIES.iter().map(|policy| policy.name).collect();
            format!("there is no policy `{name}`; there are {}", names.join(", "))
        })?;
        let wanted = POLICIES[index].params;
        let mut params: Vec<u64> = wanted.iter().map(|param| param.1).collect();
        let given: Vec<&str> = numbers.split(',').filter(|_| !numbers.is_empty()).collect();
        if given.len() > wanted.len() {
            let names: Vec<&str> = wanted.iter().map(|param| param.0).collect();
            return Err(format!("`{name}` takes at most {}: {}", wanted.len(), names.join(", ")));
        }
        for (position, text) in given.into_iter().enumerate() {
            let (place, text) = match text.split_once('=') {
                Some((key, number)) => {
                    let place = wanted.iter().position(|param| param.0 == key);
                    let names = || wanted.iter().map(|param| param.0).collect::<Vec<&str>>().join(", ");
                    (place.ok_or_else(|| format!("`{name}` has no `{key}`; it has {}", names()))?, number)
                }
                None => (position, text),
            };
            let (what, _, least, most) = wanted[place];
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            params[place] = number.ok_or_else(|| match most {
                u64::MAX => format!("`{text}` is no {what}: a number from {least} on is"),
                most => format!("`{text}` is no {what}: a number from {least} to {most} is"),
            })?;
        }
        Ok(PolicyChoice { index, params })
    }

    /// Name and description.
    pub fn info(&self) -> &'static PolicyInfo {
        &POLICIES[self.index]
    }

    /// One for a core; `core` makes those differ that draw at random.
    pub fn make(&self, core: u64) -> Box<dyn Policy> {
        let mut params = self.params.clone();
        for (value, &(name, ..)) in params.iter_mut().zip(self.info().params) {
            if name == "seed" {
                *value = value.wrapping_add(core.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            }
        }
        (self.info().make)(&params)
    }
}

#[cfg(test)]
mod tests {
    use super::PolicyChoice;

    #[test]
    fn numbers_follow_by_place_or_by_name() {
        let shown = |text: &str| PolicyChoice::parse(text).map(|choice| choice.to_string());
        assert_eq!(shown("rr:1000"), Ok("rr:1000".into()));
        assert_eq!(shown("rr:slice=1000"), shown("rr:1000"));
        assert_eq!(shown("lottery:slice=2000,seed=7"), shown("lottery:7,2000"));
        assert_eq!(shown("fair:size=1"), Err("`fair` has no `size`; it has slice".into()));
        assert_eq!(shown("rr:slice=0"), Err("`0` is no slice: a number from 1 to 1099511627776 is".into()));
    }
}
