//! Tests of the module crate.

mod build;
mod flow;
mod format;
mod sample;
mod verify;
