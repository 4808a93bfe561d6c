//! Branches near and far: which form they get, and that distances are right.

use mvm_isa::{Opcode, insn_len, opcode_of, targets};
use mvm_module::Module;

use crate::good;

/// Every branch of `main`: opcode and where it goes.
fn branches(module: &Module) -> Vec<(u32, &'static str, i64)> {
    let code = &module.functions[0].code;
    let mut out = Vec::new();
    let mut pc = 0;
    while pc < code.len() {
        let op = opcode_of(code[pc]).expect("opcode");
        for target in targets(op, &code[pc..]) {
            out.push((pc as u32, op.info().name, pc as i64 + target.offset));
        }
        pc += insn_len(op, code[pc]);
    }
    out
}

fn nops(count: usize) -> String {
    "nop\n".repeat(count)
}

#[test]
fn short_backward_branches_span_64_words() {
    for (count, far) in [(63, false), (64, false), (65, true)] {
        let text = format!("func main() {{\nmov i, 0\nagain:\n{}blt i, 3, again\nret\n}}\n", nops(count));
        let module = good(&text);
        let end = 2 + count as u32;
        let wanted = match far {
            false => vec![(end, "blt_i64_imm_back", 2)],
            true => vec![(end, "bge_i64_imm", i64::from(end) + 2), (end + 1, "jmp_back", 2)],
        };
        assert_eq!(branches(&module), wanted, "{count}");
    }
}

#[test]
fn forward_branches_beyond_16_bits_go_over_a_jump() {
    for (count, far) in [(32_766, false), (32_767, true)] {
        let text = format!("func main() {{\nmov i, 0\nbeq i, 3, done\n{}done:\nret\n}}\n", nops(count));
        let module = good(&text);
        let end = count as i64 + 3;
        let wanted = match far {
            false => vec![(2, "beq_i64_imm", end)],
            true => vec![(2, "bne_i64_imm", 4), (3, "jmp", end + 1)],
        };
        assert_eq!(branches(&module), wanted, "{count}");
    }
}

#[test]
fn every_condition_has_its_opposite_over_a_jump() {
    let conditions = [
        ("beq x, y", "bne_i64"),
        ("bne x, y", "beq_i64"),
        ("blt x, y", "ble_i64"),
        ("ble x, y", "blt_i64"),
        ("bgt x, y", "ble_i64"),
        ("bltu x, y", "bleu_i64"),
        ("bgeu x, y", "bltu_i64"),
        ("bgt x, 5", "ble_i64_imm"),
        ("bge x, 5", "blt_i64_imm"),
        ("bz x", "bne_i64_imm"),
        ("blt f, g", "bnlt_f64"),
        ("bnle f, g", "ble_f64"),
        ("bge f, g", "bnle_f64"),
        ("bnull s", "bnonnull"),
        ("bnonnull s", "bnull"),
    ];
    for (condition, inverse) in conditions {
        let start = "mov x, 1\nmov y, 2\nmov f, 1.0\nmov g, 2.0\nmov s, \"s\"\n";
        let text = format!("func main() {{\n{start}again:\n{}{condition}, again\nret\n}}\n", nops(100));
        let found = branches(&good(&text));
        assert_eq!((found[0].1, found[1].1), (inverse, "jmp_back"), "{condition}");
    }
}

#[test]
fn null_tests_never_go_back_directly() {
    let module = good("func main() {\nmov s, \"x\"\nagain:\nbnull s, again\nbnull s, done\ndone:\nret\n}\n");
    let names: Vec<&str> = branches(&module).iter().map(|b| b.1).collect();
    assert_eq!(names, ["bnonnull", "jmp_back", "bnull"]);
}

#[test]
fn a_switch_with_a_target_behind_is_a_backward_one() {
    let module = good("func main() {\nmov k, 5\nagain:\nswitch k, done, again, done\ndone:\nret\n}\n");
    assert_eq!(branches(&module), [(2, "switch_back", 5), (2, "switch_back", 2), (2, "switch_back", 5)]);
    let module = good("func main() {\nmov k, 5\nswitch k, done\ndone:\nret\n}\n");
    assert_eq!(branches(&module).len(), 1);
    assert_eq!(opcode_of(module.functions[0].code[1]), Ok(Opcode::Switch));
}

#[test]
fn widening_one_branch_can_widen_others() {
    // Two loops that overlap: each long branch makes the other's body longer.
    let text = format!(
        "func main() {{\nmov i, 0\na:\nnop\nb:\n{}blt i, 3, a\n{}blt i, 4, b\nc:\n{}blt i, 5, c\nret\n}}\n",
        nops(63),
        nops(1),
        nops(64),
    );
    let found = branches(&good(&text));
    assert_eq!(found.iter().filter(|b| b.1 == "jmp_back").count(), 1 + usize::from(found.len() > 4));
    for count in 0..40 {
        let mut text = String::from("func main() {\nmov i, 0\n");
        for label in 0..60 {
            text += &format!("l{label}:\n");
            text += &nops(count % 7);
            let to = label * 7 % 60;
            text += &format!("blt i, {label}, l{to}\nnop\n");
        }
        text += "ret\n}\n";
        good(&text);
    }
}

#[test]
fn handlers_and_variables_move_with_the_code() {
    let text = format!(
        "func main() {{\nmov i, 0\nagain:\n{}.var count, i, \"int\"\ntry failed, e: Error\n{}blt i, 3, again\nendtry\n\
         .endvar count\nret\nfailed:\nret\n}}\n",
        nops(10),
        nops(60)
    );
    let module = good(&text);
    let function = &module.functions[0];
    let handler = function.handlers[0];
    assert_eq!((handler.start, handler.end, handler.target), (12, 74, 75));
    assert_eq!((function.debug.vars[0].start, function.debug.vars[0].end), (12, 74));
}
