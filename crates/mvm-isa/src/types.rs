//! Numbers of the built-in types. The type table of every module starts with them.

use crate::table::Elem;
use crate::trap::TrapCode;

/// Index of a type in the type table of a module. Below [`TypeId::FIRST_USER`] the meaning is the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u16);

impl TypeId {
    /// 64-bit integer.
    pub const I64: TypeId = TypeId(0);
    /// 64-bit float.
    pub const F64: TypeId = TypeId(1);
    /// Any reference.
    pub const ANY: TypeId = TypeId(2);
    /// UTF-8 string.
    pub const STR: TypeId = TypeId(3);
    /// Byte string.
    pub const BYTES: TypeId = TypeId(4);
    /// Memory block.
    pub const BLOCK: TypeId = TypeId(5);
    /// `[i8]`; the other arrays of numbers follow in the order of [`Elem::ALL`].
    pub const ARRAY_I8: TypeId = TypeId(6);
    /// `[i64]`.
    pub const ARRAY_I64: TypeId = TypeId::array_of(Elem::I64);
    /// A boxed `i64` (heap class only; registers hold it as [`TypeId::ANY`]).
    pub const BOX_I64: TypeId = TypeId(15);
    /// A boxed `f64` (heap class only; registers hold it as [`TypeId::ANY`]).
    pub const BOX_F64: TypeId = TypeId(16);
    /// `[str]`.
    pub const ARRAY_STR: TypeId = TypeId(17);
    /// Class `Error { message: str, cause: Error }`: everything that can be thrown.
    pub const ERROR: TypeId = TypeId(18);
    /// Class `Trap : Error { code: i64 }`: everything the machine raises. Trap `n` is type `19 + n`.
    pub const TRAP: TypeId = TypeId(19);
    /// The first type a module defines itself.
    pub const FIRST_USER: TypeId = TypeId(64);

    /// The type of an array of numbers.
    pub const fn array_of(elem: Elem) -> TypeId {
        TypeId(TypeId::ARRAY_I8.0 + elem as u16)
    }

    /// The element type, if this is a built-in array of numbers.
    pub const fn elem(self) -> Option<Elem> {
        if self.0 >= TypeId::ARRAY_I8.0 && self.0 < TypeId::ARRAY_I8.0 + 9 {
            Some(Elem::ALL[(self.0 - TypeId::ARRAY_I8.0) as usize])
        } else {
            None
        }
    }

    /// The class of the object that a handler receives for this trap.
    pub const fn of_trap(code: TrapCode) -> TypeId {
        TypeId(TypeId::TRAP.0 + code as u16)
    }

    /// Whether registers of this type hold references.
    pub const fn is_ref(self) -> bool {
        self.0 >= 2
    }

    /// The type's index in a table.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
