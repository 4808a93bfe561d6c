//! Scalar replacement: an object that never leaves its function is a register for each of its fields.
//!
//! It is one that a single register holds, which is written once, by the instruction that makes the object; everything
//! else that names the register reads or sets a field, looks into the box, or asks whether it is null, and comes behind
//! the making on every way. Inlining and copy propagation make such objects of those that were passed around. The
//! allocation goes, so the heap is full later than it would have been.

use std::collections::BTreeMap;

use mvm_isa::{Access, Opcode, TypeId, field_b, field_c};
use mvm_module::Name;
use mvm_module::classes::ClassTable;

use crate::flow::Flow;
use crate::graph::{BlockId, End, Graph, Insn};
use crate::passes::Context;

/// Fields of an object that is replaced at most.
const FIELDS_MAX: usize = 16;
/// Registers that a function may come to have.
const REGISTERS_MAX: usize = 1_000;

/// An object that is replaced.
struct Object {
    block: BlockId,
    /// Place of the instruction that makes it in its block.
    index: usize,
    /// Register of each field, by offset; a box has one at 0.
    fields: BTreeMap<u16, u16>,
}

/// Runs the pass.
pub(crate) fn run(graph: &mut Graph, context: &Context<'_>) -> bool {
    let mut objects = candidates(graph, context.classes);
    if objects.is_empty() {
        return false;
    }
    let Some(flow) = Flow::of(graph) else { return false };
    check(graph, &flow, &mut objects);
    let kept: Vec<u16> = objects.keys().copied().collect();
    for register in kept {
        let Some(types) = maker(graph, &objects[&register]).and_then(|insn| fields_of(insn, context.classes))
        else {
            objects.remove(&register);
            continue;
        };
        let name: Name = graph.names.get(usize::from(register)).cloned().unwrap_or_else(|| "".into());
        if graph.registers.len() + types.len() > REGISTERS_MAX {
            objects.remove(&register);
            continue;
        }
        for (number, (offset, ty)) in types.into_iter().enumerate() {
            let name: Name = if name.is_empty() { "".into() } else { format!("{name}.f{number}").into() };
            let Some(field) = graph.new_register(ty, &name) else { return false };
            if let Some(object) = objects.get_mut(&register) {
                object.fields.insert(offset, field);
            }
        }
    }
    if objects.is_empty() {
        return false;
    }
    replace(graph, &objects);
    true
}

fn maker<'g>(graph: &'g Graph, object: &Object) -> Option<&'g Insn> {
    graph.blocks[object.block as usize].insns.get(object.index)
}

/// Registers that are written once, by an instruction that makes an object.
fn candidates(graph: &Graph, classes: &ClassTable) -> BTreeMap<u16, Object> {
    let mut writes = vec![0u8; graph.registers.len()];
    for (_, insn) in graph.insns() {
        insn.visit(|access, register| {
            if access == Access::Def {
                let writes = &mut writes[usize::from(register)];
                *writes = writes.saturating_add(1);
            }
        });
    }
    graph.ranges.iter().for_each(|range| writes[usize::from(range.register)] = 2);
    writes[..usize::from(graph.params)].fill(2);
    let mut found = BTreeMap::new();
    for (number, block) in graph.blocks.iter().enumerate() {
        for (index, insn) in block.insns.iter().enumerate() {
            if let Some(register) = insn.result().filter(|&r| writes[usize::from(r)] == 1)
                && fields_of(insn, classes).is_some()
            {
                found.insert(register, Object { block: number as BlockId, index, fields: BTreeMap::new() });
            }
        }
    }
    found
}

/// Offsets and types of the fields of what an instruction makes; none when it makes no object that can be replaced.
fn fields_of(insn: &Insn, classes: &ClassTable) -> Option<Vec<(u16, TypeId)>> {
    let fields = match insn.op {
        Opcode::New | Opcode::NewWith => {
            let layout = classes.layout(TypeId(field_b(insn.words()[0])))?;
            layout.fields.iter().map(|field| (field.offset, field.ty)).collect()
        }
        Opcode::BoxI64 => vec![(0, TypeId::I64)],
        Opcode::BoxF64 => vec![(0, TypeId::F64)],
        _ => return None,
    };
    Some(fields).filter(|fields| fields.len() <= FIELDS_MAX)
}

/// Forgets the objects that are used in another way, or where they may not have been made.
fn check(graph: &Graph, flow: &Flow, objects: &mut BTreeMap<u16, Object>) {
    for (number, block) in graph.blocks.iter().enumerate() {
        let number = number as BlockId;
        let ends = block.end.insn().into_iter();
        for (index, insn) in block.insns.iter().chain(ends).enumerate() {
            let mut first = true;
            let mut wrong = Vec::new();
            insn.visit(|access, register| {
                if access == Access::Src {
                    let is_object = std::mem::replace(&mut first, false) && looks_into(insn, register);
                    if let Some(object) = objects.get(&register) {
                        let behind = match object.block == number {
                            true => object.index < index,
                            false => flow.dominates(object.block, number),
                        };
                        if !is_object || !behind || !fits(graph, object, insn) {
                            wrong.push(register);
                        }
                    }
                }
            });
            wrong.iter().for_each(|register| drop(objects.remove(register)));
        }
    }
}

/// Whether an instruction does no more with the object in its first register than look at it or set a field.
fn looks_into(insn: &Insn, register: u16) -> bool {
    use Opcode as O;
    let sources = insn.sources();
    // An object that is stored in itself leaves.
    let once = sources.iter().filter(|&&source| source == register).count() == 1;
    once && matches!(
        insn.op,
        O::GetFieldI64
            | O::GetFieldF64
            | O::GetFieldRef
            | O::SetFieldI64
            | O::SetFieldF64
            | O::SetFieldRef
            | O::UnboxI64
            | O::UnboxF64
            | O::IsNull
            | O::Bnull
            | O::Bnonnull
    )
}

/// Whether an instruction asks a box for the kind of number that is in it.
fn fits(graph: &Graph, object: &Object, insn: &Insn) -> bool {
    let made = maker(graph, object).map(|insn| insn.op);
    match insn.op {
        Opcode::UnboxI64 => made == Some(Opcode::BoxI64),
        Opcode::UnboxF64 => made == Some(Opcode::BoxF64),
        _ => true,
    }
}

fn replace(graph: &mut Graph, objects: &BTreeMap<u16, Object>) {
    let types = graph.registers.clone();
    for block in &mut graph.blocks {
        let mut insns = Vec::with_capacity(block.insns.len());
        for insn in std::mem::take(&mut block.insns) {
            let made = insn.result().and_then(|register| objects.get(&register));
            let seen = insn.sources().first().and_then(|register| objects.get(register));
            match (made, seen) {
                (Some(object), _) => insns.extend(making(&insn, object, &types)),
                (None, Some(object)) => insns.push(using(&insn, object)),
                (None, None) => insns.push(insn),
            }
        }
        block.insns = insns;
        let end = match &block.end {
            End::Branch { insn, taken, next } if objects.contains_key(&insn.sources()[0]) => match insn.op {
                Opcode::Bnull => Some(*next),
                Opcode::Bnonnull => Some(*taken),
                _ => None,
            },
            _ => None,
        };
        if let Some(to) = end {
            block.end = End::Jump(to);
        }
    }
}

/// Gives the fields of a new object their first values.
fn making(insn: &Insn, object: &Object, types: &[TypeId]) -> Vec<Insn> {
    let registers = object.fields.values();
    match insn.op {
        Opcode::New => {
            registers.map(|&field| Insn::constant(field, types[usize::from(field)], 0, insn.at)).collect()
        }
        // Values stand in the order of the declaration, in which field registers were made, not in that of offsets.
        _ => {
            let mut fields: Vec<u16> = registers.copied().collect();
            fields.sort_unstable();
            fields.into_iter().zip(insn.sources()).map(|(to, from)| Insn::mov(to, from, insn.at)).collect()
        }
    }
}

/// What takes the place of an instruction that looks at an object.
fn using(insn: &Insn, object: &Object) -> Insn {
    use Opcode as O;
    let word = insn.words()[0];
    let field = |offset: u16| object.fields.get(&offset).copied();
    let (results, sources) = (insn.results(), insn.sources());
    let moved = match insn.op {
        O::GetFieldI64 | O::GetFieldF64 | O::GetFieldRef => {
            field(field_c(word)).map(|from| (results[0], from))
        }
        O::SetFieldI64 | O::SetFieldF64 | O::SetFieldRef => field(field_b(word)).map(|to| (to, sources[1])),
        O::UnboxI64 | O::UnboxF64 => field(0).map(|from| (results[0], from)),
        O::IsNull => return Insn::constant(results[0], TypeId::I64, 0, insn.at),
        _ => None,
    };
    match moved {
        Some((to, from)) => Insn::mov(to, from, insn.at),
        None => insn.clone(),
    }
}
