//! `mvm check`: everything that is wrong, and nothing is run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mvm_diag::{Diagnostic, SourceMap, to_json};
use mvm_exec::Place;
use mvm_isa::{Opcode, Right, Syscall};
use mvm_module::cfg::instructions;
use mvm_module::{FuncId, Module};

use crate::Status;
use crate::args::{CheckArgs, OptimiseArgs, ProgramArgs};
use crate::machine::place_text;
use crate::output::{Failure, Output};
use crate::program;
use crate::report::Reporter;
use crate::source::is_myna;

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
        } else if args.rights && !is_myna(path) && status == Status::OK {
            let place = ProgramArgs {
                program: path.clone(),
                libraries: args.libraries.clone(),
                optimise: OptimiseArgs::default(),
            };
            let linked = program::link_program(&place)?;
            output.text(&rights(&path.display().to_string(), &linked))?;
        }
    }
    Ok(status)
}

/// The rights that a program can ask for, the libraries that it is linked with included.
fn rights(name: &str, module: &Module) -> String {
    let mut found: BTreeMap<Right, BTreeMap<Syscall, Place>> = BTreeMap::new();
    for (index, function) in module.functions.iter().enumerate() {
        for (pc, op, words) in instructions(&function.code) {
            let call = Syscall::from_number((words[0] >> 32) as u32).filter(|_| op == Opcode::Sys);
            if let Some(call) = call
                && let Some(right) = call.info().right
            {
                let place = Place { function: FuncId(index as u32), pc };
                found.entry(right).or_default().entry(call).or_insert(place);
            }
        }
    }
    let names: Vec<&str> = found.keys().map(|right| right.name()).collect();
    let mut text = format!("{name}: {}\n", if names.is_empty() { "none".into() } else { names.join(",") });
    for (right, calls) in &found {
        for (call, &place) in calls {
            let _ =
                writeln!(text, "  {:<8} {} in {}", right.name(), call.info().name, place_text(module, place));
        }
    }
    text
}
