//! The classes of the machine: those of the program, one for each list of type arguments, and those that hold packed
//! values, cases of enums, numbers that stand for an interface, and variables that closures share.
//!
//! A class has its number as soon as somebody names it, and its fields when somebody asks for them, so that classes can
//! refer to each other. Offsets of fields follow the rule of `mvm_module::classes`: those of the base, then references of 4
//! bytes, then numbers of 8.
//!
//! Not here: methods (`dispatch.rs`), entries of the type table (`tables.rs`).

use std::rc::Rc;

use mvm_isa::{TrapCode, TypeId};
use mvm_module::{Name, TypeDef};

use super::Lower;
use super::dispatch::Slot;
use crate::hir::{NominalId, NominalKind};
use crate::types::{Ty, TyKind};

/// What a class of the machine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A class of the program.
    Declared,
    /// What all cases of an enum have in common: the field `case`.
    Enum,
    /// A case of an enum, with its payload.
    Case(u32),
    /// The registers of a value, as one object.
    Packed,
    /// A value of a type that is no class, as value of an interface.
    Boxed,
    /// A variable, or registers that a closure carries.
    Cell,
}

/// A field: one register.
#[derive(Debug, Clone)]
pub(crate) struct FieldSlot {
    /// Name.
    pub(crate) name: Name,
    /// Type of the register.
    pub(crate) ty: TypeId,
    /// Offset in the object, in units of 4 bytes.
    pub(crate) offset: u16,
}

/// A class of the machine.
#[derive(Debug)]
pub(crate) struct Class {
    /// Its number.
    pub(crate) id: TypeId,
    /// Its name.
    pub(crate) name: Name,
    /// What it is for.
    pub(crate) kind: Kind,
    /// The type of the language: the class, the enum, the type of the packed value.
    pub(crate) of: Ty,
    /// Base class.
    pub(crate) base: Option<usize>,
    /// Classes right below.
    pub(crate) below: Vec<usize>,
    /// Own fields, a register each; empty until laid out.
    pub(crate) fields: Vec<FieldSlot>,
    /// Where the registers of each declared field begin in `fields`, and the end.
    pub(crate) starts: Vec<usize>,
    /// End of the fields in units of 4 bytes.
    pub(crate) end: usize,
    /// Whether `fields` are known.
    pub(crate) laid_out: bool,
    /// Whether there are objects of it.
    pub(crate) made: bool,
    /// Interfaces that it names.
    pub(crate) interfaces: Vec<usize>,
    /// What it has in slots, its own and those of its bases and interfaces.
    pub(crate) methods: Vec<(Slot, mvm_module::FuncId)>,
    /// Field with the identity number.
    pub(crate) serial: Option<u16>,
    /// Slots that it has first: indexes of `Lower::slots`.
    pub(crate) slots: Vec<usize>,
}

impl<'p> Lower<'p> {
    /// The class of the machine for a class of the program.
    pub(crate) fn class(&mut self, ty: Ty) -> usize {
        self.class_for(Kind::Declared, ty)
    }

    /// The class below which the cases of an enum are.
    pub(crate) fn enum_class(&mut self, ty: Ty) -> usize {
        self.class_for(Kind::Enum, ty)
    }

    /// The class of a case.
    pub(crate) fn case_class(&mut self, ty: Ty, case: u32) -> usize {
        self.class_for(Kind::Case(case), ty)
    }

    /// The class for this purpose and type.
    pub(crate) fn class_for(&mut self, kind: Kind, ty: Ty) -> usize {
        if let Some(&known) = self.class_numbers.get(&(kind, ty)) {
            return known;
        }
        let base = match kind {
            Kind::Declared => self.base_of(ty).map(|base| self.class(base)),
            Kind::Case(_) => Some(self.enum_class(ty)),
            Kind::Enum | Kind::Packed | Kind::Boxed | Kind::Cell => None,
        };
        let number = self.add_class(kind, ty, base);
        self.class_numbers.insert((kind, ty), number);
        self.judge_depth(ty);
        match kind {
            Kind::Declared => self.name_interfaces(number, ty),
            Kind::Case(_) | Kind::Packed => self.make(number),
            // What the objects of cases do, the class of the enum does for all.
            Kind::Enum | Kind::Boxed => {
                self.name_interfaces(number, ty);
                self.make(number);
            }
            Kind::Cell => {}
        }
        number
    }

    fn add_class(&mut self, kind: Kind, of: Ty, base: Option<usize>) -> usize {
        let number = self.classes.len();
        let known = if kind == Kind::Declared { self.known_class(of) } else { None };
        let name: Name = match (known, kind) {
            (Some(_), _) => self.type_name(of).into(),
            (None, Kind::Case(case)) => {
                let case = match self.types.kind(of) {
                    TyKind::Named(id, _) => {
                        self.program.nominals[id.index()].cases[case as usize].name.clone()
                    }
                    _ => "".into(),
                };
                let text = format!("{}.{case}", self.type_name(of));
                self.unique_type_name(&text)
            }
            // Who adds it gives it another.
            (None, Kind::Cell) => "".into(),
            (None, _) => {
                let text = self.type_name(of);
                self.unique_type_name(&text)
            }
        };
        // The entry is filled in at the end.
        let id = known.unwrap_or_else(|| self.new_type(TypeDef::Reserved));
        self.classes.push(Class {
            id,
            name,
            kind,
            of,
            base,
            below: Vec::new(),
            fields: Vec::new(),
            starts: Vec::new(),
            end: 0,
            laid_out: false,
            made: false,
            interfaces: Vec::new(),
            methods: Vec::new(),
            serial: None,
            slots: Vec::new(),
        });
        if let Some(base) = base {
            self.classes[base].below.push(number);
        }
        if known.is_some_and(|id| id != TypeId::ERROR) {
            // The machine makes objects of these by itself.
            self.make(number);
        }
        number
    }

    /// The number of a class that the machine knows itself.
    fn known_class(&self, ty: Ty) -> Option<TypeId> {
        let &TyKind::Named(id, _) = self.types.kind(ty) else { return None };
        if Some(id) == self.lang.error {
            return Some(TypeId::ERROR);
        }
        if Some(id) == self.lang.trap {
            return Some(TypeId::TRAP);
        }
        let nominal = &self.program.nominals[id.index()];
        let lang = self.program.lang.nominals.get(&nominal.name);
        if lang != Some(&id) {
            return None;
        }
        let trap = crate::library::machine_name(&nominal.name);
        let code = TrapCode::ALL.iter().find(|code| code.class_name() == trap)?;
        Some(TypeId::of_trap(*code))
    }

    /// Makes the classes of all that the machine raises, when a value of this type may be one of them: where one is shown,
    /// it has the name of its class also in a program that speaks of `Error` or `Trap` only.
    pub(crate) fn classes_of_traps(&mut self, ty: Ty) {
        let &TyKind::Named(id, _) = self.types.kind(ty) else { return };
        if Some(id) != self.lang.error && Some(id) != self.lang.trap {
            return;
        }
        for code in TrapCode::ALL {
            let name = crate::library::library_name(code.class_name());
            if let Some(&id) = self.program.lang.nominals.get(name) {
                let ty = self.types.intern(TyKind::Named(id, Box::new([])));
                self.class(ty);
            }
        }
    }

    /// Whether it is a class that the machine knows, which has no methods and interfaces there.
    pub(crate) fn is_known(&self, class: usize) -> bool {
        self.classes[class].id.index() < TypeId::FIRST_USER.index()
    }

    /// Whether objects of the class can be thrown.
    pub(crate) fn is_error(&self, class: usize) -> bool {
        let mut class = class;
        while let Some(base) = self.classes[class].base {
            class = base;
        }
        self.classes[class].id == TypeId::ERROR
    }

    /// The base class of a class.
    pub(crate) fn base_of(&mut self, ty: Ty) -> Option<Ty> {
        let TyKind::Named(id, args) = self.types.kind(ty).clone() else { return None };
        let nominal = &self.program.nominals[id.index()];
        let base = nominal.base?;
        Some(self.types.subst(base, &nominal.generics, &args))
    }

    /// A class and a nominal above it (or its own): the type that it is there.
    pub(crate) fn as_class(&mut self, ty: Ty, wanted: NominalId) -> Option<Ty> {
        let mut next = Some(ty);
        while let Some(ty) = next {
            if matches!(self.types.kind(ty), TyKind::Named(id, _) if *id == wanted) {
                return Some(ty);
            }
            next = self.base_of(ty);
        }
        None
    }

    /// A class for variables or captured registers with these types.
    pub(crate) fn cell_class(&mut self, regs: &[TypeId]) -> usize {
        if let Some(&known) = self.cells.get(regs) {
            return known;
        }
        let number = self.add_plain_class("variable");
        let named = regs.iter().enumerate().map(|(at, &ty)| (at.to_string().into(), ty)).collect();
        self.lay_out(number, named);
        self.cells.insert(regs.into(), number);
        number
    }

    /// A class without base and methods; its fields are still to be laid out.
    pub(crate) fn add_plain_class(&mut self, name: &str) -> usize {
        let number = self.add_class(Kind::Cell, Ty::NEVER, None);
        self.classes[number].made = true;
        self.classes[number].name = self.unique_type_name(name);
        number
    }

    /// Finds the fields of a class, unless that has been done.
    pub(crate) fn need_fields(&mut self, class: usize) {
        if self.classes[class].laid_out {
            return;
        }
        if let Some(base) = self.classes[class].base {
            self.need_fields(base);
        }
        let of = self.classes[class].of;
        let mut fields: Vec<(Name, TypeId)> = Vec::new();
        let mut starts = vec![0];
        match self.classes[class].kind {
            Kind::Declared => self.declared_fields(of, &mut fields, &mut starts),
            Kind::Enum => fields.push(("case".into(), TypeId::I64)),
            Kind::Case(case) => {
                let TyKind::Named(id, args) = self.types.kind(of).clone() else { return };
                let nominal = &self.program.nominals[id.index()];
                for (name, ty) in &nominal.cases[case as usize].fields {
                    let ty = self.types.subst(*ty, &nominal.generics, &args);
                    // The field of the base class has its name already.
                    let name: Name = if &**name == "case" { "case_".into() } else { name.clone() };
                    self.add_field(&name, ty, &mut fields, &mut starts);
                }
            }
            Kind::Packed | Kind::Boxed => {
                let regs = match self.types.kind(of).clone() {
                    TyKind::Tuple(parts) => self.flat(&parts),
                    _ => self.rep(of).regs.to_vec(),
                };
                fields.extend(regs.iter().enumerate().map(|(at, &ty)| (at.to_string().into(), ty)));
            }
            Kind::Cell => {}
        }
        self.classes[class].starts = starts;
        self.lay_out(class, fields);
    }

    fn declared_fields(&mut self, of: Ty, fields: &mut Vec<(Name, TypeId)>, starts: &mut Vec<usize>) {
        let TyKind::Named(id, args) = self.types.kind(of).clone() else { return };
        let nominal = &self.program.nominals[id.index()];
        for field in &nominal.fields {
            let ty = self.types.subst(field.ty, &nominal.generics, &args);
            self.add_field(&field.name, ty, fields, starts);
        }
        if self.serials.contains(&id) && self.known_class(of).is_none() {
            fields.push((SERIAL.into(), TypeId::I64));
        }
    }

    fn add_field(&mut self, name: &Name, ty: Ty, fields: &mut Vec<(Name, TypeId)>, starts: &mut Vec<usize>) {
        match *self.rep(ty).regs {
            [one] => fields.push((name.clone(), one)),
            ref several => {
                for (at, &ty) in several.iter().enumerate() {
                    fields.push((format!("{name}.{at}").into(), ty));
                }
            }
        }
        starts.push(fields.len());
    }

    /// Gives fields their places.
    pub(crate) fn lay_out(&mut self, class: usize, fields: Vec<(Name, TypeId)>) {
        let first = self.classes[class].base.map_or(0, |base| self.classes[base].end.next_multiple_of(2));
        let refs = fields.iter().filter(|(_, ty)| ty.is_ref()).count();
        let numbers = (first + refs).next_multiple_of(2);
        let end = numbers + 2 * (fields.len() - refs);
        if end > mvm_module::limits::OBJECT_WORDS_MAX * 2 {
            self.too_many("fields in a class", mvm_module::limits::OBJECT_WORDS_MAX);
        }
        let (mut next_ref, mut next_number) = (first, numbers);
        let mut slots = Vec::with_capacity(fields.len());
        for (name, ty) in fields {
            let (next, size) = if ty.is_ref() { (&mut next_ref, 1) } else { (&mut next_number, 2) };
            let offset = *next as u16;
            *next += size;
            if &*name == SERIAL {
                self.classes[class].serial = Some(offset);
            }
            slots.push(FieldSlot { name, ty, offset });
        }
        let class = &mut self.classes[class];
        class.fields = slots;
        class.end = end;
        class.laid_out = true;
    }

    /// The registers of a field: types and offsets.
    pub(crate) fn field(&mut self, class: usize, field: u32) -> Rc<[(TypeId, u16)]> {
        self.need_fields(class);
        let Class { fields, starts, .. } = &self.classes[class];
        let (Some(&start), Some(&end)) = (starts.get(field as usize), starts.get(field as usize + 1)) else {
            return Rc::new([]);
        };
        fields[start..end].iter().map(|slot| (slot.ty, slot.offset)).collect()
    }

    /// All registers of the own fields.
    pub(crate) fn own_fields(&mut self, class: usize) -> Rc<[(TypeId, u16)]> {
        self.need_fields(class);
        self.classes[class].fields.iter().map(|slot| (slot.ty, slot.offset)).collect()
    }

    /// The field with the identity number of objects of a class. The first time that one is asked for, it is not there:
    /// then it is noted, and all is lowered again. The classes that the machine knows have none.
    pub(crate) fn serial_field(&mut self, ty: Ty) -> Option<u16> {
        let own = self.class(ty);
        let mut next = Some(own);
        while let Some(class) = next {
            self.need_fields(class);
            if let Some(offset) = self.classes[class].serial {
                return Some(offset);
            }
            next = self.classes[class].base;
        }
        if let &TyKind::Named(id, _) = self.types.kind(ty)
            && !self.is_known(own)
        {
            self.more_serials.insert(id);
        }
        None
    }

    /// The interfaces that a class, enum or built-in type names become those of its class in the machine.
    fn name_interfaces(&mut self, class: usize, ty: Ty) {
        if self.is_known(class) {
            return;
        }
        let Some((id, args)) = self.nominal_of(ty) else { return };
        let nominal = &self.program.nominals[id.index()];
        for &interface in &nominal.interfaces {
            let interface = self.types.subst(interface, &nominal.generics, &args);
            self.implement(class, interface);
        }
    }

    /// The class below implements the interface.
    pub(crate) fn implement(&mut self, class: usize, interface: Ty) {
        let interface = self.interface(interface);
        if self.classes[class].interfaces.contains(&interface) {
            return;
        }
        self.classes[class].interfaces.push(interface);
        for above in self.interfaces_above(interface) {
            self.interfaces[above].classes.push(class);
        }
        self.fill_new_interface(class, interface);
    }

    /// The nominal with the methods of a type, and its arguments.
    pub(crate) fn nominal_of(&self, ty: Ty) -> Option<(NominalId, Vec<Ty>)> {
        let name = match self.types.kind(ty) {
            TyKind::Named(id, args) => return Some((*id, args.to_vec())),
            TyKind::Int => "Int",
            TyKind::Float => "Float",
            TyKind::Bool => "Bool",
            TyKind::Str => "Str",
            TyKind::Bytes => "Bytes",
            _ => return None,
        };
        self.program.lang.nominals.get(name).map(|&id| (id, Vec::new()))
    }

    /// Whether a type is an interface.
    pub(crate) fn is_interface(&self, ty: Ty) -> bool {
        matches!(self.types.kind(ty), TyKind::Named(id, _)
            if self.program.nominals[id.index()].kind == NominalKind::Interface)
    }

    /// Whether a type is a class of the program.
    pub(crate) fn is_class(&self, ty: Ty) -> bool {
        match self.types.kind(ty) {
            &TyKind::Named(id, _) => {
                self.program.nominals[id.index()].kind == NominalKind::Class
                    && Some(id) != self.lang.array
                    && Some(id) != self.lang.any
            }
            _ => false,
        }
    }
}

/// Name of the field with the identity number: none that a program can use.
const SERIAL: &str = "#serial";
