//! Several modules into one image: one type table, one function table, no imports.
//!
//! The first module gives the image its name and keeps its names; functions and types of the others become
//! `module.name`. Array and function types are merged by structure, selectors by interface and method, function literals
//! by function. What a module imports must be exported by the module it names, with the same types; an imported class
//! or interface must be declared as its module declares it.
//!
//! Each module is judged as a library first, so the linker relies on numbers being in range. The image is for the
//! verifier to judge.
//!
//! Not here: where modules are found (the command line), leaving out unused functions.

mod code;
mod types;

use std::collections::BTreeMap;

use mvm_isa::TypeId;

use crate::model::limits::{self, Limits};
use crate::model::{
    Export, ExportItem, FuncId, Function, Handler, LineEntry, Literal, LiteralId, Module, Name, Selector,
};
use crate::verify::{VerifyError, library_within};
use code::CodeMap;
pub use code::renumber_functions;
use types::{TypeMap, merge_types};

/// How many errors are reported at most.
const ERRORS_MAX: usize = 100;

/// Why modules do not make an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// There are no modules.
    #[error("no modules to link")]
    Nothing,
    /// A module breaks a rule of the verifier.
    #[error("module `{module}`: {error}")]
    Invalid {
        /// The module.
        module: Name,
        /// What the verifier says.
        error: Box<VerifyError>,
    },
    /// Two modules have one name.
    #[error("two modules are named `{module}`")]
    SameModule {
        /// Their name.
        module: Name,
    },
    /// A module imports from a module that is not there.
    #[error("module `{module}` imports `{item}` from `{from}`, which is not among the modules{}", help(.similar.as_deref()))]
    MissingModule {
        /// The module that imports.
        module: Name,
        /// What it imports.
        item: Name,
        /// From where.
        from: Name,
        /// A module with a similar name.
        similar: Option<Name>,
    },
    /// A module does not export what another imports from it.
    #[error("module `{module}` imports `{item}` from `{from}`, which {}{}",
        if *.private { "has it but does not export it" } else { "does not export it" }, help(.similar.as_deref()))]
    MissingExport {
        /// The module that imports.
        module: Name,
        /// What it imports.
        item: Name,
        /// From where.
        from: Name,
        /// The other module has something of this name.
        private: bool,
        /// An export with a similar name.
        similar: Option<Name>,
    },
    /// An import and what it names are declared differently.
    #[error(
        "module `{module}` imports `{item}` from `{from}`, where it is declared differently: {difference}"
    )]
    Differs {
        /// The module that imports.
        module: Name,
        /// What it imports.
        item: Name,
        /// From where.
        from: Name,
        /// What is different.
        difference: String,
    },
    /// Two functions, or two types, of the image would have one name.
    #[error("two {what} of the image would be named `{name}`")]
    SameName {
        /// Functions or types.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The image would be too large.
    #[error("the image has {count} {what}, the limit is {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

fn help(similar: Option<&str>) -> String {
    similar.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Links modules into an image. `main` is that of the first module that has one.
pub fn link(modules: Vec<Module>) -> Result<Module, Vec<LinkError>> {
    link_within(modules, &Limits::default())
}

fn link_within(modules: Vec<Module>, limits: &Limits) -> Result<Module, Vec<LinkError>> {
    let errors = check_modules(&modules, limits);
    if !errors.is_empty() {
        return Err(errors);
    }
    let linker = Linker::new(&modules);
    let mut errors = Vec::new();
    let types = merge_types(&linker, &mut errors);
    let functions = types.as_ref().map(|types| linker.functions(types, &mut errors)).unwrap_or_default();
    let Some(types) = types.filter(|_| errors.is_empty()) else {
        errors.truncate(ERRORS_MAX);
        return Err(errors);
    };
    let image = linker.build(types, &functions)?;
    let errors = check_image(&image, limits);
    if errors.is_empty() { Ok(image) } else { Err(errors) }
}

fn check_modules(modules: &[Module], limits: &Limits) -> Vec<LinkError> {
    if modules.is_empty() {
        return vec![LinkError::Nothing];
    }
    let mut errors = Vec::new();
    let mut names: Vec<&Name> = modules.iter().map(|module| &module.name).collect();
    names.sort_unstable();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        errors.push(LinkError::SameModule { module: pair[0].clone() });
    }
    for module in modules {
        if let Err(found) = library_within(module, limits) {
            errors.extend(
                found
                    .into_iter()
                    .map(|e| LinkError::Invalid { module: module.name.clone(), error: e.into() }),
            );
        }
    }
    errors.truncate(ERRORS_MAX);
    errors
}

/// Names and sizes that fit each module but not all of them together.
fn check_image(image: &Module, huge: &Limits) -> Vec<LinkError> {
    let mut errors = Vec::new();
    let words = image.functions.iter().map(|f| f.code.len()).sum();
    for (what, count, limit) in [
        ("functions", image.functions.len(), huge.functions),
        ("selectors", image.selectors.len(), limits::SELECTORS_MAX),
        ("literals", image.literals.len(), huge.literals),
        ("source names", image.sources.len(), limits::SOURCES_MAX),
        ("words of code", words, huge.code_words),
    ] {
        if count > limit {
            errors.push(LinkError::TooMany { what, count, limit });
        }
    }
    let mut same = |what, mut names: Vec<&str>| {
        names.sort_unstable();
        for pair in names.windows(2).filter(|pair| pair[0] == pair[1]).take(ERRORS_MAX) {
            errors.push(LinkError::SameName { what, name: pair[0].into() });
        }
    };
    same("functions", image.functions.iter().map(|f| &*f.name).collect());
    same("types", image.types.iter().filter_map(types::own_name).collect());
    errors
}

/// What an item of a module is called in the image.
fn image_name(module_index: usize, module: &Module, name: &str) -> Name {
    if module_index == 0 { name.into() } else { format!("{}.{name}", module.name).into() }
}

/// The modules with their names and exports.
struct Linker<'m> {
    modules: &'m [Module],
    by_name: BTreeMap<&'m str, usize>,
    exports: Vec<BTreeMap<&'m str, ExportItem>>,
}

impl<'m> Linker<'m> {
    fn new(modules: &'m [Module]) -> Linker<'m> {
        Linker {
            modules,
            by_name: modules.iter().enumerate().map(|(index, module)| (&*module.name, index)).collect(),
            exports: modules
                .iter()
                .map(|module| module.exports.iter().map(|export| (&*export.name, export.item)).collect())
                .collect(),
        }
    }

    /// The module and the item that an import names.
    fn find(&self, module: &Module, from: &Name, item: &Name) -> Result<(usize, ExportItem), LinkError> {
        let Some(&index) = self.by_name.get(&**from) else {
            let similar = mvm_diag::suggest(from, self.by_name.keys().copied()).map(Name::from);
            return Err(LinkError::MissingModule {
                module: module.name.clone(),
                item: item.clone(),
                from: from.clone(),
                similar,
            });
        };
        if let Some(&found) = self.exports[index].get(&**item) {
            return Ok((index, found));
        }
        let other = &self.modules[index];
        let private = other.functions.iter().any(|f| f.name == *item)
            || other.types.iter().any(|def| types::own_name(def) == Some(item));
        let candidates = self.exports[index].keys().copied().filter(|_| !private);
        let similar = mvm_diag::suggest(item, candidates).map(Name::from);
        Err(LinkError::MissingExport {
            module: module.name.clone(),
            item: item.clone(),
            from: from.clone(),
            private,
            similar,
        })
    }

    fn differs(&self, module: &Module, from: &Name, item: &Name, difference: String) -> LinkError {
        LinkError::Differs { module: module.name.clone(), item: item.clone(), from: from.clone(), difference }
    }

    /// For each module the functions of the image that its function numbers stand for.
    fn functions(&self, types: &TypeMap, errors: &mut Vec<LinkError>) -> Vec<Vec<FuncId>> {
        let mut starts = vec![0u32];
        for module in self.modules {
            starts.push(starts[starts.len() - 1].saturating_add(module.functions.len() as u32));
        }
        let mut maps = Vec::with_capacity(self.modules.len());
        for (index, module) in self.modules.iter().enumerate() {
            let mut map = Vec::with_capacity(module.imports.len() + module.functions.len());
            for import in &module.imports {
                let wanted = types.signature(index, &import.signature);
                let found = self.find(module, &import.module, &import.name).and_then(|(from, item)| {
                    let other = &self.modules[from];
                    let (ExportItem::Function(id), Some(signature)) = (item, function_signature(other, item))
                    else {
                        let difference = "it is a type there".to_string();
                        return Err(self.differs(module, &import.module, &import.name, difference));
                    };
                    if types.signature(from, &signature) != wanted {
                        let difference = format!(
                            "{} here, {} there",
                            types::signature_text(module, &import.signature),
                            types::signature_text(other, &signature)
                        );
                        return Err(self.differs(module, &import.module, &import.name, difference));
                    }
                    Ok(FuncId(starts[from] + id.0 - other.imports.len() as u32))
                });
                map.push(found.unwrap_or_else(|error| {
                    errors.push(error);
                    FuncId(0)
                }));
            }
            map.extend((0..module.functions.len() as u32).map(|k| FuncId(starts[index] + k)));
            maps.push(map);
        }
        maps
    }

    fn build(&self, types: TypeMap, functions: &[Vec<FuncId>]) -> Result<Module, Vec<LinkError>> {
        let Some(first) = self.modules.first() else { return Err(vec![LinkError::Nothing]) };
        let mut image = Module::new(&first.name);
        let mut parts = Parts::default();
        for (index, module) in self.modules.iter().enumerate() {
            let ty = |ty: TypeId| types.map(index, ty);
            let func = |id: FuncId| functions[index][id.0 as usize];
            let selectors: Vec<u32> = module
                .selectors
                .iter()
                .map(|s| {
                    parts.selector(&mut image, Selector { interface: ty(s.interface), method: s.method })
                })
                .collect();
            let literals = parts.literals(&mut image, module, ty, func);
            let sources: Vec<u16> =
                module.sources.iter().map(|name| parts.source(&mut image, name) as u16).collect();
            let map = CodeMap {
                ty: &ty,
                func: &func,
                selector: &|number| selectors[number as usize],
                literal: &|number| literals[number as usize].0,
            };
            for function in &module.functions {
                image.functions.push(Function {
                    name: image_name(index, module, &function.name),
                    ..function_in_image(function, &map, &sources)
                });
            }
            image.exports.extend(module.exports.iter().map(|export| Export {
                name: image_name(index, module, &export.name),
                item: match export.item {
                    ExportItem::Function(id) => ExportItem::Function(func(id)),
                    ExportItem::Type(id) => ExportItem::Type(ty(id)),
                },
            }));
            image.main = image.main.or(module.main.map(func));
        }
        image.types = types.into_types(self, functions);
        Ok(image)
    }
}

fn function_signature(module: &Module, item: ExportItem) -> Option<crate::model::Signature> {
    match item {
        ExportItem::Function(id) => module.signature(id),
        ExportItem::Type(_) => None,
    }
}

fn function_in_image(function: &Function, map: &CodeMap<'_>, sources: &[u16]) -> Function {
    let mut function = function.clone();
    map.rewrite(&mut function.code);
    function.registers.iter_mut().chain(&mut function.results).for_each(|ty| *ty = (map.ty)(*ty));
    for Handler { class, .. } in &mut function.handlers {
        *class = (map.ty)(*class);
    }
    for LineEntry { file, .. } in &mut function.debug.lines {
        *file = sources[usize::from(*file)];
    }
    for call in &mut function.debug.calls {
        call.function = (map.func)(call.function);
        // One without a line has no file.
        call.file = if call.line > 0 { sources[usize::from(call.file)] } else { 0 };
    }
    function
}

/// What the image has already, of the things that are merged.
#[derive(Default)]
struct Parts {
    selectors: BTreeMap<(TypeId, u16), u32>,
    sources: BTreeMap<Name, usize>,
    functions: BTreeMap<FuncId, LiteralId>,
}

impl Parts {
    fn selector(&mut self, image: &mut Module, selector: Selector) -> u32 {
        *self.selectors.entry((selector.interface, selector.method)).or_insert_with(|| {
            image.selectors.push(selector);
            image.selectors.len() as u32 - 1
        })
    }

    fn source(&mut self, image: &mut Module, name: &Name) -> usize {
        *self.sources.entry(name.clone()).or_insert_with(|| {
            image.sources.push(name.clone());
            image.sources.len() - 1
        })
    }

    /// Adds the literals of a module; their numbers in the image.
    fn literals(
        &mut self,
        image: &mut Module,
        module: &Module,
        ty: impl Fn(TypeId) -> TypeId,
        func: impl Fn(FuncId) -> FuncId,
    ) -> Vec<LiteralId> {
        // Numbers first: an array may name literals behind it.
        let mut next = image.literals.len() as u32;
        let mut numbers: Vec<(LiteralId, bool)> = Vec::with_capacity(module.literals.len());
        for literal in &module.literals {
            let known = match literal {
                Literal::Func(id, _) => Some(*self.functions.entry(func(*id)).or_insert(LiteralId(next))),
                Literal::Str(_)
                | Literal::Bytes(_)
                | Literal::Array(..)
                | Literal::Refs(..)
                | Literal::Types(_) => None,
            };
            let number = known.unwrap_or(LiteralId(next));
            let new = number == LiteralId(next);
            next += u32::from(new);
            numbers.push((number, new));
        }
        for (literal, _) in module.literals.iter().zip(&numbers).filter(|(_, (_, new))| *new) {
            image.literals.push(match literal {
                Literal::Str(_) | Literal::Bytes(_) | Literal::Array(..) => literal.clone(),
                Literal::Refs(array, elements) => Literal::Refs(
                    ty(*array),
                    elements.iter().map(|element| element.map(|id| numbers[id.0 as usize].0)).collect(),
                ),
                Literal::Func(id, of) => Literal::Func(func(*id), ty(*of)),
                Literal::Types(types) => Literal::Types(types.iter().map(|&id| ty(id)).collect()),
            });
        }
        numbers.into_iter().map(|(number, _)| number).collect()
    }
}

#[cfg(test)]
mod tests {
    use mvm_isa::{Opcode, encode};

    use super::*;
    use crate::model::FuncDebug;

    /// A module with functions of so many words and so many literals.
    fn module(name: &str, functions: &[usize], literals: usize) -> Module {
        let mut module = Module::new(name);
        for (index, &words) in functions.iter().enumerate() {
            let mut code = vec![Opcode::Nop as u64; words - 1];
            encode::fixed(&mut code, Opcode::Ret, &[]);
            module.functions.push(Function {
                name: format!("f{index}").into(),
                params: 0,
                results: vec![],
                registers: vec![],
                code,
                handlers: vec![],
                debug: FuncDebug::default(),
            });
        }
        module.literals = vec![Literal::Str("".into()); literals];
        module
    }

    /// Each module is within the limits; together they are at the edge, and one past it.
    #[test]
    fn limits_hold_for_all_modules_together() {
        let too_many = |limits: &Limits, last: Module| {
            let first = module("a", &[2, 3], 3);
            assert_eq!(library_within(&last, limits), Ok(()));
            link_within(vec![first, last], limits).map(|_| ()).map_err(|errors| errors[0].to_string())
        };
        let limits =
            |functions, code_words, literals| Limits { functions, code_words, literals, ..Limits::default() };
        let of = |what: &str| Err(format!("the image has {what}"));
        let functions = limits(4, 100, 100);
        assert_eq!(too_many(&functions, module("b", &[1, 1], 0)), Ok(()));
        assert_eq!(too_many(&functions, module("b", &[1, 1, 1], 0)), of("5 functions, the limit is 4"));
        let words = limits(10, 9, 100);
        assert_eq!(too_many(&words, module("b", &[4], 0)), Ok(()));
        assert_eq!(too_many(&words, module("b", &[5], 0)), of("10 words of code, the limit is 9"));
        let literals = limits(10, 100, 5);
        assert_eq!(too_many(&literals, module("b", &[], 2)), Ok(()));
        assert_eq!(too_many(&literals, module("b", &[], 3)), of("6 literals, the limit is 5"));
    }
}
