//! Tests of the module crate.

mod build;
mod flow;
mod format;
mod link;
mod rules;
mod sample;
mod verify;
