//! `mvm jit`: what becomes of functions in native code.

use std::fmt::Write as _;

use mvm_asm::{DisOptions, disassemble_function};
use mvm_jit::Jit;
use mvm_module::FuncId;

use super::dis::find;
use crate::Status;
use crate::args::JitArgs;
use crate::output::{Failure, Output};
use crate::program;

/// Slices after which nothing is compiled in this command: it compiles what it is asked for.
const NEVER: u32 = u32::MAX;

/// Shows the native code of a function, or what becomes of all.
pub(crate) fn run(args: &JitArgs, output: &mut Output) -> Result<Status, Failure> {
    let none = || Failure::wrong("there is no native code for this processor");
    let jit = Jit::new(NEVER).ok_or_else(none)?;
    let loaded = program::load_with(&args.program, Some(jit.clone()), |_| ())?;
    let image = &*loaded.image;
    let module = image.module();
    let mut text = String::new();
    let Some(name) = &args.function else {
        let _ = writeln!(text, "{:>8}  {:>9}  FUNCTION", "WORDS", "BYTES");
        for (index, function) in module.functions.iter().enumerate() {
            let words = function.code.len();
            let line = match jit.listing(image, FuncId(index as u32), false) {
                Ok(listing) => format!("{words:>8}  {:>9}  {}", listing.bytes, function.name),
                Err(why) => format!("{words:>8}  {:>9}  {}: {why}", "-", function.name),
            };
            let _ = writeln!(text, "{line}");
        }
        output.page(&text)?;
        return Ok(Status::OK);
    };
    let id = find(module, name)?;
    let listing = jit
        .listing(image, id, args.middle)
        .map_err(|why| Failure::wrong(format!("`{name}` has no native code: {why}")))?;
    text += &disassemble_function(module, id, &DisOptions { debug: false, listing: true });
    if args.ir {
        let _ = writeln!(text, "\n; Cranelift\n{}", listing.ir);
    }
    let _ = writeln!(text, "\n; machine code, {} bytes\n{}", listing.bytes, listing.code);
    output.page(&text)?;
    Ok(Status::OK)
}
