//! Linking: what fits becomes one image that the verifier accepts; what does not is named.

use mvm_isa::{Opcode as Op, TypeId};
use mvm_module::{
    Class, Export, ExportItem, FuncId, Import, Interface, LinkError, Literal, LiteralId, Module, Selector,
    Signature, TypeDef, limits, link, verify, verify_library,
};

use crate::build::{Code, add, class, func, method, module};
use crate::sample::{ANIMAL, NAMED, sample};

const I: TypeId = TypeId::I64;

/// The sample as a library that exports its classes.
fn zoo() -> Module {
    let mut zoo = Module { name: "zoo".into(), main: None, ..sample() };
    for (name, ty) in [("Animal", ANIMAL), ("Named", NAMED)] {
        zoo.exports.push(Export { name: name.into(), item: ExportItem::Type(ty) });
    }
    zoo
}

/// A program that uses the zoo.
fn app() -> Module {
    let mut app = module(vec![]);
    app.name = "app".into();
    let i_to_i = Signature { params: vec![I], results: vec![I] };
    let zoo = || Some("zoo".into());
    // Other numbers than in the zoo.
    let fn_i_i = add(&mut app, TypeDef::Func(i_to_i.clone()));
    let named = add(
        &mut app,
        TypeDef::Interface(Interface {
            name: "Named".into(),
            import: zoo(),
            extends: vec![],
            methods: vec![method("name", &[], &[TypeId::STR], None)],
        }),
    );
    let animal = add(
        &mut app,
        TypeDef::Class(Class {
            import: zoo(),
            methods: vec![method("age", &[I], &[I], None)],
            ..class("Animal", None, &[("weight", TypeId::F64), ("owner", TypeId::STR)])
        }),
    );
    let dog = add(
        &mut app,
        TypeDef::Class(Class {
            import: zoo(),
            interfaces: vec![named],
            methods: vec![method("age", &[I], &[I], None), method("name", &[], &[TypeId::STR], None)],
            ..class("Dog", Some(animal), &[("years", I)])
        }),
    );
    let cat = add(
        &mut app,
        TypeDef::Class(Class {
            methods: vec![method("age", &[I], &[I], Some(2))],
            ..class("Cat", Some(animal), &[])
        }),
    );
    let dogs = add(&mut app, TypeDef::RefArray(dog));
    app.imports = vec![Import { module: "zoo".into(), name: "twice".into(), signature: i_to_i }];
    app.selectors = vec![Selector { interface: named, method: 0 }];
    app.literals = vec![
        Literal::Refs(TypeId::ARRAY_STR, [Some(LiteralId(1))].into()),
        Literal::Str("app".into()),
        Literal::Func(FuncId(0), fn_i_i),
        Literal::Types([TypeId::STR, cat, dog].into()),
    ];
    app.sources = vec!["app.masm".into(), "b.masm".into()];
    let registers = [I, dog, dogs, TypeId::STR, fn_i_i, TypeId::ARRAY_STR, cat, animal];
    let code = Code::new()
        .op(Op::ConstI64, &[0, 4])
        .call(Op::Call, 0, 0, &[0])
        .op(Op::New, &[1, dog.0.into()])
        .call(Op::CallInterface, 3, 0, &[1])
        .op(Op::Fref, &[4, 2])
        .call_many(Op::CallRefMany, &[0], 4, &[0])
        .op(Op::ConstLiteral, &[5, 0])
        .op(Op::NewArray, &[2, dogs.0.into(), 0])
        .op(Op::New, &[6, cat.0.into()])
        .op(Op::Mov, &[7, 6])
        .call(Op::CallVirtual, 0, 0, &[7, 0])
        .call(Op::Call, 0, 2, &[6, 0])
        .op(Op::RetValue, &[0]);
    let mut main = func("main", 0, &[I], &registers, code);
    main.debug.lines.push(mvm_module::LineEntry { pc: 2, file: 1, line: 9, column: 1 });
    let cat_age = func("cat_age", 2, &[I], &[cat, I], Code::new().op(Op::RetValue, &[1]));
    app.functions = vec![main, cat_age];
    app.main = Some(FuncId(1));
    app
}

#[test]
fn image_of_two_modules() {
    let (app, zoo) = (app(), zoo());
    verify_library(&app).unwrap();
    verify_library(&zoo).unwrap();
    for (modules, names, main) in [
        (vec![app.clone(), zoo.clone()], ["main", "cat_age", "zoo.main", "zoo.twice"], 0),
        (vec![zoo.clone(), app.clone()], ["main", "twice", "dog_age", "dog_name"], 5),
    ] {
        let image = link(modules).unwrap();
        let found: Vec<_> = image.functions.iter().take(4).map(|f| f.name.to_string()).collect();
        assert_eq!(found, names);
        assert_eq!(image.main, Some(FuncId(main)));
        assert!(image.imports.is_empty());
        assert_eq!(image.functions.len(), 7);
        assert_eq!(image.selectors.len(), 1, "merged");
        // 6 of the zoo and 4 of the app; the function literal is one.
        assert_eq!(image.literals.len(), 9);
        let listed = image.literals.iter().filter_map(|literal| match literal {
            mvm_module::Literal::Types(types) => Some(types.iter().map(|&ty| image.type_name(ty)).collect()),
            _ => None,
        });
        let mut listed: Vec<Vec<_>> = listed.collect();
        listed.sort_by_key(|list| list[1].to_string());
        let expected = if names[0] == "main" && main == 0 {
            [["str", "Cat", "zoo.Dog"], ["str", "zoo.Point", "zoo.Dog"]]
        } else {
            [["str", "Point", "Dog"], ["str", "app.Cat", "Dog"]]
        };
        assert_eq!(listed, expected);
        // 4 classes of the zoo and Cat; fn(i64) -> i64, [Animal], fn() -> i64, [Dog].
        assert_eq!(image.types.len(), 64 + 5 + 4);
        assert_eq!(image.sources.len(), 3);
        if let Err(errors) = verify(image) {
            panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>());
        }
    }
    let image = link(vec![app, zoo]).unwrap();
    let line = image.functions[0].line_at(3).unwrap();
    assert_eq!((&*image.sources[usize::from(line.file)], line.line), ("b.masm", 9));
    let exports: Vec<_> = image.exports.iter().map(|e| e.name.to_string()).collect();
    assert_eq!(exports, ["zoo.twice", "zoo.Dog", "zoo.Animal", "zoo.Named"]);
}

#[test]
fn one_module_stays_as_it_is() {
    let zoo = sample();
    let image = link(vec![zoo.clone()]).unwrap();
    assert_eq!(image.functions.len(), zoo.functions.len());
    assert!(verify(image).is_ok());
}

fn complaint(modules: Vec<Module>) -> String {
    let errors = link(modules).expect_err("they do not fit");
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_does_not_fit_is_named() {
    assert_eq!(link(vec![]), Err(vec![LinkError::Nothing]));
    assert_eq!(complaint(vec![zoo(), zoo()]), "two modules are named `zoo`");
    assert!(
        complaint(vec![app()])
            .contains("module `app` imports `Named` from `zoo`, which is not among the modules")
    );
}

#[test]
fn similar_and_private_names_are_proposed() {
    let program = |from: &str, name: &str, params: &[TypeId]| {
        let mut program = module(vec![]);
        program.name = "program".into();
        let signature = Signature { params: params.to_vec(), results: vec![I] };
        program.imports.push(Import { module: from.into(), name: name.into(), signature });
        complaint(vec![program, zoo()])
    };
    assert_eq!(
        program("zoo", "twise", &[I]),
        "module `program` imports `twise` from `zoo`, which does not export it; did you mean `twice`?"
    );
    assert_eq!(
        program("zo", "twice", &[I]),
        "module `program` imports `twice` from `zo`, which is not among the modules; did you mean `zoo`?"
    );
    assert_eq!(
        program("zoo", "safe_div", &[I, I]),
        "module `program` imports `safe_div` from `zoo`, which has it but does not export it"
    );
    assert_eq!(
        program("zoo", "twice", &[TypeId::STR]),
        "module `program` imports `twice` from `zoo`, where it is declared differently: (str) -> i64 here, (i64) -> i64 there"
    );
    assert_eq!(
        program("zoo", "Dog", &[I]),
        "module `program` imports `Dog` from `zoo`, where it is declared differently: it is a type there"
    );
}

#[test]
fn imported_classes_are_declared_alike() {
    let differs = |change: &dyn Fn(&mut Class)| {
        let mut program = module(vec![]);
        program.name = "program".into();
        let mut animal = Class {
            import: Some("zoo".into()),
            methods: vec![method("age", &[I], &[I], None)],
            ..class("Animal", None, &[("weight", TypeId::F64), ("owner", TypeId::STR)])
        };
        change(&mut animal);
        add(&mut program, TypeDef::Class(animal));
        match link(vec![program, zoo()]) {
            Ok(image) => verify(image).map(|_| String::new()).unwrap(),
            Err(errors) => match &errors[0] {
                LinkError::Differs { difference, .. } => difference.clone(),
                other => other.to_string(),
            },
        }
    };
    assert_eq!(differs(&|_| {}), "");
    assert_eq!(differs(&|c| c.fields[1].name = "boss".into()), "field `boss` here, `owner` there");
    assert_eq!(differs(&|c| c.fields[0].ty = I), "the types of field `weight`");
    assert_eq!(differs(&|c| drop(c.fields.pop())), "1 fields here, 2 there");
    assert_eq!(differs(&|c| c.methods[0].signature.params.clear()), "the types of method `age`");
    assert_eq!(differs(&|c| c.methods.clear()), "0 methods here, 1 there");
    assert_eq!(differs(&|c| c.base = Some(TypeId::ERROR)), "the base class");
    assert_eq!(differs(&|c| c.frozen = true), "frozen or not");
    assert_eq!(differs(&|c| c.name = "Named".into()), "a class here, an interface there");
    assert_eq!(differs(&|c| c.name = "twice".into()), "it is a function there");
}

#[test]
fn names_of_the_image_differ() {
    let mut first = module(vec![func("zoo.twice", 0, &[], &[], Code::new().ret())]);
    add(&mut first, TypeDef::Class(class("zoo.Dog", None, &[])));
    assert_eq!(
        complaint(vec![first, zoo()]),
        "two functions of the image would be named `zoo.twice`\ntwo types of the image would be named `zoo.Dog`"
    );
    let mut broken = sample();
    broken.functions[1].code.clear();
    assert_eq!(
        complaint(vec![broken]),
        "module `test`: function `twice`: 0 words of code, not 1 to 16777216 [rule F3]"
    );
}

/// Types, selectors and source names that fit each module: so many in each of them.
#[test]
fn tables_of_the_image_are_limited() {
    let result = |counts: &[usize], fill: &dyn Fn(&mut Module, usize)| {
        let modules = counts.iter().enumerate().map(|(index, &count)| {
            let mut one = module(vec![]);
            one.name = format!("m{index}").into();
            fill(&mut one, count);
            one
        });
        link(modules.collect()).map(|_| ()).map_err(|errors| errors[0].to_string())
    };
    let of = |count: usize, what: &str, limit: usize| {
        Err(format!("the image has {count} {what}, the limit is {limit}"))
    };
    let interface = |name: String, methods| {
        TypeDef::Interface(Interface { name: name.into(), import: None, extends: vec![], methods })
    };
    let types = |one: &mut Module, count: usize| {
        for k in 0..count {
            add(one, interface(format!("T{k}"), vec![]));
        }
    };
    let most = limits::TYPES_MAX - 64;
    assert_eq!(result(&[most - 30_000, 30_000], &types), Ok(()));
    assert_eq!(result(&[most - 30_000, 30_001], &types), of(65_001, "types", 65_000));
    // More than there are type numbers.
    assert_eq!(result(&[60_000, 60_000, 60_000], &types), of(180_064, "types", 65_000));
    let selectors = |one: &mut Module, count: usize| {
        let methods = (0..count).map(|k| method(&format!("m{k}"), &[], &[], None)).collect();
        let interface = add(one, interface("Wide".into(), methods));
        one.selectors = (0..count as u16).map(|method| Selector { interface, method }).collect();
    };
    assert_eq!(result(&[limits::SELECTORS_MAX - 30_000, 30_000], &selectors), Ok(()));
    assert_eq!(result(&[35_001, 30_000], &selectors), of(65_001, "selectors", 65_000));
    assert_eq!(result(&[60_000, 60_000], &selectors), of(120_000, "selectors", 65_000));
    let sources = |one: &mut Module, count: usize| {
        one.sources = (0..count).map(|k| format!("{}{k}", one.name).into()).collect();
    };
    assert_eq!(result(&[limits::SOURCES_MAX - 30_000, 30_000], &sources), Ok(()));
    assert_eq!(result(&[35_536, 30_000], &sources), of(65_536, "source names", 65_535));
    assert_eq!(result(&[60_000, 60_000], &sources), of(120_000, "source names", 65_535));
}
