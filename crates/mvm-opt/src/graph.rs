//! A function as a graph: blocks of instructions that name each other instead of distances.
//!
//! Instructions are encoded words like those of the function, with branch distances left 0; `enter` and weights are not
//! there, because they follow from the rest. Each instruction knows its source position. Handler ranges are a tree, and
//! each block names its innermost range.
//!
//! Not here: making a graph (`decode.rs`) and a function of it (`encode.rs`).

use mvm_isa::{Access, Opcode, TypeId, encode, map_registers, sem, visit_registers};
use mvm_module::{FuncId, Name};

/// Number of a block.
pub(crate) type BlockId = u32;

/// No position, no site.
pub(crate) const NONE: u32 = u32::MAX;

/// The words of one instruction: most have one or two.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    One([u64; 1]),
    Two([u64; 2]),
    More(Box<[u64]>),
}

/// An instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insn {
    /// Which; always that of the first word.
    pub(crate) op: Opcode,
    words: Words,
    /// Where it comes from: an index in [`Graph::positions`], or [`NONE`].
    pub(crate) at: u32,
}

impl Insn {
    /// The instruction with these words, of which there is at least one.
    pub(crate) fn new(op: Opcode, words: &[u64], at: u32) -> Insn {
        let words = match *words {
            [one] => Words::One([one]),
            [one, two] => Words::Two([one, two]),
            ref more => Words::More(more.into()),
        };
        Insn { op, words, at }
    }

    /// An instruction whose operands are fixed, with their values in the order of the table; labels are left out.
    pub(crate) fn fixed(op: Opcode, values: &[i64], at: u32) -> Insn {
        let mut words = Vec::with_capacity(2);
        encode::fixed(&mut words, op, values);
        Insn::new(op, &words, at)
    }

    /// `to` = `from`.
    pub(crate) fn mov(to: u16, from: u16, at: u32) -> Insn {
        Insn::fixed(Opcode::Mov, &[to.into(), from.into()], at)
    }

    /// `to` = a number, or null: what a register of this type holds when its bits are these.
    pub(crate) fn constant(to: u16, ty: TypeId, bits: u64, at: u32) -> Insn {
        let value = bits as i64;
        match ty {
            TypeId::F64 => {
                let bits = sem::canonical(f64::from_bits(bits)).to_bits();
                Insn::fixed(Opcode::ConstF64, &[to.into(), bits as i64], at)
            }
            TypeId::I64 if i32::try_from(value).is_ok() => {
                Insn::fixed(Opcode::ConstI64, &[to.into(), value], at)
            }
            TypeId::I64 => Insn::fixed(Opcode::ConstI64Wide, &[to.into(), value], at),
            _ => Insn::fixed(Opcode::ConstNull, &[to.into()], at),
        }
    }

    /// Its words.
    pub(crate) fn words(&self) -> &[u64] {
        match &self.words {
            Words::One(words) => words,
            Words::Two(words) => words,
            Words::More(words) => words,
        }
    }

    fn words_mut(&mut self) -> &mut [u64] {
        match &mut self.words {
            Words::One(words) => words,
            Words::Two(words) => words,
            Words::More(words) => words,
        }
    }

    /// Calls `visit` for every register, those that are read first.
    pub(crate) fn visit(&self, visit: impl FnMut(Access, u16)) {
        visit_registers(self.op, self.words(), visit);
    }

    /// Replaces every register.
    pub(crate) fn map(&mut self, map: impl FnMut(Access, u16) -> u16) {
        let op = self.op;
        map_registers(op, self.words_mut(), map);
    }

    /// The registers that are read, in order.
    pub(crate) fn sources(&self) -> Vec<u16> {
        let mut all = Vec::new();
        self.visit(|access, register| {
            if access == Access::Src {
                all.push(register);
            }
        });
        all
    }

    /// The registers that are written, in order.
    pub(crate) fn results(&self) -> Vec<u16> {
        let mut all = Vec::new();
        self.visit(|access, register| {
            if access == Access::Def {
                all.push(register);
            }
        });
        all
    }

    /// The only register that is written, if it is one.
    pub(crate) fn result(&self) -> Option<u16> {
        let (mut found, mut count) = (None, 0);
        self.visit(|access, register| {
            if access == Access::Def {
                found = Some(register);
                count += 1;
            }
        });
        found.filter(|_| count == 1)
    }
}

/// How a block ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Control goes on there.
    Jump(BlockId),
    /// A conditional branch (its forward form).
    Branch {
        /// The branch.
        insn: Insn,
        /// Where it goes when taken.
        taken: BlockId,
        /// Where it goes otherwise.
        next: BlockId,
    },
    /// A switch (its forward form).
    Switch {
        /// The switch.
        insn: Insn,
        /// Default first.
        targets: Vec<BlockId>,
    },
    /// A return, throw, tail call or `unreachable`.
    Leave(Insn),
}

impl End {
    /// The instruction, unless it is a jump.
    pub(crate) fn insn(&self) -> Option<&Insn> {
        match self {
            End::Jump(_) => None,
            End::Branch { insn, .. } | End::Switch { insn, .. } | End::Leave(insn) => Some(insn),
        }
    }

    /// The instruction, unless it is a jump.
    pub(crate) fn insn_mut(&mut self) -> Option<&mut Insn> {
        match self {
            End::Jump(_) => None,
            End::Branch { insn, .. } | End::Switch { insn, .. } | End::Leave(insn) => Some(insn),
        }
    }

    /// Calls `visit` with every block it goes to; one block may come several times.
    pub(crate) fn visit_targets(&self, mut visit: impl FnMut(BlockId)) {
        match self {
            End::Jump(to) => visit(*to),
            End::Branch { taken, next, .. } => {
                visit(*taken);
                visit(*next);
            }
            End::Switch { targets, .. } => targets.iter().for_each(|&to| visit(to)),
            End::Leave(_) => {}
        }
    }

    /// Replaces every block it goes to.
    pub(crate) fn map_targets(&mut self, mut map: impl FnMut(BlockId) -> BlockId) {
        match self {
            End::Jump(to) => *to = map(*to),
            End::Branch { taken, next, .. } => {
                *taken = map(*taken);
                *next = map(*next);
            }
            End::Switch { targets, .. } => targets.iter_mut().for_each(|to| *to = map(*to)),
            End::Leave(_) => {}
        }
    }
}

/// Instructions that are executed one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// All but the last.
    pub(crate) insns: Vec<Insn>,
    /// The last.
    pub(crate) end: End,
    /// Where a jump at the end comes from.
    pub(crate) end_at: u32,
    /// The innermost handler range.
    pub(crate) range: Option<u32>,
}

/// A handler range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// Class of exceptions it takes.
    pub(crate) class: TypeId,
    /// Register that receives the exception.
    pub(crate) register: u16,
    /// Where the handler starts.
    pub(crate) target: BlockId,
    /// The range next around it.
    pub(crate) outer: Option<u32>,
}

/// Where an instruction comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Source file.
    pub(crate) file: u16,
    /// Line, counted from 1; 0 when it is not known.
    pub(crate) line: u32,
    /// Column, 0 when it is not known.
    pub(crate) column: u32,
    /// The inlined call it belongs to: an index in [`Graph::sites`], or [`NONE`].
    pub(crate) site: u32,
}

/// A call that was replaced by what it called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Site {
    /// The function that was called.
    pub(crate) function: FuncId,
    /// Where the call stood: an index in [`Graph::positions`]. Its site, if it has one, has a smaller number.
    pub(crate) at: u32,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Graph {
    /// Its number in the module.
    pub(crate) id: FuncId,
    /// Types of the registers, parameters first.
    pub(crate) registers: Vec<TypeId>,
    /// Names of the registers: none, or one for each.
    pub(crate) names: Vec<Name>,
    /// How many registers are parameters.
    pub(crate) params: u16,
    /// Types of the results.
    pub(crate) results: Vec<TypeId>,
    /// The blocks; the first is the entry.
    pub(crate) blocks: Vec<Block>,
    /// The handler ranges; one has a smaller number than those around it.
    pub(crate) ranges: Vec<Range>,
    /// Where instructions come from.
    pub(crate) positions: Vec<Position>,
    /// Inlined calls.
    pub(crate) sites: Vec<Site>,
    /// Position of the entry.
    pub(crate) entry_at: u32,
    /// Whether instructions have source lines.
    pub(crate) has_lines: bool,
}

impl Graph {
    /// A new register; none when there are too many.
    pub(crate) fn new_register(&mut self, ty: TypeId, name: &Name) -> Option<u16> {
        let number = self.registers.len();
        if number >= mvm_module::limits::REGISTERS_MAX {
            return None;
        }
        self.registers.push(ty);
        if self.names.len() == number && number > 0 {
            self.names.push(name.clone());
        }
        Some(number as u16)
    }

    /// Words of code, about.
    pub(crate) fn words(&self) -> usize {
        let of_block = |block: &Block| {
            1 + block.insns.iter().map(|insn| insn.words().len()).sum::<usize>()
                + block.end.insn().map_or(0, |insn| insn.words().len() - 1)
        };
        self.blocks.iter().map(of_block).sum()
    }

    /// All instructions with their blocks, in the order of the blocks.
    pub(crate) fn insns(&self) -> impl Iterator<Item = (BlockId, &Insn)> {
        self.blocks.iter().enumerate().flat_map(|(number, block)| {
            block.insns.iter().chain(block.end.insn()).map(move |insn| (number as u32, insn))
        })
    }
}
