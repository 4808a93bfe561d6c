//! What people write who come from other languages, and what it is called here. Only for advice in messages.

use mvm_isa::{Syscall, TypeId};

use crate::asm::{Asm, Global};
use crate::intern::Sym;

/// Advice for a word that stands where an instruction belongs.
fn instruction(word: &str) -> Option<&'static str> {
    Some(match word {
        "cmp" => "comparing and branching is one instruction: `beq a, b, label`; `lt t, a, b` gives 0 or 1",
        "je" | "jeq" => "`beq a, b, label` compares and branches",
        "jz" => "`bz x, label` branches if a number is 0",
        "jne" => "`bne a, b, label` compares and branches",
        "jnz" => "`bnz x, label` branches if a number is not 0",
        "jl" | "jlt" | "jb" => "`blt a, b, label` compares and branches",
        "jle" | "jbe" => "`ble a, b, label` compares and branches",
        "jg" | "jgt" | "ja" => "`bgt a, b, label` compares and branches",
        "jge" | "jae" => "`bge a, b, label` compares and branches",
        "goto" | "br" | "bra" | "b" | "j" => "`jmp label` goes to a label",
        "inc" => "`add x, x, 1` adds 1",
        "dec" => "`sub x, x, 1` subtracts 1",
        "push" | "pop" => {
            "nothing is pushed: a function has as many registers as it names, and each call has its own"
        }
        "li" | "ldi" | "let" | "var" | "movi" => "`mov x, 5` makes the register `x`",
        "return" => "`ret` returns",
        "if" | "else" | "while" | "for" => {
            "there are labels and branches: `blt i, n, again`; `%if` and `%repeat` are for the assembler"
        }
        "println" | "printf" | "puts" | "echo" | "syscall" | "ecall" | "svc" | "int" => {
            "the machine is asked with `sys`, for example `sys print(text)`"
        }
        "hlt" | "halt" => "`ret` in `main` ends the program, and so does `sys exit(status)`",
        _ => return None,
    })
}

/// Advice for a word that stands where a declaration belongs.
pub(crate) fn declaration(word: &str) -> Option<&'static str> {
    Some(match word {
        "fn" | "fun" | "function" | "def" | "proc" | "sub" => "functions are declared with `func name() {`",
        "struct" | "record" | "type" => "classes are declared with `class Name {`",
        "let" | "var" | "static" | "db" | "dw" | "dd" | "dq" => {
            "there are `const N = 5` and `data table: [i64] = 1, 2, 3`; registers belong to functions"
        }
        "global" | "section" | "extern" | "segment" => {
            "there are no sections; `export` and `import` share functions"
        }
        "use" | "require" | "from" => "`import module.name(types)` names a function of another module",
        _ => return None,
    })
}

impl Asm<'_> {
    /// Advice for a name that is no instruction.
    pub(crate) fn instruction_advice(&self, name: Sym, before_equals: bool) -> Option<String> {
        let text = self.text(name);
        if before_equals {
            return Some(format!("`mov {text}, ...` puts a value into a register"));
        }
        if Syscall::from_name(text).is_some() {
            return Some(format!("that is asked of the machine: `sys {text}(...)`"));
        }
        if let Global::Func(_) = self.global(name) {
            return Some(format!("that is a function: `call {text}(...)`"));
        }
        instruction(text).map(str::to_owned)
    }
}

/// Syscalls whose names begin with this one; with a type, only those that take it.
pub(crate) fn syscalls_like(name: &str, ty: Option<TypeId>) -> Option<String> {
    let takes = |call: &&Syscall| {
        ty.is_none_or(|ty| call.info().params.first().is_some_and(|&(_, param)| param == ty))
    };
    let like: Vec<String> = Syscall::ALL
        .iter()
        .filter(takes)
        .map(|call| call.info().name)
        .filter(|known| {
            known.len() > name.len() && known.starts_with(name) && known[name.len()..].starts_with('_')
        })
        .map(|known| format!("`{known}`"))
        .collect();
    (!like.is_empty() && !name.is_empty()).then(|| like.join(", "))
}
