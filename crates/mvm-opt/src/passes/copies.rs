//! Copy propagation: what reads a copy reads the register it was copied from, so that the copy may become dead.

use mvm_isa::{Access, Opcode, TypeRule};

use crate::graph::{End, Graph, Insn};
use crate::passes::Context;
use crate::values::{Fate, Rewriter, Values, walk};

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    walk(graph, context, &mut Copies)
}

struct Copies;

impl Rewriter for Copies {
    fn insn(&mut self, values: &mut Values<'_>, insn: &mut Insn) -> Fate {
        let changed = replace(values, insn);
        if insn.op == Opcode::Mov
            && let (Some(to), [from]) = (insn.result(), &*insn.sources())
            && values.of(to) == values.of(*from)
        {
            return Fate::Gone;
        }
        if changed { Fate::Changed } else { Fate::Same }
    }

    fn end(&mut self, values: &mut Values<'_>, end: &mut End) -> bool {
        end.insn_mut().is_some_and(|insn| replace(values, insn))
    }
}

fn replace(values: &mut Values<'_>, insn: &mut Insn) -> bool {
    let rule = insn.op.info().rule;
    let mut changed = false;
    insn.map(|access, register| {
        if access == Access::Def {
            return register;
        }
        let value = values.of(register);
        if values.constant(value).is_some() {
            // Equal constants are no copies of each other: each is better off in its own instruction.
            return register;
        }
        let Some(holder) = values.holder(value).filter(|&holder| holder != register) else { return register };
        let (wanted, found) = (values.types[usize::from(register)], values.types[usize::from(holder)]);
        if wanted != found && !(takes_subtypes(rule) && values.classes.assignable(found, wanted)) {
            return register;
        }
        changed = true;
        holder
    });
    changed
}

/// Whether every register may be replaced by one of a type that fits its own: the rule asks only what fits.
fn takes_subtypes(rule: TypeRule) -> bool {
    match rule {
        TypeRule::Move
        | TypeRule::Select
        | TypeRule::GetField
        | TypeRule::SetField
        | TypeRule::NewWith
        | TypeRule::Return
        | TypeRule::Bind
        | TypeRule::Sys => true,
        TypeRule::Table
        | TypeRule::Null
        | TypeRule::Literal
        | TypeRule::GetRef
        | TypeRule::SetRef
        | TypeRule::New
        | TypeRule::NewArray
        | TypeRule::SameArrays
        | TypeRule::ElementValue
        | TypeRule::TypeTest
        | TypeRule::Cast
        | TypeRule::Call => false,
    }
}
