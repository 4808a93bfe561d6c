//! The heap against a model: a graph of plain Rust values that the same acts are done to.

mod graph;
mod limits;
mod many;
mod model;
mod snapshot;
