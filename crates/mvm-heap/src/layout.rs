//! Object layout: the header word and where references are in a payload.

use mvm_isa::{Elem, TypeId};

use crate::external::EXTERNAL_WORDS;

/// Bits of the flag byte of a header.
pub mod flags {
    /// A block that has been freed; its length is 0. The only flag that belongs to the state of a program.
    pub const FREED: u8 = 1;
    /// An array so long that the collector remembers parts of it, not the whole.
    pub const CARDED: u8 = 2;
    /// A string or byte string whose bytes are outside the heap: its one word is the number of a slot.
    pub const EXTERNAL: u8 = 4;
    /// No object but free words; the length is how many follow.
    pub const FILLER: u8 = 0x20;
    /// An old object that the collector does not expect to refer to young ones: a store of a reference has to tell it.
    pub const BARRIER: u8 = 0x40;
    /// The object has moved; the length field holds its new index. Only seen inside a collection.
    pub const FORWARDED: u8 = 0x80;
}

/// The first word of every object: class (24 bits), flags (8 bits), length (32 bits, below 2^31).
///
/// The length counts bytes for strings, byte strings and blocks, elements for arrays, and payload words for everything
/// else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header(pub u64);

impl Header {
    /// A header.
    #[inline(always)]
    pub const fn new(class: TypeId, length: u32) -> Header {
        Header(length as u64 | (class.0 as u64) << 32)
    }

    /// Length, in the unit of the class.
    #[inline(always)]
    pub const fn length(self) -> u32 {
        self.0 as u32
    }

    /// Class.
    #[inline(always)]
    pub const fn class(self) -> TypeId {
        TypeId((self.0 >> 32) as u16)
    }

    /// Flags.
    #[inline(always)]
    pub const fn flags(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// Whether all of these flags are set.
    #[inline(always)]
    pub const fn has(self, flags: u8) -> bool {
        self.flags() & flags == flags
    }

    /// The same header with these flags too.
    #[inline(always)]
    pub const fn and(self, flags: u8) -> Header {
        Header(self.0 | (flags as u64) << 56)
    }

    /// The same header without these flags.
    #[inline(always)]
    pub const fn without(self, flags: u8) -> Header {
        Header(self.0 & !((flags as u64) << 56))
    }

    /// `words` free words, this one included.
    #[inline]
    pub(crate) const fn filler(words: usize) -> Header {
        Header::new(TypeId::ANY, (words - 1) as u32).with_flags(flags::FILLER)
    }

    /// Says that the object is at `new` now.
    #[inline(always)]
    pub(crate) const fn forwarded(self, new: usize) -> Header {
        Header::new(self.class(), new as u32).with_flags(flags::FORWARDED)
    }

    /// The same header with these flags.
    #[inline(always)]
    pub const fn with_flags(self, flags: u8) -> Header {
        Header(self.0 & 0x00ff_ffff_ffff_ffff | (flags as u64) << 56)
    }
}

/// How the payload of a class is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// `length` items of `1 << shift` bytes without references.
    Data {
        /// Binary logarithm of the item size.
        shift: u8,
    },
    /// `length` references of 4 bytes.
    Refs,
    /// Fixed fields; `length` is `words`.
    Object {
        /// Payload size in words.
        words: u32,
        /// Offsets of the reference fields in units of 4 bytes.
        refs: Box<[u16]>,
    },
    /// A function value: see [`closure`].
    Closure,
    /// No object has this class.
    None,
}

/// Payload of function values: word 0 holds the function (bits 0 to 31), the number of bound values (32 to 47) and
/// which of them are references (48 to 63); the values follow, one word each. `length` is the number of words.
pub mod closure {
    /// Word 0.
    pub const fn word(function: u32, bound: u16, refs: u16) -> u64 {
        function as u64 | (bound as u64) << 32 | (refs as u64) << 48
    }

    /// The function.
    pub const fn function(word: u64) -> u32 {
        word as u32
    }

    /// Number of bound values.
    pub const fn bound(word: u64) -> u16 {
        (word >> 32) as u16
    }

    /// Bit `k` is set when bound value `k` is a reference.
    pub const fn refs(word: u64) -> u16 {
        (word >> 48) as u16
    }

    /// Bit `half` is set when there is a reference at this offset, in units of 4 bytes.
    pub(crate) fn slots(word: u64) -> u64 {
        let bound = (0..bound(word).min(16)).filter(|k| refs(word) >> k & 1 == 1);
        bound.fold(0, |mask, k| mask | 1 << (2 * (k + 1)))
    }
}

/// What a collection asks of a layout, in 8 bytes: the collectors load one for each object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// Bit `k` is set when there is a reference at offset `k`, for [`ShapeKind::Mask`].
    mask: u32,
    kind: ShapeKind,
    /// The payload is `length << shift` bytes.
    shift: u8,
}

/// How to find the references of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShapeKind {
    /// There are none.
    Data,
    /// [`Layout::Refs`].
    Refs,
    /// Fixed fields whose references are all at offsets below 32.
    Mask,
    /// Fixed fields with references further behind.
    List,
    /// [`Layout::Closure`].
    Closure,
}

impl Shape {
    fn of(layout: &Layout) -> Shape {
        let (kind, shift) = match layout {
            Layout::Data { shift } => (ShapeKind::Data, *shift),
            Layout::Refs => (ShapeKind::Refs, 2),
            Layout::Object { refs, .. } if refs.is_empty() => (ShapeKind::Data, 3),
            Layout::Object { refs, .. } if refs.iter().all(|&half| half < 32) => (ShapeKind::Mask, 3),
            Layout::Object { .. } => (ShapeKind::List, 3),
            Layout::Closure => (ShapeKind::Closure, 3),
            Layout::None => (ShapeKind::Data, 0),
        };
        let mask = match layout {
            Layout::Object { refs, .. } if kind == ShapeKind::Mask => {
                refs.iter().fold(0, |mask, &half| mask | 1 << half)
            }
            _ => 0,
        };
        Shape { mask, kind, shift }
    }
}

/// Where the references of an object are. It holds nothing of the object, so that they can be changed meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slots<'a> {
    /// At all offsets below this one.
    Below(usize),
    /// At the offsets whose bits are set.
    Mask(u64),
    /// At these offsets.
    List(&'a [u16]),
}

impl Slots<'_> {
    /// Calls `visit` with the offset of each reference, in units of 4 bytes.
    #[inline(always)]
    pub(crate) fn each(self, mut visit: impl FnMut(usize)) {
        match self {
            Slots::Below(count) => (0..count).for_each(visit),
            Slots::Mask(mut mask) => {
                while mask != 0 {
                    visit(mask.trailing_zeros() as usize);
                    mask &= mask - 1;
                }
            }
            Slots::List(halves) => halves.iter().for_each(|&half| visit(usize::from(half))),
        }
    }
}

/// Layouts of all classes of an image, by type number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layouts {
    by_type: Vec<Layout>,
    /// One for each layout.
    shapes: Vec<Shape>,
}

impl Layouts {
    /// Layouts with the built-in types filled in; the owner adds the rest with [`Layouts::set`].
    pub fn new(types: usize) -> Layouts {
        let mut by_type = vec![Layout::None; types.max(TypeId::FIRST_USER.index())];
        for ty in [TypeId::STR, TypeId::BYTES, TypeId::BLOCK] {
            by_type[ty.index()] = Layout::Data { shift: 0 };
        }
        for elem in Elem::ALL {
            by_type[TypeId::array_of(elem).index()] =
                Layout::Data { shift: elem.bytes().trailing_zeros() as u8 };
        }
        for ty in [TypeId::BOX_I64, TypeId::BOX_F64] {
            by_type[ty.index()] = Layout::Data { shift: 3 };
        }
        by_type[TypeId::ARRAY_STR.index()] = Layout::Refs;
        let shapes = by_type.iter().map(Shape::of).collect();
        Layouts { by_type, shapes }
    }

    /// Sets the layout of a type.
    pub fn set(&mut self, ty: TypeId, layout: Layout) {
        self.shapes[ty.index()] = Shape::of(&layout);
        self.by_type[ty.index()] = layout;
    }

    /// Number of types.
    #[expect(clippy::len_without_is_empty, reason = "there are always the built-in types")]
    pub fn len(&self) -> usize {
        self.by_type.len()
    }

    /// The layout of a type.
    #[inline]
    pub fn get(&self, ty: TypeId) -> &Layout {
        &self.by_type[ty.index()]
    }

    #[inline(always)]
    fn shape(&self, ty: TypeId) -> Shape {
        self.shapes[ty.index()]
    }

    /// Whether objects of a type can refer to others.
    #[inline]
    pub(crate) fn has_slots(&self, ty: TypeId) -> bool {
        self.shape(ty).kind != ShapeKind::Data
    }

    /// Whether objects of a type are arrays of references.
    #[inline]
    pub(crate) fn is_refs(&self, ty: TypeId) -> bool {
        self.shape(ty).kind == ShapeKind::Refs
    }

    /// The offsets of the references of an object with fixed fields, most objects: one bit each. None for objects that
    /// only [`Layouts::slots`] can tell.
    #[inline(always)]
    pub(crate) fn field_mask(&self, ty: TypeId) -> Option<u32> {
        let shape = self.shape(ty);
        (shape.kind == ShapeKind::Mask).then_some(shape.mask)
    }

    /// Where the references of the object at `at` are.
    #[inline(always)]
    pub(crate) fn slots(&self, words: &[u64], at: usize) -> Slots<'_> {
        let header = Header(words[at]);
        let shape = self.shape(header.class());
        match shape.kind {
            ShapeKind::Mask => Slots::Mask(u64::from(shape.mask)),
            ShapeKind::Refs => Slots::Below(header.length() as usize),
            ShapeKind::Data => Slots::Mask(0),
            ShapeKind::List => match self.get(header.class()) {
                Layout::Object { refs, .. } => Slots::List(refs),
                _ => Slots::Mask(0),
            },
            ShapeKind::Closure => Slots::Mask(closure::slots(words[at + 1])),
        }
    }

    /// Words of the object at `at` if its bytes are inside the heap and it refers to nothing.
    #[inline(always)]
    pub(crate) fn leaf_size(&self, header: Header, words: &[u64], at: usize) -> Option<usize> {
        let shape = self.shape(header.class());
        let refers = match shape.kind {
            ShapeKind::Data => false,
            ShapeKind::Mask => {
                let half = |k: u32| (words[at + 1 + k as usize / 2] >> (32 * (k % 2))) as u32 != 0;
                let mut mask = shape.mask;
                let mut found = false;
                while mask != 0 && !found {
                    found = half(mask.trailing_zeros());
                    mask &= mask - 1;
                }
                found
            }
            ShapeKind::Closure => closure::refs(words[at + 1]) != 0,
            ShapeKind::Refs | ShapeKind::List => true,
        };
        (!refers && !header.has(flags::EXTERNAL))
            .then(|| 1 + ((header.length() as usize) << shape.shift).div_ceil(8))
    }

    /// Words that the object or the free words behind this header take up, the header included.
    #[inline(always)]
    pub(crate) fn size(&self, header: Header) -> usize {
        if header.flags() & (flags::FILLER | flags::EXTERNAL) != 0 {
            return if header.has(flags::FILLER) { 1 + header.length() as usize } else { EXTERNAL_WORDS };
        }
        1 + self.payload_words(header)
    }

    /// Payload size in words of an object with this header, wherever it is.
    #[inline(always)]
    pub fn payload_words(&self, header: Header) -> usize {
        ((header.length() as usize) << self.shape(header.class()).shift).div_ceil(8)
    }
}

#[cfg(test)]
mod tests {
    use mvm_isa::TypeId;

    use super::{Header, Layout, Layouts, closure};

    fn offsets(layouts: &Layouts, words: &[u64]) -> Vec<usize> {
        let mut found = Vec::new();
        layouts.slots(words, 0).each(|half| found.push(half));
        found
    }

    #[test]
    fn references_are_where_layouts_say() {
        let class = |k| TypeId(TypeId::FIRST_USER.0 + k);
        let mut layouts = Layouts::new(TypeId::FIRST_USER.index() + 5);
        let near = Layout::Object { words: 16, refs: [0, 3, 31].into() };
        let far = Layout::Object { words: 17, refs: [0, 32, 33].into() };
        let none = Layout::Object { words: 3, refs: [].into() };
        let all = [near, far, none, Layout::Refs, Layout::Closure];
        for (k, layout) in all.into_iter().enumerate() {
            layouts.set(class(k as u16), layout);
        }
        let header = |k, length| Header::new(class(k), length);
        assert_eq!(offsets(&layouts, &[header(0, 16).0]), [0, 3, 31]);
        assert_eq!(offsets(&layouts, &[header(1, 17).0]), [0, 32, 33]);
        assert!(offsets(&layouts, &[header(2, 3).0]).is_empty());
        assert_eq!(offsets(&layouts, &[header(3, 3).0]), [0, 1, 2]);
        let function = closure::word(7, 16, 0b1000_0000_0000_0101);
        assert_eq!(offsets(&layouts, &[header(4, 17).0, function]), [2, 6, 32]);
        let sizes: Vec<usize> = (0..5).map(|k| layouts.payload_words(header(k, 17))).collect();
        assert_eq!(sizes, [17, 17, 17, 9, 17]);
        assert_eq!(layouts.payload_words(Header::new(TypeId::STR, 17)), 3);
    }

    #[test]
    fn bound_values_behind_the_last_are_no_references() {
        assert_eq!(closure::slots(closure::word(1, 2, 0b111)), 0b10100);
        assert_eq!(closure::slots(closure::word(1, 0, 0)), 0);
    }
}
