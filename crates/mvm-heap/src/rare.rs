//! Parts that most heaps do not have: a machine may have a million heaps, and most are small and never collected.

use std::ops::{Deref, DerefMut};

/// A part with a box of its own, made when it is changed for the first time. Until then it reads as an empty one.
#[derive(Debug, Clone)]
pub(crate) struct Rare<T>(Option<Box<T>>);

/// What a part is before it is changed.
pub(crate) trait Empty: Clone + 'static {
    fn empty() -> &'static Self;
}

impl<T> Rare<T> {
    pub(crate) const fn new() -> Rare<T> {
        Rare(None)
    }

    /// Makes it an empty one again.
    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }
}

impl<T: Empty> Deref for Rare<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::empty())
    }
}

impl<T: Empty> DerefMut for Rare<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_with(|| Box::new(T::empty().clone()))
    }
}
