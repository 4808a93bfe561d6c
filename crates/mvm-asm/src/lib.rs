//! Assembly text to modules and back.
#![forbid(unsafe_code)]

mod dis;
mod fmt;
mod lexer;

pub use dis::{DisOptions, InsnText, disassemble, disassemble_function, disassemble_insn, list_function};
pub use fmt::{FormatError, format};
