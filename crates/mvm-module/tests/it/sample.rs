//! A valid image that has a bit of everything, and random numbers for property tests.

use mvm_isa::{Elem, Opcode as Op, Syscall, TypeId};
use mvm_module::{
    Class, Export, ExportItem, FuncDebug, FuncId, InlineEntry, InlinedCall, Interface, LineEntry, Literal,
    LiteralId, Module, Selector, Signature, TypeDef, VarEntry,
};

use crate::build::{Code, add, class, func, method, module, with_handlers};

const I: TypeId = TypeId::I64;

/// Types of the sample, in this order.
pub(crate) const ANIMAL: TypeId = TypeId(64);
pub(crate) const DOG: TypeId = TypeId(65);
pub(crate) const NAMED: TypeId = TypeId(66);
pub(crate) const POINT: TypeId = TypeId(67);
pub(crate) const FN_I_I: TypeId = TypeId(68);
pub(crate) const ANIMALS: TypeId = TypeId(69);
pub(crate) const FN_I: TypeId = TypeId(70);

/// A valid image.
pub(crate) fn sample() -> Module {
    let mut image = module(vec![main(), twice(), dog_age(), dog_name(), safe_div()]);
    types(&mut image);
    image.selectors = vec![Selector { interface: NAMED, method: 0 }];
    image.literals = vec![
        Literal::Str("hello".into()),
        Literal::Bytes([1, 2, 3].into()),
        Literal::Array(Elem::I16, [1, 0, 2, 0].into()),
        Literal::Func(FuncId(1), FN_I_I),
        Literal::Refs(TypeId::ARRAY_STR, [None, Some(LiteralId(0))].into()),
        Literal::Types([TypeId::STR, POINT, DOG].into()),
    ];
    image.exports = vec![
        Export { name: "twice".into(), item: ExportItem::Function(FuncId(1)) },
        Export { name: "Dog".into(), item: ExportItem::Type(DOG) },
    ];
    image.main = Some(FuncId(0));
    image.sources = vec!["a.masm".into(), "b.masm".into()];
    image
}

fn types(image: &mut Module) {
    let animal = Class {
        methods: vec![method("age", &[I], &[I], None)],
        ..class("Animal", None, &[("weight", TypeId::F64), ("owner", TypeId::STR)])
    };
    let dog = Class {
        interfaces: vec![NAMED],
        methods: vec![method("age", &[I], &[I], Some(2)), method("name", &[], &[TypeId::STR], Some(3))],
        ..class("Dog", Some(ANIMAL), &[("years", I)])
    };
    let named = Interface {
        name: "Named".into(),
        import: None,
        extends: vec![],
        methods: vec![method("name", &[], &[TypeId::STR], None)],
    };
    let point = Class { frozen: true, ..class("Point", None, &[("x", I), ("y", TypeId::F64)]) };
    add(image, TypeDef::Class(animal));
    add(image, TypeDef::Class(dog));
    add(image, TypeDef::Interface(named));
    add(image, TypeDef::Class(point));
    add(image, TypeDef::Func(Signature { params: vec![I], results: vec![I] }));
    add(image, TypeDef::RefArray(ANIMAL));
    add(image, TypeDef::Func(Signature { params: vec![], results: vec![I] }));
}

fn main() -> mvm_module::Function {
    let registers =
        [I, I, ANIMAL, POINT, FN_I_I, ANIMALS, TypeId::STR, TypeId::F64, TypeId::ANY, FN_I, NAMED, DOG];
    let code = Code::new()
        .op(Op::ConstI64, &[0, 21]) // 1
        .call(Op::Call, 1, 1, &[0]) // 2
        .op(Op::New, &[11, DOG.0.into()]) // 4
        .op(Op::Mov, &[2, 11]) // 5
        .call(Op::CallVirtual, 1, 0, &[2, 1]) // 6
        .op(Op::Mov, &[10, 11]) // 8
        .call(Op::CallInterface, 6, 0, &[10]) // 9
        .sys(Syscall::Print as u32, &[], &[6]) // 11
        .op(Op::ConstF64, &[7, 2.5f64.to_bits() as i64]) // 13
        .new_with(3, POINT, &[1, 7]) // 15
        .op(Op::Fref, &[4, 3]) // 17
        .call(Op::CallRef, 1, 4, &[1]) // 18
        .bind(9, 1, &[1]) // 20
        .call_many(Op::CallRefMany, &[1], 9, &[]) // 22
        .op(Op::NewArray, &[5, ANIMALS.0.into(), 0]) // 25
        .op(Op::ConstI64, &[0, 3]) // 26
        .op(Op::SetRef, &[5, 0, 11]) // 27
        .op(Op::AddI64Imm, &[0, 0, -1]) // 28
        .op(Op::BneI64ImmBack, &[0, 0, -2]) // 29
        .op(Op::Cast, &[11, 2, DOG.0.into()]) // 30
        .op(Op::BoxI64, &[8, 1]) // 31
        .switch(Op::SwitchBack, 0, &[3, -3, 3]) // 32
        .op(Op::ConstLiteral, &[8, 4]) // 35
        .op(Op::ArrayConcat, &[5, 5, 5]) // 36
        .op(Op::StrToInt, &[0, 1, 6]) // 37
        .op(Op::RetValue, &[1]); // 38
    let mut main = func("main", 0, &[I], &registers, code);
    main.debug = FuncDebug {
        register_names: (0..registers.len()).map(|k| format!("r{k}").into()).collect(),
        lines: vec![
            LineEntry { pc: 1, file: 0, line: 3, column: 5 },
            LineEntry { pc: 4, file: 1, line: 1, column: 0 },
        ],
        vars: vec![VarEntry { name: "count".into(), ty: "int".into(), register: 0, start: 1, end: 30 }],
        calls: vec![
            InlinedCall { function: FuncId(1), outer: None, file: 1, line: 7, column: 5 },
            InlinedCall { function: FuncId(0), outer: Some(0), file: 0, line: 0, column: 0 },
        ],
        inlined: vec![
            InlineEntry { pc: 2, call: Some(0) },
            InlineEntry { pc: 3, call: Some(1) },
            InlineEntry { pc: 6, call: None },
        ],
    };
    main
}

fn twice() -> mvm_module::Function {
    func("twice", 1, &[I], &[I], Code::new().op(Op::AddI64, &[0, 0, 0]).op(Op::RetValue, &[0]))
}

fn dog_age() -> mvm_module::Function {
    // years is behind the owner (4 bytes, aligned) and the weight: offset 4.
    let code = Code::new()
        .op(Op::GetFieldI64, &[2, 0, 4])
        .op(Op::AddI64, &[2, 2, 1])
        .op(Op::SetFieldI64, &[0, 4, 2])
        .op(Op::RetValue, &[2]);
    func("dog_age", 2, &[I], &[DOG, I, I], code)
}

fn dog_name() -> mvm_module::Function {
    let code = Code::new().op(Op::GetFieldRef, &[1, 0, 0]).op(Op::RetValue, &[1]);
    func("dog_name", 1, &[TypeId::STR], &[ANIMAL, TypeId::STR], code)
}

fn safe_div() -> mvm_module::Function {
    let code = Code::new()
        .op(Op::DivI64, &[2, 0, 1])
        .op(Op::RetValue, &[2])
        .op(Op::ConstI64, &[2, 0])
        .op(Op::RetValue, &[2]);
    let function = func("safe_div", 2, &[I], &[I, I, I, TypeId::ERROR], code);
    with_handlers(function, &[(0, 1, 2, TypeId(20), 3), (0, 2, 2, TypeId::ERROR, 3)])
}

/// A small random number generator (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}
