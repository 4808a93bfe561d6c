//! Traps: what the machine raises when a guest does something it cannot do.
//!
//! A trap is plain data: a code and two integers. It becomes an object (of the built-in class with the same name) only
//! when a handler catches it.

use std::fmt;

macro_rules! traps {
    ($( $(#[doc = $doc:literal])+ $name:ident = $code:literal, $noun:literal, |$t:ident, $f:ident| $show:expr; )*) => {
        /// Why an instruction could not be executed. The numbers are stable and documented.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum TrapCode { $( $(#[doc = $doc])+ $name = $code, )* }

        impl TrapCode {
            /// All traps in the order of their numbers.
            pub const ALL: &'static [TrapCode] = &[ $(TrapCode::$name),* ];

            /// The name of the built-in class that a handler catches it by.
            pub const fn class_name(self) -> &'static str {
                match self { $(TrapCode::$name => stringify!($name)),* }
            }

            /// The noun that messages and test expectations start with, for example `divide by zero`.
            pub const fn noun(self) -> &'static str {
                match self { $(TrapCode::$name => $noun),* }
            }

            /// What it means, for reference pages.
            pub const fn doc(self) -> &'static str {
                match self { $(TrapCode::$name => concat!($($doc, "\n"),+).trim_ascii()),* }
            }

            /// The trap with this number.
            pub const fn from_number(number: u8) -> Option<TrapCode> {
                match number { $($code => Some(TrapCode::$name),)* _ => None }
            }
        }

        impl fmt::Display for Trap {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&Trap, &mut fmt::Formatter<'_>) -> fmt::Result = match self.code {
                    $(TrapCode::$name => |$t, $f| $show,)*
                };
                show(self, f)
            }
        }
    };
}

/// A trap with the values that caused it. What `a` and `b` mean depends on the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trap {
    /// Which trap.
    pub code: TrapCode,
    /// First value, for example the index.
    pub a: i64,
    /// Second value, for example the length.
    pub b: i64,
}

impl Trap {
    /// A trap without values.
    pub const fn plain(code: TrapCode) -> Trap {
        Trap { code, a: 0, b: 0 }
    }

    /// A trap with two values.
    #[inline(always)]
    pub const fn new(code: TrapCode, a: i64, b: i64) -> Trap {
        Trap { code, a, b }
    }
}

impl From<TrapCode> for Trap {
    fn from(code: TrapCode) -> Trap {
        Trap::plain(code)
    }
}

traps! {
    /// Division or remainder by zero.
    DivideByZero = 1, "divide by zero", |_t, f| f.write_str("divide by zero");
    /// The result of a checked operation, or of `i64::MIN / -1`, does not fit 64 bits.
    IntegerOverflow = 2, "integer overflow", |_t, f| f.write_str("integer overflow: the result does not fit 64 bits");
    /// A float that is NaN or outside the range cannot become an integer. `a` holds the bits of the float.
    InvalidConversion = 3, "invalid conversion",
        |t, f| write!(f, "invalid conversion: {:?} has no 64-bit integer value", f64::from_bits(t.a as u64));
    /// An index or a range outside an array, a block or a byte string: `a` is the index, `b` the length.
    OutOfBounds = 4, "out of bounds", |t, f| write!(f, "index {} out of bounds for length {}", t.a, t.b);
    /// An operation on a null reference.
    NullReference = 5, "null reference", |_t, f| f.write_str("null reference");
    /// A cast or an unboxing to a type the object does not have: `a` is the type found, `b` the type wanted.
    BadCast = 6, "bad cast", |t, f| write!(f, "bad cast: type {} is not type {}", t.a, t.b);
    /// Calls are nested too deep: `a` is the limit in 8-byte slots.
    StackOverflow = 7, "stack overflow", |t, f| write!(f, "stack overflow: the limit is {} bytes", t.a.saturating_mul(8));
    /// The heap limit leaves no room: `a` is the request and `b` the limit, in bytes.
    OutOfMemory = 8, "out of memory", |t, f| write!(f, "out of memory: {} bytes asked for, the limit is {} bytes", t.a, t.b);
    /// A length, count or exponent is negative or too large: `a` is the value, `b` the largest allowed.
    InvalidArgument = 9, "invalid argument", |t, f| match (0..=t.b).contains(&t.a) {
        true => write!(f, "invalid argument: {} is too small", t.a),
        false => write!(f, "invalid argument: {} is not between 0 and {}", t.a, t.b),
    };
    /// A position in a string that is not on a code point boundary: `a` is the position.
    NotABoundary = 10, "not a boundary", |t, f| write!(f, "not a boundary: position {} is inside a code point", t.a);
    /// Bytes that are not UTF-8: `a` is the position of the first wrong byte.
    InvalidUtf8 = 11, "invalid utf-8", |t, f| write!(f, "invalid utf-8 at byte {}", t.a);
    /// A number that is not a Unicode scalar value.
    InvalidCodePoint = 12, "invalid code point", |t, f| write!(f, "invalid code point: {:#x}", t.a);
    /// A block was freed that was free already.
    DoubleFree = 13, "double free", |_t, f| f.write_str("double free: the block has been freed before");
    /// The program said that control cannot come here, and it did.
    Unreachable = 14, "unreachable", |_t, f| f.write_str("unreachable code was reached");
}
