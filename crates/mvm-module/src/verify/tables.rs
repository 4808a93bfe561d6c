//! Judges everything that is not a function: types, literals, selectors, imports, exports, main, methods.

use std::collections::BTreeSet;

use mvm_isa::TypeId;

use crate::classes::ClassTable;
use crate::model::limits::{self, Limits};
use crate::model::{
    Class, ExportItem, FuncId, Interface, Literal, LiteralId, Method, Module, Name, Signature, TypeDef,
};
use crate::verify::Linked;
use crate::verify::error::{Place, Report, Says};
use crate::verify::rules::Rule;

/// Whether registers, fields, parameters and results may be of this type.
pub(super) fn is_register_type(module: &Module, ty: TypeId) -> bool {
    match module.types.get(ty.index()) {
        Some(
            TypeDef::I64
            | TypeDef::F64
            | TypeDef::Any
            | TypeDef::Str
            | TypeDef::Bytes
            | TypeDef::Block
            | TypeDef::Array(_)
            | TypeDef::RefArray(_)
            | TypeDef::Func(_)
            | TypeDef::Class(_)
            | TypeDef::Interface(_),
        ) => true,
        Some(TypeDef::BoxI64 | TypeDef::BoxF64 | TypeDef::Reserved) | None => false,
    }
}

/// The type of the object that a literal makes.
pub(super) fn literal_type(literal: &Literal) -> TypeId {
    match literal {
        Literal::Str(_) => TypeId::STR,
        Literal::Bytes(_) => TypeId::BYTES,
        Literal::Array(elem, _) => TypeId::array_of(*elem),
        Literal::Refs(ty, _) | Literal::Func(_, ty) => *ty,
        Literal::Types(_) => TypeId::ARRAY_I64,
    }
}

/// Parameter and result types of a function or import, without copying.
pub(super) fn signature_of(module: &Module, id: FuncId) -> Option<(&[TypeId], &[TypeId])> {
    if let Some(import) = module.imports.get(id.0 as usize) {
        return Some((&import.signature.params, &import.signature.results));
    }
    let function = module.function(id)?;
    let params = usize::from(function.params).min(function.registers.len());
    Some((&function.registers[..params], &function.results))
}

fn check_name(report: &mut Report<'_>, place: &Place, what: &str, name: &str) {
    let wrong = if name.is_empty() {
        "is empty".to_string()
    } else if name.len() > limits::NAME_BYTES_MAX {
        format!("has {} bytes, the limit is {}", name.len(), limits::NAME_BYTES_MAX)
    } else if let Some(wrong) = name.chars().find(|c| c.is_control() || *c == '`') {
        format!("contains {wrong:?}")
    } else {
        return;
    };
    report.push(Rule::S6, place.clone(), format!("the {what} name {wrong}"));
}

/// Calls `found` with each name that stands more than once.
fn duplicates<T: Ord + Copy>(mut names: Vec<(T, usize)>, mut found: impl FnMut(usize)) {
    names.sort_unstable();
    names.windows(2).filter(|pair| pair[0].0 == pair[1].0).for_each(|pair| found(pair[1].1));
}

/// Judges the type table and the sizes of the others. Whether classes may be built from it.
pub(super) fn check_types(module: &Module, linked: Linked, limits: &Limits, report: &mut Report<'_>) -> bool {
    check_sizes(module, limits, report);
    check_name(report, &Place::Module, "module", &module.name);
    for source in &module.sources {
        if source.len() > limits::NAME_BYTES_MAX {
            let message =
                format!("a source name has {} bytes, the limit is {}", source.len(), limits::NAME_BYTES_MAX);
            report.push(Rule::S6, Place::Module, message);
        }
    }
    let builtin = Module::builtin_types();
    if !report.is_empty() {
        return false;
    }
    if module.types.get(..builtin.len()) != Some(&builtin) {
        report.push(Rule::S1, Place::Module, "the type table does not start with the built-in types");
        return false;
    }
    let mut types = Types {
        module,
        linked,
        arrays: vec![false; module.types.len()],
        signatures: BTreeSet::new(),
        depths: vec![0; module.types.len()],
        parts: vec![1; module.types.len()],
    };
    for (index, def) in module.types.iter().enumerate().skip(builtin.len()) {
        types.check(TypeId(index as u16), def, report);
        if report.is_full() {
            return false;
        }
    }
    let named = module.types.iter().enumerate().filter_map(|(index, def)| match def {
        TypeDef::Class(Class { name, import, .. }) | TypeDef::Interface(Interface { name, import, .. }) => {
            Some(((import.as_deref(), &**name), index))
        }
        _ => None,
    });
    duplicates(named.collect(), |index| {
        let place = report.type_place(TypeId(index as u16), None);
        report.push(Rule::S6, place, "another class or interface has this name");
    });
    report.is_empty()
}

fn check_sizes(module: &Module, huge: &Limits, report: &mut Report<'_>) {
    let words = module.functions.iter().map(|f| f.code.len()).fold(0, usize::saturating_add);
    for (what, size, limit) in [
        ("types", module.types.len(), limits::TYPES_MAX),
        ("functions", module.imports.len().saturating_add(module.functions.len()), huge.functions),
        ("selectors", module.selectors.len(), limits::SELECTORS_MAX),
        ("source names", module.sources.len(), limits::SOURCES_MAX),
        ("literals", module.literals.len(), huge.literals),
        ("exports", module.exports.len(), huge.exports),
        ("words of code", words, huge.code_words),
    ] {
        if size > limit {
            report.push(Rule::S2, Place::Module, format!("{size} {what}, the limit is {limit}"));
        }
    }
}

struct Types<'m> {
    module: &'m Module,
    linked: Linked,
    /// For which element types there is an array type already.
    arrays: Vec<bool>,
    signatures: BTreeSet<(&'m [TypeId], &'m [TypeId])>,
    /// How deep array and function types are nested.
    depths: Vec<usize>,
    /// How many types they are written with.
    parts: Vec<usize>,
}

impl<'m> Types<'m> {
    fn check(&mut self, ty: TypeId, def: &'m TypeDef, report: &mut Report<'_>) {
        let place = report.type_place(ty, None);
        match def {
            TypeDef::RefArray(elem) => {
                if !elem.is_ref() || !is_register_type(self.module, *elem) {
                    let name = self.module.type_name(*elem);
                    let says = Says::both("elements of an array", "a reference type", format!("`{name}`"));
                    report.push(Rule::S4, place, says);
                    return;
                }
                let again = std::mem::replace(&mut self.arrays[elem.index()], true) || *elem == TypeId::STR;
                self.structural(ty, again, std::slice::from_ref(elem), &[], report);
            }
            TypeDef::Func(signature) => {
                let before = report.len();
                self.signature(signature, limits::PARAMS_MAX, &place, report);
                if report.len() == before {
                    let again = !self.signatures.insert((&signature.params, &signature.results));
                    self.structural(ty, again, &signature.params, &signature.results, report);
                }
            }
            TypeDef::Class(class) => {
                check_name(report, &place, "class", &class.name);
                self.import(class.import.as_ref(), &place, report);
                for field in &class.fields {
                    let place = report.type_place(ty, Some(field.name.clone()));
                    check_name(report, &place, "field", &field.name);
                    self.register_type(field.ty, "a field", &place, report);
                    if report.is_full() {
                        return;
                    }
                }
                self.methods(ty, &class.methods, class.import.is_some(), report);
            }
            TypeDef::Interface(interface) => {
                check_name(report, &place, "interface", &interface.name);
                self.import(interface.import.as_ref(), &place, report);
                self.methods(ty, &interface.methods, true, report);
            }
            TypeDef::I64
            | TypeDef::F64
            | TypeDef::Any
            | TypeDef::Str
            | TypeDef::Bytes
            | TypeDef::Block
            | TypeDef::Array(_)
            | TypeDef::BoxI64
            | TypeDef::BoxF64
            | TypeDef::Reserved => {
                let message =
                    format!("`{}` is a built-in type, not one of a module", self.module.type_name(ty));
                report.push(Rule::S3, place, message);
            }
        }
    }

    /// Judges an array or function type as such: it stands once, and the types it names come first.
    fn structural(
        &mut self,
        ty: TypeId,
        again: bool,
        params: &[TypeId],
        results: &[TypeId],
        report: &mut Report<'_>,
    ) {
        let place = report.type_place(ty, None);
        if again {
            let message = format!("`{}` stands in the table already", self.module.type_name(ty));
            report.push(Rule::S5, place.clone(), message);
        }
        let (mut depth, mut written) = (1, 1usize);
        for &part in params.iter().chain(results) {
            let structural =
                matches!(self.module.types.get(part.index()), Some(TypeDef::RefArray(_) | TypeDef::Func(_)));
            if structural && part >= ty {
                let message = format!("it names type {}, which does not come before it", part.0);
                report.push(Rule::S5, place.clone(), message);
            }
            depth = depth.max(self.depths[part.index()] + 1);
            written = written.saturating_add(self.parts[part.index()]);
        }
        self.depths[ty.index()] = depth;
        self.parts[ty.index()] = written;
        if depth > limits::TYPE_DEPTH_MAX {
            let message =
                format!("array and function types are nested deeper than {}", limits::TYPE_DEPTH_MAX);
            report.push(Rule::S5, place.clone(), message);
        }
        if written > limits::TYPE_PARTS_MAX {
            let message =
                format!("it is written with {written} types, the limit is {}", limits::TYPE_PARTS_MAX);
            report.push(Rule::S5, place, message);
        }
    }

    fn import(&self, import: Option<&Name>, place: &Place, report: &mut Report<'_>) {
        let Some(from) = import else { return };
        check_name(report, place, "module", from);
        if self.linked == Linked::Yes {
            report.push(Rule::S14, place.clone(), format!("it is imported from module `{from}`"));
        }
    }

    fn methods(&self, ty: TypeId, methods: &[Method], bare: bool, report: &mut Report<'_>) {
        for method in methods {
            let place = report.type_place(ty, Some(method.name.clone()));
            check_name(report, &place, "method", &method.name);
            self.signature(&method.signature, limits::PARAMS_MAX - 1, &place, report);
            if bare && method.function.is_some() {
                report.push(Rule::C11, place, "a method that is only declared here names a function");
            }
            if report.is_full() {
                return;
            }
        }
    }

    fn signature(&self, signature: &Signature, params_max: usize, place: &Place, report: &mut Report<'_>) {
        let Signature { params, results } = signature;
        if params.len() > params_max {
            let message = format!("{} parameters, the limit is {params_max}", params.len());
            report.push(Rule::S2, place.clone(), message);
        }
        if results.len() > limits::RESULTS_MAX {
            let message = format!("{} results, the limit is {}", results.len(), limits::RESULTS_MAX);
            report.push(Rule::S2, place.clone(), message);
        }
        params.iter().for_each(|&ty| self.register_type(ty, "a parameter", place, report));
        results.iter().for_each(|&ty| self.register_type(ty, "a result", place, report));
    }

    fn register_type(&self, ty: TypeId, what: &str, place: &Place, report: &mut Report<'_>) {
        if !is_register_type(self.module, ty) {
            let name = self.module.type_name(ty);
            report.push(Rule::S4, place.clone(), format!("{what} cannot be of type `{name}`"));
        }
    }
}

/// Judges what builds on types and classes, except for functions.
pub(super) fn check_items(
    module: &Module,
    classes: &ClassTable,
    linked: Linked,
    limits: &Limits,
    report: &mut Report<'_>,
) {
    check_imports(module, linked, report);
    check_literals(module, classes, limits.length, report);
    check_selectors(module, report);
    check_exports(module, report);
    check_main(module, report);
    check_function_names(module, report);
    check_methods(module, classes, report);
}

fn check_imports(module: &Module, linked: Linked, report: &mut Report<'_>) {
    let types = Types {
        module,
        linked,
        arrays: Vec::new(),
        signatures: BTreeSet::new(),
        depths: Vec::new(),
        parts: Vec::new(),
    };
    for import in &module.imports {
        let place = Place::Name(import.name.clone());
        if linked == Linked::Yes {
            let message = format!("it is imported from module `{}`", import.module);
            report.push(Rule::S14, place.clone(), message);
        }
        check_name(report, &place, "module", &import.module);
        check_name(report, &place, "function", &import.name);
        types.signature(&import.signature, limits::PARAMS_MAX, &place, report);
        if report.is_full() {
            return;
        }
    }
}

fn check_literals(module: &Module, classes: &ClassTable, length_max: usize, report: &mut Report<'_>) {
    for (index, literal) in module.literals.iter().enumerate() {
        let place = Place::Literal(LiteralId(index as u32));
        let (bytes, unit) = match literal {
            Literal::Str(text) => (text.len(), 1),
            Literal::Bytes(bytes) => (bytes.len(), 1),
            Literal::Array(elem, bytes) => (bytes.len(), elem.bytes() as usize),
            Literal::Types(types) => (types.len() * 8, 8),
            Literal::Refs(..) | Literal::Func(..) => (0, 1),
        };
        let (size, of) = match literal {
            Literal::Refs(_, elements) => (elements.len(), "elements"),
            _ => (bytes, "bytes"),
        };
        if size > length_max {
            report.push(Rule::S7, place.clone(), format!("{size} {of}, the limit is {length_max}"));
        }
        if bytes % unit != 0 {
            let message = format!("{bytes} bytes are no whole number of elements of {unit} bytes");
            report.push(Rule::S7, place.clone(), message);
        }
        match literal {
            Literal::Refs(ty, elements) => check_elements(module, classes, *ty, elements, &place, report),
            Literal::Func(id, ty) => check_func_literal(module, *id, *ty, place, report),
            Literal::Types(types) => check_types_of(module, types, &place, report),
            Literal::Str(_) | Literal::Bytes(_) | Literal::Array(..) => {}
        }
        if report.is_full() {
            return;
        }
    }
    let functions = module.literals.iter().enumerate().filter_map(|(index, literal)| match literal {
        Literal::Func(id, _) => Some((*id, index)),
        Literal::Str(_) | Literal::Bytes(_) | Literal::Array(..) | Literal::Refs(..) | Literal::Types(_) => {
            None
        }
    });
    duplicates(functions.collect(), |index| {
        let place = Place::Literal(LiteralId(index as u32));
        report.push(Rule::S10, place, "another literal refers to this function");
    });
    check_literal_depth(module, report);
}

fn check_elements(
    module: &Module,
    classes: &ClassTable,
    ty: TypeId,
    elements: &[Option<LiteralId>],
    place: &Place,
    report: &mut Report<'_>,
) {
    let Some(&TypeDef::RefArray(wanted)) = module.types.get(ty.index()) else {
        let found = format!("`{}`", module.type_name(ty));
        report.push(
            Rule::S8,
            place.clone(),
            Says::both("type of the literal", "an array of references", found),
        );
        return;
    };
    for (index, element) in elements.iter().enumerate() {
        if report.is_full() {
            return;
        }
        let Some(id) = element else { continue };
        let Some(literal) = module.literals.get(id.0 as usize) else {
            let message = format!("element {index} is literal {}, which does not exist", id.0);
            report.push(Rule::S8, place.clone(), message);
            continue;
        };
        let found = literal_type(literal);
        if !classes.assignable(found, wanted) {
            let says = Says::both(
                format!("element {index}"),
                format!("`{}`", module.type_name(wanted)),
                format!("`{}`", module.type_name(found)),
            );
            report.push(Rule::S8, place.clone(), says);
        }
    }
}

fn check_types_of(module: &Module, types: &[TypeId], place: &Place, report: &mut Report<'_>) {
    for (index, &ty) in types.iter().enumerate() {
        if report.is_full() {
            return;
        }
        let boxed = matches!(module.types.get(ty.index()), Some(TypeDef::BoxI64 | TypeDef::BoxF64));
        let is_class = boxed || ty.is_ref() && is_register_type(module, ty);
        if !is_class {
            let message = format!("element {index}, `{}`, is no type of objects", module.type_name(ty));
            report.push(Rule::S8, place.clone(), message);
        }
    }
}

fn check_func_literal(module: &Module, id: FuncId, ty: TypeId, place: Place, report: &mut Report<'_>) {
    let Some((params, results)) = signature_of(module, id) else {
        report.push(Rule::S10, place, format!("function {} does not exist", id.0));
        return;
    };
    match module.types.get(ty.index()) {
        Some(TypeDef::Func(signature)) if signature.params == params && signature.results == results => {}
        _ => {
            let message =
                format!("`{}` is not the type of `{}`", module.type_name(ty), module.function_name(id));
            report.push(Rule::S10, place, message);
        }
    }
}

/// No literal contains itself: depth first, without host recursion.
fn check_literal_depth(module: &Module, report: &mut Report<'_>) {
    const OPEN: u32 = u32::MAX;
    // 0: not seen; OPEN: being visited; else the depth below it, plus 1.
    let mut depths = vec![0u32; module.literals.len()];
    let mut stack: Vec<(usize, usize)> = Vec::new();
    let elements = |index: usize| match module.literals.get(index) {
        Some(Literal::Refs(_, elements)) => &elements[..],
        _ => &[],
    };
    for root in 0..depths.len() {
        if depths[root] != 0 || elements(root).is_empty() {
            continue;
        }
        stack.push((root, 0));
        depths[root] = OPEN;
        while let Some((index, next)) = stack.last_mut() {
            let index = *index;
            let Some(element) = elements(index).get(*next) else {
                let below = elements(index).iter().flatten().filter_map(|id| depths.get(id.0 as usize));
                let depth = 1 + below.filter(|&&d| d != OPEN).max().copied().unwrap_or(0);
                depths[index] = depth;
                if depth as usize > limits::LITERAL_DEPTH_MAX {
                    let message = format!("arrays in arrays, deeper than {}", limits::LITERAL_DEPTH_MAX);
                    report.push(Rule::S9, Place::Literal(LiteralId(index as u32)), message);
                }
                stack.pop();
                continue;
            };
            *next += 1;
            let Some(id) = element else { continue };
            match depths.get(id.0 as usize) {
                Some(&OPEN) => {
                    let message = format!("literal {} contains itself", id.0);
                    report.push(Rule::S9, Place::Literal(LiteralId(index as u32)), message);
                }
                Some(0) if !elements(id.0 as usize).is_empty() => {
                    depths[id.0 as usize] = OPEN;
                    stack.push((id.0 as usize, 0));
                }
                _ => {}
            }
        }
        if report.is_full() {
            return;
        }
    }
}

fn check_selectors(module: &Module, report: &mut Report<'_>) {
    for (index, selector) in module.selectors.iter().enumerate() {
        let exists = match module.types.get(selector.interface.index()) {
            Some(TypeDef::Interface(interface)) => usize::from(selector.method) < interface.methods.len(),
            _ => false,
        };
        if !exists {
            let name = module.type_name(selector.interface);
            let message =
                format!("selector {index}: `{name}` is no interface with a method {}", selector.method);
            report.push(Rule::S11, Place::Module, message);
        }
    }
    let all = module.selectors.iter().enumerate().map(|(index, s)| ((s.interface, s.method), index));
    duplicates(all.collect(), |index| {
        report.push(Rule::S11, Place::Module, format!("selector {index} stands in the table already"));
    });
}

fn check_exports(module: &Module, report: &mut Report<'_>) {
    for export in &module.exports {
        let place = Place::Name(export.name.clone());
        check_name(report, &place, "export", &export.name);
        let fits = match export.item {
            ExportItem::Function(id) => module.function(id).is_some(),
            ExportItem::Type(ty) => match module.types.get(ty.index()) {
                Some(TypeDef::Class(Class { import, .. }) | TypeDef::Interface(Interface { import, .. })) => {
                    import.is_none() && ty >= TypeId::FIRST_USER
                }
                _ => false,
            },
        };
        if !fits {
            let what = match export.item {
                ExportItem::Function(id) => format!("function {}", id.0),
                ExportItem::Type(ty) => format!("type {}", ty.0),
            };
            let message = format!("{what} is no function, class or interface of this module");
            report.push(Rule::S12, place, message);
        }
    }
    let names = module.exports.iter().enumerate().map(|(index, export)| (&*export.name, index));
    duplicates(names.collect(), |index| {
        let place = Place::Name(module.exports[index].name.clone());
        report.push(Rule::S12, place, "exported twice");
    });
}

fn check_main(module: &Module, report: &mut Report<'_>) {
    let Some(id) = module.main else { return };
    let Some(function) = module.function(id) else {
        report.push(
            Rule::S13,
            Place::Module,
            format!("main is function {}, which is not in the module", id.0),
        );
        return;
    };
    let place = report.function_place(id, function, None);
    let Some((params, results)) = signature_of(module, id) else { return };
    if !matches!(params, [] | [TypeId::ARRAY_STR]) {
        report.push(Rule::S13, place.clone(), "main takes nothing or one `[str]`");
    }
    if !matches!(results, [] | [TypeId::I64]) {
        report.push(Rule::S13, place, "main returns nothing or one `i64`");
    }
}

fn check_function_names(module: &Module, report: &mut Report<'_>) {
    let first = module.imports.len();
    for (index, function) in module.functions.iter().enumerate() {
        if report.is_full() {
            return;
        }
        let place = report.function_place(FuncId((first + index) as u32), function, None);
        check_name(report, &place, "function", &function.name);
    }
    let names = module.functions.iter().enumerate().map(|(index, function)| (&*function.name, index));
    duplicates(names.collect(), |index| {
        let place = report.function_place(FuncId((first + index) as u32), &module.functions[index], None);
        report.push(Rule::S6, place, "another function has this name");
    });
}

/// The functions behind the methods of classes.
fn check_methods(module: &Module, classes: &ClassTable, report: &mut Report<'_>) {
    for (index, def) in module.types.iter().enumerate() {
        let TypeDef::Class(class) = def else { continue };
        let ty = TypeId(index as u16);
        for method in &class.methods {
            let Some(id) = method.function else { continue };
            let fits = match signature_of(module, id) {
                Some(([receiver, params @ ..], results)) => {
                    classes.assignable(ty, *receiver)
                        && *params == *method.signature.params
                        && *results == *method.signature.results
                }
                Some(([], _)) | None => false,
            };
            if !fits {
                let place = report.type_place(ty, Some(method.name.clone()));
                let message =
                    format!("function `{}` does not fit the method or its object", module.function_name(id));
                report.push(Rule::C10, place, message);
            }
        }
    }
}
