//! What the tests of the workspace share: judges from outside, generators, and tests of the workspace itself.
//!
//! * [`program`]: small straight-line programs of pure instructions with their expected result, in a form that any
//!   executor can run.
//! * [`guest`]: such programs as code of the machine, run by its executors.
//! * `wasm`: the numeric assertions of the WebAssembly specification's test suite, as such programs.
//! * [`rng`]: a seeded source of random operands, the same on every host.
//!
//! Nothing here is part of the product: no crate but binaries for development depends on this one.
#![forbid(unsafe_code)]

pub mod coverage;
#[cfg(feature = "jit")]
pub mod crowded;
pub mod devices;
pub mod differential;
pub mod fuzz_bodies;
pub mod generate;
pub mod golden;
pub mod guest;
pub mod host_stack;
pub mod hostile;
pub mod linked;
pub mod manager;
pub mod mutate;
pub mod native;
pub mod optimised;
pub mod pairs;
pub mod processes;
pub mod program;
pub mod rng;
pub mod samples;
pub mod shapes;
pub mod simulation;
pub mod typed;
#[cfg(feature = "wasm")]
pub mod wasm;
