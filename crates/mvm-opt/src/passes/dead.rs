//! Dead code: instructions go that have no effect and whose results nobody reads.
//!
//! What has no effect is what the table says: no trap, no write, no allocation, no call. Reading the heap is none.

use mvm_isa::{Access, Opcode};

use crate::graph::{BlockId, Graph, Insn};
use crate::live::Live;
use crate::passes::Context;
use crate::planted::Planted;

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    let Some(live) = Live::of(graph) else { return false };
    let mut changed = false;
    for number in 0..graph.blocks.len() as BlockId {
        let block = &graph.blocks[number as usize];
        let mut set = live.at_end(block);
        if let Some(insn) = block.end.insn() {
            set.before(insn);
        }
        live.guard(block, &mut set);
        let mut insns = std::mem::take(&mut graph.blocks[number as usize].insns);
        let mut keep = vec![true; insns.len()];
        for (index, insn) in insns.iter().enumerate().rev() {
            let mut wanted = false;
            insn.visit(|access, register| wanted |= access == Access::Def && set.contains(register));
            let bug =
                context.plants(Planted::LostTraps) && matches!(insn.op, Opcode::DivI64 | Opcode::DivI64Imm);
            if !wanted && (is_idle(insn) || bug) || is_nothing(insn) {
                keep[index] = false;
                changed = true;
                continue;
            }
            set.before(insn);
            live.guard(&graph.blocks[number as usize], &mut set);
        }
        let mut keep = keep.iter();
        insns.retain(|_| keep.next() == Some(&true));
        graph.blocks[number as usize].insns = insns;
    }
    changed
}

/// Whether nothing is lost with an instruction but its results.
pub(crate) fn is_idle(insn: &Insn) -> bool {
    insn.op.is_plain() || insn.op.only_reads()
}

/// Whether an instruction does nothing at all.
fn is_nothing(insn: &Insn) -> bool {
    match insn.op {
        Opcode::Nop => true,
        Opcode::Mov => insn.result() == insn.sources().first().copied(),
        _ => false,
    }
}
