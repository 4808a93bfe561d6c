//! One type table from many.
//!
//! Classes and interfaces come first, module by module, then array and function types in the order of their first
//! appearance, so that each of these names only types in front of it and classes (rule S5).

use std::collections::BTreeMap;

use mvm_isa::TypeId;

use crate::link::{LinkError, Linker, image_name};
use crate::model::{
    Class, ExportItem, Field, FuncId, Interface, Method, Module, Name, Signature, TypeDef, limits,
};

/// Name of a class or interface that the module itself declares.
pub(super) fn own_name(def: &TypeDef) -> Option<&str> {
    match def {
        TypeDef::Class(Class { name, import: None, .. })
        | TypeDef::Interface(Interface { name, import: None, .. }) => Some(name),
        _ => None,
    }
}

/// Module and name of a class or interface that another module declares.
fn imported(def: &TypeDef) -> Option<(&Name, &Name)> {
    match def {
        TypeDef::Class(Class { name, import: Some(from), .. })
        | TypeDef::Interface(Interface { name, import: Some(from), .. }) => Some((from, name)),
        _ => None,
    }
}

/// A signature as it is written.
pub(super) fn signature_text(module: &Module, signature: &Signature) -> String {
    let list = |types: &[TypeId]| types.iter().map(|&t| module.type_name(t)).collect::<Vec<_>>().join(", ");
    let params = list(&signature.params);
    match signature.results.as_slice() {
        [] => format!("({params})"),
        [one] => format!("({params}) -> {}", module.type_name(*one)),
        many => format!("({params}) -> ({})", list(many)),
    }
}

/// Where the types of each module are in the image.
pub(super) struct TypeMap {
    maps: Vec<Vec<TypeId>>,
    /// Module and number there of each type of the image; the first one, where several are merged.
    origins: Vec<(usize, TypeId)>,
}

impl TypeMap {
    pub(super) fn map(&self, module: usize, ty: TypeId) -> TypeId {
        self.maps[module][ty.index()]
    }

    fn list(&self, module: usize, types: &[TypeId]) -> Vec<TypeId> {
        types.iter().map(|&ty| self.map(module, ty)).collect()
    }

    pub(super) fn signature(&self, module: usize, signature: &Signature) -> Signature {
        Signature {
            params: self.list(module, &signature.params),
            results: self.list(module, &signature.results),
        }
    }

    /// The type table of the image.
    pub(super) fn into_types(self, linker: &Linker<'_>, functions: &[Vec<FuncId>]) -> Vec<TypeDef> {
        let mut types = Module::builtin_types();
        for &(index, ty) in &self.origins {
            let module = &linker.modules[index];
            let methods = |methods: &[Method]| {
                methods
                    .iter()
                    .map(|method| Method {
                        name: method.name.clone(),
                        signature: self.signature(index, &method.signature),
                        function: method.function.map(|id| functions[index][id.0 as usize]),
                    })
                    .collect()
            };
            types.push(match &module.types[ty.index()] {
                TypeDef::RefArray(elem) => TypeDef::RefArray(self.map(index, *elem)),
                TypeDef::Func(signature) => TypeDef::Func(self.signature(index, signature)),
                TypeDef::Class(class) => TypeDef::Class(Class {
                    name: image_name(index, module, &class.name),
                    import: None,
                    base: class.base.map(|base| self.map(index, base)),
                    interfaces: self.list(index, &class.interfaces),
                    fields: class
                        .fields
                        .iter()
                        .map(|field| Field { name: field.name.clone(), ty: self.map(index, field.ty) })
                        .collect(),
                    methods: methods(&class.methods),
                    frozen: class.frozen,
                }),
                TypeDef::Interface(interface) => TypeDef::Interface(Interface {
                    name: image_name(index, module, &interface.name),
                    import: None,
                    extends: self.list(index, &interface.extends),
                    methods: methods(&interface.methods),
                }),
                other => other.clone(),
            });
        }
        types
    }
}

/// Gives every type of every module a number in the image. None when that is not possible; the errors say why.
pub(super) fn merge_types(linker: &Linker<'_>, errors: &mut Vec<LinkError>) -> Option<TypeMap> {
    let builtin = TypeId::FIRST_USER.index();
    let empty = TypeId(u16::MAX);
    let mut map = TypeMap { maps: Vec::new(), origins: Vec::new() };
    for module in linker.modules {
        let mut numbers = vec![empty; module.types.len()];
        (0..builtin).for_each(|k| numbers[k] = TypeId(k as u16));
        map.maps.push(numbers);
    }
    for (index, module) in linker.modules.iter().enumerate() {
        for (k, _) in module.types.iter().enumerate().skip(builtin).filter(|(_, def)| own_name(def).is_some())
        {
            map.add(index, TypeId(k as u16));
        }
    }
    for (index, module) in linker.modules.iter().enumerate() {
        for (k, def) in module.types.iter().enumerate().skip(builtin) {
            let Some((from, name)) = imported(def) else { continue };
            match linker.find(module, from, name) {
                Ok((other, ExportItem::Type(ty))) => map.maps[index][k] = map.map(other, ty),
                Ok((_, ExportItem::Function(_))) => {
                    errors.push(linker.differs(module, from, name, "it is a function there".into()));
                }
                Err(error) => errors.push(error),
            }
        }
    }
    if !errors.is_empty() {
        return None;
    }
    map.structural(linker);
    let count = map.origins.len() + builtin;
    if count > limits::TYPES_MAX {
        errors.push(LinkError::TooMany { what: "types", count, limit: limits::TYPES_MAX });
        return None;
    }
    map.compare_imports(linker, errors);
    Some(map)
}

impl TypeMap {
    fn add(&mut self, module: usize, ty: TypeId) -> TypeId {
        // A table that grows too long is refused before the numbers are used.
        let number =
            TypeId((TypeId::FIRST_USER.index() + self.origins.len()).min(usize::from(u16::MAX)) as u16);
        self.origins.push((module, ty));
        self.maps[module][ty.index()] = number;
        number
    }

    /// Array and function types: equal ones become one.
    fn structural(&mut self, linker: &Linker<'_>) {
        let mut known: BTreeMap<(bool, Vec<TypeId>, Vec<TypeId>), TypeId> = BTreeMap::new();
        known.insert((true, vec![TypeId::STR], Vec::new()), TypeId::ARRAY_STR);
        for (index, module) in linker.modules.iter().enumerate() {
            for (k, def) in module.types.iter().enumerate().skip(TypeId::FIRST_USER.index()) {
                let key = match def {
                    TypeDef::RefArray(elem) => (true, vec![self.map(index, *elem)], Vec::new()),
                    TypeDef::Func(signature) => {
                        let Signature { params, results } = self.signature(index, signature);
                        (false, params, results)
                    }
                    _ => continue,
                };
                let ty = TypeId(k as u16);
                match known.get(&key) {
                    Some(&number) => self.maps[index][k] = number,
                    None => {
                        let number = self.add(index, ty);
                        known.insert(key, number);
                    }
                }
            }
        }
    }

    /// Imported classes and interfaces are declared as in the module they come from.
    fn compare_imports(&self, linker: &Linker<'_>, errors: &mut Vec<LinkError>) {
        for (index, module) in linker.modules.iter().enumerate() {
            for (k, def) in module.types.iter().enumerate().skip(TypeId::FIRST_USER.index()) {
                let Some((from, name)) = imported(def) else { continue };
                let number = self.map(index, TypeId(k as u16));
                let (other, ty) = self.origins[number.index() - TypeId::FIRST_USER.index()];
                let theirs = &linker.modules[other].types[ty.index()];
                if let Some(difference) = self.difference((index, def), (other, theirs)) {
                    errors.push(linker.differs(module, from, name, difference));
                }
            }
        }
    }

    fn difference(&self, ours: (usize, &TypeDef), theirs: (usize, &TypeDef)) -> Option<String> {
        let ((i, ours), (j, theirs)) = (ours, theirs);
        match (ours, theirs) {
            (TypeDef::Class(a), TypeDef::Class(b)) => {
                if a.base.map(|ty| self.map(i, ty)) != b.base.map(|ty| self.map(j, ty)) {
                    Some("the base class".into())
                } else if self.list(i, &a.interfaces) != self.list(j, &b.interfaces) {
                    Some("the interfaces".into())
                } else if a.frozen != b.frozen {
                    Some("frozen or not".into())
                } else {
                    let fields = |k: usize, class: &Class| -> Vec<(Name, TypeId)> {
                        class.fields.iter().map(|field| (field.name.clone(), self.map(k, field.ty))).collect()
                    };
                    first_difference("field", &fields(i, a), &fields(j, b))
                        .or_else(|| self.methods_differ((i, &a.methods), (j, &b.methods)))
                }
            }
            (TypeDef::Interface(a), TypeDef::Interface(b)) => {
                if self.list(i, &a.extends) != self.list(j, &b.extends) {
                    return Some("the interfaces it includes".into());
                }
                self.methods_differ((i, &a.methods), (j, &b.methods))
            }
            (TypeDef::Class(_), _) => Some("a class here, an interface there".into()),
            _ => Some("an interface here, a class there".into()),
        }
    }

    fn methods_differ(&self, ours: (usize, &[Method]), theirs: (usize, &[Method])) -> Option<String> {
        let methods = |(k, methods): (usize, &[Method])| -> Vec<(Name, Signature)> {
            methods.iter().map(|method| (method.name.clone(), self.signature(k, &method.signature))).collect()
        };
        first_difference("method", &methods(ours), &methods(theirs))
    }
}

fn first_difference<T: PartialEq>(what: &str, ours: &[(Name, T)], theirs: &[(Name, T)]) -> Option<String> {
    for ((a, ty), (b, other)) in ours.iter().zip(theirs) {
        if a != b {
            return Some(format!("{what} `{a}` here, `{b}` there"));
        }
        if ty != other {
            return Some(format!("the types of {what} `{a}`"));
        }
    }
    (ours.len() != theirs.len()).then(|| format!("{} {what}s here, {} there", ours.len(), theirs.len()))
}
