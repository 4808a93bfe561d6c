//! Reference pages, written from the tables.
//!
//! The pages under `docs/` are these texts ([`isa`], [`syscalls`], [`traps`]); `mvm help NAME` prints the entries one
//! by one ([`op_page`], [`verb_page`], [`syscall_page`], [`trap_page`]). Everything is Markdown that reads well on a
//! terminal too: indented code, no tables in entries.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::builtins::{BUILTINS, Builtin};
use crate::ops::Opcode;
use crate::syscalls::{Answer, Syscall};
use crate::table::{Effect, OpInfo, Operand, Shape, Syntax, Ty, TypeRule};
use crate::trap::{Trap, TrapCode};
use crate::types::TypeId;

/// The first line of every generated page.
const GENERATED: &str =
    "<!-- Written by `cargo xtask codegen` from the tables in crates/mvm-isa. Do not edit. -->\n\n";

/// Appends formatted text. Writing to a `String` cannot fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => { let _ = write!($out, $($arg)*); };
}

/// A documentation comment as one paragraph.
fn paragraph(doc: &str) -> String {
    doc.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// The name of a register type.
pub fn type_name(ty: Ty) -> String {
    match ty {
        Ty::I64 => "i64".into(),
        Ty::F64 => "f64".into(),
        Ty::Str => "str".into(),
        Ty::Bytes => "bytes".into(),
        Ty::Block => "block".into(),
        Ty::Any => "any".into(),
        Ty::Ref => "any reference".into(),
        Ty::Array => "any array".into(),
        Ty::ArrayOf(elem) => format!("[{}]", elem.name()),
        Ty::RefArray => "array of references".into(),
        Ty::Func => "function reference".into(),
        Ty::Object => "object".into(),
        Ty::Error => "Error".into(),
        Ty::Value => "any type".into(),
    }
}

/// What an operand is called in its row: `a`, `b`, `c` in order, or what it is. The documentation of the row uses the
/// same names.
fn operand_name(info: &OpInfo, index: usize) -> String {
    match info.operands[index] {
        Operand::Weight => "weight".into(),
        Operand::FrameSize => "registers".into(),
        Operand::Label16 | Operand::Label32 => "label".into(),
        Operand::Func => "function".into(),
        Operand::Field => "field".into(),
        _ if matches!(info.syntax, Syntax::Field(k) if usize::from(k) == index) => "object".into(),
        _ => letter(index),
    }
}

fn letter(index: usize) -> String {
    char::from(b'a' + index as u8).to_string()
}

/// How the instruction is written, for example `get a, b[c]`.
pub fn op_syntax(op: Opcode) -> String {
    let info = op.info();
    let first = info.operands.first();
    let callee = match (first, info.verb) {
        (Some(Operand::Src(_)), _) => "f",
        (_, "callv") => "Class.method",
        (_, "calli") => "Interface.method",
        _ => "function",
    };
    let operands = match info.shape {
        Shape::Fixed => fixed_syntax(info),
        Shape::Call => format!("r, {callee}(x, ...)"),
        Shape::CallMany => format!("(r, ...), {callee}(x, ...)"),
        Shape::TailCall => format!("{callee}(x, ...)"),
        Shape::Bind => format!("a, {callee}(x, ...)"),
        Shape::RetMany => "x, y, ...".into(),
        Shape::NewWith => "a, b(x, ...)".into(),
        Shape::Switch => "a, default, label 0, label 1, ...".into(),
        Shape::Sys => "(r, ...), name(x, ...)".into(),
    };
    format!("{:7} {operands}", info.verb).trim_end().to_owned()
}

fn fixed_syntax(info: &OpInfo) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut index = 0;
    while index < info.operands.len() {
        let name = operand_name(info, index);
        let joined = |k: u8| usize::from(k) == index && index + 1 < info.operands.len();
        match (info.operands[index], info.syntax) {
            (Operand::Weight | Operand::FrameSize, _) => {}
            (_, Syntax::Index(k)) if joined(k) => {
                parts.push(format!("{name}[{}]", operand_name(info, index + 1)));
                index += 1;
            }
            (_, Syntax::Field(k)) if joined(k) => {
                parts.push(format!("{name}.{}", operand_name(info, index + 1)));
                index += 1;
            }
            _ => parts.push(name),
        }
        index += 1;
    }
    parts.join(", ")
}

/// Names and types of the operands that the text shows.
fn operand_list(info: &OpInfo) -> Vec<String> {
    let mut list = Vec::new();
    for (index, operand) in info.operands.iter().enumerate() {
        let what = match operand {
            Operand::Def(ty) => format!("{}, written", type_name(*ty)),
            Operand::Src(ty) => type_name(*ty),
            Operand::Imm16 => "constant of 16 bits, -32768 to 32767".into(),
            Operand::Imm32 => "constant of 32 bits, -2147483648 to 2147483647".into(),
            Operand::WordI64 => "constant of 64 bits".into(),
            Operand::WordF64 => "float constant".into(),
            Operand::Literal if info.verb == "fref" => "function".into(),
            Operand::Literal => "literal".into(),
            Operand::Type if matches!(info.rule, TypeRule::New | TypeRule::NewWith) => "class".into(),
            Operand::Type if info.rule == TypeRule::NewArray => "array type".into(),
            Operand::Type => "type".into(),
            Operand::Label16 | Operand::Label32 | Operand::Field | Operand::Func => continue,
            Operand::Weight | Operand::FrameSize => continue,
        };
        let name = match info.shape {
            Shape::Fixed | Shape::NewWith | Shape::Bind | Shape::Switch => operand_name(info, index),
            _ => "f".into(),
        };
        list.push(format!("`{name}`: {what}"));
    }
    list
}

/// One field of an instruction word.
#[derive(Debug, Clone, PartialEq, Eq)]
struct WordField {
    name: String,
    word: usize,
    bit: usize,
    width: usize,
}

/// The operand fields of a fixed-shape instruction.
fn fixed_fields(info: &OpInfo) -> Vec<WordField> {
    let field = |index: usize, operand: &Operand| {
        let name = operand_name(info, index);
        let (word, bit, width) = match operand {
            Operand::WordI64 | Operand::WordF64 => (1, 0, 64),
            Operand::Imm32 | Operand::Literal | Operand::Label32 | Operand::Func => (0, 32, 32),
            _ if index < 3 => (0, 16 * (index + 1), 16),
            _ => (1, 16 * (index - 3), 16),
        };
        WordField { name, word, bit, width }
    };
    info.operands.iter().enumerate().map(|(index, operand)| field(index, operand)).collect()
}

/// The words of an instruction, lowest bits first; fields without a width have 16 bits.
fn layout(op: Opcode) -> String {
    let info = op.info();
    let code = format!("{:#06x}", op as u16);
    let target = match info.operands.first() {
        Some(Operand::Src(_)) => "f",
        _ if info.verb == "callv" => "method",
        _ if info.verb == "calli" => "selector",
        _ => "function",
    };
    match info.shape {
        Shape::Fixed => fixed_layout(info, &code),
        Shape::Call => format!("`{code} | r | {target}:24 arguments:8`, `frame | x | y | z`"),
        Shape::CallMany => format!(
            "`{code} | arguments:8 results:8 | {target}:32`, `frame | x | ...`, more arguments 4 a word, results 4 a word"
        ),
        Shape::TailCall => format!("`{code} | arguments:8 0:8 | {target}:32`, arguments 4 a word"),
        Shape::RetMany => format!("`{code} | count | 0:32`, registers 4 a word"),
        Shape::Bind => format!("`{code} | a | {target}:24 arguments:8`, arguments 4 a word"),
        Shape::NewWith => format!("`{code} | a | b | count`, fields 4 a word"),
        Shape::Switch => format!("`{code} | a | count | weight`, `count + 1` distances of 32 bits, 2 a word"),
        Shape::Sys => {
            format!("`{code} | arguments:8 results:8 | number:32`, arguments 4 a word, results 4 a word")
        }
    }
}

fn fixed_layout(info: &OpInfo, code: &str) -> String {
    let fields = fixed_fields(info);
    let words = 1 + fields.iter().map(|field| field.word).max().unwrap_or(0);
    let mut texts = Vec::new();
    for word in 0..words {
        let mut parts: Vec<String> = if word == 0 { vec![code.to_owned()] } else { Vec::new() };
        let mut bit = if word == 0 { 16 } else { 0 };
        for field in fields.iter().filter(|field| field.word == word) {
            if field.bit > bit {
                parts.push(sized("0", field.bit - bit));
            }
            parts.push(sized(&field.name, field.width));
            bit = field.bit + field.width;
        }
        if bit < 64 {
            parts.push(sized("0", 64 - bit));
        }
        texts.push(format!("`{}`", parts.join(" | ")));
    }
    texts.join(", ")
}

fn sized(name: &str, width: usize) -> String {
    if width == 16 { name.to_owned() } else { format!("{name}:{width}") }
}

fn effect_text(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads the heap",
        Effect::Writes => "writes the heap",
        Effect::Allocates => "allocates",
        Effect::Ends => "does not go on to the next instruction by itself",
        Effect::Charges => "charges reductions",
        Effect::Bulk => "works in steps of at most 64 KiB",
        Effect::Calls => "calls a function",
        Effect::Blocks => "may wait",
        Effect::External => "reaches outside the process",
    }
}

/// The entry of an instruction without its heading.
fn op_entry(op: Opcode) -> String {
    let info = op.info();
    let mut out = format!("    {}\n\n{}\n\n", op_syntax(op), paragraph(info.doc));
    let operands = operand_list(info);
    if !operands.is_empty() {
        put!(out, "- operands: {}\n", operands.join("; "));
    }
    if !info.traps.is_empty() {
        let traps: Vec<String> = info.traps.iter().map(|trap| format!("`{}`", trap.class_name())).collect();
        put!(out, "- traps: {}\n", traps.join(", "));
    }
    if !info.effects.is_empty() {
        let effects: Vec<&str> = info.effects.iter().map(|effect| effect_text(*effect)).collect();
        put!(out, "- effects: {}\n", effects.join(", "));
    }
    if !info.cost.is_empty() {
        put!(out, "- cost: {}\n", info.cost);
    }
    put!(out, "- words: {}\n\nExample:\n\n{}", layout(op), indented(info.example));
    out
}

/// The page of one instruction, as `mvm help` prints it.
pub fn op_page(op: Opcode) -> String {
    let info = op.info();
    format!("{} ({})\n\n{}", info.name, info.group, op_entry(op))
}

/// Heading of the functions with instruction syntax.
const BUILTIN_GROUP: &str = "Functions with instruction syntax";

const BUILTIN_INTRO: &str = "\
These are written like instructions, and their verbs are resolved by operand types like all others, but each is a call
of a function of the built-in module `core`: `split a, b, c` is `call a, core.str_split(b, c)`. So time slices, limits
and traps apply to them as to any code of the program, and they show in backtraces. The assembler imports what a text
uses; `mvm dis` shows the call.
";

/// The entry of a function with instruction syntax without its heading.
fn builtin_entry(builtin: &Builtin) -> String {
    let types: Vec<TypeId> = builtin.results.iter().chain(builtin.params).copied().collect();
    let names: Vec<String> = (0..types.len()).map(letter).collect();
    let operands: Vec<String> = types
        .iter()
        .enumerate()
        .map(|(index, &ty)| {
            let written = if index < builtin.results.len() { ", written" } else { "" };
            format!("`{}`: {}{written}", letter(index), builtin_type_name(ty))
        })
        .collect();
    format!(
        "    {:7} {}\n\n{}\n\n- operands: {}\n- calls: `core.{}`\n\nExample:\n\n{}",
        builtin.verb,
        names.join(", "),
        paragraph(builtin.doc),
        operands.join("; "),
        builtin.name,
        indented(builtin.example)
    )
}

/// The page of one function with instruction syntax, as `mvm help` prints it.
pub fn builtin_page(builtin: &Builtin) -> String {
    format!("{} ({BUILTIN_GROUP})\n\n{}", builtin.name, builtin_entry(builtin))
}

/// The functions that a bare verb stands for, in the order of the table.
pub fn builtins_of_verb(verb: &str) -> Vec<&'static Builtin> {
    BUILTINS.iter().filter(|builtin| builtin.verb == verb).collect()
}

/// The instructions that a bare verb stands for, in the order of the table.
pub fn ops_of_verb(verb: &str) -> Vec<Opcode> {
    Opcode::ALL.iter().copied().filter(|op| op.info().verb == verb).collect()
}

/// The page of a bare verb: one line for each instruction or function it stands for. Empty when there is no such verb.
pub fn verb_page(verb: &str) -> String {
    let rows = ops_of_verb(verb).into_iter().map(|op| (op.info().name, op.info().doc));
    let builtins = builtins_of_verb(verb).into_iter().map(|builtin| (builtin.name, builtin.doc));
    let lines: Vec<(&str, &str)> = rows.chain(builtins).collect();
    let Some(width) = lines.iter().map(|(name, _)| name.len()).max() else { return String::new() };
    let mut out = format!("`{verb}` stands for the first of these that fits the types of its operands\n\n");
    for (name, doc) in lines {
        put!(out, "    {name:width$}  {}\n", paragraph(doc));
    }
    out
}

const ISA_INTRO: &str = "\
# Instructions

A function has registers of fixed types; an instruction reads some and writes at most a few. The text form writes the
destination first. Entries name operands `a`, `b`, `c` in the order in which they are written; `r` stands for results,
`x` for arguments and `f` for a function reference. Each entry starts with the bare verb: the assembler chooses the
instruction by the types of the operands, and always accepts the full name in the heading too.

What an entry does not mention is not there: no traps, no effects, no cost. Traps are tested in the order given, before
anything is written. Integer and float edge cases are those of WebAssembly; a program sees no bits of a NaN but those of
the canonical one, 0x7ff8000000000000.

**Words.** An instruction is one or more 64-bit words, shown with the lowest bits first: the opcode, then fields of 16
bits unless a width is given. `0` stands for unused bits, which have to be zero. A label is a signed distance in words
from the start of the instruction. Fields the text does not show are filled in by the assembler: `weight`, `registers`
(the size of the frame) and `frame` (the number of registers of the caller, plus 1).

**Cost.** Time is counted in reductions. An instruction is free by itself: what charges is the start of a function that
loops or calls (`enter`, by its size), a branch backwards, and work on long operands. So any loop and any recursion runs
into a limit, and straight code costs nothing to count. The number charged is part of the result of a run.
";

/// `docs/ISA.md`: all instructions by group, with an index.
pub fn isa() -> String {
    let mut groups: Vec<(&str, Vec<Opcode>)> = Vec::new();
    for &op in Opcode::ALL {
        let group = op.info().group;
        match groups.last_mut() {
            Some((name, ops)) if *name == group => ops.push(op),
            _ => groups.push((group, vec![op])),
        }
    }
    let mut out = format!("{GENERATED}{ISA_INTRO}\n## Index\n\n");
    for (group, ops) in &groups {
        put!(out, "**[{group}](#{})**: ", anchor(group));
        let links: Vec<String> = ops.iter().map(|op| link(op.info().name)).collect();
        put!(out, "{}\n\n", links.join(", "));
    }
    let links: Vec<String> = BUILTINS.iter().map(|builtin| link(builtin.name)).collect();
    put!(out, "**[{BUILTIN_GROUP}](#{})**: {}\n\n", anchor(BUILTIN_GROUP), links.join(", "));
    out.push_str("## Verbs\n\nVerbs that stand for more than one instruction:\n\n");
    let mut verbs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let rows = Opcode::ALL.iter().map(|op| (op.info().verb, op.info().name));
    for (verb, name) in rows.chain(BUILTINS.iter().map(|builtin| (builtin.verb, builtin.name))) {
        verbs.entry(verb).or_default().push(name);
    }
    for (verb, names) in verbs.iter().filter(|(_, names)| names.len() > 1) {
        let links: Vec<String> = names.iter().map(|name| link(name)).collect();
        put!(out, "- `{verb}`: {}\n", links.join(", "));
    }
    for (group, ops) in &groups {
        put!(out, "\n## {group}\n");
        for op in ops {
            put!(out, "\n### {}\n\n{}", op.info().name, op_entry(*op));
        }
    }
    put!(out, "\n## {BUILTIN_GROUP}\n\n{BUILTIN_INTRO}");
    for builtin in BUILTINS {
        put!(out, "\n### {}\n\n{}", builtin.name, builtin_entry(builtin));
    }
    out
}

fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

fn link(name: &str) -> String {
    format!("[{name}](#{name})")
}

/// The name of a type that every module has.
pub fn builtin_type_name(ty: TypeId) -> String {
    if let Some(elem) = ty.elem() {
        return format!("[{}]", elem.name());
    }
    let trap = ty.0.checked_sub(TypeId::TRAP.0).and_then(|number| u8::try_from(number).ok());
    match ty {
        TypeId::I64 => "i64".into(),
        TypeId::F64 => "f64".into(),
        TypeId::ANY => "any".into(),
        TypeId::STR => "str".into(),
        TypeId::BYTES => "bytes".into(),
        TypeId::BLOCK => "block".into(),
        TypeId::ARRAY_STR => "[str]".into(),
        TypeId::ERROR => "Error".into(),
        TypeId::TRAP => "Trap".into(),
        _ => match trap.and_then(TrapCode::from_number) {
            Some(code) => code.class_name().into(),
            None => format!("type {}", ty.0),
        },
    }
}

/// How the syscall is written, with types.
pub fn syscall_syntax(call: Syscall) -> String {
    let info = call.info();
    let params: Vec<String> =
        info.params.iter().map(|(name, ty)| format!("{name}: {}", builtin_type_name(*ty))).collect();
    let results: Vec<String> = info.results.iter().map(|ty| builtin_type_name(*ty)).collect();
    let results = match results.as_slice() {
        [] => String::new(),
        [one] => format!(" -> {one}"),
        many => format!(" -> ({})", many.join(", ")),
    };
    format!("{}({}){results}", info.name, params.join(", "))
}

fn answer_text(answer: Answer) -> &'static str {
    match answer {
        Answer::Local => "at once, from the state of the process",
        Answer::Post => "queued; the process goes on",
        Answer::Wait => "the time slice ends; the machine answers between rounds",
    }
}

fn syscall_entry(call: Syscall) -> String {
    let info = call.info();
    format!(
        "    {}\n\n{}\n\n- number: {}\n- answered: {}\n- cost: {}\n",
        syscall_syntax(call),
        paragraph(info.doc),
        call as u16,
        answer_text(info.answer),
        info.cost
    )
}

/// The page of one syscall, as `mvm help` prints it.
pub fn syscall_page(call: Syscall) -> String {
    format!("{} (syscall)\n\n{}", call.info().name, syscall_entry(call))
}

const SYSCALLS_INTRO: &str = "\
# Syscalls

What a program asks of the machine: `sys result, name(arguments)`. The result may be left out when it is not wanted.
Types are checked by the verifier. The cost is in reductions and is charged to the caller.
";

/// `docs/SYSCALLS.md`: all syscalls.
pub fn syscalls() -> String {
    let mut out = format!("{GENERATED}{SYSCALLS_INTRO}\n");
    let mut names: Vec<&str> = Syscall::ALL.iter().map(|call| call.info().name).collect();
    names.sort_unstable();
    let links: Vec<String> = names.into_iter().map(link).collect();
    put!(out, "{}\n", links.join(", "));
    for &call in Syscall::ALL {
        put!(out, "\n## {}\n\n{}", call.info().name, syscall_entry(call));
    }
    out
}

/// A message of the trap, with values as they might be.
fn trap_sample(code: TrapCode) -> String {
    let (a, b) = match code {
        TrapCode::InvalidConversion => (1e300f64.to_bits() as i64, 0),
        TrapCode::StackOverflow => (131_072, 0),
        TrapCode::OutOfMemory => (80_000, 65_536),
        TrapCode::InvalidArgument => (-1, 1000),
        TrapCode::InvalidCodePoint => (0xd800, 0),
        _ => (5, 3),
    };
    Trap::new(code, a, b).to_string()
}

fn trap_entry(code: TrapCode) -> String {
    let raisers: Vec<&str> = Opcode::ALL
        .iter()
        .map(|op| op.info())
        .filter(|info| info.traps.contains(&code))
        .map(|i| i.name)
        .collect();
    format!(
        "{}\n\n- number: {}\n- noun: {}\n- message: {}\n- raised by: {}\n",
        paragraph(code.doc()),
        code as u8,
        code.noun(),
        trap_sample(code),
        raisers.join(", ")
    )
}

/// The page of one trap, as `mvm help` prints it.
pub fn trap_page(code: TrapCode) -> String {
    format!("{} (trap)\n\n{}", code.class_name(), trap_entry(code))
}

const TRAPS_INTRO: &str = "\
# Traps

What the machine raises when a program does something it cannot do. A trap is an exception: a handler range catches it
by the class named here, by `Trap` (all of these) or by `Error` (all exceptions); its field `code` holds the number. One
that nobody catches ends the program with exit status 1, a message and a backtrace. Tests name a trap by its noun.
";

/// `docs/TRAPS.md`: all traps.
pub fn traps() -> String {
    let mut out = format!("{GENERATED}{TRAPS_INTRO}");
    for &code in TrapCode::ALL {
        put!(out, "\n## {}\n\n{}", code.class_name(), trap_entry(code));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{fixed_fields, op_page, op_syntax};
    use crate::{Opcode, Shape, encode};

    /// The documented layout is where the encoder puts things.
    #[test]
    fn documented_fields_are_those_of_the_encoder() {
        for &op in Opcode::ALL.iter().filter(|op| op.info().shape == Shape::Fixed) {
            let info = op.info();
            let mut empty = Vec::new();
            encode::fixed(&mut empty, op, &vec![0; info.operands.len()]);
            for (index, field) in fixed_fields(info).iter().enumerate() {
                let mut values = vec![0; info.operands.len()];
                values[index] = -1;
                let mut words = Vec::new();
                encode::fixed(&mut words, op, &values);
                assert_eq!(words.len(), empty.len(), "{}", info.name);
                for (at, (word, base)) in words.iter().zip(&empty).enumerate() {
                    let ones = u64::MAX >> (64 - field.width) << field.bit;
                    let wanted = if at == field.word { ones } else { 0 };
                    assert_eq!(word ^ base, wanted, "{} {}", info.name, field.name);
                }
            }
        }
    }

    #[test]
    fn syntax_of_every_form() {
        for (op, syntax) in [
            (Opcode::AddI64, "add     a, b, c"),
            (Opcode::GetI8, "get     a, b[c]"),
            (Opcode::SetI8, "set     a[b], c"),
            (Opcode::GetFieldI64, "get     a, object.field"),
            (Opcode::SetFieldI64, "set     object.field, c"),
            (Opcode::BltI64, "blt     a, b, label"),
            (Opcode::JmpBack, "jmp     label"),
            (Opcode::Enter, "enter"),
            (Opcode::Call, "call    r, function(x, ...)"),
            (Opcode::CallRefMany, "callr   (r, ...), f(x, ...)"),
            (Opcode::NewWith, "new     a, b(x, ...)"),
        ] {
            assert_eq!(op_syntax(op), syntax);
        }
    }

    #[test]
    fn page_of_an_instruction() {
        let page = op_page(Opcode::DivI64Imm);
        assert!(page.starts_with("div_i64_imm (Integers)\n\n    div     a, b, c\n\n"), "{page}");
        assert!(page.contains("- traps: `DivideByZero`, `IntegerOverflow`\n"), "{page}");
        assert!(page.contains(" | a | b | c`\n"), "{page}");
    }
}
