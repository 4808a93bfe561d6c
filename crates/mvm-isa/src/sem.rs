//! Meaning of the pure instructions.
