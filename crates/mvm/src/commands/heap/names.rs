//! What roots, references and objects are called.

use std::collections::BTreeMap;

use mvm_exec::{Image, Process, RootPlace};
use mvm_heap::{Heap, Layout, layout};
use mvm_isa::TypeId;
use mvm_module::FuncId;

use crate::inspect::View;
use crate::machine::place_text;

/// Characters of an object's value that are shown.
const VALUE_MAX: usize = 36;

/// Names for everything on the heap of a process.
pub(super) struct Names<'a> {
    image: &'a Image,
    heap: &'a Heap,
    view: View<'a>,
    /// A root that refers to each object: of those that say most, the first.
    roots: BTreeMap<u32, RootPlace>,
}

impl<'a> Names<'a> {
    pub(super) fn new(process: &'a Process) -> Names<'a> {
        let mut roots = BTreeMap::new();
        process.each_root(|object, place| {
            if object != 0 {
                let rank = |place: RootPlace| rank(process.image(), place);
                if roots.get(&object).is_none_or(|&known| rank(known) < rank(place)) {
                    roots.insert(object, place);
                }
            }
        });
        Names { image: process.image(), heap: process.heap(), view: View::new(process), roots }
    }

    /// All objects that roots refer to, with one root each.
    pub(super) fn roots(&self) -> &BTreeMap<u32, RootPlace> {
        &self.roots
    }

    pub(super) fn class(&self, object: u32) -> String {
        self.class_name(self.heap.class(object))
    }

    pub(super) fn class_name(&self, class: TypeId) -> String {
        self.image.module().type_name(class)
    }

    /// What the object holds, in short. What only repeats its class is left out.
    pub(super) fn value(&self, object: u32) -> String {
        let class = self.heap.class(object);
        let text = self.view.value(class, u64::from(object));
        if text.chars().count() <= VALUE_MAX {
            return text;
        }
        let cut: String = text.chars().take(VALUE_MAX - 3).collect();
        format!("{cut}...")
    }

    /// The root that refers to the object, if one does.
    pub(super) fn root(&self, object: u32) -> Option<String> {
        self.roots.get(&object).map(|&place| self.place(place))
    }

    /// A root in words.
    pub(super) fn place(&self, place: RootPlace) -> String {
        match place {
            RootPlace::Register { frame, register, .. } => {
                let at = place_text(self.image.module(), frame.place);
                match variable(self.image, frame.place.function, frame.place.pc, register) {
                    Some(name) => format!("variable `{name}` of {at}"),
                    None => format!("register {register} of {at}"),
                }
            }
            RootPlace::Literal(index) => format!("literal {index}"),
            RootPlace::Work => "the instruction at work".into(),
            RootPlace::Exception => "an exception whose backtrace is kept".into(),
        }
    }

    /// The reference at offset `half` of an object: `.field`, `[index]`.
    pub(super) fn reference(&self, object: u32, half: usize) -> String {
        let header = self.heap.header(object);
        match self.image.layouts().get(header.class()) {
            Layout::Object { .. } => {
                let layout = self.image.module().classes().layout(header.class());
                let field = layout.and_then(|layout| {
                    layout.fields.iter().find(|field| field.ty.is_ref() && usize::from(field.offset) == half)
                });
                field.map_or_else(|| format!("+{half}"), |field| format!(".{}", field.name))
            }
            Layout::Closure => {
                let function = FuncId(layout::closure::function(self.heap.word(object, 0)));
                let bound = (half / 2).saturating_sub(1);
                let name = variable(self.image, function, 0, bound as u16);
                name.map_or_else(|| format!("bound value {bound}"), |name| format!("bound `{name}`"))
            }
            Layout::Refs | Layout::Data { .. } | Layout::None => format!("[{half}]"),
        }
    }
}

/// How much a root says to people, when several refer to an object.
fn rank(image: &Image, place: RootPlace) -> u8 {
    match place {
        RootPlace::Register { frame, register, .. } => {
            let named = variable(image, frame.place.function, frame.place.pc, register).is_some();
            if named { 2 } else { 0 }
        }
        RootPlace::Literal(_) | RootPlace::Exception => 1,
        RootPlace::Work => 0,
    }
}

/// The name of a register: that of the variable of another source language which is there now, or its own.
fn variable(image: &Image, function: FuncId, pc: u32, register: u16) -> Option<&str> {
    let debug = &image.module().function(function)?.debug;
    let var = debug.vars.iter().find(|var| var.register == register && (var.start..var.end).contains(&pc));
    let own = || debug.register_names.get(usize::from(register)).filter(|name| !name.is_empty());
    var.map(|var| &*var.name).or_else(|| own().map(|name| &**name))
}
