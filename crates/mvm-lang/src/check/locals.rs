//! The names of locals that are seen in a body.

use crate::hir::LocalId;
use crate::types::SmallMap;

#[derive(Debug)]
struct Entry<'t> {
    name: &'t str,
    local: LocalId,
    /// The first one where a block declares the name again, which is wrong.
    first: LocalId,
    /// The entry of the same name around it.
    outer: Option<usize>,
}

/// Names in the order in which they were declared, inner ones last. Looking one up takes no longer when there are many.
#[derive(Debug, Default)]
pub(crate) struct Locals<'t> {
    list: Vec<Entry<'t>>,
    /// Where the innermost entry of each name is.
    places: SmallMap<&'t str, usize>,
}

impl<'t> Locals<'t> {
    /// From here on the name is this local. Gives the first local of that name that has been declared since there were so many, in the same
    /// block.
    pub(crate) fn declare(&mut self, name: &'t str, local: LocalId, since: usize) -> Option<LocalId> {
        let outer = self.places.get(name).copied();
        if let Some(again) = outer.filter(|&place| place >= since) {
            self.list[again].local = local;
            return Some(self.list[again].first);
        }
        self.places.insert(name, self.list.len());
        self.list.push(Entry { name, local, first: local, outer });
        None
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets all but so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.list.len() > len {
            let Some(Entry { name, outer, .. }) = self.list.pop() else { return };
            match outer {
                Some(outer) => drop(self.places.insert(name, outer)),
                None => drop(self.places.remove(name)),
            }
        }
    }

    /// The innermost local of a name.
    pub(crate) fn find(&self, name: &str) -> Option<LocalId> {
        self.places.get(name).map(|&place| self.list[place].local)
    }

    /// The first local behind the first so many.
    pub(crate) fn first_since(&self, start: usize) -> Option<LocalId> {
        self.list.get(start).map(|entry| entry.local)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.list.iter().map(|entry| entry.name)
    }
}
