//! Every row of the instruction table: its example assembles, is accepted, comes back, and contains the row.

use mvm_isa::{Opcode, insn_len, opcode_of};

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
