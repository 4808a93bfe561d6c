//! `mvm explain`: what an error code means.

use crate::Status;
use crate::args::ExplainArgs;
use crate::output::{Failure, Output};

/// Prints the explanation of a code, or the list of codes.
pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<Status, Failure> {
    let _ = (args, output);
    Err(Failure::wrong("not yet"))
}
