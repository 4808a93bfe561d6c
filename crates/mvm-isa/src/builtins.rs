//! Instructions that are functions of the built-in module `core`.
//!
//! Their work can be long and shows guest objects to each other, so they are guest code: time slices, limits and traps
//! apply by themselves. The assembler turns `str_split parts, text, sep` into a call of `core.str_split`; the source of
//! the module is `mvm-asm/core/core.masm`.

use crate::types::TypeId;

/// One such instruction.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Full name; also the name of the function in module `core`.
    pub name: &'static str,
    /// Bare verb, resolved by operand types.
    pub verb: &'static str,
    /// Parameter types; in the text they stand behind the results.
    pub params: &'static [TypeId],
    /// Result types.
    pub results: &'static [TypeId],
    /// Semantics in one line.
    pub doc: &'static str,
    /// A piece of assembly that the tests run, as in the rows of instructions.
    pub example: &'static str,
}

/// All of them.
pub const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "str_replace",
        verb: "replace",
        params: &[TypeId::STR, TypeId::STR, TypeId::STR],
        results: &[TypeId::STR],
        doc: "`a` = `b` with every `c` replaced by `d`, from left to right; `b` itself when `c` is empty.",
        example: "mov s, \"a-b-c\"\nmov x, \"-\"\nmov y, \"+\"\nreplace r, s, x, y ; r = \"a+b+c\"",
    },
    Builtin {
        name: "str_split",
        verb: "split",
        params: &[TypeId::STR, TypeId::STR],
        results: &[TypeId::ARRAY_STR],
        doc: "`a` = the parts of `b` between the places where `c` occurs; the code points of `b` when `c` is empty.",
        example: "mov s, \"a,b,c\"\nmov x, \",\"\nsplit p, s, x\nget r, p[2] ; r = \"c\"",
    },
    Builtin {
        name: "str_join",
        verb: "join",
        params: &[TypeId::ARRAY_STR, TypeId::STR],
        results: &[TypeId::STR],
        doc: "`a` = the strings of `b` in order with `c` between them.",
        example: "mov s, \"a,b,c\"\nmov x, \",\"\nsplit p, s, x\nmov y, \"; \"\njoin r, p, y ; r = \"a; b; c\"",
    },
    Builtin {
        name: "sort_i64",
        verb: "sort",
        params: &[TypeId::array_of(crate::Elem::I64)],
        results: &[],
        doc: "Sorts the array in ascending order; equal elements keep their order.",
        example: "new x, [i64], 3\nset x[0], 5\nset x[1], -2\nsort x\nget r, x[0] ; r = -2",
    },
    Builtin {
        name: "sort_f64",
        verb: "sort",
        params: &[TypeId::array_of(crate::Elem::F64)],
        results: &[],
        doc: "Sorts the array in ascending order, NaN last; equal elements keep their order.",
        example: "new x, [f64], 3\nset x[0], 5.0\nset x[1], -2.0\nsort x\nget r, x[0] ; r = -2.0",
    },
    Builtin {
        name: "sort_str",
        verb: "sort",
        params: &[TypeId::ARRAY_STR],
        results: &[],
        doc: "Sorts the array by code points; equal elements keep their order.",
        example: "mov s, \"b,a,c\"\nmov c, \",\"\nsplit x, s, c\nsort x\nget r, x[0] ; r = \"a\"",
    },
];
