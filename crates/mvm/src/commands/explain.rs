//! `mvm explain`: what an error code means.

use mvm_isa::TrapCode;
use mvm_module::Rule;

use super::help::helps;
use crate::Status;
use crate::args::ExplainArgs;
use crate::output::{Failure, Output};

/// Characters in a line of a page.
const PAGE_WIDTH: usize = 100;

/// Prints the explanation of a code, or the list of codes.
pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<Status, Failure> {
    let Some(code) = &args.code else {
        output.page(&list())?;
        return Ok(Status::OK);
    };
    if let Some(page) = page(code) {
        output.page(&page)?;
        return Ok(Status::OK);
    }
    let mut known: Vec<&str> =
        mvm_asm::pages().iter().chain(mvm_lang::pages()).map(|&(code, _)| code).collect();
    known.extend(Rule::ALL.iter().map(|rule| rule.number()));
    let failure = Failure::wrong(format!("there is no error code `{code}`"));
    Err(match mvm_diag::suggest(&normal(code), known) {
        Some(near) => failure.help(format!("did you mean `{near}`? `mvm explain` lists all")),
        None if helps(code) => failure.help(format!("`mvm help {code}` says what that is")),
        None => failure.help("`mvm explain` lists all"),
    })
}

/// Whether this is a code that can be explained.
pub(super) fn explains(code: &str) -> bool {
    page(code).is_some()
}

/// A code as the tables have it.
fn normal(code: &str) -> String {
    code.trim_matches(['[', ']']).to_ascii_uppercase()
}

fn page(code: &str) -> Option<String> {
    let wanted = normal(code);
    if let Some(rule) = Rule::from_number(&wanted) {
        return Some(rule_page(rule));
    }
    let page = mvm_asm::explain(&wanted).or_else(|| mvm_lang::explain(&wanted));
    page.map(|page| plain(&wanted, page))
}

/// A page of the assembler or of Myna as plain text: paragraphs are wrapped, code is indented.
fn plain(code: &str, page: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            text.push_str(format!("    {line}").trim_end());
            text.push('\n');
        } else if let Some(title) = line.strip_prefix("# ") {
            text.push_str(&format!("{code}: {title}\n"));
        } else {
            wrap(&mut text, line);
        }
    }
    text
}

/// Adds a paragraph in lines of at most [`PAGE_WIDTH`] characters.
fn wrap(text: &mut String, paragraph: &str) {
    let mut width = 0;
    for word in paragraph.split(' ') {
        let count = word.chars().count();
        if width > 0 && width + 1 + count > PAGE_WIDTH {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += count;
    }
    text.push('\n');
}

/// A rule of the verifier.
fn rule_page(rule: Rule) -> String {
    let mut text = format!("{}: {} (a rule of the verifier)\n\n", rule.number(), rule.title());
    wrap(&mut text, rule.text());
    text.push('\n');
    wrap(&mut text, &format!("Why: {}", rule.reason()));
    text
}

/// A line for each page: its code and title.
fn titles(pages: &[(&str, &str)], text: &mut String) {
    for (code, page) in pages {
        let title = page.lines().next().unwrap_or("").trim_start_matches(['#', ' ']);
        let title = title.strip_prefix(code).unwrap_or(title).trim_start_matches([':', ' ']);
        text.push_str(&format!("  {code:<6} {title}\n"));
    }
}

/// All codes with their titles.
fn list() -> String {
    let mut text = String::from("Errors and warnings of the assembler:\n");
    titles(mvm_asm::pages(), &mut text);
    text.push_str("\nErrors of Myna:\n");
    titles(mvm_lang::pages(), &mut text);
    text.push_str("\nRules of the verifier:\n");
    for rule in Rule::ALL {
        text.push_str(&format!("  {:<6} {}\n", rule.number(), rule.title()));
    }
    let traps = TrapCode::ALL.iter().map(|trap| trap.class_name()).collect::<Vec<_>>().join(", ");
    text.push_str(&format!("\nTraps (see `mvm help NAME`): {traps}\n"));
    text
}
