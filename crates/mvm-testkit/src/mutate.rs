//! Changes to modules: most make them wrong in one place, some leave them right in another way.
//!
//! Every part of a module can be hit: code, declarations, debug information, types, literals, the other tables. Which
//! change it is follows from bytes alone, as in [`generate`](crate::generate).
//!
//! Not here: what is asked of a changed module ([`fuzz_bodies`](crate::fuzz_bodies)).

use mvm_isa::{Elem, Opcode, TypeId};
use mvm_module::finish::finish_function;
use mvm_module::{
    Class, Export, ExportItem, Field, FuncId, Function, Handler, Import, InlineEntry, InlinedCall, Interface,
    LineEntry, Literal, LiteralId, Method, Module, Name, Selector, Signature, TypeDef, VarEntry, limits,
};

use crate::generate::Entropy;
use crate::rng::Rng;

/// Changes a module in one place.
pub fn mutate(module: &mut Module, e: &mut Entropy<'_>) {
    match e.below(16) {
        0..=6 => code(module, e),
        7 => declaration(module, e),
        8 => debug(module, e),
        9..=11 => type_table(module, e),
        12 => literals(module, e),
        13 => exports(module, e),
        14 => imports(module, e),
        _ => head(module, e),
    }
}

/// A type number, sometimes one that does not exist.
fn any_type(types: usize, e: &mut Entropy<'_>) -> TypeId {
    TypeId(e.below(types + 2) as u16)
}

/// A function number, sometimes one that does not exist.
fn any_function(module: &Module, e: &mut Entropy<'_>) -> FuncId {
    FuncId(e.below(module.imports.len() + module.functions.len() + 2) as u32)
}

/// A name: one that generated modules use, one that no module may use, or a new one.
fn any_name(e: &mut Entropy<'_>) -> Name {
    let names = [
        "main",
        "f0",
        "c0m0",
        "C0",
        "C1",
        "I0",
        "m0",
        "m1",
        "c0f0",
        "message",
        "Error",
        "new",
        "with space",
        "wörter",
        "123",
        "",
        "line\nend",
        "back`quote",
    ];
    match e.pick(&names) {
        Some(&"123") => "n".repeat(limits::NAME_BYTES_MAX + e.below(2)).into(),
        name => name.copied().unwrap_or("main").into(),
    }
}

fn code(module: &mut Module, e: &mut Entropy<'_>) {
    let types = module.types.len();
    let count = module.functions.len();
    let Some(function) = module.functions.get_mut(e.below(count)) else { return };
    let at = e.below(function.code.len());
    let Some(word) = function.code.get_mut(at) else { return };
    match e.below(10) {
        0 => *word ^= 1 << e.below(64),
        1 => *word = *word & !0xffff | e.below(Opcode::ALL.len()) as u64,
        2 => {
            let shift = 16 * e.below(4);
            *word = *word & !(0xffff << shift) | (e.below(40) as u64) << shift;
        }
        3 => *word = word.wrapping_add(1 << (16 * e.below(4))),
        4 => *word = e.bits(),
        5 => {
            let register = e.below(function.registers.len());
            if let Some(ty) = function.registers.get_mut(register) {
                *ty = TypeId(e.below(types) as u16);
            }
        }
        6 => handlers(function, e),
        7 => {
            function.code.remove(at);
        }
        8 => function.code.truncate(at),
        _ => {
            let copy = function.code[e.below(function.code.len())];
            function.code.insert(at, copy);
        }
    }
    if e.below(8) != 0 {
        finish_function(function);
    }
}

fn handlers(function: &mut Function, e: &mut Entropy<'_>) {
    let place = e.below(function.code.len() + 1) as u32;
    let register = e.below(function.registers.len() + 1) as u16;
    let number = e.below(function.handlers.len() + 1);
    let Some(handler) = function.handlers.get_mut(number) else {
        let end = place + e.below(8) as u32;
        function.handlers.push(Handler { start: place, end, target: place, class: TypeId::ERROR, register });
        return;
    };
    match e.below(6) {
        0 => handler.start = place,
        1 => handler.end = place,
        2 => handler.target = place,
        3 => handler.register = register,
        4 => handler.class = TypeId(e.below(90) as u16),
        _ => {
            let last = function.handlers.len() - 1;
            function.handlers.swap(number, last);
        }
    }
}

/// Parameters, results, registers, the name.
fn declaration(module: &mut Module, e: &mut Entropy<'_>) {
    let types = module.types.len();
    let count = module.functions.len();
    let Some(function) = module.functions.get_mut(e.below(count)) else { return };
    match e.below(8) {
        0 => function.params = e.below(300) as u16,
        1 => function.results.push(any_type(types, e)),
        2 => drop(function.results.pop()),
        3 => function.registers.push(any_type(types, e)),
        4 => drop(function.registers.pop()),
        5 => function.registers.resize(limits::LEAF_REGISTERS_MAX + e.below(2), TypeId::I64),
        6 => function.name = any_name(e),
        _ => {
            function.code.clear();
            function.code.resize(e.below(limits::LEAF_WORDS_MAX + 2), Opcode::Nop as u64);
            function.code.push(Opcode::Ret as u64);
        }
    }
}

fn debug(module: &mut Module, e: &mut Entropy<'_>) {
    let files = module.sources.len();
    let count = module.functions.len();
    let Some(function) = module.functions.get_mut(e.below(count)) else { return };
    let words = function.code.len();
    let place = |e: &mut Entropy<'_>| e.below(words + 2) as u32;
    match e.below(7) {
        0 => function.debug.register_names.push(any_name(e)),
        1 => {
            function.debug.register_names = (0..function.registers.len()).map(|_| any_name(e)).collect();
        }
        2 => module.sources.push(any_name(e)),
        3 => {
            let (pc, file) = (place(e), e.below(files + 1) as u16);
            let entry = LineEntry { pc, file, line: e.below(4) as u32, column: e.below(3) as u32 };
            function.debug.lines.push(entry);
        }
        4 => {
            let outer = e.below(3).checked_sub(1).map(|outer| outer as u32);
            let (function_id, file) = (FuncId(e.below(count + 2) as u32), e.below(files + 1) as u16);
            let (line, column) = (e.below(3) as u32, e.below(2) as u32);
            function.debug.calls.push(InlinedCall { function: function_id, outer, file, line, column });
        }
        5 => {
            let call = e.below(3).checked_sub(1).map(|call| call as u32);
            function.debug.inlined.push(InlineEntry { pc: place(e), call });
        }
        _ => {
            let register = e.below(function.registers.len() + 1) as u16;
            let (name, ty) = (any_name(e), any_name(e));
            let var = VarEntry { name, ty, register, start: place(e), end: place(e) };
            function.debug.vars.push(var);
        }
    }
}

fn type_table(module: &mut Module, e: &mut Entropy<'_>) {
    let types = module.types.len();
    let first = TypeId::FIRST_USER.index();
    match e.below(16) {
        0 => {
            let copy = module.types[e.below(types)].clone();
            module.types.push(copy);
        }
        1 => {
            let copy = module.types[e.below(types)].clone();
            let own = e.below(types - first.min(types));
            if let Some(def) = module.types.get_mut(first + own) {
                *def = copy;
            }
        }
        2 => module.types[e.below(types)] = TypeDef::Reserved,
        3 => module.types.push(TypeDef::RefArray(any_type(types, e))),
        4 => tower(module, e),
        5 => {
            let (interface, method) = (any_type(types, e), e.below(5) as u16);
            module.selectors.push(Selector { interface, method });
        }
        _ => {
            let function = any_function(module, e);
            let own = first + e.below(types - first.min(types));
            match module.types.get_mut(own) {
                Some(TypeDef::RefArray(elem)) => *elem = any_type(types, e),
                Some(TypeDef::Func(signature)) => change_signature(signature, types, e),
                Some(TypeDef::Class(class)) => change_class(class, types, function, e),
                Some(TypeDef::Interface(interface)) => change_interface(interface, types, function, e),
                _ => {}
            }
        }
    }
}

/// Types or literals inside each other, up to the limit or one past it.
fn tower(module: &mut Module, e: &mut Entropy<'_>) {
    let kind = e.below(4);
    let levels = limits::TYPE_DEPTH_MAX + e.below(2);
    for level in 0..levels {
        let below = (level > 0).then(|| TypeId(module.types.len() as u16 - 1));
        let name: Name = format!("level {level}").into();
        let (import, methods) = (None, Vec::new());
        module.types.push(match kind {
            0 => TypeDef::RefArray(below.unwrap_or(TypeId::BLOCK)),
            1 => TypeDef::Class(Class {
                name,
                import,
                base: below,
                interfaces: Vec::new(),
                fields: Vec::new(),
                methods,
                frozen: false,
            }),
            2 => {
                TypeDef::Interface(Interface { name, import, extends: below.into_iter().collect(), methods })
            }
            _ => {
                let inner = (level > 0).then(|| LiteralId(module.literals.len() as u32 - 1));
                module.literals.push(Literal::Refs(TypeId::ARRAY_STR, [inner].into()));
                continue;
            }
        });
    }
}

fn change_signature(signature: &mut Signature, types: usize, e: &mut Entropy<'_>) {
    match e.below(6) {
        0 => signature.params.push(any_type(types, e)),
        1 => drop(signature.params.pop()),
        2 => signature.results.push(any_type(types, e)),
        3 => drop(signature.results.pop()),
        4 => signature.params.resize(limits::PARAMS_MAX + e.below(2), TypeId::I64),
        _ => signature.results.resize(limits::RESULTS_MAX + e.below(2), TypeId::I64),
    }
}

fn change_import(import: &mut Option<Name>, e: &mut Entropy<'_>) {
    *import = if import.is_some() { None } else { Some(any_name(e)) };
}

fn change_methods(methods: &mut Vec<Method>, types: usize, function: FuncId, e: &mut Entropy<'_>) {
    let number = e.below(methods.len() + 1);
    let Some(method) = methods.get_mut(number) else {
        methods.push(Method { name: any_name(e), signature: Signature::default(), function: Some(function) });
        return;
    };
    match e.below(5) {
        0 => method.name = any_name(e),
        1 => method.function = if method.function.is_some() { None } else { Some(function) },
        2 => method.function = Some(function),
        3 => change_signature(&mut method.signature, types, e),
        _ => drop(methods.remove(number)),
    }
}

fn change_class(class: &mut Class, types: usize, function: FuncId, e: &mut Entropy<'_>) {
    match e.below(10) {
        0 => class.name = any_name(e),
        1 => change_import(&mut class.import, e),
        2 => class.base = if class.base.is_some() { None } else { Some(any_type(types, e)) },
        3 => class.base = Some(any_type(types, e)),
        4 => class.interfaces.push(any_type(types, e)),
        5 => drop(class.interfaces.pop()),
        6 => class.frozen = !class.frozen,
        7 => {
            let (name, ty) = (any_name(e), any_type(types, e));
            let count = class.fields.len();
            match class.fields.get_mut(e.below(count + 1)) {
                Some(field) => *field = Field { name, ty },
                None => class.fields.push(Field { name, ty }),
            }
        }
        8 => drop(class.fields.pop()),
        _ => change_methods(&mut class.methods, types, function, e),
    }
}

fn change_interface(interface: &mut Interface, types: usize, function: FuncId, e: &mut Entropy<'_>) {
    match e.below(5) {
        0 => interface.name = any_name(e),
        1 => change_import(&mut interface.import, e),
        2 => interface.extends.push(any_type(types, e)),
        3 => drop(interface.extends.pop()),
        _ => change_methods(&mut interface.methods, types, function, e),
    }
}

fn literals(module: &mut Module, e: &mut Entropy<'_>) {
    let count = module.literals.len();
    let any_literal = |e: &mut Entropy<'_>| Some(LiteralId(e.below(count + 2) as u32));
    let literal = match e.below(8) {
        0 => Literal::Str(any_name(e)[..].into()),
        1 => {
            let elem = *e.pick(&Elem::ALL).unwrap_or(&Elem::I8);
            Literal::Array(elem, (0..e.below(17)).map(|_| e.byte()).collect())
        }
        2 => Literal::Refs(TypeId::ARRAY_STR, [any_literal(e), None].into()),
        3 => Literal::Refs(any_type(module.types.len(), e), [any_literal(e)].into()),
        4 => Literal::Func(any_function(module, e), any_type(module.types.len(), e)),
        5 => Literal::Bytes(Box::from([0xff, e.byte()])),
        6 => Literal::Types((0..e.below(4)).map(|_| any_type(module.types.len(), e)).collect()),
        _ => return module.literals.truncate(e.below(count + 1)),
    };
    match module.literals.get_mut(e.below(count + 1)) {
        Some(place) => *place = literal,
        None => module.literals.push(literal),
    }
}

fn exports(module: &mut Module, e: &mut Entropy<'_>) {
    let item = if e.below(2) == 0 {
        ExportItem::Function(any_function(module, e))
    } else {
        ExportItem::Type(any_type(module.types.len(), e))
    };
    module.exports.push(Export { name: any_name(e), item });
}

/// A function of another module, or of this one. Every function number moves with it, or stays.
fn imports(module: &mut Module, e: &mut Entropy<'_>) {
    let mut signature = Signature::default();
    change_signature(&mut signature, module.types.len(), e);
    module.imports.push(Import { module: any_name(e), name: any_name(e), signature });
    if e.below(2) == 0 && !module.functions.is_empty() {
        module.functions.remove(0);
    }
}

fn head(module: &mut Module, e: &mut Entropy<'_>) {
    match e.below(4) {
        0 => module.name = any_name(e),
        1 => module.main = Some(any_function(module, e)),
        2 => module.main = None,
        _ => {
            let count = module.functions.len();
            module.functions.truncate(1 + e.below(count));
        }
    }
}

/// A text with one to three of its words and signs replaced by others of them.
pub fn mutate_text(text: &str, rng: &mut Rng) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let size = if word(first) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (part, behind) = rest.split_at(size);
        parts.push(part);
        rest = behind;
    }
    let solid: Vec<usize> = (0..parts.len()).filter(|&at| !parts[at].trim().is_empty()).collect();
    if solid.is_empty() {
        return text.to_owned();
    }
    for _ in 0..1 + rng.below(3) {
        let mut pick = || solid[rng.below(solid.len() as u64) as usize];
        let (at, other) = (pick(), pick());
        parts[at] = parts[other];
    }
    parts.concat()
}
