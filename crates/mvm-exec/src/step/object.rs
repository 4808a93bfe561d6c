//! Objects: creation, fields, tests, boxes.

use mvm_isa::sem::canonical;
use mvm_isa::{Trap, TrapCode, TypeId, field_a, field_b, field_c};

use super::{Flow, Outcome};
use crate::process::{Fault, Process};

impl Process {
    /// Declared type of a register of the running function.
    pub(super) fn type_of_register(&self, register: u16) -> TypeId {
        match self.position() {
            Some((id, _)) => self.image.module().functions[id.0 as usize].registers[usize::from(register)],
            None => TypeId::ANY,
        }
    }

    fn new_object(&mut self, class: TypeId) -> Result<u32, Fault> {
        let words = self.image.classes[class.index()].words;
        self.alloc(class, words, words as usize)
    }
}

pub(super) fn new(p: &mut Process, word: u64) -> Outcome {
    let object = p.new_object(TypeId(field_b(word)))?;
    p.set_object(field_a(word), object);
    Ok(Flow::Next)
}

pub(super) fn new_with(p: &mut Process, word: u64) -> Outcome {
    let class = TypeId(field_b(word));
    let object = p.new_object(class)?;
    let image = std::sync::Arc::clone(&p.image);
    let fields = image.module().classes().layout(class).map_or(&[][..], |layout| &layout.fields);
    for (k, field) in fields.iter().enumerate() {
        let value = p.reg(p.item(1, k));
        if field.ty.is_ref() {
            p.heap.set_reference(object, usize::from(field.offset), value as u32);
        } else {
            p.heap.set_word(object, usize::from(field.offset) / 2, value);
        }
    }
    p.set_object(field_a(word), object);
    Ok(Flow::Next)
}

pub(super) fn get_field_i64(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    p.set_reg(field_a(word), p.heap.word(object, usize::from(field_c(word)) / 2));
    Ok(Flow::Next)
}

pub(super) fn get_field_f64(p: &mut Process, word: u64) -> Outcome {
    get_field_i64(p, word)
}

pub(super) fn get_field_ref(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_b(word))?;
    p.set_object(field_a(word), p.heap.reference(object, usize::from(field_c(word))));
    Ok(Flow::Next)
}

pub(super) fn set_field_i64(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_a(word))?;
    let value = p.reg(field_c(word));
    p.heap.set_word(object, usize::from(field_b(word)) / 2, value);
    Ok(Flow::Next)
}

pub(super) fn set_field_f64(p: &mut Process, word: u64) -> Outcome {
    set_field_i64(p, word)
}

pub(super) fn set_field_ref(p: &mut Process, word: u64) -> Outcome {
    let object = p.some(field_a(word))?;
    let value = p.object(field_c(word));
    p.heap.set_reference(object, usize::from(field_b(word)), value);
    Ok(Flow::Next)
}

pub(super) fn is_null(p: &mut Process, word: u64) -> Outcome {
    p.set_int(field_a(word), i64::from(p.object(field_b(word)) == 0));
    Ok(Flow::Next)
}

pub(super) fn same(p: &mut Process, word: u64) -> Outcome {
    let (x, y) = (p.object(field_b(word)), p.object(field_c(word)));
    let equal = x == y || x != 0 && y != 0 && equal_boxes(p, x, y);
    p.set_int(field_a(word), i64::from(equal));
    Ok(Flow::Next)
}

/// Whether two objects are boxes of the same type and value.
fn equal_boxes(p: &Process, x: u32, y: u32) -> bool {
    let class = p.heap.class(x);
    if p.heap.class(y) != class {
        return false;
    }
    let (a, b) = (p.heap.word(x, 0), p.heap.word(y, 0));
    match class {
        TypeId::BOX_I64 => a == b,
        TypeId::BOX_F64 => canonical(f64::from_bits(a)).to_bits() == canonical(f64::from_bits(b)).to_bits(),
        _ => false,
    }
}

pub(super) fn test(p: &mut Process, word: u64) -> Outcome {
    let object = p.object(field_b(word));
    let is =
        object != 0 && p.image.module().classes().instance_of(p.heap.class(object), TypeId(field_c(word)));
    p.set_int(field_a(word), i64::from(is));
    Ok(Flow::Next)
}

pub(super) fn cast(p: &mut Process, word: u64) -> Outcome {
    let (object, ty) = (p.object(field_b(word)), TypeId(field_c(word)));
    let class = p.heap.class(object);
    if object != 0 && !p.image.module().classes().instance_of(class, ty) {
        return Err(bad_cast(class, ty));
    }
    p.set_object(field_a(word), object);
    Ok(Flow::Next)
}

fn bad_cast(found: TypeId, wanted: TypeId) -> Fault {
    Trap::new(TrapCode::BadCast, i64::from(found.0), i64::from(wanted.0)).into()
}

pub(super) fn box_i64(p: &mut Process, word: u64) -> Outcome {
    let object = p.alloc(TypeId::BOX_I64, 1, 1)?;
    let value = p.reg(field_b(word));
    p.heap.set_word(object, 0, value);
    p.set_object(field_a(word), object);
    Ok(Flow::Next)
}

pub(super) fn box_f64(p: &mut Process, word: u64) -> Outcome {
    let object = p.alloc(TypeId::BOX_F64, 1, 1)?;
    let value = p.reg(field_b(word));
    p.heap.set_word(object, 0, value);
    p.set_object(field_a(word), object);
    Ok(Flow::Next)
}

fn unbox(p: &mut Process, word: u64, wanted: TypeId) -> Outcome {
    let object = p.some(field_b(word))?;
    let class = p.heap.class(object);
    if class != wanted {
        return Err(bad_cast(class, wanted));
    }
    p.set_reg(field_a(word), p.heap.word(object, 0));
    Ok(Flow::Next)
}

pub(super) fn unbox_i64(p: &mut Process, word: u64) -> Outcome {
    unbox(p, word, TypeId::BOX_I64)
}

pub(super) fn unbox_f64(p: &mut Process, word: u64) -> Outcome {
    unbox(p, word, TypeId::BOX_F64)
}

pub(super) fn serial(p: &mut Process, word: u64) -> Outcome {
    p.serial += 1;
    p.set_int(field_a(word), p.serial);
    Ok(Flow::Next)
}
