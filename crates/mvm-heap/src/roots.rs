//! Where references come into a heap from.

/// Which roots a collection needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// Those that may refer to young objects: roots that have not changed since they were visited twice are old, because
    /// an object is old after its second collection.
    Recent,
    /// All of them, only to look at: no collection is under way, and nothing changes.
    Look,
}

/// The owner of a heap, as a collection sees it.
pub trait Roots {
    /// Calls `visit` with every root. It may change the root, and says whether it refers to a young object now.
    fn visit(&mut self, wanted: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool);
}

impl Roots for [u32] {
    fn visit(&mut self, _: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool) {
        for root in self {
            visit(root);
        }
    }
}

impl Roots for Vec<u32> {
    fn visit(&mut self, wanted: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool) {
        self.as_mut_slice().visit(wanted, visit);
    }
}

impl<const N: usize> Roots for [u32; N] {
    fn visit(&mut self, wanted: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool) {
        self.as_mut_slice().visit(wanted, visit);
    }
}
