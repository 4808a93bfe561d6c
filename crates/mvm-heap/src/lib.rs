//! The heap of one process.
//!
//! A heap is one array of 64-bit words. A reference is the index of an object's header word; 0 is null, and word 0 is
//! an object of length 0, so that length and bounds checks also work through null. This crate knows objects, not
//! registers: the owner of a heap hands it the roots and takes them back moved.
//!
//! Where to look: `heap` has the spaces and access to objects, `alloc` allocation and the limit, `holes` what `free`
//! leaves, `remembered` the remembered set, `young` the young collection, `mark` and `slide` the full one in place, `copy`
//! the full one by copying, `policy` when what runs, `external` strings outside the heap, `fragment` messages, `followed` weak
//! references of tools, `check` the checker, `census` and `snapshot` a look at everything with `dominators` for retained sizes.
//! `docs/MEMORY.md` explains it with pictures.
//!
//! Not here: which registers are roots (`mvm-exec`), what classes are called (`mvm-module`), memory from the host
//! (`mvm-mem`).
#![forbid(unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!(
    "payload bytes are little-endian views of heap words: big-endian hosts need another byte view"
);

mod alloc;
mod census;
mod check;
mod collect;
mod copy;
mod dominators;
mod external;
mod followed;
mod fragment;
mod heap;
mod holes;
pub mod layout;
mod mark;
mod options;
#[cfg_attr(
    not(feature = "planted-bugs"),
    expect(dead_code, unreachable_pub, reason = "chosen and public only with the feature")
)]
mod planted;
mod policy;
mod rare;
mod remembered;
mod roots;
mod slide;
mod snapshot;
mod stats;
mod young;

pub use census::{Found, Space, SpaceKind};
pub use external::{Buffer, SHARED_BYTES, Slot};
pub use fragment::{ExportError, Exporter, Fragment, Leaf};
pub use heap::{AllocError, Heap, NOTHING};
pub use layout::{Header, Layout, Layouts, flags};
pub use options::{Gc, Options};
#[cfg(feature = "planted-bugs")]
pub use planted::Planted;
pub use roots::{Roots, Wanted};
pub use snapshot::{Hop, Object, Paths, Snapshot};
pub use stats::{Collection, HeapStats, Kind, Reason};
