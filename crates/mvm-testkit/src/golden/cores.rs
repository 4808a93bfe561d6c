//! Runs programs of several processes on several cores, by every policy: who executes a round, and how a run is cut into pieces,
//! changes nothing.

use std::sync::Arc;

use mvm_exec::{Executor, Image};
use mvm_isa::{Opcode, Syscall};
use mvm_kernel::sched::POLICIES;
use mvm_kernel::{PolicyChoice, Settings};
use mvm_module::cfg::instructions;

use super::run::{Memory, Run, Setting, difference};

/// Reductions of a core in a round: so few that small programs have many rounds.
const ROUND: u64 = 150;
/// How many cores.
const CORES: [u32; 2] = [1, 3];

/// Who runs it: the executor, the threads, the reductions of a piece.
const WAYS: [(Executor, usize, u64); 4] = [
    (Executor::Reference, 1, u64::MAX),
    (Executor::Native, 2, u64::MAX),
    (Executor::Match, 8, 100_000),
    (Executor::Tail, 1, 37),
];

/// Whether a program can start processes.
pub fn starts_processes(image: &Image) -> bool {
    let functions = &image.module().functions;
    functions.iter().flat_map(|function| instructions(&function.code)).any(|(_, op, words)| {
        let call = Syscall::from_number((words[0] >> 32) as u32);
        op == Opcode::Sys
            && matches!(
                call,
                Some(Syscall::Spawn | Syscall::SpawnWith | Syscall::SpawnProgram | Syscall::GroupJoin)
            )
    })
}

/// Runs a program of several processes in every way; what differs.
pub fn differences(image: &Arc<Image>, setting: &Setting<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if !starts_processes(image) {
        return found;
    }
    for policy in POLICIES {
        let choice = PolicyChoice::parse(policy.name).unwrap_or_default();
        for cores in CORES {
            let settings = Settings { cores, policy: choice.clone(), round: ROUND, ..Settings::default() };
            let mut first: Option<Run> = None;
            for (executor, threads, piece) in WAYS {
                let how = format!(
                    "{cores} cores, {threads} threads, {}, {executor:?}, pieces of {piece}",
                    policy.name
                );
                let ran = setting.run_on(&settings, threads, executor, piece, Memory::default());
                match (ran, &first) {
                    (Err(what), _) => found.push(format!("{how}: {what}")),
                    (Ok(run), None) => first = Some(run),
                    (Ok(run), Some(known)) => {
                        let what = difference(&known.observed, &run.observed).or_else(|| {
                            let ends = (known.checkpoints.last(), run.checkpoints.last());
                            (ends.0 != ends.1)
                                .then(|| format!("ends in {:x?}, at first in {:x?}", ends.1, ends.0))
                        });
                        found.extend(what.map(|what| format!("{how}: {what}")));
                    }
                }
            }
        }
    }
    found
}
