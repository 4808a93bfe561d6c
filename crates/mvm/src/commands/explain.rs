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
    let mut known: Vec<&str> = Vec::new();
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
    let mut text = String::from("Rules of the verifier:\n");
    for rule in Rule::ALL {
        text.push_str(&format!("  {:<6} {}\n", rule.number(), rule.title()));
    }
    let traps = TrapCode::ALL.iter().map(|trap| trap.class_name()).collect::<Vec<_>>().join(", ");
    text.push_str(&format!("\nTraps (see `mvm help NAME`): {traps}\n"));
    text
}
