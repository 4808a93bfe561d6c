//! Self tail calls: a function that calls itself as the last thing it does jumps to its start instead.
//!
//! The arguments become moves, and registers that are read before they are written get the zeros of a new frame.

use mvm_isa::Opcode;

use crate::graph::{Block, BlockId, End, Graph, Insn};
use crate::live::Live;
use crate::passes::Context;

/// Registers that may have to be cleared.
const CLEARED_MAX: usize = 16;

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    let number = u64::from(graph.id.0);
    let is_own = |block: &Block| match &block.end {
        End::Leave(insn) => insn.op == Opcode::TailCall && insn.words()[0] >> 32 == number,
        End::Jump(_) | End::Branch { .. } | End::Switch { .. } => false,
    };
    let calls: Vec<BlockId> =
        (0..graph.blocks.len() as BlockId).filter(|&b| is_own(&graph.blocks[b as usize])).collect();
    // A function of the module itself has the number that its calls name.
    if calls.is_empty() || context.module.function(graph.id).is_none() {
        return false;
    }
    let Some(live) = Live::of(graph) else { return false };
    let start = live.at_start(0);
    let cleared: Vec<u16> =
        (graph.params..graph.registers.len() as u16).filter(|&register| start.contains(register)).collect();
    if cleared.len() > CLEARED_MAX {
        return false;
    }
    for call in calls {
        let End::Leave(insn) = graph.blocks[call as usize].end.clone() else { continue };
        let Some(moves) = parallel(graph, &insn.sources(), insn.at) else { return true };
        let zeros = cleared.iter().map(|&r| Insn::constant(r, graph.registers[usize::from(r)], 0, insn.at));
        let zeros: Vec<Insn> = zeros.collect();
        let block = &mut graph.blocks[call as usize];
        block.insns.extend(moves);
        block.insns.extend(zeros);
        block.end = End::Jump(0);
        block.end_at = insn.at;
    }
    true
}

/// Moves of all arguments into the parameters at once.
fn parallel(graph: &mut Graph, arguments: &[u16], at: u32) -> Option<Vec<Insn>> {
    let mut pending: Vec<(u16, u16)> =
        (0u16..).zip(arguments.iter().copied()).filter(|&(to, from)| to != from).collect();
    let mut moves = Vec::new();
    while !pending.is_empty() {
        // A register that no other move reads can be written.
        let free = pending.iter().position(|&(to, _)| !pending.iter().any(|&(_, from)| from == to));
        if let Some(free) = free {
            let (to, from) = pending.swap_remove(free);
            moves.push(Insn::mov(to, from, at));
            continue;
        }
        let (to, _) = pending[0];
        let saved = graph.new_register(graph.registers[usize::from(to)], &"".into())?;
        moves.push(Insn::mov(saved, to, at));
        pending.iter_mut().filter(|(_, from)| *from == to).for_each(|(_, from)| *from = saved);
    }
    Some(moves)
}
