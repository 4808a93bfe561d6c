//! Devices of the host: a request goes out with a number, and its answer comes back in a later round.
//!
//! The process waits in its call; what the machine keeps is which process a number belongs to. The answer is put into its hands, and it
//! looks at the call again, as after any wait. An answer that nobody waits for any more is dropped.

use std::io;

use mvm_heap::{Fragment, Header};
use mvm_isa::{ErrorNumber, Syscall, TypeId};

use super::{Answer, MESSAGE_WORDS_MAX, error, outside::null_reference};
use crate::host::Host;
use crate::machine::Machine;
use crate::task::{Handed, Message, Pid, State, Task, WaitsFor};

/// Requests without an answer that there may be.
const REQUESTS_MAX: usize = 1 << 16;
/// Bytes of a request.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// Bytes as a value on its way. None when the host has no memory, or they are too many for a message.
fn value(bytes: &[u8]) -> Option<Fragment> {
    if bytes.len().div_ceil(8) >= MESSAGE_WORDS_MAX {
        return None;
    }
    let mut words = Vec::new();
    words.try_reserve_exact(bytes.len().div_ceil(8) + 1).ok()?;
    words.push(Header::new(TypeId::BYTES, bytes.len() as u32).0);
    words.extend(bytes.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    }));
    Fragment::from_parts(&words, &[], false)
}

/// Whether the process waits for the answer to this request.
fn waits_for(task: &Task, number: u64) -> bool {
    task.waits_in == Some(Syscall::AskDevice)
        && matches!(task.state, State::Waits(WaitsFor::Device(known), _) if known == number)
}

impl<H: Host> Machine<H> {
    /// Answers the running process of the first core.
    pub(super) fn ask_device(&mut self, call: Syscall) -> io::Result<Answer> {
        match self.first.handed() {
            Some(Handed::Message(_, message)) => return Ok(self.take_answer(&message)),
            Some(Handed::Closed) => return Ok(self.first.done(&[0, error(ErrorNumber::Gone)])),
            Some(Handed::Done) | None => {}
        }
        let (device, object) = (self.first.arg(0) as i64, self.first.arg(1) as u32);
        let pid = self.first.current;
        let Some(task) = self.first.tasks.get_mut(pid.0) else { return Ok(self.first.done(&[])) };
        if object == 0 {
            return Ok(Err(null_reference()));
        }
        let what = task.process.heap().bytes(object);
        let refused = match what.len() {
            length if length > REQUEST_BYTES_MAX => Some(ErrorNumber::Invalid),
            _ if self.requests.len() >= REQUESTS_MAX => Some(ErrorNumber::Limit),
            _ if !self.host.request(self.requested + 1, device, what)? => Some(ErrorNumber::Gone),
            _ => None,
        };
        if let Some(number) = refused {
            return Ok(self.first.done(&[0, error(number)]));
        }
        let words = what.len().div_ceil(8);
        task.owe(words);
        self.requested += 1;
        self.requests.insert(self.requested, pid);
        Ok(Ok(self.first.wait_in(call, WaitsFor::Device(self.requested), None)))
    }

    /// Gives an answer to the running process, which waited for it.
    fn take_answer(&mut self, message: &Message) -> Answer {
        let Some(task) = self.first.tasks.get_mut(self.first.current.0) else { return self.first.done(&[]) };
        task.awaited_words -= message.words();
        let (object, _) = task.process.import_with(&message.value, None)?;
        task.owe(message.value.charge());
        self.first.done(&[object.into(), 1])
    }

    /// Asks the host for what devices have answered.
    pub(crate) fn take_answers(&mut self) -> io::Result<()> {
        while !self.requests.is_empty()
            && let Some((number, answer)) = self.host.completed()?
        {
            let Some(pid) = self.requests.remove(&number) else { continue };
            self.hand_answer(pid, number, value(&answer));
        }
        Ok(())
    }

    /// Puts an answer into the hands of the process that waits for it, if it still does. None says that there will be none.
    fn hand_answer(&mut self, pid: Pid, number: u64, value: Option<Fragment>) {
        let Some(core) = self.find_process(pid) else { return };
        let core = self.core_mut(core);
        if !core.tasks.get(pid.0).is_some_and(|task| waits_for(task, number)) {
            return;
        }
        match value {
            Some(value) => core.hand_message(pid, 0, Message::new(value)),
            None => core.hand(pid, Handed::Closed),
        }
    }

    /// The host may be another one than that which was asked. The oldest request is first, and new ones come after all of these.
    pub(crate) fn ask_devices_again(&mut self) -> io::Result<()> {
        for (number, pid) in self.requests.clone() {
            let core = self.find_process(pid);
            let task = core.and_then(|core| self.core(core).tasks.get(pid.0));
            let waiting = task.filter(|task| waits_for(task, number)).map(|task| {
                let p = &task.process;
                (p.syscall_arg(0) as i64, p.heap().bytes(p.syscall_arg(1) as u32).to_vec())
            });
            // An answer for somebody who has ended meanwhile may still come, and is dropped then.
            let Some((device, what)) = waiting else { continue };
            if !self.host.request(number, device, &what)? {
                self.requests.remove(&number);
                self.hand_answer(pid, number, None);
            }
        }
        Ok(())
    }
}
