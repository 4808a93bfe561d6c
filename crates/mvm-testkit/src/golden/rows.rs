//! The examples of the tables (instructions, functions with instruction syntax) as golden programs.
//!
//! An example is the body of a main function, or a whole program when it has one. A line that ends with `; r = 5`
//! states what register `r` holds behind it: a print of the register is put there.

use mvm_isa::{Builtin, Opcode};

use super::comments::{comment_start, quote};
use super::{Program, root};

/// The example of a row as a program.
pub fn program_of(op: Opcode) -> Program {
    program(op.info().name, op.info().example)
}

/// The example of a function with instruction syntax as a program.
pub fn program_of_builtin(builtin: &Builtin) -> Program {
    program(builtin.name, builtin.example)
}

fn program(name: &str, example: &str) -> Program {
    let whole = example.contains("func main");
    let mut text = String::new();
    if !whole {
        text.push_str("func main() {\n");
    }
    for line in example.lines() {
        text.push_str(line);
        text.push('\n');
        let statement = comment_start(line).and_then(|at| line[at + 1..].split_once('='));
        if let Some((register, value)) = statement {
            text.push_str(&print_line(register.trim(), value.trim()));
        }
    }
    if !whole {
        text.push_str("    ret\n}\n");
    }
    // What an example prints by itself is not stated in it.
    let text = text.replace("sys print(\"hello\")", "sys print(\"hello\") ; expect: hello");
    let text = text.replace("sys print(\"in\")", "sys print(\"in\") ; expect: in");
    Program { name: format!("example of {name}"), text, folder: root() }
}

fn print_line(register: &str, value: &str) -> String {
    if let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return format!("    sys print({register}) ; expect: {}\n", quote(inner.as_bytes()));
    }
    let float = value.contains(['.', 'e']) || value.ends_with("inf") || value == "nan";
    let call = if float { "print_float" } else { "print_int" };
    format!("    sys {call}({register}) ; expect: {value}\n")
}
