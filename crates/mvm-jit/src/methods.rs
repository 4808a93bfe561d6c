//! Which functions a method call can go to.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use mvm_exec::Image;
use mvm_isa::{Opcode, TypeId, field_b, visit_registers};
use mvm_module::{FuncId, TypeDef, VerifiedModule};

/// Modules with more types have their method calls looked up at run time: the classes below a class are found by looking at all.
const TYPES_MAX: usize = 4_000;
/// Functions that a call site is said to go to; where there are more, none are named.
const TARGETS_MAX: usize = 8;

/// The functions behind the methods of a module, found when they are first asked for.
pub(crate) struct Methods<'i> {
    module: &'i VerifiedModule,
    below: OnceCell<BTreeMap<TypeId, Vec<TypeId>>>,
}

impl<'i> Methods<'i> {
    pub(crate) fn new(image: &'i Image) -> Methods<'i> {
        Methods { module: image.module(), below: OnceCell::new() }
    }

    /// Classes of objects that a register of this class can hold. All modules that run are complete, so no class is added.
    fn classes(&self, ty: TypeId) -> &[TypeId] {
        let below = self.below.get_or_init(|| {
            let mut below: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
            for index in 0..self.module.types.len() {
                let class = TypeId(index as u16);
                let layout = self.module.classes().layout(class).filter(|layout| !layout.is_abstract());
                for &base in layout.iter().flat_map(|layout| &layout.display) {
                    below.entry(base).or_default().push(class);
                }
            }
            below
        });
        below.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// The functions that a call of method `index` of an object in a register of type `ty` can go to; none when they are too many to be
    /// named.
    pub(crate) fn targets(&self, ty: TypeId, index: u16) -> Vec<FuncId> {
        if self.module.types.len() > TYPES_MAX
            || !matches!(self.module.types.get(ty.index()), Some(TypeDef::Class(_)))
        {
            return Vec::new();
        }
        let mut found = Vec::new();
        for &class in self.classes(ty) {
            let methods = self.module.classes().layout(class).map_or(&[][..], |layout| &layout.methods);
            let Some(function) = methods.get(usize::from(index)).and_then(|method| method.function) else {
                continue;
            };
            if !found.contains(&function) {
                found.push(function);
            }
            if found.len() > TARGETS_MAX {
                return Vec::new();
            }
        }
        found
    }

    /// The functions that an instruction calls or makes a reference to, as far as they can be named.
    pub(crate) fn wanted(
        &self,
        registers: &[TypeId],
        op: Opcode,
        words: &[u64],
        mut visit: impl FnMut(FuncId),
    ) {
        match op {
            Opcode::Call | Opcode::Bind => visit(FuncId((words[0] >> 32) as u32 & 0xff_ffff)),
            Opcode::CallMany | Opcode::TailCall => visit(FuncId((words[0] >> 32) as u32)),
            Opcode::CallVirtual | Opcode::CallVirtualMany => {
                let mut receiver = None;
                visit_registers(op, words, |_, register| receiver = receiver.or(Some(register)));
                let ty = receiver.map_or(TypeId::ANY, |register| registers[usize::from(register)]);
                self.targets(ty, field_b(words[0])).into_iter().for_each(visit);
            }
            Opcode::Fref => {
                if let mvm_module::Literal::Func(function, _) =
                    &self.module.literals[(words[0] >> 32) as usize]
                {
                    visit(*function);
                }
            }
            _ => {}
        }
    }
}
