//! The disassembler: a module as text that assembles back to the same bytes.
//!
//! How the parts of a module that have no name of their own come back:
//! - All registers that are not parameters are declared by `.local`, in order. A register without a name is written
//!   `_N` after its own number, which the assembler stores as no name.
//! - Full mnemonics are written, so that each stands for exactly one row. Weights and frame sizes are not written: they
//!   follow from the code.
//! - Types and selectors are numbered in the order of the text; `.type` and `.selector` lines stand for those that have
//!   no declaration.
//! - Literals are numbered as they are met (`names.rs` has the rule); `.literal` lines stand for those that would be met
//!   too late.
//! - `.file` and `.loc` lines give the source positions; `.var` lines the variables of a source language.
//!
//! The text cannot say: a start that is not `main`, two registers of one name, two open variables of one name, a NaN
//! that is not the canonical one. The assembler makes none of these.
//!
//! Not here: whether the module is right. Anything can be disassembled; what has no meaning becomes a comment or a
//! name in backquotes that no module has.

mod function;
mod insn;
mod items;
mod names;

use mvm_module::{FuncId, Module};

use function::write_function;
use insn::{FunctionNames, decode};
use names::Names;

/// What a disassembly shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisOptions {
    /// Write source positions and variables (`.file`, `.loc`, `.var`).
    pub debug: bool,
    /// Write pc and words of each instruction as a comment.
    pub listing: bool,
}

impl Default for DisOptions {
    fn default() -> DisOptions {
        DisOptions { debug: true, listing: false }
    }
}

/// The text of a module.
pub fn disassemble(module: &Module, options: &DisOptions) -> String {
    let names = Names::new(module);
    let mut out = String::new();
    items::write_items(&mut out, &names, options);
    // The lines at the top leave the last source file in force.
    let last = module.sources.len().checked_sub(1).map(|last| last as u16);
    let mut file = last.or(Some(u16::MAX));
    for function in &module.functions {
        if !out.is_empty() {
            out.push('\n');
        }
        if options.debug && file != function::file_of(function) {
            file = function::file_of(function);
            let name = file.and_then(|file| module.sources.get(usize::from(file)));
            let name = name.map_or_else(String::new, |name| names::string(name));
            out.push_str(format!(".file   {name}").trim_end());
            out.push('\n');
        }
        write_function(&mut out, &names, function, options);
    }
    out
}

/// The text of one function; nothing for an import or a function that does not exist.
pub fn disassemble_function(module: &Module, function: FuncId, options: &DisOptions) -> String {
    let mut out = String::new();
    if let Some(function) = module.function(function) {
        write_function(&mut out, &Names::new(module), function, options);
    }
    out
}

/// One instruction of a function, with the label in front of it if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsnText {
    /// Index of its first word.
    pub pc: u32,
    /// The label that stands here.
    pub label: Option<String>,
    /// Mnemonic and operands.
    pub text: String,
}

/// All instructions of a function, for tools that show them one by one.
pub fn list_function(module: &Module, function: FuncId) -> Vec<InsnText> {
    let Some(function) = module.function(function) else { return Vec::new() };
    let names = Names::new(module);
    let names = FunctionNames::new(&names, function);
    decode(&function.code)
        .map(|insn| InsnText {
            pc: insn.pc,
            label: names.labels.get(&insn.pc).cloned(),
            text: function::statement(&names, insn),
        })
        .collect()
}

/// The instruction at `pc` of a function, without indentation. Use [`list_function`] for many.
pub fn disassemble_insn(module: &Module, function: FuncId, pc: u32) -> String {
    let Some(function) = module.function(function) else { return String::new() };
    let names = Names::new(module);
    let names = FunctionNames::new(&names, function);
    let insn = decode(&function.code).find(|insn| insn.pc == pc);
    insn.map_or_else(String::new, |insn| function::statement(&names, insn))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use mvm_isa::{Elem, Opcode, TypeId, encode};
    use mvm_module::{
        Class, Field, Function, Handler, LineEntry, Literal, LiteralId, Method, Signature, TypeDef,
    };

    use super::*;

    /// A module with a bit of everything.
    fn sample() -> Module {
        let mut module = Module::new("sample");
        module.sources.push("sample.src".into());
        module.types.push(TypeDef::Class(Class {
            name: "Square".into(),
            import: None,
            base: None,
            interfaces: Vec::new(),
            fields: vec![Field { name: "side".into(), ty: TypeId::F64 }],
            methods: vec![Method {
                name: "area".into(),
                signature: Signature { params: vec![TypeId::I64], results: vec![TypeId::F64] },
                function: Some(FuncId(0)),
            }],
            frozen: true,
        }));
        module.literals.push(Literal::Array(Elem::I16, Box::new([1, 0, 0xff, 0xff])));
        module.literals.push(Literal::Str("two\nlines".into()));
        let square = TypeId(64);
        let mut area = function("area", 2, &[TypeId::F64], &[square, TypeId::I64, TypeId::F64]);
        area.debug.register_names = vec!["self".into(), "a+b".into(), "".into()];
        encode::fixed(&mut area.code, Opcode::GetFieldF64, &[2, 0, 0]);
        encode::fixed(&mut area.code, Opcode::RetValue, &[2]);
        module.functions.push(area);
        let mut main =
            function("main", 0, &[], &[TypeId::I64, TypeId::STR, TypeId::ERROR, TypeId::array_of(Elem::I16)]);
        main.debug.register_names = ["n", "s", "e", ""].map(Into::into).to_vec();
        encode::fixed(&mut main.code, Opcode::Enter, &[1, 4]);
        encode::fixed(&mut main.code, Opcode::ConstLiteral, &[1, 1]);
        encode::fixed(&mut main.code, Opcode::ConstLiteral, &[3, 0]);
        encode::sys(&mut main.code, Opcode::Sys, &[], 0, &[1]);
        encode::fixed(&mut main.code, Opcode::GetI16, &[0, 3, 0]);
        encode::fixed(&mut main.code, Opcode::BeqI64ImmBack, &[0, -1, -1]);
        encode::fixed(&mut main.code, Opcode::Ret, &[]);
        main.handlers.push(Handler { start: 3, end: 7, target: 7, class: TypeId::ERROR, register: 2 });
        main.debug.lines.push(LineEntry { pc: 1, file: 0, line: 3, column: 5 });
        module.functions.push(main);
        module.main = Some(FuncId(1));
        module
    }

    fn function(name: &str, params: u16, results: &[TypeId], registers: &[TypeId]) -> Function {
        Function {
            name: name.into(),
            params,
            results: results.to_vec(),
            registers: registers.to_vec(),
            code: Vec::new(),
            handlers: Vec::new(),
            debug: mvm_module::FuncDebug::default(),
        }
    }

    #[test]
    fn a_module_is_written_with_all_its_parts() {
        expect![[r#"
            module  sample
            .file   "sample.src"

            frozen class Square {
                field  side: f64
                method area(i64) -> f64 = area
            }

            data    data_0: [i16] = 1, -1

            .file
            func area(self: Square, `a+b`: i64) -> f64 {
                .local  _2: f64
                get_field_f64 _2, self.side
                ret_value _2
            }

            .file   "sample.src"
            func main() {
                .local  n: i64
                .local  s: str
                .local  e: Error
                .local  _3: [i16]
                enter
                .loc    3:5
                const_literal s, "two\nlines"
                const_literal _3, data_0
                try     L2, e: Error
                sys     print(s)
            L1:
                get_i16 n, _3[n]
                beq_i64_imm_back n, -1, L1
                endtry
            L2:
                ret
            }
        "#]]
        .assert_eq(&disassemble(&sample(), &DisOptions::default()));
    }

    #[test]
    fn a_listing_shows_pc_and_words() {
        let options = DisOptions { debug: false, listing: true };
        expect![[r#"
            func area(self: Square, `a+b`: i64) -> f64 {
                .local  _2: f64
                get_field_f64 _2, self.side                 ; 0000 0000000000020130
                ret_value _2                                ; 0001 00000000000200bb
            }
        "#]]
        .assert_eq(&disassemble_function(&sample(), FuncId(0), &options));
    }

    #[test]
    fn code_that_is_wrong_is_shown_and_does_not_panic() {
        let mut module = sample();
        module.functions[0].code = vec![u64::MAX, Opcode::Jmp as u64 | 9 << 32, Opcode::Call as u64];
        module.functions[0].handlers.push(Handler {
            start: 9,
            end: 1,
            target: 99,
            class: TypeId(999),
            register: 77,
        });
        module.literals.push(Literal::Refs(TypeId(9999), Box::new([Some(LiteralId(77)), None])));
        expect![[r#"
            func area(self: Square, `a+b`: i64) -> f64 {
                .local  _2: f64
                .handler `pc 9`, L1, `pc 99`, _77: `type 999`
                ;       not an instruction: 0xffffffffffffffff
            L1:
                jmp     `pc 10`
                ;       not an instruction: 0x00000000000000b0
            }
        "#]]
        .assert_eq(&disassemble_function(&module, FuncId(0), &DisOptions::default()));
        disassemble(&module, &DisOptions::default());
    }

    #[test]
    fn single_instructions_name_registers_and_labels() {
        assert_eq!(disassemble_insn(&sample(), FuncId(0), 0), "get_field_f64 _2, self.side");
        assert_eq!(disassemble_insn(&sample(), FuncId(1), 6), "beq_i64_imm_back n, -1, L1");
        assert_eq!(disassemble_insn(&sample(), FuncId(1), 99), "");
        let listed = list_function(&sample(), FuncId(1));
        assert_eq!(listed[4].label.as_deref(), Some("L1"));
        assert_eq!(listed[3].text, "sys     print(s)");
    }

    #[test]
    fn every_opcode_with_any_operands_has_a_text() {
        let mut module = sample();
        for &op in Opcode::ALL {
            for fill in [0u64, 0x0101_0101_0101, u64::MAX >> 16] {
                module.functions[0].code = vec![op as u64 | fill << 16];
                module.functions[0].code.resize(130, 0x0001_0002_0003_0004);
                disassemble_function(&module, FuncId(0), &DisOptions { debug: true, listing: true });
            }
        }
    }

    /// Assembles the text of a module and compares.
    fn comes_back(module: &Module) {
        let text = disassemble(module, &DisOptions::default());
        let mut map = mvm_diag::SourceMap::new();
        let file = map.add("again.masm", text.as_str());
        let (again, diagnostics) =
            crate::assemble(&mut map, file, &crate::Options::default(), &mut crate::NoFiles);
        let errors: Vec<String> = diagnostics.iter().map(|d| mvm_diag::render(d, &map, false)).collect();
        let again = again.unwrap_or_else(|| panic!("{text}\n{}", errors.join("\n")));
        assert_eq!(disassemble(&again, &DisOptions::default()), text);
        assert_eq!(again, *module, "{text}");
    }

    /// A module with one function `main` that uses these literals in this order.
    fn with_literals(literals: Vec<Literal>, used: &[i64]) -> Module {
        let mut module = Module::new("literals");
        module.literals = literals;
        let mut main = function("main", 0, &[], &[TypeId::ANY]);
        main.debug.register_names = vec!["x".into()];
        for &number in used {
            encode::fixed(&mut main.code, Opcode::ConstLiteral, &[0, number]);
        }
        encode::fixed(&mut main.code, Opcode::Ret, &[]);
        module.functions.push(main);
        module.main = Some(FuncId(0));
        module
    }

    fn text(text: &str) -> Literal {
        Literal::Str(text.into())
    }

    fn list(items: &[u32]) -> Literal {
        Literal::Refs(TypeId::ARRAY_STR, items.iter().map(|&item| Some(LiteralId(item))).collect())
    }

    #[test]
    fn literals_keep_their_numbers() {
        comes_back(&with_literals(vec![text("a"), text("b")], &[0, 1]));
        comes_back(&with_literals(vec![text("a"), text("b")], &[1, 0]));
        comes_back(&with_literals(vec![text("a"), text("b"), text("a")], &[1, 0, 2, 0]));
        comes_back(&with_literals(vec![text("a"), text("unused"), text("c")], &[0, 2]));
        comes_back(&with_literals(vec![text("a"), text("b"), list(&[0, 1, 0]), text("c")], &[2, 3]));
        comes_back(&with_literals(vec![text("a"), text("b"), list(&[1, 0]), text("a")], &[2, 3, 0]));
        comes_back(&with_literals(
            vec![text("x"), list(&[]), text("a"), list(&[2, 0]), text("b")],
            &[4, 3, 1],
        ));
        comes_back(&with_literals(vec![text("x"), list(&[0]), text("y"), list(&[0, 2])], &[]));
    }

    #[test]
    fn data_of_all_kinds_comes_back() {
        let bytes = |bytes: &[u8]| Literal::Bytes(bytes.into());
        let odd: String = (0..0x300).filter_map(char::from_u32).collect();
        let mut module = with_literals(
            vec![
                bytes(b""),
                bytes(b"plain text\n"),
                bytes(&[0, 1, 2, 255]),
                bytes("\"quoted\\ é and much longer than one line of the text can be, so that it is cut somewhere in the é".as_bytes()),
                text(&odd),
                text(""),
            ],
            &[0, 1, 2, 3, 4, 5],
        );
        for elem in Elem::ALL {
            let count = 20 * elem.bytes() as u8;
            let bytes = (0..count).map(|k| if elem.is_float() { k & 0x3f } else { k.wrapping_mul(37) });
            module.literals.insert(0, Literal::Array(elem, bytes.collect()));
            module.literals.insert(0, Literal::Array(elem, Box::default()));
        }
        module.functions[0].code.clear();
        encode::fixed(&mut module.functions[0].code, Opcode::Ret, &[]);
        comes_back(&module);
    }

    #[test]
    fn lists_of_types_come_back() {
        let built_in =
            [TypeId::BOX_I64, TypeId::BOX_F64, TypeId::ANY, TypeId::STR, TypeId::BLOCK, TypeId::ARRAY_I64];
        let all: Vec<TypeId> = built_in.into_iter().chain([TypeId::ARRAY_STR, TypeId::ERROR]).collect();
        for count in [0, 1, 2, 8, 9, 40] {
            let types = all.iter().copied().cycle().take(count).collect();
            comes_back(&with_literals(vec![Literal::Types(types), text("x")], &[0, 1]));
        }
    }

    #[test]
    fn positions_and_variables_come_back() {
        let mut module = with_literals(vec![text("a"), text("b")], &[0, 1, 0, 1]);
        module.sources = vec!["one.lang".into(), "unused \"odd\" name".into(), "two.lang".into()];
        let line = |pc, file, line, column| LineEntry { pc, file, line, column };
        let debug = &mut module.functions[0].debug;
        debug.lines = vec![line(0, 2, 7, 0), line(1, 0, 3, 9), line(3, 2, 1, 1)];
        let var = |name: &str, start, end| mvm_module::VarEntry {
            name: name.into(),
            ty: "odd `type`".into(),
            register: 0,
            start,
            end,
        };
        debug.vars = vec![var("total", 0, 2), var("a b", 1, 3), var("total", 2, 5), var("été", 3, 5)];
        comes_back(&module);
        let outer = mvm_module::InlinedCall { function: FuncId(0), outer: None, file: 1, line: 3, column: 4 };
        let inner = mvm_module::InlinedCall { outer: Some(0), file: 0, line: 0, column: 0, ..outer };
        let entry = |pc, call| mvm_module::InlineEntry { pc, call };
        module.functions[0].debug.calls = vec![outer, inner];
        module.functions[0].debug.inlined = vec![entry(0, Some(1)), entry(1, None), entry(3, Some(0))];
        comes_back(&module);
        module.functions[0].debug.calls.clear();
        module.functions[0].debug.inlined.clear();
        module.functions[0].debug.lines.clear();
        comes_back(&module);
        module.sources.clear();
        comes_back(&module);
    }

    #[test]
    fn handler_ranges_come_back() {
        let handler = |start, end| Handler { start, end, target: 4, class: TypeId::ERROR, register: 1 };
        let cases: &[&[(u32, u32)]] = &[
            &[(0, 1)],
            &[(1, 2), (1, 3), (0, 4)],
            &[(0, 1), (1, 2), (2, 3)],
            &[(0, 1), (2, 3), (2, 3), (0, 4)],
            &[(0, 2), (1, 3)],
            &[(2, 3), (0, 1)],
            &[(0, 4), (1, 2)],
            &[(0, 5), (1, 5), (0, 5)],
        ];
        for ranges in cases {
            let mut module = with_literals(vec![text("a")], &[0, 0, 0, 0]);
            let main = &mut module.functions[0];
            main.registers.push(TypeId::ERROR);
            main.debug.register_names.push("e".into());
            main.handlers = ranges.iter().map(|&(start, end)| handler(start, end)).collect();
            comes_back(&module);
        }
    }

    #[test]
    fn odd_names_come_back() {
        let mut module = with_literals(vec![], &[]);
        module.name = "a module".into();
        module.imports.push(mvm_module::Import {
            module: "other+".into(),
            name: "f".into(),
            signature: Signature::default(),
        });
        let main = &mut module.functions[0];
        main.registers = vec![TypeId::I64; 6];
        main.debug.register_names = ["nul", "a.b", "mov", "", "L1", "i64"].map(Into::into).to_vec();
        let mut other = function("Class.+", 1, &[], &[TypeId::I64]);
        encode::fixed(&mut other.code, Opcode::Ret, &[]);
        module.functions.push(other);
        module.main = Some(FuncId(1));
        module.exports.push(mvm_module::Export {
            name: "other name".into(),
            item: mvm_module::ExportItem::Function(FuncId(2)),
        });
        comes_back(&module);
    }
}
