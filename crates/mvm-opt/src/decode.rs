//! From the code of a function to its graph.

use mvm_isa::{Effect, Opcode, set_target, visit_targets};
use mvm_module::cfg::{Cfg, instructions_from};
use mvm_module::{FuncId, Function};

use crate::graph::{Block, BlockId, End, Graph, Insn, NONE, Position, Range};

/// The graph of a verified function; none when something about it is not understood.
pub(crate) fn decode(id: FuncId, function: &Function) -> Option<Graph> {
    let cfg = Cfg::build(function);
    if !cfg.handlers_nest() {
        return None;
    }
    let lines = &function.debug.lines;
    let mut line = 0;
    let mut position = |pc: u32| {
        while lines.get(line).is_some_and(|entry| entry.pc <= pc) {
            line += 1;
        }
        if line == 0 { NONE } else { line as u32 - 1 }
    };
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
            end_at = position(pc);
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
    let of_line = |entry: &mvm_module::LineEntry| Position {
        file: entry.file,
        line: entry.line,
        column: entry.column,
        site: NONE,
    };
    Some(Graph {
        id,
        registers: function.registers.clone(),
        names: function.debug.register_names.clone(),
        params: function.params,
        results: function.results.clone(),
        blocks,
        ranges,
        positions: lines.iter().map(of_line).collect(),
        sites: Vec::new(),
        entry_at,
    })
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
