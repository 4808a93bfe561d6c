//! Code that ends with `throw`, whichever way it goes.
//!
//! It makes an error, which is rare and is the interpreter's business in the end. So it gets no native code: native code leaves where such
//! code begins, calls in it are not put in place, and what it does is no change in a loop around it.

use std::collections::BTreeSet;

use mvm_isa::Opcode;
use mvm_module::Function;
use mvm_module::cfg::{Cfg, instructions_from};

/// The blocks of a function from which control comes nowhere but to a `throw`.
#[derive(Debug, Default)]
pub(crate) struct Throws {
    /// First words of the blocks, and the words behind them, ascending.
    ranges: Vec<(u32, u32)>,
}

impl Throws {
    pub(crate) fn of(function: &Function, cfg: &Cfg) -> Throws {
        let blocks = cfg.blocks();
        let throws = |block: &usize| {
            let last = instructions_from(&function.code, blocks[*block].start)
                .take_while(|&(pc, ..)| pc < blocks[*block].end)
                .last();
            last.is_some_and(|(_, op, _)| op == Opcode::Throw)
        };
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); blocks.len()];
        let mut open: Vec<usize> = (0..blocks.len()).map(|block| cfg.successors(block).len()).collect();
        for block in 0..blocks.len() {
            for &next in cfg.successors(block) {
                before[next as usize].push(block as u32);
            }
        }
        // What goes only to such blocks is one too.
        let mut left: Vec<usize> = (0..blocks.len()).filter(throws).collect();
        let mut found = BTreeSet::new();
        while let Some(block) = left.pop() {
            // A function that does nothing else is compiled as it is.
            if block == 0 || !found.insert(block) {
                continue;
            }
            for &previous in &before[block] {
                open[previous as usize] -= 1;
                if open[previous as usize] == 0 {
                    left.push(previous as usize);
                }
            }
        }
        Throws { ranges: found.into_iter().map(|block| (blocks[block].start, blocks[block].end)).collect() }
    }

    /// Whether a word of the function is in such a block.
    pub(crate) fn has(&self, pc: u32) -> bool {
        let next = self.ranges.partition_point(|&(start, _)| start <= pc);
        next.checked_sub(1).is_some_and(|at| pc < self.ranges[at].1)
    }
}
