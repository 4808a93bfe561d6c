//! Tests of the assembler through its public interface.

mod basics;
mod branches;
mod builtins;
mod constants;
mod declarations;
mod macros;
mod objects;
mod pages;
mod repository;
mod robust;
mod rows;

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_module::Module;

/// Assembles a text; panics with the diagnostics when it is refused. The module must be accepted by the verifier, and
/// its disassembly must give the same module again.
pub(crate) fn good(text: &str) -> Module {
    let (module, shown) = run(text);
    let module = module.unwrap_or_else(|| panic!("refused:\n{shown}"));
    {
        let verified = mvm_module::verify_library(&module);
        verified.unwrap_or_else(|errors| panic!("not verified: {errors:#?}"));
    }
    assert_same_again(&module);
    module
}

/// Whether the disassembly of a module assembles to the same module.
pub(crate) fn assert_same_again(module: &Module) {
    let text = mvm_asm::disassemble(module, &mvm_asm::DisOptions::default());
    let (again, shown) = run(&text);
    let again = again.unwrap_or_else(|| panic!("the disassembly is refused:\n{shown}\n{text}"));
    let second = mvm_asm::disassemble(&again, &mvm_asm::DisOptions::default());
    pretty(&text, &second);
    assert_eq!(module.types, again.types);
    assert_eq!(module.sources, again.sources);
    assert_eq!(module.literals, again.literals);
    for (one, other) in module.functions.iter().zip(&again.functions) {
        assert_eq!(one.debug, other.debug, "debug of {}", one.name);
        assert_eq!(one, other);
    }
    assert!(*module == again, "the module changed:\n{text}\n{module:#?}\n{again:#?}");
}

fn pretty(first: &str, second: &str) {
    for (line, (a, b)) in first.lines().zip(second.lines()).enumerate() {
        assert_eq!(a, b, "line {} of the disassembly\n{first}", line + 1);
    }
}

/// All diagnostics of a text as they are shown.
pub(crate) fn shown(text: &str) -> String {
    run(text).1
}

fn run(text: &str) -> (Option<Module>, String) {
    let mut map = SourceMap::new();
    let file = map.add("test.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
    let shown: Vec<String> = diagnostics.iter().map(|d| mvm_diag::render(d, &map, false)).collect();
    (module, shown.join("\n"))
}

/// One line an instruction: pc, name, operands as numbers.
pub(crate) fn listing(module: &Module, function: &str) -> String {
    use mvm_isa::{Access, insn_len, opcode_of, targets, visit_registers};
    let function = module.functions.iter().find(|f| &*f.name == function).expect("function exists");
    let mut out = String::new();
    let mut pc = 0;
    while pc < function.code.len() {
        let op = opcode_of(function.code[pc]).expect("opcode");
        let (mut defs, mut uses) = (Vec::new(), Vec::new());
        visit_registers(op, &function.code[pc..], |access, register| match access {
            Access::Def => defs.push(format!("r{register}")),
            Access::Src => uses.push(format!("r{register}")),
        });
        out += &format!("{pc} {}", op.info().name);
        if !defs.is_empty() {
            out += &format!(" {} =", defs.join(" "));
        }
        if !uses.is_empty() {
            out += &format!(" {}", uses.join(" "));
        }
        for target in targets(op, &function.code[pc..]) {
            out += &format!(" ->{}", pc as i64 + target.offset);
        }
        out += "\n";
        pc += insn_len(op, function.code[pc]);
    }
    out
}
