//! What a heap must keep to and how it collects.

/// Which collector a heap uses. A program cannot tell them apart, except by time and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gc {
    /// New objects in a young space whose survivors move to the old one at their second collection; full collections
    /// compact the old space in place.
    #[default]
    Generational,
    /// One space that full collections compact in place: least memory, most work.
    Compact,
    /// One space that collections copy into a new one: up to twice the memory, work only for what is live.
    Copying,
}

impl Gc {
    /// All collectors.
    pub const ALL: [Gc; 3] = [Gc::Generational, Gc::Compact, Gc::Copying];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Gc::Generational => "generational",
            Gc::Compact => "compact",
            Gc::Copying => "copying",
        }
    }
}

/// Sizes a heap must keep, and how it collects. Only `limit_words` can be noticed by a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Largest size of all live objects together, in words.
    pub limit_words: u64,
    /// The collector.
    pub gc: Gc,
    /// Size of the space for new objects, in words; 0 lets it adapt to how much survives.
    pub young_words: usize,
    /// Strings and byte strings of more bytes than this have their bytes outside the heap from the beginning, others when
    /// they are shared. Most programs are better off with them inside, where they are compacted.
    pub external_bytes: u32,
    /// Collect at every so many allocations, moving everything and poisoning the old places; 0 for only when needed.
    pub stress: u32,
    /// Check the whole heap before and after every collection; a fault panics. For tests of the collector itself.
    pub check: bool,
}

impl Default for Options {
    /// 1 GiB, generational, nothing extra.
    fn default() -> Options {
        Options {
            limit_words: 1 << 27,
            gc: Gc::default(),
            young_words: 0,
            external_bytes: u32::MAX,
            stress: 0,
            check: false,
        }
    }
}
