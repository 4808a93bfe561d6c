//! Devirtualisation: a method call that can only go to one function calls that function.
//!
//! The class of the object is known when it was made here; otherwise every class below the one its register has is looked
//! at, which is allowed only in a whole program. (Objects also come in messages, so it does not matter which classes the
//! program makes itself.) A null reference still traps at the call: where it may be null, a field is read first.

use mvm_isa::{NO_REG, Opcode, TypeId, encode};
use mvm_module::FuncId;
use mvm_module::classes::ClassLayout;

use crate::graph::{Graph, Insn};
use crate::passes::Context;
use crate::values::{Fate, Rewriter, Values, walk};

/// Types of a module above which the classes below one are not looked for.
const TYPES_MAX: usize = 4_000;

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    let is_method = |insn: &Insn| method(insn).is_some();
    graph.insns().any(|(_, insn)| is_method(insn)) && walk(graph, context, &mut Methods { context })
}

struct Methods<'c, 'm> {
    context: &'c Context<'m>,
}

/// A place in a method table, or a selector.
#[derive(Clone, Copy)]
enum Method {
    Virtual(usize),
    Interface(u16),
}

fn method(insn: &Insn) -> Option<Method> {
    let number = insn.words()[0] >> 32;
    match insn.op {
        Opcode::CallVirtual => Some(Method::Virtual(number as usize & 0xff_ffff)),
        Opcode::CallVirtualMany => Some(Method::Virtual(number as usize)),
        Opcode::CallInterface => Some(Method::Interface(number as u16)),
        Opcode::CallInterfaceMany => Some(Method::Interface(number as u16)),
        _ => None,
    }
}

impl Rewriter for Methods<'_, '_> {
    fn insn(&mut self, values: &mut Values<'_>, insn: &mut Insn) -> Fate {
        let Some(method) = method(insn) else { return Fate::Same };
        let sources = insn.sources();
        let Some(&object) = sources.first() else { return Fate::Same };
        let value = values.of(object);
        let ty = values.types[usize::from(object)];
        let target = match values.class(value) {
            Some(class) => self.function_of(class, method),
            None => self.only_function(ty, method),
        };
        let Some(target) = target else { return Fate::Same };
        let Some(&wanted) = self.context.module.function(target).and_then(|f| f.registers.first()) else {
            return Fate::Same;
        };
        let Some(object) = self.receiver(values, object, (ty, wanted), insn.at) else { return Fate::Same };
        let mut arguments = sources;
        arguments[0] = object;
        *insn = call(target, &insn.results(), &arguments, insn.at);
        Fate::Changed
    }
}

impl Methods<'_, '_> {
    /// The function that a method call of an object of exactly this class goes to.
    fn function_of(&self, class: TypeId, method: Method) -> Option<FuncId> {
        of_layout(self.context.classes.layout(class)?, method)
    }

    /// The function that all classes at or below a type agree on.
    fn only_function(&self, ty: TypeId, method: Method) -> Option<FuncId> {
        let Context { module, classes, closed, .. } = self.context;
        if !closed || module.types.len() > TYPES_MAX {
            return None;
        }
        let mut only = None;
        for class in (0..module.types.len() as u16).map(TypeId) {
            let Some(layout) = classes.layout(class) else { continue };
            if layout.is_abstract() || !classes.assignable(class, ty) {
                continue;
            }
            let found = of_layout(layout, method)?;
            if *only.get_or_insert(found) != found {
                return None;
            }
        }
        only
    }

    /// A register of the type that the function wants, with an object that is not null or has been looked at. What that
    /// takes is put in front of the call.
    fn receiver(
        &self,
        values: &mut Values<'_>,
        object: u16,
        (ty, wanted): (TypeId, TypeId),
        at: u32,
    ) -> Option<u16> {
        let classes = self.context.classes;
        let fits = classes.assignable(ty, wanted);
        let value = values.of(object);
        let look = if values.is_not_null(value) {
            None
        } else {
            let class = if fits { ty } else { wanted };
            Some(classes.layout(class)?.fields.first()?.clone())
        };
        let mut receiver = object;
        if !fits {
            classes.layout(wanted)?;
            receiver = values.new_register(wanted)?;
            let operands = [receiver.into(), object.into(), wanted.0.into()];
            values.insert(Insn::fixed(Opcode::Cast, &operands, at));
        }
        if let Some(field) = look {
            let op = match field.ty {
                TypeId::I64 => Opcode::GetFieldI64,
                TypeId::F64 => Opcode::GetFieldF64,
                _ => Opcode::GetFieldRef,
            };
            let seen = values.new_register(field.ty)?;
            let operands = [seen.into(), receiver.into(), field.offset.into()];
            values.insert(Insn::fixed(op, &operands, at));
        }
        Some(receiver)
    }
}

fn of_layout(layout: &ClassLayout, method: Method) -> Option<FuncId> {
    match method {
        Method::Virtual(number) => layout.methods.get(number)?.function,
        Method::Interface(selector) => {
            let found = layout.selectors.binary_search_by_key(&selector, |&(number, _)| number).ok()?;
            Some(layout.selectors[found].1)
        }
    }
}

/// A direct call.
fn call(target: FuncId, results: &[u16], arguments: &[u16], at: u32) -> Insn {
    let mut words = Vec::new();
    if arguments.len() <= 3 && results.len() <= 1 && target.0 < 1 << 24 {
        let to = results.first().copied().unwrap_or(NO_REG);
        encode::call(&mut words, Opcode::Call, to, target.0, 0, arguments);
        return Insn::new(Opcode::Call, &words, at);
    }
    encode::call_many(&mut words, Opcode::CallMany, results, target.0, 0, arguments);
    Insn::new(Opcode::CallMany, &words, at)
}
