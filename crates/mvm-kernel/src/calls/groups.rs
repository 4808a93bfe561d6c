//! Groups of processes.
//!
//! A group is a number that its members have: there is no table of groups, so nothing is left of one without members, and there are
//! never more of them than processes. Who asks for the members of a group looks at all processes, and pays for that.
//!
//! A group may have members on all cores. With one core it is answered at once; with several the machine answers when the round is
//! over, as an effect among those of the caller's core, so that everybody in the group is met exactly once, wherever it moves.

use mvm_heap::{Fragment, Header};
use mvm_isa::{ErrorNumber, Right, Syscall, TrapCode, TypeId};

use super::{Answer, Answered, Thrown, error};
use crate::core::Core;
use crate::effect::Effect;
use crate::host::Host;
use crate::machine::Machine;
use crate::signal::Signal;
use crate::task::{Handed, Pid, Task};

/// Processes that are looked at for a reduction.
const PROCESSES_PER_REDUCTION: usize = 64;

/// The answer to a call about groups.
struct Reply {
    result: u64,
    /// What happens to members of the group, in this order.
    then: Vec<Effect>,
}

impl From<u64> for Reply {
    fn from(result: u64) -> Reply {
        Reply { result, then: Vec::new() }
    }
}

impl From<ErrorNumber> for Reply {
    fn from(number: ErrorNumber) -> Reply {
        error(number).into()
    }
}

/// All processes that there are.
fn all<'a>(cores: &'a [&mut Core]) -> impl Iterator<Item = &'a Task> {
    cores.iter().flat_map(|core| core.tasks.iter().map(|(_, task)| task))
}

fn find<'a>(cores: &'a mut [&mut Core], pid: Pid) -> Option<&'a mut Task> {
    cores.iter_mut().find_map(|core| core.tasks.get_mut(pid.0))
}

/// Whether a process of that program may be put into the group.
fn judge(cores: &[&mut Core], group: Pid, program: u32) -> Result<(), ErrorNumber> {
    match all(cores).find(|task| task.group == group) {
        None => Err(ErrorNumber::Gone),
        Some(member) if member.root() != program => Err(ErrorNumber::Denied),
        Some(_) => Ok(()),
    }
}

/// Answers the call that a process waits for.
fn reply(cores: &mut [&mut Core], caller: Pid, call: Syscall) -> Result<Reply, Thrown> {
    let count = all(cores).count();
    let Some(task) = find(cores, caller) else { return Ok(ErrorNumber::Gone.into()) };
    task.debt += (count / PROCESSES_PER_REDUCTION) as u64;
    let (first, second) = (Pid(task.process.syscall_arg(0)), task.process.syscall_arg_or_zero(1));
    let members = |cores: &[&mut Core]| {
        let mut members: Vec<Pid> =
            all(cores).filter(|task| task.group == first).map(|task| task.pid).collect();
        members.sort_unstable();
        members
    };
    Ok(match call {
        Syscall::GroupOf => match find(cores, first) {
            Some(task) => task.group.0.into(),
            None => ErrorNumber::Gone.into(),
        },
        Syscall::GroupJoin => join(cores, caller, first, second as i64).into(),
        Syscall::GroupCount => (all(cores).filter(|task| task.group == first).count() as u64).into(),
        Syscall::GroupMembers => {
            let members = members(cores);
            let Some(task) = find(cores, caller) else { return Ok(ErrorNumber::Gone.into()) };
            list(task, &members)?.into()
        }
        _ => {
            let Some(signal) = Signal::from_number(second as i64) else {
                return Ok(ErrorNumber::Invalid.into());
            };
            let mut members = members(cores);
            if members.is_empty() {
                return Ok(ErrorNumber::Gone.into());
            }
            members.retain(|&member| may_control(cores, caller, member));
            if members.is_empty() {
                return Ok(ErrorNumber::Denied.into());
            }
            let send = |process| Effect::Signal { process, signal, by: caller, allowed: true };
            Reply { result: members.len() as u64, then: members.into_iter().map(send).collect() }
        }
    })
}

/// Whether a process may signal another one, and put it into a group.
fn may_control(cores: &mut [&mut Core], by: Pid, process: Pid) -> bool {
    by == process
        || find(cores, by).is_some_and(|task| task.grant.rights.has(Right::Control))
        || find(cores, process).is_some_and(|task| task.parent == by)
}

/// Puts a process into a group. The number of the group, or why not.
fn join(cores: &mut [&mut Core], caller: Pid, process: Pid, group: i64) -> u64 {
    let Ok(group) = u64::try_from(group) else { return error(ErrorNumber::Invalid) };
    let own = find(cores, caller).map(|task| task.root());
    let Some(program) = find(cores, process).map(|task| task.root()) else {
        return error(ErrorNumber::Gone);
    };
    if own != Some(program) || !may_control(cores, caller, process) {
        return error(ErrorNumber::Denied);
    }
    let group = if group == 0 { process } else { Pid(group) };
    if group != process
        && let Err(why) = judge(cores, group, program)
    {
        return error(why);
    }
    if let Some(task) = find(cores, process) {
        task.group = group;
    }
    group.0
}

/// An array of these numbers in the heap of a process; null for none.
fn list(task: &mut Task, members: &[Pid]) -> Result<u64, Thrown> {
    if members.is_empty() {
        return Ok(0);
    }
    let header = Header::new(TypeId::ARRAY_I64, members.len() as u32).0;
    let words: Vec<u64> = std::iter::once(header).chain(members.iter().map(|pid| pid.0)).collect();
    let Some(array) = Fragment::from_parts(&words, &[], false) else {
        return Err(TrapCode::OutOfMemory.into());
    };
    task.owe(array.charge());
    let (object, _) = task.process.import_with(&array, None)?;
    Ok(object.into())
}

impl Core {
    /// A call about groups.
    pub(super) fn group(&mut self, call: Syscall) -> Answer {
        if self.plan.cores > 1 {
            return Ok(self.ask_machine(call));
        }
        let caller = self.current;
        let Reply { result, then } = reply(&mut [&mut *self], caller, call)?;
        self.finish(&[result]);
        then.into_iter().for_each(|effect| self.apply(effect));
        Ok(if self.running { Answered::Done } else { Answered::Waits })
    }

    /// Whether the running process may start one in a group. Some when the call is answered, or will be.
    pub(super) fn judge_group(&mut self, call: Syscall, group: Pid) -> Option<Answered> {
        if matches!(self.handed(), Some(Handed::Done)) {
            // The machine has looked.
            return None;
        }
        if self.plan.cores > 1 {
            return Some(self.ask_machine(call));
        }
        let count = self.tasks.count();
        let task = self.tasks.get_mut(self.current.0)?;
        task.debt += (count / PROCESSES_PER_REDUCTION) as u64;
        let program = task.root();
        let why = judge(&[&mut *self], group, program).err()?;
        self.finish(&[error(why)]);
        Some(Answered::Done)
    }

    /// Ends the wait of a process for the machine.
    fn answer_waiting(&mut self, pid: Pid, result: Result<u64, Thrown>) {
        let Some(task) = self.tasks.get_mut(pid.0) else { return };
        task.waits_in = None;
        match result {
            Ok(result) => task.process.finish_syscall(&[result]),
            Err(Thrown(fault)) => task.fault = Some(fault),
        }
        task.weigh(&mut self.held_words);
        self.wake(pid);
    }
}

impl<H: Host> Machine<H> {
    /// Answers a process that has asked for what concerns all cores.
    pub(crate) fn answer_ask(&mut self, pid: Pid) {
        let Some(number) = self.find_process(pid) else { return };
        let Some(task) = self.core_mut(number).tasks.get_mut(pid.0) else { return };
        let Some(call) = task.waits_in else { return };
        if matches!(call, Syscall::SpawnWith | Syscall::SpawnProgram) {
            return self.answer_group_of_child(number, pid, call);
        }
        let mut cores: Vec<&mut Core> = self.cores_mut().collect();
        let (result, then) = match reply(&mut cores, pid, call) {
            Ok(Reply { result, then }) => (Ok(result), then),
            Err(thrown) => (Err(thrown), Vec::new()),
        };
        self.core_mut(number).answer_waiting(pid, result);
        for effect in then {
            if let Effect::Signal { process, .. } = effect
                && let Some(core) = self.find_process(process)
            {
                self.core_mut(core).apply(effect);
            }
        }
    }

    /// Tells a process that wants to start one in a group whether it may.
    fn answer_group_of_child(&mut self, number: u32, pid: Pid, call: Syscall) {
        let mut cores: Vec<&mut Core> = self.cores_mut().collect();
        let count = all(&cores).count();
        let Some(task) = find(&mut cores, pid) else { return };
        task.debt += (count / PROCESSES_PER_REDUCTION) as u64;
        let program = task.root();
        let judged = match super::processes::group_of_child(task, call) {
            Some(group) => judge(&cores, group, program),
            None => Err(ErrorNumber::Invalid),
        };
        let core = self.core_mut(number);
        match judged {
            Ok(()) => core.hand(pid, Handed::Done),
            Err(why) => core.answer_waiting(pid, Ok(error(why))),
        }
    }
}
