//! What follows from the class declarations of a module: layouts, method tables, subtyping.
//!
//! Object layout (in units of 4 bytes from the start of the payload): the fields of the base class, then the own
//! reference fields, 4 bytes each, then the own number fields, aligned to 8 bytes. So a field has the same offset in
//! every class below the one that declares it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mvm_isa::TypeId;

use crate::model::{Class, FuncId, Method, Module, Name, Selector, Signature, TypeDef, limits};

/// A field with its place in the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSlot {
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: TypeId,
    /// Offset in the payload in units of 4 bytes.
    pub offset: u16,
    /// The class that declares it.
    pub declared_in: TypeId,
}

/// An entry of a method table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodSlot {
    /// Name.
    pub name: Name,
    /// Parameters without the object, and results.
    pub signature: Arc<Signature>,
    /// The function, or none while abstract.
    pub function: Option<FuncId>,
    /// The class whose declaration this entry comes from.
    pub declared_in: TypeId,
}

/// Everything about one class that executors and tools need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassLayout {
    /// Payload size in 8-byte words.
    pub words: u32,
    /// All fields, those of the base class first.
    pub fields: Vec<FieldSlot>,
    /// Offsets of the reference fields, ascending, in units of 4 bytes.
    pub refs: Vec<u16>,
    /// Method table.
    pub methods: Vec<MethodSlot>,
    /// The class and its bases, root first. Class `c` is at or below `b` exactly when `c.display[b's depth] == b`.
    pub display: Vec<TypeId>,
    /// All interfaces it implements, sorted.
    pub interfaces: Vec<TypeId>,
    /// Method of each selector it answers to, sorted by selector number.
    pub selectors: Vec<(u16, FuncId)>,
    /// Indexes in `fields`, ascending by offset.
    by_offset: Vec<u16>,
}

impl ClassLayout {
    /// Whether some method has no function, so that no object can be made.
    pub fn is_abstract(&self) -> bool {
        self.methods.iter().any(|m| m.function.is_none())
    }

    /// The field with this name; the most derived one when a class repeats a name of its base.
    pub fn field(&self, name: &str) -> Option<&FieldSlot> {
        self.fields.iter().rev().find(|f| &*f.name == name)
    }

    /// The field at this offset.
    pub fn field_at(&self, offset: u16) -> Option<&FieldSlot> {
        let offset_of = |&index: &u16| self.fields[usize::from(index)].offset;
        let found = self.by_offset.binary_search_by_key(&offset, offset_of).ok()?;
        self.fields.get(usize::from(self.by_offset[found]))
    }

    /// Index of the method with this name in the method table.
    pub fn method(&self, name: &str) -> Option<usize> {
        self.methods.iter().rposition(|m| &*m.name == name)
    }
}

/// Something wrong with the class declarations of a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ClassError {
    /// The type that is wrong.
    pub ty: TypeId,
    /// Its field or method that is wrong, if one is.
    pub member: Option<Name>,
    /// Number of the verifier rule (`docs/VERIFIER.md`).
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
}

/// Layouts of all classes of a module, indexed by type number; empty for types that are not classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassTable {
    layouts: Vec<Option<ClassLayout>>,
    /// For interfaces: all interfaces above, itself included, sorted.
    supers: Vec<Vec<TypeId>>,
}

impl ClassTable {
    /// Derives the table. On errors the table still has an entry for every class whose bases are sound, so that an
    /// assembler can go on.
    pub fn build(module: &Module) -> (ClassTable, Vec<ClassError>) {
        let mut builder = Builder::new(module);
        for index in 0..module.types.len() {
            builder.visit(TypeId(index as u16));
        }
        (builder.table, builder.errors)
    }

    /// The layout of a class.
    pub fn layout(&self, ty: TypeId) -> Option<&ClassLayout> {
        self.layouts.get(ty.index())?.as_ref()
    }

    /// Interfaces above an interface, itself included.
    pub fn supers(&self, ty: TypeId) -> &[TypeId] {
        self.supers.get(ty.index()).map_or(&[], Vec::as_slice)
    }

    /// Whether a value of type `from` may stand where `to` is asked for.
    pub fn assignable(&self, from: TypeId, to: TypeId) -> bool {
        if from == to {
            return true;
        }
        if !from.is_ref() || !to.is_ref() {
            return false;
        }
        if to == TypeId::ANY {
            return true;
        }
        if let Some(layout) = self.layout(from) {
            return layout.display.contains(&to) || layout.interfaces.binary_search(&to).is_ok();
        }
        self.supers(from).contains(&to)
    }

    /// Whether objects of heap class `class` are instances of `ty` (a class, an interface, or any other type).
    pub fn instance_of(&self, class: TypeId, ty: TypeId) -> bool {
        self.assignable(class, ty)
    }
}

/// How many errors are kept at most.
const ERRORS_MAX: usize = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

struct Builder<'m> {
    module: &'m Module,
    table: ClassTable,
    state: Vec<State>,
    /// For interfaces: levels down to this one.
    levels: Vec<usize>,
    /// Numbers and methods of the selectors of each interface.
    selectors: BTreeMap<TypeId, Vec<(u16, u16)>>,
    /// Entries that may still be made; a small module must not ask for large tables.
    room: usize,
    /// There was not enough room.
    full: bool,
    errors: Vec<ClassError>,
}

impl<'m> Builder<'m> {
    fn new(module: &'m Module) -> Builder<'m> {
        let count = module.types.len();
        let mut selectors: BTreeMap<TypeId, Vec<(u16, u16)>> = BTreeMap::new();
        for (number, &Selector { interface, method }) in module.selectors.iter().enumerate() {
            selectors.entry(interface).or_default().push((number as u16, method));
        }
        Builder {
            module,
            table: ClassTable { layouts: vec![None; count], supers: vec![Vec::new(); count] },
            state: vec![State::New; count],
            levels: vec![0; count],
            selectors,
            room: limits::CLASS_ENTRIES_MAX,
            full: false,
            errors: Vec::new(),
        }
    }

    fn error(&mut self, ty: TypeId, member: Option<&Name>, rule: &'static str, message: String) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(ClassError { ty, member: member.cloned(), rule, message });
        }
    }

    /// Takes room for entries; false, with an error the first time, when there is not enough.
    fn take_room(&mut self, ty: TypeId, entries: usize) -> bool {
        if self.full || entries > self.room {
            if !self.full {
                let message =
                    format!("all classes together have more than {} entries", limits::CLASS_ENTRIES_MAX);
                self.error(ty, None, "C9", message);
            }
            self.full = true;
            return false;
        }
        self.room -= entries;
        true
    }

    /// Builds what `start` needs, bases before derived types, without host recursion.
    fn visit(&mut self, start: TypeId) {
        let mut stack = vec![start];
        while let Some(&ty) = stack.last() {
            match self.state.get(ty.index()).copied().unwrap_or(State::Done) {
                State::Done => {
                    stack.pop();
                }
                State::New => {
                    self.state[ty.index()] = State::Open;
                    for &need in self.needs(ty) {
                        match self.state.get(need.index()).copied() {
                            Some(State::New) => stack.push(need),
                            Some(State::Open) => {
                                let message = format!("`{}` is its own base", self.module.type_name(ty));
                                self.error(ty, None, "C1", message);
                            }
                            Some(State::Done) | None => {}
                        }
                    }
                }
                State::Open => {
                    stack.pop();
                    self.state[ty.index()] = State::Done;
                    match &self.module.types[ty.index()] {
                        TypeDef::Class(class) => self.class(ty, class),
                        TypeDef::Interface(_) => self.interface(ty),
                        _ => {}
                    }
                }
            }
        }
    }

    fn needs(&self, ty: TypeId) -> impl Iterator<Item = &'m TypeId> + use<'m> {
        let (base, interfaces) = match self.module.types.get(ty.index()) {
            Some(TypeDef::Class(class)) => (class.base.as_ref(), &class.interfaces[..]),
            Some(TypeDef::Interface(interface)) => (None, &interface.extends[..]),
            _ => (None, &[][..]),
        };
        base.into_iter().chain(interfaces)
    }

    fn interface(&mut self, ty: TypeId) {
        let TypeDef::Interface(interface) = &self.module.types[ty.index()] else { return };
        let mut level = 1;
        for above in &interface.extends {
            level = level.max(self.levels.get(above.index()).copied().unwrap_or(0) + 1);
        }
        if level > limits::CLASS_DEPTH_MAX {
            let message = format!("more than {} interfaces above each other", limits::CLASS_DEPTH_MAX);
            return self.error(ty, None, "C1", message);
        }
        self.levels[ty.index()] = level;
        let mut supers = self.all_interfaces(ty, &interface.extends);
        supers.push(ty);
        supers.sort_unstable();
        supers.dedup();
        self.table.supers[ty.index()] = supers;
        let mut names = BTreeSet::new();
        for method in interface.methods.iter().filter(|method| !names.insert(&method.name)) {
            let message = format!("method `{}` is declared twice", method.name);
            self.error(ty, Some(&method.name), "C6", message);
        }
    }

    /// The interfaces named, with those they include.
    fn all_interfaces(&mut self, ty: TypeId, named: &[TypeId]) -> Vec<TypeId> {
        let mut all = Vec::new();
        for &interface in named {
            if !matches!(self.module.types.get(interface.index()), Some(TypeDef::Interface(_))) {
                let message = format!("`{}` is not an interface", self.module.type_name(interface));
                self.error(ty, None, "C2", message);
            } else if self.take_room(ty, self.table.supers(interface).len()) {
                all.extend_from_slice(self.table.supers(interface));
            }
        }
        all
    }

    fn class(&mut self, ty: TypeId, class: &'m Class) {
        let mut layout = self.inherited(ty, class);
        layout.display.push(ty);
        if layout.display.len() > limits::CLASS_DEPTH_MAX {
            let message = format!("more than {} classes above each other", limits::CLASS_DEPTH_MAX);
            self.error(ty, None, "C1", message);
            layout = ClassLayout { display: vec![ty], ..ClassLayout::default() };
        }
        self.fields(ty, class, &mut layout);
        self.methods(ty, class, &mut layout);
        self.interfaces_of(ty, class, &mut layout);
        self.table.layouts[ty.index()] = Some(layout);
    }

    /// The layout of the base class, to be completed.
    fn inherited(&mut self, ty: TypeId, class: &Class) -> ClassLayout {
        let Some(id) = class.base else { return ClassLayout::default() };
        let Some(TypeDef::Class(base)) = self.module.types.get(id.index()) else {
            let message = format!("`{}` is not a class", self.module.type_name(id));
            self.error(ty, None, "C2", message);
            return ClassLayout::default();
        };
        // Without a layout when the bases go round in a circle.
        let Some(layout) = self.table.layout(id) else { return ClassLayout::default() };
        let entries =
            layout.fields.len() + layout.methods.len() + layout.interfaces.len() + layout.display.len();
        // Objects of a frozen class never change, whatever class below theirs they have; and no field is settable by
        // the type of a base that must not be settable.
        let wrong = if base.frozen && !class.frozen {
            Some(format!("`{}` is not frozen but its base `{}` is", class.name, base.name))
        } else if class.frozen && !base.frozen && !layout.fields.is_empty() {
            Some(format!("`{}` is frozen but its base `{}` has fields and is not", class.name, base.name))
        } else {
            None
        };
        if let Some(message) = wrong {
            self.error(ty, None, "C3", message);
        }
        if !self.take_room(ty, entries) {
            return ClassLayout::default();
        }
        self.table.layout(id).cloned().unwrap_or_default()
    }

    fn fields(&mut self, ty: TypeId, class: &Class, layout: &mut ClassLayout) {
        let first = layout.words as usize * 2;
        let refs = class.fields.iter().filter(|f| f.ty.is_ref()).count();
        let numbers = (first + refs).next_multiple_of(2);
        let end = numbers + 2 * (class.fields.len() - refs);
        let most = limits::OBJECT_WORDS_MAX * 2;
        if end > most {
            let message = format!("an object has {end} half-words of fields, the limit is {most}");
            return self.error(ty, None, "C5", message);
        }
        if !self.take_room(ty, class.fields.len()) {
            return;
        }
        let mut names: BTreeSet<Name> = layout.fields.iter().map(|field| field.name.clone()).collect();
        let (mut next_ref, mut next_number) = (first as u16, numbers as u16);
        for field in &class.fields {
            if !names.insert(field.name.clone()) {
                let message = format!("field `{}` is declared twice", field.name);
                self.error(ty, Some(&field.name), "C4", message);
            }
            let (next, size) = if field.ty.is_ref() { (&mut next_ref, 1) } else { (&mut next_number, 2) };
            let offset = std::mem::replace(next, *next + size);
            if field.ty.is_ref() {
                layout.refs.push(offset);
            }
            layout.fields.push(FieldSlot { name: field.name.clone(), ty: field.ty, offset, declared_in: ty });
        }
        layout.words = (end / 2) as u32;
        layout.by_offset = (0..layout.fields.len() as u16).collect();
        layout.by_offset.sort_unstable_by_key(|&index| layout.fields[usize::from(index)].offset);
    }

    fn methods(&mut self, ty: TypeId, class: &Class, layout: &mut ClassLayout) {
        if layout.methods.len() + class.methods.len() > limits::METHODS_MAX {
            return self.error(ty, None, "C5", format!("more than {} methods", limits::METHODS_MAX));
        }
        if !self.take_room(ty, class.methods.len()) {
            return;
        }
        let mut slots = method_slots(layout);
        for Method { name, signature, function } in &class.methods {
            let found = slots.get(name).copied();
            let signature = match found {
                Some(slot) if layout.methods[slot].declared_in == ty => {
                    self.error(ty, Some(name), "C6", format!("method `{name}` is declared twice"));
                    continue;
                }
                Some(slot) if *layout.methods[slot].signature != *signature => {
                    let base = self.module.type_name(layout.methods[slot].declared_in);
                    let message =
                        format!("method `{name}` has other types than the one it replaces in `{base}`");
                    self.error(ty, Some(name), "C7", message);
                    continue;
                }
                Some(slot) => layout.methods[slot].signature.clone(),
                None => Arc::new(signature.clone()),
            };
            let method = MethodSlot { name: name.clone(), signature, function: *function, declared_in: ty };
            match found {
                Some(slot) => layout.methods[slot] = method,
                None => {
                    slots.insert(name.clone(), layout.methods.len());
                    layout.methods.push(method);
                }
            }
        }
    }

    fn interfaces_of(&mut self, ty: TypeId, class: &Class, layout: &mut ClassLayout) {
        layout.interfaces.extend(self.all_interfaces(ty, &class.interfaces));
        layout.interfaces.sort_unstable();
        layout.interfaces.dedup();
        layout.selectors.clear();
        if layout.interfaces.is_empty() {
            return;
        }
        let slots = method_slots(layout);
        for &interface in &layout.interfaces {
            let TypeDef::Interface(declared) = &self.module.types[interface.index()] else { continue };
            let selectors = self.selectors.get(&interface).cloned().unwrap_or_default();
            if !self.take_room(ty, declared.methods.len() + selectors.len()) {
                return;
            }
            for wanted in &declared.methods {
                let found = slots.get(&wanted.name).map(|&slot| &*layout.methods[slot].signature);
                if found != Some(&wanted.signature) {
                    let what = if found.is_some() { "declares" } else { "lacks" };
                    let types = if found.is_some() { " with other types" } else { "" };
                    let message = format!(
                        "class `{}` {what} method `{}` of interface `{}`{types}",
                        class.name, wanted.name, declared.name
                    );
                    self.error(ty, Some(&wanted.name), "C8", message);
                }
            }
            for (number, method) in selectors {
                let name = declared.methods.get(usize::from(method)).map(|wanted| &wanted.name);
                let slot = name.and_then(|name| slots.get(name));
                if let Some(function) = slot.and_then(|&slot| layout.methods[slot].function) {
                    layout.selectors.push((number, function));
                }
            }
        }
        layout.selectors.sort_unstable();
    }
}

/// Where each method name is in the method table.
fn method_slots(layout: &ClassLayout) -> BTreeMap<Name, usize> {
    layout.methods.iter().enumerate().map(|(slot, method)| (method.name.clone(), slot)).collect()
}
