//! Assembly text to modules and back.
#![forbid(unsafe_code)]

mod dis;

pub use dis::{DisOptions, InsnText, disassemble, disassemble_function, disassemble_insn, list_function};
