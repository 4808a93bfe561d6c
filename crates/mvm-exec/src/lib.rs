//! Machine state and the interpreter.
mod image;
mod process;
mod step;
mod trace;
pub use image::Image;
pub use process::{Process, ProcessLimits, Stop, Uncaught};
pub use trace::{Place, Trace};
