//! Input that nobody means: the assembler ends soon, with errors that name what is too much.

use mvm_asm::{DisOptions, NoFiles, Options, assemble, disassemble};
use mvm_diag::SourceMap;
use mvm_isa::TypeId;
use mvm_module::{Module, Signature, TypeDef, limits};

/// Assembles; gives the first error, if there is one. All diagnostics must be shown without a panic.
fn first_error(text: &str) -> String {
    let mut map = SourceMap::new();
    let file = map.add("test.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    for diagnostic in diagnostics.iter().take(20) {
        let shown = mvm_diag::render(diagnostic, &map, false);
        assert!(shown.len() < 20_000, "a diagnostic of {} bytes", shown.len());
        mvm_diag::to_json(diagnostic, &map);
    }
    let first = diagnostics.iter().find(|d| d.is_error());
    assert_eq!(module.is_none(), first.is_some());
    first.map_or_else(String::new, |d| d.message.clone())
}

fn in_main(body: &str) -> String {
    first_error(&format!("func main() {{\n{body}\nret\n}}\n"))
}

fn many(piece: &str, count: usize) -> String {
    piece.repeat(count)
}

#[test]
fn nesting_is_bounded() {
    let n = 100_000;
    let deep = "constant expressions are nested more than 200 deep";
    assert_eq!(in_main(&format!("mov x, {}1{}", many("(", n), many(")", n))), deep);
    assert_eq!(in_main(&format!("mov x, {}1", many("-", n))), deep);
    assert_eq!(in_main(&format!("mov x, {}1", many("1 ? 1 : ", n))), deep);
    assert_eq!(in_main(&format!("mov x, {}", many("(", n))), deep);
    let types = "types are nested more than 64 deep";
    assert_eq!(in_main(&format!(".local x: {}i64{}", many("[", n), many("]", n))), types);
    assert_eq!(in_main(&format!(".local x: {}", many("fn(", n))), types);
    let blocks = "macros and `%` blocks are nested more than 200 deep";
    assert_eq!(in_main(&format!("{}nop{}", many("%if 1 {\n", n), many("}\n", n))), blocks);
    assert_eq!(first_error(&format!("{}func f() {{ ret }}{}", many("%if 1 {\n", n), many("}\n", n))), blocks);
    assert_eq!(in_main(&format!("{}nop{}", many("%repeat 1 {\n", 1000), many("}\n", 1000))), blocks);
    assert_ne!(first_error(&many("{", n)), "");
    assert_ne!(first_error(&many("}", n)), "");
    assert_ne!(in_main(&many("try a, e: Error\n", n)), "");
    assert_ne!(in_main(&format!("set {}x, 1", many("a[", n))), "");
    assert_ne!(in_main(&format!("mov x, {}", many("a.", n))), "");
}

#[test]
fn blocks_just_below_the_limit_are_read() {
    let text = format!("func main() {{\n{}nop\n{}ret\n}}\n", many("%if 1 {\n", 199), many("}\n", 199));
    assert_eq!(first_error(&text), "");
    let text =
        format!("func main() {{\nmov x, {}1{}\nsys print_int(x)\nret\n}}\n", many("(", 199), many(")", 199));
    assert_eq!(first_error(&text), "");
    let mut text = String::from("func main() {\nm0\nret\n}\n");
    for level in 0..199 {
        text += &format!("macro m{level}() {{\nm{}\n}}\n", level + 1);
    }
    text += "macro m199() { nop }\n";
    assert_eq!(first_error(&text), "");
}

#[test]
fn types_are_written_with_a_bounded_number_of_types() {
    // One for the type itself, 250 for each of its parameters, and the rest.
    let inner = format!("fn({})", vec!["i64"; 249].join(", "));
    let outer = |rest: usize| {
        let params = [vec![inner.as_str(); 3], vec!["i64"; rest]].concat();
        format!(".local x: fn({})\nbnull x, end\nend:", params.join(", "))
    };
    let rest = limits::TYPE_PARTS_MAX - 751;
    assert_eq!(in_main(&outer(rest)), "");
    let message = "a type is written with at most 1000 types";
    assert_eq!(in_main(&outer(rest + 1)), message);
    // The line that numbers a type.
    let text = format!(".type fn({inner}, {inner}, {inner}, {inner})\n");
    assert_eq!(first_error(&text), message);
}

/// 64 levels of types that name the one before twice would be a text of 2^64 types.
#[test]
fn text_of_a_wrong_module_is_bounded() {
    let mut module = Module::new("wrong");
    let mut ty = TypeId::STR;
    for _ in 0..64 {
        module.types.push(TypeDef::Func(Signature { params: vec![ty, ty], results: vec![ty, ty] }));
        ty = TypeId(module.types.len() as u16 - 1);
    }
    let next = TypeId(module.types.len() as u16);
    module.types.push(TypeDef::Func(Signature { params: vec![next; 2], results: vec![next; 2] }));
    module.imports.push(mvm_module::Import {
        module: "other".into(),
        name: "f".into(),
        signature: Signature { params: vec![ty, next], results: vec![ty, next] },
    });
    let text = disassemble(&module, &DisOptions::default());
    assert!(text.len() < 100_000, "{} bytes", text.len());
    assert!(text.contains(&format!("`type {}`", next.0)), "{text}");
}

#[test]
fn macros_cannot_write_without_end() {
    let lines = "macros write more than 1000000 lines";
    assert_eq!(in_main("%repeat 1000 {\n %repeat 1000 {\n %repeat 1000 {\n nop\n}\n}\n}"), lines);
    assert_eq!(
        in_main("%repeat 2000000 { nop }"),
        "a block can be repeated between 0 and 1000000 times, not 2000000"
    );
    let doubling = "macro m(r...) { m $r, $r }\nfunc main() {\nm x\nret\n}\n";
    assert_eq!(first_error(doubling), "one use of a macro writes more than 4000000 words");
    let names = "macro m(a) {\n m $a$a\n}\nfunc main() {\nm x\nret\n}\n";
    assert_eq!(first_error(names), "these pieces do not make a name");
    let long = format!(
        "macro m() {{ mov x, {}1\n}}\nfunc main() {{\n%repeat 500000 {{ m }}\nret\n}}\n",
        many("1+", 1000)
    );
    assert_eq!(first_error(&long), "macros write more than 50000000 words");
}

#[test]
fn long_things() {
    let million = many("x", 1_000_000);
    assert_ne!(in_main(&format!("mov {million}, {million}")), "");
    assert_ne!(in_main(&format!("{million} y")), "");
    assert_ne!(in_main(&format!("jmp {million}")), "");
    assert_eq!(in_main(&format!("sys print(\"{million}\")")), "");
    assert_ne!(in_main(&format!("mov x, {}", many("9", 1_000_000))), "");
    assert_ne!(in_main(&format!("mov x, 0x{}", many("f", 1_000_000))), "");
    assert_eq!(in_main(&format!("mov x, 0x{}1\nsys print_int(x)", many("0", 1_000_000))), "");
    assert_ne!(in_main(&format!("add {}", many("x,", 500_000))), "");
    assert_ne!(in_main(&format!("call f({})", many("x,", 500_000))), "");
    assert_ne!(in_main(&format!("switch k{}", many(", l", 100_000))), "");
    assert_eq!(in_main(&format!("mov x, {}1\nsys print_int(x)", many("1 + ", 300_000))), "");
    assert_ne!(in_main(&many("jmp l\n", 1)), "");
    assert_eq!(in_main(&format!("; {million}")), "");
    assert_eq!(in_main(&format!("sys print(\"{}\")", many("\\n", 500_000))), "");
    assert_ne!(first_error(&format!("func f({}) {{ ret }}", many("x: i64, ", 1000))), "");
    assert_ne!(first_error(&format!("class A {{ {} }}", many("field x: i64\n", 1000))), "");
}

#[test]
fn many_errors_end_soon() {
    let mut text = String::new();
    for number in 0..50_000 {
        text += &format!(
            "func function_number_{number}() {{\n jmp label_{number}\n call function_nunber_{number}()\n add register_{number}, register_x{number}, 1\n}}\n"
        );
    }
    assert_ne!(first_error(&text), "");
    let mut text = String::from("func main() {\n");
    for number in 0..200_000 {
        text += &format!("jmp label_{number}\n");
    }
    assert_ne!(first_error(&(text + "}\n")), "");
    assert_ne!(
        in_main(&format!("call f({})", (0..60_000).map(|i| format!("r{i}")).collect::<Vec<_>>().join(", "))),
        ""
    );
}

#[test]
fn registers_are_counted() {
    let declared = |count: usize| {
        let locals: String = (0..count).map(|i| format!(".local r{i}: i64\n")).collect();
        in_main(&locals)
    };
    assert_eq!(declared(65_000), "");
    assert_eq!(declared(65_001), "a function has at most 65000 registers");
}

/// What fits, and one more. The limits that only sources of gigabytes reach are tested with small numbers in `lib.rs`.
#[test]
fn limits_are_inclusive() {
    let check = |text: &dyn Fn(usize) -> String, most: usize, message: &str| {
        assert_eq!(first_error(&text(most)), "", "{message}");
        assert_eq!(first_error(&text(most + 1)), message);
    };
    let signature = "a function has at most 255 parameters and 8 results";
    let numbers = |count: usize| (0..count).map(|k| format!("p{k}: i64, ")).collect::<String>();
    check(&|n| format!("func f({}) {{\nret\n}}\nexport f\n", numbers(n)), limits::PARAMS_MAX, signature);
    let results = |n: usize| {
        let (types, ones) = (vec!["i64"; n].join(", "), vec!["1"; n].join(", "));
        format!("func f() -> ({types}) {{\nret {ones}\n}}\nexport f\n")
    };
    check(&results, limits::RESULTS_MAX, signature);
    let types = |n: usize| (0..n).map(|k| format!("interface T{k} {{ }}\nexport T{k}\n")).collect();
    check(&types, limits::TYPES_MAX - 64, "a module has at most 65000 types");
    // In interfaces of 1,000 methods.
    let selectors = |n: usize| {
        let methods = (0..n).map(|k| match k % 1000 {
            0 => format!("}}\ninterface I{} {{\nmethod m{k}()\n", k / 1000),
            _ => format!("method m{k}()\n"),
        });
        let calls = (0..n).map(|k| format!("calli I{0}.m{k}(x{0})\n", k / 1000));
        let params = (0..n.div_ceil(1000)).map(|k| format!("x{k}: I{k}, "));
        let (methods, params, calls): (String, String, String) =
            (methods.collect(), params.collect(), calls.collect());
        format!("interface First {{\n{methods}}}\nfunc f({params}) {{\n{calls}ret\n}}\nexport f\n")
    };
    check(&selectors, limits::SELECTORS_MAX, "a module has at most 65000 selectors");
    let handlers = |n: usize| {
        let ranges = many("try caught, e: Error\nnop\nendtry\n", n);
        format!("func f() {{\n{ranges}ret\ncaught:\nthrow e\n}}\nexport f\n")
    };
    check(&handlers, limits::HANDLERS_MAX, "a function has at most 65000 handler ranges");
    let switch = |n: usize| {
        format!("func f(k: i64) {{\nswitch k, over{}\nover:\nret\n}}\nexport f\n", many(", over", n))
    };
    check(&switch, 65_535, "a switch has at most 65535 targets");
    let operands = |n: usize| in_main(&format!("add {}", vec!["1"; n].join(", ")));
    assert!(operands(70_000).contains("operands, found"), "{}", operands(70_000));
    assert_eq!(operands(70_001), "a statement has at most 70000 operands");
    let sources = |n: usize| -> String {
        let lines: String = (0..n).map(|k| format!(".file \"f{k}\"\n")).collect();
        lines + "func f() {\nret\n}\nexport f\n"
    };
    check(&sources, 65_000, "more than 65000 source files");
    let bind = |n: usize| {
        let args = vec!["1"; n].join(", ");
        format!(
            "func f({}) {{\nret\n}}\nfunc main() {{\nbind x, f({args})\nbnull x, end\nend:\nret\n}}\n",
            numbers(17)
        )
    };
    let message = "`f` has 17 parameters and `bind` fixes at most 16, found 17";
    check(&bind, limits::BOUND_MAX, message);
}

#[test]
fn page_of_limits_has_their_numbers() {
    let page = mvm_asm::explain("E0801").expect("a page");
    let thousands =
        |n: usize| if n >= 1000 { format!("{},{:03}", n / 1000, n % 1000) } else { n.to_string() };
    let power = |n: usize| format!("2^{}", n.ilog2());
    for wanted in [
        format!("{} registers", thousands(limits::REGISTERS_MAX)),
        format!("{} parameters", thousands(limits::PARAMS_MAX)),
        format!("{} results", thousands(limits::RESULTS_MAX)),
        format!("{} types and selectors", thousands(limits::TYPES_MAX.max(limits::SELECTORS_MAX))),
        format!("{} types inside one type", thousands(limits::TYPE_PARTS_MAX)),
        format!(
            "{} functions and words of code",
            power(limits::FUNCTIONS_MAX.max(limits::FUNCTION_WORDS_MAX))
        ),
        format!("{} handler ranges", thousands(limits::HANDLERS_MAX)),
        format!("{} - 1 bytes of data", power(limits::LENGTH_MAX + 1)),
    ] {
        assert!(page.contains(&wanted), "the page does not say `{wanted}`:\n{page}");
    }
}

/// A small generator, so that failures come again.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

const SAMPLE: &str = include_str!("../../../../examples/macros.masm");
const OBJECTS: &str = include_str!("../../../../examples/shapes.masm");
const TABLES: &str = include_str!("../../../../examples/adventure.masm");

#[test]
fn damaged_programs_are_refused_or_accepted_but_never_panic() {
    let mut random = Lcg(7);
    for round in 0..1_000 {
        let source = [SAMPLE, OBJECTS, TABLES][round % 3];
        let mut bytes = source.as_bytes().to_vec();
        for _ in 0..1 + random.below(6) {
            let at = random.below(bytes.len());
            match random.below(5) {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, b"{}()[],.:;=%$@\"'`\n -+*0a_"[random.below(25)]),
                2 => {
                    let end = (at + random.below(60)).min(bytes.len());
                    drop(bytes.drain(at..end));
                }
                3 => {
                    let end = (at + random.below(60)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => bytes[at] = random.below(256) as u8,
            }
        }
        first_error(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_verb_with_any_operands() {
    let operands = [
        "",
        "x",
        "1",
        "x, y",
        "1, x",
        "x, y, z",
        "null",
        "x, 1, over",
        "s, f, over",
        "\"a\", 1.5, null",
        "g(x)",
    ];
    let others = [
        "bz", "bnz", "bgt", "bge", "bgtu", "bgeu", "bngt", "bnge", "gt", "ge", "gtu", "geu", "sort", "split",
    ];
    let names = mvm_isa::Opcode::ALL.iter().flat_map(|op| [op.info().name, op.info().verb]);
    for name in names.chain(others) {
        for list in operands {
            let start = "mov x, 1\nmov y, 2\nmov f, 1.5\nmov s, \"s\"\n";
            in_main(&format!("{start}{name} {list}\nover:\n{name} {list}, null, f[s], x.y"));
        }
    }
}

#[test]
fn token_soup_never_panics() {
    let words = [
        "func",
        "main",
        "(",
        ")",
        "{",
        "}",
        "\n",
        "\n",
        "mov",
        "add",
        "x",
        "y",
        ",",
        "1",
        "\"s\"",
        "call",
        "->",
        "i64",
        "[",
        "]",
        ".",
        "local",
        ":",
        "%",
        "if",
        "for",
        "in",
        "repeat",
        "macro",
        "$",
        "$x",
        "@t",
        "$#x",
        "...",
        "class",
        "method",
        "field",
        "=",
        "-",
        "const",
        "data",
        "try",
        "endtry",
        "spawn",
        "1f",
        "1b",
        "1",
        "else",
        "export",
        "import",
        "interface",
        "frozen",
        "null",
        "fn",
        "ret",
        "switch",
        "new",
        "get",
        "set",
        "sys",
        "print",
        ".file",
        "Error",
    ];
    let mut random = Lcg(99);
    for _ in 0..3_000 {
        let mut text = String::from(if random.below(2) == 0 { "func main() {\n" } else { "" });
        for _ in 0..random.below(80) {
            text += words[random.below(words.len())];
            if random.below(4) > 0 {
                text.push(' ');
            }
        }
        first_error(&text);
    }
}

/// Too long for a golden program: the code of this diagnostic is shown here.
#[test]
fn operands_are_counted() {
    let text = format!("func main() {{\nmov x, 1\nadd x{}\nret\n}}\n", many(", x", 70_000));
    let mut map = SourceMap::new();
    let file = map.add("test.masm", text);
    let (_, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    assert_eq!((diagnostics.len(), diagnostics[0].code), (1, "E0801"));
    assert!(diagnostics[0].message.contains("70000"), "{}", diagnostics[0].message);
}
