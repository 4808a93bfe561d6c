//! Which registers are live in a graph: read later before they are written.
//!
//! As in `mvm_module::liveness`, everything that a handler reads is live in all of its range.

use mvm_isa::Access;

use crate::graph::{Block, BlockId, Graph, Insn};

/// Largest (blocks + ranges) x registers for which liveness is computed.
const BITS_MAX: usize = 1 << 26;

/// Sets of live registers at the starts and ends of blocks.
#[derive(Debug)]
pub(crate) struct Live {
    words: usize,
    /// At the start of each block.
    starts: Vec<u64>,
    /// In each range because of its handler and those around.
    ranges: Vec<u64>,
}

/// A set of registers.
pub(crate) struct Set(Vec<u64>);

impl Set {
    /// No register of so many.
    pub(crate) fn empty(registers: usize) -> Set {
        Set(vec![0; registers.div_ceil(64).max(1)])
    }

    pub(crate) fn contains(&self, register: u16) -> bool {
        self.0[usize::from(register) / 64] >> (register % 64) & 1 == 1
    }

    pub(crate) fn insert(&mut self, register: u16) {
        self.0[usize::from(register) / 64] |= 1 << (register % 64);
    }

    pub(crate) fn remove(&mut self, register: u16) {
        self.0[usize::from(register) / 64] &= !(1 << (register % 64));
    }

    fn add(&mut self, row: &[u64]) {
        self.0.iter_mut().zip(row).for_each(|(word, more)| *word |= more);
    }

    /// Goes back over an instruction.
    pub(crate) fn before(&mut self, insn: &Insn) {
        insn.visit(|access, register| {
            if access == Access::Def {
                self.remove(register);
            }
        });
        insn.visit(|access, register| {
            if access == Access::Src {
                self.insert(register);
            }
        });
    }
}

impl Live {
    /// Computes the sets; none when the function is too large.
    pub(crate) fn of(graph: &Graph) -> Option<Live> {
        let words = graph.registers.len().div_ceil(64).max(1);
        let rows = graph.blocks.len() + graph.ranges.len();
        if rows * words * 64 > BITS_MAX {
            return None;
        }
        let mut live = Live {
            words,
            starts: vec![0; graph.blocks.len() * words],
            ranges: vec![0; graph.ranges.len() * words],
        };
        live.solve(graph);
        Some(live)
    }

    /// Walks backwards until nothing changes, by a list of blocks to look at again.
    fn solve(&mut self, graph: &Graph) {
        let mut before: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
        let mut guarded: Vec<Vec<BlockId>> = vec![Vec::new(); graph.ranges.len()];
        for (number, block) in graph.blocks.iter().enumerate() {
            block.end.visit_targets(|to| before[to as usize].push(number as BlockId));
            if let Some(range) = block.range {
                guarded[range as usize].push(number as BlockId);
            }
        }
        let mut inner: Vec<Vec<u32>> = vec![Vec::new(); graph.ranges.len()];
        let mut handles: Vec<Vec<u32>> = vec![Vec::new(); graph.blocks.len()];
        for (number, range) in graph.ranges.iter().enumerate() {
            handles[range.target as usize].push(number as u32);
            if let Some(outer) = range.outer {
                inner[outer as usize].push(number as u32);
            }
        }
        let mut work: Vec<BlockId> = (0..graph.blocks.len() as BlockId).collect();
        let mut waits = vec![true; graph.blocks.len()];
        let mut ranges: Vec<u32> = Vec::new();
        while let Some(number) = work.pop() {
            waits[number as usize] = false;
            let block = &graph.blocks[number as usize];
            let mut set = self.at_end(block);
            self.over(block, &mut set);
            let row = number as usize * self.words;
            let row = &mut self.starts[row..row + self.words];
            if row == set.0 {
                continue;
            }
            row.copy_from_slice(&set.0);
            let mut again = |list: &[BlockId], work: &mut Vec<BlockId>| {
                for &block in list {
                    if !std::mem::replace(&mut waits[block as usize], true) {
                        work.push(block);
                    }
                }
            };
            again(&before[number as usize], &mut work);
            ranges.extend(&handles[number as usize]);
            while let Some(range) = ranges.pop() {
                if self.update(graph, range) {
                    again(&guarded[range as usize], &mut work);
                    ranges.extend(&inner[range as usize]);
                }
            }
        }
    }

    /// Computes what is live in a range anew; whether it has changed.
    fn update(&mut self, graph: &Graph, number: u32) -> bool {
        let range = graph.ranges[number as usize];
        let mut set = Set(self.start_row(range.target).to_vec());
        set.remove(range.register);
        if let Some(outer) = range.outer {
            set.add(self.range_row(outer));
        }
        let at = number as usize * self.words;
        let row = &mut self.ranges[at..at + self.words];
        let changed = row != set.0;
        row.copy_from_slice(&set.0);
        changed
    }

    fn start_row(&self, block: BlockId) -> &[u64] {
        &self.starts[block as usize * self.words..(block as usize + 1) * self.words]
    }

    fn range_row(&self, range: u32) -> &[u64] {
        &self.ranges[range as usize * self.words..(range as usize + 1) * self.words]
    }

    /// What is live at the end of a block, behind its last instruction.
    pub(crate) fn at_end(&self, block: &Block) -> Set {
        let mut set = Set(vec![0; self.words]);
        block.end.visit_targets(|to| set.add(self.start_row(to)));
        self.guard(block, &mut set);
        set
    }

    /// Adds what handlers around the block read.
    pub(crate) fn guard(&self, block: &Block, set: &mut Set) {
        if let Some(range) = block.range {
            set.add(self.range_row(range));
        }
    }

    fn over(&self, block: &Block, set: &mut Set) {
        if let Some(insn) = block.end.insn() {
            set.before(insn);
        }
        for insn in block.insns.iter().rev() {
            set.before(insn);
        }
        self.guard(block, set);
    }

    /// What is live at the start of a block.
    pub(crate) fn at_start(&self, block: BlockId) -> Set {
        Set(self.start_row(block).to_vec())
    }
}
