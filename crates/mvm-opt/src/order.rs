//! Which functions of a module are optimised, and in which order: those that are called before those that call them.
//!
//! Of a whole program only what can be reached from its main function: a library that is linked in has more. What a
//! literal names can be called by reference, and methods of all classes can be called by name; so both count as reached,
//! literals when code names them.

use mvm_isa::{Opcode, Operand, imm32};
use mvm_module::{FuncId, Literal, LiteralId, Module, TypeDef, cfg};

/// Indexes of functions of the module.
pub(crate) fn called_first(module: &Module, closed: bool) -> Vec<usize> {
    let mut walk = Walk {
        module,
        order: Vec::with_capacity(module.functions.len()),
        seen: vec![false; module.functions.len()],
        literals: vec![false; if closed { module.literals.len() } else { 0 }],
        named: Vec::new(),
    };
    if closed {
        walk.named.extend(module.main);
        for def in &module.types {
            if let TypeDef::Class(class) = def {
                walk.named.extend(class.methods.iter().filter_map(|method| method.function));
            }
        }
    } else {
        let first = module.imports.len() as u32;
        walk.named.extend((first..first + module.functions.len() as u32).rev().map(FuncId));
    }
    while let Some(id) = walk.named.pop() {
        walk.from(id);
    }
    walk.order
}

struct Walk<'m> {
    module: &'m Module,
    order: Vec<usize>,
    seen: Vec<bool>,
    /// Literals that code names; empty when all functions are wanted anyhow.
    literals: Vec<bool>,
    /// Functions that are named and still to be looked at.
    named: Vec<FuncId>,
}

impl Walk<'_> {
    fn index(&self, id: FuncId) -> Option<usize> {
        let index = (id.0 as usize).checked_sub(self.module.imports.len())?;
        (index < self.module.functions.len()).then_some(index)
    }

    /// Goes down the calls of a function.
    fn from(&mut self, id: FuncId) {
        let Some(first) = self.index(id).filter(|&index| !std::mem::replace(&mut self.seen[index], true))
        else {
            return;
        };
        let calls = self.calls(first);
        let mut stack: Vec<(usize, Vec<usize>)> = vec![(first, calls)];
        while let Some((index, left)) = stack.last_mut() {
            match left.pop() {
                Some(next) if !std::mem::replace(&mut self.seen[next], true) => {
                    let calls = self.calls(next);
                    stack.push((next, calls));
                }
                Some(_) => {}
                None => {
                    self.order.push(*index);
                    stack.pop();
                }
            }
        }
    }

    /// The functions that a function calls directly; notes those it names otherwise.
    fn calls(&mut self, index: usize) -> Vec<usize> {
        let module = self.module;
        let mut all = Vec::new();
        for (_, op, words) in cfg::instructions(&module.functions[index].code) {
            let number = (words[0] >> 32) as u32;
            match op {
                Opcode::Call => all.extend(self.index(FuncId(number & 0xff_ffff))),
                Opcode::CallMany | Opcode::TailCall => all.extend(self.index(FuncId(number))),
                Opcode::Bind => self.named.push(FuncId(number & 0xff_ffff)),
                _ if op.info().operands.contains(&Operand::Literal) => {
                    self.literal(LiteralId(imm32(words[0]) as u32));
                }
                _ => {}
            }
        }
        all
    }

    /// Notes the functions in a literal.
    fn literal(&mut self, id: LiteralId) {
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            let new = self.literals.get_mut(id.0 as usize).filter(|seen| !**seen);
            let Some(seen) = new else { continue };
            *seen = true;
            match &self.module.literals[id.0 as usize] {
                Literal::Func(id, _) => self.named.push(*id),
                Literal::Refs(_, elements) => left.extend(elements.iter().flatten()),
                Literal::Str(_) | Literal::Bytes(_) | Literal::Array(..) | Literal::Types(_) => {}
            }
        }
    }
}
