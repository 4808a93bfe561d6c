//! `mvm explain`: what an error code means.

use mvm_isa::TrapCode;
use mvm_module::Rule;

use crate::Status;
use crate::args::ExplainArgs;
use crate::output::{Failure, Output};

/// Prints the explanation of a code, or the list of codes.
pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<Status, Failure> {
    let Some(code) = &args.code else {
        output.page(&list())?;
        return Ok(Status::OK);
    };
    let wanted = code.trim_matches(['[', ']']).to_ascii_uppercase();
    if let Some(rule) = Rule::from_number(&wanted) {
        output.page(&rule_page(rule))?;
        return Ok(Status::OK);
    }
    if let Some(page) = mvm_asm::explain(&wanted) {
        output.page(page)?;
        return Ok(Status::OK);
    }
    let mut known: Vec<&str> = mvm_asm::pages().iter().map(|&(code, _)| code).collect();
    known.extend(Rule::ALL.iter().map(|rule| rule.number()));
    let failure = Failure::wrong(format!("there is no error code `{code}`"));
    Err(match mvm_diag::suggest(&wanted, known) {
        Some(near) => failure.help(format!("did you mean `{near}`? `mvm explain` lists all")),
        None => failure.help("`mvm explain` lists all"),
    })
}

/// A rule of the verifier.
fn rule_page(rule: Rule) -> String {
    format!(
        "{}: {} (a rule of the verifier)\n\n{}\n\nWhy: {}\n",
        rule.number(),
        rule.title(),
        rule.text().replace('`', ""),
        rule.reason()
    )
}

/// All codes with their titles.
fn list() -> String {
    let mut text = String::from("Errors and warnings of the assembler:\n");
    for (code, page) in mvm_asm::pages() {
        let title = page.lines().next().unwrap_or("").trim_start_matches(['#', ' ']);
        let title = title.strip_prefix(code).unwrap_or(title).trim_start_matches([':', ' ']);
        text.push_str(&format!("  {code:<6} {title}\n"));
    }
    text.push_str("\nRules of the verifier:\n");
    for rule in Rule::ALL {
        text.push_str(&format!("  {:<6} {}\n", rule.number(), rule.title()));
    }
    let traps = TrapCode::ALL.iter().map(|trap| trap.class_name()).collect::<Vec<_>>().join(", ");
    text.push_str(&format!("\nTraps (see `mvm help NAME`): {traps}\n"));
    text
}
