//! What an instruction did to a block when it trapped, from its operands: they are still in their registers.
//!
//! Not here: where the block came from (`blocks.rs`).

use mvm_heap::flags;
use mvm_isa::{Opcode, Trap, TrapCode};

use crate::process::Process;

/// What an instruction did to a block that traps. Offsets and counts are in bytes, as the program gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// There was null instead of a block.
    Null,
    /// It freed a block that was free.
    FreedTwice,
    /// It accessed a block that was free.
    Freed {
        /// Offset of the first byte.
        at: i64,
        /// Number of bytes.
        count: i64,
    },
    /// It accessed bytes that are not in the block.
    Outside {
        /// Offset of the first byte.
        at: i64,
        /// Number of bytes.
        count: i64,
        /// Bytes of the block.
        length: u32,
    },
}

/// How many bytes an instruction accesses from an offset on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// So many.
    Fixed(i64),
    /// What an operand says.
    In(u32),
    /// Up to the offset that an operand says.
    To(u32),
}

/// The operands of an instruction that are blocks, each with that of its offset, and how many bytes are accessed there.
/// None for an instruction that does not trap for a block.
fn accesses(op: Opcode) -> Option<(&'static [(u32, u32)], Count)> {
    Some(match op {
        Opcode::Free => (&[(0, 0)], Count::Fixed(0)),
        Opcode::BlockCopy => (&[(0, 1), (2, 3)], Count::In(4)),
        Opcode::BlockFill => (&[(0, 1)], Count::In(2)),
        Opcode::BlockCompare => (&[(1, 2), (3, 4)], Count::In(5)),
        Opcode::BlockFind => (&[(1, 3)], Count::Fixed(0)),
        Opcode::BytesFromBlock => (&[(1, 2)], Count::To(3)),
        // The others are `load_*` and `store_*`, and named after what they access: `load_u16_be`.
        _ => {
            let name = op.info().name;
            let (operands, number): (&[_], _) =
                match (name.strip_prefix("load_"), name.strip_prefix("store_")) {
                    (Some(number), _) => (&[(1, 2)], number),
                    (_, Some(number)) => (&[(0, 1)], number),
                    (None, None) => return None,
                };
            let bits: i64 = number.trim_end_matches("_be").get(1..)?.parse().ok()?;
            (operands, Count::Fixed(bits / 8))
        }
    })
}

impl Process {
    /// What the instruction at `pc` did when it raised this trap, and the block. None when the trap is not about a block.
    pub(crate) fn misuse(&self, trap: &Trap) -> Option<(Misuse, u32)> {
        if !matches!(trap.code, TrapCode::OutOfBounds | TrapCode::NullReference | TrapCode::DoubleFree) {
            return None;
        }
        // A process whose first function has returned stands in none.
        self.position()?;
        let (blocks, count) = accesses(Opcode::from_code(self.word(0) as u16)?)?;
        let operand = |slot: u32| {
            let (word, place) = if slot < 3 { (0, slot + 1) } else { (1, slot - 3) };
            self.reg((self.word(word) >> (16 * place)) as u16)
        };
        let mut uses = blocks.iter().map(|&(block, offset)| {
            let (block, at) = (operand(block) as u32, operand(offset) as i64);
            let count = match count {
                Count::Fixed(count) => count,
                Count::In(slot) => operand(slot) as i64,
                Count::To(slot) => (operand(slot) as i64).saturating_sub(at),
            };
            (block, at, count)
        });
        // Instructions with two blocks look for null in both, then at the bounds of one after the other.
        let fits = |length: u32, at: i64, count: i64| {
            at >= 0 && count >= 0 && at.checked_add(count).is_some_and(|end| end <= i64::from(length))
        };
        let wrong = |&(block, at, count): &(u32, i64, i64)| match trap.code {
            TrapCode::NullReference => block == 0,
            TrapCode::OutOfBounds => !fits(self.heap.length(block), at, count),
            _ => true,
        };
        let (block, at, count) = uses.find(wrong)?;
        let misuse = match trap.code {
            _ if block == 0 => Misuse::Null,
            TrapCode::DoubleFree => Misuse::FreedTwice,
            _ if self.heap.header(block).has(flags::FREED) => Misuse::Freed { at, count },
            _ => Misuse::Outside { at, count, length: self.heap.length(block) },
        };
        Some((misuse, block))
    }
}

#[cfg(test)]
mod tests {
    use mvm_isa::{Operand, Ty};

    use super::*;

    #[test]
    fn every_instruction_that_traps_for_a_block_is_known() {
        for &op in Opcode::ALL {
            let info = op.info();
            let places = |wanted: Ty| {
                let is = move |&(_, operand): &(u32, &Operand)| *operand == Operand::Src(wanted);
                (0..).zip(info.operands).filter(is).map(|(place, _)| place).collect::<Vec<u32>>()
            };
            let blocks = if info.traps.is_empty() { Vec::new() } else { places(Ty::Block) };
            let known = accesses(op);
            let named: Vec<u32> =
                known.iter().flat_map(|(blocks, _)| blocks.iter().map(|&(block, _)| block)).collect();
            assert_eq!(named, blocks, "{}", info.name);
            let Some((blocks, count)) = known else { continue };
            let numbers = places(Ty::I64);
            for &(_, offset) in blocks.iter().filter(|_| op != Opcode::Free) {
                assert!(numbers.contains(&offset), "{}: offset", info.name);
            }
            match count {
                Count::Fixed(count) => assert!((0..=8).contains(&count), "{}: {count}", info.name),
                Count::In(slot) | Count::To(slot) => assert!(numbers.contains(&slot), "{}: count", info.name),
            }
        }
    }
}
