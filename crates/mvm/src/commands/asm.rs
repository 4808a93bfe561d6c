//! `mvm asm`: one source file as a module file.

use std::fmt::Write as _;

use mvm_asm::list_function;
use mvm_module::{FuncId, Module};

use super::build::write_module;
use crate::Status;
use crate::args::AsmArgs;
use crate::output::{Failure, Output};
use crate::program;
use crate::trace::register_name;

/// Assembles, and writes or explains the module.
pub(crate) fn run(args: &AsmArgs, output: &mut Output) -> Result<Status, Failure> {
    let (module, _) = program::module(&args.source)?;
    if args.explain {
        output.text(&explain(&module))?;
        if args.output.is_none() {
            return Ok(Status::OK);
        }
    }
    write_module(&mvm_module::write(&module), &args.source, args.output.as_deref(), output)?;
    Ok(Status::OK)
}

/// Registers with their types, and each instruction with the rule that judges its operands.
fn explain(module: &Module) -> String {
    let mut text = String::new();
    for (index, function) in module.functions.iter().enumerate() {
        let id = FuncId((module.imports.len() + index) as u32);
        if index > 0 {
            text.push('\n');
        }
        let _ = writeln!(text, "func {}", function.name);
        for (number, &ty) in function.registers.iter().enumerate() {
            let name = register_name(function, number as u16);
            let what = if number < usize::from(function.params) { "parameter" } else { "register" };
            let _ = writeln!(text, "  {what:<9} {name}: {}", module.type_name(ty));
        }
        for insn in list_function(module, id) {
            if let Some(label) = &insn.label {
                let _ = writeln!(text, "{label}:");
            }
            let op = mvm_isa::Opcode::from_code(function.code[insn.pc as usize] as u16);
            let rule = op.map_or_else(String::new, |op| format!("{:?}", op.info().rule));
            let line =
                function.line_at(insn.pc).map_or_else(String::new, |entry| format!("line {}", entry.line));
            let _ = writeln!(text, "  {:04}  {:<44} {line:<10} {rule}", insn.pc, insn.text);
        }
    }
    text
}
