//! Results go where they are wanted: an instruction followed by a copy of its result, which nobody else reads, writes
//! the other register itself.

use mvm_isa::{Access, Opcode};

use crate::graph::{BlockId, Graph, Insn, NONE};
use crate::live::{Live, Set};
use crate::passes::Context;

/// Instructions between the two at most.
const BETWEEN_MAX: usize = 32;

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, _: &Context<'_>) -> bool {
    let Some(live) = Live::of(graph) else { return false };
    let mut changed = false;
    for number in 0..graph.blocks.len() as BlockId {
        let block = &graph.blocks[number as usize];
        if !block.insns.iter().any(|insn| insn.op == Opcode::Mov) {
            continue;
        }
        let mut set = live.at_end(block);
        if let Some(insn) = block.end.insn() {
            set.before(insn);
        }
        live.guard(block, &mut set);
        let mut guarded = Set::empty(graph.registers.len());
        live.guard(block, &mut guarded);
        let mut insns = std::mem::take(&mut graph.blocks[number as usize].insns);
        for index in (0..insns.len()).rev() {
            let insn = &insns[index];
            if insn.op == Opcode::Mov
                && let (Some(to), [from]) = (insn.result(), &*insn.sources())
                && !set.contains(*from)
                && to != *from
                && !guarded.contains(to)
                && graph.registers[usize::from(to)] == graph.registers[usize::from(*from)]
                && let Some(maker) = maker(&insns[..index], *from, to)
            {
                let from = *from;
                let writes = |access: Access, r: u16| if access == Access::Def && r == from { to } else { r };
                insns[maker].map(writes);
                for between in &mut insns[maker + 1..index] {
                    between.map(|_, r| if r == from { to } else { r });
                }
                insns[index] = Insn::fixed(Opcode::Nop, &[], NONE);
                changed = true;
                continue;
            }
            set.before(&insns[index]);
            live.guard(&graph.blocks[number as usize], &mut set);
        }
        insns.retain(|insn| insn.op != Opcode::Nop);
        graph.blocks[number as usize].insns = insns;
    }
    changed
}

/// The instruction that writes `from`, when nothing from there on has to do with `to`.
fn maker(insns: &[Insn], from: u16, to: u16) -> Option<usize> {
    for (index, insn) in insns.iter().enumerate().rev().take(BETWEEN_MAX) {
        let (mut makes, mut touches, mut reads) = (false, false, false);
        insn.visit(|access, register| {
            makes |= access == Access::Def && register == from;
            touches |= access == Access::Def && register == to;
            reads |= access == Access::Src && register == to;
        });
        if makes {
            return (!touches).then_some(index);
        }
        if touches || reads {
            return None;
        }
    }
    None
}
