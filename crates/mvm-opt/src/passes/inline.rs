//! Inlining: a call of a small function becomes its code.
//!
//! Arguments become moves into registers of their own, and returns become moves of the results and jumps behind the call. Which
//! code came from which call is kept (`Graph::sites`), so that back-traces show the calls of the source. Functions are
//! optimised after those they call, so what is inlined has been through the passes itself, and calls that go round in
//! circles end at the function that is not done yet; a small function is inlined into itself two levels deep.

use std::collections::BTreeMap;

use mvm_isa::{Access, NO_REG, Opcode, encode};
use mvm_module::{FuncId, Name};

use crate::graph::{Block, BlockId, End, Graph, Insn, NONE, Position, Range, Site};
use crate::live::Live;
use crate::passes::{Context, branches};

/// Words of a function that is inlined at most.
const WORDS_MAX: usize = 40;
/// Words that a function may grow to, and how many times its own size.
const GROWN_MAX: usize = 3_000;
const TIMES_MAX: usize = 6;
/// Small functions may grow to so many words whatever their size.
const GROWN_ANYHOW: usize = 300;
/// Registers that a function may come to have.
const REGISTERS_MAX: usize = 400;
/// Levels of inlined calls in each other.
const DEPTH_MAX: usize = 12;
/// Words of a function that is inlined into itself at most, and how often one call in the other.
const OWN_WORDS_MAX: usize = 24;
const OWN_DEPTH: usize = 2;

/// A function that can be inlined.
#[derive(Debug)]
pub(crate) struct Callee {
    graph: Graph,
    words: usize,
    /// Registers that are read before they are written: they are 0 in a new frame.
    cleared: Vec<u16>,
    /// Levels of inlined calls in it.
    depth: usize,
}

/// Functions that can be inlined, by number.
pub(crate) type Callees = BTreeMap<FuncId, Callee>;

/// A function as others may inline it, if it is small enough.
pub(crate) fn callee(graph: &Graph) -> Option<Callee> {
    let words = graph.words();
    // A tail call leaves the handler ranges around it; the call that it would become does not.
    let leaves_range = |(block, insn): (BlockId, &Insn)| {
        matches!(insn.op, Opcode::TailCall | Opcode::TailCallRef)
            && graph.blocks[block as usize].range.is_some()
    };
    if words > WORDS_MAX
        || graph.insns().any(|(_, insn)| insn.op == Opcode::Brk)
        || graph.insns().any(leaves_range)
    {
        return None;
    }
    let start = Live::of(graph)?.at_start(0);
    let cleared = (graph.params..graph.registers.len() as u16).filter(|&r| start.contains(r)).collect();
    let depth = (0..graph.sites.len() as u32).map(|site| depth_of(graph, site)).max().unwrap_or(0);
    Some(Callee { graph: graph.clone(), words, cleared, depth })
}

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    let own = graph.words();
    let room = (own * TIMES_MAX).max(GROWN_ANYHOW).min(GROWN_MAX.max(own));
    let mut words = own;
    let mut changed = false;
    let calls_itself = |graph: &Graph| graph.insns().any(|(_, insn)| target(insn) == Some(graph.id));
    let itself = if own <= OWN_WORDS_MAX && calls_itself(graph) { callee(graph) } else { None };
    let find = |id: FuncId, own: FuncId| if id == own { itself.as_ref() } else { context.callees.get(&id) };
    let mut number = 0;
    // Blocks that are added stand behind; what was inlined is not looked through again, what stood behind the call is.
    let mut rest: Vec<BlockId> = (0..graph.blocks.len() as BlockId).rev().collect();
    while let Some(block) = rest.pop() {
        let found = graph.blocks[block as usize].insns.iter().position(|insn| {
            let Some(id) = target(insn) else { return false };
            find(id, graph.id).is_some_and(|callee| {
                let levels = if id == graph.id { OWN_DEPTH } else { DEPTH_MAX };
                words + callee.words <= room
                    && graph.registers.len() + callee.graph.registers.len() <= REGISTERS_MAX
                    && callee.graph.has_lines == graph.has_lines
                    && depth_at(graph, insn.at) + callee.depth < levels
            })
        });
        let Some(index) = found else { continue };
        let Some(id) = target(&graph.blocks[block as usize].insns[index]) else { continue };
        let Some(callee) = find(id, graph.id) else { continue };
        let first = graph.blocks.len() as BlockId;
        let Some(behind) = splice(graph, block, index, id, callee, number) else { continue };
        words += callee.words;
        number += 1;
        changed = true;
        if id == graph.id {
            rest.extend(first..behind);
        }
        rest.push(behind);
    }
    if changed {
        branches::straighten(graph);
    }
    changed
}

/// The function that an instruction calls directly.
pub(crate) fn target(insn: &Insn) -> Option<FuncId> {
    let number = insn.words()[0] >> 32;
    match insn.op {
        Opcode::Call => Some(FuncId(number as u32 & 0xff_ffff)),
        Opcode::CallMany => Some(FuncId(number as u32)),
        _ => None,
    }
}

/// How many inlined calls a site is in, itself included.
fn depth_of(graph: &Graph, site: u32) -> usize {
    let outer = |&site: &u32| {
        let at = graph.sites[site as usize].at;
        graph.positions.get(at as usize).map(|at| at.site).filter(|&site| site != NONE)
    };
    std::iter::successors((site != NONE).then_some(site), outer).take(DEPTH_MAX + 1).count()
}

fn depth_at(graph: &Graph, at: u32) -> usize {
    graph.positions.get(at as usize).map_or(0, |at| depth_of(graph, at.site))
}

/// What is added to the numbers of a callee to make them numbers of the caller.
struct Bases {
    register: u16,
    block: BlockId,
    range: u32,
    position: u32,
    /// Position of code of the callee that has none of its own.
    nowhere: u32,
}

/// Puts the code of a function in the place of a call; the block of what stands behind the call.
fn splice(
    graph: &mut Graph,
    block: BlockId,
    index: usize,
    id: FuncId,
    callee: &Callee,
    number: usize,
) -> Option<BlockId> {
    let call = graph.blocks[block as usize].insns[index].clone();
    let bases = add_tables(graph, id, callee, call.at, number)?;
    let behind = bases.block + callee.graph.blocks.len() as BlockId;
    let range = graph.blocks[block as usize].range;
    let ranges: Vec<Range> = ranges_of(&callee.graph, &bases, range).collect();
    graph.ranges.extend(ranges);
    // Everything behind the call goes into a block of its own.
    let before = &mut graph.blocks[block as usize];
    let rest = before.insns.split_off(index + 1);
    before.insns.pop();
    for (param, argument) in (bases.register..).zip(call.sources()) {
        before.insns.push(Insn::mov(param, argument, call.at));
    }
    for &register in &callee.cleared {
        let ty = callee.graph.registers[usize::from(register)];
        before.insns.push(Insn::constant(bases.register + register, ty, 0, call.at));
    }
    let end = std::mem::replace(&mut before.end, End::Jump(bases.block));
    let end_at = std::mem::replace(&mut before.end_at, call.at);
    for copied in &callee.graph.blocks {
        let copy = copy(copied, &bases, &call, behind, range);
        graph.blocks.push(copy);
    }
    graph.blocks.push(Block { insns: rest, end, end_at, range });
    Some(behind)
}

/// Adds registers, handler ranges, positions and sites of the callee, and the site of the call itself.
fn add_tables(graph: &mut Graph, id: FuncId, callee: &Callee, at: u32, number: usize) -> Option<Bases> {
    let inner = &callee.graph;
    let base = graph.registers.len();
    let no_name: Name = "".into();
    for &ty in &inner.registers {
        graph.new_register(ty, &no_name)?;
    }
    for (index, name) in inner.names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        if let Some(place) = graph.names.get_mut(base + index) {
            // A dot keeps it apart from the names of the caller, the number from those of other calls.
            *place = format!("{name}.{number}").into();
        }
    }
    let site = graph.sites.len() as u32;
    graph.sites.push(Site { function: id, at });
    let position = graph.positions.len() as u32;
    let bases = Bases {
        register: base as u16,
        block: graph.blocks.len() as BlockId,
        range: graph.ranges.len() as u32,
        position,
        nowhere: position + inner.positions.len() as u32,
    };
    let within = |inner: u32| if inner == NONE { site } else { site + 1 + inner };
    graph.positions.extend(inner.positions.iter().map(|at| Position { site: within(at.site), ..*at }));
    graph.positions.push(Position { file: 0, line: 0, column: 0, site });
    for inner in &inner.sites {
        let at = if inner.at == NONE { bases.nowhere } else { position + inner.at };
        graph.sites.push(Site { at, ..*inner });
    }
    Some(bases)
}

/// A block of the callee as one of the caller, whose call stands in `range`.
fn copy(block: &Block, bases: &Bases, call: &Insn, behind: BlockId, range: Option<u32>) -> Block {
    let place = |at: u32| if at == NONE { bases.nowhere } else { bases.position + at };
    let moved = |insn: &Insn| {
        let mut insn = insn.clone();
        insn.at = place(insn.at);
        insn.map(|_, register| register + bases.register);
        insn
    };
    let mut insns: Vec<Insn> = block.insns.iter().map(moved).collect();
    let mut end = match &block.end {
        End::Jump(to) => End::Jump(*to),
        End::Branch { insn, taken, next } => End::Branch { insn: moved(insn), taken: *taken, next: *next },
        End::Switch { insn, targets } => End::Switch { insn: moved(insn), targets: targets.clone() },
        End::Leave(insn) => End::Leave(moved(insn)),
    };
    end.map_targets(|to| to + bases.block);
    if let End::Leave(insn) = &end {
        let results = call.results();
        match insn.op {
            Opcode::Ret | Opcode::RetValue | Opcode::RetMany => {
                let moves = results.into_iter().zip(insn.sources());
                insns.extend(moves.map(|(to, from)| Insn::mov(to, from, insn.at)));
                end = End::Jump(behind);
            }
            // What was called last had taken the place of the callee, so it is called where that was.
            Opcode::TailCall | Opcode::TailCallRef => {
                insns.push(as_call(insn, &results, call.at));
                end = End::Jump(behind);
            }
            _ => {}
        }
    }
    let range = block.range.map_or(range, |inner| Some(bases.range + inner));
    Block { insns, end, end_at: place(block.end_at), range }
}

/// A tail call as a call whose results go to these registers.
fn as_call(insn: &Insn, results: &[u16], at: u32) -> Insn {
    let mut arguments = Vec::new();
    insn.visit(|access, register| {
        if access == Access::Src {
            arguments.push(register);
        }
    });
    let by_register = insn.op == Opcode::TailCallRef;
    let target = if by_register { arguments.remove(0).into() } else { (insn.words()[0] >> 32) as u32 };
    let mut words = Vec::new();
    let short = arguments.len() <= 3 && results.len() <= 1 && target < 1 << 24;
    let op = match (by_register, short) {
        (false, true) => Opcode::Call,
        (false, false) => Opcode::CallMany,
        (true, true) => Opcode::CallRef,
        (true, false) => Opcode::CallRefMany,
    };
    if short {
        let to = results.first().copied().unwrap_or(NO_REG);
        encode::call(&mut words, op, to, target, 0, &arguments);
    } else {
        encode::call_many(&mut words, op, results, target, 0, &arguments);
    }
    Insn::new(op, &words, at)
}

/// Adds the handler ranges of a callee whose call stands in a range.
fn ranges_of<'c>(
    callee: &'c Graph,
    bases: &'c Bases,
    range: Option<u32>,
) -> impl Iterator<Item = Range> + 'c {
    callee.ranges.iter().map(move |inner| Range {
        class: inner.class,
        register: inner.register + bases.register,
        target: inner.target + bases.block,
        outer: inner.outer.map_or(range, |outer| Some(bases.range + outer)),
    })
}
