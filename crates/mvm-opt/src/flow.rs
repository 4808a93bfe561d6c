//! Who follows whom in a graph: orders, predecessors, dominators, loops.
//!
//! A handler can be reached from many places in the middle of blocks, so it counts as an entry of its own: nothing but
//! itself dominates it. All of it is linear in the size of the graph, but for the depth of irreducible knots in
//! dominators, which is limited by giving up.

use crate::graph::{BlockId, Graph, NONE};

/// Rounds after which dominators are not computed further: code of compilers needs two or three.
const ROUNDS_MAX: usize = 24;
/// Steps of walks over loops for each block of the function.
const LOOP_STEPS: usize = 16;

/// The shape of a graph.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    /// Reachable blocks, each after its dominators.
    pub(crate) order: Vec<BlockId>,
    /// Place of each block in `order`, or [`NONE`] for unreachable ones.
    pub(crate) place: Vec<u32>,
    /// How many ways lead into a block, apart from exceptions; the entry and handlers have one more.
    pub(crate) ways_in: Vec<u32>,
    /// The predecessor of a block with one way in, and otherwise [`NONE`].
    pub(crate) only: Vec<BlockId>,
    /// Blocks that begin handlers.
    pub(crate) handler: Vec<bool>,
    /// The next dominator, in numbers of blocks; [`NONE`] for the entry and handlers.
    pub(crate) above: Vec<BlockId>,
    /// First and last number of the dominated blocks, in an order in which they are neighbours.
    spans: Vec<(u32, u32)>,
    /// Blocks that are the next dominated ones of each block.
    below: Vec<Vec<BlockId>>,
}

impl Flow {
    /// Computes it; none when the graph is too knotted.
    pub(crate) fn of(graph: &Graph) -> Option<Flow> {
        let count = graph.blocks.len();
        let mut flow = Flow {
            order: Vec::with_capacity(count),
            place: vec![NONE; count],
            ways_in: vec![0; count],
            only: vec![NONE; count],
            handler: vec![false; count],
            above: vec![NONE; count],
            spans: vec![(1, 0); count],
            below: vec![Vec::new(); count],
        };
        let mut roots = flow.reach(graph);
        flow.connect(graph, &roots);
        if !flow.dominate(graph) {
            return None;
        }
        roots.retain(|&root| flow.above[root as usize] == NONE);
        flow.number(&roots);
        Some(flow)
    }

    /// Whether the first block is on every way to the second one (a block is on its own).
    pub(crate) fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let (first, last) = self.spans[a as usize];
        (first..=last).contains(&self.spans[b as usize].0) && self.place[b as usize] != NONE
    }

    /// The blocks that a block is the next dominator of.
    pub(crate) fn below(&self, block: BlockId) -> &[BlockId] {
        &self.below[block as usize]
    }

    /// Finds reachable blocks in reverse postorder; gives the entries.
    fn reach(&mut self, graph: &Graph) -> Vec<BlockId> {
        let mut state = vec![0u8; graph.blocks.len()];
        let mut seen_range = vec![false; graph.ranges.len()];
        let mut roots = vec![0];
        let mut posts: Vec<Vec<BlockId>> = Vec::new();
        let mut next_root = 0;
        let mut stack: Vec<(BlockId, Vec<BlockId>)> = Vec::new();
        while let Some(&root) = roots.get(next_root) {
            next_root += 1;
            let mut post = Vec::new();
            if state[root as usize] == 0 {
                state[root as usize] = 1;
                stack.push((root, successors(graph, root)));
            }
            while let Some((block, left)) = stack.last_mut() {
                if let Some(to) = left.pop() {
                    if state[to as usize] == 0 {
                        state[to as usize] = 1;
                        stack.push((to, successors(graph, to)));
                    }
                    continue;
                }
                post.push(*block);
                let mut range = graph.blocks[*block as usize].range;
                while let Some(number) = range.filter(|&r| !seen_range[r as usize]) {
                    seen_range[number as usize] = true;
                    let found = graph.ranges[number as usize];
                    if !self.handler[found.target as usize] {
                        self.handler[found.target as usize] = true;
                        roots.push(found.target);
                    }
                    range = found.outer;
                }
                stack.pop();
            }
            posts.push(post);
        }
        // Each part is in reverse postorder; what a later part reaches of an earlier one is never dominated by it.
        for post in posts {
            self.order.extend(post.into_iter().rev());
        }
        for (place, &block) in self.order.iter().enumerate() {
            self.place[block as usize] = place as u32;
        }
        roots
    }

    fn connect(&mut self, graph: &Graph, roots: &[BlockId]) {
        for &block in &self.order {
            graph.blocks[block as usize].end.visit_targets(|to| {
                self.ways_in[to as usize] += 1;
                self.only[to as usize] = block;
            });
        }
        roots.iter().for_each(|&root| self.ways_in[root as usize] += 1);
        for (only, &ways) in self.only.iter_mut().zip(&self.ways_in) {
            if ways != 1 {
                *only = NONE;
            }
        }
        // An entry has the way from outside as its only one.
        roots.iter().for_each(|&root| self.only[root as usize] = NONE);
    }

    /// The dominators, by Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". Place 0 of the tree is a
    /// root above the entry and all handlers.
    fn dominate(&mut self, graph: &Graph) -> bool {
        const ROOT: u32 = 0;
        let count = self.order.len();
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); count + 1];
        for (place, &block) in self.order.iter().enumerate() {
            graph.blocks[block as usize].end.visit_targets(|to| {
                before[self.place[to as usize] as usize + 1].push(place as u32 + 1);
            });
            if block == 0 || self.handler[block as usize] {
                before[place + 1].push(ROOT);
            }
        }
        let mut above = vec![NONE; count + 1];
        above[ROOT as usize] = ROOT;
        let mut steps = 0;
        for round in 0.. {
            let mut changed = false;
            for node in 1..=count as u32 {
                let mut best = NONE;
                for &from in &before[node as usize] {
                    if above[from as usize] == NONE {
                        continue;
                    }
                    if best == NONE {
                        best = from;
                        continue;
                    }
                    let mut other = from;
                    while best != other {
                        steps += 1;
                        if best > other {
                            best = above[best as usize];
                        } else {
                            other = above[other as usize];
                        }
                    }
                }
                if best != NONE && above[node as usize] != best {
                    above[node as usize] = best;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
            if round >= ROUNDS_MAX || steps > 4_000_000 {
                return false;
            }
        }
        for (place, &block) in self.order.iter().enumerate() {
            let dominator = above[place + 1];
            if dominator != ROOT && dominator != NONE {
                self.above[block as usize] = self.order[dominator as usize - 1];
            }
        }
        true
    }

    fn number(&mut self, roots: &[BlockId]) {
        for &block in &self.order {
            let above = self.above[block as usize];
            if above != NONE {
                self.below[above as usize].push(block);
            }
        }
        let mut next = 0;
        let mut roots = roots.to_vec();
        // What is reached from several entries has no dominator either.
        roots.extend(self.order.iter().filter(|&&block| self.above[block as usize] == NONE));
        for root in roots {
            if self.spans[root as usize].0 <= self.spans[root as usize].1 {
                continue;
            }
            let mut stack = vec![(root, 0)];
            self.spans[root as usize] = (next, NONE);
            next += 1;
            while let Some((block, child)) = stack.last_mut() {
                if let Some(&below) = self.below[*block as usize].get(*child) {
                    *child += 1;
                    self.spans[below as usize] = (next, NONE);
                    next += 1;
                    stack.push((below, 0));
                } else {
                    self.spans[*block as usize].1 = next - 1;
                    stack.pop();
                }
            }
        }
    }

    /// The entries of the dominator forest.
    pub(crate) fn tops(&self) -> impl Iterator<Item = BlockId> {
        self.order.iter().copied().filter(|&block| self.above[block as usize] == NONE)
    }

    /// In how many loops each block is: natural ones, whose head dominates the branch back. Where counting takes too long,
    /// inner loops are missing.
    pub(crate) fn loop_depths(&self, graph: &Graph) -> Vec<u32> {
        let mut depths = vec![0; graph.blocks.len()];
        let mut before: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
        let mut backs: Vec<(BlockId, BlockId)> = Vec::new();
        for &block in &self.order {
            graph.blocks[block as usize].end.visit_targets(|to| {
                before[to as usize].push(block);
                if self.dominates(to, block) {
                    backs.push((to, block));
                }
            });
        }
        backs.sort_unstable_by_key(|&(head, _)| self.place[head as usize]);
        let mut steps = self.order.len() * LOOP_STEPS + 1024;
        let mut seen = vec![NONE; graph.blocks.len()];
        let mut stack = Vec::new();
        for group in backs.chunk_by(|a, b| a.0 == b.0) {
            let head = group[0].0;
            seen[head as usize] = head;
            depths[head as usize] += 1;
            stack.extend(group.iter().map(|&(_, from)| from));
            while let Some(block) = stack.pop() {
                if seen[block as usize] == head {
                    continue;
                }
                seen[block as usize] = head;
                depths[block as usize] += 1;
                steps = steps.saturating_sub(1 + before[block as usize].len());
                stack.extend(before[block as usize].iter().copied());
            }
            if steps == 0 {
                break;
            }
        }
        depths
    }
}

/// Where control goes from the end of a block. The last one is followed first, so that the others stand behind it.
fn successors(graph: &Graph, block: BlockId) -> Vec<BlockId> {
    let mut all = Vec::new();
    graph.blocks[block as usize].end.visit_targets(|to| all.push(to));
    all
}
