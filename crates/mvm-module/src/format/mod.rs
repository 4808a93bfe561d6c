//! The file form of a module, `.mvm`. The layout is described byte by byte in `docs/MODULE.md`.
//!
//! There is one sequence of bytes for each module: numbers are written in the shortest way, sections and strings have
//! one order, and the reader refuses everything else. So `write(read(bytes)) == bytes` for all bytes it accepts. The
//! reader allocates in proportion to the bytes it is given, whatever counts they claim.
//!
//! Not here: whether the module makes sense (`verify/`).

mod read;
mod write;

pub use read::{LoadError, LoadProblem, read};
pub use write::write;

use mvm_isa::{Opcode, Syscall};

/// The first bytes of every file.
pub const MAGIC: [u8; 4] = *b"MVM\x1a";
/// Version of the layout. Readers know exactly one.
pub const VERSION: u16 = 1;

/// Sections in the order of the file; their numbers count from 1.
const SECTIONS: [&str; 10] = [
    "strings",
    "module",
    "types",
    "selectors",
    "literals",
    "imports",
    "functions",
    "exports",
    "debug",
    "inlined",
];

/// Stands for the instruction and syscall numbers that a file uses: the CRC-32 of all names of instructions, then of
/// syscalls, in the order of their numbers, each followed by a line feed.
pub fn instruction_set() -> u32 {
    let mut crc = crc32fast::Hasher::new();
    let instructions = Opcode::ALL.iter().map(|op| op.info().name);
    for name in instructions.chain(Syscall::ALL.iter().map(|call| call.info().name)) {
        crc.update(name.as_bytes());
        crc.update(b"\n");
    }
    crc.finalize()
}

/// Numbers of the kinds of types, literals and exports.
mod kind {
    pub(super) const REF_ARRAY: u8 = 0;
    pub(super) const FUNC: u8 = 1;
    pub(super) const CLASS: u8 = 2;
    pub(super) const INTERFACE: u8 = 3;

    pub(super) const STR: u8 = 0;
    pub(super) const BYTES: u8 = 1;
    pub(super) const REFS: u8 = 2;
    pub(super) const FUNC_REF: u8 = 3;
    pub(super) const TYPES: u8 = 4;
    /// Plus the number of the element type.
    pub(super) const ARRAY: u8 = 16;

    pub(super) const EXPORT_FUNCTION: u8 = 0;
    pub(super) const EXPORT_TYPE: u8 = 1;
}
