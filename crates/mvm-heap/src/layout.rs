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
}

/// Layouts of all classes of an image, by type number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layouts {
    by_type: Vec<Layout>,
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
        Layouts { by_type }
    }

    /// Sets the layout of a type.
    pub fn set(&mut self, ty: TypeId, layout: Layout) {
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

    /// Whether objects of a type can refer to others.
    #[inline]
    pub(crate) fn has_slots(&self, ty: TypeId) -> bool {
        match self.get(ty) {
            Layout::Refs | Layout::Closure => true,
            Layout::Object { refs, .. } => !refs.is_empty(),
            Layout::Data { .. } | Layout::None => false,
        }
    }

    /// Words that the object or the free words behind this header take up, the header included.
    #[inline]
    pub(crate) fn size(&self, header: Header) -> usize {
        if header.flags() & (flags::FILLER | flags::EXTERNAL) != 0 {
            return if header.has(flags::FILLER) { 1 + header.length() as usize } else { EXTERNAL_WORDS };
        }
        1 + self.payload_words(header)
    }

    /// Payload size in words of an object with this header, wherever it is.
    #[inline]
    pub fn payload_words(&self, header: Header) -> usize {
        let length = header.length() as usize;
        match self.get(header.class()) {
            Layout::Data { shift } => (length << shift).div_ceil(8),
            Layout::Refs => length.div_ceil(2),
            Layout::Object { .. } | Layout::Closure => length,
            Layout::None => 0,
        }
    }
}
