//! The instruction table: one documented row per instruction.
//!
//! A row reads: full name, bare verb, opcode, operands in assembly order, how its meaning is given
//! ([`OpKind`]; for pure rows and branches the function of [`sem`](crate::sem)), then what differs from the defaults,
//! then an example that the tests run. To add an instruction, add a row and follow the compiler
//! (CONTRIBUTING.md walks through it).
//!
//! Doc lines speak of the operands in assembly order as `a`, `b`, `c` and so on; `a` is mostly the result.

use crate::table::Effect;
use crate::table::Operand::{
    Def, Field, FrameSize, Func, Imm16, Imm32, Label16, Label32, Literal, Src, Type, Weight, WordF64, WordI64,
};
use crate::table::Ty::{
    self, Any, Array, ArrayOf, Block, Bytes, Error, F64, I64, Object, Ref, RefArray, Str, Value,
};
use crate::table::{Elem, OpInfo, OpKind, Shape, Syntax, TypeRule, define_ops};
use crate::trap::TrapCode;

define_ops! { ($)
group "Constants and moves" {
    /// `a = b`. The type of `b` fits the type of `a`.
    mov as "mov" = Mov [Def(Value), Src(Value)] Special,
        rule Move,
        eg r#"mov x, 7
mov r, x ; r = 7"#;
    /// `a = c` when the integer `b` is not 0, else `a = d`. Both are read.
    select as "select" = Select [Def(Value), Src(I64), Src(Value), Src(Value)] Special,
        rule Select,
        eg r#"mov c, 0
select r, c, 10, 20 ; r = 20"#;
    /// `a` = the 32-bit number, sign-extended.
    const_i64 as "mov" = ConstI64 [Def(I64), Imm32] Special,
        eg "mov r, -7 ; r = -7";
    /// `a` = the 64-bit integer in the next word.
    const_i64_wide as "mov" = ConstI64Wide [Def(I64), WordI64] Special,
        eg "mov r, 0x1234567890 ; r = 78187493520";
    /// `a` = the float in the next word.
    const_f64 as "mov" = ConstF64 [Def(F64), WordF64] Special,
        eg "mov r, 2.5 ; r = 2.5";
    /// `a = null`.
    const_null as "mov" = ConstNull [Def(Ref)] Special,
        rule Null,
        eg r#".local s: str
const_null s
is_null r, s ; r = 1"#;
    /// `a` = the literal (string, bytes, array or function). It is copied into the heap of the process on first use, so all uses give the same object.
    const_literal as "mov" = ConstLiteral [Def(Ref), Literal] Special,
        rule Literal,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"mov s, "abc"
len r, s ; r = 3"#;
}

group "Integers" {
    /// `a = b + c`, wrapping at 64 bits.
    add_i64 as "add" = AddI64 [Def(I64), Src(I64), Src(I64)] Pure(add_i64),
        eg r#"mov x, 2
mov y, 3
add r, x, y ; r = 5"#;
    /// `a = b + c`, wrapping at 64 bits; `c` is a constant.
    add_i64_imm as "add" = AddI64Imm [Def(I64), Src(I64), Imm16] PureImm(add_i64),
        eg r#"mov x, 2
add r, x, 40 ; r = 42"#;
    /// `a = b - c`, wrapping at 64 bits.
    sub_i64 as "sub" = SubI64 [Def(I64), Src(I64), Src(I64)] Pure(sub_i64),
        eg r#"mov x, 2
mov y, 3
sub r, x, y ; r = -1"#;
    /// `a = b * c`, wrapping at 64 bits.
    mul_i64 as "mul" = MulI64 [Def(I64), Src(I64), Src(I64)] Pure(mul_i64),
        eg r#"mov x, 6
mov y, 7
mul r, x, y ; r = 42"#;
    /// `a = b * c`, wrapping at 64 bits; `c` is a constant.
    mul_i64_imm as "mul" = MulI64Imm [Def(I64), Src(I64), Imm16] PureImm(mul_i64),
        eg r#"mov x, 6
mul r, x, -7 ; r = -42"#;
    /// `a = b / c`, signed, rounded towards zero.
    div_i64 as "div" = DivI64 [Def(I64), Src(I64), Src(I64)] Pure(div_i64),
        traps [DivideByZero, IntegerOverflow],
        eg r#"mov x, -7
mov y, 2
div r, x, y ; r = -3"#;
    /// `a = b / c`, signed, rounded towards zero; `c` is a constant.
    div_i64_imm as "div" = DivI64Imm [Def(I64), Src(I64), Imm16] PureImm(div_i64),
        traps [DivideByZero, IntegerOverflow],
        eg r#"mov x, -7
div r, x, 2 ; r = -3"#;
    /// `a = b / c`, unsigned.
    divu_i64 as "divu" = DivuI64 [Def(I64), Src(I64), Src(I64)] Pure(divu_i64),
        traps [DivideByZero],
        eg r#"mov x, -1
mov y, 2
divu r, x, y ; r = 9223372036854775807"#;
    /// `a` = remainder of `b / c`, signed; it has the sign of `b`. The remainder by -1 is 0.
    rem_i64 as "rem" = RemI64 [Def(I64), Src(I64), Src(I64)] Pure(rem_i64),
        traps [DivideByZero],
        eg r#"mov x, -7
mov y, 2
rem r, x, y ; r = -1"#;
    /// `a` = remainder of `b / c`, signed; it has the sign of `b`. The remainder by -1 is 0; `c` is a constant.
    rem_i64_imm as "rem" = RemI64Imm [Def(I64), Src(I64), Imm16] PureImm(rem_i64),
        traps [DivideByZero],
        eg r#"mov x, -7
rem r, x, 2 ; r = -1"#;
    /// `a` = remainder of `b / c`, unsigned.
    remu_i64 as "remu" = RemuI64 [Def(I64), Src(I64), Src(I64)] Pure(remu_i64),
        traps [DivideByZero],
        eg r#"mov x, -1
mov y, 10
remu r, x, y ; r = 5"#;
    /// `a` = upper 64 bits of the 128-bit product `b * c`, signed.
    mulh_i64 as "mulh" = MulhI64 [Def(I64), Src(I64), Src(I64)] Pure(mulh_i64),
        eg r#"mov x, -1
mov y, 1
mulh r, x, y ; r = -1"#;
    /// `a` = upper 64 bits of the 128-bit product `b * c`, unsigned.
    mulhu_i64 as "mulhu" = MulhuI64 [Def(I64), Src(I64), Src(I64)] Pure(mulhu_i64),
        eg r#"mov x, -1
mov y, -1
mulhu r, x, y ; r = -2"#;
    /// `a` = the smaller of `b` and `c`, signed.
    min_i64 as "min" = MinI64 [Def(I64), Src(I64), Src(I64)] Pure(min_i64),
        eg r#"mov x, -1
mov y, 1
min r, x, y ; r = -1"#;
    /// `a` = the larger of `b` and `c`, signed.
    max_i64 as "max" = MaxI64 [Def(I64), Src(I64), Src(I64)] Pure(max_i64),
        eg r#"mov x, -1
mov y, 1
max r, x, y ; r = 1"#;
    /// `a` = the smaller of `b` and `c`, unsigned.
    minu_i64 as "minu" = MinuI64 [Def(I64), Src(I64), Src(I64)] Pure(minu_i64),
        eg r#"mov x, -1
mov y, 1
minu r, x, y ; r = 1"#;
    /// `a` = the larger of `b` and `c`, unsigned.
    maxu_i64 as "maxu" = MaxuI64 [Def(I64), Src(I64), Src(I64)] Pure(maxu_i64),
        eg r#"mov x, -1
mov y, 1
maxu r, x, y ; r = -1"#;
    /// `a` = `b` to the power of `c`, wrapping at 64 bits; `c` is not negative.
    pow_i64 as "pow" = PowI64 [Def(I64), Src(I64), Src(I64)] Pure(pow_i64),
        traps [InvalidArgument],
        eg r#"mov x, 3
mov y, 4
pow r, x, y ; r = 81"#;
    /// `a = -b`, wrapping at 64 bits.
    neg_i64 as "neg" = NegI64 [Def(I64), Src(I64)] Pure(neg_i64),
        eg r#"mov x, 5
neg r, x ; r = -5"#;
    /// `a` = absolute value of `b`; that of the smallest integer is itself.
    abs_i64 as "abs" = AbsI64 [Def(I64), Src(I64)] Pure(abs_i64),
        eg r#"mov x, -5
abs r, x ; r = 5"#;
    /// `a = b + c`; traps when the result does not fit 64 bits.
    add_checked_i64 as "add_checked" = AddCheckedI64 [Def(I64), Src(I64), Src(I64)] Pure(add_checked_i64),
        traps [IntegerOverflow],
        eg r#"mov x, 0x7fffffffffffffff
mov y, -1
add_checked r, x, y ; r = 9223372036854775806"#;
    /// `a = b + c`; traps when the result does not fit 64 bits; `c` is a constant.
    add_checked_i64_imm as "add_checked" = AddCheckedI64Imm [Def(I64), Src(I64), Imm16] PureImm(add_checked_i64),
        traps [IntegerOverflow],
        eg r#"mov x, 2
add_checked r, x, 3 ; r = 5"#;
    /// `a = b - c`; traps when the result does not fit 64 bits.
    sub_checked_i64 as "sub_checked" = SubCheckedI64 [Def(I64), Src(I64), Src(I64)] Pure(sub_checked_i64),
        traps [IntegerOverflow],
        eg r#"mov x, 2
mov y, 3
sub_checked r, x, y ; r = -1"#;
    /// `a = b * c`; traps when the result does not fit 64 bits.
    mul_checked_i64 as "mul_checked" = MulCheckedI64 [Def(I64), Src(I64), Src(I64)] Pure(mul_checked_i64),
        traps [IntegerOverflow],
        eg r#"mov x, -6
mov y, 7
mul_checked r, x, y ; r = -42"#;
    /// `a` = `b` to the power of `c`; traps when the result does not fit 64 bits.
    pow_checked_i64 as "pow_checked" = PowCheckedI64 [Def(I64), Src(I64), Src(I64)] Pure(pow_checked_i64),
        traps [InvalidArgument, IntegerOverflow],
        eg r#"mov x, 3
mov y, 4
pow_checked r, x, y ; r = 81"#;
    /// `a = -b`; traps for the smallest integer.
    neg_checked_i64 as "neg_checked" = NegCheckedI64 [Def(I64), Src(I64)] Pure(neg_checked_i64),
        traps [IntegerOverflow],
        eg r#"mov x, 5
neg_checked r, x ; r = -5"#;
    /// `a` = absolute value of `b`; traps for the smallest integer.
    abs_checked_i64 as "abs_checked" = AbsCheckedI64 [Def(I64), Src(I64)] Pure(abs_checked_i64),
        traps [IntegerOverflow],
        eg r#"mov x, -5
abs_checked r, x ; r = 5"#;
    /// `a` = bitwise and of `b` and `c`.
    and_i64 as "and" = AndI64 [Def(I64), Src(I64), Src(I64)] Pure(and_i64),
        eg r#"mov x, 12
mov y, 10
and r, x, y ; r = 8"#;
    /// `a` = bitwise and of `b` and the constant `c`.
    and_i64_imm as "and" = AndI64Imm [Def(I64), Src(I64), Imm16] PureImm(and_i64),
        eg r#"mov x, 12
and r, x, 10 ; r = 8"#;
    /// `a` = bitwise or of `b` and `c`.
    or_i64 as "or" = OrI64 [Def(I64), Src(I64), Src(I64)] Pure(or_i64),
        eg r#"mov x, 12
mov y, 10
or r, x, y ; r = 14"#;
    /// `a` = bitwise or of `b` and the constant `c`.
    or_i64_imm as "or" = OrI64Imm [Def(I64), Src(I64), Imm16] PureImm(or_i64),
        eg r#"mov x, 12
or r, x, 10 ; r = 14"#;
    /// `a` = bitwise exclusive or of `b` and `c`.
    xor_i64 as "xor" = XorI64 [Def(I64), Src(I64), Src(I64)] Pure(xor_i64),
        eg r#"mov x, 12
mov y, 10
xor r, x, y ; r = 6"#;
    /// `a` = bitwise exclusive or of `b` and the constant `c`.
    xor_i64_imm as "xor" = XorI64Imm [Def(I64), Src(I64), Imm16] PureImm(xor_i64),
        eg r#"mov x, 12
xor r, x, 10 ; r = 6"#;
    /// `a` = all bits of `b` inverted.
    not_i64 as "not" = NotI64 [Def(I64), Src(I64)] Pure(not_i64),
        eg r#"mov x, 5
not r, x ; r = -6"#;
    /// `a` = `b` shifted left by `c` modulo 64.
    shl_i64 as "shl" = ShlI64 [Def(I64), Src(I64), Src(I64)] Pure(shl_i64),
        eg r#"mov x, 3
mov y, 4
shl r, x, y ; r = 48"#;
    /// `a` = `b` shifted left by the constant `c` modulo 64.
    shl_i64_imm as "shl" = ShlI64Imm [Def(I64), Src(I64), Imm16] PureImm(shl_i64),
        eg r#"mov x, 3
shl r, x, 4 ; r = 48"#;
    /// `a` = `b` shifted right by `c` modulo 64, copies of the sign moving in.
    shr_i64 as "shr" = ShrI64 [Def(I64), Src(I64), Src(I64)] Pure(shr_i64),
        eg r#"mov x, -16
mov y, 2
shr r, x, y ; r = -4"#;
    /// `a` = `b` shifted right by the constant `c` modulo 64, copies of the sign moving in.
    shr_i64_imm as "shr" = ShrI64Imm [Def(I64), Src(I64), Imm16] PureImm(shr_i64),
        eg r#"mov x, -16
shr r, x, 2 ; r = -4"#;
    /// `a` = `b` shifted right by `c` modulo 64, zeros moving in.
    shru_i64 as "shru" = ShruI64 [Def(I64), Src(I64), Src(I64)] Pure(shru_i64),
        eg r#"mov x, -1
mov y, 60
shru r, x, y ; r = 15"#;
    /// `a` = `b` shifted right by the constant `c` modulo 64, zeros moving in.
    shru_i64_imm as "shru" = ShruI64Imm [Def(I64), Src(I64), Imm16] PureImm(shru_i64),
        eg r#"mov x, -1
shru r, x, 60 ; r = 15"#;
    /// `a` = `b` rotated left by `c` modulo 64.
    rotl_i64 as "rotl" = RotlI64 [Def(I64), Src(I64), Src(I64)] Pure(rotl_i64),
        eg r#"mov x, -2
mov y, 1
rotl r, x, y ; r = -3"#;
    /// `a` = `b` rotated right by `c` modulo 64.
    rotr_i64 as "rotr" = RotrI64 [Def(I64), Src(I64), Src(I64)] Pure(rotr_i64),
        eg r#"mov x, 1
mov y, 1
rotr r, x, y ; r = -9223372036854775808"#;
    /// `a` = `b` with its 8 bytes in reverse order.
    bswap_i64 as "bswap" = BswapI64 [Def(I64), Src(I64)] Pure(bswap_i64),
        eg r#"mov x, 1
bswap r, x ; r = 72057594037927936"#;
    /// `a` = number of zero bits above the highest one bit of `b`; 64 for 0.
    clz_i64 as "clz" = ClzI64 [Def(I64), Src(I64)] Pure(clz_i64),
        eg r#"mov x, 1
clz r, x ; r = 63"#;
    /// `a` = number of zero bits below the lowest one bit of `b`; 64 for 0.
    ctz_i64 as "ctz" = CtzI64 [Def(I64), Src(I64)] Pure(ctz_i64),
        eg r#"mov x, 8
ctz r, x ; r = 3"#;
    /// `a` = number of one bits of `b`.
    popcnt_i64 as "popcnt" = PopcntI64 [Def(I64), Src(I64)] Pure(popcnt_i64),
        eg r#"mov x, 255
popcnt r, x ; r = 8"#;
    /// `a` = the low 8 bits of `b`, sign-extended.
    sext8_i64 as "sext8" = Sext8I64 [Def(I64), Src(I64)] Pure(sext8_i64),
        eg r#"mov x, -1
sext8 r, x ; r = -1"#;
    /// `a` = the low 8 bits of `b`, zero-extended.
    zext8_i64 as "zext8" = Zext8I64 [Def(I64), Src(I64)] Pure(zext8_i64),
        eg r#"mov x, -1
zext8 r, x ; r = 255"#;
    /// `a` = the low 16 bits of `b`, sign-extended.
    sext16_i64 as "sext16" = Sext16I64 [Def(I64), Src(I64)] Pure(sext16_i64),
        eg r#"mov x, -1
sext16 r, x ; r = -1"#;
    /// `a` = the low 16 bits of `b`, zero-extended.
    zext16_i64 as "zext16" = Zext16I64 [Def(I64), Src(I64)] Pure(zext16_i64),
        eg r#"mov x, -1
zext16 r, x ; r = 65535"#;
    /// `a` = the low 32 bits of `b`, sign-extended.
    sext32_i64 as "sext32" = Sext32I64 [Def(I64), Src(I64)] Pure(sext32_i64),
        eg r#"mov x, -1
sext32 r, x ; r = -1"#;
    /// `a` = the low 32 bits of `b`, zero-extended.
    zext32_i64 as "zext32" = Zext32I64 [Def(I64), Src(I64)] Pure(zext32_i64),
        eg r#"mov x, -1
zext32 r, x ; r = 4294967295"#;
    /// `a` = the low 32 bits of `b + c`, sign-extended.
    add32_i64 as "add32" = Add32I64 [Def(I64), Src(I64), Src(I64)] Pure(add32_i64),
        eg r#"mov x, 0x7fffffff
mov y, 1
add32 r, x, y ; r = -2147483648"#;
    /// `a` = the low 32 bits of `b - c`, sign-extended.
    sub32_i64 as "sub32" = Sub32I64 [Def(I64), Src(I64), Src(I64)] Pure(sub32_i64),
        eg r#"mov x, -0x80000000
mov y, 1
sub32 r, x, y ; r = 2147483647"#;
    /// `a` = the low 32 bits of `b * c`, sign-extended.
    mul32_i64 as "mul32" = Mul32I64 [Def(I64), Src(I64), Src(I64)] Pure(mul32_i64),
        eg r#"mov x, 0x10000
mov y, 0x10001
mul32 r, x, y ; r = 65536"#;
    /// `a` = the low 32 bits of `b` shifted left by `c` modulo 32, sign-extended.
    shl32_i64 as "shl32" = Shl32I64 [Def(I64), Src(I64), Src(I64)] Pure(shl32_i64),
        eg r#"mov x, 1
mov y, 31
shl32 r, x, y ; r = -2147483648"#;
    /// `a` = the low 32 bits of `b` shifted right by `c` modulo 32 with their sign, sign-extended.
    shr32_i64 as "shr32" = Shr32I64 [Def(I64), Src(I64), Src(I64)] Pure(shr32_i64),
        eg r#"mov x, -16
mov y, 2
shr32 r, x, y ; r = -4"#;
    /// `a` = the low 32 bits of `b` shifted right by `c` modulo 32, zeros moving in, sign-extended.
    shru32_i64 as "shru32" = Shru32I64 [Def(I64), Src(I64), Src(I64)] Pure(shru32_i64),
        eg r#"mov x, -1
mov y, 28
shru32 r, x, y ; r = 15"#;
    /// `a` = the low 32 bits of `b` rotated left by `c` modulo 32, sign-extended.
    rotl32_i64 as "rotl32" = Rotl32I64 [Def(I64), Src(I64), Src(I64)] Pure(rotl32_i64),
        eg r#"mov x, -2
mov y, 1
rotl32 r, x, y ; r = -3"#;
    /// `a` = the low 32 bits of `b` rotated right by `c` modulo 32, sign-extended.
    rotr32_i64 as "rotr32" = Rotr32I64 [Def(I64), Src(I64), Src(I64)] Pure(rotr32_i64),
        eg r#"mov x, 1
mov y, 1
rotr32 r, x, y ; r = -2147483648"#;
}

group "Comparisons to a register" {
    /// `a` = 1 if `b == c`, else 0.
    eq_i64 as "eq" = EqI64 [Def(I64), Src(I64), Src(I64)] Pure(eq_i64),
        eg r#"mov x, 3
mov y, 3
eq r, x, y ; r = 1"#;
    /// `a` = 1 if `b == c`, else 0; `c` is a constant.
    eq_i64_imm as "eq" = EqI64Imm [Def(I64), Src(I64), Imm16] PureImm(eq_i64),
        eg r#"mov x, 3
eq r, x, 3 ; r = 1"#;
    /// `a` = 1 if `b != c`, else 0.
    ne_i64 as "ne" = NeI64 [Def(I64), Src(I64), Src(I64)] Pure(ne_i64),
        eg r#"mov x, 3
mov y, 3
ne r, x, y ; r = 0"#;
    /// `a` = 1 if `b != c`, else 0; `c` is a constant.
    ne_i64_imm as "ne" = NeI64Imm [Def(I64), Src(I64), Imm16] PureImm(ne_i64),
        eg r#"mov x, 3
ne r, x, 3 ; r = 0"#;
    /// `a` = 1 if `b < c`, else 0; signed.
    lt_i64 as "lt" = LtI64 [Def(I64), Src(I64), Src(I64)] Pure(lt_i64),
        eg r#"mov x, -1
mov y, 1
lt r, x, y ; r = 1"#;
    /// `a` = 1 if `b < c`, else 0; signed, `c` is a constant.
    lt_i64_imm as "lt" = LtI64Imm [Def(I64), Src(I64), Imm16] PureImm(lt_i64),
        eg r#"mov x, -1
lt r, x, 1 ; r = 1"#;
    /// `a` = 1 if `b <= c`, else 0; signed.
    le_i64 as "le" = LeI64 [Def(I64), Src(I64), Src(I64)] Pure(le_i64),
        eg r#"mov x, 1
mov y, 1
le r, x, y ; r = 1"#;
    /// `a` = 1 if `b <= c`, else 0; signed, `c` is a constant.
    le_i64_imm as "le" = LeI64Imm [Def(I64), Src(I64), Imm16] PureImm(le_i64),
        eg r#"mov x, 1
le r, x, 1 ; r = 1"#;
    /// `a` = 1 if `b > c`, else 0; signed, `c` is a constant.
    gt_i64_imm as "gt" = GtI64Imm [Def(I64), Src(I64), Imm16] PureImm(gt_i64),
        eg r#"mov x, 2
gt r, x, 1 ; r = 1"#;
    /// `a` = 1 if `b >= c`, else 0; signed, `c` is a constant.
    ge_i64_imm as "ge" = GeI64Imm [Def(I64), Src(I64), Imm16] PureImm(ge_i64),
        eg r#"mov x, 1
ge r, x, 2 ; r = 0"#;
    /// `a` = 1 if `b < c`, else 0; unsigned.
    ltu_i64 as "ltu" = LtuI64 [Def(I64), Src(I64), Src(I64)] Pure(ltu_i64),
        eg r#"mov x, -1
mov y, 1
ltu r, x, y ; r = 0"#;
    /// `a` = 1 if `b <= c`, else 0; unsigned.
    leu_i64 as "leu" = LeuI64 [Def(I64), Src(I64), Src(I64)] Pure(leu_i64),
        eg r#"mov x, 1
mov y, -1
leu r, x, y ; r = 1"#;
    /// `a` = 1 if `b == c`, else 0; 0 when either is NaN.
    eq_f64 as "eq" = EqF64 [Def(I64), Src(F64), Src(F64)] Pure(eq_f64),
        eg r#"mov x, 1.5
mov y, 1.5
eq r, x, y ; r = 1"#;
    /// `a` = 1 if `b != c`, else 0; 1 when either is NaN.
    ne_f64 as "ne" = NeF64 [Def(I64), Src(F64), Src(F64)] Pure(ne_f64),
        eg r#"mov x, nan
mov y, nan
ne r, x, y ; r = 1"#;
    /// `a` = 1 if `b < c`, else 0; 0 when either is NaN.
    lt_f64 as "lt" = LtF64 [Def(I64), Src(F64), Src(F64)] Pure(lt_f64),
        eg r#"mov x, 1.0
mov y, 2.0
lt r, x, y ; r = 1"#;
    /// `a` = 1 if `b <= c`, else 0; 0 when either is NaN.
    le_f64 as "le" = LeF64 [Def(I64), Src(F64), Src(F64)] Pure(le_f64),
        eg r#"mov x, 2.0
mov y, 2.0
le r, x, y ; r = 1"#;
}

group "Floats" {
    /// `a = b + c`.
    add_f64 as "add" = AddF64 [Def(F64), Src(F64), Src(F64)] Pure(add_f64),
        eg r#"mov x, 1.5
mov y, 2.25
add r, x, y ; r = 3.75"#;
    /// `a = b - c`.
    sub_f64 as "sub" = SubF64 [Def(F64), Src(F64), Src(F64)] Pure(sub_f64),
        eg r#"mov x, 1.5
mov y, 2.25
sub r, x, y ; r = -0.75"#;
    /// `a = b * c`.
    mul_f64 as "mul" = MulF64 [Def(F64), Src(F64), Src(F64)] Pure(mul_f64),
        eg r#"mov x, 1.5
mov y, 2.0
mul r, x, y ; r = 3.0"#;
    /// `a = b / c`; division by zero gives an infinity or NaN.
    div_f64 as "div" = DivF64 [Def(F64), Src(F64), Src(F64)] Pure(div_f64),
        eg r#"mov x, 1.0
mov y, 0.0
div r, x, y ; r = inf"#;
    /// `a = b * c + d`, rounded once.
    fma_f64 as "fma" = FmaF64 [Def(F64), Src(F64), Src(F64), Src(F64)] Pure(fma_f64),
        eg r#"mov x, 2.0
mov y, 3.0
mov z, 1.0
fma r, x, y, z ; r = 7.0"#;
    /// `a` = remainder of `b / c` with the quotient rounded towards zero; it has the sign of `b`.
    rem_f64 as "rem" = RemF64 [Def(F64), Src(F64), Src(F64)] Pure(rem_f64),
        eg r#"mov x, -7.5
mov y, 2.0
rem r, x, y ; r = -1.5"#;
    /// `a` = the smaller of `b` and `c`; NaN if either is NaN; -0.0 is smaller than 0.0.
    min_f64 as "min" = MinF64 [Def(F64), Src(F64), Src(F64)] Pure(min_f64),
        eg r#"mov x, 1.0
mov y, -2.0
min r, x, y ; r = -2.0"#;
    /// `a` = the larger of `b` and `c`; NaN if either is NaN; 0.0 is larger than -0.0.
    max_f64 as "max" = MaxF64 [Def(F64), Src(F64), Src(F64)] Pure(max_f64),
        eg r#"mov x, 1.0
mov y, -2.0
max r, x, y ; r = 1.0"#;
    /// `a` = the magnitude of `b` with the sign of `c`.
    copysign_f64 as "copysign" = CopysignF64 [Def(F64), Src(F64), Src(F64)] Pure(copysign_f64),
        eg r#"mov x, 3.0
mov y, -0.0
copysign r, x, y ; r = -3.0"#;
    /// `a = -b`: the sign bit inverted (a NaN stays the canonical NaN).
    neg_f64 as "neg" = NegF64 [Def(F64), Src(F64)] Pure(neg_f64),
        eg r#"mov x, 1.5
neg r, x ; r = -1.5"#;
    /// `a` = `b` with the sign bit cleared.
    abs_f64 as "abs" = AbsF64 [Def(F64), Src(F64)] Pure(abs_f64),
        eg r#"mov x, -1.5
abs r, x ; r = 1.5"#;
    /// `a` = square root of `b`; NaN below zero.
    sqrt_f64 as "sqrt" = SqrtF64 [Def(F64), Src(F64)] Pure(sqrt_f64),
        eg r#"mov x, 2.25
sqrt r, x ; r = 1.5"#;
    /// `a` = the largest whole number not above `b`.
    floor_f64 as "floor" = FloorF64 [Def(F64), Src(F64)] Pure(floor_f64),
        eg r#"mov x, -1.5
floor r, x ; r = -2.0"#;
    /// `a` = the smallest whole number not below `b`.
    ceil_f64 as "ceil" = CeilF64 [Def(F64), Src(F64)] Pure(ceil_f64),
        eg r#"mov x, -1.5
ceil r, x ; r = -1.0"#;
    /// `a` = `b` without its fraction.
    trunc_f64 as "trunc" = TruncF64 [Def(F64), Src(F64)] Pure(trunc_f64),
        eg r#"mov x, -1.5
trunc r, x ; r = -1.0"#;
    /// `a` = the whole number nearest to `b`, ties to the even one.
    round_f64 as "round" = RoundF64 [Def(F64), Src(F64)] Pure(round_f64),
        eg r#"mov x, 2.5
round r, x ; r = 2.0"#;
    /// `a` = `b` rounded to the nearest 32-bit float.
    f32_f64 as "f32" = F32F64 [Def(F64), Src(F64)] Pure(f32_f64),
        eg r#"mov x, 0.1
f32 r, x ; r = 0.10000000149011612"#;
    /// `a` = `b` to the power of `c`.
    pow_f64 as "pow" = PowF64 [Def(F64), Src(F64), Src(F64)] Pure(pow_f64),
        eg r#"mov x, 2.0
mov y, 0.5
pow r, x, y ; r = 1.4142135623730951"#;
    /// `a` = angle of the point (x `c`, y `b`) in radians, between -pi and pi.
    atan2_f64 as "atan2" = Atan2F64 [Def(F64), Src(F64), Src(F64)] Pure(atan2_f64),
        eg r#"mov x, 1.0
mov y, 1.0
atan2 r, x, y ; r = 0.7853981633974483"#;
    /// `a` = square root of `b*b + c*c` without overflow on the way.
    hypot_f64 as "hypot" = HypotF64 [Def(F64), Src(F64), Src(F64)] Pure(hypot_f64),
        eg r#"mov x, 3.0
mov y, 4.0
hypot r, x, y ; r = 5.0"#;
    /// `a` = e to the power of `b`.
    exp_f64 as "exp" = ExpF64 [Def(F64), Src(F64)] Pure(exp_f64),
        eg r#"mov x, 2.0
exp r, x ; r = 7.38905609893065"#;
    /// `a` = 2 to the power of `b`.
    exp2_f64 as "exp2" = Exp2F64 [Def(F64), Src(F64)] Pure(exp2_f64),
        eg r#"mov x, 3.0
exp2 r, x ; r = 8.0"#;
    /// `a` = e to the power of `b`, minus 1, exact near 0.
    expm1_f64 as "expm1" = Expm1F64 [Def(F64), Src(F64)] Pure(expm1_f64),
        eg r#"mov x, 0.0
expm1 r, x ; r = 0.0"#;
    /// `a` = natural logarithm of `b`.
    ln_f64 as "ln" = LnF64 [Def(F64), Src(F64)] Pure(ln_f64),
        eg r#"mov x, 1.0
ln r, x ; r = 0.0"#;
    /// `a` = natural logarithm of `1 + b`, exact near 0.
    ln1p_f64 as "ln1p" = Ln1pF64 [Def(F64), Src(F64)] Pure(ln1p_f64),
        eg r#"mov x, 0.0
ln1p r, x ; r = 0.0"#;
    /// `a` = logarithm of `b` to base 2.
    log2_f64 as "log2" = Log2F64 [Def(F64), Src(F64)] Pure(log2_f64),
        eg r#"mov x, 8.0
log2 r, x ; r = 3.0"#;
    /// `a` = logarithm of `b` to base 10.
    log10_f64 as "log10" = Log10F64 [Def(F64), Src(F64)] Pure(log10_f64),
        eg r#"mov x, 1000.0
log10 r, x ; r = 3.0"#;
    /// `a` = cube root of `b`.
    cbrt_f64 as "cbrt" = CbrtF64 [Def(F64), Src(F64)] Pure(cbrt_f64),
        eg r#"mov x, 27.0
cbrt r, x ; r = 3.0"#;
    /// `a` = sine of `b` radians.
    sin_f64 as "sin" = SinF64 [Def(F64), Src(F64)] Pure(sin_f64),
        eg r#"mov x, 0.0
sin r, x ; r = 0.0"#;
    /// `a` = cosine of `b` radians.
    cos_f64 as "cos" = CosF64 [Def(F64), Src(F64)] Pure(cos_f64),
        eg r#"mov x, 0.0
cos r, x ; r = 1.0"#;
    /// `a` = tangent of `b` radians.
    tan_f64 as "tan" = TanF64 [Def(F64), Src(F64)] Pure(tan_f64),
        eg r#"mov x, 0.0
tan r, x ; r = 0.0"#;
    /// `a` = arc sine of `b` in radians.
    asin_f64 as "asin" = AsinF64 [Def(F64), Src(F64)] Pure(asin_f64),
        eg r#"mov x, 1.0
asin r, x ; r = 1.5707963267948966"#;
    /// `a` = arc cosine of `b` in radians.
    acos_f64 as "acos" = AcosF64 [Def(F64), Src(F64)] Pure(acos_f64),
        eg r#"mov x, 1.0
acos r, x ; r = 0.0"#;
    /// `a` = arc tangent of `b` in radians.
    atan_f64 as "atan" = AtanF64 [Def(F64), Src(F64)] Pure(atan_f64),
        eg r#"mov x, 1.0
atan r, x ; r = 0.7853981633974483"#;
    /// `a` = hyperbolic sine of `b`.
    sinh_f64 as "sinh" = SinhF64 [Def(F64), Src(F64)] Pure(sinh_f64),
        eg r#"mov x, 0.0
sinh r, x ; r = 0.0"#;
    /// `a` = hyperbolic cosine of `b`.
    cosh_f64 as "cosh" = CoshF64 [Def(F64), Src(F64)] Pure(cosh_f64),
        eg r#"mov x, 0.0
cosh r, x ; r = 1.0"#;
    /// `a` = hyperbolic tangent of `b`.
    tanh_f64 as "tanh" = TanhF64 [Def(F64), Src(F64)] Pure(tanh_f64),
        eg r#"mov x, 0.0
tanh r, x ; r = 0.0"#;
}

group "Conversions" {
    /// `a` = the integer `b` as a float, rounded to nearest even.
    i64_to_f64 as "i64_to_f64" = I64ToF64 [Def(F64), Src(I64)] Pure(i64_to_f64),
        eg r#"mov x, -3
i64_to_f64 r, x ; r = -3.0"#;
    /// `a` = the unsigned integer `b` as a float, rounded to nearest even.
    u64_to_f64 as "u64_to_f64" = U64ToF64 [Def(F64), Src(I64)] Pure(u64_to_f64),
        eg r#"mov x, -1
u64_to_f64 r, x ; r = 1.8446744073709552e19"#;
    /// `a` = the integer `b` rounded once to the nearest 32-bit float.
    i64_to_f32 as "i64_to_f32" = I64ToF32 [Def(F64), Src(I64)] Pure(i64_to_f32),
        eg r#"mov x, 16777217
i64_to_f32 r, x ; r = 16777216.0"#;
    /// `a` = the unsigned integer `b` rounded once to the nearest 32-bit float.
    u64_to_f32 as "u64_to_f32" = U64ToF32 [Def(F64), Src(I64)] Pure(u64_to_f32),
        eg r#"mov x, 16777217
u64_to_f32 r, x ; r = 16777216.0"#;
    /// `a` = `b` without its fraction; traps for NaN and outside the range.
    f64_to_i64 as "f64_to_i64" = F64ToI64 [Def(I64), Src(F64)] Pure(f64_to_i64),
        traps [InvalidConversion],
        eg r#"mov x, -2.9
f64_to_i64 r, x ; r = -2"#;
    /// `a` = `b` without its fraction as an unsigned integer; traps for NaN and outside the range.
    f64_to_u64 as "f64_to_u64" = F64ToU64 [Def(I64), Src(F64)] Pure(f64_to_u64),
        traps [InvalidConversion],
        eg r#"mov x, 2.9
f64_to_u64 r, x ; r = 2"#;
    /// `a` = `b` without its fraction; the nearest end outside the range, 0 for NaN.
    f64_to_i64_sat as "f64_to_i64_sat" = F64ToI64Sat [Def(I64), Src(F64)] Pure(f64_to_i64_sat),
        eg r#"mov x, 1e300
f64_to_i64_sat r, x ; r = 9223372036854775807"#;
    /// `a` = `b` without its fraction as an unsigned integer; the nearest end outside the range, 0 for NaN.
    f64_to_u64_sat as "f64_to_u64_sat" = F64ToU64Sat [Def(I64), Src(F64)] Pure(f64_to_u64_sat),
        eg r#"mov x, -1.0
f64_to_u64_sat r, x ; r = 0"#;
    /// `a` = the 64 bits of the float `b`.
    f64_bits as "f64_bits" = F64Bits [Def(I64), Src(F64)] Pure(f64_bits),
        eg r#"mov x, 1.0
f64_bits r, x ; r = 4607182418800017408"#;
    /// `a` = the float with the 64 bits `b`; every NaN becomes the canonical one.
    f64_from_bits as "f64_from_bits" = F64FromBits [Def(F64), Src(I64)] Pure(f64_from_bits),
        eg r#"mov x, 0x3ff0000000000000
f64_from_bits r, x ; r = 1.0"#;
    /// `a` = the 32 bits of `b` rounded to a 32-bit float, zero-extended.
    f32_bits as "f32_bits" = F32Bits [Def(I64), Src(F64)] Pure(f32_bits),
        eg r#"mov x, 1.0
f32_bits r, x ; r = 1065353216"#;
    /// `a` = the 32-bit float with the low 32 bits of `b`; every NaN becomes the canonical one.
    f32_from_bits as "f32_from_bits" = F32FromBits [Def(F64), Src(I64)] Pure(f32_from_bits),
        eg r#"mov x, 0x3f800000
f32_from_bits r, x ; r = 1.0"#;
}

group "Control" {
    /// Does nothing.
    nop as "nop" = Nop [] Special,
        eg "nop";
    /// First instruction of a charged function: charges its weight and checks that the stack has room for the frame.
    /// The assembler writes it where the function needs it: it loops, calls, or is large.
    enter as "enter" = Enter [Weight, FrameSize] Special,
        traps [StackOverflow],
        effects [Charges],
        cost "weight",
        eg r#"func main() {
    enter
    sys print("in")
    ret
}"#;
    /// Goes to the label, which lies ahead.
    jmp as "jmp" = Jmp [Label32] Special,
        effects [Ends],
        eg r#"mov r, 1
jmp over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Charges the weight and goes to the label, which is here or behind.
    jmp_back as "jmp" = JmpBack [Weight, Label32] Special,
        effects [Ends, Charges],
        cost "weight",
        eg r#"mov r, 0
again:
add r, r, 1
bge r, 3, done
jmp again
done:
mov r, r ; r = 3"#;
    /// Goes to the label ahead if `a == b`.
    beq_i64 as "beq" = BeqI64 [Src(I64), Src(I64), Label16] Branch(eq_i64),
        eg r#"mov r, 1
mov x, 3
mov y, 3
beq x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a == b`, and then charges 1.
    beq_i64_back as "beq" = BeqI64Back [Src(I64), Src(I64), Label16] BranchBack(eq_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
mov y, 1
again:
add x, x, 1
beq x, y, again
mov r, x ; r = 2"#;
    /// Goes to the label ahead if `a != b`.
    bne_i64 as "bne" = BneI64 [Src(I64), Src(I64), Label16] Branch(ne_i64),
        eg r#"mov r, 1
mov x, 3
mov y, 4
bne x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a != b`, and then charges 1.
    bne_i64_back as "bne" = BneI64Back [Src(I64), Src(I64), Label16] BranchBack(ne_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
mov y, 3
again:
add x, x, 1
bne x, y, again
mov r, x ; r = 3"#;
    /// Goes to the label ahead if `a < b`, signed.
    blt_i64 as "blt" = BltI64 [Src(I64), Src(I64), Label16] Branch(lt_i64),
        eg r#"mov r, 1
mov x, -3
mov y, 4
blt x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a < b`, signed, and then charges 1.
    blt_i64_back as "blt" = BltI64Back [Src(I64), Src(I64), Label16] BranchBack(lt_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
mov y, 3
again:
add x, x, 1
blt x, y, again
mov r, x ; r = 3"#;
    /// Goes to the label ahead if `a <= b`, signed.
    ble_i64 as "ble" = BleI64 [Src(I64), Src(I64), Label16] Branch(le_i64),
        eg r#"mov r, 1
mov x, 3
mov y, 3
ble x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a <= b`, signed, and then charges 1.
    ble_i64_back as "ble" = BleI64Back [Src(I64), Src(I64), Label16] BranchBack(le_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
mov y, 3
again:
add x, x, 1
ble x, y, again
mov r, x ; r = 4"#;
    /// Goes to the label ahead if `a == b`; `b` is a constant.
    beq_i64_imm as "beq" = BeqI64Imm [Src(I64), Imm16, Label16] BranchImm(eq_i64),
        eg r#"mov r, 1
mov x, 3
beq x, 3, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a == b`; `b` is a constant, and then charges 1.
    beq_i64_imm_back as "beq" = BeqI64ImmBack [Src(I64), Imm16, Label16] BranchBackImm(eq_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
again:
add x, x, 1
beq x, 1, again
mov r, x ; r = 2"#;
    /// Goes to the label ahead if `a != b`; `b` is a constant.
    bne_i64_imm as "bne" = BneI64Imm [Src(I64), Imm16, Label16] BranchImm(ne_i64),
        eg r#"mov r, 1
mov x, 3
bne x, 4, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a != b`; `b` is a constant, and then charges 1.
    bne_i64_imm_back as "bne" = BneI64ImmBack [Src(I64), Imm16, Label16] BranchBackImm(ne_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
again:
add x, x, 1
bne x, 3, again
mov r, x ; r = 3"#;
    /// Goes to the label ahead if `a < b`, signed; `b` is a constant.
    blt_i64_imm as "blt" = BltI64Imm [Src(I64), Imm16, Label16] BranchImm(lt_i64),
        eg r#"mov r, 1
mov x, -3
blt x, 4, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a < b`, signed; `b` is a constant, and then charges 1.
    blt_i64_imm_back as "blt" = BltI64ImmBack [Src(I64), Imm16, Label16] BranchBackImm(lt_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
again:
add x, x, 1
blt x, 3, again
mov r, x ; r = 3"#;
    /// Goes to the label ahead if `a <= b`, signed; `b` is a constant.
    ble_i64_imm as "ble" = BleI64Imm [Src(I64), Imm16, Label16] BranchImm(le_i64),
        eg r#"mov r, 1
mov x, 3
ble x, 3, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a <= b`, signed; `b` is a constant, and then charges 1.
    ble_i64_imm_back as "ble" = BleI64ImmBack [Src(I64), Imm16, Label16] BranchBackImm(le_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
again:
add x, x, 1
ble x, 3, again
mov r, x ; r = 4"#;
    /// Goes to the label ahead if `a > b`, signed; `b` is a constant.
    bgt_i64_imm as "bgt" = BgtI64Imm [Src(I64), Imm16, Label16] BranchImm(gt_i64),
        eg r#"mov r, 1
mov x, 4
bgt x, 3, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a > b`, signed; `b` is a constant, and then charges 1.
    bgt_i64_imm_back as "bgt" = BgtI64ImmBack [Src(I64), Imm16, Label16] BranchBackImm(gt_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 9
again:
sub x, x, 1
bgt x, 3, again
mov r, x ; r = 3"#;
    /// Goes to the label ahead if `a >= b`, signed; `b` is a constant.
    bge_i64_imm as "bge" = BgeI64Imm [Src(I64), Imm16, Label16] BranchImm(ge_i64),
        eg r#"mov r, 1
mov x, 3
bge x, 3, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a >= b`, signed; `b` is a constant, and then charges 1.
    bge_i64_imm_back as "bge" = BgeI64ImmBack [Src(I64), Imm16, Label16] BranchBackImm(ge_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 9
again:
sub x, x, 1
bge x, 3, again
mov r, x ; r = 2"#;
    /// Goes to the label ahead if `a < b`, unsigned.
    bltu_i64 as "bltu" = BltuI64 [Src(I64), Src(I64), Label16] Branch(ltu_i64),
        eg r#"mov r, 1
mov x, 3
mov y, -1
bltu x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a < b`, unsigned, and then charges 1.
    bltu_i64_back as "bltu" = BltuI64Back [Src(I64), Src(I64), Label16] BranchBack(ltu_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
mov y, 3
again:
add x, x, 1
bltu x, y, again
mov r, x ; r = 3"#;
    /// Goes to the label ahead if `a <= b`, unsigned.
    bleu_i64 as "bleu" = BleuI64 [Src(I64), Src(I64), Label16] Branch(leu_i64),
        eg r#"mov r, 1
mov x, 3
mov y, -1
bleu x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a <= b`, unsigned, and then charges 1.
    bleu_i64_back as "bleu" = BleuI64Back [Src(I64), Src(I64), Label16] BranchBack(leu_i64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0
mov y, 3
again:
add x, x, 1
bleu x, y, again
mov r, x ; r = 4"#;
    /// Goes to the label ahead if `a == b`.
    beq_f64 as "beq" = BeqF64 [Src(F64), Src(F64), Label16] Branch(eq_f64),
        eg r#"mov r, 1
mov x, 1.5
mov y, 1.5
beq x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a == b`, and then charges 1.
    beq_f64_back as "beq" = BeqF64Back [Src(F64), Src(F64), Label16] BranchBack(eq_f64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0.0
mov y, 1.0
again:
add x, x, 1.0
beq x, y, again
mov r, x ; r = 2.0"#;
    /// Goes to the label ahead if `a != b` or either is NaN.
    bne_f64 as "bne" = BneF64 [Src(F64), Src(F64), Label16] Branch(ne_f64),
        eg r#"mov r, 1
mov x, nan
mov y, nan
bne x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a != b` or either is NaN, and then charges 1.
    bne_f64_back as "bne" = BneF64Back [Src(F64), Src(F64), Label16] BranchBack(ne_f64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0.0
mov y, 3.0
again:
add x, x, 1.0
bne x, y, again
mov r, x ; r = 3.0"#;
    /// Goes to the label ahead if `a < b`.
    blt_f64 as "blt" = BltF64 [Src(F64), Src(F64), Label16] Branch(lt_f64),
        eg r#"mov r, 1
mov x, -1.0
mov y, 1.0
blt x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a < b`, and then charges 1.
    blt_f64_back as "blt" = BltF64Back [Src(F64), Src(F64), Label16] BranchBack(lt_f64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0.0
mov y, 3.0
again:
add x, x, 1.0
blt x, y, again
mov r, x ; r = 3.0"#;
    /// Goes to the label ahead if `a <= b`.
    ble_f64 as "ble" = BleF64 [Src(F64), Src(F64), Label16] Branch(le_f64),
        eg r#"mov r, 1
mov x, 1.0
mov y, 1.0
ble x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if `a <= b`, and then charges 1.
    ble_f64_back as "ble" = BleF64Back [Src(F64), Src(F64), Label16] BranchBack(le_f64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 0.0
mov y, 3.0
again:
add x, x, 1.0
ble x, y, again
mov r, x ; r = 4.0"#;
    /// Goes to the label ahead if not `a < b`.
    bnlt_f64 as "bnlt" = BnltF64 [Src(F64), Src(F64), Label16] Branch(nlt_f64),
        eg r#"mov r, 1
mov x, nan
mov y, 1.0
bnlt x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if not `a < b`, and then charges 1.
    bnlt_f64_back as "bnlt" = BnltF64Back [Src(F64), Src(F64), Label16] BranchBack(nlt_f64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 9.0
mov y, 3.0
again:
sub x, x, 1.0
bnlt x, y, again
mov r, x ; r = 2.0"#;
    /// Goes to the label ahead if not `a <= b`.
    bnle_f64 as "bnle" = BnleF64 [Src(F64), Src(F64), Label16] Branch(nle_f64),
        eg r#"mov r, 1
mov x, nan
mov y, 1.0
bnle x, y, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label here or behind if not `a <= b`, and then charges 1.
    bnle_f64_back as "bnle" = BnleF64Back [Src(F64), Src(F64), Label16] BranchBack(nle_f64),
        effects [Charges],
        cost "1 when taken",
        eg r#"mov x, 9.0
mov y, 3.0
again:
sub x, x, 1.0
bnle x, y, again
mov r, x ; r = 3.0"#;
    /// Goes to the label ahead if `a` is null.
    bnull as "bnull" = Bnull [Src(Ref), Label32] Special,
        eg r#".local s: str
mov r, 1
bnull s, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the label ahead if `a` is not null.
    bnonnull as "bnonnull" = Bnonnull [Src(Ref), Label32] Special,
        eg r#"mov s, "x"
mov r, 1
bnonnull s, over
mov r, 2
over:
mov r, r ; r = 1"#;
    /// Goes to the target with the number `a`, or to the default when there is none; all targets lie ahead.
    switch as "switch" = Switch [Src(I64)] Special,
        shape Switch,
        effects [Ends],
        eg r#"mov k, 1
switch k, other, zero, one
zero:
mov r, 10
jmp done
one:
mov r, 11
jmp done
other:
mov r, 12
done:
mov r, r ; r = 11"#;
    /// Charges the weight and goes to the target with the number `a`, or to the default; some target is here or behind.
    switch_back as "switch" = SwitchBack [Src(I64)] Special,
        shape Switch,
        effects [Ends, Charges],
        cost "weight",
        eg r#"mov k, -1
again:
add k, k, 1
switch k, done, again, again
done:
mov r, k ; r = 2"#;
    /// Calls a function with at most 3 arguments and 1 result.
    call as "call" = Call [Func] Special,
        shape Call,
        rule Call,
        traps [StackOverflow],
        effects [Calls],
        eg r#"func main() {
    call r, twice(21) ; r = 42
    ret
}
func twice(x: i64) -> i64 {
    add y, x, x
    ret y
}"#;
    /// Calls a function with any number of arguments (255) and results (8).
    call_many as "call" = CallMany [Func] Special,
        shape CallMany,
        rule Call,
        traps [StackOverflow],
        effects [Calls],
        eg r#"func main() {
    call (q, r), divmod(17, 5) ; r = 2
    ret
}
func divmod(x: i64, y: i64) -> (i64, i64) {
    div q, x, y
    rem r, x, y
    ret q, r
}"#;
    /// Calls through a function reference; bound arguments come first. At most 3 written arguments and 1 result.
    call_ref as "callr" = CallRef [Src(Ty::Func)] Special,
        shape Call,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Calls],
        eg r#"func main() {
    bind g, plus(40)
    callr r, g(2) ; r = 42
    ret
}
func plus(x: i64, y: i64) -> i64 {
    add z, x, y
    ret z
}"#;
    /// Calls through a function reference with any number of arguments and results.
    call_ref_many as "callr" = CallRefMany [Src(Ty::Func)] Special,
        shape CallMany,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Calls],
        eg r#"func main() {
    fref g, swap
    callr (a, r), g(1, 2) ; r = 1
    ret
}
func swap(x: i64, y: i64) -> (i64, i64) {
    ret y, x
}"#;
    /// Calls a method of the class of the first argument, by its place in the method table.
    call_virtual as "callv" = CallVirtual [Func] Special,
        shape Call,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Calls],
        eg r#"class Shape {
    method area() -> i64
}
class Square : Shape {
    field side: i64
    method area() -> i64 = square_area
}
func square_area(self: Square) -> i64 {
    get s, self.side
    mul a, s, s
    ret a
}
func main() {
    .local shape: Shape
    new q, Square
    set q.side, 3
    mov shape, q
    callv r, Shape.area(shape) ; r = 9
    ret
}"#;
    /// Calls a method of the class with any number of arguments and results.
    call_virtual_many as "callv" = CallVirtualMany [Func] Special,
        shape CallMany,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Calls],
        eg r#"class Box {
    method pair(k: i64) -> (i64, i64) = box_pair
}
func box_pair(self: Box, k: i64) -> (i64, i64) {
    add n, k, 1
    ret k, n
}
func main() {
    new b, Box
    callv (q, r), Box.pair(b, 4) ; r = 5
    ret
}"#;
    /// Calls a method of an interface that the class of the first argument implements.
    call_interface as "calli" = CallInterface [Func] Special,
        shape Call,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Calls],
        eg r#"interface Sized {
    method size() -> i64
}
class Bag : Sized {
    method size() -> i64 = bag_size
}
func bag_size(self: Bag) -> i64 {
    ret 7
}
func main() {
    .local s: Sized
    new b, Bag
    mov s, b
    calli r, Sized.size(s) ; r = 7
    ret
}"#;
    /// Calls a method of an interface with any number of arguments and results.
    call_interface_many as "calli" = CallInterfaceMany [Func] Special,
        shape CallMany,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Calls],
        eg r#"interface Two {
    method two() -> (i64, i64)
}
class Pair : Two {
    method two() -> (i64, i64) = pair_two
}
func pair_two(self: Pair) -> (i64, i64) {
    ret 1, 2
}
func main() {
    .local t: Two
    new p, Pair
    mov t, p
    calli (q, r), Two.two(t) ; r = 2
    ret
}"#;
    /// Replaces the running function by a call; the results are those of the callee. Charges 1.
    tail_call as "tailcall" = TailCall [Func] Special,
        shape TailCall,
        rule Call,
        traps [StackOverflow],
        effects [Ends, Charges, Calls],
        cost "1",
        eg r#"func main() {
    call r, sum(10, 0) ; r = 55
    ret
}
func sum(n: i64, acc: i64) -> i64 {
    bnz n, more
    ret acc
more:
    add acc, acc, n
    sub n, n, 1
    tailcall sum(n, acc)
}"#;
    /// Replaces the running function by a call through a function reference. Charges 1.
    tail_call_ref as "tailcallr" = TailCallRef [Src(Ty::Func)] Special,
        shape TailCall,
        rule Call,
        traps [NullReference, StackOverflow],
        effects [Ends, Charges, Calls],
        cost "1",
        eg r#"func main() {
    call r, run(4) ; r = 5
    ret
}
func run(n: i64) -> i64 {
    fref f, next
    tailcallr f(n)
}
func next(n: i64) -> i64 {
    add n, n, 1
    ret n
}"#;
    /// Returns from a function without results.
    ret as "ret" = Ret [] Special,
        rule Return,
        effects [Ends],
        eg r#"func main() {
    call noop()
    ret
}
func noop() {
    ret
}"#;
    /// Returns one result.
    ret_value as "ret" = RetValue [Src(Value)] Special,
        rule Return,
        effects [Ends],
        eg r#"func main() {
    call r, seven() ; r = 7
    ret
}
func seven() -> i64 {
    ret 7
}"#;
    /// Returns 2 to 8 results.
    ret_many as "ret" = RetMany [] Special,
        shape RetMany,
        rule Return,
        effects [Ends],
        eg r#"func main() {
    call (a, b, r), three() ; r = 3
    ret
}
func three() -> (i64, i64, i64) {
    ret 1, 2, 3
}"#;
    /// Says that control cannot come here.
    unreachable as "unreachable" = Unreachable [] Special,
        traps [Unreachable],
        effects [Ends],
        eg r#"func main() {
    try failed, e: Unreachable
    unreachable
    endtry
failed:
    mov r, 1 ; r = 1
    ret
}"#;
    /// A breakpoint: stops in the debugger; does nothing without one.
    brk as "brk" = Brk [] Special,
        eg "brk";
}

group "Function references" {
    /// `a` = a reference to a function, one object per function and process.
    fref as "fref" = Fref [Def(Ref), Literal] Special,
        rule Literal,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"func main() {
    fref g, seven
    callr r, g() ; r = 7
    ret
}
func seven() -> i64 {
    ret 7
}"#;
    /// `a` = a reference to a function whose first parameters are fixed (at most 16).
    bind as "bind" = Bind [Def(Ref), Func] Special,
        shape Bind,
        rule Bind,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"func main() {
    bind g, minus(50)
    callr r, g(8) ; r = 42
    ret
}
func minus(x: i64, y: i64) -> i64 {
    sub z, x, y
    ret z
}"#;
}

group "Strings" {
    /// `a` = length of the string in bytes.
    str_len as "len" = StrLen [Def(I64), Src(Str)] Special,
        traps [NullReference],
        effects [Reads],
        eg r#"mov s, "héllo"
len r, s ; r = 6"#;
    /// `a` = the byte at position `c`, 0 to 255.
    str_byte as "str_byte" = StrByte [Def(I64), Src(Str), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads],
        eg r#"mov s, "abc"
str_byte r, s, 1 ; r = 98"#;
    /// `a` = the code point that starts at position `c`.
    str_code as "str_code" = StrCode [Def(I64), Src(Str), Src(I64)] Special,
        traps [NullReference, OutOfBounds, NotABoundary],
        effects [Reads],
        eg r#"mov s, "aé"
str_code r, s, 1 ; r = 233"#;
    /// `a` = position after the code point that starts at position `c`.
    str_next as "str_next" = StrNext [Def(I64), Src(Str), Src(I64)] Special,
        traps [NullReference, OutOfBounds, NotABoundary],
        effects [Reads],
        eg r#"mov s, "aé"
str_next r, s, 1 ; r = 3"#;
    /// `a` = position of the code point that ends at position `c`.
    str_prev as "str_prev" = StrPrev [Def(I64), Src(Str), Src(I64)] Special,
        traps [NullReference, OutOfBounds, NotABoundary],
        effects [Reads],
        eg r#"mov s, "aé"
str_prev r, s, 3 ; r = 1"#;
    /// `a` = number of code points.
    str_count_codes as "str_count_codes" = StrCountCodes [Def(I64), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "aéz"
str_count_codes r, s ; r = 3"#;
    /// `a` = `b` followed by `c`.
    str_concat as "concat" = StrConcat [Def(Str), Src(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "ab"
mov t, "cd"
concat r, s, t ; r = "abcd""#;
    /// `a` = the bytes of `b` from position `c` up to position `d`.
    str_slice as "slice" = StrSlice [Def(Str), Src(Str), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds, NotABoundary, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abcdef"
slice r, s, 2, 4 ; r = "cd""#;
    /// `a` = first position of `c` in `b` that is at least `d`, or -1.
    str_find as "find" = StrFind [Def(I64), Src(Str), Src(Str), Src(I64)] Special,
        traps [NullReference, OutOfBounds, NotABoundary],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB looked at",
        eg r#"mov s, "abcabc"
mov n, "bc"
find r, s, n, 2 ; r = 4"#;
    /// `a` = last position of `c` in `b`, or -1.
    str_find_last as "find_last" = StrFindLast [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB looked at",
        eg r#"mov s, "abcabc"
mov n, "bc"
find_last r, s, n ; r = 4"#;
    /// `a` = -1, 0 or 1 as `b` is before, equal to or after `c` by code points.
    str_compare as "compare" = StrCompare [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "ab"
mov t, "b"
compare r, s, t ; r = -1"#;
    /// `a` = 1 if both strings have the same bytes, else 0.
    str_eq as "eq" = StrEq [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "ab"
mov t, "ab"
eq r, s, t ; r = 1"#;
    /// `a` = 1 if `b` begins with `c`, else 0.
    str_starts_with as "starts_with" = StrStartsWith [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
mov t, "ab"
starts_with r, s, t ; r = 1"#;
    /// `a` = 1 if `b` ends with `c`, else 0.
    str_ends_with as "ends_with" = StrEndsWith [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
mov t, "ab"
ends_with r, s, t ; r = 0"#;
    /// `a` = 1 if `c` occurs in `b`, else 0.
    str_contains as "contains" = StrContains [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB looked at",
        eg r#"mov s, "abc"
mov t, "b"
contains r, s, t ; r = 1"#;
    /// `a` = number of places, not overlapping, where `c` occurs in `b`; the empty string occurs at every boundary.
    str_count as "count" = StrCount [Def(I64), Src(Str), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "aaaa"
mov t, "aa"
count r, s, t ; r = 2"#;
    /// `a` = `b` without white space at both ends.
    str_trim as "trim" = StrTrim [Def(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, " a "
trim r, s ; r = "a""#;
    /// `a` = `b` without white space at the start.
    str_trim_start as "trim_start" = StrTrimStart [Def(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, " a "
trim_start r, s ; r = "a ""#;
    /// `a` = `b` without white space at the end.
    str_trim_end as "trim_end" = StrTrimEnd [Def(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, " a "
trim_end r, s ; r = " a""#;
    /// `a` = `b` in upper case by the rules of Unicode.
    str_upper as "upper" = StrUpper [Def(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "straße"
upper r, s ; r = "STRASSE""#;
    /// `a` = `b` in lower case by the rules of Unicode.
    str_lower as "lower" = StrLower [Def(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "ÀB"
lower r, s ; r = "àb""#;
    /// `a` = `b` written `c` times.
    str_repeat as "repeat" = StrRepeat [Def(Str), Src(Str), Src(I64)] Special,
        traps [NullReference, InvalidArgument, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "ab"
repeat r, s, 3 ; r = "ababab""#;
    /// `a` = the code points of `b` in reverse order.
    str_reverse as "reverse" = StrReverse [Def(Str), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "aéz"
reverse r, s ; r = "zéa""#;
    /// `a` = a 64-bit hash of the bytes; the same in every run.
    str_hash as "hash" = StrHash [Def(I64), Src(Str)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
mov t, "abc"
hash x, s
hash y, t
eq r, x, y ; r = 1"#;
    /// `a` = the integer `b` in decimal.
    str_from_int as "str_from_int" = StrFromInt [Def(Str), Src(I64)] Special,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"mov i, -42
str_from_int r, i ; r = "-42""#;
    /// `a` = the integer `b` in radix `c` (2 to 36), with lower-case digits; an unsigned 64-bit number unless the radix is 10.
    str_from_int_radix as "str_from_int_radix" = StrFromIntRadix [Def(Str), Src(I64), Src(I64)] Special,
        traps [InvalidArgument, OutOfMemory],
        effects [Allocates],
        eg r#"mov i, 255
str_from_int_radix r, i, 16 ; r = "ff""#;
    /// `a` = the shortest decimal text that reads back as the float `b`.
    str_from_float as "str_from_float" = StrFromFloat [Def(Str), Src(F64)] Special,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"mov x, 0.1
str_from_float r, x ; r = "0.1""#;
    /// `a` = the float `b` with exactly `c` digits (0 to 100) after the point, rounded to nearest even.
    str_from_float_digits as "str_from_float_digits" = StrFromFloatDigits [Def(Str), Src(F64), Src(I64)] Special,
        traps [InvalidArgument, OutOfMemory],
        effects [Allocates],
        eg r#"mov x, 2.0
str_from_float_digits r, x, 3 ; r = "2.000""#;
    /// `a` = the string of the one code point `b`.
    str_from_code as "str_from_code" = StrFromCode [Def(Str), Src(I64)] Special,
        traps [InvalidCodePoint, OutOfMemory],
        effects [Allocates],
        eg r#"mov c, 233
str_from_code r, c ; r = "é""#;
    /// `a` = 1 and `b` = the value if `c` is a decimal integer that fits 64 bits; else both 0.
    str_to_int as "str_to_int" = StrToInt [Def(I64), Def(I64), Src(Str)] Special,
        traps [NullReference],
        effects [Reads],
        eg r#"mov s, "-17"
str_to_int ok, r, s ; r = -17"#;
    /// `a` = 1 and `b` = the value if `c` is an integer in radix `d` (2 to 36) that fits 64 bits, without a sign also an unsigned one unless the radix is 10; else both 0.
    str_to_int_radix as "str_to_int_radix" = StrToIntRadix [Def(I64), Def(I64), Src(Str), Src(I64)] Special,
        traps [NullReference, InvalidArgument],
        effects [Reads],
        eg r#"mov s, "ff"
str_to_int_radix ok, r, s, 16 ; r = 255"#;
    /// `a` = 1 and `b` = the value if `c` is a decimal float (also `inf` and `nan`); else both 0.
    str_to_float as "str_to_float" = StrToFloat [Def(I64), Def(F64), Src(Str)] Special,
        traps [NullReference],
        effects [Reads],
        eg r#"mov s, "2.5e3"
str_to_float ok, r, s ; r = 2500.0"#;
    /// `a` = the string with the bytes `b`, which must be UTF-8.
    str_from_bytes as "str_from_bytes" = StrFromBytes [Def(Str), Src(Bytes)] Special,
        traps [NullReference, InvalidUtf8, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "hé"
bytes_from_str b, s
str_from_bytes r, b ; r = "hé""#;
}

group "Byte strings" {
    /// `a` = length in bytes.
    bytes_len as "len" = BytesLen [Def(I64), Src(Bytes)] Special,
        traps [NullReference],
        effects [Reads],
        eg r#"mov s, "abc"
bytes_from_str b, s
len r, b ; r = 3"#;
    /// `a` = byte `c`, 0 to 255.
    bytes_get as "get" = BytesGet [Def(I64), Src(Bytes), Src(I64)] Special,
        syntax Index(1),
        traps [NullReference, OutOfBounds],
        effects [Reads],
        eg r#"mov s, "abc"
bytes_from_str b, s
get r, b[2] ; r = 99"#;
    /// `a` = the bytes of `b` from `c` up to `d`.
    bytes_slice as "slice" = BytesSlice [Def(Bytes), Src(Bytes), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abcdef"
bytes_from_str b, s
slice c, b, 2, 4
len r, c ; r = 2"#;
    /// `a` = `b` followed by `c`.
    bytes_concat as "concat" = BytesConcat [Def(Bytes), Src(Bytes), Src(Bytes)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
bytes_from_str b, s
concat c, b, b
len r, c ; r = 6"#;
    /// `a` = 1 if both have the same bytes, else 0.
    bytes_eq as "eq" = BytesEq [Def(I64), Src(Bytes), Src(Bytes)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
bytes_from_str b, s
bytes_from_str c, s
eq r, b, c ; r = 1"#;
    /// `a` = -1, 0 or 1 as `b` is before, equal to or after `c`.
    bytes_compare as "compare" = BytesCompare [Def(I64), Src(Bytes), Src(Bytes)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
bytes_from_str b, s
compare r, b, b ; r = 0"#;
    /// `a` = first position of `c` in `b` that is at least `d`, or -1.
    bytes_find as "find" = BytesFind [Def(I64), Src(Bytes), Src(Bytes), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB looked at",
        eg r#"mov s, "abcabc"
bytes_from_str b, s
slice n, b, 1, 3
find r, b, n, 2 ; r = 4"#;
    /// `a` = a 64-bit hash of the bytes; the same in every run.
    bytes_hash as "hash" = BytesHash [Def(I64), Src(Bytes)] Special,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
bytes_from_str b, s
hash x, b
hash y, s
eq r, x, y ; r = 1"#;
    /// `a` = the bytes of the string.
    bytes_from_str as "bytes_from_str" = BytesFromStr [Def(Bytes), Src(Str)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "hé"
bytes_from_str b, s
len r, b ; r = 3"#;
    /// `a` = the elements of `b` from `c` up to `d`.
    bytes_from_array as "bytes_from_array" = BytesFromArray [Def(Bytes), Src(ArrayOf(Elem::U8)), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [u8], 4
set x[1], 65
bytes_from_array b, x, 1, 3
get r, b[0] ; r = 65"#;
    /// `a` = a new array with the bytes of `b`.
    array_from_bytes as "array_from_bytes" = ArrayFromBytes [Def(ArrayOf(Elem::U8)), Src(Bytes)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
bytes_from_str b, s
array_from_bytes x, b
get r, x[1] ; r = 98"#;
}

group "Arrays" {
    /// `a` = a new array of type `b` with `c` elements, all 0 or null.
    new_array as "new" = NewArray [Def(Ref), Type, Src(I64)] Special,
        rule NewArray,
        traps [InvalidArgument, OutOfMemory],
        effects [Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [f64], 10
len r, x ; r = 10"#;
    /// `a` = number of elements; null has none.
    array_len as "len" = ArrayLen [Def(I64), Src(Array)] Special,
        effects [Reads],
        eg r#"new x, [i32], 3
len r, x ; r = 3"#;
    /// `a` = element `c` of an array of i8, sign-extended. Through null every index is out of bounds.
    get_i8 as "get" = GetI8 [Def(I64), Src(ArrayOf(Elem::I8)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [i8], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of u8, zero-extended. Through null every index is out of bounds.
    get_u8 as "get" = GetU8 [Def(I64), Src(ArrayOf(Elem::U8)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [u8], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of i16, sign-extended. Through null every index is out of bounds.
    get_i16 as "get" = GetI16 [Def(I64), Src(ArrayOf(Elem::I16)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [i16], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of u16, zero-extended. Through null every index is out of bounds.
    get_u16 as "get" = GetU16 [Def(I64), Src(ArrayOf(Elem::U16)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [u16], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of i32, sign-extended. Through null every index is out of bounds.
    get_i32 as "get" = GetI32 [Def(I64), Src(ArrayOf(Elem::I32)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [i32], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of u32, zero-extended. Through null every index is out of bounds.
    get_u32 as "get" = GetU32 [Def(I64), Src(ArrayOf(Elem::U32)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [u32], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of i64. Through null every index is out of bounds.
    get_i64 as "get" = GetI64 [Def(I64), Src(ArrayOf(Elem::I64)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [i64], 3
set x[1], 7
get r, x[1] ; r = 7"#;
    /// `a` = element `c` of an array of f32, widened. Through null every index is out of bounds.
    get_f32 as "get" = GetF32 [Def(F64), Src(ArrayOf(Elem::F32)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [f32], 3
set x[1], 2.5
get r, x[1] ; r = 2.5"#;
    /// `a` = element `c` of an array of f64. Through null every index is out of bounds.
    get_f64 as "get" = GetF64 [Def(F64), Src(ArrayOf(Elem::F64)), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [f64], 3
set x[1], 2.5
get r, x[1] ; r = 2.5"#;
    /// `a` = element `c` of an array of references. Through null every index is out of bounds.
    get_ref as "get" = GetRef [Def(Ref), Src(RefArray), Src(I64)] Special,
        syntax Index(1),
        rule GetRef,
        traps [OutOfBounds],
        effects [Reads],
        eg r#"new x, [str], 3
set x[1], "abc"
get r, x[1] ; r = "abc""#;
    /// Element `b` of an array of i8 = `c`, its low bits. Through null every index is out of bounds.
    set_i8 as "set" = SetI8 [Src(ArrayOf(Elem::I8)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [i8], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of u8 = `c`, its low bits. Through null every index is out of bounds.
    set_u8 as "set" = SetU8 [Src(ArrayOf(Elem::U8)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [u8], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of i16 = `c`, its low bits. Through null every index is out of bounds.
    set_i16 as "set" = SetI16 [Src(ArrayOf(Elem::I16)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [i16], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of u16 = `c`, its low bits. Through null every index is out of bounds.
    set_u16 as "set" = SetU16 [Src(ArrayOf(Elem::U16)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [u16], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of i32 = `c`, its low bits. Through null every index is out of bounds.
    set_i32 as "set" = SetI32 [Src(ArrayOf(Elem::I32)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [i32], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of u32 = `c`, its low bits. Through null every index is out of bounds.
    set_u32 as "set" = SetU32 [Src(ArrayOf(Elem::U32)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [u32], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of i64 = `c`. Through null every index is out of bounds.
    set_i64 as "set" = SetI64 [Src(ArrayOf(Elem::I64)), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [i64], 3
set x[2], 7
get r, x[2] ; r = 7"#;
    /// Element `b` of an array of f32 = `c`, rounded. Through null every index is out of bounds.
    set_f32 as "set" = SetF32 [Src(ArrayOf(Elem::F32)), Src(I64), Src(F64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [f32], 3
set x[2], 2.5
get r, x[2] ; r = 2.5"#;
    /// Element `b` of an array of f64 = `c`. Through null every index is out of bounds.
    set_f64 as "set" = SetF64 [Src(ArrayOf(Elem::F64)), Src(I64), Src(F64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [f64], 3
set x[2], 2.5
get r, x[2] ; r = 2.5"#;
    /// Element `b` of an array of references = `c`. Through null every index is out of bounds.
    set_ref as "set" = SetRef [Src(RefArray), Src(I64), Src(Ref)] Special,
        syntax Index(0),
        rule SetRef,
        traps [OutOfBounds],
        effects [Writes],
        eg r#"new x, [str], 3
set x[1], "abc"
get r, x[1] ; r = "abc""#;
    /// Copies `e` elements of `c` from index `d` to index `b` of `a`; the ranges may overlap.
    array_copy as "copy" = ArrayCopy [Src(Array), Src(I64), Src(Array), Src(I64), Src(I64)] Special,
        rule SameArrays,
        traps [NullReference, OutOfBounds],
        effects [Reads, Writes, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [i64], 4
set x[0], 5
mov two, 2
mov zero, 0
mov one, 1
copy x, two, x, zero, one
get r, x[2] ; r = 5"#;
    /// Sets `c` elements of `a` from index `b` to `d`.
    array_fill as "fill" = ArrayFill [Src(Array), Src(I64), Src(I64), Src(Value)] Special,
        rule ElementValue,
        traps [NullReference, OutOfBounds],
        effects [Writes, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [i64], 4
fill x, 1, 3, 9
get r, x[3] ; r = 9"#;
    /// `a` = a new array with the elements of `b` from `c` up to `d`.
    array_slice as "slice" = ArraySlice [Def(Array), Src(Array), Src(I64), Src(I64)] Special,
        rule SameArrays,
        traps [NullReference, OutOfBounds, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [i64], 4
set x[2], 8
slice y, x, 1, 4
get r, y[1] ; r = 8"#;
    /// `a` = a new array with the elements of `b`, then those of `c`.
    array_concat as "concat" = ArrayConcat [Def(Array), Src(Array), Src(Array)] Special,
        rule SameArrays,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [i64], 4
concat y, x, x
len r, y ; r = 8"#;
    /// `a` = first index from `d` on whose element equals `c` (numbers by value, references by identity), or -1.
    array_find as "find" = ArrayFind [Def(I64), Src(Array), Src(Value), Src(I64)] Special,
        rule ElementValue,
        traps [NullReference, OutOfBounds],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB looked at",
        eg r#"new x, [i64], 4
set x[2], 8
find r, x, 8, 0 ; r = 2"#;
    /// `a` = -1, 0 or 1 by the first different elements of two arrays of numbers, then by length; NaN is after all numbers.
    array_compare as "compare" = ArrayCompare [Def(I64), Src(Array), Src(Array)] Special,
        rule SameArrays,
        traps [NullReference],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [i64], 4
new y, [i64], 4
set y[1], 1
compare r, x, y ; r = -1"#;
}

group "Memory blocks" {
    /// `a` = a new block of `b` bytes, all 0.
    alloc as "alloc" = Alloc [Def(Block), Src(I64)] Special,
        traps [InvalidArgument, OutOfMemory],
        effects [Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"alloc b, 64
len r, b ; r = 64"#;
    /// Gives the memory of the block back. From now on its length is 0 and every access is out of bounds.
    free as "free" = Free [Src(Block)] Special,
        traps [NullReference, DoubleFree],
        effects [Writes],
        eg r#"alloc b, 64
free b
len r, b ; r = 0"#;
    /// `a` = length of the block in bytes; 0 when freed or null.
    block_len as "len" = BlockLen [Def(I64), Src(Block)] Special,
        effects [Reads],
        eg r#"alloc b, 10
len r, b ; r = 10"#;
    /// `a` = the i8 at byte offset `c` of the block.
    load_i8 as "load_i8" = LoadI8 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i8 b[3], 7
load_i8 r, b[3] ; r = 7"#;
    /// `a` = the u8 at byte offset `c` of the block.
    load_u8 as "load_u8" = LoadU8 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i8 b[3], 7
load_u8 r, b[3] ; r = 7"#;
    /// `a` = the i16 at byte offset `c` of the block, little-endian.
    load_i16 as "load_i16" = LoadI16 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i16 b[3], 7
load_i16 r, b[3] ; r = 7"#;
    /// `a` = the u16 at byte offset `c` of the block, little-endian.
    load_u16 as "load_u16" = LoadU16 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i16 b[3], 7
load_u16 r, b[3] ; r = 7"#;
    /// `a` = the i32 at byte offset `c` of the block, little-endian.
    load_i32 as "load_i32" = LoadI32 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i32 b[3], 7
load_i32 r, b[3] ; r = 7"#;
    /// `a` = the u32 at byte offset `c` of the block, little-endian.
    load_u32 as "load_u32" = LoadU32 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i32 b[3], 7
load_u32 r, b[3] ; r = 7"#;
    /// `a` = the i64 at byte offset `c` of the block, little-endian.
    load_i64 as "load_i64" = LoadI64 [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i64 b[3], 7
load_i64 r, b[3] ; r = 7"#;
    /// `a` = the f32 at byte offset `c` of the block, little-endian.
    load_f32 as "load_f32" = LoadF32 [Def(F64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_f32 b[3], 2.5
load_f32 r, b[3] ; r = 2.5"#;
    /// `a` = the f64 at byte offset `c` of the block, little-endian.
    load_f64 as "load_f64" = LoadF64 [Def(F64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_f64 b[3], 2.5
load_f64 r, b[3] ; r = 2.5"#;
    /// `a` = the i16 at byte offset `c` of the block, big-endian.
    load_i16_be as "load_i16_be" = LoadI16Be [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i16_be b[3], 7
load_i16_be r, b[3] ; r = 7"#;
    /// `a` = the u16 at byte offset `c` of the block, big-endian.
    load_u16_be as "load_u16_be" = LoadU16Be [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i16_be b[3], 7
load_u16_be r, b[3] ; r = 7"#;
    /// `a` = the i32 at byte offset `c` of the block, big-endian.
    load_i32_be as "load_i32_be" = LoadI32Be [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i32_be b[3], 7
load_i32_be r, b[3] ; r = 7"#;
    /// `a` = the u32 at byte offset `c` of the block, big-endian.
    load_u32_be as "load_u32_be" = LoadU32Be [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i32_be b[3], 7
load_u32_be r, b[3] ; r = 7"#;
    /// `a` = the i64 at byte offset `c` of the block, big-endian.
    load_i64_be as "load_i64_be" = LoadI64Be [Def(I64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_i64_be b[3], 7
load_i64_be r, b[3] ; r = 7"#;
    /// `a` = the f32 at byte offset `c` of the block, big-endian.
    load_f32_be as "load_f32_be" = LoadF32Be [Def(F64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_f32_be b[3], 2.5
load_f32_be r, b[3] ; r = 2.5"#;
    /// `a` = the f64 at byte offset `c` of the block, big-endian.
    load_f64_be as "load_f64_be" = LoadF64Be [Def(F64), Src(Block), Src(I64)] Special,
        syntax Index(1),
        traps [OutOfBounds],
        effects [Reads],
        eg r#"alloc b, 16
store_f64_be b[3], 2.5
load_f64_be r, b[3] ; r = 2.5"#;
    /// Stores the low 8 bits of `c` at byte offset `b` of the block.
    store_i8 as "store_i8" = StoreI8 [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i8 b[5], -7
load_i8 r, b[5] ; r = -7"#;
    /// Stores the low 16 bits of `c` at byte offset `b` of the block, little-endian.
    store_i16 as "store_i16" = StoreI16 [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i16 b[5], -7
load_i16 r, b[5] ; r = -7"#;
    /// Stores the low 32 bits of `c` at byte offset `b` of the block, little-endian.
    store_i32 as "store_i32" = StoreI32 [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i32 b[5], -7
load_i32 r, b[5] ; r = -7"#;
    /// Stores `c` at byte offset `b` of the block, little-endian.
    store_i64 as "store_i64" = StoreI64 [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i64 b[5], -7
load_i64 r, b[5] ; r = -7"#;
    /// Stores `c` rounded to 32 bits at byte offset `b` of the block, little-endian.
    store_f32 as "store_f32" = StoreF32 [Src(Block), Src(I64), Src(F64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_f32 b[5], 2.5
load_f32 r, b[5] ; r = 2.5"#;
    /// Stores `c` at byte offset `b` of the block, little-endian.
    store_f64 as "store_f64" = StoreF64 [Src(Block), Src(I64), Src(F64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_f64 b[5], 2.5
load_f64 r, b[5] ; r = 2.5"#;
    /// Stores the low 16 bits of `c` at byte offset `b` of the block, big-endian.
    store_i16_be as "store_i16_be" = StoreI16Be [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i16_be b[5], -7
load_i16_be r, b[5] ; r = -7"#;
    /// Stores the low 32 bits of `c` at byte offset `b` of the block, big-endian.
    store_i32_be as "store_i32_be" = StoreI32Be [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i32_be b[5], -7
load_i32_be r, b[5] ; r = -7"#;
    /// Stores `c` at byte offset `b` of the block, big-endian.
    store_i64_be as "store_i64_be" = StoreI64Be [Src(Block), Src(I64), Src(I64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_i64_be b[5], -7
load_i64_be r, b[5] ; r = -7"#;
    /// Stores `c` rounded to 32 bits at byte offset `b` of the block, big-endian.
    store_f32_be as "store_f32_be" = StoreF32Be [Src(Block), Src(I64), Src(F64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_f32_be b[5], 2.5
load_f32_be r, b[5] ; r = 2.5"#;
    /// Stores `c` at byte offset `b` of the block, big-endian.
    store_f64_be as "store_f64_be" = StoreF64Be [Src(Block), Src(I64), Src(F64)] Special,
        syntax Index(0),
        traps [OutOfBounds],
        effects [Writes],
        eg r#"alloc b, 16
store_f64_be b[5], 2.5
load_f64_be r, b[5] ; r = 2.5"#;
    /// Copies `e` bytes of `c` from offset `d` to offset `b` of `a`; the ranges may overlap.
    block_copy as "copy" = BlockCopy [Src(Block), Src(I64), Src(Block), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads, Writes, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"alloc b, 16
store_i64 b[0], 5
mov at, 8
mov from, 0
mov n, 8
copy b, at, b, from, n
load_i64 r, b[8] ; r = 5"#;
    /// Sets `c` bytes of `a` from offset `b` to the low 8 bits of `d`.
    block_fill as "fill" = BlockFill [Src(Block), Src(I64), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Writes, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"alloc b, 16
fill b, 2, 3, 255
load_u8 r, b[4] ; r = 255"#;
    /// `a` = -1, 0 or 1 by the first different of `f` bytes of `b` from offset `c` and of `d` from offset `e`.
    block_compare as "compare" = BlockCompare [Def(I64), Src(Block), Src(I64), Src(Block), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"alloc b, 16
store_i8 b[0], 1
mov x, 0
mov y, 8
mov n, 8
compare r, b, x, b, y, n ; r = 1"#;
    /// `a` = first offset from `d` on with the byte `c` (low 8 bits), or -1.
    block_find as "find" = BlockFind [Def(I64), Src(Block), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads, Bulk],
        cost "1 for each full 4 KiB looked at",
        eg r#"alloc b, 16
store_i8 b[9], 3
find r, b, 3, 0 ; r = 9"#;
    /// `a` = a new block with the bytes of `b`.
    block_from_bytes as "block_from_bytes" = BlockFromBytes [Def(Block), Src(Bytes)] Special,
        traps [NullReference, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"mov s, "abc"
bytes_from_str x, s
block_from_bytes b, x
load_u8 r, b[1] ; r = 98"#;
    /// `a` = the bytes of the block from offset `c` up to `d`.
    bytes_from_block as "bytes_from_block" = BytesFromBlock [Def(Bytes), Src(Block), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"alloc b, 8
store_i8 b[1], 65
bytes_from_block x, b, 1, 3
get r, x[0] ; r = 65"#;
}

group "Objects" {
    /// `a` = a new object of class `b`, its fields 0 or null.
    new as "new" = New [Def(Ref), Type] Special,
        rule New,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    get r, p.x ; r = 0
    ret
}"#;
    /// `a` = a new object of class `b` with all its fields in order, those of the base class first. The only way to make an object of a frozen class.
    new_with as "new" = NewWith [Def(Ref), Type] Special,
        shape NewWith,
        rule NewWith,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#"frozen class Pair {
    field x: i64
    field y: i64
}
func main() {
    new p, Pair(1, 2)
    get r, p.y ; r = 2
    ret
}"#;
    /// `a` = the i64 field of the object.
    get_field_i64 as "get" = GetFieldI64 [Def(I64), Src(Object), Field] Special,
        syntax Field(1),
        rule GetField,
        traps [NullReference],
        effects [Reads],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    set p.x, 5
    get r, p.x ; r = 5
    ret
}"#;
    /// `a` = the f64 field of the object.
    get_field_f64 as "get" = GetFieldF64 [Def(F64), Src(Object), Field] Special,
        syntax Field(1),
        rule GetField,
        traps [NullReference],
        effects [Reads],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    set p.y, 2.5
    get r, p.y ; r = 2.5
    ret
}"#;
    /// `a` = the reference field of the object.
    get_field_ref as "get" = GetFieldRef [Def(Ref), Src(Object), Field] Special,
        syntax Field(1),
        rule GetField,
        traps [NullReference],
        effects [Reads],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    set p.next, p
    get q, p.next
    same r, p, q ; r = 1
    ret
}"#;
    /// The i64 field of the object = `c`.
    set_field_i64 as "set" = SetFieldI64 [Src(Object), Field, Src(I64)] Special,
        syntax Field(0),
        rule SetField,
        traps [NullReference],
        effects [Writes],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    set p.x, 5
    get r, p.x ; r = 5
    ret
}"#;
    /// The f64 field of the object = `c`.
    set_field_f64 as "set" = SetFieldF64 [Src(Object), Field, Src(F64)] Special,
        syntax Field(0),
        rule SetField,
        traps [NullReference],
        effects [Writes],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    set p.y, 2.5
    get r, p.y ; r = 2.5
    ret
}"#;
    /// The reference field of the object = `c`.
    set_field_ref as "set" = SetFieldRef [Src(Object), Field, Src(Ref)] Special,
        syntax Field(0),
        rule SetField,
        traps [NullReference],
        effects [Writes],
        eg r#"class Point {
    field x: i64
    field y: f64
    field next: Point
}
func main() {
    new p, Point
    set p.next, p
    get q, p.next
    same r, p, q ; r = 1
    ret
}"#;
    /// `a` = 1 if `b` is null, else 0.
    is_null as "is_null" = IsNull [Def(I64), Src(Ref)] Special,
        eg r#".local s: str
is_null r, s ; r = 1"#;
    /// `a` = 1 if `b` and `c` are the same object or both null, else 0. Boxed numbers are the same when type and value are.
    same as "same" = Same [Def(I64), Src(Ref), Src(Ref)] Special,
        effects [Reads],
        eg r#"mov s, "a"
mov t, s
same r, s, t ; r = 1"#;
    /// `a` = 1 if `b` is an object of type `c` or below, else 0; 0 for null. `i64` and `f64` ask for boxed numbers.
    test as "test" = Test [Def(I64), Src(Ref), Type] Special,
        rule TypeTest,
        effects [Reads],
        eg r#".local x: any
mov x, "text"
test r, x, str ; r = 1"#;
    /// `a = b`, which must be null or of type `c` or below.
    cast as "cast" = Cast [Def(Ref), Src(Ref), Type] Special,
        rule Cast,
        traps [BadCast],
        effects [Reads],
        eg r#".local x: any
mov x, "text"
cast r, x, str ; r = "text""#;
    /// `a` = the integer `b` as an `any`.
    box_i64 as "box" = BoxI64 [Def(Any), Src(I64)] Special,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#".local r: i64
box m, 7
unbox r, m ; r = 7"#;
    /// `a` = the float `b` as an `any`.
    box_f64 as "box" = BoxF64 [Def(Any), Src(F64)] Special,
        traps [OutOfMemory],
        effects [Allocates],
        eg r#".local r: f64
box m, 2.5
unbox r, m ; r = 2.5"#;
    /// `a` = the integer in the box `b`.
    unbox_i64 as "unbox" = UnboxI64 [Def(I64), Src(Any)] Special,
        traps [NullReference, BadCast],
        effects [Reads],
        eg r#".local r: i64
box m, 7
unbox r, m ; r = 7"#;
    /// `a` = the float in the box `b`.
    unbox_f64 as "unbox" = UnboxF64 [Def(F64), Src(Any)] Special,
        traps [NullReference, BadCast],
        effects [Reads],
        eg r#".local r: f64
box m, 2.5
unbox r, m ; r = 2.5"#;
    /// `a` = the next number of the process, counting from 1: for identity keys that a class keeps in a field.
    serial as "serial" = Serial [Def(I64)] Special,
        effects [Writes],
        eg r#"serial x
serial y
sub r, y, x ; r = 1"#;
}

group "Exceptions and system" {
    /// Raises the exception `a`; the innermost handler range around it that takes its class goes on.
    throw as "throw" = Throw [Src(Error)] Special,
        traps [NullReference],
        effects [Ends],
        eg r#"func main() {
    try failed, e: Error
    new x, Error
    throw x
    endtry
failed:
    mov r, 1 ; r = 1
    ret
}"#;
    /// Calls the machine. The syscall table says what; results may be left out when not wanted.
    sys as "sys" = Sys [] Special,
        shape Sys,
        rule Sys,
        effects [Blocks, External],
        cost "see the syscall",
        eg r#"sys print("hello")"#;
}

group "Text in arrays" {
    /// Copies `e` bytes of the string `c` from byte `d` to index `b` of `a`.
    array_copy_str as "copy" = ArrayCopyStr [Src(ArrayOf(Elem::U8)), Src(I64), Src(Str), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads, Writes, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [u8], 4
copy x, 1, "abc", 0, 3
get r, x[3] ; r = 99"#;
    /// Copies `e` bytes of the byte string `c` from byte `d` to index `b` of `a`.
    array_copy_bytes as "copy" = ArrayCopyBytes [Src(ArrayOf(Elem::U8)), Src(I64), Src(Bytes), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds],
        effects [Reads, Writes, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"bytes_from_str b, "abc"
new x, [u8], 4
copy x, 1, b, 0, 3
get r, x[3] ; r = 99"#;
    /// `a` = the string with the elements of `b` from `c` up to `d`, which must be UTF-8.
    str_from_array as "str_from_array" = StrFromArray [Def(Str), Src(ArrayOf(Elem::U8)), Src(I64), Src(I64)] Special,
        traps [NullReference, OutOfBounds, InvalidUtf8, OutOfMemory],
        effects [Reads, Allocates, Bulk],
        cost "1 for each full 4 KiB",
        eg r#"new x, [u8], 4
set x[1], 65
str_from_array r, x, 1, 2 ; r = "A""#;
}

}
