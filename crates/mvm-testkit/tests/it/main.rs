//! Judgements over the whole workspace.

mod builtins;
mod controls;
mod fuzz_replay;
mod generated;
mod golden;
mod judge_floats;
mod judge_integers;
mod judge_rows;
mod judge_wasm;
mod layers;
#[cfg(feature = "planted-bugs")]
mod planted;
mod regress;
