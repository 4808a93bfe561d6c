//! Where source text is and what is wrong with it.
//!
//! [`SourceMap`] holds files, [`Span`] points into one, [`Diagnostic`] says something about a span. [`render()`] turns a
//! diagnostic into text with excerpts, [`to_json`] into one line for programs; [`suggest()`] finds what somebody may have
//! meant, [`letter_at`] what is a letter.
//!
//! Not here: which codes exist and what they mean (each front end has its own registry), reading files.
#![forbid(unsafe_code)]

mod diagnostic;
mod json;
mod render;
mod source;
mod suggest;

pub use diagnostic::{Diagnostic, Label, Note, Severity};
pub use json::to_json;
pub use render::render;
pub use source::{FileId, Position, SourceMap, Span, Text, letter_at};
pub use suggest::suggest;
