//! What a machine is given and what it says in the end: programs, settings, exits.

use std::collections::BTreeMap;
use std::sync::Arc;

use mvm_exec::{Image, ProcessLimits, Uncaught};
use mvm_isa::Rights;
use mvm_module::FuncId;

use crate::sched::PolicyChoice;
use crate::task::Pid;

/// What a program is told about its surroundings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Arguments, without the name of the program.
    pub args: Vec<String>,
    /// Environment variables it may see.
    pub vars: BTreeMap<String, String>,
}

/// A program, and what its first process is given.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its code.
    pub image: Arc<Image>,
    /// The function that its first process runs.
    pub entry: FuncId,
    /// What it is told about its surroundings.
    pub env: Environment,
    /// What each of its processes must keep.
    pub limits: ProcessLimits,
    /// What it may do.
    pub rights: Rights,
    /// The name by which processes start it; of the other programs the first process is started at the beginning.
    pub name: Option<String>,
}

impl Program {
    /// The main function of an image, with every right. None when it has no main function.
    pub fn new(image: &Arc<Image>, env: Environment, limits: ProcessLimits) -> Option<Program> {
        let entry = image.module().main?;
        Some(Program { image: Arc::clone(image), entry, env, limits, rights: Rights::ALL, name: None })
    }
}

/// How the machine runs.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Virtual cores; 0 means 1.
    pub cores: u32,
    /// Which process runs next.
    pub policy: PolicyChoice,
    /// What random numbers follow from.
    pub seed: u64,
    /// Time is that of the host; otherwise a reduction is a nanosecond, and when all wait, it jumps to the next timer.
    pub host_time: bool,
    /// Scheduling is written down.
    pub trace: bool,
    /// The run ends when so many reductions are used up.
    pub reductions_max: Option<u64>,
    /// Reductions of a core in a round; 0 for the usual number. What programs on several cores do depends on it.
    pub round: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The program returned or asked to exit.
    Status(i64),
    /// An exception was not caught.
    Uncaught(Box<Uncaught>),
    /// The limit of reductions was reached.
    ReductionLimit,
    /// The probe stopped the run; it can go on.
    Break,
    /// A process of this program did not catch an exception: not the first one, or there are several programs. The run can go on.
    Crashed(Pid, u32, Box<Uncaught>),
    /// All processes wait, and nothing can happen that any of them waits for.
    Deadlock,
    /// All processes together held too much of the host's memory when this one had run; it has ended. The run can go on,
    /// unless it was the first process of the only program.
    TogetherTooMuch(Pid),
}
