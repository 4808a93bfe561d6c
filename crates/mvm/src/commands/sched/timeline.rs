//! From what the scheduler has written down to who did what when, and the numbers that books judge policies by.

use std::collections::BTreeMap;

use mvm_kernel::trace::{Event, What};
use mvm_kernel::{Pid, State, WaitsFor};

/// Spans that are kept for pictures; numbers are right beyond it.
const SPANS_MAX: usize = 2_000_000;
/// Messages that are kept for pictures.
const MESSAGES_MAX: usize = 500_000;

/// What a process does for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Runs(u32),
    Ready,
    Waits(WaitsFor),
}

/// A process does something from one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) pid: Pid,
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) doing: Doing,
}

/// What is known of a process.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) start: u64,
    pub(super) end: Option<u64>,
    /// 0 by itself, 1 by an exception, 2 killed, 3 by a limit.
    pub(super) how: i64,
    pub(super) first_run: Option<u64>,
    pub(super) ran: u64,
    pub(super) ready: u64,
    /// The longest time from when it was woken until it ran.
    pub(super) longest_wait: u64,
    pub(super) runs: u64,
    since: u64,
    doing: Doing,
}

/// A run, as the scheduler saw it.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) lives: BTreeMap<Pid, Life>,
    pub(super) spans: Vec<Span>,
    /// When, from whom, to whom.
    pub(super) messages: Vec<(u64, Pid, Pid)>,
    /// Something was left out of `spans` or `messages`.
    pub(super) cut: bool,
    pub(super) end: u64,
    pub(super) switches: u64,
    /// The process that each core ran last.
    last_on: BTreeMap<u32, Pid>,
}

impl Timeline {
    /// Takes in what has happened since the last time.
    pub(super) fn add(&mut self, events: &[Event]) {
        for event in events {
            self.end = self.end.max(event.at);
            self.one(event);
        }
    }

    fn one(&mut self, event: &Event) {
        let Event { at, core, pid, ref what } = *event;
        match *what {
            What::Starts => {
                let life = Life {
                    start: at,
                    end: None,
                    how: 0,
                    first_run: None,
                    ran: 0,
                    ready: 0,
                    longest_wait: 0,
                    runs: 0,
                    since: at,
                    doing: Doing::Ready,
                };
                self.lives.insert(pid, life);
            }
            What::Ready => self.now_does(pid, at, Doing::Ready),
            What::Runs => {
                self.now_does(pid, at, Doing::Runs(core));
                if self.last_on.insert(core, pid).is_some_and(|before| before != pid) {
                    self.switches += 1;
                }
                if let Some(life) = self.lives.get_mut(&pid) {
                    life.first_run.get_or_insert(at);
                    life.runs += 1;
                }
            }
            What::Stops(State::Ready) => self.now_does(pid, at, Doing::Ready),
            What::Stops(State::Waits(what, _)) => self.now_does(pid, at, Doing::Waits(what)),
            What::Message(from) => {
                if self.messages.len() < MESSAGES_MAX {
                    self.messages.push((at, from, pid));
                } else {
                    self.cut = true;
                }
            }
            What::Ends(how) => {
                self.now_does(pid, at, Doing::Ready);
                if let Some(life) = self.lives.get_mut(&pid) {
                    life.end.get_or_insert(at);
                    life.how = how;
                }
            }
        }
    }

    /// A process does something else from now on.
    fn now_does(&mut self, pid: Pid, at: u64, doing: Doing) {
        let Some(life) = self.lives.get_mut(&pid).filter(|life| life.end.is_none()) else { return };
        let span = Span { pid, from: life.since, to: at.max(life.since), doing: life.doing };
        let length = span.to - span.from;
        match span.doing {
            Doing::Runs(_) => life.ran += length,
            Doing::Ready => {
                life.ready += length;
                if life.first_run.is_some() || matches!(doing, Doing::Runs(_)) {
                    life.longest_wait = life.longest_wait.max(length);
                }
            }
            Doing::Waits(_) => {}
        }
        life.since = span.to;
        life.doing = doing;
        if length > 0 {
            if self.spans.len() < SPANS_MAX {
                self.spans.push(span);
            } else {
                self.cut = true;
            }
        }
    }

    /// The run is over: what is under way ends.
    pub(super) fn close(&mut self, clock: u64) {
        self.end = self.end.max(clock);
        let alive: Vec<(Pid, Doing)> = self
            .lives
            .iter()
            .filter(|(_, life)| life.end.is_none())
            .map(|(pid, life)| (*pid, life.doing))
            .collect();
        for (pid, doing) in alive {
            self.now_does(pid, self.end, doing);
        }
    }

    /// The numbers of the run.
    pub(super) fn summary(&self) -> Summary {
        let lives: Vec<&Life> = self.lives.values().collect();
        let turnaround = |life: &Life| life.end.unwrap_or(self.end) - life.start;
        let mean = |of: &dyn Fn(&Life) -> u64| {
            let sum: u128 = lives.iter().map(|life| u128::from(of(life))).sum();
            (sum / lives.len().max(1) as u128) as u64
        };
        let response = |life: &Life| life.first_run.unwrap_or(self.end) - life.start;
        // Jain's index of what each got of the time in which it could run.
        let shares: Vec<f64> = lives
            .iter()
            .filter(|life| life.ran + life.ready > 0)
            .map(|life| life.ran as f64 / (life.ran + life.ready) as f64)
            .collect();
        let (sum, squares) = shares.iter().fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        Summary {
            processes: lives.len(),
            end: self.end,
            turnaround: mean(&turnaround),
            turnaround_max: lives.iter().map(|life| turnaround(life)).max().unwrap_or(0),
            waiting: mean(&|life| life.ready),
            response: mean(&response),
            longest_wait: lives.iter().map(|life| life.longest_wait).max().unwrap_or(0),
            fairness: if squares > 0.0 { sum * sum / (shares.len() as f64 * squares) } else { 1.0 },
            switches: self.switches,
        }
    }
}

/// Numbers that books judge policies by. Times are nanoseconds of the machine's clock.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Summary {
    /// Processes there have been.
    pub(super) processes: usize,
    /// When the run was over.
    pub(super) end: u64,
    /// From the start of a process to its end, on average, and the longest.
    pub(super) turnaround: u64,
    pub(super) turnaround_max: u64,
    /// Time in which a process could run and did not, on average.
    pub(super) waiting: u64,
    /// From the start of a process until it ran for the first time, on average.
    pub(super) response: u64,
    /// The longest time from when a process could run until it did.
    pub(super) longest_wait: u64,
    /// Jain's index of the part of the time in which each could run that it ran: 1 is fair.
    pub(super) fairness: f64,
    /// How often a core went from one process to another.
    pub(super) switches: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: u64, pid: u64, what: What) -> Event {
        Event { at, core: 0, pid: Pid(pid), what }
    }

    #[test]
    fn two_processes_that_take_turns() {
        let mut timeline = Timeline::default();
        let waits = State::Waits(WaitsFor::Message, None);
        timeline.add(&[
            event(0, 1, What::Starts),
            event(0, 1, What::Runs),
            event(10, 2, What::Starts),
            event(20, 1, What::Stops(waits)),
            event(20, 2, What::Runs),
            event(50, 1, What::Message(Pid(2))),
            event(50, 1, What::Ready),
            event(80, 2, What::Ends(0)),
            event(80, 1, What::Runs),
            event(100, 1, What::Ends(0)),
        ]);
        timeline.close(100);
        let summary = timeline.summary();
        assert_eq!((summary.processes, summary.end, summary.switches), (2, 100, 2));
        // The first lived from 0 to 100, the second from 10 to 80.
        assert_eq!((summary.turnaround, summary.turnaround_max), (85, 100));
        // The first could run from 50 to 80 and did not, the second from 10 to 20.
        assert_eq!((summary.waiting, summary.response, summary.longest_wait), (20, 5, 30));
        // 40 of 70, and 60 of 70.
        let (x, y) = (40.0 / 70.0, 60.0 / 70.0);
        assert!((summary.fairness - (x + y) * (x + y) / (2.0 * (x * x + y * y))).abs() < 1e-12);
        let first = timeline
            .spans
            .iter()
            .filter(|span| span.pid == Pid(1))
            .map(|span| (span.from, span.to, span.doing));
        let expected = [
            (0, 20, Doing::Runs(0)),
            (20, 50, Doing::Waits(WaitsFor::Message)),
            (50, 80, Doing::Ready),
            (80, 100, Doing::Runs(0)),
        ];
        assert_eq!(first.collect::<Vec<_>>(), expected);
    }
}
