//! What a row of the instruction table can say, and the macro that reads the rows.
//!
//! The rows themselves are in `ops.rs`. Everything that needs to know about instructions reads [`OpInfo`]; executors
//! additionally receive every row through [`for_each_op!`](crate::for_each_op) so that a row without a handler does
//! not compile.

use crate::trap::TrapCode;

/// The register types an operand accepts, as far as the table can say it.
///
/// Where a row needs more (an assignability between two operands, a field of a class), its [`TypeRule`] says which
/// rule of the verifier judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ty {
    /// A 64-bit integer.
    I64,
    /// A 64-bit float.
    F64,
    /// An immutable UTF-8 string.
    Str,
    /// An immutable byte string.
    Bytes,
    /// A mutable, freeable block of bytes.
    Block,
    /// Any reference (a boxed number or any object).
    Any,
    /// A reference of whatever type; the instruction does not look at the object.
    Ref,
    /// An array of any element type.
    Array,
    /// An array of exactly this element type.
    ArrayOf(Elem),
    /// An array of references of any type.
    RefArray,
    /// A function reference of any signature.
    Func,
    /// An object of some class or interface.
    Object,
    /// An object of class `Error` or below.
    Error,
    /// Any register type.
    Value,
}

/// Element types of arrays of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Elem {
    /// Signed 8-bit integers.
    I8,
    /// Unsigned 8-bit integers.
    U8,
    /// Signed 16-bit integers.
    I16,
    /// Unsigned 16-bit integers.
    U16,
    /// Signed 32-bit integers.
    I32,
    /// Unsigned 32-bit integers.
    U32,
    /// 64-bit integers.
    I64,
    /// 32-bit floats; loads widen them exactly, stores round to nearest even.
    F32,
    /// 64-bit floats.
    F64,
}

impl Elem {
    /// All element types, in the order of the built-in array types.
    pub const ALL: [Elem; 9] =
        [Elem::I8, Elem::U8, Elem::I16, Elem::U16, Elem::I32, Elem::U32, Elem::I64, Elem::F32, Elem::F64];

    /// Size of one element in bytes.
    pub const fn bytes(self) -> u32 {
        match self {
            Elem::I8 | Elem::U8 => 1,
            Elem::I16 | Elem::U16 => 2,
            Elem::I32 | Elem::U32 | Elem::F32 => 4,
            Elem::I64 | Elem::F64 => 8,
        }
    }

    /// Whether elements live in `f64` registers (else in `i64` registers).
    pub const fn is_float(self) -> bool {
        matches!(self, Elem::F32 | Elem::F64)
    }

    /// The name as it stands between the brackets of an array type.
    pub const fn name(self) -> &'static str {
        match self {
            Elem::I8 => "i8",
            Elem::U8 => "u8",
            Elem::I16 => "i16",
            Elem::U16 => "u16",
            Elem::I32 => "i32",
            Elem::U32 => "u32",
            Elem::I64 => "i64",
            Elem::F32 => "f32",
            Elem::F64 => "f64",
        }
    }
}

/// One operand of a row, in assembly order.
///
/// Fixed-shape operands take the 16-bit slots of the instruction word from left to right (bits 16, 32, 48), then those
/// of the second word (bits 0, 16, 32, 48). A 32-bit operand takes two slots and starts at bit 32. A [`Operand::WordI64`]
/// or [`Operand::WordF64`] takes the whole second word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// A register that is written.
    Def(Ty),
    /// A register that is read.
    Src(Ty),
    /// A signed 16-bit number.
    Imm16,
    /// A signed 32-bit number.
    Imm32,
    /// A 64-bit integer in the next word.
    WordI64,
    /// A 64-bit float in the next word.
    WordF64,
    /// Index of a literal of the module (32 bits).
    Literal,
    /// Index of a type of the module (16 bits).
    Type,
    /// Offset of a field in the object's payload, in units of 4 bytes (16 bits).
    Field,
    /// A function of the module (32 bits, below 2^24).
    Func,
    /// Weight of a charge in reductions (16 bits, at least 1); the assembler computes it.
    Weight,
    /// Number of registers of the function (16 bits); the assembler fills it in.
    FrameSize,
    /// A branch target as a signed 16-bit distance in words from the start of this instruction.
    Label16,
    /// A branch target as a signed 32-bit distance in words from the start of this instruction.
    Label32,
}

/// How the words of an instruction are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Exactly the operands of the row.
    Fixed,
    /// `op|dst|target:24|nargs:8`, `delta|a0|a1|a2`: at most 3 arguments and 1 result (`dst` is 0xffff for none).
    Call,
    /// `op|nargs:8,nres:8|target:32`, `delta|a0|a1|a2`, more arguments 4 a word, then results 4 a word.
    CallMany,
    /// `op|nargs:8,0|target:32`, arguments 4 a word (at least one word).
    TailCall,
    /// `op|count|0|0`, registers 4 a word.
    RetMany,
    /// `op|dst|target:24|nargs:8`, registers 4 a word: `bind`.
    Bind,
    /// `op|dst|type|count`, registers 4 a word: a new object with all its fields.
    NewWith,
    /// `op|reg|count|weight`, `count + 1` targets as signed 32-bit distances, 2 a word, the default first.
    Switch,
    /// `op|nargs:8,nres:8|number:32`, arguments 4 a word, then results 4 a word.
    Sys,
}

/// How the text form writes the operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Operands separated by commas.
    Plain,
    /// Operand `k` and the next are written `a[i]`.
    Index(u8),
    /// Operand `k` and the next are written `object.field`.
    Field(u8),
}

/// Which rule of the verifier judges the types of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeRule {
    /// The operand types of the row say everything.
    Table,
    /// Result assignable from the source.
    Move,
    /// Result assignable from both alternatives.
    Select,
    /// Result is of any reference type.
    Null,
    /// Result assignable from the literal's type.
    Literal,
    /// Result assignable from the element type of an array of references.
    GetRef,
    /// Value assignable to the element type of an array of references.
    SetRef,
    /// The field exists in the object's class and the register fits it.
    GetField,
    /// The field exists, the register fits it, and the class is not frozen.
    SetField,
    /// A concrete class that is not frozen; result assignable from it.
    New,
    /// A concrete class; one register for each field.
    NewWith,
    /// An array type; result assignable from it.
    NewArray,
    /// Two arrays of one type.
    SameArrays,
    /// A value that fits the element type of the array.
    ElementValue,
    /// The type named is a reference type related to the operand's type.
    TypeTest,
    /// Result assignable from the named type.
    Cast,
    /// Arguments and results fit the signature of the target.
    Call,
    /// Registers fit the results of the function.
    Return,
    /// Bound registers fit the first parameters of the target.
    Bind,
    /// Arguments and results fit the syscall table.
    Sys,
}

/// What an instruction can do besides computing its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Reads the heap.
    Reads,
    /// Writes the heap.
    Writes,
    /// Allocates; may collect, may trap `OutOfMemory`.
    Allocates,
    /// Control does not reach the next instruction by itself.
    Ends,
    /// Charges reductions each time.
    Charges,
    /// Works in steps of at most 64 KiB and keeps its progress in the resume record.
    Bulk,
    /// Calls a guest function.
    Calls,
    /// May end the time slice and wait.
    Blocks,
    /// Sees or changes the world outside the process.
    External,
}

/// One row of the instruction table.
#[derive(Debug, Clone, Copy)]
pub struct OpInfo {
    /// Full mnemonic, for example `add_i64`.
    pub name: &'static str,
    /// Bare verb, resolved by operand types, for example `add`.
    pub verb: &'static str,
    /// Name of the group in the reference.
    pub group: &'static str,
    /// Operands in assembly order (what the text form and [`Shape`] do not say otherwise).
    pub operands: &'static [Operand],
    /// Layout of the words.
    pub shape: Shape,
    /// Layout of the text.
    pub syntax: Syntax,
    /// Rule for the operand types.
    pub rule: TypeRule,
    /// Semantics in one line.
    pub doc: &'static str,
    /// Traps it can raise, in the order in which they are tested.
    pub traps: &'static [TrapCode],
    /// Effects.
    pub effects: &'static [Effect],
    /// What it costs in reductions; empty for nothing.
    pub cost: &'static str,
    /// A piece of assembly that the tests run; `; r = 5` states what a register holds after the line.
    pub example: &'static str,
    /// For an instruction with an immediate or branch offset: the same with the other reach, if any.
    pub kind: OpKind,
}

impl OpInfo {
    /// Whether the row lists this effect.
    pub fn has(&self, effect: Effect) -> bool {
        self.effects.contains(&effect)
    }
}

/// How the meaning of a row is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpKind {
    /// A function of `sem` of the source registers, in order.
    Pure,
    /// A function of `sem`; the last argument is the immediate.
    PureImm,
    /// A forward branch, taken when a function of `sem` of the registers is not 0.
    Branch,
    /// The same with an immediate as second argument.
    BranchImm,
    /// A backward branch; charges 1 when taken.
    BranchBack,
    /// A backward branch with an immediate; charges 1 when taken.
    BranchBackImm,
    /// Written by hand in every executor.
    Special,
}

/// Defines [`Opcode`](crate::Opcode), the table and `for_each_op!` from the rows in `ops.rs`.
macro_rules! define_ops {
    (($d:tt) $( group $group:literal { $(
        $(#[doc = $doc:literal])+
        $name:ident as $verb:literal = $Op:ident [ $($operand:expr),* ]
            $kind:ident $(($sem:ident))?
            $(, shape $shape:ident)?
            $(, syntax $syntax:ident ($at:literal))?
            $(, rule $rule:ident)?
            $(, traps [ $($trap:ident),* ])?
            $(, effects [ $($effect:ident),* ])?
            $(, cost $cost:literal)?
            , eg $eg:literal ;
    )* } )*) => {
        /// An instruction. The number is the opcode in the low 16 bits of the instruction word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Opcode { $( $( $(#[doc = $doc])+ $Op, )* )* }

        impl Opcode {
            /// All instructions in the order of their opcodes.
            pub const ALL: &'static [Opcode] = &[ $( $( Opcode::$Op, )* )* ];
        }

        /// The rows, for constants; the program itself uses the one copy in `TABLE`.
        pub(crate) const ROWS: &[OpInfo] = &[ $( $( OpInfo {
            name: stringify!($name),
            verb: $verb,
            group: $group,
            operands: &[ $($operand),* ],
            shape: define_ops!(@or Shape, Fixed $(, $shape)?),
            syntax: define_ops!(@syntax $($syntax $at)?),
            rule: define_ops!(@or TypeRule, Table $(, $rule)?),
            doc: concat!($($doc, "\n"),+).trim_ascii(),
            traps: &[ $( $(TrapCode::$trap),* )? ],
            effects: &[ $( $(Effect::$effect),* )? ],
            cost: concat!("" $(, $cost)?),
            example: $eg,
            kind: OpKind::$kind,
        }, )* )* ];

        pub(crate) static TABLE: &[OpInfo] = ROWS;

        /// Calls a macro with all rows: `name = Opcode, Kind (sem_function);` for each.
        ///
        /// Arguments of the outer call are passed on in front of the rows, in parentheses.
        #[macro_export]
        macro_rules! for_each_op {
            ($d callback:ident $d( ( $d($d arg:tt)* ) )?) => {
                $d callback! { $d( ( $d($d arg)* ) )? $( $( $name = $Op, $kind ($($sem)?); )* )* }
            };
        }
    };
    (@or $T:ident, $default:ident) => { $T::$default };
    (@or $T:ident, $default:ident, $given:ident) => { $T::$given };
    (@syntax) => { Syntax::Plain };
    (@syntax $syntax:ident $at:literal) => { Syntax::$syntax($at) };
}
pub(crate) use define_ops;
