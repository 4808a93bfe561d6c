//! Judgements over the whole workspace.

mod judge_wasm;
