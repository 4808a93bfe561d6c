//! For every rule of the verifier: modules that break it and no other.

use mvm_isa::{Elem, NO_REG, Opcode as Op, Syscall, TypeId};
use mvm_module::verify::Rule;
use mvm_module::{
    Class, Export, ExportItem, FuncId, Function, Import, InlineEntry, InlinedCall, Interface, LineEntry,
    Literal, LiteralId, Module, Selector, Signature, TypeDef, VarEntry, limits, verify,
};

use crate::build::{Code, add, class, func, method, raw, with_handlers};
use crate::sample::{ANIMAL, ANIMALS, DOG, FN_I, FN_I_I, NAMED, POINT, sample};

const I: TypeId = TypeId::I64;
const F: TypeId = TypeId::F64;
const STR: TypeId = TypeId::STR;
const ANY: TypeId = TypeId::ANY;
const ERROR: TypeId = TypeId::ERROR;
const ARRAY: TypeId = TypeId(12);

/// Modules under the rule they break.
#[derive(Default)]
struct Cases(Vec<(Rule, &'static str, Module)>);

impl Cases {
    /// The sample with something changed.
    fn case(&mut self, rule: Rule, name: &'static str, change: impl FnOnce(&mut Module)) {
        let mut module = sample();
        change(&mut module);
        self.0.push((rule, name, module));
    }

    /// The sample with one function more: number 5, without results.
    fn function(&mut self, rule: Rule, name: &'static str, function: Function) {
        self.case(rule, name, |module| module.functions.push(function));
    }

    /// The same from code that ends with `ret`.
    fn code(&mut self, rule: Rule, name: &'static str, registers: &[TypeId], code: Code) {
        self.function(rule, name, func("t", 0, &[], registers, code.ret()));
    }
}

fn long_name(bytes: usize) -> std::sync::Arc<str> {
    "n".repeat(bytes).into()
}

fn types_of(module: &mut Module, ty: TypeId) -> &mut Class {
    match &mut module.types[ty.index()] {
        TypeDef::Class(class) => class,
        _ => panic!("not a class"),
    }
}

fn interface(name: &str, extends: &[TypeId]) -> TypeDef {
    TypeDef::Interface(Interface {
        name: name.into(),
        import: None,
        extends: extends.to_vec(),
        methods: vec![],
    })
}

/// Adds a type.
fn put(module: &mut Module, def: TypeDef) {
    add(module, def);
}

/// Adds classes, each below the one before.
fn tower(module: &mut Module, levels: usize) {
    let mut base = None;
    for level in 0..levels {
        base = Some(add(module, TypeDef::Class(class(&format!("L{level}"), base, &[]))));
    }
}

fn interface_tower(module: &mut Module, levels: usize) {
    let mut above = vec![];
    for level in 0..levels {
        above = vec![add(module, interface(&format!("I{level}"), &above))];
    }
}

fn array_tower(module: &mut Module, levels: usize) {
    let mut elem = TypeId::BYTES;
    for _ in 0..levels {
        elem = add(module, TypeDef::RefArray(elem));
    }
}

/// Adds a function type that is written with so many types (more than 255).
fn put_function_type_of(module: &mut Module, parts: usize) {
    let mut put = |params: Vec<TypeId>| add(module, TypeDef::Func(Signature { params, results: vec![] }));
    let large = put(vec![F; 249]);
    let count = (parts - 1) / 250;
    let rest = parts - 1 - 250 * count;
    put([vec![large; count], vec![F; rest]].concat());
}

/// Adds function types, each of which names the one before twice. Returns the last.
fn doubling_types(module: &mut Module, levels: usize) -> TypeId {
    let mut ty = STR;
    for _ in 0..levels {
        ty = add(module, TypeDef::Func(Signature { params: vec![ty, ty], results: vec![] }));
    }
    ty
}

fn literal_tower(module: &mut Module, levels: usize) {
    let array = add(module, TypeDef::RefArray(ANY));
    for level in 0..levels {
        let inner = (level > 0).then(|| LiteralId(module.literals.len() as u32 - 1));
        module.literals.push(Literal::Refs(array, [inner].into()));
    }
}

fn many_fields(count: usize) -> TypeDef {
    let names: Vec<String> = (0..count).map(|k| format!("f{k}")).collect();
    let fields: Vec<(&str, TypeId)> = names.iter().map(|name| (name.as_str(), I)).collect();
    TypeDef::Class(class("Big", None, &fields))
}

fn many_methods(count: usize) -> TypeDef {
    let methods = (0..count).map(|k| method(&format!("m{k}"), &[], &[], None)).collect();
    TypeDef::Class(Class { methods, ..class("Talkative", None, &[]) })
}

fn nops(count: usize) -> Code {
    (0..count).fold(Code::new(), |code, _| code.op(Op::Nop, &[]))
}

fn names(cases: &mut Cases) {
    cases.case(Rule::S6, "empty", |m| m.name = "".into());
    cases.case(Rule::S6, "long", |m| m.functions[1].name = long_name(limits::NAME_BYTES_MAX + 1));
    cases.case(Rule::S6, "long source name", |m| m.sources[0] = long_name(limits::NAME_BYTES_MAX + 1));
    cases.case(Rule::S6, "control character", |m| m.exports[0].name = "a\nb".into());
    cases.case(Rule::S6, "backquote", |m| types_of(m, DOG).fields[0].name = "a`b".into());
    cases.case(Rule::S6, "two functions", |m| m.functions[1].name = "main".into());
    cases.case(Rule::S6, "two classes", |m| types_of(m, POINT).name = "Named".into());
}

fn structure(cases: &mut Cases) {
    cases.case(Rule::S1, "another built-in type", |m| m.types[3] = TypeDef::Bytes);
    cases.case(Rule::S1, "no built-in types", |m| m.types.clear());
    cases.case(Rule::S2, "types", |m| m.types.resize(limits::TYPES_MAX + 1, TypeDef::Reserved));
    cases.case(Rule::S2, "more types than numbers", |m| m.types.resize(70_000, TypeDef::Reserved));
    cases.case(Rule::S2, "selectors", |m| m.selectors.resize(limits::SELECTORS_MAX + 1, m.selectors[0]));
    cases.case(Rule::S2, "sources", |m| m.sources.resize(limits::SOURCES_MAX + 1, "x".into()));
    cases.case(Rule::S2, "parameters", |m| {
        let params = vec![I; limits::PARAMS_MAX + 1];
        add(m, TypeDef::Func(Signature { params, results: vec![] }));
    });
    cases.case(Rule::S2, "results", |m| {
        let results = vec![I; limits::RESULTS_MAX + 1];
        add(m, TypeDef::Func(Signature { params: vec![], results }));
    });
    cases.case(Rule::S2, "parameters of a method", |m| {
        types_of(m, ANIMAL).methods.push(method("big", &[I; limits::PARAMS_MAX], &[], None));
    });
    cases.case(Rule::S3, "a number type", |m| put(m, TypeDef::I64));
    cases.case(Rule::S3, "an unused number", |m| put(m, TypeDef::Reserved));
    cases.case(Rule::S4, "array of numbers as references", |m| put(m, TypeDef::RefArray(I)));
    cases.case(Rule::S4, "array of boxes", |m| put(m, TypeDef::RefArray(TypeId::BOX_I64)));
    cases.case(Rule::S4, "array of nothing", |m| put(m, TypeDef::RefArray(TypeId(9999))));
    cases.case(Rule::S4, "field", |m| types_of(m, DOG).fields[0].ty = TypeId(50));
    cases.case(Rule::S4, "parameter", |m| {
        add(m, TypeDef::Func(Signature { params: vec![TypeId::BOX_F64], results: vec![] }));
    });
    cases.case(Rule::S5, "array type twice", |m| put(m, TypeDef::RefArray(ANIMAL)));
    cases.case(Rule::S5, "[str] again", |m| put(m, TypeDef::RefArray(STR)));
    cases.case(Rule::S5, "function type twice", |m| {
        add(m, TypeDef::Func(Signature { params: vec![I], results: vec![I] }));
    });
    cases.case(Rule::S5, "array of itself", |m| {
        let next = TypeId(m.types.len() as u16);
        add(m, TypeDef::RefArray(next));
    });
    cases.case(Rule::S5, "too deep", |m| array_tower(m, limits::TYPE_DEPTH_MAX + 1));
    cases.case(Rule::S5, "too large", |m| put_function_type_of(m, limits::TYPE_PARTS_MAX + 1));
    cases.case(Rule::S7, "half an element", |m| m.literals[2] = Literal::Array(Elem::I16, [1, 2, 3].into()));
    cases.case(Rule::S8, "no array type", |m| m.literals[4] = Literal::Refs(STR, [].into()));
    cases.case(Rule::S8, "no such literal", |m| {
        m.literals[4] = Literal::Refs(TypeId::ARRAY_STR, [Some(LiteralId(99))].into());
    });
    cases.case(Rule::S8, "another type", |m| {
        m.literals[4] = Literal::Refs(TypeId::ARRAY_STR, [Some(LiteralId(1))].into());
    });
    for ty in [TypeId(9999), I, F, TypeId(63)] {
        cases.case(Rule::S8, "no type of objects", |m| {
            m.literals.push(Literal::Types([TypeId::BOX_I64, ANY, ty].into()));
        });
    }
    cases.case(Rule::S9, "itself", |m| {
        let array = add(m, TypeDef::RefArray(ANY));
        m.literals.push(Literal::Refs(array, [Some(LiteralId(7))].into()));
        m.literals.push(Literal::Refs(array, [Some(LiteralId(0)), Some(LiteralId(6))].into()));
    });
    cases.case(Rule::S9, "too deep", |m| literal_tower(m, limits::LITERAL_DEPTH_MAX + 1));
    cases.case(Rule::S10, "no such function", |m| m.literals[3] = Literal::Func(FuncId(99), FN_I_I));
    cases.case(Rule::S10, "another type", |m| m.literals.push(Literal::Func(FuncId(0), FN_I_I)));
    cases.case(Rule::S10, "twice", |m| m.literals.push(Literal::Func(FuncId(1), FN_I_I)));
    cases.case(Rule::S11, "no interface", |m| m.selectors.push(Selector { interface: DOG, method: 0 }));
    cases.case(Rule::S11, "no method", |m| m.selectors.push(Selector { interface: NAMED, method: 1 }));
    cases.case(Rule::S11, "twice", |m| m.selectors.push(m.selectors[0]));
    let export = |item| Export { name: "e".into(), item };
    cases.case(Rule::S12, "twice", |m| m.exports.push(m.exports[0].clone()));
    cases.case(Rule::S12, "function", |m| m.exports.push(export(ExportItem::Function(FuncId(99)))));
    cases.case(Rule::S12, "type", |m| m.exports.push(export(ExportItem::Type(FN_I))));
    cases.case(Rule::S12, "built-in type", |m| m.exports.push(export(ExportItem::Type(ERROR))));
    cases.case(Rule::S13, "no such function", |m| m.main = Some(FuncId(99)));
    cases.case(Rule::S13, "parameter", |m| m.main = Some(FuncId(1)));
    cases.case(Rule::S13, "result", |m| {
        m.functions.push(func("t", 0, &[STR], &[STR], Code::new().op(Op::RetValue, &[0])));
        m.main = Some(FuncId(5));
    });
    cases.case(Rule::S14, "class", |m| types_of(m, POINT).import = Some("other".into()));
    cases.case(Rule::S14, "function", |m| {
        *m = Module::new("m");
        let signature = Signature::default();
        m.imports.push(Import { module: "other".into(), name: "f".into(), signature });
    });
}

fn classes(cases: &mut Cases) {
    cases.case(Rule::C1, "own base", |m| types_of(m, POINT).base = Some(POINT));
    cases.case(Rule::C1, "circle of two", |m| {
        let next = TypeId(m.types.len() as u16);
        add(m, TypeDef::Class(class("A", Some(TypeId(next.0 + 1)), &[])));
        add(m, TypeDef::Class(class("B", Some(next), &[])));
    });
    cases.case(Rule::C1, "interfaces", |m| {
        let next = TypeId(m.types.len() as u16);
        add(m, interface("A", &[TypeId(next.0 + 1)]));
        add(m, interface("B", &[next]));
    });
    cases.case(Rule::C1, "levels", |m| tower(m, limits::CLASS_DEPTH_MAX + 1));
    cases.case(Rule::C1, "levels of interfaces", |m| interface_tower(m, limits::CLASS_DEPTH_MAX + 1));
    cases.case(Rule::C2, "base", |m| types_of(m, ANIMAL).base = Some(STR));
    cases.case(Rule::C2, "base that does not exist", |m| types_of(m, ANIMAL).base = Some(TypeId(9999)));
    cases.case(Rule::C2, "class as interface", |m| types_of(m, ANIMAL).interfaces = vec![POINT]);
    cases.case(Rule::C2, "interface includes class", |m| put(m, interface("A", &[POINT])));
    cases.case(Rule::C3, "thawed", |m| put(m, TypeDef::Class(class("A", Some(POINT), &[]))));
    cases.case(Rule::C3, "frozen later", |m| types_of(m, DOG).frozen = true);
    cases.case(Rule::C4, "own", |m| types_of(m, POINT).fields[1].name = "x".into());
    cases.case(Rule::C4, "inherited", |m| types_of(m, DOG).fields[0].name = "owner".into());
    cases.case(Rule::C5, "fields", |m| put(m, many_fields(limits::OBJECT_WORDS_MAX + 1)));
    cases.case(Rule::C5, "methods", |m| put(m, many_methods(limits::METHODS_MAX + 1)));
    cases.case(Rule::C6, "class", |m| {
        let again = types_of(m, ANIMAL).methods[0].clone();
        types_of(m, ANIMAL).methods.push(again);
    });
    cases.case(Rule::C6, "interface", |m| {
        let methods = vec![method("a", &[], &[], None), method("a", &[I], &[], None)];
        let TypeDef::Interface(empty) = interface("A", &[]) else { return };
        add(m, TypeDef::Interface(Interface { methods, ..empty }));
    });
    cases.case(Rule::C7, "other types", |m| {
        types_of(m, ANIMAL).methods[0].signature.params = vec![STR];
        *m = Module { functions: vec![], literals: vec![], exports: vec![], main: None, ..m.clone() };
    });
    cases.case(Rule::C8, "no method", |m| types_of(m, ANIMAL).interfaces = vec![NAMED]);
    cases.case(Rule::C8, "other types", |m| {
        types_of(m, ANIMAL).interfaces = vec![NAMED];
        types_of(m, ANIMAL).methods.push(method("name", &[I], &[STR], None));
        types_of(m, DOG).methods.pop();
        types_of(m, DOG).interfaces.clear();
    });
    cases.case(Rule::C9, "inherited methods", |m| {
        let big = add(m, many_methods(50_000));
        for k in 0..30 {
            add(m, TypeDef::Class(class(&format!("D{k}"), Some(big), &[])));
        }
    });
    cases.case(Rule::C9, "wide interfaces", |m| {
        let wide: Vec<TypeId> = (0..2_000).map(|k| add(m, interface(&format!("W{k}"), &[]))).collect();
        for k in 0..600 {
            add(m, interface(&format!("V{k}"), &wide));
        }
    });
    let set_function = |k: u32| move |m: &mut Module| types_of(m, DOG).methods[0].function = Some(FuncId(k));
    cases.case(Rule::C10, "no such function", set_function(99));
    cases.case(Rule::C10, "no object", set_function(0));
    cases.case(Rule::C10, "object of a class below", |m| {
        m.functions[3] = func("dog_name", 1, &[STR], &[POINT, STR], Code::new().op(Op::RetValue, &[1]));
    });
    cases.case(Rule::C10, "other results", set_function(3));
    cases.case(Rule::C11, "interface", |m| {
        let TypeDef::Interface(named) = &mut m.types[NAMED.index()] else { return };
        named.methods[0].function = Some(FuncId(3));
    });
}

fn functions(cases: &mut Cases) {
    let plain = |params: u16, registers: &[TypeId]| raw("t", params, &[], registers, Code::new().ret());
    cases.function(Rule::F1, "parameters", plain(256, &[I; 256]));
    cases.function(Rule::F1, "registers", plain(0, &[I; limits::REGISTERS_MAX + 1]));
    cases.function(Rule::F1, "more parameters than registers", plain(2, &[I]));
    cases.function(Rule::F2, "boxed register", plain(0, &[TypeId::BOX_I64]));
    cases.function(Rule::F2, "unknown type", plain(0, &[TypeId(9999)]));
    cases.function(Rule::F2, "result", raw("t", 0, &[TypeId(60)], &[], Code::new().op(Op::Unreachable, &[])));
    cases.function(Rule::F2, "results", raw("t", 0, &[I; 9], &[], Code::new().op(Op::Unreachable, &[])));
    cases.function(Rule::F3, "no code", raw("t", 0, &[], &[], Code::new()));
    cases.function(
        Rule::F3,
        "much code",
        raw("t", 0, &[], &[], Code(vec![0; limits::FUNCTION_WORDS_MAX + 1])),
    );

    let handled = |code: Code, ranges: &[_]| with_handlers(func("t", 0, &[], &[ERROR, I, ANY], code), ranges);
    let wide = || Code::new().op(Op::ConstI64Wide, &[1, 1 << 40]).op(Op::Nop, &[]).ret();
    for (name, range) in [
        ("empty range", (2, 2, 3, ERROR, 0)),
        ("backward range", (2, 0, 3, ERROR, 0)),
        ("start inside an instruction", (1, 2, 3, ERROR, 0)),
        ("end inside an instruction", (0, 1, 3, ERROR, 0)),
        ("end behind the code", (0, 5, 3, ERROR, 0)),
        ("target inside an instruction", (0, 2, 1, ERROR, 0)),
        ("target behind the code", (0, 2, 4, ERROR, 0)),
    ] {
        cases.function(Rule::F4, name, handled(wide(), &[range]));
    }
    let entered = || Code::new().op(Op::Enter, &[0, 0]).op(Op::Nop, &[]).ret();
    cases.function(Rule::F4, "range with enter", handled(entered(), &[(0, 2, 2, ERROR, 0)]));
    cases.function(Rule::F4, "handler at enter", handled(entered(), &[(1, 2, 0, ERROR, 0)]));
    let ranges = vec![(0, 2, 2, ERROR, 0); limits::HANDLERS_MAX + 1];
    cases.function(Rule::F4, "many ranges", handled(wide(), &ranges));
    cases.function(Rule::F5, "no exception class", handled(wide(), &[(0, 2, 3, STR, 2)]));
    cases.function(Rule::F5, "no such register", handled(wide(), &[(0, 2, 3, ERROR, 3)]));
    cases.function(Rule::F5, "number register", handled(wide(), &[(0, 2, 3, ERROR, 1)]));
    let narrow = func("t", 0, &[], &[TypeId::TRAP, I], wide());
    cases.function(Rule::F5, "class above the register's", with_handlers(narrow, &[(0, 2, 3, ERROR, 0)]));
    cases.function(Rule::F6, "crossing", handled(wide(), &[(0, 3, 3, ERROR, 0), (2, 4, 3, ERROR, 0)]));
    cases.function(Rule::F6, "outer first", handled(wide(), &[(0, 3, 3, ERROR, 0), (2, 3, 3, ERROR, 0)]));
    debug(cases);
}

fn debug(cases: &mut Cases) {
    let line = |pc, file, line| LineEntry { pc, file, line, column: 0 };
    let var = |register, start, end| VarEntry { name: "v".into(), ty: "int".into(), register, start, end };
    cases.case(Rule::F7, "one name for two registers", |m| {
        m.functions[1].debug.register_names = vec!["a".into(), "b".into()];
    });
    cases.case(Rule::F7, "long name", |m| m.functions[1].debug.register_names = vec![long_name(4097)]);
    for (name, entry) in
        [("line behind the code", line(2, 0, 1)), ("unknown file", line(0, 2, 1)), ("line 0", line(0, 0, 0))]
    {
        cases.case(Rule::F7, name, |m| m.functions[1].debug.lines = vec![entry]);
    }
    let twice = vec![line(1, 0, 1), line(1, 0, 2)];
    cases.case(Rule::F7, "two lines at one place", |m| m.functions[1].debug.lines = twice);
    for (name, entry) in [
        ("variable without register", var(1, 0, 1)),
        ("backward variable", var(0, 1, 0)),
        ("variable behind the code", var(0, 0, 3)),
    ] {
        cases.case(Rule::F7, name, |m| m.functions[1].debug.vars = vec![entry]);
    }
    inlined(cases);
}

fn inlined(cases: &mut Cases) {
    let good = InlinedCall { function: FuncId(0), outer: None, file: 0, line: 1, column: 1 };
    let calls = |calls: Vec<InlinedCall>| move |m: &mut Module| m.functions[1].debug.calls = calls;
    cases.case(Rule::F8, "call of no function", calls(vec![InlinedCall { function: FuncId(99), ..good }]));
    cases.case(Rule::F8, "call in itself", calls(vec![InlinedCall { outer: Some(0), ..good }]));
    cases.case(Rule::F8, "file that is not there", calls(vec![InlinedCall { file: 2, ..good }]));
    cases.case(Rule::F8, "column without a line", calls(vec![InlinedCall { line: 0, ..good }]));
    let deep = |levels: u32| (0..levels).map(|k| InlinedCall { outer: k.checked_sub(1), ..good }).collect();
    cases.case(Rule::F8, "65 levels", calls(deep(65)));
    let places = |entries: &[(u32, Option<u32>)]| {
        let inlined: Vec<InlineEntry> = entries.iter().map(|&(pc, call)| InlineEntry { pc, call }).collect();
        move |m: &mut Module| {
            m.functions[1].debug.calls = vec![good];
            m.functions[1].debug.inlined = inlined;
        }
    };
    cases.case(Rule::F8, "place behind the code", places(&[(2, Some(0))]));
    cases.case(Rule::F8, "unknown call", places(&[(0, Some(1))]));
    cases.case(Rule::F8, "two at one place", places(&[(1, Some(0)), (1, None)]));
    cases.case(Rule::F8, "the same again", places(&[(0, Some(0)), (1, Some(0))]));
    cases.case(Rule::F8, "none at first", places(&[(0, None)]));
}

fn instructions(cases: &mut Cases) {
    cases.code(Rule::I1, "opcode", &[], Code(vec![0xfff0]));
    let cut = raw("t", 0, &[], &[I], Code(Code::new().op(Op::ConstI64Wide, &[0, 7]).0[..1].to_vec()));
    cases.function(Rule::I2, "cut off", cut);
    let dirty = |registers: &[TypeId], mut code: Code, bit: u32| {
        code.0[bit as usize / 64] |= 1 << (bit % 64);
        func("t", 0, &[], registers, code.ret())
    };
    for (name, registers, code, bit) in [
        ("nop", vec![], Code::new().op(Op::Nop, &[]), 16),
        ("constant", vec![I], Code::new().op(Op::ConstI64Wide, &[0, 7]), 32),
        ("slots", vec![F; 4], Code::new().op(Op::FmaF64, &[0, 1, 2, 3]), 64 + 16),
        ("call", vec![I], Code::new().call(Op::Call, 0, 1, &[0]), 64 + 32),
        ("callr", vec![I, FN_I_I], Code::new().call(Op::CallRef, 0, 1, &[0]), 48),
        ("call_many", vec![I], Code::new().call_many(Op::CallMany, &[0], 1, &[0]), 128 + 16),
        ("callr_many", vec![I, FN_I_I], Code::new().call_many(Op::CallRefMany, &[0], 1, &[0]), 48),
        ("bind", vec![I, FN_I], Code::new().bind(1, 1, &[0]), 64 + 16),
        ("new_with", vec![POINT, I, F], Code::new().new_with(0, POINT, &[1, 2]), 64 + 32),
        ("sys", vec![STR], Code::new().sys(0, &[], &[0]), 64 + 16),
    ] {
        cases.function(Rule::I3, name, dirty(&registers, code, bit));
    }
    let mut tail = Code::new().tail(Op::TailCall, 5, &[]);
    tail.0[0] |= 1 << 24;
    cases.function(Rule::I3, "tail call", func("t", 0, &[], &[], tail));
    let mut many = Code::new().ret_many(&[0, 0]);
    many.0[1] |= 1 << 32;
    cases.function(Rule::I3, "ret_many", func("t", 0, &[I, I], &[I], many));
    let mut switch = Code::new().switch(Op::Switch, 0, &[3, 3, 3]);
    switch.0[2] |= 1 << 32;
    cases.code(Rule::I3, "switch", &[I], switch);

    cases.code(Rule::I4, "read", &[I], Code::new().op(Op::AddI64, &[0, 0, 1]));
    cases.code(Rule::I4, "written", &[I], Code::new().op(Op::AddI64, &[1, 0, 0]));
    cases.code(Rule::I4, "none", &[I], Code::new().op(Op::ConstI64, &[-1, 0]));
    cases.code(Rule::I4, "argument", &[I], Code::new().call(Op::Call, 0, 1, &[NO_REG]));
    branches(cases);
    counts(cases);
}

fn branches(cases: &mut Cases) {
    let two = || Code::new().op(Op::ConstI64Wide, &[0, 7]);
    cases.code(
        Rule::I5,
        "into an instruction",
        &[I],
        Code(Code::new().op(Op::Jmp, &[2]).0).op(Op::ConstI64Wide, &[0, 7]),
    );
    cases.code(Rule::I5, "behind the code", &[I], Code::new().op(Op::BeqI64, &[0, 0, 2]));
    cases.code(Rule::I5, "far away", &[], Code::new().op(Op::Jmp, &[i32::MAX.into()]));
    let before = Code(two().op(Op::BeqI64Back, &[0, 0, -4]).0);
    cases.code(Rule::I5, "in front of the code", &[I], before);
    cases.code(Rule::I5, "to enter", &[I], Code::new().op(Op::BeqI64Back, &[0, 0, -1]));
    cases.code(Rule::I5, "switch", &[I], Code::new().switch(Op::Switch, 0, &[3, 9, 3]));
    cases.code(Rule::I6, "forward to itself", &[I], Code::new().op(Op::BeqI64, &[0, 0, 0]));
    cases.code(Rule::I6, "forward back", &[I], Code::new().op(Op::Nop, &[]).op(Op::Jmp, &[-1]));
    cases.code(Rule::I6, "back forward", &[I], Code::new().op(Op::BeqI64Back, &[0, 0, 1]));
    cases.code(Rule::I6, "jmp_back forward", &[], Code::new().op(Op::JmpBack, &[0, 1]));
    cases.code(Rule::I6, "switch back", &[I], Code::new().op(Op::Nop, &[]).switch(Op::Switch, 0, &[-1, 2]));
    cases.code(Rule::I6, "switch_back forward", &[I], Code::new().switch(Op::SwitchBack, 0, &[2, 2]));
    cases.function(Rule::I7, "last instruction", func("t", 0, &[], &[], Code::new().op(Op::Nop, &[])));
    cases.function(Rule::I7, "call last", func("t", 0, &[], &[I], Code::new().call(Op::Call, 0, 1, &[0])));
    cases.code(Rule::I8, "inside", &[], Code::new().op(Op::Nop, &[]).op(Op::Enter, &[1, 0]));
    let bare = |registers: &[TypeId], code: Code| {
        let mut function = raw("t", 0, &[], registers, code.ret());
        mvm_module::finish::finish_function(&mut function);
        function
    };
    cases.function(Rule::I8, "call", bare(&[I], Code::new().call(Op::Call, 0, 1, &[0])));
    cases.function(Rule::I8, "loop", bare(&[I], Code::new().op(Op::BeqI64Back, &[0, 0, 0])));
    cases.function(Rule::I8, "long", bare(&[], nops(limits::LEAF_WORDS_MAX)));
    cases.function(Rule::I8, "wide", bare(&[I; limits::LEAF_REGISTERS_MAX + 1], Code::new()));
    let unfinished = |registers: &[TypeId], code: Code| raw("t", 0, &[], registers, code.ret());
    let enter = |weight, size| Code::new().op(Op::Enter, &[weight, size]);
    cases.function(Rule::I9, "weight of enter", unfinished(&[I], enter(2, 1)));
    cases.function(Rule::I9, "frame size", unfinished(&[I], enter(1, 2)));
    cases.function(Rule::I9, "delta", unfinished(&[I], enter(1, 1).call(Op::Call, 0, 1, &[0])));
    let round = raw("t", 0, &[], &[I], enter(1, 1).op(Op::Nop, &[]).op(Op::JmpBack, &[2, -1]));
    cases.function(Rule::I9, "weight of jmp_back", round);
    let mut heavy = func("t", 0, &[], &[I], Code::new().switch(Op::Switch, 0, &[2, 2]).ret());
    heavy.code[0] |= 1 << 48;
    cases.function(Rule::I9, "weight of switch", heavy);
    let long = |words: usize| nops(words).op(Op::BeqI64Back, &[0, 0, -(words as i64)]);
    cases.code(Rule::I10, "65 words", &[I], long(limits::SHORT_BACK_WORDS_MAX + 1));
}

fn counts(cases: &mut Cases) {
    cases.code(Rule::I11, "call", &[I], Code::new().call(Op::Call, 0, 1, &[0; 4][..3]).call_with_four());
    cases.code(Rule::I11, "call_many", &[I], Code::new().call_many(Op::CallMany, &[0; 9], 1, &[0]));
    cases.code(Rule::I11, "bind", &[I, FN_I], Code::new().bind(1, 1, &[0; limits::BOUND_MAX + 1]));
    let many = |count: usize| func("t", 0, &[I; 8], &[I], Code::new().ret_many(&vec![0; count]));
    cases.function(Rule::I11, "ret_many of one", many(1));
    cases.function(Rule::I11, "ret_many of nine", many(9));
    cases.code(Rule::I12, "str_to_int", &[I, STR], Code::new().op(Op::StrToInt, &[0, 0, 1]));
    cases.case(Rule::I12, "call", |m| {
        m.functions.push(func("two", 0, &[I, I], &[I], Code::new().ret_many(&[0, 0])));
        let code = Code::new().call_many(Op::CallMany, &[0, 0], 5, &[]);
        m.functions.push(func("t", 0, &[], &[I], code.ret()));
    });
    let nan = f64::NAN.to_bits() | 1;
    cases.code(Rule::I13, "payload", &[F], Code::new().op(Op::ConstF64, &[0, nan as i64]));
    cases.code(Rule::I14, "literal", &[STR], Code::new().op(Op::ConstLiteral, &[0, 6]));
    cases.code(Rule::I14, "type", &[ANY], Code::new().op(Op::New, &[0, 999]));
    cases.code(Rule::I14, "type of new_with", &[ANY], Code::new().new_with(0, TypeId(999), &[]));
    cases.code(Rule::I14, "function", &[I], Code::new().call(Op::Call, NO_REG, 99, &[]));
    cases.code(Rule::I14, "bound function", &[FN_I], Code::new().bind(0, 99, &[]));
    cases.code(Rule::I14, "selector", &[ANY], Code::new().call(Op::CallInterface, NO_REG, 1, &[0]));
    cases.code(Rule::I14, "syscall", &[I], Code::new().sys(9999, &[], &[]));
}

fn types(cases: &mut Cases) {
    cases.code(Rule::T1, "read", &[I, F], Code::new().op(Op::AddI64, &[0, 0, 1]));
    cases.code(Rule::T1, "written", &[I, F], Code::new().op(Op::AddI64, &[1, 0, 0]));
    cases.code(Rule::T1, "null of a number", &[I], Code::new().op(Op::ConstNull, &[0]));
    cases.code(Rule::T1, "any for str", &[I, ANY], Code::new().op(Op::StrLen, &[0, 1]));
    cases.code(Rule::T1, "box in str", &[I, STR], Code::new().op(Op::BoxI64, &[1, 0]));
    cases.code(Rule::T1, "callr of any", &[ANY], Code::new().call(Op::CallRef, NO_REG, 0, &[]));
    cases.code(Rule::T1, "new_with of number", &[I, F], Code::new().new_with(0, POINT, &[0, 1]));
    let throw = func("t", 0, &[], &[ANY], Code::new().op(Op::Throw, &[0]));
    cases.function(Rule::T1, "throw any", throw);
    cases.code(Rule::T2, "mov", &[I, F], Code::new().op(Op::Mov, &[0, 1]));
    cases.code(Rule::T2, "mov down", &[DOG, ANIMAL], Code::new().op(Op::Mov, &[0, 1]));
    cases.code(Rule::T2, "select", &[I, STR, ANY], Code::new().op(Op::Select, &[1, 0, 1, 2]));
    cases.code(Rule::T3, "bytes in str", &[STR], Code::new().op(Op::ConstLiteral, &[0, 1]));
    cases.code(Rule::T3, "fref of str", &[STR], Code::new().op(Op::Fref, &[0, 0]));
    cases.code(Rule::T4, "get", &[I, DOG, ANIMALS], Code::new().op(Op::GetRef, &[1, 2, 0]));
    cases.code(Rule::T4, "set", &[I, STR, ANIMALS], Code::new().op(Op::SetRef, &[2, 0, 1]));
    cases.code(Rule::T4, "fill", &[I, F, ARRAY], Code::new().op(Op::ArrayFill, &[2, 0, 0, 1]));
    cases.code(Rule::T4, "find", &[I, STR, ANIMALS], Code::new().op(Op::ArrayFind, &[0, 2, 1, 0]));
    let copy = Code::new().op(Op::ArrayCopy, &[1, 0, 2, 0, 0]);
    cases.code(Rule::T5, "copy", &[I, ARRAY, ANIMALS], copy);
    cases.code(Rule::T5, "slice", &[I, ARRAY, ANIMALS], Code::new().op(Op::ArraySlice, &[1, 2, 0, 0]));
    cases.code(Rule::T5, "compare", &[I, ANIMALS], Code::new().op(Op::ArrayCompare, &[0, 1, 1]));
    cases.code(Rule::T6, "no field", &[I, DOG], Code::new().op(Op::GetFieldI64, &[0, 1, 1]));
    cases.code(Rule::T6, "another kind", &[I, DOG], Code::new().op(Op::GetFieldI64, &[0, 1, 2]));
    cases.code(Rule::T6, "reference", &[DOG, DOG], Code::new().op(Op::GetFieldRef, &[0, 1, 0]));
    cases.code(Rule::T6, "set reference", &[DOG, DOG], Code::new().op(Op::SetFieldRef, &[0, 0, 1]));
    cases.code(Rule::T6, "field of an interface", &[I, NAMED], Code::new().op(Op::GetFieldI64, &[0, 1, 4]));
    cases.code(Rule::T7, "set", &[I, POINT], Code::new().op(Op::SetFieldI64, &[1, 0, 0]));
    cases.code(Rule::T7, "new", &[POINT], Code::new().op(Op::New, &[0, POINT.0.into()]));
    cases.code(Rule::T8, "abstract", &[ANIMAL], Code::new().op(Op::New, &[0, ANIMAL.0.into()]));
    cases.code(Rule::T8, "interface", &[NAMED], Code::new().op(Op::New, &[0, NAMED.0.into()]));
    cases.code(Rule::T8, "register", &[STR], Code::new().op(Op::New, &[0, DOG.0.into()]));
    cases.code(Rule::T9, "one missing", &[POINT, I], Code::new().new_with(0, POINT, &[1]));
    cases.code(Rule::T9, "swapped", &[POINT, I, F], Code::new().new_with(0, POINT, &[2, 1]));
    cases.code(Rule::T10, "class", &[I, ANY], Code::new().op(Op::NewArray, &[1, DOG.0.into(), 0]));
    cases.code(Rule::T10, "register", &[I, STR], Code::new().op(Op::NewArray, &[1, ARRAY.0.into(), 0]));
    let test = |ty: TypeId| Code::new().op(Op::Test, &[0, 1, ty.0.into()]);
    cases.code(Rule::T11, "unrelated", &[I, DOG], test(POINT));
    cases.code(Rule::T11, "number", &[I, ANY], test(I));
    cases.code(Rule::T11, "unused number", &[I, ANY], test(TypeId(60)));
    cases.code(Rule::T11, "str as interface", &[I, STR], test(NAMED));
    cases.code(Rule::T11, "cast to a box", &[ANY], Code::new().op(Op::Cast, &[0, 0, 15]));
    cases.code(Rule::T11, "result", &[STR, ANY], Code::new().op(Op::Cast, &[0, 1, DOG.0.into()]));
    calls(cases);
}

fn calls(cases: &mut Cases) {
    let call = |dst, args: &[u16]| Code::new().call(Op::Call, dst, 1, args);
    cases.code(Rule::T12, "no argument", &[I], call(0, &[]));
    cases.code(Rule::T12, "argument", &[I, F], call(0, &[1]));
    cases.code(Rule::T12, "no result", &[I], call(NO_REG, &[0]));
    cases.code(Rule::T12, "result", &[I, F], call(1, &[0]));
    cases.code(Rule::T12, "callr", &[F, FN_I_I], Code::new().call(Op::CallRef, 0, 1, &[0]));
    cases.code(Rule::T12, "callv", &[DOG, F], Code::new().call(Op::CallVirtual, 1, 0, &[0, 1]));
    cases.code(Rule::T12, "calli", &[NAMED, I], Code::new().call(Op::CallInterface, 1, 0, &[0]));
    cases.code(Rule::T12, "call_many", &[I], Code::new().call_many(Op::CallMany, &[], 1, &[0]));
    let tail = |registers: &[TypeId], op, target, args: &[u16]| {
        func("t", 0, &[I], registers, Code::new().tail(op, target, args))
    };
    cases.function(Rule::T12, "tail call", tail(&[F], Op::TailCall, 1, &[0]));
    cases.code(Rule::T13, "no object", &[I], Code::new().call(Op::CallVirtual, 0, 0, &[]));
    cases.code(Rule::T13, "no class", &[STR, I], Code::new().call(Op::CallVirtual, 1, 0, &[0, 1]));
    cases.code(Rule::T13, "no method", &[DOG, I], Code::new().call(Op::CallVirtual, 1, 2, &[0, 1]));
    cases.code(Rule::T13, "no interface", &[ANIMAL, STR], Code::new().call(Op::CallInterface, 1, 0, &[0]));
    cases.code(Rule::T13, "nothing", &[STR], Code::new().call(Op::CallInterface, 0, 0, &[]));
    let returns = |results: &[TypeId], code: Code| func("t", 0, results, &[I, F], code);
    cases.function(Rule::T14, "nothing", returns(&[I], Code::new().ret()));
    cases.function(Rule::T14, "one", returns(&[], Code::new().op(Op::RetValue, &[0])));
    cases.function(Rule::T14, "another", returns(&[I], Code::new().op(Op::RetValue, &[1])));
    cases.function(Rule::T14, "three", returns(&[I, I], Code::new().ret_many(&[0, 0, 0])));
    cases.function(Rule::T14, "tail call", returns(&[], Code::new().tail(Op::TailCall, 1, &[0])));
    cases.function(Rule::T14, "tail result", returns(&[F], Code::new().tail(Op::TailCall, 1, &[0])));
    cases.code(Rule::T15, "argument", &[F, FN_I], Code::new().bind(1, 1, &[0]));
    cases.code(Rule::T15, "too many", &[I, FN_I], Code::new().bind(1, 1, &[0, 0]));
    cases.code(Rule::T15, "type", &[I, FN_I_I], Code::new().bind(1, 1, &[0]));
    cases.code(Rule::T15, "any", &[I, ANY], Code::new().bind(1, 1, &[0]));
    let print = Syscall::Print as u32;
    cases.code(Rule::T16, "no argument", &[STR], Code::new().sys(print, &[], &[]));
    cases.code(Rule::T16, "argument", &[I], Code::new().sys(print, &[], &[0]));
    cases.code(Rule::T16, "result", &[STR], Code::new().sys(print, &[0], &[0]));
    cases.code(Rule::T16, "type of result", &[I], Code::new().sys(Syscall::Args as u32, &[0], &[]));
}

impl Code {
    /// Makes the last call one with 4 arguments, which its layout cannot hold.
    fn call_with_four(mut self) -> Code {
        let at = self.0.len() - 2;
        self.0[at] = self.0[at] & !(0xff << 56) | 4 << 56;
        self
    }
}

#[test]
fn every_rule_is_broken_by_a_module_that_breaks_no_other() {
    let mut cases = Cases::default();
    for add in [structure, names, classes, functions, instructions, types] {
        add(&mut cases);
    }
    let mut wrong = String::new();
    for (rule, name, module) in &cases.0 {
        let found = match verify(module.clone()) {
            Ok(_) => "accepted".to_string(),
            Err(errors) if errors.iter().all(|error| error.rule == *rule) => continue,
            Err(errors) => errors.iter().map(|e| format!("\n    {e}")).collect(),
        };
        wrong.push_str(&format!("{rule} {name}: {found}\n"));
    }
    for rule in Rule::ALL {
        if !cases.0.iter().any(|(tested, ..)| tested == rule) {
            wrong.push_str(&format!("{rule} has no test\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn limits_are_inclusive() {
    let mut module = sample();
    module.functions[1].name = long_name(limits::NAME_BYTES_MAX);
    let registers = raw("registers", 255, &[], &[I; limits::REGISTERS_MAX], Code::new().ret());
    let mut registers = Function { code: Code::new().op(Op::Enter, &[0, 0]).ret().0, ..registers };
    mvm_module::finish::finish_function(&mut registers);
    module.functions.push(registers);
    module.functions.push(func("results", 0, &[I; 8], &[I], Code::new().ret_many(&[0; 8])));
    module.functions.push(raw("leaf", 0, &[], &[I; limits::LEAF_REGISTERS_MAX], nops(63).ret()));
    let back = nops(64).op(Op::BeqI64Back, &[0, 0, -64]).ret();
    module.functions.push(func("back", 0, &[], &[I], back));
    module.functions.push(raw("sixteen", 16, &[I], &[I; 16], Code::new().op(Op::RetValue, &[0])));
    let bind = Code::new().bind(1, 9, &[0; limits::BOUND_MAX]).ret();
    module.functions.push(func("bind", 0, &[], &[I, FN_I], bind));
    let ranges = vec![(0, 1, 1, ERROR, 0); limits::HANDLERS_MAX];
    module.functions.push(with_handlers(func("ranges", 0, &[], &[ERROR], nops(1).ret()), &ranges));
    let params = [I; limits::PARAMS_MAX - 1];
    types_of(&mut module, ANIMAL).methods.push(method("big", &params, &[I; 8], None));
    let everything = [&[DOG][..], &params].concat();
    let code = Code::new().ret_many(&[1; 8]);
    module.functions.push(func("big", 255, &[I; 8], &everything, code));
    types_of(&mut module, DOG).methods.push(method("big", &params, &[I; 8], Some(12)));
    array_tower(&mut module, limits::TYPE_DEPTH_MAX);
    put_function_type_of(&mut module, limits::TYPE_PARTS_MAX);
    tower(&mut module, limits::CLASS_DEPTH_MAX);
    interface_tower(&mut module, limits::CLASS_DEPTH_MAX);
    literal_tower(&mut module, limits::LITERAL_DEPTH_MAX);
    add(&mut module, many_fields(limits::OBJECT_WORDS_MAX));
    add(&mut module, many_methods(limits::METHODS_MAX));
    module.sources.resize(limits::SOURCES_MAX, "x".into());
    module.sources[0] = long_name(limits::NAME_BYTES_MAX);
    module.functions[1].debug.register_names = vec![long_name(limits::NAME_BYTES_MAX)];
    let signature = Signature { params: vec![F; limits::PARAMS_MAX], results: vec![F; limits::RESULTS_MAX] };
    add(&mut module, TypeDef::Func(signature));
    let first = module.selectors.len();
    let methods: Vec<_> =
        (first..limits::SELECTORS_MAX).map(|k| method(&format!("s{k}"), &[], &[], None)).collect();
    let numbers = 0..methods.len() as u16;
    let TypeDef::Interface(empty) = self::interface("Wide", &[]) else { return };
    let wide = add(&mut module, TypeDef::Interface(Interface { methods, ..empty }));
    module.selectors.extend(numbers.map(|method| Selector { interface: wide, method }));
    while module.types.len() < limits::TYPES_MAX {
        let name = format!("T{}", module.types.len());
        add(&mut module, interface(&name, &[]));
    }
    if let Err(errors) = verify(module) {
        panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>());
    }
}

/// 64 levels of types that name the one before twice would be written with 2^64 types.
#[test]
fn names_of_types_have_bounded_length() {
    let mut module = Module::new("m");
    let last = doubling_types(&mut module, limits::TYPE_DEPTH_MAX);
    assert_eq!(module.type_parts(last), limits::TYPE_PARTS_MAX + 1);
    assert!(module.type_name(last).len() < 5_000);
    let errors = verify(module.clone()).unwrap_err();
    assert!(errors.iter().all(|error| error.rule == Rule::S5));
    // The first with too many: 2^9 + ... + 1, that is 1,023.
    assert_eq!(errors.len(), limits::TYPE_DEPTH_MAX - 8);
    // A type that names itself.
    let next = TypeId(module.types.len() as u16);
    let itself =
        add(&mut module, TypeDef::Func(Signature { params: vec![next; 250], results: vec![next; 8] }));
    assert!(module.type_name(itself).len() < 5_000);
}

/// What all classes together take of [`limits::CLASS_ENTRIES_MAX`]: own fields and methods, and for a class with a base
/// everything that it inherits, with the classes above. (None here has interfaces.)
fn class_entries(module: &Module) -> usize {
    let (table, errors) = mvm_module::classes::ClassTable::build(module);
    assert_eq!(errors, []);
    let classes = module.types.iter().filter_map(|def| match def {
        TypeDef::Class(class) => Some(class),
        _ => None,
    });
    classes
        .map(|class| {
            let base = class.base.and_then(|base| table.layout(base));
            let inherited =
                base.map_or(0, |base| base.fields.len() + base.methods.len() + base.display.len());
            inherited + class.fields.len() + class.methods.len()
        })
        .sum()
}

#[test]
fn limit_of_class_entries_is_inclusive() {
    let mut module = Module::new("m");
    let big = add(&mut module, many_methods(50_000));
    for k in 0..19 {
        add(&mut module, TypeDef::Class(class(&format!("D{k}"), Some(big), &[])));
    }
    // The rest in a class of its own.
    let rest = limits::CLASS_ENTRIES_MAX - class_entries(&module);
    assert!(rest > 0 && rest < limits::METHODS_MAX, "{rest}");
    let with = |count: usize| {
        let mut module = module.clone();
        let TypeDef::Class(last) = many_methods(count) else { panic!("a class") };
        add(&mut module, TypeDef::Class(Class { name: "Last".into(), ..last }));
        module
    };
    assert_eq!(class_entries(&with(rest)), limits::CLASS_ENTRIES_MAX);
    assert!(verify(with(rest)).is_ok());
    let errors = verify(with(rest + 1)).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].rule, Rule::C9);
}
