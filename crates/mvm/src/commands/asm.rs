//! `mvm asm`: one source file as a module file.

use std::fmt::Write as _;

use mvm_asm::{InsnText, list_function};
use mvm_module::verify::{EVERY_INSTRUCTION, Judged, RuleSet};
use mvm_module::{FuncId, Function, Module};

use super::build::write_module;
use crate::Status;
use crate::args::AsmArgs;
use crate::output::{Failure, Output};
use crate::trace::register_name;
use crate::{optimise, program};

/// Longer instructions push the columns behind them to the right.
const TEXT_WIDTH_MAX: usize = 60;

/// Assembles, and writes or explains the module.
pub(crate) fn run(args: &AsmArgs, output: &mut Output) -> Result<Status, Failure> {
    let options = optimise::options(&args.optimise)?;
    let (module, _) = program::module(&args.source)?;
    let module = match options.passes.is_empty() {
        true => module,
        false => program::optimised_library(module, &options)?.0,
    };
    if args.explain {
        output.text(&explain(&module))?;
        if args.output.is_none() {
            return Ok(Status::OK);
        }
    }
    write_module(&mvm_module::write(&module), &args.source, args.output.as_deref(), output)?;
    Ok(Status::OK)
}

/// Registers with their types, and each instruction as it was understood, with the rules the verifier judged it by.
fn explain(module: &Module) -> String {
    // The module was verified when it was read.
    let judged = mvm_module::verify::explain(module).unwrap_or_default();
    let mut text = String::new();
    let mut used = EVERY_INSTRUCTION;
    for (index, (function, judged)) in module.functions.iter().zip(&judged).enumerate() {
        let id = FuncId((module.imports.len() + index) as u32);
        let _ = writeln!(
            text,
            "func {}{}   (judged by {})",
            function.name,
            file_text(module, function),
            judged.function
        );
        explain_registers(&mut text, module, function);
        explain_code(&mut text, module, id, function, judged);
        text.push('\n');
        used = used.union(judged.function);
        used = judged.instructions.iter().fold(used, |used, (_, rules)| used.union(*rules));
    }
    let _ =
        writeln!(text, "Rules (`mvm explain RULE` says more); {EVERY_INSTRUCTION} judge every instruction:");
    for rule in used.iter() {
        let _ = writeln!(text, "  {:<3}  {}", rule.number(), rule.title());
    }
    text
}

fn explain_registers(text: &mut String, module: &Module, function: &Function) {
    for (number, &ty) in function.registers.iter().enumerate() {
        let name = register_name(function, number as u16);
        let what = if number < usize::from(function.params) { "parameter" } else { "register" };
        let _ = writeln!(text, "  {what:<9} {name}: {}", module.type_name(ty));
    }
}

fn explain_code(text: &mut String, module: &Module, id: FuncId, function: &Function, judged: &Judged) {
    let listing = list_function(module, id);
    let rows: Vec<(&InsnText, String)> =
        listing.iter().map(|insn| (insn, line_text(module, function, insn.pc))).collect();
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let insn_width =
        widest(&mut rows.iter().map(|(insn, _)| insn.text.chars().count())).clamp(11, TEXT_WIDTH_MAX);
    let line_width = widest(&mut rows.iter().map(|(_, line)| line.chars().count())).max(4);
    let _ = writeln!(text, "  {:<4}  {:<insn_width$}  {:<line_width$}  rules", "pc", "instruction", "line");
    for (insn, line) in rows {
        if let Some(label) = &insn.label {
            let _ = writeln!(text, "{label}:");
        }
        let rules = judged.instructions.binary_search_by_key(&insn.pc, |&(pc, _)| pc);
        let rules = rules.map_or_else(|_| RuleSet::default(), |index| judged.instructions[index].1);
        let rules = rules.without(EVERY_INSTRUCTION);
        let _ = writeln!(text, "  {:04}  {:<insn_width$}  {line:<line_width$}  {rules}", insn.pc, insn.text);
    }
}

/// The source file of a function.
fn file_text(module: &Module, function: &Function) -> String {
    let file = function.debug.lines.first().and_then(|first| module.sources.get(usize::from(first.file)));
    file.map_or_else(String::new, |file| format!(" in {file}"))
}

/// The source line of an instruction, with its file when that is not the one of the function.
fn line_text(module: &Module, function: &Function, pc: u32) -> String {
    let home = function.debug.lines.first().map(|first| first.file);
    match function.line_at(pc) {
        Some(entry) if Some(entry.file) == home => entry.line.to_string(),
        Some(entry) => {
            let file = module.sources.get(usize::from(entry.file)).map_or("?", |name| name);
            format!("{file}:{}", entry.line)
        }
        None => "-".into(),
    }
}
