//! Control flow: jumps go straight to where they end up, blocks that follow each other become one, what cannot be
//! reached goes, and loops that test at the top test at the bottom.

use mvm_isa::Opcode;

use crate::flow::Flow;
use crate::graph::{Block, BlockId, End, Graph, Insn, NONE};
use crate::passes::Context;
use crate::planted::Planted;

/// Words of a loop's test that is copied to the ends of the loop.
const TEST_WORDS_MAX: usize = 12;
/// Ways back to one loop head that get a copy of its test.
const COPIES_MAX: usize = 4;

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    let mut changed = straighten(graph);
    changed |= turn_loops(graph, context);
    changed |= straighten(graph);
    changed
}

/// Threads jumps, drops tests that decide nothing, clears blocks that cannot be reached, and merges blocks.
pub(crate) fn straighten(graph: &mut Graph) -> bool {
    let mut changed = thread(graph);
    changed |= clear_unreachable(graph);
    changed |= merge(graph);
    changed
}

/// Lets every way into an empty block go where that one jumps.
fn thread(graph: &mut Graph) -> bool {
    const UNKNOWN: BlockId = NONE;
    let count = graph.blocks.len();
    let mut goal = vec![UNKNOWN; count];
    let mut path = Vec::new();
    for first in 0..count as BlockId {
        path.clear();
        let mut at = first;
        let end = loop {
            if goal[at as usize] != UNKNOWN {
                break goal[at as usize];
            }
            let block = &graph.blocks[at as usize];
            match block.end {
                // A loop of empty blocks is one that does nothing for ever; it stays.
                End::Jump(to) if block.insns.is_empty() && to != at => {
                    goal[at as usize] = at;
                    path.push(at);
                    at = to;
                }
                _ => break at,
            }
        };
        for &block in &path {
            goal[block as usize] = end;
        }
        if goal[first as usize] == UNKNOWN {
            goal[first as usize] = end;
        }
    }
    let mut changed = false;
    for block in &mut graph.blocks {
        block.end.map_targets(|to| {
            changed |= goal[to as usize] != to;
            goal[to as usize]
        });
        let only = match &block.end {
            End::Branch { taken, next, .. } if taken == next => Some(*next),
            End::Switch { targets, .. } if targets.iter().all(|&to| to == targets[0]) => Some(targets[0]),
            _ => None,
        };
        if let Some(to) = only {
            block.end = End::Jump(to);
            changed = true;
        }
    }
    // Handlers may begin with empty blocks as well.
    for range in &mut graph.ranges {
        range.target = goal[range.target as usize];
    }
    changed
}

fn clear_unreachable(graph: &mut Graph) -> bool {
    let reached = reached(graph);
    let mut changed = false;
    for (block, reached) in graph.blocks.iter_mut().zip(reached) {
        let blank = block.insns.is_empty()
            && matches!(&block.end, End::Leave(insn) if insn.op == Opcode::Unreachable);
        if !reached && !blank {
            block.insns.clear();
            block.end = End::Leave(Insn::fixed(Opcode::Unreachable, &[], block.end_at));
            changed = true;
        }
        if !reached {
            block.range = None;
        }
    }
    changed
}

/// Which blocks can be reached.
fn reached(graph: &Graph) -> Vec<bool> {
    let mut reached = vec![false; graph.blocks.len()];
    let mut around = vec![false; graph.ranges.len()];
    let mut stack = vec![0];
    reached[0] = true;
    while let Some(number) = stack.pop() {
        let block = &graph.blocks[number as usize];
        let mut go = |to: BlockId| {
            if !std::mem::replace(&mut reached[to as usize], true) {
                stack.push(to);
            }
        };
        block.end.visit_targets(&mut go);
        let mut range = block.range;
        while let Some(number) = range.filter(|&r| !std::mem::replace(&mut around[r as usize], true)) {
            go(graph.ranges[number as usize].target);
            range = graph.ranges[number as usize].outer;
        }
    }
    reached
}

/// Joins each block with the one that only follows it.
fn merge(graph: &mut Graph) -> bool {
    let mut ways = vec![0u32; graph.blocks.len()];
    for block in &graph.blocks {
        block.end.visit_targets(|to| ways[to as usize] += 1);
    }
    ways[0] += 1;
    graph.ranges.iter().for_each(|range| ways[range.target as usize] += 1);
    let mut changed = false;
    for number in 0..graph.blocks.len() {
        while let End::Jump(to) = graph.blocks[number].end {
            let next = to as usize;
            let same = graph.blocks[number].range == graph.blocks[next].range;
            // An instruction that may trap belongs to its own range; without instructions it does not matter.
            let nothing = graph.blocks[number].insns.is_empty() && number != 0;
            if next == number || ways[next] != 1 || !(same || nothing) {
                break;
            }
            let blank = Block {
                insns: Vec::new(),
                end: End::Leave(Insn::fixed(Opcode::Unreachable, &[], NONE)),
                end_at: NONE,
                range: None,
            };
            let taken = std::mem::replace(&mut graph.blocks[next], blank);
            let block = &mut graph.blocks[number];
            block.insns.extend(taken.insns);
            (block.end, block.end_at, block.range) = (taken.end, taken.end_at, taken.range);
            changed = true;
        }
    }
    changed
}

/// Loop inversion: where a loop jumps back to a test, the test is made there. The test at the top then decides only
/// whether the loop is entered, and each round has one branch instead of two.
fn turn_loops(graph: &mut Graph, context: &Context<'_>) -> bool {
    let Some(flow) = Flow::of(graph) else { return false };
    let mut backs: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
    for &from in &flow.order {
        if let End::Jump(head) = graph.blocks[from as usize].end
            && from != head
            && flow.dominates(head, from)
        {
            backs[head as usize].push(from);
        }
    }
    let mut changed = false;
    for &head in &flow.order {
        let ways = &backs[head as usize];
        if ways.is_empty() || ways.len() > COPIES_MAX || !leaves_loop(graph, &flow, head, ways) {
            continue;
        }
        let test = graph.blocks[head as usize].clone();
        let words: usize = test.insns.iter().map(|insn| insn.words().len()).sum();
        if words > TEST_WORDS_MAX {
            continue;
        }
        for &from in ways {
            let block = &mut graph.blocks[from as usize];
            let silent = test.insns.iter().all(|insn| insn.op.is_plain());
            // What may trap stays in its own range.
            if block.range != test.range && !silent {
                continue;
            }
            block.insns.extend(test.insns.iter().cloned());
            block.end = test.end.clone();
            block.end_at = test.end_at;
            if let (true, End::Branch { taken, next, .. }) =
                (context.plants(Planted::TurnedTests), &mut block.end)
            {
                std::mem::swap(taken, next);
            }
            changed = true;
        }
    }
    changed
}

/// Whether the head of a loop ends in a test that leaves the loop on one side and stays in it on the other.
fn leaves_loop(graph: &Graph, flow: &Flow, head: BlockId, ways: &[BlockId]) -> bool {
    let End::Branch { taken, next, .. } = graph.blocks[head as usize].end else { return false };
    // A block of the loop that comes right behind the test dominates the ways back or is one of them; one outside is not.
    let inside = |to: BlockId| to == head || ways.iter().any(|&from| flow.dominates(to, from));
    inside(taken) != inside(next)
}
