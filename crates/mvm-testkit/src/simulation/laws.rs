//! What has to be true of every run.
//!
//! What a process is about to do it says before, so the last thing that one said which has ended may or may not have happened.

use std::collections::{BTreeMap, BTreeSet};

use mvm_kernel::trace::What;
use mvm_kernel::{Exit, Pid, Signal, State, WaitsFor};

use super::journal::Line;
use super::{Left, Ran, Sum};

/// Restarts that a supervisor allows within a second.
const RESTARTS: usize = 3;
const SECOND: i64 = 1_000_000_000;
/// How much later than the supervisor counts its restart a child may say that it has begun.
const LATE: i64 = 20_000_000;
/// How an end is told that was over before somebody asked.
const BEFORE: i64 = -3;
const KILLED: i64 = 2;
const NORMAL: i64 = 0;

/// What became of a process.
#[derive(Debug, Clone, Copy)]
struct Life {
    /// When it ended, and how.
    end: Option<(u64, i64)>,
}

/// A run as its judges see it.
struct Case<'r> {
    ran: &'r Ran,
    lives: BTreeMap<Pid, Life>,
    left: BTreeMap<Pid, Left>,
    /// The last line that each process has said.
    last: BTreeMap<Pid, usize>,
    sum: Sum,
}

/// Judges a run.
pub(super) fn judge(ran: &Ran) -> Result<Sum, String> {
    if let Some(text) = &ran.journal.wrong {
        return Err(format!("the guest says `{text}`"));
    }
    if ran.exit != Exit::Deadlock {
        return Err(format!("{:?}, not quiet", ran.exit));
    }
    let mut case = Case {
        ran,
        lives: lives(ran)?,
        left: ran.left.iter().copied().collect(),
        last: ran.journal.lines.iter().enumerate().map(|(at, line)| (line.me, at)).collect(),
        sum: Sum { time: ran.clock, ..Sum::default() },
    };
    case.nobody_is_lost()?;
    case.messages_come_in_order_once()?;
    case.ends_are_told_once()?;
    case.links_end_together()?;
    case.nobody_is_killed_without_reason()?;
    case.items_are_taken_once()?;
    case.supervisors_do_their_work()?;
    case.devices_keep_what_they_say()?;
    Ok(case.sum)
}

/// The truth about every process, as the scheduler has written it down: core by core, so that the end of a process that has moved may stand before
/// its start.
fn lives(ran: &Ran) -> Result<BTreeMap<Pid, Life>, String> {
    let mut lives = BTreeMap::new();
    for event in ran.trace.iter().filter(|event| event.what == What::Starts) {
        if lives.insert(event.pid, Life { end: None }).is_some() {
            return Err(format!("process {} starts twice", event.pid.0));
        }
    }
    for event in &ran.trace {
        let What::Ends(tag) = event.what else { continue };
        let life = lives.get_mut(&event.pid);
        let life = life.ok_or_else(|| format!("process {} ends, and was never started", event.pid.0))?;
        if life.end.replace((event.at, tag)).is_some() {
            return Err(format!("process {} ends twice", event.pid.0));
        }
    }
    Ok(lives)
}

impl Case<'_> {
    fn lines(&self, kind: u8) -> impl Iterator<Item = (usize, &Line)> {
        self.ran.journal.lines.iter().enumerate().filter(move |(_, line)| line.kind == kind)
    }

    fn end(&self, pid: Pid) -> Option<(u64, i64)> {
        self.lives.get(&pid)?.end
    }

    /// Whether what was said in this line has certainly happened: the process has said more, or is still there and waits for something that
    /// it says nothing about.
    fn has_happened(&self, at: usize, line: &Line) -> bool {
        self.last.get(&line.me).is_some_and(|&last| last > at) || self.is_idle(line.me)
    }

    /// Whether a process has nothing to do: it waits for a message, and there is none.
    fn is_idle(&self, pid: Pid) -> bool {
        self.left.get(&pid).is_some_and(|left| {
            !left.stopped && left.messages == 0 && matches!(left.state, State::Waits(WaitsFor::Message, _))
        })
    }

    /// Everybody who was started is there or has ended, and nobody else is there. At the end all are idle but the receiver of frames, those that
    /// a signal has stopped, and those that wait for them.
    fn nobody_is_lost(&mut self) -> Result<(), String> {
        for (&pid, life) in &self.lives {
            if life.end.is_some() == self.left.contains_key(&pid) {
                return Err(format!("process {} is lost: {life:?}, {:?}", pid.0, self.left.get(&pid)));
            }
            self.sum.processes += 1;
            self.sum.failed += u64::from(life.end.is_some_and(|(_, tag)| tag != NORMAL));
        }
        if let Some(pid) = self.left.keys().find(|&pid| !self.lives.contains_key(pid)) {
            return Err(format!("process {} is there, and was never started", pid.0));
        }
        let said = self.ran.journal.lines.iter().find(|line| !self.lives.contains_key(&line.me));
        if let Some(line) = said {
            return Err(format!("nobody says {line:?}"));
        }
        let anybody_stopped = self.left.values().any(|left| left.stopped);
        let listener = self.ran.journal.listener();
        for (&pid, left) in &self.left {
            let frames =
                Some(pid) == listener && matches!(left.state, State::Waits(WaitsFor::Device(_), None));
            if !anybody_stopped && !frames && !self.is_idle(pid) && !self.waits_for_the_keeper(pid) {
                return Err(format!("process {} is not idle at the end: {left:?}", pid.0));
            }
        }
        Ok(())
    }

    /// A process that its supervisor has started and that the keeper has not let begin, because somebody has ended the keeper: it waits for a
    /// message of a certain class and may have others.
    fn waits_for_the_keeper(&self, pid: Pid) -> bool {
        let left = self.left.get(&pid);
        left.is_some_and(|left| matches!(left.state, State::Waits(WaitsFor::Message, None)))
            && !self.last.contains_key(&pid)
    }

    /// What one process has sent to another comes in the order in which it was sent, each once; and all of it, when the other is there.
    fn messages_come_in_order_once(&mut self) -> Result<(), String> {
        let mut received: BTreeMap<(Pid, Pid), i64> = BTreeMap::new();
        for (_, line) in self.lines(b'r') {
            let before = received.entry((Pid(line.a as u64), line.me)).or_default();
            if line.b != *before + 1 {
                return Err(format!("{line:?} after message {before}"));
            }
            *before = line.b;
        }
        self.sum.messages = received.values().map(|&count| count as u64).sum();
        for (at, line) in self.lines(b's') {
            let to = Pid(line.a as u64);
            let came = received.get(&(line.me, to)).is_some_and(|&last| last >= line.b);
            if !came && self.is_idle(to) && self.has_happened(at, line) {
                return Err(format!("lost: {line:?}"));
            }
        }
        let sent: BTreeSet<(Pid, i64, i64)> =
            self.lines(b's').map(|(_, line)| (line.me, line.a, line.b)).collect();
        let unsent = self
            .lines(b'r')
            .find(|(_, line)| !sent.contains(&(Pid(line.a as u64), line.me.0 as i64, line.b)));
        unsent.map_or(Ok(()), |(_, line)| Err(format!("never sent: {line:?}")))
    }

    /// Who watches a process is told once of its end, and how that was, and is told nothing while it lives.
    fn ends_are_told_once(&mut self) -> Result<(), String> {
        let mut told: BTreeMap<(Pid, i64), i64> = BTreeMap::new();
        for (_, line) in self.lines(b'M') {
            if told.insert((line.me, line.a), line.b).is_some() {
                return Err(format!("told twice: {line:?}"));
            }
        }
        self.sum.told = told.len() as u64;
        for (at, line) in self.lines(b'm') {
            let end = self.end(Pid(line.a as u64));
            match (told.get(&(line.me, line.b)), end) {
                (Some(_), None) => return Err(format!("told of an end that was none: {line:?}")),
                (Some(&how), Some((_, tag))) if how != tag && how != BEFORE => {
                    return Err(format!("told of the end {how}, which was {tag}: {line:?}"));
                }
                (None, Some(end)) if self.is_idle(line.me) && self.has_happened(at, line) => {
                    return Err(format!("not told of the end {end:?}: {line:?}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// How long something that was begun at a time may take to reach another core: until the round is over, for the process that goes somewhere
    /// first, too.
    fn slack(&self) -> u64 {
        4 * self.ran.round.max(64_000)
    }

    /// When one of two linked processes fails, the other one ends.
    fn links_end_together(&self) -> Result<(), String> {
        for (at, line) in self.lines(b'l') {
            let (one, other) = (line.me, Pid(line.a as u64));
            let (Some(ended), lives) = (match (self.end(one), self.end(other)) {
                (Some(end), None) => (Some(end), other),
                (None, Some(end)) => (Some(end), one),
                _ => (None, one),
            }) else {
                continue;
            };
            let there = ended.0 > line.b as u64 + self.slack() && self.has_happened(at, line);
            if one != other && ended.1 != NORMAL && there {
                return Err(format!("process {} lives on: {line:?}, {ended:?}", lives.0));
            }
        }
        Ok(())
    }

    /// A process that was killed was meant: from outside, by another one, or by a link to one that failed.
    fn nobody_is_killed_without_reason(&self) -> Result<(), String> {
        let outside = self.ran.signals.iter().filter(|(_, signal, _)| *signal != Signal::Stop);
        let mut meant: BTreeSet<Pid> = outside.map(|&(pid, ..)| pid).collect();
        meant.extend(self.lines(b'k').map(|(_, line)| Pid(line.a as u64)));
        let failed = |pid: Pid| self.end(pid).is_some_and(|(_, tag)| tag != NORMAL);
        for (_, line) in self.lines(b'l') {
            let (one, other) = (line.me, Pid(line.a as u64));
            meant.extend(failed(other).then_some(one));
            meant.extend(failed(one).then_some(other));
        }
        for (_, line) in self.lines(b'b') {
            if self.end(line.me).is_some_and(|(_, tag)| tag == KILLED) && !meant.contains(&line.me) {
                return Err(format!("process {} was killed by nobody", line.me.0));
            }
        }
        let crashed: BTreeSet<Pid> =
            self.lines(b'x').filter(|(_, line)| line.a == 1).map(|(_, line)| line.me).collect();
        for (_, line) in self.lines(b'b') {
            if self.end(line.me).is_some_and(|(_, tag)| tag == 1) && !crashed.contains(&line.me) {
                return Err(format!("process {} failed by itself", line.me.0));
            }
        }
        Ok(())
    }

    /// What was put into a channel is taken out at most once, in order by each who takes; and no more of it is missing than fits into the channels
    /// or was with processes that have ended.
    fn items_are_taken_once(&self) -> Result<(), String> {
        let mut taken = BTreeSet::new();
        for (_, line) in self.lines(b'g') {
            if !taken.insert((Pid(line.a as u64), line.b)) {
                return Err(format!("taken twice: {line:?}"));
            }
        }
        let put: BTreeMap<(Pid, i64), i64> =
            self.lines(b'c').map(|(_, line)| ((line.me, line.b), line.a)).collect();
        if let Some(item) = taken.iter().find(|item| !put.contains_key(item)) {
            return Err(format!("never put into a channel: {item:?}"));
        }
        let accepted = self.lines(b'C').filter(|(_, line)| line.b == 1).map(|(_, line)| (line.me, line.a));
        let missing = accepted.filter(|item| !taken.contains(item)).count();
        const HELD_MAX: usize = 3 + 4;
        let ended = self.lives.values().filter(|life| life.end.is_some()).count();
        if missing > HELD_MAX + ended {
            return Err(format!("{missing} items of channels are lost"));
        }
        // Who was refused has its item back: nobody else may have it.
        let refused = self.lines(b'C').filter(|(_, line)| line.b != 1).map(|(_, line)| (line.me, line.a));
        match refused.into_iter().find(|item| taken.contains(item)) {
            Some(item) => Err(format!("refused, and taken: {item:?}")),
            None => Ok(()),
        }
    }

    /// A supervisor that lives has all its children, each once; one that has ended has none; and none starts children more often than it may.
    fn supervisors_do_their_work(&mut self) -> Result<(), String> {
        let mut starts: BTreeMap<i64, Vec<(Pid, i64)>> = BTreeMap::new();
        for (_, line) in self.lines(b'S') {
            starts.entry(line.a).or_default().push((line.me, line.b));
        }
        let supervisors: BTreeMap<i64, Pid> =
            self.lines(b'T').map(|(_, line)| (line.b, Pid(line.a as u64))).collect();
        for (&number, &supervisor) in &supervisors {
            let gave_up = self.end(supervisor).is_some_and(|(_, tag)| tag == 1);
            self.sum.gave_up += u64::from(gave_up);
            let killed = self.ran.signals.iter().any(|&(pid, ..)| pid == supervisor);
            if self.end(supervisor).is_some() && !gave_up && !killed {
                return Err(format!("supervisor {number} has ended by itself"));
            }
        }
        for (&child, starts) in &starts {
            self.sum.restarts += starts.len() as u64 - 1;
            let times: Vec<i64> = starts[1..].iter().map(|start| start.1).collect();
            if let Some(window) = times.windows(RESTARTS + 1).find(|w| w[RESTARTS] - w[0] + LATE < SECOND) {
                return Err(format!("child {child} is restarted too often: {window:?}"));
            }
            let alive = starts.iter().filter(|(pid, _)| self.left.contains_key(pid)).count();
            let Some(&supervisor) = supervisors.get(&(child / 8)) else { continue };
            let wanted = usize::from(self.left.contains_key(&supervisor));
            if alive != wanted && !self.ran.signals.iter().any(|(_, signal, _)| *signal == Signal::Stop) {
                return Err(format!("child {child} is there {alive} times, not {wanted}"));
            }
        }
        Ok(())
    }

    /// What was read from the disk is what was written, and every frame that the card has delivered has come.
    fn devices_keep_what_they_say(&mut self) -> Result<(), String> {
        if let Some((_, line)) = self.lines(b'd').find(|(_, line)| line.a != 1) {
            return Err(format!("the disk has not kept what was written: {line:?}"));
        }
        let whole: Vec<(i64, i64)> = self.lines(b'F').map(|(_, line)| (line.a, line.b)).collect();
        let damaged = self.lines(b'E').count() as u64;
        let traffic = &self.ran.traffic;
        self.sum.frames = whole.len() as u64;
        if whole.len() as u64 + damaged != traffic.delivered || damaged > traffic.changed {
            return Err(format!("{} frames and {damaged} damaged ones: {traffic:?}", whole.len()));
        }
        if traffic.sent + traffic.doubled != traffic.delivered + traffic.dropped + self.ran.frames_left {
            return Err(format!("frames are lost on the card: {traffic:?}, {} left", self.ran.frames_left));
        }
        let sent: BTreeSet<(i64, i64)> =
            self.lines(b'f').map(|(_, line)| (line.me.0 as i64, line.a)).collect();
        let distinct: BTreeSet<(i64, i64)> = whole.iter().copied().collect();
        if let Some(frame) = distinct.iter().find(|frame| !sent.contains(frame)) {
            return Err(format!("a frame that nobody has sent: {frame:?}"));
        }
        if (whole.len() - distinct.len()) as u64 > traffic.doubled {
            return Err(format!("frames came more often than the card doubled them: {traffic:?}"));
        }
        Ok(())
    }
}
