//! Judgements over the whole workspace.

mod builtins;
mod controls;
mod cores;
mod devices;
mod documents;
mod fuzz_replay;
mod generated;
mod golden;
mod heap_looks;
mod hostile;
mod judge_floats;
mod judge_integers;
mod judge_rows;
#[cfg(feature = "wasm")]
mod judge_wasm;
mod layers;
mod long_run;
mod many_processes;
mod myna;
#[cfg(feature = "jit")]
mod native_limits;
#[cfg(feature = "jit")]
mod native_table;
mod optimised;
#[cfg(feature = "jit")]
mod pairs;
#[cfg(feature = "planted-bugs")]
mod planted;
mod regress;
mod simulation;
mod typed;
mod under_miri;
