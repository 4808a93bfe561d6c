//! Common subexpressions: what has been computed on the way here is taken from where it is.
//!
//! Loads count while nothing can have written to that kind of object; an instruction that did not trap the first time
//! does not trap the second time.

use mvm_isa::Opcode;

use crate::graph::{Graph, Insn};
use crate::passes::Context;
use crate::values::{Fate, Rewriter, Values, walk};

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    walk(graph, context, &mut Common)
}

struct Common;

impl Rewriter for Common {
    fn insn(&mut self, values: &mut Values<'_>, insn: &mut Insn) -> Fate {
        let Some(to) = insn.result() else { return Fate::Same };
        if insn.op == Opcode::Mov {
            return Fate::Same;
        }
        let Some(expr) = values.expr_of(insn) else { return Fate::Same };
        let Some(value) = values.known(&expr) else { return Fate::Same };
        if values.of(to) == value {
            return Fate::Gone;
        }
        let Some(from) = values.holder(value) else { return Fate::Same };
        let (found, wanted) = (values.types[usize::from(from)], values.types[usize::from(to)]);
        if !values.classes.assignable(found, wanted) {
            return Fate::Same;
        }
        *insn = Insn::mov(to, from, insn.at);
        Fate::Changed
    }
}
