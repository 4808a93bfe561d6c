//! The passes, a file each, and their registry.
//!
//! A pass is a function of a graph that says whether it has changed anything; it may only replace code by code that does
//! the same: output, syscalls, traps and the lines they are raised at. `docs/OPTIMISER.md` shows how to write one.

mod branches;
mod common;
mod copies;
mod dead;
mod fold;
mod fuse;
pub(crate) mod inline;
mod methods;
mod objects;
mod tail;
mod targets;

use mvm_module::Module;
use mvm_module::classes::ClassTable;

use crate::Level;
use crate::graph::Graph;
use crate::planted::Planted;

/// What passes may ask about the rest of the program.
pub(crate) struct Context<'m> {
    /// The module as it was.
    pub(crate) module: &'m Module,
    /// Its layouts and subtyping.
    pub(crate) classes: &'m ClassTable,
    /// Whether the module is a whole program, so that no class or function comes to it later.
    pub(crate) closed: bool,
    /// Functions that can be inlined.
    pub(crate) callees: inline::Callees,
    /// The bug that is planted into a pass, for tests.
    pub(crate) planted: Option<Planted>,
}

impl Context<'_> {
    /// Whether this bug is planted.
    pub(crate) fn plants(&self, bug: Planted) -> bool {
        cfg!(feature = "planted-bugs") && self.planted == Some(bug)
    }
}

/// A pass.
pub struct Pass {
    /// Name on the command line.
    pub name: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// The level from which on it runs.
    pub level: Level,
    /// Whether it runs on functions of any size; others do not run on large ones.
    pub cheap: bool,
    pub(crate) run: fn(&mut Graph, &Context<'_>) -> bool,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All passes, in the order in which levels run them.
pub static PASSES: &[Pass] = &[
    Pass {
        name: "tail",
        summary: "calls of a function to itself as the last thing it does become jumps",
        level: Level::O1,
        cheap: true,
        run: tail::run,
    },
    Pass {
        name: "branches",
        summary: "straight ways instead of jumps to jumps; loops test at their end; what cannot be reached goes",
        level: Level::O1,
        cheap: true,
        run: branches::run,
    },
    Pass {
        name: "methods",
        summary: "method calls that can only go to one function call it",
        level: Level::O1,
        cheap: false,
        run: methods::run,
    },
    Pass {
        name: "inline",
        summary: "calls of small functions become their code; back-traces still show the calls",
        level: Level::O1,
        cheap: false,
        run: inline::run,
    },
    Pass {
        name: "fold",
        summary: "what can be computed beforehand is a constant; what is always true is not tested",
        level: Level::O1,
        cheap: false,
        run: fold::run,
    },
    Pass {
        name: "copies",
        summary: "instructions read the register that was copied instead of the copy",
        level: Level::O1,
        cheap: false,
        run: copies::run,
    },
    Pass {
        name: "common",
        summary: "what has been computed or loaded before is not computed or loaded again",
        level: Level::O1,
        cheap: false,
        run: common::run,
    },
    Pass {
        name: "fuse",
        summary: "one instruction instead of two: constants in instructions, comparisons in branches",
        level: Level::O1,
        cheap: false,
        run: fuse::run,
    },
    Pass {
        name: "targets",
        summary: "results are written where they are wanted instead of copied there",
        level: Level::O1,
        cheap: false,
        run: targets::run,
    },
    Pass {
        name: "dead",
        summary: "instructions without effect whose results nobody reads go",
        level: Level::O1,
        cheap: false,
        run: dead::run,
    },
    Pass {
        name: "objects",
        summary: "objects that never leave their function become registers",
        level: Level::O2,
        cheap: false,
        run: objects::run,
    },
];

/// The pass with this name.
pub fn pass(name: &str) -> Option<&'static Pass> {
    PASSES.iter().find(|pass| pass.name == name)
}
