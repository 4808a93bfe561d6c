//! Constant expressions: 64-bit, checked, with the operators of C; floats with `+ - * /` and comparisons.

use std::rc::Rc;

use crate::asm::{Asm, ConstState, Global, Value};
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::{E0106, E0213, E0701, E0702, E0703, E0704};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::Place;
use crate::tokens::Token;

/// How deep parentheses, signs and constants may be nested.
const DEPTH_MAX: u32 = 200;

/// How tightly a binary operator binds; 0 for what is none.
pub(crate) const fn precedence(kind: Kind) -> u8 {
    match kind {
        Kind::OrOr => 1,
        Kind::AndAnd => 2,
        Kind::Or => 3,
        Kind::Caret => 4,
        Kind::And => 5,
        Kind::EqualEqual | Kind::NotEqual => 6,
        Kind::Less | Kind::LessEqual | Kind::Greater | Kind::GreaterEqual => 7,
        Kind::ShiftLeft | Kind::ShiftRight | Kind::ShiftRightUnsigned => 8,
        Kind::Plus | Kind::Minus => 9,
        Kind::Star | Kind::Slash | Kind::Percent => 10,
        _ => 0,
    }
}

impl Asm<'_> {
    /// A whole constant expression.
    pub(crate) fn parse_const(&mut self, c: &mut Cursor<'_>) -> Parse<Value> {
        self.conditional(c, 0)
    }

    /// An expression that must be an integer.
    pub(crate) fn parse_const_int(&mut self, c: &mut Cursor<'_>) -> Parse<i64> {
        let from = c.peek().place();
        match self.parse_const(c)? {
            Value::Int(value) => Ok(value),
            _ => Err(self.error(E0704, from, "an integer is asked for here")),
        }
    }

    /// `condition ? a : b`; both sides are evaluated.
    fn conditional(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<Value> {
        let from = c.peek().place();
        let condition = self.binary(c, 1, depth)?;
        if c.kind() != Kind::Question {
            return Ok(condition);
        }
        c.bump();
        let yes = self.conditional(c, depth + 1)?;
        self.expect(c, Kind::Colon, "`:`")?;
        let no = self.conditional(c, depth + 1)?;
        match condition {
            Value::Int(0) => Ok(no),
            Value::Int(_) => Ok(yes),
            _ => Err(self.error(E0704, from, "a condition is an integer")),
        }
    }

    fn binary(&mut self, c: &mut Cursor<'_>, least: u8, depth: u32) -> Parse<Value> {
        let from = c.peek().place();
        let mut left = self.unary(c, depth)?;
        loop {
            let operator = c.peek();
            let level = precedence(operator.kind);
            if level == 0 || level < least {
                return Ok(left);
            }
            c.bump();
            let right = self.binary(c, level + 1, depth)?;
            let place = from.to(c.previous().place());
            left = self.apply(operator, left, right, place)?;
        }
    }

    fn unary(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<Value> {
        let token = c.peek();
        if depth > DEPTH_MAX {
            let message = format!("constant expressions are nested more than {DEPTH_MAX} deep");
            return Err(self.error(E0106, token.place(), message));
        }
        match token.kind {
            Kind::Minus => {
                c.bump();
                if c.kind() == Kind::IntMin {
                    c.bump();
                    return Ok(Value::Int(i64::MIN));
                }
                let value = self.unary(c, depth + 1)?;
                self.negate(value, token.place())
            }
            Kind::Plus => {
                c.bump();
                self.unary(c, depth + 1)
            }
            Kind::Tilde | Kind::Bang => {
                c.bump();
                match self.unary(c, depth + 1)? {
                    Value::Int(value) if token.kind == Kind::Tilde => Ok(Value::Int(!value)),
                    Value::Int(value) => Ok(Value::Int(i64::from(value == 0))),
                    _ => Err(self.error(E0704, token.place(), "this operator takes an integer")),
                }
            }
            Kind::LeftParen => {
                c.bump();
                let value = self.conditional(c, depth + 1)?;
                self.expect(c, Kind::RightParen, "`)`")?;
                Ok(value)
            }
            _ => self.primary(c, depth),
        }
    }

    fn primary(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<Value> {
        let token = c.peek();
        let value = match token.kind {
            Kind::Int => Value::Int(self.lex.int(token)),
            Kind::Char => Value::Int(i64::from(token.value)),
            Kind::Float => Value::Float(self.lex.float(token)),
            Kind::Str => Value::Str(token.sym()),
            Kind::IntMin => {
                let message = "9223372036854775808 does not fit 64 bits without a minus sign";
                return Err(self.error(E0701, token.place(), message));
            }
            Kind::Ident | Kind::Quoted => {
                let (sym, place) = self.expect_path(c, "a constant")?;
                return self.const_named(sym, place, depth);
            }
            _ => return Err(self.expected(token, "a constant expression")),
        };
        c.bump();
        Ok(value)
    }

    /// The value of a literal name or a declared constant.
    fn const_named(&mut self, sym: Sym, place: Place, depth: u32) -> Parse<Value> {
        if let Some(value) = literal_name(sym) {
            return Ok(value);
        }
        match self.global(sym) {
            Global::Const(index) => self.const_value(index, place, depth),
            _ => {
                let name = self.text(sym).to_owned();
                let near = self.nearest(&name, |g| matches!(g, Global::Const(_)));
                Err(self.unknown(E0213, place, "there is no constant", &name, near))
            }
        }
    }

    /// The value of a constant, computed at its first use.
    pub(crate) fn const_value(&mut self, index: u32, used_at: Place, depth: u32) -> Parse<Value> {
        let constant = &mut self.consts[index as usize];
        constant.used = true;
        match constant.value {
            ConstState::Known(value) => return Ok(value),
            ConstState::Wrong => return Err(Reported),
            ConstState::Open => {
                let name = constant.name;
                constant.value = ConstState::Wrong;
                let message = format!("the value of `{}` depends on itself", self.text(name));
                return Err(self.error(E0703, used_at, message));
            }
            ConstState::New => constant.value = ConstState::Open,
        }
        let (stream, at) = (constant.stream, constant.at);
        let expansion = std::mem::replace(&mut self.report.expansion, constant.expansion);
        let tokens = Rc::clone(&self.streams[stream as usize]);
        let mut c = Cursor::new(&tokens, at as usize);
        let value = self.conditional(&mut c, depth + 1).and_then(|value| {
            self.expect_end(&mut c)?;
            Ok(value)
        });
        self.report.expansion = expansion;
        self.consts[index as usize].value = value.map_or(ConstState::Wrong, ConstState::Known);
        value
    }

    fn negate(&mut self, value: Value, place: Place) -> Parse<Value> {
        match value {
            Value::Float(value) => Ok(Value::Float(-value)),
            Value::Int(value) => match value.checked_neg() {
                Some(value) => Ok(Value::Int(value)),
                None => Err(self.overflow(place)),
            },
            Value::Str(_) => Err(self.error(E0704, place, "a string has no sign")),
        }
    }

    fn overflow(&mut self, place: Place) -> Reported {
        let help = "constants do not wrap; instructions do, when the program runs";
        self.error_help(E0701, place, "the value of this expression does not fit 64 bits", help)
    }

    fn apply(&mut self, operator: Token, left: Value, right: Value, place: Place) -> Parse<Value> {
        match (left, right) {
            (Value::Int(a), Value::Int(b)) => self.apply_int(operator.kind, a, b, place).map(Value::Int),
            (Value::Float(a), Value::Float(b)) => match apply_float(operator.kind, a, b) {
                Some(value) => Ok(value),
                None => Err(self.error(E0704, operator.place(), "this operator does not take floats")),
            },
            (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => Err(self.error_help(
                E0704,
                place,
                "an integer and a float in one operation",
                "write both as floats (`2.0`) or both as integers (`2`)",
            )),
            _ => Err(self.error(E0704, operator.place(), "this operator does not take strings")),
        }
    }

    fn apply_int(&mut self, kind: Kind, a: i64, b: i64, place: Place) -> Parse<i64> {
        let truth = |condition: bool| Some(i64::from(condition));
        let value = match kind {
            Kind::Plus => a.checked_add(b),
            Kind::Minus => a.checked_sub(b),
            Kind::Star => a.checked_mul(b),
            Kind::Slash | Kind::Percent if b == 0 => {
                return Err(self.error(E0702, place, "division by zero in a constant expression"));
            }
            Kind::Slash => a.checked_div(b),
            Kind::Percent => Some(a.wrapping_rem(b)),
            Kind::ShiftLeft => u32::try_from(b).ok().filter(|&b| b < 64).and_then(|b| {
                let shifted = a << b;
                // The pattern may use all 64 bits, as in hexadecimal literals.
                (shifted >> b == a || shifted as u64 >> b == a as u64).then_some(shifted)
            }),
            Kind::ShiftRight => u32::try_from(b).ok().filter(|&b| b < 64).map(|b| a >> b),
            Kind::ShiftRightUnsigned => {
                u32::try_from(b).ok().filter(|&b| b < 64).map(|b| (a as u64 >> b) as i64)
            }
            Kind::And => Some(a & b),
            Kind::Or => Some(a | b),
            Kind::Caret => Some(a ^ b),
            Kind::AndAnd => truth(a != 0 && b != 0),
            Kind::OrOr => truth(a != 0 || b != 0),
            Kind::EqualEqual => truth(a == b),
            Kind::NotEqual => truth(a != b),
            Kind::Less => truth(a < b),
            Kind::LessEqual => truth(a <= b),
            Kind::Greater => truth(a > b),
            Kind::GreaterEqual => truth(a >= b),
            _ => None,
        };
        value.ok_or_else(|| self.overflow(place))
    }
}

/// The value that a literal name stands for; `null` is none.
pub(crate) const fn literal_name(sym: Sym) -> Option<Value> {
    match sym {
        kw::TRUE => Some(Value::Int(1)),
        kw::FALSE => Some(Value::Int(0)),
        kw::INF => Some(Value::Float(f64::INFINITY)),
        kw::NAN => Some(Value::Float(f64::NAN)),
        _ => None,
    }
}

fn apply_float(kind: Kind, a: f64, b: f64) -> Option<Value> {
    let truth = |condition: bool| Value::Int(i64::from(condition));
    Some(match kind {
        Kind::Plus => Value::Float(a + b),
        Kind::Minus => Value::Float(a - b),
        Kind::Star => Value::Float(a * b),
        Kind::Slash => Value::Float(a / b),
        Kind::EqualEqual => truth(a == b),
        Kind::NotEqual => truth(a != b),
        Kind::Less => truth(a < b),
        Kind::LessEqual => truth(a <= b),
        Kind::Greater => truth(a > b),
        Kind::GreaterEqual => truth(a >= b),
        _ => return None,
    })
}
