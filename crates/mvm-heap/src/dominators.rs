//! Dominators: which node all ways from the roots to another lead through.
//!
//! Lengauer and Tarjan, *A Fast Algorithm for Finding Dominators in a Flowgraph* (TOPLAS 1979), the simple form: path
//! compression without balancing, `O(m log n)`. Everything is iterative, so that a list of millions of nodes is as good as
//! any other graph; a node costs about 40 bytes while it works, an edge 4.
//!
//! Not here: heaps. The algorithm knows nodes by number, so that tests compare it with a plain model.

/// A graph whose nodes are numbered from 0.
pub(crate) trait Graph {
    /// The next node that `node` refers to; `cursor` begins at 0 and keeps the place.
    fn next(&self, node: u32, cursor: &mut u32) -> Option<u32>;
}

/// The place of the node above all roots, which is no node of the graph.
pub(crate) const TOP: u32 = 0;
/// No place.
const NONE: u32 = u32::MAX;

/// The dominator tree of what can be reached. Nodes have *places*, numbers in the order of a depth-first walk from 1 on;
/// place 0 is above all roots.
#[derive(Debug)]
pub(crate) struct Dominators {
    /// The node at each place; unused at place 0.
    pub(crate) nodes: Vec<u32>,
    /// The place of each node, 0 for one that cannot be reached.
    pub(crate) places: Vec<u32>,
    /// The place of the immediate dominator of each place; it is always lower.
    pub(crate) above: Vec<u32>,
}

impl Dominators {
    /// Works out the dominators of `count` nodes seen from the roots. None when the host has no memory for it.
    pub(crate) fn compute(graph: &impl Graph, count: usize, roots: &[u32]) -> Option<Dominators> {
        let Walked { nodes, places, parents } = walk(graph, count, roots)?;
        let above = Tarjan::new(graph, &nodes, &places, parents, roots)?.run();
        Some(Dominators { nodes, places, above })
    }
}

/// A vector that may not fit the host.
pub(crate) fn filled<T: Clone>(count: usize, value: T) -> Option<Vec<T>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(count).ok()?;
    vec.resize(count, value);
    Some(vec)
}

/// What a depth-first walk finds, by place.
struct Walked {
    nodes: Vec<u32>,
    places: Vec<u32>,
    /// The place that each was first reached from.
    parents: Vec<u32>,
}

fn walk(graph: &impl Graph, count: usize, roots: &[u32]) -> Option<Walked> {
    let mut places = filled(count, 0u32)?;
    let (mut nodes, mut parents) = (vec![NONE], vec![TOP]);
    let mut path: Vec<(u32, u32)> = Vec::new();
    for &root in roots {
        let mut found = Some((root, TOP));
        loop {
            if let Some((node, parent)) = found
                && places[node as usize] == 0
            {
                [&mut nodes, &mut parents].into_iter().try_for_each(|vec| vec.try_reserve(1).ok())?;
                path.try_reserve(1).ok()?;
                places[node as usize] = nodes.len() as u32;
                path.push((nodes.len() as u32, 0));
                nodes.push(node);
                parents.push(parent);
            }
            let Some((place, cursor)) = path.last_mut() else { break };
            found = graph.next(nodes[*place as usize], cursor).map(|node| (node, *place));
            if found.is_none() {
                path.pop();
            }
        }
    }
    Some(Walked { nodes, places, parents })
}

/// The algorithm's arrays, by place.
struct Tarjan {
    parents: Vec<u32>,
    semi: Vec<u32>,
    /// Of the linked nodes above, the one with the smallest semidominator.
    label: Vec<u32>,
    ancestor: Vec<u32>,
    /// First node whose semidominator this is.
    bucket: Vec<u32>,
    /// The next node of the same bucket, then the immediate dominator.
    above: Vec<u32>,
    /// Predecessors: `before[first[p]..first[p + 1]]`.
    first: Vec<u32>,
    before: Vec<u32>,
    path: Vec<u32>,
}

impl Tarjan {
    fn new(
        graph: &impl Graph,
        nodes: &[u32],
        places: &[u32],
        parents: Vec<u32>,
        roots: &[u32],
    ) -> Option<Tarjan> {
        let count = nodes.len();
        let mut first = filled(count + 2, 0u32)?;
        let each_edge = |visit: &mut dyn FnMut(u32, usize)| {
            roots.iter().for_each(|&root| visit(TOP, places[root as usize] as usize));
            for (place, &node) in nodes.iter().enumerate().skip(1) {
                let mut cursor = 0;
                while let Some(next) = graph.next(node, &mut cursor) {
                    visit(place as u32, places[next as usize] as usize);
                }
            }
        };
        each_edge(&mut |_, to| first[to + 2] += 1);
        (2..first.len()).for_each(|place| first[place] += first[place - 1]);
        let mut before = filled(first[count + 1] as usize, 0u32)?;
        each_edge(&mut |from, to| {
            before[first[to + 1] as usize] = from;
            first[to + 1] += 1;
        });
        let mut semi = filled(count, 0u32)?;
        (0..count).for_each(|place| semi[place] = place as u32);
        let label = semi.clone();
        Some(Tarjan {
            parents,
            semi,
            label,
            ancestor: filled(count, NONE)?,
            bucket: filled(count, NONE)?,
            above: filled(count, NONE)?,
            first,
            before,
            path: Vec::new(),
        })
    }

    fn run(mut self) -> Vec<u32> {
        let count = self.parents.len();
        for place in (1..count).rev() {
            for edge in self.first[place] as usize..self.first[place + 1] as usize {
                let least = self.least(self.before[edge]);
                self.semi[place] = self.semi[place].min(self.semi[least as usize]);
            }
            let bucket = self.semi[place] as usize;
            self.above[place] = std::mem::replace(&mut self.bucket[bucket], place as u32);
            let parent = self.parents[place];
            self.ancestor[place] = parent;
            let mut waiting = std::mem::replace(&mut self.bucket[parent as usize], NONE);
            while waiting != NONE {
                let least = self.least(waiting);
                let lower = self.semi[least as usize] < self.semi[waiting as usize];
                let next =
                    std::mem::replace(&mut self.above[waiting as usize], if lower { least } else { parent });
                waiting = next;
            }
        }
        self.above[TOP as usize] = TOP;
        for place in 1..count {
            if self.above[place] != self.semi[place] {
                self.above[place] = self.above[self.above[place] as usize];
            }
        }
        self.above
    }

    /// On the linked way above `place`, the one with the smallest semidominator. Makes that way short.
    fn least(&mut self, place: u32) -> u32 {
        let mut at = place as usize;
        if self.ancestor[at] == NONE {
            return place;
        }
        while self.ancestor[self.ancestor[at] as usize] != NONE {
            self.path.push(at as u32);
            at = self.ancestor[at] as usize;
        }
        while let Some(lower) = self.path.pop() {
            let lower = lower as usize;
            let upper = self.ancestor[lower] as usize;
            let (mine, theirs) = (self.label[lower], self.label[upper]);
            if self.semi[theirs as usize] < self.semi[mine as usize] {
                self.label[lower] = theirs;
            }
            self.ancestor[lower] = self.ancestor[upper];
        }
        self.label[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prop_assert_eq;
    use proptest::test_runner::{Config, TestRunner};

    use super::*;

    struct Lists(Vec<Vec<u32>>);

    impl Graph for Lists {
        fn next(&self, node: u32, cursor: &mut u32) -> Option<u32> {
            *cursor += 1;
            self.0[node as usize].get(*cursor as usize - 1).copied()
        }
    }

    /// What can be reached without going through `without`.
    fn reach(graph: &Lists, roots: &[u32], without: Option<u32>) -> Vec<bool> {
        let mut seen = vec![false; graph.0.len()];
        let mut work: Vec<u32> = roots.to_vec();
        while let Some(node) = work.pop() {
            if Some(node) != without && !std::mem::replace(&mut seen[node as usize], true) {
                work.extend(&graph.0[node as usize]);
            }
        }
        seen
    }

    /// All dominators of each node by the definition: without them it cannot be reached.
    fn naive(graph: &Lists, roots: &[u32]) -> Vec<Vec<u32>> {
        let all = reach(graph, roots, None);
        let mut dominators = vec![Vec::new(); graph.0.len()];
        for cut in 0..graph.0.len() as u32 {
            let left = reach(graph, roots, Some(cut));
            for (node, list) in dominators.iter_mut().enumerate() {
                if all[node] && !left[node] && node as u32 != cut {
                    list.push(cut);
                }
            }
        }
        dominators
    }

    /// The same from the tree.
    fn from_tree(found: &Dominators, node: u32) -> Vec<u32> {
        let mut list = Vec::new();
        let mut place = found.places[node as usize];
        while found.above[place as usize] != TOP {
            place = found.above[place as usize];
            list.push(found.nodes[place as usize]);
        }
        list.sort_unstable();
        list
    }

    #[test]
    fn dominators_are_those_of_the_definition() {
        let cases = if cfg!(miri) { 1 } else { 300 };
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let node = || 0u32..40;
        let graphs = (vec((node(), node()), 0..140), vec(node(), 0..4));
        let law = |(edges, roots): (Vec<(u32, u32)>, Vec<u32>)| {
            let mut graph = Lists(vec![Vec::new(); 40]);
            edges.into_iter().for_each(|(from, to)| graph.0[from as usize].push(to));
            let found = Dominators::compute(&graph, 40, &roots).expect("there is memory");
            let (all, wanted) = (reach(&graph, &roots, None), naive(&graph, &roots));
            for node in 0..40 {
                prop_assert_eq!(found.places[node as usize] != 0, all[node as usize]);
                prop_assert_eq!(&from_tree(&found, node), &wanted[node as usize], "of {}", node);
            }
            Ok(())
        };
        runner.run(&graphs, law).unwrap_or_else(|error| panic!("{error}"));
    }

    #[test]
    fn a_list_of_millions_that_refers_back_is_no_problem() {
        // Each node refers to the next, to the one before, and to the first.
        let count = if cfg!(miri) { 1_000 } else { 2_000_000u32 };
        struct Ring(u32);
        impl Graph for Ring {
            fn next(&self, node: u32, cursor: &mut u32) -> Option<u32> {
                *cursor += 1;
                match *cursor {
                    1 if node + 1 < self.0 => Some(node + 1),
                    1 | 2 => {
                        *cursor = 2;
                        Some(node.saturating_sub(1))
                    }
                    3 => Some(0),
                    _ => None,
                }
            }
        }
        let found = Dominators::compute(&Ring(count), count as usize, &[0]).expect("there is memory");
        assert!((1..=count).all(|place| found.above[place as usize] == place - 1));
    }
}
