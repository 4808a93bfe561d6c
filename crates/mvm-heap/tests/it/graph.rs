//! A heap and the graph that should be in it.

use std::sync::Arc;

use mvm_heap::{AllocError, Buffer, ExportError, Exporter, Header, Heap, Layout, Layouts, Options, flags};
use mvm_isa::{Elem, TypeId};

/// A class with references at offsets 0 and 1 and a number in word 1.
pub(crate) const NODE: TypeId = TypeId(TypeId::FIRST_USER.0);
/// An array of references.
pub(crate) const LIST: TypeId = TypeId(TypeId::FIRST_USER.0 + 1);

pub(crate) fn layouts() -> Layouts {
    let mut layouts = Layouts::new(usize::from(TypeId::FIRST_USER.0) + 2);
    layouts.set(NODE, Layout::Object { words: 2, refs: [0, 1].into() });
    layouts.set(LIST, Layout::Refs);
    layouts
}

/// The bytes of a text: its first byte and what follows from it.
fn text(bytes: usize, first: u8) -> Buffer {
    let all: Vec<u8> = (0..bytes).map(|k| first.wrapping_add(k as u8)).collect();
    Buffer::new(&all).expect("the host has memory")
}

/// What an object of the model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Node { number: u64 },
    List,
    Numbers { first: u64, words: usize },
    Block { bytes: usize, freed: bool },
    Text { bytes: usize, first: u8, adopted: bool },
}

/// An object of the model: its references are indexes of others.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) shape: Shape,
    pub(crate) refs: Vec<Option<usize>>,
}

impl Object {
    /// Words of its payload.
    pub(crate) fn words(&self) -> usize {
        match self.shape {
            Shape::Node { .. } => 2,
            Shape::List => self.refs.len().div_ceil(2),
            Shape::Numbers { words, .. } => words,
            Shape::Block { freed: true, .. } => 0,
            Shape::Block { bytes, .. } | Shape::Text { bytes, .. } => bytes.div_ceil(8),
        }
    }
}

/// A heap, and what should be in it.
pub(crate) struct World {
    pub(crate) heap: Heap,
    pub(crate) layouts: Layouts,
    /// References held by the owner.
    pub(crate) roots: Vec<u32>,
    /// The same in the model; each root refers to an object.
    pub(crate) model_roots: Vec<usize>,
    pub(crate) model: Vec<Object>,
}

impl World {
    pub(crate) fn new(options: Options) -> World {
        World {
            heap: Heap::new(options),
            layouts: layouts(),
            roots: Vec::new(),
            model_roots: Vec::new(),
            model: Vec::new(),
        }
    }

    fn alloc(&mut self, header: Header, words: usize, shape: &Shape) -> Result<u32, AllocError> {
        let buffer = match *shape {
            Shape::Text { bytes, first, adopted: true } => Some(Arc::new(text(bytes, first))),
            _ => None,
        };
        loop {
            let made = match (shape, &buffer) {
                (Shape::Block { .. }, _) => self.heap.alloc_block(header, words),
                (Shape::Text { .. }, Some(buffer)) => self.heap.adopt(header.class(), buffer),
                (Shape::Text { .. }, None) => self.heap.alloc_text(header.class(), header.length()),
                _ => self.heap.alloc(header, words),
            };
            if made != Err(AllocError::Collect) {
                return made;
            }
            self.heap.collect(&self.layouts, &mut self.roots);
        }
    }

    /// Makes an object and a root for it. False when the limit forbids it.
    pub(crate) fn make(&mut self, shape: Shape, refs: usize) -> bool {
        let (class, length, words) = match shape {
            Shape::Node { .. } => (NODE, 2, 2),
            Shape::List => (LIST, refs, refs.div_ceil(2)),
            Shape::Numbers { words, .. } => (TypeId::array_of(Elem::I64), words, words),
            Shape::Block { bytes, .. } => (TypeId::BLOCK, bytes, bytes.div_ceil(8)),
            Shape::Text { bytes, .. } => (TypeId::BYTES, bytes, bytes.div_ceil(8)),
        };
        let Ok(object) = self.alloc(Header::new(class, length as u32), words, &shape) else { return false };
        if let Shape::Text { bytes, first, adopted } = shape {
            if !adopted {
                assert!(self.heap.bytes(object).iter().all(|&byte| byte == 0), "new objects are 0");
                self.heap.payload_mut(object, bytes).copy_from_slice(text(bytes, first).bytes());
            }
        } else {
            assert!((0..words).all(|k| self.heap.word(object, k) == 0), "new objects are 0");
        }
        match shape {
            Shape::Node { number } => self.heap.set_word(object, 1, number),
            Shape::Numbers { first, words } if words > 0 => {
                self.heap.set_word(object, 0, first);
                self.heap.set_word(object, words - 1, first);
            }
            Shape::Block { bytes, .. } => self.heap.payload_mut(object, bytes).fill(bytes as u8),
            _ => {}
        }
        self.heap.follow(object, self.model.len() as u32);
        self.roots.push(object);
        self.model_roots.push(self.model.len());
        self.model.push(Object { shape, refs: vec![None; refs] });
        true
    }

    /// Lets slot `slot` of root `from` refer to root `to`, or to nothing.
    pub(crate) fn link(&mut self, from: usize, slot: usize, to: Option<usize>) {
        let object = &mut self.model[self.model_roots[from]];
        if object.refs.is_empty() {
            return;
        }
        let slot = slot % object.refs.len();
        object.refs[slot] = to.map(|to| self.model_roots[to]);
        self.heap.set_reference(self.roots[from], slot, to.map_or(0, |to| self.roots[to]));
    }

    /// Copies some references from one list to another.
    pub(crate) fn copy(&mut self, from: usize, to: usize, count: usize) {
        let (a, b) = (self.model_roots[from], self.model_roots[to]);
        if self.model[a].shape != Shape::List || self.model[b].shape != Shape::List {
            return;
        }
        let count = count.min(self.model[a].refs.len()).min(self.model[b].refs.len());
        let part = self.model[a].refs[..count].to_vec();
        self.model[b].refs[..count].clone_from_slice(&part);
        self.heap.copy_bytes((self.roots[to], 0), (self.roots[from], 0), count * 4);
    }

    /// Follows slot `slot` of root `from` and makes what is there a root.
    pub(crate) fn follow(&mut self, from: usize, slot: usize) {
        let object = &self.model[self.model_roots[from]];
        if object.refs.is_empty() {
            return;
        }
        let slot = slot % object.refs.len();
        let Some(target) = object.refs[slot] else { return };
        self.roots.push(self.heap.reference(self.roots[from], slot));
        self.model_roots.push(target);
    }

    /// Copies everything that a root reaches out of the heap and in again: a second graph of the same form.
    pub(crate) fn send(&mut self, root: usize) {
        let mut copies: Vec<Option<usize>> = vec![None; self.model.len()];
        let (mut order, mut next, mut words) = (vec![self.model_roots[root]], 0, 0);
        copies[order[0]] = Some(self.model.len());
        while let Some(&index) = order.get(next) {
            next += 1;
            words += 1 + self.model[index].words();
            for &target in self.model[index].refs.iter().flatten() {
                if copies[target].is_none() {
                    copies[target] = Some(self.model.len() + order.len());
                    order.push(target);
                }
            }
        }
        let mut exporter = Exporter::default();
        let few = exporter.export(&mut self.heap, &self.layouts, self.roots[root], words - 1);
        assert_eq!(few.err(), Some(ExportError::TooLarge));
        let fragment = exporter.export(&mut self.heap, &self.layouts, self.roots[root], words);
        let fragment = fragment.expect("it is as large as it should be");
        assert_eq!(fragment.charge(), words);
        let made = loop {
            match self.heap.import(&self.layouts, &fragment) {
                Err(AllocError::Collect) => self.heap.collect(&self.layouts, &mut self.roots),
                Err(AllocError::Limit { .. }) => return,
                Ok(made) => break made,
            };
        };
        for &index in &order {
            let Object { shape, refs } = self.model[index].clone();
            let refs = refs.iter().map(|target| target.and_then(|target| copies[target])).collect();
            self.model.push(Object { shape, refs });
        }
        self.model_roots.push(self.model.len() - order.len());
        self.roots.push(made);
        self.follow_copies(made, self.model.len() - order.len());
    }

    /// The followers of the tests know every object by its number in the model.
    fn follow_copies(&mut self, made: u32, index: usize) {
        let mut work = vec![(made, index)];
        while let Some((object, index)) = work.pop() {
            if self.heap.followed(object).is_some() {
                continue;
            }
            self.heap.follow(object, index as u32);
            for (slot, target) in self.model[index].refs.iter().enumerate() {
                if let Some(target) = target {
                    work.push((self.heap.reference(object, slot), *target));
                }
            }
        }
    }

    /// Shares the bytes of a text, and copies a part of another to it.
    pub(crate) fn share(&mut self, root: usize) {
        let Shape::Text { bytes, first, .. } = self.model[self.model_roots[root]].shape else { return };
        let used = self.heap.used_words();
        if let Some(buffer) = self.heap.share(self.roots[root]) {
            assert!(bytes > mvm_heap::SHARED_BYTES || self.heap.options().external_bytes < bytes as u32);
            assert_eq!(buffer.bytes(), text(bytes, first).bytes());
        }
        assert_eq!(self.heap.used_words(), used, "whoever shares is charged as before");
    }

    pub(crate) fn forget(&mut self, root: usize) {
        self.roots.swap_remove(root);
        self.model_roots.swap_remove(root);
    }

    /// Frees a block.
    pub(crate) fn free(&mut self, root: usize) {
        let Shape::Block { freed, .. } = &mut self.model[self.model_roots[root]].shape else { return };
        assert_eq!(self.heap.free(self.roots[root]), !*freed);
        *freed = true;
    }

    pub(crate) fn collect(&mut self, full: bool) {
        if full {
            self.heap.ask_full();
        }
        self.heap.collect(&self.layouts, &mut self.roots).expect("the host has memory");
        if full {
            assert_eq!(
                self.heap.stats().live_words as usize,
                self.live_words(),
                "a full collection leaves what is live"
            );
            assert_eq!(
                self.heap.all_followed().count(),
                self.live().iter().filter(|&&live| live).count(),
                "what is followed and dead is gone"
            );
        }
    }

    /// What can be reached, by the model.
    fn live(&self) -> Vec<bool> {
        let mut seen = vec![false; self.model.len()];
        let mut work = self.model_roots.clone();
        while let Some(index) = work.pop() {
            if !std::mem::replace(&mut seen[index], true) {
                work.extend(self.model[index].refs.iter().flatten());
            }
        }
        seen
    }

    /// Words of everything that can be reached, by the model.
    fn live_words(&self) -> usize {
        let mut words = 0;
        for (object, _) in self.model.iter().zip(self.live()).filter(|(_, live)| *live) {
            words += 1 + object.words();
        }
        words
    }

    /// Whether everything that can be reached is as in the model.
    pub(crate) fn compare(&mut self) -> Result<(), String> {
        self.heap.check(&self.layouts, &mut self.roots)?;
        let live = self.live();
        if let Some(dead) = self.heap.take_dead().into_iter().find(|&tag| live[tag as usize]) {
            return Err(format!("object {dead} is said to be dead"));
        }
        let mut known: Vec<Option<u32>> = vec![None; self.model.len()];
        let mut work: Vec<(usize, u32)> =
            self.model_roots.iter().copied().zip(self.roots.iter().copied()).collect();
        while let Some((index, at)) = work.pop() {
            match known[index] {
                Some(other) if other == at => continue,
                Some(other) => return Err(format!("object {index} is at {at} and at {other}")),
                None => known[index] = Some(at),
            }
            if self.heap.followed(at) != Some(index as u32) {
                return Err(format!("object {index} at {at} is followed as {:?}", self.heap.followed(at)));
            }
            let object = &self.model[index];
            self.compare_object(object, at).map_err(|what| format!("object {index} at {at}: {what}"))?;
            for (slot, target) in object.refs.iter().enumerate() {
                match (target, self.heap.reference(at, slot)) {
                    (None, 0) => {}
                    (Some(target), found) if found != 0 => work.push((*target, found)),
                    (wanted, found) => {
                        return Err(format!("slot {slot} of {index} is {found}, not {wanted:?}"));
                    }
                }
            }
        }
        Ok(())
    }

    fn compare_object(&self, object: &Object, at: u32) -> Result<(), String> {
        let header = self.heap.header(at);
        let right = match object.shape {
            Shape::Node { number } => header.class() == NODE && self.heap.word(at, 1) == number,
            Shape::List => header.class() == LIST && header.length() as usize == object.refs.len(),
            Shape::Numbers { first, words } => {
                header.length() as usize == words
                    && (words == 0
                        || self.heap.word(at, 0) == first && self.heap.word(at, words - 1) == first)
            }
            Shape::Text { bytes, first, .. } => self.heap.bytes(at) == text(bytes, first).bytes(),
            Shape::Block { freed: true, .. } => header.has(flags::FREED) && header.length() == 0,
            Shape::Block { bytes, freed: false } => {
                !header.has(flags::FREED)
                    && header.length() as usize == bytes
                    && self.heap.bytes(at).iter().all(|&byte| byte == bytes as u8)
            }
        };
        if right { Ok(()) } else { Err(format!("{header:?} is not {:?}", object.shape)) }
    }
}
