//! In place of `native.rs` and `commands/jit.rs` in a program that was built without the feature `jit`.

use std::sync::Arc;

use mvm_exec::native::Tier;
use mvm_kernel::{Host, Machine};

use crate::Status;
use crate::args::{JitArgs, NativeArgs};
use crate::output::{Failure, Output};

fn none() -> Failure {
    Failure::wrong("this `mvm` was built without native code")
        .help("build it with the feature `jit`, or leave out --jit")
}

/// An error, when somebody asks for a compiler.
pub(crate) fn tier(args: &NativeArgs) -> Result<Option<Arc<dyn Tier>>, Failure> {
    if args.jit { Err(none()) } else { Ok(None) }
}

/// There is nothing to say.
pub(crate) fn report<H: Host>(_: &Machine<H>, _: &NativeArgs, _: bool) {}

/// An error.
pub(crate) fn run(_: &JitArgs, _: &mut Output) -> Result<Status, Failure> {
    Err(none())
}
