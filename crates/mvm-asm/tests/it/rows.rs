//! Every row of the instruction table: its example assembles, is accepted, comes back, and contains the row.

use mvm_isa::{BUILTINS, Opcode, insn_len, opcode_of};

use crate::good;

fn program(example: &str) -> String {
    if example.contains("func main") {
        return example.to_owned();
    }
    format!("func main() {{\n{example}\nret\n}}\n")
}

#[test]
fn examples_assemble_to_their_rows() {
    let mut wrong = Vec::new();
    for &op in Opcode::ALL {
        let info = op.info();
        let module = good(&program(info.example));
        let found = module.functions.iter().any(|function| {
            let mut pc = 0;
            while pc < function.code.len() {
                let here = opcode_of(function.code[pc]).expect("opcode");
                if here == op {
                    return true;
                }
                pc += insn_len(here, function.code[pc]);
            }
            false
        });
        if !found {
            wrong.push(info.name);
        }
    }
    assert!(wrong.is_empty(), "not in their own examples: {wrong:?}");
}

#[test]
fn instructions_of_module_core_are_calls_of_it() {
    let core = mvm_asm::core_module().expect("core assembles");
    mvm_module::verify_library(&core).expect("core is accepted");
    for builtin in BUILTINS {
        let module = good(&program(builtin.example));
        let import = module.imports.iter().find(|import| *import.name == *builtin.name);
        let import = import.unwrap_or_else(|| panic!("{} is not imported", builtin.name));
        assert_eq!((&*import.module, &*import.signature.params), ("core", builtin.params));
        let same = |export: &&mvm_module::Export| *export.name == *builtin.name;
        let export = core.exports.iter().find(same).expect("core exports it");
        let mvm_module::ExportItem::Function(func) = export.item else { panic!("a function") };
        assert_eq!(core.signature(func), Some(import.signature.clone()), "{}", builtin.name);
    }
}

#[test]
fn functions_keep_their_numbers_when_core_is_imported() {
    let module = good(
        "class A { method m() -> i64 = am }\nfunc am(self: A) -> i64 { ret 1 }\ndata f: fn(A) -> i64 = am\n\
         import other.thing() -> i64\nfunc main() -> i64 {\n new a, [i64], 2\n sort a\n fref g, f\n new o, A\n\
         callr x, g(o)\n call y, am(o)\n call z, other.thing()\n add x, x, y\n add x, x, z\n ret x\n}\nexport main\n",
    );
    assert_eq!(module.function_name(module.main.expect("main")), "main");
    let names: Vec<String> = (0..4).map(|id| module.function_name(mvm_module::FuncId(id))).collect();
    assert_eq!(names, ["other.thing", "core.sort_i64", "am", "main"]);
}
