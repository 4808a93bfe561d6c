//! Which registers are live where: read later before they are written.
//!
//! One analysis for everybody who asks: the collector (roots), both executors (what to clear at entry, what to write
//! back at a bail), the state hash and the debugger. So "live" means the same everywhere.
//!
//! An instruction inside a handler range can always go to the handler: what is live at the handler's target, without
//! the register that receives the exception, is live before every instruction of the range.
//!
//! The result is one set per basic block; sets inside a block are computed on demand, which is cheap because blocks
//! are short ([`cfg::BLOCK_WORDS_MAX`](crate::cfg::BLOCK_WORDS_MAX)). The analysis walks backwards from each use and
//! touches each pair of block and register at most once; there is no iteration to a fixed point.

use mvm_isa::{Access, visit_registers};

use crate::cfg::{Cfg, instructions, instructions_from};
use crate::model::Function;

/// Largest (blocks + handler ranges + edges) x registers (rounded up to 64) for which liveness is computed. In a
/// function beyond it all registers count as live everywhere.
pub const LIVENESS_BITS_MAX: usize = 1 << 27;

/// A set of registers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegSet {
    words: Vec<u64>,
}

impl RegSet {
    /// The empty set.
    pub fn new() -> RegSet {
        RegSet::default()
    }

    /// Removes all registers. The memory is kept.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Adds a register; whether it was not in the set before.
    pub fn insert(&mut self, register: u16) -> bool {
        let index = usize::from(register) / 64;
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        let bit = 1 << (register % 64);
        let new = self.words[index] & bit == 0;
        self.words[index] |= bit;
        new
    }

    /// Removes a register.
    pub fn remove(&mut self, register: u16) {
        if let Some(word) = self.words.get_mut(usize::from(register) / 64) {
            *word &= !(1 << (register % 64));
        }
    }

    /// Whether the register is in the set.
    pub fn contains(&self, register: u16) -> bool {
        self.words.get(usize::from(register) / 64).is_some_and(|word| word >> (register % 64) & 1 == 1)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// How many registers are in the set.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The registers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        ones(&self.words)
    }

    fn fill(&mut self, registers: usize) {
        self.words.clear();
        self.words.resize(registers.div_ceil(64), u64::MAX);
        if !registers.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last = (1 << (registers % 64)) - 1;
        }
    }

    fn reset(&mut self, words: usize) {
        self.words.clear();
        self.words.resize(words, 0);
    }

    fn union(&mut self, row: &[u64]) {
        for (word, more) in self.words.iter_mut().zip(row) {
            *word |= more;
        }
    }
}

fn ones(words: &[u64]) -> impl Iterator<Item = u16> + '_ {
    words.iter().enumerate().flat_map(|(index, &word)| {
        std::iter::successors((word != 0).then_some(word), |rest| {
            let rest = rest & (rest - 1);
            (rest != 0).then_some(rest)
        })
        .map(move |rest| (index * 64) as u16 + rest.trailing_zeros() as u16)
    })
}

/// The live registers of one function. Ask it only about the function it was computed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liveness {
    cfg: Cfg,
    /// One row of `row_words` words for each block (live at its start), then one for each handler range (live before
    /// every instruction of the range because of it and the ranges around it). Empty when not precise.
    rows: Vec<u64>,
    row_words: usize,
    registers: usize,
    precise: bool,
    entry: Vec<u16>,
}

impl Liveness {
    /// Computes the live registers of a function.
    pub fn compute(function: &Function) -> Liveness {
        Liveness::compute_if(function, true)
    }

    /// As if the function were too large: all registers are live everywhere, so that variables keep what they refer to
    /// until the function ends.
    pub(crate) fn of_all(function: &Function) -> Liveness {
        Liveness::compute_if(function, false)
    }

    fn compute_if(function: &Function, wanted: bool) -> Liveness {
        let cfg = Cfg::build(function);
        let registers = function.registers.len();
        let size = cfg.blocks().len() + cfg.edge_count() + function.handlers.len();
        let row_words = registers.div_ceil(64);
        let precise =
            wanted && cfg.handlers_nest() && size.saturating_mul(row_words * 64) <= LIVENESS_BITS_MAX;
        let rows =
            if precise { Walk::new(function, &cfg, row_words).run(function, &cfg) } else { Vec::new() };
        let mut liveness = Liveness { cfg, rows, row_words, registers, precise, entry: Vec::new() };
        let mut at_entry = RegSet::new();
        liveness.live_before(function, 0, &mut at_entry);
        liveness.entry = at_entry.iter().filter(|&r| r >= function.params).collect();
        liveness
    }

    /// Whether the sets are exact. Beyond [`LIVENESS_BITS_MAX`], and where registers are kept, they hold all registers.
    pub fn is_precise(&self) -> bool {
        self.precise
    }

    /// The control-flow graph that the analysis used.
    pub fn cfg(&self) -> &Cfg {
        &self.cfg
    }

    /// Registers other than parameters that are live at the function's entry, ascending. They must read as 0 or null,
    /// so whoever makes the frame clears them; all others are written before they are read.
    pub fn entry_live(&self) -> &[u16] {
        &self.entry
    }

    /// Puts the registers into `out` that are live just before the instruction at `pc`. Empty when no instruction is
    /// there.
    pub fn live_before(&self, function: &Function, pc: u32, out: &mut RegSet) {
        self.live(function, pc, true, out);
    }

    /// Puts the registers into `out` that must survive while the instruction at `pc` is at work, a call for example:
    /// those live after it without the ones it writes, and those a handler reads. `pc` may be any word of the
    /// instruction.
    pub fn live_across(&self, function: &Function, pc: u32, out: &mut RegSet) {
        self.live(function, pc, false, out);
    }

    fn live(&self, function: &Function, pc: u32, with_sources: bool, out: &mut RegSet) {
        out.reset(self.row_words);
        if !self.precise {
            out.fill(self.registers);
            return;
        }
        let Some(index) = self.cfg.block_at(pc) else { return };
        for &next in self.cfg.successors(index) {
            out.union(self.row(next as usize));
        }
        let block = self.cfg.blocks()[index];
        let mut starts = [0u32; crate::cfg::BLOCK_WORDS_MAX as usize + 1];
        let mut count = 0;
        let code = function.code.get(..block.end as usize).unwrap_or(&[]);
        for (at, _, words) in instructions_from(code, block.start) {
            if at + words.len() as u32 > pc && count < starts.len() {
                starts[count] = at;
                count += 1;
            }
        }
        for &at in starts[..count].iter().rev() {
            let Some((_, op, words)) = instructions_from(code, at).next() else { continue };
            visit_registers(op, words, |access, register| {
                if access == Access::Def {
                    out.remove(register);
                }
            });
            if at <= pc && !with_sources {
                continue;
            }
            visit_registers(op, words, |access, register| {
                if access == Access::Src {
                    out.insert(register);
                }
            });
        }
        if let Some(handler) = block.handler {
            out.union(self.row(self.cfg.blocks().len() + handler as usize));
        }
    }

    fn row(&self, index: usize) -> &[u64] {
        &self.rows[index * self.row_words..(index + 1) * self.row_words]
    }
}

/// The analysis. Nodes are the blocks, then the handler ranges.
struct Walk {
    blocks: usize,
    row_words: usize,
    /// Predecessors of each node: `before[first[n]..first[n + 1]]`. Blocks and inner ranges come before a range, and a
    /// range before the block of its target.
    first: Vec<u32>,
    before: Vec<u32>,
    live: Vec<u64>,
    written: Vec<u64>,
    pending: Vec<(u32, u16)>,
}

impl Walk {
    fn new(function: &Function, cfg: &Cfg, row_words: usize) -> Walk {
        let blocks = cfg.blocks().len();
        let nodes = blocks + function.handlers.len();
        let mut edges: Vec<(u32, u32)> = Vec::with_capacity(cfg.edge_count() + nodes);
        for (index, block) in cfg.blocks().iter().enumerate() {
            edges.extend(cfg.successors(index).iter().map(|&next| (next, index as u32)));
            edges.extend(block.handler.map(|h| (blocks as u32 + h, index as u32)));
        }
        for (index, handler) in function.handlers.iter().enumerate() {
            let node = (blocks + index) as u32;
            edges.extend(cfg.block_starting_at(i64::from(handler.target)).map(|block| (block as u32, node)));
            edges.extend(cfg.outer_handler(index).map(|outer| ((blocks + outer) as u32, node)));
        }
        let mut first = vec![0u32; nodes + 2];
        edges.iter().for_each(|&(node, _)| first[node as usize + 2] += 1);
        (2..first.len()).for_each(|k| first[k] += first[k - 1]);
        let mut before = vec![0; edges.len()];
        for (node, previous) in edges {
            let place = &mut first[node as usize + 1];
            before[*place as usize] = previous;
            *place += 1;
        }
        Walk {
            blocks,
            row_words,
            first,
            before,
            live: vec![0; nodes * row_words],
            written: vec![0; nodes * row_words],
            pending: Vec::new(),
        }
    }

    fn run(mut self, function: &Function, cfg: &Cfg) -> Vec<u64> {
        self.scan(function, cfg);
        while let Some((node, register)) = self.pending.pop() {
            let into_block = (node as usize) < self.blocks;
            let range = self.first[node as usize] as usize..self.first[node as usize + 1] as usize;
            for k in range {
                let previous = self.before[k];
                // An exception may come before the first write of a block, so only edges to blocks look at writes.
                if !(into_block && self.test(&self.written, previous, register)) {
                    self.reach(previous, register);
                }
            }
        }
        self.live
    }

    /// Finds what each block writes and what it reads before it writes it.
    fn scan(&mut self, function: &Function, cfg: &Cfg) {
        let mut index = 0;
        for (pc, op, words) in instructions(&function.code) {
            while cfg.blocks().get(index).is_some_and(|block| block.end <= pc) {
                index += 1;
            }
            visit_registers(op, words, |access, register| {
                if usize::from(register) >= self.row_words * 64 {
                    return;
                }
                match access {
                    Access::Src if !self.test(&self.written, index as u32, register) => {
                        self.reach(index as u32, register);
                    }
                    Access::Src => {}
                    Access::Def => self.set_written(index as u32, register),
                }
            });
        }
        for (index, handler) in function.handlers.iter().enumerate() {
            if usize::from(handler.register) < self.row_words * 64 {
                self.set_written((self.blocks + index) as u32, handler.register);
            }
        }
    }

    fn place(&self, node: u32, register: u16) -> (usize, u64) {
        (node as usize * self.row_words + usize::from(register) / 64, 1 << (register % 64))
    }

    fn test(&self, rows: &[u64], node: u32, register: u16) -> bool {
        let (word, bit) = self.place(node, register);
        rows[word] & bit != 0
    }

    fn set_written(&mut self, node: u32, register: u16) {
        let (word, bit) = self.place(node, register);
        self.written[word] |= bit;
    }

    /// Notes that the register is live at the node.
    fn reach(&mut self, node: u32, register: u16) {
        let (word, bit) = self.place(node, register);
        if self.live[word] & bit == 0 {
            self.live[word] |= bit;
            self.pending.push((node, register));
        }
    }
}
