//! In place of `native.rs` and `commands/jit.rs` in a program that was built without the feature `jit`.

use std::sync::Arc;

use mvm_exec::Image;
use mvm_exec::native::Tier;

use crate::Status;
use crate::args::{JitArgs, MachineArgs};
use crate::output::{Failure, Output};

fn none() -> Failure {
    Failure::wrong("this `mvm` was built without native code")
        .help("build it with the feature `jit`, or leave out --jit")
}

/// An error, when somebody asks for a compiler.
pub(crate) fn tier(machine: &MachineArgs) -> Result<Option<Arc<dyn Tier>>, Failure> {
    if machine.native.jit { Err(none()) } else { Ok(None) }
}

/// There is nothing to say.
pub(crate) fn text(_: &Image) -> Option<String> {
    None
}

/// There is nothing to say.
pub(crate) fn json(_: &Image) -> Option<String> {
    None
}

/// An error.
pub(crate) fn run(_: &JitArgs, _: &mut Output) -> Result<Status, Failure> {
    Err(none())
}
