//! The tables of the module, when all functions are made: classes with their fields and methods, interfaces, and the places in
//! method tables that calls by them go to.

use mvm_diag::Diagnostic;
use mvm_isa::{Effect, Opcode, Shape};
use mvm_module::{self as module, FuncId, Method, Module, TypeDef, cfg};

use super::Lower;
use super::classes::Kind;
use super::dispatch::Slot;

impl Lower<'_> {
    /// The module.
    pub(crate) fn finish(mut self, main: FuncId) -> Result<Module, Vec<Diagnostic>> {
        let places = self.method_places();
        for class in 0..self.classes.len() {
            let id = self.classes[class].id;
            if self.is_open_type(id) {
                self.table[id.index()] = TypeDef::Class(self.class_def(class));
            }
        }
        for interface in 0..self.interfaces.len() {
            let def = self.interface_def(interface);
            let id = self.interfaces[interface].id;
            self.table[id.index()] = TypeDef::Interface(def);
        }
        let callers = std::mem::take(&mut self.virtual_callers);
        for caller in callers {
            if let Some(function) = &mut self.functions[caller.0 as usize] {
                patch(&mut function.code, &places);
            }
        }
        let mut module = Module::new("program");
        module.types = std::mem::take(&mut self.table);
        module.selectors = std::mem::take(&mut self.selectors);
        module.literals = std::mem::take(&mut self.literals);
        module.functions = self.take_functions();
        module.main = Some(main);
        if self.sources.len() > module::limits::SOURCES_MAX {
            self.too_many("source files", module::limits::SOURCES_MAX);
        }
        let names =
            (0..self.sources.len()).map(|file| self.sources.name(mvm_diag::FileId(file as u32)).into());
        module.sources = names.collect();
        if self.diagnostics.is_empty() { Ok(module) } else { Err(self.diagnostics) }
    }

    /// The place of each slot of classes in method tables: behind those of the base class, in the order of their numbers.
    /// Methods for interfaces come behind them, as nobody calls them by place.
    fn method_places(&self) -> Vec<u32> {
        let mut places = vec![0; self.slots.len()];
        for (class, declared) in self.classes.iter().enumerate().filter(|(_, class)| !class.slots.is_empty())
        {
            let above = self.methods_above(class);
            for (number, &slot) in declared.slots.iter().enumerate() {
                places[slot] = (above + number) as u32;
            }
        }
        places
    }

    /// How many entries the method table of the base of a class has.
    fn methods_above(&self, class: usize) -> usize {
        let mut count = 0;
        let mut next = self.classes[class].base;
        while let Some(above) = next {
            count += self.new_methods(above).len();
            next = self.classes[above].base;
        }
        count
    }

    /// The slots that a class has and its base does not: those of its own, then those of interfaces that it names.
    fn new_methods(&self, class: usize) -> Vec<Slot> {
        if self.is_known(class) {
            return Vec::new();
        }
        let mut all: Vec<Slot> = self.classes[class].slots.iter().map(|&slot| Slot::Class(slot)).collect();
        for interface in self.named_interfaces(class) {
            for method in 0..self.interfaces[interface].methods.len() {
                all.push(Slot::Interface(interface, method));
            }
        }
        all
    }

    /// The interfaces that a class has and its base does not.
    fn named_interfaces(&self, class: usize) -> Vec<usize> {
        let mut inherited = Vec::new();
        let mut next = self.classes[class].base;
        while let Some(above) = next {
            for &interface in &self.classes[above].interfaces {
                inherited.extend(self.interfaces_above(interface));
            }
            next = self.classes[above].base;
        }
        let mut all = Vec::new();
        for &interface in &self.classes[class].interfaces {
            for above in self.interfaces_above(interface) {
                if !inherited.contains(&above) && !all.contains(&above) {
                    all.push(above);
                }
            }
        }
        all
    }

    fn class_def(&self, number: usize) -> module::Class {
        let class = &self.classes[number];
        let new = self.new_methods(number);
        let function_of =
            |slot: Slot| class.methods.iter().find(|(has, _)| *has == slot).map(|&(_, function)| function);
        let mut methods: Vec<Method> = Vec::new();
        for &slot in &new {
            methods.push(self.method_def(slot, function_of(slot)));
        }
        // What it replaces.
        for &(slot, function) in class.methods.iter().filter(|(slot, _)| !new.contains(slot)) {
            if matches!(slot, Slot::Class(index) if self.slots[index].dispatch.is_some()) {
                continue;
            }
            if self.inherited(number, slot) != Some(function) {
                methods.push(self.method_def(slot, Some(function)));
            }
        }
        module::Class {
            name: class.name.clone(),
            import: None,
            base: class.base.map(|base| self.classes[base].id),
            interfaces: class.interfaces.iter().map(|&interface| self.interfaces[interface].id).collect(),
            fields: class
                .fields
                .iter()
                .map(|field| module::Field { name: field.name.clone(), ty: field.ty })
                .collect(),
            methods,
            frozen: matches!(class.kind, Kind::Enum | Kind::Case(_) | Kind::Packed | Kind::Boxed),
        }
    }

    /// The function that a class inherits for a slot.
    fn inherited(&self, class: usize, slot: Slot) -> Option<FuncId> {
        let mut next = self.classes[class].base;
        while let Some(above) = next {
            if let Some(&(_, function)) = self.classes[above].methods.iter().find(|(has, _)| *has == slot) {
                return Some(function);
            }
            next = self.classes[above].base;
        }
        None
    }

    fn method_def(&self, slot: Slot, function: Option<FuncId>) -> Method {
        let info = self.slot_info(slot);
        Method { name: info.name.clone(), signature: info.signature.clone(), function }
    }

    fn interface_def(&self, number: usize) -> module::Interface {
        let interface = &self.interfaces[number];
        let methods =
            (0..interface.methods.len()).map(|method| self.method_def(Slot::Interface(number, method), None));
        module::Interface {
            name: interface.name.clone(),
            import: None,
            extends: interface.extends.iter().map(|&above| self.interfaces[above].id).collect(),
            methods: methods.collect(),
        }
    }
}

/// Puts the places in method tables into calls that have the numbers of slots.
fn patch(code: &mut [u64], places: &[u32]) {
    let calls: Vec<(u32, Opcode)> = cfg::instructions(code)
        .filter(|(_, op, _)| matches!(op, Opcode::CallVirtual | Opcode::CallVirtualMany))
        .map(|(pc, op, _)| (pc, op))
        .collect();
    for (pc, op) in calls {
        debug_assert!(op.info().has(Effect::Calls));
        let word = &mut code[pc as usize];
        let mask = if op.info().shape == Shape::Call { 0xff_ffff } else { 0xffff_ffff };
        let slot = (*word >> 32 & mask) as usize;
        let place = places.get(slot).copied().unwrap_or(0);
        *word = *word & !(mask << 32) | u64::from(place) << 32;
    }
}
