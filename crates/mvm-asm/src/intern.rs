//! Names and strings as small numbers.
//!
//! One table for a whole run of the assembler; comparing names is comparing numbers, and tables by name are plain
//! vectors. Numbers are given in the order of first appearance, so nothing depends on hash order.

/// A name or string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sym(pub(crate) u32);

impl Sym {
    /// No name.
    pub(crate) const NONE: Sym = Sym(u32::MAX);

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The table.
#[derive(Debug)]
pub(crate) struct Interner {
    /// All texts, one after the other.
    arena: Vec<u8>,
    /// Where each text ends in `arena`.
    ends: Vec<u32>,
    /// Open addressing; `u32::MAX` is free. The length is a power of two and at least twice the number of texts.
    slots: Vec<u32>,
    /// High bits of the hash of each text, to compare before the text.
    hashes: Vec<u32>,
}

impl Interner {
    pub(crate) fn new() -> Interner {
        Interner { arena: Vec::new(), ends: Vec::new(), slots: vec![u32::MAX; 4096], hashes: Vec::new() }
    }

    /// Number of texts; every [`Sym`] is below it.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of a text.
    #[inline]
    pub(crate) fn intern(&mut self, text: &[u8]) -> Sym {
        let hash = hash(text);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found == u32::MAX {
                return self.insert(text, hash, slot);
            }
            if self.hashes[found as usize] == (hash >> 32) as u32 && self.bytes(Sym(found)) == text {
                return Sym(found);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The number of a text if it has one.
    pub(crate) fn find(&self, text: &[u8]) -> Option<Sym> {
        let hash = hash(text);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found == u32::MAX {
                return None;
            }
            if self.bytes(Sym(found)) == text {
                return Some(Sym(found));
            }
            slot = (slot + 1) & mask;
        }
    }

    #[cold]
    fn insert(&mut self, text: &[u8], hash: u64, slot: usize) -> Sym {
        let sym = self.ends.len() as u32;
        self.arena.extend_from_slice(text);
        self.ends.push(self.arena.len() as u32);
        self.hashes.push((hash >> 32) as u32);
        self.slots[slot] = sym;
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        Sym(sym)
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 4 - 1;
        self.slots = vec![u32::MAX; mask + 1];
        for sym in 0..self.ends.len() as u32 {
            let mut slot = hash(self.bytes(Sym(sym))) as usize & mask;
            while self.slots[slot] != u32::MAX {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = sym;
        }
    }

    /// The bytes of a text; empty for [`Sym::NONE`].
    #[inline]
    pub(crate) fn bytes(&self, sym: Sym) -> &[u8] {
        let Some(&end) = self.ends.get(sym.index()) else { return &[] };
        let start = sym.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.arena[start as usize..end as usize]
    }

    /// A text that is UTF-8, as all names are; empty for others.
    pub(crate) fn text(&self, sym: Sym) -> &str {
        std::str::from_utf8(self.bytes(sym)).unwrap_or("")
    }
}

/// A multiply-and-fold hash: fast on short names, and nobody finds many colliding ones by hand.
#[inline]
fn hash(text: &[u8]) -> u64 {
    const K0: u64 = 0x9e37_79b9_7f4a_7c15;
    const K1: u64 = 0xd6e8_feb8_6659_fd93;
    let mut state = K0 ^ text.len() as u64;
    let (chunks, rest) = text.as_chunks::<8>();
    for chunk in chunks {
        state = fold(state ^ u64::from_le_bytes(*chunk), K1);
    }
    let mut last = 0u64;
    for &b in rest {
        last = last << 8 | u64::from(b);
    }
    fold(state ^ last, K1 ^ K0)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_text_same_number() {
        let mut names = Interner::new();
        let all: Vec<Sym> = (0..20_000).map(|i| names.intern(format!("name{i}").as_bytes())).collect();
        for (i, &sym) in all.iter().enumerate() {
            assert_eq!(names.intern(format!("name{i}").as_bytes()), sym);
            assert_eq!(names.find(format!("name{i}").as_bytes()), Some(sym));
        }
        assert_eq!(names.text(all[77]), "name77");
        assert_eq!(names.len(), 20_000);
        assert_eq!(names.find(b"other"), None);
        assert_eq!(names.text(Sym::NONE), "");
    }
}
