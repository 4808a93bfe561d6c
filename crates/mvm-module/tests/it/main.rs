//! Tests of the module crate.

mod build;
mod flow;
mod verify;
