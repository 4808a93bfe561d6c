//! Constant expressions.

use expect_test::expect;
use mvm_isa::{Opcode, opcode_of};

use crate::{good, shown};

/// The value of an expression, as the code of a function loads it.
fn value(expression: &str) -> i64 {
    let module = good(&format!("func main() -> i64 {{\nmov x, {expression}\nret x\n}}\n"));
    let code = &module.functions[0].code;
    match opcode_of(code[0]) {
        Ok(Opcode::ConstI64) => i64::from((code[0] >> 32) as i32),
        Ok(Opcode::ConstI64Wide) => code[1] as i64,
        other => panic!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_in_c() {
    let all = [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 - 2 - 1", 4),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("1 << 4 | 1", 17),
        ("6 & 3 ^ 1", 3),
        ("1 | 2 == 2", 1),
        ("~0", -1),
        ("!5 + !0", 1),
        ("- - 3", 3),
        ("-9223372036854775808", i64::MIN),
        ("-9223372036854775808 % -1", 0),
        ("9223372036854775807", i64::MAX),
        ("0xffff_ffff_ffff_ffff", -1),
        ("-16 >> 2", -4),
        ("-1 >>> 60", 15),
        ("1 << 63 >>> 63 == 1 ? 5 : 6", 5),
        ("3 > 2 && 2 >= 2 && 1 < 2 && 2 <= 2 && 1 != 2", 1),
        ("0 || 0", 0),
        ("1 ? 2 : 0 ? 3 : 4", 2),
        ("'a' + 1", 98),
        ("'\\n'", 10),
        ("'\\u{1f600}'", 0x1f600),
        ("'\\x41'", 65),
        ("true + true", 2),
        ("0o17", 15),
        ("0b1_01", 5),
        ("2147483647", 2147483647),
        ("2147483648", 2147483648),
        ("-2147483648", -2147483648),
    ];
    for (text, wanted) in all {
        assert_eq!(value(text), wanted, "{text}");
    }
}

#[test]
fn floats_and_strings() {
    let module = good(
        "const PI = 3.0 + 0.14\nconst NAME = \"x\"\nconst LESS = PI < 4.0\nfunc main() -> i64 {\n\
         sys print_float(PI * 3.0)\nsys print(NAME)\nsys print_float(-inf)\nsys print_float(-nan)\nret LESS\n}\n",
    );
    let code = &module.functions[0].code;
    assert_eq!(f64::from_bits(code[1]), 9.42);
    assert!(code.contains(&0x7ff8_0000_0000_0000), "one pattern for all NaNs");
}

#[test]
fn mistakes() {
    expect![[r#"
        error[E0701]: the value of this expression does not fit 64 bits
         --> test.masm:1:11
          |
        1 | const A = 3 << 63
          |           ^^^^^^^
          |
          = help: constants do not wrap; instructions do, when the program runs
        error[E0701]: the value of this expression does not fit 64 bits
         --> test.masm:2:11
          |
        2 | const B = 9223372036854775807 * 2
          |           ^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: constants do not wrap; instructions do, when the program runs
        error[E0101]: expected a constant expression, found the end of the line
         --> test.masm:3:14
          |
        3 | const C = 1 +
          |              ^
        error[E0101]: expected `)`, found the end of the line
         --> test.masm:4:13
          |
        4 | const D = (1
          |             ^
        error[E0704]: this operator does not take strings
         --> test.masm:5:15
          |
        5 | const E = "a" + "b"
          |               ^
        error[E0704]: this operator does not take floats
         --> test.masm:6:15
          |
        6 | const F = 1.0 % 2.0
          |               ^
        error[E0701]: 9223372036854775808 does not fit 64 bits without a minus sign
         --> test.masm:7:11
          |
        7 | const G = 9223372036854775808
          |           ^^^^^^^^^^^^^^^^^^^
        error[E0213]: there is no constant `x`
         --> test.masm:8:11
          |
        8 | const H = x
          |           ^
        error[E0701]: the value of this expression does not fit 64 bits
         --> test.masm:9:11
          |
        9 | const I = -(-9223372036854775808)
          |           ^
          |
          = help: constants do not wrap; instructions do, when the program runs
        error[E0101]: expected the end of the line, found `2`
          --> test.masm:10:13
           |
        10 | const J = 1 2
           |             ^"#]].assert_eq(&shown(
        "const A = 3 << 63\nconst B = 9223372036854775807 * 2\nconst C = 1 +\nconst D = (1\nconst E = \"a\" + \"b\"\n\
         const F = 1.0 % 2.0\nconst G = 9223372036854775808\nconst H = x\nconst I = -(-9223372036854775808)\nconst J = 1 2\n",
    ));
}
