//! Objects outside any heap: what a message consists of.
//!
//! A [`Fragment`] holds everything that can be reached from one object, in the form that heaps have, with references that
//! count from its own beginning. Cycles and sharing are kept. The sender's heap is walked breadth first; copied objects
//! leave their place behind in their headers, which are put back at the end (Cheney 1970). The receiver gets room for all of
//! it at once and adds the place to every reference. Long strings are not copied: both heaps hold the same buffer.

use std::sync::Arc;

use mvm_isa::TypeId;

use crate::alloc::Want;
use crate::external::{Buffer, SHARED_BYTES};
use crate::heap::{AllocError, Heap, reference, set_reference};
use crate::layout::{Header, Layouts, closure, flags};

/// Flags that say something about an object and not about where it is.
const LASTING: u8 = flags::FREED | flags::EXTERNAL;
/// No heap has allocated so many words in its life.
const ALLOCATED_MAX: u64 = 1 << 60;
/// Words that the tools for copying keep between fragments; after a larger one they are given up.
const KEPT_WORDS: usize = 8 << 10;

/// Everything that can be reached from an object, outside any heap. A reference is the index of a word plus 1, 0 is null.
///
/// Fragments are copied often, so that their parts are whole words: a copy does not have to wait for narrower stores.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    /// The words, when they are few: most messages are one number or one small object.
    few: [u64; FEW],
    /// Words that are more, and what is outside of heaps.
    large: Option<Box<Large>>,
    /// How many of `few` there are.
    count: u32,
    kind: Kind,
}

/// What is known of the objects of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Kind(u32);

impl Kind {
    /// Some object is of a class that its program has defined.
    const OWN_CLASSES: u32 = 1;
    /// It is one object with its bytes inside that refers to nothing.
    const LEAF: u32 = 2;

    fn new(own_classes: bool, leaf: bool) -> Kind {
        Kind(u32::from(own_classes) * Kind::OWN_CLASSES + u32::from(leaf) * Kind::LEAF)
    }

    /// The kind of one object that refers to nothing.
    #[inline]
    fn of_leaf(header: Header) -> Kind {
        Kind::new(header.class() >= TypeId::FIRST_USER, true)
    }
}

/// As many words as most messages have.
const FEW: usize = 4;

/// Words that need memory of their own.
#[derive(Debug, Clone, Default)]
struct Large {
    /// All words of the fragment; empty where they are few.
    words: Box<[u64]>,
    /// The bytes of external objects, whose words are indexes of this.
    buffers: Box<[Arc<Buffer>]>,
    /// Words that a heap is charged for them.
    charge: usize,
}

impl Fragment {
    #[inline]
    fn external(&self) -> usize {
        self.large.as_ref().map_or(0, |large| large.charge)
    }

    /// A fragment of these words. None when the host has no memory.
    #[inline]
    fn copied(words: &[u64], buffers: Box<[Arc<Buffer>]>, charge: usize, kind: Kind) -> Option<Fragment> {
        if words.len() > FEW || !buffers.is_empty() {
            return Fragment::copied_large(words, buffers, charge, kind);
        }
        Some(Fragment { few: few(words), large: None, count: words.len() as u32, kind })
    }

    #[inline(never)]
    fn copied_large(
        words: &[u64],
        buffers: Box<[Arc<Buffer>]>,
        charge: usize,
        kind: Kind,
    ) -> Option<Fragment> {
        if words.len() <= FEW {
            let large = Some(Box::new(Large { words: Box::default(), buffers, charge }));
            return Some(Fragment { few: few(words), large, count: words.len() as u32, kind });
        }
        let mut many = Vec::new();
        many.try_reserve_exact(words.len()).ok()?;
        many.extend_from_slice(words);
        let large = Some(Box::new(Large { words: many.into_boxed_slice(), buffers, charge }));
        Some(Fragment { few: [0; FEW], large, count: 0, kind })
    }

    /// The bytes of external objects; their payload is an index of this.
    pub fn buffers(&self) -> &[Arc<Buffer>] {
        self.large.as_ref().map_or(&[], |large| &large.buffers)
    }

    /// The words of the objects: headers with their payloads, in which a reference is the index of a header plus 1.
    #[inline]
    pub fn words(&self) -> &[u64] {
        match &self.large {
            Some(large) if !large.words.is_empty() => &large.words,
            _ => &self.few[..(self.count as usize).min(FEW)],
        }
    }

    /// A fragment of these words, whose external objects have these bytes, in the order in which they stand. None when the host has no memory.
    /// Whoever calls this has looked whether they are
    /// objects, and whether some are of classes that only the program knows.
    pub fn from_parts(words: &[u64], buffers: &[Vec<u8>], own_classes: bool) -> Option<Fragment> {
        let buffers: Box<[Arc<Buffer>]> =
            buffers.iter().map(|bytes| Buffer::new(bytes).map(Arc::new)).collect::<Option<_>>()?;
        let charge = buffers.iter().map(|buffer| buffer.charge()).sum();
        Fragment::copied(words, buffers, charge, Kind::new(own_classes, false))
    }

    /// Whether some object is of a class that only its program knows.
    #[inline]
    pub fn has_own_classes(&self) -> bool {
        self.kind.0 & Kind::OWN_CLASSES != 0
    }

    /// Words that a heap is charged for it.
    #[inline]
    pub fn charge(&self) -> usize {
        self.words().len() + self.external()
    }

    /// Header of the object that everything is reached from; none for null.
    pub fn root(&self) -> Option<Header> {
        self.words().first().map(|&word| Header(word))
    }
}

impl Fragment {
    /// Whether it is one object with its bytes inside that refers to nothing.
    #[inline]
    fn is_leaf(&self) -> bool {
        self.kind.0 & Kind::LEAF != 0
    }

    /// The leaf that it is, when it has few words.
    #[inline]
    pub fn as_leaf(&self) -> Option<Leaf> {
        let is_leaf = self.large.is_none() && (self.is_leaf() || self.count == 0);
        is_leaf.then_some(Leaf { count: self.count, words: self.few })
    }

    /// An object that refers to nothing and has at most so many words. None when it is something else, or the host has no memory.
    fn of_leaf(heap: &Heap, layouts: &Layouts, object: u32, most: usize) -> Option<Fragment> {
        let (header, size) = heap.leaf_size(layouts, object)?;
        if size > most {
            return None;
        }
        let at = object as usize;
        let words = heap.memory.get(at..at + size)?;
        let mut made = Fragment::copied(words, Box::default(), 0, Kind::of_leaf(header))?;
        match &mut made.large {
            Some(large) => large.words[0] = header.0,
            None => made.few[0] = header.0,
        }
        Some(made)
    }

    /// The function of the function value that the fragment is.
    pub fn function(&self) -> u32 {
        self.words().get(1).map_or(0, |&word| closure::function(word))
    }

    /// The bound values of the function value that the fragment is, and which of them are references, bit by bit.
    pub fn bound(&self) -> (&[u64], u16) {
        let Some(&word) = self.words().get(1) else { return (&[], 0) };
        let count = usize::from(closure::bound(word));
        (self.words().get(2..2 + count).unwrap_or_default(), closure::refs(word))
    }

    /// Calls `put` with everything that tells fragments of one program apart, wherever bytes of long strings are: objects are
    /// counted, and a reference is the number of one.
    pub fn each_word(&self, layouts: &Layouts, mut put: impl FnMut(u64)) {
        let mut starts = Vec::new();
        let mut at = 0;
        while at < self.words().len() {
            starts.push(at);
            at += layouts.size(Header(self.words()[at]));
        }
        let mut words = self.words().to_vec();
        for &start in &starts {
            let header = Header(self.words()[start]);
            put(header.without(flags::EXTERNAL).0);
            if header.has(flags::EXTERNAL) {
                let buffer = self.buffers().get(self.words()[start + 1] as usize);
                for chunk in buffer.map_or(&[][..], |buffer| buffer.bytes()).chunks(8) {
                    let mut word = [0; 8];
                    word[..chunk.len()].copy_from_slice(chunk);
                    put(u64::from_le_bytes(word));
                }
                continue;
            }
            layouts.slots(self.words(), start).each(|half| {
                let place = reference(self.words(), start, half) as usize;
                let number = starts.partition_point(|&start| start < place);
                set_reference(&mut words, start, half, number as u32);
            });
            words[start + 1..start + layouts.size(header)].iter().for_each(|&word| put(word));
        }
    }
}

/// The words, as an array.
#[inline(always)]
fn few(words: &[u64]) -> [u64; FEW] {
    let word = |k: usize| words.get(k).copied().unwrap_or(0);
    [word(0), word(1), word(2), word(3)]
}

/// Why an object could not be copied out of a heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportError {
    /// There are more words than asked for.
    TooLarge,
    /// The host has no memory.
    Host,
}

/// Memory for copying objects out of heaps, used again and again.
#[derive(Debug, Default)]
pub struct Exporter {
    words: Vec<u64>,
    buffers: Vec<Arc<Buffer>>,
    external: usize,
    own_classes: bool,
    /// Copied objects and their headers.
    left: Vec<(u32, u64)>,
}

/// A copy under way.
struct Export<'a> {
    to: &'a mut Exporter,
    heap: &'a mut Heap,
    layouts: &'a Layouts,
    most: usize,
    /// What has its bytes outside keeps them there, and what has not, does not get them there.
    as_is: bool,
}

impl Exporter {
    /// Everything that can be reached from `root`, if a heap is charged at most `most` words for it. The heap stays as it
    /// is, except that long strings have their bytes outside it afterwards.
    ///
    /// # Errors
    /// When there is more, or the host has no memory.
    pub fn export(
        &mut self,
        heap: &mut Heap,
        layouts: &Layouts,
        root: u32,
        most: usize,
    ) -> Result<Fragment, ExportError> {
        if let Some(leaf) = heap.leaf(layouts, root)
            && leaf.charge() <= most
        {
            return Ok(leaf.into());
        }
        if let Some(fragment) = Fragment::of_leaf(heap, layouts, root, most) {
            return Ok(fragment);
        }
        self.export_one(heap, layouts, root, most)
    }

    fn export_one(
        &mut self,
        heap: &mut Heap,
        layouts: &Layouts,
        root: u32,
        most: usize,
    ) -> Result<Fragment, ExportError> {
        let mut export = Export { to: self, heap, layouts, most, as_is: false };
        let done = export.copy(root).and_then(|_| export.follow());
        self.take(heap, done)
    }

    /// Everything that can be reached from some objects, and the reference to each of these in the fragment. The heap stays as it is.
    ///
    /// # Errors
    /// When the host has no memory.
    pub fn export_all(
        &mut self,
        heap: &mut Heap,
        layouts: &Layouts,
        roots: &[u32],
    ) -> Result<(Fragment, Vec<u32>), ExportError> {
        let mut export = Export { to: self, heap, layouts, most: usize::MAX, as_is: true };
        let references: Result<Vec<u32>, ExportError> = roots.iter().map(|&root| export.copy(root)).collect();
        let done = if references.is_ok() { export.follow() } else { Ok(()) };
        let made = self.take(heap, done);
        Ok((made?, references?))
    }

    /// Puts the heap in order again and makes the fragment.
    fn take(&mut self, heap: &mut Heap, done: Result<(), ExportError>) -> Result<Fragment, ExportError> {
        for &(object, header) in &self.left {
            heap.memory[object as usize] = header;
        }
        let made = done.and_then(|()| self.fragment());
        self.words.clear();
        self.buffers.clear();
        self.left.clear();
        self.external = 0;
        self.own_classes = false;
        if self.words.capacity() > KEPT_WORDS {
            *self = Exporter::default();
        }
        made
    }

    fn fragment(&self) -> Result<Fragment, ExportError> {
        let kind = Kind::new(self.own_classes, false);
        let made = Fragment::copied(&self.words, self.buffers.as_slice().into(), self.external, kind);
        made.ok_or(ExportError::Host)
    }
}

impl Export<'_> {
    /// The reference to an object in the fragment, where it is copied to if it is not there yet.
    fn copy(&mut self, object: u32) -> Result<u32, ExportError> {
        let at = object as usize;
        let header = self.heap.header(object);
        if object == 0 || header.has(flags::FORWARDED) {
            return Ok(if object == 0 { 0 } else { header.length() });
        }
        if header.has(flags::EXTERNAL) && header.length() as usize <= SHARED_BYTES && !self.as_is {
            return self.copy_inside(object, header);
        }
        let buffer = match header.class() {
            TypeId::STR | TypeId::BYTES if !self.as_is || header.has(flags::EXTERNAL) => {
                self.heap.share(object)
            }
            _ => None,
        };
        // Sharing may have changed the header.
        let header = self.heap.header(object);
        let size = self.layouts.size(header);
        self.to.own_classes |= header.class() >= TypeId::FIRST_USER;
        self.to.external += buffer.as_ref().map_or(0, |buffer| buffer.charge());
        let new = self.to.words.len();
        if new + size + self.to.external > self.most {
            return Err(ExportError::TooLarge);
        }
        let room = self.to.words.try_reserve(size).is_ok()
            && self.to.left.try_reserve(1).is_ok()
            && self.to.buffers.try_reserve(1).is_ok();
        if !room {
            return Err(ExportError::Host);
        }
        self.to.words.push(header.with_flags(header.flags() & LASTING).0);
        self.to.words.extend_from_slice(&self.heap.memory[at + 1..at + size]);
        if let Some(buffer) = buffer {
            self.to.words[new + 1] = self.to.buffers.len() as u64;
            self.to.buffers.push(buffer);
        }
        self.to.left.push((object, header.0));
        self.heap.memory[at] = header.forwarded(new + 1).0;
        Ok(new as u32 + 1)
    }

    /// Copies a short string whose bytes happen to be outside the heap: in the fragment they are inside, so that what a fragment
    /// consists of does not depend on how a heap keeps its strings.
    fn copy_inside(&mut self, object: u32, header: Header) -> Result<u32, ExportError> {
        let bytes = self.heap.bytes(object);
        let (new, size) = (self.to.words.len(), 1 + bytes.len().div_ceil(8));
        if new + size + self.to.external > self.most {
            return Err(ExportError::TooLarge);
        }
        if self.to.words.try_reserve(size).is_err() || self.to.left.try_reserve(1).is_err() {
            return Err(ExportError::Host);
        }
        self.to.words.push(header.with_flags(0).0);
        self.to.words.extend(bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        }));
        self.to.left.push((object, header.0));
        self.heap.memory[object as usize] = header.forwarded(new + 1).0;
        Ok(new as u32 + 1)
    }

    /// Copies what the copied objects refer to.
    fn follow(&mut self) -> Result<(), ExportError> {
        let layouts = self.layouts;
        let mut at = 0;
        while at < self.to.words.len() {
            let header = Header(self.to.words[at]);
            let mut done = Ok(());
            layouts.slots(&self.to.words, at).each(|half| {
                if done.is_ok() {
                    done = self.update(at, half);
                }
            });
            done?;
            at += layouts.size(header);
        }
        Ok(())
    }

    fn update(&mut self, at: usize, half: usize) -> Result<(), ExportError> {
        let old = reference(&self.to.words, at, half);
        let new = self.copy(old)?;
        set_reference(&mut self.to.words, at, half, new);
        Ok(())
    }
}

/// A few words on their way from one heap to another: an object that refers to nothing, or null.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    count: u32,
    words: [u64; FEW],
}

impl Leaf {
    /// Null.
    const NULL: Leaf = Leaf { count: 0, words: [0; FEW] };

    /// Whether its class is one that only its program knows.
    #[inline]
    pub fn has_own_classes(&self) -> bool {
        self.count > 0 && Header(self.words[0]).class() >= TypeId::FIRST_USER
    }

    /// Words that a heap is charged for it.
    #[inline]
    pub fn charge(&self) -> usize {
        self.count as usize
    }
}

impl From<Leaf> for Fragment {
    fn from(leaf: Leaf) -> Fragment {
        let kind = if leaf.count > 0 { Kind::of_leaf(Header(leaf.words[0])) } else { Kind::default() };
        Fragment { few: leaf.words, large: None, count: leaf.count, kind }
    }
}

impl Heap {
    /// Header, as it is in fragments, and words of an object that is copied as it is. None when it is something else.
    #[inline(always)]
    fn leaf_size(&self, layouts: &Layouts, object: u32) -> Option<(Header, usize)> {
        let header = self.header(object);
        let size = layouts.leaf_size(header, &self.memory, object as usize)?;
        let shared =
            matches!(header.class(), TypeId::STR | TypeId::BYTES) && header.length() as usize > SHARED_BYTES;
        (!shared).then(|| (header.with_flags(header.flags() & LASTING), size))
    }

    /// An object of a few words that refers to nothing, or null: most messages. None when it is something else.
    #[inline(always)]
    pub fn leaf(&self, layouts: &Layouts, object: u32) -> Option<Leaf> {
        if object == 0 {
            return Some(Leaf::NULL);
        }
        let (header, size) = self.leaf_size(layouts, object)?;
        let at = object as usize;
        let of = self.memory.get(at..at + size)?;
        let mut words = [header.0, 0, 0, 0];
        match of {
            [_] => {}
            &[_, a] => words[1] = a,
            &[_, a, b] => [words[1], words[2]] = [a, b],
            &[_, a, b, c] => [words[1], words[2], words[3]] = [a, b, c],
            _ => return None,
        }
        Some(Leaf { count: size as u32, words })
    }

    /// Words of an object that refers to nothing and has its bytes inside the heap, so that [`Heap::copy_from`] can copy it. None when it
    /// is something else.
    #[inline]
    pub fn words_of_leaf(&self, layouts: &Layouts, object: u32) -> Option<usize> {
        if object == 0 { None } else { self.leaf_size(layouts, object).map(|(_, size)| size) }
    }

    /// Copies an object out of another heap: one for which [`Heap::words_of_leaf`] gives so many words.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    pub fn copy_from(&mut self, other: &Heap, object: u32, words: usize) -> Result<u32, AllocError> {
        let header = other.header(object);
        let made = self.alloc(header.with_flags(header.flags() & LASTING), words - 1)?;
        let (to, from) = (made as usize, object as usize);
        self.memory[to + 1..to + words].copy_from_slice(&other.memory[from + 1..from + words]);
        Ok(made)
    }

    /// Makes the object that a leaf is.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    #[inline(always)]
    pub fn import_leaf(&mut self, leaf: &Leaf) -> Result<u32, AllocError> {
        if leaf.count == 0 {
            return Ok(0);
        }
        let words = &leaf.words;
        let object = self.alloc(Header(words[0]), leaf.count as usize - 1)?;
        let at = object as usize;
        match &mut self.memory[at + 1..at + leaf.count as usize] {
            [] => {}
            [a] => *a = words[1],
            [a, b] => (*a, *b) = (words[1], words[2]),
            to => to.copy_from_slice(&words[1..=to.len()]),
        }
        Ok(object)
    }

    /// Makes the objects of a fragment in an empty heap, whatever its limit says, as if so many words had been allocated in its life. Where the
    /// first of them is. None when the host has no memory, or
    /// when more is alive than was allocated.
    pub fn restore(&mut self, layouts: &Layouts, fragment: &Fragment, allocated: u64) -> Option<u32> {
        let options = self.options;
        self.options.limit_words = u64::from(u32::MAX);
        self.options.stress = 0;
        self.set_end();
        let place = self.import(layouts, fragment);
        self.options = options;
        self.allocated_base +=
            allocated.checked_sub(self.allocated_words()).filter(|_| allocated < ALLOCATED_MAX)?;
        let step = self.judge_step();
        self.judge_at = (allocated / step + 1) * step;
        self.set_end();
        place.ok()
    }

    /// Makes the objects of a fragment; the result refers to the one that the others are reached from.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    #[inline]
    pub fn import(&mut self, layouts: &Layouts, fragment: &Fragment) -> Result<u32, AllocError> {
        if !fragment.is_leaf() {
            return self.import_all(layouts, fragment);
        }
        let words = fragment.words();
        let object = self.alloc(Header(words[0]), words.len() - 1)?;
        let at = object as usize;
        self.memory[at + 1..at + words.len()].copy_from_slice(&words[1..]);
        Ok(object)
    }

    fn import_all(&mut self, layouts: &Layouts, fragment: &Fragment) -> Result<u32, AllocError> {
        let Some(&first) = fragment.words().first() else { return Ok(0) };
        let size = fragment.words().len();
        let want = Want { size, external: fragment.external(), ..Want::default() };
        let asked_full = self.asked_full();
        if !fragment.buffers().is_empty() && !self.externals.reserve(fragment.buffers().len()) {
            return self.host_refuses(want, asked_full);
        }
        let place = match fragment.external() {
            0 => self.alloc(Header(first), size - 1)?,
            _ => self.alloc_slow(Header(first), want)?,
        };
        let start = place as usize;
        self.memory[start..start + size].copy_from_slice(fragment.words());
        let old = self.young.is_some() && start >= self.old_start;
        let mut at = start;
        while at < start + size {
            let header = Header(self.memory[at]);
            if layouts.has_slots(header.class()) {
                layouts.slots(&self.memory, at).each(|half| {
                    let inside = reference(&self.memory, at, half);
                    let moved = if inside == 0 { 0 } else { place + inside - 1 };
                    set_reference(&mut self.memory, at, half, moved);
                });
                // Everything it refers to is as old as itself; the first of a large request has been noted.
                if old && at != start {
                    self.memory[at] = layouts.old_header(header).0;
                }
            } else if header.has(flags::EXTERNAL) {
                let buffer = Arc::clone(&fragment.buffers()[self.memory[at + 1] as usize]);
                self.memory[at + 1] = u64::from(self.externals.insert(buffer, at as u32));
            }
            at += layouts.size(header);
        }
        Ok(place)
    }
}
