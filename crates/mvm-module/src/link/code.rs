//! Renumbers what instructions name: types, functions, selectors, literals.

use mvm_isa::{Opcode, Operand, Shape, TypeId, insn_len, opcode_of};

use crate::model::{ExportItem, FuncId, Literal, Module, TypeDef};

/// Old numbers of one module to numbers of the image.
pub(super) struct CodeMap<'f> {
    pub(super) ty: &'f dyn Fn(TypeId) -> TypeId,
    pub(super) func: &'f dyn Fn(FuncId) -> FuncId,
    pub(super) selector: &'f dyn Fn(u32) -> u32,
    pub(super) literal: &'f dyn Fn(u32) -> u32,
}

/// What the target field of a call means.
enum Target {
    Function,
    Selector,
    /// A place in a method table or a register: the same in the image.
    Other,
}

fn target_of(op: Opcode) -> Target {
    match op {
        Opcode::CallVirtual | Opcode::CallVirtualMany => Target::Other,
        Opcode::CallInterface | Opcode::CallInterfaceMany => Target::Selector,
        _ if op.info().operands.contains(&Operand::Func) => Target::Function,
        _ => Target::Other,
    }
}

/// Replaces `width` bits from bit `shift` on.
fn replace(word: &mut u64, shift: u32, width: u32, change: impl FnOnce(u32) -> u32) {
    let mask = (1u64 << width) - 1;
    let old = (*word >> shift & mask) as u32;
    *word = *word & !(mask << shift) | (u64::from(change(old)) & mask) << shift;
}

impl CodeMap<'_> {
    /// Rewrites code that the verifier has accepted.
    pub(super) fn rewrite(&self, code: &mut [u64]) {
        let mut rest = code;
        while let Some(&word) = rest.first() {
            let Ok(op) = opcode_of(word) else { return };
            let len = insn_len(op, word).min(rest.len());
            let (words, after) = rest.split_at_mut(len);
            self.instruction(op, words);
            rest = after;
        }
    }

    fn instruction(&self, op: Opcode, words: &mut [u64]) {
        let ty = |old: u32| u32::from((self.ty)(TypeId(old as u16)).0);
        let word = &mut words[0];
        let wide = match op.info().shape {
            Shape::Fixed => return self.fixed(op, word),
            Shape::NewWith => return replace(word, 32, 16, ty),
            Shape::RetMany | Shape::Switch | Shape::Sys => return,
            Shape::Call | Shape::Bind => 24,
            Shape::CallMany | Shape::TailCall => 32,
        };
        match target_of(op) {
            Target::Function => replace(word, 32, wide, |old| (self.func)(FuncId(old)).0),
            Target::Selector => replace(word, 32, wide, |old| (self.selector)(old)),
            Target::Other => {}
        }
    }

    fn fixed(&self, op: Opcode, word: &mut u64) {
        for (slot, operand) in op.info().operands.iter().enumerate() {
            match operand {
                Operand::Literal => replace(word, 32, 32, |old| (self.literal)(old)),
                Operand::Func => replace(word, 32, 32, |old| (self.func)(FuncId(old)).0),
                Operand::Type => {
                    let shift = 16 * (slot as u32 + 1);
                    replace(word, shift, 16, |old| (self.ty)(TypeId(old as u16)).0.into());
                }
                Operand::Def(_)
                | Operand::Src(_)
                | Operand::Imm16
                | Operand::Imm32
                | Operand::WordI64
                | Operand::WordF64
                | Operand::Field
                | Operand::Weight
                | Operand::FrameSize
                | Operand::Label16
                | Operand::Label32 => {}
            }
        }
    }
}

/// Gives functions other numbers wherever the module names one: in code, literals, methods, exports and `main`.
///
/// The tables of imports and functions stay as they are; moving their entries is for the caller to do.
pub fn renumber_functions(module: &mut Module, new: &dyn Fn(FuncId) -> FuncId) {
    let map = CodeMap { ty: &|ty| ty, func: new, selector: &|number| number, literal: &|number| number };
    for function in &mut module.functions {
        map.rewrite(&mut function.code);
        function.debug.calls.iter_mut().for_each(|call| call.function = new(call.function));
    }
    for literal in &mut module.literals {
        if let Literal::Func(id, _) = literal {
            *id = new(*id);
        }
    }
    for def in &mut module.types {
        let methods = match def {
            TypeDef::Class(class) => &mut class.methods,
            TypeDef::Interface(interface) => &mut interface.methods,
            _ => continue,
        };
        for id in methods.iter_mut().filter_map(|method| method.function.as_mut()) {
            *id = new(*id);
        }
    }
    for export in &mut module.exports {
        if let ExportItem::Function(id) = &mut export.item {
            *id = new(*id);
        }
    }
    if let Some(main) = &mut module.main {
        *main = new(*main);
    }
}
