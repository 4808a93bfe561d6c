//! Tests of the module crate.

mod build;
mod flow;
mod format;
mod link;
mod sample;
mod verify;
