//! Strings and byte strings whose bytes are outside the words of the heap, in buffers that several heaps can share.
//!
//! Such an object is a header with the flag `EXTERNAL` and one word, the number of a slot; the slot holds the buffer and
//! says where the object is. So the words of a heap contain no host pointer. Each holder is charged the full size, as
//! if the bytes were its own: whether an object is external cannot be noticed, by its limit neither.
//!
//! A collection moves two words of such an object, and gives up the slots of those that are dead.

use std::sync::Arc;

use mvm_isa::TypeId;
use mvm_mem::Memory;

use crate::alloc::Want;
use crate::heap::{AllocError, Heap};
use crate::layout::{Header, flags};

/// Strings and byte strings of more bytes than this are shared when they go to another process.
pub const SHARED_BYTES: usize = 4096;
/// Words of an external object in the heap.
pub(crate) const EXTERNAL_WORDS: usize = 2;
/// New external objects of a split heap may be charged so many words before a young collection.
const YOUNG_WORDS_MAX: usize = 256 << 10;
/// A flat heap may have so many more words outside than after the last collection, or half as many again.
const FLAT_GROWTH_WORDS: usize = 32 << 10;

/// Bytes that several heaps can share; nobody changes them.
#[derive(Debug)]
pub struct Buffer {
    words: Memory,
    length: u32,
}

impl Buffer {
    /// A copy of these bytes. None when there are 2^32 or more, or the host has no memory.
    pub fn new(bytes: &[u8]) -> Option<Buffer> {
        let mut buffer = Buffer::zeros(u32::try_from(bytes.len()).ok()?)?;
        buffer.bytes_mut().copy_from_slice(bytes);
        Some(buffer)
    }

    fn zeros(length: u32) -> Option<Buffer> {
        let words = Memory::new((length as usize).div_ceil(8)).ok()?;
        Some(Buffer { words, length })
    }

    /// The bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.length as usize]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.length as usize]
    }

    /// Words that a holder is charged beyond those of the object in its heap.
    pub(crate) fn charge(&self) -> usize {
        (self.length as usize).div_ceil(8) + 1 - EXTERNAL_WORDS
    }
}

/// Where an external object of a heap has its bytes.
#[derive(Debug, Clone)]
pub struct Slot {
    /// None when the slot is unused.
    buffer: Option<Arc<Buffer>>,
    /// The object; each slot has one.
    holder: u32,
}

impl Slot {
    /// The object that has the bytes.
    pub(crate) fn holder(&self) -> u32 {
        self.holder
    }

    /// The bytes of the object; none when the slot is unused.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        match &self.buffer {
            Some(buffer) => buffer.bytes(),
            None => &[],
        }
    }
}

/// The external objects of a heap. Most heaps have none, and then this is one word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Externals(Option<Box<Table>>);

#[derive(Debug, Clone, Default)]
struct Table {
    slots: Vec<Slot>,
    /// Numbers of unused slots.
    unused: Vec<u32>,
    /// Numbers of slots whose objects may be young.
    young: Vec<u32>,
    /// Words charged for all of them, garbage included.
    words: usize,
    /// Of these, words of slots in `young`.
    young_words: usize,
    /// Words that were charged after the last full collection.
    live_words: usize,
}

impl Externals {
    /// Words charged for all of them, garbage included.
    #[inline]
    pub(crate) fn words(&self) -> usize {
        self.0.as_ref().map_or(0, |table| table.words)
    }

    /// Words charged for those that are not new.
    pub(crate) fn old_words(&self) -> usize {
        self.words() - self.young_words()
    }

    fn young_words(&self) -> usize {
        self.0.as_ref().map_or(0, |table| table.young_words)
    }

    /// Words that were charged after the last full collection.
    pub(crate) fn live_words(&self) -> usize {
        self.0.as_ref().map_or(0, |table| table.live_words)
    }

    #[inline(always)]
    pub(crate) fn slots(&self) -> &[Slot] {
        self.0.as_ref().map_or(&[], |table| &table.slots)
    }

    /// The bytes of a slot, to be changed: while an object is being made nobody else has its buffer, except a copy of the
    /// process.
    pub(crate) fn bytes_mut(&mut self, number: usize) -> &mut [u8] {
        let slot = self.0.as_mut().and_then(|table| table.slots.get_mut(number));
        let Some(buffer) = slot.and_then(|slot| slot.buffer.as_mut()) else { return &mut [] };
        if Arc::get_mut(buffer).is_none() {
            *buffer = Arc::new(Buffer::new(buffer.bytes()).expect("the host has memory for a copy"));
        }
        Arc::get_mut(buffer).map_or(&mut [], Buffer::bytes_mut)
    }

    fn buffer(&self, number: usize) -> Option<Arc<Buffer>> {
        self.slots().get(number)?.buffer.clone()
    }

    /// Room for so many more slots. False when the host has no memory.
    pub(crate) fn reserve(&mut self, count: usize) -> bool {
        self.0.get_or_insert_default().reserve(count)
    }

    /// A slot, for which there is room.
    pub(crate) fn insert(&mut self, buffer: Arc<Buffer>, holder: u32) -> u32 {
        self.0.get_or_insert_default().insert(buffer, holder)
    }

    /// A collection has moved what is below `end`; everything when that is `usize::MAX`.
    pub(crate) fn update(&mut self, end: usize, place: impl FnMut(u32) -> u32) {
        match &mut self.0 {
            None => {}
            Some(table) if end == usize::MAX => table.update_all(place),
            Some(table) => table.update_young(end, place),
        }
    }
}

impl Table {
    fn reserve(&mut self, count: usize) -> bool {
        self.young.try_reserve(count).is_ok()
            && self.unused.try_reserve(self.slots.len() + count - self.unused.len()).is_ok()
            && self.slots.try_reserve(count).is_ok()
    }

    /// A slot, for which there is room.
    fn insert(&mut self, buffer: Arc<Buffer>, holder: u32) -> u32 {
        self.words += buffer.charge();
        self.young_words += buffer.charge();
        let slot = Slot { buffer: Some(buffer), holder };
        let number = match self.unused.pop() {
            Some(number) => {
                self.slots[number as usize] = slot;
                number
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        self.young.push(number);
        number
    }

    /// Updates a slot; false when its object is dead.
    fn move_holder(&mut self, number: u32, place: &mut impl FnMut(u32) -> u32) -> bool {
        let slot = &mut self.slots[number as usize];
        slot.holder = place(slot.holder);
        if slot.holder != 0 {
            return true;
        }
        let charge = slot.buffer.take().map_or(0, |buffer| buffer.charge());
        self.words -= charge;
        self.unused.push(number);
        false
    }

    fn update_young(&mut self, old_start: usize, mut place: impl FnMut(u32) -> u32) {
        self.young_words = 0;
        let mut young = std::mem::take(&mut self.young);
        young.retain(|&number| {
            let is_young = |table: &Table| (table.slots[number as usize].holder as usize) < old_start;
            let stays = (!is_young(self) || self.move_holder(number, &mut place)) && is_young(self);
            if stays {
                self.young_words += self.slots[number as usize].buffer.as_ref().map_or(0, |b| b.charge());
            }
            stays
        });
        self.young = young;
    }

    fn update_all(&mut self, mut place: impl FnMut(u32) -> u32) {
        self.young.clear();
        self.young_words = 0;
        for number in 0..self.slots.len() as u32 {
            if self.slots[number as usize].buffer.is_some() {
                self.move_holder(number, &mut place);
            }
        }
        self.live_words = self.words;
    }
}

impl Heap {
    /// A new string or byte string of zeros.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    #[inline]
    pub fn alloc_text(&mut self, class: TypeId, length: u32) -> Result<u32, AllocError> {
        let words = (length as usize).div_ceil(8);
        if length <= self.options.external_bytes || words < EXTERNAL_WORDS {
            return self.alloc(Header::new(class, length), words);
        }
        self.alloc_external(class, length, || Buffer::zeros(length).map(Arc::new))
    }

    /// A new string or byte string with the bytes of a buffer, which is shared if it is long.
    ///
    /// # Errors
    /// As [`Heap::alloc`].
    pub fn adopt(&mut self, class: TypeId, buffer: &Arc<Buffer>) -> Result<u32, AllocError> {
        let length = buffer.length;
        if length as usize > SHARED_BYTES.min(self.options.external_bytes as usize).max(8) {
            return self.alloc_external(class, length, || Some(Arc::clone(buffer)));
        }
        let object = self.alloc(Header::new(class, length), (length as usize).div_ceil(8))?;
        self.payload_mut(object, length as usize).copy_from_slice(buffer.bytes());
        Ok(object)
    }

    /// The bytes of a string or byte string, to be shared with other heaps. The words that held them are free then. None
    /// when it is too short for that to be worth it, or when the host has no memory.
    pub fn share(&mut self, object: u32) -> Option<Arc<Buffer>> {
        let header = self.header(object);
        if header.has(flags::EXTERNAL) {
            return self.externals.buffer(self.slot_of(object));
        }
        if header.length() as usize <= SHARED_BYTES || !self.externals.reserve(1) {
            return None;
        }
        let buffer = Arc::new(Buffer::new(self.bytes(object))?);
        let slot = self.externals.insert(Arc::clone(&buffer), object);
        let at = object as usize;
        self.memory[at] = header.and(flags::EXTERNAL).0;
        self.memory[at + 1] = u64::from(slot);
        self.give_back(at + EXTERNAL_WORDS, buffer.charge());
        Some(buffer)
    }

    /// Words that a heap is charged for a string or byte string that is so long that heaps share it. None for everything else.
    #[inline]
    pub fn words_of_shared(&self, object: u32) -> Option<usize> {
        let header = self.header(object);
        let shared = matches!(header.class(), TypeId::STR | TypeId::BYTES)
            && header.length() as usize > SHARED_BYTES
            && !header.has(flags::FREED);
        shared.then(|| (header.length() as usize).div_ceil(8) + 1)
    }

    fn alloc_external(
        &mut self,
        class: TypeId,
        length: u32,
        buffer: impl FnOnce() -> Option<Arc<Buffer>>,
    ) -> Result<u32, AllocError> {
        let external = (length as usize).div_ceil(8) + 1 - EXTERNAL_WORDS;
        let want = Want { size: EXTERNAL_WORDS, external, ..Want::default() };
        let asked_full = self.asked_full();
        if !self.externals.reserve(1) {
            return self.host_refuses(want, asked_full);
        }
        let object = self.alloc_slow(Header::new(class, length).with_flags(flags::EXTERNAL), want)?;
        let at = object as usize;
        let Some(buffer) = buffer() else {
            self.memory[at] = Header::filler(EXTERNAL_WORDS).0;
            return self.host_refuses(want, asked_full);
        };
        self.memory[at + 1] = u64::from(self.externals.insert(buffer, object));
        Ok(object)
    }

    /// The bytes of an external object.
    #[cold]
    pub(crate) fn external(&self, object: u32) -> &[u8] {
        self.externals.slots().get(self.slot_of(object)).map_or(&[], Slot::bytes)
    }

    /// The slot of an external object.
    pub(crate) fn slot_of(&self, object: u32) -> usize {
        self.memory[object as usize + 1] as usize
    }

    /// Copies bytes between objects of which at least one is external; so they are no references.
    #[cold]
    pub(crate) fn copy_external(
        &mut self,
        (to, to_at): (u32, usize),
        (from, from_at): (u32, usize),
        count: usize,
    ) {
        let (to_slot, from_slot) = (self.slot_of(to), self.slot_of(from));
        let source = from_at..from_at + count;
        if to == from {
            return self.externals.bytes_mut(to_slot).copy_within(source, to_at);
        }
        if !self.header(from).has(flags::EXTERNAL) {
            let words: &[u8] = bytemuck::cast_slice(&self.memory[from as usize + 1..]);
            return self.externals.bytes_mut(to_slot)[to_at..to_at + count].copy_from_slice(&words[source]);
        }
        let Some(buffer) = self.externals.buffer(from_slot) else {
            return;
        };
        self.payload_mut(to, to_at + count)[to_at..].copy_from_slice(&buffer.bytes()[source]);
    }

    /// Whether a collection should run before so many more words are outside the heap: Some with whether a full one.
    pub(crate) fn external_due(&self, words: usize) -> Option<bool> {
        let externals = &self.externals;
        if self.young.is_some() {
            return (externals.young_words() + words > YOUNG_WORDS_MAX.max(externals.live_words() / 8))
                .then_some(false);
        }
        let growth = FLAT_GROWTH_WORDS.max(externals.live_words() / 2);
        (externals.words() + words > externals.live_words() + growth).then_some(true)
    }
}
