//! Encoding and decoding of instruction words.
//!
//! Instructions are sequences of 64-bit words; the opcode is in the low 16 bits of the first. [`Shape`] says where the
//! operands are. Everything here is total: any words decode to something or to a [`DecodeError`].

use crate::ops::{Opcode, ROWS};
use crate::table::{Operand, Shape};

/// In a destination field: no register.
pub const NO_REG: u16 = 0xffff;

/// Whether a register is read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The instruction reads the register.
    Src,
    /// The instruction writes the register.
    Def,
}

/// A branch target inside an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Distance in words from the start of the instruction.
    pub offset: i64,
}

/// Why words are not an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// No instruction has this opcode.
    UnknownOpcode(u16),
    /// The code ends before the instruction does; it needs so many words.
    Truncated(usize),
}

/// Bits 16 to 31: mostly the destination register.
#[inline(always)]
pub const fn field_a(word: u64) -> u16 {
    (word >> 16) as u16
}

/// Bits 32 to 47.
#[inline(always)]
pub const fn field_b(word: u64) -> u16 {
    (word >> 32) as u16
}

/// Bits 48 to 63.
#[inline(always)]
pub const fn field_c(word: u64) -> u16 {
    (word >> 48) as u16
}

/// Bits 32 to 63 as a signed number.
#[inline(always)]
pub const fn imm32(word: u64) -> i32 {
    (word >> 32) as i32
}

/// The instruction that a first word starts.
pub fn opcode_of(word: u64) -> Result<Opcode, DecodeError> {
    Opcode::from_code(word as u16).ok_or(DecodeError::UnknownOpcode(word as u16))
}

/// Number of arguments and results of a call-like instruction (`Call`, `CallMany`, `TailCall`, `Bind`, `Sys`,
/// `RetMany`, `NewWith` shapes; arguments are the registers read).
fn counts(shape: Shape, word: u64) -> (usize, usize) {
    match shape {
        Shape::Call => ((word >> 56) as usize, usize::from(field_a(word) != NO_REG)),
        Shape::CallMany | Shape::Sys => ((word >> 16 & 0xff) as usize, (word >> 24 & 0xff) as usize),
        Shape::TailCall => ((word >> 16 & 0xff) as usize, 0),
        Shape::Bind => ((word >> 56) as usize, 1),
        Shape::RetMany => (usize::from(field_a(word)), 0),
        Shape::NewWith => (usize::from(field_c(word)), 1),
        Shape::Fixed | Shape::Switch => (0, 0),
    }
}

/// Length of each fixed-shape instruction; 0 for the others.
static FIXED_LEN: [u8; Opcode::ALL.len()] = {
    let mut lengths = [0; Opcode::ALL.len()];
    let mut k = 0;
    while k < lengths.len() {
        if matches!(ROWS[k].shape, Shape::Fixed) {
            lengths[k] = fixed_len(ROWS[k].operands);
        }
        k += 1;
    }
    lengths
};

const fn fixed_len(operands: &[Operand]) -> u8 {
    let (mut wide, mut k) = (false, 0);
    while k < operands.len() {
        match operands[k] {
            Operand::WordI64 | Operand::WordF64 => return 2,
            Operand::Imm32 | Operand::Literal | Operand::Label32 | Operand::Func => wide = true,
            _ => {}
        }
        k += 1;
    }
    if operands.len() > 3 && !wide { 2 } else { 1 }
}

/// Length in words of the instruction that starts with `word`.
#[inline]
pub fn insn_len(op: Opcode, word: u64) -> usize {
    match FIXED_LEN[op as usize] {
        0 => variable_len(op, word),
        length => usize::from(length),
    }
}

fn variable_len(op: Opcode, word: u64) -> usize {
    let shape = op.info().shape;
    let (args, results) = counts(shape, word);
    match shape {
        Shape::Fixed => usize::from(fixed_len(op.info().operands)),
        Shape::Call => 2,
        Shape::CallMany => 2 + args.saturating_sub(3).div_ceil(4) + results.div_ceil(4),
        Shape::TailCall | Shape::Bind | Shape::NewWith | Shape::RetMany => 1 + args.div_ceil(4),
        Shape::Sys => 1 + args.div_ceil(4) + results.div_ceil(4),
        Shape::Switch => 1 + (usize::from(field_b(word)) + 1).div_ceil(2),
    }
}

/// Calls `visit` for every register operand, sources first. `words` starts at the instruction and is long enough.
#[inline]
pub fn visit_registers(op: Opcode, words: &[u64], mut visit: impl FnMut(Access, u16)) {
    visit_places(op, words[0], |access, word, shift| visit(access, (words[word] >> shift) as u16));
}

/// Replaces every register operand by what `map` says, sources first.
pub fn map_registers(op: Opcode, words: &mut [u64], mut map: impl FnMut(Access, u16) -> u16) {
    visit_places(op, words[0], |access, word, shift| {
        let register = map(access, (words[word] >> shift) as u16);
        words[word] = words[word] & !(0xffff << shift) | u64::from(register) << shift;
    });
}

/// Calls `visit` with the word and the lowest bit there of every register operand, sources first.
#[inline]
fn visit_places(op: Opcode, word: u64, mut visit: impl FnMut(Access, usize, usize)) {
    let info = op.info();
    let (args, results) = counts(info.shape, word);
    let of_fixed = |slot: usize| if slot < 3 { (0, 16 * (slot + 1)) } else { (1, 16 * (slot - 3)) };
    // Item `index` of a list that starts at word `from`.
    let of_list = |from: usize, index: usize| (from + index / 4, 16 * (index % 4));
    let mut visit = |access, (word, shift): (usize, usize)| visit(access, word, shift);
    match info.shape {
        Shape::Fixed => {
            for wanted in [Access::Src, Access::Def] {
                for (slot, operand) in info.operands.iter().enumerate() {
                    let access = match operand {
                        Operand::Src(_) => Access::Src,
                        Operand::Def(_) => Access::Def,
                        _ => continue,
                    };
                    if access == wanted {
                        visit(access, of_fixed(slot));
                    }
                }
            }
        }
        Shape::Call => {
            if let [Operand::Src(_)] = info.operands {
                visit(Access::Src, (0, 32));
            }
            (0..args.min(3)).for_each(|k| visit(Access::Src, of_list(1, 1 + k)));
            if results == 1 {
                visit(Access::Def, (0, 16));
            }
        }
        Shape::CallMany => {
            if let [Operand::Src(_)] = info.operands {
                visit(Access::Src, (0, 32));
            }
            (0..args).for_each(|k| visit(Access::Src, of_list(1, 1 + k)));
            let at = 2 + args.saturating_sub(3).div_ceil(4);
            (0..results).for_each(|k| visit(Access::Def, of_list(at, k)));
        }
        Shape::TailCall => {
            if let [Operand::Src(_)] = info.operands {
                visit(Access::Src, (0, 32));
            }
            (0..args).for_each(|k| visit(Access::Src, of_list(1, k)));
        }
        Shape::RetMany => (0..args).for_each(|k| visit(Access::Src, of_list(1, k))),
        Shape::Bind | Shape::NewWith => {
            (0..args).for_each(|k| visit(Access::Src, of_list(1, k)));
            visit(Access::Def, (0, 16));
        }
        Shape::Switch => visit(Access::Src, (0, 16)),
        Shape::Sys => {
            (0..args).for_each(|k| visit(Access::Src, of_list(1, k)));
            let at = 1 + args.div_ceil(4);
            (0..results).for_each(|k| visit(Access::Def, of_list(at, k)));
        }
    }
}

/// Calls `visit` with the distance of every branch target of the instruction at the start of `words`, in order.
#[inline]
pub fn visit_targets(op: Opcode, words: &[u64], mut visit: impl FnMut(i64)) {
    let info = op.info();
    if info.shape == Shape::Switch {
        let count = usize::from(field_b(words[0])) + 1;
        (0..count).for_each(|k| visit(i64::from((words[1 + k / 2] >> (32 * (k % 2))) as i32)));
        return;
    }
    match info.operands.last() {
        Some(Operand::Label16) => visit(i64::from(field_c(words[0]) as i16)),
        Some(Operand::Label32) => visit(i64::from(imm32(words[0]))),
        _ => {}
    }
}

/// All branch targets of the instruction at the start of `words`, in order.
pub fn targets(op: Opcode, words: &[u64]) -> Vec<Target> {
    let mut all = Vec::new();
    visit_targets(op, words, |offset| all.push(Target { offset }));
    all
}

/// Writes the distance of branch target number `index` into an encoded instruction. The caller has checked that it
/// fits the field.
pub fn set_target(op: Opcode, words: &mut [u64], index: usize, offset: i64) {
    let info = op.info();
    if info.shape == Shape::Switch {
        let shift = 32 * (index % 2);
        let word = &mut words[1 + index / 2];
        *word = *word & !(0xffff_ffff << shift) | u64::from(offset as i32 as u32) << shift;
        return;
    }
    match info.operands.last() {
        Some(Operand::Label16) => {
            words[0] = words[0] & 0x0000_ffff_ffff_ffff | u64::from(offset as i16 as u16) << 48
        }
        Some(Operand::Label32) => words[0] = words[0] & 0xffff_ffff | u64::from(offset as i32 as u32) << 32,
        _ => {}
    }
}

/// Functions that build instruction words. Values are not checked beyond their width.
pub mod encode {
    use super::{Opcode, Operand};

    /// An instruction of [`Shape::Fixed`](crate::Shape::Fixed) with its operands in table order. Registers, types,
    /// fields and so on are given as numbers; [`Operand::WordF64`] as the bits of the float.
    pub fn fixed(out: &mut Vec<u64>, op: Opcode, values: &[i64]) {
        let mut word = op as u64;
        let mut second = None;
        for (slot, (operand, &value)) in op.info().operands.iter().zip(values).enumerate() {
            match operand {
                Operand::WordI64 | Operand::WordF64 => second = Some(value as u64),
                Operand::Imm32 | Operand::Literal | Operand::Label32 | Operand::Func => {
                    word |= u64::from(value as u32) << 32;
                }
                _ if slot < 3 => word |= u64::from(value as u16) << (16 * (slot + 1)),
                _ => *second.get_or_insert(0) |= u64::from(value as u16) << (16 * (slot - 3)),
            }
        }
        out.push(word);
        out.extend(second);
    }

    /// 16-bit items, 4 a word.
    fn list(out: &mut Vec<u64>, items: impl Iterator<Item = u16>) {
        let mut word = 0u64;
        let mut filled = 0;
        for item in items {
            word |= u64::from(item) << (16 * filled);
            filled += 1;
            if filled == 4 {
                out.push(word);
                (word, filled) = (0, 0);
            }
        }
        if filled > 0 {
            out.push(word);
        }
    }

    /// [`Shape::Call`](crate::Shape::Call): at most 3 arguments; `dst` is [`NO_REG`](crate::NO_REG) for none.
    pub fn call(out: &mut Vec<u64>, op: Opcode, dst: u16, target: u32, delta: u16, args: &[u16]) {
        out.push(
            op as u64
                | u64::from(dst) << 16
                | u64::from(target & 0xff_ffff) << 32
                | (args.len() as u64) << 56,
        );
        let mut word = u64::from(delta);
        for (k, arg) in args.iter().enumerate() {
            word |= u64::from(*arg) << (16 * (k + 1));
        }
        out.push(word);
    }

    /// [`Shape::CallMany`](crate::Shape::CallMany).
    pub fn call_many(out: &mut Vec<u64>, op: Opcode, results: &[u16], target: u32, delta: u16, args: &[u16]) {
        out.push(
            op as u64 | (args.len() as u64) << 16 | (results.len() as u64) << 24 | u64::from(target) << 32,
        );
        list(out, std::iter::once(delta).chain(args.iter().copied()));
        list(out, results.iter().copied());
    }

    /// [`Shape::TailCall`](crate::Shape::TailCall).
    pub fn tail_call(out: &mut Vec<u64>, op: Opcode, target: u32, args: &[u16]) {
        out.push(op as u64 | (args.len() as u64) << 16 | u64::from(target) << 32);
        list(out, args.iter().copied());
    }

    /// [`Shape::Bind`](crate::Shape::Bind).
    pub fn bind(out: &mut Vec<u64>, op: Opcode, dst: u16, target: u32, args: &[u16]) {
        out.push(
            op as u64
                | u64::from(dst) << 16
                | u64::from(target & 0xff_ffff) << 32
                | (args.len() as u64) << 56,
        );
        list(out, args.iter().copied());
    }

    /// [`Shape::NewWith`](crate::Shape::NewWith).
    pub fn new_with(out: &mut Vec<u64>, op: Opcode, dst: u16, ty: u16, args: &[u16]) {
        out.push(op as u64 | u64::from(dst) << 16 | u64::from(ty) << 32 | (args.len() as u64) << 48);
        list(out, args.iter().copied());
    }

    /// [`Shape::RetMany`](crate::Shape::RetMany).
    pub fn ret_many(out: &mut Vec<u64>, op: Opcode, values: &[u16]) {
        out.push(op as u64 | (values.len() as u64) << 16);
        list(out, values.iter().copied());
    }

    /// [`Shape::Switch`](crate::Shape::Switch) with `targets` still 0; `count` is without the default.
    pub fn switch(out: &mut Vec<u64>, op: Opcode, reg: u16, count: u16, weight: u16) {
        out.push(op as u64 | u64::from(reg) << 16 | u64::from(count) << 32 | u64::from(weight) << 48);
        out.extend(std::iter::repeat_n(0, (usize::from(count) + 1).div_ceil(2)));
    }

    /// [`Shape::Sys`](crate::Shape::Sys).
    pub fn sys(out: &mut Vec<u64>, op: Opcode, results: &[u16], number: u32, args: &[u16]) {
        out.push(
            op as u64 | (args.len() as u64) << 16 | (results.len() as u64) << 24 | u64::from(number) << 32,
        );
        list(out, args.iter().copied());
        list(out, results.iter().copied());
    }
}
