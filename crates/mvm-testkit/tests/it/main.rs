//! Judgements over the whole workspace.

mod judge_floats;
mod judge_integers;
mod judge_rows;
mod judge_wasm;
mod layers;
