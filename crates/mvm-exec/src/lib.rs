//! Machine state and the interpreter.
//!
//! A [`Process`] is plain data; [`Process::run`] executes it with one of three executors that agree on everything:
//! [`step`] is the meaning of every instruction, [`fast`] does the frequent cases. The kernel (`mvm-kernel`) adds processes and a console.
//!
//! Not here: several processes (`mvm-kernel`), native code (`mvm-jit`), files and terminals (the binaries).
#![deny(unsafe_code)]

mod blocks;
mod fast;
mod hash;
mod image;
mod input;
mod inspect;
mod misuse;
pub mod native;
#[cfg_attr(
    not(feature = "planted-bugs"),
    expect(unreachable_pub, reason = "chosen and public only with the feature")
)]
mod planted;
mod process;
mod rooted;
mod roots;
mod run;
pub mod snapshot;
mod stack;
mod step;
mod trace;

pub use blocks::{BlockError, CaughtError, History, Leak, Leaks, Site, Sum};
pub use image::Image;
pub use inspect::FrameInfo;
pub use misuse::Misuse;
#[cfg(feature = "planted-bugs")]
pub use planted::Planted;
pub use process::{Fault, GcWatch, Process, ProcessLimits, Stop, Uncaught};
pub use rooted::RootPlace;
pub use run::{Executor, Probe, Raised, tell};
pub use step::float_text;
pub use trace::{Place, Trace};
