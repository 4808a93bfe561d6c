//! Starting programs that were loaded and wait for that.
//!
//! Such a program is one of the machine's like any other, but has no first process: its processes end with the program that has
//! started them.

use std::sync::Arc;

use mvm_exec::Process;
use mvm_isa::{ErrorNumber, Syscall, Trap, TrapCode};

use super::{Answer, Answered, LIST_MAX, MESSAGE_WORDS_MAX, Thrown, error, too_large};
use crate::core::Core;
use crate::task::{Origin, Task, argument_words};

/// The strings of an array, which may be null. None when one of them is.
fn strings(task: &Task, array: u64) -> Result<Option<Vec<String>>, Thrown> {
    let heap = task.process.heap();
    let length = if array == 0 { 0 } else { heap.length(array as u32) as usize };
    if length > LIST_MAX {
        return Err(Trap::new(TrapCode::InvalidArgument, length as i64, LIST_MAX as i64).into());
    }
    let objects: Vec<u32> = (0..length).map(|index| heap.reference(array as u32, index)).collect();
    if objects.contains(&0) {
        return Ok(None);
    }
    // What is not known to fit is not copied.
    let words: usize = objects.iter().map(|&object| heap.length(object) as usize / 8).sum();
    if words > MESSAGE_WORDS_MAX {
        return Err(too_large(MESSAGE_WORDS_MAX));
    }
    let text = |&object: &u32| String::from_utf8_lossy(heap.bytes(object)).into_owned();
    Ok(Some(objects.iter().map(text).collect()))
}

impl Core {
    pub(super) fn spawn_program(&mut self) -> Answer {
        let here = self.current;
        let plan = Arc::clone(&self.plan);
        let Some(task) = self.tasks.get(here.0) else { return Ok(Answered::Waits) };
        let name = task.process.syscall_arg(0);
        if name == 0 {
            return Err(TrapCode::NullReference.into());
        }
        let name = task.process.heap().bytes(name as u32);
        let named = |name: &[u8]| {
            plan.programs
                .iter()
                .position(|program| program.name.as_ref().is_some_and(|n| n.as_bytes() == name))
        };
        let Some(number) = named(name) else { return self.done(&[error(ErrorNumber::Gone)]) };
        let arguments = strings(task, task.process.syscall_arg(1))?;
        if let Some(task) = self.tasks.get_mut(here.0) {
            // They have been copied, whatever becomes of the call.
            task.owe(arguments.as_deref().map_or(0, argument_words));
        }
        let mut options = match self.options(Syscall::SpawnProgram)? {
            Ok(options) => options,
            Err(answered) => return Ok(answered),
        };
        let program = &plan.programs[number];
        let takes = program.image.module().function(program.entry).map_or(0, |main| main.params);
        let Some(arguments) = arguments.filter(|arguments| takes == 1 || arguments.is_empty()) else {
            return self.done(&[error(ErrorNumber::Invalid)]);
        };
        options.grant.rights = options.grant.rights.and(program.rights);
        let (limits, most) = (&mut options.limits, &program.limits);
        limits.heap.limit_words = limits.heap.limit_words.min(most.heap.limit_words);
        limits.stack_slots = limits.stack_slots.min(most.stack_slots);
        let full = self.is_full();
        let Some(task) = self.tasks.get_mut(here.0) else { return Ok(Answered::Waits) };
        if full || task.grant.children == 0 {
            return self.done(&[error(ErrorNumber::Limit)]);
        }
        let zero: &[u64] = if takes == 1 { &[0] } else { &[] };
        let made = Process::new(&program.image, program.entry, zero, options.limits);
        let Some(mut process) = made else { return self.done(&[error(ErrorNumber::Limit)]) };
        if takes == 1 {
            let Ok(list) = process.new_strings(&arguments) else {
                return self.done(&[error(ErrorNumber::Limit)]);
            };
            process.set_register(0, list.into());
        }
        let mut new = Box::new(Task::new(process, number as u32, here, options.grant, options.account));
        new.group = options.group;
        let output = if options.same_output == Some(true) { task.output() } else { number as u32 };
        new.origin = Some(Arc::new(Origin { root: task.root(), output, arguments }));
        self.start(new, options.linked)
    }
}
