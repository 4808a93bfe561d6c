//! Judgements over the whole workspace.

mod golden;
mod judge_floats;
mod judge_integers;
mod judge_rows;
mod judge_wasm;
mod layers;
