//! `mvm help`: a page on a command, an instruction, a trap or a syscall.

use mvm_isa::pages::{
    builtin_page, builtins_of_verb, op_page, ops_of_verb, syscall_page, trap_page, verb_page,
};
use mvm_isa::{BUILTINS, Opcode, Syscall, TrapCode};

use super::explain::explains;
use crate::Status;
use crate::args::HelpArgs;
use crate::output::{Failure, Output};
use crate::page::plain_command;

/// Prints everything the topic stands for.
pub(crate) fn run(args: &HelpArgs, output: &mut Output) -> Result<Status, Failure> {
    let Some(topic) = &args.topic else {
        output.page(&plain_command().render_long_help().to_string())?;
        return Ok(Status::OK);
    };
    let pages = pages(topic);
    if pages.is_empty() {
        if explains(topic) {
            return Err(Failure::wrong(format!("`{topic}` is a code of a message"))
                .help(format!("`mvm explain {topic}` explains it")));
        }
        let failure = Failure::wrong(format!("there is no command, instruction, trap or syscall `{topic}`"));
        return Err(match mvm_diag::suggest(topic, topics().iter().map(String::as_str)) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("docs/ISA.md lists all instructions, `mvm help` all commands"),
        });
    }
    output.page(&pages.join("\n"))?;
    Ok(Status::OK)
}

/// Whether there is a page on a topic.
pub(super) fn helps(topic: &str) -> bool {
    !pages(topic).is_empty()
}

/// Every page on a topic.
fn pages(topic: &str) -> Vec<String> {
    let mut pages = Vec::new();
    let mut command = plain_command();
    command.build();
    if let Some(sub) = command.find_subcommand_mut(topic) {
        pages.push(sub.render_long_help().to_string());
    }
    let wanted = topic.to_ascii_lowercase();
    match (ops_of_verb(&wanted).as_slice(), builtins_of_verb(&wanted).as_slice()) {
        ([], []) => {}
        ([one], []) => pages.push(op_page(*one)),
        ([], [one]) => pages.push(builtin_page(one)),
        _ => pages.push(verb_page(&wanted)),
    }
    let named = Opcode::ALL.iter().copied().find(|op| op.info().name == wanted);
    pages.extend(named.map(op_page).filter(|page| !pages.contains(page)));
    pages.extend(BUILTINS.iter().filter(|builtin| builtin.name == wanted).map(builtin_page));
    let trap = TrapCode::ALL
        .iter()
        .find(|trap| trap.class_name().eq_ignore_ascii_case(topic) || trap.noun() == wanted);
    pages.extend(trap.map(|&trap| trap_page(trap)));
    pages.extend(Syscall::from_name(&wanted).map(syscall_page));
    pages
}

/// Everything there is a page on.
fn topics() -> Vec<String> {
    let mut topics: Vec<String> =
        plain_command().get_subcommands().map(|command| command.get_name().to_string()).collect();
    for op in Opcode::ALL {
        topics.extend([op.info().name.to_string(), op.info().verb.to_string()]);
    }
    topics.extend(BUILTINS.iter().flat_map(|builtin| [builtin.name.to_string(), builtin.verb.to_string()]));
    topics.extend(TrapCode::ALL.iter().map(|trap| trap.class_name().to_string()));
    topics.extend(Syscall::ALL.iter().map(|call| call.info().name.to_string()));
    topics
}
