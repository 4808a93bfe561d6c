//! Functions with instruction syntax: their verbs, their imports, the built-in module itself.

use expect_test::expect;
use mvm_asm::{CORE, NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_isa::BUILTINS;
use mvm_module::{ExportItem, Literal, Module};

use crate::{good, shown};

fn imports(module: &Module) -> Vec<String> {
    module.imports.iter().map(|import| format!("{}.{}", import.module, import.name)).collect()
}

#[test]
fn the_module_exports_the_functions_of_the_table() {
    let module = good(CORE.text);
    assert_eq!(&*module.name, CORE.name);
    assert!(module.imports.is_empty());
    assert_eq!(module.exports.len(), BUILTINS.len());
    for (builtin, export) in BUILTINS.iter().zip(&module.exports) {
        assert_eq!(&*export.name, builtin.name);
        let ExportItem::Function(id) = export.item else { panic!("{} is a type", export.name) };
        let signature = module.signature(id).expect("a function");
        assert_eq!(
            (signature.params.as_slice(), signature.results.as_slice()),
            (builtin.params, builtin.results)
        );
    }
}

#[test]
fn used_ones_are_imported_once_behind_the_others() {
    let module = good(
        "import list.create() -> any
        class Shape { method name(str) -> str = shape_name }
        func shape_name(self: Shape, s: str) -> str { ret s }
        export func twice(a: [i64]) { sort a\nsort_i64 a\nret }
        data parts: fn([i64]) = twice
        func main() {
            split p, \"b,a\", \",\"
            sort p
            join s, p, \"\"
            str_split p, s, \"\"
            call list.create()
            new a, [i64], 3
            call twice(a)
            mov g, parts
            callr g(a)
            new q, Shape
            callv s, Shape.name(q, s)
            bind f, twice(a)
            callr f()
            sys print(s)
            tailcall main()
        }",
    );
    assert_eq!(
        imports(&module),
        ["list.create", "core.sort_i64", "core.str_split", "core.sort_str", "core.str_join"]
    );
    let name = |id| module.function_name(id);
    assert_eq!(module.main.map(name).as_deref(), Some("main"));
    assert!(module.literals.iter().any(|l| matches!(l, Literal::Func(id, _) if name(*id) == "twice")));
    let ExportItem::Function(exported) = module.exports[0].item else { panic!("a type") };
    assert_eq!(name(exported), "twice");
    let text = mvm_asm::disassemble(&module, &mvm_asm::DisOptions::default());
    let calls: Vec<&str> =
        text.lines().filter(|line| line.contains("core.") || line.contains("twice")).map(str::trim).collect();
    expect![[r#"
        import  core.sort_i64([i64])
        import  core.str_split(str, str) -> [str]
        import  core.sort_str([str])
        import  core.str_join([str], str) -> str
        export  twice
        func twice(a: [i64]) {
        call    core.sort_i64(a)
        call    core.sort_i64(a)
        call    p, core.str_split(_1, _2)
        call    core.sort_str(p)
        call    s, core.str_join(p, _1)
        call    p, core.str_split(s, _1)
        call    twice(a)
        const_literal g, twice
        bind    f, twice(a)"#]]
    .assert_eq(&calls.join("\n"));
}

#[test]
fn a_program_may_import_them_itself() {
    let module = good(
        "import core.sort_str([str])
        func main(a: [str]) {
            sort    a
            call core.sort_str(a)
            join    s, a, \", \"
            sys     print(s)
            ret
        }",
    );
    assert_eq!(imports(&module), ["core.sort_str", "core.str_join"]);
}

#[test]
fn their_verbs_are_names_as_well() {
    let module = good(
        "func sort(split: i64) -> i64 { ret split }
        func main() {
            mov join, 3
        sort:
            sub join, join, 1
            call replace, sort(join)
            bnz replace, sort
            ret
        }",
    );
    assert!(imports(&module).is_empty());
}

#[test]
fn capitals_are_accepted() {
    assert_eq!(imports(&good("func main(a: [str]) { SORT a\nret }")), ["core.sort_str"]);
}

#[test]
fn a_file_named_like_the_module_is_not_the_module() {
    let mut map = SourceMap::new();
    let file = map.add("core.masm", "func main(a: [str]) { sort a\nret }");
    let module = assemble(&mut map, file, &Options::default(), &mut NoFiles).0.expect("a module");
    assert_eq!(&*module.name, "main");
}

#[test]
#[expect(clippy::too_many_lines, reason = "most lines are the messages")]
fn mistakes_are_explained() {
    expect![[r#"
        error[E0301]: no form of `sort` takes `[f32]`
         --> test.masm:3:13
          |
        3 |             sort    b
          |             ^^^^    - `[f32]`
          |
          = help: there are `sort_i64 [i64]`, `sort_f64 [f64]`, `sort_str [str]`
        error[E0302]: `split` takes 3 operands, found 2
         --> test.masm:4:13
          |
        4 |             split   p, s
          |             ^^^^^
          |
          = help: there is `str_split [str], str, str`
        error[E0301]: no form of `split` takes (`str`, the integer 1)
         --> test.masm:5:13
          |
        5 |             split   q, s, 1
          |             ^^^^^      - `str`
          |
          = help: there is `str_split [str], str, str`
        error[E0304]: the result is `str`, but `n` is `i64`
         --> test.masm:8:21
          |
        7 |             mov     n, 1
          |                     - it has type `i64` since here
        8 |             join    n, a, " "
          |                     ^
        error[E0206]: `core.str_join` is not the function behind `str_join`
         --> test.masm:9:13
          |
        9 |             join    t, a, " "
          |             ^^^^
          |
          = help: the name belongs to the built-in function
        error[E0301]: no form of `str_replace` takes (the integer 1, the integer 2, `str`)
          --> test.masm:10:13
           |
        10 |             str_replace u, 1, 2, s
           |             ^^^^^^^^^^^          - `str`
           |
           = help: there is `str_replace str, str, str, str`
        error[E0301]: no form of `sort` takes the integer 1
          --> test.masm:11:13
           |
        11 |             sort    1
           |             ^^^^
           |
           = help: there are `sort_i64 [i64]`, `sort_f64 [f64]`, `sort_str [str]`
        error[E0605]: `null` is a literal and cannot be a name
          --> test.masm:12:21
           |
        12 |             split   null, s, s
           |                     ^^^^
        error[E0302]: `sort` takes 1 operand, found 2
          --> test.masm:13:13
           |
        13 |             sort    b, c
           |             ^^^^
           |
           = help: there are `sort_i64 [i64]`, `sort_f64 [f64]`, `sort_str [str]`
        error[E0202]: there is no instruction or macro `spilt`
          --> test.masm:14:13
           |
        14 |             spilt   v, s, ","
           |             ^^^^^
           |
           = help: there is `split`"#]]
    .assert_eq(&shown(
        "func core.str_join() { ret }
        func wrong(a: [str], b: [f32], s: str) {
            sort    b
            split   p, s
            split   q, s, 1
            get     r, q[0]
            mov     n, 1
            join    n, a, \" \"
            join    t, a, \" \"
            str_replace u, 1, 2, s
            sort    1
            split   null, s, s
            sort    b, c
            spilt   v, s, \",\"
            ret
        }",
    ));
}

#[test]
fn the_function_is_named_by_programs_that_import_it_only() {
    let text = "func main(a: [str]) { sort a\ncall core.sort_str(a)\nret }";
    assert!(shown(text).contains("there is no function `core.sort_str`"), "{}", shown(text));
}

#[test]
fn the_module_itself_calls_its_own() {
    let text = "module core\nfunc main(a: [str]) { sort a\nret }\nfunc sort_str(a: [str]) { ret }";
    assert!(imports(&good(text)).is_empty());
    assert!(shown("module core\nfunc main(a: [str]) { sort a\nret }").contains("error[E0206]"));
}

#[test]
fn verbs_without_a_row_that_fits_are_explained() {
    let text = shown("func main(s: str) { gt t, s, 1\nbz s, l\nbgt s, s, l\nl: ret }");
    assert_eq!(text.matches("error[E0301]").count(), 3, "{text}");
}
