//! What must hold.

use super::Table;
use super::peers::{GCC, GO, JAVA_STEADY, LUA, LUAJIT, MVM, MVM_JIT, NODE};
use super::programs::Group;
use crate::bench::verdict::Verdict;

/// Geometric means of MVM's time divided by a peer's, over a group or all programs: which, whose, and the upper end.
const TARGETS: [(Option<Group>, &str, &str, f64); 6] = [
    (Some(Group::Objects), MVM_JIT, NODE, 1.0),
    (Some(Group::Objects), MVM_JIT, LUAJIT, 1.0),
    (Some(Group::Objects), MVM_JIT, GO, 1.0),
    (Some(Group::Objects), MVM_JIT, JAVA_STEADY, 1.3),
    (None, MVM, LUA, 0.6),
    (Some(Group::Numeric), MVM_JIT, GCC, 1.3),
];

impl Table {
    /// All targets that the programs measured have something to say about.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let judged = |&(group, ours, theirs, limit): &(Option<Group>, &str, &str, f64)| {
            let found = self.mean(group, self.peers.place(ours), self.peers.place(theirs))?;
            let programs = group.map_or("all programs", Group::name);
            Some(Verdict { what: format!("{ours} / {theirs}, geometric mean of {programs}"), limit, found })
        };
        TARGETS.iter().filter_map(judged).collect()
    }
}
