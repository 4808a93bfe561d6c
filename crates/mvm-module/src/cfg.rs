//! Walking over code: instructions, basic blocks, and where control can go from them.
//!
//! Everything here is total: it says something sensible about any words, so that assembler and optimiser may ask
//! before the verifier has spoken. Targets that are no instruction start simply give no edge.
//!
//! Handler ranges of verified functions nest, inner ones first (rule F6), so exceptional control flow is a tree: each
//! block knows its innermost range and each range the next one around it. That keeps the graph linear in the size of
//! the code even with thousands of ranges.
//!
//! Not here: which registers are live (`liveness.rs`), what is allowed (`verify/`).

use std::cmp::Reverse;

use mvm_isa::{DecodeError, Effect, Opcode, insn_len, opcode_of, visit_targets};

use crate::model::{Function, Handler};

/// Blocks are cut so that they have at most about so many words; then going through one is cheap.
pub const BLOCK_WORDS_MAX: u32 = 128;

/// The instructions of some code with their positions: `for (pc, op, words) in instructions(&function.code)`.
///
/// Ends at the first word that does not decode; [`Instructions::error`] tells.
#[derive(Debug, Clone)]
pub struct Instructions<'c> {
    code: &'c [u64],
    pc: usize,
    error: Option<(u32, DecodeError)>,
}

/// Goes through code from its start.
pub fn instructions(code: &[u64]) -> Instructions<'_> {
    Instructions { code, pc: 0, error: None }
}

/// Goes through the code from the instruction that starts at `pc`.
pub fn instructions_from(code: &[u64], pc: u32) -> Instructions<'_> {
    Instructions { code, pc: pc as usize, error: None }
}

impl Instructions<'_> {
    /// Where and why the walk ended early, if it did.
    pub fn error(&self) -> Option<(u32, DecodeError)> {
        self.error
    }
}

impl<'c> Iterator for Instructions<'c> {
    type Item = (u32, Opcode, &'c [u64]);

    fn next(&mut self) -> Option<Self::Item> {
        let pc = self.pc;
        let &word = self.code.get(pc)?;
        let found = opcode_of(word).and_then(|op| {
            let len = insn_len(op, word);
            match self.code.get(pc..pc + len) {
                Some(words) => Ok((pc as u32, op, words)),
                None => Err(DecodeError::Truncated(len)),
            }
        });
        match found {
            Ok(instruction) => {
                self.pc = pc + instruction.2.len();
                Some(instruction)
            }
            Err(error) => {
                self.error = Some((pc as u32, error));
                self.pc = self.code.len();
                None
            }
        }
    }
}

/// Calls `visit` with every position that the instruction may branch to; positions may lie outside the code.
pub fn visit_branch_targets(pc: u32, op: Opcode, words: &[u64], mut visit: impl FnMut(i64)) {
    visit_targets(op, words, |offset| visit(i64::from(pc) + offset));
}

/// Code that is entered at its start only and left at its end only, apart from exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// First word.
    pub start: u32,
    /// Word after the last one.
    pub end: u32,
    /// Index of the innermost handler range around all of the block.
    pub handler: Option<u32>,
    first_edge: u32,
    edges: u32,
}

/// The control-flow graph of a function. Blocks are numbered in the order of the code; block 0 is the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cfg {
    blocks: Vec<Block>,
    edges: Vec<u32>,
    nesting: Nesting,
}

impl Cfg {
    /// Builds the graph. Time and memory are linear in the size of the function, up to a logarithm.
    pub fn build(function: &Function) -> Cfg {
        let nesting = Nesting::of(&function.handlers);
        let mut cfg = Cfg { blocks: Vec::new(), edges: Vec::new(), nesting };
        cfg.cut(function);
        cfg.assign_handlers(&function.handlers);
        cfg.connect(&function.code);
        cfg
    }

    /// All blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Number of edges between blocks, without those of exceptions.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// The block that contains the word.
    pub fn block_at(&self, pc: u32) -> Option<usize> {
        let next = self.blocks.partition_point(|block| block.start <= pc);
        next.checked_sub(1).filter(|&index| pc < self.blocks[index].end)
    }

    /// Blocks that control reaches from the end of a block, ascending, each once. Exceptions come on top: see
    /// [`Cfg::handlers`].
    pub fn successors(&self, block: usize) -> &[u32] {
        let Block { first_edge, edges, .. } = self.blocks[block];
        &self.edges[first_edge as usize..(first_edge + edges) as usize]
    }

    /// Indexes of the handler ranges around a block, inner ones first.
    pub fn handlers(&self, block: usize) -> impl Iterator<Item = usize> {
        let innermost = self.blocks[block].handler.map(|h| h as usize);
        std::iter::successors(innermost, |&handler| self.outer_handler(handler))
    }

    /// The handler range next around a handler range.
    pub fn outer_handler(&self, handler: usize) -> Option<usize> {
        self.nesting.parents.get(handler).copied().flatten().map(|h| h as usize)
    }

    /// Whether the handler ranges nest as they must (rule F6). If not, [`Cfg::handlers`] is not to be relied on.
    pub fn handlers_nest(&self) -> bool {
        self.nesting.conflict.is_none()
    }

    /// The block that starts exactly here.
    pub fn block_starting_at(&self, pc: i64) -> Option<usize> {
        self.blocks.binary_search_by_key(&pc, |block| i64::from(block.start)).ok()
    }

    /// Cuts the code into blocks.
    fn cut(&mut self, function: &Function) {
        let code = &function.code;
        let mut leaders = vec![0u64; code.len() / 64 + 1];
        let mut mark = |pc: i64| {
            if (0..code.len() as i64).contains(&pc) {
                leaders[pc as usize / 64] |= 1 << (pc % 64);
            }
        };
        for (pc, op, words) in instructions(code) {
            let mut branches = op.info().has(Effect::Ends);
            visit_branch_targets(pc, op, words, |target| {
                branches = true;
                mark(target);
            });
            if branches {
                mark(i64::from(pc) + words.len() as i64);
            }
        }
        for handler in &function.handlers {
            for pc in [handler.start, handler.end, handler.target] {
                mark(i64::from(pc));
            }
        }
        for (pc, _, words) in instructions(code) {
            let end = pc + words.len() as u32;
            let leads = leaders[pc as usize / 64] >> (pc % 64) & 1 == 1;
            match self.blocks.last_mut() {
                Some(last) if !leads && pc - last.start < BLOCK_WORDS_MAX => last.end = end,
                _ => self.blocks.push(Block { start: pc, end, handler: None, first_edge: 0, edges: 0 }),
            }
        }
    }

    fn assign_handlers(&mut self, handlers: &[Handler]) {
        let mut next = self.nesting.outer_first.iter().copied().peekable();
        let mut open: Vec<u32> = Vec::new();
        for block in &mut self.blocks {
            while let Some(handler) = next.next_if(|&h| handlers[h as usize].start <= block.start) {
                open.push(handler);
            }
            while let Some(_closed) = open.pop_if(|h| handlers[*h as usize].end <= block.start) {}
            block.handler = open.last().copied();
        }
    }

    fn connect(&mut self, code: &[u64]) {
        let mut found = Vec::new();
        for index in 0..self.blocks.len() {
            let Block { start, end, .. } = self.blocks[index];
            found.clear();
            let Some((pc, op, words)) = instructions_from(&code[..end as usize], start).last() else {
                continue;
            };
            visit_branch_targets(pc, op, words, |target| {
                found.extend(self.block_starting_at(target).map(|block| block as u32));
            });
            if !op.info().has(Effect::Ends) && index + 1 < self.blocks.len() {
                found.push(index as u32 + 1);
            }
            found.sort_unstable();
            found.dedup();
            self.blocks[index].first_edge = self.edges.len() as u32;
            self.blocks[index].edges = found.len() as u32;
            self.edges.extend_from_slice(&found);
        }
    }
}

/// How handler ranges lie in each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nesting {
    /// For each range the next one around it.
    pub(crate) parents: Vec<Option<u32>>,
    /// Ranges by ascending start, outer before inner.
    outer_first: Vec<u32>,
    /// Two ranges that overlap without one being inside the other, or where the outer one stands first.
    pub(crate) conflict: Option<(usize, usize)>,
}

impl Nesting {
    pub(crate) fn of(handlers: &[Handler]) -> Nesting {
        let mut outer_first: Vec<u32> = (0..handlers.len() as u32).collect();
        outer_first.sort_unstable_by_key(|&h| {
            let Handler { start, end, .. } = handlers[h as usize];
            (start, Reverse(end), Reverse(h))
        });
        let mut nesting = Nesting { parents: vec![None; handlers.len()], outer_first, conflict: None };
        let mut open: Vec<u32> = Vec::new();
        for &inner in &nesting.outer_first {
            let Handler { start, end, .. } = handlers[inner as usize];
            while let Some(_closed) = open.pop_if(|h| handlers[*h as usize].end <= start) {}
            if let Some(&outer) = open.last() {
                nesting.parents[inner as usize] = Some(outer);
                if handlers[outer as usize].end < end || outer < inner {
                    nesting.conflict.get_or_insert((inner as usize, outer as usize));
                }
            }
            open.push(inner);
        }
        nesting
    }
}
