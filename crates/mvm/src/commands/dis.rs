//! `mvm dis`: a module as text.

use mvm_asm::{DisOptions, disassemble, disassemble_function};
use mvm_module::{FuncId, Module};

use crate::Status;
use crate::args::DisArgs;
use crate::output::{Failure, Output};
use crate::{optimise, program};

/// Functions that are named when there is none of the name asked for.
const NAMED_MAX: usize = 8;

/// Shows a module, or one function of it; also one that the verifier refuses, with status 2.
pub(crate) fn run(args: &DisArgs, output: &mut Output) -> Result<Status, Failure> {
    let optimiser = optimise::options(&args.optimise)?;
    let (module, good) = program::module_to_show(&args.module)?;
    if let Some(name) = &args.function {
        find(&module, name)?;
    }
    if args.diff && optimiser.passes.is_empty() {
        return Err(
            Failure::wrong("--diff shows what the optimiser does").help("say how much: -O1, -O2 or --passes")
        );
    }
    let module = match good && !optimiser.passes.is_empty() {
        true => {
            let (changed, report) = program::optimised_library(module.clone(), &optimiser.with_steps())?;
            if args.diff {
                let options = DisOptions { debug: false, listing: args.listing };
                let only = args.function.as_deref();
                output.page(&optimise::differences(&module, &report, &options, only, output.is_colored()))?;
                return Ok(Status::OK);
            }
            changed
        }
        false => module,
    };
    let options = DisOptions { debug: !args.no_debug, listing: args.listing };
    let text = match &args.function {
        Some(name) => disassemble_function(&module, find(&module, name)?, &options),
        None => disassemble(&module, &options),
    };
    output.page(&text)?;
    Ok(if good { Status::OK } else { Status::WRONG })
}

pub(super) fn find(module: &Module, name: &str) -> Result<FuncId, Failure> {
    let position = module.functions.iter().position(|function| &*function.name == name);
    position.map(|index| FuncId((module.imports.len() + index) as u32)).ok_or_else(|| {
        let failure = Failure::wrong(format!("the module has no function `{name}`"));
        match mvm_diag::suggest(name, module.functions.iter().map(|function| &*function.name)) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<String> =
                    module.functions.iter().take(NAMED_MAX).map(|f| format!("`{}`", f.name)).collect();
                let more = if module.functions.len() > NAMED_MAX { ", ..." } else { "" };
                match names.is_empty() {
                    true => failure.help("it has none"),
                    false => failure.help(format!("it has {}{more}", names.join(", "))),
                }
            }
        }
    })
}
