//! What is said about a heap: `look.rs` finds it out, `text.rs` shows it, and the JSON is this, field by field.

use mvm_heap::Object;
use mvm_isa::TypeId;
use serde::Serialize;

use super::map::Map;

/// Why the program stands where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    /// So many reductions were used up.
    Reached,
    /// Main is about to return.
    Return,
    /// Main has returned, and its variables are gone.
    End,
    /// A syscall is about to end the program.
    Exit,
    /// Another process than the first, which stands where it stood when the program ended.
    Elsewhere,
    /// An exception was not caught.
    Uncaught,
    /// The limit of reductions was reached.
    Limit,
}

/// The moment that is shown.
#[derive(Debug, Serialize)]
pub(super) struct Moment {
    pub(super) why: Why,
    /// Reductions used so far.
    pub(super) reductions: u64,
    /// Reductions that were asked for.
    pub(super) asked: Option<u64>,
    /// The innermost call.
    pub(super) place: Option<String>,
    /// The process, when there are several.
    pub(super) process: Option<u64>,
}

/// What to find out.
pub(super) struct Wanted {
    pub(super) program: String,
    /// Rows of each table.
    pub(super) top: usize,
    pub(super) class: Option<TypeId>,
    pub(super) path: Option<Target>,
}

/// An object to find the way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The object that begins here.
    At(u32),
    /// The object of this class that retains most.
    Biggest(TypeId),
}

/// A number of objects and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sum {
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Sum {
    pub(super) fn add(&mut self, object: &Object) {
        self.objects += 1;
        self.bytes += object.bytes;
    }
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) program: String,
    pub(super) moment: Moment,
    pub(super) collector: &'static str,
    pub(super) young_collections: u64,
    pub(super) full_collections: u64,
    pub(super) allocated_bytes: u64,
    pub(super) limit_bytes: u64,
    pub(super) live: Sum,
    pub(super) garbage: Sum,
    pub(super) hole_bytes: u64,
    /// Memory of the host.
    pub(super) held_bytes: u64,
    pub(super) classes: Vec<ClassRow>,
    /// Objects that roots refer to.
    pub(super) root_count: usize,
    pub(super) roots: Vec<RootRow>,
    /// How many objects stand at the top of the dominator tree.
    pub(super) retainer_count: usize,
    pub(super) retainers: Vec<Retainer>,
    pub(super) class: Option<ClassView>,
    pub(super) path: Option<Way>,
    pub(super) before: Map,
    /// None when the host had no memory for the collection.
    pub(super) after: Option<Map>,
    /// Classes that the picture tells apart.
    pub(super) legend: Vec<String>,
}

/// Objects of a class.
#[derive(Debug, Serialize)]
pub(super) struct ClassRow {
    pub(super) class: String,
    pub(super) live: Sum,
    /// What all of them together keep alive.
    pub(super) retained_bytes: u64,
    pub(super) garbage: Sum,
}

/// A root and what it refers to.
#[derive(Debug, Serialize)]
pub(super) struct RootRow {
    pub(super) root: String,
    pub(super) object: ObjectRow,
}

/// An object.
#[derive(Debug, Serialize)]
pub(super) struct ObjectRow {
    pub(super) at: u32,
    pub(super) class: String,
    pub(super) bytes: u64,
    pub(super) retained_bytes: u64,
    pub(super) value: String,
}

/// An object of the dominator tree.
#[derive(Debug, Serialize)]
pub(super) struct Retainer {
    pub(super) object: ObjectRow,
    /// A root that refers to it.
    pub(super) root: Option<String>,
    /// So many objects of the same class come below it, each retaining most of what the one before does. `below` is
    /// below the last of them.
    pub(super) chain: u64,
    /// The largest objects below it.
    pub(super) below: Vec<Retainer>,
}

/// Objects of the class that was asked for.
#[derive(Debug, Serialize)]
pub(super) struct ClassView {
    pub(super) class: String,
    /// Those that retain most.
    pub(super) objects: Vec<ObjectRow>,
    pub(super) count: u64,
    /// The way to the first of them.
    pub(super) path: Option<Way>,
}

/// A shortest way from a root to an object.
#[derive(Debug, Serialize)]
pub(super) struct Way {
    pub(super) root: String,
    /// References from object to object.
    pub(super) length: usize,
    pub(super) steps: Vec<WayStep>,
}

/// A step of a way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WayStep {
    /// An object.
    Object {
        /// The reference that leads here; empty for the first object.
        by: String,
        /// The object.
        object: ObjectRow,
    },
    /// The same reference of objects of the same class, so many times.
    Repeated {
        /// The reference.
        by: String,
        /// The class.
        class: String,
        /// How often.
        times: u64,
    },
    /// So many steps are left out.
    Omitted(usize),
}
