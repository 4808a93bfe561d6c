//! Which function a method call calls.
//!
//! Most calls are known: of built-in types and enums always, of classes when no class below replaces the method. The rest
//! goes through a *slot*: an entry of the method table of a class ([`Slot::Class`]) or a method of an interface
//! ([`Slot::Interface`]). Slots are made when a call needs them, and each class of which there are objects gets a function
//! for each slot that it has; so methods that nobody calls are never compiled.
//!
//! The two ways in which that can happen meet here: a new slot goes to all classes that are made ([`Lower::slot`]), and a
//! new class gets all slots that there are ([`Lower::make`]).
//!
//! The classes of traps have no method tables in the machine. A slot of theirs is a function that tests for the classes one
//! by one (`Job::Dispatch`).

use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::sync::Arc;

use mvm_isa::TypeId;
use mvm_module::{FuncId, Name, Selector, Signature, TypeDef};

use super::Lower;
use super::classes::Kind;
use super::derive::Derive;
use super::work::{Adapter, Job};
use crate::hir::{FnId, FnKind, NominalId, NominalKind};
use crate::types::{SmallHasher, Ty, TyKind};

/// A place where a class can have a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// Entry of the method tables of a class and those below: index of `Lower::slots`.
    Class(usize),
    /// Of an interface: its index, and that of the method in it.
    Interface(usize, usize),
}

/// What a slot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// A method of the program.
    Method(FnId),
    /// Text of an object as [`Derive::Show`] gives it.
    Show,
    /// The same of an object that stands by itself: a text is not quoted.
    Text,
    /// `==` with any other reference.
    Equal,
    /// The hash.
    Hash,
}

/// A slot with its types.
#[derive(Debug, Clone)]
pub(crate) struct SlotInfo {
    /// What it does.
    pub(crate) what: What,
    /// Its name in the machine.
    pub(crate) name: Name,
    /// The class that has it first; of an interface none.
    pub(crate) root: usize,
    /// Types of the arguments without the object, and of the result.
    pub(crate) params: Rc<[Ty]>,
    /// Type of the result.
    pub(crate) result: Ty,
    /// The same as registers.
    pub(crate) signature: Signature,
    /// The function that stands for it, of classes without method tables.
    pub(crate) dispatch: Option<FuncId>,
    /// The selector, of an interface.
    pub(crate) selector: u32,
}

/// An interface of the machine.
#[derive(Debug)]
pub(crate) struct Interface {
    /// Its number.
    pub(crate) id: TypeId,
    /// Its name.
    pub(crate) name: Name,
    /// Interfaces that it extends.
    pub(crate) extends: Vec<usize>,
    /// Its methods, as far as they are called.
    pub(crate) methods: Vec<SlotInfo>,
    /// Classes that name it or an interface below it.
    pub(crate) classes: Vec<usize>,
    of: Ty,
}

/// How to call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// This function.
    Direct(FuncId),
    /// By the method table.
    Virtual(usize),
    /// By the selector.
    Interface(u32),
    /// By the kind of the type, as there is no such method.
    Derived(Derive),
}

/// A method, found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// How to call it.
    pub(crate) target: Target,
    /// The function of the program and the arguments for its generics, if it is one.
    pub(crate) known: Option<(FnId, Rc<[Ty]>)>,
    /// Types of the arguments without the object.
    pub(crate) params: Rc<[Ty]>,
    /// Type of the result.
    pub(crate) result: Ty,
}

impl<'p> Lower<'p> {
    /// The interface of the machine for an interface of the program.
    pub(crate) fn interface(&mut self, ty: Ty) -> usize {
        if let Some(&known) = self.interface_numbers.get(&ty) {
            return known;
        }
        let number = self.interfaces.len();
        let text = self.type_name(ty);
        let name = self.unique_type_name(&text);
        let id = self.new_type(TypeDef::Reserved);
        let new =
            Interface { id, name, extends: Vec::new(), methods: Vec::new(), classes: Vec::new(), of: ty };
        self.interfaces.push(new);
        self.interface_numbers.insert(ty, number);
        self.judge_depth(ty);
        let extends = self.interfaces_of(ty).into_iter().map(|above| self.interface(above)).collect();
        self.interfaces[number].extends = extends;
        number
    }

    /// The interfaces that a nominal type names, with its arguments put in.
    fn interfaces_of(&mut self, ty: Ty) -> Vec<Ty> {
        let Some((id, mut args)) = self.nominal_of(ty) else { return Vec::new() };
        let nominal = &self.program.nominals[id.index()];
        if nominal.kind == NominalKind::Interface {
            args.push(ty);
        }
        nominal.interfaces.iter().map(|&above| self.types.subst(above, &nominal.generics, &args)).collect()
    }

    /// An interface and all that it extends.
    pub(crate) fn interfaces_above(&self, interface: usize) -> Vec<usize> {
        let mut all = vec![interface];
        let mut at = 0;
        while let Some(&next) = all.get(at) {
            at += 1;
            for &above in &self.interfaces[next].extends {
                if !all.contains(&above) {
                    all.push(above);
                }
            }
        }
        all
    }

    /// All interfaces of a type, nearest first: those of the class and its bases, and what they extend.
    pub(crate) fn all_interfaces(&mut self, ty: Ty) -> Vec<Ty> {
        let mut all = Vec::new();
        let mut next = Some(ty);
        while let Some(class) = next {
            all.extend(self.interfaces_of(class));
            next = self.base_of(class);
        }
        if self.is_interface(ty) {
            all.insert(0, ty);
        }
        let mut at = 0;
        while let Some(&next) = all.get(at) {
            at += 1;
            for above in self.interfaces_of(next) {
                if !all.contains(&above) {
                    all.push(above);
                }
            }
        }
        all
    }

    /// From now on there are objects of the class: it gets all slots that it has.
    pub(crate) fn make(&mut self, class: usize) {
        if std::mem::replace(&mut self.classes[class].made, true) {
            return;
        }
        let mut next = Some(class);
        while let Some(above) = next {
            for slot in self.classes[above].slots.clone() {
                self.fill(class, Slot::Class(slot));
            }
            for interface in self.classes[above].interfaces.clone() {
                self.fill_interface(class, interface);
            }
            next = self.classes[above].base;
        }
    }

    /// A class has come to implement an interface.
    pub(crate) fn fill_new_interface(&mut self, class: usize, interface: usize) {
        for below in self.with_below(class) {
            if self.classes[below].made {
                self.fill_interface(below, interface);
            }
        }
    }

    fn fill_interface(&mut self, class: usize, interface: usize) {
        for above in self.interfaces_above(interface) {
            for method in 0..self.interfaces[above].methods.len() {
                self.fill(class, Slot::Interface(above, method));
            }
        }
    }

    /// A class and all below it.
    pub(crate) fn with_below(&self, class: usize) -> Vec<usize> {
        let mut all = vec![class];
        let mut at = 0;
        while let Some(&next) = all.get(at) {
            at += 1;
            all.extend(&self.classes[next].below);
        }
        all
    }

    /// The slot with its types.
    pub(crate) fn slot_info(&self, slot: Slot) -> &SlotInfo {
        match slot {
            Slot::Class(index) => &self.slots[index],
            Slot::Interface(interface, method) => &self.interfaces[interface].methods[method],
        }
    }

    /// Gives a class its function for a slot.
    fn fill(&mut self, class: usize, slot: Slot) {
        // Cases have what their enum has.
        if matches!(self.classes[class].kind, Kind::Case(_))
            || self.classes[class].methods.iter().any(|(has, _)| *has == slot)
        {
            return;
        }
        let function = self.slot_function(class, slot);
        self.classes[class].methods.push((slot, function));
    }

    /// What an object of a class does for a slot: the method itself where that takes and gives the same registers.
    fn slot_function(&mut self, class: usize, slot: Slot) -> FuncId {
        let of = self.classes[class].of;
        let info = self.slot_info(slot).clone();
        // The object of a case without payload stands for a number.
        let as_it_is = match self.classes[class].kind {
            Kind::Declared => true,
            Kind::Enum => !self.is_plain_enum(of),
            Kind::Case(_) | Kind::Packed | Kind::Boxed | Kind::Cell => false,
        };
        if let What::Method(method) = info.what
            && as_it_is
            && let Some((function, args)) = self.find_method(of, method)
        {
            let (params, result) = self.method_types(function, &args);
            let flat = Signature { params: self.flat(&params), results: self.rep(result).regs.to_vec() };
            if flat == info.signature {
                return self.instance(function, args.into(), false);
            }
        }
        self.job(Job::Adapter(Adapter::Slot { class, slot }))
    }

    /// The slot for a method of the program that a class or interface has; made if it is not there.
    fn slot(&mut self, root: SlotRoot, what: What) -> Slot {
        if let Some(&slot) = self.slot_numbers.get(&(root, what)) {
            return slot;
        }
        let (params, result, name) = self.slot_types(root, what);
        let mut flat = self.flat(&params);
        match what {
            What::Method(_) | What::Hash => {}
            What::Show | What::Text => flat.push(self.chain_type()),
            What::Equal => flat.push(TypeId::ANY),
        }
        let signature = Signature { params: flat, results: self.rep(result).regs.to_vec() };
        let mut info =
            SlotInfo { what, name, root: usize::MAX, params, result, signature, dispatch: None, selector: 0 };
        let (slot, classes) = match root {
            SlotRoot::Class(class) => {
                info.root = class;
                if self.is_known(class) {
                    info.dispatch = Some(self.job(Job::Dispatch(self.slots.len())));
                }
                self.classes[class].slots.push(self.slots.len());
                self.slots.push(info);
                (Slot::Class(self.slots.len() - 1), vec![class])
            }
            SlotRoot::Interface(interface) => {
                let method = self.interfaces[interface].methods.len();
                info.selector = self.selectors.len() as u32;
                self.selectors
                    .push(Selector { interface: self.interfaces[interface].id, method: method as u16 });
                self.interfaces[interface].methods.push(info);
                (Slot::Interface(interface, method), self.interfaces[interface].classes.clone())
            }
        };
        self.slot_numbers.insert((root, what), slot);
        for class in classes {
            for below in self.with_below(class) {
                if self.classes[below].made {
                    self.fill(below, slot);
                }
            }
        }
        slot
    }

    fn slot_types(&mut self, root: SlotRoot, what: What) -> (Rc<[Ty]>, Ty, Name) {
        let (of, prefix) = match root {
            SlotRoot::Class(class) => (self.classes[class].of, String::new()),
            SlotRoot::Interface(interface) => {
                let Interface { of, name, .. } = &self.interfaces[interface];
                (*of, format!("{name}."))
            }
        };
        match what {
            What::Method(method) => {
                let args = self.owner_args(of, method);
                let (params, result) = self.method_types(method, &args);
                let name = format!("{prefix}{}", self.bare_name(method)).into();
                (params.into(), result, name)
            }
            What::Show => (Rc::new([]), Ty::STR, format!("{prefix}#show").into()),
            What::Text => (Rc::new([]), Ty::STR, format!("{prefix}#text").into()),
            What::Equal => (Rc::new([]), Ty::BOOL, format!("{prefix}#equal").into()),
            What::Hash => (Rc::new([]), Ty::INT, format!("{prefix}#hash").into()),
        }
    }

    /// How to reach what every object of a class or interface has.
    pub(crate) fn inner_slot(&mut self, ty: Ty, what: What) -> Target {
        let root = if self.is_interface(ty) {
            SlotRoot::Interface(self.interface(ty))
        } else {
            let mut class = self.class(ty);
            while let Some(base) = self.classes[class].base {
                class = base;
            }
            if what == What::Show {
                self.classes_of_traps(ty);
            }
            SlotRoot::Class(class)
        };
        let slot = self.slot(root, what);
        self.slot_target(slot)
    }

    fn slot_target(&self, slot: Slot) -> Target {
        match slot {
            Slot::Interface(..) => Target::Interface(self.slot_info(slot).selector),
            Slot::Class(index) => match self.slots[index].dispatch {
                Some(function) => Target::Direct(function),
                None => Target::Virtual(index),
            },
        }
    }

    /// Types of the parameters of a method without the object, and of its result.
    pub(crate) fn method_types(&mut self, method: FnId, args: &[Ty]) -> (Vec<Ty>, Ty) {
        let function = &self.program.fns[method.index()];
        let skip = usize::from(matches!(function.kind, FnKind::Method | FnKind::Init));
        let params = function.params.iter().skip(skip);
        let params = params.map(|param| self.types.subst(param.ty, &function.generics, args)).collect();
        (params, self.types.subst(function.result, &function.generics, args))
    }

    /// The arguments for the generics of a method's owner, of a type below the owner.
    pub(crate) fn owner_args(&mut self, ty: Ty, method: FnId) -> Vec<Ty> {
        let Some(owner) = self.program.fns[method.index()].owner else { return Vec::new() };
        if self.program.nominals[owner.index()].kind == NominalKind::Interface {
            let found = self
                .all_interfaces(ty)
                .into_iter()
                .find(|&above| matches!(self.types.kind(above), TyKind::Named(id, _) if *id == owner));
            let mut args = match found.map(|above| self.types.kind(above)) {
                Some(TyKind::Named(_, args)) => args.to_vec(),
                _ => Vec::new(),
            };
            args.push(ty);
            return args;
        }
        match self.as_class(ty, owner) {
            Some(above) => self.nominal_of(above).map(|(_, args)| args).unwrap_or_default(),
            None => self.nominal_of(ty).map(|(_, args)| args).unwrap_or_default(),
        }
    }

    /// Name of a method without that of its class.
    pub(crate) fn bare_name(&self, method: FnId) -> &'p str {
        let function = &self.program.fns[method.index()];
        let name: &'p str = &function.name;
        let owner = function.owner.map(|owner| &*self.program.nominals[owner.index()].name);
        owner.and_then(|owner| name.strip_prefix(owner)?.strip_prefix('.')).unwrap_or(name)
    }

    /// The own methods of a nominal by name.
    fn own_method(&mut self, id: NominalId, name: &str) -> Option<FnId> {
        if self.method_names.len() <= id.index() {
            self.method_names.resize(self.program.nominals.len(), None);
        }
        if self.method_names[id.index()].is_none() {
            let nominal = &self.program.nominals[id.index()];
            let named = nominal.methods.iter().map(|&method| (self.bare_name(method).into(), method));
            self.method_names[id.index()] = Some(named.collect());
        }
        self.method_names[id.index()].as_ref()?.get(name).copied()
    }

    /// A method of a nominal by name, static ones too.
    pub(crate) fn method_named(&mut self, id: NominalId, name: &str) -> Option<FnId> {
        self.own_method(id, name)
    }

    /// The method with a body that a value of a type (of exactly this class) has in the place of another, with the
    /// arguments for its owner's generics.
    pub(crate) fn find_method(&mut self, ty: Ty, method: FnId) -> Option<(FnId, Vec<Ty>)> {
        let name = self.bare_name(method);
        self.find_named(ty, name)
    }

    /// The same by name.
    pub(crate) fn find_named(&mut self, ty: Ty, name: &str) -> Option<(FnId, Vec<Ty>)> {
        let mut next = Some(ty);
        while let Some(class) = next {
            if let Some((id, args)) = self.nominal_of(class)
                && self.program.nominals[id.index()].kind != NominalKind::Interface
                && let Some(method) = self.own_method(id, name)
            {
                let function = &self.program.fns[method.index()];
                if function.body.is_some() && function.kind == FnKind::Method {
                    return Some((method, args));
                }
            }
            next = self.base_of(class);
        }
        for interface in self.all_interfaces(ty) {
            let Some((id, mut args)) = self.nominal_of(interface) else { continue };
            if let Some(method) = self.own_method(id, name)
                && self.program.fns[method.index()].body.is_some()
            {
                args.push(ty);
                return Some((method, args));
            }
        }
        None
    }

    /// A method that a type has, with or without a body, by name: of its class, its bases, or its interfaces.
    pub(crate) fn find_declared(&mut self, ty: Ty, name: &str) -> Option<(FnId, Vec<Ty>)> {
        if let Some(found) = self.find_named(ty, name) {
            return Some(found);
        }
        let (class, method) = self.root_of(ty, name)?;
        Some((method, self.nominal_of(class)?.1))
    }

    /// The class that declares a method first, seen from a class.
    fn root_of(&mut self, ty: Ty, name: &str) -> Option<(Ty, FnId)> {
        let (mut next, mut found) = (Some(ty), None);
        while let Some(class) = next {
            if let Some((id, _)) = self.nominal_of(class)
                && let Some(method) = self.own_method(id, name)
            {
                found = Some((class, method));
            }
            next = self.base_of(class);
        }
        found
    }

    /// How to call a method on a value of a type, with arguments for the method's own generics.
    pub(crate) fn find(&mut self, ty: Ty, method: FnId, own: &[Ty]) -> Found {
        let name = self.bare_name(method);
        if self.is_interface(ty) {
            if own.is_empty() {
                let declared = self.interface_of(ty, method);
                let interface = self.interface(declared);
                return self.by_slot(SlotRoot::Interface(interface), method);
            }
        } else if self.is_class(ty)
            && own.is_empty()
            && let Some((id, _)) = self.nominal_of(ty)
        {
            let replaced = self.replaced.contains(&(id, Arc::from(name)));
            if replaced || self.find_named(ty, name).is_none() {
                if let Some((root, first)) = self.root_of(ty, name) {
                    let class = self.class(root);
                    return self.by_slot(SlotRoot::Class(class), first);
                }
                if let Some((interface, declared)) = self.interface_with(ty, name) {
                    let interface = self.interface(interface);
                    return self.by_slot(SlotRoot::Interface(interface), declared);
                }
            }
        }
        self.find_exactly(ty, method, own)
    }

    /// The same for a value whose class is known.
    pub(crate) fn find_exactly(&mut self, ty: Ty, method: FnId, own: &[Ty]) -> Found {
        let name = self.bare_name(method);
        if let Some((function, mut args)) = self.find_named(ty, name) {
            args.extend_from_slice(own);
            let (params, result) = self.method_types(function, &args);
            let args: Rc<[Ty]> = args.into();
            let target = Target::Direct(self.instance(function, args.clone(), false));
            return Found { target, known: Some((function, args)), params: params.into(), result };
        }
        let (derive, params, result): (_, Rc<[Ty]>, _) = match name {
            "==" => (Derive::Equal, Rc::new([ty]), Ty::BOOL),
            "<=>" => (Derive::Order, Rc::new([ty]), Ty::INT),
            "hash" => (Derive::Hash, Rc::new([]), Ty::INT),
            _ => (Derive::Show, Rc::new([]), Ty::STR),
        };
        Found { target: Target::Derived(derive), known: None, params, result }
    }

    fn by_slot(&mut self, root: SlotRoot, method: FnId) -> Found {
        let slot = self.slot(root, What::Method(method));
        let info = self.slot_info(slot);
        Found {
            target: self.slot_target(slot),
            known: None,
            params: info.params.clone(),
            result: info.result,
        }
    }

    /// The interface above (or this one) that declares a method.
    fn interface_of(&mut self, ty: Ty, method: FnId) -> Ty {
        let owner = self.program.fns[method.index()].owner;
        let mut all = self.all_interfaces(ty).into_iter();
        all.find(|&above| matches!(self.types.kind(above), TyKind::Named(id, _) if Some(*id) == owner))
            .unwrap_or(ty)
    }

    fn interface_with(&mut self, ty: Ty, name: &str) -> Option<(Ty, FnId)> {
        for interface in self.all_interfaces(ty) {
            let Some((id, _)) = self.nominal_of(interface) else { continue };
            if let Some(method) = self.own_method(id, name) {
                return Some((interface, method));
            }
        }
        None
    }
}

/// Who has a slot first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SlotRoot {
    /// A class.
    Class(usize),
    /// An interface.
    Interface(usize),
}

/// A set of methods: classes and names.
pub(crate) type Replaced = std::collections::HashSet<(NominalId, Arc<str>), BuildHasherDefault<SmallHasher>>;

/// Methods that a class below replaces, by the class above and the name.
pub(crate) fn replaced(program: &crate::hir::Program) -> Replaced {
    let mut all = Replaced::default();
    for nominal in &program.nominals {
        let mut base = nominal.base;
        let mut steps = 0;
        while let Some(ty) = base
            && steps < 10_000
        {
            let &TyKind::Named(id, _) = program.types.kind(ty) else { break };
            for &method in &nominal.methods {
                let function = &program.fns[method.index()];
                if function.kind == FnKind::Method {
                    let name =
                        function.name.strip_prefix(&*nominal.name).and_then(|rest| rest.strip_prefix('.'));
                    all.insert((id, name.unwrap_or(&function.name).into()));
                }
            }
            base = program.nominals[id.index()].base;
            steps += 1;
        }
    }
    all
}
