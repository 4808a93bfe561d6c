//! Clock, timers and random numbers.

use mvm_isa::{ErrorNumber, Syscall, TrapCode};

use super::{Answer, Answered, error};
use crate::core::{Core, mix};
use crate::task::{Pid, Timer, WaitsFor};

impl Core {
    pub(super) fn time(&mut self, call: Syscall) -> Answer {
        match call {
            Syscall::Now => self.done(&[self.clock]),
            Syscall::Sleep => self.sleep(),
            Syscall::SendAfter => self.send_after(),
            Syscall::Cancel => self.cancel(),
            _ => self.random(),
        }
    }

    fn sleep(&mut self) -> Answer {
        let millis = self.arg(0) as i64;
        if self.timed_out() || millis <= 0 {
            return self.done(&[]);
        }
        let until = self.until(millis);
        Ok(self.wait_in(Syscall::Sleep, WaitsFor::Time, until))
    }

    fn send_after(&mut self) -> Answer {
        let (pid, to, delay) = (self.current, Pid(self.arg(0)), self.arg(2) as i64);
        let when = self.until(delay.max(0));
        let message = self.export(self.arg(1))?;
        let words = message.words();
        let Some(task) = self.tasks.get_mut(pid.0) else { return Err(TrapCode::Unreachable.into()) };
        if task.awaited_words + words > task.grant.mailbox_words {
            return self.done(&[error(ErrorNumber::Limit)]);
        }
        task.awaited_words += words;
        task.waits += 1;
        let number = task.waits;
        task.extra().timers.insert(number, Timer { when, to, message });
        if let Some(when) = when {
            self.set_timer(when, pid, number);
        }
        self.done(&[number])
    }

    fn cancel(&mut self) -> Answer {
        let number = self.arg(0);
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let result = match task.extra.as_mut().and_then(|extra| extra.timers.remove(&number)) {
            Some(timer) => {
                task.awaited_words -= timer.message.words();
                1
            }
            None => error(ErrorNumber::Gone),
        };
        self.done(&[result])
    }

    fn random(&mut self) -> Answer {
        let Some(task) = self.tasks.get_mut(self.current.0) else { return Ok(Answered::Waits) };
        let number = mix(task.random);
        task.random = task.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.done(&[number])
    }
}
