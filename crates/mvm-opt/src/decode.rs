//! From the code of a function to its graph.

use mvm_isa::{Effect, Opcode, set_target, visit_targets};
use mvm_module::cfg::{Cfg, instructions_from};
use mvm_module::{FuncDebug, FuncId, Function, InlinedCall, LineEntry};

use crate::graph::{Block, BlockId, End, Graph, Insn, NONE, Position, Range, Site};

/// The graph of a verified function; none when something about it is not understood.
pub(crate) fn decode(id: FuncId, function: &Function) -> Option<Graph> {
    let cfg = Cfg::build(function);
    if !cfg.handlers_nest() {
        return None;
    }
    // Code in front of the first line would take over the line of what stands before it in another order.
    if function.debug.lines.first().is_some_and(|first| first.pc > 0) {
        return None;
    }
    let mut places = Places::of(function);
    let block_at = |pc: i64| cfg.block_starting_at(pc).map(|block| block as BlockId);
    let mut ranges = Vec::with_capacity(function.handlers.len());
    for (index, handler) in function.handlers.iter().enumerate() {
        ranges.push(Range {
            class: handler.class,
            register: handler.register,
            target: block_at(handler.target.into())?,
            outer: cfg.outer_handler(index).map(|outer| outer as u32),
        });
    }
    let mut blocks = Vec::with_capacity(cfg.blocks().len());
    let mut entry_at = NONE;
    for (number, block) in cfg.blocks().iter().enumerate() {
        let next = number as BlockId + 1;
        let mut insns = Vec::new();
        let mut end = None;
        let mut end_at = NONE;
        for (pc, op, words) in instructions_from(function.code.get(..block.end as usize)?, block.start) {
            end_at = places.position(pc);
            if op == Opcode::Enter {
                entry_at = end_at;
                continue;
            }
            if pc + words.len() as u32 == block.end {
                end = ending(op, words, end_at, next, |offset| block_at(i64::from(pc) + offset))?;
            }
            if end.is_none() {
                insns.push(Insn::new(op, words, end_at));
            }
        }
        if end.is_none() && next as usize >= cfg.blocks().len() {
            return None;
        }
        blocks.push(Block { insns, end: end.unwrap_or(End::Jump(next)), end_at, range: block.handler });
    }
    Some(Graph {
        id,
        registers: function.registers.clone(),
        names: function.debug.register_names.clone(),
        params: function.params,
        results: function.results.clone(),
        blocks,
        ranges,
        positions: places.positions,
        sites: places.sites,
        entry_at,
        has_lines: !function.debug.lines.is_empty(),
    })
}

/// Where instructions come from, asked for in the order of the code.
struct Places<'f> {
    debug: &'f FuncDebug,
    positions: Vec<Position>,
    sites: Vec<Site>,
    line: usize,
    inlined: usize,
    /// What the last position was made of.
    last: (usize, usize),
}

impl<'f> Places<'f> {
    fn of(function: &'f Function) -> Places<'f> {
        let debug = &function.debug;
        let (mut positions, mut sites) = (Vec::new(), Vec::new());
        for call in &debug.calls {
            let InlinedCall { function, outer, file, line, column } = *call;
            sites.push(Site { function, at: positions.len() as u32 });
            positions.push(Position { file, line, column, site: outer.unwrap_or(NONE) });
        }
        Places { debug, positions, sites, line: 0, inlined: 0, last: (0, 0) }
    }

    fn position(&mut self, pc: u32) -> u32 {
        let FuncDebug { lines, inlined, .. } = self.debug;
        while lines.get(self.line).is_some_and(|entry| entry.pc <= pc) {
            self.line += 1;
        }
        while inlined.get(self.inlined).is_some_and(|entry| entry.pc <= pc) {
            self.inlined += 1;
        }
        let now = (self.line, self.inlined);
        if now == (0, 0) {
            return NONE;
        }
        if now != self.last {
            self.last = now;
            let site = now.1.checked_sub(1).and_then(|index| inlined[index].call).unwrap_or(NONE);
            self.positions.push(match now.0.checked_sub(1).map(|index| lines[index]) {
                Some(LineEntry { file, line, column, .. }) => Position { file, line, column, site },
                None => Position { file: 0, line: 0, column: 0, site },
            });
        }
        self.positions.len() as u32 - 1
    }
}

/// How an instruction ends a block: `Some(None)` when it does not, `None` when it is not understood.
#[expect(
    clippy::option_option,
    reason = "that it does not end a block is not the same as that it is not understood"
)]
fn ending(
    op: Opcode,
    words: &[u64],
    at: u32,
    next: BlockId,
    block_at: impl Fn(i64) -> Option<BlockId>,
) -> Option<Option<End>> {
    let mut targets = Vec::new();
    let mut known = true;
    visit_targets(op, words, |offset| match block_at(offset) {
        Some(block) => targets.push(block),
        None => known = false,
    });
    if !known {
        return None;
    }
    let insn = || {
        let mut words = words.to_vec();
        let forward = op.forward();
        words[0] = words[0] & !0xffff | forward as u64;
        if forward == Opcode::Switch {
            // The place of the weight.
            words[0] &= !(0xffff << 48);
        }
        (0..targets.len()).for_each(|index| set_target(forward, &mut words, index, 0));
        Insn::new(forward, &words, at)
    };
    Some(match (op.forward(), &*targets) {
        (Opcode::Jmp, &[to]) => Some(End::Jump(to)),
        (Opcode::Switch, _) => Some(End::Switch { insn: insn(), targets }),
        (_, &[taken]) if op.opposite().is_some() => Some(End::Branch { insn: insn(), taken, next }),
        (_, []) if op.info().has(Effect::Ends) => Some(End::Leave(insn())),
        (_, []) => None,
        _ => return None,
    })
}
