//! Who keeps what alive: all objects of a heap, what can be reached, dominators, retained sizes, paths from roots.
//!
//! The *retained size* of an object is what would go with it: its own bytes and those of everything that can only be
//! reached through it, which is the subtree below it in the dominator tree (`dominators.rs`).
//!
//! A snapshot borrows the heap and changes nothing. Objects are spoken of by their reference; nothing is recursive.
//!
//! Not here: what roots and classes are called (`mvm-exec`, `mvm-module`), how all this is shown (the command line).

use crate::census::{Found, Space};
use crate::dominators::{Dominators, Graph, TOP, filled};
use crate::heap::Heap;
use crate::layout::{Header, Layout, Layouts, closure};

/// No object.
const NONE: u32 = u32::MAX;

/// The objects of a heap by number, in the order of their places.
struct Objects<'h> {
    heap: &'h Heap,
    layouts: &'h Layouts,
    /// Where each object begins.
    starts: Vec<u32>,
    /// Bit for each word of the heap: an object begins there.
    bits: Vec<u64>,
    /// Objects that begin before each block of 64 words.
    before: Vec<u32>,
}

impl<'h> Objects<'h> {
    fn new(heap: &'h Heap, layouts: &'h Layouts, spaces: &[Space]) -> Option<Objects<'h>> {
        let mut count = 0;
        let mut bits = filled(heap.index_bound() / 64 + 1, 0u64)?;
        for space in spaces {
            heap.each_in(layouts, space, |at, _, found| {
                if found == Found::Object {
                    count += 1;
                    bits[at as usize / 64] |= 1 << (at % 64);
                }
            });
        }
        let mut starts = Vec::new();
        starts.try_reserve_exact(count).ok()?;
        let mut before = filled(bits.len(), 0)?;
        for (block, &word) in bits.iter().enumerate() {
            before[block] = starts.len() as u32;
            let mut rest = word;
            while rest != 0 {
                starts.push((block * 64) as u32 + rest.trailing_zeros());
                rest &= rest - 1;
            }
        }
        Some(Objects { heap, layouts, starts, bits, before })
    }

    /// The number of the object that begins at an index.
    fn number(&self, object: u32) -> Option<u32> {
        let (block, bit) = (object as usize / 64, object % 64);
        let word = *self.bits.get(block)?;
        (word >> bit & 1 == 1).then(|| self.before[block] + (word & ((1 << bit) - 1)).count_ones())
    }

    /// The next reference of an object that is not null: its offset (in units of 4 bytes) and what it refers to.
    fn next_slot(&self, object: u32, cursor: &mut u32) -> Option<(usize, u32)> {
        let header: Header = self.heap.header(object);
        loop {
            let k = *cursor as usize;
            *cursor += 1;
            let half = match self.layouts.get(header.class()) {
                Layout::Data { .. } | Layout::None => return None,
                Layout::Refs => (k < header.length() as usize).then_some(k)?,
                Layout::Object { refs, .. } => usize::from(*refs.get(k)?),
                Layout::Closure => {
                    let word = self.heap.word(object, 0);
                    if k >= usize::from(closure::bound(word)) {
                        return None;
                    }
                    if closure::refs(word) >> k & 1 == 0 {
                        continue;
                    }
                    2 * (k + 1)
                }
            };
            match self.heap.reference(object, half) {
                0 => {}
                target => return Some((half, target)),
            }
        }
    }
}

impl Graph for Objects<'_> {
    fn next(&self, node: u32, cursor: &mut u32) -> Option<u32> {
        let object = self.starts[node as usize];
        while let Some((_, target)) = self.next_slot(object, cursor) {
            if let Some(number) = self.number(target) {
                return Some(number);
            }
        }
        None
    }
}

/// An object of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// The reference to it.
    pub at: u32,
    /// Its own bytes, with the header.
    pub bytes: u64,
    /// Bytes that it keeps alive, its own included; 0 for garbage.
    pub retained: u64,
    /// Whether it can be reached from a root.
    pub live: bool,
}

/// A heap at a moment.
pub struct Snapshot<'h> {
    objects: Objects<'h>,
    dominators: Dominators,
    /// By place in the dominator tree.
    retained: Vec<u64>,
    /// By place: the first place below it, and the next one below the same.
    first_below: Vec<u32>,
    next_below: Vec<u32>,
    /// Numbers of the objects that roots refer to, in the order of the roots.
    roots: Vec<u32>,
}

impl std::fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot of {} objects", self.objects.starts.len())
    }
}

impl<'h> Snapshot<'h> {
    /// Looks at a heap that these references lead into; null ones are allowed. None when the host has no memory for it:
    /// about 40 bytes for each object and 4 for each reference.
    pub fn new(heap: &'h Heap, layouts: &'h Layouts, roots: &[u32]) -> Option<Snapshot<'h>> {
        let objects = Objects::new(heap, layouts, &heap.spaces())?;
        let roots: Vec<u32> = roots.iter().filter_map(|&root| objects.number(root)).collect();
        let dominators = Dominators::compute(&objects, objects.starts.len(), &roots)?;
        let count = dominators.nodes.len();
        let mut retained = filled(count, 0u64)?;
        let (mut first_below, mut next_below) = (filled(count, NONE)?, filled(count, NONE)?);
        // A dominator has a lower place, so everything below a place has been added when it is its turn.
        for place in (1..count).rev() {
            let object = objects.starts[dominators.nodes[place] as usize];
            retained[place] += heap.object_bytes(layouts, object);
            let above = dominators.above[place] as usize;
            retained[above] += retained[place];
            next_below[place] = std::mem::replace(&mut first_below[above], place as u32);
        }
        Some(Snapshot { objects, dominators, retained, first_below, next_below, roots })
    }

    /// Number of objects, live or not.
    pub fn len(&self) -> usize {
        self.objects.starts.len()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.objects.starts.is_empty()
    }

    /// Number of objects that can be reached.
    pub fn live_count(&self) -> usize {
        self.dominators.nodes.len() - 1
    }

    /// Bytes of the objects that can be reached.
    pub fn live_bytes(&self) -> u64 {
        self.retained[TOP as usize]
    }

    /// All objects in the order of their places.
    pub fn objects(&self) -> impl Iterator<Item = Object> + '_ {
        (0..self.objects.starts.len() as u32).map(|number| self.object_numbered(number))
    }

    /// The object that begins at an index; none when none does.
    pub fn object(&self, at: u32) -> Option<Object> {
        self.objects.number(at).map(|number| self.object_numbered(number))
    }

    fn object_numbered(&self, number: u32) -> Object {
        let at = self.objects.starts[number as usize];
        let place = self.dominators.places[number as usize];
        let live = place != TOP;
        let retained = if live { self.retained[place as usize] } else { 0 };
        Object { at, bytes: self.objects.heap.object_bytes(self.objects.layouts, at), retained, live }
    }

    fn at_place(&self, place: u32) -> Object {
        self.object_numbered(self.dominators.nodes[place as usize])
    }

    fn place(&self, at: u32) -> Option<u32> {
        let place = self.dominators.places[self.objects.number(at)? as usize];
        (place != TOP).then_some(place)
    }

    /// The object that all ways from the roots to this one lead through last. None when there is no such object, or when
    /// this one is garbage.
    pub fn dominator(&self, at: u32) -> Option<Object> {
        let above = self.dominators.above[self.place(at)? as usize];
        (above != TOP).then(|| self.at_place(above))
    }

    /// The objects whose immediate dominator is this one; of none, those that several roots or a root alone keep alive.
    pub fn dominated(&self, at: Option<u32>) -> impl Iterator<Item = Object> + '_ {
        let above = match at {
            None => Some(TOP),
            Some(at) => self.place(at),
        };
        let some = |place: u32| (place != NONE).then_some(place);
        let first = above.and_then(|above| some(self.first_below[above as usize]));
        std::iter::successors(first, move |&place| some(self.next_below[place as usize]))
            .map(|place| self.at_place(place))
    }

    /// For each of `classes` classes, the bytes that its live objects keep alive together: those of an object below
    /// another one of its class are not counted twice.
    pub fn retained_by_class(&self, classes: usize) -> Vec<u64> {
        let mut sums = vec![0; classes];
        // How many objects of each class stand above the place of the walk.
        let mut above = vec![0u32; classes];
        let class_of = |place: u32| {
            let object = self.objects.starts[self.dominators.nodes[place as usize] as usize];
            self.objects.heap.class(object).index()
        };
        let mut place = self.first_below[TOP as usize];
        while place != NONE && place != TOP {
            let class = class_of(place);
            if above[class] == 0 {
                sums[class] += self.retained[place as usize];
            }
            let below = self.first_below[place as usize];
            if below != NONE {
                above[class] += 1;
                place = below;
                continue;
            }
            // On to the next one, or up to the first place that has a next one.
            while place != TOP && self.next_below[place as usize] == NONE {
                place = self.dominators.above[place as usize];
                if place != TOP {
                    above[class_of(place)] -= 1;
                }
            }
            if place != TOP {
                place = self.next_below[place as usize];
            }
        }
        sums
    }

    /// Shortest ways from the roots to everything that can be reached. None when the host has no memory for it.
    pub fn paths(&self) -> Option<Paths<'_>> {
        let count = self.objects.starts.len();
        let mut from = filled(count, NONE)?;
        let mut queue = Vec::new();
        queue.try_reserve_exact(self.live_count()).ok()?;
        for &root in &self.roots {
            if from[root as usize] == NONE {
                from[root as usize] = root;
                queue.push(root);
            }
        }
        let mut next = 0;
        while let Some(&number) = queue.get(next) {
            next += 1;
            let mut cursor = 0;
            while let Some(target) = self.objects.next(number, &mut cursor) {
                if from[target as usize] == NONE {
                    from[target as usize] = number;
                    queue.push(target);
                }
            }
        }
        Some(Paths { objects: &self.objects, from })
    }
}

/// Shortest ways from the roots.
pub struct Paths<'s> {
    objects: &'s Objects<'s>,
    /// The object that each is reached from first; itself when a root refers to it.
    from: Vec<u32>,
}

impl std::fmt::Debug for Paths<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Paths to {} objects", self.from.len())
    }
}

/// A step of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// The object.
    pub at: u32,
    /// Offset (in units of 4 bytes) of the reference to the next object of the way; none at its end.
    pub half: Option<usize>,
}

impl Paths<'_> {
    /// The way to an object, from one that a root refers to. None for what cannot be reached.
    pub fn to(&self, at: u32) -> Option<Vec<Hop>> {
        let mut number = self.objects.number(at)?;
        let mut way = vec![Hop { at, half: None }];
        loop {
            let from = *self.from.get(number as usize)?;
            if from == NONE {
                return None;
            }
            if from == number {
                way.reverse();
                return Some(way);
            }
            let object = self.objects.starts[from as usize];
            way.push(Hop { at: object, half: self.slot(object, self.objects.starts[number as usize]) });
            number = from;
        }
    }

    /// Where an object refers to another.
    fn slot(&self, object: u32, target: u32) -> Option<usize> {
        let mut cursor = 0;
        while let Some((half, found)) = self.objects.next_slot(object, &mut cursor) {
            if found == target {
                return Some(half);
            }
        }
        None
    }
}
