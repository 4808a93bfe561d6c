//! What becomes of instructions and loops, for people who want to know.
//!
//! [`how`] is the table of instructions: [`mod@crate::lower`] asks it whether an instruction that is not done in place has a helper, and
//! a test compares it with what becomes of every row of the instruction table.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use mvm_isa::{Effect, OpKind, Opcode};
use mvm_module::FuncId;

/// What an instruction becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Machine instructions in place.
    InPlace,
    /// The same; a helper that cannot fail notes a stored reference for the collector, where that is needed.
    Noted,
    /// Machine instructions in place; a helper for 0 and -1.
    Mostly,
    /// Machine instructions where it is short and in the heap; else a helper.
    Short,
    /// Machine instructions in place; a helper where the classes it asks for have many different numbers.
    Classes,
    /// A helper does it on the registers in the frame.
    Sure,
    /// A helper does the frequent case.
    Helper,
    /// A call or jump, or the function itself.
    Call,
    /// Native code always leaves in front of it.
    Leaves,
}

impl How {
    /// As it stands in the table.
    pub fn text(self) -> &'static str {
        match self {
            How::InPlace => "in place",
            How::Noted => "in place; a helper that cannot fail tells the collector",
            How::Mostly => "in place; helper for 0 and -1",
            How::Short => "in place; helper for what is long or rare",
            How::Classes => "in place; helper, which may leave, where very many classes count",
            How::Sure => "helper that cannot fail",
            How::Helper => "helper",
            How::Call => "native call",
            How::Leaves => "leaves",
        }
    }
}

impl How {
    /// In few words.
    pub fn short(self) -> &'static str {
        match self {
            How::InPlace | How::Mostly | How::Short | How::Classes | How::Noted => "in place",
            other => other.text(),
        }
    }
}

/// Why native code has been left at an instruction, as far as that can be said from the instruction.
pub fn leaving_reason(op: Opcode) -> &'static str {
    let info = op.info();
    match how(op) {
        How::Leaves => "the interpreter does the instruction",
        How::Call => "a call of a function without native code, or in a callee",
        _ if op == Opcode::Enter => "the time slice was over, or the stack was full",
        _ if info.has(Effect::Charges) => "the time slice was over",
        How::Helper | How::Short => {
            "a helper did not do it: a trap, a full heap, the end of the slice, or a rare case"
        }
        _ if info.has(Effect::Allocates) => "the heap was full, or a literal was used for the first time",
        _ => "a trap, or a rare case",
    }
}

/// What an instruction becomes.
pub fn how(op: Opcode) -> How {
    let info = op.info();
    let beyond = [Effect::Ends, Effect::Blocks, Effect::External, Effect::Charges];
    match op {
        Opcode::SetRef | Opcode::SetFieldRef => How::Noted,
        Opcode::TailCall | Opcode::TailCallRef => How::Call,
        _ if info.has(Effect::Calls) => How::Call,
        Opcode::DivI64Imm | Opcode::RemI64Imm => How::Mostly,
        Opcode::StrByte | Opcode::BytesGet | Opcode::Same => How::Short,
        Opcode::StrEq | Opcode::BytesEq | Opcode::StrCompare | Opcode::BytesCompare => How::Short,
        Opcode::Test | Opcode::Cast => How::Classes,
        _ if IN_PLACE.contains(&info.name) => How::InPlace,
        Opcode::Brk => How::Leaves,
        _ if beyond.into_iter().any(|effect| info.has(effect)) => How::Leaves,
        _ if matches!(info.kind, OpKind::Pure | OpKind::PureImm) && info.traps.is_empty() => How::Sure,
        _ => How::Helper,
    }
}

/// Instructions that are done in place.
#[rustfmt::skip]
const IN_PLACE: &[&str] = &[
    "abs_checked_i64", "abs_f64", "abs_i64", "add32_i64", "add_checked_i64", "add_checked_i64_imm", "add_f64", "add_i64", "add_i64_imm", "and_i64", "and_i64_imm", "array_len", "beq_f64", "beq_f64_back", "beq_i64", "beq_i64_back", "beq_i64_imm", "beq_i64_imm_back", "bge_i64_imm", "bge_i64_imm_back", "bgt_i64_imm", "bgt_i64_imm_back", "ble_f64", "ble_f64_back", "ble_i64", "ble_i64_back", "ble_i64_imm", "ble_i64_imm_back", "bleu_i64", "bleu_i64_back", "block_len", "blt_f64", "blt_f64_back", "blt_i64", "blt_i64_back", "blt_i64_imm", "blt_i64_imm_back", "bltu_i64", "bltu_i64_back", "bne_f64", "bne_f64_back", "bne_i64", "bne_i64_back", "bne_i64_imm", "bne_i64_imm_back", "bnle_f64", "bnle_f64_back", "bnlt_f64", "bnlt_f64_back", "bnonnull", "bnull", "box_f64", "box_i64", "bswap_i64", "bytes_len", "ceil_f64", "clz_i64", "const_f64", "const_i64", "const_i64_wide", "const_literal", "const_null", "ctz_i64", "div_f64", "div_i64", "divu_i64", "enter", "eq_f64", "eq_i64", "eq_i64_imm", "f64_to_i64_sat", "floor_f64", "fref", "ge_i64_imm", "get_f64", "get_field_f64", "get_field_i64", "get_field_ref", "get_i16", "get_i32", "get_i64", "get_i8", "get_ref", "get_u16", "get_u32", "get_u8", "gt_i64_imm", "i64_to_f64", "is_null", "jmp", "jmp_back", "le_f64", "le_i64", "le_i64_imm", "leu_i64", "lt_f64", "lt_i64", "lt_i64_imm", "ltu_i64", "max_i64", "maxu_i64", "min_i64", "minu_i64", "mov", "mul32_i64", "mul_checked_i64", "mul_f64", "mul_i64", "mul_i64_imm", "mulh_i64", "mulhu_i64", "ne_f64", "ne_i64", "ne_i64_imm", "neg_checked_i64", "neg_f64", "neg_i64", "new", "new_array", "new_with", "nop", "not_i64", "or_i64", "or_i64_imm", "popcnt_i64", "rem_i64", "remu_i64", "ret", "ret_many", "ret_value", "rotl32_i64", "rotl_i64", "rotr32_i64", "rotr_i64", "select", "set_f64", "set_field_f64", "set_field_i64", "set_i16", "set_i32", "set_i64", "set_i8", "set_u16", "set_u32", "set_u8", "sext16_i64", "sext32_i64", "sext8_i64", "shl32_i64", "shl_i64", "shl_i64_imm", "shr32_i64", "shr_i64", "shr_i64_imm", "shru32_i64", "shru_i64", "shru_i64_imm", "sqrt_f64", "str_len", "sub32_i64", "sub_checked_i64", "sub_f64", "sub_i64", "switch", "switch_back", "trunc_f64", "unbox_f64", "unbox_i64", "xor_i64", "xor_i64_imm", "zext16_i64", "zext32_i64", "zext8_i64",
];

/// Why native code leaves at an instruction, or its helper does not do it; empty when that never happens.
pub fn leaves_when(op: Opcode) -> String {
    let info = op.info();
    let mut when: Vec<&str> = info.traps.iter().map(|trap| trap.noun()).collect();
    if let Opcode::ConstLiteral | Opcode::Fref = op {
        return "it is used for the first time".into();
    }
    match how(op) {
        How::Leaves => return "always".into(),
        How::Call => when.insert(0, "the function has no native code"),
        _ => {}
    }
    if info.has(Effect::Allocates) {
        when.insert(0, "the heap is full");
    }
    if info.has(Effect::Charges) {
        when.insert(0, "the time slice is over");
    }
    // Of a function of its operands only the traps are rare.
    if matches!(how(op), How::Helper | How::Short) && info.kind == OpKind::Special {
        when.push("whatever is not the frequent case");
    }
    when.dedup();
    when.join(", ")
}

/// docs/JIT-INSTRUCTIONS.md.
pub fn page() -> String {
    let mut out = String::from(
        "<!-- Written by `cargo xtask codegen` from crates/mvm-jit/src/explain.rs. Do not edit. -->\n\n\
         # What instructions become in native code\n\n\
         [JIT.md](JIT.md) explains the words. *in place*: by machine instructions; *helper*: by a function of the interpreter, which works on the \
         registers in the frame; *native call*: by a call or jump to native code, or by the code of a small function itself; *leaves*: by the \
         interpreter. Whenever something stands in the last column native code leaves in front of the instruction, and the interpreter \
         executes it.\n",
    );
    let mut group = "";
    for &op in Opcode::ALL {
        let info = op.info();
        if info.group != group {
            group = info.group;
            let _ = write!(out, "\n## {group}\n\n| instruction | becomes | leaves when |\n|---|---|---|\n");
        }
        let (name, how) = (info.name, how(op).text());
        let _ = writeln!(out, "| [`{name}`](ISA.md#{name}) | {how} | {} |", leaves_when(op));
    }
    out
}

/// What became of an instruction in a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    /// The function that it is of; another one where that has been put in place of a call.
    pub function: FuncId,
    /// Index of its first word.
    pub pc: u32,
    /// The instruction.
    pub op: Opcode,
    /// What it became.
    pub how: How,
    /// Whether native code can leave in front of it.
    pub leaves: bool,
}

/// The copy of a loop without checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopCopy {
    /// Instructions whose checks are done in front of the loop.
    pub checked: Vec<u32>,
    /// Instructions whose checks stay, and why.
    pub kept: Vec<(u32, &'static str)>,
    /// The first instruction in it that may charge, beside the branch back: then reductions are counted in every turn.
    pub charged: Option<u32>,
}

/// What became of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopNote {
    /// Index of the word at which it begins.
    pub head: u32,
    /// The last branch back.
    pub end: u32,
    /// Its copy without checks, or why there is none.
    pub copy: Result<LoopCopy, &'static str>,
}

/// A machine instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine {
    /// Place in the code of the function, in bytes.
    pub offset: u32,
    /// The instruction that it comes from, where there is one.
    pub place: Option<(FuncId, u32)>,
    /// Whether it belongs to what is done when native code leaves in front of the instruction.
    pub leaving: bool,
    /// As text.
    pub text: String,
}

/// Takes notes while a function is lowered.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    places: Vec<(FuncId, u32)>,
    numbers: BTreeMap<(FuncId, u32), u32>,
    pub(crate) lowered: Vec<Lowered>,
}

impl Trace {
    /// A number that stands for a place in Cranelift's code.
    pub(crate) fn number(trace: &RefCell<Trace>, place: (FuncId, u32), leaving: bool) -> u32 {
        let Trace { places, numbers, .. } = &mut *trace.borrow_mut();
        let number = *numbers.entry(place).or_insert_with(|| {
            places.push(place);
            places.len() as u32 - 1
        });
        number << 1 | u32::from(leaving)
    }

    /// What the number stands for.
    pub(crate) fn place(&self, number: u32) -> Option<((FuncId, u32), bool)> {
        let place = *self.places.get((number >> 1) as usize)?;
        Some((place, number & 1 == 1))
    }
}

/// Machine code as text, with the places it comes from; `starts` are offsets with numbers of places, ascending.
#[cfg(target_arch = "x86_64")]
pub(crate) fn disassemble(code: &[u8], starts: &[(u32, u32, u32)], trace: &Trace) -> Vec<CodeLine> {
    use iced_x86::{Decoder, DecoderOptions, Formatter as _, GasFormatter};
    let mut formatter = GasFormatter::new();
    let options = formatter.options_mut();
    options.set_branch_leading_zeros(false);
    options.set_space_after_operand_separator(true);
    options.set_first_operand_char_index(8);
    let mut lines = Vec::new();
    for instruction in &mut Decoder::with_ip(64, code, 0, DecoderOptions::NONE) {
        let offset = instruction.ip() as u32;
        let at = starts.partition_point(|&(start, ..)| start <= offset);
        let range = at.checked_sub(1).map(|at| starts[at]).filter(|&(_, end, _)| offset < end);
        let found = range.and_then(|(.., number)| trace.place(number));
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        let (place, leaving) = found.map_or((None, false), |(place, leaving)| (Some(place), leaving));
        lines.push(CodeLine { offset, place, leaving, text });
    }
    lines
}

/// None: there is no disassembler for this processor.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn disassemble(_: &[u8], _: &[(u32, u32, u32)], _: &Trace) -> Vec<CodeLine> {
    Vec::new()
}
