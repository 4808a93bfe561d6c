//! `mvm help`: a page on a command, an instruction, a trap or a syscall.

use std::fmt::Write as _;

use mvm_isa::{Effect, OpInfo, Opcode, Operand, Shape, Syntax, Syscall, TrapCode, Ty, TypeId};
use mvm_module::{Module, TypeDef};

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
        let failure = Failure::wrong(format!("there is no command, instruction, trap or syscall `{topic}`"));
        return Err(match mvm_diag::suggest(topic, topics().iter().map(String::as_str)) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("docs/ISA.md lists all instructions, `mvm help` all commands"),
        });
    }
    output.page(&pages.join("\n"))?;
    Ok(Status::OK)
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
    let all = || Opcode::ALL.iter().map(|op| op.info());
    let of_verb: Vec<&OpInfo> = all().filter(|info| info.verb == wanted).collect();
    match of_verb.as_slice() {
        [_, _, ..] => pages.push(verb_page(&wanted, &of_verb)),
        _ => pages.extend(all().find(|info| info.name == wanted || info.verb == wanted).map(op_page)),
    }
    if of_verb.len() > 1 && wanted.contains('_') {
        pages.extend(all().find(|info| info.name == wanted).map(op_page));
    }
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
    topics.extend(TrapCode::ALL.iter().map(|trap| trap.class_name().to_string()));
    topics.extend(Syscall::ALL.iter().map(|call| call.info().name.to_string()));
    topics
}

/// A bare verb and the rows it stands for.
fn verb_page(verb: &str, rows: &[&OpInfo]) -> String {
    let width = rows.iter().map(|info| info.name.len()).max().unwrap_or(0);
    let mut page = format!("{verb}: one of these, by the types of its operands\n\n");
    for info in rows {
        let _ = writeln!(page, "  {:width$}  {}", info.name, info.doc.replace('\n', " ").replace('`', ""));
    }
    let _ = write!(page, "\n`mvm help {}` shows one of them in full.\n", rows[0].name);
    page
}

/// An instruction.
fn op_page(info: &OpInfo) -> String {
    let mut page = format!("{}  ({})\n\n", info.name, info.group);
    let _ = writeln!(page, "  {}\n", usage(info));
    for line in info.doc.lines() {
        let _ = writeln!(page, "  {}", line.trim());
    }
    page.push('\n');
    if info.verb != info.name {
        let _ = writeln!(page, "  verb     {}", info.verb);
    }
    if !info.traps.is_empty() {
        let traps: Vec<&str> = info.traps.iter().map(|trap| trap.class_name()).collect();
        let _ = writeln!(page, "  traps    {}", traps.join(", "));
    }
    if !info.effects.is_empty() {
        let effects: Vec<&str> = info.effects.iter().map(|&effect| effect_text(effect)).collect();
        let _ = writeln!(page, "  effects  {}", effects.join(", "));
    }
    let cost = if info.cost.is_empty() { "free" } else { info.cost };
    let _ = writeln!(page, "  cost     {cost}\n\n  example:");
    for line in info.example.lines() {
        let _ = writeln!(page, "    {line}");
    }
    page
}

/// Mnemonic and operands with their types.
fn usage(info: &OpInfo) -> String {
    let mut letters = ('a'..='z').cycle();
    let mut operands: Vec<String> = Vec::new();
    for operand in info.operands {
        let Some(text) = operand_text(*operand) else { continue };
        operands.push(format!("{}: {text}", letters.next().unwrap_or('a')));
    }
    let by_reference = matches!(info.operands, [Operand::Src(_)]);
    let target = if by_reference { "REFERENCE" } else { "FUNCTION" };
    let text = match info.shape {
        Shape::Fixed => operands.join(", "),
        Shape::Switch => "a: i64, DEFAULT, LABEL_0, LABEL_1, ...".into(),
        Shape::Call => format!("[RESULT,] {target}(ARGUMENTS)"),
        Shape::CallMany => format!("[(RESULTS),] {target}(ARGUMENTS)"),
        Shape::TailCall => format!("{target}(ARGUMENTS)"),
        Shape::Bind => "a: reference, FUNCTION(FIRST ARGUMENTS)".into(),
        Shape::NewWith => "a: reference, CLASS(FIELDS)".into(),
        Shape::RetMany => "VALUES".into(),
        Shape::Sys => "[RESULTS,] NAME(ARGUMENTS)".into(),
    };
    let note = match info.syntax {
        Syntax::Plain => "",
        Syntax::Index(0) => "    (written a[b])",
        Syntax::Index(_) => "    (written b[c])",
        Syntax::Field(0) => "    (written a.b)",
        Syntax::Field(_) => "    (written b.c)",
    };
    format!("{} {text}{note}", info.name).trim_end().to_string()
}

fn operand_text(operand: Operand) -> Option<String> {
    Some(match operand {
        Operand::Def(ty) | Operand::Src(ty) => ty_text(ty),
        Operand::Imm16 => "16-bit constant".into(),
        Operand::Imm32 => "32-bit constant".into(),
        Operand::WordI64 => "64-bit constant".into(),
        Operand::WordF64 => "float constant".into(),
        Operand::Literal => "literal".into(),
        Operand::Type => "type".into(),
        Operand::Field => "field".into(),
        Operand::Func => "function".into(),
        Operand::Label16 | Operand::Label32 => "label".into(),
        Operand::Weight | Operand::FrameSize => return None,
    })
}

fn ty_text(ty: Ty) -> String {
    match ty {
        Ty::I64 => "i64".into(),
        Ty::F64 => "f64".into(),
        Ty::Str => "str".into(),
        Ty::Bytes => "bytes".into(),
        Ty::Block => "block".into(),
        Ty::Any => "any".into(),
        Ty::Ref => "reference".into(),
        Ty::Array => "array".into(),
        Ty::ArrayOf(elem) => format!("[{}]", elem.name()),
        Ty::RefArray => "array of references".into(),
        Ty::Func => "function reference".into(),
        Ty::Object => "object".into(),
        Ty::Error => "Error".into(),
        Ty::Value => "any type".into(),
    }
}

fn effect_text(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads the heap",
        Effect::Writes => "writes the heap",
        Effect::Allocates => "allocates",
        Effect::Ends => "ends a block",
        Effect::Charges => "charges reductions",
        Effect::Bulk => "works in steps",
        Effect::Calls => "calls",
        Effect::Blocks => "may wait",
        Effect::External => "reaches outside of the process",
    }
}

/// A trap.
fn trap_page(trap: TrapCode) -> String {
    let raised: Vec<&str> = Opcode::ALL
        .iter()
        .map(|op| op.info())
        .filter(|info| info.traps.contains(&trap))
        .map(|i| i.name)
        .collect();
    let name = trap.class_name();
    let mut page = format!("{name}  (trap {})\n\n", trap as u8);
    for line in trap.doc().lines() {
        let _ = writeln!(page, "  {}", line.trim());
    }
    let _ =
        writeln!(page, "\n  class    {name} : Trap, caught by `try LABEL, e: {name}` or by a class above it");
    if !raised.is_empty() {
        let _ = writeln!(page, "  raised by:\n{}", wrap(&raised, "    ", 100));
    }
    page
}

/// A syscall.
fn syscall_page(call: Syscall) -> String {
    let info = call.info();
    let module = Module::new("");
    let name_of = |ty: TypeId| match module.types.get(ty.index()) {
        Some(TypeDef::Reserved) | None => "?".to_string(),
        Some(_) => module.type_name(ty),
    };
    let params: Vec<String> =
        info.params.iter().map(|(name, ty)| format!("{name}: {}", name_of(*ty))).collect();
    let results: Vec<String> = info.results.iter().map(|&ty| name_of(ty)).collect();
    let arrow = if results.is_empty() { String::new() } else { format!(" -> {}", results.join(", ")) };
    let mut page = format!("{}  (syscall {})\n\n", info.name, call as u16);
    let _ = writeln!(page, "  sys {}({}){arrow}\n", info.name, params.join(", "));
    for line in info.doc.lines() {
        let _ = writeln!(page, "  {}", line.trim());
    }
    let _ = writeln!(page, "\n  cost     {}", info.cost);
    page
}

/// Words separated by commas, in lines of bounded width.
fn wrap(words: &[&str], indent: &str, width: usize) -> String {
    let mut text = String::from(indent);
    let mut column = indent.len();
    for (index, word) in words.iter().enumerate() {
        if column + word.len() + 2 > width && column > indent.len() {
            text.push('\n');
            text.push_str(indent);
            column = indent.len();
        }
        text.push_str(word);
        column += word.len() + 2;
        if index + 1 < words.len() {
            text.push_str(", ");
        }
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
