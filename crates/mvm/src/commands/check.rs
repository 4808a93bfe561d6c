//! `mvm check`: everything that is wrong, and nothing is run.

use mvm_diag::{Diagnostic, SourceMap, to_json};

use crate::Status;
use crate::args::CheckArgs;
use crate::output::{Failure, Output};
use crate::program;
use crate::report::Reporter;

/// Checks all files; status 2 when one of them has an error, 4 when one cannot be read.
pub(crate) fn run(args: &CheckArgs, output: &mut Output) -> Result<Status, Failure> {
    let mut status = Status::OK;
    for path in &args.files {
        let (diagnostics, map) = match program::check(path, &args.libraries) {
            Ok(found) => found,
            Err(Failure::Message { status: why, message, help }) => {
                status = status.worse(why);
                let diagnostic = Diagnostic { help, ..Diagnostic::error("", message) };
                (vec![diagnostic], SourceMap::new())
            }
            Err(other) => return Err(other),
        };
        if args.json {
            for diagnostic in &diagnostics {
                output.page(&to_json(diagnostic, &map))?;
            }
        } else if !diagnostics.is_empty() {
            Reporter::standard().diagnostics(&diagnostics, &map);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            status = status.worse(Status::WRONG);
        }
    }
    Ok(status)
}
