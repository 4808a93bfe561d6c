//! Shared memory.

use mvm_isa::{ErrorNumber, Syscall, TrapCode, TypeId};

use super::{Answer, Answered, error};
use crate::core::Core;
use crate::effect::Effect;
use crate::segment::Segment;
use crate::table::Whereabouts;
use crate::task::{Access, Handed, Pid, State, WaitsFor};

const BYTES_MAX: i64 = 1 << 30;
/// Segments that a process may have made.
const SEGMENTS_MAX: usize = 1 << 16;

/// Why a segment cannot be accessed so.
enum No {
    Elsewhere(u32),
    Error(ErrorNumber),
}

impl Core {
    pub(super) fn make_segment(&mut self) -> Answer {
        let (owner, bytes) = (self.current, self.arg(0) as i64);
        if !(0..=BYTES_MAX).contains(&bytes) {
            return self.done(&[error(ErrorNumber::Invalid)]);
        }
        let Some(task) = self.tasks.get_mut(owner.0) else { return Ok(Answered::Waits) };
        let words = (bytes as usize).div_ceil(8);
        // It may have as much in segments as on its heap.
        let most = usize::try_from(task.process.limits().heap.limit_words).unwrap_or(usize::MAX);
        let extra = task.extra();
        let room = extra.segments.len() < SEGMENTS_MAX && extra.segment_words.saturating_add(words) <= most;
        let made = room.then(|| Segment::new(bytes as usize, owner)).flatten();
        let charge = made.as_ref().map_or(0, Segment::charge);
        let number = made.and_then(|segment| self.segments.insert(Box::new(segment)));
        let Some(number) = number else { return self.done(&[error(ErrorNumber::Limit)]) };
        extra.segments.insert(number, Access { writable: true, words });
        extra.segment_words += words;
        // It may outlive its maker.
        self.held_words += charge;
        self.done(&[number])
    }

    /// Whether the running process may access the segment.
    fn access(&self, number: u64, writes: bool) -> Result<(), No> {
        let task = self.tasks.get(self.current.0);
        let access = task.and_then(|task| task.extra.as_ref()?.segments.get(&number));
        match access {
            Some(access) if access.writable || !writes => match self.segments.find(number) {
                Whereabouts::Here => Ok(()),
                Whereabouts::Core(core) => Err(No::Elsewhere(core)),
                Whereabouts::Nowhere => Err(No::Error(ErrorNumber::Gone)),
            },
            _ => Err(No::Error(ErrorNumber::Denied)),
        }
    }

    pub(super) fn share_segment(&mut self) -> Answer {
        let (number, process, writable) = (self.arg(0), Pid(self.arg(1)), self.arg(2) != 0);
        match self.access(number, writable) {
            Ok(()) => {}
            Err(No::Elsewhere(core)) => return Ok(Answered::Elsewhere(core)),
            Err(No::Error(number)) => return self.done(&[error(number)]),
        }
        if self.tasks.find(process.0) == Whereabouts::Nowhere {
            return self.done(&[error(ErrorNumber::Gone)]);
        }
        if let Some(segment) = self.segments.get_mut(number) {
            segment.sharers.insert(process);
        }
        self.cause(Effect::Share { process, segment: number, writable });
        self.done(&[1])
    }

    /// The running process gives up a segment.
    pub(super) fn give_up_segment(&mut self) -> Answer {
        let (number, process) = (self.arg(0), self.current);
        let extra = self.tasks.get_mut(process.0).and_then(|task| task.extra.as_mut());
        let Some((access, extra)) = extra.and_then(|extra| Some((extra.segments.remove(&number)?, extra)))
        else {
            return self.done(&[error(ErrorNumber::Denied)]);
        };
        extra.segment_words -= access.words;
        self.cause(Effect::LeaveSegment { process, segment: number });
        self.done(&[1])
    }

    /// A process that is here may access a segment from now on.
    pub(crate) fn may_access(&mut self, pid: Pid, number: u64, writable: bool) {
        match self.tasks.get_mut(pid.0) {
            Some(task) => task.extra().segments.entry(number).or_default().writable |= writable,
            None => self.cause(Effect::LeaveSegment { process: pid, segment: number }),
        }
    }

    /// A process that could access a segment has ended.
    pub(crate) fn leave_segment(&mut self, number: u64, pid: Pid) {
        if let Some(segment) = self.segments.get_mut(number) {
            segment.sharers.remove(&pid);
            segment.waiters.retain(|waiter| waiter.0 != pid);
            if segment.sharers.is_empty() {
                self.held_words -= segment.charge();
                self.segments.remove(number);
            }
        }
    }

    pub(super) fn access_segment(&mut self, call: Syscall) -> Answer {
        let number = self.arg(0);
        let reads = matches!(call, Syscall::SegmentLoad | Syscall::SegmentRead | Syscall::SegmentWait);
        let refused = match self.access(number, !reads) {
            Ok(()) => None,
            Err(No::Elsewhere(core)) => return Ok(Answered::Elsewhere(core)),
            Err(No::Error(number)) => Some(number),
        };
        if let Syscall::SegmentRead | Syscall::SegmentWrite = call {
            return self.copy_segment(call, refused);
        }
        let offset = self.arg(1);
        let segment = self.segments.get_mut(number);
        let cell = segment.filter(|_| refused.is_none() && offset.is_multiple_of(8));
        let cell = cell.and_then(|segment| {
            let whole = segment.bytes / 8;
            segment.words[..whole].get_mut(usize::try_from(offset / 8).ok()?)
        });
        let two = call.info().results.len() == 2;
        let Some(&old) = cell.as_deref() else {
            let number = error(refused.unwrap_or(ErrorNumber::Invalid));
            return self.done(if two { [0, number] } else { [number, 0] }.as_slice());
        };
        let value = self.syscall_arg_or_zero(2);
        match call {
            Syscall::SegmentWait => return self.segment_wait(number, offset, old == value),
            Syscall::SegmentNotify => return self.segment_notify(number, offset, value as i64),
            _ => {}
        }
        let new = match call {
            Syscall::SegmentStore | Syscall::SegmentExchange => value,
            Syscall::SegmentAdd => old.wrapping_add(value),
            Syscall::SegmentCompare if old == value => self.arg(3),
            _ => old,
        };
        if let Some(segment) = self.segments.get_mut(number) {
            segment.words[(offset / 8) as usize] = new;
        }
        self.done(if two { [old, 1] } else { [1, 0] }.as_slice())
    }

    fn copy_segment(&mut self, call: Syscall, refused: Option<ErrorNumber>) -> Answer {
        let reads = call == Syscall::SegmentRead;
        let (number, offset, last) = (self.arg(0), self.arg(1), self.arg(2));
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        if !reads && last == 0 {
            return Err(TrapCode::NullReference.into());
        }
        let length = if reads { last } else { task.process.heap().length(last as u32).into() };
        let segment = self.segments.get_mut(number).filter(|segment| {
            let end = offset.checked_add(length);
            refused.is_none() && end.is_some_and(|end| end <= segment.bytes as u64)
        });
        let Some(segment) = segment else {
            let number = error(refused.unwrap_or(ErrorNumber::Invalid));
            return self.done(&[if reads { 0 } else { number }]);
        };
        task.owe((length / 8) as usize);
        let result = if reads {
            let bytes = segment.read(offset as usize, length as usize);
            task.process.alloc_bytes(TypeId::BYTES, &bytes)?.into()
        } else {
            segment.write(offset as usize, task.process.heap().bytes(last as u32));
            1
        };
        self.done(&[result])
    }

    fn segment_wait(&mut self, number: u64, offset: u64, same: bool) -> Answer {
        let (timed_out, handed) = (self.timed_out(), self.handed());
        let timeout = self.arg(3) as i64;
        let result = match handed {
            Some(_) => 1,
            None if timed_out => error(ErrorNumber::TimedOut),
            None if !same => 0,
            None if timeout == 0 => error(ErrorNumber::TimedOut),
            None => {
                let until = self.until(timeout);
                let answered = self.wait_in(Syscall::SegmentWait, WaitsFor::Segment(number), until);
                let pid = self.current;
                let wait = self.tasks.get(pid.0).map_or(0, |task| task.waits);
                if let Some(segment) = self.segments.get_mut(number) {
                    segment.waiters.retain(|waiter| waiter.0 != pid);
                    segment.waiters.push_back((pid, wait, offset));
                }
                return Ok(answered);
            }
        };
        self.done(&[result])
    }

    fn segment_notify(&mut self, number: u64, offset: u64, most: i64) -> Answer {
        let mut woken = 0;
        while woken < most {
            let Some(segment) = self.segments.get_mut(number) else { break };
            let Some(at) = segment.waiters.iter().position(|waiter| waiter.2 == offset) else { break };
            let Some((pid, wait, _)) = segment.waiters.remove(at) else { break };
            if self.tasks.get(pid.0).is_some_and(|task| task.waits == wait && task.state != State::Ready) {
                self.hand(pid, Handed::Done);
                woken += 1;
            }
        }
        self.done(&[woken as u64])
    }
}
