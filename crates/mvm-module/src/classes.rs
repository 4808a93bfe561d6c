//! What follows from the class declarations of a module: layouts, method tables, subtyping.
//!
//! Object layout (in units of 4 bytes from the start of the payload): the fields of the base class, then the own
//! reference fields, 4 bytes each, then the own number fields, aligned to 8 bytes. So a field has the same offset in
//! every class below the one that declares it.

use mvm_isa::TypeId;

use crate::model::{FuncId, Method, Module, Name, Selector, Signature, TypeDef, limits};

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
    pub signature: Signature,
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
        self.fields.iter().find(|f| f.offset == offset)
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
        let mut builder = Builder {
            module,
            table: ClassTable {
                layouts: vec![None; module.types.len()],
                supers: vec![Vec::new(); module.types.len()],
            },
            state: vec![State::New; module.types.len()],
            errors: Vec::new(),
        };
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
    errors: Vec<ClassError>,
}

impl Builder<'_> {
    fn error(&mut self, ty: TypeId, member: Option<&Name>, rule: &'static str, message: String) {
        self.errors.push(ClassError { ty, member: member.cloned(), rule, message });
    }

    /// Builds what `start` needs, bases before derived types, without host recursion.
    fn visit(&mut self, start: TypeId) {
        let mut stack = vec![start];
        while let Some(&ty) = stack.last() {
            let needs: Vec<TypeId> = match self.module.types.get(ty.index()) {
                Some(TypeDef::Class(class)) => class.base.iter().chain(&class.interfaces).copied().collect(),
                Some(TypeDef::Interface(interface)) => interface.extends.clone(),
                _ => Vec::new(),
            };
            match self.state.get(ty.index()).copied().unwrap_or(State::Done) {
                State::Done => {
                    stack.pop();
                }
                State::New => {
                    self.state[ty.index()] = State::Open;
                    for need in needs {
                        match self.state.get(need.index()).copied() {
                            Some(State::New) => stack.push(need),
                            Some(State::Open) => self.error(
                                ty,
                                None,
                                "C1",
                                format!("`{}` is its own base", self.module.type_name(ty)),
                            ),
                            _ => {}
                        }
                    }
                }
                State::Open => {
                    stack.pop();
                    self.state[ty.index()] = State::Done;
                    match &self.module.types[ty.index()] {
                        TypeDef::Class(_) => self.class(ty),
                        TypeDef::Interface(_) => self.interface(ty),
                        _ => {}
                    }
                }
            }
        }
    }

    fn interface(&mut self, ty: TypeId) {
        let TypeDef::Interface(interface) = &self.module.types[ty.index()] else { return };
        let mut supers = vec![ty];
        for &above in &interface.extends {
            if matches!(self.module.types.get(above.index()), Some(TypeDef::Interface(_))) {
                supers.extend_from_slice(self.table.supers(above));
            } else {
                self.error(ty, None, "C2", format!("`{}` is not an interface", self.module.type_name(above)));
            }
        }
        for (index, method) in interface.methods.iter().enumerate() {
            if interface.methods[..index].iter().any(|m| m.name == method.name) {
                self.error(
                    ty,
                    Some(&method.name),
                    "C6",
                    format!("method `{}` is declared twice", method.name),
                );
            }
        }
        supers.sort_unstable();
        supers.dedup();
        self.table.supers[ty.index()] = supers;
    }

    fn class(&mut self, ty: TypeId) {
        let TypeDef::Class(class) = &self.module.types[ty.index()] else { return };
        let mut layout = match class.base {
            None => ClassLayout::default(),
            Some(base) => match self.table.layout(base) {
                Some(layout) => layout.clone(),
                None => {
                    self.error(ty, None, "C2", format!("`{}` is not a class", self.module.type_name(base)));
                    ClassLayout::default()
                }
            },
        };
        if let Some(TypeDef::Class(base)) = class.base.and_then(|b| self.module.types.get(b.index())) {
            // Objects of a frozen class never change, whatever class below theirs they have; and no field is settable
            // by the type of a base that must not be settable.
            if base.frozen && !class.frozen {
                let message = format!("`{}` is not frozen but its base `{}` is", class.name, base.name);
                self.error(ty, None, "C3", message);
            } else if class.frozen && !base.frozen && !layout.fields.is_empty() {
                let message =
                    format!("`{}` is frozen but its base `{}` has fields and is not", class.name, base.name);
                self.error(ty, None, "C3", message);
            }
        }
        layout.display.push(ty);
        if layout.display.len() > limits::CLASS_DEPTH_MAX {
            self.error(
                ty,
                None,
                "C1",
                format!("more than {} classes above each other", limits::CLASS_DEPTH_MAX),
            );
        }
        self.fields(ty, &mut layout);
        self.methods(ty, &mut layout);
        self.interfaces_of(ty, &mut layout);
        self.table.layouts[ty.index()] = Some(layout);
    }

    fn fields(&mut self, ty: TypeId, layout: &mut ClassLayout) {
        let TypeDef::Class(class) = &self.module.types[ty.index()] else { return };
        for (index, field) in class.fields.iter().enumerate() {
            if layout.field(&field.name).is_some()
                || class.fields[..index].iter().any(|f| f.name == field.name)
            {
                self.error(ty, Some(&field.name), "C4", format!("field `{}` is declared twice", field.name));
            }
        }
        let mut offset = layout.words as usize * 2;
        let mut slots: Vec<Option<usize>> = vec![None; class.fields.len()];
        for (slot, field) in slots.iter_mut().zip(&class.fields).filter(|(_, f)| f.ty.is_ref()) {
            *slot = Some(offset);
            layout.refs.push(offset.min(usize::from(u16::MAX)) as u16);
            offset += 1;
            let _ = field;
        }
        offset = offset.next_multiple_of(2);
        for (slot, _) in slots.iter_mut().zip(&class.fields).filter(|(_, f)| !f.ty.is_ref()) {
            *slot = Some(offset);
            offset += 2;
        }
        if offset > limits::OBJECT_WORDS_MAX * 2 {
            let message = format!(
                "an object has {offset} half-words of fields, the limit is {}",
                limits::OBJECT_WORDS_MAX * 2
            );
            self.error(ty, None, "C5", message);
            layout.refs.retain(|&r| usize::from(r) < limits::OBJECT_WORDS_MAX * 2);
            return;
        }
        for (field, slot) in class.fields.iter().zip(slots) {
            let offset = slot.unwrap_or(0) as u16;
            layout.fields.push(FieldSlot { name: field.name.clone(), ty: field.ty, offset, declared_in: ty });
        }
        layout.words = (offset / 2) as u32;
    }

    fn methods(&mut self, ty: TypeId, layout: &mut ClassLayout) {
        let TypeDef::Class(class) = &self.module.types[ty.index()] else { return };
        let inherited = layout.methods.len();
        for method in &class.methods {
            let Method { name, signature, function } = method.clone();
            match layout.method(&name) {
                Some(slot) if slot >= inherited || layout.methods[slot].declared_in == ty => {
                    self.error(ty, Some(&name), "C6", format!("method `{name}` is declared twice"));
                }
                Some(slot) if layout.methods[slot].signature != signature => {
                    let base = self.module.type_name(layout.methods[slot].declared_in);
                    let message =
                        format!("method `{name}` has other types than the one it replaces in `{base}`");
                    self.error(ty, Some(&name), "C7", message);
                }
                Some(slot) => {
                    layout.methods[slot] = MethodSlot { name, signature, function, declared_in: ty }
                }
                None => layout.methods.push(MethodSlot { name, signature, function, declared_in: ty }),
            }
        }
        if layout.methods.len() > limits::METHODS_MAX {
            self.error(ty, None, "C5", format!("more than {} methods", limits::METHODS_MAX));
            layout.methods.truncate(limits::METHODS_MAX);
        }
    }

    fn interfaces_of(&mut self, ty: TypeId, layout: &mut ClassLayout) {
        let TypeDef::Class(class) = &self.module.types[ty.index()] else { return };
        for &interface in &class.interfaces {
            match self.module.types.get(interface.index()) {
                Some(TypeDef::Interface(_)) => {
                    layout.interfaces.extend_from_slice(self.table.supers(interface))
                }
                _ => {
                    let name = self.module.type_name(interface);
                    self.error(ty, None, "C2", format!("`{name}` is not an interface"));
                }
            }
        }
        layout.interfaces.sort_unstable();
        layout.interfaces.dedup();
        for &interface in &layout.interfaces {
            let TypeDef::Interface(declared) = &self.module.types[interface.index()] else { continue };
            for wanted in &declared.methods {
                let found = layout.method(&wanted.name).map(|slot| &layout.methods[slot].signature);
                if found != Some(&wanted.signature) {
                    let what = if found.is_some() { "with other types" } else { "not" };
                    let message = format!(
                        "class `{}` declares method `{}` of interface `{}` {what}",
                        class.name, wanted.name, declared.name
                    );
                    self.errors.push(ClassError {
                        ty,
                        member: Some(wanted.name.clone()),
                        rule: "C8",
                        message,
                    });
                }
            }
        }
        layout.selectors.clear();
        for (number, &Selector { interface, method }) in self.module.selectors.iter().enumerate() {
            if layout.interfaces.binary_search(&interface).is_err() {
                continue;
            }
            let TypeDef::Interface(declared) = &self.module.types[interface.index()] else { continue };
            let Some(wanted) = declared.methods.get(usize::from(method)) else { continue };
            if let Some(function) = layout.method(&wanted.name).and_then(|slot| layout.methods[slot].function)
            {
                layout.selectors.push((number as u16, function));
            }
        }
    }
}
