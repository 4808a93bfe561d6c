//! Judgements over the whole workspace.

mod generated;
mod golden;
mod judge_floats;
mod judge_integers;
mod judge_rows;
mod judge_wasm;
mod layers;
mod regress;
